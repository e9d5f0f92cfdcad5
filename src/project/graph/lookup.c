/*
** Looking things up by name, as a node of some package sees them: its own package first, then the
** project, then the others.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"

#define NEAREST_MAX 4096 /* names that a hint considers */
#define KEY_MAX 1024

/* ---- macros and variables ------------------------------------------------------------------- */

const struct rs_map *rs_project_macros(const struct rs_project *p, const char *package)
{
  if (rs_eq(package, p->name)) return &p->macros;
  const struct rs_package *pack = rs_map_get(&p->packages, package);
  return pack != NULL ? &pack->macros : NULL;
}

const struct rs_macro *rs_project_macro(const struct rs_project *p, const char *from,
                                        const char *name)
{
  const struct rs_map *own = rs_project_macros(p, from);
  const struct rs_macro *m = own != NULL ? rs_map_get(own, name) : NULL;
  if (m == NULL) m = rs_map_get(&p->macros, name);
  return m != NULL ? m : rs_map_get(&p->builtins, name);
}

const char *rs_project_var(const struct rs_project *p, const char *from, const char *name)
{
  const char *const places[][2] = {{"!", ""}, {"", from}, {"", ""}, {from, from}, {from, ""}};
  char key[KEY_MAX];
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    int n = snprintf(key, sizeof key, "%s\n%s\n%s", places[i][0], places[i][1], name);
    const char *json = n > 0 && n < KEY_MAX ? rs_map_get(&p->vars, key) : NULL;
    if (json != NULL) return json;
  }
  return NULL;
}

/* The variables from..to, whose keys begin with n bytes "PACKAGE\nSCOPE\n", as one of PACKAGE: a
** map that is called SCOPE. */
static enum rs_code put_scope(struct rs_project *p, size_t from, size_t to, size_t n,
                              struct rs_error *e)
{
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  for (size_t i = from; i < to; i++) {
    const struct rs_map_entry *v = &p->vars.v[i];
    rs_buf_char(&json, i == from ? '{' : ',');
    rs_buf_json_str(&json, v->key + n, strlen(v->key + n));
    rs_buf_printf(&json, ":%s", (const char *)v->value);
  }
  rs_buf_char(&json, '}');
  enum rs_code rc = rs_buf_error(&json, e, "variables");
  const char *prefix = p->vars.v[from].key, *scope = strchr(prefix, '\n') + 1;
  char *text = rc == RS_OK ? rs_arena_strndup(&p->arena, json.p, json.n) : NULL;
  char *key = rs_arena_printf(&p->arena, "%.*s\n%.*s", (int)(scope - prefix), prefix,
                              (int)(prefix + n - 1 - scope), scope);
  rs_buf_free(&json);
  if (rc != RS_OK) return rc;
  if (text == NULL || key == NULL) return rs_nomem(e);
  if (rs_map_get(&p->vars, key) != NULL) return RS_OK; // a variable of the package's name
  return rs_map_put(&p->vars, key, text) ? RS_OK : rs_nomem(e);
}

enum rs_code rs_project_scopes(struct rs_project *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  const size_t all = p->vars.n;
  for (size_t i = 0, to; rc == RS_OK && i < all; i = to) {
    const char *key = p->vars.v[i].key, *scope = strchr(key, '\n') + 1;
    const size_t n = (size_t)(strchr(scope, '\n') + 1 - key);
    for (to = i + 1; to < all && strncmp(p->vars.v[to].key, key, n) == 0;) to++;
    if (*scope != '\n') rc = put_scope(p, i, to, n, e);
  }
  return rc;
}

/* ---- sources -------------------------------------------------------------------------------- */

static struct rs_node *source_of(const struct rs_project *p, const char *package,
                                 const char *source, const char *table)
{
  char key[KEY_MAX];
  int n = snprintf(key, sizeof key, "%s\n%s.%s", package, source, table);
  return n > 0 && n < KEY_MAX ? rs_map_get(&p->sources, key) : NULL;
}

struct rs_node *rs_project_source_find(const struct rs_project *p, const char *from,
                                       const char *source, const char *table)
{
  struct rs_node *n = source_of(p, from, source, table);
  if (n == NULL) n = source_of(p, p->name, source, table);
  for (size_t i = 0; n == NULL && i < p->packages.n; i++)
    n = source_of(p, p->packages.v[i].key, source, table);
  return n;
}

/* ---- ref ------------------------------------------------------------------------------------ */

/* The one of a package (NULL: of any); without a version the latest. `on`: that is not disabled, as
** far as that is known yet. */
static struct rs_node *pick(struct rs_node *first, const char *package, const char *version,
                            bool on)
{
  for (struct rs_node *n = first; n != NULL; n = n->same) {
    if (package != NULL && !rs_eq(n->package, package)) continue;
    if (on && n->parsed && !n->config.enabled) continue;
    const char *wanted = version != NULL ? version : n->row.latest_version;
    if (version == NULL && n->row.version == NULL) return n;
    if (n->row.version != NULL && (wanted == NULL || rs_eq(n->row.version, wanted))) return n;
  }
  return NULL;
}

static enum rs_code fail_unknown(struct rs_project *p, const char *name, struct rs_error *e)
{
  const char **names = rs_calloc(NEAREST_MAX, sizeof *names);
  if (names == NULL) return rs_nomem(e);
  size_t n = p->models.n < NEAREST_MAX ? p->models.n : NEAREST_MAX;
  for (size_t i = 0; i < n; i++) names[i] = p->models.v[i].key;
  const char *near = rs_nearest(name, names, n);
  rs_free((void *)names);
  if (near != NULL)
    return rs_fail(e, RS_NOT_FOUND, "no model '%s' (did you mean '%s'?)", name, near);
  if (n == 0) return rs_fail(e, RS_NOT_FOUND, "no model '%s': table rockset_models is empty", name);
  return rs_fail(e, RS_NOT_FOUND, "no model '%s'", name);
}

enum rs_code rs_project_ref(struct rs_project *p, const char *from, const struct rs_node_ref *ref,
                            struct rs_node **pn, struct rs_error *e)
{
  struct rs_node *first = rs_map_get(&p->models, ref->name);
  if (ref->package != NULL) {
    *pn = pick(first, ref->package, ref->version, true);
    if (*pn == NULL) *pn = pick(first, ref->package, ref->version, false);
    if (*pn == NULL && rs_project_macros(p, ref->package) == NULL)
      return rs_fail(e, RS_NOT_FOUND, "there is no package '%s' (this project is '%s')",
                     ref->package, p->name);
    if (*pn == NULL)
      return rs_fail(e, RS_NOT_FOUND, "no model '%s' in package '%s'", ref->name, ref->package);
    return RS_OK;
  }
  // Disabled ones count only where there is no other, for the error
  for (int k = 0; k < 2; k++) {
    *pn = pick(first, from, ref->version, k == 0);
    if (*pn == NULL) *pn = pick(first, p->name, ref->version, k == 0);
    if (*pn == NULL) *pn = pick(first, NULL, ref->version, k == 0);
    if (*pn != NULL) return RS_OK;
  }
  if (first != NULL && ref->version != NULL)
    return rs_fail(e, RS_NOT_FOUND, "model '%s' has no version '%s'", ref->name, ref->version);
  if (first != NULL && first->row.latest_version != NULL)
    return rs_fail(e, RS_NOT_FOUND, "latest_version: %s is not one of model '%s' versions",
                   first->row.latest_version, ref->name);
  return fail_unknown(p, ref->name, e);
}

/* 'name' or 'name.v2' of a package (NULL: as the project sees it). */
static enum rs_code find_version(struct rs_project *p, const char *package, const char *name,
                                 struct rs_node **pn, struct rs_error *e)
{
  struct rs_node_ref ref = {.name = name, .package = package};
  const char *dot = strstr(name, ".v");
  enum rs_code rc = rs_project_ref(p, p->name, &ref, pn, e);
  if (rc != RS_NOT_FOUND || dot == NULL) return rc;
  char *head = rs_strndup(name, (size_t)(dot - name));
  if (head == NULL) return rs_nomem(e);
  ref = (struct rs_node_ref){.name = head, .package = package, .version = dot + 2};
  if (rs_map_get(&p->models, head) != NULL) rc = rs_project_ref(p, p->name, &ref, pn, e);
  rs_free(head);
  return rc;
}

enum rs_code rs_project_model(struct rs_project *p, const char *name, struct rs_node **pn,
                              struct rs_error *e)
{
  const char *dot = strchr(name, '.');
  for (size_t i = 0; rs_map_get(&p->models, name) == NULL && i < p->nnodes; i++)
    if (p->nodes[i]->type == RS_NODE_ANALYSIS && rs_eq(p->nodes[i]->name, name)) {
      *pn = p->nodes[i];
      return RS_OK;
    }
  enum rs_code rc = find_version(p, NULL, name, pn, e);
  if (rc != RS_NOT_FOUND || dot == NULL) return rc;
  char *head = rs_strndup(name, (size_t)(dot - name));
  if (head == NULL) return rs_nomem(e);
  if (rs_project_macros(p, head) != NULL) rc = find_version(p, head, dot + 1, pn, e);
  rs_free(head);
  return rc;
}
