/*
** Where the latest change of each key of a write queue lies: a hash table from the keys' hashes to
** places. The keys themselves lie in the queue, which compares them.
**
** Ownership: places are numbers; nothing is borrowed. Threads: one at a time. Nothing blocks.
*/
#ifndef RS_WRITES_INDEX_H
#define RS_WRITES_INDEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
#endif
