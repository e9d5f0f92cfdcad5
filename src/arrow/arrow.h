/*
** From Arrow to rs_value and back: the one mapping between a driver's columnar batches and our
** values.
**
** Reading: rs_arrow_schema_init resolves a stream's schema once (names, types, one decoder function
** a column); rs_arrow_batch_open points the columns' views at one batch; rs_arrow_get then decodes
** one cell. Integers, floats and text cost a few instructions and allocate nothing; formatted
** values (dates, decimals, JSON) go to a scratch buffer that stays valid until it is reset for the
** next row.
**
** Writing: struct rs_arrow_builder collects rows of rs_value into an Arrow array: the parameters of
** a statement (one row) or batches for bulk ingest.
**
** Value rules: value/value.h. Text of dates, times and timestamps is exactly what DuckDB's CAST AS
** VARCHAR gives (without the offset of a time zone), since filters are pushed down in that form.
**
** Threads: one at a time for each object. Nothing blocks. Malformed arrays are the driver's fault
** and undefined: drivers are trusted code in this process.
*/
#ifndef RS_ARROW_ARROW_H
#define RS_ARROW_ARROW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/scratch.h"
#include "abi.h"
#include "src/value/text.h"
#include "src/value/value.h"

/* ---- types and views ------------------------------------------------------------------------- */

struct rs_arrow_view;
typedef void (*rs_arrow_get_fn)(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                                struct rs_value *out);

/* What a text of this type is in JSON: a string, JSON itself, or a number with all its digits. */
enum rs_arrow_ext { RS_EXT_NONE, RS_EXT_JSON, RS_EXT_NUMBER };
/* Layouts of nested types. */
enum rs_arrow_nest {
  RS_NEST_NONE,
  RS_NEST_STRUCT,
  RS_NEST_LIST,
  RS_NEST_LIST_VIEW,
  RS_NEST_FIXED,
  RS_NEST_MAP,
  RS_NEST_UNION
};

/* One resolved type; nested types are trees. */
struct rs_arrow_type {
  rs_arrow_get_fn get;
  enum rs_type type;
  enum rs_arrow_ext ext;
  enum rs_arrow_nest nest;
  int data_buffer; /* index of the buffer that view.data points into; -1: none */
  int32_t width;   /* bytes of one element of it; bits where bits = true */
  bool bits, has_validity;
  int32_t scale;      /* decimal: digits after the point; fixed list: its length */
  int64_t per_second; /* times: units a second */
  struct rs_arrow_type *children, *dictionary;
  size_t nchildren;
  char **names;     /* of a struct's fields */
  signed char *ids; /* union: type id -> child, 128 entries */
};

/* A column of one batch, as its decoder sees it; index 0 is the batch's first row. */
struct rs_arrow_view {
  rs_arrow_get_fn get;
  const uint8_t *valid; /* NULL: nothing is NULL */
  const void *data;     /* element 0 of the main buffer; for bits the start of the buffer */
  const char *heap;     /* bytes that offsets point into */
  int64_t offset; /* bit index of row 0 in `valid` and in bit data; index of row 0 in children */
  const struct rs_arrow_type *type;
  const struct ArrowArray *array;
};

/* Points v at `array`, whose element `base` (beyond the array's own offset) becomes index 0. */
void rs_arrow_view_init(struct rs_arrow_view *v, const struct rs_arrow_type *type,
                        const struct ArrowArray *array, int64_t base);

/* Element i as a value; text is borrowed from the array or from the scratch. */
static inline void rs_arrow_get(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                                struct rs_value *out)
{
  v->get(v, i, s, out);
}

static inline bool rs_arrow_is_null(const struct rs_arrow_view *v, int64_t i)
{
  return v->valid && !((v->valid[(v->offset + i) >> 3] >> ((v->offset + i) & 7)) & 1);
}

/*
** The texts of a batch written out, with a NUL behind each: what a thread that fetches can do for
** the one that reads. Points the views of columns of text, dates and times, UUIDs and enums there;
** a column with a NUL in a text, or for which memory ran out, stays as it is. NULL: nothing to do.
*/
struct rs_arrow_texts;
struct rs_arrow_texts *rs_arrow_texts_new(struct rs_arrow_view *views, size_t n, int64_t rows);
void rs_arrow_texts_free(struct rs_arrow_texts *t); /* NULL is fine; the views are void then */

/* The decoder of a resolved type (decode.c); NULL: the format isn't supported. */
rs_arrow_get_fn rs_arrow_decoder(const char *format, const char *opaque, struct rs_arrow_type *t);

/* ---- schemas and batches --------------------------------------------------------------------- */

struct rs_arrow_schema {
  struct rs_arrow_type root; /* the struct of the columns */
};

/*
** Resolves a stream's schema and adds its columns to `columns` (may be NULL). Borrows `schema`.
** An unknown format: RS_UNSUPPORTED naming the column. On failure nothing is left to free.
*/
enum rs_code rs_arrow_schema_init(struct rs_arrow_schema *s, const struct ArrowSchema *schema,
                                  struct rs_columns *columns, struct rs_error *e);
void rs_arrow_schema_free(struct rs_arrow_schema *s);

/* Points views (one a column) at the batch. */
void rs_arrow_batch_open(const struct rs_arrow_schema *s, const struct ArrowArray *array,
                         struct rs_arrow_view *views);
/* Bytes of the batch's buffers that its rows use. */
int64_t rs_arrow_batch_bytes(const struct rs_arrow_schema *s, const struct ArrowArray *array);

/* Of a union: the view of the member that element i has, and its index there. */
bool rs_arrow_union_member(const struct rs_arrow_view *v, int64_t i, struct rs_arrow_view *member,
                           int64_t *k);
/* Appends element i of v, which is not NULL and of a nested type but no union, as JSON
** (json.c). */
void rs_arrow_json(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,
                   struct rs_buf *b);

/* ---- building (build.c) ---------------------------------------------------------------- */

struct rs_arrow_builder;
/*
** A builder for n columns of these types. Types: BOOL, INT, FLOAT, BYTES; everything else is utf8.
** names may be NULL (columns are then "0", "1" ...). Returns owned (rs_arrow_builder_free).
*/
enum rs_code rs_arrow_builder_new(const enum rs_type *types, const char *const *names, size_t n,
                                  struct rs_arrow_builder **pb, struct rs_error *e);
/* Column i gets dates as dates: texts of the form YYYY-MM-DD that are known to be right. */
void rs_arrow_builder_date(struct rs_arrow_builder *b, size_t i);
/* Column i gets integers, microseconds since 1970, as timestamps without a zone. */
void rs_arrow_builder_timestamp(struct rs_arrow_builder *b, size_t i);
/* Column i is a union of the scalars that RS_MIX_* in `mix` says, with `blob` behind the others.
** Rows of such a column are exported only. */
enum rs_code rs_arrow_builder_mix(struct rs_arrow_builder *b, size_t i, unsigned mix,
                                  struct rs_error *e);
/* Adds one row of n values. A value that doesn't fit its column's type is written as text where the
** column is text, else RS_INVALID. */
enum rs_code rs_arrow_builder_row(struct rs_arrow_builder *b, const struct rs_value *row,
                                  struct rs_error *e);
int64_t rs_arrow_builder_rows(const struct rs_arrow_builder *b);
size_t rs_arrow_builder_bytes(const struct rs_arrow_builder *b);
/* Exports the schema: owned by the receiver (schema->release). */
enum rs_code rs_arrow_builder_schema(const struct rs_arrow_builder *b, struct ArrowSchema *out,
                                     struct rs_error *e);
/* Moves the rows out as one struct array (out->release frees); the builder is empty again. */
enum rs_code rs_arrow_builder_finish(struct rs_arrow_builder *b, struct ArrowArray *out,
                                     struct rs_error *e);
/* The rows as an array that borrows them, while the builder keeps them: no row may be added or cut
** before its release. */
enum rs_code rs_arrow_builder_lend(struct rs_arrow_builder *b, struct ArrowArray *out,
                                   struct rs_error *e);
/* Does an array still borrow them? */
bool rs_arrow_builder_is_lent(const struct rs_arrow_builder *b);
void rs_arrow_builder_free(struct rs_arrow_builder *b);

/* Rows that stay in a builder without lists (block.c): */
typedef char rs_date_text[24];
/* Reads a row's n values; texts are borrowed from the builder, dates lie in dates[column]. */
void rs_arrow_builder_get(const struct rs_arrow_builder *b, int64_t row, struct rs_value *out,
                          rs_date_text *dates);
/* Forgets all rows but the first ones, also the part of a row that could not be added. */
void rs_arrow_builder_cut(struct rs_arrow_builder *b, int64_t rows);
/* Writes the rows to a file (base/spill.h) at *at, which moves behind them, and frees their memory:
** the builder is then good for load and free only. */
enum rs_code rs_arrow_builder_store(struct rs_arrow_builder *b, int fd, uint64_t *at,
                                    struct rs_error *e);
/* Reads what was stored at `at` into a new builder. Returns owned. */
enum rs_code rs_arrow_builder_load(const struct rs_arrow_builder *b, int fd, uint64_t at,
                                   struct rs_arrow_builder **out, struct rs_error *e);

/* Parameters as a one-row batch, each column of its value's kind. */
enum rs_code rs_arrow_params(const struct rs_value *params, size_t n, struct ArrowSchema *schema,
                             struct ArrowArray *array, struct rs_error *e);
#endif
