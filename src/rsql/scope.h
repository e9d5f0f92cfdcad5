/*
** Scopes of names while a statement is resolved: which relations, columns, aliases and CTEs can be
** meant at a place. Everything lies in the arena.
*/
#ifndef RS_RSQL_SCOPE_H
#define RS_RSQL_SCOPE_H
#include "ast.h"

struct rsql_column {
  const char *name;
  struct rsql_type type;
};

/* A relation of a FROM, a CTE, a select list seen from outside, the aliases of a select list. */
struct rsql_source {
  const char *alias;            /* NULL: none */
  const char *workspace, *name; /* of a collection that may be named by both; else NULL */
  struct rsql_column *v;
  size_t n, cap;
  bool known;            /* it has these columns and no others */
  bool documents;        /* which name what is no column of it, too: it is undefined */
  const char *open_elem; /* UNNEST without an inner alias: the fields of this column are columns */
  unsigned *slots;       /* index + 1 into v by name; made on the first search */
  size_t nslots;
};

/* What a name means that is a field's and an alias of the select list. */
enum rsql_prefer {
  PREFER_FIELD,
  PREFER_ALIAS, /* HAVING, QUALIFY, ORDER BY, outside of the aggregates there */
  PREFER_GROUP  /* GROUP BY: an alias, unless it is an aggregate's */
};

struct rsql_scope {
  const struct rsql_scope *parent;
  struct rsql_source **v;
  size_t n, cap;
  struct rsql_source *aliases; /* of the select list; may be NULL */
  const struct rsql_select *select;
  size_t visible; /* so many of its items may be named */
  enum rsql_prefer prefer;
  bool grouped;  /* its rows are groups, of which no column is known but the keys */
  bool ordering; /* ORDER BY of the query, where engines look for aliases first */
  const struct rsql_node *lambda;
};

/* The CTEs of a place, the innermost first. */
struct rsql_ctes {
  const struct rsql_ctes *outer;
  const char *name;
  const struct rsql_source *source;
};

#define RS_RSQL_COLUMNS_MAX 10000 /* beyond, a relation's columns count as unknown */

/* false: out of memory. More columns than the maximum: s->known is cleared instead. */
bool rs_rsql_source_add(struct rs_arena *a, struct rsql_source *s, const char *name,
                        struct rsql_type type);
/* Position of a column by name, letter case aside; an exact match is preferred. -1: none; -2: out
** of memory. */
long rs_rsql_source_find(struct rs_arena *a, struct rsql_source *s, const char *name);
bool rs_rsql_scope_add(struct rs_arena *a, struct rsql_scope *sc, struct rsql_source *s);
#endif
