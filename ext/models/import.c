/*
** A dbt project's folder into the rockset_* tables and back.
**
**   rockset_import(folder [, options])   reads the project; JSON of what it changed
**   rockset_export(folder [, options])   writes the project; JSON of what it wrote
**
** ARGUMENTS
**   folder    TEXT. Where dbt_project.yml is; for export the folder to write it to.
**   options   TEXT, a JSON object: force (bool, default false): import overwrites rows that were
**             edited by hand since the last import; export overwrites files that differ from what
**             was imported.
**
** RESULT
**   rockset_import: {"added": [...], "changed": [...], "removed": [...], "unchanged": N,
**   "conflicts": [...], "warnings": [...]}. rockset_export: {"written": [...], "unchanged": N,
**   "notes": [...]}.
**
** ERRORS
**   "<function>: <file> line N: ...". Everything is one transaction, or a savepoint of the one that
**   is open: after an error nothing has changed. rockset_init() must have been called.
**
** SAFETY
**   Both are DIRECTONLY: a database file from somebody else can't read or write folders by them.
*/
#include "src/base/options.h"
#include "src/project/files/files.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

struct call {
  const char *fn;
  struct rs_conn *c;
  struct rs_arena arena;
  const char *folder;
  bool force;
  struct rs_row_store store;
  struct rs_buf report;
  struct rs_error e;
};

static enum rs_code begin_call(struct call *k, int argc, sqlite3_value **argv)
{
  const struct rs_option table[] = {{"force", RS_OPT_BOOL, &k->force, NULL}};
  const char *options = NULL;
  rs_arena_init(&k->arena, 0);
  rs_buf_init(&k->report, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_text(argv[0], k->fn, "folder", &k->folder, &k->e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, k->fn, "options", &options, &k->e);
  if (rc == RS_OK) rc = rs_options_read(options, table, 1, k->fn, &k->arena, &k->e);
  if (rc == RS_OK) rc = rs_row_store_open(k->c, &k->store, &k->e);
  return rc;
}

static void end_call(struct call *k, sqlite3_context *ctx, enum rs_code rc)
{
  rs_models_give(ctx, k->fn, &k->report, true, rc, &k->e);
  rs_row_store_close(&k->store);
  rs_arena_free(&k->arena);
}

/* A project's `profile` is text of a file: it is reported, not followed. */
static const char *about_profile(void *ctx, const char *name)
{
  struct call *k = ctx;
  const struct rs_output *o = NULL;
  if (!rs_conn_ignores_profile(k->c, name, &o)) return NULL;
  const char *text = rs_arena_printf(&k->arena,
                                     "profile '%s' in %s is not what this session runs on: SELECT "
                                     "rockset_profile(NULL, '%s')",
                                     name, o->source, name);
  rs_output_release(o);
  return text;
}

static void import_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct call k = {.fn = "rockset_import", .c = rs_conn_of(ctx)};
  struct rs_unit unit;
  enum rs_code rc = begin_call(&k, argc, argv);
  if (rc == RS_OK && rs_unit_begin(&unit, rs_conn_db(k.c), false) != SQLITE_OK) {
    rc = rs_sqlite_error(k.c, k.fn, &k.e);
  } else if (rc == RS_OK) {
    struct rs_import_options opt = {.force = k.force, .about_profile = about_profile, .ctx = &k};
    rc = rs_import(k.folder, &opt, &k.store, &k.report, &k.e);
    rc = rs_unit_close(&unit, rc, k.fn, &k.e);
  }
  end_call(&k, ctx, rc);
}

/* In one read transaction, so that all files belong together. */
static void export_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct call k = {.fn = "rockset_export", .c = rs_conn_of(ctx)};
  struct rs_unit unit;
  enum rs_code rc = begin_call(&k, argc, argv);
  if (rc == RS_OK && rs_unit_begin(&unit, rs_conn_db(k.c), false) != SQLITE_OK) {
    rc = rs_sqlite_error(k.c, k.fn, &k.e);
  } else if (rc == RS_OK) {
    struct rs_export_options opt = {.force = k.force};
    rc = rs_export(k.folder, &opt, &k.store, &k.report, &k.e);
    rs_unit_end(&unit, SQLITE_OK);
  }
  end_call(&k, ctx, rc);
}

int rs_import_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_import", 1, 2, import_fn},
    {"rockset_export", 1, 2, export_fn},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
