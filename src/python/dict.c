/*
** Dictionaries (insertion order, Python's keys: 1, 1.0 and True are one) and, on top of them, sets,
** the views of a dictionary, and namespaces.
*/
#include "protocol.h"

/* ---- hashing ------------------------------------------------------------------------------- */

static uint32_t mix(uint64_t x)
{
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  return (uint32_t)x;
}

static uint32_t hash_double(double d)
{
  if (d >= -9223372036854775808.0 && d < 9223372036854775808.0 && d == (double)(int64_t)d) {
    return mix((uint64_t)(int64_t)d);
  }
  uint64_t bits;
  memcpy(&bits, &d, sizeof bits);
  return mix(bits);
}

static enum rs_code hash_at(struct rs_python *j, jv v, uint32_t *h, unsigned depth)
{
  bool overflow = false;
  switch (v.kind) {
    case JV_NONE: *h = 17; return RS_OK;
    case JV_BOOL: *h = mix(v.u.b); return RS_OK;
    case JV_INT: *h = mix((uint64_t)v.u.i); return RS_OK;
    case JV_FLOAT: *h = hash_double(v.u.f); return RS_OK;
    case JV_BIGINT: { // equal to a float of the same value
      double d = big_to_double(jv_bigp(v), &overflow);
      *h = overflow ? 23 : hash_double(d);
      return RS_OK;
    }
    case JV_STR: *h = v.u.str->hash; return RS_OK;
    case JV_UNDEFINED: *h = 29; return RS_OK;
    case JV_TUPLE:
      if (depth > 100) return py_limit(j, "value is nested too deeply");
      *h = 31;
      for (size_t i = 0; i < v.u.seq->n; i++) {
        uint32_t item;
        TRY(hash_at(j, v.u.seq->v[i], &item, depth + 1));
        *h = *h * 1000003u ^ item;
      }
      return RS_OK;
    case JV_FUNC: {
      const bool one = v.u.func->kind == FN_MACRO && v.u.func->env == NULL; // jv_is()
      *h = mix((uint64_t)(uintptr_t)(one ? (const void *)v.u.func->macro : v.u.p));
      return RS_OK;
    }
    case JV_OBJECT:
      if (v.u.obj->cls == &py_set_class || v.u.obj->cls == &py_view_class) break;
      if (v.u.obj->cls->hash != NULL) {
        *h = v.u.obj->cls->hash(v.u.obj->self);
      } else {
        // objects that can be equal without being one must share a bucket
        *h = v.u.obj->cls->equal != NULL ? 37 : mix((uint64_t)(uintptr_t)v.u.obj->self);
      }
      return RS_OK;
    default: break;
  }
  return py_fail(j, "unhashable type: '%s'", jv_type_name(v));
}

enum rs_code jv_hash(struct rs_python *j, jv v, uint32_t *h)
{
  return hash_at(j, v, h, 0);
}

/* ---- dictionaries -------------------------------------------------------------------------- */

size_t py_dict_find_str(const struct jv_dict *d, const char *key, size_t n)
{
  if (d->nslots == 0) return DICT_NONE;
  uint32_t h = py_str_hash(key, n);
  for (size_t k = h & (d->nslots - 1); d->slots[k] != 0; k = (k + 1) & (d->nslots - 1)) {
    size_t at = d->slots[k] - 1;
    if (d->hash[at] == h && py_is_text(d->keys[at], key, n)) return at;
  }
  return DICT_NONE;
}

static enum rs_code find_hashed(struct rs_python *j, const struct jv_dict *d, jv key, uint32_t h,
                                size_t *found)
{
  *found = DICT_NONE;
  if (d->nslots == 0) return RS_OK;
  for (size_t k = h & (d->nslots - 1); d->slots[k] != 0; k = (k + 1) & (d->nslots - 1)) {
    size_t at = d->slots[k] - 1;
    if (d->hash[at] != h || !is_given(d->keys[at])) continue;
    bool same = key.kind == JV_STR && py_is_text(d->keys[at], key.u.str->s, key.u.str->n);
    if (!same) same = jv_is(d->keys[at], key);
    if (!same && key.kind != JV_STR) TRY(jv_eq(j, d->keys[at], key, &same));
    if (same) {
      *found = at;
      return RS_OK;
    }
  }
  return RS_OK;
}

enum rs_code py_dict_find(struct rs_python *j, const struct jv_dict *d, jv key, size_t *at)
{
  uint32_t h;
  TRY(jv_hash(j, key, &h));
  return find_hashed(j, d, key, h, at);
}

/* Room for one more entry; drops removed ones when the arrays are rebuilt. */
static enum rs_code dict_grow(struct rs_python *j, struct jv_dict *d)
{
  if (d->used < d->cap) return RS_OK;
  size_t cap = d->live < 4 ? 8 : d->live * 2;
  size_t nslots = 16;
  while (nslots < cap * 2) nslots *= 2;
  if (cap > UINT32_MAX / 2) return py_limit(j, "dictionary is too big");
  jv *keys = py_alloc(j, cap * sizeof *keys), *vals = py_alloc(j, cap * sizeof *vals);
  uint32_t *hash = py_alloc(j, cap * sizeof *hash);
  uint32_t *slots = rs_arena_calloc(&j->arena, nslots * sizeof *slots);
  if (keys == NULL || vals == NULL || hash == NULL || slots == NULL) return py_nomem(j);
  size_t n = 0;
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    keys[n] = d->keys[i];
    vals[n] = d->vals[i];
    hash[n] = d->hash[i];
    size_t k = hash[n] & (nslots - 1);
    while (slots[k] != 0) k = (k + 1) & (nslots - 1);
    slots[k] = (uint32_t)++n;
  }
  d->keys = keys;
  d->vals = vals;
  d->hash = hash;
  d->slots = slots;
  d->used = d->live = n;
  d->cap = cap;
  d->nslots = nslots;
  if (j->makes_shared) d->home = keys;
  return RS_OK;
}

enum rs_code py_dict_put(struct rs_python *j, struct jv_dict *d, jv key, jv value)
{
  uint32_t h;
  size_t at;
  TRY(jv_hash(j, key, &h));
  TRY(find_hashed(j, d, key, h, &at));
  dict_changes(j, d);
  if (at != DICT_NONE) {
    d->vals[at] = value;
    return RS_OK;
  }
  TRY(dict_grow(j, d));
  d->keys[d->used] = key;
  d->vals[d->used] = value;
  d->hash[d->used] = h;
  size_t k = h & (d->nslots - 1);
  while (d->slots[k] != 0) k = (k + 1) & (d->nslots - 1);
  d->slots[k] = (uint32_t)++d->used;
  d->live++;
  return RS_OK;
}

void py_dict_remove(struct jv_dict *d, size_t at)
{
  d->keys[at] = jv_absent(); // its slot stays taken until the next rebuild
  d->vals[at] = jv_none();
  d->live--;
}

void py_dict_clear(struct jv_dict *d)
{
  *d = (struct jv_dict){.shared = d->shared, .changed = d->changed, .next = d->next};
}

bool py_dict_next(const struct jv_dict *d, size_t *i)
{
  while (*i < d->used && !is_given(d->keys[*i])) ++*i;
  return *i < d->used;
}

jv py_dict_copy(struct rs_python *j, jv from)
{
  jv to = jv_dict(j);
  if (to.kind != JV_DICT) return to;
  for (size_t i = 0; py_dict_next(from.u.dict, &i); i++) {
    if (py_dict_put(j, to.u.dict, from.u.dict->keys[i], from.u.dict->vals[i]) != RS_OK) {
      return jv_undefined();
    }
  }
  return to;
}

/* ---- sets ---------------------------------------------------------------------------------- */

static CLASS_TEXT(set_str)
{
  const struct jv_dict *d = self;
  if (d->live == 0) {
    rs_buf_str(b, "set()");
    return RS_OK;
  }
  rs_buf_char(b, '{');
  bool first = true;
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    if (!first) rs_buf_str(b, ", ");
    first = false;
    TRY(py_text_repr(j, d->keys[i], b));
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

static enum rs_code keys_list(struct rs_python *j, const struct jv_dict *d, jv *out)
{
  *out = jv_list(j);
  for (size_t i = 0; py_dict_next(d, &i); i++) jv_list_add(j, *out, d->keys[i]);
  return j_step(j);
}

static CLASS_ITER(set_iter)
{
  return keys_list(j, self, out);
}

static bool set_truth(void *self)
{
  return ((const struct jv_dict *)self)->live > 0;
}

const struct jv_class py_set_class = {
  .name = "set", .str = set_str, .iter = set_iter, .truth = set_truth};

struct jv_dict *py_set_items(jv v)
{
  return jv_self(v, &py_set_class);
}

jv jv_set(struct rs_python *j)
{
  jv d = jv_dict(j);
  return d.kind == JV_DICT ? jv_object(j, &py_set_class, d.u.dict) : d;
}

bool jv_is_set(jv v)
{
  return py_set_items(v) != NULL;
}

enum rs_code jv_set_put(struct rs_python *j, jv set, jv item, struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = py_dict_put(j, py_set_items(set), item, jv_none());
  j->err = saved;
  return rc;
}

/* ---- views: keys(), values(), items() ------------------------------------------------------ */

static enum rs_code view_item(struct rs_python *j, const struct view *v, size_t i, jv *out)
{
  if (v->kind == VIEW_KEYS) {
    *out = v->dict->keys[i];
  } else if (v->kind == VIEW_VALUES) {
    *out = v->dict->vals[i];
  } else {
    *out = py_tuple_new(j, 2);
    if (out->kind != JV_TUPLE) return py_nomem(j);
    out->u.seq->v[0] = v->dict->keys[i];
    out->u.seq->v[1] = v->dict->vals[i];
  }
  return RS_OK;
}

static CLASS_ITER(view_iter)
{
  const struct view *v = self;
  *out = jv_list(j);
  for (size_t i = 0; py_dict_next(v->dict, &i); i++) {
    jv item;
    TRY(view_item(j, v, i, &item));
    jv_list_add(j, *out, item);
  }
  return j_step(j);
}

static CLASS_TEXT(view_str)
{
  static const char *const names[] = {"dict_keys", "dict_values", "dict_items"};
  const struct view *v = self;
  jv list;
  TRY(view_iter(j, self, &list, e));
  rs_buf_str(b, names[v->kind]);
  rs_buf_char(b, '(');
  TRY(py_text_repr(j, list, b));
  rs_buf_char(b, ')');
  return RS_OK;
}

static bool view_truth(void *self)
{
  return ((const struct view *)self)->dict->live > 0;
}

const struct jv_class py_view_class = {
  .name = "dict view", .str = view_str, .iter = view_iter, .truth = view_truth};

jv py_view_new(struct rs_python *j, jv dict, enum view_kind kind)
{
  struct view *v = rs_arena_alloc(&j->arena, sizeof *v);
  if (v == NULL) {
    (void)py_nomem(j);
    return jv_undefined();
  }
  *v = (struct view){.dict = dict.u.dict, .kind = kind};
  return jv_object(j, &py_view_class, v);
}

/* ---- namespaces ---------------------------------------------------------------------------- */

static CLASS_GETATTR(ns_getattr)
{
  const struct jv_dict *d = self;
  size_t at = py_dict_find_str(d, name, n);
  if (at == DICT_NONE) return RS_NOT_FOUND;
  *out = d->vals[at];
  return RS_OK;
}

static CLASS_TEXT(ns_str)
{
  rs_buf_str(b, "<Namespace ");
  TRY(py_text_repr(j, (jv){.kind = JV_DICT, .u.dict = self}, b));
  rs_buf_char(b, '>');
  return RS_OK;
}

const struct jv_class py_namespace_class = {
  .name = "Namespace", .getattr = ns_getattr, .str = ns_str};

jv py_ns_dict(jv v)
{
  struct jv_dict *d = jv_self(v, &py_namespace_class);
  return d != NULL ? (jv){.kind = JV_DICT, .u.dict = d} : jv_undefined();
}
