/*
** Rockset's REST API as an engine: profile type `rockset` behind the engine contract
** (engine/slots.h).
**
** A target is a server and a key; a session is an HTTP client with its own connections, and a
** second one, made when it is needed, that stops statements and cleans up: no cancel reaches it.
*/
#include "rockset.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

int64_t rs_rockset_second_ms = 1000;
size_t rs_rockset_batch_docs = 20000; // the service takes no more

#define DEFAULT_SERVER "api.rs2.usw2.rockset.com"
#define LOCAL_TRIES 3

struct rs_rockset_target *rs_rockset_target(const struct rs_session *s)
{
  return s->target->impl;
}
struct rs_rockset_session *rs_rockset_session(const struct rs_session *s)
{
  return s->impl;
}

/* ---- targets --------------------------------------------------------------------------------- */

/* api_server is a host or a URL of scheme, host and port. Returns owned. */
static char *url_of(const struct rs_output *o)
{
  const char *server = rs_output_text(o, "api_server", DEFAULT_SERVER);
  size_t n = strlen(server);
  while (n > 0 && server[n - 1] == '/') n--;
  return rs_mprintf("%s%.*s", strstr(server, "://") != NULL ? "" : "https://", (int)n, server);
}

static bool is_closed(const char *url)
{
  static const char end[] = "rockset.com";
  const char *host = strstr(url, "://");
  host = host != NULL ? host + 3 : url;
  size_t n = strcspn(host, ":/");
  return n >= sizeof end - 1 && rs_casecmpn(host + n - (sizeof end - 1), end, sizeof end - 1) == 0;
}

static enum rs_code target_place(const struct rs_output *o, struct rs_buf *place,
                                 struct rs_error *e)
{
  char *url = url_of(o);
  if (url == NULL) return rs_nomem(e);
  rs_buf_str(place, url);
  rs_free(url);
  return RS_OK;
}

static void target_close(struct rs_target *t)
{
  struct rs_rockset_target *d = t->impl;
  if (d == NULL) return;
  rs_free(d->url);
  rs_free(d->key);
  rs_free(d->vi);
  rs_free(d);
  t->impl = NULL;
}

static enum rs_code target_open(struct rs_target *t, struct rs_error *e)
{
  const struct rs_output *o = t->output;
  const char *key = rs_output_text(o, "api_key", ""), *vi = rs_output_text(o, "vi_rrn", "");
  struct rs_rockset_target *d = rs_calloc(1, sizeof *d);
  if (d == NULL) return rs_nomem(e);
  t->impl = d;
  t->dialect = rs_dialect_find("rockset");
  d->url = url_of(o);
  d->key = rs_mprintf("ApiKey %s", key);
  d->vi = vi[0] != 0 ? rs_strdup(vi) : NULL;
  d->async = rs_output_bool(o, "run_async_iis", false);
  d->local = d->url != NULL && strncmp(d->url, "http:", 5) == 0; // the profile allows it here only
  d->closed = d->url != NULL && is_closed(d->url);
  if (d->url != NULL && d->key != NULL && (vi[0] == 0 || d->vi != NULL)) return RS_OK;
  target_close(t);
  return rs_nomem(e);
}

/* ---- sessions -------------------------------------------------------------------------------- */

enum rs_code rs_rockset_client(struct rs_session *s, int tries, struct rs_http **ph,
                               struct rs_error *e)
{
  const struct rs_rockset_target *d = rs_rockset_target(s);
  // rocksetd tells columns' types to those who ask
  const struct rs_http_header headers[] = {{"Authorization", d->key, true},
                                           {"Accept", "application/json", false},
                                           {"Rockset-Column-Types", "1", false}};
  const struct rs_http_options options = {
    .base_url = d->url,
    .headers = headers,
    .nheaders = sizeof headers / sizeof headers[0],
    // nobody answers there any more: the user should hear it at once; and soon, that no server was
    // started here
    .tries = d->closed                ? 1
             : tries == 0 && d->local ? LOCAL_TRIES
                                      : tries,
    .second_ms = rs_rockset_second_ms,
    .on_retry = rs_remote_retry,
    .retry_ctx = s,
  };
  return rs_http_new(&options, ph, e);
}

static void session_close(struct rs_session *s)
{
  struct rs_rockset_session *x = s->impl;
  if (x == NULL) return;
  rs_remote_close(&x->remote);
  rs_free(x);
  s->impl = NULL;
}

static enum rs_code session_open(struct rs_session *s, struct rs_error *e)
{
  s->impl = rs_calloc(1, sizeof(struct rs_rockset_session));
  if (s->impl == NULL) return rs_nomem(e);
  enum rs_code rc = rs_remote_open(s, rs_rockset_client, 0, e);
  if (rc != RS_OK) session_close(s);
  return rc;
}

static enum rs_code version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  cJSON *answer = NULL;
  rs_remote_begin(s);
  enum rs_code rc = rs_rockset_get(s, &answer, e, "");
  if (rc != RS_OK) return rc;
  const cJSON *org = rs_rockset_data(answer);
  const char *id = rs_remote_text(org, "id"), *name = rs_remote_text(org, "display_name");
  rs_buf_printf(out, "Rockset REST v1 at %s", rs_http_origin(rs_remote_of(s)->http));
  if (name != NULL || id != NULL) {
    rs_buf_printf(out, ", organization %s", name != NULL ? name : id);
  }
  cJSON_Delete(answer);
  return RS_OK;
}

const struct rs_engine rs_rockset_engine = {
  .type = "rockset",
  .fields = &rs_rockset_fields,
  .traits = {.caps = RS_CAP_INGEST,
             .request_cost = 200,
             .no_database = true,
             .missing_is_error = true,
             .backquotes = true,
             .widens = true,
             .text_size = 4 << 20,
             .class_name = "RocksetRelation",
             .type_words = {" string ", " int ", " float ", " int float "}},
  .prefetch = 3,
  .target_place = target_place,
  .target_open = target_open,
  .target_close = target_close,
  .session_open = session_open,
  .session_close = session_close,
  .execute = rs_rockset_execute,
  .next_batch = rs_rockset_next_batch,
  .free_batch = rs_remote_free_batch,
  .get = rs_rockset_value,
  .close_rows = rs_rockset_close_rows,
  .columns = rs_rockset_columns,
  .cancel = rs_remote_cancel,
  .version = version,
  .ingest = rs_rockset_ingest,
  .relations = &rs_rockset_relation_ops,
  .control = &rs_rockset_control_ops,
};
