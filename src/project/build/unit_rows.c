/*
** Rows of unit tests (internal.h): JSON objects, CSV or SQL into queries; two results compared.
*/
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/files/files.h"

#define ROWS_MAX 1000000 /* of a compared result: they are held */
#define SHOWN 5          /* rows of a difference in a message */

/* ---- reading -------------------------------------------------------------------------------- */

static size_t find_name(const struct rs_unit_rows *r, const char *name, size_t n)
{
  size_t i = 0;
  while (i < r->nnames && !rs_eqn(r->names[i], name, n)) i++;
  return i;
}

static enum rs_code read_dicts(const struct rs_json *list, struct rs_arena *a,
                               struct rs_unit_rows *out, struct rs_error *e)
{
  size_t cells = 0, at = 0;
  for (const struct rs_json *row = list->first; row != NULL; row = row->next) {
    if (row->kind != RS_J_OBJECT)
      return rs_fail(e, RS_INVALID, "rows of format dict must be objects: {\"id\": 1}");
    cells += row->n;
  }
  out->names = rs_arena_calloc(a, (cells + 1) * sizeof *out->names);
  out->rows = rs_arena_calloc(a, (list->n + 1) * sizeof *out->rows);
  if (out->names == NULL || out->rows == NULL) return rs_nomem(e);
  for (const struct rs_json *row = list->first; row != NULL; row = row->next)
    for (const struct rs_json *cell = row->first; cell != NULL; cell = cell->next) {
      if (find_name(out, cell->key, cell->nkey) < out->nnames) continue;
      out->names[out->nnames] = rs_arena_strndup(a, cell->key, cell->nkey);
      if (out->names[out->nnames++] == NULL) return rs_nomem(e);
    }
  for (struct rs_json *row = list->first; row != NULL; row = row->next, at++) {
    out->rows[at] = rs_arena_calloc(a, (out->nnames + 1) * sizeof(struct rs_json *));
    if (out->rows[at] == NULL) return rs_nomem(e);
    for (struct rs_json *cell = row->first; cell != NULL; cell = cell->next)
      out->rows[at][find_name(out, cell->key, cell->nkey)] = cell;
  }
  out->nrows = at;
  return RS_OK;
}

static enum rs_code read_csv_row(struct rs_csv_cell *cells, size_t n, struct rs_arena *a,
                                 struct rs_unit_rows *out, struct rs_error *e)
{
  struct rs_json **row = rs_arena_calloc(a, (out->nnames + 1) * sizeof *row);
  if (row == NULL) return rs_nomem(e);
  if (n > out->nnames)
    return rs_fail(e, RS_INVALID, "a row of the CSV has %zu values, but there are %zu columns", n,
                   out->nnames);
  for (size_t i = 0; i < n; i++) {
    if (cells[i].n == 0) continue; // NULL
    row[i] = rs_json_new_string(a, cells[i].p, cells[i].n);
    if (row[i] == NULL) return rs_nomem(e);
  }
  out->rows[out->nrows++] = row;
  return RS_OK;
}

static enum rs_code read_csv(const char *text, struct rs_arena *a, struct rs_unit_rows *out,
                             struct rs_error *e)
{
  struct rs_csv csv;
  struct rs_csv_cell *cells;
  size_t n, lines = 1;
  while (*text == ' ' || *text == '\n' || *text == '\r') text++;
  for (const char *s = text; *s != 0; s++) lines += *s == '\n' || *s == '\r';
  rs_csv_begin(&csv, text, strlen(text), ',', a);
  enum rs_code rc = rs_csv_next(&csv, &cells, &n, e);
  if (rc != RS_OK) return rc == RS_DONE ? RS_OK : rc;
  out->names = rs_arena_calloc(a, (n + 1) * sizeof *out->names);
  out->rows = rs_arena_calloc(a, (lines + 1) * sizeof *out->rows);
  if (out->names == NULL || out->rows == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    while (cells[i].n > 0 && *cells[i].p == ' ') cells[i].p++, cells[i].n--;
    out->names[i] = rs_arena_strndup(a, cells[i].p, cells[i].n);
    if (out->names[i] == NULL) return rs_nomem(e);
  }
  out->nnames = n;
  while (rc == RS_OK && (rc = rs_csv_next(&csv, &cells, &n, e)) == RS_OK)
    rc = read_csv_row(cells, n, a, out, e);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_unit_rows_read(const struct rs_json *given, struct rs_arena *a,
                               struct rs_unit_rows *out, struct rs_error *e)
{
  const char *text;
  const struct rs_json *rows = rs_json_get(given, "rows");
  *out = (struct rs_unit_rows){.format = "dict"};
  if (!rs_json_text(given, "format", a, &text)) return rs_nomem(e);
  if (text != NULL) out->format = text;
  if (rs_json_get(given, "fixture") != NULL && rows == NULL)
    return rs_fail(e, RS_INVALID, "rockset_import() reads fixture files: here 'rows' are missing");
  if (rs_eq(out->format, "dict")) {
    if (rows == NULL || rows->kind == RS_J_NULL) return RS_OK;
    if (rows->kind != RS_J_ARRAY)
      return rs_fail(e, RS_INVALID, "rows of format dict must be a list");
    return read_dicts(rows, a, out, e);
  }
  bool sql = rs_eq(out->format, "sql");
  if (!sql && !rs_eq(out->format, "csv"))
    return rs_fail(e, RS_INVALID, "format must be dict, csv or sql, not '%s'", out->format);
  if (!rs_json_text(given, "rows", a, &text)) return rs_nomem(e);
  if (text == NULL && (sql || rows != NULL))
    return rs_fail(e, RS_INVALID, "rows of format %s must be a text", out->format);
  if (sql) out->sql = text;
  return sql || text == NULL ? RS_OK : read_csv(text, a, out, e);
}

/* ---- SQL ------------------------------------------------------------------------------------ */

static void put_value(struct rs_buf *sql, const struct rs_json *v)
{
  struct rs_buf json;
  if (v == NULL || v->kind == RS_J_NULL) {
    rs_buf_str(sql, "null");
  } else if (v->kind == RS_J_BOOL) {
    rs_buf_str(sql, v->truth ? "true" : "false");
  } else if (v->kind == RS_J_NUMBER) {
    rs_buf_add(sql, v->p, v->n);
  } else {
    const char *p = v->p;
    size_t n = v->n;
    rs_buf_init(&json, RS_BUF_SQL_MAX);
    if (v->kind != RS_J_STRING) { // lists and objects as JSON text
      rs_json_write(&json, v);
      p = rs_buf_text(&json);
      n = json.n;
    }
    rs_buf_char(sql, '\'');
    for (size_t i = 0; i < n; i++) {
      if (p[i] == '\'') rs_buf_char(sql, '\'');
      rs_buf_char(sql, p[i]);
    }
    rs_buf_char(sql, '\'');
    rs_buf_free(&json);
  }
}

static void put_row(const struct rs_unit_rows *r, size_t row, const struct rs_columns *cols,
                    bool only_named, const struct rs_dialect *d, struct rs_buf *sql)
{
  size_t n = cols != NULL ? cols->n : r->nnames;
  bool first = true;
  rs_buf_str(sql, "select ");
  for (size_t i = 0; i < n; i++) {
    const char *name = cols != NULL ? cols->v[i].name : r->names[i];
    size_t at = 0;
    while (at < r->nnames && rs_casecmp(r->names[at], name) != 0) at++;
    if (only_named && at == r->nnames) continue;
    if (!first) rs_buf_str(sql, ", ");
    first = false;
    if (cols != NULL) rs_buf_str(sql, "cast(");
    put_value(sql, row < r->nrows && at < r->nnames ? r->rows[row][at] : NULL);
    if (cols != NULL) rs_buf_printf(sql, " as %s)", cols->v[i].native);
    rs_buf_str(sql, " as ");
    rs_dialect_ident(d, sql, name);
  }
}

enum rs_code rs_unit_rows_sql(const struct rs_unit_rows *r, const struct rs_columns *cols,
                              bool only_named, const struct rs_dialect *d, const char *what,
                              struct rs_buf *sql, struct rs_error *e)
{
  if (r->sql != NULL) {
    rs_buf_str(sql, r->sql);
    return rs_buf_error(sql, e, what);
  }
  for (size_t i = 0; cols != NULL && i < r->nnames; i++) {
    size_t k = 0;
    while (k < cols->n && rs_casecmp(cols->v[k].name, r->names[i]) != 0) k++;
    if (k == cols->n) return rs_fail(e, RS_INVALID, "%s has no column '%s'", what, r->names[i]);
  }
  if (cols == NULL && r->nnames == 0)
    return rs_fail(e, RS_INVALID, "%s: without rows its columns are unknown: build it first", what);
  for (size_t i = 0; i < r->nrows; i++) {
    if (i > 0) rs_buf_str(sql, "\nunion all\n");
    put_row(r, i, cols, only_named, d, sql);
  }
  if (r->nrows == 0) {
    put_row(r, 0, cols, only_named, d, sql);
    rs_buf_str(sql, " limit 0");
  }
  return rs_buf_error(sql, e, what);
}

/* ---- comparing ------------------------------------------------------------------------------ */

struct lines {
  char **v; /* rs_free each */
  size_t n, cap;
};

static void free_lines(struct lines *l)
{
  for (size_t i = 0; i < l->n; i++) rs_free(l->v[i]);
  rs_free(l->v);
}

static void put_cell(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "NULL"); break;
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_INT: rs_buf_int(b, v->i); break;
    case RS_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    case RS_LIST: break; // parameters only
    default: rs_buf_json_str(b, v->s.p, v->s.n);
  }
}

static enum rs_code read_lines(struct rs_session *s, const struct rs_project *p, const char *sql,
                               const char *what, struct lines *out, struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  struct rs_buf line;
  rs_buf_init(&line, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_run_query(s, p, sql, strlen(sql), what, &rows, e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, e)) == RS_OK) {
    rs_buf_clear(&line);
    for (size_t i = 0; i < rs_rows_columns(rows)->n; i++) {
      struct rs_value cell;
      rs_rows_get(rows, i, &cell);
      rs_buf_printf(&line, "%s%s: ", i > 0 ? ", " : "", rs_rows_columns(rows)->v[i].name);
      put_cell(&line, &cell);
    }
    rc = rs_buf_error(&line, e, what);
    if (rc == RS_OK && out->n == ROWS_MAX)
      rc = rs_fail(e, RS_LIMIT, "%s has more than %d rows", what, ROWS_MAX);
    if (rc == RS_OK && !rs_grow(&out->v, &out->cap, out->n + 1, sizeof *out->v)) rc = rs_nomem(e);
    if (rc == RS_OK && (out->v[out->n] = rs_strdup(rs_buf_text(&line))) == NULL) rc = rs_nomem(e);
    if (rc == RS_OK) out->n++;
  }
  rs_rows_close(rows);
  rs_buf_free(&line);
  return rc == RS_DONE ? RS_OK : rc;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tell(struct rs_buf *text, const char *sign, const char *line, int64_t count)
{
  if (count <= SHOWN) rs_buf_printf(text, "%s%s{%s}", count > 1 ? "; " : "", sign, line);
  else if (count == SHOWN + 1) rs_buf_str(text, "; ...");
}

enum rs_code rs_unit_compare(struct rs_session *s, const struct rs_project *p, const char *actual,
                             const char *expected, int64_t *differ, struct rs_buf *text,
                             struct rs_error *e)
{
  struct lines a = {0}, x = {0};
  size_t i = 0, k = 0;
  *differ = 0;
  enum rs_code rc = read_lines(s, p, actual, "the model", &a, e);
  if (rc == RS_OK) rc = read_lines(s, p, expected, "expect", &x, e);
  if (rc == RS_OK && a.n > 0) qsort(a.v, a.n, sizeof *a.v, by_text);
  if (rc == RS_OK && x.n > 0) qsort(x.v, x.n, sizeof *x.v, by_text);
  while (rc == RS_OK && (i < a.n || k < x.n)) {
    int order = i == a.n ? 1 : k == x.n ? -1 : strcmp(a.v[i], x.v[k]);
    if (order == 0) i++, k++;
    else if (order < 0) tell(text, "not expected ", a.v[i++], ++*differ);
    else tell(text, "missing ", x.v[k++], ++*differ);
  }
  free_lines(&a);
  free_lines(&x);
  return rc;
}
