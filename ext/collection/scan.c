/*
** Cursors of the module `rockset`: from (plan, values) to rows.
**
** THE CONTRACT WITH xBestIndex (plan.c says it, too)
**   idxStr  the SQL template, ?N standing for the N-th argument of xFilter;
**           EXPLAIN QUERY PLAN prints it
**   idxNum  the plan's number among those of this template, nearly always 0
**   argv    1. a query's parameters, in the order of its hidden columns
**           2. the terms, in the order of the template; of an IN term a list (sqlite3_vtab_in)
**           3. LIMIT, 4. OFFSET
**   A plan with `missing` set takes no arguments and fails here.
**
** A cursor has a session of its own while it has rows open, and gives it back at their end. xFilter
** may be called again at any time. What turns a plan and its values into rows is
** send.c; this file reads them.
**
** xRowid of a keyless table, and the key of a row when the statement uses it nowhere: SQLite asks
** for them only to recognise a row that it has met before (RIGHT and FULL JOIN scan a table twice).
** The relation has nothing that identifies its rows, but rows that are equal in all columns used
** meet the same fate in such a statement; so a row is known by a hash of these columns and its
** number among its equals in this scan. From whatever scan they come, the same rows have the same
** set of numbers. A scan that left equal rows out (DISTINCT) has met all of them: from then on they
** have one number in this statement.
*/
#include "scan.h"
#include "src/base/mem.h"

#include <string.h>

static int cursor_error(struct cursor *cur, struct rs_error *e)
{
  return rs_collection_error(rs_cursor_table(cur), e);
}

/* ---- open, close ----------------------------------------------------------------------------- */

int rs_collection_open(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  struct collection *c = (struct collection *)pVtab;
  struct cursor *cur = sqlite3_malloc64(sizeof *cur);
  if (!cur) return SQLITE_NOMEM;
  rs_cache_enter(c);
  if (c->cursors++ == 0) c->era++;
  memset(cur, 0, sizeof *cur);
  cur->eof = true;
  rs_arena_init(&cur->arena, 0);
  rs_buf_init(&cur->sql, RS_BUF_SQL_MAX);
  rs_buf_init(&cur->scratch, RS_BUF_SQL_MAX * 16);
  rs_scratch_init(&cur->side);
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

/* Closes what is open; an unfinished statement is cancelled. */
static void close_rows(struct cursor *cur)
{
  rs_rows_close(cur->rows);
  cur->rows = NULL;
  rs_overlay_free(cur->overlay);
  cur->overlay = NULL;
  rs_conn_done(rs_cursor_table(cur)->conn, cur->session);
  cur->session = NULL;
  cur->direct = NULL;
  rs_cache_scan_close(&cur->cached);
  rs_cache_record_drop(&cur->record);
  rs_free(cur->row);
  cur->row = NULL;
  cur->at = NULL;
  cur->counted = 0;
  cur->eof = true;
  cur->has_id = false;
  rs_free(cur->met);
  cur->met = NULL;
  cur->nmet = cur->met_slots = 0;
}

static void drop_params(struct cursor *cur)
{
  for (int i = 0; cur->params && i < rs_cursor_table(cur)->nparams; i++)
    sqlite3_value_free(cur->params[i]);
  rs_free(cur->params);
  cur->params = NULL;
}

int rs_collection_close(sqlite3_vtab_cursor *pCursor)
{
  struct cursor *cur = (struct cursor *)pCursor;
  close_rows(cur);
  drop_params(cur);
  rs_cache_leave(rs_cursor_table(cur));
  if (--rs_cursor_table(cur)->cursors == 0) rs_cursor_table(cur)->distinct_ids = false;
  rs_arena_free(&cur->arena);
  rs_buf_free(&cur->sql);
  rs_buf_free(&cur->scratch);
  rs_scratch_free(&cur->side);
  sqlite3_free(cur);
  return SQLITE_OK;
}

/* ---- xFilter --------------------------------------------------------------------------------- */

static int take_params(struct cursor *cur, sqlite3_value **argv)
{
  int n = rs_cursor_table(cur)->nparams;
  drop_params(cur);
  if (n == 0) return SQLITE_OK;
  cur->params = rs_calloc((size_t)n, sizeof *cur->params);
  if (!cur->params) return SQLITE_NOMEM;
  for (int i = 0; i < n; i++) {
    if (!cur->plan->given[i]) continue;
    cur->params[i] = sqlite3_value_dup(*argv++);
    if (!cur->params[i]) return SQLITE_NOMEM;
  }
  return SQLITE_OK;
}

/* The value of a column that is fetched, as the engine has it: of a data column or a sidecar. */
static void get_data(struct cursor *cur, int column, struct rs_value *v)
{
  if (cur->cached.pc) {
    rs_cache_scan_get(&cur->cached, cur->plan->slot[column], v);
    return;
  }
  if (cur->overlay) {
    rs_overlay_get(cur->overlay, cur->rows, column, v);
    return;
  }
  int at = cur->at ? cur->at[column] : cur->plan->slot[column];
  rs_rows_get(cur->rows, (size_t)at, v);
}

static void record_row(struct cursor *cur)
{
  for (size_t i = 0; i < cur->plan->scan.nfetch; i++)
    get_data(cur, cur->plan->scan.fetch[i], &cur->row[i]);
  rs_cache_record_row(rs_cursor_table(cur), &cur->record, cur->row);
}

/* Steps, and gives the session back at the end. */
static enum rs_code step_row(struct cursor *cur, struct rs_error *e)
{
  enum rs_code rc = cur->overlay ? rs_overlay_next(cur->overlay, cur->rows, e)
                                 : rs_rows_next(cur->rows, e);
  if (rc == RS_OK && cur->record.key) record_row(cur);
  if (rc == RS_DONE) rs_cache_record_end(rs_cursor_table(cur), &cur->record);
  if (rc == RS_DONE) close_rows(cur);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code read_count(struct cursor *cur, struct rs_error *e)
{
  struct rs_value v = {.kind = RS_NULL};
  enum rs_code rc = rs_rows_next(cur->rows, e);
  if (rc == RS_OK) rs_rows_get(cur->rows, 0, &v);
  if (rc == RS_DONE || (rc == RS_OK && v.kind != RS_INT))
    rc = rs_fail(e, RS_INTERNAL, "the engine answered no count");
  close_rows(cur);
  if (rc != RS_OK) return rc;
  cur->counted = v.i;
  cur->eof = v.i <= 0;
  return RS_OK;
}

/* Rows that are known already; or prepares for recording them. */
static enum rs_code look_up(struct cursor *cur, const struct rs_scan_values *values, bool *hit,
                            struct rs_error *e)
{
  struct scan_whole whole = {cur, values->bounds};
  const struct cache_fetch fetch = {rs_scan_whole, &whole};
  enum rs_code rc = rs_cache_find(rs_cursor_table(cur), cur->plan, values, cur->params, &fetch,
                                  &cur->cached, &cur->record, hit, e);
  if (rc != RS_OK || !cur->record.key) return rc;
  cur->row = rs_calloc(cur->plan->scan.nfetch + 1, sizeof *cur->row);
  return cur->row ? RS_OK : rs_nomem(e);
}

/* What the plan was made without. The engine need not be there for no row, and who may read rows
** need not be allowed to ask for columns. */
static enum rs_code look_beside(struct cursor *cur, bool never, bool *stale, struct rs_error *e)
{
  struct collection *c = rs_cursor_table(cur);
  enum rs_code rc = rs_sidecar_watch(c, e);
  const bool ignored = never || rc == RS_AUTH || rc == RS_FORBIDDEN;
  if (rc != RS_OK && ignored && rc != RS_NOMEM && rc != RS_CANCELLED) {
    *e = (struct rs_error){0};
    rc = RS_OK;
  }
  return rc == RS_OK ? rs_sidecar_refuse(c, cur->plan, stale, e) : rc;
}

/* LIMIT and OFFSET by SQLite's rules: a negative one is none. */
static int64_t bound_of(sqlite3_value **argv, int arg)
{
  return arg ? sqlite3_value_int64(argv[arg - 1]) : -1;
}

int rs_collection_filter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                         sqlite3_value **argv)
{
  struct cursor *cur = (struct cursor *)pCursor;
  struct collection *c = rs_cursor_table(cur);
  struct rs_error e = {0};
  struct rs_scan_values values = {0};
  bool never = false, stale = false, first = !cur->filtered;
  (void)argc;
  cur->filtered = true;
  close_rows(cur);
  rs_arena_free(&cur->arena);
  const struct collection_plan *plan = cur->plan = rs_collection_plan(c, idxNum, idxStr);
  if (!plan) {
    rs_fail(&e, RS_INTERNAL, "no such plan");
    return cursor_error(cur, &e);
  }
  if (plan->missing) {
    rs_fail(&e, c->lambda ? RS_CONSTRAINT : RS_INVALID,
            "parameter '%s' has no value: write %s(value, ...) or WHERE \"%s\" = value",
            plan->missing, c->table, plan->missing);
    return cursor_error(cur, &e);
  }
  plan = cur->plan = rs_collection_narrow(c, plan);
  struct rs_bound *bounds = rs_arena_calloc(&cur->arena, (plan->scan.nterms + 1) * sizeof *bounds);
  int rc = bounds ? take_params(cur, argv) : SQLITE_NOMEM;
  if (rc == SQLITE_OK) rc = rs_scan_bind(cur, argv, bounds, &never);
  if (rc != SQLITE_OK) return rc;
  values.bounds = bounds;
  values.limit = bound_of(argv, plan->scan.limit_arg);
  values.offset = bound_of(argv, plan->scan.offset_arg);
  if (values.limit == 0) return SQLITE_OK;
  bool hit = false;
  enum rs_code code = RS_OK;
  if (!never) code = rs_collection_prove_key(c, &e);
  if (!never && code == RS_OK) code = look_up(cur, &values, &hit, &e);
  if (!never && code == RS_OK && !hit) code = rs_scan_open(cur, &values, &e);
  // behind the rows, which keep others from writing to a file; with no row there is nothing to ask
  if (code == RS_OK && !hit) code = look_beside(cur, never, &stale, &e);
  if (never && code == RS_OK) return SQLITE_OK;
  if (code == RS_OK && hit) {
    cur->eof = cur->cached.at == 0;
  } else if (code == RS_OK) {
    cur->eof = false;
    bool count = plan->scan.count && !cur->overlay;
    bool direct = !count && !cur->overlay && !cur->at && !cur->record.key && !c->part.joined &&
                  !cur->plan->sided;
    cur->direct = direct ? plan->slot : NULL;
    code = count ? read_count(cur, &e) : step_row(cur, &e);
  }
  if (!cur->at) rs_arena_free(&cur->arena); /* the values were needed for the call only */
  if (code == RS_OK) return SQLITE_OK;
  close_rows(cur);
  if (stale && first && rs_collection_may_restart(c)) return SQLITE_SCHEMA;
  return cursor_error(cur, &e);
}

/* ---- rows ------------------------------------------------------------------------------------ */

int rs_collection_next(sqlite3_vtab_cursor *pCursor)
{
  struct cursor *cur = (struct cursor *)pCursor;
  struct rs_error e; // not zeroed as a whole: this runs for every row
  e.code = RS_OK;
  e.text[0] = 0;
  cur->has_id = false;
  if (!cur->direct && cur->cached.pc) {
    rs_cache_scan_next(&cur->cached);
    cur->eof = cur->cached.at == 0;
    return SQLITE_OK;
  }
  if (!cur->direct && cur->plan->scan.count && !cur->overlay) {
    cur->eof = --cur->counted <= 0;
    return SQLITE_OK;
  }
  if (step_row(cur, &e) == RS_OK) return SQLITE_OK;
  close_rows(cur);
  return cursor_error(cur, &e);
}

int rs_collection_eof(sqlite3_vtab_cursor *pCursor)
{
  return ((struct cursor *)pCursor)->eof;
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
  const unsigned char *s = p;
  while (n--) h = (h ^ *s++) * 1099511628211u;
  return h ^ h >> 29;
}

static uint64_t row_hash(struct cursor *cur)
{
  uint64_t h = 14695981039346656037u;
  for (size_t i = 0; (cur->rows || cur->cached.pc) && i < cur->plan->scan.nfetch; i++) {
    struct rs_value v;
    get_data(cur, cur->plan->scan.fetch[i], &v);
    h = mix(h, &v.kind, sizeof v.kind);
    if (v.kind == RS_INT || v.kind == RS_BOOL) h = mix(h, &v.i, sizeof v.i);
    else if (v.kind == RS_FLOAT) h = mix(h, &v.f, sizeof v.f);
    else if (v.kind != RS_NULL) h = mix(mix(h, &v.s.n, sizeof v.s.n), v.s.p, v.s.n);
  }
  return h ? h : 1;
}

static struct met *met_slot(struct met *met, size_t slots, uint64_t hash)
{
  size_t i = hash & (slots - 1);
  while (met[i].hash && met[i].hash != hash) i = (i + 1) & (slots - 1);
  return &met[i];
}

/* The current row's number among its equals: 0, 1 ... False when out of memory. */
static bool count_row(struct cursor *cur, uint64_t hash, uint64_t *number)
{
  if (2 * (cur->nmet + 1) > cur->met_slots) {
    size_t slots = cur->met_slots ? 2 * cur->met_slots : 64;
    struct met *met = rs_calloc(slots, sizeof *met);
    if (!met) return false;
    for (size_t i = 0; i < cur->met_slots; i++)
      if (cur->met[i].hash) *met_slot(met, slots, cur->met[i].hash) = cur->met[i];
    rs_free(cur->met);
    cur->met = met;
    cur->met_slots = slots;
  }
  struct met *m = met_slot(cur->met, cur->met_slots, hash);
  if (!m->hash) cur->nmet++;
  m->hash = hash;
  *number = m->count++;
  return true;
}

/* What tells the current row from others, however often it is asked for. */
static bool row_id(struct cursor *cur, sqlite3_int64 *id)
{
  if (!cur->has_id) {
    struct collection *c = rs_cursor_table(cur);
    uint64_t hash = row_hash(cur), number = 0;
    if (cur->plan->scan.distinct) c->distinct_ids = true;
    if (!c->distinct_ids && !count_row(cur, hash, &number)) return false;
    cur->id = (sqlite3_int64)(mix(hash, &number, sizeof number) & INT64_MAX);
    cur->has_id = true;
  }
  *id = cur->id;
  return true;
}

/* *v: the column's value, and afterwards what it is with its sidecar. False: out of memory. */
static bool read_side(struct cursor *cur, int column, struct rs_value *v)
{
  struct rs_value side = {.kind = RS_NULL};
  get_data(cur, column, &side);
  rs_scratch_reset(&cur->side);
  return side.kind == RS_NULL || rs_sidecar_read(&side, &cur->side, v);
}

/* Any value, also one that is not in the engine's rows. Not in line: the other way needs no frame.
*/
__attribute__((noinline)) static int get_any(struct cursor *cur, sqlite3_context *ctx, int i)
{
  const struct collection *c = rs_cursor_table(cur);
  if (i < c->ndata) {
    bool has = cur->overlay ? rs_overlay_has(cur->overlay, i) : cur->plan->slot[i] >= 0;
    if (c->part.joined && sqlite3_vtab_nochange(ctx)) return SQLITE_OK; /* an UPDATE leaves it */
    if (has) {
      struct rs_value v = {.whole = false};
      get_data(cur, i, &v);
      if (cur->plan->scan.columns[i].side && !read_side(cur, c->columns[i].side, &v))
        return SQLITE_NOMEM;
      rs_value_result(ctx, &v, &cur->scratch);
    } else if (cur->plan->is_narrow) {
      sqlite3_result_error(ctx, "a column is read that this statement was not known to use", -1);
    } else if (i == c->key) {
      sqlite3_int64 id;
      if (!row_id(cur, &id)) return SQLITE_NOMEM;
      sqlite3_result_int64(ctx, id);
    }
  } else if (i < c->ndata + c->nparams) {
    sqlite3_value *v = cur->params ? cur->params[i - c->ndata] : NULL;
    if (v) sqlite3_result_value(ctx, v); /* else the default, which only the lambda knows */
  }
  return SQLITE_OK;
}

int rs_collection_get(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int i)
{
  struct cursor *cur = (struct cursor *)pCursor;
  if (!cur->direct || i >= rs_cursor_table(cur)->ndata || cur->direct[i] < 0)
    return get_any(cur, ctx, i);
  struct rs_value v;
  rs_rows_get(cur->rows, (size_t)cur->direct[i], &v);
  // what most values are, without a further call
  if (v.kind == RS_INT) sqlite3_result_int64(ctx, v.i);
  else if (v.kind == RS_TEXT && v.whole) sqlite3_result_text(ctx, v.s.p, -1, SQLITE_TRANSIENT);
  else rs_value_result(ctx, &v, &cur->scratch);
  return SQLITE_OK;
}

int rs_collection_rowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid)
{
  return row_id((struct cursor *)pCursor, pRowid) ? SQLITE_OK : SQLITE_NOMEM;
}
