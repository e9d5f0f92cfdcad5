/*
** Statements with parameters, and their rows as the waist has them (trino.h).
**
** Parameters go down as typed literals of the dialect behind EXECUTE IMMEDIATE ... USING: the
** server puts them in, whatever the statement looks like.
*/
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/statement.h"
#include "trino.h"

struct rows {
  struct rs_trino_stream *stream;
  struct rs_buf *scratch; /* one for each column */
};

/* ---- statements ------------------------------------------------------------------------------ */

/* A transaction that we don't know of would go on in a session that others use after us. */
static enum rs_code one_statement(const char *sql, struct rs_sqltext *text, struct rs_error *e)
{
  static const char *const control[] = {"START", "COMMIT", "ROLLBACK"};
  enum rs_code rc = rs_sqltext_one(sql, strlen(sql), rs_dialect_find("trino"), "statement", text,
                                   e);
  for (size_t i = 0; rc == RS_OK && i < sizeof control / sizeof *control; i++) {
    if (!rs_eq(text->keyword, control[i])) continue;
    rc = rs_fail(e, RS_INVALID,
                 "%s as a statement: target type trino commits each statement by itself",
                 control[i]);
  }
  return rc;
}

/* The statement as it is sent, in b. */
static void add_statement(struct rs_buf *b, const char *sql, size_t n,
                          const struct rs_value *params, size_t nparams)
{
  const struct rs_dialect *d = rs_dialect_find("trino");
  if (nparams == 0) {
    rs_buf_add(b, sql, n);
    return;
  }
  rs_buf_str(b, "EXECUTE IMMEDIATE ");
  rs_dialect_literal(d, b, &(struct rs_value){.kind = RS_TEXT, .s = {sql, n}});
  for (size_t i = 0; i < nparams; i++) {
    rs_buf_str(b, i == 0 ? " USING " : ", ");
    rs_dialect_literal(d, b, &params[i]);
  }
}

static enum rs_code run_statement(struct rs_session *s, const struct rs_statement *st,
                                  struct rs_trino_stream **stream, struct rs_error *e)
{
  struct rs_sqltext text;
  struct rs_buf b;
  enum rs_code rc = one_statement(st->sql, &text, e);
  if (rc != RS_OK) return rc;
  rs_remote_begin(s);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  add_statement(&b, text.p, text.n, st->params, st->nparams);
  rc = rs_buf_error(&b, e, "statement");
  const bool writes = text.kind != RS_SQL_QUERY;
  if (rc == RS_OK) rc = rs_trino_run(s, rs_buf_text(&b), writes, stream, e);
  rs_buf_free(&b);
  return rc;
}

static void free_rows(struct rows *x, size_t n)
{
  if (x == NULL) return;
  rs_remote_free_scratch(x->scratch, n);
  rs_trino_close(x->stream);
  rs_free(x);
}

enum rs_code rs_trino_execute(struct rs_session *s, const struct rs_statement *st,
                              struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  struct rows *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  enum rs_code rc = run_statement(s, st, &x->stream, e);
  if (rc == RS_OK && rows == NULL) {
    rc = rs_trino_drain(x->stream, e);
    *affected = rs_trino_updated(x->stream);
  }
  if (rc != RS_OK || rows == NULL) {
    free_rows(x, 0);
    return rc;
  }
  const struct rs_columns *columns = rs_trino_columns(x->stream);
  x->scratch = rs_remote_scratch(columns->n);
  rc = x->scratch != NULL ? rs_remote_copy_columns(columns, &rows->columns, e) : rs_nomem(e);
  if (rc != RS_OK) {
    free_rows(x, columns->n);
    return rc;
  }
  rows->impl = x;
  rows->bytes = 0;
  return RS_OK;
}

enum rs_code rs_trino_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct rows *x = rows->impl;
  struct rs_json_batch *b = NULL;
  enum rs_code rc = rs_trino_next(x->stream, &b, n, e);
  rows->bytes = rs_trino_received(x->stream);
  if (rc == RS_OK) *batch = b;
  return rc;
}

void rs_trino_get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out)
{
  struct rows *x = rows->impl;
  bool ok = rs_json_batch_get(batch, row, col, out);
  if (ok) ok = rs_trino_value(&rs_trino_types(x->stream)[col], &x->scratch[col], out);
  if (ok) return;
  rows->nomem = true;
  out->kind = RS_NULL;
}

void rs_trino_close_rows(struct rs_rows *rows)
{
  free_rows(rows->impl, rows->columns.n);
  rows->impl = NULL;
}

/* ---- the columns of a query ------------------------------------------------------------------ */

/* How many parameters the statement has. */
static enum rs_code count_markers(const struct rs_sqltext *text, size_t *n, struct rs_error *e)
{
  struct rs_map names;
  struct rs_buf sent;
  size_t *order = NULL;
  rs_map_init(&names);
  rs_buf_init(&sent, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_sqltext_params(text->p, text->n, rs_dialect_find("trino"), &sent, &names,
                                      &order, n, e);
  rs_free(order);
  rs_buf_free(&sent);
  rs_map_free(&names);
  return rc;
}

/* A query is planned for no row at all; of other statements only running them tells, and what that
** begins is stopped at once. */
static bool can_be_wrapped(const struct rs_sqltext *text)
{
  static const char *const words[] = {"SELECT", "WITH", "VALUES", "TABLE", "("};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (text->kind == RS_SQL_QUERY && rs_eq(text->keyword, words[i])) return true;
  }
  return text->kind == RS_SQL_QUERY && text->keyword[0] == 0;
}

enum rs_code rs_trino_describe(struct rs_session *s, const struct rs_statement *st,
                               struct rs_columns *out, struct rs_error *e)
{
  struct rs_trino_stream *stream = NULL;
  struct rs_value *nulls = NULL;
  struct rs_sqltext text;
  struct rs_buf b;
  size_t n = st->nparams;
  enum rs_code rc = one_statement(st->sql, &text, e);
  if (rc == RS_OK && n == 0) rc = count_markers(&text, &n, e);
  if (rc != RS_OK) return rc;
  if (st->nparams == 0 && n > 0 && (nulls = rs_calloc(n, sizeof nulls[0])) == NULL)
    return rs_nomem(e);
  rs_remote_begin(s);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  bool wrapped = can_be_wrapped(&text);
  if (wrapped) rs_buf_str(&b, "SELECT * FROM (\n");
  rs_buf_add(&b, text.p, text.n);
  if (wrapped) rs_buf_str(&b, "\n) LIMIT 0");
  struct rs_buf sent;
  rs_buf_init(&sent, RS_BUF_SQL_MAX);
  add_statement(&sent, rs_buf_text(&b), b.n, nulls != NULL ? nulls : st->params, n);
  rc = b.rc != RS_OK ? rs_buf_error(&b, e, "statement") : rs_buf_error(&sent, e, "statement");
  const bool writes = text.kind != RS_SQL_QUERY;
  if (rc == RS_OK) rc = rs_trino_run(s, rs_buf_text(&sent), writes, &stream, e);
  if (rc == RS_OK) rc = rs_remote_copy_columns(rs_trino_columns(stream), out, e);
  // stopping it would be a failed query in the cluster's list, for as many requests
  if (rc == RS_OK && wrapped && (rc = rs_trino_drain(stream, e)) != RS_OK) rs_columns_free(out);
  rs_trino_close(stream);
  rs_buf_free(&sent);
  rs_buf_free(&b);
  rs_free(nulls);
  return rc;
}
