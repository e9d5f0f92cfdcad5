/*
** Rows of a query as documents of a collection (rs_sql_append_select): what `INSERT INTO` means
** where collections have no schema.
**
** The query's result becomes a temporary stage, whose columns are then known exactly. Columns that
** the collection lacks are added, sidecars (value/boxed.h) among them; where types differ, values
** that the common type can't tell get one (engine/documents/merge.c). Rows with an `_id` replace
** those of the same one, all in one transaction.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/slots.h"
#include "src/engine/load/load.h"
#include "sql.h"
#include "control.h"

struct job {
  const struct rs_relation *rel;
  const char *sql;
  struct rs_arena *a;
  struct rs_relation stage;
  struct rs_load_fields has, got;
  int64_t rows;
};

static bool is_special(const char *name)
{
  return rs_casecmp(name, "_id") == 0 || rs_casecmp(name, "_event_time") == 0 ||
         rs_casecmp(name, "_meta") == 0;
}

/* ---- stage ----------------------------------------------------------------------------------- */

static enum rs_code describe_relation(struct rs_session *s, struct job *j,
                                      const struct rs_relation *rel, struct rs_load_fields *out,
                                      struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %r", rel);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  out->n = 0; // of a try before
  if (rc == RS_OK) rc = rs_load_describe(s, j->a, rs_buf_text(&b), out, e);
  rs_buf_free(&b);
  return rc;
}

/* The stage's columns get the names that they have in the collection. */
static enum rs_code describe_both(struct rs_session *s, struct job *j, struct rs_error *e)
{
  enum rs_code rc = describe_relation(s, j, &j->stage, &j->got, e);
  if (rc == RS_OK) rc = describe_relation(s, j, j->rel, &j->has, e);
  for (size_t i = 0; i < j->got.n && rc == RS_OK; i++) {
    j->got.v[i].name = rs_load_fields_column(&j->has, j->got.v[i].name, j->a);
    if (j->got.v[i].name == NULL) rc = rs_nomem(e);
  }
  return rc;
}

static enum rs_code fill_stage(struct rs_session *s, struct job *j, struct rs_error *e)
{
  struct rs_buf b;
  const char *name = rs_sql_aside_name(j->a, "stage", NULL);
  if (name == NULL) return rs_nomem(e);
  j->stage = (struct rs_relation){.workspace = "temp", .name = name};
  enum rs_code rc = rs_sql_run(s, NULL, e, "CREATE TEMP TABLE %i AS (\n%s\n)", j->stage.name,
                               j->sql);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (rc == RS_OK) {
    rs_sql_add(s, &b, "SELECT count(*) FROM %r", &j->stage);
    rc = rs_sql_int(s, &b, &j->rows, e);
  }
  return rc == RS_OK ? describe_both(s, j, e) : rc;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Has a field other types in the rows than in the collection? */
static bool differs(const struct job *j)
{
  for (size_t i = 0; i < j->got.n; i++) {
    const struct rs_load_field *f = &j->got.v[i];
    const struct rs_load_field *old = rs_load_fields_find(&j->has, f->name);
    if (old != NULL && !is_special(f->name) && !rs_eq(old->type, f->type)) return true;
  }
  return false;
}

static enum rs_code fit_columns(struct rs_session *s, struct job *j, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (differs(j)) {
    rc = rs_doc_merge(s, j->rel, &j->stage, j->a, e);
    if (rc == RS_OK) rc = describe_both(s, j, e);
  }
  for (size_t i = 0; i < j->got.n && rc == RS_OK; i++) {
    struct rs_load_field *f = &j->got.v[i];
    if (rs_casecmp(f->name, "_meta") == 0) continue; // the server's own: input is ignored
    if (rs_load_fields_find(&j->has, f->name) != NULL) continue;
    const char *type = rs_casecmp(f->name, "_id") == 0           ? "VARCHAR"
                       : rs_casecmp(f->name, "_event_time") == 0 ? "TIMESTAMP"
                       : rs_eq(f->type, "\"NULL\"")              ? "VARCHAR"
                                                                 : f->type;
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", j->rel, f->name, type);
  }
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* _event_time as the collection's type: times as they are, integers as microseconds. */
static const char *event_time(struct job *j, const struct rs_load_field *given, const char *type)
{
  if (given == NULL) return "now()::TIMESTAMP";
  bool number = strstr(given->type, "INT") != NULL;
  const char *value = number ? rs_arena_printf(j->a, "make_timestamp(%s)", given->expr)
                             : rs_arena_printf(j->a, "CAST(%s AS %s)", given->expr, type);
  return value != NULL ? rs_arena_printf(j->a, "coalesce(%s, now()::TIMESTAMP)", value) : NULL;
}

static enum rs_code insert_rows(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const struct rs_load_field *id = rs_load_fields_find(&j->got, "_id");
  const struct rs_load_field *when = rs_load_fields_find(&j->got, "_event_time");
  const struct rs_load_field *has_id = rs_load_fields_find(&j->has, "_id");
  const struct rs_load_field *has_when = rs_load_fields_find(&j->has, "_event_time");
  struct rs_buf b;
  size_t n = 0;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %r BY NAME (SELECT ", j->rel);
  if (id != NULL || has_id != NULL) {
    rs_sql_add(s, &b,
               id != NULL ? "coalesce(CAST(%s AS VARCHAR), CAST(uuid() AS VARCHAR)) AS %i"
                          : "%sCAST(uuid() AS VARCHAR) AS %i",
               id != NULL ? id->expr : "", "_id");
    n++;
  }
  if (when != NULL || has_when != NULL) {
    const char *value = event_time(j, when, has_when != NULL ? has_when->type : "TIMESTAMP");
    if (value == NULL) b.rc = RS_NOMEM;
    else rs_sql_add(s, &b, "%s%s AS %i", n++ > 0 ? ", " : "", value, "_event_time");
  }
  for (size_t i = 0; i < j->got.n; i++) {
    const struct rs_load_field *f = &j->got.v[i];
    if (is_special(f->name)) continue;
    rs_sql_add(s, &b, "%s%s AS %i", n++ > 0 ? ", " : "", f->expr, f->name);
  }
  rs_sql_add(s, &b, " FROM %r", &j->stage);
  // the last row of an _id wins; rows without one are different rows
  if (id != NULL)
    rs_sql_add(s, &b,
               " QUALIFY %s IS NULL OR row_number() OVER (PARTITION BY %s ORDER BY rowid DESC) = 1",
               id->expr, id->expr);
  rs_buf_char(&b, ')');
  return rs_sql_run_buf(s, &b, NULL, e);
}

static enum rs_code append_rows(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_code rc = rs_sql_need_table(s, j->rel, e);
  if (rc == RS_OK) rc = fill_stage(s, j, e);
  if (rc == RS_OK) rc = fit_columns(s, j, e);
  bool by_id = rs_load_fields_find(&j->got, "_id") != NULL;
  if (rc == RS_OK && by_id) rc = rs_sql_check_ids(s, j->rel, &j->stage, "_id", e);
  if (rc == RS_OK && by_id)
    rc = rs_sql_run(s, NULL, e,
                    "DELETE FROM %r AS t USING %r AS q WHERE t.%i = CAST(q.%i AS VARCHAR)", j->rel,
                    &j->stage, "_id", "_id");
  if (rc == RS_OK) rc = insert_rows(s, j, e);
  // a transaction that failed takes the stage with it
  return rc == RS_OK ? rs_sql_run(s, NULL, e, "DROP TABLE %r", &j->stage) : rc;
}

enum rs_code rs_sql_append_rows(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_arena *a, struct rs_error *e)
{
  struct job j = {.rel = rel, .sql = sql, .a = a, .rows = -1};
  enum rs_code rc = append_rows(s, &j, e);
  rs_free(j.has.v);
  rs_free(j.got.v);
  return rc;
}

enum rs_code rs_sql_append_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation to;
  if (!rs_sql_catalog_of(s)->by_name) return rs_sql_insert_select(s, rel, sql, rows, e);
  enum rs_code can = rs_sql_need_transaction(s, "adding rows whose columns may differ",
                                             "build the collection anew", e);
  if (can != RS_OK) return can;
  rs_arena_init(&a, 0);
  struct job j = {.rel = &to, .sql = sql, .a = &a, .rows = -1};
  enum rs_code rc = rs_sql_writable(s, rel, &a, &to, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &to, false, append_rows, &j, e);
  rs_free(j.has.v);
  rs_free(j.got.v);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}
