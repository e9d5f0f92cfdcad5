/*
** `retention_secs`: documents whose `_event_time` lies further back are deleted.
**
** A query sees none that has been too old for longer than the pause of the job
** (RS_RETENTION_PAUSE_MS) and the time that the deletion takes.
*/
#include <stdio.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "definition.h"

/* The collections that have one. */
struct limited {
  struct rs_arena a;
  struct {
    struct rs_relation rel;
    int64_t secs;
  } * v;
  size_t n, cap;
  struct rs_error *e;
};

static enum rs_code see_collection(void *ctx, const char *workspace, const char *name,
                                   const char *body)
{
  struct limited *x = ctx;
  struct rs_definition d;
  cJSON *j = cJSON_Parse(body);
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "definition"));
  enum rs_code rc = rs_definition_unpack(&x->a, text, &d, x->e);
  cJSON_Delete(j);
  if (rc != RS_OK || d.retention_secs <= 0) return rc;
  const char *w = rs_arena_strdup(&x->a, workspace), *n = rs_arena_strdup(&x->a, name);
  if (w == NULL || n == NULL || !rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0]))
    return rs_nomem(x->e);
  x->v[x->n].rel = (struct rs_relation){.workspace = w, .name = n};
  x->v[x->n++].secs = d.retention_secs;
  return RS_OK;
}

enum rs_code rs_retention_run(struct rs_backend *v, struct rs_resources *r, struct rs_watch *watch,
                              struct rs_error *e)
{
  struct limited x = {.e = e};
  struct rs_pooled *p = NULL;
  bool gone = false;
  (void)r;
  rs_arena_init(&x.a, 0);
  enum rs_code rc = rs_pool_take(v, watch, &p, e), first = RS_OK;
  if (rc == RS_OK) rc = rs_store_each(p->s, RS_CONTROL_COLLECTION, NULL, see_collection, &x, e);
  for (size_t i = 0; i < x.n && rc == RS_OK && !rs_watch_is_stopped(watch); i++) {
    struct rs_error own = {.code = RS_OK};
    char until[24];
    struct rs_document d = {.json = until};
    d.n = (size_t)snprintf(until, sizeof until, "%lld",
                           (long long)(rs_wall_us() - x.v[i].secs * 1000000));
    enum rs_code is = rs_session_write(p->s, &x.v[i].rel, RS_WRITE_EXPIRE, &d, 1, &x.a, NULL, &own);
    gone |= d.status == RS_WRITTEN_DELETED;
    // one that fails keeps no other waiting
    if (is == RS_OK || is == RS_NOT_FOUND || first != RS_OK) continue;
    first = is;
    *e = own;
  }
  rs_pool_give(v, p);
  if (gone) rs_backend_changed(v, false);
  rs_free(x.v);
  rs_arena_free(&x.a);
  return rc == RS_OK ? first : rc;
}
