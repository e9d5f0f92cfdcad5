/*
** Warnings (warn.h).
*/
#include "warn.h"
#include <stdio.h>
#include <unistd.h>
#include "src/base/thread.h"

void rs_conn_warn(struct rs_conn *c, const struct rs_target *target, const char *sql, int64_t rows,
                  const char *text)
{
  sqlite3_log(SQLITE_WARNING, "%s", text);
  if (target != NULL) {
    const struct rs_output *o = rs_target_info(target).output;
    const struct rs_log_entry entry = {.at_us = rs_wall_us(),
                                       .engine = o->type,
                                       .target = o->target_name,
                                       .sql = sql,
                                       .rows = rows,
                                       .bytes = -1,
                                       .error = text};
    rs_log_add(rs_conn_log(c), &entry);
  }
  if (isatty(STDERR_FILENO)) (void)fprintf(stderr, "warning: %s\n", text);
}
