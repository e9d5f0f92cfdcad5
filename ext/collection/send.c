/*
** What turns a plan and its values into rows: terms are bound to values, the statement is written
** (src/pushdown/pushdown.h) and sent, rows that this transaction has queued are laid over the
** engine's. The contract of plans is in plan.c; what reads the rows, scan.c.
**
** A statement that fails, or whose columns have other types than at CREATE, says which column is
** gone or was retyped.
*/
#include "scan.h"
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/value/boxed.h"

#include <string.h>

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

static int take_list(struct cursor *cur, sqlite3_value *arg, const struct rs_scan_column *c,
                     struct rs_bound *each, struct rs_bound *out)
{
  const enum rs_type type = c->type;
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
    copy = rs_arena_alloc(&cur->arena, (n * (c->nmembers + 1) + 1) * sizeof *copy);
    if (!copy) {
      rc = SQLITE_NOMEM;
    } else if (c->nmembers) {
      if (n) memcpy(copy, items, n * sizeof *copy);
      rs_shippable_bind_members_list(cur->plan->d, c, copy, n, copy + n, each, out);
    } else {
      if (n) memcpy(copy, items, n * sizeof *copy);
      rs_shippable_bind_list(cur->plan->d, type, copy, n, out);
    }
  }
  rs_free(items);
  return rc;
}

static int take_pattern(struct cursor *cur, sqlite3_value *arg, enum rs_op op,
                        const struct rs_scan_column *c, struct rs_bound *each, struct rs_bound *out)
{
  struct rs_value v;
  if (!copy_value(cur, arg, &v)) return SQLITE_NOMEM;
  size_t n = v.kind == RS_TEXT ? v.s.n : 0;
  char *pattern = rs_arena_alloc(&cur->arena, n + 1);
  if (!pattern) return SQLITE_NOMEM;
  rs_shippable_bind_pattern(op, &v, pattern, out);
  if (c->nmembers) {
    const struct rs_bound text = *out;
    rs_shippable_bind_members_pattern(c, &text, each, out);
  }
  return SQLITE_OK;
}

/* SQLite gives a column with a sidecar no affinity: a text is above its numbers, unless it meets
** them as one, by the affinity of what it comes from. */
static void bind_sided(const struct rs_scan_term *t, sqlite3_value *arg, struct rs_bound *out)
{
  sqlite3_value *v = arg;
  int rc = SQLITE_OK;
  if (t->op == RS_OP_ISNULL || t->op == RS_OP_NOTNULL) return;
  bool list = t->op == RS_OP_IN, text = false;
  if (list) rc = sqlite3_vtab_in_first(arg, &v);
  for (; rc == SQLITE_OK && v && !text; rc = list ? sqlite3_vtab_in_next(arg, &v) : SQLITE_DONE)
    text = sqlite3_value_type(v) == SQLITE_TEXT;
  if (text)
    *out = (struct rs_bound){.kind = t->op == RS_OP_ISNOT ? RS_BOUND_TRUE : RS_BOUND_NOT_NULL};
}

int rs_scan_bind(struct cursor *cur, sqlite3_value **argv, struct rs_bound *bounds, bool *never)
{
  const struct collection_plan *plan = cur->plan;
  for (size_t i = 0; i < plan->scan.nterms; i++) {
    const struct rs_scan_term *t = &plan->scan.terms[i];
    const struct rs_scan_column *c = &plan->scan.columns[t->column];
    enum rs_type type = c->type;
    struct rs_value v;
    int rc = SQLITE_OK;
    struct rs_bound *each = rs_arena_calloc(&cur->arena, (c->nmembers + 1) * sizeof *each);
    if (!each) return SQLITE_NOMEM;
    if (t->op == RS_OP_LIKE || t->op == RS_OP_GLOB)
      rc = take_pattern(cur, argv[t->arg - 1], t->op, c, each, &bounds[i]);
    else if (t->op == RS_OP_IN) rc = take_list(cur, argv[t->arg - 1], c, each, &bounds[i]);
    else if (c->nmembers && !copy_value(cur, argv[t->arg - 1], &v)) rc = SQLITE_NOMEM;
    else if (c->nmembers)
      rs_shippable_bind_members(plan->d, c, t->op, t->rhs, &v, each, &bounds[i]);
    else if (!take_value(cur, argv[t->arg - 1], type, &v)) rc = SQLITE_NOMEM;
    else rs_shippable_bind(plan->d, type, t->op, t->rhs, &v, &bounds[i]);
    if (rc != SQLITE_OK) return rc;
    if (plan->scan.columns[t->column].side && rs_shippable_numeric(type))
      bind_sided(t, argv[t->arg - 1], &bounds[i]);
    if (bounds[i].kind == RS_BOUND_FALSE && !plan->scan.columns[t->column].side) *never = true;
  }
  return SQLITE_OK;
}

/* ---- (plan, values) to rows ------------------------------------------------------------------ */

/* A statement that failed: has the relation the columns still that we asked for? If not, say so. */
static void explain_drift(struct cursor *cur, struct rs_session *session,
                          const struct rs_relation *rel, struct rs_error *e)
{
  struct collection *c = rs_cursor_table(cur);
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
    const struct rs_path *path = s->columns[s->fetch[i]].path;
    if (path) name = path->root;
    if (rs_boxed_has(&cols, name)) continue;
    rc = rs_fail(e, e->code, "column '%s' of %s.%s is gone: %s", name, rel->workspace, rel->name,
                 rs_collection_way_out(c).text);
    break;
  }
  for (size_t i = 0; rc == RS_OK && i < s->nfetch + s->nterms; i++) {
    const int column = i < s->nfetch ? s->fetch[i] : s->terms[i - s->nfetch].column;
    const struct rs_scan_column *col = &s->columns[column];
    int k = column < c->ndata ? rs_columns_find(&cols, col->name) : -1;
    if (k < 0 || col->path || cols.v[k].type == col->type) continue;
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
  struct collection *c = rs_cursor_table(cur);
  const struct rs_columns *cols = rs_rows_columns(rows);
  for (size_t i = 0; i < s->nfetch; i++) {
    int column = s->fetch[i], k = slot[column];
    if (k < 0 || (size_t)k >= cols->n || column >= c->ndata) continue; // a sidecar is any text
    if (cols->v[k].type == c->columns[column].type) continue;
    if (cols->v[k].native[0] == 0) continue; // the engine tells no types of a result
    return rs_fail(e, RS_INVALID, "column '%s' is now %s: %s", c->columns[column].name,
                   cols->v[k].native, rs_collection_way_out(c).text);
  }
  return RS_OK;
}

/* A stored query may have been changed behind our back, and each engine reads texts by its own
** rules: it is proven for the one that it goes to. */
static enum rs_code prove_query(const struct collection *c, struct rs_session *s, const char *query,
                                char **out, struct rs_error *e)
{
  struct rs_sqltext one;
  enum rs_code rc = rs_callable_take(s, query, strlen(query), rs_conn_trusted(c->conn),
                                     "its stored query", &one, out, e);
  if (rc == RS_OK || rc == RS_NOMEM) return rc;
  char text[500];
  sqlite3_snprintf(sizeof text, text, "%s", e->text);
  return rs_fail(e, rc, "%s: %s", text, rs_collection_way_out(c).text);
}

/* The query's text for the dialect, and its parameters' values, in the order of its markers. */
static enum rs_code bind_query(struct cursor *cur, struct rs_session *session,
                               const struct rs_scan *s, struct rs_buf *out,
                               struct rs_params *params, struct rs_error *e)
{
  struct collection *c = rs_cursor_table(cur);
  struct rs_map names;
  size_t *order = NULL, n = 0;
  if (!s->query) return RS_OK;
  char *text = NULL;
  rs_map_init(&names);
  enum rs_code rc = prove_query(c, session, s->query, &text, e);
  if (rc == RS_OK)
    rc = rs_sqltext_params(text, strlen(text), cur->plan->d, out, &names, &order, &n, e);
  rs_free(text);
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
  struct collection *c = rs_cursor_table(cur);
  struct rs_params params = {0};
  struct rs_buf query;
  const struct rs_target *target = rs_session_target(s);
  if (rs_target_info(target).dialect != cur->plan->d)
    return rs_fail(e, RS_INVALID,
                   "the target changed since this statement was prepared: prepare it "
                   "again");
  scan->workspace = rs_collection_workspace(c, target);
  rs_buf_init(&query, RS_BUF_SQL_MAX);
  rs_buf_clear(&cur->sql);
  enum rs_code rc = RS_OK;
  if (scan->workspace && rs_callable_is_hidden(scan->workspace, rs_conn_trusted(c->conn)))
    rc = rs_fail(e, RS_NOT_FOUND, "the schema '%s' does not exist", scan->workspace);
  if (rc == RS_OK) rc = bind_query(cur, s, scan, &query, &params, e);
  values->query = rs_buf_text(&query);
  if (rc == RS_OK) {
    rs_deparse_select(cur->plan->d, scan, values, &cur->sql, &params);
    rc = rs_buf_error(&cur->sql, e, "statement");
  }
  if (rc == RS_OK) {
    const struct rs_statement st = {
      .sql = rs_buf_text(&cur->sql), .params = params.v, .nparams = params.n};
    rc = rs_session_query(s, &st, rows, e);
    if (rc != RS_OK)
      explain_drift(cur, s, &(struct rs_relation){.workspace = scan->workspace, .name = scan->name},
                    e);
  }
  rs_params_free(&params);
  rs_buf_free(&query);
  return rc;
}

/*
** The seam: opens the rows of a plan with these values, and steps onto the first one.
*/
enum rs_code rs_scan_open(struct cursor *cur, struct rs_scan_values *values, struct rs_error *e)
{
  struct collection *c = rs_cursor_table(cur);
  struct rs_scan scan = cur->plan->scan;
  enum rs_code rc = rs_collection_check_read(c, e);
  if (rc == RS_OK && c->relation)
    rc = rs_overlay_new(c, cur->plan, &scan, values, &cur->overlay, e);
  if (rc == RS_OK) rc = rs_collection_session(c, &cur->session, e);
  if (rc != RS_OK) return rc;
  if (c->lambda)
    return rs_collection_lambda_open(c, cur->session, cur->params, &cur->arena, &cur->rows,
                                     &cur->at, e);
  rc = send_scan(cur, &scan, values, cur->session, &cur->rows, e);
  return rc == RS_OK ? check_types(cur, cur->rows, &scan, cur->plan->slot, e) : rc;
}

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

enum rs_code rs_scan_whole(void *ctx, const int *fetch, size_t nfetch, const bool *without,
                           rs_cache_row_fn fn, void *fn_ctx, struct rs_error *e)
{
  struct scan_whole *x = ctx;
  struct cursor *cur = x->cur;
  struct collection *c = rs_cursor_table(cur);
  const struct rs_scan *s = &cur->plan->scan;
  struct rs_scan_term *terms = rs_arena_alloc(&cur->arena, (s->nterms + 1) * sizeof *terms);
  struct rs_bound *bounds = rs_arena_alloc(&cur->arena, (s->nterms + 1) * sizeof *bounds);
  int *slot = rs_arena_alloc(&cur->arena, ((size_t)c->nscan + 1) * sizeof *slot);
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
  for (int i = 0; i < c->nscan; i++) slot[i] = -1;
  for (size_t i = 0; i < nfetch; i++) slot[fetch[i]] = (int)i;
  struct rs_scan_values values = {.bounds = bounds, .limit = -1, .offset = -1};
  enum rs_code rc = rs_collection_check_read(c, e);
  if (rc == RS_OK) rc = rs_collection_session(c, &session, e);
  if (rc == RS_OK) rc = send_scan(cur, &scan, &values, session, &rows, e);
  if (rc == RS_OK) rc = check_types(cur, rows, s, slot, e);
  if (rc == RS_OK) rc = read_whole(rows, nfetch, fn, fn_ctx, e);
  rs_rows_close(rows);
  rs_conn_done(c->conn, session);
  return rc;
}
