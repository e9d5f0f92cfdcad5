/*
** What a model reads that the target does not have yet (build.h).
*/
#include "src/base/mem.h"
#include "src/base/text.h"
#include "build.h"

/* Puts the models that n reads on the list: through ephemeral ones, each once. */
static void push_parents(const struct rs_project *p, const struct rs_node *n, bool *seen,
                         size_t *list, size_t *count)
{
  for (size_t i = 0; i < n->nparents; i++) {
    size_t at = n->parents[i];
    if (seen[at] || p->nodes[at]->type == RS_NODE_SOURCE || p->nodes[at]->type == RS_NODE_SEED)
      continue;
    seen[at] = true;
    list[(*count)++] = at;
  }
}

enum rs_code rs_missing_parents(const struct rs_materialize *m, struct rs_node ***pnodes, size_t *n,
                                struct rs_error *e)
{
  struct rs_project *p = m->project;
  bool *seen = rs_calloc(p->nnodes + 1, sizeof *seen);
  bool *missing = rs_calloc(p->nnodes + 1, sizeof *missing);
  size_t *list = rs_calloc(p->nnodes + 1, sizeof *list), count = 0;
  struct rs_node **nodes = rs_calloc(p->norder + 1, sizeof(struct rs_node *));
  struct rs_session *s = NULL;
  enum rs_code rc = RS_OK;
  *n = 0;
  *pnodes = NULL;
  if (seen == NULL || missing == NULL || list == NULL || nodes == NULL) {
    rc = rs_nomem(e);
    goto done;
  }
  push_parents(p, m->node, seen, list, &count);
  for (size_t i = 0; rc == RS_OK && i < count; i++) {
    const struct rs_node *parent = p->nodes[list[i]];
    enum rs_relation_kind kind = RS_REL_NONE;
    if (!rs_eq(parent->config.materialized, "ephemeral")) {
      struct rs_relation rel = rs_node_relation(p, parent);
      rc = s != NULL ? RS_OK : m->sessions.get(m->sessions.ctx, &s, e);
      if (rc == RS_OK) rc = rs_session_describe(s, &rel, NULL, &kind, e);
      missing[list[i]] = kind == RS_REL_NONE;
    }
    if (kind == RS_REL_NONE) push_parents(p, parent, seen, list, &count);
  }
  for (size_t i = 0; rc == RS_OK && i < p->norder; i++)
    if (missing[p->order[i]->index]) nodes[(*n)++] = p->order[i];
  if (rc == RS_OK) {
    *pnodes = nodes;
    nodes = NULL;
  }
done:
  rs_free(seen);
  rs_free(missing);
  rs_free(list);
  rs_free(nodes);
  return rc;
}
