/*
** Values as bytes (pack.h).
*/
#include "pack.h"
#include <string.h>

#define TYPED 8u /* beside the kind: `of` follows the number */

static uint64_t zigzag(int64_t i)
{
  return (uint64_t)i << 1 ^ (i < 0 ? UINT64_MAX : 0);
}

static size_t put_number(char *p, uint64_t n)
{
  size_t k = 0;
  for (; n != 0; n >>= 8) p[k++] = (char)(n & 255);
  return k;
}

static uint64_t get_number(const char *p, size_t n)
{
  uint64_t out = 0;
  while (n-- > 0) out = out << 8 | (unsigned char)p[n];
  return out;
}

static bool has_bytes(enum rs_kind kind)
{
  return kind == RS_TEXT || kind == RS_BYTES || kind == RS_JSON;
}

/* The most bytes that put_value needs. */
size_t rs_pack_bound(const struct rs_value *v)
{
  return 10 + (has_bytes(v->kind) ? v->s.n : 0);
}

char *rs_pack(char *p, const struct rs_value *v)
{
  char *tag = p++;
  size_t n = 0;
  if (v->kind == RS_BOOL || v->kind == RS_INT) n = put_number(p, zigzag(v->i));
  else if (has_bytes(v->kind)) n = put_number(p, v->s.n);
  const bool typed = has_bytes(v->kind) && v->of != 0;
  *tag = (char)((unsigned)v->kind | (typed ? TYPED : 0) | (unsigned)n << 4);
  p += n;
  if (typed) *p++ = (char)v->of;
  if (v->kind == RS_FLOAT) {
    memcpy(p, &v->f, 8);
    p += 8;
  } else if (has_bytes(v->kind) && v->s.n > 0) {
    memcpy(p, v->s.p, v->s.n);
    p += v->s.n;
  }
  return p;
}

const char *rs_unpack(const char *p, struct rs_value *v)
{
  unsigned tag = (unsigned char)*p++;
  size_t n = tag >> 4;
  v->kind = (enum rs_kind)(tag & (TYPED - 1));
  v->of = 0;
  uint64_t number = get_number(p, n);
  p += n;
  if ((tag & TYPED) != 0) v->of = (uint8_t)*p++;
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: v->i = (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0)); break;
    case RS_FLOAT: memcpy(&v->f, p, 8); return p + 8;
    case RS_TEXT:
    case RS_BYTES:
    case RS_JSON:
      v->s.p = p;
      v->s.n = (size_t)number;
      return p + number;
    case RS_NULL:
    case RS_LIST: break;
  }
  return p;
}

uint64_t rs_pack_hash(const char *p, size_t n)
{
  uint64_t h = 14695981039346656037u;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t w;
    memcpy(&w, p, 8);
    h = (h ^ w) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
  }
  for (; n > 0; p++, n--) h = (h ^ (unsigned char)*p) * 1099511628211u;
  h ^= h >> 29;
  h *= 0xbf58476d1ce4e5b9u;
  h ^= h >> 32;
  return h != 0 ? h : 1;
}
