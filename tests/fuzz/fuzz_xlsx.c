/*
** Fuzzing zip files and the workbooks in them: any bytes are an error, or members of the length
** they are said to have and rows that are each one line.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/base/arena.h"
#include "src/engine/load/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum rs_code count_bytes(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  uint64_t *count = ctx;
  (void)p, (void)e;
  *count += n;
  return *count > 1 << 20 ? RS_DONE : RS_OK;
}

static enum rs_code see_row(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  (void)ctx, (void)e;
  if (n < 2 || p[0] != '{' || memchr(p, '\n', n) != p + n - 1) abort();
  return RS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_arena a;
  struct rs_zip z;
  int fd = memfd_create("fuzz", 0);
  if (fd < 0 || n > 65536 || write(fd, data, n) != (ssize_t)n) {
    if (fd >= 0) close(fd);
    return 0;
  }
  rs_arena_init(&a, (size_t)64 << 20);
  struct rs_xlsx x = {.a = &a};
  if (rs_zip_open(fd, &a, &z, NULL) == RS_OK) {
    for (size_t i = 0; i < z.n; i++) {
      uint64_t count = 0;
      enum rs_code rc = rs_zip_read(&z, &z.v[i], count_bytes, &count, NULL);
      if (rc == RS_OK && count != z.v[i].size) abort();
    }
  }
  if (rs_xlsx_open(&x, fd, NULL, NULL) == RS_OK)
    (void)rs_xlsx_rows(&x, 0, data[n - 1] % 2 == 0, see_row, NULL, NULL);
  rs_xlsx_close(&x);
  rs_arena_free(&a);
  close(fd);
  return 0;
}
