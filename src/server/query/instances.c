/*
** Virtual instances as queries meet them: which there are, which of them are suspended, and how
** much each may take. Their descriptions lie in the target and are the business of resources.
**
** What an instance's size is worth is kept here and needs no engine: how many of its queries run
** at a time, how many rows an answer has and how large a stored result may grow, each as a share of
** what the server itself allows. No engine is asked to give a session fewer threads or less memory:
** DuckDB has one `threads` and one `memory_limit` for all sessions of a database.
**
** One mutex; nothing slow happens under it. The register's own may be held by who calls.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

struct rs_vi_entry {
  struct rs_vi vi;
  int refs;                 /* the list's, and one of each query that has not ended */
  int running;              /* of its queries */
  struct rs_vi_entry *next; /* in the order of their making */
};

struct rs_vis {
  pthread_mutex_t mutex;
  struct rs_vi_entry *list; /* RS_INSTANCE_ID is always there, and first */
  char default_id[37];      /* of queries that name none */
};

/* ---- sizes ----------------------------------------------------------------------------------- */

/* The share of the server's limits, as one of so many parts. */
static const struct {
  const char *name;
  int parts;
} sizes[] = {
  {"FREE", 32},   {"NANO", 32},   {"SHARED", 16},  {"MILLI", 16}, {"XSMALL", 8},
  {"SMALL", 4},   {"MEDIUM", 2},  {"LARGE", 1},    {"XLARGE", 1}, {"XLARGE2", 1},
  {"XLARGE4", 1}, {"XLARGE8", 1}, {"XLARGE16", 1},
};
enum { NSIZES = sizeof sizes / sizeof sizes[0] };

static int parts_of(const char *size)
{
  for (size_t i = 0; i < NSIZES; i++)
    if (rs_eq(sizes[i].name, size)) return sizes[i].parts;
  return 0;
}

bool rs_vi_is_size(const char *size)
{
  return parts_of(size) > 0;
}

static int64_t share_of(int64_t all, int parts)
{
  return all >= parts ? all / parts : 1;
}

void rs_vi_limits(const struct rs_backend *v, const char *size, struct rs_query_limits *out)
{
  int parts = parts_of(size);
  *out = *v->limits;
  if (parts == 0) return;
  out->running = share_of(out->running, parts);
  out->rows = share_of(out->rows, parts);
  out->result_bytes = share_of(out->result_bytes, parts);
}

/* ---- the list -------------------------------------------------------------------------------- */

enum rs_code rs_vis_open(struct rs_backend *v, struct rs_error *e)
{
  struct rs_vi main = {.id = RS_INSTANCE_ID, .name = "main", .size = RS_INSTANCE_SIZE};
  v->vis = rs_calloc(1, sizeof *v->vis);
  if (v->vis == NULL) return rs_nomem(e);
  pthread_mutex_init(&v->vis->mutex, NULL);
  (void)snprintf(v->vis->default_id, sizeof v->vis->default_id, "%s", main.id);
  return rs_vi_put(v, &main, e);
}

/* With the mutex, as the ones below. */
static void let_go(struct rs_vi_entry *x)
{
  if (--x->refs == 0) rs_free(x);
}

void rs_vis_close(struct rs_backend *v)
{
  struct rs_vis *t = v->vis;
  if (t == NULL) return;
  while (t->list != NULL) {
    struct rs_vi_entry *x = t->list;
    t->list = x->next;
    let_go(x);
  }
  pthread_mutex_destroy(&t->mutex);
  rs_free(t);
  v->vis = NULL;
}

static struct rs_vi_entry *with_id(struct rs_vis *t, const char *id)
{
  struct rs_vi_entry *x = t->list;
  while (x != NULL && rs_casecmp(x->vi.id, id) != 0) x = x->next;
  return x;
}

static struct rs_vi_entry *with_name(struct rs_vis *t, const char *name)
{
  struct rs_vi_entry *x = t->list;
  while (x != NULL && !rs_eq(x->vi.name, name)) x = x->next;
  return x;
}

/* By id, RRN or name; NULL: the one of queries that name none. */
static struct rs_vi_entry *look_up(struct rs_vis *t, const char *word)
{
  if (word == NULL) return with_id(t, t->default_id);
  const char *colon = strrchr(word, ':');
  if (strncmp(word, "rrn:vi:", 7) == 0 && colon != NULL) return with_id(t, colon + 1);
  struct rs_vi_entry *x = with_id(t, word);
  return x != NULL ? x : with_name(t, word);
}

static struct rs_vi_entry *append(struct rs_vis *t)
{
  struct rs_vi_entry *x = rs_calloc(1, sizeof *x), **at = &t->list;
  if (x == NULL) return NULL;
  x->refs = 1;
  x->vi.idle_since_ms = rs_now_ms();
  while (*at != NULL) at = &(*at)->next;
  *at = x;
  return x;
}

enum rs_code rs_vi_put(struct rs_backend *v, const struct rs_vi *vi, struct rs_error *e)
{
  struct rs_vis *t = v->vis;
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&t->mutex);
  struct rs_vi_entry *x = with_id(t, vi->id);
  if (x == NULL) x = append(t);
  if (x == NULL) {
    rc = rs_nomem(e);
  } else {
    struct rs_vi was = x->vi;
    x->vi = *vi;
    x->vi.active = was.active;
    x->vi.last_queried_us = was.last_queried_us;
    // an instance that works again has a whole pause before it
    x->vi.idle_since_ms = was.is_suspended && !vi->is_suspended ? rs_now_ms() : was.idle_since_ms;
  }
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

void rs_vi_drop(struct rs_backend *v, const char *id)
{
  struct rs_vis *t = v->vis;
  pthread_mutex_lock(&t->mutex);
  struct rs_vi_entry **at = &t->list, *x = with_id(t, id);
  if (x != NULL && x != t->list) {
    while (*at != x) at = &(*at)->next;
    *at = x->next;
    if (rs_eq(t->default_id, x->vi.id))
      (void)snprintf(t->default_id, sizeof t->default_id, "%s", t->list->vi.id);
    let_go(x);
  }
  pthread_mutex_unlock(&t->mutex);
}

bool rs_vi_find(struct rs_backend *v, const char *word, struct rs_vi *out)
{
  pthread_mutex_lock(&v->vis->mutex);
  const struct rs_vi_entry *x = look_up(v->vis, word);
  if (x != NULL) *out = x->vi;
  pthread_mutex_unlock(&v->vis->mutex);
  return x != NULL;
}

bool rs_vi_at(struct rs_backend *v, size_t i, struct rs_vi *out)
{
  pthread_mutex_lock(&v->vis->mutex);
  const struct rs_vi_entry *x = v->vis->list;
  while (x != NULL && i-- > 0) x = x->next;
  if (x != NULL) *out = x->vi;
  pthread_mutex_unlock(&v->vis->mutex);
  return x != NULL;
}

void rs_vi_set_default(struct rs_backend *v, const char *id)
{
  struct rs_vis *t = v->vis;
  pthread_mutex_lock(&t->mutex);
  const struct rs_vi_entry *x = with_id(t, id);
  if (x == NULL) x = t->list;
  (void)snprintf(t->default_id, sizeof t->default_id, "%s", x->vi.id);
  pthread_mutex_unlock(&t->mutex);
}

bool rs_vi_suspend_idle(struct rs_backend *v, const char *id)
{
  struct rs_vis *t = v->vis;
  pthread_mutex_lock(&t->mutex);
  struct rs_vi_entry *x = with_id(t, id);
  bool due = x != NULL && !x->vi.is_suspended && x->vi.active == 0 && x->vi.auto_suspend_ms > 0 &&
             rs_now_ms() - x->vi.idle_since_ms >= x->vi.auto_suspend_ms;
  if (due) x->vi.is_suspended = true;
  pthread_mutex_unlock(&t->mutex);
  return due;
}

/* ---- queries --------------------------------------------------------------------------------- */

enum rs_code rs_vi_enter(struct rs_backend *v, const char *word, struct rs_vi_entry **out,
                         struct rs_vi *vi, struct rs_error *e)
{
  struct rs_vis *t = v->vis;
  enum rs_code rc = RS_OK;
  pthread_mutex_lock(&t->mutex);
  struct rs_vi_entry *x = look_up(t, word);
  if (x == NULL) {
    rc = rs_fail(e, RS_NOT_FOUND, "Virtual instance '%s' not found.", word);
  } else if (x->vi.is_suspended) {
    rc = rs_fail(e, RS_BUSY, "virtual instance %s is suspended: resume it first", x->vi.name);
  } else {
    x->refs++;
    x->vi.active++;
    x->vi.last_queried_us = rs_wall_us();
    *vi = x->vi;
    *out = x;
  }
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

bool rs_vi_run(struct rs_backend *v, struct rs_vi_entry *x)
{
  struct rs_query_limits l;
  pthread_mutex_lock(&v->vis->mutex);
  rs_vi_limits(v, x->vi.size, &l);
  bool may = x->running < l.running;
  if (may) x->running++;
  pthread_mutex_unlock(&v->vis->mutex);
  return may;
}

void rs_vi_leave(struct rs_backend *v, struct rs_vi_entry *x, bool ran)
{
  pthread_mutex_lock(&v->vis->mutex);
  x->vi.active--;
  x->running -= ran;
  x->vi.idle_since_ms = rs_now_ms();
  let_go(x);
  pthread_mutex_unlock(&v->vis->mutex);
}
