/*
** What sources read (see sources.h): each that is due gets a visit (source_visit.h).
**
** Visits belong to the one call of rs_sources_job that has started them: the job does not return
** before they have ended.
*/
#include <stdio.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "source_visit.h"

enum {
  TICK_MS = 100,
  PLACES_MAX = 4, /* visits at a time, beside those of topics, which last */
  VISITS_MAX = PLACES_MAX + RS_TOPICS_MAX,
  AGAIN_MS = 1000, /* until a topic whose visit has ended is visited again */
  RETRY_MS = 5000
};

/* ---- what is due ----------------------------------------------------------------------------- */

/* When each is looked at again; of the job alone. */
struct due {
  char id[40];
  int64_t at; /* rs_now_ms */
};

struct round {
  struct rs_backend *backend;
  struct rs_resources *resources;
  struct rs_watch *watch;
  struct rs_visit *visits[VISITS_MAX];
  size_t nvisits;
  struct due *due;
  size_t ndue, due_cap;
  struct rs_arena arena; /* of what was read */
  bool all;              /* whatever it waits for: something has changed */
  bool later;            /* there is more than may be visited at once */
  struct rs_session *s;
  struct rs_error *e;
};

static struct due *due_of(struct round *r, const char *id)
{
  for (size_t i = 0; i < r->ndue; i++)
    if (rs_eq(r->due[i].id, id)) return &r->due[i];
  if (!rs_grow(&r->due, &r->due_cap, r->ndue + 1, sizeof r->due[0])) return NULL;
  struct due *d = &r->due[r->ndue++];
  (void)snprintf(d->id, sizeof d->id, "%s", id);
  d->at = 0;
  return d;
}

/* Is there room for one more visit of this kind? */
static bool has_room(const struct round *r, const struct rs_source *x)
{
  size_t same = 0;
  for (size_t i = 0; i < r->nvisits; i++)
    same += rs_visit_is_of_topic(r->visits[i]) == (x->topic != NULL);
  return same < (x->topic != NULL ? RS_TOPICS_MAX : PLACES_MAX);
}

static bool is_visited(const struct round *r, const char *id)
{
  for (size_t i = 0; i < r->nvisits; i++)
    if (rs_eq(rs_visit_source(r->visits[i]), id)) return true;
  return false;
}

/* A suspended source goes on by itself when its time has come. */
static enum rs_code wake(struct round *r, struct rs_source *x)
{
  struct rs_sources *all = r->resources->sources;
  struct rs_source now;
  int64_t at = rs_source_time(x->resume_at);
  if (at == 0 || at > rs_wall_us() / 1000000) return RS_OK;
  pthread_mutex_lock(&all->mutex);
  enum rs_code rc = rs_source_get(r->s, x->workspace, x->collection, x->id, &r->arena, &now, r->e);
  if (rc == RS_OK && now.suspended_at != NULL && rs_eq(now.resume_at, x->resume_at)) {
    now.suspended_at = now.resume_at = NULL;
    rc = rs_source_put(r->s, &now, r->e);
    *x = now;
  }
  pthread_mutex_unlock(&all->mutex);
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

static enum rs_code look_at(void *ctx, struct rs_source *x)
{
  struct round *r = ctx;
  int64_t now = rs_now_ms();
  if (x->suspended_at != NULL) {
    enum rs_code rc = wake(r, x);
    if (rc != RS_OK || x->suspended_at != NULL) return rc;
  }
  if (is_visited(r, x->id)) return RS_OK;
  struct due *d = due_of(r, x->id);
  if (d == NULL) return rs_nomem(r->e);
  if (d->at > now && !r->all) return RS_OK;
  if (!has_room(r, x)) {
    r->later = true;
    return RS_OK;
  }
  int64_t secs = x->scan != NULL ? rs_duration(x->scan) : 0;
  d->at = now + (secs > 0 ? secs * 1000 : r->resources->sources->scan_ms);
  enum rs_code rc = rs_visit_start(r->backend, r->resources, r->s, x, &r->visits[r->nvisits], r->e);
  if (rc == RS_OK) r->nvisits++;
  return rc == RS_NOT_FOUND ? RS_OK : rc; // it has gone since it was listed
}

static enum rs_code start_due(struct round *r)
{
  struct rs_pooled *p = NULL;
  enum rs_code rc = rs_pool_take(r->backend, r->watch, &p, r->e);
  if (rc != RS_OK) return rc;
  r->s = p->s;
  rs_arena_init(&r->arena, 0);
  rc = rs_sources_each(r->s, NULL, NULL, &r->arena, look_at, r, r->e);
  rs_arena_free(&r->arena);
  rs_pool_give(r->backend, p);
  return rc;
}

/* ---- the job --------------------------------------------------------------------------------- */

/* Ends those that are through. */
static enum rs_code reap(struct round *r, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < r->nvisits;) {
    if (!rs_visit_has_ended(r->visits[i])) {
      i++;
      continue;
    }
    struct due *d = due_of(r, rs_visit_source(r->visits[i]));
    // one of a topic has ended since something is wrong, or has changed
    if (d != NULL && rs_visit_is_of_topic(r->visits[i])) d->at = rs_now_ms() + AGAIN_MS;
    const enum rs_code is = rs_visit_end(r->visits[i], e);
    if (is != RS_OK) rc = is;
    r->visits[i] = r->visits[--r->nvisits];
  }
  return rc;
}

/* As long as the server serves, once there is a source. Until then the engine is asked once for
** each change: a server that has none pays nothing for them. */
enum rs_code rs_sources_job(struct rs_backend *v, struct rs_resources *rr, struct rs_watch *watch,
                            struct rs_error *e)
{
  struct round r = {.backend = v, .resources = rr, .watch = watch, .e = e};
  struct rs_sources *t = rr->sources;
  enum rs_code rc = RS_OK;
  unsigned seen = 0;
  int64_t again = 0;
  if (!v->is_sole || atomic_load(&t->changes) == t->none) return RS_OK;
  do {
    unsigned changes = atomic_load(&t->changes);
    bool stopping = atomic_load(v->stopping) != 0;
    r.all = changes != seen;
    if (!stopping && (r.all || r.later || rs_now_ms() >= again)) {
      r.later = false;
      rc = start_due(&r);
      seen = changes;
      again = rs_now_ms() + (rc == RS_OK ? 1000 : RETRY_MS);
    }
    for (size_t i = 0; stopping && i < r.nvisits; i++) rs_visit_cancel(r.visits[i]);
    const enum rs_code reaped = reap(&r, e);
    if (reaped != RS_OK) rc = reaped;
    if (r.nvisits > 0 || (r.ndue > 0 && rc == RS_OK && !stopping)) rs_sleep_ms(TICK_MS);
  } while (r.nvisits > 0 || (r.ndue > 0 && rc == RS_OK && atomic_load(v->stopping) == 0));
  if (rc == RS_OK && r.ndue == 0) t->none = seen;
  rs_free(r.due);
  return rc;
}
