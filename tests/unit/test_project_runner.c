/*
** The runner with many threads: order, failures that travel, cancelling. The models fail while they
** are compiled, so that no engine is needed.
*/
#include <stdio.h>
#include "project_fixture.h"
#include "src/project/build/build.h"

#define BAD "{% if execute %}{{ exceptions.raise_compiler_error('no') }}{% endif %}"

struct tally {
  size_t n[RS_STATUS_SKIPPED + 1];
  size_t order_broken;
  char last[200];
};

static struct tally run(struct rs_project *p, const char *selection, int threads, bool fail_fast,
                        bool cancel)
{
  struct rs_error e = {0};
  struct rs_node **nodes;
  size_t n;
  struct rs_buf warnings;
  struct rs_target *t = NULL;
  struct rs_run *r = NULL;
  struct tally tally = {0};
  rs_buf_init(&warnings, 1000);
  assert_int_equal(rs_select(p, selection, NULL, &nodes, &n, &warnings, &e), RS_OK);
  assert_int_equal(rs_target_open(p->set.output, &t, &e), RS_OK);
  struct rs_run_options opt = {.target = t, .threads = threads, .fail_fast = fail_fast};
  assert_int_equal(rs_run_start(p, nodes, n, &opt, &r, &e), RS_OK);
  if (cancel) rs_run_cancel(r);
  struct rs_result result;
  enum rs_code rc;
  bool *done = rs_calloc(p->nnodes, sizeof *done);
  assert_non_null(done);
  while ((rc = rs_run_next(r, 20, &result)) != RS_DONE) {
    if (rc == RS_TIMEOUT) continue;
    tally.n[result.status]++;
    for (size_t i = 0; i < result.node->nchildren; i++)
      tally.order_broken += done[result.node->children[i]];
    done[result.node->index] = true;
    snprintf(tally.last, sizeof tally.last, "%s", result.message);
    rs_result_free(&result);
  }
  rs_run_free(r);
  rs_target_release(t);
  rs_free(nodes);
  rs_free(done);
  rs_buf_free(&warnings);
  return tally;
}

static struct rs_project *wide(void)
{
  enum { N = 100 };
  static struct rs_store_model models[2 * N + 3];
  static char names[2 * N][16], texts[2 * N][200];
  for (int i = 0; i < 2 * N; i++) {
    snprintf(names[i], sizeof names[i], "m%d", i);
    if (i < N) snprintf(texts[i], sizeof texts[i], "%s select %d", BAD, i);
    else
      snprintf(texts[i], sizeof texts[i], "select * from {{ ref('m%d') }}, {{ ref('m%d') }}", i - N,
               (i * 7) % N);
    models[i] = (struct rs_store_model){
      .name = names[i], .sql = texts[i], .nsql = strlen(texts[i]), .enabled = true};
  }
  models[2 * N] = (struct rs_store_model)MODEL("hidden", "select * from {{ ref('m0') }}",
                                               .materialized = "ephemeral");
  models[2 * N + 1] = (struct rs_store_model)MODEL("far", "select * from {{ ref('hidden') }}");
  static struct fixture f;
  f.models = models;
  struct rs_project *p;
  struct rs_error e = {0};
  assert_int_equal(fixture_parse(&f, &p, &e), RS_OK);
  return p;
}

static void failures_travel(void **state)
{
  (void)state;
  struct rs_project *p = wide();
  for (int threads = 1; threads <= 8; threads *= 8) {
    struct tally t = run(p, "*", threads, false, false);
    assert_int_equal(t.n[RS_STATUS_ERROR], 100);
    assert_int_equal(t.n[RS_STATUS_SKIPPED], 101);
    assert_int_equal(t.order_broken, 0);
  }
  // through a model that is part of others only
  struct tally t = run(p, "m0 far", 4, false, false);
  assert_int_equal(t.n[RS_STATUS_ERROR], 1);
  assert_int_equal(t.n[RS_STATUS_SKIPPED], 1);
  assert_string_equal(t.last, "skipped: model m0 failed");
  t = run(p, "hidden", 4, false, false);
  assert_int_equal(t.n[0] + t.n[1] + t.n[2], 0);
  rs_project_free(p);
}

static void fail_fast(void **state)
{
  (void)state;
  struct rs_project *p = wide();
  struct tally t = run(p, "*", 1, true, false);
  assert_int_equal(t.n[RS_STATUS_ERROR], 1);
  assert_int_equal(t.n[RS_STATUS_SKIPPED], 200);
  t = run(p, "*", 8, true, false);
  assert_in_range(t.n[RS_STATUS_ERROR], 1, 8);
  assert_int_equal(t.n[RS_STATUS_ERROR] + t.n[RS_STATUS_SKIPPED], 201);
  rs_project_free(p);
}

static void cancelled(void **state)
{
  (void)state;
  struct rs_project *p = wide();
  for (int i = 0; i < 20; i++) {
    struct tally t = run(p, "*", 4, false, true);
    assert_int_equal(t.n[RS_STATUS_ERROR] + t.n[RS_STATUS_SKIPPED], 201);
  }
  rs_project_free(p);
}

/* Freed with results that nobody took and models that nobody built. */
static void freed_early(void **state)
{
  (void)state;
  struct rs_project *p = wide();
  struct rs_error e = {0};
  for (int i = 0; i < 20; i++) {
    struct rs_target *t;
    struct rs_run *r;
    assert_int_equal(rs_target_open(p->set.output, &t, &e), RS_OK);
    struct rs_run_options opt = {.target = t, .threads = 4};
    struct rs_node **models = p->order;
    assert_int_equal(rs_run_start(p, models, 50, &opt, &r, &e), RS_OK);
    rs_target_release(t);
    rs_run_free(r);
  }
  rs_project_free(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(failures_travel), cmocka_unit_test(fail_fast),
                                     cmocka_unit_test(cancelled), cmocka_unit_test(freed_early)};
  return RS_RUN(tests);
}
