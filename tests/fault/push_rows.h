/*
** Up to three rows with an `_id`, an integer, mixed values and JSON, for rs_session_push.
*/
#ifndef RS_TESTS_PUSH_ROWS_H
#define RS_TESTS_PUSH_ROWS_H
#include "src/engine/push.h"

static size_t pushed_at, pushed_rows = 3;
static struct rs_value pushed_row[4];

static enum rs_code next_row(void *ctx, const struct rs_value **out, struct rs_error *e)
{
  static const char *const ids[] = {"1", "2", "3"};
  (void)ctx;
  (void)e;
  if (pushed_at == pushed_rows) return RS_DONE;
  pushed_row[0] = (struct rs_value){.kind = RS_TEXT, .s = {ids[pushed_at], 1}};
  pushed_row[1] = (struct rs_value){.kind = RS_INT, .i = (int64_t)pushed_at};
  pushed_row[2] = pushed_at == 1 ? (struct rs_value){.kind = RS_TEXT, .s = {"it's", 4}}
                                 : (struct rs_value){.kind = RS_FLOAT, .f = 0.5};
  pushed_row[3] = (struct rs_value){.kind = RS_JSON, .s = {"{\"a\":[1]}", 9}};
  pushed_at++;
  *out = pushed_row;
  return RS_OK;
}

static void rewind_rows(void *ctx)
{
  (void)ctx;
  pushed_at = 0;
}

static inline enum rs_code push_rows(struct rs_session *s, const struct rs_relation *rel,
                                     enum rs_push_mode mode, struct rs_error *e)
{
  static const char *const names[] = {"_id", "n", "mixed", "j"};
  const enum rs_type types[] = {RS_T_TEXT, RS_T_INT, RS_T_MIXED, RS_T_JSON};
  static const unsigned mixes[] = {0, 0, 12, 0};
  const struct rs_push p = {.mode = mode,
                            .input = {.names = names, .types = types, .n = 4, .next = next_row},
                            .mixes = mixes,
                            .rewind = rewind_rows};
  struct rs_pushed out;
  return rs_session_push(s, rel, &p, &out, e);
}
#endif
