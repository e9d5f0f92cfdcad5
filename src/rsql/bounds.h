/*
** Bounds of a statement: its set operations, joins, queries, expressions, nesting and length.
**
** Pure; nothing blocks. RS_LIMIT names the bound that was passed.
*/
#ifndef RS_RSQL_BOUNDS_H
#define RS_RSQL_BOUNDS_H
#include <stddef.h>
#include "../base/error.h"

enum rs_code rs_rsql_check_bounds(const char *text, size_t n, struct rs_error *e);
#endif
