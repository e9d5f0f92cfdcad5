/*
** Sources of collections: what is kept of them, who may change it, and what they read.
**
**   source_docs.c   the documents, one a source and one an object of it, in the target
**   sources.c       the API's requests, and a collection's list
**   integrations.c  keys of places, by name
**   source_runs.c   what is due
**   source_visit.c  one source's objects that are new or have changed become documents
**   source_stream.c one topic's messages do, as they come
**   source_batch.c  these documents on their way into the collection
**
** What a source's objects are, and the documents in them, is of the room server/sources.
**
** An object is done when its documents are written. What is written is known by position, so an
** object that a crash broke off goes on behind the last batch; and documents without an `_id` get
** one made of the source, the object and the position, so that whatever is read twice is written
** once.
**
** How far an object, or a topic, is read is kept in the transaction that writes its documents.
**
** Only where this process alone can change the target (rs_backend.is_sole), as schedules. The
** document of a source is changed under one mutex, from its reading to its writing.
*/
#ifndef RS_SERVER_COLLECTIONS_SOURCES_H
#define RS_SERVER_COLLECTIONS_SOURCES_H
#include "collections.h"
#include "src/server/sources/kafka.h"
#include "src/server/sources/places.h"
#include "src/server/sources/seal.h"

enum {
  RS_SOURCES_MAX = 20, /* of a collection */
  RS_TOPICS_MAX = 16,  /* sources of Kafka in all, each of which is read all the time */
  RS_SOURCE_SCAN_MAX_S = 3600
};

struct rs_sources {
  pthread_mutex_t mutex; /* who reads documents to write them */
  struct rs_arena arena;
  struct rs_places places;
  struct rs_seal *seal; /* NULL: no secret can be kept */
  int64_t scan_ms;      /* of a source that says nothing else */
  atomic_uint changes;  /* moved on when one came or may go on */
  unsigned none;        /* of changes, when the job found none; of the job alone */
};

/* Texts may be NULL; one of bucket and topic isn't. */
struct rs_source {
  const char *workspace, *collection, *id;
  const char *bucket, *prefix, *pattern, *region;
  const char *topic, *client_id;
  const char *reset; /* EARLIEST, LATEST: where a topic begins */
  const char *integration;
  const char *format; /* format_params, JSON */
  const char *scan;   /* s3_scan_frequency, ISO 8601 */
  const char *created_at, *created_by_key;
  const char *suspended_at, *resume_at;
  /* how far it is */
  const char *state, *message, *processed_at, *item;
  int64_t items;                 /* objects that were read, again after each change; messages */
  int64_t detected;              /* bytes, at its begin */
  int64_t objects, objects_done; /* that are there now */
  int64_t bytes, bytes_done;
  /* of a topic */
  const char *partitions; /* JSON: [{"next":offset,"high":offset},...] by number; as told last */
  const char *refusal;    /* the last message that was refused, and why */
  int64_t refused;        /* how many were */
  int64_t lost;           /* messages that had gone before they were read */
};

/* What is known of an object, or of a topic: its version is where its partitions go on. */
struct rs_source_object {
  const char *name, *version;
  const char *error; /* NULL: none; of the object, or of documents that were refused */
  bool done;         /* all its documents of this version were offered */
  bool failed;       /* done, but not read to its end */
  int64_t position;  /* documents of this version that are written; messages that were read */
};

/* ---- documents (source_docs.c) --------------------------------------------------------------- */

/* RS_NOT_FOUND, without a text. Texts live in the arena. */
enum rs_code rs_source_get(struct rs_session *s, const char *workspace, const char *collection,
                           const char *id, struct rs_arena *a, struct rs_source *x,
                           struct rs_error *e);
enum rs_code rs_source_put(struct rs_session *s, const struct rs_source *x, struct rs_error *e);
/* With what is known of its objects. */
enum rs_code rs_source_drop(struct rs_session *s, const struct rs_source *x, struct rs_error *e);
typedef enum rs_code (*rs_source_fn)(void *ctx, struct rs_source *x);
/* Of a collection; NULLs: all there are. */
enum rs_code rs_sources_each(struct rs_session *s, const char *workspace, const char *collection,
                             struct rs_arena *a, rs_source_fn fn, void *ctx, struct rs_error *e);
/* Objects by name (in the arena); rs_map_free afterwards. */
enum rs_code rs_source_objects(struct rs_session *s, const struct rs_source *x, struct rs_arena *a,
                               struct rs_map *all, struct rs_error *e);
/* What is kept of it: a document of the target's own, in the arena. */
enum rs_code rs_source_object_doc(const struct rs_source *x, const struct rs_source_object *o,
                                  struct rs_arena *a, struct rs_control_doc *doc,
                                  struct rs_error *e);
/* As the API shows it. */
void rs_source_write(struct rs_buf *b, const char *key, const struct rs_source *x);
/* How far a topic is read: StatusKafka. */
void rs_source_write_stream(struct rs_buf *b, const char *key, const struct rs_source *x);
/* An ISO 8601 duration, or 30min, 2h, 90s, 1d; in seconds; -1: it is none. */
int64_t rs_duration(const char *text);
/* Seconds since 1970 of 2026-11-21T08:15:30Z; 0: it is none. */
int64_t rs_source_time(const char *text);
void rs_source_time_text(int64_t seconds, char out[40]);

/* ---- places ---------------------------------------------------------------------------------- */

/* Where it reads. */
struct rs_place_spec rs_source_place(const struct rs_source *x);
/* Adds the integration's keys (name NULL: none); texts in the arena. RS_NOT_FOUND: there is none;
** RS_INVALID: it is of another kind; RS_AUTH: they can't be opened (integrations.c). */
enum rs_code rs_integration_keys(struct rs_session *s, const struct rs_sources *all,
                                 const char *name, struct rs_arena *a, struct rs_place_spec *spec,
                                 struct rs_error *e);
/* The same for brokers: servers and keys. Also RS_INVALID: it is not for spec->topic. */
enum rs_code rs_integration_brokers(struct rs_session *s, const struct rs_sources *all,
                                    const char *name, struct rs_arena *a,
                                    struct rs_kafka_spec *spec, struct rs_error *e);

/* ---- sources of a new collection (sources.c) ------------------------------------------------- */

struct rs_source_list {
  struct rs_source *v;
  size_t n;
};
/* `sources` of a request that makes the collection; refuses what is wrong. */
enum rs_code rs_sources_read(struct rs_request *q, const cJSON *j, struct rs_source_list *out);
enum rs_code rs_sources_put(struct rs_request *q, struct rs_session *s,
                            const struct rs_relation *rel, const struct rs_source_list *list);
/* "workspace\nname" -> the JSON of its sources; rs_map_free afterwards. */
enum rs_code rs_sources_all(struct rs_request *q, struct rs_session *s, const char *workspace,
                            struct rs_map *all);
#endif
