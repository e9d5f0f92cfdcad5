/*
** Rows of plain types that are only added, kept by column (queue.h). They leave as the Arrow
** arrays they are collected in. What is beyond `memory` lies in a temporary file.
**
** Ownership: rows that are added are copied; what a reader gives is borrowed until its next call
** or the next change. Arrays own a share of their rows. Complete ones may be read, and released, on
** other threads while rows are added; before others are cut off, and before those of the last block
** get more, they must be released. Threads: one at a time. Blocking: file I/O only.
*/
#ifndef RS_WRITES_COLUMNS_H
#define RS_WRITES_COLUMNS_H
#include "src/arrow/arrow.h"

struct rs_write_columns;
struct rs_write_columns_reader;

/* Are the types those that are kept so: booleans, integers, floats, texts, bytes, dates? */
bool rs_write_columns_fit(const enum rs_type *types, size_t n);
/* Returns owned (rs_write_columns_free). */
enum rs_code rs_write_columns_new(const enum rs_type *types, size_t n, size_t memory,
                                  struct rs_write_columns **out, struct rs_error *e);
void rs_write_columns_free(struct rs_write_columns *w);

/* RS_LIMIT: a row beyond 1 GiB. After an error the rows are as before. */
enum rs_code rs_write_columns_add(struct rs_write_columns *w, const struct rs_value *row,
                                  struct rs_error *e);
int64_t rs_write_columns_rows(const struct rs_write_columns *w);
/* The first rows to which none will be added any more: whole blocks. */
int64_t rs_write_columns_complete(const struct rs_write_columns *w);
/* Forgets all but the first rows; of none at all it can't fail. */
enum rs_code rs_write_columns_cut(struct rs_write_columns *w, int64_t rows, struct rs_error *e);

/* Returns owned (rs_write_columns_reader_free), NULL: out of memory. */
struct rs_write_columns_reader *rs_write_columns_reader_new(size_t n);
void rs_write_columns_reader_free(struct rs_write_columns_reader *r);
/* Reads n values of a row that is there. */
enum rs_code rs_write_columns_get(struct rs_write_columns *w, struct rs_write_columns_reader *r,
                                  int64_t row, struct rs_value *out, struct rs_error *e);
/* The rows from *row on (the beginning, or what the call before left there) that lie together;
** RS_DONE: there are none. */
enum rs_code rs_write_columns_array(struct rs_write_columns *w, struct rs_write_columns_reader *r,
                                    int64_t *row, struct ArrowArray *out, struct rs_error *e);
#endif
