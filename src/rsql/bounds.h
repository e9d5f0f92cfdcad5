/*
** Bounds of a statement that an engine is to plan: how deep and long its expressions are, how many
** relations it joins, how many queries it is made of.
**
** Pure; nothing blocks. RS_LIMIT names the bound that was passed.
*/
#ifndef RS_RSQL_BOUNDS_H
#define RS_RSQL_BOUNDS_H
#include <stddef.h>
#include "../adapter/dialect.h"
#include "../base/error.h"

/* text: as it is sent to an engine of dialect d. */
enum rs_code rs_rsql_check_bounds(const char *text, size_t n, const struct rs_dialect *d,
                                  struct rs_error *e);
#endif
