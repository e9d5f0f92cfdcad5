/*
** Sealed secrets (see seal.h): version (1 byte), nonce (12), the text, tag (16), as base64. What is
** used of libcrypto is declared here from its public interface, so that no header of it is needed
** to build.
*/
#include "seal.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/base/base64.h"
#include "src/base/file.h"
#include "src/base/library.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"

#define VARIABLE "ROCKSETD_INTEGRATIONS_KEY"

enum { KEY = 32, NONCE = 12, TAG = 16, VERSION = 1, HEAD = 1 + NONCE, TEXT_MAX = 65536 };
enum { GCM_GET_TAG = 0x10, GCM_SET_TAG = 0x11 }; /* EVP_CTRL_GCM_* */

struct rs_seal {
  unsigned char key[KEY];
};

static struct {
  void *(*new)(void);
  void (*free)(void *ctx);
  const void *(*aes)(void);
  int (*init)(void *ctx, const void *cipher, void *engine, const unsigned char *key,
              const unsigned char *nonce, int encrypts);
  int (*update)(void *ctx, unsigned char *out, int *n, const unsigned char *in, int len);
  int (*final)(void *ctx, unsigned char *out, int *n);
  int (*control)(void *ctx, int what, int n, void *p);
} crypto;

static enum rs_code load(struct rs_error *e)
{
  static const struct rs_library library = {
    .name = "libcrypto",
    .files = {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib"},
    .use = "integrations with keys",
    .packages =
      "apt-get install libssl3 (Debian, Ubuntu), dnf install openssl-libs (Fedora, RHEL), "
      "zypper install libopenssl3 (openSUSE), pacman -S openssl (Arch)"};
  const struct rs_symbol symbols[] = {
    {"EVP_CIPHER_CTX_new", &crypto.new},     {"EVP_CIPHER_CTX_free", &crypto.free},
    {"EVP_aes_256_gcm", &crypto.aes},        {"EVP_CipherInit_ex", &crypto.init},
    {"EVP_CipherUpdate", &crypto.update},    {"EVP_CipherFinal_ex", &crypto.final},
    {"EVP_CIPHER_CTX_ctrl", &crypto.control}};
  return rs_library_open(&library, symbols, sizeof symbols / sizeof symbols[0], e);
}

/* ---- the key --------------------------------------------------------------------------------- */

static enum rs_code read_key(const char *text, size_t n, const char *where, struct rs_seal *s,
                             struct rs_error *e)
{
  while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL) n--;
  bool good = n == 2 * KEY;
  for (size_t i = 0; good && i < KEY; i++) {
    int high = rs_hex_value(text[2 * i]), low = rs_hex_value(text[2 * i + 1]);
    good = high >= 0 && low >= 0;
    s->key[i] = (unsigned char)(high * 16 + low);
  }
  if (good) return RS_OK;
  return rs_fail(e, RS_INVALID,
                 "%s: a key of 64 hex digits is needed: openssl rand -hex 32 makes "
                 "one",
                 where);
}

/* Out of the environment, and out of the memory that /proc/PID/environ shows. */
static enum rs_code take_key(struct rs_seal *s, bool *has, struct rs_error *e)
{
  char *text = getenv(VARIABLE);
  *has = text != NULL && *text != 0;
  if (text == NULL) return RS_OK;
  enum rs_code rc = *has ? read_key(text, strlen(text), VARIABLE, s, e) : RS_OK;
  memset(text, 0, strlen(text));
  (void)unsetenv(VARIABLE);
  return rc;
}

enum rs_code rs_seal_open(const char *file, struct rs_seal **ps, struct rs_error *e)
{
  struct rs_arena a;
  const char *text;
  size_t n;
  bool has = false;
  *ps = NULL;
  struct rs_seal *s = rs_calloc(1, sizeof *s);
  if (s == NULL) return rs_nomem(e);
  rs_arena_init(&a, 0);
  enum rs_code rc = take_key(s, &has, e);
  if (rc == RS_OK && file != NULL) {
    rc = rs_file_read(&a, file, 4096, &text, &n, e);
    if (rc == RS_OK) rc = read_key(text, n, "--integrations-key-file", s, e);
    has = true;
  }
  rs_arena_free(&a);
  if (rc == RS_OK && has) rc = load(e);
  if (rc == RS_OK && has) *ps = s;
  else rs_seal_close(s);
  return rc;
}

void rs_seal_close(struct rs_seal *s)
{
  if (s == NULL) return;
  memset(s, 0, sizeof *s);
  rs_free(s);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static bool add_name(void *ctx, const char *name)
{
  int n;
  return crypto.update(ctx, NULL, &n, (const unsigned char *)name, (int)strlen(name)) == 1;
}

static bool encrypt(void *ctx, const struct rs_seal *s, const char *name, const char *text,
                    unsigned char *out, size_t len)
{
  int n = 0, rest = 0;
  return crypto.init(ctx, crypto.aes(), NULL, s->key, out + 1, 1) == 1 && add_name(ctx, name) &&
         crypto.update(ctx, out + HEAD, &n, (const unsigned char *)text, (int)len) == 1 &&
         crypto.final(ctx, out + HEAD + n, &rest) == 1 && (size_t)(n + rest) == len &&
         crypto.control(ctx, GCM_GET_TAG, TAG, out + HEAD + len) == 1;
}

enum rs_code rs_seal_close_text(const struct rs_seal *s, const char *name, const char *text,
                                struct rs_arena *a, const char **sealed, struct rs_error *e)
{
  size_t len = strlen(text), all = HEAD + len + TAG;
  struct rs_buf b;
  if (len > TEXT_MAX) return rs_fail(e, RS_LIMIT, "a secret of more than 64 KiB");
  unsigned char *out = rs_arena_alloc(a, all);
  if (out == NULL) return rs_nomem(e);
  out[0] = VERSION;
  if (getentropy(out + 1, NONCE) != 0)
    return rs_fail(e, RS_IO, "the system gives no random numbers");
  void *ctx = crypto.new();
  if (ctx == NULL) return rs_nomem(e);
  bool ok = encrypt(ctx, s, name, text, out, len);
  crypto.free(ctx);
  if (!ok) return rs_fail(e, RS_INTERNAL, "libcrypto can't seal a secret");
  rs_buf_init(&b, 1 << 20);
  rs_base64_add(&b, (const char *)out, all);
  return rs_arena_take_buf(a, &b, "secret", sealed, e);
}

static bool decrypt(void *ctx, const struct rs_seal *s, const char *name, unsigned char *in,
                    size_t len, unsigned char *out)
{
  int n = 0, rest = 0;
  return crypto.init(ctx, crypto.aes(), NULL, s->key, in + 1, 0) == 1 && add_name(ctx, name) &&
         crypto.update(ctx, out, &n, in + HEAD, (int)len) == 1 &&
         crypto.control(ctx, GCM_SET_TAG, TAG, in + HEAD + len) == 1 &&
         crypto.final(ctx, out + n, &rest) == 1 && (size_t)(n + rest) == len;
}

enum rs_code rs_seal_open_text(const struct rs_seal *s, const char *name, const char *sealed,
                               struct rs_arena *a, const char **text, struct rs_error *e)
{
  size_t n = 0;
  char *in = rs_arena_strdup(a, sealed);
  if (in == NULL) return rs_nomem(e);
  bool ok = rs_base64_decode(in, strlen(in), &n) && n >= HEAD + TAG && in[0] == VERSION &&
            n <= TEXT_MAX + HEAD + TAG;
  unsigned char *out = rs_arena_calloc(a, n + 1);
  void *ctx = ok ? crypto.new() : NULL;
  if (out == NULL || (ok && ctx == NULL)) return rs_nomem(e);
  ok = ok && decrypt(ctx, s, name, (unsigned char *)in, n - HEAD - TAG, out);
  if (ctx != NULL) crypto.free(ctx);
  if (!ok)
    return rs_fail(e, RS_AUTH,
                   "its secret was sealed with another key: start the server with the key of then "
                   "(--integrations-key-file), or give the secret again by PUT");
  *text = (const char *)out;
  return RS_OK;
}
