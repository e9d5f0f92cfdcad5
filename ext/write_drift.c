/*
** What a write that failed has to do with columns that changed: the engine's own words tell neither
** that the table's column list is an old one nor what to call.
*/
#include "collection_write.h"
#include "../src/base/text.h"

/* Failures that no column is the cause of. */
static bool is_other(const struct rs_error *e)
{
  return e->code == RS_CANCELLED || e->code == RS_NOMEM || e->code == RS_BUSY ||
         e->code == RS_TIMEOUT || e->code == RS_AUTH || e->code == RS_IO ||
         e->code == RS_CONSTRAINT || e->code == RS_FORBIDDEN;
}

void rs_write_explain(struct rs_conn *conn, struct rs_session *s, const struct write_table *w,
                      struct rs_error *e)
{
  const struct collection *c = rs_collection_find(conn, w->schema, w->table);
  const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
  struct rs_columns cols = {0};
  struct rs_error drift = {0};
  enum rs_relation_kind kind;
  if (!c || is_other(e)) return;
  enum rs_code rc = rs_session_describe(s, &rel, &cols, &kind, &drift);
  if (rc == RS_NOT_FOUND) *e = drift;
  for (size_t i = 0; rc == RS_OK && i < w->n; i++) {
    int k = rs_columns_find(&cols, w->names[i]);
    if (k >= 0 && cols.v[k].type == w->types[i]) continue;
    if (k < 0)
      rs_fail(e, e->code, "column '%s' of %s.%s is gone: %s", w->names[i], w->workspace,
              w->relation, rs_collection_way_out(c).text);
    else
      rs_fail(e, e->code, "column '%s' is now %s: %s", w->names[i], cols.v[k].native,
              rs_collection_way_out(c).text);
    break;
  }
  rs_columns_free(&cols);
}
