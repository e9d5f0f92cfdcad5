/*
** What there is one of: health, the organization, its settings.
*/
#include "shared.h"

enum rs_code rs_get_health(struct rs_request *q)
{
  rs_buf_str(&q->out, "{\"status\":\"ok\"}");
  return RS_OK;
}

enum rs_code rs_get_organization(struct rs_request *q)
{
  struct rs_buf *b = &q->out;
  char created[40];
  rs_js_time(q->backend->started_us, created);
  rs_data_open(q, '{');
  rs_js_text(b, "id", "rocksetd");
  rs_js_text(b, "display_name", "rocksetd " RS_VERSION);
  rs_js_text(b, "created_at", created);
  rs_js_text(b, "external_id", "rocksetd");
  rs_js_text(b, "rockset_user", RS_USER_EMAIL);
  rs_js_bool(b, "sso_only", false);
  rs_js_raw(b, "sso_connection", NULL);
  rs_js_open(b, "clusters", '[');
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "id", "local");
  rs_js_text(b, "cluster_type", "PUBLIC");
  rs_js_text(b, "aws_region", "local");
  rs_js_text(b, "domain", "rocksetd");
  rs_js_text(b, "top_level_domain", "local");
  rs_js_text(b, "apiserver_url", rs_http_url(q->http));
  rs_buf_str(b, "}]");
  rs_data_close(q, '}');
  return RS_OK;
}

enum rs_code rs_get_settings(struct rs_request *q)
{
  struct rs_vi vi = {.id = RS_INSTANCE_ID};
  (void)rs_vi_find(q->backend, NULL, &vi);
  rs_data_open(q, '{');
  rs_js_printf(&q->out, "default_query_vi", "rrn:vi:local:%s", vi.id);
  rs_data_close(q, '}');
  return RS_OK;
}

enum rs_code rs_put_settings(struct rs_request *q)
{
  const cJSON *j;
  const char *vi;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "default_query_vi", true, &vi);
  if (rc == RS_OK) rc = rs_set_default_instance(q, vi);
  if (rc != RS_OK) return rc;
  q->status = 202;
  return rs_get_settings(q);
}
