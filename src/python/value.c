/*
** Values: making them and looking into them. All memory is the evaluation's arena; when it is
** exhausted a constructor returns an Undefined and the next step of the evaluation fails.
*/
#include "protocol.h"

static jv lost(struct rs_python *j)
{
  if (j->sticky == RS_OK) j->sticky = rs_arena_limited(&j->arena) ? RS_LIMIT : RS_NOMEM;
  return jv_undefined();
}

uint32_t py_str_hash(const char *s, size_t n)
{
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 16777619u;
  return h;
}

struct jv_str *py_str_new(struct rs_arena *a, const char *s, size_t n)
{
  if (n > ((size_t)1 << 40)) return NULL;
  struct jv_str *str = rs_arena_alloc(a, sizeof *str + n + 1);
  if (str == NULL) return NULL;
  str->n = n;
  str->cps = uni_count(s, n);
  str->hash = py_str_hash(s, n);
  str->sub = STR_PLAIN;
  str->shared = false;
  if (n > 0) memcpy(str->s, s, n);
  str->s[n] = 0;
  return str;
}

jv py_str_sub(struct rs_python *j, const char *s, size_t n, enum str_sub sub)
{
  if (sub == STR_PLAIN && n <= 1) {
    // the empty string and ASCII characters are shared
    unsigned char c = n == 1 ? (unsigned char)s[0] : 0;
    const struct jv_str **keep = n == 0 ? &j->empty : c < 128 ? &j->chars[c] : NULL;
    if (keep != NULL) {
      if (*keep == NULL) {
        struct jv_str *made = py_str_new(&j->arena, s, n);
        if (made != NULL) made->shared = j->makes_shared;
        *keep = made;
      }
      return *keep != NULL ? jv_of_str(*keep) : lost(j);
    }
  }
  struct jv_str *str = py_str_new(&j->arena, s, n);
  if (str == NULL) return lost(j);
  str->sub = (uint8_t)sub;
  str->shared = j->makes_shared;
  return jv_of_str(str);
}

jv py_str_like(struct rs_python *j, jv model, const char *s, size_t n)
{
  return py_str_sub(j, s, n, is_markup(model) ? STR_MARKUP : STR_PLAIN);
}

jv py_str_as(struct rs_python *j, jv s, enum str_sub sub)
{
  if (s.u.str->sub == sub) return s;
  return py_str_sub(j, s.u.str->s, s.u.str->n, sub);
}

enum rs_code py_str_take(struct rs_python *j, struct rs_buf *b, enum str_sub sub, jv *out)
{
  enum rs_code rc = RS_OK;
  if (b->rc != RS_OK) {
    rc = py_buf_fail(j, b);
  } else {
    *out = py_str_sub(j, rs_buf_text(b), b->n, sub);
    if (out->kind == JV_UNDEFINED) rc = py_nomem(j);
  }
  rs_buf_free(b);
  return rc;
}

enum rs_code py_str_end(struct rs_python *j, enum rs_code rc, struct rs_buf *b, enum str_sub sub,
                        jv *out)
{
  if (rc == RS_OK) return py_str_take(j, b, sub, out);
  rs_buf_free(b);
  return rc;
}

size_t py_str_offset(const struct jv_str *s, size_t cp)
{
  if (is_ascii(s)) return cp < s->n ? cp : s->n;
  if (cp >= s->cps) return s->n;
  size_t at = 0;
  if (cp > s->cps / 2) { // nearer from the end
    at = s->n;
    for (size_t left = s->cps - cp; left > 0; left--) (void)uni_prev(s->s, &at);
    return at;
  }
  while (cp-- > 0) (void)uni_next(s->s, &at);
  return at;
}

jv py_str_at(struct rs_python *j, const struct jv_str *s, size_t byte)
{
  size_t end = byte;
  (void)uni_next(s->s, &end);
  return py_str_sub(j, s->s + byte, end - byte, s->sub == STR_MARKUP ? STR_MARKUP : STR_PLAIN);
}

/* ---- constructors -------------------------------------------------------------------------- */

jv jv_undefined(void)
{
  return (jv){.kind = JV_UNDEFINED};
}
jv jv_none(void)
{
  return (jv){.kind = JV_NONE};
}
jv jv_bool(bool b)
{
  return (jv){.kind = JV_BOOL, .u.b = b};
}
jv jv_int(int64_t i)
{
  return (jv){.kind = JV_INT, .u.i = i};
}
jv jv_float(double f)
{
  return (jv){.kind = JV_FLOAT, .u.f = f};
}

jv jv_textn(struct rs_python *j, const char *s, size_t n)
{
  if (uni_valid(s, n)) return py_str_sub(j, s, n, STR_PLAIN);
  // what comes from outside may hold anything; inside, text is UTF-8
  struct rs_buf b;
  py_buf_init(j, &b);
  for (size_t i = 0; i < n;) {
    size_t took = 1;
    char out[4];
    uint32_t c = rs_utf8_decode(s + i, n - i, &took);
    rs_buf_add(&b, out, rs_utf8_encode(c, out));
    i += took;
  }
  jv v = b.rc == RS_OK ? py_str_sub(j, rs_buf_text(&b), b.n, STR_PLAIN) : lost(j);
  rs_buf_free(&b);
  return v;
}

jv jv_text(struct rs_python *j, const char *s)
{
  return jv_textn(j, s, strlen(s));
}

static jv seq_new(struct rs_python *j, enum jv_kind kind, size_t cap)
{
  struct jv_seq *s = rs_arena_calloc(&j->arena, sizeof *s);
  if (s == NULL || cap > SIZE_MAX / sizeof *s->v / 2) return lost(j);
  if (cap > 0) {
    s->v = rs_arena_alloc(&j->arena, cap * sizeof *s->v);
    if (s->v == NULL) return lost(j);
    s->cap = cap;
  }
  s->shared = j->makes_shared;
  if (s->shared) s->home = s->v;
  return (jv){.kind = kind, .u.seq = s};
}

jv jv_list(struct rs_python *j)
{
  return seq_new(j, JV_LIST, 0);
}

bool py_seq_reserve(struct rs_python *j, struct jv_seq *s, size_t n)
{
  if (n <= s->cap) return true;
  size_t cap = s->cap < 4 ? 8 : s->cap * 2;
  if (cap < n) cap = n;
  jv *v = n > SIZE_MAX / sizeof *v / 4 ? NULL : rs_arena_alloc(&j->arena, cap * sizeof *v);
  if (v == NULL) {
    (void)lost(j);
    return false;
  }
  if (s->n > 0) memcpy(v, s->v, s->n * sizeof *v);
  s->v = v;
  s->cap = cap;
  if (j->makes_shared) s->home = v;
  return true;
}

void jv_list_add(struct rs_python *j, jv list, jv item)
{
  if (list.kind != JV_LIST && list.kind != JV_TUPLE) return;
  struct jv_seq *s = list.u.seq;
  seq_changes(j, s);
  if (py_seq_reserve(j, s, s->n + 1)) s->v[s->n++] = item;
}

jv py_tuple_new(struct rs_python *j, size_t n)
{
  jv t = seq_new(j, JV_TUPLE, n);
  if (t.kind == JV_TUPLE) {
    t.u.seq->n = n;
    for (size_t i = 0; i < n; i++) t.u.seq->v[i] = jv_none();
  }
  return t;
}

jv jv_tuple(struct rs_python *j, const jv *items, size_t n)
{
  jv t = py_tuple_new(j, n);
  if (t.kind == JV_TUPLE && n > 0) memcpy(t.u.seq->v, items, n * sizeof *items);
  return t;
}

jv jv_dict(struct rs_python *j)
{
  struct jv_dict *d = rs_arena_calloc(&j->arena, sizeof *d);
  if (d == NULL) return lost(j);
  d->shared = j->makes_shared;
  return (jv){.kind = JV_DICT, .u.dict = d};
}

void jv_dict_setv(struct rs_python *j, jv dict, jv key, jv value)
{
  if (dict.kind != JV_DICT) return;
  struct rs_error *saved = j->err;
  bool located = j->located;
  j->err = NULL; // an unhashable key is the caller's mistake: ignored, as the contract has no error
  (void)py_dict_put(j, dict.u.dict, key, value);
  j->err = saved;
  j->located = located;
}

void jv_dict_set(struct rs_python *j, jv dict, const char *key, jv value)
{
  jv_dict_setv(j, dict, jv_text(j, key), value);
}

jv jv_func(struct rs_python *j, const char *name, jv_native fn, void *ctx)
{
  struct jv_func *f = rs_arena_calloc(&j->arena, sizeof *f);
  char *copy = rs_arena_strdup(&j->arena, name);
  if (f == NULL || copy == NULL) return lost(j);
  *f = (struct jv_func){
    .kind = FN_NATIVE, .name = copy, .fn = fn, .ctx = ctx, .shared = j->makes_shared};
  return (jv){.kind = JV_FUNC, .u.func = f};
}

jv jv_object(struct rs_python *j, const struct jv_class *cls, void *self)
{
  struct jv_object *o = rs_arena_alloc(&j->arena, sizeof *o);
  if (o == NULL) return lost(j);
  *o = (struct jv_object){.cls = cls, .self = self, .shared = j->makes_shared};
  return (jv){.kind = JV_OBJECT, .u.obj = o};
}

/* ---- undefined ----------------------------------------------------------------------------- */

static jv undef(struct rs_python *j, struct jv_undef u)
{
  struct jv_undef *p = rs_arena_alloc(&j->arena, sizeof *p);
  if (p == NULL) return lost(j);
  u.lenient = j->lenient;
  *p = u;
  return (jv){.kind = JV_UNDEFINED, .u.p = p};
}

jv py_undef_name(struct rs_python *j, const struct jv_str *name)
{
  return undef(j, (struct jv_undef){.kind = UNDEF_NAME, .name = jv_of_str(name)});
}

jv py_undef_attr(struct rs_python *j, jv obj, jv name)
{
  // dbt's lenient class forgets the object
  return undef(
    j, (struct jv_undef){.kind = j->lenient ? UNDEF_NAME : UNDEF_ATTR, .name = name, .obj = obj});
}

jv py_undef_unsafe(struct rs_python *j, jv obj, jv name)
{
  return undef(j, (struct jv_undef){.kind = UNDEF_UNSAFE, .name = name, .obj = obj});
}

jv py_undef_hint(struct rs_python *j, const char *hint, const char *name)
{
  char *copy = rs_arena_strdup(&j->arena, hint);
  if (copy == NULL) return lost(j);
  return undef(j, (struct jv_undef){.kind = UNDEF_HINT,
                                    .hint = copy,
                                    .name = name != NULL ? jv_text(j, name) : jv_none()});
}

jv py_undef_hint_buf(struct rs_python *j, struct rs_buf *b, const char *name)
{
  jv v = b->rc == RS_NOMEM ? lost(j) : py_undef_hint(j, rs_buf_text(b), name);
  rs_buf_free(b);
  return v;
}

bool py_undef_is_lenient(jv v)
{
  const struct jv_undef *u = v.u.p;
  return v.kind == JV_UNDEFINED && u != NULL && u->lenient;
}

/* ---- access -------------------------------------------------------------------------------- */

bool jv_is_str(jv v)
{
  return v.kind == JV_STR;
}

const char *jv_cstr(jv v, size_t *n)
{
  if (n != NULL) *n = v.kind == JV_STR ? v.u.str->n : 0;
  return v.kind == JV_STR ? v.u.str->s : "";
}

size_t jv_len(jv v)
{
  switch (v.kind) {
    case JV_STR: return v.u.str->cps;
    case JV_LIST:
    case JV_TUPLE: return v.u.seq->n;
    case JV_DICT: return v.u.dict->live;
    default: return 0;
  }
}

jv jv_item(jv seq, size_t i)
{
  if ((seq.kind != JV_LIST && seq.kind != JV_TUPLE) || i >= seq.u.seq->n) return jv_undefined();
  return seq.u.seq->v[i];
}

bool jv_dict_get(jv dict, const char *key, jv *out)
{
  if (dict.kind != JV_DICT) return false;
  size_t at = py_dict_find_str(dict.u.dict, key, strlen(key));
  if (at == DICT_NONE) return false;
  *out = dict.u.dict->vals[at];
  return true;
}

void jv_dict_at(jv dict, size_t i, jv *key, jv *value)
{
  const struct jv_dict *d = dict.kind == JV_DICT ? dict.u.dict : NULL;
  *key = *value = jv_undefined();
  if (d == NULL || i >= d->live) return;
  size_t at = i;
  if (d->live != d->used) { // entries were removed: count
    at = 0;
    for (size_t k = 0; py_dict_next(d, &at); at++) {
      if (k++ == i) break;
    }
  }
  *key = d->keys[at];
  *value = d->vals[at];
}

bool jv_truth(struct rs_python *j, jv v)
{
  bool yes = false;
  return jv_is_true(j, v, &yes) == RS_OK && yes;
}

bool jv_equal(struct rs_python *j, jv a, jv b)
{
  bool yes = false;
  return jv_eq(j, a, b, &yes) == RS_OK && yes;
}

void *jv_self(jv v, const struct jv_class *cls)
{
  return v.kind == JV_OBJECT && v.u.obj->cls == cls ? v.u.obj->self : NULL;
}

const char *jv_type_name(jv v)
{
  static const char *const subs[] = {"str",        "Markup",       "TextMarker",
                                     "BoolMarker", "NativeMarker", "NumberMarker"};
  switch ((int)v.kind) {
    case JV_UNDEFINED: return "Undefined";
    case JV_NONE: return "NoneType";
    case JV_BOOL: return "bool";
    case JV_INT:
    case JV_BIGINT: return "int";
    case JV_FLOAT: return "float";
    case JV_STR: return subs[v.u.str->sub];
    case JV_LIST: return "list";
    case JV_TUPLE: return v.u.seq->type != NULL ? v.u.seq->type->name : "tuple";
    case JV_DICT: return "dict";
    case JV_FUNC:
      return v.u.func->kind == FN_NATIVE   ? "function"
             : v.u.func->kind == FN_METHOD ? "builtin_function_or_method"
                                           : "Macro";
    case JV_OBJECT: {
      static const char *const views[] = {"dict_keys", "dict_values", "dict_items"};
      const struct view *view = jv_self(v, &py_view_class);
      if (view != NULL) return views[view->kind];
      if (py_iter_type(v) != NULL) return py_iter_type(v);
    }
      return v.u.obj->cls->name != NULL ? v.u.obj->cls->name : "object";
    default: return "object";
  }
}

/* ---- shared values ------------------------------------------------------------------------- */

void py_share_note(struct rs_share *s, void *container, bool is_dict)
{
  struct jv_dict *d = is_dict ? container : NULL;
  struct jv_seq *seq = is_dict ? NULL : container;
  if (d != NULL) {
    d->changed = true;
    d->next = s->dicts;
    s->dicts = d;
  } else {
    seq->changed = true;
    seq->next = s->seqs;
    s->seqs = seq;
  }
}
