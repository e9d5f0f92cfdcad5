/*
** Documents of a request on their way into a collection whose definition has something to say about
** them (definition.h): some are refused, some become others, the rest is written, and each of those
** that came gets the status of what became of it.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/server/query/transform.h"
#include "definition.h"

enum { DEPTH = 200 };

/* A refused document is known by its own _id, where that can be read. */
static const char *own_id(struct rs_request *q, const struct rs_document *doc)
{
  struct rs_arena a;
  struct rs_json *tree = NULL;
  const char *id = NULL;
  rs_arena_init(&a, 0);
  if (rs_json_parse(doc->json, doc->n, DEPTH, &a, &tree, NULL) == RS_OK) {
    const struct rs_json *j = rs_json_get(tree, "_id");
    if (j != NULL && j->kind == RS_J_STRING) id = rs_arena_strndup(&q->arena, j->p, j->n);
  }
  rs_arena_free(&a);
  return id;
}

enum rs_code rs_ingest_refuse(struct rs_request *q, struct rs_document *doc, const char *why)
{
  doc->status = RS_WRITTEN_ERROR;
  if (doc->id == NULL) doc->id = own_id(q, doc);
  doc->error = rs_arena_strdup(&q->arena, why);
  return doc->error != NULL ? RS_OK : rs_nomem(&q->e);
}

/* What is written, and of which document given it comes. */
struct outgoing {
  struct rs_document *v;
  size_t *from, n;
};

/* Those that were not refused, as they are now. */
static enum rs_code take_rest(struct rs_request *q, const struct rs_document *docs, size_t n,
                              struct outgoing *out)
{
  out->v = rs_arena_calloc(&q->arena, (n + 1) * sizeof out->v[0]);
  out->from = rs_arena_calloc(&q->arena, (n + 1) * sizeof out->from[0]);
  if (out->v == NULL || out->from == NULL) return rs_nomem(&q->e);
  for (size_t i = 0; i < n; i++) {
    if (docs[i].status == RS_WRITTEN_ERROR) continue;
    out->from[out->n] = i;
    out->v[out->n++] = (struct rs_document){.json = docs[i].json, .n = docs[i].n};
  }
  return RS_OK;
}

static void hand_back(const struct outgoing *out, struct rs_document *docs)
{
  for (size_t i = 0; i < out->n; i++) {
    struct rs_document *doc = &docs[out->from[i]];
    const struct rs_document *is = &out->v[i];
    doc->status = is->status;
    doc->id = is->id;
    doc->error = is->error;
  }
}

/* What becomes of them by the transformation, in their order; one that it drops becomes nothing. */
static enum rs_code take_results(struct rs_request *q, const struct rs_transform *t,
                                 struct outgoing *out)
{
  struct outgoing to = {.n = 0};
  const struct rs_transformed **of = rs_arena_calloc(&q->arena, (out->n + 1) * sizeof *of);
  to.v = rs_arena_calloc(&q->arena, (out->n + 1) * sizeof to.v[0]);
  to.from = rs_arena_calloc(&q->arena, (out->n + 1) * sizeof to.from[0]);
  if (of == NULL || to.v == NULL || to.from == NULL) return rs_nomem(&q->e);
  for (size_t i = 0; i < t->n; i++) of[t->v[i].from] = &t->v[i];
  for (size_t i = 0; i < out->n; i++) {
    if (of[i] == NULL) continue;
    to.from[to.n] = out->from[i];
    to.v[to.n++] = (struct rs_document){.json = of[i]->json, .n = of[i]->n};
  }
  *out = to;
  return RS_OK;
}

/* With the mutex: the groups' documents as they are now, and in their place what they become. */
static enum rs_code add_up(struct rs_request *q, const struct rs_relation *rel,
                           struct rs_transform *t, const char **offset)
{
  struct rs_document *groups;
  size_t n;
  enum rs_code rc = rs_request_session(q, &t->s);
  if (rc == RS_OK) rc = rs_rollup_merge(t, rel, &groups, &n, &q->e);
  if (rc == RS_OK && n > 0) rc = rs_batches_write(q, rel, RS_WRITE_ADD, groups, n, offset);
  for (size_t i = 0; rc == RS_OK && i < n; i++)
    if (groups[i].status == RS_WRITTEN_ERROR)
      rc = rs_fail(&q->e, RS_INVALID, "rollup: a group's document can't be written: %s",
                   groups[i].error);
  return rc;
}

/* Nobody waits with a session, of which there may be none left for the one who works. */
static enum rs_code write_rollup(struct rs_request *q, const struct rs_relation *rel,
                                 struct rs_transform *t, const char **offset)
{
  rs_request_session_end(q);
  pthread_mutex_lock(&q->resources->rollups_mutex);
  enum rs_code rc = add_up(q, rel, t, offset);
  rs_request_session_end(q);
  pthread_mutex_unlock(&q->resources->rollups_mutex);
  return rc;
}

/* *out becomes the documents to write; those of a rollup are written here. */
static enum rs_code transform(struct rs_request *q, const struct rs_relation *rel,
                              const struct rs_definition *d, struct outgoing *out,
                              struct rs_document *docs, const char **offset)
{
  struct rs_transform t = {
    .backend = q->backend, .watch = &q->watch, .sql = d->sql, .a = &q->arena};
  enum rs_code rc = rs_request_session(q, &t.s);
  if (rc == RS_OK) rc = rs_transform_run(&t, out->v, out->n, &q->e);
  hand_back(out, docs);
  if (rc == RS_OK && t.items != NULL) {
    rc = write_rollup(q, rel, &t, offset);
    out->n = 0;
  } else if (rc == RS_OK) {
    rc = take_results(q, &t, out);
  }
  rs_free(t.v);
  return rc;
}

enum rs_code rs_ingest_check(struct rs_request *q, struct rs_session *s,
                             const struct rs_definition *d)
{
  struct rs_problem p = {.status = 0};
  if (d->sql == NULL) return RS_OK;
  enum rs_code rc = rs_transform_check(q->backend, s, &q->who, &q->watch, d->sql, &p);
  if (rc == RS_OK) return rc;
  (void)rs_error_prefix(&p.e, "field_mapping_query");
  return rs_problem_refuse(q, &p, rc);
}

enum rs_code rs_ingest_refuse_patch(struct rs_request *q, const struct rs_relation *rel,
                                    const struct rs_definition *d)
{
  if (!rs_transform_is_rollup(d->sql, &q->arena)) return RS_OK;
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "'%s.%s' is a rollup: its documents are totals, which can't be patched; add "
                   "documents to it, or delete it and make it anew",
                   rel->workspace, rel->name);
}

enum rs_code rs_ingest_check_change(struct rs_request *q, const char *before, const char *after)
{
  if (!rs_transform_is_rollup(before, &q->arena) && !rs_transform_is_rollup(after, &q->arena))
    return RS_OK;
  return rs_refuse(q, 400, "INVALIDINPUT",
                   "'field_mapping_query': a collection can't become a rollup, nor a rollup "
                   "anything else, as what was added up is not kept: make another collection");
}

enum rs_code rs_ingest_write(struct rs_request *q, const struct rs_relation *rel,
                             const struct rs_definition *d, struct rs_document *docs, size_t n,
                             const char **offset)
{
  struct outgoing out = {.n = 0};
  enum rs_code rc = d->time_field != NULL ? rs_event_time_apply(q, d, docs, n) : RS_OK;
  if (rc == RS_OK) rc = take_rest(q, docs, n, &out);
  if (rc == RS_OK && d->sql != NULL && out.n > 0) rc = transform(q, rel, d, &out, docs, offset);
  if (rc != RS_OK) return rc;
  if (out.n > 0) {
    rc = rs_batches_write(q, rel, RS_WRITE_ADD, out.v, out.n, offset);
    hand_back(&out, docs);
  }
  // what the transformation has dropped was taken as well
  for (size_t i = 0; rc == RS_OK && i < n; i++)
    if (docs[i].status == RS_WRITTEN_NOT) docs[i].status = RS_WRITTEN_ADDED;
  return rc;
}
