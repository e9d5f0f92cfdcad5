/*
** Rows of the caller's own as a collection: what rs_session_load (adapter.h) is for files.
**
**   push.c         the call, types of columns
**   sql_push.c     SQL engines with transactions: a stage in the workspace, then one statement, in
**                  one transaction
**   rockset_load.c documents; the old collection stays until the new one is complete
**
** The rows are read once or, when another transaction was faster, again. Their types are exact: a
** column of RS_T_MIXED becomes a UNION of what `mixes` says (load.h), or JSON's own types.
**
** Ownership: everything is borrowed. Threads: the feed runs on the session's I/O thread while the
** caller's thread waits. Blocking, errors: as rs_session_load.
*/
#ifndef RS_ADAPTER_PUSH_H
#define RS_ADAPTER_PUSH_H
#include "changes.h"

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

/* What engines provide (rs_relation_ops). */
enum rs_code rs_sql_push(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
enum rs_code rs_rockset_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
#endif
