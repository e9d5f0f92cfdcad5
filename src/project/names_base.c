/*
** Names of dbt's base context that are Python's own: set, set_strict, zip, zip_strict.
*/
#include "../base/text.h"
#include "context.h"

/* ---- set ------------------------------------------------------------------------------------ */

static enum rs_code make_set(struct rs_jinja *j, const struct jv_args *args, bool strict, jv *out,
                             struct rs_error *e)
{
  static const char *const names[] = {"value", "default", NULL};
  jv v[2], list;
  enum rs_code rc = jv_bind(args, strict ? "set_strict" : "set", names, 1, v, e);
  if (rc != RS_OK) return rc;
  rc = jv_list_of(j, v[0], &list, strict ? e : NULL);
  jv set = jv_set(j);
  for (size_t i = 0; rc == RS_OK && i < jv_len(list); i++)
    rc = jv_set_put(j, set, jv_item(list, i), strict ? e : NULL);
  *out = set;
  if (rc != RS_INVALID || strict) return rc;
  *out = v[1].kind == JV_UNDEFINED ? jv_none() : v[1]; // no iterable, or of what can't be a key
  return RS_OK;
}

static enum rs_code name_set(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  (void)ctx;
  return make_set(j, args, false, out, e);
}

static enum rs_code name_set_strict(struct rs_jinja *j, void *ctx, const struct jv_args *args,
                                    jv *out, struct rs_error *e)
{
  (void)ctx;
  return make_set(j, args, true, out, e);
}

/* ---- zip ------------------------------------------------------------------------------------ */

static enum rs_code zip_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  (void)j, (void)e;
  *out = *(const jv *)self;
  return RS_OK;
}

static enum rs_code zip_str(struct rs_jinja *j, void *self, struct rs_buf *b, struct rs_error *e)
{
  (void)j, (void)self, (void)e;
  rs_buf_str(b, "<zip object at 0x7f0000000000>");
  return RS_OK;
}

static const struct jv_class zip_class = {.name = "zip", .iter = zip_iter, .str = zip_str};

/* The tuples of the i-th items, as many as the shortest has. */
static enum rs_code zipped(struct rs_jinja *j, const struct jv_args *args, jv *out,
                           struct rs_error *e)
{
  jv *lists = rs_arena_alloc(rs_jinja_arena(j), (args->npos * 2 + 1) * sizeof *lists);
  jv *keep = rs_arena_alloc(rs_jinja_arena(j), sizeof *keep), *one = lists + args->npos;
  if (lists == NULL || keep == NULL) return rs_nomem(e);
  size_t n = args->npos > 0 ? (size_t)-1 : 0;
  for (size_t i = 0; i < args->npos; i++) {
    enum rs_code rc = jv_list_of(j, args->pos[i], &lists[i], e);
    if (rc != RS_OK) return rc;
    if (jv_len(lists[i]) < n) n = jv_len(lists[i]);
  }
  *keep = jv_list(j);
  for (size_t k = 0; k < n; k++) {
    for (size_t i = 0; i < args->npos; i++) one[i] = jv_item(lists[i], k);
    jv_list_add(j, *keep, jv_tuple(j, one, args->npos));
  }
  *out = jv_object(j, &zip_class, keep);
  return RS_OK;
}

static enum rs_code name_zip(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  (void)ctx, (void)e;
  jv fallback = jv_none();
  for (size_t i = 0; i < args->nkw; i++)
    if (rs_eq(jv_cstr(args->kw_keys[i], NULL), "default")) fallback = args->kw_values[i];
    else
      return rs_fail(e, RS_INVALID, "zip() takes no keyword '%s'", jv_cstr(args->kw_keys[i], NULL));
  enum rs_code rc = zipped(j, args, out, NULL);
  if (rc != RS_INVALID) return rc == RS_OK ? rc : rs_fail(e, rc, "zip() failed");
  *out = fallback;
  return RS_OK;
}

static enum rs_code name_zip_strict(struct rs_jinja *j, void *ctx, const struct jv_args *args,
                                    jv *out, struct rs_error *e)
{
  (void)ctx;
  if (args->nkw > 0) return rs_fail(e, RS_INVALID, "zip_strict() takes no keywords");
  return zipped(j, args, out, e);
}

enum rs_code rs_names_base(struct rs_context *c, const char *name, size_t n, jv *out)
{
  static const struct {
    const char *name;
    jv_native fn;
  } names[] = {{"set", name_set},
               {"set_strict", name_set_strict},
               {"zip", name_zip},
               {"zip_strict", name_zip_strict}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!rs_eqn(names[i].name, name, n)) continue;
    *out = jv_func(c->j, names[i].name, names[i].fn, c);
    return RS_OK;
  }
  if (!rs_eqn("thread_id", name, n)) return RS_NOT_FOUND;
  *out = jv_text(c->j, "Thread-1");
  return RS_OK;
}
