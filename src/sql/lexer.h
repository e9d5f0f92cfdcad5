/*
** The lexer of SQL texts, for those who look at tokens: statement.c (one statement or not,
** parameters), engine/sql/relations.c (the query of a view) and cte.c (where CTEs
** go). All read a text exactly as the proof did. Others use statement.h.
**
** It follows the scanner of the engine that the text is for, by the rules of its dialect
** (lex_rules.h). DuckDB's is PostgreSQL's with `?` and `$name` added. Where two readings are
** possible we refuse: odd spaces that DuckDB turns into blanks only in some states, a string behind
** an E'..' string (it would go on with escapes), U&'..', NUL bytes, bad UTF-8, and whatever the
** dialect's row refuses. One pass; each byte is looked at a bounded number of times.
**
** Pure functions on the text, which is borrowed; errors carry line and column.
*/
#ifndef RS_SQL_LEXER_H
#define RS_SQL_LEXER_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/error.h"
#include "dialect.h"

#define RS_SQL_DEPTH_MAX 2000 /* nested brackets; engines overflow their stacks not far beyond */

enum rs_token {
  T_END,
  T_WORD,   /* keyword or identifier */
  T_QUOTED, /* "identifier", where the engine has it also `identifier` */
  T_NUMBER,
  T_STRING,
  T_OPEN, /* ( [ { */
  T_CLOSE,
  T_SEMICOLON,
  T_QUESTION, /* ? and ?N */
  T_DOLLAR,   /* $N, or the $ of $name */
  T_COLON,
  T_CAST, /* :: */
  T_OTHER /* one character of an operator, a comma ... */
};

struct rs_lexer {
  const char *p;
  size_t n, i;
  size_t start; /* of the current token */
  bool spaced;  /* something blank or a comment stands in front of it */
  bool after_e; /* the token before was an E'..' string */
  const struct rs_lex_rules *lex;
  const char *what; /* owner of the text, for errors */
  struct rs_error *e;
};

struct rs_brackets {
  char open[RS_SQL_DEPTH_MAX];
  size_t n;
};

/* By the rules of dialect d, kept until the last token. */
enum rs_code rs_sqllex_open(struct rs_lexer *x, const char *sql, size_t n,
                            const struct rs_dialect *d, const char *what, struct rs_error *e);
/* Reads one token: x->start .. x->i. */
enum rs_code rs_sqllex_next(struct rs_lexer *x, enum rs_token *t);
/* RS_INVALID: `<what>: <why> at line L, column C` of byte `at`. */
enum rs_code rs_sqllex_fail(const struct rs_lexer *x, size_t at, const char *why);
/* Opens or closes a bracket when the current token is one; RS_INVALID when it has no partner. */
enum rs_code rs_sqllex_bracket(const struct rs_lexer *x, enum rs_token t, struct rs_brackets *b);
/* Is the current token this word (upper case), or one of the words up to NULL? */
bool rs_sqllex_is(const struct rs_lexer *x, const char *upper);
bool rs_sqllex_is_any(const struct rs_lexer *x, const char *const *words);
/* Bytes of a name at i, 0 when none begins there; `$` may be within it when `dollar`. */
size_t rs_sqllex_name(const struct rs_lexer *x, size_t i, bool dollar);
#endif
