/*
** The stored project: store.h over rockset_models, rockset_sources, rockset_macros, rockset_vars
** ... of main.
*/
#include <string.h>
#include "src/base/embedded.h"
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"
#include "src/project/graph/graph.h"
#include "models.h"
#include "internal.h"
#include "ext/base/tables.h"

#define SEED_MAX ((size_t)1 << 20)

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
  sqlite3_stmt *st;
  const struct rs_store_sink *sink;
};

/* A column's text; NULL and '' are absent. */
static const char *column_text(struct reading *r, int i)
{
  const char *s = (const char *)sqlite3_column_text(r->st, i);
  return s != NULL && *s != 0 ? s : NULL;
}

/* TEXT, or the BLOB that readfile() gave. Never NULL. */
static const char *sql_text(struct reading *r, int i, size_t *n)
{
  const char *s = sqlite3_column_type(r->st, i) == SQLITE_BLOB
                    ? sqlite3_column_blob(r->st, i)
                    : (const char *)sqlite3_column_text(r->st, i);
  *n = (size_t)sqlite3_column_bytes(r->st, i);
  return s != NULL ? s : "";
}

static enum rs_code read_model(struct reading *r, struct rs_error *e)
{
  struct rs_store_model m = {.name = column_text(r, 0),
                             .materialized = column_text(r, 2),
                             .workspace = column_text(r, 3),
                             .alias = column_text(r, 4),
                             .tags = column_text(r, 5),
                             .unique_key = column_text(r, 6),
                             .config = column_text(r, 7),
                             .description = column_text(r, 8),
                             .enabled = sqlite3_column_int(r->st, 9) != 0,
                             .package = column_text(r, 10),
                             .version = column_text(r, 11),
                             .latest_version = column_text(r, 12),
                             .folder = column_text(r, 13),
                             .path = column_text(r, 14),
                             .access = column_text(r, 15),
                             .group = column_text(r, 16),
                             .columns = column_text(r, 17),
                             .constraints = column_text(r, 18),
                             .deprecation_date = column_text(r, 19),
                             .patch_path = column_text(r, 20)};
  m.sql = sql_text(r, 1, &m.nsql);
  return m.name != NULL ? r->sink->model(r->sink->ctx, &m, e) : RS_OK;
}

/* Seeds and snapshots, which can be referred to as a model can, and analyses. */
static enum rs_code read_other(struct reading *r, struct rs_error *e)
{
  struct rs_store_model m = {.kind = (enum rs_store_kind)sqlite3_column_int(r->st, 0),
                             .name = column_text(r, 1),
                             .config = column_text(r, 3),
                             .description = column_text(r, 4),
                             .enabled = true,
                             .package = column_text(r, 5),
                             .folder = column_text(r, 6),
                             .path = column_text(r, 7),
                             .columns = column_text(r, 8),
                             .patch_path = column_text(r, 9)};
  m.sql = sql_text(r, 2, &m.nsql);
  char hex[2 * RS_SHA256_SIZE + 1];
  if (m.kind == RS_STORE_SEED) {
    size_t n;
    const char *csv = sql_text(r, 10, &n);
    // dbt does not read what is larger
    bool large = n > SEED_MAX && m.path != NULL;
    if (!large) rs_checksum(csv, n, hex);
    m.checksum = large ? m.path : hex;
  }
  return m.name != NULL ? r->sink->model(r->sink->ctx, &m, e) : RS_OK;
}

static enum rs_code read_source(struct reading *r, struct rs_error *e)
{
  struct rs_store_source s = {.source = column_text(r, 0),
                              .name = column_text(r, 1),
                              .workspace = column_text(r, 2),
                              .identifier = column_text(r, 3),
                              .description = column_text(r, 4),
                              .package = column_text(r, 5),
                              .config = column_text(r, 6),
                              .freshness = column_text(r, 7),
                              .loaded_at_field = column_text(r, 8),
                              .quoting = column_text(r, 9),
                              .meta = column_text(r, 10),
                              .local_table = column_text(r, 11),
                              .database = column_text(r, 12),
                              .columns = column_text(r, 13),
                              .tags = column_text(r, 14),
                              .external = column_text(r, 15),
                              .loader = column_text(r, 16),
                              .source_description = column_text(r, 17),
                              .path = column_text(r, 18)};
  return s.source != NULL && s.name != NULL ? r->sink->source(r->sink->ctx, &s, e) : RS_OK;
}

static enum rs_code read_macro(struct reading *r, struct rs_error *e)
{
  struct rs_store_macro m = {.name = column_text(r, 0),
                             .package = column_text(r, 2),
                             .description = column_text(r, 3),
                             .arguments = column_text(r, 4)};
  m.sql = sql_text(r, 1, &m.nsql);
  return m.name != NULL ? r->sink->macro(r->sink->ctx, &m, e) : RS_OK;
}

static enum rs_code read_project(struct reading *r, struct rs_error *e)
{
  const char *key = column_text(r, 0), *value = column_text(r, 1);
  return key != NULL && value != NULL ? r->sink->project(r->sink->ctx, key, value, e) : RS_OK;
}

static enum rs_code read_package(struct reading *r, struct rs_error *e)
{
  const char *name = column_text(r, 0);
  return name != NULL ? r->sink->package(r->sink->ctx, name, column_text(r, 1), e) : RS_OK;
}

static enum rs_code read_config(struct reading *r, struct rs_error *e)
{
  struct rs_store_config c = {
    .package = column_text(r, 0), .type = column_text(r, 1), .json = column_text(r, 3)};
  c.fqn = column_text(r, 2) != NULL ? column_text(r, 2) : "";
  return c.type != NULL && c.json != NULL ? r->sink->config(r->sink->ctx, &c, e) : RS_OK;
}

static enum rs_code read_var(struct reading *r, struct rs_error *e)
{
  struct rs_store_var v = {
    .name = column_text(r, 0), .package = column_text(r, 3), .scope = column_text(r, 4)};
  struct rs_buf json;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  int type = sqlite3_column_type(r->st, 1);
  const char *s = (const char *)sqlite3_column_text(r->st, 1);
  size_t n = (size_t)sqlite3_column_bytes(r->st, 1);
  if (s == NULL) rs_buf_str(&json, "null");
  else if (sqlite3_column_int(r->st, 2) != 0 || type == SQLITE_INTEGER) rs_buf_add(&json, s, n);
  else if (type == SQLITE_FLOAT) rs_buf_json_double(&json, sqlite3_column_double(r->st, 1));
  else rs_buf_json_str(&json, s, n);
  v.json = rs_buf_text(&json);
  enum rs_code rc = rs_buf_error(&json, e, "rockset_vars");
  if (rc == RS_OK && v.name != NULL) rc = r->sink->var(r->sink->ctx, &v, e);
  rs_buf_free(&json);
  return rc;
}

static enum rs_code read_test(struct reading *r, struct rs_error *e)
{
  struct rs_store_test t = {.package = column_text(r, 0),
                            .name = column_text(r, 1),
                            .test = column_text(r, 2),
                            .model = column_text(r, 3),
                            .column = column_text(r, 4),
                            .arguments = column_text(r, 5),
                            .config = column_text(r, 6),
                            .description = column_text(r, 7),
                            .folder = column_text(r, 9),
                            .path = column_text(r, 10)};
  if (t.test == NULL) t.sql = sql_text(r, 8, &t.nsql);
  return t.name != NULL ? r->sink->test(r->sink->ctx, &t, e) : RS_OK;
}

static enum rs_code read_unit_test(struct reading *r, struct rs_error *e)
{
  struct rs_store_unit_test t = {.package = column_text(r, 0),
                                 .name = column_text(r, 1),
                                 .model = column_text(r, 2),
                                 .description = column_text(r, 3),
                                 .given = column_text(r, 4),
                                 .expect = column_text(r, 5),
                                 .overrides = column_text(r, 6),
                                 .versions = column_text(r, 7),
                                 .config = column_text(r, 8),
                                 .path = column_text(r, 9)};
  return t.name != NULL && t.model != NULL ? r->sink->unit_test(r->sink->ctx, &t, e) : RS_OK;
}

static enum rs_code read_entry(struct reading *r, struct rs_error *e)
{
  struct rs_store_entry x = {.kind = (enum rs_store_entry_kind)sqlite3_column_int(r->st, 0),
                             .package = column_text(r, 1),
                             .name = column_text(r, 2),
                             .path = column_text(r, 3),
                             .text = column_text(r, 4)};
  if (x.text == NULL) x.text = "";
  return x.name != NULL ? r->sink->entry(r->sink->ctx, &x, e) : RS_OK;
}

static enum rs_code read_hook(struct reading *r, struct rs_error *e)
{
  struct rs_store_hook h = {
    .package = column_text(r, 0), .event = column_text(r, 1), .sql = column_text(r, 2)};
  return h.event != NULL && h.sql != NULL ? r->sink->hook(r->sink->ctx, &h, e) : RS_OK;
}

static const struct table {
  const char *name, *sql;
  enum rs_code (*read)(struct reading *r, struct rs_error *e);
} tables[] = {
  // The project's name and its packages go into what follows
  {"rockset_project", "SELECT key, value FROM main.rockset_project ORDER BY key", read_project},
  {"rockset_packages", "SELECT name, project FROM main.rockset_packages ORDER BY name",
   read_package},
  {"rockset_configs",
   "SELECT package, resource_type, fqn, config FROM main.rockset_configs "
   "ORDER BY package, resource_type, fqn",
   read_config},
  {"rockset_models",
   "SELECT name, sql, materialized, workspace, alias, tags, unique_key, config, description, "
   "enabled, package, version, latest_version, folder, path, access, \"group\", "
   "columns, constraints, deprecation_date, patch_path "
   "FROM main.rockset_models ORDER BY package, name, version",
   read_model},
  {"rockset_seeds",
   "SELECT 1, name, '', config, description, package, folder, path, columns, patch_path, csv "
   "FROM main.rockset_seeds "
   "ORDER BY package, name",
   read_other},
  {"rockset_snapshots",
   "SELECT 2, name, sql, config, description, package, folder, path, columns, patch_path "
   "FROM main.rockset_snapshots "
   "ORDER BY package, name",
   read_other},
  {"rockset_analyses",
   "SELECT 3, name, sql, config, description, package, folder, path, columns, patch_path "
   "FROM main.rockset_analyses "
   "ORDER BY package, name",
   read_other},
  {"rockset_sources",
   "SELECT source, name, workspace, identifier, description, package, config, "
   "freshness, loaded_at_field, quoting, meta, local_table, database, "
   "columns, tags, external, loader, source_description, path FROM main.rockset_sources "
   "ORDER BY package, source, name",
   read_source},
  {"rockset_macros",
   "SELECT name, sql, package, description, arguments FROM main.rockset_macros "
   "ORDER BY package, name",
   read_macro},
  {"rockset_vars",
   "SELECT name, value, is_json, package, scope FROM main.rockset_vars "
   "ORDER BY package, scope, name",
   read_var},
  {"rockset_tests",
   "SELECT package, name, test, model, column_name, arguments, config, description, sql, folder, "
   "path FROM main.rockset_tests ORDER BY package, name",
   read_test},
  {"rockset_unit_tests",
   "SELECT package, name, model, description, given, expect, overrides, versions, config, path "
   "FROM main.rockset_unit_tests ORDER BY package, name",
   read_unit_test},
  {"rockset_docs",
   "SELECT 0, package, name, path, text FROM main.rockset_docs ORDER BY package, name", read_entry},
  {"rockset_groups",
   "SELECT 1, package, name, path, json_object('owner', json(owner)) FROM main.rockset_groups "
   "ORDER BY package, name",
   read_entry},
  {"rockset_exposures",
   "SELECT 2, package, name, path, json_object('label', label, 'type', type, 'url', url, "
   "'maturity', maturity, 'owner', json(owner), 'description', description, 'depends_on', "
   "json(depends_on), 'tags', json(tags), 'meta', json(meta), 'config', json(config)) "
   "FROM main.rockset_exposures ORDER BY package, name",
   read_entry},
  {"rockset_metrics",
   "SELECT 3, package, name, path, json_object('label', label, 'type', type, 'type_params', "
   "json(type_params), 'description', description, 'filter', json(filter), 'time_granularity', "
   "time_granularity, 'tags', json(tags), 'meta', json(meta), 'config', json(config)) "
   "FROM main.rockset_metrics ORDER BY package, name",
   read_entry},
  {"rockset_semantic_models",
   "SELECT 4, package, name, path, json_object('model', model, 'label', label, 'description', "
   "description, 'defaults', json(defaults), 'primary_entity', primary_entity, 'entities', "
   "json(entities), 'dimensions', json(dimensions), 'measures', json(measures), 'config', "
   "json(config)) FROM main.rockset_semantic_models ORDER BY package, name",
   read_entry},
  {"rockset_saved_queries",
   "SELECT 5, package, name, path, json_object('label', label, 'description', description, "
   "'query_params', json(query_params), 'exports', json(exports), 'config', json(config)) "
   "FROM main.rockset_saved_queries ORDER BY package, name",
   read_entry},
  // Those of packages run before the project's own
  {"rockset_hooks",
   "SELECT package, event, sql FROM main.rockset_hooks ORDER BY package = '', package, event DESC, "
   "position",
   read_hook},
};

static enum rs_code read_table(sqlite3 *db, const struct table *t, const struct rs_store_sink *sink,
                               struct rs_error *e)
{
  struct reading r = {.sink = sink};
  enum rs_code rc = RS_OK;
  int step = SQLITE_DONE;
  if (sqlite3_prepare_v2(db, t->sql, -1, &r.st, NULL) != SQLITE_OK) {
    rc = rs_sqlite_error_of(db, t->name, e);
    const char *why = sqlite3_errmsg(db);
    if (strncmp(why, "no such", 7) == 0)
      rc = rs_fail(e, RS_NOT_FOUND, "%s: %s: run SELECT rockset_init()", t->name, why);
    return rc;
  }
  while (rc == RS_OK && (step = sqlite3_step(r.st)) == SQLITE_ROW) rc = t->read(&r, e);
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(db, t->name, e);
  sqlite3_finalize(r.st);
  return rc;
}

static enum rs_code read_all(sqlite3 *db, const struct rs_store_sink *sink, struct rs_error *e)
{
  enum rs_code rc = rs_tables_check(db, e);
  for (size_t i = 0; rc == RS_OK && i < sizeof tables / sizeof *tables; i++)
    rc = read_table(db, &tables[i], sink, e);
  return rc;
}

/* In one savepoint, so that all tables belong together; it ends before anything is run, and no
** run holds a read transaction. Inside a statement that writes (CREATE
** TABLE t AS SELECT ... FROM rockset_compile) there can be none: its transaction does the same. */
static enum rs_code read_store(void *ctx, const struct rs_store_sink *sink, struct rs_error *e)
{
  sqlite3 *db = ctx;
  if (sqlite3_exec(db, "SAVEPOINT rockset_read", NULL, NULL, NULL) != SQLITE_OK) {
    enum rs_code code = rs_sqlite_error_of(db, "rockset_models", e);
    return code == RS_BUSY ? read_all(db, sink, e) : code;
  }
  enum rs_code rc = read_all(db, sink, e);
  sqlite3_exec(db, "RELEASE rockset_read", NULL, NULL, NULL);
  return rc;
}

void rs_store_open(sqlite3 *db, struct rs_store *out)
{
  *out = (struct rs_store){.ctx = db, .read = read_store};
}
