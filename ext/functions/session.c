/*
** Functions about the session itself.
**
**   rockset_version()
**       "rockset_ext 0.1.0, SQLite 3.40.1, ..., DuckDB v1.5.6; x86_64-linux-gnu, gcc 12.2":
**       itself, the libraries, of those loaded late what is loaded, the build. Loads nothing.
**
**   rockset_profile([target [, profile [, source]]])
**       Chooses where work runs, for this connection: an output `target` of a `profile` of
**       profiles.yml.
**       source: a folder, a file, or the profile itself as JSON text. NULL = by dbt's rules
**       (docs/profiles.md). Returns the chosen output as JSON, without its secrets. Contacts
**       nothing.
**
**   rockset_trust([on])
**       rockset_trust(1) says that this database file is one's own: functions and tables may then
**       be used in its views and triggers, models and hooks may hold several statements, and
**       templates may read the whole environment (docs/safety.md). For this connection, until it
**       is closed. Without an argument: 1 when trusted, else 0.
**
**   rockset_lockdown([level])
**       1: nothing on this connection changes anything through us, chooses another target or
**       touches a file. 2: only virtual tables send anything to the target, besides. The level
**       never falls; without an argument it is given. ROCKSET_LOCKDOWN in the environment sets it
**       when the extension is loaded.
**
**   rockset_cache_memory([bytes]), rockset_push_down([0|1])
**       What virtual tables keep of lookups; whether they send filters, order and limits. Both
**       return what holds now. A statement keeps how it was prepared.
**
**   rockset_last_id()
**       The key of the row that this connection inserted last through a virtual table, made or
**       given; NULL: none was.
**
** Errors: SQL errors that name the function or the profile's file, line and field.
*/
#include <cjson/cJSON.h>
#include <yaml.h>
#include <zlib.h>
#include "ext/base/gate.h"
#include "src/base/library.h"
#include "src/base/mem.h"
#include "functions.h"

#define TEXT(x) #x
#define NUMBERS(a, b) TEXT(a) "." TEXT(b)
#ifdef __clang__
#define COMPILER "clang " NUMBERS(__clang_major__, __clang_minor__)
#else
#define COMPILER "gcc " NUMBERS(__GNUC__, __GNUC_MINOR__)
#endif

static void version_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  (void)argc;
  (void)argv;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 12);
  rs_buf_printf(&text, "rockset_ext %s, SQLite %s, cJSON %s, libyaml %s, zlib %s", RS_VERSION,
                sqlite3_libversion(), cJSON_Version(), yaml_get_version_string(), zlibVersion());
  rs_library_list(&text);
  rs_buf_str(&text, "; " RS_TARGET ", " COMPILER);
  if (text.rc == RS_OK) sqlite3_result_text(ctx, rs_buf_text(&text), (int)text.n, SQLITE_TRANSIENT);
  else sqlite3_result_error_nomem(ctx);
  rs_buf_free(&text);
}

static void profile_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  struct rs_error e = {0};
  const struct rs_output *o;
  const char *text[3] = {0};
  for (int i = 0; i < argc; i++) text[i] = (const char *)sqlite3_value_text(argv[i]);
  if (rs_conn_no_transaction(c, "rockset_profile", &e) != RS_OK ||
      rs_conn_choose(c, text[0], text[1], text[2], &e) != RS_OK ||
      rs_conn_output(c, &o, &e) != RS_OK) {
    rs_result_error(ctx, &e);
    return;
  }
  char *json = rs_output_json(o);
  if (json) {
    sqlite3_result_text(ctx, json, -1, SQLITE_TRANSIENT);
    sqlite3_result_subtype(ctx, RS_JSON_SUBTYPE);
  } else {
    sqlite3_result_error_nomem(ctx);
  }
  rs_free(json);
}

/*
** Tables that are connected already keep the flags they were connected with; reading the schema
** anew connects them again. Until then SQLite goes on refusing them, which is the safe side, so a
** failure here is no error.
*/
static void reconnect_tables(sqlite3 *db)
{
  sqlite3_exec(db, "PRAGMA writable_schema=RESET", NULL, NULL, NULL);
}

static void trust_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  if (argc == 1) {
    bool on = sqlite3_value_int(argv[0]) != 0;
    if (!on && rs_conn_trusted(c)) {
      sqlite3_result_error(ctx,
                           "rockset_trust: trust lasts as long as the connection; "
                           "open a new one to be without it",
                           -1);
      return;
    }
    if (on && !rs_conn_trusted(c)) {
      rs_conn_trust(c, true);
      int rc = rs_conn_register(c);
      if (rc != SQLITE_OK) {
        rs_conn_trust(c, false);
        sqlite3_result_error_code(ctx, rc);
        return;
      }
      reconnect_tables(rs_conn_db(c));
    }
  }
  sqlite3_result_int(ctx, rs_conn_trusted(c));
}

static void lockdown_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  struct rs_gate *g = rs_conn_gate(c);
  struct rs_error e = {0};
  if (argc == 1) {
    sqlite3_int64 level = sqlite3_value_int64(argv[0]);
    enum rs_code rc = rs_conn_no_transaction(c, "rockset_lockdown", &e);
    if (rc == RS_OK &&
        (sqlite3_value_type(argv[0]) != SQLITE_INTEGER || level < 1 || level > RS_LOCKDOWN_MAX))
      rc = rs_fail(&e, RS_INVALID, "rockset_lockdown: 1 or 2 is expected");
    if (rc == RS_OK && level < g->lockdown)
      rc = rs_fail(&e, RS_FORBIDDEN,
                   "rockset_lockdown: level %d lasts as long as the connection; open a new one to "
                   "be without it",
                   g->lockdown);
    if (rc != RS_OK) {
      rs_result_error(ctx, &e);
      return;
    }
    g->lockdown = (int)level;
  }
  sqlite3_result_int(ctx, g->lockdown);
}

/* rockset_cache_memory([bytes]): how much a virtual table keeps of what joins look up. */
static void cache_memory_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  if (argc == 1) {
    sqlite3_int64 n = sqlite3_value_int64(argv[0]);
    if (sqlite3_value_type(argv[0]) != SQLITE_INTEGER || n < 0) {
      sqlite3_result_error(ctx, "rockset_cache_memory: a number of bytes is expected, 0 for none",
                           -1);
      return;
    }
    rs_conn_set_cache_bytes(c, (size_t)n);
  }
  sqlite3_result_int64(ctx, (sqlite3_int64)rs_conn_cache_bytes(c));
}

/* rockset_push_down([on]): 0 = virtual tables send which columns they want and nothing else. */
static void push_down_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_conn *c = rs_conn_of(ctx);
  if (argc == 1) {
    sqlite3_int64 on = sqlite3_value_int64(argv[0]);
    if (sqlite3_value_type(argv[0]) != SQLITE_INTEGER || on < 0 || on > 1) {
      sqlite3_result_error(ctx, "rockset_push_down: 1 or 0 is expected", -1);
      return;
    }
    rs_conn_set_push_down(c, on == 1);
  }
  sqlite3_result_int(ctx, rs_conn_push_down(c));
}

static void last_id_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_buf scratch;
  (void)argc;
  (void)argv;
  rs_buf_init(&scratch, RS_BUF_SQL_MAX);
  rs_value_result(ctx, rs_conn_last_id(rs_conn_of(ctx)), &scratch);
  rs_buf_free(&scratch);
}

int rs_functions_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_version", 0, 0, version_fn},
    {"rockset_last_id", 0, 0, last_id_fn},
    {"rockset_profile", 0, 3, profile_fn},
    {"rockset_lockdown", 0, 1, lockdown_fn},
    {"rockset_cache_memory", 0, 1, cache_memory_fn},
    {"rockset_push_down", 0, 1, push_down_fn},
    {"rockset_trust", 0, 1, trust_fn},
  };
  // trust itself, the last one, never becomes callable from the file's own views and triggers
  size_t n = sizeof functions / sizeof functions[0];
  return rs_conn_functions(c, functions, rs_conn_trusted(c) ? n - 1 : n);
}
