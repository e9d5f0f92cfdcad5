/* SHA-256 against the standard's own examples, and comparing in constant time. */
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/sha256.h"
#include "src/base/text.h"

static void check(const char *text, size_t n, const char *expected)
{
  unsigned char hash[RS_SHA256_SIZE];
  char hex[2 * RS_SHA256_SIZE + 1];
  rs_sha256(text, n, hash);
  rs_hex(hash, sizeof hash, hex);
  assert_string_equal(hex, expected);
}

static void examples(void **state)
{
  (void)state;
  check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* Around the block's length, where the padding needs a block of its own. */
static void a_million(void **state)
{
  (void)state;
  char *text = rs_malloc(1000000);
  memset(text, 'a', 1000000);
  check(text, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  check(text, 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  check(text, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  check(text, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  rs_free(text);
}

static void comparing(void **state)
{
  (void)state;
  assert_true(rs_same_bytes("abc", "abc", 3) && rs_same_bytes("a", "b", 0));
  assert_false(rs_same_bytes("abc", "abd", 3) || rs_same_bytes("xbc", "abc", 3));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(a_million),
                                     cmocka_unit_test(comparing)};
  return RS_RUN(tests);
}
