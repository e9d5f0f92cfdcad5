/*
** Deferral (graph.h).
*/
#include "graph.h"
#include <string.h>
#include "src/base/text.h"

struct defer {
  struct rs_project *p;
  struct rs_arena arena;  /* for the time of the call */
  struct rs_map there;    /* unique_id -> struct rs_node of the other project */
  unsigned char *settled; /* by index: selected, or looked at */
  struct rs_session *session;
  bool favor;
};

static bool has_relation(const struct rs_node *n)
{
  return n->type == RS_NODE_SEED || n->type == RS_NODE_SNAPSHOT ||
         (n->type == RS_NODE_MODEL && !rs_eq(n->config.materialized, "ephemeral"));
}

/* By unique_id; false: out of memory. */
static bool map_nodes(struct rs_map *there, const struct rs_project *other)
{
  bool ok = true;
  for (size_t i = 0; ok && i < other->nnodes; i++)
    if (has_relation(other->nodes[i]))
      ok = rs_map_put(there, other->nodes[i]->unique_id, other->nodes[i]);
  return ok;
}

static enum rs_code defer_node(struct defer *d, struct rs_node *n, struct rs_error *e)
{
  struct rs_relation rel = rs_node_relation(d->p, n);
  enum rs_relation_kind kind = RS_REL_NONE;
  const struct rs_node *there = rs_map_get(&d->there, n->unique_id);
  if (there == NULL || there->identifier == NULL) return RS_OK;
  enum rs_code rc = d->favor ? RS_OK : rs_session_describe(d->session, &rel, NULL, &kind, e);
  if (rc != RS_OK || kind != RS_REL_NONE) return rc;
  const char *workspace = rs_arena_strdup(&d->p->arena, there->workspace);
  const char *identifier = rs_arena_strdup(&d->p->arena, there->identifier);
  if (workspace == NULL || identifier == NULL) return rs_nomem(e);
  n->workspace = workspace;
  n->identifier = identifier;
  n->database = there->database != NULL ? rs_arena_strdup(&d->p->arena, there->database) : NULL;
  if (there->database != NULL && n->database == NULL) return rs_nomem(e);
  return RS_OK;
}

/* What these nodes read, level by level: an ephemeral model is compiled into who reads it. */
static enum rs_code defer_parents(struct defer *d, struct rs_node *const *nodes, size_t n,
                                  struct rs_error *e)
{
  struct rs_node **queue = rs_arena_alloc(&d->arena, (d->p->nnodes + 1) * sizeof *queue);
  size_t head = 0, tail = 0;
  enum rs_code rc = RS_OK;
  if (queue == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    d->settled[nodes[i]->index] = 1;
    queue[tail++] = nodes[i];
  }
  while (rc == RS_OK && head < tail) {
    const struct rs_node *from = queue[head++];
    for (size_t i = 0; rc == RS_OK && i < from->nparents; i++) {
      struct rs_node *parent = d->p->nodes[from->parents[i]];
      if (d->settled[parent->index]) continue;
      d->settled[parent->index] = 1;
      if (has_relation(parent)) rc = defer_node(d, parent, e);
      else queue[tail++] = parent;
    }
  }
  return rc;
}

enum rs_code rs_defer(struct rs_project *p, const struct rs_project *other,
                      struct rs_node *const *selected, size_t n, bool favor,
                      struct rs_session *session, struct rs_error *e)
{
  struct defer d = {.p = p, .session = session, .favor = favor};
  enum rs_code rc = RS_OK;
  rs_arena_init(&d.arena, 0);
  rs_map_init(&d.there);
  d.settled = rs_arena_calloc(&d.arena, p->nnodes + 1);
  if (d.settled == NULL || !map_nodes(&d.there, other)) rc = rs_nomem(e);
  if (rc == RS_OK) rc = defer_parents(&d, selected, n, e);
  rs_map_free(&d.there);
  rs_arena_free(&d.arena);
  return rc;
}

enum rs_code rs_clone_names(struct rs_project *p, const struct rs_project *other,
                            struct rs_node *const *nodes, size_t n, struct rs_error *e)
{
  struct rs_map there;
  rs_map_init(&there);
  enum rs_code rc = map_nodes(&there, other) ? RS_OK : rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const struct rs_node *from = rs_map_get(&there, nodes[i]->unique_id);
    if (from == NULL || from->identifier == NULL) continue;
    struct rs_relation rel = rs_node_relation(other, from);
    struct rs_relation *to = &nodes[i]->clone_of;
    to->workspace = rs_arena_strdup(&p->arena, rel.workspace);
    to->name = rs_arena_strdup(&p->arena, rel.name);
    to->database = rel.database != NULL ? rs_arena_strdup(&p->arena, rel.database) : NULL;
    if (to->workspace == NULL || to->name == NULL || (rel.database != NULL && to->database == NULL))
      rc = rs_nomem(e);
  }
  rs_map_free(&there);
  return rc;
}
