/*
** Tagged texts of fields of several types: what engine/documents writes, src/value reads.
*/
#include "unit.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/engine/documents/documents.h"
#include "src/json/rows.h"
#include "src/value/boxed.h"
#include "src/value/text.h"

static const struct rs_value null_value = {.kind = RS_NULL};

static struct rs_value text_value(const char *p, size_t n)
{
  return (struct rs_value){.kind = RS_TEXT, .s = {p, n}};
}

/* The prepared tree of a JSON text. */
static struct rs_json *tree_of(struct rs_arena *a, const char *json, size_t n)
{
  struct rs_json *j = NULL;
  struct rs_error e = {0};
  const char *why = NULL;
  if (rs_json_parse(json, n, 100, a, &j, &e) != RS_OK) fail_msg("%s: %.*s", e.text, (int)n, json);
  if (rs_doc_prepare(j, a, &why) != RS_OK) fail_msg("%s: %.*s", why, (int)n, json);
  return j;
}

/* ---- one by one ------------------------------------------------------------------------------ */

#define TYPED(type, value) "{\"__rockset_type\":\"" type "\",\"value\":" value "}"
#define BYTES(value) \
  "{\"__rockset_type\":\"BYTES\",\"encoding\":\"base64\",\"value\":\"" value "\"}"

static const struct {
  const char *json, *boxed, *back; /* back NULL: as json */
} cases[] = {
  {"null", "n", NULL},
  {"true", "b1", NULL},
  {"false", "b0", NULL},
  {"0", "i0", NULL},
  {"-0", "i0", "0"},
  {"9223372036854775807", "i9223372036854775807", NULL},
  {"-9223372036854775808", "i-9223372036854775808", NULL},
  {"9223372036854775808", "f9.223372036854776e+18", "9.223372036854776e+18"},
  {"9007199254740993", "i9007199254740993", NULL},
  {"1.0", "f1.0", NULL},
  {"1e2", "f100.0", "100.0"},
  {"100.00", "f100.0", "100.0"},
  {"-0.0", "f-0.0", NULL},
  {"5e-324", "f4.94065645841247e-324", "4.94065645841247e-324"},
  {"0.1", "f0.1", NULL},
  {"\"\"", "s", NULL},
  {"\"n\"", "sn", NULL},
  {"\"a\\\"\\u00e9\\n\"", "sa\"\xc3\xa9\n", "\"a\\\"\xc3\xa9\\n\""},
  {TYPED("DATE", "\"2020-01-02\""), "d2020-01-02", NULL},
  {TYPED("date", "\"2020/1/2\""), "d2020-01-02", TYPED("DATE", "\"2020-01-02\"")},
  {TYPED("TIME", "\"03:04:05.500000\""), "h03:04:05.5", TYPED("TIME", "\"03:04:05.5\"")},
  {TYPED("DATETIME", "\"2020-01-02T03:04:05\""), "c2020-01-02 03:04:05",
   TYPED("DATETIME", "\"2020-01-02T03:04:05\"")},
  {TYPED("TIMESTAMP", "\"2020-01-02T03:04:05.25+02:00\""), "z2020-01-02 01:04:05.25",
   TYPED("TIMESTAMP", "\"2020-01-02T01:04:05.250000Z\"")},
  {TYPED("TIMESTAMP", "0"), "z1970-01-01 00:00:00",
   TYPED("TIMESTAMP", "\"1970-01-01T00:00:00.000000Z\"")},
  {TYPED("MONTH_INTERVAL", "-40"), "m-40", NULL},
  {TYPED("MICROSECOND_INTERVAL", "\"007\""), "u7", TYPED("MICROSECOND_INTERVAL", "7")},
  {BYTES("aGk="), "yaGk=", NULL},
  {BYTES(""), "y", NULL},
  {BYTES("aGkkQR=="), "yaGkkQQ==", BYTES("aGkkQQ==")},
  {TYPED("geography", "{\"type\":\"Point\",\"coordinates\":[1,2.50]}"),
   "g{\"type\":\"Point\",\"coordinates\":[1,2.5]}",
   TYPED("GEOGRAPHY", "{\"type\":\"Point\",\"coordinates\":[1,2.5]}")},
  {TYPED("u256", "\"00123\""), "v123", TYPED("U256", "\"123\"")},
  {TYPED("U256", "\"0\""), "v0", NULL},
  {TYPED("U256", "\"many\""), "o" TYPED("U256", "\"many\""), NULL},
  {TYPED("GEOGRAPHY", "7"), "o" TYPED("GEOGRAPHY", "7"), NULL},
  {"[]", "a[]", NULL},
  {"{}", "o{}", NULL},
  {"[1,1.0,null,\"x\",[true],{\"A\":1,\"a\":2}]", "a[1,1.0,null,\"x\",[true],{\"A\":1,\"a\":2}]",
   NULL},
  {"{\"k\" : 1e1, \"k~\":[ ]}", "o{\"k\":10.0,\"k~\":[]}", "{\"k\":10.0,\"k~\":[]}"},
  {"[" TYPED("TIMESTAMP", "\"2020-01-02T00:00:00-01:30\"") "," BYTES("QR==") "]",
   "a[" TYPED("TIMESTAMP", "\"2020-01-02T01:30:00.000000Z\"") "," BYTES("QQ==") "]",
   "[" TYPED("TIMESTAMP", "\"2020-01-02T01:30:00.000000Z\"") "," BYTES("QQ==") "]"},
  {"{\"m\":" TYPED("MONTH_INTERVAL", "\"3\"") "}", "o{\"m\":" TYPED("MONTH_INTERVAL", "3") "}",
   "{\"m\":" TYPED("MONTH_INTERVAL", "3") "}"},
};

static void test_cases(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rs_arena a;
    struct rs_buf box, back;
    struct rs_boxed x;
    rs_arena_init(&a, 0);
    rs_buf_init(&box, 1 << 20);
    rs_buf_init(&back, 1 << 20);
    rs_doc_box(&box, tree_of(&a, cases[i].json, strlen(cases[i].json)));
    assert_string_equal(rs_buf_text(&box), cases[i].boxed);
    const struct rs_value side = text_value(box.p, box.n);
    assert_true(rs_boxed_read(&null_value, &side, &x));
    rs_boxed_json(&back, &x);
    assert_string_equal(rs_buf_text(&back), cases[i].back != NULL ? cases[i].back : cases[i].json);
    rs_buf_free(&box);
    rs_buf_free(&back);
    rs_arena_free(&a);
  }
}

/* What a JSON column gets is JSON, however a number was written. */
static void test_json_column(void **state)
{
  (void)state;
  static const char json[] = "[" TYPED("MONTH_INTERVAL", "\"007\"") "," BYTES("aGk=") "]";
  struct rs_arena a;
  struct rs_buf b;
  rs_arena_init(&a, 0);
  rs_buf_init(&b, 1 << 20);
  rs_doc_write_json(&b, tree_of(&a, json, strlen(json)));
  assert_string_equal(rs_buf_text(&b), "[" TYPED("MONTH_INTERVAL", "7") "," BYTES("aGk=") "]");
  rs_buf_free(&b);
  rs_arena_free(&a);
}

/* ---- as values of columns -------------------------------------------------------------------- */

static void test_values(void **state)
{
  (void)state;
  static const struct {
    const char *boxed;
    enum rs_type type;
    enum rs_kind kind;
    const char *text; /* of a number, its text */
  } table[] = {
    {"n", RS_T_JSON, RS_NULL, ""},
    {"b1", RS_T_BOOL, RS_BOOL, "1"},
    {"i-7", RS_T_INT, RS_INT, "-7"},
    {"f2.5", RS_T_FLOAT, RS_FLOAT, "2.5"},
    {"sabc", RS_T_TEXT, RS_TEXT, "abc"},
    {"d2020-01-02", RS_T_DATE, RS_TEXT, "2020-01-02"},
    {"c2020-01-02 03:04:05", RS_T_TIMESTAMP, RS_TEXT, "2020-01-02 03:04:05"},
    {"h03:04:05", RS_T_TIME, RS_TEXT, "03:04:05"},
    {"z2020-01-02 03:04:05.5", RS_T_TIMESTAMPTZ, RS_TEXT, "2020-01-02 03:04:05.5"},
    {"m14", RS_T_OTHER, RS_TEXT, "1 year 2 months"},
    {"u-1500000", RS_T_OTHER, RS_TEXT, "-00:00:01.5"},
    {"yaGk=", RS_T_BYTES, RS_BYTES, "hi"},
    {"y?", RS_T_BYTES, RS_TEXT, "?"},
    {"g{}", RS_T_JSON, RS_JSON, TYPED("GEOGRAPHY", "{}")},
    {"v18446744073709551616", RS_T_HUGEINT, RS_TEXT, "18446744073709551616"},
    {"v5", RS_T_HUGEINT, RS_INT, "5"},
    {"a[1]", RS_T_JSON, RS_JSON, "[1]"},
    {"o{}", RS_T_JSON, RS_JSON, "{}"},
    {"~[1,null]", RS_T_JSON, RS_JSON, "[1,null]"},
  };
  struct rs_scratch s;
  rs_scratch_init(&s);
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const struct rs_value side = text_value(table[i].boxed, strlen(table[i].boxed));
    struct rs_boxed x;
    struct rs_value v;
    enum rs_type type;
    char number[40];
    assert_true(rs_boxed_read(&null_value, &side, &x));
    assert_true(rs_boxed_value(&x, &s, &type, &v));
    assert_int_equal(type, table[i].type);
    assert_int_equal(v.kind, table[i].kind);
    if (v.kind == RS_INT || v.kind == RS_BOOL) {
      (void)snprintf(number, sizeof number, "%" PRId64, v.i);
      assert_string_equal(number, table[i].text);
    } else if (v.kind == RS_FLOAT) {
      assert_true(v.f == strtod(table[i].text, NULL));
    } else if (v.kind != RS_NULL) {
      assert_int_equal(v.s.n, strlen(table[i].text));
      assert_memory_equal(v.s.p, table[i].text, v.s.n);
    }
  }
  rs_scratch_free(&s);
}

/* What the main column and the sidecar say together. */
static void test_main(void **state)
{
  (void)state;
  const struct rs_value seven = {.kind = RS_INT, .i = 7}, half = {.kind = RS_FLOAT, .f = 7.5},
                        whole = {.kind = RS_FLOAT, .f = -7.0},
                        far = {.kind = RS_FLOAT, .f = 0x1p63}, i = text_value("i", 1),
                        exact = text_value("~{\"a\":null}", 11);
  struct rs_boxed x;
  struct rs_scratch s;
  struct rs_value v;
  enum rs_type type = RS_T_INT;
  rs_scratch_init(&s);
  assert_true(rs_boxed_read(&null_value, &null_value, &x));
  assert_int_equal(x.tag, RS_BOXED_UNDEFINED);
  assert_true(rs_boxed_value(&x, &s, &type, &v) && v.kind == RS_NULL);
  type = RS_T_INT;
  assert_true(rs_boxed_read(&seven, &null_value, &x));
  assert_int_equal(x.tag, RS_BOXED_MAIN);
  assert_true(rs_boxed_value(&x, &s, &type, &v) && v.kind == RS_INT && v.i == 7);
  assert_int_equal(type, RS_T_INT);
  assert_true(rs_boxed_read(&whole, &i, &x));
  assert_int_equal(x.tag, RS_BOXED_INT);
  assert_true(x.v.kind == RS_INT && x.v.i == -7);
  assert_true(rs_boxed_read(&seven, &i, &x) && x.v.i == 7);
  assert_false(rs_boxed_read(&half, &i, &x));
  assert_false(rs_boxed_read(&far, &i, &x));
  assert_false(rs_boxed_read(&null_value, &i, &x));
  assert_true(rs_boxed_read(&seven, &exact, &x));
  assert_int_equal(x.tag, RS_BOXED_EXACT);
  const struct rs_value list = text_value("[1,null]", 8), a = text_value("a", 1),
                        o = text_value("o", 1), empty = text_value("s", 1);
  assert_true(rs_boxed_read(&list, &a, &x) && x.tag == RS_BOXED_ARRAY);
  assert_true(rs_boxed_value(&x, &s, &type, &v) && v.kind == RS_JSON && v.s.n == 8);
  assert_memory_equal(v.s.p, "[1,null]", 8);
  assert_false(rs_boxed_read(&list, &o, &x));
  assert_false(rs_boxed_read(&seven, &a, &x));
  assert_true(rs_boxed_read(&list, &empty, &x) && x.tag == RS_BOXED_STRING && x.v.s.n == 0);
  rs_scratch_free(&s);
}

/* What nobody but a foreign writer leaves there. */
static void test_broken(void **state)
{
  (void)state;
  static const char *const table[] = {
    "",
    "?",
    "N",
    "n1",
    "b",
    "b2",
    "b10",
    "i-",
    "i1.5",
    "i9223372036854775808",
    "ix",
    "f",
    "fnan",
    "finf",
    "f1e999",
    "f0x10",
    "f1.0 ",
    "f 1",
    "f--1",
    "m",
    "m1.5",
    "ux",
    "v",
    "v-1",
    "vx",
    "a",
    "a[",
    "a{}",
    "a",
    "o[]",
    "o}",
    "gPOINT(1 2)",
    "m2147483648",
    "u9223372036854775808",
    "~1",
    "~",
    "~[}",
    "\x01x",
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const struct rs_value side = text_value(table[i], strlen(table[i]));
    struct rs_boxed x;
    if (rs_boxed_read(&null_value, &side, &x)) fail_msg("'%s' was read", table[i]);
  }
  const struct rs_value number = {.kind = RS_INT, .i = 1};
  struct rs_boxed x;
  assert_false(rs_boxed_read(&null_value, &number, &x));
}

/* ---- random values --------------------------------------------------------------------------- */

static uint64_t seed = 20261123;

static unsigned any(unsigned n)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (unsigned)((seed >> 11) % n);
}

static const char *pick(const char *const *v, size_t n)
{
  return v[any((unsigned)n)];
}
#define PICK(v) pick((v), sizeof(v) / sizeof(v)[0])

static const char *const numbers[] = {
  "0",
  "-0",
  "-1",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "9007199254740993",
  "18446744073709551615",
  "1.0",
  "-0.0",
  "0.1",
  "1e308",
  "5e-324",
  "1E+2",
  "123456789012345678901234567890",
  "2.2250738585072014e-308",
  "3.141592653589793",
};
static const char *const strings[] = {
  "\"\"",
  "\"n\"",
  "\"i7\"",
  "\"null\"",
  "\"a\\u0000b\"",
  "\"\\ud83d\\ude00\"",
  "\"\xe2\x82\xac\"",
  "\"\\\\\\\"\\/\\b\\f\\n\\r\\t\"",
  "\"2020-01-02\"",
  "\" \"",
  "\"[1]\"",
  "\"~{}\"",
};
static const char *const names[] = {
  "\"a\"", "\"A\"", "\"\"", "\"n~x\"", "\"__rockset\"", "\"\\u00e9\"", "\"a b\"", "\"value\"",
};
static const char *const typed[] = {
  TYPED("DATE", "\"0001-01-01\""),
  TYPED("DATE", "\"9999-12-31\""),
  TYPED("TIME", "\"23:59:59.999999\""),
  TYPED("DATETIME", "\"1969-12-31T23:59:59.000001\""),
  TYPED("TIMESTAMP", "\"2024-02-29T12:00:00+14:00\""),
  TYPED("TIMESTAMP", "-1"),
  TYPED("MONTH_INTERVAL", "-2147483648"),
  TYPED("MICROSECOND_INTERVAL", "9223372036854775807"),
  BYTES("AAECAw=="),
  BYTES("//79"),
  TYPED("U256", "\"1157920892373161954235709850086879\""),
  TYPED("GEOGRAPHY", "{\"type\":\"Point\",\"coordinates\":[180.0,-90]}"),
};

static void add_random(struct rs_buf *b, unsigned depth)
{
  switch (any(depth < 6 ? 9 : 6)) {
    case 0: rs_buf_str(b, "null"); return;
    case 1: rs_buf_str(b, any(2) ? "true" : "false"); return;
    case 2: rs_buf_str(b, PICK(numbers)); return;
    case 3: rs_buf_str(b, PICK(strings)); return;
    case 4: rs_buf_str(b, PICK(typed)); return;
    case 5: rs_buf_printf(b, "%d%s", (int)any(2000) - 1000, any(2) ? "" : ".25"); return;
    default: break;
  }
  const bool array = any(2);
  rs_buf_char(b, array ? '[' : '{');
  for (unsigned i = 0, n = any(6); i < n; i++) {
    if (i > 0) rs_buf_str(b, any(4) ? "," : " ,\n");
    if (!array) rs_buf_printf(b, "%s:", PICK(names));
    add_random(b, depth + 1);
  }
  rs_buf_char(b, array ? ']' : '}');
}

static bool same_number(const struct rs_json *a, const struct rs_json *b)
{
  int64_t i, k;
  if (rs_json_int(a, &i)) return rs_json_int(b, &k) && i == k;
  const double x = rs_text_to_double(a->p, a->n), y = rs_text_to_double(b->p, b->n);
  return !rs_json_int(b, &k) && memcmp(&x, &y, sizeof x) == 0;
}

static bool same_string(const struct rs_json *a, const struct rs_json *b)
{
  char x[RS_JSON_TIME_MAX], y[RS_JSON_TIME_MAX];
  if (a->mark != RS_DOC_TIMESTAMP) return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
  const size_t n = rs_json_timestamp(a->p, a->n, x);
  return n > 0 && rs_json_timestamp(b->p, b->n, y) == n && memcmp(x, y, n) == 0;
}

/* The same value of the same type, all the way down? */
static bool same(const struct rs_json *a, const struct rs_json *b)
{
  if (a->kind != b->kind || a->mark != b->mark || rs_doc_kind(a) != rs_doc_kind(b)) return false;
  if (a->kind == RS_J_BOOL) return a->truth == b->truth;
  if (a->kind == RS_J_NUMBER) return same_number(a, b);
  if (a->kind == RS_J_STRING) return same_string(a, b);
  const struct rs_json *x = a->first, *y = b->first;
  for (; x != NULL && y != NULL; x = x->next, y = y->next) {
    if (a->kind == RS_J_OBJECT && (x->nkey != y->nkey || memcmp(x->key, y->key, x->nkey) != 0)) {
      return false;
    }
    if (!same(x, y)) return false;
  }
  return x == NULL && y == NULL;
}

static void test_random(void **state)
{
  (void)state;
  struct rs_buf json, box, back, again;
  struct rs_boxed x;
  rs_buf_init(&json, 1 << 24);
  rs_buf_init(&box, 1 << 24);
  rs_buf_init(&back, 1 << 24);
  rs_buf_init(&again, 1 << 24);
  for (int i = 0; i < 20000; i++) {
    struct rs_arena a;
    rs_arena_init(&a, 0);
    rs_buf_clear(&json);
    rs_buf_clear(&box);
    rs_buf_clear(&back);
    rs_buf_clear(&again);
    add_random(&json, 0);
    struct rs_json *first = tree_of(&a, rs_buf_text(&json), json.n);
    rs_doc_box(&box, first);
    const struct rs_value side = text_value(rs_buf_text(&box), box.n);
    if (!rs_boxed_read(&null_value, &side, &x)) fail_msg("%s as %s", json.p, box.p);
    rs_boxed_json(&back, &x);
    struct rs_json *second = tree_of(&a, rs_buf_text(&back), back.n);
    if (!same(first, second)) fail_msg("%s came back as %s", json.p, back.p);
    // equal values have equal texts
    rs_doc_box(&again, second);
    assert_int_equal(box.n, again.n);
    assert_memory_equal(rs_buf_text(&box), rs_buf_text(&again), box.n);
    rs_arena_free(&a);
  }
  rs_buf_free(&json);
  rs_buf_free(&box);
  rs_buf_free(&back);
  rs_buf_free(&again);
}

/* ---- kinds ----------------------------------------------------------------------------------- */

static void test_kinds(void **state)
{
  (void)state;
  static const char tags[] = "nbifsdchzmuygvao~";
  assert_int_equal(sizeof tags - 1, RS_BOXED_KINDS);
  for (unsigned i = 0; i < RS_BOXED_KINDS; i++) {
    assert_non_null(strchr(tags, (int)rs_boxed_tag_of(i)));
    for (unsigned k = 0; k < i; k++) {
      assert_int_not_equal(rs_boxed_tag_of(i), rs_boxed_tag_of(k));
      assert_string_not_equal(rs_boxed_kind_name(i), rs_boxed_kind_name(k));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases), cmocka_unit_test(test_json_column), cmocka_unit_test(test_values),
    cmocka_unit_test(test_main),  cmocka_unit_test(test_broken),      cmocka_unit_test(test_random),
    cmocka_unit_test(test_kinds),
  };
  return RS_RUN(tests);
}
