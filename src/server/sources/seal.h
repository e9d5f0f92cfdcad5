/*
** Secrets that are kept in the target: sealed by AES-256-GCM with a key that the operator has, so
** that neither the file of the target nor a copy of it gives them away.
**
** The key is 64 hex digits, in a file or in ROCKSETD_INTEGRATIONS_KEY. A sealed text belongs to the
** name it was sealed with: moved to another one it can't be opened. libcrypto (OpenSSL 1.1 or 3)
** does it, loaded when the first key is read.
**
** Threads: a seal does not change. Blocking: rs_seal_open, on the file. Errors never have a secret.
*/
#ifndef RS_SERVER_SOURCES_SEAL_H
#define RS_SERVER_SOURCES_SEAL_H
#include "src/base/arena.h"
#include "src/base/error.h"

struct rs_seal;
/* file NULL: the environment's, out of which it is taken; *ps NULL: there is no key. Returns owned
** (rs_seal_close). RS_INVALID: it is none; RS_UNSUPPORTED: no libcrypto. */
enum rs_code rs_seal_open(const char *file, struct rs_seal **ps, struct rs_error *e);
void rs_seal_close(struct rs_seal *s); /* NULL is fine */

/* *sealed: base64, in the arena. */
enum rs_code rs_seal_close_text(const struct rs_seal *s, const char *name, const char *text,
                                struct rs_arena *a, const char **sealed, struct rs_error *e);
/* RS_AUTH: sealed with another key or for another name, or damaged. */
enum rs_code rs_seal_open_text(const struct rs_seal *s, const char *name, const char *sealed,
                               struct rs_arena *a, const char **text, struct rs_error *e);
#endif
