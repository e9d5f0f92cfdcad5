/*
** Rendering an output's values: Jinja with env_var, natively, and secrets that filters can't touch.
**
** As in dbt, env_var('DBT_ENV_SECRET_X') yields a placeholder while the template runs and the value
** only afterwards: `... | upper` or `... [0:4]` can therefore not make a changed copy that
** redaction would not know. Anything else that a secret field reads from the environment
** is registered when it is read, before the engine can put it into an error text.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/jinja/jinja.h"
#include "internal.h"

#define SECRET_START "$$$DBT_SECRET_START$$$"
#define SECRET_END "$$$DBT_SECRET_END$$$"
#define TEXT_MAX ((size_t)1 << 20) /* one rendered value */
#define NODES_MAX 100000           /* made by templates in one output: `{{ [x] * 1000000 }}` */

struct rs_render {
  const struct rs_profile_work *load;
  struct rs_python *jinja; /* NULL until the first template */
  size_t nodes;
  const char *field; /* being rendered, for errors */
  bool secret;
  bool env_failed; /* env_var itself failed: env_text says why */
  struct rs_error env_error;
};

struct rs_render *rs_render_new(const struct rs_profile_work *l)
{
  struct rs_render *r = rs_calloc(1, sizeof *r);
  if (r) r->load = l;
  return r;
}

void rs_render_free(struct rs_render *r)
{
  if (!r) return;
  rs_jinja_free(r->jinja);
  rs_free(r);
}

/* ---- env_var -------------------------------------------------------------------------------- */

static jv placeholder(struct rs_python *j, const char *name)
{
  char *text = rs_arena_printf(rs_python_arena(j), SECRET_START "%s" SECRET_END, name);
  return text ? jv_text(j, text) : jv_undefined();
}

/* env_var(name[, default]): text; a default is returned as it is, `none` is no default. */
static enum rs_code env_var(struct rs_python *j, void *ctx, const struct jv_args *args, jv *out,
                            struct rs_error *e)
{
  static const char *const names[] = {"var", "default", NULL};
  struct rs_render *r = ctx;
  const char *value = NULL;
  jv bound[2];
  enum rs_code rc = jv_bind(args, "env_var", names, 1, bound, e);
  if (rc) return rc;
  if (!jv_is_str(bound[0])) {
    return rs_fail(e, RS_INVALID, "env_var: the name must be text, not %s", jv_type_name(bound[0]));
  }
  const char *name = jv_cstr(bound[0], NULL);
  rc = rs_env_get(name, true, false, &value, &r->env_error);
  if (rc == RS_NOT_FOUND && bound[1].kind != JV_UNDEFINED && bound[1].kind != JV_NONE) {
    *out = bound[1];
    return RS_OK;
  }
  if (rc) {
    r->env_failed = true;
    return rc == RS_NOMEM ? rs_nomem(e) : rs_fail(e, RS_INVALID, "%s", r->env_error.text);
  }
  if (strncmp(name, RS_SECRET_ENV, strlen(RS_SECRET_ENV)) == 0) {
    *out = placeholder(j, name);
    return out->kind == JV_UNDEFINED ? rs_nomem(e) : RS_OK;
  }
  if (r->secret && rs_redact_add(value)) return rs_nomem(e);
  *out = jv_text(j, value);
  return out->kind == JV_UNDEFINED ? rs_nomem(e) : RS_OK;
}

static enum rs_code need_engine(struct rs_render *r, struct rs_error *e)
{
  static const struct rs_python_options limits = {
    .max_steps = 1000000, .max_output = TEXT_MAX, .max_memory = (size_t)32 << 20};
  if (r->jinja) return RS_OK;
  r->jinja = rs_jinja_new(&limits);
  if (!r->jinja) return rs_nomem(e);
  rs_jinja_global_func(r->jinja, "env_var", env_var, r);
  return RS_OK;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static struct rs_yaml *new_node(struct rs_render *r, enum rs_yaml_kind kind, int line,
                                struct rs_error *e)
{
  if (++r->nodes > NODES_MAX) {
    rs_profile_fail(r->load, line, e, RS_LIMIT, "%s: templates yield too many values", r->field);
    return NULL;
  }
  struct rs_yaml *v = rs_arena_calloc(r->load->arena, sizeof *v);
  if (!v) {
    rs_nomem(e);
    return NULL;
  }
  v->kind = kind;
  v->line = line;
  return v;
}

/* The next placeholder at or after p: its start, the variable's name, and its end; or NULL. */
static const char *next_placeholder(const char *p, const char **name, const char **end)
{
  for (; (p = strstr(p, SECRET_START RS_SECRET_ENV)); p++) {
    *name = p + strlen(SECRET_START);
    *end = strstr(*name, SECRET_END);
    if (*end) return p;
  }
  return NULL;
}

/* Text with secrets put in for their placeholders; *secret tells whether there were any. */
static enum rs_code substitute(struct rs_render *r, const char *text, const char **out,
                               bool *secret, struct rs_error *e)
{
  const char *name, *end, *p;
  struct rs_buf b;
  enum rs_code rc = RS_OK;
  *out = text;
  rs_buf_init(&b, TEXT_MAX);
  while (!rc && (p = next_placeholder(text, &name, &end))) {
    const char *value = NULL;
    const char *key = rs_arena_strndup(r->load->arena, name, (size_t)(end - name));
    rc = key ? rs_env_get(key, true, false, &value, NULL) : RS_NOMEM;
    if (rc == RS_NOMEM) break;
    rs_buf_add(&b, text, (size_t)(p - text));
    text = end + strlen(SECRET_END);
    /* A placeholder that somebody wrote by hand for a variable that isn't set stays. */
    if (rc) rs_buf_add(&b, p, (size_t)(text - p));
    else rs_buf_str(&b, value);
    *secret = *secret || !rc;
    rc = RS_OK;
  }
  if (rc == RS_OK && text != *out) {
    rs_buf_str(&b, text);
    rc = b.rc;
    if (!rc) *out = rs_arena_strdup(r->load->arena, rs_buf_text(&b));
  }
  rs_buf_free(&b);
  if (rc == RS_LIMIT) return rs_fail(e, rc, "%s: longer than 1 MiB", r->field);
  return rc || !*out ? rs_nomem(e) : RS_OK;
}

static const struct rs_yaml *text_node(struct rs_render *r, const char *text, int line,
                                       struct rs_error *e)
{
  bool secret = false;
  if (substitute(r, text, &text, &secret, e)) return NULL;
  struct rs_yaml *v = new_node(r, RS_YAML_TEXT, line, e);
  if (!v) return NULL;
  v->text = text;
  v->n = strlen(text);
  v->secret = secret;
  return v;
}

/* ---- values of the engine to nodes ----------------------------------------------------------- */

static const struct rs_yaml *from_jinja(struct rs_render *r, jv value, int line, int depth,
                                        struct rs_error *e);

/* str(value) as a node of that kind: scalars keep their text as YAML's do. */
static struct rs_yaml *scalar_node(struct rs_render *r, jv value, enum rs_yaml_kind kind, int line,
                                   struct rs_error *e)
{
  struct rs_buf b;
  struct rs_yaml *v = NULL;
  rs_buf_init(&b, TEXT_MAX);
  enum rs_code rc = jv_str_to(r->jinja, value, &b, e);
  if (!rc) rc = rs_buf_error(&b, e, r->field);
  if (!rc) v = new_node(r, kind, line, e);
  if (v) {
    v->text = rs_arena_strdup(r->load->arena, rs_buf_text(&b));
    if (v->text) v->n = strlen(v->text);
    else rs_nomem(e);
  }
  rs_buf_free(&b);
  return v && v->text ? v : NULL;
}

static const struct rs_yaml *list_node(struct rs_render *r, jv value, int line, int depth,
                                       struct rs_error *e)
{
  size_t n = jv_len(value);
  struct rs_yaml *v = new_node(r, RS_YAML_LIST, line, e);
  if (!v) return NULL;
  const struct rs_yaml **items = rs_arena_alloc(r->load->arena, (n + 1) * sizeof *items);
  if (!items) {
    rs_nomem(e);
    return NULL;
  }
  for (size_t i = 0; i < n; i++) {
    items[i] = from_jinja(r, jv_item(value, i), line, depth + 1, e);
    if (!items[i]) return NULL;
    v->secret = v->secret || items[i]->secret;
  }
  v->items = items;
  v->count = n;
  return v;
}

static const struct rs_yaml *map_node(struct rs_render *r, jv value, int line, int depth,
                                      struct rs_error *e)
{
  size_t n = jv_len(value);
  struct rs_yaml *v = new_node(r, RS_YAML_MAP, line, e);
  if (!v) return NULL;
  struct rs_yaml_pair *pairs = rs_arena_alloc(r->load->arena, (n + 1) * sizeof *pairs);
  if (!pairs) {
    rs_nomem(e);
    return NULL;
  }
  for (size_t i = 0; i < n; i++) {
    jv key, item;
    jv_dict_at(value, i, &key, &item);
    pairs[i].key = scalar_node(r, key, RS_YAML_TEXT, line, e);
    pairs[i].value = pairs[i].key ? from_jinja(r, item, line, depth + 1, e) : NULL;
    if (!pairs[i].value) return NULL;
    v->secret = v->secret || pairs[i].value->secret;
  }
  v->pairs = pairs;
  v->count = n;
  return v;
}

static const struct rs_yaml *from_jinja(struct rs_render *r, jv value, int line, int depth,
                                        struct rs_error *e)
{
  struct rs_yaml *v = NULL;
  if (depth > RS_YAML_MAX_DEPTH) {
    rs_profile_fail(r->load, line, e, RS_LIMIT, "%s: the value nests deeper than 64", r->field);
    return NULL;
  }
  switch (value.kind) {
    case JV_UNDEFINED:
      rs_profile_fail(r->load, line, e, RS_INVALID, "%s: the template yields an undefined value",
                      r->field);
      return NULL;
    case JV_NONE:
      v = new_node(r, RS_YAML_NULL, line, e);
      if (v) v->text = "";
      return v;
    case JV_BOOL:
      v = scalar_node(r, value, RS_YAML_BOOL, line, e);
      if (v) v->i = value.u.b;
      return v;
    case JV_INT:
      v = scalar_node(r, value, RS_YAML_INT, line, e);
      if (v) v->i = value.u.i;
      return v;
    case JV_FLOAT:
      v = scalar_node(r, value, RS_YAML_FLOAT, line, e);
      if (v) v->f = value.u.f;
      return v;
    case JV_LIST:
    case JV_TUPLE: return list_node(r, value, line, depth, e);
    case JV_DICT: return map_node(r, value, line, depth, e);
    default:
      v = scalar_node(r, value, RS_YAML_TEXT, line, e);
      return v ? text_node(r, v->text, line, e) : NULL;
  }
}

/* ---- rendering ------------------------------------------------------------------------------ */

static bool has_template(const char *s)
{
  return strstr(s, "{{") || strstr(s, "{%") || strstr(s, "{#");
}

/* The engine's part. *t is the caller's to release. */
static enum rs_code evaluate(struct rs_render *r, const struct rs_yaml *in, struct rs_template **t,
                             jv *out, struct rs_error *e)
{
  enum rs_code rc = need_engine(r, e);
  if (!rc) rc = rs_template_parse("template", in->text, in->n, t, e);
  return rc ? rc : rs_jinja_render_native(r->jinja, *t, out, e);
}

static enum rs_code template_error(const struct rs_render *r, const struct rs_yaml *in,
                                   enum rs_code rc, const struct rs_error *cause,
                                   struct rs_error *e)
{
  const struct rs_profile_work *l = r->load;
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (r->env_failed) {
    return rs_profile_fail(l, in->line, e, RS_INVALID, "%s: %s", r->field, r->env_error.text);
  }
  /* The engine's text may quote pieces of what could be a password with braces in it. */
  if (r->secret) {
    return rs_profile_fail(l, in->line, e, rc,
                           "%s: the template in it fails; to see how, try it in "
                           "a field that is no secret",
                           r->field);
  }
  return rs_profile_fail(l, in->line, e, rc, "%s: %s", r->field, cause->text);
}

/* `{{` may well stand in a password: what is no working template is the password itself (*raw). */
static enum rs_code render_template(struct rs_render *r, bool password, const struct rs_yaml *in,
                                    const struct rs_yaml **out, bool *raw, struct rs_error *e)
{
  jv value = jv_none();
  struct rs_template *t = NULL;
  struct rs_error *cause = rs_calloc(1, sizeof *cause);
  if (!cause) return rs_nomem(e);
  r->env_failed = false;
  enum rs_code rc = evaluate(r, in, &t, &value, cause);
  *raw = password && (rc ? rc != RS_NOMEM && !r->env_failed : value.kind == JV_UNDEFINED);
  if (*raw) {
    rc = RS_OK;
  } else if (rc) {
    rc = template_error(r, in, rc, cause, e);
  } else {
    *out = from_jinja(r, value, in->line, 0, e);
    rc = *out ? RS_OK : e->code;
  }
  if (t) rs_template_release(t);
  rs_free(cause);
  return rc;
}

static enum rs_code render_text(struct rs_render *r, bool password, const struct rs_yaml *in,
                                const struct rs_yaml **out, struct rs_error *e)
{
  const char *text = in->text;
  if (has_template(text)) {
    bool raw = false;
    enum rs_code rc = render_template(r, password, in, out, &raw, e);
    if (!raw) return rc;
  } else if (in->n && text[in->n - 1] == '\n') {
    /* Jinja drops one final newline, also where there is no tag: `|` blocks end in one. */
    text = rs_arena_strndup(r->load->arena, text, in->n - 1);
    if (!text) return rs_nomem(e);
  } else if (!strstr(text, SECRET_START)) {
    return RS_OK; /* as it is */
  }
  *out = text_node(r, text, in->line, e);
  return *out ? RS_OK : e->code;
}

static enum rs_code render(struct rs_render *r, bool password, const struct rs_yaml *in,
                           const struct rs_yaml **out, struct rs_error *e);

/* A list or map whose children did not change is the same node again. */
static enum rs_code render_list(struct rs_render *r, bool password, const struct rs_yaml *in,
                                const struct rs_yaml **out, struct rs_error *e)
{
  const struct rs_yaml **items = rs_arena_alloc(r->load->arena, (in->count + 1) * sizeof *items);
  bool changed = false, secret = false;
  if (!items) return rs_nomem(e);
  for (size_t i = 0; i < in->count; i++) {
    enum rs_code rc = render(r, password, in->items[i], &items[i], e);
    if (rc) return rc;
    changed = changed || items[i] != in->items[i];
    secret = secret || items[i]->secret;
  }
  if (!changed) return RS_OK;
  struct rs_yaml *v = new_node(r, RS_YAML_LIST, in->line, e);
  if (!v) return e->code;
  v->items = items;
  v->count = in->count;
  v->secret = secret;
  *out = v;
  return RS_OK;
}

static enum rs_code render_map(struct rs_render *r, bool password, const struct rs_yaml *in,
                               const struct rs_yaml **out, struct rs_error *e)
{
  struct rs_yaml_pair *pairs = rs_arena_alloc(r->load->arena, (in->count + 1) * sizeof *pairs);
  bool changed = false, secret = false;
  if (!pairs) return rs_nomem(e);
  for (size_t i = 0; i < in->count; i++) {
    const struct rs_yaml_pair *from = &in->pairs[i];
    bool below = password || strcmp(from->key->text, "password") == 0;
    pairs[i] = *from;
    enum rs_code rc = render(r, below, from->value, &pairs[i].value, e);
    if (rc) return rc;
    changed = changed || pairs[i].value != from->value;
    secret = secret || pairs[i].value->secret;
  }
  if (!changed) return RS_OK;
  struct rs_yaml *v = new_node(r, RS_YAML_MAP, in->line, e);
  if (!v) return e->code;
  v->pairs = pairs;
  v->count = in->count;
  v->secret = secret;
  *out = v;
  return RS_OK;
}

static enum rs_code render(struct rs_render *r, bool password, const struct rs_yaml *in,
                           const struct rs_yaml **out, struct rs_error *e)
{
  *out = in;
  switch (in->kind) {
    case RS_YAML_TEXT: return render_text(r, password, in, out, e);
    case RS_YAML_LIST: return render_list(r, password, in, out, e);
    case RS_YAML_MAP: return render_map(r, password, in, out, e);
    default: return RS_OK;
  }
}

enum rs_code rs_render_value(struct rs_render *r, const char *field, bool secret,
                             const struct rs_yaml *in, const struct rs_yaml **out,
                             struct rs_error *e)
{
  struct rs_error own = {0};
  if (r->load->literal) {
    *out = in;
    return RS_OK;
  }
  r->field = field;
  r->secret = secret;
  /* The helpers return nodes and leave the code in the error, so there must be one. */
  return render(r, strcmp(field, "password") == 0, in, out, e ? e : &own);
}
