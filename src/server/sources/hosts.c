/*
** Hosts and URLs of others (see hosts.h).
*/
#include "hosts.h"
#include <string.h>
#include "src/base/text.h"

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static bool is_host(const char *p, size_t n)
{
  bool v6 = n > 2 && p[0] == '[' && p[n - 1] == ']';
  for (size_t i = v6; i + v6 < n; i++) {
    char c = p[i];
    bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                c == '.' || (v6 ? c == ':' : c == '-' || c == '_');
    if (!good) return false;
  }
  return n > 0 && n < 256;
}

bool rs_host_read(const char *p, size_t n, struct rs_arena *a, struct rs_host *h)
{
  size_t end = n;
  h->port = 0;
  while (end > 0 && p[end - 1] >= '0' && p[end - 1] <= '9') end--;
  if (end > 0 && end < n && p[end - 1] == ':' && is_host(p, end - 1)) {
    if (n - end > 5) return false;
    for (size_t i = end; i < n; i++) h->port = h->port * 10 + (p[i] - '0');
    if (h->port < 1 || h->port > 65535) return false;
    n = end - 1;
  }
  if (!is_host(p, n)) return false;
  h->name = rs_arena_strndup(a, p, n);
  return h->name != NULL;
}

enum rs_code rs_hosts_read(const char *flag, const char *text, struct rs_arena *a,
                           struct rs_hosts *h, struct rs_error *e)
{
  *h = (struct rs_hosts){.flag = flag, .has_list = text != NULL};
  if (text == NULL) return RS_OK;
  h->v = rs_arena_alloc(a, (strlen(text) / 2 + 1) * sizeof h->v[0]);
  if (h->v == NULL) return rs_nomem(e);
  for (const char *p = text; *p != 0;) {
    size_t n = strcspn(p, ",");
    if (!rs_host_read(p, n, a, &h->v[h->n]))
      return rs_fail(e, RS_INVALID, "%s '%.*s': write HOST or HOST:PORT, with commas between", flag,
                     (int)(n < 100 ? n : 100), p);
    h->n++;
    p += n + (p[n] == ',');
  }
  return RS_OK;
}

enum rs_code rs_url_read(const char *text, const char *what, const char *secrets,
                         struct rs_arena *a, struct rs_url *u, struct rs_error *e)
{
  u->tls = rs_casestarts(text, strlen(text), "https://");
  if (!u->tls && !rs_casestarts(text, strlen(text), "http://"))
    return rs_fail(e, RS_INVALID, "%s: it begins with https:// (or http://)", what);
  const char *p = text + (u->tls ? 8 : 7);
  size_t n = strcspn(p, "/?#");
  if (memchr(p, '@', n) != NULL)
    return rs_fail(e, RS_INVALID,
                   "%s: a user or password in it would be kept in clear: leave it out; %s", what,
                   secrets);
  if (!rs_host_read(p, n, a, &u->host))
    return rs_fail(e, RS_INVALID, "%s: https://host[:port]/path is needed", what);
  if (u->host.port == 0) u->host.port = u->tls ? 443 : 80;
  u->path = p[n] == '/' ? p + n : rs_arena_printf(a, "/%s", p + n);
  if (u->path == NULL) return rs_nomem(e);
  for (const char *c = u->path; *c != 0; c++)
    if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F || *c == '#' || *c == '\\')
      return rs_fail(e, RS_INVALID,
                     "%s: blanks, '#', '\\' and what is not ASCII have to be encoded (%%20)", what);
  return RS_OK;
}

bool rs_host_is(const struct rs_host *h, const struct rs_url *u)
{
  return rs_casecmp(h->name, u->host.name) == 0 && (h->port == 0 || h->port == u->host.port);
}

bool rs_hosts_hold(const struct rs_hosts *h, const struct rs_url *u)
{
  for (size_t i = 0; i < h->n; i++)
    if (rs_host_is(&h->v[i], u)) return true;
  return false;
}

enum rs_code rs_hosts_check(const struct rs_hosts *h, const struct rs_url *u, const char *what,
                            struct rs_error *e)
{
  if (rs_hosts_hold(h, u)) return RS_OK;
  if (h->has_list)
    return rs_fail(e, RS_FORBIDDEN, "%s: '%s:%d' is not one of this server's %s", what,
                   u->host.name, u->host.port, h->flag);
  if (!u->tls)
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: '%s:%d' without TLS shows the data to the network: use https:// (of "
                   "brokers SSL://, with a key SASL_SSL://), or have the host named in this "
                   "server's %s",
                   what, u->host.name, u->host.port, h->flag);
  return RS_OK;
}
