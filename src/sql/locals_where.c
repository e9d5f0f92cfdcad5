/*
** What the rows of a relation are compared with (locals.h): the conditions between the ANDs of the
** WHERE behind it. Each form that is not known here is left to the engine, and so is a whole
** statement that has a word which moves rows in front of WHERE.
*/
#include "src/base/mem.h"
#include "locals_tokens.h"

enum { DIGITS_MAX = 15 /* as a double it is exact */, TEXT_MAX = 1000, LIST_MAX = 200 };

struct where {
  const struct finder *f;
  struct rs_local_name *v;
  const char *qualifier; /* in front of its columns */
  bool alone;            /* no other relation: columns have none */
};

static bool is_end(const struct finder *f, size_t i)
{
  static const char *const ends[] = {"GROUP",  "HAVING", "ORDER",     "LIMIT",  "WINDOW",
                                     "UNION",  "EXCEPT", "INTERSECT", "OFFSET", "QUALIFY",
                                     "SELECT", "FETCH",  "FOR",       NULL};
  return i >= f->n || f->t[i].type == T_END || f->t[i].type == T_SEMICOLON ||
         f->t[i].type == T_CLOSE || is_one_of(f, i, ends);
}

/* The token behind the one at i, or behind the brackets that it opens. */
static size_t skip(const struct finder *f, size_t i)
{
  size_t depth = 0;
  for (; i < f->n; i++) {
    if (f->t[i].type == T_OPEN) depth++;
    else if (f->t[i].type == T_CLOSE && depth > 0) depth--;
    if (depth == 0) return i + 1;
  }
  return i;
}

/* ---- one condition --------------------------------------------------------------------------- */

/* A constant in [i, end), and how many tokens it has; 0: none. */
static size_t read_constant(const struct finder *f, size_t i, size_t end, bool *text,
                            const char **value, struct rs_error *e, enum rs_code *rc)
{
  const bool minus = i + 1 < end && is_char(f, i, '-') && f->t[i + 1].type == T_NUMBER &&
                     f->t[i].at > f->t[i - 1].end; // else it may be a part of an operator
  const size_t at = minus ? i + 1 : i;
  if (at >= end) return 0;
  const char *p = f->sql + f->t[at].at;
  const size_t n = f->t[at].end - f->t[at].at;
  *text = f->t[at].type == T_STRING;
  if (*text) {
    if (*p != '\'' || n > TEXT_MAX || memchr(p, '\\', n) != NULL) return 0;
    *value = name_of(f, at);
  } else {
    size_t digits = 0, dots = 0;
    if (f->t[at].type != T_NUMBER) return 0;
    for (size_t k = 0; k < n; k++) {
      digits += p[k] >= '0' && p[k] <= '9';
      dots += p[k] == '.';
    }
    if (digits == 0 || digits > DIGITS_MAX || dots > 1 || digits + dots != n) return 0;
    *value = rs_arena_printf(f->a, "%s%.*s", minus ? "-" : "", (int)n, p);
  }
  if (*value == NULL) *rc = rs_nomem(e);
  return *value != NULL ? at + 1 - i : 0;
}

/* Words that are values wherever they stand, also where a column is called so. */
static bool is_value_word(const struct finder *f, size_t i)
{
  static const char *const words[] = {"USER",      "SESSION_USER",   "SYSTEM_USER", "TRUE", "FALSE",
                                      "LOCALTIME", "LOCALTIMESTAMP", "DEFAULT",     "NULL", NULL};
  const size_t n = sizeof "CURRENT_" - 1;
  return is_one_of(f, i, words) || (f->t[i].type == T_WORD && f->t[i].end - f->t[i].at > n &&
                                    rs_casecmpn(f->sql + f->t[i].at, "CURRENT_", n) == 0);
}

/* Another thing of that name stands behind AS: which of both is meant is the engine's business. */
static bool is_renamed(const struct finder *f, const char *column)
{
  for (size_t i = 1; i < f->n; i++)
    if (is_word(f, i - 1, "AS") && same_name(f, i, column)) return true;
  return false;
}

/* `column` or `relation.column` in [i, end), and how many tokens it has; 0: none. */
static size_t read_column(const struct where *w, size_t i, size_t end, const char **column)
{
  const struct finder *f = w->f;
  const bool qualified = i + 2 < end && is_char(f, i + 1, '.');
  const size_t at = qualified ? i + 2 : i;
  if (at >= end || !is_name(f, at)) return 0;
  if (qualified ? !same_name(f, i, w->qualifier) : !w->alone || is_value_word(f, at)) return 0;
  *column = name_of(f, at);
  return *column != NULL && !is_renamed(f, *column) ? at + 1 - i : 0;
}

/* A comparison at i of at most two characters without a blank; how many they are, 0: none. */
static size_t read_operator(const struct finder *f, size_t i, size_t end, enum rs_local_how *how)
{
  const bool wide = i + 1 < end && f->t[i].end == f->t[i + 1].at && is_char(f, i + 1, '=');
  if (i >= end) return 0;
  if (is_char(f, i, '<')) *how = wide ? RS_LOCAL_LE : RS_LOCAL_LT;
  else if (is_char(f, i, '>')) *how = wide ? RS_LOCAL_GE : RS_LOCAL_GT;
  else if (is_char(f, i, '=') && !wide) *how = RS_LOCAL_EQ;
  else return 0;
  return wide ? 2 : 1;
}

static enum rs_local_how turned(enum rs_local_how how)
{
  switch (how) {
    case RS_LOCAL_LT: return RS_LOCAL_GT;
    case RS_LOCAL_LE: return RS_LOCAL_GE;
    case RS_LOCAL_GT: return RS_LOCAL_LT;
    case RS_LOCAL_GE: return RS_LOCAL_LE;
    default: return how;
  }
}

/* 'abc%' in place: its prefix. False: something else. */
static bool read_prefix(char *pattern)
{
  const size_t n = strlen(pattern);
  if (n < 2 || strpbrk(pattern, "%_") != pattern + n - 1 || pattern[n - 1] != '%') return false;
  pattern[n - 1] = 0;
  return true;
}

/* Constants with a separator between them from i to the end. False: something else stands there. */
static bool read_list(const struct finder *f, size_t i, size_t end, bool list,
                      struct rs_local_condition *x, struct rs_error *e, enum rs_code *rc)
{
  x->v = rs_arena_calloc(f->a, LIST_MAX * sizeof *x->v);
  if (x->v == NULL) *rc = rs_nomem(e);
  while (*rc == RS_OK && x->n < LIST_MAX) {
    bool text;
    const size_t n = read_constant(f, i, end, &text, &x->v[x->n], e, rc);
    if (n == 0 || (x->n > 0 && text != x->texts)) return false;
    x->texts = text;
    x->n++;
    i += n;
    if (i == end) return true;
    if (list ? !is_char(f, i, ',') : !is_word(f, i, "AND")) return false;
    i++;
  }
  return false;
}

/* The condition in [i, end). False: none that is known. */
static bool read_condition(const struct where *w, size_t i, size_t end,
                           struct rs_local_condition *x, struct rs_error *e, enum rs_code *rc)
{
  const struct finder *f = w->f;
  const char *value;
  bool text;
  size_t n = read_column(w, i, end, &x->column);
  if (n == 0) { // constant <op> column
    n = read_constant(f, i, end, &text, &value, e, rc);
    const size_t op = n > 0 ? read_operator(f, i + n, end, &x->how) : 0;
    const size_t column = i + n + op;
    if (op == 0 || read_column(w, column, end, &x->column) != end - column) return false;
    x->how = turned(x->how);
    return read_list(f, i, i + n, true, x, e, rc);
  }
  i += n;
  if (is_word(f, i, "BETWEEN")) {
    x->how = RS_LOCAL_BETWEEN;
    return read_list(f, i + 1, end, false, x, e, rc) && x->n == 2;
  }
  if (is_word(f, i, "IN")) {
    x->how = RS_LOCAL_IN;
    return is_char(f, i + 1, '(') && skip(f, i + 1) == end &&
           read_list(f, i + 2, end - 1, true, x, e, rc);
  }
  if (is_word(f, i, "LIKE")) {
    x->how = RS_LOCAL_PREFIX;
    return read_list(f, i + 1, end, true, x, e, rc) && x->n == 1 && x->texts &&
           read_prefix((char *)(uintptr_t)x->v[0]);
  }
  n = read_operator(f, i, end, &x->how);
  return n > 0 && read_list(f, i + n, end, true, x, e, rc) && x->n == 1;
}

/* ---- WHERE ----------------------------------------------------------------------------------- */

/* Is [i, end) an expression whose ANDs are not within anything else? */
static bool is_conjunction(const struct finder *f, size_t i, size_t end)
{
  static const char *const others[] = {"OR", "CASE", "SELECT", "FROM", "WHERE", "VALUES", NULL};
  for (; i < end; i = skip(f, i))
    if (is_one_of(f, i, others) || is_char(f, i, ',')) return false;
  return true;
}

static enum rs_code add_all(const struct where *w, size_t i, size_t end, int depth,
                            struct rs_error *e);

static enum rs_code add_one(const struct where *w, size_t i, size_t end, int depth,
                            struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (is_char(w->f, i, '(') && skip(w->f, i) == end)
    return depth > 0 ? add_all(w, i + 1, end - 1, depth - 1, e) : RS_OK;
  struct rs_local_condition x = {0}, *own;
  if (!read_condition(w, i, end, &x, e, &rc)) return rc;
  own = rs_arena_calloc(w->f->a, sizeof *own);
  if (own == NULL) return rs_nomem(e);
  *own = x;
  own->next = w->v->conditions;
  w->v->conditions = own;
  return RS_OK;
}

static enum rs_code add_all(const struct where *w, size_t i, size_t end, int depth,
                            struct rs_error *e)
{
  const struct finder *f = w->f;
  size_t start = i, between = 0;
  enum rs_code rc = RS_OK;
  if (!is_conjunction(f, i, end)) return RS_OK;
  for (; i < end && rc == RS_OK; i = skip(f, i)) {
    if (is_word(f, i, "BETWEEN")) between++;
    if (!is_word(f, i, "AND")) continue;
    if (between > 0) {
      between--; // its own
      continue;
    }
    rc = add_one(w, start, i, depth, e);
    start = i + 1;
  }
  return rc == RS_OK ? add_one(w, start, end, depth, e) : rc;
}

/* Words that take, drop or change rows in front of WHERE, or bring a WHERE of their own. */
static bool moves_rows(const struct finder *f)
{
  static const char *const words[] = {"ASOF",        "POSITIONAL",   "TABLESAMPLE",     "SAMPLE",
                                      "PIVOT",       "UNPIVOT",      "MATCH_RECOGNIZE", "CONFLICT",
                                      "PIVOT_WIDER", "PIVOT_LONGER", "DUPLICATE",       NULL};
  for (size_t i = 0; i < f->n; i++)
    if (is_one_of(f, i, words)) return true;
  return false;
}

/* The FROM in front of i, of a SELECT in the same brackets; past the end: none. */
static size_t find_from(const struct finder *f, size_t i)
{
  static const char *const others[] = {"UNION", "EXCEPT", "INTERSECT", "WHERE", "SET", NULL};
  size_t depth = 0, from = f->n;
  while (i-- > 0) {
    if (f->t[i].type == T_CLOSE) depth++;
    else if (f->t[i].type == T_OPEN && depth-- == 0) return f->n;
    if (depth > 0 || f->t[i].type == T_OPEN) continue;
    if (is_word(f, i, "SELECT")) return from;
    if (is_one_of(f, i, others)) return f->n;
    if (is_word(f, i, "FROM") && !is_word(f, before(f, i), "DISTINCT")) {
      if (from < f->n) return f->n;
      from = i;
    }
  }
  return f->n;
}

enum rs_code rs_locals_add_conditions(const struct finder *f, size_t i, size_t parts,
                                      struct rs_local_name *v, struct rs_error *e)
{
  const size_t from = find_from(f, i), p = before(f, i), alias = alias_at(f, i + parts);
  if (from >= f->n || moves_rows(f)) return RS_OK;
  if (p != from && !is_char(f, p, ',') && !is_word(f, p, "JOIN")) return RS_OK;
  const size_t behind = alias < f->n ? alias + 1 : i + parts;
  if (is_char(f, behind, '(')) return RS_OK; // other names for columns
  size_t where = behind;
  while (!is_end(f, where) && !is_word(f, where, "WHERE")) where = skip(f, where);
  if (!is_word(f, where, "WHERE")) return RS_OK;
  size_t end = where + 1;
  while (!is_end(f, end)) end = skip(f, end);
  const struct where w = {.f = f,
                          .v = v,
                          .qualifier = alias < f->n ? name_of(f, alias) : v->table,
                          .alone = p == from && where == behind};
  if (w.qualifier == NULL) return rs_nomem(e);
  enum { NESTED_MAX = 50 };
  return add_all(&w, where + 1, end, NESTED_MAX, e);
}
