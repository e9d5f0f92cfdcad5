/*
** What the files of the `trino` adapter share: Trino's client protocol behind the engine contract
** (engine/slots.h).
**
**   trino.c               the engine's table, targets, sessions, cancel
**   auth.c          who we are: method, certificates, fixed headers of the profile
**   session.c       what the server changes of a session: properties, roles, catalog ...
**   protocol.c      one statement: POST, nextUri, pages as rows, errors, stopping it
**   types.c         types of columns, as a tree
**   value.c         values of those types
**   rows.c          statements with parameters, rows and columns of the waist
**   insert.c        rows of another session into a table, in batches
**   batch.c         the text of a batch
**   relations.c     materializations, where no transaction holds them together
**   swap.c          a table instead of another; what killed runs left
**   merge.c         rows of a stage into a table
**   load.c          files, and rows of the caller's own, into collections
**   documents.c     documents by _id
**   sides.c         the fields of documents, their columns and sidecars
**   changes.c       rows that virtual tables have written
**
** Threads: what takes a struct rs_trino_stream runs on the session's I/O thread and blocks until
** the network answers; a cancel ends it. Relations, loads and documents run on the caller's thread
** by the session's own functions.
*/
#ifndef RS_ENGINE_TRINO_TRINO_H
#define RS_ENGINE_TRINO_TRINO_H
#include <cjson/cJSON.h>
#include "src/base/arena.h"
#include "src/engine/http/http.h"
#include "src/net/http.h"
#include "src/json/rows.h"
#include "src/engine/slots.h"
#include "src/engine/statements.h"
#include "src/engine/documents/documents.h"

/* A name and a value, both owned. */
struct rs_trino_pair {
  char *name, *value;
};
struct rs_trino_pairs {
  struct rs_trino_pair *v;
  size_t n, cap;
};
/* Adds or replaces; false when out of memory. */
bool rs_trino_pairs_put(struct rs_trino_pairs *p, const char *name, const char *value);
void rs_trino_pairs_free(struct rs_trino_pairs *p);

/* ---- who we are (auth.c) --------------------------------------------------------------- */

struct rs_trino_target {
  char *url;
  struct rs_trino_pairs headers;                 /* of every request */
  char *ca_file, *ca_dir, *cert_file, *key_file; /* NULL: none */
  bool insecure, plain_anywhere;
  int tries;
  /* what a session begins with */
  char *user, *catalog, *schema, *zone;
  struct rs_trino_pairs properties, roles;
};

/* Fills d from the profile; RS_UNSUPPORTED: a method that can't be done here. */
enum rs_code rs_trino_target_fill(struct rs_trino_target *d, const struct rs_output *o,
                                  struct rs_error *e);
void rs_trino_target_clear(struct rs_trino_target *d);
/* "http://host:port"; returns owned. */
char *rs_trino_url(const struct rs_output *o);

/* ---- what a session holds (session.c) -------------------------------------------------- */

struct rs_trino_state {
  char *catalog, *schema, *path; /* path: of functions; NULL: none */
  char *authorization;           /* user set by SET SESSION AUTHORIZATION, or NULL */
  char *transaction;             /* id; NULL: none */
  struct rs_trino_pairs properties, roles, prepared;
};
bool rs_trino_state_init(struct rs_trino_state *s, const struct rs_trino_target *d);
void rs_trino_state_free(struct rs_trino_state *s);
/* Takes the headers of an answer into account. */
enum rs_code rs_trino_state_update(struct rs_trino_state *s, const struct rs_http *h,
                                   struct rs_error *e);
/* Headers of a new statement: *v of *n, texts in the arena. */
enum rs_code rs_trino_state_headers(const struct rs_trino_state *s, struct rs_arena *a,
                                    struct rs_http_header **v, size_t *n, struct rs_error *e);

/* ---- sessions (trino.c) ---------------------------------------------------------------------- */

struct rs_trino_session {
  struct rs_remote remote; /* first */
  struct rs_trino_state state;
};

/* What a second of back-off lasts, in ms; tests make it short. */
extern int64_t rs_trino_second_ms;

struct rs_trino_target *rs_trino_target(const struct rs_session *s);
struct rs_trino_session *rs_trino_session(const struct rs_session *s);

/* ---- types (types.c) ------------------------------------------------------------------- */

enum rs_trino_form {
  RS_TRINO_PLAIN,     /* number, boolean, text: as it comes */
  RS_TRINO_FLOAT,     /* number, or "NaN", "Infinity", "-Infinity" */
  RS_TRINO_REAL,      /* the same, of 32 bits */
  RS_TRINO_DECIMAL,   /* digits in a string */
  RS_TRINO_BYTES,     /* base64 */
  RS_TRINO_TIME,      /* fraction with all the type's digits */
  RS_TRINO_TIMESTAMP, /* the same; "+12000-01-01"; dates, too */
  RS_TRINO_INSTANT,   /* with a zone */
  RS_TRINO_JSON,      /* JSON text in a string */
  RS_TRINO_ARRAY,
  RS_TRINO_MAP,
  RS_TRINO_ROW
};
struct rs_trino_type {
  enum rs_trino_form form;
  enum rs_type type;
  bool as_is;                     /* its JSON text needs no change */
  const char *name;               /* of a row's field, NULL: it has none */
  struct rs_trino_type *children; /* array: 1; map: key, value; row: fields */
  size_t nchildren;
  struct rs_trino_type *next;
};
/* A type as Trino writes it: "array(row(a bigint, \"b c\" varchar(3)))"; unknown ones are text. In
** the arena. */
enum rs_code rs_trino_type_parse(const char *text, struct rs_arena *a, struct rs_trino_type *out,
                                 struct rs_error *e);

/* ---- values (value.c) ------------------------------------------------------------------ */

/* Turns what json_rows gave for a cell into the waist's value; its text lies in scratch or where it
** was. False: out of memory. */
bool rs_trino_value(const struct rs_trino_type *t, struct rs_buf *scratch, struct rs_value *v);

/* ---- statements (protocol.c) ----------------------------------------------------------- */

struct rs_trino_stream;
/*
** Sends the statement and reads until its columns are known, or it has ended. Returns owned in *pst
** (rs_trino_close) on RS_OK only. writes: it may change something, so that an answer that is lost
** leaves open whether it did (e->unknown, here and while it is read).
*/
enum rs_code rs_trino_run(struct rs_session *s, const char *sql, bool writes,
                          struct rs_trino_stream **pst, struct rs_error *e);
/* Names and types; n is 0 for statements without rows. */
const struct rs_columns *rs_trino_columns(const struct rs_trino_stream *st);
const struct rs_trino_type *rs_trino_types(const struct rs_trino_stream *st);
/* The next batch (rs_json_batch_free), or RS_DONE: the statement has succeeded. */
enum rs_code rs_trino_next(struct rs_trino_stream *st, struct rs_json_batch **b, size_t *n,
                           struct rs_error *e);
/* Reads to the end; rows are dropped. */
enum rs_code rs_trino_drain(struct rs_trino_stream *st, struct rs_error *e);
int64_t rs_trino_received(const struct rs_trino_stream *st);
/* Rows changed, -1: the server did not say. */
int64_t rs_trino_updated(const struct rs_trino_stream *st);
/* Stops the statement on the server unless it has ended. NULL is fine. */
void rs_trino_close(struct rs_trino_stream *st);

/* ---- engine calls (rows.c, insert.c) --------------------------------------------- */

enum rs_code rs_trino_execute(struct rs_session *s, const struct rs_statement *st,
                              struct rs_rows *rows, int64_t *affected, struct rs_error *e);
enum rs_code rs_trino_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e);
void rs_trino_get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out);
void rs_trino_close_rows(struct rs_rows *rows);
enum rs_code rs_trino_describe(struct rs_session *s, const struct rs_statement *st,
                               struct rs_columns *out, struct rs_error *e);
enum rs_code rs_trino_ingest(struct rs_session *s, const struct rs_relation *stage,
                             struct rs_rows *src, int64_t *count, struct rs_error *e);

/* ---- rows on their way to the server (insert.c, batch.c) ------------------------- */

/*
** Rows travel as JSON text: UNNEST(CAST(json_parse('[...]') AS ARRAY(...)), ...)
** costs the server an eighth of what VALUES with as many literals does.
*/
struct rs_trino_field {
  const char *name;
  const char *type; /* the column's, as Trino writes it */
  const char *wire; /* what it is inside the JSON text: BIGINT, DOUBLE, BOOLEAN, VARCHAR */
  const char *expr; /* SQL with %s for that: a value of the column's type */
};
/* The most text that one statement may carry: the server takes 1,000,000 characters by default. */
#define RS_TRINO_TEXT_MAX ((size_t)900000)
/* The field for a column of ours; `type` NULL: the dialect's for it. */
struct rs_trino_field rs_trino_field(const char *name, enum rs_type t, const char *type);

/*
** As many rows as one statement may carry. For each row: each field's value as a scalar of JSON
** into rs_trino_batch_cell, then rs_trino_batch_row. Once that has made it `full`, the statement of
** rs_trino_batch_source must be sent, and rs_trino_batch_sent forgets its rows; the last row stays.
** Borrows the fields.
*/
struct rs_trino_cells;
struct rs_trino_batch {
  const struct rs_trino_field *fields;
  size_t nfields;
  struct rs_trino_cells *cells;
  size_t rows;
  bool full;
};
enum rs_code rs_trino_batch_init(struct rs_trino_batch *b, const struct rs_trino_field *f, size_t n,
                                 struct rs_error *e);
void rs_trino_batch_free(struct rs_trino_batch *b);
struct rs_buf *rs_trino_batch_cell(struct rs_trino_batch *b, size_t field);
enum rs_code rs_trino_batch_row(struct rs_trino_batch *b, struct rs_error *e);
/* Rows that the next statement carries. */
size_t rs_trino_batch_ready(const struct rs_trino_batch *b);
/* Appends CREATE TABLE with the fields. */
void rs_trino_batch_create(const struct rs_session *s, struct rs_buf *b,
                           const struct rs_relation *into, const struct rs_trino_batch *x);
/* Appends SELECT ... FROM UNNEST(...) of them. */
void rs_trino_batch_source(const struct rs_session *s, struct rs_buf *b,
                           const struct rs_trino_batch *x);
void rs_trino_batch_sent(struct rs_trino_batch *b);

/* ---- fields of documents (sides.c) ----------------------------------------------------------- */

/* A field on its way to its column, and to its sidecar where there is or must be one. */
struct rs_trino_place {
  const char *name, *side_name;
  enum rs_type type; /* it travels as */
  bool foreign;      /* its column's type is none that documents get: it tells nothing exactly */
  bool side;
};
/* The place of a field whose values have the settled type t; `has`: the collection's columns. Asks
** whether a column that must change holds anything. Texts lie in the arena, or are borrowed. */
enum rs_code rs_trino_place(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_columns *has, const char *field,
                            const struct rs_doc_type *t, struct rs_arena *a,
                            struct rs_trino_place *p, struct rs_error *e);
/* Of each value, before its fields are asked for. */
void rs_trino_place_see(struct rs_trino_place *p, const struct rs_json *j);
/* Appends what the place takes of a batch, one field or two. */
void rs_trino_place_fields(const struct rs_trino_place *p, struct rs_trino_field *fields,
                           size_t *n);
/* Writes the value into these cells, from *at on; NULL: the document has no such field. */
void rs_trino_place_add(const struct rs_trino_place *p, struct rs_trino_batch *b, size_t *at,
                        const struct rs_json *j);
/* The value of a column and its sidecar (NULL: it has none); *out NULL: there is none. */
enum rs_code rs_trino_place_read(struct rs_arena *a, const struct rs_column *c,
                                 const struct rs_value *main, const struct rs_value *side,
                                 struct rs_json **out, struct rs_error *e);
/* In the arena; NULL: out of memory. */
const char *rs_trino_side_name(struct rs_arena *a, const char *column);
/* Appends SQL for what the sidecar of a column needs when its type becomes another one; false: the
** new type tells as much, and nothing is written. b may be NULL. */
bool rs_trino_kept_sql(const struct rs_session *s, struct rs_buf *b, const struct rs_column *c,
                       const char *type);

/* ---- relations (relations.c, swap.c, merge.c, load.c) ---------------- */

extern const struct rs_relation_ops rs_trino_relation_ops;
extern const struct rs_doc_ops rs_trino_doc_ops;
/* On the caller's thread: DROP what ("TABLE", "VIEW") IF EXISTS, which no interrupt keeps from
** running; nobody learns what comes of it. */
void rs_trino_drop_anyway(struct rs_session *s, const char *what, const struct rs_relation *rel);
/* A view has the columns that its table had when it was made: those of the aliases of rel are made
** anew, after rel got other ones. */
enum rs_code rs_trino_refresh_aliases(struct rs_session *s, const struct rs_relation *rel,
                                      struct rs_error *e);
/* Takes back a rename, in that way. */
void rs_trino_rename_anyway(struct rs_session *s, const char *what, const struct rs_relation *from,
                            const char *to);
/* What is on its way to rel: "tmp", "load", "stage" or "old". Its name, in the arena, is unique and
** has the time. */
enum rs_code rs_trino_aside(const struct rs_relation *rel, const char *what, struct rs_arena *a,
                            struct rs_relation *out, struct rs_error *e);
/* Puts right what a killed build of rel has left: the old relation comes back where nothing took
** its name (*kind then says what it is), everything else goes. Under the relation's lock. */
enum rs_code rs_trino_repair(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind *kind, struct rs_error *e);
/* Puts the table `aside` under the name of rel; it is gone then. as_it_is: itself, not a copy,
** though readers may find nothing between two renames. */
enum rs_code rs_trino_swap(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_relation *aside, bool as_it_is, struct rs_error *e);
/*
** The rows of a stage into a table, by column name and by key where there are keys. Both have the
** same columns, and the stage's values are cast to the table's types, unless the flags say
** otherwise. A row that is replaced keeps nothing of the old one.
*/
enum {
  RS_TRINO_EVOLVE = 1, /* columns that the table lacks are added, types that differ unified */
  RS_TRINO_SUBSET = 2, /* the stage may lack columns of the table */
  RS_TRINO_SIDES = 8,  /* what a value's new type can't tell goes to its sidecar */
  RS_TRINO_PARTIAL = 4 /* rows keep what the stage has no column for, and none are added */
};
enum rs_code rs_trino_merge(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_relation *stage, const struct rs_keys *keys,
                            unsigned flags, struct rs_error *e);
/* rs_sql_check_keys of a stage. */
enum rs_code rs_trino_check_keys(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *stage, const struct rs_keys *keys,
                                 struct rs_error *e);
/* The type that holds the values of both columns. */
const char *rs_trino_unify(const struct rs_column *a, const struct rs_column *b);
extern const struct rs_keys rs_trino_ids; /* `_id` */
enum rs_code rs_trino_apply(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_changes *c, int64_t *written, struct rs_error *e);
enum rs_code rs_trino_load(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_load *load, int64_t *rows, struct rs_error *e);
enum rs_code rs_trino_push(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);

/* The fields of its outputs (profile.c). */
extern const struct rs_field_table rs_trino_fields;

#endif
