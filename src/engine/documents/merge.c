/*
** The rows of a query on their way into a collection (engine/sql/append.c): a stage of them and the
** collection get the same columns. What a column's new type can't tell goes to its sidecar, as with
** documents.
*/
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "src/value/field_name.h"
#include "internal.h"

static bool is_special(const char *name)
{
  return rs_casecmp(name, "_id") == 0 || rs_casecmp(name, "_event_time") == 0 ||
         rs_casecmp(name, "_meta") == 0;
}

/* One column of the stage: its type and the collection's become one. */
static enum rs_code merge_column(struct rs_doc_columns *to, struct rs_doc_columns *stage, size_t i,
                                 struct rs_error *e)
{
  struct rs_doc_column *c = stage->v[i];
  bool has_values = true;
  size_t at;
  const char *field = rs_field_of(to->a, c->name);
  if (field == NULL) return rs_nomem(e);
  const int old = rs_doc_columns_field(to, field);
  if (old >= 0 && rs_eq(to->v[old]->type, c->type)) return RS_OK;
  enum rs_code rc = rs_load_has_values(stage->s, stage->rel, c->name, &has_values, e);
  // nothing but nulls: its type is a guess
  if (rc == RS_OK && !has_values && old >= 0)
    return rs_load_alter(stage->s, stage->rel, c->name, to->v[old]->type, "NULL", e);
  rs_doc_learn_kinds(&c->tree);
  if (rc == RS_OK) rc = rs_doc_columns_fit(to, field, &c->tree, &at, e);
  if (rc == RS_OK && old >= 0) rc = rs_doc_columns_turn(stage, i, &to->v[at]->tree, e);
  return rc;
}

enum rs_code rs_doc_merge(struct rs_session *s, const struct rs_relation *rel,
                          const struct rs_relation *stage, struct rs_arena *a, struct rs_error *e)
{
  struct rs_doc_columns to = {.s = s}, from = {.s = s};
  enum rs_code rc = rs_doc_columns_read(&to, s, rel, a, e);
  if (rc == RS_OK) rc = rs_doc_columns_read(&from, s, stage, a, e);
  const size_t n = from.n; // sidecars come behind
  for (size_t i = 0; i < n && rc == RS_OK; i++)
    if (!from.v[i]->is_side && !is_special(from.v[i]->name)) rc = merge_column(&to, &from, i, e);
  rs_doc_columns_free(&to);
  rs_doc_columns_free(&from);
  return rc;
}
