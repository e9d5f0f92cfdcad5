/*
** Character references as Python's html.unescape() reads them: &name; &#10; &#xA; and the old names
** that need no semicolon.
*/
#include <stdlib.h>
#include "protocol.h"
#include "src/base/embedded.h"

/* What the numbers 0x80 to 0x9F stand for. */
static const uint16_t latin[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

/* The longest name of html_names.txt (gen_html.py says how it is written) that s begins with: its
** length, and behind *chars the numbers of its characters; 0: there is none. */
static size_t find_name(const char *s, size_t n, const char **chars)
{
  size_t longest = 0;
  const char *line = rs_embedded_find("src/python/html_names.txt")->text, *end;
  for (; n > 0 && *line != 0; line = end + 1) {
    end = line + strcspn(line, "\n");
    for (const char *p = line; *line == *s && p < end; p += strcspn(p, " \n") + 1) {
      size_t len = strcspn(p, ":;");
      if (len > n || memcmp(p, s, len) != 0) continue;
      bool closed = len < n && s[len] == ';';
      if ((!closed && p[len] == ';') || len + closed <= longest) continue;
      longest = len + closed;
      *chars = p + len;
    }
  }
  return longest;
}

/* Characters that no text may hold: they vanish. */
static bool is_invalid(uint32_t c)
{
  return (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || (c >= 0x7F && c <= 0x9F) ||
         (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

/* The reference at s[i], `&#`: its length, 0 when it is none. */
static size_t numbered(struct rs_buf *b, const char *s, size_t n, size_t i)
{
  size_t at = i + 2;
  bool hex = at < n && (s[at] | 32) == 'x';
  at += hex;
  size_t from = at;
  uint32_t v = 0;
  for (; at < n; at++) {
    char k = s[at], low = (char)(k | 32);
    bool digit = k >= '0' && k <= '9', letter = hex && low >= 'a' && low <= 'f';
    if (!digit && !letter) break;
    if (v <= 0x110000) v = v * (hex ? 16 : 10) + (uint32_t)(digit ? k - '0' : low - 'a' + 10);
  }
  if (at == from) return 0;
  char text[4];
  if (v >= 0x80 && v <= 0x9F) v = latin[v - 0x80];
  else if (v == 0 || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) v = 0xFFFD;
  else if (is_invalid(v)) v = 0;
  if (v != 0) rs_buf_add(b, text, rs_utf8_encode(v, text));
  return at - i + (at < n && s[at] == ';');
}

/* The reference at s[i], an ampersand: its length, 0 when it is none. */
static size_t reference(struct rs_buf *b, const char *s, size_t n, size_t i)
{
  if (i + 1 < n && s[i + 1] == '#') return numbered(b, s, n, i);
  size_t from = i + 1, at = from, cps = 0;
  while (at < n && cps < 32 && strchr("\t\n\f <&#;", s[at]) == NULL) {
    (void)uni_next(s, &at);
    cps++;
  }
  if (at < n && cps > 0 && s[at] == ';') at++;
  const char *chars;
  size_t len = find_name(s + from, at - from, &chars);
  if (len == 0) return 0;
  do {
    char text[4];
    char *stop;
    rs_buf_add(b, text, rs_utf8_encode((uint32_t)strtoul(chars + 1, &stop, 16), text));
    chars = stop;
  } while (*chars == ',');
  return len + 1;
}

void py_html_unescape(struct rs_buf *b, const char *s, size_t n)
{
  for (size_t i = 0; i < n;) {
    const char *amp = memchr(s + i, '&', n - i);
    size_t end = amp != NULL ? (size_t)(amp - s) : n;
    rs_buf_add(b, s + i, end - i);
    i = end;
    if (amp == NULL) return;
    size_t len = reference(b, s, n, i);
    if (len == 0) rs_buf_char(b, s[i++]);
    i += len;
  }
}
