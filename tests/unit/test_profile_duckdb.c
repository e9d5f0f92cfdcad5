/*
** The fields of `type: duckdb`, also as dbt-duckdb's profiles have them, and the databases that it
** attaches. Lines in errors are lines of the text that is given.
*/
#include "profile_fixture.h"

static void duckdb_defaults(void **state)
{
  (void)state;
  loads("type: duckdb");
  has("path", ":memory:");
  has("workspace", "commons");
  has("schema", "commons");
  has("database", "memory");
  assert_int_equal(rs_output_int(o, "lock_timeout", -1), 5000);
  assert_int_equal(rs_output_int(o, "idle_close", -1), 1000);
  assert_false(rs_output_bool(o, "allow_external_access", true));
  assert_null(rs_output_field(o, "library"));
  assert_null(rs_output_field(o, "no such field"));
  assert_string_equal(rs_output_text(o, "library", "other"), "other");
  assert_int_equal(rs_output_int(o, "path", 7), 7); /* no number */
  json_is("{\"type\":\"duckdb\",\"name\":\"default\",\"target_name\":\"default\","
          "\"profile_name\":\"(argument)\",\"schema\":\"commons\",\"workspace\":\"commons\","
          "\"threads\":1,\"path\":\":memory:\",\"database\":\"memory\",\"lock_timeout\":5,"
          "\"idle_close\":1,\"read_only\":false,\"allow_external_access\":false}");
}

/* SQL calls the database as dbt-duckdb does, where that can't be taken for a workspace. */
static void duckdb_database(void **state)
{
  (void)state;
  loads("type: duckdb, path: ~/shop.duckdb, schema: dev");
  has("database", "shop");
  loads("type: duckdb, path: ~/shop.duckdb, schema: Shop");
  has("database", "_db");
  loads("type: duckdb, path: ~/shop.duckdb, schema: shop, database: shop");
  has("database", "_db");
  loads("type: duckdb, path: ~/shop.duckdb, database: _db");
  has("database", "_db");
  loads("type: duckdb, path: ~/temp.duckdb");
  has("database", "_db");
  loads("type: duckdb, path: ~/memory.duckdb");
  has("database", "_db");
}

static void duckdb_containers(void **state)
{
  (void)state;
  loads("type: duckdb, path: ~/dbt/jaffle.shop.duckdb, database: jaffle.shop, schema: main,"
        " extensions: [httpfs, {name: h3, repo: community}],"
        " settings: {memory_limit: 4GB, threads: 2, s3_secret_access_key: hunter2x, r: 0.5},"
        " config_options: {preserve_insertion_order: false}");
  has("path", "/srv/me/dbt/jaffle.shop.duckdb");
  has("database", "jaffle.shop");
  has("extensions", "[\"httpfs\",{\"name\":\"h3\",\"repo\":\"community\"}]");
  has("settings", "{\"memory_limit\":\"4GB\",\"threads\":2,\"s3_secret_access_key\":\"hunter2x\","
                  "\"r\":0.5}");
  has("config_options", "{\"preserve_insertion_order\":false}");
  assert_string_equal(o->workspace, "main");
  assert_string_equal(logged("SET s3 = 'hunter2x'"), "SET s3 = '*****'");
  char *json = rs_output_json(o);
  assert_non_null(strstr(json, "\"settings\":{\"memory_limit\":\"4GB\",\"threads\":2,\"r\":0.5}"));
  rs_free(json);
}

static void duckdb_refusals(void **state)
{
  (void)state;
  INVALID("type: duckdb, path: a/b.duckdb, database: c",
          "database: 'c' is not the name of the database in 'a/b.duckdb'; leave it out or write "
          "'b'");
  fails("type: duckdb, path: 'md:shop'", RS_UNSUPPORTED,
        "(argument) line 1: path: MotherDuck is not supported here");
  INVALID("type: duckdb, path: ''", "path: is empty; in memory is ':memory:'");
  INVALID("type: duckdb, settings: [a]", "settings: a list is not a map");
  INVALID("type: duckdb, extensions: httpfs", "extensions: 'httpfs' is not a list");
  INVALID("type: duckdb, extensions: [1]",
          "extensions: an entry is a name or a map of name and repo");
  INVALID("type: duckdb, settings: {enable_external_access: true}",
          "settings: 'enable_external_access' is decided by the field 'allow_external_access'");
  INVALID("type: duckdb, settings: {\"a = 1; DROP\": true}",
          "settings: 'a = 1; DROP' is not a setting's name");
}

/* An existing profile of dbt-duckdb loads, unless it asks for what we can't do. */
static void dbt_duckdb(void **state)
{
  (void)state;
  loads("type: duckdb, external_root: x, use_credential_provider: aws, keep_open: true,"
        " module_paths: [x], retries: {connect_attempts: 3}, disable_transactions: true,"
        " attach: [], plugins: , is_ducklake: false, secrets: {}");
  has("external_root", "x");
  assert_null(rs_output_field(o, "keep_open"));
  static const char *const names[] = {"filesystems", "flights", "motherduck_token",
                                      "plugins",     "remote",  "secrets"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char fields[100], want[100];
    snprintf(fields, sizeof fields, "type: duckdb, %s: [x]", names[i]);
    snprintf(want, sizeof want, "(argument) line 1: field '%s' of dbt-duckdb is not supported here",
             names[i]);
    fails(fields, RS_UNSUPPORTED, want);
  }
  fails("type: duckdb, is_ducklake: true", RS_UNSUPPORTED,
        "(argument) line 1: field 'is_ducklake' of dbt-duckdb is not supported here");
}

static void attached(void **state)
{
  (void)state;
  loads("type: duckdb, path: a.duckdb, attach: [{path: x/b.duckdb}, {path: c.db, alias: crm, type: "
        "sqlite, read_only: 'true', options: {schema: main, n: 3, off: false, on: true}}]");
  assert_string_equal(
    rs_output_text(o, "attach", ""),
    "[{\"path\":\"x/b.duckdb\",\"alias\":\"b\",\"read_only\":false,\"options\":{}},"
    "{\"path\":\"c.db\",\"alias\":\"crm\",\"type\":\"sqlite\",\"read_only\":true,"
    "\"options\":{\"schema\":\"main\",\"n\":3,\"on\":true}}]");
  INVALID("type: duckdb, attach: [x]",
          "attach: an entry is a map of path, alias, type, read_only, options");
  INVALID("type: duckdb, attach: [{path: b.db, read_only: maybe}]",
          "attach: read_only is neither true nor false");
  INVALID("type: duckdb, attach: [{path: b.db, alias: temp}]",
          "attach: 'temp' is a name that DuckDB keeps: give it an alias");
  INVALID("type: duckdb, path: a.db, attach: [{path: b.db, options: {'x y': 1}}]",
          "attach: 'x y' is not an option's name");
  fails("type: duckdb, attach: [{path: b.db, is_ducklake: true}]", RS_UNSUPPORTED,
        "(argument) line 1: attach: 'is_ducklake' of dbt-duckdb is not supported here");
  // a key that nobody else should read
  loads("type: duckdb, attach: [{path: b.db, options: {encryption_key: 'much-too-secret'}}]");
  char *shown = rs_output_json(o);
  assert_non_null(shown);
  assert_null(strstr(shown, "much-too-secret"));
  rs_free(shown);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(duckdb_defaults), TEST(duckdb_database), TEST(duckdb_containers),
    TEST(duckdb_refusals), TEST(dbt_duckdb),      TEST(attached),
  };
  return RS_RUN(tests);
}
