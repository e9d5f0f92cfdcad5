/*
** A misspelt column of a local table (internal.h). The engine knows only the columns that were
** sent, so its own proposal may be far off: here the table's real ones are known.
*/
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

/* A shorter word is as near to IN, AS or IS. */
#define SHORTEST 3

static bool has_column(const struct rs_local_table *tables, size_t n, const char *word)
{
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < tables[i].nall; k++)
      if (rs_casecmp(tables[i].all[k].name, word) == 0) return true;
  return false;
}

/* Columns whose names stand in the statement are sent (rs_local_choose). */
static bool is_sent(const struct rs_locals *l, const char *name)
{
  for (size_t i = 0; i < l->words.n; i++)
    if (rs_casecmp(l->words.v[i].key, name) == 0) return true;
  return false;
}

/* The column that stays here and is nearest to the word; NULL: none is near. */
static const char *near_column(const struct rs_locals *l, const struct rs_local_table *t,
                               const char *word)
{
  const char *best = NULL;
  for (size_t i = 0; i < t->nall; i++) {
    const char *two[] = {best, t->all[i].name};
    if (!is_sent(l, t->all[i].name)) best = rs_nearest(word, two, 2);
  }
  return best;
}

/* Does the engine complain about that word? Each one quotes the names that it does not know. What
** the statement quotes itself, behind its message, does not count. */
static bool quotes_word(const char *text, const char *word)
{
  const size_t n = strlen(word);
  const char *stop = strstr(text, " [remote SQL: ");
  for (const char *p = text; *p != 0 && p != stop; p++)
    if ((*p == '"' || *p == '\'' || *p == '`') && rs_casecmpn(p + 1, word, n) == 0 &&
        p[n + 1] == *p)
      return true;
  return false;
}

enum rs_code rs_local_check_words(struct rs_session *s, const struct rs_locals *l,
                                  const struct rs_local_table *tables, const char *sql,
                                  struct rs_error *e)
{
  struct rs_error own = {0};
  bool asked = false;
  for (size_t w = 0; w < l->words.n && !l->all; w++) {
    const char *word = l->words.v[w].key;
    if (strlen(word) < SHORTEST || has_column(tables, l->n, word)) continue;
    for (size_t i = 0; i < l->n; i++) {
      const char *near = near_column(l, &tables[i], word);
      if (near == NULL) continue;
      if (!asked) {
        const struct rs_statement st = {.sql = sql};
        struct rs_columns columns;
        if (rs_session_columns(s, &st, &columns, &own) == RS_OK) {
          rs_columns_free(&columns);
          return RS_OK;
        }
        asked = true;
      }
      if (!quotes_word(own.text, word)) continue;
      if (e != NULL) *e = own;
      rs_error_append(e, ": local table '%s' has a column '%s'", tables[i].name, near);
      return own.code;
    }
  }
  return RS_OK;
}
