/*
** rockset_ext: the entry point and the list of what is registered; nothing else.
**
**   .load rockset_ext                                  the sqlite3 shell
**   sqlite3_load_extension(db, "rockset_ext", 0, 0)    an application
**   sqlite3_rocksetext_init(db, &zErr, 0)              statically linked (rockset_ext.h)
**
** Loading touches no network, no file and no engine.
*/
#define RS_EXT_MAIN
#include "ext/base/gate.h"
#include "ext/collection/collection.h"
#include "ext/copies/copies.h"
#include "ext/functions/functions.h"
#include "ext/local/local.h"
#include "ext/models/models.h"
#include "rockset_ext.h"

#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

#define RS_EXPORT __attribute__((visibility("default")))

/* Each file of ext/ registers its own; in this order, since temp tables need their modules. */
static int (*const registrars[])(struct rs_conn *) = {
  rs_functions_register,  /* rockset_version, _profile, _debug, _trust */
  rs_relations_register,  /* rockset_load, _exec, _create_*, _drop_* */
  rs_copies_register,     /* rockset_push, _pull */
  rs_backup_register,     /* rockset_backup */
  rs_translate_register,  /* rockset_translate */
  rs_lambdas_register,    /* rockset_create_alias ..., _query_lambda (as a value) */
  rs_attach_register,     /* rockset_attach, _detach */
  rs_models_register,     /* rockset_init, _compile, _materialize */
  rs_nodes_register,      /* rockset_ls, _graph, _lineage, _plan */
  rs_artifacts_register,  /* rockset_artifacts */
  rs_docs_register,       /* rockset_docs_generate */
  rs_diff_register,       /* rockset_diff */
  rs_import_register,     /* rockset_import, _export */
  rs_collection_register, /* the module `rockset` */
  rs_analyze_register,    /* rockset_analyze */
  rs_refresh_register,    /* rockset_refresh */
  rs_query_register,      /* rockset_query, rockset_query_lambda (as a table) */
  rs_explain_register,    /* rockset_explain */
  rs_debug_register,      /* rockset_debug as a table */
  rs_catalog_register,    /* rockset_workspaces, _collections, _views, _columns, _log */
  rs_render_register,     /* rockset_render */
  rs_run_register,        /* rockset_run, rockset_test ... */
  rs_operation_register,  /* rockset_run_operation */
  rs_compile_register,    /* rockset_compile (as a table) */
  rs_local_register,      /* rockset_local */
  rs_help_register,       /* rockset_help */
};

static int register_all(struct rs_conn *c)
{
  int rc = SQLITE_OK;
  for (size_t i = 0; rc == SQLITE_OK && i < sizeof registrars / sizeof registrars[0]; i++)
    rc = registrars[i](c);
  return rc;
}

RS_EXPORT int sqlite3_rocksetext_init(sqlite3 *db, char **pzErrMsg,
                                      const struct sqlite3_api_routines *pApi)
{
#ifndef SQLITE_CORE
  SQLITE_EXTENSION_INIT2(pApi);
#else
  (void)pApi;
#endif
  if (!rs_sqlite_at_least(RS_SQLITE_MIN)) {
    if (pzErrMsg)
      *pzErrMsg = sqlite3_mprintf("rockset_ext needs SQLite 3.38 or newer; this is %s",
                                  sqlite3_libversion());
    return SQLITE_ERROR;
  }
  struct rs_conn *c = rs_conn_new(db, register_all);
  if (!c) return SQLITE_NOMEM;
  struct rs_error e = {0};
  int rc = SQLITE_OK;
  if (rs_gate_init(rs_conn_gate(c), &e) == RS_OK) rc = rs_conn_register(c);
  else rc = rs_put_error(pzErrMsg, &e);
  if (rc != SQLITE_OK && pzErrMsg && !*pzErrMsg)
    *pzErrMsg = sqlite3_mprintf("rockset_ext: %s", sqlite3_errmsg(db));
  rs_conn_unref(c);
  return rc;
}
