/*
** The selection grammar (select.h): text -> union of intersections of atoms -> a set of nodes.
*/
#include "select.h"
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/text.h"

#define NO_LIMIT ((size_t)-1)
#define NAMES_MAX 4096

struct atom {
  bool childrens_parents; /* @ */
  bool parents, children;
  size_t parents_depth, children_depth;
  char *method; /* "fqn" when none is written */
  char *value;
};

struct selector {
  struct rs_project *p;
  struct rs_buf *warnings;
  struct rs_arena arena; /* texts of atoms */
  size_t *queue;         /* nnodes: of a walk */
  size_t *depth;
};

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
  if (n == 0) return NO_LIMIT;
  for (size_t i = 0; i < n && i < 9; i++) v = v * 10 + (size_t)(p[i] - '0');
  return v;
}

static enum rs_code parse_atom(struct selector *s, const char *text, size_t n, struct atom *a,
                               struct rs_error *e)
{
  const char *p = text, *end = text + n;
  memset(a, 0, sizeof *a);
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
  const char *colon = memchr(p, ':', (size_t)(end - p));
  a->method = colon != NULL ? rs_arena_strndup(&s->arena, p, (size_t)(colon - p))
                            : rs_arena_strdup(&s->arena, "fqn");
  if (colon != NULL) p = colon + 1;
  a->value = rs_arena_strndup(&s->arena, p, (size_t)(end - p));
  if (a->method == NULL || a->value == NULL) return rs_nomem(e);
  if (*a->value == 0)
    return rs_fail(e, RS_INVALID, "selection '%.*s': nothing is named", (int)n, text);
  if (a->childrens_parents && a->children)
    return rs_fail(e, RS_INVALID, "selection '%.*s': @ includes the children: leave out the +",
                   (int)n, text);
  return RS_OK;
}

/* ---- methods -------------------------------------------------------------------------------- */

static bool has_wildcard(const char *value)
{
  return strpbrk(value, "*?[") != NULL;
}

static bool matches(const char *pattern, const char *text)
{
  return has_wildcard(pattern) ? fnmatch(pattern, text, 0) == 0 : strcmp(pattern, text) == 0;
}

/* The name itself, or a dotted prefix of the fqn with or without the package. */
static bool match_fqn(const struct rs_node *n, const char *value)
{
  if (n->type == RS_NODE_SOURCE || n->type == RS_NODE_OPERATION) return rs_eq(value, "*");
  if (matches(value, n->name) || matches(value, n->fqn)) return true;
  size_t len = strlen(value);
  return strncmp(n->fqn, value, len) == 0 && n->fqn[len] == '.';
}

static bool match_tag(const struct rs_node *n, const char *value)
{
  for (size_t i = 0; i < n->config.ntags; i++)
    if (matches(value, n->config.tags[i])) return true;
  return false;
}

/* source:commons, source:commons.flights, source:project.commons.flights */
static bool match_source(const struct rs_node *n, const char *value)
{
  return n->type == RS_NODE_SOURCE &&
         (matches(value, n->source) || matches(value, n->name) || matches(value, n->fqn));
}

/* A value of the config against a text: of a list any element, of a dict any key. */
static bool match_value(struct rs_jinja *j, jv v, const char *value)
{
  if (v.kind == JV_LIST || v.kind == JV_TUPLE) {
    for (size_t i = 0; i < jv_len(v); i++)
      if (match_value(j, jv_item(v, i), value)) return true;
    return false;
  }
  jv found;
  if (v.kind == JV_DICT) return jv_dict_get(v, value, &found);
  if (v.kind == JV_BOOL) return rs_casecmp(value, v.u.b ? "true" : "false") == 0;
  struct rs_buf text;
  rs_buf_init(&text, 1 << 16);
  bool is = jv_str_to(j, v, &text, NULL) == RS_OK && matches(value, rs_buf_text(&text));
  rs_buf_free(&text);
  return is;
}

/* config.KEY[.KEY]:value; path is what follows "config.". */
static enum rs_code match_config(const struct rs_node *n, const char *path, const char *value,
                                 bool *is, struct rs_error *e)
{
  *is = false;
  if (n->type == RS_NODE_SOURCE || n->type == RS_NODE_OPERATION) return RS_OK;
  if (rs_eq(path, "materialized")) {
    *is = matches(value, n->config.materialized);
    return RS_OK;
  }
  struct rs_jinja_options none = {0};
  struct rs_jinja *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  jv v;
  enum rs_code rc = jv_from_json(j, n->config.json, strlen(n->config.json), &v, e);
  char *copy = rs_strdup(rs_eq(path, "workspace") ? "schema" : path);
  if (rc == RS_OK && copy == NULL) rc = rs_nomem(e);
  bool found = rc == RS_OK;
  for (char *key = copy; found && key != NULL;) {
    char *dot = strchr(key, '.');
    if (dot != NULL) *dot++ = 0;
    found = v.kind == JV_DICT && jv_dict_get(v, key, &v);
    key = dot;
  }
  *is = found && match_value(j, v, value);
  rs_free(copy);
  rs_jinja_free(j);
  return rc;
}

static enum rs_code check_method(const char *method, struct rs_error *e)
{
  static const char *const known[] = {"fqn", "tag", "source", "package", "resource_type", "config"};
  static const char *const later[] = {
    "state",          "result", "exposure",    "metric",        "group",   "test_name", "test_type",
    "semantic_model", "access", "saved_query", "source_status", "version", "unit_test", "selector"};
  size_t n = strncmp(method, "config.", 7) == 0 && method[7] != 0 ? 6 : strlen(method);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (rs_eqn(known[i], method, n) && (i != 5 || method[6] == '.')) return RS_OK;
  if (rs_eq(method, "path") || rs_eq(method, "file"))
    return rs_fail(e, RS_INVALID, "selection '%s:': models are rows here and have no files",
                   method);
  for (size_t i = 0; i < sizeof later / sizeof *later; i++)
    if (rs_eq(method, later[i]))
      return rs_fail(e, RS_UNSUPPORTED, "selection '%s:' is not built yet", method);
  if (rs_eq(method, "config") || rs_eq(method, "config."))
    return rs_fail(e, RS_INVALID, "selection 'config:' lacks the key: 'config.materialized:view'");
  const char *near = rs_nearest(method, known, sizeof known / sizeof *known);
  return rs_fail(
    e, RS_INVALID,
    "selection: unknown method '%s:'%s%s%s; there are fqn:, tag:, config.KEY:, source:, "
    "package:, resource_type:",
    method, near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
    near != NULL ? ":'?)" : "");
}

static enum rs_code match(struct selector *s, const struct rs_node *n, const struct atom *a,
                          bool *is, struct rs_error *e)
{
  const char *m = a->method, *value = a->value;
  if (rs_eq(m, "tag")) *is = match_tag(n, value);
  else if (rs_eq(m, "source")) *is = match_source(n, value);
  else if (rs_eq(m, "package"))
    *is = matches(rs_eq(value, "this") ? s->p->name : value, n->package) ||
          (rs_eq(value, "this") && rs_eq(n->package, s->p->name));
  else if (rs_eq(m, "resource_type")) *is = rs_eqn(value, n->unique_id, strcspn(n->unique_id, "."));
  else if (strncmp(m, "config.", 7) == 0) return match_config(n, m + 7, value, is, e);
  else *is = match_fqn(n, value);
  return RS_OK;
}

/* ---- graph operators ------------------------------------------------------------------------ */

/* Adds what can be reached from the set within `limit` steps, up or down. */
static void walk(struct selector *s, unsigned char *set, bool up, size_t limit)
{
  size_t head = 0, tail = 0;
  for (size_t i = 0; i < s->p->nnodes; i++)
    if (set[i]) s->queue[tail] = i, s->depth[tail++] = 0;
  while (head < tail) {
    const struct rs_node *n = s->p->nodes[s->queue[head]];
    size_t depth = s->depth[head++], count = up ? n->nparents : n->nchildren;
    const size_t *next = up ? n->parents : n->children;
    for (size_t i = 0; depth < limit && i < count; i++) {
      if (set[next[i]]) continue;
      set[next[i]] = 1;
      s->queue[tail] = next[i];
      s->depth[tail++] = depth + 1;
    }
  }
}

static void add(unsigned char *to, const unsigned char *from, size_t n)
{
  for (size_t i = 0; i < n; i++) to[i] |= from[i];
}

static enum rs_code apply_operators(struct selector *s, const struct atom *a, unsigned char *set,
                                    struct rs_error *e)
{
  size_t n = s->p->nnodes;
  if (a->childrens_parents) {
    walk(s, set, false, NO_LIMIT);
    walk(s, set, true, NO_LIMIT);
    return RS_OK;
  }
  if (!a->parents && !a->children) return RS_OK;
  unsigned char *below = rs_malloc(n + 1);
  if (below == NULL) return rs_nomem(e);
  memcpy(below, set, n);
  if (a->parents) walk(s, set, true, a->parents_depth);
  if (a->children) walk(s, below, false, a->children_depth);
  add(set, below, n);
  rs_free(below);
  return RS_OK;
}

/* ---- sets ----------------------------------------------------------------------------------- */

/* A plain name that matches nothing is a slip of the pen: in SQL nobody reads a warning. */
static enum rs_code fail_unmatched(struct selector *s, const struct atom *a, const char *text,
                                   size_t n, struct rs_error *e)
{
  struct rs_node *model;
  if (!rs_eq(a->method, "fqn") || has_wildcard(a->value)) {
    rs_buf_printf(s->warnings, "%s'%.*s' matches no model", s->warnings->n > 0 ? "; " : "", (int)n,
                  text);
    return RS_OK;
  }
  enum rs_code rc = rs_project_model(s->p, a->value, &model, e);
  if (rc == RS_OK && model->type != RS_NODE_MODEL)
    return rs_fail(e, RS_UNSUPPORTED,
                   "selection '%.*s': %s: running seeds and snapshots is not "
                   "built yet",
                   (int)n, text, model->unique_id);
  if (rc == RS_OK)
    return rs_fail(e, RS_NOT_FOUND, "selection '%.*s': model %s is disabled", (int)n, text,
                   a->value);
  return rs_error_prefix(e, "selection '%.*s'", (int)n, text);
}

static enum rs_code select_atom(struct selector *s, const char *text, size_t n, unsigned char *set,
                                struct rs_error *e)
{
  struct atom a;
  bool any = false;
  enum rs_code rc = parse_atom(s, text, n, &a, e);
  if (rc == RS_OK) rc = check_method(a.method, e);
  memset(set, 0, s->p->nnodes);
  for (size_t i = 0; rc == RS_OK && i < s->p->norder; i++) {
    const struct rs_node *node = s->p->order[i];
    bool is = false;
    rc = match(s, node, &a, &is, e);
    set[node->index] = is;
    any = any || is;
  }
  if (rc == RS_OK && !any && !rs_eq(a.value, "*")) return fail_unmatched(s, &a, text, n, e);
  return rc == RS_OK ? apply_operators(s, &a, set, e) : rc;
}

/* One word: atoms parted by commas, all of which must hold. */
static enum rs_code select_word(struct selector *s, const char *text, size_t n, unsigned char *set,
                                struct rs_error *e)
{
  unsigned char *one = rs_malloc(s->p->nnodes + 1);
  if (one == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  memset(set, 1, s->p->nnodes);
  for (const char *p = text, *end = text + n; rc == RS_OK && p <= end;) {
    const char *comma = memchr(p, ',', (size_t)(end - p));
    size_t len = (size_t)((comma != NULL ? comma : end) - p);
    if (len == 0)
      rc = rs_fail(e, RS_INVALID,
                   "selection '%.*s': a comma joins two parts without space: 'tag:a,tag:b'", (int)n,
                   text);
    if (rc == RS_OK) rc = select_atom(s, p, len, one, e);
    for (size_t i = 0; rc == RS_OK && i < s->p->nnodes; i++) set[i] &= one[i];
    p += len + 1;
  }
  rs_free(one);
  return rc;
}

static enum rs_code select_text(struct selector *s, const char *text, unsigned char *set,
                                struct rs_error *e)
{
  unsigned char *one = rs_malloc(s->p->nnodes + 1);
  if (one == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  memset(set, 0, s->p->nnodes);
  for (const char *p = text; rc == RS_OK && *p != 0;) {
    size_t n = strcspn(p, " \t\r\n");
    if (n > 0) {
      rc = select_word(s, p, n, one, e);
      if (rc == RS_OK) add(set, one, s->p->nnodes);
    }
    p += n;
    if (*p != 0) p++;
  }
  rs_free(one);
  return rc;
}

/* Tests of what is in the set. */
static void add_tests(const struct rs_project *p, unsigned char *set)
{
  for (size_t i = 0; i < p->norder; i++) {
    const struct rs_node *n = p->order[i];
    if (n->type == RS_NODE_UNIT_TEST && set[n->tested->index]) set[n->index] = 1;
    for (size_t k = 0; n->type == RS_NODE_TEST && k < n->nparents; k++)
      if (set[n->parents[k]]) set[n->index] = 1;
  }
}

enum rs_code rs_select(struct rs_project *p, const char *selection, const char *exclude,
                       struct rs_node ***pnodes, size_t *n, struct rs_buf *warnings,
                       struct rs_error *e)
{
  return rs_select_types(p, selection, exclude, 1U << RS_NODE_MODEL, pnodes, n, warnings, e);
}

enum rs_code rs_select_types(struct rs_project *p, const char *selection, const char *exclude,
                             unsigned types, struct rs_node ***pnodes, size_t *n,
                             struct rs_buf *warnings, struct rs_error *e)
{
  struct selector s = {.p = p, .warnings = warnings};
  unsigned char *in = rs_calloc(p->nnodes + 1, 1), *out = rs_calloc(p->nnodes + 1, 1);
  struct rs_node **list = rs_calloc(p->norder + 1, sizeof(struct rs_node *));
  s.queue = rs_calloc(p->nnodes + 1, sizeof *s.queue);
  s.depth = rs_calloc(p->nnodes + 1, sizeof *s.depth);
  rs_arena_init(&s.arena, 0);
  *n = 0;
  *pnodes = NULL;
  enum rs_code rc = RS_OK;
  if (in == NULL || out == NULL || list == NULL || s.queue == NULL || s.depth == NULL)
    rc = rs_nomem(e);
  if (rc == RS_OK) rc = select_text(&s, selection, in, e);
  if (rc == RS_OK && exclude != NULL) {
    rc = select_text(&s, exclude, out, e);
    if (rc != RS_OK) rs_error_prefix(e, "exclude");
  }
  if (rc == RS_OK) add_tests(p, in), add_tests(p, out);
  for (size_t i = 0; rc == RS_OK && i < p->norder; i++) {
    struct rs_node *node = p->order[i];
    if (types & 1U << node->type && in[node->index] && !out[node->index]) list[(*n)++] = node;
  }
  if (rc == RS_OK) {
    *pnodes = list;
    list = NULL;
  }
  rs_free(list);
  rs_free(in);
  rs_free(out);
  rs_free(s.queue);
  rs_free(s.depth);
  rs_arena_free(&s.arena);
  return rc;
}
