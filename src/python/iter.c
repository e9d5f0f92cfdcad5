/*
** Iteration: one cursor over everything Python can iterate, and the generator objects that filters
** such as map and select return. Generators are lazy and run once, as Python's are.
*/
#include "protocol.h"

struct generator {
  const char *type;
  enum rs_code (*next)(struct rs_python *j, void *state, jv *out, bool *done, struct rs_error *e);
  void *state;
  bool done;
};

static CLASS_TEXT(generator_str)
{
  rs_buf_printf(b, "<%s " ADDRESS ">", ((const struct generator *)self)->type);
  return RS_OK;
}

const struct jv_class py_iter_class = {.name = "generator", .str = generator_str};

const char *py_iter_type(jv v)
{
  const struct generator *g = jv_self(v, &py_iter_class);
  if (g == NULL) return NULL;
  if (strncmp(g->type, "generator", 9) == 0) return "generator";
  return strncmp(g->type, "list", 4) == 0 ? "list_reverseiterator" : "reversed";
}

jv rs_python_generator(struct rs_python *j, const char *type,
                       enum rs_code (*next)(struct rs_python *j, void *state, jv *out, bool *done,
                                            struct rs_error *e),
                       void *state)
{
  struct generator *g = py_alloc(j, sizeof *g);
  if (g == NULL) return jv_undefined();
  *g = (struct generator){.type = type, .next = next, .state = state};
  return jv_object(j, &py_iter_class, g);
}

const struct range *py_range_of(jv v)
{
  return jv_self(v, &py_range_class);
}

static CLASS_TEXT(range_str)
{
  const struct range *r = self;
  rs_buf_printf(b, "range(%lld, %lld", (long long)r->start, (long long)r->stop);
  if (r->step != 1) rs_buf_printf(b, ", %lld", (long long)r->step);
  rs_buf_char(b, ')');
  return RS_OK;
}

static bool range_truth(void *self)
{
  return ((const struct range *)self)->n > 0;
}

const struct jv_class py_range_class = {.name = "range", .str = range_str, .truth = range_truth};

bool py_is_iterable(jv v)
{
  switch (v.kind) {
    case JV_STR:
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT:
    case JV_UNDEFINED: return true;
    case JV_OBJECT:
      return v.u.obj->cls->iter != NULL || v.u.obj->cls == &py_iter_class ||
             v.u.obj->cls == &py_range_class;
    default: return false;
  }
}

/* The dictionary that a dict, set or view walks, else NULL. */
static const struct jv_dict *walked(jv v)
{
  if (v.kind == JV_DICT) return v.u.dict;
  const struct view *view = jv_self(v, &py_view_class);
  return view != NULL ? view->dict : py_set_items(v);
}

enum rs_code py_iter_open(struct rs_python *j, jv v, struct jv_iter *it)
{
  *it = (struct jv_iter){.src = v};
  if (!py_is_iterable(v)) return py_fail(j, "'%s' object is not iterable", jv_type_name(v));
  const struct jv_dict *d = walked(v);
  if (d != NULL) {
    it->len = d->live;
    return RS_OK;
  }
  if (v.kind == JV_OBJECT && v.u.obj->cls->iter != NULL) {
    jv list = jv_none();
    enum rs_code rc = v.u.obj->cls->iter(j, v.u.obj->self, &list, j->err);
    if (rc != RS_OK) return rc;
    if (list.kind != JV_LIST && list.kind != JV_TUPLE) return py_nomem(j);
    it->src = list;
  }
  return RS_OK;
}

static enum rs_code next_entry(struct rs_python *j, struct jv_iter *it, const struct jv_dict *d,
                               jv *out, bool *done)
{
  if (d->live != it->len) {
    return py_fail(j, py_set_items(it->src) != NULL ? "Set changed size during iteration"
                                                    : "dictionary changed size during iteration");
  }
  *done = !py_dict_next(d, &it->i);
  if (*done) return RS_OK;
  const struct view *view = jv_self(it->src, &py_view_class);
  size_t i = it->i++;
  if (view == NULL || view->kind == VIEW_KEYS) {
    *out = d->keys[i];
  } else if (view->kind == VIEW_VALUES) {
    *out = d->vals[i];
  } else {
    const jv pair[] = {d->keys[i], d->vals[i]};
    *out = jv_tuple(j, pair, 2);
  }
  return RS_OK;
}

enum rs_code py_iter_next(struct rs_python *j, struct jv_iter *it, jv *out, bool *done)
{
  TRY(j_step(j));
  *done = true;
  switch (it->src.kind) {
    case JV_LIST:
    case JV_TUPLE: // a list that grows meanwhile is followed
      if (it->i < it->src.u.seq->n) {
        *out = it->src.u.seq->v[it->i++];
        *done = false;
      }
      return RS_OK;
    case JV_STR: {
      const struct jv_str *s = it->src.u.str;
      if (it->i < s->n) {
        size_t at = it->i;
        (void)uni_next(s->s, &it->i);
        *out = py_str_sub(j, s->s + at, it->i - at, STR_PLAIN); // of Markup, too
        *done = false;
      }
      return RS_OK;
    }
    case JV_UNDEFINED: return RS_OK;
    default: break;
  }
  const struct jv_dict *d = walked(it->src);
  if (d != NULL) return next_entry(j, it, d, out, done);
  const struct range *r = py_range_of(it->src);
  if (r != NULL) {
    if (it->i < r->n) {
      *out = jv_int(r->start + (int64_t)it->i++ * r->step);
      *done = false;
    }
    return RS_OK;
  }
  struct generator *g = jv_self(it->src, &py_iter_class);
  if (g == NULL || g->done) return RS_OK;
  if (j->nest + 20 > NEST_MAX) return py_limit(j, "generators are nested too deeply");
  j->nest += 20;
  enum rs_code rc = g->next(j, g->state, out, done, j->err);
  j->nest -= 20;
  if (rc != RS_OK || *done) g->done = true;
  return rc;
}

enum rs_code py_iter_list(struct rs_python *j, jv v, jv *list)
{
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  *list = jv_list(j);
  if (list->kind != JV_LIST) return py_nomem(j);
  if ((it.src.kind == JV_LIST || it.src.kind == JV_TUPLE) && it.src.u.seq->n > 0) {
    size_t n = it.src.u.seq->n;
    if (!py_seq_reserve(j, list->u.seq, n)) return py_nomem(j);
    memcpy(list->u.seq->v, it.src.u.seq->v, n * sizeof(jv));
    list->u.seq->n = n;
    return py_steps(j, n / 16);
  }
  for (;;) {
    jv item;
    bool done;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done) return j->sticky != RS_OK ? py_nomem(j) : RS_OK;
    jv_list_add(j, *list, item);
  }
}

enum rs_code jv_list_of(struct rs_python *j, jv v, jv *list, struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  *list = jv_none();
  enum rs_code rc = py_iter_list(j, v, list);
  j->err = saved;
  return rc;
}

/* reversed(v): what has an order and a length. */
struct backwards {
  jv list;
  size_t left;
};

static GENERATOR(backwards_next)
{
  struct backwards *b = state;
  *done = b->left == 0 || b->left > b->list.u.seq->n;
  if (!*done) *out = b->list.u.seq->v[--b->left];
  return RS_OK;
}

enum rs_code py_iter_reversed(struct rs_python *j, jv v, jv *out)
{
  bool ok = v.kind == JV_UNDEFINED || v.kind == JV_LIST || v.kind == JV_TUPLE || v.kind == JV_STR ||
            v.kind == JV_DICT || py_range_of(v) != NULL || jv_self(v, &py_view_class) != NULL;
  if (!ok && v.kind == JV_OBJECT && v.u.obj->cls->iter != NULL && v.u.obj->cls != &py_set_class)
    ok = true;
  if (!ok) return py_fail(j, "'%s' object is not reversible", jv_type_name(v));
  struct backwards *b = py_alloc(j, sizeof *b);
  if (b == NULL) return py_nomem(j);
  if (v.kind == JV_LIST) {
    b->list = v;
  } else {
    TRY(py_iter_list(j, v, &b->list));
  }
  b->left = b->list.u.seq->n;
  *out = rs_python_generator(
    j, v.kind == JV_LIST ? "list_reverseiterator object" : "reversed object", backwards_next, b);
  return RS_OK;
}
