/*
** An ADBC driver that lacks what it is told to lack: DuckDB's library behind functions that answer
** NOT_IMPLEMENTED. For tests/python/poor_driver.py.
**
** POOR_LIBRARY is the library's path; POOR_LACKS names what is missing: any of `transactions`,
** `upsert` (texts with ON CONFLICT or INSERT OR REPLACE, or that begin with MERGE), `ingest`, and
** `insert=N`: the N-th INSERT fails.
*/
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/arrow/abi.h"

static struct AdbcDriver real;
static long inserts;

static int lacks(const char *what)
{
  const char *list = getenv("POOR_LACKS");
  return list != NULL && strstr(list, what) != NULL;
}

static AdbcStatusCode refuse(struct AdbcError *e, AdbcStatusCode status, const char *text)
{
  if (e != NULL) {
    memset(e->sqlstate, 0, sizeof e->sqlstate);
    e->message = (char *)text;
    e->release = NULL;
  }
  return status;
}

static AdbcStatusCode set_connection_option(struct AdbcConnection *c, const char *key,
                                            const char *value, struct AdbcError *e)
{
  if (lacks("transactions") && strcmp(key, RS_ADBC_AUTOCOMMIT) == 0)
    return refuse(e, ADBC_STATUS_NOT_IMPLEMENTED, "no autocommit to set");
  return real.ConnectionSetOption(c, key, value, e);
}

static AdbcStatusCode set_statement_option(struct AdbcStatement *s, const char *key,
                                           const char *value, struct AdbcError *e)
{
  if (lacks("ingest") && strncmp(key, "adbc.ingest.", 12) == 0)
    return refuse(e, ADBC_STATUS_NOT_IMPLEMENTED, "no ingestion");
  return real.StatementSetOption(s, key, value, e);
}

static AdbcStatusCode bind_stream(struct AdbcStatement *s, struct ArrowArrayStream *stream,
                                  struct AdbcError *e)
{
  if (lacks("ingest")) return refuse(e, ADBC_STATUS_NOT_IMPLEMENTED, "no streams");
  return real.StatementBindStream(s, stream, e);
}

static AdbcStatusCode set_query(struct AdbcStatement *s, const char *sql, struct AdbcError *e)
{
  const char *list = getenv("POOR_LACKS");
  const char *fails = list != NULL ? strstr(list, "insert=") : NULL;
  if (lacks("upsert") && (strncasecmp(sql, "MERGE", 5) == 0 || strcasestr(sql, "ON CONFLICT") ||
                          strcasestr(sql, "INSERT OR REPLACE")))
    return refuse(e, ADBC_STATUS_NOT_IMPLEMENTED, "no upsert");
  if (strncmp(sql, "INSERT", 6) == 0 && fails != NULL && ++inserts == atol(fails + 7))
    return refuse(e, ADBC_STATUS_IO, "the disk is full");
  return real.StatementSetSqlQuery(s, sql, e);
}

__attribute__((visibility("default"))) AdbcStatusCode AdbcDriverPoorInit(int version, void *driver,
                                                                         struct AdbcError *e)
{
  const char *path = getenv("POOR_LIBRARY");
  void *library = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  AdbcDriverInitFunc init = NULL;
  if (library != NULL) *(void **)&init = dlsym(library, "duckdb_adbc_init");
  if (init == NULL) return refuse(e, ADBC_STATUS_INTERNAL, "POOR_LIBRARY is no DuckDB");
  AdbcStatusCode status = init(version, driver, e);
  if (status != ADBC_STATUS_OK) return status;
  real = *(struct AdbcDriver *)driver;
  struct AdbcDriver *d = driver;
  d->ConnectionSetOption = set_connection_option;
  d->StatementSetOption = set_statement_option;
  d->StatementBindStream = bind_stream;
  d->StatementSetSqlQuery = set_query;
  inserts = 0;
  return ADBC_STATUS_OK;
}
