/* Text helpers, threads and time. */
#include "unit.h"
#include <signal.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/embedded.h"
#include "src/base/text.h"
#include "src/base/thread.h"

static void equality(void **state)
{
  (void)state;
  assert_true(rs_eq("a", "a") && rs_eq(NULL, NULL));
  assert_false(rs_eq("a", "b") || rs_eq("a", NULL) || rs_eq(NULL, "a"));
  assert_true(rs_eqn("abc", "abcd", 3));
  assert_false(rs_eqn("abc", "abcd", 4) || rs_eqn("abcd", "abcd", 3) || rs_eqn(NULL, "", 0));
  assert_int_equal(rs_casecmp("SeLect", "sElecT"), 0);
  assert_true(rs_casecmp("a", "B") < 0 && rs_casecmp("ab", "A") > 0);
  assert_true(rs_casecmp("\xC4", "\xE4") != 0); // ASCII only
  assert_int_equal(rs_casecmpn("selects", "SELECTED", 6), 0);
  assert_true(rs_casecmpn("selects", "SELECTED", 7) != 0);
}

static void utf8_validity(void **state)
{
  (void)state;
  assert_int_equal(rs_utf8_valid("", 0), 0);
  assert_int_equal(rs_utf8_valid("ab\0c", 4), 4);
  assert_int_equal(rs_utf8_valid("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9), 9);
  assert_int_equal(rs_utf8_valid("ab\xC3", 3), 2);       // cut
  assert_int_equal(rs_utf8_valid("a\x80", 2), 1);        // lone continuation
  assert_int_equal(rs_utf8_valid("\xC1\x81", 2), 0);     // overlong
  assert_int_equal(rs_utf8_valid("\xE0\x80\x80", 3), 0); // overlong
  assert_int_equal(rs_utf8_valid("\xED\xBF\xBF", 3), 0); // surrogate
  assert_int_equal(rs_utf8_valid("\xF4\x90\x80\x80", 4), 0);
  assert_int_equal(rs_utf8_valid("\xF8\x88\x80\x80\x80", 5), 0);
  // wherever it stands in a longer text
  for (size_t i = 0; i < 32; i++) {
    char text[33];
    memset(text, 'a', sizeof text);
    assert_int_equal(rs_utf8_valid(text, sizeof text), sizeof text);
    text[i] = '\xFF';
    assert_int_equal(rs_utf8_valid(text, sizeof text), i);
    memcpy(text + i, "\xC3\xA9", 2);
    assert_int_equal(rs_utf8_valid(text, sizeof text), sizeof text);
  }
}

static void utf8_round_trip(void **state)
{
  (void)state;
  for (uint32_t c = 0; c <= 0x10FFFF; c++) {
    char text[4];
    size_t len = 0, n = rs_utf8_encode(c, text);
    uint32_t want = c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c;
    if (rs_utf8_decode(text, n, &len) != want || len != n) fail_msg("U+%04X", (unsigned)c);
  }
  char text[4];
  size_t len = 0;
  assert_int_equal(rs_utf8_encode(0x110000, text), 3);
  assert_int_equal(rs_utf8_decode("\xE2\x82", 2, &len), 0xFFFD);
  assert_int_equal(len, 1);
}

static void suggestions(void **state)
{
  (void)state;
  static const char *const names[] = {"mode",  "replace", NULL, "incremental",
                                      "table", "view",    "id"};
  const size_t n = sizeof names / sizeof names[0];
  assert_string_equal(rs_nearest("mod", names, n), "mode");
  assert_string_equal(rs_nearest("MODE", names, n), "mode");
  assert_string_equal(rs_nearest("repalce", names, n), "replace"); // neighbours swapped
  assert_string_equal(rs_nearest("incremntal", names, n), "incremental");
  assert_string_equal(rs_nearest("tabel", names, n), "table");
  assert_null(rs_nearest("zzzzzz", names, n));
  assert_null(rs_nearest("xy", names, n));
  assert_null(rs_nearest("", names, n));
  assert_null(rs_nearest("mode", names, 0));
  char longer[200];
  memset(longer, 'm', sizeof longer);
  longer[199] = 0;
  assert_null(rs_nearest(longer, names, n));
}

static void many_uuids(void **state)
{
  struct rs_uuids u = {{0}, 0};
  char all[100][37];
  (void)state;
  for (size_t i = 0; i < 100; i++) {
    rs_uuid_next(&u, all[i]);
    assert_int_equal(strlen(all[i]), 36);
    assert_int_equal(all[i][14], '4');
    for (size_t k = 0; k < i; k++) assert_string_not_equal(all[i], all[k]);
  }
}

static void uuids(void **state)
{
  (void)state;
  char a[37], b[37];
  for (int i = 0; i < 1000; i++) {
    rs_uuid(a);
    assert_int_equal(strlen(a), 36);
    assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
    assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
    assert_int_equal(a[14], '4');
    assert_non_null(strchr("89ab", a[19]));
    rs_uuid(b);
    assert_string_not_equal(a, b);
  }
}

static void hex(void **state)
{
  (void)state;
  char out[9];
  rs_hex((const unsigned char *)"\x00\x7F\xff\x10", 4, out);
  assert_string_equal(out, "007fff10");
  rs_hex((const unsigned char *)"", 0, out);
  assert_string_equal(out, "");
}

static void check_time(int64_t us, const char *want)
{
  char out[40];
  rs_format_timestamp(us, out);
  assert_string_equal(out, want);
}

static void timestamps(void **state)
{
  (void)state;
  check_time(0, "1970-01-01 00:00:00");
  check_time(-1, "1969-12-31 23:59:59.999999");
  check_time(INT64_C(951782400000000), "2000-02-29 00:00:00");
  check_time(INT64_C(1795248930123456), "2026-11-21 08:15:30.123456");
  check_time(INT64_C(1795248930000001), "2026-11-21 08:15:30.000001");
  check_time(INT64_C(253402300799000000), "9999-12-31 23:59:59");
  check_time(INT64_C(-2203891200000000), "1900-03-01 00:00:00"); // 1900 had no 29 February
  check_time(INT64_MAX, "294247-01-10 04:00:54.775807");
  check_time(INT64_MIN, "-290308-12-21 19:59:05.224192");
}

static void embedded(void **state)
{
  (void)state;
  for (size_t i = 0; i < rs_embedded_count; i++) {
    assert_ptr_equal(rs_embedded_find(rs_embedded[i].name), &rs_embedded[i]);
    assert_int_equal(rs_embedded[i].text[rs_embedded[i].size], 0);
    if (i > 0) assert_true(strcmp(rs_embedded[i - 1].name, rs_embedded[i].name) < 0);
  }
  assert_null(rs_embedded_find("no such file"));
  assert_null(rs_embedded_find("demo.sql")); // not part of the product
}

static void *signals_blocked(void *arg)
{
  sigset_t now;
  (void)pthread_sigmask(SIG_SETMASK, NULL, &now);
  *(int *)arg = sigismember(&now, SIGINT) == 1 && sigismember(&now, SIGALRM) == 1;
  return NULL;
}

static void threads_block_signals(void **state)
{
  (void)state;
  pthread_t t;
  int blocked = 0;
  assert_true(rs_thread_start(&t, signals_blocked, &blocked));
  assert_int_equal(pthread_join(t, NULL), 0);
  assert_true(blocked);
  int here = 1;
  (void)signals_blocked(&here); // the caller's own mask is as before
  assert_false(here);
}

static void waiting_ends(void **state)
{
  (void)state;
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t c;
  assert_int_equal(rs_cond_init(&c), 0);
  int64_t start = rs_now_us();
  pthread_mutex_lock(&m);
  assert_false(rs_cond_wait_ms(&c, &m, 30));
  assert_false(rs_cond_wait_ms(&c, &m, -5));
  pthread_mutex_unlock(&m);
  assert_true(rs_now_us() - start >= 30000);
  start = rs_now_ms();
  rs_sleep_ms(20);
  assert_true(rs_now_ms() - start >= 19);
  assert_true(rs_wall_us() > INT64_C(1600000000000000)); // after 2020
  pthread_cond_destroy(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(equality),
    cmocka_unit_test(utf8_validity),
    cmocka_unit_test(utf8_round_trip),
    cmocka_unit_test(suggestions),
    cmocka_unit_test(uuids),
    cmocka_unit_test(many_uuids),
    cmocka_unit_test(hex),
    cmocka_unit_test(timestamps),
    cmocka_unit_test(embedded),
    cmocka_unit_test(threads_block_signals),
    cmocka_unit_test(waiting_ends),
  };
  return RS_RUN(tests);
}
