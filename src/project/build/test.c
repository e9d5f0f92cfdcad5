/*
** Data tests, generic and singular (build.h): the query of the test is compiled like a model;
** get_test_sql() wraps it into one row of the number of failures and two verdicts, as in dbt.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "build.h"
#include "src/sql/relname.h"

struct verdict {
  int64_t failures;
  bool should_warn, should_error;
};

/* An engine without booleans gives 0 and 1, or texts. */
static bool is_true(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: return v->i != 0;
    case RS_FLOAT: return v->f != 0;
    case RS_TEXT:
      return (v->s.n == 4 && rs_casecmpn(v->s.p, "true", 4) == 0) ||
             (v->s.n == 1 && *v->s.p == '1');
    default: return false;
  }
}

static bool to_count(const struct rs_value *v, int64_t *n)
{
  char text[64], *end;
  switch (v->kind) {
    case RS_INT:
    case RS_BOOL: *n = v->i; return true;
    case RS_FLOAT: *n = (int64_t)v->f; return true;
    case RS_TEXT: // an integer that SQLite has no place for, or a decimal
      if (v->s.n == 0 || v->s.n >= sizeof text) return false;
      memcpy(text, v->s.p, v->s.n);
      text[v->s.n] = 0;
      *n = (int64_t)strtod(text, &end);
      return *end == 0;
    default: return false;
  }
}

static enum rs_code read_verdict(struct rs_rows *rows, struct verdict *v, struct rs_error *e)
{
  struct rs_value cell;
  if (rs_rows_columns(rows)->n != 3)
    return rs_fail(e, RS_INVALID, "macro get_test_sql gives %zu columns instead of 3",
                   rs_rows_columns(rows)->n);
  enum rs_code rc = rs_rows_next(rows, e);
  if (rc == RS_DONE) return rs_fail(e, RS_INVALID, "macro get_test_sql gives no row");
  if (rc != RS_OK) return rc;
  rs_rows_get(rows, 0, &cell);
  if (cell.kind == RS_NULL)
    return rs_fail(e, RS_INVALID,
                   "fail_calc gives NULL, not a number: coalesce() makes a number of it");
  if (!to_count(&cell, &v->failures)) return rs_fail(e, RS_INVALID, "fail_calc gives no number");
  rs_rows_get(rows, 1, &cell);
  v->should_warn = is_true(&cell);
  rs_rows_get(rows, 2, &cell);
  v->should_error = is_true(&cell);
  rc = rs_rows_next(rows, e);
  if (rc == RS_OK) return rs_fail(e, RS_INVALID, "macro get_test_sql gives more than one row");
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- the query ------------------------------------------------------------------------------ */

static enum rs_code is_stored(struct rs_context *c, bool *stored, struct rs_error *e)
{
  struct jv_args none = {0};
  jv v;
  enum rs_code rc = rs_context_macro(c, "should_store_failures", &none, &v, e);
  *stored = rc == RS_OK && jv_truth(c->j, v);
  return rc;
}

/* The rows that fail as a relation of their own; *main: what reads it. */
static enum rs_code store(struct rs_context *c, struct rs_session *s, const char *sql,
                          const char **main_sql, struct rs_error *e)
{
  struct rs_relation rel = rs_node_relation(c->project, c->node);
  const char *as = rs_config_text(c->config, "store_failures_as", "table");
  enum rs_code rc;
  if (rs_eq(as, "view")) rc = rs_session_replace(s, &rel, sql, RS_AS_VIEW, NULL, e);
  else if (rs_eq(as, "table")) rc = rs_session_replace(s, &rel, sql, NULL, NULL, e);
  else
    rc = rs_fail(e, RS_INVALID,
                 "config 'store_failures_as' must be 'table', 'view' or 'ephemeral', not '%s'", as);
  if (rc != RS_OK) return rc;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 16);
  rs_buf_str(&text, "select * from ");
  rs_relation_sql(c->project->set.dialect, &text, &rel);
  rc = rs_buf_error(&text, e, "test");
  if (rc == RS_OK) *main_sql = rs_arena_strdup(rs_python_arena(c->j), rs_buf_text(&text));
  if (rc == RS_OK && *main_sql == NULL) rc = rs_nomem(e);
  rs_buf_free(&text);
  return rc;
}

/* What get_test_sql makes of the query, sent. */
static enum rs_code ask(struct rs_context *c, struct rs_session *s, const char *main_sql,
                        struct verdict *v, struct rs_error *e)
{
  static const char *const keys[] = {"fail_calc", "warn_if", "error_if", "limit"};
  struct rs_rows *rows = NULL;
  const char *sql;
  char what[300];
  jv args[5] = {jv_text(c->j, main_sql)};
  for (size_t i = 0; i < 4; i++)
    if (!jv_dict_get(c->config, keys[i], &args[i + 1])) args[i + 1] = jv_none();
  enum rs_code rc = rs_context_macro_text(c, "get_test_sql", args, 5, rs_python_arena(c->j), &sql,
                                          e);
  if (rc == RS_OK) rc = rs_run_said(c, s, sql, rs_node_what(c->node, what, sizeof what), &rows, e);
  if (rc == RS_OK) rc = read_verdict(rows, v, e);
  rs_rows_close(rows);
  return rc;
}

/* ---- the result ----------------------------------------------------------------------------- */

static enum rs_code judge(struct rs_context *c, const struct verdict *v, struct rs_result *r,
                          struct rs_error *e)
{
  const char *severity = rs_config_text(c->config, "severity", "ERROR");
  bool error = rs_casecmp(severity, "error") == 0;
  const char *verb = "", *rule = NULL;
  if (!error && rs_casecmp(severity, "warn") != 0)
    return rs_fail(e, RS_INVALID, "config 'severity' must be 'error' or 'warn', not '%s'",
                   severity);
  r->failures = 0;
  r->status = RS_STATUS_PASS;
  if (error && v->should_error) {
    r->status = RS_STATUS_FAIL;
    verb = "fail";
    rule = rs_config_text(c->config, "error_if", "!= 0");
  } else if (v->should_warn) {
    r->status = RS_STATUS_WARN;
    verb = "warn";
    rule = rs_config_text(c->config, "warn_if", "!= 0");
  }
  if (rule == NULL) return RS_OK;
  if (c->project->set.warn_error) r->status = RS_STATUS_FAIL;
  r->failures = v->failures;
  r->message = rs_mprintf("Got %lld result%s, configured to %s if %s", (long long)v->failures,
                          v->failures == 1 ? "" : "s", verb, rule);
  return r->message != NULL ? RS_OK : rs_nomem(e);
}

/* ---- by a materialization of the project ---------------------------------------------------- */

static bool truth_of(struct rs_context *c, jv v)
{
  // an engine without booleans gives texts
  if (jv_is_str(v))
    return rs_casecmp(jv_cstr(v, NULL), "true") == 0 || rs_eq(jv_cstr(v, NULL), "1");
  return jv_truth(c->j, v);
}

/* The one row that its statement 'main' gave is the verdict, as in dbt. */
static enum rs_code judge_main(void *ctx, struct rs_context *c, struct rs_error *e)
{
  struct rs_result *r = ctx;
  struct verdict v = {0};
  double count;
  jv result, table;
  if (!jv_dict_get(c->results, "main", &result) || !jv_dict_get(result, "table", &table))
    return rs_fail(e, RS_INVALID, "the materialization 'test' runs no statement 'main'");
  jv rows = rs_table_data(c, table), row = jv_item(rows, 0);
  if (jv_len(rows) != 1 || jv_len(row) != 3)
    return rs_fail(e, RS_INVALID,
                   "the statement 'main' of the materialization 'test' gives %zu rows of %zu "
                   "columns instead of one of 3",
                   jv_len(rows), jv_len(row));
  jv failures = jv_item(row, 0);
  if (failures.kind == JV_INT) v.failures = failures.u.i;
  else if (failures.kind == JV_FLOAT) v.failures = (int64_t)failures.u.f;
  else if (jv_decimal_double(failures, &count)) v.failures = (int64_t)count;
  else return rs_fail(e, RS_INVALID, "fail_calc gives no number");
  v.should_warn = truth_of(c, jv_item(row, 1));
  v.should_error = truth_of(c, jv_item(row, 2));
  rs_free(r->message);
  r->message = NULL;
  return judge(c, &v, r, e);
}

static enum rs_code run_custom(const struct rs_context_options *opt, const struct rs_macro *custom,
                               const struct rs_compiled *compiled, const char *sql,
                               struct rs_result *r, struct rs_error *e)
{
  struct rs_invoke i = {
    .opt = *opt, .sql = sql, .text = compiled->text, .rows = -1, .look = judge_main, .look_ctx = r};
  return rs_invoke_custom(&i, custom, e);
}

static enum rs_code run_test(const struct rs_materialize *m, struct rs_result *r,
                             struct rs_error *e)
{
  const struct rs_macro *custom = rs_custom_find(m->project, "test");
  if (custom != NULL && custom->source == NULL) custom = NULL; // what theirs may call
  struct rs_context_options opt;
  struct rs_compiled compiled = {0};
  struct rs_context *c = NULL;
  struct rs_session *s = NULL;
  struct rs_translated t = {.sql = NULL};
  struct verdict v = {0};
  bool stored = false;
  rs_run_context(m, &opt);
  enum rs_code rc = rs_compile(&opt, &compiled, e);
  if (rc != RS_OK) return rc;
  const char *sql = compiled.sql;
  rc = m->sessions.get(m->sessions.ctx, &s, e);
  if (rc == RS_OK) rc = rs_context_new(&opt, &c, e);
  if (rc == RS_OK) rc = is_stored(c, &stored, e);
  // a query that asks for the verdict at once is translated as a whole
  if (rc == RS_OK && compiled.rockset && (stored || custom != NULL)) {
    rc = rs_compiled_query(s, m->project, m->node, compiled.text, true, &t, e);
    sql = t.sql;
  }
  if (rc == RS_OK && custom != NULL) {
    const struct rs_relation rel = rs_node_relation(m->project, m->node);
    if (stored) rc = rs_session_create(s, RS_WORKSPACE_IN(rel.database, rel.workspace), true, e);
    if (rc == RS_OK) rc = run_custom(&opt, custom, &compiled, sql, r, e);
  } else {
    if (rc == RS_OK && stored) rc = store(c, s, sql, &sql, e);
    if (rc == RS_OK) rc = ask(c, s, sql, &v, e);
    if (rc == RS_OK) rc = judge(c, &v, r, e);
  }
  if (rc == RS_OK && stored && r->message != NULL) {
    char *relation = rs_node_relation_text(m->node);
    char *more = relation != NULL ? rs_mprintf("%s; rows in %s", r->message, relation) : NULL;
    rs_free(relation);
    rs_free(r->message);
    r->message = more;
  }
  if (!rs_error_names_node(e)) rc = rs_translated_explain(&t, m->node, rc, e);
  rs_translated_free(&t);
  r->compiled = compiled.text;
  r->warning = compiled.warnings;
  compiled.text = compiled.warnings = NULL;
  rs_compiled_free(&compiled);
  rs_context_free(c);
  return rc;
}

void rs_test_run(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  rs_result_begin(m, r, &start);
  rs_result_end(r, run_test(m, r, &e), &e, start);
}
