/*
** One pull while it runs, between pull.c (what is asked for, the rows, the transaction) and
** pull_table.c (the table of SQLite's that takes them). Not for others: copies.h is.
*/
#ifndef RS_EXT_COPIES_PULL_H
#define RS_EXT_COPIES_PULL_H
#include "copies.h"
#include "src/engine/keys.h"

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
