/*
** Running a query lambda on a SQL engine: its Rockset SQL is translated (rsql.h), its parameters
** become typed parameters of the engine's statement.
**
** A value that is given without a type takes the type of its default. Names without a workspace
** mean the target's own; fields that a collection lacks are NULL, as in Rockset.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/rsql/rsql.h"
#include "src/engine/slots.h"
#include "control.h"

struct running {
  struct rs_session *s;
  struct rs_arena a;
  struct rs_lambda lambda;
  struct rs_json *defaults;
  struct rs_rsql_stmt *stmt;
  struct rs_rsql_value *values; /* in the order of rs_rsql_params */
  struct rs_columns *columns;   /* of the collections (rs_columns_free each) */
  size_t ncolumns;
};

/* ---- parameters ------------------------------------------------------------------------------ */

static const struct rs_json *find_default(const struct running *x, const char *name)
{
  for (const struct rs_json *p = x->defaults->first; p != NULL; p = p->next) {
    if (rs_json_is(rs_json_get(p, "name"), name)) return p;
  }
  return NULL;
}

/* A value of one kind as the text that its declared type is read from. */
static const char *value_text(struct rs_arena *a, const struct rs_value *v)
{
  struct rs_buf b;
  rs_buf_init(&b, 1024);
  switch (v->kind) {
    case RS_BOOL: return v->i != 0 ? "true" : "false";
    case RS_INT: return rs_arena_printf(a, "%lld", (long long)v->i);
    case RS_FLOAT: break;
    default: return rs_arena_strndup(a, v->s.p, v->s.n);
  }
  rs_buf_json_double(&b, v->f);
  const char *text = b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static enum rs_rsql_type type_of(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL: return RS_RSQL_BOOL;
    case RS_INT: return RS_RSQL_INT;
    case RS_FLOAT: return RS_RSQL_FLOAT;
    case RS_BYTES: return RS_RSQL_BYTES;
    case RS_JSON: return v->s.n > 0 && v->s.p[0] == '[' ? RS_RSQL_ARRAY : RS_RSQL_OBJECT;
    case RS_TEXT: return RS_RSQL_STRING;
    default: return RS_RSQL_NULL;
  }
}

static enum rs_code given_value(struct running *x, const struct rs_named_param *p,
                                const struct rs_json *declared, struct rs_rsql_value *out,
                                struct rs_error *e)
{
  const char *type = p->type;
  if (type == NULL && !rs_json_text(declared, "type", &x->a, &type)) return rs_nomem(e);
  *out = (struct rs_rsql_value){type_of(&p->value), p->value};
  if (type == NULL || out->type == RS_RSQL_NULL || p->value.kind == RS_BYTES) return RS_OK;
  const char *text = value_text(&x->a, &p->value);
  if (text == NULL) return rs_nomem(e);
  return rs_rsql_param_value(p->name, type, text, strlen(text), &x->a, out, e);
}

static enum rs_code default_value(struct running *x, const char *name, const struct rs_json *p,
                                  struct rs_rsql_value *out, struct rs_error *e)
{
  const char *type;
  if (!rs_json_text(p, "type", &x->a, &type)) return rs_nomem(e);
  const struct rs_json *value = rs_json_get(p, "value");
  const char *text = NULL;
  size_t n = 0;
  if (value != NULL && value->kind != RS_J_NULL) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    if (value->kind == RS_J_STRING) rs_buf_add(&b, value->p, value->n);
    else rs_json_write(&b, value);
    n = b.n;
    text = b.rc == RS_OK ? rs_arena_strndup(&x->a, rs_buf_text(&b), n) : NULL;
    rs_buf_free(&b);
    if (text == NULL) return rs_nomem(e);
  }
  return rs_rsql_param_value(name, type, text, n, &x->a, out, e);
}

/* What runs, for errors. */
static const char *subject(struct running *x)
{
  if (x->lambda.name == NULL) return "the query";
  const char *text = rs_arena_printf(&x->a, "query lambda '%s.%s'", x->lambda.workspace,
                                     x->lambda.name);
  return text != NULL ? text : "the query lambda";
}

static enum rs_code fail_unknown(struct running *x, const char *name, const char *const *names,
                                 size_t n, struct rs_error *e)
{
  const char *near = rs_nearest(name, names, n);
  return rs_fail(e, RS_INVALID, "%s has no parameter '%s'%s%s%s", subject(x), name,
                 near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                 near != NULL ? "'?" : "");
}

static enum rs_code bind(struct running *x, const struct rs_named_param *params, size_t n,
                         struct rs_error *e)
{
  size_t count;
  const char *const *names = rs_rsql_params(x->stmt, &count);
  enum rs_code rc = RS_OK;
  x->values = rs_arena_calloc(&x->a, (count + 1) * sizeof x->values[0]);
  if (x->values == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    size_t k = 0;
    while (k < count && !rs_eq(names[k], params[i].name)) k++;
    if (k == count && find_default(x, params[i].name) == NULL) {
      return fail_unknown(x, params[i].name, names, count, e);
    }
  }
  for (size_t k = 0; k < count && rc == RS_OK; k++) {
    const struct rs_json *declared = find_default(x, names[k]);
    size_t i = 0;
    while (i < n && !rs_eq(names[k], params[i].name)) i++;
    if (i < n) {
      rc = given_value(x, &params[i], declared, &x->values[k], e);
    } else if (declared != NULL) {
      rc = default_value(x, names[k], declared, &x->values[k], e);
    } else {
      rc = rs_fail(e, RS_INVALID, "parameter '%s' has no value%s", names[k],
                   x->lambda.name != NULL ? " and no default" : "");
    }
  }
  return rc;
}

/* ---- translation ----------------------------------------------------------------------------- */

static enum rs_code describe(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  struct running *x = ctx;
  const struct rs_relation name = {.workspace = rel->workspace, .name = rel->name};
  if (write) return rs_fail(e, RS_INVALID, "a query lambda of this target can't write");
  struct rs_columns *all = rs_arena_alloc(&x->a, (x->ncolumns + 1) * sizeof *all);
  struct rs_columns *kept = rs_arena_alloc(&x->a, sizeof *kept);
  if (all == NULL || kept == NULL) return rs_nomem(e);
  enum rs_code rc = rs_session_describe(x->s, &name, kept, NULL, e);
  if (rc != RS_OK) return rc;
  if (x->ncolumns > 0) memcpy(all, x->columns, x->ncolumns * sizeof *all);
  all[x->ncolumns++] = *kept; // the statement keeps what lies behind both
  x->columns = all;
  rel->columns = kept;
  return RS_OK;
}

static enum rs_code translate(struct running *x, struct rs_buf *sql, struct rs_rsql_output *out,
                              struct rs_error *e)
{
  const struct rs_rsql_env env = {.workspace = rs_target_info(x->s->target).output->workspace,
                                  .relation = describe,
                                  .ctx = x,
                                  .values = x->values};
  enum rs_rsql_kind kind = rs_rsql_kind(x->stmt);
  if (kind != RS_RSQL_SELECT && kind != RS_RSQL_PASS) {
    return rs_fail(e, RS_INVALID, "its SQL must be a query");
  }
  enum rs_code rc = rs_rsql_resolve(x->stmt, &env, NULL, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_RSQL_PASS) rs_buf_str(sql, "SELECT * FROM (\n");
  rc = rs_rsql_emit(x->stmt, x->s->target->dialect, false, sql, out, NULL, e);
  if (kind == RS_RSQL_PASS) rs_buf_str(sql, "\n)");
  return rc == RS_OK ? rs_buf_error(sql, e, "statement") : rc;
}

static enum rs_code send(struct running *x, struct rs_rows **pr, struct rs_error *e)
{
  struct rs_rsql_output out = {NULL, 0};
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  enum rs_code rc = translate(x, &sql, &out, e);
  struct rs_value *params = rs_arena_alloc(&x->a, (out.norder + 1) * sizeof *params);
  if (rc == RS_OK && params == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < out.norder && rc == RS_OK; i++) params[i] = x->values[out.order[i]].v;
  const struct rs_statement st = {
    .sql = rs_buf_text(&sql), .params = params, .nparams = out.norder};
  if (rc == RS_OK) {
    rc = rs_session_query(x->s, &st, pr, e);
    struct rs_rsql_pos pos = {0, 0};
    if (rc != RS_OK) rs_rsql_explain(x->stmt, &pos, e);
    if (rc != RS_OK && pos.line > 0)
      rs_error_append(e, " at line %zu, column %zu", pos.line, pos.column);
  }
  rs_buf_free(&sql);
  return rc;
}

enum rs_code rs_sql_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                 const struct rs_named_param *params, size_t n, struct rs_rows **pr,
                                 struct rs_error *e)
{
  struct running x = {.s = s};
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  rs_arena_init(&x.a, 0);
  enum rs_code rc = RS_OK;
  if (ref->sql != NULL) x.lambda = (struct rs_lambda){.sql = ref->sql, .parameters = "[]"};
  else rc = rs_sql_lambda_find(s, ref, &x.a, &x.lambda, e);
  const bool found = rc == RS_OK && ref->sql == NULL;
  if (rc == RS_OK) {
    rc = rs_json_parse(x.lambda.parameters, strlen(x.lambda.parameters), 16, &x.a, &x.defaults, e);
  }
  if (rc == RS_OK) rc = rs_rsql_parse(x.lambda.sql, strlen(x.lambda.sql), &x.a, &x.stmt, NULL, e);
  if (rc == RS_OK) rc = bind(&x, params, n, e);
  if (rc == RS_OK) rc = send(&x, pr, e);
  if (rc != RS_OK && rc != RS_NOMEM && found && !rs_error_names(e, "query lambda", ' ')) {
    rs_error_prefix(e, "query lambda '%s.%s'", x.lambda.workspace, x.lambda.name);
  }
  for (size_t i = 0; i < x.ncolumns; i++) rs_columns_free(&x.columns[i]);
  rs_arena_free(&x.a);
  return rc;
}
