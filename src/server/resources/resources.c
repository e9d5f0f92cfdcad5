/*
** What the files of resources share (see internal.h).
*/
#include "shared.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

static enum rs_code load_instances(struct rs_backend *v, struct rs_error *e)
{
  struct rs_pooled *p = NULL;
  enum rs_code rc = rs_pool_take(v, NULL, &p, e);
  if (rc == RS_OK) rc = rs_instances_load(v, p->s, e);
  rs_pool_give(v, p);
  return rc;
}

enum rs_code rs_resources_open(struct rs_backend *v, struct rs_resources **pr, struct rs_error *e)
{
  struct rs_resources *r = rs_calloc(1, sizeof *r);
  if (r == NULL) return rs_nomem(e);
  pthread_mutex_init(&r->instances_mutex, NULL);
  pthread_mutex_init(&r->rollups_mutex, NULL);
  enum rs_code rc = rs_known_open(v, &r->known, e);
  if (rc == RS_OK) rc = rs_batches_open(&r->batches, e);
  if (rc == RS_OK) rc = load_instances(v, e);
  if (rc == RS_OK) *pr = r;
  else rs_resources_close(r);
  return rc;
}

void rs_resources_close(struct rs_resources *r)
{
  if (r == NULL) return;
  rs_batches_close(r->batches);
  rs_known_close(r->known);
  pthread_mutex_destroy(&r->instances_mutex);
  pthread_mutex_destroy(&r->rollups_mutex);
  rs_free(r);
}

void rs_resources_allow_public(struct rs_resources *r)
{
  r->public_lambdas = true;
}

/* ---- names ----------------------------------------------------------------------------------- */

bool rs_is_plain_name(const char *name)
{
  size_t n = strlen(name);
  if (n == 0 || n > RS_ENTITY_MAX) return false;
  for (; *name != 0; name++) {
    bool letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
    if (!letter && !(*name >= '0' && *name <= '9') && strchr("_-.", *name) == NULL) return false;
  }
  return true;
}

enum rs_code rs_check_name(struct rs_request *q, const char *what, const char *name)
{
  if (!rs_is_plain_name(name))
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "%s: a name has 1 to %d letters, digits, '_', '-' or '.': '%.100s'", what,
                     RS_ENTITY_MAX, name);
  return RS_OK;
}

bool rs_may_list(const struct rs_request *q, const char *workspace)
{
  return rs_rights_may(q->who.rights, RS_MAY_LIST_RESOURCES_WS, workspace, NULL);
}

struct seek {
  const char *name;
  bool found;
};

static enum rs_code see_workspace(void *ctx, const char *name)
{
  struct seek *x = ctx;
  if (rs_eq(name, x->name)) x->found = true;
  return RS_OK;
}

enum rs_code rs_need_workspace(struct rs_request *q, struct rs_session *s, const char *workspace)
{
  struct seek x = {workspace, rs_eq(workspace, "commons")};
  enum rs_code rc = x.found ? RS_OK : rs_session_workspaces(s, NULL, see_workspace, &x, &q->e);
  if (rc != RS_OK || x.found) return rc;
  return rs_refuse(q, 404, "NOTFOUND", "Workspace '%s' not found.", workspace);
}

enum rs_code rs_need_relation(struct rs_request *q, struct rs_session *s,
                              const struct rs_relation *rel, enum rs_relation_kind kind,
                              bool or_alias)
{
  static const char *const names[] = {"", "Collection", "View", "Alias"};
  enum rs_relation_kind is = RS_REL_NONE;
  enum rs_code rc = rs_session_describe(s, rel, NULL, &is, &q->e);
  if (rc != RS_OK || is == kind || (or_alias && is == RS_REL_ALIAS)) return rc;
  return rs_refuse(q, 404, "NOTFOUND", "%s '%s' not found in workspace '%s'.", names[kind],
                   rel->name, rel->workspace);
}

struct rs_relation rs_path_relation(const struct rs_request *q)
{
  return (struct rs_relation){.workspace = q->arg[0], .name = q->arg[1]};
}

enum rs_code rs_need_path(struct rs_request *q, struct rs_session **s, struct rs_relation *rel,
                          enum rs_relation_kind kind)
{
  *rel = rs_path_relation(q);
  enum rs_code rc = rs_request_session(q, s);
  return rc == RS_OK ? rs_need_relation(q, *s, rel, kind, false) : rc;
}

/* One try in a transaction. */
static enum rs_code try_once(struct rs_request *q, struct rs_session *s, rs_work work, void *arg)
{
  enum rs_code rc = rs_session_begin(s, &q->e);
  if (rc != RS_OK) return rc;
  rc = work(q, s, arg);
  if (rc == RS_OK) return rs_session_end(s, true, &q->e);
  (void)rs_session_end(s, false, NULL);
  return rc;
}

enum rs_code rs_in_transaction(struct rs_request *q, struct rs_session *s, rs_work work, void *arg)
{
  if ((rs_session_caps(s) & RS_CAP_TRANSACTIONS) == 0) return work(q, s, arg);
  for (int tries = 1;; tries++) {
    enum rs_code rc = try_once(q, s, work, arg);
    if (rc == RS_OK) return rc;
    // the engine lets one of two who define at once lose: the loser then sees what the other made
    if (q->status != 0 || !rs_session_again(s, tries, &q->e)) return q->e.code;
    q->e = (struct rs_error){.code = RS_OK};
  }
}

/* ---- descriptions ---------------------------------------------------------------------------- */

static const char *copy_member(struct rs_request *q, const cJSON *j, const char *name, bool *ok)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, name));
  if (text == NULL) return NULL;
  const char *copy = rs_arena_strdup(&q->arena, text);
  if (copy == NULL) *ok = false;
  return copy;
}

static enum rs_code read_meta(struct rs_request *q, const char *body, struct rs_meta *m)
{
  bool ok = true;
  memset(m, 0, sizeof *m);
  if (body == NULL) return RS_OK;
  cJSON *j = cJSON_Parse(body);
  m->description = copy_member(q, j, "description", &ok);
  m->created_at = copy_member(q, j, "created_at", &ok);
  m->modified_at = copy_member(q, j, "modified_at", &ok);
  m->created_by_key = copy_member(q, j, "created_by_key", &ok);
  m->sql = copy_member(q, j, "sql", &ok);
  m->entities = copy_member(q, j, "entities", &ok);
  m->extra = copy_member(q, j, "extra", &ok);
  m->definition = copy_member(q, j, "definition", &ok);
  cJSON_Delete(j);
  return ok ? RS_OK : rs_nomem(&q->e);
}

enum rs_code rs_meta_get(struct rs_request *q, struct rs_session *s, const char *kind,
                         const struct rs_relation *rel, struct rs_meta *m)
{
  const char *body = NULL;
  enum rs_code rc = rs_store_get(s, kind, rel->workspace, rel->name, &q->arena, &body, &q->e);
  return rc == RS_OK ? read_meta(q, body, m) : rc;
}

enum rs_code rs_meta_put(struct rs_request *q, struct rs_session *s, const char *kind,
                         const struct rs_relation *rel, const struct rs_meta *m)
{
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  rs_js_open(&b, NULL, '{');
  if (m->description != NULL) rs_js_text(&b, "description", m->description);
  rs_js_text(&b, "created_at", m->created_at);
  if (m->modified_at != NULL) rs_js_text(&b, "modified_at", m->modified_at);
  rs_js_text(&b, "created_by_key", m->created_by_key);
  if (m->sql != NULL) rs_js_text(&b, "sql", m->sql);
  if (m->entities != NULL) rs_js_text(&b, "entities", m->entities);
  if (m->extra != NULL) rs_js_text(&b, "extra", m->extra);
  if (m->definition != NULL) rs_js_text(&b, "definition", m->definition);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, &q->e, kind);
  if (rc == RS_OK) rc = rs_store_put(s, kind, rel->workspace, rel->name, rs_buf_text(&b), &q->e);
  rs_buf_free(&b);
  return rc;
}

struct all {
  struct rs_request *q;
  struct rs_map *map;
};

static enum rs_code take_meta(void *ctx, const char *workspace, const char *name, const char *body)
{
  struct all *x = ctx;
  const char *key = rs_arena_printf(&x->q->arena, "%s\n%s", workspace, name);
  char *copy = rs_arena_strdup(&x->q->arena, body);
  if (key == NULL || copy == NULL || !rs_map_put(x->map, key, copy)) return rs_nomem(&x->q->e);
  return RS_OK;
}

enum rs_code rs_meta_all(struct rs_request *q, struct rs_session *s, const char *kind,
                         const char *workspace, struct rs_map *all)
{
  struct all x = {q, all};
  rs_map_init(all);
  return rs_store_each(s, kind, workspace, take_meta, &x, &q->e);
}

enum rs_code rs_meta_from(struct rs_request *q, const struct rs_map *all, const char *workspace,
                          const char *name, struct rs_meta *m)
{
  const char *key = rs_arena_printf(&q->arena, "%s\n%s", workspace, name);
  if (key == NULL) return rs_nomem(&q->e);
  return read_meta(q, rs_map_get(all, key), m);
}

const char *rs_now_text(struct rs_request *q)
{
  char now[40];
  rs_js_time(rs_wall_us(), now);
  return rs_arena_strdup(&q->arena, now);
}

/* ---- objects --------------------------------------------------------------------------------- */

void rs_write_alias(struct rs_buf *b, const char *key, const struct rs_alias *a)
{
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", a->name);
  rs_js_text(b, "workspace", a->workspace);
  rs_js_text(b, "description", a->description);
  rs_js_open(b, "collections", '[');
  for (size_t i = 0; i < a->ncollections; i++) rs_js_text(b, NULL, a->collections[i]);
  rs_js_close(b, ']');
  rs_js_text(b, "state", "CREATED");
  rs_js_text(b, "creator_email", RS_USER_EMAIL);
  rs_js_text(b, "created_at", a->created_at);
  rs_js_text(b, "modified_at", a->modified_at);
  rs_js_text(b, "created_by_apikey_name", a->creator);
  rs_js_close(b, '}');
}
