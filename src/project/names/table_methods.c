/*
** Methods of a query's table that make another one of it, as agate has them: rename, where,
** order_by, group_by, distinct, print_json.
**
** None comes last in an order. Functions that are given (where, order_by) are macros: what they
** return counts.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

/* An empty table with the columns of t. */
static struct rs_table_rows *like(const struct rs_table_rows *t)
{
  struct rs_table_rows *made = rs_table_new(t->c, t->ncols);
  if (made == NULL) return NULL;
  made->names = t->names;
  memcpy(made->types, t->types, t->ncols * sizeof *made->types);
  return made;
}

static bool is_function(jv v)
{
  return v.kind == JV_FUNC;
}

/* rename({"old": "new"}), rename(["a", "b"]) */
static NAMED(table_rename, "rename", 0, "column_names", "row_names", "slug_columns", "slug_rows")
{
  const struct rs_table_rows *t = ctx;
  jv other;
  struct rs_table_rows *made = like(t);
  jv *list = rs_arena_alloc(rs_python_arena(j), (t->ncols + 1) * sizeof *list);
  if (made == NULL || list == NULL) return rs_nomem(e);
  bool all = v[0].kind == JV_LIST || v[0].kind == JV_TUPLE;
  if (all && jv_len(v[0]) != t->ncols)
    return rs_fail(e, RS_INVALID, "rename(): %zu names for %zu columns", jv_len(v[0]), t->ncols);
  for (size_t i = 0; i < t->ncols; i++) {
    list[i] = all ? jv_item(v[0], i) : jv_item(t->names, i);
    if (v[0].kind == JV_DICT && jv_dict_get(v[0], jv_cstr(list[i], NULL), &other)) list[i] = other;
    if (!jv_is_str(list[i])) return rs_fail(e, RS_INVALID, "rename(): a name must be a text");
  }
  made->names = jv_tuple(j, list, t->ncols);
  for (size_t i = 0; i < t->nrows; i++) rs_table_add(made, rs_table_cells(t, i));
  return rs_table_end(made, out, e);
}

static NATIVE(table_where)
{
  static const char *const names[] = {"test", NULL};
  const struct rs_table_rows *t = ctx;
  jv v[1];
  enum rs_code rc = jv_bind(args, "where", names, 1, v, e);
  struct rs_table_rows *made = rc == RS_OK ? like(t) : NULL;
  if (rc == RS_OK && made == NULL) rc = rs_nomem(e);
  if (rc == RS_OK && !is_function(v[0]))
    rc = rs_fail(e, RS_INVALID, "where() takes a function of a row, not %s", jv_type_name(v[0]));
  for (size_t i = 0; rc == RS_OK && i < t->nrows; i++) {
    const struct jv_args one = {.pos = &t->row[i], .npos = 1};
    jv keep;
    rc = rs_python_call(j, v[0], &one, &keep, e);
    if (rc == RS_OK && jv_truth(j, keep)) rs_table_add(made, rs_table_cells(t, i));
  }
  return rc == RS_OK ? rs_table_end(made, out, e) : rc;
}

/* What rows are ordered and kept distinct by: one value, or a tuple of them, a row. */
static enum rs_code row_keys(const struct rs_table_rows *t, jv key, jv **out, struct rs_error *e)
{
  struct rs_python *j = t->c->j;
  struct rs_arena *a = rs_python_arena(j);
  bool many = key.kind == JV_LIST || key.kind == JV_TUPLE,
       whole = key.kind == JV_UNDEFINED || key.kind == JV_NONE;
  size_t n = whole ? t->ncols : many ? jv_len(key) : 1;
  size_t *at = rs_arena_alloc(a, (n + 1) * sizeof *at);
  jv *keys = rs_arena_alloc(a, (t->nrows + 1) * sizeof *keys);
  jv *cells = rs_arena_alloc(a, (n + 1) * sizeof *cells);
  if (at == NULL || keys == NULL || cells == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && !is_function(key) && i < n; i++) {
    at[i] = i;
    if (!whole) rc = rs_table_column(t, many ? jv_item(key, i) : key, &at[i], e);
  }
  for (size_t i = 0; rc == RS_OK && i < t->nrows; i++) {
    const struct jv_args one = {.pos = &t->row[i], .npos = 1};
    const jv *row = rs_table_cells(t, i);
    if (is_function(key)) {
      rc = rs_python_call(j, key, &one, &keys[i], e);
      continue;
    }
    for (size_t k = 0; k < n; k++) cells[k] = row[at[k]];
    keys[i] = many || whole ? jv_tuple(j, cells, n) : cells[0];
  }
  *out = keys;
  return rc;
}

/* a < b as agate orders: None is the greatest. */
static enum rs_code is_less(struct rs_python *j, jv a, jv b, bool *less, struct rs_error *e)
{
  *less = false;
  if (a.kind == JV_NONE) return RS_OK;
  *less = true;
  if (b.kind == JV_NONE) return RS_OK;
  if (a.kind == JV_TUPLE && b.kind == JV_TUPLE) {
    for (size_t i = 0; i < jv_len(a); i++)
      if (!jv_equal(j, jv_item(a, i), jv_item(b, i)))
        return is_less(j, jv_item(a, i), jv_item(b, i), less, e);
    *less = false;
    return RS_OK;
  }
  jv order;
  enum rs_code rc = rs_python_binary(j, "<", a, b, &order, e);
  *less = rc == RS_OK && jv_truth(j, order);
  return rc;
}

/* Merges two ordered halves of `at` by way of `spare`: equal ones stay in their order. */
static enum rs_code merge_sort(struct rs_python *j, const jv *keys, bool reverse, size_t *at,
                               size_t *spare, size_t n, struct rs_error *e)
{
  size_t half = n / 2, i = 0, k = half, to = 0;
  if (n < 2) return RS_OK;
  enum rs_code rc = merge_sort(j, keys, reverse, at, spare, half, e);
  if (rc == RS_OK) rc = merge_sort(j, keys, reverse, at + half, spare, n - half, e);
  while (rc == RS_OK && i < half && k < n) {
    bool later;
    jv left = keys[at[i]], right = keys[at[k]];
    rc = is_less(j, reverse ? left : right, reverse ? right : left, &later, e);
    spare[to++] = later ? at[k++] : at[i++];
  }
  while (i < half) spare[to++] = at[i++];
  while (k < n) spare[to++] = at[k++];
  memcpy(at, spare, n * sizeof *at);
  return rc;
}

static enum rs_code ordered(const struct rs_table_rows *t, const jv *keys, size_t n, bool reverse,
                            size_t **out, struct rs_error *e)
{
  struct rs_arena *a = rs_python_arena(t->c->j);
  size_t *at = rs_arena_alloc(a, (n + 1) * sizeof *at);
  size_t *spare = rs_arena_alloc(a, (n + 1) * sizeof *spare);
  if (at == NULL || spare == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) at[i] = i;
  *out = at;
  return merge_sort(t->c->j, keys, reverse, at, spare, n, e);
}

static NAMED(table_order_by, "order_by", 1, "key", "reverse")
{
  const struct rs_table_rows *t = ctx;
  jv *keys;
  size_t *at;
  enum rs_code rc = row_keys(t, v[0], &keys, e);
  if (rc == RS_OK) rc = ordered(t, keys, t->nrows, rs_given(v[1]) && jv_truth(j, v[1]), &at, e);
  if (rc != RS_OK) return rc;
  struct rs_table_rows *made = like(t);
  if (made == NULL) return rs_nomem(e);
  for (size_t i = 0; i < t->nrows; i++) rs_table_add(made, rs_table_cells(t, at[i]));
  return rs_table_end(made, out, e);
}

static NAMED(table_distinct, "distinct", 0, "key")
{
  const struct rs_table_rows *t = ctx;
  jv *keys, seen = jv_dict(j);
  enum rs_code rc = row_keys(t, v[0], &keys, e);
  struct rs_table_rows *made = rc == RS_OK ? like(t) : NULL;
  if (rc != RS_OK || made == NULL) return rc != RS_OK ? rc : rs_nomem(e);
  for (size_t i = 0; i < t->nrows; i++) {
    size_t before = jv_len(seen);
    jv_dict_setv(j, seen, keys[i], jv_none());
    if (jv_len(seen) > before) rs_table_add(made, rs_table_cells(t, i));
  }
  return rs_table_end(made, out, e);
}

/* A TableSet: for each value of the key a table, in the order in which they come. */
static NAMED(table_group_by, "group_by", 1, "key", "key_name", "key_type")
{
  const struct rs_table_rows *t = ctx;
  jv *keys, groups = jv_dict(j), key, at;
  enum rs_code rc = row_keys(t, v[0], &keys, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < t->nrows; i++) jv_dict_setv(j, groups, keys[i], jv_none());
  size_t n = jv_len(groups);
  struct rs_arena *a = rs_python_arena(j);
  struct rs_table_rows **made = rs_arena_calloc(a, (n + 1) * sizeof(struct rs_table_rows *));
  jv *tables = rs_arena_alloc(a, (n + 1) * sizeof *tables);
  jv *list = rs_arena_alloc(a, (n + 1) * sizeof *list);
  if (made == NULL || tables == NULL || list == NULL) return rs_nomem(e);
  for (size_t g = 0; g < n; g++) {
    jv_dict_at(groups, g, &list[g], &at);
    jv_dict_setv(j, groups, list[g], jv_int((int64_t)g));
    if ((made[g] = like(t)) == NULL) return rs_nomem(e);
  }
  for (size_t i = 0; i < t->nrows; i++)
    for (size_t g = 0; g < n; g++) {
      jv_dict_at(groups, g, &key, &at);
      if (!jv_equal(j, key, keys[i])) continue;
      rs_table_add(made[g], rs_table_cells(t, i));
      break;
    }
  for (size_t g = 0; rc == RS_OK && g < n; g++) rc = rs_table_end(made[g], &tables[g], e);
  *out = rs_table_mapping(t, "TableSet", jv_tuple(j, list, n), tables, n);
  return rc;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

/* A cell as agate's to_json has it: a Decimal is a float, a date its text. */
static jv json_cell(struct rs_python *j, jv v)
{
  double d;
  if (jv_decimal_double(v, &d)) return jv_float(d);
  if (v.kind != JV_OBJECT) return v;
  struct rs_buf b;
  rs_buf_init(&b, 1000);
  jv text = v;
  if (jv_str_to(j, v, &b, NULL) == RS_OK) {
    for (size_t i = 10; i < b.n && i < 11; i++)
      if (b.p[i] == ' ') b.p[i] = 'T';
    text = jv_textn(j, rs_buf_text(&b), b.n);
  }
  rs_buf_free(&b);
  return text;
}

static NATIVE(table_print_json)
{
  const struct rs_table_rows *t = ctx;
  jv list = jv_list(j);
  *out = jv_none();
  if (!t->c->opt.execute || t->c->project->set.say == NULL) return RS_OK;
  for (size_t i = 0; i < t->nrows; i++) {
    const jv *cells = rs_table_cells(t, i);
    jv row = jv_dict(j);
    for (size_t k = 0; k < t->ncols; k++)
      jv_dict_setv(j, row, jv_item(t->names, k), json_cell(j, cells[k]));
    jv_list_add(j, list, row);
  }
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = jv_json_to(j, list, false, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "print_json");
  if (rc == RS_OK) rc = rs_context_say(t->c, rs_buf_text(&b), b.n, e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_table_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out)
{
  static const struct rs_method methods[] = {
    {"rename", table_rename},     {"where", table_where},       {"order_by", table_order_by},
    {"group_by", table_group_by}, {"distinct", table_distinct}, {"print_json", table_print_json}};
  return rs_method_find(j, self, methods, COUNT(methods), name, n, out);
}

/* ---- columns -------------------------------------------------------------------------------- */

static enum rs_code sorted(struct rs_python *j, const struct rs_table_sequence *s, bool nulls,
                           jv *out, struct rs_error *e)
{
  size_t *at;
  enum rs_code rc = ordered(s->t, s->v, s->n, false, &at, e);
  *out = jv_list(j);
  for (size_t i = 0; rc == RS_OK && i < s->n; i++)
    if (nulls || s->v[at[i]].kind != JV_NONE) jv_list_add(j, *out, s->v[at[i]]);
  return rc;
}

static NATIVE(values_sorted)
{
  return sorted(j, ctx, true, out, e);
}

static NATIVE(values_without_nulls_sorted)
{
  return sorted(j, ctx, false, out, e);
}

enum rs_code rs_column_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out)
{
  static const struct rs_method methods[] = {
    {"values_sorted", values_sorted}, {"values_without_nulls_sorted", values_without_nulls_sorted}};
  return rs_method_find(j, self, methods, COUNT(methods), name, n, out);
}

/* ---- types ---------------------------------------------------------------------------------- */

static CLASS_TEXT(type_str)
{
  rs_buf_printf(b, "<agate.data_types.%s object>", (const char *)self);
  return RS_OK;
}

static const struct jv_class type_class = {.name = "DataType", .str = type_str};

jv rs_table_type(struct rs_python *j, enum rs_type type)
{
  return jv_object(j, &type_class, (void *)(uintptr_t)rs_table_type_name(type));
}
