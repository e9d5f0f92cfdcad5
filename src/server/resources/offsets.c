/*
** Commit offsets: whether what was written is to be seen yet.
*/
#include <string.h>
#include "src/base/text.h"
#include "shared.h"

/* f1:<n>:<n>:<n>:<n> */
static bool is_fence(const char *text)
{
  return (text[0] == 'f' || text[0] == 'F') && text[1] >= '0' && text[1] <= '9' &&
         strspn(text + 1, "0123456789:") == strlen(text + 1);
}

/*
** A write is committed, hence visible, before its offset is given out: every fence has been passed.
*/
enum rs_code rs_get_commit(struct rs_request *q)
{
  struct rs_session *s;
  const struct rs_relation rel = rs_path_relation(q);
  const char *fence = rs_request_query_arg(q, "fence");
  const cJSON *j, *item;
  enum rs_code rc = RS_OK;
  if (rs_eq(q->method, "POST")) {
    rc = rs_request_json(q, true, &j);
    if (rc != RS_OK) return rc;
    const cJSON *names = cJSON_GetObjectItemCaseSensitive(j, "name");
    cJSON_ArrayForEach(item, names)
    {
      if (!cJSON_IsString(item) || !is_fence(item->valuestring))
        return rs_refuse(q, 400, "INVALIDINPUT", "'name' must be an array of offsets (f1:...)");
      if (fence == NULL || strcmp(item->valuestring, fence) > 0) fence = item->valuestring;
    }
  }
  if (fence != NULL && *fence != 0 && !is_fence(fence))
    return rs_refuse(q, 400, "INVALIDINPUT", "fence '%.100s' is no offset (f1:...)", fence);
  rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_relation(q, s, &rel, RS_REL_TABLE, true);
  const char *now = rs_fence_now(&q->arena);
  if (rc == RS_OK && now == NULL) rc = rs_nomem(&q->e);
  if (rc != RS_OK) return rc;
  rs_data_open(q, '{');
  rs_js_text(&q->out, "fence", fence != NULL && *fence != 0 ? fence : now);
  rs_js_bool(&q->out, "passed", true);
  rs_js_close(&q->out, '}');
  rs_js_open(&q->out, "offsets", '{');
  rs_js_text(&q->out, "commit", now);
  rs_buf_str(&q->out, "}}");
  return RS_OK;
}
