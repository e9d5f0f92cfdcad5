/*
** Where CTEs go into a statement: byte for byte as dbt does it through sqlparse.
**
** The text has been proven to be one statement; whatever follows its `;` is dropped. It is read by
** the lexer that proved it, so that both see the same strings and comments.
*/
#include <string.h>
#include "cte.h"
#include "lexer.h"

static bool is_space(char c)
{
  return c != 0 && strchr(" \t\r\n\f\v", c) != NULL;
}

size_t rs_statement_end(const char *sql, size_t n, const struct rs_dialect *d)
{
  struct rs_lexer x;
  enum rs_token t;
  int depth = 0;
  if (rs_sqllex_open(&x, sql, n, d, "statement", NULL) != RS_OK) return n;
  while (rs_sqllex_next(&x, &t) == RS_OK && t != T_END) {
    if (t == T_OPEN) depth++;
    if (t == T_CLOSE) depth--;
    if (t == T_SEMICOLON && depth <= 0) return x.i;
  }
  return n;
}

bool rs_statement_blank(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!is_space(s[i]) && s[i] != ';') return false;
  return true;
}

/* The place after the first WITH [RECURSIVE] outside of brackets and the space behind it; 0 when
** there is none. A comment there stays behind what is put in. */
static size_t find_with(const char *sql, size_t n, const struct rs_dialect *d)
{
  struct rs_lexer x;
  enum rs_token t;
  int depth = 0;
  size_t at = 0;
  if (rs_sqllex_open(&x, sql, n, d, "statement", NULL) != RS_OK) return 0;
  while (rs_sqllex_next(&x, &t) == RS_OK && t != T_END) {
    if (t == T_OPEN) depth++;
    if (t == T_CLOSE) depth--;
    // Only white space stands between the two keywords, else RECURSIVE is a name
    bool is_next = at > 0 && x.start == at && t == T_WORD && rs_sqllex_is(&x, "RECURSIVE");
    if (at > 0 && !is_next) return at;
    if (!is_next && !(depth == 0 && t == T_WORD && rs_sqllex_is(&x, "WITH"))) continue;
    at = x.i;
    while (at < n && is_space(sql[at])) at++;
    if (is_next) return at;
  }
  return at;
}

/* Blanks and line comments behind the `;` still belong to the statement, up to the line's end. */
static size_t skip_tail(const char *sql, size_t n, size_t end)
{
  while (end < n) {
    if (sql[end] == '\n' || sql[end] == '\r') break;
    if (n - end >= 2 && sql[end] == '-' && sql[end + 1] == '-') {
      do end++;
      while (end < n && sql[end - 1] != '\n');
      continue;
    }
    if (!is_space(sql[end])) break;
    end++;
  }
  return end;
}

void rs_cte_inject(const char *sql, size_t n, const struct rs_dialect *d, const struct rs_cte *ctes,
                   size_t nctes, struct rs_buf *out)
{
  if (nctes == 0) {
    rs_buf_add(out, sql, n);
    return;
  }
  size_t end = rs_statement_end(sql, n, d), at = find_with(sql, end, d);
  end = skip_tail(sql, n, end);
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
