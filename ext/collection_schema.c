/*
** The module `rockset`: virtual tables over collections, views and queries of the target.
**
**   CREATE VIRTUAL TABLE movies USING rockset('commons.movies');
**   SELECT Title FROM movies WHERE [Major Genre] = 'Drama' ORDER BY [IMDB Rating] DESC LIMIT 5;
**   CREATE VIRTUAL TABLE delays USING rockset(query='select * from flights where origin = :port');
**   SELECT * FROM delays('JFK');
**   CREATE VIRTUAL TABLE top USING rockset(query_lambda='commons.top', tag='latest');
**   CREATE VIRTUAL TABLE prod_movies USING rockset('commons.movies', target='prod');
**   SELECT * FROM top('Drama', 10);
**
** This file: CREATE, connect, DROP, ALTER TABLE RENAME, and the method table at the end. User
** manual: docs/virtual-tables.md.
**
** HOW IT WORKS. xCreate asks the engine for the columns and stores them in the shadow table
** (collection_shadow.c). xConnect reads them there and touches no engine: a table whose xConnect
** fails could not even be dropped. A list that can't be read gives a table of one column that can
** only be dropped. What is sent is decided in collection_plan.c; rows come from collection_scan.c.
**
** DECLARED COLUMNS
**   - in the relation's order, with the types of rs_value_decltype; of two names that differ only
**     in case, which SQLite can't hold, the later one gets _1, _2 ...;
**   - a relation that has both _id and _event_time is a collection: these two and _meta are hidden,
**     so that SELECT * shows the data's own fields (unless nothing would be left);
**   - a key makes the table WITHOUT ROWID with that column as PRIMARY KEY: key='...', else the _id
**     of a table or an alias (a view's need not be unique);
**   - a query's parameters are hidden columns after the others, in order of first use: arguments of
**     the table. They have no affinity, so that a value arrives as it was given. A query lambda's
**     come in the order of its defaults, those without a default last.
*/
#include "collection_write.h"
#include "../src/adapter/relname.h"
#include "../src/adapter/sqltext.h"
#include "../src/base/map.h"
#include "../src/base/mem.h"
#include "../src/base/text.h"

#include <string.h>

/* Can also be used before the table exists: what it is called in errors. */
static const char *what_of(struct rs_arena *arena, const char *table)
{
  const char *what = rs_arena_printf(arena, "table %s", table);
  return what ? what : "table";
}

int rs_collection_error(struct collection *c, struct rs_error *e)
{
  char what[300];
  sqlite3_snprintf(sizeof what, what, "table %s:", c->table);
  what[sizeof what - 1] = 0;
  if (strncmp(e->text, what, strlen(what)) != 0) rs_error_prefix(e, "table %s", c->table);
  return rs_vtab_error(&c->base, e);
}

/* ---- life of struct collection --------------------------------------------------------------- */

void rs_collection_free(struct collection *c)
{
  if (!c) return;
  if (c->conn) rs_write_leave(c, false);
  rs_collection_plans_free(c);
  rs_arena_free(&c->arena);
  rs_free(c->table);
  if (c->conn) rs_conn_unref(c->conn);
  sqlite3_free(c);
}

static struct collection *collection_new(struct rs_conn *conn, const char *schema,
                                         const char *table)
{
  struct collection *c = sqlite3_malloc64(sizeof *c);
  if (!c) return NULL;
  memset(c, 0, sizeof *c);
  c->key = -1;
  c->rows = -1;
  rs_arena_init(&c->arena, 0);
  rs_map_init(&c->plans);
  c->conn = conn;
  rs_conn_ref(conn);
  c->schema = rs_arena_strdup(&c->arena, schema);
  c->table = rs_strdup(table);
  if (!c->schema || !c->table) {
    rs_collection_free(c);
    return NULL;
  }
  return c;
}

/* ---- discovery (xCreate only) ---------------------------------------------------------------- */

/* A name that no column before has, by SQLite's idea of equal names. `seen`: lower-case names. */
static enum rs_code local_name(struct collection *c, struct rs_map *seen, const char *name,
                               const char **out, struct rs_error *e)
{
  for (unsigned k = 0;; k++) {
    char *local = k ? rs_arena_printf(&c->arena, "%s_%u", name, k)
                    : rs_arena_strdup(&c->arena, name);
    char *lower = local ? rs_arena_strdup(&c->arena, local) : NULL;
    if (!lower) return rs_nomem(e);
    for (char *p = lower; *p; p++) {
      if (*p >= 'A' && *p <= 'Z') *p = (char)(*p - 'A' + 'a');
    }
    if (rs_map_find(seen, lower, strlen(lower))) continue;
    if (!rs_map_put(seen, lower, NULL)) return rs_nomem(e);
    *out = local;
    return RS_OK;
  }
}

/* Fills c->columns from what the engine says and the names of a query's parameters. */
static enum rs_code take_columns(struct collection *c, const struct rs_columns *cols,
                                 const struct rs_map *params, struct rs_error *e)
{
  struct rs_map seen;
  enum rs_code rc = RS_OK;
  size_t nparams = params ? params->n : 0, n = cols->n + nparams, i;
  int limit = sqlite3_limit(rs_conn_db(c->conn), SQLITE_LIMIT_COLUMN, -1);
  if (n > (size_t)limit)
    return rs_fail(e, RS_LIMIT,
                   "table %s: %zu columns, and SQLite's limit is %d: choose some with "
                   "rockset(query='select ...')",
                   c->table, n, limit);
  if (cols->n == 0) return rs_fail(e, RS_INVALID, "table %s: no columns", c->table);
  c->columns = rs_arena_calloc(&c->arena, n * sizeof *c->columns);
  if (!c->columns) return rs_nomem(e);
  rs_map_init(&seen);
  for (i = 0; rc == RS_OK && i < n; i++) {
    struct collection_column *col = &c->columns[i];
    bool param = i >= cols->n;
    col->name = rs_arena_strdup(&c->arena, param ? params->v[i - cols->n].key : cols->v[i].name);
    col->native = param ? "" : rs_arena_strdup(&c->arena, cols->v[i].native);
    if (!col->name || !col->native) {
      rc = rs_nomem(e);
      break;
    }
    col->type = param ? RS_T_OTHER : cols->v[i].type;
    col->hidden = param;
    rc = local_name(c, &seen, col->name, &col->local, e);
  }
  rs_map_free(&seen);
  c->ndata = (int)cols->n;
  c->nparams = (int)nparams;
  return rc;
}

static int find_column(const struct collection *c, const char *name)
{
  for (int i = 0; i < c->ndata; i++) {
    if (strcmp(c->columns[i].name, name) == 0) return i;
  }
  return -1;
}

/* _id, _event_time and _meta of a collection are hidden, if something else is left to see. */
static void hide_system_columns(struct collection *c)
{
  static const char *const names[] = {"_id", "_event_time", "_meta"};
  int at[3], hidden = 0;
  for (int k = 0; k < 3; k++) {
    at[k] = find_column(c, names[k]);
    hidden += at[k] >= 0;
  }
  if (at[0] < 0 || at[1] < 0 || hidden == c->ndata) return;
  for (int k = 0; k < 3; k++) {
    if (at[k] >= 0) c->columns[at[k]].hidden = true;
  }
}

static enum rs_code take_key(struct collection *c, const char *key, bool is_table,
                             struct rs_error *e)
{
  if (!key) {
    c->key = is_table ? find_column(c, "_id") : -1;
    return RS_OK;
  }
  c->key = find_column(c, key);
  if (c->key >= 0) return RS_OK;
  const char **names = rs_arena_alloc(&c->arena, (size_t)c->ndata * sizeof *names);
  if (!names) return rs_nomem(e);
  for (int i = 0; i < c->ndata; i++) names[i] = c->columns[i].name;
  const char *near = rs_nearest(key, names, (size_t)c->ndata);
  return rs_fail(e, RS_INVALID, "table %s: key='%s': no such column%s%s%s", c->table, key,
                 near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

struct find_rows {
  const char *name;
  int64_t rows;
};

static enum rs_code find_rows(void *ctx, const struct rs_relation_info *i)
{
  struct find_rows *f = ctx;
  if (strcmp(i->name, f->name) == 0) f->rows = i->rows;
  return RS_OK;
}

/* Adds those of columns='...' behind the relation's own. */
static enum rs_code take_paths(struct collection *c, const char *text, const struct rs_dialect *d,
                               struct rs_error *e)
{
  struct collection_column *paths = NULL;
  struct rs_map seen;
  size_t n = 0, had = (size_t)c->ndata;
  if (!d->json_path)
    return rs_fail(e, RS_UNSUPPORTED, "option 'columns' is not built for %s yet", d->name);
  enum rs_code rc = rs_collection_paths(text, &c->arena, &paths, &n, e);
  if (rc != RS_OK) return rc;
  struct collection_column *all = rs_arena_alloc(&c->arena, (had + n) * sizeof *all);
  if (!all) return rs_nomem(e);
  memcpy(all, c->columns, had * sizeof *all);
  memcpy(all + had, paths, n * sizeof *all);
  rs_map_init(&seen);
  const char *ignored;
  for (size_t i = 0; rc == RS_OK && i < had; i++)
    rc = local_name(c, &seen, all[i].local, &ignored, e);
  for (size_t i = had; rc == RS_OK && i < had + n; i++) {
    struct rs_scan_path path;
    rc = local_name(c, &seen, all[i].name, &all[i].local, e);
    if (rc == RS_OK) rc = rs_collection_path(all[i].path, &c->arena, &path, e);
    if (rc == RS_OK && find_column(c, path.root) < 0)
      rc = rs_fail(e, RS_INVALID, "columns: column %s: path %s: there is no column '%s'",
                   all[i].name, all[i].path, path.root);
    all[i].name = all[i].local; // what the result calls it
  }
  rs_map_free(&seen);
  c->columns = all;
  if (rc == RS_OK) c->ndata += (int)n;
  return rc;
}

static enum rs_code discover_relation(struct collection *c, const struct collection_args *args,
                                      struct rs_session *s, struct rs_error *e)
{
  struct rs_columns cols = {0};
  struct rs_relation rel;
  enum rs_relation_kind kind = RS_REL_NONE;
  /* "" stands for the profile's workspace, looked up anew whenever the table is used */
  enum rs_code rc = rs_relation_parse(args->relation, "", what_of(&c->arena, c->table), &c->arena,
                                      &rel, e);
  if (rc != RS_OK) return rc;
  c->workspace = *rel.workspace ? rel.workspace : NULL;
  c->relation = rel.name;
  if (!c->workspace) rel.workspace = rs_target_workspace(rs_session_target(s));
  rc = rs_session_describe(s, &rel, &cols, &kind, e);
  if (rc == RS_OK) rc = take_columns(c, &cols, NULL, e);
  rs_columns_free(&cols);
  if (rc != RS_OK) return rc;
  hide_system_columns(c);
  struct find_rows f = {rel.name, -1};
  if (kind == RS_REL_TABLE) rc = rs_session_relations(s, rel.workspace, find_rows, &f, e);
  c->rows = f.rows;
  if (rc == RS_OK) rc = take_key(c, args->key, kind != RS_REL_VIEW, e);
  if (rc == RS_OK && c->key >= 0 && kind == RS_REL_TABLE)
    rc = rs_session_unique(s, &rel, c->columns[c->key].name, &c->enforced, e);
  if (rc == RS_OK && args->columns)
    rc = take_paths(c, args->columns, rs_target_dialect(rs_session_target(s)), e);
  return rc;
}

static enum rs_code discover_query(struct collection *c, const struct collection_args *args,
                                   struct rs_session *s, struct rs_error *e)
{
  const char *what = what_of(&c->arena, c->table);
  const struct rs_dialect *d = rs_target_dialect(rs_session_target(s));
  struct rs_sqltext one;
  struct rs_columns cols = {0};
  struct rs_map names;
  struct rs_buf sent, wrapped;
  size_t *order = NULL, norder = 0;
  enum rs_code rc = rs_sqltext_one(args->query, strlen(args->query), d, what, &one, e);
  if (rc == RS_OK && one.kind != RS_SQL_QUERY)
    rc = rs_fail(e, RS_INVALID, "%s: the query must return rows, and this is %s", what,
                 one.keyword);
  if (rc != RS_OK) return rc;
  c->query = rs_arena_strndup(&c->arena, one.p, one.n);
  if (!c->query) return rs_nomem(e);
  rs_map_init(&names);
  rs_buf_init(&sent, RS_BUF_SQL_MAX);
  rs_buf_init(&wrapped, RS_BUF_SQL_MAX);
  rc = rs_sqltext_params(one.p, one.n, d, &sent, &names, &order, &norder, e);
  if (rc == RS_OK && norder > 0 && names.n == 0)
    rc = rs_fail(e, RS_INVALID, "%s: a parameter of a table's query has a name: write :name, not ?",
                 what);
  if (rc == RS_OK) {
    const char *text = rs_buf_text(&sent);
    // a comment at the query's end must not swallow the bracket
    rs_buf_printf(&wrapped, "SELECT * FROM (%s%s) AS ", text, strstr(text, "--") ? "\n" : "");
    rs_dialect_ident(d, &wrapped, "q");
    rc = sent.rc != RS_OK ? rs_buf_error(&sent, e, what) : rs_buf_error(&wrapped, e, what);
  }
  if (rc == RS_OK) {
    const struct rs_statement st = {.sql = rs_buf_text(&wrapped)};
    rc = rs_session_columns(s, &st, &cols, e);
  }
  if (rc == RS_OK) rc = take_columns(c, &cols, &names, e);
  if (rc == RS_OK) rc = take_key(c, args->key, false, e);
  rs_columns_free(&cols);
  rs_map_free(&names);
  rs_buf_free(&sent);
  rs_buf_free(&wrapped);
  rs_free(order);
  return rc;
}

static enum rs_code discover_lambda(struct collection *c, const struct collection_args *args,
                                    struct rs_session *s, struct rs_error *e)
{
  enum rs_code rc = rs_collection_lambda(c, args, s, take_columns, e);
  return rc == RS_OK ? take_key(c, args->key, false, e) : rc;
}

static enum rs_code discover(struct collection *c, const struct collection_args *args,
                             struct rs_error *e)
{
  struct rs_session *s = NULL;
  c->named = args->named;
  enum rs_code rc = rs_conn_session_of(c->conn, c->named, c->stored, &s, e);
  if (rc != RS_OK) return rc;
  const struct rs_output *o = rs_target_output(rs_session_target(s));
  c->target = rs_arena_printf(&c->arena, "%s (%s)", o->target_name, o->type);
  if (!c->target) rc = rs_nomem(e);
  else if (args->lambda) rc = discover_lambda(c, args, s, e);
  else rc = args->query ? discover_query(c, args, s, e) : discover_relation(c, args, s, e);
  rs_conn_done(c->conn, s);
  return rc;
}

/* The data columns once more, as plans hand them to deparse.c. */
static enum rs_code index_columns(struct collection *c, struct rs_error *e)
{
  c->scan_columns = rs_arena_alloc(&c->arena, (size_t)c->ndata * sizeof *c->scan_columns);
  if (!c->scan_columns) return rs_nomem(e);
  for (int i = 0; i < c->ndata; i++) {
    c->scan_columns[i] = (struct rs_scan_column){c->columns[i].name, c->columns[i].type, NULL};
    if (!c->columns[i].path) continue;
    struct rs_scan_path *path = rs_arena_alloc(&c->arena, sizeof *path);
    if (!path) return rs_nomem(e);
    enum rs_code rc = rs_collection_path(c->columns[i].path, &c->arena, path, e);
    if (rc != RS_OK) return rc;
    c->scan_columns[i].path = path;
    c->has_paths = true;
  }
  return RS_OK;
}

enum rs_code rs_collection_load(struct rs_conn *conn, const char *schema, const char *table,
                                struct collection **pc, struct rs_error *e)
{
  struct collection *c = collection_new(conn, schema, table);
  *pc = NULL;
  if (!c) return rs_nomem(e);
  c->stored = true;
  enum rs_code rc = rs_shadow_load(c, e);
  if (rc == RS_OK) rc = index_columns(c, e);
  if (rc == RS_OK) *pc = c;
  else rs_collection_free(c);
  return rc;
}

/* ---- declaration ----------------------------------------------------------------------------- */

/* SQLite takes HIDDEN out of the type again, but only after it has derived the affinity: without a
** type of its own a hidden column would have become NUMERIC. */
static void declare_column(sqlite3_str *s, const struct collection_column *col, bool param)
{
  const char *type = param ? "" : rs_value_decltype(col->type);
  if (col->hidden && !*type) type = "BLOB";
  sqlite3_str_appendf(s, "\"%w\"%s%s%s", col->local, *type ? " " : "", type,
                      col->hidden ? " HIDDEN" : "");
}

static int declare(struct collection *c)
{
  sqlite3 *db = rs_conn_db(c->conn);
  sqlite3_str *s = sqlite3_str_new(db);
  sqlite3_str_appendall(s, "CREATE TABLE x(");
  for (int i = 0; i < c->ndata + c->nparams; i++) {
    if (i) sqlite3_str_appendall(s, ", ");
    declare_column(s, &c->columns[i], i >= c->ndata);
  }
  if (c->key >= 0)
    sqlite3_str_appendf(s, ", PRIMARY KEY(\"%w\")) WITHOUT ROWID", c->columns[c->key].local);
  else sqlite3_str_appendall(s, ")");
  int rc = sqlite3_str_errcode(s);
  char *sql = sqlite3_str_finish(s);
  if (rc == SQLITE_OK) rc = sql ? sqlite3_declare_vtab(db, sql) : SQLITE_NOMEM;
  sqlite3_free(sql);
  return rc;
}

/* Stored text names what is sent, so views and triggers of a file may not use the table unless this
** session trusts the file (design.md 5.8). */
static void configure(struct collection *c)
{
  sqlite3 *db = rs_conn_db(c->conn);
  if (!rs_conn_trusted(c->conn)) sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  // a conflict is seen before anything is queued: OR IGNORE, OR REPLACE ... are SQLite's own
  sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
}

/* ---- methods --------------------------------------------------------------------------------- */

/*
** argv: module, schema, table, then the arguments as they were written.
*/
static int collectionCreate(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                            sqlite3_vtab **ppVtab, char **pzErr)
{
  struct collection_args args;
  struct rs_error e = {0};
  struct collection *c = collection_new(pAux, argv[1], argv[2]);
  if (!c) return SQLITE_NOMEM;
  c->stored = !rs_conn_is_typed(c->conn);
  enum rs_code rc = rs_collection_args(argc, argv, what_of(&c->arena, c->table), &c->arena, &args,
                                       &e);
  c->readonly = rc == RS_OK && args.readonly;
  if (rc == RS_OK) rc = discover(c, &args, &e);
  if (rc == RS_OK) rc = index_columns(c, &e);
  if (rc == RS_OK) {
    int sqlite_rc = declare(c);
    configure(c);
    if (sqlite_rc == SQLITE_NOMEM) rc = rs_nomem(&e);
    else if (sqlite_rc != SQLITE_OK)
      rc = rs_fail(&e, RS_INVALID, "SQLite can't declare its columns: %s", sqlite3_errmsg(db));
  }
  if (rc == RS_OK) rc = rs_shadow_save(c, &e);
  if (rc != RS_OK) {
    int code = rs_collection_error(c, &e);
    *pzErr = c->base.zErrMsg; /* SQLite frees it */
    rs_collection_free(c);
    return code;
  }
  rs_write_join(c); // SQLite calls no xBegin for it in this transaction
  *ppVtab = &c->base;
  return SQLITE_OK;
}

/* Fails only for want of memory or a lock: see the head of this file. */
static int collectionConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                             sqlite3_vtab **ppVtab, char **pzErr)
{
  struct rs_error e = {0};
  struct collection *c = collection_new(pAux, argv[1], argv[2]);
  (void)argc;
  if (!c) return SQLITE_NOMEM;
  c->stored = true;
  int rc = SQLITE_OK;
  enum rs_code code = rs_shadow_load(c, &e);
  if (code == RS_OK) code = index_columns(c, &e);
  if (code == RS_NOMEM || code == RS_BUSY || code == RS_CANCELLED) rc = rs_put_error(pzErr, &e);
  if (code == RS_OK) {
    rc = declare(c);
    if (rc != SQLITE_OK && rc != SQLITE_NOMEM)
      code = rs_fail(&e, RS_INVALID,
                     "its columns can't be declared: %s: DROP TABLE \"%s\" and "
                     "create it again",
                     sqlite3_errmsg(db), c->table);
  }
  if (code != RS_OK && rc != SQLITE_NOMEM && rc != SQLITE_BUSY && rc != SQLITE_INTERRUPT) {
    rc = sqlite3_declare_vtab(db, "CREATE TABLE x(\"(damaged)\")");
    c->broken = rs_arena_strdup(&c->arena, e.text);
    if (!c->broken) rc = SQLITE_NOMEM;
  }
  if (rc != SQLITE_OK) {
    rs_collection_free(c);
    return rc;
  }
  configure(c);
  *ppVtab = &c->base;
  return SQLITE_OK;
}

static int collectionDisconnect(sqlite3_vtab *pVtab)
{
  rs_collection_free((struct collection *)pVtab);
  return SQLITE_OK;
}

/* Drops the local table only: what it shows stays where it is. */
static int collectionDestroy(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  const struct write_table *w = rs_write_find(c);
  struct rs_error e = {0};
  if (w && rs_queue_count(w->queue) > 0) {
    rs_fail(&e, RS_BUSY, "it has rows that this transaction has not sent yet: COMMIT first");
    (void)rs_collection_error(c, &e);
    return SQLITE_LOCKED; // SQLite shows its own text for the code
  }
  int rc = rs_shadow_drop(c);
  if (rc == SQLITE_OK) rs_collection_free(c);
  return rc;
}

static int collectionRename(sqlite3_vtab *pVtab, const char *zNew)
{
  struct collection *c = (struct collection *)pVtab;
  char *table = rs_strdup(zNew);
  if (!table) return SQLITE_NOMEM;
  int rc = rs_shadow_rename(c, zNew);
  if (rc != SQLITE_OK) {
    sqlite3_free(pVtab->zErrMsg);
    pVtab->zErrMsg = sqlite3_mprintf("table %s: %s", c->table, sqlite3_errmsg(rs_conn_db(c->conn)));
    rs_free(table);
    return rc;
  }
  rs_free(c->table);
  c->table = table;
  return SQLITE_OK;
}

static int collectionShadowName(const char *zName)
{
  return sqlite3_stricmp(zName, "rockset") == 0;
}

static const sqlite3_module collection_module = {
  /* iVersion      */ 3,
  /* xCreate       */ collectionCreate,
  /* xConnect      */ collectionConnect,
  /* xBestIndex    */ rs_collection_best_index,
  /* xDisconnect   */ collectionDisconnect,
  /* xDestroy      */ collectionDestroy,
  /* xOpen         */ rs_collection_open,
  /* xClose        */ rs_collection_close,
  /* xFilter       */ rs_collection_filter,
  /* xNext         */ rs_collection_next,
  /* xEof          */ rs_collection_eof,
  /* xColumn       */ rs_collection_get,
  /* xRowid        */ rs_collection_rowid,
  /* xUpdate       */ rs_collection_update,
  /* xBegin        */ rs_collection_begin,
  /* xSync         */ rs_collection_sync,
  /* xCommit       */ rs_collection_commit,
  /* xRollback     */ rs_collection_rollback,
  /* xFindFunction */ 0,
  /* xRename       */ collectionRename,
  /* xSavepoint    */ rs_collection_savepoint,
  /* xRelease      */ rs_collection_release,
  /* xRollbackTo   */ rs_collection_rollback_to,
  /* xShadowName   */ collectionShadowName,
#if SQLITE_VERSION_NUMBER >= 3044000
  /* xIntegrity    */ 0,
#endif
};

int rs_collection_register(struct rs_conn *c)
{
  rs_conn_ref(c); /* the destructor is called on failure, too */
  return sqlite3_create_module_v2(rs_conn_db(c), "rockset", &collection_module, c, rs_conn_unref);
}
