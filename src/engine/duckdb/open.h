/*
** One open DuckDB database as its profile wants it: extensions, settings, then the lock-down.
** instance.c decides when; nobody else opens one.
*/
#ifndef RS_ENGINE_DUCKDB_OPEN_H
#define RS_ENGINE_DUCKDB_OPEN_H
#include <sys/types.h>
#include <time.h>
#include "duckdb.h"

struct rs_duckdb_open {
  const struct rs_adbc_driver *driver;
  struct AdbcDatabase db;
  char *fingerprint; /* the config's that it was opened with */
  char *catalog;     /* the config's, too */
  bool stand_in;     /* a file is missing: there is an empty database in memory under its name */
  char *attached;    /* names of the others that the profile attaches, as per_session; NULL */
  char *vetted;      /* path of the file, whose definitions may be known when it is closed; NULL */
  char *per_session; /* SET statements that each connection needs, separated by NUL, ended by two */
};

/* Opens it. A file that another process has locked: RS_BUSY naming the holder. */
enum rs_code rs_duckdb_open_begin(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                  bool write, struct rs_error *e);
enum rs_code rs_duckdb_open_connect(struct rs_duckdb_open *o, struct rs_adbc_conn *conn,
                                    struct rs_error *e);
/* Lets go of the files and leaves the rest as it is; every connection is closed already. False: it
** can't. */
bool rs_duckdb_open_detach(struct rs_duckdb_open *o);
/* Has them again, as rs_duckdb_open_begin, with a configuration of the same fingerprint. */
enum rs_code rs_duckdb_open_attach(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                   bool write, struct rs_error *e);
/* ATTACH of one that the profile names (attach.c). *stand_in is set where it is missing and
** an empty one in memory takes its place. */
enum rs_code rs_duckdb_attach(struct rs_adbc_conn *conn, const struct rs_duckdb_attached *x,
                              bool write, bool *stand_in, struct rs_error *e);

/* ---- vet.c ---------------------------------------------------------------------------- */

/* What a file was like when it was closed. */
struct rs_duckdb_seen {
  dev_t device;
  ino_t inode;
  off_t size, wal_size;
  struct timespec changed, wal_changed;
};
/* Before it is opened: must its definitions be looked at? */
bool rs_duckdb_vet_begin(const struct rs_duckdb_config *c);
/* RS_FORBIDDEN names the view or macro that may do harm. */
enum rs_code rs_duckdb_vet(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                           struct rs_error *e);
/* After it was closed: what it holds was looked at, or made by this process. */
void rs_duckdb_vet_end(const char *path);

/* 'it''s' and "a""b" */
void rs_duckdb_add_literal(struct rs_buf *b, const char *s);
void rs_duckdb_add_ident(struct rs_buf *b, const char *s);
/* Names without a schema are looked for in this one, then in main; NULL: only there. Fails when the
** schema does not exist, which ends a transaction. */
enum rs_code rs_duckdb_open_default(const struct rs_duckdb_open *o, struct rs_adbc_conn *conn,
                                    const char *schema, struct rs_error *e);
/* Closes it; every connection of it is closed already. */
void rs_duckdb_open_end(struct rs_duckdb_open *o);
#endif
