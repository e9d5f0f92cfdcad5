/*
** JSON patch (RFC 6902) with Rockset's INCREMENT, on documents as internal.h has them: integers
** keep all their digits, typed values are single values.
**
** An operation either applies or leaves a reason; who wants all or none works on a copy.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

enum op { OP_ADD, OP_REPLACE, OP_REMOVE, OP_COPY, OP_MOVE, OP_TEST, OP_INCREMENT };
static const struct {
  const char *name;
  bool value, from;
} ops[] = {
  {"ADD", true, false},       {"REPLACE", true, false}, {"REMOVE", false, false},
  {"COPY", false, true},      {"MOVE", false, true},    {"TEST", true, false},
  {"INCREMENT", true, false},
};
#define NOPS (sizeof ops / sizeof ops[0])

struct patching {
  struct rs_arena *a;
  const char **why;
};

static enum rs_code wrong(struct patching *x, const char *text)
{
  *x->why = text;
  return text != NULL ? RS_INVALID : RS_NOMEM;
}

/* ---- pointers (RFC 6901) --------------------------------------------------------------------- */

/* The part of a pointer behind the slash at *pp, decoded; moves *pp to the next slash or the end.
** */
static char *next_part(struct rs_arena *a, const char **pp, const char *end)
{
  const char *p = *pp + 1;
  char *part = rs_arena_alloc(a, (size_t)(end - p) + 1), *to = part;
  if (part == NULL) return NULL;
  for (; p < end && *p != '/'; p++) {
    if (*p == '~' && p + 1 < end && (p[1] == '0' || p[1] == '1')) *to++ = *++p == '0' ? '~' : '/';
    else *to++ = *p;
  }
  *to = 0;
  *pp = p;
  return part;
}

/* A place: the child of `parent` by the name or number `part`. */
struct place {
  struct rs_json *parent;
  const char *part;
  struct rs_json *child; /* NULL: nothing is there */
  size_t index;          /* in an array */
  bool end;              /* "-", or one behind the last */
};

static bool array_index(const char *part, size_t *index)
{
  size_t n = strlen(part), i = 0;
  *index = 0;
  if (n == 0 || n > 9 || (n > 1 && part[0] == '0')) return false;
  for (; i < n; i++) {
    if (part[i] < '0' || part[i] > '9') return false;
    *index = *index * 10 + (size_t)(part[i] - '0');
  }
  return true;
}

static struct rs_json *child_at(const struct rs_json *array, size_t index)
{
  struct rs_json *c = array->first;
  while (c != NULL && index-- > 0) c = c->next;
  return c;
}

/* Looks `part` up in the parent; false when the parent can have no such child. */
static bool look_up_part(struct place *at)
{
  at->child = NULL;
  at->end = false;
  if (at->parent->kind == RS_J_OBJECT && at->parent->mark == 0) {
    at->child = rs_json_get(at->parent, at->part);
    return true;
  }
  if (at->parent->kind != RS_J_ARRAY) return false;
  if (rs_eq(at->part, "-")) {
    at->end = true;
    return true;
  }
  if (!array_index(at->part, &at->index) || at->index > at->parent->n) return false;
  at->child = child_at(at->parent, at->index);
  at->end = at->child == NULL;
  return true;
}

static enum rs_code find_place(struct patching *x, struct rs_json *document,
                               const struct rs_json *path, struct place *at)
{
  const char *p = path->p, *end = path->p + path->n;
  *at = (struct place){.child = document};
  while (p < end) {
    at->parent = at->child;
    at->part = next_part(x->a, &p, end);
    if (at->part == NULL) return RS_NOMEM;
    if (at->parent == NULL || !look_up_part(at)) {
      return wrong(x, rs_arena_printf(x->a, "path '%.*s' does not exist", (int)path->n, path->p));
    }
  }
  return RS_OK;
}

bool rs_patch_is_whole(const struct rs_json *op, const char *member)
{
  const struct rs_json *path = rs_json_get(op, member);
  return path != NULL && path->kind == RS_J_STRING && path->n == 0;
}

const char *rs_patch_field(const struct rs_json *op, const char *member, struct rs_arena *a,
                           const char **why)
{
  const struct rs_json *path = rs_json_get(op, member);
  *why = NULL;
  if (path == NULL || path->kind != RS_J_STRING || path->n == 0 || path->p[0] != '/') {
    *why = rs_arena_printf(a, "an operation needs '%s', a path that is empty or begins with /",
                           member);
    return NULL;
  }
  const char *p = path->p;
  return next_part(a, &p, path->p + path->n);
}

/* ---- equality -------------------------------------------------------------------------------- */

static bool equal(const struct rs_json *x, const struct rs_json *y);

static bool equal_objects(const struct rs_json *x, const struct rs_json *y)
{
  if (x->n != y->n) return false;
  for (const struct rs_json *c = x->first; c != NULL; c = c->next) {
    const struct rs_json *other = rs_json_getn(y, c->key, c->nkey);
    if (other == NULL || !equal(c, other)) return false;
  }
  return true;
}

static bool equal(const struct rs_json *x, const struct rs_json *y)
{
  int64_t i, k;
  if (x->kind != y->kind) return false;
  switch (x->kind) {
    case RS_J_NULL: return true;
    case RS_J_BOOL: return x->truth == y->truth;
    case RS_J_STRING: return x->mark == y->mark && x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
    case RS_J_NUMBER: {
      if (rs_json_int(x, &i) && rs_json_int(y, &k)) return i == k;
      double d = rs_text_to_double(x->p, x->n), f = rs_text_to_double(y->p, y->n);
      return d >= f && d <= f;
    }
    case RS_J_OBJECT: return equal_objects(x, y);
    default: break;
  }
  if (x->n != y->n) return false;
  const struct rs_json *d = y->first;
  for (const struct rs_json *c = x->first; c != NULL; c = c->next, d = d->next) {
    if (!equal(c, d)) return false;
  }
  return true;
}

/* ---- operations ------------------------------------------------------------------------------ */

/* Takes `node` out of *from and puts it in front of or in place of what is there. */
static void insert_at(struct place *at, struct rs_json *node)
{
  struct rs_json *parent = at->parent;
  if (parent->kind == RS_J_OBJECT) {
    node->key = at->part;
    node->nkey = strlen(at->part);
    if (at->child == NULL) {
      rs_json_add(parent, node);
      return;
    }
  }
  if (at->end) {
    rs_json_add(parent, node);
    return;
  }
  struct rs_json **link = &parent->first, *before = NULL;
  while (*link != at->child) {
    before = *link;
    link = &before->next;
  }
  *link = node;
  node->next = at->child;
  parent->n++;
  if (parent->kind == RS_J_OBJECT) rs_json_remove(parent, at->child);
}

/* In place of what is there. */
static void replace_at(struct place *at, const struct rs_json *value)
{
  struct rs_json *c = at->child, *next = c->next;
  const char *key = c->key;
  size_t nkey = c->nkey;
  *c = *value;
  c->next = next;
  c->key = key;
  c->nkey = nkey;
}

static enum rs_code increment(struct patching *x, struct rs_json *target,
                              const struct rs_json *value)
{
  int64_t i, by, sum;
  if (target->kind != RS_J_NUMBER || value->kind != RS_J_NUMBER) {
    return wrong(x, "an increment needs numbers");
  }
  if (target->mark == RS_DOC_INT && rs_json_int(target, &i) && rs_json_int(value, &by)) {
    if (__builtin_add_overflow(i, by, &sum)) return wrong(x, "the sum is beyond 64 bits");
    target->p = rs_arena_printf(x->a, "%lld", (long long)sum);
  } else {
    double d = rs_text_to_double(target->p, target->n) + rs_text_to_double(value->p, value->n);
    struct rs_buf b;
    if (!isfinite(d)) return wrong(x, "the sum is too large");
    rs_buf_init(&b, 400);
    rs_buf_json_double(&b, d);
    if (strpbrk(rs_buf_text(&b), ".e") == NULL) rs_buf_str(&b, ".0");
    target->p = b.rc == RS_OK ? rs_arena_strdup(x->a, rs_buf_text(&b)) : NULL;
    target->mark = RS_DOC_DOUBLE;
    rs_buf_free(&b);
  }
  if (target->p == NULL) return RS_NOMEM;
  target->n = strlen(target->p);
  return RS_OK;
}

/* Is the place inside of what is to be moved there? */
static bool is_inside(const struct rs_json *path, const struct rs_json *from)
{
  return path->n > from->n && memcmp(path->p, from->p, from->n) == 0 && path->p[from->n] == '/';
}

/* The document becomes what the node is. */
static enum rs_code become(struct patching *x, struct rs_json *document, struct rs_json *node)
{
  if (node->kind != RS_J_OBJECT || node->mark != 0) {
    return wrong(x, "a document must be a JSON object");
  }
  *document = *node;
  return RS_OK;
}

/* What every document has is compared only where the value names it; null is as good as absent,
** since a column can't tell them apart. */
static bool equal_documents(const struct rs_json *document, const struct rs_json *value)
{
  if (value->kind != RS_J_OBJECT || value->mark != 0) return false;
  for (const struct rs_json *c = value->first; c != NULL; c = c->next) {
    const struct rs_json *is = rs_json_getn(document, c->key, c->nkey);
    if (is != NULL ? !equal(is, c) : c->kind != RS_J_NULL) return false;
  }
  for (const struct rs_json *c = document->first; c != NULL; c = c->next) {
    bool own = c->nkey == 3 && memcmp(c->key, "_id", 3) == 0;
    if (c->kind != RS_J_NULL && !own && rs_json_getn(value, c->key, c->nkey) == NULL) return false;
  }
  return true;
}

/* A document has no fields that it lacks, though the collection has columns for them. */
static void drop_nulls(struct rs_json *document)
{
  for (struct rs_json *c = document->first, *next; c != NULL; c = next) {
    next = c->next;
    if (c->kind == RS_J_NULL) rs_json_remove(document, c);
  }
}

static enum rs_code transfer(struct patching *x, struct rs_json *document, const struct rs_json *op,
                             bool move)
{
  const struct rs_json *path = rs_json_get(op, "path"), *source = rs_json_get(op, "from");
  struct place at, from;
  enum rs_code rc = find_place(x, document, source, &from);
  if (rc == RS_OK && from.child == NULL) {
    return wrong(x, rs_arena_printf(x->a, "path '%.*s' does not exist", (int)source->n, source->p));
  }
  if (rc == RS_OK && move && is_inside(path, source)) {
    return wrong(x, "a value can't be moved into itself");
  }
  if (rc != RS_OK) return rc;
  struct rs_json *node = rs_json_copy(x->a, from.child);
  if (node == NULL) return RS_NOMEM;
  if (source->n == 0) drop_nulls(node);
  if (path->n == 0) return become(x, document, node);
  if (move) rs_json_remove(from.parent, from.child);
  rc = find_place(x, document, path, &at);
  if (rc == RS_OK) insert_at(&at, node);
  return rc;
}

static enum rs_code apply_value(struct patching *x, struct rs_json *document, enum op kind,
                                const struct rs_json *op)
{
  const struct rs_json *path = rs_json_get(op, "path"), *given = rs_json_get(op, "value");
  struct place at;
  enum rs_code rc = find_place(x, document, path, &at);
  if (rc != RS_OK) return rc;
  if (kind != OP_ADD && at.child == NULL) {
    return wrong(x, rs_arena_printf(x->a, "path '%.*s' does not exist", (int)path->n, path->p));
  }
  if (kind == OP_REMOVE && path->n == 0) {
    return wrong(x, "a patch can't remove the whole document: DELETE it");
  }
  if (kind == OP_REMOVE) {
    rs_json_remove(at.parent, at.child);
    return RS_OK;
  }
  struct rs_json *value = rs_json_copy(x->a, given);
  if (value == NULL) return RS_NOMEM;
  rc = rs_doc_prepare(value, x->a, x->why);
  if (rc != RS_OK) return rc;
  switch (kind) {
    case OP_ADD:
      if (path->n == 0) return become(x, document, value);
      insert_at(&at, value);
      return RS_OK;
    case OP_REPLACE:
      if (path->n == 0) return become(x, document, value);
      replace_at(&at, value);
      return RS_OK;
    case OP_INCREMENT: return increment(x, at.child, value);
    default: break;
  }
  if (path->n == 0 ? equal_documents(document, value) : equal(at.child, value)) return RS_OK;
  return wrong(x, rs_arena_printf(x->a, "test of '%.*s' failed", (int)path->n, path->p));
}

enum rs_code rs_patch_apply(struct rs_json *document, const struct rs_json *op, struct rs_arena *a,
                            const char **why)
{
  struct patching x = {a, why};
  const struct rs_json *name = rs_json_get(op, "op");
  size_t i = 0;
  *why = NULL;
  if (name == NULL || name->kind != RS_J_STRING) return wrong(&x, "an operation needs 'op'");
  while (i < NOPS &&
         !(strlen(ops[i].name) == name->n && rs_casecmpn(ops[i].name, name->p, name->n) == 0)) {
    i++;
  }
  if (i == NOPS) {
    return wrong(&x, rs_arena_printf(a, "operation '%.*s' is not known",
                                     (int)(name->n > 40 ? 40 : name->n), name->p));
  }
  if (ops[i].value && rs_json_get(op, "value") == NULL) {
    return wrong(&x, rs_arena_printf(a, "%s needs a value", ops[i].name));
  }
  if (!rs_patch_is_whole(op, "path") && rs_patch_field(op, "path", a, why) == NULL) {
    return *why != NULL ? RS_INVALID : RS_NOMEM;
  }
  if (!ops[i].from) return apply_value(&x, document, (enum op)i, op);
  if (!rs_patch_is_whole(op, "from") && rs_patch_field(op, "from", a, why) == NULL) {
    return *why != NULL ? RS_INVALID : RS_NOMEM;
  }
  return transfer(&x, document, op, i == OP_MOVE);
}
