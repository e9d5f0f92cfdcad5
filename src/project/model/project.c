/*
** Loading a project: rows are copied into the arena, macros parsed, variables gathered (model.h).
*/
#include "model.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/embedded.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"

#define PROJECT_MEMORY_MAX ((size_t)1 << 30)

static const char *const kinds[] = {"view",      "table",        "incremental",
                                    "ephemeral", "query_lambda", "materialized_view"};

bool rs_kind_known(const char *kind)
{
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (rs_eq(kind, kinds[i])) return true;
  return false;
}

enum rs_code rs_kind_check(const char *kind, const char *what, struct rs_error *e)
{
  if (rs_kind_known(kind)) return RS_OK;
  if (rs_eq(kind, "seed") || rs_eq(kind, "snapshot"))
    return rs_fail(e, RS_INVALID,
                   "%s: '%s' is no materialization of a model: %ss are rows of rockset_%ss", what,
                   kind, kind, kind);
  const char *near = rs_nearest(kind, kinds, sizeof kinds / sizeof *kinds);
  return rs_fail(e, RS_INVALID,
                 "%s: unknown materialization '%s'%s%s%s; there are view, table, incremental, "
                 "ephemeral, query_lambda, materialized_view",
                 what, kind, near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                 near != NULL ? "'?)" : "");
}

/* ---- templates and macros ------------------------------------------------------------------- */

void rs_project_see_text(struct rs_project *p, const char *text, size_t n)
{
  // by itself, or by the one macro of ours that reads it
  static const char *const words[] = {"graph", "register_upstream_external_models"};
  for (size_t i = 0; i < 2; i++)
    if (memmem(text, n, words[i], strlen(words[i])) != NULL) p->uses_graph = true;
}

enum rs_code rs_project_template(struct rs_project *p, const char *name, const char *text, size_t n,
                                 struct rs_template **pt, struct rs_error *e)
{
  *pt = NULL;
  if (!rs_grow(&p->templates, &p->cap_templates, p->ntemplates + 1, sizeof(struct rs_template *)))
    return rs_nomem(e);
  enum rs_code rc = rs_template_parse(name, text, n, pt, e);
  if (rc == RS_OK) p->templates[p->ntemplates++] = *pt;
  rs_project_see_text(p, text, n);
  return rc;
}

/* Every macro that the text defines, into `map`. */
static enum rs_code add_macros(struct rs_project *p, struct rs_map *map, const char *what,
                               const char *text, size_t n, struct rs_error *e)
{
  struct rs_template *t = NULL;
  const char *source = NULL;
  enum rs_code rc = rs_project_template(p, what, text, n, &t, e);
  if (rc != RS_OK) return rc;
  if (map != &p->builtins && (source = rs_arena_strndup(&p->arena, text, n)) == NULL)
    return rs_nomem(e);
  size_t i = 0;
  for (const char *name; (name = rs_template_macro(t, i)) != NULL; i++) {
    const struct rs_macro *other = rs_map_get(map, name);
    if (other != NULL)
      return rs_fail(e, RS_INVALID, "%s: macro '%s' is also defined in %s", what, name,
                     rs_template_name(other->text));
    struct rs_macro *m = rs_arena_alloc(&p->arena, sizeof *m);
    if (m == NULL) return rs_nomem(e);
    *m = (struct rs_macro){.name = name, .text = t, .source = source};
    if (!rs_map_put(map, name, m)) return rs_nomem(e);
  }
  if (i == 0)
    return rs_fail(e, RS_INVALID, "%s: defines no macro: it wants {%% macro name() %%}", what);
  return RS_OK;
}

static enum rs_code add_builtins(struct rs_project *p, struct rs_error *e)
{
  for (size_t i = 0; i < rs_embedded_count; i++) {
    const struct rs_embedded *f = &rs_embedded[i];
    if (strncmp(f->name, "macros/", 7) != 0) continue;
    enum rs_code rc = add_macros(p, &p->builtins, f->name, f->text, f->size, e);
    if (rc != RS_OK) return rc;
  }
  p->uses_graph = false; // that of ours counts where it is called
  return RS_OK;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Copies a text; *ok becomes false when the arena is exhausted. NULL stays NULL. */
static const char *keep(struct rs_project *p, const char *s, bool *ok)
{
  if (s == NULL) return NULL;
  const char *copy = rs_arena_strdup(&p->arena, s);
  if (copy == NULL) *ok = false;
  return copy;
}

static enum rs_code out_of_arena(struct rs_project *p, struct rs_error *e)
{
  if (!rs_arena_limited(&p->arena)) return rs_nomem(e);
  return rs_fail(e, RS_LIMIT, "the project is larger than %zu MiB", PROJECT_MEMORY_MAX >> 20);
}

struct rs_node *rs_project_node(struct rs_project *p, enum rs_node_type type)
{
  struct rs_node *n = rs_arena_calloc(&p->arena, sizeof *n);
  if (n == NULL || !rs_grow(&p->nodes, &p->cap_nodes, p->nnodes + 1, sizeof(struct rs_node *)))
    return NULL;
  n->type = type;
  n->index = p->nnodes;
  n->description = "";
  p->nodes[p->nnodes++] = n;
  return n;
}

/* White space at both ends of a text is no part of it: files are read so. */
static void trim(const char **p, size_t *n)
{
  while (*n > 0 && strchr(" \t\r\n\f\v", **p) != NULL) (*p)++, (*n)--;
  while (*n > 0 && strchr(" \t\r\n\f\v", (*p)[*n - 1]) != NULL) (*n)--;
}

static enum rs_code check_text(const char *what, const char *name, const char *text, size_t n,
                               struct rs_error *e)
{
  if (memchr(text, 0, n) != NULL)
    return rs_fail(e, RS_INVALID, "%s %s: column sql holds a NUL byte: it is no text", what, name);
  if (rs_utf8_valid(text, n) != n)
    return rs_fail(e, RS_INVALID, "%s %s: column sql is not valid UTF-8", what, name);
  return RS_OK;
}

/* "package.staging.core.name.v2" */
static char *make_fqn(struct rs_project *p, const struct rs_node *n)
{
  const struct rs_store_model *row = &n->row;
  char *fqn = rs_arena_printf(
    &p->arena, "%s.%s%s%s%s%s%s", n->package, n->type == RS_NODE_ANALYSIS ? "analysis." : "",
    row->folder != NULL ? row->folder : "", row->folder != NULL ? "." : "", n->name,
    row->version != NULL ? ".v" : "", row->version != NULL ? row->version : "");
  for (char *s = fqn; s != NULL && row->folder != NULL && (s = strchr(s, '/')) != NULL;) *s = '.';
  return fqn;
}

/* Two of one name, package and version can't be distinguished; the others are a list. */
static enum rs_code add_name(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  struct rs_node *first = rs_map_get(&p->models, n->name);
  if (first == NULL) return rs_map_put(&p->models, n->name, n) ? RS_OK : rs_nomem(e);
  for (struct rs_node *o = first;; o = o->same) {
    if (rs_eq(o->package, n->package) && rs_eq(o->row.version, n->row.version) && !n->twin)
      return rs_fail(e, RS_EXISTS,
                     "%s and %s have one name: models, seeds and snapshots share their names",
                     o->unique_id, n->unique_id);
    if (o->same != NULL) continue;
    o->same = n;
    return RS_OK;
  }
}

static enum rs_code add_model(struct rs_project *p, const struct rs_store_model *m,
                              struct rs_error *e)
{
  static const enum rs_node_type types[] = {RS_NODE_MODEL, RS_NODE_SEED, RS_NODE_SNAPSHOT,
                                            RS_NODE_ANALYSIS};
  static const char *const words[] = {"model", "seed", "snapshot", "analysis"};
  bool ok = true;
  const char *sql = m->sql;
  size_t nsql = m->nsql;
  // A byte order mark is what some editors leave in front of a file
  if (nsql >= 3 && memcmp(sql, "\xEF\xBB\xBF", 3) == 0) sql += 3, nsql -= 3;
  enum rs_code rc = check_text(words[m->kind], m->name, sql, nsql, e);
  if (rc != RS_OK) return rc;
  // dbt cuts a snapshot out of its file as it stands there
  if (m->kind != RS_STORE_SNAPSHOT) trim(&sql, &nsql);
  struct rs_node *n = rs_project_node(p, types[m->kind]);
  if (n == NULL) return out_of_arena(p, e);
  n->package = m->package != NULL ? keep(p, m->package, &ok) : p->name;
  n->name = keep(p, m->name, &ok);
  n->twin = m->version != NULL && *m->version == '#';
  n->sql = rs_arena_strndup(&p->arena, sql, nsql);
  n->nsql = nsql;
  n->row = (struct rs_store_model){.kind = m->kind,
                                   .name = n->name,
                                   .version = n->twin ? NULL : keep(p, m->version, &ok),
                                   .latest_version = keep(p, m->latest_version, &ok),
                                   .folder = keep(p, m->folder, &ok),
                                   .path = keep(p, m->path, &ok),
                                   .patch_path = keep(p, m->patch_path, &ok),
                                   .checksum = keep(p, m->checksum, &ok),
                                   .access = keep(p, m->access, &ok),
                                   .group = keep(p, m->group, &ok),
                                   .deprecation_date = keep(p, m->deprecation_date, &ok),
                                   .materialized = keep(p, m->materialized, &ok),
                                   .workspace = keep(p, m->workspace, &ok),
                                   .alias = keep(p, m->alias, &ok),
                                   .tags = keep(p, m->tags, &ok),
                                   .unique_key = keep(p, m->unique_key, &ok),
                                   .config = keep(p, m->config, &ok),
                                   .description = keep(p, m->description, &ok),
                                   .columns = keep(p, m->columns, &ok),
                                   .constraints = keep(p, m->constraints, &ok),
                                   .enabled = m->enabled};
  if (!ok || n->sql == NULL) return out_of_arena(p, e);
  if (n->row.description != NULL) n->description = n->row.description;
  const char *version = n->row.version;
  n->unique_id = rs_arena_printf(&p->arena, "%s.%s.%s%s%s", words[m->kind], n->package, n->name,
                                 version != NULL ? ".v" : "", version != NULL ? version : "");
  n->fqn = make_fqn(p, n);
  if (n->unique_id == NULL || n->fqn == NULL) return out_of_arena(p, e);
  return n->type != RS_NODE_ANALYSIS ? add_name(p, n, e) : RS_OK;
}

struct rs_node *rs_project_source(struct rs_project *p, const char *package, const char *source,
                                  const char *table)
{
  char *name = rs_arena_printf(&p->arena, "%s.%s", source, table);
  char *key = rs_arena_printf(&p->arena, "%s\n%s.%s", package, source, table);
  if (name == NULL || key == NULL) return NULL;
  struct rs_node *n = rs_map_get(&p->sources, key);
  if (n != NULL) return n;
  n = rs_project_node(p, RS_NODE_SOURCE);
  if (n == NULL) return NULL;
  n->name = name;
  n->package = rs_arena_strdup(&p->arena, package);
  n->source = rs_arena_strdup(&p->arena, source);
  n->table = rs_arena_strdup(&p->arena, table);
  n->workspace = n->source;
  n->identifier = n->table;
  n->parsed = true;
  n->row.enabled = true;
  n->config.enabled = true;
  n->config.materialized = "source";
  n->config.json = "{}";
  n->fqn = rs_arena_printf(&p->arena, "%s.%s", package, name);
  n->unique_id = rs_arena_printf(&p->arena, "source.%s.%s", package, name);
  if (n->package == NULL || n->source == NULL || n->table == NULL || n->fqn == NULL ||
      n->unique_id == NULL || !rs_map_put(&p->sources, key, n))
    return NULL;
  return n;
}

/*
** A table of the database that keeps the project, which is the source's contents: a column of the
** row, or `local_table` in its config, in the config's meta, or in its meta. That and how it is
** sent is an object `push` at any of these places.
*/
static enum rs_code read_local_table(struct rs_project *p, const struct rs_store_source *s,
                                     struct rs_node *n, struct rs_error *e)
{
  struct rs_json *config = NULL, *meta = NULL;
  bool ok = true;
  n->local_table = keep(p, s->local_table, &ok);
  // who reads all of the config tells what is wrong with it
  if (s->config != NULL)
    (void)rs_json_parse(s->config, strlen(s->config), 100, &p->arena, &config, NULL);
  if (s->meta != NULL) (void)rs_json_parse(s->meta, strlen(s->meta), 100, &p->arena, &meta, NULL);
  const struct rs_json *const places[] = {config, rs_json_get(config, "meta"), meta};
  for (size_t i = 0; i < 3 && ok; i++) {
    const struct rs_json *push = rs_json_get(places[i], "push");
    if (n->local_table == NULL)
      ok = rs_json_text(places[i], "local_table", &p->arena, &n->local_table);
    if (n->push != NULL || push == NULL || push->kind != RS_J_OBJECT) continue;
    struct rs_buf b;
    rs_buf_init(&b, 1 << 20);
    rs_json_write(&b, push);
    n->push = b.rc == RS_OK ? keep(p, rs_buf_text(&b), &ok) : NULL;
    ok = ok && b.rc == RS_OK;
    rs_buf_free(&b);
  }
  return ok ? RS_OK : out_of_arena(p, e);
}

/* The row's list of tags, for selections. */
static enum rs_code read_source_tags(struct rs_project *p, struct rs_node *n, struct rs_error *e)
{
  struct rs_json *list;
  const char *text = n->source_row.tags;
  if (text == NULL || rs_json_parse(text, strlen(text), 100, &p->arena, &list, NULL) != RS_OK ||
      list->kind != RS_J_ARRAY)
    return RS_OK;
  const char **tags = rs_arena_calloc(&p->arena, (list->n + 1) * sizeof *tags);
  if (tags == NULL) return out_of_arena(p, e);
  n->config.tags = tags;
  for (const struct rs_json *t = list->first; t != NULL; t = t->next) {
    if (t->kind != RS_J_STRING) continue;
    const char *tag = rs_arena_strndup(&p->arena, t->p, t->n);
    if (tag == NULL) return out_of_arena(p, e);
    tags[n->config.ntags++] = tag;
  }
  return RS_OK;
}

static enum rs_code load_source(void *ctx, const struct rs_store_source *s, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool ok = true;
  struct rs_node *n = rs_project_source(p, s->package != NULL ? s->package : p->name, s->source,
                                        s->name);
  if (n == NULL) return out_of_arena(p, e);
  n->database = keep(p, s->database, &ok);
  n->row.columns = keep(p, s->columns, &ok);
  if (s->workspace != NULL) n->workspace = keep(p, s->workspace, &ok);
  if (s->identifier != NULL) n->identifier = keep(p, s->identifier, &ok);
  if (s->description != NULL) n->description = keep(p, s->description, &ok);
  n->row.config = keep(p, s->config, &ok);
  n->row.path = keep(p, s->path, &ok);
  const char *below = rs_folder_fqn(&p->arena, s->path);
  n->fqn = below != NULL ? rs_arena_printf(&p->arena, "%s.%s%s", n->package, below, n->name) : NULL;
  if (n->fqn == NULL) return out_of_arena(p, e);
  n->freshness = keep(p, s->freshness, &ok);
  n->loaded_at_field = keep(p, s->loaded_at_field, &ok);
  n->quoting = keep(p, s->quoting, &ok);
  n->source_row = (struct rs_source_row){.meta = keep(p, s->meta, &ok),
                                         .tags = keep(p, s->tags, &ok),
                                         .external = keep(p, s->external, &ok),
                                         .loader = keep(p, s->loader, &ok),
                                         .description = keep(p, s->source_description, &ok)};
  enum rs_code rc = ok ? read_source_tags(p, n, e) : out_of_arena(p, e);
  return rc == RS_OK ? read_local_table(p, s, n, e) : rc;
}

enum rs_code rs_project_keep_bad(struct rs_project *p, enum rs_code rc, const char **bad,
                                 struct rs_error *e)
{
  if (rc == RS_OK || !p->set.keep_bad || rc == RS_NOMEM || rc == RS_CANCELLED) return rc;
  if (*bad == NULL) *bad = rs_arena_strdup(&p->arena, e->text);
  return *bad != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_project_bad_row(struct rs_project *p, const char *kind, const char *name,
                                enum rs_code rc, struct rs_error *e)
{
  struct rs_bad bad = {0};
  if (rc == RS_OK) return rc;
  rc = rs_project_keep_bad(p, rc, &bad.reason, e);
  if (rc != RS_OK) return rc;
  bad.what = rs_arena_printf(&p->arena, "%s %s", kind, name);
  if (bad.what == NULL || !rs_grow(&p->bad, &p->cap_bad, p->nbad + 1, sizeof *p->bad))
    return rs_nomem(e);
  p->bad[p->nbad++] = bad;
  return RS_OK;
}

static enum rs_code add_macro_row(struct rs_project *p, const struct rs_store_macro *m,
                                  struct rs_error *e)
{
  struct rs_package *pack = m->package != NULL ? rs_map_get(&p->packages, m->package) : NULL;
  enum rs_code rc = check_text("macro", m->name, m->sql, m->nsql, e);
  if (rc != RS_OK) return rc;
  if (m->package != NULL && pack == NULL)
    return rs_fail(e, RS_NOT_FOUND, "macro %s: there is no package '%s' in rockset_packages",
                   m->name, m->package);
  const char *what = pack != NULL ? rs_arena_printf(&p->arena, "macro %s.%s", m->package, m->name)
                                  : rs_arena_printf(&p->arena, "macro %s", m->name);
  if (what == NULL) return out_of_arena(p, e);
  struct rs_map *map = pack != NULL ? &pack->macros : &p->macros;
  bool ok = true;
  rc = add_macros(p, map, what, m->sql, m->nsql, e);
  struct rs_macro *own = rc == RS_OK ? rs_map_get(map, m->name) : NULL;
  if (own == NULL) return rc;
  own->description = keep(p, m->description, &ok);
  own->arguments = keep(p, m->arguments, &ok);
  return ok ? RS_OK : out_of_arena(p, e);
}

static enum rs_code load_model(void *ctx, const struct rs_store_model *m, struct rs_error *e)
{
  return rs_project_bad_row(ctx, "row", m->name, add_model(ctx, m, e), e);
}

static enum rs_code load_macro(void *ctx, const struct rs_store_macro *m, struct rs_error *e)
{
  return rs_project_bad_row(ctx, "macro", m->name, add_macro_row(ctx, m, e), e);
}

static enum rs_code load_var(void *ctx, const struct rs_store_var *v, struct rs_error *e)
{
  struct rs_project *p = ctx;
  char *json = rs_arena_strdup(&p->arena, v->json);
  char *key = rs_arena_printf(&p->arena, "%s\n%s\n%s", v->package != NULL ? v->package : "",
                              v->scope != NULL ? v->scope : "", v->name);
  if (json == NULL || key == NULL) return out_of_arena(p, e);
  return rs_map_put(&p->vars, key, json) ? RS_OK : rs_nomem(e);
}

bool rs_asks_for_110(const char *said)
{
  for (const char *p = said; p != NULL && (p = strstr(p, ">=")) != NULL;) {
    p += 2 + strspn(p + 2, " ");
    char *end;
    long major = strtol(p, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    if (major > 1 || (major == 1 && minor >= 10)) return true;
  }
  return false;
}

static enum rs_code load_project(void *ctx, const char *key, const char *value, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool name = rs_eq(key, "name"), quoting = rs_eq(key, "quoting");
  if (rs_eq(key, "restrict-access")) p->restricted = rs_eq(value, "true") || rs_eq(value, "1");
  if (rs_eq(key, "require-dbt-version")) p->asks_for_110 |= rs_asks_for_110(value);
  bool version = rs_eq(key, "version");
  if (!name && !quoting && !version && !rs_eq(key, "dispatch")) return RS_OK;
  char *copy = rs_arena_strdup(&p->arena, value);
  if (copy == NULL) return out_of_arena(p, e);
  if (name) p->name = copy;
  else if (version) p->version = copy;
  else if (quoting) p->quoting = copy;
  else p->dispatch = copy;
  return RS_OK;
}

static enum rs_code load_package(void *ctx, const char *name, const char *project,
                                 struct rs_error *e)
{
  struct rs_project *p = ctx;
  struct rs_package *pack = rs_arena_calloc(&p->arena, sizeof *pack);
  if (pack == NULL || (pack->name = rs_arena_strdup(&p->arena, name)) == NULL)
    return out_of_arena(p, e);
  rs_map_init(&pack->macros);
  // Whoever reads all of it tells what is wrong with it
  struct rs_json *said = NULL;
  if (project != NULL) (void)rs_json_parse(project, strlen(project), 100, &p->arena, &said, NULL);
  if (!rs_json_text(said, "version", &p->arena, &pack->version)) return out_of_arena(p, e);
  const struct rs_json *restricted = rs_json_get(said, "restrict-access");
  const struct rs_json *asked = rs_json_get(said, "require-dbt-version");
  if (asked != NULL) { // a text, or a list of them
    const struct rs_json *one = asked->first != NULL ? asked->first : asked;
    for (; one != NULL; one = asked->first != NULL ? one->next : NULL) {
      const char *text = one->kind == RS_J_STRING ? rs_arena_strndup(&p->arena, one->p, one->n)
                                                  : "";
      if (text == NULL) return out_of_arena(p, e);
      p->asks_for_110 |= rs_asks_for_110(text);
    }
  }
  pack->restricted = restricted != NULL && restricted->kind == RS_J_BOOL && restricted->truth;
  return rs_map_put(&p->packages, name, pack) ? RS_OK : rs_nomem(e);
}

/* Levels stay in order of their fqn's length: deeper folders come later and win. */
static enum rs_code load_config(void *ctx, const struct rs_store_config *c, struct rs_error *e)
{
  struct rs_project *p = ctx;
  bool ok = true;
  if (!rs_grow(&p->levels, &p->cap_levels, p->nlevels + 1, sizeof *p->levels)) return rs_nomem(e);
  struct rs_level level = {.package = c->package != NULL ? keep(p, c->package, &ok) : p->name,
                           .type = keep(p, c->type, &ok),
                           .fqn = keep(p, c->fqn, &ok),
                           .json = keep(p, c->json, &ok)};
  if (!ok) return out_of_arena(p, e);
  size_t at = p->nlevels++;
  for (; at > 0 && strlen(p->levels[at - 1].fqn) > strlen(level.fqn); at--)
    p->levels[at] = p->levels[at - 1];
  p->levels[at] = level;
  return RS_OK;
}

/* The option `vars` over the stored variables. Through the Jinja engine's JSON, which keeps
** integers exact. */
static enum rs_code load_option_vars(struct rs_project *p, struct rs_error *e)
{
  if (p->set.vars == NULL || *p->set.vars == 0) return RS_OK;
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  jv vars;
  enum rs_code rc = jv_from_json(j, p->set.vars, strlen(p->set.vars), &vars, e);
  if (rc != RS_OK) rs_error_prefix(e, "option 'vars'");
  else if (vars.kind != JV_DICT) rc = rs_fail(e, RS_INVALID, "option 'vars' must be a JSON object");
  for (size_t i = 0; rc == RS_OK && i < jv_len(vars); i++) {
    jv key, value;
    jv_dict_at(vars, i, &key, &value);
    rs_buf_clear(&text);
    rc = jv_json_to(j, value, false, &text, e);
    if (rc == RS_OK) rc = rs_buf_error(&text, e, "option 'vars'");
    struct rs_store_var v = {
      .package = "!", .name = jv_cstr(key, NULL), .json = rs_buf_text(&text)};
    if (rc == RS_OK) rc = load_var(p, &v, e);
  }
  rs_buf_free(&text);
  rs_jinja_free(j);
  return rc;
}

/* ---- life ----------------------------------------------------------------------------------- */

enum rs_code rs_project_load(const struct rs_store *store, const struct rs_project_settings *set,
                             struct rs_project **pp, struct rs_error *e)
{
  *pp = NULL;
  struct rs_project *p = rs_calloc(1, sizeof *p);
  if (p == NULL) return rs_nomem(e);
  rs_arena_init(&p->arena, PROJECT_MEMORY_MAX);
  rs_map_init(&p->models);
  rs_map_init(&p->sources);
  rs_map_init(&p->macros);
  rs_map_init(&p->builtins);
  rs_map_init(&p->vars);
  rs_map_init(&p->packages);
  rs_map_init(&p->docs);
  p->set = *set;
  p->name = "project";
  p->started_us = rs_wall_us();
  rs_uuid(p->invocation_id);
  rs_output_retain(set->output);
  struct rs_store_sink sink = {.ctx = p,
                               .model = load_model,
                               .source = load_source,
                               .macro = load_macro,
                               .var = load_var,
                               .project = load_project,
                               .package = load_package,
                               .config = load_config,
                               .test = rs_tests_load,
                               .unit_test = rs_unit_tests_load,
                               .entry = rs_entries_load,
                               .hook = rs_hooks_load};
  enum rs_code rc = RS_OK;
  if (set->vars != NULL) {
    p->set.vars = rs_arena_strdup(&p->arena, set->vars);
    if (p->set.vars == NULL) rc = rs_nomem(e);
  }
  if (rc == RS_OK && set->local_prefix != NULL) {
    p->set.local_prefix = rs_arena_strdup(&p->arena, set->local_prefix);
    if (p->set.local_prefix == NULL) rc = rs_nomem(e);
  }
  if (rc == RS_OK && store != NULL) rc = add_builtins(p, e);
  if (rc == RS_OK && store != NULL) rc = store->read(store->ctx, &sink, e);
  if (rc == RS_OK) rc = rs_project_scopes(p, e);
  if (rc == RS_OK) rc = load_option_vars(p, e);
  if (rc != RS_OK) {
    rs_project_free(p);
    return rc;
  }
  *pp = p;
  return RS_OK;
}

void rs_project_free(struct rs_project *p)
{
  if (p == NULL) return;
  if (p->graph != NULL) p->free_graph(p->graph);
  for (size_t i = 0; i < p->ntemplates; i++) rs_template_release(p->templates[i]);
  rs_free(p->templates);
  rs_free(p->nodes);
  rs_free(p->start_hooks);
  rs_free(p->end_hooks);
  rs_map_free(&p->models);
  rs_map_free(&p->sources);
  rs_map_free(&p->macros);
  rs_map_free(&p->builtins);
  rs_map_free(&p->vars);
  rs_map_free(&p->docs);
  rs_free(p->entries);
  for (size_t i = 0; i < p->packages.n; i++)
    rs_map_free(&((struct rs_package *)p->packages.v[i].value)->macros);
  rs_map_free(&p->packages);
  rs_free(p->levels);
  rs_free(p->bad);
  rs_output_release(p->set.output);
  rs_arena_free(&p->arena);
  rs_free(p);
}
