/*
** What of commons._events a run may read that may not read every workspace: events of collections
** and query lambdas in workspaces that it may read, and what its own user did with keys. Of a
** workspace that has gone nobody knows who might have read it.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/sql/dialect.h"
#include "src/sql/relname.h"
#include "src/json/json.h"
#include "internal.h"

struct seen {
  const struct rs_run *r;
  const struct rs_dialect *d;
  struct rs_buf may, may_not; /* ` OR starts_with(p, 'ws.')` of each workspace, p the path */
};

static void add_prefix(const struct seen *x, struct rs_buf *b, const char *workspace)
{
  struct rs_buf text;
  rs_buf_init(&text, 4096);
  rs_buf_printf(&text, "%s.", workspace);
  const struct rs_value v = {.kind = RS_TEXT, .s = {rs_buf_text(&text), text.n}};
  rs_buf_str(b, " OR starts_with(p, lower(");
  rs_dialect_literal(x->d, b, &v);
  rs_buf_str(b, "))");
  if (text.rc != RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

static enum rs_code see_workspace(void *ctx, const char *name)
{
  struct seen *x = ctx;
  const struct rs_rights *rights = x->r->maker != NULL ? x->r->maker : x->r->who.rights;
  const bool may = rs_rights_may(rights, RS_MAY_QUERY_DATA_WS, name, NULL);
  add_prefix(x, may ? &x->may : &x->may_not, name);
  return RS_OK;
}

static bool has(const struct rs_columns *columns, const char *name, const char *type)
{
  int at = rs_columns_find(columns, name);
  return at >= 0 && rs_eq(columns->v[at].native, type);
}

/* Is the path, an SQL expression, in a workspace that it may read? Names may hold dots, so that a
** path may be in two. */
static void add_path(const struct seen *x, struct rs_buf *b, const char *path)
{
  rs_buf_printf(b,
                " OR EXISTS (SELECT 1 FROM (SELECT lower(%s) AS p) AS w WHERE (1 = 0%s) AND NOT "
                "(1 = 0%s))",
                path, rs_buf_text(&x->may), rs_buf_text(&x->may_not));
}

static void write_filter(const struct seen *x, struct rs_buf *b, const struct rs_columns *columns)
{
  const bool paths = has(columns, "collections", "VARCHAR[]");
  const bool lambdas = has(columns, "query_lambda", "VARCHAR");
  rs_buf_str(b, "SELECT * FROM ");
  rs_relation_sql(x->d, b, &(struct rs_relation){.workspace = "commons", .name = "_events"});
  rs_buf_str(b, " AS v WHERE (1 = 0");
  if (paths) add_path(x, b, "v.collections[1]");
  if (lambdas) add_path(x, b, "v.query_lambda");
  // what a key of more rights did is not for one of less, though both are of one user
  if (has(columns, "user_email", "VARCHAR") && x->r->maker == NULL) {
    const char *user = x->r->who.user;
    rs_buf_str(b, " OR v.user_email = ");
    rs_dialect_literal(x->d, b, &(struct rs_value){.kind = RS_TEXT, .s = {user, strlen(user)}});
    if (paths) rs_buf_str(b, " AND v.collections IS NULL");
    if (lambdas) rs_buf_str(b, " AND v.query_lambda IS NULL");
  }
  rs_buf_char(b, ')');
}

enum rs_code rs_run_filter_events(struct rs_run *r, const struct rs_columns *columns,
                                  const char **sql, struct rs_error *e)
{
  struct seen x = {.r = r, .d = rs_target_info(r->backend->target).dialect};
  struct rs_buf b;
  rs_buf_init(&x.may, RS_BUF_SQL_MAX);
  rs_buf_init(&x.may_not, RS_BUF_SQL_MAX);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_session_workspaces(r->s, NULL, see_workspace, &x, e);
  if (rc == RS_OK) rc = rs_buf_error(&x.may, e, "events");
  if (rc == RS_OK) rc = rs_buf_error(&x.may_not, e, "events");
  if (rc == RS_OK) write_filter(&x, &b, columns);
  rs_buf_free(&x.may);
  rs_buf_free(&x.may_not);
  if (rc == RS_OK) return rs_arena_take_buf(&r->arena, &b, "events", sql, e);
  rs_buf_free(&b);
  return rc;
}
