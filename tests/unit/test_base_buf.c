/* Buffers: growth, the maximum, the sticky error, ownership, JSON text. */
#include "unit.h"
#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"

static void grows(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 100000);
  assert_string_equal(rs_buf_text(&b), "");
  for (int i = 0; i < 10000; i++) rs_buf_printf(&b, "%04d,", i);
  assert_int_equal(b.rc, RS_OK);
  assert_int_equal(b.n, 50000);
  assert_int_equal(strlen(b.p), 50000);
  assert_memory_equal(b.p + 5 * 1234, "1234,", 5);
  rs_buf_clear(&b);
  assert_string_equal(rs_buf_text(&b), "");
  rs_buf_free(&b);
}

static void keeps_to_the_maximum(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 5);
  rs_buf_str(&b, "abc");
  rs_buf_str(&b, "de"); // exactly full
  assert_int_equal(b.rc, RS_OK);
  rs_buf_char(&b, 'f');
  assert_int_equal(b.rc, RS_LIMIT);
  assert_string_equal(b.p, "abcde");
  assert_true(b.cap <= 64);
  rs_buf_free(&b);
  rs_buf_init(&b, 10);
  rs_buf_add(&b, "x", SIZE_MAX); // must not wrap around
  assert_int_equal(b.rc, RS_LIMIT);
  rs_buf_free(&b);
}

static void error_is_sticky(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_buf b;
  rs_buf_init(&b, 4);
  rs_buf_str(&b, "too long");
  rs_buf_str(&b, "ok");
  rs_buf_printf(&b, "%d", 1);
  rs_buf_json_str(&b, "x", 1);
  rs_buf_json_double(&b, 1);
  assert_null(rs_buf_reserve(&b, 1));
  assert_int_equal(b.n, 0);
  assert_fails(rs_buf_error(&b, &e, "compiled SQL"), e, RS_LIMIT,
               "compiled SQL: longer than 4 bytes");
  assert_null(rs_buf_take(&b));
  assert_int_equal(b.rc, RS_LIMIT); // still tells why
  rs_buf_clear(&b);
  rs_buf_str(&b, "ok");
  assert_int_equal(rs_buf_error(&b, &e, "compiled SQL"), RS_OK);
  assert_string_equal(rs_buf_text(&b), "ok");
  rs_buf_free(&b);
}

static void take_moves(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 0);
  char *p = rs_buf_take(&b); // empty is a text as well
  assert_string_equal(p, "");
  rs_free(p);
  rs_buf_init(&b, 10);
  rs_buf_str(&b, "text");
  p = rs_buf_take(&b);
  assert_string_equal(p, "text");
  assert_null(b.p);
  rs_free(p);
}

static void reserve_gives_room(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1000);
  rs_buf_str(&b, "ab");
  char *p = rs_buf_reserve(&b, 500);
  assert_ptr_equal(p, b.p + 2);
  memset(p, 'x', 500);
  b.n += 500;
  assert_int_equal(strlen(b.p), 502); // NUL-terminated by reserve
  rs_buf_free(&b);
}

static void printf_beyond_the_small_buffer(void **state)
{
  (void)state;
  char text[1001];
  memset(text, 'y', 1000);
  text[1000] = 0;
  struct rs_buf b;
  rs_buf_init(&b, 5000);
  rs_buf_printf(&b, "<%s>", text);
  assert_int_equal(b.n, 1002);
  assert_int_equal(b.p[1001], '>');
  rs_buf_free(&b);
}

static void check_json(const char *in, size_t n, const char *want)
{
  struct rs_buf b;
  rs_buf_init(&b, 1000);
  rs_buf_json_str(&b, in, n);
  assert_string_equal(rs_buf_text(&b), want);
  rs_buf_free(&b);
}

#define BAD "\xEF\xBF\xBD"

static void escapes_json(void **state)
{
  (void)state;
  check_json("", 0, "\"\"");
  check_json("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
  check_json("\n\r\t\b\f", 5, "\"\\n\\r\\t\\b\\f\"");
  check_json("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
  check_json("h\xC3\xA9 \xF0\x9F\x98\x80", 8, "\"h\xC3\xA9 \xF0\x9F\x98\x80\"");
  check_json("a\xFFz", 3, "\"a" BAD "z\"");
  check_json("\xC3", 1, "\"" BAD "\"");                         // cut
  check_json("\xC0\xAF", 2, "\"" BAD BAD "\"");                 // overlong
  check_json("\xED\xA0\x80", 3, "\"" BAD BAD BAD "\"");         // a surrogate
  check_json("\xF4\x90\x80\x80", 4, "\"" BAD BAD BAD BAD "\""); // beyond U+10FFFF
  check_json(BAD, 3, "\"" BAD "\"");
}

static void check_double(double v, const char *want)
{
  struct rs_buf b;
  rs_buf_init(&b, 100);
  rs_buf_json_double(&b, v);
  if (want != NULL) assert_string_equal(rs_buf_text(&b), want);
  double back = strtod(rs_buf_text(&b), NULL);
  if (isfinite(v)) assert_memory_equal(&back, &v, sizeof v);
  rs_buf_free(&b);
}

static void doubles_round_trip(void **state)
{
  (void)state;
  check_double(0, "0.0");
  check_double(-0.0, "-0.0");
  check_double(1, "1.0");
  check_double(0.1, "0.1");
  check_double(1.0 / 3, "0.3333333333333333");
  check_double(1e300, "1e+300");
  check_double(5e-324, NULL);
  check_double(DBL_MAX, NULL);
  check_double(9007199254740993.0, NULL);
  check_double(NAN, "null");
  check_double(INFINITY, "null");
  check_double(-INFINITY, "null");
  unsigned seed = 42;
  for (int i = 0; i < 20000; i++) {
    uint64_t bits = 0;
    for (int j = 0; j < 4; j++)
      bits = bits << 16 | (uint64_t)((seed = seed * 1103515245u + 12345u) >> 16);
    double v;
    memcpy(&v, &bits, sizeof v);
    check_double(v, NULL);
  }
}

static void doubles_ignore_the_locale(void **state)
{
  (void)state;
  if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL) skip();
  struct rs_buf b;
  rs_buf_init(&b, 100);
  rs_buf_json_double(&b, 1.5);
  assert_string_equal(rs_buf_text(&b), "1.5");
  rs_buf_free(&b);
  setlocale(LC_NUMERIC, "C");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(grows),
    cmocka_unit_test(keeps_to_the_maximum),
    cmocka_unit_test(error_is_sticky),
    cmocka_unit_test(take_moves),
    cmocka_unit_test(reserve_gives_room),
    cmocka_unit_test(printf_beyond_the_small_buffer),
    cmocka_unit_test(escapes_json),
    cmocka_unit_test(doubles_round_trip),
    cmocka_unit_test(doubles_ignore_the_locale),
  };
  return RS_RUN(tests);
}
