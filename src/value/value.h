/*
** Values and columns as adapters deliver them, and as parameters go down.
**
** The one mapping to SQLite is ext/base/value_sqlite.c; the one mapping from Arrow is
** arrow/arrow.c. An rs_value borrows its bytes: from the rows it came from (until the next
** rs_rows_next), or from the caller for a parameter.
*/
#ifndef RS_VALUE_VALUE_H
#define RS_VALUE_VALUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/error.h"

enum rs_kind {
  RS_NULL,  /* null and undefined; NaN too, since SQLite has none */
  RS_BOOL,  /* i: 0/1 */
  RS_INT,   /* i */
  RS_FLOAT, /* f */
  RS_TEXT,  /* s: UTF-8; dates and times, decimals beyond REAL, too */
  RS_BYTES, /* s */
  RS_JSON,  /* s: an array's or object's JSON text */
  RS_LIST   /* list: parameters only (an IN list); all items of one kind */
};

struct rs_value {
  enum rs_kind kind;
  bool whole; /* RS_TEXT, RS_JSON of rs_rows_get: a NUL follows, and there is none inside */
  uint8_t of; /* of a UNION's column by rs_rows_get: the value's own type (enum rs_type) */
  union {
    int64_t i;
    double f;
    struct {
      const char *p;
      size_t n;
    } s;
    struct {
      const struct rs_value *v;
      size_t n;
    } list;
  };
};

/* What a column holds, as far as it matters above the waist. */
enum rs_type {
  RS_T_BOOL,
  RS_T_INT,     /* any integer that fits 64 bits, signed */
  RS_T_HUGEINT, /* integers beyond (UBIGINT, HUGEINT): INTEGER where it fits, else TEXT */
  RS_T_FLOAT,
  RS_T_DECIMAL, /* REAL (scale 0: INTEGER) where that is exact, else TEXT */
  RS_T_TEXT,
  RS_T_BYTES,
  RS_T_DATE,        /* 2026-11-21 */
  RS_T_TIME,        /* 08:15:30[.123456] */
  RS_T_TIMESTAMP,   /* 2026-11-21 08:15:30[.123456] */
  RS_T_TIMESTAMPTZ, /* the same, in UTC */
  RS_T_UUID,        /* text */
  RS_T_ENUM,        /* text */
  RS_T_JSON,        /* arrays, objects, maps, JSON */
  RS_T_MIXED,       /* scalars of several types: each value is itself */
  RS_T_OTHER        /* as text (intervals, bit strings ...) */
};

/* What lies beside a column, in its sidecar (boxed.h). */
enum rs_side_kind {
  RS_SIDE_NONE,
  RS_SIDE_ODD,  /* values that the column can't hold */
  RS_SIDE_TYPES /* the types of the column's texts, where they stand for other values */
};

struct rs_column {
  char *name;
  char *native; /* the engine's own name of the type: "DECIMAL(18,3)" */
  enum rs_type type;
  enum rs_side_kind side; /* RS_SIDE_NONE is 0 */
};

struct rs_columns {
  struct rs_column *v;
  size_t n;
};

#define RS_ANSWER_COLUMNS_MAX 10000 /* of an answer over HTTP: each costs, and nobody reads more */

/* Adds a column; copies both texts. */
enum rs_code rs_columns_add(struct rs_columns *c, const char *name, size_t n, const char *native,
                            enum rs_type type, struct rs_error *e);
/* Index by exact name, else -1. */
int rs_columns_find(const struct rs_columns *c, const char *name);
void rs_columns_free(struct rs_columns *c);
/* Rockset's name of a column's type: int, string, object ... */
const char *rs_column_rockset_type(const struct rs_column *c);
/* SQLite's order of types: 0 NULL (NaN, too), 1 numbers, 2 texts, 3 blobs. */
int rs_value_class(const struct rs_value *v);
/* < 0, 0 or > 0 in SQLite's order: by type, numbers exactly, texts by their bytes. No lists. */
int rs_value_compare(const struct rs_value *a, const struct rs_value *b);
const char *rs_type_name(enum rs_type t); /* "int", "timestamp" ... */
/* Are all its values texts? */
bool rs_type_is_text(enum rs_type t);
bool rs_type_parse(const char *name, enum rs_type *t);
/*
** Scalars of several types in one field become a UNION of just the types present, its members in
** this order: bool BOOLEAN, int BIGINT, dbl DOUBLE, str VARCHAR. Whatever else is a scalar (dates,
** ...) is text among others. JSON stays where objects or arrays mix with something
** else; as documents they are members arr and obj (engine/documents/mixed.c).
*/
enum {
  RS_MIX_BOOL = 1,
  RS_MIX_INT = 2,
  RS_MIX_DOUBLE = 4,
  RS_MIX_TEXT = 8,
  RS_MIX_NESTED = 16, /* objects, arrays */
  RS_MIX_BYTES = 32   /* blob BLOB: of rows that are lent only */
};
#endif
