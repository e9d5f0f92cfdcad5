/*
** How many bytes a relation takes where the engine keeps it, as its catalog tells (sql.h).
*/
#include "src/engine/slots.h"
#include "src/sql/relname.h"
#include "sql.h"

static enum rs_code see_size(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct rs_value v;
  (void)e;
  rs_rows_get(r, 0, &v);
  if (v.kind == RS_INT) *(int64_t *)ctx = v.i;
  return RS_OK;
}

enum rs_code rs_sql_size(struct rs_session *s, const struct rs_relation *rel, int64_t *bytes,
                         struct rs_error *e)
{
  const char *query = rs_sql_catalog_of(s)->size;
  struct rs_buf name, b;
  *bytes = -1;
  if (query == NULL) return RS_OK;
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_relation_sql(s->target->dialect, &name, rel);
  enum rs_code rc = rs_buf_error(&name, e, "relation");
  if (rc == RS_OK) {
    rs_sql_add(s, &b, query, rs_buf_text(&name));
    rc = rs_sql_each(s, &b, see_size, bytes, NULL, e);
  }
  rs_buf_free(&b);
  rs_buf_free(&name);
  return rc;
}
