/*
** The inventory of a project (graph.h): rows are copied, nodes of the project become items, and
** edges are laid both ways.
*/
#include "graph.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"

#define INVENTORY_MEMORY_MAX ((size_t)2 << 30)

const char *rs_item_type(enum rs_node_type type)
{
  static const char *const names[RS_NODE_TYPES] = {
    "model",     "source",   "seed",     "snapshot", "test",           "unit_test",
    "operation", "analysis", "exposure", "metric",   "semantic_model", "saved_query"};
  return names[type];
}

const char *rs_item_text(const struct rs_item *it, const char *column)
{
  const char *text = it->row != NULL ? rs_row_text(it->row, column) : NULL;
  return text != NULL && *text != 0 ? text : NULL;
}

bool rs_item_has_relation(const struct rs_item *it)
{
  if (it->type == RS_NODE_SOURCE || it->type == RS_NODE_SEED || it->type == RS_NODE_SNAPSHOT)
    return it->bad == NULL && it->node->workspace != NULL && it->node->identifier != NULL;
  return it->type == RS_NODE_MODEL && it->enabled && it->bad == NULL &&
         !rs_eq(it->node->config.materialized, "ephemeral");
}

void rs_checksum(const char *p, size_t n, char out[2 * RS_SHA256_SIZE + 1])
{
  unsigned char hash[RS_SHA256_SIZE];
  while (n > 0 && strchr(" \t\r\n\f\v", *p) != NULL && *p != 0) p++, n--;
  while (n > 0 && p[n - 1] != 0 && strchr(" \t\r\n\f\v", p[n - 1]) != NULL) n--;
  rs_sha256(p, n, hash);
  rs_hex(hash, sizeof hash, out);
}

/* ---- items ---------------------------------------------------------------------------------- */

struct rs_item *rs_inventory_add(struct rs_inventory *inv, enum rs_node_type type,
                                 const char *unique_id)
{
  struct rs_item *it = rs_arena_calloc(&inv->arena, sizeof *it);
  if (it == NULL || !rs_grow(&inv->items, &inv->cap, inv->n + 1, sizeof *inv->items)) return NULL;
  *it = (struct rs_item){.type = type,
                         .unique_id = unique_id,
                         .description = "",
                         .config = "{}",
                         .enabled = true,
                         .index = inv->n};
  if (rs_map_get(&inv->ids, unique_id) == NULL && !rs_map_put(&inv->ids, unique_id, it))
    return NULL;
  inv->items[inv->n++] = it;
  return it;
}

static struct rs_item *add_node(struct rs_inventory *inv, struct rs_node *n)
{
  struct rs_item *it = rs_inventory_add(inv, n->type, n->unique_id);
  if (it == NULL) return NULL;
  it->node = n;
  it->is_node = true;
  it->name = n->type == RS_NODE_SOURCE ? n->table : n->name;
  it->package = n->package;
  it->fqn = n->fqn;
  it->path = n->row.path;
  it->description = n->description;
  it->version = n->row.version;
  it->latest_version = n->row.latest_version;
  it->config = n->config.json != NULL ? n->config.json : "{}";
  it->tags = n->config.tags;
  it->ntags = n->config.ntags;
  it->access = n->type == RS_NODE_MODEL ? n->config.access : NULL;
  it->group = n->config.group;
  it->enabled = n->config.enabled;
  it->bad = n->bad;
  return it;
}

struct rs_item *rs_inventory_item(struct rs_inventory *inv, struct rs_node *n)
{
  struct rs_item *it = rs_map_get(&inv->ids, n->unique_id);
  return it != NULL ? it : add_node(inv, n);
}

bool rs_inventory_link(struct rs_inventory *inv, struct rs_item *child, struct rs_item *parent)
{
  for (size_t i = 0; i < child->nparents; i++)
    if (child->parents[i] == parent->index) return true;
  if (child->nparents == child->cap_parents) {
    size_t cap = child->cap_parents == 0 ? 4 : child->cap_parents * 2;
    size_t *list = rs_arena_alloc(&inv->arena, cap * sizeof *list);
    if (list == NULL) return false;
    if (child->nparents > 0) memcpy(list, child->parents, child->nparents * sizeof *list);
    child->parents = list;
    child->cap_parents = cap;
  }
  child->parents[child->nparents++] = parent->index;
  return true;
}

/* A unit test waits for what its model reads, but it is the model that it tests. */
static enum rs_code link_node(struct rs_inventory *inv, struct rs_node *n, struct rs_error *e)
{
  struct rs_project *p = inv->p;
  struct rs_item *it = rs_map_get(&inv->ids, n->unique_id);
  if (n->type == RS_NODE_UNIT_TEST) {
    bool ok = n->tested == NULL ||
              rs_inventory_link(inv, it, rs_map_get(&inv->ids, n->tested->unique_id));
    return ok ? RS_OK : rs_nomem(e);
  }
  for (size_t k = 0; k < n->nparents; k++)
    if (!rs_inventory_link(inv, it, rs_map_get(&inv->ids, p->nodes[n->parents[k]]->unique_id)))
      return rs_nomem(e);
  return RS_OK;
}

/* Nodes in the order of building, then those that are disabled or bad. Hooks are never selected. */
static enum rs_code add_nodes(struct rs_inventory *inv, struct rs_error *e)
{
  struct rs_project *p = inv->p;
  for (size_t i = 0; i < p->norder; i++)
    if (p->order[i]->type != RS_NODE_OPERATION && add_node(inv, p->order[i]) == NULL)
      return rs_nomem(e);
  for (size_t i = 0; i < p->nnodes; i++)
    if (p->nodes[i]->type != RS_NODE_OPERATION && rs_inventory_item(inv, p->nodes[i]) == NULL)
      return rs_nomem(e);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->nnodes; i++)
    if (p->nodes[i]->type != RS_NODE_OPERATION) rc = link_node(inv, p->nodes[i], e);
  return rc;
}

static enum rs_code link_children(struct rs_inventory *inv, struct rs_error *e)
{
  for (size_t i = 0; i < inv->n; i++)
    for (size_t k = 0; k < inv->items[i]->nparents; k++)
      inv->items[inv->items[i]->parents[k]]->nchildren++;
  for (size_t i = 0; i < inv->n; i++) {
    struct rs_item *it = inv->items[i];
    it->children = rs_arena_alloc(&inv->arena, (it->nchildren + 1) * sizeof *it->children);
    if (it->children == NULL) return rs_nomem(e);
    it->nchildren = 0;
  }
  for (size_t i = 0; i < inv->n; i++)
    for (size_t k = 0; k < inv->items[i]->nparents; k++) {
      struct rs_item *parent = inv->items[inv->items[i]->parents[k]];
      parent->children[parent->nchildren++] = i;
    }
  return RS_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* The item that a row of these tables belongs to. */
struct rs_item *rs_inventory_row_item(struct rs_inventory *inv, const struct rs_row *r)
{
  static const enum rs_table_id tables[] = {RS_T_MODEL,          RS_T_SOURCE,     RS_T_SEED,
                                            RS_T_SNAPSHOT,       RS_T_EXPOSURE,   RS_T_METRIC,
                                            RS_T_SEMANTIC_MODEL, RS_T_SAVED_QUERY};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    if (r->table != tables[i]) continue;
    const char *package = r->v[0].n > 0 ? r->v[0].p : inv->p->name;
    const char *third = i < 2 && r->v[2].n > 0 && *r->v[2].p != '#' ? r->v[2].p : "";
    char *id = rs_arena_printf(&inv->arena, "%s.%s.%s%s%s", rs_tables[r->table].kind, package,
                               r->v[1].p,
                               *third == 0 ? ""
                               : i == 0    ? ".v"
                                           : ".",
                               third);
    return id != NULL ? rs_map_get(&inv->ids, id) : NULL;
  }
  return NULL;
}

/* Tables of what is no node of the graph that runs. */
static bool is_entry(enum rs_table_id t)
{
  return t == RS_T_EXPOSURE || t == RS_T_METRIC || t == RS_T_SEMANTIC_MODEL ||
         t == RS_T_SAVED_QUERY;
}

/* Exposures, metrics ...: no nodes of the graph that runs. */
static enum rs_code add_entries(struct rs_inventory *inv, struct rs_error *e)
{
  const struct rs_project *p = inv->p;
  for (size_t i = 0; i < p->nentries; i++) {
    struct rs_item *it = p->entries[i]->node != NULL ? add_node(inv, p->entries[i]->node) : NULL;
    if (p->entries[i]->node != NULL && it == NULL) return rs_nomem(e);
    if (it != NULL) it->is_node = false;
  }
  for (size_t i = 0; i < p->nentries; i++) {
    const struct rs_entry *x = p->entries[i];
    for (size_t k = 0; k < x->nparents; k++)
      if (!rs_inventory_link(inv, rs_map_get(&inv->ids, x->node->unique_id),
                             rs_map_get(&inv->ids, x->parents[k]->unique_id)))
        return rs_nomem(e);
  }
  for (size_t i = 0; i < p->nnodes; i++)
    for (size_t k = 0; k < p->nodes[i]->nmetrics; k++) {
      const struct rs_node_ref *r = &p->nodes[i]->metrics[k];
      const struct rs_entry *x = rs_entry_find(p, RS_STORE_METRIC, p->nodes[i]->package, r->package,
                                               r->name);
      struct rs_item *it = rs_map_get(&inv->ids, p->nodes[i]->unique_id);
      if (x == NULL || x->node == NULL || it == NULL) continue;
      if (!rs_inventory_link(inv, it, rs_map_get(&inv->ids, x->node->unique_id)))
        return rs_nomem(e);
    }
  for (size_t i = 0; i < inv->nrows; i++) {
    struct rs_item *it = is_entry(inv->rows[i]->table) ? rs_inventory_row_item(inv, inv->rows[i])
                                                       : NULL;
    if (it != NULL) it->row = inv->rows[i];
  }
  return RS_OK;
}

/* ---- life ----------------------------------------------------------------------------------- */

enum rs_code rs_inventory_new(struct rs_project *p, struct rs_inventory **pi, struct rs_error *e)
{
  struct rs_inventory *inv = rs_calloc(1, sizeof *inv);
  *pi = inv;
  if (inv == NULL) return rs_nomem(e);
  rs_arena_init(&inv->arena, INVENTORY_MEMORY_MAX);
  rs_map_init(&inv->ids);
  inv->p = p;
  enum rs_code rc = add_nodes(inv, e);
  return rc == RS_OK ? rc : rs_inventory_end(pi, rc, e);
}

enum rs_code rs_inventory_end(struct rs_inventory **pi, enum rs_code rc, struct rs_error *e)
{
  if (rc == RS_OK) rc = add_entries(*pi, e);
  if (rc == RS_OK) rc = link_children(*pi, e);
  if (rc == RS_OK) return rc;
  rs_inventory_free(*pi);
  *pi = NULL;
  return rc;
}

enum rs_code rs_inventory_make(struct rs_project *p, struct rs_inventory **pi, struct rs_error *e)
{
  enum rs_code rc = rs_inventory_new(p, pi, e);
  return rc == RS_OK ? rs_inventory_end(pi, rc, e) : rc;
}

void rs_inventory_free(struct rs_inventory *inv)
{
  if (inv == NULL) return;
  rs_free(inv->items);
  rs_free(inv->rows);
  rs_map_free(&inv->ids);
  rs_arena_free(&inv->arena);
  rs_free(inv);
}
