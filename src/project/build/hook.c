/*
** Hooks around a run and operations: text that is rendered and sent (build.h).
*/
#include <stdio.h>
#include <string.h>
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/cte.h"
#include "build.h"

static enum rs_code send_statement(struct rs_session *s, const struct rs_project *p,
                                   const char *sql, size_t n, const char *what, struct rs_error *e)
{
  struct rs_sqltext one;
  char *text;
  enum rs_code rc = rs_callable_take(s, sql, n, p->set.trusted, what, &one, &text, e);
  if (rc != RS_OK) return rc;
  const struct rs_statement st = {.sql = text, .writes = true};
  rc = rs_session_exec(s, &st, NULL, e);
  if (rc != RS_OK) rs_error_prefix(e, "%s", what);
  rs_free(text);
  return rc;
}

static enum rs_code send_rockset(struct rs_session *s, const struct rs_project *p,
                                 const struct rs_node *node, const char *sql, size_t n,
                                 const char *what, struct rs_error *e)
{
  struct rs_translated t;
  enum rs_code rc = rs_translate(s, p, node, sql, n, what, &t, e);
  if (rc == RS_OK) rc = rs_translated_exec(s, &t, node, NULL, e);
  rs_translated_free(&t);
  const bool named = e != NULL && rs_error_names(e, what, ' '); // with the place
  if (rc != RS_OK && !named && !rs_error_names_node(e)) rs_error_prefix(e, "%s", what);
  return rc;
}

enum rs_code rs_hook_send(struct rs_session *s, const struct rs_project *p,
                          const struct rs_node *node, const struct rs_buf *text, const char *what,
                          struct rs_error *e)
{
  const char *sql = rs_buf_text(text);
  size_t n = text->n;
  enum rs_code rc = RS_OK;
  const bool rockset = rs_node_rockset(p, node);
  const struct rs_dialect *d = rockset ? rs_dialect_find("rockset") : p->set.dialect;
  while (rc == RS_OK && !rs_statement_blank(sql, n)) { // blank: nothing to send, as in dbt
    size_t len = p->set.trusted ? rs_statement_end(sql, n, d) : n;
    rc = rockset ? send_rockset(s, p, node, sql, len, what, e)
                 : send_statement(s, p, sql, len, what, e);
    sql += len;
    n -= len;
  }
  return rc;
}

static enum rs_code run_hook(const struct rs_materialize *m, struct rs_result *r,
                             struct rs_error *e)
{
  struct rs_context_options opt;
  struct rs_context *c;
  struct rs_session *s;
  struct rs_buf text;
  char what[300];
  rs_run_context(m, &opt);
  rs_node_what(m->node, what, sizeof what);
  enum rs_code rc = rs_context_new(&opt, &c, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rc = rs_context_render(c, what, m->node->sql, m->node->nsql, &text, e);
  if (rc == RS_OK && c->nephemerals > 0)
    rc = rs_fail(e, RS_INVALID, "%s: ref('%s') is an ephemeral model: a hook can't read it", what,
                 c->ephemerals[0]->name);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, what);
  if (rc == RS_OK && !rs_statement_blank(rs_buf_text(&text), text.n)) {
    rc = m->sessions.get(m->sessions.ctx, &s, e);
    if (rc == RS_OK) rc = rs_hook_send(s, m->project, m->node, &text, what, e);
  }
  if (rc == RS_OK) {
    r->compiled = rs_buf_take(&text);
    r->message = rs_strdup("OK");
  }
  rs_buf_free(&text);
  rs_context_free(c);
  return rc;
}

void rs_hook_run(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  rs_result_begin(m, r, &start);
  rs_result_end(r, run_hook(m, r, &e), &e, start);
}
