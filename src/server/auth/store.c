/*
** The server's own documents, kept by the target (see auth.h).
**
** A target that is itself a Rockset API has no such documents: it keeps its own descriptions and
** keys.
*/
#include "auth.h"
#include "src/engine/control.h"

struct one {
  struct rs_arena *a;
  const char **body;
  struct rs_error *e;
};

static enum rs_code take_body(void *ctx, const struct rs_control_doc *doc)
{
  const struct one *x = ctx;
  *x->body = rs_arena_strdup(x->a, doc->body);
  return *x->body != NULL ? RS_OK : rs_nomem(x->e);
}

enum rs_code rs_store_get(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, struct rs_arena *a, const char **body,
                          struct rs_error *e)
{
  const struct rs_control_doc key = {.kind = kind, .workspace = workspace, .name = name, .sub = ""};
  struct one x = {a, body, e};
  *body = NULL;
  return rs_session_kept_docs(s, &key, take_body, &x, e);
}

enum rs_code rs_store_put(struct rs_session *s, const char *kind, const char *workspace,
                          const char *name, const char *body, struct rs_error *e)
{
  const struct rs_control_doc doc = {
    .kind = kind, .workspace = workspace, .name = name, .sub = "", .body = body};
  return rs_session_keep_doc(s, &doc, e);
}

enum rs_code rs_store_remove(struct rs_session *s, const char *kind, const char *workspace,
                             const char *name, struct rs_error *e)
{
  const struct rs_control_doc doc = {.kind = kind, .workspace = workspace, .name = name, .sub = ""};
  return rs_session_keep_doc(s, &doc, e);
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
  return rs_session_kept_docs(s, &filter, take_document, &x, e);
}
