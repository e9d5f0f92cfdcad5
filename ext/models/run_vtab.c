/*
** rockset_run and its kin: nodes are run in the order of their graph.
**
**   SELECT * FROM rockset_run(selection [, options])     one row per model, as it finishes
**   SELECT rockset_run(selection [, options])            runs to the end; a JSON summary
**
** rockset_test, rockset_seed, rockset_snapshot, rockset_build, rockset_freshness, rockset_clone
** alike;
** rockset_retry([options]) does again what failed or was skipped in the last of these.
**
** ARGUMENTS
**   selection   TEXT, dbt's grammar (docs/running.md): 'daily', '+daily', 'tag:nightly', '*'.
**   options     TEXT, a JSON object: full_refresh, vars, threads, fail_fast, exclude, raise,
**               store_failures, warn_error, progress, target, defer, favor_state, empty, selector,
**               indirect_selection (docs/running.md).
**
** COLUMNS
**   node TEXT, kind TEXT, status TEXT (success, error, skipped; of tests pass, warn, fail), rows
**   INTEGER, ms REAL, message TEXT; where tests run also failures INTEGER.
**
** ERRORS
**   Rows first, then an SQL error when a node failed ("raise": false: none). Without a selection,
**   with an unknown model, inside BEGIN ... COMMIT: an error before anything runs. An interrupt
**   stops the engine, records the rest as skipped and ends with SQLITE_INTERRUPT.
**
** HOW IT WORKS
**   The table is a temp virtual table made at load, since a table-valued function in main would
**   hold a read transaction there for the whole run. A cursor runs once: filtered again with the
**   same arguments (the inner side of a join) it replays its rows. Closed early it cancels the
**   rest.
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY, and in the temp schema: no view or trigger of a file reaches it.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

enum {
  COL_NODE,
  COL_KIND,
  COL_STATUS,
  COL_ROWS,
  COL_MS,
  COL_MESSAGE,
  COL_FAILURES, /* hidden columns first in tables that lack it */
  COL_SELECTION,
  COL_OPTIONS
};

struct run_table {
  sqlite3_vtab base;
  struct rs_conn *c;
  const struct rs_command *command;
  bool is_substitute; /* eponymous: only there to say that the temp table is missing */
};

struct run_cursor {
  sqlite3_vtab_cursor base;
  struct rs_job *job;
  char *selection, *options; /* of the job */
  size_t at;
  const struct rs_result *result; /* NULL at the end */
};

/* ---- table ----------------------------------------------------------------------------------- */

static int connect_table(sqlite3 *db, void *aux, bool is_substitute, sqlite3_vtab **ppVtab)
{
  const struct rs_module_aux *m = aux;
  const struct rs_command *command = m->what;
  struct rs_conn *c = m->c;
  int rc = sqlite3_declare_vtab(
    db, command->failures
          ? "CREATE TABLE x(node TEXT, kind TEXT, status TEXT, rows INTEGER, ms REAL, message TEXT,"
            " failures INTEGER, selection HIDDEN, options HIDDEN)"
          : "CREATE TABLE x(node TEXT, kind TEXT, status TEXT, rows INTEGER, ms REAL, message TEXT,"
            " selection HIDDEN, options HIDDEN)");
  if (rc == SQLITE_OK && !rs_conn_trusted(c)) rc = sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  if (rc != SQLITE_OK) return rc;
  struct run_table *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return SQLITE_NOMEM;
  t->c = c;
  t->command = command;
  t->is_substitute = is_substitute;
  *ppVtab = &t->base;
  return SQLITE_OK;
}

static int runConnect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                      sqlite3_vtab **ppVtab, char **pzErr)
{
  (void)argc, (void)argv, (void)pzErr;
  return connect_table(db, aux, false, ppVtab);
}

/* Another function than xConnect: otherwise the module would be a table of its own, in main. */
static int runCreate(sqlite3 *db, void *aux, int argc, const char *const *argv,
                     sqlite3_vtab **ppVtab, char **pzErr)
{
  return runConnect(db, aux, argc, argv, ppVtab, pzErr);
}

static int substituteConnect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                             sqlite3_vtab **ppVtab, char **pzErr)
{
  (void)argc, (void)argv, (void)pzErr;
  return connect_table(db, aux, true, ppVtab);
}

static int runDisconnect(sqlite3_vtab *pVtab)
{
  rs_free(pVtab);
  return SQLITE_OK;
}

/* idxNum: bit 0 = selection, bit 1 = options. An argument that is not known yet (it comes from a
** table that would have to be read first) makes the plan unusable. */
static int runBestIndex(sqlite3_vtab *pVtab, sqlite3_index_info *info)
{
  int term[2] = {-1, -1};
  const struct run_table *t = (const struct run_table *)pVtab;
  int first = t->command->failures ? COL_SELECTION : COL_FAILURES;
  for (int i = 0; i < info->nConstraint; i++) {
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    if (c->iColumn < first || c->op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!c->usable) return SQLITE_CONSTRAINT;
    term[c->iColumn - first] = i;
  }
  int n = 0;
  for (int i = 0; i < 2; i++) {
    if (term[i] < 0) continue;
    info->idxNum |= 1 << i;
    info->aConstraintUsage[term[i]].argvIndex = ++n;
    info->aConstraintUsage[term[i]].omit = 1;
  }
  // It must never be run more often than it has to: outermost in every join
  info->estimatedCost = 1e12;
  info->estimatedRows = 100;
  return SQLITE_OK;
}

/* ---- cursor ---------------------------------------------------------------------------------- */

static int runOpen(sqlite3_vtab *pVtab, sqlite3_vtab_cursor **ppCursor)
{
  (void)pVtab;
  struct run_cursor *cur = rs_calloc(1, sizeof *cur);
  if (cur == NULL) return SQLITE_NOMEM;
  *ppCursor = &cur->base;
  return SQLITE_OK;
}

static void forget_job(struct run_cursor *cur)
{
  rs_job_free(cur->job);
  rs_free(cur->selection);
  rs_free(cur->options);
  cur->job = NULL;
  cur->selection = cur->options = NULL;
  cur->result = NULL;
}

static int runClose(sqlite3_vtab_cursor *pCursor)
{
  struct run_cursor *cur = (struct run_cursor *)pCursor;
  forget_job(cur);
  rs_free(cur);
  return SQLITE_OK;
}

static int fetch_result(struct run_cursor *cur)
{
  struct rs_error e = {0};
  enum rs_code rc = rs_job_result(cur->job, cur->at, &cur->result, &e);
  if (rc == RS_OK) return SQLITE_OK;
  cur->result = NULL;
  return rc == RS_DONE ? SQLITE_OK : rs_vtab_error(cur->base.pVtab, &e);
}

static int start_job(struct run_cursor *cur, const char *selection, const char *options)
{
  struct run_table *t = (struct run_table *)cur->base.pVtab;
  struct rs_error e = {0};
  forget_job(cur);
  enum rs_code rc = RS_OK;
  if (t->is_substitute)
    rc = rs_fail(&e, RS_NOT_FOUND,
                 "%s: its temp table is gone: CREATE VIRTUAL TABLE temp.%s USING %s_module",
                 t->command->fn, t->command->fn, t->command->fn);
  if (rc == RS_OK) rc = rs_job_start(t->c, t->command, selection, options, &cur->job, &e);
  if (rc != RS_OK) return rs_vtab_error(&t->base, &e);
  cur->selection = rs_strdup(selection);
  cur->options = rs_strdup(options);
  return (selection != NULL && cur->selection == NULL) || (options != NULL && cur->options == NULL)
           ? SQLITE_NOMEM
           : SQLITE_OK;
}

static int runFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                     sqlite3_value **argv)
{
  struct run_cursor *cur = (struct run_cursor *)pCursor;
  int i = 0, rc = SQLITE_OK;
  (void)idxStr, (void)argc;
  const char *selection = idxNum & 1 ? (const char *)sqlite3_value_text(argv[i++]) : NULL;
  const char *options = idxNum & 2 ? (const char *)sqlite3_value_text(argv[i]) : NULL;
  cur->at = 0;
  if (cur->job == NULL || !rs_eq(cur->selection, selection) || !rs_eq(cur->options, options))
    rc = start_job(cur, selection, options);
  return rc == SQLITE_OK ? fetch_result(cur) : rc;
}

static int runNext(sqlite3_vtab_cursor *pCursor)
{
  struct run_cursor *cur = (struct run_cursor *)pCursor;
  cur->at++;
  return fetch_result(cur);
}

static int runEof(sqlite3_vtab_cursor *pCursor)
{
  return ((struct run_cursor *)pCursor)->result == NULL;
}

static void put_message(sqlite3_context *ctx, const struct rs_result *r)
{
  if (r->warning == NULL) {
    sqlite3_result_text(ctx, r->message, -1, SQLITE_TRANSIENT);
    return;
  }
  char *text = sqlite3_mprintf("%s; warning: %s", r->message != NULL ? r->message : "", r->warning);
  if (text != NULL) sqlite3_result_text(ctx, text, -1, sqlite3_free);
  else sqlite3_result_error_nomem(ctx);
}

static int runColumn(sqlite3_vtab_cursor *pCursor, sqlite3_context *ctx, int col)
{
  struct run_cursor *cur = (struct run_cursor *)pCursor;
  const struct run_table *t = (const struct run_table *)pCursor->pVtab;
  const struct rs_result *r = cur->result;
  if (!t->command->failures && col >= COL_FAILURES) col++;
  switch (col) {
    case COL_NODE: sqlite3_result_text(ctx, r->node->name, -1, SQLITE_TRANSIENT); break;
    case COL_KIND: sqlite3_result_text(ctx, r->kind, -1, SQLITE_TRANSIENT); break;
    case COL_STATUS: sqlite3_result_text(ctx, rs_result_status(r), -1, SQLITE_STATIC); break;
    case COL_ROWS:
      if (r->rows >= 0) sqlite3_result_int64(ctx, r->rows);
      break;
    case COL_MS:
      if (r->started_us != 0) sqlite3_result_double(ctx, r->ms);
      break;
    case COL_MESSAGE: put_message(ctx, r); break;
    case COL_FAILURES:
      if (r->failures >= 0) sqlite3_result_int64(ctx, r->failures);
      break;
    case COL_SELECTION: sqlite3_result_text(ctx, cur->selection, -1, SQLITE_TRANSIENT); break;
    default: sqlite3_result_text(ctx, cur->options, -1, SQLITE_TRANSIENT);
  }
  return SQLITE_OK;
}

static int runRowid(sqlite3_vtab_cursor *pCursor, sqlite3_int64 *rowid)
{
  *rowid = (sqlite3_int64)((struct run_cursor *)pCursor)->at + 1;
  return SQLITE_OK;
}

#define METHODS                                                                                   \
  .xBestIndex = runBestIndex, .xDisconnect = runDisconnect, .xOpen = runOpen, .xClose = runClose, \
  .xFilter = runFilter, .xNext = runNext, .xEof = runEof, .xColumn = runColumn, .xRowid = runRowid
static const sqlite3_module table_module = {
  .xCreate = runCreate, .xConnect = runConnect, .xDestroy = runDisconnect, METHODS};
static const sqlite3_module substitute_module = {.xConnect = substituteConnect, METHODS};

/* ---- function -------------------------------------------------------------------------------- */

static void run_command(sqlite3_context *ctx, int argc, sqlite3_value **argv,
                        const struct rs_command *command)
{
  const char *fn = command->fn;
  struct rs_error e = {0};
  struct rs_job *job = NULL;
  const struct rs_result *r;
  const char *selection = NULL, *options = NULL;
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_optional(argc, argv, 0, fn, command->again ? "options" : "selection",
                                    &selection, &e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "options", &options, &e);
  if (rc == RS_OK) rc = rs_job_start(rs_conn_of(ctx), command, selection, options, &job, &e);
  for (size_t i = 0; rc == RS_OK; i++) rc = rs_job_result(job, i, &r, &e);
  if (rc == RS_DONE) {
    rs_job_json(job, &json);
    rc = rs_buf_error(&json, &e, fn);
  }
  rs_models_give(ctx, NULL, &json, true, rc, &e);
  rs_job_free(job);
}

/* A function has no room for more than its connection: one for each command. */
#define COMMANDS(X) X(run) X(test) X(seed) X(snapshot) X(build) X(freshness) X(clone) X(retry)
#define FUNCTION(name)                                                        \
  static void name##_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv) \
  {                                                                           \
    run_command(ctx, argc, argv, rs_command_find(#name));                     \
  }
COMMANDS(FUNCTION)

static int add_module(struct rs_conn *c, const struct rs_command *command, const char *suffix,
                      const sqlite3_module *module)
{
  char *name = rs_mprintf("%s%s", command->fn, suffix);
  int rc = name != NULL ? rs_conn_module_of(c, name, module, command) : SQLITE_NOMEM;
  rs_free(name);
  return rc;
}

static int add_command(struct rs_conn *c, const struct rs_command *command,
                       void (*fn)(sqlite3_context *, int, sqlite3_value **))
{
  const struct rs_function function = {command->fn, 0, command->again ? 1 : 2, fn};
  int rc = rs_conn_functions(c, &function, 1);
  if (rc == SQLITE_OK) rc = add_module(c, command, "_module", &table_module);
  // Found only when no table of that name is: SQLite looks at eponymous modules last
  if (rc == SQLITE_OK) rc = add_module(c, command, "", &substitute_module);
  if (rc != SQLITE_OK) return rc;
  /* Making a table reads the schema of main, which may be locked, encrypted or no database at all:
  ** the extension loads all the same, and the substitute says what is missing. */
  char *sql = rs_mprintf("CREATE VIRTUAL TABLE IF NOT EXISTS temp.%s USING %s_module", command->fn,
                         command->fn);
  if (sql == NULL) return SQLITE_NOMEM;
  sqlite3_exec(rs_conn_db(c), sql, NULL, NULL, NULL);
  rs_free(sql);
  return SQLITE_OK;
}

int rs_run_register(struct rs_conn *c)
{
  int rc = SQLITE_OK;
#define REGISTER(name) \
  if (rc == SQLITE_OK) rc = add_command(c, rs_command_find(#name), name##_fn);
  COMMANDS(REGISTER)
  return rc;
}
