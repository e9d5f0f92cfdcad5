/* Rows on their way to Trino as one SELECT: what is said once, what is cut off, when it is full. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "src/engine/trino/trino.h"
#include "src/base/mem.h"
#include "src/base/text.h"

static struct rs_target target;
static const struct rs_session session = {.target = &target};

static int set_up(void **state)
{
  (void)state;
  target.dialect = rs_dialect_find("trino");
  return 0;
}

/* A row of JSON scalars. */
static void add(struct rs_trino_batch *b, const char *const *cells)
{
  struct rs_error e = {0};
  for (size_t i = 0; i < b->nfields; i++) rs_buf_str(rs_trino_batch_cell(b, i), cells[i]);
  assert_int_equal(rs_trino_batch_row(b, &e), RS_OK);
}

static void is_sent_as(struct rs_trino_batch *b, const char *want)
{
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_trino_batch_source(&session, &sql, b);
  assert_string_equal(rs_buf_text(&sql), want);
  rs_buf_free(&sql);
}

static void columns(void **state)
{
  (void)state;
  const struct rs_trino_field f[] = {
    rs_trino_field("id", RS_T_TEXT, NULL), rs_trino_field("at", RS_T_TIMESTAMP, NULL),
    rs_trino_field("n", RS_T_INT, NULL), rs_trino_field("same", RS_T_TEXT, NULL),
    rs_trino_field("none", RS_T_FLOAT, NULL)};
  struct rs_trino_batch b;
  struct rs_error e = {0};
  assert_int_equal(rs_trino_batch_init(&b, f, 5, &e), RS_OK);
  assert_int_equal(rs_trino_batch_ready(&b), 0);
  add(&b, (const char *[]){"\"row-1\"", "\"2026-01-01 10:00\"", "1", "\"it's\"", "null"});
  // one row: the first column says that there is one
  is_sent_as(&b,
             "SELECT CAST('row-1' || c0 AS VARCHAR) AS \"id\", "
             "CAST(CAST(json_parse('\"2026-01-01 10:00\"') AS VARCHAR) AS TIMESTAMP(6)) AS \"at\", "
             "CAST(CAST(json_parse('1') AS BIGINT) AS BIGINT) AS \"n\", "
             "CAST(CAST(json_parse('\"it''s\"') AS VARCHAR) AS VARCHAR) AS \"same\", "
             "CAST(CAST(json_parse('null') AS DOUBLE) AS DOUBLE) AS \"none\" "
             "FROM UNNEST(CAST(json_parse('[\"\"]') AS ARRAY(VARCHAR))) AS r(c0)");
  add(&b, (const char *[]){"\"row-2, \\\"x\\\"\"", "null", "2", "\"it's\"", "null"});
  add(&b, (const char *[]){"\"row-'3\"", "\"2026-01-02 10:00\"", "3", "\"it's\"", "null"});
  assert_int_equal(rs_trino_batch_ready(&b), 3);
  is_sent_as(&b, "SELECT CAST('row-' || c0 AS VARCHAR) AS \"id\", "
                 "CAST('2026-01-0' || c1 AS TIMESTAMP(6)) AS \"at\", CAST(c2 AS BIGINT) AS \"n\", "
                 "CAST(CAST(json_parse('\"it''s\"') AS VARCHAR) AS VARCHAR) AS \"same\", "
                 "CAST(CAST(json_parse('null') AS DOUBLE) AS DOUBLE) AS \"none\" FROM UNNEST("
                 "CAST(json_parse('[\"1\",\"2, \\\"x\\\"\",\"''3\"]') AS ARRAY(VARCHAR)), "
                 "CAST(json_parse('[\"1 10:00\",null,\"2 10:00\"]') AS ARRAY(VARCHAR)), "
                 "CAST(json_parse('[1,2,3]') AS ARRAY(BIGINT))) AS r(c0, c1, c2)");
  rs_trino_batch_sent(&b);
  assert_int_equal(rs_trino_batch_ready(&b), 0);
  rs_trino_batch_free(&b);
}

/* A prefix ends in front of what has two forms: quotes, escapes, characters of several bytes. */
static void prefixes(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b, *prefix, *array;
  } cases[] = {
    {"\"abc\\n1\"", "\"abc\\n2\"", "abc", "[\"\\n1\",\"\\n2\"]"},
    {"\"abcä\"", "\"abcö\"", "abc", "[\"ä\",\"ö\"]"},
    {"\"ab\"", "\"ac\"", NULL, "[\"ab\",\"ac\"]"}, // not worth it
    {"\"abcd\"", "\"abcd\"", "abcd", "[\"\",\"\"]"},
    {"null", "\"abcd\"", "abcd", "[null,\"\"]"},
    {"\"\"", "\"abcd\"", NULL, "[\"\",\"abcd\"]"},
    {"\"abcd,\\\"\"", "\"abcd,\\\\\"", "abcd", "[\",\\\"\",\",\\\\\"]"},
  };
  const struct rs_trino_field f = rs_trino_field("t", RS_T_TEXT, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rs_trino_batch b;
    struct rs_error e = {0};
    char want[300];
    const char *p = cases[i].prefix;
    assert_int_equal(rs_trino_batch_init(&b, &f, 1, &e), RS_OK);
    add(&b, &cases[i].a);
    add(&b, &cases[i].b);
    (void)snprintf(want, sizeof want,
                   "SELECT CAST(%s%s%sc0 AS VARCHAR) AS \"t\" FROM UNNEST(CAST(json_parse('%s') "
                   "AS ARRAY(VARCHAR))) AS r(c0)",
                   p ? "'" : "", p ? p : "", p ? "' || " : "", cases[i].array);
    is_sent_as(&b, want);
    rs_trino_batch_free(&b);
  }
}

/* The row that breaks what all others had in common goes with the next ones, by its own rules. */
static void full(void **state)
{
  (void)state;
  const struct rs_trino_field f[] = {rs_trino_field("n", RS_T_INT, NULL),
                                     rs_trino_field("t", RS_T_TEXT, NULL)};
  struct rs_trino_batch b;
  struct rs_error e = {0};
  struct rs_buf sql;
  char same[120];
  memset(same, 'x', sizeof same - 1);
  same[0] = same[sizeof same - 2] = '"';
  same[sizeof same - 1] = 0;
  assert_int_equal(rs_trino_batch_init(&b, f, 2, &e), RS_OK);
  for (int i = 0; i < 20000; i++) {
    add(&b, (const char *[]){"12345", same});
    assert_false(b.full);
  }
  add(&b, (const char *[]){"7", "\"other\""});
  assert_true(b.full);
  assert_int_equal(rs_trino_batch_ready(&b), 20000);
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_trino_batch_source(&session, &sql, &b);
  assert_true(sql.n < 125000); // said once, and without the last row
  assert_null(strstr(sql.p, "other"));
  assert_non_null(strstr(sql.p, "12345]"));
  rs_buf_free(&sql);
  rs_trino_batch_sent(&b);
  assert_int_equal(rs_trino_batch_ready(&b), 1);
  add(&b, (const char *[]){"8", "\"others\""});
  is_sent_as(&b, "SELECT CAST(c0 AS BIGINT) AS \"n\", CAST('other' || c1 AS VARCHAR) AS \"t\" "
                 "FROM UNNEST(CAST(json_parse('[7,8]') AS ARRAY(BIGINT)), "
                 "CAST(json_parse('[\"\",\"s\"]') AS ARRAY(VARCHAR))) AS r(c0, c1)");
  rs_trino_batch_free(&b);
}

/* Whatever comes, no statement is longer than the server takes, and every row is in just one. */
static void lengths(void **state)
{
  (void)state;
  const struct rs_trino_field f[] = {rs_trino_field("a", RS_T_TEXT, NULL),
                                     rs_trino_field("b", RS_T_TEXT, NULL)};
  struct rs_trino_batch b;
  struct rs_error e = {0};
  size_t rows = 0, statements = 0;
  assert_int_equal(rs_trino_batch_init(&b, f, 2, &e), RS_OK);
  for (size_t i = 0; i <= 60000; i++) {
    char one[64], two[64];
    (void)snprintf(one, sizeof one, "\"%zu''''%zu\"", i * 7919 % 1000, i);
    if (i % 9000 < 8000) (void)snprintf(two, sizeof two, "\"a constant of some length\"");
    else (void)snprintf(two, sizeof two, "\"%zu\"", i);
    if (i < 60000) add(&b, (const char *[]){one, two});
    if (!b.full && i < 60000) continue;
    struct rs_buf sql;
    rs_buf_init(&sql, RS_BUF_SQL_MAX);
    rs_trino_batch_source(&session, &sql, &b);
    assert_true(sql.n < 1000000);
    rows += rs_trino_batch_ready(&b);
    statements++;
    rs_buf_free(&sql);
    rs_trino_batch_sent(&b);
  }
  assert_int_equal(rows, 60000);
  assert_in_range(statements, 2, 9);
  rs_trino_batch_free(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(columns),
    cmocka_unit_test(prefixes),
    cmocka_unit_test(full),
    cmocka_unit_test(lengths),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
