/*
** Documents in batches (rockset.h, engine/control.h).
**
** Requests stay within the service's limits: 10 MiB and 20,000 documents. A document without `_id`
** is given one first: then adding it twice is the same as adding it once, and a lost connection is
** no reason to give up. Patches may not be repeated.
**
** Each document's fate is its own status. A batch that is too large for this server is sent in
** halves; one that fails ends the call: the error tells how many documents were written, how many
** were not, and of how many it is not known, since the answer was lost.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "rockset.h"

#define BATCH_BYTES ((size_t)10 << 20)

struct write {
  const struct rs_relation *rel; /* the collection; an alias's when it is one */
  struct rs_relation real;
  enum rs_write_op op;
  struct rs_document *docs;
  size_t n;
  struct rs_arena *a;
  const char *offset;
  bool resolved;
};

/* ---- requests -------------------------------------------------------------------------------- */

enum rs_code rs_rockset_post_docs(struct rs_session *s, const struct rs_relation *collection,
                                  enum rs_write_op op, const struct rs_buf *body, size_t n,
                                  cJSON **answer, struct rs_error *e)
{
  static const char *const methods[] = {"POST", "PATCH", "DELETE"};
  char note[64];
  (void)snprintf(note, sizeof note, "%zu document%s, %zu bytes", n, n == 1 ? "" : "s", body->n);
  const struct rs_rockset_call call = {
    .method = methods[op],
    .body = body,
    .flags = (op == RS_WRITE_PATCH ? 0 : RS_REST_SAFE) | RS_REST_COUNTED,
    .note = note,
  };
  return rs_rockset_call(s, &call, answer, e, "/ws/%s/collections/%s/docs", collection->workspace,
                         collection->name);
}

void rs_rockset_tell(const struct rs_relation *rel, enum rs_write_op op,
                     const struct rs_rockset_account *a, struct rs_error *e)
{
  static const char *const verbs[] = {"written", "patched", "deleted"};
  struct rs_buf b;
  if (a->done + a->refused + a->unknown == 0) return;
  rs_buf_init(&b, 4096);
  rs_buf_printf(&b, "documents: %zu %s", a->done, verbs[op]);
  if (a->refused > 0) rs_buf_printf(&b, ", %zu refused", a->refused);
  if (a->unknown > 0) rs_buf_printf(&b, ", %zu not known (sent, but not answered)", a->unknown);
  if (a->left > 0) rs_buf_printf(&b, ", %zu not %s", a->left, verbs[op]);
  if (a->more) rs_buf_str(&b, ", the others not sent");
  (void)rs_error_prefix(e, "'%s.%s': %s", rel->workspace, rel->name, rs_buf_text(&b));
  rs_buf_free(&b);
}

/* ---- one document ---------------------------------------------------------------------------- */

static void refuse_document(struct rs_document *d, struct rs_arena *a, const char *why)
{
  d->status = RS_WRITTEN_ERROR;
  d->error = rs_arena_strdup(a, why);
}

/* Adds it to the batch, with an `_id` when it lacks one; false: it was refused. */
static bool add_document(struct write *w, struct rs_document *d, struct rs_buf *b)
{
  size_t n = d->n;
  const char *p = d->json;
  while (n > 0 && strchr(" \t\r\n", *p) != NULL) p++, n--;
  while (n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL) n--;
  cJSON *j = cJSON_ParseWithLength(p, n);
  const cJSON *id = cJSON_GetObjectItemCaseSensitive(j, "_id");
  const char *why = !cJSON_IsObject(j)                    ? "is not a JSON object"
                    : id != NULL && !cJSON_IsString(id)   ? "its _id is not a string"
                    : id == NULL && w->op != RS_WRITE_ADD ? "has no _id"
                    : rs_utf8_valid(p, n) != n            ? "is not valid UTF-8"
                    : n + 64 > BATCH_BYTES                ? "is larger than 10 MiB"
                                                          : NULL;
  if (why == NULL && id != NULL) {
    d->id = rs_arena_strdup(w->a, id->valuestring);
    rs_buf_add(b, p, n);
  } else if (why == NULL) {
    char uuid[37];
    rs_uuid(uuid);
    d->id = rs_arena_strdup(w->a, uuid);
    rs_buf_printf(b, "{\"_id\":\"%s\"%s", uuid, j->child != NULL ? "," : "");
    rs_buf_add(b, p + 1, n - 1); // p[0] is the brace
  } else {
    refuse_document(d, w->a, why);
  }
  cJSON_Delete(j);
  return why == NULL;
}

/* ---- the answer ------------------------------------------------------------------------------ */

static enum rs_write_status status_of(const char *text)
{
  static const struct {
    const char *text;
    enum rs_write_status status;
  } known[] = {{"ADDED", RS_WRITTEN_ADDED},
               {"REPLACED", RS_WRITTEN_REPLACED},
               {"PATCHED", RS_WRITTEN_PATCHED},
               {"DELETED", RS_WRITTEN_DELETED}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (rs_eq(known[i].text, text)) return known[i].status;
  }
  return RS_WRITTEN_ERROR;
}

/* One entry for each document sent, in their order. */
static enum rs_code take_answer(struct write *w, const cJSON *answer, struct rs_document **sent,
                                size_t n, struct rs_error *e)
{
  const cJSON *data = rs_rockset_data(answer), *item;
  const char *offset = rs_remote_text(answer, "last_offset");
  size_t i = 0;
  if ((size_t)cJSON_GetArraySize(data) != n) {
    return rs_fail(e, RS_REMOTE, "'%s.%s': the service answered for %d of %zu documents",
                   w->rel->workspace, w->rel->name, cJSON_GetArraySize(data), n);
  }
  cJSON_ArrayForEach(item, data)
  {
    struct rs_document *d = sent[i++];
    const char *id = rs_remote_text(item, "_id");
    d->status = status_of(rs_remote_text(item, "status"));
    if (id != NULL && !rs_eq(id, d->id)) d->id = rs_arena_strdup(w->a, id);
    if (d->status != RS_WRITTEN_ERROR) continue;
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(item, "error");
    const char *message = rs_remote_text(error, "message");
    if (message == NULL && cJSON_IsString(error)) message = error->valuestring;
    d->error = rs_arena_strdup(w->a, message != NULL ? message : "refused without a reason");
  }
  if (offset != NULL) w->offset = rs_arena_strdup(w->a, offset);
  return offset != NULL && w->offset == NULL ? rs_nomem(e) : RS_OK;
}

/* Documents want a collection: an alias is looked up when the first request says "not found". */
static enum rs_code resolve_alias(struct rs_session *s, struct write *w, bool *again,
                                  struct rs_error *e)
{
  struct rs_rockset_found found;
  *again = false;
  if (w->resolved) return RS_OK;
  w->resolved = true;
  enum rs_code rc = rs_rockset_find(s, w->rel, w->a, &found, e);
  if (rc != RS_OK) return rc;
  if (found.kind == RS_REL_NONE) return rs_rockset_not_found(s, w->rel, e);
  if (found.kind == RS_REL_VIEW) {
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: documents can't be written to it",
                   w->rel->workspace, w->rel->name);
  }
  if (found.kind == RS_REL_ALIAS) {
    w->real = found.collection;
    *again = true;
  }
  return RS_OK;
}

static enum rs_code send_batch(struct rs_session *s, struct write *w, struct rs_document **docs,
                               size_t n, struct rs_error *e);

static enum rs_code send_halves(struct rs_session *s, struct write *w, struct rs_document **docs,
                                size_t n, struct rs_error *e)
{
  enum rs_code rc = send_batch(s, w, docs, n / 2, e);
  return rc == RS_OK ? send_batch(s, w, docs + n / 2, n - n / 2, e) : rc;
}

static void set_unknown(struct rs_document **sent, size_t n)
{
  for (size_t i = 0; i < n; i++) sent[i]->status = RS_WRITTEN_UNKNOWN;
}

static enum rs_code send_batch(struct rs_session *s, struct write *w, struct rs_document **docs,
                               size_t n, struct rs_error *e)
{
  struct rs_buf b;
  struct rs_document **sent = rs_calloc(n, sizeof(struct rs_document *));
  cJSON *answer = NULL;
  size_t count = 0;
  if (sent == NULL) return rs_nomem(e);
  rs_buf_init(&b, BATCH_BYTES + ((size_t)rs_rockset_batch_docs * 64));
  rs_buf_str(&b, "{\"data\":[");
  for (size_t i = 0; i < n; i++) {
    size_t before = b.n;
    if (count > 0) rs_buf_char(&b, ',');
    if (add_document(w, docs[i], &b)) sent[count++] = docs[i];
    else b.n = before;
  }
  rs_buf_str(&b, "]}");
  enum rs_code rc = rs_buf_error(&b, e, "documents");
  bool tried = rc == RS_OK && count > 0;
  if (tried) {
    rc = rs_rockset_post_docs(s, &w->real, w->op, &b, count, &answer, e);
  }
  rs_buf_free(&b);
  bool again = false, halve = rc == RS_LIMIT && count > 1;
  if (rc != RS_OK && tried && rs_rockset_may_be_done(s, rc, e)) set_unknown(sent, count);
  if (rc == RS_NOT_FOUND) {
    enum rs_code found = resolve_alias(s, w, &again, e);
    if (found != RS_OK) rc = found;
  }
  if (rc == RS_OK && count > 0) {
    rc = take_answer(w, answer, sent, count, e);
    if (rc != RS_OK) set_unknown(sent, count);
  } else if (rc == RS_LIMIT && count == 1) {
    refuse_document(sent[0], w->a, e != NULL ? e->text : "too large");
    rc = RS_OK;
  }
  cJSON_Delete(answer);
  if (again) rc = send_batch(s, w, sent, count, e);
  else if (halve) rc = send_halves(s, w, sent, count, e);
  rs_free(sent);
  return rc;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* What became of them, in front of the error. */
static void tell_documents(const struct write *w, struct rs_error *e)
{
  struct rs_rockset_account a = {0};
  for (size_t i = 0; i < w->n; i++) {
    switch (w->docs[i].status) {
      case RS_WRITTEN_NOT: a.left++; break;
      case RS_WRITTEN_ERROR: a.refused++; break;
      case RS_WRITTEN_UNKNOWN: a.unknown++; break;
      default: a.done++; break;
    }
  }
  rs_rockset_tell(w->rel, w->op, &a, e);
}

static enum rs_code write_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct write *w = arg;
  struct rs_document **batch = rs_calloc(rs_rockset_batch_docs, sizeof(struct rs_document *));
  enum rs_code rc = RS_OK;
  size_t bytes = 0, count = 0;
  if (batch == NULL) return rs_nomem(e);
  for (size_t i = 0; i < w->n; i++) {
    w->docs[i].status = RS_WRITTEN_NOT;
    w->docs[i].id = w->docs[i].error = NULL;
  }
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    size_t size = w->docs[i].n + 64; // room for an _id and a comma
    if (count == rs_rockset_batch_docs || (count > 0 && bytes + size + 64 > BATCH_BYTES)) {
      rc = send_batch(s, w, batch, count, e);
      count = bytes = 0;
    }
    batch[count++] = &w->docs[i];
    bytes += size;
  }
  if (rc == RS_OK && count > 0) rc = send_batch(s, w, batch, count, e);
  rs_free(batch);
  return rc;
}

enum rs_code rs_rockset_write(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              struct rs_arena *a, const char **offset, struct rs_error *e)
{
  struct write w = {.rel = rel, .real = *rel, .op = op, .docs = docs, .n = n, .a = a};
  if (op == RS_WRITE_EXPIRE) return rs_engine_lacks(s, "documents deleted by their age", e);
  enum rs_code rc = rs_remote_do(s, write_job, &w, e);
  if (rc != RS_OK) tell_documents(&w, e);
  if (offset != NULL) *offset = w.offset;
  return rc;
}
