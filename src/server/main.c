/*
** rocksetd: its command line. Every mistake is answered with what would be right.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/engine/load_options.h"
#include "server.h"

static const char usage[] =
  "rocksetd " RS_VERSION ": Rockset's REST API v1 over an embedded DuckDB, or any target of a\n"
  "profile\n"
  "\n"
  "  rocksetd [options]               serve\n"
  "  rocksetd key create [options]    make an API key and print it, this once\n"
  "  rocksetd --routes                print each route with the privilege it needs\n"
  "\n"
  "Where the data is\n"
  "  --database FILE         a DuckDB file, made when it is missing; :memory: for none\n"
  "  --profiles-dir DIR      or a profiles.yml: --profile NAME, --target NAME\n"
  "  --models FILE           show the models of a SQLite file in the console; it is only read\n"
  "  --load WS.NAME=FILE     load a file into a collection that does not exist yet; repeatable\n"
  "  --load-options JSON     how that file is read, behind its --load: '{\"null\": \"NA\"}'\n"
  "Where it listens\n"
  "  --listen HOST:PORT      127.0.0.1:8080; port 0: any free one, which is printed\n"
  "  --tls-cert FILE, --tls-key FILE   PEM files: serve HTTPS\n"
  "  --allow-plain-http      HTTP on an address that is not this machine's own\n"
  "  --no-console            no page at / for browsers\n"
  "Keys (rocksetd key create)\n"
  "  --role admin|write|read   admin\n"
  "  --name NAME               made from the time\n"
  "  ROCKSETD_ADMIN_KEY in the environment serves as a key of the role admin\n"
  "Logs\n"
  "  --access-log FILE       instead of standard error\n"
  "  --quiet                 no access log\n"
  "  --metrics-public        GET /metrics needs no key\n"
  "Limits (sizes and counts; times in seconds)\n"
  "  --max-body BYTES 10485760        --max-documents N 20000\n"
  "  --max-connections N 256          --max-running N 32          --max-queued N 100\n"
  "  --max-rows N 4000000             --max-result-bytes N 1073741824\n"
  "  --max-stored-bytes N 4294967296  --keep-results S 3600\n"
  "  --query-timeout S 120            --async-timeout S 1800\n"
  "  --idle-timeout S 60              --stop-grace S 10\n"
  "Query lambdas\n"
  "  --public-lambdas        those made with is_public run without a key, by an id\n"
  "  --webhook-hosts HOST[:PORT],...   only these, at any address, also by http; without it any\n"
  "                                    host of the public internet, by https\n"
  "Sources of collections\n"
  "  --sources DIR           they may read the files below this folder\n"
  "  --source-hosts HOST[:PORT],...    and URLs and brokers of Kafka of these only, at any\n"
  "                                    address, also without TLS; without it of any host of the\n"
  "                                    public internet, by TLS\n"
  "  --s3-endpoint URL       where buckets are, instead of Amazon's servers\n"
  "  --integrations-key-file FILE      64 hex digits, by which the secrets of integrations are\n"
  "                                    sealed; or ROCKSETD_INTEGRATIONS_KEY in the environment\n"
  "  --source-scan S         30; how often a place is listed, in seconds\n"
  "Slow clients\n"
  "  --head-timeout S 10              --body-timeout S 300\n"
  "  --min-rate BYTES 1024            a second, of a body and of an answer; 0: any\n"
  "  --max-connections-per-address N  32; 0: any, as on this machine's own addresses and with\n"
  "                                   --allow-plain-http, where a proxy is the only client\n";

/* ---- the table of options -------------------------------------------------------------------- */

enum kind { TEXT, FLAG, NUMBER, SECONDS };

struct option {
  const char *name;
  enum kind kind;
  void *value;
  int64_t min, max;
};

enum { OPTIONS_MAX = 60, PER_ADDRESS = 32 };

static size_t fill_options(struct rs_config *c, const char **listen, struct option o[OPTIONS_MAX])
{
  struct rs_query_limits *l = &c->limits;
  struct rs_http_limits *h = &c->http.limits;
  size_t n = 0;
  o[n++] = (struct option){"--database", TEXT, &c->database, 0, 0};
  o[n++] = (struct option){"--profiles-dir", TEXT, &c->profiles_dir, 0, 0};
  o[n++] = (struct option){"--profile", TEXT, &c->profile, 0, 0};
  o[n++] = (struct option){"--target", TEXT, &c->target, 0, 0};
  o[n++] = (struct option){"--models", TEXT, &c->models, 0, 0};
  o[n++] = (struct option){"--listen", TEXT, listen, 0, 0};
  o[n++] = (struct option){"--tls-cert", TEXT, &c->http.tls_cert, 0, 0};
  o[n++] = (struct option){"--tls-key", TEXT, &c->http.tls_key, 0, 0};
  o[n++] = (struct option){"--allow-plain-http", FLAG, &c->plain_http, 0, 0};
  o[n++] = (struct option){"--role", TEXT, &c->key_role, 0, 0};
  o[n++] = (struct option){"--name", TEXT, &c->key_name, 0, 0};
  o[n++] = (struct option){"--access-log", TEXT, &c->http.access_log, 0, 0};
  o[n++] = (struct option){"--quiet", FLAG, &c->http.quiet, 0, 0};
  o[n++] = (struct option){"--no-console", FLAG, &c->no_console, 0, 0};
  o[n++] = (struct option){"--metrics-public", FLAG, &c->metrics_public, 0, 0};
  o[n++] = (struct option){"--max-body", NUMBER, &h->body, 1024, (int64_t)1 << 31};
  o[n++] = (struct option){"--max-documents", NUMBER, &l->documents, 1, 1000000};
  o[n++] = (struct option){"--max-connections", NUMBER, &h->connections, 1, 10000};
  o[n++] = (struct option){"--max-running", NUMBER, &l->running, 1, 1000};
  o[n++] = (struct option){"--max-queued", NUMBER, &l->queued, 0, 1000};
  o[n++] = (struct option){"--max-rows", NUMBER, &l->rows, 1, INT64_MAX};
  o[n++] = (struct option){"--max-result-bytes", NUMBER, &l->result_bytes, 1024, INT64_MAX};
  o[n++] = (struct option){"--max-stored-bytes", NUMBER, &l->stored_bytes, 1024, INT64_MAX};
  o[n++] = (struct option){"--keep-results", SECONDS, &l->keep_ms, 1, 86400};
  o[n++] = (struct option){"--query-timeout", SECONDS, &l->timeout_ms, 1, 86400};
  o[n++] = (struct option){"--async-timeout", SECONDS, &l->async_ms, 1, 86400};
  o[n++] = (struct option){"--idle-timeout", SECONDS, &h->idle_ms, 1, 86400};
  o[n++] = (struct option){"--head-timeout", SECONDS, &h->head_ms, 1, 3600};
  o[n++] = (struct option){"--body-timeout", SECONDS, &h->body_ms, 1, 86400};
  o[n++] = (struct option){"--min-rate", NUMBER, &h->min_rate, 0, 1 << 30};
  o[n++] = (struct option){"--max-connections-per-address", NUMBER, &h->per_address, 0, 10000};
  o[n++] = (struct option){"--public-lambdas", FLAG, &c->public_lambdas, 0, 0};
  o[n++] = (struct option){"--webhook-hosts", TEXT, &c->webhook_hosts, 0, 0};
  o[n++] = (struct option){"--sources", TEXT, &c->sources.folder, 0, 0};
  o[n++] = (struct option){"--source-hosts", TEXT, &c->sources.hosts, 0, 0};
  o[n++] = (struct option){"--s3-endpoint", TEXT, &c->sources.s3_endpoint, 0, 0};
  o[n++] = (struct option){"--integrations-key-file", TEXT, &c->sources.key_file, 0, 0};
  o[n++] = (struct option){"--source-scan", SECONDS, &c->sources.scan_ms, 1, 86400};
  o[n++] = (struct option){"--stop-grace", SECONDS, &c->grace_ms, 0, 3600};
  return n;
}

static void set_defaults(struct rs_config *c)
{
  memset(c, 0, sizeof *c);
  c->limits = (struct rs_query_limits){.documents = 20000,
                                       .running = 32,
                                       .queued = 100,
                                       .timeout_ms = 120000,
                                       .async_ms = 1800000,
                                       .rows = 4000000,
                                       .result_bytes = (int64_t)1 << 30,
                                       .stored_bytes = (int64_t)4 << 30,
                                       .keep_ms = 3600000};
  c->http.limits = (struct rs_http_limits){.body = 10 << 20,
                                           .connections = 256,
                                           .per_address = -1,
                                           .idle_ms = 60000,
                                           .head_ms = 10000,
                                           .body_ms = 300000,
                                           .min_rate = 1024};
  c->grace_ms = 10000;
  c->sources.scan_ms = 30000;
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum rs_code set_number(const struct option *o, const char *text, struct rs_error *e)
{
  char *end = NULL;
  long long v = *text != 0 ? strtoll(text, &end, 10) : 0;
  if (end == NULL || *end != 0 || v < o->min || v > o->max)
    return rs_fail(e, RS_INVALID, "%s %s: a whole number from %lld to %lld is needed", o->name,
                   text, (long long)o->min, (long long)o->max);
  *(int64_t *)o->value = o->kind == SECONDS ? v * 1000 : v;
  return RS_OK;
}

static enum rs_code refuse_argument(const char *arg, const struct option *o, size_t n,
                                    struct rs_error *e)
{
  const char *names[OPTIONS_MAX + 2];
  for (size_t i = 0; i < n; i++) names[i] = o[i].name;
  names[n] = "--load";
  names[n + 1] = "--load-options";
  const char *near = rs_nearest(arg, names, n + 2);
  return rs_fail(e, RS_INVALID, "unknown argument '%s'%s%s%s", arg,
                 near != NULL ? "; did you mean " : "; see rocksetd --help",
                 near != NULL ? near : "", near != NULL ? "?" : "");
}

/* host:port, [v6]:port, or a port alone */
static enum rs_code read_listen(const char *text, struct rs_arena *a, struct rs_config *c,
                                struct rs_error *e)
{
  const char *colon = strrchr(text, ':'), *port = colon != NULL ? colon + 1 : text;
  size_t n = colon != NULL ? (size_t)(colon - text) : 0;
  const char *host = text;
  if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
    host = text + 1;
    n -= 2;
  } else if (memchr(text, ':', n) != NULL) {
    return rs_fail(e, RS_INVALID, "--listen %s: write an IPv6 address as [::1]:8080", text);
  }
  const struct option number = {"--listen: port", NUMBER, NULL, 0, 65535};
  struct option o = number;
  int64_t value = 0;
  o.value = &value;
  enum rs_code rc = set_number(&o, port, e);
  if (rc != RS_OK) return rc;
  c->http.port = (int)value;
  c->http.host = n > 0 ? rs_arena_strndup(a, host, n) : "127.0.0.1";
  return c->http.host != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code add_load(const char *text, struct rs_arena *a, struct rs_config *c,
                             struct rs_error *e)
{
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text || equals[1] == 0)
    return rs_fail(e, RS_INVALID, "--load %s: write WORKSPACE.COLLECTION=FILE", text);
  struct rs_load_arg *all = rs_arena_alloc(a, (c->nloads + 1) * sizeof *all);
  if (all == NULL) return rs_nomem(e);
  if (c->nloads > 0) memcpy(all, c->loads, c->nloads * sizeof *all);
  all[c->nloads].collection = rs_arena_strndup(a, text, (size_t)(equals - text));
  all[c->nloads].file = equals + 1;
  all[c->nloads].options = NULL;
  if (all[c->nloads].collection == NULL) return rs_nomem(e);
  c->loads = all;
  c->nloads++;
  return RS_OK;
}

/* Of the --load in front of it. A dry reading finds what is wrong before anything is opened. */
static enum rs_code set_load_options(const char *json, struct rs_arena *a, struct rs_config *c,
                                     struct rs_error *e)
{
  struct rs_load load = {.mode = "create"};
  struct rs_load_arg *last = c->nloads > 0 ? &c->loads[c->nloads - 1] : NULL;
  if (last == NULL || last->options != NULL)
    return rs_fail(e, RS_INVALID, "--load-options %s: write it once, behind the --load it is for",
                   json);
  enum rs_code rc = rs_load_options_read(json, "--load-options", &load, a, e);
  if (rc == RS_OK && !rs_eq(load.mode, "create"))
    rc = rs_fail(e, RS_INVALID,
                 "--load-options: mode '%s': only create; --load leaves a collection alone that "
                 "exists",
                 load.mode);
  last->options = json;
  return rc;
}

/* Of this machine itself, as far as the text tells. */
static bool is_loopback(const char *host)
{
  return rs_eq(host, "localhost") || rs_eq(host, "::1") || strncmp(host, "127.", 4) == 0;
}

/* Others are known to a server that runs. */
static bool is_fixed_role(const char *name)
{
  return rs_eq(name, "admin") || rs_eq(name, "member") || rs_eq(name, "read-only");
}

static enum rs_code check_config(struct rs_config *c, struct rs_error *e)
{
  if (c->database != NULL && (c->profiles_dir != NULL || c->profile != NULL || c->target != NULL))
    return rs_fail(e, RS_INVALID,
                   "--database and --profiles-dir, --profile, --target exclude each other");
  if (c->database == NULL && c->profiles_dir == NULL && c->profile == NULL && c->target == NULL)
    return rs_fail(e, RS_INVALID,
                   "which data? --database FILE names a DuckDB file, --profiles-dir DIR a "
                   "folder with a profiles.yml");
  if ((c->http.tls_cert == NULL) != (c->http.tls_key == NULL))
    return rs_fail(e, RS_INVALID, "--tls-cert and --tls-key go together");
  if (c->key_create && (c->nloads > 0 || c->models != NULL || c->http.tls_cert != NULL))
    return rs_fail(e, RS_INVALID, "rocksetd key create: only --role, --name and the database");
  if (!c->key_create && (c->key_role != NULL || c->key_name != NULL))
    return rs_fail(e, RS_INVALID, "--role and --name belong to: rocksetd key create");
  if (c->key_role != NULL && !is_fixed_role(rs_role_name(c->key_role)))
    return rs_fail(e, RS_INVALID, "--role %s: admin, write or read", c->key_role);
  if (c->key_create || c->http.tls_cert != NULL || c->plain_http || is_loopback(c->http.host))
    return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "--listen %s: API keys would cross the network in clear text; give --tls-cert "
                 "and --tls-key, or say --allow-plain-http (behind a proxy that does TLS)",
                 c->http.host);
}

/* RS_DONE: it was --help, --version or --routes, which printed. RS_INVALID: e says what is wrong.
** Texts live in the arena or in argv. */
static enum rs_code read_arguments(int argc, char **argv, struct rs_arena *a, struct rs_config *c,
                                   struct rs_error *e)
{
  const char *listen = "127.0.0.1:8080";
  struct option options[OPTIONS_MAX];
  enum rs_code rc = RS_OK;
  int i = 1;
  set_defaults(c);
  size_t n = fill_options(c, &listen, options);
  if (argc > 1 && rs_eq(argv[1], "key")) {
    if (argc < 3 || !rs_eq(argv[2], "create"))
      return rs_fail(e, RS_INVALID,
                     "rocksetd key: only `rocksetd key create`; keys are listed and deleted "
                     "through the API");
    c->key_create = true;
    i = 3;
  }
  for (; i < argc && rc == RS_OK; i++) {
    const char *arg = argv[i];
    if (rs_eq(arg, "--help") || rs_eq(arg, "-h") || rs_eq(arg, "--version")) {
      (void)fputs(rs_eq(arg, "--version") ? "rocksetd " RS_VERSION "\n" : usage, stdout);
      return RS_DONE;
    }
    if (rs_eq(arg, "--routes")) {
      rs_routes_print();
      return RS_DONE;
    }
    size_t k = 0;
    while (k < n && !rs_eq(options[k].name, arg)) k++;
    bool load_options = rs_eq(arg, "--load-options");
    bool load = load_options || rs_eq(arg, "--load");
    if (k == n && !load) return refuse_argument(arg, options, n, e);
    if (!load && options[k].kind == FLAG) {
      *(bool *)options[k].value = true;
      continue;
    }
    if (i + 1 == argc) return rs_fail(e, RS_INVALID, "%s: its value is missing", arg);
    const char *value = argv[++i];
    if (load_options) rc = set_load_options(value, a, c, e);
    else if (load) rc = add_load(value, a, c, e);
    else if (options[k].kind == TEXT) *(const char **)options[k].value = value;
    else rc = set_number(&options[k], value, e);
  }
  if (rc == RS_OK) rc = read_listen(listen, a, c, e);
  if (rc != RS_OK) return rc;
  bool many = is_loopback(c->http.host) || c->plain_http; // one address may be many clients
  if (c->http.limits.per_address < 0) c->http.limits.per_address = many ? 0 : PER_ADDRESS;
  return rc == RS_OK ? check_config(c, e) : rc;
}

int main(int argc, char **argv)
{
  struct rs_config c;
  struct rs_arena a;
  struct rs_error e = {0};
  rs_arena_init(&a, 0);
  enum rs_code rc = read_arguments(argc, argv, &a, &c, &e);
  int status = rc == RS_OK || rc == RS_DONE ? 0 : 2;
  if (rc == RS_OK) status = rs_server_run(&c, &e) == RS_OK ? 0 : 1;
  if (status != 0)
    (void)fprintf(stderr, "rocksetd: %s\n", e.text[0] != 0 ? e.text : rs_code_name(e.code));
  rs_arena_free(&a);
  return status;
}
