/*
** The one `graph` of an invocation: built when a template first reads it, and then the same
** dictionary for every node, hook and operation, as with dbt: what one stores in it, others see.
**
** Threads. Templates of several nodes evaluate at the same time, so an evaluation that has read
** `graph` holds the graph's lock until it ends, but not while it waits for its engine
** (rs_graph_wait, which the caller's session calls): two of them never run at once, as dbt's
** threads don't. Which of two nodes that run side by side stores first is as open as it is there.
**
** Memory. A stored value lives in the arena of its evaluation. Once none is left that has read
** `graph`, what was stored is copied to the graph's own arena (jinja.h, shared values), up to
** RS_GRAPH_MEMORY in all; until then contexts that ended are kept. While they hold more than
** RETIRED_MEMORY, one that reads `graph` anew first waits for the others, RETIRED_WAIT_MS at most.
*/
#ifndef RS_PROJECT_NAMES_SHARED_GRAPH_H
#define RS_PROJECT_NAMES_SHARED_GRAPH_H
#include "names.h"

#define RS_GRAPH_MEMORY ((size_t)4 << 30)

struct rs_shared_graph;

/* One thread's hold on the lock; zeroed at first. Its session's interrupt calls rs_graph_wait. */
struct rs_graph_hold {
  struct rs_shared_graph *graph;
  unsigned depth; /* evaluations of this thread that hold it */
};

/* The project has a graph from now on; false when out of memory. Freed with the project, after
** every context of it. From any thread. */
bool rs_graph_attach(struct rs_project *p);
/* The graph as a value of c, which from now on holds the lock. */
enum rs_code rs_graph_enter(struct rs_context *c, jv *out, struct rs_error *e);
/* c ends. True: it is kept, and freed later. */
bool rs_graph_leave(struct rs_context *c);
/* The thread begins, and ends, to wait: the lock is not held meanwhile. */
void rs_graph_wait(struct rs_graph_hold *h, bool begins);
/* For values that outlive their context: a context without a node whose engine is the graph's. */
struct rs_context *rs_graph_context(struct rs_shared_graph *g);
/* project/names/graph.c: all of `graph`, made through c. */
jv rs_names_make_graph(struct rs_context *c);
#endif
