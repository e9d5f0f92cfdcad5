/*
** Sources of a project that are tables of the application's own (rockset_sources.local_table) and
** have `push` options: sent to their collections before the models that read them (internal.h).
**
** Local table and options are stored text: a plain table or view of main by its name, to the target
** that stored text may reach.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "ext/copies/copies.h"
#include "internal.h"

/* ---- which ----------------------------------------------------------------------------------- */

struct found {
  const struct rs_project *p;
  const struct rs_node **v;
  size_t n, cap;
  bool *seen; /* by index */
};

static enum rs_code see_parents(struct found *f, const struct rs_node *node, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < node->nparents && rc == RS_OK; i++) {
    const struct rs_node *parent = f->p->nodes[node->parents[i]];
    if (f->seen[node->parents[i]]) continue;
    f->seen[node->parents[i]] = true;
    if (rs_eq(parent->config.materialized, "ephemeral")) rc = see_parents(f, parent, e);
    if (parent->type != RS_NODE_SOURCE || parent->local_table == NULL) continue;
    if (parent->push == NULL || !parent->config.enabled) continue;
    if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v)) return rs_nomem(e);
    f->v[f->n++] = parent;
  }
  return rc;
}

enum rs_code rs_push_sources(const struct rs_project *p, struct rs_node *const *nodes, size_t n,
                             const struct rs_node ***out, size_t *nout, struct rs_error *e)
{
  struct found f = {.p = p, .seen = rs_calloc(p->nnodes + 1, sizeof *f.seen)};
  enum rs_code rc = f.seen != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++)
    if (nodes[i]->type == RS_NODE_MODEL || nodes[i]->type == RS_NODE_SNAPSHOT)
      rc = see_parents(&f, nodes[i], e);
  rs_free(f.seen);
  if (rc != RS_OK) rs_free(f.v);
  *out = rc == RS_OK ? f.v : NULL;
  *nout = rc == RS_OK ? f.n : 0;
  return rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

static char *describe_push(const struct rs_copy_push *p)
{
  if (p->skipped) return rs_mprintf("nothing new in %s", p->source);
  const char *plural = p->rows == 1 ? "" : "s";
  if (p->inserted < 0 || p->updated <= 0)
    return rs_mprintf("sent %lld row%s of %s", (long long)p->rows, plural, p->source);
  return rs_mprintf("sent %lld row%s of %s: %lld new, %lld changed", (long long)p->rows, plural,
                    p->source, (long long)p->inserted, (long long)p->updated);
}

void rs_push_source(struct rs_conn *c, const char *target, sqlite3 *db, const struct rs_node *node,
                    struct rs_result *r)
{
  struct rs_arena a;
  struct rs_error e = {0};
  int64_t start_us;
  const struct rs_materialize m = {.node = (struct rs_node *)(uintptr_t)node};
  struct rs_copy_push p = {.c = c,
                           .db = db,
                           .what = "push",
                           .source = node->local_table,
                           .stored = true,
                           .rel = {.workspace = node->workspace, .name = node->identifier}};
  rs_result_begin(&m, r, &start_us);
  r->kind = "push";
  rs_arena_init(&a, 0);
  enum rs_code rc = RS_OK;
  if (node->database != NULL)
    rc = rs_fail(&e, RS_UNSUPPORTED,
                 "source %s lies in database '%s': rows are sent to the target's own only: leave "
                 "out its database",
                 node->name, node->database);
  if (rc == RS_OK) rc = rs_copy_push_options(&p, node->push, &a, &e);
  if (rc == RS_OK) rc = rs_conn_session_of(c, target, true, &p.session, &e);
  if (rc == RS_OK) rc = rs_copy_push_run(&p, &a, &e);
  if (rc == RS_OK) {
    r->status = RS_STATUS_SUCCESS;
    r->rows = p.rows;
    r->message = describe_push(&p);
  }
  rs_result_end(r, rc, &e, start_us);
  if (p.session != NULL) rs_conn_done(c, p.session);
  rs_arena_free(&a);
}
