/*
** The rows of a project as texts: which tables there are, their columns, and what compares, reads
** and writes them. Import and export go through it, so that they know no database;
** ext/models/rows_sqlite.c implements the store over the tables of sql/schema.sql.
**
** Ownership: cells are borrowed, a row's texts from whatever arena made them.
** Threads: called on the owner's thread only. Errors: as everywhere (error.h).
*/
#ifndef RS_PROJECT_MODEL_ROWS_H
#define RS_PROJECT_MODEL_ROWS_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/sha256.h"

#define RS_COLUMNS_MAX 24

enum rs_table_id {
  RS_T_MODEL,
  RS_T_SOURCE,
  RS_T_MACRO,
  RS_T_VAR,
  RS_T_PROJECT,
  RS_T_PACKAGE,
  RS_T_CONFIG,
  RS_T_HOOK,
  RS_T_SEED,
  RS_T_SNAPSHOT,
  RS_T_TEST,
  RS_T_UNIT_TEST,
  RS_T_ANALYSIS,
  RS_T_EXPOSURE,
  RS_T_DOC,
  RS_T_GROUP,
  RS_T_METRIC,
  RS_T_SEMANTIC_MODEL,
  RS_T_SAVED_QUERY,
  RS_T_FILE,
  RS_T_IMPORTED, /* what import remembers; no row of a project */
  RS_TABLES
};

struct rs_table {
  const char *name;           /* rockset_models */
  const char *kind;           /* "model" */
  size_t nkeys;               /* the first columns are the key */
  const char *const *columns; /* up to NULL */
};
extern const struct rs_table rs_tables[RS_TABLES];

struct rs_cell {
  const char *p; /* NULL: the value is NULL */
  size_t n;
};

struct rs_row {
  enum rs_table_id table;
  struct rs_cell v[RS_COLUMNS_MAX];
};

size_t rs_table_columns(enum rs_table_id t);
/* The cell of a column by its name, which must exist. */
struct rs_cell *rs_row_at(struct rs_row *r, const char *column);
/* Its text or NULL. */
const char *rs_row_text(const struct rs_row *r, const char *column);
/* Borrows the text. NULL is NULL. */
void rs_row_set(struct rs_row *r, const char *column, const char *text);
/* The key as a JSON list, in the arena; NULL: out of memory. */
const char *rs_row_key(const struct rs_row *r, struct rs_arena *a);
/* "model shop.orders": what people call it; the package where it is another one. In the arena. */
const char *rs_row_label(const struct rs_row *r, struct rs_arena *a);
/* The cell that is the text of its file or block: sql, csv, text. NULL: the table has none. */
const struct rs_cell *rs_row_body(const struct rs_row *r);
/* Hash of all cells as hexadecimal text: the first half is of the body, the second of the rest. */
enum rs_code rs_row_hash(const struct rs_row *r, char out[2 * RS_SHA256_SIZE + 1],
                         struct rs_error *e);

struct rs_row_store {
  void *ctx;
  /* The row with the key of `key`; its texts are in the arena. */
  enum rs_code (*get)(void *ctx, const struct rs_row *key, struct rs_arena *a, struct rs_row *out,
                      bool *found, struct rs_error *e);
  enum rs_code (*put)(void *ctx, const struct rs_row *r, struct rs_error *e);
  enum rs_code (*remove)(void *ctx, const struct rs_row *key, struct rs_error *e);
  /* Every row in order of its key; texts are borrowed for the call. fn does not write. */
  enum rs_code (*each)(void *ctx, enum rs_table_id t,
                       enum rs_code (*fn)(void *arg, const struct rs_row *r, struct rs_error *e),
                       void *arg, struct rs_error *e);
};
#endif
