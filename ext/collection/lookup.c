/*
** What a write asks the target before COMMIT: whether a key is there, and rows by their keys
** (update.c).
*/
#include "internal.h"
#include "src/base/mem.h"

#include <string.h>

/* Keys asked for one by one before all are read: as many requests as reading all rows may cost */
#define LOOKUPS_MIN 2
#define LOOKUPS_MAX 32
#define LOOKUP_ROWS 20000
#define KEYS_MAX ((size_t)4 << 20) /* of a relation that are held: 8 to 16 bytes each */
#define FETCH_KEYS 10000           /* of one request */

/* ---- one request ----------------------------------------------------------------------------- */

struct request {
  struct collection *c;
  const struct write_table *w;
  const struct rs_value *keys; /* n of them; 0: all rows */
  size_t n;
  bool whole; /* all columns; else the key alone */
  rs_lookup_row_fn fn;
  void *ctx;
};

static enum rs_rhs rhs_of(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT:
    case RS_FLOAT: return RS_RHS_NUMBER;
    case RS_BYTES: return RS_RHS_BYTES;
    case RS_TEXT:
    case RS_JSON: return RS_RHS_TEXT;
    case RS_NULL:
    case RS_LIST: break;
  }
  return RS_RHS_NULL;
}

/* As SQLite would have it in a comparison. */
static struct rs_value plain_value(const struct rs_value *v)
{
  struct rs_value out = *v;
  if (out.kind == RS_BOOL) out.kind = RS_INT;
  if (out.kind == RS_JSON) out.kind = RS_TEXT;
  return out;
}

/* The term on the key, when it can be sent. Rows are compared here once more anyway. */
static enum rs_code bind_keys(const struct request *q, const struct rs_dialect *d,
                              struct rs_arena *a, struct rs_scan_term *term, struct rs_bound *bound,
                              bool *sent, struct rs_error *e)
{
  enum rs_type type = q->w->types[q->w->key];
  *term = (struct rs_scan_term){.column = q->w->key, .op = q->n == 1 ? RS_OP_EQ : RS_OP_IN};
  *sent = false;
  if (q->n == 0) return RS_OK;
  term->rhs = rhs_of(&q->keys[0]);
  term->how = rs_shippable_term(d, type, term->op, term->rhs, true);
  if (term->how == RS_SHIP_LOCAL) return RS_OK;
  *sent = true;
  struct rs_value *copy = rs_arena_alloc(a, q->n * sizeof *copy);
  if (!copy) return rs_nomem(e);
  for (size_t i = 0; i < q->n; i++) copy[i] = plain_value(&q->keys[i]);
  if (q->n == 1) rs_shippable_bind(d, type, term->op, term->rhs, &copy[0], bound);
  else rs_shippable_bind_list(d, type, copy, q->n, bound);
  return RS_OK;
}

static enum rs_code read_rows(const struct request *q, struct rs_rows *rows, size_t n,
                              struct rs_arena *a, struct rs_error *e)
{
  struct rs_value *row = rs_arena_calloc(a, (n + 1) * sizeof *row);
  enum rs_code rc = row ? RS_OK : rs_nomem(e);
  while (rc == RS_OK) {
    rc = rs_rows_next(rows, e);
    for (size_t i = 0; rc == RS_OK && i < n; i++) rs_rows_get(rows, i, &row[i]);
    if (rc == RS_OK) rc = q->fn(q->ctx, row, e);
  }
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code send_request(const struct request *q, struct rs_session *s, struct rs_arena *a,
                                 struct rs_error *e)
{
  const struct rs_dialect *d = rs_target_info(rs_session_target(s)).dialect;
  struct rs_scan_term term;
  struct rs_bound bound;
  struct rs_params params = {0};
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  bool sent;
  size_t nfetch = q->whole ? q->w->n : 1;
  int *fetch = rs_arena_alloc(a, nfetch * sizeof *fetch);
  if (!fetch) return rs_nomem(e);
  for (size_t i = 0; i < nfetch; i++) fetch[i] = q->whole ? (int)i : q->w->key;
  enum rs_code rc = bind_keys(q, d, a, &term, &bound, &sent, e);
  if (rc != RS_OK) return rc;
  if (sent && bound.kind == RS_BOUND_FALSE) return RS_OK;
  const struct rs_scan scan = {.columns = q->c->scan_columns,
                               .workspace = q->w->workspace,
                               .name = q->w->relation,
                               .fetch = fetch,
                               .nfetch = nfetch,
                               .terms = &term,
                               .nterms = sent};
  const struct rs_scan_values values = {.bounds = &bound, .limit = -1, .offset = -1};
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_deparse_select(d, &scan, &values, &sql, &params);
  rc = rs_buf_error(&sql, e, "statement");
  if (rc == RS_OK) {
    const struct rs_statement st = {
      .sql = rs_buf_text(&sql), .params = params.v, .nparams = params.n};
    rc = rs_session_query(s, &st, &rows, e);
    if (rc != RS_OK) rs_write_explain(s, q->w, e);
  }
  if (rc == RS_OK) rc = read_rows(q, rows, nfetch, a, e);
  rs_rows_close(rows);
  rs_params_free(&params);
  rs_buf_free(&sql);
  return rc;
}

static enum rs_code run_request(const struct request *q, struct rs_error *e)
{
  struct rs_session *s = NULL;
  struct rs_arena a;
  enum rs_code rc = rs_collection_session(q->c, &s, e);
  if (rc != RS_OK) return rc;
  rs_arena_init(&a, 0);
  rc = send_request(q, s, &a, e);
  rs_arena_free(&a);
  rs_conn_done(q->c->conn, s);
  return rc;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static uint64_t *key_slot(uint64_t *keys, size_t nslots, uint64_t hash)
{
  size_t i = hash & (nslots - 1);
  while (keys[i] != 0 && keys[i] != hash) i = (i + 1) & (nslots - 1);
  return &keys[i];
}

static bool add_key(struct write_table *w, uint64_t hash)
{
  if (2 * (w->nkeys + 1) > w->nslots) {
    size_t n = w->nslots ? 2 * w->nslots : 1024;
    uint64_t *keys = rs_calloc(n, sizeof *keys);
    if (!keys) return false;
    for (size_t i = 0; i < w->nslots; i++) {
      if (w->keys[i] != 0) *key_slot(keys, n, w->keys[i]) = w->keys[i];
    }
    rs_free(w->keys);
    w->keys = keys;
    w->nslots = n;
  }
  uint64_t *slot = key_slot(w->keys, w->nslots, hash);
  if (*slot == 0) w->nkeys++;
  *slot = hash;
  return true;
}

static enum rs_code take_key(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct write_table *w = ctx;
  uint64_t hash;
  if (w->nkeys >= KEYS_MAX) return RS_DONE;
  enum rs_code rc = rs_queue_hash(&row[0], &hash, e);
  if (rc != RS_OK) return rc;
  return add_key(w, hash) ? RS_OK : rs_nomem(e);
}

static void forget_keys(struct write_table *w)
{
  rs_free(w->keys);
  w->keys = NULL;
  w->nkeys = w->nslots = 0;
}

static enum rs_code read_keys(struct collection *c, struct write_table *w, struct rs_error *e)
{
  const struct request q = {.c = c, .w = w, .fn = take_key, .ctx = w};
  enum rs_code rc = RS_OK;
  if (c->rows <= (int64_t)KEYS_MAX) rc = run_request(&q, e);
  if (rc == RS_OK && w->nkeys < KEYS_MAX && c->rows <= (int64_t)KEYS_MAX) {
    w->keys_known = true;
    return RS_OK;
  }
  forget_keys(w);
  if (rc == RS_OK) w->keys_unknown = true;
  return rc;
}

struct one_key {
  uint64_t hash;
  bool found;
};

static enum rs_code see_key(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct one_key *k = ctx;
  uint64_t hash;
  enum rs_code rc = rs_queue_hash(&row[0], &hash, e);
  if (rc == RS_OK && hash == k->hash) k->found = true;
  return rc;
}

static int lookups_max(const struct collection *c)
{
  int64_t n = c->rows < 0 ? LOOKUPS_MAX : c->rows / LOOKUP_ROWS;
  return n < LOOKUPS_MIN ? LOOKUPS_MIN : n > LOOKUPS_MAX ? LOOKUPS_MAX : (int)n;
}

enum rs_code rs_lookup_exists(struct collection *c, struct write_table *w,
                              const struct rs_value *key, bool *exists, struct rs_error *e)
{
  struct one_key k = {0, false};
  *exists = false;
  if (w->keys_known && w->nkeys == 0) return RS_OK;
  enum rs_code rc = rs_queue_hash(key, &k.hash, e);
  if (rc == RS_OK && !w->keys_known && !w->keys_unknown && w->lookups >= lookups_max(c))
    rc = read_keys(c, w, e);
  if (rc != RS_OK || w->keys_unknown) return rc;
  if (w->keys_known && (w->nslots == 0 || *key_slot(w->keys, w->nslots, k.hash) == 0)) return RS_OK;
  w->lookups++;
  const struct request q = {.c = c, .w = w, .keys = key, .n = 1, .fn = see_key, .ctx = &k};
  rc = run_request(&q, e);
  *exists = k.found;
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_lookup_fetch(struct collection *c, struct write_table *w,
                             const struct rs_value *keys, size_t n, rs_lookup_row_fn fn, void *ctx,
                             struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i += FETCH_KEYS) {
    size_t left = n - i;
    const struct request q = {.c = c,
                              .w = w,
                              .keys = keys + i,
                              .n = left < FETCH_KEYS ? left : FETCH_KEYS,
                              .whole = true,
                              .fn = fn,
                              .ctx = ctx};
    rc = run_request(&q, e);
  }
  return rc;
}

static enum rs_code complete_row(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  struct write_table *w = ctx;
  struct rs_change change;
  enum rs_code rc = rs_queue_find(w->reader, &row[w->key], &change, e);
  if (rc == RS_DONE) return RS_OK; // another row that the request gave, too
  if (rc != RS_OK || change.kind != RS_CHANGE_PATCH || change.whole) return rc;
  for (size_t i = 0; i < w->n; i++) {
    w->mask[i] = change.mask[i];
    w->row[i] = change.mask[i] ? change.row[i] : row[i];
  }
  change.row = w->row;
  change.mask = w->mask;
  change.whole = true;
  return rs_queue_add(w->queue, &change, e);
}

/* A copy of a key in the arena. */
static bool keep_key(struct rs_arena *a, struct rs_value *v)
{
  if (v->kind != RS_TEXT && v->kind != RS_BYTES && v->kind != RS_JSON) return true;
  v->s.p = rs_arena_strndup(a, v->s.p, v->s.n);
  return v->s.p != NULL;
}

enum rs_code rs_lookup_complete(struct collection *c, struct write_table *w, struct rs_error *e)
{
  struct rs_value *keys = NULL;
  struct rs_change change;
  struct rs_arena a;
  size_t n = 0, cap = 0;
  int64_t seen = 0;
  enum rs_code rc;
  if (!w->incomplete) return RS_OK;
  rs_arena_init(&a, 0);
  rs_queue_start(w->reader);
  while ((rc = rs_queue_next(w->reader, &change, NULL, e)) == RS_OK) {
    if ((rc = rs_conn_poll(c->conn, ++seen, e)) != RS_OK) break;
    if (change.kind != RS_CHANGE_PATCH || change.whole) continue;
    if (!rs_grow(&keys, &cap, n + 1, sizeof *keys) || !keep_key(&a, &change.key)) {
      rc = rs_nomem(e);
      break;
    }
    keys[n++] = change.key;
  }
  if (rc == RS_DONE) rc = n ? rs_lookup_fetch(c, w, keys, n, complete_row, w, e) : RS_OK;
  if (rc == RS_OK) w->incomplete = false;
  rs_free(keys);
  rs_arena_free(&a);
  return rc;
}
