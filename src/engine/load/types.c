/*
** Types of fields whose values differ (see load.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "load.h"

/* ---- fields ---------------------------------------------------------------------------------- */

enum rs_code rs_load_fields_add(struct rs_load_fields *f, const char *name, const char *type,
                                const char *expr, struct rs_error *e)
{
  if (name == NULL || type == NULL || expr == NULL ||
      !rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) {
    return rs_nomem(e);
  }
  f->v[f->n++] = (struct rs_load_field){name, type, expr};
  return RS_OK;
}

struct rs_load_field *rs_load_fields_find(const struct rs_load_fields *f, const char *name)
{
  for (size_t i = 0; i < f->n; i++) {
    if (rs_casecmp(f->v[i].name, name) == 0) return &f->v[i];
  }
  return NULL;
}

const char *rs_load_fields_column(const struct rs_load_fields *f, const char *name,
                                  struct rs_arena *a)
{
  const size_t side = rs_boxed_side_of(name);
  const char *main = side > 0 ? rs_arena_strndup(a, name, side) : name, *to = main;
  const char *field = main != NULL ? rs_field_of(a, main) : NULL;
  size_t k = 0;
  if (field == NULL) return NULL;
  while (k < f->n && !rs_field_is(f->v[k].name, field)) k++;
  if (k < f->n) to = f->v[k].name;
  else if (rs_load_fields_find(f, main) != NULL) to = rs_field_mark(a, field);
  return to != NULL && side > 0 ? rs_arena_printf(a, "%s" RS_BOXED_SIDE, to) : to;
}

struct describing {
  struct rs_session *s;
  struct rs_arena *a;
  struct rs_load_fields *out;
};

static const char *quoted(const struct rs_session *s, struct rs_arena *a, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "%i", name);
  const char *text = b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static enum rs_code see_field(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct describing *d = ctx;
  const char *name, *type = NULL;
  enum rs_code rc = rs_sql_text(r, 0, d->a, &name, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, d->a, &type, e);
  if (rc != RS_OK) return rc;
  if (name == NULL || type == NULL) return rs_fail(e, RS_INTERNAL, "DESCRIBE gave no name");
  return rs_load_fields_add(d->out, name, type, quoted(d->s, d->a, name), e);
}

enum rs_code rs_load_describe(struct rs_session *s, struct rs_arena *a, const char *query,
                              struct rs_load_fields *out, struct rs_error *e)
{
  struct describing d = {s, a, out};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_printf(&b, "SELECT column_name, column_type FROM (DESCRIBE %s)", query);
  return rs_sql_each(s, &b, see_field, &d, NULL, e);
}

/* ---- mixed values ---------------------------------------------------------------------------- */

static const struct {
  unsigned bit;
  const char *json;   /* json_type() */
  const char *member; /* of the UNION */
  const char *type;
} mixes[] = {
  {RS_MIX_BOOL, "BOOLEAN", "bool BOOLEAN", "BOOLEAN"},
  {RS_MIX_INT, "BIGINT", "\"int\" BIGINT", "BIGINT"},
  {RS_MIX_DOUBLE, "DOUBLE", "dbl DOUBLE", "DOUBLE"},
  {RS_MIX_TEXT, "VARCHAR", "str VARCHAR", "VARCHAR"},
};
#define NMIXES (sizeof mixes / sizeof mixes[0])

const char *rs_load_mix_type(struct rs_arena *a, unsigned mix)
{
  if (mix & RS_MIX_NESTED) return "JSON";
  if (mix == 0) return "VARCHAR";
  if (mix == (RS_MIX_INT | RS_MIX_DOUBLE)) return "DOUBLE";
  const char *list = NULL;
  for (size_t i = 0; i < NMIXES; i++) {
    if (mix == mixes[i].bit) return mixes[i].type;
    if (!(mix & mixes[i].bit)) continue;
    list = list == NULL ? mixes[i].member : rs_arena_printf(a, "%s, %s", list, mixes[i].member);
    if (list == NULL) return NULL;
  }
  return rs_arena_printf(a, "UNION(%s)", list);
}

const char *rs_load_mix_of(struct rs_arena *a, const char *expr)
{
  // an integer beyond BIGINT among others is text, as everywhere above (value.h)
  return rs_arena_printf(a,
                         "CASE WHEN %s IS NULL THEN 0 ELSE CASE json_type(%s)"
                         " WHEN 'NULL' THEN 0 WHEN 'BOOLEAN' THEN 1 WHEN 'BIGINT' THEN 2"
                         " WHEN 'UBIGINT' THEN CASE WHEN TRY_CAST(%s AS BIGINT) IS NULL THEN 8"
                         " ELSE 2 END WHEN 'DOUBLE' THEN 4 WHEN 'VARCHAR' THEN 8 ELSE 16 END END",
                         expr, expr, expr);
}

const char *rs_load_mix_value(struct rs_arena *a, const char *expr, unsigned mix)
{
  const char *type = rs_load_mix_type(a, mix);
  if (type == NULL || mix & RS_MIX_NESTED) return type != NULL ? expr : NULL;
  if (mix == 0 || mix == RS_MIX_TEXT) return rs_arena_printf(a, "(%s->>'$')", expr);
  if (strncmp(type, "UNION", 5) != 0) return rs_arena_printf(a, "CAST(%s AS %s)", expr, type);
  // the casts inside choose the member: each of these types is in the UNION at most once
  const char *sql = rs_arena_printf(a, "CASE json_type(%s)", expr);
  for (size_t i = 0; i < NMIXES && sql != NULL; i++) {
    if (!(mix & mixes[i].bit) || mixes[i].bit == RS_MIX_TEXT) continue;
    sql = rs_arena_printf(a, "%s WHEN '%s' THEN CAST(CAST(%s AS %s) AS %s)", sql, mixes[i].json,
                          expr, mixes[i].type, type);
  }
  if (sql != NULL && mix & RS_MIX_INT) {
    const char *beyond = mix & RS_MIX_TEXT
                           ? rs_arena_printf(a, "CAST((%s->>'$') AS %s)", expr, type)
                           : "NULL";
    if (beyond == NULL) return NULL;
    sql = rs_arena_printf(a,
                          "%s WHEN 'UBIGINT' THEN CASE WHEN TRY_CAST(%s AS BIGINT) IS NULL THEN %s"
                          " ELSE CAST(CAST(%s AS BIGINT) AS %s) END",
                          sql, expr, beyond, expr, type);
  }
  if (sql == NULL) return NULL;
  if (!(mix & RS_MIX_TEXT)) return rs_arena_printf(a, "%s END", sql);
  return rs_arena_printf(a, "%s WHEN 'NULL' THEN NULL ELSE CAST((%s->>'$') AS %s) END", sql, expr,
                         type);
}

/* ---- two types ------------------------------------------------------------------------------- */

static bool is_list(const char *type)
{
  size_t n = strlen(type);
  return n > 0 && type[n - 1] == ']';
}

static bool is_one_of(const char *type, const char *const *names)
{
  for (; *names != NULL; names++) {
    if (rs_eq(type, *names)) return true;
  }
  return false;
}

unsigned rs_load_union_mix(const char *type)
{
  for (unsigned mix = 1; mix < RS_MIX_NESTED; mix++) {
    struct rs_arena a;
    rs_arena_init(&a, 0);
    const char *t = rs_load_mix_type(&a, mix);
    bool same = t != NULL && rs_starts(t, "UNION") && rs_eq(t, type);
    rs_arena_free(&a);
    if (same) return mix;
  }
  return 0;
}

static unsigned mix_of_type(const char *type)
{
  static const char *const ints[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",
                                     "UTINYINT", "USMALLINT", "UINTEGER", NULL};
  static const char *const doubles[] = {"FLOAT", "DOUBLE", NULL};
  if (is_list(type) || rs_starts(type, "STRUCT(") || rs_starts(type, "MAP(") ||
      rs_eq(type, "JSON")) {
    return RS_MIX_NESTED;
  }
  if (rs_starts(type, "UNION(")) {
    unsigned mix = rs_load_union_mix(type);
    return mix != 0 ? mix : RS_MIX_NESTED;
  }
  if (rs_eq(type, "BOOLEAN")) return RS_MIX_BOOL;
  if (is_one_of(type, ints)) return RS_MIX_INT;
  if (is_one_of(type, doubles) || rs_starts(type, "DECIMAL(")) return RS_MIX_DOUBLE;
  return RS_MIX_TEXT;
}

/* Families within which DuckDB's own common type loses nothing. */
bool rs_load_is_number(const char *type)
{
  static const char *const huge[] = {"UBIGINT", "HUGEINT", "UHUGEINT", NULL};
  if (rs_starts(type, "UNION(")) return false;
  return (mix_of_type(type) & (RS_MIX_INT | RS_MIX_DOUBLE)) != 0 || is_one_of(type, huge);
}

bool rs_load_is_time(const char *type)
{
  return rs_eq(type, "DATE") || rs_starts(type, "TIMESTAMP");
}

bool rs_load_is_nested(const char *type)
{
  return mix_of_type(type) == RS_MIX_NESTED;
}

static bool same_family(const char *one, const char *other)
{
  if (rs_load_is_number(one)) return rs_load_is_number(other);
  if (rs_load_is_time(one)) return rs_load_is_time(other);
  if (is_list(one)) return is_list(other);
  if (is_list(other)) return false;
  return (rs_starts(one, "STRUCT(") && rs_starts(other, "STRUCT(")) ||
         (rs_starts(one, "MAP(") && rs_starts(other, "MAP("));
}

static enum rs_code see_type(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct describing *d = ctx;
  const char *type;
  enum rs_code rc = rs_sql_text(r, 0, d->a, &type, e);
  return rc == RS_OK && type != NULL ? rs_load_fields_add(d->out, "", type, "", e) : rc;
}

enum rs_code rs_load_unify(struct rs_session *reader, struct rs_arena *a, const char *one,
                           const char *other, const char **type, struct rs_error *e)
{
  *type = one;
  if (rs_eq(one, other)) return RS_OK;
  if (!same_family(one, other)) {
    *type = rs_load_mix_type(a, mix_of_type(one) | mix_of_type(other));
    return *type != NULL ? RS_OK : rs_nomem(e);
  }
  struct rs_load_fields found = {NULL, 0, 0};
  struct describing d = {reader, a, &found};
  struct rs_error refused = {0};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_printf(&b,
                "SELECT typeof(x) FROM (SELECT CAST(NULL AS %s) AS x UNION ALL "
                "SELECT CAST(NULL AS %s)) LIMIT 1",
                one, other);
  enum rs_code rc = rs_sql_each(reader, &b, see_type, &d, NULL, &refused);
  *type = found.n > 0 ? found.v[0].type : NULL;
  rs_free(found.v);
  if (rc == RS_NOMEM || rc == RS_CANCELLED) {
    if (e != NULL) *e = refused;
    return rc;
  }
  // two structures that DuckDB can't bring together, or a type that only the target knows
  if (rc != RS_OK || *type == NULL) {
    *type = rs_load_mix_type(a, mix_of_type(one) | mix_of_type(other) | RS_MIX_NESTED);
  }
  return *type != NULL ? RS_OK : rs_nomem(e);
}

/* Has the UNION a member of that name? */
static bool has_member(const char *type, const char *name)
{
  const size_t n = strlen(name);
  size_t depth = 0;
  for (const char *p = type; *p != 0; p++) {
    const bool begins = depth == 1 && (p[-1] == '(' || p[-1] == ' ');
    if (begins && strncmp(p, name, n) == 0 && p[n] == ' ') return true;
    if (*p == '"') {
      if (begins && strncmp(p + 1, name, n) == 0 && p[n + 1] == '"') return true;
      const char *close = strchr(p + 1, '"'); // a doubled one opens again
      if (close == NULL) return false;
      p = close;
    }
    if (*p == '(') depth++;
    if (*p == ')') depth--;
  }
  return false;
}

/* The members that documents' UNIONs have beside scalars (engine/documents/mixed.c). */
static const struct {
  const char *name, *type; /* NULL: of its own */
} more[] = {{"arr", NULL},    {"obj", NULL},       {"date", "DATE"},
            {"time", "TIME"}, {"dt", "TIMESTAMP"}, {"ts", "TIMESTAMP WITH TIME ZONE"},
            {"bin", "BLOB"},  {"mon", "INTERVAL"}, {"us", "INTERVAL"}};
#define NMORE (sizeof more / sizeof more[0])

static bool is_documents_union(const char *type)
{
  bool is = false;
  for (size_t i = 0; i < NMORE; i++) is = is || has_member(type, more[i].name);
  return rs_starts(type, "UNION(") && is;
}

/* A UNION's value as JSON is an object named by the member: unwrap it. What is NULL in an object
** was not there. */
static const char *union_to_json(struct rs_arena *a, const char *expr, const char *type)
{
  static const char *const scalars[] = {"bool", "int", "dbl", "str"};
  struct rs_buf b, member;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_init(&member, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "CASE");
  for (size_t i = 0; i < 4 + NMORE; i++) {
    const char *name = i < 4 ? scalars[i] : more[i - 4].name;
    if (!has_member(type, name)) continue;
    const bool object = rs_eq(name, "obj");
    rs_buf_clear(&member);
    rs_buf_printf(&member, "union_extract(%s, '%s')", expr, name);
    rs_buf_printf(&b, " WHEN union_tag(%s) = '%s' THEN ", expr, name);
    if (i >= 4 && more[i - 4].type != NULL &&
        rs_load_typed_json(&b, rs_buf_text(&member), more[i - 4].type))
      continue;
    rs_buf_printf(&b, object ? "json_merge_patch('{}', to_json(%s))" : "to_json(%s)",
                  rs_buf_text(&member));
  }
  rs_buf_str(&b, " END");
  const bool ok = b.rc == RS_OK && member.rc == RS_OK;
  const char *sql = ok ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  rs_buf_free(&member);
  return sql;
}

const char *rs_load_cast(struct rs_arena *a, const char *expr, const char *from, const char *to)
{
  if (rs_eq(from, to)) return expr;
  unsigned mix = mix_of_type(from);
  if (rs_eq(to, "JSON")) {
    if (rs_starts(from, "UNION(") && (mix != RS_MIX_NESTED || is_documents_union(from)))
      return union_to_json(a, expr, from);
    return rs_arena_printf(a, "to_json(%s)", expr);
  }
  if (!rs_starts(to, "UNION(") || rs_starts(from, "UNION(")) {
    return rs_arena_printf(a, "CAST(%s AS %s)", expr, to);
  }
  for (size_t i = 0; i < NMIXES; i++) {
    if (mixes[i].bit != mix) continue;
    return rs_arena_printf(a, "CAST(CAST(%s AS %s) AS %s)", expr, mixes[i].type, to);
  }
  return rs_arena_printf(a, "CAST(%s AS %s)", expr, to);
}

/* ---- columns of an existing collection ---------------------------------------------------------
*/

enum rs_code rs_load_has_values(struct rs_session *s, const struct rs_relation *rel,
                                const char *field, bool *has, struct rs_error *e)
{
  struct rs_buf b;
  size_t found = 0;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT 1 FROM %r WHERE %i IS NOT NULL LIMIT 1", rel, field);
  enum rs_code rc = rs_sql_each(s, &b, NULL, NULL, &found, e);
  *has = found > 0;
  return rc;
}

enum rs_code rs_load_alter(struct rs_session *s, const struct rs_relation *rel, const char *field,
                           const char *type, const char *expr, struct rs_error *e)
{
  return rs_sql_run(s, NULL, e, "ALTER TABLE %r ALTER COLUMN %i SET DATA TYPE %s USING %s", rel,
                    field, type, expr);
}
