/*
** Rockset's typed values, {"__rockset_type": "DATE", "value": "2020-01-02"}, and the text of
** timestamps (see rows.h). Works on text that was checked before.
*/
#include <limits.h>
#include <string.h>
#include "src/value/text.h"
#include "src/value/timetext.h"
#include "src/base/text.h"
#include "internal.h"

#define US_PER_SECOND 1000000

/* ---- timestamps ------------------------------------------------------------------------------ */

/* Z, +hh, +hhmm or +hh:mm, or nothing. */
static bool take_zone(struct rs_timetext_cursor *c, int64_t *us)
{
  int hours, minutes = 0;
  *us = 0;
  if (c->p == c->end || rs_timetext_char(c, "Zz")) return true;
  int64_t sign = *c->p == '-' ? -1 : 1;
  if (!rs_timetext_char(c, "+-") || !rs_timetext_digits(c, 2, 2, 23, &hours)) return false;
  if (c->p < c->end) {
    (void)rs_timetext_char(c, ":");
    if (!rs_timetext_digits(c, 2, 2, 59, &minutes)) return false;
  }
  *us = sign * ((int64_t)hours * 3600 + minutes * 60) * US_PER_SECOND;
  return true;
}

size_t rs_json_timestamp(const char *p, size_t n, char out[RS_JSON_TIME_MAX])
{
  struct rs_timetext_cursor c = {p, p + n};
  struct rs_timetext_date d;
  struct rs_timetext_clock t;
  int64_t us = 0, zone = 0;
  if (!rs_timetext_date(&c, &d) || !rs_timetext_is_iso(&d)) return 0;
  if (c.p < c.end) {
    if (!rs_timetext_char(&c, "Tt ") || !rs_timetext_clock(&c, &t)) return 0;
    if (t.parts == 1 || t.narrow || t.point == ',') return 0;
    if (!take_zone(&c, &zone) || c.p < c.end) return 0;
    us = rs_timetext_us(&t);
  }
  int64_t days = rs_date_days(d.date.year, d.date.month, d.date.day);
  return rs_text_timestamp(days * 86400 * US_PER_SECOND + us - zone, US_PER_SECOND, out);
}

size_t rs_json_micros(const struct rs_value *v, char out[RS_JSON_TIME_MAX])
{
  // Years of more than four digits would not sort as text, and are no times that anybody means
  if (v->kind != RS_INT || v->i > INT64_C(253402300799999999) || v->i < INT64_C(-62135596800000000))
    return 0;
  return rs_text_timestamp(v->i, US_PER_SECOND, out);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int base64_digit(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes in place; false: no base64, and nothing was changed. */
static bool decode_base64(char *p, size_t n, size_t *len)
{
  size_t digits = n, out = 0;
  if (n % 4 != 0) return false;
  while (digits > 0 && n - digits < 2 && p[digits - 1] == '=') digits--;
  for (size_t i = 0; i < digits; i++)
    if (base64_digit(p[i]) < 0) return false;
  uint32_t bits = 0;
  for (size_t i = 0; i < digits; i++) {
    bits = bits << 6 | (uint32_t)base64_digit(p[i]);
    if (i % 4 != 0) p[out++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
  }
  *len = out;
  return true;
}

/* ---- typed values ---------------------------------------------------------------------------- */

static const char *skip_blank(const char *p)
{
  return rs_json_blank(p); // an object always ends with a brace
}

/* Behind the value at p, in checked text of an object: inside it something always follows. */
static const char *skip_value(const char *p)
{
  int depth = 0;
  do {
    if (*p == '"') {
      for (p++; *p != '"'; p++)
        if (*p == '\\') p++;
      p++;
    } else if (*p == '{' || *p == '[') {
      depth++;
      p++;
    } else if (*p == '}' || *p == ']') {
      depth--;
      p++;
    } else if (depth > 0) {
      p++;
    } else {
      while (strchr(",}] \t\r\n", *p) == NULL) p++;
    }
  } while (depth > 0);
  return p;
}

/* A member's value in the object: its text without blanks, a string's with the quotes. */
struct span {
  char *p;
  size_t n;
};

struct typed {
  struct span type, value, encoding;
};

/* Whether the value is this string, in any case. */
static bool is_word(const struct span *s, const char *word)
{
  size_t n = strlen(word);
  return s->n == n + 2 && *s->p == '"' && rs_casecmpn(s->p + 1, word, n) == 0;
}

static bool find_members(char *p, struct typed *t)
{
  static const char names[][17] = {"\"__rockset_type\"", "\"value\"", "\"encoding\""};
  struct span *const spans[] = {&t->type, &t->value, &t->encoding};
  *t = (struct typed){{0}, {0}, {0}};
  const char *at = skip_blank(p + 1);
  while (*at != '}') {
    const char *name = at;
    at = skip_value(at);
    size_t n = (size_t)(at - name);
    at = skip_blank(skip_blank(at) + 1); // the colon
    const char *value = at;
    at = skip_value(at);
    for (size_t i = 0; i < 3; i++)
      if (rs_eqn(names[i], name, n))
        *spans[i] = (struct span){p + (value - p), (size_t)(at - value)};
    at = skip_blank(at);
    if (*at == ',') at = skip_blank(at + 1);
  }
  return t->type.p != NULL && t->value.p != NULL;
}

/* Cuts the zeros at the end of a fraction: 12:34:56.100 */
static size_t cut_zeros(const char *p, size_t n)
{
  if (memchr(p, '.', n) == NULL) return n;
  while (p[n - 1] == '0') n--;
  return p[n - 1] == '.' ? n - 1 : n;
}

enum shape { TEXT, INTEGER, ANY };
static const struct {
  const char *name;
  enum rs_json_token kind;
  enum shape shape; /* of the value */
} types[] = {
  {"date", RS_JSON_DATE, TEXT},
  {"time", RS_JSON_TIME, TEXT},
  {"datetime", RS_JSON_DATETIME, TEXT},
  {"timestamp", RS_JSON_TIMESTAMP, ANY},
  {"bytes", RS_JSON_BYTES, TEXT},
  {"u256", RS_JSON_U256, ANY},
  {"month_interval", RS_JSON_INT, INTEGER},
  {"microsecond_interval", RS_JSON_INT, INTEGER},
  {"geography", RS_JSON_NESTED, ANY},
};

static bool all_digits(const struct span *s)
{
  size_t i = *s->p == '-';
  while (i < s->n && rs_json_digit(s->p[i])) i++;
  return i == s->n;
}

/* Whether the value is one that this type can have. */
static bool fits_type(const struct span *value, size_t type)
{
  char c = *value->p;
  if (types[type].kind == RS_JSON_NESTED) return c == '{' || c == '[';
  bool text = c == '"' && types[type].shape != INTEGER;
  return text || (types[type].shape != TEXT && all_digits(value));
}

/* A string's text, decoded in place. */
static void unquote(struct span *s)
{
  if (*s->p != '"') return;
  s->p++;
  s->n = rs_json_unescape(s->p, s->n - 2, s->p);
}

bool rs_json_typed_text(char *p, size_t n, enum rs_json_token *kind, char **text, size_t *len)
{
  struct typed t;
  char made[RS_JSON_TIME_MAX];
  size_t type = 0, types_n = sizeof types / sizeof types[0];
  if (!find_members(p, &t)) return false;
  while (type < types_n && !is_word(&t.type, types[type].name)) type++;
  if (type == types_n || !fits_type(&t.value, type)) return false;
  if (t.encoding.p != NULL && !is_word(&t.encoding, "base64")) return false;
  bool string = *t.value.p == '"';
  struct span v = t.value;
  size_t made_n = 0;
  *kind = types[type].kind;
  if (*kind == RS_JSON_NESTED || *kind == RS_JSON_INT) {
    *text = v.p;
    *len = v.n;
    return true;
  }
  unquote(&v);
  if (*kind == RS_JSON_BYTES) {
    // Not established what the service sends: text that is no base64 is the bytes themselves
    (void)decode_base64(v.p, v.n, &v.n);
  } else if (*kind == RS_JSON_TIME) {
    v.n = cut_zeros(v.p, v.n);
  } else if (*kind == RS_JSON_DATETIME || *kind == RS_JSON_TIMESTAMP) {
    struct rs_value us;
    if (!string) rs_json_integer(v.p, v.n, &us);
    made_n = string ? rs_json_timestamp(v.p, v.n, made) : rs_json_micros(&us, made);
  }
  if (made_n > 0 && made_n <= n) { // the object has more bytes than any timestamp
    memcpy(p, made, made_n);
    v = (struct span){p, made_n};
  }
  *text = v.p;
  *len = v.n;
  return true;
}

bool rs_json_typed(char *p, size_t n, struct rs_value *out)
{
  enum rs_json_token kind;
  char *text;
  size_t len;
  if (!rs_json_typed_text(p, n, &kind, &text, &len)) return false;
  (void)rs_json_text_value(kind, text, len, out);
  return true;
}
