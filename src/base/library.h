/*
** The libraries that are loaded when they are first used: which ones this process has.
**
** Nothing is allocated. Thread-safe.
*/
#ifndef RS_BASE_LIBRARY_H
#define RS_BASE_LIBRARY_H
#include "buf.h"
#include "error.h"

struct rs_symbol {
  const char *name;
  void *to; /* where the function's address goes: a pointer to a function pointer */
};
struct rs_library {
  const char *name;           /* "liblzma" */
  const char *files[3];       /* tried in order; the rest NULL */
  const char *use, *packages; /* for the error: "xz files", "apt-get install ..." */
  const char *version;        /* its function that says so: a text; NULL: none */
};
/* Loads it for the rest of the process, and looks n functions up. RS_UNSUPPORTED: names what it is
** needed for and the packages. */
enum rs_code rs_library_open(const struct rs_library *l, const struct rs_symbol *symbols, size_t n,
                             struct rs_error *e);

/* Said once by whoever loaded it. `name` is a constant; of the version 31 bytes are kept. */
void rs_library_note(const char *name, const char *version);
/* ", DuckDB v1.5.6, libcurl 7.88.1" in the order they were loaded; nothing before that. */
void rs_library_list(struct rs_buf *out);
#endif
