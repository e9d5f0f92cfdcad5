/*
** Query lambdas as the files of ext/ use them: rockset_query_lambda (lambdas.c as a
** value, query_vtab.c as a table) and virtual tables over one (ext/collection/lambda.c).
*/
#ifndef RS_EXT_FUNCTIONS_LAMBDA_H
#define RS_EXT_FUNCTIONS_LAMBDA_H
#include "src/engine/control.h"
#include "src/base/arena.h"
#include "ext/base/connection.h"

/* What 'name' or 'workspace.name' and `which` (16 hex digits: a version; other text: a tag; NULL:
** the tag latest) mean. Texts in the arena; `which` is borrowed. */
enum rs_code rs_lambda_ref(struct rs_conn *c, const char *name, const char *which, const char *fn,
                           struct rs_arena *arena, struct rs_lambda_ref *ref, struct rs_error *e);
/* Runs it with parameters as a JSON object (NULL: none). */
enum rs_code rs_lambda_open(struct rs_conn *c, struct rs_session *s,
                            const struct rs_lambda_ref *ref, const char *params,
                            struct rs_arena *arena, struct rs_rows **rows, struct rs_error *e);
#endif
