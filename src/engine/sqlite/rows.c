/*
** Queries of a SQLite target, and their values (sqlite.h).
**
** A column of SQLite has no type, but its driver gives each column one, by its first rows, and
** fails or converts where another comes. So each value is asked for as a text of a letter for its
** kind and the value, which is exact; names and declared types are those of a temporary view of the
** query, which also is how they are found without running it. Parameters, which a view can't have,
** are written as literals.
*/
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

/* ---- parameters ------------------------------------------------------------------------------ */

/* The statement with its parameters as literals; those of one that has no values are NULL, since
** only its columns are wanted then. */
static enum rs_code inline_params(const struct rs_session *s, const struct rs_statement *st,
                                  const char *sql, size_t n, struct rs_buf *b, struct rs_error *e)
{
  const struct rs_dialect *d = s->target->dialect;
  struct rs_lexer x;
  enum rs_token t = T_END;
  size_t from = 0, next = 0;
  enum rs_code rc = rs_sqllex_open(&x, sql, n, d, "statement", e);
  while (!rc && (rc = rs_sqllex_next(&x, &t)) == RS_OK && t != T_END) {
    if (t != T_QUESTION) continue;
    size_t i = x.i > x.start + 1 ? (size_t)strtol(sql + x.start + 1, NULL, 10) - 1 : next++;
    if (st->nparams && i >= st->nparams)
      return rs_fail(e, RS_INVALID, "parameter %zu has no value", i + 1);
    rs_buf_add(b, sql + from, x.start - from);
    if (st->nparams) rs_dialect_literal(d, b, &st->params[i]);
    else rs_buf_str(b, "NULL");
    from = x.i;
  }
  rs_buf_add(b, sql + from, n - from);
  return rc ? rc : rs_buf_error(b, e, "statement");
}

static enum rs_code run(struct rs_adbc_conn *c, const char *sql, struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql, .writes = true};
  return rs_adbc_exec(c, &st, NULL, e);
}

/* Calls fn for each row of a query that has values of one type in each column. */
typedef enum rs_code (*row_fn)(void *ctx, const struct rs_value *row, struct rs_error *e);
static enum rs_code each_row(struct rs_adbc_conn *c, const char *sql, size_t ncols, row_fn fn,
                             void *ctx, struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql};
  struct rs_rows rows = {.started_us = 0};
  struct rs_value v[2];
  void *batch;
  size_t n;
  enum rs_code rc = rs_adbc_query(c, &st, &rows, e);
  if (rc) return rc;
  while ((rc = rs_adbc_next_batch(&rows, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && !rc; i++) {
      for (size_t k = 0; k < ncols; k++) rs_adbc_get(&rows, batch, i, k, &v[k]);
      rc = rows.nomem ? rs_nomem(e) : fn(ctx, v, e);
    }
    rs_adbc_free_batch(&rows, batch);
    if (rc) break;
  }
  rs_adbc_close_rows(&rows);
  rs_columns_free(&rows.columns);
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool has_word(const char *p, size_t n, const char *word)
{
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= n; i++)
    if (rs_casecmpn(p + i, word, len) == 0) return true;
  return false;
}

/* By SQLite's own rules of affinity, under a name that promises no more: INTEGER and REAL are of
** eight bytes. A column of another one may hold whatever it likes. */
static enum rs_code add_column(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  static const struct {
    const char *word, *native;
    enum rs_type type;
  } words[] = {{"INT", "BIGINT", RS_T_INT},    {"CHAR", "TEXT", RS_T_TEXT},
               {"CLOB", "TEXT", RS_T_TEXT},    {"TEXT", "TEXT", RS_T_TEXT},
               {"BLOB", "BLOB", RS_T_BYTES},   {"REAL", "DOUBLE", RS_T_FLOAT},
               {"FLOA", "DOUBLE", RS_T_FLOAT}, {"DOUB", "DOUBLE", RS_T_FLOAT}};
  const char *p = row[1].kind == RS_TEXT ? row[1].s.p : "";
  const size_t n = row[1].kind == RS_TEXT ? row[1].s.n : 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (has_word(p, n, words[i].word))
      return rs_columns_add(ctx, row[0].s.p, row[0].s.n, words[i].native, words[i].type, e);
  char *native = n ? rs_strndup(p, n) : rs_strdup("ANY");
  if (!native) return rs_nomem(e);
  enum rs_code rc = rs_columns_add(ctx, row[0].s.p, row[0].s.n, native, RS_T_MIXED, e);
  rs_free(native);
  return rc;
}

/* The columns of a query without parameters. */
static enum rs_code find_columns(struct rs_adbc_conn *c, const char *query, struct rs_columns *out,
                                 struct rs_error *e)
{
  char *view = rs_mprintf("CREATE TEMP VIEW " VIEW " AS %s", query);
  if (!view) return rs_nomem(e);
  enum rs_code rc = run(c, "DROP VIEW IF EXISTS temp." VIEW, e);
  if (!rc) rc = run(c, view, e);
  rs_free(view);
  if (rc) return rc;
  rc = each_row(c, "SELECT name, type FROM pragma_table_info('" VIEW "', 'temp')", 2, add_column,
                out, e);
  (void)run(c, "DROP VIEW temp." VIEW, NULL);
  return rc;
}

enum rs_code rs_sqlitedb_columns(struct rs_session *s, struct rs_adbc_conn *c,
                                 const struct rs_statement *st, const struct rs_sqltext *text,
                                 struct rs_columns *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = inline_params(s, st, text->p, text->n, &b, e);
  if (!rc) rc = find_columns(c, rs_buf_text(&b), out, e);
  rs_buf_free(&b);
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* WITH q(c0, c1) AS (query) SELECT <c0 with its kind> AS "a", ... FROM q */
static void write_query(const struct rs_session *s, const struct rs_columns *c, const char *query,
                        struct rs_buf *b)
{
  rs_buf_str(b, "WITH q(");
  for (size_t i = 0; i < c->n; i++) rs_buf_printf(b, "%sc%zu", i ? ", " : "", i);
  rs_buf_printf(b, ") AS (%s\n) SELECT ", query);
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
  struct rs_buf query, b;
  rs_buf_init(&query, RS_BUF_SQL_MAX);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = inline_params(s, st, text->p, text->n, &query, e);
  if (!rc) rc = find_columns(c, rs_buf_text(&query), &columns, e);
  if (!rc) write_query(s, &columns, rs_buf_text(&query), &b);
  if (!rc) rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement with_kinds = {.sql = rs_buf_text(&b)};
  if (!rc) rc = rs_adbc_query(c, &with_kinds, rows, e);
  if (!rc) {
    rs_columns_free(&rows->columns);
    rows->columns = columns;
    ((struct rs_adbc_rows *)rows->impl)->with_kinds = true;
  } else {
    rs_columns_free(&columns);
  }
  rs_buf_free(&query);
  rs_buf_free(&b);
  return rc;
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

/* ---- statements ------------------------------------------------------------------------------ */

static enum rs_code take_count(void *ctx, const struct rs_value *row, struct rs_error *e)
{
  (void)e;
  *(int64_t *)ctx = row[0].i;
  return RS_OK;
}

/* The driver doesn't tell how many rows were changed. */
enum rs_code rs_sqlitedb_exec(struct rs_session *s, struct rs_adbc_conn *c,
                              const struct rs_statement *st, int64_t *affected, struct rs_error *e)
{
  struct rs_sqltext text;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_sqltext_one(st->sql, strlen(st->sql), s->target->dialect, "statement", &text,
                                   e);
  if (!rc) rc = inline_params(s, st, text.p, text.n, &b, e);
  if (!rc) rc = run(c, rs_buf_text(&b), e);
  rs_buf_free(&b);
  if (rc || !affected) return rc;
  static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"};
  bool counts = false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    counts = counts || rs_eq(text.keyword, words[i]);
  *affected = -1;
  return counts ? each_row(c, "SELECT changes()", 1, take_count, affected, e) : RS_OK;
}
