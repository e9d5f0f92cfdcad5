/*
** What the rooms of the API's objects (resources, collections, schedules) share: names and
** existence, descriptions kept beside relations, the JSON of objects that appear in each other.
**
** Blocks on the request's session. Texts live in the request's arena.
*/
#ifndef RS_SERVER_RESOURCES_SHARED_H
#define RS_SERVER_RESOURCES_SHARED_H
#include "src/base/map.h"
#include "src/server/auth/auth.h"
#include "resources.h"

struct rs_resources {
  struct rs_known *known; /* NULL: nothing is remembered */
  struct rs_batches *batches;
  pthread_mutex_t instances_mutex; /* instance_docs.c */
  pthread_mutex_t rollups_mutex;   /* one request at a time adds to groups (ingest.c) */
  struct rs_schedules *schedules;
  struct rs_sources *sources;
  bool public_lambdas; /* may lambdas be public? */
};

enum { RS_ENTITY_MAX = 255 };

/* RS_INVALID (400) unless the name is letters, digits, `_`, `-`, `.`. */
enum rs_code rs_check_name(struct rs_request *q, const char *what, const char *name);
/* Whether official clients can read a list that holds this name. */
bool rs_is_plain_name(const char *name);
/* May who asks see what is in that workspace? Lists hide the others. */
bool rs_may_list(const struct rs_request *q, const char *workspace);
/* 404 unless the workspace exists. */
enum rs_code rs_need_workspace(struct rs_request *q, struct rs_session *s, const char *workspace);
/* 404 unless it is a relation of this kind (TABLE: an alias of one will do when `or_alias`). */
enum rs_code rs_need_relation(struct rs_request *q, struct rs_session *s,
                              const struct rs_relation *rel, enum rs_relation_kind kind,
                              bool or_alias);
/* The session, and the relation that the path names, which must be of this kind. */
enum rs_code rs_need_path(struct rs_request *q, struct rs_session **s, struct rs_relation *rel,
                          enum rs_relation_kind kind);
/* 409 if a view reads the relation (views.c). */
enum rs_code rs_need_unread(struct rs_request *q, struct rs_session *s,
                            const struct rs_relation *rel);
/* The relation that the path names: arg[0] workspace, arg[1] name. */
struct rs_relation rs_path_relation(const struct rs_request *q);

/* Runs in one transaction, where the engine has them; again, if another one was faster. */
typedef enum rs_code (*rs_work)(struct rs_request *q, struct rs_session *s, void *arg);
enum rs_code rs_in_transaction(struct rs_request *q, struct rs_session *s, rs_work work, void *arg);

/* What is kept beside a relation; all NULL when nothing is. */
struct rs_meta {
  const char *description, *created_at, *modified_at, *created_by_key, *sql, *entities, *extra;
  const char *definition; /* of a collection (definition.h), as text */
};
enum rs_code rs_meta_get(struct rs_request *q, struct rs_session *s, const char *kind,
                         const struct rs_relation *rel, struct rs_meta *m);
enum rs_code rs_meta_put(struct rs_request *q, struct rs_session *s, const char *kind,
                         const struct rs_relation *rel, const struct rs_meta *m);
/* All of a kind: "workspace\nname" -> its body (in the request's arena). rs_map_free afterwards. */
enum rs_code rs_meta_all(struct rs_request *q, struct rs_session *s, const char *kind,
                         const char *workspace, struct rs_map *all);
enum rs_code rs_meta_from(struct rs_request *q, const struct rs_map *all, const char *workspace,
                          const char *name, struct rs_meta *m);
/* The user whose key made something then. Without a key, as what is there from the start, it was
** the server's own; NULL: that key is there no more. */
const char *rs_creator(struct rs_request *q, const char *key_name, const char *made_at);
/* "2026-11-21T08:15:30Z" in the arena; NULL when out of memory. */
const char *rs_now_text(struct rs_request *q);

/* ---- definitions, remembered (known.c) ------------------------------------------------------- */

/* *pk NULL: the target can't be remembered. */
enum rs_code rs_known_open(const struct rs_backend *v, struct rs_known **pk, struct rs_error *e);
void rs_known_close(struct rs_known *k); /* NULL is fine */
/* For who writes documents: rs_need_relation for a collection or an alias of one, to which he then
** may write. *definition (may be NULL; in the arena):
** what documents that are added meet there (rs_definition_unpack); NULL: nothing. */
enum rs_code rs_known_need_table(struct rs_request *q, const struct rs_relation *rel,
                                 const char **definition);
/* rs_session_lambda_find on the request's session. */
enum rs_code rs_known_lambda(struct rs_request *q, const struct rs_lambda_ref *ref,
                             struct rs_lambda *l);

/* ---- virtual instances (instance_docs.c) ----------------------------------------------------- */

#define RS_INSTANCE_SIZE_NEW "SMALL" /* where none is asked for */

/* What is kept of one; texts in the arena of who reads it, NULL when they are not there. */
struct rs_instance_doc {
  struct rs_vi vi;
  bool forgets_mounts; /* once it is suspended */
  const char *description, *class, *created_at, *created_by, *resumed_at;
};

/* Its document, and what memory has of it (vi). */
enum rs_code rs_instance_load(struct rs_session *s, struct rs_arena *a, const struct rs_vi *vi,
                              struct rs_instance_doc *x, struct rs_error *e);
enum rs_instance_keep { RS_INSTANCE_STAYS, RS_INSTANCE_UNMOUNTS, RS_INSTANCE_GOES };
/* With the mutex; memory is told afterwards. In one transaction, where the engine has them. */
enum rs_code rs_instance_keep(struct rs_session *s, const struct rs_instance_doc *x,
                              enum rs_instance_keep how, struct rs_error *e);
enum rs_code rs_instance_keep_default(struct rs_session *s, const char *id, struct rs_error *e);
/* Reads all into memory. */
enum rs_code rs_instances_load(struct rs_backend *v, struct rs_session *s, struct rs_error *e);

/* ---- writes of several requests (batches.c) -------------------------------------------------- */

enum rs_code rs_batches_open(struct rs_batches **pb, struct rs_error *e);
void rs_batches_close(struct rs_batches *b); /* NULL is fine */
/* rs_session_write, maybe in one transaction with what other requests write; statuses and
** texts as if it had been alone. Gives the request's session back. With q->along in a transaction
** of its own, in which that document is kept, too: both are there afterwards, or neither is; then
** q->along is NULL. */
enum rs_code rs_batches_write(struct rs_request *q, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              const char **offset);

/* ---- work that no request asks for (src/server/background.c) --------------------------------- */

/* Does what is due now. Takes its sessions from the pool with `watch`, which stops them when the
** server is to end at once, and tells the backend of what it has changed (rs_backend_changed). */
typedef enum rs_code rs_background_job(struct rs_backend *v, struct rs_resources *r,
                                       struct rs_watch *watch, struct rs_error *e);
/* Suspends virtual instances that were idle for their time (instance_docs.c). */
rs_background_job rs_instances_run;

/* ---- public query lambdas (public.c) --------------------------------------------------------- */

/* is_public of a body; refused where the server does not allow it. */
enum rs_code rs_public_read(struct rs_request *q, const cJSON *j, bool *is_public);
/* The ids of a workspace's public versions (NULL: of all), for rs_public_id; rs_map_free
** afterwards, also after an error. */
enum rs_code rs_public_ids(struct rs_request *q, const char *workspace, struct rs_map *ids);
/* In the request's arena; NULL: it is not public. */
const char *rs_public_id(struct rs_request *q, const struct rs_map *ids, const struct rs_lambda *l);
enum rs_code rs_public_add(struct rs_request *q, struct rs_session *s, const struct rs_lambda *l);
/* A version is dropped, or without one a lambda. */
enum rs_code rs_public_forget(struct rs_request *q, struct rs_session *s,
                              const struct rs_lambda_ref *ref);
/* Runs it for who has no key (lambdas.c). */
enum rs_code rs_lambda_run_public(struct rs_request *q, const struct rs_lambda_ref *ref);

/* ---- events (events.c) ----------------------------------------------------------------------- */

struct rs_event {
  const char *label, *kind, *type, *details;
  const char *user_email;              /* NULL: the server's own */
  const char *query_lambda, *query_id; /* NULL: not of one */
  const char *api_key_name;            /* likewise */
  struct rs_relation collection;       /* likewise, its name */
};
/* Adds it to commons._events. */
enum rs_code rs_event_add(struct rs_backend *v, struct rs_session *s, const struct rs_event *ev,
                          struct rs_error *e);
/* ---- objects --------------------------------------------------------------------------------- */

void rs_write_alias(struct rs_request *q, struct rs_buf *b, const char *key,
                    const struct rs_alias *a);
/* The virtual instance, by id, RRN or name; 404 (instances.c). */
enum rs_code rs_instance_find(struct rs_request *q, const char *word, struct rs_vi *out);
/* Queries that name none run there from now on. */
enum rs_code rs_set_default_instance(struct rs_request *q, const char *word);
#endif
