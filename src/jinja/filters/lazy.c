/*
** Filters that are generators in Python: map, select, reject, selectattr, rejectattr, unique,
** batch, slice, items. Nothing is looked at before the first item is asked for.
*/
#include "src/jinja/internal.h"

struct lazy {
  jv src;
  struct jv_iter it;
  bool open, done;
  struct jv_args args; /* copies */
  jv a, b;             /* named arguments */
  bool attr, reject, exact;
  jv seen; /* unique */
  jv list; /* slice */
  size_t i, offset;
};

static jv *copy_values(struct rs_python *j, const jv *v, size_t n)
{
  jv *copy = py_alloc(j, (n + 1) * sizeof *copy);
  if (copy != NULL && n > 0) memcpy(copy, v, n * sizeof *copy);
  return copy;
}

static enum rs_code lazy_new(struct rs_python *j, jv v, const struct jv_args *raw,
                             struct lazy **out)
{
  struct lazy *l = py_alloc(j, sizeof *l);
  if (l == NULL) return py_nomem(j);
  *l = (struct lazy){.src = v, .a = jv_absent(), .b = jv_absent()};
  jv *pos = copy_values(j, raw->pos, raw->npos), *kw = copy_values(j, raw->kw_keys, raw->nkw);
  jv *kwv = copy_values(j, raw->kw_values, raw->nkw);
  if (pos == NULL || kw == NULL || kwv == NULL) return py_nomem(j);
  l->args = (struct jv_args){
    .pos = pos, .npos = raw->npos, .kw_keys = kw, .kw_values = kwv, .nkw = raw->nkw};
  *out = l;
  return RS_OK;
}

/* The next item of the source; opens it first. `if value:` guards it as in Jinja. */
static enum rs_code pull(struct rs_python *j, struct lazy *l, bool guard, jv *v, bool *done)
{
  if (!l->open) {
    bool yes = true;
    if (guard) TRY(jv_is_true(j, l->src, &yes));
    if (!yes) {
      *done = true;
      return RS_OK;
    }
    TRY(py_iter_open(j, l->src, &l->it));
    l->open = true;
  }
  return py_iter_next(j, &l->it, v, done);
}

static enum rs_code made(struct rs_python *j, jv v, jv *out)
{
  *out = v;
  return v.kind == JV_OBJECT ? RS_OK : py_nomem(j);
}

/* ---- map ----------------------------------------------------------------------------------- */

static enum rs_code map_prepare(struct rs_python *j, struct lazy *l)
{
  for (size_t i = 0; l->args.npos == 0 && i < l->args.nkw; i++) {
    l->attr = l->attr || strcmp(l->args.kw_keys[i].u.str->s, "attribute") == 0;
  }
  if (!l->attr) {
    return l->args.npos > 0 ? RS_OK : py_fail(j, "map requires a filter argument");
  }
  for (size_t i = 0; i < l->args.nkw; i++) {
    const char *name = l->args.kw_keys[i].u.str->s;
    if (strcmp(name, "attribute") == 0) {
      l->a = l->args.kw_values[i];
    } else if (strcmp(name, "default") == 0) {
      l->b = l->args.kw_values[i];
    } else {
      return py_fail(j, "Unexpected keyword argument '%s'", name);
    }
  }
  return RS_OK;
}

static GENERATOR(map_next)
{
  struct lazy *l = state;
  jv item;
  bool first = !l->open, yes = true;
  if (first) TRY(jv_is_true(j, l->src, &yes));
  if (first && yes) TRY(map_prepare(j, l));
  TRY(pull(j, l, true, &item, done));
  if (*done) return RS_OK;
  if (l->attr) return jinja_attr_path(j, item, l->a, l->b, out);
  struct jv_args rest = l->args;
  jv name = rest.pos[0];
  if (name.kind != JV_STR) return py_fail_repr(j, "No filter named %s.", name);
  rest.pos++;
  rest.npos--;
  return jinja_apply_filter(j, name.u.str->s, name.u.str->n, item, &rest, out);
}

SHARED_FILTER(jinja_filter_map)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  return made(j, rs_python_generator(j, "generator object sync_do_map", map_next, l), out);
}

/* ---- select and its kin -------------------------------------------------------------------- */

static GENERATOR(select_next)
{
  struct lazy *l = state;
  for (;;) {
    jv value;
    bool yes;
    TRY(pull(j, l, true, out, done));
    if (*done) return RS_OK;
    value = *out;
    struct jv_args rest = l->args;
    if (l->attr) {
      if (rest.npos == 0) return py_fail(j, "Missing parameter for attribute name");
      TRY(jinja_attr_path(j, value, rest.pos[0], jv_absent(), &value));
      rest.pos++;
      rest.npos--;
    }
    if (rest.npos == 0) {
      TRY(jv_is_true(j, value, &yes));
    } else {
      jv name = rest.pos[0];
      if (name.kind != JV_STR) return py_fail_repr(j, "No test named %s.", name);
      rest.pos++;
      rest.npos--;
      TRY(jinja_apply_test(j, name.u.str->s, name.u.str->n, value, &rest, &yes));
    }
    if (yes != l->reject) return RS_OK;
  }
}

SHARED_FILTER(jinja_filter_select)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  l->attr = (how & SELECT_ATTR) != 0;
  l->reject = (how & SELECT_REJECT) != 0;
  return made(j, rs_python_generator(j, "generator object select_or_reject", select_next, l), out);
}

/* ---- unique, items ------------------------------------------------------------------------- */

static GENERATOR(unique_next)
{
  struct lazy *l = state;
  for (;;) {
    jv key;
    size_t at;
    TRY(pull(j, l, false, out, done));
    if (*done) return RS_OK;
    TRY(jinja_attr_path(j, *out, l->a, jv_absent(), &key));
    if (!l->exact) TRY(jinja_ignore_case(j, key, &key));
    TRY(py_dict_find(j, l->seen.u.dict, key, &at));
    if (at == DICT_NONE) return py_dict_put(j, l->seen.u.dict, key, jv_none());
  }
}

SHARED_FILTER(jinja_filter_unique)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  TRY(py_arg_bool(j, argv[0], &l->exact));
  l->a = argv[1];
  l->seen = jv_dict(j);
  if (l->seen.kind != JV_DICT) return py_nomem(j);
  return made(j, rs_python_generator(j, "generator object sync_do_unique", unique_next, l), out);
}

static GENERATOR(items_next)
{
  struct lazy *l = state;
  *done = true;
  if (!l->open) {
    jv d = l->src;
    if (d.kind == JV_UNDEFINED) return RS_OK;
    if (d.kind == JV_OBJECT && d.u.obj->cls->is_mapping) {
      d = jv_dict(j);
      if (d.kind == JV_DICT) TRY(py_dict_update(j, d.u.dict, l->src));
    }
    if (d.kind != JV_DICT) return py_fail(j, "Can only get item pairs from a mapping.");
    l->src = py_view_new(j, d, VIEW_ITEMS);
  }
  return pull(j, l, false, out, done);
}

SHARED_FILTER(jinja_filter_items)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  return made(j, rs_python_generator(j, "generator object do_items", items_next, l), out);
}

/* ---- batch and slice ----------------------------------------------------------------------- */

static GENERATOR(batch_next)
{
  struct lazy *l = state;
  int64_t count = -1;
  bool whole = is_int(l->a);
  if (whole) TRY(py_num_to_i64(j, l->a, &count));
  *out = jv_list(j);
  *done = l->done;
  if (l->done || out->kind != JV_LIST) return l->done ? RS_OK : py_nomem(j);
  if (is_given(l->seen)) { // the item that did not fit into the last batch
    jv_list_add(j, *out, l->seen);
    l->seen = jv_absent();
  }
  for (;;) {
    jv item;
    TRY(pull(j, l, false, &item, &l->done));
    if (l->done) break;
    if (count == (int64_t)out->u.seq->n) {
      if (out->u.seq->n > 0 || count == 0) {
        l->seen = item;
        return RS_OK;
      }
    }
    jv_list_add(j, *out, item);
  }
  *done = out->u.seq->n == 0;
  if (!*done && is_given(l->b) && l->b.kind != JV_NONE) {
    if (!whole) return py_type_error2(j, "-", l->a, jv_int(0));
    TRY(py_steps(j, count > 0 ? (uint64_t)count / 16 : 0));
    while ((int64_t)out->u.seq->n < count && j->sticky == RS_OK) jv_list_add(j, *out, l->b);
  }
  return RS_OK;
}

SHARED_FILTER(jinja_filter_batch)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  l->a = argv[0];
  l->b = argv[1];
  l->seen = jv_absent();
  return made(j, rs_python_generator(j, "generator object do_batch", batch_next, l), out);
}

static GENERATOR(slice_next)
{
  struct lazy *l = state;
  int64_t slices;
  if (!l->open) {
    TRY(py_iter_list(j, l->src, &l->list));
    l->open = true;
  }
  TRY(py_num_to_i64(j, l->a, &slices));
  if (slices == 0) return py_fail(j, "integer division or modulo by zero");
  *done = slices < 0 || l->i >= (size_t)slices;
  if (*done) return RS_OK;
  size_t n = l->list.u.seq->n, per = n / (size_t)slices, extra = n % (size_t)slices;
  size_t start = l->offset + l->i * per;
  if (l->i < extra) l->offset++;
  size_t end = l->offset + (l->i + 1) * per;
  *out = jv_list(j);
  for (size_t k = start; k < end && k < n; k++) jv_list_add(j, *out, l->list.u.seq->v[k]);
  if (is_given(l->b) && l->b.kind != JV_NONE && l->i >= extra) jv_list_add(j, *out, l->b);
  l->i++;
  return out->kind == JV_LIST ? RS_OK : py_nomem(j);
}

SHARED_FILTER(jinja_filter_slice)
{
  struct lazy *l;
  TRY(lazy_new(j, v, raw, &l));
  l->a = argv[0];
  l->b = argv[1];
  return made(j, rs_python_generator(j, "generator object sync_do_slice", slice_next, l), out);
}
