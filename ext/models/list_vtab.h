/*
** Tables over the project's rows that are computed when they are read: rockset_ls, rockset_graph,
** rockset_lineage, rockset_plan, rockset_diff; and rockset_explain, over a statement.
**
** A table is a row of the list in list_vtab.c: its columns, its arguments (hidden columns) and a
** function that fills a list. The list is collected in memory: as large as the project, never as
** the data.
**
** Ownership: texts are copied into the list. Threads: the SQLite connection's own.
*/
#ifndef RS_EXT_MODELS_LIST_VTAB_H
#define RS_EXT_MODELS_LIST_VTAB_H
#include "src/base/arena.h"
#include "ext/base/connection.h"

#define RS_LIST_COLUMNS 16
#define RS_LIST_ARGUMENTS 2

struct rs_list_cell {
  enum { RS_LIST_NULL, RS_LIST_INT, RS_LIST_TEXT } kind;
  int64_t i;
  const char *s; /* in the arena */
};

struct rs_list {
  struct rs_conn *c;
  const char *name; /* of the table: errors begin with it */
  struct rs_arena arena;
  const char *args[RS_LIST_ARGUMENTS];  /* texts in the arena; NULL: not given, or NULL */
  const char *terms[RS_LIST_ARGUMENTS]; /* equality on the first columns; NULL: none */
  struct rs_list_cell *cells;           /* row by row, ncolumns each */
  size_t ncolumns, nrows, cap;
};

/* A new row, all NULL; NULL: out of memory. Valid until the next one. */
struct rs_list_cell *rs_list_row(struct rs_list *l);
/* NULL stays NULL. False: out of memory. */
bool rs_list_text(struct rs_list *l, struct rs_list_cell *cell, const char *s);
void rs_list_int(struct rs_list_cell *cell, int64_t i);

typedef enum rs_code rs_list_fill(struct rs_list *l, struct rs_error *e);
rs_list_fill rs_list_ls, rs_list_graph, rs_list_lineage, rs_list_plan; /* functions_nodes.c */
rs_list_fill rs_list_explain; /* ext/collection/explain.c */
rs_list_fill rs_list_diff;    /* diff.c */
int rs_list_register(struct rs_conn *c);
int rs_diff_register(struct rs_conn *c); /* diff.c: the function */
#endif
