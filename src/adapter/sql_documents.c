/*
** Documents of SQL engines (see sql_control.h): under way.
*/
#include "sql_control.h"
#include "engine.h"

enum rs_code rs_sql_write(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                          struct rs_document *docs, size_t n, struct rs_arena *a,
                          const char **offset, struct rs_error *e)
{
  (void)rel, (void)op, (void)docs, (void)n, (void)a, (void)offset;
  return rs_engine_lacks(s, "documents written by _id", e);
}

enum rs_code rs_sql_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                 const struct rs_named_param *params, size_t n, struct rs_rows **pr,
                                 struct rs_error *e)
{
  (void)ref, (void)params, (void)n, (void)pr;
  return rs_engine_lacks(s, "query lambdas to run", e);
}
