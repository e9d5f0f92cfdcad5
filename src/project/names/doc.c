/*
** doc('name'), a name of descriptions alone, as with dbt: in a model it stays undefined.
*/
#include "names.h"
#include "src/project/model/model.h"
#include "src/python/native.h"

/* The node's own package first, then the project, then the others. */
static const struct rs_entry *find_doc(const struct rs_project *p, const char *from,
                                       const char *package, const char *name)
{
  if (package != NULL) return rs_doc_find(p, package, name);
  const struct rs_entry *found = rs_doc_find(p, from, name);
  if (found == NULL) found = rs_doc_find(p, p->name, name);
  for (size_t i = 0; found == NULL && i < p->packages.n; i++)
    found = rs_doc_find(p, p->packages.v[i].key, name);
  return found;
}

NATIVE(rs_names_doc)
{
  struct rs_context *c = ctx;
  if (args->npos < 1 || args->npos > 2 || args->nkw > 0)
    return rs_fail(e, RS_INVALID, "doc() takes at most two arguments (%zu given)",
                   args->npos + args->nkw);
  for (size_t i = 0; i < args->npos; i++)
    if (!jv_is_str(args->pos[i]))
      return rs_fail(e, RS_INVALID, "doc() takes texts, not %s", jv_type_name(args->pos[i]));
  const char *package = args->npos == 2 ? jv_cstr(args->pos[0], NULL) : NULL;
  const char *name = jv_cstr(args->pos[args->npos - 1], NULL);
  const struct rs_entry *x = find_doc(c->project, c->node->package, package, name);
  if (x == NULL)
    return rs_fail(e, RS_NOT_FOUND,
                   "documentation for '%s' depends on doc '%s' %s%s%swhich was not found",
                   c->node->unique_id, name, package != NULL ? "in package '" : "",
                   package != NULL ? package : "", package != NULL ? "' " : "");
  *out = jv_text(j, x->text);
  return RS_OK;
}
