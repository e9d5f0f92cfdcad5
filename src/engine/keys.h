/*
** Which column identifies the rows of a relation, as far as that is known.
**
** A column of the name `_id` says nothing by itself: a join brings it along, and then it repeats.
** It is a key only
**   - where the engine keeps it unique and not NULL (rs_session_unique), or
**   - of a collection, which has `_id` and `_event_time` and is no result of a model, when its
**     values are counted: as many as there are rows, and none is NULL, or
**   - of a model's result where the model names it as its unique_key, and the same was found when
**     it was built.
** What a model has built is noted in the target, so that every session knows it (struct rs_model).
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

/* Does the column identify the relation's rows now? */
enum rs_code rs_key_holds(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_column *column, bool *yes, struct rs_error *e);
/* RS_CONSTRAINT unless the column identifies the rows of `from`, a scan that fetches it alone. */
enum rs_code rs_key_check(struct rs_session *s, const struct rs_scan *from, struct rs_error *e);

/* What is noted of a relation that a model has built. */
struct rs_model {
  bool is_result;
  const char *key; /* the column that the model names and that was found to identify; or NULL */
};
extern const struct rs_model rs_no_model; /* a collection that is written by document */
bool rs_session_notes_models(const struct rs_session *s);
enum rs_code rs_session_set_model(struct rs_session *s, const struct rs_relation *rel,
                                  const struct rs_model *m, struct rs_error *e);
#endif
