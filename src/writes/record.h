/*
** A change as a record of the write queue's log (queue.h): a head (without its second half
** where there is no key), the key, of a patch a byte for each column (bit 0: the value is there,
** bit 1: it is in the patch's mask), the values as value/pack.h has them.
**
** Nothing is owned; nothing blocks.
*/
#ifndef RS_WRITES_RECORD_H
#define RS_WRITES_RECORD_H
#include "src/base/buf.h"
#include "changes.h"

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
