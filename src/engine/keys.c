/*
** Keys that are known (keys.h).
*/
#include "keys.h"
#include <string.h>
#include "src/base/text.h"
#include "slots.h"

/* ---- counting -------------------------------------------------------------------------------- */

/* What a column of a relation or a query holds. */
struct counts {
  int64_t rows, present, distinct;
};

static int64_t integer_at(struct rs_rows *rows, size_t i)
{
  struct rs_value v;
  rs_rows_get(rows, i, &v);
  return v.kind == RS_INT ? v.i : v.kind == RS_FLOAT ? (int64_t)v.f : -1;
}

static enum rs_code count(struct rs_session *s, const struct rs_scan *from, struct counts *out,
                          struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_deparse_statistics(s->target->dialect, from, from->fetch[0], &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_DONE) rc = rs_fail(e, RS_INTERNAL, "the engine counted nothing");
  if (rc == RS_OK)
    *out = (struct counts){integer_at(rows, 0), integer_at(rows, 1), integer_at(rows, 2)};
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc;
}

static bool identify(const struct counts *c)
{
  return c->rows >= 0 && c->present == c->rows && c->distinct == c->rows;
}

enum rs_code rs_key_check(struct rs_session *s, const struct rs_scan *from, struct rs_error *e)
{
  struct counts n = {0};
  const char *name = from->columns[from->fetch[0]].name;
  enum rs_code rc = count(s, from, &n, e);
  if (rc != RS_OK || identify(&n)) return rc;
  return rs_fail(e, RS_CONSTRAINT,
                 "column '%s' does not identify a row: %lld rows have %lld different values of it, "
                 "and %lld have none",
                 name, (long long)n.rows, (long long)n.distinct, (long long)(n.rows - n.present));
}

/* ---- finding --------------------------------------------------------------------------------- */

enum rs_code rs_key_holds(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_column *column, bool *yes, struct rs_error *e)
{
  const struct rs_scan_column own = {.name = column->name, .type = column->type};
  const int fetch[] = {0};
  const struct rs_scan scan = {
    .columns = &own, .workspace = rel->workspace, .name = rel->name, .fetch = fetch, .nfetch = 1};
  struct counts n = {0};
  enum rs_code rc = count(s, &scan, &n, e);
  *yes = rc == RS_OK && identify(&n);
  return rc;
}

enum rs_code rs_key_find(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, const struct rs_columns *columns,
                         struct rs_arena *a, struct rs_key *out, struct rs_error *e)
{
  struct rs_model model = {.is_result = false};
  bool known = false;
  int id = rs_columns_find(columns, "_id");
  *out = (struct rs_key){.column = NULL};
  if (id < 0 || kind == RS_REL_VIEW || kind == RS_REL_NONE) return RS_OK;
  enum rs_code rc = RS_OK;
  if (kind == RS_REL_TABLE) rc = rs_session_unique(s, rel, "_id", &out->enforced, e);
  if (rc == RS_OK && !out->enforced) rc = rs_session_model(s, rel, kind, a, &model, e);
  if (rc != RS_OK) return rc;
  int at = id;
  if (out->enforced) known = true;
  else if (model.is_result) known = model.key && (at = rs_columns_find(columns, model.key)) >= 0;
  else if (rs_columns_find(columns, "_event_time") >= 0)
    rc = rs_key_holds(s, rel, &columns->v[id], &known, e);
  if (rc != RS_OK || !known) return rc;
  out->column = rs_arena_strdup(a, columns->v[at].name);
  return out->column ? RS_OK : rs_nomem(e);
}

/* ---- models' results ------------------------------------------------------------------------- */

const struct rs_model rs_no_model = {.is_result = false};

enum rs_code rs_session_model(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_relation_kind kind, struct rs_arena *a, struct rs_model *out,
                              struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  *out = (struct rs_model){.is_result = false};
  return ops && ops->model ? ops->model(s, rel, kind, a, out, e) : RS_OK;
}

bool rs_session_notes_models(const struct rs_session *s)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  return ops && ops->set_model;
}

enum rs_code rs_session_set_model(struct rs_session *s, const struct rs_relation *rel,
                                  const struct rs_model *m, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  enum rs_code rc = rs_look_change(s, "noting a model's key", e);
  return rc == RS_OK && ops && ops->set_model ? ops->set_model(s, rel, m, e) : rc;
}
