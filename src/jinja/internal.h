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
#include <string.h>
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/jinja/parse/ast.h"
#include "src/python/unicode.h"

/* ---- values -------------------------------------------------------------------------------- */

/* str and its subclasses. Markup comes from |safe, |e ...; the others mark native results (A12). */
enum str_sub { STR_PLAIN, STR_MARKUP, STR_TEXT, STR_BOOL, STR_NATIVE, STR_NUMBER };

struct jv_str {
  size_t n;   /* bytes */
  size_t cps; /* code points; equal to n when all is ASCII */
  uint32_t hash;
  uint8_t sub; /* enum str_sub */
  bool shared; /* lies in a share (share.c), like the others of that name below */
  char s[];    /* NUL-terminated */
};

/* A type of named tuples. */
struct tuple_type {
  const char *name;
  const char *fields[3]; /* of its items; NULL behind the last */
  bool shows;            /* its name and fields in its repr() */
};

struct jv_seq {
  jv *v;
  size_t n, cap;
  const struct tuple_type *type; /* NULL: a plain tuple, or a list */
  bool shared, changed;
  const jv *home; /* the items, where those lie in the share */
  void *next;     /* share.c: the next changed one; of one that isn't shared: its copy */
};

struct jv_dict {
  jv *keys, *vals; /* in insertion order; a removed entry's key is absent (JV_ABSENT) */
  uint32_t *hash;
  uint32_t *slots; /* index + 1 */
  size_t used, live, cap, nslots;
  bool shared, changed; /* as in a jv_seq */
  const jv *home;
  void *next;
};

struct jv_big {
  bool neg;
  size_t n; /* limbs, the last one not zero */
  uint32_t d[];
};

enum undef_kind { UNDEF_NAME, UNDEF_ATTR, UNDEF_HINT, UNDEF_UNSAFE };

/* What an Undefined says when it is used. */
struct jv_undef {
  enum undef_kind kind;
  bool lenient; /* dbt's parse-time class */
  jv name, obj;
  const char *hint;
};

enum func_kind { FN_NATIVE, FN_MACRO, FN_METHOD };

struct act;
struct row;
struct jv_func {
  enum func_kind kind;
  const char *name;
  const char *repr; /* its text, where it is not "<function ...>" */
  jv_native fn;     /* FN_NATIVE */
  void *ctx;
  const struct macro *macro; /* FN_MACRO */
  struct act *env;           /* the function around it; NULL: a module of its own per call */
  const struct rs_template *t;
  bool escaped;
  jv self; /* FN_METHOD */
  const struct row *row;
  bool shared;
};

struct jv_object {
  const struct jv_class *cls;
  void *self;
  bool shared;
};

/* Kinds that never reach a template. */
#define JV_ABSENT ((enum jv_kind)100) /* no value: an argument not given, a variable not assigned */
#define JV_PENDING ((enum jv_kind)101) /* a variable whose global was not looked up yet */
/* A big integer shares JV_BIGINT; u.p points to its struct jv_big. */

static inline jv jv_absent(void)
{
  return (jv){.kind = JV_ABSENT};
}
static inline bool is_given(jv v)
{
  return v.kind != JV_ABSENT;
}
static inline const struct jv_big *jv_bigp(jv v)
{
  return v.u.p;
}
static inline bool is_int(jv v) /* Python's isinstance(v, int) */
{
  return v.kind == JV_INT || v.kind == JV_BOOL || v.kind == JV_BIGINT;
}
static inline bool is_num(jv v)
{
  return is_int(v) || v.kind == JV_FLOAT;
}
static inline bool is_markup(jv v)
{
  return v.kind == JV_STR && v.u.str->sub == STR_MARKUP;
}
static inline bool is_ascii(const struct jv_str *s)
{
  return s->n == s->cps;
}

/* ---- rows: filters, tests and methods ------------------------------------------------------ */

/*
** A filter, test or method. `params` names its arguments ("width first blank"), of which the first
** `required` must be given; argv[i] is JV_ABSENT where not. NULL params: only `raw` is filled.
*/
typedef enum rs_code (*row_fn)(struct rs_jinja *j, jv self, const jv *argv,
                               const struct jv_args *raw, jv *out);
enum {
  ROW_POSITIONAL = 1, /* takes no keywords */
  ROW_CONTEXT = 2,    /* Jinja never folds it while compiling */
  ROW_ENV = 4         /* Jinja's own function also takes its environment */
};
#define ROW_MAX_ARGS 8
struct row {
  const char *name;
  row_fn fn;
  const char *params;
  unsigned char required, flags;
  const char *pyname; /* Python's name in error texts; NULL = name */
};
/* Rows of one table, sorted by name. */
struct rows {
  const struct row *v;
  size_t n;
};
const struct row *row_find(const struct rows *t, const char *name, size_t n);
enum rs_code row_call(struct rs_jinja *j, const struct row *r, jv self, const struct jv_args *a,
                      jv *out);

/* Filters are spread over several files. */
extern const struct rows filters_text, filters_seq, filters_value, filters_html;
extern const struct rows tests_all;
extern const struct rows methods_str, methods_list, methods_tuple, methods_dict, methods_int,
  methods_float, methods_set, methods_view, methods_range;
const struct row *filter_find(const char *name, size_t n);
const char *filter_nearest(const char *name, bool is_filter);

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

struct rs_jinja {
  struct rs_arena arena;
  struct rs_jinja_options opt;
  struct rs_error *err;
  enum rs_code sticky; /* out of memory in a constructor; reported by the next step */
  bool located;        /* j->err has its place already */
  bool autoescape;
  bool lenient;             /* undefined values made now are dbt's lenient ones */
  bool native, native_root; /* of the code that runs now; of the rendered template */
  bool folding;             /* evaluating what Jinja would have folded while compiling */
  bool returning;
  jv ret;
  unsigned depth, nest;
  uint64_t steps, next_poll;
  struct rs_map globals; /* name -> jv * */
  enum rs_code (*resolve)(struct rs_jinja *j, void *ctx, const char *name, size_t n, jv *out,
                          struct rs_error *e);
  void *resolve_ctx;
  const struct rs_template *rendered; /* the template given to the entry point */
  const struct rs_template *where;    /* being evaluated now */
  uint32_t line;
  struct template_use *uses; /* templates whose constants or macros values may be */
  struct rs_share *share;    /* whose values it may hold; NULL: none */
  bool makes_shared;         /* it is the share's own: what it makes is shared */
  uint64_t seed;             /* of |random and lipsum */
  const struct jv_str *empty, *chars[128];
};

/* Where Python prints an object's address: of ours, a text is the same in every run. */
#define ADDRESS "at 0x7f0000000000"

#define NEST_MAX 3000 /* levels of evaluation; about 300 bytes of stack each */

#include "functions.h"
#endif
