/*
** CSV text as rows of cells, read as Python's csv module does by default: a cell may be quoted, a
** quote in it is doubled, lines end with LF, CRLF or CR, also inside quotes. Linear in the text.
**
** Ownership: cells lie in the text itself or, where quotes were undone, in the arena. The text must
** stay. Threads: pure.
*/
#ifndef RS_PROJECT_FILES_CSV_H
#define RS_PROJECT_FILES_CSV_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/error.h"

struct rs_csv_cell {
  const char *p; /* not NUL-terminated */
  size_t n;
};

struct rs_csv {
  struct rs_arena *arena; /* borrowed */
  const char *p, *end;
  char delimiter;
  int line; /* of the next record, from 1 */
};

void rs_csv_begin(struct rs_csv *csv, const char *text, size_t n, char delimiter,
                  struct rs_arena *arena);
/* The next record: *cells (in the arena, valid until it is freed), *n of them; lines with nothing
** on them are skipped. RS_DONE at the end; RS_INVALID: a quote that is not closed. */
enum rs_code rs_csv_next(struct rs_csv *csv, struct rs_csv_cell **cells, size_t *n,
                         struct rs_error *e);
#endif
