/*
** What SQLite learns of a plan: how many rows it gives and what it costs.
**
** Costs are in SQLite's visited rows: one request of the target costs rs_traits.request_cost, each
** row that comes one. How many come is estimated from what rockset_analyze stored (rows; distinct
** values and the part of NULLs of each column), else by rule of thumb.
**
** SQLite may evaluate `a = 1 OR b = 2` with one scan per branch and drop the rows that it has seen
** by their primary key. A key that is not unique would lose rows there, so unless the engine keeps
** it unique, or rockset_analyze found that it is, no filtered scan may look cheap enough for that:
** at least 0.6 of a full scan's cost and half of its rows, with which two of them never win.
** Without a key rows are known by their contents (scan.c), and none is lost.
*/
#include "plan.h"

#define UNKNOWN_ROWS 100000.0
#define MAX_ROWS 1e15
#define LIST_ITEMS 10.0 /* of an IN: how many is not known before it runs */

double rs_plan_selectivity(const struct collection *c, int column, enum rs_op op)
{
  const struct collection_column *col = &c->columns[column];
  bool known = col->distinct > 0;
  double there = known ? 1 - col->nulls : 0.95, one = known ? there / col->distinct : 0.05;
  switch (op) {
    case RS_OP_EQ:
    case RS_OP_IS: return one;
    case RS_OP_ISNULL: return 1 - there;
    case RS_OP_IN: return !known ? 0.2 : one * LIST_ITEMS < 0.5 ? one * LIST_ITEMS : 0.5;
    case RS_OP_LT:
    case RS_OP_LE:
    case RS_OP_GT:
    case RS_OP_GE: return 0.35;
    case RS_OP_LIKE:
    case RS_OP_GLOB: return 0.25;
    case RS_OP_NE:
    case RS_OP_ISNOT: return known ? 1 - one : 0.9;
    case RS_OP_NOTNULL: return known ? there : 0.9;
  }
  return 1;
}

void rs_plan_estimate(struct draft *f)
{
  const struct collection *c = f->c;
  sqlite3_value *limit = NULL;
  double all = c->rows >= 0 ? (double)c->rows : UNKNOWN_ROWS;
  double request = rs_output_traits(rs_target_info(f->target).output)->request_cost, rows, cost,
         full;
  bool unique = c->enforced || c->unique;
  if (all > MAX_ROWS) all = MAX_ROWS;
  full = request + all;
  rows = all * f->selectivity;
  if (f->key_lookup && unique && rows > 1) rows = 1;
  cost = request + rows;
  if (c->key >= 0 && !unique && f->scan.nterms > 0) {
    if (rows < all * 0.5) rows = all * 0.5;
    if (cost < full * 0.6) cost = full * 0.6;
  }
  if (f->scan.limit_arg && sqlite3_vtab_rhs_value(f->info, f->limit, &limit) == SQLITE_OK &&
      limit) {
    double n = (double)sqlite3_value_int64(limit);
    if (n >= 0 && n < rows) rows = n;
  }
  f->rows = rows < 1 ? 1 : rows;
  f->cost = f->missing ? 1e90 : cost;
  f->info->estimatedCost = f->cost;
  f->info->estimatedRows = (sqlite3_int64)rows + 1;
  if (f->key_lookup && c->enforced) f->info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
}
