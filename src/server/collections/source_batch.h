/*
** What visits of sources share (source_visit.c of places, source_stream.c of topics): the visit
** itself, the document of its source, and the documents on their way into the collection.
**
** All of it belongs to the visit's thread, but for what is said. What fails in the target goes into
** v->kept and ends the visit.
*/
#ifndef RS_SERVER_COLLECTIONS_SOURCE_BATCH_H
#define RS_SERVER_COLLECTIONS_SOURCE_BATCH_H
#include "source_visit.h"
#include "src/server/sources/documents.h"

struct rs_visit {
  struct rs_backend *backend;
  struct rs_resources *resources;
  struct rs_sources *all;
  struct rs_arena arena; /* of the visit */
  struct rs_source x;    /* as it was when the visit began */
  struct rs_request q;   /* what handlers of documents have: nobody waits for it */
  pthread_t thread;
  atomic_bool ended;
  atomic_bool is_cancelled;
  pthread_mutex_t mutex; /* `place`, which others cancel */
  struct rs_place *place;

  struct rs_tail *stream; /* of a topic (source_stream.c); the rest up to `batch` is of places */

  struct rs_map known; /* objects: struct rs_source_object */
  struct rs_format format;

  /* the object that is being read */
  struct rs_source_object *object;
  int64_t at, skip; /* documents: seen; written by an earlier visit */
  int64_t refused;
  struct rs_arena batch; /* documents to be written */
  struct rs_document *docs;
  size_t ndocs, docs_cap, bytes;

  int64_t told_ms;  /* when its status was written */
  int64_t items;    /* objects read since then */
  const char *item; /* the last one of the visit */

  bool over;            /* the source is there no more, or suspended */
  struct rs_error why;  /* of the visit: its place can't be read */
  struct rs_error kept; /* the target failed */
};

/* The session of its request; the same, and v->known is read. */
enum rs_code rs_visit_session(struct rs_visit *v, struct rs_session **s);
enum rs_code rs_visit_read_known(struct rs_visit *v, struct rs_session **s);

/* Of a struct rs_visit: over, cancelled, or the server stops. */
bool rs_visit_is_stopped(void *visit);

/* Texts live in `a`, or longer. */
typedef void rs_source_change(struct rs_visit *v, struct rs_source *x, struct rs_arena *a);
/* In the source as it is now: it may have been changed meanwhile, suspended, or deleted. fn NULL:
** only looks. */
enum rs_code rs_visit_change(struct rs_visit *v, rs_source_change *fn, struct rs_error *e);

/* Adds a document, JSON `{...}`, copied; without an `_id` it gets one that is made of the source,
** the place in it and the position there. */
enum rs_code rs_visit_add(struct rs_visit *v, const char *json, size_t n, const char *place,
                          int64_t at);
/* There are as many as are written at once. */
bool rs_visit_is_full(const struct rs_visit *v);
/* Writes them, if there are any, and in the same transaction how far o is read; unless the source
** has gone or is suspended: RS_CANCELLED. v->docs tell which were refused. */
enum rs_code rs_visit_write(struct rs_visit *v, const struct rs_source_object *o);
/* Only keeps what is known of it. */
enum rs_code rs_visit_keep(struct rs_visit *v, const struct rs_source_object *o);
void rs_visit_forget(struct rs_visit *v);

/* Reads a topic until it is stopped, or can't be read in this way (source_stream.c). */
enum rs_code rs_visit_stream(struct rs_visit *v);
#endif
