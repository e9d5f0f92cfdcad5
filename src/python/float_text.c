/*
** Floats as text, the same in every locale: Python's repr (the shortest digits that read back as
** the same number) and C's %f %e %g with a point.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "protocol.h"

/* The locale's decimal point may be any text; what is no digit, sign or exponent is it. */
static size_t plain_point(char *s)
{
  size_t n = 0;
  bool point = false;
  for (const char *p = s; *p != 0; p++) {
    char c = *p;
    if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e' || c == 'E') {
      s[n++] = c;
    } else if (!point) {
      s[n++] = '.';
      point = true;
    }
  }
  s[n] = 0;
  return n;
}

size_t py_float_fixed(char *out, size_t cap, char kind, int precision, bool alt, double d)
{
  const char fmt[] = {'%', alt ? '#' : '.', alt ? '.' : '*', alt ? '*' : kind, alt ? kind : 0, 0};
  if (isnan(d) || isinf(d)) {
    const char *text = isnan(d) ? "nan" : d < 0 ? "-inf" : "inf";
    size_t n = strlen(text);
    if (n < cap) memcpy(out, text, n + 1);
    return n;
  }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int n = snprintf(out, cap, fmt, precision, d);
#pragma GCC diagnostic pop
  if (n < 0 || (size_t)n >= cap) {
    out[0] = 0;
    return 0;
  }
  return plain_point(out);
}

/* Adds one to the last digit; false where that would carry through all of them. */
static bool bump(char *text)
{
  char *e = strchr(text, 'e');
  for (char *p = e; p != NULL && p-- > text;) {
    if (*p == '.') continue;
    if (*p != '9') {
      ++*p;
      return true;
    }
    *p = '0';
  }
  return false;
}

/* The digits of the shortest text that reads back as d (> 0, finite): "12345" and the exponent of
** the first one. */
static int shortest(double d, char digits[40], int *exp)
{
  char text[64];
  // what has at most 15 digits survives %.15g; only tiny numbers need fewer to be unique
  int first = d < 2.3e-308 ? 1 : 15;
  int exp2;
  bool power = frexp(d, &exp2) == 0.5; // its neighbours are nearer below than above
  for (int p = first; p <= 17; p++) {
    (void)py_float_fixed(text, sizeof text, 'e', p - 1, false, d);
    if (p == 17 || rs_text_strtod(text, NULL) == d) break;
    if (power && bump(text) && rs_text_strtod(text, NULL) == d) break;
  }
  int n = 0;
  const char *s = text;
  for (; *s != 0 && *s != 'e'; s++) {
    if (*s != '.') digits[n++] = *s;
  }
  *exp = *s == 'e' ? (int)strtol(s + 1, NULL, 10) : 0;
  while (n > 1 && digits[n - 1] == '0') n--;
  digits[n] = 0;
  return n;
}

size_t py_float_repr(double d, char out[FLOAT_TEXT])
{
  if (isnan(d) || isinf(d)) return py_float_fixed(out, FLOAT_TEXT, 'g', 6, false, d);
  size_t n = 0;
  if (signbit(d)) out[n++] = '-';
  if (d == 0) {
    memcpy(out + n, "0.0", 4);
    return n + 3;
  }
  char digits[40];
  int exp, count = shortest(fabs(d), digits, &exp);
  if (exp < -4 || exp >= 16) {
    out[n++] = digits[0];
    if (count > 1) out[n++] = '.';
    memcpy(out + n, digits + 1, (size_t)count - 1);
    n += (size_t)count - 1;
    n += (size_t)snprintf(out + n, FLOAT_TEXT - n, "e%c%02d", exp < 0 ? '-' : '+', abs(exp));
    return n;
  }
  if (exp < 0) {
    out[n++] = '0';
    out[n++] = '.';
    for (int i = -1; i > exp; i--) out[n++] = '0';
    memcpy(out + n, digits, (size_t)count);
    n += (size_t)count;
  } else {
    for (int i = 0; i <= exp || i < count; i++) {
      if (i == exp + 1) out[n++] = '.';
      out[n++] = i < count ? digits[i] : '0';
    }
    if (count <= exp + 1) {
      out[n++] = '.';
      out[n++] = '0';
    }
  }
  out[n] = 0;
  return n;
}
