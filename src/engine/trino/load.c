/*
** Files into a collection on Trino (trino.h): a private embedded engine reads them, their rows go
** into a stage in batches, and the stage becomes the collection, or its rows are merged into it.
** Until then the old contents stay as they are.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/documents/internal.h"
#include "src/engine/load/load.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

enum mode { MODE_CREATE, MODE_APPEND, MODE_REPLACE };

struct job {
  const struct rs_relation *rel;
  struct rs_load_source *src;
  struct rs_arena *a;
  enum mode mode;
  int64_t rows;
};

static const char *const id[] = {"_id"};

static enum rs_code choose_mode(const char *name, enum mode *mode, struct rs_error *e)
{
  static const char *const names[] = {"create", "append", "replace"};
  for (size_t i = 0; i < 3; i++) {
    if (name != NULL && !rs_eq(name, names[i])) continue;
    *mode = (enum mode)i;
    return RS_OK;
  }
  return rs_fail(e, RS_INVALID, "mode '%s' is not known; known: create, append, replace", name);
}

static enum rs_code refuse_existing(const struct job *j, enum rs_relation_kind kind,
                                    struct rs_error *e)
{
  if (kind == RS_REL_VIEW && j->mode == MODE_APPEND) {
    return rs_fail(e, RS_INVALID, "'%s.%s' is a view: rows can't be written to it",
                   j->rel->workspace, j->rel->name);
  }
  if (kind == RS_REL_NONE || j->mode != MODE_CREATE) return RS_OK;
  return rs_fail(e, RS_EXISTS, "%s '%s.%s' exists; use mode \"replace\" or \"append\"",
                 rs_sql_kind_name(kind), j->rel->workspace, j->rel->name);
}

static enum rs_code fill(struct rs_session *s, struct job *j, const struct rs_relation *stage,
                         struct rs_error *e)
{
  const struct rs_statement st = {.sql = j->src->query};
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_session_query(j->src->s, &st, &r, e);
  if (rc == RS_OK) rc = rs_session_ingest(s, stage, r, &j->rows, e);
  rs_rows_close(r);
  if (rc == RS_OK && j->src->most >= 0 && (j->rows < j->src->least || j->rows > j->src->most)) {
    rc = rs_fail(e, RS_INVALID,
                 "%lld rows were read where %lld are: it was written to meanwhile, or DuckDB "
                 "can't read it",
                 (long long)j->rows, (long long)j->src->most);
  }
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED && e != NULL) {
    (void)rs_error_prefix(e, "%s", j->src->what);
  }
  return rc;
}

static enum rs_code load(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = refuse_existing(j, kind, e);
  if (rc != RS_OK) return rc;
  struct rs_relation stage = {.workspace = j->rel->workspace,
                              .name = rs_trino_aside_name(j->a, "load", j->rel->name)};
  if (stage.name == NULL) return rs_nomem(e);
  bool append = j->mode == MODE_APPEND && kind != RS_REL_NONE;
  rc = fill(s, j, &stage, e);
  if (rc == RS_OK && append && j->src->has_ids) rc = rs_sql_check_ids(s, j->rel, &stage, id[0], e);
  if (rc == RS_OK && append) {
    rc = rs_trino_merge(s, j->rel, &stage, id, j->src->has_ids ? 1 : 0, RS_TRINO_EVOLVE, e);
  } else if (rc == RS_OK) {
    rc = rs_trino_swap(s, j->rel, &stage, false, e);
  }
  if (rc != RS_OK || append) rs_trino_drop_anyway(s, "TABLE", &stage);
  return rc;
}

/* Two rows of one `_id` would both be there. */
static enum rs_code check_ids(const struct job *j, struct rs_error *e)
{
  const struct rs_keys keys = {id, 1};
  if (!j->src->has_ids) return RS_OK;
  const char *from = rs_arena_printf(j->a, "(%s) AS q", j->src->query);
  return from != NULL ? rs_sql_check_keys(j->src->s, j->rel, from, &keys, e) : rs_nomem(e);
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
  enum rs_code rc = choose_mode(options->mode, &j.mode, e);
  if (rc == RS_OK && j.mode == MODE_APPEND) rc = rs_sql_writable(s, rel, &a, &table, e);
  // before a long reading, and again under the lock
  if (rc == RS_OK) rc = rs_sql_kind(s, &table, &kind, e);
  if (rc == RS_OK) rc = refuse_existing(&j, kind, e);
  if (rc == RS_OK) rc = rs_load_source_open(s, &a, options, &src, e);
  if (rc == RS_OK) rc = check_ids(&j, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, true, load, &j, e);
  rs_load_source_close(&src);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = j.rows;
  return rc;
}
