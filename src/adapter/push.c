/*
** Rows of the caller's own as a collection (push.h): the call.
*/
#include "push.h"
#include "engine.h"

const char *const rs_push_modes[] = {"create", "append", "replace", "upsert"};

enum rs_code rs_session_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  *out = (struct rs_pushed){.rows = -1, .updated = -1};
  if (ops == NULL || ops->push == NULL) return rs_engine_lacks(s, "rows pushed from a table", e);
  return ops->push(s, rel, push, out, e);
}
