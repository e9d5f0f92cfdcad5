/*
** A walk over everything below a node, for questions about a part of the tree: does it mention a
** name, does it jinja_assign one.
*/
#include "internal.h"

static bool walk_list(const struct nodes *l, walk_fn see, void *ctx)
{
  for (size_t i = 0; i < l->n; i++) {
    if (jinja_node_walk(l->v[i], see, ctx)) return true;
  }
  return false;
}

static bool walk_macro(const struct macro *m, walk_fn see, void *ctx)
{
  return walk_list(&m->defaults, see, ctx) || walk_list(&m->body, see, ctx);
}

static bool walk_call(const struct node *n, walk_fn see, void *ctx)
{
  const struct call_args *a = &n->u.call.args;
  return jinja_node_walk(n->u.call.target, see, ctx) || walk_list(&a->pos, see, ctx) ||
         walk_list(&a->kwv, see, ctx) || jinja_node_walk(a->star, see, ctx) ||
         jinja_node_walk(a->star2, see, ctx);
}

/* A chain of elifs is walked in place. */
static bool walk_branch(const struct node *n, walk_fn see, void *ctx)
{
  for (;;) {
    const struct nodes *no = &n->u.branch.otherwise;
    if (jinja_node_walk(n->u.branch.test, see, ctx) || walk_list(&n->u.branch.body, see, ctx))
      return true;
    if (no->n != 1 || no->v[0]->type != N_IF || !no->v[0]->flag) return walk_list(no, see, ctx);
    n = no->v[0];
  }
}

bool jinja_node_walk(const struct node *n, walk_fn see, void *ctx)
{
  if (n == NULL) return false;
  enum walk how = see(n, ctx);
  if (how != WALK_ON) return how == WALK_STOP;
  switch ((enum node_type)n->type) {
    case N_TUPLE:
    case N_LIST:
    case N_DICT:
    case N_CONCAT:
    case N_COMPARE: return walk_list(&n->u.items, see, ctx);
    case N_COND:
      return jinja_node_walk(n->u.cond.test, see, ctx) ||
             jinja_node_walk(n->u.cond.yes, see, ctx) || jinja_node_walk(n->u.cond.no, see, ctx);
    CASE_BINARY:
    case N_NOT:
    case N_NEG:
    case N_POS:
      return jinja_node_walk(n->u.bin.a, see, ctx) || jinja_node_walk(n->u.bin.b, see, ctx);
    case N_GETATTR:
    case N_GETITEM:
      return jinja_node_walk(n->u.get.obj, see, ctx) || jinja_node_walk(n->u.get.arg, see, ctx);
    case N_SLICE:
      return jinja_node_walk(n->u.slice.start, see, ctx) ||
             jinja_node_walk(n->u.slice.stop, see, ctx) ||
             jinja_node_walk(n->u.slice.step, see, ctx);
    case N_CALL:
    case N_FILTER:
    case N_TEST: return walk_call(n, see, ctx);
    case N_OUTPUT: return walk_list(&n->u.out, see, ctx);
    case N_IF: return walk_branch(n, see, ctx);
    case N_FOR:
      return jinja_node_walk(n->u.loop.target, see, ctx) ||
             jinja_node_walk(n->u.loop.iter, see, ctx) || walk_list(&n->u.loop.body, see, ctx) ||
             walk_list(&n->u.loop.otherwise, see, ctx) || jinja_node_walk(n->u.loop.test, see, ctx);
    case N_SET:
    case N_SETBLOCK:
    case N_FILTERBLOCK:
      return jinja_node_walk(n->u.set.target, see, ctx) ||
             jinja_node_walk(n->u.set.value, see, ctx) ||
             jinja_node_walk(n->u.set.filter, see, ctx) || walk_list(&n->u.set.body, see, ctx);
    case N_MACRO: return walk_macro(n->u.macro.macro, see, ctx);
    case N_CALLBLOCK:
      return jinja_node_walk(n->u.macro.call, see, ctx) || walk_macro(n->u.macro.macro, see, ctx);
    case N_WITH:
      return walk_list(&n->u.with.targets, see, ctx) || walk_list(&n->u.with.values, see, ctx) ||
             walk_list(&n->u.with.body, see, ctx);
    case N_DO:
    case N_LOADER: return jinja_node_walk(n->u.expr, see, ctx);
    case N_BLOCK: return walk_list(&n->u.block.block->body, see, ctx);
    case N_AUTOESCAPE:
      return jinja_node_walk(n->u.escape.value, see, ctx) || walk_list(&n->u.escape.body, see, ctx);
    default: return false;
  }
}
