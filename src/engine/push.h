/*
** Rows of the caller's own as a collection: what rs_session_load (engine.h) is for files.
**
**   push.c         the call; rows with `_id` and `_event_time` in front
**   engine/sql/push.c     SQL engines with transactions: a stage in the workspace, then one
**   statement, in
**                  one transaction
**   engine/trino/push.c   a stage that becomes the collection, or is merged into it by one
**   statement engine/rockset/load.c documents; the old collection stays until the new one is
**   complete
**
** The rows are read once or, when another transaction was faster, again. Their types are exact: a
** column of RS_T_MIXED becomes a UNION of what `mixes` says (RS_MIX_*), or JSON's own
** types.
**
** Ownership: everything is borrowed. Threads: the feed runs on the session's I/O thread while the
** caller's thread waits. Blocking, errors: as rs_session_load.
*/
#ifndef RS_ENGINE_PUSH_H
#define RS_ENGINE_PUSH_H
#include "src/base/arena.h"
#include "changes.h"

/*
** Scalars of several types in one field become a UNION of just the types present, its members in
** this order: bool BOOLEAN, int BIGINT, dbl DOUBLE, str VARCHAR. Whatever else is a scalar (dates,
** ...) is text among others. JSON stays only where objects or arrays mix with something else.
*/
enum {
  RS_MIX_BOOL = 1,
  RS_MIX_INT = 2,
  RS_MIX_DOUBLE = 4,
  RS_MIX_TEXT = 8,
  RS_MIX_NESTED = 16 /* objects, arrays */
};

enum rs_push_mode {
  RS_PUSH_CREATE,  /* the name must be free */
  RS_PUSH_APPEND,  /* rows are added */
  RS_PUSH_REPLACE, /* the old rows stay readable until the new ones are complete */
  RS_PUSH_UPSERT   /* by `_id`, which the feed has: rows of the same one are replaced */
};
/* "create", "append", "replace", "upsert". */
extern const char *const rs_push_modes[];

struct rs_push {
  enum rs_push_mode mode;
  /*
  ** `_id` (text, unique, never NULL) and `_event_time` (RS_T_TEXT, RS_T_INT: microseconds) where
  ** the feed has them; else they are made.
  */
  struct rs_feed feed;
  const unsigned *mixes;     /* of each column: RS_MIX_* of its values where it is RS_T_MIXED */
  void (*rewind)(void *ctx); /* feed.ctx */
};

struct rs_pushed {
  int64_t rows;    /* that arrived */
  int64_t updated; /* of them: replaced a row of the same `_id`; -1 unknown */
};

/* RS_EXISTS (create), RS_INVALID (append, upsert) when what stands under the name does not allow
** it; append and upsert make what does not exist. */
enum rs_code rs_session_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);

/* ---- for engines whose SQL does not make a collection of rows that lack its columns ---------- */

/*
** The rows with `_id` (made where the feed has none) and `_event_time` (RS_T_TIMESTAMP; now where
** it has none) in front of all others. Borrows the push; lives as long as its arena.
*/
struct rs_push_rows {
  struct rs_feed feed; /* for rs_session_ingest_feed */
  bool has_ids;        /* the feed says what `_id` is */
  const struct rs_feed *from;
  int id, event_time; /* their columns of `from`, or -1 */
  struct rs_value *row;
  char made_id[37], now[40], time[64];
};
enum rs_code rs_push_rows_init(struct rs_push_rows *x, const struct rs_push *push,
                               struct rs_arena *a, struct rs_error *e);
/* May it go to what stands under the name? */
enum rs_code rs_sql_push_refuse(const struct rs_relation *rel, enum rs_relation_kind kind,
                                enum rs_push_mode mode, struct rs_error *e);
/* How many rows of rel those of the stage will replace by `id`, its column there. RS_INVALID: rel
** has no `_id`. */
enum rs_code rs_sql_push_updates(struct rs_session *s, const struct rs_relation *rel,
                                 const struct rs_relation *stage, const char *id, int64_t *n,
                                 struct rs_error *e);

/* What engines provide (rs_relation_ops). */
enum rs_code rs_trino_push(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
enum rs_code rs_sql_push(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
enum rs_code rs_rockset_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
#endif
