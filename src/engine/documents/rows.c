/*
** Rows of documents in and out of their table, within the call's transaction (see internal.h).
**
** A few rows go as the parameter of a statement, many by way of a stage, in pieces. Of a handful of
** _ids one DELETE tells which were there. For more the table is asked first, since the engine takes
** long to return rows that it deletes, and nothing is deleted where all _ids are new. Rows whose
** _id was made here are new for certain.
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "internal.h"

#define CHUNK_BYTES ((size_t)16 << 20) /* of the JSON of one INSERT */
#define STAGE_BYTES ((size_t)64 << 20) /* of one stage */
#define RETURNING_MAX 8                /* rows that a DELETE gives back */

/* ---- rows that are there --------------------------------------------------------------------- */

enum rs_code rs_doc_where_ids(struct rs_doc_write *w, const char **where, struct rs_value *param,
                              struct rs_error *e)
{
  size_t n = 0;
  struct rs_value *list = rs_arena_alloc(w->a, (w->ids.n + 1) * sizeof *list);
  if (list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < w->ids.n; i++) {
    const struct rs_doc_entry *x = w->ids.v[i].value;
    list[n++] = (struct rs_value){.kind = RS_TEXT, .s = {x->id, x->nid}};
  }
  *param = n == 1 ? list[0] : (struct rs_value){.kind = RS_LIST, .list = {list, n}};
  *where = n == 0 ? "" : n == 1 ? "\"_id\" = $1" : "\"_id\" IN (SELECT unnest($1))";
  return RS_OK;
}

/* Runs the statement in b, frees it, and notes the _ids that it gives; *n: how many. */
static enum rs_code see_ids(struct rs_session *s, struct rs_doc_write *w, struct rs_buf *b,
                            const struct rs_value *param, bool writes, size_t *n,
                            struct rs_error *e)
{
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_buf_error(b, e, "statement");
  const struct rs_statement st = {
    .sql = rs_buf_text(b), .params = param, .nparams = param != NULL, .writes = writes};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &r, e);
  for (*n = 0; rc == RS_OK; (*n)++) {
    struct rs_value v;
    rc = rs_rows_next(r, e);
    if (rc != RS_OK) break;
    rs_rows_get(r, 0, &v);
    struct rs_map_entry *m = v.kind == RS_TEXT ? rs_map_find(&w->ids, v.s.p, v.s.n) : NULL;
    if (m != NULL) rc = rs_doc_exists(w, m->value, e);
  }
  rs_rows_close(r);
  rs_buf_free(b);
  return rc == RS_DONE ? RS_OK : rc;
}

/* Deletes the rows of the given _ids, and notes which were there. */
static enum rs_code delete_few(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e)
{
  const char *where;
  struct rs_value param;
  struct rs_buf b;
  size_t n;
  enum rs_code rc = rs_doc_where_ids(w, &where, &param, e);
  if (rc != RS_OK || where[0] == 0) return rc;
  bool ask = w->ids.n > RETURNING_MAX;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (ask) rs_sql_add(s, &b, "SELECT %i FROM %r WHERE %s", "_id", w->rel, where);
  else rs_sql_add(s, &b, "DELETE FROM %r WHERE %s RETURNING %i", w->rel, where, "_id");
  rc = see_ids(s, w, &b, &param, !ask, &n, e);
  if (rc != RS_OK || !ask || n == 0) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "DELETE FROM %r WHERE %s", w->rel, where);
  return see_ids(s, w, &b, &param, true, &n, e);
}

/* The same for the _ids in the stage's part of column `id`. */
static enum rs_code delete_staged(struct rs_doc_stage *st, struct rs_doc_write *w, size_t id,
                                  struct rs_error *e)
{
  struct rs_buf b;
  size_t n = 0;
  char column[24];
  (void)snprintf(column, sizeof column, "c%zu", id);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(st->s, &b, "SELECT %i FROM %r WHERE %i IN (SELECT %s FROM %r)", "_id", w->rel, "_id",
             column, &st->rel);
  enum rs_code rc = see_ids(st->s, w, &b, NULL, false, &n, e);
  if (rc != RS_OK || n == 0) return rc;
  return rs_sql_run(st->s, NULL, e, "DELETE FROM %r WHERE %i IN (SELECT %s FROM %r)", w->rel, "_id",
                    column, &st->rel);
}

static bool by_stage(const struct rs_session *s, size_t n)
{
  return n >= rs_doc_stage_from && rs_session_can_stage(s);
}

enum rs_code rs_doc_delete(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e)
{
  struct rs_doc_column id = {.name = "_id", .tree = {.native = "VARCHAR"}}, *columns[] = {&id};
  const struct rs_doc_columns c = {.s = s, .rel = w->rel, .a = w->a, .v = columns, .n = 1};
  const size_t used[] = {0};
  struct rs_doc_stage st;
  if (!by_stage(s, w->ids.n)) return delete_few(s, w, e);
  enum rs_code rc = rs_doc_stage_open(&st, s, &c, used, 1, e);
  for (size_t i = 0; i < w->ids.n && rc == RS_OK; i++) {
    const struct rs_doc_entry *x = w->ids.v[i].value;
    rs_doc_stage_set_text(&st, 0, x->id, x->nid);
    rc = rs_doc_stage_row(&st, e);
  }
  if (rc == RS_OK) rc = rs_doc_stage_send(&st, e);
  if (rc == RS_OK) rc = delete_staged(&st, w, 0, e);
  if (rc == RS_OK) rc = rs_doc_stage_drop(&st, e);
  rs_doc_stage_free(&st);
  return rc;
}

/* ---- new rows -------------------------------------------------------------------------------- */

struct adding {
  struct rs_session *s;
  struct rs_doc_write *w;
  struct rs_doc_fields *f;
  struct rs_doc_columns c;
  size_t *used, n;       /* columns */
  size_t id, time;       /* columns, too */
  const char *time_type; /* of _event_time, which travels with a time zone */
  bool timed;            /* some documents have an _event_time of their own */
  char now[40];
};

/* The document's own _event_time, NULL: none. */
static const struct rs_json *own_time(const struct rs_doc_entry *x)
{
  const struct rs_json *t = rs_json_get(x->tree, "_event_time");
  return t != NULL && t->kind == RS_J_STRING ? t : NULL;
}

static bool is_written(const struct rs_doc_write *w, size_t i)
{
  return w->v[i].tree != NULL && w->v[i].last == i;
}

/* Sidecars for the fields with a value that their column can't tell; odd[]: those columns. */
static enum rs_code fit_sides(struct adding *x, bool *odd, struct rs_error *e)
{
  struct rs_doc_fields *f = x->f;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n; i++) {
    rs_doc_learn_exact(&x->c.v[f->v[i].column]->tree);
    odd[f->v[i].column] = odd[f->v[i].column] || f->v[i].odd;
  }
  for (size_t i = 0; i < x->w->n; i++) {
    if (!is_written(x->w, i)) continue;
    if (!rs_doc_fields_of(f, x->w->v[i].tree)) return rs_nomem(e);
    const struct rs_doc_shape *at = f->shape;
    for (const struct rs_json *m = x->w->v[i].tree->first; m != NULL; m = m->next, at++) {
      if (at->field == RS_DOC_NO_FIELD) continue;
      const size_t column = f->v[at->field].column;
      if (!odd[column]) odd[column] = !rs_doc_is_exact(m, &x->c.v[column]->tree);
    }
  }
  for (size_t i = 0; i < f->n && rc == RS_OK; i++)
    if (odd[f->v[i].column]) rc = rs_doc_columns_side(&x->c, f->v[i].column, e);
  return rc;
}

/* The columns of all fields, made to fit. */
static enum rs_code fit_columns(struct adding *x, struct rs_error *e)
{
  struct rs_doc_fields *f = x->f;
  x->used = rs_arena_alloc(x->w->a, (2 * f->n + 2) * sizeof x->used[0]);
  if (x->used == NULL) return rs_nomem(e);
  enum rs_code rc = rs_doc_columns_read(&x->c, x->s, x->w->rel, x->w->a, e);
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    rc = rs_doc_columns_fit(&x->c, f->v[i].name, &f->v[i].type, &f->v[i].column, e);
  }
  if (rc != RS_OK) return rc;
  x->id = (size_t)rs_doc_columns_find(&x->c, "_id");
  x->time = (size_t)rs_doc_columns_find(&x->c, "_event_time");
  x->time_type = x->c.v[x->time]->type;
  x->c.v[x->time]->tree = (struct rs_doc_type){.native = "TIMESTAMP WITH TIME ZONE"};
  bool *taken = rs_arena_calloc(x->w->a, x->c.n + 1), *odd = rs_arena_calloc(x->w->a, x->c.n + 1);
  if (taken == NULL || odd == NULL) return rs_nomem(e);
  rc = fit_sides(x, odd, e);
  x->used[x->n++] = x->id;
  x->used[x->n++] = x->time;
  for (size_t i = 0; i < f->n; i++) {
    size_t column = f->v[i].column;
    if (!taken[column]) x->used[x->n++] = column;
    if (!taken[column] && odd[column]) x->used[x->n++] = x->c.v[column]->side - 1;
    taken[column] = true;
  }
  return rc;
}

/* `INSERT INTO ... SELECT ... FROM`, but for what follows. */
static void add_insert(struct adding *x, bool staged, struct rs_buf *b)
{
  struct rs_arena *a = x->w->a;
  rs_sql_add(x->s, b, "INSERT INTO %r (", x->w->rel);
  for (size_t i = 0; i < x->n; i++) {
    rs_sql_add(x->s, b, i > 0 ? ", %i" : "%i", x->c.v[x->used[i]]->name);
  }
  for (size_t i = 0; i < x->n; i++) {
    size_t at = x->used[i];
    const struct rs_doc_type *t = &x->c.v[at]->tree;
    const char *expr = staged ? rs_doc_part_sql(a, at, t) : rs_doc_value_sql(a, at, t);
    if (staged && at == x->time && expr != NULL) {
      expr = rs_arena_printf(a, "coalesce(%s, TIMESTAMPTZ '%s+00:00')", x->timed ? expr : "NULL",
                             x->now);
    }
    if (at == x->time && expr != NULL && !rs_eq(x->time_type, "TIMESTAMP WITH TIME ZONE")) {
      expr = rs_arena_printf(a, "CAST(make_timestamp(epoch_us(%s)) AS %s)", expr, x->time_type);
    }
    if (expr == NULL) b->rc = RS_NOMEM;
    else rs_buf_printf(b, "%s%s", i > 0 ? ", " : ") SELECT ", expr);
  }
  rs_buf_str(b, " FROM ");
}

/* ---- by JSON text ---------------------------------------------------------------------------- */

static enum rs_code write_row(struct adding *x, struct rs_buf *b, const struct rs_doc_entry *entry)
{
  const struct rs_json *t = own_time(entry);
  rs_buf_printf(b, "{\"c%zu\":", x->id);
  rs_buf_json_str(b, entry->id, entry->nid);
  rs_buf_printf(b, ",\"c%zu\":\"%.*s%s\"", x->time, (int)(t != NULL ? t->n : strlen(x->now)),
                t != NULL ? t->p : x->now, t != NULL ? "" : "+00:00");
  if (!rs_doc_fields_of(x->f, entry->tree)) return RS_NOMEM;
  const struct rs_doc_shape *at = x->f->shape;
  for (const struct rs_json *m = entry->tree->first; m != NULL; m = m->next, at++) {
    if (at->field == RS_DOC_NO_FIELD) continue;
    const size_t column = x->f->v[at->field].column;
    const struct rs_doc_column *c = x->c.v[column];
    if (m->kind != RS_J_NULL) rs_doc_write(b, column, m, &c->tree);
    if (!rs_doc_is_exact(m, &c->tree)) rs_doc_write_side(b, m, c);
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

static enum rs_code send_rows(struct rs_session *s, const char *sql, struct rs_buf *rows,
                              struct rs_error *e)
{
  rs_buf_char(rows, ']');
  enum rs_code rc = rs_buf_error(rows, e, "documents");
  const struct rs_value param = {.kind = RS_TEXT, .s = {rows->p, rows->n}};
  const struct rs_statement st = {.sql = sql, .params = &param, .nparams = 1, .writes = true};
  if (rc == RS_OK) rc = rs_session_exec(s, &st, NULL, e);
  rs_buf_clear(rows);
  return rc;
}

static enum rs_code insert_few(struct adding *x, struct rs_error *e)
{
  struct rs_buf rows, sql;
  rs_buf_init(&rows, (size_t)1 << 30);
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  add_insert(x, false, &sql);
  rs_doc_columns_source(&x->c, &sql, x->used, x->n, "");
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  for (size_t i = 0; i < x->w->n && rc == RS_OK; i++) {
    if (!is_written(x->w, i)) continue;
    rs_buf_char(&rows, rows.n == 0 ? '[' : ',');
    rc = write_row(x, &rows, &x->w->v[i]);
    if (rc != RS_OK) rc = rs_nomem(e);
    else if (rows.rc != RS_OK || rows.n >= CHUNK_BYTES)
      rc = send_rows(x->s, rs_buf_text(&sql), &rows, e);
  }
  if (rc == RS_OK && rows.n > 0) rc = send_rows(x->s, rs_buf_text(&sql), &rows, e);
  rs_buf_free(&rows);
  rs_buf_free(&sql);
  return rc;
}

/* ---- by a stage ------------------------------------------------------------------------------ */

static enum rs_code stage_row(struct adding *x, struct rs_doc_stage *st,
                              const struct rs_doc_entry *entry, struct rs_error *e)
{
  const struct rs_json *t = x->timed ? own_time(entry) : NULL;
  rs_doc_stage_set_text(st, x->id, entry->id, entry->nid);
  if (t != NULL) rs_doc_stage_set_text(st, x->time, t->p, t->n);
  if (!rs_doc_fields_of(x->f, entry->tree)) return rs_nomem(e);
  const struct rs_doc_shape *at = x->f->shape;
  for (const struct rs_json *m = entry->tree->first; m != NULL; m = m->next, at++) {
    if (at->field == RS_DOC_NO_FIELD) continue;
    const size_t column = x->f->v[at->field].column;
    if (m->kind != RS_J_NULL) rs_doc_stage_set(st, column, m);
    if (!rs_doc_is_exact(m, &x->c.v[column]->tree)) rs_doc_stage_set_side(st, column, m);
  }
  return rs_doc_stage_row(st, e);
}

static enum rs_code send_stage(struct adding *x, struct rs_doc_stage *st, struct rs_error *e)
{
  struct rs_buf b;
  enum rs_code rc = rs_doc_stage_send(st, e);
  if (rc == RS_OK && x->w->ids.n > 0) rc = delete_staged(st, x->w, x->id, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  add_insert(x, true, &b);
  rs_sql_add(x->s, &b, "%r", &st->rel);
  rc = rs_sql_run_buf(x->s, &b, NULL, e);
  return rc == RS_OK ? rs_doc_stage_drop(st, e) : rc;
}

static enum rs_code insert_many(struct adding *x, struct rs_error *e)
{
  struct rs_doc_stage st;
  bool open = false;
  for (size_t i = 0; i < x->w->n && !x->timed; i++) {
    x->timed = is_written(x->w, i) && own_time(&x->w->v[i]) != NULL;
  }
  enum rs_code rc = rs_doc_stage_open(&st, x->s, &x->c, x->used, x->n, e);
  for (size_t i = 0; i < x->w->n && rc == RS_OK; i++) {
    if (!is_written(x->w, i)) continue;
    rc = stage_row(x, &st, &x->w->v[i], e);
    open = true;
    if (rc != RS_OK || rs_doc_stage_bytes(&st) < STAGE_BYTES) continue;
    rc = send_stage(x, &st, e);
    open = false;
  }
  if (rc == RS_OK && open) rc = send_stage(x, &st, e);
  rs_doc_stage_free(&st);
  return rc;
}

enum rs_code rs_doc_add(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                        struct rs_error *e)
{
  struct adding x = {.s = s, .w = w, .f = f, .c = {.s = s}};
  rs_format_timestamp(rs_wall_us(), x.now);
  enum rs_code rc = fit_columns(&x, e);
  if (rc == RS_OK && by_stage(s, w->n)) {
    rc = insert_many(&x, e);
  } else if (rc == RS_OK) {
    rc = delete_few(s, w, e);
    if (rc == RS_OK) rc = insert_few(&x, e);
  }
  rs_doc_columns_free(&x.c);
  return rc;
}
