/*
** Rockset SQL: one statement is parsed, resolved against the caller's catalog, and written again in
** an engine's dialect.
**
**   rs_rsql_parse      text -> statement; names its parameters
**   rs_rsql_resolve    names -> collections (a callback may rename or refuse them), values of the
**                      parameters; afterwards the collections read and written are known
**   rs_rsql_emit       statement -> SQL text of the engine, with markers or literals
**
** What the translator does not know goes through unchanged: unknown functions by name, and a text
** that is no Rockset SQL but provably one SELECT-like statement as kind RS_RSQL_PASS.
**
** Pure functions on memory; nothing blocks (the callback may). A statement is used by one thread at
** a time. Ownership: a statement and all texts it gives live in the arena given to rs_rsql_parse,
** which also borrows the text: both must outlive the statement.
** Errors: texts say what was expected; struct rs_rsql_pos has the place in the text as well.
*/
#ifndef RS_RSQL_H
#define RS_RSQL_H
#include <stdbool.h>
#include <stddef.h>
#include "src/sql/dialect.h"
#include "src/value/value.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"

#define RS_RSQL_TEXT_MAX ((size_t)4 << 20) /* bytes of a statement */
#define RS_RSQL_DEPTH_MAX 500              /* nested expressions and queries */

struct rs_rsql_stmt;

/* Where an error lies: 1-based, columns in characters; all 0 when it has no place. */
struct rs_rsql_pos {
  size_t line, column;
};

enum rs_rsql_kind {
  RS_RSQL_SELECT,   /* a query; VALUES and TABLE too */
  RS_RSQL_INSERT,   /* INSERT INTO: rs_rsql_target, and rs_rsql_emit gives the query alone */
  RS_RSQL_DESCRIBE, /* rs_rsql_target, rs_rsql_options; emits nothing */
  RS_RSQL_EXPLAIN,  /* rs_rsql_emit gives EXPLAIN with the query */
  RS_RSQL_PASS      /* not Rockset SQL: one SELECT-like statement of the engine, see below */
};

/*
** Parses exactly one statement. *out is in the arena. *pos (may be NULL) is set on RS_INVALID, and
** on RS_LIMIT for nesting.
** RS_RSQL_PASS: the text begins as a query does (SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, TABLE,
** SUMMARIZE, PIVOT, a bracket), is one balanced statement for the engine's lexer as for ours, names
** nothing of ours (_rockset) and no function that runs SQL from text. It is emitted as it is, less
** comments and `;` at its ends: send it as `SELECT * FROM (...)` only. Its collections are unknown,
** and names without a workspace are the engine's to find. *pos tells where the parser gave up.
*/
enum rs_code rs_rsql_parse(const char *text, size_t n, struct rs_arena *arena,
                           struct rs_rsql_stmt **out, struct rs_rsql_pos *pos, struct rs_error *e);

enum rs_rsql_kind rs_rsql_kind(const struct rs_rsql_stmt *s);
/* Why it is no Rockset SQL (the parser's error), NULL unless RS_RSQL_PASS. */
const char *rs_rsql_pass_reason(const struct rs_rsql_stmt *s);
/* Has the outermost query a LIMIT of its own? (PASS: false.) */
bool rs_rsql_has_limit(const struct rs_rsql_stmt *s);
/* What column i of a result's n is, of that name, after resolving; sidecars are not among them.
** (PASS: OTHER.) */
enum rs_rsql_origin {
  RS_RSQL_OTHER,
  RS_RSQL_FIELD,   /* a field of a relation, as it is there */
  RS_RSQL_OPTIONAL /* the same, by a star over documents: it need not be there */
};
enum rs_rsql_origin rs_rsql_origin(const struct rs_rsql_stmt *s, size_t i, size_t n,
                                   const char *name);
/* Is that column of the result one whose objects' members stand in the row in its place (`o.*` of
** JSON, with rs_rsql_env.splices)? Not those that rs_rsql_leaves_out, by EXCEPT. */
#define RS_RSQL_SPLICED "rs_members~"
bool rs_rsql_is_spliced(const struct rs_rsql_stmt *s, const char *column);
bool rs_rsql_leaves_out(const struct rs_rsql_stmt *s, const char *column, const char *member);
/* The distinct parameters in order of first use: "name" of :name, "1" of :1, a number for `?`. */
const char *const *rs_rsql_params(const struct rs_rsql_stmt *s, size_t *n);

/* ---- parameters ------------------------------------------------------------------------------ */

enum rs_rsql_type {
  RS_RSQL_ANY, /* the value's own */
  RS_RSQL_NULL,
  RS_RSQL_INT,
  RS_RSQL_FLOAT,
  RS_RSQL_BOOL,
  RS_RSQL_STRING,
  RS_RSQL_BYTES,
  RS_RSQL_DATE,
  RS_RSQL_TIME,
  RS_RSQL_DATETIME,
  RS_RSQL_TIMESTAMP,
  RS_RSQL_MONTH_INTERVAL,       /* v: int, months */
  RS_RSQL_MICROSECOND_INTERVAL, /* v: int, microseconds */
  RS_RSQL_ARRAY,                /* v: JSON text */
  RS_RSQL_OBJECT,               /* v: JSON text */
  RS_RSQL_GEOGRAPHY,            /* v: GeoJSON text */
  RS_RSQL_U256                  /* v: text of digits */
};

/* A parameter's value: dates and times are texts in canonical form (2020-01-02 03:04:05.5), a
** timestamp is in UTC or keeps its zone's name at the end. */
struct rs_rsql_value {
  enum rs_rsql_type type;
  struct rs_value v;
};

/*
** Reads a parameter as the API sends it: a type's name (NULL, "" or unknown: guessed from the text
** as extended JSON) and a text (NULL: null). *out borrows from the text or lies in the arena.
** RS_INVALID names the parameter, its type and the form expected.
*/
enum rs_code rs_rsql_param_value(const char *name, const char *type, const char *text, size_t n,
                                 struct rs_arena *arena, struct rs_rsql_value *out,
                                 struct rs_error *e);

/* ---- names ----------------------------------------------------------------------------------- */

/* A collection that the statement names: as written, with its workspace, and what stands for it. */
struct rs_rsql_collection {
  const char *workspace, *name;
  const char *to_workspace, *to_name; /* after the callback; equal when it did not rename */
  bool written;                       /* the target of INSERT INTO */
  bool read;                          /* by anything else */
  size_t line, column;                /* of its first use */
  const char *sql;                    /* the callback's */
  size_t uses;                        /* how often the statement names it */
};

/* What the callback fills in for one name; on entry it holds the name as written. */
struct rs_rsql_relation {
  const char *workspace, *name; /* replace to rename (an alias); must outlive the statement */
  /* The columns, when known; must outlive the statement. With them, fields that the collection
  ** lacks are NULL (undefined) instead of an engine's error, and types choose the rewriting. */
  const struct rs_columns *columns;
  /* A query of the engine's that stands for it, in the place of a name; must outlive the statement.
  ** A name in its scope is a field of it, which may be undefined, before it is an alias of the
  ** select list. NULL: none. */
  const char *sql;
};

/*
** May rename, deny (any other code, with a text in e) or describe. Called once for each distinct
** name; again where one that is written is read, too: what it then fills in does not count.
** `_rockset` never gets here: RS_NOT_FOUND. Without a callback each name stands for itself.
*/
typedef enum rs_code rs_rsql_relation_fn(void *ctx, struct rs_rsql_relation *rel, bool write,
                                         struct rs_error *e);

/* ---- what a statement costs an engine to plan ------------------------------------------------ */

enum { RS_RSQL_SIZES = 12 };
/* How much of each kind a text holds (bounds.c). All zero: nothing, or not known. */
struct rs_rsql_size {
  size_t v[RS_RSQL_SIZES];
};
/* The text names a relation, in a workspace or (NULL) in any: *out becomes what lies behind it with
** all views that it reads. Names are neither folded nor unquoted beyond their outer quotes. */
typedef enum rs_code rs_rsql_see_fn(void *ctx, const char *workspace, size_t nworkspace,
                                    const char *name, size_t n, struct rs_rsql_size *out,
                                    struct rs_error *e);
struct rs_rsql_views {
  rs_rsql_see_fn *see;
  void *ctx;
};
/* What a view's text holds, without bounds; its relations are named to views->see. */
enum rs_code rs_rsql_measure(const char *text, size_t n, const struct rs_dialect *d,
                             const struct rs_rsql_views *views, struct rs_rsql_size *out,
                             struct rs_error *e);
/* a becomes what holds both. */
void rs_rsql_size_add(struct rs_rsql_size *a, const struct rs_rsql_size *b);
/* May a statement that names this view go to an engine at all? */
enum rs_code rs_rsql_check_view(const struct rs_rsql_size *size, struct rs_error *e);

struct rs_rsql_env {
  const char *workspace; /* for names without one; NULL: "commons"; OPTION(default_workspace) wins
                         */
  rs_rsql_relation_fn *relation; /* may be NULL */
  void *ctx;
  /* Values of rs_rsql_params in its order, or NULL: not known (a validation). They must outlive the
  ** statement. TABLE(:p) and FIELD(:p) need them; without them such names stay unresolved. */
  const struct rs_rsql_value *values;
  /* Columns' sidecars (value/boxed.h) stand in results, each under its column's name with
  ** RS_BOXED_SIDE behind it, wherever a column is selected as it is. */
  bool sides;
  /* The engine keeps names of columns in lower case (the dialect's lower_names). With `sides`, what
  ** it would take for another name has a mark in results: value/field_name.h reads them. */
  bool lower;
  /* Who reads the rows puts the members of objects that rs_rsql_spliced tells into them. */
  bool splices;
  /* For the bounds at rs_rsql_emit; must outlive the statement. NULL: no views are known. */
  const struct rs_rsql_views *views;
};

/* Resolves once. RS_INVALID, RS_NOT_FOUND or the callback's code; *pos (may be NULL) as in
** rs_rsql_parse. */
enum rs_code rs_rsql_resolve(struct rs_rsql_stmt *s, const struct rs_rsql_env *env,
                             struct rs_rsql_pos *pos, struct rs_error *e);

/* After resolving: distinct collections in order of first use; CTEs and aliases are none. */
const struct rs_rsql_collection *rs_rsql_collections(const struct rs_rsql_stmt *s, size_t *n);
/* INSERT, DESCRIBE: the collection meant, after resolving; else NULL. */
const struct rs_rsql_collection *rs_rsql_target(const struct rs_rsql_stmt *s);

/*
** An engine's error about the text that rs_rsql_emit gave becomes one about the user's: a function
** by the name it has there, with its place; what the text itself raises for a value of the wrong
** type; no line and column of the engine's text. *pos stays where no place is known. s: resolved.
*/
void rs_rsql_explain(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e);

/* DESCRIBE's OPTION(name = value, ...): value as text (numbers, words and strings alike). */
struct rs_rsql_option {
  const char *name, *value;
};
const struct rs_rsql_option *rs_rsql_options(const struct rs_rsql_stmt *s, size_t *n);

/* ---- text ------------------------------------------------------------------------------------ */

struct rs_rsql_output {
  size_t *order; /* marker i (0-based) stands for parameter order[i]; in the arena */
  size_t norder;
};

/*
** Appends the engine's text to b (no final `;`). inlined: parameters become literals (needs values
** at rs_rsql_resolve); else the dialect's markers, wrapped in a cast where the value's type needs
** one. Result columns keep Rockset's names and order. INSERT with a column list: the query's
** columns get those names. RS_UNSUPPORTED names what the dialect has no form for.
*/
enum rs_code rs_rsql_emit(struct rs_rsql_stmt *s, const struct rs_dialect *d, bool inlined,
                          struct rs_buf *b, struct rs_rsql_output *out, struct rs_rsql_pos *pos,
                          struct rs_error *e);
#endif
