/*
** Which fields a collection has, of which types, and how often (rs_session_fields in
** engine/control.h). One query counts them all.
**
** Each (path, type) becomes a *probe*: two SQL aggregates, of its occurrences and of the documents
** that have its parent. Inside arrays an expression stands for the list of all values at that place
** in one document, which list_transform and flatten take apart.
*/
#include <stdlib.h>
#include <string.h>
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "internal.h"

enum { PROBES_MAX = 20000 };

struct probe {
  const char *path; /* JSON strings, comma-separated; "*" stands for an array's elements */
  const char *type;
  const char *count, *total; /* SQL; total NULL: all documents */
  int64_t n, of;
};

struct describe {
  struct rs_session *s;
  struct rs_arena *a;
  struct rs_error *e;
  struct probe *v;
  size_t n, cap;
  int64_t depth; /* the deepest that is wanted */
};

/* A place in a document: one value of it, or, inside arrays, a list of values. */
struct place {
  const char *path;
  const char *expr;
  const char *total;
  bool list;
  int64_t depth;
};

static enum rs_code add(struct describe *d, const struct place *p, const char *type,
                        const char *condition)
{
  struct probe *x;
  const char *count;
  if (d->n == PROBES_MAX)
    return rs_fail(d->e, RS_LIMIT,
                   "DESCRIBE: more than %d fields: ask for fewer levels with "
                   "OPTION(max_field_depth=1)",
                   PROBES_MAX);
  if (!rs_grow(&d->v, &d->cap, d->n + 1, sizeof d->v[0])) return rs_nomem(d->e);
  if (condition == NULL)
    count = rs_arena_printf(d->a, p->list ? "coalesce(sum(list_count(%s)), 0)" : "count(%s)",
                            p->expr);
  else if (p->list)
    count = rs_arena_printf(d->a, "coalesce(sum(list_count(list_filter(%s, lambda x: %s))), 0)",
                            p->expr, condition);
  else
    count = rs_arena_printf(d->a,
                            "count(*) FILTER (WHERE %s IS NOT NULL AND list_contains("
                            "list_transform([%s], lambda x: %s), true))",
                            p->expr, p->expr, condition);
  x = &d->v[d->n];
  *x = (struct probe){.path = p->path, .type = type, .count = count, .total = p->total};
  if (count == NULL || p->path == NULL) return rs_nomem(d->e);
  d->n++;
  return RS_OK;
}

/* ---- types ----------------------------------------------------------------------------------- */

static const char *scalar_name(const char *type)
{
  static const struct {
    const char *begins, *name;
  } table[] = {{"BOOL", "bool"},          {"DOUBLE", "float"},   {"FLOAT", "float"},
               {"DECIMAL", "float"},      {"DATE", "date"},      {"TIMESTAMP WITH", "timestamp"},
               {"TIMESTAMP", "datetime"}, {"TIME", "time"},      {"BLOB", "bytes"},
               {"MAP", "object"},         {"VARCHAR", "string"}, {"HUGEINT", "int"}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (strncmp(type, table[i].begins, strlen(table[i].begins)) == 0) return table[i].name;
  return strstr(type, "INT") != NULL && strncmp(type, "INTERVAL", 8) != 0 ? "int" : "string";
}

/* A mixed column: a row for each type that may be in it. */
static enum rs_code add_mixed(struct describe *d, const struct place *p, bool json)
{
  static const struct {
    const char *tags, *name;
  } unions[] = {{"'bool'", "bool"},
                {"'int'", "int"},
                {"'dbl'", "float"},
                {"'str'", "string"},
                {"'date'", "date"},
                {"'time'", "time"},
                {"'dt'", "datetime"},
                {"'ts'", "timestamp"},
                {"'bin'", "bytes"},
                {"'mon'", "month_interval"},
                {"'us'", "microsecond_interval"}},
    jsons[] = {{"'BOOLEAN'", "bool"},   {"'BIGINT', 'UBIGINT'", "int"}, {"'DOUBLE'", "float"},
               {"'VARCHAR'", "string"}, {"'ARRAY'", "array"},           {"'OBJECT'", "object"},
               {"'NULL'", "null"}};
  size_t n = json ? 7 : sizeof unions / sizeof unions[0];
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    const char *of = json ? jsons[i].tags : unions[i].tags;
    const char *condition = rs_arena_printf(
      d->a, json ? "json_type(x) IN (%s)" : "CAST(union_tag(x) AS VARCHAR) IN (%s)", of);
    if (condition == NULL) return rs_nomem(d->e);
    rc = add(d, p, json ? jsons[i].name : unions[i].name, condition);
  }
  return rc;
}

static const char *below(struct describe *d, const char *path, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  if (path != NULL) rs_buf_printf(&b, "%s,", path);
  rs_buf_json_str(&b, name, strlen(name));
  const char *text = b.rc == RS_OK ? rs_arena_strdup(d->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static const char *quoted(struct describe *d, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_dialect_ident(d->s->target->dialect, &b, name);
  const char *text = b.rc == RS_OK ? rs_arena_strdup(d->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static enum rs_code walk_type(struct describe *d, const struct place *p,
                              const struct rs_doc_type *t);

static enum rs_code walk_members(struct describe *d, const struct place *p,
                                 const struct rs_doc_type *t, const char *total)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < t->nmembers && rc == RS_OK; i++) {
    const char *name = quoted(d, t->members[i].name);
    struct place in = {.path = below(d, p->path, t->members[i].name),
                       .total = total,
                       .list = p->list,
                       .depth = p->depth + 1};
    if (name == NULL || in.path == NULL) return rs_nomem(d->e);
    in.expr = rs_arena_printf(d->a, p->list ? "list_transform(%s, lambda x: x.%s)" : "(%s).%s",
                              p->expr, name);
    rc = in.expr != NULL ? walk_type(d, &in, t->members[i].type) : rs_nomem(d->e);
  }
  return rc;
}

/* Scalars beside arrays or objects. */
static enum rs_code walk_union(struct describe *d, const struct place *p,
                               const struct rs_doc_type *t)
{
  enum rs_code rc = add_mixed(d, p, false);
  for (size_t i = 0; i < t->nmembers && rc == RS_OK; i++) {
    struct place in = *p;
    if (t->members[i].type->form == RS_DOC_LEAF) continue;
    in.expr = rs_arena_printf(d->a, "union_extract(%s, '%s')", p->expr, t->members[i].name);
    rc = in.expr != NULL ? walk_type(d, &in, t->members[i].type) : rs_nomem(d->e);
  }
  return rc;
}

static enum rs_code walk_type(struct describe *d, const struct place *p,
                              const struct rs_doc_type *t)
{
  enum rs_code rc;
  if (p->depth > d->depth) return RS_OK;
  if (t->form == RS_DOC_LEAF) {
    bool mixed = strncmp(t->native, "UNION(", 6) == 0, json = rs_eq(t->native, "JSON");
    return mixed || json ? add_mixed(d, p, json) : add(d, p, scalar_name(t->native), NULL);
  }
  if (t->form == RS_DOC_UNION) return walk_union(d, p, t);
  rc = add(d, p, t->form == RS_DOC_STRUCT ? "object" : "array", NULL);
  if (rc != RS_OK) return rc;
  const char *total = d->v[d->n - 1].count;
  if (t->form == RS_DOC_STRUCT) return walk_members(d, p, t, total);
  struct place in = {
    .path = below(d, p->path, "*"), .total = NULL, .list = true, .depth = p->depth + 1};
  in.expr = p->list ? rs_arena_printf(d->a, "flatten(%s)", p->expr) : p->expr;
  if (in.expr != NULL) in.total = rs_arena_printf(d->a, "coalesce(sum(len(%s)), 0)", in.expr);
  return in.total != NULL ? walk_type(d, &in, t->element) : rs_nomem(d->e);
}

/* ---- sidecars -------------------------------------------------------------------------------- */

/* What a column's sidecar holds, by its letter; the column's own value stands for the others: its
** expression in place of *p's. */
static enum rs_code add_side(struct describe *d, const struct rs_column *c, struct place *p)
{
  const char *name = rs_arena_printf(d->a, "%s" RS_BOXED_SIDE, c->name);
  const char *side = name != NULL ? quoted(d, name) : NULL;
  if (side == NULL) return rs_nomem(d->e);
  for (unsigned i = 0; i < RS_BOXED_KINDS; i++) {
    const enum rs_boxed_tag tag = rs_boxed_tag_of(i);
    if (tag == RS_BOXED_EXACT) continue; // the column has its fields, too
    if (!rs_grow(&d->v, &d->cap, d->n + 1, sizeof d->v[0])) return rs_nomem(d->e);
    const char *count = rs_arena_printf(d->a, "count(*) FILTER (WHERE substr(%s, 1, 1) = '%c')",
                                        side, (char)tag);
    if (count == NULL) return rs_nomem(d->e);
    d->v[d->n++] = (struct probe){.path = p->path, .type = rs_boxed_kind_name(i), .count = count};
  }
  p->expr = rs_arena_printf(d->a, "(CASE WHEN %s IS NULL OR substr(%s, 1, 1) = '%c' THEN %s END)",
                            side, side, (char)RS_BOXED_EXACT, p->expr);
  return p->expr != NULL ? RS_OK : rs_nomem(d->e);
}

/* ---- the query ------------------------------------------------------------------------------- */

static enum rs_code probe_columns(struct describe *d, const struct rs_columns *columns)
{
  bool duckdb = rs_eq(d->s->target->dialect->name, "duckdb");
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < columns->n && rc == RS_OK; i++) {
    const struct rs_column *c = &columns->v[i];
    const char *field = rs_field_of(d->a, c->name);
    if (field == NULL) return rs_nomem(d->e);
    struct place p = {.path = below(d, NULL, field), .expr = quoted(d, c->name), .depth = 1};
    struct rs_doc_type t;
    if (p.path == NULL || p.expr == NULL) return rs_nomem(d->e);
    if (c->side != RS_SIDE_NONE && (rc = add_side(d, c, &p)) != RS_OK) return rc;
    bool nested = duckdb && (c->type == RS_T_JSON || c->type == RS_T_MIXED);
    if (!nested) {
      rc = add(d, &p, rs_column_rockset_type(c), NULL);
    } else {
      rc = rs_doc_parse_type(c->native, d->a, &t, d->e);
      if (rc == RS_OK) rc = walk_type(d, &p, &t);
    }
  }
  return rc;
}

static enum rs_code count(struct describe *d, const struct rs_relation *rel, int64_t *total)
{
  struct rs_buf b;
  struct rs_rows *rows = NULL;
  struct rs_value v;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT count(*)");
  for (size_t i = 0; i < d->n; i++) {
    rs_buf_printf(&b, ",\n%s", d->v[i].count);
    if (d->v[i].total != NULL) rs_buf_printf(&b, ", %s", d->v[i].total);
  }
  rs_buf_str(&b, "\nFROM ");
  rs_relation_sql(d->s->target->dialect, &b, rel);
  enum rs_code rc = rs_buf_error(&b, d->e, "DESCRIBE");
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_query(d->s, &st, &rows, d->e);
  if (rc == RS_OK) rc = rs_rows_next(rows, d->e);
  if (rc == RS_OK) {
    size_t column = 1;
    rs_rows_get(rows, 0, &v);
    *total = v.i;
    for (size_t i = 0; i < d->n; i++) {
      rs_rows_get(rows, column++, &v);
      d->v[i].n = v.kind == RS_INT ? v.i : 0;
      d->v[i].of = *total;
      if (d->v[i].total == NULL) continue;
      rs_rows_get(rows, column++, &v);
      d->v[i].of = v.kind == RS_INT ? v.i : 0;
    }
  }
  rs_rows_close(rows);
  rs_buf_free(&b);
  return rc == RS_DONE ? rs_fail(d->e, RS_INTERNAL, "DESCRIBE: no row") : rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
  const struct probe *x = a, *y = b;
  int order = strcmp(x->path, y->path);
  return order != 0 ? order : strcmp(x->type, y->type);
}

/* A field that no document has is not there; the special ones always are: clients that find no row
** at all fail. */
static bool is_shown(const struct probe *x)
{
  return x->n > 0 || rs_eq(x->path, "\"_id\"") || rs_eq(x->path, "\"_event_time\"") ||
         rs_eq(x->path, "\"_meta\"");
}

static enum rs_code add_meta(struct describe *d, int64_t total)
{
  if (!rs_grow(&d->v, &d->cap, d->n + 1, sizeof d->v[0])) return rs_nomem(d->e);
  d->v[d->n++] = (struct probe){.path = "\"_meta\"", .type = "object", .n = total, .of = total};
  return RS_OK;
}

/* A type may be the column's and its sidecar's: one row. Sorted. */
static void unite(struct describe *d)
{
  size_t n = 0;
  for (size_t i = 0; i < d->n; i++) {
    if (n > 0 && by_path(&d->v[n - 1], &d->v[i]) == 0) d->v[n - 1].n += d->v[i].n;
    else d->v[n++] = d->v[i];
  }
  d->n = n;
}

enum rs_code rs_session_fields(struct rs_session *s, const struct rs_relation *rel, int64_t depth,
                               struct rs_arena *a, rs_field_fn fn, void *ctx, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  enum rs_relation_kind kind;
  int64_t total = 0;
  struct describe d = {.s = s, .a = a, .e = e, .depth = depth};
  enum rs_code rc = rs_session_describe(s, rel, &columns, &kind, e);
  if (rc == RS_OK && kind == RS_REL_VIEW)
    rc = rs_fail(e, RS_INVALID, "DESCRIBE: '%s.%s' is a view, not a collection", rel->workspace,
                 rel->name);
  if (rc == RS_OK) rc = probe_columns(&d, &columns);
  if (rc == RS_OK) rc = count(&d, rel, &total);
  if (rc == RS_OK && rs_columns_find(&columns, "_meta") < 0) rc = add_meta(&d, total);
  if (rc == RS_OK && d.n > 0) qsort(d.v, d.n, sizeof d.v[0], by_path);
  unite(&d);
  for (size_t i = 0; i < d.n && rc == RS_OK; i++) {
    const struct probe *x = &d.v[i];
    const struct rs_field_count f = {x->path, x->type, x->n, x->of};
    if (is_shown(x)) rc = fn(ctx, &f);
  }
  rs_columns_free(&columns);
  rs_free(d.v);
  return rc;
}
