/*
** The documents of an object.
**
**   JSON      objects, one behind the other, with or without commas; or in arrays
**   CSV, TSV  a document a line; texts, unless format_params.csv.columnTypes says otherwise
**   Parquet   a document a row
**
** All of them may be packed by gzip, which their first bytes tell. CSV and Parquet are read by a
** private engine in memory, as rockset_load does. Nothing of an object is kept but one batch.
**
** Threads: any. Blocking: rs_documents_read, on the file. Errors: RS_INVALID: the object is not of
** its format; texts say where.
*/
#ifndef RS_SERVER_SOURCES_DOCUMENTS_H
#define RS_SERVER_SOURCES_DOCUMENTS_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/error.h"

/* format_params of a source. Texts live in the arena. */
struct rs_format {
  enum { RS_FORMAT_BY_NAME, RS_FORMAT_JSON, RS_FORMAT_CSV } kind;
  bool header;                                       /* of CSV: the first line has names */
  const char *separator, *quote, *escape, *encoding; /* NULL: not said */
  const char **names;                                /* NULL: not said */
  const char **types;                                /* of the engine; NULL: texts */
  size_t ncolumns;
};
/* json: format_params; NULL: none. RS_INVALID; RS_UNSUPPORTED: a format that nobody reads here. */
enum rs_code rs_format_read(const char *json, struct rs_arena *a, struct rs_format *f,
                            struct rs_error *e);

struct rs_documents_reader {
  /* One document, borrowed; anything but RS_OK ends the reading with that code. */
  enum rs_code (*take)(void *ctx, const char *json, size_t n);
  bool (*is_stopped)(void *ctx); /* looked at now and then */
  void *ctx;
};
/* name: of the object, whose ending tells the format. fd: a regular file, read from its start. */
enum rs_code rs_documents_read(const struct rs_format *f, const char *name, int fd,
                               const struct rs_documents_reader *r, struct rs_error *e);

/* rows.c: of a file that an engine reads */
struct rs_rows_file {
  const char *name; /* for texts */
  int fd;
  bool parquet, tabs; /* else commas */
};
enum rs_code rs_documents_rows(const struct rs_format *f, const struct rs_rows_file *file,
                               const struct rs_documents_reader *r, struct rs_error *e);
#endif
