/*
** Documents on the real DuckDB: every JSON shape, fields whose types differ, patches, statuses,
** several sessions at once, and a process that dies.
*/
#include <signal.h>
#include <sys/wait.h>
#include "src/engine/control.h"
#include "src/engine/load/load.h"
#include "src/engine/documents/internal.h"
#include "sql_fixture.h"

#define REL(w, n) (&(const struct rs_relation){.workspace = w, .name = n})
#define MAX_DOCS 16

static enum rs_code write_on(struct rs_session *s, const char *name, enum rs_write_op op,
                             const char *const *docs, size_t n, struct rs_buf *out,
                             struct rs_error *e)
{
  static const char *const names[] = {"NOT", "ADDED", "REPLACED", "PATCHED", "DELETED", "ERROR"};
  struct rs_document d[MAX_DOCS] = {0};
  struct rs_arena a;
  const char *offset = NULL;
  rs_arena_init(&a, 0);
  for (size_t i = 0; i < n; i++) d[i] = (struct rs_document){.json = docs[i], .n = strlen(docs[i])};
  enum rs_code rc = rs_session_write(s, REL("commons", name), op, d, n, &a, &offset, e);
  if (rc == RS_OK) assert_non_null(offset);
  rs_buf_clear(out);
  for (size_t i = 0; i < n; i++) {
    rs_buf_printf(out, "%s%s", i > 0 ? " " : "", names[d[i].status]);
    if (d[i].error != NULL) rs_buf_printf(out, "(%s)", d[i].error);
  }
  rs_arena_free(&a);
  return rc;
}

/* Statuses of a write, blank-parted. */
#define WRITE(f, op, ...)                               \
  write_docs(f, op, (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const char *write_docs(struct fixture *f, enum rs_write_op op, const char *const *docs,
                              size_t n)
{
  f->e = (struct rs_error){0};
  if (write_on(f->s, "t", op, docs, n, &f->got, &f->e) != RS_OK) fail_msg("%s", f->e.text);
  return rs_buf_text(&f->got);
}

static void make(struct fixture *f)
{
  expect_ok(f, rs_session_create(f->s, REL("commons", "t"), false, &f->e));
}

/* The documents as JSON, without _event_time, by _id. */
static const char *rows(struct fixture *f)
{
  return ask(f, "SELECT to_json(COLUMNS(* EXCLUDE (_event_time))) FROM commons.t ORDER BY _id");
}

static const char *types(struct fixture *f)
{
  return ask(f, "SELECT column_name || ':' || column_type FROM (DESCRIBE SELECT * EXCLUDE (_id, "
                "_event_time) FROM commons.t)");
}

/* ---- adding ---------------------------------------------------------------------------------- */

static void test_add(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD, "{\"_id\":\"a\",\"x\":1}", "{\"_id\":\"b\",\"y\":\"t\"}"),
    "ADDED ADDED");
  assert_string_equal(rows(f), "'a' 1 NULL; 'b' NULL 't'");
  // a document replaces the whole of the other one
  assert_string_equal(WRITE(f, RS_WRITE_ADD, "{\"_id\":\"a\",\"y\":\"u\"}", "{\"_id\":\"c\"}",
                            "{\"_id\":\"c\",\"x\":5}"),
                      "REPLACED ADDED REPLACED");
  assert_string_equal(rows(f), "'a' NULL 'u'; 'b' NULL 't'; 'c' 5 NULL");
  assert_string_equal(WRITE(f, RS_WRITE_DELETE, "{\"_id\":\"a\"}", "{\"_id\":\"nosuch\"}"),
                      "DELETED DELETED");
  assert_string_equal(rows(f), "'b' NULL 't'; 'c' 5 NULL");
  expect_answer(f, "SELECT count(*) FROM commons.t WHERE _event_time > now() - INTERVAL 1 DAY",
                "2");
}

static void test_made_ids(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(WRITE(f, RS_WRITE_ADD, "{\"x\":1}", "{\"x\":1}", "{\"_id\":null,\"x\":2}"),
                      "ADDED ADDED ADDED");
  expect_answer(f, "SELECT count(DISTINCT _id), min(length(_id)), count(*) FROM commons.t",
                "3 36 3");
}

static void test_event_time(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"_event_time\":1584691545374000}",
          "{\"_id\":\"2\",\"_event_time\":\"2020-01-02T03:04:05Z\"}",
          "{\"_id\":\"3\",\"_event_time\":{\"__rockset_type\":\"timestamp\",\"value\":"
          "\"2020-01-02T03:04:05.25+02:00\"}}",
          "{\"_id\":\"4\",\"_event_time\":{\"__rockset_type\":\"timestamp\",\"value\":7}}",
          "{\"_id\":\"5\",\"_event_time\":true}", "{\"_id\":\"6\",\"_event_time\":\"soon\"}"),
    "ADDED ADDED ADDED ADDED ERROR(_event_time must be a timestamp, or microseconds since 1970) "
    "ERROR(_event_time must be a timestamp, or microseconds since 1970)");
  expect_answer(f, "SELECT _id, _event_time FROM commons.t ORDER BY _id",
                "'1' '2020-03-20 08:05:45.374'; '2' '2020-01-02 03:04:05'; "
                "'3' '2020-01-02 01:04:05.25'; '4' '1970-01-01 00:00:00.000007'");
}

static void test_shapes(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD,
          "{\"_id\":\"1\",\"b\":true,\"i\":9223372036854775807,\"d\":1.5,\"s\":\"it's \\u00e9 "
          "\\\"q\\\"\",\"n\":null,\"l\":[1,2],\"e\":[],\"o\":{\"k\":{\"z\":-1}},\"p\":{}}"),
    "ADDED");
  assert_string_equal(types(f),
                      "'b:BOOLEAN'; 'i:BIGINT'; 'd:DOUBLE'; 's:VARCHAR'; 'n:VARCHAR'; "
                      "'l:BIGINT[]'; 'e:JSON[]'; 'o:STRUCT(k STRUCT(z BIGINT))'; 'p:JSON'; "
                      "'n~x:VARCHAR'");
  assert_string_equal(rows(f), "'1' true 9223372036854775807 1.5 'it's é \"q\"' NULL [1,2] [] "
                               "{\"k\":{\"z\":-1}} {} 'n'");
}

static void test_typed_values(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD,
          "{\"_id\":\"1\",\"d\":{\"__rockset_type\":\"date\",\"value\":\"2020-01-02\"},"
          "\"t\":{\"__rockset_type\":\"TIME\",\"value\":\"12:34:56.5\"},"
          "\"dt\":{\"__rockset_type\":\"datetime\",\"value\":\"2020-01-02T03:04:05\"},"
          "\"ts\":{\"__rockset_type\":\"timestamp\",\"value\":\"2020-01-02T03:04:05Z\"},"
          "\"m\":{\"__rockset_type\":\"MONTH_INTERVAL\",\"value\":40},"
          "\"u\":{\"__rockset_type\":\"MICROSECOND_INTERVAL\",\"value\":1500000},"
          "\"by\":{\"__rockset_type\":\"bytes\",\"encoding\":\"base64\",\"value\":\"AAEC\"},"
          "\"g\":{\"__rockset_type\":\"GEOGRAPHY\",\"value\":{\"type\":\"Point\",\"coordinates\":"
          "[34.0,12.5]}},\"x\":{\"__rockset_type\":\"U256\",\"value\":\"10\"},"
          "\"o\":{\"d\":{\"__rockset_type\":\"date\",\"value\":\"2020-01-02\"},\"l\":[{\"__rockset_"
          "type\":\"timestamp\",\"value\":\"2020-01-02T03:04:05Z\"}]}}"),
    "ADDED");
  assert_string_equal(types(f),
                      "'d:DATE'; 't:TIME'; 'dt:TIMESTAMP'; 'ts:TIMESTAMP WITH TIME ZONE'; "
                      "'m:INTERVAL'; 'u:INTERVAL'; 'by:BLOB'; 'g:JSON'; 'x:JSON'; "
                      "'o:STRUCT(d DATE, l TIMESTAMP WITH TIME ZONE[])'; 'm~x:VARCHAR'; "
                      "'u~x:VARCHAR'");
  expect_answer(f,
                "SELECT d, t, dt, ts, m::VARCHAR, u::VARCHAR, hex(\"by\"), g, x, o.d, o.l[1] FROM "
                "commons.t",
                "'2020-01-02' '12:34:56.5' '2020-01-02 03:04:05' '2020-01-02 03:04:05' "
                "'3 years 4 months' '00:00:01.5' '000102' "
                "{\"__rockset_type\":\"GEOGRAPHY\",\"value\":{\"type\":\"Point\",\"coordinates\":"
                "[34.0,12.5]}} {\"__rockset_type\":\"U256\",\"value\":\"10\"} '2020-01-02' "
                "'2020-01-02 03:04:05'");
}

static void test_bad_typed_values(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"d\":{\"__rockset_type\":\"date\",\"value\":\"soon\"}}",
          "{\"_id\":\"2\",\"d\":{\"__rockset_type\":\"dat\",\"value\":\"2020-01-02\"}}",
          "{\"_id\":\"3\",\"d\":{\"__rockset_type\":\"date\"}}",
          "{\"_id\":\"4\",\"d\":{\"__rockset_type\":\"bytes\",\"value\":\"AAE=\"}}",
          "{\"_id\":\"5\",\"d\":{\"__rockset_type\":\"month_interval\",\"value\":1.5}}",
          "{\"_id\":\"6\",\"d\":1}"),
    "ERROR('soon' is no DATE) ERROR(__rockset_type 'dat' is not known) "
    "ERROR(a DATE has no value) "
    "ERROR(bytes need \"encoding\":\"base64\" and a text in it) "
    "ERROR(a MONTH_INTERVAL needs a whole number) ADDED");
  assert_string_equal(rows(f), "'6' 1");
}

/* ---- types that differ ----------------------------------------------------------------------- */

static void test_mixed_scalars(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":1}", "{\"_id\":\"2\",\"x\":\"two\"}",
        "{\"_id\":\"3\",\"x\":true}", "{\"_id\":\"4\",\"x\":2.5}",
        "{\"_id\":\"5\",\"x\":{\"__rockset_type\":\"date\",\"value\":\"2020-01-02\"}}");
  assert_string_equal(types(f), "'x:UNION(bool BOOLEAN, \"int\" BIGINT, dbl DOUBLE, str VARCHAR, "
                                "date DATE)'");
  expect_answer(f, "SELECT x, CAST(union_tag(x) AS VARCHAR) FROM commons.t ORDER BY _id",
                "1 'int'; 'two' 'str'; true 'bool'; 2.5 'dbl'; '2020-01-02' 'date'");
  // bytes have no member there
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"6\",\"x\":{\"__rockset_type\":\"bytes\",\"encoding\":\"base64\",\"value\":"
        "\"aGk=\"}}");
  expect_answer(f, "SELECT x FROM commons.t WHERE _id IN ('1', '5', '6') ORDER BY _id",
                "1; {\"__rockset_type\":\"DATE\",\"value\":\"2020-01-02\"}; "
                "{\"__rockset_type\":\"BYTES\",\"encoding\":\"base64\",\"value\":\"aGk=\"}");
}

static void test_times_beside_others(void **state)
{
  struct fixture *f = *state;
  make(f);
  // of dates alone the column is one of the widest type, until there is something else
  WRITE(
    f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":{\"__rockset_type\":\"date\",\"value\":\"2020-01-02\"}}",
    "{\"_id\":\"2\",\"x\":{\"__rockset_type\":\"timestamp\",\"value\":\"2020-01-02T03:04:05Z\"}}");
  assert_string_equal(types(f), "'x:TIMESTAMP WITH TIME ZONE'; 'x~x:VARCHAR'");
  WRITE(
    f, RS_WRITE_ADD, "{\"_id\":\"3\",\"x\":7}",
    "{\"_id\":\"4\",\"x\":{\"__rockset_type\":\"time\",\"value\":\"03:04:05.5\"}}",
    "{\"_id\":\"5\",\"x\":{\"__rockset_type\":\"datetime\",\"value\":\"2020-01-02T03:04:05\"}}");
  assert_string_equal(types(f),
                      "'x:UNION(\"int\" BIGINT, dt TIMESTAMP, \"time\" TIME, ts TIMESTAMP WITH "
                      "TIME ZONE)'; 'x~x:VARCHAR'");
  expect_answer(f, "SELECT x, CAST(union_tag(x) AS VARCHAR), \"x~x\" FROM commons.t ORDER BY _id",
                "'2020-01-02 00:00:00' 'ts' 'd2020-01-02'; '2020-01-02 03:04:05' 'ts' NULL; "
                "7 'int' NULL; '03:04:05.5' 'time' NULL; '2020-01-02 03:04:05' 'dt' NULL");
}

static void test_widening(void **state)
{
  struct fixture *f = *state;
  make(f);
  run(f, "ALTER TABLE commons.t ADD COLUMN small SMALLINT");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"a\":1,\"s\":\"t\",\"small\":5}");
  // what fits changes nothing
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"2\",\"a\":null,\"s\":null,\"small\":-32768}");
  assert_string_equal(types(f),
                      "'small:SMALLINT'; 'a:BIGINT'; 's:VARCHAR'; 'a~x:VARCHAR'; 's~x:VARCHAR'");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"3\",\"a\":2.5,\"s\":3,\"small\":40000}");
  assert_string_equal(types(f),
                      "'small:BIGINT'; 'a:DOUBLE'; 's:UNION(\"int\" BIGINT, str VARCHAR)'; "
                      "'a~x:VARCHAR'; 's~x:VARCHAR'");
  expect_answer(f, "SELECT small, a, s, \"a~x\", \"s~x\" FROM commons.t ORDER BY _id",
                "5 1 't' 'i1' NULL; -32768 NULL NULL 'n' 'n'; 40000 2.5 3 NULL NULL");
  // and again: more types, an object
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"4\",\"a\":\"x\",\"s\":true,\"small\":{\"k\":1}}");
  assert_string_equal(types(f), "'small:UNION(\"int\" BIGINT, obj STRUCT(k BIGINT))'; "
                                "'a:UNION(dbl DOUBLE, str VARCHAR)'; "
                                "'s:UNION(bool BOOLEAN, \"int\" BIGINT, str VARCHAR)'; "
                                "'a~x:VARCHAR'; 's~x:VARCHAR'");
  expect_answer(f, "SELECT small, a, s FROM commons.t ORDER BY _id",
                "5 1 't'; -32768 NULL NULL; 40000 2.5 3; {\"k\":1} 'x' true");
}

/* A field that was null so far takes any type. */
static void test_null_has_no_type(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"a\":null,\"o\":{\"k\":null},\"l\":[null]}");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"2\",\"a\":1}");
  assert_string_equal(types(f), "'a:BIGINT'; 'o:JSON'; 'l:JSON[]'; 'a~x:VARCHAR'");
}

static void test_nested(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"1\",\"o\":{\"a\":1,\"t\":\"x\",\"d\":{\"__rockset_type\":\"date\",\"value\":"
        "\"2020-01-02\"}},\"l\":[{\"x\":1}]}");
  // new members, wider ones; what differs is JSON there, with each value as it was
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"2\",\"o\":{\"a\":2.5,\"t\":7,\"b c\":[true]},\"l\":[{\"y\":\"s\"},{\"x\":2}]}");
  assert_string_equal(types(f), "'o:STRUCT(a DOUBLE, t JSON, d DATE, \"b c\" BOOLEAN[])'; "
                                "'l:STRUCT(x BIGINT, y VARCHAR)[]'; 'o~x:VARCHAR'");
  expect_answer(f, "SELECT o, \"o~x\", l FROM commons.t ORDER BY _id",
                "{\"a\":1.0,\"t\":\"x\",\"d\":\"2020-01-02\",\"b c\":null} "
                "'~{\"a\":1,\"t\":\"x\",\"d\":{\"__rockset_type\":\"DATE\",\"value\":"
                "\"2020-01-02\"}}' [{\"x\":1,\"y\":null}]; "
                "{\"a\":2.5,\"t\":7,\"d\":null,\"b c\":[true]} NULL "
                "[{\"x\":null,\"y\":\"s\"},{\"x\":2,\"y\":null}]");
  // objects and something else
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"3\",\"o\":5,\"l\":\"no list\"}");
  assert_string_equal(types(f),
                      "'o:UNION(\"int\" BIGINT, obj STRUCT(a DOUBLE, t JSON, d DATE, \"b c\" "
                      "BOOLEAN[]))'; 'l:UNION(str VARCHAR, arr STRUCT(x BIGINT, y VARCHAR)[])'; "
                      "'o~x:VARCHAR'");
  expect_answer(f, "SELECT union_extract(o, 'obj').t, l FROM commons.t WHERE _id < '2'",
                "'x' [{\"x\":1,\"y\":null}]");
  // arrays of several types, of arrays
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"4\",\"m\":[1,\"a\",{\"k\":2}],\"n\":[[1],[2.5]]}");
  expect_answer(f, "SELECT m, n, typeof(n) FROM commons.t WHERE _id = '4'",
                "[1,\"a\",{\"k\":2}] [[1.0],[2.5]] 'DOUBLE[][]'");
}

/* Arrays and objects beside other values keep their types, which grow as those of a column do. */
static void test_nested_beside_others(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"o\":{\"a\":1}}", "{\"_id\":\"2\",\"o\":\"x\"}");
  assert_string_equal(types(f), "'o:UNION(str VARCHAR, obj STRUCT(a BIGINT))'");
  // a member, a kind, an array; an int among floats is told by the sidecar
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"3\",\"o\":{\"a\":2.5,\"b\":\"y\"}}",
        "{\"_id\":\"4\",\"o\":true}", "{\"_id\":\"5\",\"o\":[1,2]}", "{\"_id\":\"6\"}");
  assert_string_equal(types(f), "'o:UNION(bool BOOLEAN, str VARCHAR, arr BIGINT[], obj STRUCT(a "
                                "DOUBLE, b VARCHAR))'; 'o~x:VARCHAR'");
  expect_answer(f, "SELECT CAST(union_tag(o) AS VARCHAR), o, \"o~x\" FROM commons.t ORDER BY _id",
                "'obj' {\"a\":1.0,\"b\":null} '~{\"a\":1}'; 'str' 'x' NULL; "
                "'obj' {\"a\":2.5,\"b\":\"y\"} NULL; 'bool' true NULL; 'arr' [1,2] NULL; "
                "NULL NULL NULL");
  // what a UNION can't have makes it JSON, without members that were not there
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"7\",\"o\":{\"__rockset_type\":\"date\",\"value\":\"2020-01-02\"}}");
  assert_string_equal(types(f), "'o:UNION(bool BOOLEAN, str VARCHAR, arr BIGINT[], obj STRUCT(a "
                                "DOUBLE, b VARCHAR), date DATE)'; 'o~x:VARCHAR'");
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"8\",\"o\":{\"__rockset_type\":\"month_interval\",\"value\":3}}");
  assert_string_equal(types(f), "'o:UNION(bool BOOLEAN, str VARCHAR, arr BIGINT[], obj STRUCT(a "
                                "DOUBLE, b VARCHAR), date DATE, mon INTERVAL)'; 'o~x:VARCHAR'");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"9\",\"o\":{\"__rockset_type\":\"u256\",\"value\":\"3\"}}");
  assert_string_equal(types(f), "'o:JSON'; 'o~x:VARCHAR'");
  expect_answer(f, "SELECT o FROM commons.t WHERE _id IN ('1', '2', '5', '7') ORDER BY _id",
                "{\"a\":1.0}; 'x'; [1,2]; {\"__rockset_type\":\"DATE\",\"value\":\"2020-01-02\"}");
}

/* Inside JSON a typed value stays one. */
static void test_typed_in_json(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD,
        "{\"_id\":\"1\",\"m\":[1,{\"__rockset_type\":\"date\",\"value\":\"2020-1-2\"}]}");
  expect_answer(f, "SELECT m[2]->>'$.__rockset_type' FROM commons.t", "'DATE'");
}

static void test_case(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"a\":1}", "{\"_id\":\"2\",\"A\":2}",
        "{\"_id\":\"3\",\"a\":3,\"A\":4,\"_ID\":5}", "{\"_id\":\"4\",\"o\":{\"k\":1,\"K\":2}}");
  assert_string_equal(types(f), "'a:BIGINT'; 'A~n1:BIGINT'; '_ID~n6:BIGINT'; 'o:JSON'");
  expect_answer(f, "SELECT _id, a, \"A~n1\", \"_ID~n6\" FROM commons.t ORDER BY _id",
                "'1' 1 NULL NULL; '2' NULL 2 NULL; '3' 3 4 5; '4' NULL NULL NULL");
  // what is called as a column with a mark is a field of its own, and so is a number behind a name
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"5\",\"A~n1\":6,\"A_1\":7}");
  expect_answer(f, "SELECT \"A~n1~n1\", \"A_1\", \"A~n1\" FROM commons.t WHERE _id = '5'",
                "6 7 NULL");
  WRITE(f, RS_WRITE_PATCH,
        "{\"_id\":\"1\",\"patch\":[{\"op\":\"move\",\"from\":\"/a\",\"path\":\"/A\"}]}");
  expect_answer(f, "SELECT a, \"A~n1\" FROM commons.t WHERE _id = '1'", "NULL 1");
}

/* Names that a statement could stumble over, and repeated ones. */
static void test_names(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD,
          "{\"_id\":\"1\",\"a\\\"b\":1,\"c'd\":{\"e'f\\\"g\":2},\"select\":3,\"x\":1,\"x\":2,"
          "\"_meta\":{\"no\":1},\"rowid\":4,\"é ü\":5,\"$1\":6}"),
    "ADDED");
  expect_answer(f,
                "SELECT \"a\"\"b\", \"c'd\", \"select\", x, \"rowid\", \"é ü\", \"$1\" FROM "
                "commons.t",
                "1 {\"e'f\\\"g\":2} 3 2 4 5 6");
}

/* ---- what is refused ------------------------------------------------------------------------- */

static char *nested(size_t depth)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "{\"_id\":\"n\",\"x\":");
  for (size_t i = 0; i < depth; i++) rs_buf_char(&b, '[');
  for (size_t i = 0; i < depth; i++) rs_buf_char(&b, ']');
  rs_buf_char(&b, '}');
  return rs_buf_take(&b);
}

static void test_refused(void **state)
{
  struct fixture *f = *state;
  make(f);
  assert_string_equal(
    WRITE(f, RS_WRITE_ADD, "{\"_id\":5}", "[1]", "{", "{\"_id\":\"ok\"}", "{\"\":1}",
          "{\"a\\u0000b\":1}", "{\"x\":1e999}", "7", ""),
    "ERROR(_id must be a string) ERROR(a document must be a JSON object) "
    "ERROR(not valid JSON: a name in quotes is expected at byte 2) ADDED "
    "ERROR(a field's name is empty) ERROR(a field name holds a NUL character) "
    "ERROR(the number 1e999 is too large) ERROR(a document must be a JSON object) "
    "ERROR(not valid JSON: a value is expected at byte 1)");
  char *deep = nested(29), *deeper = nested(30);
  assert_string_equal(WRITE(f, RS_WRITE_ADD, deep, deeper),
                      "ADDED ERROR(it is nested deeper than 30 levels)");
  rs_free(deep);
  rs_free(deeper);
  assert_string_equal(WRITE(f, RS_WRITE_DELETE, "{\"x\":1}", "{\"_id\":\"ok\"}"),
                      "ERROR(_id is missing) DELETED");
}

static void test_not_a_collection(void **state)
{
  struct fixture *f = *state;
  static const char *const docs[] = {"{\"_id\":\"1\"}"}, *const bad[] = {"5"};
  expect_error(f, write_on(f->s, "t", RS_WRITE_ADD, docs, 1, &f->got, &f->e), RS_NOT_FOUND,
               "collection 'commons.t' does not exist");
  assert_string_equal(rs_buf_text(&f->got), "NOT");
  make(f);
  run(f, "CREATE VIEW commons.v AS SELECT 1 AS x");
  expect_error(f, write_on(f->s, "v", RS_WRITE_ADD, docs, 1, &f->got, &f->e), RS_INVALID,
               "is a view");
  // a session that has written to a table notices that it is gone, or something else
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\"}");
  run(f, "DROP TABLE commons.t");
  expect_error(f, write_on(f->s, "t", RS_WRITE_ADD, docs, 1, &f->got, &f->e), RS_NOT_FOUND,
               "collection 'commons.t' does not exist");
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\"}");
  run(f, "DROP TABLE commons.t");
  run(f, "CREATE VIEW commons.t AS SELECT 'x' AS _id, now()::TIMESTAMP AS _event_time");
  expect_error(f, write_on(f->s, "t", RS_WRITE_ADD, docs, 1, &f->got, &f->e), RS_INVALID,
               "is a view");
  expect_ok(f, write_on(f->s, "t", RS_WRITE_ADD, bad, 1, &f->got, &f->e));
}

static void test_alias(void **state)
{
  struct fixture *f = *state;
  static const char *const docs[] = {"{\"_id\":\"1\",\"x\":1}"};
  make(f);
  const char *const to[] = {"commons.t"};
  const struct rs_alias alias = {
    .workspace = "commons", .name = "now", .collections = to, .ncollections = 1};
  expect_ok(f, rs_session_put_alias(f->s, &alias, RS_PUT_CREATE, &f->e));
  expect_ok(f, write_on(f->s, "now", RS_WRITE_ADD, docs, 1, &f->got, &f->e));
  assert_string_equal(rows(f), "'1' 1");
}

/* A table of a model has no _id yet. */
static void test_table_without_id(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.t AS SELECT 1 AS x");
  assert_string_equal(WRITE(f, RS_WRITE_ADD, "{\"_id\":\"a\",\"x\":2}"), "ADDED");
  expect_answer(f, "SELECT x, _id FROM commons.t ORDER BY x", "1 NULL; 2 'a'");
  run(f, "CREATE OR REPLACE TABLE commons.t AS SELECT 7 AS _id, 1 AS x");
  assert_string_equal(WRITE(f, RS_WRITE_ADD, "{\"_id\":\"7\",\"x\":2}"), "REPLACED");
  expect_answer(f, "SELECT _id, x FROM commons.t", "'7' 2");
}

/* ---- patches --------------------------------------------------------------------------------- */

#define PATCH(f, ops) WRITE(f, RS_WRITE_PATCH, "{\"_id\":\"1\",\"patch\":[" ops "]}")

static void test_patch(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(
    f, RS_WRITE_ADD,
    "{\"_id\":\"1\",\"i\":9223372036854775806,\"s\":\"x\",\"o\":{\"k\":1,\"d\":{\"__rockset_type"
    "\":\"date\",\"value\":\"2020-01-02\"}},\"l\":[1,2,3],\"d\":{\"__rockset_type\":\"date\","
    "\"value\":\"2020-01-02\"},\"f\":1.5}");
  assert_string_equal(
    PATCH(f, "{\"op\":\"INCREMENT\",\"path\":\"/i\",\"value\":1},"
             "{\"op\":\"add\",\"path\":\"/new\",\"value\":{\"a\":1}},"
             "{\"op\":\"REPLACE\",\"path\":\"/s\",\"value\":\"y\",\"from\":null},"
             "{\"op\":\"ADD\",\"path\":\"/l/1\",\"value\":9},{\"op\":\"add\",\"path\":\"/l/-\","
             "\"value\":4},{\"op\":\"remove\",\"path\":\"/l/0\"},"
             "{\"op\":\"COPY\",\"path\":\"/o/c\",\"from\":\"/l/0\"},"
             "{\"op\":\"MOVE\",\"path\":\"/moved\",\"from\":\"/f\"},"
             "{\"op\":\"TEST\",\"path\":\"/d\",\"value\":{\"__rockset_type\":\"date\",\"value\":"
             "\"2020-01-02\"}}"),
    "PATCHED");
  assert_string_equal(types(f), "'i:BIGINT'; 's:VARCHAR'; 'o:STRUCT(k BIGINT, d DATE, c BIGINT)'; "
                                "'l:BIGINT[]'; 'd:DATE'; 'f:DOUBLE'; 'new:STRUCT(a BIGINT)'; "
                                "'moved:DOUBLE'");
  assert_string_equal(rows(f), "'1' 9223372036854775807 'y' "
                               "{\"k\":1,\"d\":\"2020-01-02\",\"c\":9} [9,2,3,4] "
                               "'2020-01-02' NULL {\"a\":1} 1.5");
}

/* All operations of a patch or none; the other documents of the call don't mind. */
static void test_patch_is_atomic(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":1}", "{\"_id\":\"2\",\"x\":2}");
  assert_string_equal(
    WRITE(f, RS_WRITE_PATCH,
          "{\"_id\":\"1\",\"patch\":[{\"op\":\"replace\",\"path\":\"/x\",\"value\":5},{\"op\":"
          "\"test\",\"path\":\"/x\",\"value\":6}]}",
          "{\"_id\":\"2\",\"patch\":[{\"op\":\"increment\",\"path\":\"/x\",\"value\":5}]}",
          "{\"_id\":\"2\",\"patch\":[{\"op\":\"increment\",\"path\":\"/x\",\"value\":0.5}]}",
          "{\"_id\":\"nosuch\",\"patch\":[]}"),
    "ERROR(operation 2: test of '/x' failed) PATCHED PATCHED "
    "ERROR(there is no document of this _id)");
  assert_string_equal(rows(f), "'1' 1 'i1'; '2' 7.5 NULL");
}

static void test_patch_refused(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":9223372036854775807,\"s\":\"t\",\"o\":{\"k\":1}}");
  assert_string_equal(PATCH(f, "{\"op\":\"replace\",\"path\":\"/_id\",\"value\":5}"),
                      "ERROR(_id can't be changed)");
  assert_string_equal(PATCH(f, "{\"op\":\"replace\",\"path\":\"\",\"value\":5}"),
                      "ERROR(operation 1: a document must be a JSON object)");
  assert_string_equal(PATCH(f, "{\"op\":\"replace\",\"path\":\"/nosuch\",\"value\":5}"),
                      "ERROR(operation 1: path '/nosuch' does not exist)");
  assert_string_equal(PATCH(f, "{\"op\":\"increment\",\"path\":\"/x\",\"value\":1}"),
                      "ERROR(operation 1: the sum is beyond 64 bits)");
  assert_string_equal(PATCH(f, "{\"op\":\"increment\",\"path\":\"/s\",\"value\":1}"),
                      "ERROR(operation 1: an increment needs numbers)");
  assert_string_equal(PATCH(f, "{\"op\":\"frob\",\"path\":\"/s\"}"),
                      "ERROR(operation 1: operation 'frob' is not known)");
  assert_string_equal(PATCH(f, "{\"op\":\"add\",\"path\":\"/s\"}"),
                      "ERROR(operation 1: ADD needs a value)");
  assert_string_equal(PATCH(f, "{\"op\":\"move\",\"path\":\"/o/k/z\",\"from\":\"/o\"}"),
                      "ERROR(operation 1: a value can't be moved into itself)");
  assert_string_equal(PATCH(f, "{\"op\":\"copy\",\"path\":\"/s\"}"),
                      "ERROR(operation 1: an operation needs 'from', a path that is empty or "
                      "begins with /)");
  assert_string_equal(PATCH(f, "5"),
                      "ERROR(an operation needs 'path', a path that is empty or begins with /)");
  assert_string_equal(WRITE(f, RS_WRITE_PATCH, "{\"_id\":\"1\"}"),
                      "ERROR('patch' must be an array of operations)");
  assert_string_equal(rows(f), "'1' 9223372036854775807 't' {\"k\":1}");
}

/* The path "" is the document itself. */
static void test_patch_whole(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"a\":1,\"b\":\"x\"}",
        "{\"_id\":\"2\",\"a\":2,\"c\":{\"d\":3}}");
  assert_string_equal(
    PATCH(f, "{\"op\":\"test\",\"path\":\"\",\"value\":{\"b\":\"x\",\"a\":1}},"
             "{\"op\":\"test\",\"path\":\"\",\"value\":{\"_id\":\"1\",\"b\":\"x\","
             "\"a\":1,\"c\":null}},"
             "{\"op\":\"replace\",\"path\":\"\",\"value\":{\"B\":\"y\",\"new\":true}},"
             "{\"op\":\"test\",\"path\":\"\",\"value\":{\"B\":\"y\",\"new\":true}},"
             "{\"op\":\"copy\",\"path\":\"/was\",\"from\":\"\"}"),
    "PATCHED");
  assert_string_equal(rows(f), "'1' NULL NULL NULL {\"B\":\"y\",\"new\":true,\"_id\":\"1\"} 'y' "
                               "true; '2' 2 NULL {\"d\":3} NULL NULL NULL");
  // one document's new fields are none of the other's, whose own come from within it
  assert_string_equal(
    WRITE(f, RS_WRITE_PATCH, "{\"_id\":\"1\",\"patch\":[{\"op\":\"remove\",\"path\":\"/was\"}]}",
          "{\"_id\":\"2\",\"patch\":[{\"op\":\"move\",\"path\":\"\",\"from\":\"/c\"},"
          "{\"op\":\"add\",\"path\":\"/e\",\"value\":5}]}"),
    "PATCHED PATCHED");
  expect_answer(
    f, "SELECT * EXCLUDE (_event_time) FROM commons.t ORDER BY _id",
    "'1' NULL NULL NULL NULL 'y' true NULL NULL; '2' NULL NULL NULL NULL NULL NULL 5 3");
}

static void test_patch_whole_refused(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"a\":1,\"o\":{\"_id\":\"2\"}}");
  assert_string_equal(PATCH(f, "{\"op\":\"remove\",\"path\":\"\"}"),
                      "ERROR(operation 1: a patch can't remove the whole document: DELETE it)");
  assert_string_equal(PATCH(f, "{\"op\":\"add\",\"path\":\"\",\"value\":{\"_id\":\"2\"}}"),
                      "ERROR(operation 1: _id can't be changed)");
  assert_string_equal(PATCH(f, "{\"op\":\"copy\",\"path\":\"\",\"from\":\"/o\"}"),
                      "ERROR(operation 1: _id can't be changed)");
  assert_string_equal(PATCH(f, "{\"op\":\"copy\",\"path\":\"\",\"from\":\"/a\"}"),
                      "ERROR(operation 1: a document must be a JSON object)");
  assert_string_equal(PATCH(f, "{\"op\":\"add\",\"path\":\"\",\"value\":{\"_event_time\":5}}"),
                      "ERROR(operation 1: _event_time can't be changed)");
  assert_string_equal(PATCH(f, "{\"op\":\"move\",\"path\":\"/a\",\"from\":\"\"}"),
                      "ERROR(operation 1: a value can't be moved into itself)");
  assert_string_equal(PATCH(f, "{\"op\":\"increment\",\"path\":\"\",\"value\":1}"),
                      "ERROR(operation 1: an increment needs numbers)");
  assert_string_equal(PATCH(f, "{\"op\":\"add\",\"path\":\"/n\",\"value\":1},"
                               "{\"op\":\"test\",\"path\":\"\",\"value\":{\"a\":1}}"),
                      "ERROR(operation 2: test of '' failed)");
  assert_string_equal(rows(f), "'1' 1 {\"_id\":\"2\"}");
}

/* Columns that a patch does not name keep types that JSON has no word for. */
static void test_patch_leaves_others(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.t AS SELECT '1' AS _id, now()::TIMESTAMP AS _event_time, "
         "1.25::DECIMAL(10,2) AS d, '\\xAA'::BLOB AS b, MAP {1: 'a'} AS m, 5 AS x, "
         "'2020-01-02 03:04:05+00'::TIMESTAMPTZ AS z");
  assert_string_equal(PATCH(f, "{\"op\":\"replace\",\"path\":\"/x\",\"value\":6}"), "PATCHED");
  expect_answer(f, "SELECT typeof(d), hex(b), typeof(m), x, z FROM commons.t",
                "'DECIMAL(10,2)' 'AA' 'MAP(INTEGER, VARCHAR)' 6 '2020-01-02 03:04:05'");
  assert_string_equal(PATCH(f, "{\"op\":\"copy\",\"from\":\"/z\",\"path\":\"/y\"},"
                               "{\"op\":\"copy\",\"from\":\"/b\",\"path\":\"/c\"}"),
                      "PATCHED");
  expect_answer(f, "SELECT y = z, c = b FROM commons.t", "true true");
}

/* ---- many ------------------------------------------------------------------------------------ */

static double milliseconds(int64_t since_us)
{
  return (double)(rs_now_us() - since_us) / 1000.0;
}

/* Generous bounds: the machine is shared, and the sanitizers are slow. */
static void test_speed(void **state)
{
  enum { N = 10000 };
  struct fixture *f = *state;
  struct rs_document *docs = rs_calloc(N, sizeof *docs);
  struct rs_arena a;
  make(f);
  for (int round = 0; round < 3; round++) {
    rs_arena_init(&a, 0);
    for (int i = 0; i < N; i++) {
      docs[i].json = rs_arena_printf(
        &a,
        "{\"_id\":\"id%d\",\"n\":%d,\"text\":\"some text %d\",\"f\":%d.5,\"l\":[1,%d],\"o\":{\"k\":"
        "%d},\"b\":true}",
        i + round * N / 2, i, i, i, i, i);
      docs[i].n = strlen(docs[i].json);
    }
    int64_t start = rs_now_us();
    expect_ok(f,
              rs_session_write(f->s, REL("commons", "t"), RS_WRITE_ADD, docs, N, &a, NULL, &f->e));
    print_message("# 10,000 documents, round %d: %.0f ms\n", round, milliseconds(start));
    assert_true(milliseconds(start) < 10000);
    assert_int_equal(docs[N - 1].status, RS_WRITTEN_ADDED);
    assert_int_equal(docs[0].status, round == 0 ? RS_WRITTEN_ADDED : RS_WRITTEN_REPLACED);
    rs_arena_free(&a);
  }
  expect_answer(f, "SELECT count(*), count(DISTINCT _id) FROM commons.t", "20000 20000");
  double best = 1e9;
  for (int i = 0; i < 30; i++) {
    char text[100];
    (void)snprintf(text, sizeof text, "{\"_id\":\"id%d\",\"n\":7,\"text\":\"t\"}", i);
    int64_t start = rs_now_us();
    WRITE(f, RS_WRITE_ADD, text);
    if (milliseconds(start) < best) best = milliseconds(start);
  }
  print_message("# one document among 20,000: %.2f ms at best\n", best);
  assert_true(best < 500);
  rs_free(docs);
}

struct writer {
  struct rs_target *t;
  int number, failed;
  char text[200];
};

static void *write_some(void *arg)
{
  struct writer *w = arg;
  struct rs_session *s = open_session(w->t);
  struct rs_buf got;
  rs_buf_init(&got, 1 << 20);
  for (int i = 0; i < 20; i++) {
    struct rs_error e = {0};
    char text[120];
    // each brings a field of its own, and all of them mix the type of one
    (void)snprintf(text, sizeof text, "{\"_id\":\"%d-%d\",\"f%d\":1,\"shared\":%s}", w->number, i,
                   w->number, w->number % 2 ? "1" : "\"text\"");
    const char *doc = text;
    if (write_on(s, "t", RS_WRITE_ADD, &doc, 1, &got, &e) != RS_OK) {
      w->failed++;
      (void)snprintf(w->text, sizeof w->text, "%.190s", e.text);
    }
  }
  rs_buf_free(&got);
  rs_session_close(s);
  return NULL;
}

static void test_concurrent(void **state)
{
  struct fixture *f = *state;
  struct writer w[4];
  pthread_t threads[4];
  make(f);
  for (int i = 0; i < 4; i++) {
    w[i] = (struct writer){.t = f->t, .number = i};
    assert_true(rs_thread_start(&threads[i], write_some, &w[i]));
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    if (w[i].failed > 0) fail_msg("%s", w[i].text);
  }
  expect_answer(f, "SELECT count(*), sum(f0), sum(f3), typeof(any_value(shared)) FROM commons.t",
                "80 20 20 'UNION(\"int\" BIGINT, str VARCHAR)'");
}

static void test_in_callers_transaction(void **state)
{
  struct fixture *f = *state;
  make(f);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":1}");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":\"t\",\"y\":1}");
  assert_string_equal(PATCH(f, "{\"op\":\"replace\",\"path\":\"/y\",\"value\":\"z\"}"), "PATCHED");
  assert_string_equal(rows(f), "'1' {\"str\":\"t\"} {\"str\":\"z\"}");
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  expect_answer(f, "SELECT count(*) FROM commons.t", "0");
}

/* DuckDB commits no change of columns behind a change of old rows: it says so, and nothing is lost.
** Within one call columns come first. */
static void test_columns_behind_rows(void **state)
{
  struct fixture *f = *state;
  make(f);
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"1\",\"x\":1}", "{\"_id\":\"2\",\"x\":2}");
  expect_ok(f, rs_session_begin(f->s, &f->e));
  WRITE(f, RS_WRITE_DELETE, "{\"_id\":\"2\"}");
  WRITE(f, RS_WRITE_ADD, "{\"_id\":\"4\",\"y\":1}");
  assert_int_not_equal(rs_session_end(f->s, true, &f->e), RS_OK);
  assert_string_equal(rows(f), "'1' 1; '2' 2");
  assert_string_equal(WRITE(f, RS_WRITE_ADD, "{\"_id\":\"2\",\"y\":1}"), "REPLACED");
  assert_string_equal(rows(f), "'1' 1 NULL; '2' NULL 1");
}

/* ---- crash ----------------------------------------------------------------------------------- */

/* Writes documents for ever, and tells each one that is written. */
static void child(const char *path, int out)
{
  struct rs_target *t = open_target(path);
  struct rs_session *s = open_session(t);
  struct rs_buf got;
  rs_buf_init(&got, 1 << 20);
  for (int i = 0;; i++) {
    struct rs_error e = {0};
    char text[80];
    (void)snprintf(text, sizeof text, "{\"_id\":\"%d\",\"f%d\":1,\"x\":%d}", i, i % 7, i);
    const char *doc = text;
    if (write_on(s, "t", RS_WRITE_ADD, &doc, 1, &got, &e) != RS_OK) _exit(1);
    if (write(out, &i, sizeof i) != sizeof i) _exit(2);
  }
}

static void test_crash(void **state)
{
  struct fixture *f = *state;
  int fds[2], last = -1, i;
  make(f);
  // the child opens the file alone
  rs_session_close(f->s);
  rs_target_release(f->t);
  assert_int_equal(pipe(fds), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    close(fds[0]);
    child(f->path, fds[1]);
  }
  close(fds[1]);
  while (last < 20 && read(fds[0], &i, sizeof i) == sizeof i) last = i;
  kill(pid, SIGKILL);
  while (read(fds[0], &i, sizeof i) == sizeof i) last = i;
  close(fds[0]);
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_true(last >= 20);
  f->t = open_target(f->path);
  f->s = open_session(f->t);
  char sql[120], want[40];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM commons.t WHERE x <= %d", last);
  (void)snprintf(want, sizeof want, "%d", last + 1);
  expect_answer(f, sql, want);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, in_memory, fixture_close)
#define IN_FILE(t) cmocka_unit_test_setup_teardown(t, in_file, fixture_close)

int main(void)
{
  const struct CMUnitTest tests[] = {
    IN_MEMORY(test_add),
    IN_MEMORY(test_made_ids),
    IN_MEMORY(test_event_time),
    IN_MEMORY(test_shapes),
    IN_MEMORY(test_typed_values),
    IN_MEMORY(test_bad_typed_values),
    IN_MEMORY(test_mixed_scalars),
    IN_MEMORY(test_times_beside_others),
    IN_MEMORY(test_widening),
    IN_MEMORY(test_null_has_no_type),
    IN_MEMORY(test_nested),
    IN_MEMORY(test_nested_beside_others),
    IN_MEMORY(test_typed_in_json),
    IN_MEMORY(test_case),
    IN_MEMORY(test_names),
    IN_MEMORY(test_refused),
    IN_MEMORY(test_not_a_collection),
    IN_MEMORY(test_alias),
    IN_MEMORY(test_table_without_id),
    IN_MEMORY(test_patch),
    IN_MEMORY(test_patch_is_atomic),
    IN_MEMORY(test_patch_refused),
    IN_MEMORY(test_patch_whole),
    IN_MEMORY(test_patch_whole_refused),
    IN_MEMORY(test_patch_leaves_others),
    IN_FILE(test_speed),
    IN_FILE(test_concurrent),
    IN_MEMORY(test_in_callers_transaction),
    IN_FILE(test_columns_behind_rows),
    IN_FILE(test_crash),
  };
  if (!have_library()) return 0;
  int failed = cmocka_run_group_tests_name("few", tests, NULL, NULL);
  // once more as if all these were many: by way of a stage
  rs_doc_stage_from = 1;
  return failed + cmocka_run_group_tests_name("many", tests, NULL, NULL);
}
