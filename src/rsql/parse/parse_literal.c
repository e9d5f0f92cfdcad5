/*
** Literals: numbers, strings, bytes, dates, intervals, arrays, objects; names of types (see
** parse.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "parse.h"
#include "src/rsql/types.h"

/* ---- strings --------------------------------------------------------------------------------- */

static bool hex_value(char c, unsigned *v)
{
  if (c >= '0' && c <= '9') *v = (unsigned)(c - '0');
  else if (c >= 'a' && c <= 'f') *v = (unsigned)(c - 'a') + 10;
  else if (c >= 'A' && c <= 'F') *v = (unsigned)(c - 'A') + 10;
  else return false;
  return true;
}

/* The code point of \XXXX or \+XXXXXX behind the escape character; *n bytes are used. */
static bool escape_value(const char *s, uint32_t *c, size_t *n)
{
  size_t from = s[0] == '+' ? 1 : 0, digits = from > 0 ? 6 : 4;
  *c = 0;
  for (size_t i = 0; i < digits; i++) {
    unsigned v;
    if (!hex_value(s[from + i], &v)) return false;
    *c = *c << 4 | v;
  }
  *n = from + digits;
  return *c != 0 && *c <= 0x10FFFF && !(*c >= 0xD800 && *c <= 0xDFFF);
}

/* In place: what U&'..' stands for is never longer than its text. */
static bool unescape(char *s, char escape)
{
  char *out = s;
  while (*s != 0) {
    if (*s != escape) {
      *out++ = *s++;
      continue;
    }
    s++;
    if (*s == escape) {
      *out++ = *s++;
      continue;
    }
    uint32_t c;
    size_t n;
    char utf8[4];
    if (!escape_value(s, &c, &n)) return false;
    size_t len = rs_utf8_encode(c, utf8);
    memcpy(out, utf8, len);
    out += len;
    s += n;
  }
  *out = 0;
  return true;
}

static char *decode_from(struct rsql_parser *p, size_t skip)
{
  struct rsql_token t = p->tok;
  t.start += skip;
  char *s = rs_rsql_decode(&p->x, &t, p->arena);
  if (s == NULL) return rs_rsql_oom(p);
  rs_rsql_advance(p);
  return s;
}

static struct rsql_node *unicode(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  char escape = '\\';
  struct rsql_node *x = rs_rsql_node(p, N_STRING, pos);
  char *s = x != NULL ? decode_from(p, 2) : NULL;
  if (s == NULL) return NULL;
  if (rs_rsql_take(p, "UESCAPE")) {
    if (p->tok.kind != TK_STRING || p->tok.end - p->tok.start != 3) {
      return rs_rsql_unexpected(p, "one character in quotes");
    }
    escape = p->x.p[p->tok.start + 1];
    rs_rsql_advance(p);
  }
  if (!unescape(s, escape)) return rs_rsql_wrong(p, pos, "a bad escape in a U&'..' string");
  x->text = s;
  return x;
}

static struct rsql_node *hex(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  struct rsql_node *x = rs_rsql_node(p, N_BYTES, pos);
  if (x == NULL || (x->text = decode_from(p, 1)) == NULL) return NULL;
  unsigned v;
  size_t n = strlen(x->text);
  for (size_t i = 0; i < n; i++) {
    if (!hex_value(x->text[i], &v)) n = 1;
  }
  return n % 2 == 0 ? x : rs_rsql_wrong(p, pos, "X'..' needs pairs of hex digits");
}

/* name 'text' */
static struct rsql_node *typed(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  struct rsql_node *x = rs_rsql_node(p, N_TYPED, pos);
  if (x == NULL || (x->name = rs_rsql_text(p, &p->tok, true)) == NULL) return NULL;
  if (!rs_rsql_type_known(x->name)) return rs_rsql_unexpected(p, "the name of a type");
  rs_rsql_advance(p);
  x->text = decode_from(p, 0);
  return x->text != NULL ? x : NULL;
}

/* ---- intervals ------------------------------------------------------------------------------- */

static const char *const units[] = {
  "YEAR",    "MONTH",       "DAY",          "HOUR",        "MINUTE",       "SECOND", "YEARS",
  "MONTHS",  "DAYS",        "HOURS",        "MINUTES",     "SECONDS",      "WEEK",   "WEEKS",
  "QUARTER", "MILLISECOND", "MILLISECONDS", "MICROSECOND", "MICROSECONDS", NULL};

static const char *unit(struct rsql_parser *p)
{
  if (!rs_rsql_at_any(p, units)) return rs_rsql_unexpected(p, "a unit as YEAR, DAY or SECOND");
  char *s = rs_arena_strndup(p->arena, p->x.p + p->tok.start, p->tok.end - p->tok.start);
  if (s == NULL) return rs_rsql_oom(p);
  for (char *c = s; *c != 0; c++) *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
  size_t n = strlen(s);
  if (s[n - 1] == 'S') s[n - 1] = 0;
  rs_rsql_advance(p);
  return s;
}

/* Does an interval's value stand behind the word? Else INTERVAL is a name. */
static bool interval_follows(const struct rsql_parser *p)
{
  struct rsql_parser q = *p;
  rs_rsql_advance(&q);
  bool sign = rs_rsql_at_op(&q, '-') || rs_rsql_at_op(&q, '+');
  if (sign) rs_rsql_advance(&q);
  if (q.tok.kind == TK_STRING) return !sign;
  bool bracket = rs_rsql_at_op(&q, '(') && !sign;
  if (q.tok.kind != TK_INT && q.tok.kind != TK_FLOAT) return rs_rsql_at_op(&q, ':') || bracket;
  rs_rsql_advance(&q);
  return rs_rsql_at_any(&q, units);
}

static struct rsql_node *interval(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  bool minus = rs_rsql_at_op(p, '-'), plus = rs_rsql_at_op(p, '+');
  if (minus || plus) rs_rsql_advance(p);
  struct rsql_node *v = rs_rsql_primary(p);
  if (v == NULL) return NULL;
  if (minus) v = rs_rsql_node_of(p, N_NEGATE, pos, v, NULL, NULL);
  struct rsql_node *x = v != NULL ? rs_rsql_node_of(p, N_INTERVAL, pos, v, NULL, NULL) : NULL;
  if (x == NULL) return NULL;
  if (v->kind == N_STRING && !rs_rsql_at_any(p, units)) return x; // '2 days'
  x->text = unit(p);
  if (x->text == NULL) return NULL;
  if (rs_rsql_take(p, "TO") && (x->name = unit(p)) == NULL) return NULL;
  return x;
}

/* ---- arrays and objects ---------------------------------------------------------------------- */

static struct rsql_node *array(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_ARRAY, p->tok.start);
  struct rsql_list l = {0};
  rs_rsql_advance(p);
  if (x == NULL) return NULL;
  while (!rs_rsql_at_op(p, ']')) {
    struct rsql_node *y = rs_rsql_expr(p);
    if (y == NULL || !rs_rsql_push(p, &l, y)) return NULL;
    if (!rs_rsql_take_op(p, ',')) break;
  }
  x->v = (struct rsql_node **)l.v;
  x->n = l.n;
  return rs_rsql_need_op(p, ']', "`,` or `]`") ? x : NULL;
}

static struct rsql_node *object(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_OBJECT, p->tok.start);
  struct rsql_list l = {0};
  rs_rsql_advance(p);
  if (x == NULL) return NULL;
  while (!rs_rsql_at_op(p, '}')) {
    struct rsql_node *key = rs_rsql_node(p, N_STRING, p->tok.start);
    if (key == NULL) return NULL;
    if (p->tok.kind == TK_STRING) key->text = decode_from(p, 0);
    else key->text = rs_rsql_name(p, "a key in single quotes");
    if (key->text == NULL || !rs_rsql_need_op(p, ':', "`:`")) return NULL;
    struct rsql_node *y = rs_rsql_expr(p);
    if (y == NULL || !rs_rsql_push(p, &l, key) || !rs_rsql_push(p, &l, y)) return NULL;
    if (!rs_rsql_take_op(p, ',')) break;
  }
  x->v = (struct rsql_node **)l.v;
  x->n = l.n;
  return rs_rsql_need_op(p, '}', "`,` or `}`") ? x : NULL;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static struct rsql_node *simple(struct rsql_parser *p, enum rsql_node_kind kind, int op)
{
  struct rsql_node *x = rs_rsql_node(p, kind, p->tok.start);
  if (x == NULL) return NULL;
  x->op = op;
  if (kind == N_INT || kind == N_FLOAT) {
    x->text = rs_rsql_text(p, &p->tok, false);
    if (x->text == NULL) return NULL;
  }
  rs_rsql_advance(p);
  return x;
}

static struct rsql_node *word(struct rsql_parser *p, bool *is)
{
  if (rs_rsql_at(p, "NULL") || rs_rsql_at(p, "NULL_VALUE")) return simple(p, N_NULL, 0);
  if (rs_rsql_at(p, "UNDEFINED")) return simple(p, N_UNDEFINED, 0);
  if (rs_rsql_at(p, "TRUE")) return simple(p, N_BOOL, 1);
  if (rs_rsql_at(p, "FALSE")) return simple(p, N_BOOL, 0);
  if (rs_rsql_at(p, "INTERVAL") && interval_follows(p)) return interval(p);
  struct rsql_token next = rs_rsql_peek(p);
  if (next.kind == TK_STRING && rs_rsql_at_name(p)) return typed(p);
  if (next.kind == TK_OP && next.op == '[' && rs_rsql_at(p, "ARRAY")) {
    rs_rsql_advance(p);
    return array(p);
  }
  *is = false;
  return NULL;
}

struct rsql_node *rs_rsql_literal(struct rsql_parser *p, bool *is)
{
  *is = true;
  switch (p->tok.kind) {
    case TK_INT: return simple(p, N_INT, 0);
    case TK_FLOAT: return simple(p, N_FLOAT, 0);
    case TK_STRING: {
      struct rsql_node *x = rs_rsql_node(p, N_STRING, p->tok.start);
      return x != NULL && (x->text = decode_from(p, 0)) != NULL ? x : NULL;
    }
    case TK_USTRING: return unicode(p);
    case TK_HEX: return hex(p);
    case TK_WORD: return word(p, is);
    case TK_OP:
      if (p->tok.op == '[') return array(p);
      if (p->tok.op == '{') return object(p);
      break;
    default: break;
  }
  *is = false;
  return NULL;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* In upper case, one blank between words: "DOUBLE PRECISION", "DECIMAL(10, 2)", "BIGINT[]". */
const char *rs_rsql_type(struct rsql_parser *p)
{
  struct rs_buf b;
  rs_buf_init(&b, 1000);
  if (p->tok.kind != TK_WORD) return rs_rsql_unexpected(p, "the name of a type");
  const char *first = rs_rsql_text(p, &p->tok, true);
  if (first == NULL) return NULL;
  rs_buf_str(&b, first);
  rs_rsql_advance(p);
  if (rs_eq(first, "DOUBLE") && rs_rsql_take(p, "PRECISION")) rs_buf_str(&b, " PRECISION");
  if (rs_rsql_take_op(p, '(')) {
    rs_buf_char(&b, '(');
    for (int i = 0; p->tok.kind == TK_INT && i < 2; i++) {
      if (i > 0) rs_buf_str(&b, ", ");
      rs_buf_add(&b, p->x.p + p->tok.start, p->tok.end - p->tok.start);
      rs_rsql_advance(p);
      if (!rs_rsql_take_op(p, ',')) break;
    }
    rs_buf_char(&b, ')');
    if (!rs_rsql_need_op(p, ')', "`)`")) goto out;
  }
  if ((rs_eq(first, "TIMESTAMP") || rs_eq(first, "TIME")) && rs_rsql_at(p, "WITH")) {
    rs_rsql_advance(p);
    if (!rs_rsql_need(p, "TIME") || !rs_rsql_need(p, "ZONE")) goto out;
    rs_buf_str(&b, " WITH TIME ZONE");
  }
  for (;;) {
    struct rsql_token next = rs_rsql_peek(p);
    if (!rs_rsql_at_op(p, '[') || next.kind != TK_OP || next.op != ']') break;
    rs_rsql_advance(p);
    rs_rsql_advance(p);
    rs_buf_str(&b, "[]");
  }
out:;
  const char *out = NULL;
  if (p->rc == RS_OK) {
    out = b.rc == RS_OK ? rs_arena_strndup(p->arena, b.p, b.n) : NULL;
    if (out == NULL && b.rc == RS_LIMIT) (void)rs_rsql_wrong(p, p->tok.start, "a type too long");
    else if (out == NULL) (void)rs_rsql_oom(p);
  }
  rs_buf_free(&b);
  return out;
}
