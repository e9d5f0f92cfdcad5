/*
** The project as a whole for functions and tables: loaded, parsed, with its inventory, and what was
** recorded of earlier runs.
**
** Threads: the connection's own. Nothing here touches an engine.
*/
#ifndef RS_EXT_MODELS_NODES_H
#define RS_EXT_MODELS_NODES_H
#include "src/project/graph/graph.h"
#include "models.h"

struct rs_nodes {
  struct rs_conn *c;
  sqlite3 *db; /* whose main is read */
  struct rs_arena arena;
  struct rs_project *p;
  struct rs_inventory *inv;
  struct rs_state *state;           /* NULL until rs_nodes_state */
  struct rs_map results, freshness; /* unique_id -> status, of the last run */
  bool has_results, has_freshness;
};

/* What a selection may be told besides its text. */
struct rs_nodes_options {
  struct rs_models_options models; /* RS_MODELS_OPTIONS, exclude */
  const char *selector, *indirect, *resource_type;
  bool keep_bad;
};

/* Reads the JSON object of options; texts lie in `arena`. */
enum rs_code rs_nodes_options(const char *json, const char *fn, struct rs_arena *arena,
                              struct rs_nodes_options *o, struct rs_error *e);
/* Loads and parses. n->... is ended by rs_nodes_end always, also after an error. */
enum rs_code rs_nodes_load(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, const char *fn,
                           const struct rs_nodes_options *o, struct rs_error *e);
/* The same of a project that is loaded and parsed: it is borrowed. */
enum rs_code rs_nodes_of(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, struct rs_project *p,
                         struct rs_error *e);
void rs_nodes_end(struct rs_nodes *n);
/* Reads what is stored of earlier builds on this target; once. */
enum rs_code rs_nodes_state(struct rs_nodes *n, struct rs_error *e);
/* The selection, with state and results where its texts ask for them. Strings are borrowed. */
enum rs_code rs_nodes_selection(struct rs_nodes *n, const char *text,
                                const struct rs_nodes_options *o, struct rs_selection *sel,
                                struct rs_error *e);

/* state_sqlite.c: what a node that was built now was made of; those parents that are never built
** themselves (sources, ephemeral models) with it. kind: as what. An SQLite code. */
int rs_state_write(sqlite3 *db, const struct rs_nodes *n, const struct rs_node *node,
                   const char *kind, const char *invocation_id);
/* Into n->state. */
enum rs_code rs_state_read(struct rs_nodes *n, struct rs_error *e);
/* The statuses of the last invocation that ran nodes. */
enum rs_code rs_results_read(struct rs_nodes *n, struct rs_error *e);

int rs_nodes_register(struct rs_conn *c);     /* functions_nodes.c */
int rs_artifacts_register(struct rs_conn *c); /* artifacts.c */
#endif
