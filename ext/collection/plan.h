/*
** Internal header of planning: one call of xBestIndex, as its files share it.
**
**   plan.c     terms, order, columns, limit: what is sent
**   cost.c     the rows and the cost that SQLite gets
**   plans.c    the plans of a table, found again by xFilter
**   explain.c  rockset_explain, which records drafts
*/
#ifndef RS_EXT_COLLECTION_PLAN_H
#define RS_EXT_COLLECTION_PLAN_H
#include "internal.h"

/* Nowhere before this version does the key of a WITHOUT ROWID table count as used, always. */
#define RS_KEY_ALWAYS_USED 3041000
/* From this version on a LIMIT is offered only where every term is, too. */
#define RS_LIMIT_MENDED 3046000

enum { ABSENT = -1, UNUSABLE = -2 }; /* instead of a parameter's constraint */

/* What one call of xBestIndex finds. */
struct draft {
  struct collection *c;
  sqlite3_index_info *info;
  struct rs_target *target;
  const struct rs_dialect *d;
  struct rs_scan scan;
  struct rs_scan_term *terms;  /* scan.terms, still writable */
  struct rs_scan_order *order; /* scan.order */
  int *fetch, *slot;           /* scan.fetch; plan.slot */
  int *term_constraint;        /* by term: its constraint */
  int *param_constraint;       /* by parameter: its constraint, or ABSENT ... */
  bool *given;                 /* plan.given */
  int limit, offset;           /* constraints, or -1 */
  bool all_exact;              /* every constraint is sent and exact */
  bool row_value;              /* a term may be half of (a, b) <= (?, ?) */
  bool sided;                  /* sidecars are fetched */
  bool off;                    /* rockset_push_down(0): nothing but columns is asked for */
  bool unusable_param;
  const char *missing;
  double selectivity;
  bool key_lookup;
  double rows, cost; /* as SQLite gets them */
  /* for rockset_explain, in words; NULL: it is sent exactly, or there is none */
  const char **why; /* by constraint: why it is not sent, or not exactly */
  const char *order_why, *limit_why;
};

/* ---- cost.c ---------------------------------------------------------------------------------- */

/* The part of a table's rows that a term on the column leaves. */
double rs_plan_selectivity(const struct collection *c, int column, enum rs_op op);
/* Sets rows and cost, and tells SQLite. */
void rs_plan_estimate(struct draft *f);

/* ---- plans.c --------------------------------------------------------------------------------- */

/* Keeps the draft as a plan of its table; sets idxNum and idxStr. Returns SQLite's code. */
int rs_plan_store(struct draft *f);

/* ---- explain.c ------------------------------------------------------------------------------- */

/* Notes the draft when rockset_explain is at work on this connection. SQLITE_NOMEM or SQLITE_OK. */
int rs_explain_note(const struct draft *f);
#endif
