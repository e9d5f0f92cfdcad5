/*
** What a plain YAML scalar means: the resolver of YAML 1.1 in PyYAML's dialect.
**
** PyYAML decides by regular expressions; each function here is one of them. The differences to the
** specification that people meet are kept: `1e5` is text (a dot is needed), `0o17` too, `y` and `n`
** are text, and `017` is fifteen.
*/
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "src/value/text.h"
#include "yaml.h"

#define DIGITS_MAX 64

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (strcmp(s, words[i]) == 0) return true;
  }
  return false;
}

static bool resolve_word(struct rs_yaml *v)
{
  static const char *const yes[] = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  static const char *const no[] = {"no",    "No",  "NO",  "false", "False",
                                   "FALSE", "off", "Off", "OFF"};
  static const char *const null[] = {"", "~", "null", "Null", "NULL"};
  if (is_one_of(v->text, null, sizeof null / sizeof *null)) {
    v->kind = RS_YAML_NULL;
  } else if (is_one_of(v->text, yes, sizeof yes / sizeof *yes)) {
    v->kind = RS_YAML_BOOL;
    v->i = 1;
  } else if (is_one_of(v->text, no, sizeof no / sizeof *no)) {
    v->kind = RS_YAML_BOOL;
  } else {
    return false;
  }
  return true;
}

/* The digits of `s` without underscores; false when a character isn't allowed or it is too long. */
static bool plain_digits(const char *s, const char *allowed, char out[DIGITS_MAX])
{
  size_t n = 0;
  for (; *s; s++) {
    if (*s == '_') continue;
    if (!strchr(allowed, *s) || n + 1 >= DIGITS_MAX) return false;
    out[n++] = *s;
  }
  out[n] = 0;
  return n > 0;
}

/* d:dd:dd in base 60, each part after the first below 60. */
static bool read_sexagesimal(const char *s, double *whole)
{
  double sum = 0, part = 0;
  int len = 0, parts = 0;
  for (;; s++) {
    if (*s >= '0' && *s <= '9') {
      part = part * 10 + (*s - '0');
      len++;
    } else if (*s == '_' && parts == 0) {
      continue;
    } else if (*s == ':' || *s == 0) {
      if (len == 0 || (parts > 0 && (len > 2 || part >= 60))) return false;
      sum = sum * 60 + part;
      parts++;
      part = 0;
      len = 0;
      if (*s == 0) break;
    } else {
      return false;
    }
  }
  *whole = sum;
  return parts > 1;
}

static void set_int(struct rs_yaml *v, const char *digits, int base, bool negative)
{
  errno = 0;
  unsigned long long u = strtoull(digits, NULL, base);
  unsigned long long limit = (unsigned long long)INT64_MAX + (negative ? 1 : 0);
  if (errno == ERANGE || u > limit) {
    /* Python's integers don't end; ours are a float then, which no integer field accepts. */
    v->kind = RS_YAML_FLOAT;
    v->f = errno == ERANGE ? HUGE_VAL : (double)u;
    if (negative) v->f = -v->f;
    return;
  }
  v->kind = RS_YAML_INT;
  v->i = negative ? (int64_t)(0 - u) : (int64_t)u;
  v->f = (double)v->i;
}

static bool resolve_int(struct rs_yaml *v)
{
  char digits[DIGITS_MAX];
  const char *s = v->text;
  bool negative = *s == '-';
  if (*s == '-' || *s == '+') s++;
  if (*s < '0' || *s > '9') return false;
  if (s[0] == '0' && s[1] == 'b' && plain_digits(s + 2, "01", digits)) {
    set_int(v, digits, 2, negative);
  } else if (s[0] == '0' && s[1] == 'x' && plain_digits(s + 2, "0123456789abcdefABCDEF", digits)) {
    set_int(v, digits, 16, negative);
  } else if (s[0] == '0' && s[1] && plain_digits(s + 1, "01234567", digits)) {
    set_int(v, digits, 8, negative);
  } else if ((s[0] != '0' || !s[1]) && plain_digits(s, "0123456789", digits)) {
    set_int(v, digits, 10, negative);
  } else {
    double whole = 0;
    if (s[0] == '0' || !strchr(s, ':') || !read_sexagesimal(s, &whole) || whole >= 9e15)
      return false;
    v->kind = RS_YAML_INT;
    v->f = negative ? -whole : whole;
    v->i = (int64_t)v->f;
  }
  return true;
}

static bool resolve_special_float(struct rs_yaml *v)
{
  static const char *const inf[] = {".inf", ".Inf", ".INF"};
  static const char *const nan[] = {".nan", ".NaN", ".NAN"};
  const char *s = v->text;
  bool negative = *s == '-';
  if (is_one_of(s, nan, 3)) {
    v->f = NAN;
  } else if (is_one_of(s + (*s == '-' || *s == '+'), inf, 3)) {
    v->f = negative ? -HUGE_VAL : HUGE_VAL;
  } else {
    return false;
  }
  v->kind = RS_YAML_FLOAT;
  return true;
}

/* [sign] digits . digits [e sign digits]; the dot is needed, digits on one side at least. */
static bool resolve_float(struct rs_yaml *v)
{
  char digits[DIGITS_MAX];
  if (!plain_digits(v->text, "+-0123456789.eE", digits)) return false;
  const char *s = digits;
  bool has_sign = *s == '-' || *s == '+';
  if (has_sign) s++;
  size_t before = strspn(s, "0123456789");
  if (s[before] != '.' || (before == 0 && has_sign)) return false;
  size_t after = strspn(s + before + 1, "0123456789");
  if (before + after == 0) return false;
  const char *rest = s + before + 1 + after;
  if (*rest) {
    if ((*rest != 'e' && *rest != 'E') || (rest[1] != '+' && rest[1] != '-')) return false;
    size_t n = strspn(rest + 2, "0123456789");
    if (n == 0 || rest[2 + n]) return false;
  }
  v->kind = RS_YAML_FLOAT;
  v->f = rs_text_strtod(digits, NULL);
  return true;
}

void rs_yaml_resolve(struct rs_yaml *v)
{
  v->kind = RS_YAML_TEXT;
  if (resolve_word(v) || resolve_int(v) || resolve_special_float(v)) return;
  /* A leading underscore makes it text, whatever follows. */
  if (v->text[0] != '_') resolve_float(v);
}
