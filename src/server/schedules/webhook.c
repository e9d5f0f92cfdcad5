/*
** Webhooks (see webhook.h).
*/
#include "webhook.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/net/http.h"
#include "src/server/sources/hosts.h"

#define SECRETS "ROCKSETD_WEBHOOK_"
#define SECRETS_LEN (sizeof SECRETS - 1)

enum { TOTAL_MS = 20000, CONNECT_MS = 5000, TRIES = 3 };

extern char **environ;

struct secret {
  const char *variable;
  struct rs_host host;
  const char *value;
};

struct rs_webhooks {
  struct rs_arena arena;
  struct rs_hosts hosts;
  struct secret *secrets;
  size_t nsecrets;
};

#define WHAT "webhook_url"

static bool is_loopback(const char *host)
{
  return rs_casecmp(host, "localhost") == 0 || rs_eq(host, "127.0.0.1") || rs_eq(host, "[::1]");
}

/* ---- what the operator says ------------------------------------------------------------------ */

/* `host secret`, of NAME=... */
static enum rs_code read_secret(struct rs_webhooks *w, const char *entry, struct secret *s,
                                struct rs_error *e)
{
  const char *equals = strchr(entry, '='), *value = equals + 1;
  size_t n = strcspn(value, " ");
  s->variable = rs_arena_strndup(&w->arena, entry, (size_t)(equals - entry));
  if (s->variable == NULL) return rs_nomem(e);
  const char *rest = value + n + strspn(value + n, " ");
  if (*rest == 0 || !rs_host_read(value, n, &w->arena, &s->host))
    return rs_fail(e, RS_INVALID, "%s: 'HOST SECRET' is needed, the host that may get it in front",
                   s->variable);
  s->value = rs_arena_strdup(&w->arena, rest);
  if (s->value == NULL) return rs_nomem(e);
  const char *blank = strchr(rest, ' ');
  return rs_redact_add(blank != NULL ? blank + 1 : rest) == RS_OK ? RS_OK : rs_nomem(e);
}

/* Out of the environment, and out of the memory that /proc/PID/environ shows. */
static void take_out(const struct secret *s)
{
  char *text = getenv(s->variable);
  if (text != NULL) memset(text, 0, strlen(text));
  (void)unsetenv(s->variable);
}

static enum rs_code read_secrets(struct rs_webhooks *w, struct rs_error *e)
{
  size_t n = 0;
  for (char **v = environ; v != NULL && *v != NULL; v++)
    if (strncmp(*v, SECRETS, SECRETS_LEN) == 0 && strchr(*v, '=') != NULL) n++;
  w->secrets = rs_arena_calloc(&w->arena, (n + 1) * sizeof w->secrets[0]);
  if (w->secrets == NULL) return rs_nomem(e);
  for (char **v = environ; v != NULL && *v != NULL && w->nsecrets < n; v++) {
    if (strncmp(*v, SECRETS, SECRETS_LEN) != 0 || strchr(*v, '=') == NULL) continue;
    enum rs_code rc = read_secret(w, *v, &w->secrets[w->nsecrets], e);
    if (rc != RS_OK) return rc;
    w->nsecrets++;
  }
  for (size_t i = 0; i < w->nsecrets; i++) take_out(&w->secrets[i]);
  return RS_OK;
}

enum rs_code rs_webhooks_open(const char *hosts, struct rs_webhooks **pw, struct rs_error *e)
{
  struct rs_webhooks *w = rs_calloc(1, sizeof *w);
  if (w == NULL) return rs_nomem(e);
  rs_arena_init(&w->arena, 0);
  enum rs_code rc = rs_hosts_read("--webhook-hosts", hosts, &w->arena, &w->hosts, e);
  if (rc == RS_OK) rc = read_secrets(w, e);
  if (rc == RS_OK) *pw = w;
  else rs_webhooks_close(w);
  return rc;
}

void rs_webhooks_close(struct rs_webhooks *w)
{
  if (w == NULL) return;
  rs_arena_free(&w->arena);
  rs_free(w);
}

/* ---- may it be asked? ------------------------------------------------------------------------ */

static enum rs_code find_secret(const struct rs_webhooks *w, const struct rs_url *u,
                                const char *auth, const char **value, struct rs_error *e)
{
  *value = NULL;
  if (auth == NULL) return RS_OK;
  if (strncmp(auth, "env:" SECRETS, SECRETS_LEN + 4) != 0)
    return rs_fail(e, RS_INVALID,
                   "webhook_auth_header: a secret is not kept here: name one of the server's "
                   "environment variables, 'env:" SECRETS "...', whose value is 'HOST SECRET'");
  for (size_t i = 0; i < w->nsecrets; i++) {
    const struct secret *s = &w->secrets[i];
    if (!rs_eq(s->variable, auth + 4)) continue;
    if (!rs_host_is(&s->host, u))
      return rs_fail(e, RS_FORBIDDEN, "webhook_auth_header: %s is not for '%s:%d'", s->variable,
                     u->host.name, u->host.port);
    if (!u->tls && !is_loopback(u->host.name))
      return rs_fail(e, RS_FORBIDDEN,
                     "webhook_auth_header: http:// would show it to the network: use https");
    *value = s->value;
    return RS_OK;
  }
  return rs_fail(e, RS_INVALID,
                 "webhook_auth_header: the server was started without a variable of this name");
}

static enum rs_code check(const struct rs_webhooks *w, const char *url, const char *auth,
                          struct rs_arena *a, struct rs_url *u, const char **secret,
                          struct rs_error *e)
{
  enum rs_code rc = rs_url_read(url, WHAT, "webhook_auth_header names a secret", a, u, e);
  if (rc == RS_OK) rc = rs_hosts_check(&w->hosts, u, WHAT, e);
  if (rc == RS_OK) rc = find_secret(w, u, auth, secret, e);
  return rc;
}

enum rs_code rs_webhook_check(const struct rs_webhooks *w, const char *url, const char *auth,
                              struct rs_error *e)
{
  struct rs_arena a;
  struct rs_url u;
  const char *secret;
  rs_arena_init(&a, 0);
  enum rs_code rc = check(w, url, auth, &a, &u, &secret, e);
  rs_arena_free(&a);
  return rc;
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct rs_webhook_call {
  struct rs_arena arena;
  struct rs_url url;
  struct rs_http *http;
};

void rs_webhook_end(struct rs_webhook_call *c)
{
  if (c == NULL) return;
  rs_http_free(c->http);
  rs_arena_free(&c->arena);
  rs_free(c);
}

enum rs_code rs_webhook_begin(const struct rs_webhooks *w, const char *url, const char *auth,
                              struct rs_webhook_call **pc, struct rs_error *e)
{
  struct rs_webhook_call *c = rs_calloc(1, sizeof *c);
  const char *secret = NULL;
  if (c == NULL) return rs_nomem(e);
  rs_arena_init(&c->arena, 0);
  enum rs_code rc = check(w, url, auth, &c->arena, &c->url, &secret, e);
  const struct rs_url *u = &c->url;
  const char *base = NULL;
  if (rc == RS_OK) {
    base = rs_arena_printf(&c->arena, "%s://%s:%d", u->tls ? "https" : "http", u->host.name,
                           u->host.port);
    if (base == NULL) rc = rs_nomem(e);
  }
  if (rc == RS_OK) {
    const struct rs_http_header headers[] = {{"Content-Type", "application/json", false},
                                             {"Authorization", secret, true}};
    bool listed = rs_hosts_hold(&w->hosts, u);
    const struct rs_http_options o = {.base_url = base,
                                      .user_agent = "rocksetd/" RS_VERSION,
                                      .headers = headers,
                                      .nheaders = secret != NULL ? 2 : 1,
                                      .timeouts = {.connect = CONNECT_MS, .total = TOTAL_MS},
                                      .allow_plain = listed,
                                      .public_only = !listed,
                                      .tries = TRIES};
    rc = rs_http_new(&o, &c->http, e);
  }
  if (rc == RS_OK) *pc = c;
  else rs_webhook_end(c);
  return rc;
}

enum rs_code rs_webhook_send(struct rs_webhook_call *c, const char *json, size_t n, int *status,
                             struct rs_error *e)
{
  const struct rs_http_request r = {.path = c->url.path, .body = json, .body_len = n};
  *status = 0;
  enum rs_code rc = rs_http_open(c->http, &r, status, e);
  rs_http_end(c->http); // what it says beyond its status is not asked for
  if (rc == RS_OK && (*status < 200 || *status > 299))
    rc = rs_fail(e, RS_REMOTE, "%s: answered with HTTP %d", rs_http_origin(c->http), *status);
  return rc;
}

void rs_webhook_cancel(struct rs_webhook_call *c)
{
  rs_http_cancel(c->http);
}
