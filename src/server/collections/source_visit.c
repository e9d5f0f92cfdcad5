/*
** A visit of a source (source_visit.h): its place is listed, and what is new or has changed is
** read, object by object, and written batch by batch in the way that POST docs writes. A server
** that is to stop ends it between batches.
*/
#include "source_visit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "definition.h"
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/server/sources/documents.h"

enum {
  TELL_MS = 1000,    /* between two changes of a source's status */
  REFUSED_MAX = 100, /* objects that a place refuses in one visit */
  BATCH_DOCUMENTS = 1000,
  DEPTH = 1000
};
#define BATCH_BYTES ((size_t)4 << 20)

struct rs_visit {
  struct rs_backend *backend;
  struct rs_resources *resources;
  struct rs_sources *all;
  struct rs_arena arena; /* of the visit */
  struct rs_source x;    /* as it was when the visit began */
  struct rs_request q;   /* what handlers of documents have: nobody waits for it */
  pthread_t thread;
  atomic_bool ended;
  atomic_bool is_cancelled;
  pthread_mutex_t mutex; /* `place`, which others cancel */
  struct rs_place *place;

  struct rs_map known; /* objects: struct rs_source_object */
  struct rs_format format;

  /* the object that is being read */
  struct rs_source_object *object;
  int64_t at, skip; /* documents: seen; written by an earlier visit */
  int64_t refused;
  struct rs_arena batch; /* its documents */
  struct rs_document *docs;
  size_t ndocs, docs_cap, bytes;

  int64_t told_ms;  /* when its status was written */
  int64_t items;    /* objects read since then */
  const char *item; /* the last one of the visit */

  bool over;            /* the source is there no more, or suspended */
  struct rs_error why;  /* of the visit: its place can't be read */
  struct rs_error kept; /* the target failed */
};

static bool is_stopped(void *ctx)
{
  struct rs_visit *v = ctx;
  return v->over || atomic_load(&v->is_cancelled) || atomic_load(v->backend->stopping) != 0;
}

/* ---- its document ---------------------------------------------------------------------------- */

typedef void change(struct rs_visit *v, struct rs_source *x);

/* In the source as it is now: it may have been changed meanwhile, suspended, or deleted. fn NULL:
** only looks. */
static enum rs_code change_source(struct rs_visit *v, change *fn, struct rs_error *e)
{
  struct rs_session *s;
  struct rs_source x;
  enum rs_code rc = rs_request_session(&v->q, &s);
  if (rc != RS_OK) {
    *e = v->q.e;
    return rc;
  }
  pthread_mutex_lock(&v->all->mutex);
  rc = rs_source_get(s, v->x.workspace, v->x.collection, v->x.id, &v->arena, &x, e);
  if (rc == RS_NOT_FOUND) v->over = true;
  if (rc == RS_OK && x.suspended_at != NULL) v->over = true;
  if (rc == RS_OK && fn != NULL) {
    fn(v, &x);
    rc = rs_source_put(s, &x, e);
  }
  pthread_mutex_unlock(&v->all->mutex);
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

static void tell_progress(struct rs_visit *v, struct rs_source *x)
{
  char now[40];
  x->state = "PROCESSING";
  x->objects = v->x.objects;
  x->objects_done = v->x.objects_done;
  x->bytes = v->x.bytes;
  x->bytes_done = v->x.bytes_done;
  if (x->detected == 0) x->detected = x->bytes;
  if (v->items == 0) return;
  rs_js_time(rs_wall_us(), now);
  x->processed_at = rs_arena_strdup(&v->arena, now);
  x->item = v->item;
  x->items += v->items;
  v->items = 0;
}

/* Many small objects are no reason to write as often. */
static enum rs_code tell(struct rs_visit *v)
{
  int64_t now = rs_now_ms();
  if (v->told_ms != 0 && now - v->told_ms < TELL_MS) return RS_OK;
  v->told_ms = now;
  return change_source(v, tell_progress, &v->kept);
}

static const char *first_error(const struct rs_visit *v, bool *failed)
{
  const char *text = NULL;
  *failed = false;
  for (size_t i = 0; i < v->known.n; i++) {
    const struct rs_source_object *o = v->known.v[i].value;
    if (o->error == NULL || (*failed && !o->failed)) continue;
    if (text == NULL || (o->failed && !*failed)) text = o->error;
    if (o->failed) *failed = true;
  }
  return text;
}

static void end_visit(struct rs_visit *v, struct rs_source *x)
{
  bool failed, broken = v->why.code != RS_OK;
  const char *text = first_error(v, &failed);
  tell_progress(v, x);
  x->state = broken || failed ? "ERROR" : "WATCHING";
  x->message = broken ? v->why.text : text;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void forget_batch(struct rs_visit *v)
{
  rs_arena_free(&v->batch);
  rs_arena_free(&v->q.arena);
  v->q.status = 0;
  v->ndocs = v->bytes = 0;
}

/* Documents that were refused for what they are; the others are written. */
static enum rs_code note_refused(struct rs_visit *v)
{
  for (size_t i = 0; i < v->ndocs; i++) {
    const struct rs_document *d = &v->docs[i];
    if (d->status != RS_WRITTEN_ERROR) continue;
    if (v->refused++ > 0) continue;
    v->object->error = rs_arena_printf(
      &v->arena, "%s: document %lld was refused: %s", v->object->name,
      (long long)(v->at - (int64_t)v->ndocs + (int64_t)i + 1), d->error != NULL ? d->error : "");
    if (v->object->error == NULL) return rs_nomem(&v->kept);
  }
  return RS_OK;
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
  if (rc != RS_OK) {
    v->kept = q->e;
    v->kept.code = rc;
    return rc;
  }
  rs_usage_note(v->backend, NULL, rel.workspace, rel.name);
  rs_backend_changed(v->backend, false);
  return note_refused(v);
}

/* What is written now is not written again, whatever comes. */
static enum rs_code keep_object(struct rs_visit *v)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(&v->q, &s);
  if (rc != RS_OK) {
    v->kept = v->q.e;
    return rc;
  }
  return rs_source_object_put(s, &v->x, v->object, &v->kept);
}

static enum rs_code flush(struct rs_visit *v)
{
  if (v->ndocs == 0) return RS_OK;
  // between two batches it may have been deleted or suspended
  enum rs_code rc = change_source(v, NULL, &v->kept);
  if (rc == RS_OK && v->over) rc = RS_CANCELLED;
  if (rc == RS_OK) rc = write_batch(v);
  v->object->position = v->at;
  forget_batch(v);
  return rc == RS_OK ? keep_object(v) : rc;
}

/* ---- one document ---------------------------------------------------------------------------- */

/* What a document without an `_id` is called: it must be the same whenever it is read. */
static void make_id(const struct rs_visit *v, struct rs_arena *a, char out[33])
{
  unsigned char hash[RS_SHA256_SIZE];
  const char *text = rs_arena_printf(a, "%s\n%s\n%lld", v->x.id, v->object->name, (long long)v->at);
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

static enum rs_code add_document(struct rs_visit *v, const char *json, size_t n)
{
  struct rs_arena *a = &v->batch;
  const char *text;
  size_t len = n;
  if (has_id(json, n)) {
    text = rs_arena_strndup(a, json, n);
  } else {
    char id[33];
    make_id(v, a, id);
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

static enum rs_code take_document(void *ctx, const char *json, size_t n)
{
  struct rs_visit *v = ctx;
  size_t most = BATCH_DOCUMENTS;
  if ((int64_t)most > v->backend->limits->documents) most = (size_t)v->backend->limits->documents;
  v->at++;
  if (v->at <= v->skip) return RS_OK;
  enum rs_code rc = add_document(v, json, n);
  if (rc != RS_OK || (v->ndocs < most && v->bytes < BATCH_BYTES)) return rc;
  return flush(v);
}

/* ---- one object ------------------------------------------------------------------------------ */

static enum rs_code begin(struct rs_visit *v, const struct rs_object *is)
{
  struct rs_source_object *o = rs_map_get(&v->known, is->name);
  bool same = o != NULL && !o->done && is->version[0] != 0 && rs_eq(o->version, is->version);
  struct rs_source_object *fresh = rs_arena_calloc(&v->arena, sizeof *fresh);
  if (fresh == NULL) return rs_nomem(&v->kept);
  fresh->name = rs_arena_strdup(&v->arena, is->name);
  fresh->version = rs_arena_strdup(&v->arena, is->version);
  if (fresh->name == NULL || fresh->version == NULL) return rs_nomem(&v->kept);
  fresh->position = same ? o->position : 0;
  if (!rs_map_put(&v->known, fresh->name, fresh)) return rs_nomem(&v->kept);
  v->object = fresh;
  v->at = v->refused = 0;
  v->skip = fresh->position;
  return tell(v);
}

/* How the object's reading ended. An object that can't be read is left alone until it changes. */
static enum rs_code end(struct rs_visit *v, enum rs_code rc, const struct rs_error *e)
{
  struct rs_source_object *o = v->object;
  if (rc == RS_OK && v->refused > 1) {
    o->error = rs_arena_printf(&v->arena, "%s; %lld documents were refused in all", o->error,
                               (long long)v->refused);
    if (o->error == NULL) return rs_nomem(&v->kept);
  }
  if (rc != RS_OK) {
    o->error = rs_arena_printf(&v->arena, "%s: %s", o->name, e->text);
    if (o->error == NULL) return rs_nomem(&v->kept);
    o->failed = true;
  }
  o->done = true;
  enum rs_code kept = keep_object(v);
  v->items++;
  v->item = o->name;
  return kept == RS_OK ? tell(v) : kept;
}

/* Is it the object itself that is wrong, as long as it stays the same? */
static bool is_its_own(enum rs_code rc)
{
  return rc == RS_INVALID || rc == RS_LIMIT || rc == RS_UNSUPPORTED || rc == RS_FORBIDDEN;
}

static enum rs_code read_object(struct rs_visit *v, const struct rs_object *listed)
{
  struct rs_error e = {.code = RS_OK};
  struct rs_object is;
  int fd = -1;
  const struct rs_documents_reader r = {take_document, is_stopped, v};
  enum rs_code rc = rs_place_fetch(v->place, listed, &fd, &is, &e);
  if (rc == RS_NOT_FOUND) return RS_OK; // gone since it was listed
  if (rc == RS_OK) rc = begin(v, &is);
  else if (is_its_own(rc) && begin(v, listed) == RS_OK) return end(v, rc, &e);
  if (rc == RS_OK && v->kept.code == RS_OK && !v->over) {
    rc = rs_documents_read(&v->format, listed->name, fd, &r, &e);
    if (rc == RS_OK || is_its_own(rc)) {
      enum rs_code flushed = v->kept.code == RS_OK ? flush(v) : RS_OK;
      if (flushed != RS_OK) rc = flushed;
    }
    if (v->kept.code == RS_OK && !is_stopped(v) && (rc == RS_OK || is_its_own(rc)))
      rc = end(v, rc, &e);
  }
  if (fd >= 0) (void)close(fd);
  forget_batch(v);
  if (rc != RS_OK && v->kept.code == RS_OK && v->why.code == RS_OK && !is_stopped(v)) {
    v->why = e;
    v->why.code = rc;
  }
  return rc;
}

/* ---- a visit --------------------------------------------------------------------------------- */

static bool is_news(const struct rs_visit *v, const struct rs_object *o)
{
  const struct rs_source_object *known = rs_map_get(&v->known, o->name);
  if (known == NULL || !known->done) return true;
  return o->version[0] != 0 && !rs_eq(known->version, o->version);
}

static void count(struct rs_visit *v, const struct rs_object *list, size_t n)
{
  struct rs_source *x = &v->x;
  x->objects = (int64_t)n;
  x->objects_done = x->bytes = x->bytes_done = 0;
  for (size_t i = 0; i < n; i++) {
    int64_t size = list[i].size > 0 ? list[i].size : 0;
    x->bytes += size;
    if (is_news(v, &list[i])) continue;
    x->objects_done++;
    x->bytes_done += size;
  }
}

static void set_place(struct rs_visit *v, struct rs_place *p)
{
  pthread_mutex_lock(&v->mutex);
  v->place = p;
  if (p != NULL && atomic_load(&v->is_cancelled)) rs_place_cancel(p);
  pthread_mutex_unlock(&v->mutex);
}

/* The place answers, but not with this object: others may be had. */
static bool is_refused(const struct rs_visit *v, enum rs_code rc)
{
  return v->kept.code == RS_OK && (rc == RS_AUTH || rc == RS_REMOTE);
}

static enum rs_code read_place(struct rs_visit *v)
{
  const struct rs_object *list = NULL;
  size_t n = 0, refused = 0;
  enum rs_code rc = rs_place_list(v->place, &list, &n, &v->why);
  if (rc != RS_OK) return rc;
  count(v, list, n);
  for (size_t i = 0; i < n && rc == RS_OK && !is_stopped(v); i++) {
    if (!is_news(v, &list[i])) continue;
    rc = read_object(v, &list[i]);
    if (is_refused(v, rc) && ++refused <= REFUSED_MAX) {
      rc = RS_OK;
      continue;
    }
    if (rc != RS_OK) break;
    v->x.objects_done++;
    v->x.bytes_done += list[i].size > 0 ? list[i].size : 0;
  }
  return rc;
}

static enum rs_code visit_place(struct rs_visit *v)
{
  struct rs_session *s;
  struct rs_place *p = NULL;
  struct rs_place_spec spec = rs_source_place(&v->x);
  enum rs_code rc = rs_request_session(&v->q, &s);
  if (rc == RS_OK) rc = rs_source_objects(s, &v->x, &v->arena, &v->known, &v->q.e);
  if (rc != RS_OK) {
    v->kept = v->q.e;
    v->kept.code = rc;
    return rc;
  }
  rc = rs_integration_keys(s, v->all, v->x.integration, &v->arena, &spec, &v->why);
  if (rc == RS_OK) rc = rs_format_read(v->x.format, &v->arena, &v->format, &v->why);
  if (rc == RS_OK) rc = rs_place_open(&v->all->places, &spec, &p, &v->why);
  if (rc != RS_OK) return rc;
  set_place(v, p);
  rc = read_place(v);
  set_place(v, NULL);
  rs_place_close(p);
  return rc;
}

/* Nothing is written where nothing has changed: sources are visited often. */
static bool is_worth_telling(struct rs_visit *v)
{
  bool failed;
  const char *text = first_error(v, &failed);
  bool broken = v->why.code != RS_OK;
  const char *state = broken || failed ? "ERROR" : "WATCHING";
  const char *message = broken ? v->why.text : text;
  return !rs_eq(v->x.state, state) || v->object != NULL ||
         !(message == NULL ? v->x.message == NULL : rs_eq(message, v->x.message));
}

static void *visit_main(void *arg)
{
  struct rs_visit *v = arg;
  enum rs_code rc = visit_place(v);
  bool stopped = is_stopped(v);
  if (rc != RS_OK && v->kept.code == RS_OK && v->why.code == RS_OK && !stopped) v->why.code = rc;
  if (v->kept.code == RS_OK && !stopped && is_worth_telling(v))
    (void)change_source(v, end_visit, &v->kept);
  if (v->over || stopped) v->kept.code = RS_OK;
  rs_request_session_end(&v->q);
  atomic_store(&v->ended, true);
  return NULL;
}

/* ---- its life -------------------------------------------------------------------------------- */

static void free_visit(struct rs_visit *v)
{
  if (v == NULL) return;
  pthread_mutex_destroy(&v->mutex);
  rs_map_free(&v->known);
  rs_arena_free(&v->batch);
  rs_arena_free(&v->arena);
  rs_arena_free(&v->q.arena);
  rs_free(v->docs);
  rs_free(v);
}

enum rs_code rs_visit_start(struct rs_backend *b, struct rs_resources *r, struct rs_session *s,
                            const struct rs_source *x, struct rs_visit **pv, struct rs_error *e)
{
  struct rs_visit *v = rs_calloc(1, sizeof *v);
  *pv = NULL;
  if (v == NULL) return rs_nomem(e);
  v->backend = v->q.backend = b;
  v->resources = v->q.resources = r;
  v->all = r->sources;
  rs_arena_init(&v->arena, 0);
  rs_arena_init(&v->batch, 0);
  rs_arena_init(&v->q.arena, 0);
  rs_map_init(&v->known);
  pthread_mutex_init(&v->mutex, NULL);
  atomic_init(&v->ended, false);
  atomic_init(&v->is_cancelled, false);
  rs_watch_init(&v->q.watch, b->stopping, -1);
  enum rs_code rc = rs_source_get(s, x->workspace, x->collection, x->id, &v->arena, &v->x, e);
  if (rc == RS_OK && !rs_thread_start(&v->thread, visit_main, v))
    rc = rs_fail(e, RS_IO, "the system gives no thread");
  if (rc == RS_OK) *pv = v;
  else free_visit(v);
  return rc;
}

const char *rs_visit_source(const struct rs_visit *v)
{
  return v->x.id;
}

void rs_visit_cancel(struct rs_visit *v)
{
  if (atomic_exchange(&v->is_cancelled, true)) return;
  pthread_mutex_lock(&v->mutex);
  if (v->place != NULL) rs_place_cancel(v->place);
  pthread_mutex_unlock(&v->mutex);
}

bool rs_visit_has_ended(const struct rs_visit *v)
{
  return atomic_load(&v->ended);
}

enum rs_code rs_visit_end(struct rs_visit *v, struct rs_error *e)
{
  (void)pthread_join(v->thread, NULL);
  const enum rs_code rc = v->kept.code;
  if (rc != RS_OK) *e = v->kept;
  free_visit(v);
  return rc;
}
