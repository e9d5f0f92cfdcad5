/*
** What a statement may be before an engine plans it (see bounds.h).
**
** Engines plan what they are sent without looking at the clock or at their memory limit: 20,000
** SELECTs with UNION ALL between them took DuckDB gigabytes, and no cancel reached it. So a
** statement is counted first: one pass over its tokens, linear in its length.
*/
#include "bounds.h"
#include <string.h>
#include "../adapter/sqllex.h"
#include "../base/text.h"

struct bound {
  const char *what;
  size_t most;
  const char *words[8];
};

/* docs/rocksetd.md has these numbers. */
static const struct bound bounds[] = {
  {"set operations (UNION, INTERSECT, EXCEPT)", 500, {"UNION", "INTERSECT", "EXCEPT", NULL}},
  {"joins", 30, {"JOIN", NULL}},
  {"queries (SELECT, FROM, VALUES, PIVOT)", 2000, {"SELECT", "VALUES", "PIVOT", "UNPIVOT", NULL}},
  {"CASE expressions", 500, {"CASE", NULL}},
  {"conditions (AND, OR, NOT)", 20000, {"AND", "OR", "NOT", NULL}},
  {"common table expressions and aliases (AS)", 20000, {"AS", NULL}},
};
enum { BOUNDS = sizeof bounds / sizeof bounds[0], TOKENS_MAX = 1000000, DEPTH_MAX = 500 };

static bool is_word(const char *p, size_t n, const char *word)
{
  return strlen(word) == n && rs_casecmpn(word, p, n) == 0;
}

static enum rs_code count(const char *p, size_t n, size_t counts[BOUNDS], struct rs_error *e)
{
  for (size_t i = 0; i < BOUNDS; i++) {
    for (const char *const *w = bounds[i].words; *w != NULL; w++) {
      if (!is_word(p, n, *w) || ++counts[i] <= bounds[i].most) continue;
      return rs_fail(e, RS_LIMIT, "SQL: more than %zu %s in one statement", bounds[i].most,
                     bounds[i].what);
    }
  }
  return RS_OK;
}

enum rs_code rs_rsql_check_bounds(const char *text, size_t n, struct rs_error *e)
{
  struct rs_lexer x;
  size_t counts[BOUNDS] = {0}, tokens = 0, depth = 0;
  // a text that can't be cut into tokens is the parser's to refuse
  if (rs_sqllex_open(&x, text, n, rs_dialect_find("duckdb"), "SQL", NULL) != RS_OK) return RS_OK;
  for (;;) {
    enum rs_token t;
    if (rs_sqllex_next(&x, &t) != RS_OK || t == T_END) return RS_OK;
    if (++tokens > TOKENS_MAX)
      return rs_fail(e, RS_LIMIT, "SQL: more than %d words and signs in one statement", TOKENS_MAX);
    if (t == T_OPEN && ++depth > DEPTH_MAX)
      return rs_fail(e, RS_LIMIT, "SQL: brackets nest to more than %d levels", DEPTH_MAX);
    if (t == T_CLOSE && depth > 0) depth--;
    if (t != T_WORD) continue;
    enum rs_code rc = count(text + x.start, x.i - x.start, counts, e);
    if (rc != RS_OK) return rc;
  }
}
