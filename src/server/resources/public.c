/*
** Public query lambdas: versions that are run without a key, by an id that nobody can guess, where
** the server allows it (--public-lambdas). Each has a document, named by that id.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "shared.h"

#define KIND RS_CONTROL_PUBLIC

enum { ID_LENGTH = 36 };

static bool are_allowed(const struct rs_request *q)
{
  return q->resources->public_lambdas;
}

enum rs_code rs_public_read(struct rs_request *q, const cJSON *j, bool *is_public)
{
  *is_public = false;
  if (!are_allowed(q))
    return rs_request_without(q, j, "is_public",
                              "lambdas are run with an API key only, unless the server is started "
                              "with --public-lambdas");
  return rs_request_bool(q, j, "is_public", is_public);
}

static const char *key_of(struct rs_request *q, const char *workspace, const char *lambda,
                          const char *version)
{
  return rs_arena_printf(&q->arena, "%s\n%s\n%s", workspace, lambda, version);
}

/* ---- documents ------------------------------------------------------------------------------- */

struct found {
  struct rs_request *q;
  struct rs_map *ids;
};

static enum rs_code take_document(void *ctx, const char *workspace, const char *name,
                                  const char *body)
{
  const struct found *f = ctx;
  cJSON *j = cJSON_Parse(body);
  const char *lambda = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "name"));
  const char *version = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "version"));
  enum rs_code rc = RS_OK;
  if (lambda != NULL && version != NULL) {
    const char *key = key_of(f->q, workspace, lambda, version);
    char *id = rs_arena_strdup(&f->q->arena, name);
    if (key == NULL || id == NULL || !rs_map_put(f->ids, key, id)) rc = rs_nomem(&f->q->e);
  }
  cJSON_Delete(j);
  return rc;
}

enum rs_code rs_public_ids(struct rs_request *q, const char *workspace, struct rs_map *ids)
{
  struct rs_session *s;
  struct found f = {q, ids};
  rs_map_init(ids);
  if (!are_allowed(q)) return RS_OK;
  enum rs_code rc = rs_request_session(q, &s);
  return rc == RS_OK ? rs_store_each(s, KIND, workspace, take_document, &f, &q->e) : rc;
}

const char *rs_public_id(struct rs_request *q, const struct rs_map *ids, const struct rs_lambda *l)
{
  const char *key = ids->n > 0 ? key_of(q, l->workspace, l->name, l->version) : NULL;
  return key != NULL ? rs_map_get(ids, key) : NULL;
}

enum rs_code rs_public_add(struct rs_request *q, struct rs_session *s, const struct rs_lambda *l)
{
  char id[ID_LENGTH + 1];
  struct rs_buf b;
  rs_uuid(id);
  rs_buf_init(&b, 1 << 16);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "name", l->name);
  rs_js_text(&b, "version", l->version);
  rs_js_close(&b, '}');
  enum rs_code rc = rs_buf_error(&b, &q->e, "public query lambda");
  if (rc == RS_OK) rc = rs_store_put(s, KIND, l->workspace, id, rs_buf_text(&b), &q->e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_public_forget(struct rs_request *q, struct rs_session *s,
                              const struct rs_lambda_ref *ref)
{
  struct rs_map ids;
  const struct rs_relation *lambda = &ref->lambda;
  const char *version = ref->version != NULL ? ref->version : "";
  const char *start = key_of(q, lambda->workspace, lambda->name, version);
  enum rs_code rc = start != NULL ? rs_public_ids(q, lambda->workspace, &ids) : rs_nomem(&q->e);
  if (start == NULL) return rc;
  for (size_t i = 0; i < ids.n && rc == RS_OK; i++) {
    bool is_it = *version != 0 ? rs_eq(ids.v[i].key, start) : rs_starts(ids.v[i].key, start);
    if (is_it) rc = rs_store_remove(s, KIND, lambda->workspace, ids.v[i].value, &q->e);
  }
  rs_map_free(&ids);
  return rc;
}

/* ---- running --------------------------------------------------------------------------------- */

struct meant {
  struct rs_request *q;
  struct rs_lambda_ref *ref;
};

static enum rs_code take_meant(void *ctx, const struct rs_control_doc *doc)
{
  const struct meant *m = ctx;
  struct rs_arena *a = &m->q->arena;
  cJSON *j = cJSON_Parse(doc->body);
  const char *lambda = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "name"));
  const char *version = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "version"));
  bool ok = lambda != NULL && version != NULL;
  if (ok) {
    m->ref->lambda.workspace = rs_arena_strdup(a, doc->workspace);
    m->ref->lambda.name = rs_arena_strdup(a, lambda);
    m->ref->version = rs_arena_strdup(a, version);
    ok = m->ref->lambda.workspace && m->ref->lambda.name && m->ref->version;
  }
  cJSON_Delete(j);
  return ok || lambda == NULL || version == NULL ? RS_OK : rs_nomem(&m->q->e);
}

/* Who has no key may read; which lambda it is is not told. */
enum rs_code rs_run_shared_lambda(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_lambda_ref ref = {.version = NULL};
  struct meant m = {q, &ref};
  const struct rs_control_doc key = {.kind = KIND, .name = q->arg[0], .sub = ""};
  bool may_be = are_allowed(q) && strlen(q->arg[0]) == ID_LENGTH;
  enum rs_code rc = may_be ? rs_request_session(q, &s) : RS_OK;
  if (may_be && rc == RS_OK) rc = rs_session_kept_docs(s, &key, take_meant, &m, &q->e);
  if (rc != RS_OK) return rc;
  if (ref.version == NULL)
    return rs_refuse(q, 404, "NOTFOUND", "Shared Query Lambda '%s' not found.", q->arg[0]);
  struct rs_role *reader = rs_arena_calloc(&q->arena, sizeof *reader);
  if (reader == NULL) return rs_nomem(&q->e);
  rc = rs_roles_find(q->keys, "read-only", &q->arena, reader, &q->e);
  if (rc != RS_OK) return rc;
  q->who = (struct rs_identity){.key_name = "public", .rights = &reader->rights};
  return rs_lambda_run_public(q, &ref);
}
