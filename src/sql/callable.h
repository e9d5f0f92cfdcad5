/*
** What SQL that came out of a database file, or over rocksetd's API, may call and name.
**
** statement.h proves that a text is one statement. That proof holds only while nothing in the text
** changes how the engine reads the next one: `select * from enable_peg_parser()` is a query, and so
** is one that reads the engine's own file by a quoted name. So a stored statement may
**
**   - begin with a query's word or with one that changes data or relations; SET, PRAGMA, CALL and
**     their like are refused, and what works with files where the profile does not let it;
**   - call functions that are known to have no effect (callable_names.c), and those that the
**     engine's catalog says are no built-in or volatile ones: aliases with columns, users' own
**     functions;
**   - name no file in the place of a table, no catalog that shows what is hidden, and no hidden
**     schema. information_schema may be read: its rows about hidden schemas are left out of what is
**     sent.
**
** Trust lifts that but for files and our own hidden schema.
**
** One pass over the tokens of lexer.h. A name is a call where a `(` follows, however it is quoted,
** qualified or chained: the grammars have no call without one, CALL, PRAGMA and SHOW aside.
**
** Pure functions. engine/callable_session.h asks an engine for names that are on no list.
*/
#ifndef RS_SQL_CALLABLE_H
#define RS_SQL_CALLABLE_H
#include "statement.h"

/* What calling a function of some name does. */
enum rs_call {
  RS_CALL_KNOWN,   /* nothing but give values; or it is a word that stands in front of a `(` */
  RS_CALL_UNKNOWN, /* on no list */
  RS_CALL_ENGINE,  /* changes settings, parser, log, profile or files of the engine itself */
  RS_CALL_INNER,   /* takes addresses, or what only the engine itself may pass */
  RS_CALL_TEXT,    /* runs a text that is made while it runs */
  RS_CALL_NAMES,   /* names a relation by such a text */
  RS_CALL_FILES,   /* reads or lists files, or another database */
  RS_CALL_CATALOG, /* shows settings, or the names of what is hidden */
  RS_CALL_STATE,   /* changes a sequence, a log, what others see */
  RS_CALL_WAITS    /* sleeps */
};

/* The lists of a dialect (callable_names.c). Names are in lower case. */
struct rs_calls {
  const char *const *known; /* by first letter, each between blanks; NULL: none */
  /* ? stands for names, as literals: which of them have effects, as rows of the name and the
  ** definition that tells; NULL there: they have. Without `ask`, what is on no list has none by the
  ** rules of the engine, or nothing is known of it. */
  const char *ask;
  const char *const *tables; /* NULL-terminated: where only TABLE(f(..)) may have effects: the
                                table functions that have none; NULL: there is no such syntax */
  bool shows_relations;      /* SHOW x describes x, and is no setting */
  /* NULL-terminated: catalogs that may be read by these last names, since dbt's macros do; they
  ** show no content of what is hidden, at most that it is there. NULL: none. */
  const char *const *catalogs;
};

enum rs_call rs_callable_find(const struct rs_dialect *d, const char *name, size_t n);
/* "reads files": what a function of that kind does, for errors. */
const char *rs_callable_text(enum rs_call c);
/* What would let it be called, for errors. */
const char *rs_callable_way_out(enum rs_call c);
#define RS_CALLABLE_FILES "(a target of profiles.yml with `allow_external_access: true` may)"
/* Is it a schema that nobody but us reads, or, unless trusted, the engine's catalog? */
bool rs_callable_is_hidden(const char *workspace, bool trusted);

/* What a check needs to know of the target. */
struct rs_callable {
  const struct rs_dialect *dialect;
  bool files;    /* the profile lets statements reach files */
  bool extended; /* and loads extensions, whose functions it vouches for */
  bool builtin;  /* users' own functions are refused, whatever they do */
  bool trusted;  /* any function and statement, but no files and nothing of our own schema */
  /* A definition of the target: only calls that change the engine or run texts are refused. */
  bool engine_only;
  const char *way_out; /* for errors; NULL: by what the call does */
};

/*
** Checks a proven statement. `what` names its owner in errors, which are RS_FORBIDDEN.
** unknown (may be NULL): gets the names on no list, lower case. out (may be NULL): gets the text to
** send.
*/
enum rs_code rs_callable_check(const struct rs_sqltext *one, const struct rs_callable *g,
                               const char *what, struct rs_map *unknown, struct rs_buf *out,
                               struct rs_error *e);

/* Adds the query that asks the engine for the names from `from` on (rs_calls.ask). */
void rs_callable_ask(const struct rs_callable *g, const struct rs_map *names, size_t from,
                     struct rs_buf *sql);
/* A row of its answer: a user's own function is what it is made of; names that its definition calls
** are added. */
enum rs_code rs_callable_judge(const struct rs_callable *g, const char *what,
                               const struct rs_value *name, const struct rs_value *definition,
                               struct rs_map *names, struct rs_error *e);

#endif
