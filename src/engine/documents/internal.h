/*
** What the files of this room share behind documents.h: DuckDB's way with documents. The
** collection's columns are parsed into the form that documents' types have, and widened where they
** must be (columns.c, types.c). The rows go to the engine in one of two ways: few of them as one
** JSON text that from_json() reads into exactly these types (rows.c, sql.c); many as an Arrow batch
** that becomes a temporary table (stage.c).
**
** Everything lies in an arena; nothing here blocks but what asks a session.
*/
#ifndef RS_ENGINE_DOCUMENTS_INTERNAL_H
#define RS_ENGINE_DOCUMENTS_INTERNAL_H
#include "src/arrow/arrow.h"
#include "src/value/boxed.h"
#include "documents.h"

/* ---- values and fields (value.c, fields.c) --------------------------------------------------- */

/* The canonical text of a date or time, in the arena; mark: RS_DOC_DATE, TIME, DATETIME or
** TIMESTAMP, of which microseconds since 1970 are one too. RS_INVALID: it is none; RS_NOMEM. */
enum rs_code rs_doc_time_text(unsigned mark, const char *p, size_t n, struct rs_arena *a,
                              const char **out);
/* The value's tag, and in v its text as it was written, or an interval's number; geography and u256
** are objects. */
void rs_doc_boxed(const struct rs_json *j, struct rs_boxed *out);
/* Documents must outlive it. */
void rs_doc_fields_init(struct rs_doc_fields *f, struct rs_arena *a);
void rs_doc_fields_free(struct rs_doc_fields *f);

/* ---- types (types.c) ----------------------------------------------------------------- */

/* A column's type as DESCRIBE writes it. What is not taken apart (MAP, ENUM ...) is a leaf. */
enum rs_code rs_doc_parse_type(const char *type, struct rs_arena *a, struct rs_doc_type *out,
                               struct rs_error *e);
/*
** Makes the column's type hold the values of `doc` (settled). *changed: it had to become another
** one. Asks the session for the engine's own rules about scalars.
*/
enum rs_code rs_doc_widen(struct rs_session *s, struct rs_doc_type *column,
                          const struct rs_doc_type *doc, struct rs_arena *a, bool *changed,
                          struct rs_error *e);
/* Appends the type as SQL. */
void rs_doc_type_sql(const struct rs_session *s, struct rs_buf *b, const struct rs_doc_type *t);
/*
** A row is an object of which the column number i is the member "c<i>"; a UNION has one for each of
** its members: "c<i>bool", "c<i>int" ... (to take a JSON value apart in SQL, the engine would cast
** it to all of them). These append `,"c<i>":` with from_json()'s description ("BIGINT",
** {"a":"DATE"}, ["VARCHAR"]), and with a value as that description wants it.
*/
void rs_doc_type_structure(struct rs_buf *b, size_t i, const struct rs_doc_type *t);
void rs_doc_write(struct rs_buf *b, size_t i, const struct rs_json *j, const struct rs_doc_type *t);
/* Where rs_doc_columns_source has the row in SQL. */
#define RS_DOC_ROW "rs_rows.rs_row"
/* SQL: what from_json() read for column i, as the column's type; NULL when out of memory. */
const char *rs_doc_value_sql(struct rs_arena *a, size_t i, const struct rs_doc_type *t);
/* SQL: the column's old value as the new type. */
const char *rs_doc_cast_sql(struct rs_arena *a, const char *expr, const char *from,
                            const struct rs_doc_type *to);
/* A value read from a column of the type, as a document has it; strings become marked. */
enum rs_code rs_doc_read(struct rs_arena *a, const struct rs_value *v, const struct rs_doc_type *t,
                         struct rs_json **out, struct rs_error *e);

/* ---- columns of several types (mixed.c) ---------------------------------------------- */

/* A UNION's members, in their order; the names are those of engine/load/types.c. */
struct rs_doc_union_part {
  unsigned kind; /* of the values it takes; the first four are the bits of RS_MIX_* */
  const char *name, *type;
  enum rs_type arrow; /* as what its values travel in a stage */
};
#define RS_DOC_PARTS_MAX 13
extern const struct rs_doc_union_part rs_doc_union_parts[RS_DOC_PARTS_MAX];
/* As rs_doc_learn_exact, of what the members' types don't tell; t may be another type. */
void rs_doc_union_learn_exact(struct rs_doc_type *t);

/* Are the members that were parsed such parts? */
bool rs_doc_union_is_ours(const struct rs_doc_type *t);
/* Which parts a UNION has, of scalars alone or not; 0: it is none. */
unsigned rs_doc_union_kinds(const struct rs_doc_type *t);
/* The type of its part of that kind; NULL: it has none, or is one of scalars alone. */
struct rs_doc_type *rs_doc_union_member(const struct rs_doc_type *t, unsigned kind);
/* The part that takes the value, where there are parts of these kinds. */
size_t rs_doc_union_taker(const struct rs_json *j, unsigned kinds);
/* The type by which the value is written and read: of a UNION (not one of scalars) a member's. */
const struct rs_doc_type *rs_doc_type_for(const struct rs_doc_type *t, const struct rs_json *j);

/* A type taken apart. */
struct rs_doc_mix {
  unsigned scalars;                   /* kinds */
  struct rs_doc_type *array, *object; /* copies; NULL: there are none */
};
/* All of it empty: values of that type can't lie in a UNION. */
enum rs_code rs_doc_mix_of(const struct rs_doc_type *t, struct rs_arena *a, struct rs_doc_mix *out,
                           struct rs_error *e);
/* Makes *out, whose kinds stay, a UNION of these. */
enum rs_code rs_doc_mix_make(const struct rs_doc_mix *m, struct rs_arena *a,
                             struct rs_doc_type *out, struct rs_error *e);
/* SQL: expr, which is of the part's type, as the UNION; a column's old value as the UNION. NULL
** when out of memory. */
const char *rs_doc_union_value_sql(struct rs_arena *a, size_t part, const char *expr,
                                   const struct rs_doc_type *t);
const char *rs_doc_union_cast_sql(struct rs_arena *a, const char *expr, const char *from,
                                  const struct rs_doc_type *to);

/* ---- sidecars (side.c) --------------------------------------------------------------- */

/* Once a type is settled or parsed, and whenever it has changed. */
void rs_doc_learn_exact(struct rs_doc_type *t);
/* Of a column's type (rs_doc_parse_type): the kinds of the values that may lie in it. */
void rs_doc_learn_kinds(struct rs_doc_type *t);
/* Might a column of the type, which was settled from all its values, not tell one of them?
** has_null: a null or a {} was among them, whose kinds are none. */
bool rs_doc_needs_side(const struct rs_doc_type *t, bool has_null);
/* Has the value, or an object in it, a null or no member? */
bool rs_doc_has_null(const struct rs_json *j);
/* Does the column give back this value, and no other? Never true for null. */
bool rs_doc_is_exact(const struct rs_json *j, const struct rs_doc_type *t);
/* Appends the tagged text that stands beside a column of the type for the value. */
void rs_doc_side(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t);

/* SQL: the column's value, of that type, as exact JSON (keep.c). */
void rs_doc_json_sql(const struct rs_session *s, struct rs_buf *b, const char *expr,
                     const struct rs_doc_type *t);
/* SQL: its tagged text, before the column's type becomes another one, which can't tell it; false
** where it can, and nothing is written. */
bool rs_doc_kept_sql(const struct rs_session *s, struct rs_buf *b, const char *expr,
                     struct rs_doc_type *from, struct rs_doc_type *to);

/* ---- columns of the collection (columns.c) ------------------------------------------- */

struct rs_doc_column {
  size_t side;  /* the column of its sidecar, + 1; 0: it has none */
  bool is_side; /* it is one */
  const char *name, *quoted;
  const char *type; /* as DESCRIBE writes it */
  struct rs_doc_type tree;
};
struct rs_doc_columns {
  struct rs_session *s;
  const struct rs_relation *rel;
  struct rs_arena *a;
  struct rs_doc_column **v; /* rs_doc_columns_free */
  size_t n, cap;
};

/* Asks for the collection's columns; makes _id (text) and _event_time where they are missing. Free
** it whatever comes out. */
enum rs_code rs_doc_columns_read(struct rs_doc_columns *c, struct rs_session *s,
                                 const struct rs_relation *rel, struct rs_arena *a,
                                 struct rs_error *e);
void rs_doc_columns_free(struct rs_doc_columns *c);
/* By the column's name, as the engine folds it; -1: none. */
int rs_doc_columns_find(const struct rs_doc_columns *c, const char *name);
/* The column of a field, by its exact name (value/field_name.h); -1: it has none. */
int rs_doc_columns_field(const struct rs_doc_columns *c, const char *field);
/* The name of the column that a field without one gets; NULL: out of memory. */
const char *rs_doc_columns_name(const struct rs_doc_columns *c, const char *field);
/* Appends `,"c<i>":` with the tagged text of the value for the column's sidecar (side.c). */
void rs_doc_write_side(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_column *c);
/* Makes the column of a field hold the values of t (settled): adds it, gives it another type, or
** leaves it. *at: which one it is. */
enum rs_code rs_doc_columns_fit(struct rs_doc_columns *c, const char *field,
                                const struct rs_doc_type *t, size_t *at, struct rs_error *e);
/* Gives the column this type; what of its values the type can't tell goes to its sidecar. */
enum rs_code rs_doc_columns_turn(struct rs_doc_columns *c, size_t at, const struct rs_doc_type *t,
                                 struct rs_error *e);
/* The field has a value that its column can't tell: it needs a sidecar. */
enum rs_code rs_doc_columns_side(struct rs_doc_columns *c, size_t column, struct rs_error *e);
/*
** Appends the rows of one JSON parameter as a table: (SELECT unnest(from_json($1, '[...]')) AS
** ...), with the members for the columns used[] and `more` (structure text: `"id":"VARCHAR"`).
*/
void rs_doc_columns_source(const struct rs_doc_columns *c, struct rs_buf *b, const size_t *used,
                           size_t n, const char *more);

/* ---- stages (stage.c) ---------------------------------------------------------------- */

/* From so many documents on a call goes by way of a stage; a variable for tests. */
extern size_t rs_doc_stage_from;

/* One column of the stage: one of the collection, or one member of its UNION. */
struct rs_doc_part {
  unsigned kind; /* of a UNION: the values it takes (RS_DOC_BOOL ...); else 0 */
  const char *suffix;
  enum rs_type type; /* BOOL, INT, FLOAT, TEXT */
};
/* How a column travels in a stage; returns how many parts (sql.c). */
size_t rs_doc_parts(const struct rs_doc_type *t, struct rs_doc_part out[RS_DOC_PARTS_MAX]);
/* The part of a UNION that takes the value. */
size_t rs_doc_part_of(const struct rs_doc_type *t, const struct rs_json *j);
/* Does a TEXT part hold plain strings as they are? */
bool rs_doc_part_is_text(const struct rs_doc_type *t);
/* Appends the value as the text that a TEXT part holds. */
void rs_doc_part_text(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t);
/* SQL: the stage's parts of column i as a value of the column; NULL when out of memory. */
const char *rs_doc_part_sql(struct rs_arena *a, size_t i, const struct rs_doc_type *t);

/* Rows on their way: set values, then add the row. Values that are not set are NULL. */
struct rs_doc_stage {
  struct rs_session *s;
  const struct rs_doc_columns *c;
  struct rs_arrow_builder *builder;
  struct rs_doc_part *parts;
  struct rs_value *row;
  size_t nparts, *first; /* of a column: its first part */
  struct rs_buf text;    /* of this row */
  size_t *at;            /* of a value: where it begins in text, + 1; 0: it is elsewhere */
  struct rs_relation rel;
};
/* For the columns used[]; in the arena of c. Free it whatever comes out. */
enum rs_code rs_doc_stage_open(struct rs_doc_stage *st, struct rs_session *s,
                               const struct rs_doc_columns *c, const size_t *used, size_t n,
                               struct rs_error *e);
void rs_doc_stage_free(struct rs_doc_stage *st);
/* Borrows j until the row is added. */
void rs_doc_stage_set(struct rs_doc_stage *st, size_t column, const struct rs_json *j);
void rs_doc_stage_set_text(struct rs_doc_stage *st, size_t column, const char *p, size_t n);
/* The same value in the field's sidecar. */
void rs_doc_stage_set_side(struct rs_doc_stage *st, size_t column, const struct rs_json *j);
enum rs_code rs_doc_stage_row(struct rs_doc_stage *st, struct rs_error *e);
size_t rs_doc_stage_bytes(const struct rs_doc_stage *st);
/* Makes st->rel, a new temporary table, of the rows, and forgets them. */
enum rs_code rs_doc_stage_send(struct rs_doc_stage *st, struct rs_error *e);
enum rs_code rs_doc_stage_drop(struct rs_doc_stage *st, struct rs_error *e);

/* ---- writes ---------------------------------------------------------------------------------- */

/* The condition `t."_id" IN ...` for the ids of the call that were given, as text in *where ("" =
** there are none) and one parameter. */
enum rs_code rs_doc_where_ids(struct rs_doc_write *w, const char **where, struct rs_value *param,
                              struct rs_error *e);
/* RS_WRITE_DELETE in the transaction (rows.c): notes which rows there were. */
enum rs_code rs_doc_delete(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e);
/* RS_WRITE_ADD in the transaction (rows.c); the fields' types are settled. */
enum rs_code rs_doc_add(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                        struct rs_error *e);
/* rs_session_input (input.c). */
enum rs_code rs_doc_input(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                          struct rs_doc_rows *out, struct rs_error *e);
/* RS_WRITE_PATCH in the transaction (patch.c). */
enum rs_code rs_doc_patch(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e);

#endif
