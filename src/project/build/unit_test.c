/*
** Unit tests of dbt 1.8 (build.h): a model's query over rows that the test gives instead of what
** it reads, compared with the rows that it expects.
**
** The model is compiled with ref(), source() and this naming CTEs for the inputs that are given,
** and with the macros, variables and environment that the test overrides. Given rows have the
** columns and types of the relation that they stand for; where that is not built yet, their own.
*/
#include <stdio.h>
#include <string.h>
#include "src/sql/relname.h"
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"
#include "src/sql/cte.h"

#define UNIT_MEMORY_MAX ((size_t)256 << 20)

struct input {
  struct rs_relation rel; /* that it stands for; without a workspace: an ephemeral model */
  const char *cte;
  struct rs_unit_rows rows;
};

struct unit {
  const struct rs_materialize *m;
  const struct rs_node *node;
  struct rs_session *s;
  struct rs_arena arena;
  struct input *inputs;
  size_t ninputs;
  struct rs_json *macros, *vars, *env_vars; /* overrides; NULL = none */
  struct rs_context *c;                     /* of the model, while it is compiled */
};

/* ---- names that the model sees --------------------------------------------------------------- */

static const struct input *find_input(const struct unit *u, const struct rs_relation *rel)
{
  for (size_t i = 0; i < u->ninputs; i++)
    if (rs_relation_eq(&u->inputs[i].rel, rel)) return &u->inputs[i];
  return NULL;
}

/* The CTE in place of a relation. */
static enum rs_code stand_in(struct unit *u, const char *what, jv relation, jv *out,
                             struct rs_error *e)
{
  struct rs_relation rel;
  if (!rs_relation_of(relation, &rel)) return rs_fail(e, RS_INVALID, "%s gives no relation", what);
  const struct input *in = find_input(u, &rel);
  if (in == NULL)
    return rs_fail(e, RS_INVALID, "'given' lacks an input for %s of %s%s%s", what,
                   rel.workspace != NULL ? rel.workspace : "", rel.workspace != NULL ? "." : "",
                   rel.name);
  *out = rs_relation_value(u->c, NULL, NULL, in->cte, "cte");
  return RS_OK;
}

static enum rs_code call_original(struct unit *u, const char *name, const struct jv_args *args,
                                  jv *out, struct rs_error *e)
{
  jv fn;
  size_t ephemerals = u->c->nephemerals;
  enum rs_code rc = rs_names_get(u->c, name, strlen(name), &fn, e);
  if (rc == RS_OK) rc = rs_python_call(u->c->j, fn, args, out, e);
  u->c->nephemerals = ephemerals; // the rows that are given stand for it
  return rc;
}

static NATIVE(unit_ref)
{
  enum rs_code rc = call_original(ctx, "ref", args, out, e);
  return rc == RS_OK ? stand_in(ctx, "ref()", *out, out, e) : rc;
}

static NATIVE(unit_source)
{
  enum rs_code rc = call_original(ctx, "source", args, out, e);
  return rc == RS_OK ? stand_in(ctx, "source()", *out, out, e) : rc;
}

static enum rs_code json_value(struct unit *u, const struct rs_json *v, jv *out, struct rs_error *e)
{
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rs_json_write(&text, v);
  enum rs_code rc = rs_buf_error(&text, e, "overrides");
  if (rc == RS_OK) rc = jv_from_json(u->c->j, rs_buf_text(&text), text.n, out, e);
  rs_buf_free(&text);
  return rc;
}

/* var() and env_var(): what the test says, else as ever. */
static enum rs_code look_up(struct unit *u, const char *name, const struct rs_json *values,
                            const struct jv_args *args, jv *out, struct rs_error *e)
{
  const struct rs_json *v = NULL;
  if (args->npos > 0 && jv_is_str(args->pos[0]))
    v = rs_json_get(values, jv_cstr(args->pos[0], NULL));
  return v != NULL ? json_value(u, v, out, e) : call_original(u, name, args, out, e);
}

static NATIVE(unit_var)
{
  return look_up(ctx, "var", ((struct unit *)ctx)->vars, args, out, e);
}

static NATIVE(unit_env_var)
{
  return look_up(ctx, "env_var", ((struct unit *)ctx)->env_vars, args, out, e);
}

/* A macro that gives what the test says. */
struct constant {
  jv value;
};

static NATIVE(give_constant)
{
  *out = ((const struct constant *)ctx)->value;
  return RS_OK;
}

static enum rs_code unit_names(void *ctx, struct rs_context *c, const char *name, size_t n, jv *out,
                               struct rs_error *e)
{
  struct unit *u = ctx;
  u->c = c;
  if (rs_eqn("ref", name, n)) *out = jv_func(c->j, "ref", unit_ref, u);
  else if (rs_eqn("source", name, n)) *out = jv_func(c->j, "source", unit_source, u);
  else if (rs_eqn("var", name, n) && u->vars != NULL) *out = jv_func(c->j, "var", unit_var, u);
  else if (rs_eqn("env_var", name, n) && u->env_vars != NULL)
    *out = jv_func(c->j, "env_var", unit_env_var, u);
  else if (rs_eqn("this", name, n)) {
    const struct rs_relation own = rs_node_relation(c->project, c->node);
    const struct input *in = find_input(u, &own);
    if (in == NULL) return RS_NOT_FOUND;
    *out = rs_relation_value(c, NULL, NULL, in->cte, "cte");
  } else {
    const struct rs_json *v = rs_json_getn(u->macros, name, n);
    char ours[256]; // dbt's own go by both names
    if (v == NULL && u->macros != NULL && n < sizeof ours - 4) {
      snprintf(ours, sizeof ours, "dbt.%.*s", (int)n, name);
      v = rs_json_get(u->macros, ours);
    }
    if (v == NULL) return RS_NOT_FOUND;
    struct constant *k = rs_arena_alloc(rs_python_arena(c->j), sizeof *k);
    enum rs_code rc = k != NULL ? json_value(u, v, &k->value, e) : rs_nomem(e);
    if (rc != RS_OK) return rc;
    *out = jv_func(c->j, "macro", give_constant, k);
  }
  return RS_OK;
}

/* ---- what is given -------------------------------------------------------------------------- */

static bool keep_relation(struct rs_arena *a, const struct rs_relation *rel,
                          struct rs_relation *out)
{
  const char *const from[] = {rel->database, rel->workspace, rel->name};
  const char **const to[] = {&out->database, &out->workspace, &out->name};
  for (size_t i = 0; i < 3; i++)
    if (from[i] != NULL && (*to[i] = rs_arena_strdup(a, from[i])) == NULL) return false;
  return true;
}

/* The relation that `input` names: ref('x'), source('a', 'b'), this. */
static enum rs_code read_input(struct unit *u, struct rs_context *c, const struct rs_json *given,
                               struct input *in, struct rs_error *e)
{
  const char *text;
  struct rs_template *t = NULL;
  jv relation;
  if (!rs_json_text(given, "input", &u->arena, &text)) return rs_nomem(e);
  if (text == NULL) return rs_fail(e, RS_INVALID, "given: an input lacks its name: \"input\"");
  char *template = rs_arena_printf(&u->arena, "{{ %s }}", text);
  if (template == NULL) return rs_nomem(e);
  enum rs_code rc = rs_template_parse("given", template, strlen(template), &t, e);
  if (rc == RS_OK) rc = rs_jinja_render_native(c->j, t, &relation, e);
  struct rs_relation rel = {.workspace = NULL};
  if (rc == RS_OK && !rs_relation_of(relation, &rel))
    rc = rs_fail(e, RS_INVALID, "given: input '%s' must be ref(...), source(...) or this", text);
  if (rc == RS_OK) {
    bool own = strncmp(rel.name, "__dbt__cte__", 12) == 0;
    in->cte = rs_arena_printf(&u->arena, "%s%s", own ? "" : "__dbt__cte__", rel.name);
    if (in->cte == NULL || !keep_relation(&u->arena, &rel, &in->rel)) rc = rs_nomem(e);
  }
  rs_template_release(t);
  if (rc == RS_OK) rc = rs_unit_rows_read(given, &u->arena, &in->rows, e);
  return rc;
}

static enum rs_code parse(struct unit *u, const char *text, const char *column,
                          struct rs_json **out, struct rs_error *e)
{
  *out = NULL;
  if (text == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(text, strlen(text), 50, &u->arena, out, e);
  return rc == RS_OK ? rc : rs_error_prefix(e, "column %s", column);
}

static enum rs_code read_given(struct unit *u, struct rs_error *e)
{
  struct rs_json *given, *overrides;
  struct rs_context *c;
  enum rs_code rc = parse(u, u->node->unit_test->given, "given", &given, e);
  if (rc == RS_OK) rc = parse(u, u->node->unit_test->overrides, "overrides", &overrides, e);
  if (rc != RS_OK) return rc;
  u->macros = rs_json_get(overrides, "macros");
  u->vars = rs_json_get(overrides, "vars");
  u->env_vars = rs_json_get(overrides, "env_vars");
  if (given == NULL) return RS_OK;
  u->inputs = rs_arena_calloc(&u->arena, (given->n + 1) * sizeof *u->inputs);
  if (u->inputs == NULL) return rs_nomem(e);
  struct rs_context_options opt;
  rs_run_context(u->m, &opt);
  opt.node = u->node->tested;
  rc = rs_context_new(&opt, &c, e);
  for (const struct rs_json *g = given->first; rc == RS_OK && g != NULL; g = g->next)
    rc = read_input(u, c, g, &u->inputs[u->ninputs++], e);
  rs_context_free(c);
  return rc;
}

/* " __dbt__cte__NAME as (\n...\n)" */
static enum rs_code input_cte(struct unit *u, const struct input *in, struct rs_cte *cte,
                              struct rs_error *e)
{
  struct rs_buf sql;
  struct rs_columns cols = {0};
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = RS_OK;
  if (in->rel.workspace != NULL && in->rows.sql == NULL) {
    rc = rs_session_describe(u->s, &in->rel, NULL, &kind, e);
    if (rc == RS_OK && kind != RS_REL_NONE)
      rc = rs_session_describe(u->s, &in->rel, &cols, &kind, e);
  }
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_buf_printf(&sql, " %s as (\n", in->cte);
  if (rc == RS_OK)
    rc = rs_unit_rows_sql(&in->rows, kind != RS_REL_NONE ? &cols : NULL, false,
                          u->m->project->set.dialect, in->rel.name, &sql, e);
  rs_buf_str(&sql, "\n)");
  if (rc == RS_OK) rc = rs_buf_error(&sql, e, "given");
  if (rc == RS_OK) {
    cte->n = sql.n;
    cte->text = rs_arena_strndup(&u->arena, rs_buf_text(&sql), sql.n);
    if (cte->text == NULL) rc = rs_nomem(e);
  }
  rs_buf_free(&sql);
  rs_columns_free(&cols);
  return rc;
}

/* The model's query over the given rows. */
static enum rs_code compile(struct unit *u, struct rs_buf *out, struct rs_error *e)
{
  struct rs_context_options opt;
  struct rs_compiled compiled = {0};
  struct rs_cte *ctes = rs_arena_calloc(&u->arena, (u->ninputs + 1) * sizeof *ctes);
  if (ctes == NULL) return rs_nomem(e);
  rs_run_context(u->m, &opt);
  opt.node = u->node->tested;
  opt.names = unit_names;
  opt.names_ctx = u;
  enum rs_code rc = rs_compile(&opt, &compiled, e);
  for (size_t i = 0; rc == RS_OK && i < u->ninputs; i++)
    rc = input_cte(u, &u->inputs[i], &ctes[i], e);
  if (rc == RS_OK && u->ninputs > 0)
    rs_cte_inject(compiled.sql, strlen(compiled.sql),
                  compiled.rockset ? rs_dialect_find("rockset") : u->m->project->set.dialect, ctes,
                  u->ninputs, out);
  else if (rc == RS_OK) rs_buf_str(out, compiled.sql);
  if (rc == RS_OK) rc = rs_buf_error(out, e, "unit test");
  if (rc == RS_OK && compiled.rockset) {
    struct rs_translated t;
    rc = rs_translate(u->s, u->m->project, u->node->tested, rs_buf_text(out), out->n, "unit test",
                      &t, e);
    rs_buf_clear(out);
    if (rc == RS_OK) rs_buf_str(out, t.sql);
    if (rc == RS_OK) rc = rs_buf_error(out, e, "unit test");
    rs_translated_free(&t);
  }
  struct rs_sqltext one; // rows of format sql are stored text
  if (rc == RS_OK)
    rc = rs_callable_prove(rs_buf_text(out), out->n, u->m->project->set.dialect,
                           u->m->project->set.output, u->m->project->set.trusted, "unit test", &one,
                           e);
  rs_compiled_free(&compiled);
  return rc;
}

/* ---- what is expected ----------------------------------------------------------------------- */

/* select COLUMNS from (QUERY) t: in the order of the model, those that are expected. */
static void select_columns(struct unit *u, const struct rs_unit_rows *expect,
                           const struct rs_columns *cols, const char *query, struct rs_buf *sql)
{
  bool any = false;
  rs_buf_str(sql, "select ");
  for (size_t i = 0; i < cols->n; i++) {
    bool named = expect->sql != NULL || expect->nnames == 0;
    for (size_t k = 0; k < expect->nnames && !named; k++)
      named = rs_casecmp(expect->names[k], cols->v[i].name) == 0;
    if (!named) continue;
    if (any) rs_buf_str(sql, ", ");
    any = true;
    rs_dialect_ident(u->m->project->set.dialect, sql, cols->v[i].name);
  }
  rs_buf_printf(sql, " from (\n%s\n) dbt_internal_unit_test", query);
}

static enum rs_code compare(struct unit *u, const char *query, struct rs_result *r,
                            struct rs_error *e)
{
  struct rs_json *json;
  struct rs_unit_rows expect = {0};
  struct rs_columns cols = {0};
  struct rs_statement st = {.sql = query};
  struct rs_buf actual, expected, rows, text;
  rs_buf_init(&actual, RS_BUF_SQL_MAX);
  rs_buf_init(&expected, RS_BUF_SQL_MAX);
  rs_buf_init(&rows, RS_BUF_SQL_MAX);
  rs_buf_init(&text, 1 << 20);
  enum rs_code rc = parse(u, u->node->unit_test->expect, "expect", &json, e);
  if (rc == RS_OK && json == NULL) rc = rs_fail(e, RS_INVALID, "column expect says nothing");
  if (rc == RS_OK) rc = rs_unit_rows_read(json, &u->arena, &expect, e);
  // One with a shape: the columns that the rows are compared in
  if (rc == RS_OK) rc = rs_session_columns(u->s, &st, &cols, e);
  if (rc == RS_OK)
    rc = rs_unit_rows_sql(&expect, &cols, expect.nnames > 0, u->m->project->set.dialect,
                          u->node->tested->name, &rows, e);
  if (rc == RS_OK) {
    select_columns(u, &expect, &cols, query, &actual);
    select_columns(u, &expect, &cols, rs_buf_text(&rows), &expected);
    rc = rs_buf_error(&actual, e, "unit test");
    if (rc == RS_OK) rc = rs_buf_error(&expected, e, "unit test");
  }
  if (rc == RS_OK)
    rc = rs_unit_compare(u->s, u->m->project, rs_buf_text(&actual), rs_buf_text(&expected),
                         &r->failures, &text, e);
  if (rc == RS_OK) r->status = r->failures > 0 ? RS_STATUS_FAIL : RS_STATUS_PASS;
  if (rc == RS_OK && r->failures > 0)
    r->message = rs_mprintf("actual differs from expected: %s", rs_buf_text(&text));
  rs_columns_free(&cols);
  rs_buf_free(&actual);
  rs_buf_free(&expected);
  rs_buf_free(&rows);
  rs_buf_free(&text);
  return rc;
}

static enum rs_code run_unit_test(struct unit *u, struct rs_result *r, struct rs_error *e)
{
  struct rs_buf query;
  rs_buf_init(&query, RS_BUF_SQL_MAX);
  enum rs_code rc = u->m->sessions.get(u->m->sessions.ctx, &u->s, e);
  if (rc == RS_OK) rc = read_given(u, e);
  if (rc == RS_OK) rc = compile(u, &query, e);
  if (rc == RS_OK) rc = compare(u, rs_buf_text(&query), r, e);
  if (query.n > 0 && query.rc == RS_OK) r->compiled = rs_buf_take(&query);
  rs_buf_free(&query);
  return rc;
}

void rs_unit_test_run(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  struct unit u = {.m = m, .node = m->node};
  rs_arena_init(&u.arena, UNIT_MEMORY_MAX);
  rs_result_begin(m, r, &start);
  rs_result_end(r, run_unit_test(&u, r, &e), &e, start);
  rs_arena_free(&u.arena);
}
