/*
** What the files of ext/local share: a table, a copy of it, and what one connection has of both.
*/
#ifndef RS_EXT_LOCAL_INTERNAL_H
#define RS_EXT_LOCAL_INTERNAL_H
#include "src/base/arena.h"
#include "src/base/map.h"
#include "src/engine/changes.h"
#include "src/sql/locals.h"
#include "local.h"

/* ---- a table (table.c) ----------------------------------------------------------------------- */

/* Of which file and rows a copy was made. Two equal ones that are `steady`: no row differs. */
struct rs_local_state {
  bool steady;   /* not in a transaction that writes, and nothing but rows of this file counts */
  unsigned data; /* changes with every commit to the file, whoever's it is */
  int64_t others, schema; /* PRAGMA data_version: of others only; PRAGMA schema_version */
  int64_t changes;        /* rows that this connection has changed in all */
  int64_t mark;           /* of what is open under the schema's name; 0: it stays (table.c) */
};

struct rs_local_column {
  const char *name;
  const char *decl; /* declared type; NULL: none */
  unsigned mix;     /* RS_MIX_* of its values */
  bool whole;       /* all integers are within 2^53 */
  bool bits;        /* all integers are 0 or 1 */
};

struct rs_local_table {
  sqlite3 *db;
  const char *schema, *name;             /* as the schema has them */
  bool plain;                            /* a table, no view and no virtual one */
  bool has_rowid;                        /* that is not among the columns */
  struct rs_local_column *columns, *all; /* all: before rs_local_choose */
  size_t n, nall;
  bool whole; /* columns are all that there are, in their order, and nothing else: `*` means them */
  const struct rs_local_condition *conditions; /* of the only place that names it */
  const char *where;   /* " WHERE ..." of the rows that are needed; NULL: all (rs_local_filter) */
  sqlite3_stmt *reads; /* keeps one state of the file while rows are read; NULL: not yet */
  struct rs_local_state state;
};

/* Finds what SQLite means by the name. stored: see local.h. Texts in the arena. */
enum rs_code rs_local_find(struct rs_conn *c, const struct rs_local_name *name, const char *stored,
                           struct rs_arena *a, struct rs_local_table *out, struct rs_error *e);
/* Only the columns that a statement may use, at least one. */
enum rs_code rs_local_choose(struct rs_local_table *t, const struct rs_locals *l,
                             struct rs_arena *a, struct rs_error *e);
/* Begins to read: the file stays as it is for this connection until rs_local_release. */
enum rs_code rs_local_hold(struct rs_local *l, struct rs_local_table *t, struct rs_error *e);
void rs_local_release(struct rs_local_table *t);
/* SELECT of the columns, with `where` behind it. Finalized by the caller. */
enum rs_code rs_local_select(const struct rs_local_table *t, const char *where, sqlite3_stmt **st,
                             struct rs_error *e);
/* One integer of "SELECT <what> FROM the table<where>"; NULL is -1. */
enum rs_code rs_local_number(const struct rs_local_table *t, const char *what, const char *where,
                             int64_t *n, struct rs_error *e);

/* ---- rows that are not needed (filter.c) ----------------------------------------------------- */

/* Does the engine compare texts byte by byte? */
enum rs_code rs_local_compares_bytes(struct rs_session *s, bool *does, struct rs_error *e);
/* Sets t->where, if indexes of SQLite find the few rows that meet its conditions. texts: the engine
** compares them byte by byte. The table is held. */
enum rs_code rs_local_filter(struct rs_local_table *t, bool texts, struct rs_arena *a,
                             struct rs_error *e);

/* ---- a copy (send.c) ------------------------------------------------------------------------- */

struct rs_local_copy {
  struct rs_local_copy *next;
  struct rs_arena a;
  char space[32];              /* its own: whoever reads an older copy goes on doing so */
  bool lent;                   /* that is a database in the engine's memory, else a workspace */
  struct rs_local_table table; /* as it was, without what reads */
  int64_t rows, last;          /* last: the greatest rowid; -1 unknown */
  size_t bytes;
  bool part;      /* rows that one statement needs: for no other */
  bool used;      /* by the statement that is being prepared */
  uint64_t stamp; /* when it was used last: greater is later */
};

/* Sends the rows of t, or (`more`) those behind x->last, which rel has not got yet. Adds up x->rows
** and x->bytes, and widens the columns of t as values want it. RS_DONE: more of them don't fit
** rel's types. */
enum rs_code rs_local_send(struct rs_conn *c, struct rs_session *s, const struct rs_relation *rel,
                           struct rs_local_table *t, struct rs_local_copy *x, bool more,
                           struct rs_error *e);

/* ---- misspelt columns (misspelt.c) ----------------------------------------------------------- */

/* Where a word of the query is no column of its tables (of each name in l, empty ones besides), but
** near to one that was not sent: asks the engine by s whether it knows the word. Its error, with
** the column behind it; RS_OK: it knows it, or says nothing of it. `sql`: as it will be sent. */
enum rs_code rs_local_check_words(struct rs_session *s, const struct rs_locals *l,
                                  const struct rs_local_table *tables, const char *sql,
                                  struct rs_error *e);

/* ---- copies (copies.c) ----------------------------------------------------------------------- */

/* A target that has, or had, copies. */
struct rs_local_place {
  struct rs_local_place *next;
  struct rs_target *target;
  struct rs_session *session; /* that sends them */
  struct rs_local_copy *copies;
};

struct rs_local {
  struct rs_local_place *places;
  struct rs_map marks; /* by schema: the address of an int64_t (table.c) */
  char *prefix;        /* "sqlite", or as rockset_local says */
  uint64_t stamp;
};

/* What becomes of a table that a statement names. */
enum rs_local_verdict {
  RS_LOCAL_SAME,     /* its copy is used again */
  RS_LOCAL_GROWN,    /* gets rows that came behind its last one */
  RS_LOCAL_NEW,      /* there is none yet, or the engine has lost it */
  RS_LOCAL_LACKS,    /* lacks columns */
  RS_LOCAL_CHANGED,  /* something else was committed */
  RS_LOCAL_UNSTEADY, /* nothing tells whether it changes */
};
/* p may be NULL. *copy: the one that there is, or NULL. */
enum rs_code rs_local_judge(const struct rs_local_place *p, const struct rs_local_table *t,
                            struct rs_local_copy **copy, enum rs_local_verdict *verdict,
                            struct rs_error *e);
/* Of the connection; made with the first call. */
enum rs_code rs_local_of(struct rs_conn *c, struct rs_local **out, struct rs_error *e);
/* Do both names mean one table? (localize.c) */
bool rs_local_is_same(const struct rs_local_name *a, const struct rs_local_name *b);
/* Of the relation of name i, if it is named only once; else NULL. */
const struct rs_local_condition *rs_local_conditions(const struct rs_locals *l, size_t i);
/* explain.c: struct rs_local_calls */
enum rs_code rs_local_explain(struct rs_conn *c, const char *sql, rs_local_use_fn fn, void *ctx,
                              struct rs_error *e);
struct rs_relation rs_local_relation(const struct rs_local_copy *x);
/* A copy of the table with at least its columns, used again or renewed, as it must be.
** Borrowed until rs_local_trim. */
enum rs_code rs_local_provide(struct rs_conn *c, struct rs_local *l, struct rs_local_place *p,
                              struct rs_local_table *t, const struct rs_local_copy **copy,
                              struct rs_error *e);
/* What the statement is told of is used no more: drops what the budget has no room for. */
void rs_local_trim(struct rs_conn *c, struct rs_local_place *p);
void rs_local_leave(struct rs_local *l); /* all places */
#endif
