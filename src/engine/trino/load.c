/*
** Files into a collection on Trino (trino.h): a private embedded engine reads them, their rows go
** into a stage in batches, and the stage becomes the collection, or its rows are merged into it.
** Until then the old contents stay as they are.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/load/load.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

struct job {
  const struct rs_relation *rel;
  struct rs_load_source *src;
  struct rs_arena *a;
  enum rs_push_mode mode;
  int64_t rows;
};

static const char *const id[] = {"_id"};

static enum rs_code load(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_load_refuse(j->rel, kind, rs_sql_kind_name(kind), j->mode, e);
  if (rc != RS_OK) return rc;
  struct rs_relation stage = {.workspace = j->rel->workspace,
                              .name = rs_trino_aside_name(j->a, "load", j->rel->name)};
  if (stage.name == NULL) return rs_nomem(e);
  bool append = j->mode == RS_PUSH_APPEND && kind != RS_REL_NONE;
  rc = rs_load_send(s, j->src, &stage, &j->rows, e);
  if (rc == RS_OK && append && j->src->has_ids) rc = rs_sql_check_ids(s, j->rel, &stage, id[0], e);
  if (rc == RS_OK && append) {
    rc = rs_trino_merge(s, j->rel, &stage, id, j->src->has_ids ? 1 : 0, RS_TRINO_EVOLVE, e);
  } else if (rc == RS_OK) {
    rc = rs_trino_swap(s, j->rel, &stage, false, e);
  }
  if (rc != RS_OK || append) rs_trino_drop_anyway(s, "TABLE", &stage);
  return rc;
}

enum rs_code rs_trino_load(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_load *options, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_load_source src = {.t = NULL};
  struct rs_relation table = *rel;
  struct job j = {.rel = &table, .src = &src, .a = &a, .rows = -1};
  enum rs_relation_kind kind;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_load_mode(options->mode, &j.mode, e);
  if (rc == RS_OK && j.mode == RS_PUSH_APPEND) rc = rs_sql_writable(s, rel, &a, &table, e);
  // before a long reading, and again under the lock
  if (rc == RS_OK) rc = rs_sql_kind(s, &table, &kind, e);
  if (rc == RS_OK) rc = rs_load_refuse(&table, kind, rs_sql_kind_name(kind), j.mode, e);
  if (rc == RS_OK) rc = rs_load_source_open(s, &a, options, &src, e);
  if (rc == RS_OK) rc = rs_load_check_keys(&src, &table, &a, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, true, load, &j, e);
  rs_load_source_close(&src);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}
