/*
** The parse-time pass: each model's template is rendered once with execute = false, which finds its
** refs, sources and config; then the naming macros say where it goes.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/names/names.h"
#include "src/project/model/model.h"
#include "compile.h"
#include "internal.h"

/* Hooks are templates too, and their refs count. */
static enum rs_code parse_hooks(struct rs_context *c, const struct rs_hook *hooks, size_t n,
                                const char *what, struct rs_error *e)
{
  struct rs_buf out;
  char name[300];
  enum rs_code rc = RS_OK;
  snprintf(name, sizeof name, "%s of model %.200s", what, c->node->name);
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    rs_buf_clear(&out);
    rc = rs_context_render(c, name, hooks[i].sql, strlen(hooks[i].sql), &out, e);
  }
  rs_buf_free(&out);
  return rc;
}

/* A node's own `database:` through the project's macro; the target's stays NULL. Rockset's API has
** one, which no relation names. */
static enum rs_code name_database(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  const char *key = n->type == RS_NODE_SNAPSHOT ? "target_database" : "database";
  const struct rs_project *p = c->project;
  const struct rs_macro *macro = rs_project_macro(p, n->package, "generate_database_name");
  jv args[2] = {jv_none(), jv_none()};
  bool said = jv_dict_get(c->config, key, &args[0]) && args[0].kind != JV_NONE;
  bool own = macro != NULL && macro->source != NULL;
  if (rs_context_traits(c)->no_database || (!said && !own)) return RS_OK;
  args[1] = rs_names_lazy(c);
  const char *name = NULL;
  enum rs_code rc = rs_context_macro_text(c, "generate_database_name", args, 2, &c->project->arena,
                                          &name, e);
  if (rc == RS_OK && *name != 0 && !rs_eq(name, rs_context_database(c)) &&
      (rs_project_database(p) != NULL || !rs_project_own_database(p, name)))
    n->database = name;
  return rc;
}

static enum rs_code name_relation(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  struct rs_arena *a = &c->project->arena;
  const struct rs_node_config *config = &n->config;
  jv args[2] = {jv_none(), rs_names_lazy(c)};
  if (config->schema != NULL) args[0] = jv_text(c->j, config->schema);
  const char *alias = config->alias;
  enum rs_code rc = RS_OK;
  jv target;
  // A snapshot's target_schema is taken as it is
  if (n->type == RS_NODE_SNAPSHOT && jv_dict_get(c->config, "target_schema", &target) &&
      jv_is_str(target)) {
    n->workspace = rs_arena_strdup(a, jv_cstr(target, NULL));
    if (n->workspace == NULL) rc = rs_nomem(e);
  } else {
    rc = rs_context_macro_text(c, "generate_schema_name", args, 2, a, &n->workspace, e);
  }
  // A long name that was made for a test is an alias for dbt
  if (rc == RS_OK && n->test != NULL && alias == NULL) {
    alias = rs_test_short_name(a, n->test);
    if (alias == NULL) return rs_nomem(e);
    if (rs_eq(alias, n->name)) alias = NULL;
  }
  if (rc == RS_OK) {
    args[0] = alias != NULL ? jv_text(c->j, alias) : jv_none();
    rc = rs_context_macro_text(c, "generate_alias_name", args, 2, a, &n->identifier, e);
  }
  if (rc == RS_OK) rc = name_database(c, n, e);
  char what[300];
  rs_node_what(n, what, sizeof what);
  if (rc != RS_OK) return rs_error_prefix(e, "%s", what);
  if (*n->workspace == 0 || *n->identifier == 0)
    return rs_fail(e, RS_INVALID, "%s: macro generate_%s_name gives an empty name", what,
                   *n->workspace == 0 ? "schema" : "alias");
  return RS_OK;
}

enum rs_code rs_node_keep_refs(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  struct rs_arena *a = &c->project->arena;
  n->refs = rs_arena_alloc(a, (c->nrefs + 1) * sizeof *n->refs);
  if (n->refs == NULL) return rs_nomem(e);
  for (size_t i = 0; i < c->nrefs; i++) {
    const struct rs_node_ref *r = &c->refs[i];
    struct rs_node_ref *to = &n->refs[n->nrefs];
    *to = (struct rs_node_ref){.name = rs_arena_strdup(a, r->name), .line = r->line};
    if (r->source != NULL) to->source = rs_arena_strdup(a, r->source);
    if (r->package != NULL) to->package = rs_arena_strdup(a, r->package);
    if (r->version != NULL) to->version = rs_arena_strdup(a, r->version);
    if (to->name == NULL || (r->source != NULL && to->source == NULL) ||
        (r->package != NULL && to->package == NULL) || (r->version != NULL && to->version == NULL))
      return rs_nomem(e);
    n->nrefs++;
  }
  n->metrics = rs_arena_alloc(a, (c->nmetrics + 1) * sizeof *n->metrics);
  if (n->metrics == NULL) return rs_nomem(e);
  n->nmetrics = c->nmetrics;
  if (c->nmetrics > 0) memcpy(n->metrics, c->metrics, c->nmetrics * sizeof *n->metrics);
  return RS_OK;
}

static enum rs_code parse_node(struct rs_project *p, struct rs_node *n, struct rs_error *e);

/* A unit test waits for what its model reads, not for the model. */
static enum rs_code follow_tested(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  enum rs_code rc = rs_project_model(p, n->unit_test->model, &n->tested, e);
  if (rc == RS_OK && n->tested->type != RS_NODE_MODEL)
    rc = rs_fail(e, RS_INVALID, "%s is no model", n->tested->unique_id);
  if (rc == RS_OK) rc = parse_node(p, n->tested, e);
  if (rc != RS_OK) return rc;
  if (!n->tested->config.enabled) n->config.enabled = false;
  n->refs = n->tested->refs;
  n->nrefs = n->tested->nrefs;
  return RS_OK;
}

enum rs_code rs_node_template(const struct rs_node *n, struct rs_template **pt, struct rs_error *e)
{
  char name[300];
  return rs_template_parse(rs_node_what(n, name, sizeof name), n->sql, n->nsql, pt, e);
}

/* What config() calls said, for who wants to see it; what is no JSON (a relation) is left out. */
static enum rs_code keep_calls(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  struct rs_buf json;
  if (jv_len(c->called) == 0) return RS_OK;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  bool good = jv_json_to(c->j, c->called, false, &json, NULL) == RS_OK && json.rc == RS_OK;
  if (good) n->config.call = rs_arena_strndup(&c->project->arena, json.p, json.n);
  rs_buf_free(&json);
  return good && n->config.call == NULL ? rs_nomem(e) : RS_OK;
}

/* text NULL: it is Python's, and no template. */
static enum rs_code render_model(struct rs_context *c, struct rs_node *n, struct rs_template *text,
                                 struct rs_error *e)
{
  struct rs_buf out;
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  enum rs_code rc = text != NULL ? rs_jinja_render(c->j, text, &out, e)
                                 : rs_python_read(c, n->sql, n->nsql, e);
  rs_buf_free(&out);
  if (rc == RS_OK) rc = rs_config_end(c->project, c->j, n, c->config, e);
  if (rc == RS_OK) rc = rs_config_finish(c->project, c->j, n, c->config, &n->config, e);
  if (rc == RS_OK) rc = keep_calls(c, n, e);
  if (rc != RS_OK || !n->config.enabled) return rc;
  rc = parse_hooks(c, n->config.pre_hooks, n->config.npre, "pre_hook", e);
  if (rc == RS_OK) rc = parse_hooks(c, n->config.post_hooks, n->config.npost, "post_hook", e);
  if (rc == RS_OK) rc = rs_node_keep_refs(c, n, e);
  if (rc == RS_OK) rc = rs_group_check(c->project, n, e);
  if (rc == RS_OK) rc = rs_describe(c, n, e);
  if (rc != RS_OK) return rc;
  if (n->type < RS_NODE_UNIT_TEST || n->type == RS_NODE_ANALYSIS) return name_relation(c, n, e);
  n->workspace = c->project->set.output->workspace; // never a relation
  n->identifier = n->name;
  return n->type == RS_NODE_UNIT_TEST ? follow_tested(c->project, n, e) : rc;
}

static enum rs_code parse_enabled(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  char name[300];
  rs_node_what(n, name, sizeof name);
  if (n->test != NULL && rs_test_check(p, n, e) != RS_OK) return RS_NOT_FOUND;
  struct rs_template *text = NULL;
  enum rs_code rc = RS_OK;
  if (!rs_node_is_python(n)) {
    rs_project_see_text(p, n->sql, n->nsql);
    rc = rs_node_template(n, &text, e);
    if (rc != RS_OK) return rc;
  }
  struct rs_context_options opt = {.project = p,
                                   .node = n,
                                   .is_interrupted = p->set.is_interrupted,
                                   .interrupt_ctx = p->set.interrupt_ctx};
  struct rs_context *c;
  rc = rs_context_new(&opt, &c, e);
  if (rc != RS_OK) {
    rs_template_release(text);
    return rc;
  }
  rc = render_model(c, n, text, e);
  // An error inside a macro names the macro
  if (rc != RS_OK && rc != RS_NOMEM && !rs_error_names_node(e)) rs_error_prefix(e, "%s", name);
  rs_context_free(c);
  rs_template_release(text); // after the values that borrow its texts
  return rc;
}

/* The generic test's package is not there. */
static bool lacks_package(const struct rs_project *p, const struct rs_node *n)
{
  const char *test = n->test != NULL ? n->test->test : NULL;
  const char *dot = test != NULL ? strchr(test, '.') : NULL;
  char package[300];
  if (dot == NULL) return false;
  snprintf(package, sizeof package, "%.*s", (int)(dot - test), test);
  return !rs_eq(package, "dbt") && rs_project_macros(p, package) == NULL;
}

static enum rs_code parse_node(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  if (n->parsed) return RS_OK;
  n->parsed = true;
  enum rs_code rc = parse_enabled(p, n, e);
  // A row that is switched off may be half written; config(enabled=true) in it needs a sound text
  bool harmless = rc == RS_INVALID || rc == RS_NOT_FOUND || rc == RS_UNSUPPORTED ||
                  rc == RS_FORBIDDEN;
  if (rc == RS_OK || (!n->row.enabled && !harmless)) return rc;
  // Nothing depends on it: who compiles it gets the error
  bool alone = rs_node_alone(n) && (n->type == RS_NODE_ANALYSIS || lacks_package(p, n));
  if (alone && harmless) {
    n->bad = rs_arena_strdup(&p->arena, e->text);
    rc = n->bad != NULL ? RS_OK : rs_nomem(e);
  } else if (n->row.enabled) {
    rc = rs_project_keep_bad(p, rc, &n->bad, e);
  }
  if (n->row.enabled && rc != RS_OK) return rc;
  n->config = (struct rs_node_config){
    .enabled = n->row.enabled && (n->bad == NULL || n->test == NULL || p->set.keep_bad),
    .materialized = "view",
    .json = "{}"};
  n->nrefs = 0;
  n->workspace = p->set.output->workspace;
  n->identifier = n->name;
  return RS_OK;
}

/* Of several with one name the enabled one is meant: which that is shows when they are parsed. */
static enum rs_code resolve(struct rs_project *p, const struct rs_node *n,
                            const struct rs_node_ref *ref, struct rs_node **to, struct rs_error *e)
{
  for (;;) {
    enum rs_code rc = rs_graph_resolve(p, n, ref, to, e);
    if (rc != RS_OK || (*to)->parsed || (*to)->type == RS_NODE_SOURCE) return rc;
    rc = parse_node(p, *to, e);
    if (rc != RS_OK) return rc;
  }
}

/* What a node refers to goes on the list; nodes that are there already carry `listed`. */
static enum rs_code add_parents(struct rs_project *p, const struct rs_node *n,
                                struct rs_node ***list, size_t *count, size_t *cap, bool *listed,
                                struct rs_error *e)
{
  for (size_t i = 0; i < n->nrefs; i++) {
    struct rs_node *to;
    enum rs_code rc = resolve(p, n, &n->refs[i], &to, e);
    bool later = p->set.keep_bad || n->type == RS_NODE_ANALYSIS ||
                 (rs_node_alone(n) && rc == RS_NOT_FOUND);
    if (rc != RS_OK && later && rc != RS_NOMEM) continue; // linking will say so
    if (rc != RS_OK) return rc;
    if (to->type == RS_NODE_SOURCE || listed[to->index]) continue;
    if (!rs_grow(list, cap, *count + 1, sizeof(struct rs_node *))) return rs_nomem(e);
    listed[to->index] = true;
    (*list)[(*count)++] = to;
  }
  return RS_OK;
}

/* Files of one name are one model: at most one of them is enabled. */
static enum rs_code check_twins(const struct rs_project *p, struct rs_error *e)
{
  for (size_t i = 0; i < p->nnodes; i++) {
    const struct rs_node *n = p->nodes[i];
    if (!n->twin || !n->config.enabled) continue;
    for (const struct rs_node *o = rs_map_get(&p->models, n->name); o != NULL; o = o->same)
      if (o != n && o->config.enabled && rs_eq(o->package, n->package) && o->row.version == NULL)
        return rs_fail(e, RS_EXISTS, "%s is both %s and %s: disable one of them", n->unique_id,
                       o->row.path != NULL ? o->row.path : "a row",
                       n->row.path != NULL ? n->row.path : "a row");
  }
  return RS_OK;
}

/* What a row says of a source may be a template too: "{{ target.schema }}". */
static enum rs_code render_source_text(struct rs_context *c, const char **text, struct rs_error *e)
{
  if (strstr(*text, "{{") == NULL && strstr(*text, "{%") == NULL) return RS_OK;
  struct rs_buf out;
  rs_buf_init(&out, 1 << 20);
  enum rs_code rc = rs_context_render(c, "source", *text, strlen(*text), &out, e);
  if (rc == RS_OK) rc = rs_buf_error(&out, e, "source");
  if (rc == RS_OK && (*text = rs_arena_strdup(&c->project->arena, rs_buf_text(&out))) == NULL)
    rc = rs_nomem(e);
  rs_buf_free(&out);
  return rc;
}

/* {"identifier": "{{ target.type != 'snowflake' }}"}: what it says becomes true or false. */
static enum rs_code render_source_json(struct rs_context *c, const char **json, struct rs_error *e)
{
  struct rs_buf out;
  jv v;
  if (*json == NULL || strstr(*json, "{{") == NULL) return RS_OK;
  rs_buf_init(&out, 1 << 20);
  enum rs_code rc = jv_from_json(c->j, *json, strlen(*json), &v, e);
  if (rc == RS_OK) rc = rs_config_render(c->j, v, &v, e);
  if (rc == RS_OK) rc = jv_json_to(c->j, v, false, &out, e);
  if (rc == RS_OK) rc = rs_buf_error(&out, e, "source");
  if (rc == RS_OK && (*json = rs_arena_strdup(&c->project->arena, rs_buf_text(&out))) == NULL)
    rc = rs_nomem(e);
  rs_buf_free(&out);
  return rc;
}

/* name: "{{ var('x') }}": from now on it goes by what that gives. */
static enum rs_code rename_source(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  struct rs_project *p = c->project;
  if (strchr(n->name, '{') == NULL) return RS_OK;
  enum rs_code rc = render_source_text(c, &n->source, e);
  if (rc == RS_OK) rc = render_source_text(c, &n->table, e);
  if (rc != RS_OK) return rc;
  size_t folders = strlen(n->fqn) - strlen(n->name); // the fqn ends with the name
  char *key = rs_arena_printf(&p->arena, "%s\n%s.%s", n->package, n->source, n->table);
  n->name = rs_arena_printf(&p->arena, "%s.%s", n->source, n->table);
  n->unique_id = rs_arena_printf(&p->arena, "source.%s.%s", n->package, n->name);
  n->fqn = rs_arena_printf(&p->arena, "%.*s%s", (int)folders, n->fqn, n->name);
  if (key == NULL || n->name == NULL || n->unique_id == NULL || n->fqn == NULL) return rs_nomem(e);
  if (rs_map_get(&p->sources, key) != NULL)
    return rs_fail(e, RS_INVALID, "there are two sources of that name in package %s", n->package);
  return rs_map_put(&p->sources, key, n) ? RS_OK : rs_nomem(e);
}

static enum rs_code parse_source(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  struct rs_context_options opt = {.project = p,
                                   .node = n,
                                   .is_interrupted = p->set.is_interrupted,
                                   .interrupt_ctx = p->set.interrupt_ctx};
  struct rs_context *c;
  jv enabled;
  enum rs_code rc = rs_context_new(&opt, &c, e);
  if (rc == RS_OK) {
    rc = rename_source(c, n, e);
    if (rc == RS_OK) rc = render_source_text(c, &n->workspace, e);
    if (rc == RS_OK) rc = render_source_text(c, &n->identifier, e);
    if (rc == RS_OK && n->database != NULL) rc = render_source_text(c, &n->database, e);
    if (rc == RS_OK) rc = render_source_json(c, &n->quoting, e);
    if (rc == RS_OK) rc = render_source_json(c, &n->source_row.meta, e);
    if (rc == RS_OK) rc = rs_describe(c, n, e);
    if (rc == RS_OK) rc = rs_config_end(p, c->j, n, c->config, e);
    if (rc == RS_OK) rc = rs_external_config(c, n, e);
    if (rc == RS_OK && jv_dict_get(c->config, "enabled", &enabled))
      n->config.enabled = jv_truth(c->j, enabled);
    if (rc == RS_OK && jv_dict_get(c->config, "event_time", &enabled) && jv_is_str(enabled))
      n->config.event_time = rs_arena_strdup(&p->arena, jv_cstr(enabled, NULL));
    rs_context_free(c);
  }
  return rc == RS_OK || rc == RS_NOMEM ? rc : rs_error_prefix(e, "source %s", n->name);
}

/* A table that is not sent is read by the name that statements have for it. Comes last: it is a
** name as it stands, never a template. */
static void name_local(const struct rs_project *p, struct rs_node *n)
{
  if (n->local_table == NULL || n->push != NULL || p->set.local_prefix == NULL) return;
  n->database = p->set.local_prefix;
  n->workspace = "main";
  n->identifier = n->local_table;
}

/* Only those that have something to render or a config: making a context costs. */
static enum rs_code parse_sources(struct rs_project *p, struct rs_error *e)
{
  bool levels = false;
  for (size_t i = 0; i < p->nlevels; i++) levels |= rs_eq(p->levels[i].type, "sources");
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    if (n->type != RS_NODE_SOURCE) continue;
    bool template = strchr(n->name, '{') != NULL || strchr(n->workspace, '{') != NULL ||
                    strchr(n->identifier, '{') != NULL ||
                    (n->database != NULL && strchr(n->database, '{') != NULL);
    const char *description = n->source_row.description;
    template |= strchr(n->description, '{') != NULL ||
                (description != NULL && strchr(description, '{') != NULL) ||
                (n->quoting != NULL && strstr(n->quoting, "{{") != NULL) ||
                (n->source_row.meta != NULL && strstr(n->source_row.meta, "{{") != NULL) ||
                (n->row.columns != NULL && strstr(n->row.columns, "{{") != NULL);
    if (levels || template || n->row.config != NULL) rc = parse_source(p, n, e);
    name_local(p, n);
  }
  return rc;
}

/* Parses `root` (NULL: every model) and whatever it refers to. */
static enum rs_code parse_from(struct rs_project *p, const struct rs_node *root, struct rs_error *e)
{
  struct rs_node **list = NULL;
  size_t count = 0, cap = 0, models = p->nnodes; // models come first; sources may be added
  bool *listed = rs_calloc(models + 1, sizeof *listed);
  enum rs_code rc = listed == NULL ? rs_nomem(e) : RS_OK;
  for (size_t i = 0; rc == RS_OK && i < models; i++) {
    struct rs_node *n = p->nodes[i];
    if (n->type == RS_NODE_SOURCE || (root != NULL && n != root)) continue;
    if (!rs_grow(&list, &cap, count + 1, sizeof(struct rs_node *))) rc = rs_nomem(e);
    if (rc != RS_OK) break;
    listed[i] = true;
    list[count++] = n;
  }
  for (size_t i = 0; rc == RS_OK && i < count; i++) {
    rc = parse_node(p, list[i], e);
    if (rc == RS_OK) rc = add_parents(p, list[i], &list, &count, &cap, listed, e);
  }
  rs_free(list);
  rs_free(listed);
  return rc;
}

enum rs_code rs_project_settle(struct rs_project *p, struct rs_node **pn, struct rs_error *e)
{
  struct rs_node *first = *pn;
  enum rs_code rc = RS_OK;
  for (struct rs_node *n = rs_map_get(&p->models, first->name); n != NULL; n = n->same) {
    if (!n->twin || !rs_eq(n->package, first->package) || first->row.version != NULL) continue;
    rc = parse_node(p, first, e);
    if (rc == RS_OK) rc = parse_node(p, n, e);
    if (rc != RS_OK) return rc;
    if (!(*pn)->config.enabled && n->config.enabled) *pn = n;
  }
  return rc;
}

enum rs_code rs_project_parse(struct rs_project *p, struct rs_node *root, struct rs_error *e)
{
  enum rs_code rc = parse_sources(p, e);
  if (rc == RS_OK) rc = parse_from(p, root, e);
  // `graph` shows all nodes, also when one alone is compiled
  if (rc == RS_OK && root != NULL && p->uses_graph) rc = parse_from(p, NULL, e);
  if (rc == RS_OK) rc = check_twins(p, e);
  if (rc == RS_OK) rc = rs_graph_build(p, e);
  if (rc == RS_OK && (root == NULL || p->uses_graph)) rc = rs_entries_parse(p, e);
  if (rc == RS_OK && root == NULL) rc = rs_describe_macros(p, e);
  if (rc == RS_OK && p->uses_graph) rc = rs_project_macro_uses(p, e);
  if (rc == RS_OK) rc = rs_deprecation_warn(p, e);
  if (rc == RS_OK) rc = rs_lost_tests_warn(p, e);
  return rc;
}
