/*
** Fuzzing the tagged texts of fields of several types: any text is refused, or a value whose JSON
** is JSON; and any document's value has one text, that of what comes back, too.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "src/engine/documents/documents.h"
#include "src/value/boxed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct rs_value null_value = {.kind = RS_NULL};

/* NULL: it is no document's value. */
static struct rs_json *read_json(struct rs_arena *a, const char *p, size_t n)
{
  struct rs_json *j = NULL;
  struct rs_error e = {0};
  const char *why = NULL;
  if (rs_json_parse(p, n, 100, a, &j, &e) != RS_OK) return NULL;
  return rs_doc_prepare(j, a, &why) == RS_OK ? j : NULL;
}

static void read_tagged(struct rs_arena *a, const char *p, size_t n)
{
  const struct rs_value side = {.kind = RS_TEXT, .s = {p, n}};
  struct rs_boxed x;
  struct rs_scratch s;
  struct rs_value v;
  enum rs_type type;
  struct rs_buf b;
  struct rs_json *j = NULL;
  struct rs_error e = {0};
  if (!rs_boxed_read(&null_value, &side, &x)) return;
  rs_scratch_init(&s);
  rs_buf_init(&b, 1 << 24);
  if (!rs_boxed_value(&x, &s, &type, &v)) abort();
  rs_boxed_json(&b, &x);
  // what is JSON already is as good as its writer
  const bool given = x.v.kind == RS_JSON;
  if (!given && rs_json_parse(rs_buf_text(&b), b.n, 100, a, &j, &e) != RS_OK) abort();
  rs_buf_free(&b);
  rs_scratch_free(&s);
}

static void round_trip(struct rs_arena *a, const char *p, size_t n)
{
  struct rs_buf box, back, again;
  struct rs_boxed x;
  struct rs_json *j = read_json(a, p, n);
  if (j == NULL) return;
  rs_buf_init(&box, 1 << 24);
  rs_buf_init(&back, 1 << 24);
  rs_buf_init(&again, 1 << 24);
  rs_doc_box(&box, j);
  const struct rs_value side = {.kind = RS_TEXT, .s = {rs_buf_text(&box), box.n}};
  if (!rs_boxed_read(&null_value, &side, &x)) abort();
  rs_boxed_json(&back, &x);
  j = read_json(a, rs_buf_text(&back), back.n);
  if (j == NULL) abort();
  rs_doc_box(&again, j);
  if (again.n != box.n || memcmp(rs_buf_text(&again), box.p, box.n) != 0) abort();
  rs_buf_free(&box);
  rs_buf_free(&back);
  rs_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_arena a;
  if (n > 1 << 16) return 0;
  rs_arena_init(&a, (size_t)64 << 20);
  read_tagged(&a, (const char *)data, n);
  round_trip(&a, (const char *)data, n);
  rs_arena_free(&a);
  return 0;
}
