/*
** Relation locks (engine/lock.c) of transactions: held until they end, taken again by their holder,
** never for ever. That a thread waits is seen from its interrupt hook being asked.
*/
#include <stdatomic.h>
#include "sql_fixture.h"
#include "src/engine/slots.h"

#define REL(w, n) (&(const struct rs_relation){.workspace = w, .name = n})

struct worker {
  struct rs_session *s;
  const char *relation, *sql; /* replaced by */
  atomic_int asked;           /* how often its hook was */
  atomic_bool stop, done;
  enum rs_code rc;
  struct rs_error e;
  pthread_t thread;
};

static bool hook(void *ctx)
{
  struct worker *w = ctx;
  (void)atomic_fetch_add(&w->asked, 1);
  return atomic_load(&w->stop);
}

static void *replace_it(void *arg)
{
  struct worker *w = arg;
  w->rc = rs_session_replace(w->s, REL("w", w->relation), w->sql, NULL, NULL, &w->e);
  atomic_store(&w->done, true);
  return NULL;
}

static void open_worker(struct fixture *f, struct worker *w)
{
  const struct rs_interrupt i = {.is_interrupted = hook, .ctx = w};
  *w = (struct worker){.relation = "t", .sql = "SELECT * FROM w.t"};
  expect_ok(f, rs_session_open(f->t, &i, NULL, &w->s, &f->e));
}

/* The hook is asked while a statement runs, too; the pointer alone is only a hint. */
static bool is_waiting(struct worker *w)
{
  rs_sleep_ms(20);
  return atomic_load(&w->asked) >= 3 && w->s->waits != NULL;
}

/* Starts it and comes back when it waits for the lock. */
static void start(struct worker *w)
{
  assert_true(rs_thread_start(&w->thread, replace_it, w));
  int64_t until = rs_now_ms() + 20000;
  while (!is_waiting(w)) {
    if (atomic_load(&w->done)) fail_msg("it did not wait: %s", w->e.text);
    if (rs_now_ms() > until) fail_msg("it never came to the lock");
  }
}

static void join(struct worker *w)
{
  (void)pthread_join(w->thread, NULL);
  rs_session_close(w->s);
}

static void insert(struct fixture *f, struct rs_session *s, const char *name)
{
  expect_ok(f, rs_session_add_select(s, REL("w", name), "SELECT 2 AS a", NULL, NULL, &f->e));
}

static void make_tables(struct fixture *f)
{
  run(f, "CREATE SCHEMA w");
  run(f, "CREATE TABLE w.t AS SELECT 1 AS a");
  run(f, "CREATE TABLE w.u AS SELECT 1 AS a");
}

/* A rebuild of the relation waits for the commit, and does not lose the row. */
static void test_until_commit(void **state)
{
  struct fixture *f = *state;
  struct worker w;
  make_tables(f);
  open_worker(f, &w);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  insert(f, f->s, "t");
  insert(f, f->s, "t"); // its own lock is in nobody's way
  start(&w);
  insert(f, f->s, "t");
  expect_ok(f, rs_session_end(f->s, true, &f->e));
  join(&w);
  if (w.rc != RS_OK) fail_msg("%s", w.e.text);
  expect_answer(f, "SELECT sum(a), count(*) FROM w.t", "7 4");
  assert_false(f->s->keeps_locks);
}

static void test_until_rollback(void **state)
{
  struct fixture *f = *state;
  struct worker w;
  make_tables(f);
  open_worker(f, &w);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  expect_ok(
    f, rs_session_replace(f->s, REL("w", "t"), "SELECT a + 1 AS a FROM w.t", NULL, NULL, &f->e));
  insert(f, f->s, "T"); // whatever its case
  start(&w);
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  join(&w);
  if (w.rc != RS_OK) fail_msg("%s", w.e.text);
  expect_answer(f, "SELECT sum(a), count(*) FROM w.t", "1 1");
}

/* Also after an error that has rolled it back already, and when the session ends instead. */
static void test_until_close(void **state)
{
  struct fixture *f = *state;
  struct worker w;
  struct rs_session *s = open_session(f->t);
  make_tables(f);
  open_worker(f, &w);
  expect_ok(f, rs_session_begin(s, &f->e));
  insert(f, s, "t");
  assert_int_not_equal(rs_sql_run(s, NULL, &f->e, "%s", "SELECT nosuch"), RS_OK);
  start(&w);
  rs_session_close(s);
  join(&w);
  if (w.rc != RS_OK) fail_msg("%s", w.e.text);
  expect_answer(f, "SELECT sum(a), count(*) FROM w.t", "1 1");
}

static void test_deadlock(void **state)
{
  struct fixture *f = *state;
  struct worker w;
  make_tables(f);
  open_worker(f, &w);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  insert(f, f->s, "t");
  expect_ok(f, rs_session_begin(w.s, &f->e));
  insert(f, w.s, "u");
  start(&w); // for t
  int64_t from = rs_now_ms();
  expect_error(f, rs_session_add_select(f->s, REL("w", "u"), "SELECT 3 AS a", NULL, NULL, &f->e),
               RS_BUSY,
               "'w.u': is locked by a transaction that waits for a relation which this one");
  assert_true(rs_now_ms() - from < 4000); // not by patience
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  (void)pthread_join(w.thread, NULL);
  if (w.rc != RS_OK) fail_msg("%s", w.e.text);
  expect_ok(f, rs_session_end(w.s, true, &f->e));
  rs_session_close(w.s);
  expect_answer(f, "SELECT (SELECT sum(a) FROM w.t), (SELECT sum(a) FROM w.u)", "1 3");
}

/* One thread with two sessions waits for itself: only time can end that. */
static void test_patience(void **state)
{
  struct fixture *f = *state;
  make_tables(f);
  struct rs_target *t = open_target_with(f->path, "lock_timeout", 200);
  struct rs_session *one = open_session(t), *two = open_session(t);
  expect_ok(f, rs_session_begin(one, &f->e));
  insert(f, one, "t");
  int64_t from = rs_now_ms();
  expect_error(f, rs_session_replace(two, REL("w", "t"), "SELECT 1 AS a", NULL, NULL, &f->e),
               RS_BUSY,
               "'w.t': is locked by another session's open transaction: commit it or roll");
  assert_true(rs_now_ms() - from >= 200);
  insert(f, one, "t");
  expect_ok(f, rs_session_end(one, true, &f->e));
  expect_ok(
    f, rs_session_replace(two, REL("w", "t"), "SELECT sum(a) AS a FROM w.t", NULL, NULL, &f->e));
  rs_session_close(one);
  rs_session_close(two);
  rs_target_release(t);
  expect_answer(f, "SELECT a FROM w.t", "5");
}

static void test_interrupt(void **state)
{
  struct fixture *f = *state;
  struct worker w;
  make_tables(f);
  open_worker(f, &w);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  insert(f, f->s, "t");
  start(&w);
  atomic_store(&w.stop, true);
  join(&w);
  assert_int_equal(w.rc, RS_CANCELLED);
  expect_ok(f, rs_session_end(f->s, true, &f->e));
  expect_answer(f, "SELECT count(*) FROM w.t", "2");
}

/* Databases in memory have nothing to do with each other. */
static void test_memory(void **state)
{
  struct fixture *f = *state;
  struct rs_target *t = open_target_as("two", ":memory:");
  struct rs_session *s = open_session(t);
  make_tables(f);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  insert(f, f->s, "t");
  expect_ok(f, rs_session_replace(s, REL("w", "t"), "SELECT 1 AS a", NULL, NULL, &f->e));
  expect_ok(f, rs_session_end(f->s, true, &f->e));
  rs_session_close(s);
  rs_target_release(t);
}

int main(void)
{
  if (!have_library()) return 0;
#define T(name) cmocka_unit_test_setup_teardown(name, in_memory, fixture_close)
#define F(name) cmocka_unit_test_setup_teardown(name, in_file, fixture_close)
  const struct CMUnitTest tests[] = {
    T(test_until_commit), T(test_until_rollback), T(test_until_close),  T(test_deadlock),
    T(test_interrupt),    T(test_memory),         F(test_until_commit), F(test_patience),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
