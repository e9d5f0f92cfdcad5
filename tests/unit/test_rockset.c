/* The rockset adapter: queries, columns, relations, control plane, against a stand-in service. */
#include "rockset_fixture.h"
#include "src/engine/slots.h"

#define REL(n) (&(struct rs_relation){.workspace = "commons", .name = n})

/* ---- queries --------------------------------------------------------------------------------- */

static void query(void **state)
{
  (void)state;
  struct fixture f = open_at("rows select a;[{\"a\":1,\"b\":\"x\"},{\"a\":2.0,\"b\":null}]\n");
  assert_string_equal(ask(&f, "select a"), "1 'x'; 2 NULL");
  expect_asked(&f,
               "POST /queries {\"sql\":{\"query\":\"select a\"},\"max_initial_results\":100000}");
  done(&f);
}

/* No rows: columns listed in front, behind, not at all. */
static void empty(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "answer first;{\"query_id\":\"q\",\"status\":\"COMPLETED\",\"column_fields\":[{\"name\":\"a\","
    "\"type\":\"int\"},{\"name\":\"a\",\"type\":\"int\"}],\"results\":[]}\n"
    "answer late;{\"results\":[],\"column_fields\":[{\"name\":\"b\",\"type\":\"\"}]}\n"
    "answer never;{\"results\":[]}\n");
  static const struct {
    const char *sql;
    size_t n;
  } cases[] = {{"first", 1}, {"late", 1}, {"never", 0}};
  for (int i = 0; i < 3; i++) {
    const struct rs_statement st = {.sql = cases[i].sql};
    struct rs_rows *r = NULL;
    enum rs_code rc;
    expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
    assert_int_equal(rs_rows_columns(r)->n, cases[i].n);
    assert_string_equal(read_rows(&f, r, &rc), "");
    assert_int_equal(rc, RS_DONE);
    expect_ok(&f, rs_session_exec(f.s, &st, NULL, &f.e));
  }
  done(&f);
}

static void parameters(void **state)
{
  (void)state;
  struct fixture f = open_at("rows :p1;[{\"a\":1}]\n");
  struct rs_value v[] = {{.kind = RS_INT, .i = -5},
                         {.kind = RS_FLOAT, .f = 2},
                         {.kind = RS_TEXT, .s = {"it's \"", 6}},
                         {.kind = RS_BYTES, .s = {"\x00\x01", 2}},
                         {.kind = RS_NULL},
                         {.kind = RS_BOOL, .i = 1}};
  const struct rs_statement st = {.sql = "select :p1", .params = v, .nparams = 6};
  struct rs_rows *r = NULL;
  enum rs_code rc;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  assert_string_equal(read_rows(&f, r, &rc), "1");
  expect_asked(
    &f, "POST /queries {\"sql\":{\"query\":\"select :p1\",\"parameters\":["
        "{\"name\":\"p1\",\"type\":\"int\",\"value\":\"-5\"},"
        "{\"name\":\"p2\",\"type\":\"float\",\"value\":\"2.0\"},"
        "{\"name\":\"p3\",\"type\":\"string\",\"value\":\"it's \\\"\"},"
        "{\"name\":\"p4\",\"type\":\"bytes\",\"value\":\"AAE=\"},"
        "{\"name\":\"p5\",\"type\":\"null\",\"value\":\"null\"},"
        "{\"name\":\"p6\",\"type\":\"bool\",\"value\":\"true\"}]},\"max_initial_results\":100000}");
  done(&f);
}

static void types(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "types\n"
    "rows typed;[{\"i\":9007199254740993,\"f\":2,\"d\":{\"__rockset_type\":\"DATE\",\"value\":"
    "\"2020-01-02\"},\"dt\":{\"__rockset_type\":\"DATETIME\",\"value\":\"2020-03-02T10:49:33\"},"
    "\"_event_time\":\"2019-11-09T23:14:31.561512Z\",\"b\":{\"__rockset_type\":\"bytes\","
    "\"encoding\":\"base64\",\"value\":\"AAE=\"},\"o\":{\"k\":[1]},\"n\":null}]\n");
  const struct rs_statement st = {.sql = "typed"};
  struct rs_rows *r = NULL;
  enum rs_code rc;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  const struct rs_columns *c = rs_rows_columns(r);
  static const enum rs_type want[] = {RS_T_INT,  RS_T_INT,   RS_T_DATE, RS_T_TIMESTAMP,
                                      RS_T_TEXT, RS_T_BYTES, RS_T_JSON, RS_T_MIXED};
  for (size_t i = 0; i < 8; i++) assert_int_equal(c->v[i].type, want[i]);
  assert_string_equal(read_rows(&f, r, &rc),
                      "9007199254740993 2 '2020-01-02' '2020-03-02 10:49:33' "
                      "'2019-11-09T23:14:31.561512Z' x2 {\"k\": [1]} NULL");
  done(&f);
}

/* Columns: listed behind the rows, or not at all. */
static void columns_late(void **state)
{
  (void)state;
  struct fixture f = open_at("list late\nrows x;[{\"b\":1,\"a\":2},{\"a\":3}]\n");
  assert_string_equal(ask(&f, "x"), "1 2; NULL 3");
  done(&f);
  f = open_at("list no\nrows x;[{\"b\":1},{\"a\":3,\"_event_time\":\"2020-01-02T03:04:05Z\"}]\n");
  assert_string_equal(ask(&f, "x"), "1 NULL NULL; NULL 3 '2020-01-02 03:04:05'");
  done(&f);
}

/* A field that appears when the columns are settled is an error, not a value that is lost. */
static void columns_too_late(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_str(&b, "list no\nrows x;[");
  for (int i = 0; i < 30000; i++) rs_buf_printf(&b, "{\"a\":%d},", i);
  rs_buf_str(&b, "{\"a\":1,\"late\":2}]\n");
  struct fixture f = open_at(rs_buf_text(&b));
  rs_buf_free(&b);
  const struct rs_statement st = {.sql = "x"};
  struct rs_rows *r = NULL;
  enum rs_code rc;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  (void)read_rows(&f, r, &rc);
  expect_error(&f, rc, RS_REMOTE, "");
  done(&f);
}

static void pages(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "page 2\nrows x;[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5}]\n");
  assert_string_equal(ask(&f, "x"), "1; 2; 3; 4; 5");
  expect_asked(&f, "POST /queries {\"sql\":{\"query\":\"x\"},\"max_initial_results\":100000}\n"
                   "GET /queries/#%3Aabcdefg%3A0/pages?docs=100000&cursor=c%2F2%3D\n"
                   "GET /queries/#%3Aabcdefg%3A0/pages?docs=100000&cursor=c%2F4%3D");
  done(&f);
}

/* Reads on to the row of that number, counted from 0; each holds its number. */
static void read_to(struct fixture *f, struct rs_rows *r, int *at, int to)
{
  for (; *at <= to; ++*at) {
    struct rs_value v;
    if (rs_rows_next(r, &f->e) != RS_OK) fail_msg("row %d: %s", *at, f->e.text);
    rs_rows_get(r, 0, &v);
    if (v.kind != RS_INT || v.i != *at) fail_msg("row %d is %lld", *at, (long long)v.i);
  }
}

/* Several batches are under way; who leaves or cancels in the middle does not meet them later. */
static void many_batches(void **state)
{
  (void)state;
  enum { ROWS = 24000, PAGE = 800 };
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_printf(&b, "page %d\nrows y;[{\"a\":7}]\nrows x;[{\"a\":0}", PAGE);
  for (int i = 1; i < ROWS; i++) rs_buf_printf(&b, ",{\"a\":%d}", i);
  rs_buf_str(&b, "]\n");
  struct fixture f = open_at(rs_buf_text(&b));
  rs_buf_free(&b);
  const struct rs_statement st = {.sql = "x"};
  struct rs_rows *r = NULL;
  int at = 0;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  read_to(&f, r, &at, ROWS - 1);
  assert_int_equal(rs_rows_next(r, &f.e), RS_DONE);
  assert_int_equal(rs_rows_next(r, &f.e), RS_DONE);
  rs_rows_close(r);
  for (int last = 0; last < ROWS; last = last * 3 + 399) {
    at = 0;
    expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
    read_to(&f, r, &at, last);
    rs_rows_close(r);
    assert_string_equal(ask(&f, "y"), "7");
  }
  at = 0;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  read_to(&f, r, &at, 3 * PAGE);
  rs_session_cancel(f.s);
  enum rs_code rc;
  while ((rc = rs_rows_next(r, &f.e)) == RS_OK) at++;
  assert_int_equal(rc, RS_CANCELLED);
  assert_true(at <= 9 * PAGE);
  rs_rows_close(r);
  assert_string_equal(ask(&f, "y"), "7");
  done(&f);
}

/* Beyond the time of a synchronous query it is sent again, as an asynchronous one. */
static void long_query(void **state)
{
  (void)state;
  struct fixture f = open_at("lag 1\nrows x;[{\"a\":1}]\n"
                             "fault 1 POST /queries;status 408 QUERY_TIMEOUT too long\n");
  assert_string_equal(ask(&f, "x"), "1");
  expect_asked(&f, "POST /queries {\"sql\":{\"query\":\"x\"},\"max_initial_results\":100000}\n"
                   "POST /queries {\"sql\":{\"query\":\"x\"},\"async_options\":{"
                   "\"client_timeout_ms\":1000},\"async\":true,\"timeout_ms\":1800000,"
                   "\"max_initial_results\":100000}\n"
                   "GET /queries/#%3Aabcdefg%3A0\n"
                   "GET /queries/#%3Aabcdefg%3A0/pages?docs=100000");
  done(&f);
}

static void virtual_instance(void **state)
{
  (void)state;
  struct fixture f = open_with("rows x;[{\"a\":1}]\n", "rrn:vi:use1a1:1", false);
  assert_string_equal(ask(&f, "x"), "1");
  expect_asked(&f, "POST /virtualinstances/rrn%3Avi%3Ause1a1%3A1/queries "
                   "{\"sql\":{\"query\":\"x\"},\"max_initial_results\":100000}");
  // a lambda's path has no place for it
  struct rs_arena a;
  struct rs_lambda l = {.workspace = "commons", .name = "top", .sql = "x"};
  const struct rs_lambda_ref ref = {*REL("top"), NULL, NULL, NULL};
  struct rs_rows *r = NULL;
  enum rs_code rc;
  rs_arena_init(&a, 0);
  expect_ok(&f, rs_session_lambda_put(f.s, &l, RS_PUT_CREATE, &a, &f.e));
  free(asked(&f));
  expect_ok(&f, rs_session_lambda_query(f.s, &ref, NULL, 0, &r, &f.e));
  assert_string_equal(read_rows(&f, r, &rc), "1");
  expect_asked(&f, "POST /ws/commons/lambdas/top/tags/latest "
                   "{\"virtual_instance_id\":\"1\",\"max_initial_results\":100000}");
  rs_arena_free(&a);
  done(&f);
}

static void query_errors(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "answer broken;{\"query_id\":\"q\",\"status\":\"COMPLETED\",\"results\":[{\"a\":1}],"
    "\"query_errors\":[{\"type\":\"QUERY_ERROR\",\"message\":\"disk full\",\"status_code\":500}]}\n"
    "answer cut;{\"query_id\":\"q\",\"status\":\"COMPLETED\",\"results\":[{\"a\":1}],"
    "\"results_total_doc_count\":2}\n"
    "answer warned;{\"query_id\":\"q\",\"results\":[{\"a\":1}],\"warnings\":[\"slow\"]}\n"
    "answer nothing;{\"message\":\"hello\"}\n");
  struct rs_rows *r = NULL;
  enum rs_code rc;
  const struct rs_statement broken = {.sql = "broken"}, cut = {.sql = "cut"},
                            nothing = {.sql = "nothing"}, unknown = {.sql = "unknown"};
  expect_error(&f, rs_session_query(f.s, &broken, &r, &f.e), RS_INVALID, "disk full");
  expect_error(&f, rs_session_query(f.s, &cut, &r, &f.e), RS_REMOTE, "1 of 2 rows");
  expect_error(&f, rs_session_query(f.s, &nothing, &r, &f.e), RS_REMOTE, "no 'results'");
  expect_error(&f, rs_session_query(f.s, &unknown, &r, &f.e), RS_INVALID,
               "no rule for this statement [remote SQL: unknown]");
  assert_string_equal(ask(&f, "warned"), "1");
  (void)rc;
  done(&f);
}

static void wrong_key(void **state)
{
  (void)state;
  struct fixture f = open_at("fault 1 GET /;status 401 AUTHEXCEPTION key " KEY " is unknown\n");
  char *version = NULL;
  expect_error(&f, rs_session_version(f.s, &version, &f.e), RS_AUTH, "check api_key");
  assert_null(strstr(f.e.text, KEY));
  expect_ok(&f, rs_session_version(f.s, &version, &f.e));
  assert_non_null(strstr(version, "Rockset REST v1 at 127.0.0.1:"));
  assert_non_null(strstr(version, ", organization Test"));
  rs_free(version);
  done(&f);
}

static void service_is_gone(void **state)
{
  (void)state;
  struct rs_target *t = target_at("https://api.invalid.rockset.com", NULL, false);
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  char *version = NULL;
  assert_int_equal(rs_session_open(t, NULL, NULL, &s, &e), RS_OK);
  assert_int_not_equal(rs_session_version(s, &version, &e), RS_OK);
  if (strstr(e.text, "closed in 2024: run rocksetd") == NULL) fail_msg("%s", e.text);
  assert_non_null(strstr(e.text, "type: duckdb"));
  rs_session_close(s);
  rs_target_release(t);
}

/* ---- columns and relations ------------------------------------------------------------------- */

static void expect_columns(struct rs_columns *c, const char *want)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  for (size_t i = 0; i < c->n; i++) {
    rs_buf_printf(&b, "%s%s:%s", i > 0 ? " " : "", c->v[i].name, rs_type_name(c->v[i].type));
  }
  assert_string_equal(rs_buf_text(&b), want);
  rs_buf_free(&b);
  rs_columns_free(c);
}

static void describe(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "entity collections commons c {\"docs\":{\"1\":{\"_id\":\"1\",\"a\":1,\"m\":1,\"n\":null},"
    "\"2\":{\"_id\":\"2\",\"a\":2,\"m\":\"x\",\"n\":{\"__rockset_type\":\"date\",\"value\":\"\"},"
    "\"o\":{}}}}\n"
    "entity aliases commons al {\"collections\":[\"commons.c\"]}\n"
    "entity views commons v {\"query\":\"select 1\"}\n"
    "rows FROM \"commons\".\"v\";[{\"x\":1}]\n");
  struct rs_columns c;
  enum rs_relation_kind kind;
  expect_ok(&f, rs_session_describe(f.s, REL("c"), &c, &kind, &f.e));
  assert_int_equal(kind, RS_REL_TABLE);
  expect_columns(&c, "_id:string _event_time:timestamp a:int m:mixed n:date o:json");
  expect_asked(
    &f, "GET /ws/commons/collections/c\n"
        "POST /queries {\"sql\":{\"query\":\"SELECT * FROM "
        "\\\"commons\\\".\\\"c\\\"\",\"default_row_limit\":1},\"max_initial_results\":100000}\n"
        "POST /queries {\"sql\":{\"query\":\"DESCRIBE \\\"commons\\\".\\\"c\\\" "
        "OPTION(max_field_depth=1)\"},\"max_initial_results\":100000}");
  expect_ok(&f, rs_session_describe(f.s, REL("al"), &c, &kind, &f.e));
  assert_int_equal(kind, RS_REL_ALIAS);
  expect_columns(&c, "_id:string _event_time:timestamp a:int m:mixed n:date o:json");
  expect_ok(&f, rs_session_describe(f.s, REL("v"), &c, &kind, &f.e));
  assert_int_equal(kind, RS_REL_VIEW);
  expect_columns(&c, "x:mixed");
  expect_error(
    &f, rs_session_describe(f.s, REL("all"), &c, &kind, &f.e), RS_NOT_FOUND,
    "collection 'commons.all' does not exist in target 'dev'; did you mean 'commons.al'?");
  done(&f);
}

static void columns_of_query(void **state)
{
  (void)state;
  struct fixture f = open_at("types\nrows :p2;[{\"a\":1,\"b\":true}]\nrows none;[]\n");
  struct rs_columns c;
  const struct rs_statement st = {.sql = "select :p1, :p2"}, none = {.sql = "none"};
  expect_ok(&f, rs_session_columns(f.s, &st, &c, &f.e));
  expect_columns(&c, "a:int b:bool");
  expect_asked(&f, "POST /queries {\"sql\":{\"query\":\"select :p1, :p2\",\"parameters\":["
                   "{\"name\":\"p1\",\"type\":\"null\",\"value\":\"null\"},"
                   "{\"name\":\"p2\",\"type\":\"null\",\"value\":\"null\"}],"
                   "\"default_row_limit\":1},\"max_initial_results\":100000}");
  expect_error(&f, rs_session_columns(f.s, &none, &c, &f.e), RS_INVALID, "name the columns");
  done(&f);
}

static enum rs_code list_relation(void *ctx, const struct rs_relation_info *i)
{
  static const char *const kinds[] = {"none", "table", "view", "alias"};
  rs_buf_printf(ctx, "%s.%s %s %lld %s\n", i->workspace, i->name, kinds[i->kind],
                (long long)i->rows, i->sql != NULL ? i->sql : "-");
  return RS_OK;
}

static enum rs_code list_name(void *ctx, const char *name)
{
  rs_buf_printf(ctx, "%s\n", name);
  return RS_OK;
}

static void lists(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "entity collections commons t__0123abcd {\"docs\":{\"1\":{}},"
    "\"description\":\"rockset_ext build of commons.t by h/1\"}\n"
    "entity collections commons b__0123abcd {}\n"
    "entity aliases commons t {\"collections\":[\"commons.t__0123abcd\"]}\n"
    "entity aliases commons al {\"collections\":[\"commons.b__0123abcd\"]}\n"
    "entity views commons v {\"query\":\"select 1\"}\n");
  expect_ok(&f, rs_session_relations(f.s, NULL, "commons", list_relation, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got),
                      "commons.al alias 0 -\ncommons.b__0123abcd table 0 -\ncommons.t table 1 -\n"
                      "commons.v view -1 select 1\n");
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_session_workspaces(f.s, NULL, list_name, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got), "commons\n");
  done(&f);
}

static void workspaces(void **state)
{
  (void)state;
  struct fixture f = open_at("entity collections ws2 c {}\n");
  expect_ok(&f, rs_session_create(f.s, RS_WORKSPACE("my ws"), false, &f.e));
  expect_asked(&f, "GET /ws/my%20ws\nPOST /ws {\"name\":\"my ws\"}\nGET /ws/my%20ws");
  expect_error(&f, rs_session_create(f.s, RS_WORKSPACE("my ws"), false, &f.e), RS_EXISTS,
               "'my ws'");
  expect_ok(&f, rs_session_create(f.s, RS_WORKSPACE("my ws"), true, &f.e));
  expect_ok(&f, rs_session_drop(f.s, RS_WORKSPACE("my ws"), RS_REL_NONE, 0, &f.e));
  expect_error(&f, rs_session_drop(f.s, RS_WORKSPACE("my ws"), RS_REL_NONE, 0, &f.e), RS_NOT_FOUND,
               "my ws");
  expect_ok(&f, rs_session_create(f.s, RS_WORKSPACE("ws2"), true, &f.e));
  expect_error(&f, rs_session_drop(f.s, RS_WORKSPACE("ws2"), RS_REL_NONE, 0, &f.e), RS_CONSTRAINT,
               "workspace 'ws2' is not empty: it has collections");
  expect_ok(&f, rs_session_drop(f.s, RS_WORKSPACE("ws2"), RS_REL_NONE, RS_DROP_CASCADE, &f.e));
  done(&f);
}

static void collections(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "lag 2\nentity collections commons used {\"docs\":{}}\n"
    "entity views commons v {\"query\":\"\",\"entities\":[\"commons.used\"]}\n"
    "entity views commons v2 {\"query\":\"\",\"entities\":[\"commons.v\"]}\n");
  expect_ok(&f, rs_session_create(f.s, REL("c"), false, &f.e));
  expect_asked(&f, "GET /ws/commons/collections/c\nGET /ws/commons/aliases/c\n"
                   "GET /ws/commons/views/c\nGET /ws/commons\n"
                   "POST /ws/commons/collections {\"name\":\"c\"}\n"
                   "GET /ws/commons/collections/c\nGET /ws/commons/collections/c");
  expect_error(&f, rs_session_create(f.s, REL("c"), false, &f.e), RS_EXISTS,
               "collection 'commons.c' exists");
  expect_ok(&f, rs_session_drop(f.s, REL("c"), RS_REL_NONE, 0, &f.e));
  expect_error(&f, rs_session_drop(f.s, REL("c"), RS_REL_NONE, 0, &f.e), RS_NOT_FOUND, "commons.c");
  expect_ok(&f, rs_session_drop(f.s, REL("c"), RS_REL_NONE, RS_DROP_IF_EXISTS, &f.e));
  free(asked(&f));
  // views that read it go first, the ones that read those before them
  expect_ok(&f, rs_session_drop(f.s, REL("used"), RS_REL_NONE, 0, &f.e));
  char *text = asked(&f);
  const char *v2 = strstr(text, "DELETE /ws/commons/views/v2"),
             *v = strstr(text, "DELETE /ws/commons/views/v\n"),
             *c = strstr(text, "DELETE /ws/commons/collections/used");
  assert_true(v2 != NULL && v != NULL && c != NULL && v2 < v && v < c);
  free(text);
  done(&f);
}

/* ---- documents ------------------------------------------------------------------------------- */

static void documents(void **state)
{
  (void)state;
  struct fixture f = open_at("entity collections commons c {}\n"
                             "entity aliases commons al {\"collections\":[\"commons.c\"]}\n");
  struct rs_document d[] = {{.json = "{\"_id\":\"a\",\"x\":1}", .n = 17},
                            {.json = " {} ", .n = 4},
                            {.json = "[1]", .n = 3},
                            {.json = "{\"_id\":\"b\",\"bad\":1}", .n = 19},
                            {.json = "{\"y\":2}", .n = 7}};
  struct rs_arena a;
  const char *offset = NULL;
  rs_arena_init(&a, 0);
  expect_ok(&f, rs_session_write(f.s, REL("al"), RS_WRITE_ADD, d, 5, &a, &offset, &f.e));
  assert_string_equal(offset, "f1:0:0:1:9");
  assert_int_equal(d[0].status, RS_WRITTEN_ADDED);
  assert_string_equal(d[0].id, "a");
  assert_int_equal(d[1].status, RS_WRITTEN_ADDED);
  assert_int_equal(strlen(d[1].id), 36);
  assert_int_equal(d[2].status, RS_WRITTEN_ERROR);
  assert_string_equal(d[2].error, "is not a JSON object");
  assert_int_equal(d[3].status, RS_WRITTEN_ERROR);
  assert_string_equal(d[3].error, "bad document");
  assert_int_equal(d[4].status, RS_WRITTEN_ADDED);
  const char *body = "/docs {\"data\":[{\"_id\":\"a\",\"x\":1},{\"_id\":\"#\"},"
                     "{\"_id\":\"b\",\"bad\":1},{\"_id\":\"#\",\"y\":2}]}";
  char *want = rs_mprintf("POST /ws/commons/collections/al%s\nGET /ws/commons/collections/al\n"
                          "GET /ws/commons/aliases/al\nPOST /ws/commons/collections/c%s",
                          body,
                          "/docs {\"data\":[{\"_id\":\"a\",\"x\":1},{\"_id\":\"#\"},"
                          "{\"_id\":\"b\",\"bad\":1},{\"_id\":\"#\",\"y\":2}]}");
  expect_asked(&f, want);
  rs_free(want);
  expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_DELETE, d, 1, &a, NULL, &f.e));
  assert_int_equal(d[0].status, RS_WRITTEN_DELETED);
  expect_error(&f, rs_session_write(f.s, REL("none"), RS_WRITE_ADD, d, 1, &a, NULL, &f.e),
               RS_NOT_FOUND, "commons.none");
  assert_int_equal(d[0].status, RS_WRITTEN_NOT);
  rs_arena_free(&a);
  done(&f);
}

/* A server with smaller limits gets halves. */
static void documents_too_large(void **state)
{
  (void)state;
  struct fixture f = open_at(
    "entity collections commons c {}\n"
    "fault 1 POST /ws/commons/collections/c/docs;status 413 CONTENTTOOLARGE too large\n");
  struct rs_document d[3];
  for (int i = 0; i < 3; i++) d[i] = (struct rs_document){.json = "{\"x\":1}", .n = 7};
  struct rs_arena a;
  rs_arena_init(&a, 0);
  expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, 3, &a, NULL, &f.e));
  for (int i = 0; i < 3; i++) assert_int_equal(d[i].status, RS_WRITTEN_ADDED);
  assert_int_equal(wire_count(f.w, "req POST /ws/commons/collections/c/docs"), 3);
  rs_arena_free(&a);
  done(&f);
}

/* ---- aliases, instances, running queries ----------------------------------------------------- */

static enum rs_code list_alias(void *ctx, const struct rs_alias *a)
{
  rs_buf_printf(ctx, "%s.%s %s\n", a->workspace, a->name, a->collections[0]);
  return RS_OK;
}

static enum rs_code list_instance(void *ctx, const struct rs_instance *i)
{
  rs_buf_printf(ctx, "%s %s %s %d\n", i->id, i->name, i->state, i->is_default);
  return RS_OK;
}

static enum rs_code list_running(void *ctx, const struct rs_running_query *q)
{
  rs_buf_printf(ctx, "%s %s\n", q->status, q->sql);
  return RS_OK;
}

static void control(void **state)
{
  (void)state;
  struct fixture f = open_at("rows x;[{\"a\":1}]\nentity collections commons c {}\n"
                             "entity collections commons c2 {}\n");
  const char *to[] = {"commons.c"};
  struct rs_alias al = {.workspace = "commons", .name = "al", .collections = to, .ncollections = 1};
  expect_error(&f, rs_session_put_alias(f.s, &al, RS_PUT_UPDATE, &f.e), RS_NOT_FOUND, "alias");
  expect_ok(&f, rs_session_put_alias(f.s, &al, RS_PUT_CREATE, &f.e));
  expect_error(&f, rs_session_put_alias(f.s, &al, RS_PUT_CREATE, &f.e), RS_EXISTS, "alias");
  to[0] = "commons.c2";
  expect_ok(&f, rs_session_put_alias(f.s, &al, RS_PUT_EITHER, &f.e));
  to[0] = "commons.c3";
  expect_error(&f, rs_session_put_alias(f.s, &al, RS_PUT_EITHER, &f.e), RS_NOT_FOUND, "commons.c3");
  al.name = "c";
  to[0] = "commons.c2";
  expect_error(&f, rs_session_put_alias(f.s, &al, RS_PUT_EITHER, &f.e), RS_EXISTS,
               "collection 'commons.c' exists");
  expect_ok(&f, rs_session_aliases(f.s, NULL, list_alias, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got), "commons.al commons.c2\n");
  expect_ok(&f, rs_session_drop(f.s, REL("al"), RS_REL_ALIAS, 0, &f.e));
  expect_error(&f, rs_session_drop(f.s, REL("al"), RS_REL_ALIAS, 0, &f.e), RS_NOT_FOUND,
               "commons.al");
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_session_instances(f.s, list_instance, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got), "v1 main ACTIVE 1\n");
  assert_string_equal(ask(&f, "x"), "1");
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_session_running(f.s, list_running, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got), "RUNNING x\n");
  done(&f);
}

/* ---- query lambdas --------------------------------------------------------------------------- */

static enum rs_code list_lambda(void *ctx, const struct rs_lambda *l, const char *tag)
{
  rs_buf_printf(ctx, "%s.%s %s %s %s %lld %s\n", l->workspace, l->name, l->version + 14, l->sql,
                l->parameters, (long long)l->versions, tag != NULL ? tag : "-");
  return RS_OK;
}

static void lambdas(void **state)
{
  (void)state;
  struct fixture f = open_at("rows :g;[{\"a\":1}]\n");
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct rs_lambda l = {.workspace = "commons",
                        .name = "top",
                        .sql = "select :g",
                        .parameters = "[{\"name\":\"g\",\"type\":\"string\",\"value\":\"x\"}]"};
  expect_error(&f, rs_session_lambda_put(f.s, &l, RS_PUT_UPDATE, &a, &f.e), RS_NOT_FOUND, "top");
  expect_ok(&f, rs_session_lambda_put(f.s, &l, RS_PUT_EITHER, &a, &f.e));
  assert_string_equal(l.version, "0000000000000000");
  l.sql = "select :g, 2";
  l.parameters = NULL;
  l.description = "second";
  expect_ok(&f, rs_session_lambda_put(f.s, &l, RS_PUT_EITHER, &a, &f.e));
  expect_error(&f, rs_session_lambda_put(f.s, &l, RS_PUT_CREATE, &a, &f.e), RS_EXISTS, "top");
  expect_ok(&f, rs_session_lambda_tag(f.s, REL("top"), "prod", "0000000000000000", &f.e));
  expect_ok(&f, rs_session_lambdas(f.s, RS_LAMBDAS, REL(NULL), list_lambda, &f.got, &f.e));
  assert_string_equal(rs_buf_text(&f.got), "commons.top 01 select :g, 2 [] 2 -\n");
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_session_lambdas(f.s, RS_LAMBDA_VERSIONS, REL("top"), list_lambda, &f.got, &f.e));
  assert_non_null(
    strstr(rs_buf_text(&f.got), "commons.top 00 select :g [{\"name\":\"g\",\"type\":"));
  assert_non_null(strstr(rs_buf_text(&f.got), "\ncommons.top 01"));
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_session_lambdas(f.s, RS_LAMBDA_TAGS, REL("top"), list_lambda, &f.got, &f.e));
  assert_non_null(strstr(rs_buf_text(&f.got), "01 select :g, 2 [] 0 latest\n"));
  assert_non_null(strstr(rs_buf_text(&f.got), " 0 prod\n"));
  struct rs_lambda_ref ref = {*REL("top"), NULL, "prod", NULL};
  struct rs_lambda found;
  expect_ok(&f, rs_session_lambda_find(f.s, &ref, &a, &found, &f.e));
  assert_string_equal(found.sql, "select :g");
  ref.tag = "none";
  expect_error(&f, rs_session_lambda_find(f.s, &ref, &a, &found, &f.e), RS_NOT_FOUND, "none");
  assert_null(strstr(f.e.text, "did you mean")); // the name is right
  ref = (struct rs_lambda_ref){*REL("topp"), NULL, NULL, NULL};
  expect_error(&f, rs_session_lambda_find(f.s, &ref, &a, &found, &f.e), RS_NOT_FOUND,
               "; did you mean 'commons.top'?");
  expect_error(&f, rs_session_lambda_drop(f.s, &ref, &f.e), RS_NOT_FOUND,
               "; did you mean 'commons.top'?");
  expect_error(&f, rs_session_lambdas(f.s, RS_LAMBDA_TAGS, REL("topp"), list_lambda, &f.got, &f.e),
               RS_NOT_FOUND, "; did you mean 'commons.top'?");
  ref = (struct rs_lambda_ref){*REL("top"), NULL, NULL, NULL};
  free(asked(&f));
  // execution: the statement's machinery, the lambda's path
  const struct rs_named_param p = {"g", "date", {.kind = RS_TEXT, .s = {"2020-01-02", 10}}};
  struct rs_rows *r = NULL;
  enum rs_code rc;
  struct rs_lambda_ref wrong = {*REL("topp"), NULL, NULL, NULL};
  expect_error(&f, rs_session_lambda_query(f.s, &wrong, NULL, 0, &r, &f.e), RS_NOT_FOUND,
               "; did you mean 'commons.top'?");
  free(asked(&f));
  expect_ok(&f, rs_session_lambda_query(f.s, &ref, &p, 1, &r, &f.e));
  assert_string_equal(read_rows(&f, r, &rc), "1");
  ref.version = "0000000000000000";
  expect_ok(&f, rs_session_lambda_query(f.s, &ref, NULL, 0, &r, &f.e));
  assert_string_equal(read_rows(&f, r, &rc), "1");
  expect_asked(&f, "POST /ws/commons/lambdas/top/tags/latest {\"parameters\":[{\"name\":\"g\","
                   "\"type\":\"date\",\"value\":\"2020-01-02\"}],\"max_initial_results\":100000}\n"
                   "POST /ws/commons/lambdas/top/versions/0000000000000000 "
                   "{\"max_initial_results\":100000}");
  ref.version = NULL;
  ref.tag = "prod";
  expect_ok(&f, rs_session_lambda_drop(f.s, &ref, &f.e));
  expect_error(&f, rs_session_lambda_drop(f.s, &ref, &f.e), RS_NOT_FOUND, "prod");
  ref.tag = NULL;
  expect_ok(&f, rs_session_lambda_drop(f.s, &ref, &f.e));
  expect_error(&f, rs_session_lambda_query(f.s, &ref, NULL, 0, &r, &f.e), RS_NOT_FOUND, "top");
  rs_arena_free(&a);
  done(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(query),
    cmocka_unit_test(empty),
    cmocka_unit_test(parameters),
    cmocka_unit_test(types),
    cmocka_unit_test(columns_late),
    cmocka_unit_test(columns_too_late),
    cmocka_unit_test(pages),
    cmocka_unit_test(many_batches),
    cmocka_unit_test(long_query),
    cmocka_unit_test(virtual_instance),
    cmocka_unit_test(query_errors),
    cmocka_unit_test(wrong_key),
    cmocka_unit_test(service_is_gone),
    cmocka_unit_test(describe),
    cmocka_unit_test(columns_of_query),
    cmocka_unit_test(lists),
    cmocka_unit_test(workspaces),
    cmocka_unit_test(collections),
    cmocka_unit_test(documents),
    cmocka_unit_test(documents_too_large),
    cmocka_unit_test(control),
    cmocka_unit_test(lambdas),
  };
  return RS_RUN(tests);
}
