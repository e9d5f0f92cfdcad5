/*
** `adapter` and `api`: what a template may ask the engine. While parsing, the methods give dbt's
** stand-ins and ask nobody.
**
** Text from a database file is sent only as one proven statement.
*/
#include <string.h>
#include "names.h"
#include "src/sql/callable.h"
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/cte.h"
#include "src/python/native.h"

/* ---- execute -------------------------------------------------------------------------------- */

/* What was asked as a result of a statement: a response that prints as its text, and rows. */
static jv response(struct rs_context *c, int64_t rows)
{
  jv dict = jv_dict(c->j);
  jv_dict_set(c->j, dict, "_message", jv_text(c->j, "OK"));
  jv_dict_set(c->j, dict, "code", jv_text(c->j, "OK"));
  jv_dict_set(c->j, dict, "rows_affected", rows >= 0 ? jv_int(rows) : jv_none());
  return dict;
}

/* The same of a statement in Rockset's dialect. */
static enum rs_code run_rockset(struct rs_context *c, struct rs_session *s, const char *sql,
                                size_t n, bool fetch, jv *table, int64_t *affected,
                                struct rs_error *e)
{
  struct rs_translated t;
  struct rs_rows *rows = NULL;
  enum rs_code rc = rs_translate(s, c->project, c->node, sql, n, "a statement of the template", &t,
                                 e);
  const bool query = rc == RS_OK && fetch && t.to == NULL && t.kind == RS_SQL_QUERY;
  if (rc == RS_OK && !query) rc = rs_translated_exec(s, &t, c->node, affected, e);
  if (query) {
    // the rows outlive nothing here, but their statement must outlive them
    const struct rs_statement st = {.sql = t.sql};
    rc = rs_translated_explain(&t, c->node, rs_session_query(s, &st, &rows, e), e);
    if (rc == RS_OK) rc = rs_translated_explain(&t, c->node, rs_table_value(c, rows, table, e), e);
    rs_rows_close(rows);
  }
  rs_translated_free(&t);
  return rc;
}

static enum rs_code run_one(struct rs_context *c, const char *sql, size_t n, bool fetch, jv *table,
                            int64_t *affected, struct rs_error *e)
{
  struct rs_sqltext one = {0};
  struct rs_session *s;
  char *text = NULL, *copy = NULL;
  enum rs_code rc = rs_context_session(c, &s, e);
  if (rc == RS_OK && rs_context_rockset(c))
    return run_rockset(c, s, sql, n, fetch, table, affected, e);
  if (rc == RS_OK)
    rc = rs_callable_take(s, sql, n, c->project->set.trusted, "a statement of the template", &one,
                          &text, e);
  if (rc == RS_OK && (copy = rs_arena_strdup(rs_python_arena(c->j), text)) == NULL)
    rc = rs_nomem(e);
  rs_free(text);
  if (rc != RS_OK) return rc;
  struct rs_statement st = {.sql = copy, .writes = one.kind != RS_SQL_QUERY};
  if (!fetch || st.writes) return rs_session_exec(s, &st, affected, e);
  struct rs_rows *rows = NULL;
  rc = rs_session_query(s, &st, &rows, e);
  if (rc == RS_OK) rc = rs_table_value(c, rows, table, e);
  rs_rows_close(rows);
  return rc;
}

/* One statement; in a trusted session or a materialization it may be several, of which the last one
** gives the rows. */
static enum rs_code run_sql(struct rs_context *c, const char *sql, size_t n, bool fetch, jv *table,
                            int64_t *affected, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *affected = -1;
  *table = rs_table_empty(c);
  bool several = c->project->set.trusted || c->opt.builds;
  if (c->opt.builds && rs_statement_blank(sql, n)) return RS_OK;
  do {
    size_t len = several ? rs_statement_end(sql, n, rs_context_dialect(c)) : n;
    rc = run_one(c, sql, len, fetch, table, affected, e);
    sql += len;
    n -= len;
  } while (rc == RS_OK && !rs_statement_blank(sql, n));
  return rc;
}

/* dbt's auto_begin: a materialization's transaction starts with the first statement that wants
** one. */
static enum rs_code begin_once(struct rs_context *c, struct rs_error *e)
{
  struct rs_session *s;
  enum rs_code rc = rs_context_session(c, &s, e);
  if (rc != RS_OK || rs_session_state(s).in_transaction) return rc;
  if (!(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) return RS_OK;
  return rs_session_begin(s, e);
}

static NAMED(adapter_execute, "adapter.execute", 1, "sql", "auto_begin", "fetch", "limit")
{
  struct rs_context *c = ctx;
  jv pair[2];
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "adapter.execute() takes a text");
  enum rs_code rc = RS_OK;
  int64_t affected = -1;
  if (c->opt.execute) {
    size_t n;
    const char *sql = jv_cstr(v[0], &n);
    bool fetch = v[2].kind != JV_UNDEFINED && jv_truth(j, v[2]);
    bool begin = c->opt.begins && v[1].kind != JV_UNDEFINED && jv_truth(j, v[1]);
    if (begin) rc = begin_once(c, e);
    if (rc == RS_OK) rc = run_sql(c, sql, n, fetch, &pair[1], &affected, e);
  } else {
    pair[1] = rs_table_empty(c);
  }
  pair[0] = response(c, affected);
  if (rc == RS_OK) *out = jv_tuple(j, pair, 2);
  return rc;
}

static enum rs_code put_result(struct rs_context *c, jv name, jv answer, jv table,
                               struct rs_error *e)
{
  if (!jv_is_str(name)) return rs_fail(e, RS_INVALID, "a result is stored under a name");
  jv result = jv_dict(c->j);
  jv_dict_set(c->j, result, "response", answer);
  if (!rs_given(table)) table = rs_table_empty(c);
  jv_dict_set(c->j, result, "table", table);
  jv_dict_set(c->j, result, "data", rs_table_data(c, table));
  jv_dict_set(c->j, c->results, jv_cstr(name, NULL), result);
  return RS_OK;
}

NATIVE(rs_names_store_result)
{
  static const char *const names[] = {"name", "response", "agate_table", NULL};
  jv v[3];
  enum rs_code rc = jv_bind(args, "store_result", names, 2, v, e);
  *out = jv_text(j, "");
  return rc == RS_OK ? put_result(ctx, v[0], v[1], v[2], e) : rc;
}

/* The same, of a response in its parts. */
NATIVE(rs_names_store_raw)
{
  static const char *const names[] = {"name",          "message",     "code",
                                      "rows_affected", "agate_table", NULL};
  static const char *const parts[] = {"_message", "code", "rows_affected"};
  jv v[5], answer = jv_dict(j);
  enum rs_code rc = jv_bind(args, "store_raw_result", names, 1, v, e);
  *out = jv_text(j, "");
  for (size_t i = 0; rc == RS_OK && i < COUNT(parts); i++)
    jv_dict_set(j, answer, parts[i], rs_given(v[i + 1]) ? v[i + 1] : jv_none());
  return rc == RS_OK ? put_result(ctx, v[0], answer, v[4], e) : rc;
}

NATIVE(rs_names_load_result)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"name", NULL};
  jv v[1];
  enum rs_code rc = jv_bind(args, "load_result", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "load_result() takes a name");
  if (!jv_dict_get(c->results, jv_cstr(v[0], NULL), out)) *out = jv_none();
  return RS_OK;
}

/* ---- relations ------------------------------------------------------------------------------ */

static NAMED(get_relation, "adapter.get_relation", 3, "database", "schema", "identifier")
{
  struct rs_context *c = ctx;
  if (!c->opt.execute) return RS_OK; // none
  if (!jv_is_str(v[1]) || !jv_is_str(v[2]))
    return rs_fail(e, RS_INVALID, "adapter.get_relation() takes texts");
  struct rs_session *s;
  enum rs_code rc = rs_context_session(c, &s, e);
  if (rc != RS_OK) return rc;
  struct rs_relation rel = {.workspace = jv_cstr(v[1], NULL), .name = jv_cstr(v[2], NULL)};
  if (jv_is_str(v[0])) rel.database = rs_context_other(c, jv_cstr(v[0], NULL));
  enum rs_relation_kind kind;
  rc = rs_session_describe(s, &rel, NULL, &kind, e);
  if (rc == RS_OK && kind != RS_REL_NONE)
    *out = rs_relation_value(c, rs_context_database(c), rel.workspace, rel.name,
                             kind == RS_REL_VIEW ? "view" : "table");
  rs_relation_database(*out, rel.database);
  return rc;
}

enum rs_code rs_names_relation_columns(struct rs_context *c, jv relation, jv *out,
                                       struct rs_error *e)
{
  struct rs_relation rel;
  struct rs_session *s;
  struct rs_columns cols = {0};
  enum rs_relation_kind kind;
  *out = jv_list(c->j);
  if (!rs_relation_of(relation, &rel) || rel.name == NULL)
    return rs_fail(e, RS_INVALID, "adapter.get_columns_in_relation() takes a relation");
  enum rs_code rc = rs_context_session(c, &s, e);
  const char *external = rs_relation_external_sql(relation); // no catalog has it
  if (rc == RS_OK && (rel.workspace == NULL || external != NULL)) {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 16);
    rs_buf_str(&b, "SELECT * FROM ");
    if (external != NULL) rs_buf_str(&b, external);
    else rs_dialect_ident(c->project->set.dialect, &b, rel.name);
    rc = rs_names_describe(c, &b, out, e);
    rs_buf_free(&b);
    return rc;
  }
  if (rc == RS_OK) rc = rs_session_describe(s, &rel, &cols, &kind, e);
  if (rc == RS_OK) *out = rs_names_columns(c, &cols);
  // dbt asks information_schema, where what is not there has no columns; Rockset is asked itself
  else if (rc == RS_NOT_FOUND && !rs_output_traits(c->project->set.output)->missing_is_error)
    rc = RS_OK;
  rs_columns_free(&cols);
  return rc;
}

static NAMED(get_columns, "adapter.get_columns_in_relation", 1, "relation")
{
  struct rs_context *c = ctx;
  *out = jv_list(j);
  return c->opt.execute ? rs_names_relation_columns(c, v[0], out, e) : RS_OK;
}

/* ---- names and dispatch --------------------------------------------------------------------- */

static NATIVE(adapter_type)
{
  struct rs_context *c = ctx;
  *out = jv_text(j, rs_context_type(c));
  return RS_OK;
}

static NATIVE(adapter_quote)
{
  struct rs_context *c = ctx;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "adapter.quote() takes a text");
  struct rs_buf quoted;
  rs_buf_init(&quoted, 1 << 16);
  const char *text = jv_cstr(args->pos[0], NULL);
  // dbt-rockset's adapter.quote gives these, though its relations print with the others
  if (rs_context_traits(c)->backquotes) rs_buf_printf(&quoted, "`%s`", text);
  else rs_dialect_ident(c->project->set.dialect, &quoted, text);
  enum rs_code rc = rs_buf_error(&quoted, e, "adapter.quote()");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&quoted), quoted.n);
  rs_buf_free(&quoted);
  return rc;
}

/* quote_seed_column(column, quote): quoted unless false is said; quote_as_configured(text, part) */
static NATIVE(quote_if_wanted)
{
  if (args->npos < 1 || args->npos > 2)
    return rs_fail(e, RS_INVALID, "adapter.quote_...() takes a text and how it is quoted");
  struct jv_args one = {.pos = args->pos, .npos = 1};
  *out = args->pos[0];
  if (args->npos == 2 && args->pos[1].kind == JV_BOOL && !args->pos[1].u.b) return RS_OK;
  return adapter_quote(j, ctx, &one, out, e);
}

/* Does dbt_project.yml say where to look for that namespace? Its search_order, else none. */
static jv search_order(struct rs_context *c, const char *space)
{
  const char *json = c->project->dispatch;
  jv list, name, order;
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &list, NULL) != RS_OK)
    return jv_none();
  for (size_t i = 0; i < jv_len(list); i++) {
    jv one = jv_item(list, i);
    if (one.kind == JV_DICT && jv_dict_get(one, "macro_namespace", &name) && jv_is_str(name) &&
        rs_eq(jv_cstr(name, NULL), space) && jv_dict_get(one, "search_order", &order))
      return order;
  }
  return jv_none();
}

/* TYPE__name or default__name in a package ("dbt": ours); NULL: neither. */
static const struct rs_macro *find_in(struct rs_context *c, const char *package, const char *name)
{
  // a driver's database goes by what it speaks: postgres__
  const char *type = rs_context_type(c);
  const char *prefixes[] = {type, c->project->set.dialect->name, "default"};
  const struct rs_map *macros = rs_eq(package, "dbt") ? &c->project->builtins
                                                      : rs_project_macros(c->project, package);
  for (size_t i = 0; macros != NULL && i < 3; i++) {
    if (i == 1 && !rs_context_traits(c)->by_dialect) continue;
    char *full = rs_arena_printf(rs_python_arena(c->j), "%s__%s", prefixes[i], name);
    const struct rs_macro *m = full != NULL ? rs_map_get(macros, full) : NULL;
    if (m != NULL) return m;
  }
  return NULL;
}

/* The search order of dbt_project.yml for the namespace; else the project before a namespace that
** is a package; else the node's package, the project, ours. */
static NAMED(adapter_dispatch, "adapter.dispatch", 1, "macro_name", "macro_namespace")
{
  struct rs_context *c = ctx;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "adapter.dispatch() takes a text");
  const char *name = jv_cstr(v[0], NULL), *space = jv_is_str(v[1]) ? jv_cstr(v[1], NULL) : NULL;
  if (strchr(name, '.') != NULL)
    return rs_fail(e, RS_INVALID,
                   "adapter.dispatch('%s'): name the package by macro_namespace=", name);
  const struct rs_macro *m = NULL;
  jv order = space != NULL ? search_order(c, space) : jv_none();
  const char *usual[] = {c->node->package, c->project->name, "dbt"};
  const char *spaced[] = {c->project->name, space, "dbt"};
  bool package = space != NULL && rs_map_get(&c->project->packages, space) != NULL;
  for (size_t i = 0; m == NULL && i < jv_len(order); i++)
    if (jv_is_str(jv_item(order, i))) m = find_in(c, jv_cstr(jv_item(order, i), NULL), name);
  for (size_t i = 0; m == NULL && order.kind == JV_NONE && i < 3; i++)
    m = find_in(c, package ? spaced[i] : usual[i], name);
  if (m == NULL)
    return rs_fail(e, RS_NOT_FOUND, "adapter.dispatch('%s'): no macro %s__%s or default__%s", name,
                   rs_context_type(c), name, name);
  *out = rs_jinja_macro(j, m->text, m->name);
  return RS_OK;
}

/* dbt-duckdb's: where files of external models lie that say no place. */
static NATIVE(adapter_external_root)
{
  const struct rs_context *c = ctx;
  *out = jv_text(j, rs_output_text(c->project->set.output, "external_root", "."));
  return RS_OK;
}

/* A method of `adapter`, bound. */
struct bound {
  struct rs_context *c;
  const struct rs_method *method;
};

/* What it may not do here (engine/look.c) is an error that names it. */
static NATIVE(call_method)
{
  const struct bound *b = ctx;
  enum rs_code rc = b->method->fn(j, b->c, args, out, e);
  bool refused = rc == RS_FORBIDDEN && b->c->looks;
  return refused ? rs_error_prefix(e, "adapter.%s()", b->method->name) : rc;
}

static CLASS_GETATTR(adapter_getattr)
{
  static const struct rs_method methods[] = {{"execute", adapter_execute},
                                             {"get_relation", get_relation},
                                             {"get_columns_in_relation", get_columns},
                                             {"type", adapter_type},
                                             {"quote", adapter_quote},
                                             {"external_root", adapter_external_root},
                                             {"quote_seed_column", quote_if_wanted},
                                             {"quote_as_configured", quote_if_wanted},
                                             {"dispatch", adapter_dispatch}};
  const struct rs_method *m = NULL;
  for (size_t i = 0; m == NULL && i < COUNT(methods); i++)
    if (rs_eqn(methods[i].name, name, n)) m = &methods[i];
  if (m == NULL) m = rs_names_ddl(name, n);
  if (m == NULL) return RS_NOT_FOUND;
  struct bound *b = rs_arena_alloc(rs_python_arena(j), sizeof *b);
  if (b == NULL) return rs_nomem(e);
  *b = (struct bound){.c = self, .method = m};
  *out = jv_func(j, m->name, call_method, b);
  return RS_OK;
}

static const struct jv_class adapter_class = {.name = "Adapter", .getattr = adapter_getattr};

jv rs_names_adapter(struct rs_context *c)
{
  return jv_object(c->j, &adapter_class, c);
}

jv rs_names_api(struct rs_context *c)
{
  jv api = jv_dict(c->j), relation = jv_dict(c->j);
  jv_dict_set(c->j, relation, "create", jv_func(c->j, "Relation.create", rs_relation_create, c));
  jv_dict_set(c->j, api, "Relation", relation);
  jv_dict_set(c->j, api, "Column", rs_names_column_class(c));
  return api;
}
