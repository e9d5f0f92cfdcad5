/*
** What native functions need of Python's protocols: iterating any value,
** making lazy iterators, arithmetic, and paying for long loops (python.h).
*/
#include "protocol.h"

struct rs_python_iter {
  struct jv_iter it;
};

enum rs_code rs_python_iter(struct rs_python *j, jv v, struct rs_python_iter **it,
                            struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  *it = py_alloc(j, sizeof **it);
  enum rs_code rc = *it == NULL ? py_nomem(j) : py_iter_open(j, v, &(*it)->it);
  j->err = saved;
  return rc;
}

enum rs_code rs_python_next(struct rs_python *j, struct rs_python_iter *it, jv *out, bool *done,
                            struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = py_iter_next(j, &it->it, out, done);
  j->err = saved;
  return rc;
}

struct generator {
  enum rs_code (*next)(struct rs_python *j, void *state, jv *out, bool *done, struct rs_error *e);
  void *state;
};

static enum rs_code generator_next(struct rs_python *j, void *state, jv *out, bool *done)
{
  const struct generator *g = state;
  return g->next(j, g->state, out, done, j->err);
}

jv rs_python_generator(struct rs_python *j, const char *type,
                       enum rs_code (*next)(struct rs_python *j, void *state, jv *out, bool *done,
                                            struct rs_error *e),
                       void *state)
{
  struct generator *g = py_alloc(j, sizeof *g);
  if (g == NULL) return jv_undefined();
  *g = (struct generator){.next = next, .state = state};
  return py_iter_make(j, type, generator_next, g);
}

CLASS_BINOP(rs_python_binary)
{
  static const struct {
    const char *sign;
    enum op op;
  } ops[] = {{"+", OP_ADD},       {"-", OP_SUB}, {"*", OP_MUL}, {"/", OP_DIV},
             {"//", OP_FLOORDIV}, {"%", OP_MOD}, {"**", OP_POW}};
  struct rs_error *saved = j->err;
  enum rs_code rc = RS_INTERNAL;
  j->err = e;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (rs_eq(op, ops[i].sign)) rc = py_num_binary(j, ops[i].op, a, b, out);
  bool less = false;
  if (rs_eq(op, "<")) {
    rc = jv_lt(j, a, b, &less);
    *out = jv_bool(less);
  }
  j->err = saved;
  return rc;
}

enum rs_code rs_python_steps(struct rs_python *j, uint64_t n, struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = py_steps(j, n);
  j->err = saved;
  return rc;
}
