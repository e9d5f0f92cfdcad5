/*
** Rows out of JSON text while it arrives: query results of Rockset and Trino never pass through a
** tree of nodes.
**
** The document is an envelope: an object one of whose members (`rows`: "results", "data") is the
** array of rows, each an object (Rockset) or an array (Trino). Every other member, before or after
** the rows, is handed to a callback as validated JSON text.
**
**   rs_json_rows_open      reads nothing yet
**   rs_json_rows_head      optional: up to the first row, so that members in front of the rows
**                          (columns, stats) can decide the projection
**   rs_json_rows_project   optional: which columns, by name (objects) ...
**   rs_json_rows_pick      ... or by position (arrays)
**   rs_json_rows_next      the next batch; RS_DONE once the whole document has been checked
**   rs_json_rows_restart   optional: the next page, with the same columns
**   rs_json_rows_close
**
** Columns. With a projection only those are kept, in the order asked for; all else is only checked.
** Without one every key is a column, in order of first appearance, and the set only grows: column i
** is the same column in every batch and page, a batch knows how many columns there were when it
** ended (rs_json_batch_columns), and a row that lacks a key (Rockset leaves out undefined ones) has
** it absent. A caller that must declare its columns takes those of the first batch, or better the
** names that the service lists, and calls rs_json_rows_project with them. Of duplicate keys in one
** row the last wins. Keys are compared decoded.
**
** Checked: all of RFC 8259, UTF-8 included, of everything that passes, skipped or not. Malformed
** text, a cut off document, anything but blanks behind it, more than 1,000 nested levels, a second
** rows member, rows of the wrong shape: RS_REMOTE, the text says at which byte of the document and
** what was expected there. Too large a row or member, too many columns: RS_LIMIT. An error of the
** source is returned as it is. Every error is final: the next call returns it again.
**
** A batch ends when it is full. Only the first one, when columns were chosen, ends with the first
** rows that are there, so that nobody waits for 256 KiB to see a row.
**
** Memory: about one batch in the reader, plus the batches the caller holds; 256 KiB of text and at
** most 512 KiB of cells each, unless single rows are larger.
**
** Threads: the reader is used by one thread at a time (rs_json_rows_next blocks in the source's
** read, and the member callback runs inside it). A batch is independent of the reader and of other
** batches: it may be read and freed by another thread while the reader makes the next one, also
** after the reader was closed. One thread at a time for each batch: get writes into it.
*/
#ifndef RS_JSON_ROWS_H
#define RS_JSON_ROWS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/value/value.h"
#include "src/base/error.h"

struct rs_json_rows;
struct rs_json_batch;

/* Where the text comes from. read: 1..cap bytes into buf, *n = 0 at the end; may block. It is not
** called again after the end or an error. */
struct rs_json_source {
  enum rs_code (*read)(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e);
  void *ctx;
};

enum rs_json_shape { RS_JSON_OBJECTS, RS_JSON_ARRAYS };

/*
** A member that is not the rows, at the top level of the envelope: its decoded name and its value's
** JSON text, both borrowed for the call, both NUL-terminated (a name may hold NULs of its own). Any
** code but RS_OK ends the reading with it.
*/
typedef enum rs_code (*rs_json_member_fn)(void *ctx, const char *name, size_t name_n,
                                          const char *json, size_t json_n, struct rs_error *e);

struct rs_json_options {
  const char *what; /* the object that errors name: "rockset: query result"; copied */
  const char *rows; /* the member that holds the rows; copied */
  enum rs_json_shape shape;
  bool typed;               /* values with "__rockset_type" are decoded (rs_json_typed) */
  rs_json_member_fn member; /* NULL: members are checked and dropped */
  void *ctx;                /* kept, for member */
  size_t max_row;           /* bytes of one row; 0 = 64 MiB; at most 127 MiB */
  size_t max_member;        /* bytes of one other member; 0 = 16 MiB; at most 127 MiB */
  size_t batch_rows;        /* a batch ends at so many rows; 0 = 8,192 */
  size_t batch_text;        /* ... or at so many bytes of text; 0 = 256 KiB */
};

/* Returns owned in *pr (rs_json_rows_close). Keeps source by value. Reads nothing. */
enum rs_code rs_json_rows_open(const struct rs_json_source *source,
                               const struct rs_json_options *options, struct rs_json_rows **pr,
                               struct rs_error *e);
/* NULL is fine. Batches stay. */
void rs_json_rows_close(struct rs_json_rows *r);

/* Reads up to the first row. RS_DONE: the document has no row (member absent, null or []), and all
** of it was read. */
enum rs_code rs_json_rows_head(struct rs_json_rows *r, struct rs_error *e);
/*
** Keeps only these members of each row; n may be 0 (rows are then only counted). Copies the names.
** Only before the first batch (else RS_INVALID). The same name twice: RS_INVALID. May be called in
** the member callback.
*/
enum rs_code rs_json_rows_project(struct rs_json_rows *r, const char *const *names, size_t n,
                                  struct rs_error *e);
/*
** Column i of the projection holds decimals: the digits of its numbers are kept for
** rs_json_batch_decimal. Only behind rs_json_rows_project or _pick, before the first batch.
*/
enum rs_code rs_json_rows_decimal(struct rs_json_rows *r, size_t i, struct rs_error *e);
/*
** Rows that are arrays: column i is element positions[i] (NULL: i). Every row must have exactly
** `width` elements (0: any number). Copies. Only before the first batch; the same position twice,
** or one outside of width: RS_INVALID. May be called in the member callback.
*/
enum rs_code rs_json_rows_pick(struct rs_json_rows *r, const size_t *positions, size_t n,
                               size_t width, struct rs_error *e);

/* RS_OK: a batch of *n > 0 rows, owned (rs_json_batch_free). RS_DONE: the document is at its end,
** was checked to its last byte, and all its members were delivered. */
enum rs_code rs_json_rows_next(struct rs_json_rows *r, struct rs_json_batch **pb, size_t *n,
                               struct rs_error *e);
/* Begins the next document (a page), with the columns so far; after RS_DONE only (else
** RS_INVALID). Source as in open. */
enum rs_code rs_json_rows_restart(struct rs_json_rows *r, const struct rs_json_source *source,
                                  struct rs_error *e);
/* Whether the envelope had the rows member, be it null. */
bool rs_json_rows_seen(const struct rs_json_rows *r);
/* Bytes taken from the sources so far, all documents together. */
int64_t rs_json_rows_bytes(const struct rs_json_rows *r);

/* ---- batches --------------------------------------------------------------------------------- */

/* The columns when the batch ended: how many, and their names (NULL for rows that are arrays, or a
** projection by position). Borrowed from the batch. A name is NUL-terminated; one with a NUL
** inside looks like its beginning. */
size_t rs_json_batch_columns(const struct rs_json_batch *b, const char *const **names);
/*
** The value of a cell; text is borrowed from the batch until it is freed. row < rows; col beyond
** the batch's columns is absent. Decoded on the first call, in place.
**
** Numbers: integers that fit are RS_INT, those that don't RS_TEXT (all digits), any with a fraction
** or exponent RS_FLOAT, correctly rounded in any locale (beyond DBL_MAX: RS_NULL). Strings: RS_TEXT
** with escapes decoded, a lone surrogate becomes U+FFFD. Arrays and objects: RS_JSON, the text as
** it came. null and absent: RS_NULL. A NUL follows each text (one inside comes from an escape).
**
** Returns false when out of memory (only for a number of more than 127 characters, and for a
** timestamp, below, that has to grow); the value is then RS_NULL.
*/
bool rs_json_batch_get(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out);
/* The same for a column that is known to hold timestamps: a string in ISO-8601 form and an integer,
** microseconds since 1970, become `YYYY-MM-DD hh:mm:ss[.ffffff]` in UTC; any other value is as in
** rs_json_batch_get. */
bool rs_json_batch_timestamp(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out);
/* The same for a column that is known to hold decimals: a number without an exponent that has more
** than the 15 significant digits that every double keeps is RS_TEXT, as it came. */
bool rs_json_batch_decimal(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out);
/* NULL is fine. Any thread. */
void rs_json_batch_free(struct rs_json_batch *b);

/* ---- Rockset's typed values ------------------------------------------------------------------ */

/*
** The value of {"__rockset_type": T, "value": v}, T in any case:
**   date, time                           RS_TEXT as it is, no zeros at a fraction's end
**   datetime, timestamp                  RS_TEXT `YYYY-MM-DD hh:mm:ss[.ffffff]`; timestamps in UTC,
**                                        from ISO text or microseconds since 1970
**   bytes (base64)                       RS_BYTES
**   u256                                 RS_TEXT
**   month_interval, microsecond_interval RS_INT
**   geography                            RS_JSON of the GeoJSON
** False: no such value; the text is then unchanged.
**
** p: the n bytes of a valid JSON object, rewritten in place (call once); out borrows from it.
*/
bool rs_json_typed(char *p, size_t n, struct rs_value *out);
/*
** ISO-8601 text (date, `T` or blank, time, fraction, `Z` or offset; all but the date may lack) as
** `YYYY-MM-DD hh:mm:ss[.ffffff]` in UTC into out. Returns its length, 0 when it is no such text.
*/
enum { RS_JSON_TIME_MAX = 40 };
size_t rs_json_timestamp(const char *p, size_t n, char out[RS_JSON_TIME_MAX]);
#endif
