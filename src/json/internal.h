/*
** What the files of the row slicer share: cells, batches, the columns and the reader. The contract
** is rows.h.
**
** The reader's window is the text buffer of the batch that is being made: rows are read straight
** into it, checked there, and a batch that is full takes the buffer along; only the text behind its
** last row is copied to the next one.
*/
#ifndef RS_JSON_INTERNAL_H
#define RS_JSON_INTERNAL_H
#include <stdatomic.h>
#include "src/base/buf.h"
#include "src/base/map.h"
#include "cells.h"

/* The names of the columns as batches show them: never changed, shared by batches and reader. */
struct rs_json_names {
  atomic_uint refs;
  size_t n;
  const char *v[]; /* the texts follow in the same block */
};
void rs_json_names_release(struct rs_json_names *names);

/* A key as it is spelt in the text, quotes included. Rows of one result repeat the same keys in the
** same order: each remembers which followed it last. */
struct rs_json_key {
  char text[64]; /* zeroed behind the key */
  size_t n;
  ptrdiff_t col; /* -1: skipped */
  struct rs_json_key *next, *all;
};

struct rs_json_columns {
  struct rs_map index; /* name -> column + 1 */
  size_t n;
  size_t bytes;  /* of the names that keys have added */
  bool fixed;    /* a projection: no key is added */
  size_t width;  /* arrays: elements of each row, 0 = any */
  ptrdiff_t *at; /* arrays: element -> column, -1: skipped; NULL: the same */
  size_t nat;
  struct rs_json_names *names; /* of the last batch */
  bool *decimal;               /* by column, or NULL: those whose numbers keep their digits */
};

/* What comes next in the document. */
enum rs_json_state {
  RS_JSON_ENVELOPE,
  RS_JSON_FIRST_MEMBER,
  RS_JSON_MEMBER,
  RS_JSON_AFTER_MEMBER,
  RS_JSON_FIRST_ROW,
  RS_JSON_ROW,
  RS_JSON_AFTER_ROW,
  RS_JSON_TAIL, /* only blanks */
  RS_JSON_END
};

struct rs_json_rows {
  struct rs_json_source source;
  struct rs_json_options options;
  char *what, *rows_name;

  char *window;
  size_t cap, end; /* its size without the padding; bytes in it */
  size_t at;       /* everything before has been dealt with */
  int64_t base;    /* position of window[0] in the document */
  int64_t before;  /* bytes of the documents before this one */
  bool eof;        /* of the source */

  enum rs_json_state state;
  bool seen;    /* the rows member */
  bool started; /* a row was sliced: the projection stands */
  bool handed;  /* a batch was */
  enum rs_code failed;
  struct rs_error error;
  struct rs_json_scan scan;
  struct rs_buf name; /* decoded, of the member or key at hand */

  struct rs_json_columns columns;
  struct rs_map keys; /* spelling -> struct rs_json_key */
  struct rs_json_key *all_keys;
  struct rs_json_key row_start; /* its next: the first key of a row */

  /* The batch that is being made. */
  size_t from; /* where its first row starts, when rows > 0 */
  size_t nrows, stride;
  bool flush; /* it must end here */
  struct rs_json_cell *cells;
  size_t ncells, last_ncells; /* room; what the batch before had used */
};

/* ---- columns and rows (slice.c) --------------------------------------------------------- */

/*
** Slices the row at r->at into the cells of row r->nrows. RS_OK: *end is behind it. RS_DONE: the
** text does not fit at r->scan.bad, or goes on behind the window. RS_BUSY: it has so many more
** columns that the rows before must become a batch first. Any other code: an error.
*/
enum rs_code rs_json_slice_row(struct rs_json_rows *r, const char **end, struct rs_error *e);
/* The columns' names for a batch: a new reference in *names; NULL for arrays. */
enum rs_code rs_json_columns_names(struct rs_json_rows *r, struct rs_json_names **names,
                                   struct rs_error *e);
void rs_json_columns_free(struct rs_json_rows *r);

/* ---- values ---------------------------------------------------------------------------------- */

/* A typed value of the object text p: its kind (RS_JSON_INT, RS_JSON_NESTED, RS_JSON_DATE ...) and
** the position of its text, rewritten inside p. False: no typed value, p is unchanged. */
bool rs_json_typed_text(char *p, size_t n, enum rs_json_token *kind, char **text, size_t *len);
/* Microseconds since 1970 as a timestamp; 0: v is no such number. */
size_t rs_json_micros(const struct rs_value *v, char out[RS_JSON_TIME_MAX]);
/* RS_INT, RS_TEXT when it does not fit. */
void rs_json_integer(const char *p, size_t n, struct rs_value *out);
/* A number with a fraction or an exponent: RS_FLOAT, RS_NULL when it is too large. False: out of
** memory. */
bool rs_json_number_value(const char *p, size_t n, struct rs_value *out);
/* What a decoded text of this kind is as a value; false when out of memory. */
bool rs_json_text_value(enum rs_json_token kind, const char *p, size_t n, struct rs_value *out);
#endif
