/*
** The selection grammar (graph.h): text -> union of intersections of atoms -> a set of items.
*/
#include <ctype.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

#define NEAREST_MAX 4096 /* names that a hint considers */

static const char *const indirects[] = {"eager", "cautious", "buildable", "empty"};

enum rs_code rs_indirect_read(const char *name, enum rs_indirect *out, struct rs_error *e)
{
  *out = RS_EAGER;
  if (name == NULL) return RS_OK;
  for (size_t i = 0; i < sizeof indirects / sizeof *indirects; i++)
    if (rs_eq(name, indirects[i])) {
      *out = (enum rs_indirect)i;
      return RS_OK;
    }
  return rs_fail(e, RS_INVALID,
                 "indirect_selection '%s': there are eager, cautious, buildable, empty", name);
}

/* ---- atoms ---------------------------------------------------------------------------------- */

static bool all_digits(const char *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (!isdigit((unsigned char)p[i])) return false;
  return true;
}

/* "" is no limit. Nine digits are more levels than there are nodes. */
static size_t read_depth(const char *p, size_t n)
{
  size_t v = 0;
  if (n == 0) return RS_SELECT_NO_LIMIT;
  for (size_t i = 0; i < n && i < 9; i++) v = v * 10 + (size_t)(p[i] - '0');
  return v;
}

/* dbt's: a path when it has a slash, a file when it ends like one, else a name. */
static const char *default_method(const char *value)
{
  size_t n = strlen(value);
  if (strchr(value, '/') != NULL) return "path";
  if (n > 4 && (rs_casecmp(value + n - 4, ".sql") == 0 || rs_casecmp(value + n - 4, ".csv") == 0))
    return "file";
  return n > 3 && rs_casecmp(value + n - 3, ".py") == 0 ? "file" : "fqn";
}

static enum rs_code parse_atom(struct rs_selector *s, const char *text, size_t n, struct rs_atom *a,
                               struct rs_error *e)
{
  const char *p = text, *end = text + n;
  if (p < end && *p == '@') a->childrens_parents = true, p++;
  const char *plus = memchr(p, '+', (size_t)(end - p));
  if (plus != NULL && plus + 1 < end && all_digits(p, (size_t)(plus - p))) {
    a->parents = true;
    a->parents_depth = read_depth(p, (size_t)(plus - p));
    p = plus + 1;
  }
  const char *digits = end;
  while (digits > p && isdigit((unsigned char)digits[-1])) digits--;
  if (digits > p && digits[-1] == '+') {
    a->children = true;
    a->children_depth = read_depth(digits, (size_t)(end - digits));
    end = digits - 1;
  }
  const char *colon = p;
  while (colon < end && (isalnum((unsigned char)*colon) || *colon == '_' || *colon == '.')) colon++;
  bool named = colon < end && colon > p && *colon == ':';
  const char *value = named ? colon + 1 : p;
  a->value = rs_arena_strndup(&s->arena, value, (size_t)(end - value));
  if (a->value == NULL) return rs_nomem(e);
  a->method = named ? rs_arena_strndup(&s->arena, p, (size_t)(colon - p))
                    : default_method(a->value);
  if (a->method == NULL) return rs_nomem(e);
  if (*a->value == 0)
    return rs_fail(e, RS_INVALID, "selection '%.*s': nothing is named", (int)n, text);
  if (a->childrens_parents && a->children)
    return rs_fail(e, RS_INVALID, "selection '%.*s': @ includes the children: leave out the +",
                   (int)n, text);
  return RS_OK;
}

/* ---- graph operators ------------------------------------------------------------------------ */

/* Adds what can be reached from the set within `limit` steps, up or down. */
static void walk(struct rs_selector *s, unsigned char *set, bool up, size_t limit)
{
  const struct rs_inventory *inv = s->inv;
  size_t head = 0, tail = 0;
  for (size_t i = 0; i < inv->n; i++)
    if (set[i]) s->queue[tail] = i, s->steps[tail++] = 0;
  while (head < tail) {
    const struct rs_item *it = inv->items[s->queue[head]];
    size_t depth = s->steps[head++], count = up ? it->nparents : it->nchildren;
    const size_t *next = up ? it->parents : it->children;
    for (size_t i = 0; depth < limit && i < count; i++) {
      if (set[next[i]]) continue;
      set[next[i]] = 1;
      s->queue[tail] = next[i];
      s->steps[tail++] = depth + 1;
    }
  }
}

static unsigned char *new_set(struct rs_selector *s)
{
  return rs_arena_calloc(&s->arena, s->inv->n + 1);
}

static enum rs_code apply_operators(struct rs_selector *s, const struct rs_atom *a,
                                    unsigned char *set, struct rs_error *e)
{
  size_t n = s->inv->n;
  if (a->childrens_parents) {
    walk(s, set, false, RS_SELECT_NO_LIMIT);
    walk(s, set, true, RS_SELECT_NO_LIMIT);
    return RS_OK;
  }
  if (!a->parents && !a->children) return RS_OK;
  unsigned char *below = new_set(s);
  if (below == NULL) return rs_nomem(e);
  memcpy(below, set, n);
  if (a->parents) walk(s, set, true, a->parents_depth);
  if (a->children) walk(s, below, false, a->children_depth);
  for (size_t i = 0; i < n; i++) set[i] |= below[i];
  return RS_OK;
}

/* ---- sets and the tests that come along ------------------------------------------------------ */

enum rs_code rs_sets_new(struct rs_selector *s, struct rs_sets *out, struct rs_error *e)
{
  *out = (struct rs_sets){.direct = new_set(s), .indirect = new_set(s)};
  return out->direct != NULL && out->indirect != NULL ? RS_OK : rs_nomem(e);
}

static bool is_test(const struct rs_item *it)
{
  return it->type == RS_NODE_TEST || it->type == RS_NODE_UNIT_TEST;
}

/* Are all parents of a test in the set? A source is always there where the mode is buildable. */
static bool has_all(const struct rs_inventory *inv, const struct rs_item *test,
                    const unsigned char *set, bool buildable)
{
  for (size_t i = 0; i < test->nparents; i++) {
    size_t at = test->parents[i];
    if (!set[at] && !(buildable && inv->items[at]->type == RS_NODE_SOURCE)) return false;
  }
  return true;
}

/* Tests of what is selected: into direct when the mode says so, else they may follow later. */
static enum rs_code expand(struct rs_selector *s, struct rs_sets *sets, enum rs_indirect mode,
                           struct rs_error *e)
{
  const struct rs_inventory *inv = s->inv;
  if (mode == RS_EMPTY) return RS_OK;
  unsigned char *base = new_set(s), *old = new_set(s);
  if (base == NULL || old == NULL) return rs_nomem(e);
  memcpy(base, sets->direct, inv->n);
  memcpy(old, sets->direct, inv->n);
  if (mode == RS_BUILDABLE) walk(s, base, true, RS_SELECT_NO_LIMIT);
  for (size_t i = 0; i < inv->n; i++) {
    const struct rs_item *it = inv->items[i];
    bool touched = false;
    if (!is_test(it) || sets->direct[i]) continue;
    for (size_t k = 0; !touched && k < it->nparents; k++) touched = old[it->parents[k]];
    if (!touched) continue;
    if (mode == RS_EAGER || has_all(inv, it, base, mode == RS_BUILDABLE)) sets->direct[i] = 1;
    else sets->indirect[i] = 1;
  }
  return RS_OK;
}

static enum rs_code incorporate(struct rs_selector *s, struct rs_sets *sets, enum rs_indirect mode,
                                struct rs_error *e)
{
  const struct rs_inventory *inv = s->inv;
  if (mode != RS_CAUTIOUS && mode != RS_BUILDABLE) return RS_OK;
  unsigned char *base = new_set(s);
  if (base == NULL) return rs_nomem(e);
  memcpy(base, sets->direct, inv->n);
  if (mode == RS_BUILDABLE) walk(s, base, true, RS_SELECT_NO_LIMIT);
  for (size_t i = 0; i < inv->n; i++)
    if (sets->indirect[i] && has_all(inv, inv->items[i], base, mode == RS_BUILDABLE))
      sets->direct[i] = 1;
  return RS_OK;
}

static unsigned char join_byte(enum rs_join how, unsigned char a, unsigned char b)
{
  if (how == RS_JOIN_UNION) return a | b;
  return how == RS_JOIN_INTERSECTION ? a & b : (unsigned char)(a & !b);
}

enum rs_code rs_sets_join(struct rs_selector *s, enum rs_join how, const struct rs_sets *list,
                          size_t n, enum rs_indirect indirect, struct rs_sets *out,
                          struct rs_error *e)
{
  enum rs_code rc = rs_sets_new(s, out, e);
  if (rc != RS_OK || n == 0) return rc;
  memcpy(out->direct, list[0].direct, s->inv->n);
  memcpy(out->indirect, list[0].indirect, s->inv->n);
  if (n == 1) return RS_OK;
  for (size_t k = 1; k < n; k++)
    for (size_t i = 0; i < s->inv->n; i++) {
      out->direct[i] = join_byte(how, out->direct[i], list[k].direct[i]);
      out->indirect[i] = join_byte(how, out->indirect[i], list[k].indirect[i]);
    }
  return incorporate(s, out, indirect, e);
}

/* ---- text ----------------------------------------------------------------------------------- */

static void warn(struct rs_selector *s, const char *text, size_t n, const char *what)
{
  rs_buf_printf(s->warnings, "%s'%.*s' %s", s->warnings->n > 0 ? "; " : "", (int)n, text, what);
}

/* Of models, seeds, snapshots and tests. */
static const struct rs_item *nearest_item(const struct rs_inventory *inv, const char *name)
{
  const char **names = rs_calloc(NEAREST_MAX, sizeof *names);
  size_t n = inv->n < NEAREST_MAX ? inv->n : NEAREST_MAX, i = 0;
  if (names == NULL) return NULL; // a hint is worth no error of its own
  for (size_t k = 0; k < n; k++) {
    const struct rs_item *it = inv->items[k];
    bool selected = it->type == RS_NODE_TEST || it->type == RS_NODE_UNIT_TEST ||
                    rs_map_get(&inv->p->models, it->name) != NULL;
    names[k] = selected ? it->name : NULL; // not a source: its name has two parts
  }
  const char *near = rs_nearest(name, names, n);
  while (near != NULL && i < n && names[i] != near) i++;
  rs_free((void *)names);
  return near != NULL ? inv->items[i] : NULL;
}

/* A plain name that matches nothing is a slip of the pen: in SQL nobody reads a warning. */
static enum rs_code fail_unmatched(struct rs_selector *s, const struct rs_atom *a, const char *text,
                                   size_t n, struct rs_error *e)
{
  struct rs_node *model;
  if (a->in_yaml || !rs_eq(a->method, "fqn") || strpbrk(a->value, "*?[") != NULL) {
    warn(s, text, n, "matches no node");
    return RS_OK;
  }
  enum rs_code rc = rs_project_model(s->inv->p, a->value, &model, e);
  if (rc == RS_OK)
    return rs_fail(e, RS_NOT_FOUND, "selection '%.*s': %s %s is disabled", (int)n, text,
                   rs_item_type(model->type), a->value);
  const struct rs_item *near = rc == RS_NOT_FOUND ? nearest_item(s->inv, a->value) : NULL;
  if (near != NULL && rs_map_get(&s->inv->p->models, near->name) == NULL)
    return rs_fail(e, RS_NOT_FOUND, "selection '%.*s': no model or %s '%s' (did you mean '%s'?)",
                   (int)n, text, rs_item_type(near->type), a->value, near->name);
  return rs_error_prefix(e, "selection '%.*s'", (int)n, text);
}

enum rs_code rs_select_atom(struct rs_selector *s, const struct rs_atom *a, const char *text,
                            size_t n, struct rs_sets *out, struct rs_error *e)
{
  bool any = false;
  if (rs_eq(a->method, "selector")) {
    bool found;
    enum rs_code rc = rs_select_yaml(s, a->value, out, &found, e);
    return rc == RS_OK ? apply_operators(s, a, out->direct, e) : rc;
  }
  enum rs_code rc = rs_select_check(s, a->method, a->value, e);
  if (rc == RS_OK) rc = rs_sets_new(s, out, e);
  for (size_t i = 0; rc == RS_OK && i < s->inv->n; i++) {
    bool is = false;
    if (!s->inv->items[i]->enabled) continue;
    rc = rs_select_match(s, s->inv->items[i], a, &is, e);
    out->direct[i] = is;
    any = any || is;
  }
  if (rc == RS_OK && !any && !rs_eq(a->value, "*")) return fail_unmatched(s, a, text, n, e);
  if (rc == RS_OK) rc = apply_operators(s, a, out->direct, e);
  return rc == RS_OK ? expand(s, out, a->indirect, e) : rc;
}

/* One word: atoms parted by commas, all of which must hold. */
static enum rs_code select_word(struct rs_selector *s, const char *text, size_t n,
                                enum rs_indirect indirect, bool in_yaml, struct rs_sets *out,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  bool first = true;
  for (const char *p = text, *end = text + n; rc == RS_OK && p <= end;) {
    const char *comma = memchr(p, ',', (size_t)(end - p));
    size_t len = (size_t)((comma != NULL ? comma : end) - p);
    struct rs_atom a = {.indirect = indirect, .in_yaml = in_yaml};
    struct rs_sets both[2] = {*out};
    if (len == 0)
      return rs_fail(e, RS_INVALID,
                     "selection '%.*s': a comma joins two parts without space: 'tag:a,tag:b'",
                     (int)n, text);
    rc = parse_atom(s, p, len, &a, e);
    if (rc == RS_OK) rc = rs_select_atom(s, &a, p, len, first ? out : &both[1], e);
    if (rc == RS_OK && !first)
      rc = rs_sets_join(s, RS_JOIN_INTERSECTION, both, 2, indirect, out, e);
    first = false;
    p += len + 1;
  }
  return rc;
}

enum rs_code rs_select_text(struct rs_selector *s, const char *text, enum rs_indirect indirect,
                            bool in_yaml, struct rs_sets *out, struct rs_error *e)
{
  enum rs_code rc = rs_sets_new(s, out, e);
  for (const char *p = text; rc == RS_OK && *p != 0;) {
    size_t n = strcspn(p, " \t\r\n");
    struct rs_sets both[2] = {*out};
    if (n > 0) rc = select_word(s, p, n, indirect, in_yaml, &both[1], e);
    if (rc == RS_OK && n > 0) rc = rs_sets_join(s, RS_JOIN_UNION, both, 2, indirect, out, e);
    p += n;
    if (*p != 0) p++;
  }
  return rc;
}

/* Without a selection: the default selector, else everything. */
static enum rs_code select_all(struct rs_selector *s, struct rs_sets *out, struct rs_error *e)
{
  const struct rs_selection *sel = s->sel;
  bool found = false;
  enum rs_code rc = RS_OK;
  if (sel->text != NULL && sel->selector != NULL)
    return rs_fail(e, RS_INVALID, "a selection and the option 'selector' exclude each other");
  if (sel->text != NULL) return rs_select_text(s, sel->text, sel->indirect, false, out, e);
  if (sel->selector != NULL || (s->inv->selectors != NULL && sel->exclude == NULL))
    rc = rs_select_yaml(s, sel->selector, out, &found, e);
  if (rc != RS_OK || found) return rc;
  rc = rs_sets_new(s, out, e);
  for (size_t i = 0; rc == RS_OK && i < s->inv->n; i++) out->direct[i] = 1;
  return rc;
}

enum rs_code rs_select_items(const struct rs_inventory *inv, const struct rs_selection *sel,
                             unsigned char **pset, struct rs_buf *warnings, struct rs_error *e)
{
  struct rs_selector s = {.inv = inv, .sel = sel, .warnings = warnings};
  struct rs_sets both[2], all;
  *pset = NULL;
  rs_arena_init(&s.arena, (size_t)1 << 30);
  s.queue = rs_arena_alloc(&s.arena, (inv->n + 1) * sizeof *s.queue);
  s.steps = rs_arena_alloc(&s.arena, (inv->n + 1) * sizeof *s.steps);
  enum rs_code rc = s.queue == NULL || s.steps == NULL ? rs_nomem(e) : RS_OK;
  if (rc == RS_OK) rc = select_all(&s, &all, e);
  if (rc == RS_OK && sel->exclude != NULL) {
    both[0] = all;
    rc = rs_select_text(&s, sel->exclude, sel->indirect, false, &both[1], e);
    if (rc != RS_OK) rs_error_prefix(e, "exclude");
    if (rc == RS_OK) rc = rs_sets_join(&s, RS_JOIN_DIFFERENCE, both, 2, sel->indirect, &all, e);
  }
  if (rc == RS_OK && (*pset = rs_malloc(inv->n + 1)) == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < inv->n; i++)
    (*pset)[i] = all.direct[i] && inv->items[i]->enabled;
  rs_arena_free(&s.arena);
  return rc;
}

/* ---- what a run wants ----------------------------------------------------------------------- */

enum rs_code rs_select_nodes(const struct rs_inventory *inv, const struct rs_selection *sel,
                             unsigned types, struct rs_node ***pnodes, size_t *n,
                             struct rs_buf *warnings, struct rs_error *e)
{
  unsigned char *set = NULL;
  *pnodes = NULL;
  *n = 0;
  enum rs_code rc = rs_select_items(inv, sel, &set, warnings, e);
  struct rs_node **list = rs_calloc(inv->n + 1, sizeof(struct rs_node *));
  if (rc == RS_OK && list == NULL) rc = rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < inv->n; i++) {
    const struct rs_item *it = inv->items[i];
    if (set[i] && it->is_node && types & 1U << it->type) list[(*n)++] = it->node;
  }
  rs_free(set);
  if (rc == RS_OK) *pnodes = list;
  else rs_free(list);
  return rc;
}

enum rs_code rs_select(struct rs_project *p, const char *selection, const char *exclude,
                       struct rs_node ***pnodes, size_t *n, struct rs_buf *warnings,
                       struct rs_error *e)
{
  struct rs_selection sel = {.text = selection, .exclude = exclude};
  struct rs_inventory *inv;
  *pnodes = NULL;
  *n = 0;
  enum rs_code rc = rs_inventory_make(p, &inv, e);
  if (rc == RS_OK) rc = rs_select_nodes(inv, &sel, 1U << RS_NODE_MODEL, pnodes, n, warnings, e);
  rs_inventory_free(inv);
  return rc;
}
