/*
** Queries of a SQLite target, and their values (sqlite.h).
**
** A column of SQLite has no type, but its driver gives each column one, by its first rows, and
** fails or converts where another comes. So each value is asked for as a text of a letter for its
** kind and the value, which is exact; names and declared types are those of a temporary view of the
** query, which also is how they are found without running it.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/sql/sql.h"
#include "src/sql/lexer.h"
#include "src/sql/statement.h"
#include "src/value/text.h"
#include "sqlite.h"

#define VIEW "__rs_query"

/* ---- columns --------------------------------------------------------------------------------- */

/* The view of the query, in which each parameter is NULL. */
static enum rs_code write_view(const struct rs_session *s, const struct rs_sqltext *text,
                               struct rs_buf *b, struct rs_error *e)
{
  struct rs_lexer x;
  enum rs_token t = T_END;
  size_t from = 0;
  enum rs_code rc = rs_sqllex_open(&x, text->p, text->n, s->target->dialect, "statement", e);
  rs_buf_str(b, "CREATE TEMP VIEW " VIEW " AS ");
  while (!rc && (rc = rs_sqllex_next(&x, &t)) == RS_OK && t != T_END) {
    if (t != T_QUESTION) continue;
    rs_buf_add(b, text->p + from, x.start - from);
    rs_buf_str(b, "NULL");
    from = x.i;
  }
  rs_buf_add(b, text->p + from, text->n - from);
  return rc ? rc : rs_buf_error(b, e, "statement");
}

/* By SQLite's own rules of affinity, under a name that promises no more: INTEGER and REAL are of
** eight bytes. A column of another one may hold whatever it likes. */
static enum rs_code add_column(struct rs_columns *c, const struct rs_value *row, struct rs_error *e)
{
  static const struct {
    const char *word, *native;
    enum rs_type type;
  } words[] = {{"INT", "BIGINT", RS_T_INT},    {"CHAR", "TEXT", RS_T_TEXT},
               {"CLOB", "TEXT", RS_T_TEXT},    {"TEXT", "TEXT", RS_T_TEXT},
               {"BLOB", "BLOB", RS_T_BYTES},   {"REAL", "DOUBLE", RS_T_FLOAT},
               {"FLOA", "DOUBLE", RS_T_FLOAT}, {"DOUB", "DOUBLE", RS_T_FLOAT}};
  char type[80] = "ANY";
  if (row[1].kind == RS_TEXT && row[1].s.n > 0)
    (void)snprintf(type, sizeof type, "%.*s", (int)row[1].s.n, row[1].s.p);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcasestr(type, words[i].word))
      return rs_columns_add(c, row[0].s.p, row[0].s.n, words[i].native, words[i].type, e);
  return rs_columns_add(c, row[0].s.p, row[0].s.n, type, RS_T_MIXED, e);
}

static enum rs_code read_columns(struct rs_adbc_conn *c, struct rs_columns *out, struct rs_error *e)
{
  const struct rs_statement st = {.sql = "SELECT name, type FROM pragma_table_info('" VIEW
                                         "', 'temp')"};
  struct rs_rows rows = {.started_us = 0};
  struct rs_value v[2];
  void *batch;
  size_t n;
  enum rs_code rc = rs_adbc_query(c, &st, &rows, e);
  if (rc) return rc;
  while (!rc && (rc = rs_adbc_next_batch(&rows, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && !rc; i++) {
      for (size_t k = 0; k < 2; k++) rs_adbc_get(&rows, batch, i, k, &v[k]);
      rc = rows.nomem ? rs_nomem(e) : add_column(out, v, e);
    }
    rs_adbc_free_batch(&rows, batch);
  }
  rs_adbc_close_rows(&rows);
  rs_columns_free(&rows.columns);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_sqlitedb_columns(struct rs_session *s, struct rs_adbc_conn *c,
                                 const struct rs_statement *st, const struct rs_sqltext *text,
                                 struct rs_columns *out, struct rs_error *e)
{
  struct rs_buf b;
  (void)st;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = write_view(s, text, &b, e);
  if (!rc) rc = rs_sqlitedb_run(s, c, e, "DROP VIEW IF EXISTS temp." VIEW, NULL, NULL);
  if (!rc) rc = rs_sqlitedb_run(s, c, e, "%s", rs_buf_text(&b), NULL);
  rs_buf_free(&b);
  if (rc) return rc;
  // Only a statement that is run sees that another process has changed a table
  rc = rs_sqlitedb_run(s, c, e, "SELECT 1 FROM temp." VIEW " WHERE 0", NULL, NULL);
  if (!rc) rc = read_columns(c, out, e);
  (void)rs_sqlitedb_run(s, c, NULL, "DROP VIEW temp." VIEW, NULL, NULL);
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* WITH q(c0, c1) AS (query) SELECT <c0 with its kind> AS "a", ... FROM q */
static void write_query(const struct rs_session *s, const struct rs_columns *c,
                        const struct rs_sqltext *query, struct rs_buf *b)
{
  rs_buf_str(b, "WITH q(");
  for (size_t i = 0; i < c->n; i++) rs_buf_printf(b, "%sc%zu", i ? ", " : "", i);
  rs_buf_str(b, ") AS (");
  rs_buf_add(b, query->p, query->n);
  rs_buf_str(b, "\n) SELECT ");
  for (size_t i = 0; i < c->n; i++) {
    rs_buf_printf(b,
                  "%sCASE typeof(c%zu) WHEN 'text' THEN 't' || c%zu WHEN 'integer' THEN 'i' || "
                  "c%zu WHEN 'real' THEN printf('r%%!.17g', c%zu) WHEN 'null' THEN 'n' "
                  "ELSE 'b' || CAST(c%zu AS TEXT) END AS ",
                  i ? ", " : "", i, i, i, i, i);
    rs_dialect_ident(s->target->dialect, b, c->v[i].name);
  }
  rs_buf_str(b, " FROM q");
}

enum rs_code rs_sqlitedb_query(struct rs_session *s, struct rs_adbc_conn *c,
                               const struct rs_statement *st, const struct rs_sqltext *text,
                               struct rs_rows *rows, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_sqlitedb_columns(s, c, st, text, &columns, e);
  if (!rc) write_query(s, &columns, text, &b);
  if (!rc) rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement with_kinds = {rs_buf_text(&b), st->params, st->nparams, false};
  if (!rc) rc = rs_adbc_query(c, &with_kinds, rows, e);
  rs_buf_free(&b);
  if (rc) {
    rs_columns_free(&columns);
    return rc;
  }
  rs_columns_free(&rows->columns);
  rows->columns = columns;
  ((struct rs_adbc_rows *)rows->impl)->with_kinds = true;
  return RS_OK;
}

void rs_sqlitedb_get(struct rs_rows *rows, void *batch, size_t row, size_t col,
                     struct rs_value *out)
{
  rs_adbc_get(rows, batch, row, col, out);
  if (!((struct rs_adbc_rows *)rows->impl)->with_kinds || out->kind != RS_TEXT || out->s.n == 0)
    return;
  const char *p = out->s.p + 1;
  const size_t n = out->s.n - 1;
  char digits[32];
  switch (p[-1]) {
    case 'n': *out = (struct rs_value){.kind = RS_NULL}; break;
    case 'i':
      memcpy(digits, p, n < sizeof digits ? n : sizeof digits - 1);
      digits[n < sizeof digits ? n : sizeof digits - 1] = 0;
      *out = (struct rs_value){.kind = RS_INT, .i = strtoll(digits, NULL, 10)};
      break;
    case 'r': *out = (struct rs_value){.kind = RS_FLOAT, .f = rs_text_to_double(p, n)}; break;
    case 'b': *out = (struct rs_value){.kind = RS_BYTES, .s = {p, n}}; break;
    default: *out = (struct rs_value){.kind = RS_TEXT, .s = {p, n}}; break;
  }
}
