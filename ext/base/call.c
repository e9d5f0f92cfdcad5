/*
** One call of an SQL function that works on the target (see call.h).
*/
#include "call.h"
#include "src/sql/relname.h"
#include "args.h"

void rs_call_init(struct rs_call *c, sqlite3_context *ctx, const char *fn)
{
  c->ctx = ctx;
  c->conn = rs_conn_of(ctx);
  c->fn = fn;
  c->session = NULL;
  c->e.code = RS_OK;
  c->e.unsent = false;
  c->e.text[0] = 0;
  rs_arena_init(&c->arena, 0);
}

enum rs_code rs_call_open_reader(struct rs_call *c)
{
  return rs_conn_session(c->conn, false, &c->session, &c->e);
}

enum rs_code rs_call_open(struct rs_call *c)
{
  enum rs_code rc = rs_conn_no_transaction(c->conn, c->fn, &c->e);
  return rc != RS_OK ? rc : rs_call_open_reader(c);
}

enum rs_code rs_call_relation(struct rs_call *c, sqlite3_value *v, const char *name,
                              struct rs_relation *rel)
{
  const char *text = NULL;
  struct rs_target *target = NULL;
  enum rs_code rc = rs_arg_text(v, c->fn, name, &text, &c->e);
  if (rc == RS_OK) rc = rs_conn_target(c->conn, false, &target, &c->e);
  if (rc != RS_OK) return rc;
  return rs_relation_parse(text, rs_target_info(target).output->workspace, c->fn, &c->arena, rel,
                           &c->e);
}

/* False when there was an error; it is reported then. */
static bool finish_call(struct rs_call *c, enum rs_code rc)
{
  if (c->session != NULL) rs_conn_done(c->conn, c->session);
  if (rc == RS_OK) return true;
  (void)rs_arg_prefix(&c->e, c->fn);
  rs_result_error(c->ctx, &c->e);
  return false;
}

void rs_call_end(struct rs_call *c, enum rs_code rc, sqlite3_int64 result)
{
  if (finish_call(c, rc)) {
    if (result < 0) sqlite3_result_null(c->ctx);
    else sqlite3_result_int64(c->ctx, result);
  }
  rs_arena_free(&c->arena);
}

void rs_call_end_text(struct rs_call *c, enum rs_code rc, const char *text, bool json)
{
  if (finish_call(c, rc)) {
    if (text == NULL) sqlite3_result_null(c->ctx);
    else sqlite3_result_text(c->ctx, text, -1, SQLITE_TRANSIENT);
    if (text != NULL && json) sqlite3_result_subtype(c->ctx, RS_JSON_SUBTYPE);
  }
  rs_arena_free(&c->arena);
}
