/*
** The values of parameters as the API sends them: a type's name and a text (see rsql.h).
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cjson/cJSON.h>
#include "src/value/text.h"
#include "src/base/text.h"
#include "rsql.h"
#include "types.h"

/* What the readers below share. */
struct param {
  const char *name, *type;
  const char *p;
  size_t n;
  struct rs_arena *arena;
  struct rs_rsql_value *out;
  struct rs_error *e;
};

static enum rs_code wrong(const struct param *x, const char *expected)
{
  size_t n = x->n > 60 ? rs_utf8_valid(x->p, 60) : x->n;
  return rs_fail(x->e, RS_INVALID, "parameter '%s': `%.*s%s` is no %s, expected %s", x->name,
                 (int)n, x->p, x->n > n ? "..." : "", x->type, expected);
}

static void trim(struct param *x)
{
  while (x->n > 0 && x->p[0] == ' ') x->p++, x->n--;
  while (x->n > 0 && x->p[x->n - 1] == ' ') x->n--;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* [-+]digits that fit 64 bits */
static bool read_int(const char *p, size_t n, int64_t *v)
{
  size_t i = n > 0 && (p[0] == '-' || p[0] == '+');
  bool minus = i == 1 && p[0] == '-';
  uint64_t u = 0, limit = (uint64_t)INT64_MAX + (minus ? 1 : 0);
  if (i == n) return false;
  for (; i < n; i++) {
    if (p[i] < '0' || p[i] > '9') return false;
    uint64_t digit = (uint64_t)(p[i] - '0');
    if (u > (limit - digit) / 10) return false;
    u = u * 10 + digit;
  }
  *v = minus ? (int64_t)(0 - u) : (int64_t)u;
  return true;
}

/* Is it written as a decimal number: [-+]digits[.digits][e[-+]digits]? */
static bool is_decimal(const char *p, size_t n)
{
  size_t i = n > 0 && (p[0] == '-' || p[0] == '+'), digits = 0;
  for (; i < n && p[i] >= '0' && p[i] <= '9'; i++) digits++;
  if (i < n && p[i] == '.') {
    for (i++; i < n && p[i] >= '0' && p[i] <= '9'; i++) digits++;
  }
  if (digits == 0) return false;
  if (i < n && (p[i] == 'e' || p[i] == 'E')) {
    i++;
    if (i < n && (p[i] == '-' || p[i] == '+')) i++;
    if (i == n) return false;
    while (i < n && p[i] >= '0' && p[i] <= '9') i++;
  }
  return i == n;
}

static enum rs_code int_(struct param *x)
{
  trim(x);
  x->out->v.kind = RS_INT;
  if (read_int(x->p, x->n, &x->out->v.i)) return RS_OK;
  return wrong(x, "digits of a 64-bit integer");
}

static enum rs_code float_(struct param *x)
{
  static const struct {
    const char *text;
    double value;
  } special[] = {{"nan", NAN},
                 {"inf", INFINITY},
                 {"-inf", -INFINITY},
                 {"infinity", INFINITY},
                 {"-infinity", -INFINITY}};
  trim(x);
  x->out->v.kind = RS_FLOAT;
  for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
    if (strlen(special[i].text) == x->n && rs_casecmpn(special[i].text, x->p, x->n) == 0) {
      x->out->v.f = special[i].value;
      return RS_OK;
    }
  }
  if (!is_decimal(x->p, x->n)) return wrong(x, "a number as 1.5 or 1e-05");
  x->out->v.f = rs_text_to_double(x->p, x->n);
  return RS_OK;
}

/* ---- words and times ------------------------------------------------------------------------- */

static bool is_word(const struct param *x, const char *word)
{
  return rs_caseeqn(word, x->p, x->n);
}

static enum rs_code bool_(struct param *x)
{
  trim(x);
  x->out->v.kind = RS_BOOL;
  x->out->v.i = is_word(x, "true") || is_word(x, "1"); // SQLite's booleans are 1 and 0
  return x->out->v.i || is_word(x, "false") || is_word(x, "0") ? RS_OK : wrong(x, "true or false");
}

static enum rs_code string(struct param *x)
{
  x->out->v = (struct rs_value){.kind = RS_TEXT, .s = {x->p, x->n}};
  return RS_OK;
}

static enum rs_code null(struct param *x)
{
  x->out->v.kind = RS_NULL;
  return RS_OK;
}

static enum rs_code time_(struct param *x, enum rsql_kind kind)
{
  char out[RS_ROCKSET_TIME_MAX];
  const char *why = rs_rockset_time(rs_rsql_time_kind(kind), x->p, x->n, out);
  if (why != NULL) {
    return wrong(x, kind == TY_DATE       ? "YYYY-M-D"
                    : kind == TY_TIME     ? "H:M:S[.ffffff]"
                    : kind == TY_DATETIME ? "YYYY-M-D H:M:S[.ffffff]"
                                          : "YYYY-M-D[T H[:M[:S[.ffffff]]]][zone]");
  }
  const char *s = rs_arena_strdup(x->arena, out);
  if (s == NULL) return rs_nomem(x->e);
  x->out->v = (struct rs_value){.kind = RS_TEXT, .s = {s, strlen(s)}};
  return RS_OK;
}

static enum rs_code date(struct param *x)
{
  return time_(x, TY_DATE);
}

static enum rs_code time_of_day(struct param *x)
{
  return time_(x, TY_TIME);
}

static enum rs_code datetime(struct param *x)
{
  return time_(x, TY_DATETIME);
}

/* ISO text, or microseconds since 1970. */
static enum rs_code timestamp(struct param *x)
{
  int64_t us;
  trim(x);
  if (!read_int(x->p, x->n, &us)) return time_(x, TY_TIMESTAMP);
  char text[40];
  rs_format_timestamp(us, text);
  const char *s = rs_arena_printf(x->arena, "%s+00:00", text);
  if (s == NULL) return rs_nomem(x->e);
  x->out->v = (struct rs_value){.kind = RS_TEXT, .s = {s, strlen(s)}};
  return RS_OK;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int base64_digit(char c)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c != 0 ? strchr(digits, c) : NULL;
  return at != NULL ? (int)(at - digits) : -1;
}

static enum rs_code bytes(struct param *x)
{
  trim(x);
  size_t n = x->n, len = 0;
  while (n > 0 && x->n - n < 2 && x->p[n - 1] == '=') n--;
  char *out = rs_arena_alloc(x->arena, x->n + 1);
  if (out == NULL) return rs_nomem(x->e);
  unsigned bits = 0, have = 0;
  for (size_t i = 0; i < n; i++) {
    int v = base64_digit(x->p[i]);
    if (v < 0) return wrong(x, "base64");
    bits = (bits << 6 | (unsigned)v) & 0xFFFF;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    out[len++] = (char)(bits >> have & 0xFF);
  }
  if (n % 4 == 1 || (x->n != n && x->n % 4 != 0)) return wrong(x, "base64");
  x->out->v = (struct rs_value){.kind = RS_BYTES, .s = {out, len}};
  return RS_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static enum rs_code read_typed(struct param *x, const cJSON *object);

static cJSON *parse(const struct param *x)
{
  const char *end = NULL;
  cJSON *json = cJSON_ParseWithLengthOpts(x->p, x->n, &end, false);
  while (json != NULL && end < x->p + x->n && strchr(" \t\r\n", *end) != NULL) end++;
  if (json != NULL && end != x->p + x->n) {
    cJSON_Delete(json);
    return NULL;
  }
  return json;
}

static enum rs_code json(struct param *x, bool array)
{
  trim(x);
  cJSON *v = parse(x);
  enum rs_code rc = RS_OK;
  if (v == NULL || (array ? !cJSON_IsArray(v) : !cJSON_IsObject(v))) {
    rc = wrong(x, array ? "a JSON array" : "a JSON object");
  } else if (cJSON_HasObjectItem(v, "__rockset_type")) {
    rc = read_typed(x, v);
  } else {
    x->out->v = (struct rs_value){.kind = RS_JSON, .s = {x->p, x->n}};
  }
  cJSON_Delete(v);
  return rc;
}

static enum rs_code array(struct param *x)
{
  return json(x, true);
}

static enum rs_code object(struct param *x)
{
  return json(x, false);
}

static enum rs_code u256(struct param *x)
{
  trim(x);
  bool ok = x->n > 0 && x->n <= 78;
  for (size_t i = 0; i < x->n; i++) ok = ok && x->p[i] >= '0' && x->p[i] <= '9';
  return ok ? string(x) : wrong(x, "decimal digits");
}

/* ---- the table of types ---------------------------------------------------------------------- */

static const struct reader {
  const char *name;
  enum rs_rsql_type type;
  enum rs_code (*read)(struct param *x);
} readers[] = {
  {"int", RS_RSQL_INT, int_},
  {"integer", RS_RSQL_INT, int_},
  {"int64", RS_RSQL_INT, int_},
  {"float", RS_RSQL_FLOAT, float_},
  {"double", RS_RSQL_FLOAT, float_},
  {"bool", RS_RSQL_BOOL, bool_},
  {"boolean", RS_RSQL_BOOL, bool_},
  {"string", RS_RSQL_STRING, string},
  {"bytes", RS_RSQL_BYTES, bytes},
  {"null", RS_RSQL_NULL, null},
  {"null_type", RS_RSQL_NULL, null},
  {"date", RS_RSQL_DATE, date},
  {"time", RS_RSQL_TIME, time_of_day},
  {"datetime", RS_RSQL_DATETIME, datetime},
  {"timestamp", RS_RSQL_TIMESTAMP, timestamp},
  {"month_interval", RS_RSQL_MONTH_INTERVAL, int_},
  {"microsecond_interval", RS_RSQL_MICROSECOND_INTERVAL, int_},
  {"array", RS_RSQL_ARRAY, array},
  {"object", RS_RSQL_OBJECT, object},
  {"geography", RS_RSQL_GEOGRAPHY, object},
  {"u256", RS_RSQL_U256, u256},
};

static const struct reader *find_reader(const char *name)
{
  for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
    if (rs_casecmp(readers[i].name, name) == 0) return &readers[i];
  }
  return NULL;
}

static enum rs_code read_as(struct param *x, const struct reader *r)
{
  x->type = r->name;
  x->out->type = r->type;
  return r->read(x);
}

/* A typed value's value: a string's contents, a whole number's digits, else its JSON. */
static const char *plain_text(const struct param *x, const cJSON *value)
{
  if (cJSON_IsString(value)) return rs_arena_strdup(x->arena, value->valuestring);
  const double v = cJSON_IsNumber(value) ? value->valuedouble : NAN;
  if (fabs(v) <= 9007199254740992.0 && trunc(v) == v) {
    return rs_arena_printf(x->arena, "%.0f", v);
  }
  char *text = cJSON_PrintUnformatted(value);
  const char *s = text != NULL ? rs_arena_strdup(x->arena, text) : NULL;
  cJSON_free(text);
  return s;
}

/* {"__rockset_type":"date","value":"2020-01-02"} */
static enum rs_code read_typed(struct param *x, const cJSON *o)
{
  const cJSON *type = cJSON_GetObjectItem(o, "__rockset_type");
  const cJSON *value = cJSON_GetObjectItem(o, "value");
  const struct reader *r = cJSON_IsString(type) ? find_reader(type->valuestring) : NULL;
  if (r == NULL || value == NULL) return wrong(x, "a known __rockset_type and a value");
  const char *s = plain_text(x, value);
  if (s == NULL) return rs_nomem(x->e);
  x->p = s;
  x->n = strlen(s);
  if (s[0] == '{' && strstr(s, "__rockset_type") != NULL) return wrong(x, "a plain value");
  return read_as(x, r);
}

/* No type: as extended JSON, where anything else is a string. */
static enum rs_code guess(struct param *x)
{
  struct param trimmed = *x;
  trim(&trimmed);
  const char *p = trimmed.p;
  size_t n = trimmed.n;
  int64_t i;
  if (read_int(p, n, &i) && p[0] != '+') return read_as(x, find_reader("int"));
  if (is_decimal(p, n) && p[0] != '+' && memchr(p, '.', n) != p) {
    return read_as(x, find_reader("float"));
  }
  if (is_word(&trimmed, "true") || is_word(&trimmed, "false")) {
    return read_as(x, find_reader("bool"));
  }
  if (n == 4 && memcmp(p, "null", 4) == 0) return read_as(x, find_reader("null"));
  if (n > 1 && ((p[0] == '[' && p[n - 1] == ']') || (p[0] == '{' && p[n - 1] == '}'))) {
    cJSON *v = parse(&trimmed);
    bool is = v != NULL;
    cJSON_Delete(v);
    if (is) return read_as(x, find_reader(p[0] == '[' ? "array" : "object"));
  }
  if (n > 1 && p[0] == '"' && p[n - 1] == '"') {
    cJSON *v = parse(&trimmed);
    const char *s = cJSON_IsString(v) ? rs_arena_strdup(x->arena, v->valuestring) : NULL;
    bool is = cJSON_IsString(v);
    cJSON_Delete(v);
    if (is && s == NULL) return rs_nomem(x->e);
    if (is) {
      x->p = s;
      x->n = strlen(s);
    }
  }
  return read_as(x, find_reader("string"));
}

enum rs_code rs_rsql_param_value(const char *name, const char *type, const char *text, size_t n,
                                 struct rs_arena *arena, struct rs_rsql_value *out,
                                 struct rs_error *e)
{
  struct param x = {
    .name = name, .type = "value", .p = text, .n = n, .arena = arena, .out = out, .e = e};
  *out = (struct rs_rsql_value){.type = RS_RSQL_NULL};
  if (text == NULL) return RS_OK;
  if (rs_utf8_valid(text, n) != n) {
    return rs_fail(e, RS_INVALID, "parameter '%s': the value is no UTF-8", name);
  }
  const struct reader *r = type != NULL ? find_reader(type) : NULL;
  enum rs_code rc = r != NULL ? read_as(&x, r) : guess(&x);
  if (rc != RS_OK) *out = (struct rs_rsql_value){.type = RS_RSQL_NULL};
  return rc;
}
