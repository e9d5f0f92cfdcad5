/*
** What symbols.c and scope.c share: the variables of the scopes that are open while names are
** bound.
**
** Ownership: a frame's arrays are rs_malloc'ed and belong to whoever has the frame. All functions
** return false or NULL when memory ran out or the template is wrong; the parser then has the error.
*/
#ifndef RS_JINJA_PARSE_SYMBOLS_H
#define RS_JINJA_PARSE_SYMBOLS_H
#include "parser.h"

/* The operators with two sides, n->u.bin. */
#define CASE_BINARY \
  case N_AND:       \
  case N_OR:        \
  case N_ADD:       \
  case N_SUB:       \
  case N_MUL:       \
  case N_DIV:       \
  case N_FLOORDIV:  \
  case N_MOD:       \
  case N_POW

/*
** Calls `see` with n and all nodes below it, in the order of Jinja's tree; true when one of the
** calls returned WALK_STOP. WALK_SKIP: not below this one. (walk.c)
*/
enum walk { WALK_ON, WALK_SKIP, WALK_STOP };
typedef enum walk (*walk_fn)(const struct node *n, void *ctx);
bool node_walk(const struct node *n, walk_fn see, void *ctx);

/* A variable. */
struct sym {
  const struct jv_str *name;
  uint32_t slot;
  bool stored;
};

/* The function whose slots the variables of its scopes take. */
struct fn {
  struct fn *up;
  uint32_t nslots;
};

/* A scope. */
struct frame {
  struct frame *up;
  struct fn *fn;
  struct sym *v;
  size_t n, cap;
  uint32_t *index; /* hash of names, once there are more than a few */
  size_t nindex;
  struct load *loads;
  size_t nloads, loads_cap;
  bool top; /* of the template: its names are visible in blocks */
};

/* The variable as seen from function `from`; false when no scope from f outwards has it. */
bool scope_find(const struct frame *f, const struct fn *from, const struct jv_str *name,
                struct ref *ref);
/* The names that n mentions; in_if: within a branch, which may not run. */
bool scope_see(struct parser *p, struct frame *f, const struct node *n, bool in_if);
bool scope_see_list(struct parser *p, struct frame *f, const struct nodes *l, bool in_if);
/* What is assigned to, as parameters or not. */
bool scope_see_target(struct parser *p, struct frame *f, const struct node *n, bool as_param);
/* A parameter: whatever enters the scope sets it. *slot (may be NULL): its variable. */
bool scope_see_param(struct parser *p, struct frame *f, const struct jv_str *name, uint32_t *slot);
#endif
