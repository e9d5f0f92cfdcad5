/*
** What the files of the Jinja engine share: the values' layouts, the tables' rows and the state
** of an evaluation; functions.h, included at the end, has the functions. Nothing outside
** src/jinja includes this.
**
** Errors inside the engine go to j->err: a function fails with `return j_fail(j, ...)`, and the
** evaluator puts the place in front once, at the innermost node. Memory comes from j->arena; a NULL
** from j_alloc means `return j_nomem(j)`.
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

bool j_keep_template(struct rs_python *j, struct rs_template *t); /* api.c */

#include "functions.h"
#endif
