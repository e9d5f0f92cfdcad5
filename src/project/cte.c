/*
** Where CTEs go into a statement: byte for byte as dbt does it through sqlparse (reference C9).
**
** The text has been proven to be one statement with closed strings and balanced brackets; whatever
** follows its `;` is dropped.
*/
#include <ctype.h>
#include <string.h>
#include "../base/text.h"
#include "compile.h"

static bool is_word(char c)
{
  return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool is_space(char c)
{
  return c != 0 && strchr(" \t\r\n\f\v", c) != NULL;
}

/* The end of a quoted piece that begins at i: doubled quotes stay inside. */
static size_t skip_quoted(const char *s, size_t n, size_t i)
{
  char quote = s[i];
  for (i++; i < n; i++)
    if (s[i] == quote) {
      if (i + 1 >= n || s[i + 1] != quote) return i + 1;
      i++;
    }
  return n;
}

/* $tag$ ... $tag$; i + 1 when it is none. */
static size_t skip_dollar(const char *s, size_t n, size_t i)
{
  size_t end = i + 1;
  while (end < n && is_word(s[end]) && s[end] != '$') end++;
  if (end >= n || s[end] != '$') return i + 1;
  size_t len = end + 1 - i;
  for (size_t k = end + 1; k + len <= n; k++)
    if (memcmp(s + k, s + i, len) == 0) return k + len;
  return n;
}

/* Comments nest, as DuckDB's and PostgreSQL's do. */
static size_t skip_comment(const char *s, size_t n, size_t i)
{
  if (s[i] == '-') {
    while (i < n && s[i] != '\n') i++;
    return i;
  }
  int depth = 0;
  while (i < n) {
    if (i + 1 < n && s[i] == '/' && s[i + 1] == '*') depth++, i += 2;
    else if (i + 1 < n && s[i] == '*' && s[i + 1] == '/') {
      i += 2;
      if (--depth == 0) return i;
    } else i++;
  }
  return n;
}

/* The end of what begins at i when that is a string, a quoted name or a comment; else i. */
static size_t skip_opaque(const char *s, size_t n, size_t i)
{
  if (s[i] == '\'' || s[i] == '"' || s[i] == '`') return skip_quoted(s, n, i);
  if (i + 1 < n && ((s[i] == '-' && s[i + 1] == '-') || (s[i] == '/' && s[i + 1] == '*')))
    return skip_comment(s, n, i);
  if (s[i] == '$') return skip_dollar(s, n, i);
  return i;
}

/* The end of `word` at i, else 0. */
static size_t at_word(const char *s, size_t n, size_t i, const char *word)
{
  size_t len = strlen(word);
  if (i + len > n || rs_casecmpn(s + i, word, len) != 0) return 0;
  if (i + len < n && is_word(s[i + len])) return 0;
  return i + len;
}

size_t rs_statement_end(const char *s, size_t n)
{
  int depth = 0;
  for (size_t i = 0; i < n;) {
    size_t next = skip_opaque(s, n, i);
    if (next > i) {
      i = next;
      continue;
    }
    if (strchr("([{", s[i]) != NULL) depth++;
    if (strchr(")]}", s[i]) != NULL) depth--;
    i++;
    if (s[i - 1] == ';' && depth == 0) return i;
  }
  return n;
}

bool rs_statement_blank(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!is_space(s[i]) && s[i] != ';') return false;
  return true;
}

/* Finds the place after WITH [RECURSIVE] and the space behind it; 0 when there is none. */
static size_t find_with(const char *s, size_t n)
{
  int depth = 0;
  for (size_t i = 0; i < n;) {
    size_t next = skip_opaque(s, n, i);
    if (next > i) {
      i = next;
      continue;
    }
    if (strchr("([{", s[i]) != NULL) depth++;
    if (strchr(")]}", s[i]) != NULL) depth--;
    if (!is_word(s[i])) {
      i++;
      continue;
    }
    size_t after = depth == 0 ? at_word(s, n, i, "with") : 0;
    if (after > 0) {
      while (after < n && is_space(s[after])) after++;
      size_t recursive = at_word(s, n, after, "recursive");
      if (recursive > 0)
        for (after = recursive; after < n && is_space(s[after]);) after++;
      return after;
    }
    while (i < n && is_word(s[i])) i++;
  }
  return 0;
}

void rs_cte_inject(const char *sql, size_t n, const struct rs_cte *ctes, size_t nctes,
                   struct rs_buf *out)
{
  if (nctes == 0) {
    rs_buf_add(out, sql, n);
    return;
  }
  size_t end = rs_statement_end(sql, n), at = find_with(sql, end);
  bool has_with = at > 0;
  while (!has_with && at < end && is_space(sql[at])) at++;
  rs_buf_add(out, sql, at);
  if (!has_with) rs_buf_str(out, "with");
  for (size_t i = 0; i < nctes; i++) {
    if (i > 0) rs_buf_str(out, ", ");
    rs_buf_add(out, ctes[i].text, ctes[i].n);
  }
  rs_buf_str(out, has_with ? ", " : " ");
  rs_buf_add(out, sql + at, end - at);
}
