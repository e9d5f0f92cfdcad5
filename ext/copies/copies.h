/*
** Local copies both ways: a table of SQLite's sent to a collection (push.c), a collection or
** query fetched into a table (pull.c), and how far each has come (marks.c). The functions
** rockset_push and rockset_pull are in functions.c; a run pushes the sources with a
** local_table (run_push.c).
**
** Threads: the connection's own. Rows to be sent are read on it, into a queue that overflows to a
** file, before the engine's thread takes them: SQLite's connection stays with its thread.
*/
#ifndef RS_EXT_COPIES_COPIES_H
#define RS_EXT_COPIES_COPIES_H
#include "src/engine/push.h"
#include "src/base/arena.h"
#include "ext/models/models.h"

/* ---- names and values (marks.c) --------------------------------------------------------- */

/* Names of columns given as an option: "id" or ["a","b"]. Texts in the arena. */
struct rs_copy_names {
  const char **v;
  size_t n;
};
/* json: as RS_OPT_JSON gives it, NULL = none. `what`: "rockset_push: option 'key'". */
enum rs_code rs_copy_names_read(const char *json, const char *what, struct rs_arena *a,
                                struct rs_copy_names *out, struct rs_error *e);
/* A value that outlives its row. */
enum rs_code rs_copy_keep(struct rs_arena *a, const struct rs_value *v, struct rs_value *out,
                          struct rs_error *e);
int rs_copy_bind(sqlite3_stmt *st, int i, const struct rs_value *v);
/* As JSON: a number, a text, null. */
void rs_copy_json(struct rs_buf *b, const struct rs_value *v);
/* Is it a query, or the name of something? */
bool rs_copy_is_query(const char *text);
/* What stands in main under this name (the name itself, any case): "table", "view", "virtual",
** "shadow"; NULL: nothing. Static. */
enum rs_code rs_copy_kind(sqlite3 *db, const char *name, const char **kind, struct rs_error *e);

/* ---- marks: the table rockset_copies (marks.c) ------------------------------------------ */

/* How far a copy has come. Texts and the value: in the arena, or borrowed. */
struct rs_copy_mark {
  const char *direction; /* "push", "pull" */
  const char *local, *remote, *target;
  const char *cursor;    /* a column */
  const char *key;       /* what rows were told apart by: as JSON list */
  struct rs_value value; /* the greatest one of the cursor that was copied; RS_NULL: none yet */
  int64_t rows;          /* of the last time */
};

/* Finds the value for the names in *m; RS_NULL where there is none, or it is of another cursor or
** key. No tables of rockset_init(): RS_NOT_FOUND saying so. */
enum rs_code rs_copy_mark_get(sqlite3 *db, struct rs_copy_mark *m, struct rs_arena *a,
                              struct rs_error *e);
enum rs_code rs_copy_mark_put(sqlite3 *db, const struct rs_copy_mark *m, struct rs_error *e);

/* ---- to a collection (push.c) ----------------------------------------------------------- */

struct rs_copy_push {
  struct rs_conn *c;
  sqlite3 *db;        /* whose main is read, and keeps the mark */
  const char *what;   /* opens errors about options: "rockset_push" */
  const char *source; /* a table, view, or query; stored: a table or view of main by its name */
  bool stored;
  struct rs_session *session;
  struct rs_relation rel;
  const char *mode, *cursor; /* options; NULL: none */
  const char *key, *json;    /* as RS_OPT_JSON gives them */
  /* out */
  int64_t rows, inserted, updated; /* -1: unknown */
  bool skipped;                    /* nothing had changed: nothing was sent */
  struct rs_value since, mark;     /* RS_NULL: none */
};
/* mode, cursor, key, json from a JSON object (in the arena). */
enum rs_code rs_copy_push_options(struct rs_copy_push *p, const char *json, struct rs_arena *a,
                                  struct rs_error *e);
enum rs_code rs_copy_push_run(struct rs_copy_push *p, struct rs_arena *a, struct rs_error *e);

/* ---- from a collection (pull.c) --------------------------------------------------------- */

struct rs_copy_pull {
  struct rs_conn *c;
  const char *what;
  const char *source; /* 'ws.coll', or a query */
  const char *table;  /* in main */
  struct rs_session *session;
  const char *mode, *cursor;
  const char *key;
  int64_t batch; /* rows of a commit; 0: one transaction */
  /* out */
  int64_t rows, inserted, updated, deleted;
  struct rs_value since, mark;
};
enum rs_code rs_copy_pull_options(struct rs_copy_pull *p, const char *json, struct rs_arena *a,
                                  struct rs_error *e);
enum rs_code rs_copy_pull_run(struct rs_copy_pull *p, struct rs_arena *a, struct rs_error *e);
#endif
