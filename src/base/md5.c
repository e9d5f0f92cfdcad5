/*
** MD5 (md5.h), as RFC 1321 defines it: 64 steps over blocks of 64 bytes.
*/
#include "md5.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

static uint32_t rotate(uint32_t x, unsigned n)
{
  return x << n | x >> (32 - n);
}

static void add_block(uint32_t state[4], const unsigned char *p)
{
  static const unsigned turns[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t m[16], a = state[0], b = state[1], c = state[2], d = state[3];
  for (size_t i = 0; i < 16; i++)
    m[i] = (uint32_t)p[4 * i] | (uint32_t)p[4 * i + 1] << 8 | (uint32_t)p[4 * i + 2] << 16 |
           (uint32_t)p[4 * i + 3] << 24;
  for (unsigned i = 0; i < 64; i++) {
    uint32_t f;
    unsigned at;
    if (i < 16) f = (b & c) | (~b & d), at = i;
    else if (i < 32) f = (d & b) | (~d & c), at = (5 * i + 1) % 16;
    else if (i < 48) f = b ^ c ^ d, at = (3 * i + 5) % 16;
    else f = c ^ (b | ~d), at = 7 * i % 16;
    // The RFC defines its constants by the sine of the step
    uint32_t constant = (uint32_t)(fabs(sin((double)(i + 1))) * 4294967296.0);
    f += a + constant + m[at];
    a = d;
    d = c;
    c = b;
    b += rotate(f, turns[i / 16][i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

void rs_md5(const void *p, size_t n, unsigned char out[RS_MD5_SIZE])
{
  uint32_t state[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  const unsigned char *s = p;
  unsigned char last[128] = {0};
  size_t i = 0;
  for (; i + 64 <= n; i += 64) add_block(state, s + i);
  size_t left = n - i, size = left < 56 ? 64 : 128;
  if (left > 0) memcpy(last, s + i, left);
  last[left] = 0x80;
  for (size_t k = 0; k < 8; k++) last[size - 8 + k] = (unsigned char)((uint64_t)n * 8 >> (8 * k));
  for (size_t k = 0; k < size; k += 64) add_block(state, last + k);
  for (size_t k = 0; k < 16; k++) out[k] = (unsigned char)(state[k / 4] >> (8 * (k % 4)));
}
