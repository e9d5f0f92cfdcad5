/*
** The project's tables in SQLite: rockset_init(), and store.h over rockset_models, rockset_sources,
** rockset_macros, rockset_vars of main.
**
** The schema's version is a row of rockset_meta: user_version and application_id are the
** application's. Everybody who reads the tables checks it first, since a newer or an older
** extension may have written them.
*/
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/embedded.h"
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"
#include "src/project/graph/graph.h"
#include "models.h"
#include "ext/rockset_ext.h"

#define SEED_MAX ((size_t)1 << 20)

/* ---- statements ----------------------------------------------------------------------------- */

static enum rs_code db_error(sqlite3 *db, const char *what, struct rs_error *e)
{
  enum rs_code code = RS_INVALID;
  switch (sqlite3_errcode(db) & 0xff) {
    case SQLITE_NOMEM: return rs_nomem(e);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = RS_BUSY; break;
    case SQLITE_INTERRUPT: code = RS_CANCELLED; break;
    case SQLITE_IOERR: code = RS_IO; break;
    default: break;
  }
  return rs_fail(e, code, "%s: %s", what, sqlite3_errmsg(db));
}

static enum rs_code run(sqlite3 *db, const char *what, const char *sql, struct rs_error *e)
{
  if (sql == NULL) return rs_nomem(e);
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? RS_OK : db_error(db, what, e);
}

/* Runs text made by sqlite3_mprintf and frees it. */
static enum rs_code run_made(sqlite3 *db, const char *what, char *sql, struct rs_error *e)
{
  enum rs_code rc = run(db, what, sql, e);
  sqlite3_free(sql);
  return rc;
}

int rs_unit_begin(struct rs_unit *u, sqlite3 *db, bool immediate)
{
  u->db = db;
  u->own = sqlite3_get_autocommit(db) != 0;
  const char *sql = !u->own ? "SAVEPOINT rockset_unit" : immediate ? "BEGIN IMMEDIATE" : "BEGIN";
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int rs_unit_end(struct rs_unit *u, int rc)
{
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(u->db, u->own ? "COMMIT" : "RELEASE rockset_unit", NULL, NULL, NULL);
  if (rc == SQLITE_OK) return rc;
  if (!u->own)
    sqlite3_exec(u->db, "ROLLBACK TO rockset_unit; RELEASE rockset_unit", NULL, NULL, NULL);
  else if (!sqlite3_get_autocommit(u->db)) // some failures have rolled back already
    sqlite3_exec(u->db, "ROLLBACK", NULL, NULL, NULL);
  return rc;
}

/* One text of a query's first row; NULL when there is no row. Owned (rs_free). */
static enum rs_code query_text(sqlite3 *db, char *sql, char **out, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  *out = NULL;
  if (sql == NULL) return rs_nomem(e);
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK) {
    int step = sqlite3_step(st);
    if (step == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL) {
      *out = rs_strdup((const char *)sqlite3_column_text(st, 0));
      if (*out == NULL) rc = rs_nomem(e);
    } else if (step != SQLITE_ROW && step != SQLITE_DONE) {
      rc = db_error(db, "rockset_meta", e);
    }
  } else {
    rc = db_error(db, "rockset_meta", e);
  }
  sqlite3_finalize(st);
  sqlite3_free(sql);
  return rc;
}

static enum rs_code read_meta(sqlite3 *db, const char *schema, const char *key, char **out,
                              struct rs_error *e)
{
  return query_text(
    db, sqlite3_mprintf("SELECT value FROM \"%w\".rockset_meta WHERE key = %Q", schema, key), out,
    e);
}

/* The schema's version; 0 when there are no tables. */
static enum rs_code read_version(sqlite3 *db, const char *schema, int64_t *version,
                                 struct rs_error *e)
{
  char *text = NULL;
  *version = 0;
  enum rs_code rc = query_text(
    db,
    sqlite3_mprintf("SELECT name FROM \"%w\".sqlite_schema WHERE name = 'rockset_meta'", schema),
    &text, e);
  if (rc != RS_OK || text == NULL) return rc;
  rs_free(text);
  rc = read_meta(db, schema, "schema_version", &text, e);
  if (rc != RS_OK || text == NULL) return rc;
  char *end;
  *version = strtoll(text, &end, 10);
  if (end == text || *end != 0 || *version < 0)
    rc = rs_fail(e, RS_INVALID, "rockset_meta: schema_version is '%s', which is no version", text);
  rs_free(text);
  return rc;
}

static enum rs_code fail_newer(sqlite3 *db, const char *schema, int64_t version, struct rs_error *e)
{
  char *needs = NULL;
  enum rs_code rc = read_meta(db, schema, "needs", &needs, e);
  if (rc != RS_OK) return rc;
  rs_fail(e, RS_UNSUPPORTED,
          "the rockset_* tables have schema %" PRId64 ", which needs rockset_ext %s or newer; this "
          "is %s, with schema %d",
          version, needs != NULL ? needs : "(unknown)", ROCKSET_EXT_VERSION, RS_SCHEMA_VERSION);
  rs_free(needs);
  return RS_UNSUPPORTED;
}

/* ---- rockset_init --------------------------------------------------------------------------- */

/* The text of a file of sql/ for another schema than main: each `main.rockset_` becomes that. */
static enum rs_code run_file(sqlite3 *db, const char *name, const char *schema, struct rs_error *e)
{
  static const char mark[] = "main.rockset_";
  const struct rs_embedded *f = rs_embedded_find(name);
  if (f == NULL) return rs_fail(e, RS_INTERNAL, "sql/%s is missing from this build", name);
  char *quoted = sqlite3_mprintf("\"%w\".rockset_", schema);
  if (quoted == NULL) return rs_nomem(e);
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  const char *p = f->text, *at;
  while ((at = strstr(p, mark)) != NULL) {
    rs_buf_add(&sql, p, (size_t)(at - p));
    rs_buf_str(&sql, quoted);
    p = at + sizeof mark - 1;
  }
  rs_buf_str(&sql, p);
  enum rs_code rc = rs_buf_error(&sql, e, name);
  if (rc == RS_OK) rc = run(db, "rockset_init", rs_buf_text(&sql), e);
  rs_buf_free(&sql);
  sqlite3_free(quoted);
  return rc;
}

static enum rs_code migrate(sqlite3 *db, const char *schema, int64_t from, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (int64_t v = from + 1; from > 0 && rc == RS_OK && v <= RS_SCHEMA_VERSION; v++) {
    char name[40];
    sqlite3_snprintf(sizeof name, name, "migrate-%lld.sql", (long long)v);
    rc = run_file(db, name, schema, e);
  }
  // Makes everything in a new database, and what somebody dropped in an old one
  if (rc == RS_OK) rc = run_file(db, "schema.sql", schema, e);
  if (rc == RS_OK && from != RS_SCHEMA_VERSION)
    rc = run_made(db, "rockset_init",
                  sqlite3_mprintf("INSERT OR REPLACE INTO \"%w\".rockset_meta(key, value) VALUES"
                                  "('schema_version', '%d'), ('needs', %Q)",
                                  schema, RS_SCHEMA_VERSION, ROCKSET_EXT_VERSION),
                  e);
  return rc;
}

enum rs_code rs_store_init(struct rs_conn *c, const char *schema, const char **what,
                           struct rs_error *e)
{
  sqlite3 *db = rs_conn_db(c);
  int64_t version;
  if (sqlite3_db_readonly(db, schema) < 0)
    return rs_fail(e, RS_NOT_FOUND, "rockset_init: no database '%s' is attached", schema);
  struct rs_unit unit;
  if (rs_unit_begin(&unit, db, false) != SQLITE_OK) return db_error(db, "rockset_init", e);
  enum rs_code rc = read_version(db, schema, &version, e);
  if (rc == RS_OK && version > RS_SCHEMA_VERSION) {
    rc = fail_newer(db, schema, version, e);
    rs_error_prefix(e, "rockset_init");
  }
  if (rc == RS_OK) rc = migrate(db, schema, version, e);
  int done = rs_unit_end(&unit, rc == RS_OK ? SQLITE_OK : SQLITE_ERROR);
  if (rc == RS_OK && done != SQLITE_OK)
    rc = rs_fail(e, done == SQLITE_BUSY ? RS_BUSY : RS_IO, "rockset_init: %s",
                 sqlite3_errstr(done));
  *what = version == 0 ? "created" : version < RS_SCHEMA_VERSION ? "migrated" : "is up to date";
  return rc;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct reading {
  sqlite3_stmt *st;
  const struct rs_store_sink *sink;
};

enum rs_code rs_store_check(sqlite3 *db, struct rs_error *e)
{
  int64_t version;
  enum rs_code rc = read_version(db, "main", &version, e);
  if (rc != RS_OK) return rc;
  if (version == 0)
    return rs_fail(e, RS_NOT_FOUND,
                   "this database has no rockset_* tables yet: run SELECT rockset_init()");
  if (version < RS_SCHEMA_VERSION)
    return rs_fail(e, RS_INVALID,
                   "the rockset_* tables have the older schema %" PRId64 " (now %d): run SELECT "
                   "rockset_init()",
                   version, RS_SCHEMA_VERSION);
  return version > RS_SCHEMA_VERSION ? fail_newer(db, "main", version, e) : RS_OK;
}

/* A column's text; NULL and '' are absent. */
static const char *text(struct reading *r, int i)
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
  struct rs_store_model m = {.name = text(r, 0),
                             .materialized = text(r, 2),
                             .workspace = text(r, 3),
                             .alias = text(r, 4),
                             .tags = text(r, 5),
                             .unique_key = text(r, 6),
                             .config = text(r, 7),
                             .description = text(r, 8),
                             .enabled = sqlite3_column_int(r->st, 9) != 0,
                             .package = text(r, 10),
                             .version = text(r, 11),
                             .latest_version = text(r, 12),
                             .folder = text(r, 13),
                             .path = text(r, 14),
                             .access = text(r, 15),
                             .group = text(r, 16),
                             .columns = text(r, 17),
                             .constraints = text(r, 18),
                             .deprecation_date = text(r, 19),
                             .patch_path = text(r, 20)};
  m.sql = sql_text(r, 1, &m.nsql);
  return m.name != NULL ? r->sink->model(r->sink->ctx, &m, e) : RS_OK;
}

/* Seeds and snapshots, which can be referred to as a model can, and analyses. */
static enum rs_code read_other(struct reading *r, struct rs_error *e)
{
  struct rs_store_model m = {.kind = (enum rs_store_kind)sqlite3_column_int(r->st, 0),
                             .name = text(r, 1),
                             .config = text(r, 3),
                             .description = text(r, 4),
                             .enabled = true,
                             .package = text(r, 5),
                             .folder = text(r, 6),
                             .path = text(r, 7),
                             .columns = text(r, 8),
                             .patch_path = text(r, 9)};
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
  struct rs_store_source s = {.source = text(r, 0),
                              .name = text(r, 1),
                              .workspace = text(r, 2),
                              .identifier = text(r, 3),
                              .description = text(r, 4),
                              .package = text(r, 5),
                              .config = text(r, 6),
                              .freshness = text(r, 7),
                              .loaded_at_field = text(r, 8),
                              .quoting = text(r, 9),
                              .meta = text(r, 10),
                              .local_table = text(r, 11),
                              .database = text(r, 12),
                              .columns = text(r, 13),
                              .tags = text(r, 14),
                              .external = text(r, 15),
                              .loader = text(r, 16),
                              .source_description = text(r, 17),
                              .path = text(r, 18)};
  return s.source != NULL && s.name != NULL ? r->sink->source(r->sink->ctx, &s, e) : RS_OK;
}

static enum rs_code read_macro(struct reading *r, struct rs_error *e)
{
  struct rs_store_macro m = {
    .name = text(r, 0), .package = text(r, 2), .description = text(r, 3), .arguments = text(r, 4)};
  m.sql = sql_text(r, 1, &m.nsql);
  return m.name != NULL ? r->sink->macro(r->sink->ctx, &m, e) : RS_OK;
}

static enum rs_code read_project(struct reading *r, struct rs_error *e)
{
  const char *key = text(r, 0), *value = text(r, 1);
  return key != NULL && value != NULL ? r->sink->project(r->sink->ctx, key, value, e) : RS_OK;
}

static enum rs_code read_package(struct reading *r, struct rs_error *e)
{
  const char *name = text(r, 0);
  return name != NULL ? r->sink->package(r->sink->ctx, name, text(r, 1), e) : RS_OK;
}

static enum rs_code read_config(struct reading *r, struct rs_error *e)
{
  struct rs_store_config c = {.package = text(r, 0), .type = text(r, 1), .json = text(r, 3)};
  c.fqn = text(r, 2) != NULL ? text(r, 2) : "";
  return c.type != NULL && c.json != NULL ? r->sink->config(r->sink->ctx, &c, e) : RS_OK;
}

static enum rs_code read_var(struct reading *r, struct rs_error *e)
{
  struct rs_store_var v = {.name = text(r, 0), .package = text(r, 3), .scope = text(r, 4)};
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
  struct rs_store_test t = {.package = text(r, 0),
                            .name = text(r, 1),
                            .test = text(r, 2),
                            .model = text(r, 3),
                            .column = text(r, 4),
                            .arguments = text(r, 5),
                            .config = text(r, 6),
                            .description = text(r, 7),
                            .folder = text(r, 9),
                            .path = text(r, 10)};
  if (t.test == NULL) t.sql = sql_text(r, 8, &t.nsql);
  return t.name != NULL ? r->sink->test(r->sink->ctx, &t, e) : RS_OK;
}

static enum rs_code read_unit_test(struct reading *r, struct rs_error *e)
{
  struct rs_store_unit_test t = {.package = text(r, 0),
                                 .name = text(r, 1),
                                 .model = text(r, 2),
                                 .description = text(r, 3),
                                 .given = text(r, 4),
                                 .expect = text(r, 5),
                                 .overrides = text(r, 6),
                                 .versions = text(r, 7),
                                 .config = text(r, 8),
                                 .path = text(r, 9)};
  return t.name != NULL && t.model != NULL ? r->sink->unit_test(r->sink->ctx, &t, e) : RS_OK;
}

static enum rs_code read_entry(struct reading *r, struct rs_error *e)
{
  struct rs_store_entry x = {.kind = (enum rs_store_entry_kind)sqlite3_column_int(r->st, 0),
                             .package = text(r, 1),
                             .name = text(r, 2),
                             .path = text(r, 3),
                             .text = text(r, 4)};
  if (x.text == NULL) x.text = "";
  return x.name != NULL ? r->sink->entry(r->sink->ctx, &x, e) : RS_OK;
}

static enum rs_code read_hook(struct reading *r, struct rs_error *e)
{
  struct rs_store_hook h = {.package = text(r, 0), .event = text(r, 1), .sql = text(r, 2)};
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
    rc = db_error(db, t->name, e);
    const char *why = sqlite3_errmsg(db);
    if (strncmp(why, "no such", 7) == 0)
      rc = rs_fail(e, RS_NOT_FOUND, "%s: %s: run SELECT rockset_init()", t->name, why);
    return rc;
  }
  while (rc == RS_OK && (step = sqlite3_step(r.st)) == SQLITE_ROW) rc = t->read(&r, e);
  if (rc == RS_OK && step != SQLITE_DONE) rc = db_error(db, t->name, e);
  sqlite3_finalize(r.st);
  return rc;
}

static enum rs_code read_all(sqlite3 *db, const struct rs_store_sink *sink, struct rs_error *e)
{
  enum rs_code rc = rs_store_check(db, e);
  for (size_t i = 0; rc == RS_OK && i < sizeof tables / sizeof *tables; i++)
    rc = read_table(db, &tables[i], sink, e);
  return rc;
}

/* In one savepoint, so that all tables are of one moment; it ends before anything is run, and no
** run holds a read transaction (design.md, decision 10). Inside a statement that writes (CREATE
** TABLE t AS SELECT ... FROM rockset_compile) there can be none: its transaction does the same. */
static enum rs_code read_store(void *ctx, const struct rs_store_sink *sink, struct rs_error *e)
{
  sqlite3 *db = ctx;
  enum rs_code rc = run(db, "rockset_models", "SAVEPOINT rockset_read", e);
  if (rc == RS_BUSY) return read_all(db, sink, e);
  if (rc != RS_OK) return rc;
  rc = read_all(db, sink, e);
  sqlite3_exec(db, "RELEASE rockset_read", NULL, NULL, NULL);
  return rc;
}

void rs_store_open(sqlite3 *db, struct rs_store *out)
{
  *out = (struct rs_store){.ctx = db, .read = read_store};
}
