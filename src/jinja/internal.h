/*
** What the files of the Jinja engine share: the values' layouts, the tables' rows and the state
** of an evaluation, and the functions file by file. Nothing outside
** src/jinja includes this.
**
** Errors inside the engine go to j->err: a function fails with `return py_fail(j, ...)`, and the
** evaluator puts the position in front once, at the innermost node. Memory comes from j->arena; a
** NULL from py_alloc means `return py_nomem(j)`.
*/
#ifndef RS_JINJA_INTERNAL_H
#define RS_JINJA_INTERNAL_H
#include "jinja.h"
#include "src/jinja/parse/ast.h"
#include "src/python/protocol.h"

/* ---- evaluation ---------------------------------------------------------------------------- */

/* The variables of one call of a function (macro, block, template, recursive loop). */
struct act {
  struct act *up;   /* the function around it */
  struct act *root; /* of the template, for blocks */
  const struct rs_template *t;
  jv *slots;
  const struct block *block; /* when it is a block with locals */
  const jv *locals;
  bool lenient;
};

enum flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE };

/* Where output goes: a buffer, or in native mode at top level a list of values. */
struct out {
  struct rs_buf *buf;
  struct jv_seq *parts;
  bool last_is_const; /* the last part may take more constant text */
  /* A value that is no str came where Jinja joins without str(): its type, and where. An error only
  ** when the parts are joined, which a return() before that prevents. */
  const char *unjoinable;
  uint32_t line, col;
};

/* What the engine keeps beside the values. */
struct evaluator {
  bool autoescape;
  bool native, native_root; /* of the code that runs now; of the rendered template */
  bool folding;             /* evaluating what Jinja would have folded while compiling */
  bool returning;
  jv ret;
  unsigned depth;
  struct rs_map globals; /* name -> jv * */
  enum rs_code (*resolve)(struct rs_python *j, void *ctx, const char *name, size_t n, jv *out,
                          struct rs_error *e);
  void *resolve_ctx;
  const struct rs_template *rendered; /* the template given to the entry point */
  const struct rs_template *where;    /* being evaluated now */
  uint32_t line;
  struct template_use *uses; /* templates whose constants or macros values may be */
  uint64_t seed;             /* of |random and lipsum */
};

bool jinja_keep_template(struct rs_python *j, struct rs_template *t); /* api.c */

/* ---- functions: of one evaluation, in its thread; what they return lives in its arena ------- */

/* evaluation (eval.c, stmt.c, loop.c, call.c, block.c) */
enum rs_code jinja_eval(struct rs_python *j, struct act *a, const struct node *n, jv *out);
enum rs_code jinja_eval_node(struct rs_python *j, struct act *a, const struct node *n, jv *out);
/* What Jinja folds (fold.c): an output expression; *done false when it has to be
** run. */
enum rs_code jinja_fold_output(struct rs_python *j, struct act *a, const struct node *n, jv *v,
                               bool *done);
/* A part of an expression: is folding tried; and then the value, folded or not. */
bool jinja_fold_wanted(const struct rs_python *j, const struct act *a, const struct node *n);
enum rs_code jinja_fold_inner(struct rs_python *j, struct act *a, const struct node *n, jv *out);
enum rs_code jinja_eval_filter_on(struct rs_python *j, struct act *a, const struct node *n,
                                  jv input, jv *out);
enum rs_code jinja_exec(struct rs_python *j, struct act *a, const struct nodes *body, struct out *o,
                        enum flow *flow);
enum rs_code jinja_exec_for(struct rs_python *j, struct act *a, const struct node *n,
                            struct out *o);
enum rs_code jinja_exec_block(struct rs_python *j, struct act *a, const struct node *n,
                              struct out *o);
enum rs_code jinja_exec_body(struct rs_python *j, struct act *a, const struct nodes *body,
                             jv *text);
enum rs_code jinja_out_value(struct rs_python *j, struct out *o, jv v, bool escape);
enum rs_code jinja_out_text(struct rs_python *j, struct out *o, const char *p, size_t n);
/* What is written is joined now: fails where a part is no text. */
enum rs_code jinja_out_end(struct rs_python *j, const struct out *o, const struct rs_template *t);
enum rs_code jinja_assign(struct rs_python *j, struct act *a, const struct node *target, jv v);
void jinja_scope_enter(struct act *a, const struct scope *s);
struct act *jinja_act_new(struct rs_python *j, struct act *up, const struct rs_template *t,
                          const struct func *f);
/* The function whose slots a name means. */
static inline struct act *jinja_hop(struct act *a, uint32_t hops)
{
  while (hops-- > 0) a = a->up;
  return a;
}
/* What a name stands for, absent where that is nothing. */
enum rs_code jinja_name_value(struct rs_python *j, struct act *a, const struct node *n, jv *out);
enum rs_code jinja_call_node(struct rs_python *j, struct act *a, const struct node *n, jv caller,
                             jv *out);
struct arg_list {
  struct jv_args a;
  jv *pos, *kw, *kwv;
  size_t pos_cap, kw_cap;
  jv small[8];
};
enum rs_code jinja_args_eval(struct rs_python *j, struct act *a, const struct call_args *n,
                             jv caller, struct arg_list *l);
/* Calls a value for native code (api.c): afterwards position and settings are what they were. */
enum rs_code jinja_call_native(struct rs_python *j, jv callee, const struct jv_args *args, jv *out,
                               struct rs_error *e);
extern const struct macro_class jinja_macro_class;
jv jinja_macro_value(struct rs_python *j, struct act *a, const struct macro *m);
jv jinja_self_value(struct rs_python *j, struct act *root);
enum rs_code jinja_error_at(struct rs_python *j, enum rs_code rc, const struct rs_template *t,
                            uint32_t line, uint32_t col);

/* the lazy filters (jinja/filters/lazy.c) and jinja/filters/urlize.c, rows of the tables
** elsewhere */
#define SHARED_FILTER(name)                                                                  \
  enum rs_code name(struct rs_python *j JV_UNUSED, jv v JV_UNUSED, const jv *argv JV_UNUSED, \
                    const struct jv_args *raw JV_UNUSED, int how JV_UNUSED, jv *out JV_UNUSED)
#define FILTER(name) static SHARED_FILTER(name)
SHARED_FILTER(jinja_filter_batch);
SHARED_FILTER(jinja_filter_items);
SHARED_FILTER(jinja_filter_map);
enum { SELECT_ATTR = 1, SELECT_REJECT = 2 };
SHARED_FILTER(jinja_filter_select);
SHARED_FILTER(jinja_filter_slice);
SHARED_FILTER(jinja_filter_unique);
SHARED_FILTER(jinja_filter_urlize);

/* calling helpers for filters */
enum rs_code jinja_apply_filter(struct rs_python *j, const char *name, size_t n, jv v,
                                const struct jv_args *a, jv *out);
enum rs_code jinja_apply_test(struct rs_python *j, const char *name, size_t n, jv v,
                              const struct jv_args *a, bool *yes);
/* "a.b.0" looked up in an item, as the filters' attribute= does (jinja/filters/seq.c). */
enum rs_code jinja_attr_path(struct rs_python *j, jv item, jv path, jv fallback, jv *out);
enum rs_code jinja_ignore_case(struct rs_python *j, jv v, jv *out);
/* globals (globals.c) and native (native.c) */
bool jinja_global_builtin(struct rs_python *j, const char *name, size_t n, jv *out);
bool jinja_has_safe_repr(jv v, unsigned depth);
enum rs_code jinja_native_result(struct rs_python *j, struct jv_seq *parts, jv *out);
uint64_t jinja_random(struct rs_python *j);

#endif
