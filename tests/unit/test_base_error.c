/* Errors and redaction: no secret survives, no text breaks. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "src/base/error.h"
#include "src/base/redact.h"
#include "src/base/text.h"

static int clear(void **state)
{
  (void)state;
  rs_redact_clear();
  return 0;
}

static void codes(void **state)
{
  (void)state;
  for (int i = RS_OK; i <= RS_NOMEM; i++) {
    const char *name = rs_code_name((enum rs_code)i);
    assert_true(name != NULL && strcmp(name, "unknown") != 0);
  }
  assert_string_equal(rs_code_name((enum rs_code)99), "unknown");
  assert_string_equal(rs_code_name(RS_NOT_FOUND), "not found");
}

static void filled_once(void **state)
{
  (void)state;
  struct rs_error e = {0};
  assert_fails(rs_fail(&e, RS_NOT_FOUND, "no model '%s'", "daily"), e, RS_NOT_FOUND,
               "no model 'daily'");
  assert_fails(rs_error_prefix(&e, "rockset_run(%d)", 1), e, RS_NOT_FOUND,
               "rockset_run(1): no model 'daily'");
  assert_fails(rs_error_sql(&e, "SELECT 1"), e, RS_NOT_FOUND,
               "rockset_run(1): no model 'daily' [remote SQL: SELECT 1]");
  rs_error_sql(&e, "SELECT 2"); // the innermost statement is the cause
  assert_null(strstr(e.text, "SELECT 2"));
  rs_fail(&e, RS_IO, "again: %s", e.text); // its own text as an argument
  assert_non_null(strstr(e.text, "again: rockset_run(1): no model"));
  assert_int_equal(rs_fail(NULL, RS_BUSY, "unwanted"), RS_BUSY);
  assert_int_equal(rs_error_sql(NULL, "SELECT 1"), RS_INTERNAL);
}

/* What a program decides by stays with the error, whatever its text becomes. */
static void what_may_be_done_stays(void **state)
{
  (void)state;
  struct rs_error e = {0};
  rs_fail(&e, RS_BUSY, "Conflict");
  assert_false(e.again || e.unknown || e.unsent ||
               e.refused != RS_REFUSED_OTHER); // no word decides
  e.again = e.unknown = true;
  e.refused = RS_REFUSED_KIND;
  rs_error_prefix(&e, "model m");
  rs_error_sql(&e, "SELECT 1");
  rs_error_append(&e, " (called from %s)", "x");
  assert_string_equal(e.text, "model m: Conflict [remote SQL: SELECT 1] (called from x)");
  assert_true(e.again && e.unknown && e.refused == RS_REFUSED_KIND && e.code == RS_BUSY);
  assert_true(rs_error_names(&e, "model", ' ') && rs_error_names(&e, "model m", ':'));
  assert_false(rs_error_names(&e, "mode", ':'));
  rs_error_hide_sql(&e);
  assert_string_equal(e.text, "model m: Conflict");
  rs_error_hide_sql(&e);
  assert_string_equal(e.text, "model m: Conflict");
  rs_fail(&e, RS_IO, "another");
  assert_false(e.again || e.unknown || e.refused != RS_REFUSED_OTHER);
  e.again = e.unknown = true;
  rs_nomem(&e);
  assert_false(e.again || e.unknown);
  assert_int_equal(rs_error_append(&e, "x"), RS_NOMEM);
  assert_string_equal(e.text, "out of memory");
}

static void out_of_memory_formats_nothing(void **state)
{
  (void)state;
  struct rs_error e = {0};
  assert_fails(rs_fail(&e, RS_NOMEM, "x %s", "y"), e, RS_NOMEM, "out of memory");
  assert_fails(rs_error_prefix(&e, "table"), e, RS_NOMEM, "out of memory");
  assert_fails(rs_error_sql(&e, "SELECT 1"), e, RS_NOMEM, "out of memory");
  assert_int_equal(rs_nomem(NULL), RS_NOMEM);
}

static void text_stays_utf8(void **state)
{
  (void)state;
  struct rs_error e = {0};
  rs_fail(&e, RS_REMOTE, "a\xFF\xC3(z\xC3");
  assert_string_equal(e.text, "a?"
                              "?(z?");
  char many[3 * RS_ERROR_MAX + 1];
  for (size_t pad = 0; pad < 3; pad++) { // cut at every place within a code point
    memset(many, 'x', pad);
    for (size_t i = pad; i + 3 < sizeof many; i += 3) memcpy(many + i, "\xE2\x82\xAC", 4);
    rs_fail(&e, RS_REMOTE, "%s", many);
    size_t n = strlen(e.text);
    assert_true(n >= RS_ERROR_MAX - 4 && n < RS_ERROR_MAX);
    assert_int_equal(rs_utf8_valid(e.text, n), n);
    assert_memory_equal(e.text + n - 3, "\xE2\x82\xAC", 3);
  }
}

static void long_texts_keep_what_matters(void **state)
{
  (void)state;
  struct rs_error e = {0};
  char many[6000], sql[2000];
  memset(many, 'm', sizeof many - 1), many[sizeof many - 1] = 0;
  memset(sql, 's', sizeof sql - 1), sql[sizeof sql - 1] = 0;
  rs_fail(&e, RS_REMOTE, "%s", many);
  rs_error_sql(&e, sql);
  const char *shown = strstr(e.text, "[remote SQL: sss");
  assert_non_null(shown);
  assert_string_equal(e.text + strlen(e.text) - 5, "s...]");
  assert_int_equal(strspn(shown + strlen("[remote SQL: "), "s"), 600);
  rs_fail(&e, RS_REMOTE, "the cause");
  rs_error_prefix(&e, "%s", many); // a monstrous name
  assert_non_null(strstr(e.text, ": the cause"));
}

static void check_redacted(const char *text, const char *want)
{
  char buf[300];
  (void)snprintf(buf, sizeof buf, "%s", text);
  rs_redact(buf, sizeof buf);
  assert_string_equal(buf, want);
}

static void registered_secrets(void **state)
{
  (void)state;
  assert_int_equal(rs_redact_add("abc"), RS_OK); // too short
  assert_int_equal(rs_redact_add(NULL), RS_OK);
  assert_int_equal(rs_redact_add("hunter2"), RS_OK);
  assert_int_equal(rs_redact_add("hunter2"), RS_OK);
  assert_int_equal(rs_redact_add("hunter2-and-more"), RS_OK);
  assert_int_equal(rs_redact_add("four"), RS_OK);
  check_redacted("", "");
  check_redacted("abc stays", "abc stays");
  check_redacted("x hunter2 y hunter2", "x ***** y *****");
  check_redacted("the longest wins: hunter2-and-more.", "the longest wins: *****.");
  check_redacted("fourfour", "**********"); // grows
  check_redacted("hunter", "*****");        // cut at the end of the text
  check_redacted("hunter is a word", "hunter is a word");
  struct rs_error e = {0};
  rs_fail(&e, RS_AUTH, "refused for %s", "hunter2");
  assert_string_equal(e.text, "refused for *****");
  rs_fail(&e, RS_AUTH, "failed");
  rs_error_prefix(&e, "key %s", "hunter2");
  rs_error_sql(&e, "SELECT 'hunter2'");
  assert_string_equal(e.text, "key *****: failed [remote SQL: SELECT '*****']");
  rs_redact_clear();
  check_redacted("x hunter2 y", "x hunter2 y");
}

static void never_beyond_the_buffer(void **state)
{
  (void)state;
  rs_redact_add("four");
  for (size_t cap = 1; cap < 40; cap++) {
    char buf[64];
    memset(buf, 'E', sizeof buf);
    (void)snprintf(buf, cap, "%s", "fourfourfourfourfour\xE2\x82\xAC tail");
    memset(buf + rs_utf8_valid(buf, strlen(buf)), 0, 1); // the input itself is whole
    rs_redact(buf, cap);
    assert_true(strlen(buf) < cap);
    assert_int_equal(rs_utf8_valid(buf, strlen(buf)), strlen(buf));
    for (size_t i = cap; i < sizeof buf; i++) assert_int_equal(buf[i], 'E');
    assert_null(strstr(buf, "four"));
  }
}

static void secret_across_a_cut(void **state)
{
  (void)state;
  rs_redact_add("s3cret-s3cret-s3cret");
  char text[RS_ERROR_MAX + 100];
  struct rs_error e = {0};
  for (size_t before = RS_ERROR_MAX - 25; before < RS_ERROR_MAX; before++) {
    memset(text, '.', before);
    memcpy(text + before, "s3cret-s3cret-s3cret", sizeof "s3cret-s3cret-s3cret");
    rs_fail(&e, RS_REMOTE, "%s", text);
    assert_null(strstr(e.text, "s3cr"));
  }
  for (size_t before = 575; before < 600; before++) { // where error texts cut a statement
    memset(text, '.', before);
    memcpy(text + before, "s3cret-s3cret-s3cret", sizeof "s3cret-s3cret-s3cret");
    rs_fail(&e, RS_REMOTE, "failed");
    rs_error_sql(&e, text);
    assert_null(strstr(e.text, "s3cr"));
  }
}

static void credentials_unregistered(void **state)
{
  (void)state;
  check_redacted("Authorization: ApiKey Zq81kL", "Authorization: ApiKey *****");
  check_redacted("{\"a\":\"apikey secret\"}", "{\"a\":\"apikey *****\"}");
  check_redacted("Bearer eyJ.a-b_c, next", "Bearer *****, next");
  check_redacted("Basic dXNlcjpwYXNz\n", "Basic *****\n");
  check_redacted("Bearer  x1", "Bearer  *****");
  check_redacted("SELECT apikey FROM t", "SELECT apikey FROM t");
  check_redacted("my_bearer x1", "my_bearer x1");
  check_redacted("ApiKey", "ApiKey");
  check_redacted("ApiKey ", "ApiKey ");
  check_redacted("http://u:p@h/x", "http://u:*****@h/x");
  check_redacted("'https://user:p@ss:w@host:80/'", "'https://user:*****@host:80/'");
  check_redacted("http://:pw@h", "http://:*****@h");
  check_redacted("http://host:8080", "http://host:8080");
  check_redacted("http://host:8080/a@b:c", "http://host:8080/a@b:c");
  check_redacted("http://u@h", "http://u@h");
  static const char *const ports[] = {
    "nothing answers at http://localhost:8080.",
    "nothing answers (http://localhost:8080).",
    "give it as http://host:port",
    "give it as http://host:PORT!",
    "give it as http://{host}:{port}",
    "give it as http://host:[port]",
    "it listens on http://$HOST:$PORT",
    "trino://[::1]:8080",
    "http://[fe80::1%eth0]:8080, then",
    "http://[::1]",
    "http://[2001:db8::",
    "http://host:",
    "at https://h:65535, or so",
    "host:8080, [::1]:8080 and 12:30 are no URLs: http://h:1",
    "http://a:80 http://b:81;",
  };
  for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) check_redacted(ports[i], ports[i]);
  check_redacted("http://[::1]:pw@h", "http://[::1]:*****@h");
  check_redacted("http://[u:pw@h", "http://[u:*****@h");
  check_redacted("http://u:8080@h", "http://u:*****@h");
  check_redacted("http://u:port@h:80", "http://u:*****@h:80");
  check_redacted("http://u:123456", "http://u:*****"); // cut, and longer than a port
  check_redacted("http://u:80secret", "http://u:*****");
  check_redacted("http://u:portal", "http://u:*****");
  check_redacted("http://u:p@[::1]:8080", "http://u:*****@[::1]:8080");
  check_redacted("postgres://u:pa55wo", "postgres://u:*****"); // cut
  check_redacted("a http://u:p@h b http://v:q@i c", "a http://u:*****@h b http://v:*****@i c");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(codes),
    cmocka_unit_test(filled_once),
    cmocka_unit_test(what_may_be_done_stays),
    cmocka_unit_test(out_of_memory_formats_nothing),
    cmocka_unit_test(text_stays_utf8),
    cmocka_unit_test(long_texts_keep_what_matters),
    cmocka_unit_test_teardown(registered_secrets, clear),
    cmocka_unit_test_teardown(never_beyond_the_buffer, clear),
    cmocka_unit_test_teardown(secret_across_a_cut, clear),
    cmocka_unit_test(credentials_unregistered),
  };
  return RS_RUN(tests);
}
