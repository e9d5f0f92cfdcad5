/*
** Nested Arrow values as JSON text: structs and maps become objects, lists arrays; dates and other
** formatted scalars strings, decimals and big integers numbers with all their digits, bytes the
** text that DuckDB casts them to, NaN and infinities null.
*/
#include <math.h>
#include <string.h>
#include "src/base/text.h"
#include "arrow.h"

static void write_view(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                       struct rs_buf *b);

/* As CAST(blob AS VARCHAR): printable ASCII as it is, the rest \xHH. */
static void write_bytes(const char *p, size_t n, struct rs_buf *b)
{
  rs_buf_char(b, '"');
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)p[i];
    if (c >= 32 && c < 127 && c != '\\' && c != '\'' && c != '"') rs_buf_char(b, (char)c);
    else rs_buf_printf(b, "\\\\x%02X", c);
  }
  rs_buf_char(b, '"');
}

static void write_scalar(const struct rs_arrow_type *t, const struct rs_value *x, struct rs_buf *b)
{
  switch (x->kind) {
    case RS_NULL: rs_buf_str(b, "null"); break;
    case RS_BOOL: rs_buf_str(b, x->i ? "true" : "false"); break;
    case RS_INT: rs_buf_int(b, x->i); break;
    case RS_FLOAT: rs_buf_json_double(b, x->f); break;
    case RS_BYTES: write_bytes(x->s.p, x->s.n, b); break;
    case RS_JSON: rs_buf_add(b, x->s.p, x->s.n); break;
    case RS_TEXT:
      if (t->ext == RS_EXT_NUMBER) rs_buf_add(b, x->s.p, x->s.n);
      else rs_buf_json_str(b, x->s.p, x->s.n);
      break;
    case RS_LIST: break; // parameters only
  }
}

static void write_list(const struct rs_arrow_view *v, int64_t from, int64_t n, struct rs_scratch *s,
                       struct rs_buf *b)
{
  struct rs_arrow_view child;
  rs_arrow_view_init(&child, &v->type->children[0], v->array->children[0], 0);
  rs_buf_char(b, '[');
  for (int64_t k = 0; k < n && !b->rc; k++) {
    if (k) rs_buf_char(b, ',');
    write_view(&child, from + k, s, b);
  }
  rs_buf_char(b, ']');
}

static void write_struct(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                         struct rs_buf *b)
{
  rs_buf_char(b, '{');
  for (size_t k = 0; k < v->type->nchildren; k++) {
    struct rs_arrow_view child;
    rs_arrow_view_init(&child, &v->type->children[k], v->array->children[k], v->offset);
    if (k) rs_buf_char(b, ',');
    rs_buf_json_str(b, v->type->names[k], strlen(v->type->names[k]));
    rs_buf_char(b, ':');
    write_view(&child, i, s, b);
  }
  rs_buf_char(b, '}');
}

/* A key that isn't text is quoted as it would print. */
static void write_key(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                      struct rs_buf *b)
{
  struct rs_value x;
  rs_arrow_get(v, i, s, &x);
  if (x.kind == RS_TEXT) {
    rs_buf_json_str(b, x.s.p, x.s.n);
    return;
  }
  if (x.kind == RS_BYTES) {
    write_bytes(x.s.p, x.s.n, b);
    return;
  }
  struct rs_buf key;
  rs_buf_init(&key, b->max);
  write_scalar(v->type, &x, &key);
  rs_buf_json_str(b, rs_buf_text(&key), key.n);
  if (key.rc) b->rc = key.rc;
  rs_buf_free(&key);
}

static void write_map(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                      struct rs_buf *b)
{
  const int32_t *o = (const int32_t *)v->data + i;
  const struct rs_arrow_type *entry = &v->type->children[0];
  const struct ArrowArray *entries = v->array->children[0];
  struct rs_arrow_view key, value;
  rs_arrow_view_init(&key, &entry->children[0], entries->children[0], entries->offset);
  rs_arrow_view_init(&value, &entry->children[1], entries->children[1], entries->offset);
  rs_buf_char(b, '{');
  for (int32_t k = o[0]; k < o[1] && !b->rc; k++) {
    if (k > o[0]) rs_buf_char(b, ',');
    write_key(&key, k, s, b);
    rs_buf_char(b, ':');
    write_view(&value, k, s, b);
  }
  rs_buf_char(b, '}');
}

/* A JSON column's element is JSON text already. */
static void write_json_text(const struct rs_arrow_view *v, int64_t i, struct rs_buf *b)
{
  const char *p;
  size_t n;
  if (v->type->width == 8) {
    const int64_t *o = (const int64_t *)v->data + i;
    p = v->heap + o[0];
    n = (size_t)(o[1] - o[0]);
  } else {
    const int32_t *o = (const int32_t *)v->data + i;
    p = v->heap + o[0];
    n = (size_t)(o[1] - o[0]);
  }
  rs_buf_add(b, p, n);
}

/* The offset and length of element i of a list of any layout. */
static void list_range(const struct rs_arrow_view *v, int64_t i, int64_t *from, int64_t *n)
{
  const struct rs_arrow_type *t = v->type;
  if (t->nest == RS_NEST_FIXED) {
    *from = (v->offset + i) * t->scale;
    *n = t->scale;
    return;
  }
  bool view = t->nest == RS_NEST_LIST_VIEW;
  if (t->width == 4) {
    const int32_t *o = (const int32_t *)v->data + i;
    *from = o[0];
    *n = view ? ((const int32_t *)v->array->buffers[2])[v->offset + i] : o[1] - o[0];
  } else {
    const int64_t *o = (const int64_t *)v->data + i;
    *from = o[0];
    *n = view ? ((const int64_t *)v->array->buffers[2])[v->offset + i] : o[1] - o[0];
  }
}

void rs_arrow_json(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s, struct rs_buf *b)
{
  if (v->type->nest == RS_NEST_MAP) {
    write_map(v, i, s, b);
  } else if (v->type->nest == RS_NEST_STRUCT) {
    write_struct(v, i, s, b);
  } else {
    int64_t from, n;
    list_range(v, i, &from, &n);
    write_list(v, from, n, s, b);
  }
}

static void write_view(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                       struct rs_buf *b)
{
  const struct rs_arrow_type *t = v->type;
  if (rs_arrow_is_null(v, i)) {
    rs_buf_str(b, "null");
    return;
  }
  if (t->ext == RS_EXT_JSON && t->width != 16 && !t->dictionary) {
    write_json_text(v, i, b);
    return;
  }
  if (t->nest == RS_NEST_UNION) {
    struct rs_arrow_view member;
    int64_t k;
    if (rs_arrow_union_member(v, i, &member, &k)) write_view(&member, k, s, b);
    else rs_buf_str(b, "null");
    return;
  }
  if (t->nest != RS_NEST_NONE) {
    rs_arrow_json(v, i, s, b);
    return;
  }
  // What a formatted scalar took is given back at once: a list may have millions
  struct rs_scratch_mark mark = rs_scratch_here(s);
  struct rs_value x;
  rs_arrow_get(v, i, s, &x);
  write_scalar(t, &x, b);
  rs_scratch_rewind(s, mark);
}
