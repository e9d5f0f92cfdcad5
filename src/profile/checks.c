/*
** Rules of the types that one row of the table can't state: the form of an address, fields that
** belong together, and what a profile of the current folder may not do.
*/
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include "src/base/redact.h"
#include "src/base/text.h"
#include "fields.h"

static enum rs_code bad(const struct rs_fields *f, const char *name, enum rs_code code,
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
static bool is_host(const char *host)
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
static bool is_plain_name(const char *s)
{
  if (!*s) return false;
  for (; *s; s++) {
    if (!isalnum((unsigned char)*s) && !strchr("_.-", *s)) return false;
  }
  return true;
}

/* ---- rockset -------------------------------------------------------------------------------- */

static bool is_port(const char *s)
{
  long port = 0;
  for (; *s >= '0' && *s <= '9' && port <= 65535; s++) port = port * 10 + (*s - '0');
  return !*s && port >= 1 && port <= 65535;
}

/* [scheme://]host[:port][/]: what is wrong with it, or NULL. Cuts `text` into pieces. */
static const char *server_problem(char *text)
{
  static const char form[] = "is neither a host nor an http(s) URL of host and port";
  bool plain = false;
  char *host = text, *scheme_end = strstr(text, "://");
  if (scheme_end) {
    *scheme_end = 0;
    plain = rs_casecmp(text, "http") == 0;
    if (!plain && rs_casecmp(text, "https") != 0) return form;
    host = scheme_end + 3;
  }
  size_t n = strlen(host);
  if (n && host[n - 1] == '/') host[n - 1] = 0;
  char *port = NULL;
  if (host[0] == '[') {
    char *end = strchr(host, ']');
    if (!end || (end[1] && end[1] != ':')) return form;
    if (end[1] == ':') port = end + 2;
    *end = 0;
    host++;
    if (!strchr(host, ':')) return form;
  } else if ((port = strchr(host, ':'))) {
    *port++ = 0;
  }
  if ((port && !is_port(port)) || !is_host(host)) return form;
  if (plain && !rs_is_loopback(host)) {
    return "plain http is for this machine only (localhost, 127.0.0.1, ::1); use https";
  }
  return NULL;
}

static enum rs_code check_rockset(struct rs_fields *f, struct rs_error *e)
{
  const char *server = rs_fields_text(f, "api_server");
  char *cut = rs_arena_strdup(f->load->arena, server);
  if (!cut) return rs_nomem(e);
  const char *problem = server_problem(cut);
  return problem ? bad(f, "api_server", RS_INVALID, problem, e) : RS_OK;
}

/* ---- duckdb --------------------------------------------------------------------------------- */

/* The name that DuckDB itself would give the database in a file: its stem. */
static const char *database_of(const struct rs_profile_work *l, const char *path)
{
  if (strcmp(path, ":memory:") == 0) return "memory";
  const char *base = strrchr(path, '/');
  base = base ? base + 1 : path;
  const char *dot = strrchr(base, '.');
  return rs_arena_strndup(l->arena, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

#define DATABASE "_db" /* a name that no workspace can have (engine/duckdb/open.c) */

/* What SQL calls the database: as dbt-duckdb does, unless "shop"."t" could then mean two things. */
static const char *catalog_of(const struct rs_fields *f, const char *name)
{
  static const char *const taken[] = {"", "temp", "system"};
  const char *workspace = rs_fields_text(f, "workspace");
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (rs_casecmp(name, taken[i]) == 0) return DATABASE;
  // The embedded default has no counterpart in dbt; its workspaces may have any name
  if (f->load->literal || (workspace && rs_casecmp(name, workspace) == 0)) return DATABASE;
  // A file's must not meet the empty main database (engine/duckdb/open.c)
  bool memory = strcmp(rs_fields_text(f, "path"), ":memory:") == 0;
  return !memory && rs_casecmp(name, "memory") == 0 ? DATABASE : name;
}

static enum rs_code check_database(struct rs_fields *f, const char *path, struct rs_error *e)
{
  struct rs_read *r = rs_fields_get(f, "database");
  const char *name = database_of(f->load, path);
  if (!name) return rs_nomem(e);
  if (!r->value) return rs_field_default(f->load, r, catalog_of(f, name), e);
  if (strcmp(r->field.text, DATABASE) == 0) return RS_OK;
  if (strcmp(r->field.text, name) == 0) {
    // what a template writes in front of a name must be understood
    const char *catalog = rs_arena_strdup(f->load->out, catalog_of(f, name));
    if (!catalog) return rs_nomem(e);
    r->field.text = catalog;
    return RS_OK;
  }
  return rs_profile_fail(
    f->load, r->line, e, RS_INVALID,
    "database: '%.100s' is not the name of the database in '%.1000s'; leave it out "
    "or write '%.100s'",
    r->field.text, path, name);
}

/* Settings through which DuckDB would load code that nobody signed. */
static bool is_code_setting(const char *name)
{
  static const char *const names[] = {"allow_unsigned_extensions", "custom_extension_repository",
                                      "autoinstall_extension_repository", "extension_directory",
                                      "extension_directories"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (rs_casecmp(name, names[i]) == 0) return true;
  }
  return false;
}

static enum rs_code check_settings(const struct rs_fields *f, const char *field, struct rs_error *e)
{
  const struct rs_yaml *map = rs_fields_get(f, field)->value;
  for (size_t i = 0; map && i < map->count; i++) {
    const struct rs_yaml *key = map->pairs[i].key;
    if (!is_plain_name(key->text)) {
      return rs_profile_fail(f->load, key->line, e, RS_INVALID,
                             "%s: '%.100s' is not a setting's name", field, key->text);
    }
    if (rs_casecmp(key->text, "enable_external_access") == 0) {
      return rs_profile_fail(f->load, key->line, e, RS_INVALID,
                             "%s: '%s' is decided by the field 'allow_external_access'", field,
                             key->text);
    }
    if (f->load->barred && is_code_setting(key->text)) {
      return rs_profile_fail(f->load, key->line, e, RS_FORBIDDEN,
                             "%s: '%s' lets code be loaded, which %s may not do; %s", field,
                             key->text, f->load->barred, f->load->way_out);
    }
  }
  return RS_OK;
}

/* `- httpfs` or `- {name: h3, repo: community}`. */
static enum rs_code check_extensions(const struct rs_fields *f, struct rs_error *e)
{
  const struct rs_yaml *list = rs_fields_get(f, "extensions")->value;
  for (size_t i = 0; list && i < list->count; i++) {
    const struct rs_yaml *v = list->items[i];
    const struct rs_yaml *name = v->kind == RS_YAML_MAP ? rs_yaml_get(v, "name") : v;
    const struct rs_yaml *repo = rs_yaml_get(v, "repo");
    if (!name || name->kind != RS_YAML_TEXT || (repo && repo->kind != RS_YAML_TEXT)) {
      return rs_profile_fail(f->load, v->line, e, RS_INVALID,
                             "extensions: an entry is a name or a map of name and repo");
    }
    if (f->load->barred && (repo || !is_plain_name(name->text))) {
      return rs_profile_fail(
        f->load, v->line, e, RS_FORBIDDEN,
        "extensions: %s may name DuckDB's own extensions only, no paths and no repositories",
        f->load->barred);
    }
  }
  return RS_OK;
}

static enum rs_code check_duckdb(struct rs_fields *f, struct rs_error *e)
{
  const char *path = rs_fields_text(f, "path");
  if (strncmp(path, "md:", 3) == 0 || strncmp(path, "motherduck:", 11) == 0) {
    return bad(f, "path", RS_UNSUPPORTED, "MotherDuck is not supported here", e);
  }
  if (!*path) return bad(f, "path", RS_INVALID, "is empty; in memory is ':memory:'", e);
  enum rs_code rc = check_database(f, path, e);
  if (!rc) rc = check_settings(f, "settings", e);
  if (!rc) rc = check_settings(f, "config_options", e);
  if (!rc) rc = check_extensions(f, e);
  return rc ? rc : rs_check_attach(f, e);
}

/* ---- trino ---------------------------------------------------------------------------------- */

/* What a method needs besides host, database and schema. */
static const struct {
  const char *method, *fields[2];
} needs[] = {
  {"none", {"user", NULL}},     {"ldap", {"user", "password"}},
  {"kerberos", {"user", NULL}}, {"gssapi", {"user", NULL}},
  {"jwt", {"jwt_token", NULL}}, {"certificate", {"client_certificate", "client_private_key"}}};

static enum rs_code check_method(const struct rs_fields *f, const char *method, struct rs_error *e)
{
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
    if (strcmp(needs[i].method, method) != 0) continue;
    for (size_t k = 0; k < 2 && needs[i].fields[k]; k++) {
      const char *text = rs_fields_text(f, needs[i].fields[k]);
      if (text && *text) continue;
      return rs_profile_fail(f->load, f->line, e, RS_INVALID,
                             "field '%s' of type 'trino' is missing (method '%s' needs it)",
                             needs[i].fields[k], method);
    }
  }
  return RS_OK;
}

static enum rs_code check_trino(struct rs_fields *f, struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  const char *method = rs_fields_text(f, "method");
  const char *host = rs_fields_text(f, "host");
  bool anonymous = strcmp(method, "none") == 0;
  enum rs_code rc = check_method(f, method, e);
  if (rc) return rc;
  if (!is_host(host)) {
    return bad(f, "host", RS_INVALID, "is not a host: scheme and port are fields of their own", e);
  }
  if (!rs_fields_text(f, "http_scheme")) {
    rc = rs_field_default(l, rs_fields_get(f, "http_scheme"), anonymous ? "http" : "https", e);
    if (rc) return rc;
  }
  bool plain = strcmp(rs_fields_text(f, "http_scheme"), "http") == 0;
  if (plain && !anonymous && !rs_is_loopback(host)) {
    return rs_profile_fail(
      l, rs_fields_get(f, "http_scheme")->line, e, RS_INVALID,
      "http_scheme: method '%s' sends credentials and needs https, except to this "
      "machine",
      method);
  }
  if (rs_fields_text(f, "port")) return RS_OK;
  return rs_field_default(l, rs_fields_get(f, "port"), plain ? "8080" : "443", e);
}

/* ---- adbc ----------------------------------------------------------------------------------- */

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

static enum rs_code check_adbc(struct rs_fields *f, struct rs_error *e)
{
  return rs_hide_passwords(f->load, rs_fields_text(f, "uri")) ? rs_nomem(e) : RS_OK;
}

enum rs_code rs_fields_check(struct rs_fields *f, struct rs_error *e)
{
  if (!rs_fields_get(f, "workspace") && !rs_fields_get(f, "schema")) return RS_OK;
  const char *workspace = rs_fields_get(f, "workspace") ? "workspace" : "schema";
  if (!*rs_fields_text(f, workspace)) return bad(f, workspace, RS_INVALID, "is empty", e);
  if (strcmp(f->type, "duckdb") == 0) return check_duckdb(f, e);
  if (strcmp(f->type, "rockset") == 0) return check_rockset(f, e);
  if (strcmp(f->type, "trino") == 0) return check_trino(f, e);
  return strcmp(f->type, "adbc") == 0 ? check_adbc(f, e) : RS_OK;
}
