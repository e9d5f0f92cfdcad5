/*
** The rows of run_query() as a template sees them, after agate's Table: columns, rows,
** column_names, select, limit, print_table ...; rows and columns are read by position, by name or
** as an attribute, and have values(), keys(), items(), get(), dict().
**
** The whole result is held, within the memory limit of the evaluation.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/python/datetime/datetime.h"
#include "internal.h"

static const struct jv_class row_class, column_class, sequence_class, table_class;

/* Position by name, or by index (negative: from the end); -1 = none. */
static int64_t find(const struct rs_table_sequence *s, jv key)
{
  if (key.kind == JV_INT) {
    int64_t at = key.u.i < 0 ? key.u.i + (int64_t)s->n : key.u.i;
    return at >= 0 && at < (int64_t)s->n ? at : -1;
  }
  if (!jv_is_str(key)) return -1;
  for (size_t i = 0; i < jv_len(s->names) && i < s->n; i++)
    if (rs_eq(jv_cstr(jv_item(s->names, i), NULL), jv_cstr(key, NULL))) return (int64_t)i;
  return -1;
}

static jv new_sequence(const struct rs_table_rows *t, const struct jv_class *class,
                       const char *kind, jv names, jv *v, size_t n, size_t at)
{
  struct rs_table_sequence *s = rs_arena_alloc(rs_python_arena(t->c->j), sizeof *s);
  if (s == NULL) return jv_undefined();
  *s = (struct rs_table_sequence){.t = t, .kind = kind, .names = names, .v = v, .n = n, .at = at};
  return jv_object(t->c->j, class, s);
}

/* ---- rows, columns -------------------------------------------------------------------------- */

static NATIVE(sequence_values)
{
  const struct rs_table_sequence *s = ctx;
  *out = jv_tuple(j, s->v, s->n);
  return RS_OK;
}

static NATIVE(sequence_keys)
{
  *out = ((const struct rs_table_sequence *)ctx)->names;
  return RS_OK;
}

static NATIVE(sequence_items)
{
  const struct rs_table_sequence *s = ctx;
  jv *pairs = rs_arena_alloc(rs_python_arena(j), (s->n + 1) * sizeof *pairs);
  if (pairs == NULL) return rs_nomem(e);
  for (size_t i = 0; i < s->n; i++) {
    const jv pair[2] = {jv_item(s->names, i), s->v[i]};
    pairs[i] = jv_tuple(j, pair, 2);
  }
  *out = jv_tuple(j, pairs, jv_len(s->names) < s->n ? 0 : s->n);
  return RS_OK;
}

static NATIVE(sequence_dict)
{
  const struct rs_table_sequence *s = ctx;
  *out = jv_dict(j);
  for (size_t i = 0; i < s->n && i < jv_len(s->names); i++)
    jv_dict_setv(j, *out, jv_item(s->names, i), s->v[i]);
  return RS_OK;
}

static NAMED(sequence_get, "get", 1, "key", "default")
{
  const struct rs_table_sequence *s = ctx;
  int64_t at = jv_is_str(v[0]) ? find(s, v[0]) : -1;
  *out = at >= 0 ? s->v[at] : v[1].kind == JV_UNDEFINED ? jv_none() : v[1];
  return RS_OK;
}

static CLASS_GETITEM(sequence_getitem)
{
  const struct rs_table_sequence *s = self;
  int64_t at = find(s, key);
  if (at < 0) return RS_NOT_FOUND;
  *out = s->v[at];
  return RS_OK;
}

/* A name that is no method is an item's: row.id, table.columns.id. */
static CLASS_GETATTR(sequence_getattr)
{
  static const struct rs_method methods[] = {{"values", sequence_values},
                                             {"keys", sequence_keys},
                                             {"items", sequence_items},
                                             {"dict", sequence_dict},
                                             {"get", sequence_get}};
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return sequence_getitem(j, self, jv_textn(j, name, n), out, e);
}

static CLASS_ITER(sequence_iter)
{
  const struct rs_table_sequence *s = self;
  *out = jv_list(j);
  for (size_t i = 0; i < s->n; i++) jv_list_add(j, *out, s->v[i]);
  return RS_OK;
}

static size_t sequence_len(void *self)
{
  return ((const struct rs_table_sequence *)self)->n;
}

static CLASS_TEXT(sequence_str)
{
  const struct rs_table_sequence *s = self;
  enum rs_code rc = RS_OK;
  rs_buf_printf(b, "<agate.%s: (", s->kind);
  for (size_t i = 0; rc == RS_OK && i < s->n && i < 5; i++) {
    if (i > 0) rs_buf_str(b, ", ");
    rc = jv_repr_to(j, s->v[i], b, e);
  }
  rs_buf_str(b, s->n > 5 ? ", ...)>" : ")>");
  return rc;
}

#define SEQUENCE \
  .getitem = sequence_getitem, .iter = sequence_iter, .len = sequence_len, .str = sequence_str
static const struct jv_class sequence_class = {
  .name = "MappedSequence", .getattr = sequence_getattr, SEQUENCE};
static const struct jv_class row_class = {.name = "Row", .getattr = sequence_getattr, SEQUENCE};

static NATIVE(column_without_nulls)
{
  const struct rs_table_sequence *s = ctx;
  jv *v = rs_arena_alloc(rs_python_arena(j), (s->n + 1) * sizeof *v);
  size_t n = 0;
  if (v == NULL) return rs_nomem(e);
  for (size_t i = 0; i < s->n; i++)
    if (s->v[i].kind != JV_NONE) v[n++] = s->v[i];
  *out = jv_tuple(j, v, n);
  return RS_OK;
}

static NATIVE(column_distinct)
{
  const struct rs_table_sequence *s = ctx;
  jv seen = jv_dict(j), key, value;
  for (size_t i = 0; i < s->n; i++) jv_dict_setv(j, seen, s->v[i], jv_none());
  jv *v = rs_arena_alloc(rs_python_arena(j), (s->n + 1) * sizeof *v);
  if (v == NULL) return rs_nomem(e);
  for (size_t i = 0; i < jv_len(seen); i++) {
    jv_dict_at(seen, i, &key, &value);
    v[i] = key;
  }
  *out = jv_tuple(j, v, jv_len(seen));
  return RS_OK;
}

static CLASS_GETATTR(column_getattr)
{
  static const struct rs_method methods[] = {{"values", sequence_values},
                                             {"keys", sequence_keys},
                                             {"values_without_nulls", column_without_nulls},
                                             {"values_distinct", column_distinct}};
  const struct rs_table_sequence *s = self;
  if (rs_eqn("name", name, n)) *out = jv_item(s->t->names, s->at);
  else if (rs_eqn("index", name, n)) *out = jv_int((int64_t)s->at);
  else if (rs_eqn("data_type", name, n)) *out = rs_table_type(j, s->t->types[s->at]);
  else if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) != RS_OK)
    return rs_column_method(j, self, name, n, out);
  return RS_OK;
}

static const struct jv_class column_class = {.name = "Column", .getattr = column_getattr, SEQUENCE};

static jv column_value(const struct rs_table_rows *t, size_t at)
{
  jv *v = rs_arena_alloc(rs_python_arena(t->c->j), (t->nrows + 1) * sizeof *v);
  if (v == NULL) return jv_undefined();
  for (size_t i = 0; i < t->nrows; i++)
    v[i] = ((const struct rs_table_sequence *)jv_self(t->row[i], &row_class))->v[at];
  return new_sequence(t, &column_class, "Column", jv_none(), v, t->nrows, at);
}

static jv columns_value(const struct rs_table_rows *t)
{
  jv *v = rs_arena_alloc(rs_python_arena(t->c->j), (t->ncols + 1) * sizeof *v);
  if (v == NULL) return jv_undefined();
  for (size_t i = 0; i < t->ncols; i++) v[i] = column_value(t, i);
  return new_sequence(t, &sequence_class, "MappedSequence", t->names, v, t->ncols, 0);
}

/* ---- tables --------------------------------------------------------------------------------- */

struct rs_table_rows *rs_table_new(struct rs_context *c, size_t ncols)
{
  struct rs_table_rows *t = rs_arena_calloc(rs_python_arena(c->j), sizeof *t);
  if (t == NULL) return NULL;
  t->c = c;
  t->ncols = ncols;
  t->names = jv_tuple(c->j, NULL, 0);
  t->rows = jv_list(c->j);
  t->types = rs_arena_calloc(rs_python_arena(c->j), (ncols + 1) * sizeof *t->types);
  return t->types != NULL ? t : NULL;
}

/* No row comes any more. */
static enum rs_code end_rows(struct rs_table_rows *t, struct rs_error *e)
{
  t->nrows = jv_len(t->rows);
  t->row = rs_arena_alloc(rs_python_arena(t->c->j), (t->nrows + 1) * sizeof *t->row);
  if (t->row == NULL) return rs_nomem(e);
  for (size_t i = 0; i < t->nrows; i++) t->row[i] = jv_item(t->rows, i);
  return RS_OK;
}

void rs_table_add(struct rs_table_rows *t, jv *v)
{
  jv_list_add(t->c->j, t->rows, new_sequence(t, &row_class, "Row", t->names, v, t->ncols, 0));
}

enum rs_code rs_table_end(struct rs_table_rows *t, jv *out, struct rs_error *e)
{
  *out = jv_object(t->c->j, &table_class, t);
  return end_rows(t, e);
}

jv *rs_table_cells(const struct rs_table_rows *t, size_t row)
{
  return ((const struct rs_table_sequence *)jv_self(t->row[row], &row_class))->v;
}

enum rs_code rs_table_column(const struct rs_table_rows *t, jv key, size_t *at, struct rs_error *e)
{
  const struct rs_table_sequence all = {.names = t->names, .n = t->ncols};
  int64_t found = find(&all, key);
  *at = (size_t)found;
  if (found >= 0) return RS_OK;
  return rs_fail(e, RS_NOT_FOUND, "the table has no column '%s'",
                 jv_is_str(key) ? jv_cstr(key, NULL) : jv_type_name(key));
}

jv rs_table_mapping(const struct rs_table_rows *t, const char *kind, jv names, jv *v, size_t n)
{
  return new_sequence(t, &sequence_class, kind, names, v, n, 0);
}

/* The columns at these positions, as a table of their own. */
static enum rs_code keep_columns(const struct rs_table_rows *t, const size_t *at, size_t n, jv *out,
                                 struct rs_error *e)
{
  struct rs_python *j = t->c->j;
  struct rs_table_rows *made = rs_table_new(t->c, n);
  jv *names = rs_arena_alloc(rs_python_arena(j), (n + 1) * sizeof *names);
  if (made == NULL || names == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    names[i] = jv_item(t->names, at[i]);
    made->types[i] = t->types[at[i]];
  }
  made->names = jv_tuple(j, names, n);
  for (size_t i = 0; i < t->nrows; i++) {
    const struct rs_table_sequence *row = jv_self(t->row[i], &row_class);
    jv *v = rs_arena_alloc(rs_python_arena(j), (n + 1) * sizeof *v);
    if (v == NULL) return rs_nomem(e);
    for (size_t k = 0; k < n; k++) v[k] = row->v[at[k]];
    jv_list_add(j, made->rows, new_sequence(made, &row_class, "Row", made->names, v, n, 0));
  }
  *out = jv_object(j, &table_class, made);
  return end_rows(made, e);
}

/* select('a') or select(['b', 'a']); exclude leaves them out. */
static enum rs_code pick(const struct rs_table_rows *t, const struct jv_args *args, bool exclude,
                         jv *out, struct rs_error *e)
{
  static const char *const names[] = {"key", NULL};
  const struct rs_table_sequence all = {.names = t->names, .n = t->ncols};
  size_t *at = rs_arena_alloc(rs_python_arena(t->c->j), (t->ncols + 1) * sizeof *at), n = 0;
  bool *named = rs_arena_calloc(rs_python_arena(t->c->j), t->ncols + 1);
  jv key;
  enum rs_code rc = jv_bind(args, exclude ? "exclude" : "select", names, 1, &key, e);
  if (rc != RS_OK) return rc;
  if (at == NULL || named == NULL) return rs_nomem(e);
  size_t count = jv_is_str(key) ? 1 : jv_len(key);
  for (size_t i = 0; i < count; i++) {
    jv name = jv_is_str(key) ? key : jv_item(key, i);
    int64_t found = jv_is_str(name) ? find(&all, name) : -1;
    if (found < 0)
      return rs_fail(e, RS_NOT_FOUND, "the table has no column '%s'",
                     jv_is_str(name) ? jv_cstr(name, NULL) : jv_type_name(name));
    if (!exclude && !named[found]) at[n++] = (size_t)found;
    named[found] = true;
  }
  for (size_t i = 0; exclude && i < t->ncols; i++)
    if (!named[i]) at[n++] = i;
  return keep_columns(t, at, n, out, e);
}

static NATIVE(table_select)
{
  return pick(ctx, args, false, out, e);
}

static NATIVE(table_exclude)
{
  return pick(ctx, args, true, out, e);
}

/* limit(n), limit(start, stop) or limit(start, stop, step) */
static NAMED(table_limit, "limit", 0, "start_or_stop", "stop", "step")
{
  const struct rs_table_rows *t = ctx;
  int64_t all = (int64_t)t->nrows, from = 0, to = all, step = 1;
  bool both = rs_some(v[1]);
  enum rs_code rc = rs_want_int(rs_some(v[0]) ? v[0] : jv_undefined(), "limit(): start_or_stop",
                                both ? 0 : all, both ? &from : &to, e);
  if (rc == RS_OK && both) rc = rs_want_int(v[1], "limit(): stop", all, &to, e);
  if (rc == RS_OK)
    rc = rs_want_int(rs_some(v[2]) ? v[2] : jv_undefined(), "limit(): step", 1, &step, e);
  if (rc == RS_OK && step < 1) rc = rs_fail(e, RS_INVALID, "limit(): step must be 1 or more");
  if (rc != RS_OK) return rc;
  struct rs_table_rows *made = rs_table_new(t->c, t->ncols);
  if (made == NULL) return rs_nomem(e);
  made->names = t->names;
  memcpy(made->types, t->types, t->ncols * sizeof *made->types);
  if (!both || from < 0) from = 0;
  for (; from < to && from < all; from += step) jv_list_add(j, made->rows, t->row[from]);
  return rs_table_end(made, out, e);
}

/* The parts of a table as table_print.c wants them. */
static struct rs_table_text text_of(const struct rs_table_rows *t)
{
  return (struct rs_table_text){
    .c = t->c, .names = t->names, .types = t->types, .ncols = t->ncols, .nrows = t->nrows};
}

static jv cell_of(const void *self, size_t row, size_t col)
{
  const struct rs_table_rows *t = self;
  return ((const struct rs_table_sequence *)jv_self(t->row[row], &row_class))->v[col];
}

static NATIVE(table_print)
{
  struct rs_table_text text = text_of(ctx);
  text.self = ctx;
  text.cell = cell_of;
  return rs_table_print(&text, args, out, e);
}

static NATIVE(table_print_csv)
{
  struct rs_table_text text = text_of(ctx);
  text.self = ctx;
  text.cell = cell_of;
  return rs_table_print_csv(&text, args, out, e);
}

static CLASS_TEXT(table_str)
{
  const struct rs_table_text text = text_of(self);
  rs_table_structure(&text, b);
  return RS_OK;
}

static jv types_value(const struct rs_table_rows *t)
{
  jv *v = rs_arena_alloc(rs_python_arena(t->c->j), (t->ncols + 1) * sizeof *v);
  if (v == NULL) return jv_undefined();
  for (size_t i = 0; i < t->ncols; i++) v[i] = rs_table_type(t->c->j, t->types[i]);
  return jv_tuple(t->c->j, v, t->ncols);
}

static CLASS_GETATTR(table_getattr)
{
  static const struct rs_method methods[] = {{"print_table", table_print},
                                             {"print_csv", table_print_csv},
                                             {"select", table_select},
                                             {"exclude", table_exclude},
                                             {"limit", table_limit}};
  const struct rs_table_rows *t = self;
  if (rs_eqn("rows", name, n))
    *out = new_sequence(t, &sequence_class, "MappedSequence", jv_none(), t->row, t->nrows, 0);
  else if (rs_eqn("column_names", name, n)) *out = t->names;
  else if (rs_eqn("columns", name, n)) *out = columns_value(t);
  else if (rs_eqn("column_types", name, n)) *out = types_value(t);
  else if (rs_eqn("row_names", name, n)) *out = jv_none();
  else if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) != RS_OK)
    return rs_table_method(j, self, name, n, out);
  return RS_OK;
}

static CLASS_ITER(table_iter)
{
  const struct rs_table_rows *t = self;
  *out = jv_list(j);
  for (size_t i = 0; i < t->nrows; i++) jv_list_add(j, *out, t->row[i]);
  return RS_OK;
}

static size_t table_len(void *self)
{
  return ((const struct rs_table_rows *)self)->nrows;
}

static CLASS_GETITEM(table_getitem)
{
  const struct rs_table_rows *t = self;
  const struct rs_table_sequence rows = {.names = jv_none(), .v = t->row, .n = t->nrows};
  return sequence_getitem(j, (void *)&rows, key, out, e);
}

static const struct jv_class table_class = {.name = "Table",
                                            .getattr = table_getattr,
                                            .getitem = table_getitem,
                                            .iter = table_iter,
                                            .len = table_len,
                                            .str = table_str};

jv rs_table_empty(struct rs_context *c)
{
  struct rs_table_rows *t = rs_table_new(c, 0);
  return t != NULL && end_rows(t, NULL) == RS_OK ? jv_object(c->j, &table_class, t)
                                                 : jv_undefined();
}

jv rs_table_data(struct rs_context *c, jv v)
{
  const struct rs_table_rows *t = jv_self(v, &table_class);
  jv data = jv_list(c->j);
  for (size_t i = 0; t != NULL && i < t->nrows; i++) {
    const struct rs_table_sequence *r = jv_self(t->row[i], &row_class);
    jv_list_add(c->j, data, jv_tuple(c->j, r->v, t->ncols));
  }
  return data;
}

/* What is no integer is a Decimal, as with agate; of a float the shortest text that is it. */
static jv number_value(struct rs_python *j, const struct rs_value *v, int scale)
{
  struct rs_buf b;
  jv out = jv_none();
  if (v->kind == RS_TEXT) return jv_decimal(j, v->s.p, v->s.n);
  if (!isfinite(v->f)) return jv_float(v->f);
  rs_buf_init(&b, 1000);
  if (scale >= 0) rs_buf_printf(&b, "%.*f", scale, v->f);
  else (void)jv_str_to(j, jv_float(v->f), &b, NULL);
  out = jv_decimal(j, rs_buf_text(&b), b.n);
  rs_buf_free(&b);
  return out.kind == JV_NONE ? jv_float(v->f) : out;
}

/* Digits behind the point of DECIMAL(p, s); -1: of another type, or nobody says. */
static int scale_of(const struct rs_column *col)
{
  const char *comma = col->type == RS_T_DECIMAL && col->native != NULL ? strchr(col->native, ',')
                                                                       : NULL;
  long scale = comma != NULL ? strtol(comma + 1, NULL, 10) : -1;
  return scale >= 0 && scale <= 38 ? (int)scale : -1;
}

/* JSON as Python's json.dumps writes it: agate knows no lists and maps. */
static jv json_text(struct rs_python *j, const struct rs_value *v)
{
  struct rs_buf b;
  jv parsed, out = jv_textn(j, v->s.p, v->s.n);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (jv_from_json(j, v->s.p, v->s.n, &parsed, NULL) == RS_OK &&
      jv_json_to(j, parsed, false, &b, NULL) == RS_OK && b.rc == RS_OK)
    out = jv_textn(j, rs_buf_text(&b), b.n);
  rs_buf_free(&b);
  return out;
}

/* An engine's value as a template's: numbers, dates and times are Python's. */
static void from_value(struct rs_python *j, const struct rs_value *v, const struct rs_column *col,
                       jv *out)
{
  bool utc = col->type == RS_T_TIMESTAMPTZ;
  switch (v->kind) {
    case RS_BOOL: *out = jv_bool(v->i != 0); return;
    case RS_INT:
      *out = jv_int(v->i);
      if (col->type == RS_T_DECIMAL || col->type == RS_T_FLOAT) {
        const struct rs_value number = {.kind = RS_FLOAT, .f = (double)v->i};
        *out = number_value(j, &number, scale_of(col) >= 0 ? scale_of(col) : 0);
      }
      return;
    case RS_FLOAT: *out = number_value(j, v, scale_of(col)); return;
    case RS_TEXT:
      if (col->type == RS_T_DATE && rs_datetime_parse(j, RS_DATE, v->s.p, v->s.n, false, out))
        return;
      if ((col->type == RS_T_TIMESTAMP || utc) &&
          rs_datetime_parse(j, RS_DATETIME, v->s.p, v->s.n, utc, out))
        return;
      if (col->type == RS_T_HUGEINT && jv_from_json(j, v->s.p, v->s.n, out, NULL) == RS_OK) return;
      if (col->type == RS_T_DECIMAL) {
        *out = number_value(j, v, -1);
        if (out->kind != JV_NONE) return;
      }
      *out = jv_textn(j, v->s.p, v->s.n);
      return;
    case RS_BYTES: *out = jv_textn(j, v->s.p, v->s.n); return;
    case RS_JSON: *out = json_text(j, v); return;
    default: *out = jv_none();
  }
}

enum rs_code rs_table_value(struct rs_context *c, struct rs_rows *rows, jv *out, struct rs_error *e)
{
  const struct rs_columns *cols = rs_rows_columns(rows);
  struct rs_table_rows *t = rs_table_new(c, cols->n);
  jv *names = rs_arena_alloc(rs_python_arena(c->j), (cols->n + 1) * sizeof *names);
  if (t == NULL || names == NULL) return rs_nomem(e);
  for (size_t i = 0; i < cols->n; i++) {
    names[i] = jv_text(c->j, cols->v[i].name);
    t->types[i] = cols->v[i].type;
  }
  t->names = jv_tuple(c->j, names, cols->n);
  enum rs_code rc;
  while ((rc = rs_rows_next(rows, e)) == RS_OK) {
    jv *v = rs_arena_alloc(rs_python_arena(c->j), (cols->n + 1) * sizeof *v);
    if (v == NULL)
      return rs_fail(e, RS_LIMIT, "the rows of a query in a template take too much memory");
    for (size_t i = 0; i < cols->n; i++) {
      struct rs_value cell;
      rs_rows_get(rows, i, &cell);
      from_value(c->j, &cell, &cols->v[i], &v[i]);
    }
    jv_list_add(c->j, t->rows, new_sequence(t, &row_class, "Row", t->names, v, cols->n, 0));
  }
  if (rc != RS_DONE) return rc;
  *out = jv_object(c->j, &table_class, t);
  return end_rows(t, e);
}
