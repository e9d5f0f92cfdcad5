/*
** Loading files into a collection (rs_session_load in engine/engine.h).
**
** The rows of a private engine (engine/load/source.c) are streamed into a stage of the target;
** then, in the same transaction, the stage becomes the collection, or its rows are added to it by
** name. The old contents stay readable until that commits. Peak memory is a few batches, whatever
** the size of the files: DuckDB writes what it gets to the file while the transaction is open.
**
** Documents whose values a column for each field can't tell come into the stage as documents do
** (engine/documents/load.c), and from there to a collection as the rows of a query do (append.c).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/load/load.h"
#include "src/engine/slots.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "sql.h"

struct job {
  const struct rs_relation *rel;
  struct rs_load_source *src;
  struct rs_arena *a;
  enum rs_push_mode mode;
  struct rs_relation stage;
  const char *stage_sql;     /* its quoted name */
  struct rs_load_fields got; /* the stage's fields, as they arrived */
  int64_t rows;
};

/* ---- stage ----------------------------------------------------------------------------------- */

static enum rs_code name_stage(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const char *name = rs_sql_aside_name(j->a, "load", j->rel->name);
  if (name == NULL) return rs_nomem(e);
  j->stage = (struct rs_relation){.workspace = j->rel->workspace, .name = name};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "%r", &j->stage);
  j->stage_sql = b.rc == RS_OK ? rs_arena_strdup(j->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return j->stage_sql != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code check_ids(struct rs_session *s, struct job *j, struct rs_error *e)
{
  static const char *const id[] = {"_id"};
  const struct rs_keys keys = {id, 1};
  return rs_sql_check_keys(s, j->rel, j->stage_sql, &keys, e);
}

/* Files to stage. The count is checked by the ingestion. */
static enum rs_code fill_stage(struct rs_session *s, struct job *j, struct rs_error *e)
{
  enum rs_code rc = name_stage(s, j, e);
  const char *all = rc == RS_OK ? rs_arena_printf(j->a, "SELECT * FROM %s", j->stage_sql) : NULL;
  if (all == NULL) return rs_nomem(e);
  rc = rs_load_send(s, j->src, &j->stage, &j->rows, e);
  j->got.n = 0; // of a try before
  if (rc == RS_OK) rc = rs_load_describe(s, j->a, all, &j->got, e);
  if (rc == RS_OK && j->got.n != j->src->fields.n) {
    rc = rs_fail(e, RS_INTERNAL, "%zu of %zu fields arrived", j->got.n, j->src->fields.n);
  }
  if (rc == RS_OK && j->src->has_ids) {
    rc = check_ids(s, j, e);
  }
  return rc;
}

/* Adds the stage's fields as `types` wants them: expr AS "name", ... */
static void add_values(struct rs_session *s, struct job *j, struct rs_buf *b,
                       const char *const *types)
{
  for (size_t i = 0; i < j->got.n; i++) {
    const struct rs_load_field *f = &j->got.v[i];
    const char *expr = rs_load_cast(j->a, f->expr, f->type, types[i]);
    if (expr == NULL) b->rc = RS_NOMEM;
    else rs_sql_add(s, b, "%s%s AS %i", i > 0 ? ", " : "", expr, f->name);
  }
}

/* ---- a new collection ------------------------------------------------------------------------ */

static enum rs_code make_new(struct rs_session *s, struct job *j, enum rs_relation_kind old,
                             struct rs_error *e)
{
  const char **types = rs_arena_alloc(j->a, (j->got.n + 1) * sizeof types[0]);
  bool exact = true;
  if (types == NULL) return rs_nomem(e);
  // a stage of documents is what it is to be: none of its fields were `got`
  for (size_t i = 0; i < j->got.n; i++) {
    types[i] = j->src->fields.v[i].type;
    exact = exact && rs_eq(types[i], j->got.v[i].type);
  }
  enum rs_code rc = RS_OK;
  if (old == RS_REL_TABLE) rc = rs_sql_run(s, NULL, e, "DROP TABLE %r", j->rel);
  else rc = rs_sql_drop_kind(s, j->rel, old, e);
  if (rc != RS_OK) return rc;
  // what came through with its types is the collection already
  if (exact) return rs_sql_run(s, NULL, e, "ALTER TABLE %r RENAME TO %i", &j->stage, j->rel->name);
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "CREATE TABLE %r AS SELECT ", j->rel);
  add_values(s, j, &b, types);
  rs_sql_add(s, &b, " FROM %r", &j->stage);
  rc = rs_sql_run_buf(s, &b, NULL, e);
  return rc == RS_OK ? rs_sql_run(s, NULL, e, "DROP TABLE %r", &j->stage) : rc;
}

/* ---- an existing one ------------------------------------------------------------------------- */

/*
** Gives the collection a type of the field that holds its own values and those of the stage, field
** `new`. A side that has only nulls has no say: its type is a guess.
*/
static enum rs_code widen_field(struct rs_session *s, struct job *j,
                                const struct rs_load_field *has, struct rs_load_field *new,
                                const char **type, struct rs_error *e)
{
  bool old_values, new_values;
  enum rs_code rc = RS_OK;
  *type = "VARCHAR"; // _id is always text
  if (rs_casecmp(new->name, "_id") != 0) {
    rc = rs_load_unify(j->src->s, j->a, has->type, new->type, type, e);
  }
  if (rc != RS_OK || rs_eq(*type, has->type)) return rc;
  const char *expr = rs_load_cast(j->a, has->expr, has->type, *type);
  if (expr == NULL) return rs_nomem(e);
  rc = rs_load_has_values(s, &j->stage, new->name, &new_values, e);
  if (rc == RS_OK) rc = rs_load_has_values(s, j->rel, has->name, &old_values, e);
  if (rc != RS_OK) return rc;
  if (!new_values) {
    *type = new->type = has->type;
    new->expr = "NULL";
    return RS_OK;
  }
  if (!old_values) {
    *type = new->type;
    expr = "NULL";
  }
  return rs_load_alter(s, j->rel, has->name, *type, expr, e);
}

/* The collection's fields. Owned: has->v. */
static enum rs_code old_fields(struct rs_session *s, struct job *j, struct rs_load_fields *has,
                               struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %r", j->rel);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK) rc = rs_load_describe(s, j->a, rs_buf_text(&b), has, e);
  rs_buf_free(&b);
  return rc;
}

/* Brings the collection's fields in line with the stage; types[i]: what its field i is to be. */
static enum rs_code evolve(struct rs_session *s, struct job *j, const char **types,
                           struct rs_error *e)
{
  struct rs_load_fields has = {NULL, 0, 0};
  enum rs_code rc = old_fields(s, j, &has, e);
  for (size_t i = 0; i < j->got.n && rc == RS_OK; i++) {
    struct rs_load_field *new = &j->got.v[i];
    const struct rs_load_field *old = rs_load_fields_find(&has, new->name);
    types[i] = j->src->fields.v[i].type; // as it left; what arrived may be less exact
    const char *expr = rs_load_cast(j->a, new->expr, new->type, types[i]);
    if (expr == NULL) {
      rc = rs_nomem(e);
      break;
    }
    new->expr = expr;
    new->type = types[i];
    if (old != NULL) {
      rc = widen_field(s, j, old, new, &types[i], e);
    } else {
      rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", j->rel, new->name, new->type);
    }
  }
  rs_free(has.v);
  return rc;
}

static enum rs_code append_rows(struct rs_session *s, struct job *j, const char *const *types,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  // rows that are there under an _id which the files give are replaced
  if (j->src->has_ids) rc = rs_sql_check_ids(s, j->rel, &j->stage, "_id", e);
  if (rc == RS_OK && j->src->has_ids) {
    rc = rs_sql_run(s, NULL, e, "DELETE FROM %r AS t USING %r AS q WHERE t.%i = q.%i", j->rel,
                    &j->stage, "_id", "_id");
  }
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "INSERT INTO %r BY NAME (SELECT ", j->rel);
  add_values(s, j, &b, types);
  rs_sql_add(s, &b, " FROM %r)", &j->stage);
  rc = rs_sql_run_buf(s, &b, NULL, e);
  return rc == RS_OK ? rs_sql_run(s, NULL, e, "DROP TABLE %r", &j->stage) : rc;
}

/* ---- documents ------------------------------------------------------------------------------- */

static enum rs_code fill_with_documents(struct rs_session *s, struct job *j, struct rs_error *e)
{
  bool has_ids = false;
  enum rs_code rc = name_stage(s, j, e);
  if (rc == RS_OK) rc = rs_doc_load(s, &j->stage, j->src, &j->rows, &has_ids, e);
  return rc == RS_OK && has_ids ? check_ids(s, j, e) : rc;
}

static enum rs_code add_documents(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const char *all = rs_arena_printf(j->a, "SELECT * FROM %s", j->stage_sql);
  enum rs_code rc = all != NULL ? rs_sql_append_rows(s, j->rel, all, j->a, e) : rs_nomem(e);
  return rc == RS_OK ? rs_sql_run(s, NULL, e, "DROP TABLE %r", &j->stage) : rc;
}

/* Would the engine put the field into the collection's column of that very name and type, or into a
** new one? */
static bool is_same(const struct rs_load_fields *has, const char *name, const char *type)
{
  const struct rs_load_field *old = rs_load_fields_find(has, name);
  for (size_t i = 0; i < has->n; i++)
    if (&has->v[i] != old && rs_field_is(has->v[i].name, name)) return false;
  return old == NULL || (rs_field_is(old->name, name) && rs_eq(old->type, type));
}

/* Do the fields of the stage have the collection's types, wherever both have them? */
static enum rs_code same_types(struct rs_session *s, struct job *j, bool *same, struct rs_error *e)
{
  struct rs_load_fields has = {NULL, 0, 0};
  enum rs_code rc = old_fields(s, j, &has, e);
  *same = true;
  for (size_t i = 0; i < j->got.n && rc == RS_OK; i++) {
    *same = *same && is_same(&has, j->got.v[i].name, j->src->fields.v[i].type);
  }
  rs_free(has.v);
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static enum rs_code load_files(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
  if (rc == RS_OK) rc = rs_load_refuse(j->rel, kind, rs_sql_kind_name(kind), j->mode, e);
  if (rc != RS_OK) return rc;
  if (!rs_sql_catalog_of(s)->by_name)
    return rs_sql_load_rows(s, j->rel, j->src, j->mode == RS_PUSH_APPEND, kind, &j->rows, e);
  const bool adds = j->mode == RS_PUSH_APPEND && kind != RS_REL_NONE;
  bool same = true;
  j->got.n = 0; // of a try before
  rc = j->src->odd ? fill_with_documents(s, j, e) : fill_stage(s, j, e);
  if (rc != RS_OK) return rc;
  if (!adds) return make_new(s, j, kind, e);
  if (j->src->documents && !j->src->odd) rc = same_types(s, j, &same, e);
  if (rc == RS_OK && (j->src->odd || !same)) return add_documents(s, j, e);
  const char **types = rs_arena_alloc(j->a, (j->src->fields.n + 1) * sizeof types[0]);
  if (rc == RS_OK && types == NULL) rc = rs_nomem(e);
  if (rc == RS_OK) rc = evolve(s, j, types, e);
  return rc == RS_OK ? append_rows(s, j, types, e) : rc;
}

enum rs_code rs_sql_load_settle(struct rs_session *s, const struct rs_relation *rel,
                                enum rs_relation_kind kind, enum rs_push_mode mode,
                                struct rs_load *load, struct rs_error *e)
{
  struct rs_columns has = {.n = 0};
  const bool can = s->target->engine->documents != NULL && rs_sql_catalog_of(s)->sides;
  bool sided = false;
  enum rs_code rc = RS_OK;
  if (can && load->documents == 0 && kind == RS_REL_TABLE && mode == RS_PUSH_APPEND)
    rc = rs_sql_columns_of(s, rel, &has, e);
  for (size_t i = 0; i < has.n; i++)
    sided = sided || rs_boxed_side_of(has.v[i].name) > 0 || rs_field_is_marked(has.v[i].name);
  rs_columns_free(&has);
  return rc == RS_OK ? rs_load_settle(s, can, sided, load, e) : rc;
}

enum rs_code rs_sql_load(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_load *options, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_load_source src = {.t = NULL};
  struct job j = {.rel = rel, .src = &src, .a = &a, .rows = -1};
  enum rs_relation_kind kind;
  enum rs_code can = rs_sql_need_transaction(
    s, "loading files", "use the engine's own loader, or a driver that has transactions", e);
  if (can != RS_OK) return can;
  rs_arena_init(&a, 0);
  struct rs_relation table = *rel;
  struct rs_load own = *options;
  enum rs_code rc = rs_load_mode(options->mode, &j.mode, e);
  if (rc == RS_OK && j.mode == RS_PUSH_APPEND) rc = rs_sql_writable(s, rel, &a, &table, e);
  j.rel = rel = &table;
  // before a long reading, and again in the transaction
  if (rc == RS_OK) rc = rs_session_describe(s, rel, NULL, &kind, e);
  if (rc == RS_OK) rc = rs_load_refuse(rel, kind, rs_sql_kind_name(kind), j.mode, e);
  if (rc == RS_OK) rc = rs_sql_load_settle(s, rel, kind, j.mode, &own, e);
  if (rc == RS_OK) rc = rs_load_source_open(s, &a, &own, &src, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, rel, true, load_files, &j, e);
  rs_load_source_close(&src);
  rs_free(j.got.v);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}
