/*
** Virtual tables over a query lambda: CREATE VIRTUAL TABLE top USING
** rockset(query_lambda='ws.top').
**
** A lambda is run as a whole: its parameters are sent, and SQLite filters, sorts and limits what
** comes back. Columns are those of a run with the defaults (NULL for parameters without one) at
** CREATE; afterwards the tag may move, so they are found by name in each result.
*/
#include <string.h>
#include "src/sql/relname.h"
#include "src/json/json.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "src/rsql/rsql.h"
#include "internal.h"

static struct rs_lambda_ref ref_of(const struct collection *c, const struct rs_session *s)
{
  struct rs_target *t = rs_session_target((struct rs_session *)(uintptr_t)s);
  const char *workspace = rs_collection_workspace(c, t);
  return (struct rs_lambda_ref){
    .lambda = {.workspace = workspace, .name = c->lambda}, .version = c->version, .tag = c->tag};
}

/* ---- CREATE ---------------------------------------------------------------------------------- */

/* The parameters in order: those with a default as they are declared, then the others as the SQL
** names them. Values of the map: non-NULL when there is a default. */
static enum rs_code find_params(const struct rs_lambda *l, struct rs_arena *a, struct rs_map *names,
                                struct rs_error *e)
{
  struct rs_json *defaults;
  struct rs_rsql_stmt *stmt;
  size_t n = 0;
  enum rs_code rc = rs_json_parse(l->parameters, strlen(l->parameters), 32, a, &defaults, e);
  for (struct rs_json *p = rc == RS_OK ? defaults->first : NULL; p; p = p->next) {
    const struct rs_json *name = rs_json_get(p, "name");
    if (!name || name->kind != RS_J_STRING) continue;
    if (!rs_map_putn(names, name->p, name->n, p)) return rs_nomem(e);
  }
  if (rc != RS_OK) return rc;
  // text that only the target understands has no parameters that we know of
  rc = rs_rsql_parse(l->sql, strlen(l->sql), a, &stmt, NULL, NULL);
  if (rc == RS_NOMEM) return rs_nomem(e);
  const char *const *found = rc == RS_OK ? rs_rsql_params(stmt, &n) : NULL;
  for (size_t i = 0; i < n; i++) {
    if (rs_map_find(names, found[i], strlen(found[i]))) continue;
    if (!rs_map_put(names, found[i], NULL)) return rs_nomem(e);
  }
  return RS_OK;
}

/* Its rows' columns, with NULL for each parameter that has no default. */
static enum rs_code run_once(struct collection *c, struct rs_session *s, const struct rs_map *names,
                             struct rs_arena *a, struct rs_rows **rows, struct rs_error *e)
{
  const struct rs_lambda_ref ref = ref_of(c, s);
  struct rs_named_param *params = rs_arena_calloc(a, (names->n + 1) * sizeof *params);
  size_t n = 0;
  if (!params) return rs_nomem(e);
  for (size_t i = 0; i < names->n; i++) {
    if (names->v[i].value) continue;
    params[n].name = names->v[i].key;
    params[n++].value = (struct rs_value){.kind = RS_NULL};
  }
  return rs_session_lambda_query(s, &ref, params, n, rows, e);
}

enum rs_code
rs_collection_lambda(struct collection *c, const struct collection_args *args, struct rs_session *s,
                     enum rs_code (*take)(struct collection *c, const struct rs_columns *cols,
                                          const struct rs_map *params, struct rs_error *e),
                     struct rs_error *e)
{
  struct rs_relation rel;
  struct rs_lambda lambda;
  struct rs_rows *rows = NULL;
  struct rs_map names;
  struct rs_arena a;
  enum rs_code rc = rs_relation_parse(args->lambda, "", "query_lambda", &c->arena, &rel, e);
  if (rc != RS_OK) return rc;
  c->workspace = *rel.workspace ? rel.workspace : NULL;
  c->lambda = rel.name;
  c->tag = args->tag;
  c->version = args->version;
  rs_arena_init(&a, 0);
  rs_map_init(&names);
  const struct rs_lambda_ref ref = ref_of(c, s);
  rc = rs_session_lambda_find(s, &ref, &a, &lambda, e);
  if (rc == RS_OK) rc = find_params(&lambda, &a, &names, e);
  if (rc == RS_OK) rc = run_once(c, s, &names, &a, &rows, e);
  if (rc == RS_OK) rc = take(c, rs_rows_columns(rows), &names, e);
  for (size_t i = 0; rc == RS_OK && i < names.n; i++)
    c->columns[(size_t)c->ndata + i].optional = names.v[i].value != NULL;
  rs_rows_close(rows);
  rs_map_free(&names);
  rs_arena_free(&a);
  return rc;
}

enum rs_code rs_collection_lambda_sql(const struct collection *c, struct rs_arena *arena,
                                      const char **sql, struct rs_error *e)
{
  struct rs_session *s = NULL;
  struct rs_lambda lambda;
  enum rs_code rc = rs_collection_session(c, &s, e);
  if (rc != RS_OK) return rc;
  const struct rs_lambda_ref ref = ref_of(c, s);
  rc = rs_session_lambda_find(s, &ref, arena, &lambda, e);
  rs_conn_done(c->conn, s);
  if (rc == RS_OK) *sql = lambda.sql;
  return rc;
}

/* ---- plans and rows -------------------------------------------------------------------------- */

void rs_collection_lambda_template(const struct collection *c, const bool *given,
                                   struct rs_buf *out)
{
  int arg = 0;
  rs_buf_printf(out, "query lambda %s%s%s, %s %s", c->workspace ? c->workspace : "",
                c->workspace ? "." : "", c->lambda, c->version ? "version" : "tag",
                c->version ? c->version
                : c->tag   ? c->tag
                           : "latest");
  for (int p = 0; p < c->nparams; p++) {
    if (!given[p]) continue;
    arg++;
    rs_buf_printf(out, "%s:%s = ?%d", arg == 1 ? ": " : ", ", c->columns[c->ndata + p].name, arg);
  }
}

/* The place of data column i in a result: the k-th column of its name, as at CREATE. */
static int find_place(const struct collection *c, int i, const struct rs_columns *cols)
{
  const char *name = c->columns[i].name;
  int before = 0;
  for (int k = 0; k < i; k++) before += rs_eq(c->columns[k].name, name);
  for (size_t k = 0; k < cols->n; k++) {
    if (rs_eq(cols->v[k].name, name) && before-- == 0) return (int)k;
  }
  return -1;
}

enum rs_code rs_collection_lambda_open(const struct collection *c, struct rs_session *s,
                                       sqlite3_value *const *params, struct rs_arena *arena,
                                       struct rs_rows **rows, int **at, struct rs_error *e)
{
  const struct rs_lambda_ref ref = ref_of(c, s);
  struct rs_named_param *v = rs_arena_calloc(arena, ((size_t)c->nparams + 1) * sizeof *v);
  int *places = rs_arena_alloc(arena, ((size_t)c->ndata + 1) * sizeof *places);
  size_t n = 0;
  if (!v || !places) return rs_nomem(e);
  for (int p = 0; p < c->nparams; p++) {
    if (!params[p]) continue;
    v[n].name = c->columns[c->ndata + p].name;
    rs_value_from_sqlite(params[p], &v[n++].value);
  }
  enum rs_code rc = rs_session_lambda_query(s, &ref, v, n, rows, e);
  for (int i = 0; rc == RS_OK && i < c->ndata; i++) {
    places[i] = find_place(c, i, rs_rows_columns(*rows));
    if (places[i] < 0)
      rc = rs_fail(e, RS_INVALID, "column '%s' of the query lambda is gone: %s", c->columns[i].name,
                   rs_collection_way_out(c).text);
  }
  *at = places;
  return rc;
}
