/*
** Writing a statement for an engine: names, markers, the statement itself (see rsql.h, emit.h).
*/
#include "src/rsql/bounds.h"
#include "src/rsql/emit.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/pass.h"

/* ---- errors ---------------------------------------------------------------------------------- */

void rs_rsql_write_fail(struct rsql_writer *w, size_t pos, enum rs_code code, const char *fmt, ...)
{
  char why[400];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  if (w->rc == RS_OK) {
    w->rc = rs_rsql_fail(w->s->text, w->s->n, pos, w->pos, w->e, code, "%s", why);
  }
}

bool rs_rsql_write_enter(struct rsql_writer *w, size_t pos)
{
  // templates may name an argument more than once: nested, that grows without end
  if (w->b->rc != RS_OK) w->rc = w->rc != RS_OK ? w->rc : w->b->rc;
  if (w->rc != RS_OK) return false;
  if (w->depth < 2 * RS_RSQL_DEPTH_MAX) {
    w->depth++;
    return true;
  }
  rs_rsql_write_fail(w, pos, RS_LIMIT, "nested deeper than %d levels", 2 * RS_RSQL_DEPTH_MAX);
  return false;
}

/* ---- text ------------------------------------------------------------------------------------ */

/* A form that the dialect lacks, and that nobody asked for. */
static void fail_form(struct rsql_writer *w)
{
  rs_rsql_write_fail(w, 0, RS_UNSUPPORTED, "the statement has no form in %s", w->d->name);
}

void rs_rsql_write(struct rsql_writer *w, const char *s)
{
  if (s != NULL) rs_buf_str(w->b, s);
  else fail_form(w);
}

const char *rs_rsql_write_until(struct rsql_writer *w, const char *form, char mark)
{
  const char *at = form != NULL ? strchr(form, mark) : NULL;
  if (at == NULL) {
    fail_form(w);
    return "";
  }
  rs_buf_add(w->b, form, (size_t)(at - form));
  return at + 1;
}

const char *rs_rsql_form_of(const struct rsql_writer *w, const char *duckdb, const char *trino)
{
  return w->f->set == RS_FORMS_TRINO ? trino : duckdb;
}

void rs_rsql_write_name(struct rsql_writer *w, const char *name)
{
  rs_dialect_ident(w->d, w->b, name);
}

void rs_rsql_write_names(struct rsql_writer *w, const struct rsql_names *names)
{
  if (names->n == 0) return;
  rs_rsql_write(w, "(");
  for (size_t i = 0; i < names->n; i++) {
    if (i > 0) rs_rsql_write(w, ", ");
    rs_rsql_write_name(w, names->v[i]);
  }
  rs_rsql_write(w, ")");
}

void rs_rsql_write_path(struct rsql_writer *w, const char *const *path, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (i > 0) rs_rsql_write(w, ".");
    rs_rsql_write_name(w, path[i]);
  }
}

/* ---- parameters ------------------------------------------------------------------------------ */

static bool push_order(struct rsql_writer *w, size_t index)
{
  if (w->norder == w->cap) {
    size_t cap = w->cap > 0 ? w->cap * 2 : 8;
    size_t *v = rs_arena_alloc(w->s->arena, cap * sizeof *v);
    if (v == NULL) {
      if (w->rc == RS_OK) w->rc = rs_nomem(w->e);
      return false;
    }
    if (w->norder > 0) memcpy(v, w->order, w->norder * sizeof *v);
    w->order = v;
    w->cap = cap;
  }
  w->order[w->norder++] = index;
  return true;
}

static void marker(struct rsql_writer *w, size_t index)
{
  if (w->number[index] == 0 || !w->d->numbered_params) {
    if (!push_order(w, index)) return;
    w->number[index] = w->norder;
  }
  rs_dialect_param(w->d, w->b, w->number[index]);
}

static void literal(struct rsql_writer *w, const struct rs_value *v)
{
  bool minus = (v->kind == RS_INT && v->i < 0) || v->kind == RS_FLOAT;
  if (minus) rs_rsql_write(w, "(");
  rs_dialect_literal(w->d, w->b, v);
  if (minus) rs_rsql_write(w, ")");
}

/* How a value becomes one of its type. */
static const char *typed_form(const struct rsql_writer *w, enum rs_rsql_type type)
{
  static const struct {
    enum rs_rsql_type type;
    const char *duckdb, *trino;
  } forms[] = {
    {RS_RSQL_DATE, "CAST($ AS DATE)", "CAST($ AS date)"},
    {RS_RSQL_TIME, "CAST($ AS TIME)", "CAST($ AS time(6))"},
    {RS_RSQL_DATETIME, "CAST($ AS TIMESTAMP)", "CAST($ AS timestamp(6))"},
    {RS_RSQL_TIMESTAMP, "CAST($ AS TIMESTAMPTZ)", "CAST($ AS timestamp(6) with time zone)"},
    {RS_RSQL_MONTH_INTERVAL, "to_months($)", "($ * INTERVAL '1' MONTH)"},
    {RS_RSQL_MICROSECOND_INTERVAL, "to_microseconds($)", RS_RSQL_T_MICROS},
    {RS_RSQL_ARRAY, "CAST($ AS JSON)", "CAST($ AS json)"},
    {RS_RSQL_OBJECT, "CAST($ AS JSON)", "CAST($ AS json)"},
    {RS_RSQL_GEOGRAPHY, "CAST($ AS JSON)", "CAST($ AS json)"}};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    if (forms[i].type == type) return rs_rsql_form_of(w, forms[i].duckdb, forms[i].trino);
  }
  return "$";
}

static void param_value(struct rsql_writer *w, const struct rs_rsql_value *v, size_t index)
{
  if (w->inlined) literal(w, &v->v);
  else marker(w, index);
}

/* A value for a dialect without rows of its own. */
static void plain_param(struct rsql_writer *w, const struct rsql_node *x,
                        const struct rs_rsql_value *v)
{
  static const struct {
    enum rs_rsql_type type;
    enum rsql_kind kind; /* TY_OTHER: there is none */
    const char *what;
  } kinds[] = {{RS_RSQL_DATE, TY_DATE, NULL},
               {RS_RSQL_TIME, TY_TIME, NULL},
               {RS_RSQL_DATETIME, TY_DATETIME, NULL},
               {RS_RSQL_TIMESTAMP, TY_TIMESTAMP, NULL},
               {RS_RSQL_MONTH_INTERVAL, TY_OTHER, "a parameter of type month_interval"},
               {RS_RSQL_MICROSECOND_INTERVAL, TY_OTHER, "a parameter of type microsecond_interval"},
               {RS_RSQL_ARRAY, TY_OTHER, "a parameter of type array"},
               {RS_RSQL_OBJECT, TY_OTHER, "a parameter of type object"},
               {RS_RSQL_GEOGRAPHY, TY_OTHER, "a parameter of type geography"}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (kinds[i].type != v->type) continue;
    if (kinds[i].what != NULL) {
      rs_rsql_plain_fail(w, x->pos, kinds[i].what);
      return;
    }
    rs_rsql_write(w, "CAST(");
    param_value(w, v, (size_t)x->op);
    rs_buf_printf(w->b, " AS %s)", rs_rsql_plain_type(w, kinds[i].kind));
    return;
  }
  param_value(w, v, (size_t)x->op);
}

void rs_rsql_write_param(struct rsql_writer *w, const struct rsql_node *x)
{
  const size_t index = (size_t)x->op;
  const struct rs_rsql_value *v = w->s->values != NULL ? &w->s->values[index] : NULL;
  if (v == NULL && w->inlined) {
    rs_rsql_write_fail(w, x->pos, RS_INVALID, "parameter `%s` has no value", w->s->params[index]);
    return;
  }
  if (v != NULL && v->v.kind == RS_NULL) { // a marker's type could not be found out
    rs_rsql_write(w, "NULL");
    return;
  }
  if (v != NULL && w->plain) {
    plain_param(w, x, v);
    return;
  }
  const char *rest = rs_rsql_write_until(w, v != NULL ? typed_form(w, v->type) : "$", '$');
  param_value(w, v, index);
  rs_rsql_write(w, rest);
}

/* ---- statements ------------------------------------------------------------------------------ */

/* INSERT INTO t(a, b): the query's columns by their place. */
static void insert_query(struct rsql_writer *w)
{
  const struct rsql_names *names = &w->s->columns;
  if (names->n == 0) {
    rs_rsql_write_query(w, w->s->query);
    return;
  }
  rs_rsql_write(w, "SELECT * FROM (");
  rs_rsql_write_query(w, w->s->query);
  rs_rsql_write(w, ") AS \"rs_rows\"");
  rs_rsql_write_names(w, names);
}

static enum rs_code finish(struct rsql_writer *w, struct rs_rsql_output *out)
{
  if (w->rc != RS_OK && w->rc != w->b->rc) return w->rc;
  enum rs_code rc = rs_buf_error(w->b, w->e, "SQL: the translated statement");
  if (rc == RS_OK) rc = rs_rsql_check_bounds(rs_buf_text(w->b), w->b->n, w->d, w->s->views, w->e);
  if (rc != RS_OK) return rc;
  *out = (struct rs_rsql_output){w->order, w->norder};
  return RS_OK;
}

enum rs_code rs_rsql_emit(struct rs_rsql_stmt *s, const struct rs_dialect *d, bool inlined,
                          struct rs_buf *b, struct rs_rsql_output *out, struct rs_rsql_pos *pos,
                          struct rs_error *e)
{
  *out = (struct rs_rsql_output){NULL, 0};
  if (pos != NULL) *pos = (struct rs_rsql_pos){0, 0};
  if (!s->resolved) return rs_fail(e, RS_INTERNAL, "SQL: not resolved yet");
  const struct rs_forms *f = d->forms != NULL ? d->forms : &rs_forms_standard;
  // what stands for the alias is the key to an engine only if it has the same value in it
  const bool repeats = s->repeats && !f->aliases && s->values != NULL;
  struct rsql_writer w = {.s = s,
                          .d = d,
                          .f = f,
                          .plain = d->forms == NULL,
                          .inlined = inlined || repeats,
                          .b = b,
                          .pos = pos,
                          .e = e};
  w.number = rs_arena_calloc(s->arena, (s->nparams + 1) * sizeof *w.number);
  if (w.number == NULL) return rs_nomem(e);
  switch (s->kind) {
    case RS_RSQL_INSERT: insert_query(&w); break;
    case RS_RSQL_EXPLAIN: rs_rsql_write(&w, s->explain); // falls through
    case RS_RSQL_SELECT: rs_rsql_write_query(&w, s->query); break;
    case RS_RSQL_PASS: rs_rsql_pass_write(&w); break;
    case RS_RSQL_DESCRIBE: break; // the caller's
  }
  return finish(&w, out);
}
