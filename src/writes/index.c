/*
** The index of a write queue (internal.h): open addressing, linear probing, three quarters full
** at most.
*/
#include "internal.h"
#include "src/base/mem.h"

void rs_index_clear(struct rs_index *ix)
{
  rs_free(ix->slots);
  *ix = (struct rs_index){0};
}

bool rs_index_reserve(struct rs_index *ix)
{
  if (ix->n > 0 && 4 * (ix->used + 1) <= 3 * ix->n) return true;
  size_t n = ix->n > 0 ? 2 * ix->n : 64;
  struct rs_index_slot *slots = rs_calloc(n, sizeof *slots);
  if (slots == NULL) return false;
  ix->used = 0;
  for (size_t i = 0; i < ix->n; i++) {
    if (ix->slots[i].at == 0) continue;
    size_t k = ix->slots[i].hash & (n - 1);
    while (slots[k].hash != 0) k = (k + 1) & (n - 1);
    slots[k] = ix->slots[i];
    ix->used++;
  }
  rs_free(ix->slots);
  ix->slots = slots;
  ix->n = n;
  return true;
}

struct rs_index_slot *rs_index_next(const struct rs_index *ix, uint64_t hash, size_t *i)
{
  if (ix->n == 0) return NULL;
  for (*i &= ix->n - 1; ix->slots[*i].hash != 0; *i = (*i + 1) & (ix->n - 1)) {
    if (ix->slots[*i].hash != hash) continue;
    struct rs_index_slot *found = &ix->slots[*i];
    ++*i;
    return found;
  }
  return NULL;
}

void rs_index_set(struct rs_index *ix, struct rs_index_slot *slot, uint64_t hash, uint64_t at)
{
  if (slot->hash == 0) ix->used++;
  slot->hash = hash;
  slot->at = at;
}

bool rs_index_has(const struct rs_index *ix, uint64_t hash, uint64_t place)
{
  const struct rs_index_slot *s;
  for (size_t i = hash; (s = rs_index_next(ix, hash, &i)) != NULL;)
    if (s->at == place + 1) return true;
  return false;
}
