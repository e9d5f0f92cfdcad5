/*
** Deferral (defer.h).
*/
#include "defer.h"
#include <string.h>
#include "../base/text.h"

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

static enum rs_code defer_node(struct defer *d, struct rs_node *n, struct rs_error *e)
{
  struct rs_relation rel = {.workspace = n->workspace, .name = n->identifier};
  enum rs_relation_kind kind = RS_REL_NONE;
  const struct rs_node *there = rs_map_get(&d->there, n->unique_id);
  if (there == NULL || there->identifier == NULL) return RS_OK;
  enum rs_code rc = d->favor ? RS_OK : rs_session_kind(d->session, &rel, &kind, e);
  if (rc != RS_OK || kind != RS_REL_NONE) return rc;
  const char *workspace = rs_arena_strdup(&d->p->arena, there->workspace);
  const char *identifier = rs_arena_strdup(&d->p->arena, there->identifier);
  if (workspace == NULL || identifier == NULL) return rs_nomem(e);
  n->workspace = workspace;
  n->identifier = identifier;
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
  if (d.settled == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < other->nnodes; i++)
    if (has_relation(other->nodes[i]) &&
        !rs_map_put(&d.there, other->nodes[i]->unique_id, other->nodes[i]))
      rc = rs_nomem(e);
  if (rc == RS_OK) rc = defer_parents(&d, selected, n, e);
  rs_map_free(&d.there);
  rs_arena_free(&d.arena);
  return rc;
}
