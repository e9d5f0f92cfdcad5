/*
** The SQL lexer: what counts as one closed statement, and parameters.
** Each case was compared with DuckDB 1.5.6 (extract_statements, tokenize).
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "src/sql/statement.h"
#include "src/base/mem.h"
#include "src/base/thread.h"

/* The rules in force; others than DuckDB's have no whole dialect yet. */
static struct rs_dialect judge = {.name = "duckdb", .lex = &rs_lex_rules_duckdb};

static void judged_by(const struct rs_lex_rules *lex)
{
  judge.lex = lex;
}

static void accepts(const char *sql, const char *statement)
{
  struct rs_sqltext t;
  struct rs_error e = {0};
  if (rs_sqltext_one(sql, strlen(sql), &judge, "model m", &t, &e) != RS_OK) {
    fail_msg("refused: %s: %s", sql, e.text);
  }
  if (t.n != strlen(statement) || memcmp(t.p, statement, t.n) != 0) {
    fail_msg("%s: got %.*s", sql, (int)t.n, t.p);
  }
}

static void refuses_n(const char *sql, size_t n, const char *why)
{
  struct rs_sqltext t;
  struct rs_error e = {0};
  if (rs_sqltext_one(sql, n, &judge, "model m", &t, &e) != RS_INVALID)
    fail_msg("accepted: %s", sql);
  if (strstr(e.text, why) == NULL) fail_msg("%s: %s", sql, e.text);
  if (strncmp(e.text, "model m: ", 9) != 0) fail_msg("no name: %s", e.text);
}

static void refuses(const char *sql, const char *why)
{
  refuses_n(sql, strlen(sql), why);
}

static void test_one_statement(void **state)
{
  (void)state;
  accepts("SELECT 1", "SELECT 1");
  accepts(" \n-- x ; y\n/* ; */ SELECT 1 ; ; -- end ;\n", "SELECT 1");
  accepts("SELECT 1 -- end", "SELECT 1");
  accepts("SELECT 1 /* a /* b */ ; */", "SELECT 1");
  accepts("SELECT ';', \";\", $$;$$, $a$;$$;$b$;$a$, E'\\';', '''', $\xC3\xA9$;$\xC3\xA9$",
          "SELECT ';', \";\", $$;$$, $a$;$$;$b$;$a$, E'\\';', '''', $\xC3\xA9$;$\xC3\xA9$");
  accepts("SELECT a[1:2], {'a': (1)}", "SELECT a[1:2], {'a': (1)}");
  accepts("SELECT 1\xC2\xA0+ '\xC2\xA0$'", "SELECT 1\xC2\xA0+ '\xC2\xA0$'");
  accepts("SELECT 'a\\'", "SELECT 'a\\'");             // no escape in a plain string
  accepts("SELECT a$b$ FROM t", "SELECT a$b$ FROM t"); // no dollar quote inside of a name
  accepts("SELECT 1 --x\r, 2", "SELECT 1 --x\r, 2");
  accepts("SELECT 1 +-- '\n 2", "SELECT 1 +-- '\n 2");
  accepts("SELECT 1 */* ' */ 2", "SELECT 1 */* ' */ 2");
  accepts("SELECT 1e5, 1.5E-3, .5, 1_000, 1.", "SELECT 1e5, 1.5E-3, .5, 1_000, 1.");
  accepts("SELECT $name, $1", "SELECT $name, $1");
}

static void test_refused(void **state)
{
  (void)state;
  refuses("", "no SQL statement");
  refuses(" -- only this\n", "no SQL statement");
  refuses(";", "without a statement");
  refuses("SELECT 1; SELECT 2", "a second statement at line 1, column 11");
  refuses("SELECT 1;\n\n  DROP TABLE t", "a second statement at line 3, column 3");
  refuses("SELECT 1) UNION (SELECT 2", "unbalanced bracket: ) at line 1, column 9");
  refuses("SELECT (1]", "unbalanced bracket: ]");
  refuses("SELECT (1", "bracket is not closed: (");
  refuses("SELECT (1;)", "inside of brackets");
  refuses("SELECT 'a", "string is not closed: ' at line 1, column 8");
  refuses("SELECT E'a\\'", "string is not closed");
  refuses("SELECT \"a", "quoted name is not closed");
  refuses("SELECT $a$ $b$", "dollar-quoted string is not closed");
  refuses("SELECT 1 /* /* */", "comment is not closed");
  refuses("SELECT 1 -- '\n; '", "string is not closed");
  refuses_n("SELECT 1\0; DROP", 15, "NUL byte at line 1, column 9");
  refuses("SELECT '\xFF'", "not UTF-8");
  refuses("SELECT U&'a'", "U& strings");
  refuses("SELECT E'a'\n'\\'; DROP TABLE t; --'", "directly behind an E'..' string");
  // a number throws its E back: E'\'' is a string with escapes
  refuses("SELECT 1E'\\''; DROP TABLE t; --'", "a second statement");
  refuses("SELECT $E'\\''; DROP TABLE t; --'", "a second statement");
  refuses("SELECT \xC2\xA0"
          "E'\\''",
          "Unicode space");
  refuses("SELECT \xC2\xA0$a$ ; $a$", "Unicode space in front of $");
  refuses("SELECT $a\xE2\x80\x83$ ", "Unicode space behind $");
  refuses("SELECT 1 x\xC2\xA0"
          "1$a$*/",
          "Unicode space in front of $");
}

static void test_depth_and_time(void **state)
{
  (void)state;
  size_t n = 4 << 20;
  char *p = rs_malloc(n);
  struct rs_sqltext t;
  struct rs_error e = {0};
  memset(p, '(', n);
  assert_int_equal(rs_sqltext_one(p, n, &judge, "x", &t, &e), RS_INVALID);
  assert_non_null(strstr(e.text, "too deep"));
  static const char *const bits[] = {"/*/", "$a",       "$a$", "'",  "E'\\",
                                     "1e",  "\xC2\xA0", "--",  ":a "};
  int64_t from = rs_now_ms();
  for (size_t b = 0; b < sizeof bits / sizeof bits[0]; b++) {
    size_t len = strlen(bits[b]);
    for (size_t i = 0; i + len <= n; i += len) memcpy(p + i, bits[b], len);
    size_t used = n / len * len;
    (void)rs_sqltext_one(p, used, &judge, "x", &t, &e);
  }
  assert_true(rs_now_ms() - from < 5000); // linear: some 10 ms each, sanitizers more
  rs_free(p);
}

static void test_kind(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *keyword;
    enum rs_sql_kind kind;
  } cases[] = {
    {"select 1", "SELECT", RS_SQL_QUERY},
    {"/* c */ (Select 1)", "SELECT", RS_SQL_QUERY},
    {"FROM t", "FROM", RS_SQL_QUERY},
    {"VALUES (1)", "VALUES", RS_SQL_QUERY},
    {"summarize t", "SUMMARIZE", RS_SQL_QUERY},
    {"INSERT INTO t VALUES (1)", "INSERT", RS_SQL_OTHER},
    {"\"select\" 1", "", RS_SQL_OTHER},
    {"WITH a AS (SELECT 1) SELECT * FROM a", "WITH", RS_SQL_QUERY},
    {"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "WITH", RS_SQL_OTHER},
    {"WITH update(x) AS (SELECT 1), b AS (FROM update) SELECT (1) delete", "WITH", RS_SQL_QUERY},
    {"WITH RECURSIVE a(x) USING KEY (x) AS (SELECT 1) DELETE FROM t", "WITH", RS_SQL_OTHER},
    {"averyveryverylongkeyword", "AVERYVERYVERYLO", RS_SQL_OTHER},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rs_sqltext t;
    assert_int_equal(rs_sqltext_one(cases[i].sql, strlen(cases[i].sql), &judge, "x", &t, NULL),
                     RS_OK);
    assert_string_equal(t.keyword, cases[i].keyword);
    if (t.kind != cases[i].kind) fail_msg("kind of %s", cases[i].sql);
  }
}

/* ---- other engines' rules: what one reads as closed another may read as open ----------------- */

static void is_whole(const char *sql)
{
  accepts(sql, sql);
}

static void test_postgres(void **state)
{
  (void)state;
  judged_by(&rs_lex_rules_postgres);
  is_whole("SELECT E'\\';', $$;'$$, $a$;$$;$a$, \"a;\"\"b\", 'it''s'");
  is_whole("SELECT 1 /* a /* b */ ; */ + 2");
  is_whole("SELECT a # b, '{1}'::int[], x'1F', N';'");
  is_whole("SELECT 'C:\\dir', '\\n'");
  refuses("SELECT 1 /* a /* b */; DROP TABLE t", "comment is not closed");
  refuses("SELECT $$a$; DROP TABLE t", "dollar-quoted string is not closed");
  refuses("SELECT E'\\'; DROP TABLE t; --'; DROP TABLE t", "a second statement");
  // with standard_conforming_strings = off the string goes on
  refuses("SELECT 'a\\' || '; DROP TABLE t; --'", "a backslash in front of a quote");
  refuses("SELECT '\\'; DROP TABLE t; --'", "a backslash in front of a quote");
  refuses("SELECT `;`", "a second statement");
  refuses("SELECT 1 # ; DROP TABLE t", "a second statement");
  refuses("SELECT \xC2\xA0"
          "E'\\'; DROP TABLE t; --'",
          "Unicode space");
  refuses("SELECT 1 \v; SELECT 2", "a control character");
  refuses("SELECT E'a'\n'\\'; DROP TABLE t; --'", "directly behind an E'..' string");
}

static void test_trino(void **state)
{
  (void)state;
  judged_by(&rs_lex_rules_trino);
  is_whole("SELECT 'a\\', \"b\"\"c;\", `d;`, ARRAY[1, 2][1], X'65', a -> a + 1");
  is_whole("SELECT 1 /* a /* b */ + 2");
  is_whole("SELECT 1 -- ; it's\n + 2");
  // the first end ends a comment, though a second one was begun
  refuses("SELECT 1 /* /* */; DROP TABLE t --*/", "a second statement");
  refuses("SELECT 1 /* /* */) UNION (SELECT 2 --*/", "unbalanced bracket");
  // neither E nor $ begins a string: what would lie in one is a statement
  refuses("SELECT E'\\'; DROP TABLE t; --'", "a second statement");
  refuses("SELECT $$; DROP TABLE t; $$", "a second statement");
  refuses("SELECT $a$) UNION (SELECT 1$a$", "unbalanced bracket");
  refuses("SELECT 'a\\'; DROP TABLE t; --'", "a second statement");
  // a quote within a backquoted name opens nothing
  refuses("SELECT `'`; DROP TABLE t; --'`", "a second statement");
  refuses("SELECT `a", "quoted name is not closed: `");
  refuses("SELECT U&'\\0027'", "U& strings");
  refuses("SELECT \xE2\x80\x83 1", "Unicode space");
}

static void test_rockset(void **state)
{
  (void)state;
  judged_by(&rs_lex_rules_rockset);
  is_whole(
    "SELECT `a``;b`, \"c;\"\"\", 'it''s;', 'a\\', x[1], {'k': 1}.k, :p FROM commons.\"my-t\"");
  refuses("SELECT 1 /* /* */; SELECT 2 */", "a second statement");
  refuses("SELECT '\\'; DROP COLLECTION c; --'", "a second statement");
  refuses("SELECT `\"`; SELECT \"`\"", "a second statement");
  refuses("SELECT `'`) UNION (SELECT '`'", "unbalanced bracket");
  refuses("SELECT E'\\'; SELECT 2 --'", "a second statement");
  refuses("SELECT $$; SELECT 2 $$", "a second statement");
  refuses("SELECT 1\x7F", "a control character");
}

/* For an engine that nobody has described. */
static void test_strict(void **state)
{
  (void)state;
  judged_by(NULL);
  is_whole("SELECT \"a\"\"b\", 'it''s; -- not', x'1F', N'x', (1 - -1) FROM t /* ; */ WHERE a = ?");
  is_whole("SELECT 'C:\\dir' -- ; a\r\n, 2");
  refuses("SELECT 'a\\' || '; DROP TABLE t; --'", "a backslash in front of a quote");
  refuses("SELECT \"a\\\" || \"; DROP TABLE t; --\"", "a backslash in front of a quote");
  refuses("SELECT E'a'", "a name directly in front of a quote");
  refuses("SELECT r'\\'; DROP TABLE t; --'", "a name directly in front of a quote");
  refuses("SELECT q'[']; DROP TABLE t; --]'", "a name directly in front of a quote");
  refuses("SELECT b\"a\"", "a name directly in front of a quote");
  refuses("SELECT $$; DROP TABLE t; $$", "a dollar-quoted string");
  refuses("SELECT $a$ ; $a$", "a dollar-quoted string");
  refuses("SELECT a$$ ; $$", "$ within a name");
  refuses("SELECT 1 /* /* */ ; DROP TABLE t */ */", "a comment within a comment");
  refuses("SELECT 1 /*!50000 ; DROP TABLE t */", "a comment that some engines run");
  refuses("SELECT 1 /*M!50000 ; DROP TABLE t */", "a comment that some engines run");
  refuses("SELECT 1 # '\n; DROP TABLE t; -- '", "# or //");
  refuses("SELECT 1 // '\n; DROP TABLE t; -- '", "# or //");
  refuses("SELECT 1 --'\n; DROP TABLE t; -- '", "-- without a blank behind it");
  refuses("SELECT 1 -- '\r; DROP TABLE t; -- '\n", "lone carriage return");
  refuses("SELECT `'`", "a backtick");
  refuses("SELECT [a'b]; DROP TABLE t; --']", "[, with which");
  refuses("SELECT \xC2\xA0 1", "Unicode space");
  refuses("SELECT \x01 1", "a control character");
}

/* A row may know what no engine of ours has: MySQL's way. */
static void test_known(void **state)
{
  static const struct rs_lex_rules mysql = {.e_strings = RS_PLAIN,
                                            .backslashes = RS_KNOWN,
                                            .dollar_quotes = RS_PLAIN,
                                            .hash_comments = RS_KNOWN,
                                            .backticks = RS_KNOWN,
                                            .brackets = RS_PLAIN};
  (void)state;
  judged_by(&mysql);
  is_whole("SELECT 'a\\';', \"b\\\";\", x'1F' # ; it's\n + 2");
  refuses("SELECT 'a\\\\'; DROP TABLE t; --'", "a second statement");
  refuses("SELECT 1 # '\n; DROP TABLE t; -- '", "a second statement");
  refuses("SELECT 1 /*!; DROP TABLE t */", "a comment that some engines run");
}

static int as_duckdb(void **state)
{
  (void)state;
  judged_by(&rs_lex_rules_duckdb);
  return 0;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* Expected: the text, then the names, then the order: "text|a,b|0,1". */
static void params(const char *dialect, const char *sql, const char *expected)
{
  struct rs_buf out, got;
  rs_buf_init(&out, 1 << 20);
  rs_buf_init(&got, 1 << 20);
  struct rs_map names;
  rs_map_init(&names);
  size_t *order, n;
  struct rs_error e = {0};
  enum rs_code rc = rs_sqltext_params(sql, strlen(sql), rs_dialect_find(dialect), &out, &names,
                                      &order, &n, &e);
  if (rc != RS_OK) fail_msg("%s: %s", sql, e.text);
  rs_buf_printf(&got, "%s|", rs_buf_text(&out));
  for (size_t i = 0; i < names.n; i++) rs_buf_printf(&got, "%s%s", i ? "," : "", names.v[i].key);
  rs_buf_char(&got, '|');
  for (size_t i = 0; i < n; i++) rs_buf_printf(&got, "%s%zu", i ? "," : "", order[i]);
  assert_string_equal(rs_buf_text(&got), expected);
  rs_free(order);
  rs_map_free(&names);
  rs_buf_free(&out);
  rs_buf_free(&got);
}

static void test_params(void **state)
{
  (void)state;
  params("duckdb", "a = ? AND b = ?", "a = $1 AND b = $2||0,1");
  params("ansi", "a = ? AND b = ?", "a = ? AND b = ?||0,1");
  params("duckdb", "?2, ?1, ?2, ?", "$1, $2, $1, $3||1,0,2");
  params("ansi", "?2, ?1, ?2, ?", "?, ?, ?, ?||1,0,1,2");
  params("duckdb", "$2 + $1", "$1 + $2||1,0");
  params("duckdb", ":b,:a, :b", "$1,$2, $1|b,a|0,1");
  params("ansi", ":b,:a, :b", "?,?, ?|b,a|0,1,0");
  params("duckdb", "$b = :b", "$1 = $1|b|0");
  params("duckdb", "SELECT 1", "SELECT 1||");
  params("duckdb", "?+?1and ?", "$1+$1 and $2||0,1");
  // a marker is never read as part of what stands in front of it
  params("duckdb", "SELECT?", "SELECT $1||0");
  params("duckdb", "SELECT $:a $", "SELECT $ $1 $|a|0");
  params("duckdb", "$1$$x$$", "$1 $$x$$||0");
}

static void test_params_left_alone(void **state)
{
  (void)state;
  params("duckdb", "'?' \"?\" -- ?\n/* :a */ $$ :a ? $$ E'\\' :a'",
         "'?' \"?\" -- ?\n/* :a */ $$ :a ? $$ E'\\' :a'||");
  params("duckdb", "x::int, a := :v", "x::int, a := $1|v|0");
  params("duckdb", "l[a:b], l[:b], l[f(x):y], l[1 :y]", "l[a:b], l[$1], l[f(x):y], l[1 :y]|b|0");
  params("duckdb", "{'k':v, 'l' :w, 'm': :p}", "{'k':v, 'l' :w, 'm': $1}|p|0");
  params("duckdb", "[x IN :list AND :y]", "[x IN $1 AND $2]|list,y|0,1");
  params("duckdb", "list_transform(l, lambda x:x + :n)", "list_transform(l, lambda x:x + $1)|n|0");
  params("duckdb", "SELECT alias: 1, a :b", "SELECT alias: 1, a $1|b|0");
  params("duckdb", "$E'\\':x'", "$E'\\':x'||");
}

static void test_params_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"? = :a", ":a = ?1", "?0", "?99999999999999999999",
                                    "'a",     "?32767"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct rs_buf out;
    rs_buf_init(&out, 1 << 20);
    struct rs_map names;
    rs_map_init(&names);
    size_t *order, n;
    struct rs_error e = {0};
    enum rs_code rc = rs_sqltext_params(bad[i], strlen(bad[i]), rs_dialect_find("duckdb"), &out,
                                        &names, &order, &n, &e);
    assert_int_equal(rc, RS_INVALID);
    assert_null(order);
    rs_map_free(&names);
    rs_buf_free(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_statement),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_depth_and_time),
    cmocka_unit_test(test_kind),
    cmocka_unit_test(test_params),
    cmocka_unit_test(test_params_left_alone),
    cmocka_unit_test(test_params_refused),
    cmocka_unit_test_teardown(test_postgres, as_duckdb),
    cmocka_unit_test_teardown(test_trino, as_duckdb),
    cmocka_unit_test_teardown(test_rockset, as_duckdb),
    cmocka_unit_test_teardown(test_strict, as_duckdb),
    cmocka_unit_test_teardown(test_known, as_duckdb),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
