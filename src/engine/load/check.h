/*
** Is a file whole, and read the way it was written? Looked at before DuckDB reads it for
** source.c, since DuckDB takes some files that are cut off or uneven for other ones: a JSON
** array without its end, half a gzip file, a CSV header that does not fit the rows (it is dropped).
** What DuckDB itself refuses is left to it.
**
** Each file is streamed once, in pieces, whatever its size: about as fast as it can be read, a gzip
** file as fast as it can be unpacked. Threads: the caller's. Blocking: reads files; the session's
** interrupt is polled.
** Errors: RS_INVALID, `file '<path>': <what> at line n`; RS_IO; RS_CANCELLED.
*/
#ifndef RS_ENGINE_LOAD_CHECK_H
#define RS_ENGINE_LOAD_CHECK_H
#include <stddef.h>
#include <stdint.h>
#include "src/engine/engine.h"

/* How a CSV file is written: what DuckDB need not find out. */
struct rs_load_dialect {
  char delimiter;
  char quote, escape; /* 0: values are never quoted */
  uint64_t skip;      /* lines before the first: those that are no part of it, and empty ones */
  unsigned endings;   /* how its lines end, bits: 1 \n, 2 \r\n, 4 \r */
  bool quoted_ends;   /* there are some in quotes */
};

struct rs_load_watch;
/* Whole values, and an array that ends; names that DuckDB would lose. lines: each value is one.
** *rows gets how many there are; w, may be NULL, what their values are (watch.h). */
enum rs_code rs_load_check_json(struct rs_session *s, const char *path, bool lines,
                                struct rs_load_watch *w, int64_t *rows, struct rs_error *e);
/* What is known of a CSV file beforehand. */
struct rs_load_wanted {
  char delimiter;   /* 0: is to be found out */
  bool knows_quote; /* `quote` is the one, 0: there is none; else it is to be found out */
  char quote;
  uint64_t skip; /* lines at its beginning that are no part of it */
};
/* Every line has the fields of the first. *rows gets how many lines are rows, the first one too,
** whether it is a header or not; 0: d means nothing. */
enum rs_code rs_load_check_csv(struct rs_session *s, const char *path,
                               const struct rs_load_wanted *wanted, struct rs_load_dialect *d,
                               int64_t *rows, struct rs_error *e);

/* ---- pieces (check.c) ------------------------------------------------------------------- */

/* Takes the next bytes; RS_DONE: enough. */
typedef enum rs_code rs_load_piece(void *ctx, const char *p, size_t n, struct rs_error *e);
/* The file's contents, unpacked when its name ends in .gz, and without a UTF-8 byte order mark
** (*bom, may be NULL: whether there was one). RS_OK also when fn had enough. */
enum rs_code rs_load_pieces(struct rs_session *s, const char *path, rs_load_piece *fn, void *ctx,
                            bool *bom, struct rs_error *e);
#endif
