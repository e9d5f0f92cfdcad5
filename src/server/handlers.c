/*
** The one table of what the server answers: method, path, handler, and the privilege it needs,
** which is looked for before the handler runs (rs_routes_permit).
**
** What a statement or a body names is looked at where it is read: relations in
** server/query/access.c, the rest by rs_request_need.
*/
#include <stdio.h>
#include <string.h>
#include "server.h"

#define ORG "/v1/orgs/self"
#define WS ORG "/ws/{}"
#define COLL WS "/collections/{}"
#define LAMBDA WS "/lambdas/{}"
#define VI ORG "/virtualinstances"
#define USER ORG "/users/{}"
#define MODELS ORG "/models"
/* On what the path names; where it names nothing of that kind, on something: the handler then looks
** at each thing that it works on. */
#define MAY(action)                        \
  {                                        \
    RS_MAY_##action, RS_MAY_NOTHING, false \
  }
#define EITHER(action, other)              \
  {                                        \
    RS_MAY_##action, RS_MAY_##other, false \
  }
#define EVERYWHERE(action)                \
  {                                       \
    RS_MAY_##action, RS_MAY_NOTHING, true \
  }
#define OPEN                              \
  {                                       \
    RS_MAY_NOTHING, RS_MAY_NOTHING, false \
  }

const struct rs_route rs_routes[] = {
  {"GET", "/", rs_get_root, OPEN},
  {"GET", "/healthz", rs_get_health, OPEN},
  {"GET", "/metrics", rs_get_metrics, OPEN},

  {"POST", ORG "/queries", rs_post_query, MAY(QUERY_VI)},
  {"GET", ORG "/queries", rs_list_queries, MAY(QUERY_VI)},
  {"POST", ORG "/queries/validations", rs_validate_query, MAY(QUERY_VI)},
  {"GET", ORG "/queries/{}", rs_get_query, MAY(QUERY_VI)},
  {"DELETE", ORG "/queries/{}", rs_cancel_query, MAY(QUERY_VI)},
  {"GET", ORG "/queries/{}/pages", rs_get_query_page, MAY(QUERY_VI)},

  {"GET", ORG "/lambdas", rs_list_lambdas, MAY(LIST_RESOURCES_WS)},
  {"GET", WS "/lambdas", rs_list_lambdas, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/lambdas", rs_create_lambda, MAY(CREATE_QUERY_LAMBDA_WS)},
  {"DELETE", LAMBDA, rs_delete_lambda, MAY(DELETE_QUERY_LAMBDA_WS)},
  {"GET", LAMBDA "/versions", rs_list_lambda_versions, MAY(LIST_RESOURCES_WS)},
  {"POST", LAMBDA "/versions", rs_update_lambda, MAY(CREATE_QUERY_LAMBDA_WS)},
  {"GET", LAMBDA "/versions/{}", rs_get_lambda_version, MAY(LIST_RESOURCES_WS)},
  {"POST", LAMBDA "/versions/{}", rs_run_lambda_version, MAY(EXECUTE_QUERY_LAMBDA_WS)},
  {"DELETE", LAMBDA "/version/{}", rs_delete_lambda_version, MAY(DELETE_QUERY_LAMBDA_WS)},
  {"GET", LAMBDA "/tags", rs_list_lambda_tags, MAY(LIST_RESOURCES_WS)},
  {"POST", LAMBDA "/tags", rs_tag_lambda, MAY(CREATE_QUERY_LAMBDA_WS)},
  {"GET", LAMBDA "/tags/{}", rs_get_lambda_tag, MAY(LIST_RESOURCES_WS)},
  {"POST", LAMBDA "/tags/{}", rs_run_lambda_tag, MAY(EXECUTE_QUERY_LAMBDA_WS)},
  {"DELETE", LAMBDA "/tags/{}", rs_delete_lambda_tag, MAY(DELETE_QUERY_LAMBDA_WS)},
  {"POST", "/v1/public/shared_lambdas/{}", rs_run_shared_lambda, OPEN},

  {"GET", ORG "/collections", rs_list_collections, MAY(LIST_RESOURCES_WS)},
  {"GET", WS "/collections", rs_list_collections, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/collections", rs_create_collection, MAY(CREATE_COLLECTION_WS)},
  {"GET", COLL, rs_get_collection, MAY(LIST_RESOURCES_WS)},
  {"PUT", COLL, rs_update_collection, MAY(UPDATE_COLLECTION_WS)},
  {"DELETE", COLL, rs_delete_collection, MAY(DELETE_COLLECTION_WS)},
  {"GET", COLL "/offsets/commit", rs_get_commit, EITHER(QUERY_DATA_WS, WRITE_DATA_WS)},
  {"POST", COLL "/offsets/commit", rs_get_commit, EITHER(QUERY_DATA_WS, WRITE_DATA_WS)},
  {"GET", COLL "/sources", rs_list_sources, MAY(LIST_RESOURCES_WS)},
  {"POST", COLL "/sources", rs_create_source, MAY(UPDATE_COLLECTION_WS)},
  {"GET", COLL "/sources/{}", rs_get_source, MAY(LIST_RESOURCES_WS)},
  {"PUT", COLL "/sources/{}", rs_update_source, MAY(UPDATE_COLLECTION_WS)},
  {"DELETE", COLL "/sources/{}", rs_delete_source, MAY(UPDATE_COLLECTION_WS)},
  {"POST", COLL "/sources/{}/suspend", rs_suspend_source, MAY(UPDATE_COLLECTION_WS)},
  {"POST", COLL "/sources/{}/resume", rs_resume_source, MAY(UPDATE_COLLECTION_WS)},

  {"POST", COLL "/docs", rs_add_documents, MAY(WRITE_DATA_WS)},
  {"PATCH", COLL "/docs", rs_patch_documents, MAY(WRITE_DATA_WS)},
  {"DELETE", COLL "/docs", rs_delete_documents, MAY(WRITE_DATA_WS)},

  {"GET", ORG "/views", rs_list_views, MAY(LIST_RESOURCES_WS)},
  {"GET", WS "/views", rs_list_views, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/views", rs_create_view, MAY(CREATE_VIEW_WS)},
  {"GET", WS "/views/{}", rs_get_view, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/views/{}", rs_update_view, MAY(CREATE_VIEW_WS)},
  {"DELETE", WS "/views/{}", rs_delete_view, MAY(DELETE_VIEW_WS)},

  {"GET", ORG "/aliases", rs_list_aliases, MAY(LIST_RESOURCES_WS)},
  {"GET", WS "/aliases", rs_list_aliases, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/aliases", rs_create_alias, MAY(CREATE_ALIAS_WS)},
  {"GET", WS "/aliases/{}", rs_get_alias, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/aliases/{}", rs_update_alias, MAY(CREATE_ALIAS_WS)},
  {"DELETE", WS "/aliases/{}", rs_delete_alias, MAY(DELETE_ALIAS_WS)},

  {"GET", ORG "/ws", rs_list_workspaces, MAY(LIST_WS_GLOBAL)},
  {"POST", ORG "/ws", rs_create_workspace, MAY(CREATE_WS_GLOBAL)},
  {"GET", WS, rs_get_workspace, EITHER(LIST_WS_GLOBAL, LIST_RESOURCES_WS)},
  {"DELETE", WS, rs_delete_workspace, MAY(DELETE_WS)},

  {"GET", VI, rs_list_instances, MAY(LIST_VI_GLOBAL)},
  {"POST", VI, rs_create_instance, MAY(CREATE_VI_GLOBAL)},
  {"GET", VI "/{}", rs_get_instance, EITHER(LIST_VI_GLOBAL, QUERY_VI)},
  {"POST", VI "/{}", rs_update_instance, EITHER(UPDATE_VI_GLOBAL, UPDATE_VI)},
  {"DELETE", VI "/{}", rs_delete_instance, MAY(DELETE_VI)},
  {"POST", VI "/{}/suspend", rs_suspend_instance, MAY(SUSPEND_RESUME_VI)},
  {"POST", VI "/{}/resume", rs_resume_instance, MAY(SUSPEND_RESUME_VI)},
  {"GET", VI "/{}/mounts", rs_list_mounts, EITHER(LIST_VI_GLOBAL, QUERY_VI)},
  {"POST", VI "/{}/mounts", rs_add_mounts, MAY(UPDATE_VI)},
  {"GET", VI "/{}/mounts/{}", rs_get_mount, EITHER(LIST_VI_GLOBAL, QUERY_VI)},
  {"DELETE", VI "/{}/mounts/{}", rs_delete_mount, MAY(UPDATE_VI)},
  {"POST", VI "/{}/mounts/{}/offsets/commit", rs_get_mount_commit,
   EITHER(LIST_VI_GLOBAL, QUERY_VI)},
  {"POST", VI "/{}/queries", rs_post_instance_query, MAY(QUERY_VI)},
  {"GET", VI "/{}/queries", rs_list_instance_queries, MAY(QUERY_VI)},

  {"GET", ORG, rs_get_organization, MAY(GET_ORG_GLOBAL)},
  {"GET", ORG "/deploymentsettings", rs_get_settings, MAY(GET_ORG_GLOBAL)},
  {"PUT", ORG "/deploymentsettings", rs_put_settings,
   EITHER(UPDATE_DEPLOYMENT_DEFAULT_QUERY_VI, UPDATE_SETTINGS_GLOBAL)},

  {"POST", ORG "/users/self/apikeys", rs_create_key, MAY(CREATE_API_KEY_GLOBAL)},
  {"GET", USER "/apikeys", rs_list_keys, MAY(CREATE_API_KEY_GLOBAL)},
  {"GET", USER "/apikeys/{}", rs_get_key, MAY(CREATE_API_KEY_GLOBAL)},
  {"POST", USER "/apikeys/{}", rs_update_key, MAY(CREATE_API_KEY_GLOBAL)},
  {"DELETE", USER "/apikeys/{}", rs_delete_key, MAY(CREATE_API_KEY_GLOBAL)},

  {"GET", ORG "/users", rs_list_users, MAY(LIST_USERS_GLOBAL)},
  {"POST", ORG "/users", rs_create_user, MAY(INVITE_USER_GLOBAL)},
  {"GET", ORG "/users/self", rs_get_self, MAY(GET_CURRENT_USER_GLOBAL)},
  {"GET", ORG "/users/self/preferences", rs_get_preferences, MAY(GET_CURRENT_USER_GLOBAL)},
  {"POST", ORG "/users/self/preferences", rs_put_preferences, MAY(GET_CURRENT_USER_GLOBAL)},
  {"GET", USER, rs_get_user, MAY(LIST_USERS_GLOBAL)},
  {"POST", USER, rs_update_user, MAY(GRANT_REVOKE_ROLE_GLOBAL)},
  {"DELETE", USER, rs_delete_user, MAY(DELETE_USER_GLOBAL)},
  {"GET", ORG "/roles", rs_list_roles, MAY(LIST_ROLES_GLOBAL)},
  {"POST", ORG "/roles", rs_create_role, MAY(CREATE_ROLE_GLOBAL)},
  {"GET", ORG "/roles/{}", rs_get_role, MAY(LIST_ROLES_GLOBAL)},
  {"POST", ORG "/roles/{}", rs_update_role, MAY(UPDATE_ROLE_GLOBAL)},
  {"DELETE", ORG "/roles/{}", rs_delete_role, MAY(DELETE_ROLE_GLOBAL)},

  {"GET", MODELS, rs_get_models, EVERYWHERE(LIST_RESOURCES_WS)},
  {"GET", MODELS "/nodes/{}", rs_get_models_node, EVERYWHERE(LIST_RESOURCES_WS)},
  {"GET", MODELS "/runs", rs_list_models_runs, EVERYWHERE(LIST_RESOURCES_WS)},
  {"GET", MODELS "/runs/{}", rs_get_models_run, EVERYWHERE(LIST_RESOURCES_WS)},

  {"GET", ORG "/integrations", rs_list_integrations, MAY(LIST_INTEGRATIONS_GLOBAL)},
  {"POST", ORG "/integrations", rs_create_integration, MAY(CREATE_INTEGRATION_GLOBAL)},
  {"GET", ORG "/integrations/{}", rs_get_integration, MAY(LIST_INTEGRATIONS_GLOBAL)},
  {"PUT", ORG "/integrations/{}", rs_update_integration, MAY(CREATE_INTEGRATION_GLOBAL)},
  {"DELETE", ORG "/integrations/{}", rs_delete_integration, MAY(DELETE_INTEGRATION_GLOBAL)},

  {"GET", ORG "/lambdas/scheduled_lambdas", rs_list_scheduled, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/scheduled_lambdas", rs_create_scheduled, MAY(CREATE_SCHEDULED_LAMBDA_WS)},
  {"GET", WS "/scheduled_lambdas/{}", rs_get_scheduled, MAY(LIST_RESOURCES_WS)},
  {"POST", WS "/scheduled_lambdas/{}", rs_update_scheduled, MAY(CREATE_SCHEDULED_LAMBDA_WS)},
  {"DELETE", WS "/scheduled_lambdas/{}", rs_delete_scheduled, MAY(DELETE_SCHEDULED_LAMBDA_WS)},
};
const size_t rs_routes_count = sizeof rs_routes / sizeof rs_routes[0];

/* The argument of the path that names a resource of that kind; NULL: none does. */
static const char *resource_of(const struct rs_request *q, enum rs_scope scope)
{
  static const char *const in[] = {"", "/ws/{}", "/virtualinstances/{}", "/integrations/{}"};
  const char *path = q->route->path, *at = strstr(path, in[scope]);
  size_t i = 0;
  if (scope == RS_SCOPE_ORG || at == NULL) return NULL;
  for (const char *p = strstr(path, "{}"); p != NULL && p < at; p = strstr(p + 2, "{}")) i++;
  return q->arg[i];
}

static bool may(const struct rs_request *q, enum rs_action a)
{
  const struct rs_rights *r = q->who.rights;
  enum rs_scope scope = rs_action_scope(a);
  const char *resource = resource_of(q, scope);
  if (scope == RS_SCOPE_ORG || q->route->need.everywhere) return rs_rights_everywhere(r, a);
  if (resource == NULL) return rs_rights_somewhere(r, a);
  if (scope == RS_SCOPE_VI) return rs_vi_may(q->backend, r, a, resource);
  return rs_rights_may(r, a, resource, NULL);
}

enum rs_code rs_routes_permit(struct rs_request *q)
{
  const struct rs_need *need = &q->route->need;
  if (may(q, need->action) || may(q, need->other)) return RS_OK;
  return rs_rights_lack(q->who.key_name, need->action,
                        resource_of(q, rs_action_scope(need->action)), &q->e);
}

void rs_routes_print(void)
{
  for (size_t i = 0; i < rs_routes_count; i++) {
    const struct rs_need *need = &rs_routes[i].need;
    (void)printf("%s %s %s", rs_routes[i].method, rs_routes[i].path, rs_action_name(need->action));
    if (need->other != RS_MAY_NOTHING) (void)printf("|%s", rs_action_name(need->other));
    (void)printf("%s\n", need->everywhere ? "@*ALL*" : "");
  }
}
