/*
** Rows of a sheet (see xlsx.h).
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/calendar.h"
#include "xlsx.h"
#include "xml.h"

enum { COLUMNS_MAX = 16384, CELL_MAX = 1 << 20, ROW_MAX = 64 << 20, LETTERS = 8 };
#define DAY_MS 86400000LL

struct column {
  char *name; /* NULL: not known yet */
};

struct sheet {
  struct rs_xlsx *x;
  uint64_t skip;
  bool header; /* is still to come */
  rs_gunzip_sink *sink;
  void *ctx;
  struct column *columns;
  size_t n, cap; /* columns that have a name or may get one */
  uint64_t row;  /* from 1 */
  size_t cell;   /* column of the cell, from 0 */
  char type;     /* 's'hared, 'b'ool, 'e'rror, 't'ext, 'd'ate, 'n'umber */
  unsigned style;
  bool in_value, any; /* any: the row has a value */
  struct rs_buf value, line;
  size_t written; /* columns of the row that are in the line */
};

/* "AB12" -> 27; what is no such name: the next cell. */
static size_t column_of(const char *ref, size_t next)
{
  size_t c = 0;
  if (ref == NULL || *ref < 'A' || *ref > 'Z') return next;
  for (; *ref >= 'A' && *ref <= 'Z' && c <= COLUMNS_MAX; ref++)
    c = c * 26 + (size_t)(*ref - 'A') + 1;
  return c - 1;
}

static void letters_of(size_t column, char out[LETTERS])
{
  char text[LETTERS];
  size_t n = 0;
  for (column++; column > 0 && n < LETTERS - 1; column = (column - 1) / 26)
    text[n++] = (char)('A' + (column - 1) % 26);
  for (size_t i = 0; i < n; i++) out[i] = text[n - 1 - i];
  out[n] = 0;
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool is_taken(const struct sheet *s, const char *name)
{
  for (size_t i = 0; i < s->n; i++)
    if (s->columns[i].name != NULL && rs_casecmp(s->columns[i].name, name) == 0) return true;
  return false;
}

/* Columns up to that one; `name` is its own, NULL: its letters. A name that is taken gets a
** number. */
static enum rs_code name_column(struct sheet *s, size_t column, const char *name,
                                struct rs_error *e)
{
  char letters[LETTERS];
  if (!rs_grow(&s->columns, &s->cap, column + 1, sizeof s->columns[0])) return rs_nomem(e);
  while (s->n <= column) s->columns[s->n++] = (struct column){NULL};
  rs_free(s->columns[column].name); // of a header within a header
  s->columns[column].name = NULL;
  letters_of(column, letters);
  if (name == NULL || name[0] == 0) name = letters;
  char *text = rs_strdup(name);
  for (int i = 2; text != NULL && is_taken(s, text); i++) {
    rs_free(text);
    text = rs_mprintf("%s_%d", name, i);
  }
  s->columns[column].name = text;
  return text != NULL ? RS_OK : rs_nomem(e);
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_json_number(const char *p)
{
  char *end;
  const char *digits = p + (*p == '-');
  if (*digits < '0' || *digits > '9' || (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9'))
    return false;
  if (strspn(p, "0123456789+-.eE") != strlen(p)) return false;
  double x = strtod(p, &end);
  return *end == 0 && isfinite(x) && end[-1] != '.' && strstr(p, ".e") == NULL &&
         strstr(p, ".E") == NULL;
}

/* Days since the workbook's beginning; Excel takes 1900 for a leap year. */
static bool add_date(struct sheet *s, enum rs_xlsx_form form, double serial)
{
  if (!(serial >= 0) || serial > 2958466) return false;
  long long ms = llround(serial * (double)DAY_MS), days = ms / DAY_MS, rest = ms % DAY_MS;
  long long first = s->x->since_1904 ? rs_date_days(1904, 1, 1) : rs_date_days(1899, 12, 30);
  if (!s->x->since_1904 && days < 60) first++;
  char text[80];
  if (form == RS_XLSX_ELAPSED || (form == RS_XLSX_TIME && days == 0)) {
    long long hours = form == RS_XLSX_ELAPSED ? ms / 3600000 : rest / 3600000;
    (void)snprintf(text, sizeof text, "%02lld:%02lld:%02lld", hours, rest / 60000 % 60,
                   rest / 1000 % 60);
  } else {
    struct rs_date d = rs_days_date(first + days);
    int n = snprintf(text, sizeof text, "%04lld-%02d-%02d", (long long)d.year, d.month, d.day);
    if (form != RS_XLSX_DATE || rest != 0)
      n += snprintf(text + n, sizeof text - (size_t)n, " %02lld:%02lld:%02lld", rest / 3600000,
                    rest / 60000 % 60, rest / 1000 % 60);
  }
  if (rest % 1000 != 0 && strchr(text, ':') != NULL) {
    size_t n = strlen(text);
    (void)snprintf(text + n, sizeof text - n, ".%03lld", rest % 1000);
  }
  rs_buf_json_str(&s->line, text, strlen(text));
  return true;
}

/* The cell's text, shared or its own; RS_DONE: it is no text. */
static enum rs_code find_text(const struct sheet *s, const char **p, size_t *n, struct rs_error *e)
{
  *p = rs_buf_text(&s->value);
  *n = s->value.n;
  if (s->type != 's') return s->type == 't' || s->type == 'd' ? RS_OK : RS_DONE;
  char *end;
  unsigned long long i = strtoull(*p, &end, 10);
  if (*n == 0 || *end != 0 || i + 1 >= s->x->nat)
    return rs_fail(e, RS_INVALID, "a cell of row %llu has a text that is missing",
                   (unsigned long long)s->row);
  *p = s->x->texts + s->x->at[i];
  *n = s->x->at[i + 1] - s->x->at[i];
  return RS_OK;
}

static enum rs_code add_value(struct sheet *s, struct rs_error *e)
{
  const char *p;
  size_t n;
  enum rs_code rc = find_text(s, &p, &n, e);
  if (rc == RS_OK) rs_buf_json_str(&s->line, p, n);
  if (rc != RS_DONE) return rc;
  if (s->type == 'b') {
    rs_buf_str(&s->line, rs_eq(p, "1") ? "true" : "false");
    return RS_OK;
  }
  enum rs_xlsx_form form = s->style < s->x->nforms ? (enum rs_xlsx_form)s->x->forms[s->style]
                                                   : RS_XLSX_PLAIN;
  bool number = is_json_number(p);
  if (number && form != RS_XLSX_PLAIN && add_date(s, form, strtod(p, NULL))) return RS_OK;
  if (number) rs_buf_str(&s->line, p);
  else rs_buf_json_str(&s->line, p, n);
  return RS_OK;
}

/* Columns of the row up to that one that have no value. */
static void add_nulls(struct sheet *s, size_t column)
{
  for (; s->written < column && s->written < s->n; s->written++) {
    const char *name = s->columns[s->written].name;
    if (name == NULL) continue;
    rs_buf_char(&s->line, s->line.n > 0 ? ',' : '{');
    rs_buf_json_str(&s->line, name, strlen(name));
    rs_buf_str(&s->line, ":null");
  }
}

static enum rs_code add_cell(struct sheet *s, struct rs_error *e)
{
  const char *p;
  size_t n;
  enum rs_code rc = find_text(s, &p, &n, e);
  if (rc != RS_OK && rc != RS_DONE) return rc;
  if (n == 0 || s->type == 'e') return RS_OK; // an error is no value
  s->any = true;
  if (s->cell < s->written)
    return rs_fail(e, RS_INVALID, "the cells of row %llu are out of order",
                   (unsigned long long)s->row);
  if (s->header) {
    s->written = s->cell + 1;
    char *name = rs_strndup(p, n);
    rc = name != NULL ? name_column(s, s->cell, name, e) : rs_nomem(e);
    rs_free(name);
    return rc;
  }
  if (s->cell >= s->n || s->columns[s->cell].name == NULL) {
    rc = name_column(s, s->cell, NULL, e);
    if (rc != RS_OK) return rc;
  }
  add_nulls(s, s->cell);
  const char *name = s->columns[s->cell].name;
  rs_buf_char(&s->line, s->line.n > 0 ? ',' : '{');
  rs_buf_json_str(&s->line, name, strlen(name));
  rs_buf_char(&s->line, ':');
  s->written = s->cell + 1;
  return add_value(s, e);
}

static enum rs_code end_row(struct sheet *s, struct rs_error *e)
{
  if (!s->any) return RS_OK;
  if (s->header) {
    s->header = false;
    return RS_OK;
  }
  add_nulls(s, s->n);
  rs_buf_str(&s->line, "}\n");
  enum rs_code rc = rs_buf_error(&s->line, e, "a row");
  return rc == RS_OK ? s->sink(s->ctx, rs_buf_text(&s->line), s->line.n, e) : rc;
}

/* ---- XML ------------------------------------------------------------------------------------- */

static char type_of(const char *t)
{
  if (t == NULL || rs_eq(t, "n")) return 'n';
  if (rs_eq(t, "str") || rs_eq(t, "inlineStr")) return 't';
  return t[0]; // s, b, e, d
}

static enum rs_code begin(void *ctx, const char *name, const char **attributes, struct rs_error *e)
{
  struct sheet *s = ctx;
  if (rs_eq(name, "row")) {
    const char *r = rs_xml_attribute(attributes, "r");
    s->row = r != NULL ? strtoull(r, NULL, 10) : s->row + 1;
    s->cell = SIZE_MAX;
    s->any = false;
    s->written = 0;
    rs_buf_clear(&s->line);
  } else if (rs_eq(name, "c")) {
    const char *style = rs_xml_attribute(attributes, "s");
    s->cell = column_of(rs_xml_attribute(attributes, "r"), s->cell + 1);
    s->type = type_of(rs_xml_attribute(attributes, "t"));
    s->style = style != NULL ? (unsigned)strtoul(style, NULL, 10) : 0;
    rs_buf_clear(&s->value);
    if (s->cell >= COLUMNS_MAX)
      return rs_fail(e, RS_LIMIT, "row %llu has more than %d columns", (unsigned long long)s->row,
                     COLUMNS_MAX);
  } else if (rs_eq(name, "v") || rs_eq(name, "t")) {
    s->in_value = true;
  }
  return RS_OK;
}

static enum rs_code end(void *ctx, const char *name, struct rs_error *e)
{
  struct sheet *s = ctx;
  if (rs_eq(name, "v") || rs_eq(name, "t")) s->in_value = false;
  if (s->row <= s->skip) return RS_OK;
  if (rs_eq(name, "c")) {
    enum rs_code rc = rs_buf_error(&s->value, e, "a cell");
    return rc == RS_OK && s->cell < COLUMNS_MAX ? add_cell(s, e) : rc;
  }
  return rs_eq(name, "row") ? end_row(s, e) : RS_OK;
}

static enum rs_code text(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct sheet *s = ctx;
  (void)e;
  if (s->in_value) rs_buf_add(&s->value, p, n);
  return RS_OK;
}

enum rs_code rs_xlsx_rows(struct rs_xlsx *x, uint64_t skip, bool header, rs_gunzip_sink *sink,
                          void *ctx, struct rs_error *e)
{
  static const struct rs_xml_handler handler = {begin, end, text};
  struct sheet s = {
    .x = x, .skip = skip, .header = header, .sink = sink, .ctx = ctx, .cell = SIZE_MAX};
  rs_buf_init(&s.value, CELL_MAX);
  rs_buf_init(&s.line, ROW_MAX);
  enum rs_code rc = rs_xlsx_read(x, x->sheet, &handler, &s, e);
  for (size_t i = 0; i < s.n; i++) rs_free(s.columns[i].name);
  rs_free(s.columns);
  rs_buf_free(&s.value);
  rs_buf_free(&s.line);
  return rc;
}
