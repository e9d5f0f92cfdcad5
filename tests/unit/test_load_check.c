/*
** Whether files are whole (load/check.h): what is refused with which text, what is let through and
** how it is understood. No engine is needed.
*/
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/engine/slots.h"
#include "src/engine/load/check.h"
#include "src/engine/load/watch.h"
#include "src/base/buf.h"

static char path[] = "/tmp/rs-check-XXXXXX";
static struct rs_session session; /* only its interrupt is looked at */
static struct rs_error e;
static int64_t rows;

static void put(const char *text, size_t n)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, n, file), n);
  (void)fclose(file);
}

/* The text of the refusal without the file's name, "" when there is none. */
static const char *refusal(enum rs_code rc)
{
  static char prefix[100];
  if (rc == RS_OK) return "";
  assert_int_equal(rc, RS_INVALID);
  assert_int_equal(e.code, rc);
  (void)snprintf(prefix, sizeof prefix, "file '%s': ", path);
  if (strncmp(e.text, prefix, strlen(prefix)) != 0) fail_msg("text: %s", e.text);
  return e.text + strlen(prefix);
}

static const char *json(const char *text, bool lines)
{
  e = (struct rs_error){0};
  put(text, strlen(text));
  return refusal(rs_load_check_json(&session, path, lines, NULL, &rows, &e));
}

static void test_json(void **state)
{
  (void)state;
  static const char *const whole[] = {"",
                                      " \n",
                                      "[]",
                                      "[{\"a\":1}]",
                                      "[{\"a\":1}]\r\n\n",
                                      "{\"a\":1}",
                                      "{\"a\":1}{\"a\":2}",
                                      "{\n\"a\":[1,\n2]}\n{\"a\":\"]\"}",
                                      "[1,2]",
                                      "[{\"a\":\"\"}]",
                                      "[{\"a\":\"x\\\"y\\\\\"}]",
                                      "[{\"a\":\"\\u0000\",\"\\u00e9\":\"{[\"}]",
                                      "[{\"\\u0010\\u1000\":1}]",
                                      "[[{\"a\":1}]]"};
  for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
    assert_string_equal(json(whole[i], false), "");
  }
  static const struct {
    const char *text, *refusal;
  } cut[] = {
    {"[{\"a\":1},", "it is cut off at line 1 (byte 10): its array is not closed"},
    {"[{\"a\":1}\n", "it is cut off at line 2 (byte 10): its array is not closed"},
    {"[", "it is cut off at line 1 (byte 2): its array is not closed"},
    {"[\n{\"a\":1},\n{\"a\":", "it is cut off at line 3 (byte 17): a record is not closed"},
    {"[{\"a\":\"x", "it is cut off at line 1 (byte 9): a text is not closed"},
    {"{\"a\":1}\n{\"a\"", "it is cut off at line 2 (byte 13): a record is not closed"},
    {"[{\"a\":1},]", "a record is missing after the last comma at line 1 (byte 10)"},
    {"[{\"a\":1}]\nx", "something follows after the end of its array (records go into one array) "
                       "at line 2 (byte 11)"},
    {"[{\"a\":1}]]", "something follows after the end of its array (records go into one array) at "
                     "line 1 (byte 10)"},
    {"[{\"a\":\"x\n\"}]", "a text is not closed at line 1 (byte 9)"},
    {"[{\"a\":1},\n{\"\" :1}]", "a field has an empty name (give it another) at line 2 (byte 15)"},
    {"{\"a\":{\"\":1}}", "a field has an empty name (give it another) at line 1 (byte 9)"},
    {"{\"a\\u0000\":1}", "a field's name holds a NUL character (give it another) at line 1 (byte "
                         "11)"},
    {"\xEF\xBB\xBF[]", "it begins with a byte order mark, which JSON has not: remove its first "
                       "three bytes"},
    {"\xFF\xFE[", "it is UTF-16: write it as UTF-8"},
  };
  for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
    assert_string_equal(json(cut[i].text, false), cut[i].refusal);
  }
}

static void test_ndjson(void **state)
{
  (void)state;
  assert_string_equal(json("{\"a\":1}\n\n{\"a\":[1]}\r\n", true), "");
  assert_string_equal(json("[1]\n[2]\n5", true), "");
  assert_string_equal(json("{\"a\":1}\n{\"a\":2", true),
                      "it is cut off at line 2 (byte 15): a record is not closed");
  assert_string_equal(
    json("{\"a\":\n1}\n{\"a\":2}\n", true),
    "a record does not end with its line (is it json, not ndjson?) at line 1 (byte 6)");
  assert_string_equal(
    json("{\"a\":1}\n{\"a\":2},\n", true),
    "something follows after a record (each has a line of its own) at line 2 (byte 16)");
  assert_string_equal(json("{\"a\":\"x\n{\"a\":2}\n", true),
                      "a text is not closed at line 1 (byte 8)");
}

/* The refusal, or how it is written: delimiter, quote, escape; lines skipped, mixed. */
static const char *csv(const char *text, bool tabs)
{
  static char got[100];
  struct rs_load_dialect d;
  e = (struct rs_error){0};
  put(text, strlen(text));
  enum rs_code rc = rs_load_check_csv(
    &session, path, &(struct rs_load_wanted){.delimiter = tabs ? '\t' : 0}, &d, &rows, &e);
  if (rc != RS_OK) return refusal(rc);
  if (rows == 0) return "empty";
  (void)snprintf(got, sizeof got, "%c%c%c", d.delimiter, d.quote != 0 ? d.quote : '-',
                 d.escape != 0 ? d.escape : '-');
  if (d.skip > 0) (void)snprintf(got + 3, sizeof got - 3, " %d", (int)d.skip);
  size_t n = strlen(got);
  if (d.endings & (d.endings - 1)) (void)snprintf(got + n, sizeof got - n, " mixed");
  n = strlen(got);
  if (d.quoted_ends) (void)snprintf(got + n, sizeof got - n, " quoted");
  return got;
}

static void test_csv(void **state)
{
  (void)state;
  static const struct {
    const char *text, *as;
  } whole[] = {
    {"", "empty"},
    {"\n\r\n", "empty"},
    {"a,b\n1,2\n", ",\"\""},
    {"a,b\n", ",\"\""},
    {"a,b", ",\"\""},
    {"a\n1\n\n2", ",\"\""},
    {"a;b\n1;2,5\n", ";\"\""},
    {"a|b\n1|2\n", "|\"\""},
    {"a\tb\n1\t2\n", "\t\"\""},
    {"a,b;c\n1,2;3\n4,5\n", ",\"\""},
    {"a,b\r\n1,\"x\r\ny\"\r\n2,\"p\nq\"\r\n", ",\"\" quoted"},
    {"\xEF\xBB\xBF\"a\",b\n1,2\n", ",\"\""},
    {"a,b\r1,2\r", ",\"\""},
    {"a,b\n1,2\r\n", ",\"\" mixed"},
    {"a,b\r1,2\n", ",\"\" mixed"},
    {"\n\r\na,b\n1,2\n", ",\"\" 2 mixed"},
    {"\n\na,b\n\n1,2\n\n", ",\"\" 2"},
    {"a,b\n1,\"x, \"\"y\"\"\"\n", ",\"\""},
    {"a,b\n1, \"x,y\" \n", ",\"\""},
    {"a,b\n1,x\"y\n", ",\"\""},
    {"a,b\n1,\"x \\\", y\"\n", ",\"\\"},
    {"a,b\n1,'x, y'\n", ",''"},
    {"a,b\n1,it's\n", ",\"\""},
    {"a,b\n#1,2\n", ",\"\""},
    {"\"a\",\"b\"", ",\"\""},
    {",\"\"\";\"\r\n,y\r\n1,\"\"\";\"\r\n", ",\"\""}, // ";" would find one line of three fields
  };
  for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
    assert_string_equal(csv(whole[i].text, false), whole[i].as);
  }
#define COMMAS " (parted by commas; a value that holds a comma must be quoted)"
  static const struct {
    const char *text, *refusal;
  } uneven[] = {
    {"a,b\n1,2,3\n", "line 2 has 3 fields, the first line has 2" COMMAS},
    {"a,b\n1,\"2\n\"\n3\n", "line 4 has 1 field, the first line has 2" COMMAS},
    {"a,b\n1,\"2\n\",3\n", "line 2 has 3 fields, the first line has 2" COMMAS},
    {"a,b\n\n1,2,\n", "line 3 has 3 fields, the first line has 2" COMMAS},
    {"a\n1\n2,3", "line 3 has 2 fields, the first line has 1" COMMAS},
    {"a;b\n1;2;3\n", "line 2 has 3 fields, the first line has 2 (parted by semicolons; a value "
                     "that holds a semicolon must be quoted)"},
    {"a,b\n1,\"2\n3,4\n", "it is cut off, or has one quote too many: the line that begins at line "
                          "2 ends within quotes"},
    {"a,b\n1,\"x\"y\n",
     "a value goes on after its closing quote (a quote in it must be doubled) at line 2"},
    {"a,b\n\"x,'y',1\n", "it is cut off, or has one quote too many: the line that begins at line 2 "
                         "ends within quotes"},
  };
  for (size_t i = 0; i < sizeof uneven / sizeof uneven[0]; i++) {
    assert_string_equal(csv(uneven[i].text, false), uneven[i].refusal);
  }
}

static void test_tsv(void **state)
{
  (void)state;
  assert_string_equal(csv("a\tb\n1,2\t3\n", true), "\t\"\"");
  assert_string_equal(csv("a\tb\n\"x\ty\"\t3\n", true), "\t\"\"");
  assert_string_equal(csv("a\tb\n\"x\" y\t3\n", true), "\t--"); // values that only hold quotes
  assert_string_equal(csv("a\tb\n1\t2\t3\n", true),
                      "line 2 has 3 fields, the first line has 2 (parted by tabs; a value that "
                      "holds a tab must be quoted)");
  assert_string_equal(csv("a\n1\n", true), "\t\"\"");
}

/* Far behind what is read in one piece, whatever falls on its border. */
static void test_large(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  for (int i = 0; i < 100000; i++) rs_buf_printf(&b, "%d,\"x\r\ny\"\"z\"\r\n", i);
  assert_string_equal(csv(rs_buf_text(&b), false), ",\"\" quoted");
  assert_int_equal(rows, 100000);
  rs_buf_str(&b, "1\r\n");
  assert_string_equal(csv(rs_buf_text(&b), false),
                      "line 200001 has 1 field, the first line has 2" COMMAS);
  rs_buf_clear(&b);
  for (int i = 0; i < 100000; i++) {
    rs_buf_printf(&b, "%c{\"k\\\\\":\"\\u0041\\\"%d\"}", i == 0 ? '[' : ',', i);
  }
  assert_string_equal(json(rs_buf_text(&b), false) +
                        strlen("it is cut off at line 1 (byte 0000000)"),
                      ": its array is not closed");
  rs_buf_str(&b, "]");
  assert_string_equal(json(rs_buf_text(&b), false), "");
  assert_int_equal(rows, 100000);
  rs_buf_free(&b);
}

static void test_rows(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int rows;
  } jsons[] = {{"", 0},
               {"[ ]", 0},
               {"[1, 2,\n[3],{\"a\":[4,5]},\"x,\"]", 5},
               {"{\"a\":[1,2]}{\"b\":{}}\n[1]", 3},
               {"1 2\n\"a b\" null", 4},
               {"[[1,2],[3]]", 2},
               {"[null]", 1},
               {"{}\n\n{}", 2}};
  for (size_t i = 0; i < sizeof jsons / sizeof jsons[0]; i++) {
    assert_string_equal(json(jsons[i].text, false), "");
    assert_int_equal(rows, jsons[i].rows);
  }
  assert_string_equal(json("[1,2]\n[3]\n7\nnull\n{\"a\":1}", true), "");
  assert_int_equal(rows, 5);
  static const struct {
    const char *text;
    int rows;
  } csvs[] = {{"a,b\n", 1}, {"\na,b\n\n1,2\n\n", 2}, {"\na\n\n1\n\n", 4}, {"a,b\n\"\n\",2", 2}};
  for (size_t i = 0; i < sizeof csvs / sizeof csvs[0]; i++) {
    (void)csv(csvs[i].text, false);
    assert_int_equal(rows, csvs[i].rows);
  }
}

/* "odd nested": what is said of the values; records by lines. */
static const char *watched(const char *text, bool lines)
{
  static char said[30];
  struct rs_load_watch w;
  rs_load_watch_init(&w);
  e = (struct rs_error){0};
  put(text, strlen(text));
  assert_string_equal(refusal(rs_load_check_json(&session, path, lines, &w, &rows, &e)), "");
  (void)snprintf(said, sizeof said, "%s%s%s", w.odd ? "odd " : "", w.nested ? "nested " : "",
                 w.strange ? "strange " : "");
  rs_load_watch_free(&w);
  return said;
}

static void test_values(void **state)
{
  (void)state;
  static const struct {
    const char *text, *said;
  } cases[] = {
    {"", ""},
    {"[]", ""},
    {"[{\"a\":1,\"b\":\"x\"},{\"b\":\"y\"},{\"a\":-2,\"c\":1.5}]", ""},
    {"{\"a\":true}\n{\"a\":false}", ""},
    {"{\"_id\":1}{\"_id\":\"x\"}{\"_id\":null}", ""},
    {"[{\"a\":null}]", "odd "},
    {"[{\"a\":1},{\"a\":1.0}]", "odd "},
    {"[{\"a\":1},{\"a\":1e1}]", "odd "},
    {"[{\"a\":1},{\"a\":\"1\"}]", "odd "},
    {"[{\"a\":1,\"A\":1}]", "odd "},
    {"[{\"a\":1},{\"A\":1}]", "odd "},
    {"[{\"a\":123456789012345678},{\"a\":1}]", ""},
    {"[{\"a\":1234567890123456789}]", "odd "},
    {"[{\"\\u0061\":1}]", "odd "},
    {"[{\"a~x\":1}]", "odd "},
    {"[{\"_meta\":1}]", "odd "},
    {"[{\"a\":{\"__rockset_type\":\"DATE\"}}]", "odd nested "},
    {"[{}]", "odd "},
    {"[{\"a\":{}}]", "odd nested "},
    {"[{\"a\":[]}]", "nested "},
    {"[{\"a\":[1,null,2]},{\"a\":[]}]", "nested "},
    {"[{\"a\":[1,2.5]}]", "odd nested "},
    {"[{\"a\":[1]},{\"a\":[\"x\"]}]", "odd nested "},
    {"[{\"a\":[1]},{\"a\":1}]", "odd nested "},
    {"[{\"a\":[1]},{\"a\":{\"b\":1}}]", "odd nested "},
    {"[{\"a\":{\"b\":1}},{\"a\":[1]}]", "odd nested "},
    {"[{\"a\":{\"b\":1,\"c\":[{\"d\":\"x\"}]},\"b\":\"x\"},{\"b\":\"y\",\"d\":2}]", "nested "},
    {"[{\"a\":{\"b\":1}},{\"a\":{\"b\":\"x\"}}]", "odd nested "},
    {"[{\"a\":{\"b\":null}}]", "odd nested "},
    {"[1]", "strange "},
    {"[[{\"a\":1}]]", "strange "},
    {"{\"a\":1}[1]", "strange "},
    {"7", "strange "},
    {"\"x\"", "strange "},
    {"[{\"a\":NaN}]", "strange "},
    {"[{\"a\":-Infinity}]", "strange "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *said = watched(cases[i].text, false);
    if (strcmp(said, cases[i].said) != 0) fail_msg("%s: '%s'", cases[i].text, said);
  }
  assert_string_equal(watched("{\"a\":1}\n{\"a\":2}", true), "");
  assert_string_equal(watched("{\"a\":1}\n{\"a\":2.5}\n", true), "odd ");
  assert_string_equal(watched("{\"a\":1}\n[1]\n", true), "strange ");
}

/* Names that end in another piece, and what is too deep or too wide. */
static void test_many_values(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  for (int i = 0; i < 60000; i++) rs_buf_printf(&b, "{\"a long name %d\":%d}\n", i % 7, i);
  assert_string_equal(watched(rs_buf_text(&b), true), "");
  rs_buf_str(&b, "{\"a long name 6\":\"x\"}");
  assert_string_equal(watched(rs_buf_text(&b), true), "odd ");
  for (int pad = 0; pad < 20; pad++) { // numbers and names that end in another piece
    rs_buf_clear(&b);
    for (int i = 0; i < pad; i++) rs_buf_char(&b, ' ');
    for (int i = 0; i < 30000; i++) rs_buf_str(&b, "{\"a\":-1.5e-10,\"b\":false}\n");
    assert_string_equal(watched(rs_buf_text(&b), true), "");
    assert_int_equal(rows, 30000);
  }
  rs_buf_clear(&b);
  rs_buf_str(&b, "{\"a\":");
  for (int i = 0; i < 70; i++) rs_buf_char(&b, '[');
  for (int i = 0; i < 70; i++) rs_buf_char(&b, ']');
  rs_buf_char(&b, '}');
  assert_string_equal(watched(rs_buf_text(&b), true), "odd nested ");
  rs_buf_clear(&b);
  for (int i = 0; i < 20000; i++) rs_buf_printf(&b, "{\"f%d\":1}\n", i);
  assert_string_equal(watched(rs_buf_text(&b), true), "odd nested ");
  rs_buf_free(&b);
}

static bool always(void *ctx)
{
  (void)ctx;
  return true;
}

static void test_failures(void **state)
{
  (void)state;
  struct rs_load_dialect d;
  put("a\n1\n", 4);
  session.interrupt.is_interrupted = always;
  assert_int_equal(rs_load_check_csv(&session, path, &(struct rs_load_wanted){0}, &d, &rows, &e),
                   RS_CANCELLED);
  assert_int_equal(rs_load_check_json(&session, path, false, NULL, &rows, &e), RS_CANCELLED);
  session.interrupt.is_interrupted = NULL;
  e = (struct rs_error){0};
  assert_fails(rs_load_check_json(&session, "/nosuch/a.json", false, NULL, &rows, &e), e, RS_IO,
               "file '/nosuch/a.json': No such file or directory");
}

static int make_file(void **state)
{
  (void)state;
  int fd = mkstemp(path);
  return fd < 0 || close(fd) != 0;
}

static int remove_file(void **state)
{
  (void)state;
  return remove(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_json),     cmocka_unit_test(test_ndjson),
    cmocka_unit_test(test_csv),      cmocka_unit_test(test_tsv),
    cmocka_unit_test(test_large),    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_values),   cmocka_unit_test(test_many_values),
    cmocka_unit_test(test_failures),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
