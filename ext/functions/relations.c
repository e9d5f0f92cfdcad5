/*
** Functions on workspaces, collections and views of the target.
**
**   rockset_load(collection, path [, options])    file(s) -> collection; the number of rows loaded
**   rockset_exec(sql [, params])                  one statement; the number of rows it changed
**   rockset_create_workspace(name)                1
**   rockset_drop_workspace(name [, cascade])      1
**   rockset_create_collection(name)               1
**   rockset_drop_collection(name)                 1
**   rockset_drop_view(name)                       1
**
** ARGUMENTS
**   collection, name  TEXT. 'movies' (in the profile's workspace), 'commons.movies', or with quoted
**                     parts where one holds a dot: '"my ws"."a.b"'.
**   path              TEXT. A file, a folder or a glob, read by this process; `-`: standard input.
**                     Files that are cut off or uneven (CSV) are refused.
**   options           TEXT, a JSON object:
**                       mode      create (default): an existing collection is an error
**                                 append: adds rows; new fields become columns, types widen
**                                 replace: the old rows stay until the new ones are complete
**                       format    json, ndjson, csv, tsv, parquet; default: by the file's name
**                       id_field  the field that becomes _id; default: `_id` when the file has it,
**                                 else generated
**   sql               TEXT, or the BLOB that readfile() gives. One statement, whatever the target
**                     takes; BEGIN, COMMIT, USE ... are refused, since each statement gets any idle
**                     session of the target and is a transaction of its own.
**   params            TEXT. A JSON array for `?`, a JSON object for `:name`.
**   cascade           1: drops what the workspace holds, too. 0 (default): then it must be empty.
**
** RESULT
**   Rows: INTEGER; NULL where the engine cannot say. Everything else returns 1.
**
** ERRORS
**   "<function>: ..."; a statement sent is quoted as [remote SQL: ...]. Arguments that are NULL or
**   of a wrong type, unknown options, a relation that does not exist (with the nearest name), or
**   exists already. All refuse to run between BEGIN and COMMIT, as VACUUM does: SQLite can't undo
**   them.
**
** SAFETY
**   All are DIRECTONLY: views and triggers of a database file cannot call them.
*/
#include <unistd.h>
#include <string.h>
#include "src/sql/relname.h"
#include "src/sql/statement.h"
#include "src/base/arena.h"
#include "src/base/text.h"
#include "src/engine/load_options.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "ext/base/progress.h"
#include "ext/base/warn.h"
#include "functions.h"

/* ---- rockset_load, rockset_exec -------------------------------------------------------------- */

static void warn_of_load(void *ctx, const char *text)
{
  struct rs_call *c = ctx;
  rs_conn_warn(c->conn, rs_session_target(c->session), c->fn, -1, text);
}

static void load_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_load");
  struct rs_relation rel;
  struct rs_progress progress;
  struct rs_load load = {.mode = "create",
                         .warn = warn_of_load,
                         .warn_ctx = &c,
                         .progress = rs_progress_rows,
                         .progress_ctx = &progress};
  const char *options = NULL;
  int64_t rows = -1;
  enum rs_code rc = rs_call_relation(&c, argv[0], "collection", &rel);
  if (rc == RS_OK) rc = rs_arg_text(argv[1], c.fn, "path", &load.path, &c.e);
  if (rc == RS_OK && load.path[0] == 0)
    rc = rs_fail(&c.e, RS_INVALID, "%s: the path is empty", c.fn);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "options argument", &options, &c.e);
  if (rc == RS_OK) rc = rs_load_options_read(options, c.fn, &load, &c.arena, &c.e);
  if (rc == RS_OK) rc = rs_call_open(&c);
  rs_progress_begin(&progress, c.fn);
  if (rc == RS_OK) rc = rs_session_load(c.session, &rel, &load, &rows, &c.e);
  const char *first = (const char *)sqlite3_value_text(argv[0]);
  if (rc != RS_OK && load.path != NULL && first != NULL && access(first, R_OK) == 0 &&
      access(load.path, R_OK) != 0)
    (void)rs_error_prefix(&c.e,
                          "'%s' is a file, and the collection comes first: "
                          "rockset_load(collection, path)",
                          first);
  rs_call_end(&c, rc, rows);
}

/* Statements that only mean something to the session they run in. */
static enum rs_code check_exec(struct rs_call *c, const struct rs_sqltext *st)
{
  static const char *const transactions[] = {"BEGIN", "START",     "COMMIT",  "END",
                                             "ABORT", "SAVEPOINT", "RELEASE", "ROLLBACK"};
  static const char *const states[] = {"USE", "PREPARE", "EXECUTE", "DEALLOCATE"};
  for (size_t i = 0; i < sizeof transactions / sizeof transactions[0]; i++)
    if (rs_eq(st->keyword, transactions[i]))
      return rs_fail(&c->e, RS_FORBIDDEN,
                     "%s: %s is refused: each statement is a transaction of its own", c->fn,
                     st->keyword);
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
    if (rs_eq(st->keyword, states[i]))
      return rs_fail(&c->e, RS_FORBIDDEN,
                     "%s: %s is refused: the next statement may run in another session", c->fn,
                     st->keyword);
  return RS_OK;
}

static void exec_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_exec");
  const char *sql = NULL, *json = NULL;
  struct rs_sqltext text;
  struct rs_target *target;
  struct rs_statement st = {.writes = true};
  struct rs_value *params = NULL;
  int64_t affected = -1;
  enum rs_code rc = rs_arg_sql(argv[0], c.fn, "sql", &sql, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, c.fn, "params argument", &json, &c.e);
  if (rc == RS_OK) rc = rs_conn_target(c.conn, false, &target, &c.e);
  const struct rs_dialect *d = rc == RS_OK ? rs_target_info(target).dialect : NULL;
  if (rc == RS_OK) rc = rs_sqltext_one(sql, strlen(sql), d, c.fn, &text, &c.e);
  if (rc == RS_OK) rc = check_exec(&c, &text);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) {
    rc = rs_params_bind(c.conn, d, text.p, text.n, json, &c.arena, &st.sql, &params, &st.nparams,
                        &c.e);
  }
  if (rc == RS_OK) {
    st.params = params;
    rc = rs_session_exec(c.session, &st, &affected, &c.e);
  }
  rs_call_end(&c, rc, affected);
}

/* ---- workspaces ------------------------------------------------------------------------------ */

static void workspace_function(sqlite3_context *ctx, int argc, sqlite3_value **argv, const char *fn,
                               bool drop)
{
  struct rs_call c;
  rs_call_init(&c, ctx, fn);
  const char *text = NULL, *name = NULL;
  bool cascade = false;
  enum rs_code rc = rs_arg_text(argv[0], c.fn, "name", &text, &c.e);
  if (rc == RS_OK) rc = rs_workspace_parse(text, c.fn, &c.arena, &name, &c.e);
  if (rc == RS_OK) rc = rs_arg_flag(argc, argv, 1, c.fn, "cascade", &cascade, &c.e);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK)
    rc = drop ? rs_session_drop(c.session, RS_WORKSPACE(name), RS_REL_NONE,
                                cascade ? RS_DROP_CASCADE : 0, &c.e)
              : rs_session_create(c.session, RS_WORKSPACE(name), false, &c.e);
  rs_call_end(&c, rc, 1);
}

static void create_workspace_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  workspace_function(ctx, argc, argv, "rockset_create_workspace", false);
}

static void drop_workspace_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  workspace_function(ctx, argc, argv, "rockset_drop_workspace", true);
}

/* ---- collections and views ------------------------------------------------------------------- */

static void create_collection_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  struct rs_call c;
  rs_call_init(&c, ctx, "rockset_create_collection");
  struct rs_relation rel;
  enum rs_code rc = rs_call_relation(&c, argv[0], "name", &rel);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rc = rs_session_create(c.session, &rel, false, &c.e);
  rs_call_end(&c, rc, 1);
}

/* Drops a relation of the kind that the function's name promises. */
static void drop_function(sqlite3_context *ctx, sqlite3_value **argv, const char *fn,
                          enum rs_relation_kind wanted)
{
  struct rs_call c;
  rs_call_init(&c, ctx, fn);
  struct rs_relation rel;
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = rs_call_relation(&c, argv[0], "name", &rel);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rc = rs_session_describe(c.session, &rel, NULL, &kind, &c.e);
  if (rc == RS_OK && kind != RS_REL_NONE && kind != wanted)
    rc = rs_fail(&c.e, RS_INVALID, "%s: %s.%s is %s: use rockset_drop_%s", fn, rel.workspace,
                 rel.name,
                 kind == RS_REL_ALIAS  ? "an alias"
                 : kind == RS_REL_VIEW ? "a view"
                                       : "a collection",
                 kind == RS_REL_ALIAS  ? "alias"
                 : kind == RS_REL_VIEW ? "view"
                                       : "collection");
  if (rc == RS_OK) rc = rs_session_drop(c.session, &rel, RS_REL_NONE, 0, &c.e);
  rs_call_end(&c, rc, 1);
}

static void drop_collection_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  drop_function(ctx, argv, "rockset_drop_collection", RS_REL_TABLE);
}

static void drop_view_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  drop_function(ctx, argv, "rockset_drop_view", RS_REL_VIEW);
}

/* ---- registration ---------------------------------------------------------------------------- */

int rs_relations_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_load", 2, 3, load_function},
    {"rockset_exec", 1, 2, exec_function},
    {"rockset_create_workspace", 1, 1, create_workspace_function},
    {"rockset_drop_workspace", 1, 2, drop_workspace_function},
    {"rockset_create_collection", 1, 1, create_collection_function},
    {"rockset_drop_collection", 1, 1, drop_collection_function},
    {"rockset_drop_view", 1, 1, drop_view_function},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
