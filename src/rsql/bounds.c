/*
** What a statement may be before an engine plans it (see bounds.h).
**
** DuckDB plans what it is sent without looking at the clock or at its memory limit, and an
** interrupt waits until it is done. Its time grows with the third power of an expression's depth
** (`a + a + a` is as deep as it is long), with more than the fourth power of the number of
** relations that are joined, and doubles with each NOT MATERIALIZED that is named twice. So the
** text that is sent is measured first: one pass over its tokens, linear in its length. It is the
** translated text, because a template that names its argument twice doubles it with each level.
*/
#include "bounds.h"
#include <string.h>
#include "../adapter/sqllex.h"
#include "../base/text.h"

/* docs/rocksetd.md has these numbers. */
enum {
  TOKENS_MAX = 200000,
  DEPTH_MAX = 1000,
  WORK_MAX = 20000000, /* each operator and bracket: the square of its depth */
  JOINS_MAX = 50,
  UNIONS_MAX = 500,
  QUERIES_MAX = 100, /* besides one for each set operation */
  CONDITIONS_MAX = 5000
};

#define JOINS "joins (JOIN, a comma in FROM, INTERSECT, EXCEPT)"

struct level {
  size_t operators; /* of the expression that stands here: each is one deeper than the last */
  bool from;        /* in a list of relations, whose commas join */
};

struct measure {
  struct rs_lexer x;
  struct rs_error *e;
  struct level levels[DEPTH_MAX + 1];
  size_t level, operators;                                       /* of all levels */
  size_t tokens, work, joins, unions, sets, queries, conditions; /* sets: without UNION */
  bool after_operator, after_not, after_distinct;
  bool cast; /* since the last operator: one stands on its operand alone, the next on it */
};

static const char *const clauses[] = {"WHEN", "THEN", "ELSE", "VALUES", "ON", "AS", NULL};
static const char *const ends_from[] = {"WHERE",  "GROUP",     "HAVING", "WINDOW", "QUALIFY",
                                        "ORDER",  "LIMIT",     "OFFSET", "SELECT", "UNION",
                                        "EXCEPT", "INTERSECT", NULL};
/* Planned as joins, all three. */
static const char *const joins[] = {"JOIN", "INTERSECT", "EXCEPT", NULL};
static const char *const queries[] = {"SELECT", "VALUES", "PIVOT", "UNPIVOT", NULL};
static const char *const conditions[] = {"AND", "OR", NULL};
/* Operators that are words. BETWEEN's AND ends the expression, as any AND does. */
static const char *const operators[] = {"NOT",     "IS",      "IN",      "LIKE",    "ILIKE",
                                        "SIMILAR", "GLOB",    "BETWEEN", "COLLATE", "AT",
                                        "ISNULL",  "NOTNULL", NULL};

static enum rs_code add(struct measure *m, size_t *n, size_t most, const char *what)
{
  if (++*n <= most) return RS_OK;
  return rs_fail(m->e, RS_LIMIT, "SQL: more than %zu %s in one statement", most, what);
}

static enum rs_code deeper(struct measure *m)
{
  size_t depth = m->level + m->operators;
  if (depth > DEPTH_MAX)
    return rs_fail(m->e, RS_LIMIT,
                   "SQL: an expression is deeper than %d levels; each bracket is one, and each "
                   "operator of `a + b + c`",
                   DEPTH_MAX);
  m->work += depth * depth;
  if (m->work <= WORK_MAX) return RS_OK;
  return rs_fail(m->e, RS_LIMIT,
                 "SQL: expressions are too deep: brackets and operators, each counted with the "
                 "square of its depth, are more than %d; write a sum of many as list_sum([..]), "
                 "or in parts",
                 WORK_MAX);
}

static void end_expression(struct measure *m)
{
  m->operators -= m->levels[m->level].operators;
  m->levels[m->level].operators = 0;
}

static enum rs_code operator(struct measure *m) {
  if (m->after_operator) return RS_OK; // the second sign of `||`
  m->levels[m->level].operators++;
  m->operators++;
  return deeper(m);
}

static enum rs_code bracket(struct measure *m, bool open)
{
  if (open) {
    if (m->level + m->operators >= DEPTH_MAX) return deeper(m);
    m->levels[++m->level] = (struct level){0, false};
    return deeper(m);
  }
  end_expression(m);
  if (m->level > 0) m->level--;
  return RS_OK;
}

static enum rs_code word(struct measure *m)
{
  struct rs_lexer *x = &m->x;
  enum rs_code rc = RS_OK;
  if (m->after_not && rs_sqllex_is(x, "MATERIALIZED"))
    return rs_fail(m->e, RS_LIMIT,
                   "SQL: NOT MATERIALIZED plans a query anew wherever it is named: leave it out");
  if (rs_sqllex_is(x, "CASE") || rs_sqllex_is(x, "END")) return bracket(m, rs_sqllex_is(x, "CASE"));
  if (rs_sqllex_is_any(x, joins)) rc = add(m, &m->joins, JOINS_MAX, JOINS);
  if (rs_sqllex_is(x, "UNION")) rc = add(m, &m->unions, UNIONS_MAX, "UNION");
  if (rs_sqllex_is_any(x, joins + 1)) m->sets++;
  if (rs_sqllex_is_any(x, queries)) m->queries++;
  if (rs_sqllex_is_any(x, conditions))
    rc = add(m, &m->conditions, CONDITIONS_MAX, "conditions (AND, OR)");
  if (rs_sqllex_is(x, "FROM") && !m->after_distinct) m->levels[m->level].from = true;
  else if (rs_sqllex_is_any(x, ends_from)) m->levels[m->level].from = false;
  if (rs_sqllex_is_any(x, conditions) || rs_sqllex_is_any(x, clauses) ||
      rs_sqllex_is_any(x, ends_from) || rs_sqllex_is(x, "FROM"))
    end_expression(m);
  else if (rc == RS_OK && rs_sqllex_is_any(x, operators)) rc = operator(m);
  return rc;
}

static enum rs_code comma(struct measure *m)
{
  end_expression(m);
  return m->levels[m->level].from ? add(m, &m->joins, JOINS_MAX, JOINS) : RS_OK;
}

static enum rs_code token(struct measure *m, enum rs_token t)
{
  const char c = m->x.p[m->x.start];
  if (t == T_OPEN || t == T_CLOSE) return bracket(m, t == T_OPEN);
  if (t == T_WORD) return word(m);
  if (t == T_OTHER && c == ',') return comma(m);
  if (t != T_CAST && (t != T_OTHER || c == '.')) return RS_OK;
  const bool again = m->cast;
  m->cast = t == T_CAST;
  return t == T_CAST && !again ? RS_OK : operator(m);
}

static enum rs_code check_queries(const struct measure *m)
{
  if (m->queries <= m->unions + m->sets + QUERIES_MAX) return RS_OK;
  return rs_fail(m->e, RS_LIMIT,
                 "SQL: more than %d queries (SELECT, VALUES, PIVOT) in one statement, those of "
                 "set operations aside",
                 QUERIES_MAX);
}

enum rs_code rs_rsql_check_bounds(const char *text, size_t n, const struct rs_dialect *d,
                                  struct rs_error *e)
{
  struct measure m = {.e = e};
  // a text that can't be cut into tokens is refused by whoever sends it
  if (rs_sqllex_open(&m.x, text, n, d, "SQL", NULL) != RS_OK) return RS_OK;
  for (;;) {
    enum rs_token t;
    if (rs_sqllex_next(&m.x, &t) != RS_OK || t == T_END) return check_queries(&m);
    enum rs_code rc = add(&m, &m.tokens, TOKENS_MAX, "words and signs");
    if (rc == RS_OK) rc = token(&m, t);
    if (rc != RS_OK) return rc;
    m.after_operator = t == T_OTHER && text[m.x.start] != ',';
    m.after_not = t == T_WORD && rs_sqllex_is(&m.x, "NOT");
    m.after_distinct = t == T_WORD && rs_sqllex_is(&m.x, "DISTINCT");
  }
}
