/*
** Finding and loading libduckdb. Lazily: an extension that is only loaded costs 2 ms and no memory,
** DuckDB costs 30 ms and 30 MB. It is never unloaded: its threads and thread-local objects would
** outlive the code.
*/
#include <dlfcn.h>
#include <glob.h>
#include <limits.h>
#ifndef __APPLE__
#include <link.h>
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/library.h"
#include "src/base/text.h"
#include "duckdb.h"

#ifdef __APPLE__
#define LIBRARY "libduckdb.dylib"
#define NODE_SYSTEM "darwin"
#else
#define LIBRARY "libduckdb.so"
#define NODE_SYSTEM "linux"
#endif
#ifdef __aarch64__
#define NODE_PACKAGE "@duckdb/node-bindings-" NODE_SYSTEM "-arm64"
#else
#define NODE_PACKAGE "@duckdb/node-bindings-" NODE_SYSTEM "-x64"
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rs_adbc_driver driver;
static bool loaded;
/* Canonical, of what a profile or the environment named; else empty. Not allocated: it lives as
** long as the library, which can't fail for want of memory once it is loaded. */
static char loaded_path[PATH_MAX];
static char version[64];

static const char ways_out[] =
  "install the package rockset-ext-duckdb (by apt, or pip install 'rockset-ext[server]'), run "
  "`make "
  "deps` in a source tree, set DUCKDB_LIBRARY to its path, or give the profile a `library` field";

/* Where `make install` puts the library. A program that was linked with the installed archive lies
** anywhere, so the archive tells it: its own rs_duckdb_place stands in front of this one. */
__attribute__((weak)) const char rs_duckdb_place[] = "";

const char *rs_duckdb_version(void)
{
  return version;
}

/* 1.5.x is what we are made for; older than 1.4 lacks what we call. */
static enum rs_code check_version(void *handle, const char *path, struct rs_error *e)
{
  const char *(*get)(void);
  *(void **)&get = dlsym(handle, "duckdb_library_version");
  if (!get) return rs_fail(e, RS_UNSUPPORTED, "%s is not DuckDB's library", path);
  snprintf(version, sizeof version, "%s", get());
  const char *p = version + (version[0] == 'v');
  char *end;
  long major = strtol(p, &end, 10);
  long minor = *end == '.' ? strtol(end + 1, &end, 10) : 0;
  // A development build may have no number: it is taken at its word
  if (end != p && (major < 1 || (major == 1 && minor < 4)))
    return rs_fail(e, RS_UNSUPPORTED,
                   "%s is DuckDB %s; 1.5 is wanted, 1.4 is the oldest that works", path, version);
  return RS_OK;
}

static enum rs_code start(void *handle, const char *path, struct rs_error *e)
{
  AdbcDriverInitFunc init;
  enum rs_code rc = check_version(handle, path, e);
  if (rc) return rc;
  *(void **)&init = dlsym(handle, "duckdb_adbc_init");
  if (!init) return rs_fail(e, RS_UNSUPPORTED, "%s has no ADBC driver", path);
  driver.translate = rs_duckdb_translate;
  driver.rewrite = rs_duckdb_rewrite;
  rc = rs_adbc_driver_init(&driver, init, path, e);
  loaded = rc == RS_OK;
  if (loaded) rs_library_note("DuckDB", version);
  return rc;
}

#ifdef __APPLE__
static void *find_present(char path[PATH_MAX])
{
  (void)path;
  return NULL;
}
#else
struct candidate {
  size_t number;
  char *path; /* PATH_MAX */
};

static int note_candidate(struct dl_phdr_info *info, size_t size, void *ctx)
{
  struct candidate *c = ctx;
  (void)size;
  const char *name = strrchr(info->dlpi_name, '/');
  if (!name || !strstr(name, "duckdb") || strlen(info->dlpi_name) >= PATH_MAX) return 0;
  if (c->number-- > 0) return 0;
  snprintf(c->path, PATH_MAX, "%s", info->dlpi_name);
  return 1;
}

/* The DuckDB that somebody else loaded into this process. Two copies do not see each other's locks:
** both could write to one file. One that shows no names can't be seen. The list of what is loaded
** is locked while it is walked, so that nothing can be asked of the loader meanwhile. */
static void *find_present(char path[PATH_MAX])
{
  for (size_t i = 0;; i++) {
    struct candidate c = {.number = i, .path = path};
    if (!dl_iterate_phdr(note_candidate, &c)) return NULL;
    void *handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    if (handle && dlsym(handle, "duckdb_library_version")) return handle;
    if (handle) dlclose(handle);
  }
}
#endif

static bool is_same_file(const char *a, const char *b)
{
  char real_a[PATH_MAX], real_b[PATH_MAX];
  return rs_eq(realpath(a, real_a) ? real_a : a, realpath(b, real_b) ? real_b : b);
}

/* A library that was named: it or nothing. */
static enum rs_code load_named(const char *path, const char *who, struct rs_error *e)
{
  char present[PATH_MAX];
  if (find_present(present) && !is_same_file(path, present))
    return rs_fail(e, RS_INVALID,
                   "%s names the library %s, but this process runs DuckDB from %s already: two "
                   "copies do not see each other's locks; name none, or this one",
                   who, path, present);
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return rs_fail(e, RS_IO, "DuckDB's library, named by %s, can't be loaded: %s; %s", who,
                   dlerror(), ways_out);
  enum rs_code rc = start(handle, path, e);
  if (!rc) {
    char real[PATH_MAX];
    snprintf(loaded_path, sizeof loaded_path, "%s", realpath(path, real) ? real : path);
  }
  return rc;
}

/* One place among several. What is there but can't be loaded goes to `seen`. */
static void *try_place(const char *path, struct rs_buf *seen)
{
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle) return handle;
  const char *why = dlerror();
  rs_buf_printf(seen, "%s%s", seen->n ? ", " : "", path);
  // "cannot open shared object file: No such file" is the usual case and says nothing
  if (why && !strstr(why, "No such file") && !strstr(why, "no such file"))
    rs_buf_printf(seen, " (%s)", why);
  return NULL;
}

/* The file that this code lies in: the extension, or a program, whose own name may have no folder
** when it was found by PATH. False: not known. */
static bool own_file(char path[PATH_MAX])
{
  Dl_info self;
  const char *name = dladdr((void *)&mutex, &self) && self.dli_fname ? self.dli_fname : "";
  if (!strchr(name, '/')) name = "/proc/self/exe";
  return realpath(name, path) != NULL;
}

/*
** DuckDB's own module for Python, which the wheel of this extension asks for: the process then has
** one DuckDB, whether the program imports it too or not. The module needs Python's symbols, so no
** other process can load it.
*/
static void *try_python(int dir, const char *self, struct rs_buf *seen, char path[PATH_MAX])
{
  glob_t found;
  void *handle = NULL;
  if (!dlsym(RTLD_DEFAULT, "Py_IsInitialized")) return NULL;
  snprintf(path, PATH_MAX, "%.*s/../_duckdb.*.so", dir, self);
  if (glob(path, 0, NULL, &found) != 0) return NULL;
  for (size_t i = 0; !handle && i < found.gl_pathc; i++) {
    snprintf(path, PATH_MAX, "%s", found.gl_pathv[i]);
    handle = try_place(path, seen);
  }
  globfree(&found);
  return handle;
}

static enum rs_code load_searched(struct rs_error *e)
{
  // beside it, in a build folder, where `make install` puts it, in the packages for Python and npm
  static const char *const below[] = {"/" LIBRARY,
                                      "/deps/duckdb/" LIBRARY,
                                      "/rockset_ext/" LIBRARY,
                                      "/../lib/rockset_ext/" LIBRARY,
                                      "/../rockset_ext_duckdb/" LIBRARY,
                                      "/../" NODE_PACKAGE "/" LIBRARY};
  struct rs_buf seen;
  rs_buf_init(&seen, 1 << 16);
  void *handle = NULL;
  char self[PATH_MAX], path[PATH_MAX];
  int dir = own_file(self) ? (int)(strrchr(self, '/') - self) : -1;
  handle = find_present(path);
  if (dir >= 0 && !handle) handle = try_python(dir, self, &seen, path);
  for (size_t i = 0; dir >= 0 && !handle && i < sizeof below / sizeof *below; i++) {
    if (snprintf(path, sizeof path, "%.*s%s", dir, self, below[i]) < (int)sizeof path)
      handle = try_place(path, &seen);
  }
  const char *const elsewhere[] = {rs_duckdb_place, LIBRARY}; // the last one by the loader's rules
  for (size_t i = 0; !handle && i < sizeof elsewhere / sizeof *elsewhere; i++) {
    if (!elsewhere[i][0]) continue;
    snprintf(path, sizeof path, "%s", elsewhere[i]);
    handle = try_place(path, &seen);
  }
  enum rs_code rc = handle ? start(handle, path, e)
                           : rs_fail(e, RS_UNSUPPORTED,
                                     "DuckDB's library was not found; looked for %s; %s",
                                     rs_buf_text(&seen), ways_out);
  rs_buf_free(&seen);
  return rc;
}

/* The library is the process's: two copies of DuckDB can't know of each other's open files. */
static enum rs_code check_same(const char *wanted, struct rs_error *e)
{
  if (!wanted || is_same_file(wanted, loaded_path)) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "the profile wants the library %s, but this process runs DuckDB %s from "
                 "%s already",
                 wanted, version, loaded_path[0] ? loaded_path : "elsewhere");
}

enum rs_code rs_duckdb_library(const char *wanted, const struct rs_adbc_driver **d,
                               struct rs_error *e)
{
  const char *env = getenv("DUCKDB_LIBRARY");
  enum rs_code rc;
  if (wanted && !*wanted) wanted = NULL;
  pthread_mutex_lock(&mutex);
  if (loaded) rc = check_same(wanted, e);
  else if (wanted) rc = load_named(wanted, "the profile's `library`", e);
  else if (env && *env) rc = load_named(env, "DUCKDB_LIBRARY", e);
  else rc = load_searched(e);
  pthread_mutex_unlock(&mutex);
  *d = &driver;
  return rc;
}
