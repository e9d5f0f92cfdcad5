/*
** Relation locks (lock.h): a process-wide list of the few that are in use.
*/
#include <pthread.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "lock.h"
#include "slots.h"
#include "statements.h"

#define POLL_MS 50

struct rs_sql_lock {
  char *key;
  struct rs_session *holder; /* NULL: free */
  unsigned depth;            /* calls of the holder that work under it now */
  bool kept;                 /* until the holder's transaction ends */
  unsigned waiting;          /* sessions that wait for it */
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

/* The place and the relation; returns owned. Names are folded: a lock too many does no harm, one
** too few loses rows. */
static enum rs_code make_key(struct rs_session *s, const struct rs_relation *rel, char **key,
                             struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, s->target->place);
  size_t from = b.n;
  rs_buf_printf(&b, "\n%s\n%s\n%s", rel->database ? rel->database : "", rel->workspace, rel->name);
  enum rs_code rc = rs_buf_error(&b, e, "relation lock");
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

/* The entry of key, made when there is none; takes key. NULL when out of memory. */
static struct rs_sql_lock *find(char *key)
{
  struct rs_sql_lock *l = locks;
  while (l != NULL && !rs_eq(l->key, key)) l = l->next;
  if (l != NULL) {
    rs_free(key);
    return l;
  }
  l = rs_calloc(1, sizeof *l);
  if (l == NULL) {
    rs_free(key);
    return NULL;
  }
  l->key = key;
  l->next = locks;
  locks = l;
  return l;
}

/* Frees the entry when nobody needs it. */
static void forget(struct rs_sql_lock *l)
{
  if (l->holder != NULL || l->waiting > 0) return;
  struct rs_sql_lock **at = &locks;
  while (*at != l) at = &(*at)->next;
  *at = l->next;
  rs_free(l->key);
  rs_free(l);
}

static void release(struct rs_sql_lock *l)
{
  if (l->depth > 0 || l->kept) return;
  l->holder = NULL;
  (void)pthread_cond_broadcast(&released);
  forget(l);
}

/* Does the holder of l wait, maybe by way of others, for what s holds? A session waits for one lock
** at most, so that there is one way to follow; a circle without s ends by its own members. */
static bool is_deadlock(const struct rs_session *s, const struct rs_sql_lock *l)
{
  for (int steps = 0; l != NULL && l->holder != NULL && steps < 1000; steps++) {
    if (l->holder == s) return true;
    l = l->holder->waits;
  }
  return false;
}

/* Waits until l is free. The mutex is held, but not all the time. */
static enum rs_code wait_for(struct rs_session *s, struct rs_sql_lock *l,
                             const struct rs_relation *rel, struct rs_error *e)
{
  const int64_t patience = rs_output_int(s->target->output, "lock_timeout", 5000);
  int64_t idle_since = -1; // the holder is in no call: only its owner can end this
  enum rs_code rc = RS_OK;
  l->waiting++;
  s->waits = l;
  while (l->holder != NULL && rc == RS_OK) {
    if (l->holder->yield != NULL) l->holder->yield(l->holder->yield_ctx);
    if (l->depth > 0) idle_since = -1;
    else if (idle_since < 0) idle_since = rs_now_ms();
    if (is_deadlock(s, l)) {
      rc = rs_fail(e, RS_BUSY,
                   "'%s.%s': is locked by a transaction that waits for a relation which this one "
                   "has locked: roll one of them back and try it again",
                   rel->workspace, rel->name);
    } else if (idle_since >= 0 && rs_now_ms() - idle_since > patience) {
      rc = rs_fail(e, RS_BUSY,
                   "'%s.%s': is locked by another session's open transaction: commit it or roll it "
                   "back, or raise lock_timeout",
                   rel->workspace, rel->name);
    } else if (!rs_cond_wait_ms(&released, &mutex, POLL_MS)) {
      pthread_mutex_unlock(&mutex); // the hook is the host's code
      rc = rs_sql_check_interrupt(s, e);
      pthread_mutex_lock(&mutex);
    }
  }
  s->waits = NULL;
  l->waiting--;
  return rc;
}

enum rs_code rs_sql_lock(struct rs_session *s, const struct rs_relation *rel,
                         struct rs_sql_lock **lock, struct rs_error *e)
{
  char *key;
  enum rs_code rc = make_key(s, rel, &key, e);
  if (rc != RS_OK) return rc;
  (void)pthread_once(&once, init);
  pthread_mutex_lock(&mutex);
  struct rs_sql_lock *l = find(key);
  if (l == NULL) {
    pthread_mutex_unlock(&mutex);
    return rs_nomem(e);
  }
  if (l->holder != s && l->holder != NULL && s->impatient)
    rc = rs_fail(e, RS_BUSY, "'%s.%s': is locked by another session", rel->workspace, rel->name);
  else if (l->holder != s) rc = wait_for(s, l, rel, e);
  if (rc == RS_OK) {
    l->holder = s;
    l->depth++;
    if (s->in_transaction) l->kept = s->keeps_locks = true;
    *lock = l;
  } else {
    forget(l);
  }
  pthread_mutex_unlock(&mutex);
  return rc;
}

void rs_sql_unlock(struct rs_sql_lock *lock)
{
  if (lock == NULL) return;
  pthread_mutex_lock(&mutex);
  lock->depth--;
  release(lock);
  pthread_mutex_unlock(&mutex);
}

void rs_sql_unlock_kept(struct rs_session *s)
{
  if (!s->keeps_locks) return;
  pthread_mutex_lock(&mutex);
  for (struct rs_sql_lock *l = locks, *next; l != NULL; l = next) {
    next = l->next;
    if (l->holder != s) continue;
    l->kept = false;
    release(l);
  }
  s->keeps_locks = false;
  pthread_mutex_unlock(&mutex);
}

void rs_sql_yields(struct rs_session *s, void (*fn)(void *ctx), void *ctx)
{
  pthread_mutex_lock(&mutex);
  s->yield = fn;
  s->yield_ctx = ctx;
  pthread_mutex_unlock(&mutex);
}

void rs_sql_yield_all(void)
{
  pthread_mutex_lock(&mutex);
  for (struct rs_sql_lock *l = locks; l != NULL; l = l->next) {
    if (l->holder != NULL && l->holder->yield != NULL) l->holder->yield(l->holder->yield_ctx);
  }
  pthread_mutex_unlock(&mutex);
}
