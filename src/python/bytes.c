/*
** bytes: what str.encode() and int.to_bytes() give. It can be printed, measured and decoded again.
**
** Codecs: UTF-8, UTF-16 and UTF-32 (of either order of bytes), ASCII, Latin-1. Python knows more;
** those are an error here.
*/
#include "protocol.h"

enum codec { UTF_8, UTF_16, UTF_16LE, UTF_16BE, UTF_32, UTF_32LE, UTF_32BE, ASCII, LATIN_1 };

/* Python's names, with `_` for everything that is no letter or digit. */
static const struct {
  const char *name;
  enum codec codec;
} codecs[] = {
  {"utf_8", UTF_8},        {"utf8", UTF_8},         {"u8", UTF_8},
  {"utf", UTF_8},          {"utf_16", UTF_16},      {"utf16", UTF_16},
  {"u16", UTF_16},         {"utf_16_le", UTF_16LE}, {"utf_16le", UTF_16LE},
  {"utf_16_be", UTF_16BE}, {"utf_16be", UTF_16BE},  {"utf_32", UTF_32},
  {"utf32", UTF_32},       {"u32", UTF_32},         {"utf_32_le", UTF_32LE},
  {"utf_32le", UTF_32LE},  {"utf_32_be", UTF_32BE}, {"utf_32be", UTF_32BE},
  {"ascii", ASCII},        {"us_ascii", ASCII},     {"646", ASCII},
  {"latin_1", LATIN_1},    {"latin1", LATIN_1},     {"latin", LATIN_1},
  {"l1", LATIN_1},         {"iso_8859_1", LATIN_1}, {"iso8859_1", LATIN_1},
  {"8859", LATIN_1},       {"cp819", LATIN_1},
};

static enum rs_code codec_find(struct rs_python *j, jv name, enum codec *c)
{
  char flat[32];
  const struct jv_str *s;
  TRY(py_need_str(j, name, &s));
  size_t n = 0;
  for (size_t i = 0; i < s->n && n + 1 < sizeof flat; i++) {
    char k = s->s[i];
    bool letter = (k >= 'a' && k <= 'z') || (k >= '0' && k <= '9');
    if (k >= 'A' && k <= 'Z') flat[n++] = (char)(k + 32);
    else if (letter) flat[n++] = k;
    else if (n > 0 && flat[n - 1] != '_') flat[n++] = '_';
  }
  flat[n] = 0;
  for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
    if (!rs_eq(codecs[i].name, flat)) continue;
    *c = codecs[i].codec;
    return RS_OK;
  }
  return py_fail(j, "unknown encoding: %s", s->s);
}

/* ---- encoding ------------------------------------------------------------------------------- */

static void put_unit(struct rs_buf *b, uint32_t v, int bytes, bool big)
{
  for (int i = 0; i < bytes; i++) rs_buf_char(b, (char)(v >> 8 * (big ? bytes - 1 - i : i)));
}

static void put_wide(struct rs_buf *b, uint32_t c, enum codec codec)
{
  bool big = codec == UTF_16BE || codec == UTF_32BE;
  if (codec >= UTF_32) {
    put_unit(b, c, 4, big);
  } else if (c < 0x10000) {
    put_unit(b, c, 2, big);
  } else {
    put_unit(b, 0xD800 + ((c - 0x10000) >> 10), 2, big);
    put_unit(b, 0xDC00 + ((c - 0x10000) & 0x3FF), 2, big);
  }
}

/* A character that the codec lacks. */
static enum rs_code put_missing(struct rs_python *j, struct rs_buf *b, uint32_t c, size_t at,
                                enum codec codec, const char *errors)
{
  if (rs_eq(errors, "replace")) {
    rs_buf_char(b, '?');
  } else if (rs_eq(errors, "xmlcharrefreplace")) {
    rs_buf_printf(b, "&#%u;", c);
  } else if (rs_eq(errors, "backslashreplace")) {
    rs_buf_printf(b, c < 256 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
  } else if (rs_eq(errors, "strict")) {
    const char *form = c < 256 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    char shown[12];
    struct rs_buf t;
    rs_buf_init(&t, 100);
    rs_buf_printf(&t, form, c);
    memcpy(shown, rs_buf_text(&t), t.n + 1);
    rs_buf_free(&t);
    return py_fail(j,
                   "'%s' codec can't encode character '%s' in position %zu: ordinal not in "
                   "range(%d)",
                   codec == ASCII ? "ascii" : "latin-1", shown, at, codec == ASCII ? 128 : 256);
  } else if (!rs_eq(errors, "ignore")) {
    return py_fail(j, "unknown error handler name '%s'", errors);
  }
  return RS_OK;
}

static enum rs_code encode(struct rs_python *j, const struct jv_str *s, enum codec codec,
                           const char *errors, struct rs_buf *b)
{
  if (codec == UTF_8) {
    rs_buf_add(b, s->s, s->n);
    return RS_OK;
  }
  if (codec == UTF_16) put_unit(b, 0xFEFF, 2, false);
  if (codec == UTF_32) put_unit(b, 0xFEFF, 4, false);
  const uint32_t end = codec == ASCII ? 128 : 256;
  for (size_t i = 0, at = 0; i < s->n; at++) {
    uint32_t c = uni_next(s->s, &i);
    if (codec < ASCII) put_wide(b, c, codec);
    else if (c < end) rs_buf_char(b, (char)c);
    else TRY(put_missing(j, b, c, at, codec, errors));
  }
  return RS_OK;
}

/* ---- decoding ------------------------------------------------------------------------------- */

static enum rs_code decode_bad(struct rs_python *j, const char *codec)
{
  return py_fail(j, "'%s' codec can't decode the bytes", codec);
}

static enum rs_code decode(struct rs_python *j, const struct jv_str *s, enum codec codec,
                           struct rs_buf *b)
{
  if (codec == UTF_8) {
    if (!uni_valid(s->s, s->n)) return decode_bad(j, "utf-8");
    rs_buf_add(b, s->s, s->n);
    return RS_OK;
  }
  size_t unit = codec >= ASCII ? 1 : codec >= UTF_32 ? 4 : 2;
  bool big = codec == UTF_16BE || codec == UTF_32BE;
  if (s->n % unit != 0) return decode_bad(j, unit == 2 ? "utf-16" : "utf-32");
  uint32_t high = 0;
  for (size_t i = 0; i < s->n; i += unit) {
    uint32_t c = 0;
    for (size_t k = 0; k < unit; k++) {
      c |= (uint32_t)(unsigned char)s->s[i + k] << 8 * (big ? unit - 1 - k : k);
    }
    if (i == 0 && c == 0xFEFF && (codec == UTF_16 || codec == UTF_32)) continue;
    if (codec == ASCII && c > 127) return decode_bad(j, "ascii");
    bool low = unit == 2 && c >= 0xDC00 && c < 0xE000;
    if (low != (high != 0)) return decode_bad(j, "utf-16");
    if (unit == 2 && c >= 0xD800 && c < 0xDC00) {
      high = c;
      continue;
    }
    if (low) c = 0x10000 + ((high - 0xD800) << 10) + (c - 0xDC00);
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return decode_bad(j, "utf-32");
    high = 0;
    char text[4];
    rs_buf_add(b, text, rs_utf8_encode(c, text));
  }
  return high == 0 ? RS_OK : decode_bad(j, "utf-16");
}

/* ---- the value ------------------------------------------------------------------------------ */

static CLASS_TEXT(bytes_repr)
{
  const struct jv_str *s = self;
  char quote = memchr(s->s, '\'', s->n) != NULL && memchr(s->s, '"', s->n) == NULL ? '"' : '\'';
  rs_buf_printf(b, "b%c", quote);
  for (size_t i = 0; i < s->n; i++) {
    unsigned char c = (unsigned char)s->s[i];
    if (c == '\\' || c == (unsigned char)quote) {
      rs_buf_printf(b, "\\%c", c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      rs_buf_str(b, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else if (c < 32 || c > 126) {
      rs_buf_printf(b, "\\x%02x", c);
    } else {
      rs_buf_char(b, (char)c);
    }
  }
  rs_buf_char(b, quote);
  return RS_OK;
}

static NATIVE(bytes_decode)
{
  static const char *const names[] = {"encoding", "errors", NULL};
  jv v[2];
  enum codec codec = UTF_8;
  struct rs_buf b;
  TRY(jv_bind(args, "decode", names, 0, v, e));
  if (v[0].kind != JV_UNDEFINED) TRY(codec_find(j, v[0], &codec));
  py_buf_init(j, &b);
  return py_str_end(j, decode(j, ctx, codec, &b), &b, STR_PLAIN, out);
}

static CLASS_GETATTR(bytes_getattr)
{
  if (!rs_eqn("decode", name, n)) return RS_NOT_FOUND;
  *out = jv_func(j, "decode", bytes_decode, self);
  return RS_OK;
}

static CLASS_ITER(bytes_iter)
{
  const struct jv_str *s = self;
  *out = jv_list(j);
  for (size_t i = 0; i < s->n; i++) jv_list_add(j, *out, jv_int((unsigned char)s->s[i]));
  return py_steps(j, s->n / 16);
}

static size_t bytes_len(void *self)
{
  return ((const struct jv_str *)self)->n;
}

static bool bytes_truth(void *self)
{
  return bytes_len(self) > 0;
}

static bool bytes_equal(void *a, void *b)
{
  return bytes_len(a) == bytes_len(b) &&
         memcmp(((struct jv_str *)a)->s, ((struct jv_str *)b)->s, bytes_len(a)) == 0;
}

static uint32_t bytes_hash(void *self)
{
  const struct jv_str *s = self;
  return py_str_hash(s->s, s->n);
}

static const struct jv_class bytes_class;

static jv bytes_keep(struct rs_python *to, void *self)
{
  const struct jv_str *s = self;
  struct jv_str *copy = py_str_new(&to->arena, s->s, s->n);
  if (copy == NULL) (void)py_nomem(to);
  return copy != NULL ? jv_object(to, &bytes_class, copy) : jv_undefined();
}

static const struct jv_class bytes_class = {.name = "bytes",
                                            .str = bytes_repr,
                                            .getattr = bytes_getattr,
                                            .len = bytes_len,
                                            .iter = bytes_iter,
                                            .truth = bytes_truth,
                                            .equal = bytes_equal,
                                            .hash = bytes_hash,
                                            .keep = bytes_keep};

const struct jv_str *py_bytes_of(jv v)
{
  return jv_self(v, &bytes_class);
}

enum rs_code py_bytes_take(struct rs_python *j, struct rs_buf *b, jv *out)
{
  enum rs_code rc = b->rc == RS_OK ? RS_OK : py_buf_fail(j, b);
  struct jv_str *copy = rc == RS_OK ? py_str_new(&j->arena, rs_buf_text(b), b->n) : NULL;
  rs_buf_free(b);
  if (rc != RS_OK) return rc;
  if (copy == NULL) return py_nomem(j);
  *out = jv_object(j, &bytes_class, copy);
  return RS_OK;
}

SHARED_METHOD(py_s_encode)
{
  enum codec codec = UTF_8;
  const struct jv_str *errors = NULL;
  if (is_given(argv[0])) TRY(codec_find(j, argv[0], &codec));
  if (is_given(argv[1])) TRY(py_need_str(j, argv[1], &errors));
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = encode(j, self.u.str, codec, errors != NULL ? errors->s : "strict", &b);
  if (rc == RS_OK) return py_bytes_take(j, &b, out);
  rs_buf_free(&b);
  return rc;
}
