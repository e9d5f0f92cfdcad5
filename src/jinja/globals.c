/*
** Jinja's own globals: range, dict, namespace, cycler, joiner, lipsum.
*/
#include "internal.h"

#define RANGE_MAX 100000 /* the sandbox's limit */

static NATIVE(g_range)
{
  if (args->nkw > 0) return py_fail(j, "range() takes no keyword arguments");
  if (args->npos == 0) return py_fail(j, "range expected at least 1 argument, got 0");
  if (args->npos > 3) return py_fail(j, "range expected at most 3 arguments, got %zu", args->npos);
  int64_t v[3];
  for (size_t i = 0; i < args->npos; i++) TRY(py_num_to_i64(j, args->pos[i], &v[i]));
  struct range *r = py_alloc(j, sizeof *r);
  if (r == NULL) return py_nomem(j);
  *r = (struct range){.stop = v[0], .step = 1};
  if (args->npos > 1) {
    r->start = v[0];
    r->stop = v[1];
  }
  if (args->npos == 3) r->step = v[2];
  if (r->step == 0) return py_fail(j, "range() arg 3 must not be zero");
  uint64_t span = 0, step = r->step > 0 ? (uint64_t)r->step : 0 - (uint64_t)r->step;
  if (r->step > 0 && r->stop > r->start) span = (uint64_t)r->stop - (uint64_t)r->start;
  if (r->step < 0 && r->stop < r->start) span = (uint64_t)r->start - (uint64_t)r->stop;
  uint64_t n = span == 0 ? 0 : (span - 1) / step + 1;
  if (n > RANGE_MAX) {
    return py_fail(j, "Range too big. The sandbox blocks ranges larger than MAX_RANGE (%d).",
                   RANGE_MAX);
  }
  r->n = (size_t)n;
  *out = jv_object(j, &py_range_class, r);
  return RS_OK;
}

/* dict(mapping or pairs, **kw): into d. */
static enum rs_code fill_dict(struct rs_python *j, const struct jv_args *args, jv d)
{
  if (d.kind != JV_DICT) return py_nomem(j);
  if (args->npos > 1) {
    return py_fail(j, "dict expected at most 1 argument, got %zu", args->npos);
  }
  if (args->npos == 1) TRY(py_dict_update(j, d.u.dict, args->pos[0]));
  for (size_t i = 0; i < args->nkw; i++) {
    TRY(py_dict_put(j, d.u.dict, args->kw_keys[i], args->kw_values[i]));
  }
  return RS_OK;
}

static NATIVE(g_dict)
{
  *out = jv_dict(j);
  return fill_dict(j, args, *out);
}

static NATIVE(g_namespace)
{
  jv d = jv_dict(j);
  TRY(fill_dict(j, args, d));
  *out = jv_object(j, &py_namespace_class, d.u.dict);
  return RS_OK;
}

/* ---- cycler -------------------------------------------------------------------------------- */

struct cycler {
  jv items;
  size_t pos;
};

static NATIVE(cycler_next)
{
  struct cycler *c = ctx;
  *out = c->items.u.seq->v[c->pos];
  c->pos = (c->pos + 1) % c->items.u.seq->n;
  return RS_OK;
}

static NATIVE(cycler_reset)
{
  ((struct cycler *)ctx)->pos = 0;
  return RS_OK;
}

static CLASS_GETATTR(cycler_getattr)
{
  struct cycler *c = self;
  if (rs_eqn("next", name, n)) {
    *out = jv_func(j, "next", cycler_next, c);
  } else if (rs_eqn("reset", name, n)) {
    *out = jv_func(j, "reset", cycler_reset, c);
  } else if (rs_eqn("current", name, n)) {
    *out = c->items.u.seq->v[c->pos];
  } else if (rs_eqn("items", name, n)) {
    *out = c->items;
  } else if (rs_eqn("pos", name, n)) {
    *out = jv_int((int64_t)c->pos);
  } else {
    return RS_NOT_FOUND;
  }
  return RS_OK;
}

static const struct jv_class cycler_class = {.name = "Cycler", .getattr = cycler_getattr};

static NATIVE(g_cycler)
{
  if (args->npos == 0) return py_fail(j, "at least one item has to be provided");
  struct cycler *c = py_alloc(j, sizeof *c);
  if (c == NULL) return py_nomem(j);
  *c = (struct cycler){.items = jv_tuple(j, args->pos, args->npos)};
  if (c->items.kind != JV_TUPLE) return py_nomem(j);
  *out = jv_object(j, &cycler_class, c);
  return RS_OK;
}

/* ---- joiner -------------------------------------------------------------------------------- */

struct joiner {
  jv sep;
  bool used;
};

static CLASS_CALL(joiner_call)
{
  struct joiner *o = self;
  *out = o->used ? o->sep : jv_textn(j, "", 0);
  o->used = true;
  return RS_OK;
}

static CLASS_GETATTR(joiner_getattr)
{
  const struct joiner *o = self;
  if (rs_eqn("sep", name, n)) {
    *out = o->sep;
  } else if (rs_eqn("used", name, n)) {
    *out = jv_bool(o->used);
  } else {
    return RS_NOT_FOUND;
  }
  return RS_OK;
}

static const struct jv_class joiner_class = {
  .name = "Joiner", .call = joiner_call, .getattr = joiner_getattr};

static NATIVE(g_joiner)
{
  static const char *const names[] = {"sep", NULL};
  jv v[1];
  TRY(jv_bind(args, "Joiner.__init__", names, 0, v, e));
  struct joiner *o = py_alloc(j, sizeof *o);
  if (o == NULL) return py_nomem(j);
  *o = (struct joiner){.sep = args->npos + args->nkw > 0 ? v[0] : jv_text(j, ", ")};
  *out = jv_object(j, &joiner_class, o);
  return RS_OK;
}

/* ---- lipsum -------------------------------------------------------------------------------- */

static const char *const lipsum_words[] = {
  "a",         "ac",        "accumsan",  "ad",      "adipiscing", "aenean",      "aliquam",
  "aliquet",   "amet",      "ante",      "aptent",  "arcu",       "at",          "auctor",
  "augue",     "bibendum",  "blandit",   "class",   "commodo",    "condimentum", "congue",
  "consequat", "conubia",   "convallis", "cras",    "cubilia",    "cum",         "curabitur",
  "curae",     "cursus",    "dapibus",   "diam",    "dictum",     "dictumst",    "dignissim",
  "dis",       "dolor",     "donec",     "dui",     "duis",       "egestas",     "eget",
  "eleifend",  "elementum", "elit",      "enim",    "erat",       "eros",        "est",
  "et",        "etiam",     "eu",        "euismod", "facilisi",   "facilisis",   "fames",
  "faucibus",  "felis",     "fermentum", "feugiat"};

uint64_t jinja_random(struct rs_python *j)
{
  uint64_t z = j->eval->seed += 0x9E3779B97F4A7C15ULL;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

static void paragraph(struct rs_python *j, struct rs_buf *b, uint64_t words)
{
  const size_t n = sizeof lipsum_words / sizeof lipsum_words[0];
  bool capital = true;
  for (uint64_t i = 0; i < words; i++) {
    const char *w = lipsum_words[jinja_random(j) % n];
    rs_buf_char(b, capital ? (char)(w[0] - 32) : w[0]);
    rs_buf_str(b, w + 1);
    capital = i + 1 == words || jinja_random(j) % 12 == 0;
    rs_buf_str(b, capital ? "." : jinja_random(j) % 8 == 0 ? "," : "");
    if (i + 1 < words) rs_buf_char(b, ' ');
  }
}

static NATIVE(g_lipsum)
{
  static const char *const names[] = {"n", "html", "min", "max", NULL};
  jv v[4];
  int64_t n = 5, min = 20, max = 100;
  bool html = true;
  TRY(jv_bind(args, "generate_lorem_ipsum", names, 0, v, e));
  if (v[0].kind != JV_UNDEFINED) TRY(py_num_to_i64(j, v[0], &n));
  if (v[1].kind != JV_UNDEFINED) TRY(jv_is_true(j, v[1], &html));
  if (v[2].kind != JV_UNDEFINED) TRY(py_num_to_i64(j, v[2], &min));
  if (v[3].kind != JV_UNDEFINED) TRY(py_num_to_i64(j, v[3], &max));
  if (max <= min) return py_fail(j, "empty range for randrange()");
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (int64_t i = 0; i < n && rc == RS_OK && b.rc == RS_OK; i++) {
    uint64_t words = (uint64_t)min + jinja_random(j) % (uint64_t)(max - min);
    rc = py_steps(j, words);
    if (rc != RS_OK) break;
    if (i > 0) rs_buf_str(&b, html ? "\n" : "\n\n");
    if (html) rs_buf_str(&b, "<p>");
    paragraph(j, &b, words);
    if (html) rs_buf_str(&b, "</p>");
  }
  return py_str_end(j, rc, &b, html ? STR_MARKUP : STR_PLAIN, out);
}

static const struct {
  const char *name;
  jv_native fn;
  const char *repr;
} builtins[] = {
  {"cycler", g_cycler, "<class 'jinja2.utils.Cycler'>"},
  {"dict", g_dict, "<class 'dict'>"},
  {"joiner", g_joiner, "<class 'jinja2.utils.Joiner'>"},
  {"lipsum", g_lipsum, "<function generate_lorem_ipsum " ADDRESS ">"},
  {"namespace", g_namespace, "<class 'jinja2.utils.Namespace'>"},
  {"range", g_range, "<function safe_range " ADDRESS ">"},
};

bool jinja_global_builtin(struct rs_python *j, const char *name, size_t n, jv *out)
{
  for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
    if (!rs_eqn(builtins[i].name, name, n)) continue;
    *out = jv_func(j, builtins[i].name, builtins[i].fn, NULL);
    if (out->kind == JV_FUNC) out->u.func->repr = builtins[i].repr;
    return true;
  }
  return false;
}
