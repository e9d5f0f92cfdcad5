/*
** commons._events: what happened, as Rockset has it: `label`, `kind`, `type`, `details`, who, and
** of what.
*/
#include <stdio.h>
#include "src/base/text.h"
#include "shared.h"

static void write_event(struct rs_buf *b, const struct rs_event *ev)
{
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "label", ev->label);
  rs_js_text(b, "kind", ev->kind);
  rs_js_text(b, "type", ev->type);
  rs_js_text(b, "user_email", ev->user_email != NULL ? ev->user_email : RS_USER_EMAIL);
  rs_js_text(b, "details", ev->details);
  if (ev->api_key_name != NULL) rs_js_text(b, "api_key_name", ev->api_key_name);
  if (ev->collection.name != NULL) {
    rs_js_open(b, "collections", '[');
    rs_js_printf(b, NULL, "%s.%s", ev->collection.workspace, ev->collection.name);
    rs_js_close(b, ']');
  }
  if (ev->query_lambda != NULL) rs_js_text(b, "query_lambda", ev->query_lambda);
  if (ev->query_id != NULL) rs_js_text(b, "query_id", ev->query_id);
  rs_js_close(b, '}');
}

enum rs_code rs_event_add(struct rs_backend *v, struct rs_session *s, const struct rs_event *ev,
                          struct rs_error *e)
{
  const struct rs_relation events = {.workspace = "commons", .name = "_events"};
  struct rs_arena a;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  write_event(&b, ev);
  struct rs_document doc = {.json = rs_buf_text(&b), .n = b.n};
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_buf_error(&b, e, "event");
  if (rc == RS_OK) rc = rs_session_write(s, &events, RS_WRITE_ADD, &doc, 1, &a, NULL, e);
  if (rc == RS_OK && doc.status == RS_WRITTEN_ERROR)
    rc = rs_fail(e, RS_REMOTE, "commons._events: %s", doc.error);
  rs_backend_changed(v, false);
  rs_arena_free(&a);
  rs_buf_free(&b);
  return rc;
}
