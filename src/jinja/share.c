/*
** Values that outlive the evaluation that made them (jinja.h): what evaluations store in shared
** lists and dictionaries is copied into the share's own arena once no evaluation is left that could
** hold the original.
**
** It is a collector with two generations. Until the collection a stored value stays the very object
** that its evaluation has, so that `set x = {}`, storing x, and changing x afterwards do what they
** do in Python. Whoever changes a shared container enters it into the list of changed ones
** (dict_changes, seq_changes); only these are looked through. A copy is entered, too, before its
** own items are copied: there is no recursion.
*/
#include <stdio.h>
#include "internal.h"

/* ---- life ---------------------------------------------------------------------------------- */

struct rs_share *rs_share_new(size_t max_memory)
{
  const struct rs_python_options opt = {.max_memory = max_memory};
  struct rs_share *s = rs_calloc(1, sizeof *s);
  struct rs_python *j = s != NULL ? rs_jinja_new(&opt) : NULL;
  if (j == NULL) {
    rs_free(s);
    return NULL;
  }
  j->share = s;
  j->makes_shared = true;
  s->maker = j;
  return s;
}

void rs_share_free(struct rs_share *s)
{
  if (s == NULL) return;
  rs_jinja_free(s->maker);
  rs_free(s);
}

struct rs_python *rs_share_maker(struct rs_share *s)
{
  return s->maker;
}

void rs_share_use(struct rs_share *s, struct rs_python *j)
{
  j->share = s;
}

void rs_jinja_retire(struct rs_python *j)
{
  j->opt.is_interrupted = NULL;
  j->eval->resolve = NULL;
}

/* ---- copies -------------------------------------------------------------------------------- */

static jv kept(struct rs_share *s, jv v);

/* A container that isn't shared yet: its copy, still with the old items. */
static struct jv_dict *kept_dict(struct rs_share *s, struct jv_dict *d)
{
  if (d->shared) return d;
  if (d->next != NULL) return d->next;
  struct jv_dict *copy = py_alloc(s->maker, sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *d;
  copy->shared = true;
  copy->home = NULL;
  d->next = copy;
  py_share_note(s, copy, true);
  return copy;
}

static struct jv_seq *kept_seq(struct rs_share *s, struct jv_seq *q)
{
  if (q->shared) return q;
  if (q->next != NULL) return q->next;
  struct jv_seq *copy = py_alloc(s->maker, sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *q;
  copy->shared = true;
  copy->home = NULL;
  q->next = copy;
  py_share_note(s, copy, false);
  return copy;
}

/* What hangs on its evaluation: whoever uses it later gets that as the error. */
static jv lost(struct rs_share *s, jv v)
{
  char text[200];
  (void)snprintf(text, sizeof text, "a '%s' that another node stored does not outlive that node",
                 jv_type_name(v));
  return py_undef_hint(s->maker, text, NULL);
}

static jv kept_func(struct rs_share *s, jv v)
{
  const struct jv_func *f = v.u.func;
  struct rs_python *j = s->maker;
  if (f->shared) return v;
  bool macro = f->kind == FN_MACRO && f->env == NULL;
  if (!macro && f->kind != FN_METHOD && (f->kind != FN_NATIVE || f->ctx != NULL)) return lost(s, v);
  struct jv_func *copy = py_alloc(j, sizeof *copy);
  if (copy == NULL) return jv_undefined();
  *copy = *f;
  copy->shared = true;
  if (macro) {
    // const for those who only read it; the count is the template's own
    if (!jinja_keep_template(j, (struct rs_template *)(uintptr_t)f->t)) return jv_undefined();
  } else {
    copy->name = rs_arena_strdup(&j->arena, f->name);
    if (copy->name == NULL) return jv_undefined();
    if (f->kind == FN_METHOD) copy->self = kept(s, f->self);
  }
  return (jv){.kind = JV_FUNC, .u.func = copy};
}

static jv kept_object(struct rs_share *s, jv v)
{
  const struct jv_class *cls = v.u.obj->cls;
  void *self = v.u.obj->self;
  struct rs_python *j = s->maker;
  jv out = jv_undefined();
  if (v.u.obj->shared) return v;
  if (self == NULL) return jv_object(j, cls, NULL);
  if (cls == &py_set_class || cls == &py_namespace_class) {
    struct jv_dict *d = kept_dict(s, self);
    return d != NULL ? jv_object(j, cls, d) : out;
  }
  if (cls == &py_view_class) {
    const struct view *view = self;
    struct jv_dict *d = kept_dict(s, view->dict);
    return d != NULL ? py_view_new(j, (jv){.kind = JV_DICT, .u.dict = d}, view->kind) : out;
  }
  if (cls == &py_range_class) {
    struct range *copy = py_alloc(j, sizeof *copy);
    if (copy == NULL) return out;
    *copy = *(const struct range *)self;
    return jv_object(j, cls, copy);
  }
  if (cls->keep == NULL) return lost(s, v);
  return cls->keep(j, self);
}

/* The value as the share may hold it. Out of memory: the maker remembers it. */
static jv kept(struct rs_share *s, jv v)
{
  struct rs_python *j = s->maker;
  switch (v.kind) {
    case JV_UNDEFINED: return v.u.p != NULL ? lost(s, v) : v;
    case JV_STR: return v.u.str->shared ? v : py_str_sub(j, v.u.str->s, v.u.str->n, v.u.str->sub);
    case JV_BIGINT: {
      const struct jv_big *b = jv_bigp(v);
      size_t size = sizeof *b + b->n * sizeof b->d[0];
      void *copy = py_alloc(j, size);
      if (copy != NULL) memcpy(copy, b, size);
      return copy != NULL ? (jv){.kind = JV_BIGINT, .u.p = copy} : jv_undefined();
    }
    case JV_LIST:
    case JV_TUPLE: v.u.seq = kept_seq(s, v.u.seq); return v;
    case JV_DICT: v.u.dict = kept_dict(s, v.u.dict); return v;
    case JV_FUNC: return kept_func(s, v);
    case JV_OBJECT: return kept_object(s, v);
    default: return v;
  }
}

/* ---- the collection ------------------------------------------------------------------------ */

static void *moved(struct rs_share *s, const void *p, size_t n)
{
  void *to = py_alloc(s->maker, n);
  if (to != NULL) memcpy(to, p, n);
  return to;
}

static bool settle_seq(struct rs_share *s, struct jv_seq *q)
{
  if (q->v != q->home) {
    q->v = moved(s, q->v, q->cap * sizeof *q->v);
    if (q->v == NULL) q->n = q->cap = 0;
    q->home = q->v;
  }
  for (size_t i = 0; i < q->n; i++) q->v[i] = kept(s, q->v[i]);
  return s->maker->sticky == RS_OK;
}

static bool settle_dict(struct rs_share *s, struct jv_dict *d)
{
  if (d->keys != d->home) {
    d->keys = moved(s, d->keys, d->cap * sizeof *d->keys);
    d->vals = moved(s, d->vals, d->cap * sizeof *d->vals);
    d->hash = moved(s, d->hash, d->cap * sizeof *d->hash);
    d->slots = moved(s, d->slots, d->nslots * sizeof *d->slots);
    d->home = d->keys;
    if (s->maker->sticky != RS_OK) {
      py_dict_clear(d);
      return false;
    }
  }
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    d->keys[i] = kept(s, d->keys[i]);
    d->vals[i] = kept(s, d->vals[i]);
  }
  return s->maker->sticky == RS_OK;
}

enum rs_code rs_share_collect(struct rs_share *s, struct rs_error *e)
{
  bool ok = s->maker->sticky == RS_OK;
  while (ok && (s->dicts != NULL || s->seqs != NULL)) {
    struct jv_dict *d = s->dicts;
    struct jv_seq *q = s->seqs;
    if (d != NULL) {
      s->dicts = d->next;
      d->next = NULL;
      d->changed = false;
      ok = settle_dict(s, d);
    } else {
      s->seqs = q->next;
      q->next = NULL;
      q->changed = false;
      ok = settle_seq(s, q);
    }
  }
  if (ok) return RS_OK;
  if (s->maker->sticky == RS_NOMEM) return rs_nomem(e);
  return rs_fail(e, RS_LIMIT, "shared values need more than %zu bytes of memory",
                 s->maker->opt.max_memory);
}
