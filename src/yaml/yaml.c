/*
** YAML text to a tree, over libyaml's events.
**
** Finished nodes wait on one stack; the end of a list or map takes what was pushed since its start.
** Aliases push the anchor's own node again, so nothing is copied; what they stand for is counted in
** bytes, which stops the "billion laughs" family at the alias that goes too far. Merge keys copy
** pairs (pointers only) and count the same way.
*/
#include "yaml.h"
#include <string.h>
#include <yaml.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#define NODE_SIZE 16   /* what a node counts besides its text */
#define LINEAR_KEYS 16 /* maps up to this many keys are searched without a hash map */
#define KEY_SHOWN 60   /* bytes of a key in an error text */

struct frame {
  bool is_map;
  int line;
  size_t start; /* index of its first child on the stack of nodes */
  char *anchor;
};

struct parse {
  const char *name;
  struct rs_arena *arena;
  struct rs_error *e;
  struct frame frames[RS_YAML_MAX_DEPTH];
  size_t depth;
  const struct rs_yaml **nodes;
  size_t nnodes, cap;
  struct rs_map anchors; /* name -> node, NULL while the node is still open */
  size_t expanded;
  int documents;
  bool loose; /* of a repeated key the last value counts, as PyYAML has it */
  void (*repeated)(void *ctx, const char *key, int line);
  void *repeated_ctx;
};

static int line_of(yaml_mark_t mark)
{
  return mark.line < INT32_MAX ? (int)mark.line + 1 : INT32_MAX;
}

static enum rs_code fail(const struct parse *p, int line, enum rs_code code, const char *what)
{
  return rs_fail(p->e, code, "%s line %d: %s", p->name, line, what);
}

static enum rs_code no_memory(const struct parse *p)
{
  if (rs_arena_limited(p->arena)) {
    return rs_fail(p->e, RS_LIMIT, "%s: needs more memory than a YAML text may", p->name);
  }
  return rs_nomem(p->e);
}

static enum rs_code push_node(struct parse *p, const struct rs_yaml *v)
{
  if (!rs_grow(&p->nodes, &p->cap, p->nnodes + 1, sizeof *p->nodes)) return rs_nomem(p->e);
  p->nodes[p->nnodes++] = v;
  return RS_OK;
}

/* ---- anchors and aliases -------------------------------------------------------------------- */

static enum rs_code set_anchor(struct parse *p, const char *anchor, const struct rs_yaml *v)
{
  if (!anchor) return RS_OK;
  return rs_map_put(&p->anchors, anchor, (void *)(uintptr_t)v) ? RS_OK : rs_nomem(p->e);
}

/* Counts what an alias or a merge stands for. */
static enum rs_code expand(struct parse *p, int line, size_t size)
{
  p->expanded += size;
  if (p->expanded <= RS_YAML_MAX_EXPANDED) return RS_OK;
  return fail(p, line, RS_LIMIT, "its aliases stand for more than 32 MiB");
}

static enum rs_code on_alias(struct parse *p, const yaml_event_t *ev)
{
  int line = line_of(ev->start_mark);
  const char *anchor = (const char *)ev->data.alias.anchor;
  struct rs_map_entry *found = rs_map_find(&p->anchors, anchor, strlen(anchor));
  if (!found) {
    return rs_fail(p->e, RS_INVALID, "%s line %d: alias '*%s' has no anchor before it", p->name,
                   line, anchor);
  }
  if (!found->value) {
    return rs_fail(p->e, RS_INVALID, "%s line %d: alias '*%s' stands inside its own anchor",
                   p->name, line, anchor);
  }
  const struct rs_yaml *v = found->value;
  enum rs_code rc = expand(p, line, v->size);
  return rc ? rc : push_node(p, v);
}

/* ---- scalars -------------------------------------------------------------------------------- */

/* A tag that says what the scalar is, against its look: `!!str 1`, `!!int "1"`. */
static enum rs_code apply_tag(const struct parse *p, const char *tag, struct rs_yaml *v)
{
  static const struct {
    const char *tag;
    enum rs_yaml_kind kind;
  } known[] = {{YAML_NULL_TAG, RS_YAML_NULL},
               {YAML_BOOL_TAG, RS_YAML_BOOL},
               {YAML_INT_TAG, RS_YAML_INT},
               {YAML_FLOAT_TAG, RS_YAML_FLOAT},
               {YAML_STR_TAG, RS_YAML_TEXT}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strcmp(tag, known[i].tag) != 0) continue;
    v->kind = RS_YAML_TEXT;
    if (known[i].kind == RS_YAML_TEXT) return RS_OK;
    rs_yaml_resolve(v);
    if (known[i].kind == RS_YAML_FLOAT && v->kind == RS_YAML_INT) v->kind = RS_YAML_FLOAT;
    if (v->kind == known[i].kind) return RS_OK;
    return rs_fail(p->e, RS_INVALID, "%s line %d: a value is not what its tag '%s' says", p->name,
                   v->line, tag);
  }
  return rs_fail(p->e, RS_INVALID, "%s line %d: unknown tag '%s'", p->name, v->line, tag);
}

static enum rs_code on_scalar(struct parse *p, const yaml_event_t *ev)
{
  struct rs_yaml *v = rs_arena_calloc(p->arena, sizeof *v);
  const char *tag = (const char *)ev->data.scalar.tag;
  if (!v) return no_memory(p);
  v->line = line_of(ev->start_mark);
  v->n = ev->data.scalar.length;
  v->text = rs_arena_strndup(p->arena, (const char *)ev->data.scalar.value, v->n);
  if (!v->text) return no_memory(p);
  if (strlen(v->text) != v->n) {
    return fail(p, v->line, RS_INVALID, "a text holds a NUL character");
  }
  v->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  v->kind = RS_YAML_TEXT;
  v->size = NODE_SIZE + v->n;
  if (tag && strcmp(tag, "!") != 0) {
    enum rs_code rc = apply_tag(p, tag, v);
    if (rc) return rc;
  } else if (v->plain) {
    rs_yaml_resolve(v);
  }
  enum rs_code rc = set_anchor(p, (const char *)ev->data.scalar.anchor, v);
  return rc ? rc : push_node(p, v);
}

/* ---- lists and maps ------------------------------------------------------------------------- */

static enum rs_code on_start(struct parse *p, const yaml_event_t *ev, bool is_map)
{
  const char *anchor = (const char *)(is_map ? ev->data.mapping_start.anchor
                                             : ev->data.sequence_start.anchor);
  const char *tag = (const char *)(is_map ? ev->data.mapping_start.tag
                                          : ev->data.sequence_start.tag);
  int line = line_of(ev->start_mark);
  if (tag && strcmp(tag, is_map ? YAML_MAP_TAG : YAML_SEQ_TAG) != 0) {
    return rs_fail(p->e, RS_INVALID, "%s line %d: unknown tag '%s'", p->name, line, tag);
  }
  if (p->depth == RS_YAML_MAX_DEPTH) {
    return fail(p, line, RS_LIMIT, "lists and maps nest deeper than 64");
  }
  struct frame *f = &p->frames[p->depth];
  *f = (struct frame){.is_map = is_map, .line = line, .start = p->nnodes};
  if (anchor) {
    f->anchor = rs_arena_strdup(p->arena, anchor);
    if (!f->anchor) return no_memory(p);
  }
  p->depth++;
  return set_anchor(p, anchor, NULL);
}

/* The pairs of one map while it is put together. */
struct pairs {
  struct rs_yaml_pair *v; /* in the arena, room for all that can come */
  size_t n;
  struct rs_map seen; /* key -> key node, once there are more than LINEAR_KEYS */
};

static const struct rs_yaml *pairs_find(const struct pairs *m, const struct rs_yaml *key)
{
  if (m->n > LINEAR_KEYS) {
    struct rs_map_entry *found = rs_map_find(&m->seen, key->text, key->n);
    return found ? found->value : NULL;
  }
  for (size_t i = 0; i < m->n; i++) {
    const struct rs_yaml *k = m->v[i].key;
    if (k->n == key->n && memcmp(k->text, key->text, key->n) == 0) return k;
  }
  return NULL;
}

static bool pairs_index(struct pairs *m, size_t i)
{
  const struct rs_yaml *key = m->v[i].key;
  return rs_map_putn(&m->seen, key->text, key->n, (void *)(uintptr_t)key);
}

static bool pairs_add(struct pairs *m, const struct rs_yaml *key, const struct rs_yaml *value)
{
  m->v[m->n++] = (struct rs_yaml_pair){key, value};
  if (m->n <= LINEAR_KEYS) return true;
  for (size_t i = m->n == LINEAR_KEYS + 1 ? 0 : m->n - 1; i < m->n; i++) {
    if (!pairs_index(m, i)) return false;
  }
  return true;
}

static bool is_merge(const struct rs_yaml *key)
{
  return key->plain && key->text && strcmp(key->text, "<<") == 0;
}

static enum rs_code merge_shape(const struct parse *p, int line)
{
  return fail(p, line, RS_INVALID, "'<<' takes a map or a list of maps");
}

/* Adds the pairs that a merge brings and the map doesn't have yet: what stands there wins. */
static enum rs_code merge_map(struct parse *p, struct pairs *m, const struct rs_yaml *from)
{
  for (size_t i = 0; i < from->count; i++) {
    const struct rs_yaml_pair *pair = &from->pairs[i];
    if (pairs_find(m, pair->key)) continue;
    if (!pairs_add(m, pair->key, pair->value)) return rs_nomem(p->e);
  }
  return RS_OK;
}

/* How many pairs a merge may bring, counted against the limit of expansion as well. */
static enum rs_code merge_count(struct parse *p, const struct rs_yaml *value, int line,
                                size_t *count)
{
  enum rs_code rc = RS_OK;
  if (value->kind == RS_YAML_MAP) {
    *count += value->count;
    return expand(p, line, value->size);
  }
  if (value->kind != RS_YAML_LIST) return merge_shape(p, line);
  for (size_t i = 0; i < value->count && !rc; i++) {
    if (value->items[i]->kind != RS_YAML_MAP) return merge_shape(p, line);
    *count += value->items[i]->count;
    rc = expand(p, line, value->items[i]->size);
  }
  return rc;
}

static enum rs_code check_key(const struct parse *p, const struct pairs *m,
                              const struct rs_yaml *key)
{
  if (!key->text) {
    return fail(p, key->line, RS_INVALID,
                "a key must be a scalar (a value that starts with '{{' needs quotes)");
  }
  const struct rs_yaml *first = pairs_find(m, key);
  if (!first) return RS_OK;
  size_t shown = rs_utf8_valid(key->text, key->n < KEY_SHOWN ? key->n : KEY_SHOWN);
  return rs_fail(p->e, RS_INVALID, "%s line %d: key '%.*s' is there twice (first on line %d)",
                 p->name, key->line, (int)shown, key->text, first->line);
}

/* A key that is there already: its value is replaced. */
static bool replace_value(const struct parse *p, struct pairs *m, const struct rs_yaml *key,
                          const struct rs_yaml *value)
{
  const struct rs_yaml *first = p->loose && key->text ? pairs_find(m, key) : NULL;
  if (!first) return false;
  for (size_t i = 0; i < m->n; i++)
    if (m->v[i].key == first) m->v[i].value = value;
  if (p->repeated) p->repeated(p->repeated_ctx, key->text, key->line);
  return true;
}

/* Explicit keys first, since they win over whatever is merged in; then the merges in order. */
static enum rs_code fill_pairs(struct parse *p, struct pairs *m, const struct rs_yaml **kv,
                               size_t n)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n; i += 2) {
    if (is_merge(kv[i]) || replace_value(p, m, kv[i], kv[i + 1])) continue;
    rc = check_key(p, m, kv[i]);
    if (rc) return rc;
    if (!pairs_add(m, kv[i], kv[i + 1])) return rs_nomem(p->e);
  }
  for (size_t i = 0; i < n && !rc; i += 2) {
    const struct rs_yaml *value = kv[i + 1];
    if (!is_merge(kv[i])) continue;
    if (value->kind == RS_YAML_MAP) rc = merge_map(p, m, value);
    for (size_t k = 0; value->kind == RS_YAML_LIST && k < value->count && !rc; k++) {
      rc = merge_map(p, m, value->items[k]);
    }
  }
  return rc;
}

static enum rs_code end_map(struct parse *p, struct rs_yaml *v, const struct rs_yaml **kv, size_t n)
{
  struct pairs m = {0};
  size_t room = n / 2;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && !rc; i += 2) {
    if (is_merge(kv[i])) rc = merge_count(p, kv[i + 1], kv[i]->line, &room);
  }
  if (rc) return rc;
  m.v = rs_arena_alloc(p->arena, (room ? room : 1) * sizeof *m.v);
  if (!m.v) return no_memory(p);
  rs_map_init(&m.seen);
  rc = fill_pairs(p, &m, kv, n);
  rs_map_free(&m.seen);
  v->pairs = m.v;
  v->count = m.n;
  for (size_t i = 0; i < m.n; i++) v->size += m.v[i].key->size + m.v[i].value->size;
  return rc;
}

static enum rs_code end_list(struct parse *p, struct rs_yaml *v, const struct rs_yaml **items,
                             size_t n)
{
  const struct rs_yaml **copy = rs_arena_alloc(p->arena, (n ? n : 1) * sizeof *copy);
  if (!copy) return no_memory(p);
  if (n) memcpy(copy, items, n * sizeof *copy);
  v->items = copy;
  v->count = n;
  for (size_t i = 0; i < n; i++) v->size += items[i]->size;
  return RS_OK;
}

static enum rs_code on_end(struct parse *p)
{
  const struct frame *f = &p->frames[--p->depth];
  const struct rs_yaml **children = p->nodes ? p->nodes + f->start : NULL;
  size_t n = p->nnodes - f->start;
  struct rs_yaml *v = rs_arena_calloc(p->arena, sizeof *v);
  if (!v) return no_memory(p);
  v->kind = f->is_map ? RS_YAML_MAP : RS_YAML_LIST;
  v->line = f->line;
  v->size = NODE_SIZE;
  enum rs_code rc = f->is_map ? end_map(p, v, children, n) : end_list(p, v, children, n);
  if (rc) return rc;
  p->nnodes = f->start;
  rc = set_anchor(p, f->anchor, v);
  return rc ? rc : push_node(p, v);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static enum rs_code on_event(struct parse *p, const yaml_event_t *ev)
{
  switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
      if (p->documents++ == 0) return RS_OK;
      return fail(p, line_of(ev->start_mark), RS_INVALID, "only one document ('---') is allowed");
    case YAML_ALIAS_EVENT: return on_alias(p, ev);
    case YAML_SCALAR_EVENT: return on_scalar(p, ev);
    case YAML_SEQUENCE_START_EVENT: return on_start(p, ev, false);
    case YAML_MAPPING_START_EVENT: return on_start(p, ev, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return on_end(p);
    default: return RS_OK; /* start and end of the stream, end of a document */
  }
}

static enum rs_code parser_error(const struct parse *p, const yaml_parser_t *y)
{
  if (y->error == YAML_MEMORY_ERROR) return rs_nomem(p->e);
  const char *problem = y->problem ? y->problem : "not YAML";
  /* Errors of the reader (encoding) know an offset only; they come before any mark. */
  int line = line_of(y->error == YAML_READER_ERROR ? y->mark : y->problem_mark);
  if (y->context) {
    return rs_fail(p->e, RS_INVALID, "%s line %d: %s %s", p->name, line, problem, y->context);
  }
  return fail(p, line, RS_INVALID, problem);
}

static enum rs_code parse_events(struct parse *p, yaml_parser_t *y)
{
  for (;;) {
    yaml_event_t ev;
    if (!yaml_parser_parse(y, &ev)) return parser_error(p, y);
    bool last = ev.type == YAML_STREAM_END_EVENT;
    enum rs_code rc = on_event(p, &ev);
    yaml_event_delete(&ev);
    if (rc || last) return rc;
  }
}

static enum rs_code read_text(struct parse *q, const char *text, size_t n,
                              const struct rs_yaml **root)
{
  struct parse p = *q;
  struct rs_arena *arena = p.arena;
  struct rs_error *e = p.e;
  yaml_parser_t y;
  *root = NULL;
  if (!yaml_parser_initialize(&y)) return rs_nomem(e);
  yaml_parser_set_input_string(&y, (const unsigned char *)text, n);
  rs_map_init(&p.anchors);
  enum rs_code rc = parse_events(&p, &y);
  if (!rc && p.nnodes == 0) {
    struct rs_yaml *empty = rs_arena_calloc(arena, sizeof *empty);
    if (empty) {
      empty->line = 1;
      empty->text = "";
      *root = empty;
    } else {
      rc = no_memory(&p);
    }
  } else if (!rc) {
    *root = p.nodes[0];
  }
  rs_map_free(&p.anchors);
  rs_free(p.nodes);
  yaml_parser_delete(&y);
  return rc;
}

const struct rs_yaml *rs_yaml_get(const struct rs_yaml *map, const char *key)
{
  if (!map || map->kind != RS_YAML_MAP) return NULL;
  for (size_t i = 0; i < map->count; i++) {
    if (strcmp(map->pairs[i].key->text, key) == 0) return map->pairs[i].value;
  }
  return NULL;
}

enum rs_code rs_yaml_parse(const char *name, const char *text, size_t n, struct rs_arena *arena,
                           const struct rs_yaml **root, struct rs_error *e)
{
  struct parse p = {.name = name, .arena = arena, .e = e};
  return read_text(&p, text, n, root);
}

enum rs_code rs_yaml_parse_loose(const char *name, const char *text, size_t n,
                                 struct rs_arena *arena,
                                 void (*repeated)(void *ctx, const char *key, int line), void *ctx,
                                 const struct rs_yaml **root, struct rs_error *e)
{
  struct parse p = {
    .name = name, .arena = arena, .e = e, .loose = true, .repeated = repeated, .repeated_ctx = ctx};
  return read_text(&p, text, n, root);
}
