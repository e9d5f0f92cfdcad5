/*
** Tables of query results as text (internal.h).
*/
#include "internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"

#define PLACES_MAX 3 /* digits of a number behind its point */

/* One table of Markdown, cell by cell: all are made before any width is known. */
struct grid {
  struct rs_arena *a;
  const char **cell; /* a header line, then rows */
  size_t *width;
  bool *right;
  size_t ncols, nlines;
};

/* A Decimal as the float next to it: some digits of it are printed. */
static jv cell_of(const struct rs_table_text *t, size_t row, size_t col)
{
  double d;
  jv v = t->cell(t->self, row, col);
  return jv_decimal_double(v, &d) ? jv_float(d) : v;
}

static bool is_number(const struct rs_table_text *t, size_t col)
{
  for (size_t i = 0; i < t->nrows; i++) {
    jv v = cell_of(t, i, col);
    if (v.kind != JV_NONE && v.kind != JV_INT && v.kind != JV_FLOAT) return false;
  }
  enum rs_type type = t->types[col];
  return type == RS_T_INT || type == RS_T_HUGEINT || type == RS_T_FLOAT || type == RS_T_DECIMAL;
}

/* agate's name of a column's type. */
const char *rs_table_type_name(enum rs_type type)
{
  switch (type) {
    case RS_T_BOOL: return "Boolean";
    case RS_T_INT:
    case RS_T_HUGEINT: return "Integer";
    case RS_T_FLOAT:
    case RS_T_DECIMAL: return "Number";
    case RS_T_DATE: return "Date";
    case RS_T_TIMESTAMP:
    case RS_T_TIMESTAMPTZ: return "DateTime";
    default: return "Text";
  }
}

/* Digits behind the point of a number's shortest text. */
static int places(jv v)
{
  char text[400];
  if (v.kind != JV_FLOAT || !isfinite(v.u.f)) return 0;
  for (int n = 0; n <= PLACES_MAX; n++) {
    snprintf(text, sizeof text, "%.*f", n, v.u.f);
    if (strtod(text, NULL) == v.u.f) return n;
  }
  return PLACES_MAX + 1;
}

/* "1,234.50": the column's digits behind the point, groups of three before it. */
static const char *number_text(struct rs_arena *a, jv v, int digits)
{
  char text[400];
  struct rs_buf b;
  if (v.kind == JV_INT) snprintf(text, sizeof text, "%lld", (long long)v.u.i);
  else snprintf(text, sizeof text, "%.*f", digits > PLACES_MAX ? PLACES_MAX : digits, v.u.f);
  size_t whole = strcspn(text, "."), sign = *text == '-';
  rs_buf_init(&b, 1000);
  for (size_t i = 0; text[i] != 0; i++) {
    if (i > sign && i < whole && (whole - i) % 3 == 0) rs_buf_char(&b, ',');
    rs_buf_char(&b, text[i]);
  }
  if (v.kind == JV_INT && digits > 0)
    rs_buf_printf(&b, "%.*s", 1 + (digits < PLACES_MAX ? digits : PLACES_MAX), ".000");
  if (digits > PLACES_MAX) rs_buf_str(&b, "\xE2\x80\xA6");
  const char *kept = b.rc == RS_OK ? rs_arena_strndup(a, b.p, b.n) : NULL;
  rs_buf_free(&b);
  return kept;
}

static size_t characters(const char *text)
{
  size_t n = 0;
  for (; *text != 0; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

/* The text, cut to `max` characters. */
static const char *cut(struct rs_arena *a, const char *text, int64_t max)
{
  if (max < 4 || (int64_t)characters(text) <= max) return text;
  const char *p = text;
  for (int64_t n = 0; n < max - 3; n++) {
    p++;
    while (((unsigned char)*p & 0xC0) == 0x80) p++;
  }
  return rs_arena_printf(a, "%.*s...", (int)(p - text), text);
}

static enum rs_code make_cell(const struct rs_table_text *t, struct rs_arena *a, size_t row,
                              size_t col, int digits, const char **out, struct rs_error *e)
{
  jv v = digits >= 0 ? cell_of(t, row, col) : t->cell(t->self, row, col);
  struct rs_buf b;
  if (v.kind == JV_NONE) {
    *out = "";
    return RS_OK;
  }
  if (digits >= 0 && (v.kind == JV_INT || isfinite(v.u.f))) {
    *out = number_text(a, v, digits);
    return *out != NULL ? RS_OK : rs_nomem(e);
  }
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = jv_str_to(t->c->j, v, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "print_table");
  if (rc == RS_OK && (*out = rs_arena_strndup(a, rs_buf_text(&b), b.n)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

static void put_line(const struct grid *g, size_t line, struct rs_buf *b)
{
  rs_buf_char(b, '|');
  for (size_t i = 0; i < g->ncols; i++) {
    const char *text = g->cell[line * g->ncols + i];
    int pad = (int)(g->width[i] - characters(text));
    if (g->right[i]) rs_buf_printf(b, " %*s%s |", pad, "", text);
    else rs_buf_printf(b, " %s%*s |", text, pad, "");
  }
}

/* Line `at` of what is printed: the second one divides. */
static void put_printed(const struct grid *g, size_t at, struct rs_buf *b)
{
  if (at != 1) {
    put_line(g, at == 0 ? 0 : at - 1, b);
    return;
  }
  rs_buf_char(b, '|');
  for (size_t i = 0; i < g->ncols; i++) {
    rs_buf_char(b, ' ');
    for (size_t k = 0; k < g->width[i]; k++) rs_buf_char(b, '-');
    rs_buf_str(b, " |");
  }
}

static bool new_grid(struct grid *g, struct rs_arena *a, size_t ncols, size_t nlines)
{
  *g = (struct grid){.a = a, .ncols = ncols, .nlines = nlines};
  g->cell = rs_arena_calloc(a, (ncols * nlines + 1) * sizeof *g->cell);
  g->width = rs_arena_calloc(a, (ncols + 1) * sizeof *g->width);
  g->right = rs_arena_calloc(a, ncols + 1);
  return g->cell != NULL && g->width != NULL && g->right != NULL;
}

static void measure(struct grid *g)
{
  for (size_t i = 0; i < g->ncols * g->nlines; i++) {
    size_t n = characters(g->cell[i]);
    if (n > g->width[i % g->ncols]) g->width[i % g->ncols] = n;
  }
}

/* An argument's number; None: no limit. */
static size_t limit(jv v, size_t otherwise, size_t all)
{
  if (v.kind == JV_UNDEFINED) return otherwise < all ? otherwise : all;
  if (v.kind != JV_INT || v.u.i < 0 || (size_t)v.u.i > all) return all;
  return (size_t)v.u.i;
}

static enum rs_code fill(const struct rs_table_text *t, struct grid *g, size_t cols, size_t rows,
                         int64_t wide, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t c = 0; rc == RS_OK && c < g->ncols; c++) {
    int digits = -1;
    if (c < cols && is_number(t, c)) {
      digits = 0;
      for (size_t r = 0; r < rows; r++) {
        int n = places(cell_of(t, r, c));
        if (n > digits) digits = n;
      }
    }
    g->right[c] = c < cols && !rs_eq(rs_table_type_name(t->types[c]), "Text");
    g->cell[c] = c < cols ? cut(g->a, jv_cstr(jv_item(t->names, c), NULL), wide) : "...";
    for (size_t r = 0; rc == RS_OK && r < rows; r++) {
      const char **to = &g->cell[(r + 1) * g->ncols + c];
      *to = "...";
      if (c < cols) rc = make_cell(t, g->a, r, c, digits, to, e);
      if (rc == RS_OK && (*to = cut(g->a, *to, wide)) == NULL) rc = rs_nomem(e);
    }
    for (size_t r = rows + 1; r < g->nlines; r++) g->cell[r * g->ncols + c] = "...";
  }
  return rc;
}

enum rs_code rs_table_print(const struct rs_table_text *t, const struct jv_args *args, jv *out,
                            struct rs_error *e)
{
  static const char *const names[] = {"max_rows", "max_columns",   "output", "max_column_width",
                                      "locale",   "max_precision", NULL};
  jv v[6];
  struct grid g;
  struct rs_buf line;
  *out = jv_none();
  enum rs_code rc = jv_bind(args, "print_table", names, 0, v, e);
  if (rc != RS_OK || !t->c->opt.execute || t->c->project->set.say == NULL) return rc;
  size_t rows = limit(v[0], 20, t->nrows), cols = limit(v[1], 6, t->ncols);
  int64_t wide = v[3].kind == JV_UNDEFINED ? 20 : v[3].kind == JV_INT ? v[3].u.i : 0;
  if (!new_grid(&g, rs_python_arena(t->c->j), cols + (cols < t->ncols),
                1 + rows + (rows < t->nrows)))
    return rs_nomem(e);
  rc = fill(t, &g, cols, rows, wide, e);
  if (rc != RS_OK) return rc;
  measure(&g);
  rs_buf_init(&line, RS_BUF_SQL_MAX);
  for (size_t i = 0; rc == RS_OK && i < g.nlines + 1; i++) {
    rs_buf_clear(&line);
    put_printed(&g, i, &line);
    rc = rs_buf_error(&line, e, "print_table");
    if (rc == RS_OK) rc = rs_context_say(t->c, rs_buf_text(&line), line.n, e);
  }
  rs_buf_free(&line);
  return rc;
}

static void put_csv(struct rs_buf *b, const char *text)
{
  if (strpbrk(text, ",\"\r\n") == NULL) {
    rs_buf_str(b, text);
    return;
  }
  rs_buf_char(b, '"');
  for (; *text != 0; text++) {
    if (*text == '"') rs_buf_char(b, '"');
    rs_buf_char(b, *text);
  }
  rs_buf_char(b, '"');
}

enum rs_code rs_table_print_csv(const struct rs_table_text *t, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  struct rs_buf line;
  enum rs_code rc = RS_OK;
  (void)args;
  *out = jv_none();
  if (!t->c->opt.execute || t->c->project->set.say == NULL) return RS_OK;
  rs_buf_init(&line, RS_BUF_SQL_MAX);
  for (size_t r = 0; rc == RS_OK && r <= t->nrows; r++) {
    rs_buf_clear(&line);
    for (size_t c = 0; rc == RS_OK && c < t->ncols; c++) {
      const char *text = r == 0 ? jv_cstr(jv_item(t->names, c), NULL) : "";
      if (r > 0) rc = make_cell(t, rs_python_arena(t->c->j), r - 1, c, -1, &text, e);
      if (c > 0) rs_buf_char(&line, ',');
      if (rc == RS_OK) put_csv(&line, text);
    }
    if (rc == RS_OK) rc = rs_buf_error(&line, e, "print_csv");
    if (rc == RS_OK) rc = rs_context_say(t->c, rs_buf_text(&line), line.n, e);
  }
  rs_buf_free(&line);
  return rc;
}

void rs_table_structure(const struct rs_table_text *t, struct rs_buf *b)
{
  struct grid g;
  if (!new_grid(&g, rs_python_arena(t->c->j), 2, t->ncols + 1)) return;
  g.cell[0] = "column";
  g.cell[1] = "data_type";
  for (size_t i = 0; i < t->ncols; i++) {
    g.cell[2 * i + 2] = jv_cstr(jv_item(t->names, i), NULL);
    g.cell[2 * i + 3] = rs_table_type_name(t->types[i]);
  }
  measure(&g);
  for (size_t i = 0; i < g.nlines + 1; i++) {
    put_printed(&g, i, b);
    rs_buf_char(b, '\n');
  }
}
