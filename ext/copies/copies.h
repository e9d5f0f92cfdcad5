/*
** Local copies both ways: a table of SQLite's sent to a collection, a collection or query fetched
** into a table, and how far each has come.
**
** FILES. push.c sends, pull.c and pull_table.c fetch, marks.c keeps the marks (rockset_copies);
** follow.c has the triggers of tables that a collection follows, follow_sync.c sends what they
** queue; functions.c: the SQL functions.
** CALLERS. The entry point registers the functions; a run of models pushes the sources with a
** local_table (ext/models/push_source.c).
** MEMORY. Rows stream; those to be sent lie in a queue that overflows to a file. Texts that come
** out lie in the caller's arena.
** THREADS. The connection's own. Rows to be sent are read on it before the engine's thread takes
** them: SQLite's connection stays with its thread. Both ways block.
** ERRORS. They open with the function's name where an option is wrong, else with what failed.
*/
#ifndef RS_EXT_COPIES_COPIES_H
#define RS_EXT_COPIES_COPIES_H
#include "src/base/arena.h"
#include "ext/base/connection.h"

/* ---- to a collection (push.c) ---------------------------------------------------------------- */

struct rs_copy_push {
  struct rs_conn *c;
  sqlite3 *db;        /* whose main is read, and keeps the mark */
  const char *what;   /* opens errors about options: "rockset_push" */
  const char *source; /* a table, view, or query; stored: a table or view of main by its name */
  bool stored;
  bool changes; /* the rows are what has changed: without any nothing is sent */
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

/* ---- collections that follow a table (follow_sync.c) ----------------------------------------- */

/* Sends what is queued for the target of that name (NULL: for all), where the session may do so
** without being asked: before a run, and before a statement. */
enum rs_code rs_copies_sync(struct rs_conn *c, const char *target, struct rs_error *e);

int rs_copies_register(struct rs_conn *c); /* functions.c */
#endif
