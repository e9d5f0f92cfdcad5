/*
** Unit tests of src/pushdown/deparse.c: the SELECT of a scan, as a template and with values.
*/
#include <string.h>

#include "unit.h"

#include "src/pushdown/pushdown.h"

static const struct rs_path_step steps[] = {{"n'm", 0}, {NULL, 0}};
static const struct rs_path inside = {"t", "o", RS_T_JSON, steps, 2};
static const struct rs_scan_column columns[] = {{.name = "a", .type = RS_T_INT},
                                                {.name = "b\"c", .type = RS_T_TEXT},
                                                {.name = "f", .type = RS_T_FLOAT},
                                                {.name = "d", .type = RS_T_DATE},
                                                {.name = "ok", .type = RS_T_BOOL},
                                                {.name = "%s", .type = RS_T_BYTES},
                                                {.name = "p", .type = RS_T_INT, .path = &inside},
                                                {.name = "s", .type = RS_T_TEXT, .side = "s~x"},
                                                {.name = "g", .type = RS_T_FLOAT, .side = "g~x"}};
enum { A, B, F, D, OK, X, P, S, G };

static const struct rs_dialect *duckdb(void)
{
  const struct rs_dialect *d = rs_dialect_find("duckdb");
  assert_non_null(d);
  return d;
}

static void check_template(const struct rs_scan *s, const char *expected)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_deparse_template(duckdb(), s, &b);
  assert_int_equal(b.rc, RS_OK);
  assert_string_equal(rs_buf_text(&b), expected);
  rs_buf_free(&b);
}

static const char *select_text(const struct rs_scan *s, const struct rs_scan_values *values,
                               struct rs_params *params)
{
  static struct rs_buf b;
  rs_buf_free(&b);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_deparse_select(duckdb(), s, values, &b, params);
  assert_int_equal(b.rc, RS_OK);
  return rs_buf_text(&b);
}

static void test_template(void **state)
{
  (void)state;
  static const int fetch[] = {B, A};
  static const struct rs_scan_term terms[] = {
    {B, RS_OP_EQ, RS_RHS_TEXT, RS_SHIP_EXACT, 1},
    {A, RS_OP_IN, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 2},
    {F, RS_OP_GT, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 3},
    {F, RS_OP_LT, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 4},
    {F, RS_OP_ISNULL, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 5},
    {D, RS_OP_GE, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 6},
    {OK, RS_OP_ISNOT, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 7},
    {D, RS_OP_NOTNULL, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 8},
  };
  static const struct rs_scan_order order[] = {{F, true}, {D, false}, {A, false}};
  struct rs_scan s = {.columns = columns, .workspace = "commons", .name = "movies"};
  check_template(&s, "SELECT 1 FROM \"commons\".\"movies\"");
  s.fetch = fetch;
  s.nfetch = 2;
  check_template(&s, "SELECT \"b\"\"c\", \"a\" FROM \"commons\".\"movies\"");
  s.terms = terms;
  s.nterms = 8;
  check_template(&s, "SELECT \"b\"\"c\", \"a\" FROM \"commons\".\"movies\" WHERE \"b\"\"c\" = ?1 "
                     "AND \"a\" IN (?2) AND \"f\" > ?3 AND NOT isnan(\"f\") AND \"f\" < ?4 "
                     "AND (\"f\" IS NULL OR isnan(\"f\")) AND CAST(\"d\" AS VARCHAR) >= ?6 "
                     "AND CAST(\"ok\" AS INTEGER) IS NOT ?7 AND \"d\" IS NOT NULL");
  s.nterms = 0;
  s.order = order;
  s.norder = 3;
  s.limit_arg = 1;
  s.offset_arg = 2;
  s.skips = true;
  check_template(
    &s, "SELECT \"b\"\"c\", \"a\" FROM \"commons\".\"movies\" ORDER BY "
        "CASE WHEN isnan(\"f\") THEN NULL ELSE \"f\" END DESC NULLS LAST, "
        "CAST(\"d\" AS VARCHAR) ASC NULLS FIRST, \"a\" ASC NULLS FIRST LIMIT ?1 OFFSET ?2");
}

static void test_count(void **state)
{
  (void)state;
  struct rs_scan s = {.columns = columns, .workspace = "w", .name = "t", .count = true};
  struct rs_params params = {0};
  struct rs_scan_values values = {.limit = 3, .offset = -1};
  check_template(&s, "SELECT count(*) FROM \"w\".\"t\"");
  s.limit_arg = 1;
  s.offset_arg = 2;
  check_template(&s, "SELECT count(*) FROM (SELECT 1 FROM \"w\".\"t\" LIMIT ?1 + ?2) AS \"n\"");
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT count(*) FROM (SELECT 1 FROM \"w\".\"t\" LIMIT 3) AS \"n\"");
  values.offset = 2;
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT count(*) FROM (SELECT 1 FROM \"w\".\"t\" LIMIT 5) AS \"n\"");
  s.skips = true;
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT count(*) FROM (SELECT 1 FROM \"w\".\"t\" LIMIT 3 OFFSET 2) AS \"n\"");
  values.limit = INT64_MAX;
  s.skips = false;
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT count(*) FROM (SELECT 1 FROM \"w\".\"t\") AS \"n\"");
  rs_params_free(&params);
}

static struct rs_bound cmp(enum rs_bound_kind kind, enum rs_op op, int64_t i)
{
  struct rs_bound b = {.kind = kind, .op = op};
  b.value.kind = RS_INT;
  b.value.i = i;
  return b;
}

/* A value may lie beside the column: a term never leaves such rows out. */
static void test_sides(void **state)
{
  (void)state;
  static const struct rs_scan_term terms[] = {{S, RS_OP_GT, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 1},
                                              {G, RS_OP_IS, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 2}};
  const struct rs_scan s = {
    .columns = columns, .workspace = "w", .name = "t", .terms = terms, .nterms = 2};
  struct rs_params params = {0};
  struct rs_bound bounds[2] = {{.kind = RS_BOUND_FALSE}, cmp(RS_BOUND_CMP, RS_OP_EQ, 5)};
  const struct rs_scan_values values = {.bounds = bounds, .limit = -1, .offset = -1};
  check_template(&s, "SELECT 1 FROM \"w\".\"t\" WHERE (\"s\" > ?1 OR \"s~x\" <> 'n') AND "
                     "(\"g\" IS ?2 OR \"g~x\" <> 'n' AND (\"g~x\" NOT LIKE 'i%' OR "
                     "length(\"g~x\") > 16))");
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT 1 FROM \"w\".\"t\" WHERE (\"s~x\" <> 'n') AND (\"g\" = $1 OR "
                      "\"g~x\" <> 'n' AND (\"g~x\" NOT LIKE 'i%' OR length(\"g~x\") > 16))");
  bounds[0].kind = RS_BOUND_NULL;
  bounds[1].kind = RS_BOUND_TRUE;
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT 1 FROM \"w\".\"t\" WHERE (\"s\" IS NULL OR \"s~x\" <> 'n')");
  rs_params_free(&params);
}

static void test_values(void **state)
{
  (void)state;
  static const int fetch[] = {X};
  static const struct rs_scan_term terms[] = {
    {A, RS_OP_EQ, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 1},
    {F, RS_OP_GE, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 2},
    {F, RS_OP_ISNOT, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 3},
    {B, RS_OP_LT, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 4},
    {F, RS_OP_LE, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 5},
    {OK, RS_OP_NE, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 6},
  };
  struct rs_bound bounds[6] = {
    cmp(RS_BOUND_CMP, RS_OP_EQ, 1),         cmp(RS_BOUND_CMP, RS_OP_GE, 2),
    cmp(RS_BOUND_CMP_OR_NULL, RS_OP_NE, 3), cmp(RS_BOUND_CMP, RS_OP_LT, 4),
    cmp(RS_BOUND_NOT_NULL, RS_OP_LE, 0),    cmp(RS_BOUND_TRUE, RS_OP_NE, 0),
  };
  bounds[3].bytes = true;
  struct rs_scan s = {.columns = columns,
                      .workspace = "w",
                      .name = "t",
                      .fetch = fetch,
                      .nfetch = 1,
                      .terms = terms,
                      .nterms = 6};
  struct rs_scan_values values = {.bounds = bounds, .limit = -1, .offset = -1};
  struct rs_params params = {0};
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT \"%s\" FROM \"w\".\"t\" WHERE \"a\" = $1 AND \"f\" >= $2 AND NOT "
                      "isnan(\"f\") AND (\"f\" <> $3 OR \"f\" IS NULL OR isnan(\"f\")) AND "
                      "encode(\"b\"\"c\") < $4 AND \"f\" IS NOT NULL AND NOT isnan(\"f\")");
  assert_int_equal(params.n, 4);
  assert_int_equal(params.v[3].i, 4);
  rs_params_free(&params);
}

/* A text with a NUL is compared as bytes; what looks like a number is a text all the same. */
static void test_bytes_or_number(void **state)
{
  (void)state;
  static const int fetch[] = {A};
  static const struct rs_scan_term terms[] = {{B, RS_OP_LE, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 1}};
  struct rs_bound bounds[1] = {cmp(RS_BOUND_CMP, RS_OP_LE, 1)};
  bounds[0].bytes = bounds[0].or_number = true;
  struct rs_scan s = {.columns = columns,
                      .workspace = "w",
                      .name = "t",
                      .fetch = fetch,
                      .nfetch = 1,
                      .terms = terms,
                      .nterms = 1};
  struct rs_scan_values values = {.bounds = bounds, .limit = -1, .offset = -1};
  struct rs_params params = {0};
  const char *sql = select_text(&s, &values, &params);
  assert_non_null(strstr(sql, "(encode(\"b\"\"c\") <= $1 OR regexp_full_match(\"b\"\"c\", "));
  rs_params_free(&params);
}

static void test_in(void **state)
{
  (void)state;
  static const struct rs_scan_term term = {A, RS_OP_IN, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 1};
  struct rs_value items[RS_DEPARSE_LITERALS + 1];
  for (int i = 0; i <= RS_DEPARSE_LITERALS; i++)
    items[i] = (struct rs_value){.kind = RS_INT, .i = i};
  struct rs_bound b = {.kind = RS_BOUND_IN, .op = RS_OP_IN};
  b.value.kind = RS_LIST;
  b.value.list.v = items;
  b.value.list.n = 3;
  struct rs_scan s = {
    .columns = columns, .workspace = "w", .name = "t", .terms = &term, .nterms = 1};
  struct rs_scan_values values = {.bounds = &b, .limit = -1, .offset = -1};
  struct rs_params params = {0};
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT 1 FROM \"w\".\"t\" WHERE \"a\" IN (0, 1, 2)");
  assert_int_equal(params.n, 0);
  b.value.list.n = RS_DEPARSE_LITERALS + 1;
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT 1 FROM \"w\".\"t\" WHERE \"a\" IN (SELECT unnest($1))");
  assert_int_equal(params.n, 1);
  assert_int_equal(params.v[0].kind, RS_LIST);
  rs_params_free(&params);
}

static void test_query(void **state)
{
  (void)state;
  static const int fetch[] = {A};
  static const struct rs_scan_term term = {A, RS_OP_GT, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 2};
  struct rs_scan s = {.columns = columns,
                      .query = "select a from t where o = :o",
                      .fetch = fetch,
                      .nfetch = 1,
                      .terms = &term,
                      .nterms = 1};
  struct rs_bound b = cmp(RS_BOUND_CMP, RS_OP_GT, 7);
  struct rs_scan_values values = {
    .query = "select a from t where o = $1", .bounds = &b, .limit = -1, .offset = -1};
  struct rs_params params = {0};
  struct rs_value o = {.kind = RS_INT, .i = 1};
  check_template(&s, "SELECT \"a\" FROM (select a from t where o = :o) AS \"q\" WHERE \"a\" > ?2");
  assert_true(rs_params_add(&params, &o));
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT \"a\" FROM (select a from t where o = $1) AS \"q\" WHERE \"a\" > $2");
  assert_int_equal(params.n, 2);
  rs_params_free(&params);
  s.query = "select a -- all";
  s.nterms = 0;
  check_template(&s, "SELECT \"a\" FROM (select a -- all\n) AS \"q\"");
}

static void test_patterns_and_paths(void **state)
{
  (void)state;
  static const int fetch[] = {B, P};
  static const struct rs_scan_term terms[] = {{B, RS_OP_LIKE, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 1},
                                              {A, RS_OP_GLOB, RS_RHS_UNKNOWN, RS_SHIP_RECHECK, 2},
                                              {P, RS_OP_EQ, RS_RHS_UNKNOWN, RS_SHIP_EXACT, 3}};
  struct rs_scan s = {.columns = columns,
                      .workspace = "ws",
                      .name = "t",
                      .fetch = fetch,
                      .nfetch = 2,
                      .terms = terms,
                      .nterms = 3,
                      .distinct = true};
#define INSIDE "TRY_CAST(json_extract_string(to_json(\"o\"), '$.\"n''m\"[0]') AS BIGINT)"
  check_template(&s, "SELECT DISTINCT \"b\"\"c\", " INSIDE " AS \"p\" FROM \"ws\".\"t\" "
                     "WHERE lower(\"b\"\"c\") LIKE lower(?1) AND CAST(\"a\" AS VARCHAR) LIKE ?2 "
                     "AND " INSIDE " = ?3");
  struct rs_bound b[3] = {
    {.kind = RS_BOUND_LIKE, .fold = true}, {.kind = RS_BOUND_LIKE}, cmp(RS_BOUND_CMP, RS_OP_EQ, 7)};
  b[0].value = b[1].value = (struct rs_value){.kind = RS_TEXT, .s = {"x%", 2}};
  struct rs_scan_values values = {.bounds = b, .limit = -1, .offset = -1};
  struct rs_params params = {0};
  assert_string_equal(select_text(&s, &values, &params),
                      "SELECT DISTINCT \"b\"\"c\", " INSIDE " AS \"p\" FROM \"ws\".\"t\" "
                      "WHERE lower(\"b\"\"c\") LIKE lower($1) AND CAST(\"a\" AS VARCHAR) LIKE $2 "
                      "AND " INSIDE " = $3");
  assert_int_equal(params.n, 3);
  rs_params_free(&params);
}

/* What has a quote, a backslash or a mark of a template inside stays a name, everywhere. */
#define ROCKSET_TEXT                                                                            \
  "CASE WHEN typeof(\"t\".\"%p\".\"a'b\"[2].\"c\\%s\") IN ('object', 'array') THEN "            \
  "json_format(\"t\".\"%p\".\"a'b\"[2].\"c\\%s\") ELSE CAST(\"t\".\"%p\".\"a'b\"[2].\"c\\%s\" " \
  "AS string) END"

static void test_path_of_each_dialect(void **state)
{
  (void)state;
  static const struct rs_path_step odd[] = {{"a'b", 0}, {NULL, 1}, {"c\\%s", 0}};
  static const struct {
    const char *dialect;
    enum rs_type root, type;
    const char *expected;
  } cases[] = {
    {"duckdb", RS_T_JSON, RS_T_FLOAT,
     "TRY_CAST(json_extract_string(to_json(\"%p\"), '$.\"a''b\"[1].\"c\\%s\"') AS DOUBLE)"},
    {"rockset", RS_T_JSON, RS_T_INT,
     "COALESCE(TRY_CAST(" ROCKSET_TEXT " AS int), TRY_CAST(ROUND(TRY_CAST(" ROCKSET_TEXT
     " AS float)) "
     "AS int))"},
    {"trino", RS_T_JSON, RS_T_TEXT,
     "coalesce(json_extract_scalar(CAST(\"%p\" AS JSON), '$[\"a''b\"][1][\"c\\\\%s\"]'), "
     "nullif(json_format(json_extract(CAST(\"%p\" AS JSON), '$[\"a''b\"][1][\"c\\\\%s\"]')), "
     "'null'))"},
    {"trino", RS_T_TEXT, RS_T_BOOL,
     "TRY_CAST(coalesce(json_extract_scalar(TRY(json_parse(\"%p\")), "
     "'$[\"a''b\"][1][\"c\\\\%s\"]'), nullif(json_format(json_extract(TRY(json_parse(\"%p\")), "
     "'$[\"a''b\"][1][\"c\\\\%s\"]')), 'null')) AS BOOLEAN)"},
    {"postgres", RS_T_JSON, RS_T_TEXT, "(to_jsonb(\"%p\") #>> '{\"a''b\",1,\"c\\\\%s\"}')"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct rs_path path = {"t", "%p", cases[i].root, odd, 3};
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    assert_true(rs_path_possible(rs_dialect_find(cases[i].dialect)));
    rs_path_write(rs_dialect_find(cases[i].dialect), &path, cases[i].type, &b);
    assert_int_equal(b.rc, RS_OK);
    assert_string_equal(rs_buf_text(&b), cases[i].expected);
    rs_buf_free(&b);
  }
  assert_false(rs_path_possible(rs_dialect_find("ansi")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_template),
    cmocka_unit_test(test_count),
    cmocka_unit_test(test_sides),
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_bytes_or_number),
    cmocka_unit_test(test_in),
    cmocka_unit_test(test_query),
    cmocka_unit_test(test_patterns_and_paths),
    cmocka_unit_test(test_path_of_each_dialect),
  };
  return RS_RUN(tests);
}
