/*
** The lexer's less frequent parts (see scan.h): nested values, escapes, UTF-8.
*/
#include "scan.h"
#include "src/base/text.h"

const char *rs_json_bad(struct rs_json_scan *s, const char *at, const char *expected)
{
  s->bad = at;
  s->expected = expected;
  return NULL;
}

const char *rs_json_no_word(struct rs_json_scan *s, const char *p, const char *word)
{
  const char *w = word;
  for (; *p == *w; p++) w++;
  return rs_json_bad(s, p, word);
}

const char *rs_json_escape(struct rs_json_scan *s, const char *p)
{
  switch (*++p) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return p + 1;
    case 'u':
      for (int i = 0; i < 4; i++)
        if (rs_hex_value(*++p) < 0) return rs_json_bad(s, p, "a hexadecimal digit");
      return p + 1;
    default: return rs_json_bad(s, p, "an escape that JSON has");
  }
}

/* Whether c continues a code point. */
static bool follows(char c)
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

const char *rs_json_utf8(struct rs_json_scan *s, const char *p)
{
  static const char expected[] = "valid UTF-8";
  if ((unsigned char)*p < 0x80)
    return rs_json_bad(s, p, p < s->end ? "an escape for a control character" : "'\"'");
  while ((unsigned char)*p >= 0x80) {
    unsigned char c = (unsigned char)*p, second = (unsigned char)p[1];
    // The second byte is what rules out overlong forms, surrogates and all beyond U+10FFFF
    unsigned char low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned char high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (c < 0xC2 || c > 0xF4) return rs_json_bad(s, p, expected);
    if (second < low || second > high) return rs_json_bad(s, p + 1, expected);
    if (c >= 0xE0 && !follows(p[2])) return rs_json_bad(s, p + 2, expected);
    if (c >= 0xF0 && !follows(p[3])) return rs_json_bad(s, p + 3, expected);
    p += c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  }
  return p;
}

const char *rs_json_nested(struct rs_json_scan *s, const char *p, int depth)
{
  uint64_t objects[RS_JSON_DEPTH / 64 + 1]; // a bit for each open level: is it an object?
  const int outside = depth;
  enum rs_json_token kind;
  struct rs_json_figures figures;
  bool object, escaped;

open:
  if (depth == RS_JSON_DEPTH) return rs_json_bad(s, p, "no more than 1000 nested levels");
  object = *p == '{';
  if (object) objects[depth >> 6] |= UINT64_C(1) << (depth & 63);
  else objects[depth >> 6] &= ~(UINT64_C(1) << (depth & 63));
  depth++;
  p = rs_json_blank(p + 1);
  if (*p == (object ? '}' : ']')) goto close;
  if (!object) goto value;

name:
  if (*p != '"') return rs_json_bad(s, p, "a member's name");
  if ((p = rs_json_string(s, p + 1, &escaped)) == NULL) return NULL;
  p = rs_json_blank(p);
  if (*p != ':') return rs_json_bad(s, p, "':'");
  p = rs_json_blank(p + 1);

value:
  if (*p == '{' || *p == '[') goto open;
  if ((p = rs_json_value(s, p, depth, &kind, &figures)) == NULL) return NULL;

after:
  p = rs_json_blank(p);
  if (*p == ',') {
    p = rs_json_blank(p + 1);
    if (object) goto name;
    goto value;
  }
  if (*p != (object ? '}' : ']')) return rs_json_bad(s, p, object ? "',' or '}'" : "',' or ']'");

close:
  p++;
  if (--depth == outside) return p;
  object = (objects[(depth - 1) >> 6] >> ((depth - 1) & 63)) & 1;
  goto after;
}
