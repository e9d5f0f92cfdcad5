/*
** The rows of the tables about the target and about what was sent to it.
**
**   rockset_workspaces(name)
**   rockset_collections(workspace, name, rows)          rows: an estimate, NULL when unknown
**   rockset_views(workspace, name, sql)
**   rockset_columns(workspace, relation, position, name, type, native [, types])
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
**   types    which part of a collection's documents has a value of which type, by its own, counted
**            where the column is named: {"float":0.25,"int":0.5,"null":0.25}
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
#include <math.h>
#include <string.h>
#include "src/value/field_name.h"
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "ext/base/list.h"
#include "functions.h"

static enum rs_code on_workspace(void *ctx, const char *name)
{
  struct rs_list *l = ctx;
  return rs_list_add(l, &name, 1) != NULL ? RS_OK : rs_nomem(l->e);
}

static enum rs_code fill_workspaces(struct rs_list *l, struct rs_error *e)
{
  return rs_session_workspaces(l->session, NULL, on_workspace, l, e);
}

static enum rs_code on_collection(void *ctx, const struct rs_relation_info *i)
{
  struct rs_list *l = ctx;
  if (i->kind != RS_REL_TABLE) return RS_OK;
  const char *const texts[] = {i->workspace, i->name};
  struct rs_list_cell *row = rs_list_add(l, texts, 2);
  if (row == NULL) return rs_nomem(l->e);
  rs_list_count(&row[2], i->rows);
  return RS_OK;
}

static enum rs_code on_view(void *ctx, const struct rs_relation_info *i)
{
  struct rs_list *l = ctx;
  if (i->kind != RS_REL_VIEW) return RS_OK;
  const char *const texts[] = {i->workspace, i->name, i->sql};
  return rs_list_add(l, texts, 3) != NULL ? RS_OK : rs_nomem(l->e);
}

/* A workspace that does not exist has no relations; that is no error of a table. */
static enum rs_code list_relations(struct rs_list *l,
                                   enum rs_code (*fn)(void *, const struct rs_relation_info *),
                                   void *ctx, struct rs_error *e)
{
  enum rs_code rc = rs_session_relations(l->session, NULL, l->terms[0], fn, ctx, e);
  return rc == RS_NOT_FOUND && l->terms[0] != NULL ? RS_OK : rc;
}

static enum rs_code fill_collections(struct rs_list *l, struct rs_error *e)
{
  return list_relations(l, on_collection, l, e);
}

static enum rs_code fill_views(struct rs_list *l, struct rs_error *e)
{
  return list_relations(l, on_view, l, e);
}

static enum rs_code on_alias(void *ctx, const struct rs_alias *a)
{
  struct rs_list *l = ctx;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < a->ncollections; i++)
    rs_buf_printf(&b, "%s%s", i > 0 ? ", " : "", a->collections[i]);
  const char *const texts[] = {a->workspace,  a->name,        rs_buf_text(&b), a->description,
                               a->created_at, a->modified_at, a->creator};
  bool ok = b.rc == RS_OK && rs_list_add(l, texts, 7) != NULL;
  rs_buf_free(&b);
  return ok ? RS_OK : rs_nomem(l->e);
}

static enum rs_code fill_aliases(struct rs_list *l, struct rs_error *e)
{
  return rs_session_aliases(l->session, l->terms[0], on_alias, l, e);
}

static enum rs_code on_lambda(void *ctx, const struct rs_lambda *q, const char *tag)
{
  struct rs_list *l = ctx;
  (void)tag;
  const char *const texts[] = {q->workspace,  q->name,        q->version,    q->sql,
                               q->parameters, q->description, q->created_at, q->creator};
  struct rs_list_cell *row = rs_list_add(l, texts, 8);
  if (row == NULL) return rs_nomem(l->e);
  if (q->versions > 0) rs_list_int(&row[8], q->versions);
  return RS_OK;
}

static enum rs_code fill_lambdas(struct rs_list *l, struct rs_error *e)
{
  const struct rs_relation of = {.workspace = l->terms[0]};
  return rs_session_lambdas(l->session, RS_LAMBDAS, &of, on_lambda, l, e);
}

static enum rs_code on_instance(void *ctx, const struct rs_instance *i)
{
  struct rs_list *l = ctx;
  const char *const texts[] = {i->id, i->name, i->state, i->size, i->description};
  struct rs_list_cell *row = rs_list_add(l, texts, 5);
  if (row == NULL) return rs_nomem(l->e);
  rs_list_int(&row[5], i->is_default);
  return RS_OK;
}

static enum rs_code fill_instances(struct rs_list *l, struct rs_error *e)
{
  return rs_session_instances(l->session, on_instance, l, e);
}

static enum rs_code on_running(void *ctx, const struct rs_running_query *q)
{
  struct rs_list *l = ctx;
  const char *const texts[] = {q->id, q->status, q->sql, q->submitted_at, q->executed_by};
  return rs_list_add(l, texts, 5) != NULL ? RS_OK : rs_nomem(l->e);
}

static enum rs_code fill_running(struct rs_list *l, struct rs_error *e)
{
  return rs_session_running(l->session, on_running, l, e);
}

/* Relations to describe: a session that lists can't describe at the same time. */
struct found {
  struct rs_list *l;
  struct rs_relation *v;
  size_t n, cap;
};

static enum rs_code on_relation(void *ctx, const struct rs_relation_info *i)
{
  struct found *f = ctx;
  if (f->l->terms[1] != NULL && rs_casecmp(f->l->terms[1], i->name) != 0) return RS_OK;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v)) return rs_nomem(f->l->e);
  struct rs_relation *rel = &f->v[f->n];
  rel->database = NULL;
  rel->workspace = rs_arena_strdup(&f->l->arena, i->workspace);
  rel->name = rs_arena_strdup(&f->l->arena, i->name);
  if (rel->workspace == NULL || rel->name == NULL) return rs_nomem(f->l->e);
  f->n++;
  return RS_OK;
}

/* Rows of one relation's columns whose types are counted. */
struct shares {
  struct rs_list *l;
  const struct rs_columns *columns;
  struct rs_buf *types; /* by column */
};

static enum rs_code on_field(void *ctx, const struct rs_field_count *f)
{
  struct shares *x = ctx;
  struct rs_buf path;
  rs_buf_init(&path, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < x->columns->n && path.rc == RS_OK; i++) {
    const char *name = rs_field_of(&x->l->arena, x->columns->v[i].name);
    rs_buf_clear(&path);
    if (name == NULL) path.rc = RS_NOMEM;
    else rs_buf_json_str(&path, name, strlen(name));
    if (!rs_eq(rs_buf_text(&path), f->path) || f->occurrences == 0 || f->total == 0) continue;
    rs_buf_printf(&x->types[i], "%c\"%s\":", x->types[i].n > 0 ? ',' : '{', f->type);
    rs_buf_json_double(&x->types[i], round(1e4 * (double)f->occurrences / (double)f->total) / 1e4);
    if (x->types[i].rc != RS_OK) path.rc = RS_NOMEM;
  }
  const enum rs_code rc = path.rc;
  rs_buf_free(&path);
  return rc == RS_OK ? RS_OK : rs_nomem(x->l->e);
}

/* The last cells of the rows that were added last, one for each column. */
static enum rs_code add_types(struct rs_list *l, const struct rs_relation *rel,
                              const struct rs_columns *columns, struct rs_error *e)
{
  struct shares x = {l, columns, rs_arena_calloc(&l->arena, (columns->n + 1) * sizeof *x.types)};
  if (x.types == NULL) return rs_nomem(e);
  for (size_t i = 0; i < columns->n; i++) rs_buf_init(&x.types[i], RS_BUF_SQL_MAX);
  enum rs_code rc = rs_session_fields(l->session, rel, 1, &l->arena, on_field, &x, e);
  for (size_t i = 0; i < columns->n; i++) {
    struct rs_list_cell *row = &l->cells[(l->nrows - columns->n + i) * l->ncolumns];
    if (x.types[i].n > 0) rs_buf_char(&x.types[i], '}');
    const char *text = x.types[i].n > 0 ? rs_buf_text(&x.types[i]) : NULL;
    if (rc == RS_OK && (x.types[i].rc != RS_OK || !rs_list_text(l, &row[6], text)))
      rc = rs_nomem(e);
    rs_buf_free(&x.types[i]);
  }
  return rc;
}

static enum rs_code add_columns(struct rs_list *l, const struct rs_relation *rel,
                                const struct rs_columns *columns, struct rs_error *e)
{
  for (size_t i = 0; i < columns->n; i++) {
    const struct rs_column *c = &columns->v[i];
    const char *const texts[] = {rel->workspace,        rel->name, NULL, c->name,
                                 rs_type_name(c->type), c->native};
    struct rs_list_cell *row = rs_list_add(l, texts, 6);
    if (row == NULL) return rs_nomem(e);
    rs_list_int(&row[2], (int64_t)i + 1);
  }
  return RS_OK;
}

static enum rs_code fill_columns(struct rs_list *l, struct rs_error *e)
{
  struct found f = {.l = l};
  enum rs_code rc = list_relations(l, on_relation, &f, e);
  for (size_t i = 0; rc == RS_OK && i < f.n; i++) {
    struct rs_columns columns = {0};
    enum rs_relation_kind kind;
    rc = rs_session_describe(l->session, &f.v[i], &columns, &kind, e);
    if (rc == RS_OK) rc = add_columns(l, &f.v[i], &columns, e);
    if (rc == RS_OK && l->dear && kind != RS_REL_VIEW) rc = add_types(l, &f.v[i], &columns, e);
    // A view that no longer works, or dropped since it was listed
    bool is_passed_over = rc == RS_NOT_FOUND || rc == RS_REMOTE || rc == RS_INVALID;
    if (is_passed_over && (l->terms[0] == NULL || l->terms[1] == NULL)) rc = RS_OK;
    rs_columns_free(&columns);
  }
  rs_free(f.v);
  return rc;
}

static enum rs_code on_log(void *ctx, const struct rs_log_entry *entry)
{
  struct rs_list *l = ctx;
  char at[40];
  rs_format_timestamp(entry->at_us, at);
  const char *const texts[] = {NULL, at,   entry->engine, entry->target, entry->sql,
                               NULL, NULL, NULL,          entry->error};
  struct rs_list_cell *row = rs_list_add(l, texts, 9);
  if (row == NULL) return rs_nomem(l->e);
  rs_list_int(&row[0], entry->id);
  rs_list_count(&row[5], entry->rows);
  rs_list_count(&row[6], entry->bytes);
  row[7].kind = RS_LIST_REAL;
  row[7].f = entry->ms;
  return RS_OK;
}

static enum rs_code fill_log(struct rs_list *l, struct rs_error *e)
{
  return rs_log_each(rs_conn_log(l->c), on_log, l, e);
}

/* ---- registration ---------------------------------------------------------------------------- */

int rs_catalog_register(struct rs_conn *c)
{
  static const struct rs_list_table tables[] = {
    {"rockset_workspaces", "name TEXT", 1, NULL, 0, true, fill_workspaces, NULL},
    {"rockset_collections", "workspace TEXT, name TEXT, rows INTEGER", 3, NULL, 1, true,
     fill_collections, NULL},
    {"rockset_views", "workspace TEXT, name TEXT, sql TEXT", 3, NULL, 1, true, fill_views, NULL},
    {"rockset_columns",
     "workspace TEXT, relation TEXT, position INTEGER, name TEXT, type TEXT, native TEXT, "
     "types TEXT HIDDEN",
     7, NULL, 2, true, fill_columns, NULL},
    {"rockset_aliases",
     "workspace TEXT, name TEXT, collection TEXT, description TEXT, created_at TEXT, "
     "modified_at TEXT, creator TEXT",
     7, NULL, 1, true, fill_aliases, NULL},
    {"rockset_query_lambdas",
     "workspace TEXT, name TEXT, version TEXT, sql TEXT, parameters TEXT, description TEXT, "
     "created_at TEXT, creator TEXT, versions INTEGER",
     9, NULL, 1, true, fill_lambdas, NULL},
    {"rockset_virtual_instances",
     "id TEXT, name TEXT, state TEXT, size TEXT, description TEXT, is_default INTEGER", 6, NULL, 0,
     true, fill_instances, NULL},
    {"rockset_active_queries",
     "id TEXT, status TEXT, sql TEXT, submitted_at TEXT, executed_by TEXT", 5, NULL, 0, true,
     fill_running, NULL},
    {"rockset_log",
     "id INTEGER, at TEXT, engine TEXT, target TEXT, sql TEXT, rows INTEGER, bytes INTEGER, "
     "ms REAL, error TEXT",
     9, NULL, 0, false, fill_log, NULL},
  };
  return rs_list_register(c, tables, sizeof tables / sizeof tables[0]);
}
