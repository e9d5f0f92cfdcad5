/*
** Primaries: names, parameters, calls, CASE, CAST, brackets, subqueries (see parse.h).
*/
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "parse.h"

#define PARAMS_MAX 32766 /* as SQLite's */

/* ---- parameters ------------------------------------------------------------------------------ */

static struct rsql_node *param(struct rsql_parser *p, const char *name, size_t n, size_t pos)
{
  struct rsql_node *x = rs_rsql_node(p, N_PARAM, pos);
  if (x == NULL) return NULL;
  struct rs_map_entry *found = rs_map_find(&p->params, name, n);
  x->op = found != NULL ? (int)(found - p->params.v) : (int)p->params.n;
  if (found == NULL && p->params.n >= PARAMS_MAX) {
    return rs_rsql_wrong(p, pos, "too many parameters");
  }
  if (found == NULL && !rs_map_putn(&p->params, name, n, NULL)) return rs_rsql_oom(p);
  return x;
}

/* :name, :1, :"order"; blanks may follow the colon */
static struct rsql_node *named_param(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  const struct rsql_token t = p->tok;
  if (t.kind == TK_WORD || t.kind == TK_INT) {
    rs_rsql_advance(p);
    return param(p, p->x.p + t.start, t.end - t.start, pos);
  }
  if (t.kind != TK_QUOTED) return rs_rsql_unexpected(p, "a parameter's name behind `:`");
  const char *name = rs_rsql_any_name(p, "a parameter's name");
  return name != NULL ? param(p, name, strlen(name), pos) : NULL;
}

static struct rsql_node *question(struct rsql_parser *p)
{
  char name[24];
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  (void)snprintf(name, sizeof name, "%zu", ++p->questions);
  return param(p, name, strlen(name), pos);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* x -> body and (x, y) -> body, as the engines have them */
static bool lambda_follows(const struct rsql_parser *p)
{
  struct rsql_parser q = *p;
  if (!rs_rsql_take_op(&q, '(')) {
    struct rsql_token next = rs_rsql_peek(p);
    return rs_rsql_at_name(p) && next.kind == TK_OP && next.op == OP_ARROW;
  }
  while (rs_rsql_at_name(&q)) {
    rs_rsql_advance(&q);
    if (!rs_rsql_take_op(&q, ',')) break;
  }
  return rs_rsql_take_op(&q, ')') && rs_rsql_at_op(&q, OP_ARROW);
}

static struct rsql_node *lambda(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_LAMBDA, p->tok.start);
  struct rsql_names names = {0};
  if (x == NULL) return NULL;
  if (rs_rsql_at_op(p, '(')) {
    if (!rs_rsql_name_list(p, &names)) return NULL;
  } else {
    names.v = rs_rsql_new(p, sizeof names.v[0]);
    if (names.v == NULL || (names.v[0] = rs_rsql_name(p, "a name")) == NULL) return NULL;
    names.n = 1;
  }
  x->path = names.v;
  x->npath = names.n;
  rs_rsql_advance(p); // ->
  x->v = rs_rsql_new(p, sizeof(struct rsql_node *));
  if (x->v == NULL || (x->v[0] = rs_rsql_expr(p)) == NULL) return NULL;
  x->n = 1;
  return x;
}

static struct rsql_node *argument(struct rsql_parser *p)
{
  if (lambda_follows(p)) return lambda(p);
  struct rsql_token next = rs_rsql_peek(p);
  if (!rs_rsql_at_name(p) || next.kind != TK_OP || next.op != OP_ASSIGN) return rs_rsql_expr(p);
  struct rsql_node *x = rs_rsql_node(p, N_NAMED, p->tok.start);
  if (x == NULL || (x->text = rs_rsql_name(p, "a name")) == NULL) return NULL;
  rs_rsql_advance(p);
  x->v = rs_rsql_new(p, sizeof(struct rsql_node *));
  if (x->v == NULL || (x->v[0] = rs_rsql_expr(p)) == NULL) return NULL;
  x->n = 1;
  return x;
}

static bool bound(struct rsql_parser *p, struct rsql_bound *b)
{
  if (rs_rsql_take(p, "CURRENT")) {
    b->text = "CURRENT ROW";
    return rs_rsql_need(p, "ROW");
  }
  bool unbounded = rs_rsql_take(p, "UNBOUNDED");
  if (!unbounded && (b->expr = rs_rsql_value(p)) == NULL) return false;
  if (rs_rsql_take(p, "PRECEDING")) b->text = unbounded ? "UNBOUNDED PRECEDING" : "PRECEDING";
  else if (rs_rsql_take(p, "FOLLOWING")) b->text = unbounded ? "UNBOUNDED FOLLOWING" : "FOLLOWING";
  else return rs_rsql_unexpected(p, "PRECEDING or FOLLOWING") != NULL;
  return true;
}

struct rsql_window *rs_rsql_window(struct rsql_parser *p)
{
  struct rsql_window *w = rs_rsql_new(p, sizeof *w);
  if (w == NULL || !rs_rsql_need_op(p, '(', "`(` or a window's name")) return NULL;
  if (rs_rsql_take(p, "PARTITION")) {
    if (!rs_rsql_need(p, "BY") || !rs_rsql_exprs(p, &w->partition, &w->npartition)) return NULL;
  }
  if (rs_rsql_take(p, "ORDER")) {
    if (!rs_rsql_need(p, "BY") || !rs_rsql_orders(p, &w->order)) return NULL;
  }
  bool rows = rs_rsql_at(p, "ROWS");
  if (rows || rs_rsql_at(p, "RANGE")) {
    rs_rsql_advance(p);
    w->unit = rows ? "ROWS" : "RANGE";
    bool two = rs_rsql_take(p, "BETWEEN");
    if (!bound(p, &w->from)) return NULL;
    if (two && (!rs_rsql_need(p, "AND") || !bound(p, &w->to))) return NULL;
  }
  return rs_rsql_need_op(p, ')', "`)`") ? w : NULL;
}

static bool nulls(struct rsql_parser *p, struct rsql_call *c)
{
  struct rsql_token next = rs_rsql_peek(p);
  bool ignore = rs_rsql_at(p, "IGNORE");
  if ((!ignore && !rs_rsql_at(p, "RESPECT")) || !rs_rsql_is_word(&p->x, &next, "NULLS")) {
    return true;
  }
  rs_rsql_advance(p);
  rs_rsql_advance(p);
  c->nulls = ignore ? " IGNORE NULLS" : " RESPECT NULLS";
  return true;
}

/* Between the brackets. */
static bool arguments(struct rsql_parser *p, struct rsql_node *x)
{
  struct rsql_call *c = x->call;
  struct rsql_list l = {0};
  if (rs_rsql_take_op(p, '*')) {
    c->star = true;
    return true;
  }
  c->distinct = rs_rsql_take(p, "DISTINCT");
  if (!c->distinct && rs_rsql_at(p, "ALL")) rs_rsql_advance(p);
  while (!rs_rsql_at_op(p, ')') && !rs_rsql_at(p, "ORDER")) {
    struct rsql_node *a = argument(p);
    if (a == NULL || !rs_rsql_push(p, &l, a)) return false;
    if (!rs_rsql_take_op(p, ',')) break;
  }
  x->v = (struct rsql_node **)l.v;
  x->n = l.n;
  if (!nulls(p, c)) return false;
  if (rs_rsql_take(p, "ORDER")) {
    if (!rs_rsql_need(p, "BY") || !rs_rsql_orders(p, &c->order)) return false;
  }
  if (rs_rsql_take(p, "LIMIT") && (c->limit = rs_rsql_value(p)) == NULL) return false;
  if (rs_rsql_take(p, "OFFSET") && (c->offset = rs_rsql_value(p)) == NULL) return false;
  return true;
}

static bool suffixes(struct rsql_parser *p, struct rsql_call *c)
{
  (void)nulls(p, c);
  struct rsql_token next = rs_rsql_peek(p);
  bool bracket = next.kind == TK_OP && next.op == '(';
  if (bracket && rs_rsql_take(p, "FILTER")) {
    rs_rsql_advance(p);
    if (!rs_rsql_need(p, "WHERE") || (c->filter = rs_rsql_expr(p)) == NULL) return false;
    if (!rs_rsql_need_op(p, ')', "`)`")) return false;
    next = rs_rsql_peek(p);
    bracket = next.kind == TK_OP && next.op == '(';
  }
  bool name = next.kind == TK_WORD || next.kind == TK_QUOTED;
  if (bracket && rs_rsql_take(p, "OVER")) {
    if ((c->over = rs_rsql_window(p)) == NULL) return false;
  } else if (name && rs_rsql_take(p, "OVER")) {
    if ((c->over = rs_rsql_new(p, sizeof *c->over)) == NULL) return false;
    if ((c->over->name = rs_rsql_name(p, "a window's name")) == NULL) return false;
  }
  next = rs_rsql_peek(p);
  if (next.kind == TK_OP && next.op == '(' && rs_rsql_take(p, "OPTION")) {
    struct rs_rsql_option *o = NULL;
    if (!rs_rsql_option_list(p, &o, &c->noptions)) return false;
    c->options = o;
  }
  return true;
}

struct rsql_node *rs_rsql_call(struct rsql_parser *p, const char *name, size_t pos)
{
  struct rsql_node *x = rs_rsql_node(p, N_CALL, pos);
  if (x == NULL || (x->call = rs_rsql_new(p, sizeof *x->call)) == NULL) return NULL;
  x->name = name;
  if (!rs_rsql_need_op(p, '(', "`(`") || !arguments(p, x)) return NULL;
  if (!rs_rsql_need_op(p, ')', "`,` or `)`") || !suffixes(p, x->call)) return NULL;
  return x;
}

/* A call that is written with words between its operands; made here. */
static struct rsql_node *call_of(struct rsql_parser *p, const char *name, size_t pos,
                                 struct rsql_node *a, struct rsql_node *b, struct rsql_node *c)
{
  struct rsql_node *x = rs_rsql_node_of(p, N_CALL, pos, a, b, c);
  if (x == NULL || (x->call = rs_rsql_new(p, sizeof *x->call)) == NULL) return NULL;
  x->name = name;
  return x;
}

/* ---- words with a syntax of their own -------------------------------------------------------- */

static struct rsql_node *cast(struct rsql_parser *p, enum rsql_cast how)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  if (!rs_rsql_need_op(p, '(', "`(`")) return NULL;
  struct rsql_node *a = rs_rsql_expr(p);
  if (a == NULL || !rs_rsql_need(p, "AS")) return NULL;
  struct rsql_node *x = rs_rsql_node_of(p, N_CAST, pos, a, NULL, NULL);
  if (x == NULL || (x->text = rs_rsql_type(p)) == NULL) return NULL;
  x->op = (int)how;
  return rs_rsql_need_op(p, ')', "`)`") ? x : NULL;
}

static struct rsql_node *case_(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_CASE, p->tok.start), *a;
  struct rsql_list l = {0};
  rs_rsql_advance(p);
  if (x == NULL) return NULL;
  if (!rs_rsql_at(p, "WHEN")) {
    x->has = true;
    if ((a = rs_rsql_expr(p)) == NULL || !rs_rsql_push(p, &l, a)) return NULL;
  }
  do {
    if (!rs_rsql_need(p, "WHEN")) return NULL;
    if ((a = rs_rsql_expr(p)) == NULL || !rs_rsql_push(p, &l, a)) return NULL;
    if (!rs_rsql_need(p, "THEN")) return NULL;
    if ((a = rs_rsql_expr(p)) == NULL || !rs_rsql_push(p, &l, a)) return NULL;
  } while (rs_rsql_at(p, "WHEN"));
  if (rs_rsql_take(p, "ELSE")) {
    x->op = 1;
    if ((a = rs_rsql_expr(p)) == NULL || !rs_rsql_push(p, &l, a)) return NULL;
  }
  x->v = (struct rsql_node **)l.v;
  x->n = l.n;
  return rs_rsql_need(p, "END") ? x : NULL;
}

static struct rsql_node *extract(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_EXTRACT, p->tok.start);
  rs_rsql_advance(p);
  if (x == NULL || !rs_rsql_need_op(p, '(', "`(`")) return NULL;
  if (p->tok.kind != TK_WORD) return rs_rsql_unexpected(p, "a part as YEAR or DAY");
  x->text = rs_rsql_text(p, &p->tok, true);
  rs_rsql_advance(p);
  if (x->text == NULL || !rs_rsql_need(p, "FROM")) return NULL;
  struct rsql_node *a = rs_rsql_expr(p);
  if (a == NULL || (x->v = rs_rsql_new(p, sizeof(struct rsql_node *))) == NULL) return NULL;
  x->v[0] = a;
  x->n = 1;
  return rs_rsql_need_op(p, ')', "`)`") ? x : NULL;
}

/* POSITION(t IN s) and SUBSTRING(s FROM i FOR n), also written as plain calls. */
static struct rsql_node *position(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  rs_rsql_advance(p);
  struct rsql_node *t = rs_rsql_value(p);
  if (t == NULL || (!rs_rsql_take(p, "IN") && !rs_rsql_need_op(p, ',', "IN"))) return NULL;
  struct rsql_node *s = rs_rsql_value(p);
  if (s == NULL || !rs_rsql_need_op(p, ')', "`)`")) return NULL;
  return call_of(p, "STRPOS", pos, s, t, NULL);
}

static struct rsql_node *substring(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  rs_rsql_advance(p);
  struct rsql_node *s = rs_rsql_expr(p), *from = NULL, *count = NULL;
  if (s == NULL) return NULL;
  if (!rs_rsql_take(p, "FROM") && !rs_rsql_need_op(p, ',', "FROM")) return NULL;
  if ((from = rs_rsql_expr(p)) == NULL) return NULL;
  if (rs_rsql_take(p, "FOR") || rs_rsql_take_op(p, ',')) {
    if ((count = rs_rsql_expr(p)) == NULL) return NULL;
  }
  return rs_rsql_need_op(p, ')', "`)`") ? call_of(p, "SUBSTR", pos, s, from, count) : NULL;
}

/* NORMALIZE(s [, NFC]): the form is a bare word */
static struct rsql_node *normalize(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  if (!rs_rsql_need_op(p, '(', "`(`")) return NULL;
  struct rsql_node *s = rs_rsql_expr(p), *form = NULL;
  if (s == NULL) return NULL;
  if (rs_rsql_take_op(p, ',')) {
    form = rs_rsql_node(p, N_STRING, p->tok.start);
    if (form == NULL) return NULL;
    if (p->tok.kind != TK_WORD) return rs_rsql_unexpected(p, "NFC, NFD, NFKC or NFKD");
    form->text = rs_rsql_text(p, &p->tok, true);
    if (form->text == NULL) return NULL;
    static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD", NULL};
    if (!rs_rsql_at_any(p, forms)) return rs_rsql_unexpected(p, "NFC, NFD, NFKC or NFKD");
    rs_rsql_advance(p);
  }
  const char *name = form == NULL || rs_eq(form->text, "NFC") ? "NORMALIZE" : "NORMALIZE_FORM";
  if (!rs_rsql_need_op(p, ')', "`)`")) return NULL;
  return call_of(p, name, pos, s, rs_eq(name, "NORMALIZE") ? NULL : form, NULL);
}

static struct rsql_node *exists(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_EXISTS, p->tok.start);
  rs_rsql_advance(p);
  if (x == NULL || !rs_rsql_need_op(p, '(', "`(`")) return NULL;
  if ((x->query = rs_rsql_query(p)) == NULL) return NULL;
  return rs_rsql_need_op(p, ')', "`)`") ? x : NULL;
}

/* CURRENT_DATE and its like, with or without brackets */
static struct rsql_node *now(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  const char *name = rs_rsql_text(p, &p->tok, true);
  rs_rsql_advance(p);
  if (name == NULL) return NULL;
  if (rs_rsql_at_op(p, '(')) return rs_rsql_call(p, name, pos);
  struct rsql_node *x = call_of(p, name, pos, NULL, NULL, NULL);
  if (x != NULL) x->call->bare = true;
  return x;
}

/* ---- brackets -------------------------------------------------------------------------------- */

static struct rsql_node *subquery(struct rsql_parser *p, size_t pos, struct rsql_query *q)
{
  struct rsql_node *x = q != NULL ? rs_rsql_node(p, N_SUBQUERY, pos) : NULL;
  if (x == NULL) return NULL;
  x->query = q;
  return rs_rsql_need_op(p, ')', "`)`") ? x : NULL;
}

static struct rsql_node *brackets(struct rsql_parser *p)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  if (rs_rsql_at_query(p)) return subquery(p, pos, rs_rsql_query(p));
  struct rsql_list l = {0};
  do {
    struct rsql_node *x = rs_rsql_expr(p);
    // ((SELECT 1) UNION (SELECT 2)) begins like an expression
    if (x != NULL && l.n == 0 && x->kind == N_SUBQUERY && rs_rsql_at_query_tail(p)) {
      return subquery(p, pos, rs_rsql_query_on(p, x->query));
    }
    if (x == NULL || !rs_rsql_push(p, &l, x)) return NULL;
  } while (rs_rsql_take_op(p, ','));
  if (!rs_rsql_need_op(p, ')', "`,` or `)`")) return NULL;
  struct rsql_node *x = l.v[0];
  if (l.n == 1) {
    x->wrapped = true;
    return x;
  }
  if ((x = rs_rsql_node(p, N_ROW, pos)) == NULL) return NULL;
  x->v = (struct rsql_node **)l.v;
  x->n = l.n;
  return x;
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct rsql_node *column(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_node(p, N_COLUMN, p->tok.start);
  if (x == NULL || !rs_rsql_path(p, &x->path, &x->npath, "an expression")) return NULL;
  if (x->npath > 1 && rs_rsql_at_op(p, '(')) {
    // the engine's own SQL may call so
    const bool script = rs_casecmp(x->path[0], "_script") == 0;
    p->rc = rs_rsql_fail(p->x.p, p->x.n, x->pos, p->pos, p->e, script ? RS_UNSUPPORTED : RS_INVALID,
                         "functions of a workspace or script (`%s.%s`) are not run here: write "
                         "them as SQL expressions",
                         x->path[0], x->path[1]);
    return NULL;
  }
  if (rs_rsql_at_op(p, '.')) { // .*
    rs_rsql_advance(p);
    rs_rsql_advance(p);
    x->kind = N_STAR;
  }
  return x;
}

/* Words that are reserved, but begin an expression. */
static struct rsql_node *keyword(struct rsql_parser *p, bool bracket, bool *is)
{
  static const char *const nows[] = {"CURRENT_DATE",
                                     "CURRENT_DATETIME",
                                     "CURRENT_TIME",
                                     "CURRENT_TIMESTAMP",
                                     "LOCALTIME",
                                     "LOCALTIMESTAMP",
                                     NULL};
  *is = true;
  if (rs_rsql_at(p, "CASE")) return case_(p);
  if (rs_rsql_at(p, "CAST")) return cast(p, CAST_PLAIN);
  if (rs_rsql_at(p, "STATIC_CAST")) return cast(p, CAST_STATIC);
  if (rs_rsql_at(p, "TRY_STATIC_CAST")) return cast(p, CAST_TRY_STATIC);
  if (rs_rsql_at(p, "EXTRACT")) return extract(p);
  if (rs_rsql_at(p, "EXISTS")) return exists(p);
  if (rs_rsql_at(p, "NORMALIZE")) return normalize(p);
  if (rs_rsql_at_any(p, nows)) return now(p);
  if (bracket && rs_rsql_at(p, "TRY_CAST")) return cast(p, CAST_TRY);
  if (bracket && rs_rsql_at(p, "POSITION")) return position(p);
  if (bracket && (rs_rsql_at(p, "SUBSTRING") || rs_rsql_at(p, "SUBSTR"))) return substring(p);
  *is = false;
  return NULL;
}

static struct rsql_node *word(struct rsql_parser *p)
{
  static const char *const functions[] = {"GROUPING", "LEFT", "RIGHT", NULL};
  size_t pos = p->tok.start;
  struct rsql_token next = rs_rsql_peek(p);
  bool bracket = next.kind == TK_OP && next.op == '(', is;
  if (p->tok.kind == TK_WORD) {
    struct rsql_node *x = keyword(p, bracket, &is);
    if (is) return x;
  }
  if (!bracket) return column(p);
  if (!rs_rsql_at_name(p) && !rs_rsql_at_any(p, functions)) {
    return rs_rsql_unexpected(p, "an expression");
  }
  const char *name = rs_rsql_any_name(p, "a function");
  return name != NULL ? rs_rsql_call(p, name, pos) : NULL;
}

struct rsql_node *rs_rsql_primary(struct rsql_parser *p)
{
  if (p->rc != RS_OK) return NULL;
  bool is;
  struct rsql_node *x = rs_rsql_literal(p, &is);
  if (is) return x;
  if (p->tok.kind == TK_WORD || p->tok.kind == TK_QUOTED) return word(p);
  if (rs_rsql_at_op(p, '(')) return brackets(p);
  if (rs_rsql_at_op(p, ':')) return named_param(p);
  if (rs_rsql_at_op(p, '?')) return question(p);
  return rs_rsql_unexpected(p, "an expression");
}
