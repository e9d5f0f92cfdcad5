/*
** When query lambdas were run last, and how that ended: the `stats` of their versions. In memory,
** since the server's start; a write for each execution would cost more than the execution.
*/
#include <stdio.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "internal.h"

enum { USES_MAX = 5000 };

struct rs_lambda_uses {
  pthread_mutex_t mutex;
  struct rs_map all; /* path -> struct rs_lambda_use */
};

enum rs_code rs_lambda_uses_open(struct rs_backend *v, struct rs_error *e)
{
  v->uses = rs_calloc(1, sizeof *v->uses);
  if (v->uses == NULL) return rs_nomem(e);
  pthread_mutex_init(&v->uses->mutex, NULL);
  return RS_OK;
}

static void forget_all(struct rs_lambda_uses *t)
{
  for (size_t i = 0; i < t->all.n; i++) rs_free(t->all.v[i].value);
  rs_map_free(&t->all);
}

void rs_lambda_uses_close(struct rs_backend *v)
{
  if (v->uses == NULL) return;
  forget_all(v->uses);
  pthread_mutex_destroy(&v->uses->mutex);
  rs_free(v->uses);
  v->uses = NULL;
}

/* With the mutex. NULL: there is no memory for it. */
static struct rs_lambda_use *use_of(struct rs_lambda_uses *t, const char *path)
{
  struct rs_lambda_use *use = rs_map_get(&t->all, path);
  if (use != NULL) return use;
  if (t->all.n >= USES_MAX) forget_all(t);
  use = rs_calloc(1, sizeof *use);
  if (use != NULL && rs_map_put(&t->all, path, use)) return use;
  rs_free(use);
  return NULL;
}

void rs_lambda_uses_note(struct rs_backend *v, const char *path, const char *user, enum rs_code rc,
                         const struct rs_problem *p)
{
  int64_t now = rs_wall_us();
  pthread_mutex_lock(&v->uses->mutex);
  struct rs_lambda_use *use = use_of(v->uses, path);
  if (use != NULL) use->executed_us = now;
  if (use != NULL) (void)snprintf(use->by, sizeof use->by, "%s", user);
  if (use != NULL && rc != RS_OK) {
    use->failed_us = now;
    (void)snprintf(use->message, sizeof use->message, "%.*s", (int)sizeof use->message - 1,
                   p->e.text);
  }
  pthread_mutex_unlock(&v->uses->mutex);
}

void rs_lambda_use(struct rs_backend *v, const char *path, struct rs_lambda_use *use)
{
  pthread_mutex_lock(&v->uses->mutex);
  const struct rs_lambda_use *known = rs_map_get(&v->uses->all, path);
  *use = known != NULL ? *known : (struct rs_lambda_use){0};
  pthread_mutex_unlock(&v->uses->mutex);
}
