/*
** A table of this connection's: which one a name means, its columns, and the state of its rows
** (internal.h).
*/
#include <stdio.h>
#include <string.h>
#include "ext/base/statement.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

/* ---- which ----------------------------------------------------------------------------------- */

/* RS_DONE: the schema has none of that name. */
static enum rs_code look_in(struct rs_conn *c, const char *schema, const char *name,
                            struct rs_arena *a, struct rs_local_table *out, struct rs_error *e)
{
  sqlite3 *db = rs_conn_db(c);
  sqlite3_stmt *st;
  int rc = rs_sqlite_prepare(db, &st,
                             "SELECT name, type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%' FROM "
                             "\"%w\".sqlite_schema WHERE type IN ('table', 'view') AND "
                             "name = %Q COLLATE NOCASE",
                             schema, name);
  if (rc != SQLITE_OK) return rs_sqlite_error(c, schema, e);
  enum rs_code done = RS_DONE;
  if (sqlite3_step(st) == SQLITE_ROW) {
    *out = (struct rs_local_table){
      .db = db,
      .schema = rs_arena_strdup(a, schema),
      .name = rs_arena_strdup(a, (const char *)sqlite3_column_text(st, 0)),
      .plain = sqlite3_column_int(st, 1) != 0};
    done = out->schema != NULL && out->name != NULL ? RS_OK : rs_nomem(e);
  }
  if (sqlite3_finalize(st) != SQLITE_OK && done == RS_DONE) done = rs_sqlite_error(c, schema, e);
  return done;
}

static enum rs_code not_found(struct rs_conn *c, const struct rs_local_name *name,
                              const char *const *schemas, size_t n, struct rs_error *e)
{
  const char *names[256];
  size_t count = 0;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  for (size_t i = 0; i < n; i++) {
    sqlite3_stmt *st;
    if (rs_sqlite_prepare(rs_conn_db(c), &st,
                          "SELECT name FROM \"%w\".sqlite_schema WHERE type IN ('table', 'view') "
                          "AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' LIMIT 256",
                          schemas[i]) != SQLITE_OK)
      continue;
    while (count < 256 && sqlite3_step(st) == SQLITE_ROW) {
      names[count] = rs_arena_strdup(&a, (const char *)sqlite3_column_text(st, 0));
      if (names[count] != NULL) count++;
    }
    sqlite3_finalize(st);
  }
  const char *near = rs_nearest(name->table, names, count);
  enum rs_code rc = rs_fail(e, RS_NOT_FOUND, "this database has no table '%s%s%s'%s%s%s",
                            name->schema ? name->schema : "", name->schema ? "." : "", name->table,
                            near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
  rs_arena_free(&a);
  return rc;
}

/* What stored text may name: what is plain, of its own file, and the application's. */
static enum rs_code check_stored(const struct rs_local_table *t, struct rs_error *e)
{
  if (rs_casecmpn(t->name, "sqlite_", 7) == 0 || rs_casecmpn(t->name, "rockset_", 8) == 0)
    return rs_fail(e, RS_FORBIDDEN, "local table '%s' is none of the application's", t->name);
  sqlite3_stmt *st;
  int rc = rs_sqlite_prepare(
    t->db, &st, "SELECT type FROM pragma_table_list(%Q) WHERE schema = %Q COLLATE NOCASE", t->name,
    t->schema);
  if (rc != SQLITE_OK) return rs_sqlite_error_of(t->db, t->name, e);
  char kind[16] = "";
  if (sqlite3_step(st) == SQLITE_ROW)
    snprintf(kind, sizeof kind, "%s", (const char *)sqlite3_column_text(st, 0));
  sqlite3_finalize(st);
  if (rs_eq(kind, "table") || rs_eq(kind, "view")) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN,
                 "local table '%s' is a %s table: stored SQL reads plain tables and views only",
                 t->name, kind);
}

/* ---- columns --------------------------------------------------------------------------------- */

static enum rs_code read_columns(struct rs_local_table *t, struct rs_arena *a, struct rs_error *e)
{
  sqlite3_stmt *st;
  if (rs_sqlite_prepare(t->db, &st, "SELECT * FROM \"%w\".\"%w\"", t->schema, t->name) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  t->n = (size_t)sqlite3_column_count(st);
  t->columns = rs_arena_calloc(a, (t->n + 1) * sizeof *t->columns);
  enum rs_code rc = t->columns != NULL ? RS_OK : rs_nomem(e);
  bool rowid = false;
  for (size_t i = 0; i < t->n && rc == RS_OK; i++) {
    struct rs_local_column *column = &t->columns[i];
    const char *decl = sqlite3_column_decltype(st, (int)i);
    *column = (struct rs_local_column){.name = rs_arena_strdup(a, sqlite3_column_name(st, (int)i)),
                                       .decl = decl ? rs_arena_strdup(a, decl) : NULL,
                                       .whole = true,
                                       .bits = true};
    if (column->name == NULL || (decl != NULL && column->decl == NULL)) rc = rs_nomem(e);
    else rowid = rowid || rs_casecmp(column->name, "rowid") == 0;
  }
  sqlite3_finalize(st);
  if (rc != RS_OK || rowid || !t->plain) return rc;
  t->has_rowid = rs_sqlite_prepare(t->db, &st, "SELECT rowid FROM \"%w\".\"%w\"", t->schema,
                                   t->name) == SQLITE_OK;
  sqlite3_finalize(st);
  return RS_OK;
}

static bool names_column(const struct rs_locals *l, const char *name)
{
  char lower[256];
  size_t n = strlen(name);
  if (l->all || n >= sizeof lower) return true;
  for (size_t i = 0; i < n; i++)
    lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
  return rs_map_find(&l->words, lower, n) != NULL;
}

enum rs_code rs_local_choose(struct rs_local_table *t, const struct rs_locals *l,
                             struct rs_arena *a, struct rs_error *e)
{
  const bool rowid = t->has_rowid && rs_map_find(&l->words, "rowid", 5) != NULL;
  size_t n = 0;
  if (rowid && l->all)
    return rs_fail(e, RS_UNSUPPORTED,
                   "rowid of local table '%s': name the other columns, too: with * or a whole row "
                   "it would be one of them",
                   t->name);
  struct rs_local_column first = t->columns[0], *columns;
  columns = rs_arena_calloc(a, (t->n + 1) * sizeof *columns);
  if (columns == NULL) return rs_nomem(e);
  for (size_t i = 0; i < t->n; i++)
    if (names_column(l, t->columns[i].name)) columns[n++] = t->columns[i];
  if (rowid)
    columns[n++] = (struct rs_local_column){.name = "rowid", .decl = "INTEGER", .whole = true};
  if (n == 0) columns[n++] = first; // rows are counted
  t->all = t->columns;
  t->nall = t->n;
  t->columns = columns;
  t->n = n;
  t->whole = l->all;
  return RS_OK;
}

enum rs_code rs_local_find(struct rs_conn *c, const struct rs_local_name *name, const char *stored,
                           struct rs_arena *a, struct rs_local_table *out, struct rs_error *e)
{
  const char **schemas;
  size_t n;
  enum rs_code rc = rs_conn_schemas(c, a, &schemas, &n, e);
  if (rc != RS_OK) return rc;
  const char *only = name->schema != NULL ? name->schema : stored;
  if (stored != NULL && name->schema != NULL && rs_casecmp(name->schema, stored) != 0)
    return rs_fail(e, RS_FORBIDDEN,
                   "local table '%s.%s': stored SQL reads tables of its own file ('%s') only: "
                   "rockset_trust(1) lifts it",
                   name->schema, name->table, stored);
  bool known = only == NULL;
  rc = RS_DONE;
  for (size_t i = 0; i < n && rc == RS_DONE; i++) {
    if (only != NULL && rs_casecmp(only, schemas[i]) != 0) continue;
    known = true;
    rc = look_in(c, schemas[i], name->table, a, out, e);
  }
  if (!known)
    return rs_fail(e, RS_NOT_FOUND,
                   "this connection has no database '%s' attached (local table '%s.%s')", only,
                   only, name->table);
  if (rc == RS_DONE && only == NULL) return not_found(c, name, schemas, n, e);
  if (rc == RS_DONE) return not_found(c, name, &only, 1, e);
  if (rc == RS_OK && stored != NULL) rc = check_stored(out, e);
  return rc == RS_OK ? read_columns(out, a, e) : rc;
}

/* ---- state ----------------------------------------------------------------------------------- */

static enum rs_code read_pragma(const struct rs_local_table *t, const char *pragma, int64_t *n,
                                struct rs_error *e)
{
  sqlite3_stmt *st;
  *n = -1;
  if (rs_sqlite_prepare(t->db, &st, "PRAGMA \"%w\".%s", t->schema, pragma) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  if (sqlite3_step(st) == SQLITE_ROW) *n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  return RS_OK;
}

/*
** Do its rows depend on nothing but rows of this file? A view may read other files, virtual tables,
** or call a function whose value changes: its program says what it opens and calls.
*/
static enum rs_code check_program(const struct rs_local_table *t, bool *steady, struct rs_error *e)
{
  sqlite3_stmt *st;
  int64_t file = -1;
  *steady = t->plain;
  if (t->plain) return RS_OK;
  if (rs_sqlite_prepare(t->db, &st,
                        "SELECT seq FROM pragma_database_list WHERE name = %Q COLLATE NOCASE",
                        t->schema) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  if (sqlite3_step(st) == SQLITE_ROW) file = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  if (rs_sqlite_prepare(t->db, &st, "EXPLAIN SELECT * FROM \"%w\".\"%w\"", t->schema, t->name) !=
      SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  *steady = true;
  while (sqlite3_step(st) == SQLITE_ROW) {
    const char *op = (const char *)sqlite3_column_text(st, 1);
    if (op == NULL || op[0] == 'V' || strstr(op, "Func") != NULL || strstr(op, "Agg") != NULL)
      *steady = *steady && op != NULL && (rs_eq(op, "Variable") || rs_eq(op, "Vacuum"));
    if (op != NULL && (rs_eq(op, "OpenRead") || rs_eq(op, "Transaction")))
      *steady = *steady && sqlite3_column_int64(st, rs_eq(op, "OpenRead") ? 4 : 2) == file;
  }
  sqlite3_finalize(st);
  return RS_OK;
}

/*
** What an attached schema's numbers count from begins anew when another file is attached under its
** name, and so does a database in memory that is deserialized: equal numbers then mean nothing. The
** size of its cache goes with it, and is made a little larger, to a number of our own: whoever
** finds another one has another database, or somebody who chose a size, and sends again.
*/
static enum rs_code read_mark(struct rs_local *l, const struct rs_local_table *t, int64_t *mark,
                              struct rs_error *e)
{
  const char *file = sqlite3_db_filename(t->db, t->schema);
  const bool main = rs_casecmp(t->schema, "main") == 0;
  int64_t now, *known = rs_map_get(&l->marks, t->schema);
  *mark = 0;
  if (rs_casecmp(t->schema, "temp") == 0 || (main && file != NULL && *file != 0)) return RS_OK;
  enum rs_code rc = read_pragma(t, "cache_size", &now, e);
  if (rc != RS_OK) return rc;
  if (known == NULL) {
    known = rs_calloc(1, sizeof *known);
    if (known == NULL || !rs_map_put(&l->marks, t->schema, known)) {
      rs_free(known);
      return rs_nomem(e);
    }
  }
  if (*known == 0 || *known != now) {
    const int64_t more = 1 + (int64_t)(l->stamp++ % 100);
    *known = now < 0 ? now - more : now + more;
    if (rs_sqlite_exec(t->db, "PRAGMA \"%w\".cache_size = %lld", t->schema, (long long)*known) !=
        SQLITE_OK)
      return rs_sqlite_error_of(t->db, t->schema, e);
  }
  *mark = *known;
  return RS_OK;
}

enum rs_code rs_local_hold(struct rs_local *l, struct rs_local_table *t, struct rs_error *e)
{
  struct rs_local_state *s = &t->state;
  if (rs_sqlite_prepare(t->db, &t->reads, "SELECT 1 FROM \"%w\".sqlite_schema", t->schema) !=
        SQLITE_OK ||
      sqlite3_step(t->reads) != SQLITE_ROW)
    return rs_sqlite_error_of(t->db, t->name, e);
  enum rs_code rc = check_program(t, &s->steady, e);
  if (rc == RS_OK) rc = read_pragma(t, "data_version", &s->others, e);
  if (rc == RS_OK) rc = read_pragma(t, "schema_version", &s->schema, e);
  if (rc == RS_OK) rc = read_mark(l, t, &s->mark, e);
  if (rc != RS_OK) return rc;
  s->changes = sqlite3_total_changes64(t->db);
  if (sqlite3_txn_state(t->db, t->schema) == SQLITE_TXN_WRITE ||
      sqlite3_file_control(t->db, t->schema, SQLITE_FCNTL_DATA_VERSION, &s->data) != SQLITE_OK)
    s->steady = false;
  return RS_OK;
}

void rs_local_release(struct rs_local_table *t)
{
  sqlite3_finalize(t->reads);
  t->reads = NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_local_select(const struct rs_local_table *t, const char *where, sqlite3_stmt **st,
                             struct rs_error *e)
{
  sqlite3_str *s = sqlite3_str_new(t->db);
  for (size_t i = 0; i < t->n; i++)
    sqlite3_str_appendf(s, "%s\"%w\"", i == 0 ? "SELECT " : ", ", t->columns[i].name);
  sqlite3_str_appendf(s, " FROM \"%w\".\"%w\"%s", t->schema, t->name, where);
  char *sql = sqlite3_str_finish(s);
  if (sql == NULL) return rs_nomem(e);
  int rc = sqlite3_prepare_v2(t->db, sql, -1, st, NULL);
  sqlite3_free(sql);
  return rc == SQLITE_OK ? RS_OK : rs_sqlite_error_of(t->db, t->name, e);
}

enum rs_code rs_local_number(const struct rs_local_table *t, const char *what, const char *where,
                             int64_t *n, struct rs_error *e)
{
  sqlite3_stmt *st;
  *n = -1;
  if (rs_sqlite_prepare(t->db, &st, "SELECT %s FROM \"%w\".\"%w\"%s", what, t->schema, t->name,
                        where) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL)
    *n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  return RS_OK;
}
