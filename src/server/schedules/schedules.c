/*
** The documents of schedules (see schedules.h).
*/
#include "schedules.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/cron.h"

#define KIND RS_CONTROL_SCHEDULE

/* ---- a document as JSON ---------------------------------------------------------------------- */

struct text {
  const char *name;
  const char **at;
};
enum { NTEXTS = 15 };

static void list_texts(struct rs_schedule *x, struct text t[NTEXTS])
{
  const struct text all[NTEXTS] = {{"ql_name", &x->lambda},
                                   {"tag", &x->tag},
                                   {"version", &x->version},
                                   {"cron_string", &x->cron},
                                   {"webhook_url", &x->webhook_url},
                                   {"webhook_auth", &x->webhook_auth},
                                   {"webhook_payload", &x->webhook_payload},
                                   {"created_at", &x->created_at},
                                   {"created_by_key", &x->created_by_key},
                                   {"last_completion", &x->last_completion},
                                   {"last_query_id", &x->last_query_id},
                                   {"query_state", &x->query.state},
                                   {"query_message", &x->query.message},
                                   {"webhook_state", &x->webhook.state},
                                   {"webhook_message", &x->webhook.message}};
  memcpy(t, all, sizeof all);
}

static void read_fixed(const struct rs_json *j, struct rs_arena *a, const char *name, char *to,
                       size_t cap)
{
  const char *text = NULL;
  (void)rs_json_text(j, name, a, &text);
  (void)snprintf(to, cap, "%s", text != NULL ? text : "");
}

static enum rs_code read_schedule(const char *workspace, const char *id, const char *body,
                                  struct rs_arena *a, struct rs_schedule *x, struct rs_error *e)
{
  struct text t[NTEXTS];
  struct rs_json *j = NULL;
  memset(x, 0, sizeof *x);
  list_texts(x, t);
  x->workspace = rs_arena_strdup(a, workspace);
  x->id = rs_arena_strdup(a, id);
  const char *copy = rs_arena_strdup(a, body);
  bool ok = x->workspace != NULL && x->id != NULL && copy != NULL;
  enum rs_code rc = ok ? rs_json_parse(copy, strlen(copy), 100, a, &j, e) : rs_nomem(e);
  if (rc != RS_OK) return rs_error_prefix(e, "schedule %s", id);
  for (size_t i = 0; i < NTEXTS; i++)
    if (!rs_json_text(j, t[i].name, a, t[i].at)) return rs_nomem(e);
  read_fixed(j, a, "key_name", x->key.name, sizeof x->key.name);
  read_fixed(j, a, "key_hash", x->key.hash, sizeof x->key.hash);
  x->total = rs_json_member_int(j, "total");
  x->count = rs_json_member_int(j, "count");
  x->next = rs_json_member_int(j, "next");
  x->paused = rs_json_member_flag(j, "paused");
  x->resume = rs_json_member_flag(j, "resume");
  return RS_OK;
}

enum rs_code rs_schedule_put(struct rs_session *s, const struct rs_schedule *x, struct rs_error *e)
{
  struct rs_schedule copy = *x;
  struct text t[NTEXTS];
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  list_texts(&copy, t);
  rs_js_open(&b, NULL, '{');
  for (size_t i = 0; i < NTEXTS; i++)
    if (*t[i].at != NULL) rs_js_text(&b, t[i].name, *t[i].at);
  rs_js_text(&b, "key_name", x->key.name);
  rs_js_text(&b, "key_hash", x->key.hash);
  rs_js_int(&b, "total", x->total);
  rs_js_int(&b, "count", x->count);
  rs_js_int(&b, "next", x->next);
  rs_js_bool(&b, "paused", x->paused);
  rs_js_bool(&b, "resume", x->resume);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "schedule");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, x->workspace, x->id, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

/* ---- documents ------------------------------------------------------------------------------- */

enum rs_code rs_schedule_get(struct rs_session *s, const char *workspace, const char *id,
                             struct rs_arena *a, struct rs_schedule *x, struct rs_error *e)
{
  const char *body = NULL;
  enum rs_code rc = rs_store_get(s, KIND, workspace, id, a, &body, e);
  if (rc == RS_OK && body == NULL) return RS_NOT_FOUND;
  return rc == RS_OK ? read_schedule(workspace, id, body, a, x, e) : rc;
}

enum rs_code rs_schedule_drop(struct rs_session *s, const struct rs_schedule *x, struct rs_error *e)
{
  return rs_store_remove(s, KIND, x->workspace, x->id, e);
}

struct each {
  struct rs_arena *a;
  rs_schedule_fn fn;
  void *ctx;
  struct rs_error *e;
};

static enum rs_code take_document(void *ctx, const char *workspace, const char *name,
                                  const char *body)
{
  const struct each *each = ctx;
  struct rs_schedule x;
  enum rs_code rc = read_schedule(workspace, name, body, each->a, &x, each->e);
  if (rc == RS_INVALID) return RS_OK; // written by hand: the others go on
  return rc == RS_OK ? each->fn(each->ctx, &x) : rc;
}

enum rs_code rs_schedules_each(struct rs_session *s, struct rs_arena *a, rs_schedule_fn fn,
                               void *ctx, struct rs_error *e)
{
  struct each each = {a, fn, ctx, e};
  return rs_store_each(s, KIND, NULL, take_document, &each, e);
}

/* ---- when ------------------------------------------------------------------------------------ */

int64_t rs_schedules_now(void)
{
  return rs_wall_us() / 1000000;
}

void rs_schedule_plan(struct rs_schedule *x, int64_t now)
{
  struct rs_cron c;
  bool over = x->paused || (x->total > 0 && x->count >= x->total);
  bool runs = !over && rs_cron_parse(x->cron != NULL ? x->cron : "", &c, NULL) == RS_OK;
  x->next = runs ? rs_cron_next(&c, now) : 0;
}

/* ---- all of them ----------------------------------------------------------------------------- */

enum rs_code rs_schedules_open(struct rs_resources *r, struct rs_keys *keys,
                               const char *webhook_hosts, struct rs_error *e)
{
  struct rs_schedules *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return rs_nomem(e);
  pthread_mutex_init(&t->mutex, NULL);
  t->keys = keys;
  r->schedules = t;
  return rs_webhooks_open(webhook_hosts, &t->webhooks, e);
}

void rs_schedules_close(struct rs_resources *r)
{
  struct rs_schedules *t = r != NULL ? r->schedules : NULL;
  if (t == NULL) return;
  rs_webhooks_close(t->webhooks);
  pthread_mutex_destroy(&t->mutex);
  rs_free(t);
}
