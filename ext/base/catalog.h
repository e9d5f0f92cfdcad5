/*
** Read-only tables over a collected result: the mechanism behind rockset_collections, rockset_log,
** rockset_debug and the like.
**
** A table is a row of the list in catalog_vtab.c: its name, its schema and a function that fills a
** result. The result is collected in memory: it is as large as the catalog, never as the data.
**
** Ownership: texts are copied into the result. Threads: the SQLite connection's own.
*/
#ifndef RS_EXT_BASE_CATALOG_H
#define RS_EXT_BASE_CATALOG_H
#include "src/base/arena.h"
#include "connection.h"

#define RS_CATALOG_COLUMNS 9 /* the most that a table has */

struct rs_catalog_cell {
  enum { CELL_NULL, CELL_INT, CELL_REAL, CELL_TEXT } kind;
  int64_t i;
  double f;
  const char *s; /* in the arena */
};

struct rs_catalog_row {
  struct rs_catalog_cell v[RS_CATALOG_COLUMNS];
};

/* What is being collected, and for what. */
struct rs_catalog_result {
  struct rs_conn *conn;
  struct rs_arena arena;
  struct rs_catalog_row *rows;
  size_t n, cap;
  const char *workspace, *relation; /* pushed terms, NULL = all */
  struct rs_error *e;               /* of the call under way */
};

/* Room for one more row, all NULL; the caller fills and counts it (r->n++). NULL: out of memory. */
struct rs_catalog_row *rs_catalog_add(struct rs_catalog_result *r);
/* NULL stays NULL. False: out of memory. */
bool rs_catalog_text(struct rs_catalog_result *r, struct rs_catalog_cell *c, const char *s);
void rs_catalog_int(struct rs_catalog_cell *c, int64_t i);
/* -1 is unknown: NULL. */
void rs_catalog_count(struct rs_catalog_cell *c, int64_t i);

/* Fills r; s is NULL for a table that is local. */
typedef enum rs_code rs_catalog_fill(struct rs_catalog_result *r, struct rs_session *s,
                                     struct rs_error *e);

/* ext/functions/catalog_tables.c */
rs_catalog_fill rs_catalog_workspaces, rs_catalog_collections, rs_catalog_views, rs_catalog_columns,
  rs_catalog_aliases, rs_catalog_lambdas, rs_catalog_instances, rs_catalog_running, rs_catalog_log;
/* ext/functions/debug.c */
rs_catalog_fill rs_catalog_debug;
#endif
