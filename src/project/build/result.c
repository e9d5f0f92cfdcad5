/*
** Results of nodes (build.h): their statuses by name, and as JSON.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "build.h"

const char *rs_status_name(enum rs_status s)
{
  static const char *const names[RS_STATUSES] = {"success", "error", "skipped",
                                                 "pass",    "warn",  "fail"};
  return names[s];
}

const char *rs_result_status(const struct rs_result *r)
{
  bool checked = r->node->type == RS_NODE_SOURCE &&
                 !rs_eq(r->kind, "push"); // freshness: dbt's word
  if (checked && r->status == RS_STATUS_ERROR) return "runtime error";
  if (r->node->type == RS_NODE_SOURCE && r->status == RS_STATUS_FAIL) return "error";
  return rs_status_name(r->status);
}

void rs_result_free(struct rs_result *r)
{
  rs_free(r->message);
  rs_free(r->warning);
  rs_free(r->compiled);
  memset(r, 0, sizeof *r);
}

void rs_result_json(const struct rs_result *r, struct rs_buf *b)
{
  const struct rs_node *n = r->node;
  rs_buf_char(b, '{');
  rs_buf_json_member(b, "node", n->name);
  rs_buf_json_member(b, "kind", r->kind);
  char *relation = rs_eq(r->kind, "ephemeral") || n->type >= RS_NODE_TEST
                     ? NULL
                     : rs_node_relation_text(n);
  rs_buf_json_member(b, "relation", relation);
  rs_free(relation);
  rs_buf_printf(b, ",\"status\":\"%s\",\"rows\":", rs_result_status(r));
  if (r->rows >= 0) rs_buf_int(b, r->rows);
  else rs_buf_str(b, "null");
  if (r->failures >= 0) rs_buf_printf(b, ",\"failures\":%lld", (long long)r->failures);
  rs_buf_printf(b, ",\"ms\":%.1f", r->ms);
  rs_buf_json_member(b, "message", r->message != NULL ? r->message : "");
  if (r->warning != NULL) rs_buf_json_member(b, "warning", r->warning);
  rs_buf_char(b, '}');
}
