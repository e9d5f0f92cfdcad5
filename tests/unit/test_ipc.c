/* Arrow's IPC format, made here byte by byte: a stream and a file, and all that can be wrong. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "src/arrow/ipc.h"

enum { ROWS = 3, ABSENT = -999, INT = 2, UTF8 = 5 };

/* Where the parts of a stream of one batch with the columns n and s are. */
struct made {
  unsigned char p[1000];
  size_t n;
  size_t kind;                 /* of type: the number that names the type of n */
  size_t width;                /* of n: its bits */
  size_t first, batch, end;    /* the batch's message, and what follows it */
  size_t rows, nodes, buffers; /* numbers of the batch */
  size_t bits, offsets, text;  /* its bytes */
};

static void put(struct made *m, int64_t x, int bytes)
{
  for (int i = 0; i < bytes; i++) m->p[m->n++] = (unsigned char)((uint64_t)x >> (8 * i));
}

static void set(struct made *m, size_t at, int64_t x, int bytes)
{
  size_t n = m->n;
  m->n = at;
  put(m, x, bytes);
  m->n = n;
}

static void pad(struct made *m)
{
  while (m->n % 8 != 0) put(m, 0, 1);
}

/* A flatbuffer's table with a slot of 8 bytes for each field, behind the list of its slots. */
static size_t put_table(struct made *m, const int64_t *fields, size_t n)
{
  size_t list = m->n;
  put(m, (int64_t)(4 + 2 * n), 2);
  put(m, (int64_t)(4 + 8 * n), 2);
  for (size_t i = 0; i < n; i++) put(m, fields[i] != ABSENT ? (int64_t)(4 + 8 * i) : 0, 2);
  size_t table = m->n;
  put(m, (int64_t)(table - list), 4);
  for (size_t i = 0; i < n; i++) put(m, fields[i], 8);
  return table;
}

static size_t slot(size_t table, size_t field)
{
  return table + 4 + 8 * field;
}

/* What is put next is what the four bytes at `at` refer to. */
static void refer(struct made *m, size_t at)
{
  set(m, at, (int64_t)(m->n - at), 4);
}

static void put_column(struct made *m, const char *name, int type)
{
  const int64_t field[] = {0, 1, type, 0}, number[] = {32, 1};
  size_t at = put_table(m, field, 4);
  refer(m, slot(at, 0));
  put(m, (int64_t)strlen(name), 4);
  for (; *name != 0; name++) put(m, *name, 1);
  if (type == INT) m->kind = slot(at, 2);
  // the list of its slots comes first: the table is behind it
  size_t from = slot(at, 3);
  at = put_table(m, number, type == INT ? 2 : 0);
  set(m, from, (int64_t)(at - from), 4);
  if (type == INT) m->width = slot(at, 0);
}

/* -> its first byte. What the message is about comes next; the slot *header refers to it. */
static size_t begin_message(struct made *m, int kind, int64_t body, size_t *header)
{
  const int64_t message[] = {4, kind, 0, body};
  put(m, -1, 4);
  put(m, 0, 4); // its length, see end_message
  size_t root = m->n;
  put(m, 0, 4);
  size_t at = put_table(m, message, 4);
  set(m, root, (int64_t)(at - root), 4);
  *header = slot(at, 2);
  return root;
}

static void end_message(struct made *m, size_t root)
{
  pad(m);
  set(m, root - 4, (int64_t)(m->n - root), 4);
}

static void put_schema(struct made *m)
{
  const int64_t schema[] = {0, 0};
  size_t header, root = begin_message(m, 1, 0, &header), at = put_table(m, schema, 2);
  set(m, header, (int64_t)(at - header), 4);
  refer(m, slot(at, 1));
  put(m, 2, 4);
  size_t columns = m->n;
  put(m, 0, 8);
  for (size_t i = 0; i < 2; i++) {
    // its table has four slots, and the list of them 12 bytes in front of it
    set(m, columns + 4 * i, (int64_t)(m->n + 12 - columns - 4 * i), 4);
    put_column(m, i == 0 ? "n" : "s", i == 0 ? INT : UTF8);
  }
  end_message(m, root);
}

/* n: 7, NULL, 9; s: "a", "bc", "" */
static void put_batch(struct made *m)
{
  static const int64_t nodes[] = {ROWS, 1, ROWS, 0};
  static const int64_t buffers[] = {0, 1, 8, 12, 24, 0, 24, 16, 40, 3};
  const int64_t batch[] = {ROWS, 0, 0};
  m->first = m->n;
  size_t header, root = begin_message(m, 3, 48, &header), at = put_table(m, batch, 3);
  set(m, header, (int64_t)(at - header), 4);
  m->rows = slot(at, 0);
  refer(m, slot(at, 1));
  put(m, 2, 4);
  m->nodes = m->n;
  for (size_t i = 0; i < 4; i++) put(m, nodes[i], 8);
  refer(m, slot(at, 2));
  put(m, 5, 4);
  m->buffers = m->n;
  for (size_t i = 0; i < 10; i++) put(m, buffers[i], 8);
  end_message(m, root);
  m->bits = m->n;
  put(m, 5, 8);
  put(m, 7, 4);
  put(m, 0, 4);
  put(m, 9, 8);
  m->offsets = m->n;
  put(m, 0, 4);
  put(m, 1, 4);
  put(m, 3, 8);
  set(m, m->n - 4, 3, 4);
  m->text = m->n;
  put(m, 'a' | 'b' << 8 | 'c' << 16, 8);
  m->end = m->n;
}

static void make(struct made *m, bool file)
{
  memset(m, 0, sizeof *m);
  if (file)
    for (const char *mark = "ARROW1"; *mark != 0; mark++) put(m, *mark, 1);
  pad(m);
  put_schema(m);
  put_batch(m);
  put(m, -1, 4);
  put(m, 0, 4);
  if (!file) return;
  put(m, 0, 4); // the directory's length, which nobody needs
  for (const char *mark = "ARROW1"; *mark != 0; mark++) put(m, *mark, 1);
}

/* Every byte that an array says it has is touched. */
static unsigned touch(const struct ArrowSchema *s, const struct ArrowArray *a)
{
  unsigned sum = 0;
  const unsigned char *bits = a->buffers[0], *values = a->buffers[1];
  const size_t rows = (size_t)a->length;
  for (size_t i = 0; bits != NULL && i < (rows + 7) / 8; i++) sum += bits[i];
  if (strcmp(s->format, "u") == 0) {
    const unsigned char *text = a->buffers[2];
    int32_t last = 0;
    if (rows > 0) memcpy(&last, values + 4 * rows, 4);
    for (int32_t i = 0; i < last; i++) sum += text[i];
  } else if (strchr("cCsSiIlL", s->format[0]) != NULL) {
    const size_t width = (size_t)1 << ((strchr("cCsSiIlL", s->format[0]) - "cCsSiIlL") / 2);
    for (size_t i = 0; i < rows * width; i++) sum += values[i];
  }
  return sum;
}

static void check_values(const struct ArrowArray *a)
{
  int32_t n[ROWS], offsets[ROWS + 1];
  memcpy(n, a->children[0]->buffers[1], sizeof n);
  memcpy(offsets, a->children[1]->buffers[1], sizeof offsets);
  assert_int_equal(a->children[0]->null_count, 1);
  assert_int_equal(*(const unsigned char *)a->children[0]->buffers[0] & 7, 5);
  assert_int_equal(n[0], 7);
  assert_int_equal(n[2], 9);
  assert_null(a->children[1]->buffers[0]);
  const int32_t want[] = {0, 1, 3, 3};
  assert_memory_equal(offsets, want, sizeof want);
  assert_memory_equal(a->children[1]->buffers[2], "abc", 3);
}

/* The first n bytes; exact: the values are those that make() gave. */
static enum rs_code read_all(const struct made *m, size_t n, bool exact, int64_t *rows,
                             struct rs_error *e)
{
  struct rs_arrow_ipc *r = NULL;
  struct ArrowArray a;
  FILE *f = tmpfile();
  assert_non_null(f);
  assert_int_equal(fwrite(m->p, 1, n, f), n);
  assert_int_equal(fflush(f), 0);
  *e = (struct rs_error){0};
  *rows = 0;
  enum rs_code rc = rs_arrow_ipc_open(fileno(f), &r, e);
  while (rc == RS_OK && (rc = rs_arrow_ipc_next(r, &a, e)) == RS_OK) {
    const struct ArrowSchema *s = rs_arrow_ipc_schema(r);
    volatile unsigned sum = 0;
    assert_int_equal(s->n_children, a.n_children);
    *rows += a.length;
    for (int64_t i = 0; i < a.n_children; i++) sum += touch(s->children[i], a.children[i]);
    if (exact) check_values(&a);
    a.release(&a);
  }
  rs_arrow_ipc_close(r);
  assert_int_equal(fclose(f), 0);
  return rc == RS_DONE ? RS_OK : rc;
}

static void whole(void **state)
{
  (void)state;
  struct rs_error e;
  struct made m;
  int64_t rows;
  for (int file = 0; file < 2; file++) {
    make(&m, file == 1);
    enum rs_code rc = read_all(&m, m.n, true, &rows, &e);
    if (rc != RS_OK) fail_msg("%s", e.text);
    assert_int_equal(rows, ROWS);
  }
}

/* A stream may end between two messages; a file has its mark at the end. */
static void cut_at_every_length(void **state)
{
  (void)state;
  struct rs_error e;
  struct made m;
  int64_t rows;
  make(&m, false);
  for (size_t n = 0; n < m.n; n++) {
    bool between = n == m.first || n == m.end;
    enum rs_code rc = read_all(&m, n, true, &rows, &e);
    if (rc != (between ? RS_OK : RS_INVALID)) fail_msg("%zu of %zu bytes: %s", n, m.n, e.text);
    if (!between) assert_string_equal(e.text, "its Arrow data are cut off");
    assert_int_equal(rows, n >= m.end ? ROWS : 0);
  }
  make(&m, true);
  for (size_t n = 0; n < m.n; n++) {
    enum rs_code rc = read_all(&m, n, true, &rows, &e);
    if (rc != RS_INVALID) fail_msg("%zu of %zu bytes: %s", n, m.n, e.text);
    assert_string_equal(e.text, "its Arrow data are cut off");
    assert_int_equal(rows, 0);
  }
}

#define DAMAGED "its Arrow data are damaged: "
#define AT(part) offsetof(struct made, part)

/* One number is another: `at` bytes behind what the part says. */
static const struct {
  size_t part;
  int at;
  int64_t value;
  int bytes;
  enum rs_code code;
  const char *text;
} wrong[] = {
  {AT(kind), 0, 14, 1, RS_UNSUPPORTED, "column 'n' is of a type that is not read: unions"},
  {AT(kind), 0, 99, 1, RS_UNSUPPORTED,
   "column 'n' is of a type that is not read: one of a later version of Arrow"},
  {AT(kind), 0, 12, 1, RS_INVALID, DAMAGED "column 'n': its type has odd children"},
  {AT(width), 0, 24, 4, RS_UNSUPPORTED,
   "column 'n' is of a type that is not read: integers of an odd width"},
  {AT(width), 0, 64, 4, RS_INVALID, DAMAGED "column 'n': a buffer is too short"},
  {AT(first), 4, -5, 4, RS_INVALID, DAMAGED "a message's length"},
  {AT(first), 4, 8000, 4, RS_INVALID, "its Arrow data are cut off"},
  {AT(first), 8, 8000, 4, RS_INVALID, DAMAGED "a message"},
  {AT(rows), 0, -1, 8, RS_INVALID, DAMAGED "a batch's description"},
  {AT(rows), 0, 4, 8, RS_INVALID, DAMAGED "column 'n': it has more or fewer rows than its batch"},
  {AT(nodes), 0, -1, 8, RS_INVALID, DAMAGED "a column's length"},
  {AT(nodes), 0, 4, 8, RS_INVALID, DAMAGED "column 'n': a buffer is too short"},
  {AT(nodes), -4, 1, 4, RS_INVALID, DAMAGED "it has too few columns"},
  {AT(nodes), -4, 8000, 4, RS_INVALID, DAMAGED "a batch's description"},
  {AT(buffers), -4, 4, 4, RS_INVALID, DAMAGED "it has too few buffers"},
  {AT(buffers), 0, 4, 8, RS_INVALID, DAMAGED "a buffer lies outside of its batch"},
  {AT(buffers), 0, -8, 8, RS_INVALID, DAMAGED "a buffer lies outside of its batch"},
  {AT(buffers), 24, 48, 8, RS_INVALID, DAMAGED "a buffer lies outside of its batch"},
  {AT(buffers), 24, 11, 8, RS_INVALID, DAMAGED "column 'n': a buffer is too short"},
  {AT(buffers), 56, 15, 8, RS_INVALID, DAMAGED "column 's': its values lie outside of it"},
  {AT(buffers), 72, 2, 8, RS_INVALID, DAMAGED "column 's': its values lie outside of it"},
  {AT(offsets), 0, -1, 4, RS_INVALID, DAMAGED "column 's': its values lie outside of it"},
  {AT(offsets), 4, 4, 4, RS_INVALID, DAMAGED "column 's': its values lie outside of it"},
  {AT(offsets), 12, 4, 4, RS_INVALID, DAMAGED "column 's': its values lie outside of it"},
  {AT(text), 1, 0xff, 1, RS_INVALID, DAMAGED "column 's': a text is no UTF-8"},
};

static void wrong_numbers(void **state)
{
  (void)state;
  struct rs_error e;
  struct made m;
  int64_t rows;
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    size_t part;
    make(&m, false);
    memcpy(&part, (const char *)&m + wrong[i].part, sizeof part);
    set(&m, part + (size_t)wrong[i].at, wrong[i].value, wrong[i].bytes);
    enum rs_code rc = read_all(&m, m.n, false, &rows, &e);
    if (rc != wrong[i].code || strcmp(e.text, wrong[i].text) != 0)
      fail_msg("case %zu: %s: '%s', not '%s'", i, rs_code_name(rc), e.text, wrong[i].text);
  }
}

/* Whatever byte is another one, it ends, and gives no array that is longer than its bytes. */
static void any_byte(void **state)
{
  (void)state;
  struct rs_error e;
  struct made m;
  int64_t rows;
  for (int file = 0; file < 2; file++) {
    make(&m, file == 1);
    for (size_t at = 0; at < m.n; at++) {
      unsigned char was = m.p[at];
      for (unsigned x = 1; x < 256; x = x * 2 + 1) {
        m.p[at] = (unsigned char)(was ^ x);
        enum rs_code rc = read_all(&m, m.n, false, &rows, &e);
        assert_true(rc == RS_OK || e.text[0] != 0);
      }
      m.p[at] = was;
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(whole),
    cmocka_unit_test(cut_at_every_length),
    cmocka_unit_test(wrong_numbers),
    cmocka_unit_test(any_byte),
  };
  return RS_RUN(tests);
}
