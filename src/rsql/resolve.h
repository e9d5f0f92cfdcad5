/*
** The resolver's inside, shared by resolve.c (statements, queries, relations), resolve_items.c
** (select lists) and resolve_expr.c (expressions). Functions return false on failure, with r->rc
** set.
*/
#ifndef RS_RSQL_RESOLVE_H
#define RS_RSQL_RESOLVE_H
#include "scope.h"

struct rsql_resolver {
  struct rs_rsql_stmt *s;
  const struct rs_rsql_env *env;
  const char *workspace;
  struct rs_arena *arena;
  struct rs_rsql_pos *pos;
  struct rs_error *e;
  enum rs_code rc;
  unsigned depth;
  bool sides;    /* sidecars may stand in the select list */
  bool grouped;  /* as in the scope; of resolve_mixed.c */
  unsigned lets; /* names given by resolve_mixed.c */
};

/* Where an expression stands. */
struct rsql_place {
  struct rsql_scope *scope;
  const struct rsql_ctes *ctes;
};

bool rs_rsql_resolve_fail(struct rsql_resolver *r, size_t at, enum rs_code code, const char *fmt,
                          ...) __attribute__((format(printf, 4, 5)));
bool rs_rsql_resolve_oom(struct rsql_resolver *r);
void *rs_rsql_resolve_new(struct rsql_resolver *r, size_t n);
/* One level deeper; fails beyond the limit. Pair with r->depth--. */
bool rs_rsql_resolve_enter(struct rsql_resolver *r, size_t at);

/* An empty source; NULL: out of memory. */
struct rsql_source *rs_rsql_resolve_source(struct rsql_resolver *r, const char *alias, bool known);
bool rs_rsql_resolve_column(struct rsql_resolver *r, struct rsql_source *s, const char *name,
                            struct rsql_type type);
/* The sidecars of the source's columns, added to *names, which is made where it is NULL. */
bool rs_rsql_resolve_less(struct rsql_resolver *r, const struct rsql_source *s,
                          struct rsql_names **names);
/* The sidecar of x, a column by itself that has one; NULL when out of memory. */
struct rsql_node *rs_rsql_resolve_side(struct rsql_resolver *r, const struct rsql_node *x);
/* The select list; its columns are added to out (resolve_items.c). */
bool rs_rsql_resolve_items(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_select *s, struct rsql_source *out);

/* Resolves names and finds types; x may become another kind of node. NULL is fine. */
bool rs_rsql_resolve_expr(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_node *x);
/* resolve_mixed.c: a node over JSON values, its operands being resolved, takes them one by one.
** *done: it is another one now, which has its type. An array that may be none, of UNNEST. */
bool rs_rsql_resolve_mixed(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node *x, bool *done);
struct rsql_node *rs_rsql_resolve_array(struct rsql_resolver *r, struct rsql_node *x);
/* Of a node whose operands are resolved (resolve_type.c). */
struct rsql_type rs_rsql_resolve_type(const struct rsql_resolver *r, const struct rsql_node *x);
/* Column k of a set operation's parts up to `part`: c so far, t in that part. Where the types
** differ the items become JSON values; c has the type of them all then. */
void rs_rsql_set_unite(struct rsql_body *b, size_t part, size_t k, struct rsql_column *c,
                       struct rsql_type t);
/* Are the rows of VALUES, of one value each, of several types? */
bool rs_rsql_set_differs(const struct rsql_body *b);
bool rs_rsql_resolve_exprs(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node **v, size_t n);
bool rs_rsql_resolve_orders(struct rsql_resolver *r, const struct rsql_place *at,
                            const struct rsql_orders *o);
bool rs_rsql_resolve_window(struct rsql_resolver *r, const struct rsql_place *at,
                            const struct rsql_window *w);
/* A query inside of an expression or relation. *out (may be NULL): its columns. */
bool rs_rsql_resolve_query(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_query *q, struct rsql_source **out);
/* The text of a string literal or of a parameter whose value is known; *unknown: its value is not.
*/
const char *rs_rsql_resolve_text(struct rsql_resolver *r, const struct rsql_node *x, bool *unknown);
#endif
