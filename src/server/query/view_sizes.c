/*
** What each view holds with all that it reads, for the bounds of statements (rsql.h): views that
** name one another twice double what the engine plans, though each text is small.
**
** The engine's own texts of all views are measured once and remembered as known.c remembers:
** where only this process can change them, as of the number of definitions. A statement asks when
** it first names a relation and keeps what it got, so that nobody waits for another's statement.
*/
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

enum { VIEWS_DEEP = 500 }; /* views upon views; deeper ones count as endless */

struct view {
  const char *workspace, *sql;
  struct view *same_name; /* in another workspace */
  struct rs_rsql_size size;
  struct view **reads; /* once for each time that it is named */
  size_t nreads, cap;
  enum { NEW, OPEN, DONE } state;
};

struct rs_view_sizes {
  atomic_int refs;
  unsigned as_of;
  struct rs_arena arena;
  struct rs_map names; /* name in lower case -> struct view */
};

static const char *lower(struct rs_arena *a, const char *p, size_t n)
{
  char *s = rs_arena_strndup(a, p, n);
  for (size_t i = 0; s != NULL && i < n; i++)
    if (s[i] >= 'A' && s[i] <= 'Z') s[i] = (char)(s[i] - 'A' + 'a');
  return s;
}

static enum rs_code take_view(void *ctx, const struct rs_relation_info *i)
{
  struct rs_view_sizes *z = ctx;
  if (i->kind != RS_REL_VIEW || i->sql == NULL) return RS_OK;
  struct view *v = rs_arena_calloc(&z->arena, sizeof *v);
  const char *name = lower(&z->arena, i->name, strlen(i->name));
  if (v == NULL || name == NULL) return RS_NOMEM;
  *v = (struct view){.workspace = rs_arena_strdup(&z->arena, i->workspace),
                     .sql = rs_arena_strdup(&z->arena, i->sql),
                     .same_name = rs_map_get(&z->names, name)};
  if (v->workspace == NULL || v->sql == NULL) return RS_NOMEM;
  return rs_map_put(&z->names, name, v) ? RS_OK : RS_NOMEM;
}

/* The view of that name in that workspace, else in any; NULL: it is no view. An alias is none: it
** stands for a collection. */
static struct view *find_view(const struct rs_view_sizes *z, const char *workspace,
                              size_t nworkspace, const char *name, size_t n)
{
  char key[256];
  if (n == 0 || n >= sizeof key) return NULL;
  for (size_t i = 0; i < n; i++)
    key[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
  const struct rs_map_entry *x = rs_map_find(&z->names, key, n);
  struct view *first = x != NULL ? x->value : NULL;
  for (struct view *v = first; v != NULL && workspace != NULL; v = v->same_name)
    if (strlen(v->workspace) == nworkspace && rs_casecmpn(v->workspace, workspace, nworkspace) == 0)
      return v;
  return first;
}

/* ---- loading --------------------------------------------------------------------------------- */

struct reading {
  struct rs_view_sizes *z;
  struct view *v;
};

static enum rs_code see_read(void *ctx, const char *workspace, size_t nworkspace, const char *name,
                             size_t n, struct rs_rsql_size *out, struct rs_error *e)
{
  struct reading *x = ctx;
  struct view *found = find_view(x->z, workspace, nworkspace, name, n);
  (void)out;
  if (found == NULL || found == x->v) return RS_OK; // CREATE VIEW names itself
  if (!rs_grow(&x->v->reads, &x->v->cap, x->v->nreads + 1, sizeof found)) return rs_nomem(e);
  x->v->reads[x->v->nreads++] = found;
  return RS_OK;
}

static void set_endless(struct view *v)
{
  for (size_t k = 0; k < RS_RSQL_SIZES; k++) v->size.v[k] = SIZE_MAX / 4;
}

/* With all that it reads. A circle, which no engine allows, comes of names alone: it adds nothing.
** Each view is entered once. */
static void sum_reads(struct view *v, int depth) // NOLINT(misc-no-recursion)
{
  v->state = OPEN;
  if (depth >= VIEWS_DEEP) set_endless(v);
  for (size_t i = 0; i < v->nreads && depth < VIEWS_DEEP; i++) {
    if (v->reads[i]->state == NEW) sum_reads(v->reads[i], depth + 1);
    if (v->reads[i]->state == DONE) rs_rsql_size_add(&v->size, &v->reads[i]->size);
  }
  v->state = DONE;
}

static enum rs_code measure(struct rs_view_sizes *z, const struct rs_dialect *d, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < z->names.n && rc == RS_OK; i++) {
    for (struct view *v = z->names.v[i].value; v != NULL && rc == RS_OK; v = v->same_name) {
      struct reading x = {z, v};
      const struct rs_rsql_views views = {see_read, &x};
      rc = rs_rsql_measure(v->sql, strlen(v->sql), d, &views, &v->size, e);
      if (rc == RS_LIMIT) set_endless(v);
      if (rc == RS_LIMIT) rc = RS_OK;
    }
  }
  for (size_t i = 0; i < z->names.n && rc == RS_OK; i++)
    for (struct view *v = z->names.v[i].value; v != NULL; v = v->same_name)
      if (v->state == NEW) sum_reads(v, 0);
  return rc;
}

static void free_reads(struct rs_view_sizes *z)
{
  for (size_t i = 0; i < z->names.n; i++) {
    for (struct view *v = z->names.v[i].value; v != NULL; v = v->same_name) {
      rs_free(v->reads);
      v->reads = NULL;
    }
  }
}

void rs_view_sizes_release(struct rs_view_sizes *z)
{
  if (z == NULL || atomic_fetch_sub(&z->refs, 1) > 1) return;
  rs_map_free(&z->names);
  rs_arena_free(&z->arena);
  rs_free(z);
}

static enum rs_code load_sizes(struct rs_run *r, unsigned as_of, struct rs_view_sizes **out)
{
  struct rs_error *e = &r->problem.e;
  struct rs_view_sizes *z = rs_calloc(1, sizeof *z);
  if (z == NULL) return rs_nomem(e);
  z->as_of = as_of;
  atomic_store(&z->refs, 1);
  rs_arena_init(&z->arena, 0);
  rs_map_init(&z->names);
  enum rs_code rc = rs_session_relations(r->s, NULL, NULL, take_view, z, e);
  if (rc == RS_NOMEM) rc = rs_nomem(e);
  if (rc == RS_OK) rc = measure(z, rs_target_info(r->backend->target).dialect, e);
  free_reads(z);
  if (rc == RS_OK) *out = z;
  else rs_view_sizes_release(z);
  return rc;
}

/* ---- what is remembered ---------------------------------------------------------------------- */

/* Counted; NULL: nothing is known as of that number. */
static struct rs_view_sizes *take_known(struct rs_backend *v, unsigned as_of)
{
  pthread_mutex_lock(&v->view_sizes_mutex);
  struct rs_view_sizes *z = v->view_sizes;
  if (z != NULL && z->as_of != as_of) z = NULL;
  if (z != NULL) atomic_fetch_add(&z->refs, 1);
  pthread_mutex_unlock(&v->view_sizes_mutex);
  return z;
}

static void remember(struct rs_backend *v, struct rs_view_sizes *z)
{
  pthread_mutex_lock(&v->view_sizes_mutex);
  struct rs_view_sizes *old = v->view_sizes;
  if (old != NULL && (int)(z->as_of - old->as_of) <= 0) {
    old = NULL;
  } else {
    atomic_fetch_add(&z->refs, 1);
    v->view_sizes = z;
  }
  pthread_mutex_unlock(&v->view_sizes_mutex);
  rs_view_sizes_release(old);
}

static enum rs_code see_size(void *ctx, const char *workspace, size_t nworkspace, const char *name,
                             size_t n, struct rs_rsql_size *out, struct rs_error *e)
{
  struct rs_run *r = ctx;
  struct rs_backend *v = r->backend;
  if (r->view_sizes == NULL) {
    unsigned as_of = atomic_load(&v->definitions);
    if (v->is_sole) r->view_sizes = take_known(v, as_of);
    enum rs_code rc = r->view_sizes == NULL ? load_sizes(r, as_of, &r->view_sizes) : RS_OK;
    if (rc != RS_OK && e != &r->problem.e && e != NULL) *e = r->problem.e;
    if (rc != RS_OK) return rc;
    if (v->is_sole) remember(v, r->view_sizes);
  }
  const struct view *found = find_view(r->view_sizes, workspace, nworkspace, name, n);
  if (found != NULL) *out = found->size;
  return RS_OK;
}

const struct rs_rsql_views *rs_run_views(struct rs_run *r)
{
  // other engines plan by their own limits
  bool embedded = (rs_output_traits(rs_target_info(r->backend->target).output)->caps &
                   RS_CAP_EMBEDDED) != 0;
  r->views = (struct rs_rsql_views){see_size, r};
  return embedded ? &r->views : NULL;
}

enum rs_code rs_run_check_view(struct rs_run *r, const char *workspace, const char *name,
                               struct rs_error *e)
{
  struct rs_rsql_size size = {{0}};
  const struct rs_rsql_views *views = rs_run_views(r);
  if (views == NULL) return RS_OK;
  enum rs_code rc = see_size(r, workspace, strlen(workspace), name, strlen(name), &size, e);
  return rc == RS_OK ? rs_rsql_check_view(&size, e) : rc;
}
