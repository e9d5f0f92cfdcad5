/*
** Files of Arrow's IPC format as tables of the private engine (see reading.h): DuckDB has no reader
** of its own for them. What its memory is not to hold it writes to temporary files.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/arrow/ipc.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/changes.h"
#include "src/engine/slots.h"
#include "reading.h"

static enum rs_code next_array(void *ctx, struct ArrowArray *out, struct rs_error *e)
{
  return rs_arrow_ipc_next(ctx, out, e);
}

static enum rs_code take_file(struct rs_session *s, const struct rs_load_file *file,
                              const char *table, int64_t *rows, struct rs_error *e)
{
  const struct rs_relation stage = {.workspace = NULL, .name = table};
  struct rs_arrow_ipc *ipc = NULL;
  int fd = open(file->path, O_RDONLY | O_CLOEXEC);
  enum rs_code rc = fd >= 0 ? rs_arrow_ipc_open(fd, &ipc, e)
                            : rs_fail(e, RS_IO, "%s", strerror(errno));
  if (rc == RS_OK) {
    const struct rs_input input = {
      .next_array = next_array, .ctx = ipc, .schema = rs_arrow_ipc_schema(ipc)};
    rc = rs_session_ingest_input(s, &stage, &input, rows, e);
  }
  rs_arrow_ipc_close(ipc);
  if (fd >= 0) (void)close(fd);
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED)
    (void)rs_error_prefix(e, "file '%s'", file->name);
  return rc;
}

enum rs_code rs_load_arrow(struct rs_load_source *src, struct rs_arena *a, const char **from,
                           struct rs_error *e)
{
  struct rs_buf b;
  char uuid[37];
  const char *dir = getenv("TMPDIR");
  src->least = src->most = 0;
  rs_uuid(uuid);
  // DuckDB makes the folder when it needs one, and removes it
  enum rs_code rc = rs_sql_run(src->s, NULL, e, "SET temp_directory=%t || '/rockset_' || %t",
                               dir != NULL && dir[0] != 0 ? dir : "/tmp", uuid);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < src->files.n && rc == RS_OK; i++) {
    int64_t rows = 0;
    const char *table = rs_arena_printf(a, "rs_load_%zu", i);
    if (table == NULL) rc = rs_nomem(e);
    else rc = take_file(src->s, &src->files.v[i], table, &rows, e);
    rs_buf_printf(&b, "%sSELECT * FROM temp.%s", i > 0 ? " UNION ALL BY NAME " : "(", table);
    src->most += rows;
  }
  src->least = src->most;
  rs_buf_char(&b, ')');
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "names of the files' tables");
  if (rc == RS_OK && (*from = rs_arena_strdup(a, rs_buf_text(&b))) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}
