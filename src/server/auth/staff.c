/*
** Users and roles: shown, stored, dropped (see auth.h). Each change holds the documents and reads
** them anew afterwards.
*/
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"

#define ROLE_KIND "role"
#define USER_KIND "user"

/* ---- shown ----------------------------------------------------------------------------------- */

static enum rs_code copy_rights(struct rs_arena *a, struct rs_rights *r)
{
  const struct rs_rights *copy = rs_rights_copy(r, a);
  if (copy == NULL) return RS_NOMEM;
  *r = *copy;
  return RS_OK;
}

static enum rs_code copy_role(struct rs_arena *a, const struct rs_role *from, struct rs_role *r)
{
  *r = *from;
  bool ok = rs_arena_keep(a, &r->name) && rs_arena_keep(a, &r->description) &&
            rs_arena_keep(a, &r->created_at) && rs_arena_keep(a, &r->created_by) &&
            rs_arena_keep(a, &r->privileges);
  return ok ? copy_rights(a, &r->rights) : RS_NOMEM;
}

/* With the mutex. */
static enum rs_code copy_user(struct rs_keys *t, struct rs_arena *a, const struct rs_user *from,
                              struct rs_user *u)
{
  *u = *from;
  for (size_t i = 0; i < t->n; i++)
    if (rs_casecmp(t->v[i].user, u->email) == 0) u->has_keys = true;
  bool ok = rs_arena_keep(a, &u->email) && rs_arena_keep(a, &u->first_name) &&
            rs_arena_keep(a, &u->last_name) && rs_arena_keep(a, &u->created_at) &&
            rs_arena_keep(a, &u->roles) && rs_arena_keep(a, &u->preferences);
  return ok ? copy_rights(a, &u->rights) : RS_NOMEM;
}

enum rs_code rs_roles_at(struct rs_keys *t, size_t i, struct rs_arena *a, struct rs_role *r)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_role_entry *x = t->people->roles;
  while (x != NULL && i-- > 0) x = x->next;
  enum rs_code rc = x != NULL ? copy_role(a, &x->role, r) : RS_DONE;
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

enum rs_code rs_users_at(struct rs_keys *t, size_t i, struct rs_arena *a, struct rs_user *u)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_user_entry *x = t->people->users;
  while (x != NULL && i-- > 0) x = x->next;
  enum rs_code rc = x != NULL ? copy_user(t, a, &x->user, u) : RS_DONE;
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

enum rs_code rs_roles_find(struct rs_keys *t, const char *name, struct rs_arena *a,
                           struct rs_role *r, struct rs_error *e)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_role *found = rs_people_role(t->people, name);
  enum rs_code rc = found != NULL ? copy_role(a, found, r) : RS_NOT_FOUND;
  pthread_mutex_unlock(&t->mutex);
  if (rc == RS_NOT_FOUND) return rs_fail(e, rc, "Role '%s' not found.", name);
  return rc == RS_OK ? rc : rs_nomem(e);
}

enum rs_code rs_users_find(struct rs_keys *t, const char *email, struct rs_arena *a,
                           struct rs_user *u, struct rs_error *e)
{
  pthread_mutex_lock(&t->mutex);
  const struct rs_user *found = rs_people_user(t->people, email);
  enum rs_code rc = found != NULL ? copy_user(t, a, found, u) : RS_NOT_FOUND;
  pthread_mutex_unlock(&t->mutex);
  if (rc == RS_NOT_FOUND) return rs_fail(e, rc, "User '%s' not found.", email);
  return rc == RS_OK ? rc : rs_nomem(e);
}

/* ---- changes --------------------------------------------------------------------------------- */

struct change {
  struct rs_keys *keys;
  const struct rs_role *role;
  const struct rs_user *user;
};
typedef enum rs_code change_fn(struct rs_session *s, const struct change *x, struct rs_error *e);

/* What the documents then say is read before they are committed, where the engine has transactions:
** so memory never is behind them. Elsewhere keys are read anew all the time. */
static enum rs_code try_change(struct rs_session *s, change_fn *fn, const struct change *x,
                               struct rs_people **people, struct rs_error *e)
{
  bool whole = (rs_session_caps(s) & RS_CAP_TRANSACTIONS) != 0;
  enum rs_code rc = whole ? rs_session_begin(s, e) : RS_OK;
  if (rc != RS_OK) return rc;
  rc = fn(s, x, e);
  if (rc == RS_OK) rc = rs_people_load(s, people, e);
  if (!whole) return rc;
  if (rc == RS_OK) return rs_session_end(s, true, e);
  (void)rs_session_end(s, false, NULL);
  return rc;
}

/* Again, if another one was faster. */
static enum rs_code change_documents(struct rs_session *s, change_fn *fn, const struct change *x,
                                     struct rs_error *e)
{
  for (int tries = 1;; tries++) {
    struct rs_people *people = NULL;
    enum rs_code rc = try_change(s, fn, x, &people, e);
    if (rc == RS_OK) rs_keys_set_people(x->keys, people);
    if (rc == RS_OK) return rc;
    rs_people_free(people);
    if (!rs_session_again(s, tries, e)) return rc;
    *e = (struct rs_error){.code = RS_OK};
  }
}

/* ---- roles ----------------------------------------------------------------------------------- */

static enum rs_code store(struct rs_session *s, const char *kind, const char *name,
                          struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(b, e, kind);
  if (rc == RS_OK) rc = rs_store_put(s, kind, "", name, rs_buf_text(b), e);
  rs_buf_free(b);
  return rc;
}

static enum rs_code write_role(struct rs_session *s, const struct change *x, struct rs_error *e)
{
  const struct rs_role *r = x->role;
  struct rs_buf b;
  rs_buf_init(&b, 8 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "description", r->description);
  rs_js_text(&b, "created_at", r->created_at);
  rs_js_text(&b, "created_by", r->created_by);
  rs_js_raw(&b, "privileges", r->privileges);
  rs_js_close(&b, '}');
  return store(s, ROLE_KIND, r->name, &b, e);
}

/* Nobody gives what he has not, but may leave what is there. */
static enum rs_code check_grants(const struct rs_rights *by, const struct rs_rights *old,
                                 const struct rs_rights *to, const char *what, const char *name,
                                 struct rs_error *e)
{
  for (size_t i = 0; i < to->n; i++) {
    const struct rs_rights one = {.v = &to->v[i], .n = 1};
    if (rs_rights_cover(by, &one) || (old != NULL && rs_rights_cover(old, &one))) continue;
    return rs_fail(e, RS_FORBIDDEN,
                   "%s '%s': it would have privileges that the API key that asks has not", what,
                   name);
  }
  return RS_OK;
}

/* In a change: who reads people then needs no mutex, since changes alone replace them. */
static enum rs_code put_role(struct rs_keys *t, struct rs_session *s, const struct rs_role *r,
                             bool create, const struct rs_rights *by, struct rs_error *e)
{
  const struct rs_role *old = rs_people_role(t->people, r->name);
  bool reserved = !rs_eq(rs_role_name(r->name), r->name);
  if (create && (old != NULL || reserved))
    return rs_fail(e, RS_EXISTS, "Role '%s' already exists%s.", r->name,
                   reserved ? ": it is another word for a role of rocksetd" : "");
  if (!create && old == NULL) return rs_fail(e, RS_NOT_FOUND, "Role '%s' not found.", r->name);
  if (old != NULL && old->fixed)
    return rs_fail(e, RS_CONSTRAINT, "Role '%s' is fixed: make another one.", r->name);
  enum rs_code rc = check_grants(by, old != NULL ? &old->rights : NULL, &r->rights, "role", r->name,
                                 e);
  const struct change x = {.keys = t, .role = r};
  return rc == RS_OK ? change_documents(s, write_role, &x, e) : rc;
}

enum rs_code rs_roles_put(struct rs_keys *t, struct rs_session *s, const struct rs_role *r,
                          bool create, const struct rs_rights *by, struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = put_role(t, s, r, create, by, e);
  return rs_keys_end(t, rc);
}

/* Where it can't be told, it has. */
static bool lists_role(const char *json, const char *name)
{
  cJSON *names = NULL;
  const cJSON *item;
  bool has = rs_auth_parse(json, &names) != RS_OK;
  cJSON_ArrayForEach(item, names)
  {
    if (cJSON_IsString(item) && rs_eq(item->valuestring, name)) has = true;
  }
  cJSON_Delete(names);
  return has;
}

static enum rs_code remove_role(struct rs_session *s, const struct change *x, struct rs_error *e)
{
  return rs_store_remove(s, ROLE_KIND, "", x->role->name, e);
}

static enum rs_code drop_role(struct rs_keys *t, struct rs_session *s, const char *name,
                              struct rs_error *e)
{
  const struct rs_role *r = rs_people_role(t->people, name);
  if (r == NULL) return rs_fail(e, RS_NOT_FOUND, "Role '%s' not found.", name);
  if (r->fixed) return rs_fail(e, RS_CONSTRAINT, "Role '%s' is fixed: it can't be deleted.", name);
  for (const struct rs_user_entry *x = t->people->users; x != NULL; x = x->next) {
    if (lists_role(x->user.roles, name))
      return rs_fail(e, RS_CONSTRAINT,
                     "Role '%s' is one of user '%s': take it away there first (POST users/{email})",
                     name, x->user.email);
  }
  for (size_t i = 0; i < t->n; i++) {
    if (rs_eq(t->v[i].role, name))
      return rs_fail(e, RS_CONSTRAINT, "Role '%s' is that of API key '%s': delete the key first",
                     name, t->v[i].name);
  }
  const struct change x = {.keys = t, .role = r};
  return change_documents(s, remove_role, &x, e);
}

enum rs_code rs_roles_drop(struct rs_keys *t, struct rs_session *s, const char *name,
                           struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = drop_role(t, s, name, e);
  return rs_keys_end(t, rc);
}

/* ---- users ----------------------------------------------------------------------------------- */

static enum rs_code write_user(struct rs_session *s, const struct change *x, struct rs_error *e)
{
  const struct rs_user *u = x->user;
  struct rs_buf b;
  rs_buf_init(&b, 8 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "first_name", u->first_name);
  rs_js_text(&b, "last_name", u->last_name);
  rs_js_text(&b, "created_at", u->created_at);
  rs_js_raw(&b, "roles", u->roles);
  rs_js_raw(&b, "preferences", u->preferences);
  rs_js_close(&b, '}');
  return store(s, USER_KIND, u->email, &b, e);
}

static enum rs_code check_roles(struct rs_keys *t, const struct rs_user *u,
                                const struct rs_user *old, const struct rs_rights *by,
                                struct rs_error *e)
{
  cJSON *names = NULL;
  const cJSON *item;
  enum rs_code rc = rs_auth_parse(u->roles, &names);
  if (rc != RS_OK) return rs_nomem(e);
  if (!cJSON_IsArray(names)) rc = rs_fail(e, RS_INVALID, "'roles' must be an array");
  cJSON_ArrayForEach(item, names)
  {
    const char *name = cJSON_GetStringValue(item);
    const struct rs_role *r = name != NULL ? rs_people_role(t->people, name) : NULL;
    if (rc != RS_OK) break;
    if (r == NULL)
      rc = rs_fail(e, RS_INVALID, "role '%.200s' is not known: GET /v1/orgs/self/roles lists them",
                   name != NULL ? name : "");
    else rc = check_grants(by, old != NULL ? &old->rights : NULL, &r->rights, "user", u->email, e);
  }
  cJSON_Delete(names);
  return rc;
}

static enum rs_code put_user(struct rs_keys *t, struct rs_session *s, const struct rs_user *u,
                             bool create, const struct rs_rights *by, struct rs_error *e)
{
  const struct rs_user *old = rs_people_user(t->people, u->email);
  if (create && old != NULL) return rs_fail(e, RS_EXISTS, "User '%s' already exists.", u->email);
  if (!create && old == NULL) return rs_fail(e, RS_NOT_FOUND, "User '%s' not found.", u->email);
  struct rs_user to = *u;
  if (to.roles == NULL) to.roles = old != NULL ? old->roles : "[]";
  if (old != NULL && old->fixed && !rs_eq(old->roles, to.roles))
    return rs_fail(e, RS_CONSTRAINT,
                   "User '%s' is always an admin, so that there is one: his roles stay", u->email);
  enum rs_code rc = check_roles(t, &to, old, by, e);
  const struct change x = {.keys = t, .user = &to};
  return rc == RS_OK ? change_documents(s, write_user, &x, e) : rc;
}

enum rs_code rs_users_put(struct rs_keys *t, struct rs_session *s, const struct rs_user *u,
                          bool create, const struct rs_rights *by, struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = put_user(t, s, u, create, by, e);
  return rs_keys_end(t, rc);
}

/* The user first: keys without one let nobody in. */
static enum rs_code remove_user(struct rs_session *s, const struct change *x, struct rs_error *e)
{
  enum rs_code rc = rs_store_remove(s, USER_KIND, "", x->user->email, e);
  return rc == RS_OK ? rs_keys_remove_of(x->keys, s, x->user->email, e) : rc;
}

static enum rs_code drop_user(struct rs_keys *t, struct rs_session *s, const char *email,
                              struct rs_error *e)
{
  const struct rs_user *u = rs_people_user(t->people, email);
  if (u == NULL) return rs_fail(e, RS_NOT_FOUND, "User '%s' not found.", email);
  if (u->fixed)
    return rs_fail(e, RS_CONSTRAINT, "User '%s' is always there, so that there is an admin.",
                   u->email);
  const struct change x = {.keys = t, .user = u};
  enum rs_code rc = change_documents(s, remove_user, &x, e);
  if (rc == RS_OK) rs_keys_forget_of(t, email);
  return rc;
}

enum rs_code rs_users_drop(struct rs_keys *t, struct rs_session *s, const char *email,
                           struct rs_error *e)
{
  enum rs_code rc = rs_keys_begin(t, s, e);
  if (rc == RS_OK) rc = drop_user(t, s, email, e);
  return rs_keys_end(t, rc);
}
