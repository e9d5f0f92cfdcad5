/*
** Aliases, documents, virtual instances and running queries as engine/control.h has them
** (rockset.h). On the caller's thread; what blocks are jobs of the I/O thread.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "rockset.h"

/* ---- aliases --------------------------------------------------------------------------------- */

struct alias_job {
  const struct rs_alias *alias;
  enum rs_put put;
};

static enum rs_code aliases(struct rs_session *s, const char *workspace, rs_alias_fn fn, void *ctx,
                            struct rs_error *e)
{
  cJSON *answer = NULL;
  size_t n = 0;
  enum rs_code rc = rs_rockset_list(s, RS_REST_JOB, workspace, "aliases", &answer, e);
  const cJSON **v = rc == RS_OK ? rs_rockset_sorted(answer, &n) : NULL;
  if (rc == RS_OK && v == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    size_t ncollections = 0;
    const char **collections = rs_rockset_collections(v[i], &ncollections);
    const struct rs_alias alias = {
      .workspace = rs_remote_text(v[i], "workspace"),
      .name = rs_remote_text(v[i], "name"),
      .collections = collections,
      .ncollections = ncollections,
      .description = rs_remote_text(v[i], "description"),
      .created_at = rs_remote_text(v[i], "created_at"),
      .modified_at = rs_remote_text(v[i], "modified_at"),
      .creator = rs_remote_text(v[i], "creator_email"),
    };
    bool listed = alias.workspace != NULL && alias.name != NULL && !rs_rockset_is_deleted(v[i]);
    if (collections == NULL) rc = rs_nomem(e);
    else if (listed) rc = fn(ctx, &alias);
    rs_free(collections);
  }
  rs_free(v);
  cJSON_Delete(answer);
  return rc;
}

static enum rs_code put_alias_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct alias_job *j = arg;
  const struct rs_relation rel = {.workspace = j->alias->workspace, .name = j->alias->name};
  struct rs_arena a;
  struct rs_rockset_found found, behind = {.kind = RS_REL_NONE};
  struct rs_relation collection = {.workspace = NULL, .name = NULL};
  enum rs_code rc = RS_OK;
  rs_arena_init(&a, 0);
  for (size_t i = 0; i < j->alias->ncollections && rc == RS_OK; i++) {
    const char *path = j->alias->collections[i];
    rc = rs_rockset_split(path, &a, &collection)
           ? rs_rockset_find(s, &collection, &a, &behind, e)
           : rs_fail(e, RS_INVALID, "alias '%s.%s': '%s' is no collection's name", rel.workspace,
                     rel.name, path);
    if (rc == RS_OK && behind.kind == RS_REL_NONE) rc = rs_rockset_not_found(s, &collection, e);
  }
  if (rc == RS_OK) rc = rs_rockset_find(s, &rel, &a, &found, e);
  bool is_alias = rc == RS_OK && (found.kind == RS_REL_ALIAS || found.several);
  if (rc == RS_OK && found.kind != RS_REL_NONE && (!is_alias || j->put == RS_PUT_CREATE)) {
    rc = rs_fail(e, RS_EXISTS, "%s '%s.%s' exists", rs_rockset_word(found.kind), rel.workspace,
                 rel.name);
  } else if (rc == RS_OK && !is_alias && j->put == RS_PUT_UPDATE) {
    rc = rs_fail(e, RS_NOT_FOUND, "alias '%s.%s' does not exist", rel.workspace, rel.name);
  }
  if (rc == RS_OK && !is_alias) rc = rs_rockset_need_workspace(s, rel.workspace, e);
  if (rc == RS_OK) rc = rs_rockset_put_alias(s, j->alias, is_alias, is_alias ? RS_REST_SAFE : 0, e);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code put_alias(struct rs_session *s, const struct rs_alias *a, enum rs_put put,
                              struct rs_error *e)
{
  struct alias_job j = {.alias = a, .put = put};
  return rs_remote_do(s, put_alias_job, &j, e);
}

static enum rs_code drop_alias_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_relation *rel = arg;
  enum rs_code rc = rs_rockset_get(s, NULL, e, "/ws/%s/aliases/%s", rel->workspace, rel->name);
  if (rc == RS_NOT_FOUND)
    return rs_fail(e, rc, "alias '%s.%s' does not exist", rel->workspace, rel->name);
  return rc == RS_OK ? rs_rockset_drop_found(s, rel, RS_REL_ALIAS, false, e) : rc;
}

enum rs_code rs_rockset_drop_alias(struct rs_session *s, const struct rs_relation *alias,
                                   struct rs_error *e)
{
  struct rs_relation rel = *alias;
  return rs_remote_do(s, drop_alias_job, &rel, e);
}

/* ---- what runs ------------------------------------------------------------------------------- */

static enum rs_code instances(struct rs_session *s,
                              enum rs_code (*fn)(void *ctx, const struct rs_instance *i), void *ctx,
                              struct rs_error *e)
{
  cJSON *answer = NULL;
  const cJSON *item;
  enum rs_code rc = rs_rockset_list(s, RS_REST_JOB, NULL, "virtualinstances", &answer, e);
  cJSON_ArrayForEach(item, rs_rockset_data(answer))
  {
    const struct rs_instance i = {
      .id = rs_remote_text(item, "id"),
      .name = rs_remote_text(item, "name"),
      .state = rs_remote_text(item, "state"),
      .size = rs_remote_text(item, "current_size"),
      .description = rs_remote_text(item, "description"),
      .is_default = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "default_vi")),
    };
    if (rc == RS_OK) rc = fn(ctx, &i);
  }
  cJSON_Delete(answer);
  return rc;
}

static enum rs_code running(struct rs_session *s,
                            enum rs_code (*fn)(void *ctx, const struct rs_running_query *q),
                            void *ctx, struct rs_error *e)
{
  cJSON *answer = NULL;
  const cJSON *item;
  enum rs_code rc = rs_rockset_list(s, RS_REST_JOB, NULL, "queries", &answer, e);
  cJSON_ArrayForEach(item, rs_rockset_data(answer))
  {
    const struct rs_running_query q = {
      .id = rs_remote_text(item, "query_id"),
      .status = rs_remote_text(item, "status"),
      .sql = rs_remote_text(item, "sql"),
      .submitted_at = rs_remote_text(item, "submitted_at"),
      .executed_by = rs_remote_text(item, "executed_by"),
    };
    if (rc == RS_OK) rc = fn(ctx, &q);
  }
  cJSON_Delete(answer);
  return rc;
}

const struct rs_control_ops rs_rockset_control_ops = {
  .aliases = aliases,
  .put_alias = put_alias,
  .lambdas = rs_rockset_lambdas,
  .lambda_find = rs_rockset_lambda_find,
  .lambda_put = rs_rockset_lambda_put,
  .lambda_tag = rs_rockset_lambda_tag,
  .lambda_drop = rs_rockset_lambda_drop,
  .lambda_query = rs_rockset_lambda_query,
  .write = rs_rockset_write,
  .instances = instances,
  .running = running,
};
