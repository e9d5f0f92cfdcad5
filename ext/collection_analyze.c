/*
** rockset_analyze(table): counts the rows of a virtual table's relation and stores the number, from
** which SQLite's planner gets its estimates, in the column list "<table>_rockset".
*/
#include "collection_vtab.h"

/* Runs "... %w ..." with the table's name; *n, unless NULL, is the integer it gives, -1 none. */
static enum rs_code run(struct rs_conn *c, char *sql, sqlite3_int64 *n, struct rs_error *e)
{
  sqlite3_stmt *stmt = NULL;
  if (!sql) return rs_nomem(e);
  int rc = sqlite3_prepare_v2(rs_conn_db(c), sql, -1, &stmt, NULL);
  sqlite3_free(sql);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW && n) *n = sqlite3_column_int64(stmt, 0);
  bool ok = rc == SQLITE_ROW || rc == SQLITE_DONE;
  enum rs_code code = ok ? RS_OK : rs_sqlite_error(c, "rockset_analyze", e);
  sqlite3_finalize(stmt);
  return code;
}

static enum rs_code analyze(struct rs_conn *c, const char *table, sqlite3_int64 *rows,
                            struct rs_error *e)
{
  sqlite3_int64 known = 0;
  enum rs_code rc = run(
    c,
    sqlite3_mprintf("SELECT count(*) FROM pragma_table_list WHERE type = "
                    "'virtual' AND schema = 'main' AND name = %Q COLLATE NOCASE "
                    "AND EXISTS (SELECT 1 FROM pragma_table_list WHERE schema = "
                    "'main' AND name = %Q || '_rockset' COLLATE NOCASE)",
                    table, table),
    &known, e);
  if (rc != RS_OK) return rc;
  if (known == 0)
    return rs_fail(e, RS_NOT_FOUND, "rockset_analyze: there is no virtual table '%s' in main",
                   table);
  rc = run(c, sqlite3_mprintf("SELECT count(*) FROM main.\"%w\"", table), rows, e);
  if (rc == RS_OK)
    rc = run(c,
             sqlite3_mprintf(
               "DELETE FROM main.\"%w_rockset\" WHERE role = 'meta' AND name = 'rows'", table),
             NULL, e);
  if (rc != RS_OK) return rc;
  return run(c,
             sqlite3_mprintf("INSERT INTO main.\"%w_rockset\"(position, role, name, value) "
                             "SELECT max(position) + 1, 'meta', 'rows', %lld FROM "
                             "main.\"%w_rockset\" WHERE position < 100",
                             table, *rows, table),
             NULL, e);
}

static void analyze_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  struct rs_error e = {0};
  sqlite3_int64 rows = 0;
  (void)argc;
  const char *table = (const char *)sqlite3_value_text(argv[0]);
  enum rs_code rc = table ? RS_OK
                          : rs_fail(&e, RS_INVALID, "rockset_analyze: a table's name is expected");
  if (rc == RS_OK) rc = rs_conn_no_transaction(c, "rockset_analyze", &e);
  if (rc == RS_OK) rc = analyze(c, table, &rows, &e);
  if (rc != RS_OK) {
    rs_result_error(ctx, &e);
    return;
  }
  // reading the schema anew connects the table with the new number
  sqlite3_exec(rs_conn_db(c), "PRAGMA writable_schema=RESET", NULL, NULL, NULL);
  sqlite3_result_int64(ctx, rows);
}

int rs_analyze_register(struct rs_conn *c)
{
  return rs_conn_function(c, "rockset_analyze", 1, false, analyze_fn);
}
