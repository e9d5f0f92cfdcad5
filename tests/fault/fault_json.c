/* The row slicer and tagged texts when memory runs out: each scenario runs with its 1st, 2nd, ...
** allocation failing, once and for good, until it gets through. Nothing may leak or crash, and
** every failure that is told is RS_NOMEM. */
#include "tests/unit/json_fixture.h"
#include "src/engine/documents/documents.h"
#include "src/value/boxed.h"

typedef enum rs_code scenario(struct rs_error *e);

static void at_every_allocation(scenario *run)
{
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    for (int n = 1; failed; n++) {
      struct rs_error e = {0};
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = run(&e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != RS_OK && (rc != RS_NOMEM || !failed))
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      if (rc == RS_NOMEM && e.code != RS_NOMEM) fail_msg("allocation %d: no text", n);
      if (rs_mem_live() != live) fail_msg("allocation %d leaks", n);
    }
  }
}

static enum rs_code ignore(void *ctx, const char *name, size_t name_n, const char *json, size_t n,
                           struct rs_error *e)
{
  (void)ctx, (void)name, (void)name_n, (void)json, (void)n, (void)e;
  return RS_OK;
}

/* Reads all; the values too, where a failure to decode one counts as one. */
static enum rs_code read_all(struct rs_json_rows *r, struct rs_error *e)
{
  struct rs_json_batch *b;
  struct rs_value v;
  size_t n;
  bool complete = true;
  enum rs_code rc;
  while ((rc = rs_json_rows_next(r, &b, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n; i++)
      for (size_t c = 0; c < rs_json_batch_columns(b, NULL); c++)
        complete = rs_json_batch_timestamp(b, i, c, &v) && complete;
    rs_json_batch_free(b);
  }
  if (rc != RS_DONE) return rc;
  return complete ? RS_OK : rs_nomem(e);
}

static enum rs_code read_text_as(const char *text, size_t n, const struct rs_json_options *o,
                                 bool choose, struct rs_error *e)
{
  static const char *const names[] = {"a", "k3"};
  static const size_t positions[] = {1, 0};
  struct feed f = {.p = text, .n = n, .piece = 3000};
  struct rs_json_source s = {feed_read, &f};
  struct rs_json_rows *r;
  enum rs_code rc = rs_json_rows_open(&s, o, &r, e);
  if (rc != RS_OK) return rc;
  if (choose) {
    rc = o->shape == RS_JSON_OBJECTS ? rs_json_rows_project(r, names, 2, e)
                                     : rs_json_rows_pick(r, positions, 2, 0, e);
  }
  if (rc == RS_OK) rc = rs_json_rows_head(r, e);
  if (rc == RS_OK) rc = read_all(r, e);
  if (rc == RS_OK) {
    f.at = 0; // the same once more, as the next page
    rc = rs_json_rows_restart(r, &s, e);
    if (rc == RS_OK) rc = read_all(r, e);
  }
  rs_json_rows_close(r);
  return rc;
}

static const char objects[] =
  "{\"m\":{\"x\":1},\"results\":[{\"a\":1,\"b\":\"2019-11-09\"},{\"b\":0,\"\\u0061\":\"\\n\"},"
  "{\"a very long key that no table of keys has room for, since it is longer than others\":1},"
  "{\"c\":[],\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1},"
  "{\"c\":{\"__rockset_type\":\"BYTES\",\"value\":\"AAE=\"}}],\"n\":2}";

static enum rs_code all_columns(struct rs_error *e)
{
  struct rs_json_options o = {
    .what = "result", .rows = "results", .member = ignore, .typed = true, .batch_rows = 2};
  return read_text_as(objects, sizeof objects - 1, &o, false, e);
}

static enum rs_code projection(struct rs_error *e)
{
  struct rs_json_options o = {.what = "result", .rows = "results", .batch_text = 50};
  return read_text_as(objects, sizeof objects - 1, &o, true, e);
}

static enum rs_code arrays(struct rs_error *e)
{
  static const char text[] = "{\"data\":[[1,\"a\"],[2,\"b\",3],[4,5,6,7,8,9,10,11,12,13]]}";
  struct rs_json_options o = {.what = "result", .rows = "data", .shape = RS_JSON_ARRAYS};
  enum rs_code rc = read_text_as(text, sizeof text - 1, &o, true, e);
  return rc == RS_OK ? read_text_as(text, sizeof text - 1, &o, false, e) : rc;
}

/* A row that makes the window grow, among small ones; a number with more digits than any buffer. */
static struct rs_buf large;

static enum rs_code large_rows(struct rs_error *e)
{
  struct rs_json_options o = {.what = "result", .rows = "results"};
  return read_text_as(large.p, large.n, &o, false, e);
}

static void make_large_text(void)
{
  rs_buf_init(&large, 1 << 24);
  rs_buf_str(&large, "{\"results\":[{\"a\":1.");
  for (int i = 0; i < 200; i++) rs_buf_char(&large, '7');
  for (int i = 0; i < 3000; i++) rs_buf_printf(&large, "},{\"a\":%d", i);
  rs_buf_str(&large, "},{\"a\":\"");
  for (int i = 0; i < 100000; i++) rs_buf_str(&large, "0123456789");
  rs_buf_str(&large, "\"");
  for (int i = 0; i < 3000; i++) rs_buf_printf(&large, "},{\"a\":%d", i);
  rs_buf_str(&large, "}]}");
}

static void test_all_columns(void **state)
{
  (void)state;
  at_every_allocation(all_columns);
}

static void test_projection(void **state)
{
  (void)state;
  at_every_allocation(projection);
}

static void test_arrays(void **state)
{
  (void)state;
  at_every_allocation(arrays);
}

static void test_large_rows(void **state)
{
  (void)state;
  make_large_text();
  at_every_allocation(large_rows);
  rs_buf_free(&large);
}

/* A value of each kind that needs memory, written and read. */
static enum rs_code box_and_read(struct rs_error *e)
{
  static const char *const texts[] = {
    "[{\"__rockset_type\":\"TIMESTAMP\",\"value\":\"2020-01-02T00:00:00+01:00\"},\"text\"]",
    "{\"__rockset_type\":\"GEOGRAPHY\",\"value\":{\"coordinates\":[1.5,2]}}",
    "{\"__rockset_type\":\"BYTES\",\"encoding\":\"base64\",\"value\":\"aGk=\"}",
    "{\"__rockset_type\":\"MONTH_INTERVAL\",\"value\":3}",
  };
  const struct rs_value null_value = {.kind = RS_NULL};
  struct rs_arena a;
  struct rs_buf b;
  struct rs_scratch s;
  enum rs_code rc = RS_OK;
  rs_arena_init(&a, 0);
  rs_buf_init(&b, 1 << 20);
  rs_scratch_init(&s);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0] && rc == RS_OK; i++) {
    struct rs_json *j = NULL;
    const char *why = NULL;
    struct rs_boxed x;
    struct rs_value v;
    enum rs_type type;
    rs_buf_clear(&b);
    rc = rs_json_parse(texts[i], strlen(texts[i]), 10, &a, &j, e);
    if (rc == RS_OK && (rc = rs_doc_prepare(j, &a, &why)) != RS_OK) rc = rs_nomem(e);
    if (rc != RS_OK) break;
    rs_doc_box(&b, j);
    rc = rs_buf_error(&b, e, "value");
    const struct rs_value side = {.kind = RS_TEXT, .s = {b.p, b.n}};
    if (rc != RS_OK) break;
    assert_true(rs_boxed_read(&null_value, &side, &x));
    if (!rs_boxed_value(&x, &s, &type, &v)) rc = rs_nomem(e);
  }
  rs_scratch_free(&s);
  rs_buf_free(&b);
  rs_arena_free(&a);
  return rc;
}

static void test_tagged(void **state)
{
  (void)state;
  at_every_allocation(box_and_read);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_all_columns), cmocka_unit_test(test_projection),
    cmocka_unit_test(test_arrays),      cmocka_unit_test(test_large_rows),
    cmocka_unit_test(test_tagged),
  };
  return RS_RUN(tests);
}
