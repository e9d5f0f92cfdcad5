/*
** Which requests commons._events tells of.
*/
#include <stdio.h>
#include "src/base/text.h"
#include "src/server/resources/shared.h"
#include "server.h"

static const struct told {
  rs_handler *handler;
  const char *label, *kind;
  bool in_path; /* the name; else in the body */
} told[] = {
  {rs_create_collection, "COLLECTION_CREATED", "COLLECTION", false},
  {rs_delete_collection, "COLLECTION_DROPPED", "COLLECTION", true},
  {rs_create_key, "API_KEY_CREATED", "API_KEY", false},
  {rs_delete_key, "API_KEY_DELETED", "API_KEY", true},
};

void rs_event_of_request(struct rs_request *q)
{
  const struct told *t = NULL;
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
    if (told[i].handler == q->route->handler) t = &told[i];
  if (t == NULL || q->e.code != RS_OK || !q->backend->is_sole) return;
  const cJSON *member = cJSON_GetObjectItemCaseSensitive(q->json, "name");
  const char *name = t->in_path ? q->arg[1] : cJSON_GetStringValue(member);
  struct rs_event ev = {
    .label = t->label, .kind = t->kind, .type = "INFO", .user_email = q->who.user};
  ev.details = rs_arena_printf(&q->arena, "by the API key '%s'", q->who.key_name);
  if (rs_eq(t->kind, "API_KEY")) ev.api_key_name = name;
  else ev.collection = (struct rs_relation){.workspace = q->arg[0], .name = name};
  struct rs_session *s;
  struct rs_error e = {0};
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_event_add(q->backend, s, &ev, &e);
  else e = q->e;
  // what was asked for is done all the same
  q->e = (struct rs_error){0};
  if (rc != RS_OK) (void)fprintf(stderr, "rocksetd: event %s: %s\n", t->label, e.text);
}
