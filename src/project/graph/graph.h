/*
** The inventory of a project: everything that has a name in it (models, sources, seeds, snapshots,
** tests, unit tests, analyses, exposures) and the edges between them, for what looks at the project
** as a whole: selections, lists, plans, artifacts. A run needs only a part of it: struct rs_node.
**
** Ownership: everything lies in the inventory's arena and dies with it; it borrows the project,
** which must be parsed and outlive it. Sources that only a test names are added to the project.
** Threads: the project's owner's while it is made; afterwards it is immutable. Touches no engine.
*/
#ifndef RS_PROJECT_GRAPH_GRAPH_H
#define RS_PROJECT_GRAPH_GRAPH_H
#include "src/project/model/model.h"
#include "src/project/model/rows.h"
#include "src/base/buf.h"
#include "src/engine/engine.h"

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

/* ---- select ---------------------------------------------------------------------------------- */

/*
** Selections in dbt's grammar (docs/selection.md): names, wildcards, methods (tag:,
** config.materialized:, path:, state:, ...), graph operators (+x, x+, 2+x+1, @x), union by space,
** intersection by comma, exclude, selectors.yml. Tests come along with what they test.
**
** Threads: inventory and project are only read. Nothing blocks.
*/

/* Which tests come along with selected nodes: those with any parent among them, all parents, all
** parents among them or their ancestors, none. */
enum rs_indirect { RS_EAGER, RS_CAUTIOUS, RS_BUILDABLE, RS_EMPTY };
/* RS_INVALID with the list of names. NULL is eager. */
enum rs_code rs_indirect_read(const char *name, enum rs_indirect *out, struct rs_error *e);

/* What has changed since the last successful run; below. */
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
** RS_NOT_FOUND with the nearest name; other parts that match nothing are listed in `warnings`, one
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

/* ---- state ----------------------------------------------------------------------------------- */

/*
** What a node is made of, as content hashes, and how that compares with what it was made of when it
** was last built: `state:` selections and plans need no second folder of artifacts.
**
** The hashes are of what is written, not of what it renders to: a variable or the environment that
** changes is no change of a node, as in dbt. The caller stores the JSON of a node when it has been
** built and gives it back later.
**
** Ownership: everything lies in the state's arena; it borrows the inventory. Threads: one while it
** is made, then immutable. Nothing blocks.
*/

enum rs_aspect {
  RS_H_SQL,      /* the text without its config() calls; all of a row that has no text */
  RS_H_CALL,     /* the config() calls in it */
  RS_H_CONFIGS,  /* config of rows and folders, without what the next one has */
  RS_H_RELATION, /* schema, alias, database as written */
  RS_H_MACROS,   /* the texts of all macros it uses, directly or not */
  RS_H_DESCRIPTIONS,
  RS_H_CONTRACT, /* columns and constraints under an enforced contract; version, access */
  RS_H_UPSTREAM, /* of all that it depends on */
  RS_ASPECTS
};

#define RS_HASH_TEXT 33 /* 128 bits as hexadecimal text, and a NUL */
struct rs_hashes {
  char v[RS_ASPECTS][RS_HASH_TEXT];
};

/* A macro and what it calls. */
struct rs_macro_use {
  const char *package, *name;
  const struct rs_macro *macro;
  char hash[RS_HASH_TEXT];
  struct rs_macro_use **uses;
  size_t nuses, cap_uses;
  bool scanned;
  size_t mark; /* of the walk that met it last */
};

struct rs_state {
  struct rs_arena arena;
  const struct rs_inventory *inv;
  struct rs_hashes *now;         /* by index of the item */
  const struct rs_hashes **then; /* NULL: it has never been built */
  struct rs_map macros;          /* "package.name" -> struct rs_macro_use */
  struct rs_macro_use ***uses;   /* by index of the item: what it calls itself, up to NULL */
};

/* Returns owned in *ps (rs_state_free). */
enum rs_code rs_state_make(const struct rs_inventory *inv, struct rs_state **ps,
                           struct rs_error *e);
void rs_state_free(struct rs_state *s);
/* The hashes of an item as JSON, appended. kind: as what it was built, NULL: as it is configured; a
** model that was built as something else has not the configs' hash. */
void rs_state_json(const struct rs_state *s, const struct rs_item *it, const char *kind,
                   struct rs_buf *b);
/* What was stored for a node; ids that are unknown and texts that are no such JSON are ignored. */
enum rs_code rs_state_then(struct rs_state *s, const char *unique_id, const char *json, size_t n,
                           struct rs_error *e);

/* state:value of a selection; s NULL: nothing has ever been built. */
bool rs_state_matches(const struct rs_state *s, const struct rs_item *it, const char *value);

enum rs_state_change {
  RS_CHANGE_NONE,
  RS_CHANGE_NEW,
  RS_CHANGE_SQL,
  RS_CHANGE_CONFIG,
  RS_CHANGE_RELATION,
  RS_CHANGE_CONTRACT,
  RS_CHANGE_MACRO,
  RS_CHANGE_UPSTREAM,
  RS_CHANGE_DESCRIPTION
};
/* The first of these that holds. */
enum rs_state_change rs_state_change(const struct rs_state *s, const struct rs_item *it);
/* Was it built as another kind than it is configured as? Then its config has "changed". */
bool rs_state_is_other_kind(const struct rs_state *s, const struct rs_item *it);
/* "unchanged", "new", "changed sql" ...; static. */
const char *rs_change_name(enum rs_state_change c);

/* state_macros.c: what a template calls. */
enum rs_code rs_state_macros(struct rs_state *s, struct rs_error *e);
/* The macros of this text and, with `all`, those that they call; in the order of their names. */
enum rs_code rs_state_hash_macros(struct rs_state *s, const struct rs_item *it,
                                  char out[RS_HASH_TEXT], struct rs_error *e);
/* Finds what m itself calls: m->uses; false: out of memory. */
bool rs_state_macro_scan(struct rs_state *s, struct rs_macro_use *m);
/* 128 bits of a SHA-256 as text. */
void rs_digest(const char *p, size_t n, char out[RS_HASH_TEXT]);

/* ---- defer ----------------------------------------------------------------------------------- */

/*
** Deferral, as dbt has it: somebody who builds a few models reads the others where another target
** (production) has them, instead of building all that they need.
**
** dbt finds those names in a manifest of that target; ours come from the same project parsed for
** it.
**
** Threads: before the project is run; `p` is changed. Blocks: asks the engine what is there.
*/

/*
** Models, seeds and snapshots that selected nodes read, also through ephemeral models, and that are
** not selected themselves get the relation of their counterparts in `other` where the target has
** none of their own; favor: in any case. `other` is the project parsed for the other target; its
** texts are copied.
*/
enum rs_code rs_defer(struct rs_project *p, const struct rs_project *other,
                      struct rs_node *const *selected, size_t n, bool favor,
                      struct rs_session *session, struct rs_error *e);
/* Each of these nodes learns where `other` has it (struct rs_node's clone_of). */
enum rs_code rs_clone_names(struct rs_project *p, const struct rs_project *other,
                            struct rs_node *const *nodes, size_t n, struct rs_error *e);

#endif
