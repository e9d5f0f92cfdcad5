/*
** Characters as Python's str sees them: classes and full case mappings, independent of the locale.
** Pure functions over generated tables (unicode_tables.h).
**
** Why not utf8proc (2.8 was tried): it maps one character to one, where Python's upper() makes SS
** of a sharp s (102 such characters), knows no value of a digit and no numeric characters, and
** follows its own version of Unicode (15.0, where Python 3.11 has 14.0: 4,348 characters differ in
** isalpha()).
*/
#ifndef RS_PYTHON_UNICODE_H
#define RS_PYTHON_UNICODE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool uni_alpha(uint32_t c);
bool uni_decimal(uint32_t c);
bool uni_digit(uint32_t c);
bool uni_numeric(uint32_t c);
bool uni_alnum(uint32_t c);
bool uni_space(uint32_t c);
bool uni_printable(uint32_t c);
bool uni_upper(uint32_t c);
bool uni_lower(uint32_t c);
bool uni_titled(uint32_t c); /* a title-case letter that is neither upper nor lower */
bool uni_cased(uint32_t c);
bool uni_ignorable(uint32_t c); /* skipped when looking for the letter before a final sigma */
bool uni_id_start(uint32_t c);
bool uni_id_more(uint32_t c);
/* The value of a decimal digit of any script, -1 for other characters. */
int uni_decimal_value(uint32_t c);

/* Case mappings write 1 to 3 code points and return how many. */
size_t uni_to_lower(uint32_t c, uint32_t out[3]);
size_t uni_to_upper(uint32_t c, uint32_t out[3]);
size_t uni_to_title(uint32_t c, uint32_t out[3]);
size_t uni_to_fold(uint32_t c, uint32_t out[3]);

/* \N{...}: the code point of a name (any case), 0 when it is not known. */
uint32_t uni_by_name(const char *name, size_t n);

/* Decoding of text that is valid UTF-8 (all text inside the engine is). */
static inline uint32_t uni_next(const char *s, size_t *at)
{
  const unsigned char *p = (const unsigned char *)s + *at;
  if (p[0] < 0x80) {
    *at += 1;
    return p[0];
  }
  if (p[0] < 0xE0) {
    *at += 2;
    return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
  }
  if (p[0] < 0xF0) {
    *at += 3;
    return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
  }
  *at += 4;
  return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
         (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}
/* The character that ends before byte `at` (> 0); *at moves to its start. */
static inline uint32_t uni_prev(const char *s, size_t *at)
{
  do {
    *at -= 1;
  } while (*at > 0 && ((unsigned char)s[*at] & 0xC0) == 0x80);
  size_t i = *at;
  return uni_next(s, &i);
}
size_t uni_count(const char *s, size_t n);
bool uni_valid(const char *s, size_t n); /* is it valid UTF-8 (fast where it is ASCII) */
#endif
