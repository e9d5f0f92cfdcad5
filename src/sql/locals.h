/*
** Tables of the caller's own database that a statement names, as `sqlite.orders` or
** `sqlite.aux.orders`: which they are, which columns of them it may use, and the same statement
** with other names in their place.
**
** A name counts where a relation stands (behind FROM, JOIN, a comma of FROM ...), and wherever the
** same name is repeated in front of a column. An alias or a CTE called `sqlite` is left alone.
**
** Which columns: every word of the text may be the name of one; where a statement may mean columns
** that it does not name (`*`, a whole row, NATURAL JOIN ...), all of them. So what is found is
** enough, and may be more than is needed.
**
** Which rows: conditions that the WHERE of the relation's own SELECT has between ANDs, where they
** compare a column with constants. What is not surely such a condition is left out.
**
** Pure functions; nothing blocks.
*/
#ifndef RS_SQL_LOCALS_H
#define RS_SQL_LOCALS_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/map.h"
#include "dialect.h"

/* What each row of a relation that counts meets: `column <how> constants`. */
enum rs_local_how {
  RS_LOCAL_EQ,
  RS_LOCAL_LT,
  RS_LOCAL_LE,
  RS_LOCAL_GT,
  RS_LOCAL_GE,
  RS_LOCAL_BETWEEN, /* both ends belong to it */
  RS_LOCAL_IN,
  RS_LOCAL_PREFIX /* the text begins with it */
};
struct rs_local_condition {
  struct rs_local_condition *next;
  const char *column;
  enum rs_local_how how;
  bool texts;     /* else numbers as they are written, of at most 15 digits */
  const char **v; /* the constants */
  size_t n;
};

/* One place in the text. */
struct rs_local_name {
  const char *schema; /* as it is written; NULL: none */
  const char *table;
  size_t at, end; /* bytes of the whole name in the text */
  bool relation;  /* else it stands in front of a column */
  /* Of a relation: rows that don't meet all of them don't change what the statement gives, if the
  ** table is named only once and has such a column. In the arena. */
  struct rs_local_condition *conditions;
};

struct rs_locals {
  struct rs_local_name *v;
  size_t n;
  bool all;            /* columns that are not named may be meant */
  struct rs_map words; /* names in the text, in lower case */
};

/*
** Finds them; texts are in the arena. out->n == 0: none. The caller frees it (rs_locals_free), also
** after an error. RS_INVALID: the text is no statement of that dialect; RS_UNSUPPORTED: it would
** write to one of them, or keep its name in a view or a macro.
*/
enum rs_code rs_locals_find(const char *sql, const struct rs_dialect *d, const char *prefix,
                            struct rs_arena *a, struct rs_locals *out, struct rs_error *e);
void rs_locals_free(struct rs_locals *l);
/* Adds the text to `out` with names[i] (as SQL) in place of v[i]. */
void rs_locals_write(const char *sql, const struct rs_locals *l, const char *const *names,
                     struct rs_buf *out);
#endif
