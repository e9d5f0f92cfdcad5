/*
** A collection, view or query of the target as a table of SQLite's (copies.h).
**
** Rows are written as they arrive: memory holds one batch of the engine. All is one transaction, or
** a savepoint in the caller's, unless `batch` asks for a COMMIT and the place every so many rows.
** What is there is changed, never replaced as a table: indices stay and triggers fire.
**
** What changed: rows whose cursor is at least the greatest value of the last pull, or NULL. That
** value is asked for before the rows are, so that what comes between is fetched again and not lost.
*/
#include <string.h>
#include "src/sql/relname.h"
#include "src/sql/statement.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "internal.h"
#include "ext/base/progress.h"

/* ---- options --------------------------------------------------------------------------------- */

enum rs_code rs_copy_pull_options(struct rs_copy_pull *p, const char *json, struct rs_arena *a,
                                  struct rs_error *e)
{
  const struct rs_option table[] = {
    {"mode", RS_OPT_CHOICE, &p->mode, "changes|full"},
    {"key", RS_OPT_JSON, &p->key, NULL},
    {"cursor", RS_OPT_TEXT, &p->cursor, NULL},
    {"batch", RS_OPT_INT, &p->batch, NULL},
  };
  enum rs_code rc = rs_options_read(json, table, sizeof table / sizeof *table, p->what, a, e);
  if (rc == RS_OK && p->batch < 0)
    rc = rs_fail(e, RS_INVALID, "%s: option 'batch' is a number of rows", p->what);
  return rc;
}

/* ---- the source ------------------------------------------------------------------------------ */

static enum rs_code read_query(struct rs_pull *x, struct rs_error *e)
{
  struct rs_sqltext one;
  const char *text = x->p->source;
  enum rs_code rc = rs_sqltext_one(text, strlen(text), x->dialect, x->p->what, &one, e);
  if (rc == RS_OK && one.kind != RS_SQL_QUERY)
    rc = rs_fail(e, RS_INVALID, "only a query can be pulled, and this begins with %s", one.keyword);
  if (rc != RS_OK) return rc;
  x->remote = rs_arena_strndup(x->a, one.p, one.n);
  // lines of its own: the text may end in a comment
  x->from = rs_arena_printf(x->a, "(\n%.*s\n) AS q", (int)one.n, one.p);
  char *all = rs_arena_printf(x->a, "SELECT * FROM %s", x->from);
  if (x->remote == NULL || x->from == NULL || all == NULL) return rs_nomem(e);
  const struct rs_statement st = {.sql = all};
  return rs_session_columns(x->p->session, &st, &x->columns, e);
}

static enum rs_code read_relation(struct rs_pull *x, struct rs_error *e)
{
  enum rs_relation_kind kind;
  struct rs_buf b;
  const char *workspace = rs_target_info(rs_session_target(x->p->session)).output->workspace;
  enum rs_code rc = rs_relation_parse(x->p->source, workspace, x->p->what, x->a, &x->rel, e);
  if (rc == RS_OK) rc = rs_session_describe(x->p->session, &x->rel, &x->columns, &kind, e);
  if (rc != RS_OK) return rc;
  if (x->p->key == NULL) {
    rc = rs_key_find(x->p->session, &x->rel, kind, &x->columns, x->a, &x->known, e);
    if (rc != RS_OK) return rc;
  }
  rs_buf_init(&b, 1 << 16);
  rs_relation_sql(x->dialect, &b, &x->rel);
  x->from = rs_arena_strdup(x->a, rs_buf_text(&b));
  rs_buf_clear(&b);
  rs_relation_text(&b, &x->rel);
  x->remote = rs_arena_strdup(x->a, rs_buf_text(&b));
  rs_buf_free(&b);
  return x->from != NULL && x->remote != NULL ? RS_OK : rs_nomem(e);
}

static bool can_be_cursor(enum rs_type t)
{
  return t == RS_T_INT || t == RS_T_FLOAT || t == RS_T_TEXT || t == RS_T_DATE ||
         t == RS_T_TIMESTAMP || t == RS_T_TIMESTAMPTZ;
}

/* The service's own `_meta` is left out; a name twice can't be in one table. */
static enum rs_code check_columns(struct rs_pull *x, struct rs_error *e)
{
  size_t n = 0;
  for (size_t i = 0; i < x->columns.n; i++) {
    struct rs_column c = x->columns.v[i];
    if (rs_eq(c.name, "_meta")) {
      rs_free(c.name);
      rs_free(c.native);
      continue;
    }
    x->columns.v[n++] = c;
  }
  x->columns.n = n;
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < i; k++)
      if (rs_casecmp(x->columns.v[i].name, x->columns.v[k].name) == 0)
        return rs_fail(e, RS_INVALID,
                       "columns '%s' and '%s' have one name in SQLite: pull a query "
                       "that names them",
                       x->columns.v[k].name, x->columns.v[i].name);
  return n > 0 ? RS_OK : rs_fail(e, RS_INVALID, "'%s' has no columns yet", x->p->source);
}

/* ---- key, cursor, mode ----------------------------------------------------------------------- */

static enum rs_code read_key(struct rs_pull *x, struct rs_error *e)
{
  const char *what = rs_arena_printf(x->a, "%s: option 'key'", x->p->what);
  if (what == NULL) return rs_nomem(e);
  enum rs_code rc = rs_copy_names_read(x->p->key, what, x->a, &x->key, e);
  if (rc != RS_OK) return rc;
  // elsewhere an _id may come several times: there a key has to be said
  if (x->key.n == 0 && x->known.column) x->key = (struct rs_copy_names){&x->known.column, 1};
  x->key_at = rs_arena_calloc(x->a, (x->key.n + 1) * sizeof *x->key_at);
  if (x->key_at == NULL) return rs_nomem(e);
  for (size_t i = 0; i < x->key.n; i++) {
    int at = rs_pull_column(x, x->key.v[i]);
    if (at < 0) return rs_fail(e, RS_INVALID, "%s: there is no column '%s'", what, x->key.v[i]);
    x->key_at[i] = (size_t)at;
  }
  return RS_OK;
}

static enum rs_code read_cursor(struct rs_pull *x, struct rs_error *e)
{
  struct rs_copy_pull *p = x->p;
  x->chosen = p->mode != NULL || p->cursor != NULL || p->batch > 0;
  x->full = rs_eq(p->mode, "full");
  x->cursor = -1;
  if (p->cursor == NULL && !x->full && x->key.n > 0 &&
      rs_columns_find(&x->columns, "_event_time") >= 0)
    p->cursor = "_event_time";
  if (p->cursor != NULL) {
    x->cursor = rs_pull_column(x, p->cursor);
    if (x->cursor < 0)
      return rs_fail(e, RS_INVALID, "%s: option 'cursor': there is no column '%s'", p->what,
                     p->cursor);
    if (x->key.n == 0)
      return rs_fail(e, RS_INVALID,
                     "%s: a cursor needs a key, too: rows with its last value come "
                     "again: {\"key\":\"id\",\"cursor\":\"%s\"}",
                     p->what, p->cursor);
    const struct rs_column *c = &x->columns.v[x->cursor];
    if (!can_be_cursor(c->type))
      return rs_fail(e, RS_INVALID,
                     "%s: column '%s' (%s) can't be a cursor: it must be numbers, "
                     "texts, dates or times",
                     p->what, c->name, c->native);
  }
  if (x->cursor < 0 && rs_eq(p->mode, "changes"))
    return rs_fail(e, RS_INVALID,
                   "%s: mode \"changes\" needs a key and a cursor: "
                   "{\"key\":\"id\",\"cursor\":\"updated_at\"}",
                   p->what);
  if (x->cursor < 0 || x->full) p->mode = "full", x->full = true;
  else p->mode = "changes";
  if (p->batch > 0 && x->full)
    return rs_fail(e, RS_INVALID,
                   "%s: option 'batch' needs a key and a cursor, where the next pull "
                   "goes on; mode \"full\" is one transaction",
                   p->what);
  return RS_OK;
}

static enum rs_code read_place(struct rs_pull *x, struct rs_error *e)
{
  struct rs_copy_pull *p = x->p;
  struct rs_buf key;
  if (p->cursor == NULL) return RS_OK;
  rs_buf_init(&key, 1 << 20);
  for (size_t i = 0; i < x->key.n; i++) {
    rs_buf_char(&key, i == 0 ? '[' : ',');
    rs_buf_json_str(&key, x->key.v[i], strlen(x->key.v[i]));
  }
  rs_buf_char(&key, ']');
  x->place = (struct rs_copy_mark){
    .direction = "pull",
    .local = p->table,
    .remote = x->remote,
    .target = rs_target_info(rs_session_target(p->session)).output->target_name,
    .cursor = p->cursor,
    .key = rs_arena_strdup(x->a, rs_buf_text(&key))};
  rs_buf_free(&key);
  if (x->place.key == NULL) return rs_nomem(e);
  enum rs_code rc = rs_copy_mark_get(x->db, &x->place, x->a, e);
  if (rc == RS_NOT_FOUND && !x->chosen) { // no place to keep it: then it is whole each time
    p->cursor = NULL;
    p->mode = "full";
    x->full = true;
    return RS_OK;
  }
  // the place of a table that is gone is none
  x->by_mark = rc == RS_OK && !x->full && x->exists && x->place.value.kind != RS_NULL;
  if (x->by_mark) p->since = x->place.value;
  return rc;
}

/* ---- remote SQL ------------------------------------------------------------------------------ */

static enum rs_code ask_greatest(struct rs_pull *x, struct rs_error *e)
{
  struct rs_buf b;
  struct rs_value v;
  if (x->p->cursor == NULL || x->p->batch > 0) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT max(");
  rs_dialect_ident(x->dialect, &b, x->columns.v[x->cursor].name);
  rs_buf_printf(&b, ") AS m FROM %s", x->from);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_query(x->p->session, &st, &x->rows, e);
  rs_buf_free(&b);
  if (rc == RS_OK) rc = rs_rows_next(x->rows, e);
  if (rc == RS_OK) {
    rs_rows_get(x->rows, 0, &v);
    rc = rs_copy_keep(x->a, &v, &x->p->mark, e);
  }
  rs_rows_close(x->rows);
  x->rows = NULL;
  return rc == RS_DONE ? RS_OK : rc;
}

/* The place as a value of the cursor's type. */
static void add_place(const struct rs_pull *x, struct rs_buf *b)
{
  enum rs_type t = x->columns.v[x->cursor].type;
  const char *type = t == RS_T_DATE || t == RS_T_TIMESTAMP || t == RS_T_TIMESTAMPTZ
                       ? x->dialect->type_names[t]
                       : NULL;
  if (type != NULL) rs_buf_str(b, "CAST(");
  rs_dialect_literal(x->dialect, b, &x->place.value);
  if (type != NULL && t == RS_T_TIMESTAMPTZ && x->dialect->utc != NULL)
    rs_buf_printf(b, " || '%s'", x->dialect->utc);
  if (type != NULL) rs_buf_printf(b, " AS %s)", type);
}

static enum rs_code send_query(struct rs_pull *x, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < x->columns.n; i++) {
    rs_buf_str(&b, i == 0 ? "SELECT " : ", ");
    rs_dialect_ident(x->dialect, &b, x->columns.v[i].name);
  }
  rs_buf_printf(&b, " FROM %s", x->from);
  if (x->by_mark) {
    const char *cursor = x->columns.v[x->cursor].name;
    rs_buf_str(&b, " WHERE ");
    rs_dialect_ident(x->dialect, &b, cursor);
    rs_buf_str(&b, " >= ");
    add_place(x, &b);
    rs_buf_str(&b, " OR ");
    rs_dialect_ident(x->dialect, &b, cursor);
    rs_buf_str(&b, " IS NULL");
  }
  if (x->p->batch > 0) { // what is committed must be what comes first
    rs_buf_str(&b, " ORDER BY ");
    rs_dialect_ident(x->dialect, &b, x->columns.v[x->cursor].name);
    if (x->dialect->nulls_order) rs_buf_str(&b, " NULLS LAST");
  }
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_query(x->p->session, &st, &x->rows, e);
  rs_buf_free(&b);
  if (rc == RS_OK && rs_rows_columns(x->rows)->n != x->columns.n)
    rc = rs_fail(e, RS_INTERNAL, "%zu of %zu columns came", rs_rows_columns(x->rows)->n,
                 x->columns.n);
  return rc;
}

/* ---- transactions ---------------------------------------------------------------------------- */

static enum rs_code begin_unit(struct rs_pull *x, struct rs_error *e)
{
  int rc = rs_unit_begin(&x->unit, x->db, true);
  x->begun = rc == SQLITE_OK;
  return x->begun ? RS_OK : rs_sqlite_error_of(x->db, x->p->table, e);
}

/*
** After an interrupt SQLite takes no ROLLBACK as long as the statement that called us is active;
** but a statement that writes and is interrupted ends its transaction, and the INSERT is one.
*/
static void give_up(struct rs_pull *x)
{
  if (x->insert == NULL || !rs_conn_interrupted(x->p->c)) return;
  sqlite3_reset(x->insert);
  sqlite3_clear_bindings(x->insert);
  (void)sqlite3_step(x->insert);
  sqlite3_reset(x->insert);
}

static enum rs_code end_unit(struct rs_pull *x, enum rs_code rc, struct rs_error *e)
{
  if (!x->begun) return rc;
  x->begun = false;
  if (rc != RS_OK) give_up(x);
  int done = rs_unit_end(&x->unit, rc == RS_OK ? SQLITE_OK : SQLITE_ERROR);
  if (rc == RS_OK && done != SQLITE_OK) rc = rs_sqlite_error_of(x->db, x->p->table, e);
  return rc;
}

static enum rs_code keep_place(struct rs_pull *x, struct rs_error *e)
{
  if (x->p->cursor == NULL) return RS_OK;
  if (x->p->mark.kind == RS_NULL) x->p->mark = x->place.value; // nothing came
  x->place.value = x->p->mark;
  x->place.rows = x->p->rows;
  return rs_copy_mark_put(x->db, &x->place, e);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum rs_code step_statement(struct rs_pull *x, sqlite3_stmt *st, struct rs_error *e)
{
  if (sqlite3_step(st) == SQLITE_DONE) {
    sqlite3_reset(st);
    return RS_OK;
  }
  enum rs_code rc = rs_sqlite_error_of(x->db, x->p->table, e);
  sqlite3_reset(st);
  return rc;
}

static enum rs_code put_row(struct rs_pull *x, struct rs_error *e)
{
  struct rs_value v;
  int rc = SQLITE_OK;
  for (size_t i = 0; i < x->columns.n && rc == SQLITE_OK; i++) {
    rs_rows_get(x->rows, i, &v);
    rc = rs_copy_bind(x->insert, (int)i + 1, &v);
  }
  for (size_t i = 0; i < x->key.n && rc == SQLITE_OK; i++) {
    rs_rows_get(x->rows, x->key_at[i], &v);
    if (v.kind == RS_NULL)
      return rs_fail(e, RS_CONSTRAINT, "a row has no key: '%s' is NULL", x->key.v[i]);
    if (x->seen != NULL) rc = rs_copy_bind(x->seen, (int)i + 1, &v);
  }
  if (rc != SQLITE_OK) return rs_sqlite_error_of(x->db, x->p->table, e);
  enum rs_code done = step_statement(x, x->insert, e);
  if (done != RS_OK || x->seen == NULL) return done;
  done = step_statement(x, x->seen, e);
  return done == RS_CONSTRAINT ? rs_fail(e, RS_CONSTRAINT, "two rows have one key") : done;
}

/* The cursor of the last row, in one piece of memory. */
static enum rs_code keep_greatest(struct rs_pull *x, const struct rs_value *v, struct rs_error *e)
{
  x->p->mark = *v;
  if (v->kind != RS_TEXT) return RS_OK;
  rs_buf_clear(&x->last);
  rs_buf_add(&x->last, v->s.p, v->s.n);
  x->p->mark.s.p = rs_buf_text(&x->last);
  return rs_buf_error(&x->last, e, "cursor");
}

/* A COMMIT after every so many rows, with the place of the last one. */
static enum rs_code next_batch(struct rs_pull *x, struct rs_error *e)
{
  enum rs_code rc = keep_place(x, e);
  rc = end_unit(x, rc, e);
  return rc == RS_OK ? begin_unit(x, e) : rc;
}

static enum rs_code copy_rows(struct rs_pull *x, struct rs_error *e)
{
  struct rs_copy_pull *p = x->p;
  struct rs_value v;
  struct rs_progress progress;
  enum rs_code rc;
  rs_progress_begin(&progress, "rockset_pull");
  while ((rc = rs_rows_next(x->rows, e)) == RS_OK) {
    rc = put_row(x, e);
    if (rc != RS_OK) return rc;
    if (++p->rows % 4096 == 0) rs_progress_rows(&progress, p->rows);
    if (p->batch > 0) {
      rs_rows_get(x->rows, (size_t)x->cursor, &v);
      if (v.kind != RS_NULL) rc = keep_greatest(x, &v, e);
      if (rc == RS_OK && p->rows % p->batch == 0) rc = next_batch(x, e);
    }
    if (rc == RS_OK) rc = rs_conn_poll(p->c, p->rows, e);
    if (rc != RS_OK) return rc;
  }
  return rc == RS_DONE ? RS_OK : rc;
}

/* What came to what: a key that came twice is one row. */
static enum rs_code account(struct rs_pull *x, struct rs_error *e)
{
  struct rs_copy_pull *p = x->p;
  int64_t after;
  enum rs_code rc = rs_pull_count(x, &after, e);
  if (rc != RS_OK) return rc;
  bool emptied = x->full && x->key.n == 0;
  if (emptied) p->deleted = x->before;
  p->inserted = after - x->before + p->deleted;
  p->updated = p->rows - p->inserted;
  if (p->updated < 0) p->inserted = p->rows, p->updated = 0; // triggers of the table's own
  if (x->key.n > 0 && x->before == 0 && p->updated > 0)
    return rs_fail(e, RS_CONSTRAINT,
                   "%lld of the rows have a key that a row before has: '%s' is no key",
                   (long long)p->updated, x->key.v[0]);
  return RS_OK;
}

static enum rs_code fetch_rows(struct rs_pull *x, struct rs_error *e)
{
  enum rs_code rc = begin_unit(x, e);
  if (rc == RS_OK && !x->exists) rc = rs_pull_create(x, e);
  if (rc == RS_OK) rc = rs_pull_insert(x, e);
  if (rc == RS_OK) rc = rs_pull_seen(x, e);
  if (rc == RS_OK) rc = send_query(x, e);
  if (rc == RS_OK) rc = copy_rows(x, e);
  rs_rows_close(x->rows);
  x->rows = NULL;
  if (rc == RS_OK) rc = rs_pull_delete_unseen(x, e);
  if (rc == RS_OK) rc = account(x, e);
  if (rc == RS_OK) rc = keep_place(x, e);
  return end_unit(x, rc, e);
}

static enum rs_code run_pull(struct rs_pull *x, struct rs_error *e)
{
  struct rs_copy_pull *p = x->p;
  if (p->batch > 0 && sqlite3_get_autocommit(x->db) == 0)
    return rs_fail(e, RS_BUSY,
                   "option 'batch' commits as it goes, and a transaction is open: "
                   "COMMIT first");
  enum rs_code rc = rs_conn_none_queued(p->c, p->what, e);
  if (rc == RS_OK) rc = rs_copy_is_query(p->source) ? read_query(x, e) : read_relation(x, e);
  if (rc == RS_OK) rc = check_columns(x, e);
  if (rc == RS_OK) rc = read_key(x, e);
  if (rc == RS_OK) rc = read_cursor(x, e);
  if (rc == RS_OK) rc = rs_pull_look(x, e);
  if (rc == RS_OK) rc = read_place(x, e);
  if (rc == RS_OK) rc = ask_greatest(x, e);
  return rc == RS_OK ? fetch_rows(x, e) : rc;
}

enum rs_code rs_copy_pull_run(struct rs_copy_pull *p, struct rs_arena *a, struct rs_error *e)
{
  struct rs_pull x = {.p = p, .a = a, .db = rs_conn_db(p->c), .cursor = -1};
  x.dialect = rs_target_info(rs_session_target(p->session)).dialect;
  p->rows = p->inserted = p->updated = p->deleted = 0;
  p->since = p->mark = (struct rs_value){.kind = RS_NULL};
  rs_buf_init(&x.last, 1 << 20);
  enum rs_code rc = run_pull(&x, e);
  // it outlives this
  if (rc == RS_OK && x.last.n > 0) rc = rs_copy_keep(a, &p->mark, &p->mark, e);
  rs_buf_free(&x.last);
  sqlite3_finalize(x.insert);
  sqlite3_finalize(x.seen);
  rs_columns_free(&x.columns);
  return rc;
}
