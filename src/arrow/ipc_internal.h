/*
** Parts of the reader of ipc.h: metadata (ipc_schema.c), arrays (ipc_array.c), their checks
** (ipc_check.c).
*/
#ifndef RS_ARROW_IPC_INTERNAL_H
#define RS_ARROW_IPC_INTERNAL_H
#include <stdatomic.h>
#include <stdbool.h>
#include "ipc.h"

/* ---- flatbuffers (ipc_schema.c) -------------------------------------------------------------- */

/* Positions in it are 0 where there is nothing. */
struct rs_flat {
  const uint8_t *p;
  size_t n;
  bool bad; /* something lies outside */
};

size_t rs_flat_root(struct rs_flat *f);
/* A table's field: of n bytes as a number, a table, text or vector. */
int64_t rs_flat_int(struct rs_flat *f, size_t table, unsigned field, unsigned bytes,
                    int64_t otherwise);
size_t rs_flat_ref(struct rs_flat *f, size_t table, unsigned field);
/* *n elements of `size` bytes, at the position returned. */
size_t rs_flat_vector(struct rs_flat *f, size_t table, unsigned field, size_t size, size_t *n);
/* The table that element i of a vector of tables refers to. */
size_t rs_flat_element(struct rs_flat *f, size_t vector, size_t i);
/* The n bytes at p as a number. */
int64_t rs_flat_number(const uint8_t *p, unsigned n);

/* ---- columns --------------------------------------------------------------------------------- */

enum rs_ipc_kind {
  RS_IPC_NULL,
  RS_IPC_BITS,
  RS_IPC_FIXED, /* values of `width` bytes */
  RS_IPC_TIME,  /* of a day, so many units */
  RS_IPC_BYTES, /* offsets of `width` bytes and data */
  RS_IPC_TEXT,
  RS_IPC_BYTE_VIEWS,
  RS_IPC_TEXT_VIEWS,
  RS_IPC_LIST,       /* offsets of `width` bytes */
  RS_IPC_FIXED_LIST, /* of `width` elements */
  RS_IPC_STRUCT
};

struct rs_ipc_field {
  enum rs_ipc_kind kind;
  int64_t width;
  int64_t day; /* RS_IPC_TIME: units a day has */
  const char *name;
  struct rs_ipc_field *children;
  size_t nchildren;
  struct rs_ipc_field *values; /* of a dictionary, whose indices this column then has */
  int64_t dictionary;          /* its id */
  bool is_signed;
};

/* Schema message -> the columns as the children of *root, and as an ArrowSchema. Fields are freed
** with rs_ipc_field_free. */
enum rs_code rs_ipc_schema(struct rs_flat *f, size_t table, struct rs_ipc_field *root,
                           struct ArrowSchema *schema, struct rs_error *e);
void rs_ipc_field_free(struct rs_ipc_field *f);

/* ---- arrays (ipc_array.c) -------------------------------------------------------------------- */

/* Memory that arrays point into. */
struct rs_ipc_body {
  atomic_int refs;
  void **blocks;
  size_t n, cap;
};
void rs_ipc_body_drop(struct rs_ipc_body *b); /* NULL is fine */

struct rs_ipc_dictionary {
  int64_t id;
  struct ArrowArray array;
};

struct rs_ipc_batch {
  struct rs_flat *flat;
  size_t table; /* the RecordBatch */
  struct rs_ipc_body *body;
  const uint8_t *p; /* its bytes, as in the file */
  size_t n;
  const struct rs_ipc_dictionary *dictionaries;
  size_t ndictionaries;
};
/* The batch's rows as a struct array of the fields; n fields have `length` rows each. */
enum rs_code rs_ipc_array(struct rs_ipc_batch *b, const struct rs_ipc_field *root,
                          struct ArrowArray *out, struct rs_error *e);

/* ---- checks (ipc_check.c) -------------------------------------------------------------------- */

struct rs_ipc_buffer {
  const uint8_t *p;
  size_t n;
};
/* Is the array what its field says? buffers: as many as it has. */
enum rs_code rs_ipc_check(const struct rs_ipc_field *f, const struct ArrowArray *array,
                          const struct rs_ipc_buffer *buffers, size_t n, struct rs_error *e);
enum rs_code rs_ipc_damaged(struct rs_error *e, const char *column, const char *what);
#endif
