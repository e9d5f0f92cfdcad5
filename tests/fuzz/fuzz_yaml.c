/*
** Fuzzing the YAML that import reads: any text is an error with a line, or a tree that can be
** walked: every node's parts are there.
*/
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "src/yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t walk(const struct rs_yaml *v, int depth)
{
  size_t seen = 1;
  if (depth > RS_YAML_MAX_DEPTH + 1) abort();
  if (v->kind == RS_YAML_LIST)
    for (size_t i = 0; i < v->count; i++) seen += walk(v->items[i], depth + 1);
  else if (v->kind == RS_YAML_MAP)
    for (size_t i = 0; i < v->count; i++) {
      if (v->pairs[i].key->text == NULL) abort();
      seen += walk(v->pairs[i].value, depth + 1);
    }
  else if (v->kind == RS_YAML_TEXT && strlen(v->text) != v->n) abort();
  return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
  struct rs_arena arena;
  struct rs_error e = {0};
  const struct rs_yaml *root = NULL;
  if (n > 4096) return 0; // small texts: aliases make them large enough
  rs_arena_init(&arena, (size_t)64 << 20);
  if (rs_yaml_parse("fuzz", (const char *)data, n, &arena, &root, &e) == RS_OK) {
    if (root->size < 1 << 20) (void)walk(root, 0);
  } else if (e.text[0] == 0) {
    abort();
  }
  rs_arena_free(&arena);
  return 0;
}
