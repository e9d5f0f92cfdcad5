/* dbt clone: a node of one target shown in another. */
#ifndef RS_PROJECT_BUILD_CLONE_H
#define RS_PROJECT_BUILD_CLONE_H
#include "src/project/model/project.h"

/* The query of the view that stands for n->clone_of, into sql; or *message, owned (rs_free): there
** is nothing to do, and why. */
enum rs_code rs_clone_sql(const struct rs_project *p, const struct rs_node *n, struct rs_session *s,
                          struct rs_buf *sql, char **message, struct rs_error *e);
#endif
