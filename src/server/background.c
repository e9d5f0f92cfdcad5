/*
** Work that no request asks for: what has come due by the clock. Each kind of work has a thread of
** its own, so that a long one keeps no other waiting.
**
** A job looks once whether anything is due, does it and returns; it is called again after its
** pause. What it meets as an error is written to stderr, once as long as it stays the same.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "server.h"

enum { TICK_MS = 100 };

/* The last one has no name. */
static const struct job {
  const char *name; /* what stderr calls it */
  rs_background_job *run;
  int64_t pause_ms;
} jobs[] = {
  {"virtual instances", rs_instances_run, 1000},
  {"scheduled query lambdas", rs_schedules_job, 250},
  {"sources of collections", rs_sources_job, 1000},
  {"documents that are too old", rs_retention_run, RS_RETENTION_PAUSE_MS},
  {NULL, NULL, 0},
};
enum { NJOBS = sizeof jobs / sizeof jobs[0] - 1 };

struct worker {
  const struct job *job;
  struct rs_background *all;
  char told[RS_ERROR_MAX + 64]; /* the last line to stderr */
  pthread_t thread;
};

struct rs_background {
  struct rs_backend *backend;
  struct rs_resources *resources;
  struct rs_watch watch;
  size_t nworkers;
  struct worker workers[NJOBS + 1];
};

static bool is_stopping(const struct rs_background *g)
{
  return atomic_load(g->backend->stopping) != 0;
}

static void tell(struct worker *w, const struct rs_error *e)
{
  char line[sizeof w->told];
  (void)snprintf(line, sizeof line, "rocksetd: %s: %s\n", w->job->name, e->text);
  if (is_stopping(w->all) || rs_eq(w->told, line)) return;
  (void)fputs(line, stderr);
  memcpy(w->told, line, sizeof line);
}

static void *work(void *arg)
{
  struct worker *w = arg;
  struct rs_background *g = w->all;
  int64_t due = rs_now_ms();
  while (!is_stopping(g)) {
    if (rs_now_ms() < due) {
      rs_sleep_ms(TICK_MS);
      continue;
    }
    struct rs_error e = {.code = RS_OK};
    if (w->job->run(g->backend, g->resources, &g->watch, &e) != RS_OK) tell(w, &e);
    else w->told[0] = 0;
    due = rs_now_ms() + w->job->pause_ms;
  }
  return NULL;
}

enum rs_code rs_background_start(struct rs_backend *v, struct rs_resources *r,
                                 struct rs_background **pg, struct rs_error *e)
{
  struct rs_background *g = rs_calloc(1, sizeof *g);
  *pg = g;
  if (g == NULL) return rs_nomem(e);
  g->backend = v;
  g->resources = r;
  rs_watch_init(&g->watch, v->stopping, -1);
  for (const struct job *j = jobs; v->may_write && j->name != NULL; j++) {
    struct worker *w = &g->workers[g->nworkers];
    w->job = j;
    w->all = g;
    if (!rs_thread_start(&w->thread, work, w))
      return rs_fail(e, RS_IO, "no thread can be started for: %s", j->name);
    g->nworkers++;
  }
  return RS_OK;
}

void rs_background_stop(struct rs_background *g)
{
  if (g == NULL) return;
  for (size_t i = 0; i < g->nworkers; i++) (void)pthread_join(g->workers[i].thread, NULL);
  rs_free(g);
}
