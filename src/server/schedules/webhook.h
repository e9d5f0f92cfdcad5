/*
** POSTs to URLs that users of the API give: which of them may be asked, and asking one.
**
** Who may make a schedule may not thereby reach what only this machine can reach. So a host that
** the operator has not named (--webhook-hosts) is asked by https only, at an address of the public
** internet only, through no proxy; and with a list, no other host at all is. Redirects are never
** followed.
**
** A secret for the Authorization header is the operator's, too: an environment variable
** ROCKSETD_WEBHOOK_<NAME>, `host secret`, which is sent to that host and no other. Users say its
** name: `env:ROCKSETD_WEBHOOK_<NAME>`. It is in no document, answer, error or log.
**
** Not to be included together with server/http/http.h's room: src/net has names of its own.
**
** Threads: struct rs_webhooks does not change; a call belongs to one thread, but for
** rs_webhook_cancel. Blocking: rs_webhook_send. Errors: texts name host and port, never the path.
*/
#ifndef RS_SERVER_SCHEDULES_WEBHOOK_H
#define RS_SERVER_SCHEDULES_WEBHOOK_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/error.h"

struct rs_webhooks;
/* hosts: `host[:port],...`; NULL: no list. Takes the secrets out of the environment. Returns owned
** (rs_webhooks_close). RS_INVALID: the list or a secret can't be read. */
enum rs_code rs_webhooks_open(const char *hosts, struct rs_webhooks **pw, struct rs_error *e);
void rs_webhooks_close(struct rs_webhooks *w); /* NULL is fine */

/* May this URL be asked with this auth header (NULL: none)? RS_INVALID, RS_FORBIDDEN. */
enum rs_code rs_webhook_check(const struct rs_webhooks *w, const char *url, const char *auth,
                              struct rs_error *e);

/* Checks, and makes the call; nothing is sent yet. Returns owned (rs_webhook_end). */
struct rs_webhook_call;
enum rs_code rs_webhook_begin(const struct rs_webhooks *w, const char *url, const char *auth,
                              struct rs_webhook_call **pc, struct rs_error *e);
/* Sends JSON. RS_REMOTE with *status: an answer that is not 2xx; *status 0: there was none. */
enum rs_code rs_webhook_send(struct rs_webhook_call *c, const char *json, size_t n, int *status,
                             struct rs_error *e);
/* From any thread, until rs_webhook_end. */
void rs_webhook_cancel(struct rs_webhook_call *c);
void rs_webhook_end(struct rs_webhook_call *c); /* NULL is fine */

/* The payload with its places filled: {{QUERY_ID}}, {{QUERY_RESULTS}}. Within a JSON string they
** become part of it, elsewhere values of their own. RS_INVALID: what comes out is no JSON. */
struct rs_buf;
enum rs_code rs_webhook_fill(const char *payload, const char *query_id, const char *results,
                             struct rs_buf *b, struct rs_error *e);
#endif
