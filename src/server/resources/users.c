/*
** Users and roles through the API. What they allow: auth/people.c; where it is asked: handlers.c
** and query/access.c.
*/
#include <string.h>
#include "src/base/text.h"
#include "shared.h"

enum { EMAIL_MAX = 255, TEXT_MAX = 1000, LIST_MAX = 100 };

/* What is fixed or in use is as it is: 409. */
static enum rs_code explain(struct rs_request *q, enum rs_code rc)
{
  if (rc != RS_CONSTRAINT) return rc;
  q->status = 409;
  q->type = "DEPENDENTRESOURCES";
  return rc;
}

static enum rs_code read_text(struct rs_request *q, const cJSON *j, const char *name,
                              const char **text)
{
  const char *given = NULL;
  enum rs_code rc = rs_request_text(q, j, name, false, &given);
  if (rc == RS_OK && given != NULL && strlen(given) > TEXT_MAX)
    return rs_refuse(q, 400, "INVALIDINPUT", "'%s' has more than %d bytes", name, TEXT_MAX);
  if (given != NULL) *text = given;
  return rc;
}

/* ---- users ----------------------------------------------------------------------------------- */

static void write_user(struct rs_request *q, const char *key, const struct rs_user *u)
{
  struct rs_buf *b = &q->out;
  char started[40];
  rs_js_time(q->backend->started_us, started);
  rs_js_open(b, key, '{');
  rs_js_text(b, "email", u->email);
  rs_js_text(b, "first_name", u->first_name);
  rs_js_text(b, "last_name", u->last_name);
  rs_js_raw(b, "roles", u->roles);
  rs_js_text(b, "state", u->fixed || u->has_keys ? "ACTIVE" : "NEW");
  rs_js_text(b, "created_at", u->created_at != NULL ? u->created_at : started);
  rs_js_close(b, '}');
}

static enum rs_code answer_user(struct rs_request *q, const struct rs_user *u)
{
  rs_js_open(&q->out, NULL, '{');
  write_user(q, "data", u);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_list_users(struct rs_request *q)
{
  struct rs_user u;
  enum rs_code rc;
  rs_data_open(q, '[');
  for (size_t i = 0; (rc = rs_users_at(q->keys, i, &q->arena, &u)) == RS_OK; i++)
    write_user(q, NULL, &u);
  rs_data_close(q, ']');
  return rc == RS_DONE ? RS_OK : rs_nomem(&q->e);
}

static enum rs_code find_user(struct rs_request *q, const char *email, struct rs_user *u)
{
  return rs_users_find(q->keys, rs_eq(email, "self") ? q->who.user : email, &q->arena, u, &q->e);
}

/* Not wrapped in `data`, unlike nearly everything else. */
enum rs_code rs_get_user(struct rs_request *q)
{
  struct rs_user u;
  enum rs_code rc = find_user(q, q->arg[0], &u);
  if (rc == RS_OK) write_user(q, NULL, &u);
  return rc;
}

/* With the roles that count: a key that has a role of its own has no other. */
enum rs_code rs_get_self(struct rs_request *q)
{
  struct rs_user u;
  struct rs_key k;
  struct rs_buf b;
  enum rs_code rc = find_user(q, "self", &u);
  if (rc == RS_OK) rc = rs_keys_find(q->keys, q->who.key_name, &k, &q->e);
  if (rc == RS_OK && k.role[0] != 0) {
    rs_buf_init(&b, 1 << 16);
    rs_js_open(&b, NULL, '[');
    rs_js_text(&b, NULL, k.role);
    rs_js_close(&b, ']');
    rc = rs_arena_take_buf(&q->arena, &b, "roles", &u.roles, &q->e);
  }
  if (rc == RS_OK) write_user(q, NULL, &u);
  return rc;
}

/* An array of texts as JSON text, in the arena. */
static enum rs_code read_roles(struct rs_request *q, const cJSON *j, bool needed,
                               const char **roles)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "roles"), *item;
  struct rs_buf b;
  if (!needed && (list == NULL || cJSON_IsNull(list))) return RS_OK;
  if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > LIST_MAX)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "request body: 'roles' must be an array of %d names at the most", LIST_MAX);
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '[');
  cJSON_ArrayForEach(item, list)
  {
    if (!cJSON_IsString(item)) {
      rs_buf_free(&b);
      return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'roles' holds names");
    }
    rs_js_text(&b, NULL, rs_role_name(item->valuestring));
  }
  rs_js_close(&b, ']');
  return rs_arena_take_buf(&q->arena, &b, "roles", roles, &q->e);
}

static enum rs_code check_email(struct rs_request *q, const char *email)
{
  const char *at = strchr(email, '@');
  size_t n = strlen(email);
  bool good = at != NULL && at > email && at[1] != 0 && strchr(at + 1, '@') == NULL;
  for (size_t i = 0; i < n; i++)
    good = good && (unsigned char)email[i] > ' ' && strchr("/\\\"'<>,;", email[i]) == NULL;
  if (good && n <= EMAIL_MAX) return RS_OK;
  return rs_refuse(q, 400, "INVALIDINPUT", "'email' must be an address as a@b.c, not '%.100s'",
                   email);
}

enum rs_code rs_create_user(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_user u = {.preferences = "[]"};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "email", true, &u.email);
  if (rc == RS_OK) rc = check_email(q, u.email);
  if (rc == RS_OK) rc = read_roles(q, j, true, &u.roles);
  if (rc == RS_OK) rc = read_text(q, j, "first_name", &u.first_name);
  if (rc == RS_OK) rc = read_text(q, j, "last_name", &u.last_name);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  u.created_at = rs_now_text(q);
  if (u.created_at == NULL) return rs_nomem(&q->e);
  rc = rs_users_put(q->keys, s, &u, true, q->who.rights, &q->e);
  return rc == RS_OK ? answer_user(q, &u) : explain(q, rc);
}

enum rs_code rs_update_user(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_user u;
  enum rs_code rc = rs_request_json(q, true, &j);
  if (rc == RS_OK) rc = find_user(q, q->arg[0], &u);
  u.roles = NULL;
  if (rc == RS_OK) rc = read_roles(q, j, false, &u.roles);
  if (rc == RS_OK) rc = read_text(q, j, "first_name", &u.first_name);
  if (rc == RS_OK) rc = read_text(q, j, "last_name", &u.last_name);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_users_put(q->keys, s, &u, false, q->who.rights, &q->e);
  if (rc == RS_OK) rc = find_user(q, q->arg[0], &u);
  if (rc == RS_OK) write_user(q, NULL, &u);
  return explain(q, rc);
}

enum rs_code rs_delete_user(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_user u;
  enum rs_code rc = find_user(q, q->arg[0], &u);
  if (rc == RS_OK && !u.fixed && rs_casecmp(u.email, q->who.user) == 0)
    rc = rs_refuse(q, 400, "BADREQUEST",
                   "User '%s' is the one that asks, whose keys would go: have another one do it",
                   u.email);
  if (rc == RS_OK && !rs_rights_cover(q->who.rights, &u.rights))
    rc = rs_refuse(q, 403, "FORBIDDEN", "User '%s' has more privileges than the API key that asks",
                   u.email);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_users_drop(q->keys, s, u.email, &q->e);
  return rc == RS_OK ? answer_user(q, &u) : explain(q, rc);
}

/* ---- what a user is not told ----------------------------------------------------------------- */

static enum rs_code answer_preferences(struct rs_request *q, const struct rs_user *u)
{
  rs_js_open(&q->out, NULL, '{');
  rs_js_raw(&q->out, "data", u->preferences);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_get_preferences(struct rs_request *q)
{
  struct rs_user u;
  enum rs_code rc = find_user(q, "self", &u);
  return rc == RS_OK ? answer_preferences(q, &u) : rc;
}

static enum rs_code read_preferences(struct rs_request *q, const cJSON *j, const char **json)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "data"), *item;
  struct rs_buf b;
  bool good = cJSON_IsArray(list) && cJSON_GetArraySize(list) <= LIST_MAX;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '[');
  cJSON_ArrayForEach(item, list)
  {
    const char *type = cJSON_GetStringValue(
      cJSON_GetObjectItemCaseSensitive(item, "notificationType"));
    good = good && type != NULL && strlen(type) <= TEXT_MAX;
    if (!good) break;
    rs_js_open(&b, NULL, '{');
    rs_js_text(&b, "notificationType", type);
    rs_js_close(&b, '}');
  }
  rs_js_close(&b, ']');
  if (good) return rs_arena_take_buf(&q->arena, &b, "preferences", json, &q->e);
  rs_buf_free(&b);
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "request body: 'data' must be an array of {\"notificationType\": ..}");
}

enum rs_code rs_put_preferences(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_user u;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = find_user(q, "self", &u);
  if (rc == RS_OK) rc = read_preferences(q, j, &u.preferences);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  u.roles = NULL;
  if (rc == RS_OK) rc = rs_users_put(q->keys, s, &u, false, q->who.rights, &q->e);
  return rc == RS_OK ? answer_preferences(q, &u) : explain(q, rc);
}

/* ---- roles ----------------------------------------------------------------------------------- */

static void write_role(struct rs_request *q, const char *key, const struct rs_role *r)
{
  struct rs_buf *b = &q->out;
  rs_js_open(b, key, '{');
  rs_js_text(b, "role_name", r->name);
  rs_js_text(b, "description", r->description);
  rs_js_text(b, "created_at", r->created_at);
  rs_js_text(b, "created_by", r->created_by);
  rs_js_text(b, "owner_email", r->created_by);
  rs_js_raw(b, "privileges", r->privileges);
  rs_js_close(b, '}');
}

static enum rs_code answer_role(struct rs_request *q, const struct rs_role *r)
{
  rs_js_open(&q->out, NULL, '{');
  write_role(q, "data", r);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_list_roles(struct rs_request *q)
{
  struct rs_role r;
  enum rs_code rc;
  rs_data_open(q, '[');
  for (size_t i = 0; (rc = rs_roles_at(q->keys, i, &q->arena, &r)) == RS_OK; i++)
    write_role(q, NULL, &r);
  rs_data_close(q, ']');
  return rc == RS_DONE ? RS_OK : rs_nomem(&q->e);
}

enum rs_code rs_get_role(struct rs_request *q)
{
  struct rs_role r;
  enum rs_code rc = rs_roles_find(q->keys, q->arg[0], &q->arena, &r, &q->e);
  return rc == RS_OK ? answer_role(q, &r) : rc;
}

static enum rs_code read_role(struct rs_request *q, const cJSON *j, struct rs_role *r)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "privileges");
  enum rs_code rc = read_text(q, j, "description", &r->description);
  if (rc != RS_OK || (r->privileges != NULL && (list == NULL || cJSON_IsNull(list)))) return rc;
  return rs_privileges_read(list, &q->arena, &r->privileges, &r->rights, &q->e);
}

enum rs_code rs_create_role(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_role r = {.created_by = q->who.user};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "role_name", true, &r.name);
  if (rc == RS_OK) rc = rs_check_name(q, "role", r.name);
  if (rc == RS_OK) rc = read_role(q, j, &r);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  r.created_at = rs_now_text(q);
  if (r.created_at == NULL) return rs_nomem(&q->e);
  rc = rs_roles_put(q->keys, s, &r, true, q->who.rights, &q->e);
  return rc == RS_OK ? answer_role(q, &r) : explain(q, rc);
}

enum rs_code rs_update_role(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct rs_role r;
  enum rs_code rc = rs_request_json(q, true, &j);
  if (rc == RS_OK) rc = rs_roles_find(q->keys, q->arg[0], &q->arena, &r, &q->e);
  if (rc == RS_OK) rc = read_role(q, j, &r);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_roles_put(q->keys, s, &r, false, q->who.rights, &q->e);
  return rc == RS_OK ? answer_role(q, &r) : explain(q, rc);
}

enum rs_code rs_delete_role(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_role r;
  enum rs_code rc = rs_roles_find(q->keys, q->arg[0], &q->arena, &r, &q->e);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_roles_drop(q->keys, s, r.name, &q->e);
  return rc == RS_OK ? answer_role(q, &r) : explain(q, rc);
}
