/* Zip files made here byte by byte: stored, packed and 64-bit members, and what can be wrong. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/zip.h"

#define TEXT "a,b\n1,2\n1,2\n1,2\n1,2\n"
enum { TEXT_SIZE = sizeof TEXT - 1, LOCAL = 30, ENTRY = 46, STORED = 0, DEFLATED = 8 };

/* Where the parts of a file with one member `t.csv` are. */
struct made {
  unsigned char p[400];
  size_t n, directory, end;
};

static void put(struct made *z, uint64_t x, int bytes)
{
  for (int i = 0; i < bytes; i++, x >>= 8) z->p[z->n++] = (unsigned char)x;
}

static void put_text(struct made *z, const char *s, size_t n)
{
  memcpy(z->p + z->n, s, n);
  z->n += n;
}

/* As a stream without zlib's own head. */
static size_t deflate_text(unsigned char *to, size_t cap)
{
  z_stream s = {0};
  assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  unsigned char text[] = TEXT;
  s.next_in = text;
  s.avail_in = TEXT_SIZE;
  s.next_out = to;
  s.avail_out = (unsigned)cap;
  assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
  size_t n = cap - s.avail_out;
  deflateEnd(&s);
  return n;
}

/* What both headers of a member say of it. */
static void put_header(struct made *z, unsigned method, uint64_t packed, uint64_t size,
                       const char *name, unsigned extra)
{
  put(z, 20, 2); // version
  put(z, 0, 2);  // flags
  put(z, method, 2);
  put(z, 0, 4); // time
  put(z, crc32(0, (const unsigned char *)TEXT, TEXT_SIZE), 4);
  put(z, packed, 4);
  put(z, size, 4);
  put(z, strlen(name), 2);
  put(z, extra, 2);
}

static void put_entry(struct made *z, unsigned method, uint64_t packed, const char *name, bool wide)
{
  put_text(z, "PK\1\2\24\0", 6);
  put_header(z, method, wide ? UINT32_MAX : packed, wide ? UINT32_MAX : TEXT_SIZE, name,
             wide ? 28 : 0);
  put(z, 0, 10);                    // no comment; its part; its attributes
  put(z, wide ? UINT32_MAX : 0, 4); // where its own header is
  put_text(z, name, strlen(name));
  if (!wide) return;
  put(z, 1, 2);
  put(z, 24, 2);
  put(z, TEXT_SIZE, 8);
  put(z, packed, 8);
  put(z, 0, 8);
}

/* wide: every number of the directory is 64 bits wide. */
static void make(struct made *z, unsigned method, const char *name, bool wide)
{
  unsigned char data[100] = TEXT;
  size_t packed = method == DEFLATED ? deflate_text(data, sizeof data) : TEXT_SIZE;
  memset(z, 0, sizeof *z);
  put_text(z, "PK\3\4", 4);
  put_header(z, method, packed, TEXT_SIZE, name, 0);
  put_text(z, name, strlen(name));
  put_text(z, (const char *)data, packed);
  z->directory = z->n;
  put_entry(z, method, packed, name, wide);
  size_t size = z->n - z->directory, end64 = z->n;
  if (wide) {
    put_text(z, "PK\6\6", 4);
    put(z, 44, 8);
    put(z, 0, 4); // versions
    put(z, 0, 8); // parts
    put(z, 1, 8);
    put(z, 1, 8);
    put(z, size, 8);
    put(z, z->directory, 8);
    put_text(z, "PK\6\7", 4);
    put(z, 0, 4);
    put(z, end64, 8);
    put(z, 1, 4);
  }
  z->end = z->n;
  put_text(z, "PK\5\6", 4);
  put(z, 0, 4); // parts
  put(z, wide ? 0xFFFF : 1, 2);
  put(z, wide ? 0xFFFF : 1, 2);
  put(z, wide ? UINT32_MAX : size, 4);
  put(z, wide ? UINT32_MAX : z->directory, 4);
  put(z, 0, 2);
}

static enum rs_code sink(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  (void)e;
  rs_buf_add(ctx, p, n);
  return RS_OK;
}

/* Opens the first n bytes and reads all members, one after the other. */
static enum rs_code read_all(const struct made *made, size_t n, struct rs_buf *out, size_t *members,
                             struct rs_error *e)
{
  struct rs_arena a;
  struct rs_zip z;
  FILE *f = tmpfile();
  assert_non_null(f);
  assert_int_equal(fwrite(made->p, 1, n, f), n);
  assert_int_equal(fflush(f), 0);
  *e = (struct rs_error){0};
  rs_buf_clear(out);
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_zip_open(fileno(f), &a, &z, e);
  *members = rc == RS_OK ? z.n : 0;
  for (size_t i = 0; rc == RS_OK && i < z.n; i++) {
    assert_ptr_equal(rs_zip_find(&z, z.v[i].name), &z.v[i]);
    rc = rs_zip_read(&z, &z.v[i], sink, out, e);
  }
  if (rc == RS_OK) assert_null(rs_zip_find(&z, "other"));
  rs_arena_free(&a);
  assert_int_equal(fclose(f), 0);
  return rc;
}

static void every_form(void **state)
{
  (void)state;
  struct rs_error e;
  struct made z;
  struct rs_buf out;
  size_t members;
  rs_buf_init(&out, 1 << 20);
  for (int i = 0; i < 4; i++) {
    make(&z, i & 1 ? DEFLATED : STORED, "t.csv", i > 1);
    assert_int_equal(read_all(&z, z.n, &out, &members, &e), RS_OK);
    assert_int_equal(members, 1);
    assert_string_equal(rs_buf_text(&out), TEXT);
  }
  make(&z, STORED, "t.csv", false);
  z.p[z.n - 2] = 3; // a comment
  put_text(&z, "abc", 3);
  assert_int_equal(read_all(&z, z.n, &out, &members, &e), RS_OK);
  assert_string_equal(rs_buf_text(&out), TEXT);
  static const char *const unwanted[] = {"folder/", "__MACOSX/t.csv"};
  for (size_t i = 0; i < 2; i++) {
    make(&z, STORED, unwanted[i], false);
    assert_int_equal(read_all(&z, z.n, &out, &members, &e), RS_OK);
    assert_int_equal(members, 0);
  }
  rs_buf_free(&out);
}

/* The directory is at the end: a file that lacks a byte there has none. */
static void cut_at_every_length(void **state)
{
  (void)state;
  struct rs_error e;
  struct made z;
  struct rs_buf out;
  size_t members;
  rs_buf_init(&out, 1 << 20);
  for (int i = 0; i < 4; i++) {
    make(&z, i & 1 ? DEFLATED : STORED, "t.csv", i > 1);
    for (size_t n = 0; n < z.n; n++)
      assert_fails(read_all(&z, n, &out, &members, &e), e, RS_INVALID,
                   "it is no zip file, or it is cut off: it has no directory");
    // a byte less in front of the directory: nothing is where it is said to be
    memmove(z.p, z.p + 1, z.n - 1);
    assert_int_equal(read_all(&z, z.n - 1, &out, &members, &e), RS_INVALID);
    assert_int_equal(members, 0);
  }
  rs_buf_free(&out);
}

#define DAMAGED "its zip data are damaged or cut off: "
#define DIFFERS "'t.csv' in it is damaged: its checksum or length differs"

/* One number of the file is another: at is within the part, 'e'nd, 'd'irectory or 'm'ember. */
static const struct {
  unsigned method;
  char part;
  size_t at;
  uint64_t value;
  int bytes;
  enum rs_code code;
  const char *text;
} wrong[] = {
  {STORED, 'e', 4, 1, 2, RS_UNSUPPORTED, "it is one of several parts of a zip file: join them"},
  {STORED, 'e', 10, 2, 2, RS_INVALID, DAMAGED "its directory is too short"},
  {STORED, 'e', 12, 40, 4, RS_INVALID, DAMAGED "its directory is too short"},
  {STORED, 'e', 12, 50, 4, RS_INVALID, DAMAGED "its directory is too short"},
  {STORED, 'e', 12, 4000, 4, RS_INVALID, DAMAGED "its directory lies behind the end"},
  {STORED, 'e', 16, 0, 4, RS_INVALID, DAMAGED "its directory is not one"},
  {STORED, 'e', 16, 4000, 4, RS_INVALID, DAMAGED "its directory lies behind the end"},
  {STORED, 'e', 16, UINT32_MAX, 4, RS_INVALID, DAMAGED "its directory lies behind the end"},
  {STORED, 'd', 0, 0, 4, RS_INVALID, DAMAGED "its directory is not one"},
  {STORED, 'd', 8, 1, 2, RS_FORBIDDEN, "'t.csv' is protected by a password: unpack it with one"},
  {STORED, 'd', 10, 12, 2, RS_UNSUPPORTED,
   "'t.csv' is packed by method 12, not deflate: unpack the file, or pack it anew"},
  {STORED, 'd', 16, 1, 4, RS_INVALID, DIFFERS},
  {DEFLATED, 'd', 16, 1, 4, RS_INVALID, DIFFERS},
  {STORED, 'd', 20, TEXT_SIZE - 1, 4, RS_INVALID, DIFFERS},
  {STORED, 'd', 20, 4000, 4, RS_INVALID, DAMAGED "something is said to lie behind the end"},
  {DEFLATED, 'd', 20, 5, 4, RS_INVALID, DAMAGED "a member ends too soon"},
  {DEFLATED, 'd', 20, 0, 4, RS_INVALID, DIFFERS},
  {STORED, 'd', 24, TEXT_SIZE - 1, 4, RS_INVALID,
   DAMAGED "a member is longer than it is said to be"},
  {DEFLATED, 'd', 24, TEXT_SIZE - 1, 4, RS_INVALID,
   DAMAGED "a member is longer than it is said to be"},
  {DEFLATED, 'd', 24, TEXT_SIZE + 1, 4, RS_INVALID, DIFFERS},
  {STORED, 'd', 24, UINT32_MAX, 4, RS_INVALID, DAMAGED "a member's size is missing"},
  {STORED, 'd', 28, 4000, 2, RS_INVALID, DAMAGED "its directory is too short"},
  {STORED, 'd', 42, 4, 4, RS_INVALID, DAMAGED "a member is not where it is said to be"},
  {STORED, 'd', 42, 4000, 4, RS_INVALID, DAMAGED "something is said to lie behind the end"},
  {STORED, 'm', 26, 4000, 2, RS_INVALID, DAMAGED "something is said to lie behind the end"},
};

static void wrong_numbers(void **state)
{
  (void)state;
  struct rs_error e;
  struct made z;
  struct rs_buf out;
  size_t members;
  rs_buf_init(&out, 1 << 20);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    make(&z, wrong[i].method, "t.csv", false);
    size_t n = z.n, part = wrong[i].part == 'e' ? z.end : wrong[i].part == 'd' ? z.directory : 0;
    z.n = part + wrong[i].at;
    put(&z, wrong[i].value, wrong[i].bytes);
    enum rs_code rc = read_all(&z, n, &out, &members, &e);
    if (rc != wrong[i].code) fail_msg("case %zu: %s: %s", i, rs_code_name(rc), e.text);
    assert_string_equal(e.text, wrong[i].text);
  }
  rs_buf_free(&out);
}

/* Whatever byte is another one, it ends, and reads nothing that isn't there. */
static void any_byte(void **state)
{
  (void)state;
  struct rs_error e;
  struct made z;
  struct rs_buf out;
  size_t members;
  rs_buf_init(&out, 1 << 20);
  for (int i = 0; i < 4; i++) {
    make(&z, i & 1 ? DEFLATED : STORED, "t.csv", i > 1);
    for (size_t at = 0; at < z.n; at++) {
      unsigned char was = z.p[at];
      for (unsigned x = 1; x < 256; x = x * 2 + 1) {
        z.p[at] = (unsigned char)(was ^ x);
        enum rs_code rc = read_all(&z, z.n, &out, &members, &e);
        assert_true(rc == RS_OK || e.text[0] != 0);
        if (rc == RS_OK && members > 0) assert_string_equal(rs_buf_text(&out), TEXT);
      }
      z.p[at] = was;
    }
  }
  rs_buf_free(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form),
    cmocka_unit_test(cut_at_every_length),
    cmocka_unit_test(wrong_numbers),
    cmocka_unit_test(any_byte),
  };
  return RS_RUN(tests);
}
