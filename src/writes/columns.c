/*
** Rows kept by column (internal.h): blocks of rows, each an rs_arrow_builder.
**
** The file holds whole blocks, which are written in their order when there is too much in memory; a
** block that is cut comes back. A reader keeps one block of the file.
*/
#include "internal.h"
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/spill.h"

#define ROW_MAX ((size_t)1 << 30)
enum { BLOCK_ROWS = 8192, BLOCK_BYTES = 4 << 20 };

struct block {
  struct rs_arrow_builder *rows;
  int64_t first; /* row */
  bool stored;   /* in the file, from `at` to `end` */
  uint64_t at, end;
};

struct rs_write_columns {
  size_t n, memory;
  enum rs_type *types;
  struct block *blocks;
  size_t nblocks, blocks_cap;
  int64_t rows;
  size_t nstored; /* the first blocks are in the file */
  size_t held;    /* bytes of the others, but for the last one */
  int fd;         /* -1: no file yet */
  unsigned era;   /* of the file: what lies at a place changes with it */
};

struct rs_write_columns_reader {
  struct rs_arrow_builder *rows; /* of a stored block */
  int64_t first;
  unsigned era;
  rs_date_text *dates;
};

bool rs_write_columns_fit(const enum rs_type *types, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    switch (types[i]) {
      case RS_T_BOOL:
      case RS_T_INT:
      case RS_T_FLOAT:
      case RS_T_TEXT:
      case RS_T_BYTES:
      case RS_T_DATE: break;
      default: return false;
    }
  }
  return n > 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

enum rs_code rs_write_columns_new(const enum rs_type *types, size_t n, size_t memory,
                                  struct rs_write_columns **out, struct rs_error *e)
{
  struct rs_write_columns *w = rs_calloc(1, sizeof *w);
  if (w != NULL) w->types = rs_calloc(n, sizeof *w->types);
  if (w == NULL || w->types == NULL) {
    rs_free(w);
    return rs_nomem(e);
  }
  memcpy(w->types, types, n * sizeof *types);
  w->n = n;
  w->memory = memory;
  w->fd = -1;
  *out = w;
  return RS_OK;
}

static void drop_blocks(struct rs_write_columns *w, size_t keep)
{
  while (w->nblocks > keep) rs_arrow_builder_free(w->blocks[--w->nblocks].rows);
  if (w->nstored > keep) w->nstored = keep;
}

void rs_write_columns_free(struct rs_write_columns *w)
{
  if (w == NULL) return;
  drop_blocks(w, 0);
  if (w->fd >= 0) (void)close(w->fd);
  rs_free(w->blocks);
  rs_free(w->types);
  rs_free(w);
}

int64_t rs_write_columns_rows(const struct rs_write_columns *w)
{
  return w->rows;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Blocks that an array still borrows from stay in memory, and those behind them. */
static enum rs_code store(struct rs_write_columns *w, struct rs_error *e)
{
  enum rs_code rc = w->fd < 0 ? rs_spill_open(&w->fd, e) : RS_OK;
  while (rc == RS_OK && w->nstored < w->nblocks &&
         !rs_arrow_builder_is_lent(w->blocks[w->nstored].rows)) {
    struct block *b = &w->blocks[w->nstored];
    b->at = b->end = w->nstored > 0 ? w->blocks[w->nstored - 1].end : 0;
    rc = rs_arrow_builder_store(b->rows, w->fd, &b->end, e);
    if (rc != RS_OK) return rc;
    b->stored = true;
    w->nstored++;
  }
  w->held = 0;
  for (size_t i = w->nstored; i < w->nblocks; i++)
    w->held += rs_arrow_builder_bytes(w->blocks[i].rows);
  return rc;
}

/* A new block, the ones before into the file when they are too large. */
static enum rs_code new_block(struct rs_write_columns *w, struct rs_error *e)
{
  if (w->nblocks > w->nstored) w->held += rs_arrow_builder_bytes(w->blocks[w->nblocks - 1].rows);
  enum rs_code rc = w->held >= w->memory ? store(w, e) : RS_OK;
  if (rc != RS_OK) return rc;
  if (!rs_grow(&w->blocks, &w->blocks_cap, w->nblocks + 1, sizeof *w->blocks)) return rs_nomem(e);
  struct block *b = &w->blocks[w->nblocks];
  *b = (struct block){.first = w->rows};
  rc = rs_arrow_builder_new(w->types, NULL, w->n, &b->rows, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < w->n; i++)
    if (w->types[i] == RS_T_DATE) rs_arrow_builder_date(b->rows, i);
  w->nblocks++;
  return RS_OK;
}

static bool is_full(const struct rs_write_columns *w)
{
  if (w->nblocks == w->nstored) return true;
  const struct block *b = &w->blocks[w->nblocks - 1];
  int64_t rows = w->rows - b->first;
  if (rows >= BLOCK_ROWS) return true;
  // counting is not for every row, but for every one of a queue that hardly has memory
  return (rows % 64 == 0 || w->memory < BLOCK_BYTES) && rows > 0 &&
         rs_arrow_builder_bytes(b->rows) >= (w->memory < BLOCK_BYTES ? w->memory : BLOCK_BYTES);
}

int64_t rs_write_columns_complete(const struct rs_write_columns *w)
{
  if (w->nblocks == 0 || is_full(w)) return w->rows;
  return w->blocks[w->nblocks - 1].first;
}

static enum rs_code check_size(const struct rs_write_columns *w, const struct rs_value *row,
                               struct rs_error *e)
{
  size_t bytes = 0;
  for (size_t i = 0; i < w->n; i++) {
    if (row[i].kind != RS_TEXT && row[i].kind != RS_BYTES) continue;
    if (row[i].s.n > ROW_MAX || (bytes += row[i].s.n) > ROW_MAX)
      return rs_fail(e, RS_LIMIT, "a row to be written is larger than %zu bytes", ROW_MAX);
  }
  return RS_OK;
}

enum rs_code rs_write_columns_add(struct rs_write_columns *w, const struct rs_value *row,
                                  struct rs_error *e)
{
  enum rs_code rc = check_size(w, row, e);
  if (rc == RS_OK && is_full(w)) rc = new_block(w, e);
  if (rc != RS_OK) return rc;
  struct block *b = &w->blocks[w->nblocks - 1];
  rc = rs_arrow_builder_row(b->rows, row, e);
  if (rc == RS_OK) w->rows++;
  else rs_arrow_builder_cut(b->rows, w->rows - b->first);
  return rc;
}

/* ---- cutting --------------------------------------------------------------------------------- */

enum rs_code rs_write_columns_cut(struct rs_write_columns *w, int64_t rows, struct rs_error *e)
{
  size_t keep = w->nblocks;
  while (keep > 0 && w->blocks[keep - 1].first >= rows) keep--;
  struct block *b = keep > 0 ? &w->blocks[keep - 1] : NULL;
  bool cuts = b != NULL && b->first + rs_arrow_builder_rows(b->rows) > rows;
  if (cuts && rs_arrow_builder_is_lent(b->rows))
    return rs_fail(e, RS_INTERNAL, "queued rows can't be taken back while they are sent");
  if (cuts && b->stored) {
    struct rs_arrow_builder *back;
    enum rs_code rc = rs_arrow_builder_load(b->rows, w->fd, b->at, &back, e);
    if (rc != RS_OK) return rc;
    rs_arrow_builder_free(b->rows);
    b->rows = back;
    b->stored = false;
    w->nstored = keep - 1;
  }
  drop_blocks(w, keep);
  if (keep == 0 && w->fd >= 0) {
    (void)close(w->fd);
    w->fd = -1;
  }
  if (cuts) rs_arrow_builder_cut(b->rows, rows - b->first);
  w->rows = rows;
  w->era++;
  w->held = 0; // the last block is counted when the next one begins
  for (size_t i = w->nstored; i + 1 < w->nblocks; i++)
    w->held += rs_arrow_builder_bytes(w->blocks[i].rows);
  return RS_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct rs_write_columns_reader *rs_write_columns_reader_new(size_t n)
{
  struct rs_write_columns_reader *r = rs_calloc(1, sizeof *r);
  if (r != NULL) r->dates = rs_calloc(n, sizeof *r->dates);
  if (r != NULL && r->dates != NULL) return r;
  rs_free(r);
  return NULL;
}

void rs_write_columns_reader_free(struct rs_write_columns_reader *r)
{
  if (r == NULL) return;
  rs_arrow_builder_free(r->rows);
  rs_free(r->dates);
  rs_free(r);
}

static const struct block *block_of(const struct rs_write_columns *w, int64_t row)
{
  size_t lo = 0, hi = w->nblocks;
  while (hi - lo > 1) {
    size_t mid = lo + (hi - lo) / 2;
    if (w->blocks[mid].first <= row) lo = mid;
    else hi = mid;
  }
  return &w->blocks[lo];
}

/* The block's rows in memory: its own, or read by r. */
static enum rs_code fetch(struct rs_write_columns *w, struct rs_write_columns_reader *r,
                          const struct block *b, struct rs_arrow_builder **rows, struct rs_error *e)
{
  *rows = b->rows;
  if (!b->stored) return RS_OK;
  if (r->rows == NULL || r->first != b->first || r->era != w->era) {
    rs_arrow_builder_free(r->rows);
    r->rows = NULL;
    enum rs_code rc = rs_arrow_builder_load(b->rows, w->fd, b->at, &r->rows, e);
    if (rc != RS_OK) return rc;
    r->first = b->first;
    r->era = w->era;
  }
  *rows = r->rows;
  return RS_OK;
}

enum rs_code rs_write_columns_get(struct rs_write_columns *w, struct rs_write_columns_reader *r,
                                  int64_t row, struct rs_value *out, struct rs_error *e)
{
  struct rs_arrow_builder *rows;
  if (row >= w->rows) return rs_fail(e, RS_INTERNAL, "a queued row is gone");
  const struct block *b = block_of(w, row);
  enum rs_code rc = fetch(w, r, b, &rows, e);
  if (rc == RS_OK) rs_arrow_builder_get(rows, row - b->first, out, r->dates);
  return rc;
}

enum rs_code rs_write_columns_array(struct rs_write_columns *w, struct rs_write_columns_reader *r,
                                    int64_t *row, struct ArrowArray *out, struct rs_error *e)
{
  struct rs_arrow_builder *rows;
  if (*row >= w->rows) return RS_DONE;
  const struct block *b = block_of(w, *row);
  enum rs_code rc = fetch(w, r, b, &rows, e);
  if (rc == RS_OK) rc = rs_arrow_builder_lend(rows, out, e);
  if (rc == RS_OK) *row = b->first + rs_arrow_builder_rows(rows);
  return rc;
}
