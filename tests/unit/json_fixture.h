/*
** What the tests of the row slicer share: a source that hands text out in pieces, and a result
** written as one line that can be compared.
*/
#ifndef RS_TESTS_JSON_FIXTURE_H
#define RS_TESTS_JSON_FIXTURE_H
#include "unit.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/cells.h"

struct feed {
  const char *p;
  size_t n, at;
  size_t piece; /* bytes a read, 0 = all */
  size_t split; /* the first read ends here */
};

static inline enum rs_code feed_read(void *ctx, char *buf, size_t cap, size_t *n,
                                     struct rs_error *e)
{
  struct feed *f = ctx;
  (void)e;
  *n = f->n - f->at < cap ? f->n - f->at : cap;
  if (f->piece > 0 && *n > f->piece) *n = f->piece;
  if (f->at<f->split && * n> f->split - f->at) *n = f->split - f->at;
  if (*n > 0) memcpy(buf, f->p + f->at, *n);
  f->at += *n;
  return RS_OK;
}

/* How a text is read, and what comes of it. */
struct reading {
  struct rs_json_options o;
  const char *columns; /* "a,b": a projection; NULL: all */
  size_t piece, split;
  struct rs_buf out;
  size_t batches;
};

static inline enum rs_code print_member(void *ctx, const char *name, size_t name_n,
                                        const char *json, size_t json_n, struct rs_error *e)
{
  struct reading *g = ctx;
  (void)e;
  assert_int_equal(json[json_n], 0);
  assert_int_equal(name[name_n], 0);
  rs_buf_printf(&g->out, "%s:%s;", name, json);
  return RS_OK;
}

static inline void print_value(struct rs_buf *out, const struct rs_value *v)
{
  char hex[200];
  switch (v->kind) {
    case RS_NULL: rs_buf_str(out, "null"); break;
    case RS_BOOL: rs_buf_str(out, v->i ? "true" : "false"); break;
    case RS_INT: rs_buf_printf(out, "%" PRId64, v->i); break;
    case RS_FLOAT: rs_buf_printf(out, "%.17gf", v->f); break;
    case RS_TEXT:
      rs_buf_char(out, '\'');
      rs_buf_add(out, v->s.p, v->s.n);
      rs_buf_char(out, '\'');
      break;
    case RS_BYTES:
      rs_hex((const unsigned char *)v->s.p, v->s.n, hex);
      rs_buf_printf(out, "x'%s'", hex);
      break;
    case RS_JSON:
      rs_buf_char(out, '`');
      rs_buf_add(out, v->s.p, v->s.n);
      rs_buf_char(out, '`');
      break;
    default: rs_buf_str(out, "?"); break;
  }
}

/* Does the row lack the column? */
static inline bool is_absent(const struct rs_json_batch *b, size_t row, size_t col)
{
  return rs_json_cell_kind(b->cells[row * b->stride + col]) == RS_JSON_ABSENT;
}

/* Rows as `<a=1 b=null>`, without what is absent; rows that are arrays as `<1 2>`. */
static inline void print_batch(struct reading *g, struct rs_json_batch *b)
{
  const char *const *names;
  size_t n = rs_json_batch_columns(b, &names);
  struct rs_value v;
  g->batches++;
  for (size_t i = 0; i < b->rows; i++) {
    const char *blank = "";
    rs_buf_char(&g->out, '<');
    for (size_t c = 0; c < n; c++) {
      if (is_absent(b, i, c)) continue;
      rs_buf_str(&g->out, blank);
      blank = " ";
      if (names != NULL) rs_buf_printf(&g->out, "%s=", names[c]);
      assert_true(rs_json_batch_get(b, i, c, &v));
      print_value(&g->out, &v);
    }
    rs_buf_char(&g->out, '>');
  }
}

static inline enum rs_code project(struct rs_json_rows *r, const char *columns, struct rs_error *e)
{
  char text[200];
  const char *names[20];
  size_t n = 0;
  (void)snprintf(text, sizeof text, "%s", columns);
  for (char *p = text; *p != 0; n++) {
    names[n] = p;
    p += strcspn(p, ",");
    if (*p != 0) *p++ = 0;
  }
  return rs_json_rows_project(r, names, n, e);
}

/* Reads the whole text; g->out gets all that was delivered, then the error. */
static inline const char *read_text(struct reading *g, const char *text, size_t n)
{
  struct feed f = {text, n, 0, g->piece, g->split};
  struct rs_json_source s = {feed_read, &f};
  struct rs_error e = {0}, again = {0};
  struct rs_json_rows *r = NULL;
  struct rs_json_batch *b = NULL;
  if (g->o.what == NULL) g->o.what = "result";
  if (g->o.rows == NULL) g->o.rows = "results";
  g->o.member = print_member;
  g->o.ctx = g;
  if (g->out.max == 0) rs_buf_init(&g->out, (size_t)1 << 30);
  rs_buf_clear(&g->out);
  g->batches = 0;
  enum rs_code rc = rs_json_rows_open(&s, &g->o, &r, &e);
  assert_int_equal(rc, RS_OK);
  if (g->columns != NULL) rc = project(r, g->columns, &e);
  while (rc == RS_OK && (rc = rs_json_rows_next(r, &b, &n, &e)) == RS_OK) {
    assert_true(n > 0 && n == b->rows);
    print_batch(g, b);
    rs_json_batch_free(b);
  }
  if (rc != RS_DONE) {
    assert_int_equal(rc, e.code);
    assert_int_equal(rs_json_rows_next(r, &b, &n, &again), rc); // errors are final
    assert_string_equal(again.text, e.text);
    rs_buf_str(&g->out, e.text);
  } else {
    assert_int_equal(rs_json_rows_bytes(r), (int64_t)f.n);
    assert_int_equal(rs_json_rows_next(r, &b, &n, &again), RS_DONE);
  }
  rs_json_rows_close(r);
  return rs_buf_text(&g->out);
}

/* The text reads as `want` in one piece, byte by byte, and split in two anywhere. */
static inline void reads_as(struct reading *g, const char *text, size_t n, const char *want)
{
  g->piece = g->split = 0;
  assert_string_equal(read_text(g, text, n), want);
  g->piece = 1;
  assert_string_equal(read_text(g, text, n), want);
  g->piece = 0;
  for (g->split = 1; g->split < n; g->split++) assert_string_equal(read_text(g, text, n), want);
  g->split = 0;
}

#define READS_AS(g, text, want) reads_as((g), (text), strlen(text), (want))
#endif
