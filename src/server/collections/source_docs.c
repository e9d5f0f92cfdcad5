/*
** The documents of sources and of their objects (see sources.h).
*/
#include "sources.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"

#define KIND RS_CONTROL_SOURCE
#define OBJECT RS_CONTROL_SOURCE_OBJECT

/* ---- times ----------------------------------------------------------------------------------- */

int64_t rs_duration(const char *text)
{
  static const struct {
    const char *name;
    int64_t secs;
  } units[] = {{"s", 1},    {"sec", 1},   {"m", 60},   {"min", 60},
               {"h", 3600}, {"hr", 3600}, {"d", 86400}};
  int64_t all = 0;
  bool iso = text[0] == 'P' || text[0] == 'p', time = false, any = false;
  for (const char *p = text + iso; *p != 0;) {
    if (iso && !time && (*p == 'T' || *p == 't')) {
      time = true;
      p++;
      continue;
    }
    char *end = NULL;
    if (*p < '0' || *p > '9') return -1;
    long long n = strtoll(p, &end, 10);
    size_t len = strcspn(end, "0123456789Tt ");
    const char *unit = end;
    size_t i = 0, all_units = sizeof units / sizeof units[0];
    while (i < all_units && !rs_caseeqn(units[i].name, unit, len)) i++;
    if (i == all_units || n > 1000000000 || (iso && (len != 1 || (units[i].secs < 86400) != time)))
      return -1;
    all += n * units[i].secs;
    any = true;
    p = end + len;
  }
  return any ? all : -1;
}

int64_t rs_source_time(const char *text)
{
  struct tm t = {0};
  if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%S", &t) == NULL) return 0;
  return (int64_t)timegm(&t);
}

void rs_source_time_text(int64_t seconds, char out[40])
{
  rs_js_time(seconds * 1000000, out);
}

/* ---- a source as JSON ------------------------------------------------------------------------ */

struct text {
  const char *name;
  const char **at;
};
struct number {
  const char *name;
  int64_t *at;
};
enum { NTEXTS = 20, NNUMBERS = 8 };

static void list_members(struct rs_source *x, struct text t[NTEXTS], struct number n[NNUMBERS])
{
  const struct text texts[NTEXTS] = {{"bucket", &x->bucket},
                                     {"prefix", &x->prefix},
                                     {"pattern", &x->pattern},
                                     {"region", &x->region},
                                     {"integration", &x->integration},
                                     {"format", &x->format},
                                     {"scan", &x->scan},
                                     {"created_at", &x->created_at},
                                     {"created_by_key", &x->created_by_key},
                                     {"suspended_at", &x->suspended_at},
                                     {"resume_at", &x->resume_at},
                                     {"state", &x->state},
                                     {"message", &x->message},
                                     {"processed_at", &x->processed_at},
                                     {"item", &x->item},
                                     {"topic", &x->topic},
                                     {"client_id", &x->client_id},
                                     {"reset", &x->reset},
                                     {"partitions", &x->partitions},
                                     {"refusal", &x->refusal}};
  const struct number numbers[NNUMBERS] = {
    {"items", &x->items},     {"detected", &x->detected},
    {"objects", &x->objects}, {"objects_done", &x->objects_done},
    {"bytes", &x->bytes},     {"bytes_done", &x->bytes_done},
    {"refused", &x->refused}, {"lost", &x->lost}};
  memcpy(t, texts, sizeof texts);
  memcpy(n, numbers, sizeof numbers);
}

static enum rs_code parse(const char *body, struct rs_arena *a, struct rs_json **j,
                          struct rs_error *e)
{
  const char *copy = rs_arena_strdup(a, body);
  return copy != NULL ? rs_json_parse(copy, strlen(copy), 100, a, j, e) : rs_nomem(e);
}

static enum rs_code read_source(const struct rs_control_doc *d, struct rs_arena *a,
                                struct rs_source *x, struct rs_error *e)
{
  struct text t[NTEXTS];
  struct number n[NNUMBERS];
  struct rs_json *j = NULL;
  memset(x, 0, sizeof *x);
  list_members(x, t, n);
  x->workspace = rs_arena_strdup(a, d->workspace);
  x->collection = rs_arena_strdup(a, d->name);
  x->id = rs_arena_strdup(a, d->sub);
  if (x->workspace == NULL || x->collection == NULL || x->id == NULL) return rs_nomem(e);
  enum rs_code rc = parse(d->body, a, &j, e);
  if (rc != RS_OK) return rs_error_prefix(e, "source %s", d->sub);
  for (size_t i = 0; i < NTEXTS; i++)
    if (!rs_json_text(j, t[i].name, a, t[i].at)) return rs_nomem(e);
  for (size_t i = 0; i < NNUMBERS; i++) *n[i].at = rs_json_member_int(j, n[i].name);
  if ((x->bucket == NULL) == (x->topic == NULL))
    return rs_fail(e, RS_INVALID, "source %s: a bucket or a topic is needed", d->sub);
  return RS_OK;
}

enum rs_code rs_source_put(struct rs_session *s, const struct rs_source *x, struct rs_error *e)
{
  struct rs_source copy = *x;
  struct text t[NTEXTS];
  struct number n[NNUMBERS];
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  list_members(&copy, t, n);
  rs_js_open(&b, NULL, '{');
  for (size_t i = 0; i < NTEXTS; i++)
    if (*t[i].at != NULL) rs_js_text(&b, t[i].name, *t[i].at);
  for (size_t i = 0; i < NNUMBERS; i++) rs_js_int(&b, n[i].name, *n[i].at);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, e, "source");
  const struct rs_control_doc doc = {.kind = KIND,
                                     .workspace = x->workspace,
                                     .name = x->collection,
                                     .sub = x->id,
                                     .body = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_keep_doc(s, &doc, e);
  rs_buf_free(&b);
  return rc;
}

/* ---- documents ------------------------------------------------------------------------------- */

struct each {
  struct rs_arena *a;
  rs_source_fn fn;
  void *ctx;
  struct rs_error *e;
};

static enum rs_code take_source(void *ctx, const struct rs_control_doc *d)
{
  const struct each *each = ctx;
  struct rs_source x;
  enum rs_code rc = read_source(d, each->a, &x, each->e);
  if (rc == RS_INVALID) return RS_OK; // written by hand: the others go on
  return rc == RS_OK ? each->fn(each->ctx, &x) : rc;
}

enum rs_code rs_sources_each(struct rs_session *s, const char *workspace, const char *collection,
                             struct rs_arena *a, rs_source_fn fn, void *ctx, struct rs_error *e)
{
  const struct rs_control_doc filter = {.kind = KIND, .workspace = workspace, .name = collection};
  struct each each = {a, fn, ctx, e};
  return rs_session_kept_docs(s, &filter, take_source, &each, e);
}

struct one {
  struct rs_source *x;
  bool found;
};

static enum rs_code take_one(void *ctx, struct rs_source *x)
{
  struct one *one = ctx;
  *one->x = *x;
  one->found = true;
  return RS_OK;
}

enum rs_code rs_source_get(struct rs_session *s, const char *workspace, const char *collection,
                           const char *id, struct rs_arena *a, struct rs_source *x,
                           struct rs_error *e)
{
  const struct rs_control_doc key = {
    .kind = KIND, .workspace = workspace, .name = collection, .sub = id};
  struct one one = {x, false};
  struct each each = {a, take_one, &one, e};
  enum rs_code rc = rs_session_kept_docs(s, &key, take_source, &each, e);
  return rc == RS_OK && !one.found ? RS_NOT_FOUND : rc;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* `ID:`, and the name by its hash: names are long, and a document is found by this. */
static const char *sub_of(const struct rs_source *x, const char *name, char out[128])
{
  unsigned char hash[RS_SHA256_SIZE];
  char hex[2 * RS_SHA256_SIZE + 1];
  rs_sha256(name, strlen(name), hash);
  rs_hex(hash, RS_SHA256_SIZE, hex);
  (void)snprintf(out, 128, "%.40s:%s", x->id, hex);
  return out;
}

enum rs_code rs_source_object_doc(const struct rs_source *x, const struct rs_source_object *o,
                                  struct rs_arena *a, struct rs_control_doc *doc,
                                  struct rs_error *e)
{
  char sub[128];
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "name", o->name);
  rs_js_text(&b, "version", o->version);
  if (o->error != NULL) rs_js_text(&b, "error", o->error);
  rs_js_bool(&b, "done", o->done);
  rs_js_bool(&b, "failed", o->failed);
  rs_js_int(&b, "position", o->position);
  rs_js_close(&b, '}');
  *doc = (struct rs_control_doc){.kind = OBJECT,
                                 .workspace = x->workspace,
                                 .name = x->collection,
                                 .sub = rs_arena_strdup(a, sub_of(x, o->name, sub))};
  enum rs_code rc = rs_arena_take_buf(a, &b, "object", &doc->body, e);
  return rc == RS_OK && doc->sub == NULL ? rs_nomem(e) : rc;
}

struct objects {
  const struct rs_source *x;
  struct rs_arena *a;
  struct rs_map *all;
  struct rs_error *e;
};

static enum rs_code take_object(void *ctx, const struct rs_control_doc *d)
{
  const struct objects *all = ctx;
  struct rs_json *j = NULL;
  size_t n = strlen(all->x->id);
  if (strncmp(d->sub, all->x->id, n) != 0 || d->sub[n] != ':') return RS_OK;
  struct rs_source_object *o = rs_arena_calloc(all->a, sizeof *o);
  if (o == NULL) return rs_nomem(all->e);
  enum rs_code rc = parse(d->body, all->a, &j, all->e);
  if (rc == RS_NOMEM) return rc;
  if (rc != RS_OK) return RS_OK; // it will be read again
  if (!rs_json_text(j, "name", all->a, &o->name) ||
      !rs_json_text(j, "version", all->a, &o->version) ||
      !rs_json_text(j, "error", all->a, &o->error))
    return rs_nomem(all->e);
  o->done = rs_json_member_flag(j, "done");
  o->failed = rs_json_member_flag(j, "failed");
  o->position = rs_json_member_int(j, "position");
  if (o->name == NULL || o->version == NULL) return RS_OK;
  return rs_map_put(all->all, o->name, o) ? RS_OK : rs_nomem(all->e);
}

enum rs_code rs_source_objects(struct rs_session *s, const struct rs_source *x, struct rs_arena *a,
                               struct rs_map *all, struct rs_error *e)
{
  const struct rs_control_doc filter = {
    .kind = OBJECT, .workspace = x->workspace, .name = x->collection};
  struct objects objects = {x, a, all, e};
  rs_map_init(all);
  return rs_session_kept_docs(s, &filter, take_object, &objects, e);
}

struct subs {
  const char *id;
  struct rs_arena a;
  const char **v;
  size_t n, cap;
};

static enum rs_code take_sub(void *ctx, const struct rs_control_doc *d)
{
  struct subs *x = ctx;
  size_t n = strlen(x->id);
  if (strncmp(d->sub, x->id, n) != 0 || d->sub[n] != ':') return RS_OK;
  if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return RS_NOMEM;
  x->v[x->n] = rs_arena_strdup(&x->a, d->sub);
  return x->v[x->n++] != NULL ? RS_OK : RS_NOMEM;
}

enum rs_code rs_source_drop(struct rs_session *s, const struct rs_source *x, struct rs_error *e)
{
  struct rs_control_doc d = {.kind = OBJECT, .workspace = x->workspace, .name = x->collection};
  struct subs subs = {.id = x->id};
  rs_arena_init(&subs.a, 0);
  enum rs_code rc = rs_session_kept_docs(s, &d, take_sub, &subs, e);
  for (size_t i = 0; i < subs.n && rc == RS_OK; i++) {
    d.sub = subs.v[i];
    rc = rs_session_keep_doc(s, &d, e);
  }
  d.kind = KIND;
  d.sub = x->id;
  if (rc == RS_OK) rc = rs_session_keep_doc(s, &d, e);
  rs_free(subs.v);
  rs_arena_free(&subs.a);
  return rc;
}

/* ---- as it is shown -------------------------------------------------------------------------- */

static void write_s3(struct rs_buf *b, const struct rs_source *x)
{
  rs_js_open(b, "s3", '{');
  rs_js_text(b, "bucket", x->bucket);
  if (x->prefix != NULL) rs_js_text(b, "prefix", x->prefix);
  if (x->pattern != NULL) rs_js_text(b, "pattern", x->pattern);
  if (x->region != NULL) rs_js_text(b, "region", x->region);
  if (x->scan != NULL) {
    rs_js_open(b, "settings", '{');
    rs_js_text(b, "s3_scan_frequency", x->scan);
    rs_js_close(b, '}');
  }
  rs_js_int(b, "object_count_total", x->objects);
  rs_js_int(b, "object_count_downloaded", x->objects_done);
  rs_js_int(b, "object_bytes_total", x->bytes);
  rs_js_int(b, "object_bytes_downloaded", x->bytes_done);
  rs_js_close(b, '}');
}

/* A topic of which nothing has come for an hour is dormant. */
static const char *stream_state(const struct rs_source *x)
{
  int64_t age = rs_wall_us() / 1000000 - rs_source_time(x->processed_at);
  if (x->processed_at == NULL) return "NO_DOCS_YET";
  return age > 3600 ? "DORMANT" : "ACTIVE";
}

static void write_partitions(struct rs_buf *b, const struct rs_source *x)
{
  struct rs_arena a;
  struct rs_json *list = NULL;
  int64_t number = 0;
  rs_arena_init(&a, 0);
  rs_js_open(b, "kafka_partitions", '[');
  if (x->partitions != NULL &&
      rs_json_parse(x->partitions, strlen(x->partitions), 10, &a, &list, NULL) == RS_OK) {
    for (const struct rs_json *p = list->first; p != NULL; p = p->next) {
      int64_t high = rs_json_member_int(p, "high"), next = rs_json_member_int(p, "next");
      rs_js_open(b, NULL, '{');
      rs_js_int(b, "partition_number", number++);
      rs_js_int(b, "partition_offset", high);
      rs_js_int(b, "offset_lag", high > next ? high - next : 0);
      rs_js_close(b, '}');
    }
  }
  rs_js_close(b, ']');
  rs_arena_free(&a);
}

void rs_source_write_stream(struct rs_buf *b, const char *key, const struct rs_source *x)
{
  rs_js_open(b, key, '{');
  rs_js_text(b, "state", stream_state(x));
  if (x->processed_at != NULL) rs_js_text(b, "last_consumed_time", x->processed_at);
  rs_js_int(b, "num_documents_processed", x->items);
  write_partitions(b, x);
  rs_js_close(b, '}');
}

static void write_kafka(struct rs_buf *b, const struct rs_source *x)
{
  rs_js_open(b, "kafka", '{');
  rs_js_text(b, "kafka_topic_name", x->topic);
  rs_js_text(b, "offset_reset_policy", x->reset);
  rs_js_bool(b, "use_v3", true);
  if (x->client_id != NULL) rs_js_text(b, "client_id", x->client_id);
  rs_source_write_stream(b, "status", x);
  rs_js_close(b, '}');
}

void rs_source_write(struct rs_buf *b, const char *key, const struct rs_source *x)
{
  rs_js_open(b, key, '{');
  rs_js_text(b, "id", x->id);
  if (x->integration != NULL) rs_js_text(b, "integration_name", x->integration);
  if (x->topic != NULL) write_kafka(b, x);
  else write_s3(b, x);
  if (x->format != NULL) rs_js_raw(b, "format_params", x->format);
  rs_js_open(b, "status", '{');
  rs_js_text(b, "state", x->suspended_at != NULL ? "SUSPENDED" : x->state);
  rs_js_text(b, "message", x->message != NULL ? x->message : "");
  if (x->processed_at != NULL) rs_js_text(b, "last_processed_at", x->processed_at);
  if (x->item != NULL) rs_js_text(b, "last_processed_item", x->item);
  rs_js_int(b, "total_processed_items", x->items);
  rs_js_int(b, "detected_size_bytes", x->detected);
  rs_js_close(b, '}');
  if (x->suspended_at != NULL) rs_js_text(b, "suspended_at", x->suspended_at);
  if (x->resume_at != NULL) rs_js_text(b, "resume_at", x->resume_at);
  rs_js_close(b, '}');
}

struct rs_place_spec rs_source_place(const struct rs_source *x)
{
  return (struct rs_place_spec){
    .bucket = x->bucket, .prefix = x->prefix, .pattern = x->pattern, .region = x->region};
}
