/*
** Visits of sources: one reads on a thread of its own what a source's place has that is new, or the
** messages of its topic as they come.
**
** rs_visit_start, and rs_visit_end once it has ended, are the job's (source_runs.c); the others may
** be called meanwhile.
*/
#ifndef RS_SERVER_COLLECTIONS_SOURCE_VISIT_H
#define RS_SERVER_COLLECTIONS_SOURCE_VISIT_H
#include "sources.h"

struct rs_visit;
/* Returns owned (rs_visit_end). RS_NOT_FOUND: the source has gone. */
enum rs_code rs_visit_start(struct rs_backend *b, struct rs_resources *r, struct rs_session *s,
                            const struct rs_source *x, struct rs_visit **pv, struct rs_error *e);
/* The id of its source. */
const char *rs_visit_source(const struct rs_visit *v);
/* Does it last as long as the source? */
bool rs_visit_is_of_topic(const struct rs_visit *v);
/* It is to end soon, whatever it waits for. */
void rs_visit_cancel(struct rs_visit *v);
bool rs_visit_has_ended(const struct rs_visit *v);
/* Waits for its end. An error is of the target; what is wrong with the place is the source's. */
enum rs_code rs_visit_end(struct rs_visit *v, struct rs_error *e);
#endif
