/*
** The lexer of SQL texts (see lexer.h).
*/
#include "lexer.h"
#include <stdint.h>
#include <string.h>
#include "src/base/text.h"

/* ---- positions and errors ------------------------------------------------------------------- */

/* Fails with the position of byte `at`. */
enum rs_code rs_sqllex_fail(const struct rs_lexer *x, size_t at, const char *why)
{
  size_t line = 1, column = 1;
  for (size_t i = 0; i < at && i < x->n; i++) {
    if (x->p[i] == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)x->p[i] & 0xC0) != 0x80) {
      column++;
    }
  }
  return rs_fail(x->e, RS_INVALID, "%s: %s at line %zu, column %zu", x->what, why, line, column);
}

/* ---- characters ----------------------------------------------------------------------------- */

static char peek(const struct rs_lexer *x, size_t ahead)
{
  return x->i + ahead < x->n ? x->p[x->i + ahead] : 0;
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool is_ident_start(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || ((unsigned char)c & 0x80);
}

static bool is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Bytes of a Unicode space at p that DuckDB takes for a blank, else 0. */
static size_t odd_space(const char *p, size_t n)
{
  if (n < 2 || !((unsigned char)p[0] & 0x80)) return 0;
  size_t len;
  uint32_t c = rs_utf8_decode(p, n, &len);
  bool odd = c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F || c == 0x205F ||
             c == 0x2060 || c == 0x3000 || c == 0xFEFF;
  return odd ? len : 0;
}

/* Bytes of an identifier at i, `$` within it when `dollar`; stops at an odd space. */
size_t rs_sqllex_name(const struct rs_lexer *x, size_t i, bool dollar)
{
  size_t from = i;
  while (i < x->n) {
    char c = x->p[i];
    if (!is_ident_start(c) && !(i > from && (is_digit(c) || (dollar && c == '$')))) break;
    if (odd_space(x->p + i, x->n - i) > 0) break;
    i++;
  }
  return i - from;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static bool has(const struct rs_lexer *x, const char *two)
{
  return peek(x, 0) == two[0] && peek(x, 1) == two[1];
}

static enum rs_code skip_block_comment(struct rs_lexer *x)
{
  size_t from = x->i, depth = 1;
  enum rs_reading nested = x->lex->nested_comments;
  x->i += 2;
  // MySQL and its kin run what stands in /*! .. */
  if (nested == RS_REFUSED && (peek(x, 0) == '!' || has(x, "M!")))
    return rs_sqllex_fail(x, from, "a comment that some engines run: /*!");
  while (x->i < x->n) {
    if (has(x, "*/")) {
      x->i += 2;
      if (--depth == 0) return RS_OK;
    } else if (nested != RS_PLAIN && has(x, "/*")) {
      if (nested == RS_REFUSED) return rs_sqllex_fail(x, x->i, "a comment within a comment");
      depth++;
      x->i += 2;
    } else {
      x->i++;
    }
  }
  return rs_sqllex_fail(x, from, "comment is not closed: /*");
}

static enum rs_code skip_line_comment(struct rs_lexer *x)
{
  bool strict = x->lex->hash_comments == RS_REFUSED;
  char c = peek(x, 2);
  if (strict && c != 0 && !is_space(c))
    return rs_sqllex_fail(x, x->i, "-- without a blank behind it");
  while (x->i < x->n && peek(x, 0) != '\n' && peek(x, 0) != '\r') x->i++;
  if (strict && peek(x, 0) == '\r' && peek(x, 1) != '\n')
    return rs_sqllex_fail(x, x->i, "a comment's line ends in a lone carriage return");
  return RS_OK;
}

/* Moves to the next token's first byte. *odd: a Unicode space stands directly in front of it. */
static enum rs_code skip_blank(struct rs_lexer *x, bool *odd)
{
  *odd = false;
  enum rs_code rc = RS_OK;
  while (rc == RS_OK && x->i < x->n) {
    char c = peek(x, 0);
    size_t len = odd_space(x->p + x->i, x->n - x->i);
    if (len > 0) {
      if (x->lex->odd_spaces != RS_KNOWN)
        return rs_sqllex_fail(x, x->i, "a Unicode space outside of a string");
      x->i += len;
      *odd = true;
      continue;
    }
    if (is_space(c)) x->i++;
    else if (has(x, "--") || (c == '#' && x->lex->hash_comments == RS_KNOWN))
      rc = skip_line_comment(x);
    else if (has(x, "/*")) rc = skip_block_comment(x);
    else break;
    *odd = false;
  }
  return rc;
}

/* '..', ".." or `..`, doubled quotes inside; with escapes a backslash takes the next byte. */
static enum rs_code skip_quoted(struct rs_lexer *x, char quote, bool escapes)
{
  bool strict = !escapes && quote != '`' && x->lex->backslashes == RS_REFUSED;
  x->i++;
  while (x->i < x->n) {
    char c = x->p[x->i];
    if (strict && c == '\\' && peek(x, 1) == quote)
      return rs_sqllex_fail(x, x->i, "a backslash in front of a quote");
    if (escapes && c == '\\' && x->i + 1 < x->n) {
      x->i += 2;
    } else if (c == quote && peek(x, 1) == quote) {
      x->i += 2;
    } else if (c == quote) {
      x->i++;
      return RS_OK;
    } else {
      x->i++;
    }
  }
  return rs_sqllex_fail(x, x->start,
                        quote == '"'   ? "quoted name is not closed: \""
                        : quote == '`' ? "quoted name is not closed: `"
                                       : "string is not closed: '");
}

/* $tag$ .. $tag$; x->i is on the first `$`, `tag` bytes lie between the two. */
static enum rs_code skip_dollar_quoted(struct rs_lexer *x, size_t tag)
{
  size_t len = tag + 2;
  const char *open = x->p + x->i, *end = x->p + x->n;
  const char *at = open + len;
  // a tag holds no `$`, so that each comparison ends before the next candidate begins
  while (at < end && (at = memchr(at, '$', (size_t)(end - at))) != NULL) {
    if ((size_t)(end - at) < len) break;
    if (memcmp(at, open, len) == 0) {
      x->i = (size_t)(at - x->p) + len;
      return RS_OK;
    }
    at++;
  }
  return rs_sqllex_fail(x, x->start, "dollar-quoted string is not closed");
}

/* digits with single `_` between them, from i on */
static size_t digits_end(const struct rs_lexer *x, size_t i)
{
  while (i < x->n) {
    if (is_digit(x->p[i])) i++;
    else if (x->p[i] == '_' && i + 1 < x->n && is_digit(x->p[i + 1])) i += 2;
    else break;
  }
  return i;
}

/* The scanner throws an `e` without digits back: 1E'..' is a number and a string with escapes. */
static void skip_number(struct rs_lexer *x)
{
  size_t i = digits_end(x, x->i);
  if (i < x->n && x->p[i] == '.' && !(i + 1 < x->n && x->p[i + 1] == '.' && i > x->i)) {
    i++;
    if (i < x->n && is_digit(x->p[i])) i = digits_end(x, i);
  }
  if (i < x->n && (x->p[i] == 'e' || x->p[i] == 'E')) {
    size_t j = i + 1;
    if (j < x->n && (x->p[j] == '+' || x->p[j] == '-')) j++;
    if (j < x->n && is_digit(x->p[j])) i = digits_end(x, j);
  }
  x->i = i;
}

/*
** Behind a Unicode space: where DuckDB does not turn it into a blank it is the first byte of a
** name, which then swallows a `$` or the E of E'..'. Both readings must agree on what is a string.
*/
static enum rs_code check_behind_odd(const struct rs_lexer *x)
{
  size_t i = x->i;
  while (i < x->n && (is_ident_start(x->p[i]) || is_digit(x->p[i]))) i++;
  char c = i < x->n ? x->p[i] : 0, last = i > x->i ? x->p[i - 1] : 0;
  if (c == '$') return rs_sqllex_fail(x, x->start, "a Unicode space in front of $");
  if (c == '\'' && (last == 'e' || last == 'E')) {
    return rs_sqllex_fail(x, x->start, "a Unicode space in front of an E'..' string");
  }
  return RS_OK;
}

static enum rs_code next_word(struct rs_lexer *x, enum rs_token *t)
{
  char c = peek(x, 0);
  bool strict = x->lex->e_strings == RS_REFUSED;
  *t = T_STRING;
  if ((c == 'e' || c == 'E') && peek(x, 1) == '\'' && x->lex->e_strings == RS_KNOWN) {
    x->i++;
    x->after_e = true;
    return skip_quoted(x, '\'', true);
  }
  if ((c == 'u' || c == 'U') && peek(x, 1) == '&' && (peek(x, 2) == '\'' || peek(x, 2) == '"')) {
    return rs_sqllex_fail(x, x->start, "U& strings are not supported");
  }
  if (strchr("bBxX", c) != NULL && c != 0 && peek(x, 1) == '\'') {
    x->i++;
    return skip_quoted(x, '\'', x->lex->backslashes == RS_KNOWN);
  }
  // n'..': the engine reads a keyword and a plain string, which is the same to us
  *t = T_WORD;
  x->i += rs_sqllex_name(x, x->i, true);
  bool is_n = x->i - x->start == 1 && (c == 'n' || c == 'N');
  char next = peek(x, 0);
  if (strict && !is_n && (next == '\'' || next == '"'))
    return rs_sqllex_fail(x, x->start, "a name directly in front of a quote");
  if (x->lex->dollar_quotes == RS_REFUSED && memchr(x->p + x->start, '$', x->i - x->start) != NULL)
    return rs_sqllex_fail(x, x->start, "$ within a name");
  return RS_OK;
}

static enum rs_code next_dollar(struct rs_lexer *x, enum rs_token *t)
{
  size_t tag = rs_sqllex_name(x, x->i + 1, false);
  if (peek(x, tag + 1) == '$' && x->lex->dollar_quotes != RS_PLAIN) {
    if (x->lex->dollar_quotes == RS_REFUSED)
      return rs_sqllex_fail(x, x->start, "a dollar-quoted string");
    *t = T_STRING;
    return skip_dollar_quoted(x, tag);
  }
  if (odd_space(x->p + x->i + 1 + tag, x->n - x->i - 1 - tag) > 0) {
    // the engine could read it as one more byte of a tag
    return rs_sqllex_fail(x, x->start, "a Unicode space behind $");
  }
  // of $name the scanner takes the `$` only: in $E'..' a string with escapes follows
  *t = tag > 0 || is_digit(peek(x, 1)) ? T_DOLLAR : T_OTHER;
  x->i++;
  if (is_digit(peek(x, 0))) x->i = digits_end(x, x->i);
  return RS_OK;
}

/* What begins no word, string or number, and may be a quote or a comment elsewhere. */
static enum rs_code check_punctuation(const struct rs_lexer *x)
{
  char c = peek(x, 0);
  const char *why = NULL;
  if (c == '`' && x->lex->backticks == RS_REFUSED) why = "a backtick";
  if (c == '[' && x->lex->brackets == RS_REFUSED) why = "[, with which some engines quote names";
  if (x->lex->hash_comments == RS_REFUSED && (c == '#' || has(x, "//")))
    why = "# or //, which begin a comment for some engines";
  if (x->lex->odd_spaces == RS_REFUSED && ((unsigned char)c < ' ' || c == 0x7F))
    why = "a control character";
  return why == NULL ? RS_OK : rs_sqllex_fail(x, x->start, why);
}

static enum rs_token punctuation(struct rs_lexer *x)
{
  char c = x->p[x->i++];
  switch (c) {
    case '(':
    case '[':
    case '{': return T_OPEN;
    case ')':
    case ']':
    case '}': return T_CLOSE;
    case ';': return T_SEMICOLON;
    case '?':
      if (is_digit(peek(x, 0))) x->i = digits_end(x, x->i);
      return T_QUESTION;
    case ':':
      if (peek(x, 0) == ':' || peek(x, 0) == '=') {
        x->i++;
        return x->p[x->i - 1] == ':' ? T_CAST : T_OTHER;
      }
      return T_COLON;
    default: return T_OTHER;
  }
}

/* Reads one token: x->start .. x->i. */
enum rs_code rs_sqllex_next(struct rs_lexer *x, enum rs_token *t)
{
  size_t from = x->i;
  bool odd, after_e = x->after_e;
  enum rs_code rc = skip_blank(x, &odd);
  if (rc != RS_OK) return rc;
  x->spaced = x->i > from;
  x->start = x->i;
  x->after_e = false;
  if (x->i >= x->n) {
    *t = T_END;
    return RS_OK;
  }
  if (odd && (rc = check_behind_odd(x)) != RS_OK) return rc;
  char c = peek(x, 0);
  if (c == '\'') {
    if (after_e) return rs_sqllex_fail(x, x->start, "a string directly behind an E'..' string");
    *t = T_STRING;
    return skip_quoted(x, '\'', x->lex->backslashes == RS_KNOWN);
  }
  if (c == '"') {
    *t = T_QUOTED;
    return skip_quoted(x, '"', x->lex->backslashes == RS_KNOWN);
  }
  if (c == '`' && x->lex->backticks == RS_KNOWN) {
    *t = T_QUOTED;
    return skip_quoted(x, '`', false);
  }
  if (c == '$') return next_dollar(x, t);
  if (is_digit(c) || (c == '.' && is_digit(peek(x, 1)))) {
    *t = T_NUMBER;
    skip_number(x);
    return RS_OK;
  }
  if (is_ident_start(c)) return next_word(x, t);
  rc = check_punctuation(x);
  if (rc == RS_OK) *t = punctuation(x);
  return rc;
}

enum rs_code rs_sqllex_open(struct rs_lexer *x, const char *sql, size_t n,
                            const struct rs_dialect *d, const char *what, struct rs_error *e)
{
  *x = (struct rs_lexer){.p = sql, .n = n, .what = what, .e = e};
  x->lex = d->lex != NULL ? d->lex : &rs_lex_rules_strict;
  const char *nul = n > 0 ? memchr(sql, 0, n) : NULL;
  if (nul != NULL) return rs_sqllex_fail(x, (size_t)(nul - sql), "NUL byte");
  size_t valid = rs_utf8_valid(sql, n);
  if (valid < n) return rs_sqllex_fail(x, valid, "bytes that are not UTF-8");
  return RS_OK;
}

/* ---- brackets ------------------------------------------------------------------------------- */

enum rs_code rs_sqllex_bracket(const struct rs_lexer *x, enum rs_token t, struct rs_brackets *b)
{
  char c = x->p[x->start];
  if (t == T_OPEN) {
    if (b->n == RS_SQL_DEPTH_MAX) return rs_sqllex_fail(x, x->start, "brackets nested too deep");
    b->open[b->n++] = c;
  } else if (t == T_CLOSE) {
    char want = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (b->n == 0 || b->open[b->n - 1] != want) {
      char why[] = "unbalanced bracket: ?";
      why[sizeof why - 2] = c;
      return rs_sqllex_fail(x, x->start, why);
    }
    b->n--;
  }
  return RS_OK;
}

bool rs_sqllex_is(const struct rs_lexer *x, const char *upper)
{
  size_t n = strlen(upper);
  return x->i - x->start == n && rs_casecmpn(x->p + x->start, upper, n) == 0;
}

bool rs_sqllex_is_any(const struct rs_lexer *x, const char *const *words)
{
  for (; *words != NULL; words++) {
    if (rs_sqllex_is(x, *words)) return true;
  }
  return false;
}
