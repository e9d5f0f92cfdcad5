/*
** A hash map from text to pointer: entries in insertion order plus an open-addressing index.
*/
#include "map.h"
#include <limits.h>
#include <string.h>
#include "mem.h"

void rs_map_init(struct rs_map *m)
{
  *m = (struct rs_map){0};
}

void rs_map_free(struct rs_map *m)
{
  for (size_t i = 0; i < m->n; i++) rs_free(m->v[i].key);
  rs_free(m->v);
  rs_free(m->slots);
  rs_map_init(m);
}

/* FNV-1a: short keys, no state. */
static unsigned hash_of(const char *key, size_t n)
{
  unsigned h = 2166136261u;
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)key[i]) * 16777619u;
  return h;
}

static void index_entry(unsigned *slots, size_t nslots, unsigned hash, size_t entry)
{
  size_t i = hash & (nslots - 1);
  while (slots[i] != 0) i = (i + 1) & (nslots - 1);
  slots[i] = (unsigned)(entry + 1);
}

struct rs_map_entry *rs_map_find(const struct rs_map *m, const char *key, size_t n)
{
  if (m->nslots == 0) return NULL;
  unsigned hash = hash_of(key, n);
  for (size_t i = hash & (m->nslots - 1); m->slots[i] != 0; i = (i + 1) & (m->nslots - 1)) {
    struct rs_map_entry *entry = &m->v[m->slots[i] - 1];
    if (entry->hash == hash && entry->key_len == n && memcmp(entry->key, key, n) == 0) return entry;
  }
  return NULL;
}

void *rs_map_get(const struct rs_map *m, const char *key)
{
  struct rs_map_entry *entry = rs_map_find(m, key, strlen(key));
  return entry != NULL ? entry->value : NULL;
}

/* Keeps the index at most half full, so that searches stay short and always meet an empty slot. */
static bool make_room(struct rs_map *m)
{
  if (m->n >= UINT_MAX / 4 || !rs_grow(&m->v, &m->cap, m->n + 1, sizeof *m->v)) return false;
  if ((m->n + 1) * 2 <= m->nslots) return true;
  size_t nslots = m->nslots > 0 ? m->nslots * 2 : 16;
  unsigned *slots = rs_calloc(nslots, sizeof *slots);
  if (slots == NULL) return false;
  for (size_t i = 0; i < m->n; i++) index_entry(slots, nslots, m->v[i].hash, i);
  rs_free(m->slots);
  m->slots = slots;
  m->nslots = nslots;
  return true;
}

bool rs_map_putn(struct rs_map *m, const char *key, size_t n, void *value)
{
  struct rs_map_entry *old = rs_map_find(m, key, n);
  if (old != NULL) {
    old->value = value;
    return true;
  }
  char *copy = rs_strndup(key, n);
  if (copy == NULL || !make_room(m)) {
    rs_free(copy);
    return false;
  }
  unsigned hash = hash_of(key, n);
  m->v[m->n] = (struct rs_map_entry){.key = copy, .key_len = n, .hash = hash, .value = value};
  index_entry(m->slots, m->nslots, hash, m->n);
  m->n++;
  return true;
}

bool rs_map_put(struct rs_map *m, const char *key, void *value)
{
  return rs_map_putn(m, key, strlen(key), value);
}
