/*
** Finding and loading libduckdb (duckdb_library.h).
*/
#include "duckdb_library.h"
#include "../base/mem.h"
#include "../base/text.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__
#define LIBRARY "libduckdb.dylib"
#else
#define LIBRARY "libduckdb.so"
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rs_duckdb_library *loaded;

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

/* DuckDB's messages begin with the kind of error; its ADBC status says little. */
static enum rs_code classify(AdbcStatusCode status, const char *m) {
  static const struct {
    const char *begin;
    enum rs_code code;
  } kinds[] = {
    {"Constraint Error", RS_CONSTRAINT}, {"Parser Error", RS_INVALID}, {"Binder Error", RS_INVALID},
    {"Permission Error", RS_FORBIDDEN},  {"Out of Memory Error", RS_LIMIT},
    {"Invalid Input Error", RS_INVALID}, {"Conversion Error", RS_REMOTE},
  };
  if (status == ADBC_STATUS_CANCELLED || strstr(m, "INTERRUPT Error") || strstr(m, "Interrupted!"))
    return RS_CANCELLED;
  if (strstr(m, "Could not set lock on file")) return RS_BUSY;
  if (begins(m, "Catalog Error")) {
    if (strstr(m, "does not exist")) return RS_NOT_FOUND;
    if (strstr(m, "already exists")) return RS_EXISTS;
    return RS_INVALID;
  }
  if (begins(m, "IO Error")) return strstr(m, "No files found") ? RS_NOT_FOUND : RS_IO;
  if (strstr(m, "PRIMARY KEY or UNIQUE constraint violat")) return RS_CONSTRAINT;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (begins(m, kinds[i].begin)) return kinds[i].code;
  return RS_REMOTE;
}

/* The library `path` if it is DuckDB of a version that has what we use. On the mutex. */
static enum rs_code load(const char *path, const struct rs_duckdb_library **lib, bool *absent,
                         struct rs_error *e) {
  for (struct rs_duckdb_library *l = loaded; l; l = l->next) {
    if (strcmp(l->path, path) == 0) {
      *lib = l;
      return RS_OK;
    }
  }
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    *absent = true;
    return rs_fail(e, RS_NOT_FOUND, "%s", dlerror());
  }
  AdbcDriverInitFunc init = NULL;
  const char *(*version)(void) = NULL;
  *(void **)&init = dlsym(handle, "duckdb_adbc_init");
  *(void **)&version = dlsym(handle, "duckdb_library_version");
  if (!init || !version)
    return rs_fail(e, RS_UNSUPPORTED, "%s is no DuckDB library with ADBC (1.4 or newer is needed)", path);
  const char *v = version();
  if (begins(v, "v0.") || begins(v, "v1.0.") || begins(v, "v1.1.") || begins(v, "v1.2.") ||
      begins(v, "v1.3."))
    return rs_fail(e, RS_UNSUPPORTED, "%s is DuckDB %s; 1.4 or newer is needed, 1.5 is tested", path, v);
  struct rs_duckdb_library *l = rs_calloc(1, sizeof *l);
  if (!l || !(l->path = rs_strdup(path))) {
    rs_free(l);
    return rs_nomem(e);
  }
  l->driver.classify = classify;
  l->version = v;
  enum rs_code rc = rs_adbc_driver_init(&l->driver, init, path, e);
  if (rc != RS_OK) {
    rs_free(l->path);
    rs_free(l);
    return rc;
  }
  l->next = loaded;
  loaded = l;
  *lib = l;
  return RS_OK;
}

/* The folder this code was loaded from, with its final slash; "" when unknown. */
static char *own_folder(void) {
  Dl_info info;
  if (!dladdr((const void *)(uintptr_t)rs_duckdb_library, &info) || !info.dli_fname) return rs_strdup("");
  const char *slash = strrchr(info.dli_fname, '/');
  return slash ? rs_strndup(info.dli_fname, (size_t)(slash - info.dli_fname) + 1) : rs_strdup("");
}

static enum rs_code search(const struct rs_duckdb_library **lib, struct rs_error *e) {
  static const char *const beside[] = {LIBRARY, "deps/duckdb/" LIBRARY, "rockset_ext/" LIBRARY};
  bool absent = false;
  char *folder = own_folder();
  if (!folder) return rs_nomem(e);
  enum rs_code rc = RS_NOT_FOUND;
  for (size_t i = 0; i < 3 && rc != RS_OK && *folder; i++) {
    char *path = rs_mprintf("%s%s", folder, beside[i]);
    if (!path) {
      rc = rs_nomem(e);
      break;
    }
    absent = false;
    rc = load(path, lib, &absent, e);
    rs_free(path);
    if (rc != RS_OK && !absent) break; /* it is there, but won't do: say why */
  }
  if (rc == RS_NOT_FOUND) rc = load(LIBRARY, lib, &absent, e);
  if (rc == RS_NOT_FOUND)
    rc = rs_fail(e, RS_NOT_FOUND, "DuckDB's library (%s) was not found: not in %s, not in deps/duckdb/ "
                 "or rockset_ext/ there, not where the system looks; run `make deps`, set DUCKDB_LIBRARY "
                 "to its path, or name it as `library:` in profiles.yml",
                 LIBRARY, *folder ? folder : "the extension's folder");
  rs_free(folder);
  return rc;
}

enum rs_code rs_duckdb_library(const char *wanted, const struct rs_duckdb_library **lib,
                               struct rs_error *e) {
  const char *by = wanted ? "the profile's `library`" : "DUCKDB_LIBRARY";
  if (!wanted) wanted = getenv("DUCKDB_LIBRARY");
  bool absent = false;
  pthread_mutex_lock(&mutex);
  enum rs_code rc = wanted && *wanted ? load(wanted, lib, &absent, e) : search(lib, e);
  pthread_mutex_unlock(&mutex);
  if (absent && wanted && *wanted && rc != RS_OK) rs_error_prefix(e, "DuckDB's library (%s)", by);
  return rc;
}
