/*
** Rows of rs_value into Arrow arrays: growing column buffers that are moved out as one struct
** array.
**
** A column is a leaf (validity, data, 32-bit offsets for text and bytes), below a list level when
** its values are lists. Blocks that an exported array owns are freed by its release callback, on
** whatever thread the driver calls it.
*/
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "src/value/timetext.h"
#include "src/base/mem.h"
#include "internal.h"

/* ---- leaves ---------------------------------------------------------------------------------- */

/* Room for n more bytes, added to b->n; more than none are asked for. */
static inline char *add_room(struct bytes *b, size_t n)
{
  if (b->cap - b->n < n && !rs_grow(&b->p, &b->cap, b->n + n, 1)) return NULL;
  char *p = b->p + b->n;
  b->n += n;
  return p;
}

static inline bool add_bit(struct bytes *b, int64_t index, bool set)
{
  if (index % 8 == 0) {
    char *p = add_room(b, 1);
    if (!p) return false;
    *p = 0;
  }
  if (set) b->p[index / 8] = (char)((unsigned char)b->p[index / 8] | 1u << (index % 8));
  return true;
}

/* Whether a row is NULL. The bits begin with the first one that is: most columns never have any. */
static inline bool add_valid(struct leaf *l, bool null)
{
  if (l->valid.n == 0) {
    if (!null) return true;
    const size_t before = (size_t)l->rows, n = (before + 7) / 8;
    char *p = add_room(&l->valid, n);
    if (p == NULL && n > 0) return false;
    if (n > 0) memset(p, 0xff, n);
    if (before % 8 != 0) p[n - 1] = (char)((1u << (before % 8)) - 1);
  }
  return add_bit(&l->valid, l->rows, !null);
}

static inline bool add_raw(struct bytes *b, const void *p, size_t n)
{
  char *q = n > 0 ? add_room(b, n) : NULL;
  if (q) memcpy(q, p, n);
  return q || n == 0;
}

/* The same of 8 bytes, without a call. */
static inline bool add_8(struct bytes *b, const void *p)
{
  char *q = add_room(b, 8);
  if (q) memcpy(q, p, 8);
  return q != NULL;
}

static enum rs_code add_offset(struct leaf *l, size_t end, struct rs_error *e)
{
  if (end > INT32_MAX) return rs_fail(e, RS_LIMIT, "values of one batch are larger than 2 GiB");
  const int32_t o = (int32_t)end;
  bool first = l->offsets.n == 0;
  char *p = add_room(&l->offsets, first ? 8 : 4);
  if (!p) return rs_nomem(e);
  if (first) memset(p, 0, 4);
  memcpy(p + (first ? 4 : 0), &o, 4);
  return RS_OK;
}

static enum rs_code misfit(const struct rs_value *v, char format, struct rs_error *e)
{
  static const char *const kinds[] = {"null", "a boolean", "an integer", "a float",
                                      "text", "bytes",     "JSON",       "a list"};
  return rs_fail(e, RS_INVALID, "%s does not fit a column of Arrow type '%c'", kinds[v->kind],
                 format);
}

/* Anything that has a text, for a column of text. */
static enum rs_code add_text(struct leaf *l, const struct rs_value *v, struct rs_error *e)
{
  char tmp[32];
  int n = 0;
  switch (v->kind) {
    case RS_NULL: break;
    case RS_TEXT:
    case RS_JSON:
      if (!add_raw(&l->data, v->s.p, v->s.n)) return rs_nomem(e);
      break;
    case RS_BOOL: n = snprintf(tmp, sizeof tmp, "%s", v->i ? "true" : "false"); break;
    case RS_INT: n = snprintf(tmp, sizeof tmp, "%" PRId64, v->i); break;
    case RS_FLOAT: {
      struct rs_buf b;
      rs_buf_init(&b, 64);
      rs_buf_json_double(&b, v->f);
      n = snprintf(tmp, sizeof tmp, "%s", rs_buf_text(&b));
      rs_buf_free(&b);
      break;
    }
    default: return misfit(v, l->format, e);
  }
  if (n > 0 && !add_raw(&l->data, tmp, (size_t)n)) return rs_nomem(e);
  return add_offset(l, l->data.n, e);
}

/* YYYY-MM-DD as days since 1970; callers have checked it (ext/collection/value.c does). */
static bool add_date(struct leaf *l, const struct rs_value *v)
{
  struct rs_timetext_date d;
  int32_t days = 0;
  if (v->kind != RS_NULL) {
    struct rs_timetext_cursor c = {v->s.p, v->s.p + v->s.n};
    (void)rs_timetext_date(&c, &d);
    days = (int32_t)rs_date_days(d.date.year, d.date.month, d.date.day);
  }
  return add_raw(&l->data, &days, 4);
}

static enum rs_code leaf_add(struct leaf *l, const struct rs_value *v, struct rs_error *e)
{
  bool null = v->kind == RS_NULL, ok = true;
  enum rs_code rc = RS_OK;
  switch (l->format) {
    case 'n': rc = null ? RS_OK : misfit(v, l->format, e); break;
    case 'b':
      if (!null && v->kind != RS_BOOL) return misfit(v, l->format, e);
      ok = add_bit(&l->data, l->rows, !null && v->i);
      break;
    case 't':
    case 'l': {
      if (!null && v->kind != RS_INT && v->kind != RS_BOOL) return misfit(v, l->format, e);
      int64_t i = null ? 0 : v->i;
      ok = add_8(&l->data, &i);
      break;
    }
    case 'g': {
      if (!null && v->kind != RS_FLOAT && v->kind != RS_INT) return misfit(v, l->format, e);
      double f = null ? 0 : v->kind == RS_INT ? (double)v->i : v->f;
      ok = add_8(&l->data, &f);
      break;
    }
    case 'D':
      if (!null && (v->kind != RS_TEXT || v->s.n != 10)) return misfit(v, l->format, e);
      ok = add_date(l, v);
      break;
    case 'z':
      if (!null && v->kind != RS_BYTES && v->kind != RS_TEXT) return misfit(v, l->format, e);
      ok = null || add_raw(&l->data, v->s.p, v->s.n);
      if (ok) rc = add_offset(l, l->data.n, e);
      break;
    default: rc = add_text(l, v, e);
  }
  if (!rc && (!ok || !add_valid(l, null))) rc = rs_nomem(e);
  l->rows++;
  l->nulls += null;
  return rc;
}

static void leaf_clear(struct leaf *l, bool release)
{
  if (release) {
    rs_free(l->valid.p);
    rs_free(l->data.p);
    rs_free(l->offsets.p);
  }
  char format = l->format;
  memset(l, 0, sizeof *l);
  l->format = format;
}

/* ---- building -------------------------------------------------------------------------------- */

enum rs_code rs_arrow_builder_new(const enum rs_type *types, const char *const *names, size_t n,
                                  struct rs_arrow_builder **pb, struct rs_error *e)
{
  struct rs_arrow_builder *b = rs_calloc(1, sizeof *b);
  *pb = NULL;
  if (b) b->cols = rs_calloc(n ? n : 1, sizeof *b->cols);
  if (!b || !b->cols) {
    rs_free(b);
    return rs_nomem(e);
  }
  b->n = n;
  for (size_t i = 0; i < n; i++) {
    struct column *c = &b->cols[i];
    c->list.format = '+';
    switch (types[i]) {
      case RS_T_BOOL: c->leaf.format = 'b'; break;
      case RS_T_INT: c->leaf.format = 'l'; break;
      case RS_T_FLOAT: c->leaf.format = 'g'; break;
      case RS_T_BYTES: c->leaf.format = 'z'; break;
      default: c->leaf.format = 'u';
    }
    c->name = names ? rs_strdup(names[i]) : rs_mprintf("%zu", i);
    if (!c->name) {
      rs_arrow_builder_free(b);
      return rs_nomem(e);
    }
  }
  *pb = b;
  return RS_OK;
}

void rs_arrow_builder_date(struct rs_arrow_builder *b, size_t i)
{
  b->cols[i].leaf.format = 'D';
}

void rs_arrow_builder_timestamp(struct rs_arrow_builder *b, size_t i)
{
  b->cols[i].leaf.format = 't';
}

/* The members of a union in the order of RS_MIX_*. */
static const struct {
  const char *name;
  unsigned mix;
  char format;
} members[MEMBERS] = {{"bool", RS_MIX_BOOL, 'b'},
                      {"int", RS_MIX_INT, 'l'},
                      {"dbl", RS_MIX_DOUBLE, 'g'},
                      {"str", RS_MIX_TEXT, 'u'},
                      {"blob", RS_MIX_BYTES, 'z'}};

enum rs_code rs_arrow_builder_mix(struct rs_arrow_builder *b, size_t i, unsigned mix,
                                  struct rs_error *e)
{
  struct column *c = &b->cols[i];
  c->members = rs_calloc(MEMBERS, sizeof *c->members);
  if (c->members == NULL) return rs_nomem(e);
  c->leaf.format = '?';
  for (size_t k = 0; k < MEMBERS; k++)
    if (mix & members[k].mix) c->members[k].format = members[k].format;
  return RS_OK;
}

/* The member that a value is, and its number among those that the union has. */
static enum rs_code add_member(struct column *c, const struct rs_value *v, struct rs_error *e)
{
  static const char formats[] = {
    [RS_BOOL] = 'b', [RS_INT] = 'l', [RS_FLOAT] = 'g', [RS_TEXT] = 'u', [RS_BYTES] = 'z'};
  const struct rs_value null = {.kind = RS_NULL};
  const char format = (size_t)v->kind < sizeof formats ? formats[v->kind] : 0;
  char tag = 0, at = 0;
  bool found = v->kind == RS_NULL;
  enum rs_code rc = RS_OK;
  for (size_t k = 0; k < MEMBERS && rc == RS_OK; k++) {
    struct leaf *l = &c->members[k];
    if (l->format == 0) continue;
    const bool is = v->kind != RS_NULL && l->format == format;
    if (is) tag = at;
    found = found || is;
    at++;
    rc = leaf_add(l, is ? v : &null, e);
  }
  if (rc == RS_OK && !found) rc = misfit(v, c->leaf.format, e);
  if (rc == RS_OK && !add_raw(&c->leaf.data, &tag, 1)) rc = rs_nomem(e);
  c->leaf.rows++;
  return rc;
}

enum rs_code rs_arrow_builder_row(struct rs_arrow_builder *b, const struct rs_value *row,
                                  struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < b->n && !rc; i++) {
    struct column *c = &b->cols[i];
    if (!c->is_list) {
      rc = c->members ? add_member(c, &row[i], e) : leaf_add(&c->leaf, &row[i], e);
      continue;
    }
    bool null = row[i].kind == RS_NULL;
    if (!null && row[i].kind != RS_LIST) return misfit(&row[i], '+', e);
    for (size_t k = 0; !null && k < row[i].list.n && !rc; k++)
      rc = leaf_add(&c->leaf, &row[i].list.v[k], e);
    if (!rc) rc = add_offset(&c->list, (size_t)c->leaf.rows, e);
    if (!rc && !add_valid(&c->list, null)) rc = rs_nomem(e);
    c->list.rows++;
    c->list.nulls += null;
  }
  b->rows++;
  return rc;
}

int64_t rs_arrow_builder_rows(const struct rs_arrow_builder *b)
{
  return b->rows;
}

size_t rs_arrow_builder_bytes(const struct rs_arrow_builder *b)
{
  size_t n = 0;
  for (size_t i = 0; i < b->n; i++) {
    const struct column *c = &b->cols[i];
    n += c->leaf.data.n + c->leaf.offsets.n;
    for (size_t k = 0; c->members && k < MEMBERS; k++)
      n += c->members[k].data.n + c->members[k].offsets.n;
  }
  return n;
}

void rs_arrow_builder_free(struct rs_arrow_builder *b)
{
  if (!b || atomic_fetch_sub(&b->lent, 1) > 0) return;
  for (size_t i = 0; i < b->n; i++) {
    leaf_clear(&b->cols[i].leaf, true);
    leaf_clear(&b->cols[i].list, true);
    for (size_t k = 0; b->cols[i].members && k < MEMBERS; k++)
      leaf_clear(&b->cols[i].members[k], true);
    rs_free(b->cols[i].members);
    rs_free(b->cols[i].name);
  }
  rs_free(b->cols);
  rs_free(b);
}

/* ---- exporting ------------------------------------------------------------------------------- */

/* Everything of one exported schema node lies behind it in one block with its texts. */
struct schema_node {
  struct ArrowSchema *children; /* n of them */
  struct ArrowSchema **pointers;
  char *name;
  char format[16];
};

static void schema_release(struct ArrowSchema *s)
{
  struct schema_node *node = s->private_data;
  for (int64_t i = 0; i < s->n_children; i++)
    if (node->children[i].release) node->children[i].release(&node->children[i]);
  rs_free(node->children);
  rs_free(node->pointers);
  rs_free(node->name);
  rs_free(node);
  s->release = NULL;
}

static bool schema_node(struct ArrowSchema *out, const char *format, const char *name, size_t n)
{
  struct schema_node *node = rs_calloc(1, sizeof *node);
  memset(out, 0, sizeof *out);
  if (!node) return false;
  node->children = rs_calloc(n ? n : 1, sizeof *node->children);
  node->pointers = rs_calloc(n ? n : 1, sizeof *node->pointers);
  node->name = rs_strdup(name);
  snprintf(node->format, sizeof node->format, "%s", format);
  out->private_data = node;
  out->release = schema_release;
  out->format = node->format;
  out->flags = RS_ARROW_FLAG_NULLABLE;
  if (!node->children || !node->pointers || !node->name)
    return false; // n_children is 0: the release is safe
  out->name = node->name;
  out->n_children = (int64_t)n;
  out->children = node->pointers;
  for (size_t i = 0; i < n; i++) node->pointers[i] = &node->children[i];
  return true;
}

static bool union_schema(struct ArrowSchema *out, const struct column *c)
{
  char format[16] = "+us:";
  size_t n = 0, at = 4;
  for (size_t k = 0; k < MEMBERS; k++) {
    if (c->members[k].format == 0) continue;
    if (n > 0) format[at++] = ',';
    format[at++] = (char)('0' + n++);
  }
  bool ok = schema_node(out, format, c->name, n);
  n = 0;
  for (size_t k = 0; k < MEMBERS && ok; k++) {
    const char member[] = {c->members[k].format, 0};
    if (member[0] != 0) ok = schema_node(out->children[n++], member, members[k].name, 0);
  }
  return ok;
}

enum rs_code rs_arrow_builder_schema(const struct rs_arrow_builder *b, struct ArrowSchema *out,
                                     struct rs_error *e)
{
  bool ok = schema_node(out, "+s", "", b->n);
  for (size_t i = 0; i < b->n && ok; i++) {
    const struct column *c = &b->cols[i];
    char format[8] = {c->leaf.format, 0};
    struct ArrowSchema *child = out->children[i];
    if (c->members) {
      ok = union_schema(child, c);
      continue;
    }
    if (c->leaf.format == 'D') memcpy(format, "tdD", 4);
    if (c->leaf.format == 't') memcpy(format, "tsu:", 5);
    ok = schema_node(child, c->is_list ? "+l" : format, c->name, c->is_list);
    if (ok && c->is_list) ok = schema_node(child->children[0], format, "l", 0);
  }
  if (ok) return RS_OK;
  if (out->release) out->release(out);
  return rs_nomem(e);
}

struct array_node {
  struct ArrowArray *children;
  struct ArrowArray **pointers;
  struct leaf leaf;                /* the blocks that `buffers` points to, or */
  struct rs_arrow_builder *lender; /* whose they are */
  const void *buffers[3];
};

static void array_release(struct ArrowArray *a)
{
  struct array_node *node = a->private_data;
  for (int64_t i = 0; i < a->n_children; i++)
    if (node->children[i].release) node->children[i].release(&node->children[i]);
  if (!node->lender) leaf_clear(&node->leaf, true);
  rs_arrow_builder_free(node->lender);
  rs_free(node->children);
  rs_free(node->pointers);
  rs_free(node);
  a->release = NULL;
}

/* A node of n children; takes the blocks of `leaf` (NULL: a struct without NULLs), or borrows them
** when they are a lender's. */
static bool array_node(struct ArrowArray *out, struct leaf *leaf, int64_t rows, size_t n,
                       struct rs_arrow_builder *lender)
{
  static const char empty[8];
  struct array_node *node = rs_calloc(1, sizeof *node);
  memset(out, 0, sizeof *out);
  if (!node) return false;
  node->children = rs_calloc(n ? n : 1, sizeof *node->children);
  node->pointers = rs_calloc(n ? n : 1, sizeof *node->pointers);
  out->private_data = node;
  out->release = array_release;
  if (!node->children || !node->pointers) return false;
  out->length = rows;
  out->buffers = node->buffers;
  out->n_buffers = 1;
  out->n_children = (int64_t)n;
  out->children = node->pointers;
  for (size_t i = 0; i < n; i++) node->pointers[i] = &node->children[i];
  if (!leaf) return true;
  node->leaf = *leaf;
  node->lender = lender;
  if (lender) atomic_fetch_add(&lender->lent, 1);
  else leaf_clear(leaf, false);
  const struct leaf *l = &node->leaf;
  out->null_count = l->nulls;
  if (l->format == 'n') {
    out->n_buffers = 0;
    return true;
  }
  if (l->format == '?') { // a union has no validity of its own
    out->null_count = 0;
    node->buffers[0] = l->data.p ? l->data.p : empty;
    return true;
  }
  node->buffers[0] = l->nulls ? l->valid.p : NULL;
  bool offsets = l->format == '+' || l->format == 'u' || l->format == 'z';
  node->buffers[1] = offsets ? l->offsets.p : l->data.p;
  if (!node->buffers[1]) node->buffers[1] = empty;
  out->n_buffers = offsets && l->format != '+' ? 3 : 2;
  if (out->n_buffers == 3) node->buffers[2] = l->data.p ? l->data.p : empty;
  return true;
}

static bool union_array(struct ArrowArray *out, struct column *c, int64_t rows)
{
  size_t n = 0;
  for (size_t k = 0; k < MEMBERS; k++) n += c->members[k].format != 0;
  bool ok = array_node(out, &c->leaf, rows, n, NULL);
  n = 0;
  for (size_t k = 0; k < MEMBERS && ok; k++)
    if (c->members[k].format != 0)
      ok = array_node(out->children[n++], &c->members[k], rows, 0, NULL);
  return ok;
}

static enum rs_code export_rows(struct rs_arrow_builder *b, struct rs_arrow_builder *lender,
                                struct ArrowArray *out, struct rs_error *e)
{
  bool ok = array_node(out, NULL, b->rows, b->n, NULL);
  for (size_t i = 0; i < b->n && ok; i++) {
    struct column *c = &b->cols[i];
    struct ArrowArray *child = out->children[i];
    int64_t items = c->leaf.rows;
    if (c->members) {
      ok = union_array(child, c, b->rows);
    } else if (c->is_list) {
      ok = array_node(child, &c->list, b->rows, 1, lender);
      if (ok) ok = array_node(child->children[0], &c->leaf, items, 0, lender);
    } else {
      ok = array_node(child, &c->leaf, b->rows, 0, lender);
    }
  }
  if (!lender) b->rows = 0;
  if (ok) return RS_OK;
  if (out->release) out->release(out);
  return rs_nomem(e);
}

enum rs_code rs_arrow_builder_finish(struct rs_arrow_builder *b, struct ArrowArray *out,
                                     struct rs_error *e)
{
  return export_rows(b, NULL, out, e);
}

enum rs_code rs_arrow_builder_lend(struct rs_arrow_builder *b, struct ArrowArray *out,
                                   struct rs_error *e)
{
  return export_rows(b, b, out, e);
}

bool rs_arrow_builder_is_lent(const struct rs_arrow_builder *b)
{
  return atomic_load(&b->lent) > 0;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static char param_format(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL: return 'b';
    case RS_INT: return 'l';
    case RS_FLOAT: return 'g';
    case RS_BYTES: return 'z';
    case RS_TEXT:
    case RS_JSON: return 'u';
    default: return 'n';
  }
}

enum rs_code rs_arrow_params(const struct rs_value *params, size_t n, struct ArrowSchema *schema,
                             struct ArrowArray *array, struct rs_error *e)
{
  struct rs_arrow_builder *b = NULL;
  enum rs_type *types = rs_calloc(n ? n : 1, sizeof *types);
  memset(schema, 0, sizeof *schema);
  memset(array, 0, sizeof *array);
  enum rs_code rc = types ? rs_arrow_builder_new(types, NULL, n, &b, e) : rs_nomem(e);
  rs_free(types);
  if (rc) return rc;
  for (size_t i = 0; i < n; i++) {
    const struct rs_value *v = &params[i];
    b->cols[i].leaf.format = param_format(v);
    if (v->kind == RS_LIST) {
      b->cols[i].is_list = true;
      for (size_t k = 0; k < v->list.n && b->cols[i].leaf.format == 'n'; k++)
        b->cols[i].leaf.format = param_format(&v->list.v[k]);
    }
  }
  rc = rs_arrow_builder_row(b, params, e);
  if (!rc) rc = rs_arrow_builder_schema(b, schema, e);
  if (!rc) rc = rs_arrow_builder_finish(b, array, e);
  if (rc && schema->release) schema->release(schema);
  rs_arrow_builder_free(b);
  return rc;
}
