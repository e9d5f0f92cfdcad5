/*
** Statements that an engine sends through the session itself: written by the dialect, run, and read
** row by row. For engines and what they share (engine/sql, engine/load, engine/documents); those
** above engine/ don't call it.
**
** Threads, blocking, errors: as the session functions of engine.h.
*/
#ifndef RS_ENGINE_STATEMENTS_H
#define RS_ENGINE_STATEMENTS_H
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "engine.h"

/*
** Formats a statement by the dialect: %r a struct rs_relation *, %i a name as identifier, %t a text
** as literal, %s text as it is, %% a percent sign. Sticky error in b.
*/
void rs_sql_add(const struct rs_session *s, struct rs_buf *b, const char *fmt, ...);
/* Runs one formatted statement that writes. *affected may be NULL. */
enum rs_code rs_sql_run(struct rs_session *s, int64_t *affected, struct rs_error *e,
                        const char *fmt, ...);
/* Runs b and frees it. */
enum rs_code rs_sql_run_buf(struct rs_session *s, struct rs_buf *b, int64_t *affected,
                            struct rs_error *e);
/* Calls fn (NULL: only *n counts) for each row of the query in b and frees b. */
typedef enum rs_code (*rs_sql_row_fn)(void *ctx, struct rs_rows *r, struct rs_error *e);
enum rs_code rs_sql_each(struct rs_session *s, struct rs_buf *b, rs_sql_row_fn fn, void *ctx,
                         size_t *n, struct rs_error *e);
/* The one integer a query in b gives; frees b. */
enum rs_code rs_sql_int(struct rs_session *s, struct rs_buf *b, int64_t *value, struct rs_error *e);
/* A column of the current row as text in the arena (no text for NULL: NULL). */
enum rs_code rs_sql_text(struct rs_rows *r, size_t col, struct rs_arena *a, const char **text,
                         struct rs_error *e);
/* The columns that the statement in b would give; frees b. */
enum rs_code rs_sql_columns(struct rs_session *s, struct rs_buf *b, struct rs_columns *out,
                            struct rs_error *e);
/* RS_CANCELLED when the session's owner was interrupted. */
enum rs_code rs_sql_check_interrupt(struct rs_session *s, struct rs_error *e);
/* "__rs_<what>_<8 hex digits>", unique; with name: "__rs_<what>_<name>_<8 hex digits>". */
char *rs_sql_aside_name(struct rs_arena *a, const char *what, const char *name);

/* ---- keys of a stage ------------------------------------------------------------------------- */

/* Names of key columns; borrows. */
struct rs_keys {
  const char *const *v;
  size_t n;
};
/* RS_CONSTRAINT when a row of the stage (SQL text of its name) has no key, or two have the same:
** names the column and one value. rel names the relation in texts. */
enum rs_code rs_sql_check_keys(struct rs_session *s, const struct rs_relation *rel,
                               const char *stage, const struct rs_keys *k, struct rs_error *e);
/* fmt of each key, once or twice its name, with `between` in between. */
void rs_sql_add_keys(const struct rs_session *s, struct rs_buf *b, const struct rs_keys *k,
                     const char *fmt, const char *between);
#endif
