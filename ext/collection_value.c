/*
** Values that are written to a collection: from what SQLite hands over to what the column holds,
** or an error that names the column, its type and the value.
**
**   boolean              0, 1; 'true', 'false'
**   integers             integers and reals without a fraction, in the type's range; '42'
**   float, double        numbers; '1.5'
**   decimal, hugeint     numbers; texts that are numbers
**   text, enum           texts; numbers become their text, as in a TEXT column of SQLite
**   blob                 blobs; a text's bytes
**   date, time ...       ISO-8601 texts; a time zone's offset is applied
**   uuid                 its text of 36 characters
**   JSON, arrays ...     JSON text; numbers
**   mixed                numbers and texts as they are
**
** What is queued reads back, in the same transaction, as the engine will give it later.
*/
#include "collection_write.h"
#include "../src/base/calendar.h"
#include "../src/base/json.h"
#include "../src/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define JSON_DEPTH 1000

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
    case SQLITE_TEXT: return borrow_text(x, RS_TEXT);
    case SQLITE_BLOB: return misfit(x, "is not a text");
    default: return number_text(x);
  }
}

/* A number with all its digits, in a column that holds more of them than SQLite. */
static enum rs_code take_decimal(const struct conversion *x)
{
  if (x->type == SQLITE_BLOB) return misfit(x, "is not a number");
  if (x->type != SQLITE_TEXT) {
    rs_value_from_sqlite(x->v, x->out);
    return RS_OK;
  }
  enum rs_code rc = borrow_text(x, RS_TEXT);
  if (rc != RS_OK) return rc;
  const char *p = x->out->s.p;
  size_t digits = 0, points = 0;
  for (size_t i = 0; i < x->out->s.n; i++) {
    bool sign = (p[i] == '-' || p[i] == '+') && i == 0;
    digits += p[i] >= '0' && p[i] <= '9';
    points += p[i] == '.';
    if (!sign && p[i] != '.' && (p[i] < '0' || p[i] > '9')) return misfit(x, "is not a number");
  }
  return digits > 0 && points < 2 ? RS_OK : misfit(x, "is not a number");
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
  if (x->type != SQLITE_TEXT || sqlite3_value_bytes(x->v) != 36)
    return misfit(x, "is not a UUID");
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

/* n digits at *p, which moves behind them. */
static bool digits(const char **p, int n, int *out)
{
  *out = 0;
  for (int i = 0; i < n; i++, ++*p) {
    if (**p < '0' || **p > '9') return false;
    *out = *out * 10 + (**p - '0');
  }
  return true;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static bool date_at(const char **p, int64_t *days)
{
  int y, m, d;
  if (!digits(p, 4, &y) || *(*p)++ != '-' || !digits(p, 2, &m) || *(*p)++ != '-' ||
      !digits(p, 2, &d) || !rs_is_date(y, m, d))
    return false;
  *days = rs_date_days(y, m, d);
  return true;
}

/* HH:MM[:SS[.ffffff]] in microseconds. */
static bool time_at(const char **p, int64_t *us)
{
  int h, m, s = 0, unit = 100000, fraction = 0;
  if (!digits(p, 2, &h) || *(*p)++ != ':' || !digits(p, 2, &m)) return false;
  if (**p == ':') {
    ++*p;
    if (!digits(p, 2, &s)) return false;
    if (**p == '.') {
      for (++*p; **p >= '0' && **p <= '9'; ++*p, unit /= 10) fraction += (**p - '0') * unit;
    }
  }
  if (h > 23 || m > 59 || s > 59) return false;
  *us = ((int64_t)(h * 60 + m) * 60 + s) * 1000000 + fraction;
  return true;
}

/* Nothing, Z, +HH or +HH:MM: microseconds to take off. */
static bool zone_at(const char **p, int64_t *us)
{
  int h, m = 0;
  *us = 0;
  if (**p == 'Z' || **p == 'z') ++*p;
  if (**p != '+' && **p != '-') return true;
  int64_t sign = *(*p)++ == '-' ? -1 : 1;
  if (!digits(p, 2, &h)) return false;
  if (**p == ':') ++*p;
  if (**p && !digits(p, 2, &m)) return false;
  *us = sign * (h * 60 + m) * 60 * 1000000;
  return true;
}

static enum rs_code take_moment(const struct conversion *x)
{
  char text[40];
  int64_t days = 0, us = 0, zone = 0;
  enum rs_type type = x->col->type;
  const char *what = type == RS_T_DATE   ? "is not a date (YYYY-MM-DD)"
                     : type == RS_T_TIME ? "is not a time (HH:MM:SS)"
                                         : "is not a timestamp (YYYY-MM-DD HH:MM:SS)";
  if (x->type != SQLITE_TEXT) return misfit(x, what);
  const char *p = (const char *)sqlite3_value_text(x->v);
  if (!p) return rs_nomem(x->e);
  if (strlen(p) != (size_t)sqlite3_value_bytes(x->v)) return misfit(x, what);
  if (type != RS_T_TIME) {
    if (!date_at(&p, &days)) return misfit(x, what);
    if (type != RS_T_DATE && (*p == ' ' || *p == 'T')) {
      p++;
      if (!time_at(&p, &us) || !zone_at(&p, &zone)) return misfit(x, what);
    }
  } else if (!time_at(&p, &us)) {
    return misfit(x, what);
  }
  if (*p) return misfit(x, what);
  // the rule: it is written as the engine gives it back

  if (type == RS_T_DATE && sqlite3_value_bytes(x->v) == 10) return borrow_text(x, RS_TEXT);
  rs_format_timestamp(days * 86400000000 + us - zone, text);
  if (type == RS_T_DATE) return own_text(x, text, 10);
  if (type == RS_T_TIME) return own_text(x, text + 11, strlen(text + 11));
  return own_text(x, text, strlen(text));
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
    case RS_T_DECIMAL: return take_decimal(&x);
    case RS_T_TEXT:
    case RS_T_ENUM:
    case RS_T_OTHER: return take_text(&x);
    case RS_T_BYTES: return take_bytes(&x);
    case RS_T_DATE:
    case RS_T_TIME:
    case RS_T_TIMESTAMP:
    case RS_T_TIMESTAMPTZ: return take_moment(&x);
    case RS_T_UUID: return take_uuid(&x);
    case RS_T_JSON: return take_json(&x);
    case RS_T_MIXED: break;
  }
  if (x.type == SQLITE_BLOB) return misfit(&x, "is neither a number nor a text");
  rs_value_from_sqlite(v, out);
  return RS_OK;
}
