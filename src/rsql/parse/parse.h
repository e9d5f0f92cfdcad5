/*
** The parser's inside, shared by the parse_*.c files.
**
** A parse function returns what it read, or NULL with p->rc set (the error is filled then). Lists
** grow in the arena.
*/
#ifndef RS_RSQL_PARSE_H
#define RS_RSQL_PARSE_H
#include "src/base/map.h"
#include "src/rsql/ast.h"
#include "src/rsql/lex.h"

struct rsql_parser {
  struct rsql_lex x;
  struct rsql_token tok; /* the current one */
  struct rs_rsql_stmt *s;
  struct rs_arena *arena;
  struct rs_rsql_pos *pos;
  struct rs_error *e;
  enum rs_code rc;
  unsigned depth;
  struct rs_map params;
  size_t questions; /* `?` so far */
  bool ours;        /* the error is one of Rockset SQL, or the text ends too early: no PASS */
};

struct rsql_list {
  void **v;
  size_t n, cap;
};

/* ---- core (parse.c) -------------------------------------------------------------------------- */

void rs_rsql_advance(struct rsql_parser *p);
struct rsql_token rs_rsql_peek(const struct rsql_parser *p);
bool rs_rsql_at(const struct rsql_parser *p, const char *upper);
bool rs_rsql_at_any(const struct rsql_parser *p, const char *const *words);
bool rs_rsql_at_op(const struct rsql_parser *p, int op);
/* Moves on when it is there. */
bool rs_rsql_take(struct rsql_parser *p, const char *upper);
bool rs_rsql_take_op(struct rsql_parser *p, int op);
/* Fails when it is not there. */
bool rs_rsql_need(struct rsql_parser *p, const char *upper);
bool rs_rsql_need_op(struct rsql_parser *p, int op, const char *what);
/* `unexpected <token>, expected <what>`; returns NULL. */
void *rs_rsql_unexpected(struct rsql_parser *p, const char *what);
void *rs_rsql_wrong(struct rsql_parser *p, size_t at, const char *why);
void *rs_rsql_oom(struct rsql_parser *p);
bool rs_rsql_enter(struct rsql_parser *p);
void rs_rsql_leave(struct rsql_parser *p);
/* Zeroed memory; NULL sets p->rc. */
void *rs_rsql_new(struct rsql_parser *p, size_t n);
bool rs_rsql_push(struct rsql_parser *p, struct rsql_list *l, void *item);
/* The current token as text; in upper case when `upper`. */
const char *rs_rsql_text(struct rsql_parser *p, const struct rsql_token *t, bool upper);
/* Does a name stand here (quoted, or a word that is not reserved)? */
bool rs_rsql_at_name(const struct rsql_parser *p);
/* Could it be an alias without AS? */
bool rs_rsql_at_alias(const struct rsql_parser *p);
const char *rs_rsql_name(struct rsql_parser *p, const char *what);
/* Behind AS any word is a name. */
const char *rs_rsql_any_name(struct rsql_parser *p, const char *what);
/* (a, b, c) */
bool rs_rsql_name_list(struct rsql_parser *p, struct rsql_names *out);
/* a.b.c: stops in front of `.*` */
bool rs_rsql_path(struct rsql_parser *p, const char ***path, size_t *n, const char *what);
/* name [= value], ... of OPTION(...), behind the word; NULL out: skipped (HINT). */
bool rs_rsql_option_list(struct rsql_parser *p, struct rs_rsql_option **out, size_t *n);
bool rs_rsql_skip_hints(struct rsql_parser *p);

/* ---- expressions (parse_expr.c, parse_primary.c, parse_literal.c) ------------------------------
 */

struct rsql_node *rs_rsql_node(struct rsql_parser *p, enum rsql_node_kind kind, size_t pos);
/* A node of 1 to 3 operands (NULL ones end the list). */
struct rsql_node *rs_rsql_node_of(struct rsql_parser *p, enum rsql_node_kind kind, size_t pos,
                                  struct rsql_node *a, struct rsql_node *b, struct rsql_node *c);
struct rsql_node *rs_rsql_expr(struct rsql_parser *p);
/* Without predicates, AND, OR. */
struct rsql_node *rs_rsql_value(struct rsql_parser *p);
/* expr, ... */
bool rs_rsql_exprs(struct rsql_parser *p, struct rsql_node ***v, size_t *n);
struct rsql_node *rs_rsql_primary(struct rsql_parser *p);
struct rsql_node *rs_rsql_call(struct rsql_parser *p, const char *name, size_t pos);
/* ( ... ) behind OVER. */
struct rsql_window *rs_rsql_window(struct rsql_parser *p);
/* The literal that begins here; *is false: none does. */
struct rsql_node *rs_rsql_literal(struct rsql_parser *p, bool *is);
const char *rs_rsql_type(struct rsql_parser *p);

/* ---- queries (parse_query.c, parse_from.c) --------------------------------------------------- */

bool rs_rsql_at_query(const struct rsql_parser *p);
/* Does what stands behind a bracketed query go on with it (UNION, ORDER BY ...)? */
bool rs_rsql_at_query_tail(const struct rsql_parser *p);
struct rsql_query *rs_rsql_query(struct rsql_parser *p);
/* The same, its first part being the bracketed query `first`. */
struct rsql_query *rs_rsql_query_on(struct rsql_parser *p, struct rsql_query *first);
bool rs_rsql_orders(struct rsql_parser *p, struct rsql_orders *out); /* behind ORDER BY */
struct rsql_from *rs_rsql_from(struct rsql_parser *p);
struct rsql_rel *rs_rsql_table_call(struct rsql_parser *p); /* behind TABLE ( */
#endif
