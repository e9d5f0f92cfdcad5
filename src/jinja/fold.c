/*
** Constant folding, as far as a template can tell: Jinja evaluates what is constant while it
** compiles, and there a slice of what has none is undefined, where running it would complain. What
** fails while it is folded, or can't be written down, is run.
*/
#include "internal.h"

static bool folds(struct rs_python *j, struct act *a, const struct node *n);

static bool folds_all(struct rs_python *j, struct act *a, const struct nodes *l)
{
  for (size_t i = 0; i < l->n; i++) {
    if (!folds(j, a, l->v[i])) return false;
  }
  return true;
}

static bool folds_opt(struct rs_python *j, struct act *a, const struct node *n)
{
  return n == NULL || folds(j, a, n);
}

/* and, or, inline if: what is not reached need not be constant. */
static bool folds_branch(struct rs_python *j, struct act *a, const struct node *n)
{
  bool logic = n->type == N_AND || n->type == N_OR, yes;
  const struct node *test = logic ? n->u.bin.a : n->u.cond.test;
  jv v;
  if (!folds(j, a, test) || jinja_eval(j, a, test, &v) != RS_OK ||
      jv_is_true(j, v, &yes) != RS_OK) {
    return false;
  }
  if (logic) return yes == (n->type == N_OR) || folds(j, a, n->u.bin.b);
  if (yes) return folds(j, a, n->u.cond.yes);
  return n->u.cond.no != NULL && folds(j, a, n->u.cond.no);
}

/* Would Jinja fold this expression into a constant? */
static bool folds(struct rs_python *j, struct act *a, const struct node *n)
{
  if (n->is_const) return true;
  const struct call_args *args = &n->u.call.args;
  switch ((enum node_type)n->type) {
    case N_AND:
    case N_OR:
    case N_COND: return folds_branch(j, a, n);
    case N_NOT:
    case N_NEG:
    case N_POS: return folds(j, a, n->u.bin.a);
    case N_ADD:
    case N_SUB:
    case N_MUL:
    case N_DIV:
    case N_FLOORDIV:
    case N_MOD:
    case N_POW: return folds(j, a, n->u.bin.a) && folds(j, a, n->u.bin.b);
    case N_TUPLE:
    case N_LIST:
    case N_DICT:
    case N_CONCAT:
    case N_COMPARE: return folds_all(j, a, &n->u.items);
    case N_GETATTR: return folds(j, a, n->u.get.obj);
    case N_GETITEM: return folds(j, a, n->u.get.obj) && folds(j, a, n->u.get.arg);
    case N_SLICE:
      return folds_opt(j, a, n->u.slice.start) && folds_opt(j, a, n->u.slice.stop) &&
             folds_opt(j, a, n->u.slice.step);
    case N_FILTER:
    case N_TEST:
      return n->u.call.row != NULL && (n->u.call.row->flags & ROW_CONTEXT) == 0 &&
             n->u.call.target != NULL && folds(j, a, n->u.call.target) &&
             folds_all(j, a, &args->pos) && folds_all(j, a, &args->kwv) && args->star == NULL &&
             args->star2 == NULL;
    default: return false;
  }
}

static enum rs_code attempt(struct rs_python *j, struct act *a, const struct node *n, jv *v)
{
  struct rs_error *err = j->err;
  bool located = j->located;
  enum rs_code sticky = j->sticky, rc = RS_INVALID;
  j->err = NULL; // what fails while folding is left to run time
  j->eval->folding = true;
  if (folds(j, a, n)) rc = jinja_eval_node(j, a, n, v);
  j->eval->folding = false;
  j->err = err;
  j->located = located;
  return sticky == j->sticky ? rc : RS_INVALID;
}

/* Can it matter for this node? Most templates are spared the question. */
static bool matters(const struct act *a, const struct node *n)
{
  if (n->is_const) return true;
  return a->t->odd_slices && n->type != N_NAME && n->type != N_CALL && n->type != N_CONST;
}

enum rs_code jinja_fold_output(struct rs_python *j, struct act *a, const struct node *n, jv *v,
                               bool *done)
{
  *done = false;
  if (!j->eval->native && !matters(a, n)) return RS_OK;
  enum rs_code rc = attempt(j, a, n, v);
  // text mode takes any value, native mode only what can be written down
  *done = rc == RS_OK && (!j->eval->native || jinja_has_safe_repr(*v, 0));
  return RS_OK;
}

bool jinja_fold_wanted(const struct rs_python *j, const struct act *a, const struct node *n)
{
  if (j->eval->folding) return false;
  if (n->is_const) return n->type == N_FILTER || n->type == N_TEST || a->t->odd_slices;
  return matters(a, n);
}

enum rs_code jinja_fold_inner(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  if (attempt(j, a, n, out) == RS_OK && jinja_has_safe_repr(*out, 0)) return RS_OK;
  return jinja_eval_node(j, a, n, out);
}
