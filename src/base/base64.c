/*
** Base64 (see base64.h).
*/
#include "base64.h"
#include <stdint.h>

void rs_base64_add(struct rs_buf *b, const char *p, size_t n)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const unsigned char *u = (const unsigned char *)p;
  for (size_t i = 0; i < n; i += 3) {
    size_t left = n - i;
    unsigned v = (unsigned)u[i] << 16;
    if (left > 1) v |= (unsigned)u[i + 1] << 8;
    if (left > 2) v |= u[i + 2];
    char out[4] = {digits[v >> 18], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=',
                   left > 2 ? digits[v & 63] : '='};
    rs_buf_add(b, out, 4);
  }
}

static int digit_of(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool rs_base64_decode(char *p, size_t n, size_t *len)
{
  size_t digits = n, out = 0;
  if (n % 4 != 0) return false;
  while (digits > 0 && n - digits < 2 && p[digits - 1] == '=') digits--;
  for (size_t i = 0; i < digits; i++) {
    if (digit_of(p[i]) < 0) return false;
  }
  uint32_t bits = 0;
  for (size_t i = 0; i < digits; i++) {
    bits = bits << 6 | (uint32_t)digit_of(p[i]);
    if (i % 4 != 0) p[out++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
  }
  *len = out;
  return true;
}
