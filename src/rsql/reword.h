/*
** What an engine says of the text that it was sent, in Rockset's words.
*/
#ifndef RS_RSQL_REWORD_H
#define RS_RSQL_REWORD_H
#include "ast.h"

/* e has the engine's own message. It becomes one about the user's text; *pos: where it is about,
** untouched when that is not known. */
void rs_rsql_reword(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e);
#endif
