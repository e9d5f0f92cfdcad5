/*
** Recordings: a DuckDB session is recorded and replayed by a process that has no DuckDB, with the
** same rows, types and errors; what was not recorded is named.
**
**   test_record                  the tests
**   test_record --replay FILE    prints what the session below sees in the recording
*/
#include "duck.h"
#include <sys/wait.h>
#include "src/engine/duckdb/duckdb.h"
#include "support/record.h"

static const char *self; /* this program */

/* ---- a session, printed ---------------------------------------------------------------------- */

static void put_value(FILE *out, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: fputs("null", out); break;
    case RS_BOOL:
    case RS_INT: fprintf(out, "%d:%lld", v->kind, (long long)v->i); break;
    case RS_FLOAT: fprintf(out, "f:%a", v->f); break;
    default:
      fprintf(out, "%d:%zu:", v->kind, v->s.n);
      for (size_t i = 0; i < v->s.n; i++) fprintf(out, "%02x", (unsigned char)v->s.p[i]);
  }
}

static void put_columns(FILE *out, const struct rs_columns *c)
{
  for (size_t i = 0; i < c->n; i++)
    fprintf(out, "%s %s %s|", c->v[i].name, rs_type_name(c->v[i].type), c->v[i].native);
  fputc('\n', out);
}

static void put_query(FILE *out, struct rs_session *s, const struct rs_statement *st)
{
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  struct rs_value v;
  enum rs_code rc = rs_session_query(s, st, &r, &e);
  if (rc == RS_OK) {
    put_columns(out, rs_rows_columns(r));
    while ((rc = rs_rows_next(r, &e)) == RS_OK) {
      for (size_t c = 0; c < rs_rows_columns(r)->n; c++) {
        rs_rows_get(r, c, &v);
        put_value(out, &v);
        fputc(' ', out);
      }
      fputc('\n', out);
    }
  }
  rs_rows_close(r);
  fprintf(out, "%s %s\n", rs_code_name(rc), rc == RS_DONE ? "" : e.text);
}

static void put_exec(FILE *out, struct rs_session *s, const char *sql,
                     const struct rs_value *params, size_t n)
{
  struct rs_statement st = {.sql = sql, .params = params, .nparams = n, .writes = true};
  struct rs_error e = {0};
  int64_t rows = -7;
  enum rs_code rc = rs_session_exec(s, &st, &rows, &e);
  fprintf(out, "%s: %s %lld %s\n", sql, rs_code_name(rc), (long long)rows, rc ? e.text : "");
}

static const char wide[] =
  "SELECT 9223372036854775807 AS i, (-9223372036854775808)::BIGINT AS least, 1.1::DOUBLE AS f,"
  " 'inf'::DOUBLE AS inf, 'nan'::DOUBLE AS nan, -0.0::DOUBLE AS zero, true AS b, NULL AS nothing,"
  " 'it''s \"q\" \xC3\xA9\n' AS t, '' AS empty, 'a' || chr(0) || 'b' AS nul, '\\x00\\xFF'::BLOB AS "
  "bytes,"
  " DATE '2026-11-21' AS d, TIMESTAMPTZ '2026-11-21 08:15:30.5+00' AS tz, [1, NULL] AS l,"
  " {'a': {'b': 1}} AS st, '[1,{\"x\":\"\\u00e9\"}]'::JSON AS j, 12.345::DECIMAL(9,3) AS dec,"
  " 170141183460469231731687303715884105727::HUGEINT AS h, 5::UNION(n BIGINT, v VARCHAR) AS u";

/* Queries, parameters, errors, transactions, and the calls that ask many statements. */
static void session(FILE *out, struct rs_target *t)
{
  struct rs_session *s = duck_session(t), *other = duck_session(t);
  struct rs_error e = {0};
  struct rs_relation rel = {.workspace = "commons", .name = "t"},
                     copy = {.workspace = "commons", .name = "copy"};
  struct rs_columns columns = {0};
  enum rs_relation_kind kind = RS_REL_NONE;
  struct rs_value list[] = {{.kind = RS_INT, .i = 2}, {.kind = RS_INT, .i = 3}};
  const struct rs_value p[] = {{.kind = RS_INT, .i = 1},
                               {.kind = RS_TEXT, .s = {"x'\"", 3}},
                               {.kind = RS_FLOAT, .f = 0.1},
                               {.kind = RS_NULL},
                               {.kind = RS_LIST, .list = {list, 2}}};
  char *version = NULL;
  int64_t rows = 0;
  assert_int_equal(rs_session_version(s, &version, &e), RS_OK);
  fprintf(out, "%s %s %d\n", version, rs_target_info(t).dialect->name, (int)rs_session_caps(s));
  rs_free(version);
  put_exec(out, s, "CREATE SCHEMA commons", NULL, 0);
  put_exec(out, s, "CREATE TABLE commons.t (a INTEGER PRIMARY KEY, b VARCHAR, c DOUBLE)", NULL, 0);
  put_exec(out, s, "INSERT INTO commons.t VALUES ($1, $2, $3), (2, $4, 0)", p, 4);
  put_exec(out, s, "INSERT INTO commons.t VALUES (1, 'again', 0)", NULL, 0);
  put_exec(out, s, "SELECT nonsense", NULL, 0);
  put_query(out, other, &(struct rs_statement){.sql = wide});
  put_query(out, s, &(struct rs_statement){.sql = "SELECT * FROM commons.t ORDER BY a"});
  put_exec(out, s, "UPDATE commons.t SET c = c + 1", NULL, 0);
  // the same question, another answer
  put_query(out, s, &(struct rs_statement){.sql = "SELECT * FROM commons.t ORDER BY a"});
  put_query(out, s,
            &(struct rs_statement){.sql = "SELECT b FROM commons.t WHERE a IN (SELECT unnest($1))",
                                   .params = &p[4],
                                   .nparams = 1});
  put_query(out, s, &(struct rs_statement){.sql = "SELECT i FROM range(5000) r(i) WHERE i > 4990"});
  put_query(out, s, &(struct rs_statement){.sql = "SELECT 1 WHERE false"});
  // an error behind rows
  put_query(out, s,
            &(struct rs_statement){.sql = "SELECT CASE WHEN i = 4000 THEN error('late') ELSE 1 END"
                                          " FROM range(5000) r(i)"});
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  put_exec(out, s, "DELETE FROM commons.t", NULL, 0);
  assert_int_equal(rs_session_end(s, false, &e), RS_OK);
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  put_exec(out, s, "DELETE FROM commons.t WHERE a = 2", NULL, 0);
  assert_int_equal(rs_session_end(s, true, &e), RS_OK);
  if (rs_session_describe(s, &rel, &columns, &kind, &e)) fail_msg("%s", e.text);
  fprintf(out, "kind %d: ", kind);
  put_columns(out, &columns);
  rs_columns_free(&columns);
  // made with names that are never the same
  if (rs_session_replace(s, &copy, "SELECT a * 2 AS a FROM commons.t", NULL, &rows, &e))
    fail_msg("%s", e.text);
  fprintf(out, "replaced: %lld\n", (long long)rows);
  put_query(out, other, &(struct rs_statement){.sql = "FROM commons.copy"});
  rs_session_close(other);
  rs_session_close(s);
}

/* ---- helpers --------------------------------------------------------------------------------- */

static char *read_file(const char *path)
{
  FILE *f = fopen(path, "r");
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  assert_non_null(f);
  for (int c; (c = getc(f)) != EOF;) rs_buf_char(&b, (char)c);
  fclose(f);
  return rs_buf_take(&b);
}

static const struct rs_output *an_output(void)
{
  return duck_output("/nonexistent/never opened", NULL);
}

static struct rs_target *recording(const char *path)
{
  struct rs_target *real = duck_target(duck_output(":memory:", NULL)), *t = NULL;
  struct rs_error e = {0};
  if (rs_record_wrap(real, path, &t, &e)) fail_msg("%s", e.text);
  rs_target_release(real); // the wrapper has it
  return t;
}

static struct rs_target *replay(const char *path)
{
  const struct rs_output *o = an_output();
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  if (rs_record_open(o, path, &t, &e)) fail_msg("%s", e.text);
  rs_output_release(o);
  return t;
}

/* The other half of the first test, in a process of its own. */
static int replay_alone(const char *path, const char *to)
{
  struct rs_target *t = replay(path);
  FILE *out = fopen(to, "w");
  session(out, t);
  rs_target_release(t);
  fclose(out);
  // nothing has looked for the library, let alone found it
  return rs_duckdb_version()[0] != 0;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void a_session_is_replayed_without_the_engine(void **state)
{
  (void)state;
  char *dir = duck_folder(), *tape = rs_mprintf("%s/tape", dir);
  char *one = rs_mprintf("%s/recorded", dir), *two = rs_mprintf("%s/replayed", dir);
  struct rs_target *t = recording(tape);
  FILE *out = fopen(one, "w");
  session(out, t);
  fclose(out);
  rs_target_release(t);
  pid_t pid = fork();
  if (pid == 0) {
    setenv("DUCKDB_LIBRARY", "/nonexistent/libduckdb.so", 1);
    execl(self, self, "--replay", tape, two, (char *)NULL);
    _exit(127);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  char *recorded = read_file(one), *replayed = read_file(two);
  assert_string_equal(recorded, replayed);
  assert_non_null(strstr(recorded, "late"));
  assert_non_null(strstr(recorded, "constraint"));
  rs_free(recorded);
  rs_free(replayed);
  rs_free(tape);
  rs_free(one);
  rs_free(two);
  duck_remove(dir);
}

/* A load streams rows of a second engine, which is not replayed, into the recorded one. */
static void an_ingestion_is_replayed(void **state)
{
  (void)state;
  char *dir = duck_folder(), *tape = rs_mprintf("%s/tape", dir);
  struct rs_target *real = duck_target(duck_output(":memory:", NULL));
  struct rs_session *from = duck_session(real);
  for (int i = 0; i < 3; i++) { // recorded, replayed, replayed with a row too many
    struct rs_target *t = i == 0 ? recording(tape) : replay(tape);
    struct rs_session *s = duck_session(t);
    struct rs_relation stage = {.workspace = "main", .name = "__rs_load_0123abcd"};
    if (i > 0) stage.name = "__rs_load_fedc9876"; // another number of the same name
    struct rs_rows *r = duck_query(from, i < 2 ? "FROM range(3000)" : "FROM range(3001)");
    struct rs_error e = {0};
    int64_t n = 0;
    enum rs_code rc = rs_session_ingest(s, &stage, r, &n, &e);
    assert_int_equal(rc, i < 2 ? RS_OK : RS_NOT_FOUND);
    if (i < 2) assert_int_equal(n, 3000);
    else assert_non_null(strstr(e.text, "with 3000 rows, not 3001"));
    rs_rows_close(r);
    rs_session_close(s);
    rs_target_release(t);
  }
  rs_session_close(from);
  rs_target_release(real);
  rs_free(tape);
  duck_remove(dir);
}

static void fails(struct rs_session *s, const char *sql, const char *why)
{
  struct rs_error e = {0};
  struct rs_rows *r = NULL;
  struct rs_statement st = {.sql = sql};
  enum rs_code rc = rs_session_query(s, &st, &r, &e);
  while (rc == RS_OK) rc = rs_rows_next(r, &e);
  rs_rows_close(r);
  assert_int_equal(rc, RS_NOT_FOUND);
  if (strstr(e.text, why) == NULL) fail_msg("%s", e.text);
}

static void what_was_not_recorded_is_named(void **state)
{
  (void)state;
  char *dir = duck_folder(), *tape = rs_mprintf("%s/tape", dir);
  struct rs_target *t = recording(tape);
  struct rs_session *s = duck_session(t);
  assert_int_equal(duck_int(s, "SELECT 7"), 7);
  struct rs_rows *r = duck_query(s, "SELECT * FROM range(100000)");
  duck_next(r);
  rs_rows_close(r); // the rest is not wanted
  rs_session_close(s);
  rs_target_release(t);
  t = replay(tape);
  s = duck_session(t);
  fails(s, "SELECT 8", "query was not recorded: SELECT 8");
  assert_int_equal(duck_int(s, "SELECT 7"), 7);
  fails(s, "SELECT 7", "query was recorded 1 times and is asked again: SELECT 7");
  fails(s, "SELECT * FROM range(100000)", "rows only: its reader wanted no more");
  struct rs_error e = {0};
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT 7"), RS_NOT_FOUND);
  assert_non_null(strstr(e.text, "exec was not recorded: SELECT 7"));
  rs_session_close(s);
  rs_target_release(t);
  rs_free(tape);
  duck_remove(dir);
}

static void a_damaged_recording_is_refused(void **state)
{
  (void)state;
#define HEAD                                                                  \
  "{\"recording\":1,\"engine\":\"duckdb\",\"dialect\":\"duckdb\",\"caps\":1," \
  "\"request_cost\":1}\n"
#define LINE(rest) HEAD "{\"op\":\"query\",\"sql\":\"x\",\"params\":[]" rest "}\n"
  static const struct {
    const char *text, *why;
  } cases[] = {
    {"", "is empty"},
    {"no json\n", "line 1"},
    {"{\"recording\":2}\n", "line 1"},
    {HEAD "{}\n", "line 2"},
    {HEAD "\n{\"op\":\"query\",\"sql\":\"x\"}\n", "line 3"},
    {LINE(",\"columns\":[[\"a\",\"strange\",\"\"]],\"rows\":[]"), "line 2"},
    {LINE(",\"columns\":[[\"a\",\"int\",\"INT\"]],\"rows\":[[\"i1\",\"i2\"]]"), "line 2"},
    {LINE(",\"columns\":[[\"a\",\"int\",\"INT\"]],\"rows\":[[\"z\"]]"), "line 2"},
    {LINE(",\"columns\":[[\"a\",\"int\",\"INT\"]],\"rows\":[[1]]"), "line 2"},
    {LINE(",\"columns\":[[\"a\",\"bytes\",\"BLOB\"]],\"rows\":[[\"x0\"]]"), "line 2"},
    {LINE(",\"error\":{\"code\":\"strange\",\"text\":\"\"}"), "line 2"},
    {"{\"recording\":1,\"engine\":\"x\",\"dialect\":\"x\",\"caps\":1,\"request_cost\":1}\n",
     "dialect 'x'"},
  };
  char *dir = duck_folder(), *tape = rs_mprintf("%s/tape", dir);
  const struct rs_output *o = an_output();
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  assert_int_equal(rs_record_open(o, tape, &t, &e), RS_IO);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    FILE *f = fopen(tape, "w");
    fputs(cases[i].text, f);
    fclose(f);
    enum rs_code rc = rs_record_open(o, tape, &t, &e);
    if (rc != RS_INVALID && rc != RS_UNSUPPORTED) fail_msg("case %zu: %s", i, rs_code_name(rc));
    if (strstr(e.text, cases[i].why) == NULL) fail_msg("case %zu: %s", i, e.text);
  }
  rs_output_release(o);
  rs_free(tape);
  duck_remove(dir);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_session_is_replayed_without_the_engine),
    cmocka_unit_test(an_ingestion_is_replayed),
    cmocka_unit_test(what_was_not_recorded_is_named),
    cmocka_unit_test(a_damaged_recording_is_refused),
  };
  self = argv[0];
  if (argc == 4 && strcmp(argv[1], "--replay") == 0) return replay_alone(argv[2], argv[3]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
