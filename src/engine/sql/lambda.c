/*
** Query lambdas on SQL engines (see control.h).
**
** A version is a document of kind "lambda" whose sub is its id; a tag, `latest` too, is a document
** of kind "lambda_tag". A lambda exists as long as it has a version. Versions are never changed:
** a new one gets the next number, by which they are ordered.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "control.h"

#define LATEST "latest"
#define VERSIONS_MAX 1000 /* of one lambda: a loop that creates must end somewhere */

/* ---- documents ------------------------------------------------------------------------------- */

struct version {
  struct rs_lambda l;
  int64_t number;
};

struct tag {
  const char *workspace, *name, *tag, *version;
};

/* The lambdas of a filter, all texts in the arena. */
struct lambdas {
  struct rs_arena a;
  struct version *v;
  size_t n, cap;
  struct tag *tags;
  size_t ntags, cap_tags;
  struct rs_error *e;
};

static void lambdas_free(struct lambdas *x)
{
  rs_free(x->v);
  rs_free(x->tags);
  rs_arena_free(&x->a);
}

static enum rs_code parse_body(struct lambdas *x, const struct rs_control_doc *d,
                               struct rs_json **j)
{
  char *body = rs_arena_strdup(&x->a, d->body);
  if (body == NULL) return rs_nomem(x->e);
  enum rs_code rc = rs_json_parse(body, strlen(body), 64, &x->a, j, x->e);
  if (rc != RS_OK) rs_error_prefix(x->e, "query lambda '%s.%s'", d->workspace, d->name);
  return rc;
}

static enum rs_code see_version(void *ctx, const struct rs_control_doc *d)
{
  struct lambdas *x = ctx;
  struct rs_json *j;
  enum rs_code rc = parse_body(x, d, &j);
  if (rc != RS_OK) return rc;
  if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return rs_nomem(x->e);
  struct version *v = &x->v[x->n];
  *v = (struct version){.number = 0};
  v->l.workspace = rs_arena_strdup(&x->a, d->workspace);
  v->l.name = rs_arena_strdup(&x->a, d->name);
  v->l.version = rs_arena_strdup(&x->a, d->sub);
  if (!rs_json_text(j, "sql", &x->a, &v->l.sql) ||
      !rs_json_text(j, "parameters", &x->a, &v->l.parameters) ||
      !rs_json_text(j, "description", &x->a, &v->l.description) ||
      !rs_json_text(j, "created_at", &x->a, &v->l.created_at) ||
      !rs_json_text(j, "creator", &x->a, &v->l.creator)) {
    return rs_nomem(x->e);
  }
  // a document that lacks these was written by hand
  if (v->l.sql == NULL) v->l.sql = "";
  if (v->l.parameters == NULL) v->l.parameters = "[]";
  (void)rs_json_int(rs_json_get(j, "number"), &v->number);
  if (v->l.workspace == NULL || v->l.name == NULL || v->l.version == NULL) return rs_nomem(x->e);
  x->n++;
  return RS_OK;
}

static enum rs_code see_tag(void *ctx, const struct rs_control_doc *d)
{
  struct lambdas *x = ctx;
  struct rs_json *j;
  enum rs_code rc = parse_body(x, d, &j);
  if (rc != RS_OK) return rc;
  if (!rs_grow(&x->tags, &x->cap_tags, x->ntags + 1, sizeof x->tags[0])) return rs_nomem(x->e);
  struct tag *t = &x->tags[x->ntags];
  *t = (struct tag){rs_arena_strdup(&x->a, d->workspace), rs_arena_strdup(&x->a, d->name),
                    rs_arena_strdup(&x->a, d->sub), NULL};
  if (t->workspace == NULL || t->name == NULL || t->tag == NULL ||
      !rs_json_text(j, "version", &x->a, &t->version)) {
    return rs_nomem(x->e);
  }
  if (t->version == NULL) t->version = "";
  x->ntags++;
  return RS_OK;
}

/* Versions (of one lambda, of a workspace, of all) in the order of their numbers within each
** lambda, and their tags. lambdas_free whatever comes out. */
static enum rs_code read_lambdas(struct rs_session *s, const char *workspace, const char *name,
                                 struct lambdas *x, struct rs_error *e)
{
  struct rs_control_doc filter = {.kind = RS_CONTROL_TAG, .workspace = workspace, .name = name};
  *x = (struct lambdas){.e = e};
  rs_arena_init(&x->a, 0);
  // tags first: a version that comes in between would be none that a tag of then can mean
  enum rs_code rc = rs_sql_control_each(s, &filter, see_tag, x, e);
  filter.kind = RS_CONTROL_LAMBDA;
  if (rc == RS_OK && x->ntags > 0) rc = rs_sql_control_each_known(s, &filter, see_version, x, e);
  else if (rc == RS_OK) rc = rs_sql_control_each(s, &filter, see_version, x, e);
  for (size_t i = 1; i < x->n && rc == RS_OK; i++) { // few each: the list is sorted by name already
    struct version v = x->v[i];
    size_t k = i;
    for (; k > 0 && rs_eq(x->v[k - 1].l.name, v.l.name) &&
           rs_eq(x->v[k - 1].l.workspace, v.l.workspace) && x->v[k - 1].number > v.number;
         k--) {
      x->v[k] = x->v[k - 1];
    }
    x->v[k] = v;
  }
  return rc;
}

/* Names the nearest lambda of the workspace. */
static enum rs_code fail_missing(struct rs_session *s, const struct rs_relation *lambda,
                                 struct rs_error *e)
{
  struct lambdas all;
  enum rs_code rc = read_lambdas(s, lambda->workspace, NULL, &all, e);
  const char **names = rc == RS_OK ? rs_arena_alloc(&all.a, (all.n + 1) * sizeof names[0]) : NULL;
  for (size_t i = 0; names != NULL && i < all.n; i++) names[i] = all.v[i].l.name;
  const char *near = names != NULL ? rs_nearest(lambda->name, names, all.n) : NULL;
  if (rc == RS_OK)
    rc = rs_fail(e, RS_NOT_FOUND, "Query Lambda \"%s\" not found in workspace \"%s\".%s%s%s",
                 lambda->name, lambda->workspace, near != NULL ? " Did you mean \"" : "",
                 near != NULL ? near : "", near != NULL ? "\"?" : "");
  lambdas_free(&all);
  return rc;
}

/* Those of one lambda. RS_NOT_FOUND: it has none. */
static enum rs_code read_lambda(struct rs_session *s, const struct rs_relation *lambda,
                                struct lambdas *x, struct rs_error *e)
{
  enum rs_code rc = read_lambdas(s, lambda->workspace, lambda->name, x, e);
  for (size_t i = 0; i < x->n && rc == RS_OK; i++) x->v[i].l.versions = (int64_t)x->n;
  return rc != RS_OK || x->n > 0 ? rc : fail_missing(s, lambda, e);
}

static const struct version *find_version(const struct lambdas *x, const char *workspace,
                                          const char *name, const char *version)
{
  for (size_t i = 0; i < x->n; i++) {
    const struct rs_lambda *l = &x->v[i].l;
    if (rs_eq(l->version, version) && rs_eq(l->name, name) && rs_eq(l->workspace, workspace)) {
      return &x->v[i];
    }
  }
  return NULL;
}

static const struct tag *find_tag(const struct lambdas *x, const char *tag)
{
  for (size_t i = 0; i < x->ntags; i++) {
    if (rs_eq(x->tags[i].tag, tag)) return &x->tags[i];
  }
  return NULL;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static enum rs_code list_latest(struct rs_session *s, const char *workspace, rs_lambda_fn fn,
                                void *ctx, struct rs_error *e)
{
  struct lambdas x;
  enum rs_code rc = read_lambdas(s, workspace, NULL, &x, e);
  for (size_t i = 0, end; i < x.n && rc == RS_OK; i = end) {
    const struct rs_lambda *first = &x.v[i].l;
    end = i + 1;
    while (end < x.n && rs_eq(x.v[end].l.name, first->name) &&
           rs_eq(x.v[end].l.workspace, first->workspace)) {
      end++;
    }
    struct rs_lambda latest = x.v[end - 1].l;
    for (size_t k = 0; k < x.ntags; k++) {
      const struct tag *t = &x.tags[k];
      if (!rs_eq(t->tag, LATEST) || !rs_eq(t->name, first->name) ||
          !rs_eq(t->workspace, first->workspace)) {
        continue;
      }
      const struct version *v = find_version(&x, t->workspace, t->name, t->version);
      if (v != NULL) latest = v->l;
    }
    latest.versions = (int64_t)(end - i);
    rc = fn(ctx, &latest, NULL);
  }
  lambdas_free(&x);
  return rc;
}

enum rs_code rs_sql_lambdas(struct rs_session *s, enum rs_lambda_list what,
                            const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                            struct rs_error *e)
{
  struct lambdas x;
  if (what == RS_LAMBDAS) return list_latest(s, of->workspace, fn, ctx, e);
  enum rs_code rc = read_lambda(s, of, &x, e);
  for (size_t i = 0; what == RS_LAMBDA_VERSIONS && i < x.n && rc == RS_OK; i++)
    rc = fn(ctx, &x.v[i].l, NULL);
  for (size_t i = 0; what == RS_LAMBDA_TAGS && i < x.ntags && rc == RS_OK; i++) {
    const struct tag *t = &x.tags[i];
    const struct version *v = find_version(&x, t->workspace, t->name, t->version);
    if (v != NULL) rc = fn(ctx, &v->l, t->tag);
  }
  lambdas_free(&x);
  return rc;
}

/* ---- one version ----------------------------------------------------------------------------- */

static bool copy_text(struct rs_arena *a, const char **text)
{
  if (*text == NULL) return true;
  *text = rs_arena_strdup(a, *text);
  return *text != NULL;
}

static enum rs_code copy_lambda(struct rs_arena *a, const struct rs_lambda *l,
                                struct rs_lambda *out, struct rs_error *e)
{
  *out = *l;
  const char **const texts[] = {&out->workspace,  &out->name,       &out->version,
                                &out->sql,        &out->parameters, &out->description,
                                &out->created_at, &out->creator};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (!copy_text(a, texts[i])) return rs_nomem(e);
  }
  return RS_OK;
}

/* The version that ref means. */
static enum rs_code choose(const struct lambdas *x, const struct rs_lambda_ref *ref,
                           const struct version **out, struct rs_error *e)
{
  const char *name = ref->lambda.name, *workspace = ref->lambda.workspace;
  const char *version = ref->version;
  if (version == NULL) {
    const char *word = ref->tag != NULL ? ref->tag : LATEST;
    const struct tag *t = find_tag(x, word);
    if (t == NULL) {
      return rs_fail(e, RS_NOT_FOUND,
                     "Query Lambda \"%s\" (tag \"%s\") not found in workspace \"%s\".", name, word,
                     workspace);
    }
    version = t->version;
  }
  *out = find_version(x, workspace, name, version);
  // dropped since the tag was read, which by now is that of the newest one left
  if (*out == NULL && ref->version == NULL && x->n > 0 &&
      (ref->tag == NULL || rs_eq(ref->tag, LATEST)))
    *out = &x->v[x->n - 1];
  if (*out != NULL) return RS_OK;
  return rs_fail(e, RS_NOT_FOUND,
                 "Query Lambda \"%s\" (version \"%s\") not found in workspace \"%s\".", name,
                 version, workspace);
}

enum rs_code rs_sql_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                struct rs_arena *a, struct rs_lambda *out, struct rs_error *e)
{
  struct lambdas x;
  const struct version *v = NULL;
  enum rs_code rc = read_lambda(s, &ref->lambda, &x, e);
  if (rc == RS_OK) rc = choose(&x, ref, &v, e);
  if (rc == RS_OK) rc = copy_lambda(a, &v->l, out, e);
  lambdas_free(&x);
  return rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct put_job {
  struct rs_lambda *l;
  enum rs_put put;
  struct rs_arena *a;
};

static enum rs_code put_tag(struct rs_session *s, const struct rs_relation *lambda, const char *tag,
                            const char *version, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 4096);
  rs_buf_char(&b, '{');
  rs_sql_control_member(&b, "version", version);
  rs_buf_char(&b, '}');
  const struct rs_control_doc doc = {
    RS_CONTROL_TAG, lambda->workspace, lambda->name, tag, rs_buf_text(&b), NULL, NULL};
  enum rs_code rc = rs_buf_error(&b, e, "tag");
  if (rc == RS_OK) rc = rs_sql_control_put(s, &doc, e);
  rs_buf_free(&b);
  return rc;
}

/* The default parameters as they are stored: the three keys, all texts. */
static enum rs_code check_parameters(struct rs_lambda *l, struct rs_arena *a, struct rs_error *e)
{
  struct rs_json *j;
  if (l->parameters == NULL || l->parameters[0] == 0) l->parameters = "[]";
  enum rs_code rc = rs_json_parse(l->parameters, strlen(l->parameters), 16, a, &j, e);
  if (rc == RS_OK && j->kind != RS_J_ARRAY) {
    rc = rs_fail(e, RS_INVALID, "they must be an array");
  }
  for (struct rs_json *p = rc == RS_OK ? j->first : NULL; p != NULL && rc == RS_OK; p = p->next) {
    const struct rs_json *name = rs_json_get(p, "name");
    if (name == NULL || name->kind != RS_J_STRING || name->n == 0) {
      rc = rs_fail(e, RS_INVALID, "each needs a name, a type and a value");
    }
    for (const struct rs_json *q = j->first; q != p && rc == RS_OK; q = q->next) {
      const struct rs_json *other = rs_json_get(q, "name");
      if (other->n == name->n && memcmp(other->p, name->p, name->n) == 0) {
        rc = rs_fail(e, RS_INVALID, "'%.*s' is there twice", (int)name->n, name->p);
      }
    }
  }
  if (rc != RS_OK && rc != RS_NOMEM) {
    rs_error_prefix(e, "query lambda '%s.%s': its default parameters", l->workspace, l->name);
  }
  return rc;
}

static enum rs_code put_version(struct rs_session *s, struct rs_lambda *l, int64_t number,
                                struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_char(&b, '{');
  rs_sql_control_member(&b, "sql", l->sql);
  rs_sql_control_member(&b, "parameters", l->parameters);
  rs_sql_control_member(&b, "description", l->description);
  rs_sql_control_member(&b, "created_at", l->created_at);
  rs_sql_control_member(&b, "creator", l->creator);
  rs_buf_printf(&b, ",\"number\":%lld}", (long long)number);
  const struct rs_control_doc doc = {RS_CONTROL_LAMBDA, l->workspace, l->name, l->version,
                                     rs_buf_text(&b),   NULL,         NULL};
  enum rs_code rc = rs_buf_error(&b, e, "query lambda");
  if (rc == RS_OK) rc = rs_sql_control_put(s, &doc, e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code put_lambda(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct put_job *j = arg;
  struct rs_lambda *l = j->l;
  struct lambdas x;
  char uuid[37], now[24];
  enum rs_code rc = read_lambdas(s, l->workspace, l->name, &x, e);
  int64_t number = x.n > 0 ? x.v[x.n - 1].number + 1 : 1;
  l->versions = (int64_t)x.n + 1;
  if (rc == RS_OK && x.n > 0 && j->put == RS_PUT_CREATE) {
    rc = rs_fail(e, RS_EXISTS, "query lambda '%s.%s' exists", l->workspace, l->name);
  } else if (rc == RS_OK && x.n == 0 && j->put == RS_PUT_UPDATE) {
    const struct rs_relation wanted = {.workspace = l->workspace, .name = l->name};
    rc = fail_missing(s, &wanted, e);
  } else if (rc == RS_OK && x.n >= VERSIONS_MAX) {
    rc = rs_fail(e, RS_LIMIT, "query lambda '%s.%s' has %d versions: drop some", l->workspace,
                 l->name, VERSIONS_MAX);
  }
  lambdas_free(&x);
  if (rc != RS_OK) return rc;
  rs_uuid(uuid);
  rs_sql_control_now(now);
  // 16 digits, all of them random: the version's own ones of a UUID are left out
  l->version = rs_arena_printf(j->a, "%.8s%.4s%.4s", uuid, uuid + 9, uuid + 32);
  l->created_at = rs_arena_strdup(j->a, now);
  if (l->version == NULL || l->created_at == NULL) return rs_nomem(e);
  rc = put_version(s, l, number, e);
  const struct rs_relation lambda = {.workspace = l->workspace, .name = l->name};
  return rc == RS_OK ? put_tag(s, &lambda, LATEST, l->version, e) : rc;
}

enum rs_code rs_sql_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                               struct rs_arena *a, struct rs_error *e)
{
  struct put_job j = {l, put, a};
  const struct rs_relation lambda = {.workspace = l->workspace, .name = l->name};
  if (l->sql == NULL || l->sql[0] == 0) {
    return rs_fail(e, RS_INVALID, "query lambda '%s.%s': its SQL is empty", l->workspace, l->name);
  }
  enum rs_code rc = check_parameters(l, a, e);
  return rc == RS_OK ? rs_sql_transact(s, &lambda, true, put_lambda, &j, e) : rc;
}

struct tag_job {
  const struct rs_relation *lambda;
  const char *tag, *version;
};

static enum rs_code set_tag(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct tag_job *j = arg;
  const struct rs_lambda_ref ref = {*j->lambda, j->version, NULL, NULL};
  struct lambdas x;
  const struct version *v;
  enum rs_code rc = read_lambda(s, j->lambda, &x, e);
  if (rc == RS_OK) rc = choose(&x, &ref, &v, e);
  lambdas_free(&x);
  return rc == RS_OK ? put_tag(s, j->lambda, j->tag, j->version, e) : rc;
}

enum rs_code rs_sql_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                               const char *tag, const char *version, struct rs_error *e)
{
  struct tag_job j = {lambda, tag, version};
  if (tag == NULL || tag[0] == 0 || version == NULL) {
    return rs_fail(e, RS_INVALID, "query lambda '%s.%s': a tag needs a name and a version",
                   lambda->workspace, lambda->name);
  }
  return rs_sql_transact(s, lambda, false, set_tag, &j, e);
}

/* ---- dropping -------------------------------------------------------------------------------- */

static enum rs_code remove_sub(struct rs_session *s, const struct rs_relation *lambda,
                               const char *kind, const char *sub, struct rs_error *e)
{
  const struct rs_control_doc filter = {kind, lambda->workspace, lambda->name, sub, NULL, NULL,
                                        NULL};
  return rs_sql_control_remove(s, &filter, e);
}

/* One version and its tags; `latest` moves to the newest that is left. */
static enum rs_code drop_version(struct rs_session *s, const struct rs_lambda_ref *ref,
                                 const struct lambdas *x, const char *version, struct rs_error *e)
{
  enum rs_code rc = remove_sub(s, &ref->lambda, RS_CONTROL_LAMBDA, version, e);
  for (size_t i = 0; i < x->ntags && rc == RS_OK; i++) {
    if (!rs_eq(x->tags[i].version, version)) continue;
    rc = remove_sub(s, &ref->lambda, RS_CONTROL_TAG, x->tags[i].tag, e);
    if (rc != RS_OK || !rs_eq(x->tags[i].tag, LATEST)) continue;
    size_t k = x->n;
    while (k > 0 && rs_eq(x->v[k - 1].l.version, version)) k--;
    if (k > 0) rc = put_tag(s, &ref->lambda, LATEST, x->v[k - 1].l.version, e);
  }
  return rc;
}

static enum rs_code drop_tag(struct rs_session *s, const struct rs_lambda_ref *ref,
                             const struct lambdas *x, struct rs_error *e)
{
  if (rs_eq(ref->tag, LATEST)) {
    return rs_fail(e, RS_INVALID, "the tag 'latest' of a query lambda can't be dropped");
  }
  if (find_tag(x, ref->tag) == NULL) {
    return rs_fail(e, RS_NOT_FOUND,
                   "Query Lambda \"%s\" (tag \"%s\") not found in workspace \"%s\".",
                   ref->lambda.name, ref->tag, ref->lambda.workspace);
  }
  return remove_sub(s, &ref->lambda, RS_CONTROL_TAG, ref->tag, e);
}

static enum rs_code drop_lambda(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_lambda_ref *ref = arg;
  struct lambdas x;
  const struct version *v;
  enum rs_code rc = read_lambda(s, &ref->lambda, &x, e);
  if (rc == RS_OK && ref->version != NULL) {
    rc = choose(&x, ref, &v, e);
    if (rc == RS_OK) rc = drop_version(s, ref, &x, ref->version, e);
  } else if (rc == RS_OK && ref->tag != NULL) {
    rc = drop_tag(s, ref, &x, e);
  } else if (rc == RS_OK) {
    rc = remove_sub(s, &ref->lambda, RS_CONTROL_LAMBDA, NULL, e);
    if (rc == RS_OK) rc = remove_sub(s, &ref->lambda, RS_CONTROL_TAG, NULL, e);
  }
  lambdas_free(&x);
  return rc;
}

enum rs_code rs_sql_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                struct rs_error *e)
{
  return rs_sql_transact(s, &ref->lambda, false, drop_lambda, (void *)(uintptr_t)ref, e);
}
