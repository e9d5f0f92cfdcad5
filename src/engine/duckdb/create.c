/*
** Where a statement creates something: `CREATE TABLE x` means the profile's workspace, so that is
** made first where it is missing (instance.c). `CREATE TABLE main.x` says where, a temp
** table lies in none, and an index lies with its table.
*/
#include "src/base/text.h"
#include "duckdb.h"
#include "src/sql/lexer.h"
#include "src/sql/statement.h"

static const char *const apart[] = {"TEMP", "TEMPORARY", "SCHEMA", "INDEX", "SECRET", NULL};
static const char *const kinds[] = {"TABLE", "VIEW", "MACRO", "FUNCTION", "SEQUENCE", "TYPE", NULL};
static const char *const between[] = {"IF", "NOT", "EXISTS", NULL};

bool rs_duckdb_creates_by_name(const struct rs_sqltext *text)
{
  struct rs_lexer x;
  enum rs_token t = T_END;
  bool kind = false;
  if (!rs_eq(text->keyword, "CREATE")) return false;
  if (rs_sqllex_open(&x, text->p, text->n, rs_dialect_find("duckdb"), "statement", NULL) != RS_OK)
    return false;
  while (rs_sqllex_next(&x, &t) == RS_OK && t != T_END) {
    if (kind && t == T_WORD && rs_sqllex_is_any(&x, between)) continue;
    if (kind) break; // the name, or its first part
    if (t != T_WORD || rs_sqllex_is_any(&x, apart)) return false;
    kind = rs_sqllex_is_any(&x, kinds);
  }
  if (!kind || (t != T_WORD && t != T_QUOTED)) return false;
  return rs_sqllex_next(&x, &t) == RS_OK && !(t == T_OTHER && x.p[x.start] == '.');
}
