/*
** Rows that are kept in memory and found by a key: one block of records behind one another, chained
** by the hash of their keys. What cache.c keeps its rows in.
**
** A record: its head, the key's bytes, the row's packed values. Its place is where it begins in the
** block + 1, so that 0 can say "none"; places stay valid when the block grows, pointers into it
** don't. Rows of one key are found in the order in which they came.
**
**   rs_records_add      one record, found from now on
**   rs_records_append   one of many: found after rs_records_link, which is several times faster
**
** Threads: one at a time. False: out of memory, or the block is full.
*/
#ifndef RS_EXT_COLLECTION_RECORDS_H
#define RS_EXT_COLLECTION_RECORDS_H
#include "src/value/value.h"
#include "src/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rs_records {
  struct rs_buf data;
  struct record_chain *slots; /* by hash */
  size_t nslots, n;
};

void rs_records_init(struct rs_records *r);
void rs_records_free(struct rs_records *r);
/* Bytes that they take, and will take once they are linked. */
size_t rs_records_memory(const struct rs_records *r);
/* The least that n rows with so many values, their keys' among them, take. */
size_t rs_records_least(size_t n, size_t values);

/* A row's packed values by its key; with `known`, no row but the word that its key has no more. */
bool rs_records_add(struct rs_records *r, const char *key, size_t nkey, const char *values,
                    size_t n, bool known);
/* key: nkey values; then n values of the row. */
bool rs_records_append(struct rs_records *r, const struct rs_value *const *key, size_t nkey,
                       const struct rs_value *const *values, size_t n);
bool rs_records_link(struct rs_records *r);

/* The first row of the key, or 0. */
uint32_t rs_records_find(const struct rs_records *r, const char *key, size_t nkey);
/* The row behind the one at `at` that has the same key, or 0. */
uint32_t rs_records_next(const struct rs_records *r, uint32_t at, const char *key, size_t nkey);
/* Is it known that the key has no other rows than those that are found? */
bool rs_records_complete(const struct rs_records *r, const char *key, size_t nkey);
/* The packed values of a row. */
const char *rs_records_values(const struct rs_records *r, uint32_t at);
/* Packs a value for a key: what is equal becomes equal bytes. */
void rs_records_key(struct rs_buf *b, const struct rs_value *v);
#endif
