/*
** What materializations ask of `adapter`: to drop, rename and list relations, to make workspaces,
** to compare columns, to commit. adapter.c has what every template may ask.
**
** While parsing each gives an empty value and asks nobody. Relations are dropped by what they
** really are, through the waist; what has no call there is one statement of SQL.
*/
#include <string.h>
#include <strings.h>
#include "src/base/mem.h"
#include "names.h"
#include "src/python/native.h"
#include "src/sql/callable.h"
#include "src/engine/callable_session.h"
#include "src/sql/relname.h"

/* ---- what the methods share ----------------------------------------------------------------- */

static enum rs_code want_relation(jv v, const char *what, struct rs_relation *rel,
                                  struct rs_error *e)
{
  if (rs_relation_of(v, rel) && rel->name != NULL) {
    if (rel->workspace == NULL || !rs_callable_is_hidden(rel->workspace, false)) return RS_OK;
    return rs_fail(e, RS_FORBIDDEN, "adapter.%s(): nothing in the schema '%s' is a template's",
                   what, rel->workspace);
  }
  return rs_fail(e, RS_INVALID, "adapter.%s() takes a relation, not %s", what, jv_type_name(v));
}

/* Runs the statement in b and frees it. */
static enum rs_code run_buf(struct rs_context *c, struct rs_buf *b, const char *what,
                            struct rs_error *e)
{
  struct rs_session *s;
  enum rs_code rc = rs_buf_error(b, e, what);
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  const struct rs_statement st = {.sql = rs_buf_text(b), .writes = true};
  if (rc == RS_OK) rc = rs_session_exec(s, &st, NULL, e);
  rs_buf_free(b);
  return rc;
}

/* What dbt-rockset calls the type of a field. */
static const char *rockset_type(const struct rs_column *column)
{
  const size_t n = strlen(column->native);
  if (rs_eq(column->name, "_event_time")) return "timestamp";
  if (column->type == RS_T_JSON) {
    const bool list = (n > 0 && column->native[n - 1] == ']') ||
                      strncasecmp(column->native, "array", 5) == 0;
    return list ? "array" : "object";
  }
  const char *name = column->type != RS_T_OTHER
                       ? rs_dialect_find("rockset")->type_names[column->type]
                       : NULL;
  return name != NULL ? name : column->native;
}

jv rs_names_columns(struct rs_context *c, const struct rs_columns *columns)
{
  const bool rockset = rs_context_rockset(c);
  jv list = jv_list(c->j), none = jv_none();
  for (size_t i = 0; i < columns->n; i++) {
    const struct rs_column *column = &columns->v[i];
    jv_list_add(c->j, list,
                rs_column_value(c, column->name, rockset ? rockset_type(column) : column->native,
                                none, none, none));
  }
  return list;
}

enum rs_code rs_names_describe(struct rs_context *c, const struct rs_buf *sql, jv *out,
                               struct rs_error *e)
{
  struct rs_session *s;
  struct rs_columns columns = {0};
  struct rs_sqltext one;
  struct rs_translated t = {.sql = NULL};
  char *text = NULL;
  const char *what = "a statement of the template";
  enum rs_code rc = rs_buf_error(sql, e, "columns");
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  const bool rockset = rs_context_rockset(c);
  if (rc == RS_OK && rockset)
    rc = rs_translate(s, c->project, c->node, rs_buf_text(sql), sql->n, what, &t, e);
  else if (rc == RS_OK)
    rc = rs_callable_take(s, rs_buf_text(sql), sql->n, c->project->set.trusted, what, &one, &text,
                          e);
  const struct rs_statement st = {.sql = rockset ? t.sql : text};
  if (rc == RS_OK) rc = rs_session_columns(s, &st, &columns, e);
  rc = rs_translated_explain(&t, c->node, rc, e);
  rs_translated_free(&t);
  rs_free(text);
  if (rc == RS_OK) *out = rs_names_columns(c, &columns);
  rs_columns_free(&columns);
  return rc;
}

/* ---- relations ------------------------------------------------------------------------------ */

static NAMED(drop_relation, "adapter.drop_relation", 1, "relation")
{
  struct rs_context *c = ctx;
  struct rs_relation rel;
  struct rs_session *s;
  enum rs_code rc = want_relation(v[0], "drop_relation", &rel, e);
  *out = jv_text(j, "");
  if (rc != RS_OK || !c->opt.execute) return rc;
  if (rel.workspace == NULL) {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 16);
    rs_buf_str(&b, "DROP TABLE IF EXISTS ");
    rs_relation_sql(c->project->set.dialect, &b, &rel);
    return run_buf(c, &b, "adapter.drop_relation()", e);
  }
  rc = rs_context_session(c, &s, e);
  return rc == RS_OK ? rs_session_drop(s, &rel, RS_REL_NONE, RS_DROP_IF_EXISTS, e) : rc;
}

static NAMED(rename_relation, "adapter.rename_relation", 2, "from_relation", "to_relation")
{
  struct rs_context *c = ctx;
  struct rs_relation from, to;
  struct rs_session *s;
  enum rs_relation_kind kind = RS_REL_NONE;
  enum rs_code rc = want_relation(v[0], "rename_relation", &from, e);
  if (rc == RS_OK) rc = want_relation(v[1], "rename_relation", &to, e);
  *out = jv_text(j, "");
  if (rc != RS_OK || !c->opt.execute) return rc;
  rc = rs_context_session(c, &s, e);
  if (rc == RS_OK && from.workspace != NULL) rc = rs_session_describe(s, &from, NULL, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_ALIAS)
    return rs_fail(e, RS_UNSUPPORTED, "'%s.%s' is an alias: it can't be renamed", from.workspace,
                   from.name);
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  rs_buf_printf(&b, "ALTER %s ", kind == RS_REL_VIEW ? "VIEW" : "TABLE");
  rs_relation_sql(c->project->set.dialect, &b, &from);
  rs_buf_str(&b, " RENAME TO ");
  rs_dialect_ident(c->project->set.dialect, &b, to.name);
  return run_buf(c, &b, "adapter.rename_relation()", e);
}

static NAMED(truncate_relation, "adapter.truncate_relation", 1, "relation")
{
  struct rs_context *c = ctx;
  struct rs_relation rel;
  enum rs_code rc = want_relation(v[0], "truncate_relation", &rel, e);
  *out = jv_text(j, "");
  if (rc != RS_OK || !c->opt.execute) return rc;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  rs_buf_str(&b, "DELETE FROM ");
  rs_relation_sql(c->project->set.dialect, &b, &rel);
  return run_buf(c, &b, "adapter.truncate_relation()", e);
}

struct listing {
  struct rs_context *c;
  jv list;
  const char *database; /* NULL: the target's own */
};

static enum rs_code see_relation(void *ctx, const struct rs_relation_info *i)
{
  struct listing *l = ctx;
  jv one = rs_relation_value(l->c, rs_context_database(l->c), i->workspace, i->name,
                             i->kind == RS_REL_VIEW ? "view" : "table");
  rs_relation_database(one, l->database);
  jv_list_add(l->c->j, l->list, one);
  return RS_OK;
}

/* list_relations(database, schema); list_relations_without_caching(schema_relation) */
static NATIVE(list_relations)
{
  struct rs_context *c = ctx;
  struct listing l = {.c = c, .list = jv_list(j)};
  struct rs_relation in = {.workspace = NULL};
  if (args->npos == 1) (void)rs_relation_of(args->pos[0], &in);
  if (args->npos > 0 && jv_is_str(args->pos[0]))
    in.database = rs_context_other(c, jv_cstr(args->pos[0], NULL));
  if (args->npos == 2 && jv_is_str(args->pos[1])) in.workspace = jv_cstr(args->pos[1], NULL);
  for (size_t i = 0; i < args->nkw; i++) {
    const char *key = jv_cstr(args->kw_keys[i], NULL);
    if (!jv_is_str(args->kw_values[i])) continue;
    const char *text = jv_cstr(args->kw_values[i], NULL);
    if (rs_eq(key, "schema")) in.workspace = text;
    if (rs_eq(key, "database")) in.database = rs_context_other(c, text);
  }
  const char *schema = in.workspace;
  l.database = in.database;
  *out = l.list;
  if (!c->opt.execute) return RS_OK;
  if (schema == NULL)
    return rs_fail(e, RS_INVALID, "adapter.list_relations() takes a database and a schema");
  struct rs_session *s;
  enum rs_code rc = rs_context_session(c, &s, e);
  if (rc != RS_OK) return rc;
  return rs_session_relations(s, l.database, schema, see_relation, &l, e);
}

/* ---- workspaces ----------------------------------------------------------------------------- */

/* The relation that a function of `name` got as its argument, for its schema. */
static enum rs_code schema_of(const struct jv_args *args, const char *name, struct rs_relation *rel,
                              struct rs_error *e)
{
  if (args->npos != 1 || !rs_relation_of(args->pos[0], rel) || rel->workspace == NULL)
    return rs_fail(e, RS_INVALID, "adapter.%s() takes a relation with a schema", name);
  return RS_OK;
}

static NATIVE(create_schema)
{
  struct rs_context *c = ctx;
  struct rs_relation in;
  struct rs_session *s;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  enum rs_code rc = schema_of(args, "create_schema", &in, e);
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  return rc == RS_OK ? rs_session_create(s, RS_WORKSPACE_IN(in.database, in.workspace), true, e)
                     : rc;
}

static NATIVE(drop_schema)
{
  struct rs_context *c = ctx;
  struct rs_relation in;
  struct rs_session *s;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  enum rs_code rc = schema_of(args, "drop_schema", &in, e);
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  return rc == RS_OK ? rs_session_drop(s, RS_WORKSPACE_IN(in.database, in.workspace), RS_REL_NONE,
                                       RS_DROP_CASCADE, e)
                     : rc;
}

static enum rs_code see_workspace(void *ctx, const char *name)
{
  struct listing *l = ctx;
  jv_list_add(l->c->j, l->list, jv_text(l->c->j, name));
  return RS_OK;
}

static NATIVE(list_schemas)
{
  struct rs_context *c = ctx;
  struct listing l = {.c = c, .list = jv_list(j)};
  struct rs_session *s;
  if (args->npos > 0 && jv_is_str(args->pos[0]))
    l.database = rs_context_other(c, jv_cstr(args->pos[0], NULL));
  *out = l.list;
  if (!c->opt.execute) return RS_OK;
  enum rs_code rc = rs_context_session(c, &s, e);
  return rc == RS_OK ? rs_session_workspaces(s, l.database, see_workspace, &l, e) : rc;
}

static NAMED(check_schema_exists, "adapter.check_schema_exists", 2, "database", "schema")
{
  const struct jv_args in = {.pos = v, .npos = 1};
  jv all;
  enum rs_code rc = list_schemas(j, ctx, &in, &all, e);
  if (rc != RS_OK) return rc;
  bool found = false;
  for (size_t i = 0; i < jv_len(all); i++) found |= jv_equal(j, jv_item(all, i), v[1]);
  *out = jv_bool(found);
  return RS_OK;
}

/* ---- columns -------------------------------------------------------------------------------- */

static NAMED(column_schema, "adapter.get_column_schema_from_query", 1, "sql")
{
  struct rs_context *c = ctx;
  *out = jv_list(j);
  enum rs_code rc = rs_want_text(v[0], "get_column_schema_from_query(): sql", e);
  if (rc != RS_OK || !c->opt.execute) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, jv_cstr(v[0], NULL));
  rc = rs_names_describe(c, &b, out, e);
  rs_buf_free(&b);
  return rc;
}

static bool has_column(jv columns, jv name)
{
  jv other;
  for (size_t i = 0; i < jv_len(columns); i++)
    if (jv_dict_get(jv_item(columns, i), "name", &other) &&
        rs_casecmp(jv_cstr(name, NULL), jv_cstr(other, NULL)) == 0)
      return true;
  return false;
}

/* Columns of the first relation that the second one lacks, by name. */
static NAMED(missing_columns, "adapter.get_missing_columns", 2, "from_relation", "to_relation")
{
  struct rs_context *c = ctx;
  jv of[2], name;
  *out = jv_list(j);
  if (!c->opt.execute) return RS_OK;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < 2; i++) rc = rs_names_relation_columns(c, v[i], &of[i], e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(of[0]); i++) {
    jv one = jv_item(of[0], i);
    if (jv_dict_get(one, "name", &name) && !has_column(of[1], name)) jv_list_add(j, *out, one);
  }
  return rc;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* put_rows(relation, sql): our own way to add rows, by column name. Gives the number of rows. */
static NAMED(put_rows, "adapter.put_rows", 2, "relation", "sql")
{
  struct rs_context *c = ctx;
  struct rs_relation rel;
  struct rs_session *s;
  int64_t rows = -1;
  enum rs_code rc = want_relation(v[0], "put_rows", &rel, e);
  if (rc == RS_OK) rc = rs_want_text(v[1], "put_rows(): sql", e);
  if (rc == RS_OK && !c->opt.execute) return RS_OK;
  if (rc == RS_OK) rc = rs_context_session(c, &s, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_add_select(s, &rel, jv_cstr(v[1], NULL), NULL, &rows, e);
  *out = rc == RS_OK && rows >= 0 ? jv_int(rows) : jv_none();
  return rc;
}

/* Rows of grantee and privilege_type as {privilege: [grantees]}. */
static NAMED(standardize_grants, "adapter.standardize_grants_dict", 1, "grants_table")
{
  jv had;
  *out = jv_dict(j);
  jv rows = rs_table_data(ctx, v[0]);
  for (size_t i = 0; i < jv_len(rows); i++) {
    jv row = jv_item(rows, i);
    if (jv_len(row) < 2 || !jv_is_str(jv_item(row, 1))) continue;
    const char *privilege = jv_cstr(jv_item(row, 1), NULL);
    if (!jv_dict_get(*out, privilege, &had)) {
      had = jv_list(j);
      jv_dict_set(j, *out, privilege, had);
    }
    jv_list_add(j, had, jv_item(row, 0));
  }
  return RS_OK;
}

static NATIVE(commit)
{
  struct rs_context *c = ctx;
  struct rs_session *s;
  *out = jv_text(j, "");
  if (!c->opt.execute || !c->opt.begins) return RS_OK; // others commit with the whole
  enum rs_code rc = rs_context_session(c, &s, e);
  if (rc != RS_OK || !rs_session_state(s).in_transaction) return rc;
  return rs_session_end(s, true, e);
}

/* ---- strategies ----------------------------------------------------------------------------- */

static NATIVE(valid_strategies)
{
  static const char *const all[] = {"append", "delete+insert", "merge", "microbatch"};
  *out = jv_list(j);
  for (size_t i = 0; i < COUNT(all); i++) jv_list_add(j, *out, jv_text(j, all[i]));
  return RS_OK;
}

/* get_incremental_strategy_macro(context, 'delete+insert'): get_incremental_delete_insert_sql */
static NAMED(strategy_macro, "adapter.get_incremental_strategy_macro", 2, "model_context",
             "strategy")
{
  struct rs_context *c = ctx;
  enum rs_code rc = rs_want_text(v[1], "get_incremental_strategy_macro(): strategy", e);
  if (rc != RS_OK) return rc;
  char *name = rs_arena_printf(rs_python_arena(j), "get_incremental_%s_sql", jv_cstr(v[1], NULL));
  if (name == NULL) return rs_nomem(e);
  for (char *p = name; *p != 0; p++)
    if (*p == '+') *p = '_';
  const struct rs_macro *m = rs_project_macro(c->project, c->node->package, name);
  if (m == NULL)
    return rs_fail(e, RS_NOT_FOUND,
                   "dbt could not find an incremental strategy macro with the name '%s' in %s: "
                   "there are append, delete+insert, merge, microbatch, and what a macro of such a "
                   "name defines",
                   name, c->project->name);
  *out = rs_jinja_macro(j, m->text, m->name);
  return RS_OK;
}

/* find_macro('snapshot_check_strategy'): as a node of this package sees it, or none. */
static NATIVE(find_macro)
{
  struct rs_context *c = ctx;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "adapter.find_macro() takes a text");
  const struct rs_macro *m = rs_project_macro(c->project, c->node->package,
                                              jv_cstr(args->pos[0], NULL));
  *out = m != NULL ? rs_jinja_macro(j, m->text, m->name) : jv_none();
  return RS_OK;
}

/* What dbt tells its cache: there is none here, the target is asked each time. */
static NATIVE(nothing)
{
  *out = jv_text(j, "");
  return RS_OK;
}

const struct rs_method *rs_names_ddl(const char *name, size_t n)
{
  static const struct rs_method methods[] = {{"drop_relation", drop_relation},
                                             {"rename_relation", rename_relation},
                                             {"truncate_relation", truncate_relation},
                                             {"list_relations", list_relations},
                                             {"list_relations_without_caching", list_relations},
                                             {"create_schema", create_schema},
                                             {"drop_schema", drop_schema},
                                             {"list_schemas", list_schemas},
                                             {"check_schema_exists", check_schema_exists},
                                             {"get_column_schema_from_query", column_schema},
                                             {"get_missing_columns", missing_columns},
                                             {"put_rows", put_rows},
                                             {"commit", commit},
                                             {"standardize_grants_dict", standardize_grants},
                                             {"valid_incremental_strategies", valid_strategies},
                                             {"get_incremental_strategy_macro", strategy_macro},
                                             {"find_macro", find_macro},
                                             {"expand_target_column_types", nothing},
                                             {"cache_added", nothing},
                                             {"cache_dropped", nothing},
                                             {"cache_renamed", nothing}};
  for (size_t i = 0; i < COUNT(methods); i++)
    if (rs_eqn(methods[i].name, name, n)) return &methods[i];
  return NULL;
}
