/*
** What is remembered of definitions: which names are collections, and query lambdas. Each would
** otherwise be asked for by every write and every call, which costs more than the work itself.
**
** Only where this process alone can change the target (rs_backend.is_sole), and only as of a number
** which every request that may change a definition moves on. Documents change none.
*/
#include "src/base/map.h"
#include "src/base/mem.h"
#include "internal.h"

enum { KNOWN_MAX = 1000 };

struct rs_known {
  pthread_mutex_t mutex;
  unsigned as_of;        /* of what is in the maps */
  struct rs_map tables;  /* "workspace\nname" -> the map itself */
  struct rs_map lambdas; /* "workspace\nname\nversion\ntag" -> struct lambda */
};

struct lambda {
  struct rs_arena arena;
  struct rs_lambda l;
};

enum rs_code rs_known_open(const struct rs_backend *v, struct rs_known **pk, struct rs_error *e)
{
  *pk = NULL;
  if (!v->is_sole) return RS_OK;
  struct rs_known *k = rs_calloc(1, sizeof *k);
  if (k == NULL) return rs_nomem(e);
  pthread_mutex_init(&k->mutex, NULL);
  *pk = k;
  return RS_OK;
}

static void forget_lambda(struct lambda *x)
{
  if (x == NULL) return;
  rs_arena_free(&x->arena);
  rs_free(x);
}

static void clear_known(struct rs_known *k)
{
  for (size_t i = 0; i < k->lambdas.n; i++) forget_lambda(k->lambdas.v[i].value);
  rs_map_free(&k->lambdas);
  rs_map_free(&k->tables);
}

void rs_known_close(struct rs_known *k)
{
  if (k == NULL) return;
  clear_known(k);
  pthread_mutex_destroy(&k->mutex);
  rs_free(k);
}

/* Makes k hold what is known as of that number, with room for more; false: it is of no use any
** more. With the mutex. */
static bool turn_to(struct rs_known *k, unsigned as_of, const struct rs_map *map)
{
  if ((int)(as_of - k->as_of) < 0) return false;
  if (as_of != k->as_of || map->n >= KNOWN_MAX) clear_known(k);
  k->as_of = as_of;
  return true;
}

/* ---- collections ----------------------------------------------------------------------------- */

static const char *table_key(struct rs_arena *a, const struct rs_relation *rel)
{
  return rs_arena_printf(a, "%s\n%s", rel->workspace, rel->name);
}

enum rs_code rs_known_need_table(struct rs_request *q, const struct rs_relation *rel)
{
  struct rs_known *k = q->resources->known;
  struct rs_session *s;
  unsigned as_of = atomic_load(&q->backend->definitions);
  const char *key = table_key(&q->arena, rel);
  if (key == NULL) return rs_nomem(&q->e);
  bool known = false;
  if (k != NULL) {
    pthread_mutex_lock(&k->mutex);
    known = k->as_of == as_of && rs_map_get(&k->tables, key) != NULL;
    pthread_mutex_unlock(&k->mutex);
  }
  if (known) return RS_OK;
  enum rs_code rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_need_relation(q, s, rel, RS_REL_TABLE, true);
  if (rc != RS_OK || k == NULL) return rc;
  pthread_mutex_lock(&k->mutex);
  if (turn_to(k, as_of, &k->tables)) (void)rs_map_put(&k->tables, key, k); // else only slower
  pthread_mutex_unlock(&k->mutex);
  return RS_OK;
}

/* ---- query lambdas --------------------------------------------------------------------------- */

static bool copy_lambda(struct rs_arena *a, const struct rs_lambda *from, struct rs_lambda *to)
{
  *to = *from;
  const char **const texts[] = {&to->workspace,  &to->name,        &to->version,    &to->sql,
                                &to->parameters, &to->description, &to->created_at, &to->creator};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (!rs_arena_keep(a, texts[i])) return false;
  }
  return true;
}

/* Keeps a copy of what was found as of a number; without memory it is not kept. */
static void remember_lambda(struct rs_known *k, const char *key, unsigned as_of,
                            const struct rs_lambda *l)
{
  struct lambda *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return;
  rs_arena_init(&x->arena, 0);
  bool keep = copy_lambda(&x->arena, l, &x->l);
  pthread_mutex_lock(&k->mutex);
  keep = keep && turn_to(k, as_of, &k->lambdas) && rs_map_get(&k->lambdas, key) == NULL &&
         rs_map_put(&k->lambdas, key, x);
  pthread_mutex_unlock(&k->mutex);
  if (!keep) forget_lambda(x);
}

enum rs_code rs_known_lambda(struct rs_request *q, const struct rs_lambda_ref *ref,
                             struct rs_lambda *l)
{
  struct rs_known *k = q->resources->known;
  struct rs_session *s;
  unsigned as_of = atomic_load(&q->backend->definitions);
  const char *key = rs_arena_printf(&q->arena, "%s\n%s\n%s\n%s", ref->lambda.workspace,
                                    ref->lambda.name, ref->version != NULL ? ref->version : "",
                                    ref->tag != NULL ? ref->tag : "");
  if (key == NULL) return rs_nomem(&q->e);
  enum rs_code rc = RS_DONE;
  if (k != NULL) {
    pthread_mutex_lock(&k->mutex);
    const struct lambda *x = k->as_of == as_of ? rs_map_get(&k->lambdas, key) : NULL;
    if (x != NULL) rc = copy_lambda(&q->arena, &x->l, l) ? RS_OK : rs_nomem(&q->e);
    pthread_mutex_unlock(&k->mutex);
  }
  if (rc != RS_DONE) return rc;
  rc = rs_request_session(q, &s);
  if (rc == RS_OK) rc = rs_session_lambda_find(s, ref, &q->arena, l, &q->e);
  if (rc == RS_OK && k != NULL) remember_lambda(k, key, as_of, l);
  return rc;
}
