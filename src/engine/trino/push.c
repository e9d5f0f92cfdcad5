/*
** Rows of the caller's own as a collection on Trino (engine/push.h): into a stage, which becomes
** the collection, or whose rows are merged into it by one statement. Until then the old contents
** stay.
*/
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/push.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

struct job {
  const struct rs_relation *rel;
  const struct rs_push *push;
  struct rs_pushed *out;
  struct rs_arena *a;
};

static const char *const id[] = {"_id"};

/* Two rows of one `_id` would both be there, or both be merged into one. */
static enum rs_code check_ids(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_relation *stage, struct rs_error *e)
{
  const struct rs_keys keys = {id, 1};
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "%r", stage);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK) rc = rs_sql_check_keys(s, rel, rs_buf_text(&b), &keys, e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code push(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  enum rs_relation_kind kind;
  struct rs_push_rows x;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_sql_push_refuse(j->rel, kind, j->push->mode, e);
  if (rc == RS_OK) rc = rs_push_rows_init(&x, j->push, j->a, e);
  if (rc != RS_OK) return rc;
  struct rs_relation stage = {.workspace = j->rel->workspace,
                              .name = rs_trino_aside_name(j->a, "load", j->rel->name)};
  if (stage.name == NULL) return rs_nomem(e);
  bool adds = kind != RS_REL_NONE && j->push->mode != RS_PUSH_REPLACE;
  j->out->updated = 0;
  rc = rs_session_ingest_feed(s, &stage, &x.feed, &j->out->rows, e);
  if (rc == RS_OK && x.has_ids) rc = check_ids(s, j->rel, &stage, e);
  if (rc == RS_OK && adds && j->push->mode == RS_PUSH_UPSERT)
    rc = rs_sql_push_updates(s, j->rel, &stage, id[0], &j->out->updated, e);
  if (rc == RS_OK && adds && x.has_ids) rc = rs_sql_check_ids(s, j->rel, &stage, id[0], e);
  if (rc == RS_OK && adds)
    rc = rs_trino_merge(s, j->rel, &stage, id, x.has_ids ? 1 : 0, RS_TRINO_EVOLVE, e);
  else if (rc == RS_OK) rc = rs_trino_swap(s, j->rel, &stage, false, e);
  if (rc != RS_OK || adds) rs_trino_drop_anyway(s, "TABLE", &stage);
  return rc;
}

enum rs_code rs_trino_push(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_push *p, struct rs_pushed *out, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation table = *rel;
  struct job j = {.rel = &table, .push = p, .out = out, .a = &a};
  enum rs_code rc = RS_OK;
  rs_arena_init(&a, 0);
  if (p->mode != RS_PUSH_CREATE && p->mode != RS_PUSH_REPLACE)
    rc = rs_sql_writable(s, rel, &a, &table, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, true, push, &j, e);
  rs_arena_free(&a);
  return rc;
}
