/*
** Finding and loading libduckdb, on the first statement that needs it.
**
** Threads: safe from any thread. A loaded library stays loaded as long as the process lives.
*/
#ifndef RS_ADAPTER_DUCKDB_LIBRARY_H
#define RS_ADAPTER_DUCKDB_LIBRARY_H
#include "adbc.h"

struct rs_duckdb_library {
  struct rs_adbc_driver driver;
  char *path;          /* what dlopen took */
  const char *version; /* "v1.5.6" */
  struct rs_duckdb_library *next;
};

/*
** wanted: the profile's `library`, or NULL: then $DUCKDB_LIBRARY, libduckdb beside this extension (and
** in deps/duckdb/ or rockset_ext/ beside it), and what the system's loader finds. RS_NOT_FOUND says
** where it looked and the ways out. *lib is borrowed for good.
*/
enum rs_code rs_duckdb_library(const char *wanted, const struct rs_duckdb_library **lib,
                               struct rs_error *e);
#endif
