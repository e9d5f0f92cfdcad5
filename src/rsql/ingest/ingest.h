/*
** Ingest transformations: the one SELECT over `_input` by which documents come into a collection.
**
** A statement is parsed as any (rsql.h), checked here, and resolved with a callback that knows
** `_input` alone.
**
** Pure functions on memory. What is added to a statement lies in its arena.
*/
#ifndef RS_RSQL_INGEST_H
#define RS_RSQL_INGEST_H
#include "src/rsql/rsql.h"

#define RS_RSQL_INPUT "_input"

/*
** RS_INVALID, with the place, unless the parsed statement is a transformation: SELECT items FROM
** _input [WHERE condition] [CLUSTER BY ...], without parameters. With aggregates, or [GROUP BY
** ...], it is a rollup, whose items are aggregates of their own or what GROUP BY names (rollup.c).
*/
enum rs_code rs_rsql_ingest_check(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos,
                                  struct rs_error *e);
/* What becomes of a rollup's field when two rows of one group meet. */
enum rs_rollup_op {
  RS_ROLLUP_KEY, /* both have the same */
  RS_ROLLUP_ADD,
  RS_ROLLUP_MIN,
  RS_ROLLUP_MAX,
  RS_ROLLUP_AND,
  RS_ROLLUP_OR,
  RS_ROLLUP_AVG /* the quotient of the fields with these behind its name, which are added */
};
#define RS_ROLLUP_SUM "~sum"
#define RS_ROLLUP_COUNT "~count"
struct rs_rollup_item {
  const char *name;
  enum rs_rollup_op op;
};
bool rs_rsql_ingest_is_rollup(const struct rs_rsql_stmt *s);
/* The items of a rollup that was checked, in the statement's arena; adds those of its averages.
** Before resolving. */
enum rs_code rs_rsql_ingest_rollup(struct rs_rsql_stmt *s, const struct rs_rollup_item **items,
                                   size_t *n, struct rs_error *e);
/* The column of `_input` becomes one of the result, too, by that name. Before resolving. */
enum rs_code rs_rsql_ingest_add(struct rs_rsql_stmt *s, const char *column, const char *name,
                                struct rs_error *e);
/* The star of an object becomes a null of that name where no column of `_input` is that object: no
** document has it, and its fields are none. Before resolving. */
enum rs_code rs_rsql_ingest_no_objects(struct rs_rsql_stmt *s, const struct rs_columns *columns,
                                       const char *name, struct rs_error *e);
/* After resolving: RS_INVALID if it reads `_input` in a subquery as well. */
enum rs_code rs_rsql_ingest_check_once(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos,
                                       struct rs_error *e);
/* After resolving: is that column of the result made by an expression? Else it is a field as it
** came, which may be undefined. */
bool rs_rsql_ingest_is_computed(const struct rs_rsql_stmt *s, const char *column);
/* Has the select list a star? */
bool rs_rsql_ingest_has_star(const struct rs_rsql_stmt *s);
#endif
