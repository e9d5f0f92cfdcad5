/*
** Every allocation of ours fails once, at each point of the main job: profile, load, compile,
** materialize, run, create a virtual table, scan it ... (main_job_steps.h).
**
**   fault_main_job            all steps, a process for each, as many at a time as processors; TAP
**   fault_main_job STEP...    only these, one after the other in this process
**
** For n = 1, 2 ...: the n-th allocation fails while the step's SQL runs; then, once more, the n-th
** and all that follow. The step must end in success or in an error (never a crash; the sanitizers
** watch memory), and once memory is back the same step must succeed: a failure may leave nothing
** behind that breaks what follows. A step is done when n is beyond its last allocation. When its
** database is closed, no block of ours may be left.
**
** Each n starts from what the one before left behind, and gets one allocation further. So only
** after every AGAIN-th failure the step runs once more with all the memory it wants, and after
** each that ended in anything but an `out of memory`.
**
** FAULT_EVERY=3 takes every third n, for a run that must be short; by default each.
*/
#include "ext/rockset_ext.h"
#include "src/base/mem.h"
#include "main_job_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AGAIN 16

static int failures;
static long every = 1; /* n goes on by so many */

/* DuckDB allocates much; what we allocate ourselves is small beside a quarantine of 256 MB */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
  return "quarantine_size_mb=32:malloc_context_size=16";
}

static void complain(const struct step *s, long n, const char *what, const char *text)
{
  failures++;
  fprintf(stderr, "fault: step %s, allocation %ld: %s: %s\n", s->name, n, what, text ? text : "");
}

/* ---- one step -------------------------------------------------------------------------------- */

static int run(sqlite3 *db, const char *sql, char **err)
{
  return sqlite3_exec(db, sql, NULL, NULL, err);
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

/* The step with all the memory it wants must succeed and leave what it should. */
static void check(sqlite3 *db, const struct step *s, long n, bool is_done)
{
  char got[512], *err = NULL;
  if (!is_done) {
    run(db, s->undo, NULL);
    if (run(db, s->sql, &err) != SQLITE_OK) complain(s, n, "still fails when memory is back", err);
    sqlite3_free(err);
  }
  if (!is_one(db, s->verify, got, sizeof got)) complain(s, n, "wrong afterwards", got);
}

/* Returns how many allocations the step makes. */
static long walk(sqlite3 *db, const struct step *s, bool sticky)
{
  long tried = 0;
  for (long n = s->from;; n += every * (sticky ? s->by : 1)) {
    char *err = NULL;
    run(db, s->undo, NULL);
    rs_mem_fail_at(n, sticky);
    int rc = run(db, s->sql, &err);
    bool reached = rs_mem_failed();
    rs_mem_fail_at(0, false);
    bool is_plain = rc == SQLITE_NOMEM || (err && strstr(err, "out of memory"));
    if (rc != SQLITE_OK && !reached) complain(s, n, "failed with all the memory it wants", err);
    else if (rc != SQLITE_OK && !err) complain(s, n, "an error without a text", sqlite3_errstr(rc));
    sqlite3_free(err);
    if (rc == SQLITE_OK || !is_plain || tried++ % AGAIN == 0) check(db, s, n, rc == SQLITE_OK);
    if (!reached || failures > 20) return n - 1;
  }
}

/* Loading the extension, each time into a connection of its own. */
static long walk_loading(const struct step *s, bool sticky)
{
  for (long n = 1;; n += every) {
    sqlite3 *db = NULL;
    char got[512];
    sqlite3_open(":memory:", &db);
    rs_mem_fail_at(n, sticky);
    int rc = sqlite3_rocksetext_init(db, NULL, NULL);
    bool reached = rs_mem_failed();
    rs_mem_fail_at(0, false);
    if (rc != SQLITE_OK && !reached) complain(s, n, "fails with memory", sqlite3_errstr(rc));
    // the same connection may be given it again
    if (sqlite3_rocksetext_init(db, NULL, NULL) != SQLITE_OK ||
        !is_one(db, "SELECT count(*) = 1 FROM (SELECT rockset_version())", got, sizeof got))
      complain(s, n, "can't be loaded when memory is back", sqlite3_errmsg(db));
    if (sqlite3_close(db) != SQLITE_OK) complain(s, n, "can't be closed", sqlite3_errmsg(db));
    if (!reached || failures > 20) return n - 1;
  }
}

static void write_file(const char *name, const char *text)
{
  FILE *f = fopen(name, "w");
  if (!f || fputs(text, f) < 0 || fclose(f) != 0) exit(1);
}

/* The step from an empty database to a closed one. */
static void do_step(const struct step *s)
{
  sqlite3 *db = NULL;
  char *err = NULL;
  struct timespec from, to;
  long once = 0, sticky = 0;
  clock_gettime(CLOCK_MONOTONIC, &from);
  if (s->sql[0] == 0) {
    once = walk_loading(s, false);
    sticky = walk_loading(s, true);
  } else if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
             sqlite3_rocksetext_init(db, NULL, NULL) != SQLITE_OK ||
             run(db, s->before, &err) != SQLITE_OK) {
    complain(s, 0, "can't begin", err ? err : sqlite3_errmsg(db));
  } else {
    once = walk(db, s, false);
    sticky = walk(db, s, true);
  }
  sqlite3_free(err);
  if (sqlite3_close(db) != SQLITE_OK) complain(s, 0, "can't be closed", sqlite3_errmsg(db));
  if (rs_mem_live() != 0) {
    complain(s, 0, "blocks are not freed when all is closed", "");
    rs_mem_report();
  }
  if (once < s->from || sticky < s->from) complain(s, 0, "allocates nothing: it tests nothing", "");
  clock_gettime(CLOCK_MONOTONIC, &to);
  printf("# %s: allocations %ld to %ld; %.1f s\n", s->name, s->from, once,
         (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}

static int do_steps(char **names, int n)
{
  char folder[] = "/tmp/rockset-fault-XXXXXX";
  if (!mkdtemp(folder) || chdir(folder) != 0) return 1;
  write_file("rows.json", "[{\"n\":1,\"name\":\"a\",\"tags\":[1]},{\"n\":2,\"name\":\"b\"},"
                          "{\"n\":3,\"name\":4,\"tags\":[2,3]}]\n");
  write_file("more.ndjson", "{\"n\":3,\"name\":\"c\"}\n{\"n\":4,\"more\":true}\n");
  for (int i = 0; i < n; i++) {
    size_t at = 0;
    while (at < NSTEPS && strcmp(steps[at].name, names[i]) != 0) at++;
    if (at < NSTEPS) do_step(&steps[at]);
    else failures++, fprintf(stderr, "fault: there is no step %s\n", names[i]);
  }
  unlink("rows.json");
  unlink("more.ndjson");
  if (chdir("/") != 0 || rmdir(folder) != 0) return 1;
  return failures > 0;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static pid_t start(char *program, const struct step *s)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  execl(program, program, s->name, (char *)NULL);
  _exit(127);
}

static int do_all(char *program)
{
  long at_once = sysconf(_SC_NPROCESSORS_ONLN), running = 0;
  pid_t pids[NSTEPS];
  size_t started = 0, ended = 0;
  printf("1..%zu\n", NSTEPS);
  while (ended < NSTEPS) {
    if (started < NSTEPS && running < at_once) {
      pids[started] = start(program, &steps[started]);
      if (pids[started++] < 0) return 1;
      running++;
      continue;
    }
    int status;
    pid_t pid = wait(&status);
    if (pid < 0) return 1;
    size_t at = 0;
    while (at < started && pids[at] != pid) at++;
    if (at == started) continue;
    running--;
    ended++;
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    failures += !ok;
    if (WIFSIGNALED(status)) printf("# %s: signal %d\n", steps[at].name, WTERMSIG(status));
    printf("%s %zu - %s\n", ok ? "ok" : "not ok", ended, steps[at].name);
  }
  return failures > 0;
}

int main(int argc, char **argv)
{
  const char *n = getenv("FAULT_EVERY");
  if (n && atol(n) > 1) every = atol(n);
  setvbuf(stdout, NULL, _IOLBF, 0);
  return argc > 1 ? do_steps(argv + 1, argc - 1) : do_all(argv[0]);
}
