/*
** rockset_render(template [, context [, options]]): a text through the Jinja engine, to look at
** what a template does.
**
** ARGUMENTS
**   template    TEXT, or the BLOB of readfile().
**   context     TEXT, a JSON object: names that the template sees; NULL = none.
**   options     TEXT, a JSON object:
**                 mode    'execute' (default); 'parse': as dbt's first pass, where what is
**                         undefined swallows attributes and calls; 'native': as dbt renders
**                         YAML, the value as JSON
**                 vars    object, for var()
**                 env     object that env_var() reads instead of the environment
**                 macros  a text with macros, or an array of such texts
**
** RESULT
**   TEXT; with mode native JSON.
**
** ERRORS
**   "rockset_render: template line 2, column 4: ...". dbt's names beyond its base context (ref,
**   this, adapter ...) are an error, unless context or macros define them.
**
** SAFETY
**   DIRECTONLY: env_var reads the environment, only DBT_* names unless trusted (docs/safety.md),
**   since the text may come from a table. Reaches no engine, no file.
*/
#include <string.h>
#include "src/base/arena.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/project/compile/compile.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

#define FN "rockset_render"

static enum rs_code read_arguments(struct rs_conn *c, int argc, sqlite3_value **argv,
                                   struct rs_arena *arena, const char **text,
                                   struct rs_render_options *opt, struct rs_error *e)
{
  const char *options = NULL, *mode = "execute";
  const struct rs_option table[] = {{"mode", RS_OPT_CHOICE, &mode, "execute|parse|native"},
                                    {"vars", RS_OPT_JSON, &opt->vars, NULL},
                                    {"env", RS_OPT_JSON, &opt->env, NULL},
                                    {"macros", RS_OPT_JSON, &opt->macros, NULL}};
  enum rs_code rc = rs_arg_sql(argv[0], FN, "template", text, e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, FN, "context", &opt->context, e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, FN, "options", &options, e);
  if (rc == RS_OK) rc = rs_options_read(options, table, sizeof table / sizeof *table, FN, arena, e);
  opt->execute = !rs_eq(mode, "parse");
  opt->native = rs_eq(mode, "native");
  opt->trusted = rs_conn_trusted(c);
  opt->say = rs_models_say;
  opt->is_interrupted = rs_conn_interrupted;
  opt->interrupt_ctx = c;
  return rc;
}

static void render_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_render_options opt = {0};
  struct rs_arena arena;
  struct rs_buf out;
  struct rs_error e = {0};
  const char *text = NULL;
  rs_arena_init(&arena, 0);
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  enum rs_code rc = read_arguments(rs_conn_of(ctx), argc, argv, &arena, &text, &opt, &e);
  if (rc == RS_OK) rc = rs_render_text(text, strlen(text), &opt, &out, &e);
  rs_models_give(ctx, FN, &out, opt.native, rc, &e);
  rs_arena_free(&arena);
}

int rs_render_register(struct rs_conn *c)
{
  static const struct rs_function function = {FN, 1, 3, render_fn};
  return rs_conn_functions(c, &function, 1);
}
