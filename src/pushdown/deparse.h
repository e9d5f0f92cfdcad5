/*
** The SELECT of a scan as SQL text: the one place that writes it, in two forms.
**
**   rs_deparse_template   what the plan sends, with ?N for the N-th value that SQLite will give:
**                         SELECT "a" FROM "ws"."t" WHERE "b" = ?1 ORDER BY "a" DESC NULLS LAST
**                         It is the virtual table's idxStr, so EXPLAIN QUERY PLAN prints it.
**   rs_deparse_select     the statement for one set of values, with the dialect's markers and typed
**                         parameters, each term as rs_shippable_bind made it.
**
** Both walk the same struct rs_scan, so they can't disagree about what is sent.
**
** Pure functions; nothing blocks. Errors: out of memory or a statement beyond RS_BUF_SQL_MAX,
** sticky in the buffer (rs_buf_error).
*/
#ifndef RS_PUSHDOWN_DEPARSE_H
#define RS_PUSHDOWN_DEPARSE_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/buf.h"
#include "path.h"
#include "shippable.h"

/* IN lists up to this length are written as literals; longer ones are one RS_LIST parameter. */
#define RS_DEPARSE_LITERALS 200

struct rs_scan_column {
  const char *name;
  enum rs_type type;
  const struct rs_path *path; /* NULL: a column of the relation */
  bool nanoseconds;           /* its range is narrower than that of a TIMESTAMP '...' */
};

struct rs_scan_term {
  int column; /* index into rs_scan.columns */
  enum rs_op op;
  enum rs_rhs rhs;
  enum rs_ship how; /* RECHECK or EXACT */
  int arg;          /* N of ?N */
};

struct rs_scan_order {
  int column;
  bool desc;
};

/* What a scan sends. Borrows everything. */
struct rs_scan {
  const struct rs_scan_column *columns; /* all columns of the relation */
  const char *workspace, *name;         /* the relation; or, when name is NULL: */
  const char *query;                    /* a proven statement */
  const int *fetch;                     /* columns to select, in order; none: a constant */
  size_t nfetch;
  bool distinct; /* of rows that are equal in all of them one is enough */
  bool count;    /* one row: how many rows there are (fetch is not used) */
  const struct rs_scan_term *terms;
  size_t nterms;
  const struct rs_scan_order *order;
  size_t norder;
  int limit_arg, offset_arg; /* N of ?N; 0 = none */
  bool skips;                /* OFFSET is sent; else the rows that it skips are fetched, too */
};

/* The parameters of a statement, in the order of its markers. */
struct rs_params {
  struct rs_value *v; /* the array is owned (rs_params_free), the values' bytes are borrowed */
  size_t n, cap;
};
/* False when out of memory. */
bool rs_params_add(struct rs_params *p, const struct rs_value *v);
void rs_params_free(struct rs_params *p);

void rs_deparse_template(const struct rs_dialect *d, const struct rs_scan *s, struct rs_buf *out);

/*
** What a relation's columns hold: one row of integers, the rows, then of each column of s->fetch
** how many of its values are not NULL and how many distinct ones there are: estimates where the
** engine has a faster way, but of `exact` (a column, -1: none).
*/
void rs_deparse_statistics(const struct rs_dialect *d, const struct rs_scan *s, int exact,
                           struct rs_buf *out);

/* The values of one run. */
struct rs_scan_values {
  const char *query; /* s->query with the dialect's markers; its parameters are in params */
  const struct rs_bound *bounds; /* one for each of s->terms; none may be RS_BOUND_FALSE */
  int64_t limit, offset;         /* negative: none */
};

/* Adds the parameters of the terms to *params, which holds those of the query already. */
void rs_deparse_select(const struct rs_dialect *d, const struct rs_scan *s,
                       const struct rs_scan_values *values, struct rs_buf *out,
                       struct rs_params *params);
#endif
