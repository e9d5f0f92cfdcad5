/*
** Query lambdas: the service's own, in the words of engine/control.h (rockset.h). On the
** caller's thread; what blocks are jobs of the I/O thread.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "rockset.h"

/* ---- answers --------------------------------------------------------------------------------- */

/* A version's texts; `parameters` is owned by the caller (cJSON_free). */
static void take_version(const cJSON *v, struct rs_lambda *l, char **parameters)
{
  const cJSON *sql = cJSON_GetObjectItemCaseSensitive(v, "sql");
  const cJSON *defaults = cJSON_GetObjectItemCaseSensitive(sql, "default_parameters");
  memset(l, 0, sizeof *l);
  *parameters = cJSON_IsArray(defaults) ? cJSON_PrintUnformatted(defaults) : NULL;
  l->workspace = rs_remote_text(v, "workspace");
  l->name = rs_remote_text(v, "name");
  l->version = rs_remote_text(v, "version");
  l->sql = rs_remote_text(sql, "query");
  l->parameters = *parameters != NULL ? *parameters : "[]";
  l->description = rs_remote_text(v, "description");
  l->created_at = rs_remote_text(v, "created_at");
  l->creator = rs_remote_text(v, "created_by");
}

static enum rs_code give_version(const cJSON *version, int64_t versions, const char *tag,
                                 rs_lambda_fn fn, void *ctx)
{
  struct rs_lambda l;
  char *parameters;
  take_version(version, &l, &parameters);
  l.versions = versions;
  enum rs_code rc = l.workspace != NULL && l.name != NULL ? fn(ctx, &l, tag) : RS_OK;
  cJSON_free(parameters);
  return rc;
}

/* *out with texts in the arena. */
static enum rs_code keep_version(const cJSON *version, struct rs_arena *a, struct rs_lambda *out,
                                 struct rs_error *e)
{
  char *parameters;
  struct rs_lambda l;
  take_version(version, &l, &parameters);
  const char **texts[] = {&l.workspace,  &l.name,        &l.version,    &l.sql,
                          &l.parameters, &l.description, &l.created_at, &l.creator};
  bool ok = true;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) ok = rs_arena_keep(a, texts[i]) && ok;
  cJSON_free(parameters);
  if (!ok) return rs_nomem(e);
  if (l.version == NULL || l.sql == NULL)
    return rs_fail(e, RS_REMOTE, "the answer is no version of a query lambda");
  *out = l;
  return RS_OK;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* Names the lambda that is not there, and the nearest of its workspace. */
static enum rs_code name_missing(struct rs_session *s, enum rs_code rc, const struct rs_relation *l,
                                 struct rs_error *e)
{
  cJSON *answer = NULL;
  const char *names[512], *near;
  const cJSON *item;
  size_t n = 0;
  bool there = false; // it lacks that version or tag
  if (rc != RS_NOT_FOUND || e == NULL) return rc;
  if (strstr(e->text, l->name) == NULL)
    (void)rs_error_prefix(e, "query lambda '%s.%s'", l->workspace, l->name);
  if (rs_rockset_list(s, RS_REST_JOB, l->workspace, "lambdas", &answer, NULL) != RS_OK) return rc;
  cJSON_ArrayForEach(item, rs_rockset_data(answer))
  {
    const char *name = rs_remote_text(item, "name");
    there = there || rs_eq(name, l->name);
    if (name != NULL && n < 512) names[n++] = name;
  }
  near = there ? NULL : rs_nearest(l->name, names, n);
  if (near != NULL) (void)rs_error_append(e, "; did you mean '%s.%s'?", l->workspace, near);
  cJSON_Delete(answer);
  return rc;
}

static enum rs_code give_item(enum rs_lambda_list what, const cJSON *item, size_t n,
                              rs_lambda_fn fn, void *ctx)
{
  if (what == RS_LAMBDA_VERSIONS) return give_version(item, (int64_t)n, NULL, fn, ctx);
  bool tags = what == RS_LAMBDA_TAGS;
  const char *tag = tags ? rs_remote_text(item, "tag_name") : NULL;
  const cJSON *version = cJSON_GetObjectItemCaseSensitive(item,
                                                          tags ? "version" : "latest_version");
  if (version == NULL || (tags && tag == NULL)) return RS_OK;
  return give_version(version, tags ? 0 : rs_rockset_int(item, "version_count", 0), tag, fn, ctx);
}

/* A request for one lambda; what: "versions", "tags", "version". */
static enum rs_code request_part(struct rs_session *s, const char *method,
                                 const struct rs_relation *l, const char *what, const char *part,
                                 cJSON **answer, struct rs_error *e)
{
  const struct rs_rockset_call call = {.method = method, .flags = RS_REST_SAFE | RS_REST_JOB};
  enum rs_code rc = rs_rockset_call(s, &call, answer, e, "/ws/%s/lambdas/%s/%s/%s", l->workspace,
                                    l->name, what, part);
  return name_missing(s, rc, l, e);
}

enum rs_code rs_rockset_lambdas(struct rs_session *s, enum rs_lambda_list what,
                                const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                                struct rs_error *e)
{
  cJSON *answer = NULL;
  size_t n = 0;
  enum rs_code rc = what == RS_LAMBDAS
                      ? rs_rockset_list(s, RS_REST_JOB, of->workspace, "lambdas", &answer, e)
                      : request_part(s, NULL, of, what == RS_LAMBDA_TAGS ? "tags" : "versions",
                                     NULL, &answer, e);
  const cJSON **v = rc == RS_OK ? rs_rockset_sorted(answer, &n) : NULL;
  if (rc == RS_OK && v == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) rc = give_item(what, v[i], n, fn, ctx);
  rs_free(v);
  cJSON_Delete(answer);
  return rc;
}

enum rs_code rs_rockset_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_arena *a, struct rs_lambda *out, struct rs_error *e)
{
  const char *tag = ref->tag != NULL ? ref->tag : "latest";
  cJSON *answer = NULL;
  enum rs_code rc = request_part(s, NULL, &ref->lambda, ref->version != NULL ? "versions" : "tags",
                                 ref->version != NULL ? ref->version : tag, &answer, e);
  const cJSON *version = rs_rockset_data(answer);
  if (ref->version == NULL) version = cJSON_GetObjectItemCaseSensitive(version, "version");
  if (rc == RS_OK) rc = keep_version(version, a, out, e);
  cJSON_Delete(answer);
  return rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

struct put_job {
  const struct rs_lambda *lambda;
  enum rs_put put;
  cJSON *answer;
};

static enum rs_code post_lambda(struct rs_session *s, struct put_job *j, bool create,
                                struct rs_error *e)
{
  const struct rs_lambda *l = j->lambda;
  struct rs_buf b;
  rs_rockset_begin(&b);
  if (create) rs_js_text(&b, "name", l->name);
  rs_js_open(&b, "sql", '{');
  rs_js_text(&b, "query", l->sql);
  rs_js_raw(&b, "default_parameters", l->parameters != NULL ? l->parameters : "[]");
  rs_js_close(&b, '}');
  if (l->description != NULL) rs_js_text(&b, "description", l->description);
  return rs_rockset_post(s, &b, 0, &j->answer, e, "/ws/%s/lambdas/%s/versions", l->workspace,
                         create ? NULL : l->name);
}

static enum rs_code put_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct put_job *j = arg;
  const struct rs_relation name = {.workspace = j->lambda->workspace, .name = j->lambda->name};
  if (j->put == RS_PUT_UPDATE) return post_lambda(s, j, false, e);
  enum rs_code rc = rs_rockset_need_workspace(s, name.workspace, e);
  if (rc != RS_OK) return rc;
  if (j->put == RS_PUT_CREATE) return post_lambda(s, j, true, e);
  rc = rs_rockset_get(s, NULL, e, "/ws/%s/lambdas/%s/tags/latest", name.workspace, name.name);
  return rc == RS_OK || rc == RS_NOT_FOUND ? post_lambda(s, j, rc == RS_NOT_FOUND, e) : rc;
}

enum rs_code rs_rockset_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                                   struct rs_arena *a, struct rs_error *e)
{
  struct put_job j = {.lambda = l, .put = put};
  const struct rs_lambda given = *l;
  const struct rs_relation name = {.workspace = l->workspace, .name = l->name};
  enum rs_code rc = rs_remote_do(s, put_job, &j, e);
  if (put == RS_PUT_UPDATE) rc = name_missing(s, rc, &name, e);
  if (rc == RS_OK) rc = keep_version(rs_rockset_data(j.answer), a, l, e);
  if (rc == RS_OK && l->workspace == NULL) l->workspace = given.workspace;
  if (rc == RS_OK && l->name == NULL) l->name = given.name;
  cJSON_Delete(j.answer);
  return rc;
}

enum rs_code rs_rockset_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                                   const char *tag, const char *version, struct rs_error *e)
{
  struct rs_buf b;
  rs_rockset_begin(&b);
  rs_js_text(&b, "tag_name", tag);
  rs_js_text(&b, "version", version);
  enum rs_code rc = rs_rockset_post(s, &b, RS_REST_SAFE | RS_REST_JOB, NULL, e,
                                    "/ws/%s/lambdas/%s/tags", lambda->workspace, lambda->name);
  return name_missing(s, rc, lambda, e);
}

/* rs_rockset_delete takes a missing one for dropped: here the caller wants to know. */
enum rs_code rs_rockset_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_error *e)
{
  // the API's path has the singular here
  const char *what = ref->version != NULL ? "version" : ref->tag != NULL ? "tags" : NULL;
  return request_part(s, "DELETE", &ref->lambda, what,
                      ref->version != NULL ? ref->version : ref->tag, NULL, e);
}

/* ---- execution ------------------------------------------------------------------------------- */

static const char *declared_type(const cJSON *declared, const char *name)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, declared)
  {
    if (rs_eq(rs_remote_text(item, "name"), name)) return rs_remote_text(item, "type");
  }
  return NULL;
}

/* A value without a type is of the type that the lambda's default has: SQLite knows neither dates
** nor booleans, and Rockset compares nothing of different types. *typed: in the arena, or params
** where nothing lacks. */
static enum rs_code add_types(struct rs_session *s, const struct rs_lambda_ref *ref,
                              const struct rs_named_param *params, size_t n, struct rs_arena *a,
                              const struct rs_named_param **typed, struct rs_error *e)
{
  size_t lack = 0;
  *typed = params;
  for (size_t i = 0; i < n; i++) lack += params[i].type == NULL && params[i].value.kind != RS_NULL;
  if (lack == 0) return RS_OK;
  struct rs_lambda found;
  enum rs_code rc = rs_session_lambda_find(s, ref, a, &found, e);
  if (rc != RS_OK) return rc;
  cJSON *declared = found.parameters != NULL ? cJSON_Parse(found.parameters) : NULL;
  struct rs_named_param *copy = rs_arena_alloc(a, n * sizeof copy[0]);
  if (copy != NULL) memcpy(copy, params, n * sizeof copy[0]);
  for (size_t i = 0; copy != NULL && i < n && rc == RS_OK; i++) {
    const char *type = copy[i].type == NULL ? declared_type(declared, copy[i].name) : NULL;
    if (type == NULL) continue;
    copy[i].type = rs_arena_strdup(a, type);
    if (copy[i].type == NULL) rc = rs_nomem(e);
  }
  cJSON_Delete(declared);
  if (copy == NULL) return rs_nomem(e);
  *typed = copy;
  return rc;
}

enum rs_code rs_rockset_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                     const struct rs_named_param *params, size_t n,
                                     struct rs_rows **pr, struct rs_error *e)
{
  const struct rs_relation *l = &ref->lambda;
  const char *which = ref->version != NULL ? ref->version : ref->tag != NULL ? ref->tag : "latest";
  struct rs_buf path, text;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  rs_buf_init(&path, 1 << 16);
  rs_buf_init(&text, 1 << 16);
  rs_rockset_path(&path, "/ws/%s/lambdas/%s/%s/%s", l->workspace, l->name,
                  ref->version != NULL ? "versions" : "tags", which);
  // what the log and errors show instead of a statement
  rs_buf_printf(&text, "query lambda %s.%s, %s %s", l->workspace, l->name,
                ref->version != NULL ? "version" : "tag", which);
  enum rs_code rc = rs_buf_error(&path, e, "path of a request");
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "query lambda");
  if (rc == RS_OK) rc = add_types(s, ref, params, n, &a, &params, e);
  const struct rs_rockset_query q = {
    .sql = rs_buf_text(&text), .path = rs_buf_text(&path), .named = params, .nnamed = n};
  if (rc == RS_OK) {
    const struct rs_statement st = {.sql = q.sql};
    rs_rockset_session(s)->instead = &q;
    rc = rs_session_query(s, &st, pr, e);
    rs_rockset_session(s)->instead = NULL;
    rc = name_missing(s, rc, l, e);
  }
  rs_arena_free(&a);
  rs_buf_free(&path);
  rs_buf_free(&text);
  return rc;
}
