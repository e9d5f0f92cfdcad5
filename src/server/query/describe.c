/*
** DESCRIBE: which fields a collection has, of which types, and how often (rs_session_fields).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "internal.h"
#include "src/engine/control.h"
#include "src/json/json.h"

enum { DEPTH_MAX = 60 };

static enum rs_code write_row(void *ctx, const struct rs_field_count *x)
{
  struct rs_run *r = ctx;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_open(&b, "field", '[');
  rs_buf_str(&b, x->path);
  rs_js_close(&b, ']');
  rs_js_text(&b, "type", x->type);
  rs_js_int(&b, "occurrences", x->occurrences);
  rs_js_int(&b, "total", x->total);
  rs_js_close(&b, '}');
  if (b.rc != RS_OK) r->fixed.rc = b.rc;
  else rs_run_fixed_row(r, rs_buf_text(&b), b.n);
  rs_buf_free(&b);
  return RS_OK;
}

static int64_t max_depth(const struct rs_run *r)
{
  size_t n = 0;
  const struct rs_rsql_option *o = rs_rsql_options(r->stmt, &n);
  for (size_t i = 0; i < n; i++) {
    long depth = rs_casecmp(o[i].name, "max_field_depth") == 0 ? strtol(o[i].value, NULL, 10) : 0;
    if (depth > 0) return depth;
  }
  return DEPTH_MAX;
}

enum rs_code rs_run_describe(struct rs_run *r)
{
  static struct rs_column v[] = {{"field", "[]", RS_T_JSON, RS_SIDE_NONE},
                                 {"type", "", RS_T_TEXT, RS_SIDE_NONE},
                                 {"occurrences", "", RS_T_INT, RS_SIDE_NONE},
                                 {"total", "", RS_T_INT, RS_SIDE_NONE}};
  static const struct rs_columns columns = {v, sizeof v / sizeof v[0]};
  const struct rs_rsql_collection *to = rs_rsql_target(r->stmt);
  const struct rs_relation rel = {.workspace = to->to_workspace, .name = to->to_name};
  struct rs_error *e = &r->problem.e;
  enum rs_code rc = rs_session_fields(r->s, &rel, max_depth(r), &r->arena, write_row, r, e);
  if (rc == RS_OK) rc = rs_buf_error(&r->fixed, e, "DESCRIBE");
  if (rc == RS_OK) rc = rs_run_fields(r, &columns);
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}
