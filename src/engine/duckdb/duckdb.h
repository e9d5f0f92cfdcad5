/*
** The embedded DuckDB engine, in these files:
**
**   duckdb.c           the engine contract: sessions, statements, transactions
**   instance.c  one open instance for each file of the process; locks, idle release
**   open.c      opening one: options, settings, the file under its name
**   vet.c       what a file's views and macros may do
**   attach.c    the databases that a profile attaches beside it
**   copy.c      a copy of the file, for a backup
**   library.c   finding and loading the shared library
**   error.c     DuckDB's errors as ours
**   information.c  information_schema of one database
**   create.c    where a statement creates something
**
** One instance for each file: opening a file twice in one process succeeds and loses committed
** rows, and so does opening and closing it ourselves (POSIX locks of the process are dropped). So
** every session of every target comes here for its connection, and nothing else touches the file
** but a copy, while it is shut.
*/
#ifndef RS_ENGINE_DUCKDB_DUCKDB_H
#define RS_ENGINE_DUCKDB_DUCKDB_H
#include <pthread.h>
#include <stdatomic.h>
#include "src/engine/adbc/adbc.h"

/* ---- library (library.c) -------------------------------------------------------------- */

/* The loaded driver; the first call looks for the library and loads it, for good. `wanted`: the
** profile's `library`, or NULL. Thread-safe. */
enum rs_code rs_duckdb_library(const char *wanted, const struct rs_adbc_driver **d,
                               struct rs_error *e);
/* "v1.5.6" */
const char *rs_duckdb_version(void);

/* ---- errors (error.c) ----------------------------------------------------------------- */

enum rs_code rs_duckdb_translate(const struct rs_adbc_failure *f, struct rs_error *e);

/* Does it create something that is named without a schema? (create.c) */
struct rs_sqltext;
bool rs_duckdb_creates_by_name(const struct rs_sqltext *text);
/* rs_adbc_driver.rewrite (information.c) */
bool rs_duckdb_rewrite(const char *sql, struct rs_buf *out);

/* The catalog that a target's database is when the profile gives it no name: whatever its file is
** called, no workspace is called so, since their names begin with a letter or a digit. */
#define RS_DUCKDB_CATALOG "_db"

/* ---- instances (instance.c) ----------------------------------------------------------- */

/* One that the profile attaches. */
struct rs_duckdb_attached {
  char *path; /* canonical where it is a file of this machine */
  char *alias;
  char *options; /* owned SQL: "TYPE sqlite, ...", "" for none */
  bool file, memory, read_only;
};

/* How a target wants its instance to be. */
struct rs_duckdb_config {
  char *path; /* canonical; ":memory:" */
  bool memory, read_only, external_access;
  const char *library, *settings, *config_options, *extensions; /* borrowed from the output */
  const char *catalog;   /* what SQL calls the database; borrowed from the output */
  const char *workspace; /* where names without one are looked for first; NULL: DuckDB's main */
  char *fingerprint;     /* what must be equal to share an instance */
  int64_t idle_close_ms, lock_timeout_ms;
  struct rs_duckdb_attached *attached;
  size_t nattached;
};

/* The one spelling of a path: absolute, links resolved. A file that doesn't exist yet is resolved
** by its folder. Returns owned, NULL when out of memory. */
char *rs_duckdb_canonical(const char *path);

/* attach.c: reads the profile's field into c->attached (rs_duckdb_attached_free). */
enum rs_code rs_duckdb_attached_read(const char *json, struct rs_duckdb_config *c,
                                     struct rs_error *e);
void rs_duckdb_attached_free(struct rs_duckdb_config *c);
/* Is one of them in memory? Then what it holds lives as long as the instance is open. */
bool rs_duckdb_attached_memory(const struct rs_duckdb_config *c);
/* Is a file missing, the target's own or an attached one, that a write would make? */
bool rs_duckdb_missing(const struct rs_duckdb_config *c);
bool rs_duckdb_no_file(const char *path);
/* The files that an instance of this kind opens, each with its NUL and one more behind the last;
** returns owned, NULL when out of memory. */
char *rs_duckdb_files(const struct rs_duckdb_config *c);
bool rs_duckdb_files_meet(const char *a, const char *b, const char **common);
/* engine/slots.h's `reaches`, of an instance with that configuration of the output. */
enum rs_code rs_duckdb_reaches(const struct rs_duckdb_config *c, const struct rs_output *o,
                               const char *database, bool writes, struct rs_error *e);

struct rs_duckdb_instance;

/* A session's place at an instance. */
struct rs_duckdb_link {
  struct rs_duckdb_instance *instance;
  const struct rs_duckdb_config *config;
  struct rs_adbc_conn conn;
  pthread_mutex_t conn_mutex; /* guards opening and closing conn against a cancel */
  _Atomic bool cancelled;     /* by rs_duckdb_cancel, since the last rs_duckdb_acquire */
  bool held, linked;
  bool impatient;              /* rs_duckdb_acquire waits for nobody */
  bool creates;                /* what it acquires for makes something: needs the workspace */
  bool in_workspace;           /* the connection's default schema is config->workspace */
  unsigned schemas;            /* the instance's count when that was settled */
  struct rs_duckdb_link *next; /* of the instance */
};

/* The instance of a path, registered (closed at first); no I/O. Returns owned (.._release). A
** file has one for the process, in-memory databases one for each call. */
enum rs_code rs_duckdb_instance_get(const struct rs_duckdb_config *c,
                                    struct rs_duckdb_instance **pi, struct rs_error *e);
void rs_duckdb_instance_release(struct rs_duckdb_instance *i);

void rs_duckdb_link_init(struct rs_duckdb_link *l, struct rs_duckdb_instance *i,
                         const struct rs_duckdb_config *c);
void rs_duckdb_link_close(struct rs_duckdb_link *l);

/*
** Opens the instance as needed and holds it, with the link's connection open: until .._let_go
** nobody closes or reopens it. A file locked by another process, or read by other statements of
** this one while `writes`, is waited for up to lock_timeout; a cancel ends the wait.
*/
enum rs_code rs_duckdb_acquire(struct rs_duckdb_link *l, bool writes, struct rs_error *e);
void rs_duckdb_let_go(struct rs_duckdb_link *l);
/*
** Closes the instance and keeps it closed until rs_duckdb_unshut: whoever in this process wants it
** waits, without a limit of time. Statements that hold it are waited for as by rs_duckdb_acquire.
*/
enum rs_code rs_duckdb_shut(struct rs_duckdb_link *l, struct rs_error *e);
void rs_duckdb_unshut(struct rs_duckdb_link *l);
/*
** Databases in memory with rows of the callers' own (struct rs_changes), in an instance that is
** held. Made where it is missing. While there are any, an instance that is closed only lets go of
** its files. rs_duckdb_unlend: it is not needed any more, and goes when somebody next acquires the
** instance.
*/
enum rs_code rs_duckdb_lend(struct rs_duckdb_link *l, const char *name, struct rs_error *e);
/* After its rows were committed: half the memory, and queries in half the time. */
void rs_duckdb_compress(struct rs_duckdb_link *l, const char *name);
void rs_duckdb_unlend(struct rs_duckdb_instance *i, const char *name);
/* copy.c: copies the file of an instance that is shut to a new one. */
enum rs_code rs_duckdb_copy(struct rs_duckdb_link *l, const char *to, struct rs_error *e);
/* Schemas came or went: every link looks again for its workspace when it acquires. */
void rs_duckdb_schemas_changed(struct rs_duckdb_link *l);
/* From any thread: ends a wait, interrupts the connection. */
void rs_duckdb_cancel(struct rs_duckdb_link *l);

/* The fields of its outputs (profile.c). */
extern const struct rs_field_table rs_duckdb_fields;
struct rs_fields;
/* The field attach of an output (profile_attach.c), written anew as attach.c reads it. */
enum rs_code rs_duckdb_check_attach(struct rs_fields *f, struct rs_error *e);

#endif
