/*
** Documents on SQL engines (rs_session_write in engine/control.h).
**
** A call is one transaction under the collection's lock: columns are read, made to fit, the rows of
** the given _ids deleted and the new ones inserted (rows.c). Nothing is asked of the engine
** but the columns and, of many _ids, which are there: a single document costs five statements. A
** commit is durable, and visible at once: an offset is a fence that has passed already.
**
** How the rows go to the engine is the engine's own (struct rs_doc_ops): DuckDB's is here and in
** rows.c, patch.c.
*/
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/rsql/rsql.h"
#include "src/engine/slots.h"
#include "src/engine/sql/control.h"
#include "internal.h"

struct add_job {
  struct rs_doc_write w;
  enum rs_write_op op;
  bool known; /* rel is a table, as far as this session has seen */
  struct rs_doc_fields fields;
  struct rs_uuids uuids;
};

const struct rs_doc_ops rs_duckdb_doc_ops = {
  .add = rs_doc_add,
  .patch = rs_doc_patch,
  .remove = rs_doc_delete,
};

/* ---- statuses -------------------------------------------------------------------------------- */

enum rs_code rs_doc_refuse(struct rs_doc_write *w, struct rs_doc_entry *x, const char *why,
                           struct rs_error *e)
{
  x->tree = NULL;
  x->doc->status = RS_WRITTEN_ERROR;
  x->doc->error = why != NULL ? rs_arena_strdup(w->out, why) : NULL;
  return x->doc->error != NULL ? RS_OK : rs_nomem(e);
}

/* ---- reading documents ----------------------------------------------------------------------- */

/* The document's _id; it is made where an added one has none. */
static enum rs_code take_id(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  const struct rs_json *id = rs_json_get(x->tree, "_id");
  if (id != NULL && id->kind == RS_J_NULL) id = NULL;
  if (id == NULL && j->op == RS_WRITE_ADD) {
    char uuid[37];
    rs_uuid_next(&j->uuids, uuid);
    x->made = true;
    x->nid = 36;
    x->id = x->doc->id = rs_arena_strdup(j->w.out, uuid);
    return x->id != NULL ? RS_OK : rs_nomem(e);
  }
  if (id == NULL) return rs_doc_refuse(&j->w, x, "_id is missing", e);
  if (id->kind != RS_J_STRING || id->mark != 0) {
    return rs_doc_refuse(&j->w, x, "_id must be a string", e);
  }
  if (id->n > RS_DOC_NAME_MAX) return rs_doc_refuse(&j->w, x, "_id is longer than 10240 bytes", e);
  if (memchr(id->p, 0, id->n) != NULL) {
    return rs_doc_refuse(&j->w, x, "_id holds a NUL character", e);
  }
  x->nid = id->n;
  x->id = x->doc->id = rs_arena_strndup(j->w.out, id->p, id->n);
  return x->id != NULL ? RS_OK : rs_nomem(e);
}

/* A time, or microseconds since 1970; becomes the text of a timestamp in UTC. */
static enum rs_code take_event_time(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  struct rs_json *t = rs_json_get(x->tree, "_event_time");
  struct rs_rsql_value read;
  int64_t us;
  char text[40];
  if (t == NULL || t->kind == RS_J_NULL) return RS_OK;
  if (rs_json_int(t, &us)) {
    rs_format_timestamp(us, text);
    t->p = rs_arena_printf(j->w.a, "%s+00:00", text);
    t->n = strlen(text) + 6;
    t->kind = RS_J_STRING;
    return t->p != NULL ? RS_OK : rs_nomem(e);
  }
  bool moment = t->kind == RS_J_STRING && (t->mark == 0 || (t->mark & RS_DOC_MOMENTS) != 0);
  enum rs_code rc = moment ? rs_rsql_param_value("_event_time", "timestamp", t->p, t->n, j->w.a,
                                                 &read, NULL)
                           : RS_INVALID;
  if (rc == RS_NOMEM) return rs_nomem(e);
  if (rc != RS_OK || read.v.kind != RS_TEXT || read.v.s.n == 0 ||
      read.v.s.p[read.v.s.n - 1] < '0' || read.v.s.p[read.v.s.n - 1] > '9') {
    return rs_doc_refuse(&j->w, x, "_event_time must be a timestamp, or microseconds since 1970",
                         e);
  }
  t->p = read.v.s.p;
  t->n = read.v.s.n;
  t->mark = 0;
  return RS_OK;
}

static enum rs_code read_document(struct add_job *j, struct rs_doc_entry *x, struct rs_error *e)
{
  struct rs_error wrong = {0};
  const char *why = NULL;
  if (x->doc->n > RS_DOC_BYTES_MAX) {
    return rs_doc_refuse(&j->w, x, "a document is larger than 40 MiB", e);
  }
  size_t depth = RS_DOC_DEPTH_MAX + (j->op == RS_WRITE_PATCH ? 4 : 0);
  enum rs_code rc = rs_json_parse(x->doc->json, x->doc->n, depth, j->w.a, &x->tree, &wrong);
  if (rc == RS_OK && x->tree->kind != RS_J_OBJECT) {
    return rs_doc_refuse(&j->w, x, "a document must be a JSON object", e);
  }
  if (rc == RS_INVALID || rc == RS_LIMIT) return rs_doc_refuse(&j->w, x, wrong.text, e);
  // the values of a patch are looked at one by one
  if (rc == RS_OK && j->op != RS_WRITE_PATCH) rc = rs_doc_prepare(x->tree, j->w.a, &why);
  if (rc == RS_INVALID) return rs_doc_refuse(&j->w, x, why, e);
  if (rc != RS_OK) return rs_nomem(e);
  if (x->tree->kind != RS_J_OBJECT || x->tree->mark != 0) {
    return rs_doc_refuse(&j->w, x, "a document must be a JSON object", e);
  }
  for (const struct rs_json *m = x->tree->first; m != NULL; m = m->next) {
    if (m->nkey == 0) return rs_doc_refuse(&j->w, x, "a field's name is empty", e);
  }
  rc = take_id(j, x, e);
  if (rc == RS_OK && x->tree != NULL && j->op == RS_WRITE_ADD) rc = take_event_time(j, x, e);
  return rc;
}

/* The last document of an _id wins. */
static enum rs_code index_ids(struct rs_doc_write *w, struct rs_error *e)
{
  for (size_t i = 0; i < w->n; i++) {
    struct rs_doc_entry *x = &w->v[i];
    x->last = i;
    if (x->tree == NULL || x->made) continue;
    x->first = rs_map_find(&w->ids, x->id, x->nid) == NULL;
    if (!rs_map_putn(&w->ids, x->id, x->nid, x)) return rs_nomem(e);
  }
  for (size_t i = 0; i < w->n; i++) {
    const struct rs_map_entry *m = w->v[i].tree != NULL && !w->v[i].made
                                     ? rs_map_find(&w->ids, w->v[i].id, w->v[i].nid)
                                     : NULL;
    if (m != NULL) w->v[i].last = (size_t)((struct rs_doc_entry *)m->value - w->v);
  }
  return RS_OK;
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* All documents' fields with their types. */
static enum rs_code find_fields(struct add_job *j, struct rs_error *e)
{
  struct rs_doc_fields *f = &j->fields;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < j->w.n && rc == RS_OK; i++) {
    const struct rs_doc_entry *x = &j->w.v[i];
    if (x->tree == NULL || x->last != i) continue;
    if (!rs_doc_fields_of(f, x->tree)) return rs_nomem(e);
    const struct rs_doc_shape *at = f->shape;
    for (const struct rs_json *m = x->tree->first; m != NULL && rc == RS_OK; m = m->next, at++) {
      if (at->field != RS_DOC_NO_FIELD) rc = rs_doc_infer(&f->v[at->field].type, m, j->w.a, e);
    }
  }
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    rc = rs_doc_settle(&f->v[i].type, true, j->w.a, e);
  }
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* Statuses before a try: only what was refused is decided. */
static void reset_statuses(struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    j->w.v[i].existed = false;
    if (j->w.v[i].tree != NULL) j->w.v[i].doc->status = RS_WRITTEN_NOT;
  }
}

/* After this error, may documents have been written all the same? The engine's own word that it
** refused the statement is a no; a lost answer, or an end of which the cause is not known, is not.
** What refuses to tell the end of a statement (e->unknown) has another code than that. */
static bool may_be_done(const struct add_job *j, enum rs_code rc, const struct rs_error *e)
{
  if (!j->w.sent || e->unsent) return false;
  if (e->unknown) return true;
  switch (rc) {
    case RS_OK:
    case RS_INVALID:
    case RS_NOT_FOUND:
    case RS_EXISTS:
    case RS_CONSTRAINT:
    case RS_UNSUPPORTED:
    case RS_FORBIDDEN:
    case RS_AUTH: return false;
    default: return true;
  }
}

static void set_failed(struct add_job *j, bool unknown)
{
  reset_statuses(j);
  for (size_t i = 0; i < j->w.n && unknown; i++) {
    if (j->w.v[i].tree != NULL) j->w.v[i].doc->status = RS_WRITTEN_UNKNOWN;
  }
}

/* Of several documents with one _id the first was added, unless there was a row; the others
** replaced it. */
static void set_statuses(struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    struct rs_doc_entry *x = &j->w.v[i];
    if (x->tree == NULL) continue;
    bool replaces = !x->made && (!x->first || j->w.v[x->last].existed);
    switch (j->op) {
      case RS_WRITE_ADD: x->doc->status = replaces ? RS_WRITTEN_REPLACED : RS_WRITTEN_ADDED; break;
      case RS_WRITE_PATCH: x->doc->status = RS_WRITTEN_PATCHED; break;
      case RS_WRITE_DELETE: x->doc->status = RS_WRITTEN_DELETED; break;
    }
  }
}

static enum rs_code write_all(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct add_job *j = arg;
  const struct rs_doc_ops *ops = s->target->engine->documents;
  enum rs_code rc = j->known ? RS_OK : rs_sql_need_table(s, j->w.rel, e);
  reset_statuses(j);
  j->w.sent = false;
  if (rc != RS_OK) return rc;
  switch (j->op) {
    case RS_WRITE_ADD: rc = ops->add(s, &j->w, &j->fields, e); break;
    case RS_WRITE_PATCH: rc = ops->patch(s, &j->w, e); break;
    case RS_WRITE_DELETE: rc = ops->remove(s, &j->w, e); break;
  }
  if (rc == RS_OK) set_statuses(j);
  return rc;
}

/* Is anything left to do? A call of refused documents writes nothing, but must name a collection.
** */
static bool has_work(const struct add_job *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    if (j->w.v[i].tree != NULL) return true;
  }
  return false;
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
                              struct add_job *j, struct rs_error *e)
{
  char *key = rs_mprintf("%s\n%s", rel->workspace, rel->name);
  struct rs_relation table = *rel;
  if (key == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  struct rs_map_entry *entry = rs_map_find(&s->tables, key, strlen(key));
  j->known = entry != NULL && entry->value != NULL && !rs_session_in_transaction(s);
  j->w.rel = rel;
  if (j->known) {
    rc = rs_sql_transact(s, rel, false, write_all, j, e);
    if (rc == RS_OK || rc == RS_NOMEM || rc == RS_CANCELLED || may_be_done(j, rc, e)) goto done;
    entry->value = NULL;
    j->known = false;
  }
  rc = rs_sql_writable(s, rel, j->w.a, &table, e);
  j->w.rel = &table;
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, false, write_all, j, e);
  if (rc == RS_OK && table.name == rel->name && !rs_session_in_transaction(s)) {
    if (s->tables.n < 1000 || entry != NULL) (void)rs_map_put(&s->tables, key, s); // only slower
  }
done:
  rs_free(key);
  return rc;
}

enum rs_code rs_sql_write(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                          struct rs_document *docs, size_t n, struct rs_arena *a,
                          const char **offset, struct rs_error *e)
{
  struct rs_arena work;
  struct rs_error own = {0};
  if (e == NULL) e = &own; // it tells whether a statement was sent
  if (s->target->engine->documents == NULL) {
    return rs_engine_lacks(s, "documents written by _id", e);
  }
  rs_arena_init(&work, 0);
  struct add_job j = {.op = op, .w = {.a = &work, .out = a, .n = n}};
  rs_map_init(&j.w.ids);
  rs_doc_fields_init(&j.fields, &work);
  j.w.v = rs_arena_calloc(&work, (n + 1) * sizeof j.w.v[0]);
  enum rs_code rc = j.w.v != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    docs[i].status = RS_WRITTEN_NOT;
    docs[i].id = docs[i].error = NULL;
    j.w.v[i].doc = &docs[i];
    rc = read_document(&j, &j.w.v[i], e);
  }
  if (rc == RS_OK) rc = index_ids(&j.w, e);
  if (rc == RS_OK && op == RS_WRITE_ADD) rc = find_fields(&j, e);
  if (rc == RS_OK && has_work(&j)) rc = try_write(s, rel, &j, e);
  else if (rc == RS_OK)
    rc = rs_sql_writable(s, rel, &work, &(struct rs_relation){.workspace = NULL, .name = NULL}, e);
  if (rc != RS_OK && j.w.v != NULL) set_failed(&j, may_be_done(&j, rc, e));
  if (rc == RS_OK && offset != NULL && (*offset = make_offset(a)) == NULL) rc = rs_nomem(e);
  rs_doc_fields_free(&j.fields);
  rs_map_free(&j.w.ids);
  rs_arena_free(&work);
  return rc;
}
