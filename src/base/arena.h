/*
** An arena: many small blocks that die together. Used for parse trees, snapshots of a project and
** the values of one template evaluation.
**
** Threads: one at a time. Errors: NULL when out of memory or when the limit given at init is
** reached (rs_arena_limited tells which).
*/
#ifndef RS_BASE_ARENA_H
#define RS_BASE_ARENA_H
#include <stdbool.h>
#include <stddef.h>
#include "buf.h"

struct rs_arena_block;
struct rs_arena {
  struct rs_arena_block *head;
  size_t used, limit;
  bool limited;
};

/* limit: bytes in all, 0 = none. Allocates nothing. */
void rs_arena_init(struct rs_arena *a, size_t limit);
/* Frees every block; the arena can be used again. */
void rs_arena_free(struct rs_arena *a);
/* Aligned for any type, not zeroed / zeroed. */
void *rs_arena_alloc(struct rs_arena *a, size_t n);
void *rs_arena_calloc(struct rs_arena *a, size_t n);
char *rs_arena_strndup(struct rs_arena *a, const char *s, size_t n);
char *rs_arena_strdup(struct rs_arena *a, const char *s);
char *rs_arena_printf(struct rs_arena *a, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
/* Puts a copy in the arena in the text's stead; NULL stays. False: out of memory. */
bool rs_arena_keep(struct rs_arena *a, const char **text);
/* The text of b, which is freed, in the arena. Errors name it as `what`; *text is then NULL. */
enum rs_code rs_arena_take_buf(struct rs_arena *a, struct rs_buf *b, const char *what,
                               const char **text, struct rs_error *e);
bool rs_arena_limited(const struct rs_arena *a);
#endif
