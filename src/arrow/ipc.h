/*
** Arrow's IPC format, stream and file (Feather version 2): its schema and batches as the structs of
** abi.h.
**
** A file is read from its beginning to its end, a batch at a time. Nothing in it is trusted: what a
** reader of the arrays relies on is checked before they leave (lengths, offsets, indices, UTF-8,
** times of a day).
**
** Not read: unions, run-end encoded and half-float columns, list views, decimals of 256 bits,
** dictionaries that grow, big-endian data. Errors: RS_UNSUPPORTED names the column; RS_INVALID: it
** is cut off or damaged; RS_LIMIT; RS_IO.
**
** Threads: one at a time for a reader; arrays are released on any. Blocking: file I/O.
*/
#ifndef RS_ARROW_IPC_H
#define RS_ARROW_IPC_H
#include "src/base/error.h"
#include "abi.h"

struct rs_arrow_ipc;
/* fd: a plain file, the caller's, open until the reader is closed. */
enum rs_code rs_arrow_ipc_open(int fd, struct rs_arrow_ipc **out, struct rs_error *e);
/* Lent. */
const struct ArrowSchema *rs_arrow_ipc_schema(const struct rs_arrow_ipc *r);
/* RS_DONE at the end. The array is the caller's, also after the reader is closed. */
enum rs_code rs_arrow_ipc_next(struct rs_arrow_ipc *r, struct ArrowArray *out, struct rs_error *e);
void rs_arrow_ipc_close(struct rs_arrow_ipc *r); /* NULL is fine */
#endif
