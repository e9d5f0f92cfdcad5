/*
** The answer to a query that is waited for: JSON text is written while rows arrive, and nothing is
** kept but one block of it.
**
** The first block is made before the status line is chosen, so that most failures still get their
** own status; small answers are complete by then. What fails later stands in `query_errors`.
*/
#include <string.h>
#include "src/base/mem.h"
#include "internal.h"
#include "src/json/json.h"

enum { BLOCK = 56 << 10, ROW_MAX = 256 << 20 };

struct stream {
  struct rs_stream base;
  struct rs_backend *backend;
  struct rs_query *x;
  struct rs_run *run;
  struct rs_buf b;
  size_t at; /* of b, taken so far */
  int64_t max_rows;
  bool ended, closed;
  enum rs_code rc;
};

static void write_head(struct stream *st)
{
  struct rs_buf *b = &st->b;
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "query_id", st->x->id);
  rs_js_text(b, "status", "COMPLETED");
  rs_js_raw(b, "collections", st->run->collections);
  rs_js_raw(b, "column_fields", st->run->column_fields);
  rs_js_open(b, "results", '[');
}

static void write_tail(struct stream *st)
{
  struct rs_buf *b = &st->b;
  rs_js_close(b, ']');
  rs_js_int(b, "results_total_doc_count", st->base.rows);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "elapsed_time_ms", rs_now_ms() - st->x->started_ms);
  rs_js_int(b, "throttled_time_micros", 0);
  rs_js_close(b, '}');
  if (st->run->last_offset != NULL) rs_js_text(b, "last_offset", st->run->last_offset);
  if (st->x->lambda != NULL) rs_js_text(b, "query_lambda_path", st->x->lambda);
  if (st->rc != RS_OK) rs_query_write_errors(b, &st->run->problem);
  rs_js_close(b, '}');
}

/* The query is over for the register; its rows are closed, which frees the session. */
static void end_query(struct stream *st)
{
  if (st->closed) return;
  st->closed = true;
  st->x->rows = st->base.rows;
  rs_query_end(st->backend, st->x, st->rc, &st->run->problem);
}

static enum rs_code refuse_row(struct stream *st)
{
  struct rs_problem *p = &st->run->problem;
  p->status = 400;
  p->type = "RESOURCEEXCEEDED";
  return rs_fail(&p->e, RS_LIMIT,
                 "query: more than %lld rows: page through them with max_initial_results",
                 (long long)st->max_rows);
}

/* Fills the block. */
static void fill_block(struct stream *st)
{
  while (!st->ended && st->b.n < BLOCK) {
    size_t before = st->b.n;
    if (st->base.rows > 0) rs_buf_char(&st->b, ',');
    enum rs_code rc = rs_run_row(st->run, &st->b);
    if (rc == RS_OK && st->base.rows == st->max_rows) rc = refuse_row(st);
    if (rc == RS_OK) {
      st->base.rows++;
      st->x->bytes += (int64_t)(st->b.n - before);
      continue;
    }
    // what stands there of a row that failed goes
    if (st->b.rc == RS_LIMIT) st->b.rc = RS_OK;
    if (st->b.rc == RS_OK) st->b.n = before;
    st->rc = rc == RS_DONE ? RS_OK : rc;
    st->ended = true;
    write_tail(st);
    end_query(st);
  }
}

static long read_stream(struct rs_stream *base, char *buf, size_t max)
{
  struct stream *st = (struct stream *)base;
  if (st->at == st->b.n) {
    if (st->ended) return 0;
    rs_buf_clear(&st->b);
    st->at = 0;
    fill_block(st);
    // not even the error could be written down
    if (st->b.rc != RS_OK) return -1;
    // nobody is there any more, or nobody who waits
    if (st->rc == RS_CANCELLED && atomic_load(&st->x->watch.why) == RS_STOP_GONE) return -1;
  }
  size_t n = st->b.n - st->at;
  if (n > max) n = max;
  memcpy(buf, st->b.p + st->at, n);
  st->at += n;
  return (long)n;
}

static void close_stream(struct rs_stream *base)
{
  struct stream *st = (struct stream *)base;
  struct rs_problem gone = {.status = 400, .type = "QUERY_CANCELLED"};
  if (!st->closed) {
    // the client left in the middle
    st->rc = rs_fail(&gone.e, RS_CANCELLED, "query: the client closed the connection");
    st->run->problem = gone;
  }
  rs_run_close(st->run);
  end_query(st);
  rs_free(st->run);
  rs_query_release(st->backend, st->x);
  rs_buf_free(&st->b);
  rs_free(st);
}

enum rs_code rs_stream_answer(struct rs_request *q, struct rs_query *x, struct rs_run *run)
{
  struct stream *st = rs_calloc(1, sizeof *st);
  if (st == NULL) {
    enum rs_code rc = rs_nomem(&run->problem.e);
    rs_query_end(q->backend, x, rs_run_failed(run, rc), &run->problem);
    rs_run_close(run);
    rs_free(run);
    rs_query_release(q->backend, x);
    return rs_nomem(&q->e);
  }
  st->base = (struct rs_stream){.read = read_stream, .close = close_stream};
  st->backend = q->backend;
  st->x = x;
  st->run = run;
  st->max_rows = x->limits.rows;
  rs_buf_init(&st->b, ROW_MAX);
  write_head(st);
  fill_block(st);
  enum rs_code rc = st->rc;
  if (rc == RS_OK && st->b.rc != RS_OK) rc = rs_buf_error(&st->b, &q->e, "answer");
  else if (rc != RS_OK) rc = rs_problem_refuse(q, &run->problem, rc);
  if (rc == RS_OK && !st->ended) {
    q->stream = &st->base;
    return RS_OK;
  }
  if (rc == RS_OK) {
    rs_buf_free(&q->out);
    q->out = st->b;
    rs_buf_init(&st->b, 0);
    q->rows = st->base.rows;
  }
  close_stream(&st->base);
  return rc;
}
