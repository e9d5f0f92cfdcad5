/*
** What the files of the SQL adapter share: sql.c (helpers, workspaces, collections),
** relations.c (kind, describe, lists), materialize.c, load*.c. Statements and locks are
** engine/statements.h's and engine/lock.h's. Above them everybody uses engine/engine.h.
**
** The adapter is generic over rs_session_query/exec, the dialect, and one row of rs_sql_catalog per
** dialect that says how the engine lists what it has.
**
** Threads, blocking, errors: as the session functions of engine/engine.h.
*/
#ifndef RS_ENGINE_SQL_SQL_H
#define RS_ENGINE_SQL_SQL_H
#include "src/base/arena.h"
#include "src/engine/engine.h"
#include "src/engine/lock.h"
#include "src/engine/push.h"
#include "src/engine/statements.h"

/* ---- engines as data (relations.c) ------------------------------------------------------- */

struct rs_sql_catalog {
  const char *dialect;
  /* A query with the columns workspace, name, kind (1 table, 2 view), row_estimate, definition:
  ** all relations but temporary ones and the engine's own. */
  const char *relations;
  /* What these queries say of the database they ask: `here` is replaced by `there` (%i or %t: its
  ** name) for another one. NULL: one database is all there is. */
  const char *here, *there;
  /* A query with the columns workspace, name, column_name: columns whose values the engine keeps
  ** unique and not NULL, each by itself. NULL: none. */
  const char *uniques;
  /* A query with the column workspace: all workspaces. */
  const char *workspaces;
  /* A query of the names of a relation's columns and of their types, as a CAST takes them, and its
  ** condition on workspace and name. NULL: the driver's own names of types do. */
  const char *columns, *columns_of;
  /* Where a view keeps the relations it reads from being dropped: the views that read %t.%t,
  ** directly or not, in an order in which they can be made, with their queries. */
  const char *dependents;
  /* A row if %t.%t is a materialized view, which lists take for a view (or a table), and which DROP
  ** wants to be called so. NULL: there are none. */
  const char *materialized;
  /* What narrows that to a database (%t), where it lists those of all; NULL: it does not. */
  const char *materialized_in;
  /* A workspace that exists in every database: listed only when it holds relations. NULL: none. */
  const char *standing;
  bool folds_case; /* names match whatever their case */
  bool
    lower_case; /* and are kept in lower case: compared as they are, conditions reach the catalog */
  bool by_name; /* INSERT INTO t BY NAME query */
  bool sides;   /* fields may have sidecars (value/boxed.h) */
  bool boxes_texts; /* values of several types are texts, whose sidecar tells the type */
  const char
    *row_id; /* what tables have and views lack; NULL: nothing such, no_view() can't guess */
  /* Workspaces that can be made and then not be used: names of the engine's own databases.
  ** NULL-terminated; NULL: none. */
  const char *const *reserved;
};

const struct rs_sql_catalog *rs_sql_catalog_of(const struct rs_session *s);
/* Do two names mean the same relation, workspace or column? */
bool rs_sql_same_name(const struct rs_session *s, const char *a, const char *b);
/* Index of a column by that rule, else -1. */
int rs_sql_find_column(const struct rs_session *s, const struct rs_columns *c, const char *name);
/* RS_NOT_FOUND, with the nearest relation's name. Asks the engine for the names. */
enum rs_code rs_sql_not_found(struct rs_session *s, const struct rs_relation *rel,
                              struct rs_error *e);
/* The columns of rel, by its query. */
enum rs_code rs_sql_columns_of(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_columns *out, struct rs_error *e);
/* Gives the columns of rel the types' names of the catalog, where it has them. */
enum rs_code rs_sql_natives(struct rs_session *s, const struct rs_relation *rel,
                            struct rs_columns *columns, struct rs_error *e);
/* RS_NOT_FOUND, or RS_INVALID for a view, which nothing can be written to. */
enum rs_code rs_sql_need_table(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_error *e);
/* Where rows for rel go: an alias's collection (its texts in the arena), else rel itself. */
enum rs_code rs_sql_writable(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_arena *a, struct rs_relation *out, struct rs_error *e);
const char *rs_sql_kind_name(enum rs_relation_kind kind); /* "collection", "view", "alias" */
/* Is it a materialized view? */
enum rs_code rs_sql_is_materialized(struct rs_session *s, const struct rs_relation *rel, bool *is,
                                    struct rs_error *e);
/* DROP of what stands under the name, with its control-plane documents; RS_REL_NONE: nothing. */
enum rs_code rs_sql_drop_kind(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_relation_kind kind, struct rs_error *e);
enum rs_code rs_sql_has_workspace(struct rs_session *s, const char *database, const char *name,
                                  bool *has, struct rs_error *e);
/* Adds a query of the catalog, about another database unless that is NULL. */
void rs_sql_add_catalog(const struct rs_session *s, struct rs_buf *b, const char *query,
                        const char *database);

/* ---- relations of a SQL engine: engine/engine.h's functions of these names -------------------
** */

struct rs_relation_ops;
extern const struct rs_relation_ops rs_sql_relation_ops;
/* Of an engine that has workspaces of its own kind. */
#define RS_SQL_RELATION_OPS                                                                  \
  .unique = rs_sql_unique, .describe = rs_sql_describe, .workspaces = rs_sql_workspaces,     \
  .relations = rs_sql_relations, .replace = rs_sql_replace, .add_select = rs_sql_add_select, \
  .load = rs_sql_load, .apply = rs_sql_apply, .push = rs_sql_push
enum rs_code rs_sql_add_select(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                               const struct rs_adding *how, int64_t *rows, struct rs_error *e);
enum rs_code rs_sql_apply(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_changes *c, int64_t *written, struct rs_error *e);
enum rs_code rs_sql_kind(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind *kind, struct rs_error *e);
enum rs_code rs_sql_describe(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_columns *out, enum rs_relation_kind *kind,
                             struct rs_error *e);
enum rs_code rs_sql_unique(struct rs_session *s, const struct rs_relation *rel, const char *column,
                           bool *unique, struct rs_error *e);
enum rs_code rs_sql_workspaces(struct rs_session *s, const char *database, rs_workspace_fn fn,
                               void *ctx, struct rs_error *e);
enum rs_code rs_sql_relations(struct rs_session *s, const char *database, const char *workspace,
                              rs_relation_fn fn, void *ctx, struct rs_error *e);
enum rs_code rs_sql_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                           struct rs_error *e);
enum rs_code rs_sql_drop(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, unsigned how, struct rs_error *e);
enum rs_code rs_sql_replace(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                            struct rs_build *how, int64_t *rows, struct rs_error *e);
/* In the caller's transaction: `aside`, a table of rel's workspace, takes the place of whatever
** stands under rel's name. */
enum rs_code rs_sql_put_in_place(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *aside, struct rs_error *e);
enum rs_code rs_sql_insert_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, int64_t *rows, struct rs_error *e);
enum rs_code rs_sql_upsert_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, const char *const *keys, size_t nkeys,
                                  int64_t *rows, struct rs_error *e);
enum rs_code rs_sql_append_select(struct rs_session *s, const struct rs_relation *rel,
                                  const char *sql, int64_t *rows, struct rs_error *e);
enum rs_code rs_sql_load(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_load *load, int64_t *rows, struct rs_error *e);

/* The same in the caller's transaction, into a table. */
enum rs_code rs_sql_append_rows(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_arena *a, struct rs_error *e);

/* ---- loads (load.c) ------------------------------------------------------------------------- */

struct rs_load_source;
/* Decides on *load's documents: 1 or -1; kind: of what stands under the name. */
enum rs_code rs_sql_load_settle(struct rs_session *s, const struct rs_relation *rel,
                                enum rs_relation_kind kind, enum rs_push_mode mode,
                                struct rs_load *load, struct rs_error *e);
/* The load on an engine without DuckDB's types (load_rows.c); old: what stands under the
** name. */
enum rs_code rs_sql_load_rows(struct rs_session *s, const struct rs_relation *rel,
                              struct rs_load_source *src, bool appends, enum rs_relation_kind old,
                              int64_t *rows, struct rs_error *e);
/* The end of it, for any stage of the dialect's types with `_id`: the stage becomes rel, or its
** rows are added, and it is gone. has_ids: they replace those of the same `_id`. */
enum rs_code rs_sql_place_rows(struct rs_session *s, const struct rs_relation *rel,
                               const struct rs_relation *stage, bool has_ids, bool appends,
                               enum rs_relation_kind old, struct rs_error *e);

/* ---- rows of the caller's own (push.c) ------------------------------------------------------- */

enum rs_code rs_sql_push(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
/* May it go to what stands under the name? */
enum rs_code rs_sql_push_refuse(const struct rs_relation *rel, enum rs_relation_kind kind,
                                enum rs_push_mode mode, struct rs_error *e);
/* How many rows of rel those of the stage will replace by `id`, its column there. RS_INVALID: rel
** has no `_id`. */
enum rs_code rs_sql_push_updates(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *stage, const char *id, int64_t *n,
                                 struct rs_error *e);

/* ---- transactions (sql.c) ------------------------------------------------------------ */

/*
** Runs work under the lock of `rel`: in the caller's transaction when there is one, else in one of
** its own, again when another transaction was faster (a bounded number of times). Makes the
** workspace first when `make_workspace`; it stays when the work fails.
*/
typedef enum rs_code (*rs_sql_work)(struct rs_session *s, void *arg, struct rs_error *e);
enum rs_code rs_sql_transact(struct rs_session *s, const struct rs_relation *rel,
                             bool make_workspace, rs_sql_work work, void *arg, struct rs_error *e);
/* DELETE of the rows t of rel for which `source` has a row q with ...: the condition on t and q
** follows, and rs_sql_end_delete. */
void rs_sql_begin_delete(struct rs_session *s, struct rs_buf *b, const struct rs_relation *rel,
                         const char *source);
void rs_sql_end_delete(struct rs_session *s, struct rs_buf *b);

/* RS_UNSUPPORTED where there are no transactions: `what` would take several statements, and could
** be left half done; `instead`: what to do. */
enum rs_code rs_sql_need_transaction(struct rs_session *s, const char *what, const char *instead,
                                     struct rs_error *e);

/* ---- stages (materialize.c) -------------------------------------------------------------- */

/* Replaces the rows of rel whose keys are in the stage, and adds the others. */
enum rs_code rs_sql_merge_stage(struct rs_session *s, const struct rs_relation *rel,
                                const char *stage, const struct rs_keys *k, struct rs_error *e);

/* ---- values of several types (mixed.c) --------------------------------------------------- */

/* A value of a column of mixed types as a text: one letter tells its kind. Returns its length. */
size_t rs_sql_mixed_tag(struct rs_buf *b, const struct rs_value *v);
/* The same as JSON, where arrays and objects are among the values. */
size_t rs_sql_mixed_json(struct rs_buf *b, const struct rs_value *v);
/* SQL: the value from its tagged text `from`, as the member of that kind where the type `native`
** has one. */
void rs_sql_mixed_value(struct rs_buf *b, const char *column, const char *from, const char *native);
/* ---- views that read a relation (views.c) ------------------------------------------------ */

struct kept_view;
struct rs_sql_views {
  struct rs_arena a;
  struct kept_view *v;
  size_t n, cap;
};
/* Drops the views that keep rel from being dropped. rs_sql_views_free, whatever came out. */
enum rs_code rs_sql_views_take(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_sql_views *v, struct rs_error *e);
/* Makes them anew; note (may be NULL) gets those that are no longer possible. */
enum rs_code rs_sql_views_restore(struct rs_session *s, struct rs_sql_views *v, char *note,
                                  size_t cap, struct rs_error *e);
void rs_sql_views_free(struct rs_sql_views *v);
/* CREATE OR REPLACE VIEW, also where the columns change and other views read it. */
enum rs_code rs_sql_make_view(struct rs_session *s, const struct rs_relation *rel, bool exists,
                              const char *sql, struct rs_error *e);

#endif
