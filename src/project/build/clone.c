/*
** What dbt clone builds (internal.h). No engine here copies a table without its rows, so that it is
** a view of what the other target has. In dbt's words where there is nothing to do.
*/
#include "internal.h"
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/project/names/names.h"
#include "build.h"

enum rs_code rs_clone_sql(const struct rs_project *p, const struct rs_node *n, struct rs_session *s,
                          struct rs_buf *sql, char **message, struct rs_error *e)
{
  const struct rs_relation rel = rs_node_relation(p, n), *from = &n->clone_of;
  enum rs_relation_kind there = RS_REL_NONE;
  *message = NULL;
  enum rs_code rc = rs_session_describe(s, &rel, NULL, &there, e);
  if (rc != RS_OK) return rc;
  char *relation = rs_node_relation_text(n);
  if (relation == NULL) return rs_nomem(e);
  bool is_done = true;
  if (from->name == NULL)
    *message = rs_mprintf("No relation found in state manifest for %s", n->unique_id);
  else if (there != RS_REL_NONE && !rs_full_refresh(p, n))
    *message = rs_mprintf("Relation %s already exists", relation);
  else if (rs_relation_eq(&rel, from)) *message = rs_mprintf("%s is what it would show", relation);
  else is_done = false;
  rs_free(relation);
  if (is_done) return *message != NULL ? RS_OK : rs_nomem(e);
  rs_buf_str(sql, "select * from ");
  struct rs_relation source = *from; // with its database always, as ref() prints it
  if (source.database == NULL) source.database = rs_project_database(p);
  rs_relation_sql(p->set.dialect, sql, &source);
  return rs_buf_error(sql, e, "clone");
}
