/*
** Shared by resolve_mixed.c and resolve_mixed_call.c: nodes over values of several types. Functions
** return NULL or false on failure, with r->rc set.
*/
#ifndef RS_RSQL_MIXED_H
#define RS_RSQL_MIXED_H
#include "resolve.h"

/* JSON values that are numbers. */
extern const struct rsql_type rs_rsql_number_type;

/* ---- nodes ----------------------------------------------------------------------------------- */

struct rsql_node *rs_rsql_mixed_node(struct rsql_resolver *r, enum rsql_node_kind kind, size_t pos,
                                     size_t n);
/* The same with operands of its own. */
struct rsql_node *rs_rsql_mixed_copy(struct rsql_resolver *r, const struct rsql_node *x);
/* Is it a JSON value? */
bool rs_rsql_is_mixed(const struct rsql_node *x);
/* x as that type where it is one of these kinds; what: an error of another one, as in N_VIEW. */
struct rsql_node *rs_rsql_mixed_view(struct rsql_resolver *r, struct rsql_node *x, unsigned kinds,
                                     struct rsql_type type, const char *what, const char *behind);
/* As the type of that kind, NULL where it is of another one. */
struct rsql_node *rs_rsql_mixed_view_of(struct rsql_resolver *r, struct rsql_node *x,
                                        unsigned kind);
/* The type of the arrays among its values: an engine's list where one can be read, else JSON. */
struct rsql_type rs_rsql_mixed_array(const struct rsql_node *x);
/* x IS NOT NULL; a AND b, where a may be NULL. */
struct rsql_node *rs_rsql_mixed_there(struct rsql_resolver *r, struct rsql_node *x);
struct rsql_node *rs_rsql_mixed_both(struct rsql_resolver *r, struct rsql_node *a,
                                     struct rsql_node *b);
/* Makes x CASE WHEN a THEN b ELSE c END of that type; of numbers c is right for all. */
bool rs_rsql_mixed_case(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *a,
                        struct rsql_node *b, struct rsql_node *c, struct rsql_type type);
/* May it be written many times? */
bool rs_rsql_mixed_is_light(const struct rsql_resolver *r, const struct rsql_node *x);
/* The operands of x that are JSON and heavy get a name; *let: what binds them, NULL when there are
** none. Then x, as it has become, is its body. */
bool rs_rsql_mixed_bind(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node **let);
bool rs_rsql_mixed_bound(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *let);

/* Is it a function that takes the texts of its arguments (resolve_expr.c)? */
bool rs_rsql_takes_texts(const struct rsql_node *call);

/* ---- operands -------------------------------------------------------------------------------- */

/* What calculations take a JSON value for: TY_JSON, an int or a float. */
enum rsql_kind rs_rsql_mixed_number_kind(struct rsql_type t);
/* As a number; `what` as in a view. */
struct rsql_node *rs_rsql_mixed_number(struct rsql_resolver *r, struct rsql_node *x,
                                       const char *what, const char *behind);
/* y is the view of operand i: it is refused only where the others are no nulls. */
bool rs_rsql_mixed_beside(struct rsql_resolver *r, const struct rsql_node *x, size_t i,
                          struct rsql_node *y);
/* Operand i as a string. */
bool rs_rsql_mixed_string(struct rsql_resolver *r, struct rsql_node *x, size_t i, const char *what,
                          const char *behind);
/* The words of the error about operand i; finds x's type again. */
typedef const char *rs_rsql_what_fn(struct rsql_resolver *r, const struct rsql_node *x, size_t i);
typedef bool rs_rsql_finish_fn(struct rsql_resolver *r, struct rsql_node *x);
/* x's JSON operands become numbers; keeps: where an int gives an int, x becomes both. */
bool rs_rsql_mixed_calculate(struct rsql_resolver *r, struct rsql_node *x, bool keeps,
                             rs_rsql_what_fn *what, rs_rsql_finish_fn *finish);

/* Of an operator: the words of the error; finds its type again. */
const char *rs_rsql_operator_what(struct rsql_resolver *r, const struct rsql_node *x, size_t i);
bool rs_rsql_finish_operator(struct rsql_resolver *r, struct rsql_node *x);

/* ---- dates, times, bytes, intervals (resolve_typed.c) ---------------------------------------- */

/* Does an operand that is a JSON value stand where x takes typed values? */
bool rs_rsql_mixed_takes_typed(const struct rsql_node *x);
/* Such operands of an operator, EXTRACT or call become what they are, and values of another type an
** error of that row; *done: x has become another node, whose type is known. */
bool rs_rsql_mixed_typed(struct rsql_resolver *r, struct rsql_node *x, bool *done);
/* a - b of columns that both have numbers, and timestamps or datetimes; *done: it was one. */
bool rs_rsql_mixed_differ(struct rsql_resolver *r, struct rsql_node *x, bool *done);

/* ---- resolve_mixed_call.c -------------------------------------------------------------------- */

/* Finds the function and the type of a call again. */
bool rs_rsql_finish_call(struct rsql_resolver *r, struct rsql_node *x);
/* A call whose arguments are resolved; it may become another node. *done: its type is known. */
bool rs_rsql_mixed_call(struct rsql_resolver *r, struct rsql_node *x, bool *done);
/* TYPEOF of a column with a sidecar. */
bool rs_rsql_mixed_type_of(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *column);
/* Is it an aggregate, over the rows of a group? */
bool rs_rsql_mixed_of_rows(const struct rsql_node *x);
/* Operands that are floats get their ints back, objects and arrays all that they have, where that
** makes a difference to x. */
bool rs_rsql_mixed_wholes(struct rsql_resolver *r, struct rsql_node *x);
#endif
