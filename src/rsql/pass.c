/*
** The engine's own SQL, let through as it is (see pass.h).
**
** The parser has given up on it, so that nothing is known of its names: the lexer of sql/lexer.h,
** which follows the engine's, proves it one statement, and no token of it may name what is hidden.
*/
#include "pass.h"
#include <string.h>
#include "src/sql/callable.h"
#include "src/sql/relname.h"
#include "src/sql/lexer.h"
#include "src/sql/statement.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "emit.h"

#define OWN_WORKSPACE "_rockset"

/* The engine is not known yet when a text is parsed: it is read as DuckDB reads it, and once more
** as another engine does when it is written for that one. */
static const struct rs_dialect *spoken(void)
{
  return rs_dialect_find("duckdb");
}

static bool is_catalog(const char *p, size_t n)
{
  return rs_caseeqn("information_schema", p, n) || rs_caseeqn("pg_catalog", p, n) ||
         rs_caseeqn("sqlite_master", p, n) || rs_caseeqn("sqlite_schema", p, n) ||
         rs_caseeqn("sqlite_temp_master", p, n) || rs_caseeqn("sqlite_temp_schema", p, n) ||
         rs_casestarts(p, n, "duckdb_") || rs_casestarts(p, n, "pragma_");
}

bool rs_rsql_is_forbidden(const char *name, size_t n)
{
  return rs_callable_find(spoken(), name, n) > RS_CALL_UNKNOWN;
}

bool rs_rsql_is_hidden(const char *workspace, const char *name)
{
  if (rs_name_is_hidden(workspace)) return true;
  return rs_casecmp(workspace, "main") == 0 && is_catalog(name, strlen(name));
}

/* ---- may it be sent -------------------------------------------------------------------------- */

static bool contains_own(const char *p, size_t n)
{
  const size_t len = strlen(OWN_WORKSPACE);
  for (size_t i = 0; i + len <= n; i++) {
    if (rs_casecmpn(OWN_WORKSPACE, p + i, len) == 0) return true;
  }
  return false;
}

/* One pass over the tokens; RS_NOT_FOUND names what is hidden. */
static enum rs_code check_tokens(const char *p, size_t n, struct rs_error *e)
{
  struct rs_lexer x;
  const char *word = NULL; // the name in front of this token
  size_t len = 0;
  enum rs_code rc = rs_sqllex_open(&x, p, n, spoken(), "SQL", e);
  while (rc == RS_OK) {
    enum rs_token t;
    rc = rs_sqllex_next(&x, &t);
    if (rc != RS_OK || t == T_END) break;
    const char *at = p + x.start;
    size_t size = x.i - x.start;
    if (t == T_OPEN && *at == '(' && word != NULL && rs_rsql_is_forbidden(word, len)) {
      return rs_fail(e, RS_NOT_FOUND, "SQL: function `%.*s` not found", (int)len, word);
    }
    word = NULL;
    if (t == T_QUOTED && size >= 2) {
      at++;
      size -= 2;
    }
    if (t == T_WORD || t == T_QUOTED) {
      word = at;
      len = size < 200 ? size : 200;
      if (is_catalog(at, size) || rs_caseeqn(OWN_WORKSPACE, at, size)) {
        return rs_fail(e, RS_NOT_FOUND, "SQL: `%.*s` does not exist", (int)len, at);
      }
    } else if (t == T_STRING && contains_own(at, size)) {
      return rs_fail(e, RS_NOT_FOUND, "SQL: `%s` does not exist", OWN_WORKSPACE);
    }
  }
  return rc;
}

static bool is_select_like(const struct rs_sqltext *one)
{
  static const char *const words[] = {"SELECT", "WITH",     "FROM",      "VALUES",
                                      "TABLE",  "DESCRIBE", "SUMMARIZE", "PIVOT"};
  if (one->kind != RS_SQL_QUERY) return false;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (rs_eq(words[i], one->keyword)) return true;
  }
  return false;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static bool keep_names(struct rs_rsql_stmt *s, const struct rs_map *names, size_t largest)
{
  size_t n = names->n > 0 ? names->n : largest;
  s->params = rs_arena_calloc(s->arena, (n + 1) * sizeof s->params[0]);
  if (s->params == NULL) return false;
  for (size_t i = 0; i < n; i++) {
    s->params[i] = names->n > 0 ? rs_arena_strndup(s->arena, names->v[i].key, names->v[i].key_len)
                                : rs_arena_printf(s->arena, "%zu", i + 1);
    if (s->params[i] == NULL) return false;
  }
  s->nparams = n;
  return true;
}

static bool keep_order(struct rs_rsql_stmt *s, const size_t *order, size_t n, size_t *largest)
{
  size_t *copy = rs_arena_calloc(s->arena, (n + 1) * sizeof *copy);
  if (copy == NULL) return false;
  for (size_t i = 0; i < n; i++) {
    copy[i] = order[i];
    if (order[i] >= *largest) *largest = order[i] + 1;
  }
  s->pass_order = copy;
  s->npass_order = n;
  return true;
}

/* The text with its parameters written $1, $2 ... */
static enum rs_code number_params(struct rs_rsql_stmt *s, const struct rs_sqltext *one,
                                  struct rs_error *e)
{
  const struct rs_dialect numbered = {
    .name = "numbered", .lex = spoken()->lex, .numbered_params = true};
  struct rs_buf b;
  struct rs_map names;
  size_t *order = NULL, norder = 0, largest = 0;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_map_init(&names);
  enum rs_code rc = rs_sqltext_params(one->p, one->n, &numbered, &b, &names, &order, &norder, e);
  if (rc == RS_OK) {
    s->pass = rs_arena_strndup(s->arena, rs_buf_text(&b), b.n);
    s->npass = b.n;
    bool ok = s->pass != NULL && keep_order(s, order, norder, &largest) &&
              keep_names(s, &names, largest);
    if (!ok) rc = rs_nomem(e);
  }
  rs_free(order);
  rs_map_free(&names);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_rsql_pass(struct rs_rsql_stmt *s, struct rs_error *why)
{
  struct rs_sqltext one;
  struct rs_error e = {0};
  if (rs_sqltext_one(s->text, s->n, spoken(), "SQL", &one, &e) != RS_OK || !is_select_like(&one)) {
    return why->code;
  }
  const struct rs_callable callable = {.dialect = spoken()};
  enum rs_code rc = check_tokens(one.p, one.n, &e);
  if (rc == RS_OK) rc = rs_callable_check(&one, &callable, "SQL", NULL, NULL, &e);
  if (rc == RS_OK) {
    s->kind = RS_RSQL_PASS;
    s->query = NULL;
    s->target = NULL;
    s->reason = rs_arena_strdup(s->arena, why->text);
    rc = s->reason != NULL ? number_params(s, &one, &e) : rs_nomem(&e);
    // what goes to the engine is what was judged
    if (rc == RS_OK) rc = rs_sqltext_one(s->pass, s->npass, spoken(), "SQL", &one, &e);
  }
  if (rc == RS_INVALID) return why->code; // the parser's error tells more
  if (rc != RS_OK) *why = e;
  return rc;
}

/* ---- text ------------------------------------------------------------------------------------ */

void rs_rsql_pass_write(struct rsql_writer *w)
{
  struct rs_lexer x;
  const char *p = w->s->pass;
  size_t done = 0;
  enum rs_code rc = RS_OK;
  if (w->d->lex != spoken()->lex) {
    struct rs_sqltext one;
    rc = rs_sqltext_one(p, w->s->npass, w->d, "SQL", &one, w->e);
  }
  if (rc == RS_OK) rc = rs_sqllex_open(&x, p, w->s->npass, spoken(), "SQL", w->e);
  while (rc == RS_OK && w->rc == RS_OK) {
    enum rs_token t;
    rc = rs_sqllex_next(&x, &t);
    if (rc != RS_OK || t == T_END) break;
    if (t != T_DOLLAR || x.i - x.start < 2) continue;
    size_t k = 0;
    for (size_t i = x.start + 1; i < x.i; i++) k = k * 10 + (size_t)(p[i] - '0');
    if (k == 0 || k > w->s->npass_order) continue;
    rs_buf_add(w->b, p + done, x.start - done);
    const struct rsql_node param = {.kind = N_PARAM, .op = (int)w->s->pass_order[k - 1]};
    // behind an E'..' string a literal would go on with its escapes, behind a word be its suffix
    if (w->inlined) rs_rsql_write(w, "(");
    rs_rsql_write_param(w, &param);
    if (w->inlined) rs_rsql_write(w, ")");
    done = x.i;
  }
  rs_buf_add(w->b, p + done, w->s->npass - done);
  if (rc != RS_OK && w->rc == RS_OK) w->rc = rc;
}
