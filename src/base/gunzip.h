/*
** gzip data (RFC 1952) unpacked piece by piece, and verified: checksums, lengths, nothing behind
** the end. For whoever has to know that a file is whole; it is of no help to know it afterwards
** from an engine that takes cut-off data for the end of a file.
**
** Memory: about 150 KB while it runs, whatever the size of the data. Threads: any; it keeps
** nothing. Blocking: as `fill` and `sink`.
** Errors: RS_INVALID with a text that says what is wrong and at which byte, without the file's
** name; RS_NOMEM; whatever the callbacks return.
*/
#ifndef RS_BASE_GUNZIP_H
#define RS_BASE_GUNZIP_H
#include <stddef.h>
#include "error.h"

/* Puts up to cap bytes at p; *n = 0 at the end. */
typedef enum rs_code rs_gunzip_fill(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e);
/* Takes n unpacked bytes, borrowed. Anything but RS_OK (RS_DONE: enough) ends the unpacking with
** that code. */
typedef enum rs_code rs_gunzip_sink(void *ctx, const char *p, size_t n, struct rs_error *e);

/* All members of the data, in order. No data at all is fine: nothing. */
enum rs_code rs_gunzip(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx, struct rs_error *e);
#endif
