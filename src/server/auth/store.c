/*
** The server's own documents, over the control table of SQL engines (see auth.h).
**
** A target without tables, a Rockset API, keeps its own descriptions and keys.
*/
#include "auth.h"
#include "src/engine/sql/control.h"

static bool has_table(struct rs_session *s)
{
  unsigned caps = rs_target_caps(rs_session_target(s));
  return (caps & (RS_CAP_TABLES | RS_CAP_TRANSACTIONS)) != 0;
}

enum rs_code rs_store_get(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, struct rs_arena *a, const char **body,
                          struct rs_error *e)
{
  const struct rs_control_doc key = {.kind = kind, .workspace = workspace, .name = name, .sub = ""};
  struct rs_control_doc found;
  *body = NULL;
  if (!has_table(s)) return RS_OK;
  enum rs_code rc = rs_sql_control_get(s, &key, a, &found, e);
  if (rc == RS_NOT_FOUND) return RS_OK;
  if (rc == RS_OK) *body = found.body;
  return rc;
}

enum rs_code rs_store_put(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, const char *body, struct rs_error *e)
{
  const struct rs_control_doc doc = {
    .kind = kind, .workspace = workspace, .name = name, .sub = "", .body = body};
  if (!has_table(s))
    return rs_fail(e, RS_UNSUPPORTED, "a target of type %s keeps no documents of rocksetd",
                   rs_target_output(rs_session_target(s))->type);
  return rs_sql_control_put(s, &doc, e);
}

enum rs_code rs_store_remove(struct rs_session *s, const char *kind, const char *workspace,
                             const char *name, struct rs_error *e)
{
  const struct rs_control_doc doc = {.kind = kind, .workspace = workspace, .name = name, .sub = ""};
  return has_table(s) ? rs_sql_control_remove(s, &doc, e) : RS_OK;
}

struct each {
  rs_store_fn fn;
  void *ctx;
};

static enum rs_code take_document(void *ctx, const struct rs_control_doc *doc)
{
  const struct each *x = ctx;
  return x->fn(x->ctx, doc->workspace, doc->name, doc->body);
}

enum rs_code rs_store_each(struct rs_session *s, const char *kind, const char *workspace,
                           rs_store_fn fn, void *ctx, struct rs_error *e)
{
  const struct rs_control_doc filter = {.kind = kind, .workspace = workspace};
  struct each x = {fn, ctx};
  return has_table(s) ? rs_sql_control_each(s, &filter, take_document, &x, e) : RS_OK;
}
