/*
** The fields of the documents of a call (see internal.h): which member is which column-to-be.
**
** Documents of one call mostly have the same members in the same order. The fields of the document
** before are therefore remembered position by position; what a member's field is depends on its own
** name and on the members before it, hence they hold as long as the names are the same.
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

/* Is it _id, _event_time or _meta; `folded`: or spelt like one of them but for the case? */
static bool is_system(const struct rs_json *member, bool folded)
{
  static const char *const names[] = {"_id", "_event_time", "_meta"};
  if (member->nkey == 0 || member->key[0] != '_') return false;
  for (size_t i = 0; i < 3; i++) {
    if (strlen(names[i]) != member->nkey) continue;
    if (folded ? rs_casecmpn(names[i], member->key, member->nkey) == 0
               : memcmp(names[i], member->key, member->nkey) == 0) {
      return true;
    }
  }
  return false;
}

/* The name in lower case, which is how the engine compares; twice in one document (`seen`) it gets
** a number. In *b. */
static void fold_name(struct rs_buf *b, const struct rs_json *m, unsigned number)
{
  rs_buf_clear(b);
  rs_buf_add(b, m->key, m->nkey);
  for (size_t i = 0; i < b->n; i++) {
    if (b->p[i] >= 'A' && b->p[i] <= 'Z') b->p[i] = (char)(b->p[i] - 'A' + 'a');
  }
  if (number > 0) rs_buf_printf(b, "_%u", number);
}

/* The field of a member; *b is scratch. A document's second name that differs only in case becomes
** another field. False when out of memory. */
static bool field_of(struct rs_doc_fields *f, const struct rs_json *document,
                     const struct rs_json *m, struct rs_buf *b, size_t *field)
{
  unsigned number = is_system(m, true);
  for (const struct rs_json *c = document->first; c != m; c = c->next) {
    if (c->nkey == m->nkey && rs_casecmpn(c->key, m->key, m->nkey) == 0 && !is_system(c, false)) {
      number++;
    }
  }
  fold_name(b, m, number);
  if (b->rc != RS_OK) return false;
  const struct rs_map_entry *known = rs_map_find(&f->by_name, rs_buf_text(b), b->n);
  if (known != NULL) {
    *field = (uintptr_t)known->value - 1;
    return true;
  }
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) return false;
  const char *name = number > 0 ? rs_arena_printf(f->a, "%.*s_%u", (int)m->nkey, m->key, number)
                                : rs_arena_strndup(f->a, m->key, m->nkey);
  if (name == NULL || !rs_map_putn(&f->by_name, rs_buf_text(b), b->n, (void *)(f->n + 1))) {
    return false;
  }
  f->v[f->n] = (struct rs_doc_field){.name = name};
  *field = f->n++;
  return true;
}

/* Looks up the members from number k on, which are not as in the document before. */
static bool learn(struct rs_doc_fields *f, const struct rs_json *document, const struct rs_json *m,
                  size_t k)
{
  struct rs_buf b;
  bool ok = true;
  rs_buf_init(&b, RS_DOC_NAME_MAX + 64);
  f->known = k;
  for (; m != NULL && ok; m = m->next) {
    ok = rs_grow(&f->shape, &f->cap_shape, f->known + 1, sizeof f->shape[0]);
    if (!ok) break;
    struct rs_doc_shape *at = &f->shape[f->known];
    *at = (struct rs_doc_shape){m->key, m->nkey, RS_DOC_NO_FIELD};
    if (!is_system(m, false)) ok = field_of(f, document, m, &b, &at->field);
    if (ok) f->known++;
  }
  rs_buf_free(&b);
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
  return m == NULL || learn(f, document, m, k);
}
