/*
** Measures the row slicer on a Rockset-like body (8 columns, about 163 bytes a row), in memory
** beside cJSON (CPU time) and over loopback beside curl, which only discards it (wall time). Prints
** the best of the runs.
**
**   BENCH_ROWS (1,000,000), BENCH_RUNS (7)
*/
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <netinet/in.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/thread.h"
#include "src/json/rows.h"

static char *body;
static size_t body_n;
static int runs = 7;

static const char *const cities[] = {"Berlin", "San Francisco", "Tokyo", "S\xC3\xA3o Paulo",
                                     "New York"};

static void make_body(long rows)
{
  struct rs_buf b;
  rs_buf_init(&b, (size_t)1 << 40);
  rs_buf_str(&b, "{\"query_id\":\"7c9e:aB3:0\",\"status\":\"COMPLETED\",\"results\":[");
  for (long i = 0; i < rows; i++)
    rs_buf_printf(&b,
                  "%s{\"_id\":\"5f3a-%08lx-9c\",\"title\":\"The %ld%s film\",\"year\":%ld,"
                  "\"rating\":%.1f,\"gross\":%ld,\"city\":\"%s\",\"released\":"
                  "\"2019-%02ld-%02ldT23:14:31.561512Z\",\"seen\":%s}",
                  i == 0 ? "" : ",", i * 2654435761L % 4294967296L, i, i % 50 == 0 ? "\\\"" : "th",
                  1950 + i % 70, (double)(i % 100) / 10, i * 7919 % 100000003, cities[i % 5],
                  i % 12 + 1, i % 28 + 1, i % 3 == 0 ? "null" : "true");
  rs_buf_str(&b, "],\"stats\":{\"elapsed_time_ms\":3}}");
  body_n = b.n;
  body = rs_buf_take(&b);
  if (body == NULL) exit(1);
}

/* ---- sources ---- */

struct memory {
  size_t at;
};

static enum rs_code read_memory(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  (void)e;
  struct memory *m = ctx;
  *n = body_n - m->at < cap ? body_n - m->at : cap;
  if (*n > 16384) *n = 16384; // as libcurl delivers
  memcpy(buf, body + m->at, *n);
  m->at += *n;
  return RS_OK;
}

static enum rs_code read_socket(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  ssize_t got = read(*(int *)ctx, buf, cap);
  if (got < 0) return rs_fail(e, RS_IO, "socket");
  *n = (size_t)got;
  return RS_OK;
}

/* ---- cases ---- */

static const char *const names[] = {"_id",   "title", "year",     "rating",
                                    "gross", "city",  "released", "seen"};
static const char *const two[] = {"rating", "year"};

/* Slices; decodes every kept value when asked to. Returns the rows. */
static size_t slice(const struct rs_json_source *source, const char *const *columns, size_t ncols,
                    int decode)
{
  struct rs_error e = {0};
  struct rs_json_options o = {.what = "bench", .rows = "results", .typed = true};
  struct rs_json_rows *r;
  struct rs_json_batch *b;
  size_t n, rows = 0;
  enum rs_code rc = rs_json_rows_open(source, &o, &r, &e);
  if (rc == RS_OK) rc = rs_json_rows_project(r, columns, ncols, &e);
  while (rc == RS_OK && (rc = rs_json_rows_next(r, &b, &n, &e)) == RS_OK) {
    struct rs_value v;
    for (size_t i = 0; decode && i < n; i++)
      for (size_t c = 0; c < ncols; c++) rs_json_batch_get(b, i, c, &v);
    rows += n;
    rs_json_batch_free(b);
  }
  if (rc != RS_DONE) {
    fprintf(stderr, "%s\n", e.text);
    exit(1);
  }
  rs_json_rows_close(r);
  return rows;
}

static double seconds_since(int64_t started)
{
  return (double)(rs_now_us() - started) / 1e6;
}

/* Of this process: in memory nothing waits, and others on the machine count less. */
static double cpu_seconds(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void in_memory(const char *what, const char *const *columns, size_t ncols, int decode)
{
  double best = 1e9;
  for (int i = 0; i < runs; i++) {
    struct memory m = {0};
    struct rs_json_source s = {read_memory, &m};
    double started = cpu_seconds();
    (void)slice(&s, columns, ncols, decode);
    double t = cpu_seconds() - started;
    if (t < best) best = t;
  }
  printf("%-36s %7.3f s %6.2f GB/s\n", what, best, (double)body_n / best / 1e9);
}

static void with_cjson(long rows)
{
  double best = 1e9;
  for (int i = 0; i < 3; i++) {
    double started = cpu_seconds();
    cJSON *j = cJSON_ParseWithLength(body, body_n);
    double t = cpu_seconds() - started;
    if (j == NULL) exit(1);
    cJSON_Delete(j);
    if (t < best) best = t;
  }
  printf("%-36s %7.3f s %6.2f GB/s (%ld rows)\n", "cJSON, a tree of it", best,
         (double)body_n / best / 1e9, rows);
}

/* ---- loopback ---- */

/* Answers every request on the socket with the body, until it is ended. */
static void serve(int listener)
{
  for (;;) {
    int c = accept(listener, NULL, NULL);
    char request[4096];
    if (c < 0 || read(c, request, sizeof request) <= 0) exit(1);
    char head[200];
    int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", body_n);
    if (write(c, head, (size_t)n) != n) exit(1);
    for (size_t at = 0; at < body_n;) {
      ssize_t w = write(c, body + at, body_n - at < 1 << 17 ? body_n - at : 1 << 17);
      if (w <= 0) break;
      at += (size_t)w;
    }
    close(c);
  }
}

static void over_socket(const char *what, struct sockaddr_in *to, const char *const *columns,
                        size_t ncols, int decode)
{
  double best = 1e9, best_cpu = 1e9;
  for (int i = 0; i < runs; i++) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    char head[4], buf[65536];
    if (connect(s, (struct sockaddr *)to, sizeof *to) != 0) exit(1);
    int64_t started = rs_now_us();
    double cpu = cpu_seconds();
    if (write(s, "GET / HTTP/1.1\r\n\r\n", 18) != 18) exit(1);
    memset(head, 0, sizeof head);
    while (memcmp(head, "\r\n\r\n", 4) != 0) {
      memmove(head, head + 1, 3);
      if (read(s, head + 3, 1) != 1) exit(1);
    }
    struct rs_json_source source = {read_socket, &s};
    if (columns != NULL) (void)slice(&source, columns, ncols, decode);
    else
      while (read(s, buf, sizeof buf) > 0) {
      }
    double t = seconds_since(started);
    cpu = cpu_seconds() - cpu;
    if (cpu < best_cpu) best_cpu = cpu;
    close(s);
    if (t < best) best = t;
  }
  printf("%-36s %7.3f s %6.2f GB/s (CPU %.3f s)\n", what, best, (double)body_n / best / 1e9,
         best_cpu);
}

static void with_curl(int port)
{
  double best = 1e9;
  char command[100];
  (void)snprintf(command, sizeof command, "curl -s -o /dev/null -w '%%{time_total}' 127.0.0.1:%d",
                 port);
  for (int i = 0; i < runs; i++) {
    double t = 0;
    char line[64] = "";
    FILE *f = popen(command, "r");
    if (f == NULL || fgets(line, sizeof line, f) == NULL) {
      printf("no curl to compare with\n");
      if (f != NULL) pclose(f);
      return;
    }
    pclose(f);
    t = strtod(line, NULL);
    if (t < best) best = t;
  }
  printf("%-36s %7.3f s %6.2f GB/s\n", "loopback: curl, discarding", best,
         (double)body_n / best / 1e9);
}

static int be_client(char **argv)
{
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                          .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10))};
  char line[200];
  body_n = strtoul(argv[2], NULL, 10);
  over_socket("loopback: 8 columns", &a, names, 8, 0);
  over_socket("loopback: 8 columns, decoded", &a, names, 8, 1);
  over_socket("loopback: 2 columns, decoded", &a, two, 2, 1);
  // not getrusage, which remembers what the program was before
  FILE *f = fopen("/proc/self/status", "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL)
    if (strncmp(line, "VmHWM:", 6) == 0)
      printf("%-36s %7.1f MB\n", "loopback: peak of the whole process",
             (double)strtol(line + 6, NULL, 10) / 1e3);
  if (f != NULL) (void)fclose(f);
  return 0;
}

static void loopback(void)
{
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&a, n) != 0 || listen(listener, 8) != 0 ||
      getsockname(listener, (struct sockaddr *)&a, &n) != 0)
    exit(1);
  fflush(stdout);
  pid_t server = fork();
  if (server == 0) serve(listener);
  // The server has its own reference: what is measured is this process without the body
  rs_free(body);
  with_curl(ntohs(a.sin_port));
  over_socket("loopback: read, discarding", &a, NULL, 0, 0);
  fflush(stdout);
  pid_t client = fork();
  if (client == 0) { // a program of its own has a peak of memory of its own
    char port[20], size[30];
    (void)snprintf(port, sizeof port, "%d", ntohs(a.sin_port));
    (void)snprintf(size, sizeof size, "%zu", body_n);
    execl("/proc/self/exe", "json", port, size, (char *)NULL);
    _exit(1);
  }
  (void)waitpid(client, NULL, 0);
  kill(server, SIGTERM);
  (void)waitpid(server, NULL, 0);
}

int main(int argc, char **argv)
{
  const char *rows_text = getenv("BENCH_ROWS"), *runs_text = getenv("BENCH_RUNS");
  long rows = rows_text != NULL ? strtol(rows_text, NULL, 10) : 1000000;
  if (runs_text != NULL) runs = (int)strtol(runs_text, NULL, 10);
  if (argc == 3) return be_client(argv);
  make_body(rows / 10);
  with_cjson(rows / 10);
  rs_free(body);
  make_body(rows);
  printf("%ld rows, %.1f MB, best of %d\n", rows, (double)body_n / 1e6, runs);
  in_memory("8 columns", names, 8, 0);
  in_memory("8 columns, decoded", names, 8, 1);
  in_memory("2 columns", two, 2, 0);
  in_memory("2 columns, decoded", two, 2, 1);
  in_memory("no column", NULL, 0, 0);
  loopback();
  return 0;
}
