/*
** What table.c and table_methods.c share; nobody else includes this.
**
** Ownership: everything lies in the arena of the evaluation.
*/
#ifndef RS_PROJECT_NAMES_INTERNAL_H
#define RS_PROJECT_NAMES_INTERNAL_H
#include "names.h"
#include "src/python/native.h"

struct rs_table_rows {
  struct rs_context *c;
  jv names; /* tuple of texts */
  jv rows;  /* list of Row objects, while they come */
  size_t ncols, nrows;
  enum rs_type *types;
  jv *row; /* the same as a list of their own, once all are there */
};

/* Row, Column, the rows and the columns of a table, a group of tables: values, and names of
** these. */
struct rs_table_sequence {
  const struct rs_table_rows *t;
  const char *kind; /* agate's name of it */
  jv names;         /* tuple; none: they have none */
  jv *v;
  size_t n;
  size_t at; /* of a column: its position */
};

/* An empty table; NULL: out of memory. Rows come by rs_table_add, rs_table_end makes the value. */
struct rs_table_rows *rs_table_new(struct rs_context *c, size_t ncols);
void rs_table_add(struct rs_table_rows *t, jv *v);
enum rs_code rs_table_end(struct rs_table_rows *t, jv *out, struct rs_error *e);
/* The cells of a row. */
jv *rs_table_cells(const struct rs_table_rows *t, size_t row);
/* A column's position by name or index; RS_NOT_FOUND names it. */
enum rs_code rs_table_column(const struct rs_table_rows *t, jv key, size_t *at, struct rs_error *e);
/* Values by name, as an object of that kind ("TableSet"). */
jv rs_table_mapping(const struct rs_table_rows *t, const char *kind, jv names, jv *v, size_t n);
/* "Integer", "Number", "Text" ...: agate's name of a column's type. */
const char *rs_table_type_name(enum rs_type type);

/* table_methods.c: rename, where, order_by, group_by, distinct, print_json; values_sorted. */
enum rs_code rs_table_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out);
enum rs_code rs_column_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out);
/* An agate type as an object. */
jv rs_table_type(struct rs_python *j, enum rs_type type);

/* ---- table print ----------------------------------------------------------------------------- */

/*
** A query's table as text (table.c): what agate's print_table(), print_csv() and str() give.
**
** Printed lines go where print() goes. Borrows everything for the call.
*/

struct rs_table_text {
  struct rs_context *c;
  jv names; /* tuple of texts */
  const enum rs_type *types;
  size_t ncols, nrows;
  const void *self;
  jv (*cell)(const void *self, size_t row, size_t col);
};

/* print_table(max_rows=20, max_columns=6, max_column_width=20): gives None. */
enum rs_code rs_table_print(const struct rs_table_text *t, const struct jv_args *args, jv *out,
                            struct rs_error *e);
enum rs_code rs_table_print_csv(const struct rs_table_text *t, const struct jv_args *args, jv *out,
                                struct rs_error *e);
/* Its columns and their types, as a table of Markdown. */
void rs_table_structure(const struct rs_table_text *t, struct rs_buf *b);

#endif
