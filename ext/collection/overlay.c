/*
** Queued rows in the scans of their own transaction (update.c): what the engine gives,
** without the rows whose key is queued, merged with the queued rows.
**
** The plan's terms may be consumed (SQLite does not look at them again), so queued rows are tested
** here, by the terms as they were bound for the engine: of a term that is rechecked a superset.
*/
#include "src/value/text.h"
#include "internal.h"
#include "src/arrow/arrow.h"
#include "src/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct overlay {
  struct collection *c;
  const struct collection_plan *plan;
  struct rs_arena arena;
  struct rs_queue *queue; /* NULL: nothing is queued, only the key is wanted */
  struct rs_queue_reader *reader;
  int *fetch, *at; /* what is fetched; by column: its place there, or -1 */
  size_t nfetch;
  uint64_t *places; /* of the queued rows, in order */
  size_t n, i, cap;
  unsigned era;
  size_t seen;             /* the queue's length when `row` was read */
  struct rs_change queued; /* the queued row that comes next, or is current */
  bool queued_read;
  bool engine_row, engine_done; /* the engine's current row waits, or there is none any more */
  enum { CURRENT_NONE, CURRENT_ENGINE, CURRENT_QUEUED } current;
  int64_t skip, left; /* OFFSET; LIMIT, -1: none */
  struct rs_scratch scratch;
};

/* ---- values ---------------------------------------------------------------------------------- */

/* As a scan gives it. */
static void normalize(struct overlay *o, struct rs_value *v)
{
  if (v->kind == RS_JSON) {
    rs_scratch_reset(&o->scratch);
    rs_value_json(v->s.p, v->s.n, &o->scratch, v);
  }
}

static bool in_list(const struct rs_value *v, const struct rs_value *list)
{
  for (size_t i = 0; i < list->list.n; i++) {
    if (rs_value_class(v) != 0 && rs_value_compare(v, &list->list.v[i]) == 0) return true;
  }
  return false;
}

/* Only `abc%` of a GLOB is exact (src/pushdown/pushdown.h); SQLite looks again at all others. */
static bool passes_pattern(const struct rs_bound *b, const struct rs_value *v)
{
  size_t n = b->value.s.n - 1;
  if (b->fold || rs_value_class(v) != 2 || memchr(b->value.s.p, '%', n)) return true;
  return v->s.n >= n && memcmp(v->s.p, b->value.s.p, n) == 0;
}

static bool passes(const struct rs_bound *b, const struct rs_value *v)
{
  struct rs_value bytes = *v;
  bool null = rs_value_class(v) == 0;
  switch (b->kind) {
    case RS_BOUND_FALSE: return false;
    case RS_BOUND_TRUE: return true;
    case RS_BOUND_NULL: return null;
    case RS_BOUND_NOT_NULL: return !null;
    case RS_BOUND_IN: return in_list(v, &b->value);
    case RS_BOUND_MEMBERS: return true; // SQLite looks again
    case RS_BOUND_LIKE: return !null && passes_pattern(b, v);
    case RS_BOUND_CMP:
    case RS_BOUND_CMP_OR_NULL: break;
  }
  if (null) return b->kind == RS_BOUND_CMP_OR_NULL;
  if (b->or_number) return true; // SQLite looks again
  if (b->bytes && bytes.kind == RS_TEXT) bytes.kind = RS_BYTES;
  return rs_op_holds(b->op, rs_value_compare(&bytes, &b->value));
}

/* ---- queued rows ----------------------------------------------------------------------------- */

static bool is_row(const struct rs_change *change)
{
  return change->kind != RS_CHANGE_DELETE && (change->kind != RS_CHANGE_PATCH || change->whole);
}

static enum rs_code gather_rows(struct overlay *o, const struct rs_bound *bounds,
                                struct rs_error *e)
{
  const struct rs_scan *s = &o->plan->scan;
  struct rs_change change;
  uint64_t place;
  int64_t seen = 0;
  enum rs_code rc;
  rs_queue_start(o->reader);
  while ((rc = rs_queue_next(o->reader, &change, &place, e)) == RS_OK) {
    bool ok = is_row(&change);
    if ((rc = rs_conn_poll(o->c->conn, ++seen, e)) != RS_OK) return rc;
    for (size_t i = 0; ok && i < s->nterms; i++) {
      struct rs_value v = change.row[s->terms[i].column];
      if (s->columns[s->terms[i].column].side) continue; // SQLite looks again
      normalize(o, &v);
      ok = passes(&bounds[i], &v);
    }
    if (!ok) continue;
    if (!rs_grow(&o->places, &o->cap, o->n + 1, sizeof *o->places)) return rs_nomem(e);
    o->places[o->n++] = place;
  }
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- order ----------------------------------------------------------------------------------- */

/* A queued row with copies of what it is sorted by. */
struct sorted {
  uint64_t place;
  const struct rs_scan *s;
  struct rs_value v[];
};

static int by_order(const void *a, const void *b)
{
  const struct sorted *x = *(const struct sorted *const *)a, *y = *(const struct sorted *const *)b;
  for (size_t i = 0; i < x->s->norder; i++) {
    int order = rs_value_compare(&x->v[i], &y->v[i]);
    if (order) return x->s->order[i].desc ? -order : order;
  }
  return x->place < y->place ? -1 : 1;
}

static enum rs_code sort_rows(struct overlay *o, struct rs_error *e)
{
  const struct rs_scan *s = &o->plan->scan;
  struct rs_arena a;
  enum rs_code rc = RS_OK;
  if (s->norder == 0 || o->n == 0) return RS_OK;
  rs_arena_init(&a, 0);
  struct sorted **rows = rs_arena_alloc(&a, o->n * sizeof *rows);
  if (!rows) rc = rs_nomem(e);
  for (size_t k = 0; rc == RS_OK && k < o->n; k++) {
    struct rs_change change;
    struct sorted *row = rs_arena_alloc(&a, sizeof *row + s->norder * sizeof row->v[0]);
    rc = row ? rs_queue_at(o->reader, o->places[k], &change, e) : rs_nomem(e);
    for (size_t i = 0; rc == RS_OK && i < s->norder; i++) {
      struct rs_value *v = &row->v[i];
      *v = change.row[s->order[i].column];
      if (rs_value_class(v) < 2) continue;
      v->s.p = rs_arena_strndup(&a, v->s.p, v->s.n);
      if (!v->s.p) rc = rs_nomem(e);
    }
    if (rc != RS_OK) break;
    row->place = o->places[k];
    row->s = s;
    rows[k] = row;
  }
  if (rc == RS_OK) qsort(rows, o->n, sizeof *rows, by_order);
  for (size_t k = 0; rc == RS_OK && k < o->n; k++) o->places[k] = rows[k]->place;
  rs_arena_free(&a);
  return rc;
}

/* Does the queued row come before the engine's current one? Without an order the engine's first. */
static bool queued_first(struct overlay *o, struct rs_rows *r)
{
  const struct rs_scan *s = &o->plan->scan;
  for (size_t i = 0; i < s->norder; i++) {
    struct rs_value v;
    int column = s->order[i].column;
    rs_rows_get(r, (size_t)o->at[column], &v);
    int order = rs_value_compare(&o->queued.row[column], &v);
    if (order) return (order < 0) != s->order[i].desc;
  }
  return s->norder > 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

void rs_overlay_free(struct overlay *o)
{
  if (!o) return;
  rs_queue_reader_free(o->reader);
  rs_queue_free(o->queue);
  rs_scratch_free(&o->scratch);
  rs_arena_free(&o->arena);
  rs_free(o->places);
  rs_free(o);
}

static void add_fetch(struct overlay *o, int column)
{
  if (o->at[column] >= 0) return;
  o->at[column] = (int)o->nfetch;
  o->fetch[o->nfetch++] = column;
}

/* The plan's columns, the key, and what the rows are sorted by. */
static bool choose_columns(struct overlay *o)
{
  const struct rs_scan *s = &o->plan->scan;
  size_t n = (size_t)o->c->nscan;
  o->fetch = rs_arena_alloc(&o->arena, n * sizeof *o->fetch);
  o->at = rs_arena_alloc(&o->arena, n * sizeof *o->at);
  if (!o->fetch || !o->at) return false;
  for (size_t i = 0; i < n; i++) o->at[i] = -1;
  for (size_t i = 0; i < s->nfetch; i++) add_fetch(o, s->fetch[i]);
  if (o->c->key >= 0) add_fetch(o, o->c->key);
  for (size_t i = 0; i < s->norder; i++) add_fetch(o, s->order[i].column);
  return true;
}

static enum rs_code fill_overlay(struct overlay *o, struct write_table *w,
                                 const struct rs_bound *bounds, struct rs_error *e)
{
  if (!choose_columns(o)) return rs_nomem(e);
  if (!w) return RS_OK;
  enum rs_code rc = rs_lookup_complete(o->c, w, e);
  if (rc != RS_OK) return rc;
  o->queue = rs_queue_share(w->queue);
  rc = rs_queue_reader_new(o->queue, &o->reader, e);
  if (rc == RS_OK) rc = gather_rows(o, bounds, e);
  if (rc == RS_OK) rc = sort_rows(o, e);
  o->era = rs_queue_era(o->queue);
  return rc;
}

enum rs_code rs_overlay_new(struct collection *c, const struct collection_plan *plan,
                            struct rs_scan *scan, struct rs_scan_values *values,
                            struct overlay **po, struct rs_error *e)
{
  struct write_table *w = rs_collection_written(c);
  bool queued = w && rs_queue_count(w->queue) > 0;
  // DELETE uses no column, and then asks for every key
  bool key = c->part.joined && c->key >= 0 && plan->slot[c->key] < 0;
  *po = NULL;
  if (!queued && !key) return RS_OK;
  struct overlay *o = rs_calloc(1, sizeof *o);
  if (!o) return rs_nomem(e);
  o->c = c;
  o->plan = plan;
  o->skip = plan->scan.skips && values->offset > 0 ? values->offset : 0;
  o->left = values->limit;
  if (!plan->scan.skips && values->limit >= 0 && values->offset > 0)
    o->left = values->limit > INT64_MAX - values->offset ? -1 : values->limit + values->offset;
  rs_arena_init(&o->arena, 0);
  rs_scratch_init(&o->scratch);
  enum rs_code rc = fill_overlay(o, queued ? w : NULL, values->bounds, e);
  if (rc != RS_OK) {
    rs_overlay_free(o);
    return rc;
  }
  scan->fetch = o->fetch;
  scan->nfetch = o->nfetch;
  scan->count = scan->distinct = false;
  scan->limit_arg = scan->offset_arg = 0;
  values->limit = values->offset = -1;
  *po = o;
  return RS_OK;
}

/* ---- stepping -------------------------------------------------------------------------------- */

/* The engine's next row whose key is not queued. */
static enum rs_code step_engine(struct overlay *o, struct rs_rows *r, struct rs_error *e)
{
  while (!o->engine_row && !o->engine_done) {
    struct rs_value key;
    bool has = false;
    enum rs_code rc = rs_rows_next(r, e);
    if (rc == RS_DONE) o->engine_done = true;
    else if (rc != RS_OK) return rc;
    if (o->engine_done) break;
    if (o->queue && o->c->key >= 0) {
      rs_rows_get(r, (size_t)o->at[o->c->key], &key);
      rc = rs_queue_has(o->reader, &key, &has, e);
      if (rc != RS_OK) return rc;
    }
    o->engine_row = !has;
  }
  return RS_OK;
}

/* Reads the queued row that comes next; a queue that was cut since has none any more. */
static enum rs_code step_queue(struct overlay *o, struct rs_error *e)
{
  if (o->queue && rs_queue_era(o->queue) != o->era) o->i = o->n;
  if (o->queued_read || o->i >= o->n) return RS_OK;
  enum rs_code rc = rs_queue_at(o->reader, o->places[o->i], &o->queued, e);
  o->seen = rs_queue_count(o->queue);
  o->queued_read = rc == RS_OK;
  return rc;
}

enum rs_code rs_overlay_next(struct overlay *o, struct rs_rows *r, struct rs_error *e)
{
  for (;;) {
    if (o->current == CURRENT_ENGINE) o->engine_row = false;
    if (o->current == CURRENT_QUEUED) {
      o->i++;
      o->queued_read = false;
    }
    o->current = CURRENT_NONE;
    if (o->left == 0) return RS_DONE;
    enum rs_code rc = step_engine(o, r, e);
    if (rc == RS_OK) rc = step_queue(o, e);
    if (rc != RS_OK) return rc;
    bool queued = o->i < o->n;
    if (!o->engine_row && !queued) return RS_DONE;
    if (o->engine_row && queued) queued = queued_first(o, r);
    o->current = queued ? CURRENT_QUEUED : CURRENT_ENGINE;
    if (o->skip > 0) {
      o->skip--;
      continue;
    }
    if (o->left > 0) o->left--;
    return RS_OK;
  }
}

void rs_overlay_get(struct overlay *o, struct rs_rows *r, int column, struct rs_value *out)
{
  *out = (struct rs_value){.kind = RS_NULL};
  if (o->current == CURRENT_ENGINE) {
    if (o->at[column] >= 0) rs_rows_get(r, (size_t)o->at[column], out);
    return;
  }
  if (o->current != CURRENT_QUEUED || rs_queue_era(o->queue) != o->era) return;
  if (rs_queue_count(o->queue) != o->seen) { // its log has grown, and maybe moved
    if (rs_queue_at(o->reader, o->places[o->i], &o->queued, NULL) != RS_OK) return;
    o->seen = rs_queue_count(o->queue);
  }
  *out = o->queued.row[column];
  normalize(o, out);
}

bool rs_overlay_has(const struct overlay *o, int column)
{
  return o->current == CURRENT_QUEUED || o->at[column] >= 0;
}
