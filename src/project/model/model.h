/*
** A project: models, sources, macros and variables as one snapshot, and the graph between them.
**
**   rs_project_load      rows of the store are copied, macros parsed
**   rs_project_parse     templates of the models asked for (and of all they refer to) are parsed
**                        and rendered once with execute = false: that finds refs, sources and
**                        configs; names become relations, edges are checked, an order is made
**   rs_select            a selection in dbt's grammar
**   rs_compile, rs_materialize, rs_run   (project/compile/compile.h, project/build/build.h,
**   project/build/build.h)
**
** Ownership: everything hangs on the project's arena and dies with rs_project_free.
** Threads: load and parse on the owner's thread; after that a project is immutable and may be read
** by any number of threads. Nothing here touches an engine, a file or the network; templates may
** read the environment as far as rs_env_get lets stored text.
*/
#ifndef RS_PROJECT_MODEL_MODEL_H
#define RS_PROJECT_MODEL_MODEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/engine/engine.h"
#include "src/base/arena.h"
#include "src/base/map.h"
#include "src/jinja/jinja.h"
#include "src/profile/profile.h"
#include "store.h"
#include "src/base/error.h"
#include "src/python/python.h"
#include "src/json/json.h"

enum rs_node_type {
  RS_NODE_MODEL,
  RS_NODE_SOURCE,
  RS_NODE_SEED,
  RS_NODE_SNAPSHOT,
  RS_NODE_TEST,
  RS_NODE_UNIT_TEST, /* its parents are those of the model that it tests */
  RS_NODE_OPERATION, /* an on-run hook, a macro that is run */
  /* No nodes of the graph that runs, but items of the inventory (project/graph/graph.h) */
  RS_NODE_ANALYSIS,
  RS_NODE_EXPOSURE,
  RS_NODE_METRIC,
  RS_NODE_SEMANTIC_MODEL,
  RS_NODE_SAVED_QUERY
};
#define RS_NODE_TYPES (RS_NODE_SAVED_QUERY + 1)

/* A hook: one statement of SQL, still a template. */
struct rs_hook {
  const char *sql;
  bool in_transaction;
};

/* What is known of a model's config after parsing. `json` holds all of it, also keys unknown to us.
** */
struct rs_node_config {
  const char *materialized;
  const char *schema;     /* dbt's custom schema, NULL = none */
  const char *alias;      /* NULL = none */
  const char *strategy;   /* incremental_strategy, NULL = none */
  const char *event_time; /* the column by which microbatches are cut, NULL = none */
  const char *access;     /* "private", "protected", "public"; NULL: nobody says */
  const char *group;      /* NULL = none */
  const char *dialect;    /* of its text (names/dialect.c); NULL: nobody says */
  bool enabled;
  int full_refresh; /* -1 unset, 0, 1 */
  int swap;         /* -1 unset, 0: a table is built under its name (struct rs_build), 1 */
  const char *const *tags;
  size_t ntags;
  const char *const *unique_key;
  size_t nunique_key;
  const struct rs_hook *pre_hooks, *post_hooks;
  size_t npre, npost;
  const char *json;
  const char *call; /* what config() calls in its text say, JSON; NULL: nothing */
};

/* A ref() or source() as it was found. */
struct rs_node_ref {
  const char *source; /* NULL for ref() */
  const char *name;
  const char *package, *version; /* of ref('package', 'name', v=2); NULL = not said */
  int line;                      /* in the model's text; 0 unknown */
};

/* What only `graph` tells of a source; NULL = nobody says. */
struct rs_source_row {
  const char *meta, *tags, *external; /* JSON */
  const char *loader, *description;   /* of the source as a whole */
};

struct rs_node {
  enum rs_node_type type;
  const char *name;    /* "delays"; of a source "commons.flights" */
  const char *package; /* the project's name, or that of one of its packages */
  const char *unique_id;
  const char *fqn;         /* "project.staging.delays" */
  struct rs_node *same;    /* the next one of this name: another package, version or file */
  bool twin;               /* another file has the name and package, too: one of them is enabled */
  const char *description; /* "" when there is none */
  size_t index;            /* in project->nodes */
  /* models: the row */
  const char *sql;
  size_t nsql;
  struct rs_store_model row;
  /* sources */
  const char *source, *table;
  const char *database;                    /* of any node with a relation; NULL = the target's */
  const char *freshness, *loaded_at_field; /* NULL = none */
  struct rs_relation clone_of;             /* what rockset_clone shows; its name NULL = nothing */
  struct rs_source_row source_row;
  const char *local_table, *push; /* its contents, and how they are sent (JSON); without `push`
                                  ** they are read where they lie; NULL = none */
  /* tests: the row, in the project's arena */
  const struct rs_store_test *test;
  const struct rs_store_unit_test *unit_test;
  struct rs_node *tested; /* unit tests, after parsing: the model */
  const char *quoting;    /* a JSON object, NULL = none */
  /* after parsing */
  bool parsed;
  const char *bad; /* keep_bad: why it can't be used; NULL: it can */
  struct rs_node_config config;
  const char *workspace, *identifier; /* its relation */
  struct rs_node_ref *refs;
  size_t nrefs;
  struct rs_node_ref *metrics; /* of metric() */
  size_t nmetrics;
  size_t *parents, *children; /* indexes; each once */
  size_t nparents, nchildren;
  const char *const *macros; /* what its text calls, up to NULL; only where `graph` is read */
  size_t order;              /* position in the order of building */
};

/* A macro of the project, of a package, or one of ours. */
struct rs_macro {
  const char *name;
  struct rs_template *text;
  const char *source;                  /* the row's text; NULL: one of ours */
  const char *description, *arguments; /* of its row, with what their templates give once the
                                          project is parsed; NULL: none */
};

struct rs_package {
  const char *name, *version;
  bool restricted;      /* restrict-access: true */
  struct rs_map macros; /* name -> struct rs_macro */
};

/* Folder configs: one level. */
struct rs_level {
  const char *package, *type, *fqn, *json;
};

/* A row that could not be loaded at all. */
struct rs_bad {
  const char *what, *reason;
};

struct rs_project_settings {
  const struct rs_output *output;   /* retained; NULL without a store */
  const struct rs_dialect *dialect; /* static; NULL without a store */
  const char *vars;                 /* a JSON object over the stored variables, NULL = none */
  /* Names the tables of the database that keeps the project in statements (src/sql/locals.h);
  ** NULL: nothing does. */
  const char *local_prefix;
  bool full_refresh;
  bool store_failures;
  bool empty;          /* refs and sources give no rows, as dbt's --empty */
  bool warn_error;     /* what would warn fails */
  const char *command; /* flags.WHICH; NULL: "run" */
  bool keep_bad;       /* a row that can't be used is kept with the reason, instead of an error */
  bool trusted;        /* false: the text comes from a database file that nobody vouched for */
  /* Shows a line of log(info=True), print() or exceptions.warn(); called on any thread; may be
  ** NULL. */
  void (*say)(const char *text);
  /* Of the thread that loads and parses; may be NULL. */
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
};

struct rs_shared_graph;

struct rs_project {
  struct rs_arena arena;
  struct rs_project_settings set;
  const char *name;
  char invocation_id[37];
  int64_t started_us;
  struct rs_node **nodes;
  size_t nnodes, cap_nodes;
  struct rs_map models;    /* name -> struct rs_node: models, seeds, snapshots */
  struct rs_map sources;   /* "package\nsource.table" -> struct rs_node */
  struct rs_map packages;  /* name -> struct rs_package: without the project */
  struct rs_level *levels; /* shorter fqns first */
  size_t nlevels, cap_levels;
  struct rs_node **start_hooks, **end_hooks; /* on-run-*, in the order in which they run */
  size_t nstart_hooks, nend_hooks;
  const char *dispatch;      /* of dbt_project.yml, JSON; NULL = none */
  const char *quoting;       /* likewise: of all nodes' relations */
  const char *version;       /* of dbt_project.yml; NULL: it says none */
  bool restricted;           /* restrict-access: true */
  bool asks_for_110;         /* some require-dbt-version wants dbt 1.10: columns have configs */
  struct rs_entry **entries; /* docs blocks, groups, exposures (model.h) */
  size_t nentries, cap_entries;
  struct rs_map docs;             /* "package\nname" -> struct rs_entry */
  struct rs_map macros;           /* name -> struct rs_macro: the project's */
  struct rs_map builtins;         /* name -> struct rs_macro: ours */
  struct rs_map vars;             /* "package\nscope\nname" -> JSON text; package "!": an option */
  struct rs_template **templates; /* all that are owned */
  size_t ntemplates, cap_templates;
  struct rs_bad *bad; /* keep_bad: rows that are no nodes */
  size_t nbad, cap_bad;
  struct rs_node **order; /* parsed, enabled nodes, parents first */
  size_t norder;
  bool uses_graph; /* some text reads `graph`: everything has to be parsed */
  /* What templates read of it (names/shared_graph.h), made with the first evaluation; has a lock of
  ** its own. */
  struct rs_shared_graph *graph;
  void (*free_graph)(struct rs_shared_graph *g);
  struct rs_node **selected; /* borrowed from who selected: `selected_resources`; may be NULL */
  size_t nselected;
};

/* Returns owned in *pp (rs_project_free). Errors name the row. store NULL: nothing but the option
** vars, no target needed; for texts that are rendered alone (project/compile/compile.h). */
enum rs_code rs_project_load(const struct rs_store *store, const struct rs_project_settings *set,
                             struct rs_project **pp, struct rs_error *e);
void rs_project_free(struct rs_project *p);

/* The model of that name, 'package.name' or 'name.v2'; RS_NOT_FOUND with the nearest name. */
enum rs_code rs_project_model(struct rs_project *p, const char *name, struct rs_node **pn,
                              struct rs_error *e);

/* Of several files of one name the one that is enabled; parses these. */
enum rs_code rs_project_settle(struct rs_project *p, struct rs_node **pn, struct rs_error *e);
/* Parses `root` and all its ancestors (NULL: every model), and orders them. Once per project. */
enum rs_code rs_project_parse(struct rs_project *p, struct rs_node *root, struct rs_error *e);

/* The materializations that can be built, for error texts and checks. */
bool rs_kind_known(const char *kind);
/* RS_INVALID listing them, RS_UNSUPPORTED for those of dbt that are not built yet. */
enum rs_code rs_kind_check(const char *kind, const char *what, struct rs_error *e);

/* ---- for the files of src/project ----------------------------------------------------------- */

/* keep_bad: RS_OK and *bad set to the error's text, in the arena; else, and for what is no fault of
** a row (memory, an interrupt), rc again. */
enum rs_code rs_project_keep_bad(struct rs_project *p, enum rs_code rc, const char **bad,
                                 struct rs_error *e);
/* The same of a row that is no node: the reason goes to p->bad. rc is an error. */
enum rs_code rs_project_bad_row(struct rs_project *p, const char *kind, const char *name,
                                enum rs_code rc, struct rs_error *e);
/* Does that require-dbt-version (a text, or a list as JSON) want dbt 1.10 or a later one? */
bool rs_asks_for_110(const char *said);
/* project/graph/graph.c: edges from refs, order of building; names cycles, unknown and disabled
** refs. */
enum rs_code rs_graph_build(struct rs_project *p, struct rs_error *e);
/* The node that a ref names; RS_NOT_FOUND with the nearest name. Sources come into being on use. */
enum rs_code rs_graph_resolve(struct rs_project *p, const struct rs_node *from,
                              const struct rs_node_ref *ref, struct rs_node **pn,
                              struct rs_error *e);
/* project/graph/state_macros.c: node->macros of all nodes. */
enum rs_code rs_project_macro_uses(struct rs_project *p, struct rs_error *e);
/* project/graph/lookup.c: what ref() means in a node of package `from`; RS_NOT_FOUND with the
** nearest name. */
enum rs_code rs_project_ref(struct rs_project *p, const char *from, const struct rs_node_ref *ref,
                            struct rs_node **pn, struct rs_error *e);
/* The source as a node of package `from` sees it; NULL: it has no row. */
struct rs_node *rs_project_source_find(const struct rs_project *p, const char *from,
                                       const char *source, const char *table);
/* After the variables are there, those of a package and scope behind each other: var('PACKAGE') is
** the map of those that dbt_project.yml sets for a package. */
enum rs_code rs_project_scopes(struct rs_project *p, struct rs_error *e);
/* JSON text of var(name) in a node of package `from`; NULL: it has no value. */
const char *rs_project_var(const struct rs_project *p, const char *from, const char *name);
/* A package's macros: the project's own where that is its name; NULL: there is no such package. */
const struct rs_map *rs_project_macros(const struct rs_project *p, const char *package);
/* project.c: a source of a package, made when it has no row. NULL when out of memory. */
struct rs_node *rs_project_source(struct rs_project *p, const char *package, const char *source,
                                  const char *table);
/* A new node of the project; NULL when out of memory. */
struct rs_node *rs_project_node(struct rs_project *p, enum rs_node_type type);
/* "model delays", "test unique_a_b": what errors call a node. buf is returned. */
const char *rs_node_what(const struct rs_node *n, char *buf, size_t size);
/* Does the error's text begin with the name of a node already? */
bool rs_error_names_node(const struct rs_error *e);
/* jinja/filters/tests.c: rows of tests, unit tests and hooks as nodes. */
enum rs_code rs_tests_load(void *ctx, const struct rs_store_test *t, struct rs_error *e);
enum rs_code rs_unit_tests_load(void *ctx, const struct rs_store_unit_test *t, struct rs_error *e);
enum rs_code rs_hooks_load(void *ctx, const struct rs_store_hook *h, struct rs_error *e);
/* test_hash.c: how much of the name of a generic test's row is the test's own: a further row of a
** name that tests share has the key "x#2". */
size_t rs_test_name_length(const char *row_name);
/* The digits at the end of a generic test's unique_id, as dbt makes them. */
#define RS_TEST_HASH 10
enum rs_code rs_test_hash(const struct rs_store_test *t, char out[RS_TEST_HASH + 1],
                          struct rs_error *e);
/* What dbt calls the file of a generic test, and its alias: the name, or where that has 64 bytes
** and more its beginning and a hash. Lies in the arena; NULL: out of memory. */
const char *rs_test_short_name(struct rs_arena *a, const struct rs_store_test *t);
/* The config that a data test begins with, into dict. */
void rs_test_defaults(struct rs_python *j, jv dict);
/* A test that is the call of a macro. */
bool rs_node_is_generic(const struct rs_node *n);
/* RS_NOT_FOUND: the generic test of the row is no macro. */
enum rs_code rs_test_check(const struct rs_project *p, const struct rs_node *n, struct rs_error *e);
/* The node's own text as a template, returned owned (rs_template_release): it is parsed for each
** use, which takes microseconds, since a tree is fifty times the size of its text. */
enum rs_code rs_node_template(const struct rs_node *n, struct rs_template **pt, struct rs_error *e);
/* python.c: a model whose file is x.py. */
bool rs_node_is_python(const struct rs_node *n);
/* RS_UNSUPPORTED: it can't be built, with the way out. */
enum rs_code rs_python_refuse(const struct rs_node *n, struct rs_error *e);
/* What the project must know of a text before it is rendered: does it read `graph`? */
void rs_project_see_text(struct rs_project *p, const char *text, size_t n);
/* Parses text to a template that the project owns. */
enum rs_code rs_project_template(struct rs_project *p, const char *name, const char *text, size_t n,
                                 struct rs_template **pt, struct rs_error *e);
/* project/graph/lookup.c: a macro by name for a node of package `from`: its package's, the
** project's, ours; NULL when there is none. */
const struct rs_macro *rs_project_macro(const struct rs_project *p, const char *from,
                                        const char *name);

/* config.c: does a text of a yml file become another one when it is rendered? A last line break
** goes, also where nothing else is a template. */
bool rs_is_template(const char *text);
/* A value of a yml file, its texts rendered natively. */
enum rs_code rs_config_render(struct rs_python *j, jv v, jv *out, struct rs_error *e);
/* config.c: is it a level of this node's kind and along its fqn? */
bool rs_config_applies(const struct rs_level *level, const struct rs_node *n);
/* config.c: the config of folders and of a row (columns and JSON), as a dict of j; then one
** config() call's keys; at last what the project says about its packages' nodes. */
enum rs_code rs_config_begin(const struct rs_project *p, struct rs_python *j,
                             const struct rs_node *n, jv *dict, struct rs_error *e);
enum rs_code rs_config_end(const struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                           jv dict, struct rs_error *e);
enum rs_code rs_config_merge(struct rs_python *j, jv dict, const struct jv_args *args,
                             struct rs_error *e);
/* The finished dict as a struct in the project's arena; checks what is known. */
enum rs_code rs_config_finish(struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                              jv dict, struct rs_node_config *out, struct rs_error *e);
/* A list as JSON array or as words; one string; in the arena. */
enum rs_code rs_config_list(struct rs_arena *a, jv v, const char *what, const char *const **list,
                            size_t *n, struct rs_error *e);
/* Is it a source that is a table of the database that keeps the project, read where it lies? Its
** relation is one of statements only: the target has none of that name. */
bool rs_node_is_local(const struct rs_project *p, const struct rs_node *n);
/* Where a node's relation lies; borrows. */
struct rs_relation rs_node_relation(const struct rs_project *p, const struct rs_node *n);
/* The same for people: "workspace.name", with another database in front; returns owned, NULL when
** out of memory. */
char *rs_node_relation_text(const struct rs_node *n);

/* ---- batch ----------------------------------------------------------------------------------- */

/*
** Microbatch models: the spans of time that one run rebuilds.
**
**   struct rs_batches b;
**   rc = rs_batches_read(node, rs_wall_us(), !there, &b, e);
**   for (size_t i = 0; i < b.n; i++) rs_batches_at(&b, i, &span);
**
** Pure functions; no allocation beyond what a call frees itself. All times are UTC.
*/

struct rs_node;

enum rs_batch_size { RS_BATCH_HOUR, RS_BATCH_DAY, RS_BATCH_MONTH, RS_BATCH_YEAR };

/* One batch: what `model.batch` tells, and what refs with an event_time are cut to. */
struct rs_batch {
  char id[20];             /* "20240131" */
  char start[28], end[28]; /* "2024-01-31 00:00:00+00:00"; end is not part of it */
};

struct rs_batches {
  enum rs_batch_size size;
  int64_t first; /* which one of all since 1970 in units of size (years: since year 0) */
  size_t n;
};

/* Is the model's incremental_strategy microbatch? */
bool rs_batches_wanted(const struct rs_node *n);
/* What a run at `now_us` has to do: all since `begin` when the table is to be made, else the
** current one and `lookback` (default 1) before it. RS_INVALID: event_time, begin or batch_size
** is missing or wrong. */
enum rs_code rs_batches_read(const struct rs_node *n, int64_t now_us, bool all,
                             struct rs_batches *out, struct rs_error *e);
void rs_batches_at(const struct rs_batches *b, size_t i, struct rs_batch *out);

/* ---- config ---------------------------------------------------------------------------------- */

/*
** A node's config as dbt writes it down: in manifest.json, in `graph` and `model`, and for what
** selections by config compare.
**
** Values live in the arena of the evaluation that is given.
*/

/* The config as levels, row and config() calls say it, templates unrendered (config_document.c). */
jv rs_config_unrendered(const struct rs_project *p, struct rs_python *j, const struct rs_node *n);
/* config_document.c: a config (a dict) as dbt writes it down, over dbt's defaults. */
enum rs_code rs_config_document(struct rs_python *j, enum rs_node_type type, jv said, jv *all,
                                struct rs_error *e);
/* config_document.c: a column as dbt knows it, of what a yml file says. In dbt 1.10 `config:` of a
** column holds its meta and tags; earlier ones take it for a key like any other. */
jv rs_config_column(const struct rs_project *p, struct rs_python *j, jv name, jv said);
/* config_document.c: what is said of freshness (JSON, may be NULL) over the keys that dbt always
** has; none where both thresholds are switched off by null, as the importer writes
** `freshness: null`. */
jv rs_config_freshness(struct rs_python *j, const char *json);
/* config_contract.c: constraints with all keys that dbt gives them; a node's contract, with the
** checksum of columns (a dict by name) and constraints where it is enforced. */
jv rs_config_constraints(struct rs_python *j, jv said, bool of_model);
jv rs_config_contract(struct rs_python *j, jv config, jv columns, jv constraints);

/* ---- entry ----------------------------------------------------------------------------------- */

/*
** What a project has besides what runs: docs blocks, groups, exposures; and what these ask of its
** models: doc() in descriptions, access and groups.
**
**   rs_entries_load    a row of the store is copied into the project
**
** Ownership: everything lies in the project's arena. Threads: load and parse on the owner's; then
** it is immutable.
*/

struct rs_entry {
  enum rs_store_entry_kind kind;
  const char *package, *name;
  const char *path;         /* NULL = of no file */
  const char *text;         /* as in struct rs_store_entry; of docs blocks rendered */
  struct rs_node *node;     /* refs, config; NULL: docs and groups, and before parsing */
  struct rs_node **parents; /* what it depends on, each once */
  size_t nparents;
};

enum rs_code rs_entries_load(void *ctx, const struct rs_store_entry *x, struct rs_error *e);
/* A docs block's text, which is a template where no name is known, in its place (docs.c). */
enum rs_code rs_doc_render(struct rs_project *p, struct rs_entry *x, struct rs_error *e);
/* NULL: there is no such block. */
const struct rs_entry *rs_doc_find(const struct rs_project *p, const char *package,
                                   const char *name);
const char *rs_doc_text(const struct rs_project *p, const char *package, const char *name);
/* semantic.c: metrics that measures of a semantic model ask for become entries of their own. */
enum rs_code rs_semantic_load(struct rs_project *p, const struct rs_entry *model,
                              struct rs_error *e);
/* What metrics, semantic models, saved queries depend on, when all have nodes; dbt's checks. */
enum rs_code rs_semantic_link(struct rs_project *p, struct rs_entry *x, struct rs_error *e);
/* x depends on that metric; package NULL: as its package sees it. */
enum rs_code rs_metric_parent(struct rs_project *p, struct rs_entry *x, const char *package,
                              const char *name, struct rs_error *e);
/* The entry that a node of package `from` means; NULL: there is none. */
struct rs_entry *rs_entry_find(const struct rs_project *p, enum rs_store_entry_kind kind,
                               const char *from, const char *package, const char *name);
/* "models/staging/core.yml" -> "staging."; "" for none, NULL: out of memory. */
const char *rs_folder_fqn(struct rs_arena *a, const char *path);
/* Refs in JSON as a template: `ref('x')` alone, or anywhere inside a template. depth: 0. */
void rs_refs_text(const struct rs_json *j, unsigned depth, struct rs_buf *b);
/* The group of a model, a test ... must be one of the project's; its access one that it can
** have. */
enum rs_code rs_group_check(const struct rs_project *p, const struct rs_node *n,
                            struct rs_error *e);
/* May `from`, of that group (NULL: none), refer to `to`? In dbt's words. */
enum rs_code rs_access_check(const struct rs_project *p, const struct rs_node *from,
                             const char *group, const struct rs_node *to, struct rs_error *e);
/* "2024-05-01" as dbt prints it; NULL: out of memory. */
const char *rs_date_text(struct rs_arena *a, const char *date);
/* Nobody depends on it, so it stops nothing else when it can't be used: an analysis, an imported
** test. (A test that somebody wrote as a row is an error like any other.) */
bool rs_node_alone(const struct rs_node *n);
/* Warns of imported tests that are passed over. */
enum rs_code rs_lost_tests_warn(const struct rs_project *p, struct rs_error *e);
/* dbt's warnings of models whose deprecation_date has come, and of who reads them, to whoever
** watches; an error where warnings are. */
enum rs_code rs_deprecation_warn(const struct rs_project *p, struct rs_error *e);

#endif
