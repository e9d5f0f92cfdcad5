/*
** The fields of every type: defaults, forms, secrets, templates, and the text of every refusal.
** Outputs are given as text; lines in errors are lines of that text.
*/
#include "profile_fixture.h"
#include "src/engine/engine.h"

/* ---- in general ----------------------------------------------------------------------------- */

static void types(void **state)
{
  (void)state;
  INVALID("path: x", "field 'type' is missing; the types are adbc, duckdb, rockset, sqlite, trino");
  INVALID("type: duckbd",
          "unknown type 'duckbd'; the types are adbc, duckdb, rockset, sqlite, trino; did you mean "
          "'duckdb'?");
  INVALID("type: snowflake",
          "unknown type 'snowflake'; the types are adbc, duckdb, rockset, sqlite, trino");
}

static void unknown_fields(void **state)
{
  (void)state;
  INVALID("type: duckdb, shcema: x",
          "unknown field 'shcema' of type 'duckdb'; did you mean 'schema'?");
  INVALID("type: rockset, api_key: abcd, frobnicate: x",
          "unknown field 'frobnicate' of type 'rockset'; its fields are type, workspace, schema, "
          "api_key, api_server, vi_rrn, run_async_iis, threads");
  INVALID("type: duckdb, schema: a, workspace: b",
          "'workspace' and 'schema' are two names of one field: give one of them");
  fails("type: rockset,\n\n  threads: 2", RS_INVALID,
        "(argument) line 1: field 'api_key' of type 'rockset' is missing");
  fails("type: duckdb,\n\n  threads: x", RS_INVALID,
        "(argument) line 3: threads: 'x' is not a whole number");
}

static void numbers(void **state)
{
  (void)state;
  loads("type: duckdb, threads: 64");
  assert_int_equal(o->threads, 64);
  loads("type: duckdb, threads: '8'"); /* as env_var yields it */
  assert_int_equal(o->threads, 8);
  assert_int_equal(rs_output_int(o, "threads", -1), 8);
  loads("type: duckdb, threads: null");
  assert_int_equal(o->threads, 1);
  INVALID("type: duckdb, threads: many", "threads: 'many' is not a whole number");
  INVALID("type: duckdb, threads: 1.5", "threads: 1.5 is not a whole number");
  INVALID("type: duckdb, threads: '4x'", "threads: '4x' is not a whole number");
  INVALID("type: duckdb, threads: ''", "threads: '' is not a whole number");
  INVALID("type: duckdb, threads: [4]", "threads: a list is not a whole number");
  INVALID("type: duckdb, threads: 0", "threads: 0 is not between 1 and 64");
  INVALID("type: duckdb, threads: 65", "threads: 65 is not between 1 and 64");
  INVALID("type: duckdb, threads: '99999999999999999999'",
          "threads: '99999999999999999999' is not a whole number");
}

static void booleans(void **state)
{
  (void)state;
  loads("type: duckdb, read_only: yes");
  assert_true(rs_output_bool(o, "read_only", false));
  loads("type: duckdb, read_only: 'True'");
  assert_true(rs_output_bool(o, "read_only", false));
  has("read_only", "true");
  loads("type: duckdb, read_only: 'false'");
  assert_false(rs_output_bool(o, "read_only", true));
  INVALID("type: duckdb, read_only: maybe", "read_only: 'maybe' is not true or false");
  INVALID("type: duckdb, read_only: 1", "read_only: 1 is not true or false");
}

static void seconds(void **state)
{
  (void)state;
  loads("type: duckdb, lock_timeout: 2.5, idle_close: '0.25'");
  assert_int_equal(rs_output_int(o, "lock_timeout", -1), 2500);
  assert_int_equal(rs_output_field(o, "lock_timeout")->type, RS_FIELD_SECONDS);
  has("lock_timeout", "2.5");
  has("idle_close", "0.25");
  loads("type: duckdb, lock_timeout: 0, idle_close: 0.0001");
  assert_int_equal(rs_output_int(o, "lock_timeout", -1), 0);
  assert_int_equal(rs_output_int(o, "idle_close", -1), 1);
  has("lock_timeout", "0");
  loads("type: duckdb, lock_timeout: 100");
  has("lock_timeout", "100");
  INVALID("type: duckdb, lock_timeout: soon", "lock_timeout: 'soon' is not a number of seconds");
  INVALID("type: duckdb, lock_timeout: -1", "lock_timeout: -1 is not a number of seconds");
  INVALID("type: duckdb, lock_timeout: 86401", "lock_timeout: 86401 is more than a day of seconds");
}

static void texts(void **state)
{
  (void)state;
  INVALID("type: duckdb, workspace: 12", "workspace: 12 is not text: put it in quotes");
  INVALID("type: duckdb, workspace: no", "workspace: no is not text: put it in quotes");
  INVALID("type: duckdb, workspace: {}", "workspace: a map is not text");
  INVALID("type: duckdb, workspace: ''", "workspace: is empty");
  INVALID("type: duckdb, workspace: \"a\\nb\"",
          "workspace: 'a\nb' holds a line break or another control character");
  INVALID("type: duckdb, workspace: [], threads: 1", "workspace: a list is not text");
  INVALID("type: duckdb, threads: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXYZ",
          "threads: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is not a "
          "whole number");
}

/* ---- rockset -------------------------------------------------------------------------------- */

static void rockset(void **state)
{
  (void)state;
  loads("type: rockset, api_key: key12345, database: any, user: any");
  has("api_key", "key12345");
  has("api_server", "api.rs2.usw2.rockset.com");
  assert_true(rs_output_field(o, "api_key")->secret);
  assert_string_equal(logged("ask with key12345"), "ask with *****");
  json_is("{\"type\":\"rockset\",\"name\":\"default\",\"target_name\":\"default\","
          "\"profile_name\":\"(argument)\",\"schema\":\"commons\",\"workspace\":\"commons\","
          "\"threads\":1,\"database\":\"db\",\"api_server\":\"api.rs2.usw2.rockset.com\","
          "\"run_async_iis\":false}");
  INVALID("type: rockset", "field 'api_key' of type 'rockset' is missing");
  INVALID("type: rockset, api_key: ''", "api_key: the value is empty");
  INVALID("type: rockset, api_key: 123456", "api_key: the value is not text: put it in quotes");
  INVALID("type: rockset, api_key: \"ab\\ncdef\"",
          "api_key: the value holds a line break or another control character");
}

static void api_servers(void **state)
{
  (void)state;
  static const char *const good[] = {"api.example.com",        "https://api.example.com",
                                     "https://h:8443/",        "localhost:8080",
                                     "http://localhost:8080",  "http://127.0.0.1",
                                     "http://127.8.9.1:65535", "HTTP://LocalHost",
                                     "http://[::1]:8080",      "https://[2001:db8::1]"};
  static const char *const bad[] = {
    "ftp://h",         "https://",    "https://h/v1", "https://h:0",  "https://h:65536", "h:",
    "https://u:p@h",   "https://h?x", "a b",          "https://[::1", "https://[::1]x",  "-h",
    "https://h:80:80", "http://[x]",  "https://h//"};
  static const char *const plain[] = {"http://api.example.com", "http://127.0.0.1.example.com",
                                      "http://localhost.example.com", "http://10.0.0.1",
                                      "http://[2001:db8::1]"};
  char fields[200];
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    snprintf(fields, sizeof fields, "type: rockset, api_key: abcd, api_server: '%s'", good[i]);
    loads(fields);
    has("api_server", good[i]);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    snprintf(fields, sizeof fields, "type: rockset, api_key: abcd, api_server: '%s'", bad[i]);
    INVALID(fields, "api_server: is neither a host nor an http(s) URL of host and port");
  }
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    snprintf(fields, sizeof fields, "type: rockset, api_key: abcd, api_server: '%s'", plain[i]);
    INVALID(fields, "api_server: plain http is for this machine only (localhost, 127.0.0.1, ::1); "
                    "use https");
  }
}

/* ---- trino ---------------------------------------------------------------------------------- */

#define TRINO "type: trino, host: h, catalog: c, schema: s"

static void trino(void **state)
{
  (void)state;
  loads(TRINO ", user: u, http_headers: {X-Tag: a, Authorization: Bearer abcdefgh},"
              " session_properties: {query_max_run_time: 5d, exchange_compression: true},"
              " client_tags: [a, b], cert: true");
  has("method", "none");
  has("database", "c");
  has("catalog", "c");
  has("http_scheme", "http");
  has("cert", "true");
  assert_int_equal(rs_output_field(o, "cert")->type, RS_FIELD_BOOL);
  has("client_tags", "[\"a\",\"b\"]");
  assert_string_equal(o->workspace, "s");
  assert_int_equal(rs_output_int(o, "port", -1), 8080);
  assert_int_equal(rs_output_int(o, "retries", -1), 3);
  assert_true(rs_output_bool(o, "prepared_statements_enabled", false));
  json_is("{\"type\":\"trino\",\"name\":\"default\",\"target_name\":\"default\","
          "\"profile_name\":\"(argument)\",\"schema\":\"s\",\"workspace\":\"s\",\"threads\":1,"
          "\"method\":\"none\",\"host\":\"h\",\"port\":8080,\"user\":\"u\","
          "\"service_name\":\"trino\",\"mutual_authentication\":false,\"force_preemptive\":false,"
          "\"sanitize_mutual_error_response\":true,\"delegate\":false,\"database\":\"c\","
          "\"catalog\":\"c\",\"http_scheme\":\"http\",\"http_headers\":{\"X-Tag\":\"a\"},"
          "\"session_properties\":{\"query_max_run_time\":\"5d\",\"exchange_compression\":true},"
          "\"cert\":true,\"client_tags\":[\"a\",\"b\"],\"prepared_statements_enabled\":true,"
          "\"retries\":3,\"suppress_cert_warning\":false}");
}

static void trino_methods(void **state)
{
  (void)state;
  loads(TRINO ", method: ldap, user: u, password: secret99, cert: ~/ca.pem");
  has("http_scheme", "https");
  has("cert", "/srv/me/ca.pem");
  assert_int_equal(rs_output_int(o, "port", -1), 443);
  assert_string_equal(logged("secret99"), "*****");
  loads("type: trino, host: localhost, catalog: c, schema: s, method: jwt, jwt_token: abcdef,"
        " http_scheme: http, port: 8081");
  assert_int_equal(rs_output_int(o, "port", -1), 8081);
  loads(TRINO ", method: oauth");
  INVALID(TRINO, "field 'user' of type 'trino' is missing (method 'none' needs it)");
  INVALID(TRINO ", method: ldap, user: u",
          "field 'password' of type 'trino' is missing (method 'ldap' needs it)");
  INVALID(TRINO ", method: jwt",
          "field 'jwt_token' of type 'trino' is missing (method 'jwt' needs it)");
  INVALID(TRINO ", method: certificate, client_certificate: x",
          "field 'client_private_key' of type 'trino' is missing (method 'certificate' needs it)");
  INVALID(TRINO ", method: kerberos",
          "field 'user' of type 'trino' is missing (method 'kerberos' needs it)");
}

static void trino_refusals(void **state)
{
  (void)state;
  INVALID("type: trino, user: u, catalog: c, schema: s", "field 'host' of type 'trino' is missing");
  INVALID("type: trino, user: u, host: h, schema: s",
          "field 'database' of type 'trino' is missing");
  INVALID("type: trino, user: u, host: h, database: c",
          "field 'schema' of type 'trino' is missing");
  INVALID("type: trino, user: u, host: '', database: c, schema: s", "host: '' is empty");
  INVALID("type: trino, user: u, host: 'http://h', database: c, schema: s",
          "host: is not a host: scheme and port are fields of their own");
  INVALID(TRINO ", user: u, method: ladp",
          "method: 'ladp' is not one of none, ldap, kerberos, gssapi, jwt, certificate, oauth, "
          "oauth_console; did you mean 'ldap'?");
  INVALID(TRINO ", user: u, port: 70000", "port: 70000 is not between 1 and 65535");
  INVALID(TRINO ", method: ldap, user: u, password: abcdef, http_scheme: http",
          "http_scheme: method 'ldap' sends credentials and needs https, except to this machine");
  INVALID(TRINO ", user: u, roles: {a: [x]}",
          "roles: the value of 'a' is a list; only single values may stand here");
}

/* ---- adbc ----------------------------------------------------------------------------------- */

static void adbc(void **state)
{
  (void)state;
  loads("type: adbc, driver: ~/lib/driver.so, uri: 'postgresql://u:pa55word@h/db?x=1',"
        " user: me, password: pass1234, dialect: postgres,"
        " options: {adbc.x.auth_token: tok12345, adbc.x.Password: pw12345, keep_alive_key: true,"
        "           batch: 10}");
  has("driver", "/srv/me/lib/driver.so");
  has("username", "me");
  has("dialect", "postgres");
  has("options", "{\"adbc.x.auth_token\":\"tok12345\",\"adbc.x.Password\":\"pw12345\","
                 "\"keep_alive_key\":true,\"batch\":10}");
  assert_string_equal(logged("tok12345 pw12345 pass1234 true"), "***** ***** ***** true");
  json_is("{\"type\":\"adbc\",\"name\":\"default\",\"target_name\":\"default\","
          "\"profile_name\":\"(argument)\",\"schema\":\"commons\",\"workspace\":\"commons\","
          "\"threads\":1,\"driver\":\"/srv/me/lib/driver.so\","
          "\"uri\":\"postgresql://u:*****@h/db?x=1\",\"options\":{\"batch\":10},"
          "\"dialect\":\"postgres\",\"username\":\"me\",\"user\":\"me\"}");
  loads("type: adbc, driver: x, uri: 'host=h password=pg123456 user=u'");
  has("dialect", "ansi");
  assert_string_equal(logged("pg123456"), "*****");
  INVALID("type: adbc", "field 'driver' of type 'adbc' is missing");
  INVALID("type: adbc, driver: x, dialect: oracle",
          "dialect: 'oracle' is not one of duckdb, postgres, ansi");
  INVALID("type: adbc, driver: x, options: {a: {b: c}}",
          "options: the value of 'a' is a map; only single values may stand here");
}

/* A secret hides wherever it stands, also in fields that are read before it. */
static void secrets_in_other_fields(void **state)
{
  (void)state;
  loads(
    "type: adbc, driver: x, uri: 'h?k=pass1234', options: {note: pass1234}, password: pass1234");
  char *json = rs_output_json(o);
  assert_null(strstr(json, "pass1234"));
  assert_non_null(strstr(json, "\"uri\":\"h?k=*****\",\"options\":{\"note\":\"*****\"}"));
  rs_free(json);
}

/* ---- templates ------------------------------------------------------------------------------ */

static void env_var(void **state)
{
  (void)state;
  setenv("RS_TEST_N", "6", 1);
  loads(
    "type: \"{{ env_var('RS_TEST_NONE', 'duckdb') }}\", threads: \"{{ env_var('RS_TEST_N') }}\","
    " path: \"a{{ env_var('RS_TEST_N') }}.db\", database: \"a6\"");
  assert_int_equal(o->threads, 6);
  has("path", "a6.db");
  loads("type: duckdb, threads: \"{{ env_var('RS_TEST_N') | as_number }}\"");
  assert_int_equal(o->threads, 6);
  setenv("RS_TEST_N", "True", 1);
  loads("type: duckdb, read_only: \"{{ env_var('RS_TEST_N') | as_bool }}\"");
  assert_true(rs_output_bool(o, "read_only", false));
  loads("type: duckdb, settings: {\"a\": [\"{{ env_var('RS_TEST_N') }}\", x]}");
  has("settings", "{\"a\":[\"True\",\"x\"]}");
  fails("type: duckdb,\npath: \"{{ env_var('RS_TEST_NONE') }}\"", RS_INVALID,
        "(argument) line 2: path: env var required but not provided: 'RS_TEST_NONE'");
  INVALID("type: duckdb, path: \"{{ nothing }}\"", "path: the template yields an undefined value");
  assert_int_equal(load("type: duckdb, path: \"{{ bad\""), RS_INVALID);
  assert_memory_equal(e.text, "(argument) line 1: path: template line 1", 40);
  unsetenv("RS_TEST_N");
}

/* Whole values of any type, as native rendering yields them. */
static void native_values(void **state)
{
  (void)state;
  setenv("RS_TEST_LIST", "['httpfs', 'h3']", 1);
  loads("type: duckdb, extensions: \"{{ env_var('RS_TEST_LIST') | as_native }}\"");
  has("extensions", "[\"httpfs\",\"h3\"]");
  loads(
    "type: duckdb, settings: \"{{ dict(a=[1, none, true, 2.5], b=env_var('RS_TEST_LIST')) }}\"");
  has("settings", "{\"a\":[1,null,true,2.5],\"b\":\"['httpfs', 'h3']\"}");
  loads("type: duckdb, settings: {a: \"{{ env_var('RS_TEST_NONE', 2) ** 70 }}\"}");
  has("settings", "{\"a\":\"1180591620717411303424\"}");
  assert_int_equal(load("type: duckdb, settings: \"{% set l = [] %}{% do l.append(l) %}{{ l }}\""),
                   RS_LIMIT);
  assert_string_equal(e.text, "(argument) line 1: settings: the value nests deeper than 64");
  unsetenv("RS_TEST_LIST");
}

static void ignored_fields_are_not_rendered(void **state)
{
  (void)state;
  loads("type: duckdb, keep_open: \"{{ env_var('RS_TEST_NONE') }}\"");
}

static void block_text(void **state)
{
  (void)state;
  struct rs_profile_request req = {.source = "/tmp/rs_profile_fields.yml",
                                   .adapters = rs_target_fields};
  FILE *f = fopen(req.source, "w");
  assert_non_null(f);
  fputs("shop:\n  outputs:\n    default:\n      type: duckdb\n      path: |\n        x.db\n", f);
  fclose(f);
  assert_int_equal(rs_profile_load(&req, &o, &e), RS_OK);
  has("path", "x.db"); /* Jinja drops the final newline */
  remove(req.source);
}

static void passwords(void **state)
{
  (void)state;
  setenv("RS_TEST_PW", "from-env", 1);
#define LDAP TRINO ", method: ldap, user: u, "
  loads(LDAP "password: \"{{ env_var('RS_TEST_PW') }}\"");
  has("password", "from-env");
  loads(LDAP "password: 'a{{b'");
  has("password", "a{{b");
  loads(LDAP "password: '{% x'");
  has("password", "{% x");
  loads(LDAP "password: \"tab\\there\"");
  has("password", "tab\there");
  INVALID(LDAP "password: \"{{ env_var('RS_TEST_NONE') }}\"",
          "password: env var required but not provided: 'RS_TEST_NONE'");
  INVALID("type: rockset, api_key: '{{ hunter2'",
          "api_key: the template in it fails; to see how, try it in a field that is no secret");
  unsetenv("RS_TEST_PW");
}

static void secret_variables(void **state)
{
  (void)state;
  setenv("DBT_ENV_SECRET_RS", "hush-hush", 1);
  loads("type: rockset, api_key: \"{{ env_var('DBT_ENV_SECRET_RS') }}\"");
  has("api_key", "hush-hush");
  assert_string_equal(logged("x hush-hush y"), "x ***** y");

  /* Filters see the placeholder, so no changed copy of the secret comes about. */
  loads("type: rockset, api_key: \"{{ env_var('DBT_ENV_SECRET_RS') | lower }}\"");
  has("api_key", "$$$dbt_secret_start$$$dbt_env_secret_rs$$$dbt_secret_end$$$");

  /* Part of a text, twice, and in a field that is no secret by itself. */
  loads("type: duckdb, path: \"/d/{{ env_var('DBT_ENV_SECRET_RS') }}-"
        "{{ env_var('DBT_ENV_SECRET_RS') }}.db\"");
  has("path", "/d/hush-hush-hush-hush.db");
  assert_true(rs_output_field(o, "path")->secret);
  char *json = rs_output_json(o);
  assert_null(strstr(json, "hush"));
  assert_null(strstr(json, "path"));
  rs_free(json);

  loads("type: duckdb, settings: {a: [\"{{ env_var('DBT_ENV_SECRET_RS') }}\"]}");
  has("settings", "{\"a\":[\"hush-hush\"]}");
  assert_true(rs_output_field(o, "settings")->secret);
  INVALID("type: duckdb, threads: \"{{ env_var('DBT_ENV_SECRET_RS') }}\"",
          "threads: the value is not a whole number");
  loads("type: duckdb, workspace: \"{{ env_var('DBT_ENV_SECRET_RS_NONE', 'w') }}\"");
  assert_string_equal(o->workspace, "w");
  unsetenv("DBT_ENV_SECRET_RS");
}

/* A wrong value of a secret field never shows, wherever it comes from. */
static void no_secret_in_errors(void **state)
{
  (void)state;
  setenv("RS_TEST_KEY", "line1\nline2", 1);
  INVALID("type: rockset, api_key: \"{{ env_var('RS_TEST_KEY') }}\"",
          "api_key: the value holds a line break or another control character");
  unsetenv("RS_TEST_KEY");
}

static void environment(void **state)
{
  (void)state;
  const char *value = NULL;
  setenv("DBT_RS", "a", 1);
  setenv("OTHER_RS", "b", 1);
  setenv("DBT_ENV_SECRET_RS", "hush-hush", 1);
  assert_int_equal(rs_env_get("DBT_RS", false, true, &value, &e), RS_OK);
  assert_string_equal(value, "a");
  assert_int_equal(rs_env_get("OTHER_RS", false, false, &value, &e), RS_OK);
  assert_string_equal(value, "b");
  assert_fails(rs_env_get("OTHER_RS", false, true, &value, &e), e, RS_FORBIDDEN,
               "env var 'OTHER_RS' may not be read: templates from a database file see DBT_* names "
               "only; SELECT rockset_trust(1) allows the others for this session");
  assert_null(value);
  assert_fails(rs_env_get("DBT_ENV_SECRET_RS", false, false, &value, &e), e, RS_FORBIDDEN,
               "secret env vars are allowed only in profiles.yml: 'DBT_ENV_SECRET_RS' is read "
               "elsewhere");
  assert_int_equal(rs_env_get("DBT_ENV_SECRET_RS", false, true, &value, &e), RS_FORBIDDEN);
  assert_int_equal(rs_env_get("DBT_ENV_SECRET_RS", true, false, &value, &e), RS_OK);
  assert_string_equal(value, "hush-hush");
  assert_string_equal(logged("hush-hush"), "*****");
  assert_fails(rs_env_get("RS_TEST_NONE", false, false, &value, &e), e, RS_NOT_FOUND,
               "env var required but not provided: 'RS_TEST_NONE'");
  unsetenv("DBT_RS");
  unsetenv("OTHER_RS");
  unsetenv("DBT_ENV_SECRET_RS");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(types),
    TEST(unknown_fields),
    TEST(numbers),
    TEST(booleans),
    TEST(seconds),
    TEST(texts),
    TEST(rockset),
    TEST(api_servers),
    TEST(trino),
    TEST(trino_methods),
    TEST(trino_refusals),
    TEST(adbc),
    TEST(secrets_in_other_fields),
    TEST(env_var),
    TEST(native_values),
    TEST(ignored_fields_are_not_rendered),
    TEST(block_text),
    TEST(passwords),
    TEST(secret_variables),
    TEST(no_secret_in_errors),
    TEST(environment),
  };
  return RS_RUN(tests);
}
