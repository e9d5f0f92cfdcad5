/* The write queue: the latest change of each key, savepoints, and the file behind them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "adapter/write_queue.h"
#include "base/mem.h"
#include "unit.h"

static struct rs_value number(int64_t i)
{
  return (struct rs_value){.kind = RS_INT, .i = i};
}

static struct rs_value text(const char *s)
{
  return (struct rs_value){.kind = RS_TEXT, .s = {s, strlen(s)}};
}

/* Columns: the key, a text. */
static void add(struct rs_queue *q, enum rs_change_kind kind, int64_t key, const char *s)
{
  const struct rs_value row[2] = {number(key), text(s != NULL ? s : "")};
  const bool mask[2] = {false, true};
  const struct rs_change c = {
    .kind = kind, .key = number(key), .row = kind == RS_CHANGE_DELETE ? NULL : row, .mask = mask};
  assert_int_equal(rs_queue_add(q, &c, NULL), RS_OK);
}

/* The text of a key; "-": deleted; NULL: nothing is queued. */
static const char *look(struct rs_queue *q, int64_t key)
{
  static char out[64];
  struct rs_queue_reader *r = NULL;
  struct rs_change c;
  const struct rs_value v = number(key);
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  enum rs_code rc = rs_queue_find(r, &v, &c, NULL);
  if (rc == RS_OK && c.kind == RS_CHANGE_DELETE) {
    memcpy(out, "-", 2);
  } else if (rc == RS_OK) {
    assert_int_equal(c.key.i, key);
    memcpy(out, c.row[1].s.p, c.row[1].s.n);
    out[c.row[1].s.n] = 0;
  }
  rs_queue_reader_free(r);
  return rc == RS_OK ? out : NULL;
}

static size_t latest(struct rs_queue *q)
{
  struct rs_queue_reader *r = NULL;
  struct rs_change c;
  size_t n = 0;
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  rs_queue_start(r);
  while (rs_queue_next(r, &c, NULL, NULL) == RS_OK) n++;
  rs_queue_reader_free(r);
  return n;
}

static struct rs_queue *new_queue(int key, size_t memory)
{
  struct rs_queue *q = NULL;
  assert_int_equal(rs_queue_new(2, key, memory, &q, NULL), RS_OK);
  return q;
}

static void test_latest(void **state)
{
  (void)state;
  struct rs_queue *q = new_queue(0, 1 << 20);
  assert_null(look(q, 1));
  add(q, RS_CHANGE_ADD, 1, "a");
  add(q, RS_CHANGE_ADD, 2, "b");
  add(q, RS_CHANGE_PATCH, 1, "c");
  assert_string_equal(look(q, 1), "c");
  add(q, RS_CHANGE_DELETE, 2, NULL);
  assert_string_equal(look(q, 2), "-");
  assert_int_equal(rs_queue_count(q), 4);
  assert_int_equal(latest(q), 2);
  rs_queue_clear(q);
  assert_null(look(q, 1));
  assert_int_equal(rs_queue_count(q), 0);
  rs_queue_free(q);
}

static void test_without_key(void **state)
{
  (void)state;
  struct rs_queue *q = new_queue(-1, 100);
  for (int i = 0; i < 1000; i++) add(q, RS_CHANGE_ADD, i, "same");
  assert_int_equal(latest(q), 1000);
  rs_queue_free(q);
}

static void savepoints(size_t memory)
{
  struct rs_queue *q = new_queue(0, memory);
  add(q, RS_CHANGE_ADD, 1, "before");
  assert_true(rs_queue_mark(q, 1)); // level 0 was never told: the beginning
  add(q, RS_CHANGE_ADD, 1, "after");
  add(q, RS_CHANGE_ADD, 1, "later");
  add(q, RS_CHANGE_ADD, 2, "new");
  assert_true(rs_queue_mark(q, 2));
  add(q, RS_CHANGE_DELETE, 2, NULL);
  add(q, RS_CHANGE_ADD, 3, "three");
  assert_int_equal(rs_queue_rewind(q, 2, NULL), RS_OK);
  assert_string_equal(look(q, 2), "new");
  assert_null(look(q, 3));
  assert_int_equal(rs_queue_count(q), 4);
  add(q, RS_CHANGE_ADD, 3, "once more");
  assert_string_equal(look(q, 3), "once more");
  assert_int_equal(rs_queue_rewind(q, 1, NULL), RS_OK);
  assert_string_equal(look(q, 1), "before");
  assert_null(look(q, 2));
  assert_int_equal(latest(q), 1);
  assert_int_equal(rs_queue_rewind(q, 0, NULL), RS_OK);
  assert_null(look(q, 1));
  assert_int_equal(rs_queue_count(q), 0);
  rs_queue_free(q);
}

static void test_savepoints(void **state)
{
  (void)state;
  savepoints(1 << 20);
  savepoints(1); // every record is in the file
  savepoints(150);
}

/* Against an array, with random changes and savepoints, in memory and in the file. */
static void test_random(void **state)
{
  enum { KEYS = 50, LEVELS = 4 };
  (void)state;
  for (size_t memory = 1; memory <= 100000; memory *= 10) {
    struct rs_queue *q = new_queue(0, memory);
    int now[KEYS] = {0}, saved[LEVELS][KEYS], depth = 0;
    unsigned seed = 7;
    char word[32];
    for (int step = 1; step < 5000; step++) {
      seed = seed * 1103515245u + 12345u;
      unsigned r = seed >> 16, key = (r >> 5) % KEYS;
      if (r % 32 == 0 && depth < LEVELS) {
        memcpy(saved[depth], now, sizeof now);
        assert_true(rs_queue_mark(q, depth++));
      } else if (r % 32 == 1 && depth > 0) {
        depth = (int)(key % (unsigned)depth) + 1;
        assert_int_equal(rs_queue_rewind(q, depth - 1, NULL), RS_OK);
        memcpy(now, saved[depth - 1], sizeof now);
      } else {
        snprintf(word, sizeof word, "%d", step);
        add(q, RS_CHANGE_ADD, key, word);
        now[key] = step;
      }
      snprintf(word, sizeof word, "%d", now[key]);
      const char *got = look(q, key);
      if (now[key] == 0) assert_null(got);
      else assert_string_equal(got, word);
    }
    size_t n = 0;
    for (int i = 0; i < KEYS; i++) n += now[i] != 0;
    assert_int_equal(latest(q), n);
    rs_queue_free(q);
  }
}

static void test_kinds_of_values(void **state)
{
  (void)state;
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  struct rs_change got;
  const struct rs_value row[6] = {text("k"),
                                  {.kind = RS_NULL},
                                  {.kind = RS_BOOL, .i = 1},
                                  {.kind = RS_FLOAT, .f = -0.5},
                                  {.kind = RS_BYTES, .s = {"\0x", 2}},
                                  {.kind = RS_JSON, .s = {"[]", 2}}};
  const struct rs_change c = {.kind = RS_CHANGE_REPLACE, .key = row[0], .row = row};
  assert_int_equal(rs_queue_new(6, 0, 10, &q, NULL), RS_OK);
  assert_int_equal(rs_queue_add(q, &c, NULL), RS_OK);
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  assert_int_equal(rs_queue_find(r, &row[0], &got, NULL), RS_OK);
  assert_int_equal(got.kind, RS_CHANGE_REPLACE);
  for (size_t i = 0; i < 6; i++) assert_int_equal(got.row[i].kind, row[i].kind);
  assert_int_equal(got.row[2].i, 1);
  assert_true(got.row[3].f == -0.5);
  assert_memory_equal(got.row[4].s.p, "\0x", 2);
  rs_queue_reader_free(r);
  rs_queue_free(q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_latest),          cmocka_unit_test(test_without_key),
    cmocka_unit_test(test_savepoints),      cmocka_unit_test(test_random),
    cmocka_unit_test(test_kinds_of_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
