/*
** Which rows of a table a statement needs, where an index of SQLite finds them (internal.h).
**
** A row may stay here only if the engine would drop it, too. Both compare a column that holds
** numbers alone, or texts alone, with a constant of that kind alike: numbers within 2^53, texts
** byte by byte. The ends of the index tell what it holds, since SQLite sorts numbers in front of
** texts and texts in front of blobs.
*/
#include <string.h>
#include "ext/base/statement.h"
#include "src/base/text.h"
#include "src/value/text.h"
#include "internal.h"

#define BLANKS " \t\n\v\f\r"
#define EXACT 9007199254740992.0 /* 2^53 */
/* More than one row in so many is worth a copy of all; so is a small table. Of one without rowids
** nothing tells its size at once. */
enum { PART = 20, SMALL = 100, UNCOUNTED = 200000 };

/* ---- one condition --------------------------------------------------------------------------- */

/* Does SQLite find what the text asks for without reading the table? */
static bool is_search(const struct rs_local_table *t, const char *sql)
{
  sqlite3_stmt *st;
  bool is = rs_sqlite_prepare(t->db, &st, "EXPLAIN QUERY PLAN %s", sql) == SQLITE_OK, any = false;
  while (is && sqlite3_step(st) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(st, 3);
    is = detail != NULL && strncmp(detail, "SEARCH ", 7) == 0;
    any = true;
  }
  sqlite3_finalize(st);
  return is && any;
}

static bool is_like_any(const char *decl, const char *const *patterns)
{
  for (; *patterns != NULL; patterns++)
    if (sqlite3_strlike(*patterns, decl, 0) == 0) return true;
  return false;
}

/* Would SQLite turn a constant into another type before it compares? A column of texts takes
** numbers for texts; one that is declared as anything else, such as DATE, takes a text for a number
** if it reads as one. */
static bool is_converted(const char *decl, const struct rs_local_condition *x)
{
  static const char *const texts[] = {"%CHAR%", "%CLOB%", "%TEXT%", NULL};
  static const char *const blobs[] = {"%BLOB%", NULL};
  const bool number = sqlite3_strlike("%INT%", decl, 0) == 0;
  if (!number && is_like_any(decl, texts)) return !x->texts;
  if (!x->texts || *decl == 0 || (!number && is_like_any(decl, blobs))) return false;
  for (size_t i = 0; i < x->n; i++) {
    char *end;
    (void)rs_text_strtod(x->v[i] + strspn(x->v[i], BLANKS), &end);
    if (end[strspn(end, BLANKS)] == 0) return true;
  }
  return false;
}

/* Both ends of the column's index: does it hold this kind alone, besides NULL? */
static enum rs_code check_kind(const struct rs_local_table *t, const char *column, bool texts,
                               bool *is, struct rs_error *e)
{
  static const char *const ends[] = {"min", "max"};
  *is = true;
  for (size_t i = 0; i < 2 && *is; i++) {
    sqlite3_stmt *st;
    if (rs_sqlite_prepare(t->db, &st, "SELECT %s(\"%w\") FROM \"%w\".\"%w\"", ends[i], column,
                          t->schema, t->name) != SQLITE_OK)
      return rs_sqlite_error_of(t->db, t->name, e);
    *is = is_search(t, sqlite3_sql(st));
    if (*is && sqlite3_step(st) == SQLITE_ROW) {
      const int kind = sqlite3_column_type(st, 0);
      const double x = sqlite3_column_double(st, 0);
      *is = kind == SQLITE_NULL ||
            (texts ? kind == SQLITE_TEXT
                   : (kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) && x >= -EXACT && x <= EXACT);
    }
    if (sqlite3_finalize(st) != SQLITE_OK) return rs_sqlite_error_of(t->db, t->name, e);
  }
  return RS_OK;
}

static void write_constant(sqlite3_str *s, const struct rs_local_condition *x, size_t i)
{
  sqlite3_str_appendf(s, x->texts ? "%Q" : "%s", x->v[i]);
}

/* `"column" >= 'a'`, and how texts are compared. */
static void write_comparison(sqlite3_str *s, const struct rs_local_condition *x, const char *op,
                             size_t i)
{
  sqlite3_str_appendf(s, "\"%w\" %s%s ", x->column, x->texts ? "COLLATE BINARY " : "", op);
  write_constant(s, x, i);
}

static void write_condition(sqlite3_str *s, const struct rs_local_condition *x)
{
  static const char *const ops[] = {[RS_LOCAL_EQ] = "=",
                                    [RS_LOCAL_LT] = "<",
                                    [RS_LOCAL_LE] = "<=",
                                    [RS_LOCAL_GT] = ">",
                                    [RS_LOCAL_GE] = ">="};
  switch (x->how) {
    case RS_LOCAL_BETWEEN:
      write_comparison(s, x, ">=", 0);
      sqlite3_str_appendall(s, " AND ");
      write_comparison(s, x, "<=", 1);
      break;
    case RS_LOCAL_IN:
      sqlite3_str_appendf(s, "\"%w\" %sIN (", x->column, x->texts ? "COLLATE BINARY " : "");
      for (size_t i = 0; i < x->n; i++) {
        if (i > 0) sqlite3_str_appendall(s, ", ");
        write_constant(s, x, i);
      }
      sqlite3_str_appendall(s, ")");
      break;
    case RS_LOCAL_PREFIX:
      write_comparison(s, x, ">=", 0);
      sqlite3_str_appendall(s, " AND ");
      write_comparison(s, x, "<", 0);
      sqlite3_str_appendall(s, " || x'FF'"); // no text has such a byte
      break;
    default: write_comparison(s, x, ops[x->how], 0); break;
  }
}

/* Adds the condition to *where, if an index serves it. */
static enum rs_code add_condition(const struct rs_local_table *t,
                                  const struct rs_local_condition *x, struct rs_arena *a,
                                  const char **where, struct rs_error *e)
{
  const char *decl = "INTEGER";
  bool has = t->has_rowid && rs_casecmp(x->column, "rowid") == 0, is = false;
  for (size_t i = 0; i < t->nall && !has; i++) {
    has = rs_casecmp(t->all[i].name, x->column) == 0;
    decl = t->all[i].decl != NULL ? t->all[i].decl : "";
  }
  if (!has || is_converted(decl, x)) return RS_OK;
  sqlite3_str *s = sqlite3_str_new(t->db);
  sqlite3_str_appendf(s, "SELECT 1 FROM \"%w\".\"%w\"", t->schema, t->name);
  const int from = sqlite3_str_length(s);
  sqlite3_str_appendall(s, " WHERE ");
  write_condition(s, x);
  char *sql = sqlite3_str_finish(s);
  enum rs_code rc = sql != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK && (is = is_search(t, sql))) rc = check_kind(t, x->column, x->texts, &is, e);
  if (rc == RS_OK && is) {
    const char *before = *where != NULL ? *where : "";
    *where = *before == 0
               ? rs_arena_strdup(a, sql + from)
               : rs_arena_printf(a, "%s AND%s", before, sql + from + sizeof " WHERE" - 1);
    if (*where == NULL) rc = rs_nomem(e);
  }
  sqlite3_free(sql);
  return rc;
}

/* ---- the engine ------------------------------------------------------------------------------ */

/* DuckDB has a collation for all that have none of their own; other engines' are not known. */
enum rs_code rs_local_compares_bytes(struct rs_session *s, bool *does, struct rs_error *e)
{
  const struct rs_statement st = {.sql = "SELECT current_setting('default_collation')"};
  struct rs_rows *rows = NULL;
  *does = false;
  if (!(rs_session_caps(s) & RS_CAP_LENDS)) return RS_OK;
  enum rs_code rc = rs_session_query(s, &st, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_OK) {
    struct rs_value name;
    rs_rows_get(rows, 0, &name);
    *does = name.kind == RS_TEXT && name.s.n == 0;
  }
  rs_rows_close(rows);
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- all of a table -------------------------------------------------------------------------- */

static enum rs_code is_utf8(const struct rs_local_table *t, bool *is, struct rs_error *e)
{
  sqlite3_stmt *st;
  if (rs_sqlite_prepare(t->db, &st, "PRAGMA encoding") != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  *is = sqlite3_step(st) == SQLITE_ROW && rs_eq((const char *)sqlite3_column_text(st, 0), "UTF-8");
  sqlite3_finalize(st);
  return RS_OK;
}

/* Rows of a SELECT behind it, at most so many. */
static enum rs_code count_rows(const struct rs_local_table *t, const char *where, int64_t most,
                               int64_t *n, struct rs_error *e)
{
  sqlite3_stmt *st;
  if (rs_sqlite_prepare(t->db, &st,
                        "SELECT count(*) FROM (SELECT 1 FROM \"%w\".\"%w\"%s LIMIT %lld)",
                        t->schema, t->name, where, (long long)most) != SQLITE_OK)
    return rs_sqlite_error_of(t->db, t->name, e);
  *n = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
  return sqlite3_finalize(st) == SQLITE_OK ? RS_OK : rs_sqlite_error_of(t->db, t->name, e);
}

/* Are they so few that a copy of all, which is kept, is not worth its while? */
static enum rs_code are_few(const struct rs_local_table *t, const char *where, bool *few,
                            struct rs_error *e)
{
  int64_t last = UNCOUNTED, n = 0, all = 0;
  enum rs_code rc = t->has_rowid ? rs_local_number(t, "max(rowid)", "", &last, e) : RS_OK;
  const int64_t most = last > 0 ? last / PART : 0;
  if (rc == RS_OK) rc = count_rows(t, where, most + 1, &n, e);
  *few = false;
  if (rc != RS_OK || n > most) return rc;
  const int64_t enough = PART * (n + SMALL); // rowids may have gaps
  rc = count_rows(t, "", enough, &all, e);
  *few = all == enough;
  return rc;
}

enum rs_code rs_local_filter(struct rs_local_table *t, bool texts, struct rs_arena *a,
                             struct rs_error *e)
{
  const char *where = NULL;
  bool utf8 = false, few = false;
  enum rs_code rc = RS_OK;
  if (!t->plain || t->conditions == NULL) return RS_OK;
  if (texts) rc = is_utf8(t, &utf8, e);
  for (const struct rs_local_condition *x = t->conditions; x != NULL && rc == RS_OK; x = x->next)
    if (!x->texts || utf8) rc = add_condition(t, x, a, &where, e);
  if (rc == RS_OK && where != NULL) rc = are_few(t, where, &few, e);
  if (rc == RS_OK && few) t->where = where;
  return rc;
}
