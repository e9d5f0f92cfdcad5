/*
** What a target holds: kind, columns, lists, and the names to suggest for one that is missing.
** One row of `catalogs` per dialect says how to ask the engine.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/value/boxed.h"
#include "src/sql/relname.h"
#include "sql.h"
#include "control.h"
#include "src/sql/lexer.h"
#include "src/sql/statement.h"

/* ---- engines --------------------------------------------------------------------------------- */

static const char *const duckdb_reserved[] = {"temp", "system", "_db", NULL}; // duckdb.h

static const char *const sqlite_reserved[] = {"temp", NULL};

static const struct rs_sql_catalog catalogs[] = {
  {
    .dialect = "duckdb",
    // information_schema.tables has no estimate and would list attached databases
    .relations = "SELECT schema_name AS workspace, table_name AS name, 1 AS kind,"
                 " estimated_size AS row_estimate, NULL AS definition FROM duckdb_tables()"
                 " WHERE database_name = current_database() AND NOT temporary AND NOT internal"
                 " UNION ALL SELECT schema_name, view_name, 2, -1, sql FROM duckdb_views()"
                 " WHERE database_name = current_database() AND NOT temporary AND NOT internal",
    .uniques = "SELECT schema_name AS workspace, table_name AS name,"
               " constraint_column_names[1] AS column_name FROM duckdb_constraints()"
               " WHERE database_name = current_database() AND len(constraint_column_names) = 1"
               " GROUP BY ALL HAVING bool_or(constraint_type = 'PRIMARY KEY')"
               " OR (bool_or(constraint_type = 'UNIQUE')"
               " AND bool_or(constraint_type = 'NOT NULL'))",
    .workspaces = "SELECT schema_name AS workspace FROM duckdb_schemas()"
                  " WHERE database_name = current_database()",
    .here = "current_database()",
    .there = "%t",
    .standing = "main",
    .folds_case = true,
    .by_name = true,
    .sides = true,
    .row_id = "rowid",
    .reserved = duckdb_reserved,
  },
  {
    .dialect = "trino",
    .relations = "SELECT t.table_schema AS workspace, t.table_name AS name,"
                 " CASE t.table_type WHEN 'VIEW' THEN 2 ELSE 1 END AS kind,"
                 " -1 AS row_estimate, CAST(NULL AS VARCHAR) AS definition"
                 " FROM information_schema.tables AS t",
    .workspaces = "SELECT schema_name AS workspace FROM information_schema.schemata",
    .materialized = "SELECT 1 FROM system.metadata.materialized_views"
                    " WHERE schema_name = lower(%t) AND name = lower(%t)",
    .materialized_in = " AND catalog_name = lower(%t)",
    .here = "information_schema.",
    .there = "%i.information_schema.",
    .sides = true,
    .boxes_texts = true,
    .standing = "default",
    .folds_case = true,
    .lower_case = true,
  },
  {
    .dialect = "postgres",
    .relations =
      "SELECT n.nspname AS workspace, c.relname AS name,"
      " CASE WHEN c.relkind IN ('v', 'm') THEN 2 ELSE 1 END AS kind,"
      " CASE WHEN c.reltuples < 0 THEN -1 ELSE CAST(c.reltuples AS bigint) END"
      " AS row_estimate, CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END"
      " AS definition FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
      " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'"
      " AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'",
    .workspaces = "SELECT nspname AS workspace FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'"
                  " AND nspname <> 'information_schema'",
    .columns = "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a"
               " JOIN pg_class AS c ON c.oid = a.attrelid"
               " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
               " WHERE a.attnum > 0 AND NOT a.attisdropped",
    .columns_of = " AND n.nspname = %t AND c.relname = %t",
    .dependents =
      "WITH RECURSIVE d(oid, depth) AS (SELECT r.ev_class, 1 FROM pg_depend AS p"
      " JOIN pg_rewrite AS r ON r.oid = p.objid JOIN pg_class AS c ON c.oid = p.refobjid"
      " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
      " WHERE p.classid = 'pg_rewrite'::regclass AND p.refclassid = 'pg_class'::regclass"
      " AND r.ev_class <> c.oid AND n.nspname = %t AND c.relname = %t"
      " UNION SELECT r.ev_class, d.depth + 1 FROM d JOIN pg_depend AS p ON p.refobjid = d.oid"
      " JOIN pg_rewrite AS r ON r.oid = p.objid WHERE p.classid = 'pg_rewrite'::regclass"
      " AND p.refclassid = 'pg_class'::regclass AND r.ev_class <> d.oid)"
      " SELECT n.nspname, c.relname, pg_get_viewdef(c.oid), c.relkind = 'm',"
      " (SELECT string_agg('; ' || pg_get_indexdef(i.indexrelid), '') FROM pg_index AS i"
      " WHERE i.indrelid = c.oid) FROM (SELECT oid, max(depth) AS depth"
      " FROM d GROUP BY oid) AS d JOIN pg_class AS c ON c.oid = d.oid"
      " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')"
      " ORDER BY d.depth",
    .materialized = "SELECT 1 FROM pg_matviews WHERE schemaname = %t AND matviewname = %t",
    .standing = "public",
  },
  {
    .dialect = "sqlite",
    .relations =
      "SELECT schema AS workspace, name, CASE type WHEN 'view' THEN 2 ELSE 1 END AS kind,"
      " -1 AS row_estimate, NULL AS definition FROM pragma_table_list"
      " WHERE schema <> 'temp' AND type <> 'shadow' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    .workspaces = "SELECT name AS workspace FROM pragma_database_list WHERE name <> 'temp'",
    .standing = "main",
    .folds_case = true,
    .reserved = sqlite_reserved,
  },
  {
    .dialect = "ansi",
    .relations = "SELECT table_schema AS workspace, table_name AS name,"
                 " CASE table_type WHEN 'VIEW' THEN 2 ELSE 1 END AS kind,"
                 " -1 AS row_estimate, NULL AS definition FROM information_schema.tables",
    .workspaces = "SELECT schema_name AS workspace FROM information_schema.schemata",
  },
};

const struct rs_sql_catalog *rs_sql_catalog_of(const struct rs_session *s)
{
  size_t n = sizeof catalogs / sizeof catalogs[0];
  for (size_t i = 0; i < n; i++) {
    if (rs_eq(catalogs[i].dialect, s->target->dialect->name)) return &catalogs[i];
  }
  return &catalogs[n - 1];
}

void rs_sql_add_catalog(const struct rs_session *s, struct rs_buf *b, const char *query,
                        const char *database)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  const char *at;
  while (database != NULL && c->here != NULL && (at = strstr(query, c->here)) != NULL) {
    rs_buf_add(b, query, (size_t)(at - query));
    rs_sql_add(s, b, c->there, database);
    query = at + strlen(c->here);
  }
  rs_buf_str(b, query);
}

bool rs_sql_same_name(const struct rs_session *s, const char *a, const char *b)
{
  return rs_sql_catalog_of(s)->folds_case ? rs_casecmp(a, b) == 0 : rs_eq(a, b);
}

int rs_sql_find_column(const struct rs_session *s, const struct rs_columns *c, const char *name)
{
  for (size_t i = 0; i < c->n; i++) {
    if (rs_sql_same_name(s, c->v[i].name, name)) return (int)i;
  }
  return -1;
}

/* Rows of the catalog. An engine of which only a dialect is known may have none. */
static enum rs_code ask_catalog(struct rs_session *s, struct rs_buf *b, rs_sql_row_fn fn, void *ctx,
                                struct rs_error *e)
{
  enum rs_code rc = rs_sql_each(s, b, fn, ctx, NULL, e);
  if (rc == RS_OK || e == NULL || !rs_eq(s->target->dialect->name, "ansi")) return rc;
  if (strstr(e->text, "information_schema") != NULL)
    rs_error_append(e, ": with dialect ansi collections are found in information_schema; of an "
                       "engine that has none only rockset_query and rockset_exec work");
  return rc;
}

/* A stage that is on its way in is nobody's business either. */
static bool is_hidden(const char *workspace, const char *name)
{
  return rs_workspace_is_hidden(workspace) || strncmp(name, "__rs_", 5) == 0;
}

/* ---- kind and columns ------------------------------------------------------------------------ */

struct kind_search {
  const struct rs_session *s;
  const struct rs_relation *rel;
  enum rs_relation_kind kind;
  bool documents; /* there are control-plane documents: a view may be an alias */
};

/* The table of documents comes with every list, so that only where it exists it is asked. */
#define OR_DOCUMENTS " OR (workspace = '_rockset' AND name = 'entities')"

static bool is_documents(const char *workspace, const char *name)
{
  return rs_eq(workspace, "_rockset") && rs_eq(name, "entities");
}

static enum rs_code see_kind(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct kind_search *k = ctx;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  const char *workspace, *name = NULL;
  enum rs_code rc = rs_sql_text(r, 0, &a, &workspace, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, &a, &name, e);
  if (rc == RS_OK && workspace != NULL && is_documents(workspace, name)) k->documents = true;
  // the engine's lower() folds more than its catalog does: compare again by the catalog's rule
  if (rc == RS_OK && workspace != NULL && name != NULL &&
      rs_sql_same_name(k->s, workspace, k->rel->workspace) &&
      rs_sql_same_name(k->s, name, k->rel->name)) {
    struct rs_value v;
    rs_rows_get(r, 2, &v);
    k->kind = v.i == 2 ? RS_REL_VIEW : RS_REL_TABLE;
  }
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_kind(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind *kind, struct rs_error *e)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  struct kind_search k = {s, rel, RS_REL_NONE, false};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  const char *fold = c->folds_case ? "lower" : "";
  const char *kept = c->lower_case ? "" : fold;
  rs_buf_str(&b, "SELECT workspace, name, kind FROM (");
  rs_sql_add_catalog(s, &b, c->relations, rel->database);
  rs_sql_add(s, &b, ") AS r WHERE %s(workspace) = %s(%t)", kept, fold, rel->workspace);
  rs_sql_add(s, &b, " AND %s(name) = %s(%t)" OR_DOCUMENTS, kept, fold, rel->name);
  enum rs_code rc = ask_catalog(s, &b, see_kind, &k, e);
  if (rc == RS_OK && k.kind == RS_REL_VIEW && k.documents) {
    struct rs_arena a;
    struct rs_sql_aliased to;
    rs_arena_init(&a, 0);
    rc = rs_sql_alias_of(s, rel, &a, &to, e);
    if (rc == RS_OK && to.n > 0) k.kind = RS_REL_ALIAS;
    rs_arena_free(&a);
  }
  *kind = k.kind;
  return rc;
}

enum rs_code rs_sql_is_materialized(struct rs_session *s, const struct rs_relation *rel, bool *is,
                                    struct rs_error *e)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  struct rs_buf b;
  size_t n = 0;
  *is = false;
  if (c->materialized == NULL) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, c->materialized, rel->workspace, rel->name);
  if (c->materialized_in != NULL)
    rs_sql_add(s, &b, c->materialized_in,
               rel->database != NULL ? rel->database
                                     : rs_output_text(s->target->output, "database", ""));
  enum rs_code rc = rs_sql_each(s, &b, NULL, NULL, &n, e);
  *is = rc == RS_OK && n > 0;
  return rc;
}

enum rs_code rs_sql_unique(struct rs_session *s, const struct rs_relation *rel, const char *column,
                           bool *unique, struct rs_error *e)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  struct rs_buf b;
  size_t n = 0;
  *unique = false;
  if (!c->uniques) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  const char *fold = c->folds_case ? "lower" : "";
  rs_buf_str(&b, "SELECT name FROM (");
  rs_sql_add_catalog(s, &b, c->uniques, rel->database);
  rs_sql_add(s, &b, ") AS u WHERE %s(workspace) = %s(%t)", fold, fold, rel->workspace);
  rs_sql_add(s, &b, " AND %s(name) = %s(%t) AND %s(column_name) = %s(%t)", fold, fold, rel->name,
             fold, fold, column);
  enum rs_code rc = rs_sql_each(s, &b, NULL, NULL, &n, e);
  *unique = rc == RS_OK && n > 0;
  return rc;
}

const char *rs_sql_kind_name(enum rs_relation_kind kind)
{
  return kind == RS_REL_VIEW ? "view" : kind == RS_REL_ALIAS ? "alias" : "collection";
}

struct natives {
  const struct rs_session *s;
  struct rs_columns *columns;
};

static enum rs_code see_native(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  const struct natives *x = ctx;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  const char *name, *type = NULL;
  enum rs_code rc = rs_sql_text(r, 0, &a, &name, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, &a, &type, e);
  int at = rc == RS_OK && name != NULL ? rs_sql_find_column(x->s, x->columns, name) : -1;
  if (at >= 0 && type != NULL) {
    char *copy = rs_strdup(type);
    if (copy == NULL) rc = rs_nomem(e);
    else rs_free(x->columns->v[at].native);
    if (copy != NULL) x->columns->v[at].native = copy;
  }
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_sql_columns_of(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_columns *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %r", rel);
  return rs_sql_columns(s, &b, out, e);
}

enum rs_code rs_sql_natives(struct rs_session *s, const struct rs_relation *rel,
                            struct rs_columns *columns, struct rs_error *e)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  struct natives x = {s, columns};
  struct rs_buf b;
  if (c->columns == NULL) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, c->columns);
  rs_sql_add(s, &b, c->columns_of, rel->workspace, rel->name);
  return rs_sql_each(s, &b, see_native, &x, NULL, e);
}

enum rs_code rs_sql_describe(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_columns *out, enum rs_relation_kind *kind,
                             struct rs_error *e)
{
  enum rs_relation_kind found;
  if (out == NULL) return rs_sql_kind(s, rel, kind, e);
  memset(out, 0, sizeof *out);
  enum rs_code rc = rs_session_describe(s, rel, NULL, &found, e);
  if (rc != RS_OK) return rc;
  if (kind != NULL) *kind = found;
  if (found == RS_REL_NONE) return rs_sql_not_found(s, rel, e);
  rc = rs_sql_columns_of(s, rel, out, e);
  if (rc == RS_OK) {
    rc = rs_sql_natives(s, rel, out, e);
    if (rc != RS_OK) rs_columns_free(out);
    else if (rs_sql_catalog_of(s)->sides) rs_boxed_fold(out, rs_sql_catalog_of(s)->boxes_texts);
  }
  if (rc != RS_OK && e != NULL) {
    (void)rs_error_prefix(e, "%s '%s.%s'", rs_sql_kind_name(found), rel->workspace, rel->name);
  }
  return rc;
}

enum rs_code rs_sql_need_table(struct rs_session *s, const struct rs_relation *rel,
                               struct rs_error *e)
{
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, rel, NULL, &kind, e);
  if (rc != RS_OK) return rc;
  if (kind == RS_REL_NONE) return rs_sql_not_found(s, rel, e);
  if (kind == RS_REL_TABLE) return RS_OK;
  return rs_fail(e, RS_INVALID, "'%s.%s' is %s: rows can't be written to it", rel->workspace,
                 rel->name, kind == RS_REL_VIEW ? "a view" : "an alias");
}

enum rs_code rs_sql_writable(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_arena *a, struct rs_relation *out, struct rs_error *e)
{
  enum rs_relation_kind kind;
  *out = *rel;
  enum rs_code rc = rs_sql_kind(s, rel, &kind, e);
  if (rc != RS_OK || kind != RS_REL_ALIAS) return rc;
  struct rs_sql_aliased to;
  rc = rs_sql_alias_of(s, rel, a, &to, e);
  if (rc != RS_OK || to.n == 0) return rc;
  if (to.n > 1)
    return rs_fail(e, RS_INVALID,
                   "'%s.%s' is an alias of %zu collections: write to one of them by its own name",
                   rel->workspace, rel->name, to.n);
  // of an alias that somebody has made by hand
  if (rs_workspace_is_hidden(to.v[0].workspace)) return rs_sql_not_found(s, rel, e);
  *out = to.v[0];
  return RS_OK;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Copies, so that the callbacks may use the session: its rows are closed by then. */
struct list {
  struct rs_arena a;
  struct rs_relation_info *v;
  size_t n, cap;
  bool documents; /* as in kind_search */
  const struct rs_session *s;
};

static void list_free(struct list *l)
{
  rs_free(l->v);
  rs_arena_free(&l->a);
}

/* The query in the engine's words of a view: what stands behind CREATE VIEW name [(columns)] AS. */
static const char *view_query(struct rs_arena *a, const struct rs_dialect *d,
                              const char *definition)
{
  struct rs_lexer x;
  enum rs_token t = T_END;
  size_t open = 0, close = 0;
  bool name_done = false;
  if (rs_sqllex_open(&x, definition, strlen(definition), d, "view", NULL) != RS_OK)
    return definition;
  while (rs_sqllex_next(&x, &t) == RS_OK && t != T_END) {
    if (t == T_OPEN && open == 0) open = x.start;
    if (t == T_CLOSE) close = x.i;
    // a view may be called as: unquoted it can't, behind a dot it could
    if (t == T_WORD && name_done && rs_sqllex_is(&x, "AS")) break;
    name_done = t != T_OTHER;
  }
  if (t != T_WORD) return definition;
  struct rs_sqltext q;
  if (rs_sqltext_one(definition + x.i, x.n - x.i, d, "view", &q, NULL) != RS_OK) return definition;
  if (open == 0) return rs_arena_strndup(a, q.p, q.n);
  return rs_arena_printf(a, "SELECT * FROM (%.*s) AS v%.*s", (int)q.n, q.p, (int)(close - open),
                         definition + open);
}

static enum rs_code see_listed(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct list *l = ctx;
  struct rs_relation_info i = {.rows = -1};
  enum rs_code rc = rs_sql_text(r, 0, &l->a, &i.workspace, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 1, &l->a, &i.name, e);
  if (rc == RS_OK) rc = rs_sql_text(r, 4, &l->a, &i.sql, e);
  if (rc != RS_OK) return rc;
  if (i.workspace == NULL || i.name == NULL) return RS_OK;
  if (is_documents(i.workspace, i.name)) l->documents = true;
  if (is_hidden(i.workspace, i.name)) return RS_OK;
  struct rs_value v;
  rs_rows_get(r, 2, &v);
  i.kind = v.i == 2 ? RS_REL_VIEW : RS_REL_TABLE;
  rs_rows_get(r, 3, &v);
  if (v.kind == RS_INT) i.rows = v.i;
  if (i.kind != RS_REL_VIEW) i.sql = NULL;
  if (i.sql != NULL) i.sql = view_query(&l->a, l->s->target->dialect, i.sql);
  if (i.kind == RS_REL_VIEW) i.rows = -1;
  if (!rs_grow(&l->v, &l->cap, l->n + 1, sizeof l->v[0])) return rs_nomem(e);
  l->v[l->n++] = i;
  return RS_OK;
}

static enum rs_code see_alias(void *ctx, const struct rs_control_doc *d)
{
  struct list *l = ctx;
  for (size_t i = 0; i < l->n; i++) {
    struct rs_relation_info *r = &l->v[i];
    if (r->kind != RS_REL_VIEW || !rs_sql_same_name(l->s, r->name, d->name) ||
        !rs_sql_same_name(l->s, r->workspace, d->workspace)) {
      continue;
    }
    r->kind = RS_REL_ALIAS;
    r->sql = NULL;
  }
  return RS_OK;
}

/* The relations of a workspace, or all, by name. On failure nothing is left to free. */
static enum rs_code list_relations(struct rs_session *s, const char *database,
                                   const char *workspace, struct list *l, struct rs_error *e)
{
  const struct rs_sql_catalog *c = rs_sql_catalog_of(s);
  *l = (struct list){.s = s};
  rs_arena_init(&l->a, 0);
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT workspace, name, kind, row_estimate, definition FROM (");
  rs_sql_add_catalog(s, &b, c->relations, database);
  rs_buf_str(&b, ") AS r");
  if (workspace != NULL) {
    const char *fold = c->folds_case ? "lower" : "";
    rs_sql_add(s, &b, " WHERE %s(workspace) = %s(%t)" OR_DOCUMENTS, c->lower_case ? "" : fold, fold,
               workspace);
  }
  rs_buf_str(&b, " ORDER BY workspace, name");
  enum rs_code rc = ask_catalog(s, &b, see_listed, l, e);
  if (rc == RS_OK && l->documents) {
    const struct rs_control_doc filter = {
      .kind = RS_CONTROL_ALIAS, .workspace = workspace, .database = database};
    rc = rs_sql_control_each_known(s, &filter, see_alias, l, e);
  }
  if (rc != RS_OK) list_free(l);
  return rc;
}

enum rs_code rs_sql_relations(struct rs_session *s, const char *database, const char *workspace,
                              rs_relation_fn fn, void *ctx, struct rs_error *e)
{
  struct list l;
  enum rs_code rc = list_relations(s, database, workspace, &l, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < l.n && rc == RS_OK; i++) rc = fn(ctx, &l.v[i]);
  list_free(&l);
  return rc;
}

static enum rs_code see_workspace(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct list *l = ctx;
  struct rs_relation_info i = {.kind = RS_REL_NONE};
  enum rs_code rc = rs_sql_text(r, 0, &l->a, &i.workspace, e);
  if (rc != RS_OK || i.workspace == NULL) return rc;
  if (!rs_grow(&l->v, &l->cap, l->n + 1, sizeof l->v[0])) return rs_nomem(e);
  l->v[l->n++] = i;
  return RS_OK;
}

static enum rs_code list_workspaces(struct rs_session *s, const char *database, struct list *l,
                                    struct rs_error *e)
{
  *l = (struct list){.s = s};
  rs_arena_init(&l->a, 0);
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT DISTINCT workspace FROM (");
  rs_sql_add_catalog(s, &b, rs_sql_catalog_of(s)->workspaces, database);
  rs_buf_str(&b, ") AS w ORDER BY workspace");
  enum rs_code rc = ask_catalog(s, &b, see_workspace, l, e);
  if (rc != RS_OK) list_free(l);
  return rc;
}

enum rs_code rs_sql_workspaces(struct rs_session *s, const char *database, rs_workspace_fn fn,
                               void *ctx, struct rs_error *e)
{
  const char *standing = rs_sql_catalog_of(s)->standing;
  struct list l;
  enum rs_code rc = list_workspaces(s, database, &l, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < l.n && rc == RS_OK; i++) {
    const char *name = l.v[i].workspace;
    if (rs_workspace_is_hidden(name)) continue;
    if (rs_eq(name, standing)) {
      struct list held;
      rc = list_relations(s, database, name, &held, e);
      if (rc != RS_OK) break;
      bool empty = held.n == 0;
      list_free(&held);
      if (empty) continue;
    }
    rc = fn(ctx, name);
  }
  list_free(&l);
  return rc;
}

enum rs_code rs_sql_has_workspace(struct rs_session *s, const char *database, const char *name,
                                  bool *has, struct rs_error *e)
{
  struct list l;
  *has = false;
  enum rs_code rc = list_workspaces(s, database, &l, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < l.n && !*has; i++) *has = rs_sql_same_name(s, l.v[i].workspace, name);
  list_free(&l);
  return RS_OK;
}

/* ---- suggestions ----------------------------------------------------------------------------- */

/* "workspace.name" of the nearest relation: the same name elsewhere, else the nearest spelling. */
static const char *nearest(const struct rs_session *s, struct list *l,
                           const struct rs_relation *rel)
{
  const char **names = rs_arena_alloc(&l->a, (l->n + 1) * sizeof names[0]);
  const char *word = rs_arena_printf(&l->a, "%s.%s", rel->workspace, rel->name);
  if (names == NULL || word == NULL) return NULL;
  for (size_t i = 0; i < l->n; i++) {
    names[i] = rs_arena_printf(&l->a, "%s.%s", l->v[i].workspace, l->v[i].name);
    if (names[i] != NULL && rs_sql_same_name(s, l->v[i].name, rel->name)) return names[i];
  }
  return rs_nearest(word, names, l->n);
}

enum rs_code rs_sql_not_found(struct rs_session *s, const struct rs_relation *rel,
                              struct rs_error *e)
{
  struct list l;
  const char *target = s->target->output->target_name, *near = NULL;
  // without a list there is only no suggestion
  bool listed = list_relations(s, rel->database, NULL, &l, NULL) == RS_OK;
  if (listed) near = nearest(s, &l, rel);
  enum rs_code rc = rs_fail(
    e, RS_NOT_FOUND, "collection '%s.%s' does not exist in target '%s'%s%s%s", rel->workspace,
    rel->name, target, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
    near != NULL ? "'?" : "");
  rs_target_no_file(s->target, e);
  if (listed) list_free(&l);
  return rc;
}
