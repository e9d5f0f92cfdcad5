/*
** The rows that changes are to meet (writes/writes.h), counted before an engine without
** transactions writes: a key that stands for several rows, or for none any more, is found while
** nothing has happened yet. Between that and the write another session may change the rows.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "changes.h"
#include "src/pushdown/pushdown.h"
#include "src/writes/writes.h"

#define KEYS_OF_ONE 5000 /* request */

struct counting {
  struct rs_session *s;
  const struct rs_relation *rel;
  const struct rs_changes *c;
  struct rs_arena a; /* of one request: */
  struct rs_value *keys;
  uint64_t *hashes;
  int64_t *rows;
  size_t n;
};

enum rs_code rs_changes_misses(const struct rs_relation *rel, const struct rs_changes *c,
                               const char *key, int64_t rows, struct rs_error *e)
{
  const char *name = c->names[c->key];
  if (rows == 0)
    return rs_fail(e, RS_CONSTRAINT,
                   "the row of %s.%s with %s '%.80s' is gone: somebody else deleted it meanwhile; "
                   "nothing was written",
                   rel->workspace, rel->name, name, key ? key : "");
  return rs_fail(e, RS_CONSTRAINT,
                 "%lld rows of %s.%s have %s '%.80s', and one was meant: it identifies no row; "
                 "nothing was written",
                 (long long)rows, rel->workspace, rel->name, name, key ? key : "");
}

static bool keep(struct counting *x, const struct rs_value *key)
{
  struct rs_value *v = &x->keys[x->n];
  *v = *key;
  if (v->kind != RS_TEXT && v->kind != RS_BYTES && v->kind != RS_JSON) return true;
  v->s.p = rs_arena_strndup(&x->a, key->s.p, key->s.n);
  return v->s.p != NULL;
}

static enum rs_code count_row(struct counting *x, struct rs_rows *rows, struct rs_error *e)
{
  struct rs_value v;
  uint64_t hash;
  rs_rows_get(rows, 0, &v);
  if (v.kind == RS_NULL) return RS_OK;
  enum rs_code rc = rs_queue_hash(&v, &hash, e);
  // hashes are sorted with their keys' places
  size_t lo = 0, hi = x->n;
  while (rc == RS_OK && lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (x->hashes[2 * mid] < hash) lo = mid + 1;
    else hi = mid;
  }
  if (rc == RS_OK && lo < x->n && x->hashes[2 * lo] == hash) x->rows[x->hashes[2 * lo + 1]]++;
  return rc;
}

static int by_hash(const void *a, const void *b)
{
  const uint64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

static enum rs_rhs rhs_of(const struct rs_value *v)
{
  if (v->kind == RS_BYTES) return RS_RHS_BYTES;
  return v->kind == RS_TEXT || v->kind == RS_JSON ? RS_RHS_TEXT : RS_RHS_NUMBER;
}

/* The rows that have one of the keys; where the term can't be sent: all of them. */
static enum rs_code open_rows(struct counting *x, struct rs_rows **rows, struct rs_error *e)
{
  const struct rs_dialect *d = rs_target_info(rs_session_target(x->s)).dialect;
  const enum rs_type type = x->c->types[x->c->key];
  const struct rs_scan_column own = {.name = x->c->names[x->c->key], .type = type};
  const int fetch[] = {0};
  struct rs_scan_term term = {.column = 0, .op = RS_OP_IN, .rhs = rhs_of(&x->keys[0])};
  struct rs_bound bound;
  struct rs_params params = {0};
  struct rs_buf sql;
  term.how = rs_shippable_term(d, type, term.op, term.rhs, true);
  const bool sent = term.how != RS_SHIP_LOCAL;
  struct rs_value *copy = rs_arena_alloc(&x->a, x->n * sizeof *copy);
  if (!copy) return rs_nomem(e);
  for (size_t i = 0; i < x->n; i++) {
    copy[i] = x->keys[i];
    if (copy[i].kind == RS_BOOL) copy[i].kind = RS_INT;
    if (copy[i].kind == RS_JSON) copy[i].kind = RS_TEXT;
  }
  if (sent) rs_shippable_bind_list(d, type, copy, x->n, &bound);
  if (sent && bound.kind == RS_BOUND_FALSE) return RS_DONE;
  const struct rs_scan scan = {.columns = &own,
                               .workspace = x->rel->workspace,
                               .name = x->rel->name,
                               .fetch = fetch,
                               .nfetch = 1,
                               .terms = &term,
                               .nterms = sent};
  const struct rs_scan_values values = {.bounds = &bound, .limit = -1, .offset = -1};
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_deparse_select(d, &scan, &values, &sql, &params);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement st = {
    .sql = rs_buf_text(&sql), .params = params.v, .nparams = params.n};
  if (rc == RS_OK) rc = rs_session_query(x->s, &st, rows, e);
  rs_params_free(&params);
  rs_buf_free(&sql);
  return rc;
}

static const char *text_of(struct counting *x, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_TEXT:
    case RS_BYTES:
    case RS_JSON: return v->s.p;
    case RS_FLOAT: return rs_arena_printf(&x->a, "%.15g", v->f);
    default: return rs_arena_printf(&x->a, "%lld", (long long)v->i);
  }
}

/* One request for the keys that were collected. */
static enum rs_code count_keys(struct counting *x, struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  enum rs_code rc = RS_OK;
  if (x->n == 0) return RS_OK;
  for (size_t i = 0; i < x->n && rc == RS_OK; i++) {
    x->rows[i] = 0;
    x->hashes[2 * i + 1] = i;
    rc = rs_queue_hash(&x->keys[i], &x->hashes[2 * i], e);
  }
  qsort(x->hashes, x->n, 2 * sizeof *x->hashes, by_hash);
  if (rc == RS_OK) rc = open_rows(x, &rows, e);
  while (rc == RS_OK) {
    rc = rs_rows_next(rows, e);
    if (rc == RS_OK) rc = count_row(x, rows, e);
  }
  rs_rows_close(rows);
  if (rc == RS_DONE) rc = RS_OK;
  for (size_t i = 0; i < x->n && rc == RS_OK; i++)
    if (x->rows[i] != 1)
      rc = rs_changes_misses(x->rel, x->c, text_of(x, &x->keys[i]), x->rows[i], e);
  rs_arena_free(&x->a);
  x->n = 0;
  return rc;
}

enum rs_code rs_changes_check(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, struct rs_error *e)
{
  struct counting x = {.s = s, .rel = rel, .c = c};
  struct rs_change change;
  enum rs_code rc = RS_OK;
  if (c->key < 0 || c->fresh > 0 || c->adds > 0) return RS_OK;
  rs_arena_init(&x.a, 0);
  x.keys = rs_calloc(KEYS_OF_ONE, sizeof *x.keys);
  x.hashes = rs_calloc(KEYS_OF_ONE, 2 * sizeof *x.hashes);
  x.rows = rs_calloc(KEYS_OF_ONE, sizeof *x.rows);
  if (!x.keys || !x.hashes || !x.rows) rc = rs_nomem(e);
  if (rc == RS_OK) c->rewind(c->ctx);
  while (rc == RS_OK && (rc = c->next(c->ctx, &change, e)) == RS_OK) {
    if (change.kind == RS_CHANGE_ADD || change.meets != RS_MEETS_ONE) continue;
    if (!keep(&x, &change.key)) rc = rs_nomem(e);
    else if (++x.n == KEYS_OF_ONE) rc = count_keys(&x, e);
  }
  if (rc == RS_DONE) rc = count_keys(&x, e);
  rs_arena_free(&x.a);
  rs_free(x.keys);
  rs_free(x.hashes);
  rs_free(x.rows);
  return rc;
}
