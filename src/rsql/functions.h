/*
** Rockset's functions as data: name, number of arguments, types they are for, and the text for each
** engine.
**
** A template's text is copied; `$1` .. `$9` are arguments (in brackets where an operator stands
** beside them), `$*` all arguments with DISTINCT and ORDER BY, `$~` FILTER and OVER,
** `${text|separator}` the text once for each argument, which is `$?` there; `$$` is a dollar.
** NULL: the same name and arguments. "-": the engine has no form.
*/
#ifndef RS_RSQL_FUNCTIONS_H
#define RS_RSQL_FUNCTIONS_H
#include "ast.h"

/* An interval of Trino's, which has milliseconds: others are an error. */
#define RS_RSQL_T_MICROS_OF(x)                                                                  \
  "element_at(transform(ARRAY[" x "], rs_u -> CASE WHEN rs_u % 1000 = 0 THEN rs_u / 1000 * "    \
  "INTERVAL '0.001' SECOND WHEN rs_u IS NOT NULL THEN fail('Intervals have whole milliseconds " \
  "here, not ' || CAST(rs_u AS varchar) || ' microseconds.') END), 1)"

struct rsql_function {
  const char *name;     /* in upper case */
  signed char min, max; /* arguments; max -1: any number */
  /* One letter an argument: s string, b bytes, l list, J list of JSON, m map, o struct, j JSON,
  ** i int, n any number, d date, t datetime, z timestamp, h time, v interval,
  ** V month_interval, f float, B bool, u u256, N null, E what may be an element of the first one,
  ** L a list of such (or no array at all), . anything. NULL: all. */
  const char *when;
  /* What the function takes: a JSON value is made s, a string, or n, a number; a string is made b,
  ** bytes; a NULL is made z, a timestamp, or v, an interval, for an engine that must choose between
  ** them. 0: as it is. */
  char in;
  /* The result: these letters (v: microsecond_interval), S list of strings, a list of the
  ** argument's values; 1, 2: the type of that argument, c: of all, C: of all but the first, e: of
  ** the first one's elements, 0: not known. */
  char result;
  const char *duckdb, *trino;
};

/* The first row that fits name, count and types; NULL: not known. */
const struct rsql_function *rs_rsql_function_find(const char *name, struct rsql_node *const *v,
                                                  size_t n);
/* Does its form raise an error for some values? The engine may not see that before it runs. */
bool rs_rsql_function_raises(const struct rsql_function *f);
/* Is there a row of that name at all? *min, *max: of all its rows. */
bool rs_rsql_function_known(const char *name, int *min, int *max);
/* Does it take many rows for one value? */
bool rs_rsql_function_aggregates(const char *name);
/* Is there such a call in x, which may be NULL? over: one with OVER counts, too. */
bool rs_rsql_aggregates(const struct rsql_node *x, bool over);
/* Are all functions of x known, so that it is known whether they are aggregates? No star is. */
bool rs_rsql_functions_known(const struct rsql_node *x);
/* Is it of use with OVER only? */
bool rs_rsql_function_needs_window(const char *name);
/* Does it give one of its arguments, which may be of different types? */
bool rs_rsql_function_boxes(const struct rsql_function *f);
/* The whole table, for tests. */
const struct rsql_function *rs_rsql_functions(size_t *n);
struct rsql_type rs_rsql_function_type(const struct rsql_function *f, struct rsql_node *const *v,
                                       size_t n);
#endif
