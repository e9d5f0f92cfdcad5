/*
** Checks of arrays from Arrow's IPC format (see ipc.h): whoever reads an array trusts its offsets.
*/
#include <string.h>
#include "src/base/text.h"
#include "ipc_internal.h"

enum rs_code rs_ipc_damaged(struct rs_error *e, const char *column, const char *what)
{
  if (column == NULL || column[0] == 0)
    return rs_fail(e, RS_INVALID, "its Arrow data are damaged: %s", what);
  return rs_fail(e, RS_INVALID, "its Arrow data are damaged: column '%s': %s", column, what);
}

static bool is_valid(const struct ArrowArray *a, int64_t i)
{
  const uint8_t *bits = a->n_buffers > 0 ? a->buffers[0] : NULL;
  return bits == NULL || (bits[i >> 3] >> (i & 7) & 1) != 0;
}

static bool has_room(const struct rs_ipc_buffer *b, int64_t n, int64_t width)
{
  int64_t need;
  return !__builtin_mul_overflow(n, width, &need) && (uint64_t)need <= b->n;
}

/* Numbers that only index arrays: read unaligned, the file's order of bytes is ours. */
static int64_t number(const struct rs_ipc_buffer *b, int64_t i, int64_t width)
{
  return rs_flat_number(b->p + i * width, (unsigned)width);
}

/* Offsets never fall and end within `size`. */
static bool has_offsets(const struct rs_ipc_buffer *b, int64_t n, int64_t width, uint64_t size)
{
  if (n == 0 && b->n == 0) return true;
  if (!has_room(b, n + 1, width)) return false;
  int64_t last = number(b, 0, width);
  if (last < 0) return false;
  for (int64_t i = 1; i <= n; i++) {
    int64_t next = number(b, i, width);
    if (next < last) return false;
    last = next;
  }
  return (uint64_t)last <= size;
}

static bool is_utf8(const uint8_t *p, size_t n)
{
  return rs_utf8_valid((const char *)p, n) == n;
}

static bool has_texts(const struct rs_ipc_field *f, const struct ArrowArray *a,
                      const struct rs_ipc_buffer *b)
{
  for (int64_t i = 0; i < a->length; i++) {
    if (!is_valid(a, i)) continue;
    int64_t from = number(&b[1], i, f->width), to = number(&b[1], i + 1, f->width);
    if (!is_utf8(b[2].p + from, (size_t)(to - from))) return false;
  }
  return true;
}

/* A view is a length and, up to 12 bytes, the value itself; else its first four bytes, a buffer and
** a position there. */
static bool has_views(const struct rs_ipc_field *f, const struct ArrowArray *a,
                      const struct rs_ipc_buffer *b, size_t n)
{
  for (int64_t i = 0; i < a->length; i++) {
    if (!is_valid(a, i)) continue;
    const uint8_t *v = b[1].p + 16 * i, *text = v + 4;
    int64_t size = rs_flat_number(v, 4);
    if (size < 0) return false;
    if (size > 12) {
      int64_t buffer = rs_flat_number(v + 8, 4), at = rs_flat_number(v + 12, 4);
      if (buffer < 0 || at < 0 || (uint64_t)buffer + 2 >= n) return false;
      if ((uint64_t)(at + size) > b[buffer + 2].n) return false;
      text = b[buffer + 2].p + at;
      if (memcmp(text, v + 4, 4) != 0) return false;
    }
    if (f->kind == RS_IPC_TEXT_VIEWS && !is_utf8(text, (size_t)size)) return false;
  }
  return true;
}

static bool has_times(const struct rs_ipc_field *f, const struct ArrowArray *a,
                      const struct rs_ipc_buffer *b)
{
  for (int64_t i = 0; i < a->length; i++) {
    if (!is_valid(a, i)) continue;
    int64_t x = number(&b[1], i, f->width);
    if (x < 0 || x >= f->day) return false;
  }
  return true;
}

/* The values of a dictionary that indices mean are there. */
static bool has_indices(const struct rs_ipc_field *f, const struct ArrowArray *a,
                        const struct rs_ipc_buffer *b)
{
  const uint64_t most = f->width < 8 ? (UINT64_C(1) << (8 * f->width)) - 1 : UINT64_MAX;
  for (int64_t i = 0; i < a->length; i++) {
    if (!is_valid(a, i)) continue;
    uint64_t x = (uint64_t)number(&b[1], i, f->width);
    if (!f->is_signed) x &= most;
    if (x >= (uint64_t)a->dictionary->length) return false;
  }
  return true;
}

static bool has_children(const struct rs_ipc_field *f, const struct ArrowArray *a, int64_t each)
{
  int64_t need;
  if (__builtin_mul_overflow(a->length, each, &need)) return false;
  for (size_t i = 0; i < f->nchildren; i++)
    if (a->children[i]->length < need) return false;
  return true;
}

enum rs_code rs_ipc_check(const struct rs_ipc_field *f, const struct ArrowArray *a,
                          const struct rs_ipc_buffer *b, size_t n, struct rs_error *e)
{
  const int64_t rows = a->length;
  bool right = true;
  const char *what = "a buffer is too short";
  switch (f->kind) {
    case RS_IPC_NULL: break;
    case RS_IPC_BITS: right = b[1].n >= (uint64_t)(rows + 7) / 8; break;
    case RS_IPC_FIXED:
    case RS_IPC_TIME: right = has_room(&b[1], rows, f->width); break;
    case RS_IPC_BYTE_VIEWS:
    case RS_IPC_TEXT_VIEWS: right = has_room(&b[1], rows, 16); break;
    case RS_IPC_BYTES:
    case RS_IPC_TEXT:
      right = has_offsets(&b[1], rows, f->width, b[2].n);
      what = "its values lie outside of it";
      break;
    case RS_IPC_LIST:
      right = has_offsets(&b[1], rows, f->width, (uint64_t)a->children[0]->length);
      what = "its lists lie outside of it";
      break;
    case RS_IPC_FIXED_LIST:
    case RS_IPC_STRUCT:
    default:
      right = has_children(f, a, f->kind == RS_IPC_FIXED_LIST ? f->width : 1);
      what = "it has fewer values than rows";
  }
  if (!right) return rs_ipc_damaged(e, f->name, what);
  if (f->kind == RS_IPC_TEXT && !has_texts(f, a, b))
    return rs_ipc_damaged(e, f->name, "a text is no UTF-8");
  if ((f->kind == RS_IPC_BYTE_VIEWS || f->kind == RS_IPC_TEXT_VIEWS) && !has_views(f, a, b, n))
    return rs_ipc_damaged(e, f->name, "a value lies outside of it, or is no UTF-8");
  if (f->kind == RS_IPC_TIME && !has_times(f, a, b))
    return rs_ipc_damaged(e, f->name, "a time is beyond the day");
  if (f->values != NULL && !has_indices(f, a, b))
    return rs_ipc_damaged(e, f->name, "an index is beyond its dictionary");
  return RS_OK;
}
