/*
** Small helpers on text (see text.h).
*/
#include "text.h"
#include <string.h>
#include <sys/random.h>
#include "thread.h"

bool rs_eq(const char *a, const char *b)
{
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool rs_eqn(const char *a, const char *p, size_t n)
{
  return a != NULL && strlen(a) == n && memcmp(a, p, n) == 0;
}

/* Not tolower: the host's locale must not change what a name means. */
static unsigned char lower(char c)
{
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

int rs_casecmp(const char *a, const char *b)
{
  return rs_casecmpn(a, b, SIZE_MAX);
}

int rs_casecmpn(const char *a, const char *b, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    int d = lower(a[i]) - lower(b[i]);
    if (d != 0 || a[i] == 0) return d;
  }
  return 0;
}

bool rs_caseeqn(const char *a, const char *p, size_t n)
{
  return strlen(a) == n && rs_casecmpn(a, p, n) == 0;
}

bool rs_starts(const char *text, const char *with)
{
  return strncmp(text, with, strlen(with)) == 0;
}

bool rs_casestarts(const char *p, size_t n, const char *with)
{
  size_t len = strlen(with);
  return n >= len && rs_casecmpn(with, p, len) == 0;
}

/* Bytes of the code point at p, 0 when they are not valid: overlong forms, surrogates and what lies
** beyond U+10FFFF are invalid. *c gets the code point. */
static size_t decode(const char *p, size_t n, uint32_t *c)
{
  static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char first = (unsigned char)*p;
  if (first < 0x80) {
    *c = first;
    return 1;
  }
  size_t len = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || len > n) return 0;
  uint32_t v = first & (0x7Fu >> len);
  for (size_t i = 1; i < len; i++) {
    if (((unsigned char)p[i] & 0xC0) != 0x80) return 0;
    v = v << 6 | ((unsigned char)p[i] & 0x3F);
  }
  if (v < smallest[len] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) return 0;
  *c = v;
  return len;
}

size_t rs_utf8_valid(const char *p, size_t n)
{
  size_t at = 0, len;
  uint32_t c;
  while (at < n) {
    uint64_t eight;
    // most text is ASCII
    while (n - at >= sizeof eight) {
      memcpy(&eight, p + at, sizeof eight);
      if (eight & 0x8080808080808080u) break;
      at += sizeof eight;
    }
    while (at < n && ((unsigned char)p[at] & 0x80) == 0) at++;
    if (at == n || (len = decode(p + at, n - at, &c)) == 0) break;
    at += len;
  }
  return at;
}

uint32_t rs_utf8_decode(const char *p, size_t n, size_t *len)
{
  uint32_t c;
  *len = decode(p, n, &c);
  if (*len > 0) return c;
  *len = 1;
  return 0xFFFD;
}

size_t rs_utf8_encode(uint32_t c, char out[4])
{
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
  size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = len - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 0x3F));
  out[0] = (char)((0xF00u >> len & 0xFF) | c);
  return len;
}

/* The code unit of \uXXXX at p; -1: there is none. */
static int32_t code_unit(const char *p, const char *end)
{
  int32_t v = 0;
  if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return -1;
  for (int i = 2; i < 6; i++) {
    int d = rs_hex_value(p[i]);
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

size_t rs_json_escape_char(const char *p, const char *end, char out[4], size_t *len)
{
  int32_t c = code_unit(p, end);
  size_t used = 6;
  if (c < 0) return 0;
  int32_t low = c >= 0xD800 && c < 0xDC00 ? code_unit(p + 6, end) : -1;
  if (low >= 0xDC00 && low < 0xE000) {
    c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    used = 12;
  }
  *len = rs_utf8_encode((uint32_t)c, out);
  return used;
}

size_t rs_json_unescape(const char *p, size_t n, char *out)
{
  static const char from[] = "bfnrt", into[] = "\b\f\n\r\t";
  const char *end = p + n;
  char *to = out;
  while (p < end) {
    size_t len, used = 0;
    if (*p != '\\' || p + 1 == end) {
      *to++ = *p++;
    } else if (p[1] == 'u' && (used = rs_json_escape_char(p, end, to, &len)) > 0) {
      p += used; // never shorter than the character, so that writing stays behind reading
      to += len;
    } else {
      const char *at = p[1] != 0 ? strchr(from, p[1]) : NULL;
      *to++ = at != NULL ? into[at - from] : p[1];
      p += 2;
    }
  }
  return (size_t)(to - out);
}

#define WORD_MAX 64 /* longer words get no suggestion */

static size_t min3(size_t a, size_t b, size_t c)
{
  size_t m = a < b ? a : b;
  return m < c ? m : c;
}

/* Edits between two words, a swap of neighbours counting as one, case ignored. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
  size_t rows[3][WORD_MAX + 1];
  size_t *before = rows[0], *prev = rows[1], *now = rows[2];
  for (size_t j = 0; j <= nb; j++) now[j] = j;
  for (size_t i = 1; i <= na; i++) {
    size_t *spare = before;
    before = prev;
    prev = now;
    now = spare;
    now[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      size_t cost = lower(a[i - 1]) != lower(b[j - 1]);
      now[j] = min3(prev[j] + 1, now[j - 1] + 1, prev[j - 1] + cost);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < now[j])
        now[j] = before[j - 2] + 1;
    }
  }
  return now[nb];
}

const char *rs_nearest(const char *word, const char *const *candidates, size_t n)
{
  size_t len = strlen(word);
  if (len == 0 || len > WORD_MAX) return NULL;
  const char *best = NULL;
  size_t best_distance = (len + 2) / 3 + 1; // more than a third wrong is another word
  for (size_t i = 0; i < n; i++) {
    if (candidates[i] == NULL) continue;
    size_t other = strlen(candidates[i]);
    if (other > WORD_MAX) continue;
    size_t d = distance(word, len, candidates[i], other);
    if (d < best_distance && d < other) {
      best = candidates[i];
      best_distance = d;
    }
  }
  return best;
}

/* At most 256 bytes. getentropy can only fail here on a kernel without it; a UUID from the clock is
** then still unique enough for a name, which is all that UUIDs are used for. */
static void random_bytes(unsigned char *p, size_t n)
{
  if (getentropy(p, n) == 0) return;
  uint64_t x = (uint64_t)rs_wall_us() * 0x9E3779B97F4A7C15u ^ (uint64_t)rs_now_us() ^ (uintptr_t)p;
  for (size_t i = 0; i < n; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    p[i] = (unsigned char)(x >> 32);
  }
}

static void write_uuid(unsigned char b[16], char out[37])
{
  b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
  b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
  char hex[33];
  rs_hex(b, 16, hex);
  for (size_t i = 0, to = 0; i < 32; i++) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out[to++] = '-';
    out[to++] = hex[i];
  }
  out[36] = 0;
}

void rs_uuid(char out[37])
{
  unsigned char b[16];
  random_bytes(b, sizeof b);
  write_uuid(b, out);
}

void rs_uuid_next(struct rs_uuids *u, char out[37])
{
  if (u->left == 0) {
    random_bytes(u->bytes, sizeof u->bytes);
    u->left = sizeof u->bytes / 16;
  }
  write_uuid(u->bytes + 16 * --u->left, out);
}

int rs_hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void rs_hex(const unsigned char *p, size_t n, char *out)
{
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < n; i++) {
    *out++ = digits[p[i] >> 4];
    *out++ = digits[p[i] & 15];
  }
  *out = 0;
}

bool rs_is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (c & 0x80) != 0;
}
