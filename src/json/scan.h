/*
** The lexer under rows.h and of request bodies: checks JSON text in one pass, with no bound check
** for each byte.
**
** The text ends at scan->end and RS_JSON_PAD NULs follow it. No JSON text holds a NUL, so whatever
** runs into the end fails there: a failure whose position (scan->bad) is at the end means that the
** text goes on behind what has been read, any other one that it is malformed. Functions take a
** position and return the one behind what they read, or NULL after a failure.
**
** Threads: one at a time for each scan. Nothing blocks or allocates.
*/
#ifndef RS_JSON_SCAN_H
#define RS_JSON_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

#define RS_JSON_PAD 128 /* more than any block, and than a key that is compared in one go */
#define RS_JSON_DEPTH 1000

struct rs_json_scan {
  const char *end;
  const char *bad;      /* after a failure: the first byte that does not fit */
  const char *expected; /* ... and what would: "a value" */
};

/* What a value is. Those up to RS_JSON_OBJECT come from the lexer, the others are decoded. */
enum rs_json_token {
  RS_JSON_ABSENT, /* zeroed cells are absent */
  RS_JSON_NULL,
  RS_JSON_TRUE,
  RS_JSON_FALSE,
  RS_JSON_INT,     /* digits, maybe a sign */
  RS_JSON_NUMBER,  /* with a fraction or an exponent */
  RS_JSON_STRING,  /* without escapes; text without the quotes */
  RS_JSON_ESCAPED, /* with escapes */
  RS_JSON_NESTED,  /* an array, or an object that is known to be no typed value */
  RS_JSON_OBJECT,
  RS_JSON_DATE,
  RS_JSON_TIME,
  RS_JSON_DATETIME,
  RS_JSON_TIMESTAMP,
  RS_JSON_BYTES,
  RS_JSON_U256,
  RS_JSON_NULS, /* a string that had escapes, of which a NUL came */
  /* numbers that were read with their row (internal.h) */
  RS_JSON_SMALL,
  RS_JSON_DECIMAL,
  RS_JSON_DOUBLE
};

/* What reading a number tells of it besides its position. */
struct rs_json_figures {
  uint64_t digits;    /* all of them as one integer, which wraps beyond 19 */
  size_t n, fraction; /* how many there are, and behind the point; n = SIZE_MAX: has an exponent */
  bool negative;
};

/* Records the failure; returns NULL. */
const char *rs_json_bad(struct rs_json_scan *s, const char *at, const char *expected);
/* Behind an array or object that opens at p and is itself inside `depth` others. */
const char *rs_json_nested(struct rs_json_scan *s, const char *p, int depth);
/* What a string may hold besides plain characters: behind an escape, behind a run of code points
** that are not ASCII; p is at the first byte. */
const char *rs_json_escape(struct rs_json_scan *s, const char *p);
const char *rs_json_utf8(struct rs_json_scan *s, const char *p);
/* Records the byte at which the text at p is not this word; returns NULL. */
const char *rs_json_no_word(struct rs_json_scan *s, const char *p, const char *word);
static inline const char *rs_json_blank(const char *p)
{
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
  return p;
}

static inline bool rs_json_digit(char c)
{
  return (unsigned)(c - '0') < 10;
}

static inline uint64_t rs_json_load8(const char *p)
{
  uint64_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

/* The first byte from p on that a string can't simply hold: quote, backslash, control character, or
** not ASCII. The padding always stops it. */
static inline const char *rs_json_plain(const char *p)
{
#if defined(RS_JSON_SWAR) || !(defined(__SSE2__) || (defined(__ARM_NEON) && defined(__aarch64__)))
  const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
  for (;; p += 8) {
    uint64_t x = rs_json_load8(p);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
    // A borrow may flag bytes above one that really matches, never below: the lowest flag is right
    uint64_t found = (((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
                      ((x - ones * 0x20) & ~x) | x) &
                     high;
    if (found != 0) return p + (__builtin_ctzll(found) >> 3);
  }
#elif defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
  const __m128i blank = _mm_set1_epi8(0x20);
  for (;; p += 16) {
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    // The comparison is signed, so that bytes from 0x80 on are less than a blank as well
    __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash)),
                                 _mm_cmplt_epi8(x, blank));
    unsigned mask = (unsigned)_mm_movemask_epi8(found);
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#else
  const uint8x16_t quote = vdupq_n_u8('"'), slash = vdupq_n_u8('\\');
  const int8x16_t blank = vdupq_n_s8(0x20);
  for (;; p += 16) {
    uint8x16_t x = vld1q_u8((const uint8_t *)p);
    uint8x16_t found = vorrq_u8(vorrq_u8(vceqq_u8(x, quote), vceqq_u8(x, slash)),
                                vcltq_s8(vreinterpretq_s8_u8(x), blank));
    // Four bits a byte are left
    uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(found), 4);
    uint64_t mask = vget_lane_u64(vreinterpret_u64_u8(narrow), 0);
    if (mask != 0) return p + (__builtin_ctzll(mask) >> 2);
  }
#endif
}

/* Behind the closing quote of a string whose first character is at p. */
static inline const char *rs_json_string(struct rs_json_scan *s, const char *p, bool *escaped)
{
  *escaped = false;
  for (;;) {
    p = rs_json_plain(p);
    if (*p == '"') return p + 1;
    if (*p == '\\') {
      *escaped = true;
      p = rs_json_escape(s, p);
    } else {
      p = rs_json_utf8(s, p);
    }
    if (p == NULL) return NULL;
  }
}

/* Behind true, false or null. */
static inline const char *rs_json_literal(struct rs_json_scan *s, const char *p, const char *word,
                                          size_t n)
{
  return memcmp(p, word, n) == 0 ? p + n : rs_json_no_word(s, p, word);
}

static inline const char *rs_json_digits(struct rs_json_scan *s, const char *p, uint64_t *v)
{
  if (!rs_json_digit(*p)) return rs_json_bad(s, p, "a digit");
  do *v = *v * 10 + (uint64_t)(*p++ - '0');
  while (rs_json_digit(*p));
  return p;
}

/* Behind a number. One that touches the end may go on there: whoever asks next for a comma or
** bracket finds out. */
static inline const char *rs_json_number(struct rs_json_scan *s, const char *p,
                                         enum rs_json_token *kind, struct rs_json_figures *f)
{
  uint64_t exponent = 0;
  *kind = RS_JSON_INT;
  f->digits = 0;
  f->fraction = 0;
  f->negative = *p == '-';
  p += f->negative;
  const char *from = p;
  if (*p == '0') p++;
  else if ((p = rs_json_digits(s, p, &f->digits)) == NULL) return NULL;
  f->n = (size_t)(p - from);
  if (*p == '.') {
    *kind = RS_JSON_NUMBER;
    from = p + 1;
    if ((p = rs_json_digits(s, from, &f->digits)) == NULL) return NULL;
    f->fraction = (size_t)(p - from);
    f->n += f->fraction;
  }
  if (*p == 'e' || *p == 'E') {
    *kind = RS_JSON_NUMBER;
    f->n = SIZE_MAX;
    p++;
    if (*p == '+' || *p == '-') p++;
    p = rs_json_digits(s, p, &exponent);
  }
  return p;
}

/* Behind any value that starts at p; *kind gets what it is, *f what is known of a number. */
static inline const char *rs_json_value(struct rs_json_scan *s, const char *p, int depth,
                                        enum rs_json_token *kind, struct rs_json_figures *f)
{
  bool escaped;
  switch (*p) {
    case '"':
      p = rs_json_string(s, p + 1, &escaped);
      *kind = escaped ? RS_JSON_ESCAPED : RS_JSON_STRING;
      return p;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': return rs_json_number(s, p, kind, f);
    case 't': *kind = RS_JSON_TRUE; return rs_json_literal(s, p, "true", 4);
    case 'f': *kind = RS_JSON_FALSE; return rs_json_literal(s, p, "false", 5);
    case 'n': *kind = RS_JSON_NULL; return rs_json_literal(s, p, "null", 4);
    case '[': *kind = RS_JSON_NESTED; return rs_json_nested(s, p, depth);
    case '{': *kind = RS_JSON_OBJECT; return rs_json_nested(s, p, depth);
    default: return rs_json_bad(s, p, "a value");
  }
}
#endif
