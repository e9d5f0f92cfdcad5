/*
** Where the documents of a collection's sources come from: places with objects (files, keys of a
** bucket, one URL), and the documents in an object.
**
**   hosts.h       which hosts may be asked
**   places.h      a place: what is in it, and an object's contents as a file
**     place.c       what `bucket` says, patterns
**     folder.c      files below the folder that the operator has opened
**     web.c         one URL
**     bucket.c      S3, and servers that speak its protocol
**   documents.h   the documents of an object: JSON, CSV, Parquet
**   kafka.h       a topic, whose messages are documents
**   seal.h        secrets that are kept
**
** Nobody here knows requests, collections or what is kept of a source.
**
** `bucket` of a source says which place it is:
**
**   file://a/b             the folder a/b below the operator's; file:// is that folder itself
**   https://host/path      one object
**   anything else          a bucket of S3
**
** Not to be included together with server/http's room: src/net has names of its own.
**
** Threads: struct rs_places does not change; a place belongs to one thread, but for
** rs_place_cancel. Blocking: list and fetch. Memory: names live until the place is closed. Errors:
** texts name object, host and port, never a query string or a secret.
*/
#ifndef RS_SERVER_SOURCES_PLACES_H
#define RS_SERVER_SOURCES_PLACES_H
#include <stdatomic.h>
#include <stdint.h>
#include "hosts.h"

/* What the operator allows. Borrows. */
struct rs_places {
  const char *folder;      /* absolute, without symbolic links; NULL: no files */
  const char *s3_endpoint; /* http(s)://host[:port]; NULL: Amazon's own */
  struct rs_hosts hosts;   /* of URLs */
};

/* Where a source's objects are. Texts may be NULL, but for bucket. */
struct rs_place_spec {
  const char *bucket;
  const char *prefix, *pattern; /* of names; at most one of them */
  const char *region;
  const char *key_id, *secret; /* of S3; both or none */
};

enum rs_place_kind { RS_PLACE_FOLDER, RS_PLACE_WEB, RS_PLACE_BUCKET };
enum rs_place_kind rs_place_kind(const char *bucket);
/* Could it be opened? Asks nobody. RS_INVALID; RS_FORBIDDEN, with the way out. */
enum rs_code rs_place_check(const struct rs_places *all, const struct rs_place_spec *spec,
                            struct rs_error *e);

struct rs_object {
  const char *name;
  const char *version; /* another one: it has changed */
  int64_t size;        /* bytes; -1: unknown */
};

struct rs_place;
/* Checks. Returns owned (rs_place_close). Copies spec. */
enum rs_code rs_place_open(const struct rs_places *all, const struct rs_place_spec *spec,
                           struct rs_place **pp, struct rs_error *e);
void rs_place_close(struct rs_place *p); /* NULL is fine */
/* What is there now, by name; valid until the next list. RS_LIMIT: too much. */
enum rs_code rs_place_list(struct rs_place *p, const struct rs_object **v, size_t *n,
                           struct rs_error *e);
/* A regular file with the object's contents, to be read from its beginning; the caller closes *fd.
** *is: what was fetched, whose version may differ from what was listed. */
enum rs_code rs_place_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                            struct rs_object *is, struct rs_error *e);
/* From any thread: what is under way, and whatever comes, fails with RS_CANCELLED. */
void rs_place_cancel(struct rs_place *p);

/* Does the name match? `*` and `?` stay within a segment of a path, `**` does not; [a-z], {a,b}. */
bool rs_pattern_matches(const char *pattern, const char *name);
#endif
