/*
** An arena: a list of blocks, each twice as big as the one before, freed together (see arena.h).
*/
#include "arena.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "mem.h"

#define BLOCK_MIN ((size_t)1024)
#define BLOCK_MAX ((size_t)256 << 10) /* a bigger request gets a block of its own */

struct rs_arena_block {
  struct rs_arena_block *next;
  size_t used, size;
  max_align_t data[];
};

void rs_arena_init(struct rs_arena *a, size_t limit)
{
  *a = (struct rs_arena){.limit = limit};
}

void rs_arena_free(struct rs_arena *a)
{
  while (a->head != NULL) {
    struct rs_arena_block *next = a->head->next;
    rs_free(a->head);
    a->head = next;
  }
  a->used = 0;
  a->limited = false;
}

void *rs_arena_alloc(struct rs_arena *a, size_t n)
{
  const size_t align = sizeof(max_align_t);
  if (n > SIZE_MAX / 2) return NULL;
  n = n > 0 ? (n + align - 1) / align * align : align;
  if (a->limit > 0 && (n > a->limit || a->used > a->limit - n)) {
    a->limited = true;
    return NULL;
  }
  struct rs_arena_block *head = a->head;
  if (head == NULL || head->size - head->used < n) {
    size_t size = head == NULL                 ? BLOCK_MIN
                  : head->size < BLOCK_MAX / 2 ? head->size * 2
                                               : BLOCK_MAX;
    if (size < n) size = n;
    struct rs_arena_block *block = rs_malloc(sizeof *block + size);
    if (block == NULL) return NULL;
    *block = (struct rs_arena_block){.next = head, .size = size};
    a->head = head = block;
  }
  void *p = (char *)head->data + head->used;
  head->used += n;
  a->used += n;
  return p;
}

void *rs_arena_calloc(struct rs_arena *a, size_t n)
{
  void *p = rs_arena_alloc(a, n);
  if (p != NULL) memset(p, 0, n);
  return p;
}

char *rs_arena_strndup(struct rs_arena *a, const char *s, size_t n)
{
  if (n == SIZE_MAX) return NULL;
  char *p = rs_arena_alloc(a, n + 1);
  if (p == NULL) return NULL;
  if (n > 0) memcpy(p, s, n);
  p[n] = 0;
  return p;
}

char *rs_arena_strdup(struct rs_arena *a, const char *s)
{
  return s != NULL ? rs_arena_strndup(a, s, strlen(s)) : NULL;
}

char *rs_arena_printf(struct rs_arena *a, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) return NULL;
  char *p = rs_arena_alloc(a, (size_t)n + 1);
  if (p == NULL) return NULL;
  va_start(ap, fmt);
  (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return p;
}

bool rs_arena_keep(struct rs_arena *a, const char **text)
{
  if (*text == NULL) return true;
  *text = rs_arena_strdup(a, *text);
  return *text != NULL;
}

enum rs_code rs_arena_take_buf(struct rs_arena *a, struct rs_buf *b, const char *what,
                               const char **text, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(b, e, what);
  *text = rc == RS_OK ? rs_arena_strndup(a, rs_buf_text(b), b->n) : NULL;
  rs_buf_free(b);
  return rc == RS_OK && *text == NULL ? rs_nomem(e) : rc;
}

bool rs_arena_limited(const struct rs_arena *a)
{
  return a->limited;
}
