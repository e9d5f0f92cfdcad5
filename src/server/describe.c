/*
** DESCRIBE: which fields a collection has, of which types, and how often: one query counts them
** all.
*/
#include <string.h>
#include "../base/text.h"
#include "json.h"
#include "query.h"
#include "resources.h"

static void row(struct rs_run *r, const char *name, const char *type, int64_t n, int64_t total)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_js_open(&b, NULL, '{');
  rs_js_open(&b, "field", '[');
  rs_js_text(&b, NULL, name);
  rs_js_close(&b, ']');
  rs_js_text(&b, "type", type);
  rs_js_int(&b, "occurrences", n);
  rs_js_int(&b, "total", total);
  rs_js_close(&b, '}');
  if (b.rc != RS_OK) r->fixed.rc = b.rc;
  else rs_run_fixed_row(r, rs_buf_text(&b), b.n);
  rs_buf_free(&b);
}

enum rs_code rs_run_describe(struct rs_run *r)
{
  (void)row;
  r->column_fields = "[{\"name\":\"field\",\"type\":\"array\"},{\"name\":\"type\",\"type\":"
                     "\"string\"},{\"name\":\"occurrences\",\"type\":\"int\"},{\"name\":\"total\","
                     "\"type\":\"int\"}]";
  return rs_run_failed(r, rs_fail(&r->problem.e, RS_UNSUPPORTED, "DESCRIBE: not yet"));
}
