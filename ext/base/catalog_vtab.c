/*
** Read-only tables over a collected result (catalog.h): the virtual table and the tables' list.
**
** Eponymous-only. idxNum says what is sent: bit 0 the workspace (argv[0]), bit 1 the relation (the
** next one); SQLite checks both again.
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: views and triggers of a database file can't read them; temp views can.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "args.h"
#include "catalog.h"

static const struct catalog {
  const char *name;
  const char *schema;
  rs_catalog_fill *fill;
  bool is_local; /* fill needs no session */
  int nterms;    /* columns whose equality is sent: 0, 1 (workspace), 2 (workspace, relation) */
} tables[] = {
  {"rockset_workspaces", "CREATE TABLE x(name TEXT)", rs_catalog_workspaces, false, 0},
  {"rockset_collections", "CREATE TABLE x(workspace TEXT, name TEXT, rows INTEGER)",
   rs_catalog_collections, false, 1},
  {"rockset_views", "CREATE TABLE x(workspace TEXT, name TEXT, sql TEXT)", rs_catalog_views, false,
   1},
  {"rockset_columns",
   "CREATE TABLE x(workspace TEXT, relation TEXT, position INTEGER, name TEXT, type TEXT, "
   "native TEXT)",
   rs_catalog_columns, false, 2},
  {"rockset_aliases",
   "CREATE TABLE x(workspace TEXT, name TEXT, collection TEXT, description TEXT, created_at TEXT, "
   "modified_at TEXT, creator TEXT)",
   rs_catalog_aliases, false, 1},
  {"rockset_query_lambdas",
   "CREATE TABLE x(workspace TEXT, name TEXT, version TEXT, sql TEXT, parameters TEXT, "
   "description TEXT, created_at TEXT, creator TEXT, versions INTEGER)",
   rs_catalog_lambdas, false, 1},
  {"rockset_virtual_instances",
   "CREATE TABLE x(id TEXT, name TEXT, state TEXT, size TEXT, description TEXT, "
   "is_default INTEGER)",
   rs_catalog_instances, false, 0},
  {"rockset_active_queries",
   "CREATE TABLE x(id TEXT, status TEXT, sql TEXT, submitted_at TEXT, executed_by TEXT)",
   rs_catalog_running, false, 0},
  {"rockset_log",
   "CREATE TABLE x(id INTEGER, at TEXT, engine TEXT, target TEXT, sql TEXT, rows INTEGER, "
   "bytes INTEGER, ms REAL, error TEXT)",
   rs_catalog_log, true, 0},
  {"rockset_debug", "CREATE TABLE x(step TEXT, status TEXT, detail TEXT)", rs_catalog_debug, true,
   0},
};

/* ---- a collected result ---------------------------------------------------------------------- */

struct rs_catalog_row *rs_catalog_add(struct rs_catalog_result *r)
{
  if (!rs_grow(&r->rows, &r->cap, r->n + 1, sizeof *r->rows)) return NULL;
  struct rs_catalog_row *row = &r->rows[r->n];
  memset(row, 0, sizeof *row);
  return row;
}

bool rs_catalog_text(struct rs_catalog_result *r, struct rs_catalog_cell *c, const char *s)
{
  if (s == NULL) return true;
  c->kind = CELL_TEXT;
  c->s = rs_arena_strdup(&r->arena, s);
  return c->s != NULL;
}

void rs_catalog_int(struct rs_catalog_cell *c, int64_t i)
{
  c->kind = CELL_INT;
  c->i = i;
}

void rs_catalog_count(struct rs_catalog_cell *c, int64_t i)
{
  if (i >= 0) rs_catalog_int(c, i);
}

/* ---- the virtual table ----------------------------------------------------------------------- */

struct catalog_aux {
  const struct catalog *catalog;
  struct rs_conn *conn;
};

struct catalog_table {
  sqlite3_vtab base;
  const struct catalog *catalog;
  struct rs_conn *conn;
};

struct catalog_cursor {
  sqlite3_vtab_cursor base;
  struct rs_catalog_result result;
  size_t row;
};

static int catalogConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                          sqlite3_vtab **ppVtab, char **pzErr)
{
  (void)argc;
  (void)argv;
  (void)pzErr;
  const struct catalog_aux *aux = pAux;
  int rc = sqlite3_declare_vtab(db, aux->catalog->schema);
  if (rc == SQLITE_OK && !rs_conn_trusted(aux->conn))
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct catalog_table *t = sqlite3_malloc64(sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  memset(t, 0, sizeof *t);
  t->catalog = aux->catalog;
  t->conn = aux->conn;
  rs_conn_ref(t->conn);
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int catalogDisconnect(sqlite3_vtab *pVtab)
{
  struct catalog_table *t = (struct catalog_table *)pVtab;
  rs_conn_unref(t->conn);
  sqlite3_free(t);
  return SQLITE_OK;
}

/* idxNum and argv: see the top of the file. The terms are the first columns of a table. */
static int catalogBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  const struct catalog *catalog = ((struct catalog_table *)pVtab)->catalog;
  int found[2] = {-1, -1}, next = 0;
  for (int i = 0; i < info->nConstraint; i++) {
    int col = info->aConstraint[i].iColumn;
    if (info->aConstraint[i].usable == 0 || col < 0 || col >= catalog->nterms ||
        info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ || found[col] >= 0)
      continue;
    // An engine's names need not compare as NOCASE or RTRIM do
    if (rs_eq(sqlite3_vtab_collation(info, i), "BINARY")) found[col] = i;
  }
  info->estimatedCost = 1e6;
  info->estimatedRows = 1000;
  for (int col = 0; col < 2; col++) {
    if (found[col] < 0) continue;
    info->idxNum |= 1 << col;
    info->aConstraintUsage[found[col]].argvIndex = ++next;
    info->estimatedCost /= 10;
    info->estimatedRows /= 10;
  }
  return SQLITE_OK;
}

static int catalogOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  struct catalog_cursor *cur = sqlite3_malloc64(sizeof *cur);
  if (cur == NULL) return SQLITE_NOMEM;
  memset(cur, 0, sizeof *cur);
  cur->result.conn = ((struct catalog_table *)pVtab)->conn;
  rs_arena_init(&cur->result.arena, 0);
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

static int catalogClose(sqlite3_vtab_cursor *pCursor)
{
  struct catalog_cursor *cur = (struct catalog_cursor *)pCursor;
  rs_arena_free(&cur->result.arena);
  rs_free(cur->result.rows);
  sqlite3_free(cur);
  return SQLITE_OK;
}

/* A term that is no TEXT is not sent: SQLite compares it with each row itself. */
static enum rs_code read_terms(struct rs_catalog_result *r, int idxNum, sqlite3_value **argv,
                               struct rs_error *e)
{
  const char **terms[] = {&r->workspace, &r->relation};
  int next = 0;
  for (int col = 0; col < 2; col++) {
    *terms[col] = NULL;
    if ((idxNum & 1 << col) == 0) continue;
    sqlite3_value *v = argv[next++];
    if (sqlite3_value_type(v) != SQLITE_TEXT) continue;
    const char *text = (const char *)sqlite3_value_text(v);
    *terms[col] = text != NULL ? rs_arena_strdup(&r->arena, text) : NULL;
    if (*terms[col] == NULL) return rs_nomem(e);
  }
  return RS_OK;
}

static int catalogFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                         sqlite3_value **argv)
{
  (void)idxStr;
  (void)argc;
  struct catalog_cursor *cur = (struct catalog_cursor *)pCursor;
  struct catalog_table *t = (struct catalog_table *)pCursor->pVtab;
  struct rs_catalog_result *r = &cur->result;
  struct rs_session *session = NULL;
  struct rs_error e = {0};
  rs_arena_free(&r->arena);
  r->n = 0;
  r->e = &e;
  cur->row = 0;
  enum rs_code rc = read_terms(r, idxNum, argv, &e);
  if (rc == RS_OK && !t->catalog->is_local) rc = rs_conn_session(t->conn, false, &session, &e);
  if (rc == RS_OK) rc = t->catalog->fill(r, session, &e);
  rs_conn_done(t->conn, session);
  r->e = NULL;
  if (rc == RS_OK) return SQLITE_OK;
  (void)rs_arg_prefix(&e, t->catalog->name);
  return rs_vtab_error(&t->base, &e);
}

static int catalogNext(sqlite3_vtab_cursor *pCursor)
{
  ((struct catalog_cursor *)pCursor)->row++;
  return SQLITE_OK;
}

static int catalogEof(sqlite3_vtab_cursor *pCursor)
{
  const struct catalog_cursor *cur = (const struct catalog_cursor *)pCursor;
  return cur->row >= cur->result.n;
}

static int catalogColumn(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int col)
{
  const struct catalog_cursor *cur = (const struct catalog_cursor *)pCursor;
  const struct rs_catalog_cell *c = &cur->result.rows[cur->row].v[col];
  switch (c->kind) {
    case CELL_NULL: break;
    case CELL_INT: sqlite3_result_int64(ctx, c->i); break;
    case CELL_REAL: sqlite3_result_double(ctx, c->f); break;
    case CELL_TEXT: sqlite3_result_text(ctx, c->s, -1, SQLITE_TRANSIENT); break;
  }
  return SQLITE_OK;
}

static int catalogRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid)
{
  *pRowid = (sqlite3_int64)((struct catalog_cursor *)pCursor)->row + 1;
  return SQLITE_OK;
}

static const sqlite3_module catalogModule = {
  /* xCreate is missing: eponymous only */
  .xConnect = catalogConnect,
  .xBestIndex = catalogBestIndex,
  .xDisconnect = catalogDisconnect,
  .xOpen = catalogOpen,
  .xClose = catalogClose,
  .xFilter = catalogFilter,
  .xNext = catalogNext,
  .xEof = catalogEof,
  .xColumn = catalogColumn,
  .xRowid = catalogRowid,
};

static void aux_free(void *p)
{
  struct catalog_aux *aux = p;
  rs_conn_unref(aux->conn);
  rs_free(aux);
}

int rs_catalog_register(struct rs_conn *c)
{
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    struct catalog_aux *aux = rs_malloc(sizeof *aux);
    if (aux == NULL) return SQLITE_NOMEM;
    *aux = (struct catalog_aux){&tables[i], c};
    rs_conn_ref(c);
    int rc = rs_conn_module(c, tables[i].name, &catalogModule, aux, aux_free);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}
