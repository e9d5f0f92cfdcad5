/*
** The inside of a batch (rows.h), for those who take millions of values out of it: the values
** that need no work are picked up in line (rs_json_batch_quick).
**
** Whoever includes this may read a batch, and only json_*.c writes it. Threads, ownership: as for
** rs_json_batch_get.
*/
#ifndef RS_JSON_CELLS_H
#define RS_JSON_CELLS_H
#include "src/base/arena.h"
#include "src/value/text.h"
#include "rows.h"
#include "scan.h"

struct rs_json_names;

/*
** A value: enum rs_json_token in the lowest 5 bits, and above it
**   RS_JSON_SMALL     59 bits: the integer
**   RS_JSON_DECIMAL   5 bits: digits behind the point; 54 bits: all digits as one integer
**   otherwise         27 bits: length, 32 bits: position in the text of its window
**                     (of RS_JSON_DOUBLE, which the text now holds as a double)
** Most numbers are read while their digits are looked at anyway, and by the thread that reads the
** answer, so that the one that takes the rows has less to do.
*/
struct rs_json_cell {
  uint64_t v;
};
#define RS_JSON_CELLS_MAX ((size_t)64 << 10)   /* of a batch, unless a single row has more */
#define RS_JSON_ITEM_MAX (((size_t)127 << 20)) /* what a cell's length can hold */
#define RS_JSON_SMALL_MAX (UINT64_C(1) << 58)
#define RS_JSON_DECIMAL_MAX (UINT64_C(1) << 53)

static inline struct rs_json_cell rs_json_cell(size_t at, size_t n, enum rs_json_token kind)
{
  return (struct rs_json_cell){(uint64_t)at << 32 | (uint64_t)n << 5 | (uint64_t)kind};
}

static inline enum rs_json_token rs_json_cell_kind(struct rs_json_cell c)
{
  return (enum rs_json_token)(c.v & 31);
}

static inline size_t rs_json_cell_n(struct rs_json_cell c)
{
  return c.v >> 5 & 0x7FFFFFF;
}

static inline size_t rs_json_cell_at(struct rs_json_cell c)
{
  return (size_t)(c.v >> 32);
}

/* Two's complement, whose sign the shift keeps: so do gcc and clang. */
static inline struct rs_json_cell rs_json_cell_small(int64_t i)
{
  return (struct rs_json_cell){(uint64_t)i << 5 | RS_JSON_SMALL};
}

static inline int64_t rs_json_cell_int(struct rs_json_cell c)
{
  return (int64_t)c.v >> 5;
}

static inline struct rs_json_cell rs_json_cell_decimal(int64_t digits, size_t fraction)
{
  return (struct rs_json_cell){(uint64_t)digits << 10 | (uint64_t)fraction << 5 | RS_JSON_DECIMAL};
}

struct rs_json_batch {
  char *text;
  size_t bias; /* the position in the window where text starts */
  struct rs_json_cell *cells;
  size_t rows, ncols;
  size_t stride; /* cells from row to row: ncols or more */
  bool typed;
  struct rs_json_names *names;
  struct rs_arena extra; /* values that do not fit where they came from */
};

/* The value of a cell that needs no work. False: ask rs_json_batch_get. */
static inline bool rs_json_batch_quick(const struct rs_json_batch *b, size_t row, size_t col,
                                       struct rs_value *out)
{
  if (row >= b->rows || col >= b->ncols) return false;
  struct rs_json_cell c = b->cells[row * b->stride + col];
  switch (rs_json_cell_kind(c)) {
    case RS_JSON_SMALL:
      out->kind = RS_INT;
      out->i = rs_json_cell_int(c);
      return true;
    case RS_JSON_DECIMAL:
      out->kind = RS_FLOAT;
      out->f = (double)((int64_t)c.v >> 10) / rs_pow10[c.v >> 5 & 31];
      return true;
    case RS_JSON_STRING:
      out->kind = RS_TEXT;
      out->whole = true;
      out->s.p = b->text + (rs_json_cell_at(c) - b->bias);
      out->s.n = rs_json_cell_n(c);
      return true;
    case RS_JSON_TRUE:
    case RS_JSON_FALSE:
      out->kind = RS_BOOL;
      out->i = rs_json_cell_kind(c) == RS_JSON_TRUE;
      return true;
    case RS_JSON_ABSENT:
    case RS_JSON_NULL: out->kind = RS_NULL; return true;
    default: return false;
  }
}
#endif
