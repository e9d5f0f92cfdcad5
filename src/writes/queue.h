/*
** The rows that an open transaction has written and not sent yet: a log of changes with the latest
** one of each key, savepoints, and memory that is bounded by what is asked for plus 16 to 32 bytes
** a key: what is beyond lies in an unlinked temporary file.
**
**   rs_queue_add      a change; it becomes the latest of its key
**   rs_queue_find     the latest change of a key
**   rs_queue_mark     a savepoint begins; rs_queue_rewind goes back to it
**   rs_queue_next     the latest changes in the order in which they came
**
** A change that is added stands for all before of its key: a patch on a row that was added is
** itself an ADD, and so on; who adds it sees to that. A relation without a key has ADDs only.
**
** Ownership: what is added is copied; what a reader gives is borrowed until its next call or the
** next change of the queue. Threads: one at a time. Blocking: file I/O only.
*/
#ifndef RS_WRITES_QUEUE_H
#define RS_WRITES_QUEUE_H
#include "src/arrow/abi.h"
#include "changes.h"

struct rs_queue;
struct rs_queue_reader;

/* memory: bytes of the log that are kept in memory. Returns owned (rs_queue_free). */
enum rs_code rs_queue_new(size_t ncolumns, int key, size_t memory, struct rs_queue **pq,
                          struct rs_error *e);
/* NULL is fine. Readers that share it keep it alive (rs_queue_share). */
void rs_queue_free(struct rs_queue *q);
/* Another owner, who calls rs_queue_free, too: a scan that goes on after COMMIT. Returns q. */
struct rs_queue *rs_queue_share(struct rs_queue *q);
/* Rows of these types, which must be those of the values, are kept by column where they can be:
** plain types. Before the first row. */
enum rs_code rs_queue_by_column(struct rs_queue *q, const enum rs_type *types, struct rs_error *e);
/* Are all of them? With a key: as long as each change is an ADD of a key that is not queued.
** Of NULL: no. */
bool rs_queue_is_by_column(const struct rs_queue *q);

/* RS_IO: the temporary file can't be written; RS_LIMIT: a row beyond 1 GiB. The queue is then as
** before. */
enum rs_code rs_queue_add(struct rs_queue *q, const struct rs_change *c, struct rs_error *e);
/* Records, latest or not; 0: nothing is queued. q may be NULL. */
size_t rs_queue_count(const struct rs_queue *q);
/* Of rows that are kept by column: the first ones that stay as they are while others are added. */
size_t rs_queue_complete(const struct rs_queue *q);
/* Grows with every rewind and clear: places of a reader (rs_queue_at) are then void. */
unsigned rs_queue_era(const struct rs_queue *q);
void rs_queue_clear(struct rs_queue *q);

/* Savepoint `level` (0, 1 ...) begins here. Levels below that were never told begin where the queue
** was empty. False: out of memory. */
bool rs_queue_mark(struct rs_queue *q, int level);
/* How many records a rewind leaves. */
size_t rs_queue_count_at(const struct rs_queue *q, int level);
/* Forgets what came since; unknown levels are at the beginning. */
enum rs_code rs_queue_rewind(struct rs_queue *q, int level, struct rs_error *e);

/* ---- reading --------------------------------------------------------------------------------- */

/* Returns owned (rs_queue_reader_free). Many may read one queue. */
enum rs_code rs_queue_reader_new(struct rs_queue *q, struct rs_queue_reader **pr,
                                 struct rs_error *e);
void rs_queue_reader_free(struct rs_queue_reader *r);
/* RS_DONE: nothing is queued for this key. */
enum rs_code rs_queue_find(struct rs_queue_reader *r, const struct rs_value *key,
                           struct rs_change *out, struct rs_error *e);
/* Is a change of this key queued? */
enum rs_code rs_queue_has(struct rs_queue_reader *r, const struct rs_value *key, bool *has,
                          struct rs_error *e);
void rs_queue_start(struct rs_queue_reader *r);
/* The next latest change, RS_DONE at the end; *place (may be NULL) for rs_queue_at. */
enum rs_code rs_queue_next(struct rs_queue_reader *r, struct rs_change *out, uint64_t *place,
                           struct rs_error *e);
enum rs_code rs_queue_at(struct rs_queue_reader *r, uint64_t place, struct rs_change *out,
                         struct rs_error *e);

/* Of rows that are kept by column: the next ones as an Arrow array, which is to be released before
** the queue changes; RS_DONE at the end. Don't mix with rs_queue_next. */
enum rs_code rs_queue_next_array(struct rs_queue_reader *r, struct ArrowArray *out,
                                 struct rs_error *e);

/* The same of the complete rows: the array may be read, and released, on any thread. */
enum rs_code rs_queue_next_complete(struct rs_queue_reader *r, struct ArrowArray *out,
                                    struct rs_error *e);

/* A hash of a key, equal for equal keys, never 0. */
enum rs_code rs_queue_hash(const struct rs_value *key, uint64_t *hash, struct rs_error *e);
#endif
