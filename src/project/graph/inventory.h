/*
** The inventory of a project: everything that has a name in it (models, sources, seeds, snapshots,
** tests, unit tests, analyses, exposures) and the edges between them, for what looks at the project
** as a whole: selections, lists, plans, artifacts. A run needs only a part of it: struct rs_node.
**
** Ownership: everything lies in the inventory's arena and dies with it; it borrows the project,
** which must be parsed and outlive it. Sources that only a test names are added to the project.
** Threads: the project's owner's while it is made; afterwards it is immutable. Touches no engine.
*/
#ifndef RS_PROJECT_GRAPH_INVENTORY_H
#define RS_PROJECT_GRAPH_INVENTORY_H
#include "src/project/model/project.h"
#include "src/project/model/rows.h"

struct rs_item {
  enum rs_node_type type;
  struct rs_node *node; /* of the project, or made for this item */
  bool is_node;         /* of the project */
  const char *unique_id, *name, *package, *fqn;
  const char *path; /* of its file, below its package's folder; NULL = of none */
  const char *description;
  const char *version, *latest_version, *access, *group; /* NULL: none */
  const char *config;                                    /* JSON, all levels */
  const char *const *tags;
  size_t ntags;
  bool enabled;
  const char *bad;                       /* why it can't be used; NULL: it can */
  const struct rs_row *row;              /* without a long body; NULL: a source that has none */
  char checksum[2 * RS_SHA256_SIZE + 1]; /* of its trimmed text; "" when it has no row */
  /* generic tests */
  const char *test, *test_package; /* "unique", "dbt_utils" or NULL; NULL: no generic test */
  const char *model;               /* ref('orders') */
  size_t index;
  size_t *parents, *children; /* indexes of items; each once */
  size_t nparents, nchildren, cap_parents;
};

/* A row that belongs to no item: a macro that does not parse, a name given twice. */
struct rs_bad_row {
  const char *what, *reason;
};

struct rs_inventory {
  struct rs_arena arena;
  struct rs_project *p;
  struct rs_item **items; /* the project's order of building, then what is not built */
  size_t n, cap;
  struct rs_map ids;    /* unique_id -> struct rs_item */
  struct rs_row **rows; /* of all tables but the files */
  size_t nrows, cap_rows;
  const char *selectors; /* the text of selectors.yml; NULL: it has not been imported */
  size_t nselectors;
};

/* Of what the project holds; with its rows: compile.h. Returns owned in *pi (rs_inventory_free). */
enum rs_code rs_inventory_make(struct rs_project *p, struct rs_inventory **pi, struct rs_error *e);
void rs_inventory_free(struct rs_inventory *inv);
/* "model", "unit_test" ...; static. */
const char *rs_item_type(enum rs_node_type type);
/* The cell of the item's row; NULL: it has no row, or NULL there. */
const char *rs_item_text(const struct rs_item *it, const char *column);
/* The database relation is workspace.identifier of item->node; false: it has none. */
bool rs_item_has_relation(const struct rs_item *it);
/* Lower-case hex of the SHA-256 of a text, without white space at its ends. */
void rs_checksum(const char *p, size_t n, char out[2 * RS_SHA256_SIZE + 1]);

/* ---- for who adds items (project/compile/inventory.c) ---------------------------------------- */

/* The nodes of the project, without entries; rs_inventory_end adds these and lays the edges to
** children. It frees what is there when rc is an error, and returns it. */
enum rs_code rs_inventory_new(struct rs_project *p, struct rs_inventory **pi, struct rs_error *e);
enum rs_code rs_inventory_end(struct rs_inventory **pi, enum rs_code rc, struct rs_error *e);
/* The item that a row belongs to; NULL: none, or a row of another table. */
struct rs_item *rs_inventory_row_item(struct rs_inventory *inv, const struct rs_row *r);
/* A new item with its id registered; NULL: out of memory. */
struct rs_item *rs_inventory_add(struct rs_inventory *inv, enum rs_node_type type,
                                 const char *unique_id);
/* An edge, once. */
bool rs_inventory_link(struct rs_inventory *inv, struct rs_item *child, struct rs_item *parent);
/* The item of a node of the project, made when it is missing (a source). */
struct rs_item *rs_inventory_item(struct rs_inventory *inv, struct rs_node *n);
#endif
