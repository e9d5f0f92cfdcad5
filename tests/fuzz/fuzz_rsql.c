/*
** Fuzzing src/rsql/: any text is parsed, resolved against a small catalog and written for each
** dialect, with markers and with literals, with sidecars and without. What is written must be one
** closed statement for the engine's lexer too: a text that broke out would run as something else.
*/
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/sql/statement.h"
#include "src/base/mem.h"
#include "src/rsql/rsql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum rs_code relation(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  (void)write;
  if (strcmp(rel->name, "t") == 0) rel->columns = ctx;
  if (strcmp(rel->name, "alias") == 0) rel->name = "t";
  if (strcmp(rel->name, "denied") == 0) return rs_fail(e, RS_FORBIDDEN, "no");
  return RS_OK;
}

static void check_text(const struct rs_rsql_stmt *s, const struct rs_buf *b)
{
  struct rs_sqltext one;
  struct rs_error e = {0};
  if (rs_rsql_kind(s) == RS_RSQL_DESCRIBE) return;
  if (rs_sqltext_one(rs_buf_text(b), b->n, rs_dialect_find("duckdb"), "text", &one, &e) == RS_OK)
    return;
  // our own limits on size are not the engine's on nesting
  if (strstr(e.text, "nested") != NULL || strstr(e.text, "deep") != NULL) return;
  (void)fprintf(stderr, "%s\n%s\n", e.text, rs_buf_text(b));
  abort();
}

static void translate(const char *text, size_t n, const struct rs_dialect *d, bool inlined,
                      bool sides)
{
  struct rs_column columns[] = {
    {"_id", "VARCHAR", RS_T_TEXT, RS_SIDE_NONE},
    {"_event_time", "TIMESTAMP", RS_T_TIMESTAMP, RS_SIDE_NONE},
    {"a", "BIGINT", RS_T_INT, RS_SIDE_NONE},
    {"s", "VARCHAR", RS_T_TEXT, RS_SIDE_ODD},
    {"j", "JSON", RS_T_JSON, RS_SIDE_NONE},
    {"b", "VARCHAR", RS_T_TEXT, RS_SIDE_TYPES},
    {"m", "UNION(\"int\" BIGINT, str VARCHAR, arr DOUBLE[], obj STRUCT(a BIGINT))", RS_T_MIXED,
     RS_SIDE_ODD},
    {"t", "UNION(dbl DOUBLE, str VARCHAR, date DATE, \"time\" TIME, ts TIMESTAMP WITH TIME ZONE)",
     RS_T_MIXED, RS_SIDE_ODD},
    {"y", "UNION(\"int\" BIGINT, dbl DOUBLE, bin BLOB, mon INTERVAL, us INTERVAL)", RS_T_MIXED,
     RS_SIDE_ODD},
    {"o", "STRUCT(a DOUBLE, \"B\" VARCHAR)", RS_T_JSON, RS_SIDE_ODD},
    {"l", "STRUCT(\"x y\" INTEGER, m MAP(VARCHAR, DATE))[]", RS_T_JSON, RS_SIDE_ODD}};
  struct rs_columns catalog = {columns, sizeof columns / sizeof columns[0]};
  struct rs_arena arena;
  struct rs_rsql_stmt *s = NULL;
  struct rs_rsql_pos pos;
  struct rs_error e = {0};
  struct rs_rsql_output out;
  struct rs_buf b;
  rs_arena_init(&arena, (size_t)256 << 20);
  rs_buf_init(&b, (size_t)4 << 20);
  if (rs_rsql_parse(text, n, &arena, &s, &pos, &e) == RS_OK) {
    size_t nparams;
    (void)rs_rsql_params(s, &nparams);
    struct rs_rsql_value *values = rs_calloc(nparams + 1, sizeof *values);
    for (size_t i = 0; values != NULL && i < nparams; i++) {
      static const char *const types[] = {"string", "int", "date", "float", "bytes", NULL};
      (void)rs_rsql_param_value("p", types[i % 6], "7", 1, &arena, &values[i], &e);
    }
    const struct rs_rsql_env env = {.relation = relation,
                                    .ctx = &catalog,
                                    .values = values,
                                    .sides = sides,
                                    .lower = d->lower_names};
    if (rs_rsql_resolve(s, &env, &pos, &e) == RS_OK &&
        rs_rsql_emit(s, d, inlined, &b, &out, &pos, &e) == RS_OK) {
      check_text(s, &b);
    }
    rs_free(values);
  }
  rs_buf_free(&b);
  rs_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  // the first byte chooses, so that one input stays one run
  const char *text = (const char *)data + (n > 0);
  const size_t len = n - (n > 0);
  struct rs_arena arena;
  struct rs_rsql_value value;
  struct rs_error e = {0};
  char *copy = rs_malloc(len); // of this size, for the sanitizer
  if (copy == NULL) return 0;
  if (len > 0) memcpy(copy, text, len);
  static const char *const dialects[] = {"duckdb", "trino", "postgres", "ansi"};
  const unsigned how = n > 0 ? data[0] : 0;
  translate(copy, len, rs_dialect_find(dialects[how % 4]), how & 4, how & 8);
  static const char *const types[] = {NULL,   "int",       "float", "date",  "time", "datetime",
                                      "bool", "timestamp", "bytes", "array", "u256", "object"};
  rs_arena_init(&arena, 0);
  if (n > 0) (void)rs_rsql_param_value("p", types[data[0] % 12], copy, len, &arena, &value, &e);
  rs_arena_free(&arena);
  rs_free(copy);
  return 0;
}
