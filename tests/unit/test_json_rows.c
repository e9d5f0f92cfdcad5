/* The row slicer: the envelope, columns, batches, and what is refused where. */
#include "json_fixture.h"
#include <pthread.h>

/* ---- the envelope ---------------------------------------------------------------------------- */

static void members_before_and_after(void **state)
{
  (void)state;
  struct reading g = {.piece = 0};
  READS_AS(&g,
           "{\"query_id\":\"q:0\",\"column_fields\":[{\"name\":\"a\",\"type\":\"\"}],\"results\":"
           "[{\"a\":1,\"b\":\"x\"},{\"a\":null}],\"stats\":{\"ms\":3},\"n\":12,\"ok\":true}",
           "query_id:\"q:0\";column_fields:[{\"name\":\"a\",\"type\":\"\"}];<a=1 b='x'><a=null>"
           "stats:{\"ms\":3};n:12;ok:true;");
  READS_AS(&g,
           " \r\n\t{ \"a\\u0062\" :\t[ 1 , { } ] , \"results\" : [ { } , { \"x\" : 1.5 } ] , "
           "\"z\" : -1e2 } \n",
           "ab:[ 1 , { } ];<><x=1.5f>z:-1e2;");
  READS_AS(&g, "{}", "");
  READS_AS(&g, "{\"results\":[]}", "");
  READS_AS(&g, "{\"results\":null,\"a\":false}", "a:false;");
  READS_AS(&g, "{\"res\\u0075lts\":[{\"a\":1}]}", "<a=1>");
  READS_AS(&g, "{\"result\":[{\"a\":1}],\"resultss\":0}", "result:[{\"a\":1}];resultss:0;");
  rs_buf_free(&g.out);
}

static void rows_that_are_arrays(void **state)
{
  (void)state;
  struct reading g = {.o = {.rows = "data", .shape = RS_JSON_ARRAYS}};
  READS_AS(&g, "{\"id\":\"1\",\"data\":[[1,\"a\"],[ null , [2] , true ],[]],\"nextUri\":null}",
           "id:\"1\";<1 'a'><null `[2]` true><>nextUri:null;");
  READS_AS(&g, "{\"data\":[{\"a\":1}]}",
           "result: malformed JSON at byte 9: expected a row: an array, found '{'");
  rs_buf_free(&g.out);
}

/* Members in front of the rows decide what is kept of them. */
struct head {
  struct rs_json_rows *r;
  size_t width;
  bool seen;
};

static enum rs_code count_columns(void *ctx, const char *name, size_t name_n, const char *json,
                                  size_t n, struct rs_error *e)
{
  static const size_t positions[] = {2, 0};
  struct head *h = ctx;
  (void)name_n;
  if (strcmp(name, "columns") != 0) return RS_OK;
  h->seen = true;
  for (size_t i = 0; i < n; i++) h->width += json[i] == ',';
  return rs_json_rows_pick(h->r, positions, 2, h->width + 1, e);
}

static void positions_and_width(void **state)
{
  (void)state;
  static const char text[] = "{\"columns\":[1,2,3],\"data\":[[1,2,3],[4,5,6]],\"x\":1}";
  static const char odd[] = "{\"columns\":[1,2,3],\"data\":[[1,2,3],[4,5]]}";
  struct feed f = {.p = text, .n = sizeof text - 1, .split = 5};
  struct rs_json_source s = {feed_read, &f};
  struct head h = {0};
  struct rs_json_options o = {
    .what = "result", .rows = "data", .shape = RS_JSON_ARRAYS, .member = count_columns, .ctx = &h};
  struct rs_error e = {0};
  struct rs_json_batch *b;
  struct rs_value v;
  size_t n;
  assert_int_equal(rs_json_rows_open(&s, &o, &h.r, &e), RS_OK);
  assert_int_equal(rs_json_rows_head(h.r, &e), RS_OK);
  assert_true(h.seen && h.width == 2);
  assert_int_equal(rs_json_rows_head(h.r, &e), RS_OK);
  assert_int_equal(rs_json_rows_next(h.r, &b, &n, &e), RS_OK);
  assert_int_equal(n, 2);
  assert_int_equal(rs_json_batch_columns(b, NULL), 2);
  assert_true(rs_json_batch_get(b, 1, 0, &v) && v.kind == RS_INT && v.i == 6);
  assert_true(rs_json_batch_get(b, 1, 1, &v) && v.kind == RS_INT && v.i == 4);
  assert_true(rs_json_batch_get(b, 1, 2, &v) && v.kind == RS_NULL);
  assert_fails(rs_json_rows_pick(h.r, NULL, 1, 1, &e), e, RS_INVALID,
               "result: columns are chosen once, before the first row is read");
  rs_json_batch_free(b);
  assert_int_equal(rs_json_rows_next(h.r, &b, &n, &e), RS_DONE);
  rs_json_rows_close(h.r);

  f = (struct feed){.p = odd, .n = sizeof odd - 1};
  h = (struct head){0};
  assert_int_equal(rs_json_rows_open(&s, &o, &h.r, &e), RS_OK);
  assert_fails(rs_json_rows_next(h.r, &b, &n, &e), e, RS_REMOTE,
               "result: a row of 2 values at byte 35, where 3 were expected");
  rs_json_rows_close(h.r);
}

static void wrong_choices(void **state)
{
  (void)state;
  static const size_t twice[] = {1, 1}, far[] = {3};
  static const char *const same[] = {"a", "a"};
  struct feed f = {.p = "{}", .n = 2};
  struct rs_json_source s = {feed_read, &f};
  struct rs_json_options o = {.what = "result", .rows = "data", .shape = RS_JSON_ARRAYS};
  struct rs_json_rows *r;
  struct rs_error e = {0};
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  assert_fails(rs_json_rows_project(r, same, 1, &e), e, RS_INVALID,
               "result: rows that are arrays have no names to choose by");
  assert_fails(rs_json_rows_pick(r, twice, 2, 0, &e), e, RS_INVALID,
               "result: element 1 chosen twice");
  assert_fails(rs_json_rows_pick(r, far, 1, 3, &e), e, RS_INVALID,
               "result: no element 3 in a row of 3");
  assert_int_equal(rs_json_rows_pick(r, far, 1, 4, &e), RS_OK);
  rs_json_rows_close(r);
  o.shape = RS_JSON_OBJECTS;
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  assert_fails(rs_json_rows_pick(r, far, 1, 4, &e), e, RS_INVALID,
               "result: rows that are objects have no positions");
  assert_fails(rs_json_rows_project(r, same, 2, &e), e, RS_INVALID,
               "result: column a chosen twice");
  rs_json_rows_close(r);
}

static void no_rows_at_the_head(void **state)
{
  (void)state;
  static const char *const texts[] = {"{\"a\":1}", "{\"results\":null}",
                                      "{\"results\":[ ],\"b\":2}"};
  for (size_t i = 0; i < 3; i++) {
    struct feed f = {.p = texts[i], .n = strlen(texts[i]), .piece = 1};
    struct rs_json_source s = {feed_read, &f};
    struct rs_json_options o = {.what = "result", .rows = "results"};
    struct rs_json_rows *r;
    struct rs_json_batch *b;
    struct rs_error e = {0};
    size_t n;
    assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
    assert_int_equal(rs_json_rows_head(r, &e), RS_DONE);
    assert_int_equal(f.at, f.n);
    assert_int_equal(rs_json_rows_seen(r), i > 0);
    assert_int_equal(rs_json_rows_next(r, &b, &n, &e), RS_DONE);
    assert_null(b);
    rs_json_rows_close(r);
  }
}

/* ---- columns --------------------------------------------------------------------------------- */

static void columns_by_name(void **state)
{
  (void)state;
  struct reading g = {.columns = "b,long name,c"};
  READS_AS(&g,
           "{\"results\":[{\"a\":[1,{\"b\":2}],\"b\":1,\"c\":\"x\"},{\"c\":2,\"b\":3},{\"a\":1},"
           "{\"long\\u0020name\":1,\"\\u0062\":4,\"d\":5},{}]}",
           "<b=1 c='x'><b=3 c=2><><b=4 long name=1><>");
  g.columns = "";
  READS_AS(&g, "{\"results\":[{\"a\":1},{}]}", "<><>");
  rs_buf_free(&g.out);
}

static void keys_become_columns(void **state)
{
  (void)state;
  struct reading g = {.piece = 0};
  READS_AS(&g,
           "{\"results\":[{},{\"b\":1},{\"a\":2,\"b\":3},{\"\":4,\"k\\u00e9\":5},{\"k\xC3\xA9\":6},"
           "{\"a\":7}]}",
           "<><b=1><b=3 a=2><=4 k\xC3\xA9=5><k\xC3\xA9=6><a=7>");
  READS_AS(&g, "{\"results\":[{\"a\":1,\"b\":2,\"a\":\"last\",\"\\u0061\":{}}]}", "<a=`{}` b=2>");
  // one row a batch: the set grows from batch to batch
  g.o.batch_rows = 1;
  READS_AS(&g, "{\"results\":[{\"a\":1},{\"b\":2},{\"c\":3,\"a\":4}]}", "<a=1><b=2><a=4 c=3>");
  assert_int_equal(g.batches, 3);
  rs_buf_free(&g.out);
}

/* Rows whose keys come in any order, with some left out, and spelt with escapes. */
static void keys_in_any_order(void **state)
{
  (void)state;
  static const char *const keys[] = {"a",  "bb", "ccc",     "dddd",         "a longer name",
                                     "eé", "",   "eight..", "12345678",     "123456789",
                                     "f",  "g",  "123456",  "123456789abcd"};
  enum { KEYS = sizeof keys / sizeof keys[0] };
  char very_long[200];
  memset(very_long, 'x', sizeof very_long);
  very_long[sizeof very_long - 1] = 0;
  struct rs_buf text, want;
  rs_buf_init(&text, 1 << 24);
  rs_buf_init(&want, 1 << 24);
  unsigned seed = 1;
  rs_buf_str(&text, "{\"results\":[{");
  rs_buf_char(&want, '<');
  for (size_t k = 0; k <= KEYS; k++) { // the first row has all of them
    rs_buf_printf(&text, "%s\"%s\":0", k ? "," : "", k < KEYS ? keys[k] : very_long);
    rs_buf_printf(&want, "%s%s=0", k ? " " : "", k < KEYS ? keys[k] : very_long);
  }
  rs_buf_str(&text, "}");
  rs_buf_str(&want, ">");
  for (int row = 1; row < 500; row++) {
    int values[KEYS + 1] = {0};
    rs_buf_str(&text, ",{");
    for (int i = 0, n = 0; i < 6; i++) {
      seed = seed * 1103515245 + 12345;
      size_t k = (seed >> 16) % (KEYS + 1);
      values[k] = row + i;
      rs_buf_str(&text, n++ ? ",\"" : "\"");
      const char *name = k < KEYS ? keys[k] : very_long;
      if ((seed >> 8) % 3 == 0 && name[0] > 0)
        rs_buf_printf(&text, "\\u%04x%s", (unsigned)name[0], name + 1);
      else rs_buf_str(&text, name);
      rs_buf_printf(&text, "\":%d", values[k]);
    }
    rs_buf_str(&text, "}");
    const char *blank = "<";
    for (size_t k = 0; k <= KEYS; k++) {
      if (values[k] == 0) continue;
      rs_buf_printf(&want, "%s%s=%d", blank, k < KEYS ? keys[k] : very_long, values[k]);
      blank = " ";
    }
    rs_buf_str(&want, ">");
  }
  rs_buf_str(&text, "]}");
  struct reading g = {.piece = 0};
  assert_string_equal(read_text(&g, text.p, text.n), want.p);
  g.piece = 7;
  assert_string_equal(read_text(&g, text.p, text.n), want.p);
  rs_buf_free(&g.out);
  rs_buf_free(&text);
  rs_buf_free(&want);
}

static void too_many_columns(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_str(&b, "{\"results\":[");
  for (int i = 0; i < 9000; i++) rs_buf_printf(&b, "%s{\"key %d\":%d}", i ? "," : "", i, i);
  rs_buf_str(&b, "]}");
  struct reading g = {.piece = 0};
  const char *text = read_text(&g, b.p, b.n);
  assert_non_null(strstr(text, ">result: more than 8192 columns: name those to read"));
  assert_true(g.batches > 100); // wide rows make small batches
  g.columns = "key 8999,key 8500";
  text = read_text(&g, b.p, b.n);
  assert_non_null(strstr(text, "<><key 8500=8500><>"));
  assert_non_null(strstr(text, "<key 8999=8999>"));
  rs_buf_free(&g.out);
  rs_buf_free(&b);
}

/* One wide row behind many narrow ones does not make all of them wide. */
static void one_wide_row(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_str(&b, "{\"results\":[{\"a\":1}");
  for (int i = 0; i < 7000; i++) rs_buf_str(&b, ",{\"a\":1}");
  rs_buf_str(&b, ",{\"a\":2");
  for (int i = 1; i < 8192; i++) rs_buf_printf(&b, ",\"k%d\":%d", i, i);
  rs_buf_str(&b, "},{\"a\":3,\"k8191\":4}]}");
  struct reading g = {.piece = 1000};
  const char *text = read_text(&g, b.p, b.n);
  assert_int_equal(strncmp(text, "<a=1><a=1>", 10), 0);
  assert_non_null(strstr(text, "><a=1><a=2 k1=1 k2=2 "));
  assert_non_null(strstr(text, " k8191=8191><a=3 k8191=4>"));
  assert_in_range(g.batches, 2, 4);
  rs_buf_free(&g.out);
  rs_buf_free(&b);
}

static void long_names(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_str(&b, "{\"results\":[{\"");
  for (int i = 0; i < 1 << 20; i++) rs_buf_char(&b, 'n');
  rs_buf_str(&b, "\":1,\"x\":2}]}");
  struct reading g = {.piece = 0};
  assert_string_equal(
    read_text(&g, b.p, b.n),
    "result: columns whose names have more than 1048576 bytes: name those to read");
  g.columns = "x";
  assert_string_equal(read_text(&g, b.p, b.n), "<x=2>");
  rs_buf_free(&g.out);
  rs_buf_free(&b);
}

/* ---- batches --------------------------------------------------------------------------------- */

static void batches_end_early(void **state)
{
  (void)state;
  struct reading g = {.o = {.batch_rows = 2}};
  static const char text[] =
    "{\"results\":[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5}],\"m\":1}";
  READS_AS(&g, text, "<a=1><a=2><a=3><a=4><a=5>m:1;");
  assert_int_equal(g.batches, 3);
  g.o.batch_rows = 0;
  g.o.batch_text = 15; // two rows and the comma
  READS_AS(&g, text, "<a=1><a=2><a=3><a=4><a=5>m:1;");
  assert_int_equal(g.batches, 3);
  rs_buf_free(&g.out);
}

/* The first row of chosen columns is there as soon as it has arrived. */
static void first_rows_come_early(void **state)
{
  (void)state;
  static const char text[] = "{\"results\":[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}]}";
  static const char *const names[] = {"a"};
  for (int chosen = 0; chosen <= 1; chosen++) {
    struct feed f = {.p = text, .n = sizeof text - 1, .split = 29};
    struct rs_json_source s = {feed_read, &f};
    struct rs_json_options o = {.what = "result", .rows = "results"};
    struct rs_json_rows *r;
    struct rs_json_batch *b;
    struct rs_error e = {0};
    size_t n;
    assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
    if (chosen) assert_int_equal(rs_json_rows_project(r, names, 1, &e), RS_OK);
    for (size_t left = 4; left > 0; left -= n) {
      assert_int_equal(rs_json_rows_next(r, &b, &n, &e), RS_OK);
      assert_int_equal(n, chosen ? 2 : 4);
      if (left == 4) assert_int_equal(f.at, chosen ? 29 : f.n);
      rs_json_batch_free(b);
    }
    assert_int_equal(rs_json_rows_next(r, &b, &n, &e), RS_DONE);
    rs_json_rows_close(r);
  }
}

/* Rows from a byte to a megabyte, so that the window moves, grows, and is given up again. */
static void rows_of_every_size(void **state)
{
  (void)state;
  static const size_t sizes[] = {1,      10,     100000, 3,       700000, 5,     262144, 262100, 1,
                                 327680, 327552, 65536,  1500000, 2,      65400, 100,    400000};
  struct rs_buf b, want;
  rs_buf_init(&b, (size_t)1 << 28);
  rs_buf_init(&want, (size_t)1 << 28);
  rs_buf_str(&b, "{\"results\":[");
  for (size_t i = 0; i < 400; i++) {
    size_t n = sizes[i % (sizeof sizes / sizeof sizes[0])] + i;
    if (i % 40 > 17) n = i % 90; // runs of small ones between
    rs_buf_printf(&b, "%s{\"a\":%zu,\"s\":\"", i ? "," : "", i);
    char *p = rs_buf_reserve(&b, n);
    memset(p, 'a' + (int)(i % 26), n);
    b.n += n;
    rs_buf_str(&b, "\\n\"}");
    rs_buf_printf(&want, "<a=%zu s='", i);
    rs_buf_add(&want, b.p + b.n - n - 4, n);
    rs_buf_str(&want, "\n'>");
  }
  rs_buf_str(&b, "]}");
  struct reading g = {.piece = 0};
  assert_string_equal(read_text(&g, b.p, b.n), want.p);
  g.piece = 16384;
  assert_string_equal(read_text(&g, b.p, b.n), want.p);
  g.piece = 999;
  g.o.batch_text = 1000;
  assert_string_equal(read_text(&g, b.p, b.n), want.p);
  rs_buf_free(&g.out);
  rs_buf_free(&b);
  rs_buf_free(&want);
}

static void large_rows_and_members(void **state)
{
  (void)state;
  struct reading g = {.o = {.max_row = 20, .max_member = 15}};
  READS_AS(&g, "{\"m\":\"12345678901234\",\"results\":[]}",
           "result: the member at byte 1 has more than 15 bytes");
  READS_AS(&g, "{\"m\":\"123456789\",\"results\":[{\"a\":\"123456789012\"}]}",
           "m:\"123456789\";<a='123456789012'>");
  READS_AS(&g, "{\"results\":[{\"a\":1} , {\"a\":\"1234567890123\"}]}",
           "result: the row at byte 22 has more than 20 bytes: select fewer or shorter columns");
  rs_buf_free(&g.out);
}

/* Batches outlive the reader and belong to any thread. */
struct handed {
  struct rs_json_batch *b[64];
  size_t n;
  int64_t sum;
};

static void *add_up(void *arg)
{
  struct handed *h = arg;
  struct rs_value v;
  for (size_t k = 0; k < h->n; k++) {
    for (size_t i = 0; i < h->b[k]->rows; i++) {
      assert_true(rs_json_batch_get(h->b[k], i, 0, &v) && v.kind == RS_INT);
      h->sum += v.i;
    }
    rs_json_batch_free(h->b[k]);
  }
  return NULL;
}

static void batches_are_independent(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_str(&b, "{\"results\":[");
  for (int i = 1; i <= 10000; i++) rs_buf_printf(&b, "%s{\"n\":%d}", i > 1 ? "," : "", i);
  rs_buf_str(&b, "]}");
  struct feed f = {.p = b.p, .n = b.n};
  struct rs_json_source s = {feed_read, &f};
  struct rs_json_options o = {.what = "result", .rows = "results", .batch_rows = 500};
  struct rs_json_rows *r;
  struct rs_error e = {0};
  struct handed h = {.n = 0};
  size_t n;
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  while (rs_json_rows_next(r, &h.b[h.n], &n, &e) == RS_OK) h.n++;
  rs_json_rows_close(r);
  assert_int_equal(h.n, 20);
  pthread_t t;
  assert_int_equal(pthread_create(&t, NULL, add_up, &h), 0);
  assert_int_equal(pthread_join(t, NULL), 0);
  assert_int_equal(h.sum, 50005000);
  rs_buf_free(&b);
}

static void pages(void **state)
{
  (void)state;
  static const char *const texts[] = {"{\"results\":[{\"a\":1,\"b\":2}]} ", "{\"results\":null}",
                                      "{\"results\":[{\"c\":3,\"a\":4}]}", "{\"results\":[x"};
  struct rs_json_options o = {.what = "result", .rows = "results"};
  struct rs_json_rows *r = NULL;
  struct rs_json_batch *b;
  struct rs_error e = {0};
  struct rs_value v;
  size_t n;
  int64_t bytes = 0;
  struct feed f;
  struct rs_json_source s = {feed_read, &f};
  for (size_t i = 0; i < 4; i++) {
    f = (struct feed){.p = texts[i], .n = strlen(texts[i])};
    if (i == 0) assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
    else assert_int_equal(rs_json_rows_restart(r, &s, &e), RS_OK);
    if (i == 3) break;
    if (i != 1) {
      assert_int_equal(rs_json_rows_next(r, &b, &n, &e), RS_OK);
      assert_int_equal(rs_json_batch_columns(b, NULL), i == 0 ? 2 : 3);
      assert_true(rs_json_batch_get(b, 0, 0, &v) && v.i == (i == 0 ? 1 : 4));
      if (i == 2) assert_true(is_absent(b, 0, 1));
      else assert_false(is_absent(b, 0, 1));
      rs_json_batch_free(b);
      assert_fails(rs_json_rows_restart(r, &s, &e), e, RS_INVALID,
                   "result: a page follows only on one that was read to its end");
    }
    assert_int_equal(rs_json_rows_next(r, &b, &n, &e), RS_DONE);
    bytes += (int64_t)f.n;
    assert_int_equal(rs_json_rows_bytes(r), bytes);
  }
  // places are counted from the page's start
  assert_fails(rs_json_rows_next(r, &b, &n, &e), e, RS_REMOTE,
               "result: malformed JSON at byte 12: expected a row: an object, found 'x'");
  rs_json_rows_close(r);
}

/* ---- errors of others ------------------------------------------------------------------------ */

static enum rs_code break_off(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  int *calls = ctx;
  (void)cap;
  if (++*calls > 1) return rs_fail(e, RS_IO, "connection reset");
  memcpy(buf, "{\"results\":[{\"a\":1},", 20);
  *n = 20;
  return RS_OK;
}

static enum rs_code refuse(void *ctx, const char *name, size_t name_n, const char *json, size_t n,
                           struct rs_error *e)
{
  (void)ctx, (void)name_n, (void)json, (void)n;
  return rs_fail(e, RS_AUTH, "refused: %s", name);
}

static void errors_of_others(void **state)
{
  (void)state;
  int calls = 0;
  struct rs_json_source s = {break_off, &calls};
  struct rs_json_options o = {.what = "result", .rows = "results", .member = refuse};
  struct rs_json_rows *r;
  struct rs_json_batch *b;
  struct rs_error e = {0};
  size_t n;
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  assert_fails(rs_json_rows_next(r, &b, &n, &e), e, RS_IO, "connection reset");
  assert_fails(rs_json_rows_next(r, &b, &n, &e), e, RS_IO, "connection reset");
  assert_int_equal(rs_json_rows_head(r, NULL), RS_IO);
  assert_int_equal(calls, 2);
  rs_json_rows_close(r);
  struct feed f = {.p = "{\"errors\":[1],\"results\":[]}", .n = 27};
  s = (struct rs_json_source){feed_read, &f};
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  assert_fails(rs_json_rows_head(r, &e), e, RS_AUTH, "refused: errors");
  rs_json_rows_close(r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(members_before_and_after),
    cmocka_unit_test(rows_that_are_arrays),
    cmocka_unit_test(positions_and_width),
    cmocka_unit_test(wrong_choices),
    cmocka_unit_test(no_rows_at_the_head),
    cmocka_unit_test(columns_by_name),
    cmocka_unit_test(keys_become_columns),
    cmocka_unit_test(keys_in_any_order),
    cmocka_unit_test(too_many_columns),
    cmocka_unit_test(one_wide_row),
    cmocka_unit_test(long_names),
    cmocka_unit_test(batches_end_early),
    cmocka_unit_test(first_rows_come_early),
    cmocka_unit_test(rows_of_every_size),
    cmocka_unit_test(large_rows_and_members),
    cmocka_unit_test(batches_are_independent),
    cmocka_unit_test(pages),
    cmocka_unit_test(errors_of_others),
  };
  return RS_RUN(tests);
}
