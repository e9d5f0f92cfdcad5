/*
** One statement or not, and parameters (see statement.h); the lexer is lexer.c.
*/
#include "statement.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "lexer.h"

/* ---- one statement -------------------------------------------------------------------------- */

static void take_keyword(const struct rs_lexer *x, struct rs_sqltext *out)
{
  size_t n = x->i - x->start;
  if (n >= sizeof out->keyword) n = sizeof out->keyword - 1;
  for (size_t i = 0; i < n; i++) {
    char c = x->p[x->start + i];
    out->keyword[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  out->keyword[n] = 0;
}

static const char *const query_words[] = {"SELECT", "WITH",      "VALUES", "FROM",
                                          "TABLE",  "DESCRIBE",  "SHOW",   "EXPLAIN",
                                          "PIVOT",  "SUMMARIZE", NULL};
static const char *const change_words[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY", NULL};
static const char *const cte_words[] = {"AS", "USING", NULL}; /* a `)` of WITH goes on with them */

/* What is needed to tell the kind: the first token, and for WITH the word behind its last `)`. */
struct kind_state {
  bool first_seen, with, decided;
  enum rs_token last;
};

static void see_kind(const struct rs_lexer *x, enum rs_token t, size_t depth, struct kind_state *k,
                     struct rs_sqltext *out)
{
  if (!k->first_seen) {
    k->first_seen = true;
    bool query = t == T_WORD && rs_sqllex_is_any(x, query_words);
    if (t == T_OPEN) query = x->p[x->start] == '(';
    out->kind = query ? RS_SQL_QUERY : RS_SQL_OTHER;
    k->with = t == T_WORD && rs_sqllex_is(x, "WITH");
  }
  if (out->keyword[0] == 0 && t == T_WORD) take_keyword(x, out);
  // WITH a AS (..) INSERT ... is no query; its word comes behind a `)` outside of all brackets
  if (k->with && !k->decided && depth == 0 && t == T_WORD && k->last == T_CLOSE &&
      !rs_sqllex_is_any(x, cte_words)) {
    k->decided = true;
    if (rs_sqllex_is_any(x, change_words)) out->kind = RS_SQL_OTHER;
  }
  k->last = t;
}

enum rs_code rs_sqltext_one(const char *sql, size_t n, const struct rs_dialect *d, const char *what,
                            struct rs_sqltext *out, struct rs_error *e)
{
  struct rs_lexer x;
  *out = (struct rs_sqltext){.p = sql};
  enum rs_code rc = rs_sqllex_open(&x, sql, n, d, what, e);
  if (rc != RS_OK) return rc;
  struct rs_brackets b = {.n = 0};
  struct kind_state k = {.last = T_END};
  size_t begin = 0, end = 0;
  bool closed = false; // a `;` came
  for (;;) {
    enum rs_token t;
    rc = rs_sqllex_next(&x, &t);
    if (rc != RS_OK) return rc;
    if (t == T_END) break;
    if (t == T_SEMICOLON) {
      if (b.n > 0) return rs_sqllex_fail(&x, x.start, "`;` inside of brackets");
      if (!k.first_seen) return rs_sqllex_fail(&x, x.start, "`;` without a statement");
      closed = true;
      continue;
    }
    if (closed) return rs_sqllex_fail(&x, x.start, "a second statement");
    if (!k.first_seen) begin = x.start;
    rc = rs_sqllex_bracket(&x, t, &b);
    if (rc != RS_OK) return rc;
    see_kind(&x, t, b.n, &k, out);
    end = x.i;
  }
  if (b.n > 0) {
    char why[] = "bracket is not closed: ?";
    why[sizeof why - 2] = b.open[b.n - 1];
    return rs_sqllex_fail(&x, n, why);
  }
  if (!k.first_seen) return rs_fail(e, RS_INVALID, "%s: no SQL statement", what);
  out->p = sql + begin;
  out->n = end - begin;
  return RS_OK;
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* ---- parameters ----------------------------------------------------------------------------- */

enum style { STYLE_NONE, STYLE_POSITION, STYLE_NAME };

struct params {
  const struct rs_dialect *d;
  struct rs_buf *out;
  struct rs_map *names;
  size_t *order, norder, cap;
  size_t *number, nnumber, number_cap; /* by index: the marker's number, 0 = none yet */
  enum style style;
  size_t largest; /* the largest position used */
};

/* A parameter of this index: a marker that has its number already, or the next one. */
static enum rs_code add_marker(struct params *ps, size_t index, struct rs_error *e)
{
  if (!rs_grow(&ps->number, &ps->number_cap, index + 1, sizeof ps->number[0]) ||
      !rs_grow(&ps->order, &ps->cap, ps->norder + 1, sizeof ps->order[0])) {
    return rs_nomem(e);
  }
  while (ps->nnumber <= index) ps->number[ps->nnumber++] = 0;
  size_t *number = &ps->number[index];
  if (*number == 0 || !ps->d->numbered_params) {
    ps->order[ps->norder++] = index;
    *number = ps->norder;
  }
  rs_dialect_param(ps->d, ps->out, *number);
  return RS_OK;
}

static enum rs_code set_style(struct params *ps, const struct rs_lexer *x, enum style style)
{
  if (ps->style != STYLE_NONE && ps->style != style) {
    return rs_sqllex_fail(x, x->start, "named and positional parameters in one statement");
  }
  ps->style = style;
  return RS_OK;
}

#define POSITION_MAX 32766 /* as SQLite's */

/* ?, ?N, $N: p..p+n are the digits. */
static enum rs_code add_position(struct params *ps, const struct rs_lexer *x, const char *p,
                                 size_t n)
{
  enum rs_code rc = set_style(ps, x, STYLE_POSITION);
  if (rc != RS_OK) return rc;
  size_t at = 0;
  for (size_t i = 0; i < n && at <= POSITION_MAX; i++) {
    if (is_digit(p[i])) at = at * 10 + (size_t)(p[i] - '0');
  }
  if (n == 0) at = ps->largest + 1;
  if (at == 0 || at > POSITION_MAX) {
    return rs_sqllex_fail(x, x->start, "parameter number out of range (1 to 32766)");
  }
  if (at > ps->largest) ps->largest = at;
  return add_marker(ps, at - 1, x->e);
}

static enum rs_code add_name(struct params *ps, const struct rs_lexer *x, const char *p, size_t n)
{
  enum rs_code rc = set_style(ps, x, STYLE_NAME);
  if (rc != RS_OK) return rc;
  struct rs_map_entry *entry = rs_map_find(ps->names, p, n);
  if (entry == NULL) {
    if (!rs_map_putn(ps->names, p, n, NULL)) return rs_nomem(x->e);
    entry = &ps->names->v[ps->names->n - 1];
  }
  return add_marker(ps, (size_t)(entry - ps->names->v), x->e);
}

/* Words behind which an expression begins, so that a colon there can't be a slice's. */
static const char *const operator_words[] = {
  "SELECT",  "DISTINCT", "WHERE",  "AND",     "OR",   "NOT",    "IN",     "LIKE", "ILIKE", "GLOB",
  "BETWEEN", "CASE",     "WHEN",   "THEN",    "ELSE", "ON",     "HAVING", "BY",   "LIMIT", "OFFSET",
  "IS",      "ESCAPE",   "FILTER", "QUALIFY", "FROM", "VALUES", "IF",     NULL};

/* Does this `:` begin a parameter? `was`: the token before ended an operand. */
static bool is_name_marker(const struct rs_lexer *x, bool was, char innermost)
{
  if (rs_sqllex_name(x, x->i, false) == 0) return false;
  if (!was) return true;
  // [a:b], {'k':v}, lambda x:x and `alias: value` have an operand in front
  return x->spaced && innermost != '[' && innermost != '{';
}

static bool ends_operand(const struct rs_lexer *x, enum rs_token t)
{
  switch (t) {
    case T_WORD: return !rs_sqllex_is_any(x, operator_words);
    case T_QUOTED:
    case T_NUMBER:
    case T_STRING:
    case T_CLOSE:
    case T_QUESTION:
    case T_DOLLAR: return true;
    default: return false;
  }
}

/* Is `c` a byte that a marker behind it would belong to? */
static bool joins(char c)
{
  return c == '$' || c == '_' || is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
         (unsigned char)c >= 0x80;
}

static enum rs_code write_params(struct rs_lexer *x, struct params *ps)
{
  struct rs_brackets b = {.n = 0};
  bool was = false;
  size_t done = 0; // copied so far
  for (;;) {
    enum rs_token t;
    enum rs_code rc = rs_sqllex_next(x, &t);
    if (rc != RS_OK) return rc;
    if (t == T_END) break;
    size_t start = x->start;
    const char *p = x->p + start + 1;
    size_t len = x->i - start - 1;
    bool marker = false;
    // brackets are the engine's to check here; only the innermost open one matters
    if (t == T_OPEN && b.n < RS_SQL_DEPTH_MAX) b.open[b.n++] = x->p[start];
    if (t == T_CLOSE && b.n > 0) b.n--;
    if (t == T_QUESTION || t == T_DOLLAR || t == T_COLON) {
      char innermost = b.n > 0 ? b.open[b.n - 1] : '(';
      marker = t != T_COLON || is_name_marker(x, was, innermost);
    }
    size_t name = 0;
    if (marker && t != T_QUESTION && len == 0) {
      name = rs_sqllex_name(x, x->i, true);
      // $E'..': a string, not a parameter called E
      if (x->i + name < x->n && x->p[x->i + name] == '\'') marker = false;
    }
    if (marker) {
      rs_buf_add(ps->out, x->p + done, start - done);
      // behind a name's byte $1 would be its end, behind a `$` the opening of a string
      if (ps->out->n > 0 && joins(ps->out->p[ps->out->n - 1])) rs_buf_char(ps->out, ' ');
      x->i += name;
      if (name > 0) rc = add_name(ps, x, p, name);
      else rc = add_position(ps, x, p, len);
      if (rc != RS_OK) return rc;
      t = T_DOLLAR;
      // the same holds for what follows
      if (x->i < x->n && joins(x->p[x->i])) rs_buf_char(ps->out, ' ');
      done = x->i;
    }
    was = ends_operand(x, t);
  }
  rs_buf_add(ps->out, x->p + done, x->n - done);
  return rs_buf_error(ps->out, x->e, "statement with parameters");
}

enum rs_code rs_sqltext_params(const char *sql, size_t n, const struct rs_dialect *d,
                               struct rs_buf *out, struct rs_map *names, size_t **order,
                               size_t *norder, struct rs_error *e)
{
  struct rs_lexer x;
  struct params ps = {.d = d, .out = out, .names = names};
  *order = NULL;
  *norder = 0;
  enum rs_code rc = rs_sqllex_open(&x, sql, n, d, "SQL", e);
  if (rc == RS_OK) rc = write_params(&x, &ps);
  rs_free(ps.number);
  if (rc != RS_OK) {
    rs_free(ps.order);
    return rc;
  }
  *order = ps.order;
  *norder = ps.norder;
  return RS_OK;
}
