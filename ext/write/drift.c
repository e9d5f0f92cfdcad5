/*
** Writes through a table whose column list is an old one. What one that failed has to do with that:
** the engine's own words tell neither the columns that changed nor what to call. And one that would
** lose what it does not know.
*/
#include <string.h>
#include "internal.h"
#include "src/base/text.h"
#include "src/value/boxed.h"

/* Failures that no column is the cause of. */
static bool is_other(const struct rs_error *e)
{
  return e->code == RS_CANCELLED || e->code == RS_NOMEM || e->code == RS_BUSY ||
         e->code == RS_TIMEOUT || e->code == RS_AUTH || e->code == RS_IO ||
         e->code == RS_CONSTRAINT || e->code == RS_FORBIDDEN;
}

void rs_write_explain(struct rs_session *s, const struct write_table *w, struct rs_error *e)
{
  const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
  struct rs_columns cols = {0};
  struct rs_error drift = {0};
  enum rs_relation_kind kind;
  if (is_other(e)) return;
  enum rs_code rc = rs_session_describe(s, &rel, &cols, &kind, &drift);
  if (rc == RS_NOT_FOUND) *e = drift;
  for (size_t i = 0; rc == RS_OK && i < w->n; i++) {
    int k = rs_columns_find(&cols, w->names[i]);
    if (k >= 0 ? cols.v[k].type == w->types[i] : rs_boxed_has(&cols, w->names[i])) continue;
    if (k < 0)
      rs_fail(e, e->code, "column '%s' of %s.%s is gone: %s", w->names[i], w->workspace,
              w->relation, w->way_out);
    else
      rs_fail(e, e->code, "column '%s' is now %s: %s", w->names[i], cols.v[k].native, w->way_out);
    break;
  }
  rs_columns_free(&cols);
}

static bool is_key(const struct write_table *w, const char *name)
{
  return w->key >= 0 && rs_eq(w->names[w->key], name);
}

/* Does the table know the column of that name and that end? */
static bool knows(const struct write_table *w, const char *name, const char *end)
{
  const size_t n = strlen(name);
  for (size_t k = 0; k < w->n; k++)
    if (strncmp(w->names[k], name, n) == 0 && rs_eq(w->names[k] + n, end)) return true;
  return false;
}

enum rs_code rs_write_knows_all(struct rs_conn *c, struct write_table *w, struct rs_error *e)
{
  const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
  struct rs_session *s = NULL;
  struct rs_columns cols = {0};
  enum rs_relation_kind kind;
  if (w->knows_all) return RS_OK;
  const struct rs_where at = rs_write_where(w);
  // whether the table may reach it was asked before its rows were queued
  enum rs_code rc = rs_conn_session_at(c, &at, false, &s, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_describe(s, &rel, &cols, &kind, e);
  for (size_t i = 0; rc == RS_OK && i < cols.n; i++) {
    const char *name = cols.v[i].name;
    if (rs_eq(name, "_event_time") || rs_eq(name, "_meta")) continue; // the service's own
    // a sidecar that is not known would be lost, too
    const bool sided = cols.v[i].side != RS_SIDE_NONE && !is_key(w, name);
    if (!knows(w, name, "") || (sided && !knows(w, name, RS_BOXED_SIDE)))
      rc = rs_fail(e, RS_INVALID,
                   "column '%s%s' of %s.%s is not known to it, and would be lost with the row's "
                   "old key: %s",
                   name, knows(w, name, "") ? RS_BOXED_SIDE : "", w->workspace, w->relation,
                   w->way_out);
  }
  w->knows_all = rc == RS_OK;
  rs_columns_free(&cols);
  rs_conn_done(c, s);
  return rc;
}
