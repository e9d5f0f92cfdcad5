/*
** The tokens of a statement, for locals.c, which finds names in it, and locals_where.c, which finds
** what their rows are compared with.
*/
#ifndef RS_SQL_LOCALS_TOKENS_H
#define RS_SQL_LOCALS_TOKENS_H
#include <string.h>
#include "src/base/text.h"
#include "lexer.h"
#include "locals.h"

struct token {
  enum rs_token type;
  size_t at, end;
};

struct finder {
  const char *sql;
  struct rs_lexer x;
  struct rs_arena *a;
  struct token *t; /* the last one is T_END */
  size_t n, cap;
  struct rs_locals *out;
  size_t names_cap;
  const char *prefix;
  bool in_from[RS_SQL_DEPTH_MAX + 1]; /* by depth: a comma stands between relations */
  bool selects[RS_SQL_DEPTH_MAX + 1]; /* SELECT was seen */
};

static inline bool is_name(const struct finder *f, size_t i)
{
  return i < f->n && (f->t[i].type == T_WORD || f->t[i].type == T_QUOTED);
}

static inline bool is_char(const struct finder *f, size_t i, char c)
{
  return i < f->n && f->t[i].type != T_QUOTED && f->t[i].type != T_STRING &&
         f->t[i].end == f->t[i].at + 1 && f->sql[f->t[i].at] == c;
}

static inline bool is_word(const struct finder *f, size_t i, const char *word)
{
  size_t n = strlen(word);
  return i < f->n && f->t[i].type == T_WORD && f->t[i].end - f->t[i].at == n &&
         rs_casecmpn(f->sql + f->t[i].at, word, n) == 0;
}

static inline bool is_one_of(const struct finder *f, size_t i, const char *const *words)
{
  for (; *words != NULL; words++)
    if (is_word(f, i, *words)) return true;
  return false;
}

/* The token before; past the end where there is none. */
static inline size_t before(const struct finder *f, size_t i)
{
  return i > 0 ? i - 1 : f->n;
}

/* A name without its quotes; in the arena. */
static inline char *name_of(const struct finder *f, size_t i)
{
  const struct token *t = &f->t[i];
  char *text = rs_arena_strndup(f->a, f->sql + t->at, t->end - t->at);
  if (text == NULL || t->type == T_WORD) return text;
  const size_t n = strlen(text);
  const char quote = text[0];
  char *to = text;
  for (size_t k = 1; k + 1 < n; k++) {
    *to++ = text[k];
    if (text[k] == quote) k++; // a doubled one
  }
  *to = 0;
  return text;
}

static inline bool same_name(const struct finder *f, size_t i, const char *name)
{
  const char *own = is_name(f, i) ? name_of(f, i) : NULL;
  return own != NULL && rs_casecmp(own, name) == 0;
}

/* The alias of a relation whose name ends in front of i; past the end where there is none. */
static inline size_t alias_at(const struct finder *f, size_t i)
{
  static const char *const ends[] = {
    "ON",     "USING",       "WHERE",  "GROUP", "ORDER",  "LIMIT", "HAVING", "UNION",   "EXCEPT",
    "JOIN",   "INNER",       "LEFT",   "RIGHT", "FULL",   "CROSS", "ASOF",   "QUALIFY", "INTERSECT",
    "WINDOW", "TABLESAMPLE", "OFFSET", "FETCH", "SELECT", "ANTI",  "SEMI",   NULL};
  const size_t alias = is_word(f, i, "AS") ? i + 1 : i;
  return is_name(f, alias) && !is_one_of(f, alias, ends) ? alias : f->n;
}

/* locals_where.c: of the relation v, whose name has so many parts from token i on. */
enum rs_code rs_locals_add_conditions(const struct finder *f, size_t i, size_t parts,
                                      struct rs_local_name *v, struct rs_error *e);
#endif
