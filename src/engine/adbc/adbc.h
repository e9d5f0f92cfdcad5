/*
** What every ADBC driver shares: connections, statements with parameters, streams as rows,
** ingestion. Driver-neutral: how a driver is found, opened and shared, and how its errors read, is
** the business of the engine's own file (engine/duckdb/duckdb.c).
**
** Threads: a connection is used by one thread at a time; rs_adbc_cancel from any, as long as the
** connection is open (the engine guards that).
** Blocking: everything but rs_adbc_get, rs_adbc_show and rs_adbc_cancel may block.
*/
#ifndef RS_ENGINE_ADBC_ADBC_H
#define RS_ENGINE_ADBC_ADBC_H
#include "src/arrow/abi.h"
#include "src/arrow/arrow.h"
#include "src/engine/slots.h"

/* What a driver says of an error. No text is NULL; "": it does not say. */
struct rs_adbc_failure {
  AdbcStatusCode status;
  const char *sqlstate;
  const char *constraint; /* its name (PG_DIAG_CONSTRAINT_NAME) */
  const char *text;
};

struct rs_adbc_driver {
  struct AdbcDriver fn;
  /* Fills e; returns the code. */
  enum rs_code (*translate)(const struct rs_adbc_failure *f, struct rs_error *e);
  bool counts; /* tells how many rows were changed where no stream is asked for only */
  /* What is sent in place of a statement that this version of the engine does not take, into out;
  ** false: it is sent as it is. NULL: none is. */
  bool (*rewrite)(const char *sql, struct rs_buf *out);
};

/* Calls the driver's entry point, for version 1.1 and else 1.0, which lacks the functions behind
** ErrorGetDetailCount. `what` names it in errors. */
enum rs_code rs_adbc_driver_init(struct rs_adbc_driver *d, AdbcDriverInitFunc init,
                                 const char *what, struct rs_error *e);
/* An AdbcError as ours; releases it. */
enum rs_code rs_adbc_fail(const struct rs_adbc_driver *d, AdbcStatusCode status,
                          struct AdbcError *a, struct rs_error *e);

/* ---- connections ----------------------------------------------------------------------------- */

enum { RS_ADBC_KEPT = 4 };

struct rs_adbc_conn {
  const struct rs_adbc_driver *driver;
  const char *option; /* set to "false" for the statement that is made next (sql/dialect.h); NULL */
  struct AdbcConnection c;
  bool open;
  /* The last statements with parameters stay prepared: keyed lookups send one again and again, a
  ** document that is written sends two */
  struct rs_adbc_kept {
    struct AdbcStatement st;
    char *sql; /* NULL: none */
  } kept[RS_ADBC_KEPT];
  size_t oldest;   /* of kept */
  size_t attached; /* files, counted by the engine that attaches them */
};

enum rs_code rs_adbc_connect(struct rs_adbc_conn *c, const struct rs_adbc_driver *d,
                             struct AdbcDatabase *db, struct rs_error *e);
/* Also when it isn't open. Streams of the connection must be closed. */
void rs_adbc_disconnect(struct rs_adbc_conn *c);
void rs_adbc_cancel(struct rs_adbc_conn *c);

/* Runs a statement to its end; *affected: -1 when the driver can't say. */
enum rs_code rs_adbc_exec(struct rs_adbc_conn *c, const struct rs_statement *st, int64_t *affected,
                          struct rs_error *e);
/* Adds the columns that a query would give; a driver that can't say is given the query. */
enum rs_code rs_adbc_columns(struct rs_adbc_conn *c, const struct rs_statement *st,
                             struct rs_columns *out, struct rs_error *e);

/* ---- rows: what rs_rows.impl points to ------------------------------------------------------- */

struct rs_adbc_batch;
struct rs_adbc_rows {
  const struct rs_adbc_driver *driver;
  struct rs_adbc_conn *conn;
  bool open; /* until its end or an error: the statement and the stream */
  struct AdbcStatement statement;
  char *sql; /* of a statement to keep; else NULL */
  /* set by a cancel: without one, RS_CANCELLED hides an error, for which the statement is run once
  ** more; NULL: RS_CANCELLED is what it says */
  const _Atomic bool *cancelled;
  struct ArrowArrayStream stream;
  bool with_kinds;        /* values are texts that begin with their kind (sqlite/rows.c) */
  struct ArrowSchema raw; /* lent to an ingestion */
  struct rs_arrow_schema schema;
  struct rs_scratch scratch;
  const struct rs_adbc_batch *scratch_batch; /* the row whose values are in the scratch */
  size_t scratch_row;
};

/* Opens a stream: fills rows->columns and rows->impl. */
enum rs_code rs_adbc_query(struct rs_adbc_conn *c, const struct rs_statement *st,
                           struct rs_rows *rows, struct rs_error *e);
/* The engine's next_batch (which releases the stream when it is over), free_batch, get and show. */
enum rs_code rs_adbc_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e);
void rs_adbc_free_batch(struct rs_rows *rows, void *batch);
void rs_adbc_get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out);
void rs_adbc_show(struct rs_rows *rows, void *batch);
/* Moves the array of a batch out and frees the rest of it. */
void rs_adbc_take_array(struct rs_rows *rows, void *batch, struct ArrowArray *out);
bool rs_adbc_is_over(const struct rs_rows *rows);
void rs_adbc_close_rows(struct rs_rows *rows);

/*
** Streams the rest of `src` into a new table. `pass`: how. When src is an ADBC stream too its
** batches are handed
** over as they are, else rows are converted in batches. *stop: set by a cancel, ends the stream.
*/
enum rs_adbc_pass {
  RS_ADBC_AS_IS,   /* batches of another ADBC stream as they are */
  RS_ADBC_CONVERT, /* booleans, integers, floats, bytes and texts only */
  RS_ADBC_JSON     /* that, and the values of JSON and mixed columns as JSON texts */
};
enum rs_code rs_adbc_ingest(struct rs_adbc_conn *c, const struct rs_relation *stage,
                            struct rs_rows *src, enum rs_adbc_pass pass, const _Atomic bool *stop,
                            int64_t *count, struct rs_error *e);
/* The same by INSERT statements, for a driver that takes no stream (insert.c). */
enum rs_code rs_adbc_insert(struct rs_session *s, struct rs_adbc_conn *c,
                            const struct rs_relation *into, struct rs_rows *src,
                            enum rs_adbc_pass pass, const _Atomic bool *stop, int64_t *count,
                            struct rs_error *e);
/* The dialect's type for a column of another engine. */
const char *rs_adbc_type_name(const struct rs_dialect *d, const struct rs_column *c);
/* Values of the row as JSON texts, which lie in `text`, where the column is to be JSON. */
enum rs_code rs_adbc_json_row(const struct rs_columns *columns, struct rs_value *row,
                              struct rs_buf *text, struct rs_error *e);
/* Makes the temporary table `name` of the builder's rows, which it takes out. */
enum rs_code rs_adbc_stage(struct rs_adbc_conn *c, const char *name, struct rs_arrow_builder *rows,
                           const _Atomic bool *stop, struct rs_error *e);

/* The fields of its outputs (profile.c). */
extern const struct rs_field_table rs_adbc_fields;

#endif
