/*
** The methods of dict views and ranges, and the read-only mapping that a view shows as .mapping.
*/
#include "methods.h"

/* ---- views ---------------------------------------------------------------------------------- */

METHOD(v_isdisjoint)
{
  struct jv_iter it;
  TRY(py_iter_open(j, argv[0], &it));
  for (;;) {
    jv item;
    bool done, found;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done) break;
    TRY(jv_contains(j, self, item, &found));
    if (!found) continue;
    *out = jv_bool(false);
    return RS_OK;
  }
  *out = jv_bool(true);
  return RS_OK;
}

static const struct row view_rows[] = {
  {"isdisjoint", v_isdisjoint, "other", 1, ROW_POSITIONAL, "isdisjoint"},
};
const struct rows py_methods_view = {view_rows, sizeof view_rows / sizeof view_rows[0]};

/* ---- mappingproxy --------------------------------------------------------------------------- */

static jv proxied(void *self)
{
  return (jv){.kind = JV_DICT, .u.dict = self};
}

static CLASS_GETATTR(proxy_getattr)
{
  static const char *const names[] = {"copy", "get", "items", "keys", "values"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    bool found;
    if (!rs_eqn(names[i], name, n)) continue;
    jv key = py_str_sub(j, name, n, STR_PLAIN);
    return key.kind == JV_STR ? py_get_attr_only(j, proxied(self), key.u.str, out, &found)
                              : py_nomem(j);
  }
  return RS_NOT_FOUND;
}

static CLASS_GETITEM(proxy_getitem)
{
  size_t at = DICT_NONE;
  uint32_t h;
  if (jv_hash(j, key, &h) == RS_OK) TRY(py_dict_find(j, self, key, &at));
  if (at == DICT_NONE) return RS_NOT_FOUND;
  *out = ((const struct jv_dict *)self)->vals[at];
  return RS_OK;
}

static CLASS_TEXT(proxy_str)
{
  return py_text_repr(j, proxied(self), b);
}

static CLASS_TEXT(proxy_repr)
{
  rs_buf_str(b, "mappingproxy(");
  TRY(proxy_str(j, self, b, e));
  rs_buf_char(b, ')');
  return RS_OK;
}

static CLASS_ITER(proxy_iter)
{
  return py_iter_list(j, proxied(self), out);
}

static bool proxy_truth(void *self)
{
  return ((const struct jv_dict *)self)->live > 0;
}

static size_t proxy_len(void *self)
{
  return ((const struct jv_dict *)self)->live;
}

static const struct jv_class proxy_class = {.name = "mappingproxy",
                                            .getattr = proxy_getattr,
                                            .getitem = proxy_getitem,
                                            .str = proxy_str,
                                            .repr = proxy_repr,
                                            .iter = proxy_iter,
                                            .truth = proxy_truth,
                                            .len = proxy_len,
                                            .is_mapping = true};

jv py_view_mapping(struct rs_python *j, jv view)
{
  return jv_object(j, &proxy_class, ((const struct view *)jv_self(view, &py_view_class))->dict);
}

/* ---- ranges --------------------------------------------------------------------------------- */

static enum rs_code range_find(struct rs_python *j, jv range, jv item, bool *found, int64_t *at)
{
  const struct range *r = py_range_of(range);
  for (size_t i = 0; i < r->n; i++) {
    TRY(j_step(j));
    TRY(jv_eq(j, jv_int(r->start + (int64_t)i * r->step), item, found));
    *at = (int64_t)i;
    if (*found) return RS_OK;
  }
  *found = false;
  return RS_OK;
}

METHOD(r_count)
{
  int64_t at = 0;
  bool found;
  TRY(range_find(j, self, argv[0], &found, &at));
  *out = jv_int(found);
  return RS_OK;
}

METHOD(r_index)
{
  int64_t at = 0;
  bool found;
  TRY(range_find(j, self, argv[0], &found, &at));
  if (!found) return py_fail_repr(j, "%s is not in range", argv[0]);
  *out = jv_int(at);
  return RS_OK;
}

static const struct row range_rows[] = {
  {"count", r_count, "value", 1, ROW_POSITIONAL, "range.count"},
  {"index", r_index, "value", 1, ROW_POSITIONAL, "range.index"},
};
const struct rows py_methods_range = {range_rows, sizeof range_rows / sizeof range_rows[0]};
