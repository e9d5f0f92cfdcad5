/*
** The texts of a batch as SQLite takes them fastest: written out, a NUL behind each (arrow.h). Made
** by the thread that fetches, so that the one that reads has a load and a call left.
**
** A column's texts lie in one block: where each begins (rows + 1 numbers of four bytes), then the
** bytes.
*/
#include <string.h>
#include "src/base/mem.h"
#include "arrow.h"

enum {
  ROWS_MIN = 64, /* fewer rows are not worth a block: keyed lookups give one */
  BYTES_MAX = 1 << 30
};

struct rs_arrow_texts {
  size_t n;
  char *blocks[]; /* by column; NULL: the column is read as it came */
};

struct block {
  char *p;
  size_t n, cap;
};

static void get_text(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                     struct rs_value *out)
{
  (void)s;
  out->kind = RS_NULL;
  if (rs_arrow_is_null(v, i)) return;
  const uint32_t *at = (const uint32_t *)v->data + i;
  out->kind = RS_TEXT;
  out->whole = true;
  out->s.p = v->heap + at[0];
  out->s.n = at[1] - at[0] - 1;
}

/* False: the value can't be read this way. */
static bool add_text(struct block *b, const struct rs_arrow_view *v, int64_t i,
                     struct rs_scratch *s)
{
  struct rs_value text;
  if (rs_arrow_is_null(v, i)) return true;
  rs_arrow_get(v, i, s, &text);
  if (text.kind != RS_TEXT || b->n + text.s.n >= BYTES_MAX) return false;
  if (b->cap - b->n <= text.s.n && !rs_grow(&b->p, &b->cap, b->n + text.s.n + 1, 1)) return false;
  if (text.s.n > 0) {
    if (memchr(text.s.p, 0, text.s.n) != NULL) return false;
    memcpy(b->p + b->n, text.s.p, text.s.n);
  }
  b->n += text.s.n;
  b->p[b->n++] = 0;
  return true;
}

/* The column's block, or NULL. */
static char *write_out(const struct rs_arrow_view *v, int64_t rows, struct rs_scratch *s)
{
  const size_t head = ((size_t)rows + 1) * sizeof(uint32_t);
  struct block b = {NULL, head, 0};
  bool ok = rs_grow(&b.p, &b.cap, head + (size_t)rows * 12, 1);
  for (int64_t i = 0; ok && i < rows; i++) {
    const uint32_t at = (uint32_t)(b.n - head);
    memcpy(b.p + (size_t)i * sizeof at, &at, sizeof at);
    rs_scratch_reset(s);
    ok = add_text(&b, v, i, s);
  }
  if (!ok) {
    rs_free(b.p);
    return NULL;
  }
  const uint32_t end = (uint32_t)(b.n - head);
  memcpy(b.p + (size_t)rows * sizeof end, &end, sizeof end);
  return b.p;
}

struct rs_arrow_texts *rs_arrow_texts_new(struct rs_arrow_view *views, size_t n, int64_t rows)
{
  struct rs_arrow_texts *t = NULL;
  struct rs_scratch scratch;
  bool any = false;
  for (size_t i = 0; i < n; i++) any = any || rs_type_is_text(views[i].type->type);
  if (!any || rows < ROWS_MIN) return NULL;
  t = rs_calloc(1, sizeof *t + n * sizeof *t->blocks);
  if (t == NULL) return NULL;
  t->n = n;
  rs_scratch_init(&scratch);
  for (size_t i = 0; i < n; i++) {
    struct rs_arrow_view *v = &views[i];
    t->blocks[i] = rs_type_is_text(v->type->type) ? write_out(v, rows, &scratch) : NULL;
    if (t->blocks[i] == NULL) continue;
    v->get = get_text;
    v->data = t->blocks[i];
    v->heap = t->blocks[i] + ((size_t)rows + 1) * sizeof(uint32_t);
  }
  rs_scratch_free(&scratch);
  return t;
}

void rs_arrow_texts_free(struct rs_arrow_texts *t)
{
  if (t == NULL) return;
  for (size_t i = 0; i < t->n; i++) rs_free(t->blocks[i]);
  rs_free(t);
}
