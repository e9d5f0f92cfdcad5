/*
** Filters on sequences that end in a value: sort, group, pick, join, sum. The lazy ones are in
** lazy.c.
*/
#include "src/jinja/internal.h"

/* ---- what several filters share ------------------------------------------------------------ */

enum rs_code jinja_ignore_case(struct rs_python *j, jv v, jv *out)
{
  *out = v;
  return v.kind == JV_STR ? py_str_case(j, v, CASE_LOWER, out) : RS_OK;
}

/* One step of a path: digits are an index. */
static enum rs_code path_step(struct rs_python *j, jv *item, const char *s, size_t n)
{
  bool digits = n > 0;
  for (size_t i = 0; i < n; i++) digits = digits && s[i] >= '0' && s[i] <= '9';
  jv key = py_str_sub(j, s, n, STR_PLAIN);
  if (key.kind != JV_STR) return py_nomem(j);
  if (digits) (void)py_num_parse_int(j, key.u.str, 10, &key);
  return py_get_item(j, *item, key, item);
}

enum rs_code jinja_attr_path(struct rs_python *j, jv item, jv path, jv fallback, jv *out)
{
  *out = item;
  if (!is_given(path) || path.kind == JV_NONE) return RS_OK;
  bool use = is_given(fallback) && fallback.kind != JV_NONE;
  if (path.kind != JV_STR) {
    TRY(py_get_item(j, item, path, out));
    if (use && out->kind == JV_UNDEFINED) *out = fallback;
    return RS_OK;
  }
  const char *s = path.u.str->s, *end = s + path.u.str->n;
  for (;;) {
    const char *dot = memchr(s, '.', (size_t)(end - s));
    TRY(path_step(j, out, s, (size_t)((dot != NULL ? dot : end) - s)));
    if (use && out->kind == JV_UNDEFINED) *out = fallback;
    if (dot == NULL) return RS_OK;
    s = dot + 1;
  }
}

static enum rs_code key_of(struct rs_python *j, jv item, jv path, jv fallback, bool exact, jv *out)
{
  TRY(jinja_attr_path(j, item, path, fallback, out));
  return exact ? RS_OK : jinja_ignore_case(j, *out, out);
}

/* ---- sorting and grouping ------------------------------------------------------------------ */

/* The sort key of "a,b.c": a list of the attributes' values. */
static enum rs_code multi_key(struct rs_python *j, jv item, jv attribute, bool exact, jv *out)
{
  *out = jv_list(j);
  if (attribute.kind != JV_STR) {
    jv key;
    TRY(key_of(j, item, attribute, jv_absent(), exact, &key));
    jv_list_add(j, *out, key);
    return out->kind == JV_LIST ? RS_OK : py_nomem(j);
  }
  const char *s = attribute.u.str->s, *end = s + attribute.u.str->n;
  for (;;) {
    const char *comma = memchr(s, ',', (size_t)(end - s));
    jv path = py_str_sub(j, s, (size_t)((comma != NULL ? comma : end) - s), STR_PLAIN), key;
    if (path.kind != JV_STR) return py_nomem(j);
    TRY(key_of(j, item, path, jv_absent(), exact, &key));
    jv_list_add(j, *out, key);
    if (comma == NULL) return out->kind == JV_LIST ? RS_OK : py_nomem(j);
    s = comma + 1;
  }
}

FILTER(f_sort)
{
  bool reverse = false, exact = false;
  TRY(py_arg_reverse(j, argv[0], &reverse));
  TRY(py_arg_bool(j, argv[1], &exact));
  jv list, attribute = is_given(argv[2]) ? argv[2] : jv_none();
  TRY(py_iter_list(j, v, &list));
  jv keys = py_tuple_new(j, list.u.seq->n);
  if (keys.kind != JV_TUPLE) return py_nomem(j);
  for (size_t i = 0; i < list.u.seq->n; i++) {
    TRY(multi_key(j, list.u.seq->v[i], attribute, exact, &keys.u.seq->v[i]));
  }
  *out = list;
  return py_seq_sort(j, list.u.seq, keys.u.seq->v, reverse);
}

FILTER(f_dictsort)
{
  bool exact = false, reverse = false;
  size_t pos = 0;
  TRY(py_arg_bool(j, argv[0], &exact));
  TRY(py_arg_reverse(j, argv[2], &reverse));
  if (is_given(argv[1])) {
    const char *by = argv[1].kind == JV_STR ? argv[1].u.str->s : "";
    if (!rs_eq(by, "key") && !rs_eq(by, "value")) {
      return py_fail(j, "You can only sort by either \"key\" or \"value\"");
    }
    pos = rs_eq(by, "value");
  }
  if (v.kind == JV_UNDEFINED && !py_undef_is_lenient(v)) return py_undefined_used(j, v);
  jv d = v.kind == JV_UNDEFINED ? jv_dict(j) : v;
  if (v.kind == JV_OBJECT && v.u.obj->cls->is_mapping) {
    d = jv_dict(j);
    if (d.kind == JV_DICT) TRY(py_dict_update(j, d.u.dict, v));
  }
  if (d.kind != JV_DICT) {
    return py_fail(j, "'%s' object has no attribute 'items'", jv_type_name(v));
  }
  jv list;
  TRY(py_iter_list(j, py_view_new(j, d, VIEW_ITEMS), &list));
  jv keys = py_tuple_new(j, list.u.seq->n);
  if (keys.kind != JV_TUPLE) return py_nomem(j);
  for (size_t i = 0; i < list.u.seq->n; i++) {
    jv key = list.u.seq->v[i].u.seq->v[pos];
    if (!exact) TRY(jinja_ignore_case(j, key, &key));
    keys.u.seq->v[i] = key;
  }
  *out = list;
  return py_seq_sort(j, list.u.seq, keys.u.seq->v, reverse);
}

static const struct tuple_type group_tuple = {"_GroupTuple", {"grouper", "list"}, false};

FILTER(f_groupby)
{
  bool exact = false;
  TRY(py_arg_bool(j, argv[2], &exact));
  jv list;
  TRY(py_iter_list(j, v, &list));
  size_t n = list.u.seq->n;
  jv keys = py_tuple_new(j, n), order = jv_tuple(j, list.u.seq->v, n);
  if (keys.kind != JV_TUPLE || order.kind != JV_TUPLE) return py_nomem(j);
  for (size_t i = 0; i < n; i++) {
    TRY(key_of(j, list.u.seq->v[i], argv[0], argv[1], exact, &keys.u.seq->v[i]));
  }
  jv sorted = jv_tuple(j, keys.u.seq->v, n);
  if (sorted.kind != JV_TUPLE) return py_nomem(j);
  TRY(py_seq_sort(j, order.u.seq, keys.u.seq->v, false));
  TRY(py_seq_sort(j, sorted.u.seq, keys.u.seq->v, false));
  *out = jv_list(j);
  for (size_t i = 0; i < n;) {
    jv group = jv_list(j), pair = py_tuple_new(j, 2);
    size_t from = i;
    if (group.kind != JV_LIST || pair.kind != JV_TUPLE) return py_nomem(j);
    for (; i < n; i++) {
      bool same = true;
      TRY(j_step(j));
      if (i > from) TRY(jv_eq(j, sorted.u.seq->v[from], sorted.u.seq->v[i], &same));
      if (!same) break;
      jv_list_add(j, group, order.u.seq->v[i]);
    }
    pair.u.seq->type = &group_tuple;
    pair.u.seq->v[0] = sorted.u.seq->v[from];
    if (!exact) TRY(jinja_attr_path(j, order.u.seq->v[from], argv[0], argv[1], &pair.u.seq->v[0]));
    pair.u.seq->v[1] = group;
    jv_list_add(j, *out, pair);
  }
  return out->kind == JV_LIST ? j_step(j) : py_nomem(j);
}

/* ---- picking ------------------------------------------------------------------------------- */

FILTER(f_extreme)
{
  bool exact = false, any = false;
  TRY(py_arg_bool(j, argv[0], &exact));
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  jv best = jv_none(), best_key = jv_none();
  for (;;) {
    jv item, key;
    bool done, better = true;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done) break;
    TRY(key_of(j, item, argv[1], jv_absent(), exact, &key));
    if (any) TRY(jv_compare(j, (enum cmp_op)how, key, best_key, &better));
    if (better) {
      best = item;
      best_key = key;
    }
    any = true;
  }
  *out = any ? best : py_undef_hint(j, "No aggregated item, sequence was empty.", NULL);
  return RS_OK;
}

FILTER(f_first)
{
  struct jv_iter it;
  bool done;
  TRY(py_iter_open(j, v, &it));
  TRY(py_iter_next(j, &it, out, &done));
  if (done) *out = py_undef_hint(j, "No first item, sequence was empty.", NULL);
  return RS_OK;
}

FILTER(f_last)
{
  jv back;
  struct jv_iter it;
  bool done;
  if (v.kind == JV_UNDEFINED) { // has a length and items: reversed() gives nothing
    *out = py_undef_hint(j, "No last item, sequence was empty.", NULL);
    return RS_OK;
  }
  TRY(py_iter_reversed(j, v, &back));
  TRY(py_iter_open(j, back, &it));
  TRY(py_iter_next(j, &it, out, &done));
  if (done) *out = py_undef_hint(j, "No last item, sequence was empty.", NULL);
  return RS_OK;
}

FILTER(f_random)
{
  size_t n;
  TRY(jv_length(j, v, &n));
  if (n == 0) {
    *out = py_undef_hint(j, "No random item, sequence was empty.", NULL);
    return RS_OK;
  }
  return py_get_item(j, v, jv_int((int64_t)(jinja_random(j) % n)), out);
}

FILTER(f_length)
{
  size_t n;
  TRY(jv_length(j, v, &n));
  *out = jv_int((int64_t)n);
  return RS_OK;
}

FILTER(f_list)
{
  return py_iter_list(j, v, out);
}

FILTER(f_reverse)
{
  if (v.kind == JV_STR) return py_get_slice(j, v, jv_none(), jv_none(), jv_int(-1), out);
  if (!py_is_iterable(v)) return py_fail(j, "argument must be iterable");
  bool ordered = py_set_items(v) == NULL && jv_self(v, &py_iter_class) == NULL;
  if (ordered) return py_iter_reversed(j, v, out);
  TRY(py_iter_list(j, v, out));
  py_seq_reverse(out->u.seq);
  return RS_OK;
}

/* ---- joining and adding -------------------------------------------------------------------- */

FILTER(f_join)
{
  jv sep = is_given(argv[0]) ? argv[0] : jv_textn(j, "", 0), list;
  TRY(py_iter_list(j, v, &list));
  bool markup = false, escape = j->eval->autoescape;
  for (size_t i = 0; i < list.u.seq->n; i++) {
    TRY(jinja_attr_path(j, list.u.seq->v[i], argv[1], jv_absent(), &list.u.seq->v[i]));
    markup = markup || is_markup(list.u.seq->v[i]);
  }
  TRY(py_text_of(j, sep, &sep));
  markup = escape && (markup || is_markup(sep));
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < list.u.seq->n && b.rc == RS_OK; i++) {
    if (i > 0) rc = markup ? py_text_escape(j, sep, &b) : py_text_str(j, sep, &b);
    if (rc == RS_OK) {
      rc = markup ? py_text_escape(j, list.u.seq->v[i], &b) : py_text_str(j, list.u.seq->v[i], &b);
    }
  }
  return py_str_end(j, rc, &b, markup ? STR_MARKUP : STR_PLAIN, out);
}

FILTER(f_sum)
{
  jv total = is_given(argv[1]) ? argv[1] : jv_int(0);
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  if (total.kind == JV_STR) {
    return py_fail(j, "sum() can't sum strings [use ''.join(seq) instead]");
  }
  for (;;) {
    jv item;
    bool done;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done) break;
    TRY(jinja_attr_path(j, item, argv[0], jv_absent(), &item));
    TRY(py_num_binary(j, OP_ADD, total, item, &total));
  }
  *out = total;
  return RS_OK;
}

static const struct row rows[] = {
  {"batch", jinja_filter_batch, "linecount fill_with", 1, 0, "do_batch"},
  {"count", f_length, "", 0, 0, "len"},
  {"dictsort", f_dictsort, "case_sensitive by reverse", 0, 0, "do_dictsort"},
  {"first", f_first, "", 0, ROW_ENV, "sync_do_first"},
  {"groupby", f_groupby, "attribute default case_sensitive", 1, ROW_ENV, "sync_do_groupby"},
  {"items", jinja_filter_items, "", 0, 0, "do_items"},
  {"join", f_join, "d attribute", 0, ROW_ENV, "sync_do_join"},
  {"last", f_last, "", 0, ROW_ENV, "do_last"},
  {"length", f_length, "", 0, 0, "len"},
  {"list", f_list, "", 0, 0, "sync_do_list"},
  {"map", jinja_filter_map, NULL, 0, ROW_CONTEXT, "sync_do_map"},
  {"max", f_extreme, "case_sensitive attribute", 0, ROW_ENV | ROW_HOW(CMP_GT), "do_max"},
  {"min", f_extreme, "case_sensitive attribute", 0, ROW_ENV | ROW_HOW(CMP_LT), "do_min"},
  {"random", f_random, "", 0, ROW_CONTEXT | ROW_ENV, "do_random"},
  {"reject", jinja_filter_select, NULL, 0, ROW_CONTEXT | ROW_HOW(SELECT_REJECT), "sync_do_reject"},
  {"rejectattr", jinja_filter_select, NULL, 0, ROW_CONTEXT | ROW_HOW(SELECT_ATTR | SELECT_REJECT),
   "sync_do_rejectattr"},
  {"reverse", f_reverse, "", 0, 0, "do_reverse"},
  {"select", jinja_filter_select, NULL, 0, ROW_CONTEXT, "sync_do_select"},
  {"selectattr", jinja_filter_select, NULL, 0, ROW_CONTEXT | ROW_HOW(SELECT_ATTR),
   "sync_do_selectattr"},
  {"slice", jinja_filter_slice, "slices fill_with", 1, 0, "sync_do_slice"},
  {"sort", f_sort, "reverse case_sensitive attribute", 0, ROW_ENV, "do_sort"},
  {"sum", f_sum, "attribute start", 0, ROW_ENV, "sync_do_sum"},
  {"unique", jinja_filter_unique, "case_sensitive attribute", 0, ROW_ENV, "sync_do_unique"},
};
const struct rows jinja_filters_seq = {rows, sizeof rows / sizeof rows[0]};
