/*
** The narrow waist: what everything above knows of an engine.
**
** A *target* is one database that a profile names: process-wide, reference-counted, thread-safe;
** two requests for the same place and settings get the same target. Opening one does no I/O.
** A *session* is one connection of a target: used by one thread at a time, with at most one open
** rs_rows; metadata goes through another session while rows are open.
** *Rows* stream: one batch in memory, whatever the size of the result.
**
** Blocking: every function that takes a session may block. The engine's call runs on the session's
** own I/O thread (signals blocked) while the caller's thread waits and polls `interrupt` at least
** every 100 ms; an interrupt cancels the statement in the engine and the call returns RS_CANCELLED.
**
** Errors: text is the engine's, redacted, with ` [remote SQL: ...]` where a statement was sent.
**
** Statements that only read open an embedded file read-only; `writes` says that a statement may
** change something. An embedded file is released when idle and waited for when locked (profile
** fields idle_close, lock_timeout).
**
** Names without a workspace in a statement mean the profile's workspace where that exists, then the
** engine's own default. One that comes or goes in a transaction counts for them from its end on.
**
** How to add an engine: docs/adding-an-adapter.md; what it must provide: slots.h.
*/
#ifndef RS_ENGINE_ENGINE_H
#define RS_ENGINE_ENGINE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/profile/profile.h"
#include "src/sql/dialect.h"
#include "src/sql/relname.h"
#include "log.h"
#include "src/value/value.h"

struct rs_target;
struct rs_session;
struct rs_rows;

/* Capabilities of a target (rs_session_caps); those of its engine by and large in rs_traits. */
enum {
  RS_CAP_TRANSACTIONS = 1 << 0, /* begin/commit/rollback */
  RS_CAP_EMBEDDED = 1 << 1,     /* runs in this process: stored SQL may reach it without a choice */
  RS_CAP_LIST_PARAMS = 1 << 2,  /* RS_LIST parameters */
  RS_CAP_INGEST = 1 << 3,       /* streams of rows; elsewhere they go as statements */
  /* Tables have typed columns and statements that change rows, so that what strategies, snapshots
  ** and contracts need can be written as SQL, though each statement commits by itself. Targets with
  ** transactions have all that without saying so. */
  RS_CAP_TABLES = 1 << 4,
  RS_CAP_LENDS = 1 << 5 /* rows of the caller's own beside its data (struct rs_changes) */
};

/*
** What a caller has to know of an engine, instead of its name. All of it goes by the type in the
** profile and needs no open target; zero and NULL are what most engines have.
*/
struct rs_traits {
  unsigned caps;       /* RS_CAP_*; what a target has of them: rs_session_caps */
  double request_cost; /* of a keyed request and a visited row, in SQLite's visited rows */
  bool no_database;    /* no relation's name has a database in front */
  bool own_database;   /* its own database has a name in SQL; a file's stem is another one of it */
  bool more_databases; /* a relation may lie in another database (rs_target_reaches) */
  bool external_sources; /* a source may be files that a query reads */
  bool by_dialect;       /* dbt's macros for it go by its dialect's name, too */
  bool missing_is_error; /* dbt's adapter fails where a relation to be described is missing */
  bool backquotes;       /* dbt's adapter.quote() gives `name` */
  bool widens;   /* rows that are sent to a collection may have values of any type (push.h) */
  int text_size; /* of a column of texts, as dbt's adapter has it; 0: dbt's own way */
  const char *class_name; /* dbt's name of its relations' class; NULL: BaseRelation */
  /* Names of types, as dbt's column of the adapter has them: each with a blank on both sides, a
  ** blank inside as _. For texts, integers, floats, numbers; NULL: dbt's base column's. */
  const char *type_words[4];
};

/*
** What a session asks its owner, on the thread that called the session. Each may be NULL.
**
** is_interrupted: true = stop now.
** waits: the thread begins, and ends, to wait for the engine.
** localize: of each statement before it is sent. RS_OK: the text in `out` is sent instead, since
** it names tables of the owner's own, which are where the text says now; RS_DONE: as it is.
*/
struct rs_interrupt {
  bool (*is_interrupted)(void *ctx);
  void *ctx;
  void (*waits)(void *ctx, bool begins);
  enum rs_code (*localize)(void *ctx, struct rs_session *s, const char *sql, struct rs_buf *out,
                           struct rs_error *e);
};

enum rs_relation_kind { RS_REL_NONE, RS_REL_TABLE, RS_REL_VIEW, RS_REL_ALIAS };

/* One statement. Parameters stand for the dialect's markers in order. Borrowed for the call. */
struct rs_statement {
  const char *sql;
  const struct rs_value *params;
  size_t nparams;
  bool writes;
};

/* ---- targets (target.c) --------------------------------------------------------------------- */

/* Returns owned in *pt (rs_target_release). No I/O. Unknown or unbuilt type: RS_UNSUPPORTED. */
enum rs_code rs_target_open(const struct rs_output *o, struct rs_target **pt, struct rs_error *e);
/* The profile's fields of all engines: for rs_profile_request.adapters. */
const struct rs_field_table *rs_target_fields(size_t i, const char **type);
/* Of the engine that an output asks for; all zero of an unknown one. */
const struct rs_traits *rs_output_traits(const struct rs_output *o);
/* What is known of a target as long as it is there. */
struct rs_target_info {
  const struct rs_output *output; /* with the profile's workspace */
  const struct rs_dialect *dialect;
  /* Where its data is: the path of its file (RS_CAP_EMBEDDED) or a URL; no two targets in memory
  ** are in one place. Targets in one place can read each other's relations. */
  const char *place;
  /* The file that holds its data, and what stands behind its name in that of its write-ahead log:
  ** as long as both are the same (rs_file_stamp) nobody has committed anything. NULL: no file. */
  const char *file, *wal;
};
struct rs_target_info rs_target_info(const struct rs_target *t);
void rs_target_retain(struct rs_target *t);
void rs_target_release(struct rs_target *t);
/* Can relations be read and (with `writes`) built in the database of that name, which is not the
** target's own? RS_UNSUPPORTED, RS_NOT_FOUND or RS_FORBIDDEN with what to do. No I/O. */
enum rs_code rs_target_reaches(const struct rs_target *t, const char *database, bool writes,
                               struct rs_error *e);

/* ---- sessions (session.c) ------------------------------------------------------------------- */

/* Returns owned in *ps (rs_session_close). Connects lazily. Keeps `interrupt` by value and retains
** log (may be NULL) and t. */
enum rs_code rs_session_open(struct rs_target *t, const struct rs_interrupt *interrupt,
                             struct rs_log *log, struct rs_session **ps, struct rs_error *e);
/* Cancels what runs, rolls back an open transaction, closes open rows. NULL is fine. */
void rs_session_close(struct rs_session *s);
struct rs_target *rs_session_target(struct rs_session *s);
/* From now on it only looks, or no longer: whatever is no query, and every call that would change
** something, is RS_FORBIDDEN. */
void rs_session_look(struct rs_session *s, bool looks);
struct rs_session_state {
  bool in_transaction;
  bool looks; /* rs_session_look */
  /* Counts what this session did for good: commits, and statements that write outside a
  ** transaction. The same number as before some work: nothing of it stays once it is rolled
  ** back. */
  uint64_t kept;
};
struct rs_session_state rs_session_state(const struct rs_session *s);
/* RS_CAP_* of the target, which an engine of many drivers learns when it connects: connects where
** it must. When that fails the engine's own; the next call says why. */
unsigned rs_session_caps(struct rs_session *s);
/* Name and version of the engine: "DuckDB v1.5.6". Connects. Returns owned text (rs_free). */
enum rs_code rs_session_version(struct rs_session *s, char **version, struct rs_error *e);
/* Copies what is committed in the target's file to a new file, which must not exist; outside a
** transaction. Others that use the file wait for it, or it waits for them as long as the target
** allows. RS_NOT_FOUND: there is no file yet. Blocks. */
enum rs_code rs_session_copy_file(struct rs_session *s, const char *to, struct rs_error *e);

/* Runs a statement that returns rows. Returns owned in *pr (rs_rows_close). */
enum rs_code rs_session_query(struct rs_session *s, const struct rs_statement *st,
                              struct rs_rows **pr, struct rs_error *e);
/* Runs a statement to its end. *affected (may be NULL): rows changed, -1 when the engine can't
** say. */
enum rs_code rs_session_exec(struct rs_session *s, const struct rs_statement *st, int64_t *affected,
                             struct rs_error *e);
/* The columns a query would give, without running it. */
enum rs_code rs_session_columns(struct rs_session *s, const struct rs_statement *st,
                                struct rs_columns *out, struct rs_error *e);

/* RS_UNSUPPORTED where the engine has no transactions. A transaction holds an embedded file open.
** */
enum rs_code rs_session_begin(struct rs_session *s, struct rs_error *e);
/* COMMIT, or ROLLBACK, which closes the session's rows, too, and is nothing without a transaction.
** */
enum rs_code rs_session_end(struct rs_session *s, bool commits, struct rs_error *e);
/* A transaction failed with *e and was rolled back, for the `tries`-th time: is it to be tried
** again? Only if another one was faster (e->again); waits for a while then, longer each time. False
** also after the last try, and when the owner is interrupted meanwhile, as *e then says. */
bool rs_session_again(struct rs_session *s, int tries, struct rs_error *e);

/* ---- rows (session.c) ----------------------------------------------------------------------- */

/* Valid until rs_rows_close. */
const struct rs_columns *rs_rows_columns(const struct rs_rows *r);
/* RS_OK: on a row; RS_DONE: no further one. Errors of the end of a stream are reported here. */
enum rs_code rs_rows_next(struct rs_rows *r, struct rs_error *e);
/* The value of a column of the current row; borrowed until the next rs_rows_next. Decodes only this
** one; never blocks. RS_NOMEM is reported as RS_NULL and by the next rs_rows_next. */
void rs_rows_get(struct rs_rows *r, size_t col, struct rs_value *out);
/* Cancels the rest. NULL is fine. */
void rs_rows_close(struct rs_rows *r);

/* ---- relations (relations.c; sql_*.c for SQL engines) ---------------------------------------- */

/* Columns in order, and what it is. RS_NOT_FOUND names the nearest existing relation. out NULL:
** only what it is; RS_REL_NONE is no error then. */
enum rs_code rs_session_describe(struct rs_session *s, const struct rs_relation *rel,
                                 struct rs_columns *out, enum rs_relation_kind *kind,
                                 struct rs_error *e);

struct rs_relation_info {
  const char *workspace;
  const char *name;
  enum rs_relation_kind kind;
  int64_t rows;    /* estimate; -1 unknown */
  const char *sql; /* of a view, else NULL */
};
typedef enum rs_code (*rs_workspace_fn)(void *ctx, const char *name);
typedef enum rs_code (*rs_relation_fn)(void *ctx, const struct rs_relation_info *i);
/* Workspaces by name; relations of one workspace (NULL = all) by name; `_rockset` and the engine's
** own schemas are left out. Texts are borrowed for the callback. `database` as in struct
** rs_relation; NULL: the target's own. */
enum rs_code rs_session_workspaces(struct rs_session *s, const char *database, rs_workspace_fn fn,
                                   void *ctx, struct rs_error *e);
enum rs_code rs_session_relations(struct rs_session *s, const char *database, const char *workspace,
                                  rs_relation_fn fn, void *ctx, struct rs_error *e);
/* A workspace is a relation without a name. */
#define RS_WORKSPACE_IN(database_, workspace_) \
  (&(struct rs_relation){.database = (database_), .workspace = (workspace_)})
#define RS_WORKSPACE(workspace_) RS_WORKSPACE_IN(NULL, workspace_)

/* A workspace, or an empty collection: `_id` (text) and `_event_time` (a timestamp, UTC) only, with
** its workspace where that is missing. RS_EXISTS: something of that name is there, unless
** if_missing. */
enum rs_code rs_session_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                               struct rs_error *e);

enum { RS_DROP_IF_EXISTS = 1, RS_DROP_CASCADE = 2 };
/* A relation: kind RS_REL_NONE: whatever it is; RS_REL_ALIAS: only an alias, and never what it
** stands for. RS_NOT_FOUND unless `how` has RS_DROP_IF_EXISTS.
** A workspace: RS_CONSTRAINT where it holds relations, unless `how` has RS_DROP_CASCADE. One of
** another database need not exist.
** Only a database: one that was made for rows that were lent (struct rs_changes). No I/O. */
enum rs_code rs_session_drop(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind kind, unsigned how, struct rs_error *e);

/*
** Materializations. Each leaves the old relation in place and readable until the new one is
** complete, and changes nothing when it fails. The replacing ones make the workspace when it is
** missing, and it stays. Inside a transaction of the caller they take part in it, otherwise each
** is one of its own, and is tried again when another transaction was faster. `rows` (may be NULL):
** rows written, -1 unknown.
** `sql` is one proven statement (sql/statement.h).
**
** One session at a time works on a relation, over all sessions of a place in this process
** (lock.h); these functions, rs_session_create, _drop and _load wait for it.
** In a transaction of the caller it has the relation until the transaction ends. RS_BUSY: that
** would never be, since the other transaction waits for this one, or rests for longer than
** lock_timeout.
*/
enum rs_build_kind {
  RS_BUILD_TABLE,
  RS_BUILD_VIEW,
  RS_BUILD_MATERIALIZED_VIEW /* RS_UNSUPPORTED where there is none */
};
/* How a relation is built, and what there is to tell about it. */
struct rs_build {
  enum rs_build_kind kind;
  /* Of a table: drop the old one first and fill the new one under its name (config `swap: false`);
  ** engines that build in one transaction ignore it. */
  bool in_place;
  /* Of a table. NULL: the columns of the query; else what stands in the brackets of CREATE TABLE:
  ** columns with their types and constraints. RS_UNSUPPORTED where the engine has no such thing. */
  const char *columns;
  /* Out: what a person should know, "" = nothing. */
  char note[400];
};
/* how may be NULL: a table. rows: of a table. */
enum rs_code rs_session_replace(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_build *how, int64_t *rows,
                                struct rs_error *e);
#define RS_AS_VIEW (&(struct rs_build){.kind = RS_BUILD_VIEW})
/* How rows of a query are added. */
struct rs_adding {
  /* NULL, or columns of a key: rows whose key exists are replaced. Two rows of the query with one
  ** key, or a NULL key: RS_CONSTRAINT. */
  const char *const *keys;
  size_t nkeys;
  /* A collection has no schema: columns that it lacks are added, types that differ are widened or
  ** become mixed, rows get `_id` and `_event_time` when the query gives none, and replace those of
  ** the same `_id` (the last one of an `_id` wins). Without keys; an engine without schemas does so
  ** anyhow. */
  bool evolves;
};
/* By column name; a column that the relation lacks or that the query lacks: RS_INVALID naming it.
** how may be NULL: they are inserted. */
enum rs_code rs_session_add_select(struct rs_session *s, const struct rs_relation *rel,
                                   const char *sql, const struct rs_adding *how, int64_t *rows,
                                   struct rs_error *e);

/* ---- files (engine/sql/load.c for SQL engines) ---------------------------------------------- */

struct rs_load {
  const char *path;        /* file, folder or glob; "-": standard input */
  const char *mode;        /* "create", "append", "replace" */
  const char *format;      /* NULL = by the name: json, ndjson, csv, tsv, parquet, arrow, xlsx */
  const char *compression; /* NULL = by the name: gzip, xz, zstd, zip, none */
  const char *member;      /* of a zip file; NULL: its only one */
  const char *json_path;   /* of JSON: where in a document the array of the rows is: "a.b" */
  const char *sheet;       /* of xlsx, JSON: a name, or a number from 1; NULL: the first */
  int dates;               /* JSON texts that look like dates become some: -1: no; else they do */
  int documents; /* JSON records keep every value as it is written, as documents do: 1: yes, 2:
                    where the engine can, -1: no, 0: those that are added to a collection in which
                    there are values that need it */
  int hive;      /* folders `name=value` become columns: 1: yes, -1: no, 0: where all have them */
  const char
    *id_field; /* the field that becomes _id; NULL: `_id` when there is one, else generated */
  /* Of CSV and TSV files. What is not given is found out. */
  const char *null;  /* JSON: a text, or an array of texts, that mean NULL beside the empty one */
  const char *types; /* JSON: an object of columns and their types, in any case */
  const char *delimiter; /* one character */
  const char *quote;     /* one character; "": values are never quoted */
  const char *encoding;  /* utf-8, utf-16, latin-1 */
  int64_t skip;          /* lines in front of the first that counts */
  int header;            /* is the first line one of names? 1: yes, -1: no, 0: to be found out */
  /* What a person is to know of the files though they are loaded; NULL: nobody. On the caller's
  ** thread. */
  void (*warn)(void *ctx, const char *text);
  void *warn_ctx;
  /* So many rows went so far; NULL: nobody asks. On a thread of the session's. */
  void (*progress)(void *ctx, int64_t rows);
  void *progress_ctx;
};
/*
** Reads the files in a private embedded engine and streams them into the collection; the old
** contents stay until the load is complete. Empty files make an empty collection.
**
** Types are the files' own, or found out from all rows. A JSON field with scalars of several types
** is a UNION of bool, int, dbl and str (those present, in this order); only where objects or
** arrays mix with something else it is JSON. With `documents` fields are those that
** rs_session_write (control.h) makes of the same records, sidecars and all.
** `_id` is text: id_field (RS_CONSTRAINT when NULL or not unique), else the files' `_id`, else
** made.
** `_event_time` is the files' own (a time, or microseconds since 1970), else now; UTC.
** "append" adds new fields as columns, widens those whose type differs, and replaces the rows whose
** `_id` the files give. No file: RS_NOT_FOUND; not of that format: RS_INVALID; mode "create" (also
** NULL) and the name is taken: RS_EXISTS.
*/
enum rs_code rs_session_load(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_load *load, int64_t *rows, struct rs_error *e);
#endif
