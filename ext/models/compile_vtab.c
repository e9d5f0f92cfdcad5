/*
** rockset_compile as a table: many models compiled, one parse.
**
**   SELECT node, path, sql FROM rockset_compile('*');
**   SELECT writefile('target/compiled/' || path, sql) FROM rockset_compile('+daily');
**
** ARGUMENTS
**   selection   TEXT, dbt's grammar (docs/running.md); default '*'.
**   options     TEXT, a JSON object: vars, full_refresh, target, defer, favor_state, empty,
**               exclude, raise, tests (data tests, too).
**
** COLUMNS
**   node TEXT (model.shop.orders), kind TEXT, path TEXT (as below dbt's target/compiled), sql TEXT
**   (what dbt writes there), message TEXT (why there is no sql, else warnings).
**
** ERRORS
**   A model that fails is a row without sql, and the others are compiled, as in dbt; "raise": true
**   ends the query there instead. A project that can't be parsed (a template with a syntax error, a
**   ref to nowhere) is an error, likewise as in dbt.
**
** HOW IT WORKS
**   Opening a cursor reads and parses the stored project; each row is compiled when it is asked
**   for, so memory does not grow with the result. An eponymous table: it only reads main.
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY, as everything that may reach an engine.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/project/compile/compile.h"
#include "src/project/artifacts/artifacts.h"
#include "src/project/graph/graph.h"
#include "internal.h"
#include "models.h"

enum { COL_NODE, COL_KIND, COL_PATH, COL_SQL, COL_MESSAGE, COL_SELECTION, COL_OPTIONS };

struct compile_table {
  sqlite3_vtab base;
  struct rs_conn *c;
};

struct compile_cursor {
  sqlite3_vtab_cursor base;
  struct rs_conn *c;
  struct rs_arena arena;
  struct rs_models_options opt;
  struct rs_project *p;
  struct rs_session *session; /* taken when first needed */
  struct rs_inventory *inv;   /* tests: their paths */
  struct rs_node **nodes;
  size_t n, at;
  struct rs_compiled compiled;
  struct rs_error error; /* of this row */
};

static int compileConnect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **ppVtab, char **pzErr)
{
  struct rs_conn *c = aux;
  (void)argc, (void)argv, (void)pzErr;
  int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(node TEXT, kind TEXT, path TEXT, sql TEXT,"
                                    " message TEXT, selection HIDDEN, options HIDDEN)");
  if (rc == SQLITE_OK && !rs_conn_trusted(c)) rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct compile_table *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  t->c = c;
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int compileDisconnect(sqlite3_vtab *pVtab)
{
  rs_free(pVtab);
  return SQLITE_OK;
}

/* idxNum: bit 0 = selection, bit 1 = options. */
static int compileBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  int term[2] = {-1, -1}, n = 0;
  (void)pVtab;
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    if (c->iColumn < COL_SELECTION || c->op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!c->usable) return SQLITE_CONSTRAINT;
    term[c->iColumn - COL_SELECTION] = i;
  }
  for (int i = 0; i < 2; i++) {
    if (term[i] < 0) continue;
    info->idxNum |= 1 << i;
    info->aConstraintUsage[term[i]].argvIndex = ++n;
    info->aConstraintUsage[term[i]].omit = 1;
  }
  info->estimatedCost = 1e9;
  info->estimatedRows = 1000;
  return SQLITE_OK;
}

static int compileOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  struct compile_cursor *cur = rs_calloc(1, sizeof *cur);
  if (cur == NULL) return SQLITE_NOMEM;
  cur->c = ((struct compile_table *)pVtab)->c;
  rs_arena_init(&cur->arena, 0);
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

static void forget_rows(struct compile_cursor *cur)
{
  rs_compiled_free(&cur->compiled);
  rs_conn_done(cur->c, cur->session);
  rs_inventory_free(cur->inv);
  rs_project_free(cur->p);
  rs_free(cur->nodes);
  rs_arena_free(&cur->arena);
  rs_arena_init(&cur->arena, 0);
  cur->session = NULL;
  cur->p = NULL;
  cur->inv = NULL;
  cur->nodes = NULL;
  cur->n = cur->at = 0;
}

static int compileClose(sqlite3_vtab_cursor *pCursor)
{
  struct compile_cursor *cur = (struct compile_cursor *)pCursor;
  forget_rows(cur);
  rs_arena_free(&cur->arena);
  rs_free(cur);
  return SQLITE_OK;
}

static enum rs_code get_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct compile_cursor *cur = ctx;
  enum rs_code rc = RS_OK;
  if (cur->session == NULL) rc = rs_conn_look(cur->c, cur->opt.target, &cur->session, e);
  *ps = cur->session;
  return rc;
}

/* The row at cur->at, or the end. */
static int compile_row(struct compile_cursor *cur)
{
  rs_compiled_free(&cur->compiled);
  if (cur->at >= cur->n) return SQLITE_OK;
  cur->error = (struct rs_error){0};
  const struct rs_context_options opt = {.project = cur->p,
                                         .node = cur->nodes[cur->at],
                                         .execute = true,
                                         .shown = true,
                                         .sessions = {.get = get_session, .ctx = cur},
                                         .is_interrupted = rs_conn_interrupted,
                                         .interrupt_ctx = cur->c};
  enum rs_code rc = rs_compile(&opt, &cur->compiled, &cur->error);
  if (rc == RS_OK || (!cur->opt.raise && rc != RS_CANCELLED && rc != RS_NOMEM)) return SQLITE_OK;
  return rs_vtab_error(cur->base.pVtab, &cur->error);
}

/* Seeds and sources have no text to compile. */
static void keep_queries(struct compile_cursor *cur)
{
  size_t n = 0;
  for (size_t i = 0; i < cur->n; i++)
    if (cur->nodes[i]->type != RS_NODE_SOURCE && cur->nodes[i]->type != RS_NODE_SEED)
      cur->nodes[n++] = cur->nodes[i];
  cur->n = n;
}

static enum rs_code load_project(struct compile_cursor *cur, const char *selection,
                                 const char *options, struct rs_error *e)
{
  static const char fn[] = "rockset_compile";
  struct rs_models_options *o = &cur->opt;
  struct rs_buf warnings;
  bool tests = false;
  *o = (struct rs_models_options){.raise = false};
  const struct rs_option table[] = {RS_MODELS_OPTIONS(o),
                                    RS_DEFER_OPTIONS(o),
                                    {"exclude", RS_OPT_TEXT, &o->exclude, NULL},
                                    {"raise", RS_OPT_BOOL, &o->raise, NULL},
                                    {"tests", RS_OPT_BOOL, &tests, NULL}};
  rs_buf_init(&warnings, RS_ERROR_MAX);
  enum rs_code rc = rs_options_read(options, table, sizeof table / sizeof *table, fn, &cur->arena,
                                    e);
  if (rc == RS_OK) rc = rs_models_load(cur->c, rs_conn_db(cur->c), fn, o, &cur->p, e);
  if (rc == RS_OK) {
    rc = rs_project_parse(cur->p, NULL, e);
    const struct rs_selection sel = {.text = selection != NULL ? selection : "*",
                                     .exclude = o->exclude};
    unsigned types = 1U << RS_NODE_MODEL | 1U << RS_NODE_ANALYSIS |
                     (tests ? 1U << RS_NODE_TEST : 0);
    if (rc == RS_OK) rc = rs_inventory_make(cur->p, &cur->inv, e);
    if (rc == RS_OK)
      rc = rs_select_nodes(cur->inv, &sel, types, &cur->nodes, &cur->n, &warnings, e);
    if (rc == RS_OK)
      rc = rs_models_defer(cur->c, rs_conn_db(cur->c), fn, o, cur->p, cur->nodes, cur->n, e);
    if (rc != RS_OK && !rs_error_names_node(e)) rs_error_prefix(e, "%s", fn);
  }
  rs_buf_free(&warnings);
  if (rc == RS_OK) {
    keep_queries(cur);
    cur->p->selected = cur->nodes;
    cur->p->nselected = cur->n;
  }
  return rc;
}

static int compileFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                         sqlite3_value **argv)
{
  struct compile_cursor *cur = (struct compile_cursor *)pCursor;
  struct rs_error e = {0};
  int i = 0;
  (void)idxStr, (void)argc;
  const char *selection = idxNum & 1 ? (const char *)sqlite3_value_text(argv[i++]) : NULL;
  const char *options = idxNum & 2 ? (const char *)sqlite3_value_text(argv[i]) : NULL;
  forget_rows(cur);
  if (load_project(cur, selection, options, &e) != RS_OK) return rs_vtab_error(pCursor->pVtab, &e);
  return compile_row(cur);
}

static int compileNext(sqlite3_vtab_cursor *pCursor)
{
  struct compile_cursor *cur = (struct compile_cursor *)pCursor;
  cur->at++;
  return compile_row(cur);
}

static int compileEof(sqlite3_vtab_cursor *pCursor)
{
  const struct compile_cursor *cur = (struct compile_cursor *)pCursor;
  return cur->at >= cur->n;
}

/* package/models/staging/orders.sql; a row without a file gets the one that export would make. */
static void put_path(sqlite3_context *ctx, struct compile_cursor *cur, const struct rs_node *n)
{
  if (n->type == RS_NODE_TEST && n->test->test != NULL) {
    const char *name = rs_test_short_name(&cur->arena, n->test);
    char *path = name == NULL
                   ? NULL
                   : sqlite3_mprintf("%s/%s/%s.sql", n->package,
                                     n->row.path != NULL ? n->row.path : "models/schema.yml", name);
    if (path != NULL) sqlite3_result_text(ctx, path, -1, sqlite3_free);
    else sqlite3_result_error_nomem(ctx);
    return;
  }
  const char *folder = n->row.folder != NULL ? n->row.folder : "";
  char *text = n->row.path != NULL
                 ? sqlite3_mprintf("%s/%s", n->package, n->row.path)
                 : sqlite3_mprintf("%s/%s/%s%s%s.sql", n->package,
                                   n->type == RS_NODE_ANALYSIS ? "analyses" : "models", folder,
                                   *folder != 0 ? "/" : "", n->name);
  if (text != NULL) sqlite3_result_text(ctx, text, -1, sqlite3_free);
  else sqlite3_result_error_nomem(ctx);
}

static int compileColumn(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int col)
{
  struct compile_cursor *cur = (struct compile_cursor *)pCursor;
  const struct rs_node *n = cur->nodes[cur->at];
  const bool good = cur->compiled.text != NULL;
  switch (col) {
    case COL_NODE: sqlite3_result_text(ctx, n->unique_id, -1, SQLITE_TRANSIENT); break;
    case COL_KIND: sqlite3_result_text(ctx, n->config.materialized, -1, SQLITE_TRANSIENT); break;
    case COL_PATH: put_path(ctx, cur, n); break;
    case COL_SQL:
      if (good) sqlite3_result_text(ctx, cur->compiled.text, -1, SQLITE_TRANSIENT);
      break;
    case COL_MESSAGE:
      sqlite3_result_text(ctx, good ? cur->compiled.warnings : cur->error.text, -1,
                          SQLITE_TRANSIENT);
      break;
    default: break;
  }
  return SQLITE_OK;
}

static int compileRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *rowid)
{
  *rowid = (sqlite3_int64)((struct compile_cursor *)pCursor)->at + 1;
  return SQLITE_OK;
}

static const sqlite3_module compile_module = {.xConnect = compileConnect,
                                              .xBestIndex = compileBestIndex,
                                              .xDisconnect = compileDisconnect,
                                              .xOpen = compileOpen,
                                              .xClose = compileClose,
                                              .xFilter = compileFilter,
                                              .xNext = compileNext,
                                              .xEof = compileEof,
                                              .xColumn = compileColumn,
                                              .xRowid = compileRowid};

int rs_compile_register(struct rs_conn *c)
{
  rs_conn_ref(c); // rs_conn_module calls the destructor on failure, too
  return rs_conn_module(c, "rockset_compile", &compile_module, c, rs_conn_unref);
}
