/*
** Messages of Arrow's IPC format (see ipc.h). A file is a stream between two marks, with a
** directory behind it. Who reads from the beginning needs the marks only, to see that it is whole.
*/
#include "ipc.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "ipc_internal.h"

#define METADATA_MAX ((int64_t)64 << 20)
static const char mark[] = "ARROW1";

enum { MARK = 6, SCHEMA = 1, DICTIONARY = 2, BATCH = 3 };

struct rs_arrow_ipc {
  int fd;
  uint64_t at, size;
  struct rs_ipc_field root;
  struct ArrowSchema schema;
  struct rs_ipc_dictionary *dictionaries;
  size_t ndictionaries, cap;
  bool done;
};

struct message {
  uint8_t *metadata;
  struct rs_flat flat;
  int64_t kind, body; /* its bytes, which follow */
  size_t header;      /* its table */
};

static enum rs_code cut_off(struct rs_error *e)
{
  return rs_fail(e, RS_INVALID, "its Arrow data are cut off");
}

static enum rs_code read_some(struct rs_arrow_ipc *r, void *p, size_t n, struct rs_error *e)
{
  char *to = p;
  while (n > 0) {
    ssize_t got = pread(r->fd, to, n, (off_t)r->at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
    if (got == 0) return cut_off(e);
    to += got;
    r->at += (uint64_t)got;
    n -= (size_t)got;
  }
  return RS_OK;
}

/* Its length in front of a message: since 2019 behind four bytes that are all ones. */
static enum rs_code read_length(struct rs_arrow_ipc *r, int64_t *n, struct rs_error *e)
{
  uint8_t p[4];
  *n = 0;
  if (r->at == r->size) return RS_OK; // a stream may end without a word
  enum rs_code rc = read_some(r, p, sizeof p, e);
  if (rc != RS_OK) return rc;
  *n = rs_flat_number(p, 4);
  if (*n != -1) return RS_OK;
  rc = read_some(r, p, sizeof p, e);
  if (rc == RS_OK) *n = rs_flat_number(p, 4);
  return rc;
}

/* RS_DONE at the end. The metadata is the caller's (rs_free), whatever came out. */
static enum rs_code next_message(struct rs_arrow_ipc *r, struct message *m, struct rs_error *e)
{
  int64_t n;
  *m = (struct message){.metadata = NULL};
  enum rs_code rc = read_length(r, &n, e);
  if (rc != RS_OK) return rc;
  if (n == 0) return RS_DONE;
  if (n < 0 || n > METADATA_MAX) return rs_ipc_damaged(e, NULL, "a message's length");
  if ((uint64_t)n > r->size - r->at) return cut_off(e);
  m->metadata = rs_malloc((size_t)n);
  if (m->metadata == NULL) return rs_nomem(e);
  rc = read_some(r, m->metadata, (size_t)n, e);
  if (rc != RS_OK) return rc;
  struct rs_flat *f = &m->flat;
  *f = (struct rs_flat){m->metadata, (size_t)n, false};
  size_t root = rs_flat_root(f);
  m->kind = rs_flat_int(f, root, 1, 1, 0);
  m->header = rs_flat_ref(f, root, 2);
  m->body = rs_flat_int(f, root, 3, 8, 0);
  if (f->bad || m->header == 0 || m->body < 0) return rs_ipc_damaged(e, NULL, "a message");
  return (uint64_t)m->body <= r->size - r->at ? RS_OK : cut_off(e);
}

static enum rs_code read_array(struct rs_arrow_ipc *r, struct message *m, size_t table,
                               const struct rs_ipc_field *root, struct ArrowArray *out,
                               struct rs_error *e)
{
  struct rs_ipc_body *body = rs_calloc(1, sizeof *body);
  *out = (struct ArrowArray){.release = NULL};
  if (body == NULL) return rs_nomem(e);
  atomic_init(&body->refs, 1);
  const size_t n = (size_t)m->body;
  enum rs_code rc = RS_OK;
  void *p = rs_malloc(n + 1);
  if (p == NULL || !rs_grow(&body->blocks, &body->cap, 1, sizeof body->blocks[0])) {
    rs_free(p);
    rc = rs_nomem(e);
  } else {
    body->blocks[body->n++] = p;
    rc = read_some(r, p, n, e);
  }
  struct rs_ipc_batch b = {&m->flat, table, body, p, n, r->dictionaries, r->ndictionaries};
  if (rc == RS_OK) rc = rs_ipc_array(&b, root, out, e);
  rs_ipc_body_drop(body);
  return rc;
}

/* ---- dictionaries ---------------------------------------------------------------------------- */

static const struct rs_ipc_field *find_values(const struct rs_ipc_field *f, int64_t id)
{
  const struct rs_ipc_field *found = NULL;
  if (f->values != NULL && f->dictionary == id) return f->values;
  if (f->values != NULL) found = find_values(f->values, id);
  for (size_t i = 0; i < f->nchildren && found == NULL; i++)
    found = find_values(&f->children[i], id);
  return found;
}

static enum rs_code read_dictionary(struct rs_arrow_ipc *r, struct message *m, struct rs_error *e)
{
  struct rs_flat *f = &m->flat;
  int64_t id = rs_flat_int(f, m->header, 0, 8, 0);
  size_t table = rs_flat_ref(f, m->header, 1), i = 0;
  const struct rs_ipc_field *values = find_values(&r->root, id);
  if (table == 0 || values == NULL) return rs_ipc_damaged(e, NULL, "a dictionary");
  if (rs_flat_int(f, m->header, 2, 1, 0) != 0)
    return rs_fail(e, RS_UNSUPPORTED, "its dictionaries grow from batch to batch: write it anew");
  // as a batch of one column
  struct rs_ipc_field *one = (struct rs_ipc_field *)(uintptr_t)values;
  const struct rs_ipc_field root = {.kind = RS_IPC_STRUCT, .children = one, .nchildren = 1};
  struct ArrowArray batch;
  enum rs_code rc = read_array(r, m, table, &root, &batch, e);
  if (rc != RS_OK) return rc;
  while (i < r->ndictionaries && r->dictionaries[i].id != id) i++;
  if (i == r->ndictionaries && !rs_grow(&r->dictionaries, &r->cap, i + 1, sizeof *r->dictionaries))
    rc = rs_nomem(e);
  if (rc == RS_OK) {
    struct rs_ipc_dictionary *d = &r->dictionaries[i];
    if (i < r->ndictionaries) d->array.release(&d->array);
    else r->ndictionaries++;
    *d = (struct rs_ipc_dictionary){.id = id, .array = *batch.children[0]};
    batch.children[0]->release = NULL; // moved
  }
  batch.release(&batch);
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* The mark at both ends of a file; a stream has none. */
static enum rs_code read_marks(struct rs_arrow_ipc *r, struct rs_error *e)
{
  char begin[8] = "", end[MARK];
  struct stat st;
  if (fstat(r->fd, &st) != 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
  r->size = (uint64_t)st.st_size;
  if (r->size < sizeof begin) return cut_off(e);
  enum rs_code rc = read_some(r, begin, sizeof begin, e);
  if (rc == RS_OK && memcmp(begin, "FEA1", 4) == 0)
    return rs_fail(e, RS_UNSUPPORTED, "it is a Feather file of version 1: write it as version 2");
  if (rc != RS_OK || memcmp(begin, mark, MARK) != 0) {
    r->at = 0;
    return rc;
  }
  r->at = r->size - MARK;
  rc = read_some(r, end, MARK, e);
  if (rc == RS_OK && (memcmp(end, mark, MARK) != 0 || r->size < 2 * MARK + 8)) return cut_off(e);
  r->at = sizeof begin;
  return rc;
}

enum rs_code rs_arrow_ipc_open(int fd, struct rs_arrow_ipc **out, struct rs_error *e)
{
  struct rs_arrow_ipc *r = rs_calloc(1, sizeof *r);
  struct message m = {.metadata = NULL};
  if (r == NULL) return rs_nomem(e);
  r->fd = fd;
  enum rs_code rc = read_marks(r, e);
  if (rc == RS_OK) rc = next_message(r, &m, e);
  if (rc == RS_DONE || (rc == RS_OK && m.kind != SCHEMA))
    rc = rs_fail(e, RS_INVALID, "it does not begin with an Arrow schema");
  if (rc == RS_OK) rc = rs_ipc_schema(&m.flat, m.header, &r->root, &r->schema, e);
  rs_free(m.metadata);
  if (rc == RS_OK) *out = r;
  else rs_arrow_ipc_close(r);
  return rc;
}

const struct ArrowSchema *rs_arrow_ipc_schema(const struct rs_arrow_ipc *r)
{
  return &r->schema;
}

enum rs_code rs_arrow_ipc_next(struct rs_arrow_ipc *r, struct ArrowArray *out, struct rs_error *e)
{
  enum rs_code rc = r->done ? RS_DONE : RS_OK;
  for (bool found = false; rc == RS_OK && !found;) {
    struct message m;
    rc = next_message(r, &m, e);
    if (rc == RS_OK && m.kind == BATCH) {
      found = true;
      rc = read_array(r, &m, m.header, &r->root, out, e);
    } else if (rc == RS_OK && m.kind == DICTIONARY) {
      rc = read_dictionary(r, &m, e);
    } else if (rc == RS_OK) {
      rc = rs_ipc_damaged(e, NULL, "a message is neither a batch nor a dictionary");
    }
    rs_free(m.metadata);
  }
  r->done = rc != RS_OK;
  return rc;
}

void rs_arrow_ipc_close(struct rs_arrow_ipc *r)
{
  if (r == NULL) return;
  for (size_t i = 0; i < r->ndictionaries; i++)
    r->dictionaries[i].array.release(&r->dictionaries[i].array);
  rs_free(r->dictionaries);
  rs_ipc_field_free(&r->root);
  if (r->schema.release != NULL) r->schema.release(&r->schema);
  rs_free(r);
}
