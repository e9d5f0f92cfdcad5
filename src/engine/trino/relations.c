/*
** Materializations on Trino (trino.h). Each statement commits by itself, so that every step must
** leave something whole behind:
**
**   a new table         CREATE TABLE ... AS: it is there when it is complete
**   one replaced        CREATE OR REPLACE TABLE ... AS where the connector has it: atomic
**   elsewhere           built aside; the old one is renamed, the new one takes its name, the old
**                       one is dropped. Between the two renames the name is free for a short time;
**                       what a crash left there is put right by the next run.
**   table for view, view for table    the same way
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/sql/relname.h"
#include "src/engine/sql/sql.h"
#include "src/engine/sql/control.h"
#include "trino.h"

#define MAX_ALIASES 100 /* of one collection */

struct job {
  const struct rs_relation *rel;
  const char *sql;
  const char *columns; /* as CREATE TABLE's brackets have them; NULL: the query's */
  bool in_place;
  int64_t rows;
};

/* ---- aliases --------------------------------------------------------------------------------- */

struct users {
  const struct rs_relation *rel;
  struct rs_relation v[MAX_ALIASES]; /* aliases that stand for rel, in the arena */
  size_t n;
  struct rs_arena a;
};

static enum rs_code see_alias(void *ctx, const struct rs_alias *alias)
{
  struct users *u = ctx;
  struct rs_relation c;
  if (alias->ncollections != 1) return RS_OK; // there are none of several (rs_sql_alias_text)
  enum rs_code rc = rs_relation_parse(alias->collections[0], "", "alias", &u->a, &c, NULL);
  if (rc != RS_OK) return rc == RS_NOMEM ? rc : RS_OK;
  if (rs_casecmp(c.workspace, u->rel->workspace) != 0 || rs_casecmp(c.name, u->rel->name) != 0)
    return RS_OK;
  if (u->n == MAX_ALIASES) return RS_OK;
  struct rs_relation *to = &u->v[u->n];
  *to = (struct rs_relation){.workspace = rs_arena_strdup(&u->a, alias->workspace),
                             .name = rs_arena_strdup(&u->a, alias->name),
                             .database = u->rel->database};
  if (to->workspace == NULL || to->name == NULL) return RS_NOMEM;
  u->n++;
  return RS_OK;
}

enum rs_code rs_trino_refresh_aliases(struct rs_session *s, const struct rs_relation *rel,
                                      struct rs_error *e)
{
  struct users u = {.rel = rel};
  rs_arena_init(&u.a, 0);
  enum rs_code rc = rs_sql_aliases_in(s, rel->database, NULL, see_alias, &u, e);
  if (rc == RS_NOMEM) rc = rs_nomem(e);
  for (size_t i = 0; i < u.n && rc == RS_OK; i++) {
    rc = rs_sql_run(s, NULL, e, "CREATE OR REPLACE VIEW %r AS SELECT * FROM %r", &u.v[i], rel);
  }
  rs_arena_free(&u.a);
  return rc;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static enum rs_code build_aside(struct rs_session *s, struct job *j, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_relation aside;
  enum rs_code rc = rs_trino_aside(j->rel, "tmp", &a, &aside, e);
  if (rc == RS_OK) {
    if (j->columns == NULL) {
      rc = rs_sql_run(s, &j->rows, e, "CREATE TABLE %r AS (\n%s\n)", &aside, j->sql);
    } else {
      rc = rs_sql_run(s, NULL, e, "CREATE TABLE %r (%s)", &aside, j->columns);
      if (rc == RS_OK) rc = rs_sql_insert_select(s, &aside, j->sql, &j->rows, e);
    }
    // a copy of it would lose what its columns say
    if (rc == RS_OK) rc = rs_trino_swap(s, j->rel, &aside, j->columns != NULL, e);
    if (rc != RS_OK) rs_trino_drop_anyway(s, "TABLE", &aside);
  }
  rs_arena_free(&a);
  return rc;
}

/* One of its own kind is replaced at once; what else has the name goes first. */
static enum rs_code replace_materialized(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  bool same = false;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK && kind != RS_REL_NONE) rc = rs_sql_is_materialized(s, j->rel, &same, e);
  if (rc == RS_OK && kind != RS_REL_NONE && !same) rc = rs_sql_drop_kind(s, j->rel, kind, e);
  if (rc != RS_OK) return rc;
  return rs_sql_run(s, NULL, e, "CREATE OR REPLACE MATERIALIZED VIEW %r AS\n%s", j->rel, j->sql);
}

/* After CREATE OR REPLACE TABLE, which *e says is not supported: that has one name in Trino,
** whether the connector can't replace a table or the query asks for something that there is not, of
** which the first error tells more. */
static enum rs_code build_instead(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const struct rs_error first = *e;
  enum rs_code rc = build_aside(s, j, e);
  if (rc == RS_UNSUPPORTED) *e = first;
  return rc;
}

static enum rs_code replace_table(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc != RS_OK) return rc;
  if (j->in_place && kind != RS_REL_NONE) {
    if (kind == RS_REL_TABLE) rc = rs_sql_run(s, NULL, e, "DROP TABLE %r", j->rel);
    else rc = rs_sql_drop_kind(s, j->rel, kind, e);
    kind = RS_REL_NONE;
  }
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_VIEW || kind == RS_REL_ALIAS || j->columns != NULL)
    return build_aside(s, j, e);
  rc = rs_sql_run(s, &j->rows, e, "CREATE %sTABLE %r AS (\n%s\n)",
                  kind == RS_REL_TABLE ? "OR REPLACE " : "", j->rel, j->sql);
  if (rc == RS_UNSUPPORTED && kind == RS_REL_TABLE) return build_instead(s, j, e);
  return rc == RS_OK && kind == RS_REL_TABLE ? rs_trino_refresh_aliases(s, j->rel, e) : rc;
}

/* Lists take a materialized view for a table, so that making a table under its name fails:
** only then one looks, and drops it. True: try again. */
static bool materialized_gave_way(struct rs_session *s, const struct rs_relation *rel,
                                  enum rs_code rc)
{
  bool is = false;
  if (rc == RS_OK || rc == RS_CANCELLED || rc == RS_NOMEM) return false;
  return rs_sql_is_materialized(s, rel, &is, NULL) == RS_OK && is &&
         rs_sql_run(s, NULL, NULL, "DROP MATERIALIZED VIEW %r", rel) == RS_OK;
}

/* ---- views ----------------------------------------------------------------------------------- */

/* The table keeps its name until the view was tried under another one. */
static enum rs_code view_for_table(struct rs_session *s, struct job *j, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_relation aside, old;
  enum rs_code rc = rs_trino_aside(j->rel, "tmp", &a, &aside, e);
  if (rc == RS_OK) rc = rs_trino_aside(j->rel, "old", &a, &old, e);
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "CREATE VIEW %r AS (\n%s\n)", &aside, j->sql);
  if (rc == RS_OK) {
    rs_trino_drop_anyway(s, "VIEW", &aside);
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r RENAME TO %r", j->rel, &old);
  }
  if (rc == RS_OK) {
    rc = rs_sql_run(s, NULL, e, "CREATE VIEW %r AS (\n%s\n)", j->rel, j->sql);
    if (rc == RS_OK) {
      rs_trino_drop_anyway(s, "TABLE", &old);
      rc = rs_sql_control_forget(s, j->rel, e);
    } else {
      rs_trino_rename_anyway(s, "TABLE", &old, j->rel->name);
      if (rc == RS_NOT_FOUND) { // what it found under the other name: the table that went
        (void)rs_error_prefix(e, "view '%s.%s': a view can't read the relation that it replaces",
                              j->rel->workspace, j->rel->name);
      }
    }
  }
  rs_arena_free(&a);
  return rc;
}

static enum rs_code replace_view(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc == RS_OK && kind == RS_REL_TABLE) rc = rs_sql_alias_refuse(s, j->rel, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_TABLE) return view_for_table(s, j, e);
  rc = rs_sql_run(s, NULL, e, "CREATE OR REPLACE VIEW %r AS (\n%s\n)", j->rel, j->sql);
  if (rc == RS_OK && kind != RS_REL_NONE) rc = rs_sql_control_forget(s, j->rel, e);
  return rc;
}

/* ---- any of them ----------------------------------------------------------------------------- */

static enum rs_code trino_replace(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, struct rs_build *how, int64_t *rows,
                                  struct rs_error *e)
{
  static const rs_sql_work works[] = {[RS_BUILD_TABLE] = replace_table,
                                      [RS_BUILD_VIEW] = replace_view,
                                      [RS_BUILD_MATERIALIZED_VIEW] = replace_materialized};
  struct rs_error own = {0};
  struct job j = {
    .rel = rel, .sql = sql, .columns = how->columns, .in_place = how->in_place, .rows = -1};
  if (e == NULL) e = &own; // it decides
  enum rs_code rc = rs_sql_transact(s, rel, true, works[how->kind], &j, e);
  if (how->kind != RS_BUILD_MATERIALIZED_VIEW && materialized_gave_way(s, rel, rc)) {
    *e = (struct rs_error){0};
    rc = rs_sql_transact(s, rel, true, works[how->kind], &j, e);
  }
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}

/* ---- rows by key, and as documents ----------------------------------------------------------- */

struct into {
  const struct rs_relation *rel;
  const char *sql;
  struct rs_keys keys;
  bool evolve;
  int64_t rows;
};

/* A stage of the query's rows; of documents, each has an `_id` and an `_event_time`. */
static enum rs_code fill_stage(struct rs_session *s, struct into *j,
                               const struct rs_relation *stage, bool *own_ids, struct rs_error *e)
{
  struct rs_columns got;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, j->sql);
  enum rs_code rc = rs_sql_columns(s, &b, &got, e);
  if (rc != RS_OK) return rc;
  *own_ids = rs_sql_find_column(s, &got, "_id") >= 0;
  bool own_time = rs_sql_find_column(s, &got, "_event_time") >= 0, first = true;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "CREATE TABLE %r AS SELECT ", stage);
  if (j->evolve && !*own_ids) rs_buf_str(&b, "CAST(uuid() AS VARCHAR) AS _id, ");
  if (j->evolve && !own_time) {
    rs_buf_str(&b, "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP(6)) AS _event_time, ");
  }
  for (size_t i = 0; i < got.n; i++, first = false) {
    const struct rs_column *c = &got.v[i];
    const char *sep = first ? "" : ", ";
    if (j->evolve && rs_casecmp(c->name, "_id") == 0) {
      rs_sql_add(s, &b, "%scoalesce(CAST(%i AS VARCHAR), CAST(uuid() AS VARCHAR)) AS %i", sep,
                 c->name, c->name);
    } else if (c->type == RS_T_TEXT || (c->type == RS_T_OTHER && rs_eq(c->native, "unknown"))) {
      rs_sql_add(s, &b, "%sCAST(%i AS VARCHAR) AS %i", sep, c->name, c->name);
    } else {
      rs_sql_add(s, &b, "%s%i", sep, c->name);
    }
  }
  rs_sql_add(s, &b, " FROM (\n%s\n) AS q", j->sql);
  rs_columns_free(&got);
  return rs_sql_run_buf(s, &b, &j->rows, e);
}

static enum rs_code merge_query(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct into *j = arg;
  struct rs_arena a;
  struct rs_relation stage = {.name = NULL};
  bool own_ids = false;
  enum rs_relation_kind kind = RS_REL_TABLE;
  enum rs_code rc = rs_sql_need_table(s, j->rel, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc != RS_OK) return rc;
  rs_arena_init(&a, 0);
  rc = rs_trino_aside(j->rel, "stage", &a, &stage, e);
  if (rc == RS_OK) rc = fill_stage(s, j, &stage, &own_ids, e);
  if (rc == RS_OK && j->evolve && own_ids) {
    j->keys = rs_trino_ids;
    rc = rs_sql_check_ids(s, j->rel, &stage, "_id", e);
  }
  if (rc == RS_OK && j->keys.n > 0) rc = rs_trino_check_keys(s, j->rel, &stage, &j->keys, e);
  if (rc == RS_OK)
    rc = rs_trino_merge(s, j->rel, &stage, &j->keys,
                        j->evolve ? RS_TRINO_EVOLVE | RS_TRINO_SIDES : 0, e);
  if (stage.name != NULL) rs_trino_drop_anyway(s, "TABLE", &stage);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code add_select(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                               const struct rs_adding *how, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation table;
  struct into j = {.rel = &table, .sql = sql, .evolve = how->keys == NULL, .rows = -1};
  if (how->keys == NULL && !how->evolves) return rs_sql_insert_select(s, rel, sql, rows, e);
  if (how->keys != NULL) j.keys = (struct rs_keys){how->keys, how->nkeys};
  if (how->keys != NULL && how->nkeys == 0)
    return rs_fail(e, RS_INVALID, "'%s.%s': an upsert needs a key column", rel->workspace,
                   rel->name);
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_sql_writable(s, rel, &a, &table, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, merge_query, &j, e);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  rs_arena_free(&a);
  return rc;
}

const struct rs_relation_ops rs_trino_relation_ops = {
  .describe = rs_sql_describe,
  .workspaces = rs_sql_workspaces,
  .relations = rs_sql_relations,
  .create = rs_sql_create,
  .drop = rs_sql_drop,
  .replace = trino_replace,
  .add_select = add_select,
  .apply = rs_trino_apply,
  .load = rs_trino_load,
  .push = rs_trino_push,
};
