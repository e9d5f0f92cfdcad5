/*
** What table.c and methods.c share; nobody else includes this.
**
** Ownership: everything lies in the arena of the evaluation.
*/
#ifndef RS_PROJECT_NAMES_TABLE_H
#define RS_PROJECT_NAMES_TABLE_H
#include "context.h"
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

/* methods.c: rename, where, order_by, group_by, distinct, print_json; values_sorted. */
enum rs_code rs_table_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out);
enum rs_code rs_column_method(struct rs_python *j, void *self, const char *name, size_t n, jv *out);
/* An agate type as an object. */
jv rs_table_type(struct rs_python *j, enum rs_type type);
#endif
