/*
** The parser's core: tokens, names, options, and the statements (see rsql.h and parse.h).
*/
#include "parse.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/pass.h"

/* ---- errors ---------------------------------------------------------------------------------- */

void rs_rsql_place(const char *text, size_t n, size_t at, struct rs_rsql_pos *pos)
{
  size_t line = 1, column = 1;
  for (size_t i = 0; i < at && i < n; i++) {
    if (text[i] == '\n') {
      line++;
      column = 1;
    } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
      column++;
    }
  }
  *pos = (struct rs_rsql_pos){line, column};
}

enum rs_code rs_rsql_fail(const char *text, size_t n, size_t at, struct rs_rsql_pos *pos,
                          struct rs_error *e, enum rs_code code, const char *fmt, ...)
{
  char why[512];
  struct rs_rsql_pos place;
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  rs_rsql_place(text, n, at, &place);
  if (pos != NULL) *pos = place;
  return rs_fail(e, code, "SQL: %s at line %zu, column %zu", why, place.line, place.column);
}

void *rs_rsql_oom(struct rsql_parser *p)
{
  if (p->rc == RS_OK) {
    p->rc = rs_arena_limited(p->arena) ? rs_fail(p->e, RS_LIMIT, "SQL: the statement is too big")
                                       : rs_nomem(p->e);
  }
  return NULL;
}

void *rs_rsql_wrong(struct rsql_parser *p, size_t at, const char *why)
{
  if (p->rc == RS_OK) {
    p->rc = rs_rsql_fail(p->x.p, p->x.n, at, p->pos, p->e, RS_INVALID, "%s", why);
    p->ours = true;
  }
  return NULL;
}

void *rs_rsql_unexpected(struct rsql_parser *p, const char *what)
{
  if (p->rc != RS_OK) return NULL;
  const struct rsql_token *t = &p->tok;
  if (t->kind == TK_BAD) {
    (void)rs_rsql_wrong(p, t->start, t->why);
    p->ours = t->open;
    return NULL;
  }
  p->ours = t->kind == TK_END;
  if (t->kind == TK_END) {
    p->rc = rs_rsql_fail(p->x.p, p->x.n, t->start, p->pos, p->e, RS_INVALID,
                         "the statement ends too early, expected %s", what);
    return NULL;
  }
  size_t n = t->end - t->start;
  const char *more = n > 40 ? "..." : "";
  if (n > 40) n = rs_utf8_valid(p->x.p + t->start, 40);
  p->rc = rs_rsql_fail(p->x.p, p->x.n, t->start, p->pos, p->e, RS_INVALID,
                       "unexpected `%.*s%s`, expected %s", (int)n, p->x.p + t->start, more, what);
  return NULL;
}

bool rs_rsql_enter(struct rsql_parser *p)
{
  if (++p->depth <= RS_RSQL_DEPTH_MAX) return true;
  if (p->rc == RS_OK) {
    p->rc = rs_rsql_fail(p->x.p, p->x.n, p->tok.start, p->pos, p->e, RS_LIMIT,
                         "nested deeper than %d levels", RS_RSQL_DEPTH_MAX);
  }
  return false;
}

void rs_rsql_leave(struct rsql_parser *p)
{
  p->depth--;
}

/* ---- memory ---------------------------------------------------------------------------------- */

void *rs_rsql_new(struct rsql_parser *p, size_t n)
{
  void *m = rs_arena_calloc(p->arena, n);
  return m != NULL ? m : rs_rsql_oom(p);
}

bool rs_rsql_push(struct rsql_parser *p, struct rsql_list *l, void *item)
{
  if (l->n == l->cap) {
    size_t cap = l->cap > 0 ? l->cap * 2 : 4;
    void **v = rs_arena_alloc(p->arena, cap * sizeof *v);
    if (v == NULL) return rs_rsql_oom(p) != NULL;
    if (l->n > 0) memcpy(v, l->v, l->n * sizeof *v);
    l->v = v;
    l->cap = cap;
  }
  l->v[l->n++] = item;
  return true;
}

const char *rs_rsql_text(struct rsql_parser *p, const struct rsql_token *t, bool upper)
{
  char *s = rs_arena_strndup(p->arena, p->x.p + t->start, t->end - t->start);
  if (s == NULL) return rs_rsql_oom(p);
  for (char *c = s; upper && *c != 0; c++) {
    if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
  }
  return s;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

void rs_rsql_advance(struct rsql_parser *p)
{
  rs_rsql_lex(&p->x, &p->tok);
}

struct rsql_token rs_rsql_peek(const struct rsql_parser *p)
{
  struct rsql_lex x = p->x;
  struct rsql_token t;
  rs_rsql_lex(&x, &t);
  return t;
}

bool rs_rsql_at(const struct rsql_parser *p, const char *upper)
{
  return rs_rsql_is_word(&p->x, &p->tok, upper);
}

bool rs_rsql_at_any(const struct rsql_parser *p, const char *const *words)
{
  for (; p->tok.kind == TK_WORD && *words != NULL; words++) {
    if (rs_rsql_at(p, *words)) return true;
  }
  return false;
}

bool rs_rsql_at_op(const struct rsql_parser *p, int op)
{
  return p->tok.kind == TK_OP && p->tok.op == op;
}

bool rs_rsql_take(struct rsql_parser *p, const char *upper)
{
  if (!rs_rsql_at(p, upper)) return false;
  rs_rsql_advance(p);
  return true;
}

bool rs_rsql_take_op(struct rsql_parser *p, int op)
{
  if (!rs_rsql_at_op(p, op)) return false;
  rs_rsql_advance(p);
  return true;
}

bool rs_rsql_need(struct rsql_parser *p, const char *upper)
{
  if (p->rc == RS_OK && rs_rsql_take(p, upper)) return true;
  return rs_rsql_unexpected(p, upper) != NULL;
}

bool rs_rsql_need_op(struct rsql_parser *p, int op, const char *what)
{
  if (p->rc == RS_OK && rs_rsql_take_op(p, op)) return true;
  return rs_rsql_unexpected(p, what) != NULL;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const reserved[] = {"ALTER",
                                       "AND",
                                       "AS",
                                       "BETWEEN",
                                       "BY",
                                       "CASE",
                                       "CAST",
                                       "CONSTRAINT",
                                       "CREATE",
                                       "CROSS",
                                       "CUBE",
                                       "CURRENT_DATE",
                                       "CURRENT_DATETIME",
                                       "CURRENT_TIME",
                                       "CURRENT_TIMESTAMP",
                                       "DEALLOCATE",
                                       "DELETE",
                                       "DESCRIBE",
                                       "DISTINCT",
                                       "DROP",
                                       "ELSE",
                                       "END",
                                       "ESCAPE",
                                       "EXCEPT",
                                       "EXECUTE",
                                       "EXISTS",
                                       "EXTRACT",
                                       "FALSE",
                                       "FOR",
                                       "FROM",
                                       "FULL",
                                       "GROUP",
                                       "GROUPING",
                                       "HAVING",
                                       "HINT",
                                       "IN",
                                       "INNER",
                                       "INSERT",
                                       "INTERSECT",
                                       "INTO",
                                       "IS",
                                       "JOIN",
                                       "LEFT",
                                       "LIKE",
                                       "LOCALTIME",
                                       "LOCALTIMESTAMP",
                                       "NATURAL",
                                       "NORMALIZE",
                                       "NOT",
                                       "NULL",
                                       "NULL_VALUE",
                                       "ON",
                                       "OR",
                                       "ORDER",
                                       "OUTER",
                                       "PREPARE",
                                       "RECURSIVE",
                                       "RIGHT",
                                       "ROLLUP",
                                       "SELECT",
                                       "STATIC_CAST",
                                       "TABLE",
                                       "THEN",
                                       "TRUE",
                                       "TRY_STATIC_CAST",
                                       "UESCAPE",
                                       "UNDEFINED",
                                       "UNION",
                                       "UNNEST",
                                       "USING",
                                       "WHEN",
                                       "WHERE",
                                       "WITH",
                                       NULL};

/* Not reserved, but behind an expression or a relation they are no alias. */
static const char *const no_alias[] = {
  "LIMIT",   "OFFSET",  "TABLESAMPLE", "QUALIFY", "WINDOW",  "CLUSTER", "OPTION",  "SEMI",
  "ANTI",    "ASOF",    "POSITIONAL",  "PIVOT",   "UNPIVOT", "FETCH",   "ILIKE",   "GLOB",
  "SIMILAR", "COLLATE", "ISNULL",      "NOTNULL", "FILTER",  "OVER",    "LATERAL", NULL};

bool rs_rsql_at_name(const struct rsql_parser *p)
{
  return p->tok.kind == TK_QUOTED || (p->tok.kind == TK_WORD && !rs_rsql_at_any(p, reserved));
}

bool rs_rsql_at_alias(const struct rsql_parser *p)
{
  return rs_rsql_at_name(p) && !rs_rsql_at_any(p, no_alias);
}

const char *rs_rsql_any_name(struct rsql_parser *p, const char *what)
{
  const char *s;
  if (p->tok.kind == TK_QUOTED) {
    s = rs_rsql_decode(&p->x, &p->tok, p->arena);
    if (s == NULL) return rs_rsql_oom(p);
    if (s[0] == 0) return rs_rsql_wrong(p, p->tok.start, "an empty name");
  } else if (p->tok.kind == TK_WORD) {
    s = rs_rsql_text(p, &p->tok, false);
  } else {
    return rs_rsql_unexpected(p, what);
  }
  rs_rsql_advance(p);
  return s;
}

const char *rs_rsql_name(struct rsql_parser *p, const char *what)
{
  if (p->rc != RS_OK || !rs_rsql_at_name(p)) return rs_rsql_unexpected(p, what);
  return rs_rsql_any_name(p, what);
}

bool rs_rsql_name_list(struct rsql_parser *p, struct rsql_names *out)
{
  struct rsql_list l = {0};
  if (!rs_rsql_need_op(p, '(', "`(`")) return false;
  do {
    const char *name = rs_rsql_name(p, "a name");
    if (name == NULL || !rs_rsql_push(p, &l, (void *)(uintptr_t)name)) return false;
  } while (rs_rsql_take_op(p, ','));
  out->v = (const char **)l.v;
  out->n = l.n;
  return rs_rsql_need_op(p, ')', "`,` or `)`");
}

bool rs_rsql_path(struct rsql_parser *p, const char ***path, size_t *n, const char *what)
{
  struct rsql_list l = {0};
  const char *name = rs_rsql_name(p, what);
  if (name == NULL || !rs_rsql_push(p, &l, (void *)(uintptr_t)name)) return false;
  while (rs_rsql_at_op(p, '.')) {
    struct rsql_token next = rs_rsql_peek(p);
    if (next.kind == TK_OP && next.op == '*') break;
    rs_rsql_advance(p);
    // behind a dot nothing but a name can follow: reserved words are names
    name = rs_rsql_any_name(p, "a name behind `.`");
    if (name == NULL || !rs_rsql_push(p, &l, (void *)(uintptr_t)name)) return false;
  }
  *path = (const char **)l.v;
  *n = l.n;
  return true;
}

/* ---- OPTION and HINT ------------------------------------------------------------------------- */

static const char *option_value(struct rsql_parser *p)
{
  const struct rsql_token t = p->tok;
  bool minus = rs_rsql_take_op(p, '-');
  const struct rsql_token v = p->tok;
  const char *s;
  if (v.kind == TK_STRING || v.kind == TK_QUOTED) s = rs_rsql_decode(&p->x, &v, p->arena);
  else if (v.kind == TK_WORD || v.kind == TK_INT || v.kind == TK_FLOAT) {
    s = rs_arena_strndup(p->arena, p->x.p + (minus ? t.start : v.start),
                         v.end - (minus ? t.start : v.start));
  } else {
    return rs_rsql_unexpected(p, "a value");
  }
  if (s == NULL) return rs_rsql_oom(p);
  rs_rsql_advance(p);
  while (v.kind == TK_WORD && rs_rsql_take_op(p, '.')) { // a path; only hints have them
    if (rs_rsql_any_name(p, "a name behind `.`") == NULL) return NULL;
  }
  return s;
}

bool rs_rsql_option_list(struct rsql_parser *p, struct rs_rsql_option **out, size_t *n)
{
  struct rsql_list l = {0};
  if (!rs_rsql_need_op(p, '(', "`(`")) return false;
  while (!rs_rsql_at_op(p, ')')) {
    struct rs_rsql_option *o = rs_rsql_new(p, sizeof *o);
    if (o == NULL) return false;
    o->name = rs_rsql_any_name(p, "the name of an option");
    if (o->name == NULL) return false;
    o->value = "true";
    if (rs_rsql_take_op(p, '=') && (o->value = option_value(p)) == NULL) return false;
    if (!rs_rsql_push(p, &l, o)) return false;
    if (!rs_rsql_take_op(p, ',')) break;
  }
  if (!rs_rsql_need_op(p, ')', "`,` or `)`")) return false;
  if (out == NULL || l.n == 0) return true;
  *out = rs_rsql_new(p, l.n * sizeof **out);
  if (*out == NULL) return false;
  for (size_t i = 0; i < l.n; i++) (*out)[i] = *(struct rs_rsql_option *)l.v[i];
  *n = l.n;
  return true;
}

bool rs_rsql_skip_hints(struct rsql_parser *p)
{
  while (p->rc == RS_OK && rs_rsql_take(p, "HINT")) {
    if (!rs_rsql_option_list(p, NULL, NULL)) return false;
  }
  return p->rc == RS_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

static struct rsql_rel *target(struct rsql_parser *p)
{
  struct rsql_rel *r = rs_rsql_new(p, sizeof *r);
  if (r == NULL) return NULL;
  r->kind = R_NAME;
  r->pos = p->tok.start;
  return rs_rsql_path(p, &r->path, &r->npath, "the name of a collection") ? r : NULL;
}

/* (a, b) is a list of columns, unless a query stands in the bracket. */
static bool column_list_follows(struct rsql_parser *p)
{
  if (!rs_rsql_at_op(p, '(')) return false;
  struct rsql_parser q = *p;
  rs_rsql_advance(&q);
  return !rs_rsql_at_query(&q) && !rs_rsql_at_op(&q, '(');
}

static void insert(struct rsql_parser *p)
{
  p->s->kind = RS_RSQL_INSERT;
  if (!rs_rsql_need(p, "INTO")) return;
  p->s->target = target(p);
  if (p->s->target == NULL) return;
  if (column_list_follows(p) && !rs_rsql_name_list(p, &p->s->columns)) return;
  p->s->query = rs_rsql_query(p);
}

static void describe(struct rsql_parser *p)
{
  p->s->kind = RS_RSQL_DESCRIBE;
  p->s->target = target(p);
  if (p->s->target == NULL || !rs_rsql_skip_hints(p)) return;
  if (rs_rsql_take(p, "OPTION")) {
    (void)rs_rsql_option_list(p, &p->s->options, &p->s->noptions);
  }
}

static void explain(struct rsql_parser *p)
{
  p->s->kind = RS_RSQL_EXPLAIN;
  p->s->explain = rs_rsql_take(p, "ANALYZE") ? "EXPLAIN ANALYZE " : "EXPLAIN ";
  p->s->query = rs_rsql_query(p);
}

/* OPTION(default_workspace='x') in front of a query, as the JDBC driver sends it. */
static void leading_options(struct rsql_parser *p)
{
  struct rs_rsql_option *o = NULL;
  size_t n = 0;
  while (p->rc == RS_OK && rs_rsql_at(p, "OPTION")) {
    rs_rsql_advance(p);
    if (!rs_rsql_option_list(p, &o, &n)) return;
    for (size_t i = 0; i < n; i++) {
      if (rs_casecmp(o[i].name, "default_workspace") == 0) p->s->workspace = o[i].value;
    }
  }
}

static void statement(struct rsql_parser *p)
{
  leading_options(p);
  if (p->rc != RS_OK) return;
  if (p->tok.kind == TK_END) {
    p->rc = rs_fail(p->e, RS_INVALID, "SQL: no statement");
    if (p->pos != NULL) *p->pos = (struct rs_rsql_pos){1, 1};
    return;
  }
  if (rs_rsql_take(p, "INSERT")) {
    insert(p);
  } else if (rs_rsql_take(p, "DESCRIBE") || rs_rsql_take(p, "DESC")) {
    describe(p);
  } else if (rs_rsql_take(p, "SHOW")) {
    if (rs_rsql_need(p, "COLUMNS") && rs_rsql_need(p, "FROM")) describe(p);
  } else if (rs_rsql_take(p, "EXPLAIN")) {
    explain(p);
  } else if (rs_rsql_at_query(p) || rs_rsql_at_op(p, '(')) {
    p->s->query = rs_rsql_query(p);
  } else if (rs_rsql_at(p, "SCRIPT")) {
    p->rc = rs_rsql_fail(p->x.p, p->x.n, p->tok.start, p->pos, p->e, RS_UNSUPPORTED,
                         "functions in JavaScript (`script {{{ }}}`) are not run here: write them "
                         "as SQL expressions");
    p->ours = true;
  } else {
    (void)rs_rsql_unexpected(p, "SELECT, WITH, INSERT INTO or DESCRIBE");
  }
  while (p->rc == RS_OK && rs_rsql_take_op(p, ';')) continue;
  if (p->rc == RS_OK && p->tok.kind != TK_END) (void)rs_rsql_unexpected(p, "the end");
}

static enum rs_code keep_params(struct rsql_parser *p)
{
  size_t n = p->params.n;
  if (p->rc != RS_OK || n == 0) return p->rc;
  p->s->params = rs_arena_calloc(p->arena, n * sizeof p->s->params[0]);
  if (p->s->params == NULL) return rs_nomem(p->e);
  for (size_t i = 0; i < n; i++) {
    const struct rs_map_entry *entry = &p->params.v[i];
    p->s->params[i] = rs_arena_strndup(p->arena, entry->key, entry->key_len);
    if (p->s->params[i] == NULL) return rs_nomem(p->e);
  }
  p->s->nparams = n;
  return RS_OK;
}

static enum rs_code check_text(const char *text, size_t n, struct rs_rsql_pos *pos,
                               struct rs_error *e)
{
  if (n > RS_RSQL_TEXT_MAX) {
    return rs_fail(e, RS_LIMIT, "SQL: the statement has %zu bytes, the limit is %zu", n,
                   RS_RSQL_TEXT_MAX);
  }
  const char *nul = n > 0 ? memchr(text, 0, n) : NULL;
  size_t good = rs_utf8_valid(text, n);
  if (nul != NULL && (size_t)(nul - text) < good) good = (size_t)(nul - text);
  if (good == n) return RS_OK;
  return rs_rsql_fail(text, n, good, pos, e, RS_INVALID, "%s",
                      text[good] == 0 ? "a NUL byte" : "bytes that are no UTF-8");
}

enum rs_code rs_rsql_parse(const char *text, size_t n, struct rs_arena *arena,
                           struct rs_rsql_stmt **out, struct rs_rsql_pos *pos, struct rs_error *e)
{
  *out = NULL;
  if (pos != NULL) *pos = (struct rs_rsql_pos){0, 0};
  enum rs_code rc = check_text(text, n, pos, e);
  if (rc != RS_OK) return rc;
  struct rs_rsql_stmt *s = rs_arena_calloc(arena, sizeof *s);
  if (s == NULL) return rs_nomem(e);
  *s = (struct rs_rsql_stmt){.arena = arena, .text = text, .n = n};
  struct rs_error why = {0};
  struct rsql_parser p = {.x = {.p = text, .n = n}, .s = s, .arena = arena, .pos = pos, .e = &why};
  rs_map_init(&p.params);
  rs_rsql_advance(&p);
  statement(&p);
  rc = keep_params(&p);
  rs_map_free(&p.params);
  // *pos still tells where the parser stopped
  if (rc == RS_INVALID && !p.ours) rc = rs_rsql_pass(s, &why);
  if (s->reason != NULL && pos != NULL) s->reason_at = *pos;
  if (rc == RS_OK) *out = s;
  else if (e != NULL) *e = why;
  return rc;
}

/* ---- answers --------------------------------------------------------------------------------- */

enum rs_rsql_kind rs_rsql_kind(const struct rs_rsql_stmt *s)
{
  return s->kind;
}

const char *rs_rsql_pass_reason(const struct rs_rsql_stmt *s)
{
  return s->reason;
}

bool rs_rsql_has_limit(const struct rs_rsql_stmt *s)
{
  return s->query != NULL && s->query->limit != NULL;
}

static const struct rsql_node *spliced(const struct rs_rsql_stmt *s, const char *column)
{
  if (s->kind != RS_RSQL_SELECT || s->query->body->kind != B_SELECT) return NULL;
  const struct rsql_select *v = s->query->body->select;
  for (size_t i = 0; i < v->nitems; i++) {
    const struct rsql_node *x = v->items[i]->expr;
    if (x->kind == N_STAR && rs_eq(x->text, column)) return x;
  }
  return NULL;
}

bool rs_rsql_is_spliced(const struct rs_rsql_stmt *s, const char *column)
{
  return rs_starts(column, RS_RSQL_SPLICED) && spliced(s, column) != NULL;
}

bool rs_rsql_leaves_out(const struct rs_rsql_stmt *s, const char *column, const char *member)
{
  const struct rsql_node *x = spliced(s, column);
  for (size_t i = 0; x != NULL && x->except != NULL && i < x->except->n; i++)
    if (rs_casecmp(x->except->v[i], member) == 0) return true;
  return false;
}

const char *const *rs_rsql_params(const struct rs_rsql_stmt *s, size_t *n)
{
  *n = s->nparams;
  return s->params;
}

const struct rs_rsql_option *rs_rsql_options(const struct rs_rsql_stmt *s, size_t *n)
{
  *n = s->noptions;
  return s->options;
}
