/*
** Bounds of a statement that an engine is to plan: how deep and long its expressions are, how many
** relations it joins, how many queries it is made of, and the same of the views that it names.
**
** Nothing blocks but the caller's `see`. RS_LIMIT names the bound that was passed.
*/
#ifndef RS_RSQL_BOUNDS_H
#define RS_RSQL_BOUNDS_H
#include "rsql.h"

/* text: as it is sent to an engine of dialect d. views: NULL, nothing is known of any. */
enum rs_code rs_rsql_check_bounds(const char *text, size_t n, const struct rs_dialect *d,
                                  const struct rs_rsql_views *views, struct rs_error *e);
#endif
