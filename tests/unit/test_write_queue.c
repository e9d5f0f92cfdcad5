/* The write queue: the latest change of each key, savepoints, and the file behind them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/writes/writes.h"
#include "src/base/mem.h"
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

/* What the queue has, by key, against an array: deleted is -1. */
static void check_all(struct rs_queue *q, const int *now, int keys)
{
  struct rs_queue_reader *r = NULL;
  struct rs_change c, again;
  uint64_t place;
  char word[32];
  int n = 0;
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  rs_queue_start(r);
  while (rs_queue_next(r, &c, &place, NULL) == RS_OK) {
    assert_in_range(c.key.i, 0, keys - 1);
    const int want = now[c.key.i];
    n++;
    assert_int_equal(c.kind == RS_CHANGE_DELETE, want < 0);
    if (want < 0) continue;
    snprintf(word, sizeof word, "%d", want);
    assert_int_equal(c.row[1].s.n, strlen(word));
    assert_memory_equal(c.row[1].s.p, word, strlen(word));
    assert_int_equal(rs_queue_at(r, place, &again, NULL), RS_OK);
    assert_int_equal(again.key.i, c.key.i);
  }
  for (int i = 0; i < keys; i++) n -= now[i] != 0;
  assert_int_equal(n, 0);
  rs_queue_reader_free(r);
}

/* With a key: by column until a key comes again or a row goes, from then on a log behind it.
** `rare`: how seldom another than a greater key comes, or one is looked for. */
static void random_by_column(int rare)
{
  enum { KEYS = 3000, LEVELS = 4 };
  static const enum rs_type types[2] = {RS_T_INT, RS_T_TEXT};
  static int now[KEYS], saved[LEVELS][KEYS];
  int by_column = 0, logged = 0;
  for (size_t memory = 1; memory <= 100000; memory *= 10) {
    struct rs_queue *q = new_queue(0, memory);
    int depth = 0;
    unsigned seed = 11;
    char word[32];
    memset(now, 0, sizeof now);
    assert_int_equal(rs_queue_by_column(q, types, NULL), RS_OK);
    for (int step = 1; step < KEYS; step++) {
      seed = seed * 1103515245u + 12345u;
      unsigned r = seed >> 16;
      int key = r % (50 * (unsigned)rare) == 7 ? (int)(r >> 6) % step : step;
      if (r % 32 == 0 && depth < LEVELS) {
        memcpy(saved[depth], now, sizeof now);
        assert_true(rs_queue_mark(q, depth++));
      } else if (r % 32 == 1 && depth > 0) {
        depth = (int)(r >> 5) % depth + 1;
        assert_int_equal(rs_queue_rewind(q, depth - 1, NULL), RS_OK);
        memcpy(now, saved[depth - 1], sizeof now);
      } else if (r % (100 * (unsigned)rare) == 2) {
        add(q, RS_CHANGE_DELETE, key, NULL);
        now[key] = -1;
      } else {
        snprintf(word, sizeof word, "%d", step);
        add(q, now[key] == 0 ? RS_CHANGE_ADD : RS_CHANGE_REPLACE, key, word);
        now[key] = step;
      }
      assert_null(look(q, KEYS + step));
      const char *got = step % rare == 0 ? look(q, key) : NULL;
      snprintf(word, sizeof word, "%d", now[key]);
      if (now[key] == 0) assert_null(got);
      else if (step % rare == 0) assert_string_equal(got, now[key] < 0 ? "-" : word);
      if (rs_queue_is_by_column(q)) by_column++;
      else logged++;
      if (step % 100 == 0) check_all(q, now, KEYS);
    }
    rs_queue_free(q);
  }
  assert_true(by_column > 100 && logged > 100);
}

static void test_random_by_column(void **state)
{
  (void)state;
  random_by_column(1);
}

/* Keys in ascending order have no index until one is needed. */
static void test_random_ascending(void **state)
{
  (void)state;
  random_by_column(10);
  random_by_column(40);
}

static void test_ascending(void **state)
{
  static const enum rs_type types[2] = {RS_T_INT, RS_T_TEXT};
  (void)state;
  struct rs_queue *q = new_queue(0, 1000);
  assert_int_equal(rs_queue_by_column(q, types, NULL), RS_OK);
  add(q, RS_CHANGE_ADD, INT64_MIN, "a");
  add(q, RS_CHANGE_ADD, -5, "b");
  assert_true(rs_queue_mark(q, 1));
  add(q, RS_CHANGE_ADD, 7, "c");
  assert_int_equal(rs_queue_rewind(q, 1, NULL), RS_OK);
  // 7 went, and comes again
  add(q, RS_CHANGE_ADD, 7, "d");
  add(q, RS_CHANGE_ADD, INT64_MAX, "e");
  assert_string_equal(look(q, 7), "d");
  assert_string_equal(look(q, INT64_MIN), "a");
  assert_null(look(q, 0));
  // the same key once more: a record behind the columns
  add(q, RS_CHANGE_REPLACE, INT64_MAX, "f");
  assert_string_equal(look(q, INT64_MAX), "f");
  assert_false(rs_queue_is_by_column(q));
  assert_int_equal(latest(q), 4);
  rs_queue_clear(q);
  add(q, RS_CHANGE_ADD, 3, "g");
  add(q, RS_CHANGE_ADD, 2, "h");
  assert_string_equal(look(q, 3), "g");
  assert_string_equal(look(q, 2), "h");
  assert_true(rs_queue_is_by_column(q));
  rs_queue_free(q);
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

/* ---- rows by column -------------------------------------------------------------------------- */

enum { ROWS_MAX = 4000, COLUMNS = 6 };
static const enum rs_type column_types[COLUMNS] = {RS_T_BOOL, RS_T_INT,   RS_T_FLOAT,
                                                   RS_T_TEXT, RS_T_BYTES, RS_T_DATE};

/* A row that its number decides. */
static void make_row(unsigned n, struct rs_value row[COLUMNS], char text_of[64], char date_of[16])
{
  memset(row, 0, COLUMNS * sizeof *row);
  if (n % 7 != 0) row[0] = (struct rs_value){.kind = RS_BOOL, .i = n % 2};
  if (n % 11 != 0) row[1] = (struct rs_value){.kind = RS_INT, .i = (int64_t)n * -9007199254740};
  if (n % 13 != 0) row[2] = (struct rs_value){.kind = RS_FLOAT, .f = n * 0.25};
  (void)snprintf(text_of, 64, "%.*s%u", (int)(n % 40), "0123456789012345678901234567890123456789",
                 n);
  if (n % 5 != 0) row[3] = (struct rs_value){.kind = RS_TEXT, .s = {text_of, strlen(text_of)}};
  if (n % 3 != 0) row[4] = (struct rs_value){.kind = RS_BYTES, .s = {text_of, n % 4}};
  (void)snprintf(date_of, 16, "%04u-%02u-%02u", n % 9999 + 1, n % 12 + 1, n % 28 + 1);
  if (n % 17 != 0) row[5] = (struct rs_value){.kind = RS_TEXT, .s = {date_of, 10}};
}

static void check_row(unsigned n, const struct rs_value *got)
{
  struct rs_value row[COLUMNS];
  char text_of[64], date_of[16];
  make_row(n, row, text_of, date_of);
  for (size_t i = 0; i < COLUMNS; i++) {
    assert_int_equal(got[i].kind, row[i].kind);
    if (row[i].kind == RS_BOOL || row[i].kind == RS_INT) assert_int_equal(got[i].i, row[i].i);
    if (row[i].kind == RS_FLOAT) assert_true(got[i].f == row[i].f);
    if (row[i].kind != RS_TEXT && row[i].kind != RS_BYTES) continue;
    assert_int_equal(got[i].s.n, row[i].s.n);
    assert_memory_equal(got[i].s.p, row[i].s.p, row[i].s.n);
  }
}

static void add_row(struct rs_queue *q, unsigned n)
{
  struct rs_value row[COLUMNS];
  char text_of[64], date_of[16];
  make_row(n, row, text_of, date_of);
  const struct rs_change c = {.kind = RS_CHANGE_ADD, .row = row};
  assert_int_equal(rs_queue_add(q, &c, NULL), RS_OK);
}

/* What a reader gives is `want`, row by row, at any place, and as arrays. */
static void check_rows(struct rs_queue *q, struct rs_queue_reader *r, const unsigned *want,
                       size_t n)
{
  struct rs_change c;
  struct ArrowArray array;
  size_t got = 0;
  assert_int_equal(rs_queue_count(q), n);
  rs_queue_start(r);
  for (; rs_queue_next(r, &c, NULL, NULL) == RS_OK; got++) {
    assert_true(got < n && c.kind == RS_CHANGE_ADD);
    check_row(want[got], c.row);
  }
  assert_int_equal(got, n);
  for (size_t k = 0; k < 5 && n > 0; k++) {
    size_t at = (size_t)rand() % n;
    assert_int_equal(rs_queue_at(r, at, &c, NULL), RS_OK);
    check_row(want[at], c.row);
  }
  rs_queue_start(r);
  for (got = 0; rs_queue_next_array(r, &array, NULL) == RS_OK; got += (size_t)array.length) {
    assert_int_equal(array.n_children, COLUMNS);
    const struct ArrowArray *numbers = array.children[1];
    const unsigned char *valid = numbers->buffers[0];
    int64_t nulls = 0;
    for (int64_t i = 0; i < array.length; i++) {
      bool null = want[got + (size_t)i] % 11 == 0;
      int64_t v = (int64_t)want[got + (size_t)i] * -9007199254740;
      nulls += null;
      if (valid != NULL) assert_int_equal(valid[i / 8] >> (i % 8) & 1, !null);
      if (!null) assert_int_equal(((const int64_t *)numbers->buffers[1])[i], v);
    }
    assert_int_equal(numbers->length, array.length);
    assert_int_equal(numbers->null_count, nulls);
    array.release(&array);
  }
  assert_int_equal(got, n);
}

static void run_by_column(unsigned seed, size_t memory)
{
  static unsigned want[ROWS_MAX];
  size_t n = 0, marks[4] = {0}, levels = 0;
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  srand(seed);
  assert_int_equal(rs_queue_new(COLUMNS, -1, memory, &q, NULL), RS_OK);
  assert_int_equal(rs_queue_by_column(q, column_types, NULL), RS_OK);
  assert_true(rs_queue_is_by_column(q));
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  for (int step = 0; step < 300; step++) {
    int kind = rand() % 100;
    if (kind < 70) {
      for (int k = rand() % 30; k > 0 && n < ROWS_MAX; k--) {
        want[n] = (unsigned)rand() % 100000;
        add_row(q, want[n++]);
      }
    } else if (kind < 80) {
      if (levels < 4) marks[levels++] = n;
      assert_true(rs_queue_mark(q, (int)levels - 1));
      marks[levels - 1] = n;
    } else if (kind < 88 && levels > 0) {
      levels = (size_t)rand() % levels + 1;
      n = marks[levels - 1];
      assert_int_equal(rs_queue_rewind(q, (int)levels - 1, NULL), RS_OK);
    } else if (kind == 99) {
      rs_queue_clear(q);
      n = levels = 0;
    }
    check_rows(q, r, want, n);
  }
  rs_queue_reader_free(r);
  rs_queue_free(q);
}

static void test_by_column(void **state)
{
  (void)state;
  for (unsigned seed = 1; seed <= 12; seed++) run_by_column(seed, seed % 3 == 0 ? 1 << 20 : 400);
}

/* A row that does not fit leaves nothing behind. */
static void test_by_column_misfit(void **state)
{
  (void)state;
  static const unsigned want[] = {1, 2, 3};
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  struct rs_value row[COLUMNS];
  char text_of[64], date_of[16];
  assert_int_equal(rs_queue_new(COLUMNS, -1, 1 << 20, &q, NULL), RS_OK);
  assert_int_equal(rs_queue_by_column(q, column_types, NULL), RS_OK);
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  for (size_t i = 0; i < 3; i++) {
    make_row(5, row, text_of, date_of);
    row[5] = row[1]; // a number is no date
    const struct rs_change c = {.kind = RS_CHANGE_ADD, .row = row};
    assert_int_equal(rs_queue_add(q, &c, NULL), RS_INVALID);
    check_rows(q, r, want, i);
    add_row(q, want[i]);
  }
  check_rows(q, r, want, 3);
  rs_queue_reader_free(r);
  rs_queue_free(q);
}

/* Whole blocks are lent to another thread while rows are added: they stay in memory, as they are,
** and are not taken back before they are given back. */
static void test_by_column_lent(void **state)
{
  (void)state;
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  struct ArrowArray lent[8], other;
  size_t n = 0, rows = 0;
  assert_int_equal(rs_queue_new(COLUMNS, -1, 400, &q, NULL), RS_OK);
  assert_int_equal(rs_queue_by_column(q, column_types, NULL), RS_OK);
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  assert_int_equal(rs_queue_next_complete(r, &other, NULL), RS_DONE);
  for (unsigned i = 1; n < 8; i++) {
    assert_true(rs_queue_complete(q) <= rs_queue_count(q));
    add_row(q, i * 18); // no NULL among the numbers but every eleventh
    if (rs_queue_next_complete(r, &lent[n], NULL) == RS_OK) rows += (size_t)lent[n++].length;
  }
  assert_int_equal(rows, rs_queue_complete(q));
  for (size_t i = 0, row = 0; i < n; row += (size_t)lent[i++].length) {
    const struct ArrowArray *numbers = lent[i].children[1];
    for (int64_t k = 0; k < lent[i].length; k++) {
      unsigned v = ((unsigned)row + (unsigned)k + 1) * 18;
      if (v % 11 != 0)
        assert_int_equal(((const int64_t *)numbers->buffers[1])[k], (int64_t)v * -9007199254740);
    }
  }
  assert_true(rs_queue_mark(q, 1));
  assert_int_equal(rs_queue_count_at(q, 1), rs_queue_count(q));
  assert_int_equal(rs_queue_count_at(q, 7), 0);
  rs_queue_clear(q); // what is lent lives on
  assert_int_equal(lent[3].children[1]->length, lent[3].length);
  for (size_t i = 0; i < n; i++) lent[i].release(&lent[i]);
  rs_queue_reader_free(r);
  rs_queue_free(q);
}

static void test_by_column_lent_cut(void **state)
{
  (void)state;
  static unsigned want[4000];
  struct rs_queue *q = NULL;
  struct rs_queue_reader *r = NULL;
  struct ArrowArray lent;
  size_t n = 0;
  assert_int_equal(rs_queue_new(COLUMNS, -1, 4000, &q, NULL), RS_OK);
  assert_int_equal(rs_queue_by_column(q, column_types, NULL), RS_OK);
  assert_int_equal(rs_queue_reader_new(q, &r, NULL), RS_OK);
  for (; rs_queue_complete(q) == 0; n++) {
    if (n == 5) assert_true(rs_queue_mark(q, 0));
    want[n] = (unsigned)n + 1;
    add_row(q, want[n]);
  }
  assert_int_equal(rs_queue_next_complete(r, &lent, NULL), RS_OK);
  for (size_t k = 0; k < 3000; k++, n++) {
    want[n] = (unsigned)n + 1;
    add_row(q, want[n]);
  }
  check_rows(q, r, want,
             n); // those behind what is lent are in the file, or not: they are all there
  assert_int_equal(rs_queue_count_at(q, 0), 5);
  assert_int_equal(rs_queue_rewind(q, 0, NULL), RS_INTERNAL);
  check_rows(q, r, want, n);
  lent.release(&lent);
  assert_int_equal(rs_queue_rewind(q, 0, NULL), RS_OK);
  check_rows(q, r, want, 5);
  rs_queue_reader_free(r);
  rs_queue_free(q);
}

/* Other types have a log, and what is no new row. */
static void test_by_column_where(void **state)
{
  (void)state;
  static const enum rs_type mixed[2] = {RS_T_INT, RS_T_MIXED}, plain[2] = {RS_T_INT, RS_T_TEXT};
  struct rs_queue *q = new_queue(0, 100);
  assert_int_equal(rs_queue_by_column(q, plain, NULL), RS_OK);
  add(q, RS_CHANGE_ADD, 1, "one");
  assert_true(rs_queue_is_by_column(q));
  assert_true(rs_queue_mark(q, 0));
  add(q, RS_CHANGE_REPLACE, 1, "two");
  assert_false(rs_queue_is_by_column(q));
  assert_int_equal(rs_queue_complete(q), 0);
  assert_int_equal(rs_queue_rewind(q, 0, NULL), RS_OK);
  assert_true(rs_queue_is_by_column(q));
  rs_queue_free(q);
  q = new_queue(-1, 100);
  assert_int_equal(rs_queue_by_column(q, mixed, NULL), RS_OK);
  assert_false(rs_queue_is_by_column(q));
  rs_queue_free(q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_latest),
    cmocka_unit_test(test_without_key),
    cmocka_unit_test(test_savepoints),
    cmocka_unit_test(test_random),
    cmocka_unit_test(test_random_by_column),
    cmocka_unit_test(test_random_ascending),
    cmocka_unit_test(test_ascending),
    cmocka_unit_test(test_kinds_of_values),
    cmocka_unit_test(test_by_column),
    cmocka_unit_test(test_by_column_misfit),
    cmocka_unit_test(test_by_column_where),
    cmocka_unit_test(test_by_column_lent),
    cmocka_unit_test(test_by_column_lent_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
