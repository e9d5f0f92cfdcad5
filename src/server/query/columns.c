/*
** What columns a relation has, remembered: every query asks, and an answer costs some milliseconds.
**
** Only where this process alone can change the target (rs_backend.is_sole): each writing request
** moves on one number, `changes`, and what is known as of another one is not used. What was asked
** for before a change is kept under the number of before, hence never used after it.
*/
#include "src/base/map.h"
#include "src/base/mem.h"
#include "internal.h"

enum { KNOWN_MAX = 1000 };

struct entry {
  struct rs_columns columns;
  enum rs_relation_kind kind;
};

struct rs_columns_cache {
  pthread_mutex_t mutex;
  unsigned changes;  /* of what is in the map */
  struct rs_map map; /* "workspace\nname" -> struct entry */
};

enum rs_code rs_columns_open(struct rs_backend *v, struct rs_error *e)
{
  if (!v->is_sole) return RS_OK;
  v->columns = rs_calloc(1, sizeof *v->columns);
  if (v->columns == NULL) return rs_nomem(e);
  pthread_mutex_init(&v->columns->mutex, NULL);
  rs_map_init(&v->columns->map);
  return RS_OK;
}

static void clear_cache(struct rs_columns_cache *c)
{
  for (size_t i = 0; i < c->map.n; i++) {
    struct entry *x = c->map.v[i].value;
    rs_columns_free(&x->columns);
    rs_free(x);
  }
  rs_map_free(&c->map);
  rs_map_init(&c->map);
}

void rs_columns_close(struct rs_backend *v)
{
  if (v->columns == NULL) return;
  clear_cache(v->columns);
  pthread_mutex_destroy(&v->columns->mutex);
  rs_free(v->columns);
  v->columns = NULL;
}

static enum rs_code copy_columns(struct rs_arena *a, const struct rs_columns *from,
                                 const struct rs_columns **to, struct rs_error *e)
{
  struct rs_columns *c = rs_arena_calloc(a, sizeof *c);
  if (c != NULL) c->v = rs_arena_alloc(a, (from->n + 1) * sizeof c->v[0]);
  if (c == NULL || c->v == NULL) return rs_nomem(e);
  c->n = from->n;
  for (size_t i = 0; i < c->n; i++) {
    c->v[i].name = rs_arena_strdup(a, from->v[i].name);
    c->v[i].native = rs_arena_strdup(a, from->v[i].native);
    c->v[i].type = from->v[i].type;
    c->v[i].side = from->v[i].side;
    if (c->v[i].name == NULL || c->v[i].native == NULL) return rs_nomem(e);
  }
  *to = c;
  return RS_OK;
}

/* Keeps what was found as of `changes`; takes the columns. */
static void remember(struct rs_columns_cache *c, const char *key, unsigned changes,
                     struct rs_columns *columns, enum rs_relation_kind kind)
{
  struct entry *x = rs_calloc(1, sizeof *x);
  pthread_mutex_lock(&c->mutex);
  // older than what is known: of no use to anybody
  bool use = x != NULL && (int)(changes - c->changes) >= 0;
  if (use && (changes != c->changes || c->map.n >= KNOWN_MAX)) clear_cache(c);
  if (use) {
    c->changes = changes;
    *x = (struct entry){*columns, kind};
    use = rs_map_get(&c->map, key) == NULL && rs_map_put(&c->map, key, x);
  }
  pthread_mutex_unlock(&c->mutex);
  if (use) return;
  rs_columns_free(columns);
  rs_free(x);
}

enum rs_code rs_columns_of(struct rs_backend *v, struct rs_session *s,
                           const struct rs_relation *rel, struct rs_arena *a,
                           const struct rs_columns **out, enum rs_relation_kind *kind,
                           struct rs_error *e)
{
  struct rs_columns_cache *c = v->columns;
  struct rs_columns columns = {NULL, 0};
  unsigned changes = atomic_load(&v->changes);
  const char *key = rs_arena_printf(a, "%s\n%s", rel->workspace, rel->name);
  if (key == NULL) return rs_nomem(e);
  enum rs_code rc = RS_DONE;
  if (c != NULL) {
    pthread_mutex_lock(&c->mutex);
    const struct entry *x = c->changes == changes ? rs_map_get(&c->map, key) : NULL;
    if (x != NULL) {
      *kind = x->kind;
      rc = copy_columns(a, &x->columns, out, e);
    }
    pthread_mutex_unlock(&c->mutex);
  }
  if (rc != RS_DONE) return rc;
  rc = rs_session_describe(s, rel, &columns, kind, e);
  if (rc == RS_OK && (*kind == RS_REL_VIEW || *kind == RS_REL_ALIAS)) {
    rc = rs_hidden_check_view(s, rel, e);
    if (rc != RS_OK) rs_columns_free(&columns);
  }
  if (rc == RS_OK) rc = copy_columns(a, &columns, out, e);
  if (rc == RS_OK && c != NULL) remember(c, key, changes, &columns, *kind);
  else rs_columns_free(&columns);
  return rc;
}
