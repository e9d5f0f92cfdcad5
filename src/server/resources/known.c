/*
** What is remembered of definitions: which names are collections, and query lambdas. Each would
** otherwise be asked for by every write and every call, which costs more than the work itself.
**
** Only where this process alone can change the target (rs_backend.is_sole), and only as of a number
** which every request that may change a definition moves on. Documents change none.
*/
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "shared.h"

enum { KNOWN_MAX = 1000 };

struct rs_known {
  pthread_mutex_t mutex;
  unsigned as_of;        /* of what is in the maps */
  struct rs_map tables;  /* "workspace\nname" -> its definition's text, owned; "": none */
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
  for (size_t i = 0; i < k->tables.n; i++) rs_free(k->tables.v[i].value);
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

struct search {
  struct rs_request *q;
  const char *workspace, *name;
  char *collection;
};

static enum rs_code see_alias(void *ctx, const struct rs_alias *a)
{
  struct search *x = ctx;
  if (x->collection != NULL || rs_casecmp(a->name, x->name) != 0) return RS_OK;
  if (a->ncollections != 1)
    return rs_refuse(x->q, 400, "INVALIDINPUT",
                     "'%s.%s' is an alias of %zu collections: write to one of them by its own name",
                     a->workspace, a->name, a->ncollections);
  x->collection = rs_arena_strdup(&x->q->arena, a->collections[0]);
  return x->collection != NULL ? RS_OK : rs_nomem(&x->q->e);
}

/* What is kept beside the collection, or beside the one that an alias stands for. */
static enum rs_code find_definition(struct rs_request *q, struct rs_session *s,
                                    const struct rs_relation *rel, const char **definition)
{
  struct rs_meta m;
  struct rs_relation at = *rel;
  enum rs_code rc = rs_meta_get(q, s, RS_CONTROL_COLLECTION, rel, &m);
  if (rc != RS_OK || m.definition != NULL || m.created_at != NULL) {
    *definition = m.definition;
    return rc;
  }
  struct search x = {.q = q, .name = rel->name};
  *definition = NULL;
  rc = rs_session_aliases(s, rel->workspace, see_alias, &x, &q->e);
  char *dot = x.collection != NULL ? strrchr(x.collection, '.') : NULL;
  if (rc != RS_OK || dot == NULL) return rc;
  *dot = 0;
  at = (struct rs_relation){.workspace = x.collection, .name = dot + 1};
  rc = rs_meta_get(q, s, RS_CONTROL_COLLECTION, &at, &m);
  *definition = m.definition;
  return rc;
}

/* True: it is a table; *text, in the arena: its definition, "" none; NULL: out of memory. */
static bool is_known(struct rs_request *q, const char *key, unsigned as_of, const char **text)
{
  struct rs_known *k = q->resources->known;
  const char *found = NULL;
  if (k == NULL) return false;
  pthread_mutex_lock(&k->mutex);
  if (k->as_of == as_of) found = rs_map_get(&k->tables, key);
  *text = found != NULL ? rs_arena_strdup(&q->arena, found) : NULL;
  pthread_mutex_unlock(&k->mutex);
  return found != NULL;
}

/* Without memory it is not kept, which is only slower. */
static void remember_table(struct rs_known *k, const char *key, unsigned as_of, const char *text)
{
  char *copy = rs_strdup(text != NULL ? text : "");
  if (copy == NULL) return;
  pthread_mutex_lock(&k->mutex);
  bool keep = turn_to(k, as_of, &k->tables) && rs_map_get(&k->tables, key) == NULL &&
              rs_map_put(&k->tables, key, copy);
  pthread_mutex_unlock(&k->mutex);
  if (!keep) rs_free(copy);
}

static enum rs_code check_aliased(void *ctx, const struct rs_alias *a)
{
  const struct search *x = ctx;
  enum rs_code rc = RS_OK;
  if (rs_casecmp(a->name, x->name) != 0 || rs_casecmp(a->workspace, x->workspace) != 0)
    return RS_OK;
  for (size_t i = 0; i < a->ncollections && rc == RS_OK; i++) {
    const char *path = a->collections[i], *dot = strrchr(path, '.');
    const char *workspace =
      dot != NULL ? rs_arena_strndup(&x->q->arena, path, (size_t)(dot - path)) : path;
    if (workspace == NULL) return rs_nomem(&x->q->e);
    rc = rs_request_need(x->q, RS_MAY_WRITE_DATA_WS, workspace);
  }
  return rc;
}

/* Who writes to an alias writes to what it stands for. */
static enum rs_code need_aliased(struct rs_request *q, const struct rs_relation *rel)
{
  struct rs_session *s;
  struct search x = {.q = q, .workspace = rel->workspace, .name = rel->name};
  if (rs_rights_everywhere(q->who.rights, RS_MAY_WRITE_DATA_WS)) return RS_OK;
  enum rs_code rc = rs_request_session(q, &s);
  return rc == RS_OK ? rs_session_aliases(s, NULL, check_aliased, &x, &q->e) : rc;
}

enum rs_code rs_known_need_table(struct rs_request *q, const struct rs_relation *rel,
                                 const char **definition)
{
  struct rs_session *s;
  unsigned as_of = atomic_load(&q->backend->definitions);
  const char *key = table_key(&q->arena, rel), *text = NULL;
  if (key == NULL) return rs_nomem(&q->e);
  enum rs_code rc = RS_OK;
  if (is_known(q, key, as_of, &text)) {
    if (text == NULL) return rs_nomem(&q->e);
  } else {
    rc = rs_request_session(q, &s);
    if (rc == RS_OK) rc = rs_need_relation(q, s, rel, RS_REL_TABLE, true);
    if (rc == RS_OK) rc = find_definition(q, s, rel, &text);
    if (rc == RS_OK && q->resources->known != NULL)
      remember_table(q->resources->known, key, as_of, text);
  }
  if (rc == RS_OK) rc = need_aliased(q, rel);
  if (definition != NULL) *definition = text != NULL && text[0] != 0 ? text : NULL;
  return rc;
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
