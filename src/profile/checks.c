/*
** What the rules of several engines need that one row of a table can't state: the form of a host,
** of a name, secrets in a connection string; and the rule that all share (fields.h).
*/
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include "src/base/redact.h"
#include "src/base/text.h"
#include "internal.h"

enum rs_code rs_field_bad(const struct rs_fields *f, const char *name, enum rs_code code,
                          const char *what, struct rs_error *e)
{
  return rs_profile_fail(f->load, rs_fields_get(f, name)->line, e, code, "%s: %s", name, what);
}

bool rs_is_loopback(const char *host)
{
  struct in_addr v4;
  struct in6_addr v6;
  if (rs_casecmp(host, "localhost") == 0) return true;
  /* As an address, not as a prefix: 127.0.0.1.example.com is somebody else. */
  if (inet_pton(AF_INET, host, &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Letters, digits, `-`, `.`, `_`; or an IPv6 address (without brackets). */
bool rs_is_host(const char *host)
{
  struct in6_addr v6;
  size_t n = strlen(host);
  if (n == 0 || n > 253) return false;
  if (strchr(host, ':')) return inet_pton(AF_INET6, host, &v6) == 1;
  for (const char *p = host; *p; p++) {
    if (!isalnum((unsigned char)*p) && !strchr("-._", *p)) return false;
  }
  return host[0] != '-' && host[0] != '.';
}

/* An identifier with dots, as the names of DuckDB's settings and extensions are. */
bool rs_is_dotted_name(const char *s)
{
  if (!*s) return false;
  for (; *s; s++) {
    if (!isalnum((unsigned char)*s) && !strchr("_.-", *s)) return false;
  }
  return true;
}

/* Connection strings carry secrets too: `...?password=x&...`, `host=h password=x`. */
enum rs_code rs_hide_passwords(const struct rs_profile_work *l, const char *uri)
{
  static const char *const words[] = {"password=", "pwd=", "token=", "secret="};
  const char *host = uri ? strstr(uri, "://") : NULL;
  const char *at = host ? memchr(host + 3, '@', strcspn(host + 3, "/?#")) : NULL;
  const char *colon = at ? memchr(host + 3, ':', (size_t)(at - host - 3)) : NULL;
  if (colon) {
    char *copy = rs_arena_strndup(l->arena, colon + 1, (size_t)(at - colon - 1));
    if (!copy || rs_redact_add(copy)) return RS_NOMEM;
  }
  for (const char *p = uri; p && *p; p++) {
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
      size_t len = strlen(words[w]);
      if (strlen(p) <= len || rs_casecmpn(p, words[w], len) != 0) continue;
      const char *value = p + len;
      char *copy = rs_arena_strndup(l->arena, value, strcspn(value, "&; \t"));
      if (!copy || rs_redact_add(copy)) return RS_NOMEM;
    }
  }
  return RS_OK;
}

enum rs_code rs_fields_check(struct rs_fields *f, struct rs_error *e)
{
  const char *workspace = rs_fields_get(f, "workspace") ? "workspace" : "schema";
  if (!rs_fields_get(f, workspace)) return RS_OK;
  if (!*rs_fields_text(f, workspace)) return rs_field_bad(f, workspace, RS_INVALID, "is empty", e);
  return f->table->check ? f->table->check(f, e) : RS_OK;
}
