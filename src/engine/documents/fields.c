/*
** The fields of the documents of a call (see internal.h): which member is which column-to-be.
**
** Documents of one call mostly have the same members in the same order. The fields of the document
** before are therefore remembered position by position; they hold as long as names are the same.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

void rs_doc_fields_init(struct rs_doc_fields *f, struct rs_arena *a)
{
  *f = (struct rs_doc_fields){.a = a};
  rs_map_init(&f->by_name);
}

void rs_doc_fields_free(struct rs_doc_fields *f)
{
  rs_map_free(&f->by_name);
  rs_free(f->v);
  rs_free(f->shape);
}

/* Is it _id, _event_time or _meta? */
static bool is_system(const struct rs_json *member)
{
  static const char *const names[] = {"_id", "_event_time", "_meta"};
  if (member->nkey == 0 || member->key[0] != '_') return false;
  for (size_t i = 0; i < 3; i++) {
    if (rs_eqn(names[i], member->key, member->nkey)) return true;
  }
  return false;
}

/* The field of a member. False when out of memory. */
static bool field_of(struct rs_doc_fields *f, const struct rs_json *m, size_t *field)
{
  const struct rs_map_entry *known = rs_map_find(&f->by_name, m->key, m->nkey);
  if (known != NULL) {
    *field = (uintptr_t)known->value - 1;
    return true;
  }
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) return false;
  const char *name = rs_arena_strndup(f->a, m->key, m->nkey);
  if (name == NULL || !rs_map_putn(&f->by_name, m->key, m->nkey, (void *)(f->n + 1))) {
    return false;
  }
  f->v[f->n] = (struct rs_doc_field){.name = name};
  *field = f->n++;
  return true;
}

/* Looks up the members from number k on, which are not as in the document before. */
static bool learn(struct rs_doc_fields *f, const struct rs_json *m, size_t k)
{
  bool ok = true;
  f->known = k;
  for (; m != NULL && ok; m = m->next) {
    ok = rs_grow(&f->shape, &f->cap_shape, f->known + 1, sizeof f->shape[0]);
    if (!ok) break;
    struct rs_doc_shape *at = &f->shape[f->known];
    *at = (struct rs_doc_shape){m->key, m->nkey, RS_DOC_NO_FIELD};
    if (!is_system(m)) ok = field_of(f, m, &at->field);
    if (ok) f->known++;
  }
  return ok;
}

bool rs_doc_fields_of(struct rs_doc_fields *f, const struct rs_json *document)
{
  const struct rs_json *m = document->first;
  size_t k = 0;
  for (; m != NULL && k < f->known; m = m->next, k++) {
    const struct rs_doc_shape *at = &f->shape[k];
    if (at->nkey != m->nkey || memcmp(at->key, m->key, m->nkey) != 0) break;
  }
  return m == NULL || learn(f, m, k);
}
