/*
** What is noted in the target when a model was built (engine/keys.h): that it is a model's result,
** and its unique_key, where that is one column and was found to identify the rows.
**
** Only of results that have a column `_id`, which would be taken for a collection's otherwise.
*/
#include "build.h"
#include "src/engine/keys.h"
#include "src/base/text.h"

enum rs_code rs_model_note(struct rs_session *s, const struct rs_node *n,
                           const struct rs_relation *rel, const char *kind, struct rs_error *e)
{
  struct rs_columns columns = {NULL, 0};
  enum rs_relation_kind there = RS_REL_NONE;
  struct rs_model model = {.is_result = true};
  bool proven = false;
  // another database's relations are no virtual tables
  if (rel->database != NULL || rs_eq(kind, "view") || !rs_session_notes_models(s)) return RS_OK;
  enum rs_code rc = rs_session_describe(s, rel, &columns, &there, e);
  if (rc == RS_NOT_FOUND) { // a materialization of the project's own has built something else
    *e = (struct rs_error){0};
    return RS_OK;
  }
  if (rc == RS_OK && there == RS_REL_TABLE && rs_columns_find(&columns, "_id") >= 0) {
    // a snapshot's unique_key identifies the rows of its source, of which it keeps several states
    int key = n->config.nunique_key == 1 && !rs_eq(kind, "snapshot")
                ? rs_columns_find(&columns, n->config.unique_key[0])
                : -1;
    if (key >= 0) rc = rs_key_holds(s, rel, &columns.v[key], &proven, e);
    if (proven) model.key = columns.v[key].name;
    if (rc == RS_OK) rc = rs_session_set_model(s, rel, &model, e);
  }
  rs_columns_free(&columns);
  return rc;
}
