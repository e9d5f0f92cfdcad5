/*
** Files into a collection of a SQL engine that is no DuckDB (rs_session_load): the rows of the
** private engine are ingested as a table of the dialect's types, which becomes the collection, or
** whose rows are added to it. All of it in the caller's transaction.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/slots.h"
#include "src/engine/load/load.h"
#include "sql.h"

static const char *const id[] = {"_id"};

static enum rs_code describe(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_columns *out, struct rs_error *e)
{
  enum rs_code rc = rs_sql_columns_of(s, rel, out, e);
  return rc == RS_OK ? rs_sql_natives(s, rel, out, e) : rc;
}

/* ---- types ----------------------------------------------------------------------------------- */

static bool is_number(enum rs_type t)
{
  return t == RS_T_INT || t == RS_T_HUGEINT || t == RS_T_FLOAT || t == RS_T_DECIMAL;
}

/* The type that holds the values of both. */
static const char *unify(const struct rs_dialect *d, const struct rs_column *has,
                         const struct rs_column *got)
{
  enum rs_type a = has->type, b = got->type;
  if (a == b || d->any_values || rs_casecmp(has->name, "_id") == 0) return has->native;
  if (is_number(a) && is_number(b)) {
    if (a == RS_T_INT) return got->native;
    if (b == RS_T_INT || a == RS_T_FLOAT) return has->native;
    return b == RS_T_FLOAT ? got->native : d->type_names[RS_T_DECIMAL];
  }
  if (a == RS_T_TIMESTAMP && b == RS_T_DATE) return has->native;
  if (a == RS_T_DATE && b == RS_T_TIMESTAMP) return got->native;
  if (a == RS_T_OTHER) return has->native;
  return d->type_names[RS_T_MIXED];
}

/* A value of `from` as `to`: scalars become JSON of their own type. */
static void add_cast(const struct rs_session *s, struct rs_buf *b, const char *expr,
                     const struct rs_column *from, const char *to)
{
  const struct rs_dialect *d = s->target->dialect;
  bool json = d->mixed_json && rs_eq(to, d->type_names[RS_T_MIXED]) && from->type != RS_T_JSON;
  const char *at = json ? strstr(d->json_text, "%s") : NULL;
  if (d->any_values) rs_buf_str(b, expr);
  else if (at != NULL)
    rs_buf_printf(b, "%.*s%s%s", (int)(at - d->json_text), d->json_text, expr, at + 2);
  else rs_buf_printf(b, "CAST(%s AS %s)", expr, to);
}

static enum rs_code widen(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_column *has, const char *to, struct rs_error *e)
{
  struct rs_buf b, name;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_dialect_ident(s->target->dialect, &name, has->name);
  rs_sql_add(s, &b, "ALTER TABLE %r ALTER COLUMN %i TYPE %s USING ", rel, has->name, to);
  add_cast(s, &b, rs_buf_text(&name), has, to);
  if (name.rc != RS_OK) b.rc = name.rc;
  rs_buf_free(&name);
  return rs_sql_run_buf(s, &b, NULL, e);
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* INSERT INTO rel (names) SELECT casts FROM stage */
static enum rs_code insert(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_relation *stage, const struct rs_columns *got,
                           const char *const *types, struct rs_error *e)
{
  struct rs_buf b, name;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %r (", rel);
  for (size_t i = 0; i < got->n; i++) rs_sql_add(s, &b, i > 0 ? ", %i" : "%i", got->v[i].name);
  rs_buf_str(&b, ") SELECT ");
  for (size_t i = 0; i < got->n; i++) {
    rs_buf_clear(&name);
    rs_dialect_ident(s->target->dialect, &name, got->v[i].name);
    rs_buf_str(&b, i > 0 ? ", " : "");
    add_cast(s, &b, rs_buf_text(&name), &got->v[i], types[i]);
    if (name.rc != RS_OK) b.rc = name.rc;
  }
  rs_sql_add(s, &b, " FROM %r", stage);
  rs_buf_free(&name);
  return rs_sql_run_buf(s, &b, NULL, e);
}

static enum rs_code append(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_relation *stage, bool has_ids, struct rs_arena *a,
                           struct rs_error *e)
{
  struct rs_columns has = {NULL, 0}, got = {NULL, 0};
  enum rs_code rc = describe(s, rel, &has, e);
  if (rc == RS_OK) rc = describe(s, stage, &got, e);
  const char **types = rs_arena_calloc(a, (got.n + 1) * sizeof types[0]);
  if (rc == RS_OK && types == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < got.n && rc == RS_OK; i++) {
    int at = rs_sql_find_column(s, &has, got.v[i].name);
    types[i] = at >= 0 ? unify(s->target->dialect, &has.v[at], &got.v[i]) : got.v[i].native;
    if (at < 0) {
      rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", rel, got.v[i].name, types[i]);
    } else if (!rs_eq(types[i], has.v[at].native)) {
      rc = widen(s, rel, &has.v[at], types[i], e);
    }
  }
  if (rc == RS_OK && has_ids) rc = rs_sql_check_ids(s, rel, stage, "_id", e);
  if (rc == RS_OK && has_ids) {
    struct rs_buf b, from;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_buf_init(&from, RS_BUF_SQL_MAX);
    rs_sql_add(s, &from, "%r", stage);
    if (from.rc != RS_OK) b.rc = from.rc;
    rs_sql_begin_delete(s, &b, rel, rs_buf_text(&from));
    rs_sql_add(s, &b, "t.%i = q.%i", "_id", "_id");
    rs_sql_end_delete(s, &b);
    rs_buf_free(&from);
    rc = rs_sql_run_buf(s, &b, NULL, e);
  }
  if (rc == RS_OK) rc = insert(s, rel, stage, &got, types, e);
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "DROP TABLE %r", stage);
  rs_columns_free(&has);
  rs_columns_free(&got);
  return rc;
}

static enum rs_code replace(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_relation *stage, enum rs_relation_kind old,
                            struct rs_error *e)
{
  struct rs_sql_views views;
  enum rs_code rc = rs_sql_views_take(s, rel, &views, e);
  if (rc == RS_OK && old == RS_REL_TABLE) rc = rs_sql_run(s, NULL, e, "DROP TABLE %r", rel);
  else if (rc == RS_OK) rc = rs_sql_drop_kind(s, rel, old, e);
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r RENAME TO %i", stage, rel->name);
  if (rc == RS_OK) rc = rs_sql_views_restore(s, &views, NULL, 0, e);
  rs_sql_views_free(&views);
  return rc;
}

enum rs_code rs_sql_place_rows(struct rs_session *s, const struct rs_relation *rel,
                               const struct rs_relation *stage, bool has_ids, bool appends,
                               enum rs_relation_kind old, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_buf b;
  enum rs_code rc = RS_OK;
  rs_arena_init(&a, 0);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (has_ids) {
    const struct rs_keys keys = {id, 1};
    rs_sql_add(s, &b, "%r", stage);
    rc = rs_buf_error(&b, e, "statement");
    if (rc == RS_OK) rc = rs_sql_check_keys(s, rel, rs_buf_text(&b), &keys, e);
  }
  if (rc == RS_OK) {
    rc = appends && old != RS_REL_NONE ? append(s, rel, stage, has_ids, &a, e)
                                       : replace(s, rel, stage, old, e);
  }
  rs_buf_free(&b);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_load_rows(struct rs_session *s, const struct rs_relation *rel,
                              struct rs_load_source *src, bool appends, enum rs_relation_kind old,
                              int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  const struct rs_relation stage = {.workspace = rel->workspace,
                                    .name = rs_sql_aside_name(&a, "load", NULL)};
  enum rs_code rc = stage.name != NULL ? rs_load_send(s, src, &stage, rows, e) : rs_nomem(e);
  if (rc == RS_OK) rc = rs_sql_place_rows(s, rel, &stage, src->has_ids, appends, old, e);
  rs_arena_free(&a);
  return rc;
}
