/*
** What the REST API calls resources: workspaces, collections and their documents, views, aliases,
** query lambdas, virtual instances, the organization, users, roles and API keys. Each has a file of
** handlers.
**
** Threads: handlers run on their connection's thread; struct rs_resources has mutexes of its own.
** Blocking: every handler, on its request's session. Memory, errors: as http.h says of requests.
*/
#ifndef RS_SERVER_RESOURCES_RESOURCES_H
#define RS_SERVER_RESOURCES_RESOURCES_H
#include "src/server/http/http.h"
#include "src/server/query/query.h"
#include "src/engine/control.h"
#include "src/base/map.h"
#include "src/json/json.h"

/* What handlers remember and share. Returns owned (rs_resources_close). */
struct rs_resources;
enum rs_code rs_resources_open(struct rs_backend *v, struct rs_resources **pr, struct rs_error *e);
void rs_resources_close(struct rs_resources *r); /* NULL is fine */
/* Query lambdas may be public: who knows their ids runs them without a key. */
void rs_resources_allow_public(struct rs_resources *r);

/* ---- handlers -------------------------------------------------------------------------------- */

/* organization.c */
rs_handler rs_get_health, rs_get_organization, rs_get_settings, rs_put_settings;

/* lambdas.c */
rs_handler rs_list_lambdas, rs_create_lambda, rs_delete_lambda, rs_list_lambda_versions,
  rs_update_lambda, rs_get_lambda_version, rs_run_lambda_version, rs_delete_lambda_version,
  rs_list_lambda_tags, rs_tag_lambda, rs_get_lambda_tag, rs_run_lambda_tag, rs_delete_lambda_tag;

/* public.c */
rs_handler rs_run_shared_lambda;

/* views.c */
rs_handler rs_list_views, rs_create_view, rs_get_view, rs_update_view, rs_delete_view;

/* aliases.c */
rs_handler rs_list_aliases, rs_create_alias, rs_get_alias, rs_update_alias, rs_delete_alias;

/* workspaces.c */
rs_handler rs_list_workspaces, rs_create_workspace, rs_get_workspace, rs_delete_workspace;

/* instances.c */
rs_handler rs_list_instances, rs_create_instance, rs_get_instance, rs_update_instance,
  rs_delete_instance, rs_suspend_instance, rs_resume_instance, rs_post_instance_query,
  rs_list_instance_queries;

/* offsets.c */
rs_handler rs_get_commit;

/* mounts.c */
rs_handler rs_list_mounts, rs_add_mounts, rs_get_mount, rs_delete_mount, rs_get_mount_commit;

/* apikeys.c */
rs_handler rs_create_key, rs_list_keys, rs_get_key, rs_update_key, rs_delete_key;

/* users.c */
rs_handler rs_list_users, rs_create_user, rs_get_self, rs_get_user, rs_update_user, rs_delete_user,
  rs_get_preferences, rs_put_preferences, rs_list_roles, rs_create_role, rs_get_role,
  rs_update_role, rs_delete_role;
#endif
