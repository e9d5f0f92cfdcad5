/*
** Ingest transformations (src/rsql/ingest): checked, and run over documents that come in.
**
** Blocks on the session. Texts live in the arenas given.
*/
#ifndef RS_SERVER_QUERY_TRANSFORM_H
#define RS_SERVER_QUERY_TRANSFORM_H
#include "query.h"
#include "src/engine/control.h"
#include "src/rsql/ingest/ingest.h"

/* Is the text a transformation that the target can run? *p says why not, and where. */
enum rs_code rs_transform_check(struct rs_backend *v, struct rs_session *s,
                                const struct rs_identity *who, struct rs_watch *watch,
                                const char *sql, struct rs_problem *p);

/* What a document has become. */
struct rs_transformed {
  const char *json;
  size_t n;
  size_t from; /* the index of the document */
};
struct rs_transform {
  struct rs_backend *backend;
  struct rs_session *s;
  struct rs_watch *watch;
  const char *sql;
  struct rs_arena *a;
  struct rs_transformed *v; /* the results, in no order; rs_free */
  size_t n, cap;
  const struct rs_rollup_item *items; /* of a rollup, whose results are of several documents each:
                                      ** `from` says nothing; NULL: it is none, or nothing ran */
  size_t nitems;
};
/*
** Runs it over the documents: one query of all whose fields have the same types, so that what a
** document becomes does not depend on others. Those whose `_id` the transformation does not give
** keep theirs, `_event_time` likewise. What is no document, or breaks the transformation, has
** status RS_WRITTEN_ERROR and a text afterwards. When a query fails because of a document, halves
** are tried, down to the one. Any other error is the call's.
*/
enum rs_code rs_transform_run(struct rs_transform *x, struct rs_document *docs, size_t n,
                              struct rs_error *e);

/* ---- rollups (rollup.c) ---------------------------------------------------------------------- */

bool rs_transform_is_rollup(const char *sql, struct rs_arena *a);
/*
** Adds the results of a rollup to the documents of the same groups that the collection has; *docs,
** in the arena: those to write in their place. Nobody else may write to it meanwhile.
*/
enum rs_code rs_rollup_merge(struct rs_transform *x, const struct rs_relation *rel,
                             struct rs_document **docs, size_t *n, struct rs_error *e);
#endif
