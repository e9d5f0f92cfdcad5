/*
** Values inside of a column's objects and arrays, as an expression of the engine: the one place
** that knows how each dialect takes them out (the rows path_style, json_of, path_text and
** path_types of sql/dialect.h).
**
** Whatever the engine: what is missing, JSON null, or no value of the type is NULL; an object or
** array is JSON text.
**
** Pure text; nothing blocks. Errors are sticky in the buffer.
*/
#ifndef RS_PUSHDOWN_PATH_H
#define RS_PUSHDOWN_PATH_H
#include <stddef.h>
#include "src/base/buf.h"
#include "src/sql/dialect.h"

/* One step into a value: a field, or an element counted from 0. Borrows. */
struct rs_path_step {
  const char *field; /* NULL: an element */
  int index;
};

/* A value inside of a column; borrows. */
struct rs_path {
  const char *relation;   /* its name in the statement, which a column may have, too */
  const char *root;       /* the column */
  enum rs_type root_type; /* its own */
  const struct rs_path_step *steps;
  size_t nsteps;
};

/* Does the dialect know a way? */
bool rs_path_possible(const struct rs_dialect *d);

/* The value as an expression of the type (RS_T_TEXT, RS_T_INT, RS_T_FLOAT, RS_T_BOOL). */
void rs_path_write(const struct rs_dialect *d, const struct rs_path *path, enum rs_type type,
                   struct rs_buf *out);
#endif
