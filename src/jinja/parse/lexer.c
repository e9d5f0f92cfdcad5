/*
** The lexer: a template's text to tokens, after jinja2/lexer.py (no line statements, no trimming
** options: dbt leaves them off). One pass; text between tags stays in the source buffer.
*/
#include <stdarg.h>
#include <stdio.h>
#include "internal.h"

struct lexer {
  struct parser *p;
  const char *s;
  size_t n, pos;
  size_t counted; /* up to here line and col are counted */
  uint32_t line, col;
  char *brackets; /* closing brackets still expected */
  size_t nbrackets, cap;
  bool stopped; /* by an error that the parser will raise */
};

/*
** Moves the counters to byte `to`. Called with growing positions only, so all in all it is linear.
*/
static void count_to(struct lexer *l, size_t to)
{
  if (to <= l->counted) return;
  const char *p = l->s + l->counted, *end = l->s + to, *nl;
  while (p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL) {
    l->line++;
    l->col = 1;
    p = nl + 1;
  }
  l->col += (uint32_t)uni_count(p, (size_t)(end - p));
  l->counted = to;
}

static bool add(struct lexer *l, enum token_type type, size_t from, size_t to)
{
  struct parser *p = l->p;
  if (!rs_grow(&p->v, &p->cap, p->ntokens + 1, sizeof *p->v)) return jinja_parse_nomem(p) != NULL;
  count_to(l, from);
  p->v[p->ntokens++] = (struct token){
    .type = (uint8_t)type, .line = l->line, .col = l->col, .p = l->s + from, .n = to - from};
  return true;
}

static bool fail_at(struct lexer *l, size_t at, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
static bool fail_at(struct lexer *l, size_t at, const char *fmt, ...)
{
  struct parser *p = l->p;
  va_list ap;
  va_start(ap, fmt);
  if (vsnprintf(p->lex_error, sizeof p->lex_error, fmt, ap) < 0) p->lex_error[0] = 0;
  va_end(ap);
  if (add(l, T_ERROR, at, at)) l->stopped = true;
  return false;
}

static size_t skip_space(const struct lexer *l, size_t at)
{
  while (at < l->n) {
    size_t next = at;
    if (!uni_space(uni_next(l->s, &next))) break;
    at = next;
  }
  return at;
}

static size_t rstrip(const struct lexer *l, size_t from, size_t to)
{
  while (to > from) {
    size_t at = to;
    if (!uni_space(uni_prev(l->s, &at))) break;
    to = at;
  }
  return to;
}

static bool has(const struct lexer *l, size_t at, const char *what)
{
  size_t n = strlen(what);
  return n <= l->n - at && memcmp(l->s + at, what, n) == 0;
}

/* After an opening `{%` and its sign: the end of `raw %}`, 0 when this is another tag. */
static size_t raw_tag_end(const struct lexer *l, size_t at)
{
  at = skip_space(l, at);
  if (!has(l, at, "raw")) return 0;
  at = skip_space(l, at + 3);
  if (has(l, at, "-%}")) return skip_space(l, at + 3);
  return has(l, at, "%}") ? at + 2 : 0;
}

/* If an endraw tag starts at `at`: its end, and where the data before it ends. */
static size_t endraw_end(const struct lexer *l, size_t from, size_t at, size_t *data_end)
{
  if (!has(l, at, "{%")) return 0;
  char sign = at + 2 < l->n ? l->s[at + 2] : 0;
  size_t i = at + 2 + (sign == '-' || sign == '+');
  i = skip_space(l, i);
  if (!has(l, i, "endraw")) return 0;
  i = skip_space(l, i + 6);
  *data_end = sign == '-' ? rstrip(l, from, at) : at;
  if (has(l, i, "+%}")) return i + 3;
  if (has(l, i, "-%}")) return skip_space(l, i + 3);
  return has(l, i, "%}") ? i + 2 : 0;
}

static bool lex_raw(struct lexer *l)
{
  size_t from = l->pos;
  for (size_t i = from; i < l->n; i++) {
    const char *brace = memchr(l->s + i, '{', l->n - i);
    if (brace == NULL) break;
    i = (size_t)(brace - l->s);
    size_t data_end, end = endraw_end(l, from, i, &data_end);
    if (end == 0) continue;
    if (data_end > from && !add(l, T_DATA, from, data_end)) return false;
    l->pos = end;
    return true;
  }
  if (from >= l->n) { // Jinja's rule needs one more character to complain
    l->pos = l->n;
    return true;
  }
  return fail_at(l, from, "Missing end of raw directive");
}

static bool lex_comment(struct lexer *l, size_t open)
{
  const char *end = l->s + l->pos, *stop = l->s + l->n;
  for (;;) {
    end = end < stop ? memchr(end, '#', (size_t)(stop - end)) : NULL;
    if (end == NULL || end + 1 >= stop) break;
    if (end[1] == '}') {
      size_t at = (size_t)(end - l->s);
      bool strip = at > l->pos && l->s[at - 1] == '-';
      l->pos = strip ? skip_space(l, at + 2) : at + 2;
      return true;
    }
    end++;
  }
  if (l->pos >= l->n) return true;
  return fail_at(l, open, "Missing end of comment tag");
}

/* ---- inside tags --------------------------------------------------------------------------- */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* digits with single underscores between them; returns the end (at = none) */
static size_t digits(const struct lexer *l, size_t at)
{
  if (at >= l->n || !is_digit(l->s[at])) return at;
  while (at < l->n) {
    if (is_digit(l->s[at])) {
      at++;
    } else if (l->s[at] == '_' && at + 1 < l->n && is_digit(l->s[at + 1])) {
      at++;
    } else {
      break;
    }
  }
  return at;
}

static size_t float_end(const struct lexer *l, size_t at)
{
  if (at > 0 && l->s[at - 1] == '.') return 0;
  size_t i = digits(l, at), end = 0;
  if (i == at) return 0;
  if (i < l->n && l->s[i] == '.') {
    size_t frac = digits(l, i + 1);
    if (frac > i + 1) end = i = frac;
  }
  if (i < l->n && (l->s[i] == 'e' || l->s[i] == 'E')) {
    size_t k = i + 1;
    if (k < l->n && (l->s[k] == '+' || l->s[k] == '-')) k++;
    size_t exp = digits(l, k);
    if (exp > k) end = exp;
  }
  return end;
}

/* (_?digit)+ of a base; `zeros` accepts only zeros. Returns the end. */
static size_t based(const struct lexer *l, size_t at, int base)
{
  for (;;) {
    size_t i = at;
    if (i < l->n && l->s[i] == '_') i++;
    int v = i < l->n ? rs_hex_value(l->s[i]) : -1;
    if (v < 0 || v >= base) return at;
    at = i + 1;
  }
}

static size_t int_end(const struct lexer *l, size_t at, unsigned *base, size_t *first)
{
  *base = 10;
  *first = at;
  if (l->s[at] != '0') return digits(l, at);
  char mark = at + 1 < l->n ? (char)(l->s[at + 1] | 32) : 0;
  unsigned b = mark == 'b' ? 2 : mark == 'o' ? 8 : mark == 'x' ? 16 : 0;
  if (b != 0) {
    size_t end = based(l, at + 2, (int)b);
    if (end > at + 2) {
      *base = b;
      *first = at + 2;
      return end;
    }
  }
  return based(l, at + 1, 1); // zeros only: 007 is no number
}

static bool lex_number(struct lexer *l)
{
  struct parser *p = l->p;
  size_t end = float_end(l, l->pos);
  enum token_type type = end != 0 ? T_FLOAT : T_INT;
  unsigned base = 10;
  size_t first = l->pos;
  if (end == 0) end = int_end(l, l->pos, &base, &first);
  if (!add(l, type, l->pos, end)) return false;
  struct token *t = &p->v[p->ntokens - 1];
  char *text = rs_malloc(end - first + 1);
  if (text == NULL) return jinja_parse_nomem(p) != NULL;
  size_t n = 0;
  for (size_t i = first; i < end; i++) {
    if (l->s[i] != '_') text[n++] = l->s[i];
  }
  text[n] = 0;
  if (type == T_FLOAT) {
    t->value = jv_float(rs_text_strtod(text, NULL));
  } else if (n > 4300 && base == 10) { // Python's own limit
    rs_free(text);
    p->ntokens--;
    return fail_at(l, l->pos, "Exceeds the limit (4300 digits) for integer string conversion");
  } else {
    t->value = big_from_digits(&p->t->arena, text, n, base, false);
    if (t->value.kind == JV_UNDEFINED) {
      rs_free(text);
      return jinja_parse_nomem(p) != NULL;
    }
  }
  rs_free(text);
  l->pos = end;
  return true;
}

static bool lex_string(struct lexer *l)
{
  struct parser *p = l->p;
  char quote = l->s[l->pos];
  size_t from = l->pos + 1, end = from;
  bool escaped = false;
  while (end < l->n && l->s[end] != quote) {
    if (l->s[end] == '\\') {
      escaped = true;
      end++;
    }
    end++;
  }
  if (end >= l->n) {
    return fail_at(l, l->pos, "unexpected char %s at %zu", quote == '"' ? "'\"'" : "\"'\"",
                   uni_count(l->s, l->pos));
  }
  if (!add(l, T_STRING, l->pos, end + 1)) return false;
  const char *text = l->s + from;
  size_t n = end - from;
  char *work = NULL;
  if (escaped) {
    work = rs_malloc(n + 1);
    if (work == NULL) return jinja_parse_nomem(p) != NULL;
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
      if (text[i] != '\\' || i + 1 >= n) {
        work[len++] = text[i];
        continue;
      }
      const char *why = "";
      char out[4] = {0};
      size_t k = 0, took = py_str_unescape(text, n, i + 1, out, &k, &why);
      if (took == 0) {
        rs_free(work);
        p->ntokens--; // the error stands for the token
        return fail_at(l, l->pos, "%s", why);
      }
      memcpy(work + len, out, k);
      len += k;
      i += took == (size_t)-1 ? 0 : took;
    }
    text = work;
    n = len;
  }
  struct jv_str *s = py_str_new(&p->t->arena, text, n);
  rs_free(work);
  if (s == NULL) return jinja_parse_nomem(p) != NULL;
  p->v[p->ntokens - 1].value = jv_of_str(s);
  l->pos = end + 1;
  return true;
}

static const struct {
  char text[3];
  uint8_t type;
} operators[] = {
  {"//", T_FLOORDIV}, {"**", T_POW},   {"==", T_EQ},      {"!=", T_NE},      {">=", T_GE},
  {"<=", T_LE},       {"+", T_ADD},    {"-", T_SUB},      {"/", T_DIV},      {"*", T_MUL},
  {"%", T_MOD},       {"~", T_TILDE},  {"[", T_LBRACKET}, {"]", T_RBRACKET}, {"(", T_LPAREN},
  {")", T_RPAREN},    {"{", T_LBRACE}, {"}", T_RBRACE},   {">", T_GT},       {"<", T_LT},
  {"=", T_ASSIGN},    {".", T_DOT},    {":", T_COLON},    {"|", T_PIPE},     {",", T_COMMA},
  {";", T_SEMICOLON},
};

static bool balance(struct lexer *l, char c)
{
  char close = c == '{' ? '}' : c == '(' ? ')' : c == '[' ? ']' : 0;
  if (close != 0) {
    if (!rs_grow(&l->brackets, &l->cap, l->nbrackets + 1, 1))
      return jinja_parse_nomem(l->p) != NULL;
    l->brackets[l->nbrackets++] = close;
    return true;
  }
  if (c != '}' && c != ')' && c != ']') return true;
  if (l->nbrackets == 0) return fail_at(l, l->pos, "unexpected '%c'", c);
  char want = l->brackets[--l->nbrackets];
  if (want != c) return fail_at(l, l->pos, "unexpected '%c', expected '%c'", c, want);
  return true;
}

static bool lex_operator(struct lexer *l)
{
  for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
    if (!has(l, l->pos, operators[i].text)) continue;
    size_t n = strlen(operators[i].text);
    if (n == 1 && !balance(l, l->s[l->pos])) return false;
    if (!add(l, (enum token_type)operators[i].type, l->pos, l->pos + n)) return false;
    l->pos += n;
    return true;
  }
  size_t end = l->pos;
  uint32_t c = uni_next(l->s, &end);
  struct rs_buf b;
  rs_buf_init(&b, 64);
  py_text_repr_str(&b, l->s + l->pos, end - l->pos);
  (void)c;
  bool ok = fail_at(l, l->pos, "unexpected char %s at %zu", rs_buf_text(&b),
                    uni_count(l->s, l->pos));
  rs_buf_free(&b);
  return ok;
}

static bool lex_name(struct lexer *l, size_t end)
{
  bool ok = true;
  for (size_t i = l->pos; i < l->n;) {
    size_t at = i;
    uint32_t c = uni_next(l->s, &i);
    if (!uni_id_more(c) && !uni_alnum(c)) break;
    ok = ok && (at == l->pos ? uni_id_start(c) : uni_id_more(c));
    end = i;
  }
  if (!ok) return fail_at(l, l->pos, "Invalid character in identifier");
  if (!add(l, T_NAME, l->pos, end)) return false;
  l->pos = end;
  return true;
}

/* Tokens up to and with the tag's end. */
static bool lex_tag(struct lexer *l, bool is_block)
{
  const char *close = is_block ? "%}" : "}}";
  l->nbrackets = 0;
  while (l->pos < l->n) {
    char c = l->s[l->pos];
    if (l->nbrackets == 0) {
      bool minus = c == '-' && has(l, l->pos + 1, close);
      bool plus = is_block && c == '+' && has(l, l->pos + 1, close);
      if (minus || plus || has(l, l->pos, close)) {
        size_t end = l->pos + 2 + (minus || plus);
        if (!add(l, is_block ? T_BLOCK_END : T_VAR_END, l->pos, end)) return false;
        l->pos = minus ? skip_space(l, end) : end;
        return true;
      }
    }
    size_t end = l->pos;
    uint32_t code = uni_next(l->s, &end);
    if (uni_space(code)) {
      l->pos = end;
    } else if (is_digit(c)) {
      if (!lex_number(l)) return false;
    } else if (uni_id_start(code) || uni_alnum(code)) {
      if (!lex_name(l, end)) return false;
    } else if (c == '\'' || c == '"') {
      if (!lex_string(l)) return false;
    } else if (!lex_operator(l)) {
      return false;
    }
  }
  return true;
}

static bool lex_root(struct lexer *l)
{
  while (l->pos < l->n) {
    size_t from = l->pos, at = from;
    char kind = 0;
    while (at + 1 < l->n) {
      const char *brace = memchr(l->s + at, '{', l->n - at - 1);
      if (brace == NULL) break;
      at = (size_t)(brace - l->s);
      kind = brace[1];
      if (kind == '%' || kind == '{' || kind == '#') break;
      kind = 0;
      at++;
    }
    if (kind == 0) {
      l->pos = l->n;
      return add(l, T_DATA, from, l->n);
    }
    char sign = at + 2 < l->n ? l->s[at + 2] : 0;
    size_t data_end = sign == '-' ? rstrip(l, from, at) : at;
    size_t inner = at + 2 + (sign == '-' || sign == '+');
    if (data_end > from && !add(l, T_DATA, from, data_end)) return false;
    size_t raw = kind == '%' ? raw_tag_end(l, inner) : 0;
    l->pos = raw != 0 ? raw : inner;
    if (raw != 0) {
      if (!lex_raw(l)) return false;
    } else if (kind == '#') {
      if (!lex_comment(l, at)) return false;
    } else {
      if (!add(l, kind == '%' ? T_BLOCK_BEGIN : T_VAR_BEGIN, at, inner)) return false;
      if (!lex_tag(l, kind == '%')) return false;
    }
  }
  return true;
}

bool jinja_lex(struct parser *p)
{
  struct lexer l = {.p = p, .s = p->src, .n = p->n, .line = 1, .col = 1};
  bool ok = lex_root(&l);
  if (!ok && l.stopped && !p->failed) {
    ok = true;
    if (p->v[0].type == T_ERROR) jinja_parse_fail(p, &p->v[0], "%s", p->lex_error);
  } else if (ok) {
    // the end of the template has the position of the last token, as Jinja's has
    ok = add(&l, T_EOF, l.n, l.n);
    if (ok && p->ntokens > 1) p->v[p->ntokens - 1].line = p->v[p->ntokens - 2].line;
  }
  rs_free(l.brackets);
  return ok;
}
