/*
** DuckDB files shared between the sessions of a process and with other processes: read-only and
** read-write, idle release, locks, the library.
**
** The second process is this program again: `test_adbc_file hold FILE` keeps the file locked until
** its standard input ends; `test_adbc_file library` reports what a missing library looks like.
*/
#include "duck.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static char *folder;
static char path[512];

static int set_up(void **state)
{
  (void)state;
  folder = duck_folder();
  snprintf(path, sizeof path, "%s/t.duckdb", folder);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  duck_remove(folder);
  return 0;
}

/* ---- the second process ---------------------------------------------------------------------- */

struct child {
  pid_t pid;
  int in, out;
};

static struct child start_child(const char *mode, const char *file)
{
  int in[2], out[2];
  assert_int_equal(pipe(in), 0);
  assert_int_equal(pipe(out), 0);
  fcntl(in[1], F_SETFD, FD_CLOEXEC);
  fcntl(out[0], F_SETFD, FD_CLOEXEC);
  struct child c = {fork(), in[1], out[0]};
  assert_true(c.pid >= 0);
  if (c.pid == 0) {
    dup2(in[0], 0);
    dup2(out[1], 3);
    char self[1024] = {0};
    // The library is looked for next to the program: it has to know where it is
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) _exit(127);
    execl(self, self, mode, file, (char *)NULL);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  return c;
}

/* What the child says in one go, in a static buffer. */
static const char *hear(struct child *c)
{
  static char text[8192];
  ssize_t n = read(c->out, text, sizeof text - 1);
  text[n > 0 ? n : 0] = 0;
  return text;
}

static int end_child(struct child *c)
{
  int status = -1;
  close(c->in);
  waitpid(c->pid, &status, 0);
  close(c->out);
  return status;
}

static void say(const char *text)
{
  if (write(3, text, strlen(text)) < 0) _exit(1);
}

static int hold(const char *file)
{
  char c;
  struct rs_error e = {0};
  struct rs_target *t = duck_target(duck_output(file, "lock_timeout", "100", NULL));
  struct rs_session *s = duck_session(t);
  if (rs_session_begin(s, &e)) {
    say(e.text);
    return 1;
  }
  say("held");
  while (read(0, &c, 1) > 0) continue;
  rs_session_end(s, false, NULL);
  rs_session_close(s);
  rs_target_release(t);
  return 0;
}

static int without_library(void)
{
  struct rs_error e = {0};
  char *v = NULL;
  struct rs_target *t = duck_target(duck_output(":memory:", NULL));
  struct rs_session *s = duck_session(t);
  rs_session_version(s, &v, &e);
  say(e.text[0] ? e.text : v);
  rs_free(v);
  rs_session_close(s);
  rs_target_release(t);
  return 0;
}

static int64_t ms_of(enum rs_code (*call)(struct rs_session *, struct rs_error *),
                     struct rs_session *s, enum rs_code want, struct rs_error *e)
{
  int64_t from = rs_now_ms();
  assert_int_equal(call(s, e), want);
  return rs_now_ms() - from;
}

static enum rs_code insert(struct rs_session *s, struct rs_error *e)
{
  return rs_sql_run(s, NULL, e, "%s", "INSERT INTO t VALUES (99)");
}

static enum rs_code read_one(struct rs_session *s, struct rs_error *e)
{
  struct rs_statement st = {.sql = "SELECT 1"};
  return rs_session_exec(s, &st, NULL, e);
}

static void fill(void)
{
  struct rs_target *t = duck_target(duck_output(path, NULL));
  struct rs_session *s = duck_session(t);
  duck_run(s, "CREATE OR REPLACE TABLE t AS SELECT range AS i FROM range(3000000)");
  rs_session_close(s);
  rs_target_release(t);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void read_only_and_read_write(void **state)
{
  (void)state;
  fill();
  struct rs_target *t = duck_target(
    duck_output(path, "idle_close", "60000", "lock_timeout", "300", NULL));
  struct rs_session *a = duck_session(t), *b = duck_session(t), *c = duck_session(t);
  struct rs_error e = {0};
  assert_int_equal(duck_int(a, "SELECT count(*) FROM t"), 3000000);
  // A reader has it read-only: a writing text that says it only reads is refused
  struct rs_statement lie = {.sql = "CREATE TABLE x (i INTEGER)"};
  assert_int_equal(rs_session_exec(a, &lie, NULL, &e), RS_FORBIDDEN);
  // Nobody reads: reopened read-write, all sessions reconnect
  duck_run(b, "INSERT INTO t VALUES (-1)");
  assert_int_equal(duck_int(a, "SELECT count(*) FROM t"), 3000001);
  // It stays read-write; readers share it, with rows open while another writes
  struct rs_rows *r = duck_query(a, "SELECT * FROM t");
  duck_next(r);
  duck_run(b, "INSERT INTO t VALUES (-2)");
  assert_int_equal(duck_int(c, "SELECT count(*) FROM t"), 3000002);
  rs_rows_close(r);
  rs_session_close(a);
  rs_session_close(b);
  rs_session_close(c);
  rs_target_release(t);
}

static void a_writer_waits_for_readers(void **state)
{
  (void)state;
  fill();
  struct rs_target *t = duck_target(duck_output(path, "lock_timeout", "300", NULL));
  struct rs_session *a = duck_session(t), *b = duck_session(t);
  struct rs_error e = {0};
  struct rs_rows *r = duck_query(a, "SELECT * FROM t");
  duck_next(r);
  assert_in_range(ms_of(insert, b, RS_BUSY, &e), 250, 5000);
  assert_non_null(
    strstr(e.text, "t.duckdb: waited 0.3 s: a statement of this process still reads it"));
  // The reader wasn't disturbed
  duck_next(r);
  rs_rows_close(r);
  assert_int_equal(insert(b, &e), RS_OK);
  rs_session_close(a);
  rs_session_close(b);
  rs_target_release(t);
}

/* Two targets of one file (spelled differently, other settings) are one instance. */
static void one_instance_for_a_file(void **state)
{
  (void)state;
  fill();
  char other[600];
  snprintf(other, sizeof other, "%s/../%s/./t.duckdb", folder, strrchr(folder, '/') + 1);
  struct rs_target *t = duck_target(duck_output(path, NULL));
  struct rs_target *u = duck_target(duck_output(other, "lock_timeout", "200", NULL));
  struct rs_target *v = duck_target(
    duck_output(path, "settings", "{\"threads\":1}", "lock_timeout", "200", NULL));
  struct rs_target *same = duck_target(duck_output(path, NULL));
  assert_ptr_equal(t, same);
  rs_target_release(same);
  assert_ptr_not_equal(t, u);
  struct rs_session *a = duck_session(t), *b = duck_session(u), *c = duck_session(v);
  struct rs_error e = {0};
  assert_int_equal(rs_session_begin(a, &e), RS_OK);
  duck_run(a, "INSERT INTO t VALUES (-1)");
  assert_int_equal(duck_int(b, "SELECT count(*) FROM t"), 3000000);
  // Other settings: only when nobody uses it
  assert_int_equal(read_one(c, &e), RS_BUSY);
  assert_non_null(strstr(e.text, "a statement of this process uses it with other settings"));
  assert_int_equal(rs_session_end(a, true, &e), RS_OK);
  assert_int_equal(duck_int(b, "SELECT count(*) FROM t"), 3000001);
  assert_int_equal(duck_int(c, "SELECT current_setting('threads')::INTEGER"), 1);
  assert_int_equal(duck_int(c, "SELECT count(*) FROM t"), 3000001);
  assert_int_equal(duck_int(a, "SELECT count(*) FROM t"), 3000001);
  rs_session_close(a);
  rs_session_close(b);
  rs_session_close(c);
  rs_target_release(t);
  rs_target_release(u);
  rs_target_release(v);
}

static void an_idle_file_is_released(void **state)
{
  (void)state;
  fill();
  struct rs_target *t = duck_target(duck_output(path, "idle_close", "200", NULL));
  struct rs_session *s = duck_session(t);
  struct rs_error e = {0};
  assert_int_equal(insert(s, &e), RS_OK);
  // Not while rows are open
  struct rs_rows *r = duck_query(s, "SELECT * FROM t");
  duck_next(r);
  rs_sleep_ms(500);
  struct child c = start_child("hold", path);
  assert_non_null(strstr(hear(&c), "is locked by "));
  end_child(&c);
  rs_rows_close(r);
  rs_sleep_ms(700);
  c = start_child("hold", path);
  assert_string_equal(hear(&c), "held");
  assert_int_equal(end_child(&c), 0);
  // The session comes back by itself
  assert_int_equal(duck_int(s, "SELECT count(*) FROM t"), 3000001);
  rs_session_close(s);
  rs_target_release(t);
  // idle_close 0: at once
  t = duck_target(duck_output(path, "idle_close", "0", NULL));
  s = duck_session(t);
  assert_int_equal(insert(s, &e), RS_OK);
  c = start_child("hold", path);
  assert_string_equal(hear(&c), "held");
  end_child(&c);
  rs_session_close(s);
  rs_target_release(t);
}

static void a_read_to_its_end_lets_go(void **state)
{
  (void)state;
  fill();
  struct rs_target *t = duck_target(duck_output(path, "idle_close", "0", NULL));
  struct rs_session *s = duck_session(t);
  struct rs_error e = {0};
  struct rs_rows *r = duck_query(s, "SELECT * FROM t LIMIT 5");
  while (rs_rows_next(r, &e) == RS_OK) continue;
  // The rows are still open, their end was seen
  struct child c = start_child("hold", path);
  assert_string_equal(hear(&c), "held");
  end_child(&c);
  rs_rows_close(r);
  rs_session_close(s);
  rs_target_release(t);
}

static bool stop_at(void *ctx)
{
  return rs_now_ms() >= *(int64_t *)ctx;
}

static void another_process_holds_the_file(void **state)
{
  (void)state;
  fill();
  struct child c = start_child("hold", path);
  assert_string_equal(hear(&c), "held");
  struct rs_target *t = duck_target(duck_output(path, "lock_timeout", "400", NULL));
  struct rs_session *s = duck_session(t);
  struct rs_error e = {0};
  char pid[32];
  assert_in_range(ms_of(read_one, s, RS_BUSY, &e), 300, 3000);
  snprintf(pid, sizeof pid, "(PID %d)", (int)c.pid);
  assert_non_null(strstr(e.text, "t.duckdb is locked by "));
  assert_non_null(strstr(e.text, pid));
  assert_non_null(
    strstr(e.text, ": close the other program, raise lock_timeout, or share the file through a"
                   " rocksetd server"));
  // An interrupt ends the wait
  struct rs_target *u = duck_target(duck_output(path, "lock_timeout", "60000", NULL));
  int64_t until = rs_now_ms() + 200;
  struct rs_interrupt hook = {.is_interrupted = stop_at, .ctx = &until};
  struct rs_session *x = NULL;
  assert_int_equal(rs_session_open(u, &hook, NULL, &x, &e), RS_OK);
  assert_in_range(ms_of(read_one, x, RS_CANCELLED, &e), 100, 1500);
  // It is waited for
  until = INT64_MAX;
  assert_int_equal(fork() == 0 ? (rs_sleep_ms(300), kill(c.pid, SIGKILL), _exit(0), 0) : 0, 0);
  assert_in_range(ms_of(insert, x, RS_OK, &e), 100, 5000);
  end_child(&c);
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
  rs_session_close(x);
  rs_target_release(u);
  rs_session_close(s);
  rs_target_release(t);
}

/* Readers of two processes at once. */
static void another_process_reads_too(void **state)
{
  (void)state;
  fill();
  struct rs_target *t = duck_target(duck_output(path, NULL));
  struct rs_session *s = duck_session(t);
  struct rs_rows *r = duck_query(s, "SELECT * FROM t");
  duck_next(r);
  struct child c = start_child("read", path);
  assert_string_equal(hear(&c), "read");
  end_child(&c);
  rs_rows_close(r);
  rs_session_close(s);
  rs_target_release(t);
}

/* A process that died leaves a write-ahead log: a reader sees what was committed. */
static void after_a_crash(void **state)
{
  (void)state;
  fill();
  struct child c = start_child("crash", path);
  assert_string_equal(hear(&c), "written");
  end_child(&c);
  char wal[600];
  snprintf(wal, sizeof wal, "%s.wal", path);
  assert_int_equal(access(wal, F_OK), 0);
  struct rs_target *t = duck_target(duck_output(path, NULL));
  struct rs_session *s = duck_session(t);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM t"), 3000001);
  duck_run(s, "INSERT INTO t VALUES (-2)");
  assert_int_equal(duck_int(s, "SELECT count(*) FROM t"), 3000002);
  rs_session_close(s);
  rs_target_release(t);
}

static void a_file_that_is_not_there(void **state)
{
  (void)state;
  char file[600];
  struct rs_error e = {0};
  // Read: there is none after that, either; what is created makes it
  snprintf(file, sizeof file, "%s/new.duckdb", folder);
  struct rs_target *t = duck_target(duck_output(file, NULL));
  struct rs_session *s = duck_session(t);
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  assert_int_not_equal(access(file, F_OK), 0);
  duck_run(s, "CREATE TABLE t (a INTEGER)");
  rs_session_close(s);
  rs_target_release(t);
  assert_int_equal(access(file, F_OK), 0);
  snprintf(file, sizeof file, "%s/none.duckdb", folder);
  t = duck_target(duck_output(file, "read_only", "true", NULL));
  s = duck_session(t);
  assert_int_not_equal(read_one(s, &e), RS_OK);
  assert_int_equal(insert(s, &e), RS_FORBIDDEN);
  rs_session_close(s);
  rs_target_release(t);
  assert_int_not_equal(access(file, F_OK), 0);
  snprintf(file, sizeof file, "%s/no/such/folder.duckdb", folder);
  t = duck_target(duck_output(file, NULL));
  s = duck_session(t);
  assert_int_not_equal(insert(s, &e), RS_OK);
  rs_session_close(s);
  rs_target_release(t);
  snprintf(file, sizeof file, "%s/text.duckdb", folder);
  FILE *f = fopen(file, "w");
  fputs("this is no database, but long enough to look like a header of one", f);
  fclose(f);
  t = duck_target(duck_output(file, NULL));
  s = duck_session(t);
  assert_int_not_equal(read_one(s, &e), RS_OK);
  assert_non_null(strstr(e.text, "not a valid DuckDB database file"));
  rs_session_close(s);
  rs_target_release(t);
}

/* A file that one target attaches is another one's own: one instance of the process has it open. */
static void attached_by_two(void **state)
{
  (void)state;
  char home[600], far[600], attach[800];
  struct rs_error e = {0};
  snprintf(home, sizeof home, "%s/home.duckdb", folder);
  snprintf(far, sizeof far, "%s/far.duckdb", folder);
  snprintf(attach, sizeof attach, "[{\"path\":\"%s\",\"alias\":\"far\",\"options\":{}}]", far);
  struct rs_target *a = duck_target(
    duck_output(home, "attach", attach, "lock_timeout", "200", "idle_close", "60000", NULL));
  struct rs_target *b = duck_target(
    duck_output(far, "lock_timeout", "200", "idle_close", "60000", NULL));
  struct rs_session *sa = duck_session(a), *sb = duck_session(b);
  duck_run(sa, "CREATE TABLE far.main.t AS SELECT 1 AS i"); // the file is made
  for (int i = 0; i < 3; i++) {
    duck_run(sb, "INSERT INTO main.t SELECT 1");
    duck_run(sa, "INSERT INTO far.main.t SELECT 1");
  }
  assert_int_equal(duck_int(sb, "SELECT count(*) FROM main.t"), 7);
  struct rs_rows *r = duck_query(sb, "SELECT * FROM range(10000000)");
  assert_int_equal(rs_sql_run(sa, NULL, &e, "%s", "INSERT INTO far.main.t SELECT 1"), RS_BUSY);
  assert_non_null(strstr(e.text, "another target of this process uses"));
  rs_rows_close(r);
  duck_run(sa, "INSERT INTO far.main.t SELECT 1");
  assert_int_equal(duck_int(sb, "SELECT count(*) FROM main.t"), 8);
  rs_session_close(sb);
  rs_target_release(b);
  rs_session_close(sa);
  rs_target_release(a); // closes the files
  struct child c = start_child("hold", far);
  assert_string_equal(hear(&c), "held");
  a = duck_target(duck_output(home, "attach", attach, "lock_timeout", "200", NULL));
  sa = duck_session(a);
  e = (struct rs_error){0};
  assert_int_equal(rs_sql_run(sa, NULL, &e, "%s", "CREATE TABLE main.x AS SELECT 1 AS i"), RS_BUSY);
  assert_non_null(strstr(e.text, "far.duckdb is locked by "));
  end_child(&c);
  duck_run(sa, "CREATE TABLE main.x AS SELECT 1 AS i");
  rs_session_close(sa);
  rs_target_release(a);
}

/* The database is attached: whatever its file or the engine's main database is called. */
static void names_are_free(void **state)
{
  (void)state;
  char file[600], sql[800];
  struct rs_error e = {0};
  snprintf(file, sizeof file, "%s/shop.duckdb", folder);
  const char *const paths[] = {file, ":memory:"};
  for (size_t i = 0; i < 2; i++) {
    struct rs_target *t = duck_target(duck_output(paths[i], "idle_close", "0", "config_options",
                                                  "{\"default_block_size\":16384}", NULL));
    struct rs_session *s = duck_session(t);
    static const char *const names[] = {"shop", "memory"};
    for (size_t k = 0; k < 2; k++) {
      assert_int_equal(rs_session_create(s, RS_WORKSPACE(names[k]), false, &e), RS_OK);
      snprintf(sql, sizeof sql, "CREATE TABLE \"%s\".\"t\" AS SELECT 3 AS i", names[k]);
      duck_run(s, sql);
      // As files are loaded: the rows of another engine
      const struct rs_relation stage = {.workspace = names[k], .name = "stage"};
      struct rs_target *from = duck_target(duck_output(":memory:", NULL));
      struct rs_session *other = duck_session(from);
      struct rs_rows *r = duck_query(other, "SELECT 4 AS i");
      int64_t n = 0;
      assert_int_equal(rs_session_ingest(s, &stage, r, &n, &e), RS_OK);
      rs_rows_close(r);
      rs_session_close(other);
      rs_target_release(from);
      snprintf(sql, sizeof sql, "SELECT (t.i + s.i)::BIGINT FROM \"%s\".t, \"%s\".stage AS s",
               names[k], names[k]);
      assert_int_equal(duck_int(s, sql), 7);
    }
    static const char *const taken[] = {"temp", "SYSTEM", "_db"};
    for (size_t k = 0; k < 3; k++) {
      assert_int_equal(rs_session_create(s, RS_WORKSPACE(taken[k]), true, &e), RS_INVALID);
      assert_non_null(strstr(e.text, "the engine keeps this name for itself"));
    }
    duck_run(s, "CREATE SCHEMA temp"); // there all the same: in a file of somebody else
    assert_int_not_equal(rs_sql_run(s, NULL, &e, "%s", "CREATE TABLE temp.t AS SELECT 1 AS i"),
                         RS_OK);
    assert_non_null(strstr(e.text,
                           "workspace \"temp\" can't be used: it is the name of a database of"
                           " DuckDB, too: choose another"));
    if (i == 0) {
      // Given at opening: the file has it
      assert_int_equal(duck_int(s, "SELECT block_size::BIGINT FROM pragma_database_size()"), 16384);
      snprintf(sql, sizeof sql, "SELECT current_setting('temp_directory') = '%s.tmp'", file);
    } else {
      snprintf(sql, sizeof sql, "SELECT current_setting('temp_directory') = '.tmp'");
    }
    assert_int_equal(duck_int(s, sql), 1);
    rs_session_close(s);
    rs_target_release(t);
  }
}

/* In-memory databases last as long as their target, and are nobody else's. */
static void memory_lasts_as_long_as_its_target(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(duck_output(":memory:", "idle_close", "0", NULL));
  struct rs_session *a = duck_session(t);
  duck_run(a, "CREATE TABLE m AS SELECT 5 AS i");
  rs_session_close(a);
  a = duck_session(t);
  assert_int_equal(duck_int(a, "SELECT i FROM m"), 5);
  rs_session_close(a);
  rs_target_release(t);
  t = duck_target(duck_output(":memory:", "idle_close", "0", NULL));
  a = duck_session(t);
  struct rs_error e = {0};
  assert_int_equal(rs_sql_run(a, NULL, &e, "%s", "SELECT i FROM m"), RS_NOT_FOUND);
  rs_session_close(a);
  rs_target_release(t);
}

static void many_threads_one_file(void **state);

struct worker {
  pthread_t thread;
  struct rs_target *t;
  int id, failed;
  char text[256];
};

static void *work(void *arg)
{
  struct worker *w = arg;
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  w->failed = rs_session_open(w->t, NULL, NULL, &s, &e) != RS_OK;
  for (int i = 0; i < 20 && !w->failed; i++) {
    char sql[128];
    snprintf(sql, sizeof sql, "INSERT INTO w VALUES (%d)", w->id * 1000 + i);
    struct rs_statement st = {.sql = "SELECT count(*), sum(i) FROM w"};
    if (i % 2) w->failed = rs_sql_run(s, NULL, &e, "%s", sql) != RS_OK;
    else w->failed = rs_session_exec(s, &st, NULL, &e) != RS_OK;
    if (i % 5 == 4) rs_sleep_ms(15);
  }
  if (w->failed) snprintf(w->text, sizeof w->text, "%.200s", e.text);
  rs_session_close(s);
  return NULL;
}

/* Readers and writers, with an idle time so short that the file opens and closes all the time. */
static void many_threads_one_file(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(
    duck_output(path, "idle_close", "10", "lock_timeout", "60000", NULL));
  struct rs_session *s = duck_session(t);
  struct worker w[6];
  duck_run(s, "CREATE OR REPLACE TABLE w (i INTEGER)");
  for (int i = 0; i < 6; i++) {
    w[i] = (struct worker){.t = t, .id = i};
    assert_true(rs_thread_start(&w[i].thread, work, &w[i]));
  }
  for (int i = 0; i < 6; i++) {
    pthread_join(w[i].thread, NULL);
    if (w[i].failed) fail_msg("%s", w[i].text);
  }
  assert_int_equal(duck_int(s, "SELECT count(*) FROM w"), 60);
  rs_session_close(s);
  rs_target_release(t);
}

static void a_missing_library(void **state)
{
  (void)state;
  char *had = rs_strdup(getenv("DUCKDB_LIBRARY"));
  setenv("DUCKDB_LIBRARY", "/no/such/libduckdb.so", 1);
  struct child c = start_child("library", "");
  const char *text = hear(&c);
  assert_non_null(strstr(
    text, "DuckDB's library, named by DUCKDB_LIBRARY, can't be loaded: /no/such/libduckdb.so"));
  assert_non_null(
    strstr(text, "run `make deps` in a source tree, set DUCKDB_LIBRARY to its path, or give the "
                 "profile a `library` field"));
  end_child(&c);
  unsetenv("DUCKDB_LIBRARY");
  c = start_child("library", "");
  text = hear(&c);
  // A system may have one
  if (strncmp(text, "DuckDB v", 8) != 0) {
    assert_non_null(strstr(text, "DuckDB's library was not found; looked for /"));
    assert_non_null(strstr(text, "/deps/duckdb/libduckdb."));
    assert_non_null(strstr(text, ", set DUCKDB_LIBRARY to its path, "));
  }
  end_child(&c);
  if (had) setenv("DUCKDB_LIBRARY", had, 1);
  rs_free(had);
}

int main(int argc, char **argv)
{
  if (argc > 2 && strcmp(argv[1], "hold") == 0) return hold(argv[2]);
  if (argc > 2 && strcmp(argv[1], "library") == 0) return without_library();
  if (argc > 2 && strcmp(argv[1], "crash") == 0) {
    struct rs_session *s = duck_session(duck_target(duck_output(argv[2], NULL)));
    duck_run(s, "INSERT INTO t VALUES (-1)");
    say("written");
    _exit(0);
  }
  if (argc > 2 && strcmp(argv[1], "read") == 0) {
    struct rs_target *t = duck_target(duck_output(argv[2], NULL));
    struct rs_session *s = duck_session(t);
    if (duck_int(s, "SELECT count(*) FROM t") == 3000000) say("read");
    rs_session_close(s);
    rs_target_release(t);
    return 0;
  }
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(read_only_and_read_write),
    cmocka_unit_test(a_writer_waits_for_readers),
    cmocka_unit_test(one_instance_for_a_file),
    cmocka_unit_test(an_idle_file_is_released),
    cmocka_unit_test(a_read_to_its_end_lets_go),
    cmocka_unit_test(another_process_holds_the_file),
    cmocka_unit_test(another_process_reads_too),
    cmocka_unit_test(after_a_crash),
    cmocka_unit_test(a_file_that_is_not_there),
    cmocka_unit_test(attached_by_two),
    cmocka_unit_test(names_are_free),
    cmocka_unit_test(memory_lasts_as_long_as_its_target),
    cmocka_unit_test(many_threads_one_file),
    cmocka_unit_test(a_missing_library),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
