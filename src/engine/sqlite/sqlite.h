/*
** SQLite files as a target, through SQLite's ADBC driver: what the files of this folder share.
** sqlite.c is the engine, rows.c how its values come, files.c which files a target has and who else
** has them open, profile.c the fields of its outputs.
**
** A workspace is an attached file; the profile's `path` is `main`. The driver brings a SQLite
** library of its own, beside that of the host process. POSIX locks belong to a process: whichever
** of the two closes a file drops the locks that the other one has on it. So a file that the process
** has open is refused (rs_sqlitedb_opens, rs_sqlitedb_ready).
**
** Threads: the I/O thread of a session, but for rs_sqlitedb_get. Errors: as the slots of slots.h.
*/
#ifndef RS_ENGINE_SQLITE_SQLITE_H
#define RS_ENGINE_SQLITE_SQLITE_H
#include "src/base/arena.h"
#include "src/engine/adbc/driver.h"
#include "src/engine/slots.h"

struct rs_sqlitedb_file {
  const char *schema, *path;
};
enum { RS_SQLITEDB_FILES = 126 }; /* what SQLite can be built for, and main */
struct rs_sqlitedb_files {
  struct rs_arena a;
  struct rs_sqlitedb_file v[RS_SQLITEDB_FILES]; /* main is the first one */
  size_t n;
};
/* Those of the profile and of its schema_directory. rs_arena_free(&out->a), whatever came out. */
enum rs_code rs_sqlitedb_files(const struct rs_output *o, struct rs_sqlitedb_files *out,
                               struct rs_error *e);
/* The file of a new workspace, in the arena; NULL without a text in e: there is no directory. */
const char *rs_sqlitedb_file_for(const struct rs_output *o, const char *workspace,
                                 struct rs_arena *a);
/* struct rs_any_driver's. */
enum rs_code rs_sqlitedb_opens(struct rs_session *s, bool before, struct rs_error *e);
void rs_sqlitedb_closes(const struct rs_target *t, bool before);
/* RS_FORBIDDEN: somebody else in this process has a file open. */
enum rs_code rs_sqlitedb_check_files(const struct rs_target *t, struct rs_error *e);

/* Runs a statement, made as rs_sql_add makes it of the two texts. */
enum rs_code rs_sqlitedb_run(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e,
                             const char *fmt, const char *text, const char *name);

/* struct rs_any_driver's (rows.c). */
enum rs_code rs_sqlitedb_query(struct rs_session *s, struct rs_adbc_conn *c,
                               const struct rs_statement *st, const struct rs_sqltext *text,
                               struct rs_rows *rows, struct rs_error *e);
enum rs_code rs_sqlitedb_columns(struct rs_session *s, struct rs_adbc_conn *c,
                                 const struct rs_statement *st, const struct rs_sqltext *text,
                                 struct rs_columns *out, struct rs_error *e);
/* The engine's get. */
void rs_sqlitedb_get(struct rs_rows *rows, void *batch, size_t row, size_t col,
                     struct rs_value *out);

extern const struct rs_field_table rs_sqlitedb_fields;
#endif
