/*
** rockset_push(source, collection [, options])
** rockset_pull(source, table [, options])
** rockset_follow(table, collection [, options])
** rockset_sync([table])
** rockset_unfollow(table [, collection])
**
** ARGUMENTS
**   rockset_push   source       TEXT. A table or view ('orders', 'temp.orders'), or one SELECT
**                  collection   TEXT. Its name, 'name' or 'workspace.name'; the workspace is made
**                  options      TEXT, a JSON object:
**                    mode       create, append, replace, upsert. Default: upsert when there is a
**                               key, else replace
**                    key        a column or a list of columns; their text becomes `_id`
**                    cursor     a column: only rows with at least the value of the last push
**                    json       columns whose texts are JSON
**   rockset_pull   source       TEXT. A collection or view, or one query of the target's SQL
**                  table        TEXT. A table of main; made when it is missing
**                  options      mode (changes, full), key, cursor; batch: rows of a commit
**   rockset_follow table        TEXT. A plain table of main with a key
**                  collection   TEXT. Where its rows go; the workspace is made
**                  options      TEXT, a JSON object:
**                    key        columns of a unique index. Default: the primary key
**                    replace    true: a collection that exists is replaced
**   rockset_sync   table        TEXT. Default: all that are followed
**   rockset_unfollow  table, collection: TEXT. Default: all that follow the table
**
** RESULT
**   TEXT, a JSON object with SQLite's JSON subtype: what was done, and how far it went.
**   rockset_unfollow: INTEGER, how many collections follow it no more.
**
** ERRORS
**   "<function>: ...". rockset_push refuses to run between BEGIN and COMMIT; rockset_pull takes
**   part in the transaction there. A cursor needs the tables of rockset_init(). rockset_follow and
**   rockset_sync refuse likewise; what was not sent stays queued.
**
** SAFETY
**   All are DIRECTONLY.
*/
#include <string.h>
#include "src/sql/relname.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "ext/base/args.h"
#include "ext/base/call.h"
#include "internal.h"

static void add_place(struct rs_buf *b, const char *cursor, const struct rs_value *since,
                      const struct rs_value *mark)
{
  if (cursor == NULL) return;
  rs_buf_str(b, ",\"cursor\":");
  rs_buf_json_str(b, cursor, strlen(cursor));
  if (since->kind != RS_NULL) {
    rs_buf_str(b, ",\"since\":");
    rs_copy_json(b, since);
  }
  rs_buf_str(b, ",\"high_water_mark\":");
  rs_copy_json(b, mark);
}

static void give_json(struct rs_call *c, enum rs_code rc, struct rs_buf *b)
{
  rs_buf_char(b, '}');
  if (rc == RS_OK) rc = rs_buf_error(b, &c->e, c->fn);
  rs_call_end_text(c, rc, rs_buf_text(b), true);
  rs_buf_free(b);
}

/* ---- rockset_push ---------------------------------------------------------------------------- */

static void add_pushed(struct rs_buf *b, const struct rs_copy_push *p)
{
  struct rs_buf name;
  rs_buf_init(&name, 1 << 16);
  rs_relation_text(&name, &p->rel);
  rs_buf_str(b, "{\"collection\":");
  rs_buf_json_str(b, rs_buf_text(&name), name.n);
  rs_buf_printf(b, ",\"mode\":\"%s\",\"rows\":%lld", p->mode, (long long)p->rows);
  if (p->inserted >= 0)
    rs_buf_printf(b, ",\"inserted\":%lld,\"updated\":%lld", (long long)p->inserted,
                  (long long)p->updated);
  add_place(b, p->cursor, &p->since, &p->mark);
  rs_buf_free(&name);
}

static void push_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf b;
  const char *options = NULL;
  rs_call_init(&c, ctx, "rockset_push");
  struct rs_copy_push p = {.c = c.conn, .db = rs_conn_db(c.conn), .what = c.fn};
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_arg_sql(argv[0], c.fn, "table or query", &p.source, &c.e);
  if (rc == RS_OK) rc = rs_call_relation(&c, argv[1], "collection", &p.rel);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "options argument", &options, &c.e);
  if (rc == RS_OK) rc = rs_copy_push_options(&p, options, &c.arena, &c.e);
  if (rc == RS_OK) rc = rs_call_open(&c);
  p.session = c.session;
  if (rc == RS_OK) rc = rs_copy_push_run(&p, &c.arena, &c.e);
  if (rc == RS_OK) add_pushed(&b, &p);
  give_json(&c, rc, &b);
}

/* ---- rockset_pull ---------------------------------------------------------------------------- */

static void add_pulled(struct rs_buf *b, const struct rs_copy_pull *p)
{
  rs_buf_str(b, "{\"table\":");
  rs_buf_json_str(b, p->table, strlen(p->table));
  rs_buf_printf(b,
                ",\"mode\":\"%s\",\"rows\":%lld,\"inserted\":%lld,\"updated\":%lld,\"deleted\":"
                "%lld",
                p->mode, (long long)p->rows, (long long)p->inserted, (long long)p->updated,
                (long long)p->deleted);
  add_place(b, p->cursor, &p->since, &p->mark);
}

static void pull_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf b;
  const char *options = NULL;
  rs_call_init(&c, ctx, "rockset_pull");
  struct rs_copy_pull p = {.c = c.conn, .what = c.fn};
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_arg_sql(argv[0], c.fn, "collection or query", &p.source, &c.e);
  if (rc == RS_OK) rc = rs_arg_text(argv[1], c.fn, "table", &p.table, &c.e);
  if (rc == RS_OK && p.table[0] == 0)
    rc = rs_fail(&c.e, RS_INVALID, "%s: the table's name is empty", c.fn);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "options argument", &options, &c.e);
  if (rc == RS_OK) rc = rs_copy_pull_options(&p, options, &c.arena, &c.e);
  if (rc == RS_OK) rc = rs_call_open_reader(&c);
  p.session = c.session;
  if (rc == RS_OK) rc = rs_copy_pull_run(&p, &c.arena, &c.e);
  if (rc == RS_OK) add_pulled(&b, &p);
  give_json(&c, rc, &b);
}

/* ---- rockset_follow, rockset_sync, rockset_unfollow ------------------------------------------ */

static void follow_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf b, name;
  const char *table = NULL, *options = NULL, *key = NULL;
  bool replace = false;
  struct rs_relation rel = {.name = ""};
  struct rs_follow_sent sent = {.lenient = false};
  rs_call_init(&c, ctx, "rockset_follow");
  rs_buf_init(&b, 1 << 20);
  rs_buf_init(&name, 1 << 16);
  const struct rs_option known[] = {{"key", RS_OPT_JSON, &key, NULL},
                                    {"replace", RS_OPT_BOOL, &replace, NULL}};
  enum rs_code rc = rs_arg_text(argv[0], c.fn, "table", &table, &c.e);
  if (rc == RS_OK) rc = rs_call_relation(&c, argv[1], "collection", &rel);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, c.fn, "options argument", &options, &c.e);
  if (rc == RS_OK)
    rc = rs_options_read(options, known, sizeof known / sizeof *known, c.fn, &c.arena, &c.e);
  if (rc == RS_OK) rc = rs_call_open(&c);
  if (rc == RS_OK) rs_conn_set_syncs(c.conn);
  if (rc == RS_OK)
    rc = rs_follow_begin(c.conn, c.session, table, &rel, key, replace, &sent, &c.arena, &c.e);
  if (rc == RS_OK) {
    rs_relation_text(&name, &rel);
    rs_buf_str(&b, "{\"table\":");
    rs_buf_json_str(&b, table, strlen(table));
    rs_buf_str(&b, ",\"collection\":");
    rs_buf_json_str(&b, rs_buf_text(&name), name.n);
    rs_buf_printf(&b, ",\"rows\":%lld", (long long)sent.rows);
  }
  rs_buf_free(&name);
  give_json(&c, rc, &b);
}

static void sync_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf b;
  const char *table = NULL;
  struct rs_follow_sent sent = {.lenient = false};
  rs_call_init(&c, ctx, "rockset_sync");
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_arg_optional(argc, argv, 0, c.fn, "table", &table, &c.e);
  if (rc == RS_OK) rc = rs_conn_no_transaction(c.conn, c.fn, &c.e);
  if (rc == RS_OK) rs_conn_set_syncs(c.conn);
  if (rc == RS_OK) rc = rs_follow_sync(c.conn, table, NULL, true, &sent, &c.e);
  if (rc == RS_OK)
    rs_buf_printf(&b, "{\"rows\":%lld,\"deleted\":%lld", (long long)sent.rows,
                  (long long)sent.deleted);
  give_json(&c, rc, &b);
}

static void unfollow_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct rs_call c;
  struct rs_buf name;
  struct rs_relation rel;
  const char *table = NULL, *remote = NULL;
  int64_t n = 0;
  rs_call_init(&c, ctx, "rockset_unfollow");
  rs_buf_init(&name, 1 << 16);
  enum rs_code rc = rs_arg_text(argv[0], c.fn, "table", &table, &c.e);
  if (rc == RS_OK && argc > 1) {
    rc = rs_call_relation(&c, argv[1], "collection", &rel);
    if (rc == RS_OK) rs_relation_text(&name, &rel);
    remote = rs_buf_text(&name);
  }
  if (rc == RS_OK) rc = rs_conn_no_transaction(c.conn, c.fn, &c.e);
  if (rc == RS_OK) rc = rs_follow_end(rs_conn_db(c.conn), table, remote, &n, &c.e);
  rs_buf_free(&name);
  rs_call_end(&c, rc, n);
}

/* ---- registration ---------------------------------------------------------------------------- */

int rs_copies_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_push", 2, 3, push_function},         {"rockset_pull", 2, 3, pull_function},
    {"rockset_follow", 2, 3, follow_function},     {"rockset_sync", 0, 1, sync_function},
    {"rockset_unfollow", 1, 2, unfollow_function},
  };
  rs_conn_set_before(c, rs_copies_sync);
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
