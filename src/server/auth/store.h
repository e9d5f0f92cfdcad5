/*
** Small JSON documents that the server keeps in its target: API keys, descriptions. Names are
** (kind, workspace, name).
**
** Blocks on the session. Texts returned live in the arena.
*/
#ifndef RS_SERVER_AUTH_STORE_H
#define RS_SERVER_AUTH_STORE_H
#include "src/server/server.h"

/* *body: NULL when there is none. */
enum rs_code rs_store_get(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, struct rs_arena *a, const char **body,
                          struct rs_error *e);
enum rs_code rs_store_put(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, const char *body, struct rs_error *e);
enum rs_code rs_store_remove(struct rs_session *s, const char *kind, const char *workspace,
                             const char *name, struct rs_error *e);
/* By workspace and name; workspace NULL: all. Texts are borrowed for the call. */
typedef enum rs_code (*rs_store_fn)(void *ctx, const char *workspace, const char *name,
                                    const char *body);
enum rs_code rs_store_each(struct rs_session *s, const char *kind, const char *workspace,
                           rs_store_fn fn, void *ctx, struct rs_error *e);
#endif
