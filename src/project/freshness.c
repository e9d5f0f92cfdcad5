/*
** Freshness of sources (run_node.h).
*/
#include "run_node.h"

void rs_freshness_run(const struct rs_materialize *m, struct rs_result *r)
{
  struct rs_error e = {0};
  int64_t start;
  rs_result_begin(m, r, &start);
  rs_result_end(r, rs_fail(&e, RS_UNSUPPORTED, "freshness is not built yet"), &e, start);
}
