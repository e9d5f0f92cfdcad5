/*
** The virtual table over a computed list (list.h).
**
** Eponymous-only. idxNum: bits 0 and 1 are the arguments (hidden columns, consumed); in a table
** that has none, the terms on the first columns, which SQLite checks again. Bit 2: the last column
** is HIDDEN, and the statement uses it.
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: views and triggers of a database file can't read them, nor cause what
**   they do (rendering templates, asking the target); temp views can.
*/
#include "list.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "args.h"

/* ---- a list ---------------------------------------------------------------------------------- */

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

void rs_list_count(struct rs_list_cell *cell, int64_t i)
{
  if (i >= 0) rs_list_int(cell, i);
}

struct rs_list_cell *rs_list_add(struct rs_list *l, const char *const *texts, size_t n)
{
  struct rs_list_cell *row = rs_list_row(l);
  for (size_t i = 0; row != NULL && i < n; i++)
    if (!rs_list_text(l, &row[i], texts[i])) return NULL;
  return row;
}

/* ---- the table ------------------------------------------------------------------------------- */

struct list {
  sqlite3_vtab base;
  const struct rs_list_table *table;
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
  const struct rs_module_aux *aux = pAux;
  const struct rs_list_table *table = aux->what;
  (void)argc, (void)argv, (void)pzErr;
  char *sql = sqlite3_mprintf("CREATE TABLE x(%s%s%s)", table->columns,
                              table->arguments != NULL ? ", " : "",
                              table->arguments != NULL ? table->arguments : "");
  if (sql == NULL) return SQLITE_NOMEM;
  int rc = sqlite3_declare_vtab(db, sql);
  sqlite3_free(sql);
  if (rc == SQLITE_OK && !rs_conn_trusted(aux->c))
    rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct list *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  t->table = table;
  t->c = aux->c;
  rs_conn_ref(t->c);
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int listDisconnect(sqlite3_vtab *pVtab)
{
  struct list *t = (struct list *)pVtab;
  rs_conn_unref(t->c);
  rs_free(t);
  return SQLITE_OK;
}

#define DEAR (1 << RS_LIST_ARGUMENTS) /* of idxNum */

static bool uses_dear(const struct rs_list_table *t, const sqlite3_index_info *info)
{
  static const char hidden[] = " HIDDEN";
  const size_t n = strlen(t->columns), end = sizeof hidden - 1;
  return n > end && rs_eq(t->columns + n - end, hidden) &&
         (info->colUsed >> (t->ncolumns - 1) & 1) != 0;
}

static int listBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  const struct rs_list_table *table = ((struct list *)pVtab)->table;
  const bool has_arguments = table->arguments != NULL;
  int found[RS_LIST_ARGUMENTS] = {-1, -1}, next = 0;
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    if (c->op != SQLITE_INDEX_CONSTRAINT_EQ || c->iColumn < 0) continue;
    int k = has_arguments ? c->iColumn - (int)table->ncolumns : c->iColumn;
    if (has_arguments && k >= 0 && !c->usable) return SQLITE_CONSTRAINT;
    if (k < 0 || (!has_arguments && (k >= (int)table->nterms || !c->usable || found[k] >= 0)))
      continue;
    // an engine's names need not compare as NOCASE or RTRIM do
    if (has_arguments || rs_eq(sqlite3_vtab_collation(info, i), "BINARY")) found[k] = i;
  }
  if (uses_dear(table, info)) info->idxNum |= DEAR;
  info->estimatedCost = 1e6;
  info->estimatedRows = 1000;
  for (int i = 0; i < RS_LIST_ARGUMENTS; i++) {
    if (found[i] < 0) continue;
    info->idxNum |= 1 << i;
    info->aConstraintUsage[found[i]].argvIndex = ++next;
    info->aConstraintUsage[found[i]].omit = has_arguments;
    if (!has_arguments) info->estimatedCost /= 10, info->estimatedRows /= 10;
  }
  return SQLITE_OK;
}

static int listOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  const struct list *t = (struct list *)pVtab;
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

static enum rs_code read_argument(struct rs_list *l, const struct rs_list_table *t, int i,
                                  sqlite3_value *v, struct rs_error *e)
{
  static const char *const names[] = {"first argument", "second argument"};
  const char **to = t->arguments != NULL ? &l->args[i] : &l->terms[i], *text = NULL;
  enum rs_code rc = RS_OK;
  if (sqlite3_value_type(v) == SQLITE_NULL) return RS_OK;
  if (t->arguments != NULL) {
    rc = rs_arg_text(v, t->name, names[i], &text, e);
  } else {
    // a term that is no text is not passed on: SQLite compares it with each row itself
    if (sqlite3_value_type(v) != SQLITE_TEXT) return RS_OK;
    text = (const char *)sqlite3_value_text(v);
  }
  if (rc != RS_OK) return rc;
  *to = text != NULL ? rs_arena_strdup(&l->arena, text) : NULL;
  return *to != NULL ? RS_OK : rs_nomem(e);
}

static int listFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                      sqlite3_value **argv)
{
  struct list_cursor *cur = (struct list_cursor *)pCursor;
  struct list *t = (struct list *)pCursor->pVtab;
  struct rs_list *l = &cur->list;
  struct rs_error e = {0};
  enum rs_code rc = RS_OK;
  int next = 0;
  (void)idxStr, (void)argc;
  rs_arena_free(&l->arena);
  memset(l->args, 0, sizeof l->args);
  memset(l->terms, 0, sizeof l->terms);
  l->nrows = 0;
  l->dear = (idxNum & DEAR) != 0;
  l->e = &e;
  cur->at = 0;
  for (int i = 0; rc == RS_OK && i < RS_LIST_ARGUMENTS; i++)
    if (idxNum & 1 << i) rc = read_argument(l, t->table, i, argv[next++], &e);
  if (rc == RS_OK && t->table->asks) rc = rs_conn_session(t->c, false, &l->session, &e);
  if (rc == RS_OK) rc = t->table->fill(l, &e);
  rs_conn_done(t->c, l->session);
  l->session = NULL;
  l->e = NULL;
  if (rc == RS_OK) return SQLITE_OK;
  bool named = t->table->names != NULL && t->table->names(&e);
  if (rc != RS_NOMEM && !named) (void)rs_arg_prefix(&e, t->table->name);
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
  else if (cell->kind == RS_LIST_REAL) sqlite3_result_double(ctx, cell->f);
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

int rs_list_register(struct rs_conn *c, const struct rs_list_table *tables, size_t n)
{
  int rc = SQLITE_OK;
  for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
    rc = rs_conn_module_of(c, tables[i].name, &listModule, &tables[i]);
  return rc;
}
