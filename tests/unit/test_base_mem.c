/* Memory, arenas and maps. */
#include "unit.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/map.h"
#include "src/base/mem.h"

static void blocks(void **state)
{
  (void)state;
  void *p = rs_malloc(0); // NULL would read as out of memory
  assert_non_null(p);
  rs_free(p);
  p = rs_calloc(0, 8);
  assert_non_null(p);
  rs_free(p);
  assert_null(rs_calloc(SIZE_MAX / 2, 4));
  rs_free(NULL);
  assert_null(rs_strdup(NULL));
  char *s = rs_strndup("abcdef", 3);
  assert_string_equal(s, "abc");
  rs_free(s);
  s = rs_mprintf("%s-%d", "x", 7);
  assert_string_equal(s, "x-7");
  rs_free(s);
}

static void grow(void **state)
{
  (void)state;
  int *v = NULL;
  size_t cap = 0;
  for (size_t i = 0; i < 1000; i++) {
    assert_true(rs_grow(&v, &cap, i + 1, sizeof *v));
    v[i] = (int)i;
  }
  assert_true(cap >= 1000 && cap < 4000);
  for (int i = 0; i < 1000; i++) assert_int_equal(v[i], i);
  size_t old = cap;
  assert_false(rs_grow(&v, &cap, SIZE_MAX / 2, sizeof *v)); // overflows
  assert_int_equal(cap, old);
  rs_free(v);
}

static void arena_blocks(void **state)
{
  (void)state;
  struct rs_arena a;
  rs_arena_init(&a, 0);
  char *texts[2000];
  for (int i = 0; i < 2000; i++) {
    texts[i] = rs_arena_printf(&a, "text %d", i);
    assert_int_equal((uintptr_t)texts[i] % _Alignof(max_align_t), 0);
  }
  for (int i = 0; i < 2000; i++) {
    char want[20];
    (void)snprintf(want, sizeof want, "text %d", i);
    assert_string_equal(texts[i], want);
  }
  unsigned char *big = rs_arena_calloc(&a, 1 << 20); // larger than any block
  for (size_t i = 0; i < 1 << 20; i++) assert_int_equal(big[i], 0);
  assert_string_equal(rs_arena_strndup(&a, "abc", 2), "ab");
  assert_null(rs_arena_strdup(&a, NULL));
  assert_non_null(rs_arena_alloc(&a, 0));
  assert_null(rs_arena_alloc(&a, SIZE_MAX - 3));
  rs_arena_free(&a);
}

static void arena_limit(void **state)
{
  (void)state;
  struct rs_arena a;
  rs_arena_init(&a, 1000);
  assert_non_null(rs_arena_alloc(&a, 600));
  assert_false(rs_arena_limited(&a));
  assert_null(rs_arena_alloc(&a, 600));
  assert_true(rs_arena_limited(&a));
  assert_non_null(rs_arena_alloc(&a, 300)); // a smaller one still fits
  assert_null(rs_arena_alloc(&a, SIZE_MAX / 2));
  rs_arena_free(&a);
  assert_false(rs_arena_limited(&a));
  assert_non_null(rs_arena_alloc(&a, 900)); // usable again
  rs_arena_free(&a);
}

static void map_keeps_order(void **state)
{
  (void)state;
  struct rs_map m;
  rs_map_init(&m);
  assert_null(rs_map_get(&m, "x"));
  int values[3000];
  char key[20];
  for (int i = 0; i < 3000; i++) {
    (void)snprintf(key, sizeof key, "key%d", i * 7);
    assert_true(rs_map_put(&m, key, &values[i]));
  }
  assert_int_equal(m.n, 3000);
  for (int i = 0; i < 3000; i++) {
    (void)snprintf(key, sizeof key, "key%d", i * 7);
    assert_ptr_equal(rs_map_get(&m, key), &values[i]);
    assert_string_equal(m.v[i].key, key);
  }
  assert_null(rs_map_get(&m, "key1"));
  rs_map_free(&m);
  assert_int_equal(m.n, 0);
}

static void map_replaces(void **state)
{
  (void)state;
  struct rs_map m;
  rs_map_init(&m);
  int a = 0, b = 0;
  assert_true(rs_map_put(&m, "k", &a));
  assert_true(rs_map_put(&m, "k", &b));
  assert_int_equal(m.n, 1);
  assert_ptr_equal(rs_map_get(&m, "k"), &b);
  assert_true(rs_map_put(&m, "null", NULL));
  assert_null(rs_map_get(&m, "null"));
  assert_non_null(rs_map_find(&m, "null", 4)); // present, though NULL
  assert_true(rs_map_putn(&m, "k\0x", 3, &a)); // NULs count
  assert_ptr_equal(rs_map_find(&m, "k\0x", 3)->value, &a);
  assert_ptr_equal(rs_map_get(&m, "k"), &b);
  assert_true(rs_map_put(&m, "", &a));
  assert_ptr_equal(rs_map_get(&m, ""), &a);
  rs_map_free(&m);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(blocks),          cmocka_unit_test(grow),
    cmocka_unit_test(arena_blocks),    cmocka_unit_test(arena_limit),
    cmocka_unit_test(map_keeps_order), cmocka_unit_test(map_replaces),
  };
  return RS_RUN(tests);
}
