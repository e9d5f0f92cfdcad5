/*
** The graph: what a ref names, edges both ways, an order in which parents come first.
**
** Linear in nodes and edges; no recursion, since a chain of models may be long.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"

static enum rs_code fail_ref(const struct rs_node *from, const struct rs_node_ref *ref,
                             enum rs_code code, const char *text, struct rs_error *e)
{
  char what[300];
  rs_node_what(from, what, sizeof what);
  if (ref->line > 0)
    return rs_fail(e, code, "%s line %d: ref('%s'): %s", what, ref->line, ref->name, text);
  return rs_fail(e, code, "%s: ref('%s'): %s", what, ref->name, text);
}

enum rs_code rs_graph_resolve(struct rs_project *p, const struct rs_node *from,
                              const struct rs_node_ref *ref, struct rs_node **pn,
                              struct rs_error *e)
{
  if (ref->source != NULL) {
    *pn = rs_project_source_find(p, from->package, ref->source, ref->name);
    // Without a row it is a workspace and a collection of these names
    if (*pn == NULL) *pn = rs_project_source(p, p->name, ref->source, ref->name);
    return *pn != NULL ? RS_OK : rs_nomem(e);
  }
  struct rs_error why;
  enum rs_code rc = rs_project_ref(p, from->package, ref, pn, &why);
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (rc != RS_OK) return fail_ref(from, ref, rc, why.text, e);
  return RS_OK;
}

/* ---- edges ---------------------------------------------------------------------------------- */

static bool has(const size_t *list, size_t n, size_t value)
{
  for (size_t i = 0; i < n; i++)
    if (list[i] == value) return true;
  return false;
}

/* A generic test has the group of what it tests: the first thing that it refers to. */
static const char *group_of(struct rs_project *p, const struct rs_node *n)
{
  struct rs_node *tested;
  if (n->type != RS_NODE_TEST || n->config.group != NULL || n->test->test == NULL || n->nrefs == 0)
    return n->config.group;
  bool found = rs_graph_resolve(p, n, &n->refs[0], &tested, NULL) == RS_OK;
  return found ? tested->config.group : NULL;
}

/* As its group: what it tests is written so, and so is what it says of it. */
static const char *dialect_of(struct rs_project *p, const struct rs_node *n)
{
  struct rs_node *tested;
  if (n->type != RS_NODE_TEST || n->config.dialect != NULL || n->test->test == NULL ||
      n->nrefs == 0)
    return n->config.dialect;
  bool found = rs_graph_resolve(p, n, &n->refs[0], &tested, NULL) == RS_OK;
  return found ? tested->config.dialect : NULL;
}

static enum rs_code check_access(struct rs_project *p, const struct rs_node *n,
                                 const struct rs_node_ref *ref, const struct rs_node *to,
                                 struct rs_error *e)
{
  struct rs_error why = {0};
  if (!to->parsed || !to->config.enabled) return RS_OK;
  enum rs_code rc = rs_access_check(p, n, n->config.group, to, &why);
  return rc == RS_OK ? rc : fail_ref(n, ref, rc, why.text, e);
}

/* Parents of one node, each once, in the order of its refs. */
static enum rs_code link_parents(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  n->parents = rs_arena_alloc(&p->arena, (n->nrefs + 1) * sizeof *n->parents);
  if (n->parents == NULL) return rs_nomem(e);
  n->config.group = group_of(p, n);
  n->config.dialect = dialect_of(p, n);
  for (size_t i = 0; i < n->nrefs; i++) {
    struct rs_node *to;
    enum rs_code rc = rs_graph_resolve(p, n, &n->refs[i], &to, e);
    if (rc == RS_OK && to->type == RS_NODE_MODEL) rc = check_access(p, n, &n->refs[i], to, e);
    bool off = rc == RS_OK && to->parsed && !to->config.enabled;
    if (off && n->type == RS_NODE_TEST) { // goes with its model
      n->config.enabled = false;
      n->nparents = 0;
      return RS_OK;
    }
    if (off)
      rc = fail_ref(
        n, &n->refs[i], RS_INVALID,
        to->type == RS_NODE_SOURCE ? "that source is disabled" : "that model is disabled", e);
    if (rc != RS_OK) {
      if (rs_node_alone(n) && (n->type == RS_NODE_ANALYSIS ? rc != RS_NOMEM : rc == RS_NOT_FOUND)) {
        if (n->type == RS_NODE_TEST) n->config.enabled = p->set.keep_bad;
        n->bad = rs_arena_strdup(&p->arena, e->text);
        if (n->bad == NULL) return rs_nomem(e);
        continue;
      }
      rc = rs_project_keep_bad(p, rc, &n->bad, e);
      if (rc != RS_OK) return rc;
      continue;
    }
    if (!has(n->parents, n->nparents, to->index)) n->parents[n->nparents++] = to->index;
  }
  return RS_OK;
}

static enum rs_code link_children(struct rs_project *p, struct rs_error *e)
{
  for (size_t i = 0; i < p->nnodes; i++)
    for (size_t k = 0; k < p->nodes[i]->nparents; k++)
      p->nodes[p->nodes[i]->parents[k]]->nchildren++;
  for (size_t i = 0; i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    n->children = rs_arena_alloc(&p->arena, (n->nchildren + 1) * sizeof *n->children);
    if (n->children == NULL) return rs_nomem(e);
    n->nchildren = 0;
  }
  for (size_t i = 0; i < p->nnodes; i++)
    for (size_t k = 0; k < p->nodes[i]->nparents; k++) {
      struct rs_node *parent = p->nodes[p->nodes[i]->parents[k]];
      parent->children[parent->nchildren++] = i;
    }
  return RS_OK;
}

/* ---- order ---------------------------------------------------------------------------------- */

/* Walks from a node that no order reached up through such parents until one is met again: the path
** from its first to its second visit is a cycle. */
static enum rs_code fail_cycle(struct rs_project *p, const size_t *waiting, size_t start,
                               struct rs_error *e)
{
  size_t *seen = rs_calloc(p->nnodes + 1, sizeof *seen);
  size_t *path = rs_calloc(p->nnodes + 1, sizeof *path);
  struct rs_buf text;
  rs_buf_init(&text, RS_ERROR_MAX);
  enum rs_code rc = RS_NOMEM;
  size_t n = 0, at = start;
  if (seen == NULL || path == NULL) goto done;
  while (seen[at] == 0) {
    path[n] = at;
    seen[at] = ++n;
    const struct rs_node *node = p->nodes[at];
    for (size_t i = 0; i < node->nparents; i++)
      if (waiting[node->parents[i]] > 0) {
        at = node->parents[i];
        break;
      }
  }
  // The path runs from child to parent, which is how a reader follows refs. It begins with the
  // least name, so that one cycle has one text
  size_t first = seen[at] - 1, least = first;
  for (size_t i = first; i < n; i++)
    if (strcmp(p->nodes[path[i]]->name, p->nodes[path[least]]->name) < 0) least = i;
  for (size_t i = 0; i <= n - first; i++)
    rs_buf_printf(&text, "%s%s", i > 0 ? " -> " : "",
                  p->nodes[path[first + (least - first + i) % (n - first)]]->name);
  rc = rs_fail(e, RS_INVALID, "models refer to each other in a cycle: %s", rs_buf_text(&text));
done:
  rs_buf_free(&text);
  rs_free(seen);
  rs_free(path);
  return rc == RS_NOMEM ? rs_nomem(e) : rc;
}

struct rank {
  size_t level;
  struct rs_node *node;
};

static int compare_rank(const void *a, const void *b)
{
  const struct rank *x = a, *y = b;
  if (x->level != y->level) return x->level < y->level ? -1 : 1;
  return strcmp(x->node->name, y->node->name);
}

/* Levels by Kahn's algorithm: a node's level is one more than its highest parent's. dbt's order:
** level by level, in a level by name. */
static enum rs_code make_order(struct rs_project *p, struct rs_error *e)
{
  size_t n = p->nnodes, head = 0, tail = 0, count = 0;
  size_t *waiting = rs_calloc(n + 1, sizeof *waiting);
  size_t *queue = rs_calloc(n + 1, sizeof *queue);
  struct rank *ranks = rs_calloc(n + 1, sizeof *ranks);
  enum rs_code rc = RS_OK;
  if (waiting == NULL || queue == NULL || ranks == NULL) {
    rc = rs_nomem(e);
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    ranks[i].node = p->nodes[i];
    waiting[i] = p->nodes[i]->nparents;
    if (waiting[i] == 0) queue[tail++] = i;
  }
  while (head < tail) {
    size_t at = queue[head++];
    const struct rs_node *node = p->nodes[at];
    for (size_t i = 0; i < node->nchildren; i++) {
      size_t child = node->children[i];
      if (ranks[child].level <= ranks[at].level) ranks[child].level = ranks[at].level + 1;
      if (--waiting[child] == 0) queue[tail++] = child;
    }
  }
  for (size_t i = 0; i < n && rc == RS_OK; i++)
    if (waiting[i] > 0) {
      rc = fail_cycle(p, waiting, i, e);
      rc = rs_project_keep_bad(p, rc, &p->nodes[i]->bad, e);
    }
  if (rc != RS_OK) goto done;
  qsort(ranks, n, sizeof *ranks, compare_rank);
  p->order = rs_arena_alloc(&p->arena, (n + 1) * sizeof(struct rs_node *));
  if (p->order == NULL) {
    rc = rs_nomem(e);
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    struct rs_node *node = ranks[i].node;
    if (!node->parsed || !node->config.enabled) continue;
    node->order = count;
    p->order[count++] = node;
  }
  p->norder = count;
done:
  rs_free(waiting);
  rs_free(queue);
  rs_free(ranks);
  return rc;
}

/* Two models that would write one relation. */
static enum rs_code check_relations(struct rs_project *p, struct rs_error *e)
{
  struct rs_map seen;
  rs_map_init(&seen);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < p->norder && rc == RS_OK; i++) {
    struct rs_node *n = p->order[i];
    if (n->type == RS_NODE_SOURCE || n->type >= RS_NODE_TEST ||
        rs_eq(n->config.materialized, "ephemeral"))
      continue;
    char *key = rs_mprintf("%s\n%s\n%s", n->database != NULL ? n->database : "", n->workspace,
                           n->identifier);
    const struct rs_node *other = key != NULL ? rs_map_get(&seen, key) : NULL;
    if (n->bad != NULL) rc = RS_OK; // it has no name yet
    else if (other != NULL)
      rc = rs_fail(e, RS_INVALID, "models %s and %s are both %s.%s: give one of them an alias",
                   other->name, n->name, n->workspace, n->identifier);
    else if (key == NULL || !rs_map_put(&seen, key, n)) rc = rs_nomem(e);
    rs_free(key);
    rc = rs_project_keep_bad(p, rc, &n->bad, e);
  }
  rs_map_free(&seen);
  return rc;
}

enum rs_code rs_graph_build(struct rs_project *p, struct rs_error *e)
{
  // Only models have refs, but resolving a source may add nodes: the bound is read anew each time
  for (size_t i = 0; i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    if (n->type == RS_NODE_SOURCE || !n->parsed || !n->config.enabled) continue;
    enum rs_code rc = link_parents(p, n, e);
    if (rc != RS_OK) return rc;
  }
  enum rs_code rc = link_children(p, e);
  if (rc == RS_OK) rc = make_order(p, e);
  if (rc == RS_OK) rc = check_relations(p, e);
  return rc;
}
