/*
** Marks of columns' names (field_name.h).
*/
#include "field_name.h"
#include <stdint.h>
#include <string.h>
#include "src/base/text.h"
#include "value.h"

#define CAPITALS "~n"
#define WHOLE "~u"

static int digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_capital(char c)
{
  return c >= 'A' && c <= 'Z';
}

static char to_lower(char c)
{
  return is_capital(c) ? (char)(c - 'A' + 'a') : c;
}

static char to_upper(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct mark {
  size_t n;           /* of the name in front of it */
  char kind;          /* 'n', 'u' */
  const char *digits; /* to the end of the column's name */
};

/* Each capital is a letter, and no digit is there for nothing: a field's column has one name. */
static bool fits(const char *name, const struct mark *m)
{
  const size_t n = strlen(m->digits);
  if (m->kind == 'u') return n % 2 == 0;
  if (n > 1 && m->digits[n - 1] == '0') return false;
  for (size_t i = 0; i < 4 * n; i++) {
    if ((digit(m->digits[i / 4]) >> i % 4 & 1) == 0) continue;
    if (i >= m->n || to_lower(name[i]) < 'a' || to_lower(name[i]) > 'z') return false;
  }
  return true;
}

static bool read_mark(const char *column, struct mark *m)
{
  const char *at = strrchr(column, '~');
  if (at == NULL || at == column || (at[1] != 'n' && at[1] != 'u') || at[2] == 0) return false;
  *m = (struct mark){(size_t)(at - column), at[1], at + 2};
  for (const char *c = m->digits; *c != 0; c++) {
    if (digit(*c) < 0) return false;
    // a name holds no NUL
    if (m->kind == 'u' && (c - m->digits) % 2 == 1 && c[-1] == '0' && *c == '0') return false;
  }
  return fits(column, m);
}

/* Byte i of the field's name; 0 behind its end. */
static char byte_of(const char *column, const struct mark *m, size_t i)
{
  if (m->kind == 'u') {
    const char *d = m->digits + 2 * i;
    return (char)(i < strlen(m->digits) / 2 ? digit(d[0]) << 4 | digit(d[1]) : 0);
  }
  if (i >= m->n) return 0;
  const bool capital = i / 4 < strlen(m->digits) && (digit(m->digits[i / 4]) >> i % 4 & 1) != 0;
  return capital ? to_upper(column[i]) : to_lower(column[i]);
}

bool rs_field_is_marked(const char *column)
{
  struct mark m;
  return read_mark(column, &m);
}

void rs_field_add(struct rs_buf *b, const char *column)
{
  struct mark m;
  char c;
  if (!read_mark(column, &m)) rs_buf_str(b, column);
  else
    for (size_t i = 0; (c = byte_of(column, &m, i)) != 0; i++) rs_buf_char(b, c);
}

const char *rs_field_of(struct rs_arena *a, const char *column)
{
  struct mark m;
  if (!read_mark(column, &m)) return column;
  char *name = rs_arena_alloc(a, strlen(column) + 1);
  if (name == NULL) return NULL;
  for (size_t i = 0; (name[i] = byte_of(column, &m, i)) != 0; i++) {
  }
  return name;
}

bool rs_field_is(const char *column, const char *field)
{
  struct mark m;
  size_t i = 0;
  // the mark is behind a name of the same letters, whatever their case, or of other bytes
  if (!read_mark(column, &m)) return rs_eq(column, field);
  while (field[i] != 0 && byte_of(column, &m, i) == field[i]) i++;
  return field[i] == 0 && byte_of(column, &m, i) == 0;
}

int rs_columns_field(const struct rs_columns *c, const char *field)
{
  for (size_t i = 0; i < c->n; i++)
    if (rs_field_is(c->v[i].name, field)) return (int)i;
  return -1;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Characters beyond ASCII that have another one for their lower case: how many from the first on,
** each or every second one. Unicode 14. */
static const struct {
  uint32_t first;
  unsigned char n, step;
} capitals[] = {
  {0xc0, 23, 1},    {0xd8, 7, 1},     {0x100, 28, 2},   {0x139, 8, 2},    {0x14a, 24, 2},
  {0x179, 3, 2},    {0x181, 2, 1},    {0x184, 2, 2},    {0x187, 2, 2},    {0x18a, 2, 1},
  {0x18e, 4, 1},    {0x193, 2, 1},    {0x196, 3, 1},    {0x19c, 2, 1},    {0x19f, 2, 1},
  {0x1a2, 3, 2},    {0x1a7, 2, 2},    {0x1ac, 2, 2},    {0x1af, 2, 2},    {0x1b2, 2, 1},
  {0x1b5, 2, 2},    {0x1b8, 1, 1},    {0x1bc, 1, 1},    {0x1c4, 2, 1},    {0x1c7, 2, 1},
  {0x1ca, 2, 1},    {0x1cd, 8, 2},    {0x1de, 9, 2},    {0x1f1, 2, 1},    {0x1f4, 2, 2},
  {0x1f7, 2, 1},    {0x1fa, 29, 2},   {0x23a, 2, 1},    {0x23d, 2, 1},    {0x241, 2, 2},
  {0x244, 3, 1},    {0x248, 4, 2},    {0x370, 2, 2},    {0x376, 1, 1},    {0x37f, 1, 1},
  {0x386, 2, 2},    {0x389, 2, 1},    {0x38c, 2, 2},    {0x38f, 2, 2},    {0x392, 16, 1},
  {0x3a3, 9, 1},    {0x3cf, 1, 1},    {0x3d8, 12, 2},   {0x3f4, 1, 1},    {0x3f7, 2, 2},
  {0x3fa, 1, 1},    {0x3fd, 51, 1},   {0x460, 17, 2},   {0x48a, 28, 2},   {0x4c1, 7, 2},
  {0x4d0, 48, 2},   {0x531, 38, 1},   {0x10a0, 38, 1},  {0x10c7, 1, 1},   {0x10cd, 1, 1},
  {0x13a0, 86, 1},  {0x1c90, 43, 1},  {0x1cbd, 3, 1},   {0x1e00, 75, 2},  {0x1e9e, 49, 2},
  {0x1f08, 8, 1},   {0x1f18, 6, 1},   {0x1f28, 8, 1},   {0x1f38, 8, 1},   {0x1f48, 6, 1},
  {0x1f59, 4, 2},   {0x1f68, 8, 1},   {0x1f88, 8, 1},   {0x1f98, 8, 1},   {0x1fa8, 8, 1},
  {0x1fb8, 5, 1},   {0x1fc8, 5, 1},   {0x1fd8, 4, 1},   {0x1fe8, 5, 1},   {0x1ff8, 5, 1},
  {0x2126, 1, 1},   {0x212a, 2, 1},   {0x2132, 1, 1},   {0x2160, 16, 1},  {0x2183, 1, 1},
  {0x24b6, 26, 1},  {0x2c00, 48, 1},  {0x2c60, 2, 2},   {0x2c63, 2, 1},   {0x2c67, 4, 2},
  {0x2c6e, 3, 1},   {0x2c72, 1, 1},   {0x2c75, 1, 1},   {0x2c7e, 3, 1},   {0x2c82, 49, 2},
  {0x2ceb, 2, 2},   {0x2cf2, 1, 1},   {0xa640, 23, 2},  {0xa680, 14, 2},  {0xa722, 7, 2},
  {0xa732, 31, 2},  {0xa779, 3, 2},   {0xa77e, 5, 2},   {0xa78b, 2, 2},   {0xa790, 2, 2},
  {0xa796, 11, 2},  {0xa7ab, 4, 1},   {0xa7b0, 5, 1},   {0xa7b6, 8, 2},   {0xa7c5, 3, 1},
  {0xa7c9, 1, 1},   {0xa7d0, 1, 1},   {0xa7d6, 2, 2},   {0xa7f5, 1, 1},   {0xff21, 26, 1},
  {0x10400, 40, 1}, {0x104b0, 36, 1}, {0x10570, 11, 1}, {0x1057c, 15, 1}, {0x1058c, 7, 1},
  {0x10594, 2, 1},  {0x10c80, 51, 1}, {0x118a0, 32, 1}, {0x16e40, 32, 1}, {0x1e900, 34, 1}};

/* The next character; a byte by itself where there is none. */
static uint32_t next_char(const char **p)
{
  const unsigned char *s = (const unsigned char *)*p;
  const size_t n = s[0] < 0xc0 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; i++) {
    if ((s[i] & 0xc0) != 0x80) {
      *p += i;
      return 0;
    }
    c = c << 6 | (s[i] & 0x3f);
  }
  *p += n;
  return c;
}

static bool has_capitals_beyond_ascii(const char *name)
{
  while (*name != 0) {
    if ((unsigned char)*name < 0x80) {
      name++;
      continue;
    }
    const uint32_t c = next_char(&name);
    for (size_t i = 0; i < sizeof capitals / sizeof capitals[0]; i++) {
      const uint32_t at = c - capitals[i].first;
      if (c < capitals[i].first) break;
      if (at % capitals[i].step == 0 && at / capitals[i].step < capitals[i].n) return true;
    }
  }
  return false;
}

bool rs_field_needs_mark(const char *field, bool lower)
{
  static const char *const system[] = {"_id", "_event_time", "_meta"};
  if (rs_field_is_marked(field)) return true;
  for (size_t i = 0; field[0] == '_' && i < 3; i++)
    if (rs_casecmp(system[i], field) == 0 && !rs_eq(system[i], field)) return true;
  for (const char *c = field; lower && *c != 0; c++)
    if (is_capital(*c)) return true;
  return lower && has_capitals_beyond_ascii(field);
}

const char *rs_field_mark(struct rs_arena *a, const char *field)
{
  static const char hex[] = "0123456789abcdef";
  const size_t n = strlen(field);
  const bool whole = has_capitals_beyond_ascii(field);
  char *name = rs_arena_calloc(a, n + sizeof CAPITALS + 2 * n + 1);
  if (name == NULL) return NULL;
  memcpy(name, field, n);
  memcpy(name + n, whole ? WHOLE : CAPITALS, sizeof CAPITALS - 1);
  char *to = name + n + sizeof CAPITALS - 1;
  for (size_t i = 0; i < n && whole; i++) {
    *to++ = hex[(unsigned char)field[i] >> 4];
    *to++ = hex[(unsigned char)field[i] & 15];
  }
  if (whole) return name;
  size_t used = 1;
  for (size_t i = 0; i < n; i += 4) {
    int bits = 0;
    for (size_t k = 0; k < 4 && i + k < n; k++) bits |= is_capital(field[i + k]) ? 1 << k : 0;
    to[i / 4] = hex[bits];
    if (bits != 0) used = i / 4 + 1;
  }
  to[used] = 0;
  return name;
}
