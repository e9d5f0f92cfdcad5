/*
** Rows of the caller's own as a collection of a SQL engine (engine/push.h).
**
** One transaction: the rows are streamed into a table that lies in the collection's workspace, so
** that the engine writes them to its file instead of keeping them. A whole collection whose columns
** need no more than that takes its place then. Else that table is a stage, and one statement makes
** the collection of it (rs_session_replace) or adds its rows (rs_session_add_select: new
** fields become columns, types widen). Whoever reads sees the old rows until that commits.
**
** That is SQL of DuckDB's. Of other engines with transactions the stage has the dialect's types and
** all columns of a collection, and becomes one as a loaded file does (load_rows.c).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "src/engine/load/load.h"
#include "src/engine/push.h"
#include "sql.h"

struct job {
  const struct rs_relation *rel;
  const struct rs_push *push;
  struct rs_pushed *out;
  struct rs_arena *a;
  const char **names; /* of the stage: c0, c1 ... */
  enum rs_type *types;
  struct rs_value *row;
  struct rs_buf mixed; /* texts of mixed values of the row */
  struct rs_relation stage;
  int id, event_time;     /* their columns, or -1 */
  struct rs_value *whole; /* of a collection that needs no stage: `_id`, `_event_time`, the row */
  struct rs_uuids uuids;
  char own_id[37];
};

/* ---- rows ------------------------------------------------------------------------------------ */

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct job *j = ctx;
  const struct rs_input *f = &j->push->input;
  const struct rs_value *v;
  enum rs_code rc = f->next(f->ctx, &v, e);
  if (rc != RS_OK) return rc;
  rs_buf_clear(&j->mixed);
  for (size_t i = 0; i < f->n; i++) {
    j->row[i] = v[i];
    if (f->types[i] != RS_T_MIXED || v[i].kind == RS_NULL) continue;
    j->row[i].kind = RS_TEXT;
    j->row[i].s.n = rs_sql_mixed_tag(&j->mixed, &v[i]);
    j->row[i].s.p = NULL; // the buffer may move: set below
  }
  rc = rs_buf_error(&j->mixed, e, "a row to be written");
  const char *p = j->mixed.p;
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    if (f->types[i] != RS_T_MIXED || v[i].kind == RS_NULL) continue;
    j->row[i].s.p = p;
    p += j->row[i].s.n;
  }
  *row = j->row;
  return rc;
}

static enum rs_code fill_stage(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const struct rs_input input = {
    .names = j->names, .types = j->types, .n = j->push->input.n, .next = next_row, .ctx = j};
  return rs_session_ingest_input(s, &j->stage, &input, &j->out->rows, e);
}

/* ---- the query over them --------------------------------------------------------------------- */

static void add_event_time(const struct job *j, struct rs_buf *b)
{
  size_t i = (size_t)j->event_time;
  bool number = j->push->input.types[i] == RS_T_INT;
  rs_buf_printf(b,
                number ? "coalesce(make_timestamp(%s), now()::TIMESTAMP)"
                       : "coalesce(CAST(%s AS TIMESTAMP), now()::TIMESTAMP)",
                j->names[i]);
}

static void add_value(struct rs_session *s, const struct job *j, size_t i, struct rs_buf *b)
{
  const char *name = j->names[i], *native;
  switch (j->push->input.types[i]) {
    case RS_T_JSON: rs_buf_printf(b, "CAST(%s AS JSON)", name); break;
    case RS_T_MIXED:
      native = rs_load_mix_type(j->a, j->push->mixes[i]);
      if (native == NULL) b->rc = RS_NOMEM;
      else rs_sql_mixed_value(b, name, name, native);
      break;
    default: rs_sql_add(s, b, "%i", name); break;
  }
}

/* whole: what a new collection has besides is made here. */
static enum rs_code write_query(struct rs_session *s, struct job *j, bool whole, struct rs_buf *b,
                                struct rs_error *e)
{
  const struct rs_input *f = &j->push->input;
  const char *sep = "";
  rs_buf_str(b, "SELECT ");
  if (j->id < 0 && whole) {
    rs_sql_add(s, b, "CAST(uuid() AS VARCHAR) AS %i", "_id");
    sep = ", ";
  }
  if (j->id >= 0) {
    rs_sql_add(s, b, "%i AS %i", j->names[j->id], "_id");
    sep = ", ";
  }
  if (j->event_time >= 0 || whole) {
    rs_buf_str(b, sep);
    if (j->event_time >= 0) add_event_time(j, b);
    else rs_buf_str(b, "now()::TIMESTAMP");
    rs_sql_add(s, b, " AS %i", "_event_time");
    sep = ", ";
  }
  for (size_t i = 0; i < f->n; i++) {
    if ((int)i == j->id || (int)i == j->event_time) continue;
    rs_buf_str(b, sep);
    sep = ", ";
    add_value(s, j, i, b);
    rs_sql_add(s, b, " AS %i", f->names[i]);
  }
  rs_sql_add(s, b, " FROM %r", &j->stage);
  return rs_buf_error(b, e, "statement");
}

/* ---- without a stage ------------------------------------------------------------------------- */

/* Are the input's values what the collection's columns hold? */
static bool is_plain(const struct job *j)
{
  const struct rs_input *f = &j->push->input;
  if (j->event_time >= 0) return false;
  for (size_t i = 0; i < f->n; i++)
    if (f->types[i] == RS_T_MIXED || f->types[i] == RS_T_JSON) return false;
  return true;
}

static enum rs_code next_whole(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct job *j = ctx;
  const struct rs_input *f = &j->push->input;
  const struct rs_value *v;
  enum rs_code rc = f->next(f->ctx, &v, e);
  if (rc != RS_OK) return rc;
  if (j->id < 0) rs_uuid_next(&j->uuids, j->own_id);
  j->whole[0] = j->id >= 0 ? v[j->id] : (struct rs_value){.kind = RS_TEXT, .s = {j->own_id, 36}};
  size_t n = 2;
  for (size_t i = 0; i < f->n; i++)
    if ((int)i != j->id) j->whole[n++] = v[i];
  *row = j->whole;
  return RS_OK;
}

/* A table of the collection's columns, with the rows. */
static enum rs_code fill_whole(struct rs_session *s, struct job *j, struct rs_error *e)
{
  const struct rs_input *f = &j->push->input;
  const struct rs_dialect *d = s->target->dialect;
  const char **names = rs_arena_calloc(j->a, (f->n + 2) * sizeof *names);
  enum rs_type *types = rs_arena_calloc(j->a, (f->n + 2) * sizeof *types);
  struct rs_buf b;
  size_t n = 0;
  j->whole = rs_arena_calloc(j->a, (f->n + 2) * sizeof *j->whole);
  if (names == NULL || types == NULL || j->whole == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  names[n] = "_id", types[n++] = RS_T_TEXT;
  names[n] = "_event_time", types[n++] = RS_T_TIMESTAMP;
  rs_sql_add(s, &b, "CREATE TABLE %r (%i %s, %i %s", &j->stage, names[0], d->type_names[RS_T_TEXT],
             names[1], d->type_names[RS_T_TIMESTAMP]);
  for (size_t i = 0; i < f->n; i++) {
    if ((int)i == j->id) continue;
    names[n] = f->names[i], types[n++] = f->types[i];
    rs_sql_add(s, &b, ", %i %s", f->names[i], d->type_names[f->types[i]]);
  }
  rs_buf_char(&b, ')');
  j->whole[1] = (struct rs_value){.kind = RS_INT, .i = rs_wall_us()};
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK) rc = rs_sql_run(s, NULL, e, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  const struct rs_input input = {
    .names = names, .types = types, .n = n, .next = next_whole, .ctx = j, .append = true};
  if (rc == RS_OK) rc = rs_session_ingest_input(s, &j->stage, &input, &j->out->rows, e);
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

enum rs_code rs_sql_push_refuse(const struct rs_relation *rel, enum rs_relation_kind kind,
                                enum rs_push_mode mode, struct rs_error *e)
{
  if (kind == RS_REL_VIEW && mode != RS_PUSH_CREATE && mode != RS_PUSH_REPLACE) {
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: rows can't be written to it", rel->workspace,
                   rel->name);
  }
  if (kind == RS_REL_NONE || mode != RS_PUSH_CREATE) return RS_OK;
  return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists; use mode \"replace\", \"append\" or \"upsert\"",
                 rs_sql_kind_name(kind), rel->workspace, rel->name);
}

/* Rows without an `_id` of their own could not be found again: they would be there twice. */
static enum rs_code need_id(struct rs_session *s, const struct rs_relation *rel, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  enum rs_code rc = rs_sql_columns_of(s, rel, &columns, e);
  if (rc == RS_OK && rs_sql_find_column(s, &columns, "_id") < 0) {
    rc = rs_fail(e, RS_INVALID,
                 "'%s.%s' has no _id to upsert by: send it whole once, with mode \"replace\"",
                 rel->workspace, rel->name);
  }
  rs_columns_free(&columns);
  return rc;
}

enum rs_code rs_sql_push_updates(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *stage, const char *id, int64_t *n,
                                 struct rs_error *e)
{
  struct rs_buf b;
  enum rs_code rc = need_id(s, rel, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT count(*) FROM %r AS q WHERE q.%i IN (SELECT %i FROM %r)", stage, id,
             "_id", rel);
  return rs_sql_int(s, &b, n, e);
}

static enum rs_code upsert_rows(struct rs_session *s, struct job *j, const char *sql,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  int64_t rows;
  if (j->push->mode == RS_PUSH_UPSERT)
    rc = rs_sql_push_updates(s, j->rel, &j->stage, j->names[j->id], &j->out->updated, e);
  return rc == RS_OK ? rs_session_add_select(s, j->rel, sql,
                                             &(const struct rs_adding){.evolves = true}, &rows, e)
                     : rc;
}

static enum rs_code push_staged(struct rs_session *s, struct job *j, bool whole, struct rs_error *e)
{
  struct rs_buf sql;
  int64_t rows;
  enum rs_code rc = fill_stage(s, j, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rc = write_query(s, j, whole, &sql, e);
  if (rc == RS_OK && whole) rc = rs_session_replace(s, j->rel, rs_buf_text(&sql), NULL, &rows, e);
  else if (rc == RS_OK) rc = upsert_rows(s, j, rs_buf_text(&sql), e);
  rs_buf_free(&sql);
  return rc == RS_OK ? rs_sql_run(s, NULL, e, "DROP TABLE %r", &j->stage) : rc;
}

static enum rs_code name_stage(struct job *j, struct rs_error *e)
{
  j->stage = (struct rs_relation){.workspace = j->rel->workspace,
                                  .name = rs_sql_aside_name(j->a, "push", j->rel->name)};
  return j->stage.name != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code push_rows(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
  if (rc == RS_OK) rc = rs_sql_push_refuse(j->rel, kind, j->push->mode, e);
  if (rc == RS_OK) rc = name_stage(j, e);
  if (rc != RS_OK) return rc;
  bool whole = kind == RS_REL_NONE || j->push->mode == RS_PUSH_REPLACE;
  j->out->updated = 0;
  j->push->rewind(j->push->input.ctx);
  if (!whole || !is_plain(j)) return push_staged(s, j, whole, e);
  rc = fill_whole(s, j, e);
  return rc == RS_OK ? rs_sql_put_in_place(s, j->rel, &j->stage, e) : rc;
}

/* Of an engine without DuckDB's types: as its files are loaded. */
static enum rs_code push_typed_rows(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  struct rs_push_rows x;
  enum rs_code rc = rs_session_describe(s, j->rel, NULL, &kind, e);
  if (rc == RS_OK) rc = rs_sql_push_refuse(j->rel, kind, j->push->mode, e);
  if (rc == RS_OK) rc = rs_push_rows_init(&x, j->push, j->a, e);
  if (rc == RS_OK) rc = name_stage(j, e);
  if (rc == RS_OK) rc = rs_session_ingest_input(s, &j->stage, &x.input, &j->out->rows, e);
  if (rc != RS_OK) return rc;
  bool appends = kind != RS_REL_NONE && j->push->mode != RS_PUSH_REPLACE;
  j->out->updated = 0;
  if (appends && j->push->mode == RS_PUSH_UPSERT)
    rc = rs_sql_push_updates(s, j->rel, &j->stage, "_id", &j->out->updated, e);
  return rc == RS_OK ? rs_sql_place_rows(s, j->rel, &j->stage, x.has_ids, appends, kind, e) : rc;
}

static enum rs_code prepare_job(struct job *j, struct rs_error *e)
{
  const struct rs_input *f = &j->push->input;
  j->names = rs_arena_calloc(j->a, (f->n + 1) * sizeof *j->names);
  j->types = rs_arena_calloc(j->a, (f->n + 1) * sizeof *j->types);
  j->row = rs_arena_calloc(j->a, (f->n + 1) * sizeof *j->row);
  if (j->names == NULL || j->types == NULL || j->row == NULL) return rs_nomem(e);
  j->id = j->event_time = -1;
  for (size_t i = 0; i < f->n; i++) {
    // the key keeps its name: errors show it
    bool is_id = rs_eq(f->names[i], "_id");
    j->names[i] = is_id ? f->names[i] : rs_arena_printf(j->a, "c%zu", i);
    if (j->names[i] == NULL) return rs_nomem(e);
    j->types[i] = f->types[i] == RS_T_MIXED ? RS_T_TEXT : f->types[i];
    if (is_id) j->id = (int)i;
    else if (rs_eq(f->names[i], "_event_time")) j->event_time = (int)i;
  }
  return RS_OK;
}

enum rs_code rs_sql_push(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_push *p, struct rs_pushed *out, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation table = *rel;
  struct job j = {.rel = &table, .push = p, .out = out, .a = &a};
  const bool duckdb = rs_eq(s->target->dialect->name, "duckdb");
  if (!duckdb && !s->target->dialect->mixed_json && !s->target->dialect->any_values)
    return rs_engine_lacks(s, "rows pushed from a table", e);
  enum rs_code can = rs_sql_need_transaction(s, "pushing a table", "write to a virtual table of it",
                                             e);
  if (can != RS_OK) return can;
  rs_arena_init(&a, 0);
  rs_buf_init(&j.mixed, RS_BUF_SQL_MAX * 16);
  enum rs_code rc = prepare_job(&j, e);
  if (rc == RS_OK && p->mode != RS_PUSH_CREATE && p->mode != RS_PUSH_REPLACE)
    rc = rs_sql_writable(s, rel, &a, &table, e);
  if (rc == RS_OK)
    rc = rs_sql_transact(s, &table, true, duckdb ? push_rows : push_typed_rows, &j, e);
  rs_buf_free(&j.mixed);
  rs_arena_free(&a);
  return rc;
}
