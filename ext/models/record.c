/*
** Records of invocations and results (internal.h).
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "ext/collection/collection.h"
#include "internal.h"

#define LAST_WAIT_MS 1000 /* for a locked database, when a run ends */

/* One try to write, on whichever connection. */
struct attempt {
  struct rs_record *r;
  sqlite3 *db;
  const char *status, *message; /* NULL: the invocation goes on */
};

static void bind_text(sqlite3_stmt *st, int i, const char *s)
{
  sqlite3_bind_text(st, i, s, -1, SQLITE_TRANSIENT); // NULL binds NULL
}

static void bind_time(sqlite3_stmt *st, int i, int64_t us)
{
  char text[40];
  if (us == 0) return;
  rs_format_timestamp(us, text);
  bind_text(st, i, text);
}

static int step_once(sqlite3_stmt *st)
{
  int rc = sqlite3_step(st);
  sqlite3_reset(st);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_invocation(const struct attempt *a)
{
  static const char sql[] = "INSERT INTO main.rockset_invocations(id, command, selection, options, "
                            "target, started_at, status)"
                            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, 'running')";
  const struct rs_record *r = a->r;
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(a->db, sql, -1, &st, NULL);
  if (rc == SQLITE_OK) {
    bind_text(st, 1, r->p->invocation_id);
    bind_text(st, 2, r->command);
    bind_text(st, 3, r->selection);
    bind_text(st, 4, r->options);
    bind_text(st, 5, r->p->set.output->target_name);
    bind_time(st, 6, r->p->started_us);
    rc = step_once(st);
  }
  sqlite3_finalize(st);
  return rc;
}

static int write_result(const struct rs_record *r, sqlite3_stmt *st, const struct rs_result *result)
{
  const struct rs_node *n = result->node;
  char *relation = NULL;
  if (!rs_eq(result->kind, "ephemeral") && n->type < RS_NODE_TEST) {
    relation = rs_node_relation_text(n);
    if (relation == NULL) return SQLITE_NOMEM;
  }
  sqlite3_clear_bindings(st);
  bind_text(st, 1, r->p->invocation_id);
  bind_text(st, 2, n->name);
  bind_text(st, 3, result->kind);
  bind_text(st, 4, rs_result_status(result));
  bind_text(st, 5, relation);
  if (result->rows >= 0) sqlite3_bind_int64(st, 6, result->rows);
  if (result->started_us != 0) sqlite3_bind_double(st, 7, result->ms);
  bind_text(st, 8, result->message);
  bind_time(st, 9, result->started_us);
  bind_text(st, 10, result->compiled);
  bind_text(st, 11, n->unique_id);
  if (result->failures >= 0) sqlite3_bind_int64(st, 12, result->failures);
  if (result->worker > 0) sqlite3_bind_int(st, 13, result->worker);
  rs_free(relation);
  return step_once(st);
}

/* Built, or tested: a source that is fresh is neither. */
static bool is_done(const struct rs_result *r)
{
  bool tested = r->status == RS_STATUS_PASS || r->status == RS_STATUS_WARN;
  return r->status == RS_STATUS_SUCCESS || (tested && r->node->type != RS_NODE_SOURCE);
}

static int write_results(const struct attempt *a)
{
  static const char sql[] =
    "INSERT INTO main.rockset_results(invocation_id, node, kind, status, relation, rows, ms, "
    "message,"
    " started_at, compiled, unique_id, failures, worker)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
  const struct rs_record *r = a->r;
  if (r->written == r->nresults) return SQLITE_OK;
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(a->db, sql, -1, &st, NULL);
  for (size_t i = r->written; rc == SQLITE_OK && i < r->nresults; i++) {
    rc = write_result(r, st, &r->results[i]);
    if (rc == SQLITE_OK && r->nodes != NULL && is_done(&r->results[i]))
      rc = rs_state_write(a->db, r->nodes, r->results[i].node, r->results[i].kind,
                          r->p->invocation_id);
  }
  sqlite3_finalize(st);
  return rc;
}

static int write_end(const struct attempt *a)
{
  static const char sql[] = "UPDATE main.rockset_invocations SET finished_at = ?2, status = ?3,"
                            " message = ?4 WHERE id = ?1";
  if (a->status == NULL) return SQLITE_OK;
  sqlite3_stmt *st = NULL;
  int rc = sqlite3_prepare_v2(a->db, sql, -1, &st, NULL);
  if (rc == SQLITE_OK) {
    bind_text(st, 1, a->r->p->invocation_id);
    bind_time(st, 2, rs_wall_us());
    bind_text(st, 3, a->status);
    bind_text(st, 4, a->message);
    rc = step_once(st);
  }
  sqlite3_finalize(st);
  return rc;
}

/* All that is not written yet, or nothing. */
static int write_all(const struct attempt *a)
{
  struct rs_record *r = a->r;
  struct rs_unit unit;
  // Who opens a database to read it knows that nothing will be written
  if (sqlite3_db_readonly(a->db, "main") == 1) return SQLITE_OK;
  int rc = rs_unit_begin(&unit, a->db, true);
  bool begun = rc == SQLITE_OK;
  if (begun && !r->begun) rc = write_invocation(a);
  if (rc == SQLITE_OK) rc = write_results(a);
  if (rc == SQLITE_OK) rc = write_end(a);
  char *text = rc != SQLITE_OK ? rs_strdup(sqlite3_errmsg(a->db))
                               : NULL; // before it is rolled back
  if (begun) rc = rs_unit_end(&unit, rc);
  if (rc == SQLITE_OK) {
    r->begun = true;
    r->written = r->nresults;
    r->error.code = RS_OK;
    return rc;
  }
  const char *why = text != NULL ? text : sqlite3_errstr(rc);
  rs_fail(&r->error, rs_code_of_sqlite(rc), "rockset_results: %s", why);
  rs_free(text);
  return rc;
}

void rs_record_write(struct rs_record *r)
{
  struct attempt a = {.r = r, .db = rs_side_db(r->side)};
  write_all(&a);
}

void rs_record_finish(struct rs_record *r, const char *status, const char *message)
{
  struct attempt a = {.r = r, .db = rs_side_db(r->side), .status = status, .message = message};
  int64_t until = rs_now_ms() + LAST_WAIT_MS;
  // The last chance, and most locks are short
  while (write_all(&a) != SQLITE_OK && r->error.code == RS_BUSY && rs_now_ms() < until)
    rs_sleep_ms(20);
}

void rs_models_refresh(struct rs_conn *c, const struct rs_side *side,
                       const struct rs_result *results, size_t n)
{
  struct rs_built *built = rs_calloc(n + 1, sizeof *built);
  size_t nbuilt = 0;
  for (size_t i = 0; built != NULL && i < n; i++) {
    const struct rs_node *node = results[i].node;
    if (results[i].status == RS_STATUS_SUCCESS && node->type < RS_NODE_TEST &&
        !rs_eq(results[i].kind, "ephemeral"))
      built[nbuilt++] = (struct rs_built){node->workspace, node->identifier};
  }
  if (built != NULL) rs_refresh_built(c, rs_side_db(side), built, nbuilt);
  rs_free(built);
}
