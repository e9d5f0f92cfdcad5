/*
** Schedules of query lambdas: what is kept of them, and who may change it.
**
**   schedules.c       the documents, one a schedule, in the target
**   scheduled.c       the API's requests
**   schedule_runs.c   what comes due: claims, runs, webhooks, how they ended
**
** Only where this process alone can change the target (rs_backend.is_sole): no other can then run
** the same schedule. A document is changed under one mutex, from its reading to its writing.
*/
#ifndef RS_SERVER_SCHEDULES_SCHEDULES_H
#define RS_SERVER_SCHEDULES_SCHEDULES_H
#include "src/server/resources/shared.h"
#include "webhook.h"

#define RS_SCHEDULE_RRN "rrn:sl:local:"

enum { RS_SCHEDULES_MAX = 100 };

struct rs_schedules {
  pthread_mutex_t mutex; /* who reads documents to write them */
  struct rs_keys *keys;  /* borrowed */
  struct rs_webhooks *webhooks;
  _Atomic int64_t due; /* nothing is before this time, in seconds since 1970; 0: look */
  bool began;          /* under the mutex: what came due before the start has been passed over */
};

/* How an execution's query, or its webhook, ended; state NULL: well, or there was none. */
struct rs_schedule_status {
  const char *state; /* "WARNING": it may go better; "ERROR" */
  const char *message;
};

/* Texts may be NULL. */
struct rs_schedule {
  const char *workspace, *id;
  const char *lambda, *tag, *version; /* one of tag and version */
  const char *cron;
  struct rs_key_reference key;
  const char *webhook_url, *webhook_auth, *webhook_payload;
  const char *created_at, *created_by_key;
  int64_t total; /* executions in all; 0: any number */
  int64_t count; /* that have begun */
  int64_t next;  /* seconds since 1970; 0: none */
  bool paused;   /* until it is resumed */
  bool resume;   /* it was, and has not run since */
  const char *last_completion, *last_query_id;
  struct rs_schedule_status query, webhook;
};

/* ---- documents (schedules.c) ----------------------------------------------------------------- */

/* RS_NOT_FOUND, without a text. Texts live in the arena. */
enum rs_code rs_schedule_get(struct rs_session *s, const char *workspace, const char *id,
                             struct rs_arena *a, struct rs_schedule *x, struct rs_error *e);
enum rs_code rs_schedule_put(struct rs_session *s, const struct rs_schedule *x, struct rs_error *e);
enum rs_code rs_schedule_drop(struct rs_session *s, const struct rs_schedule *x,
                              struct rs_error *e);
typedef enum rs_code (*rs_schedule_fn)(void *ctx, struct rs_schedule *x);
enum rs_code rs_schedules_each(struct rs_session *s, struct rs_arena *a, rs_schedule_fn fn,
                               void *ctx, struct rs_error *e);
/* When it is due next, seen from `now`. */
void rs_schedule_plan(struct rs_schedule *x, int64_t now);
int64_t rs_schedules_now(void);

/* ---- life ------------------------------------------------------------------------------------ */

/* Once, before the first request: what schedules of query lambdas need. webhook_hosts: a list of
** hosts, or NULL (webhook.h). Borrows keys. */
enum rs_code rs_schedules_open(struct rs_resources *r, struct rs_keys *keys,
                               const char *webhook_hosts, struct rs_error *e);
void rs_schedules_close(struct rs_resources *r); /* NULL is fine */
/* What has come due (schedule_runs.c). */
rs_background_job rs_schedules_job;

/* ---- handlers (scheduled.c) ------------------------------------------------------------------ */

rs_handler rs_list_scheduled, rs_create_scheduled, rs_get_scheduled, rs_update_scheduled,
  rs_delete_scheduled;
#endif
