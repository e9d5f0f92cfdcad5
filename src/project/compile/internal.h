/*
** Descriptions: texts with doc('name') in them, rendered when their node is parsed.
**
** Ownership: texts lie in the project's arena. Threads: the owner's, while it parses.
*/
#ifndef RS_PROJECT_COMPILE_INTERNAL_H
#define RS_PROJECT_COMPILE_INTERNAL_H
#include "src/project/names/names.h"

/* Descriptions of a node and its columns with what their doc() calls name. c is an
** evaluation of the node while it is parsed. */
enum rs_code rs_describe(struct rs_context *c, struct rs_node *n, struct rs_error *e);
/* Those of macros and of their arguments. */
enum rs_code rs_describe_macros(struct rs_project *p, struct rs_error *e);
/* One text; *text is replaced in the project's arena. */
enum rs_code rs_describe_text(struct rs_context *c, const char **text, struct rs_error *e);

#endif
