/*
** Tables of models in Rockset's dialect: collections, whose rows are documents with `_id` and
** `_event_time` (internal.h), as dbt-rockset makes them by INSERT INTO a new collection.
*/
#include <string.h>
#include <strings.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"

static bool is_named(const struct rs_column *c, const char *name)
{
  return strcasecmp(c->name, name) == 0;
}

/* "f(%s)" of an expression. */
static void add_form(struct rs_buf *b, const char *form, const char *expr)
{
  const char *at = strstr(form, "%s");
  if (at == NULL) {
    rs_buf_str(b, form);
    return;
  }
  rs_buf_add(b, form, (size_t)(at - form));
  rs_buf_str(b, expr);
  rs_buf_str(b, at + 2);
}

/* The query's own time as a date with time in UTC, or now: integers are microseconds. */
static void add_time(struct rs_buf *b, const struct rs_dialect *d, const struct rs_column *c)
{
  const char *type = d->type_names[RS_T_TIMESTAMP];
  struct rs_buf name;
  rs_buf_init(&name, 1 << 10);
  if (c != NULL) rs_dialect_ident(d, &name, c->name);
  if (c == NULL) {
    add_form(b, d->now, "");
  } else {
    rs_buf_str(b, "coalesce(");
    if (c->type == RS_T_INT) add_form(b, d->from_micros, rs_buf_text(&name));
    else if (c->type == RS_T_TIMESTAMPTZ)
      rs_buf_printf(b, "CAST((%s AT TIME ZONE 'UTC') AS %s)", rs_buf_text(&name), type);
    else rs_buf_printf(b, "CAST(%s AS %s)", rs_buf_text(&name), type);
    rs_buf_printf(b, ", %s)", d->now);
  }
  if (name.rc != RS_OK && b->rc == RS_OK) b->rc = name.rc;
  rs_buf_free(&name);
}

/* A text of any length, also where the engine would keep the longest of these rows, or no type. */
static void add_column(struct rs_buf *b, const struct rs_dialect *d, const struct rs_column *c)
{
  const char *text = d->type_names[RS_T_TEXT];
  const bool bounded = c->type == RS_T_TEXT && c->native != NULL &&
                       strcasecmp(c->native, text) != 0;
  const bool any = bounded || rs_eq(c->native, "unknown");
  if (any) rs_buf_str(b, "CAST(");
  rs_dialect_ident(d, b, c->name);
  if (any) rs_buf_printf(b, " AS %s) AS ", text);
  if (any) rs_dialect_ident(d, b, c->name);
}

static void write_query(struct rs_buf *b, const struct rs_dialect *d, const struct rs_columns *cols,
                        const char *sql)
{
  const struct rs_column *id = NULL, *when = NULL;
  for (size_t i = 0; i < cols->n; i++) {
    if (is_named(&cols->v[i], "_id")) id = &cols->v[i];
    if (is_named(&cols->v[i], "_event_time")) when = &cols->v[i];
  }
  rs_buf_str(b, "SELECT ");
  if (id != NULL) {
    rs_buf_str(b, "coalesce(CAST(");
    rs_dialect_ident(d, b, id->name);
    rs_buf_printf(b, " AS %s), %s)", d->type_names[RS_T_TEXT], d->new_id);
  } else {
    rs_buf_str(b, d->new_id);
  }
  rs_buf_str(b, " AS \"_id\", ");
  add_time(b, d, when);
  rs_buf_str(b, " AS \"_event_time\"");
  for (size_t i = 0; i < cols->n; i++) {
    const struct rs_column *c = &cols->v[i];
    if (c == id || c == when || is_named(c, "_meta")) continue; // the last is the server's own
    rs_buf_str(b, ", ");
    add_column(b, d, c);
  }
  if (id == NULL) {
    rs_buf_printf(b, " FROM (\n%s\n) AS q", sql);
    return;
  }
  rs_buf_str(b, " FROM (SELECT *, row_number() OVER (PARTITION BY ");
  rs_dialect_ident(d, b, id->name);
  rs_buf_printf(b, ") AS \"_id~n\" FROM (\n%s\n) AS q) AS q WHERE \"_id~n\" = 1 OR ", sql);
  rs_dialect_ident(d, b, id->name);
  rs_buf_str(b, " IS NULL");
}

enum rs_code rs_document_query(struct rs_session *s, const char *sql, char **out,
                               struct rs_error *e)
{
  const struct rs_dialect *d = rs_target_info(rs_session_target(s)).dialect;
  const struct rs_statement st = {.sql = sql};
  struct rs_columns cols = {0};
  struct rs_buf b;
  *out = NULL;
  if (d->new_id == NULL) {
    *out = rs_strdup(sql);
    return *out != NULL ? RS_OK : rs_nomem(e);
  }
  enum rs_code rc = rs_session_columns(s, &st, &cols, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  write_query(&b, d, &cols, sql);
  rs_columns_free(&cols);
  rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK && (*out = rs_buf_take(&b)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool is_word(const struct rs_json *v, const char *const *words)
{
  if (v == NULL || v->kind == RS_J_NULL) return true;
  for (size_t i = 0; words[i] != NULL; i++)
    if (rs_json_is(v, words[i])) return true;
  return false;
}

enum rs_code rs_document_adds(const struct rs_node *n, bool *adds, struct rs_error *e)
{
  static const char *const strategies[] = {"append", "default", NULL};
  static const char *const changes[] = {"ignore", "append_new_columns", NULL};
  const struct rs_node_config *config = &n->config;
  struct rs_arena a;
  struct rs_json *json;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_json_parse(config->json, strlen(config->json), 200, &a, &json, e);
  if (rc == RS_OK) {
    const struct rs_json *predicates = rs_json_get(json, "incremental_predicates");
    bool by_id = config->nunique_key == 0 ||
                 (config->nunique_key == 1 && rs_eq(config->unique_key[0], "_id"));
    *adds = by_id && is_word(rs_json_get(json, "incremental_strategy"), strategies) &&
            is_word(rs_json_get(json, "on_schema_change"), changes) &&
            (predicates == NULL || predicates->kind == RS_J_NULL);
  }
  rs_arena_free(&a);
  return rc;
}
