/*
** Every allocation of ours fails once, at each point of the main job: profile, load, compile,
** materialize, run, create a virtual table, scan it.
**
** For n = 1, 2, ...: the n-th allocation fails while the step's SQL runs. The step must end in
** success or in an error (never a crash; the sanitizers watch memory), and once memory is back the
** same step must succeed: a failure may leave nothing behind that breaks what follows. A step is
** done when n is beyond its last allocation.
*/
#include "../../ext/rockset_ext.h"
#include "../../src/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct step {
  const char *name;
  const char *sql;    /* what runs while allocations fail; several statements are fine */
  const char *verify; /* must give 1 afterwards, when memory is back and sql ran once more */
  const char *undo;   /* brings back the state before, may fail */
};

static const struct step steps[] = {
  {"profile",
   "SELECT rockset_profile('dev', 'p', '{\"p\":{\"outputs\":{\"dev\":{\"type\":\"duckdb\"}}}}')",
   "SELECT 1", ""},
  {"init", "SELECT rockset_init()", "SELECT count(*) >= 0 FROM rockset_models", ""},
  {"load", "SELECT rockset_load('commons.t', 'rows.json', '{\"mode\":\"replace\"}')",
   "SELECT c1 = 3 FROM rockset_query('select count(*) from commons.t')", ""},
  {"exec", "SELECT rockset_exec('update commons.t set n = n + ?', '[0]')", "SELECT 1", ""},
  {"query",
   "SELECT row, c1, c2 FROM rockset_query('select * from commons.t where n > :n', '{\"n\":1}')",
   "SELECT 1", ""},
  {"models",
   "INSERT OR REPLACE INTO rockset_models(name, materialized, sql) VALUES"
   " ('a', 'view', 'select * from {{ source(\"commons\", \"t\") }}'),"
   " ('b', 'ephemeral', 'select n, name from {{ ref(\"a\") }}'),"
   " ('c', 'table', '{{ config(tags=[\"x\"]) }}{% for i in [1, 2] %}"
   "select n + {{ i }} as n from {{ ref(\"b\") }}{% if not loop.last %} union all {% endif %}"
   "{% endfor %}')",
   "SELECT count(*) = 3 FROM rockset_models", ""},
  {"compile", "SELECT rockset_compile('c')", "SELECT rockset_compile('c') LIKE '%__dbt__cte__b%'",
   ""},
  {"run", "SELECT * FROM rockset_run('*')",
   "SELECT c1 = 6 FROM rockset_query('select count(*) from commons.c')", ""},
  {"materialize", "SELECT rockset_materialize('c', 'table')",
   "SELECT c1 = 6 FROM rockset_query('select count(*) from commons.c')", ""},
  {"create", "CREATE VIRTUAL TABLE t USING rockset('commons.t')", "SELECT count(*) = 3 FROM t",
   "DROP TABLE IF EXISTS t"},
  {"scan",
   "SELECT n, name, tags FROM t WHERE n >= 2 AND name IN ('b', 'c') ORDER BY n DESC LIMIT 2",
   "SELECT count(*) = 2 FROM t WHERE n > 1", ""},
  {"catalog", "SELECT * FROM rockset_columns; SELECT * FROM rockset_debug",
   "SELECT count(*) > 0 FROM rockset_columns", ""},
};

static int failures;

static int run(sqlite3 *db, const char *sql, char **err)
{
  return sqlite3_exec(db, sql, NULL, NULL, err);
}

static void complain(const struct step *s, long n, const char *what, const char *text)
{
  failures++;
  fprintf(stderr, "fault: step %s, allocation %ld: %s: %s\n", s->name, n, what, text ? text : "");
}

static int is_one(sqlite3 *db, const char *sql, char *got, size_t cap)
{
  sqlite3_stmt *stmt = NULL;
  int one = 0;
  snprintf(got, cap, "no row");
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    one = sqlite3_column_int(stmt, 0) == 1;
    snprintf(got, cap, "%s", (const char *)sqlite3_column_text(stmt, 0));
  } else {
    snprintf(got, cap, "%s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(stmt);
  return one;
}

/* Returns how many allocations the step makes. */
static long walk(sqlite3 *db, const struct step *s, bool sticky)
{
  char got[512];
  for (long n = 1;; n++) {
    char *err = NULL;
    run(db, s->undo, NULL);
    rs_mem_fail_at(n, sticky);
    int rc = run(db, s->sql, &err);
    bool reached = rs_mem_failed();
    rs_mem_fail_at(0, false);
    if (rc != SQLITE_OK && !reached) {
      complain(s, n, "failed with all the memory it wants", err);
      sqlite3_free(err);
      return n;
    }
    if (rc != SQLITE_OK && !err) complain(s, n, "an error without a text", sqlite3_errstr(rc));
    sqlite3_free(err);
    err = NULL;
    if (rc != SQLITE_OK || !reached) {
      run(db, s->undo, NULL);
      rc = run(db, s->sql, &err);
      if (rc != SQLITE_OK) complain(s, n, "still fails when memory is back", err);
      sqlite3_free(err);
    }
    if (!is_one(db, s->verify, got, sizeof got)) complain(s, n, "wrong afterwards", got);
    if (!reached || failures > 20) return n;
  }
}

static void write_rows(void)
{
  FILE *f = fopen("rows.json", "w");
  if (!f) exit(1);
  fputs("[{\"n\":1,\"name\":\"a\",\"tags\":[1]},{\"n\":2,\"name\":\"b\",\"tags\":null},"
        "{\"n\":3,\"name\":\"c\",\"tags\":[2,3]}]\n",
        f);
  fclose(f);
}

int main(void)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  char folder[] = "/tmp/rockset-fault-XXXXXX";
  sqlite3 *db = NULL;
  if (!mkdtemp(folder) || chdir(folder) != 0) return 1;
  write_rows();
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;
  for (long n = 1;; n++) { /* loading itself, on connections of its own */
    sqlite3 *other = NULL;
    sqlite3_open(":memory:", &other);
    rs_mem_fail_at(n, false);
    sqlite3_rocksetext_init(other, NULL, NULL);
    bool reached = rs_mem_failed();
    rs_mem_fail_at(0, false);
    sqlite3_close(other);
    if (!reached) break;
  }
  if (sqlite3_rocksetext_init(db, NULL, NULL) != SQLITE_OK) return 1;
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    long once = walk(db, &steps[i], false);
    /* each load opens a DuckDB of its own, which takes long: once through is enough */
    long sticky = strcmp(steps[i].name, "load") == 0 ? 1 : walk(db, &steps[i], true);
    printf("%-12s %5ld allocations failed one at a time, %5ld from one on\n", steps[i].name,
           once - 1, sticky - 1);
  }
  if (sqlite3_close(db) != SQLITE_OK) {
    fprintf(stderr, "fault: close: %s\n", sqlite3_errmsg(db));
    failures++;
  }
  if (rs_mem_live() != 0) {
    fprintf(stderr, "fault: %lld blocks not freed\n", (long long)rs_mem_live());
    failures++;
  }
  unlink("rows.json");
  if (chdir("/") != 0 || rmdir(folder) != 0) return 1;
  return failures > 0;
}
