/*
** Users and roles. There is one user, whom all keys belong to, and three roles, which can't be
** changed.
*/
#include "src/base/text.h"
#include "shared.h"

/* ---- users ----------------------------------------------------------------------------------- */

static void write_user(struct rs_request *q, const char *key)
{
  struct rs_buf *b = &q->out;
  char created[40];
  rs_js_time(q->backend->started_us, created);
  rs_js_open(b, key, '{');
  rs_js_text(b, "email", RS_USER_EMAIL);
  rs_js_text(b, "first_name", "rocksetd");
  rs_js_text(b, "last_name", "admin");
  rs_js_open(b, "roles", '[');
  rs_js_text(b, NULL, rs_role_name(q->who.role));
  rs_js_close(b, ']');
  rs_js_text(b, "state", "ACTIVE");
  rs_js_text(b, "created_at", created);
  rs_js_close(b, '}');
}

enum rs_code rs_list_users(struct rs_request *q)
{
  rs_data_open(q, '[');
  write_user(q, NULL);
  rs_data_close(q, ']');
  return RS_OK;
}

/* Not wrapped in `data`, unlike nearly everything else. */
enum rs_code rs_get_user(struct rs_request *q)
{
  if (!rs_eq(q->arg[0], "self") && !rs_eq(q->arg[0], RS_USER_EMAIL))
    return rs_refuse(q, 404, "NOTFOUND", "User '%s' not found.", q->arg[0]);
  write_user(q, NULL);
  return RS_OK;
}

enum rs_code rs_no_users(struct rs_request *q)
{
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "users are not managed here: make an API key for each (users/self/apikeys)");
}

enum rs_code rs_no_preferences(struct rs_request *q)
{
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET", "rocksetd sends no notifications");
}

/* ---- roles ----------------------------------------------------------------------------------- */

static const struct {
  enum rs_role role;
  const char *description;
  const char *privileges[8]; /* action names of the API */
} roles[] = {
  {RS_ROLE_ADMIN,
   "everything",
   {"ALL_GLOBAL_ACTIONS", "ALL_WORKSPACE_ACTIONS", "ALL_VI_ACTIONS", "ALL_INTEGRATION_ACTIONS"}},
  {RS_ROLE_WRITE,
   "reads and writes data",
   {"CREATE_WS_GLOBAL", "ALL_WORKSPACE_ACTIONS", "QUERY_VI"}},
  {RS_ROLE_READ,
   "reads",
   {"LIST_WS_GLOBAL", "LIST_RESOURCES_WS", "QUERY_DATA_WS", "EXECUTE_QUERY_LAMBDA_WS", "QUERY_VI"}},
};

static void write_role(struct rs_request *q, const char *key, size_t i)
{
  struct rs_buf *b = &q->out;
  rs_js_open(b, key, '{');
  rs_js_text(b, "role_name", rs_role_name(roles[i].role));
  rs_js_text(b, "description", roles[i].description);
  rs_js_raw(b, "created_at", NULL);
  rs_js_text(b, "created_by", RS_USER_EMAIL);
  rs_js_text(b, "owner_email", RS_USER_EMAIL);
  rs_js_open(b, "privileges", '[');
  for (size_t k = 0; k < 8 && roles[i].privileges[k] != NULL; k++) {
    rs_js_open(b, NULL, '{');
    rs_js_text(b, "action", roles[i].privileges[k]);
    rs_js_text(b, "cluster", "*ALL*");
    rs_js_raw(b, "resource_name", NULL);
    rs_js_close(b, '}');
  }
  rs_js_close(b, ']');
  rs_js_close(b, '}');
}

enum rs_code rs_list_roles(struct rs_request *q)
{
  rs_data_open(q, '[');
  for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) write_role(q, NULL, i);
  rs_data_close(q, ']');
  return RS_OK;
}

enum rs_code rs_get_role(struct rs_request *q)
{
  for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
    if (!rs_eq(rs_role_name(roles[i].role), q->arg[0])) continue;
    rs_js_open(&q->out, NULL, '{');
    write_role(q, "data", i);
    rs_js_close(&q->out, '}');
    return RS_OK;
  }
  return rs_refuse(q, 404, "NOTFOUND", "Role '%s' not found.", q->arg[0]);
}

enum rs_code rs_no_roles(struct rs_request *q)
{
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "roles of one's own are not offered: admin, member and read-only are fixed");
}
