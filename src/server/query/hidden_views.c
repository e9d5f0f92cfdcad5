/*
** Views that read what is hidden (rs_name_is_hidden). None can be made through the server; one that
** somebody has made in the engine is not there either.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/control.h"
#include "src/sql/relname.h"
#include "internal.h"

struct view {
  const char *workspace, *name, *sql;
  bool hidden;
};

struct views {
  struct rs_arena a;
  struct view *v;
  size_t n, cap;
  bool any; /* is one of them hidden? */
};

static enum rs_code add_view(struct views *x, const char *workspace, const char *name,
                             const char *sql)
{
  if (!rs_grow(&x->v, &x->cap, x->n + 1, sizeof x->v[0])) return RS_NOMEM;
  struct view *w = &x->v[x->n];
  *w = (struct view){.workspace = rs_arena_strdup(&x->a, workspace),
                     .name = rs_arena_strdup(&x->a, name),
                     .sql = rs_arena_strdup(&x->a, sql),
                     .hidden = rs_name_is_hidden(sql)};
  if (w->workspace == NULL || w->name == NULL || w->sql == NULL) return RS_NOMEM;
  if (w->hidden) x->any = true;
  x->n++;
  return RS_OK;
}

static enum rs_code take_view(void *ctx, const struct rs_relation_info *i)
{
  bool view = i->kind == RS_REL_VIEW && i->sql != NULL;
  return view ? add_view(ctx, i->workspace, i->name, i->sql) : RS_OK;
}

static enum rs_code take_alias(void *ctx, const struct rs_alias *a)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < a->ncollections && rc == RS_OK; i++)
    rc = add_view(ctx, a->workspace, a->name, a->collections[i]);
  return rc;
}

static bool mentions(const char *sql, const char *name)
{
  size_t n = strlen(name);
  for (; *sql != 0; sql++) {
    if (rs_casecmpn(sql, name, n) == 0) return true;
  }
  return false;
}

/* Views that mention a hidden one are hidden, too: too many rather than too few. */
static void hide_readers(struct views *x)
{
  for (bool more = x->any; more;) {
    more = false;
    for (size_t i = 0; i < x->n; i++) {
      for (size_t k = 0; k < x->n && !x->v[i].hidden; k++) {
        if (!x->v[k].hidden || !mentions(x->v[i].sql, x->v[k].name)) continue;
        x->v[i].hidden = more = true;
      }
    }
  }
}

enum rs_code rs_hidden_check_view(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e)
{
  struct views x = {.v = NULL};
  rs_arena_init(&x.a, 0);
  enum rs_code rc = rs_session_relations(s, NULL, NULL, take_view, &x, e);
  if (rc == RS_OK) rc = rs_session_aliases(s, NULL, take_alias, &x, e);
  if (rc == RS_UNSUPPORTED) rc = RS_OK; // it has none
  if (rc == RS_NOMEM) rc = rs_nomem(e);
  hide_readers(&x);
  for (size_t i = 0; i < x.n && rc == RS_OK; i++) {
    const struct view *w = &x.v[i];
    if (!w->hidden || rs_casecmp(w->workspace, rel->workspace) != 0 ||
        rs_casecmp(w->name, rel->name) != 0)
      continue;
    rc = rs_fail(e, RS_NOT_FOUND, "collection '%s.%s' does not exist", rel->workspace, rel->name);
  }
  rs_free(x.v);
  rs_arena_free(&x.a);
  return rc;
}
