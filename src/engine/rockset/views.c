/*
** Views: made, changed, and those that stand in the way when a relation is dropped (rockset.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "rockset.h"

#define SYNC_S 600 /* as dbt-rockset waits */

/* ---- dependents ------------------------------------------------------------------------------ */

static bool reads_path(const cJSON *view, const char *path)
{
  const cJSON *entity;
  cJSON_ArrayForEach(entity, cJSON_GetObjectItemCaseSensitive(view, "entities"))
  {
    if (cJSON_IsString(entity) && rs_eq(entity->valuestring, path)) return true;
  }
  return false;
}

static char *path_of(const char *workspace, const char *name)
{
  return rs_mprintf("%s.%s", workspace, name);
}

static enum rs_code add_view(struct rs_rockset_views *out, const cJSON *view, struct rs_error *e)
{
  const char *sql = rs_remote_text(view, "query_sql");
  if (!rs_grow(&out->v, &out->cap, out->n + 1, sizeof *out->v)) return rs_nomem(e);
  struct rs_rockset_view *v = &out->v[out->n];
  v->rel.workspace = rs_arena_strdup(out->a, rs_remote_text(view, "workspace"));
  v->rel.name = rs_arena_strdup(out->a, rs_remote_text(view, "name"));
  v->sql = rs_arena_strdup(out->a, sql != NULL ? sql : "");
  v->description = rs_remote_text(view, "description");
  if (v->rel.workspace == NULL || v->rel.name == NULL || v->sql == NULL ||
      !rs_arena_keep(out->a, &v->description))
    return rs_nomem(e);
  out->n++;
  return RS_OK;
}

/*
** All views that read `path`, then those that read these. A view that is found again stands behind
** what it was found by: it is moved to the end, so that the order stays one in which all can be
** made. `depth` ends what reads itself.
*/
static enum rs_code add_readers(struct rs_rockset_views *out, const cJSON *views, const char *path,
                                int depth, struct rs_error *e)
{
  const cJSON *view;
  enum rs_code rc = RS_OK;
  cJSON_ArrayForEach(view, views)
  {
    const char *workspace = rs_remote_text(view, "workspace");
    const char *name = rs_remote_text(view, "name");
    if (rc != RS_OK || depth > 50 || workspace == NULL || name == NULL || !reads_path(view, path))
      continue;
    for (size_t i = 0; i < out->n; i++) {
      if (!rs_eq(out->v[i].rel.workspace, workspace) || !rs_eq(out->v[i].rel.name, name)) continue;
      memmove(&out->v[i], &out->v[i + 1], (out->n - i - 1) * sizeof *out->v);
      out->n--;
      break;
    }
    char *own = path_of(workspace, name);
    rc = own != NULL ? add_view(out, view, e) : rs_nomem(e);
    if (rc == RS_OK) rc = add_readers(out, views, own, depth + 1, e);
    rs_free(own);
  }
  return rc;
}

enum rs_code rs_rockset_dependents(struct rs_session *s, const struct rs_relation *rel,
                                   struct rs_rockset_views *out, struct rs_error *e)
{
  cJSON *answer = NULL;
  enum rs_code rc = rs_rockset_get(s, &answer, e, "/views");
  if (rc != RS_OK) return rc;
  char *path = path_of(rel->workspace, rel->name);
  rc = path != NULL ? add_readers(out, rs_rockset_data(answer), path, 0, e) : rs_nomem(e);
  rs_free(path);
  cJSON_Delete(answer);
  return rc;
}

enum rs_code rs_rockset_drop_views(struct rs_session *s, const struct rs_rockset_views *v,
                                   struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = v->n; i > 0 && rc == RS_OK; i--) {
    rc = rs_rockset_drop_found(s, &v->v[i - 1].rel, RS_REL_VIEW, false, e);
  }
  return rc;
}

/* ---- making ---------------------------------------------------------------------------------- */

enum rs_code rs_rockset_validate(struct rs_session *s, const char *sql, struct rs_error *e)
{
  struct rs_buf b;
  rs_rockset_begin(&b);
  rs_js_open(&b, "sql", '{');
  rs_js_text(&b, "query", sql);
  rs_js_close(&b, '}');
  return rs_rockset_post(s, &b, RS_REST_SAFE, NULL, e, "/queries/validations");
}

/* While it is SYNCING the text before is the one in force. */
static enum rs_code await_view(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  for (;;) {
    cJSON *answer = NULL;
    enum rs_code rc = rs_rockset_get(s, &answer, e, "/ws/%s/views/%s", rel->workspace, rel->name);
    const char *state = rs_remote_text(rs_rockset_data(answer), "state");
    bool settled = rc == RS_OK && !rs_eq(state, "SYNCING");
    cJSON_Delete(answer);
    if (settled || (rc != RS_OK && rc != RS_NOT_FOUND)) return rc;
    rc = rs_rockset_pause(s, &poll, SYNC_S, e, "view '%s.%s' is not ready", rel->workspace,
                          rel->name);
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_rockset_put_view(struct rs_session *s, const struct rs_relation *rel,
                                 const char *sql, const char *description, bool exists,
                                 struct rs_error *e)
{
  struct rs_buf b;
  rs_rockset_begin(&b);
  if (!exists) rs_js_text(&b, "name", rel->name);
  rs_js_text(&b, "query", sql);
  if (description != NULL) rs_js_text(&b, "description", description);
  enum rs_code rc = rs_rockset_post(s, &b, exists ? RS_REST_SAFE : 0, NULL, e, "/ws/%s/views/%s",
                                    rel->workspace, exists ? rel->name : NULL);
  return rc == RS_OK ? await_view(s, rel, e) : rc;
}

struct view_job {
  struct rs_rockset_job job;
  const char *sql;
};

/* Another kind of relation under the name goes only when the service has taken the query. */
static enum rs_code replace_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct view_job *j = arg;
  const struct rs_relation *rel = j->job.rel;
  const struct rs_rockset_found *found = &j->job.found;
  struct rs_rockset_found behind = {.kind = RS_REL_NONE};
  enum rs_code rc = RS_OK;
  if (found->kind == RS_REL_VIEW) return rs_rockset_put_view(s, rel, j->sql, NULL, true, e);
  if (found->kind != RS_REL_NONE) rc = rs_rockset_validate(s, j->sql, e);
  if (rc == RS_OK && found->kind == RS_REL_ALIAS)
    rc = rs_rockset_find(s, &found->collection, &j->job.a, &behind, e);
  if (rc == RS_OK) rc = rs_rockset_drop_found(s, rel, found->kind, true, e);
  if (rc == RS_OK && found->kind == RS_REL_NONE)
    rc = rs_rockset_need_workspace(s, rel->workspace, e);
  if (rc == RS_OK) rc = rs_rockset_put_view(s, rel, j->sql, "Created via rockset_ext", false, e);
  if (rc == RS_OK && found->kind == RS_REL_ALIAS &&
      rs_rockset_is_aside(found->collection.name, behind.description)) {
    rs_rockset_discard(s, &found->collection);
  }
  return rc;
}

enum rs_code rs_rockset_replace_view(struct rs_session *s, const struct rs_relation *rel,
                                     const char *sql, struct rs_error *e)
{
  struct view_job j = {{.rel = rel}, sql};
  enum rs_code rc = rs_rockset_do(s, replace_job, &j.job, true, e);
  if (rc != RS_OK && rc != RS_CANCELLED) (void)rs_error_sql(e, sql);
  return rc;
}
