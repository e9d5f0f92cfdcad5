/*
** Keys that are known (keys.h).
*/
#include "keys.h"
#include <string.h>
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "slots.h"

/* Does the engine itself keep the column's values unique? */
static enum rs_code is_unique(struct rs_session *s, const struct rs_relation *rel,
                              const char *column, bool *unique, struct rs_error *e)
{
  const struct rs_relation_ops *ops = s->target->engine->relations;
  *unique = false;
  return ops && ops->unique ? ops->unique(s, rel, column, unique, e) : RS_OK;
}

/* ---- counting -------------------------------------------------------------------------------- */

/* What a column of a relation or a query holds. */
struct counts {
  int64_t rows, present, distinct;
};

static int64_t integer_at(struct rs_rows *rows, size_t i)
{
  struct rs_value v;
  rs_rows_get(rows, i, &v);
  return v.kind == RS_INT ? v.i : v.kind == RS_FLOAT ? (int64_t)v.f : -1;
}

static enum rs_code count(struct rs_session *s, const struct rs_scan *from, struct counts *out,
                          struct rs_error *e)
{
  struct rs_rows *rows = NULL;
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  rs_deparse_statistics(s->target->dialect, from, from->fetch[0], &sql);
  enum rs_code rc = rs_buf_error(&sql, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&sql)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_DONE) rc = rs_fail(e, RS_INTERNAL, "the engine counted nothing");
  if (rc == RS_OK)
    *out = (struct counts){integer_at(rows, 0), integer_at(rows, 1), integer_at(rows, 2)};
  rs_rows_close(rows);
  rs_buf_free(&sql);
  return rc;
}

static bool identify(const struct counts *c)
{
  return c->rows >= 0 && c->present == c->rows && c->distinct == c->rows;
}

enum rs_code rs_key_check(struct rs_session *s, const struct rs_scan *from, bool *enforced,
                          struct rs_error *e)
{
  struct counts n = {0};
  const char *name = from->columns[from->fetch[0]].name;
  const struct rs_relation rel = {.workspace = from->workspace, .name = from->name};
  enum rs_code rc = enforced ? is_unique(s, &rel, name, enforced, e) : RS_OK;
  if (rc != RS_OK || (enforced && *enforced)) return rc;
  rc = count(s, from, &n, e);
  if (rc != RS_OK || identify(&n)) return rc;
  return rs_fail(e, RS_CONSTRAINT,
                 "column '%s' does not identify a row: %lld rows have %lld different values of it, "
                 "and %lld have none",
                 name, (long long)n.rows, (long long)n.distinct, (long long)(n.rows - n.present));
}

/* Does the column identify the relation's rows now? */
static enum rs_code identifies_rows(struct rs_session *s, const struct rs_relation *rel,
                                    const struct rs_column *column, bool *yes, struct rs_error *e)
{
  const struct rs_scan_column own = {.name = column->name, .type = column->type};
  const int fetch[] = {0};
  const struct rs_scan scan = {
    .columns = &own, .workspace = rel->workspace, .name = rel->name, .fetch = fetch, .nfetch = 1};
  struct counts n = {0};
  enum rs_code rc = count(s, &scan, &n, e);
  *yes = rc == RS_OK && identify(&n);
  return rc;
}

/* ---- models' results ------------------------------------------------------------------------- */

/*
** What is noted in the target of a relation that a model has built: a document of kind "model",
** whose body names the key, {"key":"id"} or {}. It goes when the relation is dropped or becomes
** something else.
*/
struct model {
  bool is_result;
  const char *key; /* the column that the model names and that was found to identify; or NULL */
};

struct body {
  struct rs_arena *a;
  const char *text;
};

static enum rs_code take_body(void *ctx, const struct rs_control_doc *doc)
{
  struct body *b = ctx;
  b->text = rs_arena_strdup(b->a, doc->body);
  return b->text ? RS_OK : RS_NOMEM;
}

/* Of the relation's document of that kind, in the arena; NULL: there is none. */
static enum rs_code find_body(struct rs_session *s, const char *kind, const struct rs_relation *rel,
                              struct rs_arena *a, const char **body, struct rs_error *e)
{
  const struct rs_control_doc key = {.kind = kind,
                                     .workspace = rel->workspace,
                                     .name = rel->name,
                                     .sub = "",
                                     .database = rel->database};
  struct body b = {.a = a};
  enum rs_code rc = rs_session_kept_docs(s, &key, take_body, &b, e);
  *body = b.text;
  return rc == RS_NOMEM ? rs_nomem(e) : rc;
}

/* *j NULL: there is none, or it was written by hand. */
static enum rs_code find_json(struct rs_session *s, const char *kind, const struct rs_relation *rel,
                              struct rs_arena *a, bool *there, struct rs_json **j,
                              struct rs_error *e)
{
  const char *body;
  *j = NULL;
  enum rs_code rc = find_body(s, kind, rel, a, &body, e);
  *there = body != NULL;
  if (rc == RS_OK && body) rc = rs_json_parse(body, strlen(body), 8, a, j, e);
  return rc == RS_INVALID ? RS_OK : rc;
}

/* Of an alias: of its collection. Texts in the arena. */
static enum rs_code find_model(struct rs_session *s, const struct rs_relation *rel,
                               enum rs_relation_kind kind, struct rs_arena *a, struct model *out,
                               struct rs_error *e)
{
  struct rs_relation table = *rel;
  struct rs_json *j = NULL;
  enum rs_code rc = RS_OK;
  bool there;
  *out = (struct model){.is_result = false};
  if (kind == RS_REL_ALIAS) {
    table.workspace = table.name = NULL;
    rc = find_json(s, RS_CONTROL_ALIAS, rel, a, &there, &j, e);
    // of several collections a row is identified by nothing
    if (rc == RS_OK && rs_json_get(j, "more") != NULL) out->is_result = true;
    if (rc != RS_OK || out->is_result) return rc;
    if (rc == RS_OK && (!rs_json_text(j, "collection_workspace", a, &table.workspace) ||
                        !rs_json_text(j, "collection_name", a, &table.name)))
      rc = rs_nomem(e);
    if (rc != RS_OK || !table.workspace || !table.name) return rc;
  }
  rc = find_json(s, RS_CONTROL_MODEL, &table, a, &out->is_result, &j, e);
  if (rc == RS_OK && !rs_json_text(j, "key", a, &out->key)) rc = rs_nomem(e);
  return rc;
}

/* Writes only what is not there: builds that run side by side don't meet in the table. */
static enum rs_code set_model(struct rs_session *s, const struct rs_relation *rel,
                              const struct model *m, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_buf b;
  const char *old;
  rs_arena_init(&a, 0);
  rs_buf_init(&b, 1 << 16);
  rs_buf_str(&b, m->key ? "{\"key\":" : "{");
  if (m->key) rs_buf_json_str(&b, m->key, strlen(m->key));
  rs_buf_char(&b, '}');
  enum rs_code rc = find_body(s, RS_CONTROL_MODEL, rel, &a, &old, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "a model's key");
  const char *now = m->is_result ? rs_buf_text(&b) : NULL;
  const struct rs_control_doc doc = {.kind = RS_CONTROL_MODEL,
                                     .workspace = rel->workspace,
                                     .name = rel->name,
                                     .sub = "",
                                     .body = now,
                                     .database = rel->database};
  if (rc == RS_OK && (now ? !rs_eq(old, now) : old != NULL)) rc = rs_session_keep_doc(s, &doc, e);
  rs_buf_free(&b);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_key_forget(struct rs_session *s, const struct rs_relation *rel, struct rs_error *e)
{
  static const struct model none = {.is_result = false};
  return set_model(s, rel, &none, e);
}

enum rs_code rs_key_note(struct rs_session *s, const struct rs_relation *rel, const char *column,
                         struct rs_error *e)
{
  const struct rs_control_ops *ops = s->target->engine->control;
  struct rs_columns columns = {NULL, 0};
  enum rs_relation_kind kind = RS_REL_NONE;
  struct model model = {.is_result = true};
  bool proven = false;
  // another database's relations are no virtual tables
  if (rel->database != NULL || !ops || !ops->keep_doc) return RS_OK;
  enum rs_code rc = rs_session_describe(s, rel, &columns, &kind, e);
  if (rc == RS_OK && kind == RS_REL_TABLE && rs_columns_find(&columns, "_id") >= 0) {
    int key = column != NULL ? rs_columns_find(&columns, column) : -1;
    if (key >= 0) rc = identifies_rows(s, rel, &columns.v[key], &proven, e);
    if (proven) model.key = columns.v[key].name;
    if (rc == RS_OK) rc = set_model(s, rel, &model, e);
  }
  rs_columns_free(&columns);
  return rc;
}

/* ---- finding --------------------------------------------------------------------------------- */

enum rs_code rs_key_find(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, const struct rs_columns *columns,
                         struct rs_arena *a, struct rs_key *out, struct rs_error *e)
{
  struct model model = {.is_result = false};
  bool known = false;
  int id = rs_columns_find(columns, "_id");
  *out = (struct rs_key){.column = NULL};
  if (id < 0 || kind == RS_REL_VIEW || kind == RS_REL_NONE) return RS_OK;
  enum rs_code rc = RS_OK;
  if (kind == RS_REL_TABLE) rc = is_unique(s, rel, "_id", &out->enforced, e);
  if (rc == RS_OK && !out->enforced) rc = find_model(s, rel, kind, a, &model, e);
  if (rc != RS_OK) return rc;
  int at = id;
  if (out->enforced) known = true;
  else if (model.is_result) known = model.key && (at = rs_columns_find(columns, model.key)) >= 0;
  else if (rs_columns_find(columns, "_event_time") >= 0)
    rc = identifies_rows(s, rel, &columns->v[id], &known, e);
  if (rc != RS_OK || !known) return rc;
  out->column = rs_arena_strdup(a, columns->v[at].name);
  return out->column ? RS_OK : rs_nomem(e);
}
