/*
** Which column identifies the rows of a relation, as far as that is known.
**
** A column of the name `_id` says nothing by itself: a join brings it along, and then it repeats.
** It is a key only
**   - where the engine keeps it unique and not NULL, or
**   - of a collection, which has `_id` and `_event_time` and is no result of a model, when its
**     values are counted: as many as there are rows, and none is NULL, or
**   - of a model's result where the model names it as its unique_key, and the same was found when
**     it was built.
** What a model has built is noted in the target, so that every session knows it.
**
** What was counted may change: whoever writes by a key has the rows counted that it stands for
** (writes/writes.h).
**
** Threads, blocking, errors: as the session functions of engine.h.
*/
#ifndef RS_ENGINE_KEYS_H
#define RS_ENGINE_KEYS_H
#include "src/base/arena.h"
#include "engine.h"
#include "src/pushdown/pushdown.h"

struct rs_key {
  const char *column; /* in the arena; NULL: none is known */
  bool enforced;      /* the engine keeps it unique */
};
/* Of a relation that was described. */
enum rs_code rs_key_find(struct rs_session *s, const struct rs_relation *rel,
                         enum rs_relation_kind kind, const struct rs_columns *columns,
                         struct rs_arena *a, struct rs_key *out, struct rs_error *e);

/* RS_CONSTRAINT unless the column identifies the rows of `from`, a scan that fetches it alone.
** enforced: NULL, or of a table: the engine is asked first whether it keeps the column unique. */
enum rs_code rs_key_check(struct rs_session *s, const struct rs_scan *from, bool *enforced,
                          struct rs_error *e);

/* A model has built the relation: notes that where it is a table with a column `_id`, which would
** be taken for a collection's otherwise. column: the one that the model says identifies its rows,
** noted where that is found to be so; or NULL. RS_NOT_FOUND: there is no such relation. */
enum rs_code rs_key_note(struct rs_session *s, const struct rs_relation *rel, const char *column,
                         struct rs_error *e);
#endif
