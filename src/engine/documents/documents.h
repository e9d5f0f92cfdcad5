/*
** Documents by `_id` as engines write them: what a call of rs_session_write (engine/control.h)
** wants, before it is rows of an engine.
**
**   documents.c    the documents of a call: read, indexed by `_id`; and their statuses
**   value.c        a document's values; typed ones ({"__rockset_type": ...}) become marked strings
**   box.c          values as the tagged texts of fields of several types (src/value/boxed.h)
**   side.c         which values need such a text beside their column, and back
**   fields.c, types.c   the fields of all documents of a call, and their types
**   patch_plan.c, json_patch.c   patches: the fields they name, the operations
**   ids.c          an `_id` that stands for several rows is refused
**   describe.c     the fields that a collection has (rs_session_fields)
**   input.c        documents as rows of a query (rs_session_input)
**   load.c         files as documents of a new table
**   merge.c        rows of a query as documents: their columns and the collection's become one
**   mixed.c        columns of several types, arrays or objects among them
**
** What is left is the engine's own, three functions (struct rs_doc_ops): add, patch and remove the
** documents of a call. DuckDB's are here as well (rows.c, stage.c, columns.c, sql.c, patch.c), with
** what they share in internal.h; Trino's are in engine/trino/documents.c. engine/sql/documents.c
** runs them, under the collection's lock.
**
** Callers: engines, and what they share. Memory: everything lies in the arena of the call, and its
** documents outlive it. Threads: those of the session's caller; nothing here blocks but what asks a
** session. Errors: a document that is wrong is refused by itself (rs_doc_refuse); the others fail
** the call. Type names are DuckDB's.
*/
#ifndef RS_ENGINE_DOCUMENTS_DOCUMENTS_H
#define RS_ENGINE_DOCUMENTS_DOCUMENTS_H
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/engine/control.h"
#include "src/engine/statements.h"

/* ---- limits, as Rockset has them ------------------------------------------------------------- */

#define RS_DOC_BYTES_MAX ((size_t)40 << 20)
#define RS_DOC_VALUE_MAX ((size_t)4 << 20)
#define RS_DOC_NAME_MAX 10240 /* of a field's name and of _id */
#define RS_DOC_DEPTH_MAX 30
#define RS_DOC_MEMBERS_MAX 200 /* of a nested object that is a STRUCT; larger ones are JSON */

/* ---- values (value.c) ---------------------------------------------------------------- */

/* Kinds of values. The first four are the bits of engine/load/load.h's mixes. As marks: of numbers
** INT or DOUBLE, of strings what a typed value was, of objects RAW. */
enum {
  RS_DOC_BOOL = 1,
  RS_DOC_INT = 2,
  RS_DOC_DOUBLE = 4,
  RS_DOC_TEXT = 8,
  RS_DOC_OBJECT = 16,
  RS_DOC_ARRAY = 32,
  RS_DOC_DATE = 64,
  RS_DOC_TIME = 128,
  RS_DOC_DATETIME = 256,
  RS_DOC_TIMESTAMP = 512,
  RS_DOC_MONTHS = 1024, /* an interval; the string holds the number */
  RS_DOC_MICROS = 2048,
  RS_DOC_BYTES = 4096, /* the string is base64 */
  RS_DOC_RAW = 8192    /* geography, u256: kept as the typed value that it is */
};
#define RS_DOC_MOMENTS (RS_DOC_DATE | RS_DOC_DATETIME | RS_DOC_TIMESTAMP)
#define RS_DOC_TIMES (RS_DOC_MOMENTS | RS_DOC_TIME)
#define RS_DOC_INTERVALS (RS_DOC_MONTHS | RS_DOC_MICROS)
#define RS_DOC_TYPED (RS_DOC_TIMES | RS_DOC_INTERVALS | RS_DOC_BYTES)

/* What an error says of a value that a column has no type for. */
#define RS_DOC_FIRST_VALUE \
  ": a document added through rocksetd, rockset_push() or a load brings the first one"

/* 0 for null. */
unsigned rs_doc_kind(const struct rs_json *j);
/*
** Makes a parsed document ready: typed values are marked, numbers too, of repeated names the last
** stays. RS_INVALID with a text in *why (in the arena) when it breaks a limit or holds a typed
** value that is none; otherwise RS_NOMEM.
*/
enum rs_code rs_doc_prepare(struct rs_json *document, struct rs_arena *a, const char **why);
/* Appends a marked string's plain text: 40 months; the other as a JSON string. */
void rs_doc_write_plain(struct rs_buf *b, const struct rs_json *j);
void rs_doc_write_text(struct rs_buf *b, const struct rs_json *j);
/* Appends the value as JSON, typed values in their wrapped form; equal values have equal texts
** (box.c). */
void rs_doc_write_json(struct rs_buf *b, const struct rs_json *j);
/* Appends a prepared value's tagged text; equal values have equal texts (box.c). */
void rs_doc_box(struct rs_buf *b, const struct rs_json *j);
/* The value that a sidecar's tagged text tells, as a prepared document has it (side.c). */
enum rs_code rs_doc_unbox(struct rs_arena *a, const struct rs_value *main,
                          const struct rs_value *side, struct rs_json **out, struct rs_error *e);

/* ---- types (types.c) ----------------------------------------------------------------- */

/* UNION: of several types, an array's, object's, date's or time's among them (mixed.c); those of
** other scalars alone are leaves. */
enum rs_doc_form { RS_DOC_LEAF, RS_DOC_STRUCT, RS_DOC_LIST, RS_DOC_UNION };

struct rs_doc_member;
struct rs_doc_type {
  unsigned kinds; /* of the values seen */
  int64_t lo, hi; /* of its integers */
  enum rs_doc_form form;
  unsigned exact;     /* of a leaf: the kinds that it tells exactly (side.c) */
  const char *native; /* a leaf's type; NULL: nothing but nulls were seen; a UNION's as SQL */
  struct rs_doc_member *members;
  size_t nmembers, cap;
  struct rs_doc_type *element;
};
struct rs_doc_member {
  const char *name;
  struct rs_doc_type *type;
};

/* Takes a value into account. */
enum rs_code rs_doc_infer(struct rs_doc_type *t, const struct rs_json *j, struct rs_arena *a,
                          struct rs_error *e);
/* Decides on form and native, all the way down. Without values: native is NULL. `top`: a column may
** be a UNION, what lies deeper may not. */
enum rs_code rs_doc_settle(struct rs_doc_type *t, bool top, struct rs_arena *a, struct rs_error *e);
/* ---- fields of documents (fields.c) -------------------------------------------------- */

struct rs_doc_field {
  const char *name;
  struct rs_doc_type type;
  size_t column;
  bool odd; /* its column needs a sidecar, whatever the values of this call */
};
#define RS_DOC_NO_FIELD SIZE_MAX /* _id, _event_time, _meta */
struct rs_doc_shape {
  const char *key; /* borrowed from a document */
  size_t nkey;
  size_t field; /* index into v, or RS_DOC_NO_FIELD */
};
struct rs_doc_fields {
  struct rs_arena *a;
  struct rs_doc_field *v;
  size_t n, cap;
  struct rs_map by_name; /* -> index + 1 */
  struct rs_doc_shape *shape;
  size_t known, cap_shape;
};
/* f->shape[k].field is then the field of the document's member number k; new ones are added. False
** when out of memory. */
bool rs_doc_fields_of(struct rs_doc_fields *f, const struct rs_json *document);

/* ---- writes ---------------------------------------------------------------------------------- */

/* One document of a call (documents.c). */
struct rs_doc_entry {
  struct rs_document *doc;
  struct rs_json *tree; /* NULL: it is refused already */
  const char *id;
  size_t nid;
  bool made;    /* its _id */
  bool first;   /* of this _id */
  bool existed; /* of the last one of an _id: there was a row */
  size_t last;  /* the entry that wins: the last of this _id */
};
struct rs_doc_write {
  const struct rs_relation *rel; /* a table */
  struct rs_arena *a;            /* of the work */
  struct rs_arena *out;          /* of the caller */
  struct rs_doc_entry *v;
  size_t n;
  struct rs_map ids; /* id -> entry of its last document */
  /* Set by engines without transactions before the statement that others see the effect of: from
  ** then on an error need not mean that nothing was written. */
  bool sent;
};
/* Refuses the document; the text is copied. */
enum rs_code rs_doc_refuse(struct rs_doc_write *w, struct rs_doc_entry *x, const char *why,
                           struct rs_error *e);
/* A row of the document's _id was seen; RS_CONSTRAINT: it is the second one (ids.c). */
enum rs_code rs_doc_exists(struct rs_doc_write *w, struct rs_doc_entry *x, struct rs_error *e);
/* RS_CONSTRAINT when an `_id` of the stage, its column `id`, stands for several rows of rel, which
** is to take documents (ids.c). */
enum rs_code rs_sql_check_ids(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_relation *stage, const char *id, struct rs_error *e);
/*
** A call's patches (patch_plan.c). Opened, it knows the fields that operations name; the engine
** says which column each one is, reads these and shows the rows; then the operations are applied,
** and the engine writes the documents that have changed.
*/
struct rs_doc_touched {
  const char *name;
  int column; /* of the engine's; -1: the collection has none */
  struct rs_doc_type type;
  bool changed; /* these three are the engine's own */
  size_t at;    /* its column, when changed */
  enum rs_type sent;
};
struct rs_doc_patched {
  struct rs_json *tree; /* the touched fields; NULL: there is no such document */
  bool *changed;        /* by touched field; NULL: no patch was applied */
  size_t nchanged;      /* fields that *changed has room for */
};
struct rs_doc_patches {
  struct rs_doc_write *w;
  struct rs_doc_touched *fields;
  size_t n, cap;
  bool whole;                  /* an operation is about a whole document: all columns are read */
  struct rs_map by_name;       /* -> index + 1 */
  struct rs_doc_patched *docs; /* by index in w->ids */
};
/* Free it whatever comes out. */
enum rs_code rs_doc_patches_open(struct rs_doc_patches *p, struct rs_doc_write *w,
                                 struct rs_error *e);
void rs_doc_patches_free(struct rs_doc_patches *p);
/* Before reading, of each field that the collection has a column of: of `whole` it is touched. */
enum rs_code rs_doc_patches_column(struct rs_doc_patches *p, const char *name, struct rs_error *e);
/* The current row: `_id`, and what the fields that have a column need, in the fields' order. `read`
** makes a document's value of the row's columns from *at on, and moves *at behind them; NULL: the
** document has no such field. */
typedef enum rs_code (*rs_doc_read_fn)(void *ctx, size_t column, struct rs_rows *r, size_t *at,
                                       struct rs_json **out, struct rs_error *e);
enum rs_code rs_doc_patches_see(struct rs_doc_patches *p, struct rs_rows *r, rs_doc_read_fn read,
                                void *ctx, struct rs_error *e);
enum rs_code rs_doc_patches_apply(struct rs_doc_patches *p, struct rs_error *e);

/*
** A call: its documents read, indexed by _id and, of those that are added, their fields' types
** found (documents.c). rs_doc_call_free, whatever came out of reading.
*/
struct rs_doc_call {
  struct rs_doc_write w;
  enum rs_write_op op;
  bool known; /* rel is a table, as far as this session has seen */
  struct rs_doc_fields fields;
  struct rs_uuids uuids;
  struct rs_arena work;
  bool loads;           /* of files: _id may be a number */
  const char *id_field; /* the field that has it; NULL: _id */
};
/* Texts of statuses go to `out`. */
enum rs_code rs_doc_call_read(struct rs_doc_call *j, enum rs_write_op op, struct rs_document *docs,
                              size_t n, struct rs_arena *out, struct rs_error *e);
/* The same of documents that are not written, but become rows: of one _id all count, and those
** without one stay so; *left: whose fields have other types than those in front (no tree). */
enum rs_code rs_doc_call_input(struct rs_doc_call *j, struct rs_document *docs, size_t n,
                               struct rs_arena *out, bool **left, struct rs_error *e);
/* The same of records of a file, which all become rows of a new table; their fields are the
** caller's. */
enum rs_code rs_doc_call_load(struct rs_doc_call *j, struct rs_document *docs, size_t n,
                              const char *id_field, struct rs_arena *out, struct rs_error *e);
void rs_doc_call_free(struct rs_doc_call *j);
/* Is anything left to do? A call of refused documents writes nothing, but must name a collection.
** */
bool rs_doc_call_has_work(const struct rs_doc_call *j);
/* Statuses before a try: only what was refused is decided; of a call that was written; of one that
** failed. */
void rs_doc_call_reset(struct rs_doc_call *j);
void rs_doc_call_done(struct rs_doc_call *j);
void rs_doc_call_failed(struct rs_doc_call *j, bool unknown);
/* After this error, may documents have been written all the same? */
bool rs_doc_call_may_be_done(const struct rs_doc_call *j, enum rs_code rc,
                             const struct rs_error *e);

/* Makes the columns of a stage and of the collection that takes its rows the same type; values that
** it can't tell move to sidecars, of either (merge.c). */
enum rs_code rs_doc_merge(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_relation *stage, struct rs_arena *a, struct rs_error *e);

/* Is a column's type a UNION of scalars with arrays or objects (mixed.c)? Then SQL for the JSON
** value as that type: NULL when out of memory; what has no place there is an error of the
** statement. */
bool rs_doc_is_union(const char *type);
const char *rs_doc_union_json_sql(struct rs_arena *a, const char *json, const char *column,
                                  const char *type);

struct rs_load_source;
/* Creates the table and writes the documents of the files into it, which are odd
** (engine/load/load.h). *has_ids: some of them say what their `_id` is; they are not compared. */
enum rs_code rs_doc_load(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_load_source *src, int64_t *rows, bool *has_ids,
                         struct rs_error *e);

/* How an engine does the three (engine/slots.h). They run under the collection's lock, in a
** transaction where the engine has them. */
struct rs_doc_ops {
  enum rs_code (*add)(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                      struct rs_error *e);
  enum rs_code (*patch)(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e);
  enum rs_code (*remove)(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e);
  /* rs_session_input; NULL: it has none. Not under the lock. */
  enum rs_code (*input)(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                        struct rs_doc_rows *out, struct rs_error *e);
};

/* ---- an alias of several collections (several.c) --------------------------------------------- */

/* Appends a query of the documents of all of them; DuckDB only. Asks for their columns, so that it
** is to be made anew when one of them has changed. */
enum rs_code rs_doc_several_sql(struct rs_session *s, const struct rs_relation *v, size_t n,
                                struct rs_arena *a, struct rs_buf *out, struct rs_error *e);

/* ---- patches (json_patch.c) ------------------------------------------------------------------ */

/* Is the path, or `from`, the empty one, which is the document itself? */
bool rs_patch_is_whole(const struct rs_json *op, const char *member);
/* The field (first part of the path) that an operation touches, decoded; NULL: none, why says. */
const char *rs_patch_field(const struct rs_json *op, const char *member, struct rs_arena *a,
                           const char **why);
/* Applies one operation to the document; *why (in the arena) tells why it can't be. RS_INVALID, or
** RS_NOMEM. */
enum rs_code rs_patch_apply(struct rs_json *document, const struct rs_json *op, struct rs_arena *a,
                            const char **why);
#endif
