/*
** The escapes of Python's string literals.
*/
#include "protocol.h"

size_t py_str_unescape(const char *s, size_t n, size_t i, char *out, size_t *len, const char **why)
{
  static const char plain[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
  char c = s[i];
  *len = 1;
  if (c == '\n') { // a continued line
    *len = 0;
    return 1;
  }
  for (size_t k = 0; plain[k] != 0; k += 2) {
    if (plain[k] == c) {
      out[0] = plain[k + 1];
      return 1;
    }
  }
  uint32_t code = 0;
  if (c >= '0' && c <= '7') {
    size_t k = 0;
    while (k < 3 && i + k < n && s[i + k] >= '0' && s[i + k] <= '7') {
      code = code * 8 + (uint32_t)(s[i + k++] - '0');
    }
    *len = rs_utf8_encode(code, out);
    return k;
  }
  size_t want = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (want != 0) {
    for (size_t k = 1; k <= want; k++) {
      if (i + k >= n || rs_hex_value(s[i + k]) < 0) {
        *why = c == 'x'   ? "truncated \\xXX escape"
               : c == 'u' ? "truncated \\uXXXX escape"
                          : "truncated \\UXXXXXXXX escape";
        return 0;
      }
      code = code * 16 + (uint32_t)rs_hex_value(s[i + k]);
    }
    if (code > 0x10FFFF) {
      *why = "illegal Unicode character";
      return 0;
    }
    if (code >= 0xD800 && code <= 0xDFFF) code = 0xFFFD; // text is UTF-8 here
    *len = rs_utf8_encode(code, out);
    return want + 1;
  }
  if (c == 'N') {
    const char *close = i + 1 < n && s[i + 1] == '{' ? memchr(s + i, '}', n - i) : NULL;
    if (close == NULL) {
      *why = "malformed \\N character escape";
      return 0;
    }
    code = uni_by_name(s + i + 2, (size_t)(close - (s + i + 2)));
    if (code == 0) {
      *why = "unknown Unicode character name";
      return 0;
    }
    *len = rs_utf8_encode(code, out);
    return (size_t)(close - (s + i)) + 1;
  }
  out[0] = '\\'; // an unknown escape keeps its backslash
  *len = 1;
  return (size_t)-1;
}
