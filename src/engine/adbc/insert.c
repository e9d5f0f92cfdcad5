/*
** Rows into a table for drivers that take no stream of them (rs_adbc_ingest): INSERT statements of
** bounded size, with the values as literals.
**
** Outside of a transaction each of them commits by itself: a table that was made here goes again
** when one fails, and one that was there gets all rows in one statement or none.
*/
#include <stdatomic.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/text.h"
#include "src/engine/sql/sql.h"
#include "adbc.h"

enum { STATEMENT_BYTES = 1 << 18, STATEMENT_ROWS = 1000, ALONE_BYTES = RS_BUF_SQL_MAX - 4096 };

struct insertion {
  struct rs_session *s;
  struct rs_adbc_conn *c;
  const struct rs_relation *into;
  struct rs_rows *src;
  bool json;       /* as in rs_adbc_pass */
  bool alone;      /* all rows must fit in one statement */
  struct rs_buf b; /* the statement under way */
  size_t n;        /* its rows */
  struct rs_buf text;
  struct rs_value *row;
  int64_t sent;
};

const char *rs_adbc_type_name(const struct rs_dialect *d, const struct rs_column *c)
{
  // a decimal's name is the same everywhere
  if (c->type == RS_T_DECIMAL && !d->any_values && rs_casecmpn(c->native, "decimal(", 8) == 0)
    return c->native;
  return d->type_names[c->type] ? d->type_names[c->type] : d->type_names[RS_T_TEXT];
}

/* Runs the statement in x->b and empties it. */
static enum rs_code run_statement(struct insertion *x, int64_t *affected, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(&x->b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&x->b), .writes = true};
  if (!rc) rc = rs_adbc_exec(x->c, &st, affected, e);
  rs_buf_clear(&x->b);
  return rc;
}

static void add_name(struct insertion *x)
{
  const char *temp = x->s->target->dialect->temp;
  if (x->into->workspace) rs_sql_add(x->s, &x->b, "%r", x->into);
  else rs_sql_add(x->s, &x->b, temp ? "%s.%i" : "%s%i", temp ? temp : "", x->into->name);
}

static enum rs_code make_table(struct insertion *x, struct rs_error *e)
{
  const struct rs_columns *c = &x->src->columns;
  if (x->into->workspace) rs_sql_add(x->s, &x->b, "CREATE TABLE %r (", x->into);
  else rs_sql_add(x->s, &x->b, "CREATE TEMPORARY TABLE %i (", x->into->name);
  for (size_t i = 0; i < c->n; i++)
    rs_sql_add(x->s, &x->b, "%s%i %s", i ? ", " : "", c->v[i].name,
               rs_adbc_type_name(x->s->target->dialect, &c->v[i]));
  rs_buf_char(&x->b, ')');
  return run_statement(x, NULL, e);
}

/* Sends the rows of x->b. */
static enum rs_code flush(struct insertion *x, struct rs_error *e)
{
  int64_t arrived = -1;
  if (x->n == 0) return RS_OK;
  enum rs_code rc = run_statement(x, &arrived, e);
  if (!rc && arrived >= 0 && arrived != (int64_t)x->n)
    rc = rs_fail(e, RS_REMOTE, "%zu rows were sent to %s and %lld arrived", x->n, x->into->name,
                 (long long)arrived);
  x->sent += (int64_t)x->n;
  x->n = 0;
  return rc;
}

static void add_value(struct insertion *x, size_t i)
{
  const enum rs_type type = x->src->columns.v[i].type;
  struct rs_value v = x->row[i];
  char text[64];
  if (type == RS_T_TIMESTAMP && v.kind == RS_INT) { // as a input gives them that is appended
    rs_format_timestamp(v.i, text);
    v = (struct rs_value){.kind = RS_TEXT, .s = {text, strlen(text)}};
  }
  if (x->json && (type == RS_T_JSON || type == RS_T_MIXED) && v.kind == RS_TEXT) v.kind = RS_JSON;
  rs_dialect_literal(x->s->target->dialect, &x->b, &v);
}

static enum rs_code add_row(struct insertion *x, void *batch, size_t row, struct rs_error *e)
{
  const struct rs_columns *c = &x->src->columns;
  const struct rs_engine *engine = x->src->session->target->engine;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < c->n; i++) engine->get(x->src, batch, row, i, &x->row[i]);
  if (x->src->nomem) return rs_nomem(e);
  if (x->json) rc = rs_adbc_json_row(c, x->row, &x->text, e);
  if (rc) return rc;
  if (x->n == 0) {
    rs_buf_str(&x->b, "INSERT INTO ");
    add_name(x);
    rs_buf_str(&x->b, " VALUES ");
  }
  rs_buf_str(&x->b, x->n++ ? ", (" : "(");
  for (size_t i = 0; i < c->n; i++) {
    if (i) rs_buf_str(&x->b, ", ");
    add_value(x, i);
  }
  rs_buf_char(&x->b, ')');
  if (x->alone && x->b.n > ALONE_BYTES)
    return rs_fail(e, RS_UNSUPPORTED,
                   "target '%s': its driver has neither transactions nor streams of rows: these "
                   "rows don't fit in one statement: write fewer at a time",
                   x->s->target->output->target_name);
  const bool full = x->n == STATEMENT_ROWS || x->b.n > STATEMENT_BYTES;
  return full && !x->alone ? flush(x, e) : RS_OK;
}

static enum rs_code send_rows(struct insertion *x, const _Atomic bool *stop, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  void *batch;
  size_t n;
  while (!rc && (rc = rs_rows_pull(x->src, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && !rc; i++) rc = add_row(x, batch, i, e);
    x->src->session->target->engine->free_batch(x->src, batch);
    if (!rc && atomic_load(stop)) rc = rs_fail(e, RS_CANCELLED, "interrupted");
  }
  return rc == RS_DONE ? flush(x, e) : rc;
}

enum rs_code rs_adbc_insert(struct rs_session *s, struct rs_adbc_conn *c,
                            const struct rs_relation *into, struct rs_rows *src,
                            enum rs_adbc_pass pass, const _Atomic bool *stop, int64_t *count,
                            struct rs_error *e)
{
  struct insertion x = {.s = s, .c = c, .into = into, .src = src, .json = pass == RS_ADBC_JSON};
  x.alone = src->append && !s->in_transaction;
  x.row = rs_calloc(src->columns.n + 1, sizeof *x.row);
  if (!x.row) return rs_nomem(e);
  rs_buf_init(&x.b, RS_BUF_SQL_MAX);
  rs_buf_init(&x.text, RS_BUF_SQL_MAX * 16);
  enum rs_code rc = src->append ? RS_OK : make_table(&x, e);
  const bool made = !rc && !src->append;
  if (!rc) rc = send_rows(&x, stop, e);
  if (rc && made && !s->in_transaction) {
    rs_buf_clear(&x.b);
    rs_buf_str(&x.b, "DROP TABLE ");
    add_name(&x);
    (void)run_statement(&x, NULL, NULL);
  }
  *count = x.sent;
  rs_buf_free(&x.b);
  rs_buf_free(&x.text);
  rs_free(x.row);
  return rc;
}
