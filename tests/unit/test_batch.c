/*
** Microbatches: which spans a run has to build, over months, leap years and the turn of a year;
** what a model must say of itself.
*/
#include "project_fixture.h"
#include <stdio.h>
#include "src/project/model/model.h"

#define NOW INT64_C(1709287200000000) /* 2024-03-01 10:00 UTC */

static struct rs_node node(const char *json)
{
  struct rs_node n = {.name = "m", .config = {.json = json, .event_time = "at"}};
  n.config.strategy = "microbatch";
  return n;
}

static void spans(const char *json, bool all, size_t n, const char *first, const char *last_start,
                  const char *last_end)
{
  struct rs_node m = node(json);
  struct rs_error e = {0};
  struct rs_batches b;
  struct rs_batch one;
  assert_int_equal(rs_batches_read(&m, NOW, all, &b, &e), RS_OK);
  assert_int_equal(b.n, n);
  rs_batches_at(&b, 0, &one);
  assert_string_equal(one.start, first);
  rs_batches_at(&b, n - 1, &one);
  assert_string_equal(one.start, last_start);
  assert_string_equal(one.end, last_end);
}

static void sizes(void **state)
{
  (void)state;
  spans("{\"begin\":\"2024-02-28\",\"batch_size\":\"day\"}", true, 3, "2024-02-28 00:00:00+00:00",
        "2024-03-01 00:00:00+00:00", "2024-03-02 00:00:00+00:00");
  spans("{\"begin\":\"2024-01-01\",\"batch_size\":\"day\"}", false, 2, "2024-02-29 00:00:00+00:00",
        "2024-03-01 00:00:00+00:00", "2024-03-02 00:00:00+00:00");
  spans("{\"begin\":\"2024-03-01 08:30:00\",\"batch_size\":\"hour\",\"lookback\":9}", false, 3,
        "2024-03-01 08:00:00+00:00", "2024-03-01 10:00:00+00:00", "2024-03-01 11:00:00+00:00");
  spans("{\"begin\":\"2023-11-15T00:00\",\"batch_size\":\"month\"}", true, 5,
        "2023-11-01 00:00:00+00:00", "2024-03-01 00:00:00+00:00", "2024-04-01 00:00:00+00:00");
  spans("{\"begin\":\"1969-06-01\",\"batch_size\":\"year\",\"lookback\":0}", false, 1,
        "2024-01-01 00:00:00+00:00", "2024-01-01 00:00:00+00:00", "2025-01-01 00:00:00+00:00");
  spans("{\"begin\":\"1969-06-01\",\"batch_size\":\"year\"}", true, 56, "1969-01-01 00:00:00+00:00",
        "2024-01-01 00:00:00+00:00", "2025-01-01 00:00:00+00:00");
}

static void names(void **state)
{
  static const char *const ids[] = {"20240301T10", "20240301", "202403", "2024"};
  static const char *const sizes_[] = {"hour", "day", "month", "year"};
  (void)state;
  for (size_t i = 0; i < 4; i++) {
    char json[100];
    struct rs_batches b;
    struct rs_batch one;
    struct rs_error e = {0};
    snprintf(json, sizeof json, "{\"begin\":\"2024-01-01\",\"batch_size\":\"%s\",\"lookback\":0}",
             sizes_[i]);
    struct rs_node m = node(json);
    assert_int_equal(rs_batches_read(&m, NOW, false, &b, &e), RS_OK);
    rs_batches_at(&b, 0, &one);
    assert_string_equal(one.id, ids[i]);
  }
}

static void refuses(const char *json, const char *event_time, enum rs_code code, const char *part)
{
  struct rs_node m = node(json);
  struct rs_error e = {0};
  struct rs_batches b;
  m.config.event_time = event_time;
  assert_int_equal(rs_batches_read(&m, NOW, true, &b, &e), code);
  if (strstr(e.text, part) == NULL) print_error("%s\n", e.text);
  assert_non_null(strstr(e.text, part));
}

static void refused(void **state)
{
  (void)state;
  refuses("{\"begin\":\"2024-01-01\",\"batch_size\":\"day\"}", NULL, RS_INVALID, "'event_time'");
  refuses("{\"batch_size\":\"day\"}", "at", RS_INVALID, "'begin'");
  refuses("{\"begin\":\"2024-1-1\",\"batch_size\":\"day\"}", "at", RS_INVALID, "'begin'");
  refuses("{\"begin\":\"2024-13-01\",\"batch_size\":\"day\"}", "at", RS_INVALID, "'begin'");
  refuses("{\"begin\":\"2024-01-01x\",\"batch_size\":\"day\"}", "at", RS_INVALID, "'begin'");
  refuses("{\"begin\":\"2024-01-01\",\"batch_size\":\"week\"}", "at", RS_INVALID, "'batch_size'");
  refuses("{\"begin\":\"1970-01-01\",\"batch_size\":\"hour\"}", "at", RS_LIMIT,
          "larger batch_size");
  refuses("{\"begin\":\"2024-01-01\",\"batch_size\":\"day\",\"lookback\":-1}", "at", RS_INVALID,
          "lookback");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(names),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
