/*
** Mounts: which collections a virtual instance may read. Every collection is mounted on `main`;
** elsewhere a mount is a document of the target, which goes with its collection. query/mounts.c
** holds queries to them. All of them are live: they show the collection as it is.
*/
#include "shared.h"
#include <string.h>
#include "src/base/text.h"

struct mount {
  const struct rs_vi *vi;
  const char *workspace, *name, *created_at;
};

static void write_mount(struct rs_request *q, const char *key, const struct mount *m,
                        const char *state)
{
  struct rs_buf *b = &q->out;
  const char *id = m->vi->id;
  struct rs_usage u = rs_usage_of(q->backend, id, m->workspace, m->name);
  rs_js_open(b, key, '{');
  rs_js_printf(b, "id", "%s:%s.%s", id, m->workspace, m->name);
  rs_js_printf(b, "rrn", "rrn:mnt:local:%s:%s.%s", id, m->workspace, m->name);
  rs_js_printf(b, "collection_path", "%s.%s", m->workspace, m->name);
  rs_js_text(b, "virtual_instance_id", id);
  rs_js_printf(b, "virtual_instance_rrn", "rrn:vi:local:%s", id);
  rs_js_text(b, "state", state != NULL ? state : m->vi->is_suspended ? "SUSPENDED" : "ACTIVE");
  rs_js_text(b, "created_at", m->created_at);
  rs_js_int(b, "last_refresh_time_millis", rs_wall_us() / 1000);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "last_queried_ms", u.queried_ms);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

static enum rs_code answer(struct rs_request *q, const struct mount *m, const char *state)
{
  rs_js_open(&q->out, NULL, '{');
  write_mount(q, "data", m, state);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

static bool has_all(const struct rs_vi *vi)
{
  return rs_eq(vi->id, RS_INSTANCE_ID);
}

/* The instance that the path names, and the session. */
static enum rs_code open_instance(struct rs_request *q, struct rs_vi *vi, struct rs_session **s)
{
  enum rs_code rc = rs_instance_find(q, q->arg[0], vi);
  return rc == RS_OK ? rs_request_session(q, s) : rc;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
  struct rs_request *q;
  const struct rs_vi *vi;
};

static enum rs_code take_relation(void *ctx, const struct rs_relation_info *i)
{
  struct list *x = ctx;
  const struct mount m = {x->vi, i->workspace, i->name, NULL};
  if (i->kind == RS_REL_TABLE && rs_may_list(x->q, i->workspace)) write_mount(x->q, NULL, &m, NULL);
  return RS_OK;
}

static enum rs_code take_document(void *ctx, const struct rs_control_doc *doc)
{
  struct list *x = ctx;
  const struct mount m = {x->vi, doc->workspace, doc->name, doc->changed_at};
  if (rs_may_list(x->q, doc->workspace)) write_mount(x->q, NULL, &m, NULL);
  return RS_OK;
}

enum rs_code rs_list_mounts(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct list x = {q, &vi};
  enum rs_code rc = open_instance(q, &vi, &s);
  if (rc != RS_OK) return rc;
  const struct rs_control_doc of = {.kind = RS_CONTROL_MOUNT, .sub = vi.id};
  rs_data_open(q, '[');
  if (has_all(&vi)) rc = rs_session_relations(s, NULL, NULL, take_relation, &x, &q->e);
  else rc = rs_session_kept_docs(s, &of, take_document, &x, &q->e);
  rs_data_close(q, ']');
  return rc;
}

/* ---- one ------------------------------------------------------------------------------------- */

/* "workspace.name", the workspace maybe with dots; *kind: what has that name. */
static enum rs_code read_path(struct rs_request *q, struct rs_session *s, const char *path,
                              struct rs_relation *rel, enum rs_relation_kind *kind)
{
  const char *dot = strrchr(path, '.');
  *kind = RS_REL_NONE;
  *rel = (struct rs_relation){.workspace = "commons", .name = dot != NULL ? dot + 1 : path};
  if (dot != NULL) rel->workspace = rs_arena_strndup(&q->arena, path, (size_t)(dot - path));
  if (rel->workspace == NULL) return rs_nomem(&q->e);
  if (*rel->name == 0 || *rel->workspace == 0) return RS_OK;
  return rs_session_describe(s, rel, NULL, kind, &q->e);
}

struct seek {
  struct rs_request *q;
  struct mount *m;
  bool found;
};

static enum rs_code take_mount(void *ctx, const struct rs_control_doc *doc)
{
  struct seek *x = ctx;
  x->found = true;
  x->m->workspace = doc->workspace;
  x->m->name = doc->name;
  x->m->created_at = doc->changed_at;
  bool ok = rs_arena_keep(&x->q->arena, &x->m->workspace) &&
            rs_arena_keep(&x->q->arena, &x->m->name) &&
            rs_arena_keep(&x->q->arena, &x->m->created_at);
  return ok ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code find_mount(struct rs_request *q, struct rs_session *s,
                               const struct rs_relation *rel, struct mount *m, bool *found)
{
  const struct rs_control_doc of = {
    .kind = RS_CONTROL_MOUNT, .workspace = rel->workspace, .name = rel->name, .sub = m->vi->id};
  struct seek x = {.q = q, .m = m};
  enum rs_code rc = rs_session_kept_docs(s, &of, take_mount, &x, &q->e);
  *found = x.found;
  return rc;
}

/* The mount that the path names; 400 in the service's words when there is none. */
static enum rs_code need_mount(struct rs_request *q, struct rs_session **s, struct rs_vi *vi,
                               struct mount *m)
{
  struct rs_relation rel;
  enum rs_relation_kind kind = RS_REL_NONE;
  bool found = false;
  enum rs_code rc = open_instance(q, vi, s);
  if (rc == RS_OK) rc = read_path(q, *s, q->arg[1], &rel, &kind);
  if (rc == RS_OK) rc = rs_request_need(q, RS_MAY_LIST_RESOURCES_WS, rel.workspace);
  if (rc != RS_OK) return rc;
  *m = (struct mount){vi, rel.workspace, rel.name, NULL};
  if (kind == RS_REL_TABLE && has_all(vi)) return RS_OK;
  if (kind == RS_REL_TABLE) rc = find_mount(q, *s, &rel, m, &found);
  if (rc != RS_OK || found) return rc;
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "Collection %s is not mounted on virtual instance rrn:vi:local:%s", q->arg[1],
                   vi->id);
}

enum rs_code rs_get_mount(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct mount m;
  enum rs_code rc = need_mount(q, &s, &vi, &m);
  return rc == RS_OK ? answer(q, &m, NULL) : rc;
}

enum rs_code rs_get_mount_commit(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct mount m;
  enum rs_code rc = need_mount(q, &s, &vi, &m);
  if (rc != RS_OK) return rc;
  q->arg[0] = m.workspace;
  q->arg[1] = m.name;
  return rs_get_commit(q);
}

/* ---- changes --------------------------------------------------------------------------------- */

struct paths {
  const struct rs_vi *vi;
  const cJSON *list;
};

/* One of the body's; mounting twice changes nothing. */
static enum rs_code mount_one(struct rs_request *q, struct rs_session *s, const struct rs_vi *vi,
                              const cJSON *item)
{
  struct rs_relation rel;
  enum rs_relation_kind kind;
  bool found = false;
  if (!cJSON_IsString(item))
    return rs_refuse(q, 400, "INVALIDINPUT", "'collection_paths' holds \"workspace.name\"");
  const char *path = item->valuestring;
  enum rs_code rc = read_path(q, s, path, &rel, &kind);
  if (rc == RS_OK) rc = rs_request_need(q, RS_MAY_QUERY_DATA_WS, rel.workspace);
  if (rc == RS_OK && (kind == RS_REL_VIEW || kind == RS_REL_ALIAS))
    rc = rs_refuse(q, 400, "INVALIDINPUT",
                   "'%s' is %s: mount the collections that it reads, and it can be queried", path,
                   kind == RS_REL_VIEW ? "a view" : "an alias");
  if (rc == RS_OK && kind != RS_REL_TABLE)
    rc = rs_refuse(q, 404, "NOTFOUND", "Collection '%s' not found.", path);
  struct mount m = {vi, rel.workspace, rel.name, NULL};
  if (rc != RS_OK || has_all(vi)) return rc;
  rc = find_mount(q, s, &rel, &m, &found);
  if (rc != RS_OK || found) return rc;
  const struct rs_control_doc doc = {.kind = RS_CONTROL_MOUNT,
                                     .workspace = rel.workspace,
                                     .name = rel.name,
                                     .sub = vi->id,
                                     .body = "{}"};
  return rs_session_keep_doc(s, &doc, &q->e);
}

static enum rs_code mount_all(struct rs_request *q, struct rs_session *s, void *arg)
{
  const struct paths *x = arg;
  const cJSON *item;
  enum rs_code rc = RS_OK;
  cJSON_ArrayForEach(item, x->list)
  {
    if (rc == RS_OK) rc = mount_one(q, s, x->vi, item);
  }
  return rc;
}

static enum rs_code answer_all(struct rs_request *q, struct rs_session *s, const struct paths *x)
{
  struct rs_relation rel;
  enum rs_relation_kind kind;
  const cJSON *item;
  bool found;
  enum rs_code rc = RS_OK;
  rs_data_open(q, '[');
  cJSON_ArrayForEach(item, x->list)
  {
    if (rc == RS_OK) rc = read_path(q, s, item->valuestring, &rel, &kind);
    struct mount m = {x->vi, rel.workspace, rel.name, NULL};
    if (rc == RS_OK && !has_all(x->vi)) rc = find_mount(q, s, &rel, &m, &found);
    if (rc == RS_OK) write_mount(q, NULL, &m, NULL);
  }
  rs_data_close(q, ']');
  return rc;
}

/* All or none. With the mutex: an instance that is deleted meanwhile leaves no mounts. */
static enum rs_code add_mounts(struct rs_request *q, struct rs_session **s, struct rs_vi *vi,
                               struct paths *x)
{
  const cJSON *j;
  enum rs_code rc = open_instance(q, vi, s);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc != RS_OK) return rc;
  x->list = cJSON_GetObjectItemCaseSensitive(j, "collection_paths");
  if (!cJSON_IsArray(x->list))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'collection_paths' must be an array");
  return rs_in_transaction(q, *s, mount_all, x);
}

enum rs_code rs_add_mounts(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct paths x = {.vi = &vi};
  pthread_mutex_lock(&q->resources->instances_mutex);
  enum rs_code rc = add_mounts(q, &s, &vi, &x);
  pthread_mutex_unlock(&q->resources->instances_mutex);
  return rc == RS_OK ? answer_all(q, s, &x) : rc;
}

enum rs_code rs_delete_mount(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_vi vi;
  struct mount m;
  enum rs_code rc = need_mount(q, &s, &vi, &m);
  if (rc == RS_OK && has_all(&vi))
    rc = rs_refuse(q, 400, "BADREQUEST",
                   "every collection is mounted on virtual instance main: to keep queries from it, "
                   "run them on another one");
  const struct rs_control_doc doc = {
    .kind = RS_CONTROL_MOUNT, .workspace = m.workspace, .name = m.name, .sub = vi.id};
  if (rc == RS_OK) rc = rs_session_keep_doc(s, &doc, &q->e);
  return rc == RS_OK ? answer(q, &m, "DELETING") : rc;
}
