/*
** Selections in dbt's grammar: names, wildcards, methods (tag:, config.materialized:, source:,
** ...), graph operators (+x, x+, 2+x+1, @x), union by space, intersection by comma, `*` for
** everything.
**
** Threads: the project is only read. Nothing blocks.
*/
#ifndef RS_PROJECT_SELECT_H
#define RS_PROJECT_SELECT_H
#include "../base/buf.h"
#include "project.h"

/*
** The models that `selection` names and `exclude` (may be NULL) does not, in the order of building;
** returned owned in *pnodes (rs_free). A plain name that matches nothing is RS_NOT_FOUND with the
** nearest name; other parts that match nothing are told in `warnings`, one sentence each.
*/
enum rs_code rs_select(struct rs_project *p, const char *selection, const char *exclude,
                       struct rs_node ***pnodes, size_t *n, struct rs_buf *warnings,
                       struct rs_error *e);
/* The same for nodes of some types (bits 1 << RS_NODE_*). Tests come along with any node that they
** test, and go with any that is excluded. */
enum rs_code rs_select_types(struct rs_project *p, const char *selection, const char *exclude,
                             unsigned types, struct rs_node ***pnodes, size_t *n,
                             struct rs_buf *warnings, struct rs_error *e);
#endif
