/*
** Stored SQL on its way to an engine: proven to be one statement, and checked (sql/callable.h) as
** far as the target's profile lets it go.
**
** Threads, blocking, errors: as the session functions of engine.h.
*/
#ifndef RS_ENGINE_CALLABLE_SESSION_H
#define RS_ENGINE_CALLABLE_SESSION_H
#include "engine.h"
#include "src/sql/callable.h"

/*
** Proves a stored text (rs_sqltext_one) and checks it, without an engine to ask.
*/
enum rs_code rs_callable_prove(const char *sql, size_t n, const struct rs_dialect *d,
                               const struct rs_output *o, bool trusted, const char *what,
                               struct rs_sqltext *one, struct rs_error *e);

/*
** The same, and asks the session's engine for names that are on no list, and gives the text to
** send, owned (rs_free). The session has no open rows.
*/
enum rs_code rs_callable_take(struct rs_session *s, const char *sql, size_t n, bool trusted,
                              const char *what, struct rs_sqltext *one, char **text,
                              struct rs_error *e);
/* RS_FORBIDDEN: the text, which may stand for one that is sent, calls users' own functions. */
enum rs_code rs_callable_need_builtin(struct rs_session *s, const char *sql, size_t n,
                                      const char *what, struct rs_error *e);
#endif
