/*
** A hash map from text to a pointer that keeps insertion order.
**
** Ownership: keys are copied; values are the caller's (rs_map_free frees keys only).
** Threads: one at a time; concurrent reads are fine.
*/
#ifndef RS_BASE_MAP_H
#define RS_BASE_MAP_H
#include <stdbool.h>
#include <stddef.h>

struct rs_map_entry {
  char *key;
  size_t key_len;
  unsigned hash;
  void *value;
};

struct rs_map {
  struct rs_map_entry *v; /* entries in insertion order: iterate 0..n-1 */
  size_t n, cap;
  unsigned *slots; /* index + 1 into v, open addressing */
  size_t nslots;
};

void rs_map_init(struct rs_map *m);
void rs_map_free(struct rs_map *m);
/* Adds or replaces. Returns false when out of memory; the map is then unchanged. */
bool rs_map_put(struct rs_map *m, const char *key, void *value);
bool rs_map_putn(struct rs_map *m, const char *key, size_t n, void *value);
/* NULL when absent; use rs_map_find where NULL is a legal value. */
void *rs_map_get(const struct rs_map *m, const char *key);
struct rs_map_entry *rs_map_find(const struct rs_map *m, const char *key, size_t n);
#endif
