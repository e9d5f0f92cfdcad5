/*
** What of a scan an engine does: which terms of WHERE and ORDER BY may be sent, and the SQL text
** that sends them.
**
**   rs_shippable_*   the one place that decides what may be sent
**   rs_path_*        the one place that writes the way to a value inside of a column
**   rs_deparse_*     the one place that writes the SELECT of a scan
**
** The extension's collections plan and scan by these; engines count and describe by rs_deparse_*.
** Neither SQLite nor an engine is known here, only dialect rows (sql/dialect.h).
**
** Pure functions; nothing blocks. Texts go to a buffer of the caller's, whose error is sticky.
*/
#ifndef RS_PUSHDOWN_PUSHDOWN_H
#define RS_PUSHDOWN_PUSHDOWN_H
#include <stdbool.h>
#include <stddef.h>
#include "src/sql/dialect.h"
#include "src/value/value.h"
#include "src/base/arena.h"
#include "src/base/buf.h"

/* ---- what may be sent (shippable.c) ---------------------------------------------------------- */

/*
** What may be sent: the one place that decides whether an engine can evaluate a term of SQLite's
** WHERE or ORDER BY, and how, so that exactly SQLite's rows come back.
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
**   mixed, of members that   recheck     =, IS, IN:      recheck             local
**     are known (members.c)                recheck
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
  RS_BOUND_IN,          /* column IN value, an RS_LIST of one kind that is not empty */
  RS_BOUND_MEMBERS      /* of one of several types: any of `each`; with RS_OP_ISNULL all of them */
};

/* A term with its value. Borrows the bytes of the value it was made from. */
struct rs_bound {
  enum rs_bound_kind kind;
  enum rs_op op; /* RS_OP_EQ, NE, LT, LE, GT or GE */
  bool bytes;    /* compare the text's bytes (dialect text_bytes) */
  bool fold;
  bool as_time;                /* the value itself is compared, too, or alone (internal.h) */
  bool or_number;              /* also texts that look like numbers (dialect like_number) */
  struct rs_value value;       /* of the kind that the column compares as */
  const struct rs_bound *each; /* by member of the column (rs_scan_column); n of them */
  size_t n;
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

/* ---- columns of several types (members.c) ---------------------------------------------------- */

struct rs_scan_column;
/* The members of a column of that type, in the arena; none: it is of another kind, or not known
** here. False: out of memory. */
bool rs_members_read(const char *native, const char *column, struct rs_arena *a,
                     struct rs_scan_column **out, size_t *n);
/* rs_shippable_term of a column with members, which is never exact; *why: the reason. */
enum rs_ship rs_shippable_members(const struct rs_dialect *d, enum rs_op op, bool binary,
                                  const char **why);
/* As rs_shippable_bind, _list, _pattern: of a column with members. `each` has room for one of each
** member, which `out` borrows; `room` for n values of each. b: what the pattern is for texts. */
void rs_shippable_bind_members(const struct rs_dialect *d, const struct rs_scan_column *c,
                               enum rs_op op, enum rs_rhs rhs, const struct rs_value *v,
                               struct rs_bound *each, struct rs_bound *out);
void rs_shippable_bind_members_list(const struct rs_dialect *d, const struct rs_scan_column *c,
                                    const struct rs_value *items, size_t n, struct rs_value *room,
                                    struct rs_bound *each, struct rs_bound *out);
void rs_shippable_bind_members_pattern(const struct rs_scan_column *c, const struct rs_bound *b,
                                       struct rs_bound *each, struct rs_bound *out);

/* ---- values inside of a column (path.c) ------------------------------------------------------ */

/*
** Values inside of a column's objects and arrays, as an expression of the engine: the one place
** that knows how each dialect takes them out (the rows path_style, json_of, path_text and
** path_types of sql/dialect.h).
**
** Whatever the engine: what is missing, JSON null, or no value of the type is NULL; an object or
** array is JSON text.
**
** Pure text; nothing blocks. Errors are sticky in the buffer.
*/

/* One step into a value: a field, or an element counted from 0. Borrows. */
struct rs_path_step {
  const char *field; /* NULL: an element */
  int index;
};

/* A value inside of a column; borrows. */
struct rs_path {
  const char *relation;   /* its name in the statement, which a column may have, too */
  const char *root;       /* the column */
  enum rs_type root_type; /* its own */
  const struct rs_path_step *steps;
  size_t nsteps;
};

/* Does the dialect know a way? */
bool rs_path_possible(const struct rs_dialect *d);

/* The value as an expression of the type (RS_T_TEXT, RS_T_INT, RS_T_FLOAT, RS_T_BOOL). */
void rs_path_write(const struct rs_dialect *d, const struct rs_path *path, enum rs_type type,
                   struct rs_buf *out);

/* ---- the SELECT of a scan (deparse.c) -------------------------------------------------------- */

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

/* IN lists up to this length are written as literals; longer ones are one RS_LIST parameter. */
#define RS_DEPARSE_LITERALS 200

struct rs_scan_column {
  const char *name;
  enum rs_type type;
  const struct rs_path *path; /* NULL: a column of the relation */
  bool nanoseconds;           /* its range is narrower than that of a TIMESTAMP '...' */
  /* NULL, or its sidecar (value/boxed.h), which may hold the row's value in its place: a term is
  ** sent with "or there is one", and never exact */
  const char *side;
  const struct rs_scan_column *members; /* of a column of several types that is known here; each */
  size_t nmembers;                      /* has the column's name, a type, and: */
  const char *member;                   /* its own name (dialect member) */
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
  const struct rs_bound *bounds; /* one for each of s->terms; RS_BOUND_FALSE with a sidecar only */
  int64_t limit, offset;         /* negative: none */
};

/* Adds the parameters of the terms to *params, which holds those of the query already. */
void rs_deparse_select(const struct rs_dialect *d, const struct rs_scan *s,
                       const struct rs_scan_values *values, struct rs_buf *out,
                       struct rs_params *params);
#endif
