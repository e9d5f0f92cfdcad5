/*
** Workspaces and collections, made and dropped (rockset.h). What the service does behind its answer
** is waited for, as its own clients do; waits have limits, and their errors say what is missing.
*/
#include "src/base/mem.h"
#include "src/base/text.h"
#include "rockset.h"

#define READY_S 600 /* as dbt-rockset waits */
#define GONE_S 600
#define WORKSPACE_S 60

/* ---- workspaces ------------------------------------------------------------------------------ */

static enum rs_code await_workspace(struct rs_session *s, const char *name, bool there,
                                    struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    enum rs_code rc = rs_rockset_get(s, NULL, e, "/ws/%s", name);
    if (rc == (there ? RS_OK : RS_NOT_FOUND)) return RS_OK;
    if (rc == RS_OK || rc == RS_NOT_FOUND) {
      rc = rs_rockset_pause(s, &poll, WORKSPACE_S, e, "workspace '%s' is %s", name,
                            there ? "not there yet" : "still there");
    }
    if (rc != RS_OK) return rc;
  }
}

static enum rs_code post_workspace(struct rs_session *s, const char *name, struct rs_error *e)
{
  struct rs_buf b;
  rs_rockset_begin(&b);
  rs_js_text(&b, "name", name);
  return rs_rockset_post(s, &b, 0, NULL, e, "/ws");
}

enum rs_code rs_rockset_need_workspace(struct rs_session *s, const char *name, struct rs_error *e)
{
  enum rs_code rc = rs_rockset_get(s, NULL, e, "/ws/%s", name);
  if (rc != RS_NOT_FOUND) return rc;
  rc = post_workspace(s, name, e);
  return rc == RS_OK || rc == RS_EXISTS ? await_workspace(s, name, true, e) : rc;
}

struct workspace_job {
  const char *name;
  bool lenient;
};

static enum rs_code create_workspace_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct workspace_job *j = arg;
  if (j->lenient) return rs_rockset_need_workspace(s, j->name, e);
  enum rs_code rc = rs_rockset_get(s, NULL, e, "/ws/%s", j->name);
  if (rc == RS_OK) return rs_fail(e, RS_EXISTS, "workspace '%s' exists", j->name);
  if (rc == RS_NOT_FOUND) rc = post_workspace(s, j->name, e);
  return rc == RS_OK ? await_workspace(s, j->name, true, e) : rc;
}

/* Deletes each entity of a list; views go before what they read, so the list is asked again. */
static enum rs_code empty_list(struct rs_session *s, const char *workspace, const char *what,
                               struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    cJSON *answer = NULL;
    const cJSON *item;
    size_t left = 0;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/ws/%s/%s", workspace, what);
    cJSON_ArrayForEach(item, rs_rockset_data(answer))
    {
      const char *name = rs_remote_text(item, "name");
      if (rc != RS_OK || name == NULL) continue;
      left++;
      if (rs_rockset_is_deleted(item)) continue;
      rc = rs_rockset_delete(s, 0, e, "/ws/%s/%s/%s", workspace, what, name);
      if (rc == RS_CONSTRAINT || rc == RS_BUSY) rc = RS_OK; // the next round, when nothing reads it
    }
    cJSON_Delete(answer);
    if (rc == RS_OK && left == 0) return RS_OK;
    if (rc == RS_OK) {
      rc = rs_rockset_pause(s, &poll, GONE_S, e, "workspace '%s' still has %zu %s", workspace, left,
                            what);
    }
    if (rc != RS_OK) return rc;
  }
}

static enum rs_code drop_workspace_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  static const char *const lists[] = {"views", "aliases", "collections", "lambdas"};
  const struct workspace_job *j = arg;
  enum rs_code rc = rs_rockset_get(s, NULL, e, "/ws/%s", j->name);
  if (rc == RS_NOT_FOUND) return rs_fail(e, RS_NOT_FOUND, "workspace '%s' does not exist", j->name);
  for (size_t i = 0; i < 4 && rc == RS_OK; i++) {
    cJSON *answer = NULL;
    if (j->lenient) {
      rc = empty_list(s, j->name, lists[i], e);
      continue;
    }
    rc = rs_rockset_get(s, &answer, e, "/ws/%s/%s", j->name, lists[i]);
    int n = cJSON_GetArraySize(rs_rockset_data(answer));
    cJSON_Delete(answer);
    if (n > 0)
      return rs_fail(e, RS_CONSTRAINT, "workspace '%s' is not empty: it has %s", j->name, lists[i]);
  }
  if (rc == RS_OK) rc = rs_rockset_delete(s, 0, e, "/ws/%s", j->name);
  return rc == RS_OK ? await_workspace(s, j->name, false, e) : rc;
}

/* ---- collections ----------------------------------------------------------------------------- */

enum rs_code rs_rockset_make_collection(struct rs_session *s, const struct rs_relation *rel,
                                        const char *description, struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  struct rs_buf b;
  rs_rockset_begin(&b);
  rs_js_text(&b, "name", rel->name);
  if (description != NULL) rs_js_text(&b, "description", description);
  enum rs_code rc = rs_rockset_post(s, &b, 0, NULL, e, "/ws/%s/collections", rel->workspace);
  while (rc == RS_OK) {
    cJSON *answer = NULL;
    rc = rs_rockset_get(s, &answer, e, "/ws/%s/collections/%s", rel->workspace, rel->name);
    bool ready = rc == RS_OK && rs_eq(rs_remote_text(rs_rockset_data(answer), "status"), "READY");
    cJSON_Delete(answer);
    if (ready) return RS_OK;
    if (rc == RS_OK || rc == RS_NOT_FOUND) { // a new one may be unknown at first
      rc = rs_rockset_pause(s, &poll, READY_S, e, "collection '%s.%s' is not READY", rel->workspace,
                            rel->name);
    }
  }
  return rc;
}

enum rs_code rs_rockset_drop_found(struct rs_session *s, const struct rs_relation *rel,
                                   enum rs_relation_kind what, bool dependents, struct rs_error *e)
{
  const char *list = what == RS_REL_VIEW    ? "views"
                     : what == RS_REL_ALIAS ? "aliases"
                                            : "collections";
  struct rs_rockset_poll poll = {0};
  enum rs_code rc = RS_OK;
  if (what == RS_REL_NONE) return RS_OK;
  if (dependents) {
    struct rs_arena a;
    rs_arena_init(&a, 0);
    struct rs_rockset_views views = {.a = &a};
    rc = rs_rockset_dependents(s, rel, &views, e);
    if (rc == RS_OK) rc = rs_rockset_drop_views(s, &views, e);
    rs_free(views.v);
    rs_arena_free(&a);
  }
  if (rc == RS_OK) rc = rs_rockset_delete(s, 0, e, "/ws/%s/%s/%s", rel->workspace, list, rel->name);
  while (rc == RS_OK) {
    rc = rs_rockset_get(s, NULL, e, "/ws/%s/%s/%s", rel->workspace, list, rel->name);
    if (rc == RS_NOT_FOUND) return RS_OK;
    if (rc == RS_OK) {
      rc = rs_rockset_pause(s, &poll, GONE_S, e, "'%s.%s' is deleted, but still there",
                            rel->workspace, rel->name);
    }
  }
  return rc;
}

static enum rs_code create_collection_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_rockset_job *j = arg;
  if (j->found.kind != RS_REL_NONE)
    return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists", rs_rockset_word(j->found.kind),
                   j->rel->workspace, j->rel->name);
  enum rs_code rc = rs_rockset_need_workspace(s, j->rel->workspace, e);
  return rc == RS_OK ? rs_rockset_make_collection(s, j->rel, NULL, e) : rc;
}

static enum rs_code create_lenient_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_rockset_job *j = arg;
  return j->found.kind != RS_REL_NONE ? RS_OK : create_collection_job(s, arg, e);
}

enum rs_code rs_rockset_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                               struct rs_error *e)
{
  struct workspace_job w = {rel->workspace, if_missing};
  struct rs_rockset_job j = {.rel = rel};
  if (rel->name == NULL) return rs_remote_do(s, create_workspace_job, &w, e);
  return rs_rockset_do(s, if_missing ? create_lenient_job : create_collection_job, &j, false, e);
}

/* Views that read it go first, as in dbt-rockset. */
enum rs_code rs_rockset_drop_all(struct rs_session *s, struct rs_rockset_job *j, struct rs_error *e)
{
  struct rs_rockset_found behind = {.kind = RS_REL_NONE};
  const struct rs_relation *collection = &j->found.collection;
  enum rs_code rc = RS_OK;
  if (j->found.kind == RS_REL_ALIAS) rc = rs_rockset_find(s, collection, &j->a, &behind, e);
  if (rc == RS_OK) rc = rs_rockset_drop_found(s, j->rel, j->found.kind, true, e);
  if (rc == RS_OK && j->found.kind == RS_REL_ALIAS &&
      rs_rockset_is_aside(collection->name, behind.description)) {
    rc = rs_rockset_drop_found(s, collection, behind.kind, false, e);
  }
  return rc;
}

static enum rs_code drop_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct rs_rockset_job *j = arg;
  return j->found.kind == RS_REL_NONE ? rs_rockset_not_found(s, j->rel, e)
                                      : rs_rockset_drop_all(s, j, e);
}

static enum rs_code drop_lenient_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  return rs_rockset_drop_all(s, arg, e);
}

enum rs_code rs_rockset_drop(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind kind, unsigned how, struct rs_error *e)
{
  struct workspace_job w = {rel->workspace, how & RS_DROP_CASCADE};
  struct rs_rockset_job j = {.rel = rel};
  const bool if_exists = how & RS_DROP_IF_EXISTS;
  if (rel->name == NULL) return rs_remote_do(s, drop_workspace_job, &w, e);
  if (kind != RS_REL_ALIAS)
    return rs_rockset_do(s, if_exists ? drop_lenient_job : drop_job, &j, false, e);
  enum rs_code rc = rs_rockset_drop_alias(s, rel, e);
  return rc == RS_NOT_FOUND && if_exists ? RS_OK : rc;
}
