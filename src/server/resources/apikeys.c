/*
** API keys through the API. The key itself is in the answer to its creation and nowhere else.
*/
#include "shared.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "src/base/text.h"

static void write_time(struct rs_buf *b, const char *key, int64_t us)
{
  char text[40];
  rs_js_time(us, text);
  rs_js_text(b, key, us != 0 ? text : NULL);
}

static void write_key(struct rs_buf *b, const char *key, const struct rs_key *k, const char *secret)
{
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", k->name);
  rs_js_text(b, "key", secret != NULL ? secret : k->prefix);
  rs_js_text(b, "role", k->role[0] != 0 ? k->role : NULL);
  rs_js_text(b, "state", k->suspended ? "SUSPENDED" : "ACTIVE");
  rs_js_text(b, "created_at", k->created_at);
  rs_js_text(b, "created_by", k->user);
  rs_js_text(b, "created_by_apikey_name", k->created_by_key);
  write_time(b, "expiry_time", k->expires_us);
  write_time(b, "last_access_time", k->used_us);
  rs_js_close(b, '}');
}

static enum rs_code answer_key(struct rs_request *q, const struct rs_key *k, const char *secret)
{
  rs_js_open(&q->out, NULL, '{');
  write_key(&q->out, "data", k, secret);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

/* The user that the path or a body names: another one's keys are for who gives out roles. */
static enum rs_code need_user(struct rs_request *q, const char *word, struct rs_user *u)
{
  const char *email = rs_eq(word, "self") ? q->who.user : word;
  bool own = rs_casecmp(email, q->who.user) == 0;
  enum rs_code rc = own ? RS_OK : rs_request_need(q, RS_MAY_GRANT_REVOKE_ROLE_GLOBAL, NULL);
  return rc == RS_OK ? rs_users_find(q->keys, email, &q->arena, u, &q->e) : rc;
}

/* The key that the path names, which must be that user's. */
static enum rs_code need_key(struct rs_request *q, struct rs_key *k)
{
  struct rs_user u;
  enum rs_code rc = need_user(q, q->arg[0], &u);
  if (rc == RS_OK) rc = rs_keys_find(q->keys, q->arg[1], k, &q->e);
  if (rc != RS_OK || rs_casecmp(k->user, u.email) == 0) return rc;
  return rs_refuse(q, 404, "NOTFOUND", "API key '%s': not found", q->arg[1]);
}

/* `2030-01-01T00:00:00Z`, a fraction being ignored. */
static enum rs_code read_expiry(struct rs_request *q, const cJSON *j, int64_t *us)
{
  const char *text;
  enum rs_code rc = rs_request_text(q, j, "expiry_time", false, &text);
  if (rc != RS_OK || text == NULL) return rc;
  struct tm tm;
  memset(&tm, 0, sizeof tm);
  const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
  while (end != NULL && (*end == '.' || (*end >= '0' && *end <= '9'))) end++;
  if (end == NULL || (!rs_eq(end, "Z") && !rs_eq(end, "+00:00") && *end != 0))
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'expiry_time' must be a time in UTC like 2030-01-01T00:00:00Z");
  *us = (int64_t)timegm(&tm) * 1000000;
  return RS_OK;
}

/* Whose it is to be, and by which role: one for oneself has that of the key that asks, if it has
** one, so that it has no more. */
static enum rs_code read_reach(struct rs_request *q, const cJSON *j, struct rs_key *k)
{
  const char *role = NULL, *owner = NULL;
  struct rs_user u;
  struct rs_key own;
  enum rs_code rc = rs_request_text(q, j, "role", false, &role);
  if (rc == RS_OK) rc = rs_request_text(q, j, "created_by", false, &owner);
  if (rc == RS_OK) rc = need_user(q, owner != NULL ? owner : "self", &u);
  if (rc == RS_OK) rc = rs_keys_find(q->keys, q->who.key_name, &own, &q->e);
  if (rc != RS_OK) return rc;
  if (role == NULL) role = rs_casecmp(u.email, q->who.user) == 0 ? own.role : "";
  else role = rs_role_name(role);
  if (strlen(role) >= sizeof k->role)
    return rs_refuse(q, 400, "INVALIDINPUT", "role '%.100s..' is not known", role);
  (void)snprintf(k->user, sizeof k->user, "%s", u.email);
  (void)snprintf(k->role, sizeof k->role, "%s", role);
  return RS_OK;
}

enum rs_code rs_create_key(struct rs_request *q)
{
  const cJSON *j;
  struct rs_session *s;
  const char *name;
  char secret[RS_KEY_TEXT];
  struct rs_key k = {.suspended = false};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &name);
  if (rc == RS_OK) rc = read_expiry(q, j, &k.expires_us);
  if (rc == RS_OK) rc = read_reach(q, j, &k);
  if (rc != RS_OK) return rc;
  if (*name == 0 || strlen(name) >= sizeof k.name)
    return rs_refuse(q, 400, "INVALIDINPUT", "'name' must have 1 to %zu bytes", sizeof k.name - 1);
  (void)snprintf(k.name, sizeof k.name, "%s", name);
  (void)snprintf(k.created_by_key, sizeof k.created_by_key, "%s", q->who.key_name);
  rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_keys_create(q->keys, s, &k, q->who.rights, secret, &q->e);
  return rc == RS_OK ? answer_key(q, &k, secret) : rc;
}

enum rs_code rs_list_keys(struct rs_request *q)
{
  struct rs_key k;
  struct rs_user u;
  enum rs_code rc = need_user(q, q->arg[0], &u);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  for (size_t i = 0; rs_keys_at(q->keys, i, &k); i++)
    if (rs_casecmp(k.user, u.email) == 0) write_key(&q->out, NULL, &k, NULL);
  rs_data_close(q, ']');
  return RS_OK;
}

/* `reveal` changes nothing: only the hash is kept. */
enum rs_code rs_get_key(struct rs_request *q)
{
  struct rs_key k;
  enum rs_code rc = need_key(q, &k);
  return rc == RS_OK ? answer_key(q, &k, NULL) : rc;
}

enum rs_code rs_update_key(struct rs_request *q)
{
  const cJSON *j;
  struct rs_session *s;
  struct rs_key k;
  struct rs_key_change c = {.state = false};
  const char *state;
  bool clear = false;
  enum rs_code rc = need_key(q, &k);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "state", false, &state);
  if (rc == RS_OK) rc = read_expiry(q, j, &c.expires_us);
  if (rc == RS_OK) rc = rs_request_bool(q, j, "clear_expiry_time", &clear);
  if (rc != RS_OK) return rc;
  if (state != NULL && !rs_eq(state, "ACTIVE") && !rs_eq(state, "SUSPENDED"))
    return rs_refuse(q, 400, "INVALIDINPUT", "'state' must be ACTIVE or SUSPENDED");
  c.state = state != NULL;
  c.suspended = c.state && rs_eq(state, "SUSPENDED");
  if (clear) c.expires_us = 0;
  c.expiry = clear || c.expires_us != 0;
  rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_keys_change(q->keys, s, q->arg[1], q->who.rights, &c, &k, &q->e);
  return rc == RS_OK ? answer_key(q, &k, NULL) : rc;
}

enum rs_code rs_delete_key(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_key k;
  enum rs_code rc = need_key(q, &k);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_keys_drop(q->keys, s, q->arg[1], q->who.rights, &k, &q->e);
  return rc == RS_OK ? answer_key(q, &k, NULL) : rc;
}
