/*
** Metrics in Prometheus' text form: requests by route and status, how long they took, what runs.
**
** One lock for all counters: it is held for a few additions.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "server.h"

/* Upper bounds of the histogram in microseconds. */
static const int64_t bounds[] = {1000,    5000,    10000,    50000,    100000,   500000,
                                 1000000, 5000000, 10000000, 60000000, 600000000};
enum { BUCKETS = sizeof bounds / sizeof bounds[0], STATUSES = 24 };

struct counter {
  int status;
  int64_t n;
};

struct route {
  struct counter statuses[STATUSES];
  int64_t buckets[BUCKETS + 1], us;
};

struct rs_metrics {
  pthread_mutex_t mutex;
  struct route *routes; /* one more than routes: what matched none */
  int64_t rows, bytes;
};

enum rs_code rs_metrics_open(struct rs_metrics **pm, struct rs_error *e)
{
  struct rs_metrics *m = rs_calloc(1, sizeof *m);
  if (m != NULL) m->routes = rs_calloc(rs_routes_count + 1, sizeof m->routes[0]);
  if (m == NULL || m->routes == NULL) {
    rs_free(m);
    return rs_nomem(e);
  }
  pthread_mutex_init(&m->mutex, NULL);
  *pm = m;
  return RS_OK;
}

void rs_metrics_close(struct rs_metrics *m)
{
  if (m == NULL) return;
  pthread_mutex_destroy(&m->mutex);
  rs_free(m->routes);
  rs_free(m);
}

void rs_metrics_count(struct rs_metrics *m, const struct rs_request *q)
{
  int64_t us = rs_now_us() - q->started_us;
  size_t i = 0;
  while (i < BUCKETS && us > bounds[i]) i++;
  pthread_mutex_lock(&m->mutex);
  struct route *r = &m->routes[q->route != NULL ? (size_t)(q->route - rs_routes) : rs_routes_count];
  struct counter *c = r->statuses;
  while (c < r->statuses + STATUSES - 1 && c->status != 0 && c->status != q->status) c++;
  c->status = q->status;
  c->n++;
  r->buckets[i]++;
  r->us += us;
  m->rows += q->rows;
  m->bytes += q->bytes;
  pthread_mutex_unlock(&m->mutex);
}

static void write_labels(struct rs_buf *b, size_t i)
{
  bool known = i < rs_routes_count;
  rs_buf_printf(b, "method=\"%s\",route=\"%s\"", known ? rs_routes[i].method : "",
                known ? rs_routes[i].path : "");
}

static void write_requests(struct rs_buf *b, const struct rs_metrics *m)
{
  rs_buf_str(b, "# HELP rocksetd_requests_total Requests answered.\n"
                "# TYPE rocksetd_requests_total counter\n");
  for (size_t i = 0; i <= rs_routes_count; i++) {
    for (const struct counter *c = m->routes[i].statuses;
         c < m->routes[i].statuses + STATUSES && c->status != 0; c++) {
      rs_buf_str(b, "rocksetd_requests_total{");
      write_labels(b, i);
      rs_buf_printf(b, ",status=\"%d\"} %lld\n", c->status, (long long)c->n);
    }
  }
}

static void write_latencies(struct rs_buf *b, const struct rs_metrics *m)
{
  rs_buf_str(b, "# HELP rocksetd_request_seconds Time to the end of the answer.\n"
                "# TYPE rocksetd_request_seconds histogram\n");
  for (size_t i = 0; i <= rs_routes_count; i++) {
    const struct route *r = &m->routes[i];
    int64_t n = 0;
    if (r->statuses[0].status == 0) continue;
    for (size_t k = 0; k <= BUCKETS; k++) {
      n += r->buckets[k];
      rs_buf_str(b, "rocksetd_request_seconds_bucket{");
      write_labels(b, i);
      if (k < BUCKETS)
        rs_buf_printf(b, ",le=\"%g\"} %lld\n", (double)bounds[k] / 1e6, (long long)n);
      else rs_buf_printf(b, ",le=\"+Inf\"} %lld\n", (long long)n);
    }
    rs_buf_str(b, "rocksetd_request_seconds_sum{");
    write_labels(b, i);
    rs_buf_printf(b, "} %.6f\n", (double)r->us / 1e6);
    rs_buf_str(b, "rocksetd_request_seconds_count{");
    write_labels(b, i);
    rs_buf_printf(b, "} %lld\n", (long long)n);
  }
}

static void write_number(struct rs_buf *b, const char *name, const char *type, const char *help,
                         int64_t n)
{
  rs_buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name,
                (long long)n);
}

enum rs_code rs_get_metrics(struct rs_request *q)
{
  struct rs_metrics *m = q->server->metrics;
  struct rs_buf *b = &q->out;
  int running, queued;
  int64_t stored;
  if (!q->server->config->metrics_public) {
    enum rs_code rc = rs_request_identify(q);
    if (rc == RS_OK) rc = rs_request_need(q, RS_MAY_GET_METRICS_GLOBAL, NULL);
    if (rc != RS_OK) return rc;
  }
  rs_queries_count(q->backend, &running, &queued, &stored);
  pthread_mutex_lock(&m->mutex);
  write_requests(b, m);
  write_latencies(b, m);
  write_number(b, "rocksetd_rows_total", "counter", "Rows and documents answered or written.",
               m->rows);
  write_number(b, "rocksetd_response_bytes_total", "counter", "Bytes of answers' bodies.",
               m->bytes);
  pthread_mutex_unlock(&m->mutex);
  write_number(b, "rocksetd_queries_running", "gauge", "Queries that run.", running);
  write_number(b, "rocksetd_queries_queued", "gauge", "Queries that wait.", queued);
  write_number(b, "rocksetd_stored_result_bytes", "gauge", "Bytes of results kept for paging.",
               stored);
  q->content_type = "text/plain; version=0.0.4; charset=utf-8";
  return RS_OK;
}
