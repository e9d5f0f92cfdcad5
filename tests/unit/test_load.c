/*
** Loading files on the real DuckDB: formats, types of mixed values, ids, modes, failures.
** The vega-datasets files are used where $RS_DATA (or the place of `make deps`) has them.
*/
#include <sys/resource.h>
#include <sys/stat.h>
#include "sql_fixture.h"

#define REL(w, n) (&(const struct rs_relation){.workspace = w, .name = n})

static char folder[] = "/tmp/rs-load-XXXXXX";

static const char *path_of(const char *name)
{
  static char path[4][256];
  static unsigned at;
  char *p = path[at++ % 4];
  (void)snprintf(p, sizeof path[0], "%s/%s", folder, name);
  return p;
}

static const char *put(const char *name, const char *text)
{
  const char *path = path_of(name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  (void)fclose(file);
  return path;
}

static enum rs_code load_with(struct fixture *f, const char *path, const char *mode,
                              const char *format, const char *id, int64_t *rows)
{
  const struct rs_load l = {.path = path, .mode = mode, .format = format, .id_field = id};
  f->e = (struct rs_error){0};
  return rs_session_load(f->s, REL("c", "t"), &l, rows, &f->e);
}

static enum rs_code load(struct fixture *f, const char *path, const char *mode)
{
  return load_with(f, path, mode, NULL, NULL, NULL);
}

static const char *types(struct fixture *f)
{
  return ask(f, "SELECT string_agg(column_name || ' ' || column_type, ', ') FROM "
                "(DESCRIBE SELECT * EXCLUDE (_id, _event_time) FROM c.t)");
}

#define LOADED "SELECT * EXCLUDE (_id, _event_time) FROM c.t"

/* ---- formats --------------------------------------------------------------------------------- */

static void test_json(void **state)
{
  struct fixture *f = *state;
  int64_t rows = -2;
  expect_ok(f, load_with(f, put("a.json", "[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":null}]"), NULL,
                         NULL, NULL, &rows));
  assert_int_equal(rows, 2);
  expect_answer(f, LOADED " ORDER BY a", "1 'x'; 2 NULL");
  expect_answer(f, "SELECT count(DISTINCT _id), count(_event_time) FROM c.t", "2 2");
  expect_answer(f, "SELECT string_agg(column_name, ',') FROM (DESCRIBE c.t)",
                "'_id,_event_time,a,b'");
  // lines of objects under the same ending
  expect_ok(f, load(f, put("b.json", "{\"a\":3}\n{\"a\":4.5}\n"), "replace"));
  expect_answer(f, LOADED " ORDER BY a", "3; 4.5");
  expect_ok(f, load(f, put("c.ndjson", "{\"a\":true}\n\n{\"a\":false}"), "replace"));
  expect_answer(f, LOADED " ORDER BY a", "false; true");
  expect_ok(f, load_with(f, put("noending", "{\"a\":1}"), "replace", "ndjson", NULL, NULL));
  expect_answer(f, LOADED, "1");
}

static void test_csv_and_tsv(void **state)
{
  struct fixture *f = *state;
  expect_ok(f, load(f, put("a.csv", "n,s,d\n1,\"x, y\",2024-02-29\n2,,2024-03-01\n"), "create"));
  expect_answer(f, LOADED " ORDER BY n", "1 'x, y' '2024-02-29'; 2 NULL '2024-03-01'");
  expect_ok(f, load(f, put("b.tsv", "n\ts\n1.5\ta,b\n"), "replace"));
  expect_answer(f, LOADED, "1.5 'a,b'");
}

static void write_with_duckdb(const char *sql)
{
  // gzip and parquet files: the engine writes them, in a target that may
  char text[600];
  (void)snprintf(text, sizeof text, "%s", sql);
  struct rs_output *o = rs_output_new();
  struct rs_field *fields = rs_arena_calloc(rs_output_arena(o), 2 * sizeof *fields);
  fields[0] = (struct rs_field){"path", RS_FIELD_TEXT, false, ":memory:", 0};
  fields[1] = (struct rs_field){"allow_external_access", RS_FIELD_BOOL, false, "true", 1};
  o->type = "duckdb";
  o->profile_name = o->target_name = "writer";
  o->workspace = "commons";
  o->source = o->found = "";
  o->fields = fields;
  o->nfields = 2;
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  if (rs_target_open(o, &t, &e)) fail_msg("%s", e.text);
  rs_output_release(o);
  struct rs_session *s = open_session(t);
  run_on(s, text);
  rs_session_close(s);
  rs_target_release(t);
}

static void test_gzip_and_parquet(void **state)
{
  struct fixture *f = *state;
  char sql[400];
  (void)snprintf(sql, sizeof sql, "COPY (SELECT 7 AS a) TO '%s' (FORMAT csv)", path_of("z.csv.gz"));
  write_with_duckdb(sql);
  expect_ok(f, load(f, path_of("z.csv.gz"), "create"));
  expect_answer(f, LOADED, "7");
  (void)snprintf(sql, sizeof sql, "COPY (SELECT 8 AS a) TO '%s' (FORMAT json)",
                 path_of("z.json.gz"));
  write_with_duckdb(sql);
  expect_ok(f, load(f, path_of("z.json.gz"), "replace"));
  expect_answer(f, LOADED, "8");
  (void)snprintf(sql, sizeof sql,
                 "COPY (SELECT 9::UTINYINT AS a, {'x': [1.5::DECIMAL(4,2)]} AS s, "
                 "TIMESTAMP '2024-01-02 03:04:05.6' AS t, 'b'::BLOB AS b, 170::HUGEINT AS h,"
                 " MAP {'k': 1} AS m, uuid() AS u) TO '%s' (FORMAT parquet)",
                 path_of("z.parquet"));
  write_with_duckdb(sql);
  expect_ok(f, load(f, path_of("z.parquet"), "replace"));
  assert_string_equal(types(f), "'a UTINYINT, s STRUCT(x DECIMAL(4,2)[]), t TIMESTAMP, b BLOB, "
                                "h DOUBLE, m MAP(VARCHAR, INTEGER), u UUID'");
}

static void test_globs_and_names(void **state)
{
  struct fixture *f = *state;
  int64_t rows;
  put("g1.json", "[{\"a\":1}]");
  put("g2.json", "[{\"a\":2,\"b\":\"x\"}]");
  expect_ok(f, load_with(f, path_of("g*.json"), NULL, NULL, NULL, &rows));
  assert_int_equal(rows, 2);
  expect_answer(f, LOADED " ORDER BY a", "1 NULL; 2 'x'");
  // a file of exactly this name is no pattern; quotes are only characters
  put("o'[g]*.json", "[{\"a\":10}]");
  put("o'gx.json", "[{\"a\":11}]");
  expect_ok(f, load(f, path_of("o'[g]*.json"), "replace"));
  expect_answer(f, LOADED, "10");
  expect_ok(f, load(f, put("'; DROP TABLE c.t; --.csv", "a\n5\n"), "replace"));
  expect_answer(f, LOADED, "5");
}

static void test_nothing_in_it(void **state)
{
  struct fixture *f = *state;
  static const char *const files[][2] = {
    {"e.json", ""}, {"f.json", "[]"}, {"e.ndjson", "\n"}, {"e.csv", ""}, {"e.tsv", ""}};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    int64_t rows = -2;
    expect_ok(f, load_with(f, put(files[i][0], files[i][1]), "replace", NULL, NULL, &rows));
    assert_int_equal(rows, 0);
    expect_answer(f, "SELECT string_agg(column_name, ',') FROM (DESCRIBE c.t)",
                  "'_id,_event_time'");
  }
  expect_ok(f, load(f, put("h.csv", "a,b\n"), "replace"));
  expect_answer(f, "SELECT string_agg(column_name, ',') FROM (DESCRIBE c.t)",
                "'_id,_event_time,a,b'");
  expect_ok(f, load(f, put("i.json", "[{\"a\":1}]"), "append"));
  expect_answer(f, "SELECT a, b FROM c.t", "1 NULL");
  assert_string_equal(types(f), "'a BIGINT, b VARCHAR'"); // no text was ever in it
}

/* ---- types ----------------------------------------------------------------------------------- */

static void test_mixed(void **state)
{
  struct fixture *f = *state;
  put(
    "m.json",
    "[{\"all\":1,\"two\":\"x\",\"num\":1,\"obj\":{\"k\":1},\"big\":1,\"nul\":null,\"arr\":[1]},"
    "{\"all\":\"s\",\"two\":5,\"num\":2.5,\"obj\":7,\"big\":18446744073709551615,\"arr\":[\"a\"]},"
    "{\"all\":true,\"two\":null,\"num\":null,\"obj\":null,\"big\":\"t\"},"
    "{\"all\":1.5,\"two\":\"null\",\"obj\":[2]}]");
  expect_ok(f, load(f, path_of("m.json"), NULL));
  assert_string_equal(types(f),
                      "'all UNION(bool BOOLEAN, \"int\" BIGINT, dbl DOUBLE, str VARCHAR), "
                      "two UNION(\"int\" BIGINT, str VARCHAR), num DOUBLE, obj JSON, "
                      "big UNION(\"int\" BIGINT, str VARCHAR), nul VARCHAR, arr JSON[]'");
  expect_answer(f, "SELECT \"all\" FROM c.t", "1; 's'; true; 1.5");
  expect_answer(f, "SELECT two FROM c.t", "'x'; 5; NULL; 'null'");
  expect_answer(f, "SELECT big FROM c.t", "1; '18446744073709551615'; 't'; NULL");
  expect_answer(f, "SELECT obj FROM c.t", "{\"k\":1}; 7; NULL; [2]");
  expect_answer(f, "SELECT count(*) FROM c.t WHERE two = 'x' OR two = 5", "2");
}

static void test_nested_and_dates(void **state)
{
  struct fixture *f = *state;
  put("n.json", "[{\"s\":{\"a\":1,\"m\":\"x\"},\"d\":\"2024-01-02\",\"t\":\"2024-01-02T03:04:05Z\","
                "\"o\":\"Jun 12 1998\",\"l\":[{\"z\":1.5}]},{\"s\":{\"a\":2,\"m\":5,\"n\":true}}]");
  expect_ok(f, load(f, path_of("n.json"), NULL));
  assert_string_equal(types(f), "'s STRUCT(a BIGINT, m JSON, n BOOLEAN), d DATE, t TIMESTAMP, "
                                "o VARCHAR, l STRUCT(z DOUBLE)[]'");
  expect_answer(f, "SELECT s.a, s.m, d, t, o FROM c.t WHERE s.a = 1",
                "1 'x' '2024-01-02' '2024-01-02 03:04:05' 'Jun 12 1998'");
}

/* Dates with the year first are read in one pass less; of others only DuckDB knows the format. */
static void test_forms_of_dates(void **state)
{
  struct fixture *f = *state;
  static const char *const all[][3] = {
    // what DuckDB's own detection makes 1900-01-01 of
    {"2024-01-02", "infinity", "true; true"},
    {"2024-01-02T10:00:00.5Z", "infinity", "true; true"},
    {"2024-01-02", "2023-1-9", "'2024-01-02'; '2023-01-09'"},
    {"24-01-02", "23-02-03", "'2024-01-02'; '2023-02-03'"},
    {"13-02-2024", "01-03-2024", "'2024-02-13'; '2024-03-01'"},
    {"2024-01-02T10:00:00.75Z", "2024-01-03T10:00:00.25Z",
     "'2024-01-02 10:00:00.75'; '2024-01-03 10:00:00.25'"},
    {"2024-01-02T10:00:00+02:00", "2024-01-03T10:00:00+02:00",
     "'2024-01-02 08:00:00'; '2024-01-03 08:00:00'"},
    {"2024-01-02 10:00:00", "2024-01-03 11:30:00", "'2024-01-02 10:00:00'; '2024-01-03 11:30:00'"},
    {"2024-01-02T10:00", "2024-01-03T10:00", "'2024-01-02T10:00'; '2024-01-03T10:00'"},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    char text[300];
    (void)snprintf(text, sizeof text,
                   "{\"n\":0,\"e\":\"2024-12-31\"}\n"
                   "{\"n\":1,\"d\":\"%s\",\"e\":\"2024-12-31\"}\n{\"n\":2,\"d\":\"%s\"}\n",
                   all[i][0], all[i][1]);
    expect_ok(f, load(f, put("d.ndjson", text), "replace"));
    bool endless = strcmp(all[i][1], "infinity") == 0;
    expect_answer(f,
                  endless ? "SELECT isfinite(d) = (n = 1) FROM c.t WHERE n > 0 ORDER BY n"
                          : "SELECT d FROM c.t WHERE n > 0 ORDER BY n",
                  all[i][2]);
    expect_answer(f, "SELECT typeof(e), e FROM c.t WHERE n = 1", "'DATE' '2024-12-31'");
  }
}

static void test_odd_field_names(void **state)
{
  struct fixture *f = *state;
  put("k.ndjson", "{\"we\\\"ird k\":1,\"A\":1,\"a\":2,\"'\":\"q\",\"%s\":3}\n{\"A\":\"x\"}\n");
  expect_ok(f, load(f, path_of("k.ndjson"), NULL));
  expect_answer(f, "SELECT \"we\"\"ird k\", \"A\", a_1, \"'\", \"%s\" FROM c.t",
                "1 1 2 'q' 3; NULL 'x' NULL NULL NULL");
}

/* ---- _id and _event_time --------------------------------------------------------------------- */

static void test_ids(void **state)
{
  struct fixture *f = *state;
  const char *path = put("id.json", "[{\"k\":7,\"_event_time\":1700000000000000},{\"k\":\"b\"}]");
  expect_ok(f, load_with(f, path, NULL, NULL, "k", NULL));
  expect_answer(f, "SELECT _id, k FROM c.t ORDER BY _id", "'7' 7; 'b' 'b'");
  expect_answer(f, "SELECT _event_time FROM c.t WHERE _id = '7'", "'2023-11-14 22:13:20'");
  expect_answer(f, "SELECT abs(epoch(_event_time) - epoch(now())) < 60 FROM c.t WHERE _id = 'b'",
                "true");
  expect_error(f, load_with(f, path, "replace", NULL, "kk", NULL), RS_INVALID,
               "there is no field 'kk' to be _id");
  expect_error(
    f, load_with(f, put("dup.json", "[{\"k\":1},{\"k\":2},{\"k\":1}]"), "replace", NULL, "k", NULL),
    RS_CONSTRAINT, "'c.t': two rows have one key: _id = '1'");
  expect_error(
    f, load_with(f, put("nul.json", "[{\"k\":1},{\"k\":null}]"), "replace", NULL, "k", NULL),
    RS_CONSTRAINT, "'c.t': a row has no key: '_id' is NULL");
  expect_answer(f, "SELECT count(*) FROM c.t", "2"); // the old rows stayed
  // an _id of the file is kept, where it has none one is made
  expect_ok(f, load(f, put("own.json", "[{\"_id\":\"x\",\"v\":1},{\"v\":2}]"), "replace"));
  expect_answer(f, "SELECT count(DISTINCT _id), min(_id) <> 'x', max(_id) FROM c.t", "2 true 'x'");
  expect_answer(f, "SELECT string_agg(column_name, ',') FROM (DESCRIBE c.t)",
                "'_id,_event_time,v'");
  expect_ok(f, load(f, put("et.csv", "_id,_event_time\n1,2024-01-02 03:04:05+02:00\n"), "replace"));
  expect_answer(f, "SELECT _id, _event_time FROM c.t", "'1' '2024-01-02 01:04:05'");
}

/* ---- modes ----------------------------------------------------------------------------------- */

static void test_create_and_replace(void **state)
{
  struct fixture *f = *state;
  const char *path = put("a.json", "[{\"a\":1}]");
  expect_ok(f, load(f, path, "create"));
  expect_error(f, load(f, path, NULL), RS_EXISTS,
               "collection 'c.t' exists; use mode \"replace\" or \"append\"");
  expect_error(f, load(f, path, "nosuch"), RS_INVALID, "mode 'nosuch' is not known");
  run(f, "DROP TABLE c.t");
  run(f, "CREATE VIEW c.t AS SELECT 1 AS a");
  expect_error(f, load(f, path, "append"), RS_INVALID, "'c.t' is a view");
  expect_ok(f, load(f, path, "replace"));
  expect_answer(f, LOADED, "1");
  expect_answer(f, "SELECT count(*) FROM duckdb_tables()", "1");
}

static void test_append(void **state)
{
  struct fixture *f = *state;
  int64_t rows;
  expect_ok(f, load(f, put("1.json", "[{\"a\":1,\"b\":\"x\",\"t\":5}]"), "append")); // creates
  expect_ok(f, load_with(f, put("2.json", "[{\"c\":true,\"a\":2.5,\"t\":\"no\"}]"), "append", NULL,
                         NULL, &rows));
  assert_int_equal(rows, 1);
  assert_string_equal(types(f),
                      "'a DOUBLE, b VARCHAR, t UNION(\"int\" BIGINT, str VARCHAR), c BOOLEAN'");
  expect_answer(f, LOADED " ORDER BY a", "1 'x' 5 NULL; 2.5 NULL 'no' true");
  expect_ok(f, load(f, put("3.json", "[{\"t\":false,\"b\":2},{\"t\":1.5,\"b\":\"y\"}]"), "append"));
  expect_answer(f, "SELECT t, b FROM c.t WHERE a IS NULL", "false 2; 1.5 'y'");
  expect_ok(f, load(f, put("4.json", "[{\"t\":{\"k\":1},\"c\":[1]}]"), "append"));
  assert_string_equal(types(f), "'a DOUBLE, b UNION(\"int\" BIGINT, str VARCHAR), t JSON, c JSON'");
  expect_answer(f, "SELECT t FROM c.t", "5; 'no'; false; 1.5; {\"k\":1}");
  expect_answer(f, "SELECT count(DISTINCT _id) FROM c.t", "5");
}

/* A field that is null throughout must not make texts of numbers, in either order. */
static void test_append_nulls(void **state)
{
  struct fixture *f = *state;
  expect_ok(f, load(f, put("1.json", "[{\"a\":1,\"b\":null,\"c\":[1]}]"), NULL));
  expect_ok(f, load(f, put("2.json", "[{\"a\":null,\"b\":2,\"c\":null}]"), "append"));
  assert_string_equal(types(f), "'a BIGINT, b BIGINT, c BIGINT[]'");
  expect_answer(f, LOADED " ORDER BY a NULLS LAST", "1 NULL [1]; NULL 2 NULL");
}

static void test_append_replaces_ids(void **state)
{
  struct fixture *f = *state;
  put("1.ndjson", "{\"_id\":\"a\",\"v\":1}\n{\"_id\":\"b\",\"v\":2}\n");
  put("2.ndjson", "{\"_id\":\"b\",\"v\":20}\n{\"_id\":\"c\",\"v\":30}\n");
  expect_ok(f, load(f, path_of("1.ndjson"), NULL));
  expect_ok(f, load(f, path_of("2.ndjson"), "append"));
  expect_answer(f, "SELECT _id, v FROM c.t ORDER BY _id", "'a' 1; 'b' 20; 'c' 30");
}

static void test_append_types(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE SCHEMA c");
  run(f, "CREATE TABLE c.t (_id BIGINT, d DATE, s STRUCT(a INTEGER), l INTEGER[], k DATE)");
  run(f, "INSERT INTO c.t VALUES (1, '2024-01-01', {'a': 1}, [1], '2024-01-01')");
  put("x.json", "[{\"_id\":\"1\",\"d\":\"2024-01-01T10:00:00\",\"s\":{\"b\":\"x\"},\"l\":[\"y\"],"
                "\"k\":\"no\"}]");
  expect_ok(f, load(f, path_of("x.json"), "append"));
  assert_string_equal(types(f), "'d TIMESTAMP, s STRUCT(a INTEGER, b VARCHAR), l VARCHAR[], "
                                "k VARCHAR'");
  expect_answer(f, "SELECT _id, d, s.b, k FROM c.t", "'1' '2024-01-01 10:00:00' 'x' 'no'");
}

static void test_in_transaction(void **state)
{
  struct fixture *f = *state;
  const char *path = put("a.json", "[{\"a\":1}]");
  expect_ok(f, load(f, path, NULL));
  expect_ok(f, rs_session_begin(f->s, &f->e));
  expect_ok(f, load(f, path, "append"));
  expect_answer(f, "SELECT count(*) FROM c.t", "2");
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  expect_answer(f, "SELECT count(*) FROM c.t", "1");
}

/* ---- failures -------------------------------------------------------------------------------- */

static void test_failures(void **state)
{
  struct fixture *f = *state;
  expect_ok(f, load(f, put("good.json", "[{\"a\":1}]"), NULL));
  expect_error(f, load(f, "/nosuch/file.json", "replace"), RS_NOT_FOUND,
               "file '/nosuch/file.json': No such file");
  expect_error(f, load(f, path_of("nosuch*.json"), "replace"), RS_NOT_FOUND, "no file matches '");
  expect_error(f, load(f, folder, "replace"), RS_INVALID, "differ in their format");
  char sub[300];
  (void)snprintf(sub, sizeof sub, "%s.csv", folder);
  (void)mkdir(sub, 0700);
  expect_error(f, load(f, sub, "replace"), RS_NOT_FOUND, "no file is in folder");
  (void)rmdir(sub);
  expect_error(f, load(f, put("x.unknown", "?"), "replace"), RS_INVALID, "give format json");
  expect_error(f, load_with(f, path_of("x.unknown"), "replace", "xml", NULL, NULL), RS_INVALID,
               "format 'xml' is not known");
  expect_error(f, load(f, put("bad.json", "[{\"a\":1},{\"a\":}]"), "replace"), RS_INVALID,
               "Malformed JSON");
  expect_error(f,
               load(f, put("bad.ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a\":\n{\"a\":4}\n"), "replace"),
               RS_INVALID, "line");
  expect_error(f, load(f, put("bad.parquet", "no parquet at all"), "replace"), RS_INVALID,
               "bad.parquet");
  expect_error(f, load(f, put("bin.csv", "a,b\n1,2\n3,\"x\n4,5,6,7\n\xFF\xFE\n"), "append"),
               RS_INVALID, "");
  expect_answer(f, LOADED, "1");
  expect_answer(f, "SELECT count(*) FROM duckdb_tables()", "1");
  // the target itself reads no files
  struct rs_error e = {0};
  char sql[300];
  (void)snprintf(sql, sizeof sql, "CREATE TABLE c.x AS SELECT * FROM '%s'", path_of("good.json"));
  assert_int_not_equal(rs_sql_run(f->s, NULL, &e, "%s", sql), RS_OK);
}

/* ---- real data ------------------------------------------------------------------------------- */

static const char *data_file(const char *name)
{
  static char path[300];
  const char *dir = getenv("RS_DATA");
  if (dir == NULL) return NULL;
  (void)snprintf(path, sizeof path, "%s/%s", dir, name);
  if (access(path, R_OK) == 0) return path;
  return NULL;
}

static void test_movies(void **state)
{
  struct fixture *f = *state;
  const char *path = data_file("movies.json");
  if (path == NULL) skip();
  int64_t rows, from = rs_now_ms();
  expect_ok(f, load_with(f, path, NULL, NULL, NULL, &rows));
  print_message("movies.json: %lld rows, %lld ms\n", (long long)rows,
                (long long)(rs_now_ms() - from));
  assert_int_equal(rows, 3201);
  expect_answer(f,
                "SELECT \"Title\" FROM c.t WHERE \"Title\" IN ('The Land Girls', 300) "
                "ORDER BY 1",
                "300; 'The Land Girls'");
  expect_answer(f, "SELECT count(*) FROM c.t WHERE union_tag(\"Title\") = 'int'", "9");
  expect_answer(f, "SELECT \"Release Date\" FROM c.t WHERE \"Title\" = 'The Land Girls'",
                "'Jun 12 1998'");
}

static void test_flights(void **state)
{
  struct fixture *f = *state;
  const char *path = data_file("flights-3m.parquet");
  if (path == NULL) skip();
  int64_t rows, from = rs_now_ms();
  expect_ok(f, load_with(f, path, NULL, NULL, NULL, &rows));
  struct rusage u;
  (void)getrusage(RUSAGE_SELF, &u);
  print_message("flights-3m.parquet: %lld rows, %lld ms, peak %ld MB\n", (long long)rows,
                (long long)(rs_now_ms() - from), u.ru_maxrss / 1024);
  assert_int_equal(rows, 3000000);
  expect_answer(f, "SELECT count(*), count(DISTINCT _id), sum(delay) > 0 FROM c.t",
                "3000000 3000000 true");
}

static int make_folder(void **state)
{
  (void)state;
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
  char command[100];
  (void)state;
  (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command);
}

int main(void)
{
  if (!have_library()) return 0;
#define T(name) cmocka_unit_test_setup_teardown(name, in_memory, fixture_close)
#define F(name) cmocka_unit_test_setup_teardown(name, in_file, fixture_close)
  const struct CMUnitTest tests[] = {
    F(test_flights),
    F(test_movies),
    T(test_json),
    T(test_csv_and_tsv),
    T(test_gzip_and_parquet),
    T(test_globs_and_names),
    T(test_nothing_in_it),
    T(test_mixed),
    T(test_nested_and_dates),
    T(test_forms_of_dates),
    T(test_odd_field_names),
    T(test_ids),
    T(test_create_and_replace),
    T(test_append),
    T(test_append_replaces_ids),
    T(test_append_nulls),
    T(test_append_types),
    T(test_in_transaction),
    T(test_failures),
    F(test_append),
    F(test_create_and_replace),
    F(test_failures),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
