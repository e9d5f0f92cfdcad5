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

struct rs_sqltext;
/*
** What an engine of one driver does its own way on the sessions of any.c, on their I/O threads.
** NULL: as any driver.
*/
struct rs_any_driver {
  enum rs_code (*translate)(const struct rs_adbc_failure *f, struct rs_error *e);
  bool counts;     /* struct rs_adbc_driver's */
  const char *uri; /* the field of the profile that is the database's uri; NULL: uri */
  bool by_insert;  /* rows go as statements, whatever the driver takes */
  /* Called before a connection is opened, and once that has ended (not after an error of the first
  ** call); before and after one, or the database, is closed. */
  enum rs_code (*opens)(struct rs_session *s, bool before, struct rs_error *e);
  void (*closes)(const struct rs_target *t, bool before);
  /* A new connection; one that is used again. */
  enum rs_code (*begins)(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e);
  enum rs_code (*ready)(struct rs_session *s, struct rs_adbc_conn *c, struct rs_error *e);
  const char *const *refuses; /* first words of statements; NULL-terminated */
  /* Of what is a query. */
  enum rs_code (*query)(struct rs_session *s, struct rs_adbc_conn *c, const struct rs_statement *st,
                        const struct rs_sqltext *text, struct rs_rows *rows, struct rs_error *e);
  enum rs_code (*columns)(struct rs_session *s, struct rs_adbc_conn *c,
                          const struct rs_statement *st, const struct rs_sqltext *text,
                          struct rs_columns *out, struct rs_error *e);
};

/* Loads the library of the profile's `driver` and opens its database by uri, options and
** credentials. The library stays loaded. */
enum rs_code rs_adbc_library_open(struct rs_adbc_library *l, const struct rs_target *t,
                                  const struct rs_any_driver *d, struct rs_error *e);
void rs_adbc_library_close(struct rs_adbc_library *l);
/* What the driver says of the engine behind it: "PostgreSQL 15.18"; nothing when it says nothing.
** */
enum rs_code rs_adbc_library_version(struct rs_adbc_conn *c, struct rs_buf *out,
                                     struct rs_error *e);

/* ---- the slots of any.c, for an engine of one driver; target_open calls the first ------------ */

enum rs_code rs_any_target_open(struct rs_target *t, const char *dialect,
                                const struct rs_any_driver *d, struct rs_error *e);
void rs_any_target_close(struct rs_target *t);
enum rs_code rs_any_session_open(struct rs_session *s, struct rs_error *e);
void rs_any_session_close(struct rs_session *s);
enum rs_code rs_any_learn(struct rs_session *s, struct rs_error *e);
enum rs_code rs_any_execute(struct rs_session *s, const struct rs_statement *st,
                            struct rs_rows *rows, int64_t *affected, struct rs_error *e);
enum rs_code rs_any_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e);
void rs_any_close_rows(struct rs_rows *rows);
enum rs_code rs_any_columns(struct rs_session *s, const struct rs_statement *st,
                            struct rs_columns *out, struct rs_error *e);
enum rs_code rs_any_transact(struct rs_session *s, enum rs_transact what, struct rs_error *e);
void rs_any_cancel(struct rs_session *s);
enum rs_code rs_any_version(struct rs_session *s, struct rs_buf *out, struct rs_error *e);
enum rs_code rs_any_ingest(struct rs_session *s, const struct rs_relation *stage,
                           struct rs_rows *src, int64_t *count, struct rs_error *e);

#define RS_ANY_SLOTS                                                                               \
  .target_close = rs_any_target_close, .session_open = rs_any_session_open, .learn = rs_any_learn, \
  .session_close = rs_any_session_close, .execute = rs_any_execute,                                \
  .next_batch = rs_any_next_batch, .free_batch = rs_adbc_free_batch,                               \
  .close_rows = rs_any_close_rows, .columns = rs_any_columns, .transact = rs_any_transact,         \
  .cancel = rs_any_cancel, .version = rs_any_version, .ingest = rs_any_ingest

/* rs_adbc_driver.translate for any driver: the code by SQLSTATE, else by ADBC's status. */
enum rs_code rs_adbc_translate(const struct rs_adbc_failure *f, struct rs_error *e);
/* Does a message of DuckDB's, which has no code for it, say that another transaction was faster?
** Its library may be a profile's `driver`, too. */
bool rs_adbc_is_duckdb_conflict(const char *text);
#endif
