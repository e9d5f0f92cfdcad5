/*
** What a webhook is sent: a JSON text with places for the query's id and its results.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/json/json.h"
#include "webhook.h"

/* A text as part of the string that is under way: as a string of its own, without its quotes. */
static void add_inside(struct rs_buf *b, const char *text)
{
  size_t at = b->n;
  rs_buf_json_str(b, text, strlen(text));
  if (b->rc != RS_OK) return;
  b->n--;
  memmove(b->p + at, b->p + at + 1, b->n - at - 1);
  b->p[--b->n] = 0;
}

static enum rs_code check_json(const struct rs_buf *b, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_json *j;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(rs_buf_text(b), b->n, 1000, &a, &j, e);
  if (rc != RS_OK && rc != RS_NOMEM)
    rc = rs_fail(e, RS_INVALID,
                 "webhook_payload: it must be JSON, once {{QUERY_ID}} and {{QUERY_RESULTS}} are "
                 "filled in: %s",
                 e != NULL ? e->text : "");
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_webhook_fill(const char *payload, const char *query_id, const char *results,
                             struct rs_buf *b, struct rs_error *e)
{
  static const char id[] = "{{QUERY_ID}}", rows[] = "{{QUERY_RESULTS}}";
  bool inside = false; // of a string
  for (const char *p = payload; *p != 0;) {
    bool is_id = rs_starts(p, id), is_rows = !is_id && rs_starts(p, rows);
    if (is_id || is_rows) {
      if (inside) add_inside(b, is_id ? query_id : results);
      else if (is_id) rs_buf_json_str(b, query_id, strlen(query_id));
      else rs_buf_str(b, results);
      p += is_id ? sizeof id - 1 : sizeof rows - 1;
      continue;
    }
    if (*p == '"') inside = !inside;
    if (inside && *p == '\\' && p[1] != 0) rs_buf_char(b, *p++);
    rs_buf_char(b, *p++);
  }
  enum rs_code rc = rs_buf_error(b, e, "webhook payload");
  return rc == RS_OK ? check_json(b, e) : rc;
}
