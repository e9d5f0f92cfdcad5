/*
** The one gate for names of what is hidden: no path, query string or body gets beyond it, whatever
** the route and the role. Which names these are the app says (rs_http_app.is_hidden). Names in SQL
** are the translator's matter.
**
** It refuses by default: every segment that a route takes as an argument, every argument of the
** query string, and every text in a body may be a name, unless its member is known to hold free
** text. So a route that is added is behind the gate, too. Documents are data, and not looked at.
*/
#include <microhttpd.h>
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

static bool is_hidden(const struct rs_request *q, const char *name)
{
  return name != NULL && q->http->app->is_hidden(name);
}

static enum rs_code refuse_hidden(struct rs_request *q)
{
  return rs_refuse(q, 404, "NOTFOUND", "not found: %s %s names nothing that is there", q->method,
                   q->path);
}

static enum MHD_Result see_argument(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
  struct rs_request *q = ctx;
  (void)kind;
  if (value == NULL) return MHD_YES;
  const char *text = rs_request_query_arg(q, name);
  const char *own = rs_request_decode(q, value, strlen(value));
  if (!is_hidden(q, text) && !is_hidden(q, own) && !is_hidden(q, value)) return MHD_YES;
  (void)refuse_hidden(q);
  return MHD_NO;
}

enum rs_code rs_gate_check_url(struct rs_request *q)
{
  for (size_t i = 0; i < RS_SEGMENTS_MAX; i++) {
    if (is_hidden(q, q->arg[i])) return refuse_hidden(q);
  }
  (void)MHD_get_connection_values(q->conn, MHD_GET_ARGUMENT_KIND, see_argument, q);
  return q->e.code;
}

/* Members whose text is for people, for the translator, or a value. */
static bool is_free_text(const char *member)
{
  static const char *const names[] = {"description", "query", "value"};
  for (size_t i = 0; member != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (rs_eq(member, names[i])) return true;
  }
  return false;
}

/* cJSON nests to 1,000 levels at most. */
static bool names_hidden(const struct rs_request *q, const cJSON *j) // NOLINT(misc-no-recursion)
{
  if (is_free_text(j->string)) return false;
  if (cJSON_IsString(j)) return is_hidden(q, j->valuestring);
  for (const cJSON *m = j->child; m != NULL; m = m->next) {
    if (names_hidden(q, m)) return true;
  }
  return false;
}

enum rs_code rs_gate_check_body(struct rs_request *q, const cJSON *body)
{
  return names_hidden(q, body) ? refuse_hidden(q) : RS_OK;
}
