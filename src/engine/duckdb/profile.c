/*
** The fields of outputs of type duckdb and their rules (profile/fields.h): the database's name,
** settings and extensions, and what a profile of the current folder may not do.
*/
#include <string.h>
#include "duckdb.h"
#include "src/base/text.h"
#include "src/profile/fields.h"

static const struct rs_field_spec specs[] = {
  /* name, alias, kind, flags, default */
  RS_ROW("path", NULL, SPEC_PATH, 0, ":memory:"),
  RS_ROW("workspace", "schema", SPEC_TEXT, 0, RS_DEFAULT_WORKSPACE),
  RS_ROW("database", NULL, SPEC_TEXT, 0, NULL), /* must be the file's stem */
  RS_ROW("settings", NULL, SPEC_MAP, SPEC_SECRET_KEYS, NULL),
  RS_ROW("config_options", NULL, SPEC_MAP, SPEC_SECRET_KEYS, NULL),
  RS_ROW("extensions", NULL, SPEC_LIST, 0, NULL),
  RS_ROW("attach", NULL, SPEC_LIST, SPEC_SECRET_KEYS, NULL), /* profile_attach.c */
  RS_ROW("library", NULL, SPEC_PATH, SPEC_CODE, NULL),
  RS_ROW("lock_timeout", NULL, SPEC_SECONDS, 0, "5"),
  RS_ROW("idle_close", NULL, SPEC_SECONDS, 0, "1"),
  RS_ROW("read_only", NULL, SPEC_BOOL, 0, "false"),
  RS_ROW("external_root", NULL, SPEC_TEXT, 0, NULL),
  RS_ROW("allow_external_access", NULL, SPEC_BOOL, SPEC_CODE, "false"),
  RS_CHOICE("dialect", NULL, "rockset|duckdb"), /* of models (project/names/dialect.c) */
  RS_THREADS,
  RS_IGNORED("use_credential_provider"),
  RS_IGNORED("keep_open"),
  RS_IGNORED("module_paths"),
  RS_IGNORED("retries"),
  RS_IGNORED("disable_transactions"),
  RS_UNSUPPORTED("filesystems"),
  RS_UNSUPPORTED("flights"),
  RS_UNSUPPORTED("is_ducklake"),
  RS_UNSUPPORTED("motherduck_token"),
  RS_UNSUPPORTED("plugins"),
  RS_UNSUPPORTED("remote"),
  RS_UNSUPPORTED("secrets"),
};

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
    if (!rs_is_dotted_name(key->text)) {
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
    if (f->load->barred && (repo || !rs_is_dotted_name(name->text))) {
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
    return rs_field_bad(f, "path", RS_UNSUPPORTED, "MotherDuck is not supported here", e);
  }
  if (!*path) return rs_field_bad(f, "path", RS_INVALID, "is empty; in memory is ':memory:'", e);
  enum rs_code rc = check_database(f, path, e);
  if (!rc) rc = check_settings(f, "settings", e);
  if (!rc) rc = check_settings(f, "config_options", e);
  if (!rc) rc = check_extensions(f, e);
  return rc ? rc : rs_duckdb_check_attach(f, e);
}

const struct rs_field_table rs_duckdb_fields = {
  .specs = specs, .n = sizeof specs / sizeof *specs, .check = check_duckdb};
