/*
** Integrations: keys of other systems, by name. There are those of S3 (and of servers that speak
** its protocol); their secrets are kept sealed (server/sources/seal.h), and nobody is told them.
*/
#include <string.h>
#include "sources.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"

#define KIND RS_CONTROL_INTEGRATION

struct integration {
  const char *name, *description;
  const char *key_id, *sealed;
  const char *created_at, *created_by_key;
};

/* ---- documents ------------------------------------------------------------------------------- */

static enum rs_code read_body(const char *name, const char *body, struct rs_arena *a,
                              struct integration *x, struct rs_error *e)
{
  struct rs_json *j = NULL;
  memset(x, 0, sizeof *x);
  x->name = rs_arena_strdup(a, name);
  const char *copy = rs_arena_strdup(a, body);
  if (x->name == NULL || copy == NULL) return rs_nomem(e);
  enum rs_code rc = rs_json_parse(copy, strlen(copy), 20, a, &j, e);
  if (rc != RS_OK) return rc;
  bool ok = rs_json_text(j, "description", a, &x->description) &&
            rs_json_text(j, "key_id", a, &x->key_id) && rs_json_text(j, "sealed", a, &x->sealed) &&
            rs_json_text(j, "created_at", a, &x->created_at) &&
            rs_json_text(j, "created_by_key", a, &x->created_by_key);
  return ok ? RS_OK : rs_nomem(e);
}

/* RS_NOT_FOUND, without a text. */
static enum rs_code get(struct rs_session *s, const char *name, struct rs_arena *a,
                        struct integration *x, struct rs_error *e)
{
  const char *body = NULL;
  enum rs_code rc = rs_store_get(s, KIND, "", name, a, &body, e);
  if (rc == RS_OK && body == NULL) return RS_NOT_FOUND;
  return rc == RS_OK ? read_body(name, body, a, x, e) : rc;
}

static enum rs_code put(struct rs_session *s, const struct integration *x, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 4 << 20);
  rs_js_open(&b, NULL, '{');
  if (x->description != NULL) rs_js_text(&b, "description", x->description);
  rs_js_text(&b, "key_id", x->key_id);
  rs_js_text(&b, "sealed", x->sealed);
  rs_js_text(&b, "created_at", x->created_at);
  rs_js_text(&b, "created_by_key", x->created_by_key);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "integration");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, "", x->name, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_integration_keys(struct rs_session *s, const struct rs_sources *all,
                                 const char *name, struct rs_arena *a, struct rs_place_spec *spec,
                                 struct rs_error *e)
{
  struct integration x;
  if (name == NULL) return RS_OK;
  enum rs_code rc = get(s, name, a, &x, e);
  if (rc == RS_NOT_FOUND)
    return rs_fail(e, RS_INVALID, "integration '%s' is there no more: make it again", name);
  if (rc != RS_OK) return rc;
  if (all->seal == NULL)
    return rs_fail(e, RS_AUTH,
                   "integration '%s': its secret is sealed, and the server was started without "
                   "--integrations-key-file",
                   name);
  rc = rs_seal_open_text(all->seal, name, x.sealed != NULL ? x.sealed : "", a, &spec->secret, e);
  if (rc != RS_OK) return rs_error_prefix(e, "integration '%s'", name);
  spec->key_id = x.key_id;
  return RS_OK;
}

/* ---- objects --------------------------------------------------------------------------------- */

static void write_integration(struct rs_request *q, const char *key, const struct integration *x,
                              const char *collections)
{
  struct rs_buf *b = &q->out;
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", x->name);
  rs_js_text(b, "description", x->description);
  // the Python client takes no null there
  const char *creator = rs_creator(q, x->created_by_key, x->created_at);
  rs_js_text(b, "created_by", creator != NULL ? creator : x->created_by_key);
  rs_js_text(b, "owner_email", creator);
  rs_js_text(b, "created_at", x->created_at);
  rs_js_text(b, "created_by_apikey_name", x->created_by_key);
  rs_js_bool(b, "is_write_enabled", false);
  rs_js_open(b, "s3", '{');
  rs_js_open(b, "aws_access_key", '{');
  rs_js_text(b, "aws_access_key_id", x->key_id);
  rs_js_text(b, "aws_secret_access_key", RS_REDACTED);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
  rs_js_open(b, "collections", '[');
  if (collections != NULL) rs_buf_str(b, collections);
  rs_js_close(b, ']');
  rs_js_close(b, '}');
}

/* Which collections have a source of it: each once, as JSON objects. */
struct users {
  struct rs_request *q;
  struct rs_map seen;  /* "integration\nworkspace\ncollection" */
  struct rs_map lists; /* integration -> JSON */
};

static enum rs_code see_source(void *ctx, struct rs_source *x)
{
  struct users *u = ctx;
  struct rs_arena *a = &u->q->arena;
  struct rs_buf b;
  const char *text;
  if (x->integration == NULL) return RS_OK;
  const char *key = rs_arena_printf(a, "%s\n%s\n%s", x->integration, x->workspace, x->collection);
  if (key == NULL) return rs_nomem(&u->q->e);
  if (rs_map_get(&u->seen, key) != NULL) return RS_OK;
  const char *before = rs_map_get(&u->lists, x->integration);
  rs_buf_init(&b, 16 << 20);
  if (before != NULL) rs_buf_str(&b, before);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "name", x->collection);
  rs_js_text(&b, "workspace", x->workspace);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_arena_take_buf(a, &b, "collections", &text, &u->q->e);
  if (rc != RS_OK) return rc;
  bool ok = rs_map_put(&u->seen, key, u) &&
            rs_map_put(&u->lists, x->integration, (char *)(uintptr_t)text);
  return ok ? RS_OK : rs_nomem(&u->q->e);
}

static enum rs_code find_users(struct rs_request *q, struct rs_session *s, struct users *u)
{
  u->q = q;
  rs_map_init(&u->seen);
  rs_map_init(&u->lists);
  return rs_sources_each(s, NULL, NULL, &q->arena, see_source, u, &q->e);
}

static void free_users(struct users *u)
{
  rs_map_free(&u->seen);
  rs_map_free(&u->lists);
}

static enum rs_code answer(struct rs_request *q, struct rs_session *s, const struct integration *x)
{
  struct users u;
  enum rs_code rc = find_users(q, s, &u);
  if (rc == RS_OK) {
    rs_js_open(&q->out, NULL, '{');
    write_integration(q, "data", x, rs_map_get(&u.lists, x->name));
    rs_js_close(&q->out, '}');
  }
  free_users(&u);
  return rc;
}

static enum rs_code need(struct rs_request *q, struct rs_session **s, struct integration *x)
{
  enum rs_code rc = rs_request_session(q, s);
  if (rc == RS_OK) rc = get(*s, q->arg[0], &q->arena, x, &q->e);
  if (rc == RS_NOT_FOUND)
    return rs_refuse(q, 404, "NOTFOUND", "Integration '%s' not found.", q->arg[0]);
  return rc;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static enum rs_code take(void *ctx, const char *workspace, const char *name, const char *body)
{
  struct users *u = ctx;
  struct integration x;
  (void)workspace;
  enum rs_code rc = read_body(name, body, &u->q->arena, &x, &u->q->e);
  if (rc == RS_INVALID) return RS_OK; // written by hand
  if (rc == RS_OK) write_integration(u->q, NULL, &x, rs_map_get(&u->lists, name));
  return rc;
}

enum rs_code rs_list_integrations(struct rs_request *q)
{
  struct rs_session *s;
  struct users u;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = find_users(q, s, &u);
  rs_data_open(q, '[');
  if (rc == RS_OK) rc = rs_store_each(s, KIND, NULL, take, &u, &q->e);
  rs_data_close(q, ']');
  free_users(&u);
  return rc;
}

enum rs_code rs_get_integration(struct rs_request *q)
{
  struct rs_session *s;
  struct integration x;
  enum rs_code rc = need(q, &s, &x);
  return rc == RS_OK ? answer(q, s, &x) : rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

static enum rs_code refuse_others(struct rs_request *q, const cJSON *j)
{
  static const char *const others[] = {"kinesis",          "gcs",
                                       "dynamodb",         "kafka",
                                       "mongodb",          "azure_blob_storage",
                                       "azure_event_hubs", "azure_service_bus",
                                       "snowflake"};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < sizeof others / sizeof others[0] && rc == RS_OK; i++)
    rc = rs_request_without(q, j, others[i],
                            "integrations are keys of S3, or of servers of its protocol: write "
                            "documents of other systems by POST docs");
  if (rc == RS_OK)
    rc = rs_request_without(q, j, "is_write_enabled", "nothing is written to other systems");
  return rc;
}

static enum rs_code read_keys(struct rs_request *q, const cJSON *s3, struct integration *x)
{
  const cJSON *key;
  const char *secret;
  const struct rs_sources *all = q->resources->sources;
  enum rs_code rc = rs_request_without(q, s3, "aws_role",
                                       "rocksetd assumes no roles: give 'aws_access_key', of a "
                                       "user who may read the bucket");
  if (rc == RS_OK) rc = rs_request_object(q, s3, "aws_access_key", true, &key);
  if (rc == RS_OK) rc = rs_request_text(q, key, "aws_access_key_id", true, &x->key_id);
  if (rc == RS_OK) rc = rs_request_text(q, key, "aws_secret_access_key", true, &secret);
  if (rc != RS_OK) return rc;
  size_t n = strlen(x->key_id);
  for (const char *p = x->key_id; *p != 0; p++)
    if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7F || *p == '/' || *p == ':') n = 0;
  if (n == 0 || n > 256)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'aws_access_key_id' is no id of a key: letters and digits are needed");
  if (secret[0] == 0 || rs_eq(secret, RS_REDACTED))
    return rs_refuse(q, 400, "INVALIDINPUT", "'aws_secret_access_key' is no secret");
  if (rs_redact_add(secret) != RS_OK) return rs_nomem(&q->e);
  if (all->seal == NULL)
    return rs_refuse(q, 409, "BADREQUEST",
                     "an integration's secret is kept sealed, and this server has no key for it: "
                     "start it with --integrations-key-file FILE (openssl rand -hex 32 >FILE)");
  return rs_seal_close_text(all->seal, x->name, secret, &q->arena, &x->sealed, &q->e);
}

enum rs_code rs_create_integration(struct rs_request *q)
{
  struct rs_session *s;
  struct integration x = {.created_by_key = q->who.key_name}, old;
  const cJSON *j, *s3;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &x.name);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &x.description);
  if (rc == RS_OK) rc = rs_check_name(q, "integration", x.name);
  if (rc == RS_OK) rc = rs_request_object(q, j, "s3", true, &s3);
  if (rc == RS_OK) rc = read_keys(q, s3, &x);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  x.created_at = rs_now_text(q);
  if (x.created_at == NULL) return rs_nomem(&q->e);
  pthread_mutex_lock(&q->resources->sources->mutex);
  rc = get(s, x.name, &q->arena, &old, &q->e);
  if (rc == RS_OK)
    rc = rs_refuse(q, 409, "ALREADYEXISTS", "Integration '%s' already exists.", x.name);
  else if (rc == RS_NOT_FOUND) rc = put(s, &x, &q->e);
  pthread_mutex_unlock(&q->resources->sources->mutex);
  return rc == RS_OK ? answer(q, s, &x) : rc;
}

enum rs_code rs_update_integration(struct rs_request *q)
{
  struct rs_sources *all = q->resources->sources;
  struct rs_session *s;
  struct integration x;
  const cJSON *j, *s3;
  const char *description;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &description);
  if (rc == RS_OK) rc = rs_request_object(q, j, "s3", false, &s3);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&all->mutex);
  rc = need(q, &s, &x);
  if (rc == RS_OK && description != NULL) x.description = description;
  if (rc == RS_OK && s3 != NULL) rc = read_keys(q, s3, &x);
  if (rc == RS_OK) rc = put(s, &x, &q->e);
  pthread_mutex_unlock(&all->mutex);
  atomic_fetch_add(&all->changes, 1); // who could not read with the old key
  return rc == RS_OK ? answer(q, s, &x) : rc;
}

enum rs_code rs_delete_integration(struct rs_request *q)
{
  struct rs_sources *all = q->resources->sources;
  struct rs_session *s;
  struct integration x;
  struct users u;
  pthread_mutex_lock(&all->mutex);
  enum rs_code rc = need(q, &s, &x);
  if (rc == RS_OK) {
    rc = find_users(q, s, &u);
    const char *list = rs_map_get(&u.lists, x.name);
    if (rc == RS_OK && list != NULL)
      rc = rs_refuse(q, 409, "DEPENDENTRESOURCES",
                     "integration '%s' is used by sources of %.1000s: delete these first", x.name,
                     list);
    free_users(&u);
  }
  if (rc == RS_OK) rc = rs_store_remove(s, KIND, "", x.name, &q->e);
  pthread_mutex_unlock(&all->mutex);
  return rc == RS_OK ? answer(q, s, &x) : rc;
}
