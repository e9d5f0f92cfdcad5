/*
** selectors.yml: named selections as a tree of unions, intersections and methods.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "internal.h"

static enum rs_code fail(const struct rs_yaml *at, struct rs_error *e, const char *text)
{
  return rs_fail(e, RS_INVALID, "selectors.yml line %d: %s", at->line, text);
}

static enum rs_code evaluate(struct rs_selector *s, const struct rs_yaml *def,
                             enum rs_indirect indirect, struct rs_sets *out, struct rs_error *e);

/* A list: its parts joined, without what its exclude: entries name. */
static enum rs_code evaluate_list(struct rs_selector *s, const struct rs_yaml *list,
                                  enum rs_join how, enum rs_indirect indirect, struct rs_sets *out,
                                  struct rs_error *e)
{
  if (list->kind != RS_YAML_LIST) return fail(list, e, "must be a list");
  struct rs_sets *parts = rs_arena_alloc(&s->arena, (list->count + 1) * sizeof *parts);
  struct rs_sets both[2];
  bool excluded = false;
  size_t n = 0;
  if (parts == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < list->count; i++) {
    const struct rs_yaml *one = list->items[i];
    const struct rs_yaml *exclude = one->count == 1 ? rs_yaml_get(one, "exclude") : NULL;
    if (exclude == NULL) {
      rc = evaluate(s, one, indirect, &parts[n++], e);
    } else if (excluded) {
      rc = fail(one, e, "a list may have one exclude:");
    } else {
      excluded = true;
      rc = evaluate_list(s, exclude, RS_JOIN_UNION, indirect, &both[1], e);
    }
  }
  if (rc == RS_OK) rc = rs_sets_join(s, how, parts, n, indirect, &both[0], e);
  if (rc == RS_OK && excluded)
    return rs_sets_join(s, RS_JOIN_DIFFERENCE, both, 2, indirect, out, e);
  if (rc == RS_OK) *out = both[0];
  return rc;
}

static bool get_bool(const struct rs_yaml *map, const char *key)
{
  const struct rs_yaml *v = rs_yaml_get(map, key);
  return v != NULL && v->kind == RS_YAML_BOOL && v->i != 0;
}

static size_t get_depth(const struct rs_yaml *map, const char *key)
{
  const struct rs_yaml *v = rs_yaml_get(map, key);
  return v != NULL && v->kind == RS_YAML_INT && v->i >= 0 ? (size_t)v->i : RS_SELECT_NO_LIMIT;
}

/* {method, value, parents, children, childrens_parents, ..., exclude} */
static enum rs_code evaluate_method(struct rs_selector *s, const struct rs_yaml *def,
                                    enum rs_indirect indirect, struct rs_sets *out,
                                    struct rs_error *e)
{
  static const char *const keys[] = {
    "method",         "value",   "parents",           "parents_depth",      "children",
    "children_depth", "exclude", "childrens_parents", "indirect_selection", "greedy"};
  const struct rs_yaml *method = rs_yaml_get(def, "method"), *value = rs_yaml_get(def, "value");
  const struct rs_yaml *exclude = rs_yaml_get(def, "exclude");
  const struct rs_yaml *mode = rs_yaml_get(def, "indirect_selection");
  struct rs_sets both[2];
  for (size_t i = 0; i < def->count; i++) {
    bool known = false;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
      known |= rs_eq(keys[k], def->pairs[i].key->text);
    if (!known) return fail(def->pairs[i].key, e, "unknown key beside 'method'");
  }
  if (method->text == NULL || value == NULL || value->text == NULL)
    return fail(def, e, "a method wants 'method' and 'value', both texts");
  struct rs_atom a = {.method = method->text,
                      .value = value->text,
                      .in_yaml = true,
                      .indirect = indirect,
                      .parents = get_bool(def, "parents"),
                      .children = get_bool(def, "children"),
                      .childrens_parents = get_bool(def, "childrens_parents"),
                      .parents_depth = get_depth(def, "parents_depth"),
                      .children_depth = get_depth(def, "children_depth")};
  enum rs_code rc = RS_OK;
  if (mode != NULL) rc = rs_indirect_read(mode->text, &a.indirect, e);
  if (rc == RS_OK) rc = rs_select_atom(s, &a, a.value, value->n, &both[0], e);
  if (rc != RS_OK || exclude == NULL) {
    *out = both[0];
    return rc;
  }
  rc = evaluate_list(s, exclude, RS_JOIN_UNION, a.indirect, &both[1], e);
  return rc == RS_OK ? rs_sets_join(s, RS_JOIN_DIFFERENCE, both, 2, a.indirect, out, e) : rc;
}

static enum rs_code evaluate(struct rs_selector *s, const struct rs_yaml *def,
                             enum rs_indirect indirect, struct rs_sets *out, struct rs_error *e)
{
  if (def->kind == RS_YAML_TEXT) return rs_select_text(s, def->text, indirect, true, out, e);
  if (def->kind != RS_YAML_MAP || def->count == 0)
    return fail(def, e, "a definition is a text or a map");
  const struct rs_yaml *u = rs_yaml_get(def, "union"), *i = rs_yaml_get(def, "intersection");
  if ((u != NULL || i != NULL) && def->count > 1)
    return fail(def, e, "union and intersection stand alone");
  if (++s->depth > RS_SELECT_DEPTH_MAX) return fail(def, e, "definitions are nested too deep");
  enum rs_code rc;
  if (u != NULL) rc = evaluate_list(s, u, RS_JOIN_UNION, indirect, out, e);
  else if (i != NULL) rc = evaluate_list(s, i, RS_JOIN_INTERSECTION, indirect, out, e);
  else if (rs_yaml_get(def, "method") != NULL) rc = evaluate_method(s, def, indirect, out, e);
  else if (def->count == 1 && def->pairs[0].value->text != NULL) {
    struct rs_atom a = {.method = def->pairs[0].key->text,
                        .value = def->pairs[0].value->text,
                        .in_yaml = true,
                        .indirect = indirect};
    rc = rs_select_atom(s, &a, a.value, strlen(a.value), out, e);
  } else rc = fail(def, e, "a map is {method: value}, or has 'method', 'union' or 'intersection'");
  s->depth--;
  return rc;
}

static enum rs_code read_file(struct rs_selector *s, struct rs_error *e)
{
  if (s->yaml != NULL) return RS_OK;
  if (s->inv->selectors == NULL)
    return rs_fail(e, RS_NOT_FOUND,
                   "no selectors: this project has no selectors.yml, or it was not imported");
  return rs_yaml_parse("selectors.yml", s->inv->selectors, s->inv->nselectors, &s->arena, &s->yaml,
                       e);
}

static bool is_default(const struct rs_yaml *one)
{
  const struct rs_yaml *v = rs_yaml_get(one, "default");
  return v != NULL && ((v->kind == RS_YAML_BOOL && v->i != 0) || rs_eq(v->text, "true"));
}

enum rs_code rs_select_yaml(struct rs_selector *s, const char *name, struct rs_sets *out,
                            bool *found, struct rs_error *e)
{
  *found = false;
  enum rs_code rc = read_file(s, e);
  const struct rs_yaml *list = rc == RS_OK ? rs_yaml_get(s->yaml, "selectors") : NULL;
  if (rc != RS_OK) return rc;
  if (list == NULL || list->kind != RS_YAML_LIST)
    return fail(s->yaml, e, "wants 'selectors:', a list");
  for (size_t i = 0; !*found && i < list->count; i++) {
    const struct rs_yaml *one = list->items[i], *own = rs_yaml_get(one, "name");
    const struct rs_yaml *def = rs_yaml_get(one, "definition");
    if (own == NULL || own->text == NULL || def == NULL)
      return fail(one, e, "a selector wants 'name' and 'definition'");
    if (name != NULL ? !rs_eq(name, own->text) : !is_default(one)) continue;
    *found = true;
    if (++s->depth > RS_SELECT_DEPTH_MAX)
      return fail(one, e, "selectors name each other in a circle");
    rc = evaluate(s, def, s->sel->indirect, out, e);
    s->depth--;
  }
  if (rc == RS_OK && name != NULL && !*found)
    return rs_fail(e, RS_NOT_FOUND, "selectors.yml has no selector '%s'", name);
  return rc;
}
