/*
** The records of JSON files one by one, as they are written (load.h): for files whose values a
** column for each field can't tell (watch.h).
*/
#include "src/json/cut.h"
#include "check.h"
#include "load.h"

#define RECORD_BYTES ((size_t)64 << 20)

static enum rs_code cut_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  return rs_json_cut_piece(ctx, p, n, e);
}

enum rs_code rs_load_records(const struct rs_load_source *src, rs_load_record *fn, void *ctx,
                             struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < src->files.n && rc == RS_OK; i++) {
    struct rs_json_cut x;
    rs_json_cut_init(&x, RECORD_BYTES);
    x.take = fn;
    x.ctx = ctx;
    rc = rs_load_pieces(src->s, src->files.v[i].path, cut_piece, &x, NULL, e);
    if (rc == RS_OK && (rc = rs_json_cut_end(&x, e)) != RS_OK)
      (void)rs_error_prefix(e, "file '%s'", src->files.v[i].path);
    rs_json_cut_free(&x);
  }
  if (rc != RS_OK) rs_load_files_name(&src->files, e);
  return rc;
}
