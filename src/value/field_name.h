/*
** Names of fields and of their columns. Names of fields are exact: `a` and `A` are two fields.
** Engines take names of columns that differ only in case for one, and some keep them in lower case.
** A column therefore has its field's name wherever that is enough, and otherwise one with a mark
** behind it, from which the field's name is read again whatever the engine made of its letters:
**
**   A~n1             A, beside a column a. Which letters are capitals: one hexadecimal digit for
**   customerid~n001  four bytes of the name, the lowest bit for the first of them. customerId
**   x~n1~n0          x~n1: a field of that name
**   a~uc384          Ä: the name itself, in hexadecimal, of one with capitals beyond ASCII
**
** Nothing else tells what a column's field is: no catalog and no other column. Pure functions.
*/
#ifndef RS_VALUE_FIELD_NAME_H
#define RS_VALUE_FIELD_NAME_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/buf.h"

struct rs_columns;

/* Has the column another name than its field? */
bool rs_field_is_marked(const char *column);
/* Appends the name of the column's field. */
void rs_field_add(struct rs_buf *b, const char *column);
/* The same; the column's own name where it has no mark. NULL: out of memory. */
const char *rs_field_of(struct rs_arena *a, const char *column);
/* Is it the field's column? */
bool rs_field_is(const char *column, const char *field);
/* Position of the field's column; -1: it has none. */
int rs_columns_field(const struct rs_columns *c, const char *field);

/* Is the field's name no name for a column: would it be read as a marked one, be taken for _id or
** another one that each document has or, where the engine keeps names in lower case (`lower`), come
** back as another one? */
bool rs_field_needs_mark(const char *field, bool lower);
/* The name of the field's column with a mark. NULL: out of memory. */
const char *rs_field_mark(struct rs_arena *a, const char *field);
#endif
