/*
** Views. The text that a person wrote is kept beside the engine's view, which holds its
** translation.
*/
#include "shared.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

#define KIND RS_CONTROL_VIEW

struct view {
  const char *workspace, *name, *sql, *state;
  struct rs_meta meta;
};

static void write_view(struct rs_request *q, const char *key, const struct view *w)
{
  const struct rs_meta *m = &w->meta;
  struct rs_buf *b = &q->out;
  rs_js_open(b, key, '{');
  rs_js_printf(b, "path", "%s.%s", w->workspace, w->name);
  rs_js_text(b, "name", w->name);
  rs_js_text(b, "workspace", w->workspace);
  rs_js_text(b, "description", m->description);
  rs_js_text(b, "query_sql", m->sql != NULL ? m->sql : w->sql);
  rs_js_raw(b, "entities", m->entities != NULL ? m->entities : "[]");
  rs_js_text(b, "state", w->state);
  rs_js_text(b, "creator_email", rs_creator(q, m->created_by_key, m->created_at));
  rs_js_raw(b, "owner_email", NULL);
  rs_js_text(b, "created_at", m->created_at);
  rs_js_text(b, "modified_at", m->modified_at != NULL ? m->modified_at : m->created_at);
  rs_js_text(b, "created_by_apikey_name", m->created_by_key);
  rs_js_close(b, '}');
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct list {
  struct rs_request *q;
  struct rs_map metas;
  struct view *v;
  size_t n, cap;
};

static enum rs_code take_view(void *ctx, const struct rs_relation_info *i)
{
  struct list *x = ctx;
  struct rs_arena *a = &x->q->arena;
  if (i->kind != RS_REL_VIEW || !rs_is_plain_name(i->name)) return RS_OK;
  if (!rs_may_list(x->q, i->workspace)) return RS_OK;
  if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return rs_nomem(&x->q->e);
  struct view *w = &x->v[x->n];
  *w = (struct view){.workspace = rs_arena_strdup(a, i->workspace),
                     .name = rs_arena_strdup(a, i->name),
                     .sql = rs_arena_strdup(a, i->sql != NULL ? i->sql : ""),
                     .state = "CREATED"};
  if (w->workspace == NULL || w->name == NULL || w->sql == NULL) return rs_nomem(&x->q->e);
  x->n++;
  return rs_meta_from(x->q, &x->metas, w->workspace, w->name, &w->meta);
}

/* Of two views, may w read v? By its entities. */
static bool reads(const struct view *w, const struct view *v)
{
  char text[2 * RS_ENTITY_MAX + 8];
  int n = snprintf(text, sizeof text, "\"%s.%s\"", v->workspace, v->name);
  return w->meta.entities != NULL && n > 0 && (size_t)n < sizeof text &&
         strstr(w->meta.entities, text) != NULL;
}

/*
** A view comes before those that it reads: dbt drops in the order of the list, and what depends on
** a dropped one with it. NULL-safe: without memory the order stays.
*/
static void put_readers_first(struct list *x)
{
  struct view *sorted = rs_calloc(x->n + 1, sizeof *sorted);
  size_t *readers = rs_calloc(x->n + 1, sizeof *readers), done = 0;
  for (size_t i = 0; readers != NULL && i < x->n; i++)
    for (size_t k = 0; k < x->n; k++) readers[i] += k != i && reads(&x->v[k], &x->v[i]);
  while (sorted != NULL && readers != NULL && done < x->n) {
    size_t i = 0;
    while (i < x->n && readers[i] != 0) i++;
    if (i == x->n) break; // a circle, which no engine allows
    sorted[done++] = x->v[i];
    readers[i] = SIZE_MAX;
    for (size_t k = 0; k < x->n; k++)
      if (readers[k] != SIZE_MAX && reads(&x->v[i], &x->v[k])) readers[k]--;
  }
  if (done == x->n && done > 0) memcpy(x->v, sorted, done * sizeof *sorted);
  rs_free(sorted);
  rs_free(readers);
}

enum rs_code rs_list_views(struct rs_request *q)
{
  struct rs_session *s;
  struct list x = {.q = q};
  enum rs_code rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rc = rs_meta_all(q, s, KIND, q->arg[0], &x.metas);
  if (rc == RS_OK) rc = rs_session_relations(s, NULL, q->arg[0], take_view, &x, &q->e);
  put_readers_first(&x);
  rs_data_open(q, '[');
  for (size_t i = 0; i < x.n && rc == RS_OK; i++) write_view(q, NULL, &x.v[i]);
  rs_data_close(q, ']');
  rs_map_free(&x.metas);
  rs_free(x.v);
  return rc;
}

/* ---- one ------------------------------------------------------------------------------------- */

static enum rs_code find_sql(void *ctx, const struct rs_relation_info *i)
{
  struct list *x = ctx;
  if (rs_casecmp(i->name, x->v[0].name) != 0 || i->sql == NULL) return RS_OK;
  x->v[0].sql = rs_arena_strdup(&x->q->arena, i->sql);
  return x->v[0].sql != NULL ? RS_OK : rs_nomem(&x->q->e);
}

static enum rs_code answer_view(struct rs_request *q, struct rs_session *s,
                                const struct rs_relation *rel, const char *state)
{
  struct view w = {.workspace = rel->workspace, .name = rel->name, .state = state};
  struct list x = {.q = q, .v = &w, .n = 1};
  enum rs_code rc = rs_meta_get(q, s, KIND, rel, &w.meta);
  // one that was made elsewhere: the engine's own text
  if (rc == RS_OK && w.meta.sql == NULL)
    rc = rs_session_relations(s, NULL, rel->workspace, find_sql, &x, &q->e);
  if (rc != RS_OK) return rc;
  rs_js_open(&q->out, NULL, '{');
  write_view(q, "data", &w);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_get_view(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_VIEW);
  return rc == RS_OK ? answer_view(q, s, &rel, "CREATED") : rc;
}

/* ---- what views read ------------------------------------------------------------------------- */

struct readers {
  struct rs_request *q;
  const char *path;      /* of what they read */
  struct rs_map readers; /* "workspace\nname" -> not NULL */
};

static enum rs_code take_reader(void *ctx, const char *workspace, const char *name,
                                const char *body)
{
  struct readers *x = ctx;
  cJSON *j = cJSON_Parse(body);
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(j, "entities"));
  cJSON *entities = text != NULL ? cJSON_Parse(text) : NULL;
  const cJSON *item;
  bool is = false, ok = true;
  cJSON_ArrayForEach(item, entities)
  {
    if (cJSON_IsString(item) && rs_casecmp(item->valuestring, x->path) == 0) is = true;
  }
  cJSON_Delete(entities);
  cJSON_Delete(j);
  const char *key = is ? rs_arena_printf(&x->q->arena, "%s\n%s", workspace, name) : NULL;
  if (is) ok = key != NULL && rs_map_put(&x->readers, key, x);
  return ok ? RS_OK : rs_nomem(&x->q->e);
}

/* Is it still a view? A document outlives one that somebody has dropped in the engine. */
static enum rs_code refuse_for(struct readers *x, struct rs_session *s, const char *key)
{
  const char *end = strchr(key, '\n');
  enum rs_relation_kind kind = RS_REL_NONE;
  const struct rs_relation view = {
    .workspace = rs_arena_strndup(&x->q->arena, key, (size_t)(end - key)), .name = end + 1};
  if (view.workspace == NULL) return rs_nomem(&x->q->e);
  enum rs_code rc = rs_session_describe(s, &view, NULL, &kind, &x->q->e);
  if (rc != RS_OK || kind != RS_REL_VIEW) return rc;
  return rs_refuse(x->q, 409, "DEPENDENTRESOURCES",
                   "'%s' is read by view '%s.%s': delete the view first, or change it", x->path,
                   view.workspace, view.name);
}

enum rs_code rs_need_unread(struct rs_request *q, struct rs_session *s,
                            const struct rs_relation *rel)
{
  struct readers x = {.q = q,
                      .path = rs_arena_printf(&q->arena, "%s.%s", rel->workspace, rel->name)};
  if (x.path == NULL) return rs_nomem(&q->e);
  rs_map_init(&x.readers);
  enum rs_code rc = rs_store_each(s, KIND, NULL, take_reader, &x, &q->e);
  for (size_t i = 0; i < x.readers.n && rc == RS_OK; i++)
    rc = refuse_for(&x, s, x.readers.v[i].key);
  rs_map_free(&x.readers);
  return rc;
}

/* ---- changes --------------------------------------------------------------------------------- */

struct change {
  struct rs_relation rel;
  struct rs_meta meta;
  const char *engine_sql;
  bool create; /* nothing may have the name */
};

/* The query as the engine gets it, and what it reads. */
static enum rs_code translate_query(struct rs_request *q, struct rs_session *s, struct change *x)
{
  struct rs_run run;
  struct rs_rsql_pos pos = {0, 0};
  struct rs_rsql_output out;
  struct rs_buf b;
  size_t nparams = 0;
  rs_run_init(&run, q->backend, s, &q->watch, &q->who);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_run_check(&run, x->meta.sql);
  if (rc == RS_OK && run.kind != RS_RSQL_SELECT && run.kind != RS_RSQL_PASS)
    rc = rs_fail(&run.problem.e, RS_INVALID, "view: its text must be a query");
  if (rc == RS_OK) (void)rs_rsql_params(run.stmt, &nparams);
  if (rc == RS_OK && nparams > 0)
    rc = rs_fail(&run.problem.e, RS_INVALID, "view: its text may have no parameters");
  if (rc == RS_OK)
    rc = rs_rsql_emit(run.stmt, rs_target_info(q->backend->target).dialect, true, &b, &out, &pos,
                      &run.problem.e);
  if (rc == RS_OK) rc = rs_run_check_functions(&run, rs_buf_text(&b), b.n, &run.problem.e);
  if (rc == RS_OK) rc = rs_arena_take_buf(&q->arena, &b, "view", &x->engine_sql, &run.problem.e);
  x->meta.entities = run.collections;
  if (rc == RS_OK && !rs_arena_keep(&q->arena, &x->meta.entities)) rc = rs_nomem(&run.problem.e);
  if (rc != RS_OK) {
    rs_run_failed(&run, rc);
    rs_problem_refuse(q, &run.problem, rc);
  }
  rs_buf_free(&b);
  rs_run_close(&run);
  return rc;
}

static enum rs_code need_free_name(struct rs_request *q, struct rs_session *s,
                                   const struct rs_relation *rel)
{
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = rs_session_describe(s, rel, NULL, &kind, &q->e);
  if (rc != RS_OK || kind == RS_REL_NONE) return rc;
  return rs_refuse(q, 409, "ALREADYEXISTS", "'%s' already exists in workspace '%s'.", rel->name,
                   rel->workspace);
}

static enum rs_code put_view(struct rs_request *q, struct rs_session *s, void *arg)
{
  struct change *x = arg;
  // asked again where nobody can come between: another request may have made it meanwhile
  enum rs_code rc = x->create ? need_free_name(q, s, &x->rel) : RS_OK;
  if (rc != RS_OK) return rc;
  rc = rs_session_replace(s, &x->rel, x->engine_sql, RS_AS_VIEW, NULL, &q->e);
  // what the engine does not understand is the query's fault
  if (rc == RS_REMOTE || rc == RS_INVALID || rc == RS_NOT_FOUND) {
    q->status = 400;
    q->type = "QUERY_ERROR";
  }
  return rc == RS_OK ? rs_meta_put(q, s, KIND, &x->rel, &x->meta) : rc;
}

enum rs_code rs_create_view(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  struct change x = {.rel = {.workspace = q->arg[0]}, .create = true};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "name", true, &x.rel.name);
  if (rc == RS_OK) rc = rs_request_text(q, j, "query", true, &x.meta.sql);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &x.meta.description);
  if (rc == RS_OK) rc = rs_check_name(q, "view", x.rel.name);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_workspace(q, s, x.rel.workspace);
  if (rc == RS_OK) rc = need_free_name(q, s, &x.rel);
  if (rc == RS_OK) rc = translate_query(q, s, &x);
  if (rc != RS_OK) return rc;
  x.meta.created_at = x.meta.modified_at = rs_now_text(q);
  x.meta.created_by_key = q->who.key_name;
  if (x.meta.created_at == NULL) return rs_nomem(&q->e);
  rc = rs_in_transaction(q, s, put_view, &x);
  return rc == RS_OK ? answer_view(q, s, &x.rel, "CREATED") : rc;
}

enum rs_code rs_update_view(struct rs_request *q)
{
  struct rs_session *s;
  const cJSON *j;
  const char *sql, *description;
  struct change x = {.rel = rs_path_relation(q)};
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc == RS_OK) rc = rs_request_text(q, j, "query", true, &sql);
  if (rc == RS_OK) rc = rs_request_text(q, j, "description", false, &description);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_relation(q, s, &x.rel, RS_REL_VIEW, false);
  if (rc == RS_OK) rc = rs_meta_get(q, s, KIND, &x.rel, &x.meta);
  if (rc != RS_OK) return rc;
  x.meta.sql = sql;
  if (description != NULL) x.meta.description = description;
  rc = translate_query(q, s, &x);
  if (rc != RS_OK) return rc;
  x.meta.modified_at = rs_now_text(q);
  if (x.meta.created_at == NULL) x.meta.created_at = x.meta.modified_at;
  if (x.meta.modified_at == NULL) return rs_nomem(&q->e);
  rc = rs_in_transaction(q, s, put_view, &x);
  return rc == RS_OK ? answer_view(q, s, &x.rel, "CREATED") : rc;
}

enum rs_code rs_delete_view(struct rs_request *q)
{
  struct rs_session *s;
  struct rs_relation rel;
  enum rs_code rc = rs_need_path(q, &s, &rel, RS_REL_VIEW);
  if (rc == RS_OK) rc = rs_need_unread(q, s, &rel);
  if (rc == RS_OK) rc = answer_view(q, s, &rel, "DELETED");
  return rc == RS_OK ? rs_session_drop(s, &rel, RS_REL_NONE, 0, &q->e) : rc;
}
