/*
** The one `graph` of an invocation (shared_graph.h).
*/
#include "shared_graph.h"
#include <pthread.h>
#include "src/base/mem.h"
#include "src/base/thread.h"

#define RETIRED_MEMORY ((size_t)256 << 20)
#define RETIRED_WAIT_MS 2000

struct rs_shared_graph {
  pthread_mutex_t mutex; /* recursive: a node's evaluations nest */
  pthread_cond_t idle;
  struct rs_share *share;
  jv graph;
  bool made;
  enum rs_code failed;        /* of the last collection: nobody may read it any more */
  size_t users;               /* contexts that have entered and did not leave */
  struct rs_context *retired; /* left, and not freed yet */
  size_t retired_memory;
  struct rs_context context;
};

static struct rs_shared_graph *make_graph(void)
{
  struct rs_shared_graph *g = rs_calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&g->mutex, &attr);
  pthread_mutexattr_destroy(&attr);
  rs_cond_init(&g->idle);
  return g;
}

static void free_retired(struct rs_shared_graph *g)
{
  while (g->retired != NULL) {
    struct rs_context *c = g->retired;
    g->retired = c->next_retired;
    rs_context_destroy(c);
  }
  g->retired_memory = 0;
}

static void free_graph(struct rs_shared_graph *g)
{
  free_retired(g);
  rs_share_free(g->share);
  pthread_cond_destroy(&g->idle);
  pthread_mutex_destroy(&g->mutex);
  rs_free(g);
}

bool rs_graph_attach(struct rs_project *p)
{
  struct rs_shared_graph *none = NULL;
  if (__atomic_load_n(&p->graph, __ATOMIC_ACQUIRE) != NULL) return true;
  struct rs_shared_graph *g = make_graph();
  if (g == NULL) return false;
  p->free_graph = free_graph;
  if (!__atomic_compare_exchange_n(&p->graph, &none, g, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    free_graph(g); // another thread was first
  return true;
}

struct rs_context *rs_graph_context(struct rs_shared_graph *g)
{
  return &g->context;
}

static enum rs_code make_shared(struct rs_shared_graph *g, const struct rs_context *c,
                                struct rs_error *e)
{
  if (g->share == NULL) g->share = rs_share_new(RS_GRAPH_MEMORY);
  if (g->share == NULL) return rs_nomem(e);
  // No node's: what a value of the graph still asks its context is asked of the project
  g->context = (struct rs_context){.project = c->project,
                                   .node = c->node,
                                   .j = rs_share_maker(g->share),
                                   .opt = {.project = c->project, .execute = true}};
  g->graph = rs_names_make_graph(&g->context);
  enum rs_code rc = rs_share_collect(g->share, e);
  if (rc == RS_OK && g->graph.kind != JV_DICT) rc = rs_nomem(e);
  g->made = rc == RS_OK;
  return rc;
}

/* Too much is kept for those who still run: they may end first, if they can. */
static void wait_for_others(struct rs_shared_graph *g, const struct rs_graph_hold *h)
{
  int64_t until = rs_now_ms() + RETIRED_WAIT_MS;
  if (h == NULL || h->depth > 0) return; // this thread is one of them
  while (g->users > 0 && g->retired_memory > RETIRED_MEMORY && rs_now_ms() < until)
    rs_cond_wait_ms(&g->idle, &g->mutex, until - rs_now_ms());
}

enum rs_code rs_graph_enter(struct rs_context *c, jv *out, struct rs_error *e)
{
  struct rs_shared_graph *g = c->project->graph;
  struct rs_graph_hold *h = c->opt.sessions.hold;
  if (c->graph == NULL) {
    pthread_mutex_lock(&g->mutex);
    wait_for_others(g, h);
    if (h != NULL) {
      h->graph = g;
      h->depth++;
    }
    g->users++;
    c->graph = g;
  }
  if (g->failed != RS_OK) return rs_fail(e, g->failed, "graph: what was stored in it is lost");
  enum rs_code rc = g->made ? RS_OK : make_shared(g, c, e);
  if (rc != RS_OK) return rs_error_prefix(e, "graph");
  rs_share_use(g->share, c->j);
  *out = g->graph;
  return RS_OK;
}

bool rs_graph_leave(struct rs_context *c)
{
  struct rs_shared_graph *g = c->graph;
  struct rs_graph_hold *h = c->opt.sessions.hold;
  if (g == NULL) return false;
  bool kept = --g->users > 0;
  if (kept) {
    // What it borrowed ends with it; its values are all that others may still have
    rs_jinja_retire(c->j);
    c->opt.sessions = (struct rs_session_source){0};
    c->opt.batch = NULL;
    c->opt.names = NULL;
    c->opt.is_interrupted = NULL;
    c->next_retired = g->retired;
    g->retired = c;
    g->retired_memory += rs_python_arena(c->j)->used;
  } else {
    if (g->failed == RS_OK && g->made) g->failed = rs_share_collect(g->share, NULL);
    free_retired(g);
    pthread_cond_broadcast(&g->idle);
  }
  if (h != NULL) h->depth--;
  pthread_mutex_unlock(&g->mutex);
  return kept;
}

void rs_graph_wait(struct rs_graph_hold *h, bool begins)
{
  for (unsigned i = 0; i < h->depth; i++) {
    if (begins) pthread_mutex_unlock(&h->graph->mutex);
    else pthread_mutex_lock(&h->graph->mutex);
  }
}
