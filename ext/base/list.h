/*
** Read-only tables over a list that is computed when they are read: rockset_collections,
** rockset_log, rockset_ls, rockset_explain and the like.
**
** A table is a struct rs_list_table: its columns, its arguments (hidden columns) and a function
** that fills a list. The list is collected in memory: it is as large as the catalog or the
** project, never as the data.
**
** Ownership: texts are copied into the list. Threads: the SQLite connection's own. Blocking: a
** table that `asks` has a session. What a last column costs that is HIDDEN, a statement pays that
** names it (`dear`). Errors open with the table's name, unless `names` knows what
** they open with.
*/
#ifndef RS_EXT_BASE_LIST_H
#define RS_EXT_BASE_LIST_H
#include "src/base/arena.h"
#include "connection.h"

#define RS_LIST_ARGUMENTS 2

struct rs_list_cell {
  enum { RS_LIST_NULL, RS_LIST_INT, RS_LIST_REAL, RS_LIST_TEXT } kind;
  int64_t i;
  double f;
  const char *s; /* in the arena */
};

struct rs_list {
  struct rs_conn *c;
  const char *name;           /* of the table */
  struct rs_session *session; /* of a table that asks */
  struct rs_error *e;         /* of the call under way */
  struct rs_arena arena;
  const char *args[RS_LIST_ARGUMENTS];  /* texts in the arena; NULL: not given, or NULL */
  const char *terms[RS_LIST_ARGUMENTS]; /* equality on the first columns; NULL: none */
  bool dear;                            /* the last column, which is HIDDEN, is wanted */
  struct rs_list_cell *cells;           /* row by row, ncolumns each */
  size_t ncolumns, nrows, cap;
};

/* A new row, all NULL; NULL: out of memory. Valid until the next one. */
struct rs_list_cell *rs_list_row(struct rs_list *l);
/* NULL stays NULL. False: out of memory. */
bool rs_list_text(struct rs_list *l, struct rs_list_cell *cell, const char *s);
void rs_list_int(struct rs_list_cell *cell, int64_t i);
/* -1 is unknown: NULL. */
void rs_list_count(struct rs_list_cell *cell, int64_t i);
/* A new row that begins with these texts; NULL: out of memory. */
struct rs_list_cell *rs_list_add(struct rs_list *l, const char *const *texts, size_t n);

struct rs_list_table {
  const char *name, *columns;
  size_t ncolumns;
  const char *arguments; /* hidden columns, at most RS_LIST_ARGUMENTS; NULL: none */
  size_t nterms;         /* of how many of the first columns equality is passed on */
  bool asks;             /* the list's session is wanted */
  enum rs_code (*fill)(struct rs_list *l, struct rs_error *e);
  bool (*names)(const struct rs_error *e); /* does the error say itself what it is about? */
};

/* Registers n tables, which are static. Returns SQLite's code. */
int rs_list_register(struct rs_conn *c, const struct rs_list_table *tables, size_t n);
#endif
