/*
** The evaluation of a node (names.h): its engine, and the order in which a name is looked up: the
** project's macros, dbt's own names, our macros.
*/
#include "names.h"
#include <string.h>
#include <strings.h>
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/python/native.h"
#include "shared_graph.h"

#define TRUSTED_MEMORY ((size_t)2 << 30) /* of an evaluation */

/* ---- names ---------------------------------------------------------------------------------- */

/* Macros of a package as attributes: dbt.is_incremental(), project.my_macro(). */
struct package {
  struct rs_context *c;
  const char *name;
  const struct rs_map *macros;
};

static CLASS_GETITEM(package_getitem)
{
  const struct package *pack = self;
  size_t n;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  const char *name = jv_cstr(key, &n);
  struct rs_context *c = pack->c;
  if (c->opt.names != NULL) {
    const char *whole = rs_arena_printf(rs_python_arena(j), "%s.%s", pack->name, name);
    if (whole == NULL) return rs_nomem(e);
    enum rs_code rc = c->opt.names(c->opt.names_ctx, c, whole, strlen(whole), out, e);
    if (rc != RS_NOT_FOUND) return rc;
  }
  struct rs_map_entry *entry = rs_map_find(pack->macros, name, n);
  if (entry == NULL) return RS_NOT_FOUND;
  const struct rs_macro *m = entry->value;
  *out = rs_jinja_macro(j, m->text, m->name);
  return RS_OK;
}

static NAMED(package_get, "get", 1, "key", "default")
{
  return rs_names_get_or(package_getitem(j, ctx, v[0], out, e), v[1], out);
}

static NATIVE(package_keys)
{
  const struct package *pack = ctx;
  *out = jv_list(j);
  for (size_t i = 0; i < pack->macros->n; i++)
    jv_list_add(j, *out, jv_text(j, ((const struct rs_macro *)pack->macros->v[i].value)->name));
  return RS_OK;
}

static CLASS_ITER(package_iter)
{
  return package_keys(j, self, NULL, out, e);
}

static size_t package_len(void *self)
{
  return ((const struct package *)self)->macros->n;
}

/* dbt has a package as a dictionary: its methods come before the macros. */
static CLASS_GETATTR(package_getattr)
{
  static const struct rs_method methods[] = {{"get", package_get}, {"keys", package_keys}};
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return package_getitem(j, self, jv_textn(j, name, n), out, e);
}

static const struct jv_class package_class = {.name = "dict",
                                              .getattr = package_getattr,
                                              .getitem = package_getitem,
                                              .iter = package_iter,
                                              .len = package_len,
                                              .open_names = true,
                                              .is_mapping = true};

static jv package_value(struct rs_context *c, const char *name, const struct rs_map *macros)
{
  struct package *pack = rs_arena_alloc(rs_python_arena(c->j), sizeof *pack);
  if (pack == NULL) return jv_undefined();
  *pack = (struct package){.c = c, .name = name, .macros = macros};
  return jv_object(c->j, &package_class, pack);
}

/* In a generic test dbt knows the macros that the test needs without their package, too: those of
** the package that the test comes from, and of others. */
static struct rs_map_entry *macro_of_test(const struct rs_context *c, const char *name, size_t n)
{
  const struct rs_project *p = c->project;
  const char *test = c->node->test != NULL ? c->node->test->test : NULL;
  const char *dot = test != NULL ? strchr(test, '.') : NULL;
  struct rs_map_entry *found = NULL;
  if (dot != NULL) {
    const struct rs_map_entry *own = rs_map_find(&p->packages, test, (size_t)(dot - test));
    if (own != NULL) found = rs_map_find(&((struct rs_package *)own->value)->macros, name, n);
  }
  for (size_t i = 0; test != NULL && found == NULL && i < p->packages.n; i++)
    found = rs_map_find(&((struct rs_package *)p->packages.v[i].value)->macros, name, n);
  return found;
}

static enum rs_code find_name(struct rs_context *c, const char *name, size_t n, jv *out,
                              struct rs_error *e)
{
  const struct rs_project *p = c->project;
  if (c->opt.names != NULL) {
    enum rs_code rc = c->opt.names(c->opt.names_ctx, c, name, n, out, e);
    if (rc != RS_NOT_FOUND) return rc;
  }
  const struct rs_map *own = rs_project_macros(p, c->node->package);
  struct rs_map_entry *macro = own != NULL ? rs_map_find(own, name, n) : NULL;
  if (macro == NULL) macro = rs_map_find(&p->macros, name, n);
  if (macro == NULL) {
    if (rs_eqn("dbt", name, n)) {
      *out = package_value(c, "dbt", &p->builtins);
      return RS_OK;
    }
    if (rs_eqn(p->name, name, n)) {
      *out = package_value(c, p->name, &p->macros);
      return RS_OK;
    }
    const struct rs_map_entry *pack = rs_map_find(&p->packages, name, n);
    if (pack != NULL) {
      *out = package_value(c, ((const struct rs_package *)pack->value)->name,
                           &((const struct rs_package *)pack->value)->macros);
      return RS_OK;
    }
    enum rs_code rc = rs_names_get(c, name, n, out, e);
    if (rc != RS_NOT_FOUND) return rc;
    macro = rs_map_find(&p->builtins, name, n);
    if (macro == NULL) macro = macro_of_test(c, name, n);
  }
  if (macro == NULL) return RS_NOT_FOUND;
  const struct rs_macro *m = macro->value;
  *out = rs_jinja_macro(c->j, m->text, m->name);
  return RS_OK;
}

static enum rs_code put_name(struct rs_context *c, const char *name, size_t n, jv value,
                             struct rs_error *e)
{
  jv *copy = rs_arena_alloc(rs_python_arena(c->j), sizeof *copy);
  if (copy == NULL || !rs_map_putn(&c->cache, name, n, copy)) return rs_nomem(e);
  *copy = value;
  return RS_OK;
}

static enum rs_code resolve(struct rs_python *j, void *ctx, const char *name, size_t n, jv *out,
                            struct rs_error *e)
{
  struct rs_context *c = ctx;
  (void)j;
  struct rs_map_entry *known = rs_map_find(&c->cache, name, n);
  if (known != NULL) {
    *out = *(jv *)known->value;
    return RS_OK;
  }
  enum rs_code rc = find_name(c, name, n, out, e);
  return rc == RS_OK ? put_name(c, name, n, *out, e) : rc;
}

/* ---- life ----------------------------------------------------------------------------------- */

/* What dbt's config of a model has where nobody says anything: get(key, default) gives the default
** only for a key that is not here. */
static const char config_defaults[] =
  "{\"enabled\":true,\"alias\":null,\"schema\":null,\"database\":null,\"tags\":[],\"meta\":{},"
  "\"group\":null,\"materialized\":\"view\",\"incremental_strategy\":null,\"persist_docs\":{},"
  "\"post_hook\":[],\"pre_hook\":[],\"quoting\":{},\"column_types\":{},\"full_refresh\":null,"
  "\"unique_key\":null,\"on_schema_change\":\"ignore\",\"on_configuration_change\":\"apply\","
  "\"grants\":{},\"packages\":[],\"docs\":{\"show\":true,\"node_color\":null},"
  "\"contract\":{\"enforced\":false,\"alias_types\":true},\"access\":\"protected\"}";

enum rs_code rs_context_defaults(struct rs_context *c, struct rs_error *e)
{
  jv all, key, value;
  enum rs_code rc = jv_from_json(c->j, config_defaults, sizeof config_defaults - 1, &all, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(c->config); i++) {
    jv_dict_at(c->config, i, &key, &value);
    jv_dict_setv(c->j, all, key, value);
  }
  if (rc == RS_OK) c->config = all;
  return rc;
}

/* The config that the template sees: while parsing the one that grows, afterwards the final one,
** with the kind of this call in place of its own. */
static enum rs_code start_config(struct rs_context *c, struct rs_error *e)
{
  if (!c->opt.execute) return rs_config_begin(c->project, c->j, c->node, &c->config, e);
  const char *json = c->node->config.json;
  enum rs_code rc = jv_from_json(c->j, json, strlen(json), &c->config, e);
  if (rc == RS_OK && c->project->set.output != NULL) rc = rs_context_defaults(c, e);
  if (rc == RS_OK && c->opt.kind != NULL)
    jv_dict_set(c->j, c->config, "materialized", jv_text(c->j, c->opt.kind));
  return rc;
}

enum rs_code rs_context_new(const struct rs_context_options *opt, struct rs_context **pc,
                            struct rs_error *e)
{
  *pc = NULL;
  struct rs_context *c = rs_calloc(1, sizeof *c);
  if (c == NULL || !rs_graph_attach(opt->project)) {
    rs_free(c);
    return rs_nomem(e);
  }
  c->opt = *opt;
  c->project = opt->project;
  c->node = opt->node;
  c->thread = pthread_self();
  rs_map_init(&c->cache);
  rs_buf_init(&c->warnings, RS_ERROR_MAX);
  const struct rs_output *output = c->project->set.output; // NULL for a text alone
  c->schema = opt->execute || output == NULL ? c->node->workspace : output->workspace;
  c->identifier = opt->execute ? c->node->identifier : c->node->name;
  struct rs_python_options limits = {.lenient_undefined = !opt->execute,
                                     .is_interrupted = opt->is_interrupted,
                                     .interrupt_ctx = opt->interrupt_ctx};
  // A hook of elementary's writes down every row that failed; whom one trusts may have that
  if (c->project->set.trusted) limits.max_memory = TRUSTED_MEMORY;
  c->j = rs_jinja_new(&limits);
  if (c->j == NULL) {
    rs_context_free(c);
    return rs_nomem(e);
  }
  rs_jinja_resolver(c->j, resolve, c);
  c->results = jv_dict(c->j);
  c->called = jv_dict(c->j);
  enum rs_code rc = start_config(c, e);
  if (rc != RS_OK) {
    rs_context_free(c);
    return rc;
  }
  *pc = c;
  return RS_OK;
}

void rs_context_free(struct rs_context *c)
{
  if (c != NULL && !rs_graph_leave(c)) rs_context_destroy(c);
}

void rs_context_destroy(struct rs_context *c)
{
  rs_jinja_free(c->j);
  rs_map_free(&c->cache);
  rs_buf_free(&c->warnings);
  for (size_t i = 0; i < c->nrefs; i++) {
    rs_free((char *)c->refs[i].source);
    rs_free((char *)c->refs[i].name);
    rs_free((char *)c->refs[i].package);
    rs_free((char *)c->refs[i].version);
  }
  rs_free(c->refs);
  rs_free(c->metrics);
  rs_free(c->ephemerals);
  rs_free(c);
}

/* ---- use ------------------------------------------------------------------------------------ */

enum rs_code rs_context_render(struct rs_context *c, const char *name, const char *text, size_t n,
                               struct rs_buf *out, struct rs_error *e)
{
  struct rs_template *t = NULL;
  enum rs_code rc = rs_template_parse(name, text, n, &t, e);
  if (rc == RS_OK) rc = rs_jinja_render(c->j, t, out, e);
  rs_template_release(t);
  return rc;
}

enum rs_code rs_context_macro(struct rs_context *c, const char *name, const struct jv_args *args,
                              jv *out, struct rs_error *e)
{
  const struct rs_macro *m = rs_project_macro(c->project, c->node->package, name);
  if (m == NULL) return rs_fail(e, RS_NOT_FOUND, "macro %s is missing", name);
  return rs_python_call(c->j, rs_jinja_macro(c->j, m->text, m->name), args, out, e);
}

enum rs_code rs_context_macro_text(struct rs_context *c, const char *name, const jv *args, size_t n,
                                   struct rs_arena *arena, const char **out, struct rs_error *e)
{
  struct jv_args a = {.pos = args, .npos = n};
  struct rs_buf text;
  rs_buf_init(&text, 1 << 20);
  jv value;
  enum rs_code rc = rs_context_macro(c, name, &a, &value, e);
  if (rc == RS_OK) rc = jv_str_to(c->j, value, &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, name);
  if (rc == RS_OK) {
    const char *p = rs_buf_text(&text);
    size_t len = text.n;
    while (len > 0 && strchr(" \t\r\n", *p) != NULL) p++, len--;
    while (len > 0 && strchr(" \t\r\n", p[len - 1]) != NULL) len--;
    *out = rs_arena_strndup(arena, p, len);
    if (*out == NULL) rc = rs_nomem(e);
  }
  rs_buf_free(&text);
  return rc;
}

enum rs_code rs_context_session(struct rs_context *c, struct rs_session **ps, struct rs_error *e)
{
  if (c->opt.sessions.get == NULL) return rs_fail(e, RS_INVALID, "the engine can't be asked here");
  if (!pthread_equal(c->thread, pthread_self()))
    return rs_fail(e, RS_INVALID, "model %s: its session is no other node's", c->node->name);
  enum rs_code rc = c->opt.sessions.get(c->opt.sessions.ctx, ps, e);
  c->looks = rc == RS_OK && rs_session_state(*ps).looks;
  return rc;
}

const char *rs_project_database(const struct rs_project *p)
{
  const char *name = rs_output_text(p->set.output, "database", NULL);
  if (!rs_output_traits(p->set.output)->own_database) return NULL;
  // dbt-duckdb prints it; our own default has no name that anybody should see, unless a view of
  // another database could then read what is meant there
  const char *others = rs_output_text(p->set.output, "attach", "");
  return rs_eq(name, "_db") && others[0] == 0 ? NULL : name;
}

bool rs_project_own_database(const struct rs_project *p, const char *name)
{
  const struct rs_output *o = p->set.output;
  if (rs_casecmp(name, rs_output_text(o, "database", "")) == 0) return true;
  if (!rs_output_traits(o)->own_database) return false;
  // A workspace of that name took it away, yet dbt-duckdb's projects say it
  const char *path = rs_output_text(o, "path", ""), *slash = strrchr(path, '/');
  const char *base = slash != NULL ? slash + 1 : path, *dot = strrchr(base, '.');
  size_t n = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
  return strlen(name) == n && strncasecmp(name, base, n) == 0;
}

/* The engines that reach more than one, and whose relations may say which. */
static const char *other_database(const struct rs_project *p, const char *database)
{
  const struct rs_output *o = p->set.output;
  if (database == NULL || *database == 0) return NULL;
  if (!rs_output_traits(o)->more_databases) return NULL;
  return rs_project_own_database(p, database) ? NULL : database;
}

const char *rs_context_other(const struct rs_context *c, const char *database)
{
  return other_database(c->project, database);
}

bool rs_node_is_local(const struct rs_project *p, const struct rs_node *n)
{
  const char *first = n->database != NULL ? n->database : n->workspace;
  return n->type == RS_NODE_SOURCE && p->set.local_prefix != NULL &&
         rs_casecmp(first, p->set.local_prefix) == 0;
}

struct rs_relation rs_node_relation(const struct rs_project *p, const struct rs_node *n)
{
  return (struct rs_relation){
    .workspace = n->workspace, .name = n->identifier, .database = other_database(p, n->database)};
}

char *rs_node_relation_text(const struct rs_node *n)
{
  const bool local = n->local_table != NULL && n->push == NULL;
  const char *database = n->type == RS_NODE_SOURCE && !local ? NULL : n->database;
  return rs_mprintf("%s%s%s.%s", database != NULL ? database : "", database != NULL ? "." : "",
                    n->workspace, n->identifier);
}

/* What a JSON object like {"identifier": false} says of one part. */
static bool is_quoted(const struct rs_json *quoting, const char *part)
{
  const struct rs_json *v = rs_json_get(quoting, part);
  return v == NULL || v->kind != RS_J_BOOL || v->truth;
}

void rs_project_relation(const struct rs_project *p, struct rs_buf *b, const struct rs_node *n,
                         const char *workspace, const char *identifier)
{
  const char *quoting = n->type == RS_NODE_SOURCE ? n->quoting : p->quoting;
  const char *database = rs_project_database(p);
  if (n->database != NULL && !rs_output_traits(p->set.output)->no_database) database = n->database;
  if (rs_node_is_local(p, n)) { // no name of the target's
    quoting = NULL;
    database = n->database;
  }
  const char *const parts[][2] = {
    {"database", database}, {"schema", workspace}, {"identifier", identifier}};
  struct rs_arena a;
  struct rs_json *said = NULL;
  rs_arena_init(&a, 0);
  if (quoting != NULL) (void)rs_json_parse(quoting, strlen(quoting), 100, &a, &said, NULL);
  for (size_t i = 0; i < 3; i++) {
    if (parts[i][1] == NULL) continue;
    if (i > 0 && parts[i - 1][1] != NULL) rs_buf_char(b, '.');
    if (!is_quoted(said, parts[i][0])) rs_buf_str(b, parts[i][1]);
    else rs_dialect_ident(p->set.dialect, b, parts[i][1]);
  }
  rs_arena_free(&a);
}

const char *rs_context_database(const struct rs_context *c)
{
  // dbt-rockset knows none, and prints it as nothing
  if (rs_context_traits(c)->no_database) return "";
  return rs_output_text(c->project->set.output, "database", "db");
}
