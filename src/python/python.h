/*
** Values as templates see them: what Python's str, int, float, list, tuple, dict, set, Decimal and
** functions do, and objects of native classes. For everybody who gives a template something: names
** of dbt's, modules, tables of rows.
**
** A `struct rs_python` is one evaluation: the arena that all its values live in, its limits, and
** where an error goes. jinja/jinja.h makes one, and runs templates on it. One thread at a time.
** There is no global state, and nothing here touches the network, files or the environment.
**
** protocol.h is the inside of values, for the engine that runs templates.
*/
#ifndef RS_PYTHON_H
#define RS_PYTHON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"

/* ---- an evaluation ------------------------------------------------------------------------- */

struct rs_python_options {
  uint64_t max_steps;     /* evaluated nodes; 0 = 50,000,000 */
  unsigned max_depth;     /* nested calls; 0 = 200 */
  size_t max_output;      /* bytes; 0 = 64 MiB */
  size_t max_memory;      /* bytes of values; 0 = 256 MiB */
  bool lenient_undefined; /* dbt's parse-time Undefined for the rendered template itself */
  /* Polled every few thousand steps; may be NULL. */
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
};

struct rs_python;
struct rs_arena *rs_python_arena(struct rs_python *j);

/* ---- values (value.c) ---------------------------------------------------------------------- */

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
typedef enum rs_code (*jv_native)(struct rs_python *j, void *ctx, const struct jv_args *args,
                                  jv *out, struct rs_error *e);

/* What an object can do; any slot may be NULL. `self` is the pointer given to jv_object. */
struct jv_class {
  const char *name; /* Python's type name in error texts: "Relation" */
  /* a.b, and a['b'] / a[0]: RS_NOT_FOUND (no text needed) makes it Undefined. */
  enum rs_code (*getattr)(struct rs_python *j, void *self, const char *name, size_t n, jv *out,
                          struct rs_error *e);
  enum rs_code (*getitem)(struct rs_python *j, void *self, jv key, jv *out, struct rs_error *e);
  enum rs_code (*call)(struct rs_python *j, void *self, const struct jv_args *args, jv *out,
                       struct rs_error *e);
  /* str(x): appended to b. */
  enum rs_code (*str)(struct rs_python *j, void *self, struct rs_buf *b, struct rs_error *e);
  /* Items for iteration, as a JV_LIST. */
  enum rs_code (*iter)(struct rs_python *j, void *self, jv *out, struct rs_error *e);
  bool (*truth)(void *self);
  bool (*equal)(void *a, void *b);
  /* repr(x), where it differs from str(x) (in containers). */
  enum rs_code (*repr)(struct rs_python *j, void *self, struct rs_buf *b, struct rs_error *e);
  /* Where equal is given and the object may be a dictionary's key. */
  uint32_t (*hash)(void *self);
  /* a < b: negative, a > b: positive, equal: 0; NULL = not orderable. */
  int (*compare)(void *a, void *b);
  /* a + b, a - b ... (op is "+", "-", "*", "/", "//", "%", "**"); one operand is such an object.
  ** RS_NOT_FOUND = not for these operands. A number (is_number) also serves "<=>" against int and
  ** float: -1, 0 or 1. Unary minus is "*" with -1. */
  enum rs_code (*binop)(struct rs_python *j, const char *op, jv a, jv b, jv *out,
                        struct rs_error *e);
  /* len(x) */
  size_t (*len)(void *self);
  /* The object as a format()'s argument with a specification (dates): "{:%Y}". */
  enum rs_code (*format)(struct rs_python *j, void *self, const char *spec, size_t n,
                         struct rs_buf *b, struct rs_error *e);
  bool open_names; /* its names are items, which an underscore does not hide */
  bool is_number;  /* `x is number` (Decimal) */
  bool is_mapping; /* `x is mapping`; getitem and iter serve **x and |items */
  /* A copy made through `to` that does not need the evaluation of `self` any more (shared values).
  ** NULL: there can't be one. */
  jv (*keep)(struct rs_python *to, void *self);
};

/* The signatures of native functions and of a class's slots. What one does not use it need not
** name. */
#define JV_UNUSED __attribute__((unused))
#define JV_FUNCTION(fn, ...) \
  enum rs_code fn(struct rs_python *j JV_UNUSED, __VA_ARGS__, struct rs_error *e JV_UNUSED)
#define NATIVE(fn) \
  JV_FUNCTION(fn, void *ctx JV_UNUSED, const struct jv_args *args JV_UNUSED, jv *out JV_UNUSED)
#define GENERATOR(fn) JV_FUNCTION(fn, void *state JV_UNUSED, jv *out JV_UNUSED, bool *done)
#define CLASS_GETATTR(fn) JV_FUNCTION(fn, void *self JV_UNUSED, const char *name, size_t n, jv *out)
#define CLASS_GETITEM(fn) JV_FUNCTION(fn, void *self JV_UNUSED, jv key, jv *out)
#define CLASS_CALL(fn) \
  JV_FUNCTION(fn, void *self JV_UNUSED, const struct jv_args *args JV_UNUSED, jv *out)
#define CLASS_TEXT(fn) JV_FUNCTION(fn, void *self JV_UNUSED, struct rs_buf *b)
#define CLASS_ITER(fn) JV_FUNCTION(fn, void *self JV_UNUSED, jv *out)
#define CLASS_BINOP(fn) JV_FUNCTION(fn, const char *op JV_UNUSED, jv a, jv b, jv *out)
#define CLASS_FORMAT(fn) \
  JV_FUNCTION(fn, void *self JV_UNUSED, const char *spec, size_t n, struct rs_buf *b)

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
jv jv_decimal(struct rs_python *j, const char *text, size_t n);
bool jv_decimal_double(jv v, double *d);                   /* false: v is no Decimal */
jv jv_text(struct rs_python *j, const char *s);            /* copies */
jv jv_textn(struct rs_python *j, const char *s, size_t n); /* copies */
jv jv_list(struct rs_python *j);
void jv_list_add(struct rs_python *j, jv list, jv item);
jv jv_tuple(struct rs_python *j, const jv *items, size_t n);
jv jv_dict(struct rs_python *j);
void jv_dict_set(struct rs_python *j, jv dict, const char *key, jv value);
void jv_dict_setv(struct rs_python *j, jv dict, jv key, jv value);
jv jv_set(struct rs_python *j); /* Python's set, in insertion order */
bool jv_is_set(jv v);
/* RS_INVALID for what can't be a key (a list). */
enum rs_code jv_set_put(struct rs_python *j, jv set, jv item, struct rs_error *e);
/* list(v) of anything that can be iterated; RS_INVALID when it can't be. */
enum rs_code jv_list_of(struct rs_python *j, jv v, jv *list, struct rs_error *e);
jv jv_func(struct rs_python *j, const char *name, jv_native fn, void *ctx);
jv jv_object(struct rs_python *j, const struct jv_class *cls, void *self);

/* Access. Borrowed results live as long as j. */
bool jv_is_str(jv v);
const char *jv_cstr(jv v, size_t *n); /* of a JV_STR: NUL-terminated; n may be NULL */
size_t jv_len(jv v);                  /* list, tuple, dict, str (code points); else 0 */
jv jv_item(jv seq, size_t i);         /* list, tuple */
bool jv_dict_get(jv dict, const char *key, jv *out);
void jv_dict_at(jv dict, size_t i, jv *key, jv *value);
bool jv_truth(struct rs_python *j, jv v);
bool jv_equal(struct rs_python *j, jv a, jv b);
/* The native pointer of an object of that class, else NULL. */
void *jv_self(jv v, const struct jv_class *cls);
const char *jv_type_name(jv v); /* Python's: "str", "int", "NoneType" ... */

/* Python's str(v) / repr(v) / json.dumps(v), appended to b. */
enum rs_code jv_str_to(struct rs_python *j, jv v, struct rs_buf *b, struct rs_error *e);
enum rs_code jv_repr_to(struct rs_python *j, jv v, struct rs_buf *b, struct rs_error *e);
enum rs_code jv_json_to(struct rs_python *j, jv v, bool sort_keys, struct rs_buf *b,
                        struct rs_error *e);
/* JSON text to a value (numbers exact). */
enum rs_code jv_from_json(struct rs_python *j, const char *p, size_t n, jv *out,
                          struct rs_error *e);

/*
** Arguments by name, as Python binds them: names is a NULL-terminated list, the first `required`
** must be given; out[i] is JV_UNDEFINED where absent. Errors in Python's words ("f() missing
** ...").
*/
enum rs_code jv_bind(const struct jv_args *args, const char *fname, const char *const *names,
                     size_t required, jv *out, struct rs_error *e);

/* ast.literal_eval(): *ok false: the text is not one Python literal, which may stand on several
** lines with comments. (python/literal.c) */
enum rs_code jv_literal(struct rs_python *j, const char *s, size_t n, jv *out, bool *ok,
                        struct rs_error *e);

/* ---- protocols for native functions -------------------------------------------------------- */

/* A lazy iterator: `next` is called with `state` once per item; *done becomes true past the end. */
jv rs_python_generator(struct rs_python *j, const char *type,
                       enum rs_code (*next)(struct rs_python *j, void *state, jv *out, bool *done,
                                            struct rs_error *e),
                       void *state);
/* a + b of any values; op is a sign as jv_class.binop has it, or "<". */
enum rs_code rs_python_binary(struct rs_python *j, const char *op, jv a, jv b, jv *out,
                              struct rs_error *e);
/* Calls any callable value. args NULL: with none. */
enum rs_code rs_python_call(struct rs_python *j, jv callee, const struct jv_args *args, jv *out,
                            struct rs_error *e);

#endif
