/*
** Materializations that are macros (build.h).
*/
#include "build.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"

/* ---- which macro ---------------------------------------------------------------------------- */

const struct rs_macro *rs_custom_find(const struct rs_project *p, const char *kind)
{
  const char *types[] = {p->set.output != NULL ? p->set.output->type : "default", "default"};
  char name[300];
  for (size_t i = 0; i < 2; i++) {
    int n = snprintf(name, sizeof name, "materialization_%s_%s", kind, types[i]);
    if (n < 0 || n >= (int)sizeof name) return NULL;
    const struct rs_macro *m = rs_map_get(&p->macros, name);
    for (size_t k = 0; m == NULL && k < p->packages.n; k++)
      m = rs_map_get(&((const struct rs_package *)p->packages.v[k].value)->macros, name);
    if (m == NULL) m = rs_map_get(&p->builtins, name);
    if (m != NULL) return m;
  }
  return NULL;
}

enum rs_code rs_custom_check(const struct rs_project *p, const char *kind, const char *what,
                             struct rs_error *e)
{
  return rs_custom_find(p, kind) != NULL ? RS_OK : rs_kind_check(kind, what, e);
}

enum rs_code rs_custom_check_node(const struct rs_project *p, const struct rs_node *n,
                                  const char *kind, struct rs_error *e)
{
  char what[300];
  if (n->type != RS_NODE_MODEL || rs_eq(kind, "clone")) return RS_OK;
  return rs_custom_check(p, kind, rs_node_what(n, what, sizeof what), e);
}

/* ---- targets without transactions ----------------------------------------------------------- */

/* A config value as text; "" where there is none. The dict lives in j. */
static const char *config_text(jv config, const char *key)
{
  jv v;
  if (!jv_dict_get(config, key, &v) || v.kind == JV_NONE) return "";
  return jv_is_str(v) ? jv_cstr(v, NULL) : "(a list)";
}

static enum rs_code check_simple(const struct rs_project *p, const struct rs_node *n, jv config,
                                 bool *by_key, struct rs_error *e)
{
  static const char *const refused[] = {"incremental_predicates", "predicates",
                                        "merge_update_columns", "merge_exclude_columns"};
  const char *strategy = config_text(config, "incremental_strategy"),
             *change = config_text(config, "on_schema_change"),
             *target = p->set.output->target_name, *type = p->set.output->type;
  if (rs_eq(strategy, "append")) *by_key = false;
  else if (*strategy != 0 && !rs_eq(strategy, "default") && !(rs_eq(strategy, "merge") && *by_key))
    return rs_fail(
      e, RS_UNSUPPORTED,
      "model %s: incremental_strategy '%s' is not possible on target '%s' (type %s): it "
      "adds documents (append) and replaces those of the same _id (merge, unique_key "
      "_id)",
      n->name, strategy, target, type);
  // A collection has no schema: new fields are simply there, old ones stay
  if (rs_eq(change, "sync_all_columns") || rs_eq(change, "fail"))
    return rs_fail(e, RS_UNSUPPORTED,
                   "model %s: on_schema_change '%s' is not possible on target '%s' (type %s): a "
                   "collection has no schema; there are ignore and append_new_columns",
                   n->name, change, target, type);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    if (*config_text(config, refused[i]) != 0)
      return rs_fail(
        e, RS_UNSUPPORTED,
        "model %s: config '%s' is not possible on target '%s' (type %s), which replaces "
        "whole documents by _id",
        n->name, refused[i], target, type);
  return RS_OK;
}

enum rs_code rs_simple_strategy(const struct rs_project *p, const struct rs_node *n, bool *by_key,
                                struct rs_error *e)
{
  struct rs_python_options limits = {0};
  struct rs_python *j = rs_jinja_new(&limits);
  jv config;
  if (j == NULL) return rs_nomem(e);
  enum rs_code rc = jv_from_json(j, n->config.json, strlen(n->config.json), &config, e);
  if (rc == RS_OK) rc = check_simple(p, n, config, by_key, e);
  rs_jinja_free(j);
  return rc;
}

/* ---- the context of a call ------------------------------------------------------------------ */

/* A context with what only a materialization sees. Returns owned in *pc. */
static enum rs_code start(struct rs_invoke *i, struct rs_context **pc, jv args[2],
                          struct rs_error *e)
{
  static const char *const names[] = {"sql", "compiled_code", "compiled_sql"};
  i->rows = -1;
  i->opt.builds = true;
  enum rs_code rc = rs_context_new(&i->opt, pc, e);
  if (rc != RS_OK) return rc;
  struct rs_context *c = *pc;
  const char *sql = i->sql != NULL ? i->sql : ""; // a seed has none
  args[1] = jv_text(c->j, sql);
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    rs_jinja_global(c->j, names[k], args[1]);
  jv model = rs_names_model_found(c);
  jv_dict_set(c->j, model, "compiled", jv_bool(true));
  jv_dict_set(c->j, model, "compiled_code", jv_text(c->j, i->text != NULL ? i->text : sql));
  rs_jinja_global(c->j, "model", model);
  return rs_names_get(c, "this", 4, &args[0], e);
}

static void finish(struct rs_invoke *i, struct rs_context *c)
{
  if (i->warnings != NULL && c->warnings.n > 0)
    rs_buf_printf(i->warnings, "%s%s", i->warnings->n > 0 ? "; " : "", rs_buf_text(&c->warnings));
  rs_context_free(c);
}

/* Where in our own macros an error came up helps nobody: `macros/x.sql line 1, column 2: ` goes. */
static enum rs_code plain(enum rs_code rc, struct rs_error *e)
{
  static const char called[] = " (called from macros/";
  if (rc == RS_OK || strncmp(e->text, "macros/", 7) != 0) return rc;
  const char *start = strstr(e->text, ": ");
  if (start == NULL) return rc;
  memmove(e->text, start + 2, strlen(start + 2) + 1);
  char *tail = strstr(e->text, called);
  if (tail != NULL) *tail = 0;
  return rc;
}

enum rs_code rs_invoke_part(struct rs_invoke *i, const char *macro, struct rs_error *e)
{
  struct rs_context *c = NULL;
  jv args[2], value = jv_none();
  enum rs_code rc = start(i, &c, args, e);
  if (rc == RS_OK)
    rc = rs_context_macro(c, macro, &(struct jv_args){.pos = args, .npos = 2}, &value, e);
  if (rc == RS_OK && value.kind == JV_INT) i->rows = value.u.i;
  if (c != NULL) finish(i, c);
  return plain(rc, e);
}

enum rs_code rs_invoke_text(struct rs_invoke *i, const char *macro, char **out, struct rs_error *e)
{
  struct rs_context *c = NULL;
  struct rs_buf text;
  jv args[2], value = jv_none();
  *out = NULL;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  enum rs_code rc = start(i, &c, args, e);
  if (rc == RS_OK)
    rc = rs_context_macro(c, macro, &(struct jv_args){.pos = args, .npos = 2}, &value, e);
  if (rc == RS_OK) rc = jv_str_to(c->j, value, &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, macro);
  if (rc == RS_OK && (*out = rs_strdup(rs_buf_text(&text))) == NULL) rc = rs_nomem(e);
  rs_buf_free(&text);
  if (c != NULL) finish(i, c);
  return plain(rc, e);
}

/* ---- a project's materialization ------------------------------------------------------------ */

static enum rs_code check_relations(struct rs_context *c, jv value, struct rs_error *e)
{
  const char *kind = c->opt.kind != NULL ? c->opt.kind : c->node->config.materialized;
  struct rs_relation rel;
  jv list;
  if (value.kind != JV_DICT || !jv_dict_get(value, "relations", &list) ||
      (list.kind != JV_LIST && list.kind != JV_TUPLE))
    return rs_fail(e, RS_INVALID,
                   "The materialization (\"%s\") did not explicitly return a list of relations to "
                   "add to the cache: end it with {{ return({'relations': [target_relation]}) }}",
                   kind);
  for (size_t i = 0; i < jv_len(list); i++)
    if (!rs_relation_of(jv_item(list, i), &rel))
      return rs_fail(e, RS_INVALID,
                     "The materialization (\"%s\") returned a value that is no relation: %s", kind,
                     jv_type_name(jv_item(list, i)));
  return RS_OK;
}

/* Rows that the statement 'main' says it wrote. */
static int64_t main_rows(struct rs_context *c)
{
  jv result, response, rows;
  if (jv_dict_get(c->results, "main", &result) && jv_dict_get(result, "response", &response) &&
      response.kind == JV_DICT && jv_dict_get(response, "rows_affected", &rows) &&
      rows.kind == JV_INT)
    return rows.u.i;
  return -1;
}

/* *undone: the session where it failed and nothing of it stays, else NULL. */
static enum rs_code run_once(struct rs_invoke *i, const struct rs_macro *m,
                             struct rs_session **undone, struct rs_error *e)
{
  struct rs_context *c = NULL;
  struct rs_session *s = NULL;
  struct jv_args none = {0};
  jv args[2], value = jv_none();
  enum rs_code rc = start(i, &c, args, e);
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  const uint64_t kept = s != NULL ? rs_session_state(s).kept : 0;
  if (rc == RS_OK)
    rc = rs_python_call(c->j, rs_jinja_macro(c->j, m->text, m->name), &none, &value, e);
  if (rc == RS_OK) rc = check_relations(c, value, e);
  if (rc == RS_OK) i->rows = main_rows(c);
  if (rc == RS_OK && i->look != NULL) rc = i->look(i->look_ctx, c, e);
  if (rc == RS_OK && rs_session_state(s).in_transaction) rc = rs_session_end(s, true, e);
  // RS_OK also where there is no transaction
  if (rc != RS_OK && s != NULL && rs_session_end(s, false, NULL) == RS_OK)
    *undone = rs_session_state(s).kept == kept ? s : NULL;
  if (c != NULL) finish(i, c);
  return rc;
}

enum rs_code rs_invoke_custom(struct rs_invoke *i, const struct rs_macro *m, struct rs_error *e)
{
  i->opt.begins = true;
  for (int tries = 1;; tries++) {
    struct rs_session *undone = NULL;
    enum rs_code rc = run_once(i, m, &undone, e);
    if (rc == RS_OK || undone == NULL) return rc;
    // As with ours: of two transactions over one catalog entry the slower one starts again
    if (!rs_session_again(undone, tries, e)) return e->code;
  }
}
