/*
** Rows that are added, replaced, patched and deleted by key: what the writes of a transaction come
** to. engine/changes.h brings a target to that state.
**
** struct rs_changes is a source of changes with at most one for each key; it is read several times.
**
** Ownership: everything is borrowed. Threads: `next` may be called on a session's I/O thread, while
** the caller's thread waits.
*/
#ifndef RS_WRITES_CHANGES_H
#define RS_WRITES_CHANGES_H
#include "src/value/value.h"

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
};
#endif
