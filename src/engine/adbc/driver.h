/*
** Finding, loading and opening an ADBC driver that a profile names, and its errors as ours
** (driver.c, error.c). The engine on top is any.c.
**
** Blocking: everything may block. Threads: one at a time for each struct.
*/
#ifndef RS_ENGINE_ADBC_DRIVER_H
#define RS_ENGINE_ADBC_DRIVER_H
#include "adbc.h"

struct rs_adbc_library {
  struct rs_adbc_driver driver;
  struct AdbcDatabase db;
  bool open;
};

/* Loads the library of the profile's `driver` and opens its database by uri, options and
** credentials. The library stays loaded. */
enum rs_code rs_adbc_library_open(struct rs_adbc_library *l, const struct rs_output *o,
                                  struct rs_error *e);
void rs_adbc_library_close(struct rs_adbc_library *l);
/* What the driver says of the engine behind it: "PostgreSQL 15.18"; nothing when it says nothing.
** */
enum rs_code rs_adbc_library_version(struct rs_adbc_conn *c, struct rs_buf *out,
                                     struct rs_error *e);

/* rs_adbc_driver.translate for any driver: the code by SQLSTATE, else by ADBC's status. */
enum rs_code rs_adbc_translate(const struct rs_adbc_failure *f, struct rs_error *e);
/* Does a message of DuckDB's, which has no code for it, say that another transaction was faster?
** Its library may be a profile's `driver`, too. */
bool rs_adbc_is_duckdb_conflict(const char *text);
#endif
