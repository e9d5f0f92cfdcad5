/*
** Documents: added, patched, deleted by their _id. The body is cut into documents here, which go
** down as they came: every digit of a number stays.
*/
#include <string.h>
#include "../base/mem.h"
#include "../base/text.h"
#include "resources.h"

enum { DEPTH = 1000 };

struct batch {
  struct rs_document *v;
  size_t n, cap;
};

static enum rs_code malformed(struct rs_request *q, size_t at)
{
  return rs_refuse(q, 400, "INVALIDINPUT", "request body: malformed JSON behind byte %zu", at);
}

/* The elements of the array that begins at i. */
static enum rs_code cut_array(struct rs_request *q, size_t i, struct batch *b)
{
  const char *p = q->body.p;
  size_t n = q->body.n;
  if (p[i] != '[')
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'data' must be an array of documents");
  i = rs_js_blank(p, n, i + 1);
  // the whole array was checked already: its elements end where they seem to
  while (p[i] != ']') {
    size_t end = rs_js_skip(p, n, i, DEPTH);
    if (!rs_grow(&b->v, &b->cap, b->n + 1, sizeof b->v[0])) return rs_nomem(&q->e);
    b->v[b->n++] = (struct rs_document){.json = p + i, .n = end - i};
    i = rs_js_blank(p, n, end);
    if (p[i] == ',') i = rs_js_blank(p, n, i + 1);
  }
  return RS_OK;
}

/* {"data": [...]}; other members are ignored. */
static enum rs_code cut(struct rs_request *q, struct batch *b)
{
  const char *p = rs_buf_text(&q->body);
  size_t n = q->body.n, good = rs_utf8_valid(p, n), i = rs_js_blank(p, n, 0), data = 0;
  if (good != n)
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: not UTF-8 at byte %zu", good);
  size_t end = rs_js_skip(p, n, i, DEPTH + 2);
  if (end == 0) return malformed(q, i);
  if (rs_js_blank(p, n, end) != n || p[i] != '{') return malformed(q, end);
  for (i = rs_js_blank(p, n, i + 1); p[i] != '}';) {
    size_t name = i, after = rs_js_skip(p, n, i, 1);
    i = rs_js_blank(p, n, rs_js_blank(p, n, after) + 1); // behind the colon
    if (after - name == 6 && memcmp(p + name, "\"data\"", 6) == 0) data = i;
    i = rs_js_blank(p, n, rs_js_skip(p, n, i, DEPTH + 1));
    if (p[i] == ',') i = rs_js_blank(p, n, i + 1);
  }
  if (data == 0) return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'data' is missing");
  return cut_array(q, data, b);
}

static void write_status(struct rs_request *q, enum rs_write_op op, const struct rs_document *d)
{
  static const char *const names[] = {"ERROR", "ADDED", "REPLACED", "PATCHED", "DELETED", "ERROR"};
  struct rs_buf *b = &q->out;
  rs_js_open(b, NULL, '{');
  rs_js_printf(b, "_collection", "%s.%s", q->arg[0], q->arg[1]);
  rs_js_text(b, "_id", d->id);
  rs_js_text(b, "status", names[d->status]);
  if (names[d->status][0] == 'E') {
    rs_js_open(b, "error", '{');
    rs_js_text(b, "message", d->error != NULL ? d->error : "not written");
    rs_js_text(b, "type", "INVALIDINPUT");
    rs_js_raw(b, "line", NULL);
    rs_js_raw(b, "column", NULL);
    rs_js_text(b, "trace_id", q->trace_id);
    rs_js_close(b, '}');
  } else {
    rs_js_raw(b, "error", NULL);
  }
  if (op == RS_WRITE_PATCH) rs_js_raw(b, "patch_id", NULL);
  rs_js_close(b, '}');
}

static enum rs_code write_batch(struct rs_request *q, enum rs_write_op op, struct batch *batch)
{
  struct rs_session *s;
  const char *offset = NULL;
  const struct rs_relation rel = rs_path_relation(q);
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_relation(q, s, &rel, RS_REL_TABLE, true);
  if (rc == RS_OK && batch->n > 0)
    rc = rs_session_write(s, &rel, op, batch->v, batch->n, &q->arena, &offset, &q->e);
  if (rc == RS_OK && offset == NULL) {
    offset = rs_fence_now(&q->arena);
    if (offset == NULL) rc = rs_nomem(&q->e);
  }
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  for (size_t i = 0; i < batch->n; i++) write_status(q, op, &batch->v[i]);
  rs_js_close(&q->out, ']');
  rs_js_text(&q->out, "last_offset", offset);
  rs_js_close(&q->out, '}');
  q->rows = (int64_t)batch->n;
  return RS_OK;
}

static enum rs_code run(struct rs_request *q, enum rs_write_op op)
{
  struct batch batch = {NULL, 0, 0};
  int64_t most = q->server->config->limits.documents;
  enum rs_code rc = cut(q, &batch);
  if (rc == RS_OK && (int64_t)batch.n > most)
    rc = rs_refuse(q, 400, "INVALIDINPUT", "request body: %zu documents; at most %lld at a time",
                   batch.n, (long long)most);
  if (rc == RS_OK) rc = write_batch(q, op, &batch);
  rs_free(batch.v);
  return rc;
}

enum rs_code rs_add_documents(struct rs_request *q)
{
  return run(q, RS_WRITE_ADD);
}

enum rs_code rs_patch_documents(struct rs_request *q)
{
  return run(q, RS_WRITE_PATCH);
}

enum rs_code rs_delete_documents(struct rs_request *q)
{
  return run(q, RS_WRITE_DELETE);
}
