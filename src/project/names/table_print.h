/*
** A query's table as text (table.c): what agate's print_table(), print_csv() and str() give.
**
** Printed lines go where print() goes. Borrows everything for the call.
*/
#ifndef RS_PROJECT_NAMES_TABLE_PRINT_H
#define RS_PROJECT_NAMES_TABLE_PRINT_H
#include "context.h"

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
