/*
** Selections in dbt's grammar (docs/selection.md): names, wildcards, methods (tag:,
** config.materialized:, path:, state:, ...), graph operators (+x, x+, 2+x+1, @x), union by space,
** intersection by comma, exclude, selectors.yml. Tests come along with what they test.
**
** Threads: inventory and project are only read. Nothing blocks.
*/
#ifndef RS_PROJECT_GRAPH_SELECT_H
#define RS_PROJECT_GRAPH_SELECT_H
#include "src/base/buf.h"
#include "inventory.h"

/* Which tests come along with selected nodes: those with any parent among them, all parents, all
** parents among them or their ancestors, none. */
enum rs_indirect { RS_EAGER, RS_CAUTIOUS, RS_BUILDABLE, RS_EMPTY };
/* RS_INVALID with the list of names. NULL is eager. */
enum rs_code rs_indirect_read(const char *name, enum rs_indirect *out, struct rs_error *e);

/* What has changed since the last successful run; state.h. */
struct rs_state;

struct rs_selection {
  const char *text;     /* NULL: the default of selectors.yml, else everything */
  const char *exclude;  /* NULL: nothing */
  const char *selector; /* a name of selectors.yml instead of text; NULL: none */
  enum rs_indirect indirect;
  const struct rs_state *state;   /* for state:; NULL: nothing has been run */
  const struct rs_map *results;   /* for result:, unique_id -> const char *status; NULL: no run */
  const struct rs_map *freshness; /* for source_status:, unique_id -> const char *status */
};

/*
** One byte for each item of the inventory, 1 = selected, returned owned in *pset (rs_free).
** Disabled items are never selected, bad ones are. A plain name that matches nothing is
** RS_NOT_FOUND with the nearest name; other parts that match nothing are told in `warnings`, one
** sentence each.
*/
enum rs_code rs_select_items(const struct rs_inventory *inv, const struct rs_selection *sel,
                             unsigned char **pset, struct rs_buf *warnings, struct rs_error *e);

/* The nodes of some types (bits 1 << RS_NODE_*) among them, in the order of building; returned
** owned in *pnodes (rs_free). */
enum rs_code rs_select_nodes(const struct rs_inventory *inv, const struct rs_selection *sel,
                             unsigned types, struct rs_node ***pnodes, size_t *n,
                             struct rs_buf *warnings, struct rs_error *e);
/* The models of a project alone: without exposures, state and selectors.yml. */
enum rs_code rs_select(struct rs_project *p, const char *selection, const char *exclude,
                       struct rs_node ***pnodes, size_t *n, struct rs_buf *warnings,
                       struct rs_error *e);
#endif
