/*
** Cursors of the module `rockset`: from (plan, values) to rows.
**
** THE CONTRACT WITH xBestIndex (collection_plan.c says it, too)
**   idxStr  the SQL template, ?N standing for the N-th argument of xFilter;
**           EXPLAIN QUERY PLAN prints it
**   idxNum  the plan's number among those of this template, nearly always 0
**   argv    1. a query's parameters, in the order of its hidden columns
**           2. the terms, in the order of the template; of an IN term a list (sqlite3_vtab_in)
**           3. LIMIT, 4. OFFSET
**   A plan with `missing` set takes no arguments and fails here.
**
** A cursor has a session of its own while it has rows open, and gives it back at their end. xFilter
** may be called again at any time. open_rows() is the seam: what turns a plan and its values into
** rows; all else of this file only reads rows.
**
** xRowid of a keyless table, and the key of a row when the statement uses it nowhere: SQLite asks
** for them only to recognise a row that it has met before (RIGHT and FULL JOIN scan a table twice).
** The relation has nothing that identifies its rows, but rows that are equal in all columns used
** meet the same fate in such a statement; so a row is told by a hash of these columns and its
** number among its equals in this scan. From whatever scan they come, the same rows have the same
** set of numbers.
*/
#include "collection_cache.h"
#include "collection_write.h"
#include "../src/adapter/sqltext.h"
#include "../src/base/map.h"
#include "../src/base/mem.h"

#include <string.h>

/* How often rows of a hash were met: open addressing, a hash of 0 is a free slot. */
struct met {
  uint64_t hash, count;
};

struct cursor {
  sqlite3_vtab_cursor base; /* must be first */
  const struct collection_plan *plan;
  struct rs_session *session; /* while rows are open */
  struct rs_rows *rows;
  struct overlay *overlay;  /* rows that this transaction has queued, or NULL */
  struct cache_scan cached; /* rows that are known already, instead of all these */
  struct cache_record record;
  struct rs_value *row; /* of the plan's fetched columns, while rows are recorded */
  int64_t counted;      /* of a counting plan: rows not yet passed */
  bool eof;
  bool has_id; /* id is the current row's */
  sqlite3_int64 id;
  struct met *met;
  size_t nmet, met_slots; /* slots: a power of two */
  sqlite3_value **params; /* copies of a query's parameters, collection.nparams of them */
  int *at;                /* of a query lambda's rows: by data column, in the arena */
  struct rs_arena arena;  /* copies of values, for one xFilter */
  struct rs_buf sql;
  struct rs_buf scratch; /* text on its way to SQLite */
  struct rs_buf *text;   /* the same, NULL when the rows' texts need no copy */
};

static struct collection *collection_of(struct cursor *cur)
{
  return (struct collection *)cur->base.pVtab;
}

static int cursor_error(struct cursor *cur, struct rs_error *e)
{
  return rs_collection_error(collection_of(cur), e);
}

/* ---- open, close ----------------------------------------------------------------------------- */

int rs_collection_open(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  struct cursor *cur = sqlite3_malloc64(sizeof *cur);
  if (!cur) return SQLITE_NOMEM;
  rs_cache_enter((struct collection *)pVtab);
  memset(cur, 0, sizeof *cur);
  cur->eof = true;
  rs_arena_init(&cur->arena, 0);
  rs_buf_init(&cur->sql, RS_BUF_SQL_MAX);
  rs_buf_init(&cur->scratch, RS_BUF_SQL_MAX * 16);
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
  rs_conn_done(collection_of(cur)->conn, cur->session);
  cur->session = NULL;
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
  for (int i = 0; cur->params && i < collection_of(cur)->nparams; i++)
    sqlite3_value_free(cur->params[i]);
  rs_free(cur->params);
  cur->params = NULL;
}

int rs_collection_close(sqlite3_vtab_cursor *pCursor)
{
  struct cursor *cur = (struct cursor *)pCursor;
  close_rows(cur);
  drop_params(cur);
  rs_cache_leave(collection_of(cur));
  rs_arena_free(&cur->arena);
  rs_buf_free(&cur->sql);
  rs_buf_free(&cur->scratch);
  sqlite3_free(cur);
  return SQLITE_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A value of SQLite's with its bytes copied: those of a list are gone with its next item. */
static bool copy_value(struct cursor *cur, sqlite3_value *v, struct rs_value *out)
{
  rs_value_from_sqlite(v, out);
  if (out->kind == RS_NULL && sqlite3_value_type(v) != SQLITE_NULL) return false; /* no memory */
  if (out->kind != RS_TEXT && out->kind != RS_BYTES) return true;
  out->s.p = rs_arena_strndup(&cur->arena, out->s.p, out->s.n);
  return out->s.p != NULL;
}

/* The value with the affinity that a comparison with the column gives it: SQLite applies none to
** what it hands over. The copy is converted, since the original may be in use elsewhere. */
static bool take_value(struct cursor *cur, sqlite3_value *v, enum rs_type type,
                       struct rs_value *out)
{
  if (!rs_shippable_numeric(type) || sqlite3_value_type(v) != SQLITE_TEXT)
    return copy_value(cur, v, out);
  sqlite3_value *copy = sqlite3_value_dup(v);
  if (!copy) return false;
  sqlite3_value_numeric_type(copy);
  bool ok = copy_value(cur, copy, out);
  sqlite3_value_free(copy);
  return ok;
}

static int take_list(struct cursor *cur, sqlite3_value *arg, enum rs_type type,
                     struct rs_bound *out)
{
  struct rs_value *items = NULL, *copy;
  sqlite3_value *v = NULL;
  size_t n = 0, cap = 0;
  int rc;
  for (rc = sqlite3_vtab_in_first(arg, &v); rc == SQLITE_OK && v;
       rc = sqlite3_vtab_in_next(arg, &v)) {
    if (!rs_grow(&items, &cap, n + 1, sizeof *items) || !take_value(cur, v, type, &items[n])) {
      rc = SQLITE_NOMEM;
      break;
    }
    n++;
  }
  if (rc == SQLITE_OK || rc == SQLITE_DONE) {
    rc = SQLITE_OK;
    copy = rs_arena_alloc(&cur->arena, (n + 1) * sizeof *copy);
    if (!copy) {
      rc = SQLITE_NOMEM;
    } else {
      if (n) memcpy(copy, items, n * sizeof *copy);
      rs_shippable_bind_list(cur->plan->d, type, copy, n, out);
    }
  }
  rs_free(items);
  return rc;
}

/* What each term became; *never is set when one of them excludes every row. */
static int bind_terms(struct cursor *cur, sqlite3_value **argv, struct rs_bound *bounds,
                      bool *never)
{
  const struct collection_plan *plan = cur->plan;
  for (size_t i = 0; i < plan->scan.nterms; i++) {
    const struct rs_scan_term *t = &plan->scan.terms[i];
    enum rs_type type = plan->scan.columns[t->column].type;
    struct rs_value v;
    int rc = SQLITE_OK;
    if (t->op == RS_OP_IN) rc = take_list(cur, argv[t->arg - 1], type, &bounds[i]);
    else if (!take_value(cur, argv[t->arg - 1], type, &v)) rc = SQLITE_NOMEM;
    else rs_shippable_bind(plan->d, type, t->op, t->rhs, &v, &bounds[i]);
    if (rc != SQLITE_OK) return rc;
    if (bounds[i].kind == RS_BOUND_FALSE) *never = true;
  }
  return SQLITE_OK;
}

/* ---- open_rows: (plan, values) to rows ------------------------------------------------------- */

/* A statement that failed: has the relation the columns still that we asked for? If not, say so. */
static void explain_drift(struct cursor *cur, struct rs_session *session,
                          const struct rs_relation *rel, struct rs_error *e)
{
  struct collection *c = collection_of(cur);
  const struct rs_scan *s = &cur->plan->scan;
  struct rs_columns cols = {0};
  struct rs_error drift = {0};
  enum rs_relation_kind kind;
  if (!rel->name || e->code == RS_CANCELLED || e->code == RS_NOMEM || e->code == RS_BUSY ||
      e->code == RS_TIMEOUT || e->code == RS_AUTH || e->code == RS_IO)
    return;
  enum rs_code rc = rs_session_describe(session, rel, &cols, &kind, &drift);
  if (rc == RS_NOT_FOUND) *e = drift;
  for (size_t i = 0; rc == RS_OK && i < s->nfetch; i++) {
    const char *name = s->columns[s->fetch[i]].name;
    if (rs_columns_find(&cols, name) >= 0) continue;
    rs_fail(e, e->code, "column '%s' of %s.%s is gone: %s", name, rel->workspace, rel->name,
            rs_collection_way_out(c).text);
    break;
  }
  for (size_t i = 0; rc == RS_OK && i < s->nterms; i++) {
    const struct rs_scan_column *col = &s->columns[s->terms[i].column];
    int k = rs_columns_find(&cols, col->name);
    if (k < 0 || cols.v[k].type == col->type) continue;
    rs_fail(e, e->code, "column '%s' is now %s: %s", col->name, cols.v[k].native,
            rs_collection_way_out(c).text);
    break;
  }
  rs_columns_free(&cols);
}

/* Affinity, terms and order go by the types known since CREATE: with another type they would be
** wrong. What the plan has terms or an order on it fetches, too. */
static enum rs_code check_types(struct cursor *cur, const struct rs_rows *rows,
                                const struct rs_scan *s, const int *slot, struct rs_error *e)
{
  struct collection *c = collection_of(cur);
  const struct rs_columns *cols = rs_rows_columns(rows);
  for (size_t i = 0; i < s->nfetch; i++) {
    int column = s->fetch[i], k = slot[column];
    if (k < 0 || (size_t)k >= cols->n || cols->v[k].type == c->columns[column].type) continue;
    if (cols->v[k].native[0] == 0) continue; // the engine tells no types of a result
    return rs_fail(e, RS_INVALID, "column '%s' is now %s: %s", c->columns[column].name,
                   cols->v[k].native, rs_collection_way_out(c).text);
  }
  return RS_OK;
}

/* A stored query may have been changed behind our back, and each engine reads texts by its own
** rules: it is proven for the one that it goes to. */
static enum rs_code prove_query(const struct collection *c, const struct rs_dialect *d,
                                const char *query, struct rs_error *e)
{
  struct rs_sqltext one;
  enum rs_code rc = rs_sqltext_one(query, strlen(query), d, "its stored query", &one, e);
  if (rc == RS_OK || rc == RS_NOMEM) return rc;
  char text[500];
  sqlite3_snprintf(sizeof text, text, "%s", e->text);
  return rs_fail(e, rc, "%s: %s", text, rs_collection_way_out(c).text);
}

/* The query's text for the dialect, and its parameters' values, in the order of its markers. */
static enum rs_code bind_query(struct cursor *cur, const struct rs_scan *s, struct rs_buf *out,
                               struct rs_params *params, struct rs_error *e)
{
  struct collection *c = collection_of(cur);
  struct rs_map names;
  size_t *order = NULL, n = 0;
  if (!s->query) return RS_OK;
  rs_map_init(&names);
  enum rs_code rc = prove_query(c, cur->plan->d, s->query, e);
  if (rc == RS_OK)
    rc = rs_sqltext_params(s->query, strlen(s->query), cur->plan->d, out, &names, &order, &n, e);
  if (rc == RS_OK && names.n != (size_t)c->nparams)
    rc = rs_fail(e, RS_INVALID, "its stored parameters are not its query's: %s",
                 rs_collection_way_out(c).text);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    struct rs_value v;
    rs_value_from_sqlite(cur->params[order[i]], &v);
    if (!rs_params_add(params, &v)) rc = rs_nomem(e);
  }
  rs_map_free(&names);
  rs_free(order);
  return rc == RS_OK ? rs_buf_error(out, e, "query") : rc;
}

/* Sends a scan of a relation or a query. A session has the target that the plan was made for. */
static enum rs_code send_scan(struct cursor *cur, struct rs_scan *scan,
                              struct rs_scan_values *values, struct rs_session *s,
                              struct rs_rows **rows, struct rs_error *e)
{
  struct collection *c = collection_of(cur);
  struct rs_params params = {0};
  struct rs_buf query;
  const struct rs_target *target = rs_session_target(s);
  if (rs_target_dialect(target) != cur->plan->d)
    return rs_fail(e, RS_INVALID,
                   "the target changed since this statement was prepared: prepare it "
                   "again");
  scan->workspace = c->workspace ? c->workspace : rs_target_workspace(target);
  rs_buf_init(&query, RS_BUF_SQL_MAX);
  rs_buf_clear(&cur->sql);
  enum rs_code rc = bind_query(cur, scan, &query, &params, e);
  values->query = rs_buf_text(&query);
  if (rc == RS_OK) {
    rs_deparse_select(cur->plan->d, scan, values, &cur->sql, &params);
    rc = rs_buf_error(&cur->sql, e, "statement");
  }
  if (rc == RS_OK) {
    const struct rs_statement st = {
      .sql = rs_buf_text(&cur->sql), .params = params.v, .nparams = params.n};
    rc = rs_session_query(s, &st, rows, e);
    if (rc != RS_OK) explain_drift(cur, s, &(struct rs_relation){scan->workspace, scan->name}, e);
  }
  rs_params_free(&params);
  rs_buf_free(&query);
  return rc;
}

/*
** The seam: opens the rows of a plan with these values, and steps onto the first one.
*/
static enum rs_code open_rows(struct cursor *cur, struct rs_scan_values *values, struct rs_error *e)
{
  struct collection *c = collection_of(cur);
  struct rs_scan scan = cur->plan->scan;
  enum rs_code rc = rs_write_check_read(c, e);
  if (rc == RS_OK && c->relation)
    rc = rs_overlay_new(c, cur->plan, &scan, values, &cur->overlay, e);
  if (rc == RS_OK) rc = rs_conn_session_of(c->conn, c->named, c->stored, &cur->session, e);
  if (rc != RS_OK) return rc;
  if (c->lambda)
    return rs_collection_lambda_open(c, cur->session, cur->params, &cur->arena, &cur->rows,
                                     &cur->at, e);
  rc = send_scan(cur, &scan, values, cur->session, &cur->rows, e);
  return rc == RS_OK ? check_types(cur, cur->rows, &scan, cur->plan->slot, e) : rc;
}

/* For the cache: all rows of the plan's scan without some of its terms. */
struct whole {
  struct cursor *cur;
  const struct rs_bound *bounds;
};

static enum rs_code read_whole(struct rs_rows *rows, size_t n, rs_cache_row_fn fn, void *ctx,
                               struct rs_error *e)
{
  struct rs_value *row = rs_calloc(n + 1, sizeof *row);
  enum rs_code rc = row ? RS_OK : rs_nomem(e);
  while (rc == RS_OK) {
    rc = rs_rows_next(rows, e);
    for (size_t i = 0; rc == RS_OK && i < n; i++) rs_rows_get(rows, i, &row[i]);
    if (rc == RS_OK) rc = fn(ctx, row, e);
  }
  rs_free(row);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code fetch_whole(void *ctx, const int *fetch, size_t nfetch, const bool *without,
                                rs_cache_row_fn fn, void *fn_ctx, struct rs_error *e)
{
  struct whole *x = ctx;
  struct cursor *cur = x->cur;
  struct collection *c = collection_of(cur);
  const struct rs_scan *s = &cur->plan->scan;
  struct rs_scan_term *terms = rs_arena_alloc(&cur->arena, (s->nterms + 1) * sizeof *terms);
  struct rs_bound *bounds = rs_arena_alloc(&cur->arena, (s->nterms + 1) * sizeof *bounds);
  int *slot = rs_arena_alloc(&cur->arena, ((size_t)c->ndata + 1) * sizeof *slot);
  struct rs_session *session = NULL;
  struct rs_rows *rows = NULL;
  if (!terms || !bounds || !slot) return rs_nomem(e);
  struct rs_scan scan = *s;
  scan.terms = terms;
  scan.nterms = 0;
  scan.limit_arg = 0;
  scan.fetch = fetch;
  scan.nfetch = nfetch;
  for (size_t i = 0; i < s->nterms; i++) {
    if (without[i]) continue;
    terms[scan.nterms] = s->terms[i];
    bounds[scan.nterms++] = x->bounds[i];
  }
  for (int i = 0; i < c->ndata; i++) slot[i] = -1;
  for (size_t i = 0; i < nfetch; i++) slot[fetch[i]] = (int)i;
  struct rs_scan_values values = {.bounds = bounds, .limit = -1, .offset = -1};
  enum rs_code rc = rs_write_check_read(c, e);
  if (rc == RS_OK) rc = rs_conn_session_of(c->conn, c->named, c->stored, &session, e);
  if (rc == RS_OK) rc = send_scan(cur, &scan, &values, session, &rows, e);
  if (rc == RS_OK) rc = check_types(cur, rows, s, slot, e);
  if (rc == RS_OK) rc = read_whole(rows, nfetch, fn, fn_ctx, e);
  rs_rows_close(rows);
  rs_conn_done(c->conn, session);
  return rc;
}

/* ---- xFilter --------------------------------------------------------------------------------- */

static int take_params(struct cursor *cur, sqlite3_value **argv)
{
  int n = collection_of(cur)->nparams;
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

/* The value of a data column that is fetched. */
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
  rs_cache_record_row(collection_of(cur), &cur->record, cur->row);
}

/* Steps, and gives the session back at the end. */
static enum rs_code step(struct cursor *cur, struct rs_error *e)
{
  enum rs_code rc = cur->overlay ? rs_overlay_next(cur->overlay, cur->rows, e)
                                 : rs_rows_next(cur->rows, e);
  if (rc == RS_OK && cur->record.key) record_row(cur);
  if (rc == RS_DONE) rs_cache_record_end(collection_of(cur), &cur->record);
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
  struct whole whole = {cur, values->bounds};
  const struct cache_fetch fetch = {fetch_whole, &whole};
  enum rs_code rc = rs_cache_find(collection_of(cur), cur->plan, values, cur->params, &fetch,
                                  &cur->cached, &cur->record, hit, e);
  if (rc != RS_OK || !cur->record.key) return rc;
  cur->row = rs_calloc(cur->plan->scan.nfetch + 1, sizeof *cur->row);
  return cur->row ? RS_OK : rs_nomem(e);
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
  struct collection *c = collection_of(cur);
  struct rs_error e = {0};
  struct rs_scan_values values = {0};
  bool never = false;
  (void)argc;
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
  if (rc == SQLITE_OK) rc = bind_terms(cur, argv, bounds, &never);
  if (rc != SQLITE_OK) return rc;
  values.bounds = bounds;
  values.limit = bound_of(argv, plan->scan.limit_arg);
  values.offset = bound_of(argv, plan->scan.offset_arg);
  if (never || values.limit == 0) return SQLITE_OK; /* no row: nothing to ask */
  bool hit = false;
  enum rs_code code = look_up(cur, &values, &hit, &e);
  if (code == RS_OK && !hit) code = open_rows(cur, &values, &e);
  if (code == RS_OK && hit) {
    cur->eof = cur->cached.at == 0;
    cur->text = &cur->scratch;
  } else if (code == RS_OK) {
    cur->eof = false;
    cur->text = !cur->overlay && rs_rows_terminated(cur->rows) ? NULL : &cur->scratch;
    code = plan->scan.count && !cur->overlay ? read_count(cur, &e) : step(cur, &e);
  }
  if (!cur->at) rs_arena_free(&cur->arena); /* the values were needed for the call only */
  if (code == RS_OK) return SQLITE_OK;
  close_rows(cur);
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
  if (cur->cached.pc) {
    rs_cache_scan_next(&cur->cached);
    cur->eof = cur->cached.at == 0;
    return SQLITE_OK;
  }
  if (cur->plan->scan.count && !cur->overlay) {
    cur->eof = --cur->counted <= 0;
    return SQLITE_OK;
  }
  if (step(cur, &e) == RS_OK) return SQLITE_OK;
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
    uint64_t hash = row_hash(cur), number;
    if (!count_row(cur, hash, &number)) return false;
    cur->id = (sqlite3_int64)(mix(hash, &number, sizeof number) & INT64_MAX);
    cur->has_id = true;
  }
  *id = cur->id;
  return true;
}

int rs_collection_get(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int i)
{
  struct cursor *cur = (struct cursor *)pCursor;
  const struct collection *c = collection_of(cur);
  if (i < c->ndata) {
    bool has = cur->overlay ? rs_overlay_has(cur->overlay, i) : cur->plan->slot[i] >= 0;
    if (c->joined && sqlite3_vtab_nochange(ctx)) return SQLITE_OK; /* an UPDATE leaves it */
    if (has) {
      struct rs_value v;
      get_data(cur, i, &v);
      rs_value_result(ctx, &v, cur->text);
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

int rs_collection_rowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid)
{
  return row_id((struct cursor *)pCursor, pRowid) ? SQLITE_OK : SQLITE_NOMEM;
}
