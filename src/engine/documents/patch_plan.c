/*
** RS_WRITE_PATCH up to the writing (struct rs_doc_patches): which fields the operations name, the
** documents that an engine has read, and the operations on them.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

/* ---- which fields ---------------------------------------------------------------------------- */

static struct rs_doc_touched *find_field(const struct rs_doc_patches *p, const char *name)
{
  uintptr_t number = (uintptr_t)rs_map_get(&p->by_name, name);
  return number > 0 ? &p->fields[number - 1] : NULL;
}

static enum rs_code touch_field(struct rs_doc_patches *p, const char *name, const char **why,
                                struct rs_error *e)
{
  static const char *const immutable[] = {"_id", "_event_time", "_meta"};
  for (size_t i = 0; i < sizeof immutable / sizeof immutable[0]; i++) {
    if (!rs_eq(immutable[i], name)) continue;
    *why = rs_arena_printf(p->w->a, "%s can't be changed", name);
    return *why != NULL ? RS_OK : rs_nomem(e);
  }
  if (name[0] == 0) {
    *why = "a field's name is empty";
    return RS_OK;
  }
  if (find_field(p, name) != NULL) return RS_OK;
  if (!rs_grow(&p->fields, &p->cap, p->n + 1, sizeof p->fields[0]) ||
      !rs_map_put(&p->by_name, name, (void *)(p->n + 1))) {
    return rs_nomem(e);
  }
  p->fields[p->n++] = (struct rs_doc_touched){.name = name, .column = -1};
  return RS_OK;
}

enum rs_code rs_doc_patches_column(struct rs_doc_patches *p, const char *name, struct rs_error *e)
{
  if (!p->whole) return RS_OK;
  const char *why = NULL;
  char *copy = rs_arena_strdup(p->w->a, name);
  if (copy == NULL) return rs_nomem(e);
  return touch_field(p, copy, &why, e); // those that can't be changed are no fields
}

/* The fields of one patch; refuses a patch that is none. */
static enum rs_code touch_fields(struct rs_doc_patches *p, struct rs_doc_entry *x,
                                 struct rs_error *e)
{
  static const char *const members[] = {"path", "from"};
  const struct rs_json *patch = rs_json_get(x->tree, "patch");
  if (patch == NULL || patch->kind != RS_J_ARRAY) {
    return rs_doc_refuse(p->w, x, "'patch' must be an array of operations", e);
  }
  for (const struct rs_json *op = patch->first; op != NULL; op = op->next) {
    for (size_t i = 0; i < 2; i++) {
      const struct rs_json *path = rs_json_get(op, members[i]);
      const char *why = NULL, *name = NULL;
      // one that is not needed may be there as null
      if (i == 1 && (path == NULL || path->kind != RS_J_STRING)) continue;
      if (rs_patch_is_whole(op, members[i])) {
        p->whole = true;
        continue;
      }
      name = rs_patch_field(op, members[i], p->w->a, &why);
      if (name == NULL && why == NULL) return rs_nomem(e);
      enum rs_code rc = name != NULL ? touch_field(p, name, &why, e) : RS_OK;
      if (rc != RS_OK) return rc;
      if (why != NULL) return rs_doc_refuse(p->w, x, why, e);
    }
  }
  return RS_OK;
}

enum rs_code rs_doc_patches_open(struct rs_doc_patches *p, struct rs_doc_write *w,
                                 struct rs_error *e)
{
  *p = (struct rs_doc_patches){.w = w};
  rs_map_init(&p->by_name);
  p->docs = rs_arena_calloc(w->a, (w->ids.n + 1) * sizeof p->docs[0]);
  enum rs_code rc = p->docs != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (w->v[i].tree != NULL) rc = touch_fields(p, &w->v[i], e);
  }
  return rc;
}

void rs_doc_patches_free(struct rs_doc_patches *p)
{
  rs_map_free(&p->by_name);
  rs_free(p->fields);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum rs_code add_id(struct rs_doc_patches *p, struct rs_json *tree,
                           const struct rs_doc_entry *x, struct rs_error *e)
{
  struct rs_json *id = rs_json_new_string(p->w->a, x->id, x->nid);
  if (id == NULL) return rs_nomem(e);
  id->key = "_id";
  id->nkey = 3;
  rs_json_add(tree, id);
  return RS_OK;
}

enum rs_code rs_doc_patches_see(struct rs_doc_patches *p, struct rs_rows *r, rs_doc_read_fn read,
                                void *ctx, struct rs_error *e)
{
  struct rs_value v;
  rs_rows_get(r, 0, &v);
  const struct rs_map_entry *m = v.kind == RS_TEXT ? rs_map_find(&p->w->ids, v.s.p, v.s.n) : NULL;
  if (m == NULL) return RS_OK;
  enum rs_code rc = rs_doc_exists(p->w, m->value, e);
  if (rc != RS_OK) return rc;
  struct rs_doc_patched *d = &p->docs[m - p->w->ids.v];
  d->tree = rs_json_new(p->w->a, RS_J_OBJECT);
  if (d->tree == NULL) return rs_nomem(e);
  size_t col = 1;
  for (size_t i = 0; i < p->n; i++) {
    const struct rs_doc_touched *f = &p->fields[i];
    struct rs_json *value;
    if (f->column < 0) continue;
    rc = read(ctx, (size_t)f->column, r, &col, &value, e);
    if (rc != RS_OK) return rc;
    if (value == NULL) continue;
    value->key = f->name;
    value->nkey = strlen(f->name);
    rs_json_add(d->tree, value);
  }
  return p->whole ? add_id(p, d->tree, m->value, e) : RS_OK;
}

/* ---- applying -------------------------------------------------------------------------------- */

/* A document on its way through its patch. */
struct change {
  struct rs_doc_entry *x;
  struct rs_json *tree;
  bool *changed; /* by touched field */
  size_t n;
};

/* Room in `changed` for fields that were touched since. */
static bool grow_changed(const struct rs_doc_patches *p, bool **changed, size_t *n)
{
  if (*changed != NULL && *n >= p->n) return true;
  bool *more = rs_arena_calloc(p->w->a, p->n + 1);
  if (more == NULL) return false;
  if (*changed != NULL) memcpy(more, *changed, *n);
  *changed = more;
  *n = p->n;
  return true;
}

/* The field of a member of a document that was given as a whole. */
static enum rs_code adopt_member(struct rs_doc_patches *p, struct rs_json *m, const char **why,
                                 struct rs_error *e)
{
  const char *name = rs_arena_strndup(p->w->a, m->key, m->nkey);
  return name != NULL ? touch_field(p, name, why, e) : rs_nomem(e);
}

/* An operation has made the document another one: all its fields have changed but its _id. */
static enum rs_code adopt_document(struct rs_doc_patches *p, struct change *c, const char **why,
                                   struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  struct rs_json *id = rs_json_get(c->tree, "_id");
  if (id != NULL && (id->kind != RS_J_STRING || id->mark != 0 || id->n != c->x->nid ||
                     memcmp(id->p, c->x->id, id->n) != 0)) {
    *why = "_id can't be changed";
    return RS_OK;
  }
  rs_json_remove(c->tree, id);
  rs_json_remove(c->tree, rs_json_get(c->tree, "_meta")); // ignored, as in documents that are added
  for (struct rs_json *m = c->tree->first; m != NULL && rc == RS_OK && *why == NULL; m = m->next) {
    rc = adopt_member(p, m, why, e);
  }
  if (rc != RS_OK || *why != NULL) return rc;
  if (!grow_changed(p, &c->changed, &c->n)) return rs_nomem(e);
  memset(c->changed, true, p->n);
  return add_id(p, c->tree, c->x, e);
}

static void mark_changed(const struct rs_doc_patches *p, bool *changed, const struct rs_json *op,
                         const char *member)
{
  const char *why;
  const char *name = rs_patch_field(op, member, p->w->a, &why);
  if (name != NULL) changed[find_field(p, name) - p->fields] = true;
}

static bool is_op(const struct rs_json *op, const char *name)
{
  const struct rs_json *j = rs_json_get(op, "op");
  return rs_caseeqn(name, j->p, j->n);
}

/* RS_INVALID with a text in *why: the operation can't be applied. */
static enum rs_code apply_op(struct rs_doc_patches *p, struct change *c, const struct rs_json *op,
                             const char **why, struct rs_error *e)
{
  enum rs_code rc = rs_patch_apply(c->tree, op, p->w->a, why);
  if (rc != RS_OK) return rc == RS_INVALID ? rc : rs_nomem(e);
  if (is_op(op, "TEST")) return RS_OK;
  if (rs_patch_is_whole(op, "path")) rc = adopt_document(p, c, why, e);
  else mark_changed(p, c->changed, op, "path");
  if (rc != RS_OK || *why != NULL) return rc != RS_OK ? rc : RS_INVALID;
  if (is_op(op, "MOVE") && !rs_patch_is_whole(op, "from")) mark_changed(p, c->changed, op, "from");
  return RS_OK;
}

/* All operations of a patch, or none. */
static enum rs_code apply_patch(struct rs_doc_patches *p, struct rs_doc_entry *x,
                                struct rs_error *e)
{
  const struct rs_map_entry *m = rs_map_find(&p->w->ids, x->id, x->nid);
  struct rs_doc_patched *d = &p->docs[m - p->w->ids.v];
  const char *why = NULL;
  size_t number = 1;
  if (d->tree == NULL) return rs_doc_refuse(p->w, x, "there is no document of this _id", e);
  struct change c = {.x = x, .tree = rs_json_copy(p->w->a, d->tree), .n = p->n};
  c.changed = rs_arena_calloc(p->w->a, p->n + 1);
  if (c.tree == NULL || c.changed == NULL) return rs_nomem(e);
  if (d->changed != NULL) memcpy(c.changed, d->changed, d->nchanged);
  const struct rs_json *patch = rs_json_get(x->tree, "patch");
  for (const struct rs_json *op = patch->first; op != NULL; op = op->next, number++) {
    enum rs_code rc = apply_op(p, &c, op, &why, e);
    if (rc == RS_INVALID) {
      why = rs_arena_printf(p->w->a, "operation %zu: %s", number, why);
      return why != NULL ? rs_doc_refuse(p->w, x, why, e) : rs_nomem(e);
    }
    if (rc != RS_OK) return rc;
  }
  d->tree = c.tree;
  d->changed = c.changed;
  d->nchanged = c.n;
  return RS_OK;
}

enum rs_code rs_doc_patches_apply(struct rs_doc_patches *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < p->w->n && rc == RS_OK; i++) {
    if (p->w->v[i].tree != NULL) rc = apply_patch(p, &p->w->v[i], e);
  }
  for (size_t i = 0; i < p->w->ids.n && rc == RS_OK; i++) {
    struct rs_doc_patched *d = &p->docs[i];
    if (d->changed != NULL && !grow_changed(p, &d->changed, &d->nchanged)) rc = rs_nomem(e);
  }
  return rc;
}
