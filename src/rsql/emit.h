/*
** The emitter's inside, shared by the emit_*.c files. Text goes to w->b; a failure stays in w->rc,
** and the rest is written to no purpose.
*/
#ifndef RS_RSQL_EMIT_H
#define RS_RSQL_EMIT_H
#include "ast.h"
#include "functions.h"
#include "types.h"

#define RS_RSQL_T_MICROS RS_RSQL_T_MICROS_OF("$")

struct rsql_writer {
  struct rs_rsql_stmt *s;
  const struct rs_dialect *d;
  const struct rs_forms *f;
  bool plain; /* a dialect without forms of its own: plain SQL or an error (emit_plain.c) */
  bool inlined;
  struct rs_buf *b;
  struct rs_rsql_pos *pos;
  struct rs_error *e;
  enum rs_code rc;
  unsigned depth;
  bool alike; /* what is written twice must be one text: errors tell no place */
  bool quiet; /* in TRY, which knows no error() */
  const struct rsql_narrowed *narrowed; /* of the query that is written; NULL: it has none */
  const struct rsql_unbound *unbound;   /* the N_LETs around that bind nothing (emit_mixed.c) */
  const struct rsql_group_keys *keys;   /* where a group's columns are written (emit_group.c) */
  /* markers */
  size_t *order, norder, cap;
  size_t *number; /* by parameter: its marker's number, 0 = none yet */
};

/* ---- core (emit.c) --------------------------------------------------------------------------- */

void rs_rsql_write(struct rsql_writer *w, const char *s);
/* Writes a form (sql/forms.h) up to that mark; returns what is behind the mark. */
const char *rs_rsql_write_until(struct rsql_writer *w, const char *form, char mark);
/* Which of two texts is this dialect's, which is not plain. */
const char *rs_rsql_form_of(const struct rsql_writer *w, const char *duckdb, const char *trino);
void rs_rsql_write_name(struct rsql_writer *w, const char *name);
/* a.b.c */
void rs_rsql_write_path(struct rsql_writer *w, const char *const *path, size_t n);
/* (a, b) of names; nothing when there are none. */
void rs_rsql_write_names(struct rsql_writer *w, const struct rsql_names *names);
void rs_rsql_write_fail(struct rsql_writer *w, size_t pos, enum rs_code code, const char *fmt, ...)
  __attribute__((format(printf, 4, 5)));
bool rs_rsql_write_enter(struct rsql_writer *w, size_t pos);
void rs_rsql_write_param(struct rsql_writer *w, const struct rsql_node *x);

/* ---- expressions ----------------------------------------------------------------------------- */

void rs_rsql_write_expr(struct rsql_writer *w, const struct rsql_node *x);
/* In brackets, unless it binds tighter than any operator. */
void rs_rsql_write_operand(struct rsql_writer *w, const struct rsql_node *x);
/* A JSON value as a string ('s') or number ('n') for an operator or function; others as they are.
** enclosed: nothing binds to it. */
void rs_rsql_write_as(struct rsql_writer *w, const struct rsql_node *x, char in, bool enclosed);
/* a, b, c */
void rs_rsql_write_exprs(struct rsql_writer *w, struct rsql_node *const *v, size_t n);
void rs_rsql_write_orders(struct rsql_writer *w, const struct rsql_orders *o); /* with ORDER BY */
/* emit_compare.c: any predicate; l op r, which binds as the operator does; may the engine compare x
** with all of these by itself? */
void rs_rsql_write_predicate(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_comparison(struct rsql_writer *w, const struct rsql_node *l, int op,
                              const struct rsql_node *r);
bool rs_rsql_is_uniform(const struct rsql_node *x, struct rsql_node *const *v, size_t n);
/* explain.c: fails when a row gets there, with that text and the place of byte `pos`; for an engine
** that has w->f->raise */
void rs_rsql_write_raise(struct rsql_writer *w, size_t pos, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
/* The same: text, then what `of` writes of x, then `behind`. */
void rs_rsql_write_raise_of(struct rsql_writer *w, size_t pos, const char *text,
                            void (*of)(struct rsql_writer *w, const struct rsql_node *x),
                            const struct rsql_node *x, const char *behind);
/* emit_path.c: x.f; x[i]; x[from:to]. */
void rs_rsql_write_field(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_index(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_slice(struct rsql_writer *w, const struct rsql_node *x);
/* emit_path.c: function(document, path) of a field of a JSON value; false: x is none. */
bool rs_rsql_write_json_path(struct rsql_writer *w, const char *function,
                             const struct rsql_node *x);
/* emit_boxed.c: a column as it lies there, not its JSON; a UNION (rs_rsql_has_members) as JSON; a
** member of it, which is NULL where the value is another one. */
void rs_rsql_write_stored(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_union(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_member(struct rsql_writer *w, const struct rsql_node *x, const char *name);
/* Such a column as a text; false: it is none, or holds no texts. */
bool rs_rsql_write_union_text(struct rsql_writer *w, const struct rsql_node *x);
/* emit_mixed.c: an order by the keys of a JSON value (false: it is by none); a condition. enclosed:
** nothing binds to it. */
bool rs_rsql_write_order_keys(struct rsql_writer *w, const struct rsql_order *o);
void rs_rsql_write_condition(struct rsql_writer *w, const struct rsql_node *x, bool enclosed);
/* The same where false and NULL are one, by which tables may be joined; x IN (query) of JSON values
** (false: it is of none). */
void rs_rsql_write_filter(struct rsql_writer *w, const struct rsql_node *x);
typedef void rsql_write_operand(struct rsql_writer *w, const struct rsql_node *x, bool enclosed);
/* Does what is written of it raise an error for some values? */
bool rs_rsql_may_fail(const struct rsql_node *x);
/* a AND b AND c, or with OR, each by `write`. An operand that may fail is asked where those in
** front of it leave it open: engines take them in an order of their own. */
void rs_rsql_write_logic(struct rsql_writer *w, const struct rsql_node *x,
                         rsql_write_operand *write);
bool rs_rsql_write_json_in(struct rsql_writer *w, const struct rsql_node *x);
/* emit_boxed.c: a column of texts of which the sidecar tells the types. As JSON; is it of one of
** these kinds (RSQL_ALL: it is no null); as that type, where it is of one of these kinds; the name
** of its type; its text; the keys of a group by it (common: by what equal numbers have in common).
*/
bool rs_rsql_is_boxed(const struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_boxed(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_boxed_test(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds);
void rs_rsql_write_boxed_value(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds,
                               enum rsql_kind type);
/* The text of the array or object that it is; NULL of another value. */
void rs_rsql_write_boxed_nested(struct rsql_writer *w, const struct rsql_node *x, bool array);
void rs_rsql_write_boxed_type(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_boxed_text(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_boxed_key(struct rsql_writer *w, const struct rsql_node *x, bool common);
/* N_EXACT, N_TAG; the JSON of an object or array, by its type alone. */
void rs_rsql_write_exact(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_tag(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_json_type(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_json_of(struct rsql_writer *w, const struct rsql_node *x);
/* emit_view.c: N_VIEW, N_WHOLE, N_LET, N_BOUND; x to be compared with something of that class
** (strict.h): a JSON value of another type gives NULL; two JSON values (false: they are none). */
void rs_rsql_write_view(struct rsql_writer *w, const struct rsql_node *x);
/* Is a JSON value of one of these kinds? NULL or false: it is not. */
void rs_rsql_write_kind_test(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds);
/* A view of numbers of which no JSON need be made; false: it is none. */
bool rs_rsql_write_number(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds);
void rs_rsql_write_whole(struct rsql_writer *w, const struct rsql_node *x);
/* TYPEOF of a column of several types, by its tag; false: it is none. */
bool rs_rsql_write_type_of(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_let(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_bound(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_compared(struct rsql_writer *w, const struct rsql_node *x, int class);
bool rs_rsql_write_json_comparison(struct rsql_writer *w, const struct rsql_node *l,
                                   const char *operator, const struct rsql_node * r);
bool rs_rsql_write_nested_comparison(struct rsql_writer *w, const struct rsql_node *l,
                                     const char *operator, const struct rsql_node * r);
/* One text for equal JSON values, by which an engine joins and groups; NULL of a null. */
void rs_rsql_write_key(struct rsql_writer *w, const struct rsql_node *x);
/* How a value without a JSON form of its own is written in JSON; NULL: it has one (emit_expr.c). */
const char *rs_rsql_wrapped_form(const struct rsql_writer *w, enum rsql_kind kind);
/* How it is cast to a text; NULL: by a plain cast (emit_call.c). */
const char *rs_rsql_text_form(const struct rsql_writer *w, enum rsql_kind kind);
/* emit_literal.c */
void rs_rsql_write_literal(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_interval(struct rsql_writer *w, const struct rsql_node *x);
/* emit_call.c */
void rs_rsql_write_call(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_window(struct rsql_writer *w, const struct rsql_window *o);
void rs_rsql_write_cast(struct rsql_writer *w, const struct rsql_node *x);
/* Is it the operand's `$`? That of a regular expression or JSON path stands beside a quote. */
bool rs_rsql_is_operand(const char *template, const char *c);
/* A form that may name its operand, `$`, more than once. */
void rs_rsql_write_form(struct rsql_writer *w, const char *form, const struct rsql_node *a);
/* What the dialect calls a type; "-": it has none. */
const char *rs_rsql_type_text(const struct rsql_writer *w, const struct rsql_type_name *t);
void rs_rsql_write_extract(struct rsql_writer *w, const struct rsql_node *x);

/* ---- dialects without rows of their own (emit_plain.c) --------------------------------------- */

/* A function's text as in functions.h; "-": there is none. */
const char *rs_rsql_plain_function(const struct rsql_function *f);
/* The dialect's own name of a type; "-": it is none that every engine has. */
const char *rs_rsql_plain_type(const struct rsql_writer *w, enum rsql_kind kind);
void rs_rsql_plain_fail(struct rsql_writer *w, size_t pos, const char *what);
/* Is the node by itself plain SQL? Else the error is set. */
bool rs_rsql_plain_check(struct rsql_writer *w, const struct rsql_node *x);

/* ---- UNNEST (unnest.c) ----------------------------------------------------------------------- */

/* In FROM. */
void rs_rsql_write_unnest(struct rsql_writer *w, const struct rsql_rel *r);
/* The conditions of WHERE that stand beside an unnesting, by relation: behind it DuckDB would
** unnest first, and fail at what the condition leaves out as no array. */
struct rsql_narrowed {
  const struct rsql_node *where;
  const struct rsql_source **into; /* by operand of its AND; NULL: it stays */
};
/* NULL: nothing is unnested that way, or there is no memory (w->rc). */
const struct rsql_narrowed *rs_rsql_narrow(struct rsql_writer *w, const struct rsql_select *s);
/* What goes into that relation; s NULL: what stays. NULL: nothing. */
const struct rsql_node *rs_rsql_narrowed(struct rsql_writer *w, const struct rsql_narrowed *n,
                                         const struct rsql_source *s);
/* Around a relation whose arrays are unnested in a select list. */
void rs_rsql_write_unnested(struct rsql_writer *w, const struct rsql_rel *r);
void rs_rsql_write_unnested_end(struct rsql_writer *w, const struct rsql_rel *r);
/* Is this source an UNNEST that is written there, and not in FROM? NULL: no. */
bool rs_rsql_is_unnested(const struct rsql_writer *w, const struct rsql_source *s);
/* A column of such an UNNEST; false: it is none. What the user calls it; NULL: it is none. */
bool rs_rsql_write_element(struct rsql_writer *w, const struct rsql_node *x);
const char *rs_rsql_element_name(const struct rsql_writer *w, const struct rsql_node *x);
/* The star of such an UNNEST; false: it is none. Does EXCEPT leave nothing of a star? */
bool rs_rsql_write_elements(struct rsql_writer *w, const struct rsql_node *star);
bool rs_rsql_star_is_empty(const struct rsql_node *star);
/* The columns of s that are elements and no columns of its own. s: may be NULL. */
void rs_rsql_write_hidden(struct rsql_writer *w, const struct rsql_source *s,
                          void (*write)(struct rsql_writer *w, const char *name, size_t *written),
                          size_t *written);

/* ---- queries (emit_query.c) ------------------------------------------------------------------ */

void rs_rsql_write_query(struct rsql_writer *w, const struct rsql_query *q);
void rs_rsql_write_body(struct rsql_writer *w, const struct rsql_body *b);
/* In brackets. */
void rs_rsql_write_subquery(struct rsql_writer *w, const struct rsql_query *q);
/* emit_group.c: the keys of GROUP BY; a set operation whose equal rows are merged. */
void rs_rsql_write_groups(struct rsql_writer *w, const struct rsql_select *s,
                          const struct rsql_group_keys *keys, struct rsql_group *const *v,
                          size_t n);
void rs_rsql_write_merged(struct rsql_writer *w, const struct rsql_body *b);
/* The keys of its groups that may have equal ints and floats; NULL: none has. */
const struct rsql_group_keys *rs_rsql_group_keys(struct rsql_writer *w,
                                                 const struct rsql_select *s);
/* Are the rows of such a SELECT DISTINCT merged, too? Then these are its keys. */
bool rs_rsql_merges_distinct(const struct rsql_writer *w, const struct rsql_select *s);
void rs_rsql_write_distinct(struct rsql_writer *w, const struct rsql_select *s,
                            const struct rsql_group_keys *keys);
/* Is it one of w->keys? */
bool rs_rsql_is_group_key(const struct rsql_writer *w, const struct rsql_node *x);
/* Such a key (w->keys), and what a group has of it; false: it is none. */
bool rs_rsql_write_group_key(struct rsql_writer *w, const struct rsql_node *x);
bool rs_rsql_write_group_value(struct rsql_writer *w, const struct rsql_node *x);
/* Are some of w->keys expressions? Then what is written from there on, one of them, becomes what a
** group has of it; and an item of the select list, where it is one. */
bool rs_rsql_has_group_exprs(const struct rsql_writer *w);
void rs_rsql_write_group_expr(struct rsql_writer *w, size_t start);
bool rs_rsql_write_group_item(struct rsql_writer *w, const struct rsql_group_keys *keys,
                              const struct rsql_node *x);
/* What may have equal ints and floats, as what equal ones have in common; false: it may
** not. */
bool rs_rsql_write_common(struct rsql_writer *w, const struct rsql_node *x);
/* The same as one value, NULL of a null, of which different ones are counted. */
bool rs_rsql_write_counted(struct rsql_writer *w, const struct rsql_node *x);
void rs_rsql_write_table_call(struct rsql_writer *w, const struct rsql_node *x);
#endif
