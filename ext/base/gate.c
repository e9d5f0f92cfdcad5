/*
** What each function and table does, their registration, and the gate in front of them (gate.h).
*/
#include "gate.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"

/* ---- what each does: the one table ----------------------------------------------------------- */

#define BUILDS (RS_READS_TARGET | RS_WRITES_TARGET | RS_WRITES_SQLITE)

static const struct rs_class {
  const char *name;
  unsigned does; /* enum rs_does */
} classes[] = {
  {"rockset", RS_OWN | RS_READS_TARGET},
  {"rockset_active_queries", RS_READS_TARGET},
  {"rockset_aliases", RS_READS_TARGET},
  {"rockset_analyze", RS_READS_TARGET | RS_WRITES_SQLITE},
  {"rockset_artifacts", RS_FILES | RS_READS_TARGET},
  {"rockset_attach", RS_READS_TARGET | RS_WRITES_SQLITE},
  {"rockset_backup", RS_FILES | RS_READS_TARGET},
  {"rockset_build", BUILDS},
  {"rockset_cache_memory", RS_SETS},
  {"rockset_clone", BUILDS},
  {"rockset_collections", RS_READS_TARGET},
  {"rockset_columns", RS_READS_TARGET},
  {"rockset_compile", RS_READS_TARGET},
  {"rockset_create_alias", RS_WRITES_TARGET},
  {"rockset_create_collection", RS_WRITES_TARGET},
  {"rockset_create_query_lambda", RS_WRITES_TARGET},
  {"rockset_create_workspace", RS_WRITES_TARGET},
  {"rockset_debug", RS_READS_TARGET},
  {"rockset_detach", RS_WRITES_SQLITE},
  {"rockset_diff", RS_READS_TARGET},
  {"rockset_docs_generate", RS_FILES},
  {"rockset_drop_alias", RS_WRITES_TARGET},
  {"rockset_drop_collection", RS_WRITES_TARGET},
  {"rockset_drop_query_lambda", RS_WRITES_TARGET},
  {"rockset_drop_view", RS_WRITES_TARGET},
  {"rockset_drop_workspace", RS_WRITES_TARGET},
  {"rockset_exec", RS_READS_TARGET | RS_WRITES_TARGET},
  {"rockset_explain", 0},
  {"rockset_export", RS_FILES},
  {"rockset_follow", RS_WRITES_TARGET | RS_WRITES_SQLITE},
  {"rockset_freshness", BUILDS},
  {"rockset_graph", 0},
  {"rockset_help", 0},
  {"rockset_import", RS_FILES | RS_WRITES_SQLITE},
  {"rockset_init", RS_WRITES_SQLITE},
  {"rockset_last_id", RS_HARMLESS},
  {"rockset_lineage", 0},
  {"rockset_load", RS_FILES | RS_WRITES_TARGET},
  {"rockset_local", RS_SETS},
  {"rockset_lockdown", 0}, /* takes away only */
  {"rockset_log", 0},
  {"rockset_ls", 0},
  {"rockset_materialize", BUILDS},
  {"rockset_plan", 0},
  {"rockset_profile", RS_CHOOSES},
  {"rockset_pull", RS_READS_TARGET | RS_WRITES_SQLITE},
  {"rockset_push", RS_WRITES_TARGET},
  {"rockset_push_down", RS_SETS},
  {"rockset_query", RS_READS_TARGET},
  {"rockset_query_lambda", RS_READS_TARGET},
  {"rockset_query_lambdas", RS_READS_TARGET},
  {"rockset_refresh", RS_READS_TARGET | RS_WRITES_SQLITE},
  {"rockset_render", 0},
  {"rockset_retry", BUILDS},
  {"rockset_run", BUILDS},
  {"rockset_run_operation", BUILDS},
  {"rockset_seed", BUILDS},
  {"rockset_snapshot", BUILDS},
  {"rockset_sync", RS_WRITES_TARGET | RS_WRITES_SQLITE},
  {"rockset_test", BUILDS},
  {"rockset_translate", RS_READS_TARGET},
  {"rockset_trust", RS_TRUSTS},
  {"rockset_unfollow", RS_WRITES_SQLITE},
  {"rockset_version", RS_HARMLESS},
  {"rockset_views", RS_READS_TARGET},
  {"rockset_virtual_instances", RS_READS_TARGET},
  {"rockset_workspaces", RS_READS_TARGET},
};

/* Names of SQLite have no case. A run's table is made with the module <command>_module. */
static const struct rs_class *find_class(const char *name, size_t n)
{
  static const char suffix[] = "_module";
  const size_t tail = sizeof suffix - 1;
  if (n > tail && sqlite3_strnicmp(name + n - tail, suffix, (int)tail) == 0) n -= tail;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    if (strlen(classes[i].name) == n && sqlite3_strnicmp(classes[i].name, name, (int)n) == 0)
      return &classes[i];
  return NULL;
}

bool rs_gate_knows(const char *name, size_t n)
{
  return find_class(name, n) != NULL;
}

/* ---- the gate -------------------------------------------------------------------------------- */

enum rs_code rs_gate_init(struct rs_gate *g, struct rs_error *e)
{
  const char *level = getenv("ROCKSET_LOCKDOWN");
  if (level == NULL || *level == 0) return RS_OK;
  if (level[0] < '0' || level[0] > '0' + RS_LOCKDOWN_MAX || level[1] != 0)
    return rs_fail(e, RS_INVALID, "ROCKSET_LOCKDOWN is '%s': 0, 1 or 2 is expected", level);
  g->lockdown = level[0] - '0';
  return RS_OK;
}

void rs_gate_free(struct rs_gate *g)
{
  rs_free(g->seen);
  rs_free(g->finding);
  g->seen = g->finding = NULL;
}

static enum rs_code check_lockdown(const struct rs_gate *g, const char *what, unsigned does,
                                   struct rs_error *e)
{
  const unsigned first = RS_WRITES_TARGET | RS_FILES | RS_WRITES_SQLITE | RS_CHOOSES | RS_SETS |
                         RS_TRUSTS;
  bool refused = g->lockdown >= 1 && (does & first) != 0;
  if (g->lockdown >= 2 && (does & RS_READS_TARGET) && !(does & RS_OWN)) refused = true;
  if (!refused) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN,
                 "%s: this connection is locked down at level %d (rockset_lockdown, or "
                 "ROCKSET_LOCKDOWN in the environment), for as long as it is open: use another one",
                 what, g->lockdown);
}

/* Is PRAGMA query_only on? SQLite has no other way to ask. */
static enum rs_code read_query_only(sqlite3 *db, bool *on, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(db, "PRAGMA query_only", -1, &st, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(st);
  *on = rc == SQLITE_ROW && sqlite3_column_int(st, 0) != 0;
  enum rs_code code = RS_OK;
  if (rc != SQLITE_ROW) code = rs_sqlite_error_of(db, "PRAGMA query_only", e);
  sqlite3_finalize(st);
  return code;
}

static enum rs_code check_reading(sqlite3 *db, const char *what, struct rs_error *e)
{
  bool query_only;
  if (sqlite3_db_readonly(db, "main") == 1)
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: the main database of this connection is read-only, so nothing else is "
                   "changed by it: open it for writing",
                   what);
  enum rs_code rc = read_query_only(db, &query_only, e);
  if (rc != RS_OK || !query_only) return rc;
  return rs_fail(e, RS_FORBIDDEN,
                 "%s: this connection only reads, and changes nothing elsewhere: PRAGMA query_only "
                 "= 0 first",
                 what);
}

bool rs_conn_only_reads(struct rs_conn *c)
{
  return check_reading(rs_conn_db(c), "", NULL) != RS_OK;
}

/*
** What writes to SQLite's own tables commits it, and reads the schema anew. While a statement that
** writes runs SQLite commits nothing, and within CREATE TABLE ... AS the schema can't be read.
*/
static enum rs_code check_no_writer(sqlite3 *db, const char *what, struct rs_error *e)
{
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    if (!sqlite3_stmt_busy(s) || sqlite3_stmt_readonly(s)) continue;
    return rs_fail(e, RS_BUSY,
                   "%s: it writes to SQLite, and a statement of this connection that writes runs "
                   "already: call it in a SELECT of its own",
                   what);
  }
  return RS_OK;
}

#define OUTSIDE (RS_WRITES_TARGET | RS_FILES)

/* callable: by the text of a table, as functions are; a table is not */
static enum rs_code pass(struct rs_conn *c, const char *what, unsigned does, bool callable,
                         struct rs_error *e)
{
  enum rs_code rc = check_lockdown(rs_conn_gate(c), what, does, e);
  if (rc == RS_OK && (does & OUTSIDE)) rc = check_reading(rs_conn_db(c), what, e);
  if (rc == RS_OK && (does & RS_WRITES_SQLITE)) rc = check_no_writer(rs_conn_db(c), what, e);
  if (rc != RS_OK || rs_conn_trusted(c)) return rc;
  if (does & RS_TRUSTS) {
    if (rs_schema_is_idle(c)) return RS_OK;
    return rs_fail(e, RS_FORBIDDEN,
                   "%s: it counts in a SELECT without FROM only, while no other statement of this "
                   "connection runs: SELECT rockset_trust(1)",
                   what);
  }
  return callable ? rs_schema_check(c, what, e) : RS_OK;
}

/* ---- functions ------------------------------------------------------------------------------- */

struct function {
  struct rs_conn *c;
  const struct rs_class *class;
  void (*fn)(sqlite3_context *, int, sqlite3_value **);
};

static void free_function(void *p)
{
  struct function *f = p;
  rs_conn_unref(f->c);
  rs_free(f);
}

static void call_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  const struct function *f = sqlite3_user_data(ctx);
  struct rs_error e = {0};
  unsigned does = f->class->does;
  if (argc == 0) does &= ~(unsigned)(RS_SETS | RS_TRUSTS);
  // rockset_trust() without an argument tells, wherever it stands
  bool tells = (does & RS_HARMLESS) || (argc == 0 && (f->class->does & RS_TRUSTS));
  if (tells || pass(f->c, f->class->name, does, true, &e) == RS_OK) f->fn(ctx, argc, argv);
  else rs_result_error(ctx, &e);
}

/*
** Before rockset_trust(1) a function is registered as DIRECTONLY and for UTF-16, afterwards once
** more without that flag and for UTF-8. SQLite refuses to redefine a function while a statement
** runs (and rockset_trust() is called by one), but a second definition for another encoding is a
** new one, and the better match. The encoding has no other effect: arguments are converted when
** they are read.
*/
static int add_function(struct rs_conn *c, const struct rs_function *r, int nArg)
{
  const struct rs_class *class = find_class(r->name, strlen(r->name));
  if (class == NULL) return SQLITE_MISUSE;
  bool harmless = (class->does & RS_HARMLESS) != 0;
  int flags = SQLITE_UTF8;
  if (rs_conn_trusted(c) && harmless) return SQLITE_OK; /* nothing to lift */
  if (!rs_conn_trusted(c) && !harmless) flags = SQLITE_UTF16 | SQLITE_DIRECTONLY;
  flags |= RS_SQLITE_RESULT_SUBTYPE;
  struct function *f = rs_malloc(sizeof *f);
  if (f == NULL) return SQLITE_NOMEM;
  *f = (struct function){c, class, r->fn};
  rs_conn_ref(c); /* sqlite3_create_function_v2 calls the destructor on failure, too */
  return sqlite3_create_function_v2(rs_conn_db(c), r->name, nArg, flags, f, call_function, NULL,
                                    NULL, free_function);
}

int rs_conn_functions(struct rs_conn *c, const struct rs_function *functions, size_t n)
{
  int rc = SQLITE_OK;
  for (const struct rs_function *f = functions; f < functions + n; f++)
    for (int i = f->least; i <= f->most && rc == SQLITE_OK; i++) rc = add_function(c, f, i);
  return rc;
}

struct rs_conn *rs_conn_of(sqlite3_context *ctx)
{
  return ((const struct function *)sqlite3_user_data(ctx))->c;
}

/* ---- modules --------------------------------------------------------------------------------- */

/*
** What SQLite gets instead of a module: the same methods, with the gate in front of those that
** reach something. SQLite keeps its address in each table (pModule), and older versions let a
** module go before its last table, so each of both counts a reference.
*/
struct gated {
  struct rs_module own;
  const sqlite3_module *inner;
  struct rs_conn *c;
  const struct rs_class *class;
  void *aux;
  void (*destroy)(void *);
  int refs; /* SQLite's, and one for each connected table */
};

static struct gated *gated_of(const sqlite3_vtab *t)
{
  return (struct gated *)(uintptr_t)t->pModule;
}

static void unref_gated(struct gated *g)
{
  if (--g->refs > 0) return;
  rs_conn_unref(g->c);
  rs_free(g);
}

static void free_module(void *p)
{
  struct gated *g = p;
  if (g->destroy != NULL) g->destroy(g->aux);
  unref_gated(g);
}

static int gatedConnect(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                        sqlite3_vtab **ppVtab, char **pzErr)
{
  struct gated *g = pAux;
  int rc = g->inner->xConnect(db, g->aux, argc, argv, ppVtab, pzErr);
  if (rc == SQLITE_OK) g->refs++;
  return rc;
}

/* The text of a table that is being made says what is sent, so it is no table of the user's yet. */
static int gatedCreate(sqlite3 *db, void *pAux, int argc, const char *const *argv,
                       sqlite3_vtab **ppVtab, char **pzErr)
{
  struct gated *g = pAux;
  struct rs_error e = {0};
  unsigned does = g->class->does;
  if ((does & RS_OWN) && check_lockdown(rs_conn_gate(g->c), argv[2], does & ~(unsigned)RS_OWN, &e))
    return rs_put_error(pzErr, &e);
  int rc = g->inner->xCreate(db, g->aux, argc, argv, ppVtab, pzErr);
  if (rc == SQLITE_OK) g->refs++;
  return rc;
}

static int gatedDisconnect(sqlite3_vtab *pVtab)
{
  struct gated *g = gated_of(pVtab);
  int rc = g->inner->xDisconnect(pVtab);
  if (rc == SQLITE_OK) unref_gated(g);
  return rc;
}

static int gatedDestroy(sqlite3_vtab *pVtab)
{
  struct gated *g = gated_of(pVtab);
  int rc = g->inner->xDestroy(pVtab);
  if (rc == SQLITE_OK) unref_gated(g);
  return rc;
}

static int gatedFilter(sqlite3_vtab_cursor *pCursor, int idxNum, const char *idxStr, int argc,
                       sqlite3_value **argv)
{
  const struct gated *g = gated_of(pCursor->pVtab);
  struct rs_error e = {0};
  if (pass(g->c, g->class->name, g->class->does, false, &e) != RS_OK)
    return rs_vtab_error(pCursor->pVtab, &e);
  return g->inner->xFilter(pCursor, idxNum, idxStr, argc, argv);
}

/* PRAGMA query_only is SQLite's own to see to here. */
static int gatedUpdate(sqlite3_vtab *pVtab, int argc, sqlite3_value **argv, sqlite3_int64 *pRowid)
{
  static const char what[] = "virtual table";
  const struct gated *g = gated_of(pVtab);
  struct rs_error e = {0};
  enum rs_code rc = check_lockdown(rs_conn_gate(g->c), what, RS_WRITES_TARGET, &e);
  if (rc == RS_OK && sqlite3_db_readonly(rs_conn_db(g->c), "main") == 1)
    rc = check_reading(rs_conn_db(g->c), what, &e);
  if (rc != RS_OK) return rs_vtab_error(pVtab, &e);
  return g->inner->xUpdate(pVtab, argc, argv, pRowid);
}

int rs_conn_module(struct rs_conn *c, const char *name, const sqlite3_module *module, void *aux,
                   void (*destroy)(void *))
{
  const struct rs_class *class = find_class(name, strlen(name));
  struct gated *g = class != NULL ? rs_calloc(1, sizeof *g) : NULL;
  if (g == NULL) {
    if (destroy != NULL) destroy(aux);
    return class != NULL ? SQLITE_NOMEM : SQLITE_MISUSE;
  }
  if (module->iVersion >= 4) memcpy(&g->own, module, sizeof g->own);
  else g->own.base = *module;
  g->inner = module;
  g->c = c;
  g->class = class;
  g->aux = aux;
  g->destroy = destroy;
  g->refs = 1;
  rs_conn_ref(c);
  sqlite3_module *m = &g->own.base;
  if (m->xCreate != NULL) m->xCreate = gatedCreate;
  m->xConnect = gatedConnect;
  m->xDisconnect = gatedDisconnect;
  if (m->xDestroy != NULL) m->xDestroy = gatedDestroy;
  m->xFilter = gatedFilter;
  if (m->xUpdate != NULL) m->xUpdate = gatedUpdate;
  return sqlite3_create_module_v2(rs_conn_db(c), name, m, g, free_module);
}

static void free_aux(void *p)
{
  struct rs_module_aux *aux = p;
  rs_conn_unref(aux->c);
  rs_free(aux);
}

int rs_conn_module_of(struct rs_conn *c, const char *name, const sqlite3_module *module,
                      const void *what)
{
  struct rs_module_aux *aux = rs_malloc(sizeof *aux);
  if (aux == NULL) return SQLITE_NOMEM;
  *aux = (struct rs_module_aux){c, what};
  rs_conn_ref(c); // rs_conn_module calls the destructor on failure, too
  return rs_conn_module(c, name, module, aux, free_aux);
}
