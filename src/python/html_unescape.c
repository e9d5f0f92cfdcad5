/*
** Character references as Python's html.unescape() reads them: &name; &#10; &#xA; and the old names
** that need no semicolon.
*/
#include "protocol.h"
#include "html_tables.h"

#define NAMES (sizeof html_names / sizeof html_names[0])

/* The text of a name of n bytes, NULL when there is none. */
static const char *named(const char *s, size_t n)
{
  size_t low = 0, high = NAMES;
  while (low < high) {
    size_t mid = (low + high) / 2;
    int c = strncmp(html_names[mid].name, s, n);
    if (c == 0 && html_names[mid].name[n] != 0) c = 1;
    if (c == 0) return html_names[mid].text;
    if (c < 0) low = mid + 1;
    else high = mid;
  }
  return NULL;
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
  if (v >= 0x80 && v <= 0x9F) v = html_latin[v - 0x80];
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
  for (size_t end = at; end > from + 1; end--) { // the longest name that it begins with
    const char *text = named(s + from, end - from);
    if (text == NULL) continue;
    rs_buf_str(b, text);
    return end - i;
  }
  return 0;
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
