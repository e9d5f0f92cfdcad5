/*
** Relation locks, for engines and session.c; a caller has rs_session_lock (writes/writes.h).
**
** One session at a time per relation in this process, over all targets of one place: what replaces
** a relation by way of a copy must not lose rows that another session commits meanwhile.
**
** Taken in a transaction of the caller it is held until that ends (commit, rollback, the session's
** close), whatever rs_sql_unlock says, since its rows are not there for others before. The holder
** may take it again. Waiting polls the session's interrupt; as long as the holder works it has no
** end. RS_BUSY: the holder waits for this session in turn, or does nothing in its transaction for
** lock_timeout.
*/
#ifndef RS_ENGINE_LOCK_H
#define RS_ENGINE_LOCK_H
#include "engine.h"

struct rs_sql_lock;
enum rs_code rs_sql_lock(struct rs_session *s, const struct rs_relation *rel,
                         struct rs_sql_lock **lock, struct rs_error *e);
void rs_sql_unlock(struct rs_sql_lock *lock); /* NULL is fine */
/* fn is called when another session waits for a lock that s keeps, maybe several times, on that
** session's thread; it must not block, nor lock. NULL: no more. A session that is `impatient`
** (slots.h) doesn't wait: RS_BUSY. */
void rs_sql_yields(struct rs_session *s, void (*fn)(void *ctx), void *ctx);
/* As if all that is locked were waited for: a relation may have another name now. */
void rs_sql_yield_all(void);
/* The transaction has ended (session.c). */
void rs_sql_unlock_kept(struct rs_session *s);
#endif
