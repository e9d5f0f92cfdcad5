/*
** The one table of what the server answers: method, path, handler, and the role it needs.
**
** INSERT INTO comes by the same route as a SELECT: server/query/run.c asks for RS_ROLE_WRITE
** itself.
*/
#include <stdio.h>
#include "server.h"

#define ORG "/v1/orgs/self"
#define WS ORG "/ws/{}"
#define COLL WS "/collections/{}"
#define LAMBDA WS "/lambdas/{}"
#define VI ORG "/virtualinstances"
#define USER ORG "/users/{}"
#define MODELS ORG "/models"
#define NONE RS_ROLE_NONE
#define READ RS_ROLE_READ
#define WRITE RS_ROLE_WRITE
#define ADMIN RS_ROLE_ADMIN

const struct rs_route rs_routes[] = {
  {"GET", "/", rs_get_root, NONE},
  {"GET", "/healthz", rs_get_health, NONE},
  {"GET", "/metrics", rs_get_metrics, NONE},

  {"POST", ORG "/queries", rs_post_query, READ},
  {"GET", ORG "/queries", rs_list_queries, READ},
  {"POST", ORG "/queries/validations", rs_validate_query, READ},
  {"GET", ORG "/queries/{}", rs_get_query, READ},
  {"DELETE", ORG "/queries/{}", rs_cancel_query, READ},
  {"GET", ORG "/queries/{}/pages", rs_get_query_page, READ},

  {"GET", ORG "/lambdas", rs_list_lambdas, READ},
  {"GET", WS "/lambdas", rs_list_lambdas, READ},
  {"POST", WS "/lambdas", rs_create_lambda, WRITE},
  {"DELETE", LAMBDA, rs_delete_lambda, WRITE},
  {"GET", LAMBDA "/versions", rs_list_lambda_versions, READ},
  {"POST", LAMBDA "/versions", rs_update_lambda, WRITE},
  {"GET", LAMBDA "/versions/{}", rs_get_lambda_version, READ},
  {"POST", LAMBDA "/versions/{}", rs_run_lambda_version, READ},
  {"DELETE", LAMBDA "/version/{}", rs_delete_lambda_version, WRITE},
  {"GET", LAMBDA "/tags", rs_list_lambda_tags, READ},
  {"POST", LAMBDA "/tags", rs_tag_lambda, WRITE},
  {"GET", LAMBDA "/tags/{}", rs_get_lambda_tag, READ},
  {"POST", LAMBDA "/tags/{}", rs_run_lambda_tag, READ},
  {"DELETE", LAMBDA "/tags/{}", rs_delete_lambda_tag, WRITE},
  {"POST", "/v1/public/shared_lambdas/{}", rs_run_shared_lambda, NONE},

  {"GET", ORG "/collections", rs_list_collections, READ},
  {"GET", WS "/collections", rs_list_collections, READ},
  {"POST", WS "/collections", rs_create_collection, WRITE},
  {"GET", COLL, rs_get_collection, READ},
  {"PUT", COLL, rs_update_collection, WRITE},
  {"DELETE", COLL, rs_delete_collection, WRITE},
  {"GET", COLL "/offsets/commit", rs_get_commit, READ},
  {"POST", COLL "/offsets/commit", rs_get_commit, READ},
  {"GET", COLL "/sources", rs_list_sources, READ},
  {"POST", COLL "/sources", rs_create_source, WRITE},
  {"GET", COLL "/sources/{}", rs_get_source, READ},
  {"PUT", COLL "/sources/{}", rs_update_source, WRITE},
  {"DELETE", COLL "/sources/{}", rs_delete_source, WRITE},
  {"POST", COLL "/sources/{}/suspend", rs_suspend_source, WRITE},
  {"POST", COLL "/sources/{}/resume", rs_resume_source, WRITE},

  {"POST", COLL "/docs", rs_add_documents, WRITE},
  {"PATCH", COLL "/docs", rs_patch_documents, WRITE},
  {"DELETE", COLL "/docs", rs_delete_documents, WRITE},

  {"GET", ORG "/views", rs_list_views, READ},
  {"GET", WS "/views", rs_list_views, READ},
  {"POST", WS "/views", rs_create_view, WRITE},
  {"GET", WS "/views/{}", rs_get_view, READ},
  {"POST", WS "/views/{}", rs_update_view, WRITE},
  {"DELETE", WS "/views/{}", rs_delete_view, WRITE},

  {"GET", ORG "/aliases", rs_list_aliases, READ},
  {"GET", WS "/aliases", rs_list_aliases, READ},
  {"POST", WS "/aliases", rs_create_alias, WRITE},
  {"GET", WS "/aliases/{}", rs_get_alias, READ},
  {"POST", WS "/aliases/{}", rs_update_alias, WRITE},
  {"DELETE", WS "/aliases/{}", rs_delete_alias, WRITE},

  {"GET", ORG "/ws", rs_list_workspaces, READ},
  {"POST", ORG "/ws", rs_create_workspace, WRITE},
  {"GET", WS, rs_get_workspace, READ},
  {"DELETE", WS, rs_delete_workspace, WRITE},

  {"GET", VI, rs_list_instances, READ},
  {"POST", VI, rs_create_instance, ADMIN},
  {"GET", VI "/{}", rs_get_instance, READ},
  {"POST", VI "/{}", rs_update_instance, ADMIN},
  {"DELETE", VI "/{}", rs_delete_instance, ADMIN},
  {"POST", VI "/{}/suspend", rs_suspend_instance, ADMIN},
  {"POST", VI "/{}/resume", rs_resume_instance, ADMIN},
  {"GET", VI "/{}/mounts", rs_list_mounts, READ},
  {"POST", VI "/{}/mounts", rs_add_mounts, WRITE},
  {"GET", VI "/{}/mounts/{}", rs_get_mount, READ},
  {"DELETE", VI "/{}/mounts/{}", rs_delete_mount, WRITE},
  {"POST", VI "/{}/mounts/{}/offsets/commit", rs_get_mount_commit, READ},
  {"POST", VI "/{}/queries", rs_post_instance_query, READ},
  {"GET", VI "/{}/queries", rs_list_instance_queries, READ},

  {"GET", ORG, rs_get_organization, READ},
  {"GET", ORG "/deploymentsettings", rs_get_settings, READ},
  {"PUT", ORG "/deploymentsettings", rs_put_settings, ADMIN},

  {"POST", ORG "/users/self/apikeys", rs_create_key, ADMIN},
  {"GET", USER "/apikeys", rs_list_keys, ADMIN},
  {"GET", USER "/apikeys/{}", rs_get_key, ADMIN},
  {"POST", USER "/apikeys/{}", rs_update_key, ADMIN},
  {"DELETE", USER "/apikeys/{}", rs_delete_key, ADMIN},

  {"GET", ORG "/users", rs_list_users, READ},
  {"POST", ORG "/users", rs_no_users, ADMIN},
  {"GET", ORG "/users/self/preferences", rs_data_none, READ},
  {"POST", ORG "/users/self/preferences", rs_no_preferences, READ},
  {"GET", USER, rs_get_user, READ},
  {"POST", USER, rs_no_users, ADMIN},
  {"DELETE", USER, rs_no_users, ADMIN},
  {"GET", ORG "/roles", rs_list_roles, READ},
  {"POST", ORG "/roles", rs_no_roles, ADMIN},
  {"GET", ORG "/roles/{}", rs_get_role, READ},
  {"POST", ORG "/roles/{}", rs_no_roles, ADMIN},
  {"DELETE", ORG "/roles/{}", rs_no_roles, ADMIN},

  {"GET", MODELS, rs_get_models, READ},
  {"GET", MODELS "/nodes/{}", rs_get_models_node, READ},
  {"GET", MODELS "/runs", rs_list_models_runs, READ},
  {"GET", MODELS "/runs/{}", rs_get_models_run, READ},

  {"GET", ORG "/integrations", rs_data_none, READ},
  {"POST", ORG "/integrations", rs_no_integrations, ADMIN},
  {"GET", ORG "/integrations/{}", rs_get_integration, READ},
  {"PUT", ORG "/integrations/{}", rs_get_integration, ADMIN},
  {"DELETE", ORG "/integrations/{}", rs_get_integration, ADMIN},

  {"GET", ORG "/lambdas/scheduled_lambdas", rs_list_scheduled, READ},
  {"POST", WS "/scheduled_lambdas", rs_create_scheduled, WRITE},
  {"GET", WS "/scheduled_lambdas/{}", rs_get_scheduled, READ},
  {"POST", WS "/scheduled_lambdas/{}", rs_update_scheduled, WRITE},
  {"DELETE", WS "/scheduled_lambdas/{}", rs_delete_scheduled, WRITE},
};
const size_t rs_routes_count = sizeof rs_routes / sizeof rs_routes[0];

void rs_routes_print(void)
{
  for (size_t i = 0; i < rs_routes_count; i++)
    (void)printf("%s %s %s\n", rs_routes[i].method, rs_routes[i].path,
                 rs_role_name(rs_routes[i].role));
}
