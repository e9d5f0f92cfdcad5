/*
** The methods of list, tuple, dict, set and dictionary views, one row each.
*/
#include "methods.h"

/* ---- list and tuple ------------------------------------------------------------------------ */

METHOD(l_append)
{
  jv_list_add(j, self, argv[0]);
  return j_step(j);
}

METHOD(l_clear)
{
  *out = jv_none();
  self.u.seq->n = 0;
  return RS_OK;
}

METHOD(l_copy)
{
  return py_iter_list(j, self, out);
}

METHOD(l_count)
{
  int64_t n = 0;
  for (size_t i = 0; i < self.u.seq->n; i++) {
    bool same = jv_is(self.u.seq->v[i], argv[0]);
    TRY(j_step(j));
    if (!same) TRY(jv_eq(j, self.u.seq->v[i], argv[0], &same));
    n += same;
  }
  *out = jv_int(n);
  return RS_OK;
}

METHOD(l_extend)
{
  jv more;
  TRY(py_iter_list(j, argv[0], &more));
  for (size_t i = 0; i < more.u.seq->n; i++) jv_list_add(j, self, more.u.seq->v[i]);
  return j_step(j);
}

/* The position of an equal item from `from` on; the length when there is none. */
static enum rs_code position(struct rs_python *j, jv self, jv item, size_t from, size_t to,
                             size_t *at)
{
  for (size_t i = from; i < to && i < self.u.seq->n; i++) {
    bool same = jv_is(self.u.seq->v[i], item);
    TRY(j_step(j));
    if (!same) TRY(jv_eq(j, self.u.seq->v[i], item, &same));
    if (same) {
      *at = i;
      return RS_OK;
    }
  }
  *at = self.u.seq->n;
  return RS_OK;
}

METHOD(l_index)
{
  int64_t n = (int64_t)self.u.seq->n, from = 0, to = n;
  if (is_given(argv[1])) TRY(py_num_to_i64(j, argv[1], &from));
  if (is_given(argv[2])) TRY(py_num_to_i64(j, argv[2], &to));
  if (from < 0) from = from + n < 0 ? 0 : from + n;
  if (to < 0) to = to + n < 0 ? 0 : to + n;
  size_t at;
  TRY(position(j, self, argv[0], (size_t)from, (size_t)to, &at));
  if (at == self.u.seq->n) {
    return self.kind == JV_TUPLE ? py_fail(j, "tuple.index(x): x not in tuple")
                                 : py_fail_repr(j, "%s is not in list", argv[0]);
  }
  *out = jv_int((int64_t)at);
  return RS_OK;
}

METHOD(l_insert)
{
  struct jv_seq *s = self.u.seq;
  int64_t i, n = (int64_t)s->n;
  TRY(py_num_to_i64(j, argv[0], &i));
  if (i < 0) i = i + n < 0 ? 0 : i + n;
  if (i > n) i = n;
  if (!py_seq_reserve(j, s, s->n + 1)) return py_nomem(j);
  seq_changes(j, s);
  memmove(s->v + i + 1, s->v + i, (size_t)(n - i) * sizeof *s->v);
  s->v[i] = argv[1];
  s->n++;
  return RS_OK;
}

METHOD(l_pop)
{
  struct jv_seq *s = self.u.seq;
  int64_t i = -1;
  if (is_given(argv[0])) TRY(py_num_to_i64(j, argv[0], &i));
  if (s->n == 0) return py_fail(j, "pop from empty list");
  if (i < 0) i += (int64_t)s->n;
  if (i < 0 || (size_t)i >= s->n) return py_fail(j, "pop index out of range");
  *out = s->v[i];
  memmove(s->v + i, s->v + i + 1, (s->n - (size_t)i - 1) * sizeof *s->v);
  s->n--;
  return RS_OK;
}

METHOD(l_remove)
{
  struct jv_seq *s = self.u.seq;
  size_t at;
  TRY(position(j, self, argv[0], 0, s->n, &at));
  if (at == s->n) return py_fail(j, "list.remove(x): x not in list");
  memmove(s->v + at, s->v + at + 1, (s->n - at - 1) * sizeof *s->v);
  s->n--;
  return RS_OK;
}

METHOD(l_reverse)
{
  py_seq_reverse(self.u.seq);
  return RS_OK;
}

METHOD(l_sort)
{
  if (raw->npos > 0) return py_fail(j, "sort() takes no positional arguments");
  bool reverse = false;
  TRY(py_arg_reverse(j, argv[1], &reverse));
  jv keys = jv_tuple(j, self.u.seq->v, self.u.seq->n);
  if (keys.kind != JV_TUPLE) return py_nomem(j);
  if (is_given(argv[0]) && argv[0].kind != JV_NONE) {
    for (size_t i = 0; i < keys.u.seq->n; i++) {
      TRY(py_call_n(j, argv[0], 1, &self.u.seq->v[i], &keys.u.seq->v[i]));
    }
  }
  return py_seq_sort(j, self.u.seq, keys.u.seq->v, reverse);
}

#define P ROW_POSITIONAL
static const struct row list_rows[] = {
  {"append", l_append, "object", 1, P, "list.append"},
  {"clear", l_clear, "", 0, P, "list.clear"},
  {"copy", l_copy, "", 0, P, "list.copy"},
  {"count", l_count, "value", 1, P, "list.count"},
  {"extend", l_extend, "iterable", 1, P, "list.extend"},
  {"index", l_index, "value start stop", 1, P, "index"},
  {"insert", l_insert, "index object", 2, P, "insert"},
  {"pop", l_pop, "index", 0, P, "pop"},
  {"remove", l_remove, "value", 1, P, "list.remove"},
  {"reverse", l_reverse, "", 0, P, "list.reverse"},
  {"sort", l_sort, "key reverse", 0, 0, "sort"},
};
const struct rows py_methods_list = {list_rows, sizeof list_rows / sizeof list_rows[0]};

static const struct row tuple_rows[] = {
  {"count", l_count, "value", 1, P, "tuple.count"},
  {"index", l_index, "value start stop", 1, P, "index"},
};
const struct rows py_methods_tuple = {tuple_rows, sizeof tuple_rows / sizeof tuple_rows[0]};

/* ---- dict ---------------------------------------------------------------------------------- */

static enum rs_code update_pairs(struct rs_python *j, struct jv_dict *d, jv v)
{
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  for (size_t i = 0;; i++) {
    jv pair, list;
    bool done;
    TRY(py_iter_next(j, &it, &pair, &done));
    if (done) return RS_OK;
    if (!py_is_iterable(pair)) {
      return py_fail(j, "cannot convert dictionary update sequence element #%zu to a sequence", i);
    }
    TRY(py_iter_list(j, pair, &list));
    if (list.u.seq->n != 2) {
      return py_fail(j, "dictionary update sequence element #%zu has length %zu; 2 is required", i,
                     list.u.seq->n);
    }
    TRY(py_dict_put(j, d, list.u.seq->v[0], list.u.seq->v[1]));
  }
}

enum rs_code py_dict_update(struct rs_python *j, struct jv_dict *d, jv v)
{
  if (v.kind == JV_DICT) {
    const struct jv_dict *from = v.u.dict;
    for (size_t i = 0; py_dict_next(from, &i); i++) {
      TRY(j_step(j));
      TRY(py_dict_put(j, d, from->keys[i], from->vals[i]));
    }
    return RS_OK;
  }
  if (v.kind == JV_OBJECT && v.u.obj->cls->is_mapping) {
    jv keys;
    TRY(py_iter_list(j, v, &keys));
    for (size_t i = 0; i < keys.u.seq->n; i++) {
      jv value;
      TRY(py_get_item(j, v, keys.u.seq->v[i], &value));
      TRY(py_dict_put(j, d, keys.u.seq->v[i], value));
    }
    return RS_OK;
  }
  if (v.kind == JV_UNDEFINED) return py_undef_is_lenient(v) ? RS_OK : py_undefined_used(j, v);
  return update_pairs(j, d, v);
}

METHOD(d_clear)
{
  py_dict_clear(self.u.dict);
  return RS_OK;
}

METHOD(d_copy)
{
  *out = py_dict_copy(j, self);
  return out->kind == JV_DICT ? RS_OK : py_nomem(j);
}

METHOD(d_fromkeys)
{
  struct jv_iter it;
  TRY(py_iter_open(j, argv[0], &it));
  *out = jv_dict(j);
  if (out->kind != JV_DICT) return py_nomem(j);
  for (;;) {
    jv key;
    bool done;
    TRY(py_iter_next(j, &it, &key, &done));
    if (done) return RS_OK;
    TRY(py_dict_put(j, out->u.dict, key, is_given(argv[1]) ? argv[1] : jv_none()));
  }
}

METHOD(d_get)
{
  size_t at;
  TRY(py_dict_find(j, self.u.dict, argv[0], &at));
  *out = at != DICT_NONE ? self.u.dict->vals[at] : is_given(argv[1]) ? argv[1] : jv_none();
  return RS_OK;
}

METHOD(d_view)
{
  *out = py_view_new(j, self, (enum view_kind)how);
  return out->kind == JV_OBJECT ? RS_OK : py_nomem(j);
}

METHOD(d_pop)
{
  size_t at;
  TRY(py_dict_find(j, self.u.dict, argv[0], &at));
  if (at == DICT_NONE) {
    if (!is_given(argv[1])) return py_fail_repr(j, "%s", argv[0]);
    *out = argv[1];
    return RS_OK;
  }
  *out = self.u.dict->vals[at];
  py_dict_remove(self.u.dict, at);
  return RS_OK;
}

METHOD(d_popitem)
{
  struct jv_dict *d = self.u.dict;
  if (d->live == 0) return py_fail(j, "'popitem(): dictionary is empty'");
  size_t last = d->used;
  while (last > 0 && !is_given(d->keys[last - 1])) last--;
  const jv pair[] = {d->keys[last - 1], d->vals[last - 1]};
  *out = jv_tuple(j, pair, 2);
  py_dict_remove(d, last - 1);
  return RS_OK;
}

METHOD(d_setdefault)
{
  size_t at;
  TRY(py_dict_find(j, self.u.dict, argv[0], &at));
  *out = at != DICT_NONE ? self.u.dict->vals[at] : is_given(argv[1]) ? argv[1] : jv_none();
  return at != DICT_NONE ? RS_OK : py_dict_put(j, self.u.dict, argv[0], *out);
}

METHOD(d_update)
{
  if (raw->npos > 1) return py_fail(j, "update expected at most 1 argument, got %zu", raw->npos);
  if (raw->npos == 1) TRY(py_dict_update(j, self.u.dict, raw->pos[0]));
  for (size_t i = 0; i < raw->nkw; i++) {
    TRY(py_dict_put(j, self.u.dict, raw->kw_keys[i], raw->kw_values[i]));
  }
  return RS_OK;
}

static const struct row dict_rows[] = {
  {"clear", d_clear, "", 0, P, "dict.clear"},
  {"copy", d_copy, "", 0, P, "dict.copy"},
  {"fromkeys", d_fromkeys, "iterable value", 1, P, "fromkeys"},
  {"get", d_get, "key default", 1, P, "get"},
  {"items", d_view, "", 0, P | ROW_HOW(VIEW_ITEMS), "dict.items"},
  {"keys", d_view, "", 0, P | ROW_HOW(VIEW_KEYS), "dict.keys"},
  {"pop", d_pop, "key default", 1, P, "pop"},
  {"popitem", d_popitem, "", 0, P, "dict.popitem"},
  {"setdefault", d_setdefault, "key default", 1, P, "setdefault"},
  {"update", d_update, NULL, 0, 0, "update"},
  {"values", d_view, "", 0, P | ROW_HOW(VIEW_VALUES), "dict.values"},
};
const struct rows py_methods_dict = {dict_rows, sizeof dict_rows / sizeof dict_rows[0]};

/* ---- set ----------------------------------------------------------------------------------- */

static enum rs_code set_from(struct rs_python *j, jv v, struct jv_dict *to)
{
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  for (;;) {
    jv item;
    bool done;
    size_t at;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done) return RS_OK;
    TRY(py_dict_find(j, to, item, &at));
    if (at == DICT_NONE) TRY(py_dict_put(j, to, item, jv_none()));
  }
}

METHOD(set_add)
{
  size_t at;
  TRY(py_dict_find(j, py_set_items(self), argv[0], &at));
  return at != DICT_NONE ? RS_OK : py_dict_put(j, py_set_items(self), argv[0], jv_none());
}

METHOD(set_clear)
{
  py_dict_clear(py_set_items(self));
  return RS_OK;
}

METHOD(set_copy)
{
  *out = jv_set(j);
  return out->kind == JV_OBJECT ? set_from(j, self, py_set_items(*out)) : py_nomem(j);
}

METHOD(set_discard)
{
  size_t at;
  TRY(py_dict_find(j, py_set_items(self), argv[0], &at));
  if (at != DICT_NONE) py_dict_remove(py_set_items(self), at);
  return RS_OK;
}

METHOD(set_remove)
{
  size_t at;
  TRY(py_dict_find(j, py_set_items(self), argv[0], &at));
  if (at == DICT_NONE) return py_fail_repr(j, "%s", argv[0]);
  py_dict_remove(py_set_items(self), at);
  return RS_OK;
}

METHOD(set_pop)
{
  struct jv_dict *d = py_set_items(self);
  size_t i = 0;
  if (!py_dict_next(d, &i)) return py_fail(j, "'pop from an empty set'");
  *out = d->keys[i];
  py_dict_remove(d, i);
  return RS_OK;
}

METHOD(set_union)
{
  TRY(set_copy(j, self, argv, raw, 0, out));
  for (size_t i = 0; i < raw->npos; i++) TRY(set_from(j, raw->pos[i], py_set_items(*out)));
  return RS_OK;
}

METHOD(set_update)
{
  for (size_t i = 0; i < raw->npos; i++) TRY(set_from(j, raw->pos[i], py_set_items(self)));
  return RS_OK;
}

enum rs_code py_set_filter(struct rs_python *j, jv self, jv other, bool wanted, jv *out)
{
  jv set = jv_set(j);
  *out = jv_set(j);
  if (set.kind != JV_OBJECT || out->kind != JV_OBJECT) return py_nomem(j);
  TRY(set_from(j, other, py_set_items(set)));
  const struct jv_dict *d = py_set_items(self);
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    size_t at;
    TRY(py_dict_find(j, py_set_items(set), d->keys[i], &at));
    if ((at != DICT_NONE) == wanted) TRY(py_dict_put(j, py_set_items(*out), d->keys[i], jv_none()));
  }
  return RS_OK;
}

enum { NOT_WANTED, WANTED };

/* intersection, difference */
METHOD(set_filter)
{
  TRY(set_copy(j, self, argv, raw, 0, out));
  for (size_t i = 0; i < raw->npos; i++) {
    jv now = *out;
    TRY(py_set_filter(j, now, raw->pos[i], how == WANTED, out));
  }
  return RS_OK;
}

METHOD(set_filter_update)
{
  jv r;
  TRY(set_filter(j, self, argv, raw, how, &r));
  *py_set_items(self) = *py_set_items(r);
  return RS_OK;
}

METHOD(set_symmetric)
{
  jv other = jv_set(j), rest;
  if (other.kind != JV_OBJECT) return py_nomem(j);
  TRY(set_from(j, argv[0], py_set_items(other)));
  TRY(py_set_filter(j, self, other, false, out));
  TRY(py_set_filter(j, other, self, false, &rest));
  return set_from(j, rest, py_set_items(*out));
}

/* isdisjoint (no comparison), issubset, issuperset */
METHOD(set_relation)
{
  jv other = jv_set(j), common;
  bool yes;
  if (other.kind != JV_OBJECT) return py_nomem(j);
  TRY(set_from(j, argv[0], py_set_items(other)));
  if (how == CMP_NE) {
    TRY(py_set_filter(j, self, other, true, &common));
    yes = py_set_items(common)->live == 0;
  } else {
    TRY(jv_compare(j, (enum cmp_op)how, self, other, &yes));
  }
  *out = jv_bool(yes);
  return RS_OK;
}

static const struct row set_rows[] = {
  {"add", set_add, "elem", 1, P, "set.add"},
  {"clear", set_clear, "", 0, P, "set.clear"},
  {"copy", set_copy, "", 0, P, "set.copy"},
  {"difference", set_filter, NULL, 0, P | ROW_HOW(NOT_WANTED), NULL},
  {"difference_update", set_filter_update, NULL, 0, P | ROW_HOW(NOT_WANTED), NULL},
  {"discard", set_discard, "elem", 1, P, "set.discard"},
  {"intersection", set_filter, NULL, 0, P | ROW_HOW(WANTED), NULL},
  {"intersection_update", set_filter_update, NULL, 0, P | ROW_HOW(WANTED), NULL},
  {"isdisjoint", set_relation, "other", 1, P | ROW_HOW(CMP_NE), "set.isdisjoint"},
  {"issubset", set_relation, "other", 1, P | ROW_HOW(CMP_LE), "set.issubset"},
  {"issuperset", set_relation, "other", 1, P | ROW_HOW(CMP_GE), "set.issuperset"},
  {"pop", set_pop, "", 0, P, "set.pop"},
  {"remove", set_remove, "elem", 1, P, "set.remove"},
  {"symmetric_difference", set_symmetric, "other", 1, P, "set.symmetric_difference"},
  {"union", set_union, NULL, 0, P, NULL},
  {"update", set_update, NULL, 0, P, NULL},
};
const struct rows py_methods_set = {set_rows, sizeof set_rows / sizeof set_rows[0]};
