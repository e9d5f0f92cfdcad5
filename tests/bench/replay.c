/*
** For tests/bench/run.py: replays recorded SQL through DuckDB's own library and prints the seconds
** it took (wall, CPU).
**
**   replay LIBRARY DATABASE THREADS FILE
**
** FILE holds transactions: for each a line with the number of its statements, then for each
** statement its length on a line and its text. Each thread has a connection and takes the next
** transaction.
*/
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What DuckDB's C API has; its header is not needed for so little. */
struct result {
  void *fields[6];
};
static int (*db_open)(const char *path, void **db);
static int (*db_connect)(void *db, void **connection);
static int (*db_query)(void *connection, const char *sql, struct result *r);
static const char *(*db_error)(struct result *r);
static void (*db_destroy)(struct result *r);
static void (*db_disconnect)(void **connection);
static void (*db_close)(void **db);

enum { TRANSACTIONS_MAX = 100000, STATEMENTS_MAX = 8 };

static struct {
  size_t n;
  char *sql[STATEMENTS_MAX];
} transactions[TRANSACTIONS_MAX];
static size_t ntransactions;
static atomic_size_t next_one;
static void *database;

static void die(const char *what, const char *more)
{
  (void)fprintf(stderr, "bench/replay: %s %s\n", what, more != NULL ? more : "");
  exit(1);
}

/* ISO C has no way to turn an object pointer into a function pointer. */
static void find(void *library, const char *name, void *to)
{
  void *p = dlsym(library, name);
  if (p == NULL) die("no", name);
  memcpy(to, &p, sizeof p);
}

static void load(const char *path)
{
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) die(path, dlerror());
  find(library, "duckdb_open", &db_open);
  find(library, "duckdb_connect", &db_connect);
  find(library, "duckdb_query", &db_query);
  find(library, "duckdb_result_error", &db_error);
  find(library, "duckdb_destroy_result", &db_destroy);
  find(library, "duckdb_disconnect", &db_disconnect);
  find(library, "duckdb_close", &db_close);
}

static void read_transactions(const char *path)
{
  FILE *f = fopen(path, "rb");
  size_t n, size;
  if (f == NULL) die(path, "can't be opened");
  while (fscanf(f, "%zu\n", &n) == 1) {
    if (n > STATEMENTS_MAX || ntransactions == TRANSACTIONS_MAX) die("too much", NULL);
    for (size_t i = 0; i < n; i++) {
      if (fscanf(f, "%zu", &size) != 1 || fgetc(f) != '\n') die(path, "is damaged");
      char *sql = calloc(size + 1, 1);
      if (sql == NULL || fread(sql, 1, size, f) != size) die(path, "is cut short");
      transactions[ntransactions].sql[i] = sql;
    }
    transactions[ntransactions++].n = n;
  }
  (void)fclose(f);
}

static void query(void *connection, const char *sql)
{
  struct result r;
  memset(&r, 0, sizeof r);
  if (db_query(connection, sql, &r) != 0) die(sql, db_error(&r));
  db_destroy(&r);
}

static void *work(void *arg)
{
  void *connection = NULL;
  (void)arg;
  if (db_connect(database, &connection) != 0) die("no connection", NULL);
  for (size_t at; (at = atomic_fetch_add(&next_one, 1)) < ntransactions;) {
    query(connection, "BEGIN TRANSACTION");
    for (size_t i = 0; i < transactions[at].n; i++) query(connection, transactions[at].sql[i]);
    query(connection, "COMMIT");
  }
  db_disconnect(&connection);
  return NULL;
}

static double seconds(clockid_t clock)
{
  struct timespec t;
  (void)clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
  pthread_t threads[64];
  if (argc != 5) die("usage: replay LIBRARY DATABASE THREADS FILE", NULL);
  long n = strtol(argv[3], NULL, 10);
  if (n < 1 || n > 64) die("threads:", argv[3]);
  read_transactions(argv[4]);
  load(argv[1]);
  // opening and closing (a checkpoint) are part of a run as well
  double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  if (db_open(argv[2], &database) != 0) die(argv[2], "can't be opened");
  for (long i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, work, NULL) != 0) die("no thread", NULL);
  for (long i = 0; i < n; i++) (void)pthread_join(threads[i], NULL);
  db_close(&database);
  printf("%.6f %.6f %zu\n", seconds(CLOCK_MONOTONIC) - wall,
         seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, ntransactions);
  for (size_t i = 0; i < ntransactions; i++)
    for (size_t k = 0; k < transactions[i].n; k++) free(transactions[i].sql[k]);
  return 0;
}
