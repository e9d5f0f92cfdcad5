/*
** Memory for the values of one row that must be formatted: taken piece by piece, forgotten all at
** once before the next row. Blocks are kept and never move, so that values of the row stay valid.
**
** One thread at a time; nothing blocks.
*/
#ifndef RS_BASE_SCRATCH_H
#define RS_BASE_SCRATCH_H
#include <stdbool.h>
#include <stddef.h>
#include "buf.h"

struct rs_scratch_block;
struct rs_scratch {
  struct rs_scratch_block *first, *cur; /* blocks are kept and reused */
  size_t used;                          /* of cur */
  struct rs_buf json;                   /* reused while nested values are written */
  bool nomem;                           /* an allocation failed since the last reset */
};
struct rs_scratch_mark {
  struct rs_scratch_block *cur;
  size_t used;
};

/* Allocates nothing. */
void rs_scratch_init(struct rs_scratch *s);
void rs_scratch_free(struct rs_scratch *s);
/* Borrowed until the reset; unaligned. NULL (and s->nomem) when out of memory. */
char *rs_scratch_alloc(struct rs_scratch *s, size_t n);
struct rs_scratch_mark rs_scratch_here(const struct rs_scratch *s);
/* Forgets what was allocated since the mark. */
void rs_scratch_rewind(struct rs_scratch *s, struct rs_scratch_mark m);
void rs_scratch_reset(struct rs_scratch *s);
#endif
