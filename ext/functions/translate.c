/*
** rockset_translate(sql [, engine]): Rockset SQL as an engine's own (docs/rockset-sql.md).
**
**   SELECT rockset_translate('SELECT COUNT(*) FROM flights WHERE IF(late, true, false)');
**   SELECT rockset_translate('SELECT {''a'': 1} AS o', 'trino');
**
** Without an engine: as rockset_query(sql, params, '{"dialect":"rockset"}') sends it to the target,
** whose collections say which types their fields have. With one (duckdb, trino, postgres ...): no
** target is asked, so that types of fields are not known. Parameters are the engine's markers.
** Runs nothing.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/rsql.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "functions.h"

#define FN "rockset_translate"

/* The columns of a collection, which the arena of the call outlives. */
struct described {
  struct described *next;
  struct rs_columns columns;
};

struct translating {
  struct rs_call *call;
  struct described *first;
};

static enum rs_code describe(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  struct translating *t = ctx;
  const struct rs_relation name = {.workspace = rel->workspace, .name = rel->name};
  struct described *d = rs_arena_calloc(&t->call->arena, sizeof *d);
  if (d == NULL) return rs_nomem(e);
  const enum rs_code rc = rs_session_describe(t->call->session, &name, &d->columns, NULL, e);
  if (rc != RS_OK) return rc;
  d->next = t->first;
  t->first = d;
  if (!write) rel->columns = &d->columns;
  return RS_OK;
}

static enum rs_code translate(struct rs_call *c, const char *sql, const char *engine,
                              struct rs_buf *b)
{
  struct translating t = {.call = c};
  struct rs_rsql_env env = {.ctx = &t};
  struct rs_rsql_output out;
  struct rs_rsql_stmt *stmt;
  const struct rs_dialect *d = engine != NULL ? rs_dialect_find(engine) : NULL;
  if (engine != NULL && d == NULL)
    return rs_fail(&c->e, RS_INVALID, "there is no engine '%s': duckdb, trino, postgres ...",
                   engine);
  enum rs_code rc = engine != NULL ? RS_OK : rs_call_open_reader(c);
  if (rc == RS_OK) rc = rs_rsql_parse(sql, strlen(sql), &c->arena, &stmt, NULL, &c->e);
  if (rc != RS_OK) return rc;
  if (engine == NULL) {
    const struct rs_target_info target = rs_target_info(rs_session_target(c->session));
    d = target.dialect;
    env.workspace = target.output->workspace;
    env.relation = describe;
  }
  const enum rs_rsql_kind kind = rs_rsql_kind(stmt);
  if (rs_eq(d->name, "rockset")) {
    rs_buf_str(b, sql);
    return RS_OK;
  }
  if (kind != RS_RSQL_SELECT && kind != RS_RSQL_PASS && kind != RS_RSQL_EXPLAIN)
    rc = rs_fail(&c->e, RS_INVALID, "only queries are translated");
  if (rc == RS_OK) rc = rs_rsql_resolve(stmt, &env, NULL, &c->e);
  if (rc == RS_OK) rc = rs_rsql_emit(stmt, d, false, b, &out, NULL, &c->e);
  for (struct described *x = t.first; x != NULL; x = x->next) rs_columns_free(&x->columns);
  return rc == RS_OK ? rs_buf_error(b, &c->e, "statement") : rc;
}

static void translate_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf b;
  const char *sql = NULL, *engine = NULL;
  rs_call_init(&c, ctx, FN);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_arg_sql(argv[0], FN, "sql", &sql, &c.e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, FN, "engine argument", &engine, &c.e);
  if (rc == RS_OK) rc = translate(&c, sql, engine, &b);
  rs_call_end_text(&c, rc, rs_buf_text(&b), false);
  rs_buf_free(&b);
}

int rs_translate_register(struct rs_conn *c)
{
  static const struct rs_function function = {FN, 1, 2, translate_function};
  return rs_conn_functions(c, &function, 1);
}
