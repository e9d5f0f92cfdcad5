/*
** Fuzzing Arrow's IPC format: any bytes are an error or batches in which every value can be read.
*/
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/arrow/arrow.h"
#include "src/arrow/ipc.h"
#include "src/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define ROWS_MAX 2000 /* of a batch that are read: columns of nulls have as many as they say */

static void read_all(const struct rs_arrow_schema *s, const struct ArrowArray *a)
{
  struct rs_arrow_view *views = rs_calloc((size_t)a->n_children + 1, sizeof *views);
  struct rs_scratch scratch;
  struct rs_value v;
  rs_scratch_init(&scratch);
  if (views != NULL) rs_arrow_batch_open(s, a, views);
  for (int64_t i = 0; views != NULL && i < a->length && i < ROWS_MAX; i++) {
    for (int64_t c = 0; c < a->n_children; c++) rs_arrow_get(&views[c], i, &scratch, &v);
    rs_scratch_reset(&scratch);
  }
  rs_scratch_free(&scratch);
  rs_free(views);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_arrow_ipc *r = NULL;
  struct rs_arrow_schema s;
  struct rs_error e = {0};
  struct ArrowArray a;
  int fd = memfd_create("fuzz", 0);
  if (fd < 0 || n > 65536 || write(fd, data, n) != (ssize_t)n) {
    if (fd >= 0) close(fd);
    return 0;
  }
  if (rs_arrow_ipc_open(fd, &r, &e) == RS_OK) {
    bool known = rs_arrow_schema_init(&s, rs_arrow_ipc_schema(r), NULL, &e) == RS_OK;
    while (rs_arrow_ipc_next(r, &a, &e) == RS_OK) {
      if (known) read_all(&s, &a);
      a.release(&a);
    }
    if (known) rs_arrow_schema_free(&s);
    rs_arrow_ipc_close(r);
  }
  close(fd);
  return 0;
}
