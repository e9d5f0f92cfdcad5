/*
** Virtual instances: there is one, `main`, which every query runs on and every collection is
** mounted on. It can be suspended (queries are then refused) and resumed.
*/
#include "internal.h"
#include <string.h>
#include "src/base/text.h"

static const char *state_of(const struct rs_request *q)
{
  return atomic_load(&q->backend->is_suspended) ? "SUSPENDED" : "ACTIVE";
}

static void write_instance(struct rs_request *q, const char *key)
{
  struct rs_buf *b = &q->out;
  char created[40];
  rs_js_time(q->backend->started_us, created);
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", "main");
  rs_js_text(b, "description", "the process that answers: rocksetd has one");
  rs_js_text(b, "id", RS_INSTANCE_ID);
  rs_js_text(b, "rrn", RS_INSTANCE_RRN);
  rs_js_text(b, "state", state_of(q));
  rs_js_bool(b, "default_vi", true);
  rs_js_text(b, "current_size", "FREE");
  rs_js_text(b, "desired_size", "FREE");
  rs_js_bool(b, "monitoring_enabled", false);
  rs_js_text(b, "mount_type", "LIVE");
  rs_js_text(b, "created_at", created);
  rs_js_text(b, "created_by", RS_USER_EMAIL);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "last_queried_ms", 0);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

enum rs_code rs_instance_check(struct rs_request *q, const char *id)
{
  const char *colon = strrchr(id, ':');
  bool rrn = strncmp(id, "rrn:vi:", 7) == 0 && colon != NULL;
  if (rs_eq(rrn ? colon + 1 : id, RS_INSTANCE_ID) || rs_eq(id, "main")) return RS_OK;
  return rs_refuse(q, 404, "NOTFOUND",
                   "Virtual instance '%s' not found: there is '" RS_INSTANCE_ID "' (main).", id);
}

static enum rs_code need_instance(struct rs_request *q)
{
  return rs_instance_check(q, q->arg[0]);
}

enum rs_code rs_list_instances(struct rs_request *q)
{
  rs_data_open(q, '[');
  write_instance(q, NULL);
  rs_data_close(q, ']');
  return RS_OK;
}

enum rs_code rs_get_instance(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  if (rc != RS_OK) return rc;
  rs_js_open(&q->out, NULL, '{');
  write_instance(q, "data");
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_no_instances(struct rs_request *q)
{
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "further virtual instances are not offered: start another rocksetd");
}

enum rs_code rs_update_instance(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  if (rc != RS_OK) return rc;
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "the virtual instance has no settings: limits are flags of rocksetd");
}

enum rs_code rs_delete_instance(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  if (rc != RS_OK) return rc;
  return rs_refuse(q, 400, "BADREQUEST", "the default virtual instance can't be deleted");
}

enum rs_code rs_suspend_instance(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  if (rc == RS_OK) atomic_store(&q->backend->is_suspended, true);
  return rc == RS_OK ? rs_get_instance(q) : rc;
}

enum rs_code rs_resume_instance(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  if (rc == RS_OK) atomic_store(&q->backend->is_suspended, false);
  return rc == RS_OK ? rs_get_instance(q) : rc;
}

enum rs_code rs_post_instance_query(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  return rc == RS_OK ? rs_post_query(q) : rc;
}

enum rs_code rs_list_instance_queries(struct rs_request *q)
{
  enum rs_code rc = need_instance(q);
  return rc == RS_OK ? rs_list_queries(q) : rc;
}

/* ---- mounts ---------------------------------------------------------------------------------- */

static void write_mount(struct rs_request *q, const char *key, const char *workspace,
                        const char *name)
{
  struct rs_buf *b = &q->out;
  rs_js_open(b, key, '{');
  rs_js_printf(b, "id", "%s.%s", workspace, name);
  rs_js_printf(b, "rrn", "rrn:mount:local:%s.%s", workspace, name);
  rs_js_printf(b, "collection_path", "%s.%s", workspace, name);
  rs_js_text(b, "virtual_instance_id", RS_INSTANCE_ID);
  rs_js_text(b, "virtual_instance_rrn", RS_INSTANCE_RRN);
  rs_js_text(b, "state", "ACTIVE");
  rs_js_raw(b, "created_at", NULL);
  rs_js_int(b, "last_refresh_time_millis", rs_wall_us() / 1000);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "last_queried_ms", 0);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

static enum rs_code take_mount(void *ctx, const struct rs_relation_info *i)
{
  struct rs_request *q = ctx;
  if (i->kind == RS_REL_TABLE) write_mount(q, NULL, i->workspace, i->name);
  return RS_OK;
}

enum rs_code rs_list_mounts(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = need_instance(q);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  rc = rs_session_relations(s, NULL, NULL, take_mount, q, &q->e);
  rs_data_close(q, ']');
  return rc;
}

/* "workspace.name", the workspace maybe with dots; 400 in the service's words when there is none.
** */
static enum rs_code need_mount(struct rs_request *q, const char *path, struct rs_relation *rel)
{
  struct rs_session *s;
  enum rs_relation_kind kind = RS_REL_NONE;
  const char *dot = strrchr(path, '.');
  enum rs_code rc = need_instance(q);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rel->database = NULL;
  rel->workspace = dot != NULL ? rs_arena_strndup(&q->arena, path, (size_t)(dot - path))
                               : "commons";
  rel->name = dot != NULL ? dot + 1 : path;
  if (rel->workspace == NULL) return rs_nomem(&q->e);
  if (*rel->name != 0 && *rel->workspace != 0) rc = rs_session_describe(s, rel, NULL, &kind, &q->e);
  if (rc != RS_OK || kind == RS_REL_TABLE) return rc;
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "Collection %s is not mounted on virtual instance " RS_INSTANCE_RRN, path);
}

enum rs_code rs_add_mounts(struct rs_request *q)
{
  const cJSON *j, *item;
  struct rs_relation rel;
  enum rs_code rc = need_instance(q);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc != RS_OK) return rc;
  const cJSON *paths = cJSON_GetObjectItemCaseSensitive(j, "collection_paths");
  if (!cJSON_IsArray(paths))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'collection_paths' must be an array");
  rs_data_open(q, '[');
  cJSON_ArrayForEach(item, paths)
  {
    if (!cJSON_IsString(item))
      return rs_refuse(q, 400, "INVALIDINPUT", "'collection_paths' holds \"workspace.name\"");
    rc = need_mount(q, item->valuestring, &rel);
    if (rc != RS_OK) {
      // here it is the collection that is missing
      if (q->status == 400)
        rc = rs_refuse(q, 404, "NOTFOUND", "Collection '%s' not found.", item->valuestring);
      return rc;
    }
    write_mount(q, NULL, rel.workspace, rel.name);
  }
  rs_data_close(q, ']');
  return RS_OK;
}

enum rs_code rs_get_mount(struct rs_request *q)
{
  struct rs_relation rel;
  enum rs_code rc = need_mount(q, q->arg[1], &rel);
  if (rc != RS_OK) return rc;
  rs_js_open(&q->out, NULL, '{');
  write_mount(q, "data", rel.workspace, rel.name);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_delete_mount(struct rs_request *q)
{
  struct rs_relation rel;
  enum rs_code rc = need_mount(q, q->arg[1], &rel);
  if (rc != RS_OK) return rc;
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "every collection is mounted on the one virtual instance: it can't be "
                   "unmounted, only deleted");
}

enum rs_code rs_get_mount_commit(struct rs_request *q)
{
  struct rs_relation rel;
  enum rs_code rc = need_mount(q, q->arg[1], &rel);
  if (rc != RS_OK) return rc;
  q->arg[0] = rel.workspace;
  q->arg[1] = rel.name;
  return rs_get_commit(q);
}
