/*
** The log: order, ids, the ring, cuts, redaction, threads.
*/
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "src/engine/log.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/thread.h"

struct seen {
  int n;
  int64_t first, last;
  struct rs_log_entry entry; /* the newest */
  char sql[9000], error[256];
};

static enum rs_code see(void *ctx, const struct rs_log_entry *x)
{
  struct seen *s = ctx;
  if (!s->n++) s->first = x->id;
  else assert_int_equal(x->id, s->last + 1);
  s->last = x->id;
  s->entry = *x;
  snprintf(s->sql, sizeof s->sql, "%s", x->sql);
  snprintf(s->error, sizeof s->error, "%s", x->error ? x->error : "(none)");
  return RS_OK;
}

static struct seen all(struct rs_log *log)
{
  struct seen s = {0};
  struct rs_error e = {0};
  assert_int_equal(rs_log_each(log, see, &s, &e), RS_OK);
  return s;
}

static void add(struct rs_log *log, const char *sql, const char *error)
{
  struct rs_log_entry x = {.at_us = 5,
                           .engine = "duckdb",
                           .target = "dev",
                           .sql = sql,
                           .rows = 7,
                           .bytes = -1,
                           .ms = 1.5,
                           .error = error};
  rs_log_add(log, &x);
}

static void entries(void **state)
{
  (void)state;
  struct rs_log *log = rs_log_new();
  assert_int_equal(all(log).n, 0);
  add(log, "SELECT 1", NULL);
  add(log, "SELECT 2", "it broke");
  struct seen s = all(log);
  assert_int_equal(s.n, 2);
  assert_int_equal(s.first, 1);
  assert_string_equal(s.sql, "SELECT 2");
  assert_string_equal(s.error, "it broke");
  assert_int_equal(s.entry.rows, 7);
  assert_int_equal(s.entry.bytes, -1);
  rs_log_retain(log);
  rs_log_release(log);
  assert_int_equal(all(log).n, 2);
  rs_log_release(log);
  rs_log_release(NULL);
  rs_log_add(NULL, NULL);
}

static void the_last_thousand(void **state)
{
  (void)state;
  struct rs_log *log = rs_log_new();
  for (int i = 1; i <= 2500; i++) {
    char sql[32];
    snprintf(sql, sizeof sql, "SELECT %d", i);
    add(log, sql, NULL);
  }
  struct seen s = all(log);
  assert_int_equal(s.n, RS_LOG_KEEP);
  assert_int_equal(s.first, 1501);
  assert_int_equal(s.last, 2500);
  assert_string_equal(s.sql, "SELECT 2500");
  rs_log_release(log);
}

static void long_and_secret_texts(void **state)
{
  (void)state;
  struct rs_log *log = rs_log_new();
  char *sql = rs_malloc(20001);
  // Two-byte characters with an odd start: the cut falls inside one
  sql[0] = 'x';
  for (int i = 1; i < 20000; i += 2) memcpy(sql + i, "\xc3\xa4", 2);
  sql[19999] = 0;
  add(log, sql, NULL);
  struct seen s = all(log);
  assert_in_range(strlen(s.sql), 8000, 8192);
  assert_int_equal(strlen(s.sql) % 2, 1);
  assert_int_equal(rs_redact_add("hunter2hunter2"), RS_OK);
  add(log, "SELECT 'hunter2hunter2'", "ApiKey abcdefghijkl refused, hunter2hunter2");
  s = all(log);
  assert_null(strstr(s.sql, "hunter2"));
  assert_null(strstr(s.error, "hunter2"));
  assert_null(strstr(s.error, "abcdefghijkl"));
  // A secret across the cut must not survive in part
  memset(sql, 'y', 20000);
  memcpy(sql + 8192 - 7, "hunter2hunter2", 14);
  sql[20000] = 0;
  add(log, sql, NULL);
  assert_null(strstr(all(log).sql, "hunter2"));
  rs_redact_clear();
  rs_free(sql);
  rs_log_release(log);
}

static void *writer(void *arg)
{
  for (int i = 0; i < 2000; i++) add(arg, "SELECT 1", i % 3 ? NULL : "error");
  return NULL;
}

static void threads(void **state)
{
  (void)state;
  struct rs_log *log = rs_log_new();
  pthread_t t[3];
  for (int i = 0; i < 3; i++) assert_true(rs_thread_start(&t[i], writer, log));
  for (int i = 0; i < 20; i++) (void)all(log);
  for (int i = 0; i < 3; i++) pthread_join(t[i], NULL);
  assert_int_equal(all(log).last, 6000);
  rs_log_release(log);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(entries),
    cmocka_unit_test(the_last_thousand),
    cmocka_unit_test(long_and_secret_texts),
    cmocka_unit_test(threads),
  };
  return RS_RUN(tests);
}
