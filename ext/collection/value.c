/*
** Values that are written to a collection: from what SQLite hands over to what the column holds,
** or an error that names the column, its type and the value.
**
**   boolean              0, 1; 'true', 'false'
**   integers             integers and reals without a fraction, in the type's range; '42'
**   float, double        numbers; '1.5'
**   decimal              numbers, also as texts; rounded to its scale
**   hugeint, ubigint     integers, also as texts
**   text, enum           texts; numbers become their text, as in a TEXT column of SQLite
**   blob                 blobs; a text's bytes
**   date, time ...       ISO-8601 texts; a time zone's offset is applied; rounded to its fraction
**   uuid                 its text of 36 characters
**   JSON, arrays ...     JSON text; numbers
**   mixed                numbers and texts as they are, blobs where the column has had bytes
**
** What is queued reads back, in the same transaction, as the engine will give it later.
*/
#include "src/value/text.h"
#include "internal.h"
#include "src/arrow/arrow.h"
#include "src/value/calendar.h"
#include "src/value/timetext.h"
#include "src/json/json.h"
#include "src/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define JSON_DEPTH 1000
#define SINGLE_MAX 3.4028235677973366e38 /* what is not beyond it rounds to a number of 32 bits */
#define SECOND INT64_C(1000000000)       /* in nanoseconds */
#define DAY (86400 * SECOND)
#define NANO_DAYS 106751 /* around 1970, whose nanoseconds 64 bits hold */

struct conversion {
  const struct collection_column *col;
  sqlite3_value *v;
  int type; /* of the value */
  struct rs_arena *a;
  struct rs_value *out;
  struct rs_error *e;
};

/* What the value looks like in an error. */
static void show(sqlite3_value *v, char out[64])
{
  switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER: (void)snprintf(out, 64, "%lld", (long long)sqlite3_value_int64(v)); break;
    case SQLITE_FLOAT: sqlite3_snprintf(64, out, "%!.15g", sqlite3_value_double(v)); break;
    case SQLITE_BLOB: (void)snprintf(out, 64, "a blob"); break;
    default: sqlite3_snprintf(64, out, "'%.50s'", sqlite3_value_text(v)); break;
  }
}

static enum rs_code misfit(const struct conversion *x, const char *why)
{
  char value[64];
  show(x->v, value);
  return rs_fail(x->e, RS_INVALID, "column '%s' (%s): %s %s", x->col->name,
                 x->col->native[0] ? x->col->native : rs_type_name(x->col->type), value, why);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* A text that is a number becomes one, in a copy: the value may be in use elsewhere. */
static bool to_number(sqlite3_value *v, int *type, sqlite3_int64 *i, double *f)
{
  sqlite3_value *copy = NULL;
  *type = sqlite3_value_type(v);
  if (*type == SQLITE_TEXT) {
    copy = sqlite3_value_dup(v);
    if (!copy) return false;
    *type = sqlite3_value_numeric_type(copy);
    v = copy;
  }
  if (*type == SQLITE_INTEGER) *i = sqlite3_value_int64(v);
  if (*type == SQLITE_FLOAT) *f = sqlite3_value_double(v);
  sqlite3_value_free(copy);
  return true;
}

static bool in_range(const char *native, int64_t i)
{
  static const struct {
    const char *name;
    int64_t lo, hi;
  } ranges[] = {
    {"TINYINT", -128, 127},  {"SMALLINT", -32768, 32767},       {"UTINYINT", 0, 255},
    {"USMALLINT", 0, 65535}, {"INTEGER", INT32_MIN, INT32_MAX}, {"UINTEGER", 0, UINT32_MAX}};
  if (native[0] == 'B') return true; // BIGINT: this runs for every value
  for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++) {
    if (rs_eq(ranges[k].name, native)) return i >= ranges[k].lo && i <= ranges[k].hi;
  }
  return true;
}

static enum rs_code take_int(const struct conversion *x)
{
  int type = x->type;
  sqlite3_int64 i = 0;
  double f = 0;
  if (type == SQLITE_INTEGER) i = sqlite3_value_int64(x->v);
  else if (!to_number(x->v, &type, &i, &f)) return rs_nomem(x->e);
  if (type == SQLITE_FLOAT && f >= -9223372036854775808.0 && f < 9223372036854775808.0 &&
      f == floor(f)) {
    i = (sqlite3_int64)f;
    type = SQLITE_INTEGER;
  }
  if (type != SQLITE_INTEGER) return misfit(x, "is not an integer");
  if (!in_range(x->col->native, i)) return misfit(x, "is out of its range");
  x->out->kind = RS_INT;
  x->out->i = i;
  return RS_OK;
}

static enum rs_code take_bool(const struct conversion *x)
{
  int type = x->type;
  sqlite3_int64 i = 2;
  double f = 2;
  if (type == SQLITE_INTEGER) i = sqlite3_value_int64(x->v);
  else if (!to_number(x->v, &type, &i, &f)) return rs_nomem(x->e);
  if (type == SQLITE_FLOAT && (f == 0 || f == 1)) i = f == 1;
  if (type == SQLITE_TEXT) {
    const char *text = (const char *)sqlite3_value_text(x->v);
    if (!text) return rs_nomem(x->e);
    if (rs_casecmp(text, "true") == 0) i = 1;
    if (rs_casecmp(text, "false") == 0) i = 0;
  }
  if (i != 0 && i != 1) return misfit(x, "is not a boolean (0, 1)");
  x->out->kind = RS_BOOL;
  x->out->i = i;
  return RS_OK;
}

/* A column of 32 bits. */
static bool is_single(const char *native)
{
  if (native[0] == 'D') return false; // DOUBLE: this runs for every value
  return rs_eq(native, "FLOAT") || rs_casecmp(native, "real") == 0;
}

static enum rs_code take_float(const struct conversion *x)
{
  int type = x->type;
  sqlite3_int64 i = 0;
  double f = 0;
  if (type == SQLITE_FLOAT) f = sqlite3_value_double(x->v);
  else if (!to_number(x->v, &type, &i, &f)) return rs_nomem(x->e);
  if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return misfit(x, "is not a number");
  x->out->kind = RS_FLOAT;
  x->out->f = type == SQLITE_INTEGER ? (double)i : f;
  if (is_single(x->col->native)) {
    if (fabs(x->out->f) > SINGLE_MAX && !isinf(x->out->f)) return misfit(x, "is out of its range");
    x->out->f = (double)(float)x->out->f;
  }
  return RS_OK;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static enum rs_code borrow_text(const struct conversion *x, enum rs_kind kind)
{
  const char *p = (const char *)sqlite3_value_text(x->v);
  if (!p) return rs_nomem(x->e);
  x->out->kind = kind;
  x->out->s.p = p;
  x->out->s.n = (size_t)sqlite3_value_bytes(x->v);
  return RS_OK;
}

static enum rs_code own_text(const struct conversion *x, const char *p, size_t n)
{
  x->out->kind = RS_TEXT;
  x->out->s.p = rs_arena_strndup(x->a, p, n);
  x->out->s.n = n;
  return x->out->s.p ? RS_OK : rs_nomem(x->e);
}

/* A number's text as SQLite writes it, without changing the value itself. */
static enum rs_code number_text(const struct conversion *x)
{
  sqlite3_value *copy = sqlite3_value_dup(x->v);
  const char *p = copy ? (const char *)sqlite3_value_text(copy) : NULL;
  enum rs_code rc = p ? own_text(x, p, strlen(p)) : rs_nomem(x->e);
  sqlite3_value_free(copy);
  return rc;
}

static enum rs_code take_text(const struct conversion *x)
{
  switch (x->type) {
    case SQLITE_TEXT: break;
    case SQLITE_BLOB: return misfit(x, "is not a text");
    default: return number_text(x);
  }
  enum rs_code rc = borrow_text(x, RS_TEXT);
  if (rc == RS_OK && rs_utf8_valid(x->out->s.p, x->out->s.n) != x->out->s.n)
    return misfit(x, "is not valid UTF-8");
  return rc;
}

/* A number with all its digits, in a column that holds more of them than SQLite. */
static enum rs_code take_digits(const struct conversion *x)
{
  const char *why;
  char text[32];
  struct rs_buf b;
  enum rs_code rc;
  switch (x->type) {
    case SQLITE_BLOB: return misfit(x, "is not a number");
    case SQLITE_INTEGER:
      (void)snprintf(text, sizeof text, "%lld", (long long)sqlite3_value_int64(x->v));
      rc = rs_collection_number(x->col->native, text, strlen(text), x->a, x->out, &why, x->e);
      break;
    case SQLITE_FLOAT:
      rs_buf_init(&b, 64);
      rs_buf_json_double(&b, sqlite3_value_double(x->v));
      rc = rs_buf_error(&b, x->e, "a number");
      if (rc == RS_OK)
        rc = rs_collection_number(x->col->native, b.p, b.n, x->a, x->out, &why, x->e);
      rs_buf_free(&b);
      break;
    default:
      rc = borrow_text(x, RS_TEXT);
      if (rc == RS_OK)
        rc = rs_collection_number(x->col->native, x->out->s.p, x->out->s.n, x->a, x->out, &why,
                                  x->e);
  }
  return rc == RS_INVALID ? misfit(x, why) : rc;
}

static enum rs_code take_bytes(const struct conversion *x)
{
  if (x->type == SQLITE_TEXT) return borrow_text(x, RS_BYTES);
  if (x->type != SQLITE_BLOB) return misfit(x, "is not a blob");
  rs_value_from_sqlite(x->v, x->out);
  return RS_OK;
}

static enum rs_code take_uuid(const struct conversion *x)
{
  char text[37];
  if (x->type != SQLITE_TEXT || sqlite3_value_bytes(x->v) != 36) return misfit(x, "is not a UUID");
  const char *p = (const char *)sqlite3_value_text(x->v);
  if (!p) return rs_nomem(x->e);
  for (int i = 0; i < 36; i++) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    char c = p[i] >= 'A' && p[i] <= 'F' ? (char)(p[i] + 32) : p[i];
    bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return misfit(x, "is not a UUID");
    text[i] = c;
  }
  return own_text(x, text, 36);
}

/* ---- dates and times ------------------------------------------------------------------------- */

/* HH:MM[:SS[.fffffffff]] in nanoseconds; a point may have no digits behind it. */
static bool read_clock(struct rs_timetext_cursor *c, int64_t *ns)
{
  struct rs_timetext_clock t;
  int64_t unit = SECOND;
  if (!rs_timetext_clock(c, &t) && (t.point == 0 || t.digits > 0)) return false;
  if (t.parts < 2 || t.narrow || t.point == ',') return false;
  *ns = ((int64_t)(t.hour * 60 + t.minute) * 60 + t.second) * SECOND;
  for (const char *p = c->p - t.digits; p < c->p; p++) *ns += (*p - '0') * (unit /= 10);
  return true;
}

/* Nothing, Z, +HH or +HH:MM: nanoseconds to take off. */
static bool read_zone(struct rs_timetext_cursor *c, int64_t *ns)
{
  int h, m = 0;
  *ns = 0;
  (void)rs_timetext_char(c, "Zz");
  const char *sign = c->p;
  if (!rs_timetext_char(c, "+-")) return true;
  if (!rs_timetext_digits(c, 2, 2, 99, &h)) return false;
  (void)rs_timetext_char(c, ":");
  if (c->p < c->end && !rs_timetext_digits(c, 2, 2, 99, &m)) return false;
  *ns = (*sign == '-' ? -1 : 1) * (int64_t)(h * 60 + m) * 60 * SECOND;
  return true;
}

/* Nanoseconds of what the column tells apart: by its type's name, or its digits in brackets. */
static int64_t unit_of(const char *native)
{
  static const struct {
    const char *name;
    int digits;
  } known[] = {{"TIMESTAMP_S", 0}, {"TIMESTAMP_MS", 3}, {"TIMESTAMP_NS", 9}, {"TIME_NS", 9}};
  const char *open = strchr(native, '(');
  int64_t unit = SECOND;
  int n = open && open[1] >= '0' && open[1] <= '9' ? open[1] - '0' : 6;
  if (open && open[1] == '1' && open[2] >= '0' && open[2] <= '2') n = 9; // up to 12
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (rs_eq(native, known[i].name)) n = known[i].digits;
  }
  for (; n > 0; n--) unit /= 10;
  return unit;
}

/* A time as the column holds it. False: it is none, or before year 1, whose texts no comparison
** knows. */
static bool read_datetime(struct rs_timetext_cursor c, enum rs_type type, int64_t unit,
                          int64_t *days, int64_t *ns)
{
  struct rs_timetext_date d;
  int64_t zone = 0;
  *days = *ns = 0;
  if (type == RS_T_TIME) {
    if (!read_clock(&c, ns) || c.p < c.end) return false;
    *ns = (*ns + unit / 2) / unit * unit;
    if (*ns >= DAY) *ns = DAY - unit;
    return true;
  }
  if (!rs_timetext_date(&c, &d) || !rs_timetext_is_iso(&d)) return false;
  if (type == RS_T_DATE) return c.p == c.end && d.date.year >= 1; // its text will do
  *days = rs_date_days(d.date.year, d.date.month, d.date.day);
  if (rs_timetext_char(&c, " T") && (!read_clock(&c, ns) || !read_zone(&c, &zone))) return false;
  *ns += 5 * DAY - zone; // which is no more than 99:99
  *days += *ns / DAY - 5;
  *ns = (*ns % DAY + unit / 2) / unit * unit;
  *days += *ns / DAY;
  *ns %= DAY;
  return c.p == c.end && *days >= rs_date_days(1, 1, 1);
}

static enum rs_code take_datetime(const struct conversion *x)
{
  char text[RS_VALUE_TEXT_MAX];
  int64_t days, ns;
  enum rs_type type = x->col->type;
  const char *what = type == RS_T_DATE   ? "is not a date (YYYY-MM-DD)"
                     : type == RS_T_TIME ? "is not a time (HH:MM:SS)"
                                         : "is not a timestamp (YYYY-MM-DD HH:MM:SS)";
  const int64_t unit = type == RS_T_DATE ? DAY : unit_of(x->col->native);
  if (x->type != SQLITE_TEXT) return misfit(x, what);
  const char *p = (const char *)sqlite3_value_text(x->v);
  if (!p) return rs_nomem(x->e);
  if (strlen(p) != (size_t)sqlite3_value_bytes(x->v)) return misfit(x, what);
  const struct rs_timetext_cursor cursor = {p, p + strlen(p)};
  if (!read_datetime(cursor, type, unit, &days, &ns)) return misfit(x, what);
  // the rule: it is written as the engine gives it back
  if (type == RS_T_DATE) return borrow_text(x, RS_TEXT);
  if (type == RS_T_TIME) return own_text(x, text, rs_text_time(ns, SECOND, text));
  if (unit == 1 && (days < -NANO_DAYS || days >= NANO_DAYS))
    return misfit(x, "is out of its range");
  if (unit == 1) return own_text(x, text, rs_text_timestamp(days * DAY + ns, SECOND, text));
  return own_text(x, text, rs_text_timestamp(days * (DAY / 1000) + ns / 1000, SECOND / 1000, text));
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static enum rs_code take_json(const struct conversion *x)
{
  struct rs_error wrong = {0};
  struct rs_json *tree;
  struct rs_arena a;
  if (x->type == SQLITE_BLOB) return misfit(x, "is not JSON");
  enum rs_code rc = x->type == SQLITE_TEXT ? borrow_text(x, RS_JSON) : number_text(x);
  x->out->kind = RS_JSON;
  if (rc != RS_OK || x->type != SQLITE_TEXT) return rc;
  rs_arena_init(&a, 0);
  rc = rs_json_parse(x->out->s.p, x->out->s.n, JSON_DEPTH, &a, &tree, &wrong);
  rs_arena_free(&a);
  if (rc == RS_NOMEM) return rs_nomem(x->e);
  return rc == RS_OK ? RS_OK : misfit(x, "is not JSON; a text becomes JSON by json_quote()");
}

/* ---- all types ------------------------------------------------------------------------------- */

enum rs_code rs_collection_convert(const struct collection_column *col, sqlite3_value *v,
                                   struct rs_arena *a, struct rs_value *out, struct rs_error *e)
{
  const struct conversion x = {col, v, sqlite3_value_type(v), a, out, e};
  memset(out, 0, sizeof *out);
  if (x.type == SQLITE_NULL) return RS_OK;
  switch (col->type) {
    case RS_T_BOOL: return take_bool(&x);
    case RS_T_INT: return take_int(&x);
    case RS_T_FLOAT: return take_float(&x);
    case RS_T_HUGEINT:
    case RS_T_DECIMAL: return take_digits(&x);
    case RS_T_TEXT:
    case RS_T_ENUM:
    case RS_T_OTHER: return take_text(&x);
    case RS_T_BYTES: return take_bytes(&x);
    case RS_T_DATE:
    case RS_T_TIME:
    case RS_T_TIMESTAMP:
    case RS_T_TIMESTAMPTZ: return take_datetime(&x);
    case RS_T_UUID: return take_uuid(&x);
    case RS_T_JSON: return take_json(&x);
    case RS_T_MIXED: break;
  }
  const bool blob = x.type == SQLITE_BLOB;
  if (blob && !strstr(col->native, "bin BLOB")) return misfit(&x, "is neither a number nor a text");
  rs_value_from_sqlite(v, out);
  if (blob) out->of = RS_T_BYTES;
  return RS_OK;
}
