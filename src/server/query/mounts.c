/*
** May a query on this virtual instance read that relation? On the first instance everything may be
** read; elsewhere a collection must be mounted, and of a view or alias all that it stands on.
**
** Mounts are documents of the target (control.h) that go with their collection, so they are asked
** for each time.
*/
#include <cjson/cJSON.h>
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "internal.h"

enum { RELATIONS_MAX = 1000 }; /* that one view reads, by way of others */

struct walk {
  struct rs_run *r;
  struct rs_error *e;
  struct rs_map seen; /* "workspace\nname" -> its kind, as a pointer, in the order of meeting */
  bool found;
};

static enum rs_code take_mount(void *ctx, const struct rs_control_doc *doc)
{
  struct walk *x = ctx;
  (void)doc;
  x->found = true;
  return RS_OK;
}

static enum rs_code need_mount(struct walk *x, const char *workspace, const char *name)
{
  const struct rs_control_doc filter = {
    .kind = RS_CONTROL_MOUNT, .workspace = workspace, .name = name, .sub = x->r->instance};
  x->found = false;
  enum rs_code rc = rs_session_kept_docs(x->r->s, &filter, take_mount, x, x->e);
  if (rc != RS_OK || x->found) return rc;
  return rs_fail(x->e, RS_INVALID,
                 "Collection %s.%s is not mounted on virtual instance rrn:vi:local:%s", workspace,
                 name, x->r->instance);
}

static enum rs_code meet(struct walk *x, const char *workspace, const char *name,
                         enum rs_relation_kind kind)
{
  const char *key = rs_arena_printf(&x->r->arena, "%s\n%s", workspace, name);
  if (key == NULL) return rs_nomem(x->e);
  if (rs_map_find(&x->seen, key, strlen(key)) != NULL) return RS_OK;
  if (x->seen.n >= RELATIONS_MAX)
    return rs_fail(x->e, RS_LIMIT, "a view of the query reads more than %d relations",
                   RELATIONS_MAX);
  return rs_map_put(&x->seen, key, (void *)(uintptr_t)kind) ? RS_OK : rs_nomem(x->e);
}

/* "workspace.name", the workspace maybe with dots. */
static enum rs_code meet_path(struct walk *x, const char *path)
{
  const char *dot = strrchr(path, '.');
  const struct rs_relation rel = {
    .workspace = dot != NULL ? rs_arena_strndup(&x->r->arena, path, (size_t)(dot - path))
                             : "commons",
    .name = dot != NULL ? dot + 1 : path};
  enum rs_relation_kind kind = RS_REL_NONE;
  if (rel.workspace == NULL) return rs_nomem(x->e);
  enum rs_code rc = rs_session_describe(x->r->s, &rel, NULL, &kind, x->e);
  // what is not there the engine itself will miss
  return rc == RS_OK && kind != RS_REL_NONE ? meet(x, rel.workspace, rel.name, kind) : rc;
}

/* What a view that was made through the API reads is kept beside it. */
static enum rs_code take_view(void *ctx, const struct rs_control_doc *doc)
{
  struct walk *x = ctx;
  cJSON *body = cJSON_Parse(doc->body);
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "entities"));
  cJSON *entities = text != NULL ? cJSON_Parse(text) : NULL;
  const cJSON *item;
  enum rs_code rc = RS_OK;
  const char *sql = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "sql"));
  struct rs_rsql_stmt *stmt = NULL;
  // of what is not Rockset SQL the entities are not known
  x->found = cJSON_IsArray(entities) && sql != NULL &&
             rs_rsql_parse(sql, strlen(sql), &x->r->arena, &stmt, NULL, NULL) == RS_OK &&
             rs_rsql_kind(stmt) != RS_RSQL_PASS;
  cJSON_ArrayForEach(item, entities)
  {
    if (rc == RS_OK && cJSON_IsString(item)) rc = meet_path(x, item->valuestring);
  }
  cJSON_Delete(entities);
  cJSON_Delete(body);
  return rc;
}

static enum rs_code read_view(struct walk *x, const char *workspace, const char *name)
{
  const struct rs_control_doc filter = {
    .kind = RS_CONTROL_VIEW, .workspace = workspace, .name = name, .sub = ""};
  x->found = false;
  enum rs_code rc = rs_session_kept_docs(x->r->s, &filter, take_view, x, x->e);
  if (rc != RS_OK || x->found) return rc;
  return rs_fail(x->e, RS_INVALID,
                 "view %s.%s was not made through the API, or is not Rockset SQL: which "
                 "collections it reads is not known; query it on virtual instance main",
                 workspace, name);
}

struct aliased {
  struct walk *x;
  const char *name;
};

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  const struct aliased *of = ctx;
  enum rs_code rc = RS_OK;
  if (rs_casecmp(a->name, of->name) != 0) return RS_OK;
  for (size_t i = 0; i < a->ncollections && rc == RS_OK; i++)
    rc = meet_path(of->x, a->collections[i]);
  return rc;
}

static enum rs_code visit(struct walk *x, const char *workspace, const char *name,
                          enum rs_relation_kind kind)
{
  struct aliased of = {x, name};
  switch (kind) {
    case RS_REL_TABLE: return need_mount(x, workspace, name);
    case RS_REL_ALIAS: return rs_session_aliases(x->r->s, workspace, take_alias, &of, x->e);
    case RS_REL_VIEW: return read_view(x, workspace, name);
    default: return RS_OK;
  }
}

enum rs_code rs_run_check_known(struct rs_run *r, struct rs_error *e)
{
  if (r->kind != RS_RSQL_PASS || r->instance == NULL || rs_eq(r->instance, RS_INSTANCE_ID))
    return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "the query is not Rockset SQL (%s), so which collections it reads is not known: "
                 "run it on virtual instance main",
                 rs_rsql_pass_reason(r->stmt));
}

enum rs_code rs_run_check_mounts(struct rs_run *r, const char *workspace, const char *name,
                                 enum rs_relation_kind kind, struct rs_error *e)
{
  if (r->instance == NULL || rs_eq(r->instance, RS_INSTANCE_ID)) return RS_OK;
  struct walk x = {.r = r, .e = e};
  rs_map_init(&x.seen);
  enum rs_code rc = meet(&x, workspace, name, kind);
  for (size_t i = 0; i < x.seen.n && rc == RS_OK; i++) { // grows meanwhile
    const char *key = x.seen.v[i].key, *end = strchr(key, '\n');
    const char *in = rs_arena_strndup(&r->arena, key, (size_t)(end - key));
    const char *what = rs_arena_strdup(&r->arena, end + 1);
    if (in == NULL || what == NULL) rc = rs_nomem(e);
    else rc = visit(&x, in, what, (enum rs_relation_kind)(uintptr_t)x.seen.v[i].value);
  }
  rs_map_free(&x.seen);
  return rc;
}
