/*
** The resolver's inside, shared by resolve.c (statements, queries, relations), resolve_items.c
** (select lists), resolve_star.c, resolve_sides.c (sidecars), resolve_order.c (ORDER BY) and
** resolve_expr.c (expressions). Functions return false on failure, with r->rc set.
*/
#ifndef RS_RSQL_RESOLVE_H
#define RS_RSQL_RESOLVE_H
#include "scope.h"

struct rs_map;

struct rsql_resolver {
  struct rs_rsql_stmt *s;
  const struct rs_rsql_env *env;
  const char *workspace;
  struct rs_arena *arena;
  struct rs_rsql_pos *pos;
  struct rs_error *e;
  enum rs_code rc;
  unsigned depth;
  bool sides;                   /* sidecars may stand in the select list */
  bool grouped;                 /* as in the scope; of resolve_mixed.c */
  const struct rsql_keys *keys; /* of the groups that are asked; NULL: rows are */
  unsigned lets;                /* names given by resolve_mixed.c */
  unsigned unnests;             /* numbers given by unnest.c */
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
/* ---- resolve_sides.c ------------------------------------------------------------------------- */

/* What is seen of a collection alone by position, or in every column, has no sidecars. */
bool rs_rsql_resolve_hide_sides(struct rsql_resolver *r, struct rsql_rel *rel,
                                struct rsql_source *s);
/* The sidecar of x, which has one (rs_rsql_has_side); NULL when out of memory. */
struct rsql_node *rs_rsql_resolve_side(struct rsql_resolver *r, const struct rsql_node *x);
/* INSERT INTO t(a, b): the sidecars of a SELECT's items get the columns' names, too; columns of
** VALUES get sidecars behind them where some value needs one. */
bool rs_rsql_resolve_insert_sides(struct rsql_resolver *r, struct rs_rsql_stmt *s);
bool rs_rsql_resolve_values_sides(struct rsql_resolver *r, struct rs_rsql_stmt *s);
/* A star leaves out the sidecars of what it leaves out; all of them, where there may be none. */
bool rs_rsql_resolve_except_sides(struct rsql_resolver *r, struct rsql_node *star,
                                  struct rsql_source *const *v, size_t n);
/* Are its rows those of its relations? */
bool rs_rsql_resolve_is_plain(const struct rsql_select *s);
/* `<name>~x` */
const char *rs_rsql_side_name(struct rsql_resolver *r, const char *name);
/* The sidecar of item i that is a column by itself, or a NULL of INSERT INTO; its column is the
** last of out. */
bool rs_rsql_resolve_add_side(struct rsql_resolver *r, struct rsql_select *s, size_t i,
                              struct rsql_source *out);

/* ---- resolve_exact.c ------------------------------------------------------------------------- */

/* Is it a column with a sidecar, or a path into one? */
bool rs_rsql_has_side(const struct rsql_node *x);
/* May one of its values be an object or array that an engine has a type for? */
bool rs_rsql_has_parts(const struct rsql_node *x);
/* Notes whether x, a field or element, has one. */
void rs_rsql_note_side(struct rsql_node *x);
/* The exact JSON of x, which has a sidecar and is an object or array; NULL: the column tells it. */
struct rsql_node *rs_rsql_resolve_exact(struct rsql_resolver *r, const struct rsql_node *x);
/* The sidecar's text of that exact JSON, beside a value of that type. */
struct rsql_node *rs_rsql_resolve_tag(struct rsql_resolver *r, struct rsql_node *exact,
                                      struct rsql_type of);
/* Is it a key of groups? */
bool rs_rsql_is_key(const struct rsql_keys *keys, const struct rsql_node *x);
/* The sidecar of a group by that key: that of its rows where all of them have one. */
struct rsql_node *rs_rsql_resolve_group_side(struct rsql_resolver *r, struct rsql_node *key,
                                             struct rsql_node *of);
/* That of a path. */
struct rsql_node *rs_rsql_resolve_path_side(struct rsql_resolver *r, const struct rsql_node *x);

/* Has it a sidecar that can be asked, a row's or (asks_key) that of a group by whose key it is? */
bool rs_rsql_asks_side(const struct rsql_resolver *r, const struct rsql_node *x);
bool rs_rsql_asks_key(const struct rsql_resolver *r, const struct rsql_node *x);
/* What a group's key stands for, which may be an item's position or alias. */
const struct rsql_node *rs_rsql_key_of(const struct rsql_select *s, const struct rsql_node *x);
/* Finds the scope's keys. */
bool rs_rsql_resolve_keys(struct rsql_resolver *r, const struct rsql_place *at,
                          const struct rsql_select *s);
/* Of UNNEST of that array, whose elements get sidecars. */
bool rs_rsql_resolve_elements(struct rsql_resolver *r, struct rsql_rel *rel,
                              const struct rsql_node *array);

/* ---- resolve_star.c -------------------------------------------------------------------------- */

/* The star's columns are added to out. */
bool rs_rsql_resolve_star(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_node *star, struct rsql_source *out);
/* An item that is named explicitly wins over a star's field of that name: rows are objects. */
bool rs_rsql_resolve_yield(struct rsql_resolver *r, const struct rsql_scope *sc,
                           const struct rsql_select *s, struct rsql_node *star);

/* ---- select lists, ORDER BY, expressions ----------------------------------------------------- */

/* ORDER BY of a query; out: its columns (resolve_order.c). */
bool rs_rsql_resolve_query_orders(struct rsql_resolver *r, const struct rsql_place *at,
                                  struct rsql_query *q, const struct rsql_source *out);
/* The select list; its columns are added to out (resolve_items.c). */
bool rs_rsql_resolve_items(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_select *s, struct rsql_source *out);

/* Resolves names and finds types; x may become another kind of node. NULL is fine. */
/* A name (resolve_column.c): the column, field or alias that it means; what is UNDEFINED. */
bool rs_rsql_resolve_name_of(struct rsql_resolver *r, const struct rsql_place *at,
                             struct rsql_node *x);
void rs_rsql_resolve_undefined(struct rsql_node *x);
bool rs_rsql_resolve_expr(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_node *x);
/* resolve_mixed.c: a node over JSON values, its operands being resolved, takes them one by one.
** *done: it is another one now, which has its type. An array that may be none, of UNNEST. */
bool rs_rsql_resolve_mixed(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node *x, bool *done);
struct rsql_node *rs_rsql_resolve_array(struct rsql_resolver *r, struct rsql_node *x);
/* *name, which is one of a result's for that field, becomes one that the engine takes for no other
** of them (resolve_type.c). names: those of the list so far, as the engine folds them. */
bool rs_rsql_resolve_name(struct rsql_resolver *r, struct rs_map *names, const char *field,
                          const char **name);
/* An array that is written out, or one in it, becomes JSON where its ints stand beside floats: an
** engine's list would make floats of them. x has become another one: true. */
bool rs_rsql_type_keep_ints(struct rsql_node *x);
/* Of a node whose operands are resolved (resolve_type.c). */
struct rsql_type rs_rsql_resolve_type(const struct rsql_resolver *r, const struct rsql_node *x);
/* Column k of a set operation's parts up to `part`: c so far, t in that part. Where the types
** differ the items become JSON values; c has the type of them all then. */
void rs_rsql_set_unite(struct rsql_body *b, size_t part, size_t k, struct rsql_column *c,
                       struct rsql_type t);
/* A part with a LIMIT becomes a select of its rows, whose items the others' types may change. */
bool rs_rsql_set_wrap(struct rsql_resolver *r, struct rsql_body *b);
/* May the parts select sidecars? Not where rows are compared: null and undefined, 1 and 1.0 are one
** there. Then the parts, whose columns these are, get the same ones (resolve_set.c). */
bool rs_rsql_set_may_have_sides(const struct rsql_body *b);
/* The SELECT that part i is, maybe in brackets; NULL: it is none. */
struct rsql_select *rs_rsql_set_part(const struct rsql_body *b, size_t i);
bool rs_rsql_set_sides(struct rsql_resolver *r, struct rsql_body *b,
                       struct rsql_source *const *parts, struct rsql_source *out);
/* A select list that is a star alone becomes a list of columns, where these are known. */
bool rs_rsql_set_list(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_select *s);
/* SELECT DISTINCT of plain columns, in which equal values may differ, becomes one of groups. */
bool rs_rsql_set_distinct(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_select *s);
/* GROUP BY ALL becomes keys, where it is known which items are aggregates. */
bool rs_rsql_set_all(struct rsql_resolver *r, struct rsql_select *s);
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
/* unnest.c: of a FROM whose relations are resolved. */
bool rs_rsql_resolve_unnests(struct rsql_resolver *r, struct rsql_select *s);
/* The text of a string literal or of a parameter whose value is known; *unknown: its value is not.
*/
const char *rs_rsql_resolve_text(struct rsql_resolver *r, const struct rsql_node *x, bool *unknown);
#endif
