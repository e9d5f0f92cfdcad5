/*
** What the files of ext/collection share.
**
** Declaring: args.c (arguments of CREATE VIRTUAL TABLE), paths.c (columns from inside of objects),
** discover.c (what a table shows, asked of the engine), shadow.c (the column list in
** "<table>_rockset"), schema.c (create, connect, drop, rename; the module's methods), find.c (a
** table by its name), refresh.c, analyze.c, lambda.c (tables over a query lambda), sidecar.c (what
** lies beside a column).
** Planning (plan.h): plan.c, cost.c, plans.c, wide.c, explain.c.
** Reading (scan.h, cache.h, records.h): scan.c, send.c, cache.c, records.c.
** Writing: update.c, value.c, number.c, lookup.c, overlay.c; the transaction is ext/write.
*/
#ifndef RS_EXT_COLLECTION_INTERNAL_H
#define RS_EXT_COLLECTION_INTERNAL_H
#include <stdbool.h>
#include "collection.h"
#include "ext/write/write.h"
#include "ext/base/connection.h"
#include "src/pushdown/pushdown.h"
#include "src/base/arena.h"
#include "src/base/map.h"
#include "src/base/scratch.h"

/* ---- args.c ---------------------------------------------------------------------------------- */

/* What was written in USING rockset(...); texts lie in the arena. */
struct collection_args {
  const char *relation; /* 'ws.name' as written, or NULL: */
  const char *query;    /* query='...' */
  const char *key;      /* key='...' or NULL */
  const char *named;    /* target='prod': an output of the session's profile, or NULL */
  const char *lambda;   /* query_lambda='ws.name', and one of these or none: */
  const char *tag, *version;
  const char *columns; /* columns='city TEXT PATH address.city' */
  bool readonly;
};
/* argv as xCreate gets it; `what` is "table movies". */
enum rs_code rs_collection_args(int argc, const char *const *argv, const char *what,
                                struct rs_arena *arena, struct collection_args *out,
                                struct rs_error *e);

/* ---- one table ------------------------------------------------------------------------------- */

/* A sidecar that came, or that got more than nulls, while the table was connected. */
enum rs_late { RS_LATE_NOT, RS_LATE_ODD, RS_LATE_SIDED };

/* A declared column. The data columns come first, as the relation has them, then the parameters. */
struct collection_column {
  const char *name;   /* as the engine calls it; of a parameter: without the colon */
  const char *local;  /* as SQLite calls it: the same, unless another differs only in case */
  const char *native; /* the engine's type, for people */
  enum rs_type type;
  bool hidden;
  bool optional;          /* a parameter that has a default */
  const char *path;       /* address.city, of a path column; else NULL */
  bool sided;             /* it has a sidecar (sidecar.c), */
  bool odd;               /* which holds more than nulls: values are read from both */
  enum rs_late late;      /* what is stored says otherwise of the two: it came later */
  const char *retyped;    /* NULL, or what the engine's type is now */
  bool unfit;             /* it holds what the declared type would change: refresh first */
  int side;               /* where it is in scan_columns; 0: it has none */
  double distinct, nulls; /* rockset_analyze: how many values, which part is NULL; 0: unknown */
};

struct collection_plan;

/* What was known when, of changes that others commit (rs_sidecar_watch). */
struct collection_watch {
  bool known;     /* columns and sidecars were asked for: at this moment, */
  uint64_t stamp; /* of the target, 0: it tells none; then these: */
  int64_t asked_us, took_us;
  unsigned era, conn_era;
};

struct collection {
  sqlite3_vtab base; /* must be first */
  struct rs_conn *conn;
  struct rs_arena arena;     /* holds all texts and arrays below */
  const char *schema;        /* of SQLite: main, temp, an attached one */
  char *table;               /* owned (rs_free): xRename changes it */
  const char *workspace;     /* NULL: the profile's */
  const char *relation;      /* its name in the workspace, or NULL: */
  const char *query;         /* a proven statement, or NULL: */
  const char *lambda;        /* a query lambda's name in the workspace */
  const char *tag, *version; /* of it; at most one */
  struct collection_column *columns;
  struct rs_scan_column *scan_columns; /* the data columns as src/pushdown/pushdown.h takes them, */
  int nscan;                           /* and behind them their sidecars: nscan in all */
  int ndata, nparams;                  /* columns[0 .. ndata + nparams - 1] */
  struct collection_watch watch;
  bool any_late;               /* some column is late, unfit, retyped */
  int key;                     /* index of the key column, -1: none, ordinal rows */
  bool enforced;               /* the engine itself keeps the key unique */
  bool proven;                 /* the key was known to be one when it was asked for */
  bool unique;                 /* it was when rockset_analyze looked */
  bool distinct_ids;           /* while cursors are open: see row_id of scan.c */
  int cursors;                 /* open ones, */
  unsigned era;                /* and how often they were the first */
  int64_t rows;                /* at CREATE or rockset_analyze, -1 unknown */
  bool stored;                 /* its text came from the file, see rs_conn_is_typed */
  const char *named;           /* the output of the profile, NULL: the session's own */
  const char *target;          /* where the columns were read: "dev (duckdb)" */
  const char *broken;          /* NULL, or why only DROP TABLE works */
  bool readonly;               /* readonly=1 */
  bool has_paths;              /* some columns are path columns: it is read-only */
  bool kind_known;             /* rows can be written to the relation */
  struct rs_write_part part;   /* in SQLite's transaction */
  struct rs_cache *cache;      /* rows of lookups (cache.h), and */
  int uncached;                /* cursors that were opened without it */
  struct rs_map plans;         /* by template: struct collection_plan, owned */
  sqlite3 *db;                 /* where its column list is read and written */
  struct collection_args args; /* as they were written, */
  enum rs_code args_code;      /* unless they can't be read */
  struct collection *next;     /* of rs_conn_tables, */
  bool listed;                 /* while it is connected */
};

/* Not connected to SQLite yet. NULL: out of memory. Owned (rs_collection_free). */
struct collection *rs_collection_new(struct rs_conn *conn, const char *schema, const char *table);
void rs_collection_free(struct collection *c); /* NULL is fine */
/* The table of that name as its shadow table in `db` (borrowed) describes it, apart from what
** SQLite has connected. Returns owned in *pc (rs_collection_free); NULL after an error. Nothing but
** SQLite is touched. */
enum rs_code rs_collection_load(struct rs_conn *conn, sqlite3 *db, const char *schema,
                                const char *table, struct collection **pc, struct rs_error *e);
/* The connected one of that name; NULL: there is none. */
struct collection *rs_collection_find(struct rs_conn *conn, const char *schema, const char *table);
/* "table movies", what errors are about before it is connected. */
const char *rs_collection_what(struct collection *c);
/* Are they declared alike? */
bool rs_collection_same_column(const struct collection_column *a,
                               const struct collection_column *b);
bool rs_collection_same(const struct collection *a, const struct collection *b);
/* Asks the engine for everything of c that c->args decide. Blocks. */
enum rs_code rs_collection_discover(struct collection *c, struct rs_error *e);
/* Of a key that nobody has asked about, since an older version stored it: RS_INVALID with the way
** out when it is not known to be one. Blocks, once for each connected table. */
enum rs_code rs_collection_prove_key(struct collection *c, struct rs_error *e);

/* "table movies: " in front; returns SQLite's code, with the text in zErrMsg. */
int rs_collection_error(struct collection *c, struct rs_error *e);
/* `table <name>: ` in front of the text, once. */
void rs_error_of_table(struct rs_error *e, const char *table);
/* The end of an error about columns that changed: "SELECT rockset_refresh('movies')". */
struct rs_way_out {
  char text[400];
};
struct rs_way_out rs_collection_way_out(const struct collection *c);

/* ---- find.c ---------------------------------------------------------------------------------- */

/* Where its rows lie: rs_conn_session_at and rs_conn_target_at of it. */
struct rs_where rs_collection_where(const struct collection *c);
enum rs_code rs_collection_session(const struct collection *c, struct rs_session **ps,
                                   struct rs_error *e);
enum rs_code rs_collection_target(const struct collection *c, struct rs_target **pt,
                                  struct rs_error *e);
/* Where its relation lies. */
const char *rs_collection_workspace(const struct collection *c, const struct rs_target *t);

/* A table that was named. */
struct collection_name {
  const char *schema, *table;
  bool other; /* there is one, but it is no virtual table */
};
/* fn, in errors: whose argument `text` is. Names in the arena. */
enum rs_code rs_collection_locate(struct rs_conn *conn, const char *fn, const char *text,
                                  struct rs_arena *arena, struct collection_name *out,
                                  struct rs_error *e);
/* ---- paths.c --------------------------------------------------------------------------------- */

/* Reads columns='...' into *n columns of the arena: name, type, path, native. */
enum rs_code rs_collection_paths(const char *text, struct rs_arena *arena,
                                 struct collection_column **out, size_t *n, struct rs_error *e);
/* Parses a path; texts in the arena. */
enum rs_code rs_collection_path(const char *text, struct rs_arena *arena, struct rs_path *out,
                                struct rs_error *e);

/* ---- sidecar.c ------------------------------------------------------------------------------- */

/* Of a relation as it was described, whose key is known: which columns have sidecars, and which of
** these hold more than nulls. May ask the engine. */
enum rs_code rs_sidecar_discover(struct collection *c, struct rs_session *s,
                                 const struct rs_relation *rel, enum rs_relation_kind kind,
                                 const struct rs_columns *cols, struct rs_error *e);
/*
** Has a sidecar come since the table was connected, or one that held nulls got other values? What
** the declared types allow is taken on: statements that are planned from now on read it. Asks the
** engine when others may have committed something: when the target's file is another one, or after
** a second. What was planned before, and what can't be taken on, rs_sidecar_refuse finds.
*/
enum rs_code rs_sidecar_watch(struct collection *c, struct rs_error *e);
/* Of a new table, before its columns are asked for. */
void rs_sidecar_watch_begin(struct collection *c, const struct rs_target *t);
/* Would the plan miss values that lie beside a column which it uses? RS_INVALID with the way out;
** *stale: a plan that is made now would not. */
enum rs_code rs_sidecar_refuse(const struct collection *c, const struct collection_plan *plan,
                               bool *stale, struct rs_error *e);
/* The same of a write to the column. */
enum rs_code rs_sidecar_refuse_write(const struct collection *c,
                                     const struct collection_column *col, struct rs_error *e);
/* Have both columns the same sidecar, as it is stored? */
bool rs_sidecar_same(const struct collection_column *a, const struct collection_column *b);
/* Fills c->scan_columns from c->columns, but for paths. */
enum rs_code rs_sidecar_index(struct collection *c, struct rs_error *e);
/* What SQLite is told of the column: its type, or RS_T_MIXED where its values have several. */
enum rs_type rs_sidecar_declared(const struct collection_column *col);
/* *v: the column's value, and afterwards the field's. False: out of memory. */
bool rs_sidecar_read(const struct rs_value *side, struct rs_scratch *s, struct rs_value *v);
/* The sidecar of a value that is written to the column, where the column holds `out` for it. */
enum rs_code rs_sidecar_write(const struct collection_column *col, sqlite3_value *v,
                              const struct rs_value *out, struct rs_arena *a, struct rs_value *side,
                              struct rs_error *e);

/* ---- shadow.c -------------------------------------------------------------------------------- */

/* Creates and fills "<schema>"."<table>_rockset". A failure leaves nothing behind. */
enum rs_code rs_shadow_save(struct collection *c, struct rs_error *e);
/* Fills it anew, whatever state it is in; inside a transaction of the caller's. */
enum rs_code rs_shadow_replace(struct collection *c, struct rs_error *e);
/* Fills columns, relation or query, key ... from it. RS_NOMEM, or any other code = damaged (e says
** how). Nothing but SQLite is touched. */
enum rs_code rs_shadow_load(struct collection *c, struct rs_error *e);
/* Of a connected table: is what is stored what was declared, and what CREATE says? RS_OK, or e has
** what is wrong. Nothing but SQLite is touched. */
enum rs_code rs_shadow_check(struct collection *c, struct rs_error *e);
int rs_shadow_drop(struct collection *c);
int rs_shadow_rename(struct collection *c, const char *to);

/* ---- plan.c ---------------------------------------------------------------------------------- */

/*
** A plan: everything that is decided in xBestIndex. idxStr is its SQL template; idxNum is its
** number among the plans of one template, which is 0 but where they differ in what the template
** does not show (whether a text was a literal). In the template ?N is the N-th argument of xFilter.
** Arguments come in this order: the parameters of a query, the terms, LIMIT, OFFSET. Plans live as
** long as the table.
*/
struct collection_plan {
  struct collection_plan *next;     /* of the same template */
  const struct rs_dialect *d;       /* what was decided holds for this dialect */
  struct rs_scan scan;              /* its arrays lie in this block */
  int nscan;                        /* scan columns when it was made */
  const int *slot;                  /* by scan column: its place among those fetched, or -1 */
  const bool *given;                /* by parameter: it has a value */
  const char *missing;              /* a parameter without a value: xFilter fails */
  bool exact;                       /* every constraint is sent and exact */
  struct collection_narrow *narrow; /* owned; NULL: it fetches only what is used */
  bool is_narrow;                   /* it lies there, and other columns are not to be asked for */
  bool sided;                       /* it fetches sidecars */
};

int rs_collection_best_index(sqlite3_vtab *pVtab, sqlite3_index_info *info);
/* The plan that xFilter got; NULL when there is none such. */
const struct collection_plan *rs_collection_plan(const struct collection *c, int idxNum,
                                                 const char *idxStr);
void rs_collection_plans_free(struct collection *c);

/* ---- wide.c ---------------------------------------------------------------------------------- */

struct collection_narrow *rs_narrow_new(void);
void rs_narrow_free(struct collection_narrow *n);
/* In xFilter: the plan, or one that fetches less and is enough for what is running. */
const struct collection_plan *rs_collection_narrow(struct collection *c,
                                                   const struct collection_plan *plan);

/* In the first xFilter of a cursor: is the statement that runs sure to have given no row yet, so
** that SQLITE_SCHEMA has SQLite plan it anew, and run it from its start? */
bool rs_collection_may_restart(struct collection *c);

/* ---- lambda.c: tables over a query lambda ---------------------------------------------------- */

/* Fills c->lambda and, by `take` (take_columns of discover.c), the columns: those of a
** run with its defaults. */
enum rs_code
rs_collection_lambda(struct collection *c, const struct collection_args *args, struct rs_session *s,
                     enum rs_code (*take)(struct collection *c, const struct rs_columns *cols,
                                          const struct rs_map *params, struct rs_error *e),
                     struct rs_error *e);
/* The lambda's text as it is now, in the arena. Asks the engine. */
enum rs_code rs_collection_lambda_sql(const struct collection *c, struct rs_arena *arena,
                                      const char **sql, struct rs_error *e);
/* What EXPLAIN QUERY PLAN prints of a plan. */
void rs_collection_lambda_template(const struct collection *c, const bool *given,
                                   struct rs_buf *out);
/* Opens the rows with the values of parameters (NULL: not given). *at, in the arena: by data column
** its place in the rows. */
enum rs_code rs_collection_lambda_open(const struct collection *c, struct rs_session *s,
                                       sqlite3_value *const *params, struct rs_arena *arena,
                                       struct rs_rows **rows, int **at, struct rs_error *e);

/* ---- scan.c ---------------------------------------------------------------------------------- */

int rs_collection_open(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor);
int rs_collection_close(sqlite3_vtab_cursor *pCursor);
int rs_collection_filter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                         sqlite3_value **argv);
int rs_collection_next(sqlite3_vtab_cursor *pCursor);
int rs_collection_eof(sqlite3_vtab_cursor *pCursor);
int rs_collection_get(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int i);
int rs_collection_rowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid);

/* ---- value.c --------------------------------------------------------------------------------- */

/* *out borrows from v or the arena. RS_INVALID: it does not fit the column. */
enum rs_code rs_collection_convert(const struct collection_column *col, sqlite3_value *v,
                                   struct rs_arena *a, struct rs_value *out, struct rs_error *e);

/* ---- number.c -------------------------------------------------------------------------------- */

/* The number of a text, as a column gives it that is a decimal or holds more digits than SQLite's
** numbers. RS_INVALID: it does not fit; *why says how, e nothing. */
enum rs_code rs_collection_number(const char *native, const char *p, size_t n, struct rs_arena *a,
                                  struct rs_value *out, const char **why, struct rs_error *e);

/* ---- lookup.c -------------------------------------------------------------------------------- */

/* Does the target hold a row of that key? Asks key by key at first, then reads all keys once. When
** there are too many of them: false, and COMMIT will tell. */
enum rs_code rs_lookup_exists(struct collection *c, struct write_table *w,
                              const struct rs_value *key, bool *exists, struct rs_error *e);
/* Gives fn every row of the target that has one of the keys (all columns, in order). */
typedef enum rs_code (*rs_lookup_row_fn)(void *ctx, const struct rs_value *row, struct rs_error *e);
enum rs_code rs_lookup_fetch(struct collection *c, struct write_table *w,
                             const struct rs_value *keys, size_t n, rs_lookup_row_fn fn, void *ctx,
                             struct rs_error *e);
/* Reads the other columns of rows that are patched, so that queued rows are whole. */
enum rs_code rs_lookup_complete(struct collection *c, struct write_table *w, struct rs_error *e);

/* ---- update.c -------------------------------------------------------------------------------- */

/* Reading c now would miss rows that are queued elsewhere: RS_BUSY, `COMMIT first`. */
enum rs_code rs_collection_check_read(struct collection *c, struct rs_error *e);
/* What c has written in this transaction; NULL: nothing. */
struct write_table *rs_collection_written(const struct collection *c);

int rs_collection_update(sqlite3_vtab *pVtab, int argc, sqlite3_value **argv,
                         sqlite3_int64 *pRowid);
int rs_collection_begin(sqlite3_vtab *pVtab);
int rs_collection_sync(sqlite3_vtab *pVtab);
int rs_collection_commit(sqlite3_vtab *pVtab);
int rs_collection_rollback(sqlite3_vtab *pVtab);
int rs_collection_savepoint(sqlite3_vtab *pVtab, int level);
int rs_collection_rollback_to(sqlite3_vtab *pVtab, int level);

/* ---- overlay.c ------------------------------------------------------------------------------- */

/*
** A scan of a table that has queued changes: the engine's rows without those whose key is queued,
** and the queued rows that pass the plan's terms, in the plan's order. The engine is asked without
** count, LIMIT and OFFSET; they are applied here.
*/
struct overlay;
/* Fills `scan`, which the caller sends with the values of `values`. RS_OK with *po NULL: nothing is
** queued. bounds as in rs_scan_values. Returns owned (rs_overlay_free). */
enum rs_code rs_overlay_new(struct collection *c, const struct collection_plan *plan,
                            struct rs_scan *scan, struct rs_scan_values *values,
                            struct overlay **po, struct rs_error *e);
void rs_overlay_free(struct overlay *o);
/* Steps; r: the engine's rows. RS_DONE at the end. */
enum rs_code rs_overlay_next(struct overlay *o, struct rs_rows *r, struct rs_error *e);
/* A column of the current row, as the engine has it, or will. */
void rs_overlay_get(struct overlay *o, struct rs_rows *r, int column, struct rs_value *out);
/* Is that column known of the current row? */
bool rs_overlay_has(const struct overlay *o, int column);
#endif
