/*
** When collections were queried and written, for their stats: since the start, by the names that
** statements and requests have said.
*/
#include <stdio.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "internal.h"

enum { NAMES_MAX = 20000 }; /* beyond that all is forgotten; stats then begin anew */

struct rs_usages {
  pthread_mutex_t mutex;
  struct rs_map all; /* "instance\nworkspace\nname" -> struct rs_usage; instance "": any */
};

enum rs_code rs_usages_open(struct rs_backend *v, struct rs_error *e)
{
  v->usages = rs_calloc(1, sizeof *v->usages);
  if (v->usages == NULL) return rs_nomem(e);
  pthread_mutex_init(&v->usages->mutex, NULL);
  return RS_OK;
}

static void forget_all(struct rs_usages *t)
{
  for (size_t i = 0; i < t->all.n; i++) rs_free(t->all.v[i].value);
  rs_map_free(&t->all);
}

void rs_usages_close(struct rs_backend *v)
{
  if (v->usages == NULL) return;
  forget_all(v->usages);
  pthread_mutex_destroy(&v->usages->mutex);
  rs_free(v->usages);
  v->usages = NULL;
}

/* False: the name is too long to be any. */
static bool make_key(char key[1024], const char *instance, const char *workspace, const char *name)
{
  int n = snprintf(key, 1024, "%s\n%s\n%s", instance != NULL ? instance : "", workspace, name);
  return n > 0 && n < 1024;
}

/* With the mutex; without memory it is not noted. */
static void note(struct rs_usages *t, const char *key, bool query)
{
  struct rs_usage *u = rs_map_get(&t->all, key);
  if (u == NULL) {
    if (t->all.n >= NAMES_MAX) forget_all(t);
    u = rs_calloc(1, sizeof *u);
    if (u == NULL) return;
    if (!rs_map_put(&t->all, key, u)) {
      rs_free(u);
      return;
    }
  }
  *(query ? &u->queried_ms : &u->updated_ms) = rs_wall_us() / 1000;
}

void rs_usage_note(struct rs_backend *v, const char *instance, const char *workspace,
                   const char *name)
{
  char any[1024], one[1024];
  if (!make_key(any, NULL, workspace, name) || !make_key(one, instance, workspace, name)) return;
  pthread_mutex_lock(&v->usages->mutex);
  note(v->usages, any, instance != NULL);
  if (instance != NULL) note(v->usages, one, true);
  pthread_mutex_unlock(&v->usages->mutex);
}

struct rs_usage rs_usage_of(struct rs_backend *v, const char *instance, const char *workspace,
                            const char *name)
{
  struct rs_usage out = {0, 0};
  char key[1024];
  if (!make_key(key, instance, workspace, name)) return out;
  pthread_mutex_lock(&v->usages->mutex);
  const struct rs_usage *u = rs_map_get(&v->usages->all, key);
  if (u != NULL) out = *u;
  pthread_mutex_unlock(&v->usages->mutex);
  return out;
}
