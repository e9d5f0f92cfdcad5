/*
** What the files of the queue share: the log of records, the index from keys to them, rows that are
** kept by column, and records as bytes.
*/
#ifndef RS_WRITES_INTERNAL_H
#define RS_WRITES_INTERNAL_H
#include <stdint.h>
#include <stdbool.h>
#include <stddef.h>
#include "src/base/buf.h"
#include "src/arrow/arrow.h"
#include "writes.h"

/* ---- the log (log.c) ------------------------------------------------------------------------- */

/*
** The bytes of a write queue's log (writes.h): appended, cut, read at any place. Of them
** `memory` bytes are kept in memory, the first ones lie in an unlinked temporary file beyond that.
**
** Ownership: bytes that are added are copied; what is read is borrowed until the reader's next
** call, or until the log changes. Threads: one at a time. Blocking: file I/O only.
*/

struct rs_write_log {
  size_t memory;
  struct rs_buf tail; /* what is in memory: all from `flushed` on */
  uint64_t flushed;
  int fd;       /* -1: no file yet */
  unsigned era; /* of the file: what lies at a place changes with it */
};

/* Begins as zeros; keeps a piece of the file. */
struct rs_write_log_reader {
  char *chunk;
  size_t cap, n;
  uint64_t at;
  unsigned era;
};

void rs_write_log_init(struct rs_write_log *g, size_t memory);
/* Empty again, and nothing is owned. */
void rs_write_log_clear(struct rs_write_log *g);
void rs_write_log_reader_free(struct rs_write_log_reader *r);

uint64_t rs_write_log_end(const struct rs_write_log *g);
/* RS_IO: the file can't be written. After an error the log is as before. */
enum rs_code rs_write_log_add(struct rs_write_log *g, const struct rs_buf *b, struct rs_error *e);
/* Forgets what comes from `end` on. */
void rs_write_log_cut(struct rs_write_log *g, uint64_t end);
/* n bytes that lie at a place, all of them in one that was added. */
enum rs_code rs_write_log_read(const struct rs_write_log *g, struct rs_write_log_reader *r,
                               uint64_t at, size_t n, const char **out, struct rs_error *e);

/* ---- the index (index.c) --------------------------------------------------------------------- */

/*
** Where the latest change of each key of a write queue lies: a hash table from the keys' hashes to
** places. The keys themselves lie in the queue, which compares them.
**
** Ownership: places are numbers; nothing is borrowed. Threads: one at a time. Nothing blocks.
*/

struct rs_index_slot {
  uint64_t hash; /* 0: free, and the last one of its chain */
  uint64_t at;   /* place + 1 of the latest change; 0: none any more */
};

/* Begins as zeros. */
struct rs_index {
  struct rs_index_slot *slots;
  size_t n, used; /* n: a power of two or 0 */
};

void rs_index_clear(struct rs_index *ix);
/* Room for one more key; slots may move. False: out of memory. */
bool rs_index_reserve(struct rs_index *ix);
/* The slots of keys with this hash, that are or were there, one after the other: *i begins as the
** hash. NULL: no more; then *i is where a new one would go, until the next rs_index_reserve. */
struct rs_index_slot *rs_index_next(const struct rs_index *ix, uint64_t hash, size_t *i);
/* Takes a slot for a key, one that rs_index_next gave or the free one behind them. */
void rs_index_set(struct rs_index *ix, struct rs_index_slot *slot, uint64_t hash, uint64_t at);
/* Is the change at a place the latest of its key? */
bool rs_index_has(const struct rs_index *ix, uint64_t hash, uint64_t place);

/* ---- rows by column (columns.c) -------------------------------------------------------------- */

/*
** Rows of plain types that are only added, kept by column (writes.h). They leave as the Arrow
** arrays they are collected in. What is beyond `memory` lies in a temporary file.
**
** Ownership: rows that are added are copied; what a reader gives is borrowed until its next call
** or the next change. Arrays own a share of their rows. Complete ones may be read, and released, on
** other threads while rows are added; before others are cut off, and before those of the last block
** get more, they must be released. Threads: one at a time. Blocking: file I/O only.
*/

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

/* ---- records (record.c) ---------------------------------------------------------------------- */

/*
** A change as a record of the write queue's log (writes.h): a head (without its second half
** where there is no key), the key, of a patch a byte for each column (bit 0: the value is there,
** bit 1: it is in the patch's mask), the values as value/pack.h has them.
**
** Nothing is owned; nothing blocks.
*/

struct rs_record_head {
  uint32_t size; /* of the whole record */
  uint32_t nkey;
  uint8_t kind, whole, meets;
  uint64_t before; /* place + 1 of the record of the same key before; 0: none */
  uint64_t hash;
};

size_t rs_record_head_size(bool keyed);
/* In place of what the buffer holds; sets h->size. `key`: h->nkey packed bytes. */
void rs_record_encode(const struct rs_change *c, const char *key, struct rs_record_head *h,
                      size_t ncolumns, bool keyed, struct rs_buf *b);
/* `row` and `mask` have ncolumns and become those of *out; values are borrowed from the record. */
void rs_record_decode(const char *record, size_t ncolumns, bool keyed,
                      const struct rs_record_head *h, struct rs_value *row, bool *mask,
                      struct rs_change *out);
#endif
