/*
** Parameters given as JSON: '["JFK", 10]' for `?`, '{"origin":"JFK"}' for `:name`.
**
** SQLite's own JSON functions read them, since they keep integers of 64 bits; the statement's
** markers are rewritten for the target by src/sql/statement.h. Each value of the JSON becomes
**
**   integer, real, text        itself; an integer beyond 64 bits is an error (pass it as a text)
**   true, false                a boolean
**   null                       NULL
**   array, object              its JSON text
**
** A parameter that is missing, unused or given twice is an error that names it.
*/
#include <math.h>
#include <string.h>
#include "src/sql/statement.h"
#include "src/base/arena.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "connection.h"

/* The JSON's values: `v` in order, `keys` for an object. All but the two arrays in the arena. */
struct given {
  bool is_object;
  bool keeps_json; /* arrays and objects are RS_JSON, not text */
  struct rs_value *v;
  const char **keys;
  size_t n, cap_v, cap_keys;
};

/* The statement's markers, as rs_sqltext_params finds them. */
struct wanted {
  struct rs_map names;
  size_t *order, norder;
  size_t positions; /* of `?`: the highest number */
};

/* ---- reading the JSON ------------------------------------------------------------------------ */

/* The name of the i-th value for error texts. */
static const char *value_name(const struct given *g, size_t i, const char *key,
                              struct rs_arena *arena)
{
  const char *name = g->is_object ? rs_arena_printf(arena, ":%s", key)
                                  : rs_arena_printf(arena, "%zu", i + 1);
  return name != NULL ? name : "?";
}

/* Reads the current row of json_each(): columns key, type, value. */
static enum rs_code read_value(sqlite3_stmt *st, const struct given *g, const char *key,
                               struct rs_arena *arena, struct rs_value *out, struct rs_error *e)
{
  const char *type = (const char *)sqlite3_column_text(st, 1);
  if (type == NULL) return rs_nomem(e);
  *out = (struct rs_value){.kind = RS_NULL};
  if (rs_eq(type, "null")) return RS_OK;
  if (rs_eq(type, "true") || rs_eq(type, "false")) {
    out->kind = RS_BOOL;
    out->i = type[0] == 't';
  } else if (rs_eq(type, "integer")) {
    if (sqlite3_column_type(st, 2) != SQLITE_INTEGER)
      return rs_fail(e, RS_INVALID, "parameter %s is an integer beyond 64 bits: give it as a text",
                     value_name(g, g->n, key, arena));
    out->kind = RS_INT;
    out->i = sqlite3_column_int64(st, 2);
  } else if (rs_eq(type, "real")) {
    out->kind = RS_FLOAT;
    out->f = sqlite3_column_double(st, 2);
    if (!isfinite(out->f))
      return rs_fail(e, RS_INVALID, "parameter %s is beyond a real number's range",
                     value_name(g, g->n, key, arena));
  } else {
    const char *p = (const char *)sqlite3_column_text(st, 2);
    if (p == NULL) return rs_nomem(e);
    out->kind = g->keeps_json && !rs_eq(type, "text") ? RS_JSON : RS_TEXT;
    out->s.n = (size_t)sqlite3_column_bytes(st, 2);
    out->s.p = rs_arena_strndup(arena, p, out->s.n);
    if (out->s.p == NULL) return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code add_value(sqlite3_stmt *st, struct given *g, struct rs_arena *arena,
                              struct rs_error *e)
{
  const char *key = NULL;
  if (g->is_object) {
    const char *p = (const char *)sqlite3_column_text(st, 0);
    key = p != NULL ? rs_arena_strdup(arena, p) : NULL;
    if (key == NULL) return rs_nomem(e);
    for (size_t i = 0; i < g->n; i++)
      if (strcmp(g->keys[i], key) == 0)
        return rs_fail(e, RS_INVALID, "parameter :%s is given twice", key);
  }
  if (!rs_grow(&g->v, &g->cap_v, g->n + 1, sizeof *g->v) ||
      !rs_grow(&g->keys, &g->cap_keys, g->n + 1, sizeof *g->keys))
    return rs_nomem(e);
  enum rs_code rc = read_value(st, g, key, arena, &g->v[g->n], e);
  if (rc == RS_OK) g->keys[g->n++] = key;
  return rc;
}

/* json_type() of valid JSON, else an error. */
static enum rs_code check_json(struct rs_conn *c, sqlite3_stmt *st, const char *json,
                               bool *is_object, struct rs_error *e)
{
  static const char want[] = "a JSON array (for ?) or object (for :name)";
  const bool quoted = strpbrk(json, "\"'[]{}") != NULL || strlen(json) > 60;
  if (sqlite3_step(st) != SQLITE_ROW) return rs_sqlite_error(c, "parameters", e);
  const char *type = (const char *)sqlite3_column_text(st, 0);
  if (type == NULL && !quoted)
    return rs_fail(e, RS_INVALID, "the parameters are not valid JSON, but must be %s: '[\"%s\"]'",
                   want, json);
  if (type == NULL)
    return rs_fail(e, RS_INVALID, "the parameters are not valid JSON, but must be %s", want);
  *is_object = rs_eq(type, "object");
  if (*is_object || rs_eq(type, "array")) return RS_OK;
  if (strlen(json) > 60) return rs_fail(e, RS_INVALID, "the parameters must be %s", want);
  return rs_fail(e, RS_INVALID, "the parameters must be %s: '[%s]'", want, json);
}

static enum rs_code prepare(struct rs_conn *c, const char *sql, const char *json,
                            sqlite3_stmt **pst, struct rs_error *e)
{
  sqlite3 *db = rs_conn_db(c);
  if (sqlite3_prepare_v2(db, sql, -1, pst, NULL) != SQLITE_OK ||
      sqlite3_bind_text(*pst, 1, json, -1, SQLITE_STATIC) != SQLITE_OK)
    return rs_sqlite_error(c, "parameters", e);
  return RS_OK;
}

static enum rs_code read_json(struct rs_conn *c, const char *json, struct given *g,
                              struct rs_arena *arena, struct rs_error *e)
{
  sqlite3_stmt *type = NULL, *each = NULL;
  // `temp.` because a table of the database file may be called json_each, too
  enum rs_code rc = prepare(c, "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) END", json,
                            &type, e);
  if (rc == RS_OK) rc = check_json(c, type, json, &g->is_object, e);
  if (rc == RS_OK)
    rc = prepare(c, "SELECT key, type, value FROM temp.json_each(?1)", json, &each, e);
  int step = SQLITE_DONE;
  while (rc == RS_OK && (step = sqlite3_step(each)) == SQLITE_ROW)
    rc = add_value(each, g, arena, e);
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error(c, "parameters", e);
  sqlite3_finalize(type);
  sqlite3_finalize(each);
  return rc;
}

/* ---- matching them with the statement's markers ---------------------------------------------- */

static enum rs_code fail_unused(const struct given *g, size_t i, const struct wanted *w,
                                struct rs_arena *arena, struct rs_error *e)
{
  const char **names = rs_arena_alloc(arena, (w->names.n + 1) * sizeof *names);
  if (names == NULL) return rs_nomem(e);
  for (size_t k = 0; k < w->names.n; k++) names[k] = w->names.v[k].key;
  const char *near = rs_nearest(g->keys[i], names, w->names.n);
  return rs_fail(e, RS_INVALID, "the statement has no parameter :%s%s%s%s", g->keys[i],
                 near != NULL ? " (did you mean :" : "", near != NULL ? near : "",
                 near != NULL ? "?)" : "");
}

/* Where in `given` each distinct name lies: at[k] for w->names.v[k]. */
static enum rs_code match_names(const struct given *g, const struct wanted *w, size_t *at,
                                struct rs_arena *arena, struct rs_error *e)
{
  for (size_t i = 0; i < g->n; i++)
    if (rs_map_find(&w->names, g->keys[i], strlen(g->keys[i])) == NULL)
      return fail_unused(g, i, w, arena, e);
  for (size_t k = 0; k < w->names.n; k++) {
    size_t i = 0;
    while (i < g->n && strcmp(g->keys[i], w->names.v[k].key) != 0) i++;
    if (i == g->n) return rs_fail(e, RS_INVALID, "parameter :%s is missing", w->names.v[k].key);
    at[k] = i;
  }
  return RS_OK;
}

static enum rs_code match_positions(const struct given *g, const struct wanted *w, size_t *at,
                                    struct rs_error *e)
{
  if (g->n < w->positions)
    return rs_fail(e, RS_INVALID, "parameter %zu is missing: the statement has %zu, %zu are given",
                   g->n + 1, w->positions, g->n);
  if (g->n > w->positions)
    return rs_fail(e, RS_INVALID, "parameter %zu is not used: the statement has %zu, %zu are given",
                   w->positions + 1, w->positions, g->n);
  for (size_t i = 0; i < g->n; i++) {
    size_t k = 0;
    while (k < w->norder && w->order[k] != i) k++;
    if (k == w->norder) return rs_fail(e, RS_INVALID, "parameter %zu is not used", i + 1);
    at[i] = i;
  }
  return RS_OK;
}

static enum rs_code match(const struct given *g, const struct wanted *w, bool is_given,
                          struct rs_arena *arena, struct rs_value **params, struct rs_error *e)
{
  bool is_named = w->names.n > 0;
  size_t n = is_named ? w->names.n : w->positions;
  if (is_given && is_named && !g->is_object)
    return rs_fail(e, RS_INVALID, "the statement has named parameters (:%s): give a JSON object",
                   w->names.v[0].key);
  if (is_given && n > 0 && !is_named && g->is_object)
    return rs_fail(e, RS_INVALID, "the statement has positional parameters (?): give a JSON array");
  if (is_given && n == 0 && g->n > 0)
    return rs_fail(e, RS_INVALID, "the statement has no parameters, %zu %s given", g->n,
                   g->n == 1 ? "is" : "are");
  size_t *at = rs_arena_alloc(arena, (n + 1) * sizeof *at);
  struct rs_value *v = rs_arena_alloc(arena, (w->norder + 1) * sizeof *v);
  if (at == NULL || v == NULL) return rs_nomem(e);
  enum rs_code rc = is_named ? match_names(g, w, at, arena, e) : match_positions(g, w, at, e);
  for (size_t i = 0; rc == RS_OK && i < w->norder; i++) v[i] = g->v[at[w->order[i]]];
  *params = v;
  return rc;
}

enum rs_code rs_params_bind(struct rs_conn *c, const struct rs_dialect *d, const char *sql,
                            size_t nsql, const char *json, struct rs_arena *arena,
                            const char **sent, struct rs_value **params, size_t *n,
                            struct rs_error *e)
{
  bool is_given = json != NULL && json[0] != 0;
  struct given g = {0};
  struct wanted w = {0};
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rs_map_init(&w.names);
  enum rs_code rc = rs_sqltext_params(sql, nsql, d, &text, &w.names, &w.order, &w.norder, e);
  for (size_t i = 0; rc == RS_OK && i < w.norder; i++)
    if (w.order[i] >= w.positions) w.positions = w.order[i] + 1;
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "statement");
  if (rc == RS_OK && is_given) rc = read_json(c, json, &g, arena, e);
  if (rc == RS_OK) rc = match(&g, &w, is_given, arena, params, e);
  if (rc == RS_OK) {
    *n = w.norder;
    *sent = rs_arena_strndup(arena, rs_buf_text(&text), text.n);
    if (*sent == NULL) rc = rs_nomem(e);
  }
  rs_free(g.v);
  rs_free(g.keys);
  rs_free(w.order);
  rs_map_free(&w.names);
  rs_buf_free(&text);
  return rc;
}

/* ---- by name, for query lambdas -------------------------------------------------------------- */

enum rs_code rs_params_named(struct rs_conn *c, const char *json, struct rs_arena *arena,
                             struct rs_named_param **params, size_t *n, struct rs_error *e)
{
  struct given g = {.keeps_json = true};
  enum rs_code rc = RS_OK;
  *params = NULL;
  *n = 0;
  if (json == NULL || json[0] == 0) return RS_OK;
  rc = read_json(c, json, &g, arena, e);
  if (rc == RS_OK && !g.is_object) {
    rc = rs_fail(e, RS_INVALID, "a query lambda's parameters have names: give a JSON object");
  }
  struct rs_named_param *v = rs_arena_calloc(arena, (g.n + 1) * sizeof *v);
  if (rc == RS_OK && v == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < g.n; i++) {
    v[i].name = g.keys[i];
    v[i].value = g.v[i];
  }
  if (rc == RS_OK) {
    *params = v;
    *n = g.n;
  }
  rs_free(g.v);
  rs_free(g.keys);
  return rc;
}
