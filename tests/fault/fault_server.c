/*
** rocksetd when memory runs out: the whole program, on a thread of this process and with a socket,
** is asked for each kind of endpoint while its n-th allocation fails; then, in steps, the n-th and
** all that follow. Each request gets an answer or a closed connection, within a bounded time; once
** memory is back the same request is answered as it should be; and when the server has stopped no
** block of ours is left.
**
**   fault_server            all requests; not every n, for DuckDB's definitions take their time
**   fault_server NAME...    only these, with every n
*/
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <sqlite3.h>
#include "src/base/embedded.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#define main rocksetd_main
#include "src/server/main.c"
#undef main

#define KEY "a key for the faults of the server"
#define ORG "/v1/orgs/self"
#define COLL ORG "/ws/commons/collections/c"
#define AGAIN 32 /* after so many failures the request is made with all the memory it wants */

/* DuckDB allocates much; what we allocate ourselves is small beside a quarantine of 256 MB */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
  return "quarantine_size_mb=32:malloc_context_size=16";
}

/* `@` in a path: the id of the query that `before` has run, or of the schedule made last. */
struct ask {
  const char *name, *method, *path, *body;
  int status;                       /* with all the memory */
  const char *before, *before_body; /* `METHOD path`: what makes the request possible again */
};

#define SQL(text) "{\"sql\":{\"query\":\"" text "\"}}"
#define LAMBDA ORG "/ws/commons/lambdas/l"
#define VIEW "{\"name\":\"w\",\"query\":\"select a from commons.c\"}"
#define SCHEDULES ORG "/ws/commons/scheduled_lambdas"
#define SCHEDULE                                                                          \
  "{\"ql_name\":\"l\",\"tag\":\"latest\",\"cron_string\":\"* * * * *\",\"apikey\":\"" KEY \
  "\",\"webhook_url\":\"https://127.0.0.1:1/\",\"webhook_payload\":\"[{{QUERY_ID}}]\"}"
#define USER "{\"email\":\"a@b.c\",\"roles\":[\"member\"],\"first_name\":\"A\"}"
#define ROLE                                                                              \
  "{\"role_name\":\"r\",\"privileges\":[{\"action\":\"QUERY_DATA_WS\",\"resource_name\":" \
  "\"commons\"}]}"
#define INTEGRATION                                                          \
  "{\"name\":\"i\",\"s3\":{\"aws_access_key\":{\"aws_access_key_id\":\"I\"," \
  "\"aws_secret_access_key\":\"hidden\"}}}"
#define SOURCES                                                                                \
  "{\"name\":\"s\",\"sources\":[{\"s3\":{\"bucket\":\"file://\",\"pattern\":\"*.{json,csv}\"," \
  "\"settings\":{\"s3_scan_frequency\":\"PT1S\"}},\"format_params\":{\"json\":true}}]}"
#define BROKERS                                                                              \
  "{\"name\":\"k\",\"kafka\":{\"bootstrap_servers\":\"SASL_SSL://127.0.0.1:1,127.0.0.1:2\"," \
  "\"kafka_topic_names\":[\"t\"],\"security_config\":{\"api_key\":\"I\",\"secret\":\"hidden\"}}}"
#define TOPICS                                                              \
  "{\"name\":\"t\",\"sources\":[{\"integration_name\":\"used\",\"kafka\":{" \
  "\"kafka_topic_name\":\"t\",\"client_id\":\"c\"}}]}"
#define PAGED "{\"sql\":{\"query\":\"select a from commons.c\"},\"max_initial_results\":1}"

static const struct ask asks[] = {
  {"root", "GET", "/", NULL, 200, NULL, NULL},
  {"metrics", "GET", "/metrics", NULL, 200, NULL, NULL},
  {"no such path", "GET", ORG "/nothing", NULL, 404, NULL, NULL},
  {"query", "POST", ORG "/queries", SQL("select a, b, count(*) n from commons.c group by a, b"),
   200, NULL, NULL},
  {"parameters", "POST", ORG "/queries",
   "{\"sql\":{\"query\":\"select :p as x\",\"parameters\":[{\"name\":\"p\",\"type\":\"date\","
   "\"value\":\"2020-01-01\"}]}}",
   200, NULL, NULL},
  {"stream", "POST", ORG "/queries",
   SQL("select range as i, repeat('x', 100) as t from range(3000)"), 200, NULL, NULL},
  {"wrong query", "POST", ORG "/queries", SQL("selec nothing"), 400, NULL, NULL},
  {"paged query", "POST", ORG "/queries", PAGED, 200, NULL, NULL},
  {"async query", "POST", ORG "/queries",
   "{\"sql\":{\"query\":\"select a from commons.c\"},\"async\":true,"
   "\"async_options\":{\"client_timeout_ms\":5000}}",
   200, NULL, NULL},
  {"page", "GET", ORG "/queries/@/pages?docs=1", NULL, 200, "POST " ORG "/queries", PAGED},
  {"query's state", "GET", ORG "/queries/@", NULL, 200, "POST " ORG "/queries", PAGED},
  {"cancel", "DELETE", ORG "/queries/@", NULL, 200, "POST " ORG "/queries", PAGED},
  {"queries", "GET", ORG "/queries", NULL, 200, NULL, NULL},
  {"validation", "POST", ORG "/queries/validations", SQL("select :p, a from commons.c"), 200, NULL,
   NULL},
  {"insert", "POST", ORG "/queries", SQL("insert into commons.c select 'i' as _id, 1 as a"), 200,
   NULL, NULL},
  {"describe", "POST", ORG "/queries", SQL("describe commons.c"), 200, NULL, NULL},
  {"documents", "POST", COLL "/docs",
   "{\"data\":[{\"_id\":\"1\",\"a\":1,\"b\":{\"c\":[1,\"x\"]}},{\"a\":2.5}]}", 200, NULL, NULL},
  {"patches", "PATCH", COLL "/docs",
   "{\"data\":[{\"_id\":\"1\",\"patch\":[{\"op\":\"add\",\"path\":\"/d\",\"value\":true}]}]}", 200,
   NULL, NULL},
  {"deletions", "DELETE", COLL "/docs", "{\"data\":[{\"_id\":\"gone\"}]}", 200, NULL, NULL},
  {"no documents", "POST", COLL "/docs", "{\"data\":[", 400, NULL, NULL},
  {"timed documents", "POST", ORG "/ws/commons/collections/timed/docs",
   "{\"data\":[{\"_id\":\"1\",\"at\":\"2020-07-02 03:04:05\"},{\"at\":\"soon\"}]}", 200,
   "POST " ORG "/ws/commons/collections",
   "{\"name\":\"timed\",\"event_time_info\":{\"field\":\"at\",\"time_zone\":\"Europe/Berlin\"}}"},
  {"collections", "GET", ORG "/collections", NULL, 200, NULL, NULL},
  {"collection", "GET", COLL, NULL, 200, NULL, NULL},
  {"new collection", "POST", ORG "/ws/commons/collections",
   "{\"name\":\"n\",\"description\":\"d\"}", 200, "DELETE " ORG "/ws/commons/collections/n", NULL},
  {"drop collection", "DELETE", ORG "/ws/commons/collections/n", NULL, 200,
   "POST " ORG "/ws/commons/collections", "{\"name\":\"n\"}"},
  {"describe collection", "PUT", COLL, "{\"description\":\"other\"}", 200, NULL, NULL},
  {"offsets", "POST", COLL "/offsets/commit", "{\"name\":[\"f1:0:0:1:2\"]}", 200, NULL, NULL},
  {"workspaces", "GET", ORG "/ws", NULL, 200, NULL, NULL},
  {"new workspace", "POST", ORG "/ws", "{\"name\":\"x\"}", 200, "DELETE " ORG "/ws/x", NULL},
  {"drop workspace", "DELETE", ORG "/ws/x", NULL, 200, "POST " ORG "/ws", "{\"name\":\"x\"}"},
  {"views", "GET", ORG "/views", NULL, 200, NULL, NULL},
  {"new view", "POST", ORG "/ws/commons/views", VIEW, 200, "DELETE " ORG "/ws/commons/views/w",
   NULL},
  {"other view", "POST", ORG "/ws/commons/views/w", "{\"query\":\"select b from commons.c\"}", 200,
   "POST " ORG "/ws/commons/views", VIEW},
  {"drop view", "DELETE", ORG "/ws/commons/views/w", NULL, 200, "POST " ORG "/ws/commons/views",
   VIEW},
  {"aliases", "GET", ORG "/aliases", NULL, 200, NULL, NULL},
  {"new alias", "POST", ORG "/ws/commons/aliases",
   "{\"name\":\"al\",\"collections\":[\"commons.c\"]}", 200, "DELETE " ORG "/ws/commons/aliases/al",
   NULL},
  {"other alias", "POST", ORG "/ws/commons/aliases/al", "{\"collections\":[\"commons._events\"]}",
   200, "POST " ORG "/ws/commons/aliases", "{\"name\":\"al\",\"collections\":[\"commons.c\"]}"},
  {"drop alias", "DELETE", ORG "/ws/commons/aliases/al", NULL, 200,
   "POST " ORG "/ws/commons/aliases", "{\"name\":\"al\",\"collections\":[\"commons.c\"]}"},
  {"lambdas", "GET", ORG "/lambdas", NULL, 200, NULL, NULL},
  {"new lambda", "POST", ORG "/ws/commons/lambdas",
   "{\"name\":\"m\",\"sql\":{\"query\":\"select "
   "1\",\"default_parameters\":[{\"name\":\"p\",\"type\":"
   "\"int\",\"value\":\"1\"}]}}",
   200, "DELETE " ORG "/ws/commons/lambdas/m", NULL},
  {"lambda's version", "POST", LAMBDA "/versions", SQL("select 2 as x"), 200, NULL, NULL},
  {"run lambda", "POST", LAMBDA "/tags/latest", "{}", 200, NULL, NULL},
  {"versions", "GET", LAMBDA "/versions", NULL, 200, NULL, NULL},
  {"tags", "GET", LAMBDA "/tags", NULL, 200, NULL, NULL},
  {"new schedule", "POST", SCHEDULES, SCHEDULE, 200, "DELETE " SCHEDULES "/@", NULL},
  {"schedules", "GET", ORG "/lambdas/scheduled_lambdas", NULL, 200, NULL, NULL},
  {"schedule", "GET", SCHEDULES "/@", NULL, 200, NULL, NULL},
  {"other schedule", "POST", SCHEDULES "/@",
   "{\"total_times_to_execute\":9,\"apikey\":\"" KEY "\"}", 200, NULL, NULL},
  {"drop schedule", "DELETE", SCHEDULES "/@", NULL, 200, "POST " SCHEDULES, SCHEDULE},
  {"instances", "GET", ORG "/virtualinstances", NULL, 200, NULL, NULL},
  {"other instance", "POST", ORG "/virtualinstances/main", "{\"description\":\"d\"}", 200, NULL,
   NULL},
  {"new instance", "POST", ORG "/virtualinstances", "{\"name\":\"v\"}", 200,
   "DELETE " ORG "/virtualinstances/v", NULL},
  {"instance", "GET", ORG "/virtualinstances/main", NULL, 200, NULL, NULL},
  {"drop instance", "DELETE", ORG "/virtualinstances/v", NULL, 200, "POST " ORG "/virtualinstances",
   "{\"name\":\"v\"}"},
  {"mounts", "GET", ORG "/virtualinstances/main/mounts", NULL, 200, NULL, NULL},
  {"organization", "GET", ORG, NULL, 200, NULL, NULL},
  {"settings", "GET", ORG "/deploymentsettings", NULL, 200, NULL, NULL},
  {"keys", "GET", ORG "/users/self/apikeys", NULL, 200, NULL, NULL},
  {"new key", "POST", ORG "/users/self/apikeys", "{\"name\":\"k\",\"role\":\"read-only\"}", 200,
   "DELETE " ORG "/users/self/apikeys/k", NULL},
  {"drop key", "DELETE", ORG "/users/self/apikeys/k", NULL, 200, "POST " ORG "/users/self/apikeys",
   "{\"name\":\"k\",\"role\":\"read-only\"}"},
  {"users", "GET", ORG "/users", NULL, 200, NULL, NULL},
  {"new user", "POST", ORG "/users", USER, 200, "DELETE " ORG "/users/a%40b.c", NULL},
  {"other user", "POST", ORG "/users/a%40b.c", "{\"roles\":[\"read-only\"]}", 200,
   "POST " ORG "/users", USER},
  {"drop user", "DELETE", ORG "/users/a%40b.c", NULL, 200, "POST " ORG "/users", USER},
  {"preferences", "POST", ORG "/users/self/preferences",
   "{\"data\":[{\"notificationType\":\"x\"}]}", 200, NULL, NULL},
  {"roles", "GET", ORG "/roles", NULL, 200, NULL, NULL},
  {"new role", "POST", ORG "/roles", ROLE, 200, "DELETE " ORG "/roles/r", NULL},
  {"other role", "POST", ORG "/roles/r", "{\"privileges\":[{\"action\":\"QUERY_VI\"}]}", 200,
   "POST " ORG "/roles", ROLE},
  {"drop role", "DELETE", ORG "/roles/r", NULL, 200, "POST " ORG "/roles", ROLE},
  {"integrations", "GET", ORG "/integrations", NULL, 200, NULL, NULL},
  {"new integration", "POST", ORG "/integrations", INTEGRATION, 200,
   "DELETE " ORG "/integrations/i", NULL},
  {"drop integration", "DELETE", ORG "/integrations/i", NULL, 200, "POST " ORG "/integrations",
   INTEGRATION},
  {"sources", "GET", COLL "/sources", NULL, 200, NULL, NULL},
  {"new sources", "POST", ORG "/ws/commons/collections", SOURCES, 200,
   "DELETE " ORG "/ws/commons/collections/s", NULL},
  {"new brokers", "POST", ORG "/integrations", BROKERS, 200, "DELETE " ORG "/integrations/k", NULL},
  {"new topic", "POST", ORG "/ws/commons/collections", TOPICS, 200,
   "DELETE " ORG "/ws/commons/collections/t", NULL},
  {"models", "GET", ORG "/models", NULL, 200, NULL, NULL},
  {"model", "GET", ORG "/models/nodes/model.project.daily", NULL, 200, NULL, NULL},
  {"no model", "GET", ORG "/models/nodes/nothing", NULL, 404, NULL, NULL},
  {"runs", "GET", ORG "/models/runs", NULL, 200, NULL, NULL},
  {"run", "GET", ORG "/models/runs/r", NULL, 200, NULL, NULL},
};
enum { NASKS = sizeof asks / sizeof asks[0] };

static int port, failures, bodies;
static bool every; /* n */
static char query_id[64], schedule_id[64];

/* ---- a client that allocates nothing --------------------------------------------------------- */

static int connected(void)
{
  const struct timeval limit = {.tv_sec = 30};
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) return fd;
  (void)close(fd);
  return -1;
}

/* The status; 0: the connection was closed without one; -1: nothing came in time, or what came is
** no HTTP. */
static int answer(int fd)
{
  static char text[1 << 20];
  size_t n = 0;
  ssize_t got = 1;
  while (got > 0 && n < sizeof text - 1) {
    got = recv(fd, text + n, sizeof text - 1 - n, 0);
    if (got > 0) n += (size_t)got;
  }
  text[n] = 0;
  if (got < 0 && errno != ECONNRESET) return -1;
  if (n == 0) return 0;
  if (strncmp(text, "HTTP/1.1 ", 9) != 0) return -1;
  const char *id = strstr(text, "\"query_id\":\"");
  if (id != NULL)
    (void)snprintf(query_id, sizeof query_id, "%.*s", (int)strcspn(id + 12, "\""), id + 12);
  id = strstr(text, "{\"rrn\":\"rrn:sl:");
  if (id != NULL)
    (void)snprintf(schedule_id, sizeof schedule_id, "%.*s", (int)strcspn(id + 8, "\""), id + 8);
  bodies++;
  return (int)strtol(text + 9, NULL, 10);
}

static int request(const char *method, const char *path, const char *body)
{
  char text[4096], whole[300];
  const char *at = strchr(path, '@');
  if (at != NULL)
    (void)snprintf(whole, sizeof whole, "%.*s%s%s", (int)(at - path), path,
                   strstr(path, "schedule") != NULL ? schedule_id : query_id, at + 1);
  else (void)snprintf(whole, sizeof whole, "%s", path);
  if (body == NULL) body = "";
  int n = snprintf(text, sizeof text,
                   "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey " KEY
                   "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n%s",
                   method, whole, strlen(body), body);
  int fd = connected();
  if (fd < 0) return -1;
  int status = send(fd, text, (size_t)n, MSG_NOSIGNAL) == n ? answer(fd) : -1;
  (void)close(fd);
  return status;
}

static void prepare(const struct ask *a)
{
  if (a->before == NULL) return;
  char method[16];
  size_t n = strcspn(a->before, " ");
  (void)snprintf(method, sizeof method, "%.*s", (int)n, a->before);
  (void)request(method, a->before + n + 1, a->before_body);
}

/* ---- every allocation ------------------------------------------------------------------------ */

static void complain(const struct ask *a, long n, const char *what, int status)
{
  failures++;
  (void)fprintf(stderr, "fault: %s, allocation %ld: %s: status %d\n", a->name, n, what, status);
}

/* With all the memory it wants. */
static void check(const struct ask *a, long n)
{
  prepare(a);
  int status = request(a->method, a->path, a->body);
  if (status != a->status) complain(a, n, "wrong when memory is back", status);
}

/* How far to go from n. */
static long step(const struct ask *a, long n, bool sticky)
{
  if (every) return 1;
  if (sticky) return 1 + n;
  return a->before == NULL ? 1 + n / 16 : 1 + n / 2;
}

static long walk(const struct ask *a, bool sticky)
{
  for (long n = 1;; n += step(a, n, sticky)) {
    prepare(a);
    rs_mem_fail_at(n, sticky);
    int status = request(a->method, a->path, a->body);
    bool failed = rs_mem_failed();
    rs_mem_fail_at(0, false);
    if (status < 0) complain(a, n, "no answer and not closed", status);
    else if (!failed && status != a->status) complain(a, n, "wrong without a failure", status);
    else if (failed && status != 0 && status != a->status && status < 400)
      complain(a, n, "an odd status", status);
    if (n % AGAIN == 1 || !failed) check(a, n);
    if (!failed || failures > 20) return n;
  }
}

static bool is_asked(const char *name, int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], name) == 0) return true;
  return argc == 1;
}

/* ---- the server ------------------------------------------------------------------------------ */

static char listens[64], models[64], incoming[64];
static _Atomic int ended = -1; /* what the server's main returned */

static void *serve_all(void *arg)
{
  char *argv[] = {"rocksetd", "--database", ":memory:", "--listen", listens, "--models",
                  models,     "--sources",  incoming,   "--quiet",  NULL};
  (void)arg;
  ended = rocksetd_main(10, argv);
  return NULL;
}

/* A port that is free now. */
static int free_port(void)
{
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t size = sizeof at;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool ok = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
            getsockname(fd, (struct sockaddr *)&at, &size) == 0;
  (void)close(fd);
  return ok ? ntohs(at.sin_port) : 0;
}

static bool is_up(void)
{
  for (int i = 0; i < 1200 && ended < 0; i++) {
    if (request("GET", "/healthz", NULL) == 200) return true;
    rs_sleep_ms(50);
  }
  return false;
}

/* A project of two models and a run, in the file that --models names. */
static bool make_models(void)
{
  static const char rows[] =
    "INSERT INTO rockset_meta VALUES('schema_version', '4');"
    "INSERT INTO rockset_models(name, sql, tags) VALUES('orders', 'SELECT 1 AS id', 'core'),"
    "('daily', 'SELECT id FROM {{ ref(''orders'') }}', NULL);"
    "INSERT INTO rockset_invocations(id, command, started_at, status) VALUES('r', 'run', "
    "'2026-01-01', 'success');"
    "INSERT INTO rockset_results(invocation_id, unique_id, node, kind, status, compiled) VALUES"
    "('r', 'model.project.daily', 'daily', 'view', 'success', 'SELECT id FROM commons.orders')";
  sqlite3 *db = NULL;
  bool ok = sqlite3_open(models, &db) == SQLITE_OK &&
            sqlite3_exec(db, rs_embedded_find("schema.sql")->text, NULL, NULL, NULL) == SQLITE_OK &&
            sqlite3_exec(db, rows, NULL, NULL, NULL) == SQLITE_OK;
  (void)sqlite3_close(db);
  return ok;
}

/* What a source reads. */
static int make_incoming(const char *folder)
{
  char path[80];
  (void)snprintf(incoming, sizeof incoming, "%s/in", folder);
  (void)snprintf(path, sizeof path, "%s/a.json", incoming);
  if (mkdir(incoming, 0700) != 0) return 0;
  FILE *f = fopen(path, "w");
  return f != NULL && fputs("{\"a\":1}{\"a\":2,\"b\":[1]}", f) >= 0 && fclose(f) == 0;
}

static void furnish_data(void)
{
  (void)request("POST", ORG "/ws/commons/collections", "{\"name\":\"c\"}");
  (void)request("POST", COLL "/docs",
                "{\"data\":[{\"_id\":\"1\",\"a\":1,\"b\":\"x\"},{\"_id\":\"2\",\"a\":2},"
                "{\"_id\":\"3\",\"b\":[1,{\"c\":2}]}]}");
  (void)request("POST", ORG "/ws/commons/lambdas",
                "{\"name\":\"l\",\"sql\":{\"query\":\"select a from commons.c\"}}");
  (void)request("POST", SCHEDULES, SCHEDULE);
  (void)request("POST", ORG "/integrations",
                "{\"name\":\"used\",\"kafka\":{\"bootstrap_servers\":\"SSL://127.0.0.1:1\"}}");
}

int main(int argc, char **argv)
{
  char folder[] = "/tmp/rs_fault_XXXXXX";
  pthread_t thread;
  sigset_t set;
  int status;
  int64_t live = rs_mem_live();
  if (mkdtemp(folder) == NULL) return 2;
  port = free_port();
  every = argc > 1;
  (void)snprintf(listens, sizeof listens, "127.0.0.1:%d", port);
  (void)snprintf(models, sizeof models, "%s/app.db", folder);
  if (!make_models() || !make_incoming(folder)) return 2;
  (void)setenv("ROCKSETD_ADMIN_KEY", KEY, 1);
  (void)setenv("TMPDIR", folder, 1);
  (void)setenv("ROCKSETD_INTEGRATIONS_KEY",
               "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (pthread_create(&thread, NULL, serve_all, NULL) != 0) return 2;
  if (!is_up()) return 2;
  furnish_data();
  for (int i = 0; i < NASKS; i++) {
    if (!is_asked(asks[i].name, argc, argv)) continue;
    int before = failures;
    long once = walk(&asks[i], false), all = walk(&asks[i], true);
    (void)printf("%sok %d - %s: %ld allocations, %ld and on\n", failures > before ? "not " : "",
                 i + 1, asks[i].name, once, all);
    (void)fflush(stdout);
  }
  (void)kill(getpid(), SIGTERM);
  (void)pthread_join(thread, NULL);
  rs_redact_clear();
  status = rs_mem_live() > live || ended != 0;
  if (rs_mem_live() > live) rs_mem_report();
  (void)printf("%sok %d - stops, nothing left\n1..%d\n", status != 0 ? "not " : "", NASKS + 1,
               NASKS + 1);
  (void)snprintf(listens, sizeof listens, "rm -rf '%.30s'", folder);
  if (system(listens) != 0) status = 1;
  return failures > 0 || bodies == 0 || status != 0;
}
