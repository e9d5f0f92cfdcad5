/*
** The lexer of Rockset SQL (see lex.h).
*/
#include "lex.h"
#include <stdint.h>
#include <string.h>
#include "src/base/text.h"

static char at(const struct rsql_lex *x, size_t i)
{
  return i < x->n ? x->p[i] : 0;
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Letters beyond ASCII are taken as the engines do. */
static bool is_name_start(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || ((unsigned char)c & 0x80);
}

static bool is_name_part(char c)
{
  return is_name_start(c) || is_digit(c) || c == '@';
}

/* Bytes of a blank at i, Unicode's among them (texts pasted from documents have them), else 0. */
static size_t blank(const struct rsql_lex *x, size_t i)
{
  char c = at(x, i);
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (!((unsigned char)c & 0x80)) return 0;
  size_t len;
  uint32_t u = rs_utf8_decode(x->p + i, x->n - i, &len);
  bool is = u == 0xA0 || (u >= 0x2000 && u <= 0x200B) || u == 0x2028 || u == 0x2029 ||
            u == 0x202F || u == 0x205F || u == 0x2060 || u == 0x3000 || u == 0xFEFF;
  return is ? len : 0;
}

static bool bad(struct rsql_lex *x, struct rsql_token *t, const char *why)
{
  t->kind = TK_BAD;
  t->why = why;
  t->open = strstr(why, "not closed") != NULL;
  t->end = x->i = x->n;
  return false;
}

static bool skip_blanks(struct rsql_lex *x, struct rsql_token *t)
{
  while (x->i < x->n) {
    size_t len = blank(x, x->i);
    if (len > 0) {
      x->i += len;
    } else if (at(x, x->i) == '-' && at(x, x->i + 1) == '-') {
      while (x->i < x->n && x->p[x->i] != '\n' && x->p[x->i] != '\r') x->i++;
    } else if (at(x, x->i) == '/' && at(x, x->i + 1) == '*') {
      t->start = x->i;
      x->i += 2;
      while (x->i < x->n && !(x->p[x->i] == '*' && at(x, x->i + 1) == '/')) x->i++;
      if (x->i >= x->n) return bad(x, t, "the comment is not closed");
      x->i += 2;
    } else {
      break;
    }
  }
  return true;
}

/* x->i is on the quote. */
static bool skip_quoted(struct rsql_lex *x, struct rsql_token *t, enum rsql_tok kind)
{
  char quote = x->p[x->i++];
  while (x->i < x->n) {
    if (x->p[x->i++] != quote) continue;
    if (at(x, x->i) == quote) {
      x->i++;
      continue;
    }
    t->kind = kind;
    return true;
  }
  return bad(x, t, quote == '\'' ? "the string is not closed" : "the quoted name is not closed");
}

static void number(struct rsql_lex *x, struct rsql_token *t)
{
  t->kind = TK_INT;
  while (is_digit(at(x, x->i))) x->i++;
  if (at(x, x->i) == '.' && at(x, x->i + 1) != '.') {
    t->kind = TK_FLOAT;
    x->i++;
    while (is_digit(at(x, x->i))) x->i++;
  }
  char c = at(x, x->i);
  if (c == 'e' || c == 'E') {
    size_t j = x->i + 1;
    if (at(x, j) == '+' || at(x, j) == '-') j++;
    if (is_digit(at(x, j))) {
      t->kind = TK_FLOAT;
      x->i = j;
      while (is_digit(at(x, x->i))) x->i++;
    }
  }
  // a blank of Unicode begins with such a byte, too
  if (is_name_start(at(x, x->i)) && blank(x, x->i) == 0) {
    (void)bad(x, t, "a number can't be followed by a letter");
  }
}

static void operator_(struct rsql_lex *x, struct rsql_token *t)
{
  static const struct {
    char text[4];
    int op;
  } longer[] = {{"->>", OP_ARROW2}, {"<>", OP_NE},    {"!=", OP_NE},     {"<=", OP_LE},
                {">=", OP_GE},      {"::", OP_CAST},  {"||", OP_CONCAT}, {"->", OP_ARROW},
                {"//", OP_IDIV},    {":=", OP_ASSIGN}};
  t->kind = TK_OP;
  for (size_t i = 0; i < sizeof longer / sizeof longer[0]; i++) {
    size_t n = strlen(longer[i].text);
    if (x->n - x->i >= n && memcmp(x->p + x->i, longer[i].text, n) == 0) {
      t->op = longer[i].op;
      x->i += n;
      return;
    }
  }
  char c = x->p[x->i];
  if (c == 0 || strchr("()[]{},;.:?+-*/%=<>", c) == NULL) {
    (void)bad(x, t, "this character means nothing here");
    return;
  }
  t->op = c;
  x->i++;
}

void rs_rsql_lex(struct rsql_lex *x, struct rsql_token *t)
{
  *t = (struct rsql_token){.kind = TK_END};
  if (!skip_blanks(x, t)) return;
  t->start = t->end = x->i;
  if (x->i >= x->n) return;
  char c = x->p[x->i], next = at(x, x->i + 1);
  if ((c == 'x' || c == 'X') && next == '\'') {
    x->i++;
    (void)skip_quoted(x, t, TK_HEX);
  } else if ((c == 'u' || c == 'U') && next == '&' && at(x, x->i + 2) == '\'') {
    x->i += 2;
    (void)skip_quoted(x, t, TK_USTRING);
  } else if (is_name_start(c)) {
    t->kind = TK_WORD;
    while (is_name_part(at(x, x->i)) && blank(x, x->i) == 0) x->i++;
  } else if (c == '\'') {
    (void)skip_quoted(x, t, TK_STRING);
  } else if (c == '"' || c == '`') {
    (void)skip_quoted(x, t, TK_QUOTED);
  } else if (is_digit(c) || (c == '.' && is_digit(next))) {
    number(x, t);
  } else {
    operator_(x, t);
  }
  t->end = x->i;
}

char *rs_rsql_decode(const struct rsql_lex *x, const struct rsql_token *t, struct rs_arena *a)
{
  char quote = x->p[t->start];
  char *out = rs_arena_alloc(a, t->end - t->start);
  if (out == NULL) return NULL;
  size_t n = 0;
  for (size_t i = t->start + 1; i + 1 < t->end; i++) {
    out[n++] = x->p[i];
    if (x->p[i] == quote) i++; // doubled
  }
  out[n] = 0;
  return out;
}

bool rs_rsql_is_word(const struct rsql_lex *x, const struct rsql_token *t, const char *upper)
{
  // most words differ in their first letter, and each is asked for many
  if (t->kind != TK_WORD || (x->p[t->start] & 0x5F) != upper[0]) return false;
  size_t n = strlen(upper);
  return t->end - t->start == n && rs_casecmpn(upper, x->p + t->start, n) == 0;
}
