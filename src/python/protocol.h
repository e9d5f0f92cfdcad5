/*
** The inside of values, for the room itself and for the engine that runs templates (src/jinja):
** their layouts, the tables of methods, the state of an evaluation, and Python's operations on
** values, file by file.
**
** All functions work on one evaluation, in its thread; what they return lives in its arena. Errors
** go to j->err: a function fails with `return py_fail(j, ...)`. A NULL from py_alloc means
** `return py_nomem(j)`.
*/
#ifndef RS_PYTHON_PROTOCOL_H
#define RS_PYTHON_PROTOCOL_H
#include <string.h>
#include "python.h"
#include "src/base/map.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/text.h"
#include "unicode.h"

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
static inline bool py_is_text(jv v, const char *s, size_t n)
{
  return v.kind == JV_STR && v.u.str->n == n && memcmp(v.u.str->s, s, n) == 0;
}
static inline bool is_ascii(const struct jv_str *s)
{
  return s->n == s->cps;
}

/* Operators of arithmetic and of comparison. */
enum op { OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_FLOORDIV, OP_MOD, OP_POW, OP_NEG, OP_POS };
enum cmp_op { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_IN, CMP_NOTIN };

/* ---- rows: filters, tests and methods ------------------------------------------------------ */

/*
** A filter, test or method. `params` names its arguments ("width first blank"), of which the first
** `required` must be given; argv[i] is JV_ABSENT where not. NULL params: only `raw` is filled. Rows
** that share a function tell it `how` by ROW_HOW in their flags. A method's *out is None
** beforehand.
*/
typedef enum rs_code (*row_fn)(struct rs_python *j, jv self, const jv *argv,
                               const struct jv_args *raw, int how, jv *out);
enum {
  ROW_POSITIONAL = 1, /* takes no keywords */
  ROW_CONTEXT = 2,    /* Jinja never folds it while compiling */
  ROW_ENV = 4         /* Jinja's own function also takes its environment */
};
#define ROW_HOW(n) ((n) << 8)
#define ROW_MAX_ARGS 8
struct row {
  const char *name;
  row_fn fn;
  const char *params;
  unsigned char required;
  unsigned short flags;
  const char *pyname; /* Python's name in error texts; NULL = name */
};
/* Rows of one table, sorted by name. */
struct rows {
  const struct row *v;
  size_t n;
};
const struct row *py_row_find(const struct rows *t, const char *name, size_t n);
enum rs_code py_row_call(struct rs_python *j, const struct row *r, jv self, const struct jv_args *a,
                         jv *out);

#define SHARED_METHOD(name)                                                                     \
  enum rs_code name(struct rs_python *j JV_UNUSED, jv self JV_UNUSED, const jv *argv JV_UNUSED, \
                    const struct jv_args *raw JV_UNUSED, int how JV_UNUSED, jv *out JV_UNUSED)
#define METHOD(name) static SHARED_METHOD(name)

/* A str argument, or Python's complaint (methods/str.c). */
enum rs_code py_need_str(struct rs_python *j, jv v, const struct jv_str **s);

/* bytes.c */
SHARED_METHOD(py_s_encode);
/* The bytes of b as a value; frees b. */
enum rs_code py_bytes_take(struct rs_python *j, struct rs_buf *b, jv *out);
extern const struct rows py_methods_str, py_methods_list, py_methods_tuple, py_methods_dict,
  py_methods_int, py_methods_float, py_methods_set, py_methods_view, py_methods_range;

/* ---- the evaluation ------------------------------------------------------------------------ */

enum { POLL_EVERY = 2048 }; /* steps */
struct evaluator;           /* src/jinja's */
struct rs_share;
struct rs_python {
  struct rs_arena arena;
  struct rs_python_options opt;
  struct rs_error *err;
  enum rs_code sticky; /* out of memory in a constructor; reported by the next step */
  bool located;        /* j->err has its position already */
  bool lenient;        /* undefined values made now are dbt's lenient ones */
  unsigned nest;       /* levels of evaluation */
  uint64_t steps, next_poll;
  struct rs_share *share; /* whose values it may hold; NULL: none */
  bool makes_shared;      /* it is the share's own: what it makes is shared */
  const struct jv_str *empty, *chars[128];
  struct evaluator *eval;
  const struct macro_class *macros;
};

/* What the evaluator does: a call from native code, and what FN_MACRO is. */
struct macro_class {
  enum rs_code (*enter)(struct rs_python *j, jv callee, const struct jv_args *args, jv *out,
                        struct rs_error *e);
  enum rs_code (*call)(struct rs_python *j, const struct jv_func *f, const struct jv_args *args,
                       jv *out);
  /* False where a macro has no attribute of that name. */
  bool (*attr)(struct rs_python *j, const struct macro *m, const struct jv_str *name, jv *out);
};

/* Where Python prints an object's address: of ours, a text is the same in every run. */
#define ADDRESS "at 0x7f0000000000"

#define NEST_MAX 3000 /* levels of evaluation; about 300 bytes of stack each */

/* errors and accounting (errors.c) */
enum rs_code py_fail(struct rs_python *j, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
enum rs_code py_limit(struct rs_python *j, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
enum rs_code py_nomem(struct rs_python *j);
enum rs_code py_buf_fail(struct rs_python *j, const struct rs_buf *b);
void *py_alloc(struct rs_python *j, size_t n);
enum rs_code py_poll(struct rs_python *j); /* limits and interrupt; see j_step */
static inline enum rs_code j_step(struct rs_python *j)
{
  return ++j->steps < j->next_poll && j->sticky == RS_OK ? RS_OK : py_poll(j);
}
enum rs_code py_steps(struct rs_python *j, uint64_t n);
enum rs_code py_undefined_used(struct rs_python *j, jv v);
enum rs_code py_type_error2(struct rs_python *j, const char *op, jv a, jv b);
/* The Python module of a value's type with a dot behind it, "" for built-in types. */
const char *py_type_module(jv v);
/* An error whose text contains a value: format with one %s for its repr. */
enum rs_code py_fail_repr(struct rs_python *j, const char *fmt, jv v);
/* A buffer whose maximum is what the evaluation may still use. */
void py_buf_init(struct rs_python *j, struct rs_buf *b);

#define TRY(x)                            \
  do {                                    \
    enum rs_code try_rc_ = (x);           \
    if (try_rc_ != RS_OK) return try_rc_; \
  } while (0)

/* values (value.c) */
struct jv_str *py_str_new(struct rs_arena *a, const char *s, size_t n);
jv py_str_sub(struct rs_python *j, const char *s, size_t n, enum str_sub sub);
jv py_str_like(struct rs_python *j, jv model, const char *s, size_t n); /* Markup stays Markup */
jv py_str_as(struct rs_python *j, jv s, enum str_sub sub);
static inline jv jv_of_str(const struct jv_str *s)
{
  return (jv){.kind = JV_STR, .u.str = s};
}
/* Moves the text of b into a value and frees b; RS_OK or the buffer's error. */
enum rs_code py_str_take(struct rs_python *j, struct rs_buf *b, enum str_sub sub, jv *out);
/* The same where writing to b ended with rc. */
enum rs_code py_str_end(struct rs_python *j, enum rs_code rc, struct rs_buf *b, enum str_sub sub,
                        jv *out);
size_t py_str_offset(const struct jv_str *s, size_t cp); /* byte offset of a code point */
jv py_str_at(struct rs_python *j, const struct jv_str *s, size_t byte); /* one character */
uint32_t py_str_hash(const char *s, size_t n);
jv py_undef_name(struct rs_python *j, const struct jv_str *name);
jv py_undef_attr(struct rs_python *j, jv obj, jv name);
jv py_undef_unsafe(struct rs_python *j, jv obj, jv name);
jv py_undef_hint(struct rs_python *j, const char *hint, const char *name);
jv py_undef_hint_buf(struct rs_python *j, struct rs_buf *hint,
                     const char *name); /* frees the buffer */
bool py_undef_is_lenient(jv v);
jv py_tuple_new(struct rs_python *j, size_t n); /* n items to fill; JV_UNDEFINED on no memory */
bool py_seq_reserve(struct rs_python *j, struct jv_seq *s, size_t n);

/* What evaluations share (jinja/share.c): the containers that were changed since the last
** collection. */
struct rs_share {
  struct rs_python *maker;
  struct jv_dict *dicts; /* the changed ones */
  struct jv_seq *seqs;
};
/* value.c: whoever puts a value into a container says so before */
void py_share_note(struct rs_share *s, void *container, bool is_dict);
static inline void dict_changes(struct rs_python *j, struct jv_dict *d)
{
  if (d->shared && !d->changed && !j->makes_shared) py_share_note(j->share, d, true);
}
static inline void seq_changes(struct rs_python *j, struct jv_seq *s)
{
  if (s->shared && !s->changed && !j->makes_shared) py_share_note(j->share, s, false);
}
/* dictionaries and sets (dict.c) */
enum rs_code jv_hash(struct rs_python *j, jv v, uint32_t *h);
enum rs_code py_dict_find(struct rs_python *j, const struct jv_dict *d, jv key, size_t *at);
#define DICT_NONE ((size_t)-1)
size_t py_dict_find_str(const struct jv_dict *d, const char *key, size_t n);
enum rs_code py_dict_put(struct rs_python *j, struct jv_dict *d, jv key, jv value);
void py_dict_remove(struct jv_dict *d, size_t at);
void py_dict_clear(struct jv_dict *d);
/* d.update(v): a mapping or pairs (methods/seq.c). */
enum rs_code py_dict_update(struct rs_python *j, struct jv_dict *d, jv v);
/* The next live entry from *i on; false past the end. */
bool py_dict_next(const struct jv_dict *d, size_t *i);
jv py_dict_copy(struct rs_python *j, jv d);
extern const struct jv_class py_set_class, py_view_class, py_range_class, py_iter_class,
  py_namespace_class;
struct jv_dict *py_set_items(jv v); /* of a set, else NULL */
/* A set of the items of self that are (or are not) in `other` (methods/seq.c). */
enum rs_code py_set_filter(struct rs_python *j, jv self, jv other, bool wanted, jv *out);
enum view_kind { VIEW_KEYS, VIEW_VALUES, VIEW_ITEMS };
struct view {
  struct jv_dict *dict;
  enum view_kind kind;
};
jv py_view_new(struct rs_python *j, jv dict, enum view_kind kind);
jv py_view_mapping(struct rs_python *j, jv view); /* its dict, read-only (methods/view.c) */
const struct jv_str *py_bytes_of(jv v);           /* of Python's bytes, else NULL (bytes.c) */
jv py_ns_dict(jv v); /* the dictionary of a namespace, else undefined */

struct range {
  int64_t start, stop, step;
  size_t n;
};
const struct range *py_range_of(jv v);
const char *py_iter_type(jv v); /* "generator", "list_reverseiterator" ...; NULL for other values */

/* truth, equality, order, membership (compare.c) */
enum rs_code jv_eq(struct rs_python *j, jv a, jv b, bool *yes);
enum rs_code jv_compare(struct rs_python *j, enum cmp_op op, jv a, jv b, bool *yes);
enum rs_code jv_lt(struct rs_python *j, jv a, jv b, bool *yes);
enum rs_code jv_contains(struct rs_python *j, jv seq, jv item, bool *yes);
enum rs_code jv_is_true(struct rs_python *j, jv v, bool *yes);
bool jv_is(jv a, jv b); /* Python's `is` */
/* len(v); RS_INVALID with Python's text when it has none. */
enum rs_code jv_length(struct rs_python *j, jv v, size_t *n);
bool jv_has_len(jv v);

/* numbers (number.c, bigint.c) */
enum rs_code py_num_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out);
enum rs_code py_num_unary(struct rs_python *j, enum op op, jv a, jv *out);
int py_num_cmp(jv a, jv b, bool *unordered);
enum rs_code py_num_floor(struct rs_python *j, double d, jv *out); /* a whole double as int */
enum rs_code py_num_to_double(struct rs_python *j, jv v, double *d);
/* decimal.c; false: v is no Decimal. round(v, digits): half to even */
bool decimal_round(struct rs_python *j, jv v, int64_t digits, jv *out);
enum rs_code py_num_to_i64(struct rs_python *j, jv v, int64_t *i); /* saturates; bool, int only */
enum rs_code py_num_round(struct rs_python *j, jv v, jv digits, jv *out);
/* int(text, base) / float(text) of Python: false when the text is none. */
bool py_num_parse_int(struct rs_python *j, const struct jv_str *s, int64_t base, jv *out);
bool py_num_parse_float(const struct jv_str *s, double *d);
jv big_from_digits(struct rs_arena *a, const char *p, size_t n, unsigned base, bool neg);
int big_cmp(const struct jv_big *a, const struct jv_big *b);
double big_to_double(const struct jv_big *a, bool *overflow);
jv big_from_double(struct rs_python *j, double d);
enum rs_code big_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out);
enum rs_code big_pow(struct rs_python *j, jv a, uint64_t n, jv *out);
char *big_text(struct rs_python *j, const struct jv_big *a, unsigned base, size_t *n);
size_t big_bits(const struct jv_big *a);

/* text (text_of.c, float_text.c, json.c, pprint.c) */
enum rs_code py_text_str(struct rs_python *j, jv v, struct rs_buf *b);
enum rs_code py_text_repr(struct rs_python *j, jv v, struct rs_buf *b);
void py_text_repr_str(struct rs_buf *b, const char *s, size_t n);
void py_text_ascii(struct rs_buf *b, const char *s, size_t n); /* \x escapes for all beyond ASCII */
enum rs_code py_text_of(struct rs_python *j, jv v, jv *out);   /* str(v); Markup stays */
enum rs_code py_text_escape(struct rs_python *j, jv v,
                            struct rs_buf *b); /* Markup stays as it is */
void py_html_escape(struct rs_buf *b, const char *s, size_t n);
void py_html_unescape(struct rs_buf *b, const char *s, size_t n); /* html_unescape.c */
#define FLOAT_TEXT 400
size_t py_float_repr(double d, char out[FLOAT_TEXT]);
/* "%.*f", "%.*e", "%.*g" with a point in any locale; alt keeps the point and zeros ('#'). */
size_t py_float_fixed(char *out, size_t cap, char kind, int precision, bool alt, double d);
enum rs_code py_text_json(struct rs_python *j, jv v, bool sort_keys, const struct jv_str *indent,
                          struct rs_buf *b);
enum rs_code py_text_pprint(struct rs_python *j, jv v, struct rs_buf *b);

/* formatting (format/printf.c, format/str.c, format/spec.c) */
enum rs_code py_format_printf(struct rs_python *j, jv fmt, jv args, jv *out);
enum rs_code py_format_str(struct rs_python *j, jv fmt, const struct jv_args *a, jv map, jv *out);
enum rs_code py_format_spec(struct rs_python *j, jv v, const char *spec, size_t n,
                            struct rs_buf *b);

/* iteration (iter.c) */
struct jv_iter {
  jv src;
  size_t i, len;
  struct jv_seq *list;
};
enum rs_code py_iter_open(struct rs_python *j, jv v, struct jv_iter *it);
/* *done becomes true past the end. */
enum rs_code py_iter_next(struct rs_python *j, struct jv_iter *it, jv *out, bool *done);
bool py_is_iterable(jv v);
enum rs_code py_iter_list(struct rs_python *j, jv v, jv *list); /* list(v): a new one */
enum rs_code py_iter_reversed(struct rs_python *j, jv v, jv *out);

/* attributes and items (attr.c) */
enum rs_code py_get_attr(struct rs_python *j, jv obj, const struct jv_str *name, jv *out);
enum rs_code py_get_item(struct rs_python *j, jv obj, jv key, jv *out);
enum rs_code py_get_slice(struct rs_python *j, jv obj, jv start, jv stop, jv step, jv *out);
/* getattr only, no item; *found false when there is none. */
enum rs_code py_get_attr_only(struct rs_python *j, jv obj, const struct jv_str *name, jv *out,
                              bool *found);

/* calls (call.c) */
enum rs_code py_call_value(struct rs_python *j, jv callee, const struct jv_args *args, jv *out);
enum rs_code py_call_n(struct rs_python *j, jv fn, size_t n, const jv *argv, jv *out);

/* arguments. As py_num_to_i64, where Python refuses one that is larger than an address space: */
enum rs_code py_arg_ssize(struct rs_python *j, jv v, int64_t *i);
enum rs_code py_arg_bool(struct rs_python *j, jv v, bool *b);
enum rs_code py_arg_reverse(struct rs_python *j, jv v, bool *b); /* of sort: an int, nothing else */

/* sorting (sort.c): stable, as Python's; keys[i] is of items' i-th */
enum rs_code py_seq_sort(struct rs_python *j, struct jv_seq *items, const jv *keys, bool reverse);
enum rs_code py_seq_sort_by(struct rs_python *j, struct jv_seq *items, const jv *keys, bool reverse,
                            enum rs_code (*lt)(struct rs_python *j, jv a, jv b, bool *yes));
void py_seq_reverse(struct jv_seq *s);
/* Python's literal of that text; *ok false: it is none (literal.c). */
enum rs_code py_literal_eval(struct rs_python *j, const struct jv_str *s, jv *out, bool *ok);
/*
** One escape of a text, after the backslash at s[i-1]: its *len bytes to out (room for 4). Returns
** how many bytes of s it took, 0 for an error (*why); (size_t)-1: none, the backslash stays.
*/
size_t py_str_unescape(const char *s, size_t n, size_t i, char *out, size_t *len, const char **why);

/* text filters used by methods too (methods/str.c) */
enum rs_code py_str_case(struct rs_python *j, jv s, int how, jv *out);
enum { CASE_UPPER, CASE_LOWER, CASE_FOLD, CASE_SWAP, CASE_TITLE, CASE_CAPITALIZE };
void py_case_append(struct rs_buf *b, const char *s, size_t n, int how);
enum rs_code py_str_strip(struct rs_python *j, jv s, jv chars, int sides, jv *out);
enum rs_code py_str_replace(struct rs_python *j, const struct jv_str *s, const struct jv_str *from,
                            const struct jv_str *to, int64_t count, enum str_sub sub, jv *out);
enum rs_code py_str_lines(struct rs_python *j, jv s, bool keep, jv *list);
enum rs_code py_str_pad(struct rs_python *j, jv s, int64_t width, const char *fill, size_t nfill,
                        int how, jv *out);
size_t py_find_bytes(const char *s, size_t n, const char *what, size_t m, size_t from);
#define NOT_FOUND ((size_t)-1)
#endif
