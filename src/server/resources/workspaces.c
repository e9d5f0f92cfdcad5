/*
** Workspaces. `commons` is always there, and is the default of names without one.
*/
#include "shared.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

#define KIND RS_CONTROL_WORKSPACE

struct list {
  struct rs_request *q;
  struct rs_map metas;
  struct rs_map counts; /* name -> number of relations, as a pointer */
  struct rs_map names;  /* in order */
};

static enum rs_code take_name(void *ctx, const char *name)
{
  struct list *x = ctx;
  return rs_map_put(&x->names, name, NULL) ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code count_relation(void *ctx, const struct rs_relation_info *i)
{
  struct list *x = ctx;
  if (i->kind != RS_REL_TABLE) return RS_OK;
  uintptr_t n = (uintptr_t)rs_map_get(&x->counts, i->workspace);
  return rs_map_put(&x->counts, i->workspace, (void *)(n + 1)) ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code open_list(struct list *x, struct rs_session *s, const char *workspace)
{
  rs_map_init(&x->counts);
  rs_map_init(&x->names);
  enum rs_code rc = rs_meta_all(x->q, s, KIND, workspace, &x->metas);
  if (rc == RS_OK) rc = rs_session_relations(s, NULL, workspace, count_relation, x, &x->q->e);
  return rc;
}

static void close_list(struct list *x)
{
  rs_map_free(&x->metas);
  rs_map_free(&x->counts);
  rs_map_free(&x->names);
}

static enum rs_code write_workspace(struct list *x, const char *key, const char *name)
{
  struct rs_meta m;
  struct rs_buf *b = &x->q->out;
  enum rs_code rc = rs_meta_from(x->q, &x->metas, name, "", &m);
  if (rc != RS_OK) return rc;
  rs_js_open(b, key, '{');
  rs_js_text(b, "name", name);
  rs_js_text(b, "description", m.description);
  rs_js_text(b, "created_at", m.created_at);
  rs_js_text(b, "created_by", rs_creator(x->q, m.created_by_key, m.created_at));
  rs_js_int(b, "collection_count", (int64_t)(uintptr_t)rs_map_get(&x->counts, name));
  rs_js_close(b, '}');
  return RS_OK;
}

enum rs_code rs_list_workspaces(struct rs_request *q)
{
  struct rs_session *s;
  struct list x = {.q = q};
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = open_list(&x, s, NULL);
  if (rc == RS_OK) rc = rs_session_workspaces(s, NULL, take_name, &x, &q->e);
  if (rc == RS_OK) rc = take_name(&x, "commons");
  rs_data_open(q, '[');
  for (size_t i = 0; i < x.names.n && rc == RS_OK; i++)
    rc = write_workspace(&x, NULL, x.names.v[i].key);
  rs_data_close(q, ']');
  close_list(&x);
  return rc;
}

static enum rs_code answer_one(struct rs_request *q, struct rs_session *s, const char *name)
{
  struct list x = {.q = q};
  enum rs_code rc = open_list(&x, s, name);
  rs_js_open(&q->out, NULL, '{');
  if (rc == RS_OK) rc = write_workspace(&x, "data", name);
  rs_js_close(&q->out, '}');
  close_list(&x);
  return rc;
}

enum rs_code rs_get_workspace(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, q->arg[0]);
  return rc == RS_OK ? answer_one(q, s, q->arg[0]) : rc;
}

struct creation {
  const char *name;
  struct rs_meta meta;
};

static enum rs_code create_described(struct rs_request *q, struct rs_session *s, void *arg)
{
  struct creation *x = arg;
  const struct rs_relation rel = {.workspace = x->name, .name = ""};
  enum rs_code rc = rs_session_create(s, RS_WORKSPACE(x->name), false, &q->e);
  return rc == RS_OK ? rs_meta_put(q, s, KIND, &rel, &x->meta) : rc;
}

enum rs_code rs_create_workspace(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct creation x = {.name = NULL};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &x.name);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &x.meta.description);
  if (rc == RS_OK) rc = rs_check_name(q, "workspace", x.name);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  x.meta.created_by_key = q->who.key_name;
  x.meta.created_at = rs_now_text(q);
  if (x.meta.created_at == NULL) return rs_nomem(&q->e);
  rc = rs_in_transaction(q, s, create_described, &x);
  return rc == RS_OK ? answer_one(q, s, x.name) : rc;
}

enum rs_code rs_delete_workspace(struct rs_request *q)
{
  struct rs_session *s;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, q->arg[0]);
  if (rc == RS_OK && rs_eq(q->arg[0], "commons"))
    rc = rs_refuse(q, 400, "BADREQUEST", "Workspace 'commons' always exists.");
  if (rc == RS_OK) rc = answer_one(q, s, q->arg[0]);
  if (rc == RS_OK) rc = rs_session_drop(s, RS_WORKSPACE(q->arg[0]), RS_REL_NONE, 0, &q->e);
  if (rc == RS_CONSTRAINT) {
    q->status = 409;
    q->type = "DEPENDENTRESOURCES";
  }
  return rc;
}
