/*
** Arguments of CREATE VIRTUAL TABLE t USING rockset(...):
**
**   rockset('commons.movies')                     a collection, table or view
**   rockset('movies')                             the same in the workspace of the profile in use
**   rockset('"my ws"."a.b"')                      parts that hold a dot, a quote, a space at an end
**   rockset('commons.movies', key='id')           this column identifies a row
**   rockset(query='select ... where x = :origin') rows of a query; :name becomes an argument of t
**   rockset(query_lambda='commons.top')           rows of a query lambda, by its tag latest;
**   ... , tag='prod' or version='0123456789abcdef'   its parameters are arguments of t
**   ... , columns='city TEXT PATH address.city'    values from inside of its objects, too
**   ... , readonly=1                              INSERT, UPDATE and DELETE are refused
**   rockset('...', target='prod')                   in another output of the session's profile
**
** SQLite hands each argument over as it was written. An option that is unknown, repeated or
** malformed is an error, never ignored.
*/
#include "internal.h"
#include "src/base/text.h"

#include <string.h>

enum {
  OPT_QUERY,
  OPT_KEY,
  OPT_LAMBDA,
  OPT_TAG,
  OPT_VERSION,
  OPT_READONLY,
  OPT_COLUMNS,
  OPT_TARGET
};
static const char *const options[] = {
  [OPT_QUERY] = "query",     [OPT_KEY] = "key",         [OPT_LAMBDA] = "query_lambda",
  [OPT_TAG] = "tag",         [OPT_VERSION] = "version", [OPT_READONLY] = "readonly",
  [OPT_COLUMNS] = "columns", [OPT_TARGET] = "target",
};

#define NOPTIONS (sizeof options / sizeof options[0])

static bool is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void trim(const char **p, size_t *n)
{
  while (*n > 0 && is_space(**p)) {
    ++*p;
    --*n;
  }
  while (*n > 0 && is_space((*p)[*n - 1])) --*n;
}

/* Splits `name = value`; false when the argument has no such form. */
static bool split(const char *p, size_t n, size_t *nname, const char **value, size_t *nvalue)
{
  size_t i = 0;
  while (i < n && is_word(p[i])) i++;
  *nname = i;
  while (i < n && is_space(p[i])) i++;
  if (*nname == 0 || i == n || p[i] != '=') return false;
  *value = p + i + 1;
  *nvalue = n - i - 1;
  trim(value, nvalue);
  return true;
}

/* 'it''s' or "x": the text inside; a bare word: itself. */
static enum rs_code unquote(const char *p, size_t n, const char *what, struct rs_arena *arena,
                            const char **out, struct rs_error *e)
{
  char *to = rs_arena_alloc(arena, n + 1), quote = n ? *p : 0;
  size_t i, k = 0;
  if (!to) return rs_nomem(e);
  *out = to;
  if (quote != '\'' && quote != '"') {
    for (i = 0; i < n; i++) {
      if (!is_word(p[i]) && p[i] != '.')
        return rs_fail(e, RS_INVALID, "%s: %.*s: put the value in single quotes", what,
                       (int)(n > 60 ? 60 : n), p);
    }
    memcpy(to, p, n);
    to[n] = 0;
    return RS_OK;
  }
  for (i = 1; i < n; i++) {
    if (p[i] == quote) {
      if (i + 1 == n || p[i + 1] != quote) break;
      i++;
    }
    to[k++] = p[i];
  }
  to[k] = 0;
  if (i + 1 != n)
    return rs_fail(e, RS_INVALID, "%s: one quoted value is expected, not %.*s", what,
                   (int)(n > 60 ? 60 : n), p);
  return RS_OK;
}

static enum rs_code read_switch(const char *text, const char *what, bool *on, struct rs_error *e)
{
  *on = rs_eq(text, "1");
  if (*on || rs_eq(text, "0")) return RS_OK;
  return rs_fail(e, RS_INVALID, "%s: readonly='%s': 0 or 1 is expected", what, text);
}

static enum rs_code fail_unknown(const char *name, size_t n, const char *what,
                                 struct rs_arena *arena, struct rs_error *e)
{
  const char *word = rs_arena_strndup(arena, name, n), *list = options[0];
  if (!word) return rs_nomem(e);
  const char *near = rs_nearest(word, options, NOPTIONS);
  if (near)
    return rs_fail(e, RS_INVALID, "%s: unknown option '%s': did you mean '%s'?", what, word, near);
  for (size_t i = 1; i < NOPTIONS && list; i++)
    list = rs_arena_printf(arena, "%s, %s", list, options[i]);
  if (!list) return rs_nomem(e);
  return rs_fail(e, RS_INVALID, "%s: unknown option '%s' (legal: %s)", what, word, list);
}

static enum rs_code read_option(const char *name, size_t nname, const char *value, size_t nvalue,
                                const char *what, struct rs_arena *arena, unsigned *seen,
                                struct collection_args *out, struct rs_error *e)
{
  const char *text;
  size_t i;
  for (i = 0; i < NOPTIONS; i++) {
    if (strlen(options[i]) == nname && rs_casecmpn(options[i], name, nname) == 0) break;
  }
  if (i == NOPTIONS) return fail_unknown(name, nname, what, arena, e);
  if (*seen & 1u << i)
    return rs_fail(e, RS_INVALID, "%s: option '%s' is given twice", what, options[i]);
  *seen |= 1u << i;
  enum rs_code rc = unquote(value, nvalue, what, arena, &text, e);
  if (rc != RS_OK) return rc;
  if (!*text) return rs_fail(e, RS_INVALID, "%s: option '%s' is empty", what, options[i]);
  switch (i) {
    case OPT_QUERY: out->query = text; break;
    case OPT_KEY: out->key = text; break;
    case OPT_LAMBDA: out->lambda = text; break;
    case OPT_TAG: out->tag = text; break;
    case OPT_COLUMNS: out->columns = text; break;
    case OPT_TARGET: out->named = text; break;
    case OPT_READONLY: return read_switch(text, what, &out->readonly, e);
    default: out->version = text; break;
  }
  return RS_OK;
}

static enum rs_code check_args(const struct collection_args *a, const char *what,
                               struct rs_error *e)
{
  int shown = (a->relation != NULL) + (a->query != NULL) + (a->lambda != NULL);
  if (shown > 1)
    return rs_fail(e, RS_INVALID,
                   "%s: give a relation or query='...' or query_lambda='...', not two of them",
                   what);
  if (shown == 0)
    return rs_fail(e, RS_INVALID,
                   "%s: name what it shows: rockset('workspace.collection') or "
                   "rockset(query='select ...')",
                   what);
  if (!a->lambda && (a->tag || a->version))
    return rs_fail(e, RS_INVALID, "%s: option '%s' goes with query_lambda='...'", what,
                   a->tag ? "tag" : "version");
  if (a->columns && !a->relation)
    return rs_fail(e, RS_INVALID, "%s: option 'columns' goes with a relation", what);
  if (a->tag && a->version)
    return rs_fail(e, RS_INVALID, "%s: give a tag or a version, not both", what);
  return RS_OK;
}

enum rs_code rs_collection_args(int argc, const char *const *argv, const char *what,
                                struct rs_arena *arena, struct collection_args *out,
                                struct rs_error *e)
{
  unsigned seen = 0;
  memset(out, 0, sizeof *out);
  for (int i = 3; i < argc; i++) {
    const char *p = argv[i], *value;
    size_t n = strlen(p), nname, nvalue;
    enum rs_code rc;
    trim(&p, &n);
    if (n == 0 && argc == 4) break;
    if (split(p, n, &nname, &value, &nvalue)) {
      rc = read_option(p, nname, value, nvalue, what, arena, &seen, out, e);
    } else if (i > 3) {
      rc = rs_fail(e, RS_INVALID, "%s: %.*s: after the first argument come options, name='value'",
                   what, (int)(n > 60 ? 60 : n), p);
    } else if (*p == '\'') {
      rc = unquote(p, n, what, arena, &out->relation, e);
    } else {
      /* "my ws"."a.b" and ws.name unquoted are parsed as they stand */
      out->relation = rs_arena_strndup(arena, p, n);
      rc = out->relation ? RS_OK : rs_nomem(e);
    }
    if (rc != RS_OK) return rc;
  }
  return check_args(out, what, e);
}
