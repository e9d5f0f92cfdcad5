/*
** The files of a load: which they are, and where their contents lie for a reader. A file that is
** packed, converted, or comes from standard input is written to a temporary file without a name,
** which the reader finds under /dev/fd.
**
** Threads: the caller's. Blocking: file I/O; the session's interrupt is polled.
** Errors: name the file as the caller did.
*/
#ifndef RS_ENGINE_LOAD_FILES_H
#define RS_ENGINE_LOAD_FILES_H
#include "src/base/gunzip.h"
#include "src/engine/engine.h"

enum rs_load_packing { RS_PACKED_NOT, RS_PACKED_GZIP, RS_PACKED_XZ, RS_PACKED_ZSTD, RS_PACKED_ZIP };

struct rs_load_file {
  const char *name; /* as the caller or a glob says it; "standard input" */
  const char
    *path; /* of what is to be read; name, until it was unpacked; "-": standard input, which
                       is unpacked at once */
  int fd;  /* of the temporary file, or -1 */
};

struct rs_load_files {
  struct rs_load_file *v; /* rs_load_files_close */
  size_t n, cap;
  bool folder;         /* of one */
  const char *pattern; /* the caller's glob as SQL; NULL: none, or it has to be a list */
  struct rs_arena *a;
};

/* Finds them; globs and folders are listed by `reader`. Standard input is read to its end. */
enum rs_code rs_load_files_find(struct rs_session *reader, const struct rs_load *load,
                                struct rs_load_files *f, struct rs_error *e);
void rs_load_files_close(struct rs_load_files *f);
/* SQL: the path, or all of them, for a reader of DuckDB. */
const char *rs_load_files_sql(const struct rs_session *reader, const struct rs_load_files *f);
const char *rs_load_file_sql(const struct rs_session *reader, struct rs_arena *a, const char *path);
/* An error names files as the caller did. */
void rs_load_files_name(const struct rs_load_files *f, struct rs_error *e);

/* How a file is packed, by the option `compression` or else by its name, of whose n bytes *stem are
** in front of that ending. */
enum rs_load_packing rs_load_packing(const struct rs_load *load, const char *name, size_t *stem);
/* The member of a zip file that is meant: the option `member`, or the only one. */
enum rs_code rs_load_member(const struct rs_load *load, const struct rs_load_file *file,
                            struct rs_arena *a, const char **member, struct rs_error *e);

/* ---- contents (contents.c) ------------------------------------------------------------------- */

/* Gives the file's contents, unpacked, to sink, which may end it with RS_DONE. */
enum rs_code rs_load_contents(struct rs_session *s, const struct rs_load *load,
                              const struct rs_load_file *file, rs_gunzip_sink *sink, void *ctx,
                              struct rs_error *e);

/* A temporary file that is written from its beginning. */
struct rs_load_spool {
  int fd; /* -1: not made yet */
  uint64_t at;
};
enum rs_code rs_load_spool_add(struct rs_load_spool *x, const char *p, size_t n,
                               struct rs_error *e);
/* The file is to be read from there; the spool is the file's then. */
enum rs_code rs_load_spooled(struct rs_load_files *f, struct rs_load_file *file,
                             struct rs_load_spool *x, struct rs_error *e);
/* Unpacks the file so. */
enum rs_code rs_load_spool(struct rs_session *s, const struct rs_load *load,
                           struct rs_load_files *f, struct rs_load_file *file, struct rs_error *e);
#endif
