/*
** The bytes of a write queue's log (internal.h).
*/
#include "internal.h"
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/spill.h"

#define ADD_MAX ((size_t)1 << 30)
#define READ_AHEAD ((size_t)256 << 10)

void rs_write_log_init(struct rs_write_log *g, size_t memory)
{
  *g = (struct rs_write_log){.memory = memory, .fd = -1};
  rs_buf_init(&g->tail, memory + 2 * ADD_MAX);
}

void rs_write_log_clear(struct rs_write_log *g)
{
  if (g->fd >= 0) (void)close(g->fd);
  g->fd = -1;
  rs_buf_free(&g->tail);
  rs_buf_init(&g->tail, g->memory + 2 * ADD_MAX);
  g->flushed = 0;
  g->era++;
}

void rs_write_log_reader_free(struct rs_write_log_reader *r)
{
  rs_free(r->chunk);
  *r = (struct rs_write_log_reader){0};
}

uint64_t rs_write_log_end(const struct rs_write_log *g)
{
  return g->flushed + g->tail.n;
}

static enum rs_code flush(struct rs_write_log *g, struct rs_error *e)
{
  enum rs_code rc = g->fd < 0 ? rs_spill_open(&g->fd, e) : RS_OK;
  if (rc == RS_OK) rc = rs_spill_write(g->fd, g->flushed, g->tail.p, g->tail.n, e);
  if (rc != RS_OK) return rc; // what was written is written again
  g->flushed += g->tail.n;
  rs_buf_clear(&g->tail);
  return RS_OK;
}

enum rs_code rs_write_log_add(struct rs_write_log *g, const struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = g->tail.n >= g->memory ? flush(g, e) : RS_OK;
  if (rc != RS_OK) return rc;
  rs_buf_add(&g->tail, b->p, b->n);
  rc = rs_buf_error(&g->tail, e, "rows to be written");
  if (rc != RS_OK) g->tail.rc = RS_OK; // nothing was added
  return rc;
}

void rs_write_log_cut(struct rs_write_log *g, uint64_t end)
{
  if (end >= g->flushed) {
    g->tail.n = (size_t)(end - g->flushed);
  } else {
    g->flushed = end; // what lies beyond in the file is written over
    rs_buf_clear(&g->tail);
  }
  g->era++;
}

enum rs_code rs_write_log_read(const struct rs_write_log *g, struct rs_write_log_reader *r,
                               uint64_t at, size_t n, const char **out, struct rs_error *e)
{
  if (at >= g->flushed) {
    *out = g->tail.p + (at - g->flushed);
    return RS_OK;
  }
  if (r->era != g->era || at < r->at || at + n > r->at + r->n) {
    size_t want = n > READ_AHEAD ? n : READ_AHEAD;
    if (want > g->flushed - at) want = (size_t)(g->flushed - at);
    if (!rs_grow(&r->chunk, &r->cap, want, 1)) return rs_nomem(e);
    r->n = 0;
    enum rs_code rc = rs_spill_read(g->fd, at, r->chunk, want, e);
    if (rc != RS_OK) return rc;
    r->n = want;
    r->at = at;
    r->era = g->era;
  }
  *out = r->chunk + (at - r->at);
  return RS_OK;
}
