/*
** What the files of src/rsql/ingest share.
*/
#ifndef RS_RSQL_INGEST_INTERNAL_H
#define RS_RSQL_INGEST_INTERNAL_H
#include "ingest.h"
#include "src/rsql/ast.h"

/* A statement that is checked. */
struct rsql_ingest {
  const struct rs_rsql_stmt *s;
  struct rs_rsql_pos *pos;
  struct rs_error *e;
};

enum rs_code rs_rsql_ingest_wrong(const struct rsql_ingest *x, size_t at, const char *text);
/* A call in the expression that takes many rows; what stands in a subquery is that one's. */
const struct rsql_node *rs_rsql_ingest_many(const struct rsql_node *x);
/* RS_INVALID: there is one. */
enum rs_code rs_rsql_ingest_row(const struct rsql_ingest *x, const struct rsql_node *expr);
/* The groups and items of a rollup (rollup.c). */
enum rs_code rs_rsql_ingest_check_rollup(const struct rsql_ingest *x, const struct rsql_select *v);
#endif
