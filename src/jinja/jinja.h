/*
** The Jinja engine: templates as dbt configures them (Jinja2 3.1 semantics, Python's text of
** values).
**
** Two halves:
**   - a `struct rs_template` is a parsed template: immutable, reference-counted, may be shared by
**     any number of threads at the same time;
**   - a `struct rs_jinja` is one evaluation: its values, limits, globals. One thread at a time,
**     cheap to make, freed after the render. All values made through it live in its arena and die
**     with it.
** There is no global state. Nothing here touches the network, files or the environment: whatever a
** template can reach is a global that the caller put there.
**
** Macros that a rendered template defines itself are variables named dbt_macro__NAME, as dbt
** renames them while parsing: a model can't call its own macro by its plain name.
**
** Errors: an rs_error text of the form `<template name> line L, column C: <Jinja's message>`;
** inside a macro of another template, that template's name, followed by ` (called from <name>
** line L)`. RS_INVALID for syntax and run-time errors, RS_LIMIT when a limit ended it,
** RS_CANCELLED when the interrupt did, or whatever code a native function returned.
*/
#ifndef RS_JINJA_H
#define RS_JINJA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"

/* ---- templates (parser.c) ------------------------------------------------------------------ */

struct rs_template;

/*
** Parses `n` bytes of text. `name` is what errors call it ("model delays"). Both are copied.
** Returns owned in *pt (rs_template_release).
*/
enum rs_code rs_template_parse(const char *name, const char *text, size_t n,
                               struct rs_template **pt, struct rs_error *e);
void rs_template_retain(struct rs_template *t);
void rs_template_release(struct rs_template *t);
const char *rs_template_name(const struct rs_template *t);
/* The i-th top-level macro's name, NULL past the last. Materializations, tests and docs blocks too,
** under dbt's mangled names (materialization_NAME_ADAPTER, test_NAME). */
const char *rs_template_macro(const struct rs_template *t, size_t i);

/* ---- values (python/value.c) ----------------------------------------------------------------- */

enum jv_kind {
  JV_UNDEFINED,
  JV_NONE,
  JV_BOOL,
  JV_INT, /* 64-bit; results beyond it become JV_BIGINT */
  JV_BIGINT,
  JV_FLOAT,
  JV_STR, /* UTF-8 */
  JV_LIST,
  JV_TUPLE,
  JV_DICT,  /* insertion order */
  JV_FUNC,  /* a native function, a macro, a bound method */
  JV_OBJECT /* anything else, described by a jv_class */
};

struct rs_jinja;
struct jv_str;
struct jv_seq;
struct jv_dict;
struct jv_func;
struct jv_object;

typedef struct jv {
  enum jv_kind kind;
  union {
    bool b;
    int64_t i;
    double f;
    const struct jv_str *str;
    struct jv_seq *seq; /* list and tuple */
    struct jv_dict *dict;
    struct jv_func *func;
    struct jv_object *obj;
    const void *p;
  } u;
} jv;

/* Arguments of a native function. Borrowed for the call. */
struct jv_args {
  const jv *pos;
  size_t npos;
  const jv *kw_keys; /* JV_STR */
  const jv *kw_values;
  size_t nkw;
};

/* A native function. Fills *out (JV_NONE beforehand). On failure fills e and returns its code. */
typedef enum rs_code (*jv_native)(struct rs_jinja *j, void *ctx, const struct jv_args *args,
                                  jv *out, struct rs_error *e);

/* What an object can do; any slot may be NULL. `self` is the pointer given to jv_object. */
struct jv_class {
  const char *name; /* Python's type name in error texts: "Relation" */
  /* a.b, and a['b'] / a[0]: RS_NOT_FOUND (no text needed) makes it Undefined. */
  enum rs_code (*getattr)(struct rs_jinja *j, void *self, const char *name, size_t n, jv *out,
                          struct rs_error *e);
  enum rs_code (*getitem)(struct rs_jinja *j, void *self, jv key, jv *out, struct rs_error *e);
  enum rs_code (*call)(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                       struct rs_error *e);
  /* str(x): appended to b. */
  enum rs_code (*str)(struct rs_jinja *j, void *self, struct rs_buf *b, struct rs_error *e);
  /* Items for iteration, as a JV_LIST. */
  enum rs_code (*iter)(struct rs_jinja *j, void *self, jv *out, struct rs_error *e);
  bool (*truth)(void *self);
  bool (*equal)(void *a, void *b);
  /* repr(x), where it differs from str(x) (in containers). */
  enum rs_code (*repr)(struct rs_jinja *j, void *self, struct rs_buf *b, struct rs_error *e);
  /* Where equal is given and the object may be a dictionary's key. */
  uint32_t (*hash)(void *self);
  /* a < b: negative, a > b: positive, equal: 0; NULL = not orderable. */
  int (*compare)(void *a, void *b);
  /* a + b, a - b ... (op is "+", "-", "*", "/", "//", "%", "**"); one operand is such an object.
  ** RS_NOT_FOUND = not for these operands. A number (is_number) also serves "<=>" against int and
  ** float: -1, 0 or 1. Unary minus is "*" with -1. */
  enum rs_code (*binop)(struct rs_jinja *j, const char *op, jv a, jv b, jv *out,
                        struct rs_error *e);
  /* len(x) */
  size_t (*len)(void *self);
  /* The object as a format()'s argument with a specification (dates): "{:%Y}". */
  enum rs_code (*format)(struct rs_jinja *j, void *self, const char *spec, size_t n,
                         struct rs_buf *b, struct rs_error *e);
  bool open_names; /* its names are items, which an underscore does not hide */
  bool is_number;  /* `x is number` (Decimal) */
  bool is_mapping; /* `x is mapping`; getitem and iter serve **x and |items */
  /* A copy made through `to` that does not need the evaluation of `self` any more (shared values).
  ** NULL: there can't be one. */
  jv (*keep)(struct rs_jinja *to, void *self);
};

/*
** Constructors. Values that need memory come from j's arena; on out of memory they return
** JV_UNDEFINED and j remembers it: the next step of the evaluation fails with RS_NOMEM or
** RS_LIMIT.
*/
jv jv_undefined(void);
jv jv_none(void);
jv jv_bool(bool b);
jv jv_int(int64_t i);
jv jv_float(double f);
/* Python's Decimal of a text ("1.50"), with its digits; none when it is no number. */
jv jv_decimal(struct rs_jinja *j, const char *text, size_t n);
bool jv_decimal_double(jv v, double *d);                  /* false: v is no Decimal */
jv jv_text(struct rs_jinja *j, const char *s);            /* copies */
jv jv_textn(struct rs_jinja *j, const char *s, size_t n); /* copies */
jv jv_list(struct rs_jinja *j);
void jv_list_add(struct rs_jinja *j, jv list, jv item);
jv jv_tuple(struct rs_jinja *j, const jv *items, size_t n);
jv jv_dict(struct rs_jinja *j);
void jv_dict_set(struct rs_jinja *j, jv dict, const char *key, jv value);
void jv_dict_setv(struct rs_jinja *j, jv dict, jv key, jv value);
jv jv_set(struct rs_jinja *j); /* Python's set, in insertion order */
bool jv_is_set(jv v);
void jv_set_add(struct rs_jinja *j, jv set, jv item);
/* The same; RS_INVALID for what can't be a key (a list). */
enum rs_code jv_set_put(struct rs_jinja *j, jv set, jv item, struct rs_error *e);
/* list(v) of anything that can be iterated; RS_INVALID when it can't be. */
enum rs_code jv_list_of(struct rs_jinja *j, jv v, jv *list, struct rs_error *e);
jv jv_func(struct rs_jinja *j, const char *name, jv_native fn, void *ctx);
jv jv_object(struct rs_jinja *j, const struct jv_class *cls, void *self);

/* Access. Borrowed results live as long as j. */
bool jv_is_str(jv v);
const char *jv_cstr(jv v, size_t *n); /* of a JV_STR: NUL-terminated; n may be NULL */
size_t jv_len(jv v);                  /* list, tuple, dict, str (code points); else 0 */
jv jv_item(jv seq, size_t i);         /* list, tuple */
bool jv_dict_get(jv dict, const char *key, jv *out);
void jv_dict_at(jv dict, size_t i, jv *key, jv *value);
bool jv_truth(struct rs_jinja *j, jv v);
bool jv_equal(struct rs_jinja *j, jv a, jv b);
/* The native pointer of an object of that class, else NULL. */
void *jv_self(jv v, const struct jv_class *cls);
const char *jv_type_name(jv v); /* Python's: "str", "int", "NoneType" ... */

/* Python's str(v) / repr(v) / json.dumps(v), appended to b. */
enum rs_code jv_str_to(struct rs_jinja *j, jv v, struct rs_buf *b, struct rs_error *e);
enum rs_code jv_repr_to(struct rs_jinja *j, jv v, struct rs_buf *b, struct rs_error *e);
enum rs_code jv_json_to(struct rs_jinja *j, jv v, bool sort_keys, struct rs_buf *b,
                        struct rs_error *e);
/* JSON text to a value (numbers exact). */
enum rs_code jv_from_json(struct rs_jinja *j, const char *p, size_t n, jv *out, struct rs_error *e);

/*
** Arguments by name, as Python binds them: names is a NULL-terminated list, the first `required`
** must be given; out[i] is JV_UNDEFINED where absent. Errors in Python's words ("f() missing
** ...").
*/
enum rs_code jv_bind(const struct jv_args *args, const char *fname, const char *const *names,
                     size_t required, jv *out, struct rs_error *e);

/* ast.literal_eval(): *ok false: the text is not one Python literal, which may stand on several
** lines with comments. (python/literal.c) */
enum rs_code jv_literal(struct rs_jinja *j, const char *s, size_t n, jv *out, bool *ok,
                        struct rs_error *e);

/* ---- evaluation (eval.c) ------------------------------------------------------------------- */

struct rs_jinja_options {
  uint64_t max_steps;     /* evaluated nodes; 0 = 50,000,000 */
  unsigned max_depth;     /* nested calls; 0 = 200 */
  size_t max_output;      /* bytes; 0 = 64 MiB */
  size_t max_memory;      /* bytes of values; 0 = 256 MiB */
  bool lenient_undefined; /* dbt's parse-time Undefined for the rendered template itself */
  /* Polled every few thousand steps; may be NULL. */
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
};

/* Returns owned (rs_jinja_free); NULL when out of memory. Jinja's own globals are there already. */
struct rs_jinja *rs_jinja_new(const struct rs_jinja_options *opt);
void rs_jinja_free(struct rs_jinja *j);
struct rs_arena *rs_jinja_arena(struct rs_jinja *j);

void rs_jinja_global(struct rs_jinja *j, const char *name, jv value);
/* What the caller gave for a name: a global, else what the resolver says; RS_NOT_FOUND. */
enum rs_code rs_jinja_name(struct rs_jinja *j, const char *name, size_t n, jv *out,
                           struct rs_error *e);
void rs_jinja_global_func(struct rs_jinja *j, const char *name, jv_native fn, void *ctx);
/*
** Called for a name that is no local and no global; RS_NOT_FOUND = undefined. One per evaluation.
*/
void rs_jinja_resolver(struct rs_jinja *j,
                       enum rs_code (*fn)(struct rs_jinja *j, void *ctx, const char *name, size_t n,
                                          jv *out, struct rs_error *e),
                       void *ctx);
/* A macro of a template as a callable value, in dbt's way: the macro's own module is instantiated
** anew with j's globals. JV_UNDEFINED when there is no such macro. Keeps t (retained). */
jv rs_jinja_macro(struct rs_jinja *j, struct rs_template *t, const char *name);

/* Rendering keeps t (retained) as long as j, since values may be constants of it.
**
** Renders to text (appended to out). Text without any tag is copied untouched (dbt's shortcut). */
enum rs_code rs_jinja_render(struct rs_jinja *j, struct rs_template *t, struct rs_buf *out,
                             struct rs_error *e);
/* Native rendering (reference A12): a lone expression keeps its value. */
enum rs_code rs_jinja_render_native(struct rs_jinja *j, struct rs_template *t, jv *out,
                                    struct rs_error *e);
/* Calls any callable value. */
enum rs_code rs_jinja_call(struct rs_jinja *j, jv callee, const struct jv_args *args, jv *out,
                           struct rs_error *e);
/*
** For a native `return(x)`: ends the innermost macro made by rs_jinja_macro with that value; macros
** that a template defines itself and call blocks let it pass, as in dbt. A native function returns
** what this returns. Outside of a macro it is an error of the render.
*/
enum rs_code rs_jinja_return(struct rs_jinja *j, jv value);
/*
** Iteration for native functions (embed.c). rs_jinja_iter gives an iterator that rs_jinja_next
** walks lazily; *done becomes true past the end.
** rs_jinja_generator makes a lazy iterator value: `next` is called with `state` once per item.
*/
struct rs_jinja_iter; /* in j's arena */
enum rs_code rs_jinja_iter(struct rs_jinja *j, jv v, struct rs_jinja_iter **it, struct rs_error *e);
enum rs_code rs_jinja_next(struct rs_jinja *j, struct rs_jinja_iter *it, jv *out, bool *done,
                           struct rs_error *e);
jv rs_jinja_generator(struct rs_jinja *j, const char *type,
                      enum rs_code (*next)(struct rs_jinja *j, void *state, jv *out, bool *done,
                                           struct rs_error *e),
                      void *state);
/* a + b of any values; op is a sign as jv_class.binop has it, or "<". */
enum rs_code rs_jinja_binary(struct rs_jinja *j, const char *op, jv a, jv b, jv *out,
                             struct rs_error *e);
/* Counts `n` steps against the limit and polls the interrupt: for loops in native code. */
enum rs_code rs_jinja_steps(struct rs_jinja *j, uint64_t n, struct rs_error *e);
/* The name and line of the template being evaluated, for messages of native functions. */
const char *rs_jinja_where(struct rs_jinja *j, int *line);

/* ---- values shared by several evaluations (share.c) ------------------------------------------ */

/*
** A share holds values that many evaluations see and change, one at a time: the caller's lock. What
** is made through its maker is shared. An evaluation that was given such a value (rs_share_use
** before that) may store its own values in it, and all others see them at once; it may be freed
** only after a collection, and that may run only when none of those that used the share since the
** last one goes on. One that ended before is retired: it polls no interrupt and resolves no name.
**
** Containers, texts, numbers, sets, namespaces, views, ranges, macros of templates that the share
** retains and objects whose class has `keep` survive a collection; anything else becomes an
** Undefined that says so. Replaced values stay until the share is freed.
*/
struct rs_share;

/* Returns owned (rs_share_free); NULL when out of memory. max_memory as in rs_jinja_options. */
struct rs_share *rs_share_new(size_t max_memory);
void rs_share_free(struct rs_share *s);
struct rs_jinja *rs_share_maker(struct rs_share *s);
void rs_share_use(struct rs_share *s, struct rs_jinja *j);
void rs_jinja_retire(struct rs_jinja *j);
/* RS_NOMEM, RS_LIMIT: the share is of no use any more. */
enum rs_code rs_share_collect(struct rs_share *s, struct rs_error *e);

#endif
