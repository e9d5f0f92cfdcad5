/*
** What a collection's definition asks for beside its name and description: how its documents come
** in, and how long they stay.
**
**   definition.c      read from a request, kept beside the collection, shown
**   ingest.c          the documents of a request on their way into a collection that has one
**   inserted.c        the same for rows of INSERT INTO
**   event_time.c      `_event_time` out of a field
**   retention.c       documents that have become too old, by the clock
**
** Blocks on the request's session, but for definition.c. Texts live in the request's arena.
*/
#ifndef RS_SERVER_COLLECTIONS_DEFINITION_H
#define RS_SERVER_COLLECTIONS_DEFINITION_H
#include "collections.h"

struct rs_definition {
  int64_t retention_secs; /* 0: documents are kept */
  const char *time_field; /* event_time_info; NULL: none */
  enum rs_time_format { RS_TIME_ANY, RS_TIME_SECONDS, RS_TIME_MILLISECONDS } time_format;
  const char *time_zone;  /* NULL: UTC */
  const char *sql;        /* field_mapping_query; NULL: none */
  const char *clustering; /* JSON array; NULL: none */
};

/* Of a request that creates a collection; refuses what is wrong. */
enum rs_code rs_definition_read(struct rs_request *q, const cJSON *j, struct rs_definition *d);
/* A changed field_mapping_query: d->sql becomes it; *given: whether there is one. An empty text
** takes it away. */
enum rs_code rs_definition_change(struct rs_request *q, const cJSON *j, struct rs_definition *d,
                                  bool *given);
/* As text for rs_meta.definition, NULL: it asks for nothing; and back, which works in the arena. */
enum rs_code rs_definition_pack(struct rs_request *q, const struct rs_definition *d,
                                const char **text);
enum rs_code rs_definition_unpack(struct rs_arena *a, const char *text, struct rs_definition *d,
                                  struct rs_error *e);
/* The members of a collection's JSON. */
void rs_definition_write(struct rs_buf *b, const struct rs_definition *d);

/* RS_INVALID (400), with the place, unless the target can run the transformation. */
enum rs_code rs_ingest_check(struct rs_request *q, struct rs_session *s,
                             const struct rs_definition *d);
/* 400 if the collection is a rollup. */
enum rs_code rs_ingest_refuse_patch(struct rs_request *q, const struct rs_relation *rel,
                                    const struct rs_definition *d);
/* 400 if one of the two transformations (NULL: none) is a rollup's. */
enum rs_code rs_ingest_check_change(struct rs_request *q, const char *before, const char *after);
/* rs_batches_write of documents that are added, as the definition wants them; statuses are those
** of the documents given. */
enum rs_code rs_ingest_write(struct rs_request *q, const struct rs_relation *rel,
                             const struct rs_definition *d, struct rs_document *docs, size_t n,
                             const char **offset);
/* A document that can't be taken: its status and text. */
enum rs_code rs_ingest_refuse(struct rs_request *q, struct rs_document *doc, const char *why);

/* RS_INVALID (400): no time zone that the target knows. */
enum rs_code rs_event_time_check(struct rs_request *q, const struct rs_definition *d);
/* Gives the documents their `_event_time`; those that have none to read are refused. */
enum rs_code rs_event_time_apply(struct rs_request *q, const struct rs_definition *d,
                                 struct rs_document *docs, size_t n);
#endif
