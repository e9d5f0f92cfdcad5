/*
** The tree of a Rockset SQL statement, shared by the files of src/rsql/ only.
**
** Everything lies in the statement's arena; texts are NUL-terminated and decoded (names and strings
** without their quotes). `pos` is the byte in the statement's text, for errors.
*/
#ifndef RS_RSQL_AST_H
#define RS_RSQL_AST_H
#include "rsql.h"

/* What is known of an expression's type before the engine sees it. */
enum rsql_kind {
  TY_ANY, /* not known */
  TY_NULL,
  TY_INT,
  TY_FLOAT,
  TY_DECIMAL, /* of a column; Rockset has none */
  TY_BOOL,
  TY_STRING,
  TY_BYTES,
  TY_DATE,
  TY_TIME,
  TY_DATETIME,
  TY_TIMESTAMP,
  TY_MONTHS,   /* month_interval */
  TY_MICROS,   /* microsecond_interval */
  TY_INTERVAL, /* one of the two */
  TY_U256,
  TY_LIST,
  TY_STRUCT,
  TY_MAP,
  TY_JSON,
  TY_OTHER /* known, and none of these */
};

struct rsql_type {
  enum rsql_kind kind;
  const char *native; /* the engine's text of a list's, struct's or map's type; may be NULL */
  size_t n;
  bool side; /* of a column or a path into one: a sidecar lies beside it (value/boxed.h) */
};

enum rsql_node_kind {
  N_NULL,
  N_UNDEFINED,
  N_BOOL,     /* op: 0, 1 */
  N_INT,      /* text: digits */
  N_FLOAT,    /* text: as written */
  N_STRING,   /* text */
  N_BYTES,    /* text: hex digits */
  N_TYPED,    /* name 'text'; name in upper case */
  N_INTERVAL, /* v[0]: the number; text: unit; name: the unit behind TO, or NULL */
  N_PARAM,    /* op: index of the parameter */
  N_COLUMN,   /* path; op: leading parts that are relation and column, the rest are fields */
  N_STAR,     /* path in front of the star (maybe none), except; by the resolver text: the name of a
              ** column of objects whose members stand in the row in its place */
  N_CALL,     /* name, v: arguments, call */
  N_CAST,     /* v[0], text: type in upper case, op: enum rsql_cast */
  N_CASE,     /* v: when, then, ... [else]; v[0] the operand when `has`; op: has an ELSE; text: by
              ** resolve_mixed.c, v[2] is the value as a float */
  N_NEGATE,
  N_PLUS,
  N_NOT,
  N_CHAIN,   /* v[0] ops[0] v[1] ops[1] v[2]: operators of one precedence, left to right */
  N_COMPARE, /* v[0] op v[1] */
  N_QUANT,   /* v[0] op text(ALL, ANY) (query) */
  N_BETWEEN, /* v[0..2]; has: NOT */
  N_IN,      /* v[0], v[1..] or query, whose column is `item` where it is known; has: NOT */
  N_LIKE,    /* v[0], v[1], [v[2] escape]; text: LIKE, ILIKE ...; has: NOT */
  N_IS,      /* v[0]; text: NULL, UNDEFINED, TRUE, FALSE; has: NOT */
  N_DISTINCT_FROM,
  N_EXISTS,   /* query */
  N_SUBQUERY, /* query */
  N_ARRAY,
  N_OBJECT, /* v: key, value ... */
  N_ROW,
  N_INDEX,   /* v[0][v[1]] */
  N_SLICE,   /* v[0][v[1]:v[2]]; a bound may be NULL */
  N_FIELD,   /* v[0].text */
  N_AT_ZONE, /* v[0] AT TIME ZONE v[1]; has: v[0] is `_event_time` without a zone, v[1] UTC */
  N_EXTRACT, /* text: part, v[0] */
  N_LAMBDA,  /* path: names, v[0]: body */
  N_NAMED,   /* f(text := v[0]) */
  /* Made by the resolver of values of several types (resolve_mixed.c). */
  N_VIEW,  /* v[0], where it is one of the kinds op, as `type`; else NULL, or (has) the error text,
          ** the name of the value's type and name behind it; name NULL: text alone. v[1..]: where
          ** one of them is null there is no error */
  N_WHOLE, /* v[0], floats with the ints of their sidecar v[1]; or objects or arrays as JSON, where
          ** v[1], the exact JSON, is NULL */
  N_EXACT, /* the exact JSON in the sidecar v[0]; NULL: it has none */
  N_TAG,   /* the sidecar's text of the exact JSON v[0], beside a value of type `of` */
  N_LET,   /* v[0], in which the N_BOUND stand for v[1..]; text: the name of them all */
  N_BOUND  /* v[0] of an N_LET, its op-th; text: as there */
};

/* Kinds of JSON values: a set. Dates, times, bytes and intervals are typed values there, other such
** values count as objects. */
enum {
  RSQL_BOOL = 1,
  RSQL_INT = 2,
  RSQL_FLOAT = 4,
  RSQL_STRING = 8,
  RSQL_ARRAY = 16,
  RSQL_OBJECT = 32,
  RSQL_DATE = 64,
  RSQL_DATETIME = 128,
  RSQL_TIME = 256,
  RSQL_TIMESTAMP = 512,
  RSQL_BYTES = 1024,
  RSQL_MONTHS = 2048,
  RSQL_MICROS = 4096,
  RSQL_LAST = RSQL_MICROS,
  RSQL_KINDS = 13, /* so many */
  RSQL_NUMBER = RSQL_INT | RSQL_FLOAT,
  RSQL_SCALAR = 15,
  RSQL_NESTED = RSQL_ARRAY | RSQL_OBJECT,
  RSQL_MOMENTS = RSQL_DATE | RSQL_DATETIME | RSQL_TIMESTAMP,
  RSQL_TIMES = RSQL_MOMENTS | RSQL_TIME,
  RSQL_INTERVALS = RSQL_MONTHS | RSQL_MICROS,
  RSQL_TYPED = RSQL_TIMES | RSQL_BYTES | RSQL_INTERVALS,
  RSQL_ALL = 2 * RSQL_LAST - 1
};

enum rsql_cast { CAST_PLAIN, CAST_TRY, CAST_STATIC, CAST_TRY_STATIC };

struct rsql_names {
  const char **v;
  size_t n;
};

struct rsql_source;

struct rsql_node {
  enum rsql_node_kind kind;
  int op;
  bool has;
  bool wrapped; /* stood in brackets of its own */
  bool raw;     /* N_COLUMN by the resolver: selected as it is, whatever its type */
  bool boxed;   /* an item by the resolver: what its alias means to the engine is its JSON */
  size_t pos;
  const char *name, *text;
  struct rsql_node **v;
  size_t n;
  const char **path;
  size_t npath;
  struct rsql_type type, of;
  struct rsql_call *call;
  struct rsql_query *query;
  unsigned char *ops;
  struct rsql_names *except;
  /* N_COLUMN by the resolver: the item of the select list that it names by its alias; has: a field
  ** may have that name as well. NULL: it is no alias, or the engine finds it. */
  const struct rsql_node *item;
  /* N_STAR, N_COLUMN by the resolver: the one relation that it is of; NULL: not known, or a star of
  ** a relation whose columns are not known */
  const struct rsql_source *source;
  size_t position; /* the item's, from 1; 0: a star stands in front of it */
};

struct rsql_order {
  struct rsql_node *expr;
  const char *dir, *nulls; /* "ASC", "DESC"; "FIRST", "LAST"; NULL: not written */
};

struct rsql_orders {
  struct rsql_order **v;
  size_t n;
  bool listed; /* by the resolver: nothing but what is selected may stand here */
};

struct rsql_window {
  const char *name; /* OVER name, WINDOW name AS (...) */
  struct rsql_node **partition;
  size_t npartition;
  struct rsql_orders order;
  const char *unit; /* ROWS, RANGE; NULL: no frame */
  struct rsql_bound {
    const char *text; /* "UNBOUNDED PRECEDING", "CURRENT ROW", "PRECEDING", "FOLLOWING" */
    struct rsql_node *expr;
  } from, to; /* to.text NULL: one bound */
};

/* What a call may carry besides its arguments. */
struct rsql_call {
  bool distinct, star, bare;         /* bare: without brackets (CURRENT_DATE) */
  const struct rsql_function *known; /* by the resolver; NULL: goes by its name */
  struct rsql_orders order;
  struct rsql_node *limit, *offset, *filter;
  struct rsql_window *over;
  const char *nulls; /* "IGNORE NULLS" */
  const struct rs_rsql_option *options;
  size_t noptions;
};

struct rsql_item {
  struct rsql_node *expr;
  const char *alias; /* NULL: none */
  const char *made;  /* by the resolver: the name to give an item without one; NULL: its own */
  bool boxed;        /* by the resolver: written as JSON, since its column has other types, too */
  bool optional;     /* by the resolver: as the star's column that it is (scope.h) */
  bool key;          /* by the resolver: an expression that is a group's key by place or alias */
  size_t of;         /* of a sidecar: which item's it is */
  size_t column;     /* by the resolver: its first one of the result, where these are known */
};

enum rsql_rel_kind {
  R_NAME,  /* path; after resolving `collection` or `cte` */
  R_TABLE, /* TABLE(expr ...): v; resolved to a name */
  R_QUERY,
  R_UNNEST, /* v[0] the array, elem, ordinality */
  R_CALL,   /* call: a table function */
  R_NESTED  /* (a JOIN b) */
};

#define RS_RSQL_ELEMENT "rs_e"

struct rsql_rel {
  enum rsql_rel_kind kind;
  size_t pos;
  const char **path;
  size_t npath;
  const struct rs_rsql_collection *collection;
  struct rsql_query *query;
  struct rsql_node **v;
  size_t n;
  struct rsql_node *call;
  struct rsql_from *nested;
  const char *elem, *ordinal; /* UNNEST(a AS elem) WITH ORDINALITY AS ordinal */
  bool ordinality, lateral;
  const char *alias;
  struct rsql_names columns;
  const char *sample; /* BERNOULLI, SYSTEM */
  struct rsql_node *percent;
  const char *made_alias;  /* by the resolver: the alias to give where none is written */
  const char *made_elem;   /* UNNEST without an inner alias: the column that holds the element */
  struct rsql_type type;   /* of UNNEST's array */
  struct rsql_node *exact; /* its exact JSON, and the tag of an element rs_e of it; NULL: none */
  struct rsql_node *tag;
  struct rsql_source *source; /* by the resolver */
  /* A collection by the resolver: its columns that may not be seen here; NULL: none. */
  struct rsql_names *less;
  struct rsql_names *rest;      /* with less: its other columns */
  bool *boxed;                  /* parallel: texts of which the sidecar tells the types */
  const char *workspace, *name; /* the name that path or TABLE(...) stands for */
};

struct rsql_join {
  const char *type; /* "INNER", "LEFT", "CROSS" ... */
  bool natural;
  struct rsql_rel *rel;
  struct rsql_node *on;
  struct rsql_names using;
};

/* One entry of the comma list: a relation and what is joined to it, left to right. */
struct rsql_from {
  struct rsql_rel *rel;
  struct rsql_join **v;
  size_t n;
};

enum rsql_group_kind { G_EXPR, G_ROLLUP, G_CUBE, G_SETS, G_SET };

struct rsql_group {
  enum rsql_group_kind kind;
  struct rsql_node *expr;
  struct rsql_group **v; /* of ROLLUP, CUBE, GROUPING SETS, or of one set ( ... ) */
  size_t n;
};

struct rsql_select {
  size_t pos;
  bool distinct, group_all;
  bool merged; /* by the resolver: DISTINCT, of which groups have become */
  const char *group_quantifier;
  struct rsql_item **items;
  size_t nitems;
  bool listed;              /* by the resolver: a star becomes its columns, where they are known */
  struct rsql_item **sides; /* by the resolver: the sidecars of items, behind them */
  size_t nsides;
  struct rsql_from **from;
  size_t nfrom;
  struct rsql_node *where, *having, *qualify;
  struct rsql_group **group;
  size_t ngroup;
  struct rsql_node **cluster;
  size_t ncluster;
  struct rsql_window **windows;
  size_t nwindows;
};

enum rsql_body_kind { B_SELECT, B_VALUES, B_TABLE, B_QUERY, B_SET };

struct rsql_body {
  enum rsql_body_kind kind;
  size_t pos;
  struct rsql_select *select;
  struct rsql_node **values;
  size_t nvalues;
  struct rsql_rel *table;
  struct rsql_query *query;
  struct rsql_body **v; /* B_SET: v[0] ops[0] v[1] ..., left to right */
  size_t n;
  const char **ops; /* "UNION", "UNION ALL" ... */
  bool boxed;       /* by the resolver: values of several types, which are written as JSON */
  /* By the resolver, of B_SET: rows that are equal count once, whatever their sidecars say; these
  ** are its columns. NULL: it is no such operation, or has no sidecars. */
  const struct rsql_source *merged;
};

struct rsql_cte {
  const char *name;
  struct rsql_names columns;
  struct rsql_query *query;
};

struct rsql_query {
  size_t pos;
  bool recursive;
  struct rsql_cte **with;
  size_t nwith;
  struct rsql_body *body;
  struct rsql_orders order;
  struct rsql_node *limit, *offset;
};

struct rsql_place_of_call {
  const struct rsql_place_of_call *next;
  const char *name;
  size_t pos, n; /* n: its arguments */
};

struct rs_rsql_stmt {
  struct rs_arena *arena;
  const char *text;
  size_t n;
  enum rs_rsql_kind kind;
  struct rsql_query *query;
  struct rsql_rel *target;
  struct rsql_names columns; /* INSERT INTO t(columns) */
  struct rs_rsql_option *options;
  size_t noptions;
  const char *workspace; /* OPTION(default_workspace) */
  const char *explain;   /* "", "ANALYZE" */
  const char **params;
  size_t nparams;
  /* PASS */
  struct rs_rsql_pos reason_at;
  const char *reason, *pass; /* the text, its parameters written $1, $2 ... */
  size_t npass;
  const size_t *pass_order; /* which parameter $1, $2 ... stand for */
  size_t npass_order;
  const struct rsql_place_of_call *calls; /* the last one first */
  /* by the resolver */
  bool resolved;
  const struct rs_rsql_value *values;
  const struct rs_rsql_views *views;
  struct rs_rsql_collection *collections;
  const struct rs_columns **columns_of; /* parallel to collections */
  struct rsql_source *out;              /* of the query */
  bool repeats;                         /* a group's key with a parameter is named by its alias */
  size_t ncollections, collections_cap;
};

/* The place of byte `at`. */
void rs_rsql_place(const char *text, size_t n, size_t at, struct rs_rsql_pos *pos);
/* rs_fail with ` at line L, column C` behind the text; sets *pos (may be NULL). */
enum rs_code rs_rsql_fail(const char *text, size_t n, size_t at, struct rs_rsql_pos *pos,
                          struct rs_error *e, enum rs_code code, const char *fmt, ...)
  __attribute__((format(printf, 7, 8)));
#endif
