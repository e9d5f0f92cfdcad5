/*
** Users and roles as they are read from their documents, and what they allow (see internal.h).
*/
#include "internal.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"

#define ROLE_KIND "role"
#define USER_KIND "user"

enum { PRIVILEGES_MAX = 1000, RESOURCE_MAX = 512 };

enum rs_code rs_auth_parse(const char *body, cJSON **j)
{
  struct rs_arena a;
  struct rs_json *tree = NULL;
  *j = cJSON_Parse(body);
  if (*j != NULL) return RS_OK;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(body, strlen(body), 100, &a, &tree, NULL);
  rs_arena_free(&a);
  return rc == RS_INVALID ? RS_OK : RS_NOMEM;
}

/* ---- privileges ------------------------------------------------------------------------------ */

static const char *text_of(const cJSON *j, const char *name)
{
  return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, name));
}

static bool is_open(const char *text)
{
  return text == NULL || *text == 0 || rs_casecmp(text, "*ALL*") == 0;
}

/* Of an RRN the id, by which a privilege means the same instance as by its name. */
static const char *short_name(const char *resource)
{
  const char *colon = strrchr(resource, ':');
  return rs_starts(resource, "rrn:") && colon != NULL ? colon + 1 : resource;
}

static enum rs_code read_privilege(const cJSON *item, struct rs_arena *a, struct rs_buf *b,
                                   struct rs_grant *g, struct rs_error *e)
{
  const char *action = text_of(item, "action"), *resource = text_of(item, "resource_name");
  const char *cluster = text_of(item, "cluster");
  enum rs_action of = action != NULL ? rs_action_of(action) : RS_MAY_NOTHING;
  if (of == RS_MAY_NOTHING)
    return rs_fail(e, RS_INVALID,
                   "privilege: 'action' must be one of Rockset's, as QUERY_DATA_WS: "
                   "'%.100s' is none",
                   action != NULL ? action : "");
  if (!is_open(cluster) && !rs_eq(cluster, "local"))
    return rs_fail(e, RS_INVALID, "privilege %s: cluster '%.100s' is not this one: *ALL* or local",
                   action, cluster);
  bool open = is_open(resource);
  if (!open && rs_action_scope(of) == RS_SCOPE_ORG)
    return rs_fail(e, RS_INVALID,
                   "privilege %s: it is about the whole organization: leave 'resource_name' out",
                   action);
  if (!open && strlen(resource) >= RESOURCE_MAX)
    return rs_fail(e, RS_INVALID, "privilege %s: 'resource_name' is longer than %d bytes", action,
                   RESOURCE_MAX - 1);
  *g = (struct rs_grant){.actions = rs_action_bits(of)};
  if (!open) {
    g->resource = rs_arena_strdup(a, short_name(resource));
    if (g->resource == NULL) return rs_nomem(e);
  }
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "action", action);
  rs_js_text(b, "cluster", is_open(cluster) ? "*ALL*" : cluster);
  rs_js_text(b, "resource_name", open ? "*ALL*" : resource);
  rs_js_close(b, '}');
  return RS_OK;
}

enum rs_code rs_privileges_read(const cJSON *list, struct rs_arena *a, const char **json,
                                struct rs_rights *rights, struct rs_error *e)
{
  const cJSON *item;
  struct rs_buf b;
  size_t n = 0;
  enum rs_code rc = RS_OK;
  int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
  if (list != NULL && !cJSON_IsNull(list) && !cJSON_IsArray(list))
    return rs_fail(e, RS_INVALID, "'privileges' must be an array");
  if (count > PRIVILEGES_MAX)
    return rs_fail(e, RS_INVALID, "'privileges': %d at the most", PRIVILEGES_MAX);
  struct rs_grant *v = rs_arena_alloc(a, ((size_t)count + 1) * sizeof *v);
  if (v == NULL) return rs_nomem(e);
  rs_buf_init(&b, 4 << 20);
  rs_js_open(&b, NULL, '[');
  cJSON_ArrayForEach(item, list)
  {
    if (rc == RS_OK) rc = read_privilege(item, a, &b, &v[n++], e);
  }
  rs_js_close(&b, ']');
  if (rc == RS_OK) rc = rs_arena_take_buf(a, &b, "privileges", json, e);
  rs_buf_free(&b);
  *rights = (struct rs_rights){.v = v, .n = rc == RS_OK ? n : 0};
  return rc;
}

/* ---- roles ----------------------------------------------------------------------------------- */

static const struct {
  const char *name, *description, *word; /* what the command line calls it, too */
  const char *actions[20];               /* on all there is */
} fixed[] = {
  {"admin",
   "everything",
   "admin",
   {"ALL_GLOBAL_ACTIONS", "ALL_WORKSPACE_ACTIONS", "ALL_VI_ACTIONS", "ALL_INTEGRATION_ACTIONS"}},
  {"member",
   "reads and writes data",
   "write",
   {"GET_ORG_GLOBAL", "GET_CURRENT_USER_GLOBAL", "LIST_USERS_GLOBAL", "GET_METRICS_GLOBAL",
    "LIST_VI_GLOBAL", "CREATE_WS_GLOBAL", "LIST_WS_GLOBAL", "LIST_INTEGRATIONS_GLOBAL",
    "LIST_ROLES_GLOBAL", "ALL_INTEGRATION_ACTIONS", "ALL_WORKSPACE_ACTIONS", "QUERY_VI"}},
  {"read-only",
   "reads",
   "read",
   {"GET_ORG_GLOBAL", "GET_CURRENT_USER_GLOBAL", "LIST_USERS_GLOBAL", "GET_METRICS_GLOBAL",
    "LIST_VI_GLOBAL", "LIST_WS_GLOBAL", "LIST_INTEGRATIONS_GLOBAL", "LIST_ROLES_GLOBAL",
    "LIST_RESOURCES_WS", "QUERY_DATA_WS", "EXECUTE_QUERY_LAMBDA_WS", "QUERY_VI"}},
};
enum { NFIXED = sizeof fixed / sizeof fixed[0] };

const char *rs_role_name(const char *word)
{
  for (size_t i = 0; i < NFIXED; i++)
    if (rs_eq(fixed[i].word, word)) return fixed[i].name;
  return word;
}

static enum rs_code append_role(struct rs_people *p, const struct rs_role *r)
{
  struct rs_role_entry *x = rs_arena_calloc(&p->arena, sizeof *x);
  if (x == NULL) return RS_NOMEM;
  x->role = *r;
  *p->roles_end = x;
  p->roles_end = &x->next;
  return RS_OK;
}

static enum rs_code add_fixed(struct rs_people *p, size_t i, struct rs_error *e)
{
  struct rs_role r = {.name = fixed[i].name,
                      .description = fixed[i].description,
                      .created_by = RS_USER_EMAIL,
                      .fixed = true};
  cJSON *list = cJSON_CreateArray();
  bool ok = list != NULL;
  for (size_t k = 0; ok && fixed[i].actions[k] != NULL; k++) {
    cJSON *item = cJSON_CreateObject();
    ok = item != NULL && cJSON_AddItemToArray(list, item);
    if (!ok) cJSON_Delete(item);
    ok = ok && cJSON_AddStringToObject(item, "action", fixed[i].actions[k]) != NULL;
  }
  enum rs_code rc = ok ? rs_privileges_read(list, &p->arena, &r.privileges, &r.rights, e)
                       : rs_nomem(e);
  cJSON_Delete(list);
  return rc == RS_OK ? append_role(p, &r) : rc;
}

/* A member's text in the arena; *ok false: out of memory. */
static const char *copy_of(struct rs_people *p, const cJSON *j, const char *name, bool *ok)
{
  const char *text = text_of(j, name);
  if (!rs_arena_keep(&p->arena, &text)) *ok = false;
  return text;
}

/* A member's JSON in the arena; "[]" where there is no array. */
static const char *copy_array(struct rs_people *p, const cJSON *j, const char *name, bool *ok)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, name);
  char *text = cJSON_IsArray(list) ? cJSON_PrintUnformatted(list) : NULL;
  const char *copy = rs_arena_strdup(&p->arena, text != NULL ? text : "[]");
  if (copy == NULL || (cJSON_IsArray(list) && text == NULL)) *ok = false;
  cJSON_free(text);
  return copy;
}

static enum rs_code take_role(void *ctx, const char *workspace, const char *name, const char *body)
{
  struct rs_people *p = ctx;
  bool ok = true;
  (void)workspace;
  for (size_t i = 0; i < NFIXED; i++)
    if (rs_eq(fixed[i].name, name)) return RS_OK; // written by hand: these are what they are
  cJSON *j = NULL;
  enum rs_code rc = rs_auth_parse(body, &j);
  if (rc != RS_OK) return rc;
  struct rs_role r = {.name = rs_arena_strdup(&p->arena, name),
                      .description = copy_of(p, j, "description", &ok),
                      .created_at = copy_of(p, j, "created_at", &ok),
                      .created_by = copy_of(p, j, "created_by", &ok)};
  rc = rs_privileges_read(cJSON_GetObjectItemCaseSensitive(j, "privileges"), &p->arena,
                          &r.privileges, &r.rights, NULL);
  cJSON_Delete(j);
  if (rc == RS_INVALID) { // what can't be read allows nothing
    r.privileges = "[]";
    rc = RS_OK;
  }
  if (r.name == NULL || !ok) rc = RS_NOMEM;
  return rc == RS_OK ? append_role(p, &r) : rc;
}

const struct rs_role *rs_people_role(const struct rs_people *p, const char *name)
{
  for (const struct rs_role_entry *x = p->roles; x != NULL; x = x->next)
    if (rs_eq(x->role.name, name)) return &x->role;
  return NULL;
}

/* ---- users ----------------------------------------------------------------------------------- */

static struct rs_user *find_user(const struct rs_people *p, const char *email)
{
  for (struct rs_user_entry *x = p->users; x != NULL; x = x->next)
    if (rs_casecmp(x->user.email, email) == 0) return &x->user;
  return NULL;
}

const struct rs_user *rs_people_user(const struct rs_people *p, const char *email)
{
  return find_user(p, email);
}

static enum rs_code append_user(struct rs_people *p, const struct rs_user *u)
{
  struct rs_user_entry *x = rs_arena_calloc(&p->arena, sizeof *x);
  if (x == NULL || u->email == NULL) return RS_NOMEM;
  x->user = *u;
  *p->users_end = x;
  p->users_end = &x->next;
  return RS_OK;
}

static enum rs_code take_user(void *ctx, const char *workspace, const char *name, const char *body)
{
  struct rs_people *p = ctx;
  bool ok = true;
  cJSON *j = NULL;
  (void)workspace;
  enum rs_code rc = rs_auth_parse(body, &j);
  if (rc != RS_OK) return rc;
  struct rs_user u = {.email = rs_arena_strdup(&p->arena, name),
                      .first_name = copy_of(p, j, "first_name", &ok),
                      .last_name = copy_of(p, j, "last_name", &ok),
                      .created_at = copy_of(p, j, "created_at", &ok),
                      .roles = copy_array(p, j, "roles", &ok),
                      .preferences = copy_array(p, j, "preferences", &ok)};
  cJSON_Delete(j);
  if (!ok || u.email == NULL) return RS_NOMEM;
  struct rs_user *first = find_user(p, name);
  if (first == NULL) return append_user(p, &u);
  u.email = first->email;
  u.roles = first->roles;
  u.fixed = first->fixed;
  *first = u;
  return RS_OK;
}

/* The grants of all roles of a user, one behind the other. */
static enum rs_code add_rights(struct rs_people *p, struct rs_user *u)
{
  cJSON *names = NULL;
  const cJSON *item;
  size_t n = 0;
  enum rs_code rc = rs_auth_parse(u->roles, &names);
  if (rc != RS_OK) return rc;
  cJSON_ArrayForEach(item, names)
  {
    const struct rs_role *r = cJSON_IsString(item) ? rs_people_role(p, item->valuestring) : NULL;
    if (r != NULL) n += r->rights.n;
  }
  struct rs_grant *v = rs_arena_alloc(&p->arena, (n + 1) * sizeof *v);
  u->rights = (struct rs_rights){.v = v};
  cJSON_ArrayForEach(item, names)
  {
    const struct rs_role *r = cJSON_IsString(item) ? rs_people_role(p, item->valuestring) : NULL;
    if (v == NULL || r == NULL || r->rights.n == 0) continue;
    memcpy(v + u->rights.n, r->rights.v, r->rights.n * sizeof *v);
    u->rights.n += r->rights.n;
  }
  cJSON_Delete(names);
  return v != NULL ? RS_OK : RS_NOMEM;
}

/* ---- both ------------------------------------------------------------------------------------ */

enum rs_code rs_people_load(struct rs_session *s, struct rs_people **pp, struct rs_error *e)
{
  struct rs_people *p = rs_calloc(1, sizeof *p);
  if (p == NULL) return rs_nomem(e);
  const struct rs_user first = {.email = RS_USER_EMAIL,
                                .first_name = "rocksetd",
                                .last_name = "admin",
                                .roles = "[\"admin\"]",
                                .preferences = "[]",
                                .fixed = true};
  rs_arena_init(&p->arena, 0);
  p->roles_end = &p->roles;
  p->users_end = &p->users;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < NFIXED && rc == RS_OK; i++) rc = add_fixed(p, i, e);
  if (rc == RS_OK) rc = append_user(p, &first);
  if (rc == RS_OK) rc = rs_store_each(s, ROLE_KIND, NULL, take_role, p, e);
  if (rc == RS_OK) rc = rs_store_each(s, USER_KIND, NULL, take_user, p, e);
  for (struct rs_user_entry *x = p->users; x != NULL && rc == RS_OK; x = x->next)
    rc = add_rights(p, &x->user);
  if (rc == RS_NOMEM) (void)rs_nomem(e);
  if (rc == RS_OK) *pp = p;
  else rs_people_free(p);
  return rc;
}

void rs_people_free(struct rs_people *p)
{
  if (p == NULL) return;
  rs_arena_free(&p->arena);
  rs_free(p);
}

bool rs_people_rights(const struct rs_people *p, const char *user, const char *role,
                      struct rs_rights levels[2])
{
  const struct rs_user *u = rs_people_user(p, user);
  const struct rs_role *r = *role != 0 ? rs_people_role(p, role) : NULL;
  if (u == NULL || (*role != 0 && r == NULL)) return false;
  levels[0] = r != NULL ? r->rights : u->rights;
  levels[1] = u->rights;
  levels[0].within = r != NULL ? &levels[1] : NULL;
  return true;
}
