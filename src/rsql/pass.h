/*
** Statements that are no Rockset SQL but may be the engine's own: see RS_RSQL_PASS in rsql.h.
*/
#ifndef RS_RSQL_PASS_H
#define RS_RSQL_PASS_H
#include "emit.h"

/* Makes s a PASS when its text may be sent; else returns why->code with the parser's error in `why`
** left as it is, or a better one (RS_NOT_FOUND for what is ours). */
enum rs_code rs_rsql_pass(struct rs_rsql_stmt *s, struct rs_error *why);
/* Writes it with markers or literals. */
void rs_rsql_pass_write(struct rsql_writer *w);
/* Must this function not be called: it runs SQL from text, or shows or reads what is not ours to
** show (settings, files, the engine's catalog)? */
bool rs_rsql_is_forbidden(const char *name, size_t n);
/* Is it the engine's catalog, or ours? */
bool rs_rsql_is_hidden(const char *workspace, const char *name);
#endif
