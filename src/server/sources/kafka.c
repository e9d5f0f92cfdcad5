/*
** Topics of Kafka by librdkafka's simple consumer (see kafka.h).
**
** The simple consumer, since the other one needs a group: its coordinator, its rights and its
** offsets at the brokers, of which none is of use here.
*/
#include "kafka.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "librdkafka.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/net/public.h"

enum { PARTITIONS_MAX = 1000, ASK_MS = 1000, PORT = 9092, TROUBLE_MS = 60000 };
/* Of what is fetched in advance. librdkafka counts it by partition, and looks about once a second
** whether there is room again: a partition's share is also what comes of it in a second at most. */
enum { ADVANCE_KIB = 32 << 10, SHARE_KIB_MIN = 64, SHARE_KIB_MAX = 16 << 10, FETCH_KIB_MAX = 1024 };
#define FETCH_BYTES "16777216"   /* of one answer, but for a message that is larger */
#define RECEIVE_BYTES "83886080" /* of any answer: a message of 64 MiB */
#define RECONNECT_MS "2000"      /* at most between two tries */

struct servers {
  const char *protocol;
  bool tls, sasl;
  struct rs_buf list; /* HOST:PORT,... */
};

struct rs_kafka {
  struct rs_arena arena;
  const struct rs_hosts *hosts;
  struct rs_kafka_spec spec;
  const struct rdk *k;
  void *rk, *topic, *queue;
  struct servers servers;
  int share_kib;               /* of a partition */
  struct rdk_message *message; /* the last event's */
  bool *started;
  int32_t npartitions;
  pthread_mutex_t mutex;   /* what librdkafka's threads tell */
  struct rs_error refused; /* an address that may not be asked */
  int64_t refused_ms;      /* when */
  struct rs_error trouble; /* what a broker, or nobody, has said */
  struct rs_error said;    /* what rs_kafka_trouble has given out */
};

/* ---- what is asked for ----------------------------------------------------------------------- */

static const char *const protocols[] = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};

/* In front of `://`; the same for all servers. */
static enum rs_code read_protocol(struct servers *s, const char *p, size_t n, struct rs_error *e)
{
  for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
    if (!rs_caseeqn(protocols[i], p, n)) continue;
    if (s->protocol != NULL && s->protocol != protocols[i])
      return rs_fail(e, RS_INVALID, "'bootstrap_servers': all of them need the same protocol");
    s->protocol = protocols[i];
    return RS_OK;
  }
  return rs_fail(e, RS_INVALID,
                 "'bootstrap_servers': '%.40s': protocols are PLAINTEXT, SSL, SASL_PLAINTEXT and "
                 "SASL_SSL",
                 p);
}

static enum rs_code read_servers(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                                 struct rs_arena *a, struct servers *s, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  size_t count = 0;
  rs_buf_init(&s->list, 1 << 16);
  for (int pass = 0; pass < 2 && rc == RS_OK; pass++) {
    for (const char *p = spec->servers; *p != 0 && rc == RS_OK;) {
      size_t n = strcspn(p, ",");
      const char *at = memmem(p, n, "://", 3);
      struct rs_host h = {NULL, 0};
      if (at != NULL && pass == 0) rc = read_protocol(s, p, (size_t)(at - p), e);
      const char *host = at != NULL ? at + 3 : p;
      if (rc == RS_OK && !rs_host_read(host, n - (size_t)(host - p), a, &h))
        rc = rs_fail(e, RS_INVALID, "'bootstrap_servers': write HOST:PORT, with commas between");
      if (h.port == 0) h.port = PORT;
      const struct rs_url u = {.tls = s->tls, .host = h};
      if (rc == RS_OK && pass == 1) rc = rs_hosts_check(hosts, &u, "Kafka", e);
      if (rc == RS_OK && pass == 1)
        rs_buf_printf(&s->list, "%s%s:%d", count++ > 0 ? "," : "", h.name, h.port);
      p += n + (p[n] == ',');
    }
    if (rc == RS_OK && s->protocol == NULL) s->protocol = protocols[spec->key != NULL ? 3 : 0];
    if (rc == RS_OK) s->sasl = s->protocol == protocols[2] || s->protocol == protocols[3];
    if (rc == RS_OK) s->tls = s->protocol == protocols[1] || s->protocol == protocols[3];
  }
  if (rc == RS_OK && count == 0)
    return rs_fail(e, RS_INVALID, "'bootstrap_servers': HOST:PORT is needed");
  if (rc == RS_OK && s->sasl != (spec->key != NULL))
    return rs_fail(e, RS_INVALID, "'bootstrap_servers': %s %s", s->protocol,
                   s->sasl ? "needs a 'security_config' with 'api_key' and 'secret'"
                           : "takes no key: write SASL_SSL://HOST:PORT, or no protocol");
  return rc == RS_OK ? rs_buf_error(&s->list, e, "'bootstrap_servers'") : rc;
}

static bool is_of(const char *text, const char *more, size_t most)
{
  size_t n = strlen(text);
  for (const char *p = text; *p != 0; p++)
    if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') &&
        strchr(more, *p) == NULL)
      return false;
  return n > 0 && n <= most;
}

static enum rs_code check(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                          struct rs_arena *a, struct servers *s, struct rs_error *e)
{
  const char *topic = spec->topic;
  if (topic != NULL && (!is_of(topic, "._-", 249) || rs_eq(topic, ".") || rs_eq(topic, "..")))
    return rs_fail(e, RS_INVALID,
                   "'kafka_topic_name': a topic's name has 1 to 249 letters, digits, '.', '_' and "
                   "'-'");
  if (spec->client_id != NULL && !is_of(spec->client_id, "._-|", 200))
    return rs_fail(e, RS_INVALID,
                   "'client_id': 1 to 200 letters, digits, '.', '_', '-' and '|' are needed");
  return read_servers(hosts, spec, a, s, e);
}

enum rs_code rs_kafka_check(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                            struct rs_error *e)
{
  const struct rdk *k;
  struct rs_arena a;
  struct servers s = {.protocol = NULL};
  rs_arena_init(&a, 0);
  rs_buf_init(&s.list, 0);
  enum rs_code rc = check(hosts, spec, &a, &s, e);
  rs_buf_free(&s.list);
  rs_arena_free(&a);
  return rc == RS_OK ? rs_librdkafka(&k, e) : rc;
}

/* ---- what librdkafka's threads ask and tell -------------------------------------------------- */

/* Its name of a broker, "[protocol://]HOST:PORT[/ID]": HOST and PORT. */
static bool read_broker(const char *name, char host[300], struct rs_host *h)
{
  const char *at = strstr(name, "://");
  if (at != NULL) name = at + 3;
  size_t n = strcspn(name, "/"), colon = n;
  while (colon > 0 && name[colon - 1] != ':') colon--;
  if (colon < 2 || colon == n || n > 280) return false;
  h->port = (int)strtol(name + colon, NULL, 10);
  n = colon - 1;
  bool bare = memchr(name, ':', n) != NULL && name[0] != '[';
  (void)snprintf(host, 300, bare ? "[%.*s]" : "%.*s", (int)n, name);
  h->name = host;
  return h->port > 0 && h->port < 65536;
}

/* Each connection comes by here, also to brokers that only another broker has named. What it may
** not reach is refused as the system refuses: by a number of errno. */
static int on_connect(int fd, const struct sockaddr *to, int n, const char *broker, void *ctx)
{
  struct rs_kafka *k = ctx;
  char host[300];
  struct rs_host h;
  struct rs_error e = {.code = RS_OK};
  if (!read_broker(broker, host, &h)) return EACCES;
  const struct rs_url u = {.tls = k->servers.tls, .host = h};
  enum rs_code rc = rs_hosts_check(k->hosts, &u, "Kafka", &e);
  if (rc == RS_OK && !rs_hosts_hold(k->hosts, &u) && !rs_address_is_public(to))
    rc = rs_fail(&e, RS_FORBIDDEN,
                 "Kafka: '%s:%d' is at no address of the public internet: have the host named in "
                 "this server's %s",
                 h.name, h.port, k->hosts->flag);
  if (rc != RS_OK) {
    pthread_mutex_lock(&k->mutex);
    k->refused = e;
    k->refused_ms = rs_now_ms();
    pthread_mutex_unlock(&k->mutex);
    return EACCES;
  }
  return connect(fd, to, (socklen_t)n) == 0 || errno == EINPROGRESS ? 0 : errno;
}

/* On the thread that polls. That all are down is no news: what each has said comes before. */
static void on_error(void *rk, int err, const char *reason, void *ctx)
{
  struct rs_kafka *k = ctx;
  (void)rk;
  pthread_mutex_lock(&k->mutex);
  if (err != RDK_ALL_DOWN || k->trouble.code == RS_OK)
    (void)rs_fail(&k->trouble, RS_BUSY, "Kafka: %s", reason);
  pthread_mutex_unlock(&k->mutex);
}

static void on_log(const void *rk, int level, const char *facility, const char *text)
{
  (void)rk, (void)level, (void)facility, (void)text;
}

static void is_well(struct rs_kafka *k)
{
  pthread_mutex_lock(&k->mutex);
  k->trouble.code = RS_OK;
  pthread_mutex_unlock(&k->mutex);
}

const char *rs_kafka_trouble(struct rs_kafka *k)
{
  if (k->rk != NULL) (void)k->k->poll(k->rk, 0);
  pthread_mutex_lock(&k->mutex);
  bool refused = k->refused.code != RS_OK && rs_now_ms() - k->refused_ms < TROUBLE_MS;
  k->said = refused ? k->refused : k->trouble;
  pthread_mutex_unlock(&k->mutex);
  return k->said.code != RS_OK ? k->said.text : "";
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum rs_code set(const struct rdk *k, void *conf, const char *name, const char *value,
                        struct rs_error *e)
{
  char text[512] = "";
  if (k->conf_set(conf, name, value, text, sizeof text) == 0) return RS_OK;
  return rs_fail(e, RS_UNSUPPORTED, "librdkafka can't take %s", name);
}

static enum rs_code configure(struct rs_kafka *k, void *conf, struct rs_error *e)
{
  const struct rs_kafka_spec *x = &k->spec;
  struct servers *s = &k->servers;
  char share[16], fetch[16];
  const int fetch_kib = k->share_kib < FETCH_KIB_MAX ? k->share_kib : FETCH_KIB_MAX;
  (void)snprintf(share, sizeof share, "%d", k->share_kib);
  (void)snprintf(fetch, sizeof fetch, "%d", fetch_kib * 1024);
  const struct {
    const char *name, *value;
  } all[] = {{"bootstrap.servers", rs_buf_text(&s->list)},
             {"client.id", x->client_id != NULL ? x->client_id : "rocksetd"},
             {"security.protocol", s->protocol},
             {"ssl.endpoint.identification.algorithm", s->tls ? "https" : NULL},
             {"sasl.mechanisms", s->sasl ? "PLAIN" : NULL},
             {"sasl.username", s->sasl ? x->key : NULL},
             {"sasl.password", s->sasl ? x->secret : NULL},
             {"isolation.level", "read_committed"},
             {"enable.partition.eof", "true"},
             {"auto.offset.reset", "error"},
             {"allow.auto.create.topics", "false"},
             {"log.connection.close", "false"},
             {"reconnect.backoff.max.ms", RECONNECT_MS},
             {"queued.max.messages.kbytes", share},
             {"fetch.message.max.bytes", fetch},
             {"fetch.max.bytes", FETCH_BYTES},
             {"receive.message.max.bytes", RECEIVE_BYTES}};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == RS_OK; i++)
    if (all[i].value != NULL) rc = set(k->k, conf, all[i].name, all[i].value, e);
  return rc;
}

static void disconnect(struct rs_kafka *k)
{
  if (k->message != NULL) k->k->message_destroy(k->message);
  for (int32_t i = 0; i < k->npartitions; i++)
    if (k->started[i]) (void)k->k->stop(k->topic, i);
  if (k->queue != NULL) k->k->queue_destroy(k->queue);
  if (k->topic != NULL) k->k->topic_destroy(k->topic);
  if (k->rk != NULL) k->k->destroy(k->rk, RDK_NO_CLOSE);
  k->message = NULL;
  k->queue = k->topic = k->rk = NULL;
}

static enum rs_code connect_to(struct rs_kafka *k, struct rs_error *e)
{
  char text[512] = "";
  void *conf = k->k->conf_new();
  if (conf == NULL) return rs_nomem(e);
  enum rs_code rc = configure(k, conf, e);
  if (rc == RS_OK) {
    k->k->conf_opaque(conf, k);
    k->k->conf_error(conf, on_error);
    k->k->conf_log(conf, on_log);
    k->k->conf_connect(conf, on_connect);
    k->rk = k->k->create(RDK_CONSUMER, conf, text, sizeof text);
    if (k->rk == NULL) rc = rs_fail(e, RS_IO, "Kafka: %s", text);
  }
  if (rc != RS_OK) {
    k->k->conf_destroy(conf);
    return rc;
  }
  k->topic = k->k->topic_new(k->rk, k->spec.topic, NULL);
  k->queue = k->k->queue_new(k->rk);
  if (k->topic != NULL && k->queue != NULL) return RS_OK;
  disconnect(k);
  return rs_nomem(e);
}

static enum rs_code copy_spec(struct rs_kafka *k, const struct rs_kafka_spec *spec,
                              struct rs_error *e)
{
  const char **all[] = {&k->spec.servers, &k->spec.topic, &k->spec.client_id, &k->spec.key,
                        &k->spec.secret};
  k->spec = *spec;
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (*all[i] != NULL && !rs_arena_keep(&k->arena, all[i])) return rs_nomem(e);
  return RS_OK;
}

enum rs_code rs_kafka_open(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                           struct rs_kafka **pk, struct rs_error *e)
{
  struct rs_kafka *k = rs_calloc(1, sizeof *k);
  *pk = NULL;
  if (k == NULL) return rs_nomem(e);
  rs_arena_init(&k->arena, 0);
  rs_buf_init(&k->servers.list, 0);
  k->share_kib = SHARE_KIB_MAX;
  pthread_mutex_init(&k->mutex, NULL);
  k->hosts = hosts;
  enum rs_code rc = copy_spec(k, spec, e);
  if (rc == RS_OK) rc = check(hosts, &k->spec, &k->arena, &k->servers, e);
  if (rc == RS_OK && k->spec.secret != NULL) rc = rs_redact_add(k->spec.secret);
  if (rc == RS_NOMEM) rc = rs_nomem(e);
  if (rc == RS_OK) rc = rs_librdkafka(&k->k, e);
  if (rc == RS_OK) rc = connect_to(k, e);
  if (rc == RS_OK) *pk = k;
  else rs_kafka_close(k);
  return rc;
}

void rs_kafka_close(struct rs_kafka *k)
{
  if (k == NULL) return;
  disconnect(k);
  pthread_mutex_destroy(&k->mutex);
  rs_free(k->started);
  rs_buf_free(&k->servers.list);
  rs_arena_free(&k->arena);
  rs_free(k);
}

/* ---- partitions ------------------------------------------------------------------------------ */

static enum rs_code fail_by(struct rs_kafka *k, int err, struct rs_error *e)
{
  const char *topic = k->spec.topic;
  if (err == RDK_NO_TOPIC || err == RDK_TOPIC_OR_PARTITION)
    return rs_fail(e, RS_NOT_FOUND, "Kafka: there is no topic '%s'", topic);
  if (err == RDK_NOT_ALLOWED)
    return rs_fail(e, RS_AUTH, "Kafka: topic '%s' may not be read with this key", topic);
  const char *why = rs_kafka_trouble(k);
  if (why[0] != 0) return rs_fail(e, RS_BUSY, "%s", why);
  return rs_fail(e, RS_BUSY, "Kafka: topic '%s': the brokers don't answer: %s", topic,
                 k->k->error_text(err));
}

/* With more partitions each may have less in advance; that has to be said when connecting. */
static enum rs_code share_out(struct rs_kafka *k, int32_t n, struct rs_error *e)
{
  int share = n > 0 ? ADVANCE_KIB / n : SHARE_KIB_MAX;
  if (share < SHARE_KIB_MIN) share = SHARE_KIB_MIN;
  if (share >= k->share_kib) return RS_OK;
  for (int32_t i = 0; i < k->npartitions; i++)
    if (k->started[i]) return RS_OK; // those that came later are few
  k->share_kib = share;
  disconnect(k);
  return connect_to(k, e);
}

static enum rs_code grow(struct rs_kafka *k, int32_t n, struct rs_error *e)
{
  if (n <= k->npartitions) return RS_OK;
  bool *started = rs_calloc((size_t)n, sizeof *started);
  if (started == NULL) return rs_nomem(e);
  if (k->npartitions > 0) memcpy(started, k->started, (size_t)k->npartitions * sizeof *started);
  rs_free(k->started);
  k->started = started;
  k->npartitions = n;
  return RS_OK;
}

enum rs_code rs_kafka_partitions(struct rs_kafka *k, int32_t *n, struct rs_error *e)
{
  const struct rdk_metadata *m = NULL;
  enum rs_code rc = k->rk == NULL ? connect_to(k, e) : RS_OK; // sharing out went wrong
  if (rc != RS_OK) return rc;
  int err = k->k->metadata(k->rk, 0, k->topic, &m, ASK_MS);
  if (err != 0) return fail_by(k, err, e);
  const struct rdk_topic *t = m->ntopics == 1 ? &m->topics[0] : NULL;
  *n = t != NULL ? t->npartitions : 0;
  if (t == NULL || t->err != 0) rc = fail_by(k, t != NULL ? t->err : RDK_NO_TOPIC, e);
  else if (*n > PARTITIONS_MAX)
    rc = rs_fail(e, RS_LIMIT, "Kafka: topic '%s' has %d partitions; at most %d are read",
                 k->spec.topic, (int)*n, PARTITIONS_MAX);
  k->k->metadata_destroy(m);
  if (rc == RS_OK) is_well(k);
  if (rc == RS_OK) rc = share_out(k, *n, e);
  return rc == RS_OK ? grow(k, *n, e) : rc;
}

/* Either end of them. */
static enum rs_code ask_offsets(struct rs_kafka *k, int32_t from, int32_t n, int64_t which,
                                struct rs_kafka_ends *v, struct rs_error *e)
{
  struct rdk_offsets *all = k->k->offsets_new(n);
  int err = 0;
  if (all == NULL) return rs_nomem(e);
  for (int32_t i = 0; i < n; i++) k->k->offsets_add(all, k->spec.topic, from + i)->offset = which;
  err = k->k->offsets_ask(k->rk, all, ASK_MS);
  for (int i = 0; i < all->n && err == 0; i++) {
    const struct rdk_offset *o = &all->v[i];
    err = o->err;
    if (err != 0) break;
    if (which == RDK_END) v[o->partition - from].high = o->offset;
    else v[o->partition - from].low = o->offset;
  }
  k->k->offsets_destroy(all);
  return err == 0 ? RS_OK : fail_by(k, err, e);
}

enum rs_code rs_kafka_ends(struct rs_kafka *k, int32_t from, int32_t n, struct rs_kafka_ends *v,
                           struct rs_error *e)
{
  enum rs_code rc = ask_offsets(k, from, n, RDK_BEGINNING, v, e);
  return rc == RS_OK ? ask_offsets(k, from, n, RDK_END, v, e) : rc;
}

int64_t rs_kafka_high(const struct rs_kafka *k, int32_t partition)
{
  int64_t low = -1, high = -1;
  if (k->k->known_ends(k->rk, k->spec.topic, partition, &low, &high) != 0 || high < 0) return -1;
  return high;
}

enum rs_code rs_kafka_start(struct rs_kafka *k, int32_t partition, int64_t offset,
                            struct rs_error *e)
{
  if (partition < 0 || partition >= k->npartitions)
    return rs_fail(e, RS_INVALID, "Kafka: topic '%s' has no partition %d", k->spec.topic,
                   (int)partition);
  if (k->started[partition]) (void)k->k->stop(k->topic, partition);
  k->started[partition] = k->k->start(k->topic, partition, offset, k->queue) == 0;
  if (k->started[partition]) return RS_OK;
  return fail_by(k, k->k->last_error(), e);
}

/* ---- messages -------------------------------------------------------------------------------- */

void rs_kafka_next(struct rs_kafka *k, int ms, struct rs_kafka_event *v)
{
  *v = (struct rs_kafka_event){.kind = RS_KAFKA_NOTHING};
  if (k->message != NULL) k->k->message_destroy(k->message);
  k->message = NULL;
  if (k->queue == NULL) {
    rs_sleep_ms(ms);
    return;
  }
  struct rdk_message *m = k->message = k->k->consume(k->queue, ms);
  if (m == NULL) {
    (void)k->k->poll(k->rk, 0);
    return;
  }
  v->partition = m->partition;
  v->offset = m->offset;
  if (m->err == 0) {
    v->kind = RS_KAFKA_MESSAGE;
    v->p = m->payload;
    v->n = m->len;
  } else if (m->err == RDK_PARTITION_EOF) {
    v->kind = RS_KAFKA_END;
  } else if (m->err == RDK_AUTO_OFFSET || m->err == RDK_OFFSET_RANGE) {
    v->kind = RS_KAFKA_LOST;
  } else {
    char text[256];
    (void)snprintf(text, sizeof text, "topic '%.100s', partition %d: %s", k->spec.topic,
                   (int)m->partition, k->k->error_text(m->err));
    on_error(k->rk, m->err, text, k);
    return;
  }
  is_well(k);
}
