/*
** rockset_analyze(table): counts the rows of a virtual table, and of a relation's columns the
** distinct values and NULLs; stored in the column list "<table>_rockset", SQLite's planner gets its
** estimates from them (cost.c). Returns the number of rows.
**
** The engine counts, in one statement; distinct values are estimated where it has a fast way to
** (which is exact enough for a planner), but counted of the key. What an engine has stored about
** the columns is taken from there, and only the others are looked at.
*/
#include "internal.h"
#include "ext/base/unit.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

#define FN "rockset_analyze"

/* Runs "... %w ..." with the table's name; *n, unless NULL, is the integer it gives, -1 none. */
static enum rs_code run_sql(struct rs_conn *c, char *sql, sqlite3_int64 *n, struct rs_error *e)
{
  sqlite3_stmt *stmt = NULL;
  if (n) *n = -1;
  if (!sql) return rs_nomem(e);
  int rc = sqlite3_prepare_v2(rs_conn_db(c), sql, -1, &stmt, NULL);
  sqlite3_free(sql);
  if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW && n) *n = sqlite3_column_int64(stmt, 0);
  bool ok = rc == SQLITE_ROW || rc == SQLITE_DONE;
  enum rs_code code = ok ? RS_OK : rs_sqlite_error(c, FN, e);
  sqlite3_finalize(stmt);
  return code;
}

/* Replaces an entry; a negative value: there is none. */
static enum rs_code set_meta(struct rs_conn *c, const struct collection_name *t, const char *name,
                             sqlite3_int64 value, struct rs_error *e)
{
  enum rs_code rc = run_sql(c,
                            sqlite3_mprintf("DELETE FROM \"%w\".\"%w_rockset\" WHERE role = 'meta' "
                                            "AND name = %Q",
                                            t->schema, t->table, name),
                            NULL, e);
  if (rc != RS_OK || value < 0) return rc;
  // the first place that is free: below the columns' there are more than there are entries
  return run_sql(
    c,
    sqlite3_mprintf("INSERT INTO \"%w\".\"%w_rockset\"(position, role, name, value) "
                    "SELECT min(position) + 1, 'meta', %Q, %lld FROM \"%w\".\"%w_rockset\" "
                    "WHERE position + 1 NOT IN (SELECT position FROM \"%w\".\"%w_rockset\")",
                    t->schema, t->table, name, value, t->schema, t->table, t->schema, t->table),
    NULL, e);
}

/* What the engine says of a table. */
struct statistics {
  struct collection *c;
  int *fetch; /* columns that are counted */
  size_t nfetch;
  int64_t rows, *there, *distinct; /* by place in fetch */
  double *nulls;                   /* stored: the share of NULLs, -1: to be counted */
};

static int64_t integer_at(struct rs_rows *rows, size_t i)
{
  struct rs_value v;
  rs_rows_get(rows, i, &v);
  return v.kind == RS_INT ? v.i : v.kind == RS_FLOAT ? (int64_t)v.f : 0;
}

static double real_at(struct rs_rows *rows, size_t i)
{
  struct rs_value v;
  rs_rows_get(rows, i, &v);
  return v.kind == RS_FLOAT ? v.f : v.kind == RS_INT ? (double)v.i : -1;
}

static void take_stored(struct statistics *st, struct rs_rows *rows)
{
  struct rs_value name;
  double distinct = real_at(rows, 2), nulls = real_at(rows, 3);
  rs_rows_get(rows, 0, &name);
  if (name.kind != RS_TEXT || distinct < 0 || nulls < 0) return;
  for (size_t i = 0; i < st->nfetch; i++) {
    const char *own = st->c->scan_columns[st->fetch[i]].name;
    bool path = st->c->scan_columns[st->fetch[i]].path != NULL;
    if (path || st->fetch[i] == st->c->key || strlen(own) != name.s.n) continue;
    if (rs_casecmpn(own, name.s.p, name.s.n) != 0) continue;
    st->distinct[i] = (int64_t)distinct;
    st->nulls[i] = nulls;
  }
}

/* What the engine has stored. That it can't tell (a view) is no error: everything is counted. */
static enum rs_code ask_stored(struct statistics *st, struct rs_session *s, struct rs_error *e)
{
  const struct rs_target *t = rs_session_target(s);
  const struct rs_dialect *d = rs_target_info(t).dialect;
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  for (size_t i = 0; i < st->nfetch; i++) st->nulls[i] = -1;
  if (d->stored_statistics == NULL) return RS_OK;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_buf_str(&sql, d->stored_statistics);
  rs_dialect_relation(d, &sql, rs_collection_workspace(st->c, t), st->c->relation);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement stmt = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &stmt, &rows, e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, e)) == RS_OK) take_stored(st, rows);
  rs_rows_close(rows);
  rs_buf_free(&sql);
  if (rc == RS_DONE) return RS_OK;
  if (rc == RS_CANCELLED || rc == RS_NOMEM) return rc;
  if (e != NULL) *e = (struct rs_error){0};
  return RS_OK;
}

/* Counts the rows, and of the columns that nothing is stored of what they hold. */
static enum rs_code ask_engine(struct statistics *st, struct rs_session *s, struct rs_error *e)
{
  struct collection *c = st->c;
  const struct rs_target *t = rs_session_target(s);
  int *fetch = rs_arena_alloc(&c->arena, (st->nfetch + 1) * sizeof *fetch);
  struct rs_scan scan = {.columns = c->scan_columns,
                         .workspace = rs_collection_workspace(c, t),
                         .name = c->relation,
                         .fetch = fetch};
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  if (!fetch) return rs_nomem(e);
  for (size_t i = 0; i < st->nfetch; i++)
    if (st->nulls[i] < 0) fetch[scan.nfetch++] = st->fetch[i];
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_deparse_statistics(rs_target_info(t).dialect, &scan, c->key, &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement stmt = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &stmt, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_DONE) rc = rs_fail(e, RS_INTERNAL, "the engine answered no statistics");
  if (rc == RS_OK) st->rows = integer_at(rows, 0);
  for (size_t i = 0, at = 1; rc == RS_OK && i < st->nfetch; i++) {
    if (st->nulls[i] >= 0) {
      st->there[i] = st->rows - (int64_t)((double)st->rows * st->nulls[i] + 0.5);
      continue;
    }
    st->there[i] = integer_at(rows, at++);
    st->distinct[i] = integer_at(rows, at++);
  }
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc;
}

static enum rs_code write_all(struct rs_conn *c, const struct collection_name *t,
                              const struct statistics *st, struct rs_error *e)
{
  enum rs_code rc = set_meta(c, t, "unique", -1, e);
  for (size_t i = 0; rc == RS_OK && i < st->nfetch; i++) {
    bool key = st->fetch[i] == st->c->key;
    rc = run_sql(c,
                 sqlite3_mprintf("UPDATE \"%w\".\"%w_rockset\" SET value = '%lld %lld' "
                                 "WHERE role IN ('column', 'path') AND name = %Q",
                                 t->schema, t->table, (long long)st->distinct[i],
                                 (long long)(st->rows - st->there[i]),
                                 st->c->columns[st->fetch[i]].name),
                 NULL, e);
    if (rc == RS_OK && key && st->distinct[i] == st->rows) rc = set_meta(c, t, "unique", 1, e);
  }
  return rc == RS_OK ? set_meta(c, t, "rows", st->rows, e) : rc;
}

/* All of it or nothing. */
static enum rs_code store_statistics(struct rs_conn *c, const struct collection_name *t,
                                     const struct statistics *st, struct rs_error *e)
{
  struct rs_unit unit;
  if (rs_unit_begin(&unit, rs_conn_db(c), false) != SQLITE_OK) return rs_sqlite_error(c, FN, e);
  return rs_unit_close(&unit, write_all(c, t, st, e), FN, e);
}

/* rows: of what is no relation; else they are counted with its columns. */
static enum rs_code analyze_columns(struct rs_conn *c, const struct collection_name *t,
                                    sqlite3_int64 *rows, struct rs_error *e)
{
  struct statistics st = {.rows = *rows};
  struct rs_session *s = NULL;
  enum rs_code rc = rs_collection_load(c, rs_conn_db(c), t->schema, t->table, &st.c, e);
  if (rc != RS_OK) return rc;
  if (st.c->relation) {
    size_t n = (size_t)st.c->ndata;
    st.fetch = rs_arena_alloc(&st.c->arena, n * sizeof *st.fetch);
    st.there = rs_arena_calloc(&st.c->arena, n * sizeof *st.there);
    st.distinct = rs_arena_calloc(&st.c->arena, n * sizeof *st.distinct);
    st.nulls = rs_arena_calloc(&st.c->arena, n * sizeof *st.nulls);
    if (!st.fetch || !st.there || !st.distinct || !st.nulls) rc = rs_nomem(e);
    for (int i = 0; rc == RS_OK && i < st.c->ndata; i++) {
      if (rs_shippable_distinct(st.c->columns[i].type)) st.fetch[st.nfetch++] = i;
    }
    if (rc == RS_OK) rc = rs_collection_session(st.c, &s, e);
    if (rc == RS_OK) rc = ask_stored(&st, s, e);
    if (rc == RS_OK) rc = ask_engine(&st, s, e);
    rs_conn_done(c, s);
    if (rc != RS_OK) rs_error_prefix(e, FN ": table %s", t->table);
  }
  if (rc == RS_OK) rc = store_statistics(c, t, &st, e);
  *rows = st.rows;
  rs_collection_free(st.c);
  return rc;
}

static enum rs_code analyze(struct rs_conn *c, const char *name, sqlite3_int64 *rows,
                            struct rs_error *e)
{
  struct rs_arena arena;
  struct collection_name t;
  sqlite3_int64 relation = 0, known = 0;
  rs_arena_init(&arena, 0);
  enum rs_code rc = rs_collection_locate(c, FN, name, &arena, &t, e);
  if (rc == RS_OK)
    rc = run_sql(c,
                 sqlite3_mprintf("SELECT count(*) FROM \"%w\".sqlite_schema WHERE "
                                 "name = %Q || '_rockset' COLLATE NOCASE",
                                 t.schema, t.table),
                 &known, e);
  if (rc == RS_OK && (t.other || known == 0))
    rc = rs_fail(e, RS_INVALID, FN ": %s.%s is no table of the module rockset", t.schema, t.table);
  if (rc == RS_OK)
    rc = run_sql(c,
                 sqlite3_mprintf("SELECT 1 FROM \"%w\".\"%w_rockset\" WHERE role = 'meta' AND "
                                 "name = 'relation'",
                                 t.schema, t.table),
                 &relation, e);
  if (rc == RS_OK && relation < 0)
    rc = run_sql(c, sqlite3_mprintf("SELECT count(*) FROM \"%w\".\"%w\"", t.schema, t.table), rows,
                 e);
  if (rc == RS_OK) rc = analyze_columns(c, &t, rows, e);
  rs_arena_free(&arena);
  return rc;
}

static void analyze_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  struct rs_error e = {0};
  sqlite3_int64 rows = 0;
  (void)argc;
  const char *table = (const char *)sqlite3_value_text(argv[0]);
  enum rs_code rc = table ? RS_OK : rs_fail(&e, RS_INVALID, FN ": a table's name is expected");
  if (rc == RS_OK) rc = rs_conn_no_transaction(c, FN, &e);
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
  static const struct rs_function function = {FN, 1, 1, analyze_fn};
  return rs_conn_functions(c, &function, 1);
}
