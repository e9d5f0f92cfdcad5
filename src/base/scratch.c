/*
** Blocks of memory for a row's values (scratch.h).
*/
#include "scratch.h"
#include <string.h>
#include "mem.h"

struct rs_scratch_block {
  struct rs_scratch_block *next;
  size_t cap;
  char data[];
};

void rs_scratch_init(struct rs_scratch *s)
{
  memset(s, 0, sizeof *s);
  rs_buf_init(&s->json, (size_t)1 << 30);
}

void rs_scratch_free(struct rs_scratch *s)
{
  for (struct rs_scratch_block *b = s->first; b;) {
    struct rs_scratch_block *next = b->next;
    rs_free(b);
    b = next;
  }
  rs_buf_free(&s->json);
  s->first = s->cur = NULL;
}

char *rs_scratch_alloc(struct rs_scratch *s, size_t n)
{
  if (s->cur && s->cur->cap - s->used >= n) {
    char *p = s->cur->data + s->used;
    s->used += n;
    return p;
  }
  // Blocks never move, so that earlier values of the row stay where they are
  struct rs_scratch_block **link = s->cur ? &s->cur->next : &s->first;
  if (!*link || (*link)->cap < n) {
    size_t cap = n < 4096 ? 4096 : n;
    struct rs_scratch_block *b = rs_malloc(sizeof *b + cap);
    if (!b) {
      s->nomem = true;
      return NULL;
    }
    b->cap = cap;
    b->next = *link;
    *link = b;
  }
  s->cur = *link;
  s->used = n;
  return s->cur->data;
}

struct rs_scratch_mark rs_scratch_here(const struct rs_scratch *s)
{
  return (struct rs_scratch_mark){s->cur, s->used};
}

void rs_scratch_rewind(struct rs_scratch *s, struct rs_scratch_mark m)
{
  s->cur = m.cur;
  s->used = m.used;
}

void rs_scratch_reset(struct rs_scratch *s)
{
  s->cur = NULL;
  s->used = 0;
  s->nomem = false;
}
