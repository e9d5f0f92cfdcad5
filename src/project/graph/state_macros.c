/*
** Which macros a template calls, found without rendering it: a branch that is not taken today may
** be taken tomorrow. Identifiers inside tags that name a macro count, and the names of
** adapter.dispatch().
*/
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "graph.h"

static bool is_word(char c)
{
  return isalnum((unsigned char)c) || c == '_';
}

static struct rs_macro_use *find(struct rs_state *s, const char *package, const char *name,
                                 size_t n)
{
  char key[512];
  size_t len = strlen(package);
  if (len + n + 2 > sizeof key) return NULL;
  memcpy(key, package, len);
  key[len] = '.';
  memcpy(key + len + 1, name, n);
  key[len + 1 + n] = 0;
  return rs_map_get(&s->macros, key);
}

struct scan {
  struct rs_state *s;
  const char *from; /* the package whose text it is */
  struct rs_macro_use ***list;
  size_t *n, *cap;
};

static bool add(struct scan *sc, struct rs_macro_use *m)
{
  if (m == NULL) return true;
  for (size_t i = 0; i < *sc->n; i++)
    if ((*sc->list)[i] == m) return true;
  if (*sc->n == *sc->cap) {
    size_t cap = *sc->cap == 0 ? 8 : *sc->cap * 2;
    struct rs_macro_use **list = rs_arena_alloc(&sc->s->arena, (cap + 1) * sizeof *list);
    if (list == NULL) return false;
    if (*sc->n > 0) memcpy(list, *sc->list, *sc->n * sizeof *list);
    *sc->list = list;
    *sc->cap = cap;
  }
  (*sc->list)[(*sc->n)++] = m;
  (*sc->list)[*sc->n] = NULL;
  return true;
}

/* As a template of that package sees the name: its own, the project's, ours. */
static bool add_name(struct scan *sc, const char *name, size_t n)
{
  const struct rs_project *p = sc->s->inv->p;
  struct rs_macro_use *m = find(sc->s, sc->from, name, n);
  if (m == NULL) m = find(sc->s, p->name, name, n);
  if (m == NULL) m = find(sc->s, "dbt", name, n);
  return add(sc, m);
}

/* adapter.dispatch('name', 'package'): every implementation of it may be the one. */
static bool add_dispatch(struct scan *sc, const char *name, size_t n)
{
  for (size_t i = 0; i < sc->s->macros.n; i++) {
    struct rs_macro_use *m = sc->s->macros.v[i].value;
    const char *sep = strstr(m->name, "__");
    if (sep != NULL && rs_eqn(sep + 2, name, n) && !add(sc, m)) return false;
  }
  return true;
}

static bool scan_text(struct scan *sc, const char *p, const char *end);

/* Behind the name that `macro x(...)` and the like give: that is no call. */
static const char *behind_name(const char *p, const char *end)
{
  static const char *const words[] = {"macro", "test", "data_test", "materialization"};
  const char *q = p;
  while (q < end && (isspace((unsigned char)*q) || *q == '-' || *q == '+')) q++;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i]);
    if ((size_t)(end - q) <= n || memcmp(q, words[i], n) != 0 || !isspace((unsigned char)q[n]))
      continue;
    for (q += n; q < end && isspace((unsigned char)*q); q++) {
    }
    while (q < end && is_word(*q)) q++;
    return q;
  }
  return p;
}

/* The inside of a tag; a text in it may be a template itself: a hook, a test's argument. */
static bool scan_tag(struct scan *sc, const char *p, const char *end)
{
  bool dispatch = false;
  p = behind_name(p, end);
  while (p < end) {
    if (*p == '\'' || *p == '"') {
      const char *q = p + 1;
      while (q < end && *q != *p) q += *q == '\\' && q + 1 < end ? 2 : 1;
      if (dispatch && !add_dispatch(sc, p + 1, (size_t)((q < end ? q : end) - p - 1))) return false;
      if (q < end && !scan_text(sc, p + 1, q)) return false;
      dispatch = false;
      p = q < end ? q + 1 : end;
    } else if (is_word(*p) && !isdigit((unsigned char)*p)) {
      const char *q = p;
      while (q < end && is_word(*q)) q++;
      size_t n = (size_t)(q - p);
      // package.name: the qualifier says where to look
      const char *r = q;
      while (r + 1 < end && *r == '.' && is_word(r[1])) r++;
      struct rs_macro_use *m = NULL;
      if (r > q && n < 200) {
        char package[200];
        const char *t = r;
        memcpy(package, p, n);
        package[n] = 0;
        while (t < end && is_word(*t)) t++;
        m = find(sc->s, package, r, (size_t)(t - r));
      }
      if (!(m != NULL ? add(sc, m) : add_name(sc, p, n))) return false;
      dispatch = n == 8 && memcmp(p, "dispatch", 8) == 0;
      p = q;
    } else {
      if (!isspace((unsigned char)*p) && *p != '(') dispatch = false;
      p++;
    }
  }
  return true;
}

/* Where a tag ends that begins before p; `close` in a text does not count. */
static const char *tag_end(const char *p, const char *end, const char *close)
{
  while (p + 1 < end) {
    if (p[0] == close[0] && p[1] == close[1]) return p;
    if (*close != '#' && (*p == '\'' || *p == '"')) {
      const char *q = p + 1;
      while (q < end && *q != *p) q += *q == '\\' ? 2 : 1;
      p = q < end ? q : p; // one that is not closed is no text
    }
    p++;
  }
  return end;
}

static bool scan_text(struct scan *sc, const char *p, const char *end)
{
  while (p + 1 < end) {
    const char *brace = memchr(p, '{', (size_t)(end - p - 1));
    if (brace == NULL) return true;
    char kind = brace[1];
    if (kind != '{' && kind != '%' && kind != '#') {
      p = brace + 1;
      continue;
    }
    char close[3] = {kind == '{' ? '}' : kind, '}', 0};
    const char *stop = tag_end(brace + 2, end, close);
    if (kind != '#' && !scan_tag(sc, brace + 2, stop)) return false;
    p = stop < end ? stop + 2 : end;
  }
  return true;
}

static enum rs_code add_package(struct rs_state *s, const char *package, const struct rs_map *map,
                                struct rs_error *e)
{
  for (size_t i = 0; i < map->n; i++) {
    const struct rs_macro *m = map->v[i].value;
    struct rs_macro_use *u = rs_arena_calloc(&s->arena, sizeof *u);
    char *key = rs_arena_printf(&s->arena, "%s.%s", package, m->name);
    if (u == NULL || key == NULL || !rs_map_put(&s->macros, key, u)) return rs_nomem(e);
    u->package = package;
    u->name = m->name;
    u->macro = m;
    if (m->source != NULL) rs_digest(m->source, strlen(m->source), u->hash);
  }
  return RS_OK;
}

enum rs_code rs_state_macros(struct rs_state *s, struct rs_error *e)
{
  const struct rs_project *p = s->inv->p;
  enum rs_code rc = add_package(s, p->name, &p->macros, e);
  for (size_t i = 0; rc == RS_OK && i < p->packages.n; i++) {
    const struct rs_package *pack = p->packages.v[i].value;
    rc = add_package(s, pack->name, &pack->macros, e);
  }
  return rc == RS_OK ? add_package(s, "dbt", &p->builtins, e) : rc;
}

static int by_name(const void *a, const void *b)
{
  const struct rs_macro_use *x = *(struct rs_macro_use *const *)a;
  const struct rs_macro_use *y = *(struct rs_macro_use *const *)b;
  int order = strcmp(x->package, y->package);
  return order != 0 ? order : strcmp(x->name, y->name);
}

bool rs_state_macro_scan(struct rs_state *s, struct rs_macro_use *m)
{
  if (m->scanned || m->macro->source == NULL) return true;
  m->scanned = true;
  struct scan sc = {
    .s = s, .from = m->package, .list = &m->uses, .n = &m->nuses, .cap = &m->cap_uses};
  return scan_text(&sc, m->macro->source, m->macro->source + strlen(m->macro->source));
}

/* What a node's own text calls, up to NULL; of a generic test its macro and those of its arguments.
** test_package NULL: as its package sees the name. */
static bool direct_uses(struct rs_state *s, const struct rs_node *n, const char *test,
                        const char *test_package, const char *args, struct rs_macro_use ***list,
                        size_t *count)
{
  size_t cap = 0;
  struct scan sc = {.s = s, .from = n->package, .list = list, .n = count, .cap = &cap};
  bool ok = n->type == RS_NODE_SEED || scan_text(&sc, n->sql, n->sql + n->nsql);
  if (ok && args != NULL) ok = scan_text(&sc, args, args + strlen(args));
  if (!ok || test == NULL) return ok;
  char *name = rs_arena_printf(&s->arena, "test_%s", test);
  if (name == NULL) return false;
  struct rs_macro_use *m = test_package != NULL ? find(s, test_package, name, strlen(name)) : NULL;
  if (!(m != NULL ? add(&sc, m) : add_name(&sc, name, strlen(name)))) return false;
  // dbt knows what its own two need without looking at their arguments
  bool own = *count > 0 && rs_eq((*list)[*count - 1]->package, "dbt") &&
             (rs_eq(test, "unique") || rs_eq(test, "not_null"));
  return own || add(&sc, find(s, "dbt", "get_where_subquery", 18));
}

/* "macro.package.name" of each; in the project's arena. */
static const char *const *use_names(struct rs_project *p, struct rs_macro_use *const *uses,
                                    size_t n)
{
  const char **names = rs_arena_calloc(&p->arena, (n + 1) * sizeof *names);
  for (size_t i = 0; names != NULL && i < n; i++) {
    names[i] = rs_arena_printf(&p->arena, "macro.%s.%s", uses[i]->package, uses[i]->name);
    if (names[i] == NULL) return NULL;
  }
  return names;
}

enum rs_code rs_project_macro_uses(struct rs_project *p, struct rs_error *e)
{
  const struct rs_inventory inv = {.p = p};
  struct rs_state s = {.inv = &inv};
  rs_arena_init(&s.arena, 0);
  rs_map_init(&s.macros);
  enum rs_code rc = rs_state_macros(&s, e);
  for (size_t i = 0; rc == RS_OK && i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    struct rs_macro_use **uses = NULL;
    size_t count = 0;
    const char *test = n->type == RS_NODE_TEST && n->test != NULL ? n->test->test : NULL;
    const char *dot = test != NULL ? strchr(test, '.') : NULL;
    char *package = dot != NULL ? rs_arena_strndup(&s.arena, test, (size_t)(dot - test)) : NULL;
    if (n->type == RS_NODE_SOURCE || n->sql == NULL) continue;
    bool ok = (dot == NULL || package != NULL) &&
              direct_uses(&s, n, dot != NULL ? dot + 1 : test, package,
                          test != NULL ? n->test->arguments : NULL, &uses, &count);
    if (!ok || (n->macros = use_names(p, uses, count)) == NULL) rc = rs_nomem(e);
  }
  rs_map_free(&s.macros);
  rs_arena_free(&s.arena);
  return rc;
}

enum rs_code rs_state_hash_macros(struct rs_state *s, const struct rs_item *it,
                                  char out[RS_HASH_TEXT], struct rs_error *e)
{
  struct rs_macro_use **direct = NULL, **all = NULL;
  size_t ndirect = 0, n = 0, room = 0, mark = it->index + 1;
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  bool ok = direct_uses(s, it->node, it->test, it->test_package,
                        it->type == RS_NODE_TEST ? rs_item_text(it, "arguments") : NULL, &direct,
                        &ndirect);
  s->uses[it->index] = direct;
  for (size_t i = 0; ok && i < ndirect; i++) {
    if (!rs_grow(&all, &room, n + 1, sizeof *all)) ok = false;
    else all[n++] = direct[i], direct[i]->mark = mark;
  }
  for (size_t i = 0; ok && i < n; i++) {
    ok = rs_state_macro_scan(s, all[i]);
    for (size_t k = 0; ok && k < all[i]->nuses; k++) {
      struct rs_macro_use *m = all[i]->uses[k];
      if (m->mark == mark) continue;
      m->mark = mark;
      if (!rs_grow(&all, &room, n + 1, sizeof *all)) ok = false;
      else all[n++] = m;
    }
  }
  if (ok && n > 0) qsort(all, n, sizeof *all, by_name);
  for (size_t i = 0; ok && i < n; i++)
    if (all[i]->macro->source != NULL)
      rs_buf_printf(&text, "%s.%s %s\n", all[i]->package, all[i]->name, all[i]->hash);
  rs_digest(rs_buf_text(&text), text.n, out);
  enum rs_code rc = ok ? rs_buf_error(&text, e, "macros") : rs_nomem(e);
  rs_buf_free(&text);
  rs_free(all);
  return rc;
}
