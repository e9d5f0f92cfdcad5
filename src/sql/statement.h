/*
** A lexer over SQL text, as far as safety and parameters need it: comments, strings, quoted
** identifiers, brackets, as the engine of the dialect reads them (lex_rules.h). It understands no
** statement.
**
** Pure functions; nothing blocks; `what` names the text in errors ("table movies", "model delays").
*/
#ifndef RS_SQL_STATEMENT_H
#define RS_SQL_STATEMENT_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/buf.h"
#include "src/base/map.h"
#include "dialect.h"

enum rs_sql_kind {
  RS_SQL_QUERY, /* begins with SELECT, WITH, VALUES, FROM, TABLE, DESCRIBE, SHOW, EXPLAIN,
                   SUMMARIZE, PIVOT, or ( */
  RS_SQL_OTHER
};

struct rs_sqltext {
  const char *p; /* the statement without space and comments around it, and without final `;` */
  size_t n;
  enum rs_sql_kind kind; /* WITH .. INSERT/UPDATE/DELETE/MERGE is RS_SQL_OTHER */
  char keyword[16];      /* its first keyword, upper case */
};

/*
** Proves that `sql` is for an engine of dialect d exactly one statement with balanced brackets and
** closed strings and comments, so that `SELECT * FROM (<it>)` can't be broken out of. Empty text,
** a second statement, an unbalanced bracket: RS_INVALID with the position (line, column). Also
** refused, since engines read them in different ways: NUL bytes, bad UTF-8, U&'..', a string
** directly behind an E'..' string, a Unicode space next to `$` or in front of E'..' (elsewhere
** Unicode spaces are blanks, as in DuckDB), and what the dialect's row refuses.
*/
enum rs_code rs_sqltext_one(const char *sql, size_t n, const struct rs_dialect *d, const char *what,
                            struct rs_sqltext *out, struct rs_error *e);

/*
** Copies one statement to `out` with each `?`, `?N` (also written $N) and `:name` (also written
** $name) replaced by the dialect's marker.
** names: for `:name` the entries get the name as key, in order of first use (value unused); a
** repeated :name reuses its number where the dialect numbers, else `order` repeats it.
** order: the parameter that each marker stands for (0-based index into names, or into the
** positional list), rs_free; norder its length. Mixing `?` and `:name` is RS_INVALID.
** `::` casts, strings, comments, array slices [a:b], {'k':v}, lambda x:x are left alone: a colon
** begins a name unless an operand stands directly in front of it, or anywhere in front of it inside
** [ or {.
*/
enum rs_code rs_sqltext_params(const char *sql, size_t n, const struct rs_dialect *d,
                               struct rs_buf *out, struct rs_map *names, size_t **order,
                               size_t *norder, struct rs_error *e);
#endif
