/*
** Rows of the target as JSON objects, columns in the result's order. A name that occurs again gets
** _1, _2 ... Integers keep their digits, NaN is null, dates and times are texts, bytes hexadecimal
** text.
*/
#ifndef RS_EXT_BASE_ROW_JSON_H
#define RS_EXT_BASE_ROW_JSON_H
#include "src/engine/engine.h"
#include "src/base/arena.h"
#include "src/base/buf.h"

/* The JSON text in front of each value: `{"a":`, `,"b":` ...; in the arena. max: of one key. */
enum rs_code rs_row_json_keys(const struct rs_columns *columns, size_t max, struct rs_arena *arena,
                              const char ***keys, struct rs_error *e);
/* Appends the current row. */
void rs_row_json_add(struct rs_buf *b, struct rs_rows *rows, const char *const *keys);
#endif
