/*
** Files as rows, for the engines' loads (engine/sql/load.c, engine/trino/load.c,
** engine/rockset/load.c): source.c (files as rows of a private engine), fields.c
** (their fields), typed.c (types given to the
** reader), types.c (types of mixed values, and of two loads that differ). Whether the files are
** whole is check.h's.
**
** Type names are DuckDB's, as DESCRIBE writes them. Texts live in the arena given.
*/
#ifndef RS_ENGINE_LOAD_LOAD_H
#define RS_ENGINE_LOAD_LOAD_H
#include "src/engine/push.h"
#include "src/engine/slots.h"
#include "src/engine/statements.h"
#include "files.h"

/* ---- fields ---------------------------------------------------------------------------------- */

struct rs_load_field {
  const char *name;
  const char *type;
  const char *expr; /* SQL: its value in a row of the source */
};

struct rs_load_fields {
  struct rs_load_field *v; /* rs_free */
  size_t n, cap;
};

enum rs_code rs_load_fields_add(struct rs_load_fields *f, const char *name, const char *type,
                                const char *expr, struct rs_error *e);
/* By name, whatever its case; NULL when there is none. */
struct rs_load_field *rs_load_fields_find(const struct rs_load_fields *f, const char *name);
/* The column of f that another relation's column `name` is, or becomes as a new one: that of the
** same field (value/field_name.h), and a sidecar's beside it. NULL: out of memory. */
const char *rs_load_fields_column(const struct rs_load_fields *f, const char *name,
                                  struct rs_arena *a);
/* The columns of a query with their exact types. */
enum rs_code rs_load_describe(struct rs_session *s, struct rs_arena *a, const char *query,
                              struct rs_load_fields *out, struct rs_error *e);

/* ---- types (types.c) -------------------------------------------------------------------- */

/* The type of a field with these kinds of values. None (only nulls): text. */
const char *rs_load_mix_type(struct rs_arena *a, unsigned mix);
/* SQL: the bits that the JSON value `expr` stands for. */
const char *rs_load_mix_of(struct rs_arena *a, const char *expr);
/* SQL: the JSON value `expr` as a value of rs_load_mix_type(mix). */
const char *rs_load_mix_value(struct rs_arena *a, const char *expr, unsigned mix);

/* The bits of a UNION that rs_load_mix_type made; 0 for another one. */
unsigned rs_load_union_mix(const char *type);

/* The type that holds the values of both. reader: any DuckDB session, asked for its own rules. */
enum rs_code rs_load_unify(struct rs_session *reader, struct rs_arena *a, const char *one,
                           const char *other, const char **type, struct rs_error *e);
/* SQL: `expr` of type `from` as `to`, which rs_load_unify gave for it. */
const char *rs_load_cast(struct rs_arena *a, const char *expr, const char *from, const char *to);

/* Appends SQL: expr, of that type, as a document's typed value, NULL where it is NULL; false: JSON
** has a form of its own for it, and nothing is written (typed_json.c). */
bool rs_load_typed_json(struct rs_buf *b, const char *expr, const char *native);

/* ---- columns of an existing collection (types.c) --------------------------------------------- */

/* Is there a row in which the field is not NULL? */
enum rs_code rs_load_has_values(struct rs_session *s, const struct rs_relation *rel,
                                const char *field, bool *has, struct rs_error *e);
/* Gives a column another type; expr: SQL of its new values. */
enum rs_code rs_load_alter(struct rs_session *s, const struct rs_relation *rel, const char *field,
                           const char *type, const char *expr, struct rs_error *e);

/* ---- kinds of types (types.c) ----------------------------------------------------------- */

/* Numbers of any kind; dates and timestamps; objects, arrays and what mixes with them. */
bool rs_load_is_number(const char *type);
bool rs_load_is_time(const char *type);
bool rs_load_is_nested(const char *type);

/* ---- known types (typed.c) -------------------------------------------------------------- */

/*
** *call: the reader of JSON with the types of its fields given, where they may be; else it stays.
** head: its call up to the options, `read_json('x'`. Fields that are read as text get an `expr`
** that casts them.
*/
enum rs_code rs_load_typed(struct rs_session *reader, struct rs_arena *a, const char *head,
                           struct rs_load_fields *f, const char **call, struct rs_error *e);

/* ---- files (source.c) ------------------------------------------------------------------- */

struct rs_load_source {
  const struct rs_load *load;
  struct rs_target *t;
  struct rs_session *s;         /* of a private engine that may read files */
  struct rs_load_fields fields; /* _id VARCHAR and _event_time TIMESTAMP (UTC) first */
  const char *query;            /* gives the fields, in order */
  bool has_ids;                 /* the files say what _id is */
  bool documents;               /* their values are to come back as they are written */
  bool odd;  /* ... which a column for each field can't do: rs_load_records gives the records, there
                are no fields and no query */
  bool flat; /* the engine they go to has objects and arrays as texts */
  int64_t least, most; /* rows that the files have; most -1: unknown */
  struct rs_load_files files;
  const char *what; /* "file 'x'", "files 'x*'": for texts */
};

/*
** Finds the files, their format and fields. load->documents is 1 or -1 (rs_load_settle).
** RS_NOT_FOUND: no such file; RS_INVALID: not what the
** format says, or no field of the name id_field. Free it whatever came out.
*/
enum rs_code rs_load_source_open(struct rs_session *to, struct rs_arena *a,
                                 const struct rs_load *load, struct rs_load_source *src,
                                 struct rs_error *e);
void rs_load_source_close(struct rs_load_source *src);

/* One record of the files, borrowed: whole, and well-formed. */
typedef enum rs_code rs_load_record(void *ctx, const char *json, size_t n, struct rs_error *e);
/* All records of files that are odd, as they are written; an error names the file. */
enum rs_code rs_load_records(const struct rs_load_source *src, rs_load_record *fn, void *ctx,
                             struct rs_error *e);

/* ---- options of CSV files (csv_options.c) ---------------------------------------------------- */

struct rs_load_wanted;
/* RS_INVALID: one of them is given, though the files are of another format. sheet: they are
** workbooks, which have a header and lines to skip, too. */
enum rs_code rs_load_no_csv(const struct rs_load *load, bool sheet, struct rs_error *e);
/* For the check of the files (check.h). tabs: of a TSV file. */
enum rs_code rs_load_csv_wanted(const struct rs_load *load, bool tabs, struct rs_load_wanted *out,
                                struct rs_error *e);
/* Appends those that the reader of DuckDB gets. */
enum rs_code rs_load_csv_options(struct rs_session *reader, const struct rs_load *load,
                                 struct rs_arena *a, struct rs_buf *b, struct rs_error *e);

/* ---- what all loads share (plan.c) ----------------------------------------------------------- */

/* Decides on *load's documents, 1 or -1. can: the engine keeps them; sided: the collection that is
** added to has a sidecar. RS_UNSUPPORTED, RS_INVALID: they are asked for, and can't be. */
enum rs_code rs_load_settle(struct rs_session *s, bool can, bool sided, struct rs_load *load,
                            struct rs_error *e);
/* struct rs_load's mode: "create", also NULL, "append", "replace". */
enum rs_code rs_load_mode(const char *name, enum rs_push_mode *mode, struct rs_error *e);
/* May the rows go to what stands under the name? what: "collection", "view" ... */
enum rs_code rs_load_refuse(const struct rs_relation *rel, enum rs_relation_kind kind,
                            const char *what, enum rs_push_mode mode, struct rs_error *e);
/* RS_CONSTRAINT where the files give one `_id` twice, or none: some engines would take both, others
** the last one without a word. */
enum rs_code rs_load_check_keys(const struct rs_load_source *src, const struct rs_relation *rel,
                                struct rs_arena *a, struct rs_error *e);
/* The rows, to be read; whoever asked for it learns how many. */
enum rs_code rs_load_rows(const struct rs_load_source *src, struct rs_rows **r, struct rs_error *e);
/* The rows into the new table `stage` of s; *rows: how many. RS_INVALID: not all that the files
** have. */
enum rs_code rs_load_send(struct rs_session *s, const struct rs_load_source *src,
                          const struct rs_relation *stage, int64_t *rows, struct rs_error *e);
#endif
