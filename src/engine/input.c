/*
** Rows from memory for an ingestion (engine/changes.h): they look like the rows of a session whose
** engine is this file, so that rs_session_ingest has one way for all sources.
*/
#include <string.h>
#include "src/base/mem.h"
#include "changes.h"
#include "slots.h"

static enum rs_code next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  const struct rs_input *input = rows->impl;
  const struct rs_value *row = NULL;
  enum rs_code rc = input->next(input->ctx, &row, e);
  *batch = (void *)(uintptr_t)row;
  *n = rc == RS_OK;
  return rc;
}

static void free_batch(struct rs_rows *rows, void *batch)
{
  (void)rows;
  (void)batch;
}

static void get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out)
{
  (void)rows;
  (void)row;
  *out = ((const struct rs_value *)batch)[col];
}

/* Nothing runs that could be cancelled: the ingesting session stops asking. */
static void cancel(struct rs_session *s)
{
  (void)s;
}

static const struct rs_engine input_engine = {.type = "input",
                                              .next_batch = next_batch,
                                              .free_batch = free_batch,
                                              .get = get,
                                              .cancel = cancel};

static struct rs_target input_target = {.engine = &input_engine};

enum rs_code rs_input_open(const struct rs_input *input, struct rs_rows **out, struct rs_error *e)
{
  struct rs_session *source = rs_calloc(1, sizeof *source);
  struct rs_rows *rows = rs_calloc(1, sizeof *rows);
  enum rs_code rc = RS_OK;
  if (source == NULL || rows == NULL) {
    rs_free(source);
    rs_free(rows);
    return rs_nomem(e);
  }
  source->target = &input_target;
  rows->session = source;
  rows->impl = (void *)(uintptr_t)input;
  rows->append = input->append;
  rows->lent = input->lent;
  if (input->next_array != NULL) rows->arrays = input;
  for (size_t i = 0; i < input->n && rc == RS_OK; i++) {
    rc = rs_columns_add(&rows->columns, input->names[i], strlen(input->names[i]), "",
                        input->types[i], e);
  }
  if (rc == RS_OK) *out = rows;
  else rs_input_close(rows);
  return rc;
}

void rs_input_close(struct rs_rows *rows)
{
  if (rows == NULL) return;
  rs_columns_free(&rows->columns);
  rs_free(rows->session);
  rs_free(rows);
}

enum rs_code rs_session_ingest_input(struct rs_session *s, const struct rs_relation *stage,
                                     const struct rs_input *input, int64_t *count,
                                     struct rs_error *e)
{
  struct rs_rows *rows;
  enum rs_code rc = rs_input_open(input, &rows, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_ingest(s, stage, rows, count, e);
  rs_input_close(rows);
  return rc;
}
