/*
** What is noted in the target when a model was built (engine/keys.h): that it is a model's result,
** and its unique_key, where that is one column and was found to identify the rows.
*/
#include "build.h"
#include "src/engine/keys.h"
#include "src/base/text.h"

enum rs_code rs_model_note(struct rs_session *s, const struct rs_node *n,
                           const struct rs_relation *rel, const char *kind, bool documents,
                           struct rs_error *e)
{
  if (rs_eq(kind, "view")) return RS_OK;
  // a snapshot's unique_key identifies the rows of its source, of which it keeps several states
  bool named = n->config.nunique_key == 1 && !rs_eq(kind, "snapshot");
  enum rs_code rc = rs_key_note(s, rel,
                                named       ? n->config.unique_key[0]
                                : documents ? "_id"
                                            : NULL,
                                e);
  if (rc != RS_NOT_FOUND) return rc;
  *e = (struct rs_error){0}; // a materialization of the project's own has built something else
  return RS_OK;
}
