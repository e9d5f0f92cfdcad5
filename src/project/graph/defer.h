/*
** Deferral, as dbt has it: somebody who builds a few models reads the others where another target
** (production) has them, instead of building all that they need.
**
** dbt finds those names in a manifest of that target; ours come from the same project parsed for
** it.
**
** Threads: before the project is run; `p` is changed. Blocks: asks the engine what is there.
*/
#ifndef RS_PROJECT_GRAPH_DEFER_H
#define RS_PROJECT_GRAPH_DEFER_H
#include "src/engine/engine.h"
#include "src/project/model/project.h"

/*
** Models, seeds and snapshots that selected nodes read, also through ephemeral models, and that are
** not selected themselves get the relation of their counterparts in `other` where the target has
** none of their own; favor: in any case. `other` is the project parsed for the other target; its
** texts are copied.
*/
enum rs_code rs_defer(struct rs_project *p, const struct rs_project *other,
                      struct rs_node *const *selected, size_t n, bool favor,
                      struct rs_session *session, struct rs_error *e);
/* Each of these nodes learns where `other` has it (struct rs_node's clone_of). */
enum rs_code rs_clone_names(struct rs_project *p, const struct rs_project *other,
                            struct rs_node *const *nodes, size_t n, struct rs_error *e);
#endif
