/*
** What a target holds beside relations and rows: aliases, query lambdas, documents that are written
** by their `_id`, and what runs on it. Part of the waist, as engine.h is.
**
** A SQL engine keeps this in its schema `_rockset` (engine/sql/control.h says how), hidden from
** user SQL, so that the extension and every rocksetd over one target agree; Rockset's REST API has
** it itself. An engine that lacks one of these answers RS_UNSUPPORTED, naming the target.
**
** Threads, blocking, errors: as the session functions of engine.h. Texts given to a callback are
** borrowed for the call; the callback may use the session. A callback's code other than RS_OK ends
** the list and is returned. Times are ISO-8601 in UTC (`2026-11-21T08:15:30Z`) or NULL.
*/
#ifndef RS_ENGINE_CONTROL_H
#define RS_ENGINE_CONTROL_H
#include "src/base/arena.h"
#include "engine.h"

/* Whether something may, must or must not exist before. */
enum rs_put { RS_PUT_CREATE, RS_PUT_UPDATE, RS_PUT_EITHER };

/* ---- aliases --------------------------------------------------------------------------------- */

/* A second name of a collection, switched atomically: readers see the old or the new one. One of
** several collections reads the documents of all; nothing is written by it. */
struct rs_alias {
  const char *workspace;
  const char *name;
  const char *const *collections; /* "workspace.name" of each that it stands for, in their order */
  size_t ncollections;
  const char *description;
  const char *created_at, *modified_at;
  const char *creator;
};
typedef enum rs_code (*rs_alias_fn)(void *ctx, const struct rs_alias *a);

/* By workspace and name; workspace NULL: of all. */
enum rs_code rs_session_aliases(struct rs_session *s, const char *workspace, rs_alias_fn fn,
                                void *ctx, struct rs_error *e);
/* RS_NOT_FOUND: a collection of it (or, with RS_PUT_UPDATE, the alias) does not exist; RS_EXISTS: the
** name is a collection's or a view's, or with RS_PUT_CREATE an alias's; RS_UNSUPPORTED: it is of
** several, and the engine can't read them as one. */
enum rs_code rs_session_put_alias(struct rs_session *s, const struct rs_alias *a, enum rs_put put,
                                  struct rs_error *e);
/* rs_session_drop drops one. */

/* ---- query lambdas --------------------------------------------------------------------------- */

/* One version of a stored, parameterized query. Versions never change. */
struct rs_lambda {
  const char *workspace;
  const char *name;
  const char *version;     /* 16 lower-case hex digits; given by the target */
  const char *sql;         /* Rockset SQL */
  const char *parameters;  /* JSON array of {"name","type","value"}: the defaults, in order */
  const char *description; /* NULL: none */
  const char *created_at;
  const char *creator;
  int64_t versions; /* how many the lambda has; 0 unknown */
};
typedef enum rs_code (*rs_lambda_fn)(void *ctx, const struct rs_lambda *l, const char *tag);

/* What a list has. */
enum rs_lambda_list {
  RS_LAMBDAS,         /* the latest version of each, by workspace and name */
  RS_LAMBDA_VERSIONS, /* those of one, oldest first */
  RS_LAMBDA_TAGS      /* those of one by name (with `latest`); only here `tag` is set */
};
/* of: one lambda (RS_NOT_FOUND: there is none), or the workspace of all; NULL: all there are. */
enum rs_code rs_session_lambdas(struct rs_session *s, enum rs_lambda_list what,
                                const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                                struct rs_error *e);

/* Which version: by its id or by a tag; both NULL: the tag `latest`. Borrows. */
struct rs_lambda_ref {
  struct rs_relation lambda;
  const char *version;
  const char *tag;
  const char *sql; /* rs_session_lambda_query: this Rockset SQL, of no lambda; else NULL */
};
/* Texts of *out live in the arena. */
enum rs_code rs_session_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_arena *a, struct rs_lambda *out, struct rs_error *e);
/* Makes a new version of l->sql, l->parameters, l->description and moves the tag `latest` to it;
** fills the other fields of *l (texts in the arena). Makes a missing workspace. */
enum rs_code rs_session_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                                   struct rs_arena *a, struct rs_error *e);
/* Sets or moves a tag. */
enum rs_code rs_session_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                                   const char *tag, const char *version, struct rs_error *e);
/* version and tag NULL: the whole lambda; version: that one (and its tags); tag: the tag only. */
enum rs_code rs_session_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_error *e);

/* A parameter by name; a value that is text may carry a Rockset type name ("date", "int"; NULL: by
** the value's kind). Borrows. */
struct rs_named_param {
  const char *name;
  const char *type;
  struct rs_value value;
};
/* Runs it; parameters that are not given take their defaults (RS_INVALID: one has none, or the
** lambda has no such parameter). Returns owned in *pr, as rs_session_query. */
enum rs_code rs_session_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                     const struct rs_named_param *params, size_t n,
                                     struct rs_rows **pr, struct rs_error *e);

/* ---- documents ------------------------------------------------------------------------------- */

enum rs_write_op {
  RS_WRITE_ADD,    /* a JSON object; replaces the document of the same _id; _id made when absent */
  RS_WRITE_PATCH,  /* {"_id": ..., "patch": [JSON patch operations]}: all of them or none */
  RS_WRITE_DELETE, /* {"_id": ...} */
  /* A moment, in microseconds since 1970: all with an earlier `_event_time` go. RS_WRITTEN_NOT:
  ** there were none. */
  RS_WRITE_EXPIRE
};
enum rs_write_status {
  RS_WRITTEN_NOT,
  RS_WRITTEN_ADDED,
  RS_WRITTEN_REPLACED,
  RS_WRITTEN_PATCHED,
  RS_WRITTEN_DELETED,
  RS_WRITTEN_ERROR,
  RS_WRITTEN_UNKNOWN /* sent, and no answer came: adding it again with its id is harmless */
};
struct rs_document {
  const char *json; /* borrows: one JSON text */
  size_t n;
  enum rs_write_status status; /* out */
  const char *id;              /* out, in the arena: its _id; NULL unknown */
  const char *error;           /* out, in the arena: why RS_WRITTEN_ERROR */
};
/*
** Writes documents in order; the last one of an _id wins. Documents have no schema: new fields
** become columns, a field whose type differs widens its column or makes it mixed. What is wrong
** with one document is its status and does not stop the others. An error return is about the whole
** call; the statuses then say what was written, and the error how many. In a transaction of the
** caller that has changed rows of the collection before, documents that need other columns make
** DuckDB refuse the commit: one call a transaction. *offset (may be NULL; in the arena): a fence
** for readers, or NULL.
*/
enum rs_code rs_session_write(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              struct rs_arena *a, const char **offset, struct rs_error *e);

/* Documents as rows of a query that no collection holds. */
struct rs_doc_rows {
  const char *sql;           /* a query of the engine's, with one marker */
  struct rs_value param;     /* for the marker */
  struct rs_columns columns; /* of its rows, but for sidecars; owned: rs_columns_free */
  const char *number;        /* of these the one with the document's index; no field has its name */
  bool *left;                /* of each document: it has no row, but needs a query of its own */
};
#define RS_INPUT_NUMBER "~number" /* what that name begins with */
/*
** A row for each of the documents, with the fields as a collection's columns have them, `_id` and
** `_event_time` where the document has its own. Documents whose fields have other types than those
** in front of them are left out: a column has the type of each one's value. What is no document is
** refused, by its status, and has no row. Sends nothing. Texts of *out and of statuses lie in the
** arena. RS_UNSUPPORTED: the engine has no such rows.
*/
enum rs_code rs_session_input(struct rs_session *s, struct rs_document *docs, size_t n,
                              struct rs_arena *a, struct rs_doc_rows *out, struct rs_error *e);

/* ---- fields of documents --------------------------------------------------------------------- */

/* Texts are borrowed for the call. */
struct rs_field_count {
  const char *path; /* JSON strings, comma-separated; "*" stands for an array's elements */
  const char *type; /* Rockset's name: int, string, object ... */
  int64_t occurrences, total; /* documents that have it so; that have what it lies in */
};
typedef enum rs_code (*rs_field_fn)(void *ctx, const struct rs_field_count *f);
/* The fields of a collection by path and type, to a depth of so many levels; one query counts all
** of them. RS_INVALID: a view; RS_LIMIT: too many. Works in the arena.
** (engine/documents/describe.c, the same for every engine.) */
enum rs_code rs_session_fields(struct rs_session *s, const struct rs_relation *rel, int64_t depth,
                               struct rs_arena *a, rs_field_fn fn, void *ctx, struct rs_error *e);
/* ---- documents about things of the target ---------------------------------------------------- */

/* Kinds in use. Documents of the first five belong to a relation: they go when it is dropped or
** becomes something else. Those of the workspace kind, and lambdas, go with their workspace. */
#define RS_CONTROL_ALIAS "alias"
#define RS_CONTROL_VIEW "view"             /* a view's original text, description ... */
#define RS_CONTROL_COLLECTION "collection" /* its description ... */
#define RS_CONTROL_MODEL "model"           /* a model has built it (engine/sql/model.c) */
#define RS_CONTROL_MOUNT "mount"           /* sub: the virtual instance that may read it */
#define RS_CONTROL_WORKSPACE "workspace"   /* name is '' */
#define RS_CONTROL_LAMBDA "lambda"         /* sub: the version */
#define RS_CONTROL_TAG "lambda_tag"        /* sub: the tag */
#define RS_CONTROL_API_KEY "api_key"       /* workspace is '' */
#define RS_CONTROL_INSTANCE "instance"     /* workspace is '', name the virtual instance's id */
#define RS_CONTROL_SETTING "setting"       /* of rocksetd; workspace is '' */
#define RS_CONTROL_SCHEDULE "schedule"     /* of a query lambda; name is its id */
#define RS_CONTROL_PUBLIC "public_lambda"  /* name is the id that runs it without a key */

/* These two belong to a relation as well: where a collection's documents come from (sub: the id of
** the source), and what is read of its objects (sub: ID:HASH). */
#define RS_CONTROL_SOURCE "source"
#define RS_CONTROL_SOURCE_OBJECT "source_object"
/* Keys of other systems; workspace is ''. */
#define RS_CONTROL_INTEGRATION "integration"

struct rs_control_doc {
  const char *kind, *workspace, *name, *sub; /* never NULL in a document; of a filter: NULL = any */
  const char *body;                          /* JSON text */
  const char *changed_at;                    /* 2026-11-21T08:15:30Z */
  const char *database;                      /* where it lies; NULL: the target's own */
};
typedef enum rs_code (*rs_control_fn)(void *ctx, const struct rs_control_doc *doc);

/* Those that match, by kind, workspace, name, sub: none of a target that keeps no such documents.
** Texts are borrowed for the call, which may use the session. */
enum rs_code rs_session_kept_docs(struct rs_session *s, const struct rs_control_doc *filter,
                                  rs_control_fn fn, void *ctx, struct rs_error *e);
/* Adds or replaces the document (changed_at is set). body NULL: removes those that match; none is
** no error. RS_UNSUPPORTED: the target keeps none. */
enum rs_code rs_session_keep_doc(struct rs_session *s, const struct rs_control_doc *doc,
                                 struct rs_error *e);

/* ---- what runs ------------------------------------------------------------------------------- */

struct rs_instance {
  const char *id, *name, *state, *size, *description;
  bool is_default;
};
enum rs_code rs_session_instances(struct rs_session *s,
                                  enum rs_code (*fn)(void *ctx, const struct rs_instance *i),
                                  void *ctx, struct rs_error *e);
struct rs_running_query {
  const char *id, *status, *sql, *submitted_at, *executed_by;
};
enum rs_code rs_session_running(struct rs_session *s,
                                enum rs_code (*fn)(void *ctx, const struct rs_running_query *q),
                                void *ctx, struct rs_error *e);
#endif
