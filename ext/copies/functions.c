/*
** rockset_push(source, collection [, options])
** rockset_pull(source, table [, options])
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
**
** RESULT
**   TEXT, a JSON object with SQLite's JSON subtype: what was done, and how far it went.
**
** ERRORS
**   "<function>: ...". rockset_push refuses to run between BEGIN and COMMIT; rockset_pull takes
**   part in the transaction there. A cursor needs the tables of rockset_init().
**
** SAFETY
**   Both are DIRECTONLY.
*/
#include <string.h>
#include "src/sql/relname.h"
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

/* ---- registration ---------------------------------------------------------------------------- */

int rs_copies_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_push", 2, 3, push_function},
    {"rockset_pull", 2, 3, pull_function},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
