/*
** What local copies share (copies.h): names, values, and the table rockset_copies with how far each
** copy has come.
*/
#include <string.h>
#include "src/value/text.h"
#include "ext/base/tables.h"
#include "src/json/json.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "internal.h"

/* ---- names and values ------------------------------------------------------------------------ */

enum rs_code rs_copy_names_read(const char *json, const char *what, struct rs_arena *a,
                                struct rs_copy_names *out, struct rs_error *e)
{
  struct rs_json *tree;
  *out = (struct rs_copy_names){NULL, 0};
  if (json == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(json, strlen(json), 2, a, &tree, NULL);
  if (rc == RS_NOMEM) return rs_nomem(e);
  bool list = rc == RS_OK && tree->kind == RS_J_ARRAY;
  size_t n = list ? tree->n : 1;
  out->v = rs_arena_calloc(a, (n + 1) * sizeof *out->v);
  if (out->v == NULL) return rs_nomem(e);
  const struct rs_json *item = rc != RS_OK ? NULL : list ? tree->first : tree;
  for (; item != NULL; item = list ? item->next : NULL) {
    if (item->kind != RS_J_STRING || item->n == 0) break;
    out->v[out->n] = rs_arena_strndup(a, item->p, item->n);
    if (out->v[out->n] == NULL) return rs_nomem(e);
    for (size_t i = 0; i < out->n; i++)
      if (rs_casecmp(out->v[i], out->v[out->n]) == 0)
        return rs_fail(e, RS_INVALID, "%s names '%s' twice", what, out->v[i]);
    out->n++;
  }
  if (out->n == n && n > 0) return RS_OK;
  return rs_fail(e, RS_INVALID, "%s must be a column's name or a list of names: [\"a\",\"b\"]",
                 what);
}

enum rs_code rs_copy_keep(struct rs_arena *a, const struct rs_value *v, struct rs_value *out,
                          struct rs_error *e)
{
  *out = *v;
  if (v->kind != RS_TEXT && v->kind != RS_BYTES && v->kind != RS_JSON) return RS_OK;
  out->s.p = rs_arena_strndup(a, v->s.p, v->s.n);
  return out->s.p != NULL ? RS_OK : rs_nomem(e);
}

int rs_copy_bind(sqlite3_stmt *st, int i, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: return sqlite3_bind_int64(st, i, v->i);
    case RS_FLOAT: return sqlite3_bind_double(st, i, v->f + 0.0); // -0.0 is none of SQLite's
    case RS_TEXT:
    case RS_JSON:
      return sqlite3_bind_text64(st, i, v->s.n > 0 ? v->s.p : "", v->s.n, SQLITE_STATIC,
                                 SQLITE_UTF8);
    case RS_BYTES:
      return sqlite3_bind_blob64(st, i, v->s.n > 0 ? v->s.p : "", v->s.n, SQLITE_STATIC);
    case RS_NULL:
    case RS_LIST: break;
  }
  return sqlite3_bind_null(st, i);
}

void rs_copy_json(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: rs_buf_int(b, v->i); break;
    case RS_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_TEXT:
    case RS_JSON:
    case RS_BYTES: rs_buf_json_str(b, v->s.p, v->s.n); break;
    case RS_NULL:
    case RS_LIST: rs_buf_str(b, "null"); break;
  }
}

bool rs_copy_is_query(const char *text)
{
  static const char *const words[] = {"select", "with", "values", "from"};
  text += strspn(text, " \t\r\n(");
  if (strncmp(text, "--", 2) == 0 || strncmp(text, "/*", 2) == 0) return true;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i]);
    if (rs_casecmpn(text, words[i], n) == 0 && text[n] != 0 && strchr(" \t\r\n(*'\"/-", text[n]))
      return true;
  }
  return false;
}

enum rs_code rs_copy_kind(sqlite3 *db, const char *name, const char **kind, struct rs_error *e)
{
  static const char sql[] =
    "SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?1 "
    "COLLATE NOCASE";
  static const char *const kinds[] = {"table", "view", "virtual", "shadow"};
  sqlite3_stmt *st = NULL;
  *kind = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(db, name, e);
  sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
  int step = sqlite3_step(st);
  const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (rs_eq(text, kinds[i])) *kind = kinds[i];
  enum rs_code rc = step == SQLITE_ROW || step == SQLITE_DONE ? RS_OK
                                                              : rs_sqlite_error_of(db, name, e);
  sqlite3_finalize(st);
  return rc;
}

/* ---- marks ----------------------------------------------------------------------------------- */

static enum rs_code take_mark(sqlite3_stmt *st, struct rs_copy_mark *m, struct rs_arena *a,
                              struct rs_error *e)
{
  struct rs_value v;
  // another column, or rows known by another key, is another copy
  if (!rs_eq((const char *)sqlite3_column_text(st, 1), m->cursor) ||
      !rs_eq((const char *)sqlite3_column_text(st, 2), m->key))
    return RS_OK;
  rs_value_from_sqlite(sqlite3_column_value(st, 0), &v);
  return rs_copy_keep(a, &v, &m->value, e);
}

enum rs_code rs_copy_mark_get(sqlite3 *db, struct rs_copy_mark *m, struct rs_arena *a,
                              struct rs_error *e)
{
  static const char sql[] = "SELECT mark, \"cursor\", key FROM main.rockset_copies WHERE "
                            "direction = ?1 AND local = ?2 AND remote = ?3 AND target = ?4";
  sqlite3_stmt *st = NULL;
  m->value = (struct rs_value){.kind = RS_NULL};
  enum rs_code rc = rs_tables_check(db, e);
  if (rc != RS_OK) return rs_error_prefix(e, "a cursor's place is kept in rockset_copies");
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(db, "rockset_copies", e);
  sqlite3_bind_text(st, 1, m->direction, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 2, m->local, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 3, m->remote, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 4, m->target, -1, SQLITE_STATIC);
  int step = sqlite3_step(st);
  if (step == SQLITE_ROW) rc = take_mark(st, m, a, e);
  else if (step != SQLITE_DONE) rc = rs_sqlite_error_of(db, "rockset_copies", e);
  sqlite3_finalize(st);
  return rc;
}

enum rs_code rs_copy_mark_put(sqlite3 *db, const struct rs_copy_mark *m, struct rs_error *e)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO main.rockset_copies(direction, local, remote, target, \"cursor\", key, "
    "mark, rows, copied_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
  sqlite3_stmt *st = NULL;
  char now[40];
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_sqlite_error_of(db, "rockset_copies", e);
  rs_format_timestamp(rs_wall_us(), now);
  const char *const texts[] = {m->direction, m->local, m->remote, m->target, m->cursor, m->key};
  for (int i = 0; i < 6; i++) sqlite3_bind_text(st, i + 1, texts[i], -1, SQLITE_STATIC);
  rs_copy_bind(st, 7, &m->value);
  sqlite3_bind_int64(st, 8, m->rows);
  sqlite3_bind_text(st, 9, now, -1, SQLITE_STATIC);
  enum rs_code rc = sqlite3_step(st) == SQLITE_DONE ? RS_OK
                                                    : rs_sqlite_error_of(db, "rockset_copies", e);
  sqlite3_finalize(st);
  return rc;
}
