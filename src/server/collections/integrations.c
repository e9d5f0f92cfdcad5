/*
** Integrations: keys of other systems, by name. There are those of S3 (and of servers that speak
** its protocol) and brokers of Kafka; their secrets are kept sealed (server/sources/seal.h), and
** nobody is told them.
*/
#include <string.h>
#include "sources.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"

#define KIND RS_CONTROL_INTEGRATION

struct integration {
  const char *name, *description;
  const char *key_id, *sealed; /* NULL: brokers that need no key */
  const char *servers;         /* of Kafka; NULL: of S3 */
  const char *topics;          /* JSON: those that may be read; NULL: any */
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
            rs_json_text(j, "servers", a, &x->servers) &&
            rs_json_text(j, "topics", a, &x->topics) &&
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
  if (x->key_id != NULL) rs_js_text(&b, "key_id", x->key_id);
  if (x->sealed != NULL) rs_js_text(&b, "sealed", x->sealed);
  if (x->servers != NULL) rs_js_text(&b, "servers", x->servers);
  if (x->topics != NULL) rs_js_text(&b, "topics", x->topics);
  rs_js_text(&b, "created_at", x->created_at);
  rs_js_text(&b, "created_by_key", x->created_by_key);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "integration");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, "", x->name, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code find(struct rs_session *s, const char *name, struct rs_arena *a,
                         struct integration *x, struct rs_error *e)
{
  enum rs_code rc = get(s, name, a, x, e);
  if (rc == RS_NOT_FOUND)
    return rs_fail(e, RS_NOT_FOUND, "integration '%s' is there no more: make it again", name);
  return rc;
}

static enum rs_code open_secret(const struct rs_sources *all, const struct integration *x,
                                struct rs_arena *a, const char **secret, struct rs_error *e)
{
  if (all->seal == NULL)
    return rs_fail(e, RS_AUTH,
                   "integration '%s': its secret is sealed, and the server was started without "
                   "--integrations-key-file",
                   x->name);
  enum rs_code rc = rs_seal_open_text(all->seal, x->name, x->sealed != NULL ? x->sealed : "", a,
                                      secret, e);
  return rc == RS_OK ? RS_OK : rs_error_prefix(e, "integration '%s'", x->name);
}

enum rs_code rs_integration_keys(struct rs_session *s, const struct rs_sources *all,
                                 const char *name, struct rs_arena *a, struct rs_place_spec *spec,
                                 struct rs_error *e)
{
  struct integration x;
  if (name == NULL) return RS_OK;
  enum rs_code rc = find(s, name, a, &x, e);
  if (rc == RS_OK && x.servers != NULL)
    rc = rs_fail(e, RS_INVALID, "integration '%s' is one of Kafka: one of S3 is needed", name);
  if (rc == RS_OK) rc = open_secret(all, &x, a, &spec->secret, e);
  spec->key_id = x.key_id;
  return rc;
}

/* Is the topic one of the list? */
static enum rs_code find_topic(const struct integration *x, const char *topic, struct rs_arena *a,
                               struct rs_error *e)
{
  struct rs_json *list = NULL;
  if (x->topics == NULL || topic == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(x->topics, strlen(x->topics), 10, a, &list, e);
  if (rc != RS_OK) return rc;
  for (const struct rs_json *j = list->first; j != NULL; j = j->next)
    if (rs_json_is(j, topic)) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "integration '%s' is not for topic '%s': its 'kafka_topic_names' "
                 "are %.300s",
                 x->name, topic, x->topics);
}

enum rs_code rs_integration_brokers(struct rs_session *s, const struct rs_sources *all,
                                    const char *name, struct rs_arena *a,
                                    struct rs_kafka_spec *spec, struct rs_error *e)
{
  struct integration x;
  enum rs_code rc = find(s, name, a, &x, e);
  if (rc == RS_OK && x.servers == NULL)
    rc = rs_fail(e, RS_INVALID, "integration '%s' is one of S3: one of Kafka is needed", name);
  if (rc == RS_OK) rc = find_topic(&x, spec->topic, a, e);
  if (rc == RS_OK && x.key_id != NULL) rc = open_secret(all, &x, a, &spec->secret, e);
  if (rc != RS_OK) return rc;
  spec->servers = x.servers;
  spec->key = x.key_id;
  return RS_OK;
}

/* ---- objects --------------------------------------------------------------------------------- */

static void write_s3(struct rs_buf *b, const struct integration *x)
{
  rs_js_open(b, "s3", '{');
  rs_js_open(b, "aws_access_key", '{');
  rs_js_text(b, "aws_access_key_id", x->key_id);
  rs_js_text(b, "aws_secret_access_key", RS_REDACTED);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

static void write_kafka(struct rs_buf *b, const struct integration *x, const char *topics)
{
  rs_js_open(b, "kafka", '{');
  rs_js_bool(b, "use_v3", true);
  rs_js_text(b, "bootstrap_servers", x->servers);
  rs_js_text(b, "kafka_data_format", "JSON");
  rs_js_raw(b, "kafka_topic_names", x->topics != NULL ? x->topics : "[]");
  if (x->key_id != NULL) {
    rs_js_open(b, "security_config", '{');
    rs_js_text(b, "api_key", x->key_id);
    rs_js_text(b, "secret", RS_REDACTED);
    rs_js_close(b, '}');
  }
  rs_js_open(b, "source_status_by_topic", '{');
  if (topics != NULL) rs_buf_str(b, topics);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

/* Which collections have a source of it: each once, as JSON objects; its topics: members. */
struct users {
  struct rs_request *q;
  struct rs_map seen;   /* "integration\nworkspace\ncollection", "integration\ntopic" */
  struct rs_map lists;  /* integration -> JSON */
  struct rs_map topics; /* integration -> JSON */
};

static void write_integration(struct rs_request *q, const char *key, const struct integration *x,
                              const struct users *u)
{
  const char *collections = rs_map_get(&u->lists, x->name);
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
  if (x->servers != NULL) write_kafka(b, x, rs_map_get(&u->topics, x->name));
  else write_s3(b, x);
  rs_js_open(b, "collections", '[');
  if (collections != NULL) rs_buf_str(b, collections);
  rs_js_close(b, ']');
  rs_js_close(b, '}');
}

/* Appends to what a map has of the integration; key: what comes in once only. */
static enum rs_code see(struct users *u, struct rs_map *map, const char *integration,
                        const char *key, struct rs_buf *more)
{
  struct rs_arena *a = &u->q->arena;
  const char *before = rs_map_get(map, integration), *text = NULL, *one = NULL;
  enum rs_code rc = rs_arena_take_buf(a, more, "collections", &one, &u->q->e);
  if (rc != RS_OK) return rc;
  text = before != NULL ? rs_arena_printf(a, "%s,%s", before, one) : one;
  bool ok = text != NULL && rs_map_put(&u->seen, key, u) &&
            rs_map_put(map, integration, (char *)(uintptr_t)text);
  return ok ? RS_OK : rs_nomem(&u->q->e);
}

static enum rs_code see_topic(struct users *u, const struct rs_source *x)
{
  struct rs_buf b;
  if (x->topic == NULL) return RS_OK;
  const char *key = rs_arena_printf(&u->q->arena, "%s\n%s", x->integration, x->topic);
  if (key == NULL) return rs_nomem(&u->q->e);
  if (rs_map_get(&u->seen, key) != NULL) return RS_OK;
  rs_buf_init(&b, 1 << 20);
  rs_source_write_stream(&b, x->topic, x);
  return see(u, &u->topics, x->integration, key, &b);
}

static enum rs_code see_source(void *ctx, struct rs_source *x)
{
  struct users *u = ctx;
  struct rs_arena *a = &u->q->arena;
  struct rs_buf b;
  if (x->integration == NULL) return RS_OK;
  const char *key = rs_arena_printf(a, "%s\n%s\n%s", x->integration, x->workspace, x->collection);
  if (key == NULL) return rs_nomem(&u->q->e);
  enum rs_code rc = see_topic(u, x);
  if (rc != RS_OK || rs_map_get(&u->seen, key) != NULL) return rc;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "name", x->collection);
  rs_js_text(&b, "workspace", x->workspace);
  rs_js_close(&b, '}');
  return see(u, &u->lists, x->integration, key, &b);
}

static enum rs_code find_users(struct rs_request *q, struct rs_session *s, struct users *u)
{
  u->q = q;
  rs_map_init(&u->seen);
  rs_map_init(&u->lists);
  rs_map_init(&u->topics);
  return rs_sources_each(s, NULL, NULL, &q->arena, see_source, u, &q->e);
}

static void free_users(struct users *u)
{
  rs_map_free(&u->seen);
  rs_map_free(&u->lists);
  rs_map_free(&u->topics);
}

static enum rs_code answer(struct rs_request *q, struct rs_session *s, const struct integration *x)
{
  struct users u;
  enum rs_code rc = find_users(q, s, &u);
  if (rc == RS_OK) {
    rs_js_open(&q->out, NULL, '{');
    write_integration(q, "data", x, &u);
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
  if (rc == RS_OK) write_integration(u->q, NULL, &x, u);
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
                                       "dynamodb",         "mongodb",
                                       "azure_event_hubs", "azure_blob_storage",
                                       "snowflake",        "azure_service_bus"};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < sizeof others / sizeof others[0] && rc == RS_OK; i++)
    rc = rs_request_without(q, j, others[i],
                            "integrations are brokers of Kafka and keys of S3, or of servers of "
                            "its protocol: write documents of other systems by POST docs");
  if (rc == RS_OK)
    rc = rs_request_without(q, j, "is_write_enabled", "nothing is written to other systems");
  return rc;
}

static enum rs_code seal_secret(struct rs_request *q, struct integration *x, const char *secret)
{
  const struct rs_sources *all = q->resources->sources;
  if (rs_redact_add(secret) != RS_OK) return rs_nomem(&q->e);
  if (all->seal == NULL)
    return rs_refuse(q, 409, "BADREQUEST",
                     "an integration's secret is kept sealed, and this server has no key for it: "
                     "start it with --integrations-key-file FILE (openssl rand -hex 32 >FILE)");
  return rs_seal_close_text(all->seal, x->name, secret, &q->arena, &x->sealed, &q->e);
}

static enum rs_code read_keys(struct rs_request *q, const cJSON *s3, struct integration *x)
{
  const cJSON *key;
  const char *secret;
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
  return seal_secret(q, x, secret);
}

static enum rs_code read_topics(struct rs_request *q, const cJSON *kafka, struct integration *x)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(kafka, "kafka_topic_names"), *one;
  x->topics = NULL;
  if (list == NULL || cJSON_IsNull(list)) return RS_OK;
  bool good = cJSON_IsArray(list);
  cJSON_ArrayForEach(one, list) good = good && cJSON_IsString(one);
  if (!good)
    return rs_refuse(q, 400, "INVALIDINPUT", "'kafka_topic_names' must be an array of names");
  if (cJSON_GetArraySize(list) == 0) return RS_OK;
  char *text = cJSON_PrintUnformatted(list);
  x->topics = text != NULL ? rs_arena_strdup(&q->arena, text) : NULL;
  cJSON_free(text);
  return x->topics != NULL ? RS_OK : rs_nomem(&q->e);
}

static enum rs_code read_security(struct rs_request *q, const cJSON *kafka, struct integration *x,
                                  struct rs_kafka_spec *spec)
{
  const cJSON *security;
  x->key_id = x->sealed = NULL;
  enum rs_code rc = rs_request_object(q, kafka, "security_config", false, &security);
  if (rc != RS_OK || security == NULL) return rc;
  rc = rs_request_text(q, security, "api_key", true, &spec->key);
  if (rc == RS_OK) rc = rs_request_text(q, security, "secret", true, &spec->secret);
  if (rc != RS_OK) return rc;
  if (spec->key[0] == 0 || strlen(spec->key) > 1024)
    return rs_refuse(q, 400, "INVALIDINPUT", "'api_key' is no key");
  if (spec->secret[0] == 0 || rs_eq(spec->secret, RS_REDACTED))
    return rs_refuse(q, 400, "INVALIDINPUT", "'secret' is no secret");
  x->key_id = spec->key;
  return seal_secret(q, x, spec->secret);
}

/* All of it anew: a secret that is kept goes to no other brokers. */
static enum rs_code read_brokers(struct rs_request *q, const cJSON *kafka, struct integration *x)
{
  struct rs_kafka_spec spec = {.servers = NULL};
  const char *format = NULL;
  bool v3 = true;
  enum rs_code rc = rs_request_without(q, kafka, "connection_string", "give 'bootstrap_servers'");
  if (rc == RS_OK)
    rc = rs_request_without(q, kafka, "aws_role",
                            "rocksetd assumes no roles: give a key in "
                            "'security_config'");
  if (rc == RS_OK)
    rc = rs_request_without(q, kafka, "schema_registry_config", "messages are JSON objects");
  if (rc == RS_OK) rc = rs_request_bool(q, kafka, "use_v3", &v3);
  if (rc == RS_OK) rc = rs_request_text(q, kafka, "kafka_data_format", false, &format);
  if (rc != RS_OK) return rc;
  if (!v3)
    return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                     "'use_v3': brokers are read (V3); nothing is pushed by Kafka Connect here");
  if (format != NULL && !rs_eq(format, "JSON"))
    return rs_refuse(q, 501, "NOTIMPLEMENTEDYET", "'kafka_data_format': messages are JSON objects");
  rc = rs_request_text(q, kafka, "bootstrap_servers", true, &spec.servers);
  if (rc == RS_OK) rc = read_topics(q, kafka, x);
  if (rc == RS_OK) rc = read_security(q, kafka, x, &spec);
  x->servers = spec.servers;
  return rc == RS_OK ? rs_kafka_check(&q->resources->sources->places.hosts, &spec, &q->e) : rc;
}

/* The one of the two kinds that is there; *is: whether one is. */
static enum rs_code read_kind(struct rs_request *q, const cJSON *j, struct integration *x, bool *is)
{
  const cJSON *s3, *kafka = NULL;
  enum rs_code rc = rs_request_object(q, j, "s3", false, &s3);
  if (rc == RS_OK) rc = rs_request_object(q, j, "kafka", false, &kafka);
  if (rc != RS_OK) return rc;
  *is = s3 != NULL || kafka != NULL;
  if (s3 != NULL && kafka != NULL)
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: one of 's3' and 'kafka' is needed");
  if (s3 != NULL) {
    x->servers = x->topics = NULL;
    return read_keys(q, s3, x);
  }
  return kafka != NULL ? read_brokers(q, kafka, x) : RS_OK;
}

enum rs_code rs_create_integration(struct rs_request *q)
{
  struct rs_session *s;
  struct integration x = {.created_by_key = q->who.key_name}, old;
  const cJSON *j;
  bool is = false;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &x.name);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &x.description);
  if (rc == RS_OK) rc = rs_check_name(q, "integration", x.name);
  if (rc == RS_OK) rc = read_kind(q, j, &x, &is);
  if (rc == RS_OK && !is)
    rc = rs_refuse(q, 400, "INVALIDINPUT", "request body: 's3' or 'kafka' is needed");
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
  const cJSON *j;
  bool is = false;
  const char *description;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &description);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&all->mutex);
  rc = need(q, &s, &x);
  if (rc == RS_OK && description != NULL) x.description = description;
  const bool kafka = rc == RS_OK && x.servers != NULL;
  if (rc == RS_OK) rc = read_kind(q, j, &x, &is);
  if (rc == RS_OK && kafka != (x.servers != NULL))
    rc = rs_refuse(q, 400, "INVALIDINPUT",
                   "integration '%s' is of another kind: make one of another name", x.name);
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
