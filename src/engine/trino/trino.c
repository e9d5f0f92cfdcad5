/*
** Trino as an engine: profile type `trino` behind the engine contract (engine/slots.h).
**
** A target is a coordinator, a catalog and who we are there; a session is an HTTP client and what
** the server asked it to remember (session.c). Workspaces are schemas of the catalog. There
** are no transactions here: most connectors, Iceberg among them, write in autocommit only.
*/
#include "trino.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/sql/control.h"

int64_t rs_trino_second_ms = 1000;

struct rs_trino_target *rs_trino_target(const struct rs_session *s)
{
  return s->target->impl;
}
struct rs_trino_session *rs_trino_session(const struct rs_session *s)
{
  return s->impl;
}

/* ---- targets --------------------------------------------------------------------------------- */

static enum rs_code target_place(const struct rs_output *o, struct rs_buf *place,
                                 struct rs_error *e)
{
  char *url = rs_trino_url(o);
  if (url == NULL) return rs_nomem(e);
  rs_buf_printf(place, "%s/%s", url, rs_output_text(o, "database", ""));
  rs_free(url);
  return RS_OK;
}

static void target_close(struct rs_target *t)
{
  if (t->impl == NULL) return;
  rs_trino_target_clear(t->impl);
  rs_free(t->impl);
  t->impl = NULL;
}

static enum rs_code target_open(struct rs_target *t, struct rs_error *e)
{
  struct rs_trino_target *d = rs_calloc(1, sizeof *d);
  if (d == NULL) return rs_nomem(e);
  enum rs_code rc = rs_trino_target_fill(d, t->output, e);
  if (rc != RS_OK) {
    rs_free(d);
    return rc;
  }
  t->impl = d;
  t->dialect = rs_dialect_find("trino");
  return RS_OK;
}

/* ---- sessions -------------------------------------------------------------------------------- */

/* A client of the target's server, with the headers of every request. Returns owned. */
static enum rs_code open_client(struct rs_session *s, int tries, struct rs_http **ph,
                                struct rs_error *e)
{
  const struct rs_trino_target *d = rs_trino_target(s);
  size_t n = d->headers.n;
  struct rs_http_header *headers = rs_calloc(n + 1, sizeof *headers);
  if (headers == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    const char *name = d->headers.v[i].name;
    headers[i] = (struct rs_http_header){name, d->headers.v[i].value, rs_eq(name, "Authorization")};
  }
  const struct rs_http_options options = {
    .base_url = d->url,
    .headers = headers,
    .nheaders = n,
    .insecure = d->insecure,
    .allow_plain = d->plain_anywhere,
    .ca_file = d->ca_file,
    .ca_dir = d->ca_dir,
    .cert_file = d->cert_file,
    .key_file = d->key_file,
    .tries = tries,
    .second_ms = rs_trino_second_ms,
    .on_retry = rs_remote_retry,
    .retry_ctx = s,
  };
  enum rs_code rc = rs_http_new(&options, ph, e);
  rs_free(headers);
  return rc;
}

static void session_close(struct rs_session *s)
{
  struct rs_trino_session *x = s->impl;
  if (x == NULL) return;
  rs_remote_close(&x->remote);
  rs_trino_state_free(&x->state);
  rs_free(x);
  s->impl = NULL;
}

static enum rs_code session_open(struct rs_session *s, struct rs_error *e)
{
  struct rs_trino_session *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  s->impl = x;
  enum rs_code rc = rs_trino_state_init(&x->state, rs_trino_target(s)) ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = rs_remote_open(s, open_client, rs_trino_target(s)->tries, e);
  if (rc != RS_OK) session_close(s);
  return rc;
}

static enum rs_code version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  const struct rs_http_request r = {.path = "/v1/info"};
  const struct rs_remote *x = rs_remote_of(s);
  struct rs_buf body;
  int status;
  rs_remote_begin(s);
  rs_buf_init(&body, 1 << 20);
  enum rs_code rc = rs_http_fetch(x->http, &r, &body, &status, e);
  if (rc == RS_OK && status != 200) {
    rc = rs_fail(e, status == 401 ? RS_AUTH : RS_REMOTE, "%s: /v1/info answers with HTTP status %d",
                 rs_http_origin(x->http), status);
  }
  cJSON *j = rc == RS_OK ? cJSON_ParseWithLength(rs_buf_text(&body), body.n) : NULL;
  const cJSON *v = cJSON_GetObjectItemCaseSensitive(
    cJSON_GetObjectItemCaseSensitive(j, "nodeVersion"), "version");
  if (rc == RS_OK && !cJSON_IsString(v)) {
    rc = rs_fail(e, RS_REMOTE, "%s: is no Trino server: /v1/info names no version",
                 rs_http_origin(x->http));
  }
  if (rc == RS_OK) {
    rs_buf_printf(out, "Trino %s at %s, catalog %s", v->valuestring, rs_http_origin(x->http),
                  rs_trino_target(s)->catalog);
  }
  cJSON_Delete(j);
  rs_buf_free(&body);
  return rc;
}

/* A catalog of the cluster; whether there is one of that name the cluster says itself. */
static enum rs_code reaches(const struct rs_target *t, const char *database, bool writes,
                            struct rs_error *e)
{
  (void)t, (void)database, (void)writes, (void)e;
  return RS_OK;
}

const struct rs_engine rs_trino_engine = {
  .type = "trino",
  .fields = &rs_trino_fields,
  .traits = {.caps = RS_CAP_TABLES | RS_CAP_INGEST,
             .request_cost = 1000000,
             .more_databases = true,
             .widens = true,
             .class_name = "TrinoRelation"},
  .target_place = target_place,
  .target_open = target_open,
  .target_close = target_close,
  .session_open = session_open,
  .session_close = session_close,
  .execute = rs_trino_execute,
  .next_batch = rs_trino_next_batch,
  .free_batch = rs_remote_free_batch,
  .get = rs_trino_get,
  .close_rows = rs_trino_close_rows,
  .columns = rs_trino_describe,
  .cancel = rs_remote_cancel,
  .version = version,
  .ingest = rs_trino_ingest,
  .relations = &rs_trino_relation_ops,
  .reaches = reaches,
  .control = &rs_sql_control_ops,
  .documents = &rs_trino_doc_ops,
};
