/*
** Names of relations as people write them in an argument: 'commons.movies', 'movies' (the profile's
** workspace), '"my ws"."a.b"' where a part holds a dot, a quote or space at an end.
**
** One place parses them, so that every function and module takes the same names, and one writes
** them into SQL.
**
** Pure functions; nothing blocks. Ownership: what is returned lies in the arena.
*/
#ifndef RS_SQL_RELNAME_H
#define RS_SQL_RELNAME_H
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "dialect.h"

/* A relation's name; borrows. `database` is one that the engine reaches beside the target's own:
** one that DuckDB's profile attaches, another catalog of Trino's. NULL: the target's. Only
** materializations, kind and describe go there; nothing is loaded or written row by row. */
struct rs_relation {
  const char *workspace;
  const char *name;
  const char *database;
};

#define RS_NAME_MAX 255 /* bytes of one part of a name */

/*
** Parses `text` ('name' or 'workspace.name'). `workspace` stands in when only a name is given;
** `what` names the caller in errors ("rockset_load"). RS_INVALID: empty or overlong parts, more
** than two parts, an open quote. RS_FORBIDDEN: our own workspace `_rockset`. *out: in the arena.
*/
enum rs_code rs_relation_parse(const char *text, const char *workspace, const char *what,
                               struct rs_arena *arena, struct rs_relation *out, struct rs_error *e);
/* The same for a single part (a workspace): 'commons', '"my ws"'. */
enum rs_code rs_workspace_parse(const char *text, const char *what, struct rs_arena *arena,
                                const char **out, struct rs_error *e);
/* Appends the name as rs_relation_parse reads it back: commons.movies, "my ws"."a.b". */
void rs_relation_text(struct rs_buf *b, const struct rs_relation *rel);
/* "database"."workspace"."name" in SQL, without the parts that are NULL. */
void rs_relation_sql(const struct rs_dialect *d, struct rs_buf *b, const struct rs_relation *rel);
/* Ours and the engines' own, which exist for nobody above the waist; in any case of letters. */
bool rs_workspace_is_hidden(const char *workspace);
/* Whether any part of what may be a name, or a path, is a hidden workspace or one of our stages,
** however its parts are divided, quoted or blanked. */
bool rs_name_is_hidden(const char *text);
bool rs_relation_eq(const struct rs_relation *a, const struct rs_relation *b); /* case matters */
/* What is called so beside the relation: in its workspace and database. Borrows both. */
struct rs_relation rs_relation_beside(const struct rs_relation *rel, const char *name);
#endif
