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
** (shadow.c). xConnect reads them there and touches no engine: a table whose xConnect
** fails could not even be dropped. A list that can't be read gives a table of one column that can
** only be dropped. What is sent is decided in plan.c; rows come from scan.c.
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
#include "internal.h"
#include "src/sql/relname.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <string.h>

void rs_error_of_table(struct rs_error *e, const char *table)
{
  char what[300];
  sqlite3_snprintf(sizeof what, what, "table %s", table);
  if (!rs_error_names(e, what, ':')) rs_error_prefix(e, "table %s", table);
}

int rs_collection_error(struct collection *c, struct rs_error *e)
{
  rs_error_of_table(e, c->table);
  rs_error_hint(rs_conn_db(c->conn), e);
  return rs_vtab_error(&c->base, e);
}

struct rs_way_out rs_collection_way_out(const struct collection *c)
{
  struct rs_way_out w;
  const struct rs_relation name = {.workspace = c->schema, .name = c->table};
  bool is_main = sqlite3_stricmp(c->schema, "main") == 0;
  struct rs_buf b;
  rs_buf_init(&b, sizeof w.text);
  rs_relation_text(&b, &name);
  sqlite3_snprintf(sizeof w.text, w.text, "SELECT rockset_refresh(%Q)",
                   rs_buf_text(&b) + (is_main && b.n > 0 ? strlen("main.") : 0));
  rs_buf_free(&b);
  return w;
}

/* ---- life of struct collection --------------------------------------------------------------- */

static void enlist(struct collection *c)
{
  struct collection **list = rs_conn_tables(c->conn);
  c->next = *list;
  *list = c;
  c->listed = true;
}

static void unlist(struct collection *c)
{
  struct collection **p = rs_conn_tables(c->conn);
  while (*p != c) p = &(*p)->next;
  *p = c->next;
}

struct collection *rs_collection_find(struct rs_conn *conn, const char *schema, const char *table)
{
  struct collection *c = *rs_conn_tables(conn);
  while (c && (sqlite3_stricmp(c->schema, schema) != 0 || sqlite3_stricmp(c->table, table) != 0))
    c = c->next;
  return c;
}

void rs_collection_free(struct collection *c)
{
  if (!c) return;
  if (c->listed) unlist(c);
  if (c->conn) rs_write_leave(c->conn, &c->part, false);
  rs_collection_plans_free(c);
  rs_arena_free(&c->arena);
  rs_free(c->table);
  if (c->conn) rs_conn_unref(c->conn);
  sqlite3_free(c);
}

struct collection *rs_collection_new(struct rs_conn *conn, const char *schema, const char *table)
{
  struct collection *c = sqlite3_malloc64(sizeof *c);
  if (!c) return NULL;
  memset(c, 0, sizeof *c);
  c->key = -1;
  c->rows = -1;
  rs_arena_init(&c->arena, 0);
  rs_map_init(&c->plans);
  c->conn = conn;
  c->db = rs_conn_db(conn);
  rs_conn_ref(conn);
  c->schema = rs_arena_strdup(&c->arena, schema);
  c->table = rs_strdup(table);
  if (!c->schema || !c->table) {
    rs_collection_free(c);
    return NULL;
  }
  return c;
}

/* The data columns once more, as plans hand them to src/pushdown/deparse.c. */
static enum rs_code index_columns(struct collection *c, struct rs_error *e)
{
  enum rs_code rc = rs_sidecar_index(c, e);
  if (rc != RS_OK) return rc;
  for (int i = 0; i < c->ndata; i++) {
    if (!c->columns[i].path) continue;
    struct rs_path *path = rs_arena_alloc(&c->arena, sizeof *path);
    if (!path) return rs_nomem(e);
    rc = rs_collection_path(c->columns[i].path, &c->arena, path, e);
    if (rc != RS_OK) return rc;
    path->relation = c->relation;
    for (int k = 0; k < i; k++)
      if (!c->columns[k].path && rs_eq(c->columns[k].name, path->root))
        path->root_type = c->columns[k].type;
    c->scan_columns[i].path = path;
    c->has_paths = true;
  }
  return RS_OK;
}

enum rs_code rs_collection_load(struct rs_conn *conn, sqlite3 *db, const char *schema,
                                const char *table, struct collection **pc, struct rs_error *e)
{
  struct collection *c = rs_collection_new(conn, schema, table);
  *pc = NULL;
  if (!c) return rs_nomem(e);
  c->db = db;
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
  const char *type = param ? "" : rs_value_decltype(rs_sidecar_declared(col));
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

bool rs_collection_same_column(const struct collection_column *a, const struct collection_column *b)
{
  return a->type == b->type && a->hidden == b->hidden && a->optional == b->optional &&
         rs_sidecar_same(a, b) && rs_eq(a->name, b->name) && rs_eq(a->local, b->local) &&
         rs_eq(a->path, b->path);
}

bool rs_collection_same(const struct collection *a, const struct collection *b)
{
  if (a->key != b->key || a->ndata != b->ndata || a->nparams != b->nparams) return false;
  for (int i = 0; i < a->ndata + a->nparams; i++)
    if (!rs_collection_same_column(&a->columns[i], &b->columns[i])) return false;
  return true;
}

/* Stored text names what is sent, so views and triggers of a file may not use the table unless this
** session trusts the file. */
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
  struct rs_error e = {0};
  struct collection *c = rs_collection_new(pAux, argv[1], argv[2]);
  if (!c) return SQLITE_NOMEM;
  c->stored = !rs_conn_is_typed(c->conn);
  enum rs_code rc = rs_collection_args(argc, argv, rs_collection_what(c), &c->arena, &c->args, &e);
  if (rc == RS_OK) rc = rs_collection_discover(c, &e);
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
  enlist(c);
  rs_write_join(c->conn, &c->part); // SQLite calls no xBegin for it in this transaction
  *ppVtab = &c->base;
  return SQLITE_OK;
}

/* Fails only for want of memory or a lock: see the head of this file. */
static int collectionConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                             sqlite3_vtab **ppVtab, char **pzErr)
{
  struct rs_error e = {0};
  struct collection *c = rs_collection_new(pAux, argv[1], argv[2]);
  if (!c) return SQLITE_NOMEM;
  c->stored = true;
  c->args_code = rs_collection_args(argc, argv, rs_collection_what(c), &c->arena, &c->args, NULL);
  int rc = SQLITE_OK;
  enum rs_code code = rs_shadow_load(c, &e);
  if (code == RS_OK) code = index_columns(c, &e);
  if (code == RS_NOMEM || code == RS_BUSY || code == RS_CANCELLED) rc = rs_put_error(pzErr, &e);
  if (code == RS_OK) {
    rc = declare(c);
    if (rc != SQLITE_OK && rc != SQLITE_NOMEM)
      code = rs_fail(&e, RS_INVALID, "its columns can't be declared: %s: %s", sqlite3_errmsg(db),
                     rs_collection_way_out(c).text);
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
  enlist(c);
  *ppVtab = &c->base;
  return SQLITE_OK;
}

static int collectionDisconnect(sqlite3_vtab *pVtab)
{
  rs_collection_free((struct collection *)pVtab);
  return SQLITE_OK;
}

/* Rows are queued by the table's name. */
static bool has_queued(struct collection *c)
{
  const struct write_table *w = rs_collection_written(c);
  struct rs_error e = {0};
  if (!w || rs_queue_count(w->queue) == 0) return false;
  rs_fail(&e, RS_BUSY, "it has rows that this transaction has not sent yet: COMMIT first");
  (void)rs_collection_error(c, &e);
  return true;
}

/* Drops the local table only: what it shows stays where it is. */
static int collectionDestroy(sqlite3_vtab *pVtab)
{
  struct collection *c = (struct collection *)pVtab;
  if (has_queued(c)) return SQLITE_LOCKED; // SQLite shows its own text for the code
  int rc = rs_shadow_drop(c);
  if (rc == SQLITE_OK) rs_collection_free(c);
  return rc;
}

static int collectionRename(sqlite3_vtab *pVtab, const char *zNew)
{
  struct collection *c = (struct collection *)pVtab;
  if (has_queued(c)) return SQLITE_BUSY;
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

/* PRAGMA integrity_check and quick_check, from SQLite 3.44 on. */
static int collectionIntegrity(sqlite3_vtab *pVtab, const char *zSchema, const char *zTabName,
                               int mFlags, char **pzErr)
{
  struct collection *c = (struct collection *)pVtab;
  struct rs_error e = {0};
  (void)zSchema, (void)zTabName, (void)mFlags;
  enum rs_code rc = rs_shadow_check(c, &e);
  if (rc == RS_OK) return SQLITE_OK;
  if (rc == RS_NOMEM) return SQLITE_NOMEM;
  (void)rs_collection_error(c, &e);
  *pzErr = pVtab->zErrMsg;
  pVtab->zErrMsg = NULL;
  return SQLITE_OK; // what is wrong is the answer
}

#if SQLITE_VERSION_NUMBER < 3044000
#define XINTEGRITY .xIntegrity
#else
#define XINTEGRITY .base.xIntegrity
#endif

static const struct rs_module collection_module = {
  .base.iVersion = 4,
  .base.xCreate = collectionCreate,
  .base.xConnect = collectionConnect,
  .base.xBestIndex = rs_collection_best_index,
  .base.xDisconnect = collectionDisconnect,
  .base.xDestroy = collectionDestroy,
  .base.xOpen = rs_collection_open,
  .base.xClose = rs_collection_close,
  .base.xFilter = rs_collection_filter,
  .base.xNext = rs_collection_next,
  .base.xEof = rs_collection_eof,
  .base.xColumn = rs_collection_get,
  .base.xRowid = rs_collection_rowid,
  .base.xUpdate = rs_collection_update,
  .base.xBegin = rs_collection_begin,
  .base.xSync = rs_collection_sync,
  .base.xCommit = rs_collection_commit,
  .base.xRollback = rs_collection_rollback,
  .base.xRename = collectionRename,
  .base.xSavepoint = rs_collection_savepoint,
  .base.xRollbackTo = rs_collection_rollback_to,
  .base.xShadowName = collectionShadowName,
  XINTEGRITY = collectionIntegrity,
};

int rs_collection_register(struct rs_conn *c)
{
  rs_conn_ref(c); /* the destructor is called on failure, too */
  return rs_conn_module(c, "rockset", &collection_module.base, c, rs_conn_unref);
}
