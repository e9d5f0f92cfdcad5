/*
** What a model would give against what is there.
**
**   rockset_diff(model [, target])     a table, or a JSON array of the same rows
**
** ARGUMENTS
**   model    TEXT. A model that is no ephemeral one. It is compiled as for a full refresh:
**            is_incremental() is false.
**   target   TEXT. Another output of the same profile; default the session's own.
**
** RESULT
**   part 'relation': change is added, or same with what it is. part 'column': one row for each that
**   is added, removed or of a changed type (old, new: the engine's types). part 'rows': count (old,
**   new); with a unique_key also added, removed and changed (new: how many keys). part 'key': up to
**   20 examples of each, as JSON of the key's columns.
**
** ERRORS
**   Those of the compiler and of the engine. Nothing is written.
**
** SAFETY
**   DIRECTONLY; a model's text is stored text (docs/safety.md): sending it out of
**   this process needs a rockset_profile() before.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/compile/compile.h"
#include "ext/base/args.h"
#include "ext/base/list.h"
#include "ext/local/local.h"
#include "internal.h"
#include "models.h"
#include "src/sql/relname.h"

#define EXAMPLES 20

struct diff {
  struct rs_list *l;
  struct rs_target *target;
  struct rs_session *session;
  struct rs_project *p;
  struct rs_node *node;
  struct rs_compiled compiled;
  struct rs_translated said; /* of Rockset's dialect: what it is for the engine */
  struct rs_columns old, now;
  bool *same; /* of now's columns: there with the same type */
};

static bool add_row(struct diff *d, const char *part, const char *name, const char *change,
                    const char *old, const char *now)
{
  const char *const texts[] = {part, name, change, old, now};
  return rs_list_add(d->l, texts, 5) != NULL;
}

static enum rs_code get_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct diff *d = ctx;
  (void)e;
  *ps = d->session;
  return RS_OK;
}

static enum rs_code compile_model(struct diff *d, const char *model, struct rs_error *e)
{
  struct rs_store store;
  struct rs_project_settings set = {.output = rs_target_info(d->target).output,
                                    .dialect = rs_target_info(d->target).dialect,
                                    .full_refresh = true,
                                    .local_prefix = rs_local_prefix(d->l->c),
                                    .trusted = rs_conn_trusted(d->l->c),
                                    .say = rs_models_say,
                                    .is_interrupted = rs_conn_interrupted,
                                    .interrupt_ctx = d->l->c};
  rs_store_open(rs_conn_db(d->l->c), &store);
  enum rs_code rc = rs_project_load(&store, &set, &d->p, e);
  if (rc == RS_OK) rc = rs_project_model(d->p, model, &d->node, e);
  if (rc == RS_OK) rc = rs_project_settle(d->p, &d->node, e);
  if (rc == RS_OK && d->node->type != RS_NODE_MODEL)
    rc = rs_fail(e, RS_UNSUPPORTED, "%s is no model", d->node->unique_id);
  if (rc == RS_OK) rc = rs_project_parse(d->p, d->node, e);
  if (rc != RS_OK) return rc;
  const char *kind = d->node->config.materialized;
  if (!d->node->config.enabled) return rs_fail(e, RS_INVALID, "model %s is disabled", model);
  if (rs_eq(kind, "ephemeral") || rs_eq(kind, "query_lambda"))
    return rs_fail(e, RS_INVALID, "model %s is materialized as %s: there is no relation", model,
                   kind);
  struct rs_context_options opt = {.project = d->p,
                                   .node = d->node,
                                   .execute = true,
                                   .sessions = {.get = get_session, .ctx = d},
                                   .is_interrupted = rs_conn_interrupted,
                                   .interrupt_ctx = d->l->c};
  rc = rs_compile(&opt, &d->compiled, e);
  return rc != RS_OK ? rc
                     : rs_compiled_query(d->session, d->p, d->node, d->compiled.text,
                                         d->compiled.rockset, &d->said, e);
}

/* What the model's query is for the engine. */
static const char *query_of(const struct diff *d)
{
  return d->said.sql != NULL ? d->said.sql : d->compiled.sql;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* What a collection has without having been asked. */
static bool is_hidden(const char *column)
{
  return rs_eq(column, "_id") || rs_eq(column, "_event_time") || rs_eq(column, "_meta");
}

static enum rs_code compare_columns(struct diff *d, struct rs_error *e)
{
  for (size_t i = 0; i < d->now.n; i++) {
    const struct rs_column *c = &d->now.v[i];
    int at = rs_columns_find(&d->old, c->name);
    const char *old = at >= 0 ? d->old.v[at].native : NULL;
    d->same[i] = rs_eq(old, c->native);
    if (!d->same[i] &&
        !add_row(d, "column", c->name, at < 0 ? "added" : "type changed", old, c->native))
      return rs_nomem(e);
  }
  for (size_t i = 0; i < d->old.n; i++) {
    const struct rs_column *c = &d->old.v[i];
    if (rs_columns_find(&d->now, c->name) < 0 && !is_hidden(c->name) &&
        !add_row(d, "column", c->name, "removed", c->native, NULL))
      return rs_nomem(e);
  }
  return RS_OK;
}

/* A query's first value as text. */
static enum rs_code count(struct diff *d, const struct rs_buf *sql, char out[32],
                          struct rs_error *e)
{
  struct rs_statement st = {.sql = rs_buf_text(sql)};
  struct rs_rows *rows = NULL;
  struct rs_value v = {.kind = RS_NULL};
  enum rs_code rc = rs_buf_error(sql, e, "rockset_diff");
  if (rc == RS_OK) rc = rs_session_query(d->session, &st, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  if (rc == RS_OK) rs_rows_get(rows, 0, &v);
  if (v.kind == RS_FLOAT) v.i = (int64_t)v.f;
  snprintf(out, 32, "%lld", (long long)v.i);
  rs_rows_close(rows);
  return rc == RS_DONE ? RS_OK : rc;
}

static void put_new(struct diff *d, struct rs_buf *b)
{
  rs_buf_printf(b, "(%s\n)", query_of(d));
}

static void put_old(struct diff *d, struct rs_buf *b)
{
  const struct rs_relation rel = rs_node_relation(d->p, d->node);
  rs_relation_sql(d->p->set.dialect, b, &rel);
}

static enum rs_code compare_counts(struct diff *d, bool exists, struct rs_error *e)
{
  struct rs_buf b;
  char old[32] = "", now[32] = "";
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "select count(*) as n from ");
  put_new(d, &b);
  rs_buf_str(&b, " dbt_new");
  enum rs_code rc = count(d, &b, now, e);
  rs_buf_clear(&b);
  rs_buf_str(&b, "select count(*) as n from ");
  put_old(d, &b);
  if (rc == RS_OK && exists) rc = count(d, &b, old, e);
  if (rc == RS_OK && !add_row(d, "rows", "count", exists && rs_eq(old, now) ? "same" : "changed",
                              exists ? old : NULL, now))
    rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

/* dbt_new and dbt_old joined by the key, from one side: rows that have no partner, or (changed) one
** that differs. */
static void put_join(struct diff *d, const char *what, struct rs_buf *b)
{
  const struct rs_dialect *dialect = d->p->set.dialect;
  const struct rs_node_config *config = &d->node->config;
  bool removed = rs_eq(what, "removed"), changed = rs_eq(what, "changed");
  const char *a = removed ? "dbt_old" : "dbt_new", *o = removed ? "dbt_new" : "dbt_old";
  rs_buf_str(b, " from ");
  if (removed) put_old(d, b);
  else put_new(d, b);
  rs_buf_printf(b, " %s %s join ", a, changed ? "inner" : "left");
  if (removed) put_new(d, b);
  else put_old(d, b);
  rs_buf_printf(b, " %s on ", o);
  for (size_t i = 0; i < config->nunique_key; i++) {
    rs_buf_printf(b, "%s%s.", i > 0 ? " and " : "", a);
    rs_dialect_ident(dialect, b, config->unique_key[i]);
    rs_buf_printf(b, " = %s.", o);
    rs_dialect_ident(dialect, b, config->unique_key[i]);
  }
  rs_buf_str(b, " where ");
  if (!changed) {
    rs_buf_printf(b, "%s.", o);
    rs_dialect_ident(dialect, b, config->unique_key[0]);
    rs_buf_str(b, " is null");
    return;
  }
  bool first = true;
  for (size_t i = 0; i < d->now.n; i++) {
    struct rs_buf name;
    if (!d->same[i]) continue;
    rs_buf_init(&name, 4096);
    rs_dialect_ident(dialect, &name, d->now.v[i].name);
    const char *c = rs_buf_text(&name);
    rs_buf_printf(b,
                  "%sdbt_new.%s <> dbt_old.%s or (dbt_new.%s is null and dbt_old.%s is not null) "
                  "or (dbt_new.%s is not null and dbt_old.%s is null)",
                  first ? "" : " or ", c, c, c, c, c, c);
    first = false;
    rs_buf_free(&name);
  }
  if (first) rs_buf_str(b, "false");
}

static void put_value(struct rs_buf *b, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "null"); break;
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_INT: rs_buf_int(b, v->i); break;
    case RS_FLOAT: rs_buf_json_double(b, v->f); break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    default: rs_buf_json_str(b, v->s.p, v->s.n);
  }
}

static enum rs_code add_examples(struct diff *d, const char *what, struct rs_error *e)
{
  const struct rs_node_config *config = &d->node->config;
  const char *side = rs_eq(what, "removed") ? "dbt_old" : "dbt_new";
  struct rs_buf b, key;
  struct rs_rows *rows = NULL;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_init(&key, 1 << 20);
  rs_buf_str(&b, "select ");
  for (size_t i = 0; i < config->nunique_key; i++) {
    rs_buf_printf(&b, "%s%s.", i > 0 ? ", " : "", side);
    rs_dialect_ident(d->p->set.dialect, &b, config->unique_key[i]);
  }
  put_join(d, what, &b);
  rs_buf_str(&b, " order by 1");
  for (size_t i = 1; i < config->nunique_key; i++) rs_buf_printf(&b, ", %zu", i + 1);
  rs_buf_printf(&b, " limit %d", EXAMPLES);
  struct rs_statement st = {.sql = rs_buf_text(&b)};
  enum rs_code rc = rs_buf_error(&b, e, "rockset_diff");
  if (rc == RS_OK) rc = rs_session_query(d->session, &st, &rows, e);
  while (rc == RS_OK && (rc = rs_rows_next(rows, e)) == RS_OK) {
    rs_buf_clear(&key);
    rs_buf_char(&key, '{');
    for (size_t i = 0; i < config->nunique_key; i++) {
      struct rs_value v;
      rs_rows_get(rows, i, &v);
      rs_buf_json_key(&key, config->unique_key[i]);
      put_value(&key, &v);
    }
    rs_buf_char(&key, '}');
    if (!add_row(d, "key", rs_buf_text(&key), what, NULL, NULL)) rc = rs_nomem(e);
  }
  rs_rows_close(rows);
  rs_buf_free(&b);
  rs_buf_free(&key);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code compare_keys(struct diff *d, struct rs_error *e)
{
  static const char *const parts[] = {"added", "removed", "changed"};
  const struct rs_node_config *config = &d->node->config;
  for (size_t i = 0; i < config->nunique_key; i++)
    if (rs_columns_find(&d->now, config->unique_key[i]) < 0 ||
        rs_columns_find(&d->old, config->unique_key[i]) < 0)
      return RS_OK; // the columns' rows say it
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && config->nunique_key > 0 && i < 3; i++) {
    struct rs_buf b;
    char n[32];
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_buf_str(&b, "select count(*) as n");
    put_join(d, parts[i], &b);
    rc = count(d, &b, n, e);
    rs_buf_free(&b);
    bool none = rc == RS_OK && rs_eq(n, "0");
    if (rc == RS_OK && !add_row(d, "rows", parts[i], none ? "same" : "changed", NULL, n))
      rc = rs_nomem(e);
    if (rc == RS_OK && !none) rc = add_examples(d, parts[i], e);
  }
  return rc;
}

static enum rs_code compare_relation(struct diff *d, struct rs_error *e)
{
  static const char *const kinds[] = {NULL, "table", "view", "alias"};
  struct rs_relation rel = rs_node_relation(d->p, d->node);
  struct rs_statement st = {.sql = query_of(d)};
  enum rs_relation_kind kind = RS_REL_NONE;
  char *name = rs_arena_printf(&d->l->arena, "%s%s%s.%s", rel.database ? rel.database : "",
                               rel.database ? "." : "", rel.workspace, rel.name);
  if (name == NULL) return rs_nomem(e);
  enum rs_code rc = rs_session_describe(d->session, &rel, NULL, &kind, e);
  if (rc == RS_OK) rc = rs_session_columns(d->session, &st, &d->now, e);
  if (rc == RS_OK && kind != RS_REL_NONE)
    rc = rs_session_describe(d->session, &rel, &d->old, &kind, e);
  if (rc != RS_OK) return rc;
  bool exists = kind != RS_REL_NONE;
  d->same = rs_arena_calloc(&d->l->arena, d->now.n + 1);
  if (d->same == NULL || !add_row(d, "relation", name, exists ? "same" : "added", kinds[kind],
                                  d->node->config.materialized))
    return rs_nomem(e);
  rc = compare_columns(d, e);
  if (rc == RS_OK) rc = compare_counts(d, exists, e);
  return rc == RS_OK && exists ? compare_keys(d, e) : rc;
}

static enum rs_code fill_diff(struct rs_list *l, struct rs_error *e)
{
  struct diff d = {.l = l};
  enum rs_code rc = RS_OK;
  if (l->args[0] == NULL) rc = rs_fail(e, RS_INVALID, "say which model: rockset_diff('daily')");
  if (rc == RS_OK) rc = rs_conn_target_of(l->c, l->args[1], true, &d.target, e);
  if (rc == RS_OK) rc = rs_conn_look(l->c, l->args[1], &d.session, e);
  if (rc == RS_OK) rc = compile_model(&d, l->args[0], e);
  if (rc == RS_OK) rc = compare_relation(&d, e);
  rs_translated_free(&d.said);
  rs_compiled_free(&d.compiled);
  rs_columns_free(&d.old);
  rs_columns_free(&d.now);
  rs_conn_done(l->c, d.session);
  rs_project_free(d.p);
  return rc;
}

/* ---- as a value ------------------------------------------------------------------------------ */

static void diff_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  static const char fn[] = "rockset_diff";
  static const char *const names[] = {"part", "name", "change", "old", "new"};
  struct rs_list l = {.c = rs_conn_of(ctx), .ncolumns = 5};
  struct rs_error e = {0};
  struct rs_buf b;
  rs_arena_init(&l.arena, 0);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_text(argv[0], fn, "model", &l.args[0], &e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, fn, "target", &l.args[1], &e);
  if (rc == RS_OK) rc = fill_diff(&l, &e);
  rs_buf_char(&b, '[');
  for (size_t i = 0; rc == RS_OK && i < l.nrows; i++) {
    rs_buf_json_comma(&b);
    rs_buf_char(&b, '{');
    for (size_t k = 0; k < 5; k++) rs_buf_json_member(&b, names[k], l.cells[i * 5 + k].s);
    rs_buf_char(&b, '}');
  }
  rs_buf_char(&b, ']');
  rs_models_give(ctx, fn, &b, true, rc, &e);
  rs_free(l.cells);
  rs_arena_free(&l.arena);
}

int rs_diff_register(struct rs_conn *c)
{
  static const struct rs_list_table table = {
    "rockset_diff",
    "part TEXT, name TEXT, change TEXT, old TEXT, new TEXT",
    5,
    "model HIDDEN, target HIDDEN",
    0,
    false,
    fill_diff,
    rs_error_names_node};
  static const struct rs_function function = {"rockset_diff", 1, 2, diff_fn};
  int rc = rs_list_register(c, &table, 1);
  return rc == SQLITE_OK ? rs_conn_functions(c, &function, 1) : rc;
}
