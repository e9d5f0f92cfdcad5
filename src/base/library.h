/*
** The libraries that are loaded when they are first used: which ones this process has.
**
** Nothing is allocated. Thread-safe.
*/
#ifndef RS_BASE_LIBRARY_H
#define RS_BASE_LIBRARY_H
#include "buf.h"

/* Said once by whoever loaded it. `name` is a constant; of the version 31 bytes are kept. */
void rs_library_note(const char *name, const char *version);
/* ", DuckDB v1.5.6, libcurl 7.88.1" in the order they were loaded; nothing before that. */
void rs_library_list(struct rs_buf *out);
#endif
