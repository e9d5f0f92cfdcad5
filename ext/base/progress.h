/*
** How far a copy of many rows is, for who watches at a terminal: lines on stderr, as runs write
** them.
**
** Threads: one at a time. Errors: none.
*/
#ifndef RS_EXT_BASE_PROGRESS_H
#define RS_EXT_BASE_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>

struct rs_progress {
  const char *what; /* "rockset_load" */
  int64_t next_ms;  /* when the next line is due; -1: nobody watches */
};

void rs_progress_begin(struct rs_progress *p, const char *what);
/* So many rows went so far; p is a struct rs_progress. */
void rs_progress_rows(void *p, int64_t rows);
#endif
