/* gzip data: every kind of block, members one after the other, and all that is wrong with them. */
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/gunzip.h"
#include "src/base/mem.h"

/* As zlib packs them: stored, with the fixed codes and a name, with codes of its own. */
#define STORED "1f8b0800000000000003010c00f3ff68656c6c6f2c20776f726c643a72abff0c000000"
#define FIXED "1f8b0808000000000003782e637376004bd449e232d43142c100db73507d14000000"
#define DYNAMIC                                                                                  \
  "1f8b0800000000000003158fcb11c5200c03efae4507f24842528e31fee0fe0b78ce8919847645c3ca2d467d2023" \
  "67d238c1a17bd1d1b062efa073c065c9a6e784f394a45f032b6bd0552d774f7a4f84d864ea0d124b9dee01f55d51" \
  "87edacf32c9eb1966140ea2ae9e8982b55e96a983362d23360d385e9d7abedc5bb1b32f93354b4bf5dbd7ff23969" \
  "54b479950a9a5aa5b35466e2f434787ceee3c69eb9cbd0e1b54ae96d288a95e186a771b57b1984ad3edc1066a9d4" \
  "6f0427338d226ad4e617696242e78def85d253c0c92974bca855bae8aa48bc76bd05345b41bf17326d25fd01e432" \
  "ab5e65010000"

struct data {
  char in[2000];
  size_t n, at, step; /* bytes that one fill gives */
  struct rs_buf out;
  size_t stop; /* enough after so many */
};

static enum rs_code fill(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  struct data *d = ctx;
  (void)e;
  *n = d->n - d->at < d->step ? d->n - d->at : d->step;
  if (*n > cap) *n = cap;
  memcpy(p, d->in + d->at, *n);
  d->at += *n;
  return RS_OK;
}

static enum rs_code sink(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct data *d = ctx;
  (void)e;
  rs_buf_add(&d->out, p, n);
  return d->stop > 0 && d->out.n >= d->stop ? RS_DONE : RS_OK;
}

static void add_hex(struct data *d, const char *hex)
{
  for (; *hex != 0; hex += 2) {
    const char pair[3] = {hex[0], hex[1], 0};
    d->in[d->n++] = (char)strtoul(pair, NULL, 16);
  }
}

static void begin(struct data *d, const char *hex)
{
  *d = (struct data){.step = sizeof d->in};
  rs_buf_init(&d->out, 1 << 24);
  add_hex(d, hex);
}

static enum rs_code unpack(struct data *d, struct rs_error *e)
{
  *e = (struct rs_error){0};
  d->at = 0;
  rs_buf_clear(&d->out);
  return rs_gunzip(fill, sink, d, e);
}

static void every_block(void **state)
{
  (void)state;
  struct rs_error e;
  static struct data d;
  begin(&d, STORED);
  assert_int_equal(unpack(&d, &e), RS_OK);
  assert_string_equal(rs_buf_text(&d.out), "hello, world");
  rs_buf_free(&d.out);
  begin(&d, FIXED);
  d.step = 1; // whatever pieces it comes in
  assert_int_equal(unpack(&d, &e), RS_OK);
  assert_string_equal(rs_buf_text(&d.out), "a,b\n1,2\n1,2\n1,2\n1,2\n");
  rs_buf_free(&d.out);
  begin(&d, DYNAMIC); // its checksum is checked by the unpacking
  assert_int_equal(unpack(&d, &e), RS_OK);
  assert_int_equal(d.out.n, 357);
  assert_memory_equal(d.out.p, "0,", 2);
  rs_buf_free(&d.out);
}

static void members_and_padding(void **state)
{
  (void)state;
  struct rs_error e;
  static struct data d;
  begin(&d, "");
  assert_int_equal(unpack(&d, &e), RS_OK);
  add_hex(&d, STORED);
  add_hex(&d, FIXED);
  add_hex(&d, "00000000000000000000");
  assert_int_equal(unpack(&d, &e), RS_OK);
  assert_string_equal(rs_buf_text(&d.out), "hello, worlda,b\n1,2\n1,2\n1,2\n1,2\n");
  add_hex(&d, "41");
  assert_fails(unpack(&d, &e), e, RS_INVALID, "its gzip data are cut off at byte 80");
  add_hex(&d, "4141");
  assert_int_equal(unpack(&d, &e), RS_INVALID);
  assert_non_null(strstr(e.text, "its gzip data do not begin as such"));
  d.stop = 5; // the rest is not looked at
  assert_int_equal(unpack(&d, &e), RS_DONE);
  rs_buf_free(&d.out);
}

/* Cut anywhere, or with any byte changed, it is an error, if only by the checksum. */
static void damaged(void **state)
{
  (void)state;
  struct rs_error e;
  static struct data d;
  static const char *const all[] = {STORED, FIXED, DYNAMIC};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    begin(&d, all[i]);
    size_t n = d.n;
    for (d.n = 1; d.n < n; d.n++) {
      assert_int_equal(unpack(&d, &e), RS_INVALID);
      assert_non_null(strstr(e.text, "are cut off at byte"));
    }
    d.n = n;
    for (size_t at = 0; at < n; at++) {
      // what a member says of time, system and name is nobody's business
      if ((at >= 4 && at < 10) || (i == 1 && at >= 10 && at < 16)) continue;
      if (at == 3) continue; // flags: one may be harmless
      for (int bit = 0; bit < 8; bit++) {
        if (i == 0 && at == 10 && bit > 2) continue; // fills up the byte
        d.in[at] = (char)(d.in[at] ^ (1 << bit));
        enum rs_code rc = unpack(&d, &e);
        // the bits that fill up a last byte
        if (rc == RS_OK && at < n - 9) fail_msg("sample %zu, byte %zu, bit %d", i, at, bit);
        d.in[at] = (char)(d.in[at] ^ (1 << bit));
      }
    }
    rs_buf_free(&d.out);
  }
  begin(&d, STORED);
  d.in[d.n - 8]++;
  assert_fails(unpack(&d, &e), e, RS_INVALID,
               "its gzip data do not match their checksum at byte 31");
  d.in[d.n - 8]--;
  d.in[d.n - 4]++;
  assert_fails(unpack(&d, &e), e, RS_INVALID, "its gzip data do not match their length at byte 35");
  rs_buf_free(&d.out);
}

/* More than the window, by the system's own packer. */
static enum rs_code fill_file(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  (void)e;
  *n = fread(p, 1, cap, ctx);
  return RS_OK;
}

static struct rs_buf big;

static enum rs_code compare(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  static size_t at;
  (void)ctx;
  (void)e;
  assert_true(at + n <= big.n);
  assert_memory_equal(p, big.p + at, n);
  at += n;
  return at == big.n ? RS_DONE : RS_OK;
}

static void large(void **state)
{
  (void)state;
  struct rs_error e = {0};
  char path[] = "/tmp/rs-gunzip-XXXXXX", command[100];
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  rs_buf_init(&big, 1 << 24);
  unsigned seed = 7;
  for (int i = 0; i < 60000; i++) {
    seed = seed * 1103515245 + 12345;
    rs_buf_printf(&big, "{\"id\":%d,\"x\":%u},\n", i, i % 50 < 25 ? seed >> 8 : 5);
  }
  FILE *file = fdopen(fd, "w");
  assert_int_equal(fwrite(big.p, 1, big.n, file), big.n);
  (void)fclose(file);
  (void)snprintf(command, sizeof command, "gzip -c %s", path);
  file = popen(command, "r");
  assert_non_null(file);
  assert_int_equal(rs_gunzip(fill_file, compare, file, &e), RS_DONE);
  (void)pclose(file);
  (void)remove(path);
  rs_buf_free(&big);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_block),
    cmocka_unit_test(members_and_padding),
    cmocka_unit_test(damaged),
    cmocka_unit_test(large),
  };
  return RS_RUN(tests);
}
