/*
** What a key may do: Rockset's privileges, each an action on a resource, and sets of them.
**
** An action is about the organization (*_GLOBAL), or about one resource, which a privilege names or
** leaves open: a workspace (*_WS), a virtual instance (*_VI), an integration (*_INTEGRATION).
** ALL_* stand for every action of their kind. What is not said is not allowed.
**
** Pure functions; sets do not change once they are made, so any thread may read them.
*/
#ifndef RS_SERVER_HTTP_ACCESS_H
#define RS_SERVER_HTTP_ACCESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/error.h"

/* The API's names, and what each is about. */
#define RS_ACTIONS(X)                           \
  X(ALL_GLOBAL_ACTIONS, ORG)                    \
  X(GET_ORG_GLOBAL, ORG)                        \
  X(GET_CURRENT_USER_GLOBAL, ORG)               \
  X(INVITE_USER_GLOBAL, ORG)                    \
  X(DELETE_USER_GLOBAL, ORG)                    \
  X(LIST_USERS_GLOBAL, ORG)                     \
  X(GET_BILLING_GLOBAL, ORG)                    \
  X(UPDATE_BILLING_GLOBAL, ORG)                 \
  X(UPDATE_SETTINGS_GLOBAL, ORG)                \
  X(GET_METRICS_GLOBAL, ORG)                    \
  X(CREATE_VI_GLOBAL, ORG)                      \
  X(UPDATE_VI_GLOBAL, ORG)                      \
  X(LIST_VI_GLOBAL, ORG)                        \
  X(CREATE_WS_GLOBAL, ORG)                      \
  X(LIST_WS_GLOBAL, ORG)                        \
  X(CREATE_INTEGRATION_GLOBAL, ORG)             \
  X(DELETE_INTEGRATION_GLOBAL, ORG)             \
  X(LIST_INTEGRATIONS_GLOBAL, ORG)              \
  X(EXPORT_DATA_GLOBAL, ORG)                    \
  X(UPDATE_RESOURCE_OWNER_GLOBAL, ORG)          \
  X(CREATE_API_KEY_GLOBAL, ORG)                 \
  X(CREATE_ROLE_GLOBAL, ORG)                    \
  X(UPDATE_ROLE_GLOBAL, ORG)                    \
  X(DELETE_ROLE_GLOBAL, ORG)                    \
  X(LIST_ROLES_GLOBAL, ORG)                     \
  X(GRANT_REVOKE_ROLE_GLOBAL, ORG)              \
  X(CREATE_QUERY_LOGS_COLLECTION_GLOBAL, ORG)   \
  X(CREATE_INGEST_LOGS_COLLECTION_GLOBAL, ORG)  \
  X(ALL_INTEGRATION_ACTIONS, INTEGRATION)       \
  X(CREATE_COLLECTION_INTEGRATION, INTEGRATION) \
  X(ALL_WORKSPACE_ACTIONS, WS)                  \
  X(DELETE_WS, WS)                              \
  X(QUERY_DATA_WS, WS)                          \
  X(WRITE_DATA_WS, WS)                          \
  X(CREATE_COLLECTION_WS, WS)                   \
  X(DELETE_COLLECTION_WS, WS)                   \
  X(UPDATE_COLLECTION_WS, WS)                   \
  X(CREATE_ALIAS_WS, WS)                        \
  X(DELETE_ALIAS_WS, WS)                        \
  X(CREATE_SNAPSHOT_WS, WS)                     \
  X(LIST_RESOURCES_WS, WS)                      \
  X(CREATE_QUERY_LAMBDA_WS, WS)                 \
  X(DELETE_QUERY_LAMBDA_WS, WS)                 \
  X(EXECUTE_QUERY_LAMBDA_WS, WS)                \
  X(CREATE_SCHEDULED_LAMBDA_WS, WS)             \
  X(DELETE_SCHEDULED_LAMBDA_WS, WS)             \
  X(CREATE_VIEW_WS, WS)                         \
  X(DELETE_VIEW_WS, WS)                         \
  X(ALL_VI_ACTIONS, VI)                         \
  X(QUERY_VI, VI)                               \
  X(UPDATE_VI, VI)                              \
  X(SUSPEND_RESUME_VI, VI)                      \
  X(DELETE_VI, VI)                              \
  X(CREATE_SIMILARITY_INDEX_WS, WS)             \
  X(DELETE_SIMILARITY_INDEX_WS, WS)             \
  X(CREATE_NETWORK_CONFIGURATION_GLOBAL, ORG)   \
  X(DELETE_NETWORK_CONFIGURATION_GLOBAL, ORG)   \
  X(LIST_NETWORK_CONFIGURATIONS_GLOBAL, ORG)    \
  X(UPDATE_DEPLOYMENT_DEFAULT_QUERY_VI, ORG)
/* Those of what rocksetd does not have (snapshots, billing) are known, and no route needs them. */
#define RS_ACTION_ENUM(name, scope) RS_MAY_##name,
enum rs_action {
  RS_MAY_NOTHING,
  RS_ACTIONS(RS_ACTION_ENUM) // each of the above
  RS_ACTIONS_END
};
#undef RS_ACTION_ENUM

enum rs_scope { RS_SCOPE_ORG, RS_SCOPE_WS, RS_SCOPE_VI, RS_SCOPE_INTEGRATION };

/* "QUERY_DATA_WS"; "none" of RS_MAY_NOTHING. */
const char *rs_action_name(enum rs_action a);
/* RS_MAY_NOTHING: there is none of that name. */
enum rs_action rs_action_of(const char *name);
enum rs_scope rs_action_scope(enum rs_action a);
/* May a request that needs this action change what there is? */
bool rs_action_changes(enum rs_action a);

/* The privileges on one resource; NULL: on all. */
struct rs_grant {
  uint64_t actions; /* a bit each, rs_action_bits */
  const char *resource;
};

struct rs_rights {
  const struct rs_grant *v;
  size_t n;
  const struct rs_rights *within; /* what they do not allow is not allowed either; NULL: no bound */
};

/* The bit of an action; of ALL_* those of all that it stands for. */
uint64_t rs_action_bits(enum rs_action a);
/* Rights of NULL allow nothing. `other` (may be NULL) is a second name of the resource; without
** both the action must be about the organization. */
bool rs_rights_may(const struct rs_rights *r, enum rs_action a, const char *resource,
                   const char *other);
/* On every resource, also those that are not there yet. */
bool rs_rights_everywhere(const struct rs_rights *r, enum rs_action a);
/* On some resource, maybe: without it, on none. */
bool rs_rights_somewhere(const struct rs_rights *r, enum rs_action a);
/* Does `a` allow all that b does? A "no" may be too strict where resources have several names. */
bool rs_rights_cover(const struct rs_rights *a, const struct rs_rights *b);
/* A copy in the arena; NULL of NULL, and when out of memory: nothing is allowed. */
const struct rs_rights *rs_rights_copy(const struct rs_rights *r, struct rs_arena *a);
/* RS_FORBIDDEN, saying which privilege `who` lacks, unless the rights allow it. */
enum rs_code rs_rights_need(const struct rs_rights *r, const char *who, enum rs_action a,
                            const char *resource, struct rs_error *e);
/* The text of that refusal; resource NULL: of the organization. */
enum rs_code rs_rights_lack(const char *who, enum rs_action a, const char *resource,
                            struct rs_error *e);

/* What a route needs: either action (RS_MAY_NOTHING as the first: no key is asked for), on the
** resource that the path names. Where it names none: on some resource (lists then hide the others),
** or on all. */
struct rs_need {
  enum rs_action action, other;
  bool everywhere;
};
#endif
