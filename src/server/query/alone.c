/*
** Queries that no request waits for: a schedule's. They are in the register as all are, so they are
** listed, cancelled and paged by their id.
*/
#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "src/json/json.h"

static enum rs_code read_default(const struct rs_json *item, struct rs_arena *a,
                                 struct rs_query_param *p)
{
  bool ok = rs_json_text(item, "name", a, &p->name) && rs_json_text(item, "type", a, &p->type) &&
            rs_json_text(item, "value", a, &p->value);
  return ok ? RS_OK : RS_NOMEM;
}

enum rs_code rs_query_defaults(const char *json, struct rs_arena *a, struct rs_query_request *r,
                               struct rs_error *e)
{
  struct rs_json *list = NULL;
  if (json == NULL) return RS_OK;
  enum rs_code rc = rs_json_parse(json, strlen(json), 100, a, &list, e);
  if (rc != RS_OK || list->kind != RS_J_ARRAY) return rc;
  r->params = rs_arena_alloc(a, (list->n + 1) * sizeof r->params[0]);
  if (r->params == NULL) return rs_nomem(e);
  for (const struct rs_json *item = list->first; item != NULL; item = item->next) {
    struct rs_query_param *p = &r->params[r->nparams];
    if (read_default(item, a, p) != RS_OK) return rs_nomem(e);
    if (p->name != NULL) r->nparams++;
  }
  return RS_OK;
}

static enum rs_code fail(struct rs_alone *out, int status, const char *type, enum rs_code rc)
{
  out->problem.status = status;
  out->problem.type = type;
  return rc;
}

enum rs_code rs_query_alone(struct rs_backend *v, const struct rs_query_request *r,
                            const struct rs_identity *who, int64_t max_rows, int64_t max_bytes,
                            struct rs_buf *rows, struct rs_alone *out)
{
  struct rs_query *x = NULL;
  struct rs_error *e = &out->problem.e;
  int64_t got = 0;
  enum rs_code rc = rs_query_begin(v, r, who, -1, &x, e);
  if (rc == RS_BUSY) return fail(out, 503, "NOT_READY", rc); // its instance is suspended
  if (rc == RS_FORBIDDEN) return fail(out, 403, "FORBIDDEN", rc);
  if (rc != RS_OK) return fail(out, 500, "INTERNALERROR", rc);
  (void)snprintf(out->query_id, sizeof out->query_id, "%s", x->id);
  rc = rs_query_spawn(v, x, r, who, e);
  if (rc == RS_OK) {
    while (!rs_query_wait(v, x, INT32_MAX, NULL)) continue; // its own watch ends it
    out->rows = x->rows;
    if (x->status != RS_Q_COMPLETED) {
      out->problem = x->problem;
      rc = x->problem.e.code != RS_OK ? x->problem.e.code : RS_INTERNAL;
    } else {
      rc = rs_query_page(x, 0, max_rows, max_bytes, rows, &got, e);
      if (rc != RS_OK) fail(out, 400, "RESOURCEEXCEEDED", rc);
    }
  } else {
    fail(out, 500, "INTERNALERROR", rc);
  }
  rs_query_release(v, x);
  return rc;
}
