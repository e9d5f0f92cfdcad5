/*
** Rows of the caller's own as a collection: what rs_session_load (engine.h) is for files.
**
**   push.c                 the call; rows with `_id` and `_event_time` in front
**   engine/sql/push.c      SQL engines with transactions: a stage in the workspace, then one
**                          statement, in one transaction
**   engine/trino/load.c    a stage that becomes the collection, or is merged into it by one
**                          statement
**   engine/rockset/load.c  documents; the old collection stays until the new one is complete
**
** The rows are read once or, when another transaction was faster, again. Their types are exact: a
** column of RS_T_MIXED becomes a UNION of what `mixes` says (RS_MIX_*), or JSON's own
** types.
**
** Ownership: everything is borrowed. Threads: the input runs on the session's I/O thread while the
** caller's thread waits. Blocking, errors: as rs_session_load.
*/
#ifndef RS_ENGINE_PUSH_H
#define RS_ENGINE_PUSH_H
#include "src/base/arena.h"
#include "changes.h"

enum rs_push_mode {
  RS_PUSH_CREATE,  /* the name must be free */
  RS_PUSH_APPEND,  /* rows are added */
  RS_PUSH_REPLACE, /* the old rows stay readable until the new ones are complete */
  RS_PUSH_UPSERT   /* by `_id`, which the input has: rows of the same one are replaced */
};
/* "create", "append", "replace", "upsert". */
extern const char *const rs_push_modes[];

struct rs_push {
  enum rs_push_mode mode;
  /*
  ** `_id` (text, unique, never NULL) and `_event_time` (RS_T_TEXT, RS_T_INT: microseconds) where
  ** the input has them; else they are made.
  */
  struct rs_input input;
  const unsigned *mixes;     /* of each column: RS_MIX_* of its values where it is RS_T_MIXED */
  void (*rewind)(void *ctx); /* input.ctx */
};

struct rs_pushed {
  int64_t rows;    /* that arrived */
  int64_t updated; /* of them: replaced a row of the same `_id`; -1 unknown */
};

/* RS_EXISTS (create), RS_INVALID (append, upsert) when what stands under the name does not allow
** it; append and upsert make what does not exist. */
enum rs_code rs_session_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
#endif
