/*
** Fuzzing src/project/graph/select.c: any selection over a small project is an error or a list of
** its nodes, each once and in the order of building.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/project/graph/graph.h"
#include "src/engine/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum rs_code read_rows(void *ctx, const struct rs_store_sink *sink, struct rs_error *e)
{
  static const char *const rows[][2] = {{"a", "select 1"},
                                        {"b", "select * from {{ ref('a') }}"},
                                        {"c_d", "select * from {{ ref('b') }}, {{ ref('a') }}"},
                                        {"e", "select * from {{ source('s', 't') }}"}};
  (void)ctx;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < sizeof rows / sizeof *rows; i++) {
    struct rs_store_model m = {.name = rows[i][0],
                               .sql = rows[i][1],
                               .nsql = strlen(rows[i][1]),
                               .folder = i > 1 ? "x/y" : NULL,
                               .tags = "[\"t\"]",
                               .enabled = true};
    rc = sink->model(sink->ctx, &m, e);
  }
  return rc;
}

static struct rs_project *project(void)
{
  static struct rs_project *p;
  if (p != NULL) return p;
  const struct rs_store store = {.read = read_rows};
  const struct rs_profile_request rq = {.adapters = rs_target_fields,
                                        .source = "{\"p\":{\"target\":\"d\",\"outputs\":{\"d\":"
                                                  "{\"type\":\"duckdb\",\"path\":\":memory:\"}}}}",
                                        .profile = "p"};
  struct rs_project_settings set = {.dialect = rs_dialect_find("duckdb")};
  struct rs_error e = {0};
  if (rs_profile_load(&rq, &set.output, &e) != RS_OK || rs_project_load(&store, &set, &p, &e) ||
      rs_project_parse(p, NULL, &e) != RS_OK)
    abort();
  return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_node **nodes = NULL;
  size_t count = 0;
  struct rs_buf warnings;
  struct rs_error e = {0};
  if (n > 4096) return 0;
  char *text = rs_strndup((const char *)data, n);
  if (text == NULL) return 0;
  // What follows a line break is excluded
  char *exclude = strchr(text, '\n');
  if (exclude != NULL) *exclude++ = 0;
  rs_buf_init(&warnings, RS_ERROR_MAX);
  if (rs_select(project(), text, exclude, &nodes, &count, &warnings, &e) == RS_OK)
    for (size_t i = 1; i < count; i++)
      if (nodes[i]->order <= nodes[i - 1]->order) abort();
  rs_free(nodes);
  rs_buf_free(&warnings);
  rs_free(text);
  return 0;
}
