/*
** What the files of ext/copies share: names and values, marks, one pull.
*/
#ifndef RS_EXT_COPIES_INTERNAL_H
#define RS_EXT_COPIES_INTERNAL_H
#include "src/engine/keys.h"
#include "ext/base/unit.h"
#include "copies.h"

/* ---- names and values (marks.c) -------------------------------------------------------------- */

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
/* The `_id` of a row: the text of its key, which columns at[0..n) of st are; of several columns a
** JSON list. RS_CONSTRAINT: one is NULL; RS_INVALID: a blob. (push.c) */
enum rs_code rs_copy_id(sqlite3_stmt *st, const int *at, size_t n, struct rs_arena *a,
                        struct rs_value *out, struct rs_error *e);
/* Is it a query, or the name of something? */
bool rs_copy_is_query(const char *text);
/* What stands in main under this name (the name itself, any case): "table", "view", "virtual",
** "shadow"; NULL: nothing. Static. */
enum rs_code rs_copy_kind(sqlite3 *db, const char *name, const char **kind, struct rs_error *e);

/* ---- marks: the table rockset_copies (marks.c) ----------------------------------------------- */

/* How far a copy has come. Texts and the value: in the arena, or borrowed. */
struct rs_copy_mark {
  const char *direction; /* "push", "pull" */
  const char *local, *remote, *target;
  const char *cursor;    /* a column */
  const char *key;       /* what rows were known by: a JSON list */
  struct rs_value value; /* the greatest one of the cursor that was copied; RS_NULL: none yet */
  int64_t rows;          /* of the last time */
};

/* Finds the value for the names in *m; RS_NULL where there is none, or it is of another cursor or
** key. No tables of rockset_init(): RS_NOT_FOUND saying so. */
enum rs_code rs_copy_mark_get(sqlite3 *db, struct rs_copy_mark *m, struct rs_arena *a,
                              struct rs_error *e);
enum rs_code rs_copy_mark_put(sqlite3 *db, const struct rs_copy_mark *m, struct rs_error *e);

/* ---- collections that follow a table (follow.c, follow_sync.c) ------------------------------- */

#define RS_FOLLOW_KEYS 8 /* columns of a key */

/* A row of rockset_follows, and what its table is like now. Texts in the arena. */
struct rs_follow {
  int64_t id;
  const char *table;            /* as its triggers say: it may have been renamed */
  const char *remote, *target;  /* the collection; the name of its target */
  const char *key;              /* the option: JSON; NULL: the primary key */
  const char *signature;        /* of the triggers that stand there */
  bool whole;                   /* all rows are to be sent */
  struct rs_copy_names columns; /* of the key */
  struct rs_buf triggers;       /* CREATE TRIGGER ...; for the table as it is */
  char wanted[33];              /* their signature */
};
/* Finds out f->columns, triggers and wanted. RS_NOT_FOUND, RS_INVALID: why it can't be followed. */
enum rs_code rs_follow_look(sqlite3 *db, struct rs_follow *f, struct rs_arena *a,
                            struct rs_error *e);
/* Makes the triggers anew, for what rs_follow_look has found; all rows are to be sent then. */
int rs_follow_arm(sqlite3 *db, const struct rs_follow *f);

struct rs_follow_sent {
  int64_t rows, deleted; /* rows of the table, keys that are gone from it */
  /* in: a file that is locked need not note what was sent: the next sync sends it again */
  bool lenient;
};
/*
** Sends what is queued: of one table, of all where it is NULL. `target`: only to the one of that
** name; NULL: to all. stored: where it goes is what the file says, not what was typed. One
** connection at a time, of all processes, does this for a file.
*/
enum rs_code rs_follow_sync(struct rs_conn *c, const char *table, const char *target, bool stored,
                            struct rs_follow_sent *sent, struct rs_error *e);
/* rockset_follow(): replace: an existing collection is replaced. */
enum rs_code rs_follow_begin(struct rs_conn *c, struct rs_session *s, const char *table,
                             const struct rs_relation *rel, const char *key, bool replace,
                             struct rs_follow_sent *sent, struct rs_arena *a, struct rs_error *e);
/* rockset_unfollow(): *n follows were removed. */
enum rs_code rs_follow_end(sqlite3 *db, const char *table, const char *remote, int64_t *n,
                           struct rs_error *e);

/* ---- from a collection (pull.c) -------------------------------------------------------------- */

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
/* One pull while it runs, between pull.c (what is asked for, the rows, the transaction) and
** pull_table.c (the table of SQLite's that takes them). */
struct rs_pull {
  struct rs_copy_pull *p;
  struct rs_arena *a;
  sqlite3 *db;
  const struct rs_dialect *dialect;
  bool full, chosen; /* chosen: mode or cursor were given */
  struct rs_relation rel;
  const char *from, *remote; /* SQL; its name in rockset_copies */
  struct rs_columns columns;
  struct rs_key known; /* of a relation */
  struct rs_copy_names key;
  size_t *key_at;
  int cursor; /* column, or -1 */
  struct rs_copy_mark place;
  bool exists, by_mark;
  int64_t before; /* rows that the table had */
  struct rs_unit unit;
  bool begun;
  sqlite3_stmt *insert, *seen;
  struct rs_rows *rows;
  struct rs_buf last; /* batch: the cursor of the last row */
};

/* Of the columns that come, by name as SQLite compares names; -1: none. */
int rs_pull_column(const struct rs_pull *x, const char *name);

/* What is there under the table's name, and may it take the rows? */
enum rs_code rs_pull_look(struct rs_pull *x, struct rs_error *e);
enum rs_code rs_pull_create(struct rs_pull *x, struct rs_error *e);
enum rs_code rs_pull_count(struct rs_pull *x, int64_t *n, struct rs_error *e);
/* Prepares x->insert. */
enum rs_code rs_pull_insert(struct rs_pull *x, struct rs_error *e);
/* Where rows of the table may be gone: prepares x->seen for the keys that come, to delete others
** by rs_pull_delete_unseen; without a key the table is emptied now. */
enum rs_code rs_pull_seen(struct rs_pull *x, struct rs_error *e);
enum rs_code rs_pull_delete_unseen(struct rs_pull *x, struct rs_error *e);
#endif
