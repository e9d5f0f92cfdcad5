/* The rockset adapter when memory runs out: each scenario runs with its 1st, 2nd, ... allocation
** of ours failing, once and for good, until it gets through. Nothing may leak or crash; what fails
** says that memory ran out, or (where a parser can't tell) that an answer is not JSON. */
#include "session_steps.h"
#include "src/engine/rockset/rockset.h"

static const char script[] =
  "types\npage 2\n"
  "rows select 1;[{\"a\":1,\"b\":\"x\"},{\"a\":2},{\"a\":3},{\"a\":0.12345678901234567},{\"a\":5},"
  "{\"a\":6},{\"a\":7},{\"a\":8},{\"a\":9}]\n"
  "rows select 2;[{\"a\":{\"__rockset_type\":\"bytes\",\"value\":\"AAE=\"}}]\n"
  "entity collections commons c {\"docs\":{\"1\":{\"_id\":\"1\",\"a\":1}}}\n"
  "entity aliases commons al {\"collections\":[\"commons.c\"]}\n"
  "entity views commons v {\"query\":\"select 1\",\"entities\":[\"commons.c\"]}\n";

static enum rs_code querying(struct rs_session *s, struct rs_error *e)
{
  const struct rs_value v = {.kind = RS_TEXT, .s = {"x", 1}};
  const struct rs_statement st = {.sql = "select 1 where :p1", .params = &v, .nparams = 1};
  struct rs_rows *r = NULL;
  int rows = 0;
  enum rs_code rc = rs_session_query(s, &st, &r, e);
  while (rc == RS_OK && (rc = rs_rows_next(r, e)) == RS_OK) {
    struct rs_value out;
    rs_rows_get(r, 0, &out);
    rows++;
  }
  rs_rows_close(r);
  if (rc == RS_DONE) assert_int_equal(rows, 9); // pages enough to be fetched ahead
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code bytes(struct rs_session *s, struct rs_error *e)
{
  const struct rs_statement st = {.sql = "select 2"};
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_session_query(s, &st, &r, e);
  if (rc == RS_OK) rc = rs_rows_next(r, e);
  rs_rows_close(r);
  return rc;
}

static enum rs_code describing(struct rs_session *s, struct rs_error *e)
{
  struct rs_columns c = {0};
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, REL("al"), &c, &kind, e);
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

static enum rs_code building(struct rs_session *s, struct rs_error *e)
{
  struct rs_build how = {0};
  return rs_session_replace(s, REL("t"), "select 1", &how, NULL, e);
}

static enum rs_code viewing(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("w"), "select 1", RS_AS_VIEW, NULL, e);
}

static enum rs_code writing(struct rs_session *s, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_document d[2] = {{.json = "{}", .n = 2}, {.json = "{\"_id\":\"a\"}", .n = 11}};
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_session_write(s, REL("al"), RS_WRITE_ADD, d, 2, &a, NULL, e);
  rs_arena_free(&a);
  return rc;
}

static void queries(void **state)
{
  (void)state;
  at_every_allocation(querying);
  at_every_allocation(bytes);
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
  at_every_allocation(building);
  at_every_allocation(viewing);
}

static void documents(void **state)
{
  (void)state;
  at_every_allocation(writing);
}

static int start(void **state)
{
  (void)state;
  wire_program = "rockset.py";
  server = wire_start(script);
  target = target_at(server->url, NULL, false);
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
  rs_rockset_second_ms = 1;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(queries),
    cmocka_unit_test(relations),
    cmocka_unit_test(builds),
    cmocka_unit_test(documents),
  };
  return cmocka_run_group_tests(tests, start, stop);
}
