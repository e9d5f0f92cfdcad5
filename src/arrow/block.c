/*
** Rows that stay in an rs_arrow_builder (arrow.h): reading, cutting, and storing in a file.
**
** Rows that were cut leave their bytes in the columns until new ones are written over them: texts
** are read by their offsets, bits and numbers by the row.
*/
#include <string.h>
#include "src/base/mem.h"
#include "internal.h"
#include "src/base/spill.h"

/* ---- reading --------------------------------------------------------------------------------- */

static bool bit(const struct bytes *b, int64_t i)
{
  return ((unsigned char)b->p[i / 8] >> (i % 8) & 1) != 0;
}

static bool is_null(const struct leaf *l, int64_t row)
{
  return l->valid.n > 0 && !bit(&l->valid, row);
}

static int32_t int_at(const struct bytes *b, int64_t i)
{
  int32_t v;
  memcpy(&v, b->p + 4 * i, 4);
  return v;
}

void rs_arrow_builder_get(const struct rs_arrow_builder *b, int64_t row, struct rs_value *out,
                          rs_date_text *dates)
{
  for (size_t c = 0; c < b->n; c++, out++) {
    const struct leaf *l = &b->cols[c].leaf;
    out->kind = RS_NULL;
    if (is_null(l, row)) continue;
    switch (l->format) {
      case 'b':
        out->kind = RS_BOOL;
        out->i = bit(&l->data, row);
        break;
      case 'l':
        out->kind = RS_INT;
        memcpy(&out->i, l->data.p + 8 * row, 8);
        break;
      case 'g':
        out->kind = RS_FLOAT;
        memcpy(&out->f, l->data.p + 8 * row, 8);
        break;
      case 'D':
        out->kind = RS_TEXT;
        out->s.p = dates[c];
        out->s.n = rs_text_date(int_at(&l->data, row), dates[c]);
        break;
      default: {
        int32_t from = int_at(&l->offsets, row), to = int_at(&l->offsets, row + 1);
        out->kind = l->format == 'z' ? RS_BYTES : RS_TEXT;
        out->s.p = l->data.p ? l->data.p + from : "";
        out->s.n = (size_t)(to - from);
      }
    }
  }
}

/* ---- cutting --------------------------------------------------------------------------------- */

static void cut_bits(struct bytes *b, int64_t rows)
{
  size_t n = (size_t)((rows + 7) / 8);
  if (b->n <= n && rows % 8 == 0) return;
  b->n = n;
  // a row that is added sets its bit, and never clears one
  if (rows % 8 != 0) b->p[n - 1] = (char)((unsigned char)b->p[n - 1] & ((1u << (rows % 8)) - 1));
}

static void cut_leaf(struct leaf *l, int64_t rows)
{
  if (l->offsets.n > 0) {
    // the offset behind a text that could not be added may be missing
    l->data.n = (size_t)int_at(&l->offsets, rows);
    l->offsets.n = 4 * (size_t)(rows + 1);
  } else if (l->format == 'b') {
    cut_bits(&l->data, rows);
  } else {
    l->data.n = (l->format == 'l' || l->format == 'g' ? 8u : 4u) * (size_t)rows;
    if (l->format == 'u' || l->format == 'z') l->data.n = 0;
  }
  if (l->valid.n > 0) cut_bits(&l->valid, rows);
  l->rows = rows;
  l->nulls = 0;
  for (int64_t i = 0; l->valid.n > 0 && i < rows; i++) l->nulls += !bit(&l->valid, i);
}

void rs_arrow_builder_cut(struct rs_arrow_builder *b, int64_t rows)
{
  for (size_t c = 0; c < b->n; c++) cut_leaf(&b->cols[c].leaf, rows);
  b->rows = rows;
}

/* ---- in a file ------------------------------------------------------------------------------- */

enum rs_code rs_arrow_builder_store(struct rs_arrow_builder *b, int fd, uint64_t *at,
                                    struct rs_error *e)
{
  uint64_t to = *at;
  for (size_t c = 0; c < b->n; c++) {
    struct leaf *l = &b->cols[c].leaf;
    const struct bytes *const parts[] = {&l->valid, &l->data, &l->offsets};
    for (size_t i = 0; i < 3; i++) {
      enum rs_code rc = rs_spill_write(fd, to, parts[i]->p, parts[i]->n, e);
      if (rc) return rc; // what was written is written again
      to += parts[i]->n;
    }
  }
  for (size_t c = 0; c < b->n; c++) {
    struct leaf *l = &b->cols[c].leaf;
    struct bytes *const parts[] = {&l->valid, &l->data, &l->offsets};
    for (size_t i = 0; i < 3; i++) {
      rs_free(parts[i]->p);
      parts[i]->p = NULL;
      parts[i]->cap = 0;
    }
  }
  *at = to;
  return RS_OK;
}

enum rs_code rs_arrow_builder_load(const struct rs_arrow_builder *b, int fd, uint64_t at,
                                   struct rs_arrow_builder **out, struct rs_error *e)
{
  struct rs_arrow_builder *copy = rs_calloc(1, sizeof *copy);
  enum rs_code rc = RS_OK;
  if (copy) copy->cols = rs_calloc(b->n + 1, sizeof *copy->cols);
  if (!copy || !copy->cols) {
    rs_free(copy);
    return rs_nomem(e);
  }
  copy->n = b->n;
  copy->rows = b->rows;
  for (size_t c = 0; c < b->n && !rc; c++) {
    const struct leaf *from = &b->cols[c].leaf;
    struct leaf *l = &copy->cols[c].leaf;
    l->format = from->format;
    l->rows = from->rows;
    l->nulls = from->nulls;
    const struct bytes *const had[] = {&from->valid, &from->data, &from->offsets};
    struct bytes *const parts[] = {&l->valid, &l->data, &l->offsets};
    for (size_t i = 0; i < 3 && !rc; at += had[i]->n, i++) {
      if (had[i]->n == 0) continue;
      if (!rs_grow(&parts[i]->p, &parts[i]->cap, had[i]->n, 1)) rc = rs_nomem(e);
      else rc = rs_spill_read(fd, at, parts[i]->p, had[i]->n, e);
      parts[i]->n = had[i]->n;
    }
  }
  if (rc) rs_arrow_builder_free(copy);
  else *out = copy;
  return rc;
}
