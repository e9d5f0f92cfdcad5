/*
** What virtual instances are, kept: a document of the target each, so that it survives a restart
** (`main` is there without one), and beside it what queries need in memory (query.h).
**
** Who changes one holds instances_mutex from reading its document until memory says the same:
** changes are rare, and two at once must not undo each other.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "shared.h"

#define KIND RS_CONTROL_INSTANCE
#define DEFAULT_QUERY "default_query_vi" /* a RS_CONTROL_SETTING */

/* ---- documents ------------------------------------------------------------------------------- */

static const char *member(struct rs_arena *a, const cJSON *j, const char *name, bool *ok)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, name));
  if (text != NULL && !rs_arena_keep(a, &text)) *ok = false;
  return text;
}

/* What a document says; without one it stays as it is. */
static enum rs_code read_document(struct rs_arena *a, const char *body, struct rs_instance_doc *x,
                                  struct rs_error *e)
{
  bool ok = true;
  if (body == NULL) return RS_OK;
  cJSON *j = cJSON_Parse(body);
  const char *name = member(a, j, "name", &ok), *size = member(a, j, "size", &ok);
  const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(j, "auto_suspend_seconds");
  if (name != NULL) (void)snprintf(x->vi.name, sizeof x->vi.name, "%s", name);
  if (size != NULL && rs_vi_is_size(size))
    (void)snprintf(x->vi.size, sizeof x->vi.size, "%s", size);
  x->vi.auto_suspend_ms = cJSON_IsNumber(seconds) ? (int64_t)seconds->valuedouble * 1000 : 0;
  x->vi.is_suspended = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(j, "suspended"));
  x->forgets_mounts = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(j, "forgets_mounts"));
  x->description = member(a, j, "description", &ok);
  x->class = member(a, j, "class", &ok);
  x->created_at = member(a, j, "created_at", &ok);
  x->created_by = member(a, j, "created_by", &ok);
  x->resumed_at = member(a, j, "resumed_at", &ok);
  cJSON_Delete(j);
  return ok ? RS_OK : rs_nomem(e);
}

enum rs_code rs_instance_load(struct rs_session *s, struct rs_arena *a, const struct rs_vi *vi,
                              struct rs_instance_doc *x, struct rs_error *e)
{
  const char *body = NULL;
  *x = (struct rs_instance_doc){.vi = *vi};
  if (rs_eq(vi->id, RS_INSTANCE_ID)) x->description = "the process that answers";
  enum rs_code rc = rs_store_get(s, KIND, "", vi->id, a, &body, e);
  if (rc == RS_OK) rc = read_document(a, body, x, e);
  // memory has the state of now: idle instances are suspended there first
  x->vi.is_suspended = vi->is_suspended;
  return rc;
}

static enum rs_code store(struct rs_session *s, const struct rs_instance_doc *x, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "name", x->vi.name);
  rs_js_text(&b, "size", x->vi.size);
  rs_js_int(&b, "auto_suspend_seconds", x->vi.auto_suspend_ms / 1000);
  rs_js_bool(&b, "suspended", x->vi.is_suspended);
  rs_js_bool(&b, "forgets_mounts", x->forgets_mounts);
  rs_js_text(&b, "description", x->description);
  rs_js_text(&b, "class", x->class);
  rs_js_text(&b, "created_at", x->created_at);
  rs_js_text(&b, "created_by", x->created_by);
  rs_js_text(&b, "resumed_at", x->resumed_at);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "virtual instance");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, "", x->vi.id, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code drop_mounts(struct rs_session *s, const char *id, struct rs_error *e)
{
  const struct rs_control_doc all = {.kind = RS_CONTROL_MOUNT, .sub = id};
  return rs_session_keep_doc(s, &all, e);
}

static enum rs_code keep(struct rs_session *s, const struct rs_instance_doc *x,
                         enum rs_instance_keep how, struct rs_error *e)
{
  enum rs_code rc = how != RS_INSTANCE_STAYS ? drop_mounts(s, x->vi.id, e) : RS_OK;
  if (rc != RS_OK) return rc;
  return how == RS_INSTANCE_GOES ? rs_store_remove(s, KIND, "", x->vi.id, e) : store(s, x, e);
}

enum rs_code rs_instance_keep(struct rs_session *s, const struct rs_instance_doc *x,
                              enum rs_instance_keep how, struct rs_error *e)
{
  if ((rs_session_caps(s) & RS_CAP_TRANSACTIONS) == 0) return keep(s, x, how, e);
  for (int tries = 1;; tries++) {
    enum rs_code rc = rs_session_begin(s, e);
    if (rc != RS_OK) return rc;
    rc = keep(s, x, how, e);
    if (rc == RS_OK) rc = rs_session_end(s, true, e);
    else (void)rs_session_end(s, false, NULL);
    if (rc == RS_OK || !rs_session_again(s, tries, e)) return rc == RS_OK ? rc : e->code;
  }
}

enum rs_code rs_instance_keep_default(struct rs_session *s, const char *id, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 10);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "id", id);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "default_query_vi");
  if (rc == RS_OK) rc = rs_store_put(s, RS_CONTROL_SETTING, "", DEFAULT_QUERY, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

/* ---- what is in memory ----------------------------------------------------------------------- */

struct loading {
  struct rs_backend *v;
  struct rs_arena a;
  struct rs_map ids; /* those that have documents */
  struct rs_error *e;
};

static enum rs_code take_document(void *ctx, const char *workspace, const char *name,
                                  const char *body)
{
  struct loading *x = ctx;
  struct rs_instance_doc doc = {.vi = {.size = RS_INSTANCE_SIZE_NEW}};
  (void)workspace;
  if (strlen(name) >= sizeof doc.vi.id) return RS_OK; // somebody wrote to the table by hand
  (void)snprintf(doc.vi.id, sizeof doc.vi.id, "%s", name);
  (void)snprintf(doc.vi.name, sizeof doc.vi.name, "%s", name);
  enum rs_code rc = read_document(&x->a, body, &doc, x->e);
  if (rc == RS_OK && !rs_map_put(&x->ids, name, x)) rc = rs_nomem(x->e);
  return rc == RS_OK ? rs_vi_put(x->v, &doc.vi, x->e) : rc;
}

static void drop_missing(struct rs_backend *v, const struct rs_map *ids)
{
  struct rs_vi vi;
  for (size_t i = 1; rs_vi_at(v, i, &vi);) {
    if (rs_map_get(ids, vi.id) != NULL) i++;
    else rs_vi_drop(v, vi.id);
  }
}

enum rs_code rs_instances_load(struct rs_backend *v, struct rs_session *s, struct rs_error *e)
{
  struct loading x = {.v = v, .e = e};
  const char *id = NULL;
  rs_arena_init(&x.a, 0);
  rs_map_init(&x.ids);
  enum rs_code rc = rs_store_each(s, KIND, "", take_document, &x, e);
  if (rc == RS_OK) drop_missing(v, &x.ids);
  if (rc == RS_OK) rc = rs_store_get(s, RS_CONTROL_SETTING, "", DEFAULT_QUERY, &x.a, &id, e);
  cJSON *j = id != NULL ? cJSON_Parse(id) : NULL;
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "id"));
  if (rc == RS_OK) rs_vi_set_default(v, text != NULL ? text : RS_INSTANCE_ID);
  cJSON_Delete(j);
  rs_map_free(&x.ids);
  rs_arena_free(&x.a);
  return rc;
}

/* The idle one is suspended in memory; now its document says so. */
static enum rs_code keep_suspended(struct rs_session *s, const struct rs_vi *vi, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_instance_doc x;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_instance_load(s, &a, vi, &x, e);
  x.vi.is_suspended = true;
  if (rc == RS_OK)
    rc = rs_instance_keep(s, &x, x.forgets_mounts ? RS_INSTANCE_UNMOUNTS : RS_INSTANCE_STAYS, e);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_instances_run(struct rs_backend *v, struct rs_resources *r, struct rs_watch *watch,
                              struct rs_error *e)
{
  struct rs_pooled *p = NULL;
  struct rs_vi vi;
  enum rs_code rc = RS_OK;
  bool any = !v->is_sole; // another server may have changed them
  for (size_t i = 0; rs_vi_at(v, i, &vi); i++) any = any || vi.auto_suspend_ms > 0;
  if (any) rc = rs_pool_take(v, watch, &p, e);
  if (rc != RS_OK || !any) return rc;
  pthread_mutex_lock(&r->instances_mutex);
  if (!v->is_sole) rc = rs_instances_load(v, p->s, e);
  for (size_t i = 0; rc == RS_OK && rs_vi_at(v, i, &vi); i++)
    if (rs_vi_suspend_idle(v, vi.id)) rc = keep_suspended(p->s, &vi, e);
  pthread_mutex_unlock(&r->instances_mutex);
  rs_pool_give(v, p);
  return rc;
}
