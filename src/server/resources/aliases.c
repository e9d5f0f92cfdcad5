/*
** Aliases: second names of collections, or of several as one, switched atomically.
*/
#include "shared.h"
#include <string.h>
#include "src/base/text.h"

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  struct rs_request *q = ctx;
  if (rs_may_list(q, a->workspace)) rs_write_alias(&q->out, NULL, a);
  return RS_OK;
}

enum rs_code rs_list_aliases(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  rc = rs_session_aliases(s, q->arg[0], take_alias, q, &q->e);
  rs_data_close(q, ']');
  return rc;
}

struct one {
  struct rs_request *q;
  const char *name;
  bool found;
  struct rs_alias alias; /* texts in the arena */
};

static enum rs_code take_if_named(void *ctx, const struct rs_alias *a)
{
  struct one *x = ctx;
  if (rs_casecmp(a->name, x->name) != 0) return RS_OK;
  x->found = true;
  x->alias = *a;
  const char **const texts[] = {&x->alias.workspace,  &x->alias.name,        &x->alias.description,
                                &x->alias.created_at, &x->alias.modified_at, &x->alias.creator};
  const char **paths = rs_arena_alloc(&x->q->arena, (a->ncollections + 1) * sizeof paths[0]);
  bool ok = paths != NULL;
  for (size_t i = 0; ok && i < a->ncollections; i++) {
    paths[i] = a->collections[i];
    ok = rs_arena_keep(&x->q->arena, &paths[i]);
  }
  x->alias.collections = paths;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    ok = rs_arena_keep(&x->q->arena, texts[i]) && ok;
  return ok ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code find_alias(struct rs_request *q, struct rs_session *s, const char *workspace,
                               const char *name, struct rs_alias *out)
{
  struct one x = {.q = q, .name = name};
  enum rs_code rc = rs_session_aliases(s, workspace, take_if_named, &x, &q->e);
  if (rc == RS_OK && !x.found)
    rc = rs_refuse(q, 404, "NOTFOUND", "Alias '%s' not found in workspace '%s'.", name, workspace);
  *out = x.alias;
  return rc;
}

static enum rs_code answer_alias(struct rs_request *q, struct rs_session *s, const char *workspace,
                                 const char *name)
{
  struct rs_alias a;
  enum rs_code rc = find_alias(q, s, workspace, name, &a);
  if (rc != RS_OK) return rc;
  rs_js_open(&q->out, NULL, '{');
  rs_write_alias(&q->out, "data", &a);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_get_alias(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  return rc == RS_OK ? answer_alias(q, s, q->arg[0], q->arg[1]) : rc;
}

/* "workspace.name" of one; who makes the alias must be allowed to read it. */
static enum rs_code read_collection(struct rs_request *q, const cJSON *item, const char **path)
{
  if (!cJSON_IsString(item) || item->valuestring[0] == 0)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "request body: 'collections' must be an array of \"workspace.name\"");
  *path = item->valuestring;
  if (strchr(*path, '.') == NULL) *path = rs_arena_printf(&q->arena, "commons.%s", *path);
  if (*path == NULL) return rs_nomem(&q->e);
  const char *workspace = rs_arena_strndup(&q->arena, *path,
                                           (size_t)(strrchr(*path, '.') - *path));
  if (workspace == NULL) return rs_nomem(&q->e);
  return rs_request_need(q, RS_MAY_QUERY_DATA_WS, workspace);
}

/* The collections and the description that the body names. */
static enum rs_code read_body(struct rs_request *q, struct rs_alias *a)
{
  const cJSON *j, *item;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &a->description);
  if (rc != RS_OK) return rc;
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "collections");
  if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "request body: 'collections' must be an array of \"workspace.name\", at "
                     "least one");
  const char **paths =
    rs_arena_calloc(&q->arena, (size_t)cJSON_GetArraySize(list) * sizeof paths[0]);
  if (paths == NULL) return rs_nomem(&q->e);
  cJSON_ArrayForEach(item, list)
  {
    if (rc == RS_OK) rc = read_collection(q, item, &paths[a->ncollections++]);
  }
  a->collections = paths;
  return rc;
}

enum rs_code rs_create_alias(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_alias a = {.workspace = q->arg[0], .creator = q->who.key_name};
  enum rs_code rc = read_body(q, &a);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &a.name);
  if (rc == RS_OK) rc = rs_check_name(q, "alias", a.name);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, a.workspace);
  if (rc == RS_OK) rc = rs_session_put_alias(s, &a, RS_PUT_CREATE, &q->e);
  return rc == RS_OK ? answer_alias(q, s, a.workspace, a.name) : rc;
}

enum rs_code rs_update_alias(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_alias a = {.workspace = q->arg[0], .name = q->arg[1]}, old;
  enum rs_code rc = read_body(q, &a);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = find_alias(q, s, a.workspace, a.name, &old);
  if (rc != RS_OK) return rc;
  if (a.description == NULL) a.description = old.description;
  a.creator = old.creator;
  rc = rs_session_put_alias(s, &a, RS_PUT_UPDATE, &q->e);
  return rc == RS_OK ? answer_alias(q, s, a.workspace, a.name) : rc;
}

enum rs_code rs_delete_alias(struct rs_request *q)
{
  struct rs_session *s;
  const struct rs_relation rel = rs_path_relation(q);
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = answer_alias(q, s, rel.workspace, rel.name);
  if (rc == RS_OK) rc = rs_need_unread(q, s, &rel);
  return rc == RS_OK ? rs_session_drop(s, &rel, RS_REL_ALIAS, 0, &q->e) : rc;
}
