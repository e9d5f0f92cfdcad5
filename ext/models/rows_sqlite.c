/*
** src/project/model/rows.h over the tables of sql/schema.sql: every table by its list of columns,
** with three prepared statements each, made when first needed.
*/
#include <string.h>
#include "ext/base/tables.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

enum what { GET, PUT, REMOVE, WHATS };

struct rs_rows_db {
  struct rs_conn *c;
  sqlite3 *db;
  sqlite3_stmt *st[RS_TABLES][WHATS];
};

static enum rs_code fail(struct rs_rows_db *d, enum rs_table_id t, struct rs_error *e)
{
  return rs_sqlite_error(d->c, rs_tables[t].name, e);
}

static void put_columns(sqlite3_str *s, const char *const *columns, size_t n, const char *form,
                        const char *sep)
{
  for (size_t i = 0; i < n; i++) {
    if (i > 0) sqlite3_str_appendall(s, sep);
    sqlite3_str_appendf(s, form, columns[i], (int)i + 1);
  }
}

static char *make_sql(sqlite3 *db, enum rs_table_id t, enum what what)
{
  const struct rs_table *table = &rs_tables[t];
  size_t n = rs_table_columns(t);
  sqlite3_str *s = sqlite3_str_new(db);
  if (what == PUT) {
    sqlite3_str_appendf(s, "INSERT OR REPLACE INTO main.%s(", table->name);
    put_columns(s, table->columns, n, "\"%w\"", ", ");
    sqlite3_str_appendall(s, ") VALUES(?");
    for (size_t i = 1; i < n; i++) sqlite3_str_appendall(s, ", ?");
    sqlite3_str_appendall(s, ")");
    return sqlite3_str_finish(s);
  }
  if (what == REMOVE) {
    sqlite3_str_appendf(s, "DELETE FROM main.%s WHERE ", table->name);
  } else {
    sqlite3_str_appendall(s, "SELECT ");
    put_columns(s, table->columns, n, "\"%w\"", ", ");
    sqlite3_str_appendf(s, " FROM main.%s WHERE ", table->name);
  }
  put_columns(s, table->columns, table->nkeys, "\"%w\" = ?%d", " AND ");
  return sqlite3_str_finish(s);
}

static enum rs_code prepare(struct rs_rows_db *d, enum rs_table_id t, enum what what,
                            sqlite3_stmt **out, struct rs_error *e)
{
  sqlite3_stmt **st = &d->st[t][what];
  if (*st == NULL) {
    char *sql = make_sql(d->db, t, what);
    if (sql == NULL) return rs_nomem(e);
    int rc = sqlite3_prepare_v3(d->db, sql, -1, SQLITE_PREPARE_PERSISTENT, st, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK) return fail(d, t, e);
  }
  *out = *st;
  return RS_OK;
}

/* The file of a package may hold bytes that are no text. */
static int bind_cell(sqlite3_stmt *st, int i, const struct rs_cell *c)
{
  if (c->p == NULL) return sqlite3_bind_null(st, i);
  if (rs_utf8_valid(c->p, c->n) == c->n && memchr(c->p, 0, c->n) == NULL)
    return sqlite3_bind_text64(st, i, c->p, c->n, SQLITE_STATIC, SQLITE_UTF8);
  return sqlite3_bind_blob64(st, i, c->p, c->n, SQLITE_STATIC);
}

static enum rs_code bind(struct rs_rows_db *d, sqlite3_stmt *st, const struct rs_row *r, size_t n,
                         struct rs_error *e)
{
  for (size_t i = 0; i < n; i++)
    if (bind_cell(st, (int)i + 1, &r->v[i]) != SQLITE_OK) return fail(d, r->table, e);
  return RS_OK;
}

static void borrow(sqlite3_stmt *st, enum rs_table_id t, struct rs_row *out)
{
  size_t n = rs_table_columns(t);
  memset(out, 0, sizeof *out);
  out->table = t;
  for (size_t i = 0; i < n; i++) {
    int type = sqlite3_column_type(st, (int)i);
    if (type == SQLITE_NULL) continue;
    const char *p = type == SQLITE_BLOB ? sqlite3_column_blob(st, (int)i)
                                        : (const char *)sqlite3_column_text(st, (int)i);
    out->v[i] = (struct rs_cell){.p = p != NULL ? p : "",
                                 .n = (size_t)sqlite3_column_bytes(st, (int)i)};
  }
}

static enum rs_code get_row(void *ctx, const struct rs_row *key, struct rs_arena *a,
                            struct rs_row *out, bool *found, struct rs_error *e)
{
  struct rs_rows_db *d = ctx;
  sqlite3_stmt *st = NULL;
  *found = false;
  enum rs_code rc = prepare(d, key->table, GET, &st, e);
  if (rc == RS_OK) rc = bind(d, st, key, rs_tables[key->table].nkeys, e);
  if (rc != RS_OK) return rc;
  int step = sqlite3_step(st);
  if (step == SQLITE_ROW) {
    *found = true;
    borrow(st, key->table, out);
    size_t n = rs_table_columns(key->table);
    for (size_t i = 0; rc == RS_OK && i < n; i++)
      if (out->v[i].p != NULL &&
          (out->v[i].p = rs_arena_strndup(a, out->v[i].p, out->v[i].n)) == NULL)
        rc = rs_nomem(e);
  } else if (step != SQLITE_DONE) {
    rc = fail(d, key->table, e);
  }
  sqlite3_reset(st);
  return rc;
}

static enum rs_code change(struct rs_rows_db *d, const struct rs_row *r, enum what what, size_t n,
                           struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = prepare(d, r->table, what, &st, e);
  if (rc == RS_OK) rc = bind(d, st, r, n, e);
  if (rc != RS_OK) return rc;
  if (sqlite3_step(st) != SQLITE_DONE) rc = fail(d, r->table, e);
  sqlite3_reset(st);
  sqlite3_clear_bindings(st);
  return rc;
}

static enum rs_code put_row(void *ctx, const struct rs_row *r, struct rs_error *e)
{
  return change(ctx, r, PUT, rs_table_columns(r->table), e);
}

static enum rs_code remove_row(void *ctx, const struct rs_row *key, struct rs_error *e)
{
  return change(ctx, key, REMOVE, rs_tables[key->table].nkeys, e);
}

static enum rs_code each(void *ctx, enum rs_table_id t,
                         enum rs_code (*fn)(void *arg, const struct rs_row *r, struct rs_error *e),
                         void *arg, struct rs_error *e)
{
  struct rs_rows_db *d = ctx;
  sqlite3_str *s = sqlite3_str_new(d->db);
  sqlite3_stmt *st = NULL;
  sqlite3_str_appendall(s, "SELECT ");
  put_columns(s, rs_tables[t].columns, rs_table_columns(t), "\"%w\"", ", ");
  sqlite3_str_appendf(s, " FROM main.%s ORDER BY ", rs_tables[t].name);
  put_columns(s, rs_tables[t].columns, rs_tables[t].nkeys, "\"%w\"", ", ");
  char *sql = sqlite3_str_finish(s);
  if (sql == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  int step = SQLITE_DONE;
  if (sqlite3_prepare_v2(d->db, sql, -1, &st, NULL) != SQLITE_OK) rc = fail(d, t, e);
  while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
    struct rs_row row;
    borrow(st, t, &row);
    rc = fn(arg, &row, e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = fail(d, t, e);
  sqlite3_finalize(st);
  sqlite3_free(sql);
  return rc;
}

enum rs_code rs_row_store_open_db(struct rs_conn *c, sqlite3 *db, struct rs_row_store *out,
                                  struct rs_error *e)
{
  struct rs_rows_db *d = rs_calloc(1, sizeof *d);
  *out = (struct rs_row_store){
    .ctx = d, .get = get_row, .put = put_row, .remove = remove_row, .each = each};
  if (d == NULL) return rs_nomem(e);
  d->c = c;
  d->db = db;
  return rs_tables_check(d->db, e);
}

enum rs_code rs_row_store_open(struct rs_conn *c, struct rs_row_store *out, struct rs_error *e)
{
  return rs_row_store_open_db(c, rs_conn_db(c), out, e);
}

void rs_row_store_close(struct rs_row_store *store)
{
  struct rs_rows_db *d = store->ctx;
  if (d == NULL) return;
  for (size_t t = 0; t < RS_TABLES; t++)
    for (size_t i = 0; i < WHATS; i++) sqlite3_finalize(d->st[t][i]);
  rs_free(d);
}
