/*
** The methods of a selection: does one item match `method:value`?
*/
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"
#include "internal.h"
#include "graph.h"

#define FQN_MAX 1024

static bool has_wildcard(const char *value)
{
  return strpbrk(value, "*?[]") != NULL;
}

/* Python's fnmatch: a backslash is a character like any other. */
static bool matches(const char *pattern, const char *text)
{
  return text != NULL &&
         (has_wildcard(pattern) ? fnmatch(pattern, text, FNM_NOESCAPE) == 0 : rs_eq(pattern, text));
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Part by part from the left; from the first part with a wildcard on, all that is left at once. */
static bool match_parts(const char *value, const char *fqn)
{
  for (;;) {
    size_t n = strcspn(value, "."), m = strcspn(fqn, ".");
    char part[FQN_MAX];
    if (n >= sizeof part) return false;
    memcpy(part, value, n);
    part[n] = 0;
    if (has_wildcard(part)) return fnmatch(value, fqn, FNM_NOESCAPE) == 0;
    if (n != m || strncmp(value, fqn, n) != 0) return false;
    if (value[n] == 0) return true;
    if (fqn[m] == 0) return false;
    value += n + 1;
    fqn += m + 1;
  }
}

/* dbt's: the name itself, or a dotted prefix of the fqn, with the package or without. */
static bool match_fqn(const struct rs_item *it, const char *value)
{
  if (it->type == RS_NODE_SOURCE) return false;
  if (matches(value, it->name)) return true;
  if (it->version != NULL) {
    char name[FQN_MAX];
    size_t n = strlen(it->name), v = strlen(it->version);
    if (n + v + 3 < sizeof name) {
      memcpy(name, it->name, n);
      memcpy(name + n, ".v", 2);
      memcpy(name + n + 2, it->version, v + 1);
      if (matches(value, name)) return true;
      name[n] = '_';
      if (matches(value, name)) return true;
    }
  }
  const char *dot = strchr(it->fqn, '.');
  return match_parts(value, it->fqn) || (dot != NULL && match_parts(value, dot + 1));
}

/* [package.]source[.table], each with wildcards. */
static bool match_source(const struct rs_item *it, const char *value)
{
  char parts[3][FQN_MAX];
  size_t n = 0;
  if (it->type != RS_NODE_SOURCE) return false;
  const char *source = it->node->source, *table = it->node->table;
  for (const char *p = value; n < 3; n++) {
    size_t len = strcspn(p, ".");
    if (len >= sizeof parts[0]) return false;
    memcpy(parts[n], p, len);
    parts[n][len] = 0;
    if (p[len] == 0) {
      n++;
      break;
    }
    p += len + 1;
  }
  if (n == 1) return matches(parts[0], source);
  if (n == 2)
    return (matches(parts[0], source) && matches(parts[1], table)) ||
           (matches(parts[0], it->package) && matches(parts[1], source));
  return matches(parts[0], it->package) && matches(parts[1], source) && matches(parts[2], table);
}

/* name or package.name */
static bool match_name(const struct rs_item *it, enum rs_node_type type, const char *value)
{
  const char *dot = strchr(value, '.');
  if (it->type != type) return false;
  if (matches(value, it->name)) return true;
  return dot != NULL && rs_eqn(it->package, value, (size_t)(dot - value)) &&
         matches(dot + 1, it->name);
}

static bool match_tag(const struct rs_item *it, const char *value)
{
  for (size_t i = 0; i < it->ntags; i++)
    if (matches(value, it->tags[i])) return true;
  return false;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* A glob, segment by segment; `**` is any number of them. What lies in a folder matches it. */
static bool match_glob(const char *pattern, const char *path, unsigned depth)
{
  char part[FQN_MAX], name[FQN_MAX];
  if (depth > RS_SELECT_DEPTH_MAX) return false;
  while (*pattern == '/') pattern++;
  if (*pattern == 0) return true;
  size_t n = strcspn(pattern, "/");
  if (n == 2 && strncmp(pattern, "**", 2) == 0) {
    for (const char *p = path;; p++) {
      if (match_glob(pattern + n, p, depth + 1)) return true;
      p = strchr(p, '/');
      if (p == NULL) return false;
    }
  }
  if (*path == 0) return false;
  size_t m = strcspn(path, "/");
  if (n >= sizeof part || m >= sizeof name) return false;
  memcpy(part, pattern, n);
  part[n] = 0;
  memcpy(name, path, m);
  name[m] = 0;
  if (!matches(part, name)) return false;
  return match_glob(pattern + n, path[m] == '/' ? path + m + 1 : path + m, depth + 1);
}

static bool match_path(const struct rs_item *it, const char *value)
{
  if (strncmp(value, "./", 2) == 0) value += 2;
  if (it->path != NULL && match_glob(value, it->path, 0)) return true;
  // A yml file picks what it describes, too
  const char *patch = it->type == RS_NODE_MODEL || it->type == RS_NODE_SEED ||
                          it->type == RS_NODE_SNAPSHOT || it->type == RS_NODE_ANALYSIS
                        ? rs_item_text(it, "patch_path")
                        : NULL;
  const char *below = patch != NULL ? strstr(patch, "://") : NULL; // another package's file
  return patch != NULL && match_glob(value, below != NULL ? below + 3 : patch, 0);
}

static bool match_file(const struct rs_item *it, const char *value)
{
  const char *slash = it->path != NULL ? strrchr(it->path, '/') : NULL;
  const char *name = slash != NULL ? slash + 1 : it->path, *dot = NULL;
  char stem[FQN_MAX];
  if (name == NULL) return false;
  if (matches(value, name)) return true;
  dot = strrchr(name, '.');
  size_t n = dot != NULL ? (size_t)(dot - name) : strlen(name);
  if (n >= sizeof stem) return false;
  memcpy(stem, name, n);
  stem[n] = 0;
  return matches(value, stem);
}

/* ---- configs -------------------------------------------------------------------------------- */

/* A value of the config against a text: of a list any element, of a dict any key. */
static bool match_value(struct rs_python *j, jv v, const char *value)
{
  if (v.kind == JV_LIST || v.kind == JV_TUPLE) {
    for (size_t i = 0; i < jv_len(v); i++)
      if (match_value(j, jv_item(v, i), value)) return true;
    return false;
  }
  jv found;
  if (v.kind == JV_DICT) return jv_dict_get(v, value, &found);
  if (v.kind == JV_BOOL) return rs_casecmp(value, v.u.b ? "true" : "false") == 0;
  if (v.kind == JV_NONE) return false;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 16);
  bool is = jv_str_to(j, v, &text, NULL) == RS_OK && matches(value, rs_buf_text(&text));
  rs_buf_free(&text);
  return is;
}

/* KEY[.KEY] of a config. */
static bool find_value(jv config, const char *path, jv *out)
{
  for (*out = config;;) {
    char key[FQN_MAX];
    size_t n = strcspn(path, ".");
    if (n >= sizeof key || out->kind != JV_DICT) return false;
    memcpy(key, path, n);
    key[n] = 0;
    if (!jv_dict_get(*out, key, out)) return false;
    if (path[n] == 0) return true;
    path += n + 1;
  }
}

/* config.KEY[.KEY]:value; path is what follows "config.". What nobody says has dbt's default. */
static enum rs_code match_config(const struct rs_item *it, const char *path, const char *value,
                                 bool *is, struct rs_error *e)
{
  *is = false;
  if (it->bad != NULL) return RS_OK;
  if (it->type == RS_NODE_MODEL && rs_eq(path, "materialized")) {
    *is = matches(value, it->node->config.materialized);
    return RS_OK;
  }
  if (rs_eq(path, "workspace")) path = "schema";
  // One engine for each item: values pile up in its arena
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  jv said, all, v;
  enum rs_code rc = jv_from_json(j, it->config, strlen(it->config), &said, e);
  bool found = rc == RS_OK && find_value(said, path, &v);
  if (rc == RS_OK && !found) {
    rc = rs_config_document(j, it->type, said, &all, e);
    found = rc == RS_OK && find_value(all, path, &v);
  }
  if (found && it->type == RS_NODE_TEST && rs_eq(path, "severity") && jv_is_str(v))
    *is = rs_casecmp(value, jv_cstr(v, NULL)) == 0;
  else *is = found && match_value(j, v, value);
  rs_jinja_free(j);
  return rc;
}

/* ---- kinds of nodes ------------------------------------------------------------------------- */

/* Numbers as numbers: 10 is later than 9. */
static int compare_versions(const char *a, const char *b)
{
  char *end_a, *end_b;
  double x = strtod(a, &end_a), y = strtod(b, &end_b);
  if (*end_a == 0 && *end_b == 0) return (x > y) - (x < y);
  return strcmp(a, b);
}

static bool match_version(const struct rs_item *it, const char *value)
{
  if (it->type != RS_NODE_MODEL) return false;
  if (rs_eq(value, "none")) return it->version == NULL;
  if (it->version == NULL || it->latest_version == NULL) return false;
  int order = compare_versions(it->version, it->latest_version);
  return rs_eq(value, "latest") ? order == 0 : rs_eq(value, "prerelease") ? order > 0 : order < 0;
}

static bool match_test_type(const struct rs_item *it, const char *value)
{
  if (it->type == RS_NODE_UNIT_TEST) return rs_eq(value, "unit");
  if (it->type != RS_NODE_TEST) return false;
  if (rs_eq(value, "data")) return true;
  return rs_eq(value, it->test != NULL ? "generic" : "singular");
}

static bool match_result(const struct rs_selector *s, const struct rs_item *it, const char *value)
{
  const char *status = rs_map_get(s->sel->results, it->unique_id);
  return status != NULL && matches(value, status);
}

/* ---- what there is -------------------------------------------------------------------------- */

static const char *const methods[] = {
  "fqn",           "tag",       "source",         "package",    "resource_type", "path",
  "file",          "group",     "access",         "version",    "exposure",      "test_name",
  "test_type",     "unit_test", "result",         "state",      "config",        "selector",
  "source_status", "metric",    "semantic_model", "saved_query"};

static enum rs_code check_word(const char *method, const char *value, const char *const *words,
                               size_t n, struct rs_error *e)
{
  struct rs_buf list;
  for (size_t i = 0; i < n; i++)
    if (rs_eq(value, words[i])) return RS_OK;
  rs_buf_init(&list, 1024);
  for (size_t i = 0; i < n; i++) rs_buf_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
  enum rs_code rc = rs_fail(e, RS_INVALID, "selection '%s:%s': there are %s", method, value,
                            rs_buf_text(&list));
  rs_buf_free(&list);
  return rc;
}

#define CHECK(...)                                              \
  check_word(method, value, (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *), e)

static enum rs_code check_value(const struct rs_selector *s, const char *method, const char *value,
                                struct rs_error *e)
{
  const struct rs_selection *sel = s->sel;
  if (rs_eq(method, "version")) return CHECK("latest", "prerelease", "old", "none");
  if (rs_eq(method, "test_type")) return CHECK("generic", "singular", "data", "unit");
  if (rs_eq(method, "access")) return CHECK("private", "protected", "public");
  if (rs_eq(method, "resource_type"))
    return CHECK("model", "source", "seed", "snapshot", "test", "unit_test", "analysis", "exposure",
                 "metric", "semantic_model", "saved_query");
  if (rs_eq(method, "source_status") && sel->freshness == NULL)
    return rs_fail(e, RS_NOT_FOUND,
                   "selection 'source_status:%s': no freshness of sources has been recorded",
                   value);
  if (rs_eq(method, "result") && sel->results == NULL)
    return rs_fail(e, RS_NOT_FOUND, "selection 'result:%s': nothing has been run yet", value);
  if (rs_eq(method, "state"))
    return CHECK("new", "old", "modified", "unmodified", "modified.body", "modified.configs",
                 "modified.relation", "modified.macros", "modified.persisted_descriptions",
                 "modified.contract");
  return RS_OK;
}

enum rs_code rs_select_check(const struct rs_selector *s, const char *method, const char *value,
                             struct rs_error *e)
{
  bool config = strncmp(method, "config.", 7) == 0 && method[7] != 0;
  if (config) return RS_OK;
  if (rs_eq(method, "config") || rs_eq(method, "config."))
    return rs_fail(e, RS_INVALID, "selection 'config:' lacks the key: 'config.materialized:view'");
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (rs_eq(methods[i], method)) return check_value(s, method, value, e);
  const char *near = rs_nearest(method, methods, sizeof methods / sizeof *methods);
  return rs_fail(
    e, RS_INVALID,
    "selection: unknown method '%s:'%s%s%s; there are fqn:, tag:, config.KEY:, path:, file:, "
    "source:, package:, resource_type:, group:, access:, version:, exposure:, metric:, "
    "semantic_model:, saved_query:, test_name:, "
    "test_type:, unit_test:, state:, result:, source_status:, selector:",
    method, near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
    near != NULL ? ":'?)" : "");
}

enum rs_code rs_select_match(struct rs_selector *s, const struct rs_item *it,
                             const struct rs_atom *a, bool *is, struct rs_error *e)
{
  const char *m = a->method, *value = a->value;
  if (strncmp(m, "config.", 7) == 0) return match_config(it, m + 7, value, is, e);
  if (rs_eq(m, "tag")) *is = match_tag(it, value);
  else if (rs_eq(m, "source")) *is = match_source(it, value);
  else if (rs_eq(m, "package"))
    *is = matches(rs_eq(value, "this") ? s->inv->p->name : value, it->package);
  else if (rs_eq(m, "resource_type")) *is = rs_eq(value, rs_item_type(it->type));
  else if (rs_eq(m, "path")) *is = match_path(it, value);
  else if (rs_eq(m, "file")) *is = match_file(it, value);
  else if (rs_eq(m, "group")) *is = matches(value, it->group);
  else if (rs_eq(m, "access"))
    *is = it->type == RS_NODE_MODEL && rs_eq(value, it->access != NULL ? it->access : "protected");
  else if (rs_eq(m, "version")) *is = match_version(it, value);
  else if (rs_eq(m, "exposure")) *is = match_name(it, RS_NODE_EXPOSURE, value);
  else if (rs_eq(m, "metric")) *is = match_name(it, RS_NODE_METRIC, value);
  else if (rs_eq(m, "semantic_model")) *is = match_name(it, RS_NODE_SEMANTIC_MODEL, value);
  else if (rs_eq(m, "saved_query")) *is = match_name(it, RS_NODE_SAVED_QUERY, value);
  else if (rs_eq(m, "unit_test")) *is = match_name(it, RS_NODE_UNIT_TEST, value);
  else if (rs_eq(m, "test_name")) *is = it->test != NULL && matches(value, it->test);
  else if (rs_eq(m, "test_type")) *is = match_test_type(it, value);
  else if (rs_eq(m, "result")) *is = match_result(s, it, value);
  else if (rs_eq(m, "state")) *is = rs_state_matches(s->sel->state, it, value);
  else if (rs_eq(m, "source_status")) {
    const char *status = rs_map_get(s->sel->freshness, it->unique_id);
    *is = status != NULL && matches(value, status);
  } else *is = match_fqn(it, value);
  return RS_OK;
}
