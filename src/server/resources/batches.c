/*
** Documents of several requests in one transaction.
**
** A commit waits for the disk; while one does, other requests for the same collection gather. The
** first of them to wake writes what has gathered, in the order in which it came, and each request
** is answered after that commit. When a common write fails, the requests of which nothing was
** written are written one by one, so that nobody gets another one's error; what was written, or may
** have been (its answer was lost), is never sent again: its request gets that answer.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/changes.h"
#include "shared.h"

enum { DOCUMENTS_MAX = 2000, WAIT_MS = 100 };

struct member {
  struct rs_request *q;
  const struct rs_relation *rel;
  enum rs_write_op op;
  struct rs_document *docs;
  size_t n;
  const char *offset;
  enum rs_code rc;
  bool alone; /* nothing of it was written in common */
  bool done;
  struct member *next;
};

/* A collection that is being written to. */
struct group {
  char *key;
  struct member *first, *last;
  size_t users;
  bool busy;
  pthread_cond_t changed;
  struct group *next;
};

struct rs_batches {
  pthread_mutex_t mutex; /* guards the groups and their members' `done` */
  struct group *groups;
};

enum rs_code rs_batches_open(struct rs_batches **pb, struct rs_error *e)
{
  struct rs_batches *b = rs_calloc(1, sizeof *b);
  if (b == NULL) return rs_nomem(e);
  pthread_mutex_init(&b->mutex, NULL);
  *pb = b;
  return RS_OK;
}

void rs_batches_close(struct rs_batches *b)
{
  if (b == NULL) return;
  pthread_mutex_destroy(&b->mutex);
  rs_free(b);
}

/* ---- groups; with the mutex ------------------------------------------------------------------ */

/* The collection's group, made when there is none; takes key. NULL when out of memory. */
static struct group *join_group(struct rs_batches *b, char *key)
{
  struct group *g = b->groups;
  while (g != NULL && !rs_eq(g->key, key)) g = g->next;
  if (g == NULL && (g = rs_calloc(1, sizeof *g)) != NULL) {
    g->key = key;
    rs_cond_init(&g->changed);
    g->next = b->groups;
    b->groups = g;
  } else {
    rs_free(key);
  }
  if (g != NULL) g->users++;
  return g;
}

static void leave_group(struct rs_batches *b, struct group *g)
{
  struct group **at = &b->groups;
  if (--g->users > 0) return;
  while (*at != g) at = &(*at)->next;
  *at = g->next;
  pthread_cond_destroy(&g->changed);
  rs_free(g->key);
  rs_free(g);
}

static void append_member(struct group *g, struct member *m)
{
  if (g->first == NULL) g->first = m;
  else g->last->next = m;
  g->last = m;
}

static bool may_join(const struct member *first, const struct member *next, size_t n)
{
  return next->op == first->op && n + next->n <= DOCUMENTS_MAX && first->q->along == NULL &&
         next->q->along == NULL;
}

/* Takes the oldest members that may be written together. */
static struct member *take_members(struct group *g, size_t *n)
{
  struct member *first = g->first, *last = first;
  *n = first->n;
  while (last->next != NULL && may_join(first, last->next, *n)) {
    last = last->next;
    *n += last->n;
  }
  g->first = last->next;
  last->next = NULL;
  return first;
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum rs_code write_member(struct rs_request *q, struct rs_session *s, void *arg)
{
  struct member *m = arg;
  enum rs_code rc = rs_session_write(s, m->rel, m->op, m->docs, m->n, &q->arena, &m->offset, &q->e);
  return rc == RS_OK && q->along != NULL ? rs_session_keep_doc(s, q->along, &q->e) : rc;
}

/* The lock comes first: a transaction does not see what was written before it got it. */
static enum rs_code write_along(struct rs_session *s, struct member *m)
{
  struct rs_sql_lock *lock = NULL;
  enum rs_code rc = rs_session_lock(s, m->rel, &lock, &m->q->e);
  if (rc == RS_OK) rc = rs_in_transaction(m->q, s, write_member, m);
  rs_session_unlock(lock);
  if (rc == RS_OK) m->q->along = NULL;
  return rc;
}

/* The one who waits for it can stop it. */
static void write_one(struct rs_request *q, struct member *m)
{
  struct rs_session *s = q->pooled->s;
  q->pooled->watch = &m->q->watch;
  m->rc = m->q->along != NULL ? write_along(s, m) : write_member(m->q, s, m);
  q->pooled->watch = &q->watch;
}

/* What became of the documents, for the one who waits: its texts in its own arena. */
static void hand_over(struct member *m, const struct rs_document *docs, const char *offset,
                      enum rs_code rc, const struct rs_error *e)
{
  bool ok = true, written = true, untouched = true;
  for (size_t i = 0; i < m->n; i++) {
    enum rs_write_status is = docs[i].status;
    m->docs[i] = docs[i];
    ok = rs_arena_keep(&m->q->arena, &m->docs[i].id) &&
         rs_arena_keep(&m->q->arena, &m->docs[i].error) && ok;
    if (is == RS_WRITTEN_NOT || is == RS_WRITTEN_UNKNOWN) written = false;
    if (is != RS_WRITTEN_NOT && is != RS_WRITTEN_ERROR) untouched = false;
  }
  m->offset = offset;
  ok = rs_arena_keep(&m->q->arena, &m->offset) && ok;
  m->alone = rc != RS_OK && untouched;
  m->rc = rc != RS_OK && !written ? rc : RS_OK;
  if (m->rc != RS_OK && !m->alone) m->q->e = *e;
  if (!ok && !m->alone) m->rc = rs_nomem(&m->q->e);
}

/* All in one call; members of which nothing was written are `alone` afterwards. */
static void write_together(struct rs_session *s, const struct rs_relation *rel,
                           struct member *first, size_t n)
{
  struct rs_arena a;
  struct rs_error e = {0};
  const char *offset = NULL;
  size_t at = 0;
  rs_arena_init(&a, 0);
  struct rs_document *all = rs_arena_calloc(&a, (n + 1) * sizeof *all);
  for (struct member *m = first; m != NULL; m = m->next) {
    m->alone = true;
    if (all != NULL) memcpy(all + at, m->docs, m->n * sizeof *all);
    at += m->n;
  }
  if (all != NULL) {
    enum rs_code rc = rs_session_write(s, rel, first->op, all, n, &a, &offset, &e);
    at = 0;
    for (struct member *m = first; m != NULL; m = m->next) {
      hand_over(m, all + at, offset, rc, &e);
      at += m->n;
    }
  }
  rs_arena_free(&a);
}

/* On a session of q's, which one that waits does without. */
static void write_members(struct rs_request *q, const struct rs_relation *rel, struct member *first,
                          size_t n)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  for (struct member *m = first; m != NULL && rc != RS_OK; m = m->next) {
    m->rc = rc;
    m->q->e = q->e;
  }
  if (rc != RS_OK) return;
  first->alone = true;
  if (first->next != NULL) write_together(s, rel, first, n);
  for (struct member *m = first; m != NULL; m = m->next) {
    if (m->alone) write_one(q, m);
  }
}

/* This request writes for all who are first in line. The mutex is held, but not all the time. */
static void write_for_all(struct rs_batches *b, struct group *g, struct rs_request *q,
                          const struct rs_relation *rel)
{
  size_t n;
  struct member *first = take_members(g, &n);
  g->busy = true;
  pthread_mutex_unlock(&b->mutex);
  write_members(q, rel, first, n);
  rs_request_session_end(q);
  pthread_mutex_lock(&b->mutex);
  g->busy = false;
  for (struct member *m = first, *next; m != NULL; m = next) {
    next = m->next; // m may be gone as soon as it is done
    m->done = true;
  }
  (void)pthread_cond_broadcast(&g->changed);
}

enum rs_code rs_batches_write(struct rs_request *q, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              const char **offset)
{
  struct rs_batches *b = q->resources->batches;
  struct member me = {.q = q, .rel = rel, .op = op, .docs = docs, .n = n};
  char *key = rs_mprintf("%s\n%s", rel->workspace, rel->name);
  if (key == NULL) return rs_nomem(&q->e);
  rs_request_session_end(q);
  pthread_mutex_lock(&b->mutex);
  struct group *g = join_group(b, key);
  if (g == NULL) {
    pthread_mutex_unlock(&b->mutex);
    return rs_nomem(&q->e);
  }
  append_member(g, &me);
  while (!me.done) {
    if (g->busy) (void)rs_cond_wait_ms(&g->changed, &b->mutex, WAIT_MS);
    else write_for_all(b, g, q, rel);
  }
  leave_group(b, g);
  pthread_mutex_unlock(&b->mutex);
  *offset = me.offset;
  return me.rc;
}
