/*
** Scopes of names while a statement is resolved: which relations, columns, aliases and CTEs can be
** meant at a place. Everything lies in the arena.
*/
#ifndef RS_RSQL_SCOPE_H
#define RS_RSQL_SCOPE_H
#include "ast.h"

struct rsql_column {
  const char *name;  /* the engine's */
  const char *field; /* Rockset's (value/field_name.h) */
  struct rsql_type type;
  bool optional; /* a star's, of documents: where it is undefined it is not there */
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
  /* UNNEST of an array of that relation's (unnest.c). Its columns may be that one's, under
  ** names of their own: rs_rsql_unnest_into. */
  struct rsql_source *into;
  unsigned number; /* of such an UNNEST, in the statement */
  /* UNNEST of an array with a sidecar: the elements' ones are asked for, and stand beside them. */
  bool beside;
  struct rsql_rel **unnests; /* of which this is `into`, in their order */
  size_t nunnests;
  bool whole;      /* its row is named as such, and has to have its own columns alone */
  unsigned *slots; /* index + 1 into v by field; made on the first search */
  size_t nslots;
};

/* What a name means that is a field's and an alias of the select list. */
enum rsql_prefer {
  PREFER_FIELD,
  PREFER_ALIAS, /* HAVING, QUALIFY, ORDER BY, outside of the aggregates there */
  PREFER_GROUP  /* GROUP BY: an alias, unless it is an aggregate's */
};

/* Columns and paths by which rows are grouped. */
struct rsql_keys {
  struct rsql_node **v;
  size_t n;
  bool sets; /* a row may be a sum over groups, where a key has no value */
};

struct rsql_scope {
  const struct rsql_scope *parent;
  struct rsql_source **v;
  size_t n, cap;
  struct rsql_source *aliases; /* of the select list; may be NULL */
  const struct rsql_select *select;
  size_t visible; /* so many of its items may be named */
  enum rsql_prefer prefer;
  bool grouped;                 /* its rows are groups, of which no column is known but the keys */
  bool row;                     /* but for an expression that is a key, whose columns are a row's */
  const struct rsql_keys *keys; /* of these those that have sidecars, where all are plain ones */
  bool ordering;                /* ORDER BY of the query, where engines look for aliases first */
  const struct rsql_node *lambda;
};

/* The CTEs of a place, the innermost first. */
struct rsql_ctes {
  const struct rsql_ctes *outer;
  const char *name;
  const struct rsql_source *source;
};

/* The relation whose columns this UNNEST's are, where the engine unnests in a select list; NULL:
** none, it stands in FROM. */
const struct rsql_source *rs_rsql_unnest_into(const struct rsql_source *s);

/* Does the star's EXCEPT name the column? */
bool rs_rsql_is_excepted(const struct rsql_node *star, const char *name);

#define RS_RSQL_COLUMNS_MAX 10000 /* beyond, a relation's columns count as unknown */

/* false: out of memory. More columns than the maximum: s->known is cleared instead. */
bool rs_rsql_source_add(struct rs_arena *a, struct rsql_source *s, const char *name,
                        struct rsql_type type);
/* Position of a field's column, letter case aside; an exact match is preferred. -1: none; -2: out
** of memory. */
long rs_rsql_source_find(struct rs_arena *a, struct rsql_source *s, const char *name);
bool rs_rsql_scope_add(struct rs_arena *a, struct rsql_scope *sc, struct rsql_source *s);
#endif
