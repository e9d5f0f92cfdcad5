/*
** Rows of INSERT INTO as documents that come in (struct rs_ingest_ops): a collection's definition
** counts for them as for those of POST docs. Works on sessions of its own, since the statement's
** has its rows open.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "definition.h"
#include "src/server/resources/shared.h"

struct rs_ingest {
  struct rs_request q; /* nobody's: for who works on one */
  struct rs_relation rel;
  struct rs_definition d;
};

static void close_ingest(struct rs_ingest *x)
{
  if (x == NULL) return;
  rs_request_session_end(&x->q);
  rs_arena_free(&x->q.arena);
  rs_free(x);
}

static enum rs_code open_ingest(struct rs_backend *v, const struct rs_identity *who,
                                const struct rs_relation *rel, struct rs_ingest **px,
                                struct rs_error *e)
{
  struct rs_ingest *x = rs_calloc(1, sizeof *x);
  const char *text = NULL;
  *px = NULL;
  if (x == NULL) return rs_nomem(e);
  struct rs_request *q = &x->q;
  q->backend = v;
  q->resources = v->resources;
  q->who = *who;
  rs_arena_init(&q->arena, 0);
  rs_watch_init(&q->watch, v->stopping, -1);
  x->rel = (struct rs_relation){.workspace = rs_arena_strdup(&q->arena, rel->workspace),
                                .name = rs_arena_strdup(&q->arena, rel->name)};
  enum rs_code rc = RS_OK;
  if (x->rel.workspace == NULL || x->rel.name == NULL) rc = rs_nomem(&q->e);
  if (rc == RS_OK) rc = rs_known_need_table(q, &x->rel, &text);
  if (rc == RS_OK && text != NULL) rc = rs_definition_unpack(&q->arena, text, &x->d, &q->e);
  if (rc == RS_UNSUPPORTED) rc = RS_OK; // a target that keeps no definitions
  if (rc != RS_OK && e != NULL) *e = q->e;
  bool wanted = rc == RS_OK && (x->d.sql != NULL || x->d.time_field != NULL);
  rs_request_session_end(q);
  if (wanted) *px = x;
  else close_ingest(x);
  return rc;
}

/* The statuses' texts live until the next call. */
static enum rs_code write_ingest(struct rs_ingest *x, struct rs_document *docs, size_t n,
                                 struct rs_error *e)
{
  struct rs_request *q = &x->q;
  const char *offset = NULL;
  enum rs_code rc = rs_ingest_write(q, &x->rel, &x->d, docs, n, &offset);
  rs_request_session_end(q);
  if (rc != RS_OK && e != NULL) *e = q->e;
  return rc;
}

const struct rs_ingest_ops rs_ingest_ops = {open_ingest, write_ingest, close_ingest};
