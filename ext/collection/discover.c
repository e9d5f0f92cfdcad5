/*
** What a virtual table shows, asked of the engine: when it is created, and when it is refreshed
** (refresh.c). schema.c says what becomes of the columns.
*/
#include "internal.h"
#include "src/engine/keys.h"
#include "src/sql/relname.h"
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/field_name.h"

#include <string.h>

const char *rs_collection_what(struct collection *c)
{
  const char *what = rs_arena_printf(&c->arena, "table %s", c->table);
  return what ? what : "table";
}

/* ---- columns --------------------------------------------------------------------------------- */

/* The field's name, or one like it that no column before has, by SQLite's idea of equal names.
** `seen`: lower-case names. */
static enum rs_code local_name(struct collection *c, struct rs_map *seen, const char *column,
                               const char **out, struct rs_error *e)
{
  const char *name = rs_field_of(&c->arena, column);
  if (!name) return rs_nomem(e);
  for (unsigned k = 0;; k++) {
    char *local = k ? rs_arena_printf(&c->arena, "%s_%u", name, k)
                    : rs_arena_strdup(&c->arena, name);
    char *lower = local ? rs_arena_strdup(&c->arena, local) : NULL;
    if (!lower) return rs_nomem(e);
    for (char *p = lower; *p; p++) {
      if (*p >= 'A' && *p <= 'Z') *p = (char)(*p - 'A' + 'a');
    }
    if (rs_map_find(seen, lower, strlen(lower))) continue;
    if (!rs_map_put(seen, lower, NULL)) return rs_nomem(e);
    *out = local;
    return RS_OK;
  }
}

/* Fills c->columns from what the engine says and the names of a query's parameters. */
static enum rs_code take_columns(struct collection *c, const struct rs_columns *cols,
                                 const struct rs_map *params, struct rs_error *e)
{
  struct rs_map seen;
  enum rs_code rc = RS_OK;
  size_t nparams = params ? params->n : 0, n = cols->n + nparams, i;
  int limit = sqlite3_limit(rs_conn_db(c->conn), SQLITE_LIMIT_COLUMN, -1);
  if (n > (size_t)limit)
    return rs_fail(e, RS_LIMIT,
                   "table %s: %zu columns, and SQLite's limit is %d: choose some with "
                   "rockset(query='select ...')",
                   c->table, n, limit);
  if (cols->n == 0) return rs_fail(e, RS_INVALID, "table %s: no columns", c->table);
  c->columns = rs_arena_calloc(&c->arena, n * sizeof *c->columns);
  if (!c->columns) return rs_nomem(e);
  rs_map_init(&seen);
  for (i = 0; rc == RS_OK && i < n; i++) {
    struct collection_column *col = &c->columns[i];
    bool param = i >= cols->n;
    col->name = rs_arena_strdup(&c->arena, param ? params->v[i - cols->n].key : cols->v[i].name);
    col->native = param ? "" : rs_arena_strdup(&c->arena, cols->v[i].native);
    if (!col->name || !col->native) {
      rc = rs_nomem(e);
      break;
    }
    col->type = param ? RS_T_OTHER : cols->v[i].type;
    col->hidden = param;
    rc = local_name(c, &seen, col->name, &col->local, e);
  }
  rs_map_free(&seen);
  c->ndata = (int)cols->n;
  c->nparams = (int)nparams;
  return rc;
}

static int find_column(const struct collection *c, const char *name)
{
  for (int i = 0; i < c->ndata; i++) {
    if (strcmp(c->columns[i].name, name) == 0) return i;
  }
  return -1;
}

/* _id, _event_time and _meta of a collection are hidden, if something else is left to see. */
static void hide_system_columns(struct collection *c)
{
  static const char *const names[] = {"_id", "_event_time", "_meta"};
  int at[3], hidden = 0;
  for (int k = 0; k < 3; k++) {
    at[k] = find_column(c, names[k]);
    hidden += at[k] >= 0;
  }
  if (at[0] < 0 || at[1] < 0 || hidden == c->ndata) return;
  for (int k = 0; k < 3; k++) {
    if (at[k] >= 0) c->columns[at[k]].hidden = true;
  }
}

/* ---- the key --------------------------------------------------------------------------------- */

static enum rs_code no_such_key(struct collection *c, const char *key, struct rs_error *e)
{
  const char **names = rs_arena_alloc(&c->arena, (size_t)c->ndata * sizeof *names);
  if (!names) return rs_nomem(e);
  for (int i = 0; i < c->ndata; i++) names[i] = c->columns[i].name;
  const char *near = rs_nearest(key, names, (size_t)c->ndata);
  return rs_fail(e, RS_INVALID, "table %s: key='%s': no such column%s%s%s", c->table, key,
                 near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Does the column that key='...' names identify the rows? c: its columns, relation or query. */
static enum rs_code check_key(struct collection *c, struct rs_session *s, bool *enforced,
                              struct rs_error *e)
{
  const struct collection_column *col = &c->columns[c->key];
  const struct rs_scan_column own = {.name = col->name, .type = col->type};
  const int fetch[] = {0};
  const struct rs_scan scan = {.columns = &own,
                               .workspace = rs_collection_workspace(c, rs_session_target(s)),
                               .name = c->relation,
                               .query = c->query,
                               .fetch = fetch,
                               .nfetch = 1};
  enum rs_code rc = rs_key_check(s, &scan, enforced, e);
  if (rc == RS_CONSTRAINT) rs_error_prefix(e, "table %s: key='%s'", c->table, col->name);
  return rc;
}

static enum rs_code take_given_key(struct collection *c, struct rs_session *s,
                                   enum rs_relation_kind kind, struct rs_error *e)
{
  const char *key = c->args.key;
  c->key = find_column(c, key);
  if (c->key < 0) return no_such_key(c, key, e);
  if (c->nparams > 0 || c->lambda)
    return rs_fail(e, RS_INVALID,
                   "table %s: key='%s': it can't be checked where the rows depend on parameters: "
                   "leave it out",
                   c->table, key);
  return check_key(c, s, kind == RS_REL_TABLE ? &c->enforced : NULL, e);
}

/* Of a relation as it was described: the key that is given, or known (src/engine/keys.h). */
static enum rs_code take_key(struct collection *c, struct rs_session *s,
                             const struct rs_relation *rel, enum rs_relation_kind kind,
                             const struct rs_columns *cols, struct rs_error *e)
{
  struct rs_key known = {.column = NULL};
  enum rs_code rc = RS_OK;
  c->key = -1;
  c->proven = true;
  if (!c->args.key) {
    rc = rs_key_find(s, rel, kind, cols, &c->arena, &known, e);
    if (rc == RS_OK && known.column) c->key = find_column(c, known.column);
    c->enforced = known.enforced;
    return rc;
  }
  return take_given_key(c, s, kind, e);
}

enum rs_code rs_collection_prove_key(struct collection *c, struct rs_error *e)
{
  struct rs_session *s = NULL;
  if (c->key < 0 || c->proven || c->nparams > 0 || c->lambda) return RS_OK;
  enum rs_code rc = rs_collection_session(c, &s, e);
  if (rc != RS_OK) return rc;
  const struct rs_relation rel = {.workspace = rs_collection_workspace(c, rs_session_target(s)),
                                  .name = c->relation};
  struct rs_columns cols = {0};
  enum rs_relation_kind kind = RS_REL_NONE;
  struct rs_key known = {.column = NULL};
  const bool given = c->args.key || c->query;
  if (given) rc = check_key(c, s, NULL, e);
  else rc = rs_session_describe(s, &rel, &cols, &kind, e);
  if (rc == RS_OK && !given) rc = rs_key_find(s, &rel, kind, &cols, &c->arena, &known, e);
  rs_columns_free(&cols);
  rs_conn_done(c->conn, s);
  bool holds = rc == RS_OK && (given || rs_eq(known.column, c->columns[c->key].name));
  if (rc != RS_OK && rc != RS_CONSTRAINT) return rc;
  c->proven = holds;
  if (holds) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "it was created with '%s' as its key, which is not known to identify a row: %s",
                 c->columns[c->key].name,
                 c->args.key ? "DROP TABLE it, and create it with another key or without"
                             : rs_collection_way_out(c).text);
}

/* ---- relations, queries, lambdas ------------------------------------------------------------- */

struct find_rows {
  const char *name;
  int64_t rows;
};

static enum rs_code find_rows(void *ctx, const struct rs_relation_info *i)
{
  struct find_rows *f = ctx;
  if (strcmp(i->name, f->name) == 0) f->rows = i->rows;
  return RS_OK;
}

/* Adds those of columns='...' behind the relation's own. */
static enum rs_code take_paths(struct collection *c, const char *text, const struct rs_dialect *d,
                               struct rs_error *e)
{
  struct collection_column *paths = NULL;
  struct rs_map seen;
  size_t n = 0, had = (size_t)c->ndata;
  if (!rs_path_possible(d))
    return rs_fail(e, RS_UNSUPPORTED, "option 'columns' is not built for the dialect %s", d->name);
  enum rs_code rc = rs_collection_paths(text, &c->arena, &paths, &n, e);
  if (rc != RS_OK) return rc;
  struct collection_column *all = rs_arena_alloc(&c->arena, (had + n) * sizeof *all);
  if (!all) return rs_nomem(e);
  memcpy(all, c->columns, had * sizeof *all);
  memcpy(all + had, paths, n * sizeof *all);
  rs_map_init(&seen);
  const char *ignored;
  for (size_t i = 0; rc == RS_OK && i < had; i++)
    rc = local_name(c, &seen, all[i].local, &ignored, e);
  for (size_t i = had; rc == RS_OK && i < had + n; i++) {
    struct rs_path path;
    rc = local_name(c, &seen, all[i].name, &all[i].local, e);
    if (rc == RS_OK) rc = rs_collection_path(all[i].path, &c->arena, &path, e);
    if (rc == RS_OK && find_column(c, path.root) < 0)
      rc = rs_fail(e, RS_INVALID, "columns: column %s: path %s: there is no column '%s'",
                   all[i].name, all[i].path, path.root);
    all[i].name = all[i].local; // what the result calls it
  }
  rs_map_free(&seen);
  c->columns = all;
  if (rc == RS_OK) c->ndata += (int)n;
  return rc;
}

static enum rs_code discover_relation(struct collection *c, const struct collection_args *args,
                                      struct rs_session *s, struct rs_error *e)
{
  struct rs_columns cols = {0};
  struct rs_relation rel;
  enum rs_relation_kind kind = RS_REL_NONE;
  /* "" stands for the profile's workspace, looked up anew whenever the table is used */
  enum rs_code rc = rs_relation_parse(args->relation, "", rs_collection_what(c), &c->arena, &rel,
                                      e);
  if (rc != RS_OK) return rc;
  if (rs_callable_is_hidden(rel.workspace, rs_conn_trusted(c->conn)))
    return rs_fail(e, RS_NOT_FOUND, "%s: '%s.%s' does not exist", rs_collection_what(c),
                   rel.workspace, rel.name);
  c->workspace = *rel.workspace ? rel.workspace : NULL;
  c->relation = rel.name;
  if (!c->workspace) rel.workspace = rs_target_info(rs_session_target(s)).output->workspace;
  rc = rs_session_describe(s, &rel, &cols, &kind, e);
  if (rc == RS_OK) rc = take_columns(c, &cols, NULL, e);
  if (rc == RS_OK) {
    hide_system_columns(c);
    rc = take_key(c, s, &rel, kind, &cols, e);
    if (rc == RS_OK) rc = rs_sidecar_discover(c, s, &rel, kind, &cols, e);
  }
  rs_columns_free(&cols);
  if (rc != RS_OK) return rc;
  struct find_rows f = {rel.name, -1};
  if (kind == RS_REL_TABLE) rc = rs_session_relations(s, NULL, rel.workspace, find_rows, &f, e);
  c->rows = f.rows;
  if (rc == RS_OK && args->columns)
    rc = take_paths(c, args->columns, rs_target_info(rs_session_target(s)).dialect, e);
  return rc;
}

static enum rs_code discover_query(struct collection *c, const struct collection_args *args,
                                   struct rs_session *s, struct rs_error *e)
{
  const char *what = rs_collection_what(c);
  const struct rs_dialect *d = rs_target_info(rs_session_target(s)).dialect;
  struct rs_sqltext one;
  struct rs_columns cols = {0};
  struct rs_map names;
  struct rs_buf sent, wrapped;
  size_t *order = NULL, norder = 0;
  char *text = NULL;
  enum rs_code rc = rs_callable_take(s, args->query, strlen(args->query), rs_conn_trusted(c->conn),
                                     what, &one, &text, e);
  if (rc == RS_OK && one.kind != RS_SQL_QUERY)
    rc = rs_fail(e, RS_INVALID, "%s: the query must return rows, and this is %s", what,
                 one.keyword);
  c->query = rc == RS_OK ? rs_arena_strndup(&c->arena, one.p, one.n) : NULL;
  if (rc == RS_OK && !c->query) rc = rs_nomem(e);
  if (rc != RS_OK) {
    rs_free(text);
    return rc;
  }
  rs_map_init(&names);
  rs_buf_init(&sent, RS_BUF_SQL_MAX);
  rs_buf_init(&wrapped, RS_BUF_SQL_MAX);
  rc = rs_sqltext_params(text, strlen(text), d, &sent, &names, &order, &norder, e);
  rs_free(text);
  if (rc == RS_OK && norder > 0 && names.n == 0)
    rc = rs_fail(e, RS_INVALID, "%s: a parameter of a table's query has a name: write :name, not ?",
                 what);
  if (rc == RS_OK) {
    const char *inner = rs_buf_text(&sent);
    // a comment at the query's end must not swallow the bracket
    rs_buf_printf(&wrapped, "SELECT * FROM (%s%s) AS ", inner, strstr(inner, "--") ? "\n" : "");
    rs_dialect_ident(d, &wrapped, "q");
    rc = sent.rc != RS_OK ? rs_buf_error(&sent, e, what) : rs_buf_error(&wrapped, e, what);
  }
  if (rc == RS_OK) {
    const struct rs_statement st = {.sql = rs_buf_text(&wrapped)};
    rc = rs_session_columns(s, &st, &cols, e);
  }
  if (rc == RS_OK) rc = take_columns(c, &cols, &names, e);
  c->proven = true;
  if (rc == RS_OK && args->key) rc = take_given_key(c, s, RS_REL_NONE, e);
  rs_columns_free(&cols);
  rs_map_free(&names);
  rs_buf_free(&sent);
  rs_buf_free(&wrapped);
  rs_free(order);
  return rc;
}

static enum rs_code discover_lambda(struct collection *c, const struct collection_args *args,
                                    struct rs_session *s, struct rs_error *e)
{
  enum rs_code rc = rs_collection_lambda(c, args, s, take_columns, e);
  c->proven = true;
  return rc == RS_OK && args->key ? take_given_key(c, s, RS_REL_NONE, e) : rc;
}

enum rs_code rs_collection_discover(struct collection *c, struct rs_error *e)
{
  const struct collection_args *args = &c->args;
  struct rs_session *s = NULL;
  c->named = args->named;
  c->readonly = args->readonly;
  enum rs_code rc = rs_collection_session(c, &s, e);
  if (rc != RS_OK) return rc;
  const struct rs_output *o = rs_target_info(rs_session_target(s)).output;
  rs_sidecar_watch_begin(c, rs_session_target(s));
  c->target = rs_arena_printf(&c->arena, "%s (%s)", o->target_name, o->type);
  if (!c->target) rc = rs_nomem(e);
  else if (args->lambda) rc = discover_lambda(c, args, s, e);
  else rc = args->query ? discover_query(c, args, s, e) : discover_relation(c, args, s, e);
  rs_conn_done(c->conn, s);
  return rc;
}
