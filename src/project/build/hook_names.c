/*
** What an on-run-end hook sees of the run (build.h): results, schemas, database_schemas.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/python/native.h"
#include "build.h"

/* ---- objects with to_dict() ----------------------------------------------------------------- */

/* A result, or its node: members as attributes, all of them by to_dict(). */
struct record {
  jv dict;
};

static NATIVE(record_to_dict)
{
  *out = ((const struct record *)ctx)->dict;
  return RS_OK;
}

static CLASS_GETATTR(record_getattr)
{
  static const struct rs_method methods[] = {{"to_dict", record_to_dict}};
  const struct record *r = self;
  char *key = rs_arena_strndup(rs_python_arena(j), name, n);
  if (key == NULL) return rs_nomem(e);
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return jv_dict_get(r->dict, key, out) ? RS_OK : RS_NOT_FOUND;
}

static CLASS_GETATTR(result_getattr);

static CLASS_TEXT(record_str)
{
  return jv_repr_to(j, ((const struct record *)self)->dict, b, e);
}

static const struct jv_class node_class = {
  .name = "ParsedNode", .getattr = record_getattr, .str = record_str};
static const struct jv_class result_class = {
  .name = "RunResult", .getattr = result_getattr, .str = record_str};

static jv make_record(struct rs_python *j, const struct jv_class *class, jv dict)
{
  struct record *r = rs_arena_alloc(rs_python_arena(j), sizeof *r);
  if (r == NULL) return jv_undefined();
  r->dict = dict;
  return jv_object(j, class, r);
}

static CLASS_GETATTR(result_getattr)
{
  enum rs_code rc = record_getattr(j, self, name, n, out, e);
  if (rc == RS_OK && rs_eqn("node", name, n)) *out = make_record(j, &node_class, *out);
  return rc;
}

/* ---- results -------------------------------------------------------------------------------- */

jv rs_hook_result(struct rs_context *c, const struct rs_result *r)
{
  jv dict = jv_dict(c->j), response = jv_dict(c->j);
  jv node = rs_names_node(c, c->project->nodes[r->node->index]);
  if (r->compiled != NULL) {
    jv_dict_set(c->j, node, "compiled", jv_bool(true));
    rs_names_put(c, node, "compiled_code", r->compiled);
  }
  rs_names_put(c, dict, "status", rs_result_status(r));
  jv_dict_set(c->j, dict, "node", node);
  rs_names_put(c, dict, "unique_id", r->node->unique_id);
  rs_names_put(c, dict, "message", r->message);
  jv_dict_set(c->j, dict, "failures", r->failures >= 0 ? jv_int(r->failures) : jv_none());
  jv_dict_set(c->j, dict, "execution_time", jv_float(r->ms / 1000.0));
  rs_names_put(c, response, "_message", r->message);
  rs_names_put(c, response, "code", rs_status_failed(r->status) ? "ERROR" : "OK");
  if (r->rows >= 0) jv_dict_set(c->j, response, "rows_affected", jv_int(r->rows));
  jv_dict_set(c->j, dict, "adapter_response", response);
  rs_names_put(c, dict, "thread_id", "Thread-1");
  jv_dict_set(c->j, dict, "timing", jv_list(c->j));
  return make_record(c->j, &result_class, dict);
}

void rs_hook_schema(struct rs_context *c, jv list, bool pairs, const struct rs_result *r)
{
  const struct rs_node *n = r->node;
  bool relational = n->type == RS_NODE_MODEL || n->type == RS_NODE_SEED ||
                    n->type == RS_NODE_SNAPSHOT;
  if (!relational || r->status != RS_STATUS_SUCCESS) return;
  jv pair[2] = {jv_text(c->j, rs_context_database(c)), jv_text(c->j, n->workspace)};
  jv one = pairs ? jv_tuple(c->j, pair, 2) : pair[1];
  for (size_t i = 0; i < jv_len(list); i++)
    if (jv_equal(c->j, jv_item(list, i), one)) return;
  jv_list_add(c->j, list, one);
}
