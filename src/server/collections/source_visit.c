/*
** A visit of a source (source_visit.h): its place is listed, and what is new or has changed is
** read, object by object, and written batch by batch (source_batch.h). A server that is to stop
** ends it between batches. A topic has no objects: its visit is in source_stream.c.
*/
#include <unistd.h>
#include "source_batch.h"
#include "src/base/mem.h"
#include "src/base/text.h"

enum {
  TELL_MS = 1000,   /* between two changes of a source's status */
  REFUSED_MAX = 100 /* objects that a place refuses in one visit */
};

/* ---- its status ------------------------------------------------------------------------------ */

static void tell_progress(struct rs_visit *v, struct rs_source *x, struct rs_arena *a)
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
  x->processed_at = rs_arena_strdup(a, now);
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
  return rs_visit_change(v, tell_progress, &v->kept);
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

static void end_visit(struct rs_visit *v, struct rs_source *x, struct rs_arena *a)
{
  bool failed, broken = v->why.code != RS_OK;
  const char *text = first_error(v, &failed);
  tell_progress(v, x, a);
  x->state = broken || failed ? "ERROR" : "WATCHING";
  x->message = broken ? v->why.text : text;
}

/* ---- writing --------------------------------------------------------------------------------- */

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

static enum rs_code flush(struct rs_visit *v)
{
  if (v->ndocs == 0) return RS_OK;
  const char *error = v->object->error;
  v->object->position = v->at; // what is written now is not written again, whatever comes
  enum rs_code rc = rs_visit_write(v, v->object);
  if (rc == RS_OK) rc = note_refused(v);
  if (rc == RS_OK && v->object->error != error) rc = rs_visit_keep(v, v->object);
  rs_visit_forget(v);
  return rc;
}

static enum rs_code take_document(void *ctx, const char *json, size_t n)
{
  struct rs_visit *v = ctx;
  v->at++;
  if (v->at <= v->skip) return RS_OK;
  enum rs_code rc = rs_visit_add(v, json, n, v->object->name, v->at);
  return rc == RS_OK && rs_visit_is_full(v) ? flush(v) : rc;
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
  enum rs_code kept = rs_visit_keep(v, o);
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
  const struct rs_documents_reader r = {take_document, rs_visit_is_stopped, v};
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
    if (v->kept.code == RS_OK && !rs_visit_is_stopped(v) && (rc == RS_OK || is_its_own(rc)))
      rc = end(v, rc, &e);
  }
  if (fd >= 0) (void)close(fd);
  rs_visit_forget(v);
  if (rc != RS_OK && v->kept.code == RS_OK && v->why.code == RS_OK && !rs_visit_is_stopped(v)) {
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
  for (size_t i = 0; i < n && rc == RS_OK && !rs_visit_is_stopped(v); i++) {
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
  enum rs_code rc = rs_visit_read_known(v, &s);
  if (rc != RS_OK) return rc;
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
  // a topic's own visit has told the rest
  if (v->x.topic != NULL && v->why.code == RS_OK) return false;
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
  enum rs_code rc = v->x.topic != NULL ? rs_visit_stream(v) : visit_place(v);
  bool stopped = rs_visit_is_stopped(v);
  if (rc != RS_OK && v->kept.code == RS_OK && v->why.code == RS_OK && !stopped) v->why.code = rc;
  if (v->kept.code == RS_OK && !stopped && is_worth_telling(v))
    (void)rs_visit_change(v, end_visit, &v->kept);
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

bool rs_visit_is_of_topic(const struct rs_visit *v)
{
  return v->x.topic != NULL;
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
