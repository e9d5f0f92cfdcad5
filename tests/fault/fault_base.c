/* src/base when memory runs out: each scenario runs with its 1st, 2nd, ... allocation failing, once
** and for good, until it gets through. It must report the failure and leak nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/redact.h"

/* Returns whether all went well; must be false when an allocation failed. */
typedef bool scenario(void);

static void at_every_allocation(scenario *run)
{
  for (int sticky = 0; sticky <= 1; sticky++) {
    int64_t n = 1;
    for (bool failed = true; failed; n++) {
      assert_true(n < 10000);
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      bool ok = run();
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (ok == failed) fail_msg("allocation %d: result %d", (int)n, ok);
      if (rs_mem_live() != live) fail_msg("allocation %d: a block leaks", (int)n);
    }
    assert_true(n > 2); // the scenario does allocate
  }
}

static bool buffers(void)
{
  struct rs_buf b;
  struct rs_error e = {0};
  rs_buf_init(&b, 100000);
  for (int i = 0; i < 500; i++) rs_buf_printf(&b, "%d,", i);
  rs_buf_json_str(&b, "a\nb", 3);
  enum rs_code rc = rs_buf_error(&b, &e, "text");
  assert_true(rc == RS_OK || (rc == RS_NOMEM && strcmp(e.text, "out of memory") == 0));
  char *p = rs_buf_take(&b);
  assert_int_equal(p != NULL, rc == RS_OK);
  rs_free(p);
  return rc == RS_OK;
}

static bool maps(void)
{
  struct rs_map m;
  rs_map_init(&m);
  bool ok = true;
  char key[20];
  for (int i = 0; i < 100; i++) {
    (void)snprintf(key, sizeof key, "k%d", i);
    size_t before = m.n;
    if (rs_map_put(&m, key, &m)) continue;
    ok = false;
    assert_int_equal(m.n, before); // unchanged
    assert_null(rs_map_get(&m, key));
  }
  for (size_t i = 0; i < m.n; i++) assert_ptr_equal(rs_map_get(&m, m.v[i].key), &m);
  rs_map_free(&m);
  return ok;
}

static bool arenas(void)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  bool ok = true;
  for (int i = 0; i < 300; i++) ok = rs_arena_printf(&a, "a text, number %d", i) != NULL && ok;
  assert_false(rs_arena_limited(&a));
  rs_arena_free(&a);
  return ok;
}

static bool secrets(void)
{
  bool ok = true;
  char name[20];
  for (int i = 0; i < 20; i++) {
    (void)snprintf(name, sizeof name, "secret%d", i);
    ok = rs_redact_add(name) == RS_OK && ok;
  }
  rs_redact_clear();
  return ok;
}

/* cJSON does not tell out of memory from bad syntax, so only failing is checked, not the code. */
static bool options(void)
{
  const char *mode = NULL, *json = NULL;
  int64_t n = 0;
  const struct rs_option table[] = {
    {"mode", RS_OPT_CHOICE, &mode, "create|append"},
    {"json", RS_OPT_JSON, &json, NULL},
    {"n", RS_OPT_INT, &n, NULL},
  };
  struct rs_arena arena;
  struct rs_error e = {0};
  rs_arena_init(&arena, 0);
  enum rs_code rc = rs_options_read("{\"mode\":\"append\",\"n\":7,\"json\":{\"a\":[1,\"x\"]}}",
                                    table, 3, "rockset_load", &arena, &e);
  assert_int_equal(rc == RS_OK, e.text[0] == 0);
  rs_arena_free(&arena);
  return rc == RS_OK;
}

static void test_buffers(void **state)
{
  (void)state;
  at_every_allocation(buffers);
}

static void test_maps(void **state)
{
  (void)state;
  at_every_allocation(maps);
}

static void test_arenas(void **state)
{
  (void)state;
  at_every_allocation(arenas);
}

static void test_secrets(void **state)
{
  (void)state;
  at_every_allocation(secrets);
}

static void test_options(void **state)
{
  (void)state;
  at_every_allocation(options);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_buffers), cmocka_unit_test(test_maps),    cmocka_unit_test(test_arenas),
    cmocka_unit_test(test_secrets), cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
