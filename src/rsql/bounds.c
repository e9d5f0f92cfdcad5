/*
** What a statement may be before an engine plans it (see bounds.h).
**
** DuckDB plans what it is sent without looking at the clock or at its memory limit, and an
** interrupt waits until it is done. Its time grows with the third power of an expression's depth
** (`a + a + a` is as deep as it is long), with more than the fourth power of the number of
** relations that are joined, and doubles with each NOT MATERIALIZED, alias, `*` or view that is
** named twice, with each lambda in a lambda, and more with each subquery in a subquery. So the text
** that is sent is measured first: one pass over its tokens, linear in its length. It is the
** translated text, because a template that names its argument twice doubles it with each level.
*/
#include "bounds.h"
#include <stdint.h>
#include <string.h>
#include "src/sql/lexer.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"

enum {
  DEPTH_MAX = 1000,
  QUERIES_MAX = 100 /* besides one for each set operation */,
  HUGE_SIZE = 1 << 30
};

enum kind {
  TOKENS,
  WORK,
  JOINS,
  UNIONS,
  SETS,
  QUERIES,
  CONDITIONS,
  WINDOWS,
  ITEMS,
  ALIASED,
  SUBQUERIES,
  STARS
};
_Static_assert(STARS + 1 == RS_RSQL_SIZES, "rsql.h");

/* What one text may hold, and what all views behind it may; docs/rocksetd.md has these numbers. */
static const struct {
  size_t text, views;
  const char *what;
} most[RS_RSQL_SIZES] = {
  [TOKENS] = {200000, 200000, "words and signs"},
  [WORK] = {20000000, 20000000,
            "for brackets and operators, each counted with the square of its depth (write a sum of "
            "many as list_sum([..]), or in parts)"},
  [JOINS] = {50, 300, "joins (JOIN, a comma in FROM, INTERSECT, EXCEPT)"},
  [UNIONS] = {500, 1000, "UNION"},
  [SETS] = {HUGE_SIZE, HUGE_SIZE, "set operations"}, // joins as well
  [QUERIES] = {HUGE_SIZE, 3000, "queries (SELECT, VALUES, PIVOT)"},
  [CONDITIONS] = {5000, 10000, "conditions (AND, OR)"},
  [WINDOWS] = {300, 600, "window functions (OVER) and UNNEST"},
  [ITEMS] = {2000, 4000, "items of GROUP BY, ORDER BY and PARTITION BY"},
  [ALIASED] = {20000, 40000,
               "words that aliases stand for where the select list that makes them "
               "names them"},
  [SUBQUERIES] = {HUGE_SIZE, 100, "subqueries of expressions"},
  [STARS] = {100, 100, "times as many columns by `*` or COLUMNS() that a select list repeats"},
};
/* Nested within each other. */
enum { LAMBDAS_MAX = 16, SUBQUERIES_MAX = 8 };

enum clause { ELSEWHERE, LIST, FROM, BY };

struct level {
  size_t operators; /* of the expression that stands here: each is one deeper than the last */
  enum clause clause;
  bool relation;   /* its bracket stands where a relation does */
  bool expression; /* it holds a subquery of an expression */
  bool lambda;
  size_t list;     /* the select list it stands in; 0: none */
  bool own;        /* that list is this level's */
  size_t owner;    /* the level whose it is */
  size_t begun;    /* of the list's item: TOKENS and ALIASED */
  size_t stars;    /* of its own list: the same `*` so many times */
  uint64_t prefix; /* `alias: a + b` */
};

struct seen {
  enum rs_token t;
  const char *p;
  size_t n;
};

struct measure {
  struct rs_lexer x;
  const struct rs_rsql_views *views;
  struct rs_error *e;
  bool bounded;
  struct rs_rsql_size text, behind; /* behind: of views */
  struct level levels[DEPTH_MAX + 1];
  size_t level, operators; /* of all levels */
  size_t lists, lambdas, subqueries;
  struct rs_map aliases; /* list and name, hashed -> size; list and `*` */
  size_t aliased;        /* what the last word stands for if it is no alias that is made */
  struct seen now, was, before, workspace;
  bool place; /* the name that stands here is a relation's */
  bool cast;  /* since the last operator: one stands on its operand alone, the next on it */
};

static const char *const clauses[] = {"WHEN", "THEN", "ELSE", "VALUES", "ON", "AS", NULL};
static const char *const ends_clause[] = {"WHERE",  "GROUP",     "HAVING", "WINDOW", "QUALIFY",
                                          "ORDER",  "LIMIT",     "OFFSET", "SELECT", "UNION",
                                          "EXCEPT", "INTERSECT", NULL};
/* Planned as joins, all three. */
static const char *const joins[] = {"JOIN", "INTERSECT", "EXCEPT", NULL};
static const char *const sets[] = {"UNION", "INTERSECT", "EXCEPT", NULL};
static const char *const queries[] = {"SELECT", "VALUES", "PIVOT", "UNPIVOT", NULL};
static const char *const begins_query[] = {"SELECT", "FROM",  "WITH",    "VALUES",
                                           "TABLE",  "PIVOT", "UNPIVOT", NULL};
static const char *const conditions[] = {"AND", "OR", NULL};
static const char *const windows[] = {"OVER", "UNNEST", NULL};
/* Operators that are words. BETWEEN's AND ends the expression, as any AND does. */
static const char *const operators[] = {"NOT",     "IS",      "IN",      "LIKE",    "ILIKE",
                                        "SIMILAR", "GLOB",    "BETWEEN", "COLLATE", "AT",
                                        "ISNULL",  "NOTNULL", NULL};
/* Behind which a relation's name or its query stands. */
static const char *const before_relation[] = {
  "FROM", "JOIN", "TABLE", "PIVOT", "UNPIVOT", "DESCRIBE", "SUMMARIZE", "SHOW", "LATERAL", NULL};
static const char *const before_query[] = {"AS",     "MATERIALIZED", "UNION",
                                           "EXCEPT", "INTERSECT",    NULL};
static const char *const no_names[] = {"NULL", "TRUE", "FALSE", "END", NULL};

static bool is_word(const struct seen *s, const char *upper)
{
  return s->t == T_WORD && rs_caseeqn(upper, s->p, s->n);
}

static bool is_any(const struct seen *s, const char *const *words)
{
  for (; *words != NULL; words++)
    if (is_word(s, *words)) return true;
  return false;
}

static bool is_char(const struct seen *s, char c)
{
  return s->n == 1 && s->p[0] == c;
}

static enum rs_code check_kind(struct rs_error *e, size_t n, enum kind k, bool views)
{
  size_t limit = views ? most[k].views : most[k].text;
  if (n <= limit) return RS_OK;
  return rs_fail(e, RS_LIMIT, "SQL: more than %zu %s in %s", limit, most[k].what,
                 views ? "the views that one statement names: each counts with all that it reads, "
                         "each time it is named; make a collection of one"
                       : "one statement");
}

static enum rs_code add(struct measure *m, enum kind k, size_t n)
{
  size_t *v = &m->text.v[k];
  *v = *v + n < HUGE_SIZE ? *v + n : HUGE_SIZE;
  return m->bounded ? check_kind(m->e, *v, k, false) : RS_OK;
}

void rs_rsql_size_add(struct rs_rsql_size *a, const struct rs_rsql_size *b)
{
  for (int k = 0; k < RS_RSQL_SIZES; k++) {
    size_t x = a->v[k], y = b->v[k];
    if (k != STARS) x += y;
    else if (x == 0) x = y;
    else if (y > 0) x = x > HUGE_SIZE / y ? HUGE_SIZE : x * y;
    a->v[k] = x < HUGE_SIZE ? x : HUGE_SIZE;
  }
}

enum rs_code rs_rsql_check_view(const struct rs_rsql_size *size, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (int k = 0; k < RS_RSQL_SIZES && rc == RS_OK; k++)
    rc = check_kind(e, size->v[k], (enum kind)k, true);
  return rc;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static enum rs_code deeper(struct measure *m)
{
  size_t depth = m->level + m->operators;
  if (depth > DEPTH_MAX)
    return rs_fail(m->e, RS_LIMIT,
                   "SQL: an expression is deeper than %d levels; each bracket is one, and each "
                   "operator of `a + b + c`",
                   DEPTH_MAX);
  return add(m, WORK, depth * depth);
}

static void end_expression(struct measure *m)
{
  m->operators -= m->levels[m->level].operators;
  m->levels[m->level].operators = 0;
}

static enum rs_code operator(struct measure *m) {
  if (m->was.t == T_OTHER && !is_char(&m->was, ',')) return RS_OK; // the second sign of `||`
  m->levels[m->level].operators++;
  m->operators++;
  return deeper(m);
}

/* Nested within each other, such doubles the work or worse. */
static enum rs_code nest(struct measure *m, bool *here, size_t *n, size_t limit, const char *what)
{
  if (*here) return RS_OK;
  *here = true;
  if (++*n <= limit) return RS_OK;
  return rs_fail(m->e, RS_LIMIT, "SQL: more than %zu %s within each other", limit, what);
}

static enum rs_code lambda(struct measure *m)
{
  return nest(m, &m->levels[m->level].lambda, &m->lambdas, LAMBDAS_MAX, "lambdas");
}

/* ---- select lists: aliases that it names itself, columns by `*` ------------------------------ */

static uint64_t hash_of(const struct seen *name, size_t list, bool star)
{
  uint64_t h = 14695981039346656037U ^ (star ? 1 : 0);
  const char *p = name->p;
  size_t n = name->n;
  if (name->t == T_QUOTED && n >= 2) p++, n -= 2;
  for (size_t i = 0; i < n; i++) {
    char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] - 'A' + 'a') : p[i];
    h = (h ^ (unsigned char)c) * 1099511628211U;
  }
  return (h ^ list) * 1099511628211U;
}

static bool is_name(const struct seen *s)
{
  return s->t == T_QUOTED || (s->t == T_WORD && !is_any(s, no_names));
}

static enum rs_code keep(struct measure *m, uint64_t key, size_t size)
{
  bool kept = rs_map_putn(&m->aliases, (const char *)&key, sizeof key, (void *)(uintptr_t)size);
  return kept ? RS_OK : rs_nomem(m->e);
}

static size_t kept(const struct measure *m, uint64_t key)
{
  const struct rs_map_entry *x = rs_map_find(&m->aliases, (const char *)&key, sizeof key);
  return x != NULL ? (size_t)(uintptr_t)x->value : 0;
}

static size_t sized(const struct measure *m)
{
  return m->text.v[TOKENS] + m->text.v[ALIASED];
}

static void begin_item(struct measure *m)
{
  m->levels[m->level].begun = sized(m);
  m->levels[m->level].prefix = 0;
}

/* Does the last token make an alias, behind AS or an operand? */
static bool makes_alias(const struct measure *m)
{
  const struct seen *b = &m->before;
  if (!is_name(&m->was) || m->text.v[TOKENS] < 2) return false;
  if (is_any(b, queries) || is_word(b, "DISTINCT") || is_char(b, ',') || b->t == T_CAST)
    return false;
  return b->t != T_OTHER && b->t != T_OPEN && b->t != T_COLON;
}

/* In front of the token that ends an item. */
static enum rs_code end_item(struct measure *m)
{
  struct level *l = &m->levels[m->level];
  if (!l->own || l->list == 0) return RS_OK;
  bool alias = makes_alias(m);
  enum rs_code rc = alias ? RS_OK : add(m, ALIASED, m->aliased);
  m->aliased = 0;
  uint64_t key = alias ? hash_of(&m->was, l->list, false) : l->prefix;
  if (rc == RS_OK && key != 0) rc = keep(m, key, sized(m) - l->begun);
  begin_item(m);
  return rc;
}

static enum rs_code begin_list(struct measure *m)
{
  struct level *l = &m->levels[m->level];
  l->clause = LIST;
  l->list = ++m->lists;
  l->own = true;
  l->owner = m->level;
  l->stars = 1;
  begin_item(m);
  return RS_OK;
}

/* The same `*` again. Lists upon lists multiply. */
static enum rs_code star(struct measure *m, const struct seen *of)
{
  const size_t list = m->levels[m->level].list;
  struct level *l =
    &m->levels[m->levels[m->level].owner]; // count(t.*) counts in the list around it
  if (list == 0) return RS_OK;
  uint64_t key = hash_of(of, list, true);
  if (kept(m, key) == 0) return keep(m, key, 1);
  size_t *all = &m->text.v[STARS];
  if (*all == 0) *all = 1;
  *all = *all < HUGE_SIZE ? (*all / l->stars) * (l->stars + 1) : HUGE_SIZE;
  l->stars++;
  return m->bounded ? check_kind(m->e, *all, STARS, false) : RS_OK;
}

static enum rs_code sign(struct measure *m)
{
  static const struct seen all = {T_WORD, "", 0};
  if (!is_char(&m->now, '*')) return RS_OK;
  if (is_char(&m->was, '.')) return star(m, &m->before);
  bool bare = is_char(&m->was, ',') || is_word(&m->was, "SELECT") || is_word(&m->was, "DISTINCT");
  return bare && m->levels[m->level].own ? star(m, &all) : RS_OK;
}

/* ---- relations ------------------------------------------------------------------------------- */

static bool is_place(const struct measure *m)
{
  const struct level *l = &m->levels[m->level];
  return l->clause == FROM || is_any(&m->was, before_relation) ||
         (m->was.t == T_OPEN && l->relation);
}

/* The name that has just ended. */
static enum rs_code see_relation(struct measure *m)
{
  struct rs_rsql_size size = {{0}};
  struct seen name = m->was, *in = &m->workspace;
  if (!m->place || m->views == NULL) return RS_OK;
  if (name.t != T_WORD && name.n >= 2) name.p++, name.n -= 2;
  enum rs_code rc = m->views->see(m->views->ctx, in->p, in->n, name.p, name.n, &size, m->e);
  if (rc != RS_OK) return rc;
  rs_rsql_size_add(&m->behind, &size);
  return m->bounded ? rs_rsql_check_view(&m->behind, m->e) : RS_OK;
}

static enum rs_code follow_names(struct measure *m)
{
  bool was_name = m->was.t == T_WORD || m->was.t == T_QUOTED || m->was.t == T_STRING;
  bool name = m->now.t == T_WORD || m->now.t == T_QUOTED || m->now.t == T_STRING;
  enum rs_code rc = RS_OK;
  if (was_name && !is_char(&m->now, '.')) {
    rc = see_relation(m);
    m->place = false;
  }
  if (!name) return rc;
  if (!is_char(&m->was, '.')) {
    m->place = is_place(m);
    m->workspace = (struct seen){T_END, NULL, 0};
    return rc;
  }
  m->workspace = m->before;
  if (m->before.t != T_WORD && m->before.n >= 2) m->workspace.p++, m->workspace.n -= 2;
  return rc;
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool is_relation_bracket(const struct measure *m)
{
  const struct level *l = &m->levels[m->level];
  if (m->was.t == T_END || is_any(&m->was, before_relation) || is_any(&m->was, before_query))
    return true;
  if (m->was.t == T_OPEN) return l->relation;
  return (is_char(&m->was, ',') && l->clause == FROM) ||
         (is_word(&m->was, "ALL") && is_any(&m->before, sets));
}

static enum rs_code open_bracket(struct measure *m)
{
  if (m->level + m->operators >= DEPTH_MAX) return deeper(m);
  bool relation = is_relation_bracket(m);
  const struct level *l = &m->levels[m->level];
  enum clause clause = l->clause == BY ? BY : ELSEWHERE;
  m->levels[m->level + 1] = (struct level){
    .clause = clause, .relation = relation, .list = l->list, .owner = l->owner};
  m->level++;
  return deeper(m);
}

static enum rs_code bracket(struct measure *m, bool open)
{
  if (open) return open_bracket(m);
  enum rs_code rc = end_item(m);
  const struct level *l = &m->levels[m->level];
  end_expression(m);
  if (l->lambda) m->lambdas--;
  if (l->expression) m->subqueries--;
  if (m->level > 0) m->level--;
  return rc;
}

/* Words that begin or end a clause. */
static enum rs_code clause(struct measure *m)
{
  struct level *l = &m->levels[m->level];
  bool from = is_word(&m->now, "FROM") && !is_word(&m->was, "DISTINCT");
  enum rs_code rc = RS_OK;
  if (m->was.t == T_OPEN && is_any(&m->now, begins_query) && !l->relation) {
    rc = nest(m, &l->expression, &m->subqueries, SUBQUERIES_MAX, most[SUBQUERIES].what);
    if (rc == RS_OK) rc = add(m, SUBQUERIES, 1);
  }
  if (rc == RS_OK && (from || is_any(&m->now, ends_clause))) {
    rc = end_item(m);
    l->clause = from ? FROM : ELSEWHERE;
    l->list = 0;
  }
  if (is_word(&m->now, "BY")) l->clause = BY;
  if (rc == RS_OK && is_word(&m->now, "SELECT")) rc = begin_list(m);
  return rc;
}

static enum rs_code count(struct measure *m)
{
  enum rs_code rc = RS_OK;
  if (is_any(&m->now, joins)) rc = add(m, JOINS, 1);
  if (rc == RS_OK && is_word(&m->now, "UNION")) rc = add(m, UNIONS, 1);
  if (rc == RS_OK && is_any(&m->now, joins + 1)) rc = add(m, SETS, 1);
  if (rc == RS_OK && is_any(&m->now, queries)) rc = add(m, QUERIES, 1);
  if (rc == RS_OK && is_any(&m->now, conditions)) rc = add(m, CONDITIONS, 1);
  if (rc == RS_OK && is_any(&m->now, windows)) rc = add(m, WINDOWS, 1);
  if (rc == RS_OK && is_word(&m->now, "LAMBDA")) rc = lambda(m);
  if (rc == RS_OK && is_word(&m->now, "COLUMNS")) rc = star(m, &m->now);
  return rc;
}

static enum rs_code word(struct measure *m)
{
  if (m->bounded && is_word(&m->was, "NOT") && is_word(&m->now, "MATERIALIZED"))
    return rs_fail(m->e, RS_LIMIT,
                   "SQL: NOT MATERIALIZED plans a query anew wherever it is named: leave it out");
  if (is_word(&m->now, "CASE") || is_word(&m->now, "END"))
    return bracket(m, is_word(&m->now, "CASE"));
  enum rs_code rc = count(m);
  if (rc == RS_OK) rc = clause(m);
  if (is_any(&m->now, conditions) || is_any(&m->now, clauses) || is_any(&m->now, ends_clause) ||
      is_word(&m->now, "FROM"))
    end_expression(m);
  else if (rc == RS_OK && is_any(&m->now, operators)) rc = operator(m);
  return rc;
}

static enum rs_code comma(struct measure *m)
{
  end_expression(m);
  enum rs_code rc = end_item(m);
  if (rc != RS_OK) return rc;
  switch (m->levels[m->level].clause) {
    case FROM: return add(m, JOINS, 1);
    case BY: return add(m, ITEMS, 1);
    default: return RS_OK;
  }
}

static enum rs_code token(struct measure *m)
{
  const enum rs_token t = m->now.t;
  const char c = m->now.p[0];
  struct level *l = &m->levels[m->level];
  if (t == T_OPEN || t == T_CLOSE) return bracket(m, t == T_OPEN);
  if (t == T_WORD) return word(m);
  if (t == T_OTHER && c == ',') return comma(m);
  if (t == T_COLON && l->own && is_name(&m->was)) l->prefix = hash_of(&m->was, l->list, false);
  if (t != T_CAST && (t != T_OTHER || c == '.')) return RS_OK;
  const bool again = m->cast;
  m->cast = t == T_CAST;
  enum rs_code rc = t == T_CAST ? RS_OK : sign(m);
  if (rc == RS_OK && c == '>' && is_char(&m->was, '-')) rc = lambda(m);
  if (rc != RS_OK || (t == T_CAST && !again)) return rc;
  return operator(m);
}

/* What a word stands for counts unless it turns out to be the alias that is made. */
static enum rs_code follow_aliases(struct measure *m)
{
  const struct level *l = &m->levels[m->level];
  enum rs_code rc = add(m, ALIASED, m->aliased);
  m->aliased = 0;
  if (rc == RS_OK && l->list != 0 && is_name(&m->now) && !is_char(&m->was, '.'))
    m->aliased = kept(m, hash_of(&m->now, l->list, false));
  return rc;
}

static bool may_end_item(const struct measure *m)
{
  return m->now.t == T_CLOSE || is_char(&m->now, ',') || is_word(&m->now, "FROM") ||
         is_any(&m->now, ends_clause);
}

static enum rs_code check_queries(const struct measure *m)
{
  const size_t *v = m->text.v;
  if (!m->bounded || v[QUERIES] <= v[UNIONS] + v[SETS] + QUERIES_MAX) return RS_OK;
  return rs_fail(m->e, RS_LIMIT,
                 "SQL: more than %d queries (SELECT, VALUES, PIVOT) in one statement, those of "
                 "set operations aside",
                 QUERIES_MAX);
}

static enum rs_code measure(struct measure *m, const char *text, size_t n,
                            const struct rs_dialect *d)
{
  // a text that can't be cut into tokens is refused by whoever sends it
  if (rs_sqllex_open(&m->x, text, n, d, "SQL", NULL) != RS_OK) return RS_OK;
  m->was.t = m->before.t = T_END;
  m->was.p = m->before.p = "";
  for (enum rs_code rc = RS_OK; rc == RS_OK;) {
    bool more = rs_sqllex_next(&m->x, &m->now.t) == RS_OK && m->now.t != T_END;
    m->now.p = more ? text + m->x.start : "";
    m->now.n = more ? m->x.i - m->x.start : 0;
    rc = follow_names(m);
    if (!more) return rc == RS_OK ? check_queries(m) : rc;
    if (rc == RS_OK) rc = add(m, TOKENS, 1);
    if (rc == RS_OK && !may_end_item(m)) rc = follow_aliases(m);
    if (rc == RS_OK) rc = token(m);
    if (rc != RS_OK) return rc;
    m->before = m->was;
    m->was = m->now;
  }
  return RS_OK;
}

static enum rs_code measure_text(const char *text, size_t n, const struct rs_dialect *d,
                                 bool bounded, const struct rs_rsql_views *views,
                                 struct rs_rsql_size *out, struct rs_error *e)
{
  struct measure *m = rs_calloc(1, sizeof *m);
  if (m == NULL) return rs_nomem(e);
  m->e = e;
  m->bounded = bounded;
  m->views = views;
  rs_map_init(&m->aliases);
  enum rs_code rc = measure(m, text, n, d);
  if (out != NULL) *out = m->text;
  rs_map_free(&m->aliases);
  rs_free(m);
  return rc;
}

enum rs_code rs_rsql_check_bounds(const char *text, size_t n, const struct rs_dialect *d,
                                  const struct rs_rsql_views *views, struct rs_error *e)
{
  return measure_text(text, n, d, true, views, NULL, e);
}

enum rs_code rs_rsql_measure(const char *text, size_t n, const struct rs_dialect *d,
                             const struct rs_rsql_views *views, struct rs_rsql_size *out,
                             struct rs_error *e)
{
  return measure_text(text, n, d, false, views, out, e);
}
