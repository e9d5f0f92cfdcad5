/*
** The table of SQLite's that a pull fills (internal.h): looked at, made, written, and rid of the
** rows that are gone.
*/
#include <string.h>
#include "ext/base/statement.h"
#include "src/base/text.h"
#include "internal.h"

int rs_pull_column(const struct rs_pull *x, const char *name)
{
  int exact = rs_columns_find(&x->columns, name);
  for (size_t i = 0; exact < 0 && i < x->columns.n; i++)
    if (rs_casecmp(x->columns.v[i].name, name) == 0) exact = (int)i;
  return exact;
}

static enum rs_code run_made(struct rs_pull *x, char *sql, struct rs_error *e)
{
  if (sql == NULL) return rs_nomem(e);
  int rc = sqlite3_exec(x->db, sql, NULL, NULL, NULL);
  sqlite3_free(sql);
  return rc == SQLITE_OK ? RS_OK : rs_sqlite_error_of(x->db, x->p->table, e);
}

enum rs_code rs_pull_count(struct rs_pull *x, int64_t *n, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  *n = 0;
  int step = rs_sqlite_prepare(x->db, &st, "SELECT count(*) FROM main.\"%w\"", x->p->table);
  if (step == SQLITE_OK) step = sqlite3_step(st);
  if (step == SQLITE_ROW) *n = sqlite3_column_int64(st, 0);
  else rc = step == SQLITE_NOMEM ? rs_nomem(e) : rs_sqlite_error_of(x->db, x->p->table, e);
  sqlite3_finalize(st);
  return rc;
}

/* The columns of a table that is there must be those that come, in whatever order. */
static enum rs_code compare_columns(struct rs_pull *x, struct rs_error *e)
{
  static const char sql[] = "SELECT name FROM pragma_table_info(?1, 'main')";
  sqlite3_stmt *st = NULL;
  struct rs_buf more;
  size_t n = 0;
  bool *has = rs_arena_calloc(x->a, x->columns.n + 1);
  if (has == NULL) return rs_nomem(e);
  if (sqlite3_prepare_v2(x->db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(x->db, x->p->table, e);
  rs_buf_init(&more, 1 << 16);
  sqlite3_bind_text(st, 1, x->p->table, -1, SQLITE_STATIC);
  while (sqlite3_step(st) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text(st, 0);
    int at = name != NULL ? rs_pull_column(x, name) : -1;
    if (at >= 0) has[at] = true, n++;
    else rs_buf_printf(&more, " '%s' is not in '%s'", name != NULL ? name : "", x->p->source);
  }
  enum rs_code rc = sqlite3_finalize(st) == SQLITE_OK ? RS_OK
                                                      : rs_sqlite_error_of(x->db, x->p->table, e);
  size_t missing = 0;
  while (missing < x->columns.n && has[missing]) missing++;
  if (rc == RS_OK && missing < x->columns.n)
    rc = rs_fail(e, RS_INVALID,
                 "table '%s' has no column '%s' of '%s': ALTER TABLE ... ADD COLUMN, "
                 "or name another table",
                 x->p->table, x->columns.v[missing].name, x->p->source);
  else if (rc == RS_OK && more.n > 0)
    rc = rs_fail(e, RS_INVALID, "table '%s' is another one: its column%s: name another table",
                 x->p->table, rs_buf_text(&more));
  rs_buf_free(&more);
  return rc;
}

enum rs_code rs_pull_look(struct rs_pull *x, struct rs_error *e)
{
  const char *kind, *table = x->p->table;
  if (rs_casecmpn(table, "sqlite_", 7) == 0 || rs_casecmpn(table, "rockset_", 8) == 0)
    return rs_fail(e, RS_FORBIDDEN,
                   "the name '%s' is taken: tables of SQLite's and of this "
                   "extension have it",
                   table);
  enum rs_code rc = rs_copy_kind(x->db, table, &kind, e);
  x->exists = kind != NULL;
  if (rc == RS_OK && kind != NULL && !rs_eq(kind, "table"))
    rc = rs_fail(e, RS_INVALID, "'%s' is a %s%s: only a plain table of main can be a copy", table,
                 kind, rs_eq(kind, "view") ? "" : " table");
  if (rc == RS_OK && x->exists) rc = compare_columns(x, e);
  return rc == RS_OK && x->exists ? rs_pull_count(x, &x->before, e) : rc;
}

static const char *decltype_of(enum rs_type t)
{
  if (t == RS_T_BOOL) return "BOOLEAN";
  return t == RS_T_JSON ? "JSON TEXT" : rs_value_decltype(t); // JSON alone has no TEXT affinity
}

static void add_names(struct rs_pull *x, sqlite3_str *s, const char *form, bool keys)
{
  size_t n = keys ? x->key.n : x->columns.n;
  for (size_t i = 0; i < n; i++) {
    if (i > 0) sqlite3_str_appendall(s, ", ");
    sqlite3_str_appendf(s, form, x->columns.v[keys ? x->key_at[i] : i].name, (int)i + 1);
  }
}

enum rs_code rs_pull_create(struct rs_pull *x, struct rs_error *e)
{
  sqlite3_str *s = sqlite3_str_new(x->db);
  sqlite3_str_appendf(s, "CREATE TABLE main.\"%w\"(", x->p->table);
  for (size_t i = 0; i < x->columns.n; i++) {
    const char *type = decltype_of(x->columns.v[i].type);
    sqlite3_str_appendf(s, "%s\n  \"%w\"%s%s", i > 0 ? "," : "", x->columns.v[i].name,
                        type[0] != 0 ? " " : "", type);
    if (x->key.n == 1 && x->key_at[0] == i) sqlite3_str_appendall(s, " PRIMARY KEY NOT NULL");
  }
  if (x->key.n > 1) {
    sqlite3_str_appendall(s, ",\n  PRIMARY KEY(");
    add_names(x, s, "\"%w\"", true);
    sqlite3_str_appendall(s, ")");
  }
  sqlite3_str_appendall(s, "\n)");
  return run_made(x, sqlite3_str_finish(s), e);
}

/* Without its ON CONFLICT: then it was that which SQLite refused. */
static bool is_possible(sqlite3 *db, const char *insert)
{
  sqlite3_stmt *st = NULL;
  bool ok = sqlite3_prepare_v2(db, insert, -1, &st, NULL) == SQLITE_OK;
  sqlite3_finalize(st);
  return ok;
}

enum rs_code rs_pull_insert(struct rs_pull *x, struct rs_error *e)
{
  sqlite3_str *s = sqlite3_str_new(x->db);
  sqlite3_str_appendf(s, "INSERT INTO main.\"%w\"(", x->p->table);
  add_names(x, s, "\"%w\"", false);
  sqlite3_str_appendall(s, ") VALUES(");
  for (size_t i = 0; i < x->columns.n; i++)
    sqlite3_str_appendf(s, i > 0 ? ", ?%d" : "?%d", (int)i + 1);
  sqlite3_str_appendall(s, ")");
  const int plain = sqlite3_str_length(s);
  if (x->key.n > 0) {
    size_t n = 0;
    sqlite3_str_appendall(s, " ON CONFLICT(");
    add_names(x, s, "\"%w\"", true);
    sqlite3_str_appendall(s, ") DO ");
    for (size_t i = 0; i < x->columns.n; i++) {
      size_t k = 0;
      while (k < x->key.n && x->key_at[k] != i) k++;
      if (k < x->key.n) continue;
      sqlite3_str_appendf(s, "%s\"%w\" = excluded.\"%w\"", n++ > 0 ? ", " : "UPDATE SET ",
                          x->columns.v[i].name, x->columns.v[i].name);
    }
    if (n == 0) sqlite3_str_appendall(s, "NOTHING");
  }
  char *sql = sqlite3_str_finish(s);
  if (sql == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  if (sqlite3_prepare_v3(x->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &x->insert, NULL) != SQLITE_OK)
    rc = rs_sqlite_error_of(x->db, x->p->table, e);
  if (rc == RS_INVALID && x->key.n > 0) {
    sql[plain] = 0;
    if (is_possible(x->db, sql))
      rc = rs_fail(e, RS_INVALID,
                   "table '%s' has no PRIMARY KEY or UNIQUE index of just the key's "
                   "columns: CREATE UNIQUE INDEX makes one",
                   x->p->table);
  }
  sqlite3_free(sql);
  return rc;
}

enum rs_code rs_pull_seen(struct rs_pull *x, struct rs_error *e)
{
  if (!x->full || x->before == 0) return RS_OK;
  if (x->key.n == 0) return run_made(x, sqlite3_mprintf("DELETE FROM main.\"%w\"", x->p->table), e);
  sqlite3_str *s = sqlite3_str_new(x->db);
  sqlite3_str_appendall(s, "DROP TABLE IF EXISTS temp.rockset_seen;"
                           "CREATE TEMP TABLE rockset_seen(");
  for (size_t i = 0; i < x->key.n; i++) sqlite3_str_appendf(s, "k%d, ", (int)i);
  sqlite3_str_appendall(s, "PRIMARY KEY(");
  for (size_t i = 0; i < x->key.n; i++) sqlite3_str_appendf(s, i > 0 ? ", k%d" : "k%d", (int)i);
  sqlite3_str_appendall(s, ")) WITHOUT ROWID");
  enum rs_code rc = run_made(x, sqlite3_str_finish(s), e);
  if (rc != RS_OK) return rc;
  s = sqlite3_str_new(x->db);
  sqlite3_str_appendall(s, "INSERT INTO temp.rockset_seen VALUES(?1");
  for (size_t i = 1; i < x->key.n; i++) sqlite3_str_appendf(s, ", ?%d", (int)i + 1);
  sqlite3_str_appendall(s, ")");
  char *sql = sqlite3_str_finish(s);
  if (sql == NULL) return rs_nomem(e);
  if (sqlite3_prepare_v2(x->db, sql, -1, &x->seen, NULL) != SQLITE_OK)
    rc = rs_sqlite_error_of(x->db, x->p->table, e);
  sqlite3_free(sql);
  return rc;
}

enum rs_code rs_pull_delete_unseen(struct rs_pull *x, struct rs_error *e)
{
  if (x->seen == NULL) return RS_OK;
  sqlite3_finalize(x->seen);
  x->seen = NULL;
  int64_t before, after = 0;
  enum rs_code rc = rs_pull_count(x, &before, e);
  sqlite3_str *s = sqlite3_str_new(x->db);
  sqlite3_str_appendf(s, "DELETE FROM main.\"%w\" WHERE (", x->p->table);
  add_names(x, s, "\"%w\"", true);
  sqlite3_str_appendall(s, ") NOT IN (SELECT * FROM temp.rockset_seen); DROP TABLE "
                           "temp.rockset_seen");
  char *sql = sqlite3_str_finish(s);
  if (rc == RS_OK) rc = run_made(x, sql, e);
  else sqlite3_free(sql);
  if (rc == RS_OK) rc = rs_pull_count(x, &after, e);
  x->p->deleted = before - after;
  return rc;
}
