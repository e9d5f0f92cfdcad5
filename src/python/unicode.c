/*
** Character classes and case mappings by binary search in generated tables (see unicode.h).
*/
#include "unicode.h"
#include <string.h>
#include "src/base/text.h"

#include "unicode_tables.h"

#define COUNT(t) (sizeof(t) / sizeof((t)[0]))

/* t: pairs of the first and the last character of a range. */
static bool in_ranges(const uint32_t *t, size_t n, uint32_t c)
{
  size_t lo = 0, hi = n / 2;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (c > t[2 * mid + 1]) {
      lo = mid + 1;
    } else if (c < t[2 * mid]) {
      hi = mid;
    } else {
      return true;
    }
  }
  return false;
}
#define IN(t, c) in_ranges(t, COUNT(t), c)

bool uni_alpha(uint32_t c)
{
  if (c < 128) return (c | 32) >= 'a' && (c | 32) <= 'z';
  return IN(u_alpha, c);
}
bool uni_decimal(uint32_t c)
{
  if (c < 128) return c >= '0' && c <= '9';
  return IN(u_decimal, c);
}
bool uni_digit(uint32_t c)
{
  return uni_decimal(c) || (c >= 128 && IN(u_digit, c));
}
bool uni_numeric(uint32_t c)
{
  return uni_digit(c) || (c >= 128 && IN(u_numeric, c));
}
bool uni_alnum(uint32_t c)
{
  return uni_alpha(c) || uni_numeric(c);
}
bool uni_space(uint32_t c)
{
  if (c < 128) return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
  return IN(u_space, c);
}
bool uni_printable(uint32_t c)
{
  if (c < 127) return c >= 32;
  if (c >= 0xD800 && c <= 0xDFFF) return false;
  return !IN(u_unprintable, c);
}
bool uni_upper(uint32_t c)
{
  if (c < 128) return c >= 'A' && c <= 'Z';
  return IN(u_upper, c);
}
bool uni_lower(uint32_t c)
{
  if (c < 128) return c >= 'a' && c <= 'z';
  return IN(u_lower, c);
}
bool uni_titled(uint32_t c)
{
  return c >= 128 && IN(u_titled, c);
}
bool uni_cased(uint32_t c)
{
  if (c < 128) return uni_alpha(c);
  return IN(u_cased, c);
}
bool uni_ignorable(uint32_t c)
{
  return IN(u_ignorable, c);
}
bool uni_id_start(uint32_t c)
{
  if (c < 128) return uni_alpha(c) || c == '_';
  return IN(u_id_start, c);
}
bool uni_id_more(uint32_t c)
{
  if (c < 128) return uni_id_start(c) || uni_decimal(c);
  return IN(u_id_start, c) || IN(u_id_more, c);
}

int uni_decimal_value(uint32_t c)
{
  if (c >= '0' && c <= '9') return (int)(c - '0');
  if (c < 128) return -1;
  for (size_t i = 0; i < COUNT(u_zeros); i++) {
    if (c >= u_zeros[i] && c < u_zeros[i] + 10) return (int)(c - u_zeros[i]);
  }
  return -1;
}

/*
** t: runs (first, last, step, delta) whose every step-th character maps to itself plus delta;
** many: (character, up to three code points).
*/
static size_t mapped(const int32_t *t, size_t n, const uint32_t *many, size_t nmany, uint32_t c,
                     uint32_t out[3])
{
  size_t lo = 0, hi = n / 4;
  out[0] = c;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    const int32_t *run = t + 4 * mid;
    if ((int32_t)c > run[1]) {
      lo = mid + 1;
    } else if ((int32_t)c < run[0]) {
      hi = mid;
    } else {
      if (((int32_t)c - run[0]) % run[2] == 0) {
        out[0] = (uint32_t)((int32_t)c + run[3]);
        return 1;
      }
      break;
    }
  }
  for (size_t i = 0; i < nmany && many[i] <= c; i += 4) {
    if (many[i] != c) continue;
    size_t k = 0;
    while (k < 3 && many[i + 1 + k] != 0) {
      out[k] = many[i + 1 + k];
      k++;
    }
    return k;
  }
  return 1;
}
#define MAP(t, c, out) mapped(t, COUNT(t), t##_many, COUNT(t##_many), c, out)

size_t uni_to_lower(uint32_t c, uint32_t out[3])
{
  if (c < 128) {
    out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    return 1;
  }
  return MAP(u_to_lower, c, out);
}
size_t uni_to_upper(uint32_t c, uint32_t out[3])
{
  if (c < 128) {
    out[0] = c >= 'a' && c <= 'z' ? c - 32 : c;
    return 1;
  }
  return MAP(u_to_upper, c, out);
}
size_t uni_to_title(uint32_t c, uint32_t out[3])
{
  if (c < 128) return uni_to_upper(c, out);
  return MAP(u_to_title, c, out);
}
size_t uni_to_fold(uint32_t c, uint32_t out[3])
{
  if (c >= 0x13A0 && c <= 0x13F5) { // Cherokee folds to its upper case, itself
    out[0] = c;
    return 1;
  }
  // the table holds only what differs from lower case
  if (c >= 128) {
    size_t n = MAP(u_to_fold, c, out);
    if (n > 1 || out[0] != c) return n;
  }
  return uni_to_lower(c, out);
}

uint32_t uni_by_name(const char *name, size_t n)
{
  for (size_t i = 0; i < COUNT(u_names); i++) {
    const char *known = u_names[i].name;
    if (strlen(known) != n) continue;
    size_t k = 0;
    while (k < n && (name[k] == known[k] ||
                     (name[k] >= 'a' && name[k] <= 'z' && name[k] - 32 == known[k]))) {
      k++;
    }
    if (k == n) return u_names[i].c;
  }
  return 0;
}

bool uni_valid(const char *s, size_t n)
{
  size_t i = 0;
  for (uint64_t word; i + sizeof word <= n; i += sizeof word) {
    memcpy(&word, s + i, sizeof word);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  while (i < n && (unsigned char)s[i] < 0x80) i++;
  return rs_utf8_valid(s + i, n - i) == n - i;
}

size_t uni_count(const char *s, size_t n)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++) count += ((unsigned char)s[i] & 0xC0) != 0x80;
  return count;
}
