/*
** A stream of rows (query.c) as the waist's rows, and the columns of a query (rockset.h).
**
** The columns are those that the answer lists. Where it lists none in front of its rows (the
** service does not for SELECT *) they are the fields of the first two batches; a field that appears
** only later is an error, since a result that silently lacks values would be worse.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/cells.h"
#include "rockset.h"

#define HELD 2 /* batches that are read before the columns are settled */

struct rows {
  struct rs_rockset_stream *stream;
  struct rs_json_batch *held[HELD];
  size_t held_n[HELD];
  size_t nheld, given;
  bool over;
  int64_t before;         /* rows of the batches that were given */
  bool listed;            /* only listed columns are kept */
  struct rs_buf *scratch; /* by column: decoded bytes, until the next row; NULL: none yet */
  int *map;               /* column -> the batches' column, -1: none; NULL: the same */
};

/* ---- columns --------------------------------------------------------------------------------- */

/* Fields whose type nobody tells: each value is itself. */
static enum rs_code add_fields(const struct rs_json_batch *b, struct rs_columns *to,
                               struct rs_error *e)
{
  const char *const *names;
  size_t n = rs_json_batch_columns(b, &names);
  enum rs_code rc = RS_OK;
  if (n > RS_ANSWER_COLUMNS_MAX)
    return rs_fail(
      e, RS_LIMIT,
      "the rows of the answer have %zu columns, more than %d: name those that you want", n,
      RS_ANSWER_COLUMNS_MAX);
  for (size_t i = to->n; i < n && rc == RS_OK; i++) {
    enum rs_type t = rs_eq(names[i], "_event_time") ? RS_T_TIMESTAMPTZ : RS_T_MIXED;
    rc = rs_columns_add(to, names[i], strlen(names[i]), "", t, e);
  }
  return rc;
}

/* The list has come behind the rows: their columns are in another order. */
static enum rs_code map_listed(struct rows *x, struct rs_columns *columns, struct rs_error *e)
{
  const struct rs_columns *listed = &x->stream->listed;
  struct rs_columns found = *columns;
  memset(columns, 0, sizeof *columns);
  x->map = rs_calloc(listed->n + 1, sizeof *x->map);
  enum rs_code rc = x->map != NULL ? rs_remote_copy_columns(listed, columns, e) : rs_nomem(e);
  for (size_t i = 0; i < listed->n && rc == RS_OK; i++) {
    x->map[i] = rs_columns_find(&found, listed->v[i].name);
  }
  rs_columns_free(&found);
  return rc;
}

static enum rs_code settle_columns(struct rows *x, struct rs_columns *columns, struct rs_error *e)
{
  const struct rs_columns *listed = &x->stream->listed;
  enum rs_code rc = RS_OK;
  if (listed->n > 0) {
    x->listed = true;
    rc = rs_rockset_project(x->stream, listed, e);
    return rc == RS_OK ? rs_remote_copy_columns(listed, columns, e) : rc;
  }
  while (rc == RS_OK && x->nheld < HELD) {
    size_t i = x->nheld;
    rc = rs_rockset_next(x->stream, &x->held[i], &x->held_n[i], e);
    if (rc != RS_OK) break;
    x->nheld++;
    rc = add_fields(x->held[i], columns, e);
  }
  if (rc != RS_OK && rc != RS_DONE) return rc;
  x->over = rc == RS_DONE;
  if (x->over && x->stream->listed.n > 0) return map_listed(x, columns, e);
  return RS_OK;
}

/* Counted here: the reader's own count is of rows that he has already. */
static enum rs_code check_fields(const struct rs_rows *rows, const struct rs_json_batch *b,
                                 struct rs_error *e)
{
  const struct rows *x = rows->impl;
  const char *const *names;
  size_t n = rs_json_batch_columns(b, &names);
  if (n <= rows->columns.n) return RS_OK;
  return rs_fail(e, RS_REMOTE,
                 "row %lld or a later one has a field '%s' that the rows before it lack, and the "
                 "service lists no columns for SELECT *: name the columns in the query",
                 (long long)x->before + 1, names[rows->columns.n]);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void free_rows(struct rows *x, size_t ncolumns)
{
  if (x == NULL) return;
  rs_remote_free_scratch(x->scratch, ncolumns);
  for (size_t i = x->given; i < x->nheld; i++) rs_json_batch_free(x->held[i]);
  rs_rockset_close(x->stream);
  rs_free(x->map);
  rs_free(x);
}

static enum rs_code drain_rows(struct rs_session *s, const struct rs_rockset_query *q,
                               struct rs_error *e)
{
  struct rs_rockset_stream *st = NULL;
  struct rs_json_batch *b = NULL;
  size_t n;
  enum rs_code rc = rs_rockset_run(s, q, &st, e);
  if (rc == RS_OK) rc = rs_rockset_project(st, &(struct rs_columns){NULL, 0}, e);
  while (rc == RS_OK) {
    rc = rs_rockset_next(st, &b, &n, e);
    if (rc == RS_OK) rs_json_batch_free(b);
  }
  rs_rockset_close(st);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_rockset_execute(struct rs_session *s, const struct rs_statement *st,
                                struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  struct rs_rockset_session *session = rs_rockset_session(s);
  struct rs_rockset_query q = {
    .sql = st->sql, .params = st->params, .nparams = st->nparams, .writes = st->writes};
  if (session->instead != NULL) q = *session->instead;
  rs_remote_begin(s);
  if (rows == NULL && q.writes) return rs_rockset_exec_write(s, &q, affected, e);
  if (rows == NULL) return drain_rows(s, &q, e);
  struct rows *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  enum rs_code rc = rs_rockset_run(s, &q, &x->stream, e);
  if (rc == RS_OK) rc = settle_columns(x, &rows->columns, e);
  if (rc != RS_OK) {
    rs_columns_free(&rows->columns);
    free_rows(x, 0);
    return rc;
  }
  rows->impl = x;
  rows->bytes = rs_json_rows_bytes(x->stream->json);
  return RS_OK;
}

enum rs_code rs_rockset_next_batch(struct rs_rows *rows, void **batch, size_t *n,
                                   struct rs_error *e)
{
  struct rows *x = rows->impl;
  struct rs_json_batch *b = NULL;
  if (x->given < x->nheld) {
    *batch = x->held[x->given];
    *n = x->held_n[x->given++];
    x->before += (int64_t)*n;
    return RS_OK;
  }
  if (x->over) return RS_DONE;
  enum rs_code rc = rs_rockset_next(x->stream, &b, n, e);
  rows->bytes = rs_json_rows_bytes(x->stream->json);
  if (rc == RS_OK && !x->listed) rc = check_fields(rows, b, e);
  if (rc != RS_OK) rs_json_batch_free(b);
  else *batch = b;
  x->before += (int64_t)*n;
  return rc;
}

/* A server may send bytes as base64 without their type. */
static bool decode_bytes(const struct rs_rows *rows, size_t col, struct rs_value *v)
{
  struct rows *x = rows->impl;
  if (x->scratch == NULL) x->scratch = rs_remote_scratch(rows->columns.n);
  if (x->scratch == NULL || !rs_remote_bytes(&x->scratch[col], v)) return false;
  v->kind = RS_BYTES; // what is no base64: the text's own
  return true;
}

/* A whole number of a float column: 2 for 2.0. */
static inline void widen_value(enum rs_type type, struct rs_value *v)
{
  if (type != RS_T_FLOAT || v->kind != RS_INT) return;
  v->f = (double)v->i;
  v->kind = RS_FLOAT;
}

/* What takes more than picking a value up; `own` is the column of the batch. Not in line, so that
** the other way needs no frame. */
__attribute__((noinline)) static void get_slowly(struct rs_rows *rows, struct rs_json_batch *batch,
                                                 size_t row, size_t col, size_t own,
                                                 struct rs_value *out)
{
  enum rs_type type = rows->columns.v[col].type;
  bool ok = type == RS_T_TIMESTAMPTZ || type == RS_T_TIMESTAMP
              ? rs_json_batch_timestamp(batch, row, own, out)
            : type == RS_T_DECIMAL ? rs_json_batch_decimal(batch, row, own, out)
                                   : rs_json_batch_get(batch, row, own, out);
  if (ok && type == RS_T_BYTES && out->kind == RS_TEXT) ok = decode_bytes(rows, col, out);
  if (!ok) {
    rows->nomem = true;
    out->kind = RS_NULL;
  }
  widen_value(type, out);
}

void rs_rockset_value(struct rs_rows *rows, void *batch, size_t row, size_t col,
                      struct rs_value *out)
{
  const struct rows *x = rows->impl;
  enum rs_type type = rows->columns.v[col].type;
  size_t own = col;
  if (x->map != NULL) {
    if (x->map[col] < 0) {
      out->kind = RS_NULL;
      return;
    }
    own = (size_t)x->map[col];
  }
  // these types change what the text says; any other is mostly there as it is
  bool plain = type != RS_T_TIMESTAMPTZ && type != RS_T_TIMESTAMP && type != RS_T_BYTES &&
               type != RS_T_DECIMAL;
  if (plain && rs_json_batch_quick(batch, row, own, out)) widen_value(type, out);
  else get_slowly(rows, batch, row, col, own, out);
}

void rs_rockset_close_rows(struct rs_rows *rows)
{
  free_rows(rows->impl, rows->columns.n);
  rows->impl = NULL;
}

/* ---- the columns of a query ------------------------------------------------------------------ */

#define LOOK_AT 1000 /* rows, where the service lists no columns */

/* The number of the last marker: parameters without a value are errors for the service. A marker
** inside a text counts too, which does no harm. */
static size_t count_markers(const char *sql)
{
  size_t most = 0;
  for (const char *p = strstr(sql, ":p"); p != NULL; p = strstr(p + 1, ":p")) {
    char *end;
    unsigned long n = strtoul(p + 2, &end, 10);
    if (end != p + 2 && n > most && n <= 100000) most = n;
  }
  return most;
}

bool rs_rockset_has_types(const struct rs_columns *c)
{
  for (size_t i = 0; i < c->n; i++) {
    if (c->v[i].native[0] == 0) return false;
  }
  return c->n > 0;
}

enum rs_code rs_rockset_look(struct rs_session *s, struct rs_rockset_query *q, int rows,
                             struct rs_columns *out, struct rs_error *e)
{
  struct rs_rockset_stream *st = NULL;
  struct rs_json_batch *b = NULL;
  size_t n;
  q->row_limit = rows;
  enum rs_code rc = rs_rockset_run(s, q, &st, e);
  if (rc != RS_OK) return rc;
  if (st->listed.n == 0) rc = rs_rockset_next(st, &b, &n, e);
  if (rc == RS_OK && b != NULL) rc = add_fields(b, out, e);
  rs_json_batch_free(b);
  if (rc == RS_DONE) rc = RS_OK;
  if (rc == RS_OK && st->listed.n > 0) {
    rs_columns_free(out);
    rc = rs_remote_copy_columns(&st->listed, out, e);
  }
  rs_rockset_close(st);
  return rc;
}

/* Runs the query for one row: only its answer tells. */
enum rs_code rs_rockset_columns(struct rs_session *s, const struct rs_statement *st,
                                struct rs_columns *out, struct rs_error *e)
{
  struct rs_rockset_query q = {.sql = st->sql, .params = st->params, .nparams = st->nparams};
  struct rs_value *nulls = NULL;
  rs_remote_begin(s);
  if (st->nparams == 0 && (q.nparams = count_markers(st->sql)) > 0) {
    nulls = rs_calloc(q.nparams, sizeof *nulls); // RS_NULL is 0
    if (nulls == NULL) return rs_nomem(e);
    q.params = nulls;
  }
  enum rs_code rc = rs_rockset_look(s, &q, 1, out, e);
  if (rc == RS_OK && !rs_rockset_has_types(out)) {
    rs_columns_free(out);
    rc = rs_rockset_look(s, &q, LOOK_AT, out, e);
  }
  if (rc == RS_OK && out->n == 0) {
    rc = rs_fail(e, RS_INVALID,
                 "the query gives no row, and the service lists no columns for it: name the "
                 "columns in its select list");
  }
  rs_free(nulls);
  return rc;
}
