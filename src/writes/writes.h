/*
** What the writes of a transaction come to, until it is committed.
**
**   struct rs_changes   rows that are added, replaced, patched and deleted by key
**   struct rs_queue     where a transaction keeps them
**
** The extension fills the queue and reads it in its own scans; an engine takes the changes
** (engine/changes.h). Nothing here knows of either.
**
** Memory: bounded by what is asked for; the rest lies in an unlinked temporary file. Threads: a
** queue has one at a time; changes may be read on a session's I/O thread while their owner waits.
** Errors: codes with a text; a call that fails leaves the queue as it was.
*/
#ifndef RS_WRITES_WRITES_H
#define RS_WRITES_WRITES_H
#include "src/value/value.h"
#include "src/arrow/abi.h"

/* ---- changes by key -------------------------------------------------------------------------- */

/*
** Rows that are added, replaced, patched and deleted by key: what the writes of a transaction come
** to. engine/changes.h brings a target to that state.
**
** struct rs_changes is a source of changes with at most one for each key; it is read several times.
**
** Ownership: everything is borrowed. Threads: `next` may be called on a session's I/O thread, while
** the caller's thread waits.
*/

struct ArrowArray;

enum rs_change_kind {
  RS_CHANGE_ADD,     /* a new row: its key must not exist */
  RS_CHANGE_REPLACE, /* a new row, in place of the one with its key if there is one */
  RS_CHANGE_PATCH,   /* some columns of the row with that key */
  RS_CHANGE_DELETE   /* the row with that key */
};

/* How many rows of the key there must be when a REPLACE, PATCH or DELETE is applied. */
enum rs_change_meets {
  RS_MEETS_ANY, /* as many as there are: of a REPLACE that nobody has looked for */
  RS_MEETS_ONE, /* the one that was met in the target: RS_CONSTRAINT, and nothing is written */
  RS_MEETS_NONE /* the row was added by the same transaction: a DELETE of it is not sent */
};

/* One change; valid until the next one is read. Values have the columns' types (value/value.h). */
struct rs_change {
  enum rs_change_kind kind;
  struct rs_value key;        /* keyed relations; of an ADD or REPLACE the row's own */
  const struct rs_value *row; /* one for each column; NULL: DELETE */
  const bool *mask;           /* PATCH: the columns that change, never the key */
  bool whole;                 /* PATCH: row holds the other columns, too */
  enum rs_change_meets meets; /* not of an ADD */
};

enum rs_lend {
  RS_LEND_NONE,
  RS_LEND_ROWS, /* the relation becomes a table of just these rows */
  RS_LEND_MORE  /* it is one, and gets these besides */
};

struct rs_changes {
  const char *const *names;
  const enum rs_type *types;
  size_t n; /* columns */
  int key;  /* its column; -1: there are only ADDs */
  /* > 0: there are only ADDs, this many, whose keys can't exist (none, or made here); 0: who
  ** knows */
  int64_t fresh;
  int64_t adds; /* > 0: there are only ADDs, this many */
  void (*rewind)(void *ctx);
  /* RS_DONE at the end. */
  enum rs_code (*next)(void *ctx, struct rs_change *out, struct rs_error *e);
  /* The rows as Arrow arrays of the types boolean, int64, float64, utf8, binary and date32; NULL:
  ** not of these ADDs. RS_DONE at the end. */
  enum rs_code (*next_array)(void *ctx, struct ArrowArray *out, struct rs_error *e);
  void *ctx;
  /* Rows that go straight into the relation may be refused by a constraint without a word about
  ** which: *refused is set then (NULL: nobody asks), and the same with `by_insert` tells. */
  bool *refused;
  bool by_insert;
  /*
  ** Rows in bulk only, where the target has RS_CAP_LENDS: they are the caller's own, for statements
  ** to read. The relation's database is in memory; it is made when it is missing, and stays until
  ** it is dropped, or the target is closed or opened with other settings.
  */
  enum rs_lend lends;
  const unsigned *mixes; /* of each column: RS_MIX_* where it is RS_T_MIXED */
};

/* ---- the queue ------------------------------------------------------------------------------- */

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

/* Savepoint `level` (0, 1 ...) begins here. Levels below that never came begin where the queue
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
