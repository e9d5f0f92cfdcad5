/*
** Scheduled query lambdas through the API: made, shown, changed, deleted. What runs them is
** schedule_runs.c.
*/
#include "schedules.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/cron.h"

/* ---- as JSON --------------------------------------------------------------------------------- */

static void write_status(struct rs_buf *b, const char *key, const struct rs_schedule_status *status)
{
  if (status->state == NULL) return;
  rs_js_open(b, key, '{');
  rs_js_text(b, "state", status->state);
  rs_js_text(b, "message", status->message);
  rs_js_close(b, '}');
}

static void write_schedule(struct rs_buf *b, const char *key, const struct rs_schedule *x)
{
  char next[40];
  if (x->next > 0) rs_js_time(x->next * 1000000, next);
  rs_js_open(b, key, '{');
  rs_js_printf(b, "rrn", "%s%s", RS_SCHEDULE_RRN, x->id);
  rs_js_text(b, "workspace", x->workspace);
  rs_js_text(b, "ql_name", x->lambda);
  if (x->tag != NULL) rs_js_text(b, "tag", x->tag);
  if (x->version != NULL) rs_js_text(b, "version", x->version);
  rs_js_text(b, "cron_string", x->cron);
  if (x->total > 0) rs_js_int(b, "total_times_to_execute", x->total);
  rs_js_int(b, "execution_count", x->count);
  if (x->next > 0) rs_js_text(b, "next_execution_date", next);
  if (x->last_completion != NULL) rs_js_text(b, "last_completion_date", x->last_completion);
  if (x->last_query_id != NULL) rs_js_text(b, "last_query_id", x->last_query_id);
  if (x->webhook_url != NULL) rs_js_text(b, "webhook_url", x->webhook_url);
  if (x->webhook_payload != NULL) rs_js_text(b, "webhook_payload", x->webhook_payload);
  rs_js_bool(b, "resume_permanent_error", x->resume);
  write_status(b, "query_execution_status", &x->query);
  write_status(b, "webhook_execution_status", &x->webhook);
  rs_js_close(b, '}');
}

static enum rs_code answer(struct rs_request *q, const struct rs_schedule *x)
{
  rs_js_open(&q->out, NULL, '{');
  write_schedule(&q->out, "data", x);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

static enum rs_code take_schedule(void *ctx, struct rs_schedule *x)
{
  struct rs_request *q = ctx;
  if (rs_may_list(q, x->workspace)) write_schedule(&q->out, NULL, x);
  return RS_OK;
}

enum rs_code rs_list_scheduled(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  rc = rs_schedules_each(s, &q->arena, take_schedule, q, &q->e);
  rs_data_close(q, ']');
  return rc;
}

/* ---- finding --------------------------------------------------------------------------------- */

/* The one that the path names, by its RRN or the id in it. */
static enum rs_code find(struct rs_request *q, struct rs_session **s, struct rs_schedule *x)
{
  const char *id = q->arg[1];
  if (rs_starts(id, RS_SCHEDULE_RRN)) id += strlen(RS_SCHEDULE_RRN);
  enum rs_code rc = rs_request_session(q, s);
  if (rc == RS_OK) rc = rs_schedule_get(*s, q->arg[0], id, &q->arena, x, &q->e);
  if (rc != RS_NOT_FOUND) return rc;
  return rs_refuse(q, 404, "NOTFOUND", "Scheduled Query Lambda '%s' not found in workspace '%s'.",
                   q->arg[1], q->arg[0]);
}

enum rs_code rs_get_scheduled(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_schedule x;
  enum rs_code rc = find(q, &s, &x);
  return rc == RS_OK ? answer(q, &x) : rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum rs_code read_key(struct rs_request *q, const cJSON *j, bool needed,
                             struct rs_schedule *x)
{
  const char *text = NULL;
  enum rs_code rc = rs_request_text(q, j, "apikey", needed, &text);
  if (rc != RS_OK || text == NULL) return rc;
  rc = rs_keys_refer(q->resources->schedules->keys, text, &x->key, &q->e);
  if (rc != RS_AUTH) return rc;
  const struct rs_error why = q->e;
  return rs_refuse(q, 400, "INVALIDINPUT", "'apikey': %s", why.text);
}

static enum rs_code check_payload(struct rs_request *q, const char *payload)
{
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  enum rs_code rc = rs_webhook_fill(payload, "id", "[]", &b, &q->e);
  rs_buf_free(&b);
  return rc;
}

/* A text that replaces the old one; an empty one takes it away. */
static enum rs_code read_text(struct rs_request *q, const cJSON *j, const char *name,
                              const char **text)
{
  const char *given = NULL;
  enum rs_code rc = rs_request_text(q, j, name, false, &given);
  if (rc == RS_OK && given != NULL) *text = *given != 0 ? given : NULL;
  return rc;
}

static enum rs_code read_webhook(struct rs_request *q, const cJSON *j, struct rs_schedule *x)
{
  const struct rs_webhooks *w = q->resources->schedules->webhooks;
  enum rs_code rc = read_text(q, j, "webhook_url", &x->webhook_url);
  if (rc == RS_OK) rc = read_text(q, j, "webhook_auth_header", &x->webhook_auth);
  if (rc == RS_OK) rc = read_text(q, j, "webhook_payload", &x->webhook_payload);
  if (rc != RS_OK) return rc;
  if (x->webhook_url == NULL && (x->webhook_auth != NULL || x->webhook_payload != NULL))
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'webhook_auth_header' and 'webhook_payload' go with a 'webhook_url'");
  if (x->webhook_url != NULL) rc = rs_webhook_check(w, x->webhook_url, x->webhook_auth, &q->e);
  if (rc == RS_OK && x->webhook_payload != NULL) rc = check_payload(q, x->webhook_payload);
  return rc;
}

/* What may also be changed later. */
static enum rs_code read_rest(struct rs_request *q, const cJSON *j, bool needed,
                              struct rs_schedule *x)
{
  enum rs_code rc = read_key(q, j, needed, x);
  if (rc == RS_OK) rc = rs_request_int(q, j, "total_times_to_execute", 1, INT64_MAX, &x->total);
  return rc == RS_OK ? read_webhook(q, j, x) : rc;
}

static enum rs_code check_cron(struct rs_request *q, const char *text)
{
  struct rs_cron c;
  struct rs_error e = {0};
  if (rs_cron_parse(text, &c, &e) == RS_OK) return RS_OK;
  return rs_refuse(q, 400, "INVALIDINPUT", "'cron_string': %s", e.text);
}

static enum rs_code check_lambda(struct rs_request *q, const struct rs_schedule *x)
{
  struct rs_lambda l;
  const struct rs_lambda_ref ref = {
    {.workspace = x->workspace, .name = x->lambda}, x->version, x->tag, NULL};
  enum rs_code rc = rs_known_lambda(q, &ref, &l);
  if (rc != RS_NOT_FOUND) return rc;
  return rs_refuse(
    q, 404, "NOTFOUND", "Query Lambda \"%s\" (%s \"%s\") not found in workspace \"%s\".", x->lambda,
    x->version != NULL ? "version" : "tag", x->version != NULL ? x->version : x->tag, x->workspace);
}

static enum rs_code read_new(struct rs_request *q, const cJSON *j, struct rs_schedule *x)
{
  enum rs_code rc = rs_request_text(q, j, "ql_name", true, &x->lambda);
  if (rc == RS_OK) rc = rs_request_text(q, j, "cron_string", true, &x->cron);
  if (rc == RS_OK) rc = rs_request_text(q, j, "tag", false, &x->tag);
  if (rc == RS_OK) rc = rs_request_text(q, j, "version", false, &x->version);
  if (rc != RS_OK) return rc;
  if ((x->tag != NULL) == (x->version != NULL))
    return rs_refuse(q, 400, "INVALIDINPUT", "one of 'tag' and 'version' is needed");
  rc = check_cron(q, x->cron);
  return rc == RS_OK ? read_rest(q, j, true, x) : rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Another process over the same target might run it, too: nothing there says whose turn it is. */
static enum rs_code need_sole(struct rs_request *q)
{
  if (q->backend->is_sole) return RS_OK;
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "scheduled query lambdas need a target that this server alone can change, a "
                   "DuckDB file: elsewhere run the lambda from cron");
}

static enum rs_code count_schedule(void *ctx, struct rs_schedule *x)
{
  (void)x;
  (*(size_t *)ctx)++;
  return RS_OK;
}

static enum rs_code check_count(struct rs_request *q, struct rs_session *s)
{
  size_t n = 0;
  enum rs_code rc = rs_schedules_each(s, &q->arena, count_schedule, &n, &q->e);
  if (rc != RS_OK || n < RS_SCHEDULES_MAX) return rc;
  return rs_refuse(q, 429, "RESOURCEEXCEEDED",
                   "there are %d scheduled query lambdas, which is as many as there may be",
                   RS_SCHEDULES_MAX);
}

enum rs_code rs_create_scheduled(struct rs_request *q)
{
  struct rs_schedules *t = q->resources->schedules;
  struct rs_session *s;
  const cJSON *j;
  char id[37];
  rs_uuid(id);
  struct rs_schedule x = {.workspace = q->arg[0], .id = id, .created_by_key = q->who.key_name};
  enum rs_code rc = need_sole(q);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = read_new(q, j, &x);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, x.workspace);
  if (rc == RS_OK) rc = check_lambda(q, &x);
  x.created_at = rc == RS_OK ? rs_now_text(q) : NULL;
  if (rc == RS_OK && x.created_at == NULL) rc = rs_nomem(&q->e);
  if (rc != RS_OK) return rc;
  rs_schedule_plan(&x, rs_schedules_now());
  pthread_mutex_lock(&t->mutex);
  rc = check_count(q, s);
  if (rc == RS_OK) rc = rs_schedule_put(s, &x, &q->e);
  atomic_store(&t->due, 0);
  pthread_mutex_unlock(&t->mutex);
  return rc == RS_OK ? answer(q, &x) : rc;
}

static enum rs_code read_change(struct rs_request *q, const cJSON *j, struct rs_schedule *x)
{
  static const char *const fixed[] = {"cron_string", "ql_name", "tag", "version"};
  bool resume = false;
  for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
    const cJSON *m = cJSON_GetObjectItemCaseSensitive(j, fixed[i]);
    if (m != NULL && !cJSON_IsNull(m))
      return rs_refuse(q, 400, "INVALIDINPUT",
                       "'%s' stays as it is: make another schedule and delete this one", fixed[i]);
  }
  enum rs_code rc = read_rest(q, j, false, x);
  if (rc == RS_OK) rc = rs_request_bool(q, j, "resume_permanent_error", &resume);
  if (rc != RS_OK || !resume) return rc;
  x->resume = true;
  x->paused = false;
  return RS_OK;
}

/* Who has not shown the key that a schedule runs by must have its privileges: where its results are
** sent to is changed here. */
static enum rs_code need_reach(struct rs_request *q, const cJSON *j, const struct rs_schedule *x)
{
  const struct rs_rights *rights = NULL;
  if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(j, "apikey"))) return RS_OK;
  enum rs_code rc = rs_keys_reach(q->resources->schedules->keys, &x->key, &q->arena, &rights,
                                  &q->e);
  if (rc != RS_OK || rights == NULL || rs_rights_cover(q->who.rights, rights)) return rc;
  return rs_refuse(q, 403, "FORBIDDEN",
                   "the schedule runs by API key '%s', which has privileges that '%s' has not: "
                   "give an 'apikey' as well",
                   x->key.name, q->who.key_name);
}

enum rs_code rs_update_scheduled(struct rs_request *q)
{
  struct rs_schedules *t = q->resources->schedules;
  struct rs_session *s;
  struct rs_schedule x;
  const cJSON *j;
  enum rs_code rc = rs_request_json(q, true, &j);
  if (rc == RS_OK) rc = need_sole(q);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&t->mutex);
  rc = find(q, &s, &x);
  if (rc == RS_OK) rc = need_reach(q, j, &x);
  if (rc == RS_OK) rc = read_change(q, j, &x);
  // one that is due now stays so
  if (rc == RS_OK && (x.next == 0 || x.next > rs_schedules_now()))
    rs_schedule_plan(&x, rs_schedules_now());
  if (rc == RS_OK) rc = rs_schedule_put(s, &x, &q->e);
  atomic_store(&t->due, 0);
  pthread_mutex_unlock(&t->mutex);
  return rc == RS_OK ? answer(q, &x) : rc;
}

enum rs_code rs_delete_scheduled(struct rs_request *q)
{
  struct rs_schedules *t = q->resources->schedules;
  struct rs_session *s;
  struct rs_schedule x;
  pthread_mutex_lock(&t->mutex);
  enum rs_code rc = find(q, &s, &x);
  if (rc == RS_OK) rc = rs_schedule_drop(s, &x, &q->e);
  pthread_mutex_unlock(&t->mutex);
  return rc == RS_OK ? answer(q, &x) : rc;
}
