/*
** A workbook's sheet as a temporary file of lines of JSON (see reading.h).
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "reading.h"
#include "xlsx.h"

static enum rs_code add_row(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  return rs_load_spool_add(ctx, p, n, e);
}

enum rs_code rs_load_xlsx(struct rs_session *s, const struct rs_load *load, struct rs_load_files *f,
                          struct rs_load_file *file, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_load_spool spool = {.fd = -1};
  struct rs_xlsx x = {.s = s, .a = &a};
  if (load->skip < 0)
    return rs_fail(e, RS_INVALID, "option 'skip' is a number of rows, not %lld",
                   (long long)load->skip);
  rs_arena_init(&a, 0);
  int fd = open(file->path, O_RDONLY | O_CLOEXEC);
  enum rs_code rc = fd >= 0 ? rs_xlsx_open(&x, fd, load->sheet, e)
                            : rs_fail(e, RS_IO, "%s", strerror(errno));
  if (rc == RS_OK)
    rc = rs_xlsx_rows(&x, (uint64_t)load->skip, load->header >= 0, add_row, &spool, e);
  rs_xlsx_close(&x);
  if (fd >= 0) (void)close(fd);
  rs_arena_free(&a);
  if (rc == RS_OK) return rs_load_spooled(f, file, &spool, e);
  if (spool.fd >= 0) (void)close(spool.fd);
  if (rc != RS_NOMEM && rc != RS_CANCELLED) (void)rs_error_prefix(e, "file '%s'", file->name);
  return rc;
}
