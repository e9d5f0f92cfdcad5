/*
** The documents of a call (struct rs_doc_call): read, given their _ids and the types of their
** fields; and their statuses, once an engine has written them or failed to.
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "internal.h"

const struct rs_doc_ops rs_duckdb_doc_ops = {
  .add = rs_doc_add,
  .patch = rs_doc_patch,
  .remove = rs_doc_delete,
  .input = rs_doc_input,
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
static enum rs_code take_id(struct rs_doc_call *j, struct rs_doc_entry *x, struct rs_error *e)
{
  const struct rs_json *id = rs_json_get(x->tree, j->id_field != NULL ? j->id_field : "_id");
  if (id != NULL && id->kind == RS_J_NULL) id = NULL;
  if (id == NULL && j->op == RS_WRITE_ADD && j->id_field == NULL) {
    char uuid[37];
    rs_uuid_next(&j->uuids, uuid);
    x->made = true;
    x->nid = 36;
    x->id = x->doc->id = rs_arena_strdup(j->w.out, uuid);
    return x->id != NULL ? RS_OK : rs_nomem(e);
  }
  if (id == NULL && j->id_field != NULL)
    return rs_doc_refuse(&j->w, x,
                         rs_arena_printf(j->w.a, "there is no '%s' to be _id", j->id_field), e);
  if (id == NULL) return rs_doc_refuse(&j->w, x, "_id is missing", e);
  const bool number = j->loads && id->kind == RS_J_NUMBER;
  if (!number && (id->kind != RS_J_STRING || id->mark != 0)) {
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
static enum rs_code take_event_time(struct rs_doc_call *j, struct rs_doc_entry *x,
                                    struct rs_error *e)
{
  struct rs_json *t = rs_json_get(x->tree, "_event_time");
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
  bool is_time = t->kind == RS_J_STRING && (t->mark == 0 || (t->mark & RS_DOC_MOMENTS) != 0);
  const char *read = NULL;
  enum rs_code rc = is_time ? rs_doc_time_text(RS_DOC_TIMESTAMP, t->p, t->n, j->w.a, &read)
                            : RS_INVALID;
  if (rc == RS_NOMEM) return rs_nomem(e);
  size_t n = rc == RS_OK ? strlen(read) : 0;
  if (n == 0 || read[n - 1] < '0' || read[n - 1] > '9') {
    return rs_doc_refuse(&j->w, x, "_event_time must be a timestamp, or microseconds since 1970",
                         e);
  }
  t->p = read;
  t->n = n;
  t->mark = 0;
  return RS_OK;
}

static enum rs_code read_document(struct rs_doc_call *j, struct rs_doc_entry *x, struct rs_error *e)
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
    if (m->nkey > 2 && memcmp(m->key + m->nkey - 2, RS_BOXED_SIDE, 2) == 0)
      return rs_doc_refuse(&j->w, x,
                           "a field's name may not end in '" RS_BOXED_SIDE
                           "': what a field's column can't hold lies in a column of that name",
                           e);
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
static enum rs_code find_fields(struct rs_doc_call *j, struct rs_error *e)
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

/* ---- statuses ------------------------------------------------------------------------------- */

/* Statuses before a try: only what was refused is decided. */
void rs_doc_call_reset(struct rs_doc_call *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    j->w.v[i].existed = false;
    if (j->w.v[i].tree != NULL) j->w.v[i].doc->status = RS_WRITTEN_NOT;
  }
}

/* After this error, may documents have been written all the same? The engine's own word that it
** refused the statement is a no; a lost answer, or an end of which the cause is not known, is not.
** What refuses to tell the end of a statement (e->unknown) has another code than that. */
bool rs_doc_call_may_be_done(const struct rs_doc_call *j, enum rs_code rc, const struct rs_error *e)
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

void rs_doc_call_failed(struct rs_doc_call *j, bool unknown)
{
  rs_doc_call_reset(j);
  for (size_t i = 0; i < j->w.n && unknown; i++) {
    if (j->w.v[i].tree != NULL) j->w.v[i].doc->status = RS_WRITTEN_UNKNOWN;
  }
}

/* Of several documents with one _id the first was added, unless there was a row; the others
** replaced it. */
void rs_doc_call_done(struct rs_doc_call *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    struct rs_doc_entry *x = &j->w.v[i];
    if (x->tree == NULL) continue;
    bool replaces = !x->made && (!x->first || j->w.v[x->last].existed);
    switch (j->op) {
      case RS_WRITE_ADD: x->doc->status = replaces ? RS_WRITTEN_REPLACED : RS_WRITTEN_ADDED; break;
      case RS_WRITE_PATCH: x->doc->status = RS_WRITTEN_PATCHED; break;
      case RS_WRITE_DELETE: x->doc->status = RS_WRITTEN_DELETED; break;
      case RS_WRITE_EXPIRE: break; // does not come here
    }
  }
}

/* Is anything left to do? A call of refused documents writes nothing, but must name a collection.
** */
bool rs_doc_call_has_work(const struct rs_doc_call *j)
{
  for (size_t i = 0; i < j->w.n; i++) {
    if (j->w.v[i].tree != NULL) return true;
  }
  return false;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum rs_code read_all(struct rs_doc_call *j, enum rs_write_op op, struct rs_document *docs,
                             size_t n, struct rs_arena *out, struct rs_error *e)
{
  j->op = op;
  rs_arena_init(&j->work, 0);
  j->w.a = &j->work;
  j->w.out = out;
  rs_map_init(&j->w.ids);
  rs_doc_fields_init(&j->fields, &j->work);
  j->w.v = rs_arena_calloc(&j->work, (n + 1) * sizeof j->w.v[0]);
  if (j->w.v == NULL) return rs_nomem(e);
  j->w.n = n;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    docs[i].status = RS_WRITTEN_NOT;
    docs[i].id = docs[i].error = NULL;
    j->w.v[i].doc = &docs[i];
    j->w.v[i].last = i;
    rc = read_document(j, &j->w.v[i], e);
  }
  return rc;
}

enum rs_code rs_doc_call_read(struct rs_doc_call *j, enum rs_write_op op, struct rs_document *docs,
                              size_t n, struct rs_arena *out, struct rs_error *e)
{
  *j = (struct rs_doc_call){.op = op};
  enum rs_code rc = read_all(j, op, docs, n, out, e);
  if (rc == RS_OK) rc = index_ids(&j->w, e);
  if (rc == RS_OK && op == RS_WRITE_ADD) rc = find_fields(j, e);
  return rc;
}

enum rs_code rs_doc_call_load(struct rs_doc_call *j, struct rs_document *docs, size_t n,
                              const char *id_field, struct rs_arena *out, struct rs_error *e)
{
  *j = (struct rs_doc_call){.loads = true, .id_field = id_field};
  return read_all(j, RS_WRITE_ADD, docs, n, out, e);
}

/* Have the values of both the same types, all the way down? */
static bool agree(const struct rs_doc_type *a, const struct rs_doc_type *b)
{
  if (a->kinds != 0 && b->kinds != 0 && a->kinds != b->kinds) return false;
  if (a->element != NULL && b->element != NULL && !agree(a->element, b->element)) return false;
  for (size_t i = 0; i < b->nmembers; i++)
    for (size_t k = 0; k < a->nmembers; k++)
      if (rs_eq(a->members[k].name, b->members[i].name) &&
          !agree(a->members[k].type, b->members[i].type))
        return false;
  return true;
}

/* *fits: the document's fields have the types of those in front of it. */
static enum rs_code fits_in(struct rs_doc_call *j, const struct rs_json *tree, bool *fits,
                            struct rs_error *e)
{
  struct rs_doc_fields *f = &j->fields;
  *fits = true;
  if (!rs_doc_fields_of(f, tree)) return rs_nomem(e);
  const struct rs_doc_shape *at = f->shape;
  for (const struct rs_json *m = tree->first; m != NULL && *fits; m = m->next, at++) {
    struct rs_doc_type own = {.kinds = 0};
    if (at->field == RS_DOC_NO_FIELD) continue;
    enum rs_code rc = rs_doc_infer(&own, m, j->w.a, e);
    if (rc != RS_OK) return rc;
    *fits = agree(&f->v[at->field].type, &own);
  }
  at = f->shape;
  enum rs_code rc = RS_OK;
  for (const struct rs_json *m = tree->first; m != NULL && *fits && rc == RS_OK; m = m->next, at++)
    if (at->field != RS_DOC_NO_FIELD) rc = rs_doc_infer(&f->v[at->field].type, m, j->w.a, e);
  return rc;
}

enum rs_code rs_doc_call_input(struct rs_doc_call *j, struct rs_document *docs, size_t n,
                               struct rs_arena *out, bool **left, struct rs_error *e)
{
  *j = (struct rs_doc_call){.op = RS_WRITE_ADD};
  enum rs_code rc = read_all(j, RS_WRITE_ADD, docs, n, out, e);
  *left = rs_arena_calloc(out, n + 1);
  if (rc == RS_OK && *left == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < n; i++) {
    struct rs_doc_entry *x = &j->w.v[i];
    bool fits = true;
    if (x->made) docs[i].id = NULL;
    if (x->tree != NULL) rc = fits_in(j, x->tree, &fits, e);
    (*left)[i] = !fits;
    if (!fits) x->tree = NULL;
  }
  for (size_t i = 0; i < j->fields.n && rc == RS_OK; i++)
    rc = rs_doc_settle(&j->fields.v[i].type, true, j->w.a, e);
  return rc;
}

void rs_doc_call_free(struct rs_doc_call *j)
{
  rs_doc_fields_free(&j->fields);
  rs_map_free(&j->w.ids);
  rs_arena_free(&j->work);
}
