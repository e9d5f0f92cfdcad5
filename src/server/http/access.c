/*
** Privileges and sets of them (see access.h).
*/
#include "access.h"
#include <string.h>
#include "src/base/text.h"

static const struct {
  const char *name;
  enum rs_scope scope;
} actions[] = {{"none", RS_SCOPE_ORG},
#define RS_ACTION_ROW(name, scope) {#name, RS_SCOPE_##scope},
               RS_ACTIONS(RS_ACTION_ROW)
#undef RS_ACTION_ROW
};
_Static_assert(RS_ACTIONS_END <= 64, "an action is a bit");

const char *rs_action_name(enum rs_action a)
{
  return actions[a].name;
}

enum rs_action rs_action_of(const char *name)
{
  for (int a = RS_MAY_NOTHING + 1; a < RS_ACTIONS_END; a++)
    if (rs_eq(actions[a].name, name)) return (enum rs_action)a;
  return RS_MAY_NOTHING;
}

enum rs_scope rs_action_scope(enum rs_action a)
{
  return actions[a].scope;
}

bool rs_action_changes(enum rs_action a)
{
  static const char *const harmless[] = {"none", "GET_", "LIST_", "QUERY_", "EXECUTE_"};
  for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
    if (rs_starts(actions[a].name, harmless[i])) return false;
  return true;
}

static bool is_all(enum rs_action a)
{
  return a == RS_MAY_ALL_GLOBAL_ACTIONS || a == RS_MAY_ALL_WORKSPACE_ACTIONS ||
         a == RS_MAY_ALL_VI_ACTIONS || a == RS_MAY_ALL_INTEGRATION_ACTIONS;
}

uint64_t rs_action_bits(enum rs_action a)
{
  uint64_t bits = (uint64_t)1 << a;
  for (int other = RS_MAY_NOTHING + 1; is_all(a) && other < RS_ACTIONS_END; other++)
    if (actions[other].scope == actions[a].scope) bits |= (uint64_t)1 << other;
  return bits;
}

/* ---- sets ------------------------------------------------------------------------------------ */

static bool names(const struct rs_grant *g, const char *resource, const char *other)
{
  if (g->resource == NULL) return true;
  // as engines read them: `Sales` and `sales` are one workspace
  return (resource != NULL && rs_casecmp(g->resource, resource) == 0) ||
         (other != NULL && rs_casecmp(g->resource, other) == 0);
}

bool rs_rights_may(const struct rs_rights *r, enum rs_action a, const char *resource,
                   const char *other)
{
  const uint64_t bit = (uint64_t)1 << a;
  bool may = r != NULL && a != RS_MAY_NOTHING;
  for (; r != NULL && may; r = r->within) {
    may = false;
    for (size_t i = 0; i < r->n && !may; i++)
      may = (r->v[i].actions & bit) != 0 && names(&r->v[i], resource, other);
  }
  return may;
}

bool rs_rights_everywhere(const struct rs_rights *r, enum rs_action a)
{
  return rs_rights_may(r, a, NULL, NULL);
}

bool rs_rights_somewhere(const struct rs_rights *r, enum rs_action a)
{
  const uint64_t bit = (uint64_t)1 << a;
  bool may = r != NULL && a != RS_MAY_NOTHING;
  for (; r != NULL && may; r = r->within) {
    may = false;
    for (size_t i = 0; i < r->n && !may; i++) may = (r->v[i].actions & bit) != 0;
  }
  return may;
}

static bool has_all(const struct rs_rights *r, const struct rs_grant *g)
{
  uint64_t left = g->actions;
  for (size_t i = 0; i < r->n && left != 0; i++)
    if (names(&r->v[i], g->resource, NULL)) left &= ~r->v[i].actions;
  return left == 0;
}

static bool holds(const struct rs_rights *a, const struct rs_rights *b)
{
  for (size_t i = 0; i < b->n; i++)
    if (!has_all(a, &b->v[i])) return false;
  return true;
}

/* b is what all of its levels allow: it is enough that a holds one of them. */
bool rs_rights_cover(const struct rs_rights *a, const struct rs_rights *b)
{
  if (a == NULL) return b == NULL;
  if (b == NULL) return true;
  for (; a != NULL; a = a->within) {
    bool held = false;
    for (const struct rs_rights *level = b; level != NULL && !held; level = level->within)
      held = holds(a, level);
    if (!held) return false;
  }
  return true;
}

static bool copy_level(const struct rs_rights *r, struct rs_arena *a, struct rs_rights *to)
{
  struct rs_grant *v = rs_arena_alloc(a, (r->n + 1) * sizeof *v);
  for (size_t i = 0; v != NULL && i < r->n; i++) {
    v[i] = r->v[i];
    if (!rs_arena_keep(a, &v[i].resource)) return false;
  }
  *to = (struct rs_rights){.v = v, .n = r->n};
  return v != NULL;
}

const struct rs_rights *rs_rights_copy(const struct rs_rights *r, struct rs_arena *a)
{
  struct rs_rights *first = NULL, *last = NULL;
  for (; r != NULL; r = r->within) {
    struct rs_rights *copy = rs_arena_calloc(a, sizeof *copy);
    // without a bound they would allow more
    if (copy == NULL || !copy_level(r, a, copy)) return NULL;
    if (last != NULL) last->within = copy;
    else first = copy;
    last = copy;
  }
  return first;
}

/* ---- refusals -------------------------------------------------------------------------------- */

enum rs_code rs_rights_lack(const char *who, enum rs_action a, const char *resource,
                            struct rs_error *e)
{
  static const char *const kinds[] = {"", "workspace", "virtual instance", "integration"};
  if (resource == NULL)
    return rs_fail(e, RS_FORBIDDEN, "API key '%s' lacks the privilege %s%s", who, rs_action_name(a),
                   rs_action_scope(a) != RS_SCOPE_ORG ? " on *ALL*" : "");
  return rs_fail(e, RS_FORBIDDEN, "API key '%s' lacks the privilege %s on the %s '%s'", who,
                 rs_action_name(a), kinds[rs_action_scope(a)], resource);
}

enum rs_code rs_rights_need(const struct rs_rights *r, const char *who, enum rs_action a,
                            const char *resource, struct rs_error *e)
{
  return rs_rights_may(r, a, resource, NULL) ? RS_OK : rs_rights_lack(who, a, resource, e);
}
