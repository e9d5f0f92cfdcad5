/*
** Documents of a visited source on their way into its collection (see source_batch.h): written
** batch by batch in the way that POST docs writes.
*/
#include "source_batch.h"
#include <stdio.h>
#include <string.h>
#include "definition.h"
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"
#include "src/json/json.h"

enum { BATCH_DOCUMENTS = 1000, DEPTH = 1000 };
#define BATCH_BYTES ((size_t)4 << 20)

static enum rs_code fail_target(struct rs_visit *v, enum rs_code rc)
{
  v->kept = v->q.e;
  v->kept.code = rc;
  return rc;
}

enum rs_code rs_visit_session(struct rs_visit *v, struct rs_session **s)
{
  enum rs_code rc = rs_request_session(&v->q, s);
  return rc == RS_OK ? rc : fail_target(v, rc);
}

enum rs_code rs_visit_read_known(struct rs_visit *v, struct rs_session **s)
{
  enum rs_code rc = rs_request_session(&v->q, s);
  if (rc == RS_OK) rc = rs_source_objects(*s, &v->x, &v->arena, &v->known, &v->q.e);
  return rc == RS_OK ? rc : fail_target(v, rc);
}

bool rs_visit_is_stopped(void *visit)
{
  struct rs_visit *v = visit;
  return v->over || atomic_load(&v->is_cancelled) || atomic_load(v->backend->stopping) != 0;
}

enum rs_code rs_visit_change(struct rs_visit *v, rs_source_change *fn, struct rs_error *e)
{
  struct rs_session *s;
  struct rs_source x;
  struct rs_arena a;
  enum rs_code rc = rs_request_session(&v->q, &s);
  if (rc != RS_OK) {
    *e = v->q.e;
    return rc;
  }
  rs_arena_init(&a, 0);
  pthread_mutex_lock(&v->all->mutex);
  rc = rs_source_get(s, v->x.workspace, v->x.collection, v->x.id, &a, &x, e);
  if (rc == RS_NOT_FOUND) v->over = true;
  if (rc == RS_OK && x.suspended_at != NULL) v->over = true;
  if (rc == RS_OK && fn != NULL) {
    fn(v, &x, &a);
    rc = rs_source_put(s, &x, e);
  }
  pthread_mutex_unlock(&v->all->mutex);
  rs_arena_free(&a);
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

/* ---- one document ---------------------------------------------------------------------------- */

/* What a document without an `_id` is called: it must be the same whenever it is read. */
static void make_id(const struct rs_visit *v, const char *place, int64_t at, struct rs_arena *a,
                    char out[33])
{
  unsigned char hash[RS_SHA256_SIZE];
  const char *text = rs_arena_printf(a, "%s\n%s\n%lld", v->x.id, place, (long long)at);
  out[0] = 0;
  if (text == NULL) return;
  rs_sha256(text, strlen(text), hash);
  rs_hex(hash, 16, out);
}

static bool has_id(const char *json, size_t n)
{
  struct rs_arena a;
  struct rs_json *tree = NULL;
  rs_arena_init(&a, 0);
  bool has = rs_json_parse(json, n, DEPTH, &a, &tree, NULL) == RS_OK &&
             rs_json_get(tree, "_id") != NULL;
  rs_arena_free(&a);
  return has;
}

enum rs_code rs_visit_add(struct rs_visit *v, const char *json, size_t n, const char *place,
                          int64_t at)
{
  struct rs_arena *a = &v->batch;
  const char *text;
  size_t len = n;
  if (has_id(json, n)) {
    text = rs_arena_strndup(a, json, n);
  } else {
    char id[33];
    make_id(v, place, at, a, id);
    const char *rest = json + 1 + strspn(json + 1, " \t\r\n");
    char *made = id[0] != 0 ? rs_arena_alloc(a, n + 64) : NULL;
    if (made != NULL) {
      int head = snprintf(made, 64, "{\"_id\":\"%s\"%s", id, *rest == '}' ? "" : ",");
      memcpy(made + head, json + 1, n - 1);
      len = (size_t)head + n - 1;
      made[len] = 0;
    }
    text = made;
  }
  if (text == NULL || !rs_grow(&v->docs, &v->docs_cap, v->ndocs + 1, sizeof v->docs[0]))
    return rs_nomem(&v->kept);
  v->docs[v->ndocs++] = (struct rs_document){.json = text, .n = len};
  v->bytes += len;
  return RS_OK;
}

bool rs_visit_is_full(const struct rs_visit *v)
{
  size_t most = BATCH_DOCUMENTS;
  if ((int64_t)most > v->backend->limits->documents) most = (size_t)v->backend->limits->documents;
  return v->ndocs >= most || v->bytes >= BATCH_BYTES;
}

/* ---- writing --------------------------------------------------------------------------------- */

void rs_visit_forget(struct rs_visit *v)
{
  rs_arena_free(&v->batch);
  rs_arena_free(&v->q.arena);
  v->q.status = 0;
  v->ndocs = v->bytes = 0;
}

static enum rs_code write_batch(struct rs_visit *v)
{
  const struct rs_relation rel = {.workspace = v->x.workspace, .name = v->x.collection};
  struct rs_request *q = &v->q;
  struct rs_definition d = {.sql = NULL};
  const char *text = NULL, *offset = NULL;
  enum rs_code rc = rs_known_need_table(q, &rel, &text);
  if (rc == RS_OK && text != NULL) rc = rs_definition_unpack(&q->arena, text, &d, &q->e);
  bool comes_in = d.time_field != NULL || d.sql != NULL;
  if (rc == RS_OK)
    rc = comes_in ? rs_ingest_write(q, &rel, &d, v->docs, v->ndocs, &offset)
                  : rs_batches_write(q, &rel, RS_WRITE_ADD, v->docs, v->ndocs, &offset);
  if (rc == RS_NOT_FOUND || q->status == 404) v->over = true; // the collection has gone
  if (rc != RS_OK) return fail_target(v, rc);
  rs_usage_note(v->backend, NULL, rel.workspace, rel.name);
  rs_backend_changed(v->backend, false);
  return RS_OK;
}

static enum rs_code keep_doc(struct rs_visit *v, const struct rs_control_doc *doc)
{
  struct rs_session *s;
  enum rs_code rc = rs_visit_session(v, &s);
  return rc == RS_OK ? rs_session_keep_doc(s, doc, &v->kept) : rc;
}

enum rs_code rs_visit_keep(struct rs_visit *v, const struct rs_source_object *o)
{
  struct rs_control_doc doc;
  enum rs_code rc = rs_source_object_doc(&v->x, o, &v->batch, &doc, &v->kept);
  return rc == RS_OK ? keep_doc(v, &doc) : rc;
}

enum rs_code rs_visit_write(struct rs_visit *v, const struct rs_source_object *o)
{
  struct rs_control_doc doc;
  // between two batches it may have been deleted or suspended
  enum rs_code rc = rs_visit_change(v, NULL, &v->kept);
  if (rc == RS_OK && v->over) rc = RS_CANCELLED;
  if (rc == RS_OK) rc = rs_source_object_doc(&v->x, o, &v->batch, &doc, &v->kept);
  v->q.along = &doc;
  if (rc == RS_OK && v->ndocs > 0) rc = write_batch(v);
  // the collection's definition may have made nothing of them
  if (rc == RS_OK && v->q.along != NULL) rc = keep_doc(v, &doc);
  v->q.along = NULL;
  return rc;
}
