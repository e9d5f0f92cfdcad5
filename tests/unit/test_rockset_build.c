/* The rockset adapter's materializations: the order of their requests, byte by byte; what is left
** when something fails on the way. */
#include "rockset_fixture.h"

#define REL(n) (&(struct rs_relation){.workspace = "commons", .name = n})
#define ROWS "rows select 1;[{\"a\":1},{\"a\":2}]\n"

#define FIND(n) \
  "GET /ws/commons/collections/" n "\nGET /ws/commons/aliases/" n "\nGET /ws/commons/views/" n "\n"
#define INSERT(n) \
  "POST /queries {\"sql\":{\"query\":\"INSERT INTO \\\"commons\\\".\\\"" n "\\\"\\nselect 1\"}}\n"
#define FENCE(n) "GET /ws/commons/collections/" n "/offsets/commit?fence=f1:0:0:1:2\n"
/* The mock's report shows one backslash for each of the body's */
#define MARK "rockset_ext build of commons.t by "

/* asked() with the host and process in descriptions as H. */
static char *asked_plain(struct fixture *f)
{
  char *text = asked(f), *out = text;
  for (const char *p = text; *p != 0;) {
    *out++ = *p++;
    if (out - text >= (long)strlen(MARK) && strncmp(out - strlen(MARK), MARK, strlen(MARK)) == 0) {
      p += strcspn(p, "\"");
      *out++ = 'H';
    }
  }
  *out = 0;
  return text;
}

#define expect_plain(f, text)          \
  do {                                 \
    char *asked_ = asked_plain(f);     \
    assert_string_equal(asked_, text); \
    free(asked_);                      \
  } while (0)

#define BUILD                                                                                     \
  "GET /ws/commons\nGET /ws/commons/collections\n"                                                \
  "POST /ws/commons/collections {\"name\":\"t__#\",\"description\":\"" MARK "H\"}\n"              \
  "GET /ws/commons/collections/t__#\n" INSERT("t__#") "GET /ws/commons/collections/t__#\n" FENCE( \
    "t__#")

static enum rs_code replace(struct fixture *f, struct rs_build *how)
{
  int64_t rows = -1;
  enum rs_code rc = rs_session_replace(f->s, REL("t"), "select 1", how, &rows, &f->e);
  if (rc == RS_OK) assert_int_equal(rows, 2);
  return rc;
}

static void new_table(void **state)
{
  (void)state;
  struct fixture f = open_at(ROWS);
  struct rs_build how = {0};
  expect_ok(&f, replace(&f, &how));
  assert_string_equal(how.note, "");
  expect_plain(
    &f, FIND("t") BUILD FIND(
          "t") "POST /ws/commons/aliases {\"name\":\"t\",\"collections\":[\"commons.t__#\"]}\n"
               "GET /ws/commons/aliases/t");
  // again: the alias moves, the collection before goes
  expect_ok(&f, replace(&f, &how));
  assert_string_equal(how.note, "");
  expect_plain(&f, "GET /ws/commons/collections/t\nGET /ws/commons/aliases/t\n" BUILD
                   "GET /ws/commons/collections/t\nGET /ws/commons/aliases/t\n"
                   "POST /ws/commons/aliases/t {\"collections\":[\"commons.t__#\"]}\n"
                   "GET /ws/commons/aliases/t\n"
                   "GET /ws/commons/collections/t__#\n"
                   "DELETE /ws/commons/collections/t__#\n"
                   "GET /ws/commons/collections/t__#");
  int64_t rows;
  expect_ok(&f, rs_session_add_select(f.s, REL("t"), "select 1", NULL, &rows, &f.e));
  assert_int_equal(rows, 2);
  const char *id[] = {"_id"}, *other[] = {"a"};
  expect_ok(&f,
            rs_session_add_select(f.s, REL("t"), "select 1",
                                  &(const struct rs_adding){.keys = id, .nkeys = 1}, &rows, &f.e));
  expect_error(&f,
               rs_session_add_select(f.s, REL("t"), "select 1",
                                     &(const struct rs_adding){.keys = other, .nkeys = 1}, &rows,
                                     &f.e),
               RS_UNSUPPORTED, "Rockset knows no key but _id");
  expect_error(&f, rs_session_add_select(f.s, REL("no"), "select 1", NULL, &rows, &f.e),
               RS_NOT_FOUND, "commons.no");
  done(&f);
}

/* Everything late: ready, visible, moved, gone are waited for. */
static void waits(void **state)
{
  (void)state;
  struct fixture f = open_at("lag 2\n" ROWS);
  expect_ok(&f, replace(&f, NULL));
  free(asked(&f));
  expect_ok(&f, replace(&f, NULL));
  char *text = asked(&f);
  const char *moved = strstr(text, "POST /ws/commons/aliases/t ");
  assert_non_null(moved);
  assert_non_null(strstr(moved, "GET /ws/commons/aliases/t\nGET /ws/commons/aliases/t\n"));
  assert_non_null(strstr(moved, "DELETE /ws/commons/collections/t__#\n"
                                "GET /ws/commons/collections/t__#\n"
                                "GET /ws/commons/collections/t__#\n"));
  assert_non_null(strstr(text, FENCE("t__#") FENCE("t__#") FENCE("t__#")));
  free(text);
  done(&f);
}

/* A plain collection gives its name to an alias once; views that read it are made again. */
static void takes_over(void **state)
{
  (void)state;
  struct fixture f = open_at(
    ROWS "entity collections commons t {}\n"
         "entity views commons v {\"query\":\"select v\",\"entities\":[\"commons.t\"]}\n"
         "entity views commons w {\"query\":\"select w\",\"entities\":[\"commons.v\"]}\n");
  struct rs_build how = {0};
  expect_ok(&f, replace(&f, &how));
  assert_non_null(strstr(how.note, "the collection commons.t became an alias of t__"));
  expect_plain(&f, "GET /ws/commons/collections/t\n" BUILD "GET /ws/commons/collections/t\n"
                   "DELETE /ws/commons/collections/t\n" /* refused */
                   "GET /views\n"
                   "DELETE /ws/commons/views/w\nGET /ws/commons/views/w\n"
                   "DELETE /ws/commons/views/v\nGET /ws/commons/views/v\n"
                   "DELETE /ws/commons/collections/t\nGET /ws/commons/collections/t\n"
                   "POST /ws/commons/aliases {\"name\":\"t\",\"collections\":[\"commons.t__#\"]}\n"
                   "GET /ws/commons/aliases/t\n"
                   "POST /ws/commons/views {\"name\":\"v\",\"query\":\"select v\"}\n"
                   "GET /ws/commons/views/v\n"
                   "POST /ws/commons/views {\"name\":\"w\",\"query\":\"select w\"}\n"
                   "GET /ws/commons/views/w");
  done(&f);
}

/* dbt-rockset's drop and recreate. */
static void in_place(void **state)
{
  (void)state;
  struct fixture f = open_at(ROWS "entity collections commons t {}\n");
  struct rs_build how = {.in_place = true};
  expect_ok(&f, replace(&f, &how));
  expect_asked(&f, "GET /ws/commons/collections/t\nGET /views\n"
                   "DELETE /ws/commons/collections/t\nGET /ws/commons/collections/t\n"
                   "POST /ws/commons/collections {\"name\":\"t\"}\n"
                   "GET /ws/commons/collections/t\n" INSERT(
                     "t") "GET /ws/commons/collections/t\n"
                          "GET /ws/commons/collections/t/offsets/commit?fence=f1:0:0:1:2");
  done(&f);
}

static void asynchronous(void **state)
{
  (void)state;
  struct fixture f = open_with("lag 1\n" ROWS "entity collections commons t {}\n", NULL, true);
  int64_t rows = 0;
  expect_ok(&f, rs_session_add_select(f.s, REL("t"), "select 1", NULL, &rows, &f.e));
  assert_int_equal(rows, -1); // nobody tells
  expect_asked(&f, "GET /ws/commons/collections/t\n"
                   "POST /queries {\"sql\":{\"query\":\"INSERT INTO \\\"commons\\\".\\\"t\\\"\\n"
                   "select 1\"},\"async_options\":{\"client_timeout_ms\":1000,"
                   "\"timeout_ms\":1800000,\"max_initial_results\":1}}\n"
                   "GET /queries/#%3Aabcdefg%3A0\n"
                   "GET /ws/commons/collections/t\n"
                   "GET /ws/commons/collections/t/offsets/commit?fence=f1:0:0:1:2\n"
                   "GET /ws/commons/collections/t/offsets/commit?fence=f1:0:0:1:2");
  done(&f);
}

/* A statement of the user's own is waited for likewise, by the name in its text. */
static void exec_insert(void **state)
{
  (void)state;
  struct fixture f = open_at(ROWS "entity collections commons t {}\n");
  static const char *const texts[] = {
    "INSERT INTO \"commons\".\"t\" select 1",
    "-- x\n insert /* y */ INTO commons . \"t\" select 1",
    "/* z */insert into/* y */\"commons\"/**/./**/t\tselect 1",
  };
  for (int i = 0; i < 3; i++) {
    const struct rs_statement st = {.sql = texts[i], .writes = true};
    int64_t rows = -1;
    expect_ok(&f, rs_session_exec(f.s, &st, &rows, &f.e));
    assert_int_equal(rows, 2);
    assert_int_equal(wire_count(f.w, "req GET /ws/commons/collections/t/offsets"), i + 1);
  }
  done(&f);
}

static void views(void **state)
{
  (void)state;
  struct fixture f = open_at("lag 1\n" ROWS "entity collections commons c {}\n");
  expect_ok(&f, rs_session_replace(f.s, REL("v"), "select \"a\"", RS_AS_VIEW, NULL, &f.e));
  expect_asked(&f,
               FIND("v") "GET /ws/commons\n"
                         "POST /ws/commons/views {\"name\":\"v\",\"query\":\"select \\\"a\\\"\","
                         "\"description\":\"Created via rockset_ext\"}\nGET /ws/commons/views/v");
  expect_ok(&f, rs_session_replace(f.s, REL("v"), "select 2", RS_AS_VIEW, NULL, &f.e));
  expect_asked(&f, FIND("v") "POST /ws/commons/views/v {\"query\":\"select 2\"}\n"
                             "GET /ws/commons/views/v");
  // a collection of that name goes only when the service has taken the query
  expect_ok(&f, rs_session_replace(f.s, REL("c"), "select 3", RS_AS_VIEW, NULL, &f.e));
  expect_asked(&f, "GET /ws/commons/collections/c\n"
                   "POST /queries/validations {\"sql\":{\"query\":\"select 3\"}}\n"
                   "GET /views\nDELETE /ws/commons/collections/c\n"
                   "GET /ws/commons/collections/c\nGET /ws/commons/collections/c\n"
                   "POST /ws/commons/views {\"name\":\"c\",\"query\":\"select 3\","
                   "\"description\":\"Created via rockset_ext\"}\nGET /ws/commons/views/c");
  done(&f);
}

/* ---- failures -------------------------------------------------------------------------------- */

static enum rs_code count_relation(void *ctx, const struct rs_relation_info *i)
{
  rs_buf_printf(ctx, "%s ", i->name);
  return RS_OK;
}

/* What is listed, and how many collections there are in all. */
static void expect_left(struct fixture *f, const char *listed, int collections)
{
  struct rs_error e = {0};
  rs_buf_clear(&f->got);
  if (rs_session_relations(f->s, NULL, "commons", count_relation, &f->got, &e))
    fail_msg("%s", e.text);
  assert_string_equal(rs_buf_text(&f->got), listed);
  int made = wire_count(f->w, "req POST /ws/commons/collections {");
  int gone = wire_count(f->w, "req DELETE /ws/commons/collections/t__");
  assert_int_equal(made - gone, collections);
}

static void failures(void **state)
{
  (void)state;
  static const struct {
    const char *fault, *text;
    enum rs_code code;
    int collections; /* beside the first build's */
  } cases[] = {
    {"POST /ws/commons/collections;status 403 FORBIDDEN no", "no", RS_FORBIDDEN, 0},
    {"POST /queries;status 400 QUERY_ERROR bad sql", "bad sql [remote SQL: INSERT INTO", RS_INVALID,
     0},
    {"POST /queries;drop", "it is not known whether the rows were written", RS_IO, 0},
    {"GET .*offsets.*;status 500 INTERNALERROR oops", "oops", RS_REMOTE, 0},
    {"POST /ws/commons/aliases/t;status 403 FORBIDDEN not yours", "not yours", RS_FORBIDDEN, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char script[600];
    (void)snprintf(script, sizeof script,
                   "%sentity collections commons t__aaaaaaaa {\"description\":\"" MARK "x/1\"}\n"
                   "entity aliases commons t {\"collections\":[\"commons.t__aaaaaaaa\"]}\n"
                   "fault 1 %s\n",
                   ROWS, cases[i].fault);
    struct fixture f = open_at(script);
    expect_error(&f, replace(&f, NULL), cases[i].code, cases[i].text);
    assert_int_equal(wire_count(f.w, "req POST /queries"), i == 0 ? 0 : 1);
    expect_left(&f, "t ", cases[i].collections);
    // and the next run succeeds
    expect_ok(&f, replace(&f, NULL));
    done(&f);
  }
}

/* The alias of a first switch can't be made: the new table is complete, it must not be lost. */
static void half_switched(void **state)
{
  (void)state;
  struct fixture f = open_at(ROWS "entity collections commons t {}\n"
                                  "fault 1 POST /ws/commons/aliases;status 403 FORBIDDEN no\n");
  expect_error(&f, replace(&f, NULL), RS_FORBIDDEN, "'commons.t' is complete as collection 't__");
  assert_int_equal(wire_count(f.w, "req DELETE /ws/commons/collections/t__"), 0);
  expect_ok(&f, replace(&f, NULL)); // which sweeps that one
  assert_int_equal(wire_count(f.w, "req DELETE /ws/commons/collections/t__"), 1);
  done(&f);
}

/* What crashed builds left is removed, what may be alive is not. */
static void sweeps(void **state)
{
  (void)state;
  char host[256], script[2048];
  assert_int_equal(gethostname(host, sizeof host), 0);
  (void)snprintf(
    script, sizeof script,
    ROWS "entity collections commons t__00000001 {\"description\":\"" MARK "%s/999999999\"}\n"
         "entity collections commons t__00000002 {\"description\":\"" MARK "%s/%ld\"}\n"
         "entity collections commons t__00000003 {\"description\":\"" MARK "elsewhere/1\"}\n"
         "entity collections commons t__00000004 {\"description\":\"" MARK "elsewhere/1\","
         "\"created_at\":\"2999-01-01T00:00:00Z\"}\n"
         "entity collections commons t__00000005 {\"description\":\"mine\"}\n"
         "entity collections commons u__00000006 {\"description\":\"" MARK "%s/999999999\"}\n",
    host, host, (long)getppid(), host);
  struct fixture f = open_at(script);
  expect_ok(&f, replace(&f, NULL));
  assert_int_equal(wire_count(f.w, "req DELETE"), 2);
  assert_int_equal(wire_count(f.w, "req DELETE /ws/commons/collections/t__00000001"), 1);
  assert_int_equal(wire_count(f.w, "req DELETE /ws/commons/collections/t__00000003"), 1);
  done(&f);
}

/* ---- cancel ---------------------------------------------------------------------------------- */

static bool soon(void *ctx)
{
  int64_t *at = ctx;
  if (*at == 0) *at = rs_now_ms() + 300;
  return rs_now_ms() >= *at;
}

static void interrupted(void **state)
{
  (void)state;
  static const char *const stalls[] = {"POST /queries;stall", "GET .*offsets.*;stall",
                                       "GET /ws/commons/collections/t__.{8};stall"};
  for (size_t i = 0; i < sizeof stalls / sizeof stalls[0]; i++) {
    char script[600];
    (void)snprintf(script, sizeof script, "%slag 1\nfault 1 %s\n", ROWS, stalls[i]);
    struct fixture f = open_at(script);
    int64_t at = 0;
    const struct rs_interrupt hook = {.is_interrupted = soon, .ctx = &at};
    rs_session_close(f.s);
    expect_ok(&f, rs_session_open(f.t, &hook, f.log, &f.s, &f.e));
    int64_t before = rs_now_ms();
    expect_error(&f, replace(&f, NULL), RS_CANCELLED, "interrupted");
    assert_true(rs_now_ms() - before < 5000);
    assert_int_equal(wire_count(f.w, "req DELETE /ws/commons/collections/t__"), 1);
    if (i == 0) { // the statement is looked for and stopped
      assert_int_equal(wire_count(f.w, "req GET /queries"), 1);
      assert_int_equal(wire_count(f.w, "req DELETE /queries/"), 1);
    }
    done(&f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(new_table), cmocka_unit_test(waits),        cmocka_unit_test(takes_over),
    cmocka_unit_test(in_place),  cmocka_unit_test(asynchronous), cmocka_unit_test(exec_insert),
    cmocka_unit_test(views),     cmocka_unit_test(failures),     cmocka_unit_test(half_switched),
    cmocka_unit_test(sweeps),    cmocka_unit_test(interrupted),
  };
  return RS_RUN(tests);
}
