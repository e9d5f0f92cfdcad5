/*
** Content hashes of what was built, in rockset_state: one row for each target and node. A selection
** `state:modified` and rockset_plan compare with it.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

static int bind(sqlite3_stmt *st, int i, const char *s)
{
  return sqlite3_bind_text(st, i, s, -1, SQLITE_TRANSIENT);
}

static int write_one(sqlite3_stmt *st, const struct rs_nodes *n, const struct rs_item *it,
                     const char *kind, const char *invocation_id)
{
  struct rs_buf json;
  rs_buf_init(&json, 4096);
  rs_state_json(n->state, it, kind, &json);
  int rc = json.rc == RS_OK ? SQLITE_OK : SQLITE_NOMEM;
  if (rc == SQLITE_OK) rc = bind(st, 1, n->inv->p->set.output->target_name);
  if (rc == SQLITE_OK) rc = bind(st, 2, it->unique_id);
  if (rc == SQLITE_OK) rc = bind(st, 3, rs_buf_text(&json));
  if (rc == SQLITE_OK) rc = bind(st, 4, invocation_id);
  if (rc == SQLITE_OK) {
    rc = sqlite3_step(st);
    rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
  }
  sqlite3_reset(st);
  rs_buf_free(&json);
  return rc;
}

static bool is_never_built(const struct rs_item *it)
{
  return it->type == RS_NODE_SOURCE || rs_eq(it->node->config.materialized, "ephemeral");
}

/* Ephemeral models may stand on ephemeral models. */
static int write_above(sqlite3_stmt *st, const struct rs_nodes *n, const struct rs_item *it,
                       const char *invocation_id, unsigned char *seen, unsigned depth)
{
  int rc = SQLITE_OK;
  for (size_t i = 0; rc == SQLITE_OK && depth < 200 && i < it->nparents; i++) {
    const struct rs_item *up = n->inv->items[it->parents[i]];
    if (seen[up->index] || !is_never_built(up)) continue;
    seen[up->index] = 1;
    rc = write_one(st, n, up, NULL, invocation_id);
    // What a test reads is not built by it: others may still have to be
    if (rc == SQLITE_OK && it->type != RS_NODE_TEST && it->type != RS_NODE_UNIT_TEST)
      rc = write_above(st, n, up, invocation_id, seen, depth + 1);
  }
  return rc;
}

int rs_state_write(sqlite3 *db, const struct rs_nodes *n, const struct rs_node *node,
                   const char *kind, const char *invocation_id)
{
  static const char sql[] = "INSERT OR REPLACE INTO main.rockset_state(target, unique_id, hashes, "
                            "invocation_id) VALUES(?1, ?2, ?3, ?4)";
  const struct rs_item *it = rs_map_get(&n->inv->ids, node->unique_id);
  sqlite3_stmt *st = NULL;
  if (it == NULL) return SQLITE_OK;
  unsigned char *seen = rs_calloc(n->inv->n + 1, 1);
  if (seen == NULL) return SQLITE_NOMEM;
  int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
  if (rc == SQLITE_OK) rc = write_one(st, n, it, kind, invocation_id);
  // What a test reads is not built by it: others may still have to be
  if (rc == SQLITE_OK && it->type != RS_NODE_TEST && it->type != RS_NODE_UNIT_TEST)
    rc = write_above(st, n, it, invocation_id, seen, 0);
  sqlite3_finalize(st);
  rs_free(seen);
  return rc;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum rs_code rs_state_read(struct rs_nodes *n, struct rs_error *e)
{
  static const char sql[] = "SELECT unique_id, hashes FROM main.rockset_state WHERE target = ?1";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = sqlite3_prepare_v2(n->db, sql, -1, &st, NULL);
  if (step == SQLITE_OK) step = bind(st, 1, n->inv->p->set.output->target_name);
  if (step == SQLITE_OK)
    while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
      const char *id = (const char *)sqlite3_column_text(st, 0);
      const char *json = (const char *)sqlite3_column_text(st, 1);
      if (id != NULL && json != NULL) rc = rs_state_then(n->state, id, json, strlen(json), e);
    }
  if (rc == RS_OK && step != SQLITE_DONE)
    rc = rs_fail(e, RS_IO, "rockset_state: %s", sqlite3_errmsg(n->db));
  sqlite3_finalize(st);
  return rc;
}

static enum rs_code read_statuses(struct rs_nodes *n, const char *sql, struct rs_map *map,
                                  bool *any, struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = sqlite3_prepare_v2(n->db, sql, -1, &st, NULL);
  if (step == SQLITE_OK)
    while (rc == RS_OK && (step = sqlite3_step(st)) == SQLITE_ROW) {
      const char *id = (const char *)sqlite3_column_text(st, 0);
      const char *status = (const char *)sqlite3_column_text(st, 1);
      char *copy = status != NULL ? rs_arena_strdup(&n->arena, status) : NULL;
      if (id == NULL || copy == NULL || !rs_map_put(map, id, copy)) rc = rs_nomem(e);
      *any = true;
    }
  if (rc == RS_OK && step != SQLITE_DONE)
    rc = rs_fail(e, RS_IO, "rockset_results: %s", sqlite3_errmsg(n->db));
  sqlite3_finalize(st);
  return rc;
}

enum rs_code rs_results_read(struct rs_nodes *n, struct rs_error *e)
{
  static const char results[] =
    "SELECT unique_id, status FROM main.rockset_results WHERE unique_id IS NOT NULL AND "
    "invocation_id = (SELECT invocation_id FROM main.rockset_results WHERE kind <> 'freshness' "
    "ORDER BY rowid DESC LIMIT 1)";
  static const char freshness[] =
    "SELECT unique_id, status FROM main.rockset_results WHERE unique_id IS NOT NULL AND kind = "
    "'freshness' AND invocation_id = (SELECT invocation_id FROM main.rockset_results WHERE kind = "
    "'freshness' ORDER BY rowid DESC LIMIT 1)";
  enum rs_code rc = read_statuses(n, results, &n->results, &n->has_results, e);
  return rc == RS_OK ? read_statuses(n, freshness, &n->freshness, &n->has_freshness, e) : rc;
}
