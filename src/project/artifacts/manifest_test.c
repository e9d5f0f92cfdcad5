/*
** What only data tests have in manifest.json (artifacts.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "artifacts.h"
#include "src/project/model/model.h"

enum rs_code rs_item_stores(const struct rs_item *it, bool *stores, struct rs_error *e)
{
  struct rs_python_options none = {0};
  jv said, all, v;
  *stores = false;
  if (it->type != RS_NODE_TEST || !it->enabled || it->bad != NULL || !it->is_node) return RS_OK;
  struct rs_python *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  enum rs_code rc = jv_from_json(j, it->config, strlen(it->config), &said, e);
  if (rc == RS_OK) rc = rs_config_document(j, it->type, said, &all, e);
  *stores = rc == RS_OK && jv_dict_get(all, "store_failures", &v) && jv_truth(j, v);
  rs_jinja_free(j);
  return rc;
}

/* `key="text"` or `key=` and what Python's str() gives, as dbt writes a call of config(). */
static void put_argument(struct rs_python *j, const char *key, jv v, bool *first, struct rs_buf *b)
{
  rs_buf_printf(b, "%s%s=", *first ? "{{ config(" : ",", key);
  *first = false;
  if (!jv_is_str(v)) {
    (void)jv_str_to(j, v, b, NULL); // what fails is in the buffer's code
    return;
  }
  size_t n;
  const char *s = jv_cstr(v, &n);
  rs_buf_char(b, '"');
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '"') rs_buf_char(b, '\\');
    rs_buf_char(b, s[i]);
  }
  rs_buf_char(b, '"');
}

void rs_manifest_test_code(struct rs_python *j, const struct rs_item *it, struct rs_buf *b)
{
  // In dbt's order; what else is said comes behind
  static const char *const order[] = {
    "severity",  "tags",           "enabled",           "where", "limit",    "warn_if", "error_if",
    "fail_calc", "store_failures", "store_failures_as", "meta",  "database", "schema",  "alias"};
  enum { N = sizeof order / sizeof *order };
  const char *json = rs_item_text(it, "config");
  struct rs_buf text;
  jv config = jv_dict(j), key, v;
  bool first = true;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rs_buf_printf(&text, "{{ %s%stest_%s(**_dbt_generic_test_kwargs) }}",
                it->test_package != NULL ? it->test_package : "",
                it->test_package != NULL ? "." : "", it->test);
  if (json != NULL && jv_from_json(j, json, strlen(json), &config, NULL) != RS_OK)
    config = jv_dict(j);
  for (size_t i = 0; i < N; i++)
    if (jv_dict_get(config, order[i], &v) && v.kind != JV_NONE)
      put_argument(j, order[i], v, &first, &text);
  for (size_t i = 0; config.kind == JV_DICT && i < jv_len(config); i++) {
    bool known = false;
    jv_dict_at(config, i, &key, &v);
    for (size_t k = 0; k < N; k++) known |= rs_eq(jv_cstr(key, NULL), order[k]);
    if (!known && v.kind != JV_NONE) put_argument(j, jv_cstr(key, NULL), v, &first, &text);
  }
  if (!first) rs_buf_str(&text, ") }}");
  rs_buf_json_member(b, "raw_code", rs_buf_text(&text));
  if (text.rc != RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

void rs_manifest_test(const struct rs_manifest *m, struct rs_arena *a, const struct rs_item *it,
                      struct rs_buf *b)
{
  static const char *const lists[] = {"models", "sources", "seeds", "snapshots"};
  const struct rs_node *n = it->node;
  struct rs_node *on = NULL;
  if (it->is_node && n->nrefs > 0 && // what it tests is the first that it reads
      rs_graph_resolve(m->inv->p, n, &n->refs[0], &on, NULL) != RS_OK)
    on = NULL;
  const char *args = rs_item_text(it, "arguments"), *column = rs_item_text(it, "column_name");
  char *model = rs_arena_printf(a, "{{ get_where_subquery(%s) }}", it->model);
  size_t len = args != NULL ? strlen(args) : 0;
  while (len > 0 && args[len - 1] != '}') len--;
  rs_buf_str(b, ",\"test_metadata\":{");
  rs_buf_json_member(b, "name", it->test);
  rs_buf_str(b, ",\"kwargs\":");
  if (len > 2) rs_buf_add(b, args, len - 1);
  else rs_buf_char(b, '{');
  if (column != NULL) rs_buf_json_member(b, "column_name", column);
  rs_buf_json_member(b, "model", model);
  rs_buf_char(b, '}');
  rs_buf_json_member(b, "namespace", it->test_package);
  rs_buf_char(b, '}');
  rs_buf_json_member(b, "column_name", column);
  bool source = on != NULL && on->type == RS_NODE_SOURCE;
  char *key = on == NULL || on->type > RS_NODE_SNAPSHOT
                ? NULL
                : rs_arena_printf(a, "%s.%s", lists[on->type], source ? on->source : on->name);
  rs_buf_json_member(b, "file_key_name", key);
  bool attached = on != NULL && !source && rs_eq(on->package, it->package);
  rs_buf_json_member(b, "attached_node", attached ? on->unique_id : NULL);
}
