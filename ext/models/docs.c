/*
** A project as a page shows it: JSON of its graph, of a node, of its runs.
**
** rocksetd's console asks for each part by itself (docs_file.c); rockset_docs_generate writes all
** of them into a file (docs_generate.c). Only the stored project and its records are read: the
** compiled SQL of a node is what was last sent for it.
**
** Columns and the criteria of freshness are given as the texts that they are: whoever wrote the
** file may have written no JSON there.
*/
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

/* Appends the first column of each row, JSON texts, with commas. */
static enum rs_code put_rows(sqlite3 *db, const char *sql, const char *id, struct rs_buf *b,
                             struct rs_error *e)
{
  sqlite3_stmt *st = NULL;
  int step = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
  if (step == SQLITE_OK && id != NULL) step = sqlite3_bind_text(st, 1, id, -1, SQLITE_TRANSIENT);
  while (step == SQLITE_OK || step == SQLITE_ROW) {
    step = sqlite3_step(st);
    if (step != SQLITE_ROW) break;
    const char *json = (const char *)sqlite3_column_text(st, 0);
    rs_buf_json_comma(b);
    rs_buf_str(b, json != NULL ? json : "null");
  }
  enum rs_code rc = step == SQLITE_DONE ? RS_OK : rs_sqlite_error_of(db, "rockset_results", e);
  sqlite3_finalize(st);
  return rc == RS_OK ? rs_buf_error(b, e, "rockset_results") : rc;
}

/* ---- the graph ------------------------------------------------------------------------------- */

/* What is known of the last time: unique_id -> JSON. Texts lie in n's arena. */
static enum rs_code read_last(struct rs_nodes *n, struct rs_map *built, struct rs_map *fresh,
                              struct rs_error *e)
{
  static const char sql[] =
    "SELECT r.unique_id, r.kind = 'freshness', json_object('status', r.status, 'ms', r.ms, 'rows', "
    "r.rows, 'failures', r.failures, 'message', r.message, 'at', r.started_at, 'target', i.target, "
    "'run', i.id) FROM main.rockset_results r JOIN main.rockset_invocations i ON i.id = "
    "r.invocation_id WHERE r.rowid IN (SELECT max(rowid) FROM main.rockset_results GROUP BY "
    "unique_id, kind = 'freshness')";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  int step = sqlite3_prepare_v2(n->db, sql, -1, &st, NULL);
  while (rc == RS_OK && (step == SQLITE_OK || step == SQLITE_ROW)) {
    step = sqlite3_step(st);
    if (step != SQLITE_ROW) break;
    const char *id = (const char *)sqlite3_column_text(st, 0);
    char *json = rs_arena_strdup(&n->arena, (const char *)sqlite3_column_text(st, 2));
    struct rs_map *to = sqlite3_column_int(st, 1) != 0 ? fresh : built;
    if (id == NULL || json == NULL || !rs_map_put(to, id, json)) rc = rs_nomem(e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(n->db, "rockset_results", e);
  sqlite3_finalize(st);
  return rc;
}

static void put_raw(struct rs_buf *b, const char *key, const char *json)
{
  if (json == NULL) return;
  rs_buf_json_key(b, key);
  rs_buf_str(b, json);
}

static void put_text(struct rs_buf *b, const char *key, const char *text)
{
  if (text != NULL && *text != 0) rs_buf_json_member(b, key, text);
}

static void put_item(struct rs_nodes *n, const struct rs_item *it, const struct rs_map *built,
                     const struct rs_map *fresh, struct rs_buf *b)
{
  rs_nodes_put(n->inv, it, &n->arena, b);
  put_text(b, "description", it->description);
  put_text(b, "group", it->group);
  if (!it->enabled) rs_buf_str(b, ",\"disabled\":true");
  if (it->type == RS_NODE_SOURCE && it->node != NULL) put_text(b, "criteria", it->node->freshness);
  put_raw(b, "last", rs_map_get(built, it->unique_id));
  put_raw(b, "freshness", rs_map_get(fresh, it->unique_id));
  rs_buf_char(b, '}');
}

enum rs_code rs_docs_graph(struct rs_nodes *n, struct rs_buf *b, struct rs_error *e)
{
  struct rs_map built, fresh;
  rs_map_init(&built);
  rs_map_init(&fresh);
  enum rs_code rc = read_last(n, &built, &fresh, e);
  rs_buf_char(b, '{');
  rs_buf_json_member(b, "project", n->p->name);
  rs_buf_json_member(b, "target", n->p->set.output->target_name);
  rs_buf_str(b, ",\"nodes\":[");
  for (size_t i = 0; rc == RS_OK && i < n->inv->n; i++)
    put_item(n, n->inv->items[i], &built, &fresh, b);
  rs_buf_str(b, "],\"bad\":[");
  for (size_t i = 0; rc == RS_OK && i < n->p->nbad; i++) {
    rs_buf_json_comma(b);
    rs_buf_char(b, '{');
    rs_buf_json_member(b, "node", n->p->bad[i].what);
    rs_buf_json_member(b, "error", n->p->bad[i].reason);
    rs_buf_char(b, '}');
  }
  rs_buf_str(b, "]}");
  rs_map_free(&built);
  rs_map_free(&fresh);
  return rc == RS_OK ? rs_buf_error(b, e, "the graph") : rc;
}

/* ---- a node ---------------------------------------------------------------------------------- */

/* The text of a row that has one: its SQL, a test's; a seed's is its data. */
static void put_sql(const struct rs_item *it, struct rs_buf *b)
{
  const struct rs_node *node = it->node;
  if (it->bad != NULL || node == NULL) return;
  if (it->type == RS_NODE_TEST) {
    if (node->test != NULL) put_text(b, "sql", node->test->sql);
  } else if (it->type != RS_NODE_SEED && node->sql != NULL) {
    rs_buf_json_key(b, "sql");
    rs_buf_json_str(b, node->sql, node->nsql);
  }
}

enum rs_code rs_docs_node(struct rs_nodes *n, const char *unique_id, struct rs_buf *b,
                          struct rs_error *e)
{
  static const char compiled[] =
    "SELECT json_quote(compiled) FROM main.rockset_results WHERE unique_id = ?1 AND compiled IS "
    "NOT NULL ORDER BY rowid DESC LIMIT 1";
  static const char history[] =
    "SELECT json_object('run', r.invocation_id, 'command', i.command, 'target', i.target, 'kind', "
    "r.kind, 'status', r.status, 'at', r.started_at, 'ms', r.ms, 'rows', r.rows, 'failures', "
    "r.failures, 'message', r.message) FROM main.rockset_results r JOIN main.rockset_invocations i "
    "ON i.id = r.invocation_id WHERE r.unique_id = ?1 ORDER BY r.rowid DESC LIMIT 20";
  const struct rs_item *it = rs_map_get(&n->inv->ids, unique_id);
  if (it == NULL) return rs_fail(e, RS_NOT_FOUND, "%s: the project has no such node", unique_id);
  rs_buf_char(b, '{');
  rs_buf_json_member(b, "unique_id", it->unique_id);
  put_sql(it, b);
  put_raw(b, "config", it->config);
  put_text(b, "columns", it->is_node ? it->node->row.columns : rs_item_text(it, "columns"));
  if (it->test != NULL) rs_buf_json_member(b, "test", it->test);
  rs_buf_str(b, ",\"compiled\":[");
  enum rs_code rc = put_rows(n->db, compiled, unique_id, b, e);
  rs_buf_str(b, "],\"history\":[");
  if (rc == RS_OK) rc = put_rows(n->db, history, unique_id, b, e);
  rs_buf_str(b, "]}");
  return rc == RS_OK ? rs_buf_error(b, e, unique_id) : rc;
}

/* ---- runs ------------------------------------------------------------------------------------ */

#define RUN_MEMBERS                                                                  \
  "'id', i.id, 'command', i.command, 'selection', i.selection, 'target', i.target, " \
  "'started_at', i.started_at, 'finished_at', i.finished_at, 'status', i.status, "   \
  "'message', i.message"

enum rs_code rs_docs_runs(sqlite3 *db, struct rs_buf *b, struct rs_error *e)
{
  static const char sql[] =
    "SELECT json_object(" RUN_MEMBERS ", 'counts', json((SELECT json_group_object(status, n) FROM "
    "(SELECT status, count(*) AS n FROM main.rockset_results r WHERE r.invocation_id = i.id GROUP "
    "BY status)))) FROM main.rockset_invocations i ORDER BY i.rowid DESC LIMIT 20";
  rs_buf_char(b, '[');
  enum rs_code rc = put_rows(db, sql, NULL, b, e);
  rs_buf_char(b, ']');
  return rc == RS_OK ? rs_buf_error(b, e, "the runs") : rc;
}

enum rs_code rs_docs_run(sqlite3 *db, const char *id, struct rs_buf *b, struct rs_error *e)
{
  static const char sql[] =
    "SELECT json_object(" RUN_MEMBERS ", 'results', json((SELECT json_group_array(json_object("
    "'unique_id', unique_id, 'kind', kind, 'status', status, 'at', started_at, 'ms', ms, 'rows', "
    "rows, 'failures', failures, 'message', message, 'worker', worker)) FROM (SELECT * FROM "
    "main.rockset_results "
    "WHERE invocation_id = i.id ORDER BY rowid)))) FROM main.rockset_invocations i WHERE i.id = ?1";
  const size_t before = b->n;
  enum rs_code rc = put_rows(db, sql, id, b, e);
  if (rc == RS_OK && b->n == before)
    rc = rs_fail(e, RS_NOT_FOUND, "run %s: it is not recorded", id);
  return rc;
}
