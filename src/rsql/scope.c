/*
** Sources and their columns (see scope.h).
*/
#include "scope.h"
#include <stdint.h>
#include <string.h>
#include "src/base/text.h"

/* Of the name in lower case: the engines take Title and TITLE for one column. */
static unsigned hash(const char *name)
{
  unsigned h = 2166136261u;
  for (; *name != 0; name++) {
    unsigned char c = (unsigned char)*name;
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    h = (h ^ c) * 16777619u;
  }
  return h;
}

static bool make_slots(struct rs_arena *a, struct rsql_source *s)
{
  size_t n = 16;
  while (n < s->n * 2) n *= 2;
  s->slots = rs_arena_calloc(a, n * sizeof *s->slots);
  if (s->slots == NULL) return false;
  s->nslots = n;
  for (size_t i = 0; i < s->n; i++) {
    size_t at = hash(s->v[i].name) & (n - 1);
    while (s->slots[at] != 0) at = (at + 1) & (n - 1);
    s->slots[at] = (unsigned)i + 1;
  }
  return true;
}

bool rs_rsql_source_add(struct rs_arena *a, struct rsql_source *s, const char *name,
                        struct rsql_type type)
{
  if (s->n >= RS_RSQL_COLUMNS_MAX) {
    s->known = false;
    return true;
  }
  if (s->n == s->cap) {
    size_t cap = s->cap > 0 ? s->cap * 2 : 8;
    struct rsql_column *v = rs_arena_alloc(a, cap * sizeof *v);
    if (v == NULL) return false;
    if (s->n > 0) memcpy(v, s->v, s->n * sizeof *v);
    s->v = v;
    s->cap = cap;
  }
  s->v[s->n++] = (struct rsql_column){name, type};
  s->slots = NULL;
  return true;
}

long rs_rsql_source_find(struct rs_arena *a, struct rsql_source *s, const char *name)
{
  if (s->n == 0) return -1;
  if (s->slots == NULL && !make_slots(a, s)) return -2;
  long found = -1;
  for (size_t at = hash(name) & (s->nslots - 1); s->slots[at] != 0;
       at = (at + 1) & (s->nslots - 1)) {
    long i = (long)s->slots[at] - 1;
    if (rs_eq(s->v[i].name, name)) return i;
    if (found < 0 && rs_casecmp(s->v[i].name, name) == 0) found = i;
  }
  return found;
}

bool rs_rsql_scope_add(struct rs_arena *a, struct rsql_scope *sc, struct rsql_source *s)
{
  if (sc->n == sc->cap) {
    size_t cap = sc->cap > 0 ? sc->cap * 2 : 4;
    struct rsql_source **v = rs_arena_alloc(a, cap * sizeof *v);
    if (v == NULL) return false;
    if (sc->n > 0) memcpy(v, sc->v, sc->n * sizeof *v);
    sc->v = v;
    sc->cap = cap;
  }
  sc->v[sc->n++] = s;
  return true;
}
