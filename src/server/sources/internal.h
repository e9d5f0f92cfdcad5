/*
** What the files of src/server/sources share: a place's insides, and what each kind has to do.
*/
#ifndef RS_SERVER_SOURCES_INTERNAL_H
#define RS_SERVER_SOURCES_INTERNAL_H
#include "places.h"
#include "src/net/http.h"

enum { PLACE_OBJECTS_MAX = 1000000 };
#define PLACE_OBJECT_BYTES ((int64_t)5 << 30) /* of one object that is fetched */

struct rs_place {
  struct rs_arena arena; /* of the place */
  struct rs_arena names; /* of the list */
  const struct rs_places *all;
  struct rs_place_spec spec;
  enum rs_place_kind kind;
  struct rs_object *v;
  size_t n, cap;
  const char *path;     /* a folder's below the operator's; a URL's; "/bucket" or "" */
  const char *origin;   /* scheme://host:port */
  struct rs_http *http; /* NULL: a folder */
  atomic_bool cancelled;
};

/* Adds to the list what prefix and pattern let through; copies. */
enum rs_code rs_place_add(struct rs_place *p, const char *name, const char *version, int64_t size,
                          struct rs_error *e);
/* The answer's body, written to a file without a name. */
enum rs_code rs_place_download(struct rs_place *p, const struct rs_http_request *r,
                               const struct rs_object *o, int *fd, struct rs_object *is,
                               struct rs_error *e);
/* An error of the answer's status, about `name`. */
enum rs_code rs_place_status(const struct rs_place *p, const char *name, int status,
                             struct rs_error *e);
/* The version that headers of an answer give; NULL: out of memory. */
const char *rs_place_version(struct rs_place *p, struct rs_arena *a);

enum rs_code rs_folder_check(const struct rs_places *all, const char *path, struct rs_error *e);
enum rs_code rs_folder_list(struct rs_place *p, struct rs_error *e);
enum rs_code rs_folder_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                             struct rs_object *is, struct rs_error *e);

enum rs_code rs_web_open(struct rs_place *p, struct rs_error *e);
enum rs_code rs_web_list(struct rs_place *p, struct rs_error *e);

enum rs_code rs_bucket_open(struct rs_place *p, struct rs_error *e);
enum rs_code rs_bucket_list(struct rs_place *p, struct rs_error *e);
enum rs_code rs_bucket_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                             struct rs_object *is, struct rs_error *e);
#endif
