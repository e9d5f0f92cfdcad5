/*
** The rows of the tables about the target and about what was sent to it.
**
**   rockset_workspaces(name)
**   rockset_collections(workspace, name, rows)          rows: an estimate, NULL when unknown
**   rockset_views(workspace, name, sql)
**   rockset_columns(workspace, relation, position, name, type, native)
**   rockset_aliases(workspace, name, collection, description, created_at, modified_at, creator)
**   rockset_query_lambdas(workspace, name, version, sql, parameters, description, created_at,
**                         creator, versions)           the latest version of each
**   rockset_virtual_instances(id, name, state, size, description, is_default)
**   rockset_active_queries(id, status, sql, submitted_at, executed_by)
**   rockset_log(id, at, engine, target, sql, rows, bytes, ms, error)
**
**   SELECT name, type FROM rockset_columns WHERE workspace = 'commons' AND relation = 'movies';
**   SELECT sql, ms FROM rockset_log ORDER BY id DESC LIMIT 5;
**
** COLUMNS
**   type     in Rockset's words: int, float, string, datetime, json, mixed ...
**   native   the engine's own name of the type: DECIMAL(18,3)
**   position 1, 2, ...
**   at       when it was sent, UTC; ms: until its last row was read
**   rows, bytes   received or changed; NULL when unknown
**   error    NULL when it succeeded
**
** `workspace = ...` and `relation = ...` are sent, so that only what is asked for is described. A
** view whose query no longer works has no columns: it is left out of rockset_columns, and an error
** when its workspace and name are both given.
**
** rockset_log holds the last 1,000 statements of this connection and asks no engine.
**
** ERRORS
**   "<table>: ..."
**
** SAFETY
**   SQLITE_VTAB_DIRECTONLY: views and triggers of a database file can't read them; temp views can.
*/
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "ext/base/catalog.h"

static enum rs_code on_workspace(void *ctx, const char *name)
{
  struct rs_catalog_result *r = ctx;
  struct rs_catalog_row *row = rs_catalog_add(r);
  if (row == NULL || !rs_catalog_text(r, &row->v[0], name)) return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

enum rs_code rs_catalog_workspaces(struct rs_catalog_result *r, struct rs_session *s,
                                   struct rs_error *e)
{
  return rs_session_workspaces(s, on_workspace, r, e);
}

static enum rs_code on_collection(void *ctx, const struct rs_relation_info *i)
{
  struct rs_catalog_result *r = ctx;
  if (i->kind != RS_REL_TABLE) return RS_OK;
  struct rs_catalog_row *row = rs_catalog_add(r);
  if (row == NULL || !rs_catalog_text(r, &row->v[0], i->workspace) ||
      !rs_catalog_text(r, &row->v[1], i->name))
    return rs_nomem(r->e);
  rs_catalog_count(&row->v[2], i->rows);
  r->n++;
  return RS_OK;
}

static enum rs_code on_view(void *ctx, const struct rs_relation_info *i)
{
  struct rs_catalog_result *r = ctx;
  if (i->kind != RS_REL_VIEW) return RS_OK;
  struct rs_catalog_row *row = rs_catalog_add(r);
  if (row == NULL || !rs_catalog_text(r, &row->v[0], i->workspace) ||
      !rs_catalog_text(r, &row->v[1], i->name) || !rs_catalog_text(r, &row->v[2], i->sql))
    return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

/* A workspace that does not exist has no relations; that is no error of a table. */
static enum rs_code list_relations(struct rs_catalog_result *r, struct rs_session *s,
                                   enum rs_code (*fn)(void *, const struct rs_relation_info *),
                                   void *ctx, struct rs_error *e)
{
  enum rs_code rc = rs_session_relations(s, r->workspace, fn, ctx, e);
  return rc == RS_NOT_FOUND && r->workspace != NULL ? RS_OK : rc;
}

enum rs_code rs_catalog_collections(struct rs_catalog_result *r, struct rs_session *s,
                                    struct rs_error *e)
{
  return list_relations(r, s, on_collection, r, e);
}

enum rs_code rs_catalog_views(struct rs_catalog_result *r, struct rs_session *s, struct rs_error *e)
{
  return list_relations(r, s, on_view, r, e);
}

/* Fills the first n cells with texts. */
static bool add_texts(struct rs_catalog_result *r, const char *const *texts, size_t n)
{
  struct rs_catalog_row *row = rs_catalog_add(r);
  for (size_t i = 0; row != NULL && i < n; i++)
    if (!rs_catalog_text(r, &row->v[i], texts[i])) return false;
  return row != NULL;
}

static enum rs_code on_alias(void *ctx, const struct rs_alias *a)
{
  struct rs_catalog_result *r = ctx;
  const char *const texts[] = {a->workspace,  a->name,        a->collection, a->description,
                               a->created_at, a->modified_at, a->creator};
  if (!add_texts(r, texts, 7)) return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

enum rs_code rs_catalog_aliases(struct rs_catalog_result *r, struct rs_session *s,
                                struct rs_error *e)
{
  return rs_session_aliases(s, r->workspace, on_alias, r, e);
}

static enum rs_code on_lambda(void *ctx, const struct rs_lambda *l, const char *tag)
{
  struct rs_catalog_result *r = ctx;
  (void)tag;
  const char *const texts[] = {l->workspace,  l->name,        l->version,    l->sql,
                               l->parameters, l->description, l->created_at, l->creator};
  if (!add_texts(r, texts, 8)) return rs_nomem(r->e);
  if (l->versions > 0) rs_catalog_int(&r->rows[r->n].v[8], l->versions);
  r->n++;
  return RS_OK;
}

enum rs_code rs_catalog_lambdas(struct rs_catalog_result *r, struct rs_session *s,
                                struct rs_error *e)
{
  return rs_session_lambdas(s, r->workspace, on_lambda, r, e);
}

static enum rs_code on_instance(void *ctx, const struct rs_instance *i)
{
  struct rs_catalog_result *r = ctx;
  const char *const texts[] = {i->id, i->name, i->state, i->size, i->description};
  if (!add_texts(r, texts, 5)) return rs_nomem(r->e);
  rs_catalog_int(&r->rows[r->n++].v[5], i->is_default);
  return RS_OK;
}

enum rs_code rs_catalog_instances(struct rs_catalog_result *r, struct rs_session *s,
                                  struct rs_error *e)
{
  return rs_session_instances(s, on_instance, r, e);
}

static enum rs_code on_running(void *ctx, const struct rs_running_query *q)
{
  struct rs_catalog_result *r = ctx;
  const char *const texts[] = {q->id, q->status, q->sql, q->submitted_at, q->executed_by};
  if (!add_texts(r, texts, 5)) return rs_nomem(r->e);
  r->n++;
  return RS_OK;
}

enum rs_code rs_catalog_running(struct rs_catalog_result *r, struct rs_session *s,
                                struct rs_error *e)
{
  return rs_session_running(s, on_running, r, e);
}

/* Relations to describe: a session that lists can't describe at the same time. */
struct found {
  struct rs_catalog_result *r;
  struct rs_relation *v;
  size_t n, cap;
};

static enum rs_code on_relation(void *ctx, const struct rs_relation_info *i)
{
  struct found *f = ctx;
  if (f->r->relation != NULL && rs_casecmp(f->r->relation, i->name) != 0) return RS_OK;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v)) return rs_nomem(f->r->e);
  struct rs_relation *rel = &f->v[f->n];
  rel->database = NULL;
  rel->workspace = rs_arena_strdup(&f->r->arena, i->workspace);
  rel->name = rs_arena_strdup(&f->r->arena, i->name);
  if (rel->workspace == NULL || rel->name == NULL) return rs_nomem(f->r->e);
  f->n++;
  return RS_OK;
}

static enum rs_code add_columns(struct rs_catalog_result *r, const struct rs_relation *rel,
                                const struct rs_columns *columns, struct rs_error *e)
{
  for (size_t i = 0; i < columns->n; i++) {
    const struct rs_column *c = &columns->v[i];
    struct rs_catalog_row *row = rs_catalog_add(r);
    if (row == NULL || !rs_catalog_text(r, &row->v[0], rel->workspace) ||
        !rs_catalog_text(r, &row->v[1], rel->name) || !rs_catalog_text(r, &row->v[3], c->name) ||
        !rs_catalog_text(r, &row->v[4], rs_type_name(c->type)) ||
        !rs_catalog_text(r, &row->v[5], c->native))
      return rs_nomem(e);
    rs_catalog_int(&row->v[2], (int64_t)i + 1);
    r->n++;
  }
  return RS_OK;
}

enum rs_code rs_catalog_columns(struct rs_catalog_result *r, struct rs_session *s,
                                struct rs_error *e)
{
  struct found f = {.r = r};
  enum rs_code rc = list_relations(r, s, on_relation, &f, e);
  for (size_t i = 0; rc == RS_OK && i < f.n; i++) {
    struct rs_columns columns = {0};
    enum rs_relation_kind kind;
    rc = rs_session_describe(s, &f.v[i], &columns, &kind, e);
    if (rc == RS_OK) rc = add_columns(r, &f.v[i], &columns, e);
    // A view that no longer works, or dropped since it was listed
    bool is_passed_over = rc == RS_NOT_FOUND || rc == RS_REMOTE || rc == RS_INVALID;
    if (is_passed_over && (r->workspace == NULL || r->relation == NULL)) rc = RS_OK;
    rs_columns_free(&columns);
  }
  rs_free(f.v);
  return rc;
}

static enum rs_code on_log(void *ctx, const struct rs_log_entry *entry)
{
  struct rs_catalog_result *r = ctx;
  char at[40];
  rs_format_timestamp(entry->at_us, at);
  struct rs_catalog_row *row = rs_catalog_add(r);
  if (row == NULL || !rs_catalog_text(r, &row->v[1], at) ||
      !rs_catalog_text(r, &row->v[2], entry->engine) ||
      !rs_catalog_text(r, &row->v[3], entry->target) ||
      !rs_catalog_text(r, &row->v[4], entry->sql) || !rs_catalog_text(r, &row->v[8], entry->error))
    return rs_nomem(r->e);
  rs_catalog_int(&row->v[0], entry->id);
  rs_catalog_count(&row->v[5], entry->rows);
  rs_catalog_count(&row->v[6], entry->bytes);
  row->v[7].kind = CELL_REAL;
  row->v[7].f = entry->ms;
  r->n++;
  return RS_OK;
}

enum rs_code rs_catalog_log(struct rs_catalog_result *r, struct rs_session *s, struct rs_error *e)
{
  (void)s;
  return rs_log_each(rs_conn_log(r->conn), on_log, r, e);
}
