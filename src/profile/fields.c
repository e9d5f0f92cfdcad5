/*
** The table of fields, and reading an output by it.
**
** To add a field: one row. To add a type: its rows, next to each other; the type exists then.
*/
#include "fields.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

#define THREADS(t)                                    \
  {                                                   \
    t, "threads", NULL, SPEC_INT, 0, "1", NULL, 1, 64 \
  }
#define IGNORED(t, name)                                    \
  {                                                         \
    t, name, NULL, SPEC_ANY, SPEC_IGNORED, NULL, NULL, 0, 0 \
  }
#define UNSUPPORTED(t, name)                                    \
  {                                                             \
    t, name, NULL, SPEC_ANY, SPEC_UNSUPPORTED, NULL, NULL, 0, 0 \
  }
#define ROW(t, name, alias, kind, flags, otherwise)    \
  {                                                    \
    t, name, alias, kind, flags, otherwise, NULL, 0, 0 \
  }
#define CHOICE(t, name, otherwise, choices)                 \
  {                                                         \
    t, name, NULL, SPEC_CHOICE, 0, otherwise, choices, 0, 0 \
  }
#define INT(t, name, otherwise, min, max)                 \
  {                                                       \
    t, name, NULL, SPEC_INT, 0, otherwise, NULL, min, max \
  }

static const struct rs_field_spec table[] = {
  /* type, name, alias, kind, flags, default */
  ROW("adbc", "driver", NULL, SPEC_PATH, SPEC_REQUIRED | SPEC_CODE, NULL),
  ROW("adbc", "entrypoint", NULL, SPEC_TEXT, SPEC_CODE, NULL),
  ROW("adbc", "uri", NULL, SPEC_TEXT, 0, NULL),
  ROW("adbc", "options", NULL, SPEC_SCALARS, SPEC_SECRET_KEYS, NULL),
  CHOICE("adbc", "dialect", "ansi", "duckdb|postgres|ansi"),
  ROW("adbc", "username", "user", SPEC_TEXT, 0, NULL),
  ROW("adbc", "password", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  ROW("adbc", "workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  THREADS("adbc"),

  ROW("duckdb", "path", NULL, SPEC_PATH, 0, ":memory:"),
  ROW("duckdb", "workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  ROW("duckdb", "database", NULL, SPEC_TEXT, 0, NULL), /* must be the file's stem: checks.c */
  ROW("duckdb", "settings", NULL, SPEC_MAP, SPEC_SECRET_KEYS, NULL),
  ROW("duckdb", "config_options", NULL, SPEC_MAP, SPEC_SECRET_KEYS, NULL),
  ROW("duckdb", "extensions", NULL, SPEC_LIST, 0, NULL),
  ROW("duckdb", "attach", NULL, SPEC_LIST, SPEC_SECRET_KEYS, NULL), /* attach.c */
  ROW("duckdb", "library", NULL, SPEC_PATH, SPEC_CODE, NULL),
  ROW("duckdb", "lock_timeout", NULL, SPEC_SECONDS, 0, "5"),
  ROW("duckdb", "idle_close", NULL, SPEC_SECONDS, 0, "1"),
  ROW("duckdb", "read_only", NULL, SPEC_BOOL, 0, "false"),
  ROW("duckdb", "external_root", NULL, SPEC_TEXT, 0, NULL),
  ROW("duckdb", "allow_external_access", NULL, SPEC_BOOL, SPEC_CODE, "false"),
  THREADS("duckdb"),
  IGNORED("duckdb", "use_credential_provider"),
  IGNORED("duckdb", "keep_open"),
  IGNORED("duckdb", "module_paths"),
  IGNORED("duckdb", "retries"),
  IGNORED("duckdb", "disable_transactions"),
  UNSUPPORTED("duckdb", "filesystems"),
  UNSUPPORTED("duckdb", "flights"),
  UNSUPPORTED("duckdb", "is_ducklake"),
  UNSUPPORTED("duckdb", "motherduck_token"),
  UNSUPPORTED("duckdb", "plugins"),
  UNSUPPORTED("duckdb", "remote"),
  UNSUPPORTED("duckdb", "secrets"),

  ROW("rockset", "workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  ROW("rockset", "api_key", NULL, SPEC_TEXT, SPEC_REQUIRED | SPEC_SECRET, NULL),
  ROW("rockset", "api_server", NULL, SPEC_TEXT, 0, "api.rs2.usw2.rockset.com"),
  ROW("rockset", "vi_rrn", NULL, SPEC_TEXT, 0, NULL),
  ROW("rockset", "run_async_iis", NULL, SPEC_BOOL, 0, "false"),
  THREADS("rockset"),
  IGNORED("rockset", "database"),
  IGNORED("rockset", "user"),

  CHOICE("trino", "method", "none",
         "none|ldap|kerberos|gssapi|jwt|certificate|oauth|oauth_console"),
  ROW("trino", "host", NULL, SPEC_TEXT, SPEC_REQUIRED, NULL),
  INT("trino", "port", NULL, 1, 65535),           /* default by http_scheme: checks.c */
  ROW("trino", "user", NULL, SPEC_TEXT, 0, NULL), /* required by most methods: checks.c */
  ROW("trino", "password", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  ROW("trino", "impersonation_user", NULL, SPEC_TEXT, 0, NULL),
  ROW("trino", "jwt_token", NULL, SPEC_TEXT, SPEC_SECRET, NULL),
  ROW("trino", "client_certificate", NULL, SPEC_PATH, 0, NULL),
  ROW("trino", "client_private_key", NULL, SPEC_PATH, 0, NULL),
  ROW("trino", "keytab", NULL, SPEC_PATH, 0, NULL),
  ROW("trino", "principal", NULL, SPEC_TEXT, 0, NULL),
  ROW("trino", "krb5_config", NULL, SPEC_PATH, 0, NULL),
  ROW("trino", "service_name", NULL, SPEC_TEXT, 0, "trino"),
  ROW("trino", "mutual_authentication", NULL, SPEC_BOOL, 0, "false"),
  ROW("trino", "force_preemptive", NULL, SPEC_BOOL, 0, "false"),
  ROW("trino", "hostname_override", NULL, SPEC_TEXT, 0, NULL),
  ROW("trino", "sanitize_mutual_error_response", NULL, SPEC_BOOL, 0, "true"),
  ROW("trino", "delegate", NULL, SPEC_BOOL, 0, "false"),
  ROW("trino", "database", "catalog", SPEC_TEXT, SPEC_REQUIRED, NULL),
  ROW("trino", "schema", "workspace", SPEC_TEXT, SPEC_REQUIRED, NULL),
  CHOICE("trino", "http_scheme", NULL, "http|https"), /* default by method: checks.c */
  ROW("trino", "http_headers", NULL, SPEC_SCALARS, SPEC_SECRET_KEYS, NULL),
  ROW("trino", "session_properties", NULL, SPEC_SCALARS, 0, NULL),
  ROW("trino", "roles", NULL, SPEC_SCALARS, 0, NULL),
  ROW("trino", "cert", NULL, SPEC_PATH_OR_BOOL, 0, NULL),
  ROW("trino", "client_tags", NULL, SPEC_LIST, 0, NULL),
  ROW("trino", "prepared_statements_enabled", NULL, SPEC_BOOL, 0, "true"),
  INT("trino", "retries", "3", 0, 100),
  ROW("trino", "timezone", NULL, SPEC_TEXT, 0, NULL),
  ROW("trino", "suppress_cert_warning", NULL, SPEC_BOOL, 0, "false"),
  THREADS("trino"),
};
#define NTABLE (sizeof table / sizeof *table)

/* The types: those of the table, then those that only an adapter knows. Returns how many. */
enum { TYPES_MAX = 32 };
static size_t all_types(rs_adapter_fields adapters, const char *types[TYPES_MAX])
{
  size_t n = 0;
  for (size_t i = 0; i < NTABLE; i++) {
    if (n == 0 || strcmp(types[n - 1], table[i].type) != 0) types[n++] = table[i].type;
  }
  const char *type;
  const struct rs_field_spec *specs;
  for (size_t i = 0; adapters && n < TYPES_MAX && (specs = adapters(i, &type)) != NULL; i++) {
    if (specs->name) types[n++] = type;
  }
  return n;
}

const struct rs_field_spec *rs_specs_of(rs_adapter_fields adapters, const char *type, size_t *n)
{
  const struct rs_field_spec *first = NULL;
  *n = 0;
  for (size_t i = 0; i < NTABLE; i++) {
    if (strcmp(table[i].type, type) != 0) continue;
    if (!first) first = &table[i];
    ++*n;
  }
  const char *other;
  for (size_t i = 0; adapters && !first && (first = adapters(i, &other)) != NULL; i++) {
    if (strcmp(other, type) != 0 || !first->name) {
      first = NULL;
      continue;
    }
    while (first[*n].name) ++*n;
  }
  return first;
}

const struct rs_field_spec *rs_spec_find(const struct rs_field_spec *specs, size_t n,
                                         const char *name)
{
  for (size_t i = 0; i < n; i++) {
    if (rs_eq(specs[i].name, name) || rs_eq(specs[i].alias, name)) return &specs[i];
  }
  return NULL;
}

struct rs_read *rs_fields_get(const struct rs_fields *f, const char *name)
{
  for (size_t i = 0; i < f->n; i++) {
    if (strcmp(f->v[i].spec->name, name) == 0) return &f->v[i];
  }
  return NULL;
}

const char *rs_fields_text(const struct rs_fields *f, const char *name)
{
  const struct rs_read *r = rs_fields_get(f, name);
  return r ? r->field.text : NULL;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The names that a user may write for a type: fields and aliases that do something. */
static enum rs_code unknown_field(const struct rs_fields *f, const struct rs_yaml *key,
                                  struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  const char *names[2 * NTABLE + 64];
  size_t n = 0;
  names[n++] = "type";
  for (size_t i = 0; i < f->n; i++) {
    const struct rs_field_spec *s = f->v[i].spec;
    if (s->flags & (SPEC_IGNORED | SPEC_UNSUPPORTED)) continue;
    names[n++] = s->name;
    if (s->alias) names[n++] = s->alias;
  }
  const char *hint = rs_profile_hint(l, key->text, names, n);
  const char *all = rs_profile_names(l, names, n);
  if (!hint || !all) return rs_nomem(e);
  if (*hint) {
    return rs_profile_fail(l, key->line, e, RS_INVALID, "unknown field '%.100s' of type '%s'%s",
                           key->text, f->type, hint);
  }
  return rs_profile_fail(l, key->line, e, RS_INVALID,
                         "unknown field '%.100s' of type '%s'; its fields are %s", key->text,
                         f->type, all);
}

static enum rs_code read_type(struct rs_fields *f, const struct rs_yaml *map, struct rs_error *e)
{
  const struct rs_profile_work *l = f->load;
  const struct rs_yaml *v = rs_yaml_get(map, "type");
  const char *types[TYPES_MAX];
  size_t ntypes = all_types(l->adapters, types);
  const char *all = rs_profile_names(l, types, ntypes);
  if (!all) return rs_nomem(e);
  if (!v) {
    return rs_profile_fail(l, map->line, e, RS_INVALID, "field 'type' is missing; the types are %s",
                           all);
  }
  int line = v->line;
  enum rs_code rc = rs_render_value(l->render, "type", false, v, &v, e);
  if (rc) return rc;
  if (v->kind != RS_YAML_TEXT) {
    return rs_profile_fail(l, line, e, RS_INVALID, "type: is not text; the types are %s", all);
  }
  for (size_t i = 0; i < ntypes; i++) {
    if (strcmp(types[i], v->text) == 0) f->type = types[i];
  }
  if (f->type) return RS_OK;
  const char *hint = rs_profile_hint(l, v->text, types, ntypes);
  if (!hint) return rs_nomem(e);
  return rs_profile_fail(l, line, e, RS_INVALID, "unknown type '%.100s'; the types are %s%s",
                         v->text, all, hint);
}

/* `attach: []` and `is_ducklake: false` ask for nothing. */
static bool asks_nothing(const struct rs_yaml *v)
{
  switch (v->kind) {
    case RS_YAML_NULL: return true;
    case RS_YAML_BOOL: return v->i == 0;
    case RS_YAML_LIST:
    case RS_YAML_MAP: return v->count == 0;
    default: return v->kind == RS_YAML_TEXT && v->n == 0;
  }
}

static enum rs_code refuse(const struct rs_fields *f, const struct rs_field_spec *s, int line,
                           const struct rs_yaml *v, struct rs_error *e)
{
  if ((s->flags & SPEC_UNSUPPORTED) && !asks_nothing(v)) {
    return rs_profile_fail(f->load, line, e, RS_UNSUPPORTED,
                           "field '%s' of dbt-%s is not supported here", s->name, f->type);
  }
  if ((s->flags & SPEC_CODE) && f->load->barred && v->kind != RS_YAML_NULL) {
    return rs_profile_fail(
      f->load, line, e, RS_FORBIDDEN,
      "field '%s' lets code be loaded or files be read, which %s may not do; %s", s->name,
      f->load->barred, f->load->way_out);
  }
  return RS_OK;
}

static enum rs_code read_pair(struct rs_fields *f, const struct rs_yaml_pair *pair,
                              struct rs_error *e)
{
  if (strcmp(pair->key->text, "type") == 0) return RS_OK;
  const struct rs_field_spec *specs = f->v[0].spec;
  const struct rs_field_spec *s = rs_spec_find(specs, f->n, pair->key->text);
  if (!s) return unknown_field(f, pair->key, e);
  enum rs_code rc = refuse(f, s, pair->key->line, pair->value, e);
  if (rc || (s->flags & (SPEC_IGNORED | SPEC_UNSUPPORTED))) return rc;

  const struct rs_yaml *v = NULL;
  bool secret = (s->flags & SPEC_SECRET) != 0;
  rc = rs_render_value(f->load->render, pair->key->text, secret, pair->value, &v, e);
  if (rc || v->kind == RS_YAML_NULL) return rc;
  struct rs_read *r = &f->v[s - specs];
  if (r->value) {
    return rs_profile_fail(f->load, pair->key->line, e, RS_INVALID,
                           "'%s' and '%s' are two names of one field: give one of them", s->name,
                           s->alias);
  }
  r->value = v;
  r->line = pair->key->line;
  return RS_OK;
}

static enum rs_code convert_all(struct rs_fields *f, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && !rc; i++) {
    struct rs_read *r = &f->v[i];
    if ((r->spec->flags & SPEC_REQUIRED) && !r->value) {
      return rs_profile_fail(f->load, f->line, e, RS_INVALID, "field '%s' of type '%s' is missing",
                             r->spec->name, f->type);
    }
    rc = rs_field_convert(f->load, r, e);
  }
  return rc;
}

enum rs_code rs_fields_read(const struct rs_profile_work *l, const struct rs_yaml *map,
                            struct rs_fields *f, struct rs_error *e)
{
  *f = (struct rs_fields){.load = l, .line = map->line};
  enum rs_code rc = read_type(f, map, e);
  if (rc) return rc;
  const struct rs_field_spec *specs = rs_specs_of(l->adapters, f->type, &f->n);
  f->v = rs_arena_calloc(l->arena, f->n * sizeof *f->v);
  if (!f->v) return rs_nomem(e);
  for (size_t i = 0; i < f->n; i++) {
    f->v[i].spec = &specs[i];
    f->v[i].line = map->line;
  }
  for (size_t i = 0; i < map->count && !rc; i++) rc = read_pair(f, &map->pairs[i], e);
  if (!rc) rc = convert_all(f, e);
  if (!rc) rc = rs_fields_check(f, e);
  for (size_t i = 0; i < f->n && !rc; i++) rc = rs_field_make_safe(l, &f->v[i], e);
  return rc;
}
