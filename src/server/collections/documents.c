/*
** Documents: added, patched, deleted by their _id. The body is cut into documents here, which go
** down as they came: every digit of a number stays.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/scan.h"
#include "definition.h"
#include "src/server/resources/shared.h"

struct batch {
  struct rs_document *v;
  size_t n, cap;
};

static enum rs_code refuse_json(struct rs_request *q, size_t at)
{
  return rs_refuse(q, 400, "INVALIDINPUT", "request body: malformed JSON behind byte %zu", at);
}

/* The index of the next byte of the body that is not blank. */
static size_t skip_blank(const struct rs_request *q, size_t i)
{
  return (size_t)(rs_json_blank(q->body.p + i) - q->body.p);
}

/* The index behind the JSON value at i, 0 when there is none. */
static size_t skip_value(const struct rs_request *q, size_t i)
{
  struct rs_json_scan s = {.end = q->body.p + q->body.n};
  enum rs_json_token kind;
  struct rs_json_figures figures;
  const char *end = rs_json_value(&s, q->body.p + i, 0, &kind, &figures);
  return end != NULL ? (size_t)(end - q->body.p) : 0;
}

/* The elements of the array that begins at *i, which moves behind it. */
static enum rs_code cut_array(struct rs_request *q, size_t *i, struct batch *b)
{
  const char *p = q->body.p;
  size_t n = q->body.n, at = skip_blank(q, *i + 1);
  b->n = 0; // of a repeated name the last one counts
  while (at < n && p[at] != ']') {
    size_t end = skip_value(q, at);
    if (end == 0) return refuse_json(q, at);
    if (!rs_grow(&b->v, &b->cap, b->n + 1, sizeof b->v[0])) return rs_nomem(&q->e);
    b->v[b->n++] = (struct rs_document){.json = p + at, .n = end - at};
    at = skip_blank(q, end);
    if (at == n || (p[at] != ',' && p[at] != ']')) return refuse_json(q, end);
    if (p[at] == ']') break;
    at = skip_blank(q, at + 1);
    if (at < n && p[at] == ']') return refuse_json(q, at);
  }
  if (at == n) return refuse_json(q, at);
  *i = at + 1;
  return RS_OK;
}

/* `"name": value` at *i, which moves behind it. */
static enum rs_code cut_member(struct rs_request *q, size_t *i, struct batch *b, bool *data,
                               bool *array)
{
  const char *p = q->body.p;
  size_t n = q->body.n, name = *i;
  size_t after = p[name] == '"' ? skip_value(q, name) : 0;
  if (after == 0) return refuse_json(q, name);
  size_t at = skip_blank(q, after);
  if (at == n || p[at] != ':') return refuse_json(q, after);
  *i = skip_blank(q, at + 1);
  if (after - name == 6 && memcmp(p + name, "\"data\"", 6) == 0) {
    *data = true;
    *array = *i < n && p[*i] == '[';
    if (*array) return cut_array(q, i, b);
  }
  size_t end = skip_value(q, *i);
  if (end == 0) return refuse_json(q, *i);
  *i = end;
  return RS_OK;
}

/* {"data": [...]}; other members are ignored. */
static enum rs_code cut_body(struct rs_request *q, struct batch *b)
{
  size_t n = q->body.n;
  q->body.max += RS_JSON_PAD; // what the scanner wants behind a text
  if (rs_buf_reserve(&q->body, RS_JSON_PAD) == NULL) return rs_nomem(&q->e);
  memset(q->body.p + n, 0, RS_JSON_PAD);
  const char *p = q->body.p;
  size_t good = rs_utf8_valid(p, n), i = skip_blank(q, 0);
  bool data = false, array = false;
  if (good != n)
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: not UTF-8 at byte %zu", good);
  if (i == n || p[i] != '{') return refuse_json(q, i);
  i = skip_blank(q, i + 1);
  while (i < n && p[i] != '}') {
    enum rs_code rc = cut_member(q, &i, b, &data, &array);
    if (rc != RS_OK) return rc;
    size_t behind = i;
    i = skip_blank(q, i);
    if (i == n || (p[i] != ',' && p[i] != '}')) return refuse_json(q, behind);
    if (p[i] == '}') break;
    i = skip_blank(q, i + 1);
    if (i < n && p[i] == '}') return refuse_json(q, i);
  }
  if (i == n || skip_blank(q, i + 1) != n) return refuse_json(q, i == n ? i : i + 1);
  if (!data) return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'data' is missing");
  if (!array)
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'data' must be an array of documents");
  return RS_OK;
}

static const char *explain_status(const struct rs_document *d)
{
  if (d->error != NULL) return d->error;
  if (d->status == RS_WRITTEN_UNKNOWN) return "not known: it was sent, and no answer came";
  return "not written";
}

/* Statuses of documents; there may be many, of which most say the same. */
static void write_statuses(struct rs_request *q, enum rs_write_op op, const struct batch *batch,
                           struct rs_buf *b)
{
  static const char *const names[] = {"ERROR",   "ADDED", "REPLACED", "PATCHED",
                                      "DELETED", "ERROR", "ERROR"};
  struct rs_buf head;
  rs_buf_init(&head, 1 << 20);
  rs_js_open(&head, NULL, '{');
  rs_js_printf(&head, "_collection", "%s.%s", q->arg[0], q->arg[1]);
  if (head.rc != RS_OK) b->rc = head.rc;
  for (size_t i = 0; i < batch->n && b->rc == RS_OK; i++) {
    const struct rs_document *d = &batch->v[i];
    const char *name = names[d->status];
    if (i > 0) rs_buf_char(b, ',');
    rs_buf_add(b, head.p, head.n);
    rs_js_text(b, "_id", d->id);
    rs_buf_str(b, ",\"status\":\"");
    rs_buf_str(b, name);
    rs_buf_str(b, name[0] == 'E' ? "\"" : "\",\"error\":null");
    if (name[0] == 'E') {
      rs_js_open(b, "error", '{');
      rs_js_text(b, "message", explain_status(d));
      rs_js_text(b, "type", d->status == RS_WRITTEN_UNKNOWN ? "UNKNOWN" : "INVALIDINPUT");
      rs_js_raw(b, "line", NULL);
      rs_js_raw(b, "column", NULL);
      rs_js_text(b, "trace_id", q->trace_id);
      rs_js_close(b, '}');
    }
    if (op == RS_WRITE_PATCH) rs_js_raw(b, "patch_id", NULL);
    rs_js_close(b, '}');
  }
  rs_buf_free(&head);
}

/* A write that failed after some of it was written, or may have been: the error says of how many,
** and lists each with its _id: the client can look, or add it again as the same document. */
static void explain_failure(struct rs_request *q, enum rs_write_op op, const struct batch *batch)
{
  size_t fate[RS_WRITTEN_UNKNOWN + 1] = {0}, unknown;
  for (size_t i = 0; i < batch->n; i++) fate[batch->v[i].status]++;
  unknown = fate[RS_WRITTEN_UNKNOWN];
  size_t left = fate[RS_WRITTEN_NOT], refused = fate[RS_WRITTEN_ERROR];
  if (left + refused == batch->n) return;
  (void)rs_error_prefix(&q->e,
                        "documents: %zu written, %zu refused, %zu not written, %zu not known "
                        "(sent, and no answer came: %s)",
                        batch->n - left - refused - unknown, refused, left, unknown,
                        op == RS_WRITE_PATCH ? "look before you patch again"
                                             : "sending them again with their _id is harmless");
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  write_statuses(q, op, batch, &b);
  (void)rs_arena_take_buf(&q->arena, &b, "documents", &q->error_data, NULL);
}

static enum rs_code write_batch(struct rs_request *q, enum rs_write_op op, struct batch *batch)
{
  const char *offset = NULL;
  const struct rs_relation rel = rs_path_relation(q);
  const char *text = NULL;
  struct rs_definition d = {.sql = NULL};
  q->only_documents = true;
  enum rs_code rc = rs_known_need_table(q, &rel, &text);
  if (rc == RS_OK && text != NULL) rc = rs_definition_unpack(&q->arena, text, &d, &q->e);
  if (rc == RS_OK && op == RS_WRITE_PATCH) rc = rs_ingest_refuse_patch(q, &rel, &d);
  bool comes_in = op == RS_WRITE_ADD && (d.time_field != NULL || d.sql != NULL);
  if (rc == RS_OK && batch->n > 0)
    rc = comes_in ? rs_ingest_write(q, &rel, &d, batch->v, batch->n, &offset)
                  : rs_batches_write(q, &rel, op, batch->v, batch->n, &offset);
  if (rc == RS_OK && offset == NULL) {
    offset = rs_fence_now(&q->arena);
    if (offset == NULL) rc = rs_nomem(&q->e);
  }
  if (rc != RS_OK) explain_failure(q, op, batch);
  if (rc != RS_OK) return rc;
  if (batch->n > 0) rs_usage_note(q->backend, NULL, rel.workspace, rel.name);
  rs_data_open(q, '[');
  write_statuses(q, op, batch, &q->out);
  rs_js_close(&q->out, ']');
  rs_js_text(&q->out, "last_offset", offset);
  rs_js_close(&q->out, '}');
  q->rows = (int64_t)batch->n;
  return RS_OK;
}

static enum rs_code write_documents(struct rs_request *q, enum rs_write_op op)
{
  struct batch batch = {NULL, 0, 0};
  int64_t most = q->backend->limits->documents;
  enum rs_code rc = cut_body(q, &batch);
  if (rc == RS_OK && (int64_t)batch.n > most)
    rc = rs_refuse(q, 400, "INVALIDINPUT", "request body: %zu documents; at most %lld at a time",
                   batch.n, (long long)most);
  if (rc == RS_OK) rc = write_batch(q, op, &batch);
  rs_free(batch.v);
  return rc;
}

enum rs_code rs_add_documents(struct rs_request *q)
{
  return write_documents(q, RS_WRITE_ADD);
}

enum rs_code rs_patch_documents(struct rs_request *q)
{
  return write_documents(q, RS_WRITE_PATCH);
}

enum rs_code rs_delete_documents(struct rs_request *q)
{
  return write_documents(q, RS_WRITE_DELETE);
}
