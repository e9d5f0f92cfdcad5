/* The control plane and documents on DuckDB when memory runs out: each scenario runs with its 1st,
** 2nd, ... allocation of ours failing, once and for good, until it gets through. Nothing may leak
** or crash, a failure that is told must be RS_NOMEM, and what is written is written whole. */
#include "tests/unit/duck.h"
#include "src/engine/control.h"
#include "src/engine/sql/control.h"

static struct rs_target *target;
static struct rs_session *s;

/* Blocks that a kept statement, its parameters and the session's memory of tables may hold. */
enum { SLACK = 60 };

typedef enum rs_code scenario(struct rs_error *e);

/* stride: of a long scenario only every so manieth allocation fails. */
static void at_allocations(scenario *run, int stride)
{
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    for (int n = 1 + sticky; failed; n += stride) {
      struct rs_error e = {0};
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = run(&e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != RS_OK && (rc != RS_NOMEM || !failed))
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      if (rs_mem_live() > live + SLACK)
        fail_msg("allocation %d: %d blocks leak", n, (int)(rs_mem_live() - live));
    }
  }
}

static enum rs_code see_doc(void *ctx, const struct rs_control_doc *d)
{
  (void)d;
  ++*(int *)ctx;
  return RS_OK;
}

static enum rs_code documents(struct rs_error *e)
{
  const struct rs_control_doc d = {"api_key", "", "k", "", "{\"a\":1}", NULL, NULL};
  const struct rs_control_doc all = {.kind = "api_key"};
  struct rs_control_doc got;
  struct rs_arena a;
  int n = 0;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_sql_control_put(s, &d, e);
  if (rc == RS_OK) rc = rs_sql_control_get(s, &d, &a, &got, e);
  if (rc == RS_OK) rc = rs_sql_control_each(s, &all, see_doc, &n, e);
  rs_arena_free(&a);
  return rc;
}

static enum rs_code see_alias(void *ctx, const struct rs_alias *x)
{
  (void)x;
  ++*(int *)ctx;
  return RS_OK;
}

static enum rs_code alias_of(const char *const *names, size_t n_names, struct rs_error *e)
{
  const struct rs_alias x = {
    .workspace = "commons", .name = "now", .collections = names, .ncollections = n_names};
  const struct rs_relation rel = {.workspace = "commons", .name = "now"},
                           t = {.workspace = "commons", .name = "t"};
  int n = 0;
  enum rs_code rc = rs_session_put_alias(s, &x, RS_PUT_EITHER, e);
  if (rc == RS_OK) rc = rs_session_aliases(s, NULL, see_alias, &n, e);
  if (rc == RS_OK) {
    rc = rs_session_drop(s, &t, RS_REL_NONE, 0, e);
    if (rc == RS_CONSTRAINT) rc = RS_OK; // the alias stands for it
    else if (rc == RS_OK) rc = RS_INTERNAL;
  }
  if (rc == RS_OK) rc = rs_session_drop(s, &rel, RS_REL_ALIAS, 0, e);
  return rc;
}

static const char *const collections[] = {"commons.t", "commons.u"};

static enum rs_code aliases(struct rs_error *e)
{
  return alias_of(collections, 1, e);
}

static enum rs_code aliases_of_several(struct rs_error *e)
{
  return alias_of(collections, 2, e);
}

static enum rs_code see_lambda(void *ctx, const struct rs_lambda *l, const char *tag)
{
  (void)l;
  (void)tag;
  ++*(int *)ctx;
  return RS_OK;
}

static enum rs_code lambdas(struct rs_error *e)
{
  const struct rs_lambda_ref ref = {.lambda = {.workspace = "commons", .name = "q"}};
  const struct rs_named_param p = {"x", NULL, {.kind = RS_INT, .i = 5}};
  struct rs_lambda l = {.workspace = "commons",
                        .name = "q",
                        .sql = "SELECT :x AS x, :d AS d, a FROM t",
                        .parameters = "[{\"name\":\"x\",\"type\":\"int\",\"value\":\"1\"},"
                                      "{\"name\":\"d\",\"type\":\"date\",\"value\":\"2020-1-2\"}]"};
  struct rs_rows *rows = NULL;
  struct rs_arena a;
  int n = 0;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_session_lambda_drop(s, &ref, e);
  if (rc == RS_NOT_FOUND) rc = RS_OK;
  if (rc == RS_OK) rc = rs_session_lambda_put(s, &l, RS_PUT_CREATE, &a, e);
  if (rc == RS_OK) rc = rs_session_lambda_tag(s, &ref.lambda, "prod", l.version, e);
  if (rc == RS_OK)
    rc = rs_session_lambdas(s, RS_LAMBDAS, &(const struct rs_relation){.workspace = NULL},
                            see_lambda, &n, e);
  if (rc == RS_OK) rc = rs_session_lambdas(s, RS_LAMBDA_TAGS, &ref.lambda, see_lambda, &n, e);
  if (rc == RS_OK) rc = rs_session_lambda_query(s, &ref, &p, 1, &rows, e);
  if (rc == RS_OK) rc = rs_rows_next(rows, e);
  rs_rows_close(rows);
  rs_arena_free(&a);
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code write_one(enum rs_write_op op, const char *json, struct rs_error *e)
{
  const struct rs_relation rel = {.workspace = "commons", .name = "d"};
  struct rs_document d[2] = {{.json = json, .n = strlen(json)}, {.json = "{", .n = 1}};
  struct rs_arena a;
  const char *offset;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_session_write(s, &rel, op, d, 2, &a, &offset, e);
  if (rc == RS_OK && (d[0].status == RS_WRITTEN_ERROR || d[1].status != RS_WRITTEN_ERROR))
    rc = RS_INTERNAL;
  rs_arena_free(&a);
  return rc;
}

/* New columns and wider ones each time: the table is made anew. */
static enum rs_code adding(struct rs_error *e)
{
  const struct rs_relation rel = {.workspace = "commons", .name = "d"};
  enum rs_code rc = rs_session_drop(s, &rel, RS_REL_NONE, RS_DROP_IF_EXISTS, e);
  if (rc == RS_OK) rc = rs_session_create(s, &rel, false, e);
  if (rc == RS_OK)
    rc = write_one(
      RS_WRITE_ADD,
      "{\"_id\":\"1\",\"a\":1,\"b\":{\"k\":[1,{\"z\":null}]},\"c\":{\"__rockset_type\":"
      "\"date\",\"value\":\"2020-01-02\"},\"e\":\"\\u00e9\"}",
      e);
  if (rc == RS_OK)
    rc = write_one(RS_WRITE_ADD, "{\"a\":\"t\",\"A\":true,\"b\":{\"m\":2},\"_event_time\":5}", e);
  return rc;
}

static enum rs_code patching(struct rs_error *e)
{
  enum rs_code rc = write_one(RS_WRITE_ADD, "{\"_id\":\"p\",\"x\":1,\"o\":{\"k\":[1,2]}}", e);
  if (rc == RS_OK)
    rc = write_one(RS_WRITE_PATCH,
                   "{\"_id\":\"p\",\"patch\":[{\"op\":\"increment\",\"path\":\"/x\",\"value\":1},"
                   "{\"op\":\"move\",\"from\":\"/o/k/0\",\"path\":\"/o/z\"}]}",
                   e);
  if (rc == RS_OK) rc = write_one(RS_WRITE_DELETE, "{\"_id\":\"p\"}", e);
  return rc;
}

static void test_documents(void **state)
{
  (void)state;
  at_allocations(documents, 1);
}

static void test_aliases(void **state)
{
  (void)state;
  at_allocations(aliases, 17);
  at_allocations(aliases_of_several, 17);
}

static void test_lambdas(void **state)
{
  (void)state;
  at_allocations(lambdas, 23);
}

static void test_adding(void **state)
{
  (void)state;
  at_allocations(adding, 13);
}

static void test_patching(void **state)
{
  (void)state;
  at_allocations(patching, 11);
}

static int set_up(void **state)
{
  (void)state;
  target = duck_target(duck_output(":memory:", NULL));
  s = duck_session(target);
  duck_run(s, "CREATE SCHEMA commons");
  duck_run(s, "CREATE TABLE commons.t AS SELECT 1 AS a");
  duck_run(s, "CREATE TABLE commons.u AS SELECT 'x' AS a, 2 AS b");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_session_close(s);
  rs_target_release(target);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_documents), cmocka_unit_test(test_aliases),
    cmocka_unit_test(test_lambdas),   cmocka_unit_test(test_adding),
    cmocka_unit_test(test_patching),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
