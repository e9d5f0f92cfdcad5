/*
** rockset_run_operation(macro [, arguments [, options]]): calls a macro of the project.
**
** ARGUMENTS
**   macro       TEXT. 'grant_all', 'package.macro'.
**   arguments   TEXT, a JSON object: what it is called with.
**   options     TEXT, a JSON object: vars (object).
**
** RESULT
**   What the macro gives: with return() that value as JSON, otherwise its text. What it logs with
**   info=True or prints goes to standard error. Statements run as they come, each in a transaction
**   of its own unless the macro begins one.
**
** ERRORS
**   RS_NOT_FOUND for an unknown macro; refuses to run between BEGIN and COMMIT, as VACUUM does.
**
** SAFETY
**   DIRECTONLY; the macro's statements are stored text (docs/safety.md).
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/project/names/names.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

static const char fn[] = "rockset_run_operation";

struct operation {
  struct rs_conn *c;
  struct rs_arena arena;
  struct rs_models_options opt;
  struct rs_project *p;
  struct rs_session *session; /* taken when first needed */
  const char *macro, *arguments;
};

static enum rs_code operation_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct operation *o = ctx;
  enum rs_code rc = o->session == NULL
                      ? rs_conn_session_of(o->c, o->opt.target, true, &o->session, e)
                      : RS_OK;
  *ps = o->session;
  return rc;
}

/* A node for the macro: what `model` and `this` mean there. */
static enum rs_code make_node(struct operation *o, const char **name, struct rs_node **pn,
                              struct rs_error *e)
{
  struct rs_project *p = o->p;
  const char *dot = strchr(o->macro, '.');
  const char *package = p->name;
  *name = dot != NULL ? dot + 1 : o->macro;
  if (dot != NULL) package = rs_arena_strndup(&p->arena, o->macro, (size_t)(dot - o->macro));
  if (package == NULL) return rs_nomem(e);
  const struct rs_map *macros = rs_project_macros(p, package);
  if (macros == NULL) return rs_fail(e, RS_NOT_FOUND, "%s: there is no package '%s'", fn, package);
  if (dot != NULL && rs_map_get(macros, *name) == NULL)
    return rs_fail(e, RS_NOT_FOUND, "%s: package '%s' has no macro '%s'", fn, package, *name);
  if (rs_project_macro(p, package, *name) == NULL)
    return rs_fail(e, RS_NOT_FOUND, "%s: there is no macro '%s'", fn, o->macro);
  struct rs_node *n = rs_project_node(p, RS_NODE_OPERATION);
  if (n == NULL) return rs_nomem(e);
  n->name = rs_arena_strdup(&p->arena, *name);
  n->package = package;
  n->unique_id = rs_arena_printf(&p->arena, "operation.%s.%s", package, *name);
  n->fqn = rs_arena_printf(&p->arena, "%s.%s", package, *name);
  n->sql = "";
  n->workspace = p->set.output->workspace;
  n->identifier = n->name;
  n->config = (struct rs_node_config){.enabled = true, .materialized = "operation", .json = "{}"};
  *pn = n;
  return n->name != NULL && n->unique_id != NULL && n->fqn != NULL ? RS_OK : rs_nomem(e);
}

/* {"a": 1} as keyword arguments, in the evaluation's arena. */
static enum rs_code read_keywords(struct operation *o, struct rs_context *c, struct jv_args *args,
                                  struct rs_error *e)
{
  jv dict;
  *args = (struct jv_args){0};
  if (o->arguments == NULL) return RS_OK;
  enum rs_code rc = jv_from_json(c->j, o->arguments, strlen(o->arguments), &dict, e);
  if (rc != RS_OK) return rs_error_prefix(e, "%s: arguments", fn);
  if (dict.kind != JV_DICT)
    return rs_fail(e, RS_INVALID, "%s: arguments must be a JSON object: {\"role\": \"reader\"}",
                   fn);
  size_t n = jv_len(dict);
  jv *list = rs_arena_alloc(rs_python_arena(c->j), 2 * (n + 1) * sizeof *list);
  if (list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) jv_dict_at(dict, i, &list[i], &list[n + i]);
  *args = (struct jv_args){.kw_keys = list, .kw_values = list + n, .nkw = n};
  return RS_OK;
}

static enum rs_code call_macro(struct operation *o, struct rs_buf *out, bool *is_json,
                               struct rs_error *e)
{
  const char *name;
  struct rs_node *node = NULL;
  struct rs_context *c = NULL;
  struct jv_args args;
  jv value;
  enum rs_code rc = make_node(o, &name, &node, e);
  if (rc != RS_OK) return rc;
  struct rs_context_options opt = {.project = o->p,
                                   .node = node,
                                   .execute = true,
                                   .sessions = {.get = operation_session, .ctx = o},
                                   .is_interrupted = rs_conn_interrupted,
                                   .interrupt_ctx = o->c};
  rc = rs_context_new(&opt, &c, e);
  if (rc == RS_OK) rc = read_keywords(o, c, &args, e);
  if (rc == RS_OK) {
    rc = rs_context_macro(c, name, &args, &value, e);
    *is_json = rc == RS_OK && !jv_is_str(value);
    if (*is_json) rc = jv_json_to(c->j, value, false, out, e);
    else if (rc == RS_OK) rc = jv_str_to(c->j, value, out, e);
    if (rc == RS_OK) rc = rs_buf_error(out, e, fn);
    else rs_error_prefix(e, "%s: macro %s", fn, o->macro);
  }
  rs_context_free(c);
  return rc;
}

static enum rs_code operation_arguments(struct operation *o, int argc, sqlite3_value **argv,
                                        struct rs_error *e)
{
  const char *options = NULL;
  const struct rs_option table[] = {{"vars", RS_OPT_JSON, &o->opt.vars, NULL},
                                    {"target", RS_OPT_TEXT, &o->opt.target, NULL}};
  o->opt.command = "run-operation";
  enum rs_code rc = rs_conn_no_transaction(o->c, fn, e);
  if (rc == RS_OK) rc = rs_arg_text(argv[0], fn, "macro", &o->macro, e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "arguments", &o->arguments, e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, fn, "options", &options, e);
  if (rc == RS_OK) rc = rs_options_read(options, table, 2, fn, &o->arena, e);
  return rc;
}

static void operation_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct operation o = {.c = rs_conn_of(ctx)};
  struct rs_error e = {0};
  struct rs_buf out;
  bool is_json = false;
  rs_arena_init(&o.arena, 0);
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  enum rs_code rc = operation_arguments(&o, argc, argv, &e);
  if (rc == RS_OK) rc = rs_models_load(o.c, rs_conn_db(o.c), fn, &o.opt, &o.p, &e);
  if (rc == RS_OK) {
    rc = rs_project_parse(o.p, NULL, &e);
    if (rc != RS_OK && !rs_error_names_node(&e)) rs_error_prefix(&e, "%s", fn);
  }
  if (rc == RS_OK) rc = call_macro(&o, &out, &is_json, &e);
  rs_models_give(ctx, fn, &out, is_json, rc, &e);
  rs_conn_done(o.c, o.session);
  rs_project_free(o.p);
  rs_arena_free(&o.arena);
}

int rs_operation_register(struct rs_conn *c)
{
  static const struct rs_function function = {"rockset_run_operation", 1, 3, operation_fn};
  return rs_conn_functions(c, &function, 1);
}
