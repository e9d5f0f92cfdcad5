/*
** Types: what Rockset's and the engine's names of types mean, and how they are written.
*/
#ifndef RS_RSQL_TYPES_H
#define RS_RSQL_TYPES_H
#include "ast.h"
#include "src/value/rockset_time.h"

/* A name of a type in upper case, as rs_rsql_type reads it. */
struct rsql_type_name {
  const char *name;
  enum rsql_kind kind;
  const char *duckdb, *trino;
};
/* NULL: not one of Rockset's; it goes to the engine as it is. */
const struct rsql_type_name *rs_rsql_type_find(const char *upper);
/* May a literal `name 'text'` be of it? */
bool rs_rsql_type_known(const char *upper);
/* A type from an engine's own text, n bytes ("BIGINT[]", "STRUCT(a INTEGER)"). */
struct rsql_type rs_rsql_type_native(const char *p, size_t n);
/* The type of a column. */
struct rsql_type rs_rsql_type_column(const struct rs_column *c);
/* Is it a UNION, of scalars and maybe an array's and an object's type? Such a column counts as
** JSON. */
bool rs_rsql_type_is_union(struct rsql_type t);
/* Is it a column of texts of which the sidecar tells the types (RS_SIDE_TYPES)? Such a column
** counts as JSON. */
bool rs_rsql_type_is_boxed(struct rsql_type t);
/* Of what is made of a column: JSON by itself where the column was a boxed one or a UNION. */
struct rsql_type rs_rsql_type_json(struct rsql_type t);
bool rs_rsql_type_has_member(struct rsql_type t, const char *name);
/* Of a UNION: its array's or object's type (RSQL_ARRAY, RSQL_OBJECT); TY_ANY: it has none. */
struct rsql_type rs_rsql_type_member(struct rsql_type t, unsigned kind);
/* Is it a UNION whose members an engine reads one by one? */
bool rs_rsql_has_members(const struct rsql_node *x);
/* Of x's field, as rs_rsql_type_field. */
struct rsql_type rs_rsql_field_type(const struct rsql_node *x, const char *name, bool *missing);
/* Which kinds of values a JSON value of that type may have (RSQL_BOOL ...). */
unsigned rs_rsql_type_kinds(struct rsql_type t);
/* The members of a UNION of documents by the bits of their kinds; NULL behind the last. */
extern const char *const rs_rsql_members[];
/* The type of one kind's values (of arrays and objects: JSON); the kind of RSQL_TYPED, 0: none. */
enum rsql_kind rs_rsql_kind_of_bit(unsigned bit);
unsigned rs_rsql_typed_bit(enum rsql_kind k);
/* Of an element; of a field (*found: a struct that is known to have it or not). */
struct rsql_type rs_rsql_type_element(struct rsql_type t);
/* It has neither fields nor elements: they are undefined. */
bool rs_rsql_type_is_scalar(struct rsql_type t);
struct rsql_type rs_rsql_type_field(struct rsql_type t, const char *name, bool *missing);
/* The name that a struct has for that field, letter case aside. */
bool rs_rsql_type_spell(struct rsql_type t, const char *name, struct rs_buf *own);
/* The field of a struct behind *at (0 at first), its name appended: false when there is none. */
bool rs_rsql_type_next(struct rsql_type t, size_t *at, struct rs_buf *name,
                       struct rsql_type *field);
/* The type that both become in a CASE; TY_NULL is any. */
struct rsql_type rs_rsql_type_common(struct rsql_type a, struct rsql_type b);
bool rs_rsql_is_number(enum rsql_kind k);
/* An array, an object, or JSON, which may be one. */
bool rs_rsql_is_nested(enum rsql_kind k);
/* Of TY_DATE, TY_TIME, TY_DATETIME, TY_TIMESTAMP. */
enum rs_time_kind rs_rsql_time_kind(enum rsql_kind k);
#endif
