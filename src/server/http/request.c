/*
** What handlers ask of a request: its body's members, who sent it, how to answer and to refuse it.
*/
#include <microhttpd.h>
#include <stdarg.h>
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

enum rs_code rs_refuse(struct rs_request *q, int status, const char *type, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(&q->e, RS_INVALID, fmt, ap);
  va_end(ap);
  q->status = status;
  q->type = type;
  return RS_INVALID;
}

void rs_status_of(enum rs_code rc, int *status, const char **type)
{
  static const struct {
    enum rs_code rc;
    int status;
    const char *type;
  } table[] = {
    {RS_INVALID, 400, "INVALIDINPUT"},          {RS_NOT_FOUND, 404, "NOTFOUND"},
    {RS_EXISTS, 409, "ALREADYEXISTS"},          {RS_AUTH, 502, "CONNECTION_ERROR"},
    {RS_FORBIDDEN, 403, "FORBIDDEN"},           {RS_TIMEOUT, 408, "QUERY_TIMEOUT"},
    {RS_CANCELLED, 400, "QUERY_CANCELLED"},     {RS_RATE_LIMITED, 429, "RATELIMITEXCEEDED"},
    {RS_CONSTRAINT, 400, "INVALIDINPUT"},       {RS_BUSY, 503, "SERVICEUNAVAILABLE"},
    {RS_IO, 502, "CONNECTION_ERROR"},           {RS_REMOTE, 500, "INTERNALERROR"},
    {RS_UNSUPPORTED, 501, "NOTIMPLEMENTEDYET"}, {RS_LIMIT, 400, "RESOURCEEXCEEDED"},
  };
  *status = 500;
  *type = "INTERNALERROR";
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (table[i].rc != rc) continue;
    *status = table[i].status;
    *type = table[i].type;
  }
}

const char *rs_request_header(const struct rs_request *q, const char *name)
{
  return MHD_lookup_connection_value(q->conn, MHD_HEADER_KIND, name);
}

enum rs_code rs_request_identify(struct rs_request *q)
{
  const char *header = rs_request_header(q, "Authorization");
  enum rs_code rc = q->http->app->identify(q->keys, header, &q->arena, &q->who, &q->e);
  if (rc == RS_AUTH) {
    q->status = 401;
    q->type = "AUTHEXCEPTION";
  }
  return rc;
}

enum rs_code rs_request_need(struct rs_request *q, enum rs_action a, const char *resource)
{
  return rs_rights_need(q->who.rights, q->who.key_name, a, resource, &q->e);
}

void rs_data_open(struct rs_request *q, char bracket)
{
  rs_js_open(&q->out, NULL, '{');
  rs_js_open(&q->out, "data", bracket);
}

void rs_data_close(struct rs_request *q, char bracket)
{
  rs_js_close(&q->out, bracket);
  rs_js_close(&q->out, '}');
}

enum rs_code rs_data_none(struct rs_request *q)
{
  rs_data_open(q, '[');
  rs_data_close(q, ']');
  return RS_OK;
}

/* ---- the body -------------------------------------------------------------------------------- */

/* As itself, or as \u0000: cJSON's texts would end there. */
static bool holds_nul(const char *p, size_t n)
{
  if (memchr(p, 0, n) != NULL) return true;
  for (size_t i = 0; i + 1 < n; i++) {
    if (p[i] != '\\') continue;
    if (n - i >= 6 && memcmp(p + i, "\\u0000", 6) == 0) return true;
    i++; // what it escapes
  }
  return false;
}

enum rs_code rs_request_json(struct rs_request *q, bool may_be_empty, const cJSON **j)
{
  if (q->json == NULL) {
    const char *text = rs_buf_text(&q->body);
    size_t n = q->body.n;
    if (n == 0 && may_be_empty) {
      text = "{}";
      n = 2;
    }
    const char *end = NULL;
    if (n == 0) return rs_refuse(q, 400, "INVALIDINPUT", "request body: a JSON object is needed");
    if (rs_utf8_valid(text, n) != n)
      return rs_refuse(q, 400, "INVALIDINPUT", "request body: not UTF-8 at byte %zu",
                       rs_utf8_valid(text, n));
    if (holds_nul(text, n))
      return rs_refuse(q, 400, "INVALIDINPUT", "request body: a text holds a NUL character");
    q->json = cJSON_ParseWithLengthOpts(text, n, &end, false);
    if (q->json == NULL)
      return rs_refuse(q, 400, "INVALIDINPUT", "request body: malformed JSON at byte %zu",
                       end != NULL ? (size_t)(end - text) : (size_t)0);
    for (; end < text + n; end++) {
      if (strchr(" \t\r\n", *end) == NULL || *end == 0)
        return rs_refuse(q, 400, "INVALIDINPUT",
                         "request body: malformed JSON: something follows its end at byte %zu",
                         (size_t)(end - text));
    }
  }
  if (!cJSON_IsObject(q->json))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: a JSON object is needed");
  *j = q->json;
  return rs_gate_check_body(q, q->json);
}

/* A member that is there and not null. */
static const cJSON *member(const cJSON *j, const char *name)
{
  const cJSON *m = cJSON_GetObjectItemCaseSensitive(j, name);
  return cJSON_IsNull(m) ? NULL : m;
}

static enum rs_code missing(struct rs_request *q, const char *name, bool needed)
{
  if (!needed) return RS_OK;
  return rs_refuse(q, 400, "INVALIDINPUT", "request body: '%s' is missing", name);
}

enum rs_code rs_request_text(struct rs_request *q, const cJSON *j, const char *name, bool needed,
                             const char **text)
{
  const cJSON *m = member(j, name);
  *text = NULL;
  if (m == NULL) return missing(q, name, needed);
  if (!cJSON_IsString(m))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: '%s' must be a string", name);
  *text = m->valuestring;
  return RS_OK;
}

enum rs_code rs_request_object(struct rs_request *q, const cJSON *j, const char *name, bool needed,
                               const cJSON **object)
{
  const cJSON *m = member(j, name);
  *object = NULL;
  if (m == NULL) return missing(q, name, needed);
  if (!cJSON_IsObject(m))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: '%s' must be an object, {...}", name);
  *object = m;
  return RS_OK;
}

enum rs_code rs_request_int(struct rs_request *q, const cJSON *j, const char *name, int64_t min,
                            int64_t max, int64_t *value)
{
  const cJSON *m = member(j, name);
  if (m == NULL) return RS_OK;
  double d = m->valuedouble;
  if (!cJSON_IsNumber(m) || !(d >= (double)min) || !(d <= (double)max) || d != (double)(int64_t)d)
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "request body: '%s' must be an integer from %lld to %lld", name,
                     (long long)min, (long long)max);
  *value = (int64_t)d;
  return RS_OK;
}

enum rs_code rs_request_bool(struct rs_request *q, const cJSON *j, const char *name, bool *value)
{
  const cJSON *m = member(j, name);
  if (m == NULL) return RS_OK;
  if (!cJSON_IsBool(m))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: '%s' must be true or false", name);
  *value = cJSON_IsTrue(m);
  return RS_OK;
}

enum rs_code rs_request_without(struct rs_request *q, const cJSON *j, const char *name,
                                const char *why)
{
  const cJSON *m = member(j, name);
  if (m == NULL || cJSON_IsFalse(m)) return RS_OK;
  if ((cJSON_IsArray(m) || cJSON_IsObject(m)) && m->child == NULL) return RS_OK;
  return rs_refuse(q, 501, "NOTIMPLEMENTEDYET", "'%s' is not offered: %s", name, why);
}

/* ---- the query string ------------------------------------------------------------------------ */

const char *rs_request_decode(struct rs_request *q, const char *p, size_t n)
{
  char *out = rs_arena_alloc(&q->arena, n + 1);
  size_t len = 0;
  if (out == NULL) return NULL;
  for (size_t i = 0; i < n; i++) {
    char c = p[i];
    if (c == '%') {
      int high = i + 2 < n ? rs_hex_value(p[i + 1]) : -1;
      int low = high >= 0 ? rs_hex_value(p[i + 2]) : -1;
      if (low < 0) return NULL;
      c = (char)(high * 16 + low);
      i += 2;
    }
    if ((unsigned char)c < 0x20 || c == 0x7F) return NULL;
    out[len++] = c;
  }
  out[len] = 0;
  return rs_utf8_valid(out, len) == len ? out : NULL;
}

const char *rs_request_query_arg(struct rs_request *q, const char *name)
{
  const char *raw = MHD_lookup_connection_value(q->conn, MHD_GET_ARGUMENT_KIND, name);
  if (raw == NULL) return NULL;
  const char *text = rs_request_decode(q, raw, strlen(raw));
  return text != NULL ? text : raw; // what can't be decoded is refused by who reads it
}
