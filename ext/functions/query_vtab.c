/*
** The table-valued functions rockset_query: the rows of any query of the target, and
** rockset_query_lambda: those of a query lambda.
**
**   SELECT row FROM rockset_query('select origin, count(*) n from commons.flights group by 1');
**   SELECT c1, c2 FROM rockset_query('select * from commons.t where k = ?', '["JFK"]');
**   SELECT c1 FROM rockset_query('select :n + 1', '{"n":5}', '{"max_rows":10}');
**   SELECT row FROM rockset_query_lambda('commons.top', '{"genre":"Drama"}');
**   SELECT c1 FROM rockset_query_lambda('commons.top', NULL, 'prod');
**
** The query is sent as it stands, so joins, groups and aggregates run in the target, and only their
** result comes back. Rows stream; a statement that stops early cancels the rest.
**
** ARGUMENTS
**   sql        TEXT, or the BLOB that readfile() gives. One statement that reads; anything else is
**              an error that names rockset_exec.
**   params     TEXT. A JSON array for `?`, a JSON object for `:name`.
**   options    TEXT, a JSON object: max_rows (stop after so many rows).
**
**   Of rockset_query_lambda: name (TEXT, 'name' or 'workspace.name'), params (a JSON object; those
**   left out take their defaults), version (TEXT, a version or a tag; default: the tag latest).
**
** COLUMNS
**   CREATE TABLE x(row, sql HIDDEN, params HIDDEN, options HIDDEN, c1 HIDDEN, ... c32 HIDDEN)
**   (of rockset_query_lambda: name, params, version)
**
**   row        the row as a JSON object, columns in the query's order. A name that occurs again
**              gets _1, _2 ... Integers keep their digits, reals read back as the same real, NaN is
**              null, dates and times are texts, bytes hexadecimal text. Has SQLite's JSON subtype.
**   c1 ... c32 the row's first 32 columns, each value with its own type. Naming one that the result
**              lacks is an error.
**   Only what a statement uses is built.
**
** ERRORS
**   "rockset_query: ..." ("rockset_query_lambda: ..."); what the target says is followed by
**   [remote SQL: ...].
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: views and triggers of a database file cannot use it (temp views can).
**
** HOW IT WORKS
**   The table is eponymous-only. idxNum tells xFilter which arguments come, and the last of
**   c1 ... c32 that the statement uses:
**
**     bit 0   sql is argv[0] (always set: without it there is no plan)
**     bit 1   params is the next one
**     bit 2   options is the next one
**     bit 3.. n of the highest cN used, 0 = none
*/
#include <limits.h>
#include <string.h>
#include "src/sql/statement.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "internal.h"
#include "ext/base/row_json.h"
#include "functions.h"

#define FN "rockset_query"

/* The two functions. */
static const struct kind {
  const char *fn;
  const char *args[3]; /* their names */
  bool lambda;
} kinds[] = {
  {FN, {"sql", "params", "options"}, false},
  {"rockset_query_lambda", {"name", "params", "version"}, true},
};

enum { COL_ROW, COL_SQL, COL_PARAMS, COL_OPTIONS, COL_FIRST };
#define NARGS 3     /* sql, params, options */
#define NTYPED 32   /* c1 ... c32 */
#define IDX_TYPED 3 /* shift of the highest cN in idxNum */

struct query_table {
  sqlite3_vtab base;
  struct rs_conn *conn;
  const struct kind *kind;
};

struct query_cursor {
  sqlite3_vtab_cursor base;
  struct rs_session *session; /* while rows are open */
  struct rs_rows *rows;       /* NULL = at the end */
  sqlite3_value *args[NARGS]; /* copies: what the hidden columns give back */
  struct rs_arena arena;      /* keys, parameters: one xFilter */
  const char **keys;          /* `"name":` of each column, made when row is first asked for */
  int64_t max_rows, rowid;
  const char *dialect; /* of the text: "rockset"; NULL: the target's */
  struct rs_buf row, scratch;
};

/* ---- connect --------------------------------------------------------------------------------- */

static int queryConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                        sqlite3_vtab **ppVtab, char **pzErr)
{
  (void)argc;
  (void)argv;
  (void)pzErr;
  const struct rs_module_aux *aux = pAux;
  const struct kind *kind = aux->what;
  struct rs_conn *conn = aux->c;
  struct rs_buf schema;
  rs_buf_init(&schema, 4096);
  rs_buf_str(&schema, "CREATE TABLE x(\"row\"");
  for (int i = 0; i < NARGS; i++) rs_buf_printf(&schema, ", %s HIDDEN", kind->args[i]);
  for (int i = 1; i <= NTYPED; i++) rs_buf_printf(&schema, ", c%d HIDDEN", i);
  rs_buf_char(&schema, ')');
  int rc = schema.rc == RS_OK ? sqlite3_declare_vtab(db, rs_buf_text(&schema)) : SQLITE_NOMEM;
  rs_buf_free(&schema);
  if (rc == SQLITE_OK && !rs_conn_trusted(conn))
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct query_table *t = sqlite3_malloc64(sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  memset(t, 0, sizeof *t);
  t->conn = conn;
  t->kind = kind;
  rs_conn_ref(conn);
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int queryDisconnect(sqlite3_vtab *pVtab)
{
  struct query_table *t = (struct query_table *)pVtab;
  rs_conn_unref(t->conn);
  sqlite3_free(t);
  return SQLITE_OK;
}

/* ---- plan ------------------------------------------------------------------------------------ */

static int queryBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  int found[NARGS] = {-1, -1, -1};
  bool is_pending = false;
  for (int i = 0; i < info->nConstraint; i++) {
    int arg = info->aConstraint[i].iColumn - COL_SQL;
    if (arg < 0 || arg >= NARGS || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (info->aConstraint[i].usable == 0) is_pending = true;
    else if (found[arg] < 0) found[arg] = i;
  }
  // An argument that comes from a table further out in a join: this order of tables can't be used
  if (is_pending) return SQLITE_CONSTRAINT;
  if (found[0] < 0) {
    struct rs_error e;
    const struct kind *kind = ((struct query_table *)pVtab)->kind;
    (void)rs_fail(&e, RS_INVALID, "%s: the %s argument is missing", kind->fn, kind->args[0]);
    return rs_vtab_error(pVtab, &e);
  }
  int next = 0;
  for (int arg = 0; arg < NARGS; arg++) {
    if (found[arg] < 0) continue;
    info->idxNum |= 1 << arg;
    info->aConstraintUsage[found[arg]].argvIndex = ++next;
    info->aConstraintUsage[found[arg]].omit = 1;
  }
  for (int n = NTYPED; n > 0; n--) {
    if ((info->colUsed & (sqlite3_uint64)1 << (COL_FIRST + n - 1)) == 0) continue;
    info->idxNum |= n << IDX_TYPED;
    break;
  }
  info->estimatedCost = 1e5;
  info->estimatedRows = 1000;
  return SQLITE_OK;
}

/* ---- cursor ---------------------------------------------------------------------------------- */

static int queryOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  struct query_table *t = (struct query_table *)pVtab;
  struct query_cursor *cur = sqlite3_malloc64(sizeof *cur);
  if (cur == NULL) return SQLITE_NOMEM;
  memset(cur, 0, sizeof *cur);
  size_t max = (size_t)sqlite3_limit(rs_conn_db(t->conn), SQLITE_LIMIT_LENGTH, -1);
  rs_arena_init(&cur->arena, 0);
  rs_buf_init(&cur->row, max);
  rs_buf_init(&cur->scratch, max);
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

/* At the end, or before another xFilter: the session goes back at once. */
static void release_rows(struct query_cursor *cur)
{
  struct query_table *t = (struct query_table *)cur->base.pVtab;
  rs_rows_close(cur->rows);
  rs_conn_done(t->conn, cur->session);
  cur->rows = NULL;
  cur->session = NULL;
}

static void reset(struct query_cursor *cur)
{
  release_rows(cur);
  for (int i = 0; i < NARGS; i++) {
    sqlite3_value_free(cur->args[i]);
    cur->args[i] = NULL;
  }
  rs_arena_free(&cur->arena);
  cur->keys = NULL;
}

static int queryClose(sqlite3_vtab_cursor *pCursor)
{
  struct query_cursor *cur = (struct query_cursor *)pCursor;
  reset(cur);
  rs_buf_free(&cur->row);
  rs_buf_free(&cur->scratch);
  sqlite3_free(cur);
  return SQLITE_OK;
}

/* ---- filter ---------------------------------------------------------------------------------- */

/* A word that is nearly one that a query begins with, and none that a statement does. */
static const char *query_meant(const char *keyword)
{
  static const char *const queries[] = {"SELECT", "WITH", "VALUES", "EXPLAIN", "DESCRIBE"};
  static const char *const others[] = {"SET", "DELETE", "REPLACE", "RESET"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (rs_eq(keyword, others[i])) return NULL;
  for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
    if (rs_eq(keyword, queries[i])) return NULL; // WITH ... INSERT
  return rs_nearest(keyword, queries, sizeof queries / sizeof *queries);
}

static enum rs_code fail_writes(const struct rs_sqltext *st, struct rs_error *e)
{
  const char *meant = query_meant(st->keyword);
  if (meant != NULL)
    return rs_fail(e, RS_INVALID, FN ": no statement begins with '%s': did you mean '%s'?",
                   st->keyword, meant);
  return rs_fail(e, RS_INVALID,
                 FN
                 ": this %s statement is not a query: rockset_exec(sql) runs statements that write",
                 st->keyword);
}

/* EXPLAIN ANALYZE runs its statement, so that one must be a query, too. */
static enum rs_code check_explained(const struct rs_sqltext *st, const struct rs_dialect *d,
                                    struct rs_error *e)
{
  struct rs_sqltext inner = *st;
  while (rs_eq(inner.keyword, "EXPLAIN") || rs_eq(inner.keyword, "ANALYZE")) {
    size_t n = strlen(inner.keyword);
    const char *p = inner.p + n;
    enum rs_code rc = rs_sqltext_one(p, inner.n - n, d, FN, &inner, e);
    if (rc != RS_OK) return rc;
    if (inner.n > 0 && inner.p[0] == '(') {
      const char *close = memchr(inner.p, ')', inner.n); // EXPLAIN (FORMAT json) ...
      size_t skip = close != NULL ? (size_t)(close - inner.p) + 1 : inner.n;
      rc = rs_sqltext_one(inner.p + skip, inner.n - skip, d, FN, &inner, e);
      if (rc != RS_OK) return rc;
    }
  }
  return inner.kind == RS_SQL_QUERY ? RS_OK : fail_writes(&inner, e);
}

/* What xFilter got, as texts: sql or name, params, options or version. */
struct query_args {
  const char *first, *params, *last;
};

static const struct kind *kind_of(const struct query_cursor *cur)
{
  return ((const struct query_table *)cur->base.pVtab)->kind;
}

static enum rs_code read_args(struct query_cursor *cur, int idxNum, sqlite3_value **argv,
                              struct query_args *a, struct rs_error *e)
{
  int next = 0;
  for (int i = 0; i < NARGS; i++) {
    if ((idxNum & 1 << i) == 0) continue;
    cur->args[i] = sqlite3_value_dup(argv[next++]);
    if (cur->args[i] == NULL) return rs_nomem(e);
  }
  const struct kind *kind = kind_of(cur);
  const char *what[] = {NULL, "params argument",
                        kind->lambda ? "version argument" : "options argument"};
  enum rs_code rc = kind->lambda ? rs_arg_text(cur->args[0], kind->fn, "name", &a->first, e)
                                 : rs_arg_sql(cur->args[0], kind->fn, "sql", &a->first, e);
  if (rc == RS_OK && cur->args[1] != NULL)
    rc = rs_arg_optional(NARGS, cur->args, 1, kind->fn, what[1], &a->params, e);
  if (rc == RS_OK && cur->args[2] != NULL)
    rc = rs_arg_optional(NARGS, cur->args, 2, kind->fn, what[2], &a->last, e);
  cur->max_rows = INT64_MAX;
  if (rc != RS_OK || kind->lambda) return rc;
  cur->dialect = NULL;
  const struct rs_option table[] = {{"max_rows", RS_OPT_INT, &cur->max_rows, NULL},
                                    {"dialect", RS_OPT_TEXT, &cur->dialect, NULL}};
  rc = rs_options_read(a->last, table, 2, FN, &cur->arena, e);
  if (rc == RS_OK && cur->dialect != NULL && !rs_eq(cur->dialect, "rockset"))
    rc = rs_fail(e, RS_INVALID,
                 FN ": option 'dialect' is '%s': 'rockset', or leave it out for the target's own",
                 cur->dialect);
  if (rc == RS_OK && cur->max_rows < 0)
    rc = rs_fail(e, RS_INVALID, FN ": option 'max_rows' must not be negative");
  return rc;
}

static enum rs_code run_lambda(struct query_cursor *cur, const struct query_args *a,
                               struct rs_error *e)
{
  struct rs_conn *conn = ((struct query_table *)cur->base.pVtab)->conn;
  struct rs_lambda_ref ref;
  enum rs_code rc = rs_lambda_ref(conn, a->first, a->last, kind_of(cur)->fn, &cur->arena, &ref, e);
  if (rc == RS_OK) rc = rs_conn_session(conn, false, &cur->session, e);
  if (rc == RS_OK)
    rc = rs_lambda_open(conn, cur->session, &ref, a->params, &cur->arena, &cur->rows, e);
  return rc;
}

/* Rockset SQL, which is translated on its way. */
static enum rs_code send_rockset(struct query_cursor *cur, const struct query_args *a,
                                 struct rs_error *e)
{
  struct rs_conn *conn = ((struct query_table *)cur->base.pVtab)->conn;
  const struct rs_lambda_ref ref = {.sql = a->first};
  enum rs_code rc = rs_conn_session(conn, false, &cur->session, e);
  return rc == RS_OK
           ? rs_lambda_open(conn, cur->session, &ref, a->params, &cur->arena, &cur->rows, e)
           : rc;
}

/* Opens the rows. */
static enum rs_code send_query(struct query_cursor *cur, const struct query_args *a,
                               struct rs_error *e)
{
  struct rs_conn *conn = ((struct query_table *)cur->base.pVtab)->conn;
  struct rs_sqltext text;
  struct rs_statement st = {0};
  struct rs_value *params = NULL;
  struct rs_target *target;
  enum rs_code rc = rs_conn_target(conn, false, &target, e);
  if (rc != RS_OK) return rc;
  const struct rs_dialect *d = rs_target_info(target).dialect;
  if (cur->dialect != NULL && !rs_eq(d->name, cur->dialect)) return send_rockset(cur, a, e);
  rc = rs_sqltext_one(a->first, strlen(a->first), d, FN, &text, e);
  if (rc == RS_OK && text.kind != RS_SQL_QUERY) rc = fail_writes(&text, e);
  if (rc == RS_OK) rc = check_explained(&text, d, e);
  if (rc == RS_OK) rc = rs_conn_session(conn, false, &cur->session, e);
  if (rc != RS_OK) return rc;
  rc = rs_params_bind(conn, d, text.p, text.n, a->params, &cur->arena, &st.sql, &params,
                      &st.nparams, e);
  st.params = params;
  return rc == RS_OK ? rs_session_query(cur->session, &st, &cur->rows, e) : rc;
}

/* To the next row, or the end. */
static enum rs_code step_row(struct query_cursor *cur, struct rs_error *e)
{
  if (++cur->rowid > cur->max_rows) {
    release_rows(cur);
    return RS_OK;
  }
  enum rs_code rc = rs_rows_next(cur->rows, e);
  if (rc == RS_OK) return RS_OK;
  release_rows(cur);
  return rc == RS_DONE ? RS_OK : rc;
}

static int fail_vtab(struct query_cursor *cur, struct rs_error *e)
{
  (void)rs_arg_prefix(e, kind_of(cur)->fn);
  rs_error_hint(rs_conn_db(((struct query_table *)cur->base.pVtab)->conn), e);
  release_rows(cur);
  return rs_vtab_error(cur->base.pVtab, e);
}

/* argv: sql [, params] [, options], as idxNum says (top of the file). */
static int queryFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                       sqlite3_value **argv)
{
  (void)idxStr;
  (void)argc;
  struct query_cursor *cur = (struct query_cursor *)pCursor;
  struct query_args a = {0};
  struct rs_error e = {0};
  reset(cur);
  cur->rowid = 0;
  struct rs_conn *conn = ((struct query_table *)cur->base.pVtab)->conn;
  enum rs_code rc = read_args(cur, idxNum, argv, &a, &e);
  if (rc == RS_OK) rc = rs_conn_none_queued(conn, kind_of(cur)->fn, &e);
  if (rc == RS_OK) rc = kind_of(cur)->lambda ? run_lambda(cur, &a, &e) : send_query(cur, &a, &e);
  if (rc == RS_OK) {
    size_t used = (size_t)(idxNum >> IDX_TYPED), n = rs_rows_columns(cur->rows)->n;
    if (used > n)
      rc = rs_fail(&e, RS_INVALID, "%s: the result has %zu column%s, c%zu does not exist",
                   kind_of(cur)->fn, n, n == 1 ? "" : "s", used);
  }
  if (rc == RS_OK) rc = step_row(cur, &e);
  return rc == RS_OK ? SQLITE_OK : fail_vtab(cur, &e);
}

static int queryNext(sqlite3_vtab_cursor *pCursor)
{
  struct query_cursor *cur = (struct query_cursor *)pCursor;
  struct rs_error e = {0};
  return step_row(cur, &e) == RS_OK ? SQLITE_OK : fail_vtab(cur, &e);
}

static int queryEof(sqlite3_vtab_cursor *pCursor)
{
  return ((struct query_cursor *)pCursor)->rows == NULL;
}

static int queryRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid)
{
  *pRowid = ((struct query_cursor *)pCursor)->rowid;
  return SQLITE_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static enum rs_code row_json(struct query_cursor *cur, sqlite3_context *ctx, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  struct rs_buf *b = &cur->row;
  if (cur->keys == NULL) {
    rc = rs_row_json_keys(rs_rows_columns(cur->rows), b->max, &cur->arena, &cur->keys, e);
  }
  if (rc != RS_OK) return rc;
  rs_buf_clear(b);
  rs_row_json_add(b, cur->rows, cur->keys);
  rc = rs_buf_error(b, e, "the row as JSON");
  if (rc != RS_OK) return rc;
  // JSON holds no NUL; -1 is the fast way to hand over a terminated text (ext/base/value_sqlite.c)
  sqlite3_result_text(ctx, rs_buf_text(b), -1, SQLITE_TRANSIENT);
  sqlite3_result_subtype(ctx, RS_JSON_SUBTYPE);
  return RS_OK;
}

static int queryColumn(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int col)
{
  struct query_cursor *cur = (struct query_cursor *)pCursor;
  if (col >= COL_SQL && col < COL_FIRST) {
    if (cur->args[col - COL_SQL] != NULL) sqlite3_result_value(ctx, cur->args[col - COL_SQL]);
  } else if (col >= COL_FIRST) {
    struct rs_value v;
    rs_rows_get(cur->rows, (size_t)(col - COL_FIRST), &v);
    rs_value_result(ctx, &v, &cur->scratch);
  } else {
    struct rs_error e = {0};
    if (row_json(cur, ctx, &e) != RS_OK) {
      rs_result_error(ctx, &e);
      return rs_sqlite_code(e.code);
    }
  }
  return SQLITE_OK;
}

/* ---- registration ---------------------------------------------------------------------------- */

static const sqlite3_module queryModule = {
  /* xCreate is missing: eponymous only */
  .xConnect = queryConnect,
  .xBestIndex = queryBestIndex,
  .xDisconnect = queryDisconnect,
  .xOpen = queryOpen,
  .xClose = queryClose,
  .xFilter = queryFilter,
  .xNext = queryNext,
  .xEof = queryEof,
  .xColumn = queryColumn,
  .xRowid = queryRowid,
};

int rs_query_register(struct rs_conn *c)
{
  int rc = SQLITE_OK;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && rc == SQLITE_OK; i++)
    rc = rs_conn_module_of(c, kinds[i].fn, &queryModule, &kinds[i]);
  return rc;
}
