/*
** The log of what was sent: the last 1,000 statements and requests of one SQLite connection (or one
** server), read as the table rockset_log.
**
** Threads: safe from any thread (sessions of workers write, the owner reads). Reference-counted.
** Texts are copied and redacted when they are added; statements are cut to 8 KiB.
*/
#ifndef RS_ENGINE_LOG_H
#define RS_ENGINE_LOG_H
#include <stdint.h>
#include "src/base/error.h"

#define RS_LOG_KEEP 1000

struct rs_log_entry {
  int64_t id;         /* 1, 2, ... since the log began */
  int64_t at_us;      /* wall clock when it was sent */
  const char *engine; /* "duckdb" */
  const char *target; /* "dev" */
  const char *sql;
  int64_t rows;      /* rows received, or affected; -1 unknown */
  int64_t bytes;     /* bytes received (columnar or JSON); -1 unknown */
  double ms;         /* until its last row was read or it was closed */
  const char *error; /* NULL when it succeeded */
};

struct rs_log;
struct rs_log *rs_log_new(void); /* returns owned (rs_log_release) */
void rs_log_retain(struct rs_log *log);
void rs_log_release(struct rs_log *log);
/* Copies the entry (its id is given by the log). A log out of memory drops the entry: logging never
** fails a statement. log may be NULL. */
void rs_log_add(struct rs_log *log, const struct rs_log_entry *entry);
/* Calls fn for a consistent copy of all entries, oldest first, without holding the lock. */
enum rs_code rs_log_each(struct rs_log *log,
                         enum rs_code (*fn)(void *ctx, const struct rs_log_entry *entry), void *ctx,
                         struct rs_error *e);
#endif
