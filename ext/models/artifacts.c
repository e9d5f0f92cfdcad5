/*
** The files that dbt leaves in target/ and that its ecosystem reads.
**
**   rockset_artifacts(folder [, options])   writes them; JSON of what it wrote
**
** ARGUMENTS
**   folder    TEXT. Where manifest.json, run_results.json, sources.json, catalog.json and
**             compiled/ go.
**   options   TEXT, a JSON object: catalog (bool, default true): false leaves catalog.json out, and
**             the engine alone; vars (object).
**
** RESULT
**   {"written": [...], "notes": [...]}. run_results.json is that of the last run, sources.json of
**   the last freshness check; compiled/ and compiled_code are what was last sent for each node.
**   docs/artifacts.md has the details.
**
** SAFETY
**   DIRECTONLY: a database file from somebody else can't write files by it. A path of a row that
**   leads out of the folder is refused.
*/
#include <string.h>
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/project/artifacts/artifacts.h"
#include "ext/base/args.h"
#include "internal.h"
#include "models.h"

struct artifacts {
  struct rs_conn *c;
  const char *folder;
  struct rs_nodes n;
  struct rs_map compiled; /* unique_id -> text in n.arena */
  struct rs_buf written, notes;
  struct rs_buf text; /* of one file */
};

static enum rs_code write_text(struct artifacts *a, const char *name, const char *text, size_t n,
                               struct rs_error *e)
{
  // A row's path is whatever somebody wrote there
  if (*name == '/' || strstr(name, "..") != NULL)
    return rs_fail(e, RS_FORBIDDEN, "%s: a path must stay below the folder", name);
  char *path = rs_arena_printf(&a->n.arena, "%s/%s", a->folder, name);
  if (path == NULL) return rs_nomem(e);
  enum rs_code rc = rs_file_write(path, text, n, e);
  if (rc == RS_OK) rs_buf_json_item(&a->written, name);
  return rc;
}

static enum rs_code write_buf(struct artifacts *a, const char *name, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(&a->text, e, name);
  if (rc == RS_OK) rc = write_text(a, name, rs_buf_text(&a->text), a->text.n, e);
  rs_buf_clear(&a->text);
  return rc;
}

/* ---- what was run ---------------------------------------------------------------------------- */

static enum rs_code db_error(struct artifacts *a, struct rs_error *e)
{
  return rs_fail(e, RS_IO, "rockset_results: %s", sqlite3_errmsg(a->n.db));
}

/* The text that was last sent for each node on this target. */
static enum rs_code read_compiled(struct artifacts *a, struct rs_error *e)
{
  static const char sql[] =
    "SELECT r.unique_id, r.compiled FROM main.rockset_results r JOIN main.rockset_invocations i ON "
    "i.id = r.invocation_id WHERE i.target = ?1 AND r.unique_id IS NOT NULL AND r.compiled IS NOT "
    "NULL ORDER BY r.rowid";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = sqlite3_prepare_v2(a->n.db, sql, -1, &st, NULL);
  if (step == SQLITE_OK)
    sqlite3_bind_text(st, 1, a->n.p->set.output->target_name, -1, SQLITE_TRANSIENT);
  while (step == SQLITE_OK || step == SQLITE_ROW) {
    step = sqlite3_step(st);
    if (step != SQLITE_ROW) break;
    const char *id = (const char *)sqlite3_column_text(st, 0);
    const char *text = (const char *)sqlite3_column_text(st, 1);
    char *copy = text != NULL ? rs_arena_strdup(&a->n.arena, text) : NULL;
    if (id == NULL || copy == NULL || !rs_map_put(&a->compiled, id, copy)) {
      rc = rs_nomem(e);
      break;
    }
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = db_error(a, e);
  sqlite3_finalize(st);
  return rc;
}

/* {unique_id: relation_name} as the manifest has them. */
static void put_names(struct artifacts *a, struct rs_buf *b)
{
  struct rs_buf name;
  rs_buf_init(&name, 4096);
  rs_buf_char(b, '{');
  for (size_t i = 0; i < a->n.inv->n; i++) {
    const struct rs_item *it = a->n.inv->items[i];
    rs_buf_clear(&name);
    // dbt says none of a seed
    bool has = it->type != RS_NODE_SEED && rs_manifest_relation(a->n.inv, it, &name);
    if (name.rc != RS_OK) b->rc = name.rc;
    if (!has) continue;
    rs_buf_json_member(b, it->unique_id, rs_buf_text(&name));
  }
  rs_buf_char(b, '}');
  rs_buf_free(&name);
}

/* A file that is one value of SQL; ?1 is its metadata, ?2 the project's name, ?3 (it may lack) the
** names of relations. Without a row, `none` is noted. */
static enum rs_code write_query(struct artifacts *a, const char *file, const char *version,
                                const char *sql, const char *none, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  rs_artifact_metadata(a->n.p, version, false, &a->text);
  int step = sqlite3_prepare_v2(a->n.db, sql, -1, &st, NULL);
  if (step == SQLITE_OK) {
    sqlite3_bind_text(st, 1, rs_buf_text(&a->text), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(st, 2, a->n.p->name, -1, SQLITE_TRANSIENT);
    rs_buf_clear(&a->text);
    if (sqlite3_bind_parameter_count(st) > 2) {
      put_names(a, &a->text);
      sqlite3_bind_text64(st, 3, rs_buf_text(&a->text), a->text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    }
    step = a->text.rc == RS_OK ? sqlite3_step(st) : SQLITE_NOMEM;
  }
  rs_buf_clear(&a->text);
  if (step == SQLITE_ROW) {
    const char *json = (const char *)sqlite3_column_text(st, 0);
    if (json == NULL) rc = rs_nomem(e);
    else rc = write_text(a, file, json, strlen(json), e);
  } else if (step == SQLITE_DONE) {
    rs_buf_json_item(&a->notes, none);
  } else {
    rc = db_error(a, e);
  }
  sqlite3_finalize(st);
  return rc;
}

static enum rs_code write_run_results(struct artifacts *a, struct rs_error *e)
{
  static const char sql[] =
    "SELECT json_object('metadata', json(?1), 'results', json_group_array(json_object("
    "'status', r.status, 'timing', CASE WHEN r.started_at IS NULL THEN json('[]') ELSE "
    "json_array(json_object('name', 'execute', 'started_at', "
    "strftime('%Y-%m-%dT%H:%M:%fZ', r.started_at), 'completed_at', "
    "strftime('%Y-%m-%dT%H:%M:%fZ', r.started_at, '+' || coalesce(r.ms, 0) / 1000.0 || ' "
    "seconds'))) END, 'thread_id', 'Thread-' || coalesce(r.worker, 1), 'execution_time', "
    "coalesce(r.ms, 0) / 1000.0, "
    "'adapter_response', json('{}'), 'message', r.message, 'failures', r.failures, "
    "'unique_id', r.unique_id, 'compiled', CASE WHEN r.kind = 'seed' THEN NULL ELSE "
    "json(CASE WHEN r.compiled IS NULL THEN 'false' ELSE 'true' END) END, 'compiled_code', "
    "r.compiled, 'relation_name', names.value)), "
    "'elapsed_time', coalesce((julianday(i.finished_at) - julianday(i.started_at)) * 86400.0, 0), "
    "'args', json_object('which', i.command, 'select', i.selection, 'invocation_command', "
    "i.command)) FROM main.rockset_invocations i JOIN main.rockset_results r ON r.invocation_id = "
    "i.id LEFT JOIN json_each(?3) names ON names.key = r.unique_id WHERE r.kind NOT IN "
    "('operation', 'push') AND i.id = (SELECT invocation_id FROM "
    "main.rockset_results "
    "WHERE kind <> 'freshness' ORDER BY rowid DESC LIMIT 1) HAVING count(*) > 0";
  return write_query(a, "run_results.json", "run-results/v5", sql,
                     "run_results.json: nothing has been run", e);
}

/* A result's message is "loaded at T, N s ago" or "no rows" (src/project/build/freshness.c); T may
** be no time that SQLite reads. */
static enum rs_code write_sources(struct artifacts *a, struct rs_error *e)
{
  static const char sql[] =
    "WITH f AS (SELECT r.*, CASE WHEN r.message LIKE 'loaded at %, % s ago' THEN "
    "CAST(substr(r.message, instr(r.message, ', ') + 2) AS REAL) END AS age FROM "
    "main.rockset_results r WHERE r.kind = 'freshness' AND r.invocation_id = (SELECT invocation_id "
    "FROM main.rockset_results WHERE kind = 'freshness' ORDER BY rowid DESC LIMIT 1)) "
    "SELECT json_object('metadata', json(?1), 'results', json_group_array(CASE WHEN f.status = "
    "'runtime error' OR f.status = 'skipped' THEN json_object('unique_id', f.unique_id, 'error', "
    "f.message, 'status', 'runtime error') ELSE json_object('unique_id', f.unique_id, "
    "'max_loaded_at', CASE WHEN f.age IS NULL THEN '0001-01-01T00:00:00.000Z' ELSE "
    "coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', substr(f.message, 11, instr(f.message, ', ') - 11)), "
    "strftime('%Y-%m-%dT%H:%M:%fZ', f.started_at, '-' || f.age || ' seconds')) END, "
    "'snapshotted_at', strftime('%Y-%m-%dT%H:%M:%fZ', f.started_at), "
    "'max_loaded_at_time_ago_in_s', coalesce(f.age, (julianday(f.started_at) - "
    "julianday('0001-01-01')) * 86400.0), 'status', f.status, 'criteria', json_object("
    "'warn_after', json_extract(s.freshness, '$.warn_after'), 'error_after', "
    "json_extract(s.freshness, '$.error_after'), 'filter', json_extract(s.freshness, '$.filter')), "
    "'adapter_response', json('{}'), 'timing', json('[]'), 'thread_id', 'Thread-' || "
    "coalesce(f.worker, 1), "
    "'execution_time', coalesce(f.ms, 0) / 1000.0) END), 'elapsed_time', "
    "coalesce((julianday(i.finished_at) - julianday(i.started_at)) * 86400.0, 0)) "
    "FROM f JOIN main.rockset_invocations i ON i.id = f.invocation_id LEFT JOIN "
    "main.rockset_sources s ON f.unique_id = 'source.' || CASE s.package WHEN '' THEN ?2 ELSE "
    "s.package END || '.' || s.source || '.' || s.name HAVING count(*) > 0";
  return write_query(a, "sources.json", "sources/v3", sql,
                     "sources.json: no freshness of sources has been recorded", e);
}

static enum rs_code write_compiled(struct artifacts *a, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < a->compiled.n; i++) {
    const struct rs_item *it = rs_map_get(&a->n.inv->ids, a->compiled.v[i].key);
    const char *path = it != NULL && it->bad == NULL ? rs_compiled_path(&a->n.arena, it) : NULL;
    if (path == NULL) continue;
    const char *text = a->compiled.v[i].value;
    char *name = rs_arena_printf(&a->n.arena, "compiled/%s", path);
    rc = name == NULL ? rs_nomem(e) : write_text(a, name, text, strlen(text), e);
  }
  return rc;
}

/* ---- catalog.json ---------------------------------------------------------------------------- */

static void put_relation(struct artifacts *a, const struct rs_item *it,
                         const struct rs_columns *columns, enum rs_relation_kind kind)
{
  struct rs_buf *b = &a->text;
  rs_buf_json_key(b, it->unique_id);
  rs_buf_str(b, "{\"metadata\":{");
  rs_buf_json_member(b, "type", kind == RS_REL_VIEW ? "VIEW" : "BASE TABLE");
  rs_buf_json_member(b, "schema", it->node->workspace);
  rs_buf_json_member(b, "name", it->node->identifier);
  const char *database = it->node->database != NULL ? it->node->database
                                                    : rs_project_database(a->n.p);
  rs_buf_json_member(b, "database", database != NULL ? database : "");
  rs_buf_str(b, ",\"comment\":null,\"owner\":null},\"columns\":{");
  for (size_t i = 0; i < columns->n; i++) {
    rs_buf_json_key(b, columns->v[i].name);
    rs_buf_char(b, '{');
    rs_buf_json_member(b, "type", columns->v[i].native != NULL ? columns->v[i].native : "");
    rs_buf_printf(b, ",\"index\":%zu", i + 1);
    rs_buf_json_member(b, "name", columns->v[i].name);
    rs_buf_str(b, ",\"comment\":null}");
  }
  rs_buf_str(b, "},\"stats\":{\"has_stats\":{\"id\":\"has_stats\",\"label\":\"Has Stats?\","
                "\"value\":false,\"include\":false,\"description\":\"Are there statistics of this "
                "relation?\"}}");
  rs_buf_json_member(b, "unique_id", it->unique_id);
  rs_buf_char(b, '}');
}

static enum rs_code put_relations(struct artifacts *a, struct rs_session *s, bool sources,
                                  struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < a->n.inv->n; i++) {
    const struct rs_item *it = a->n.inv->items[i];
    struct rs_columns columns = {0};
    enum rs_relation_kind kind = RS_REL_NONE;
    bool stores;
    rc = rs_item_stores(it, &stores, e);
    bool has = rc == RS_OK && (stores || rs_item_has_relation(it));
    if ((it->type == RS_NODE_SOURCE) != sources || !has || !it->enabled ||
        rs_eq(it->node->config.materialized, "query_lambda") || rs_node_is_local(a->n.p, it->node))
      continue;
    struct rs_relation rel = rs_node_relation(a->n.inv->p, it->node);
    rc = rs_session_describe(s, &rel, NULL, &kind, e);
    if (rc == RS_OK && kind != RS_REL_NONE) {
      rc = rs_session_describe(s, &rel, &columns, &kind, e);
      if (rc == RS_OK) put_relation(a, it, &columns, kind);
    }
    rs_columns_free(&columns);
  }
  return rc;
}

static enum rs_code write_catalog(struct artifacts *a, struct rs_error *e)
{
  struct rs_session *s = NULL;
  enum rs_code rc = rs_conn_look(a->c, NULL, &s, e);
  rs_buf_str(&a->text, "{\"metadata\":");
  rs_artifact_metadata(a->n.p, "catalog/v1", false, &a->text);
  rs_buf_str(&a->text, ",\"nodes\":{");
  if (rc == RS_OK) rc = put_relations(a, s, false, e);
  rs_buf_str(&a->text, "},\"sources\":{");
  if (rc == RS_OK) rc = put_relations(a, s, true, e);
  rs_buf_str(&a->text, "},\"errors\":null}");
  rs_conn_done(a->c, s);
  return rc == RS_OK ? write_buf(a, "catalog.json", e) : rc;
}

/* ---- the function ---------------------------------------------------------------------------- */

static enum rs_code write_all(struct artifacts *a, bool catalog, struct rs_error *e)
{
  struct rs_manifest m = {.inv = a->n.inv, .compiled = &a->compiled};
  enum rs_code rc = rs_nodes_state(&a->n, e);
  if (rc == RS_OK) rc = read_compiled(a, e);
  m.state = a->n.state;
  if (rc == RS_OK) rc = rs_manifest_write(&m, &a->text, e);
  if (rc == RS_OK) rc = write_buf(a, "manifest.json", e);
  if (rc == RS_OK) rc = write_run_results(a, e);
  if (rc == RS_OK) rc = write_sources(a, e);
  if (rc == RS_OK) rc = write_compiled(a, e);
  if (rc == RS_OK && catalog) rc = write_catalog(a, e);
  return rc;
}

static void artifacts_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  static const char fn[] = "rockset_artifacts";
  struct artifacts a = {.c = rs_conn_of(ctx)};
  struct rs_nodes_options o = {0};
  struct rs_error e = {0};
  struct rs_arena arena;
  struct rs_buf json;
  const char *options = NULL;
  bool catalog = true;
  const struct rs_option table[] = {{"catalog", RS_OPT_BOOL, &catalog, NULL},
                                    {"vars", RS_OPT_JSON, &o.models.vars, NULL}};
  rs_arena_init(&arena, 0);
  rs_map_init(&a.compiled);
  rs_buf_init(&a.text, RS_ARTIFACT_MAX);
  rs_buf_init(&a.written, RS_BUF_SQL_MAX);
  rs_buf_init(&a.notes, RS_BUF_SQL_MAX);
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_text(argv[0], fn, "folder", &a.folder, &e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "options", &options, &e);
  if (rc == RS_OK) rc = rs_options_read(options, table, 2, fn, &arena, &e);
  if (rc == RS_OK) rc = rs_nodes_load(&a.n, a.c, rs_conn_db(a.c), fn, &o, &e);
  if (rc == RS_OK) rc = write_all(&a, catalog, &e);
  rs_buf_printf(&json, "{\"written\":[%s],\"notes\":[%s]}", rs_buf_text(&a.written),
                rs_buf_text(&a.notes));
  rs_models_give(ctx, fn, &json, true, rc, &e);
  rs_buf_free(&a.text);
  rs_buf_free(&a.written);
  rs_buf_free(&a.notes);
  rs_map_free(&a.compiled);
  rs_nodes_end(&a.n);
  rs_arena_free(&arena);
}

int rs_artifacts_register(struct rs_conn *c)
{
  static const struct rs_function function = {"rockset_artifacts", 1, 2, artifacts_fn};
  return rs_conn_functions(c, &function, 1);
}
