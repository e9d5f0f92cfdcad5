/*
** Documents on SQL engines (rs_session_write in engine/control.h).
**
** A call is one transaction under the collection's lock: columns are read, made to fit, the rows of
** the given _ids deleted and the new ones inserted. Nothing is asked of the engine but the columns
** and, of many _ids, which are there: a single document costs five statements. A commit is durable,
** and visible at once: an offset is a fence that has passed already.
**
** How the rows go to the engine is the engine's own (struct rs_doc_ops): DuckDB's is in
** engine/documents.
*/
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/documents/documents.h"
#include "src/engine/slots.h"
#include "control.h"

static enum rs_code write_all(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct rs_doc_call *j = arg;
  const struct rs_doc_ops *ops = s->target->engine->documents;
  enum rs_code rc = j->known ? RS_OK : rs_sql_need_table(s, j->w.rel, e);
  rs_doc_call_reset(j);
  j->w.sent = false;
  if (rc != RS_OK) return rc;
  switch (j->op) {
    case RS_WRITE_ADD: rc = ops->add(s, &j->w, &j->fields, e); break;
    case RS_WRITE_PATCH: rc = ops->patch(s, &j->w, e); break;
    case RS_WRITE_DELETE: rc = ops->remove(s, &j->w, e); break;
    case RS_WRITE_EXPIRE: break; // does not come here
  }
  if (rc == RS_OK) rs_doc_call_done(j);
  return rc;
}

/* "f1:0:0:<microseconds>:0", each later than the one before. */
static const char *make_offset(struct rs_arena *a)
{
  static _Atomic int64_t last;
  int64_t now = rs_wall_us(), before = atomic_load(&last), next;
  do next = now > before ? now : before + 1;
  while (!atomic_compare_exchange_weak(&last, &before, next));
  return rs_arena_printf(a, "f1:0:0:%lld:0", (long long)next);
}

/*
** Whether a name is a table costs more to ask than a document to write: a session remembers tables
** that it has written to. A view or an alias that has taken such a name refuses the write, and it
** is tried again with asking; but not what may have been written.
*/
static enum rs_code try_write(struct rs_session *s, const struct rs_relation *rel,
                              struct rs_doc_call *j, struct rs_error *e)
{
  char *key = rs_mprintf("%s\n%s", rel->workspace, rel->name);
  struct rs_relation table = *rel;
  if (key == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  struct rs_map_entry *entry = rs_map_find(&s->tables, key, strlen(key));
  j->known = entry != NULL && entry->value != NULL && !s->in_transaction;
  j->w.rel = rel;
  if (j->known) {
    rc = rs_sql_transact(s, rel, false, write_all, j, e);
    if (rc == RS_OK || rc == RS_NOMEM || rc == RS_CANCELLED || rs_doc_call_may_be_done(j, rc, e))
      goto done;
    entry->value = NULL;
    j->known = false;
  }
  rc = rs_sql_writable(s, rel, j->w.a, &table, e);
  j->w.rel = &table;
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, write_all, j, e);
  if (rc == RS_OK && table.name == rel->name && !s->in_transaction) {
    if (s->tables.n < 1000 || entry != NULL) (void)rs_map_put(&s->tables, key, s); // only slower
  }
done:
  rs_free(key);
  return rc;
}

/* ---- documents that are too old -------------------------------------------------------------- */

struct expiry {
  const struct rs_relation *rel;
  const char *until; /* 2020-01-02 03:04:05.5, in UTC */
};

static enum rs_code delete_old(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct expiry *x = arg;
  return rs_sql_run(s, NULL, e, "DELETE FROM %r WHERE %i < TIMESTAMP %t", x->rel, "_event_time",
                    x->until);
}

/* Most of the time there are none, and then nothing is begun that would write. */
static enum rs_code expire(struct rs_session *s, const struct rs_relation *rel,
                           struct rs_document *doc, struct rs_error *e)
{
  char until[40];
  struct expiry x = {.rel = rel, .until = until};
  struct rs_columns columns = {.n = 0};
  struct rs_buf b;
  int64_t old = 0;
  rs_format_timestamp(strtoll(doc->json, NULL, 10), until);
  enum rs_code rc = rs_sql_need_table(s, rel, e);
  if (rc == RS_OK) rc = rs_sql_columns_of(s, rel, &columns, e);
  bool timed = rc == RS_OK && rs_sql_find_column(s, &columns, "_event_time") >= 0;
  rs_columns_free(&columns);
  if (rc != RS_OK || !timed) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT count(*) FROM %r WHERE %i < TIMESTAMP %t", rel, "_event_time", until);
  rc = rs_sql_int(s, &b, &old, e);
  if (rc == RS_OK && old > 0) rc = rs_sql_transact(s, rel, false, delete_old, &x, e);
  if (rc == RS_OK && old > 0) doc->status = RS_WRITTEN_DELETED;
  return rc;
}

static enum rs_code expire_each(struct rs_session *s, const struct rs_relation *rel,
                                struct rs_document *docs, size_t n, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) rc = expire(s, rel, &docs[i], e);
  return rc;
}

/* ---- all writes ------------------------------------------------------------------------------ */

enum rs_code rs_sql_write(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                          struct rs_document *docs, size_t n, struct rs_arena *a,
                          const char **offset, struct rs_error *e)
{
  struct rs_doc_call j;
  struct rs_error own = {0};
  if (e == NULL) e = &own; // it tells whether a statement was sent
  if (s->target->engine->documents == NULL) {
    return rs_engine_lacks(s, "documents written by _id", e);
  }
  if (op == RS_WRITE_EXPIRE) return expire_each(s, rel, docs, n, e);
  enum rs_code rc = rs_doc_call_read(&j, op, docs, n, a, e);
  if (rc == RS_OK && rs_doc_call_has_work(&j)) rc = try_write(s, rel, &j, e);
  else if (rc == RS_OK)
    rc = rs_sql_writable(s, rel, j.w.a, &(struct rs_relation){.workspace = NULL, .name = NULL}, e);
  if (rc != RS_OK) rs_doc_call_failed(&j, rs_doc_call_may_be_done(&j, rc, e));
  if (rc == RS_OK && offset != NULL && (*offset = make_offset(a)) == NULL) rc = rs_nomem(e);
  rs_doc_call_free(&j);
  return rc;
}

enum rs_code rs_sql_input(struct rs_session *s, struct rs_document *docs, size_t n,
                          struct rs_arena *a, struct rs_doc_rows *out, struct rs_error *e)
{
  const struct rs_doc_ops *ops = s->target->engine->documents;
  struct rs_doc_call j;
  if (ops == NULL || ops->input == NULL)
    return rs_engine_lacks(s, "documents as rows of a query", e);
  enum rs_code rc = rs_doc_call_input(&j, docs, n, a, &out->left, e);
  if (rc == RS_OK) rc = ops->input(s, &j.w, &j.fields, out, e);
  rs_doc_call_free(&j);
  return rc;
}
