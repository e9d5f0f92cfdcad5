/*
** dbt_project.yml into rows: project, folder configs, hooks, variables; and the packages that
** packages.yml and dependencies.yml list.
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "src/base/file.h"
#include "src/base/text.h"
#include "src/jinja/jinja.h"
#include "src/profile/profile.h"
#include "import_internal.h"

#define YML_MAX ((size_t)16 << 20)
#define FILE_NAME "dbt_project.yml"

static const char *const resource_types[] = {
  "models",    "seeds",    "snapshots", "tests",           "data_tests",    "sources",
  "exposures", "analyses", "metrics",   "semantic-models", "saved-queries", "unit_tests"};

static const char *const known_keys[] = {"name",           "version",
                                         "config-version", "require-dbt-version",
                                         "profile",        "model-paths",
                                         "seed-paths",     "test-paths",
                                         "analysis-paths", "macro-paths",
                                         "snapshot-paths", "docs-paths",
                                         "asset-paths",    "target-path",
                                         "log-path",       "clean-targets",
                                         "quoting",        "packages-install-path",
                                         "on-run-start",   "on-run-end",
                                         "query-comment",  "dispatch",
                                         "vars",           "flags",
                                         "dbt-cloud",      "source-paths",
                                         "data-paths",     "restrict-access",
                                         "models",         "seeds",
                                         "snapshots",      "tests",
                                         "data_tests",     "sources",
                                         "exposures",      "analyses",
                                         "metrics",        "semantic-models",
                                         "saved-queries",  "unit_tests"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_one_of(const char *key, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (rs_eq(key, list[i])) return true;
  return false;
}

/* ---- rendering ------------------------------------------------------------------------------ */

static NATIVE(env_var)
{
  static const char *const names[] = {"var", "default", NULL};
  const char *value = NULL;
  jv v[2];
  enum rs_code rc = jv_bind(args, "env_var", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "env_var() takes a text");
  rc = rs_env_get(jv_cstr(v[0], NULL), false, false, &value, e);
  if (rc == RS_NOT_FOUND && v[1].kind != JV_UNDEFINED && v[1].kind != JV_NONE) {
    *out = v[1];
    return RS_OK;
  }
  if (rc == RS_NOT_FOUND)
    return rs_fail(e, rc, "env_var('%s') is not set and has no default", jv_cstr(v[0], NULL));
  if (rc == RS_OK) *out = jv_text(j, value);
  return rc;
}

static enum rs_code render(struct rs_imports *im, const struct rs_yaml *v, const char **out,
                           struct rs_error *e)
{
  if (im->jinja == NULL) {
    struct rs_python_options limits = {.max_steps = 1000000, .max_output = 1 << 20};
    im->jinja = rs_jinja_new(&limits);
    if (im->jinja == NULL) return rs_nomem(e);
    rs_jinja_global_func(im->jinja, "env_var", env_var, NULL);
  }
  struct rs_template *t = NULL;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 20);
  enum rs_code rc = rs_template_parse("value", v->text, v->n, &t, e);
  if (rc == RS_OK) rc = rs_jinja_render(im->jinja, t, &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "value");
  if (rc == RS_OK && (*out = rs_arena_strdup(&im->arena, rs_buf_text(&text))) == NULL)
    rc = rs_nomem(e);
  rs_template_release(t);
  rs_buf_free(&text);
  return rc;
}

enum rs_code rs_import_render(struct rs_imports *im, const struct rs_import_package *p,
                              const char *path, const struct rs_yaml *v, const char **out,
                              struct rs_error *e)
{
  *out = v != NULL && v->kind != RS_YAML_NULL ? v->text : NULL;
  if (*out == NULL || strstr(*out, "{{") == NULL) return RS_OK;
  enum rs_code rc = render(im, v, out, e);
  if (rc == RS_OK || rc == RS_NOMEM) return rc;
  return rs_error_prefix(e, "%s%s line %d", p->prefix, path, v->line);
}

/* ---- reading -------------------------------------------------------------------------------- */

static enum rs_code check_name(const struct rs_import_package *p, int line, struct rs_error *e)
{
  size_t n = p->name != NULL ? strlen(p->name) : 0;
  if (n == 0) return rs_import_fail(p, FILE_NAME, line, e, "'name' is missing");
  for (size_t i = 0; i < n; i++)
    if (!isalnum((unsigned char)p->name[i]) && p->name[i] != '_')
      return rs_import_fail(p, FILE_NAME, line, e,
                            "name '%s': only letters, digits and underscores", p->name);
  return RS_OK;
}

static enum rs_code check_keys(const struct rs_import_package *p, struct rs_error *e)
{
  for (size_t i = 0; i < p->project->count; i++) {
    const struct rs_yaml *key = p->project->pairs[i].key;
    if (is_one_of(key->text, known_keys, COUNT(known_keys))) continue;
    const char *near = rs_nearest(key->text, known_keys, COUNT(known_keys));
    return rs_import_fail(p, FILE_NAME, key->line, e, "unknown key '%s'%s%s%s", key->text,
                          near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                          near != NULL ? "'?)" : "");
  }
  return RS_OK;
}

enum rs_code rs_import_project_read(struct rs_imports *im, struct rs_import_package *p,
                                    struct rs_error *e)
{
  const char *path = rs_arena_printf(&im->arena, "%s/" FILE_NAME, p->folder), *text;
  const char *name = rs_arena_printf(&im->arena, "%s" FILE_NAME, p->prefix);
  size_t n;
  if (path == NULL || name == NULL) return rs_nomem(e);
  if (!rs_is_file(path))
    return rs_fail(e, RS_NOT_FOUND, "%s: there is no " FILE_NAME ": a dbt project's folder has one",
                   p->folder);
  enum rs_code rc = rs_file_read(&im->arena, path, YML_MAX, &text, &n, e);
  if (rc == RS_OK) rc = rs_import_yaml(im, name, text, n, &p->project, e);
  if (rc != RS_OK) return rc;
  if (p->project->kind != RS_YAML_MAP)
    return rs_import_fail(p, FILE_NAME, 1, e, "it must be a map with 'name'");
  rc = check_keys(p, e);
  const struct rs_yaml *v = rs_yaml_get(p->project, "name");
  if (rc == RS_OK) rc = rs_import_render(im, p, FILE_NAME, v, &p->name, e);
  if (rc == RS_OK) rc = check_name(p, v != NULL ? v->line : 1, e);
  return rc;
}

enum rs_code rs_import_paths(struct rs_imports *im, const struct rs_import_package *p,
                             const char *key, const char *const **paths, size_t *n,
                             struct rs_error *e)
{
  static const struct {
    const char *key, *old, *otherwise;
  } defaults[] = {{"model-paths", "source-paths", "models"},
                  {"seed-paths", "data-paths", "seeds"},
                  {"test-paths", NULL, "tests"},
                  {"analysis-paths", NULL, "analyses"},
                  {"macro-paths", NULL, "macros"},
                  {"snapshot-paths", NULL, "snapshots"}};
  const struct rs_yaml *v = rs_yaml_get(p->project, key);
  const char *otherwise = NULL;
  for (size_t i = 0; i < COUNT(defaults); i++)
    if (rs_eq(defaults[i].key, key)) {
      otherwise = defaults[i].otherwise;
      if (v == NULL && defaults[i].old != NULL) v = rs_yaml_get(p->project, defaults[i].old);
    }
  bool list = v != NULL && v->kind == RS_YAML_LIST;
  size_t count = v == NULL ? otherwise != NULL : list ? v->count : 1;
  const char **out = rs_arena_calloc(&im->arena, (count + 1) * sizeof *out);
  if (out == NULL) return rs_nomem(e);
  for (size_t i = 0; i < count; i++) {
    out[i] = otherwise;
    if (v != NULL) {
      enum rs_code rc = rs_import_render(im, p, FILE_NAME, list ? v->items[i] : v, &out[i], e);
      if (rc != RS_OK) return rc;
    }
    if (out[i] == NULL || *out[i] == '/' || strstr(out[i], "..") != NULL)
      return rs_import_fail(p, FILE_NAME, v != NULL ? v->line : 1, e,
                            "%s: each must be a folder below the project's", key);
    size_t len = strlen(out[i]);
    if (len > 2 && strncmp(out[i], "./", 2) == 0) out[i] += 2, len -= 2;
    while (len > 0 && out[i][len - 1] == '/') len--;
    out[i] = rs_arena_strndup(&im->arena, out[i], len);
    if (out[i] == NULL) return rs_nomem(e);
  }
  *paths = out;
  *n = count;
  return RS_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* A scalar's own text, anything else as JSON. */
static enum rs_code keep_value(struct rs_imports *im, const struct rs_yaml *v, const char **out,
                               struct rs_error *e)
{
  if (v->kind == RS_YAML_TEXT) *out = v->text;
  else return rs_yaml_keep_json(v, &im->arena, out, e);
  return RS_OK;
}

static enum rs_code add_project_rows(struct rs_imports *im, const struct rs_import_package *p,
                                     struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->project->count; i++) {
    const struct rs_yaml_pair *pair = &p->project->pairs[i];
    const char *key = pair->key->text, *value = NULL;
    if (is_one_of(key, resource_types, COUNT(resource_types)) || rs_eq(key, "vars") ||
        rs_eq(key, "on-run-start") || rs_eq(key, "on-run-end"))
      continue;
    struct rs_import_row *r = rs_import_new(im, p, RS_T_PROJECT, FILE_NAME, pair->key->line, e);
    if (r == NULL) return RS_NOMEM;
    if (rs_eq(key, "name")) value = p->name;
    else rc = keep_value(im, pair->value, &value, e);
    rs_row_set(&r->row, "key", key);
    rs_row_set(&r->row, "value", value);
    if (rc == RS_OK) rc = rs_import_add(im, r, e);
  }
  return rc;
}

static enum rs_code add_package_row(struct rs_imports *im, const struct rs_import_package *p,
                                    struct rs_error *e)
{
  struct rs_import_row *r = rs_import_new(im, p, RS_T_PACKAGE, FILE_NAME, 1, e);
  const char *json, *path = rs_arena_strndup(&im->arena, p->prefix, strlen(p->prefix) - 1);
  if (r == NULL || path == NULL) return rs_nomem(e);
  enum rs_code rc = rs_yaml_keep_json(p->project, &im->arena, &json, e);
  rs_row_set(&r->row, "name", p->name);
  rs_row_set(&r->row, "path", path);
  rs_row_set(&r->row, "project", json);
  return rc == RS_OK ? rs_import_add(im, r, e) : rc;
}

/* One level of folder configs: keys with a plus, and keys whose value is no map, are configs; maps
** are folders. */
static enum rs_code add_configs(struct rs_imports *im, const struct rs_import_package *p,
                                const char *type, const char *fqn, const struct rs_yaml *level,
                                struct rs_error *e)
{
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < level->count; i++) {
    const struct rs_yaml_pair *pair = &level->pairs[i];
    const char *key = pair->key->text;
    if (*key != '+' && pair->value->kind == RS_YAML_MAP) {
      char *below = rs_arena_printf(&im->arena, "%s%s%s", fqn, *fqn != 0 ? "." : "", key);
      rc = below == NULL ? rs_nomem(e) : add_configs(im, p, type, below, pair->value, e);
      continue;
    }
    if (*key == '+') key++;
    key += strspn(key, " ");
    rs_buf_char(&json, json.n == 0 ? '{' : ',');
    rs_buf_json_str(&json, key, strlen(key));
    rs_buf_char(&json, ':');
    rs_yaml_json(pair->value, &json);
  }
  if (rc == RS_OK && json.n > 0) {
    rs_buf_char(&json, '}');
    rc = rs_buf_error(&json, e, FILE_NAME);
    struct rs_import_row *r = rs_import_new(im, p, RS_T_CONFIG, FILE_NAME, level->line, e);
    if (r == NULL) rc = RS_NOMEM;
    if (rc == RS_OK) {
      rs_row_set(&r->row, "resource_type", rs_eq(type, "data_tests") ? "tests" : type);
      rs_row_set(&r->row, "fqn", fqn);
      rs_row_set(&r->row, "config", rs_arena_strndup(&im->arena, json.p, json.n));
      rc = r->row.v[3].p == NULL ? rs_nomem(e) : rs_import_add(im, r, e);
    }
  }
  rs_buf_free(&json);
  return rc;
}

static enum rs_code add_hooks(struct rs_imports *im, const struct rs_import_package *p,
                              const char *event, struct rs_error *e)
{
  const struct rs_yaml *v = rs_yaml_get(p->project, event);
  if (v == NULL || v->kind == RS_YAML_NULL) return RS_OK;
  size_t n = v->kind == RS_YAML_LIST ? v->count : 1;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    const struct rs_yaml *sql = v->kind == RS_YAML_LIST ? v->items[i] : v;
    if (sql->kind != RS_YAML_TEXT)
      return rs_import_fail(p, FILE_NAME, sql->line, e, "%s: each must be a text of SQL", event);
    struct rs_import_row *r = rs_import_new(im, p, RS_T_HOOK, FILE_NAME, sql->line, e);
    if (r == NULL) return RS_NOMEM;
    rs_row_set(&r->row, "event", event);
    rs_row_set(&r->row, "position", rs_arena_printf(&im->arena, "%zu", i));
    rs_row_set(&r->row, "sql", sql->text);
    rc = rs_row_text(&r->row, "position") == NULL ? rs_nomem(e) : rs_import_add(im, r, e);
  }
  return rc;
}

static enum rs_code add_var(struct rs_imports *im, const struct rs_import_package *p,
                            const char *scope, const struct rs_yaml_pair *pair, struct rs_error *e)
{
  struct rs_import_row *r = rs_import_new(im, p, RS_T_VAR, FILE_NAME, pair->key->line, e);
  const char *value;
  if (r == NULL) return RS_NOMEM;
  enum rs_code rc = keep_value(im, pair->value, &value, e);
  bool text = pair->value->kind == RS_YAML_TEXT;
  rs_row_set(&r->row, "scope", scope);
  rs_row_set(&r->row, "name", pair->key->text);
  rs_row_set(&r->row, "value", value != NULL ? value : "null");
  rs_row_set(&r->row, "is_json", text ? "0" : "1");
  return rc == RS_OK ? rs_import_add(im, r, e) : rc;
}

static enum rs_code add_vars(struct rs_imports *im, const struct rs_import_package *p,
                             struct rs_error *e)
{
  const struct rs_yaml *vars = rs_yaml_get(p->project, "vars");
  enum rs_code rc = RS_OK;
  if (vars == NULL || vars->kind == RS_YAML_NULL) return RS_OK;
  if (vars->kind != RS_YAML_MAP)
    return rs_import_fail(p, FILE_NAME, vars->line, e, "'vars' must be a map");
  for (size_t i = 0; rc == RS_OK && i < vars->count; i++) {
    const struct rs_yaml_pair *pair = &vars->pairs[i];
    bool scope = false;
    for (size_t k = 0; k < im->npackages; k++)
      scope |= rs_eq(im->packages[k].name, pair->key->text);
    if (!scope || pair->value->kind != RS_YAML_MAP) {
      rc = add_var(im, p, "", pair, e);
      continue;
    }
    for (size_t k = 0; rc == RS_OK && k < pair->value->count; k++)
      rc = add_var(im, p, pair->key->text, &pair->value->pairs[k], e);
  }
  return rc;
}

enum rs_code rs_import_project_rows(struct rs_imports *im, const struct rs_import_package *p,
                                    struct rs_error *e)
{
  enum rs_code rc = *p->row == 0 ? add_project_rows(im, p, e) : add_package_row(im, p, e);
  for (size_t i = 0; rc == RS_OK && i < COUNT(resource_types); i++) {
    const struct rs_yaml *v = rs_yaml_get(p->project, resource_types[i]);
    if (v == NULL || v->kind == RS_YAML_NULL) continue;
    if (v->kind != RS_YAML_MAP)
      return rs_import_fail(p, FILE_NAME, v->line, e, "'%s' must be a map", resource_types[i]);
    rc = add_configs(im, p, resource_types[i], "", v, e);
  }
  if (rc == RS_OK) rc = add_hooks(im, p, "on-run-start", e);
  if (rc == RS_OK) rc = add_hooks(im, p, "on-run-end", e);
  if (rc == RS_OK) rc = add_vars(im, p, e);
  return rc;
}

/* ---- packages ------------------------------------------------------------------------------- */

static bool is_known(const struct rs_imports *im, const char *name)
{
  for (size_t i = 0; i < im->npackages; i++)
    if (rs_eq(im->packages[i].name, name)) return true;
  return false;
}

/* One entry of `packages:`; dbt deps has put it below dbt_packages, or it is local. */
static enum rs_code check_entry(struct rs_imports *im, const char *file, const struct rs_yaml *v,
                                struct rs_error *e)
{
  const struct rs_import_package *root = &im->packages[0];
  const struct rs_yaml *local = rs_yaml_get(v, "local"), *hub = rs_yaml_get(v, "package");
  const struct rs_yaml *git = rs_yaml_get(v, "git"), *name = rs_yaml_get(v, "name");
  // One that lies elsewhere: dbt deps puts a link to it into the packages' folder
  if (local != NULL && local->text != NULL && (*local->text == '/' || *local->text == '~'))
    return RS_OK;
  if (local != NULL && local->text != NULL) {
    char *path = rs_arena_printf(&im->arena, "%s/%s", root->folder, local->text);
    if (path == NULL) return rs_nomem(e);
    const char *own = strrchr(local->text, '/');
    // dbt deps has put it (or a link to it) into the packages' folder
    if (!rs_is_folder(path) && is_known(im, own != NULL ? own + 1 : local->text)) return RS_OK;
    if (!rs_is_folder(path))
      return rs_import_fail(root, file, local->line, e, "local package '%s' is not there",
                            local->text);
    return rs_import_package_add(im, local->text, e);
  }
  const struct rs_yaml *which = hub != NULL ? hub : git != NULL ? git : name;
  if (which == NULL || which->text == NULL) return RS_OK;
  const char *slash = strrchr(which->text, '/');
  const char *last = slash != NULL ? slash + 1 : which->text;
  size_t n = strlen(last);
  if (n > 4 && strcmp(last + n - 4, ".git") == 0) n -= 4;
  char *wanted = rs_arena_strndup(&im->arena, last, n);
  if (wanted == NULL) return rs_nomem(e);
  // A git repository may hold a project of another name: then its folder counts
  if (is_known(im, wanted) || git != NULL) return RS_OK;
  return rs_import_fail(root, file, which->line, e,
                        "package '%s' is listed, but not in the packages' folder: run `dbt deps` "
                        "in %s",
                        which->text, root->folder);
}

static enum rs_code check_file(struct rs_imports *im, const char *file, size_t *listed,
                               struct rs_error *e)
{
  const char *text, *path = rs_arena_printf(&im->arena, "%s/%s", im->origin, file);
  const struct rs_yaml *root;
  size_t n;
  if (path == NULL) return rs_nomem(e);
  if (!rs_is_file(path)) return RS_OK;
  enum rs_code rc = rs_file_read(&im->arena, path, YML_MAX, &text, &n, e);
  if (rc == RS_OK) rc = rs_import_yaml(im, file, text, n, &root, e);
  const struct rs_yaml *list = rc == RS_OK ? rs_yaml_get(root, "packages") : NULL;
  for (size_t i = 0; rc == RS_OK && list != NULL && i < list->count && list->items != NULL; i++) {
    rc = check_entry(im, file, list->items[i], e);
    (*listed)++;
  }
  return rc;
}

enum rs_code rs_import_packages(struct rs_imports *im, struct rs_error *e)
{
  const struct rs_import_package *root = &im->packages[0];
  const struct rs_yaml *v = rs_yaml_get(root->project, "packages-install-path");
  const char *folder = "dbt_packages";
  const char *const *names = NULL;
  size_t n = 0, listed = 0;
  enum rs_code rc = RS_OK;
  if (v != NULL) rc = rs_import_render(im, root, FILE_NAME, v, &folder, e);
  char *path = rs_arena_printf(&im->arena, "%s/%s", im->origin, folder);
  if (path == NULL) return rs_nomem(e);
  if (rc == RS_OK && rs_is_folder(path)) rc = rs_folder_names(&im->arena, path, &names, &n, e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    char *prefix = rs_arena_printf(&im->arena, "%s/%s", folder, names[i]);
    char *file = rs_arena_printf(&im->arena, "%s/%s/" FILE_NAME, path, names[i]);
    if (prefix == NULL || file == NULL) return rs_nomem(e);
    if (rs_is_file(file)) rc = rs_import_package_add(im, prefix, e);
  }
  if (rc == RS_OK) rc = check_file(im, "packages.yml", &listed, e);
  if (rc == RS_OK) rc = check_file(im, "dependencies.yml", &listed, e);
  if (rc == RS_OK && listed > im->npackages - 1)
    rc = rs_fail(e, RS_NOT_FOUND,
                 "packages.yml lists %zu packages, but %zu are in %s: run `dbt deps` in %s", listed,
                 im->npackages - 1, folder, im->origin);
  return rc;
}
