/*
** Asking the engine anew what a virtual table shows: rockset_refresh(table), and after a run.
**
**   SELECT rockset_refresh('movies')            'temp.movies', 'other.movies', '"a db"."a.b"'
**
** It gives how many columns came, went, or have another type, place or name. The column list in
** "<table>_rockset" is written anew, and the schema's cookie moves on: every connection, of other
** processes too, reads the schema again before its next statement and connects the table with the
** new columns. The arguments of CREATE stay as they are.
**
** A connected table can't be declared anew. What is written is its column list; then SQLite has to
** let go of the table:
**   - this connection by PRAGMA writable_schema=RESET, which forgets the schema (and unlike DROP
**     and CREATE works while a statement reads, as the one that called us may do);
**   - the others by the schema's cookie, which a view that is made and dropped moves on. That comes
**     after the pragma, which would otherwise have taken away SQLite's mark that a ROLLBACK must
**     forget the schema, too.
*/
#include "ext/base/statement.h"
#include "internal.h"
#include "ext/base/args.h"
#include "ext/base/unit.h"
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <string.h>

#define FN "rockset_refresh"

/* ---- comparing and writing ------------------------------------------------------------------- */

/* How many columns of either have no equal at the same place in the other. */
static int count_differences(const struct collection *a, const struct collection *b)
{
  int na = a->ndata + a->nparams, nb = b->ndata + b->nparams, n = 0;
  for (int i = 0; i < na || i < nb; i++)
    n += i >= na || i >= nb || !rs_collection_same_column(&a->columns[i], &b->columns[i]);
  if (n == 0) return 0;
  // one that went from the middle moves all behind it: tell those that are gone or new
  int missing = 0, added = 0;
  for (int i = 0; i < na; i++) {
    int k = 0;
    while (k < nb && !rs_collection_same_column(&a->columns[i], &b->columns[k])) k++;
    missing += k == nb;
  }
  for (int k = 0; k < nb; k++) {
    int i = 0;
    while (i < na && !rs_collection_same_column(&a->columns[i], &b->columns[k])) i++;
    added += i == na;
  }
  int moved = missing > added ? missing : added;
  return moved > 0 ? moved : n;
}

/* The schema is forgotten here and read anew elsewhere (see above). */
static int announce_change(struct collection *c)
{
  int rc = SQLITE_OK;
  if (c->db == rs_conn_db(c->conn)) rc = rs_sqlite_exec(c->db, "PRAGMA writable_schema=RESET");
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(c->db, "CREATE VIEW \"%w\".\"%w_rockset_moves\" AS SELECT 1", c->schema,
                        c->table);
  if (rc == SQLITE_OK)
    rc = rs_sqlite_exec(c->db, "DROP VIEW \"%w\".\"%w_rockset_moves\"", c->schema, c->table);
  return rc;
}

static enum rs_code fail_busy(struct rs_error *e)
{
  return rs_fail(e, RS_BUSY,
                 "the database is being written to: call it in a statement of its own, or again");
}

/* c: as it is from now on. All of it or nothing. */
static enum rs_code store_columns(struct collection *c, struct rs_error *e)
{
  struct rs_unit unit;
  // BEGIN IMMEDIATE locks main, too, whatever is written
  if (rs_unit_begin(&unit, c->db, rs_eq(c->schema, "main")) != SQLITE_OK) {
    (void)rs_sqlite_error(c->conn, FN, e);
    return e->code == RS_BUSY ? fail_busy(e) : e->code;
  }
  enum rs_code rc = rs_shadow_replace(c, e);
  if (rc == RS_OK && announce_change(c) != SQLITE_OK) rc = rs_sqlite_error(c->conn, FN, e);
  int done = rs_unit_end(&unit, rc == RS_OK ? SQLITE_OK : SQLITE_ERROR);
  if (rc == RS_OK && done != SQLITE_OK)
    rc = done == SQLITE_BUSY ? fail_busy(e)
                             : rs_fail(e, rs_code_of_sqlite(done), "%s", sqlite3_errstr(done));
  return rc;
}

/* What `old` shows now. Owned, also after an error. */
static enum rs_code ask_engine(const struct collection *old, const struct collection_args *args,
                               struct collection **pnow, struct rs_error *e)
{
  struct collection *now = rs_collection_new(old->conn, old->schema, old->table);
  *pnow = now;
  if (!now) return rs_nomem(e);
  now->db = old->db;
  now->stored = true;
  now->args = *args;
  return rs_collection_discover(now, e);
}

/* ---- rockset_refresh ------------------------------------------------------------------------- */

/* The table, connected. */
static enum rs_code connect_table(struct rs_conn *conn, const struct collection_name *f,
                                  struct collection **pc, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  *pc = NULL;
  int rc = SQLITE_OK;
  if (!f->other) {
    rc = rs_sqlite_prepare(rs_conn_db(conn), &st, "SELECT 1 FROM \"%w\".\"%w\"", f->schema,
                           f->table);
    *pc = rs_collection_find(conn, f->schema, f->table);
  }
  // one that is damaged connects, and can't be read
  if (!*pc && rc != SQLITE_OK && rc != SQLITE_NOMEM) rs_sqlite_error(conn, FN, e);
  else if (!*pc)
    rs_fail(e, RS_INVALID, FN ": %s.%s is no table of the module rockset", f->schema, f->table);
  sqlite3_finalize(st);
  return *pc ? RS_OK : e->code;
}

static enum rs_code refresh_connected(struct collection *c, int *changed, struct rs_error *e)
{
  const struct write_table *w = rs_collection_written(c);
  struct collection *now = NULL;
  if (w && rs_queue_count(w->queue) > 0)
    return rs_fail(e, RS_BUSY, "it has rows that this transaction has not sent yet: COMMIT first");
  if (c->args_code != RS_OK)
    return rs_fail(e, RS_INVALID, "its arguments can't be read: DROP TABLE it");
  enum rs_code rc = ask_engine(c, &c->args, &now, e);
  if (rc == RS_OK) {
    *changed = c->broken ? now->ndata + now->nparams : count_differences(c, now);
    rc = store_columns(now, e); // c is gone
  }
  rs_collection_free(now);
  return rc;
}

static enum rs_code refresh_table(struct rs_conn *conn, const char *name, int *changed,
                                  struct rs_error *e)
{
  struct rs_arena arena;
  struct collection_name f = {0};
  struct collection *c = NULL;
  rs_arena_init(&arena, 0);
  enum rs_code rc = rs_collection_locate(conn, FN, name, &arena, &f, e);
  if (rc == RS_OK) rc = connect_table(conn, &f, &c, e);
  if (rc == RS_OK) {
    rc = refresh_connected(c, changed, e);
    if (rc != RS_OK && rc != RS_NOMEM) rs_error_of_table(e, f.table);
    if (rc != RS_OK) rs_arg_prefix(e, FN);
  }
  rs_arena_free(&arena);
  return rc;
}

/* ---- after a run ----------------------------------------------------------------------------- */

/* "ws.name" in the arena; without a workspace "name". NULL: no memory. */
static const char *relation_text(struct collection *c, const char *name)
{
  const struct rs_relation rel = {.workspace = c->workspace ? c->workspace : "w", .name = name};
  const char *text = NULL;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_relation_text(&b, &rel);
  // without a workspace: what is behind the dot
  if (b.rc == RS_OK) text = rs_arena_strdup(&c->arena, rs_buf_text(&b) + (c->workspace ? 0 : 2));
  rs_buf_free(&b);
  return text;
}

/* What CREATE was given, as far as the column list holds it. False: it is no table of the session's
** target. */
static bool args_of(struct collection *c, struct collection_args *args)
{
  const struct rs_where at = rs_collection_where(c), own = {.named = NULL};
  memset(args, 0, sizeof *args);
  if (!rs_conn_same_where(c->conn, &at, &own)) return false;
  if (c->relation) args->relation = relation_text(c, c->relation);
  else if (c->lambda) args->lambda = relation_text(c, c->lambda);
  args->query = c->query;
  args->tag = c->tag;
  args->version = c->version;
  args->named = c->named;
  args->readonly = c->readonly;
  args->columns = c->args.columns;
  args->key = c->args.key;
  // a list of an older version does not tell; only _id can be found without being named
  if (!args->key && c->key >= 0 && !rs_eq(c->columns[c->key].name, "_id"))
    args->key = c->columns[c->key].name;
  return args->relation || args->lambda || args->query;
}

/* What was built, and where tables of main are read and written. */
struct built {
  const struct rs_built *v;
  size_t n;
  sqlite3 *main;
};

/* Does the text hold `name` as a word? One in a comment counts too: it costs a look into the
** schema, no more. */
static bool text_names(const char *sql, const char *name)
{
  size_t n = strlen(name);
  for (const char *p = sql; *p && n > 0; p++) {
    if (rs_casecmpn(p, name, n) == 0 && (p == sql || !rs_is_word(p[-1])) && !rs_is_word(p[n]))
      return true;
  }
  return false;
}

/* A relation or query lambda that was built, or a text that reads one. */
static bool is_built(const struct collection *c, const char *sql, const char *workspace,
                     const struct built *built)
{
  const char *own = c->relation ? c->relation : c->lambda;
  if (c->workspace) workspace = c->workspace;
  for (size_t i = 0; i < built->n; i++) {
    const struct rs_built *b = &built->v[i];
    if (own && rs_casecmp(b->name, own) == 0 && rs_casecmp(b->workspace, workspace) == 0)
      return true;
    if (sql && text_names(sql, b->name)) return true;
  }
  return false;
}

/* The text that a table's rows come from: NULL where it is a relation's, or can't be had. */
static const char *text_of(struct collection *c)
{
  const char *sql = c->query;
  struct rs_error e = {0};
  if (c->lambda && rs_collection_lambda_sql(c, &c->arena, &sql, &e) != RS_OK) return NULL;
  return sql;
}

static void refresh_built(struct rs_conn *conn, sqlite3 *db, const char *schema, const char *table,
                          const struct built *built)
{
  struct collection *c = NULL, *now = NULL;
  struct collection_args args;
  struct rs_target *target;
  struct rs_error e = {0};
  if (rs_collection_load(conn, db, schema, table, &c, &e) == RS_OK &&
      rs_conn_target(conn, true, &target, &e) == RS_OK && args_of(c, &args) &&
      is_built(c, text_of(c), rs_target_info(target).output->workspace, built)) {
    enum rs_code rc = ask_engine(c, &args, &now, &e);
    if (rc == RS_OK && !rs_collection_same(c, now)) (void)store_columns(now, &e);
    if (rc == RS_CONSTRAINT && c->proven) { // its key='...' repeats now: the next use says so
      c->proven = false;
      (void)store_columns(c, &e);
    }
  }
  rs_collection_free(now);
  rs_collection_free(c);
}

static void refresh_schema(struct rs_conn *conn, const char *schema, struct rs_arena *arena,
                           const struct built *built)
{
  sqlite3 *db = rs_eq(schema, "main") ? built->main : rs_conn_db(conn);
  const char **v = NULL;
  size_t n = 0, cap = 0;
  sqlite3_stmt *st = NULL;
  if (sqlite3_db_readonly(db, schema) != 1)
    (void)rs_sqlite_prepare(db, &st,
                            "SELECT name FROM \"%w\".sqlite_schema WHERE type = 'table' AND "
                            "sql LIKE 'create virtual table%%rockset%%'",
                            schema);
  while (st && sqlite3_step(st) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    if (!name || !rs_grow(&v, &cap, n + 1, sizeof *v)) break;
    v[n] = rs_arena_strdup(arena, name);
    if (!v[n++]) break;
  }
  sqlite3_finalize(st); // before anything is written
  for (size_t i = 0; i < n && v[i]; i++) refresh_built(conn, db, schema, v[i], built);
  rs_free(v);
}

void rs_refresh_built(struct rs_conn *conn, sqlite3 *main, const struct rs_built *v, size_t n)
{
  const struct built built = {v, n, main};
  struct rs_arena arena;
  const char **schemas = NULL;
  size_t nschemas = 0;
  if (n == 0) return;
  rs_arena_init(&arena, 0);
  // main first: this connection, once it has read the schema anew, keeps it from being written by
  // another as long as the statement lasts that ran the models
  refresh_schema(conn, "main", &arena, &built);
  if (rs_conn_schemas(conn, &arena, &schemas, &nschemas, NULL) == RS_OK)
    for (size_t i = 0; i < nschemas; i++)
      if (!rs_eq(schemas[i], "main")) refresh_schema(conn, schemas[i], &arena, &built);
  rs_arena_free(&arena);
}

/* ---- function -------------------------------------------------------------------------------- */

static void refresh_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_error e = {0};
  const char *name;
  int changed = 0;
  (void)argc;
  enum rs_code rc = rs_arg_text(argv[0], FN, "table", &name, &e);
  if (rc == RS_OK) rc = refresh_table(rs_conn_of(ctx), name, &changed, &e);
  if (rc == RS_OK) sqlite3_result_int(ctx, changed);
  else rs_result_error(ctx, &e);
}

int rs_refresh_register(struct rs_conn *c)
{
  static const struct rs_function function = {FN, 1, 1, refresh_fn};
  return rs_conn_functions(c, &function, 1);
}
