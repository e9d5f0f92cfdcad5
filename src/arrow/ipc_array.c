/*
** Arrays of a batch of Arrow's IPC format (see ipc.h): the buffers of the message's body, in order,
** unpacked where they are packed.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/unpack.h"
#include "ipc_internal.h"

#define UNPACKED_MAX ((int64_t)2 << 30) /* of one buffer */

enum { BUFFERS_MAX = 3, LZ4 = 0, ZSTD = 1 };

struct build {
  struct rs_ipc_batch *b;
  size_t nodes, nnodes, node; /* position in the metadata, how many, the next one */
  size_t buffers, nbuffers, buffer;
  size_t views, nviews, view; /* how many buffers of data columns of views have */
  int64_t codec;              /* -1: not packed */
  struct rs_error *e;
};

/* ---- memory ---------------------------------------------------------------------------------- */

void rs_ipc_body_drop(struct rs_ipc_body *b)
{
  if (b == NULL || atomic_fetch_sub(&b->refs, 1) > 1) return;
  for (size_t i = 0; i < b->n; i++) rs_free(b->blocks[i]);
  rs_free(b->blocks);
  rs_free(b);
}

/* What one array of a tree owns. */
struct owner {
  struct rs_ipc_body *body;
  const void **buffers;
  int64_t *sizes; /* of the data of views */
};

static void release_array(struct ArrowArray *a)
{
  struct owner *o = a->private_data;
  for (int64_t i = 0; i < a->n_children; i++) {
    if (a->children[i]->release != NULL) a->children[i]->release(a->children[i]);
    rs_free(a->children[i]);
  }
  if (a->dictionary != NULL && a->dictionary->release != NULL)
    a->dictionary->release(a->dictionary);
  rs_free(a->dictionary);
  rs_free(a->children);
  rs_ipc_body_drop(o->body);
  rs_free(o->buffers);
  rs_free(o->sizes);
  rs_free(o);
  a->release = NULL;
}

static enum rs_code begin_array(struct build *x, struct ArrowArray *a, size_t nbuffers,
                                size_t nchildren)
{
  struct owner *o = rs_calloc(1, sizeof *o);
  *a = (struct ArrowArray){.length = 0};
  if (o == NULL) return rs_nomem(x->e);
  o->body = x->b->body;
  atomic_fetch_add(&o->body->refs, 1);
  a->private_data = o;
  a->release = release_array;
  o->buffers = rs_calloc(nbuffers + 1, sizeof o->buffers[0]);
  a->children = rs_calloc(nchildren + 1, sizeof a->children[0]);
  if (o->buffers == NULL || a->children == NULL) return rs_nomem(x->e);
  a->buffers = o->buffers;
  a->n_buffers = (int64_t)nbuffers;
  for (size_t i = 0; i < nchildren; i++) {
    a->children[i] = rs_calloc(1, sizeof *a->children[i]);
    if (a->children[i] == NULL) return rs_nomem(x->e);
    a->n_children++;
  }
  return RS_OK;
}

/* ---- buffers --------------------------------------------------------------------------------- */

struct unpacking {
  const uint8_t *from;
  size_t n;
  char *to;
  size_t cap, got;
};

static enum rs_code fill(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  struct unpacking *u = ctx;
  (void)e;
  *n = u->n < cap ? u->n : cap;
  memcpy(p, u->from, *n);
  u->from += *n;
  u->n -= *n;
  return RS_OK;
}

static enum rs_code take(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct unpacking *u = ctx;
  if (n > u->cap - u->got) return rs_ipc_damaged(e, NULL, "a buffer is longer than it is said");
  memcpy(u->to + u->got, p, n);
  u->got += n;
  return RS_OK;
}

static enum rs_code unpack(struct build *x, struct rs_ipc_buffer *out)
{
  struct rs_ipc_body *body = x->b->body;
  if (out->n == 0) return RS_OK;
  if (out->n < 8) return rs_ipc_damaged(x->e, NULL, "a packed buffer is too short");
  int64_t size = rs_flat_number(out->p, 8);
  out->p += 8;
  out->n -= 8;
  if (size == -1) return RS_OK; // packing was of no use
  if (size < 0 || size > UNPACKED_MAX)
    return rs_fail(x->e, RS_LIMIT, "a column has more than 2 GB in a batch");
  if (!rs_grow(&body->blocks, &body->cap, body->n + 1, sizeof body->blocks[0]))
    return rs_nomem(x->e);
  struct unpacking u = {.from = out->p, .n = out->n, .cap = (size_t)size};
  u.to = body->blocks[body->n] = rs_malloc((size_t)size + 1);
  if (u.to == NULL) return rs_nomem(x->e);
  body->n++;
  enum rs_code rc = x->codec == ZSTD ? rs_unpack_zstd(fill, take, &u, x->e)
                                     : rs_unpack_lz4(fill, take, &u, x->e);
  if (rc == RS_OK && u.got != u.cap)
    rc = rs_ipc_damaged(x->e, NULL, "a buffer is shorter than it is said");
  *out = (struct rs_ipc_buffer){(const uint8_t *)u.to, u.cap};
  return rc;
}

static enum rs_code next_buffer(struct build *x, struct rs_ipc_buffer *out)
{
  const struct rs_ipc_batch *b = x->b;
  if (x->buffer == x->nbuffers) return rs_ipc_damaged(x->e, NULL, "it has too few buffers");
  const uint8_t *at = b->flat->p + x->buffers + 16 * x->buffer++;
  uint64_t from = (uint64_t)rs_flat_number(at, 8), n = (uint64_t)rs_flat_number(at + 8, 8);
  if (from > b->n || n > b->n - from || from % 8 != 0)
    return rs_ipc_damaged(x->e, NULL, "a buffer lies outside of its batch");
  *out = (struct rs_ipc_buffer){b->p + from, (size_t)n};
  return x->codec >= 0 ? unpack(x, out) : RS_OK;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static enum rs_code build_array(struct build *x, const struct rs_ipc_field *f,
                                struct ArrowArray *a);

/* Another array of the same memory. */
static enum rs_code share(struct build *x, const struct ArrowArray *from, struct ArrowArray *to)
{
  const struct owner *had = from->private_data;
  struct rs_ipc_batch of = {.body = had->body};
  struct build y = {.b = &of, .e = x->e};
  enum rs_code rc = begin_array(&y, to, (size_t)from->n_buffers, (size_t)from->n_children);
  if (rc != RS_OK) return rc;
  struct owner *o = to->private_data;
  to->length = from->length;
  to->null_count = from->null_count;
  memcpy(o->buffers, from->buffers, (size_t)from->n_buffers * sizeof o->buffers[0]);
  if (had->sizes != NULL) {
    const size_t n = (size_t)from->n_buffers;
    o->sizes = rs_calloc(n, sizeof o->sizes[0]);
    if (o->sizes == NULL) return rs_nomem(x->e);
    memcpy(o->sizes, had->sizes, (n - 3) * sizeof o->sizes[0]);
    o->buffers[n - 1] = o->sizes;
  }
  for (int64_t i = 0; i < from->n_children && rc == RS_OK; i++)
    rc = share(x, from->children[i], to->children[i]);
  if (rc != RS_OK || from->dictionary == NULL) return rc;
  to->dictionary = rs_calloc(1, sizeof *to->dictionary);
  return to->dictionary != NULL ? share(x, from->dictionary, to->dictionary) : rs_nomem(x->e);
}

static enum rs_code add_dictionary(struct build *x, const struct rs_ipc_field *f,
                                   struct ArrowArray *a)
{
  const struct rs_ipc_batch *b = x->b;
  for (size_t i = 0; i < b->ndictionaries; i++) {
    if (b->dictionaries[i].id != f->dictionary) continue;
    a->dictionary = rs_calloc(1, sizeof *a->dictionary);
    if (a->dictionary == NULL) return rs_nomem(x->e);
    return share(x, &b->dictionaries[i].array, a->dictionary);
  }
  return rs_ipc_damaged(x->e, f->name, "its dictionary is missing");
}

static enum rs_code next_node(struct build *x, struct ArrowArray *a)
{
  if (x->node == x->nnodes) return rs_ipc_damaged(x->e, NULL, "it has too few columns");
  const uint8_t *at = x->b->flat->p + x->nodes + 16 * x->node++;
  a->length = rs_flat_number(at, 8);
  a->null_count = rs_flat_number(at + 8, 8);
  if (a->length < 0 || a->length > INT32_MAX)
    return rs_ipc_damaged(x->e, NULL, "a column's length");
  return RS_OK;
}

/* How many buffers behind the views, at most what the batch has. */
static enum rs_code count_views(struct build *x, size_t *n)
{
  int64_t count = -1;
  if (x->view < x->nviews) count = rs_flat_number(x->b->flat->p + x->views + 8 * x->view++, 8);
  if (count < 0 || (uint64_t)count > x->nbuffers)
    return rs_ipc_damaged(x->e, NULL, "a column's buffers are not counted");
  *n = (size_t)count;
  return RS_OK;
}

/* Counted here: DuckDB looks for NULLs in a dictionary's column only where there are some. */
static int64_t count_nulls(const struct rs_ipc_buffer *bits, int64_t rows)
{
  int64_t valid = 0;
  for (int64_t i = 0; i < rows / 8; i++) valid += __builtin_popcount(bits->p[i]);
  if (rows % 8 != 0) valid += __builtin_popcount(bits->p[rows / 8] & ((1U << (rows % 8)) - 1));
  return rows - valid;
}

static enum rs_code read_buffers(struct build *x, const struct rs_ipc_field *f,
                                 struct ArrowArray *a, struct rs_ipc_buffer *buffers, size_t n,
                                 bool views)
{
  static const int64_t zeros[2]; /* offsets of an empty array may be left out */
  struct owner *o = a->private_data;
  for (size_t i = 0; i < n; i++) {
    enum rs_code rc = next_buffer(x, &buffers[i]);
    if (rc != RS_OK) return rc;
    o->buffers[i] = buffers[i].n > 0 ? buffers[i].p : (const void *)zeros;
  }
  // no bits: nothing is NULL
  if (n > 0 && (a->null_count == 0 || buffers[0].n == 0)) {
    o->buffers[0] = NULL;
    a->null_count = 0;
  } else if (n > 0) {
    if (buffers[0].n < (uint64_t)(a->length + 7) / 8)
      return rs_ipc_damaged(x->e, f->name, "a buffer is too short");
    a->null_count = count_nulls(&buffers[0], a->length);
  }
  if (views) {
    o->sizes = rs_calloc(n + 1, sizeof o->sizes[0]);
    if (o->sizes == NULL) return rs_nomem(x->e);
    for (size_t i = 2; i < n; i++) o->sizes[i - 2] = (int64_t)buffers[i].n;
    o->buffers[n] = o->sizes;
  }
  return rs_ipc_check(f, a, buffers, n, x->e);
}

static enum rs_code build_array(struct build *x, const struct rs_ipc_field *f, struct ArrowArray *a)
{
  const bool views = f->kind == RS_IPC_BYTE_VIEWS || f->kind == RS_IPC_TEXT_VIEWS;
  struct rs_ipc_buffer few[BUFFERS_MAX], *buffers = few;
  size_t n = 2, more = 0;
  if (f->kind == RS_IPC_NULL) n = 0;
  if (f->kind == RS_IPC_STRUCT || f->kind == RS_IPC_FIXED_LIST) n = 1;
  if (f->kind == RS_IPC_BYTES || f->kind == RS_IPC_TEXT) n = 3;
  enum rs_code rc = views ? count_views(x, &more) : RS_OK;
  if (rc == RS_OK) rc = begin_array(x, a, n + more + (views ? 1 : 0), f->nchildren);
  if (rc == RS_OK && more > 0) {
    buffers = rs_calloc(n + more, sizeof buffers[0]);
    if (buffers == NULL) rc = rs_nomem(x->e);
  }
  if (rc == RS_OK) rc = next_node(x, a);
  if (rc == RS_OK && f->kind == RS_IPC_NULL) a->null_count = a->length;
  struct ArrowArray *const had = a;
  // children come behind the buffers of their parent, and its check looks at them
  size_t buffer = x->buffer;
  if (rc == RS_OK && f->nchildren > 0) {
    x->buffer += n;
    if (x->buffer > x->nbuffers) rc = rs_ipc_damaged(x->e, f->name, "it has too few buffers");
    for (size_t i = 0; i < f->nchildren && rc == RS_OK; i++)
      rc = build_array(x, &f->children[i], had->children[i]);
  }
  if (rc == RS_OK && f->values != NULL) rc = add_dictionary(x, f, a);
  size_t behind = x->buffer;
  if (f->nchildren > 0) x->buffer = buffer;
  if (rc == RS_OK) rc = read_buffers(x, f, a, buffers, n + more, views);
  if (f->nchildren > 0) x->buffer = behind;
  if (buffers != few) rs_free(buffers);
  return rc;
}

enum rs_code rs_ipc_array(struct rs_ipc_batch *b, const struct rs_ipc_field *root,
                          struct ArrowArray *out, struct rs_error *e)
{
  struct build x = {.b = b, .codec = -1, .e = e};
  struct rs_flat *f = b->flat;
  int64_t length = rs_flat_int(f, b->table, 0, 8, 0);
  x.nodes = rs_flat_vector(f, b->table, 1, 16, &x.nnodes);
  x.buffers = rs_flat_vector(f, b->table, 2, 16, &x.nbuffers);
  x.views = rs_flat_vector(f, b->table, 4, 8, &x.nviews);
  size_t packing = rs_flat_ref(f, b->table, 3);
  if (packing != 0) x.codec = rs_flat_int(f, packing, 0, 1, LZ4);
  if (f->bad || length < 0 || length > INT32_MAX)
    return rs_ipc_damaged(e, NULL, "a batch's description");
  if (x.codec > ZSTD) return rs_fail(e, RS_UNSUPPORTED, "its batches are packed in an unknown way");
  enum rs_code rc = begin_array(&x, out, 1, root->nchildren);
  out->length = length;
  for (size_t i = 0; i < root->nchildren && rc == RS_OK; i++) {
    const struct rs_ipc_field *c = &root->children[i];
    rc = build_array(&x, c, out->children[i]);
    if (rc == RS_OK && out->children[i]->length != length)
      rc = rs_ipc_damaged(e, c->name, "it has more or fewer rows than its batch");
  }
  if (rc != RS_OK && out->release != NULL) out->release(out);
  return rc;
}
