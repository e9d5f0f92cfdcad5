/*
** librdkafka, Kafka's library for C: what is used of it, declared here from its public interface
** (1.6 and newer), so that no header of it is needed to build; loaded when it is first used.
**
** Threads: any.
*/
#ifndef RS_SERVER_SOURCES_LIBRDKAFKA_H
#define RS_SERVER_SOURCES_LIBRDKAFKA_H
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "src/base/error.h"

/* Its codes that are told apart. */
enum {
  RDK_CONSUMER = 1,           /* RD_KAFKA_CONSUMER */
  RDK_NO_CLOSE = 8,           /* RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE */
  RDK_PARTITION_EOF = -191,   /* RD_KAFKA_RESP_ERR__PARTITION_EOF */
  RDK_AUTO_OFFSET = -140,     /* RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET */
  RDK_NO_TOPIC = -188,        /* RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC */
  RDK_END = -1,               /* RD_KAFKA_OFFSET_END */
  RDK_BEGINNING = -2,         /* RD_KAFKA_OFFSET_BEGINNING */
  RDK_ALL_DOWN = -187,        /* RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN */
  RDK_OFFSET_RANGE = 1,       /* RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE */
  RDK_TOPIC_OR_PARTITION = 3, /* RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART */
  RDK_NOT_ALLOWED = 29        /* RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED */
};

struct rdk_message {
  int err;
  void *topic;
  int32_t partition;
  void *payload;
  size_t len;
  void *key;
  size_t key_len;
  int64_t offset;
  void *own;
};
struct rdk_partition {
  int32_t id;
  int err;
  int32_t leader;
  int nreplicas;
  int32_t *replicas;
  int nisrs;
  int32_t *isrs;
};
struct rdk_topic {
  char *name;
  int npartitions;
  struct rdk_partition *partitions;
  int err;
};
struct rdk_metadata {
  int nbrokers;
  void *brokers;
  int ntopics;
  struct rdk_topic *topics;
};

struct rdk_offset {
  char *topic;
  int32_t partition;
  int64_t offset;
  void *metadata;
  size_t nmetadata;
  void *ctx;
  int err;
  void *own;
};
struct rdk_offsets {
  int n, cap;
  struct rdk_offset *v;
};

struct rdk {
  void *(*conf_new)(void);
  void (*conf_destroy)(void *conf);
  int (*conf_set)(void *conf, const char *name, const char *value, char *text, size_t size);
  void (*conf_opaque)(void *conf, void *ctx);
  void (*conf_error)(void *conf, void (*fn)(void *rk, int err, const char *reason, void *ctx));
  void (*conf_log)(void *conf,
                   void (*fn)(const void *rk, int level, const char *facility, const char *text));
  void (*conf_connect)(void *conf, int (*fn)(int fd, const struct sockaddr *to, int n,
                                             const char *broker, void *ctx));
  void *(*create)(int kind, void *conf, char *text, size_t size); /* takes conf, but on failure */
  void (*destroy)(void *rk, int flags);
  void *(*topic_new)(void *rk, const char *name, void *conf);
  void (*topic_destroy)(void *topic);
  int (*metadata)(void *rk, int all, void *topic, const struct rdk_metadata **m, int ms);
  void (*metadata_destroy)(const struct rdk_metadata *m);
  struct rdk_offsets *(*offsets_new)(int n);
  struct rdk_offset *(*offsets_add)(struct rdk_offsets *v, const char *topic, int32_t partition);
  void (*offsets_destroy)(struct rdk_offsets *v);
  /* of times, for which RDK_END and RDK_BEGINNING may stand; within ms, which the call that asks
  ** for both ends does not keep to */
  int (*offsets_ask)(void *rk, struct rdk_offsets *v, int ms);
  int (*known_ends)(void *rk, const char *topic, int32_t partition, int64_t *low, int64_t *high);
  void *(*queue_new)(void *rk);
  void (*queue_destroy)(void *queue);
  int (*start)(void *topic, int32_t partition, int64_t offset, void *queue);
  int (*stop)(void *topic, int32_t partition);
  struct rdk_message *(*consume)(void *queue, int ms);
  void (*message_destroy)(struct rdk_message *m);
  int (*poll)(void *rk, int ms);
  const char *(*error_text)(int err);
  int (*last_error)(void);
};
/* RS_UNSUPPORTED: the library is not there; names its package. */
enum rs_code rs_librdkafka(const struct rdk **pk, struct rs_error *e);
#endif
