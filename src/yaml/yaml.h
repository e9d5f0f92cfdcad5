/*
** YAML text to a small tree of nodes that know their lines.
**
** Reads what PyYAML's safe loader reads, as far as configuration files need it: YAML 1.1 scalars
** (yes/no/on/off, 012 octal, 1:30 sexagesimal), quoted scalars as text, anchors, aliases and merge
** keys (`<<`). Dates stay text. JSON is read by the same function. Stricter than PyYAML in what is
** nearly always a mistake: repeated keys, aliases inside themselves, NUL characters.
**
** Ownership: all nodes live in the caller's arena and die with it. They are immutable, and an alias
** is the same node as its anchor: the tree is a graph without cycles. What it would be when written
** out is bounded (RS_YAML_MAX_EXPANDED), so walking it is safe.
** Threads: pure; nothing blocks. Errors: `<name> line L: <what is wrong>`; RS_INVALID, RS_LIMIT.
*/
#ifndef RS_YAML_YAML_H
#define RS_YAML_YAML_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"

#define RS_YAML_MAX_DEPTH 64
#define RS_YAML_MAX_EXPANDED ((size_t)32 << 20) /* bytes that all aliases together may stand for */

enum rs_yaml_kind {
  RS_YAML_NULL,
  RS_YAML_BOOL,  /* i: 0/1 */
  RS_YAML_INT,   /* i */
  RS_YAML_FLOAT, /* f; also integers beyond 64 bits */
  RS_YAML_TEXT,
  RS_YAML_LIST,
  RS_YAML_MAP
};

struct rs_yaml;
struct rs_yaml_pair {
  const struct rs_yaml *key; /* a scalar; its text is the key */
  const struct rs_yaml *value;
};

struct rs_yaml {
  enum rs_yaml_kind kind;
  int line;         /* from 1 */
  bool plain;       /* a scalar without quotes */
  bool secret;      /* set by render.c: holds a DBT_ENV_SECRET_* value */
  const char *text; /* scalars: as written, NUL-terminated; else NULL */
  size_t n;         /* bytes of text */
  int64_t i;
  double f;
  const struct rs_yaml *const *items; /* RS_YAML_LIST */
  const struct rs_yaml_pair *pairs;   /* RS_YAML_MAP */
  size_t count;                       /* of items or pairs */
  size_t size;                        /* bytes it stands for with its aliases written out */
};

/* `name` is what errors call the text. The root of an empty text is RS_YAML_NULL. */
enum rs_code rs_yaml_parse(const char *name, const char *text, size_t n, struct rs_arena *arena,
                           const struct rs_yaml **root, struct rs_error *e);
/* The same, but of a key that is there twice the last value counts, as with PyYAML; `repeated` (may
** be NULL) hears of it. */
enum rs_code rs_yaml_parse_loose(const char *name, const char *text, size_t n,
                                 struct rs_arena *arena,
                                 void (*repeated)(void *ctx, const char *key, int line), void *ctx,
                                 const struct rs_yaml **root, struct rs_error *e);
/* The value of a key; NULL when absent or when map is no map. */
const struct rs_yaml *rs_yaml_get(const struct rs_yaml *map, const char *key);

/* ---- scalar.c: what a plain scalar means ------------------------------------------------ */

/* Sets kind, i and f from v->text by YAML 1.1's rules as PyYAML has them. */
void rs_yaml_resolve(struct rs_yaml *v);

/* ---- json.c: nodes as JSON text -------------------------------------------------------- */

/* The node as JSON text. NULL is null. */
void rs_yaml_json(const struct rs_yaml *v, struct rs_buf *b);
/* The same in the arena; NULL for a missing or null node too. */
enum rs_code rs_yaml_keep_json(const struct rs_yaml *v, struct rs_arena *a, const char **out,
                               struct rs_error *e);
#endif
