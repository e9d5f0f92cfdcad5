/*
** Running one node (build.h): by its type, and what the files for the types share.
*/
#include "build.h"
#include <stdio.h>
#include <string.h>
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"

void rs_run_context(const struct rs_materialize *m, struct rs_context_options *opt)
{
  *opt = (struct rs_context_options){.project = m->project,
                                     .node = m->node,
                                     .execute = true,
                                     .kind = m->kind,
                                     .sessions = m->sessions,
                                     .is_interrupted = m->is_interrupted,
                                     .interrupt_ctx = m->interrupt_ctx,
                                     .names = m->names,
                                     .names_ctx = m->names_ctx};
}

enum rs_code rs_check_database(const struct rs_materialize *m, const char *kind, struct rs_error *e)
{
  const struct rs_node *n = m->node;
  struct rs_session *s;
  char what[300];
  if (n->workspace != NULL && rs_callable_is_hidden(n->workspace, m->project->set.trusted))
    return rs_fail(e, RS_FORBIDDEN, "%s: nothing is built in the schema '%s'",
                   rs_node_what(n, what, sizeof what), n->workspace);
  if (n->database == NULL || rs_eq(kind, "ephemeral")) return RS_OK;
  enum rs_code rc = m->sessions.get(m->sessions.ctx, &s, e);
  if (rc == RS_OK) rc = rs_target_reaches(rs_session_target(s), n->database, true, e);
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED)
    (void)rs_error_prefix(e, "%s: config 'database'", rs_node_what(n, what, sizeof what));
  return rc;
}

void rs_result_begin(const struct rs_materialize *m, struct rs_result *r, int64_t *start_us)
{
  *r = (struct rs_result){.node = m->node,
                          .kind = m->node->config.materialized,
                          .rows = -1,
                          .failures = -1,
                          .started_us = rs_wall_us()};
  *start_us = rs_now_us();
}

void rs_result_end(struct rs_result *r, enum rs_code rc, const struct rs_error *e, int64_t start_us)
{
  char what[300];
  r->code = rc;
  r->ms = (double)(rs_now_us() - start_us) / 1000.0;
  if (rc == RS_OK) return;
  rs_free(r->message);
  if (e != NULL) memcpy(r->missing, e->missing, sizeof r->missing);
  r->failures = -1;
  // What was stopped has not failed: it is to be run again like the rest
  r->status = rc == RS_CANCELLED ? RS_STATUS_SKIPPED : RS_STATUS_ERROR;
  if (rc == RS_CANCELLED) r->message = rs_strdup("cancelled while running");
  else if (rs_error_names_node(e) && r->node->type != RS_NODE_UNIT_TEST)
    r->message = rs_strdup(e->text);
  else r->message = rs_mprintf("%s: %s", rs_node_what(r->node, what, sizeof what), e->text);
}

const char *rs_config_text(jv dict, const char *key, const char *otherwise)
{
  jv v;
  return jv_dict_get(dict, key, &v) && jv_is_str(v) ? jv_cstr(v, NULL) : otherwise;
}

enum rs_code rs_run_query(struct rs_session *s, const struct rs_project *p, const char *sql,
                          size_t n, const char *what, struct rs_rows **pr, struct rs_error *e)
{
  struct rs_sqltext one;
  char *text;
  *pr = NULL;
  enum rs_code rc = rs_callable_take(s, sql, n, p->set.trusted, what, &one, &text, e);
  if (rc == RS_OK && one.kind != RS_SQL_QUERY)
    rc = rs_fail(e, RS_INVALID, "%s: it must be a query, but begins with %s", what, one.keyword);
  const struct rs_statement st = {.sql = text};
  if (rc == RS_OK) rc = rs_session_query(s, &st, pr, e);
  rs_free(text);
  return rc;
}

enum rs_code rs_run_said(struct rs_context *c, struct rs_session *s, const char *sql,
                         const char *what, struct rs_rows **pr, struct rs_error *e)
{
  struct rs_translated t;
  *pr = NULL;
  if (!rs_context_rockset(c)) return rs_run_query(s, c->project, sql, strlen(sql), what, pr, e);
  enum rs_code rc = rs_translate(s, c->project, c->node, sql, strlen(sql), what, &t, e);
  if (rc == RS_OK && (t.kind != RS_SQL_QUERY || t.to != NULL))
    rc = rs_fail(e, RS_INVALID, "%s: it must be a query", what);
  const struct rs_statement st = {.sql = t.sql};
  if (rc == RS_OK) rc = rs_translated_explain(&t, c->node, rs_session_query(s, &st, pr, e), e);
  rs_translated_free(&t);
  return rc;
}

void rs_node_run(const struct rs_materialize *m, struct rs_result *r)
{
  switch (m->node->type) {
    case RS_NODE_TEST: rs_test_run(m, r); break;
    case RS_NODE_UNIT_TEST: rs_unit_test_run(m, r); break;
    case RS_NODE_SOURCE: rs_freshness_run(m, r); break;
    case RS_NODE_OPERATION: rs_hook_run(m, r); break;
    default: rs_materialize(m, r);
  }
}
