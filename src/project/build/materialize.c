/*
** The materializations view, table, incremental, ephemeral, query_lambda and materialized_view
** (build.h).
*/
#include "build.h"
#include <stdio.h>
#include <string.h>
#include "src/sql/relname.h"
#include "src/sql/callable.h"
#include "src/project/model/model.h"
#include "internal.h"
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/sql/cte.h"
#include "src/base/thread.h"

struct build {
  const struct rs_materialize *m;
  struct rs_node *node;
  const char *kind;
  struct rs_session *session;
  const char *sql;
  struct rs_result *r;
  const char *verb;          /* "created table" */
  char *message;             /* owned: all there is to say; NULL: made of the verb */
  char *columns;             /* owned while it is built: the contract's */
  bool hook_failed;          /* the error names the hook, and so the model */
  struct rs_translated said; /* of Rockset's dialect: what `sql` was */
  char *documents;           /* owned: then `sql`, as the rows of a collection */
  struct rs_build how;
  struct rs_buf warnings; /* of macros */
};

bool rs_full_refresh(const struct rs_project *p, const struct rs_node *n)
{
  return n->config.full_refresh >= 0 ? n->config.full_refresh > 0 : p->set.full_refresh;
}

/* ---- hooks ---------------------------------------------------------------------------------- */

static enum rs_code run_hooks(struct build *b, const struct rs_hook *hooks, size_t n,
                              const char *which, bool in_transaction, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  char what[300];
  snprintf(what, sizeof what, "%s of model %.200s", which, b->node->name);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    if (hooks[i].in_transaction != in_transaction) continue;
    struct rs_context_options opt;
    struct rs_context *c;
    struct rs_buf text;
    rs_run_context(b->m, &opt);
    rc = rs_context_new(&opt, &c, e);
    if (rc != RS_OK) return rc;
    rs_buf_init(&text, RS_BUF_SQL_MAX);
    rc = rs_context_render(c, what, hooks[i].sql, strlen(hooks[i].sql), &text, e);
    if (rc == RS_OK && c->nephemerals > 0)
      rc = rs_fail(e, RS_INVALID, "%s: ref('%s') is an ephemeral model: a hook can't read it", what,
                   c->ephemerals[0]->name);
    if (rc == RS_OK) rc = rs_buf_error(&text, e, what);
    if (rc == RS_OK) rc = rs_hook_send(b->session, b->m->project, b->node, &text, what, e);
    b->hook_failed = rc != RS_OK;
    rs_buf_free(&text);
    rs_context_free(c);
  }
  return rc;
}

static bool has_hooks(const struct rs_node *n, bool in_transaction)
{
  for (size_t i = 0; i < n->config.npre; i++)
    if (n->config.pre_hooks[i].in_transaction == in_transaction) return true;
  for (size_t i = 0; i < n->config.npost; i++)
    if (n->config.post_hooks[i].in_transaction == in_transaction) return true;
  return false;
}

static bool has_transactions(const struct build *b)
{
  return (rs_session_caps(b->session) & RS_CAP_TRANSACTIONS) != 0;
}

/* Are strategies, snapshots and contracts the business of macros? */
static bool has_tables(const struct build *b)
{
  unsigned caps = rs_session_caps(b->session);
  return (caps & (RS_CAP_TRANSACTIONS | RS_CAP_TABLES)) != 0;
}

/* ---- the statement -------------------------------------------------------------------------- */

static void invoke_options(struct build *b, struct rs_invoke *i)
{
  *i = (struct rs_invoke){.sql = b->sql, .rows = -1, .warnings = &b->warnings};
  rs_run_context(b->m, &i->opt);
}

/* What a target without transactions can do with a table that is there: add, replace by key. */
static enum rs_code add_rows(struct build *b, const struct rs_relation *rel, struct rs_error *e)
{
  const struct rs_node_config *config = &b->node->config;
  bool by_key = config->nunique_key > 0;
  enum rs_code rc = rs_simple_strategy(b->m->project, b->node, &by_key, e);
  if (rc != RS_OK) return rc;
  b->verb = by_key ? "upserted" : "inserted";
  if (!by_key) return rs_session_add_select(b->session, rel, b->sql, NULL, &b->r->rows, e);
  return rs_session_add_select(
    b->session, rel, b->sql,
    &(const struct rs_adding){.keys = config->unique_key, .nkeys = config->nunique_key},
    &b->r->rows, e);
}

/* The model's contract, checked: what CREATE TABLE is to say, in b->columns; NULL: none. */
static enum rs_code check_contract(struct build *b, struct rs_error *e)
{
  struct rs_invoke i;
  struct rs_sqltext one;
  const struct rs_project *p = b->m->project;
  if (strstr(b->node->config.json, "\"contract\"") == NULL) return RS_OK;
  invoke_options(b, &i);
  enum rs_code rc = rs_invoke_text(&i, "contract_columns", &b->columns, e);
  if (rc != RS_OK || *b->columns == 0) {
    rs_free(b->columns);
    b->columns = NULL;
    return rc;
  }
  if (!has_tables(b))
    return rs_fail(
      e, RS_UNSUPPORTED,
      "config 'contract' can't be enforced on target '%s' (type %s), whose collections "
      "have no types",
      p->set.output->target_name, p->set.output->type);
  char *statement = rs_mprintf("CREATE TABLE t (%s)", b->columns);
  if (statement == NULL) return rs_nomem(e);
  rc = rs_callable_prove(statement, strlen(statement), p->set.dialect, p->set.output,
                         p->set.trusted, "contract", &one, e);
  rs_free(statement);
  return rc;
}

static bool has_header(const struct rs_node *n)
{
  return strstr(n->config.json, "\"sql_header\"") != NULL;
}

/* Does the config say something that is done when the relation is there? */
static bool has_finish(const struct rs_node *n)
{
  static const char *const keys[] = {"\"persist_docs\"", "\"grants\"", "\"indexes\""};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strstr(n->config.json, keys[i]) != NULL) return true;
  return false;
}

/* Comments, grants and indexes, where the config has any. */
static enum rs_code finish_build(struct build *b, struct rs_error *e)
{
  if (!has_finish(b->node)) return RS_OK;
  struct rs_invoke i;
  invoke_options(b, &i);
  return rs_invoke_part(&i, "build_finish", e);
}

/* What a rollback would do: a stage that a failing macro leaves goes. If not now, the next run sees
** to it. */
static void remove_stage(struct build *b)
{
  struct rs_invoke i;
  struct rs_error ignored = {0};
  if (has_transactions(b)) return;
  invoke_options(b, &i);
  (void)rs_invoke_part(&i, "remove_stage", &ignored);
}

/* A table of a model in Rockset's dialect is a collection: `sql` becomes its documents. */
static enum rs_code as_documents(struct build *b, struct rs_error *e)
{
  if (b->said.sql == NULL || b->columns != NULL) return RS_OK; // a contract says all columns
  rs_free(b->documents);
  enum rs_code rc = rs_document_query(b->session, b->said.sql, &b->documents, e);
  b->sql = b->documents;
  return rc;
}

/* A table that is there gets what is new, by the model's strategy. */
static enum rs_code update_table(struct build *b, const struct rs_relation *rel, struct rs_error *e)
{
  static const struct rs_adding documents = {.evolves = true};
  bool adds = false;
  enum rs_code rc = RS_OK;
  if (!has_tables(b)) return add_rows(b, rel, e);
  if (b->documents != NULL) rc = rs_document_adds(b->node, &adds, e);
  if (rc == RS_OK && adds) {
    b->verb = "inserted";
    return rs_session_add_select(b->session, rel, b->said.sql, &documents, &b->r->rows, e);
  }
  if (rc != RS_OK) return rc;
  struct rs_invoke i;
  invoke_options(b, &i);
  rc = rs_invoke_part(&i, "incremental_update", e);
  if (rc != RS_OK) remove_stage(b);
  b->r->rows = i.rows;
  b->verb = b->node->config.nunique_key > 0 ? "upserted" : "inserted";
  return rc;
}

/* What a macro gives, proven to be one query; returns owned, NULL when it gives nothing. */
static enum rs_code macro_query(struct build *b, const char *macro, char **out, struct rs_error *e)
{
  struct rs_invoke i;
  struct rs_sqltext one;
  char *text = NULL;
  *out = NULL;
  invoke_options(b, &i);
  enum rs_code rc = rs_invoke_text(&i, macro, &text, e);
  if (rc == RS_OK && !rs_statement_blank(text, strlen(text))) {
    rc = rs_callable_take(b->session, text, strlen(text), b->m->project->set.trusted, macro, &one,
                          out, e);
  }
  rs_free(text);
  return rc;
}

/* Without transactions: documents are closed and added by queries, each of which is safe alone. */
static enum rs_code update_documents(struct build *b, const struct rs_relation *rel,
                                     struct rs_error *e)
{
  static const char *const macros[] = {"rockset_snapshot_closings", "rockset_snapshot_deletes",
                                       "rockset_snapshot_inserts"};
  static const char *const keys[] = {"_id"};
  int64_t total = 0;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < 3; i++) {
    char *sql;
    int64_t rows = -1;
    rc = macro_query(b, macros[i], &sql, e);
    if (rc == RS_OK && sql != NULL)
      rc = rs_session_add_select(b->session, rel, sql,
                                 &(const struct rs_adding){.keys = keys, .nkeys = 1}, &rows, e);
    total = rows < 0 && sql != NULL ? -1 : total < 0 ? -1 : total + (rows > 0 ? rows : 0);
    rs_free(sql);
  }
  b->r->rows = total;
  return rc;
}

static enum rs_code update_snapshot(struct build *b, const struct rs_relation *rel,
                                    struct rs_error *e)
{
  struct rs_invoke i;
  b->verb = "snapshotted";
  if (!has_tables(b)) return update_documents(b, rel, e);
  invoke_options(b, &i);
  enum rs_code rc = rs_invoke_part(&i, "snapshot_update", e);
  if (rc != RS_OK) remove_stage(b);
  b->r->rows = i.rows;
  return rc;
}

/* The table of a snapshot is made once and never replaced, whatever full_refresh says. */
static enum rs_code build_snapshot(struct build *b, const struct rs_relation *rel,
                                   struct rs_error *e)
{
  enum rs_relation_kind there = RS_REL_NONE;
  char *sql;
  enum rs_code rc = rs_session_describe(b->session, rel, NULL, &there, e);
  if (rc != RS_OK) return rc;
  if (there == RS_REL_VIEW)
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: a snapshot can't be kept in it",
                   rel->workspace, rel->name);
  if (there != RS_REL_NONE) return update_snapshot(b, rel, e);
  b->verb = "created snapshot";
  rc = macro_query(b, has_tables(b) ? "snapshot_build" : "rockset_snapshot_build", &sql, e);
  if (rc == RS_OK) rc = rs_session_replace(b->session, rel, sql, NULL, &b->r->rows, e);
  rs_free(sql);
  return rc;
}

/* The compiled text as it may be sent, owned in *text, which b->sql then is. */
static enum rs_code take_text(struct build *b, const struct rs_compiled *compiled,
                              const char *whole, char **text, struct rs_error *e)
{
  struct rs_sqltext one;
  const char *sql = compiled->sql;
  *text = NULL;
  if (compiled->rockset && !rs_eq(b->kind, "query_lambda")) {
    enum rs_code rc = rs_compiled_query(b->session, b->m->project, b->node, whole, true, &b->said,
                                        e);
    b->sql = b->said.sql;
    return rc;
  }
  // a query lambda is no text of the engine's: what it calls is judged when it is called
  if (sql == NULL || rs_eq(b->kind, "query_lambda")) {
    char what[300];
    b->sql = sql;
    if (sql == NULL || !compiled->rockset) return RS_OK;
    snprintf(what, sizeof what, "model %.250s: compiled SQL", b->node->name);
    return rs_translate_check(b->session, b->m->project, b->node, whole, what, e);
  }
  enum rs_code rc = rs_callable_take(b->session, sql, strlen(sql), b->m->project->set.trusted,
                                     "its SQL", &one, text, e);
  b->sql = *text;
  return rc;
}

/* One span of a microbatch model: compiled with what it reads cut to it. */
static enum rs_code build_batch(struct build *b, const struct rs_relation *rel,
                                const struct rs_batch *batch, bool make, int64_t *rows,
                                struct rs_error *e)
{
  struct rs_compiled compiled;
  struct rs_invoke i;
  const char *whole = b->sql;
  const struct rs_translated said = b->said;
  char *documents = b->documents;
  invoke_options(b, &i);
  i.opt.batch = batch;
  enum rs_code rc = rs_compile(&i.opt, &compiled, e);
  if (rc != RS_OK) return rc;
  char *text;
  b->said = (struct rs_translated){.sql = NULL};
  b->documents = NULL;
  rc = take_text(b, &compiled, compiled.text, &text, e);
  if (rc == RS_OK) rc = as_documents(b, e);
  i.sql = b->sql;
  b->how = (struct rs_build){.columns = b->columns};
  if (rc == RS_OK && make) rc = rs_session_replace(b->session, rel, b->sql, &b->how, rows, e);
  else if (rc == RS_OK) rc = rs_invoke_part(&i, "incremental_update", e);
  if (!make && rc != RS_OK) remove_stage(b);
  if (!make) *rows = i.rows;
  if (!rs_error_names_node(e)) rc = rs_translated_explain(&b->said, b->node, rc, e);
  rs_translated_free(&b->said);
  rs_free(b->documents);
  b->documents = documents;
  b->said = said;
  b->sql = whole;
  rs_free(text);
  rs_compiled_free(&compiled);
  return rc == RS_OK ? rc : rs_error_prefix(e, "batch %s", batch->id);
}

/* All spans in the transaction of this build: readers see none of them or all. Without
** transactions each span is there at once, and a run that fails is done again. */
static enum rs_code build_batches(struct build *b, const struct rs_relation *rel, bool make,
                                  struct rs_error *e)
{
  struct rs_batches all;
  struct rs_batch batch;
  int64_t total = 0, rows = 0;
  if (!has_tables(b)) return add_rows(b, rel, e); // which says that it can't
  enum rs_code rc = rs_batches_read(b->node, rs_wall_us(), make, &all, e);
  for (size_t i = 0; rc == RS_OK && i < all.n; i++) {
    rs_batches_at(&all, i, &batch);
    rc = build_batch(b, rel, &batch, make && i == 0, &rows, e);
    total += rows > 0 ? rows : 0;
  }
  if (rc != RS_OK) return rc;
  b->r->rows = total;
  rs_free(b->message);
  char *relation = rs_node_relation_text(b->node);
  b->message = relation == NULL
                 ? NULL
                 : rs_mprintf("%s %zu batch%s of %s, %lld row%s", make ? "created" : "rebuilt",
                              all.n, all.n == 1 ? "" : "es", relation, (long long)total,
                              total == 1 ? "" : "s");
  rs_free(relation);
  return b->message != NULL ? RS_OK : rs_nomem(e);
}

/* One that is there is refreshed, or its configuration changed, unless all is to be made anew: the
** macros of the engine decide. */
static enum rs_code build_materialized(struct build *b, const struct rs_relation *rel,
                                       struct rs_error *e)
{
  struct rs_invoke i;
  char *done = NULL;
  invoke_options(b, &i);
  enum rs_code rc = rs_invoke_text(&i, "materialized_view_update", &done, e);
  if (rc == RS_OK && rs_eq(done, "create")) {
    b->verb = "created materialized view";
    b->how = (struct rs_build){.kind = RS_BUILD_MATERIALIZED_VIEW};
    rc = rs_session_replace(b->session, rel, b->sql, &b->how, NULL, e);
  } else if (rc == RS_OK) {
    b->verb = rs_eq(done, "refresh") ? "refreshed materialized view"
              : rs_eq(done, "alter") ? "altered materialized view"
                                     : "skipped materialized view";
  }
  rs_free(done);
  return rc;
}

/* Is there a table that an incremental model adds to? */
static enum rs_code is_update(struct build *b, const struct rs_relation *rel, bool *update,
                              struct rs_error *e)
{
  enum rs_relation_kind there = RS_REL_NONE;
  enum rs_code rc = RS_OK;
  if (rs_eq(b->kind, "incremental")) rc = rs_session_describe(b->session, rel, NULL, &there, e);
  *update = (there == RS_REL_TABLE || there == RS_REL_ALIAS) &&
            !rs_full_refresh(b->m->project, b->node);
  return rc;
}

/* config sql_header, in front of what is made; what is added to a table has it from its macros. */
static enum rs_code put_header(struct build *b, struct rs_error *e)
{
  const struct rs_relation rel = rs_node_relation(b->m->project, b->node);
  bool update;
  struct rs_invoke i;
  if (!has_header(b->node)) return RS_OK;
  enum rs_code rc = is_update(b, &rel, &update, e);
  if (rc != RS_OK || update) return rc;
  invoke_options(b, &i);
  return rs_invoke_part(&i, "run_sql_header", e);
}

static enum rs_code main_statement(struct build *b, struct rs_error *e)
{
  struct rs_relation rel = rs_node_relation(b->m->project, b->node);
  if (rs_eq(b->kind, "clone")) {
    b->verb = "cloned as a view";
    return rs_session_replace(b->session, &rel, b->sql, RS_AS_VIEW, NULL, e);
  }
  if (b->node->type == RS_NODE_SEED) {
    b->verb = "loaded seed";
    return rs_seed_build(b->session, b->m->project, b->node, &b->r->rows, e);
  }
  if (rs_eq(b->kind, "view")) {
    b->verb = "created view";
    return rs_session_replace(b->session, &rel, b->sql, RS_AS_VIEW, NULL, e);
  }
  if (rs_eq(b->kind, "snapshot")) return build_snapshot(b, &rel, e);
  if (rs_eq(b->kind, "materialized_view")) return build_materialized(b, &rel, e);
  bool update;
  enum rs_code rc = is_update(b, &rel, &update, e);
  if (rc == RS_OK) rc = as_documents(b, e);
  if (rc == RS_OK && rs_eq(b->kind, "incremental") && rs_batches_wanted(b->node))
    return build_batches(b, &rel, !update, e);
  if (rc != RS_OK || update) return rc != RS_OK ? rc : update_table(b, &rel, e);
  b->verb = "created table";
  b->how = (struct rs_build){.in_place = b->node->config.swap == 0, .columns = b->columns};
  return rs_session_replace(b->session, &rel, b->sql, &b->how, &b->r->rows, e);
}

static enum rs_code statement_and_rest(struct build *b, struct rs_error *e)
{
  enum rs_code rc = put_header(b, e);
  if (rc == RS_OK) rc = check_contract(b, e);
  if (rc == RS_OK) rc = main_statement(b, e);
  if (rc == RS_OK) rc = finish_build(b, e);
  rs_free(b->columns);
  b->columns = NULL;
  return rc;
}

static enum rs_code with_hooks(struct build *b, struct rs_error *e)
{
  const struct rs_node_config *config = &b->node->config;
  enum rs_code rc = run_hooks(b, config->pre_hooks, config->npre, "pre_hook", true, e);
  if (rc == RS_OK) rc = statement_and_rest(b, e);
  if (rc == RS_OK) rc = run_hooks(b, config->post_hooks, config->npost, "post_hook", true, e);
  return rc;
}

/* Hooks, swap and commit as one. Without hooks the adapter's own transaction is enough. */
static enum rs_code in_transaction(struct build *b, struct rs_error *e)
{
  bool parts = rs_eq(b->kind, "incremental") || rs_eq(b->kind, "snapshot"); // several statements
  parts |= has_finish(b->node) || has_header(b->node) || rs_eq(b->kind, "materialized_view");
  if (!has_hooks(b->node, true) && !parts) return statement_and_rest(b, e);
  if (!has_transactions(b)) return with_hooks(b, e);
  for (int tries = 1;; tries++) {
    enum rs_code rc = rs_session_begin(b->session, e);
    if (rc != RS_OK) return rc;
    rc = with_hooks(b, e);
    if (rc == RS_OK) rc = rs_session_end(b->session, true, e);
    if (rc == RS_OK) return RS_OK;
    // Two transactions that touch one catalog entry: the slower one starts again, if nothing of it
    // stays
    if (rs_session_end(b->session, false, NULL) != RS_OK) return rc;
    if (!rs_session_again(b->session, tries, e)) return e->code;
  }
}

/* As dbt-rockset has it: the lambda first, hooks after. */
static enum rs_code build_lambda(struct build *b, struct rs_error *e)
{
  const struct rs_node_config *config = &b->node->config;
  enum rs_code rc = rs_lambda_materialize(b->session, b->node, b->sql, &b->message, e);
  for (int in = 1; in >= 0 && rc == RS_OK; in--) {
    rc = run_hooks(b, config->pre_hooks, config->npre, "pre_hook", in != 0, e);
    if (rc == RS_OK) rc = run_hooks(b, config->post_hooks, config->npost, "post_hook", in != 0, e);
  }
  return rc;
}

static enum rs_code note_model(struct build *b, struct rs_error *e)
{
  const struct rs_relation rel = rs_node_relation(b->m->project, b->node);
  const bool seed = b->node->type == RS_NODE_SEED && rs_node_rockset(b->m->project, b->node);
  return rs_model_note(b->session, b->node, &rel, b->kind, seed || b->documents != NULL, e);
}

static enum rs_code build(struct build *b, struct rs_error *e)
{
  const struct rs_node_config *config = &b->node->config;
  const struct rs_macro *custom = rs_custom_find(b->m->project, b->kind);
  if (custom != NULL) {
    const struct rs_relation rel = rs_node_relation(b->m->project, b->node);
    struct rs_invoke i;
    invoke_options(b, &i);
    // dbt has made every schema before the first model: the macro doesn't
    enum rs_code done = rs_session_create(b->session, RS_WORKSPACE_IN(rel.database, rel.workspace),
                                          true, e);
    if (done == RS_OK) done = rs_invoke_custom(&i, custom, e);
    b->verb = "built";
    b->r->rows = i.rows;
    return done == RS_OK ? note_model(b, e) : done;
  }
  if (rs_eq(b->kind, "query_lambda")) return build_lambda(b, e);
  enum rs_code rc = run_hooks(b, config->pre_hooks, config->npre, "pre_hook", false, e);
  if (rc == RS_OK) rc = in_transaction(b, e);
  if (rc == RS_OK) rc = note_model(b, e);
  if (rc == RS_OK) rc = run_hooks(b, config->post_hooks, config->npost, "post_hook", false, e);
  return rc;
}

/* ---- the result ----------------------------------------------------------------------------- */

/* What the target has to say of it, behind our own words; takes `message`. */
static char *with_note(const struct build *b, char *message)
{
  if (message == NULL || b->how.note[0] == 0) return message;
  char *more = rs_mprintf("%s; %s", message, b->how.note);
  rs_free(message);
  return more;
}

static char *success_text(const struct build *b, const char *relation)
{
  long long rows = (long long)b->r->rows;
  const char *s = rows == 1 ? "" : "s";
  if (rs_eq(b->verb, "inserted") || rs_eq(b->verb, "upserted")) {
    if (rows < 0) return rs_mprintf("%s rows into %s", b->verb, relation);
    return rs_mprintf("%s %lld row%s into %s", b->verb, rows, s, relation);
  }
  if (rows < 0) return rs_mprintf("%s %s", b->verb, relation);
  if (rs_eq(b->verb, "snapshotted"))
    return rs_mprintf("snapshotted %s, %lld change%s", relation, rows, s);
  return rs_mprintf("%s %s, %lld row%s", b->verb, relation, rows, s);
}

static char *success_message(const struct build *b)
{
  if (rs_eq(b->kind, "ephemeral") && b->verb == NULL)
    return rs_strdup("ephemeral: nothing to create");
  char *relation = rs_node_relation_text(b->node);
  char *text = relation != NULL ? success_text(b, relation) : NULL;
  rs_free(relation);
  return text;
}

/* A kind for this call only lasts until the next run. */
static char *kind_warning(const struct rs_materialize *m, const char *more)
{
  const char *own = m->node->config.materialized;
  if (m->kind == NULL || rs_eq(m->kind, own) || rs_eq(m->kind, "clone")) return rs_strdup(more);
  return rs_mprintf("model %s is configured as %s: the next run makes it a %s again%s%s",
                    m->node->name, own, own, more != NULL ? "; " : "", more != NULL ? more : "");
}

static enum rs_code add_warnings(struct build *b, struct rs_error *e)
{
  if (b->warnings.n == 0) return RS_OK;
  char *old = b->r->warning;
  b->r->warning = rs_mprintf("%s%s%s", old != NULL ? old : "", old != NULL ? "; " : "",
                             rs_buf_text(&b->warnings));
  rs_free(old);
  return b->r->warning != NULL ? RS_OK : rs_nomem(e);
}

/* The engine's words need the model's name in front, ours have it. */
static void name_node(const struct build *b, struct rs_error *e)
{
  char what[300];
  if (!b->hook_failed && !rs_error_names_node(e))
    rs_error_prefix(e, "%s", rs_node_what(b->node, what, sizeof what));
}

/* ---- building ------------------------------------------------------------------------------- */

static enum rs_code build_clone(struct build *b, struct rs_error *e)
{
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  enum rs_code rc = b->m->sessions.get(b->m->sessions.ctx, &b->session, e);
  if (rc == RS_OK) rc = rs_clone_sql(b->m->project, b->node, b->session, &sql, &b->message, e);
  if (rc == RS_OK && b->message == NULL) {
    b->sql = rs_buf_text(&sql);
    rc = build(b, e);
    if (rc != RS_OK) name_node(b, e);
    b->sql = NULL;
  }
  rs_buf_free(&sql);
  return rc == RS_OK ? add_warnings(b, e) : rc;
}

static enum rs_code compile_and_build(struct build *b, struct rs_error *e)
{
  struct rs_context_options opt;
  struct rs_compiled compiled = {0};
  rs_run_context(b->m, &opt);
  // A seed is rows and no text
  enum rs_code rc = b->node->type == RS_NODE_SEED ? RS_OK : rs_compile(&opt, &compiled, e);
  if (rc != RS_OK) return rc;
  b->r->compiled = compiled.text;
  compiled.text = NULL;
  b->r->warning = kind_warning(b->m, compiled.warnings);
  char *text = NULL;
  if (!rs_eq(b->kind, "ephemeral")) {
    rc = b->m->sessions.get(b->m->sessions.ctx, &b->session, e);
    if (rc == RS_OK) rc = take_text(b, &compiled, b->r->compiled, &text, e);
    if (rc == RS_OK) {
      rc = build(b, e);
      if (!b->hook_failed && !rs_error_names_node(e))
        rc = rs_translated_explain(&b->said, b->node, rc, e);
    }
    if (rc != RS_OK) name_node(b, e);
  }
  rs_free(text);
  b->sql = NULL;
  rs_translated_free(&b->said);
  rs_free(b->documents);
  b->documents = NULL;
  rs_compiled_free(&compiled);
  return rc == RS_OK ? add_warnings(b, e) : rc;
}

void rs_materialize(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  rs_result_begin(m, r, &start);
  if (m->kind != NULL) r->kind = m->kind;
  struct build b = {.m = m, .node = m->node, .kind = r->kind, .r = r};
  rs_buf_init(&b.warnings, RS_ERROR_MAX);
  r->code = rs_custom_check_node(m->project, m->node, r->kind, &e);
  if (r->code == RS_OK) r->code = rs_check_database(m, r->kind, &e);
  if (r->code == RS_OK)
    r->code = rs_eq(r->kind, "clone") ? build_clone(&b, &e) : compile_and_build(&b, &e);
  rs_buf_free(&b.warnings);
  r->ms = (double)(rs_now_us() - start) / 1000.0;
  if (r->code == RS_OK) {
    r->status = RS_STATUS_SUCCESS;
    r->message = b.message != NULL ? b.message : with_note(&b, success_message(&b));
    return;
  }
  r->rows = -1;
  rs_free(b.message);
  // What was stopped has not failed: it is to be run again like the rest
  r->status = r->code == RS_CANCELLED ? RS_STATUS_SKIPPED : RS_STATUS_ERROR;
  r->message = rs_strdup(r->code == RS_CANCELLED ? "cancelled while running" : e.text);
  memcpy(r->missing, e.missing, sizeof r->missing);
}
