/*
** Relation locks (see sql_adapter.h): a process-wide list of the few that are in use.
*/
#include <pthread.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/text.h"
#include "../base/thread.h"
#include "engine.h"
#include "sql_adapter.h"

#define POLL_MS 50

struct rs_sql_lock {
  char *key;
  int users; /* the holder and those who wait */
  bool held;
  struct rs_sql_lock *next;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards all that follows */
static pthread_cond_t released;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rs_sql_lock *locks;

static void init(void)
{
  (void)rs_cond_init(&released);
}

/*
** The place and the relation; returns owned. The first line of an engine's key is the place (a
** path, a URL), what follows are settings: targets that differ in those share the relations. Names
** are folded, and databases in memory share one place: a lock too many does no harm, one too few
** loses rows.
*/
static enum rs_code make_key(struct rs_session *s, const struct rs_relation *rel, char **key,
                             struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = s->target->engine->target_key(s->target->output, &b, e);
  char *end = b.rc == RS_OK && b.n > 0 ? memchr(b.p, '\n', b.n) : NULL;
  if (end != NULL) b.n = (size_t)(end - b.p);
  size_t from = b.n;
  rs_buf_printf(&b, "\n%s\n%s", rel->workspace, rel->name);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "relation lock");
  if (rc != RS_OK) {
    rs_buf_free(&b);
    return rc;
  }
  for (size_t i = from; i < b.n; i++) {
    if (b.p[i] >= 'A' && b.p[i] <= 'Z') b.p[i] = (char)(b.p[i] - 'A' + 'a');
  }
  *key = rs_buf_take(&b);
  return RS_OK;
}

/* The entry of key, with one user more; takes key. NULL when out of memory. */
static struct rs_sql_lock *enter(char *key)
{
  struct rs_sql_lock *l = locks;
  while (l != NULL && !rs_eq(l->key, key)) l = l->next;
  if (l != NULL) {
    rs_free(key);
  } else {
    l = rs_calloc(1, sizeof *l);
    if (l == NULL) {
      rs_free(key);
      return NULL;
    }
    l->key = key;
    l->next = locks;
    locks = l;
  }
  l->users++;
  return l;
}

static void leave(struct rs_sql_lock *l)
{
  if (--l->users > 0) return;
  struct rs_sql_lock **at = &locks;
  while (*at != l) at = &(*at)->next;
  *at = l->next;
  rs_free(l->key);
  rs_free(l);
}

enum rs_code rs_sql_lock(struct rs_session *s, const struct rs_relation *rel,
                         struct rs_sql_lock **lock, struct rs_error *e)
{
  char *key;
  enum rs_code rc = make_key(s, rel, &key, e);
  if (rc != RS_OK) return rc;
  (void)pthread_once(&once, init);
  pthread_mutex_lock(&mutex);
  struct rs_sql_lock *l = enter(key);
  if (l == NULL) {
    pthread_mutex_unlock(&mutex);
    return rs_nomem(e);
  }
  while (l->held && rc == RS_OK) {
    if (rs_cond_wait_ms(&released, &mutex, POLL_MS)) continue;
    pthread_mutex_unlock(&mutex); // the hook is the host's code
    rc = rs_sql_check_interrupt(s, e);
    pthread_mutex_lock(&mutex);
  }
  if (rc == RS_OK) {
    l->held = true;
    *lock = l;
  } else {
    leave(l);
  }
  pthread_mutex_unlock(&mutex);
  return rc;
}

void rs_sql_unlock(struct rs_sql_lock *lock)
{
  if (lock == NULL) return;
  pthread_mutex_lock(&mutex);
  lock->held = false;
  leave(lock);
  (void)pthread_cond_broadcast(&released);
  pthread_mutex_unlock(&mutex);
}
