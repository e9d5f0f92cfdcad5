/*
** Zip files (PKWARE's APPNOTE, with zip64): the list of members, and one member unpacked piece by
** piece by zlib and verified (length, checksum). Members are never written anywhere by their names.
**
** Memory: the list lies in the arena; 170 KB while a member is read. Threads: any; one at a time
** for each. Blocking: file I/O. Errors: RS_INVALID says what is wrong, without the file's name;
** RS_UNSUPPORTED: packed in a way other than deflate; RS_FORBIDDEN: needs a password; RS_LIMIT;
** RS_IO.
*/
#ifndef RS_BASE_ZIP_H
#define RS_BASE_ZIP_H
#include "arena.h"
#include "gunzip.h"

struct rs_zip_member {
  const char *name;
  uint64_t at;           /* of its local header */
  uint64_t packed, size; /* bytes */
  uint32_t crc;
  unsigned method;
  bool encrypted;
};

struct rs_zip {
  int fd;
  struct rs_zip_member *v; /* files: no folders, nothing below __MACOSX */
  size_t n;
};

/* fd: a plain file, which stays the caller's. */
enum rs_code rs_zip_open(int fd, struct rs_arena *a, struct rs_zip *z, struct rs_error *e);
/* By its name; NULL: there is none. */
const struct rs_zip_member *rs_zip_find(const struct rs_zip *z, const char *name);
enum rs_code rs_zip_read(const struct rs_zip *z, const struct rs_zip_member *m,
                         rs_gunzip_sink *sink, void *ctx, struct rs_error *e);
#endif
