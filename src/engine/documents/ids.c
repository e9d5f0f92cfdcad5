/*
** Documents are written by `_id`: one that is there takes the place of the row with its `_id`. In a
** relation that is no collection (a join's result) an `_id` may stand for several rows, which would
** all go. That is refused before anything of it is written.
*/
#include <string.h>
#include "internal.h"

static enum rs_code refuse_id(const struct rs_relation *rel, const char *id, size_t n,
                              struct rs_error *e)
{
  return rs_fail(e, RS_CONSTRAINT,
                 "'%s.%s': several rows have _id '%.*s': it identifies no row here, and documents "
                 "can't be written by it",
                 rel->workspace, rel->name, (int)(n > 80 ? 80 : n), id);
}

enum rs_code rs_doc_exists(struct rs_doc_write *w, struct rs_doc_entry *x, struct rs_error *e)
{
  if (x->existed) return refuse_id(w->rel, x->id, x->nid, e);
  x->existed = true;
  return RS_OK;
}

struct found {
  struct rs_arena a;
  const char *id;
};

static enum rs_code take_id(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct found *f = ctx;
  return rs_sql_text(r, 0, &f->a, &f->id, e);
}

enum rs_code rs_sql_check_ids(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_relation *stage, const char *id, struct rs_error *e)
{
  struct found f = {.id = NULL};
  struct rs_buf b;
  size_t n = 0;
  rs_arena_init(&f.a, 0);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT CAST(t.%i AS VARCHAR) FROM %r AS t WHERE CAST(t.%i AS VARCHAR) IN",
             "_id", rel, "_id");
  rs_sql_add(s, &b, " (SELECT CAST(q.%i AS VARCHAR) FROM %r AS q)", id, stage);
  rs_buf_str(&b, " GROUP BY 1 HAVING count(*) > 1 LIMIT 1");
  enum rs_code rc = rs_sql_each(s, &b, take_id, &f, &n, e);
  if (rc == RS_OK && n > 0) rc = refuse_id(rel, f.id ? f.id : "", f.id ? strlen(f.id) : 0, e);
  rs_arena_free(&f.a);
  return rc;
}
