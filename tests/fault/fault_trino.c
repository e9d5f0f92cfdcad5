/* The trino adapter when memory runs out: each scenario runs with its 1st, 2nd, ... allocation of
** ours failing, once and for good, until it gets through. Nothing may leak or crash; what fails
** says that memory ran out, or (where a parser can't tell) that an answer is not JSON. */
#include "session_steps.h"
#include "src/engine/trino/trino.h"
#include "push_rows.h"

/* Relations: t and s are tables, v is a view; of t a build was killed. */
static const char script[] =
  "rows FROM information_schema.tables WHERE;table_name varchar! table_type varchar;"
  "[[\"__rs_tmp_t_6b01b4d1edcd\",\"BASE TABLE\"],[\"__rs_old_t_6b01b4d1edcd\",\"BASE TABLE\"]]\n"
  "rows row_estimate, definition FROM;workspace varchar! name varchar! kind integer! "
  "row_estimate bigint! definition varchar;[[\"commons\",\"t\",1,7,null],"
  "[\"commons\",\"v\",2,-1,\"select 1\"]]\n"
  "rows SELECT workspace, name, kind FROM.*'(t|v|s)';workspace varchar! name varchar! kind integer;"
  "[[\"commons\",\"t\",1],[\"commons\",\"v\",2],[\"commons\",\"s\",1]]\n"
  "rows SELECT workspace, name, kind FROM.*'(__rs_tmp_new_[0-9a-f]+)';workspace varchar! "
  "name varchar! kind integer;[[\"commons\",\"$1\",1]]\n"
  "rows SELECT workspace, name, kind FROM;workspace varchar! name varchar! kind integer;[]\n"
  "rows SELECT DISTINCT workspace;workspace varchar;[[\"commons\"]]\n"
  "rows IS NULL LIMIT 1|HAVING count;k varchar;[]\n"
  "rows LIMIT 0$;_id varchar! a bigint;[]\n"
  "error OR REPLACE TABLE \"commons\".\"s\";NOT_SUPPORTED;this connector can't replace tables\n"
  "rows select ..*, ;a bigint! b timestamp(3)! c varbinary! d array(row(x double, y varchar))! "
  "e decimal(38,2);[[1,\"2020-01-01 00:00:00.100\",\"AAE=\",[[\"NaN\",\"it's\"]],\"1.50\"],"
  "[2,null,null,[],null]]\n";

static enum rs_code querying(struct rs_session *s, struct rs_error *e)
{
  const struct rs_value v[] = {{.kind = RS_TEXT, .s = {"it's", 4}}, {.kind = RS_FLOAT, .f = 0.5}};
  const struct rs_statement st = {.sql = "select ?, ?", .params = v, .nparams = 2};
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_session_query(s, &st, &r, e);
  int rows = 0;
  while (rc == RS_OK && (rc = rs_rows_next(r, e)) == RS_OK) {
    struct rs_value out;
    for (size_t i = 0; i < 5; i++) rs_rows_get(r, i, &out);
    rows++;
  }
  if (rc == RS_DONE) rc = rows == 2 ? RS_OK : RS_INTERNAL;
  rs_rows_close(r);
  return rc;
}

static enum rs_code describing(struct rs_session *s, struct rs_error *e)
{
  struct rs_columns c = {0};
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, REL("t"), &c, &kind, e);
  rs_columns_free(&c);
  return rc;
}

static enum rs_code see(void *ctx, const struct rs_relation_info *i)
{
  (void)ctx;
  (void)i;
  return RS_OK;
}

static enum rs_code listing(struct rs_session *s, struct rs_error *e)
{
  return rs_session_relations(s, NULL, NULL, see, NULL, e);
}

static enum rs_code replacing(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("t"), "select 1", NULL, NULL, e);
}

/* By two renames. */
static enum rs_code swapping(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("s"), "select 1", NULL, NULL, e);
}

static enum rs_code declaring(struct rs_session *s, struct rs_error *e)
{
  struct rs_build how = {.columns = "_id varchar NOT NULL, a bigint"};
  int64_t rows;
  return rs_session_replace(s, REL("new"), "select 'x' as _id, 1 as a", &how, &rows, e);
}

static enum rs_code viewing(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("v"), "select 1", RS_AS_VIEW, NULL, e);
}

static enum rs_code view_for_table(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("t"), "select 1", RS_AS_VIEW, NULL, e);
}

static enum rs_code merging(struct rs_session *s, struct rs_error *e)
{
  static const char *const keys[] = {"_id"};
  return rs_session_add_select(s, REL("t"), "select 'x' as _id, 1 as a",
                               &(const struct rs_adding){.keys = keys, .nkeys = 1}, NULL, e);
}

static enum rs_code appending(struct rs_session *s, struct rs_error *e)
{
  return rs_session_add_select(s, REL("t"), "select 'x' as _id, 1 as a",
                               &(const struct rs_adding){.evolves = true}, NULL, e);
}

static enum rs_code pushing(struct rs_session *s, struct rs_error *e)
{
  pushed_rows = 1; // which is what the server says has arrived
  enum rs_code rc = push_rows(s, REL("t"), RS_PUSH_REPLACE, e);
  return rc == RS_OK ? push_rows(s, REL("t"), RS_PUSH_UPSERT, e) : rc;
}

static void queries(void **state)
{
  (void)state;
  at_every_allocation(querying);
}

static void relations(void **state)
{
  (void)state;
  at_every_allocation(describing);
  at_every_allocation(listing);
}

static void builds(void **state)
{
  (void)state;
  at_every_allocation(replacing);
  at_every_allocation(swapping);
  at_every_allocation(declaring);
}

static void views(void **state)
{
  (void)state;
  at_every_allocation(viewing);
  at_every_allocation(view_for_table);
}

static void rows(void **state)
{
  (void)state;
  at_every_allocation(merging);
  at_every_allocation(appending);
  at_every_allocation(pushing);
}

static struct rs_target *open_target(int port)
{
  struct rs_output *o = rs_output_new();
  struct rs_field *f = rs_arena_calloc(rs_output_arena(o), 5 * sizeof *f);
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  f[0] = (struct rs_field){"host", RS_FIELD_TEXT, false, "127.0.0.1", 0};
  f[1] = (struct rs_field){"port", RS_FIELD_INT, false, "", port};
  f[2] = (struct rs_field){"user", RS_FIELD_TEXT, false, "me", 0};
  f[3] = (struct rs_field){"database", RS_FIELD_TEXT, false, "iceberg", 0};
  f[4] = (struct rs_field){"http_scheme", RS_FIELD_TEXT, false, "http", 0};
  o->type = "trino";
  o->profile_name = "test";
  o->target_name = "dev";
  o->workspace = "commons";
  o->threads = 1;
  o->source = o->found = "";
  o->fields = f;
  o->nfields = 5;
  if (rs_target_open(o, &t, &e) != RS_OK) fail_msg("%s", e.text);
  rs_output_release(o);
  return t;
}

static int start(void **state)
{
  (void)state;
  wire_program = "trino.py";
  server = wire_start(script);
  target = open_target(server->port);
  return 0;
}

static int stop(void **state)
{
  (void)state;
  rs_target_release(target);
  wire_stop(server);
  return 0;
}

int main(void)
{
  rs_trino_second_ms = 1;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(queries), cmocka_unit_test(relations), cmocka_unit_test(builds),
    cmocka_unit_test(views),   cmocka_unit_test(rows),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
