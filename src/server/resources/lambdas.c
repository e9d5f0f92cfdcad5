/*
** Query lambdas: stored, parameterized queries, their versions and tags, and running them.
*/
#include "shared.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

/* ---- a version as JSON ----------------------------------------------------------------------- */

/* Only name, type and value of each default: deploy tools compare the list with their own. */
static void write_parameters(struct rs_buf *b, const char *json)
{
  static const char *const keys[] = {"name", "type", "value"};
  cJSON *list = json != NULL ? cJSON_Parse(json) : NULL;
  const cJSON *item;
  rs_js_open(b, "default_parameters", '[');
  cJSON_ArrayForEach(item, list)
  {
    rs_js_open(b, NULL, '{');
    for (size_t i = 0; i < 3; i++) {
      const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, keys[i]));
      rs_js_text(b, keys[i], text != NULL ? text : "");
    }
    rs_js_close(b, '}');
  }
  rs_js_close(b, ']');
  cJSON_Delete(list);
}

/* The collections that a text reads, and whether it can be understood; parses only. */
static const char *collections_of(struct rs_request *q, const char *sql, bool *valid)
{
  struct rs_arena a;
  struct rs_rsql_stmt *stmt = NULL;
  const char *json = "[]";
  rs_arena_init(&a, 0);
  *valid = rs_rsql_parse(sql, strlen(sql), &a, &stmt, NULL, NULL) == RS_OK;
  const struct rs_rsql_env env = {.workspace = NULL};
  if (*valid && rs_rsql_resolve(stmt, &env, NULL, NULL) == RS_OK) {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 20);
    rs_run_write_collections(stmt, &b);
    const char *text;
    if (rs_arena_take_buf(&q->arena, &b, "collections", &text, NULL) == RS_OK) json = text;
  }
  rs_arena_free(&a);
  return json;
}

/* As clients see it in answers of executions, too. NULL: out of memory. */
static const char *path_of(struct rs_request *q, const struct rs_lambda *l)
{
  return rs_arena_printf(&q->arena, "%s.%s:%s", l->workspace, l->name, l->version);
}

static void write_time(struct rs_buf *b, const char *key, int64_t us)
{
  char text[40];
  if (us > 0) rs_js_time(us, text);
  rs_js_text(b, key, us > 0 ? text : NULL);
}

static void write_stats(struct rs_request *q, const struct rs_lambda *l)
{
  struct rs_buf *b = &q->out;
  struct rs_lambda_use use = {0};
  const char *path = path_of(q, l);
  if (path != NULL) rs_lambda_use(q->backend, path, &use);
  rs_js_open(b, "stats", '{');
  write_time(b, "last_executed", use.executed_us);
  rs_js_text(b, "last_executed_by", use.executed_us > 0 ? use.by : NULL);
  write_time(b, "last_execution_error", use.failed_us);
  rs_js_text(b, "last_execution_error_message", use.failed_us > 0 ? use.message : NULL);
  rs_js_close(b, '}');
}

/* What is written of lambdas, and which of them are public. */
struct shown {
  struct rs_request *q;
  struct rs_map ids;
};

/* Those of a workspace; NULL: of all. end_shown follows in any case. */
static enum rs_code begin_shown(struct shown *w, struct rs_request *q, const char *workspace)
{
  w->q = q;
  return rs_public_ids(q, workspace, &w->ids);
}

static enum rs_code end_shown(struct shown *w, enum rs_code rc)
{
  rs_map_free(&w->ids);
  return rc;
}

static void write_version(struct shown *w, const char *key, const struct rs_lambda *l)
{
  struct rs_request *q = w->q;
  struct rs_buf *b = &q->out;
  bool valid;
  const char *collections = collections_of(q, l->sql, &valid);
  rs_js_open(b, key, '{');
  rs_js_text(b, "workspace", l->workspace);
  rs_js_text(b, "name", l->name);
  rs_js_text(b, "version", l->version);
  rs_js_text(b, "state", valid ? "ACTIVE" : "INVALID_SQL");
  rs_js_text(b, "description", l->description);
  rs_js_open(b, "sql", '{');
  rs_js_text(b, "query", l->sql);
  write_parameters(b, l->parameters);
  rs_js_close(b, '}');
  rs_js_raw(b, "collections", collections);
  rs_js_text(b, "created_at", l->created_at);
  rs_js_text(b, "created_by", rs_creator(q, l->creator, l->created_at));
  rs_js_text(b, "created_by_apikey_name", l->creator);
  rs_js_text(b, "public_access_id", rs_public_id(q, &w->ids, l));
  write_stats(q, l);
  rs_js_close(b, '}');
}

static void write_lambda(struct shown *w, const char *key, const struct rs_lambda *l)
{
  struct rs_request *q = w->q;
  struct rs_buf *b = &q->out;
  bool valid;
  rs_js_open(b, key, '{');
  rs_js_text(b, "workspace", l->workspace);
  rs_js_text(b, "name", l->name);
  rs_js_text(b, "last_updated", l->created_at);
  rs_js_text(b, "last_updated_by", rs_creator(q, l->creator, l->created_at));
  rs_js_int(b, "version_count", l->versions);
  rs_js_raw(b, "collections", collections_of(q, l->sql, &valid));
  write_version(w, "latest_version", l);
  rs_js_close(b, '}');
}

static enum rs_code answer_version(struct rs_request *q, const struct rs_lambda *l)
{
  struct shown w;
  enum rs_code rc = begin_shown(&w, q, l->workspace);
  rs_js_open(&q->out, NULL, '{');
  if (rc == RS_OK) write_version(&w, "data", l);
  rs_js_close(&q->out, '}');
  return end_shown(&w, rc);
}

static void write_tag(struct shown *w, const char *key, const char *tag, const struct rs_lambda *l)
{
  struct rs_buf *b = &w->q->out;
  rs_js_open(b, key, '{');
  rs_js_text(b, "tag_name", tag);
  write_version(w, "version", l);
  rs_js_close(b, '}');
}

static enum rs_code answer_tag(struct rs_request *q, const char *tag, const struct rs_lambda *l)
{
  struct shown w;
  enum rs_code rc = begin_shown(&w, q, l->workspace);
  rs_js_open(&q->out, NULL, '{');
  if (rc == RS_OK) write_tag(&w, "data", tag, l);
  rs_js_close(&q->out, '}');
  return end_shown(&w, rc);
}

/* ---- lists and single ones ------------------------------------------------------------------- */

static enum rs_code take_lambda(void *ctx, const struct rs_lambda *l, const char *tag)
{
  const struct shown *w = ctx;
  (void)tag;
  if (rs_may_list(w->q, l->workspace)) write_lambda(ctx, NULL, l);
  return RS_OK;
}

enum rs_code rs_list_lambdas(struct rs_request *q)
{
  struct shown w;
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = begin_shown(&w, q, q->arg[0]);
  rs_data_open(q, '[');
  if (rc == RS_OK)
    rc = rs_session_lambdas(s, RS_LAMBDAS, &(const struct rs_relation){.workspace = q->arg[0]},
                            take_lambda, &w, &q->e);
  rs_data_close(q, ']');
  return end_shown(&w, rc);
}

static enum rs_code take_version(void *ctx, const struct rs_lambda *l, const char *tag)
{
  (void)tag;
  write_version(ctx, NULL, l);
  return RS_OK;
}

enum rs_code rs_list_lambda_versions(struct rs_request *q)
{
  struct shown w;
  struct rs_session *s;
  const struct rs_relation rel = rs_path_relation(q);
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = begin_shown(&w, q, rel.workspace);
  rs_data_open(q, '[');
  if (rc == RS_OK) rc = rs_session_lambdas(s, RS_LAMBDA_VERSIONS, &rel, take_version, &w, &q->e);
  rs_data_close(q, ']');
  return end_shown(&w, rc);
}

static enum rs_code take_tag(void *ctx, const struct rs_lambda *l, const char *tag)
{
  write_tag(ctx, NULL, tag, l);
  return RS_OK;
}

enum rs_code rs_list_lambda_tags(struct rs_request *q)
{
  struct shown w;
  struct rs_session *s;
  const struct rs_relation rel = rs_path_relation(q);
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = begin_shown(&w, q, rel.workspace);
  rs_data_open(q, '[');
  if (rc == RS_OK) rc = rs_session_lambdas(s, RS_LAMBDA_TAGS, &rel, take_tag, &w, &q->e);
  rs_data_close(q, ']');
  return end_shown(&w, rc);
}

/* The service's own text, which clients show. */
static enum rs_code find_lambda(struct rs_request *q, const struct rs_lambda_ref *ref,
                                struct rs_lambda *l)
{
  enum rs_code rc = rs_known_lambda(q, ref, l);
  if (rc != RS_NOT_FOUND) return rc;
  const char *what = ref->version != NULL ? "version" : "tag";
  const char *which = ref->version != NULL ? ref->version : ref->tag;
  return rs_refuse(q, 404, "NOTFOUND",
                   "Query Lambda \"%s\" (%s \"%s\") not found in workspace "
                   "\"%s\".",
                   ref->lambda.name, what, which != NULL ? which : "latest", ref->lambda.workspace);
}

enum rs_code rs_get_lambda_version(struct rs_request *q)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {rs_path_relation(q), q->arg[2], NULL, NULL};
  enum rs_code rc = find_lambda(q, &ref, &l);
  return rc == RS_OK ? answer_version(q, &l) : rc;
}

enum rs_code rs_get_lambda_tag(struct rs_request *q)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {rs_path_relation(q), NULL, q->arg[2], NULL};
  enum rs_code rc = find_lambda(q, &ref, &l);
  return rc == RS_OK ? answer_tag(q, q->arg[2], &l) : rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Collections may come later; what is hidden never does. */
static enum rs_code check_sql(struct rs_request *q, const char *sql)
{
  struct rs_run run;
  struct rs_rsql_pos pos = {0, 0};
  rs_run_init(&run, q->backend, NULL, &q->watch, &q->who);
  const struct rs_rsql_env env = {.workspace = NULL};
  enum rs_code rc = rs_rsql_parse(sql, strlen(sql), &run.arena, &run.stmt, &pos, &run.problem.e);
  if (rc == RS_OK && rs_rsql_resolve(run.stmt, &env, &pos, &run.problem.e) == RS_NOT_FOUND)
    rc = RS_NOT_FOUND;
  if (rc != RS_OK) {
    run.problem.line = pos.line;
    run.problem.column = pos.column;
    rs_run_failed(&run, rc);
    rs_problem_refuse(q, &run.problem, rc);
  }
  rs_run_close(&run);
  return rc;
}

/* [{"name","type","value"}] of the body's default_parameters */
static enum rs_code read_defaults(struct rs_request *q, const cJSON *sql, const char **json)
{
  struct rs_query_request r = {.sql = NULL};
  struct rs_buf b;
  enum rs_code rc = rs_query_request_params(
    q, cJSON_GetObjectItemCaseSensitive(sql, "default_parameters"), &r);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, 4 << 20);
  rs_js_open(&b, NULL, '[');
  for (size_t i = 0; i < r.nparams; i++) {
    rs_js_open(&b, NULL, '{');
    rs_js_text(&b, "name", r.params[i].name);
    rs_js_text(&b, "type", r.params[i].type != NULL ? r.params[i].type : "string");
    rs_js_text(&b, "value", r.params[i].value != NULL ? r.params[i].value : "");
    rs_js_close(&b, '}');
  }
  rs_js_close(&b, ']');
  return rs_arena_take_buf(&q->arena, &b, "default_parameters", json, &q->e);
}

/* What the body says; members that it leaves out stay as they are in l. */
static enum rs_code read_body(struct rs_request *q, const cJSON *j, bool needed,
                              struct rs_lambda *l, bool *is_public)
{
  const char *text = NULL;
  const cJSON *sql = NULL;
  enum rs_code rc = rs_request_text(q, j, "description", false, &text);
  if (rc == RS_OK && text != NULL) l->description = text;
  if (rc == RS_OK) rc = rs_public_read(q, j, is_public);
  if (rc == RS_OK) rc = rs_request_object(q, j, "sql", needed, &sql);
  if (rc != RS_OK || sql == NULL) return rc;
  rc = rs_request_text(q, sql, "query", true, &l->sql);
  if (rc == RS_OK) rc = read_defaults(q, sql, &l->parameters);
  return rc == RS_OK ? check_sql(q, l->sql) : rc;
}

enum rs_code rs_create_lambda(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  bool is_public = false;
  struct rs_lambda l = {.workspace = q->arg[0], .parameters = "[]", .creator = q->who.key_name};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &l.name);
  if (rc == RS_OK) rc = rs_check_name(q, "query lambda", l.name);
  if (rc == RS_OK) rc = read_body(q, j, true, &l, &is_public);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, l.workspace);
  if (rc == RS_OK) rc = rs_session_lambda_put(s, &l, RS_PUT_CREATE, &q->arena, &q->e);
  if (rc == RS_OK && is_public) rc = rs_public_add(q, s, &l);
  return rc == RS_OK ? answer_version(q, &l) : rc;
}

static bool is_true(const char *text)
{
  return text != NULL && (rs_casecmp(text, "true") == 0 || rs_eq(text, "1"));
}

enum rs_code rs_update_lambda(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_lambda old = {.sql = NULL};
  const struct rs_lambda_ref ref = {rs_path_relation(q), NULL, NULL, NULL};
  bool create = is_true(rs_request_query_arg(q, "create")), is_public = false;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_session_lambda_find(s, &ref, &q->arena, &old, &q->e);
  bool missing = rc == RS_NOT_FOUND;
  if (missing && !create)
    return rs_refuse(q, 404, "NOTFOUND", "Query Lambda \"%s\" not found in workspace \"%s\".",
                     ref.lambda.name, ref.lambda.workspace);
  if (missing) rc = rs_check_name(q, "query lambda", ref.lambda.name);
  if (rc == RS_OK && missing) rc = rs_need_workspace(q, s, ref.lambda.workspace);
  if (rc != RS_OK) return rc;
  struct rs_lambda l = {.workspace = ref.lambda.workspace,
                        .name = ref.lambda.name,
                        .sql = old.sql,
                        .parameters = missing ? "[]" : old.parameters,
                        .description = old.description,
                        .creator = q->who.key_name};
  q->e = (struct rs_error){0};
  rc = read_body(q, j, missing, &l, &is_public);
  if (rc == RS_OK)
    rc = rs_session_lambda_put(s, &l, create ? RS_PUT_EITHER : RS_PUT_UPDATE, &q->arena, &q->e);
  if (rc == RS_OK && is_public) rc = rs_public_add(q, s, &l);
  return rc == RS_OK ? answer_version(q, &l) : rc;
}

enum rs_code rs_tag_lambda(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  const char *tag, *version;
  struct rs_lambda l;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "tag_name", true, &tag);
  if (rc == RS_OK) rc = rs_request_text(q, j, "version", true, &version);
  if (rc == RS_OK) rc = rs_check_name(q, "tag", tag);
  if (rc != RS_OK) return rc;
  const struct rs_lambda_ref ref = {rs_path_relation(q), version, NULL, NULL};
  rc = find_lambda(q, &ref, &l);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_session_lambda_tag(s, &ref.lambda, tag, version, &q->e);
  return rc == RS_OK ? answer_tag(q, tag, &l) : rc;
}

static enum rs_code drop_lambda(struct rs_request *q, const struct rs_lambda_ref *ref,
                                struct rs_lambda *l)
{
  struct rs_session *s;
  enum rs_code rc = find_lambda(q, ref, l);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_session_lambda_drop(s, ref, &q->e);
  return rc == RS_OK && ref->tag == NULL ? rs_public_forget(q, s, ref) : rc;
}

enum rs_code rs_delete_lambda(struct rs_request *q)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {rs_path_relation(q), NULL, NULL, NULL};
  enum rs_code rc = drop_lambda(q, &ref, &l);
  if (rc != RS_OK) return rc;
  struct shown w;
  rc = begin_shown(&w, q, l.workspace);
  rs_js_open(&q->out, NULL, '{');
  if (rc == RS_OK) write_lambda(&w, "data", &l);
  rs_js_close(&q->out, '}');
  return end_shown(&w, rc);
}

enum rs_code rs_delete_lambda_version(struct rs_request *q)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {rs_path_relation(q), q->arg[2], NULL, NULL};
  enum rs_code rc = drop_lambda(q, &ref, &l);
  return rc == RS_OK ? answer_version(q, &l) : rc;
}

enum rs_code rs_delete_lambda_tag(struct rs_request *q)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {rs_path_relation(q), NULL, q->arg[2], NULL};
  if (rs_eq(q->arg[2], "latest"))
    return rs_refuse(q, 400, "BADREQUEST", "the tag 'latest' always is the latest version");
  enum rs_code rc = drop_lambda(q, &ref, &l);
  return rc == RS_OK ? answer_tag(q, q->arg[2], &l) : rc;
}

/* ---- running --------------------------------------------------------------------------------- */

/* options: beside parameters and default_row_limit; of a public one there are none. */
static enum rs_code run_lambda(struct rs_request *q, const struct rs_lambda_ref *ref, bool options)
{
  const cJSON *j;
  const char *instance = NULL;
  struct rs_vi vi;
  struct rs_lambda l;
  struct rs_query_request r = {.row_limit = -1, .initial = -1};
  enum rs_code rc = rs_request_json(q, true, &j);
  if (rc == RS_OK && options) rc = rs_request_text(q, j, "virtual_instance_id", false, &instance);
  if (rc == RS_OK && instance != NULL) rc = rs_instance_find(q, instance, &vi);
  if (rc == RS_OK) rc = find_lambda(q, ref, &l);
  if (rc != RS_OK) return rc;
  cJSON *defaults = l.parameters != NULL ? cJSON_Parse(l.parameters) : NULL;
  rc = rs_query_request_params(q, defaults, &r);
  if (rc == RS_OK)
    rc = rs_query_request_params(q, cJSON_GetObjectItemCaseSensitive(j, "parameters"), &r);
  if (rc == RS_OK) rc = rs_request_int(q, j, "default_row_limit", 0, INT32_MAX, &r.row_limit);
  if (rc == RS_OK) rc = rs_query_request_options(q, options ? j : NULL, &r);
  if (rc == RS_OK) rc = rs_keys_maker(q->keys, l.creator, l.created_at, &q->arena, &r.maker, &q->e);
  // without a key nobody has rights of his own
  if (rc == RS_OK && !options && r.maker == NULL)
    rc = rs_refuse(q, 403, "FORBIDDEN",
                   "the API key that made this shared query lambda is there no more");
  r.maker_name = l.creator;
  r.sql = l.sql;
  r.instance = instance != NULL ? vi.id : NULL;
  r.lambda = path_of(q, &l);
  if (rc == RS_OK && r.lambda == NULL) rc = rs_nomem(&q->e);
  if (rc == RS_OK) rc = rs_query_answer(q, &r);
  cJSON_Delete(defaults);
  return rc;
}

enum rs_code rs_run_lambda_version(struct rs_request *q)
{
  const struct rs_lambda_ref ref = {rs_path_relation(q), q->arg[2], NULL, NULL};
  return run_lambda(q, &ref, true);
}

enum rs_code rs_run_lambda_tag(struct rs_request *q)
{
  const struct rs_lambda_ref ref = {rs_path_relation(q), NULL, q->arg[2], NULL};
  return run_lambda(q, &ref, true);
}

enum rs_code rs_lambda_run_public(struct rs_request *q, const struct rs_lambda_ref *ref)
{
  return run_lambda(q, ref, false);
}
