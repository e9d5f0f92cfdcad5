/*
** Sources of collections: the API's requests (see sources.h).
*/
#include "sources.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/server/sources/documents.h"

/* ---- out of a request ------------------------------------------------------------------------ */

static enum rs_code need_sole(struct rs_request *q)
{
  if (q->backend->is_sole) return RS_OK;
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                   "sources need a target that this server alone can change, a DuckDB file: "
                   "elsewhere write documents, or load files with --load or rockset_load()");
}

static enum rs_code refuse_others(struct rs_request *q, const cJSON *j)
{
  static const char *const others[] = {"kinesis",
                                       "gcs",
                                       "dynamodb",
                                       "mongodb",
                                       "azure_event_hubs",
                                       "azure_blob_storage",
                                       "snowflake",
                                       "azure_service_bus",
                                       "snapshot",
                                       "file_upload",
                                       "system"};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < sizeof others / sizeof others[0] && rc == RS_OK; i++)
    rc = rs_request_without(q, j, others[i],
                            "sources are topics of Kafka, buckets of S3, files below the server's "
                            "--sources (s3.bucket \"file://FOLDER\") and URLs (s3.bucket "
                            "\"https://...\"): write documents of other systems by POST docs");
  if (rc == RS_OK)
    rc = rs_request_without(q, j, "ingest_transformation",
                            "write it as the collection's 'field_mapping_query'");
  return rc;
}

static enum rs_code read_scan(struct rs_request *q, const cJSON *s3, const char **scan)
{
  const cJSON *settings;
  enum rs_code rc = rs_request_object(q, s3, "settings", false, &settings);
  if (rc != RS_OK || settings == NULL) return rc;
  rc = rs_request_text(q, settings, "s3_scan_frequency", false, scan);
  if (rc != RS_OK || *scan == NULL) return rc;
  int64_t secs = rs_duration(*scan);
  if (secs < 1 || secs > RS_SOURCE_SCAN_MAX_S)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'s3_scan_frequency' must be a duration from PT1S to PT1H: PT5M");
  return RS_OK;
}

static enum rs_code read_format(struct rs_request *q, const cJSON *j, struct rs_source *x)
{
  const cJSON *params;
  struct rs_format f;
  enum rs_code rc = rs_request_object(q, j, "format_params", false, &params);
  if (rc != RS_OK || params == NULL) return rc;
  char *text = cJSON_PrintUnformatted(params);
  x->format = text != NULL ? rs_arena_strdup(&q->arena, text) : NULL;
  cJSON_free(text);
  if (x->format == NULL) return rs_nomem(&q->e);
  rc = rs_format_read(x->format, &q->arena, &f, &q->e);
  if (rc == RS_OK && x->topic != NULL && f.kind == RS_FORMAT_CSV)
    return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                     "'format_params': a message of Kafka is a JSON object");
  return rc;
}

/* Its user must have the right to it; what it has is checked by whoever opens it. */
static enum rs_code need_integration(struct rs_request *q, const struct rs_source *x,
                                     struct rs_session **s)
{
  enum rs_code rc = rs_rights_need(q->who.rights, q->who.key_name,
                                   RS_MAY_CREATE_COLLECTION_INTEGRATION, x->integration, &q->e);
  return rc == RS_OK ? rs_request_session(q, s) : rc;
}

static enum rs_code refuse_integration(struct rs_request *q, const struct rs_source *x,
                                       enum rs_code rc)
{
  if (rc == RS_NOT_FOUND)
    return rs_refuse(q, 404, "NOTFOUND", "Integration '%s' not found.", x->integration);
  if (rc == RS_AUTH) q->status = 409;
  if (rc == RS_AUTH) q->type = "BADREQUEST";
  return rc;
}

static enum rs_code find_keys(struct rs_request *q, const struct rs_source *x,
                              struct rs_place_spec *spec)
{
  struct rs_session *s;
  if (x->integration == NULL) return RS_OK;
  if (rs_place_kind(x->bucket) != RS_PLACE_BUCKET)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'integration_name': files and URLs need none: leave it out");
  enum rs_code rc = need_integration(q, x, &s);
  if (rc != RS_OK) return rc;
  rc = rs_integration_keys(s, q->resources->sources, x->integration, &q->arena, spec, &q->e);
  return refuse_integration(q, x, rc);
}

static enum rs_code read_place(struct rs_request *q, const cJSON *j, struct rs_source *x)
{
  const cJSON *s3;
  enum rs_code rc = rs_request_object(q, j, "s3", true, &s3);
  if (rc == RS_OK) rc = rs_request_text(q, s3, "bucket", true, &x->bucket);
  if (rc == RS_OK) rc = rs_request_text(q, s3, "prefix", false, &x->prefix);
  if (rc == RS_OK) rc = rs_request_text(q, s3, "pattern", false, &x->pattern);
  if (rc == RS_OK) rc = rs_request_text(q, s3, "region", false, &x->region);
  if (rc == RS_OK) rc = read_scan(q, s3, &x->scan);
  if (rc != RS_OK) return rc;
  if (x->prefix != NULL && x->prefix[0] == 0) x->prefix = NULL;
  if (x->pattern != NULL && x->pattern[0] == 0) x->pattern = NULL;
  struct rs_place_spec spec = rs_source_place(x);
  rc = find_keys(q, x, &spec);
  if (rc != RS_OK) return rc;
  return rs_place_check(&q->resources->sources->places, &spec, &q->e);
}

static enum rs_code read_topic(struct rs_request *q, const cJSON *kafka, struct rs_source *x)
{
  struct rs_kafka_spec spec = {.servers = NULL};
  struct rs_session *s;
  bool v3 = true;
  enum rs_code rc = rs_request_text(q, kafka, "kafka_topic_name", true, &x->topic);
  if (rc == RS_OK) rc = rs_request_text(q, kafka, "client_id", false, &x->client_id);
  if (rc == RS_OK) rc = rs_request_text(q, kafka, "offset_reset_policy", false, &x->reset);
  if (rc == RS_OK) rc = rs_request_bool(q, kafka, "use_v3", &v3);
  if (rc == RS_OK)
    rc = rs_request_without(q, kafka, "consumer_group_id",
                            "offsets are kept beside the collection, not by a group of consumers");
  if (rc != RS_OK) return rc;
  if (x->reset == NULL) x->reset = "EARLIEST";
  if (!rs_eq(x->reset, "EARLIEST") && !rs_eq(x->reset, "LATEST"))
    return rs_refuse(q, 400, "INVALIDINPUT", "'offset_reset_policy' must be EARLIEST or LATEST");
  if (!v3)
    return rs_refuse(q, 501, "NOTIMPLEMENTEDYET",
                     "'use_v3': brokers are read (V3); nothing is pushed by Kafka Connect here");
  if (x->integration == NULL)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'integration_name' is needed: an integration 'kafka' has the brokers");
  rc = need_integration(q, x, &s);
  if (rc != RS_OK) return rc;
  spec.topic = x->topic;
  spec.client_id = x->client_id;
  rc = rs_integration_brokers(s, q->resources->sources, x->integration, &q->arena, &spec, &q->e);
  if (rc != RS_OK) return refuse_integration(q, x, rc);
  return rs_kafka_check(&q->resources->sources->places.hosts, &spec, &q->e);
}

static enum rs_code count_topic(void *ctx, struct rs_source *x)
{
  *(size_t *)ctx += x->topic != NULL;
  return RS_OK;
}

/* Each has a thread and connections of its own. */
static enum rs_code need_topic_room(struct rs_request *q, size_t more)
{
  struct rs_session *s;
  size_t n = 0;
  if (more == 0) return RS_OK;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_sources_each(s, NULL, NULL, &q->arena, count_topic, &n, &q->e);
  if (rc == RS_OK && n + more > RS_TOPICS_MAX)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "there are %zu sources of Kafka, and this server reads at most %d topics: "
                     "delete one first",
                     n, RS_TOPICS_MAX);
  return rc;
}

static enum rs_code read_source(struct rs_request *q, const cJSON *j, struct rs_source *x)
{
  const cJSON *kafka = NULL;
  char id[37];
  memset(x, 0, sizeof *x);
  if (!cJSON_IsObject(j))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: a source must be an object, {...}");
  enum rs_code rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "integration_name", false, &x->integration);
  if (rc == RS_OK) rc = rs_request_object(q, j, "kafka", false, &kafka);
  if (rc == RS_OK && kafka != NULL && cJSON_IsObject(cJSON_GetObjectItem(j, "s3")))
    rc = rs_refuse(q, 400, "INVALIDINPUT", "request body: one of 's3' and 'kafka' is needed");
  if (rc == RS_OK) rc = kafka != NULL ? read_topic(q, kafka, x) : read_place(q, j, x);
  if (rc == RS_OK) rc = read_format(q, j, x);
  if (rc != RS_OK) return rc;
  rs_uuid(id);
  x->id = rs_arena_strdup(&q->arena, id);
  x->state = "INITIALIZING";
  x->created_at = rs_now_text(q);
  x->created_by_key = q->who.key_name;
  return x->id != NULL && x->created_at != NULL ? RS_OK : rs_nomem(&q->e);
}

enum rs_code rs_sources_read(struct rs_request *q, const cJSON *j, struct rs_source_list *out)
{
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(j, "sources"), *item;
  *out = (struct rs_source_list){.n = 0};
  if (list == NULL || cJSON_IsNull(list)) return RS_OK;
  if (!cJSON_IsArray(list))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'sources' must be an array of sources");
  size_t topics = 0;
  int n = cJSON_GetArraySize(list);
  if (n == 0) return RS_OK;
  if (n > RS_SOURCES_MAX)
    return rs_refuse(q, 400, "INVALIDINPUT", "'sources': at most %d", RS_SOURCES_MAX);
  enum rs_code rc = need_sole(q);
  out->v = rs_arena_calloc(&q->arena, (size_t)n * sizeof out->v[0]);
  if (out->v == NULL) return rs_nomem(&q->e);
  cJSON_ArrayForEach(item, list)
  {
    // what every collection has anyhow
    if (rc == RS_OK && cJSON_IsObject(item) && cJSON_HasObjectItem(item, "write_api") &&
        !cJSON_HasObjectItem(item, "s3") && !cJSON_HasObjectItem(item, "kafka"))
      continue;
    if (rc == RS_OK) rc = read_source(q, item, &out->v[out->n]);
    if (rc == RS_OK) topics += out->v[out->n++].topic != NULL;
  }
  return rc == RS_OK ? need_topic_room(q, topics) : rc;
}

enum rs_code rs_sources_put(struct rs_request *q, struct rs_session *s,
                            const struct rs_relation *rel, const struct rs_source_list *list)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < list->n && rc == RS_OK; i++) {
    list->v[i].workspace = rel->workspace;
    list->v[i].collection = rel->name;
    rc = rs_source_put(s, &list->v[i], &q->e);
  }
  if (list->n > 0) atomic_fetch_add(&q->resources->sources->changes, 1);
  return rc;
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct all {
  struct rs_request *q;
  struct rs_map *map;
};

static enum rs_code take_source(void *ctx, struct rs_source *x)
{
  struct all *all = ctx;
  struct rs_arena *a = &all->q->arena;
  struct rs_buf b;
  const char *key = rs_arena_printf(a, "%s\n%s", x->workspace, x->collection), *text;
  if (key == NULL) return rs_nomem(&all->q->e);
  rs_buf_init(&b, 4 << 20);
  const char *before = rs_map_get(all->map, key);
  if (before != NULL) rs_buf_printf(&b, "%s,", before);
  struct rs_buf one;
  rs_buf_init(&one, 4 << 20);
  rs_source_write(&one, NULL, x);
  rs_buf_str(&b, rs_buf_text(&one));
  if (one.rc != RS_OK) b.rc = one.rc;
  rs_buf_free(&one);
  enum rs_code rc = rs_arena_take_buf(a, &b, "sources", &text, &all->q->e);
  if (rc != RS_OK) return rc;
  return rs_map_put(all->map, key, (char *)(uintptr_t)text) ? RS_OK : rs_nomem(&all->q->e);
}

enum rs_code rs_sources_all(struct rs_request *q, struct rs_session *s, const char *workspace,
                            struct rs_map *map)
{
  struct all all = {q, map};
  rs_map_init(map);
  return rs_sources_each(s, workspace, NULL, &q->arena, take_source, &all, &q->e);
}

static enum rs_code show_source(void *ctx, struct rs_source *x)
{
  struct rs_request *q = ctx;
  rs_source_write(&q->out, NULL, x);
  return RS_OK;
}

enum rs_code rs_list_sources(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_TABLE);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '[');
  rc = rs_sources_each(s, rel.workspace, rel.name, &q->arena, show_source, q, &q->e);
  rs_data_close(q, ']');
  return rc;
}

/* ---- one ------------------------------------------------------------------------------------- */

static enum rs_code answer(struct rs_request *q, const struct rs_source *x)
{
  rs_js_open(&q->out, NULL, '{');
  rs_source_write(&q->out, "data", x);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

static enum rs_code find_source(struct rs_request *q, struct rs_session **s, struct rs_source *x)
{
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, s, &rel, RS_REL_TABLE);
  if (rc == RS_OK) rc = rs_source_get(*s, rel.workspace, rel.name, q->arg[2], &q->arena, x, &q->e);
  if (rc == RS_NOT_FOUND && q->status == 0)
    return rs_refuse(q, 404, "NOTFOUND", "Source '%s' not found in collection '%s.%s'.", q->arg[2],
                     rel.workspace, rel.name);
  return rc;
}

enum rs_code rs_get_source(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_source x;
  enum rs_code rc = find_source(q, &s, &x);
  return rc == RS_OK ? answer(q, &x) : rc;
}

static enum rs_code count_source(void *ctx, struct rs_source *x)
{
  (void)x;
  ++*(size_t *)ctx;
  return RS_OK;
}

enum rs_code rs_create_source(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  struct rs_source x;
  const cJSON *j;
  size_t n = 0;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_TABLE);
  if (rc == RS_OK) rc = need_sole(q);
  if (rc == RS_OK) rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = read_source(q, j, &x);
  if (rc == RS_OK) rc = need_topic_room(q, x.topic != NULL);
  if (rc == RS_OK)
    rc = rs_sources_each(s, rel.workspace, rel.name, &q->arena, count_source, &n, &q->e);
  if (rc == RS_OK && n >= RS_SOURCES_MAX)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "collection '%s.%s' has %d sources already, which is "
                     "the most it can have",
                     rel.workspace, rel.name, RS_SOURCES_MAX);
  const struct rs_source_list list = {&x, 1};
  if (rc == RS_OK) rc = rs_sources_put(q, s, &rel, &list);
  return rc == RS_OK ? answer(q, &x) : rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

typedef enum rs_code change(struct rs_request *q, struct rs_session *s, struct rs_source *x,
                            const cJSON *j);

static enum rs_code change_source(struct rs_request *q, change *fn)
{
  struct rs_sources *all = q->resources->sources;
  struct rs_session *s;
  struct rs_source x;
  const cJSON *j;
  enum rs_code rc = rs_request_json(q, true, &j);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&all->mutex);
  rc = find_source(q, &s, &x);
  if (rc == RS_OK) rc = fn(q, s, &x, j);
  pthread_mutex_unlock(&all->mutex);
  atomic_fetch_add(&all->changes, 1);
  return rc == RS_OK ? answer(q, &x) : rc;
}

static enum rs_code update(struct rs_request *q, struct rs_session *s, struct rs_source *x,
                           const cJSON *j)
{
  const cJSON *s3, *kafka = NULL;
  enum rs_code rc = refuse_others(q, j);
  if (rc == RS_OK) rc = rs_request_object(q, j, "s3", false, &s3);
  if (rc == RS_OK) rc = rs_request_object(q, j, "kafka", false, &kafka);
  if (rc == RS_OK && (kafka != NULL || (s3 != NULL && x->topic != NULL)))
    rc = rs_refuse(q, 400, "INVALIDINPUT",
                   "what a source of Kafka reads can't be changed: delete it and make another");
  if (rc != RS_OK) return rc;
  if (s3 != NULL) rc = read_scan(q, s3, &x->scan);
  return rc == RS_OK ? rs_source_put(s, x, &q->e) : rc;
}

enum rs_code rs_update_source(struct rs_request *q)
{
  return change_source(q, update);
}

static enum rs_code drop(struct rs_request *q, struct rs_session *s, struct rs_source *x,
                         const cJSON *j)
{
  (void)j;
  return rs_source_drop(s, x, &q->e);
}

enum rs_code rs_delete_source(struct rs_request *q)
{
  return change_source(q, drop);
}

static enum rs_code suspend(struct rs_request *q, struct rs_session *s, struct rs_source *x,
                            const cJSON *j)
{
  enum { HOUR = 3600, YEAR = 366 * 86400 };
  const char *after = NULL;
  char until[40];
  enum rs_code rc = rs_request_text(q, j, "resume_after_duration", false, &after);
  if (rc != RS_OK) return rc;
  int64_t secs = after != NULL ? rs_duration(after) : HOUR;
  if (secs < 1 || secs > YEAR)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "'resume_after_duration' must be a duration of at most a year: 30min, 2h, "
                     "PT30M");
  rs_source_time_text(rs_wall_us() / 1000000 + secs, until);
  x->suspended_at = rs_now_text(q);
  x->resume_at = rs_arena_strdup(&q->arena, until);
  if (x->suspended_at == NULL || x->resume_at == NULL) return rs_nomem(&q->e);
  return rs_source_put(s, x, &q->e);
}

enum rs_code rs_suspend_source(struct rs_request *q)
{
  return change_source(q, suspend);
}

static enum rs_code resume(struct rs_request *q, struct rs_session *s, struct rs_source *x,
                           const cJSON *j)
{
  (void)j;
  x->suspended_at = x->resume_at = NULL;
  return rs_source_put(s, x, &q->e);
}

enum rs_code rs_resume_source(struct rs_request *q)
{
  return change_source(q, resume);
}

/* ---- all of them ----------------------------------------------------------------------------- */

enum rs_code rs_sources_open(struct rs_resources *r, const struct rs_source_options *o,
                             struct rs_error *e)
{
  struct rs_sources *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return rs_nomem(e);
  pthread_mutex_init(&t->mutex, NULL);
  rs_arena_init(&t->arena, 0);
  atomic_init(&t->changes, 1);
  t->scan_ms = o->scan_ms;
  t->places.s3_endpoint = o->s3_endpoint;
  r->sources = t;
  if (o->folder != NULL) {
    char real[PATH_MAX];
    if (realpath(o->folder, real) == NULL || !rs_is_folder(real))
      return rs_fail(e, RS_INVALID, "--sources %s: a folder that is there is needed", o->folder);
    t->places.folder = rs_arena_strdup(&t->arena, real);
    if (t->places.folder == NULL) return rs_nomem(e);
  }
  enum rs_code rc = rs_hosts_read("--source-hosts", o->hosts, &t->arena, &t->places.hosts, e);
  return rc == RS_OK ? rs_seal_open(o->key_file, &t->seal, e) : rc;
}

void rs_sources_close(struct rs_resources *r)
{
  struct rs_sources *t = r != NULL ? r->sources : NULL;
  if (t == NULL) return;
  rs_seal_close(t->seal);
  pthread_mutex_destroy(&t->mutex);
  rs_arena_free(&t->arena);
  rs_free(t);
}
