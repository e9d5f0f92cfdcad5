/*
** The names of one scope (internal.h): `see` walks what the scope itself mentions, not its inner
** scopes, and makes a variable of each name that it assigns or that nobody around it has.
*/
#include "internal.h"

static struct sym *find_own(const struct frame *f, const struct jv_str *name)
{
  if (f->nindex == 0) {
    for (size_t i = 0; i < f->n; i++) {
      const struct jv_str *s = f->v[i].name;
      if (s->hash == name->hash && s->n == name->n && memcmp(s->s, name->s, s->n) == 0) {
        return &f->v[i];
      }
    }
    return NULL;
  }
  for (size_t k = name->hash & (f->nindex - 1); f->index[k] != 0; k = (k + 1) & (f->nindex - 1)) {
    struct sym *s = &f->v[f->index[k] - 1];
    if (s->name->hash == name->hash && s->name->n == name->n &&
        memcmp(s->name->s, name->s, name->n) == 0) {
      return s;
    }
  }
  return NULL;
}

static bool reindex(struct parser *p, struct frame *f)
{
  size_t size = f->nindex == 0 ? 64 : f->nindex * 2;
  uint32_t *index = rs_calloc(size, sizeof *index);
  if (index == NULL) return jinja_parse_nomem(p) != NULL;
  for (size_t i = 0; i < f->n; i++) {
    size_t k = f->v[i].name->hash & (size - 1);
    while (index[k] != 0) k = (k + 1) & (size - 1);
    index[k] = (uint32_t)i + 1;
  }
  rs_free(f->index);
  f->index = index;
  f->nindex = size;
  return true;
}

static struct sym *define(struct parser *p, struct frame *f, const struct jv_str *name)
{
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof *f->v)) return jinja_parse_nomem(p);
  f->v[f->n++] = (struct sym){.name = name, .slot = f->fn->nslots++};
  if ((f->nindex == 0 && f->n > 12) || (f->nindex != 0 && f->n * 2 > f->nindex)) {
    if (!reindex(p, f)) return NULL;
  } else if (f->nindex != 0) {
    size_t k = name->hash & (f->nindex - 1);
    while (f->index[k] != 0) k = (k + 1) & (f->nindex - 1);
    f->index[k] = (uint32_t)f->n;
  }
  return &f->v[f->n - 1];
}

/* The variable as seen from function `from`; false when no scope from f outwards has it. */
bool jinja_scope_find(const struct frame *f, const struct fn *from, const struct jv_str *name,
                      struct ref *ref)
{
  uint32_t hops = 0;
  for (; f != NULL; f = f->up) {
    while (from != f->fn) {
      hops++;
      from = from->up;
    }
    const struct sym *s = find_own(f, name);
    if (s != NULL) {
      *ref = (struct ref){.hops = hops, .slot = s->slot};
      return true;
    }
  }
  return false;
}

static bool add_load(struct parser *p, struct frame *f, struct load l)
{
  if (!rs_grow(&f->loads, &f->loads_cap, f->nloads + 1, sizeof *f->loads)) {
    return jinja_parse_nomem(p) != NULL;
  }
  f->loads[f->nloads++] = l;
  return true;
}

static bool see_load(struct parser *p, struct frame *f, const struct jv_str *name)
{
  struct ref ref;
  if (jinja_scope_find(f, f->fn, name, &ref)) return true;
  struct sym *s = define(p, f, name);
  return s != NULL && add_load(p, f, (struct load){.slot = s->slot, .action = LOAD_RESOLVE});
}

/* in_if: Jinja gives a name that only a branch assigns its outer or global value beforehand. */
static bool see_store(struct parser *p, struct frame *f, const struct jv_str *name, bool in_if)
{
  struct sym *s = find_own(f, name);
  if (s != NULL) {
    s->stored = true;
    return true;
  }
  struct load l = {.action = in_if ? LOAD_RESOLVE : LOAD_UNDEFINED};
  if (f->up != NULL && jinja_scope_find(f->up, f->fn, name, &l.from)) l.action = LOAD_ALIAS;
  s = define(p, f, name);
  if (s == NULL) return false;
  s->stored = true;
  l.slot = s->slot;
  return add_load(p, f, l);
}

/* A parameter: whatever enters the scope sets it. */
bool jinja_scope_see_param(struct parser *p, struct frame *f, const struct jv_str *name,
                           uint32_t *slot)
{
  struct sym *s = find_own(f, name);
  if (s == NULL) {
    s = define(p, f, name);
    if (s == NULL) return false;
  } else {
    for (size_t i = 0; i < f->nloads; i++) { // it was seen as something else before
      if (f->loads[i].slot == s->slot) f->loads[i--] = f->loads[--f->nloads];
    }
  }
  s->stored = true;
  if (slot != NULL) *slot = s->slot;
  return true;
}

bool jinja_scope_see_list(struct parser *p, struct frame *f, const struct nodes *l, bool in_if)
{
  for (size_t i = 0; i < l->n; i++) {
    if (!jinja_scope_see(p, f, l->v[i], in_if)) return false;
  }
  return true;
}

bool jinja_scope_see_target(struct parser *p, struct frame *f, const struct node *n, bool as_param)
{
  if (n->type == N_TUPLE) {
    for (size_t i = 0; i < n->u.items.n; i++) {
      if (!jinja_scope_see_target(p, f, n->u.items.v[i], as_param)) return false;
    }
    return true;
  }
  if (n->type != N_NAME) return true;
  return as_param ? jinja_scope_see_param(p, f, n->u.name.name, NULL)
                  : see_store(p, f, n->u.name.name, false);
}

static bool see_if(struct parser *p, struct frame *f, const struct node *n)
{
  // a chain of elifs is walked in place
  for (;;) {
    const struct nodes *no = &n->u.branch.otherwise;
    if (!jinja_scope_see(p, f, n->u.branch.test, true) ||
        !jinja_scope_see_list(p, f, &n->u.branch.body, true))
      return false;
    if (no->n != 1 || no->v[0]->type != N_IF || !no->v[0]->flag)
      return jinja_scope_see_list(p, f, no, true);
    n = no->v[0];
  }
}

static bool see_call(struct parser *p, struct frame *f, const struct node *n, bool in_if)
{
  const struct call_args *a = &n->u.call.args;
  return (n->u.call.target == NULL || jinja_scope_see(p, f, n->u.call.target, in_if)) &&
         jinja_scope_see_list(p, f, &a->pos, in_if) && jinja_scope_see_list(p, f, &a->kwv, in_if) &&
         (a->star == NULL || jinja_scope_see(p, f, a->star, in_if)) &&
         (a->star2 == NULL || jinja_scope_see(p, f, a->star2, in_if));
}

static bool see_store_target(struct parser *p, struct frame *f, const struct node *n, bool in_if)
{
  if (n->type == N_TUPLE) {
    for (size_t i = 0; i < n->u.items.n; i++) {
      if (!see_store_target(p, f, n->u.items.v[i], in_if)) return false;
    }
    return true;
  }
  if (n->type == N_NSREF) return see_load(p, f, n->u.name.name);
  return see_store(p, f, n->u.name.name, in_if);
}

bool jinja_scope_see(struct parser *p, struct frame *f, const struct node *n, bool in_if)
{
  switch ((enum node_type)n->type) {
    case N_NAME: return see_load(p, f, n->u.name.name);
    case N_NSREF: return see_load(p, f, n->u.name.name);
    case N_TUPLE:
    case N_LIST:
    case N_DICT:
    case N_CONCAT:
    case N_COMPARE: return jinja_scope_see_list(p, f, &n->u.items, in_if);
    case N_COND:
      return jinja_scope_see(p, f, n->u.cond.test, in_if) &&
             jinja_scope_see(p, f, n->u.cond.yes, in_if) &&
             (n->u.cond.no == NULL || jinja_scope_see(p, f, n->u.cond.no, in_if));
    CASE_BINARY:
      return jinja_scope_see(p, f, n->u.bin.a, in_if) && jinja_scope_see(p, f, n->u.bin.b, in_if);
    case N_NOT:
    case N_NEG:
    case N_POS: return jinja_scope_see(p, f, n->u.bin.a, in_if);
    case N_GETATTR:
    case N_GETITEM:
      return jinja_scope_see(p, f, n->u.get.obj, in_if) &&
             (n->u.get.arg == NULL || jinja_scope_see(p, f, n->u.get.arg, in_if));
    case N_SLICE:
      return (n->u.slice.start == NULL || jinja_scope_see(p, f, n->u.slice.start, in_if)) &&
             (n->u.slice.stop == NULL || jinja_scope_see(p, f, n->u.slice.stop, in_if)) &&
             (n->u.slice.step == NULL || jinja_scope_see(p, f, n->u.slice.step, in_if));
    case N_CALL:
    case N_FILTER:
    case N_TEST: return see_call(p, f, n, in_if);
    case N_OUTPUT: return jinja_scope_see_list(p, f, &n->u.out, in_if);
    case N_IF: return see_if(p, f, n);
    case N_FOR: return jinja_scope_see(p, f, n->u.loop.iter, in_if);
    case N_SET:
      return jinja_scope_see(p, f, n->u.set.value, in_if) &&
             see_store_target(p, f, n->u.set.target, in_if);
    case N_SETBLOCK: return see_store_target(p, f, n->u.set.target, in_if);
    case N_MACRO: return see_store(p, f, n->u.macro.macro->name, in_if);
    case N_CALLBLOCK: return jinja_scope_see(p, f, n->u.macro.call, in_if);
    case N_FILTERBLOCK: return jinja_scope_see(p, f, n->u.set.filter, in_if);
    case N_WITH: return jinja_scope_see_list(p, f, &n->u.with.values, in_if);
    case N_DO:
    case N_LOADER: return jinja_scope_see(p, f, n->u.expr, in_if);
    default: return true; // constants, text, break; blocks and autoescape are scopes of their own
  }
}
