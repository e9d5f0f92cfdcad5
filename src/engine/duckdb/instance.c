/*
** Open DuckDB instances: one for each file of the process, closed, read-only or read-write.
**
** A statement *holds* the instance while it runs (until its rows are closed, or its transaction
** ends). Readers open a file read-only, so that other processes can read it too, and make none; a
** writer needs it read-write, for which it is reopened while nobody holds it. An instance that
** nobody holds is closed after idle_close by one reaper thread, which ends with the last instance.
** One that holds rows which were lent to it (rs_duckdb_lend) lets go of its files only.
**
** One mutex guards everything here; it is never held during a call of DuckDB that may take long:
** `changing` keeps others away meanwhile. Lock order: mutex, then a link's conn_mutex.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "duckdb.h"
#include "open.h"

enum {
  WAIT_MS = 20,        /* how soon a waiting statement sees a cancel */
  STAND_BACK_MS = 500, /* how long a reader lets a waiting writer go first */
  REAP_MS = 10         /* the shortest sleep of the reaper while a file is open */
};

enum mode { CLOSED, READ_ONLY, READ_WRITE };

/* A database in memory of somebody's own rows. */
struct lent {
  struct lent *next;
  bool dropped; /* by its owner; it goes with the next acquire */
  char name[];
};

struct rs_duckdb_instance {
  struct rs_duckdb_instance *next;
  char *path;
  bool memory;
  int refs; /* targets */
  enum mode mode;
  bool changing;       /* being opened or closed: hands off */
  bool shut;           /* and for as long as a copy takes (rs_duckdb_shut) */
  int holds;           /* statements, rows and transactions */
  int writers_waiting; /* new readers stand back for them */
  int64_t idle_since, idle_close_ms;
  struct rs_duckdb_open open;
  char *files; /* that it has open, or is about to (rs_duckdb_files); NULL: closed */
  bool keeps;  /* open until its targets end: an attached database in memory would be lost */
  struct rs_duckdb_link *links;
  struct lent *lent;
  atomic_uint schemas; /* how often schemas came or went; other processes only come while closed */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;      /* anything did */
static pthread_cond_t reaper_wakes; /* a file was opened, or the reaper is to end */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rs_duckdb_instance *instances;
static pthread_t reaper;
static bool reaper_runs;
static unsigned reaper_now; /* a reaper of an earlier number ends */

static void init(void)
{
  rs_cond_init(&changed);
  rs_cond_init(&reaper_wakes);
}

/* ---- closing --------------------------------------------------------------------------------- */

static bool has_lent(const struct rs_duckdb_instance *i)
{
  const struct lent *x = i->lent;
  while (x && x->dropped) x = x->next;
  return x != NULL;
}

static void forget_lent(struct rs_duckdb_instance *i)
{
  while (i->lent) {
    struct lent *x = i->lent;
    i->lent = x->next;
    rs_free(x);
  }
}

/* Closes the instance and the connections of its idle sessions; `wholly`: what was lent to it is
** lost. With the mutex, which is let go meanwhile; nobody holds the instance. */
static void close_with(struct rs_duckdb_instance *i, bool wholly)
{
  i->changing = true;
  const bool keeps = !wholly && has_lent(i);
  pthread_mutex_unlock(&mutex);
  for (struct rs_duckdb_link *l = i->links; l; l = l->next) {
    pthread_mutex_lock(&l->conn_mutex);
    rs_adbc_disconnect(&l->conn);
    pthread_mutex_unlock(&l->conn_mutex);
  }
  // may write a checkpoint
  const bool kept = keeps && rs_duckdb_open_detach(&i->open);
  if (!kept) rs_duckdb_open_end(&i->open);
  pthread_mutex_lock(&mutex);
  if (!kept) forget_lent(i);
  i->mode = CLOSED;
  i->keeps = false;
  rs_free(i->files);
  i->files = NULL;
  i->changing = false;
  pthread_cond_broadcast(&changed);
}

static void close_instance(struct rs_duckdb_instance *i)
{
  close_with(i, false);
}

static void *reap(void *arg)
{
  unsigned me = (unsigned)(uintptr_t)arg;
  pthread_mutex_lock(&mutex);
  while (me == reaper_now) {
    int64_t now = rs_now_ms(), next = INT64_MAX;
    struct rs_duckdb_instance *due = NULL;
    for (struct rs_duckdb_instance *i = instances; i && !due; i = i->next) {
      if (i->memory || i->keeps || i->mode == CLOSED) continue;
      bool busy = i->holds || i->changing;
      // Statements don't wake the reaper: while a file is open it looks again by itself
      int64_t at = (busy ? now : i->idle_since) + i->idle_close_ms;
      if (!busy && at <= now) due = i;
      else if (at < next) next = at;
    }
    if (due) close_instance(due);
    else if (next == INT64_MAX) pthread_cond_wait(&reaper_wakes, &mutex);
    else rs_cond_wait_ms(&reaper_wakes, &mutex, next - now < REAP_MS ? REAP_MS : next - now);
  }
  pthread_mutex_unlock(&mutex);
  return NULL;
}

/* Without a reaper (no thread to be had) files stay open until their targets end. */
static void need_reaper(void)
{
  if (!reaper_runs) reaper_runs = rs_thread_start(&reaper, reap, (void *)(uintptr_t)reaper_now);
  else pthread_cond_signal(&reaper_wakes);
}

/* ---- instances ------------------------------------------------------------------------------- */

enum rs_code rs_duckdb_instance_get(const struct rs_duckdb_config *c,
                                    struct rs_duckdb_instance **pi, struct rs_error *e)
{
  pthread_once(&once, init);
  pthread_mutex_lock(&mutex);
  struct rs_duckdb_instance *i = instances;
  while (i && (c->memory || i->memory || !rs_eq(i->path, c->path))) i = i->next;
  if (!i && (i = rs_calloc(1, sizeof *i))) {
    i->path = rs_strdup(c->path);
    i->memory = c->memory;
    i->idle_close_ms = c->idle_close_ms;
    if (i->path) {
      i->next = instances;
      instances = i;
    } else {
      rs_free(i);
      i = NULL;
    }
  }
  if (i) i->refs++;
  pthread_mutex_unlock(&mutex);
  *pi = i;
  return i ? RS_OK : rs_nomem(e);
}

void rs_duckdb_instance_release(struct rs_duckdb_instance *i)
{
  pthread_t ended;
  bool join = false;
  pthread_mutex_lock(&mutex);
  // The last reference is kept while the file is closed: another target may come for it meanwhile
  while (i->refs == 1 && (i->changing || i->mode != CLOSED || i->lent)) {
    if (i->changing) pthread_cond_wait(&changed, &mutex);
    else close_with(i, true);
  }
  if (--i->refs == 0) {
    struct rs_duckdb_instance **at = &instances;
    while (*at != i) at = &(*at)->next;
    *at = i->next;
    rs_free(i->files);
    rs_free(i->path);
    rs_free(i);
  }
  if (!instances && reaper_runs) {
    // No thread of ours may be left when the host unloads us
    reaper_now++;
    reaper_runs = false;
    ended = reaper;
    join = true;
    pthread_cond_broadcast(&reaper_wakes);
  }
  pthread_mutex_unlock(&mutex);
  if (join) pthread_join(ended, NULL);
}

void rs_duckdb_link_init(struct rs_duckdb_link *l, struct rs_duckdb_instance *i,
                         const struct rs_duckdb_config *c)
{
  memset(l, 0, sizeof *l);
  l->instance = i;
  l->config = c;
  pthread_mutex_init(&l->conn_mutex, NULL);
}

void rs_duckdb_link_close(struct rs_duckdb_link *l)
{
  struct rs_duckdb_instance *i = l->instance;
  if (l->held) rs_duckdb_let_go(l);
  pthread_mutex_lock(&mutex);
  // close_instance walks the list without the mutex
  while (i->changing) pthread_cond_wait(&changed, &mutex);
  struct rs_duckdb_link **at = &i->links;
  while (*at && *at != l) at = &(*at)->next;
  if (*at) *at = l->next;
  pthread_mutex_lock(&l->conn_mutex);
  rs_adbc_disconnect(&l->conn);
  pthread_mutex_unlock(&l->conn_mutex);
  pthread_mutex_unlock(&mutex);
  pthread_mutex_destroy(&l->conn_mutex);
}

/* ---- acquiring ------------------------------------------------------------------------------- */

struct wait {
  int64_t deadline;
  int64_t backoff;    /* of a file locked by another process */
  int64_t stand_back; /* until when a reader lets a writer go first; 0: not yet met */
  const char *why;
  char rival[1100];       /* text of `why` */
  struct rs_error locked; /* how the last attempt to open failed */
};

static enum rs_code timed_out(struct rs_duckdb_link *l, struct wait *w, struct rs_error *e)
{
  double seconds = (double)l->config->lock_timeout_ms / 1000;
  if (w->locked.code) {
    if (e) *e = w->locked;
    return w->locked.code;
  }
  return rs_fail(e, RS_BUSY, "%s: waited %g s: %s", l->config->path, seconds, w->why);
}

/* Lets others go on for a moment. RS_OK: look again. */
static enum rs_code wait_a_bit(struct rs_duckdb_link *l, struct wait *w, const char *why,
                               int64_t ms, struct rs_error *e)
{
  if (atomic_load(&l->cancelled)) return rs_fail(e, RS_CANCELLED, "interrupted");
  w->why = why;
  int64_t left = w->deadline - rs_now_ms();
  if (left <= 0) return timed_out(l, w, e);
  rs_cond_wait_ms(&changed, &mutex, ms < left ? ms : left);
  return RS_OK;
}

/* What is in memory can be opened in this way only. Reading makes no file: where one is missing,
** open.c puts an empty database in its place. */
static bool must_write(const struct rs_duckdb_link *l, bool writes)
{
  if (l->config->memory || writes) return true;
  return rs_duckdb_attached_memory(l->config) && !l->config->read_only &&
         !rs_duckdb_missing(l->config);
}

/* Another instance of this process that has one of these files open, which one instance may. */
static struct rs_duckdb_instance *rival(const struct rs_duckdb_instance *i, const char *files,
                                        const char **file)
{
  for (struct rs_duckdb_instance *o = instances; o; o = o->next)
    if (o != i && o->files && rs_duckdb_files_meet(files, o->files, file)) return o;
  return NULL;
}

/* RS_DONE: nobody of this process has them. RS_OK: look again. */
static enum rs_code claim_files(struct rs_duckdb_link *l, struct wait *w, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  const char *file = "";
  char *files = rs_duckdb_files(l->config);
  if (!files) return rs_nomem(e);
  struct rs_duckdb_instance *o = rival(i, files, &file);
  if (!o) {
    rs_free(i->files);
    i->files = files;
    return RS_DONE;
  }
  snprintf(w->rival, sizeof w->rival, "another target of this process uses %.1000s", file);
  rs_free(files);
  if (o->changing || o->holds || o->keeps) return wait_a_bit(l, w, w->rival, WAIT_MS, e);
  close_instance(o);
  return RS_OK;
}

/* Opens a closed instance. RS_OK also when it should be tried again. */
static enum rs_code open_instance(struct rs_duckdb_link *l, struct wait *w, bool write,
                                  struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  struct rs_error own = {0};
  enum rs_code rc = claim_files(l, w, e);
  if (rc != RS_DONE) return rc;
  if (i->lent && !rs_eq(i->open.fingerprint, l->config->fingerprint)) {
    close_with(i, true);
    return RS_OK;
  }
  i->changing = true;
  pthread_mutex_unlock(&mutex);
  rc = i->lent ? rs_duckdb_open_attach(&i->open, l->config, write, &own)
               : rs_duckdb_open_begin(&i->open, l->config, write, &own);
  pthread_mutex_lock(&mutex);
  i->changing = false;
  if (rc) {
    rs_free(i->files);
    i->files = NULL;
  }
  pthread_cond_broadcast(&changed);
  if (!rc) {
    i->mode = write ? READ_WRITE : READ_ONLY;
    i->keeps = rs_duckdb_attached_memory(l->config) && !i->open.stand_in;
    i->idle_since = rs_now_ms();
    i->idle_close_ms = l->config->idle_close_ms;
    w->locked.code = RS_OK;
    if (!i->memory && i->idle_close_ms > 0) need_reaper();
    return RS_OK;
  }
  if (rc != RS_BUSY) {
    if (e) *e = own;
    return rc;
  }
  w->locked = own;
  w->backoff = w->backoff ? w->backoff * 2 : 10;
  if (w->backoff > 200) w->backoff = 200;
  int64_t until = rs_now_ms() + w->backoff;
  for (rc = RS_OK; !rc && rs_now_ms() < until;) rc = wait_a_bit(l, w, "", WAIT_MS / 2, e);
  return rc;
}

/* One look: RS_DONE when the instance can be held as it is. */
static enum rs_code look(struct rs_duckdb_link *l, struct wait *w, bool writes, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  if (i->shut && !l->impatient) w->deadline = rs_now_ms() + l->config->lock_timeout_ms + WAIT_MS;
  if (i->changing) return wait_a_bit(l, w, "it is being opened or closed", WAIT_MS, e);
  if (i->mode == CLOSED) return open_instance(l, w, must_write(l, writes), e);
  if (!rs_eq(i->open.fingerprint, l->config->fingerprint)) {
    if (i->holds)
      return wait_a_bit(l, w, "a statement of this process uses it with other settings", WAIT_MS,
                        e);
    close_instance(i);
    return RS_OK;
  }
  if (i->mode == READ_WRITE) return RS_DONE;
  if (i->open.stand_in && !i->holds && !rs_duckdb_missing(l->config)) {
    close_instance(i); // another program has made the file
    return RS_OK;
  }
  if (writes && i->holds)
    return wait_a_bit(l, w, "a statement of this process still reads it: finish that one first",
                      WAIT_MS, e);
  if (writes) {
    close_instance(i);
    return RS_OK;
  }
  // A reader that another reader's statement waits for must not wait for the writer that waits for
  // both
  if (i->writers_waiting && !w->stand_back) w->stand_back = rs_now_ms() + STAND_BACK_MS;
  if (i->writers_waiting && rs_now_ms() < w->stand_back)
    return wait_a_bit(l, w, "a statement of this process waits to write to it", WAIT_MS, e);
  return RS_DONE;
}

static enum rs_code make_workspace(struct rs_duckdb_link *l, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "CREATE SCHEMA IF NOT EXISTS ");
  rs_duckdb_add_ident(&b, l->config->workspace);
  enum rs_code rc = rs_buf_error(&b, e, "workspace");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .writes = true};
  if (!rc) rc = rs_adbc_exec(&l->conn, &st, NULL, e);
  rs_buf_free(&b);
  if (!rc) rs_duckdb_schemas_changed(l);
  return rc;
}

/*
** Names without a schema mean the profile's workspace, then DuckDB's main. Asked once for each
** connection, and again when a schema came or went. What creates something by its name alone makes
** the workspace first where it is missing: the same name would later mean another place.
*/
static enum rs_code settle_schema(struct rs_duckdb_link *l, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  unsigned now = atomic_load(&i->schemas);
  struct rs_error own = {0};
  bool makes = l->creates && i->mode == READ_WRITE;
  if (l->config->workspace == NULL || (l->schemas == now && (l->in_workspace || !makes)))
    return RS_OK;
  enum rs_code rc = rs_duckdb_open_default(&i->open, &l->conn, l->config->workspace, &own);
  if (rc != RS_OK && makes && rc != RS_NOMEM && rc != RS_CANCELLED) {
    rc = make_workspace(l, &own);
    now = atomic_load(&i->schemas);
    if (!rc) rc = rs_duckdb_open_default(&i->open, &l->conn, l->config->workspace, &own);
  }
  if (rc == RS_NOMEM || rc == RS_CANCELLED) {
    if (e) *e = own;
    return rc;
  }
  bool found = rc == RS_OK;
  if (!found && l->in_workspace) rc = rs_duckdb_open_default(&i->open, &l->conn, NULL, e);
  else rc = RS_OK;
  if (rc) return rc;
  l->in_workspace = found;
  l->schemas = now;
  return RS_OK;
}

static enum rs_code connect(struct rs_duckdb_link *l, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  if (l->conn.open) return settle_schema(l, e);
  struct rs_adbc_conn made;
  enum rs_code rc = rs_duckdb_open_connect(&i->open, &made, e);
  if (rc) return rc;
  pthread_mutex_lock(&l->conn_mutex);
  l->conn = made;
  pthread_mutex_unlock(&l->conn_mutex);
  l->in_workspace = false;
  l->schemas = atomic_load(&i->schemas) - 1;
  return settle_schema(l, e);
}

void rs_duckdb_schemas_changed(struct rs_duckdb_link *l)
{
  (void)atomic_fetch_add(&l->instance->schemas, 1);
}

/* ---- rows that are lent ---------------------------------------------------------------------- */

static enum rs_code run_lend(struct rs_duckdb_link *l, const char *head, const char *name,
                             const char *tail, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 4096);
  rs_buf_str(&b, head);
  rs_duckdb_add_ident(&b, name);
  rs_buf_str(&b, tail);
  enum rs_code rc = rs_buf_error(&b, e, "database");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .writes = true};
  if (!rc) rc = rs_adbc_exec(&l->conn, &st, NULL, e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_duckdb_lend(struct rs_duckdb_link *l, const char *name, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  pthread_mutex_lock(&mutex);
  const struct lent *x = i->lent;
  while (x && (x->dropped || !rs_eq(x->name, name))) x = x->next;
  pthread_mutex_unlock(&mutex);
  if (x) return RS_OK; // its owner's: nobody else makes or drops it
  struct lent *made = rs_calloc(1, sizeof *made + strlen(name) + 1);
  if (!made) return rs_nomem(e);
  memcpy(made->name, name, strlen(name) + 1);
  enum rs_code rc = run_lend(l, "ATTACH ':memory:' AS ", name, " (COMPRESS)", e);
  if (rc) {
    rs_free(made);
    return rc;
  }
  pthread_mutex_lock(&mutex);
  made->next = i->lent;
  i->lent = made;
  pthread_mutex_unlock(&mutex);
  return RS_OK;
}

void rs_duckdb_compress(struct rs_duckdb_link *l, const char *name)
{
  (void)run_lend(l, "CHECKPOINT ", name, "", NULL);
}

void rs_duckdb_unlend(struct rs_duckdb_instance *i, const char *name)
{
  pthread_mutex_lock(&mutex);
  for (struct lent *x = i->lent; x; x = x->next)
    if (rs_eq(x->name, name)) x->dropped = true;
  pthread_mutex_unlock(&mutex);
}

/* Takes one that is not needed any more out of the list. */
static struct lent *take_dropped(struct rs_duckdb_instance *i)
{
  pthread_mutex_lock(&mutex);
  struct lent **at = &i->lent;
  while (*at && !(*at)->dropped) at = &(*at)->next;
  struct lent *x = *at;
  if (x) *at = x->next;
  pthread_mutex_unlock(&mutex);
  return x;
}

static void drop_lent(struct rs_duckdb_link *l)
{
  for (struct lent *x; (x = take_dropped(l->instance)) != NULL; rs_free(x))
    (void)run_lend(l, "DETACH ", x->name, "", NULL);
}

enum rs_code rs_duckdb_acquire(struct rs_duckdb_link *l, bool writes, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  struct wait w = {0};
  atomic_store(&l->cancelled, false);
  if (writes && l->config->read_only)
    return rs_fail(e, RS_FORBIDDEN, "%s: the profile says read_only", l->config->path);
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&mutex);
  w.deadline = rs_now_ms() + (l->impatient ? 0 : l->config->lock_timeout_ms);
  i->writers_waiting += writes;
  while (!rc) rc = look(l, &w, writes, e);
  i->writers_waiting -= writes;
  if (rc == RS_DONE) {
    i->holds++;
    l->held = true;
    if (!l->linked) {
      l->next = i->links;
      i->links = l;
      l->linked = true;
    }
    rc = RS_OK;
  } else if (writes) {
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&mutex);
  if (!rc && (rc = connect(l, e))) rs_duckdb_let_go(l);
  if (!rc) drop_lent(l);
  return rc;
}

void rs_duckdb_let_go(struct rs_duckdb_link *l)
{
  struct rs_duckdb_instance *i = l->instance;
  if (!l->held) return;
  pthread_mutex_lock(&mutex);
  l->held = false;
  i->idle_since = rs_now_ms();
  if (--i->holds == 0 && !i->memory) {
    if (i->idle_close_ms <= 0 && !i->changing && !i->keeps) close_instance(i);
  }
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
}

/* One look: RS_DONE when the instance is closed, and nobody else's. */
static enum rs_code look_closed(struct rs_duckdb_link *l, struct wait *w, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  if (i->changing) return wait_a_bit(l, w, "it is being opened, closed or copied", WAIT_MS, e);
  if (i->holds) return wait_a_bit(l, w, "a statement of this process uses it", WAIT_MS, e);
  if (i->keeps)
    return rs_fail(e, RS_UNSUPPORTED,
                   "%s: it can't be closed for a copy: what its profile attaches in memory would "
                   "be lost",
                   i->path);
  if (i->mode == CLOSED) return claim_files(l, w, e);
  close_instance(i);
  return RS_OK;
}

enum rs_code rs_duckdb_shut(struct rs_duckdb_link *l, struct rs_error *e)
{
  struct rs_duckdb_instance *i = l->instance;
  struct wait w = {0};
  atomic_store(&l->cancelled, false);
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&mutex);
  w.deadline = rs_now_ms() + l->config->lock_timeout_ms;
  i->writers_waiting++;
  while (!rc) rc = look_closed(l, &w, e);
  i->writers_waiting--;
  if (rc == RS_DONE) i->shut = i->changing = true;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
  return rc == RS_DONE ? RS_OK : rc;
}

void rs_duckdb_unshut(struct rs_duckdb_link *l)
{
  struct rs_duckdb_instance *i = l->instance;
  pthread_mutex_lock(&mutex);
  i->shut = i->changing = false;
  rs_free(i->files);
  i->files = NULL;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&mutex);
}

void rs_duckdb_cancel(struct rs_duckdb_link *l)
{
  atomic_store(&l->cancelled, true);
  pthread_mutex_lock(&l->conn_mutex);
  if (l->conn.open) rs_adbc_cancel(&l->conn);
  pthread_mutex_unlock(&l->conn_mutex);
}
