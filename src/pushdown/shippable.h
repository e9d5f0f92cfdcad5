/*
** What may be sent: the one place that decides whether an engine can evaluate a term of SQLite's
** WHERE or ORDER BY, and how, so that exactly SQLite's rows come back (design.md 5.2).
**
** Two steps, since the plan is fixed before values are known:
**   rs_shippable_term   at plan time, by the column's type and the operator: keep the term local,
**                       send a superset that SQLite rechecks, or send it exactly (consumed);
**   rs_shippable_bind   at run time, by the value: never, always, IS [NOT] NULL, or a comparison
**                       whose value has the column's own type, so that the engine neither
**                       converts nor fails.
**
** What a type may do:
**
**   column                   null tests  =, <>, IS, IN   < <= > >=           ORDER BY
**   int, bool, bytes         exact       exact           exact               exact
**   float                    exact       exact           exact (not: text)   exact, NaN as NULL
**   date, time, timestamp,   exact       exact           exact for a text    exact, as text
**     uuid                                               literal, else recheck
**   text, enum               exact       exact for a text literal, else      exact
**                                        recheck
**   hugeint, decimal,        exact       local           local               local
**     timestamptz
**   json, mixed, other       local       local           local               local
**
** LIKE and GLOB: int, text, enum and the dates' row are sent as a superset and rechecked, with what
** the engine's LIKE knows (%), by the engine's lower() for LIKE; but `text GLOB 'abc*'`, a literal
** of plain letters and a star at its end, is exact. Two things keep the others from it: SQLite
** stops reading a text at a NUL, and LIKE folds ASCII only. Others: local.
**
** Why text needs a literal: SQLite compares a TEXT column with a number as text when the number is
** a literal or a parameter, but as numbers ('010' = 10) when it comes from a column that has
** numeric affinity. Which of the two it is can't be seen, so whatever could be a number is
** rechecked. Why float refuses text: `x GLOB 'I*'` hands us `x >= 'I'` too, though REAL infinity
** reads as 'Inf'.
**
** Pure functions; nothing blocks or allocates; SQLite is not known here: the caller has applied the
** column's numeric affinity to text values (rs_shippable_numeric says for which columns).
*/
#ifndef RS_PUSHDOWN_SHIPPABLE_H
#define RS_PUSHDOWN_SHIPPABLE_H
#include <stdbool.h>
#include <stddef.h>
#include "src/sql/dialect.h"
#include "src/value/value.h"

/* Operators of a term `column OP value`. */
enum rs_op {
  RS_OP_EQ,
  RS_OP_NE,
  RS_OP_LT,
  RS_OP_LE,
  RS_OP_GT,
  RS_OP_GE,
  RS_OP_IS,
  RS_OP_ISNOT,
  RS_OP_ISNULL,
  RS_OP_NOTNULL,
  RS_OP_IN,
  RS_OP_LIKE,
  RS_OP_GLOB
};
/* Does a comparison hold of two values in that order (rs_value_compare)? Other operators: yes. */
bool rs_op_holds(enum rs_op op, int order);
const char *rs_op_text(enum rs_op op); /* "=", "IS NOT" ... */

/* What is known of the right-hand side when the plan is made: a literal's kind, or nothing. */
enum rs_rhs {
  RS_RHS_UNKNOWN,
  RS_RHS_NULL,
  RS_RHS_NUMBER,
  RS_RHS_TEXT,
  RS_RHS_BYTES,
  RS_RHS_PREFIX /* of GLOB: a text for which rs_shippable_is_prefix */
};

enum rs_ship {
  RS_SHIP_LOCAL,   /* not sent */
  RS_SHIP_RECHECK, /* sent as a superset; SQLite evaluates it again */
  RS_SHIP_EXACT    /* sent; gives exactly SQLite's rows for every value */
};

/* ---- plan time ------------------------------------------------------------------------------- */

/* `binary` = the term compares text by BINARY collation. */
enum rs_ship rs_shippable_term(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                               enum rs_rhs rhs, bool binary);
/* Why a term is not sent, or not exactly, in words: "collation", "type" ... NULL: it is exact. */
const char *rs_shippable_why(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                             enum rs_rhs rhs, bool binary);
/* A GLOB pattern `abc*`: nothing but plain characters in front of its star. */
bool rs_shippable_is_prefix(const char *p, size_t n);
/* Are values that the engine takes for equal the same for SQLite, too? (Of floats but for -0.0.) */
bool rs_shippable_distinct(enum rs_type type);
/* Is the ORDER BY of such a column its name alone? */
bool rs_shippable_plain_order(const struct rs_dialect *d, enum rs_type type);
/* Can the engine sort by this column as SQLite's BINARY does, NULLs (and NaN) smallest? */
bool rs_shippable_order(const struct rs_dialect *d, enum rs_type type);
/* True for columns to whose comparisons SQLite applies NUMERIC affinity. */
bool rs_shippable_numeric(enum rs_type type);

/* ---- run time -------------------------------------------------------------------------------- */

enum rs_bound_kind {
  RS_BOUND_FALSE,       /* no row */
  RS_BOUND_TRUE,        /* every row */
  RS_BOUND_NULL,        /* where it is NULL (or NaN) */
  RS_BOUND_NOT_NULL,    /* where it is not */
  RS_BOUND_CMP,         /* column OP value */
  RS_BOUND_CMP_OR_NULL, /* the same, or NULL */
  RS_BOUND_LIKE,        /* column LIKE value, a pattern of %; `fold`: by lower() of both */
  RS_BOUND_IN           /* column IN value, an RS_LIST of one kind that is not empty */
};

/* A term with its value. Borrows the bytes of the value it was made from. */
struct rs_bound {
  enum rs_bound_kind kind;
  enum rs_op op; /* RS_OP_EQ, NE, LT, LE, GT or GE */
  bool bytes;    /* compare the text's bytes (dialect text_bytes) */
  bool fold;
  bool as_time;          /* the value itself is compared, too, or alone (times.h) */
  bool or_number;        /* also texts that look like numbers (dialect like_number) */
  struct rs_value value; /* of the kind that the column compares as */
};

/* The term as it is to be sent for this value; v is NULL for RS_OP_ISNULL and RS_OP_NOTNULL.
** Only for terms that rs_shippable_term did not keep local; not for RS_OP_IN, _LIKE, _GLOB. */
void rs_shippable_bind(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                       enum rs_rhs rhs, const struct rs_value *v, struct rs_bound *out);
/* RS_OP_IN: keeps in `items` what can match at all, converted, neighbours that are equal once.
** `out` borrows items. */
void rs_shippable_bind_list(const struct rs_dialect *d, enum rs_type type, struct rs_value *items,
                            size_t n, struct rs_bound *out);
/* RS_OP_LIKE, RS_OP_GLOB: writes the engine's pattern into `pattern`, which `out` borrows; it has
** room for v->s.n + 1 bytes. */
void rs_shippable_bind_pattern(enum rs_op op, const struct rs_value *v, char *pattern,
                               struct rs_bound *out);
#endif
