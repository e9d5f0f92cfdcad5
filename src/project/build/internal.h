/*
** What the files of unit tests share: unit_test.c (the run), unit_rows.c (rows of `given` and
** `expect` as SQL, and the comparison).
*/
#ifndef RS_PROJECT_BUILD_INTERNAL_H
#define RS_PROJECT_BUILD_INTERNAL_H
#include "src/json/json.h"
#include "build.h"
#include "src/engine/engine.h"
#include "src/project/model/model.h"

/* Rows as the test gives them. */
struct rs_unit_rows {
  const char *format;     /* "dict", "csv", "sql" */
  const char *sql;        /* sql */
  const char **names;     /* else: columns in order of their first use */
  struct rs_json ***rows; /* rows[i][column]; NULL: not said */
  size_t nnames, nrows;
};

/* Of {"rows": ..., "format": ...}; in the arena. */
enum rs_code rs_unit_rows_read(const struct rs_json *given, struct rs_arena *a,
                               struct rs_unit_rows *out, struct rs_error *e);
/* A query of these rows. cols: the columns of what they stand for, whose types they get and all of
** which are there; NULL: only those that the rows have, as they are. A column that cols lacks is
** RS_INVALID; `what` names the rows. only_named: without columns that no row has. */
enum rs_code rs_unit_rows_sql(const struct rs_unit_rows *r, const struct rs_columns *cols,
                              bool only_named, const struct rs_dialect *d, const char *what,
                              struct rs_buf *sql, struct rs_error *e);

/* The rows of two queries of the same columns as sets with repetition. *differ: rows that only one
** of them has; text gets what they are. */
enum rs_code rs_unit_compare(struct rs_session *s, const struct rs_project *p, const char *actual,
                             const char *expected, int64_t *differ, struct rs_buf *text,
                             struct rs_error *e);

/* ---- lambda ---------------------------------------------------------------------------------- */

/*
** The materialization query_lambda: the model's SQL becomes a query lambda of the target.
**
** Config, as dbt-rockset has it:
**   parameters   a list of {name, type, value}: the defaults
**   tags         each is set to the new version as well
**   description  else the model's own
**
** A lambda that already has this text, defaults and description gets no new version. Blocks; one
** session, errors as the session functions of engine/engine.h.
*/

/* *message: returned owned, one sentence of what was done. */
enum rs_code rs_lambda_materialize(struct rs_session *s, const struct rs_node *n, const char *sql,
                                   char **message, struct rs_error *e);

/* ---- documents ------------------------------------------------------------------------------- */

/*
** The query whose rows are those of `sql` as documents: with `_id` (a new one where it gives none;
** of several rows with one `_id` one stays) and `_event_time` (now). Owned in *out. An engine whose
** dialect has no form of that: the same text.
*/
enum rs_code rs_document_query(struct rs_session *s, const char *sql, char **out,
                               struct rs_error *e);
/* *adds: rows for the table of this incremental model are to be added as INSERT INTO does it: they
** replace those of their `_id`, new fields become columns. Not so with another key, or where the
** config says more. */
enum rs_code rs_document_adds(const struct rs_node *n, bool *adds, struct rs_error *e);

/* ---- clone ----------------------------------------------------------------------------------- */

/* dbt clone: a node of one target shown in another. */

/* The query of the view that stands for n->clone_of, into sql; or *message, owned (rs_free): there
** is nothing to do, and why. */
enum rs_code rs_clone_sql(const struct rs_project *p, const struct rs_node *n, struct rs_session *s,
                          struct rs_buf *sql, char **message, struct rs_error *e);

#endif
