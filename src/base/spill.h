/*
** A temporary file for rows that memory is not to hold: it has no name, and goes with the process.
**
** Blocking: file I/O. Threads: one at a time. Errors: RS_IO, which says what could not be done.
*/
#ifndef RS_BASE_SPILL_H
#define RS_BASE_SPILL_H
#include <stddef.h>
#include <stdint.h>
#include "error.h"

/* In TMPDIR, or /tmp. The caller closes *fd. */
enum rs_code rs_spill_open(int *fd, struct rs_error *e);
enum rs_code rs_spill_write(int fd, uint64_t at, const void *p, size_t n, struct rs_error *e);
enum rs_code rs_spill_read(int fd, uint64_t at, void *p, size_t n, struct rs_error *e);
#endif
