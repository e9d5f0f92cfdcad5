/*
** Changes by `_id` on Rockset (writes/writes.h): deletes, then patches, then new documents, each
** in batches of documents. The service has no transactions: what is written stays, and an error
** says exactly how much that is. Returns when what was written can be read.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/changes.h"
#include "rockset.h"

#define BATCH_DOCS 5000
#define BATCH_BYTES ((size_t)4 << 20)

struct apply {
  const struct rs_relation *rel;
  const struct rs_changes *c;
  int64_t total;                      /* changes there are */
  int64_t done[RS_WRITTEN_ERROR + 1]; /* documents by their status */
  char refused[300];                  /* the first one that was refused, and why */
  char *offset;                       /* owned: of the last batch */
  unsigned unwatched;                 /* changes since the interrupt was asked for */
};

/* Documents of a batch; their texts lie in `text` from starts[] on. */
struct batch {
  struct rs_buf text;
  struct rs_document *docs;
  size_t n;
};

/* ---- documents ------------------------------------------------------------------------------- */

static void add_member(struct rs_buf *b, const struct rs_changes *c, size_t i,
                       const struct rs_value *v)
{
  rs_rockset_add_field(b, c->names[i], c->types[i], v);
}

/* A field that is NULL is left out: SQLite has no way to tell null from undefined. */
static void add_document(struct rs_buf *b, const struct rs_changes *c, const struct rs_change *ch)
{
  rs_buf_char(b, '{');
  for (size_t i = 0; i < c->n; i++)
    if (ch->row[i].kind != RS_NULL) add_member(b, c, i, &ch->row[i]);
  rs_buf_char(b, '}');
}

static void add_patch(struct rs_buf *b, const struct rs_changes *c, const struct rs_change *ch)
{
  bool any = false;
  struct rs_buf path;
  rs_buf_init(&path, RS_BUF_SQL_MAX);
  rs_buf_char(b, '{');
  add_member(b, c, (size_t)c->key, &ch->key);
  rs_buf_str(b, ",\"patch\":[");
  for (size_t i = 0; i < c->n; i++) {
    if (!ch->mask[i]) continue;
    rs_buf_clear(&path);
    rs_buf_char(&path, '/');
    for (const char *p = c->names[i]; *p != 0; p++) {
      if (*p == '~') rs_buf_str(&path, "~0");
      else if (*p == '/') rs_buf_str(&path, "~1");
      else rs_buf_char(&path, *p);
    }
    rs_buf_str(b, any ? ",{\"op\":\"add\",\"path\":" : "{\"op\":\"add\",\"path\":");
    rs_buf_json_str(b, rs_buf_text(&path), path.n);
    rs_buf_str(b, ",\"value\":");
    rs_rockset_add_value(b, c->types[i], &ch->row[i]);
    rs_buf_char(b, '}');
    any = true;
  }
  rs_buf_str(b, "]}");
  if (path.rc != RS_OK && b->rc == RS_OK) b->rc = path.rc;
  rs_buf_free(&path);
}

static void add_change(struct rs_buf *b, const struct rs_changes *c, const struct rs_change *ch)
{
  switch (ch->kind) {
    case RS_CHANGE_ADD:
    case RS_CHANGE_REPLACE: add_document(b, c, ch); break;
    case RS_CHANGE_PATCH: add_patch(b, c, ch); break;
    case RS_CHANGE_DELETE:
      rs_buf_char(b, '{');
      add_member(b, c, (size_t)c->key, &ch->key);
      rs_buf_char(b, '}');
      break;
  }
}

/* A row of this transaction that is gone again. */
static bool is_nothing(const struct rs_change *ch)
{
  return ch->kind == RS_CHANGE_DELETE && ch->meets == RS_MEETS_NONE;
}

static enum rs_write_op op_of(enum rs_change_kind kind)
{
  if (kind == RS_CHANGE_DELETE) return RS_WRITE_DELETE;
  return kind == RS_CHANGE_PATCH ? RS_WRITE_PATCH : RS_WRITE_ADD;
}

/* ---- sending --------------------------------------------------------------------------------- */

static void see_status(struct apply *x, const struct rs_document *d)
{
  x->done[d->status]++;
  if (d->status != RS_WRITTEN_ERROR || x->refused[0] != 0) return;
  (void)snprintf(x->refused, sizeof x->refused, "_id '%.80s': %.200s", d->id != NULL ? d->id : "",
                 d->error != NULL ? d->error : "no reason given");
}

static enum rs_code send_batch(struct rs_session *s, struct apply *x, enum rs_write_op op,
                               struct batch *b, struct rs_error *e)
{
  struct rs_arena a;
  const char *offset = NULL;
  if (b->n == 0) return RS_OK;
  enum rs_code rc = rs_buf_error(&b->text, e, "documents");
  if (rc != RS_OK) return rc;
  const char *p = b->text.p;
  for (size_t i = 0; i < b->n; i++) { // the buffer may have moved while they were written
    b->docs[i].json = p;
    p += b->docs[i].n;
  }
  rs_arena_init(&a, 0);
  rc = rs_session_write(s, x->rel, op, b->docs, b->n, &a, &offset, e);
  for (size_t i = 0; i < b->n; i++) see_status(x, &b->docs[i]);
  if (offset != NULL) {
    rs_free(x->offset);
    x->offset = rs_strdup(offset);
    if (x->offset == NULL && rc == RS_OK) rc = rs_nomem(e);
  }
  rs_arena_free(&a);
  rs_buf_clear(&b->text);
  b->n = 0;
  return rc;
}

/* All that happens between requests is here: an interrupt must not wait for the next one. */
static enum rs_code next_change(struct rs_session *s, struct apply *x, struct rs_change *ch,
                                struct rs_error *e)
{
  const struct rs_interrupt *hook = &s->interrupt;
  if (++x->unwatched >= 1000) {
    x->unwatched = 0;
    if (hook->is_interrupted != NULL && hook->is_interrupted(hook->ctx))
      return rs_fail(e, RS_CANCELLED, "interrupted");
  }
  return x->c->next(x->c->ctx, ch, e);
}

static enum rs_code send_all(struct rs_session *s, struct apply *x, enum rs_write_op op,
                             struct batch *b, struct rs_error *e)
{
  struct rs_change ch;
  enum rs_code rc = RS_OK;
  x->c->rewind(x->c->ctx);
  while (rc == RS_OK) {
    rc = next_change(s, x, &ch, e);
    if (rc != RS_OK || op_of(ch.kind) != op || is_nothing(&ch)) continue;
    size_t before = b->text.n;
    add_change(&b->text, x->c, &ch);
    b->docs[b->n++] = (struct rs_document){.n = b->text.n - before};
    if (b->n == BATCH_DOCS || b->text.n > BATCH_BYTES) rc = send_batch(s, x, op, b, e);
  }
  return rc == RS_DONE ? send_batch(s, x, op, b, e) : rc;
}

/* ---- afterwards ------------------------------------------------------------------------------ */

static int64_t written_of(const struct apply *x)
{
  return x->done[RS_WRITTEN_ADDED] + x->done[RS_WRITTEN_REPLACED] + x->done[RS_WRITTEN_PATCHED] +
         x->done[RS_WRITTEN_DELETED];
}

/* What is written and what is not, in front of the cause. */
static enum rs_code explain_error(const struct apply *x, enum rs_code rc, struct rs_error *e)
{
  int64_t written = written_of(x), refused = x->done[RS_WRITTEN_ERROR];
  char cause[600] = "", text[400];
  if (rc == RS_OK && refused == 0) return RS_OK;
  if (rc == RS_NOMEM) return rc;
  if (rc != RS_OK && e != NULL) (void)snprintf(cause, sizeof cause, ": %.590s", e->text);
  (void)snprintf(text, sizeof text,
                 "%lld of %lld documents were written (%lld added, %lld replaced, %lld patched, "
                 "%lld deleted) and stay; %lld were refused; %lld were not sent",
                 (long long)written, (long long)x->total, (long long)x->done[RS_WRITTEN_ADDED],
                 (long long)x->done[RS_WRITTEN_REPLACED], (long long)x->done[RS_WRITTEN_PATCHED],
                 (long long)x->done[RS_WRITTEN_DELETED], (long long)refused,
                 (long long)(x->total - written - refused));
  return rs_fail(e, rc != RS_OK ? rc : RS_REMOTE, "'%s.%s': %s%s%s%s", x->rel->workspace,
                 x->rel->name, text, refused > 0 ? "; the first refused: " : "", x->refused, cause);
}

static enum rs_code fence_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct apply *x = arg;
  return rs_rockset_fence_behind(s, x->rel, x->offset, e);
}

static enum rs_code count_changes(struct rs_session *s, struct apply *x, struct rs_error *e)
{
  struct rs_change ch;
  enum rs_code rc;
  x->c->rewind(x->c->ctx);
  while ((rc = next_change(s, x, &ch, e)) == RS_OK) x->total += !is_nothing(&ch);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_rockset_apply(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, int64_t *written, struct rs_error *e)
{
  static const enum rs_write_op order[] = {RS_WRITE_DELETE, RS_WRITE_PATCH, RS_WRITE_ADD};
  struct apply x = {.rel = rel, .c = c};
  struct batch b = {.n = 0};
  *written = 0;
  if (c->key >= 0 && !rs_eq(c->names[c->key], "_id")) {
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s.%s': documents are written by _id, and this table's key is '%s'",
                   rel->workspace, rel->name, c->names[c->key]);
  }
  rs_buf_init(&b.text, (size_t)1 << 30);
  b.docs = rs_calloc(BATCH_DOCS, sizeof *b.docs);
  enum rs_code rc = b.docs != NULL ? count_changes(s, &x, e) : rs_nomem(e);
  if (rc == RS_OK) rc = rs_changes_check(s, rel, c, e);
  bool counted = rc == RS_OK; // else nothing is sent yet, and it is not known how much there is
  for (size_t i = 0; i < 3 && rc == RS_OK; i++) rc = send_all(s, &x, order[i], &b, e);
  if (counted) rc = explain_error(&x, rc, e);
  if (rc == RS_OK && x.offset != NULL) rc = rs_remote_do(s, fence_job, &x, e);
  *written = written_of(&x);
  rs_free(x.offset);
  rs_free(b.docs);
  rs_buf_free(&b.text);
  return rc;
}
