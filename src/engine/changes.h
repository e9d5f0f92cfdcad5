/*
** How a target takes rows that come from memory: changes by key (writes/writes.h), and plain rows
** for an ingestion.
**
** rs_session_apply brings a target to the state that the changes tell:
**   - an engine with transactions (engine/sql/changes.c): in the caller's transaction, through
**     temporary stages that hold exactly the rows; nothing of it stays when it fails;
**   - a target of documents (engine/rockset/changes.c): by `_id`, in batches. There is no way back:
**     an error says how many were written and how many were not.
**
** Ownership: everything is borrowed. Threads: `next` may be called on the session's I/O thread,
** while the caller's thread waits.
*/
#ifndef RS_ENGINE_CHANGES_H
#define RS_ENGINE_CHANGES_H
#include "engine.h"
#include "src/writes/writes.h"

/*
** In a transaction of the caller where the target has them. A relation that is no table:
** RS_INVALID; an ADD whose key exists, a change that meets another number of rows than it is to
** meet: RS_CONSTRAINT. *written: changes that are in the target,
** also after an error (0 where the transaction takes them back).
*/
enum rs_code rs_session_apply(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, int64_t *written, struct rs_error *e);

/*
** Keeps the relation from other sessions of this process until rs_session_unlock. Taken before the
** transaction begins in which changes are applied to it: a transaction sees what others have
** committed before it began, so one that waits for the lock only then would not see their keys.
** *lock is NULL where the target has no transactions.
*/
struct rs_sql_lock;
enum rs_code rs_session_lock(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_sql_lock **lock, struct rs_error *e);
void rs_session_unlock(struct rs_sql_lock *lock); /* NULL is fine */

/* ---- rows from memory (engine/input.c) ------------------------------------------------------- */

/* Rows of n values for an ingestion. `next` runs on the session's I/O thread; RS_DONE at the end;
** *row is valid until the next call. */
struct rs_input {
  const char *const *names;
  const enum rs_type *types;
  size_t n;
  enum rs_code (*next)(void *ctx, const struct rs_value **row, struct rs_error *e);
  void *ctx;
  /* Instead of next where it is not NULL (struct rs_changes), for an append. */
  enum rs_code (*next_array)(void *ctx, struct ArrowArray *out, struct rs_error *e);
  /* The arrays' own, for a new table of exactly these types; NULL: that of names and types. */
  const struct ArrowSchema *schema;
  /* To a table that is there and has exactly these columns, of these types, in this order. Values
  ** of RS_T_TIMESTAMP are integers then, microseconds since 1970; of RS_T_DATE texts. */
  bool append;
  /* next_array: a table in the stage's database, in place of the one that is there unless append */
  bool lent;
  const unsigned *mixes; /* of each RS_T_MIXED: RS_MIX_*, of which it is a union; NULL: texts */
};

/* Ingests such rows; stage->workspace NULL: a temporary table of the session. */
enum rs_code rs_session_ingest_input(struct rs_session *s, const struct rs_relation *stage,
                                     const struct rs_input *input, int64_t *count,
                                     struct rs_error *e);

/* ---- rows that are inserted in bulk (engine/sql/bulk.c) -------------------------------------- */

/*
** Rows that are only added, given as Arrow arrays while the caller still makes the next ones: the
** session's transaction is begun and its I/O thread ingests them. It is an optimisation that may
** end at any time (an engine's error, another session that wants the relation, a caller that
** gives nothing for a while): the transaction is then rolled back, and whoever gave the rows sends
** all of them again by rs_session_apply, whose error says what is wrong.
**
** Nothing waits here but rs_bulk_give, where it may, and rs_bulk_end. Between rs_bulk_begin and the
** end the session is good for nothing else. Threads: all are called by the session's owner.
*/
struct rs_bulk;
/* Begins, and is soon over where the file or the relation would have to be waited for, or where the
** rows can't go straight into it. RS_UNSUPPORTED: never on this target. Borrows the texts of rel,
** names and types of c until the end. Returns owned (rs_bulk_close). */
enum rs_code rs_bulk_begin(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_changes *c, struct rs_bulk **out, struct rs_error *e);
/* Takes the array; a NULL: only says whether it would take one. RS_BUSY: not now, and never said
** where it may wait; RS_DONE: never again; RS_CANCELLED: the owner was interrupted meanwhile. */
enum rs_code rs_bulk_give(struct rs_bulk *y, struct ArrowArray *a, bool waits, struct rs_error *e);
/* No more come: waits until all are in the relation, `rows` of them; `checked`: their keys must not
** have been there. After RS_OK the session is free for other work in its transaction; after an
** error only rs_bulk_close is left. */
enum rs_code rs_bulk_end(struct rs_bulk *y, int64_t rows, bool checked, struct rs_error *e);
/* Frees it. Unless it has ended well and was committed: ROLLBACK of all, whatever state it is in,
** for which it waits. NULL is fine. */
void rs_bulk_close(struct rs_bulk *y);
#endif
