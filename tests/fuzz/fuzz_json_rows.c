/*
** Fuzzes the row slicer. The first four bytes choose how the rest is read: in what pieces, batches,
** shape, projection. Beyond what the sanitizers see: a text gives the same rows, members and error
** however it is cut into pieces, and all decoded text is valid UTF-8.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/cells.h"

struct feed {
  const char *p;
  size_t n, at, piece;
};

static enum rs_code feed_read(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  struct feed *f = ctx;
  (void)e;
  *n = f->n - f->at < cap ? f->n - f->at : cap;
  if (f->piece > 0 && *n > f->piece) *n = f->piece;
  if (*n > 0) memcpy(buf, f->p + f->at, *n);
  f->at += *n;
  return RS_OK;
}

/* All that was delivered, as checksums: `sum` is that of the members or rows. */
static uint64_t sum, rows_sum;

static void count(const void *p, size_t n)
{
  const unsigned char *bytes = p;
  for (size_t i = 0; i < n; i++) sum = (sum ^ bytes[i]) * UINT64_C(0x100000001B3);
  sum = (sum ^ n) * UINT64_C(0x100000001B3);
}

static void must(bool ok, const char *what)
{
  if (ok) return;
  (void)fprintf(stderr, "%s\n", what);
  abort();
}

static enum rs_code member(void *ctx, const char *name, size_t name_n, const char *json, size_t n,
                           struct rs_error *e)
{
  (void)ctx, (void)e;
  must(rs_utf8_valid(name, name_n) == name_n, "a name is no UTF-8");
  must(rs_utf8_valid(json, n) == n && json[n] == 0, "a member is no UTF-8");
  count(name, name_n);
  count(json, n);
  return RS_OK;
}

static void take(struct rs_json_batch *b, bool timestamps)
{
  const char *const *names;
  size_t n = rs_json_batch_columns(b, &names);
  struct rs_value v;
  for (size_t i = 0; i < b->rows; i++) {
    for (size_t c = 0; c < n; c++) {
      // where batches end depends on the pieces, and with it how many columns there are by then
      if (rs_json_cell_kind(b->cells[i * b->stride + c]) == RS_JSON_ABSENT) continue;
      if (names != NULL) count(names[c], strlen(names[c]));
      count(&c, sizeof c);
      must(timestamps ? rs_json_batch_timestamp(b, i, c, &v) : rs_json_batch_get(b, i, c, &v),
           "out of memory");
      count(&v.kind, sizeof v.kind);
      if (v.kind == RS_INT || v.kind == RS_BOOL) count(&v.i, sizeof v.i);
      else if (v.kind == RS_FLOAT) count(&v.f, sizeof v.f);
      else if (v.kind != RS_NULL) count(v.s.p, v.s.n);
      if (v.kind == RS_TEXT || v.kind == RS_JSON)
        must(rs_utf8_valid(v.s.p, v.s.n) == v.s.n, "a value is no UTF-8");
    }
  }
}

static uint64_t read_all(const uint8_t *how, const char *p, size_t n, size_t piece)
{
  static const char *const names[] = {"a", "year", "k3", "a longer name"};
  struct feed f = {p, n, 0, piece};
  struct rs_json_source s = {feed_read, &f};
  struct rs_error e = {0};
  struct rs_json_rows *r = NULL;
  struct rs_json_batch *b = NULL;
  struct rs_json_options o = {.what = "fuzz",
                              .rows = "results",
                              .shape = how[0] & 1 ? RS_JSON_ARRAYS : RS_JSON_OBJECTS,
                              .typed = how[0] & 2,
                              .member = member,
                              .max_row = how[0] & 4 ? 100 : 0,
                              .max_member = how[0] & 8 ? 50 : 0,
                              .batch_rows = how[1] & 0x0F,
                              .batch_text = (size_t)(how[1] >> 4) * 40};
  sum = UINT64_C(0xCBF29CE484222325);
  enum rs_code rc = rs_json_rows_open(&s, &o, &r, &e);
  if (rc == RS_OK && how[0] & 16) {
    rc = o.shape == RS_JSON_OBJECTS
           ? rs_json_rows_project(r, names, how[2] & 3, &e)
           : rs_json_rows_pick(r, NULL, how[2] & 3, how[2] & 4 ? 3 : 0, &e);
  }
  rows_sum = sum;
  while (rc == RS_OK && (rc = rs_json_rows_next(r, &b, &n, &e)) == RS_OK) {
    const uint64_t members_sum = sum;
    sum = rows_sum;
    take(b, how[0] & 32);
    rows_sum = sum;
    sum = members_sum;
    rs_json_batch_free(b);
  }
  must(rc == RS_DONE || rc == RS_REMOTE || rc == RS_LIMIT, e.text);
  count(&rc, sizeof rc);
  count(e.text, strlen(e.text));
  rs_json_rows_close(r);
  // how many rows are delivered before an error depends on where batches end as well
  if (rc == RS_DONE) count(&rows_sum, sizeof rows_sum);
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
  static const char before[] = "{\"results\":[", after[] = "]}";
  if (n < 4) return 0;
  char *text = malloc(n + sizeof before + sizeof after);
  if (text == NULL) abort();
  size_t len = 0;
  bool rows_only = p[0] & 64;
  if (rows_only) memcpy(text, before, len = sizeof before - 1);
  memcpy(text + len, p + 4, n - 4);
  len += n - 4;
  if (rows_only) memcpy(text + len, after, sizeof after - 1), len += sizeof after - 1;
  uint64_t whole = read_all(p, text, len, 0);
  must(read_all(p, text, len, 1 + p[3] % 64) == whole, "pieces make a difference");
  free(text);
  return 0;
}
