/*
** gzip data (RFC 1952) unpacked piece by piece by zlib, and verified: checksums, lengths, nothing
** behind the end. For whoever has to know that data are whole; it is of no help to know it
** afterwards from an engine, or from libcurl, that takes cut-off data for the end of them.
**
** rs_gunzip pulls and pushes until the data end; with a struct rs_gunzip_stream the caller steps.
**
** Memory: about 40 KB a stream, 170 KB while rs_gunzip runs, whatever the size of the data.
** Threads: any; a stream is used by one at a time. Blocking: as `fill` and `sink`.
** Errors: RS_INVALID with a text that says what is wrong and at which byte, without the data's
** name; RS_NOMEM; whatever the callbacks return.
*/
#ifndef RS_BASE_GUNZIP_H
#define RS_BASE_GUNZIP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#define ZLIB_CONST // input is not written to
#include <zlib.h>
#include "error.h"

/* ---- by steps -------------------------------------------------------------------------------- */

/* All zero: at the beginning. */
struct rs_gunzip_stream {
  z_stream z;
  bool raw;       /* deflate data (RFC 1951) without gzip's frame, of a zip file: one member */
  bool on;        /* z is to be freed */
  bool is_inside; /* of a member: data that end here are cut off */
  bool is_full;   /* the last step filled its buffer: there may be more without more data */
  uint64_t taken; /* bytes */
};

/*
** Unpacks from the *n bytes at *p, which move, to at most cap bytes at `out`. *got = 0 while *n is
** left at 0: it wants more data. Members follow each other; zeros behind one are passed over.
*/
enum rs_code rs_gunzip_step(struct rs_gunzip_stream *g, const char **p, size_t *n, char *out,
                            size_t cap, size_t *got, struct rs_error *e);
/* Frees it; it is at the beginning again. */
void rs_gunzip_end(struct rs_gunzip_stream *g);

/* ---- all of it ------------------------------------------------------------------------------- */

/* Puts up to cap bytes at p; *n = 0 at the end. */
typedef enum rs_code rs_gunzip_fill(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e);
/* Takes n unpacked bytes, borrowed. Anything but RS_OK (RS_DONE: enough) ends the unpacking with
** that code. */
typedef enum rs_code rs_gunzip_sink(void *ctx, const char *p, size_t n, struct rs_error *e);

/* All members of the data, in order. No data at all is fine: nothing. */
enum rs_code rs_gunzip(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx, struct rs_error *e);
#endif
