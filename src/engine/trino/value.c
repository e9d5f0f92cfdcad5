/*
** Values as Trino sends them, as the waist has them (trino.h): decimals, times, NaN and bytes come
** as strings, rows as arrays without their fields' names.
*/
#include <math.h>
#include <string.h>
#include "src/value/text.h"
#include "src/json/json.h"
#include "src/base/text.h"
#include "trino.h"

#define DEPTH_MAX 1000 /* json_rows lets nothing deeper pass */

/* ---- scalars --------------------------------------------------------------------------------- */

/* The length without zeros at the end of a fraction, nor its point when nothing is left of it. */
static size_t trim_fraction(const char *p, size_t n)
{
  if (memchr(p, '.', n) == NULL) return n;
  while (n > 0 && p[n - 1] == '0') n--;
  return n > 0 && p[n - 1] == '.' ? n - 1 : n;
}

/* The length of the sign of "+12000-01-01": a CAST to text has none, and other engines neither. */
static size_t plus_length(const char *p, size_t n)
{
  return n > 0 && p[0] == '+';
}

/* "2020-01-01 01:02:03.500 UTC", "... +05:30", "... Europe/Berlin". Where the zone is an offset the
** text becomes UTC; what a zone's name means only the server knows. At most 6 digits are kept of a
** fraction that is moved. Returns the length in out, 0: leave it as it is. */
static size_t to_utc(const char *p, size_t n, char out[RS_JSON_TIME_MAX])
{
  char iso[64];
  size_t at = n;
  while (at > 0 && p[at - 1] != ' ') at--;
  if (at == 0 || n >= sizeof iso) return 0;
  size_t zone = n - at, clock = at - 1;
  bool utc = (zone == 3 && memcmp(p + at, "UTC", 3) == 0) || (zone == 1 && p[at] == 'Z');
  memcpy(iso, p, clock);
  if (utc) {
    clock = trim_fraction(iso, clock);
    if (clock >= RS_JSON_TIME_MAX) return 0;
    memcpy(out, iso, clock);
    return clock;
  }
  if (p[at] != '+' && p[at] != '-') return 0;
  memcpy(iso + clock, p + at, zone);
  return rs_json_timestamp(iso, clock + zone, out);
}

static bool set_scratch(const struct rs_buf *scratch, struct rs_value *v)
{
  v->kind = RS_TEXT;
  v->s.p = rs_buf_text(scratch);
  v->s.n = scratch->n;
  return scratch->rc == RS_OK;
}

static bool set_text(struct rs_buf *scratch, const char *p, size_t n, struct rs_value *v)
{
  rs_buf_clear(scratch);
  rs_buf_add(scratch, p, n);
  return set_scratch(scratch, v);
}

static bool read_instant(struct rs_buf *scratch, struct rs_value *v)
{
  char text[RS_JSON_TIME_MAX];
  size_t n = to_utc(v->s.p, v->s.n, text);
  return n == 0 || set_text(scratch, text, n, v);
}

static void read_float(struct rs_value *v, bool real)
{
  if (v->kind == RS_INT) {
    v->f = (double)v->i;
    v->kind = RS_FLOAT;
  } else if (v->kind == RS_TEXT) {
    bool minus = v->s.n > 0 && v->s.p[0] == '-';
    bool infinite = v->s.n >= 8 && memcmp(v->s.p + (minus ? 1 : 0), "Infinity", 8) == 0;
    v->kind = infinite ? RS_FLOAT : RS_NULL; // SQLite has no NaN
    if (infinite) v->f = minus ? -INFINITY : INFINITY;
  }
  // the engine compares 0.1 of 32 bits as the double that it is, not as 0.1
  if (real && v->kind == RS_FLOAT) v->f = (double)(float)v->f;
}

/* Exactly what INTEGER or REAL can hold becomes a number, else the digits stay text. */
static void read_decimal(struct rs_value *v)
{
  const char *p = v->s.p;
  size_t n = v->s.n, used = n, digits = 0;
  if (v->kind != RS_TEXT) return;
  bool fraction = memchr(p, '.', n) != NULL;
  if (!fraction) {
    int64_t i;
    if (!rs_json_int(&(struct rs_json){.kind = RS_J_NUMBER, .p = p, .n = n}, &i)) return;
    v->kind = RS_INT;
    v->i = i;
    return;
  }
  used = trim_fraction(p, n);
  bool leading = true;
  for (size_t i = 0; i < used; i++) {
    if (p[i] < '0' || p[i] > '9') continue;
    leading = leading && p[i] == '0';
    if (!leading) digits++;
  }
  if (digits > 15) return;
  v->f = rs_text_to_double(p, n);
  v->kind = RS_FLOAT;
}

/* ---- values inside of others ----------------------------------------------------------------- */

static void write_value(struct rs_buf *b, const struct rs_trino_type *t, const struct rs_json *j);

/* JSON text whose floats are written as everywhere else: the server has 9.0E15 for them. */
static void add_json(struct rs_buf *b, const char *p, size_t n)
{
  for (size_t i = 0, k; i < n; i = k) {
    const bool number = (p[i] >= '0' && p[i] <= '9') || p[i] == '-';
    k = i + 1;
    if (p[i] == '"') {
      for (; k < n && p[k] != '"'; k++) k += p[k] == '\\';
      k = k < n ? k + 1 : n;
    }
    while (number && k < n && p[k] != 0 && strchr("0123456789+-.eE", p[k]) != NULL) k++;
    if (number && memchr(p + i, 'E', k - i) != NULL)
      rs_buf_json_double(b, rs_text_to_double(p + i, k - i));
    else rs_buf_add(b, p + i, k - i);
  }
}

/* A scalar that is a string on the wire. */
static void write_string(struct rs_buf *b, const struct rs_trino_type *t, const struct rs_json *j)
{
  char text[RS_JSON_TIME_MAX];
  size_t n;
  switch (t->form) {
    case RS_TRINO_DECIMAL: rs_buf_add(b, j->p, j->n); return;
    case RS_TRINO_JSON: add_json(b, j->p, j->n); return; // the server has checked it
    case RS_TRINO_FLOAT:
    case RS_TRINO_REAL: rs_buf_str(b, "null"); return;
    case RS_TRINO_TIME:
    case RS_TRINO_TIMESTAMP:
      n = plus_length(j->p, j->n);
      rs_buf_json_str(b, j->p + n, trim_fraction(j->p, j->n) - n);
      return;
    case RS_TRINO_INSTANT:
      n = to_utc(j->p, j->n, text);
      rs_buf_json_str(b, n > 0 ? text : j->p, n > 0 ? n : j->n);
      return;
    default: rs_buf_json_str(b, j->p, j->n); return;
  }
}

/* A row is an object by its fields' names; where one has none, an array. */
static void write_row(struct rs_buf *b, const struct rs_trino_type *t, const struct rs_json *j)
{
  bool named = true;
  for (const struct rs_trino_type *c = t->children; c != NULL; c = c->next) {
    named = named && c->name != NULL;
  }
  const struct rs_json *v = j->first;
  rs_buf_char(b, named ? '{' : '[');
  for (const struct rs_trino_type *c = t->children; c != NULL && v != NULL; c = c->next) {
    if (c != t->children) rs_buf_char(b, ',');
    if (named) {
      rs_buf_json_str(b, c->name, strlen(c->name));
      rs_buf_char(b, ':');
    }
    write_value(b, c, v);
    v = v->next;
  }
  rs_buf_char(b, named ? '}' : ']');
}

static void write_items(struct rs_buf *b, const struct rs_trino_type *t, const struct rs_json *j)
{
  bool map = j->kind == RS_J_OBJECT;
  rs_buf_char(b, map ? '{' : '[');
  for (const struct rs_json *v = j->first; v != NULL; v = v->next) {
    if (v != j->first) rs_buf_char(b, ',');
    if (map) {
      rs_buf_json_str(b, v->key, v->nkey);
      rs_buf_char(b, ':');
    }
    write_value(b, t, v);
  }
  rs_buf_char(b, map ? '}' : ']');
}

static void write_value(struct rs_buf *b, const struct rs_trino_type *t, const struct rs_json *j)
{
  if (j->kind == RS_J_ARRAY && t->form == RS_TRINO_ROW) write_row(b, t, j);
  else if (j->kind == RS_J_ARRAY && t->form == RS_TRINO_ARRAY) write_items(b, t->children, j);
  else if (j->kind == RS_J_OBJECT && t->form == RS_TRINO_MAP) write_items(b, t->children->next, j);
  else if (j->kind == RS_J_STRING) write_string(b, t, j);
  else rs_json_write(b, j);
}

static bool rewrite_nested(const struct rs_trino_type *t, struct rs_buf *scratch,
                           struct rs_value *v)
{
  struct rs_arena a;
  struct rs_json *j;
  if (t->as_is) return true;
  rs_arena_init(&a, 0);
  rs_buf_clear(scratch);
  // what does not parse can't be: json_rows has checked it
  bool ok = rs_json_parse(v->s.p, v->s.n, DEPTH_MAX, &a, &j, NULL) == RS_OK;
  if (ok) write_value(scratch, t, j);
  rs_arena_free(&a);
  if (!ok || scratch->rc != RS_OK) return false;
  v->s.p = rs_buf_text(scratch);
  v->s.n = scratch->n;
  return true;
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool rs_trino_value(const struct rs_trino_type *t, struct rs_buf *scratch, struct rs_value *v)
{
  bool ok = true;
  if (v->kind == RS_NULL) return true;
  switch (t->form) {
    case RS_TRINO_PLAIN: break;
    case RS_TRINO_FLOAT: read_float(v, false); break;
    case RS_TRINO_REAL: read_float(v, true); break;
    case RS_TRINO_DECIMAL: read_decimal(v); break;
    case RS_TRINO_BYTES: ok = v->kind != RS_TEXT || rs_remote_bytes(scratch, v); break;
    case RS_TRINO_TIME:
    case RS_TRINO_TIMESTAMP:
      if (v->kind == RS_TEXT) {
        size_t n = trim_fraction(v->s.p, v->s.n), first = plus_length(v->s.p, v->s.n);
        v->whole = v->whole && n == v->s.n;
        v->s.p += first;
        v->s.n = n - first;
      }
      break;
    case RS_TRINO_INSTANT: ok = v->kind != RS_TEXT || read_instant(scratch, v); break;
    case RS_TRINO_JSON:
      if (v->kind != RS_TEXT) break;
      if (memchr(v->s.p, 'E', v->s.n) != NULL) {
        rs_buf_clear(scratch);
        add_json(scratch, v->s.p, v->s.n);
        ok = set_scratch(scratch, v);
      }
      v->kind = RS_JSON;
      break;
    case RS_TRINO_ARRAY:
    case RS_TRINO_MAP:
    case RS_TRINO_ROW: ok = v->kind != RS_JSON || rewrite_nested(t, scratch, v); break;
  }
  if (!ok) v->kind = RS_NULL;
  return ok;
}
