/*
** The virtual table over a computed list (list_vtab.h).
**
** Eponymous-only. idxNum: bits 0 and 1 are the arguments (hidden columns, consumed), bits 2 and 3
** the terms on the first columns, which SQLite checks again.
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: templates of the rows are rendered, which views and triggers of a
**   database file can't cause; temp views can.
*/
#include "list_vtab.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"
#include "ext/base/args.h"

static const struct list_table {
  const char *name, *columns;
  const char *arguments; /* hidden columns */
  size_t ncolumns, nargs, nterms;
  rs_list_fill *fill;
} tables[] = {
  {"rockset_ls",
   "unique_id TEXT, resource_type TEXT, name TEXT, package TEXT, path TEXT, kind TEXT, relation "
   "TEXT, tags TEXT, config TEXT, description TEXT, depends_on TEXT, error TEXT",
   "selection HIDDEN, options HIDDEN", 12, 2, 0, rs_list_ls},
  {"rockset_graph", "parent TEXT, child TEXT, parent_type TEXT, child_type TEXT", NULL, 4, 0, 2,
   rs_list_graph},
  {"rockset_lineage", "node TEXT, ancestor TEXT, distance INTEGER, ancestor_type TEXT", NULL, 4, 0,
   2, rs_list_lineage},
  {"rockset_plan",
   "unique_id TEXT, node TEXT, kind TEXT, relation TEXT, change TEXT, reason TEXT, last_built TEXT",
   "selection HIDDEN, options HIDDEN", 7, 2, 0, rs_list_plan},
  {"rockset_diff", "part TEXT, name TEXT, change TEXT, old TEXT, new TEXT",
   "model HIDDEN, target HIDDEN", 5, 2, 0, rs_list_diff},
  {"rockset_explain",
   "name TEXT, target TEXT, engine TEXT, sql TEXT, exact TEXT, rechecked TEXT, local TEXT, "
   "ordering TEXT, limited TEXT, rows INTEGER, cost INTEGER",
   "statement HIDDEN", 11, 1, 0, rs_list_explain},
};

/* ---- a list --------------------------------------------------------------------------------- */

struct rs_list_cell *rs_list_row(struct rs_list *l)
{
  if (!rs_grow(&l->cells, &l->cap, (l->nrows + 1) * l->ncolumns, sizeof *l->cells)) return NULL;
  struct rs_list_cell *row = &l->cells[l->nrows++ * l->ncolumns];
  memset(row, 0, l->ncolumns * sizeof *row);
  return row;
}

bool rs_list_text(struct rs_list *l, struct rs_list_cell *cell, const char *s)
{
  if (s == NULL) return true;
  cell->kind = RS_LIST_TEXT;
  cell->s = rs_arena_strdup(&l->arena, s);
  return cell->s != NULL;
}

void rs_list_int(struct rs_list_cell *cell, int64_t i)
{
  cell->kind = RS_LIST_INT;
  cell->i = i;
}

/* ---- the table ------------------------------------------------------------------------------ */

struct list_aux {
  const struct list_table *table;
  struct rs_conn *c;
};

struct list_vtab {
  sqlite3_vtab base;
  const struct list_table *table;
  struct rs_conn *c;
};

struct list_cursor {
  sqlite3_vtab_cursor base;
  struct rs_list list;
  size_t at;
};

static int listConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                       sqlite3_vtab **ppVtab, char **pzErr)
{
  const struct list_aux *aux = pAux;
  (void)argc, (void)argv, (void)pzErr;
  char *sql = sqlite3_mprintf("CREATE TABLE x(%s%s%s)", aux->table->columns,
                              aux->table->arguments != NULL ? ", " : "",
                              aux->table->arguments != NULL ? aux->table->arguments : "");
  if (sql == NULL) return SQLITE_NOMEM;
  int rc = sqlite3_declare_vtab(db, sql);
  sqlite3_free(sql);
  if (rc == SQLITE_OK && !rs_conn_trusted(aux->c))
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct list_vtab *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  t->table = aux->table;
  t->c = aux->c;
  rs_conn_ref(t->c);
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int listDisconnect(sqlite3_vtab *pVtab)
{
  struct list_vtab *t = (struct list_vtab *)pVtab;
  rs_conn_unref(t->c);
  rs_free(t);
  return SQLITE_OK;
}

static int listBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  const struct list_table *table = ((struct list_vtab *)pVtab)->table;
  int found[4] = {-1, -1, -1, -1}, next = 0;
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    if (c->op != SQLITE_INDEX_CONSTRAINT_EQ || c->iColumn < 0) continue;
    int arg = c->iColumn - (int)table->ncolumns;
    if (arg >= 0 && !c->usable) return SQLITE_CONSTRAINT;
    if (arg >= 0) found[arg] = i;
    else if (c->iColumn < (int)table->nterms && c->usable &&
             rs_eq(sqlite3_vtab_collation(info, i), "BINARY"))
      found[2 + c->iColumn] = i;
  }
  info->estimatedCost = 1e6;
  info->estimatedRows = 1000;
  for (int i = 0; i < 4; i++) {
    if (found[i] < 0) continue;
    info->idxNum |= 1 << i;
    info->aConstraintUsage[found[i]].argvIndex = ++next;
    info->aConstraintUsage[found[i]].omit = i < 2;
    if (i >= 2) info->estimatedCost /= 10, info->estimatedRows /= 10;
  }
  return SQLITE_OK;
}

static int listOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  const struct list_vtab *t = (struct list_vtab *)pVtab;
  struct list_cursor *cur = rs_calloc(1, sizeof *cur);
  if (cur == NULL) return SQLITE_NOMEM;
  cur->list.c = t->c;
  cur->list.name = t->table->name;
  cur->list.ncolumns = t->table->ncolumns;
  rs_arena_init(&cur->list.arena, 0);
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

static int listClose(sqlite3_vtab_cursor *pCursor)
{
  struct list_cursor *cur = (struct list_cursor *)pCursor;
  rs_arena_free(&cur->list.arena);
  rs_free(cur->list.cells);
  rs_free(cur);
  return SQLITE_OK;
}

static enum rs_code read_argument(struct rs_list *l, const struct list_table *t, int i,
                                  sqlite3_value *v, struct rs_error *e)
{
  static const char *const names[] = {"first argument", "second argument"};
  const char *text = NULL;
  bool is_term = i >= 2;
  // A term that is no text matches no row; SQLite finds that out itself
  if (sqlite3_value_type(v) == SQLITE_NULL || (is_term && sqlite3_value_type(v) != SQLITE_TEXT))
    return RS_OK;
  enum rs_code rc = rs_arg_text(v, t->name, is_term ? "term" : names[i], &text, e);
  if (rc != RS_OK) return rc;
  const char *copy = rs_arena_strdup(&l->arena, text);
  if (copy == NULL) return rs_nomem(e);
  if (is_term) l->terms[i - 2] = copy;
  else l->args[i] = copy;
  return RS_OK;
}

static int listFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                      sqlite3_value **argv)
{
  struct list_cursor *cur = (struct list_cursor *)pCursor;
  struct list_vtab *t = (struct list_vtab *)pCursor->pVtab;
  struct rs_list *l = &cur->list;
  struct rs_error e = {0};
  enum rs_code rc = RS_OK;
  int next = 0;
  (void)idxStr, (void)argc;
  rs_arena_free(&l->arena);
  memset(l->args, 0, sizeof l->args);
  memset(l->terms, 0, sizeof l->terms);
  l->nrows = 0;
  cur->at = 0;
  for (int i = 0; rc == RS_OK && i < 4; i++)
    if (idxNum & 1 << i) rc = read_argument(l, t->table, i, argv[next++], &e);
  if (rc == RS_OK) rc = t->table->fill(l, &e);
  if (rc == RS_OK) return SQLITE_OK;
  if (rc != RS_NOMEM && !rs_error_names_node(&e)) (void)rs_arg_prefix(&e, t->table->name);
  return rs_vtab_error(&t->base, &e);
}

static int listNext(sqlite3_vtab_cursor *pCursor)
{
  ((struct list_cursor *)pCursor)->at++;
  return SQLITE_OK;
}

static int listEof(sqlite3_vtab_cursor *pCursor)
{
  const struct list_cursor *cur = (const struct list_cursor *)pCursor;
  return cur->at >= cur->list.nrows;
}

static int listColumn(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int col)
{
  const struct list_cursor *cur = (const struct list_cursor *)pCursor;
  const struct rs_list *l = &cur->list;
  if ((size_t)col >= l->ncolumns) {
    sqlite3_result_text(ctx, l->args[(size_t)col - l->ncolumns], -1, SQLITE_TRANSIENT);
    return SQLITE_OK;
  }
  const struct rs_list_cell *cell = &l->cells[cur->at * l->ncolumns + (size_t)col];
  if (cell->kind == RS_LIST_INT) sqlite3_result_int64(ctx, cell->i);
  else if (cell->kind == RS_LIST_TEXT) sqlite3_result_text(ctx, cell->s, -1, SQLITE_TRANSIENT);
  return SQLITE_OK;
}

static int listRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *pRowid)
{
  *pRowid = (sqlite3_int64)((struct list_cursor *)pCursor)->at + 1;
  return SQLITE_OK;
}

static const sqlite3_module listModule = {
  /* xCreate is missing: eponymous only */
  .xConnect = listConnect,
  .xBestIndex = listBestIndex,
  .xDisconnect = listDisconnect,
  .xOpen = listOpen,
  .xClose = listClose,
  .xFilter = listFilter,
  .xNext = listNext,
  .xEof = listEof,
  .xColumn = listColumn,
  .xRowid = listRowid,
};

static void aux_free(void *p)
{
  struct list_aux *aux = p;
  rs_conn_unref(aux->c);
  rs_free(aux);
}

int rs_list_register(struct rs_conn *c)
{
  for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
    struct list_aux *aux = rs_malloc(sizeof *aux);
    if (aux == NULL) return SQLITE_NOMEM;
    *aux = (struct list_aux){&tables[i], c};
    rs_conn_ref(c);
    int rc = rs_conn_module(c, tables[i].name, &listModule, aux, aux_free);
    if (rc != SQLITE_OK) return rc;
  }
  return SQLITE_OK;
}
