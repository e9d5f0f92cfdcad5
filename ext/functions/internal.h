/*
** What the files of ext/functions share: query lambdas, as a value (lambdas.c) and as a table
** (query_vtab.c).
*/
#ifndef RS_EXT_FUNCTIONS_INTERNAL_H
#define RS_EXT_FUNCTIONS_INTERNAL_H
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
