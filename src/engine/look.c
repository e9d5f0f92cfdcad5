/*
** Sessions that only look (engine.h, rs_session_look): what compiles, parses or compares gets one,
** since its templates come out of a database file and are read before they are believed.
**
** The gate lies here, below whatever a template can call: session.c, relations.c and control.c ask
** it first. A statement must be one proven query; besides, the engine gets it in a transaction of
** its own that only reads, where it has that. Neither is enough alone: in a DuckDB transaction
** READ ONLY still ran COPY TO, ATTACH, SET, CHECKPOINT and CREATE TEMP TABLE, and a query of
** PostgreSQL may hold a DELETE in its WITH.
*/
#include <string.h>
#include "src/base/text.h"
#include "slots.h"
#include "src/sql/statement.h"

#define WAY_OUT                                                                             \
  "what compiles, parses or compares sends queries only and changes nothing; rockset_run, " \
  "rockset_materialize and rockset_run_operation may, and rockset_trust(1) lifts it here"

void rs_session_look(struct rs_session *s, bool looks)
{
  s->looks = looks;
}

enum rs_code rs_look_change(const struct rs_session *s, const char *what, struct rs_error *e)
{
  return s->looks ? rs_fail(e, RS_FORBIDDEN, "%s is no query: " WAY_OUT, what) : RS_OK;
}

enum rs_code rs_look_statement(const struct rs_session *s, const struct rs_statement *st,
                               struct rs_error *e)
{
  struct rs_sqltext one;
  if (!s->looks) return RS_OK;
  enum rs_code rc = rs_sqltext_one(st->sql, strlen(st->sql), s->target->dialect, "statement", &one,
                                   e);
  if (rc != RS_OK) return rc;
  // EXPLAIN ANALYZE runs what it explains
  if (one.kind == RS_SQL_QUERY && !rs_eq(one.keyword, "EXPLAIN")) return RS_OK;
  return rs_fail(e, RS_FORBIDDEN, "a statement that begins with %s is no query: " WAY_OUT,
                 one.keyword);
}

enum rs_code rs_look_begin(struct rs_session *s, bool *begun, struct rs_error *e)
{
  *begun = false;
  if (!s->looks || !(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) return RS_OK;
  enum rs_code rc = s->target->engine->transact(s, RS_BEGIN, e);
  *begun = rc == RS_OK;
  return rc;
}
