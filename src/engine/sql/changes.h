/*
** Internal header of writing changes to a SQL engine: what changes.c, which applies them at
** COMMIT, shares with bulk.c, whose rows go before it.
**
** Threads, blocking, errors: as the session functions of engine/engine.h.
*/
#ifndef RS_ENGINE_SQL_CHANGES_H
#define RS_ENGINE_SQL_CHANGES_H
#include "src/base/arena.h"
#include "src/engine/changes.h"

struct rs_dialect;

struct apply {
  const struct rs_changes *c;
  const struct rs_relation *rel; /* a table */
  const struct rs_dialect *dialect;
  const char **natives; /* by column of c: its type in the relation */
  const char **sides;   /* and its sidecar; NULL: it has none, or it is among the changes */
  struct rs_arena a;
  size_t ncolumns; /* of the relation; */
  bool in_order;   /* c's are the first of them, in this order */
  bool is_table;   /* seen in this transaction */
  int64_t adds, replaces, deletes, patches;
  int64_t met;  /* of replaces and deletes: RS_MEETS_ONE */
  bool **masks; /* the different ones */
  size_t nmasks, masks_cap;
};

/* What rel stands for; its texts in x->a. In a transaction a table stays one; the catalog is not
** asked again. */
enum rs_code rs_apply_find(struct rs_session *s, struct apply *x, const struct rs_relation *rel,
                           struct rs_relation *table, struct rs_error *e);
/* The types that the relation has now, into x. */
enum rs_code rs_apply_types(struct rs_session *s, struct apply *x, struct rs_error *e);
/* May the rows go straight into the relation? Its columns must be those of the rows, and it must
** have no key of its own, of which ingestion drops repetitions without a word. */
enum rs_code rs_apply_can_append(struct rs_session *s, const struct apply *x, bool *can,
                                 struct rs_error *e);
enum rs_code rs_apply_count(struct rs_session *s, const struct apply *x, int64_t *n,
                            struct rs_error *e);
#endif
