/* stub until next step */
#include "sql_adapter.h"
#include "trino.h"
const struct rs_relation_ops rs_trino_relation_ops = {
  .kind = rs_sql_kind,
  .describe = rs_sql_describe,
  .workspaces = rs_sql_workspaces,
  .relations = rs_sql_relations,
};
enum rs_code rs_trino_ingest(struct rs_session *s, const struct rs_relation *stage,
                             struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  (void)stage;
  (void)src;
  (void)count;
  return rs_engine_lacks(s, "x", e);
}
