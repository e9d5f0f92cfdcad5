/*
** Opening a DuckDB database: options at open, extensions, the profile's config_options, then the
** file, the profile's settings, and external access off. In this order since LOAD, ATTACH and some
** settings need external access, and since turning it off can't be undone for the life of the
** instance.
**
** DuckDB would name the catalog of a file that it opens by the file's stem, and "shop"."t" would be
** ambiguous where a schema has that name. So the main database is an empty one in memory, the file
** is attached under the name that the profile decides (the stem, as with dbt-duckdb, or one that no
** workspace can have), every connection begins there, and the main database, `memory`, is detached.
*/
#include <string.h>
#include <cjson/cJSON.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "open.h"

static enum rs_code set_option(struct rs_duckdb_open *o, const char *key, const char *value,
                               struct rs_error *e)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  AdbcStatusCode status = o->driver->fn.DatabaseSetOption(&o->db, key, value, &a);
  if (status == ADBC_STATUS_OK) return RS_OK;
  rs_adbc_fail(o->driver, status, &a, e);
  return rs_error_prefix(e, "option %s", key);
}

static enum rs_code run_statement(struct rs_adbc_conn *conn, const char *sql, struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql, .writes = true};
  return rs_adbc_exec(conn, &st, NULL, e);
}

/* 'it''s' */
void rs_duckdb_add_literal(struct rs_buf *b, const char *s)
{
  rs_buf_char(b, '\'');
  for (; *s; s++) {
    if (*s == '\'') rs_buf_char(b, '\'');
    rs_buf_char(b, *s);
  }
  rs_buf_char(b, '\'');
}

void rs_duckdb_add_ident(struct rs_buf *b, const char *s)
{
  rs_buf_char(b, '"');
  for (; *s; s++) {
    if (*s == '"') rs_buf_char(b, '"');
    rs_buf_char(b, *s);
  }
  rs_buf_char(b, '"');
}

/* A setting's value: texts and numbers as a literal that DuckDB casts, lists as a list of those. */
static void add_value(struct rs_buf *b, const cJSON *v)
{
  if (cJSON_IsArray(v)) {
    const cJSON *item;
    rs_buf_char(b, '[');
    cJSON_ArrayForEach(item, v)
    {
      if (item != v->child) rs_buf_str(b, ", ");
      add_value(b, item);
    }
    rs_buf_char(b, ']');
  } else if (cJSON_IsString(v)) {
    rs_duckdb_add_literal(b, v->valuestring);
  } else {
    char *text = cJSON_PrintUnformatted(v);
    if (!text) b->rc = RS_NOMEM;
    if (text) rs_duckdb_add_literal(b, text);
    cJSON_free(text);
  }
}

/* ---- extensions and settings ----------------------------------------------------------------- */

/* Bundled (or installed) ones only: nothing is ever downloaded. */
static enum rs_code load_extensions(struct rs_adbc_conn *conn, const char *list, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (!list || !*list) return RS_OK;
  cJSON *j = cJSON_Parse(list);
  const cJSON *item;
  if (!j) return rs_fail(e, RS_INVALID, "the profile's `extensions` is no list");
  cJSON_ArrayForEach(item, j)
  {
    if (!cJSON_IsString(item)) continue;
    struct rs_buf b;
    rs_buf_init(&b, 4096);
    rs_buf_str(&b, "LOAD ");
    rs_duckdb_add_ident(&b, item->valuestring);
    rc = rs_buf_error(&b, e, "extension");
    if (!rc && (rc = run_statement(conn, b.p, e)) && rc != RS_NOMEM)
      rs_error_prefix(e, "extension %s (it must be built in or installed; none is downloaded)",
                      item->valuestring);
    rs_buf_free(&b);
    if (rc) break;
  }
  cJSON_Delete(j);
  return rc;
}

/* SET GLOBAL, or, for what belongs to a session, SET for each connection. */
static enum rs_code set_one(struct rs_adbc_conn *conn, const cJSON *item,
                            struct rs_buf *per_session, struct rs_error *e)
{
  struct rs_buf b;
  struct rs_error own = {0};
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "SET GLOBAL ");
  rs_duckdb_add_ident(&b, item->string);
  rs_buf_str(&b, " = ");
  add_value(&b, item);
  enum rs_code rc = rs_buf_error(&b, e, "setting");
  if (!rc && (rc = run_statement(conn, b.p, &own))) {
    if (strstr(own.text, "cannot be set globally")) {
      rs_buf_printf(per_session, "SET SESSION %s", b.p + strlen("SET GLOBAL "));
      rs_buf_char(per_session, 0);
      rc = rs_buf_error(per_session, e, "settings");
    } else {
      if (e) *e = own;
      if (rc != RS_NOMEM) rs_error_prefix(e, "setting %s", item->string);
    }
  }
  rs_buf_free(&b);
  return rc;
}

static enum rs_code apply_settings(struct rs_adbc_conn *conn, const char *map,
                                   struct rs_buf *per_session, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (!map || !*map) return RS_OK;
  cJSON *j = cJSON_Parse(map);
  const cJSON *item;
  if (!j) return rs_fail(e, RS_INVALID, "the profile's `settings` is no map");
  cJSON_ArrayForEach(item, j)
  {
    rc = set_one(conn, item, per_session, e);
    if (rc) break;
  }
  cJSON_Delete(j);
  return rc;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* DuckDB: `... Conflicting lock is held in /usr/bin/x (PID 12) by user y. See also ...` */
static enum rs_code locked(const char *path, struct rs_error *e)
{
  char holder[512] = "another program";
  const char *from = e ? strstr(e->text, "lock is held in ") : NULL;
  if (from) {
    from += strlen("lock is held in ");
    const char *pid = strstr(from, "(PID ");
    const char *end = pid ? strchr(pid, ')') : NULL;
    size_t n = end ? (size_t)(end + 1 - from) : strcspn(from, "\n.");
    if (n >= sizeof holder) n = sizeof holder - 1;
    memcpy(holder, from, n);
    holder[n] = 0;
  }
  if (strstr(holder, "/rocksetd (PID ") != NULL)
    return rs_fail(e, RS_BUSY,
                   "%s is locked by %s: stop it, or ask it instead, by a profile of type rockset "
                   "with its address as api_server",
                   path, holder);
  return rs_fail(e, RS_BUSY,
                 "%s is locked by %s: close the other program, raise lock_timeout, or share "
                 "the file through a rocksetd server",
                 path, holder);
}

/* DuckDB itself, with an empty database in memory. */
static enum rs_code open_engine(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                struct rs_error *e)
{
  const struct {
    const char *key, *value;
  } options[] = {
    {"path", ":memory:"},
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    // Exact types: JSON, UUID, HUGEINT, BIT ... are distinguished from text and decimals
    {"arrow_lossless_conversion", "true"},
  };
  struct AdbcError a = {.vendor_code = INT32_MIN};
  AdbcStatusCode status = o->driver->fn.DatabaseNew(&o->db, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(o->driver, status, &a, e);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; !rc && i < sizeof options / sizeof *options; i++)
    rc = set_option(o, options[i].key, options[i].value, e);
  if (!rc && !c->memory) {
    // Beside the file, as if it were the main database: that one's would lie in the current folder
    char *temp = rs_mprintf("%s.tmp", c->path);
    rc = temp ? set_option(o, "temp_directory", temp, e) : rs_nomem(e);
    rs_free(temp);
  }
  if (rc) return rc;
  status = o->driver->fn.DatabaseInit(&o->db, &a);
  return status == ADBC_STATUS_OK ? RS_OK : rs_adbc_fail(o->driver, status, &a, e);
}

/* Every connection begins in the main database, which is gone. */
static enum rs_code use_catalog(struct rs_adbc_conn *conn, const char *catalog, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "USE ");
  rs_duckdb_add_ident(&b, catalog);
  enum rs_code rc = rs_buf_error(&b, e, "database");
  if (!rc) rc = run_statement(conn, b.p, e);
  rs_buf_free(&b);
  return rc;
}

/* The profile wants DuckDB's own database in memory, under its own name. */
static bool is_main(const struct rs_duckdb_config *c)
{
  return c->memory && strcmp(c->catalog, "memory") == 0;
}

static enum rs_code attach(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c, bool write,
                           bool *stand_in, struct rs_error *e)
{
  struct rs_buf b;
  *stand_in = !write && !c->read_only && rs_duckdb_no_file(c->path);
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "ATTACH ");
  rs_duckdb_add_literal(&b, *stand_in ? ":memory:" : c->path);
  rs_buf_str(&b, " AS ");
  rs_duckdb_add_ident(&b, c->catalog);
  if (!*stand_in) rs_buf_printf(&b, " (%s)", write ? "READ_WRITE" : "READ_ONLY");
  enum rs_code rc = rs_buf_error(&b, e, "path");
  if (!rc) rc = run_statement(conn, b.p, e);
  rs_buf_free(&b);
  // DuckDB looks for its extension that reads such files
  if (rc != RS_OK && e != NULL && strstr(e->text, "sqlite_scanner") != NULL)
    return rs_fail(e, RS_INVALID,
                   "%s is a SQLite database, not DuckDB's: what was loaded and built from there "
                   "lies beside it, in %s.duckdb",
                   c->path, c->path);
  return rc == RS_BUSY ? locked(c->path, e) : rc;
}

static enum rs_code attach_others(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                                  bool write, bool *stand_in, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; !rc && i < c->nattached; i++) {
    const struct rs_duckdb_attached *x = &c->attached[i];
    rc = rs_duckdb_attach(conn, x, write, stand_in, e);
    if (rc == RS_BUSY) return locked(x->path, e);
    if (rc && rc != RS_NOMEM) rs_error_prefix(e, "attach '%s' (%s)", x->alias, x->path);
  }
  return rc;
}

/* What the profile wants, with the file's name in front of errors. */
static enum rs_code named(enum rs_code rc, const struct rs_duckdb_config *c, struct rs_error *e)
{
  if (rc && rc != RS_NOMEM) rs_error_prefix(e, "%s", c->path);
  return rc;
}

static enum rs_code before_file(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                                struct rs_buf *per_session, struct rs_error *e)
{
  // Results must not depend on where the machine stands; a profile's setting may still say
  // otherwise.
  // A library without time zones knows UTC only, and no such setting
  (void)run_statement(conn, "SET GLOBAL TimeZone = 'UTC'", NULL);
  enum rs_code rc = load_extensions(conn, c->extensions, e);
  return rc ? rc : apply_settings(conn, c->config_options, per_session, e);
}

static void add_paths(struct rs_buf *b, const char *path)
{
  static const char *const suffixes[] = {"", ".wal", ".wal.checkpoint", ".wal.recovery"};
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    char *one = rs_mprintf("%s%s", path, suffixes[i]);
    rs_buf_str(b, b->n == 0 ? "SET GLOBAL allowed_paths = [" : ", ");
    if (one) rs_duckdb_add_literal(b, one);
    else b->rc = RS_NOMEM;
    rs_free(one);
  }
}

/* Files that are attached when external access is turned off may be attached again later. So may
** those that are still missing. */
static enum rs_code allow_missing(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                                  struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  if (!c->memory && rs_duckdb_no_file(c->path)) add_paths(&b, c->path);
  for (size_t i = 0; i < c->nattached; i++)
    if (c->attached[i].file && rs_duckdb_no_file(c->attached[i].path))
      add_paths(&b, c->attached[i].path);
  if (b.n == 0) return RS_OK;
  rs_buf_char(&b, ']');
  enum rs_code rc = rs_buf_error(&b, e, "paths");
  if (!rc) rc = run_statement(conn, rs_buf_text(&b), e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code after_file(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                               struct rs_buf *per_session, struct rs_error *e)
{
  enum rs_code rc = use_catalog(conn, c->catalog, e);
  if (!rc && !is_main(c)) rc = run_statement(conn, "DETACH memory", e);
  if (!rc) rc = apply_settings(conn, c->settings, per_session, e);
  if (!rc && !c->external_access) rc = allow_missing(conn, c, e);
  if (!rc && !c->external_access)
    rc = run_statement(conn, "SET GLOBAL enable_external_access = false", e);
  return rc;
}

/* What is opened with the files and goes with them. */
static enum rs_code open_files(struct rs_duckdb_open *o, struct rs_adbc_conn *conn,
                               const struct rs_duckdb_config *c, bool write, struct rs_error *e)
{
  enum rs_code rc = is_main(c) ? RS_OK : attach(conn, c, write, &o->stand_in, e);
  return rc ? rc : attach_others(conn, c, write, &o->stand_in, e);
}

static enum rs_code note_vetted(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                struct rs_error *e)
{
  if (c->memory || c->external_access) return RS_OK;
  return (o->vetted = rs_strdup(c->path)) ? RS_OK : rs_nomem(e);
}

static enum rs_code set_up(struct rs_duckdb_open *o, const struct rs_duckdb_config *c, bool write,
                           bool vet, struct rs_error *e)
{
  struct rs_adbc_conn conn;
  struct rs_buf per_session;
  rs_buf_init(&per_session, 1 << 20);
  enum rs_code rc = rs_adbc_connect(&conn, o->driver, &o->db, e);
  if (rc) return rc;
  rc = named(before_file(&conn, c, &per_session, e), c, e);
  if (!rc) rc = open_files(o, &conn, c, write, e);
  if (!rc) rc = named(after_file(&conn, c, &per_session, e), c, e);
  if (!rc && vet) rc = rs_duckdb_vet(&conn, c, e);
  rs_adbc_disconnect(&conn);
  if (!rc && per_session.n) {
    rs_buf_char(&per_session, 0);
    o->per_session = rs_buf_take(&per_session);
    if (!o->per_session) rc = rs_nomem(e);
  }
  rs_buf_free(&per_session);
  return rc;
}

enum rs_code rs_duckdb_open_begin(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                  bool write, struct rs_error *e)
{
  memset(o, 0, sizeof *o);
  enum rs_code rc = rs_duckdb_library(c->library, &o->driver, e);
  if (rc) return rc;
  o->fingerprint = rs_strdup(c->fingerprint);
  o->catalog = rs_strdup(c->catalog);
  struct rs_buf names;
  rs_buf_init(&names, 1 << 20);
  for (size_t i = 0; i < c->nattached; i++)
    rs_buf_add(&names, c->attached[i].alias, strlen(c->attached[i].alias) + 1);
  rs_buf_char(&names, 0);
  o->attached = rs_buf_take(&names);
  bool vet = rs_duckdb_vet_begin(c);
  rc = o->fingerprint && o->catalog && o->attached ? open_engine(o, c, e) : rs_nomem(e);
  if (!rc) rc = set_up(o, c, write, vet, e);
  if (!rc) rc = note_vetted(o, c, e);
  if (rc) rs_duckdb_open_end(o);
  return rc;
}

static enum rs_code detach(struct rs_adbc_conn *conn, const char *name, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "DETACH ");
  rs_duckdb_add_ident(&b, name);
  enum rs_code rc = rs_buf_error(&b, e, "database");
  if (!rc) rc = run_statement(conn, b.p, e);
  rs_buf_free(&b);
  return rc;
}

/* Goes on where one of them is not there: then an opening failed half-way. */
static enum rs_code close_files(struct rs_duckdb_open *o, struct rs_adbc_conn *conn)
{
  enum rs_code rc = detach(conn, o->catalog, NULL);
  for (const char *name = o->attached; name && *name; name += strlen(name) + 1) {
    enum rs_code one = detach(conn, name, NULL);
    if (!rc) rc = one;
  }
  return rc;
}

bool rs_duckdb_open_detach(struct rs_duckdb_open *o)
{
  struct rs_adbc_conn conn;
  if (rs_adbc_connect(&conn, o->driver, &o->db, NULL)) return false;
  enum rs_code rc = close_files(o, &conn);
  rs_adbc_disconnect(&conn);
  if (o->vetted) rs_duckdb_vet_end(o->vetted);
  rs_free(o->vetted);
  o->vetted = NULL;
  return rc == RS_OK;
}

enum rs_code rs_duckdb_open_attach(struct rs_duckdb_open *o, const struct rs_duckdb_config *c,
                                   bool write, struct rs_error *e)
{
  struct rs_adbc_conn conn;
  const bool vet = rs_duckdb_vet_begin(c);
  enum rs_code rc = rs_adbc_connect(&conn, o->driver, &o->db, e);
  if (rc) return rc;
  rc = open_files(o, &conn, c, write, e);
  if (!rc) rc = named(use_catalog(&conn, c->catalog, e), c, e);
  if (!rc && vet) rc = rs_duckdb_vet(&conn, c, e);
  if (!rc) rc = note_vetted(o, c, e);
  if (rc) (void)close_files(o, &conn);
  rs_adbc_disconnect(&conn);
  return rc;
}

enum rs_code rs_duckdb_open_connect(struct rs_duckdb_open *o, struct rs_adbc_conn *conn,
                                    struct rs_error *e)
{
  enum rs_code rc = rs_adbc_connect(conn, o->driver, &o->db, e);
  if (!rc) rc = use_catalog(conn, o->catalog, e);
  for (const char *sql = o->per_session; !rc && sql && *sql; sql += strlen(sql) + 1)
    rc = run_statement(conn, sql, e);
  if (rc) rs_adbc_disconnect(conn);
  return rc;
}

enum rs_code rs_duckdb_open_default(const struct rs_duckdb_open *o, struct rs_adbc_conn *conn,
                                    const char *schema, struct rs_error *e)
{
  struct rs_buf name, b;
  if (schema == NULL) return use_catalog(conn, o->catalog, e);
  rs_buf_init(&name, 1 << 20);
  rs_buf_init(&b, 1 << 20);
  rs_duckdb_add_ident(&name, o->catalog);
  rs_buf_char(&name, '.');
  rs_duckdb_add_ident(&name, schema);
  rs_buf_char(&name, ',');
  rs_duckdb_add_ident(&name, o->catalog);
  rs_buf_str(&name, ".main");
  rs_buf_str(&b, "SET SESSION search_path = ");
  if (name.rc == RS_OK) rs_duckdb_add_literal(&b, rs_buf_text(&name));
  else b.rc = name.rc;
  enum rs_code rc = rs_buf_error(&b, e, "workspace");
  if (!rc) rc = run_statement(conn, b.p, e);
  rs_buf_free(&name);
  rs_buf_free(&b);
  return rc;
}

void rs_duckdb_open_end(struct rs_duckdb_open *o)
{
  struct AdbcError a = {.vendor_code = INT32_MIN};
  if (o->db.private_data) o->driver->fn.DatabaseRelease(&o->db, &a);
  if (a.release) a.release(&a);
  if (o->vetted) rs_duckdb_vet_end(o->vetted);
  rs_free(o->vetted);
  rs_free(o->fingerprint);
  rs_free(o->catalog);
  rs_free(o->attached);
  rs_free(o->per_session);
  memset(o, 0, sizeof *o);
}
