/*
** Types and their names (see types.h).
*/
#include "types.h"
#include <string.h>
#include "src/base/text.h"

/* Rockset's names with the aliases that CAST takes, and what both engines call them. A dash: the
** engine has no such type. */
static const struct rsql_type_name names[] = {
  {"INT", TY_INT, "BIGINT", "bigint"},
  {"INTEGER", TY_INT, "BIGINT", "bigint"},
  {"INT64", TY_INT, "BIGINT", "bigint"},
  {"BIGINT", TY_INT, "BIGINT", "bigint"},
  {"SMALLINT", TY_INT, "BIGINT", "bigint"},
  {"TINYINT", TY_INT, "BIGINT", "bigint"},
  {"FLOAT", TY_FLOAT, "DOUBLE", "double"},
  {"DOUBLE", TY_FLOAT, "DOUBLE", "double"},
  {"DOUBLE PRECISION", TY_FLOAT, "DOUBLE", "double"},
  {"REAL", TY_FLOAT, "DOUBLE", "double"},
  {"BOOL", TY_BOOL, "BOOLEAN", "boolean"},
  {"BOOLEAN", TY_BOOL, "BOOLEAN", "boolean"},
  {"STRING", TY_STRING, "VARCHAR", "varchar"},
  {"CHAR", TY_STRING, "VARCHAR", "varchar"},
  {"VARCHAR", TY_STRING, "VARCHAR", "varchar"},
  {"TEXT", TY_STRING, "VARCHAR", "varchar"},
  {"BYTES", TY_BYTES, "BLOB", "varbinary"},
  {"BINARY", TY_BYTES, "BLOB", "varbinary"},
  {"VARBINARY", TY_BYTES, "BLOB", "varbinary"},
  {"DATE", TY_DATE, "DATE", "date"},
  {"DATETIME", TY_DATETIME, "TIMESTAMP", "timestamp(6)"},
  {"TIME", TY_TIME, "TIME", "time(6)"},
  {"TIMESTAMP", TY_TIMESTAMP, "TIMESTAMPTZ", "timestamp(6) with time zone"},
  {"TIMESTAMP WITH TIME ZONE", TY_TIMESTAMP, "TIMESTAMPTZ", "timestamp(6) with time zone"},
  {"MONTH_INTERVAL", TY_MONTHS, "INTERVAL", "interval year to month"},
  {"MICROSECOND_INTERVAL", TY_MICROS, "INTERVAL", "interval day to second"},
  {"ARRAY", TY_JSON, "JSON", "json"},
  {"OBJECT", TY_JSON, "JSON", "json"},
  {"JSON", TY_JSON, "JSON", "json"},
  {"U256", TY_U256, "UHUGEINT", "-"},
  {"GEOGRAPHY", TY_OTHER, "-", "-"},
};

const struct rsql_type_name *rs_rsql_type_find(const char *upper)
{
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (rs_eq(names[i].name, upper)) return &names[i];
  }
  // VARCHAR(10), CHAR(3): the length says nothing
  const char *bracket = strchr(upper, '(');
  if (bracket == NULL || bracket[strlen(bracket) - 1] != ')') return NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (names[i].kind == TY_STRING && rs_eqn(names[i].name, upper, (size_t)(bracket - upper))) {
      return &names[i];
    }
  }
  return NULL;
}

bool rs_rsql_type_known(const char *upper)
{
  return rs_rsql_type_find(upper) != NULL || rs_eq(upper, "UUID") || rs_eq(upper, "TIMESTAMPTZ");
}

/* ---- the engine's texts ---------------------------------------------------------------------- */

static enum rsql_kind scalar(const char *p, size_t n)
{
  static const struct {
    const char *name;
    enum rsql_kind kind;
  } native[] = {
    {"BIGINT", TY_INT},
    {"INTEGER", TY_INT},
    {"VARCHAR", TY_STRING},
    {"DOUBLE", TY_FLOAT},
    {"BOOLEAN", TY_BOOL},
    {"DATE", TY_DATE},
    {"TIMESTAMP", TY_DATETIME},
    {"TIME", TY_TIME},
    {"TIMESTAMP WITH TIME ZONE", TY_TIMESTAMP},
    {"TIMESTAMPTZ", TY_TIMESTAMP},
    {"BLOB", TY_BYTES},
    {"JSON", TY_JSON},
    {"SMALLINT", TY_INT},
    {"TINYINT", TY_INT},
    {"HUGEINT", TY_INT},
    {"UBIGINT", TY_INT},
    {"UINTEGER", TY_INT},
    {"USMALLINT", TY_INT},
    {"UTINYINT", TY_INT},
    {"UHUGEINT", TY_U256},
    {"FLOAT", TY_FLOAT},
    {"REAL", TY_FLOAT},
    {"TIMESTAMP_S", TY_DATETIME},
    {"TIMESTAMP_MS", TY_DATETIME},
    {"TIMESTAMP_NS", TY_DATETIME},
    {"INTERVAL", TY_INTERVAL},
    {"INTERVAL DAY TO SECOND", TY_INTERVAL},
    {"INTERVAL YEAR TO MONTH", TY_INTERVAL},
    {"VARBINARY", TY_BYTES},
    {"INT", TY_INT},
    {"UUID", TY_OTHER},
  };
  for (size_t i = 0; i < sizeof native / sizeof native[0]; i++) {
    if (rs_caseeqn(native[i].name, p, n)) return native[i].kind;
  }
  if (rs_casestarts(p, n, "DECIMAL(")) return TY_DECIMAL;
  const bool zone = n > 0 && p[n - 1] != ')'; // behind the number of digits
  if (rs_casestarts(p, n, "TIME(")) return zone ? TY_ANY : TY_TIME;
  if (rs_casestarts(p, n, "TIMESTAMP(")) return zone ? TY_TIMESTAMP : TY_DATETIME;
  if (rs_casestarts(p, n, "VARCHAR(") || rs_casestarts(p, n, "ENUM(")) return TY_STRING;
  return TY_ANY;
}

struct rsql_type rs_rsql_type_native(const char *p, size_t n)
{
  struct rsql_type t = {.native = p, .n = n};
  if (n > 0 && p[n - 1] == ']') t.kind = TY_LIST;
  else if (rs_casestarts(p, n, "ARRAY(")) t.kind = TY_LIST;
  else if (rs_casestarts(p, n, "STRUCT(") || rs_casestarts(p, n, "ROW(")) t.kind = TY_STRUCT;
  else if (rs_casestarts(p, n, "MAP(")) t.kind = TY_MAP;
  else t.kind = scalar(p, n);
  return t;
}

#define BOXED "BOXED" /* no engine's name of a type */

const char *const rs_rsql_members[] = {"bool", "int",  "dbl", "str", "arr", "obj", "date",
                                       "dt",   "time", "ts",  "bin", "mon", "us",  NULL};

struct rsql_type rs_rsql_type_column(const struct rs_column *c)
{
  struct rsql_type t = {0};
  if (c->side == RS_SIDE_TYPES)
    return (struct rsql_type){
      .kind = TY_JSON, .native = BOXED, .n = sizeof BOXED - 1, .side = true};
  if (c->native != NULL) t = rs_rsql_type_native(c->native, strlen(c->native));
  t.side = c->side != RS_SIDE_NONE;
  if (t.kind != TY_ANY || !rs_casestarts(t.native, t.n, "UNION(")) return t;
  if (c->type == RS_T_MIXED || rs_rsql_type_member(t, RSQL_ARRAY).kind == TY_LIST ||
      rs_rsql_type_member(t, RSQL_OBJECT).kind == TY_STRUCT)
    t.kind = TY_JSON;
  return t;
}

bool rs_rsql_type_is_union(struct rsql_type t)
{
  return t.kind == TY_JSON && t.native != NULL && rs_casestarts(t.native, t.n, "UNION(");
}

bool rs_rsql_type_is_boxed(struct rsql_type t)
{
  return t.kind == TY_JSON && t.native != NULL && t.n == sizeof BOXED - 1 &&
         memcmp(t.native, BOXED, t.n) == 0;
}

struct rsql_type rs_rsql_type_json(struct rsql_type t)
{
  const bool column = rs_rsql_type_is_union(t) || rs_rsql_type_is_boxed(t);
  return column ? (struct rsql_type){.kind = TY_JSON} : t;
}

static bool find_part(struct rsql_type t, const char *name, struct rsql_type *out);

bool rs_rsql_type_has_member(struct rsql_type t, const char *name)
{
  struct rsql_type member;
  return find_part(t, name, &member);
}

struct rsql_type rs_rsql_type_member(struct rsql_type t, unsigned kind)
{
  struct rsql_type member;
  const bool found = t.native != NULL && rs_casestarts(t.native, t.n, "UNION(") &&
                     find_part(t, kind == RSQL_ARRAY ? "arr" : "obj", &member);
  return found ? member : (struct rsql_type){0};
}

unsigned rs_rsql_type_kinds(struct rsql_type t)
{
  unsigned kinds = 0;
  if (!rs_rsql_type_is_union(t)) return RSQL_ALL;
  for (size_t i = 0; rs_rsql_members[i] != NULL; i++)
    if (rs_rsql_type_has_member(t, rs_rsql_members[i])) kinds |= 1u << i;
  return kinds;
}

/* By their bits. */
static const enum rsql_kind kinds_of_bits[] = {
  TY_BOOL,     TY_INT,  TY_FLOAT,     TY_STRING, TY_JSON,   TY_JSON,  TY_DATE,
  TY_DATETIME, TY_TIME, TY_TIMESTAMP, TY_BYTES,  TY_MONTHS, TY_MICROS};

enum rsql_kind rs_rsql_kind_of_bit(unsigned bit)
{
  size_t i = 0;
  while (i + 1 < sizeof kinds_of_bits / sizeof kinds_of_bits[0] && bit != 1u << i) i++;
  return kinds_of_bits[i];
}

unsigned rs_rsql_typed_bit(enum rsql_kind k)
{
  unsigned bit = RSQL_DATE;
  while (bit <= RSQL_LAST && rs_rsql_kind_of_bit(bit) != k) bit <<= 1;
  return bit <= RSQL_LAST ? bit : 0;
}

/* The end of one type or name in brackets: a `,` or the `)` of the outside, at or behind i. */
static size_t part_end(const char *p, size_t n, size_t i)
{
  int depth = 0;
  for (bool quoted = false; i < n; i++) {
    char c = p[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') depth++;
    if (depth == 0 && (c == ',' || c == ')')) break;
    if (c == ')') depth--;
  }
  return i;
}

static struct rsql_type trimmed(const char *p, size_t from, size_t to)
{
  while (from < to && p[from] == ' ') from++;
  while (to > from && p[to - 1] == ' ') to--;
  return rs_rsql_type_native(p + from, to - from);
}

struct rsql_type rs_rsql_type_element(struct rsql_type t)
{
  if (rs_rsql_type_is_boxed(t)) return rs_rsql_type_json(t);
  if (rs_rsql_type_is_union(t)) return rs_rsql_type_json(t);
  if (t.kind == TY_JSON) return t;
  if (t.native == NULL || t.n == 0) return (struct rsql_type){0};
  const char *p = t.native;
  if (t.kind == TY_MAP) {
    size_t comma = part_end(p, t.n, 4);
    return comma < t.n ? trimmed(p, comma + 1, t.n - 1) : (struct rsql_type){0};
  }
  if (t.kind != TY_LIST) return (struct rsql_type){0};
  if (p[t.n - 1] != ']') return trimmed(p, 6, t.n - 1);
  size_t n = t.n - 1;
  while (n > 0 && p[n] != '[') n--;
  return rs_rsql_type_native(p, n);
}

/* A field's name stands as it is or in quotes in front of its type. */
static bool field_is(const char *p, size_t *i, size_t n, const char *name)
{
  size_t at = *i, len = strlen(name);
  bool same = true;
  if (p[at] == '"') {
    size_t k = 0;
    for (at++; at < n && !(p[at] == '"' && !(at + 1 < n && p[at + 1] == '"')); at++) {
      if (p[at] == '"') at++;
      same = same && k < len && rs_casecmpn(name + k, p + at, 1) == 0;
      k++;
    }
    *i = at + 1;
    return same && k == len;
  }
  while (at < n && p[at] != ' ' && p[at] != ',' && p[at] != ')') at++;
  same = at - *i == len && rs_casecmpn(name, p + *i, len) == 0;
  *i = at;
  return same;
}

bool rs_rsql_type_is_scalar(struct rsql_type t)
{
  bool mixed = t.native != NULL && t.n > 5 && rs_casecmpn(t.native, "UNION", 5) == 0;
  if (rs_rsql_type_is_union(t)) return (rs_rsql_type_kinds(t) & RSQL_NESTED) == 0;
  return mixed || (t.kind != TY_ANY && t.kind < TY_LIST);
}

struct rsql_type rs_rsql_type_field(struct rsql_type t, const char *name, bool *missing)
{
  if (rs_rsql_type_is_union(t)) {
    *missing = (rs_rsql_type_kinds(t) & RSQL_OBJECT) == 0;
    return rs_rsql_type_json(t);
  }
  *missing = rs_rsql_type_is_scalar(t) || t.kind == TY_LIST;
  if (t.kind == TY_JSON) return rs_rsql_type_is_boxed(t) ? rs_rsql_type_json(t) : t;
  if (t.kind == TY_MAP) return rs_rsql_type_element(t);
  struct rsql_type field = {0};
  if (t.kind != TY_STRUCT || t.native == NULL || memchr(t.native, '(', t.n) == NULL) return field;
  *missing = !find_part(t, name, &field);
  return field;
}

/* Of a struct's or UNION's text. */
static bool find_part(struct rsql_type t, const char *name, struct rsql_type *out)
{
  const char *open = t.native != NULL ? memchr(t.native, '(', t.n) : NULL;
  if (open == NULL) return false;
  size_t i = (size_t)(open - t.native) + 1;
  while (i < t.n && t.native[i] != ')') {
    while (i < t.n && t.native[i] == ' ') i++;
    if (i >= t.n) break;
    bool same = field_is(t.native, &i, t.n, name);
    if (i > t.n) i = t.n;
    size_t end = part_end(t.native, t.n, i);
    if (same) *out = trimmed(t.native, i, end);
    if (same) return true;
    i = end < t.n && t.native[end] == ',' ? end + 1 : end;
  }
  return false;
}

bool rs_rsql_has_members(const struct rsql_node *x)
{
  return (x->kind == N_COLUMN || x->kind == N_SUBQUERY) && rs_rsql_type_is_union(x->type);
}

struct rsql_type rs_rsql_field_type(const struct rsql_node *x, const char *name, bool *missing)
{
  struct rsql_type t = x->type;
  if (rs_rsql_has_members(x) && (rs_rsql_type_kinds(t) & RSQL_OBJECT) != 0)
    t = rs_rsql_type_member(t, RSQL_OBJECT);
  return rs_rsql_type_field(t, name, missing);
}

static void add_name(struct rs_buf *b, const char *p, size_t from, size_t to)
{
  const bool quoted = p[from] == '"';
  for (size_t i = from + quoted; i + quoted < to; i++) {
    rs_buf_char(b, p[i]);
    if (quoted && p[i] == '"') i++; // it stands there twice
  }
}

bool rs_rsql_type_next(struct rsql_type t, size_t *at, struct rs_buf *name, struct rsql_type *field)
{
  const char *open = t.kind == TY_STRUCT && t.native != NULL ? memchr(t.native, '(', t.n) : NULL;
  if (open == NULL) return false;
  size_t i = *at > 0 ? *at : (size_t)(open - t.native) + 1;
  while (i < t.n && t.native[i] == ' ') i++;
  if (i >= t.n || t.native[i] == ')') return false;
  const size_t from = i;
  (void)field_is(t.native, &i, t.n, "");
  if (i > t.n) i = t.n;
  add_name(name, t.native, from, i);
  const size_t end = part_end(t.native, t.n, i);
  *field = trimmed(t.native, i, end);
  *at = end < t.n && t.native[end] == ',' ? end + 1 : end;
  return true;
}

bool rs_rsql_type_spell(struct rsql_type t, const char *name, struct rs_buf *own)
{
  struct rsql_type field;
  size_t at = 0;
  for (rs_buf_clear(own); rs_rsql_type_next(t, &at, own, &field); rs_buf_clear(own))
    if (own->rc != RS_OK || rs_casecmp(rs_buf_text(own), name) == 0) return true;
  return false;
}

bool rs_rsql_is_number(enum rsql_kind k)
{
  return k == TY_INT || k == TY_FLOAT || k == TY_DECIMAL || k == TY_U256;
}

bool rs_rsql_is_nested(enum rsql_kind k)
{
  return k == TY_JSON || k == TY_LIST || k == TY_STRUCT || k == TY_MAP;
}

struct rsql_type rs_rsql_type_common(struct rsql_type a, struct rsql_type b)
{
  if (a.kind == TY_NULL || b.kind == TY_NULL) return a.kind == TY_NULL ? b : a;
  if (rs_rsql_is_number(a.kind) && rs_rsql_is_number(b.kind)) {
    if (a.kind == b.kind) return a;
    return (struct rsql_type){.kind = a.kind == TY_FLOAT || b.kind == TY_FLOAT ? TY_FLOAT
                                                                               : TY_DECIMAL};
  }
  if (a.kind != b.kind) return (struct rsql_type){0};
  // lists and objects of the same text are the same; others may differ inside
  const size_t n = a.native != NULL ? a.n : 0, m = b.native != NULL ? b.n : 0;
  const bool same = n == m && (n == 0 || memcmp(a.native, b.native, n) == 0);
  return same ? a : (struct rsql_type){.kind = a.kind};
}

enum rs_time_kind rs_rsql_time_kind(enum rsql_kind k)
{
  return k == TY_DATE       ? RS_TIME_DATE
         : k == TY_TIME     ? RS_TIME_TIME
         : k == TY_DATETIME ? RS_TIME_DATETIME
                            : RS_TIME_TIMESTAMP;
}
