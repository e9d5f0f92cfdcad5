/*
** Materializations of SQL engines (engine/engine.h): each leaves the old relation readable until
** the new one is complete, and in place when anything fails.
**
** Where DDL is transactional (DuckDB) a table is built aside, the old relation dropped by what it
** really is, and the new one renamed, all in one transaction: OR REPLACE fails between table and
** view. Elsewhere CREATE OR REPLACE is what there is.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/sql/relname.h"
#include "sql.h"
#include "control.h"

struct job {
  const struct rs_relation *rel;
  const char *sql;
  const char *const *keys;
  size_t nkeys;
  bool materialized;   /* a materialized view is made */
  const char *columns; /* of the table to make; NULL: the query's */
  bool count;          /* rows are wanted */
  bool no_view;        /* under the name is a table or nothing, as far as one knows */
  bool mistaken;       /* it was a view after all */
  char *note;          /* rs_build's; may be NULL */
  int64_t rows;
};

/* Drops whatever stands under the name. A table that makes room for a table is the same collection
** still: what is known of it stays. */
static enum rs_code drop_old(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind kind, struct rs_error *e)
{
  if (kind == RS_REL_TABLE) return rs_sql_run(s, NULL, e, "DROP TABLE %r", rel);
  return rs_sql_drop_kind(s, rel, kind, e);
}

/* Where the statement that made the table did not tell. */
static enum rs_code count_rows(struct rs_session *s, struct job *j, const struct rs_relation *rel,
                               struct rs_error *e)
{
  if (!j->count || j->rows >= 0) return RS_OK;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT count(*) FROM %r", rel);
  return rs_sql_int(s, &b, &j->rows, e);
}

static enum rs_code insert_by_name(struct rs_session *s, const char *into,
                                   const struct rs_columns *columns, const char *query,
                                   int64_t *affected, struct rs_error *e);
static char *relation_text(struct rs_session *s, const struct rs_relation *rel);
static enum rs_code try_query(struct rs_session *s, const char *sql, struct rs_error *e);

/* ---- tables ---------------------------------------------------------------------------------- */

/* A table of the columns that the caller wrote down, filled by name. */
static enum rs_code create_typed(struct rs_session *s, struct job *j,
                                 const struct rs_relation *aside, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  enum rs_code rc = rs_sql_run(s, NULL, e, "CREATE TABLE %r (%s)", aside, j->columns);
  if (rc != RS_OK) return rc;
  rc = rs_sql_columns_of(s, aside, &columns, e);
  char *into = rc == RS_OK ? relation_text(s, aside) : NULL;
  if (rc == RS_OK && into == NULL) rc = rs_nomem(e);
  if (rc == RS_OK) rc = insert_by_name(s, into, &columns, j->sql, &j->rows, e);
  rs_free(into);
  rs_columns_free(&columns);
  return rc;
}

/*
** Is there certainly no view under that name? What the engine's catalog says costs time for each
** relation of the target; a query of row numbers finds out at once. Only a guess: what follows is
** made so that it fails when it was wrong.
*/
static bool is_no_view(struct rs_session *s, const struct rs_relation *rel)
{
  struct rs_columns columns = {NULL, 0};
  struct rs_buf b;
  const char *row_id = rs_sql_catalog_of(s)->row_id;
  if (row_id == NULL || s->in_transaction) return false;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT %s FROM %r", row_id, rel);
  enum rs_code rc = rs_sql_columns(s, &b, &columns, NULL);
  rs_columns_free(&columns);
  return rc == RS_OK || rc == RS_NOT_FOUND;
}

/* Makes room for the new table; *views gets what has to go with the old one. */
static enum rs_code drop_before(struct rs_session *s, struct job *j, struct rs_sql_views *views,
                                struct rs_error *e)
{
  enum rs_relation_kind kind = RS_REL_NONE;
  if (!j->no_view) {
    enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
    if (rc == RS_OK && kind != RS_REL_NONE) rc = rs_sql_views_take(s, j->rel, views, e);
    return rc == RS_OK ? drop_old(s, j->rel, kind, e) : rc;
  }
  enum rs_code rc = rs_sql_run(s, NULL, e, "DROP TABLE IF EXISTS %r", j->rel);
  j->mistaken = rc != RS_OK && e->refused == RS_REFUSED_KIND;
  return rc;
}

/* The table that was built aside gets the name. */
static enum rs_code put_in_place(struct rs_session *s, struct job *j,
                                 const struct rs_relation *aside, struct rs_error *e)
{
  struct rs_sql_views views = {.n = 0};
  enum rs_code rc = drop_before(s, j, &views, e);
  if (rc == RS_OK) {
    rc = rs_sql_run(s, NULL, e, "ALTER %s %r RENAME TO %i",
                    j->materialized ? "MATERIALIZED VIEW" : "TABLE", aside, j->rel->name);
  }
  if (rc == RS_OK)
    rc = rs_sql_views_restore(s, &views, j->note, sizeof((struct rs_build *)0)->note, e);
  rs_sql_views_free(&views);
  return rc;
}

static enum rs_code replace_table(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  j->rows = -1; // of an earlier try
  struct rs_relation aside = rs_relation_beside(j->rel, rs_sql_aside_name(&a, "tmp", j->rel->name));
  enum rs_code rc = aside.name != NULL ? RS_OK : rs_nomem(e);
  // a line of its own for the query: its text is the user's, and so are the line numbers in errors
  if (rc == RS_OK && j->columns != NULL) rc = create_typed(s, j, &aside, e);
  else if (rc == RS_OK)
    rc = rs_sql_run(s, &j->rows, e,
                    s->target->dialect->plain_create ? "CREATE %s %r AS\n%s\n"
                                                     : "CREATE %s %r AS (\n%s\n)",
                    j->materialized ? "MATERIALIZED VIEW" : "TABLE", &aside, j->sql);
  if (rc == RS_OK) rc = count_rows(s, j, &aside, e);
  if (rc == RS_OK) rc = put_in_place(s, j, &aside, e);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_put_in_place(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *aside, struct rs_error *e)
{
  struct job j = {.rel = rel};
  return put_in_place(s, &j, aside, e);
}

/* Engines without transactional DDL: atomic by themselves, but not between table and view. */
static enum rs_code replace_table_at_once(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
  if (rc == RS_OK && kind != RS_REL_TABLE && kind != RS_REL_NONE) rc = try_query(s, j->sql, e);
  if (rc == RS_OK && kind != RS_REL_TABLE) rc = drop_old(s, j->rel, kind, e);
  if (rc == RS_OK) {
    rc = rs_sql_run(s, &j->rows, e, "CREATE OR REPLACE TABLE %r AS (\n%s\n)", j->rel, j->sql);
  }
  return rc;
}

static enum rs_code build_table(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_build *how, int64_t *rows,
                                struct rs_error *e)
{
  // how->in_place: nobody sees the old one go
  struct job j = {.rel = rel,
                  .sql = sql,
                  .materialized = how->kind == RS_BUILD_MATERIALIZED_VIEW,
                  .columns = how->columns,
                  .count = rows != NULL,
                  .note = how->note,
                  .rows = -1};
  const bool aside = s->target->dialect->transactional_ddl &&
                     (rs_session_caps(s) & RS_CAP_TRANSACTIONS);
  if (j.columns != NULL && !aside)
    return rs_engine_lacks(s, "tables with declared columns (a contract)", e);
  if (j.materialized && (rs_sql_catalog_of(s)->materialized == NULL || !aside))
    return rs_engine_lacks(s, "materialized views", e);
  struct rs_error own = {0};
  if (e == NULL) e = &own; // it decides
  rs_sql_work work = aside ? replace_table : replace_table_at_once;
  j.no_view = work == replace_table && is_no_view(s, rel);
  enum rs_code rc = rs_sql_transact(s, rel, true, work, &j, e);
  if (rc != RS_OK && j.mistaken) {
    j.no_view = false;
    rc = rs_sql_transact(s, rel, true, work, &j, e);
  }
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}

/* ---- views ----------------------------------------------------------------------------------- */

/* Is all there that the query reads? Asked before the relation of the view's name goes. */
static enum rs_code try_query(struct rs_session *s, const char *sql, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, sql);
  enum rs_code rc = rs_sql_columns(s, &b, &columns, e);
  if (rc == RS_OK) rs_columns_free(&columns);
  return rc;
}

static enum rs_code replace_view(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  struct rs_columns columns;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
  if (rc == RS_OK && kind == RS_REL_TABLE) rc = rs_sql_alias_refuse(s, j->rel, e);
  if (rc == RS_OK && kind == RS_REL_TABLE) rc = try_query(s, j->sql, e);
  bool tried = rc == RS_OK && kind == RS_REL_TABLE; // what it misses from now on is the table
  struct rs_sql_views views = {.n = 0};
  if (rc == RS_OK && kind == RS_REL_TABLE) rc = rs_sql_views_take(s, j->rel, &views, e);
  if (rc == RS_OK && kind == RS_REL_TABLE) rc = drop_old(s, j->rel, kind, e);
  // whoever keeps a text or a description of the view writes it afterwards
  if (rc == RS_OK && kind != RS_REL_NONE) rc = rs_sql_control_forget(s, j->rel, e);
  if (rc == RS_OK) {
    const bool plain = s->target->dialect->plain_create;
    char *body = rs_mprintf(plain ? "%s" : "(\n%s\n)", j->sql);
    bool exists = kind == RS_REL_VIEW || kind == RS_REL_ALIAS;
    rc = body != NULL ? rs_sql_make_view(s, j->rel, exists, body, e) : rs_nomem(e);
    rs_free(body);
  }
  if (rc == RS_OK) rc = rs_sql_views_restore(s, &views, NULL, 0, e);
  rs_sql_views_free(&views);
  // DuckDB takes a view that reads itself, and fails when it is read: read it now
  rs_sql_add(s, &b, "SELECT * FROM %r", j->rel);
  if (rc != RS_OK) rs_buf_free(&b);
  else rc = rs_sql_columns(s, &b, &columns, e);
  if (rc == RS_OK) rs_columns_free(&columns);
  if (rc != RS_OK && e != NULL &&
      (e->refused == RS_REFUSED_RECURSION || (tried && rc == RS_NOT_FOUND))) {
    (void)rs_error_prefix(e, "view '%s.%s': a view can't read the relation that it replaces",
                          j->rel->workspace, j->rel->name);
  }
  return rc;
}

enum rs_code rs_sql_replace(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                            struct rs_build *how, int64_t *rows, struct rs_error *e)
{
  struct job j = {.rel = rel, .sql = sql};
  if (how->kind == RS_BUILD_VIEW) return rs_sql_transact(s, rel, true, replace_view, &j, e);
  return build_table(s, rel, sql, how, rows, e);
}

/* ---- rows into a table ----------------------------------------------------------------------- */

/* Adds the columns of `of` that `in` lacks: 'a', 'b'; returns how many. */
static size_t add_missing(const struct rs_session *s, struct rs_buf *b, const struct rs_columns *of,
                          const struct rs_columns *in)
{
  size_t n = 0;
  for (size_t i = 0; i < of->n; i++) {
    if (rs_sql_find_column(s, in, of->v[i].name) >= 0) continue;
    rs_buf_printf(b, "%s'%s'", n++ > 0 ? ", " : "", of->v[i].name);
  }
  return n;
}

/* RS_INVALID unless the query and the relation have the same columns, in whatever order. */
static enum rs_code compare_columns(struct rs_session *s, const struct job *j,
                                    const struct rs_columns *relation,
                                    const struct rs_columns *query, struct rs_error *e)
{
  struct rs_buf gives, lacks;
  rs_buf_init(&gives, 1 << 20);
  rs_buf_init(&lacks, 1 << 20);
  size_t more = add_missing(s, &gives, query, relation);
  size_t less = add_missing(s, &lacks, relation, query);
  const char *workspace = j->rel->workspace, *name = j->rel->name;
  enum rs_code rc = RS_OK;
  if (more > 0 && less > 0) {
    rc = rs_fail(e, RS_INVALID,
                 "the query gives column%s %s that '%s.%s' lacks; it lacks column%s %s",
                 more == 1 ? "" : "s", rs_buf_text(&gives), workspace, name, less == 1 ? "" : "s",
                 rs_buf_text(&lacks));
  } else if (more > 0) {
    rc = rs_fail(e, RS_INVALID, "the query gives column%s %s that '%s.%s' lacks",
                 more == 1 ? "" : "s", rs_buf_text(&gives), workspace, name);
  } else if (less > 0) {
    rc = rs_fail(e, RS_INVALID, "the query lacks column%s %s of '%s.%s'", less == 1 ? "" : "s",
                 rs_buf_text(&lacks), workspace, name);
  }
  rs_buf_free(&gives);
  rs_buf_free(&lacks);
  return rc;
}

/* The relation is a table and the query fits it. *columns: the relation's (rs_columns_free). */
static enum rs_code check_fit(struct rs_session *s, const struct job *j, struct rs_columns *columns,
                              struct rs_error *e)
{
  struct rs_columns query = {NULL, 0};
  struct rs_buf b;
  *columns = query;
  enum rs_code rc = rs_sql_need_table(s, j->rel, e);
  if (rc == RS_OK) rc = rs_sql_columns_of(s, j->rel, columns, e);
  if (rc == RS_OK) {
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_buf_str(&b, j->sql);
    rc = rs_sql_columns(s, &b, &query, e);
  }
  if (rc == RS_OK) rc = compare_columns(s, j, columns, &query, e);
  rs_columns_free(&query);
  if (rc != RS_OK) rs_columns_free(columns);
  return rc;
}

/* INSERT by column name: where the engine has no BY NAME the columns are written out. */
static enum rs_code insert_by_name(struct rs_session *s, const char *into,
                                   const struct rs_columns *columns, const char *query,
                                   int64_t *affected, struct rs_error *e)
{
  if (rs_sql_catalog_of(s)->by_name) {
    return rs_sql_run(s, affected, e, "INSERT INTO %s BY NAME (\n%s\n)", into, query);
  }
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %s (", into);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < columns->n; i++) {
      rs_sql_add(s, &b, i > 0 ? ", %i" : "%i", columns->v[i].name);
    }
    rs_buf_str(&b, pass == 0 ? ") SELECT " : "");
  }
  rs_sql_add(s, &b, " FROM (\n%s\n) AS q", query);
  return rs_sql_run_buf(s, &b, affected, e);
}

static char *relation_text(struct rs_session *s, const struct rs_relation *rel)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "%r", rel);
  return rs_buf_take(&b);
}

static enum rs_code insert_select(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  struct rs_columns columns;
  enum rs_code rc = check_fit(s, j, &columns, e);
  if (rc != RS_OK) return rc;
  char *into = relation_text(s, j->rel);
  rc = into != NULL ? insert_by_name(s, into, &columns, j->sql, &j->rows, e) : rs_nomem(e);
  rs_free(into);
  rs_columns_free(&columns);
  return rc;
}

/* Runs work on the table that rel stands for. */
static enum rs_code into_table(struct rs_session *s, const struct rs_relation *rel,
                               rs_sql_work work, struct job *j, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation table;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_sql_writable(s, rel, &a, &table, e);
  j->rel = &table;
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, work, j, e);
  if (rc == RS_OK && rows != NULL) *rows = j->rows;
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_insert_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, int64_t *rows, struct rs_error *e)
{
  struct job j = {.sql = sql, .count = rows != NULL, .rows = -1};
  return into_table(s, rel, insert_select, &j, rows, e);
}

/* ---- upsert ---------------------------------------------------------------------------------- */

enum rs_code rs_sql_merge_stage(struct rs_session *s, const struct rs_relation *rel,
                                const char *stage, const struct rs_keys *k, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_begin_delete(s, &b, rel, stage);
  rs_sql_add_keys(s, &b, k, "t.%i = q.%i", " AND ");
  rs_sql_end_delete(s, &b);
  enum rs_code rc = rs_sql_run_buf(s, &b, NULL, e);
  if (rc != RS_OK) return rc;
  struct rs_columns columns;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %s", stage);
  rc = rs_sql_columns(s, &b, &columns, e);
  char *into = rc == RS_OK ? relation_text(s, rel) : NULL;
  char *query = rs_mprintf("SELECT * FROM %s", stage);
  if (rc == RS_OK && (into == NULL || query == NULL)) rc = rs_nomem(e);
  if (rc == RS_OK) rc = insert_by_name(s, into, &columns, query, NULL, e);
  rs_free(into);
  rs_free(query);
  rs_columns_free(&columns);
  return rc;
}

/* The stage has the relation's types, so that keys are compared as the relation compares them. */
static enum rs_code upsert_through(struct rs_session *s, struct job *j, const char *stage,
                                   const struct rs_columns *columns, struct rs_error *e)
{
  const struct rs_keys keys = {j->keys, j->nkeys};
  enum rs_code rc = insert_by_name(s, stage, columns, j->sql, &j->rows, e);
  if (rc == RS_OK) rc = rs_sql_check_keys(s, j->rel, stage, &keys, e);
  if (rc == RS_OK && j->count) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(s, &b, "SELECT count(*) FROM %s", stage);
    rc = rs_sql_int(s, &b, &j->rows, e);
  }
  if (rc == RS_OK) rc = rs_sql_merge_stage(s, j->rel, stage, &keys, e);
  return rc;
}

static enum rs_code check_key_columns(struct rs_session *s, const struct job *j,
                                      const struct rs_columns *columns, struct rs_error *e)
{
  for (size_t i = 0; i < j->nkeys; i++) {
    if (rs_sql_find_column(s, columns, j->keys[i]) >= 0) continue;
    return rs_fail(e, RS_INVALID, "key column '%s' does not exist in '%s.%s'", j->keys[i],
                   j->rel->workspace, j->rel->name);
  }
  return RS_OK;
}

static enum rs_code upsert_select(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  struct rs_columns columns;
  enum rs_code rc = check_fit(s, j, &columns, e);
  if (rc != RS_OK) return rc;
  rc = check_key_columns(s, j, &columns, e);
  if (rc != RS_OK) {
    rs_columns_free(&columns);
    return rc;
  }
  struct rs_arena a;
  rs_arena_init(&a, 0);
  const char *stage = rs_sql_aside_name(&a, "stage", NULL); // needs no quotes
  rc = stage != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) {
    rc = rs_sql_run(s, NULL, e, "CREATE TEMP TABLE %s AS SELECT * FROM %r LIMIT 0", stage, j->rel);
  }
  if (rc == RS_OK) {
    rc = upsert_through(s, j, stage, &columns, e);
    // a transaction of the caller may go on after a refused key; an aborted one has dropped it
    struct rs_error ignored = {0};
    enum rs_code dropped = RS_OK;
    if (rc == RS_OK || rc == RS_CONSTRAINT) {
      dropped = rs_sql_run(s, NULL, &ignored, "DROP TABLE IF EXISTS %s.%s",
                           s->target->dialect->temp, stage);
    }
    if (rc == RS_OK && dropped != RS_OK) {
      rc = dropped;
      if (e != NULL) *e = ignored;
    }
  }
  rs_columns_free(&columns);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_upsert_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, const char *const *keys, size_t nkeys,
                                  int64_t *rows, struct rs_error *e)
{
  if (s->target->dialect->temp == NULL) return rs_engine_lacks(s, "rows replaced by key", e);
  enum rs_code can = rs_sql_need_transaction(
    s, "replacing rows by key",
    "build the table anew (materialization table), or only add rows (no unique_key)", e);
  if (can != RS_OK) return can;
  if (nkeys == 0) {
    return rs_fail(e, RS_INVALID, "'%s.%s': an upsert needs a key column", rel->workspace,
                   rel->name);
  }
  struct job j = {.sql = sql, .keys = keys, .nkeys = nkeys, .count = rows != NULL, .rows = -1};
  return into_table(s, rel, upsert_select, &j, rows, e);
}
