/*
** What Rockset refuses where engines convert: operands and arguments of the wrong type, by what is
** known of them. A wrong type is an error of the row that has a value there, so that WHERE and CASE
** guard it as written.
*/
#ifndef RS_RSQL_STRICT_H
#define RS_RSQL_STRICT_H
#include "emit.h"

/* Kinds that compare with one another: 1 numbers, 2 booleans, 3 strings, 4 arrays; 0: not known, or
** left to the engine, as dates are: a loader may have taken a text for a date. */
int rs_rsql_class_of(enum rsql_kind k);
/* Are they known, and of types whose comparison is null? */
bool rs_rsql_are_unlike(enum rsql_kind a, enum rsql_kind b);

/* The first argument of a type that the function refuses, from 1 on; 0: none is known to be. */
int rs_rsql_wrong_argument(const struct rsql_node *call);
/* What argument i of a function must be: a letter of strict.c's table; 0: nothing is said. */
char rs_rsql_argument_letter(const char *function, size_t i);
/* Rockset's name of a type. */
const char *rs_rsql_kind_name(enum rsql_kind k);
/* The words for it: "string", "number" ... */
const char *rs_rsql_letter_name(char letter);
/* The first operand of + - * / % that can't be one; likewise. */
int rs_rsql_wrong_operand(const struct rsql_node *chain);
/* A call or chain with one (node->op): fails where none of the operands is null. */
void rs_rsql_write_wrong(struct rsql_writer *w, const struct rsql_node *x);

/* Instants, one of them an `_event_time` without a zone: the others are brought to its form, so
** that the column stays bare and an engine can skip what it has statistics of. */
bool rs_rsql_in_utc(struct rsql_node *const *v, size_t n);
void rs_rsql_write_utc(struct rsql_writer *w, const struct rsql_node *x);

/* The type that both become in a CASE: a JSON value where they differ. */
struct rsql_type rs_rsql_type_either(struct rsql_type a, struct rsql_type b);
/* One of the values of a CASE or COALESCE of that type. */
void rs_rsql_write_either(struct rsql_writer *w, const struct rsql_node *x, struct rsql_type type);
#endif
