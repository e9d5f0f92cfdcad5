/*
** The materialization query_lambda: the model's SQL becomes a query lambda of the target.
**
** Config, as dbt-rockset has it:
**   parameters   a list of {name, type, value}: the defaults
**   tags         each is set to the new version as well
**   description  else the model's own
**
** A lambda that already has this text, defaults and description gets no new version. Blocks; one
** session, errors as the session functions of engine/engine.h.
*/
#ifndef RS_PROJECT_BUILD_LAMBDA_H
#define RS_PROJECT_BUILD_LAMBDA_H
#include "src/engine/engine.h"
#include "src/project/model/project.h"

/* *message: returned owned, one sentence of what was done. */
enum rs_code rs_lambda_materialize(struct rs_session *s, const struct rs_node *n, const char *sql,
                                   char **message, struct rs_error *e);
#endif
