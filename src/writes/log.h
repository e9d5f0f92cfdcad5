/*
** The bytes of a write queue's log (queue.h): appended, cut, read at any place. Of them
** `memory` bytes are kept in memory, the first ones lie in an unlinked temporary file beyond that.
**
** Ownership: bytes that are added are copied; what is read is borrowed until the reader's next
** call, or until the log changes. Threads: one at a time. Blocking: file I/O only.
*/
#ifndef RS_WRITES_LOG_H
#define RS_WRITES_LOG_H
#include <stdint.h>
#include "src/base/buf.h"

struct rs_write_log {
  size_t memory;
  struct rs_buf tail; /* what is in memory: all from `flushed` on */
  uint64_t flushed;
  int fd;       /* -1: no file yet */
  unsigned era; /* of the file: what lies at a place changes with it */
};

/* Begins as zeros; keeps a piece of the file. */
struct rs_write_log_reader {
  char *chunk;
  size_t cap, n;
  uint64_t at;
  unsigned era;
};

void rs_write_log_init(struct rs_write_log *g, size_t memory);
/* Empty again, and nothing is owned. */
void rs_write_log_clear(struct rs_write_log *g);
void rs_write_log_reader_free(struct rs_write_log_reader *r);

uint64_t rs_write_log_end(const struct rs_write_log *g);
/* RS_IO: the file can't be written. After an error the log is as before. */
enum rs_code rs_write_log_add(struct rs_write_log *g, const struct rs_buf *b, struct rs_error *e);
/* Forgets what comes from `end` on. */
void rs_write_log_cut(struct rs_write_log *g, uint64_t end);
/* n bytes that lie at a place, all of them in one that was added. */
enum rs_code rs_write_log_read(const struct rs_write_log *g, struct rs_write_log_reader *r,
                               uint64_t at, size_t n, const char **out, struct rs_error *e);
#endif
