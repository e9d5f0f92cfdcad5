/* The row slicer's checks: what is JSON, what is not and where, and the same rows as cJSON. */
#include "json_fixture.h"
#include <cjson/cJSON.h>

/* ---- what is refused, and where -------------------------------------------------------------- */

static void malformed_envelopes(void **state)
{
  (void)state;
  static const struct {
    const char *text, *why;
  } cases[] = {
    {"", "the JSON text is cut off at byte 0: expected '{'"},
    {"  ", "the JSON text is cut off at byte 2: expected '{'"},
    {"[]", "malformed JSON at byte 0: expected '{', found '['"},
    {"<html>", "malformed JSON at byte 0: expected '{', found '<'"},
    {"\xEF\xBB\xBF{}", "malformed JSON at byte 0: expected '{', found 0xEF"},
    {"null", "malformed JSON at byte 0: expected '{', found 'n'"},
    {"{", "the JSON text is cut off at byte 1: expected a member's name or '}'"},
    {"{,", "malformed JSON at byte 1: expected a member's name or '}', found ','"},
    {"{a:1}", "malformed JSON at byte 1: expected a member's name or '}', found 'a'"},
    {"{\"a", "the JSON text is cut off at byte 3: expected '\"'"},
    {"{\"a\"", "the JSON text is cut off at byte 4: expected ':'"},
    {"{\"a\" 1}", "malformed JSON at byte 5: expected ':', found '1'"},
    {"{\"a\":", "the JSON text is cut off at byte 5: expected a value"},
    {"{\"a\":}", "malformed JSON at byte 5: expected a value, found '}'"},
    {"{\"a\":1", "the JSON text is cut off at byte 6: expected ',' or '}'"},
    {"{\"a\":1]", "malformed JSON at byte 6: expected ',' or '}', found ']'"},
    {"{\"a\":[1,2}", "malformed JSON at byte 9: expected ',' or ']', found '}'"},
    {"{\"a\":{\"b\":1,}}", "malformed JSON at byte 12: expected a member's name, found '}'"},
    {"{\"a\":1,}", "a:1;|malformed JSON at byte 7: expected a member's name, found '}'"},
    {"{\"a\":1} x",
     "a:1;|malformed JSON at byte 8: expected nothing behind the document, found 'x'"},
    {"{}{}", "malformed JSON at byte 2: expected nothing behind the document, found '{'"},
    {"{\"results\":", "the JSON text is cut off at byte 11: expected an array of rows"},
    {"{\"results\":{}}", "malformed JSON at byte 11: expected an array of rows, found '{'"},
    {"{\"results\":nul}", "malformed JSON at byte 14: expected null, found '}'"},
    {"{\"results\":[", "the JSON text is cut off at byte 12: expected a row or ']'"},
    {"{\"results\":[1]}", "malformed JSON at byte 12: expected a row: an object, found '1'"},
    {"{\"results\":[,]}", "malformed JSON at byte 12: expected a row: an object, found ','"},
    {"{\"results\":[{}", "the JSON text is cut off at byte 14: expected ',' or ']'"},
    {"{\"results\":[{},", "the JSON text is cut off at byte 15: expected a row: an object"},
    {"{\"results\":[{},]}", "malformed JSON at byte 15: expected a row: an object, found ']'"},
    {"{\"results\":[{}{}]}", "malformed JSON at byte 14: expected ',' or ']', found '{'"},
    {"{\"results\":[{}]", "<>|the JSON text is cut off at byte 15: expected ',' or '}'"},
    {"{\"results\":[{\"a\":1", "the JSON text is cut off at byte 18: expected ',' or '}'"},
    {"{\"results\":[{\"a\"=1}]}", "malformed JSON at byte 16: expected ':', found '='"},
    {"{\"results\":[{\"a\":1;}]}", "malformed JSON at byte 18: expected ',' or '}', found ';'"},
    {"{\"results\":[{\"a\":1,}]}",
     "malformed JSON at byte 19: expected a member's name, found '}'"},
    {"{\"results\":[{\"a\":1},{\"b\":1,c}]}",
     "malformed JSON at byte 27: expected a member's name, found 'c'"},
    {"{\"results\":[{\"a\":tru}]}", "malformed JSON at byte 20: expected true, found '}'"},
    {"{\"results\":[],\"results\":[]}", "a second member results at byte 14"},
    {"{\"results\":null,\"results\":null}", "a second member results at byte 16"},
  };
  struct reading g = {.piece = 0};
  char want[300];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    // before the bar: what was complete before the offence and is delivered
    const char *bar = strchr(cases[i].why, '|'), *why = bar != NULL ? bar + 1 : cases[i].why;
    int delivered = bar != NULL ? (int)(bar - cases[i].why) : 0;
    (void)snprintf(want, sizeof want, "%.*sresult: %s", delivered, cases[i].why, why);
    READS_AS(&g, cases[i].text, want);
  }
  rs_buf_free(&g.out);
}

/* Each value as a kept one, as a skipped one, nested, and as a member; v: how often the text comes
** before the offence. */
static void refused(struct reading *g, const char *value, size_t n, size_t at, const char *why)
{
  static const struct {
    const char *before, *after, *columns;
  } places[] = {
    {"{\"results\":[{\"a\":", "}]}", NULL},
    {"{\"results\":[{\"a\":", "}]}", "b"},
    {"{\"results\":[{\"a\":[{\"x\":1,\"y\":", "}]}]}", "a"},
    {"{\"m\":", "}", NULL},
  };
  struct rs_buf text;
  char want[300];
  rs_buf_init(&text, 1 << 20);
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    rs_buf_clear(&text);
    rs_buf_str(&text, places[i].before);
    rs_buf_add(&text, value, n);
    rs_buf_str(&text, places[i].after);
    (void)snprintf(want, sizeof want, "result: malformed JSON at byte %zu: expected %s",
                   strlen(places[i].before) + at, why);
    g->columns = places[i].columns;
    for (g->piece = 0; g->piece < 3; g->piece++) {
      const char *got = read_text(g, text.p, text.n);
      if (strncmp(got, want, strlen(want)) != 0) fail_msg("%s: %s, not %s", text.p, got, want);
    }
  }
  rs_buf_free(&text);
}

static void malformed_values(void **state)
{
  (void)state;
  static const struct {
    const char *value;
    size_t at;
    const char *why;
  } cases[] = {
    // numbers
    {"-", 1, "a digit"},
    {"+1", 0, "a value"},
    {".5", 0, "a value"},
    {"1.", 2, "a digit"},
    {"1.e5", 2, "a digit"},
    {"1e", 2, "a digit"},
    {"1e+", 3, "a digit"},
    {"1E-x", 3, "a digit"},
    {"01", 1, "','"},
    {"-01", 2, "','"},
    {"1.2.3", 3, "','"},
    {"1_000", 1, "','"},
    {"0x10", 1, "','"},
    {"- 1", 1, "a digit"},
    {"NaN", 0, "a value"},
    {"Infinity", 0, "a value"},
    {"-Infinity", 1, "a digit"},
    {"\xD9\xA1", 0, "a value"},
    // words
    {"True", 0, "a value"},
    {"truE", 3, "true"},
    {"trueish", 4, "','"},
    {"falsy", 4, "false"},
    {"nil", 1, "null"},
    {"undefined", 0, "a value"},
    {"'a'", 0, "a value"},
    {"/**/1", 0, "a value"},
    {"//\n1", 0, "a value"},
    // strings
    {"\"\n\"", 1, "an escape for a control character, found 0x0A"},
    {"\"ab\tc\"", 3, "an escape for a control character, found 0x09"},
    {"\"0123456789abcdef\x1f\"", 17, "an escape for a control character, found 0x1F"},
    {"\"a\\x\"", 3, "an escape that JSON has, found 'x'"},
    {"\"\\'\"", 2, "an escape that JSON has"},
    {"\"\\U0041\"", 2, "an escape that JSON has"},
    {"\"\\u004\"", 6, "a hexadecimal digit"},
    {"\"\\u00g0\"", 5, "a hexadecimal digit, found 'g'"},
    {"\"a\"b", 3, "','"},
    // UTF-8
    {"\"\x80\"", 1, "valid UTF-8, found 0x80"},
    {"\"\xC0\xAF\"", 1, "valid UTF-8, found 0xC0"},
    {"\"\xC1\x81\"", 1, "valid UTF-8, found 0xC1"},
    {"\"a\xC3\"", 3, "valid UTF-8, found '\"'"},
    {"\"\xE0\x80\x80\"", 2, "valid UTF-8, found 0x80"},
    {"\"\xED\xA0\x80\"", 2, "valid UTF-8, found 0xA0"},
    {"\"\xE2\x82\"", 3, "valid UTF-8"},
    {"\"\xF0\x8F\x80\x80\"", 2, "valid UTF-8"},
    {"\"\xF4\x90\x80\x80\"", 2, "valid UTF-8"},
    {"\"\xF5\x80\x80\x80\"", 1, "valid UTF-8"},
    {"\"\xF0\x9F\x98\"", 4, "valid UTF-8"},
    {"\"\xFF\"", 1, "valid UTF-8, found 0xFF"},
    {"\"0123456789abcdef0123456789abcdef\xC3\xA9\xC3\x28\"", 36, "valid UTF-8, found '('"},
    // nested
    {"[", 1, "a value"},
    {"[1", 2, "',' or ']'"},
    {"[1,", 3, "a value"},
    {"[,1]", 1, "a value"},
    {"[1,,2]", 3, "a value"},
    {"[1]]", 3, "','"},
    {"[1:2]", 2, "',' or ']'"},
    {"{\"a\"}", 4, "':'"},
    {"{\"a\":1,\"b\"}", 10, "':'"},
    {"{1:2}", 1, "a member's name"},
    {"{a:2}", 1, "a member's name"},
    {"{,}", 1, "a member's name"},
    {"{\"a\":1,,\"b\":2}", 7, "a member's name"},
    {"{\"a\":[}", 6, "a value"},
    {"{\"a\":1]", 6, "',' or '}'"},
    {"", 0, "a value"},
  };
  struct reading g = {.piece = 0};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    refused(&g, cases[i].value, strlen(cases[i].value), cases[i].at, cases[i].why);
  refused(&g, "\"a\0b\"", 5, 2, "an escape for a control character, found 0x00");
  refused(&g, "1\0", 2, 1, "','");
  refused(&g, "\0", 1, 0, "a value, found 0x00");
  refused(&g, "tr\0", 3, 2, "true, found 0x00");
  rs_buf_free(&g.out);
}

/* A bad key is refused wherever keys are predicted as well. */
static void malformed_keys(void **state)
{
  (void)state;
  struct reading g = {.piece = 0};
  READS_AS(&g, "{\"results\":[{\"a\":1,\"b\":2},{\"a\":1,\"b\xFF\":2}]}",
           "result: malformed JSON at byte 35: expected valid UTF-8, found 0xFF");
  READS_AS(&g, "{\"results\":[{\"a\":1,\"b\":2},{\"a\":1,\"b\n\":2}]}",
           "result: malformed JSON at byte 35: expected an escape for a control character, found "
           "0x0A");
  READS_AS(&g, "{\"results\":[{\"a\":1,\"b\":2},{\"a\":1 \"b\":2}]}",
           "result: malformed JSON at byte 33: expected ',' or '}', found '\"'");
  READS_AS(&g, "{\"results\":[{\"a\":1,\"b\":2},{\"a\":1,\"b\"",
           "result: the JSON text is cut off at byte 36: expected ':'");
  rs_buf_free(&g.out);
}

static void accepted_values(void **state)
{
  (void)state;
  static const char *const values[] = {
    "0",
    "-0",
    "1234567890",
    "-1.5",
    "0e1",
    "0E+00",
    "1e5",
    "1E-5",
    "1.25e+10",
    "true",
    "false",
    "null",
    "\"\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD834\\uDD1E\\uDEAD\"",
    ("\"\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80"
     "\xF4\x8F\xBF\xBF\""),
    "\"0123456789abcdef0123456789abcdef0123456789\"",
    "\"\xE4\xB8\xAD\xE6\x96\x87\xE5\xAD\x97\xE7\xAC\xA6 mixed \xE4\xB8\xAD\"",
    "[]",
    "{}",
    "[[],{},[[]]]",
    "[ \n\t\r1 , 2 ]",
    "{\"\":{\"a\":[{}]},\"\":1}",
    "{\"a\" : 1 , \"b\" : [true,false,null]}",
  };
  struct reading g = {.piece = 0};
  struct rs_buf text, want;
  rs_buf_init(&text, 1 << 20);
  rs_buf_init(&want, 1 << 20);
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    rs_buf_clear(&text);
    rs_buf_clear(&want);
    rs_buf_printf(&text, "{\"m\":%s,\"results\":[{\"a\":%s,\"b\":[%s]}]}", values[i], values[i],
                  values[i]);
    rs_buf_printf(&want, "m:%s;<b=`[%s]`>", values[i], values[i]);
    g.columns = "b";
    reads_as(&g, text.p, text.n, want.p);
  }
  rs_buf_free(&g.out);
  rs_buf_free(&text);
  rs_buf_free(&want);
}

static void nesting(void **state)
{
  (void)state;
  struct reading g = {.piece = 0};
  struct rs_buf text;
  rs_buf_init(&text, 1 << 20);
  for (int extra = 0; extra <= 1; extra++) {
    rs_buf_clear(&text);
    rs_buf_str(&text, "{\"results\":[{\"a\":"); // three levels
    for (int i = 0; i < 997 + extra; i++) rs_buf_str(&text, i % 3 ? "[" : "{\"x\":");
    rs_buf_char(&text, '0');
    for (int i = 997 + extra; i-- > 0;) rs_buf_char(&text, i % 3 ? ']' : '}');
    rs_buf_str(&text, "}]}");
    const char *got = read_text(&g, text.p, text.n);
    if (extra == 0) assert_non_null(strstr(got, "<a=`{\"x\":[["));
    else assert_non_null(strstr(got, ": expected no more than 1000 nested levels, found "));
  }
  rs_buf_free(&g.out);
  rs_buf_free(&text);
}

/* ---- the same as cJSON ----------------------------------------------------------------------- */

static unsigned random_state = 42;

static unsigned random_below(unsigned n)
{
  random_state = random_state * 1664525 + 1013904223;
  return (random_state >> 8) % n;
}

static void random_blank(struct rs_buf *b)
{
  static const char *const blanks[] = {"", "", "", "", "", " ", "\n  ", "\t", "\r\n"};
  rs_buf_str(b, blanks[random_below(9)]);
}

static void random_string(struct rs_buf *b)
{
  static const char *const pieces[] = {"a", "word ",   "0123456789abcdef", "\\n",      "\\\"", "\\",
                                       "/", "\\u00e9", "\\ud83d\\ude00",   "\xC3\xA9", "{",    "]",
                                       ",", ":",       "\xE2\x82\xAC"};
  rs_buf_char(b, '"');
  for (unsigned n = random_below(6); n > 0; n--) {
    const char *piece = pieces[random_below(15)];
    rs_buf_str(b, piece);
    if (strcmp(piece, "\\") == 0) rs_buf_char(b, "\\/bfnrt\""[random_below(8)]);
  }
  rs_buf_char(b, '"');
}

static void random_value(struct rs_buf *b, int depth)
{
  random_blank(b);
  unsigned what = random_below(depth > 4 ? 7 : 9), n = random_below(4);
  if (what < 2) rs_buf_printf(b, "%d", (int)random_below(2000000) - 1000000);
  else if (what == 2)
    rs_buf_printf(b, "%d.%ue%d", (int)random_below(100) - 50, random_below(1000000),
                  (int)random_below(40) - 20);
  else if (what < 5) random_string(b);
  else if (what == 5) rs_buf_str(b, random_below(2) ? "true" : "false");
  else if (what == 6) rs_buf_str(b, "null");
  else {
    rs_buf_char(b, what == 7 ? '[' : '{');
    for (unsigned i = 0; i < n; i++) {
      if (i > 0) rs_buf_char(b, ',');
      if (what == 8) {
        random_blank(b);
        rs_buf_printf(b, "\"k%u%u\"", i, random_below(3));
        random_blank(b);
        rs_buf_char(b, ':');
      }
      random_value(b, depth + 1);
    }
    random_blank(b);
    rs_buf_char(b, what == 7 ? ']' : '}');
  }
  random_blank(b);
}

/* The item cJSON has for the last member of this name. */
static const cJSON *last_of(const cJSON *row, const char *name)
{
  const cJSON *found = NULL;
  for (const cJSON *i = row->child; i != NULL; i = i->next)
    if (strcmp(i->string, name) == 0) found = i;
  return found;
}

static void same_value(const cJSON *want, const struct rs_value *v, bool absent)
{
  assert_int_equal(want == NULL, absent);
  if (want == NULL || cJSON_IsNull(want)) {
    assert_int_equal(v->kind, RS_NULL);
  } else if (cJSON_IsBool(want)) {
    assert_true(v->kind == RS_BOOL && v->i == cJSON_IsTrue(want));
  } else if (cJSON_IsNumber(want)) {
    double d = v->kind == RS_INT ? (double)v->i : v->f;
    assert_true(v->kind == RS_INT || v->kind == RS_FLOAT);
    assert_memory_equal(&d, &want->valuedouble, sizeof d);
  } else if (cJSON_IsString(want)) {
    assert_int_equal(v->kind, RS_TEXT);
    assert_int_equal(v->s.n, strlen(want->valuestring));
    assert_memory_equal(v->s.p, want->valuestring, v->s.n);
  } else {
    assert_int_equal(v->kind, RS_JSON);
    cJSON *got = cJSON_ParseWithLength(v->s.p, v->s.n);
    assert_true(cJSON_Compare(got, want, true));
    cJSON_Delete(got);
  }
}

static void random_document(struct rs_buf *b, const char *const *keys)
{
  rs_buf_clear(b);
  rs_buf_str(b, "{");
  if (random_below(2)) {
    rs_buf_str(b, "\"before\":");
    random_value(b, 0);
    rs_buf_char(b, ',');
  }
  rs_buf_str(b, "\"results\":[");
  unsigned rows = random_below(20);
  for (unsigned i = 0; i < rows; i++) {
    rs_buf_str(b, i ? ",{" : "{");
    bool first = true;
    for (unsigned k = 0; k < 5; k++) {
      if (random_below(6) == 0) continue;
      random_blank(b);
      rs_buf_printf(b, "%s\"%s\"", first ? "" : ",", keys[random_below(8) ? k : random_below(5)]);
      random_blank(b);
      rs_buf_char(b, ':');
      random_value(b, 0);
      first = false;
    }
    rs_buf_char(b, '}');
    random_blank(b);
  }
  rs_buf_str(b, "],\"after\":");
  random_value(b, 0);
  rs_buf_char(b, '}');
}

static void like_cjson(void **state)
{
  (void)state;
  static const char *const keys[] = {"id", "a somewhat longer key", "k3", "name", "x"};
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  for (int round = 0; round < 3000; round++) {
    random_document(&b, keys);
    cJSON *want = cJSON_ParseWithLength(b.p, b.n);
    assert_non_null(want);
    const cJSON *row = cJSON_GetObjectItemCaseSensitive(want, "results")->child;
    struct feed f = {.p = b.p, .n = b.n, .piece = random_below(3) ? 1 + random_below(100) : 0};
    struct rs_json_source s = {feed_read, &f};
    struct rs_json_options o = {
      .what = "result", .rows = "results", .batch_rows = 1 + random_below(7)};
    struct rs_json_rows *r;
    struct rs_json_batch *batch;
    struct rs_error e = {0};
    struct rs_value v;
    size_t n, ncols = 1 + random_below(5);
    enum rs_code rc = rs_json_rows_open(&s, &o, &r, &e);
    assert_int_equal(rc, RS_OK);
    if (random_below(2)) assert_int_equal(rs_json_rows_project(r, keys, ncols, &e), RS_OK);
    while ((rc = rs_json_rows_next(r, &batch, &n, &e)) == RS_OK) {
      const char *const *names;
      size_t cols = rs_json_batch_columns(batch, &names);
      for (size_t i = 0; i < n; i++, row = row->next) {
        for (size_t c = 0; c < cols; c++) {
          assert_true(rs_json_batch_get(batch, i, c, &v));
          same_value(last_of(row, names[c]), &v, is_absent(batch, i, c));
        }
      }
      rs_json_batch_free(batch);
    }
    assert_string_equal(e.text, "");
    assert_int_equal(rc, RS_DONE);
    assert_null(row);
    rs_json_rows_close(r);
    cJSON_Delete(want);
  }
  rs_buf_free(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(malformed_envelopes),
    cmocka_unit_test(malformed_values),
    cmocka_unit_test(malformed_keys),
    cmocka_unit_test(accepted_values),
    cmocka_unit_test(nesting),
    cmocka_unit_test(like_cjson),
  };
  return RS_RUN(tests);
}
