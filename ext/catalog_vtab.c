/*
** Read-only tables about the target and about what was sent to it.
**
**   rockset_workspaces(name)
**   rockset_collections(workspace, name, rows)          rows: an estimate, NULL when unknown
**   rockset_views(workspace, name, sql)
**   rockset_columns(workspace, relation, position, name, type, native)
**   rockset_log(id, at, engine, target, sql, rows, bytes, ms, error)
**
**   SELECT name, type FROM rockset_columns WHERE workspace = 'commons' AND relation = 'movies';
**   SELECT sql, ms FROM rockset_log ORDER BY id DESC LIMIT 5;
**
** COLUMNS
**   type     in Rockset's words: int, float, string, datetime, json, mixed ...
**   native   the engine's own name of the type: DECIMAL(18,3)
**   position 1, 2, ...
**   at       when it was sent, UTC; ms: until its last row was read
**   rows, bytes   received or changed; NULL when unknown
**   error    NULL when it succeeded
**
** `workspace = ...` and `relation = ...` are sent, so that only what is asked for is described. A
** view whose query no longer works has no columns: it is left out of rockset_columns, and an error
** when its workspace and name are both given.
**
** rockset_log holds the last 1,000 statements of this connection and asks no engine.
**
** ERRORS
**   "<table>: ..."
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: views and triggers of a database file can't read them; temp views can.
**
** HOW IT WORKS
**   Eponymous-only tables over one row each of `tables` below: schema and a function that fills a
**   result, which is collected: it is as large as the catalog, never as the data. idxNum says what
**   is sent: bit 0 the workspace (argv[0]), bit 1 the relation (the next one). SQLite checks both
**   again.
*/
#include <string.h>
#include "../src/base/arena.h"
#include "../src/base/mem.h"
#include "../src/base/text.h"
#include "args.h"

#define NCOL_MAX 9

/* ---- a collected result ---------------------------------------------------------------------- */

struct cell {
  enum { CELL_NULL, CELL_INT, CELL_REAL, CELL_TEXT } kind;
  int64_t i;
  double f;
  const char *s; /* in the arena */
};

struct row {
  struct cell v[NCOL_MAX];
};

/* What is being collected, and for what. */
struct result {
  struct rs_conn *conn;
  struct rs_arena arena;
  struct row *rows;
  size_t n, cap;
  const char *workspace, *relation; /* pushed terms, NULL = all */
  struct rs_error *e;               /* of the call under way */
};

static struct row *add_row(struct result *r)
{
  if (!rs_grow(&r->rows, &r->cap, r->n + 1, sizeof *r->rows)) return NULL;
  struct row *row = &r->rows[r->n];
  memset(row, 0, sizeof *row);
  return row;
}

/* NULL stays NULL. */
static bool set_text(struct result *r, struct cell *c, const char *s)
{
  if (s == NULL) return true;
  c->kind = CELL_TEXT;
  c->s = rs_arena_strdup(&r->arena, s);
  return c->s != NULL;
}

static void set_int(struct cell *c, int64_t i)
{
  c->kind = CELL_INT;
  c->i = i;
}

/* -1 is unknown: NULL. */
static void set_count(struct cell *c, int64_t i)
{
  if (i >= 0) set_int(c, i);
}

/* ---- the tables' rows ------------------------------------------------------------------------ */

static enum rs_code on_workspace(void *ctx, const char *name)
{
  struct result *r = ctx;
  struct row *row = add_row(r);
  if (row == NULL || !set_text(r, &row->v[0], name)) return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

static enum rs_code fill_workspaces(struct result *r, struct rs_session *s, struct rs_error *e)
{
  return rs_session_workspaces(s, on_workspace, r, e);
}

static enum rs_code on_collection(void *ctx, const struct rs_relation_info *i)
{
  struct result *r = ctx;
  if (i->kind != RS_REL_TABLE) return RS_OK;
  struct row *row = add_row(r);
  if (row == NULL || !set_text(r, &row->v[0], i->workspace) || !set_text(r, &row->v[1], i->name))
    return rs_nomem(r->e);
  set_count(&row->v[2], i->rows);
  r->n++;
  return RS_OK;
}

static enum rs_code on_view(void *ctx, const struct rs_relation_info *i)
{
  struct result *r = ctx;
  if (i->kind != RS_REL_VIEW) return RS_OK;
  struct row *row = add_row(r);
  if (row == NULL || !set_text(r, &row->v[0], i->workspace) || !set_text(r, &row->v[1], i->name) ||
      !set_text(r, &row->v[2], i->sql))
    return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

/* A workspace that does not exist has no relations; that is no error of a table. */
static enum rs_code list_relations(struct result *r, struct rs_session *s,
                                   enum rs_code (*fn)(void *, const struct rs_relation_info *),
                                   void *ctx, struct rs_error *e)
{
  enum rs_code rc = rs_session_relations(s, r->workspace, fn, ctx, e);
  return rc == RS_NOT_FOUND && r->workspace != NULL ? RS_OK : rc;
}

static enum rs_code fill_collections(struct result *r, struct rs_session *s, struct rs_error *e)
{
  return list_relations(r, s, on_collection, r, e);
}

static enum rs_code fill_views(struct result *r, struct rs_session *s, struct rs_error *e)
{
  return list_relations(r, s, on_view, r, e);
}

/* Relations to describe: a session that lists can't describe at the same time. */
struct found {
  struct result *r;
  struct rs_relation *v;
  size_t n, cap;
};

static enum rs_code on_relation(void *ctx, const struct rs_relation_info *i)
{
  struct found *f = ctx;
  if (f->r->relation != NULL && rs_casecmp(f->r->relation, i->name) != 0) return RS_OK;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v)) return rs_nomem(f->r->e);
  struct rs_relation *rel = &f->v[f->n];
  rel->workspace = rs_arena_strdup(&f->r->arena, i->workspace);
  rel->name = rs_arena_strdup(&f->r->arena, i->name);
  if (rel->workspace == NULL || rel->name == NULL) return rs_nomem(f->r->e);
  f->n++;
  return RS_OK;
}

static enum rs_code add_columns(struct result *r, const struct rs_relation *rel,
                                const struct rs_columns *columns, struct rs_error *e)
{
  for (size_t i = 0; i < columns->n; i++) {
    const struct rs_column *c = &columns->v[i];
    struct row *row = add_row(r);
    if (row == NULL || !set_text(r, &row->v[0], rel->workspace) ||
        !set_text(r, &row->v[1], rel->name) || !set_text(r, &row->v[3], c->name) ||
        !set_text(r, &row->v[4], rs_type_name(c->type)) || !set_text(r, &row->v[5], c->native))
      return rs_nomem(e);
    set_int(&row->v[2], (int64_t)i + 1);
    r->n++;
  }
  return RS_OK;
}

static enum rs_code fill_columns(struct result *r, struct rs_session *s, struct rs_error *e)
{
  struct found f = {.r = r};
  enum rs_code rc = list_relations(r, s, on_relation, &f, e);
  for (size_t i = 0; rc == RS_OK && i < f.n; i++) {
    struct rs_columns columns = {0};
    enum rs_relation_kind kind;
    rc = rs_session_describe(s, &f.v[i], &columns, &kind, e);
    if (rc == RS_OK) rc = add_columns(r, &f.v[i], &columns, e);
    // Dropped since it was listed, or a view that no longer works
    bool is_asked_for = r->workspace != NULL && r->relation != NULL;
    if (rc == RS_NOT_FOUND || ((rc == RS_REMOTE || rc == RS_INVALID) && !is_asked_for)) rc = RS_OK;
    rs_columns_free(&columns);
  }
  rs_free(f.v);
  return rc;
}

static enum rs_code on_log(void *ctx, const struct rs_log_entry *entry)
{
  struct result *r = ctx;
  char at[40];
  rs_format_timestamp(entry->at_us, at);
  struct row *row = add_row(r);
  if (row == NULL || !set_text(r, &row->v[1], at) || !set_text(r, &row->v[2], entry->engine) ||
      !set_text(r, &row->v[3], entry->target) || !set_text(r, &row->v[4], entry->sql) ||
      !set_text(r, &row->v[8], entry->error))
    return rs_nomem(r->e);
  set_int(&row->v[0], entry->id);
  set_count(&row->v[5], entry->rows);
  set_count(&row->v[6], entry->bytes);
  row->v[7].kind = CELL_REAL;
  row->v[7].f = entry->ms;
  r->n++;
  return RS_OK;
}

static enum rs_code fill_log(struct result *r, struct rs_session *s, struct rs_error *e)
{
  (void)s;
  return rs_log_each(rs_conn_log(r->conn), on_log, r, e);
}

static const struct catalog {
  const char *name;
  const char *schema;
  enum rs_code (*fill)(struct result *r, struct rs_session *s, struct rs_error *e);
  bool is_local; /* fill needs no session */
  int nterms;    /* columns whose equality is sent: 0, 1 (workspace), 2 (workspace, relation) */
} tables[] = {
  {"rockset_workspaces", "CREATE TABLE x(name TEXT)", fill_workspaces, false, 0},
  {"rockset_collections", "CREATE TABLE x(workspace TEXT, name TEXT, rows INTEGER)",
   fill_collections, false, 1},
  {"rockset_views", "CREATE TABLE x(workspace TEXT, name TEXT, sql TEXT)", fill_views, false, 1},
  {"rockset_columns",
   "CREATE TABLE x(workspace TEXT, relation TEXT, position INTEGER, name TEXT, type TEXT, "
   "native TEXT)",
   fill_columns, false, 2},
  {"rockset_log",
   "CREATE TABLE x(id INTEGER, at TEXT, engine TEXT, target TEXT, sql TEXT, rows INTEGER, "
   "bytes INTEGER, ms REAL, error TEXT)",
   fill_log, true, 0},
};

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
  struct result result;
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
static enum rs_code read_terms(struct result *r, int idxNum, sqlite3_value **argv,
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
  struct result *r = &cur->result;
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
  const struct cell *c = &cur->result.rows[cur->row].v[col];
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
  0,                 /* iVersion */
  0,                 /* xCreate: eponymous-only */
  catalogConnect,    /* xConnect */
  catalogBestIndex,  /* xBestIndex */
  catalogDisconnect, /* xDisconnect */
  0,                 /* xDestroy */
  catalogOpen,       /* xOpen */
  catalogClose,      /* xClose */
  catalogFilter,     /* xFilter */
  catalogNext,       /* xNext */
  catalogEof,        /* xEof */
  catalogColumn,     /* xColumn */
  catalogRowid,      /* xRowid */
  0,                 /* xUpdate */
  0,                 /* xBegin */
  0,                 /* xSync */
  0,                 /* xCommit */
  0,                 /* xRollback */
  0,                 /* xFindFunction */
  0,                 /* xRename */
  0,                 /* xSavepoint */
  0,                 /* xRelease */
  0,                 /* xRollbackTo */
  0,                 /* xShadowName */
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
    int rc = sqlite3_create_module_v2(rs_conn_db(c), tables[i].name, &catalogModule, aux, aux_free);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}
