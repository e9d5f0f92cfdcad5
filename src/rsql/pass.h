/*
** Statements that are no Rockset SQL but may be the engine's own: see RS_RSQL_PASS in rsql.h.
*/
#ifndef RS_RSQL_PASS_H
#define RS_RSQL_PASS_H
#include "ast.h"

/* Makes s a PASS when its text may be sent; else returns why->code with the parser's error in `why`
** left as it is, or a better one (RS_NOT_FOUND for what is ours). */
enum rs_code rs_rsql_pass(struct rs_rsql_stmt *s, struct rs_error *why);
/* Writes it with markers or literals. */
enum rs_code rs_rsql_pass_emit(struct rs_rsql_stmt *s, const struct rs_dialect *d, bool inlined,
                               struct rs_buf *b, struct rs_rsql_output *out, struct rs_error *e);
/* Must this function not be called: it runs SQL from text, or shows or reads what is not ours to
** show (settings, files, the engine's catalog)? */
bool rs_rsql_is_forbidden(const char *name, size_t n);
#endif
