/*
** Topics of Kafka: their messages, partition by partition, from an offset on.
**
** Which brokers may be asked is what hosts.h says of URLs: a broker that the operator has not named
** is reached by TLS only, at an address of the public internet only; and with a list, no other is.
** That holds for those that users name and for those that a broker names in turn: each connection
** is looked at before it is made.
**
** There is no group of consumers, and no offset is kept at the brokers: who reads knows where he
** is.
**
** Threads: a topic belongs to one thread. Blocking: as said; rs_kafka_close waits for librdkafka's
** threads. Memory: what is fetched in advance is bounded (ADVANCE_KIB in kafka.c, and one answer of
** a broker). Errors: texts name brokers and topics, never a secret.
*/
#ifndef RS_SERVER_SOURCES_KAFKA_H
#define RS_SERVER_SOURCES_KAFKA_H
#include <stdint.h>
#include "hosts.h"

/* Texts may be NULL, but for servers and topic. */
struct rs_kafka_spec {
  const char *servers; /* [PROTOCOL://]HOST[:PORT],...; PROTOCOL: PLAINTEXT, SSL, SASL_PLAINTEXT,
                       ** SASL_SSL; without one SASL_SSL with a key, else PLAINTEXT */
  const char *topic, *client_id;
  const char *key, *secret; /* of SASL's PLAIN; both or none */
};

/* Could it be read? Asks nobody. RS_INVALID; RS_FORBIDDEN, with the way out; RS_UNSUPPORTED: no
** librdkafka. `topic` may be NULL here: the servers alone. */
enum rs_code rs_kafka_check(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                            struct rs_error *e);

struct rs_kafka;
/* Checks; connects later. Returns owned (rs_kafka_close). Borrows hosts, copies spec. */
enum rs_code rs_kafka_open(const struct rs_hosts *hosts, const struct rs_kafka_spec *spec,
                           struct rs_kafka **pk, struct rs_error *e);
void rs_kafka_close(struct rs_kafka *k); /* NULL is fine */

/* These two ask the brokers, at most two seconds. RS_BUSY: they don't answer. RS_NOT_FOUND: there
** is no such topic. */
enum rs_code rs_kafka_partitions(struct rs_kafka *k, int32_t *n, struct rs_error *e);
/* Of n partitions from `from` on. */
struct rs_kafka_ends {
  int64_t low, high; /* the first offset there is; behind the last */
};
enum rs_code rs_kafka_ends(struct rs_kafka *k, int32_t from, int32_t n, struct rs_kafka_ends *v,
                           struct rs_error *e);
/* Where the partition ends as far as is known; -1: it isn't. Asks nobody. */
int64_t rs_kafka_high(const struct rs_kafka *k, int32_t partition);
/* Its messages come from this offset on; again: from another one on. */
enum rs_code rs_kafka_start(struct rs_kafka *k, int32_t partition, int64_t offset,
                            struct rs_error *e);

struct rs_kafka_event {
  enum {
    RS_KAFKA_NOTHING, /* the time is over */
    RS_KAFKA_MESSAGE,
    RS_KAFKA_END, /* of the partition: `offset` is what comes next */
    RS_KAFKA_LOST /* the partition has no such offset (any more): start it anew */
  } kind;
  int32_t partition;
  int64_t offset;
  const char *p; /* NULL: a message without a value */
  size_t n;
};
/* Valid until the next call. Waits at most ms. */
void rs_kafka_next(struct rs_kafka *k, int ms, struct rs_kafka_event *v);
/* What is wrong with the brokers or the topic as far as is known; "": nothing. */
const char *rs_kafka_trouble(struct rs_kafka *k);
#endif
