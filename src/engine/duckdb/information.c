/*
** `shop.information_schema.tables`: DuckDB 1.5 has the views of information_schema in its own
** catalog alone, where they list every database. Before, each database had them, and packages of
** dbt write them so. The qualified name is answered by those rows of system.information_schema that
** are the database's.
*/
#include <string.h>
#include <strings.h>
#include "src/base/text.h"
#include "duckdb.h"
#include "src/sql/lexer.h"

static const char schema[] = "information_schema";

/* The column that tells the database; a view that is none of these has none. */
static const struct {
  const char *view, *column;
} views[] = {
  {"tables", "table_catalog"},
  {"columns", "table_catalog"},
  {"views", "table_catalog"},
  {"schemata", "catalog_name"},
  {"key_column_usage", "table_catalog"},
  {"table_constraints", "table_catalog"},
  {"constraint_column_usage", "table_catalog"},
  {"constraint_table_usage", "table_catalog"},
  {"referential_constraints", "constraint_catalog"},
};

/* Words that go on behind a relation without an alias. */
static const char *const clauses[] = {
  "WHERE",     "GROUP",       "ORDER",  "LIMIT",   "OFFSET", "HAVING",     "UNION", "EXCEPT",
  "INTERSECT", "JOIN",        "INNER",  "LEFT",    "RIGHT",  "FULL",       "CROSS", "NATURAL",
  "ON",        "USING",       "WINDOW", "QUALIFY", "ASOF",   "POSITIONAL", "SEMI",  "ANTI",
  "FETCH",     "TABLESAMPLE", "PIVOT",  "UNPIVOT", "FOR",    "SELECT",     NULL};

struct name {
  size_t from, end;
  bool ok;    /* a word or a quoted name */
  bool first; /* behind FROM, JOIN or a comma */
};

/* The name without its quotes, inside of quotes of the other kind. */
static void put_quoted(const struct rs_lexer *x, struct name n, char quote, struct rs_buf *b)
{
  const char *p = x->p + n.from, *end = x->p + n.end;
  bool quoted = *p == '"';
  if (quoted) p++, end--;
  rs_buf_char(b, quote);
  for (; p < end; p++) {
    if (quoted && *p == '"') p++; // "" is one
    if (*p == quote) rs_buf_char(b, quote);
    rs_buf_char(b, *p);
  }
  rs_buf_char(b, quote);
}

static bool is(const struct rs_lexer *x, struct name n, const char *word)
{
  size_t len = n.end - n.from, quotes = x->p[n.from] == '"';
  return n.ok && len == strlen(word) + 2 * quotes &&
         strncasecmp(x->p + n.from + quotes, word, len - 2 * quotes) == 0;
}

/* Reads the next token; its name where it is one. */
static enum rs_code next(struct rs_lexer *x, enum rs_token *t, struct name *n)
{
  enum rs_code rc = rs_sqllex_next(x, t);
  *n = (struct name){x->start, x->i, rc == RS_OK && (*t == T_WORD || *t == T_QUOTED), false};
  return rc;
}

static bool is_char(const struct rs_lexer *x, enum rs_token t, char c)
{
  return t == T_OTHER && x->p[x->start] == c;
}

static void put_view(const struct rs_lexer *x, struct name database, struct name view, bool alias,
                     struct rs_buf *out)
{
  rs_buf_printf(out, "(SELECT * FROM system.%s.", schema);
  put_quoted(x, view, '"', out);
  for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
    if (!is(x, view, views[i].view)) continue;
    rs_buf_printf(out, " WHERE lower(%s) = lower(", views[i].column);
    put_quoted(x, database, '\'', out);
    rs_buf_char(out, ')');
  }
  rs_buf_char(out, ')');
  if (!alias) return;
  rs_buf_str(out, " AS ");
  put_quoted(x, view, '"', out);
}

/* Behind `database.information_schema`: .view, and what follows it. Copies up to the name's end. */
static enum rs_code rewrite_one(struct rs_lexer *x, struct name database, size_t *copied,
                                enum rs_token *t, struct rs_buf *out)
{
  struct name view, after;
  enum rs_code rc = next(x, t, &after);
  if (rc != RS_OK || !is_char(x, *t, '.')) return rc;
  rc = next(x, t, &view);
  if (rc != RS_OK || !view.ok) return rc;
  rc = next(x, t, &after);
  if (rc != RS_OK || is_char(x, *t, '.')) return rc; // a column: its relation has been renamed
  bool named = *t == T_QUOTED || (*t == T_WORD && !rs_sqllex_is_any(x, clauses));
  rs_buf_add(out, x->p + *copied, database.from - *copied);
  put_view(x, database, view, !named, out);
  *copied = view.end;
  return RS_OK;
}

bool rs_duckdb_rewrite(const char *sql, struct rs_buf *out)
{
  struct rs_lexer x;
  struct name last = {0}, now;
  enum rs_token t = T_OTHER;
  size_t copied = 0, len = strlen(sql);
  bool dot = false /* behind `last` */, begins = false;
  if (strcasestr(sql, schema) == NULL) return false;
  enum rs_code rc = rs_sqllex_open(&x, sql, len, rs_dialect_find("duckdb"), "SQL", NULL);
  while (rc == RS_OK && (rc = next(&x, &t, &now)) == RS_OK && t != T_END) {
    now.first = begins;
    begins = rs_sqllex_is(&x, "FROM") || rs_sqllex_is(&x, "JOIN") || is_char(&x, t, ',');
    if (dot && last.first && is(&x, now, schema) && !is(&x, last, "system")) {
      rc = rewrite_one(&x, last, &copied, &t, out);
      if (t == T_END) break;
      now.ok = false;
    }
    bool qualified = dot; // the second of two names is no database
    dot = is_char(&x, t, '.') && last.ok;
    if (!dot) last = now;
    if (qualified) last.ok = false;
  }
  if (rc != RS_OK || copied == 0) return false; // the engine says what is wrong with it
  rs_buf_add(out, sql + copied, len - copied);
  return true;
}
