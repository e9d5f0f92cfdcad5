/*
** Rows of the caller's own as a collection (push.h): the call; the rows with a collection's own
** columns.
*/
#include "push.h"
#include <string.h>
#include "src/value/text.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/json/rows.h"
#include "slots.h"

const char *const rs_push_modes[] = {"create", "append", "replace", "upsert"};

enum rs_code rs_session_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  *out = (struct rs_pushed){.rows = -1, .updated = -1};
  if (ops == NULL || ops->push == NULL) return rs_engine_lacks(s, "rows pushed from a table", e);
  enum rs_code rc = ops->push(s, rel, push, out, e);
  bool whole = push->mode == RS_PUSH_REPLACE || push->mode == RS_PUSH_CREATE;
  return rc == RS_OK && whole ? rs_key_forget(s, rel, e) : rc;
}

/* ---- rows with `_id` and `_event_time` ------------------------------------------------------- */

static struct rs_value text_value(const char *p)
{
  return (struct rs_value){.kind = RS_TEXT, .s = {p, strlen(p)}};
}

/* The rows' own time, as all engines read it. */
static enum rs_code event_time(struct rs_push_rows *x, const struct rs_value *v,
                               struct rs_value *out, struct rs_error *e)
{
  size_t n = 0;
  *out = text_value(x->now);
  if (v->kind == RS_NULL) return RS_OK;
  if (v->kind == RS_INT) rs_format_timestamp(v->i, x->time);
  else if (v->kind == RS_TEXT && (n = rs_json_timestamp(v->s.p, v->s.n, x->time)) > 0)
    x->time[n] = 0;
  else return rs_fail(e, RS_INVALID, "column '_event_time' holds what is no time");
  *out = text_value(x->time);
  return RS_OK;
}

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct rs_push_rows *x = ctx;
  const struct rs_value *v;
  enum rs_code rc = x->from->next(x->from->ctx, &v, e);
  if (rc != RS_OK) return rc;
  if (x->id >= 0) {
    x->row[0] = v[x->id];
  } else {
    rs_uuid(x->made_id);
    x->row[0] = text_value(x->made_id);
  }
  x->row[1] = text_value(x->now);
  if (x->event_time >= 0) rc = event_time(x, &v[x->event_time], &x->row[1], e);
  size_t n = 2;
  for (size_t i = 0; i < x->from->n; i++) {
    if ((int)i != x->id && (int)i != x->event_time) x->row[n++] = v[i];
  }
  *row = x->row;
  return rc;
}

enum rs_code rs_push_rows_init(struct rs_push_rows *x, const struct rs_push *push,
                               struct rs_arena *a, struct rs_error *e)
{
  const struct rs_input *f = &push->input;
  const char **names = rs_arena_calloc(a, (f->n + 2) * sizeof *names);
  enum rs_type *types = rs_arena_calloc(a, (f->n + 2) * sizeof *types);
  *x = (struct rs_push_rows){.from = f, .id = -1, .event_time = -1};
  x->row = rs_arena_calloc(a, (f->n + 2) * sizeof *x->row);
  if (names == NULL || types == NULL || x->row == NULL) return rs_nomem(e);
  size_t n = 2;
  names[0] = "_id";
  types[0] = RS_T_TEXT;
  names[1] = "_event_time";
  types[1] = RS_T_TIMESTAMP;
  for (size_t i = 0; i < f->n; i++) {
    if (rs_eq(f->names[i], names[0])) x->id = (int)i;
    else if (rs_eq(f->names[i], names[1])) x->event_time = (int)i;
    else names[n] = f->names[i], types[n++] = f->types[i];
  }
  rs_format_timestamp(rs_wall_us(), x->now);
  x->has_ids = x->id >= 0;
  x->input = (struct rs_input){.names = names, .types = types, .n = n, .next = next_row, .ctx = x};
  push->rewind(f->ctx);
  return RS_OK;
}
