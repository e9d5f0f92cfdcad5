/*
** What one SQLite connection of ours holds: the chosen profile, its target, idle sessions, the log
** of what was sent, and whether the database file is trusted.
**
** One struct rs_conn per sqlite3, made at load, shared by every function and module
** (reference-counted through their destructors). Touched by the connection's own thread only.
**
** Safety: *stored* text is SQL or a template that came out of the database file: a
** virtual table's arguments, a model. Functions that send stored text pass stored = true, and a
** target outside this process is then refused until rockset_profile() chose it in this session.
** Functions and tables that reach an engine are DIRECTONLY unless the session called
** rockset_trust(1), and all stand behind one gate (gate.h).
*/
#ifndef RS_EXT_BASE_CONNECTION_H
#define RS_EXT_BASE_CONNECTION_H
#include <stdbool.h>
#include "sqlite.h"
#include "src/engine/engine.h"

struct rs_conn;

/* ---- life (connection.c) --------------------------------------------------------------------- */

/* Returns owned (rs_conn_unref); NULL when out of memory. register_all registers what the rooms
** above have: rs_conn_register calls it. */
struct rs_conn *rs_conn_new(sqlite3 *db, int (*register_all)(struct rs_conn *c));
/* Registers all; again after rockset_trust(). */
int rs_conn_register(struct rs_conn *c);
void rs_conn_ref(struct rs_conn *c);
void rs_conn_unref(void *c); /* fits sqlite3's destructors */
sqlite3 *rs_conn_db(const struct rs_conn *c);
struct rs_log *rs_conn_log(const struct rs_conn *c);
bool rs_conn_trusted(const struct rs_conn *c);
/* rockset_trust(): the caller registers functions anew afterwards. */
void rs_conn_trust(struct rs_conn *c, bool on);
/* What it may do (gate.h). */
struct rs_gate;
struct rs_gate *rs_conn_gate(struct rs_conn *c);
/* All schemas in SQLite's order of search. In the arena. */
struct rs_arena;
enum rs_code rs_conn_schemas(struct rs_conn *c, struct rs_arena *arena, const char ***pv, size_t *n,
                             struct rs_error *e);
/* Its main database is read-only, or PRAGMA query_only is on. */
bool rs_conn_only_reads(struct rs_conn *c);

/* ---- profile and target ---------------------------------------------------------------------- */

/*
** In xCreate: is it run by a CREATE VIRTUAL TABLE that was typed? SQLite's VACUUM runs those that a
** crafted file holds, and functions may run stored ones: then another statement is running, too.
*/
bool rs_conn_is_typed(struct rs_conn *c);
/* rockset_profile(): chooses; closes what the old target had open. NULL texts as in profile.h. */
enum rs_code rs_conn_choose(struct rs_conn *c, const char *target, const char *profile,
                            const char *source, struct rs_error *e);
/* The chosen output, or the one found by search, or the embedded default; found once and kept.
** Borrowed until the next rs_conn_choose. */
enum rs_code rs_conn_output(struct rs_conn *c, const struct rs_output **po, struct rs_error *e);
/* Has the file that the search finds a profile of that name, and the session uses another though
** nobody chose it? Then *po is its output, owned by the caller. */
bool rs_conn_ignores_profile(struct rs_conn *c, const char *name, const struct rs_output **po);
/* Its target. stored = the text to be sent came from the database file. Borrowed likewise. */
enum rs_code rs_conn_target(struct rs_conn *c, bool stored, struct rs_target **pt,
                            struct rs_error *e);
/* That of another output of the session's profile, by its target's name; NULL: the session's own.
** Under the same rule for stored text. */
enum rs_code rs_conn_target_of(struct rs_conn *c, const char *named, bool stored,
                               struct rs_target **pt, struct rs_error *e);

/*
** Where the rows of a virtual table lie. Without a profile the default belongs to the file that
** holds the table: an attached one has a DuckDB file of its own, as if it were main; temp and what
** is attached in memory have main's.
*/
struct rs_where {
  const char *named;  /* its target's name, NULL: the session's own */
  const char *schema; /* SQLite's name of the file; NULL: main */
};
enum rs_code rs_conn_target_at(struct rs_conn *c, const struct rs_where *at, bool stored,
                               struct rs_target **pt, struct rs_error *e);
bool rs_conn_same_where(struct rs_conn *c, const struct rs_where *a, const struct rs_where *b);

/* ---- sessions -------------------------------------------------------------------------------- */

/* An idle or a new session of that target, interruptible by this connection. Give it back with
** rs_conn_done (open rows are closed, an open transaction is rolled back). */
enum rs_code rs_conn_session(struct rs_conn *c, bool stored, struct rs_session **ps,
                             struct rs_error *e);
enum rs_code rs_conn_session_of(struct rs_conn *c, const char *named, bool stored,
                                struct rs_session **ps, struct rs_error *e);
enum rs_code rs_conn_session_at(struct rs_conn *c, const struct rs_where *at, bool stored,
                                struct rs_session **ps, struct rs_error *e);
/* rs_conn_session_of for what compiles, parses or compares stored text: until rs_conn_done it sends
** queries only (rs_session_look), unless the session is trusted. */
enum rs_code rs_conn_look(struct rs_conn *c, const char *named, struct rs_session **ps,
                          struct rs_error *e);
void rs_conn_done(struct rs_conn *c, struct rs_session *s);
/* True when sqlite3_interrupt() was called: works on every SQLite from 3.38. Also the hook given to
** sessions, and what loops of ours poll. */
bool rs_conn_interrupted(void *c);
/* What a loop over rows asks for each: RS_CANCELLED after sqlite3_interrupt(). Looks every 4,096th
** time. */
enum rs_code rs_conn_poll(struct rs_conn *c, int64_t row, struct rs_error *e);

/* Changes whenever something else than a scan of a virtual table was sent: what scans have kept is
** void then. */
unsigned rs_conn_era(const struct rs_conn *c);
void rs_conn_touch(struct rs_conn *c);
/* rockset_push_down(): may virtual tables send more than which columns they want? Read when a
** statement is planned. */
bool rs_conn_push_down(const struct rs_conn *c);
void rs_conn_set_push_down(struct rs_conn *c, bool on);
/* While rockset_explain prepares a statement: what plans are noted in, else NULL. */
struct rs_explain;
struct rs_explain **rs_conn_explain(struct rs_conn *c);
/* How much a virtual table may keep of what it has read (rockset_cache_memory). */
size_t rs_conn_cache_bytes(const struct rs_conn *c);
void rs_conn_set_cache_bytes(struct rs_conn *c, size_t n);
/* The key of the row that a virtual table inserted last; RS_NULL: none did. */
const struct rs_value *rs_conn_last_id(const struct rs_conn *c);
/* Copies. False: out of memory. */
bool rs_conn_set_last_id(struct rs_conn *c, const struct rs_value *v);

/* RS_BUSY "<what>: a transaction is open ...: COMMIT first" inside BEGIN ... COMMIT. */
enum rs_code rs_conn_no_transaction(struct rs_conn *c, const char *what, struct rs_error *e);

/* Its connected virtual tables, the latest first (ext/collection/internal.h). */
struct collection;
struct collection **rs_conn_tables(struct rs_conn *c);

/* ---- writes ---------------------------------------------------------------------------------- */

/* What this connection's virtual tables have written in its transaction (ext/write); NULL: nothing
** yet. The connection frees it with `drop`. */
struct rs_writer;
struct rs_writer_calls {
  void (*drop)(struct rs_writer *w);
  /* Names a table that has rows which were not sent yet; NULL: none has. */
  const char *(*queued)(const struct rs_writer *w);
  /* Something else than a scan is about to be sent: rows that were sent before COMMIT are taken
  ** back from the target, where they might be in its way; COMMIT sends them. */
  void (*yield)(struct rs_writer *w);
};
struct rs_writer *rs_conn_writer(const struct rs_conn *c);
void rs_conn_set_writer(struct rs_conn *c, struct rs_writer *w,
                        const struct rs_writer_calls *calls);
/* RS_BUSY "<what>: ...: COMMIT first" while rows are queued that the target can't see. */
enum rs_code rs_conn_none_queued(const struct rs_conn *c, const char *what, struct rs_error *e);

/* ---- tables of its own in statements (ext/local) --------------------------------------------- */

/* Which of them the targets have copies of; NULL: none yet. The connection frees it with `drop`. */
struct rs_local;
/* What a statement would send of one table; texts are borrowed for the call. */
struct rs_local_use {
  const char *name, *target, *engine;
  const char *sql, *why; /* what SQLite is asked; what becomes of it */
  int64_t rows, bytes;   /* to be sent; bytes: -1 unknown */
};
typedef enum rs_code (*rs_local_use_fn)(void *ctx, const struct rs_local_use *use,
                                        struct rs_error *e);
struct rs_local_calls {
  /* struct rs_interrupt, for the connection's sessions. stored: the schema whose text it is, or
  ** NULL. */
  enum rs_code (*localize)(struct rs_conn *c, struct rs_session *s, const char *stored,
                           const char *sql, struct rs_buf *out, struct rs_error *e);
  /* Each table that a text for the target names, once. RS_DONE: none. */
  enum rs_code (*explain)(struct rs_conn *c, const char *sql, rs_local_use_fn fn, void *ctx,
                          struct rs_error *e);
  void (*leave)(struct rs_local *l); /* the targets are left */
  void (*drop)(struct rs_local *l);
};
enum rs_code rs_conn_explain_local(struct rs_conn *c, const char *sql, rs_local_use_fn fn,
                                   void *ctx, struct rs_error *e);
/* What a statement is to see is sent first (ext/copies): called with the name of its target, in no
** transaction of either side, on a connection that may write. */
typedef enum rs_code (*rs_before_fn)(struct rs_conn *c, const char *target, struct rs_error *e);
void rs_conn_set_before(struct rs_conn *c, rs_before_fn fn);
/* Calls it, before a run: its workers' sessions are not the connection's. */
enum rs_code rs_conn_before(struct rs_conn *c, struct rs_target *t, struct rs_error *e);
/* This session has synced: what is stored may be sent to a target that is not the file's own. */
void rs_conn_set_syncs(struct rs_conn *c);
bool rs_conn_syncs(struct rs_conn *c);
struct rs_local *rs_conn_local(const struct rs_conn *c);
void rs_conn_set_local(struct rs_conn *c, struct rs_local *l, const struct rs_local_calls *calls);

/* ---- errors: the only mapping of codes to SQLite's ------------------------------------------- */

int rs_sqlite_code(enum rs_code code);
/* Sets a function's error (text and code) from e. */
void rs_result_error(sqlite3_context *ctx, const struct rs_error *e);
/* Puts the text into pVtab->zErrMsg (frees the old one) and returns SQLite's code. */
int rs_vtab_error(sqlite3_vtab *pVtab, const struct rs_error *e);
/* Puts the text into *pzErr (sqlite3_malloc'd) and returns SQLite's code. */
int rs_put_error(char **pzErr, const struct rs_error *e);
/* local_hint.c: what to add to an error about the relation `missing` when this database has a table
** or a view of that name; false: nothing. */
#define RS_LOCAL_HINT 300
bool rs_local_hint(sqlite3 *db, const char *missing, char *out, size_t size);
/* Adds it to e, once. */
void rs_error_hint(sqlite3 *db, struct rs_error *e);
/* And the only one of SQLite's codes to ours. */
enum rs_code rs_code_of_sqlite(int rc);
/* Wraps an error of SQLite itself (sqlite3_errmsg) into e; returns its code. */
enum rs_code rs_sqlite_error(struct rs_conn *c, const char *what, struct rs_error *e);
/* The same of another connection. */
enum rs_code rs_sqlite_error_of(sqlite3 *db, const char *what, struct rs_error *e);

/* ---- values (value_sqlite.c): the one type table --------------------------------------------- */

#define RS_JSON_SUBTYPE 74 /* 'J': what SQLite's own JSON functions set and test */

/* Sets the result of xColumn or of a function from a value. `scratch` is reused from row to row for
** text that no NUL follows; freed by the caller with rs_buf_free. */
void rs_value_result(sqlite3_context *ctx, const struct rs_value *v, struct rs_buf *scratch);
/* A value of SQLite's as a parameter; borrows the value's bytes. */
void rs_value_from_sqlite(sqlite3_value *v, struct rs_value *out);
/* The declared type of a column in CREATE TABLE: INTEGER, REAL, TEXT, BLOB or "" (no affinity). */
const char *rs_value_decltype(enum rs_type t);

/*
** Parameters given as JSON: an array binds `?`, an object binds `:name`. `sql` is rewritten for the
** target's dialect into *sent; *params is an array of *n values in the order of its markers. All is
** allocated in the arena. NULL or "" = none. Numbers keep all 64 bits.
*/
struct rs_arena;
enum rs_code rs_params_bind(struct rs_conn *c, const struct rs_dialect *d, const char *sql,
                            size_t nsql, const char *json, struct rs_arena *arena,
                            const char **sent, struct rs_value **params, size_t *n,
                            struct rs_error *e);

/* The same for a query lambda: a JSON object, by name. In the arena. */
struct rs_named_param;
enum rs_code rs_params_named(struct rs_conn *c, const char *json, struct rs_arena *arena,
                             struct rs_named_param **params, size_t *n, struct rs_error *e);

/* ---- functions and modules (gate.c) ---------------------------------------------------------- */

/* An SQL function with `least` to `most` arguments. */
struct rs_function {
  const char *name;
  int least, most;
  void (*fn)(sqlite3_context *, int, sqlite3_value **);
};
/* Registers n functions behind the gate, whose table of classes has their names, else
** SQLITE_MISUSE. DIRECTONLY unless harmless or trusted. Each counts a reference of c. */
int rs_conn_functions(struct rs_conn *c, const struct rs_function *functions, size_t n);
struct rs_conn *rs_conn_of(sqlite3_context *ctx); /* inside such a function */

/* With xIntegrity behind it, of which an older header knows nothing; SQLite looks only where
** iVersion says so. */
struct rs_module {
  sqlite3_module base;
#if SQLITE_VERSION_NUMBER < 3044000
  int (*xIntegrity)(sqlite3_vtab *, const char *, const char *, int, char **);
#endif
};
/* Registers a module likewise; one with iVersion >= 4 is the base of a struct rs_module. `destroy`
** frees aux, on failure, too. */
int rs_conn_module(struct rs_conn *c, const char *name, const sqlite3_module *module, void *aux,
                   void (*destroy)(void *));
/* The same of one module among several with the same methods: xConnect's aux is this. */
struct rs_module_aux {
  struct rs_conn *c;
  const void *what; /* static: a row of the caller's table of modules */
};
int rs_conn_module_of(struct rs_conn *c, const char *name, const sqlite3_module *module,
                      const void *what);
#endif
