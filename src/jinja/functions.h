/*
** The functions that the files of the Jinja engine offer each other, file by file. Included by
** internal.h only, which has the types.
**
** All of them work on one evaluation, in its thread; what they return lives in its arena. They
** return RS_OK or the code of the error whose text is in j->err.
*/
#ifndef RS_JINJA_FUNCTIONS_H
#define RS_JINJA_FUNCTIONS_H
#include "internal.h"

/* errors and accounting (api.c) */
enum rs_code j_fail(struct rs_jinja *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum rs_code j_limit(struct rs_jinja *j, const char *fmt, ...)
  __attribute__((format(printf, 2, 3)));
enum rs_code j_nomem(struct rs_jinja *j);
enum rs_code j_buf_fail(struct rs_jinja *j, const struct rs_buf *b);
void *j_alloc(struct rs_jinja *j, size_t n);
enum rs_code j_poll(struct rs_jinja *j); /* limits and interrupt; see j_step */
static inline enum rs_code j_step(struct rs_jinja *j)
{
  return ++j->steps < j->next_poll && j->sticky == RS_OK ? RS_OK : j_poll(j);
}
enum rs_code j_steps(struct rs_jinja *j, uint64_t n);
enum rs_code j_undefined_used(struct rs_jinja *j, jv v);
enum rs_code j_type_error2(struct rs_jinja *j, const char *op, jv a, jv b);
/* The Python module of a value's type with a dot behind it, "" for built-in types. */
const char *type_module(jv v);
/* An error whose text contains a value: format with one %s for its repr. */
enum rs_code j_fail_repr(struct rs_jinja *j, const char *fmt, jv v);
/* A buffer whose maximum is what the evaluation may still use. */
void j_buf_init(struct rs_jinja *j, struct rs_buf *b);

#define TRY(x)                            \
  do {                                    \
    enum rs_code try_rc_ = (x);           \
    if (try_rc_ != RS_OK) return try_rc_; \
  } while (0)

/* values (python/value.c) */
struct jv_str *str_new(struct rs_arena *a, const char *s, size_t n);
jv str_sub(struct rs_jinja *j, const char *s, size_t n, enum str_sub sub);
jv str_like(struct rs_jinja *j, jv model, const char *s, size_t n); /* Markup stays Markup */
jv str_as(struct rs_jinja *j, jv s, enum str_sub sub);
static inline jv jv_of_str(const struct jv_str *s)
{
  return (jv){.kind = JV_STR, .u.str = s};
}
/* Moves the text of b into a value and frees b; RS_OK or the buffer's error. */
enum rs_code str_take(struct rs_jinja *j, struct rs_buf *b, enum str_sub sub, jv *out);
size_t str_offset(const struct jv_str *s, size_t cp); /* byte offset of a code point */
jv str_at(struct rs_jinja *j, const struct jv_str *s, size_t byte); /* one character */
uint32_t str_hash(const char *s, size_t n);
jv undef_name(struct rs_jinja *j, const struct jv_str *name);
jv undef_attr(struct rs_jinja *j, jv obj, jv name);
jv undef_unsafe(struct rs_jinja *j, jv obj, jv name);
jv undef_hint(struct rs_jinja *j, const char *hint, const char *name);
jv undef_hint_buf(struct rs_jinja *j, struct rs_buf *hint, const char *name); /* frees the buffer */
bool undef_is_lenient(jv v);
jv tuple_new(struct rs_jinja *j, size_t n); /* n items to fill; JV_UNDEFINED on no memory */
bool seq_reserve(struct rs_jinja *j, struct jv_seq *s, size_t n);
jv jv_dict_new(struct rs_jinja *j);

/* shared values (share.c): whoever puts a value into a container says so before */
void share_note(struct rs_share *s, void *container, bool is_dict);
static inline void dict_changes(struct rs_jinja *j, struct jv_dict *d)
{
  if (d->shared && !d->changed && !j->makes_shared) share_note(j->share, d, true);
}
static inline void seq_changes(struct rs_jinja *j, struct jv_seq *s)
{
  if (s->shared && !s->changed && !j->makes_shared) share_note(j->share, s, false);
}
bool j_keep_template(struct rs_jinja *j, struct rs_template *t); /* api.c */

/* dictionaries and sets (python/dict.c) */
enum rs_code jv_hash(struct rs_jinja *j, jv v, uint32_t *h);
enum rs_code dict_find(struct rs_jinja *j, const struct jv_dict *d, jv key, size_t *at);
#define DICT_NONE ((size_t)-1)
size_t dict_find_str(const struct jv_dict *d, const char *key, size_t n);
enum rs_code dict_put(struct rs_jinja *j, struct jv_dict *d, jv key, jv value);
void dict_remove(struct jv_dict *d, size_t at);
void dict_clear(struct jv_dict *d);
/* d.update(v): a mapping or pairs (python/methods/seq.c). */
enum rs_code dict_update(struct rs_jinja *j, struct jv_dict *d, jv v);
/* The next live entry from *i on; false past the end. */
bool dict_next(const struct jv_dict *d, size_t *i);
jv dict_copy(struct rs_jinja *j, jv d);
extern const struct jv_class set_class, view_class, range_class, iter_class, namespace_class;
struct jv_dict *set_items(jv v); /* of a set, else NULL */
jv set_new(struct rs_jinja *j);
enum view_kind { VIEW_KEYS, VIEW_VALUES, VIEW_ITEMS };
struct view {
  struct jv_dict *dict;
  enum view_kind kind;
};
jv view_new(struct rs_jinja *j, jv dict, enum view_kind kind);
jv view_mapping(struct rs_jinja *j, jv view); /* its dict, read-only (python/methods/view.c) */
const struct jv_str *bytes_of(jv v);          /* of Python's bytes, else NULL (python/bytes.c) */
jv ns_dict(jv v);                             /* the dictionary of a namespace, else undefined */

struct range {
  int64_t start, stop, step;
  size_t n;
};
const struct range *range_of(jv v);
const char *iter_type(jv v); /* "generator", "list_reverseiterator" ...; NULL for other values */

/* truth, equality, order, membership (python/compare.c) */
enum rs_code jv_eq(struct rs_jinja *j, jv a, jv b, bool *yes);
enum rs_code jv_compare(struct rs_jinja *j, enum cmp_op op, jv a, jv b, bool *yes);
enum rs_code jv_lt(struct rs_jinja *j, jv a, jv b, bool *yes);
enum rs_code jv_contains(struct rs_jinja *j, jv seq, jv item, bool *yes);
enum rs_code jv_is_true(struct rs_jinja *j, jv v, bool *yes);
bool jv_is(jv a, jv b); /* Python's `is` */
/* len(v); RS_INVALID with Python's text when it has none. */
enum rs_code jv_length(struct rs_jinja *j, jv v, size_t *n);
bool jv_has_len(jv v);

/* numbers (python/number.c, python/bigint.c) */
enum rs_code num_binary(struct rs_jinja *j, enum node_type op, jv a, jv b, jv *out);
enum rs_code num_unary(struct rs_jinja *j, enum node_type op, jv a, jv *out);
int num_cmp(jv a, jv b, bool *unordered);
enum rs_code num_floor(struct rs_jinja *j, double d, jv *out); /* a whole double as int */
enum rs_code num_to_double(struct rs_jinja *j, jv v, double *d);
/* python/decimal.c; false: v is no Decimal. round(v, digits): half to even */
bool decimal_to_double(jv v, double *d);
bool decimal_round(struct rs_jinja *j, jv v, int64_t digits, jv *out);
enum rs_code num_to_i64(struct rs_jinja *j, jv v, int64_t *i); /* saturates; bool, int only */
enum rs_code num_round(struct rs_jinja *j, jv v, jv digits, jv *out);
jv num_text_int(struct rs_jinja *j, const char *p, size_t n, unsigned base, bool neg);
/* int(text, base) / float(text) of Python: false when the text is none. */
bool num_parse_int(struct rs_jinja *j, const struct jv_str *s, int64_t base, jv *out);
bool num_parse_float(const struct jv_str *s, double *d);
double num_strtod(const char *s, char **end);
jv big_from_i64(struct rs_jinja *j, int64_t v);
jv big_norm(jv v); /* as JV_INT when it fits */
jv big_from_digits(struct rs_arena *a, const char *p, size_t n, unsigned base, bool neg);
int big_cmp(const struct jv_big *a, const struct jv_big *b);
double big_to_double(const struct jv_big *a, bool *overflow);
jv big_from_double(struct rs_jinja *j, double d);
enum rs_code big_binary(struct rs_jinja *j, enum node_type op, jv a, jv b, jv *out);
enum rs_code big_pow(struct rs_jinja *j, jv a, uint64_t n, jv *out);
char *big_text(struct rs_jinja *j, const struct jv_big *a, unsigned base, size_t *n);
size_t big_bits(const struct jv_big *a);
uint32_t big_hash(const struct jv_big *a);

/* text (python/text_of.c, python/float_text.c, python/json.c, python/pprint.c) */
enum rs_code text_str(struct rs_jinja *j, jv v, struct rs_buf *b);
enum rs_code text_repr(struct rs_jinja *j, jv v, struct rs_buf *b);
void text_repr_str(struct rs_buf *b, const char *s, size_t n);
void text_ascii(struct rs_buf *b, const char *s, size_t n); /* \x escapes for all beyond ASCII */
enum rs_code text_of(struct rs_jinja *j, jv v, jv *out);    /* str(v); Markup stays */
enum rs_code text_plain(struct rs_jinja *j, jv v, const struct jv_str **out);
enum rs_code text_escape(struct rs_jinja *j, jv v, struct rs_buf *b); /* Markup stays as it is */
void html_escape(struct rs_buf *b, const char *s, size_t n);
void html_unescape(struct rs_buf *b, const char *s, size_t n); /* python/html_unescape.c */
enum rs_code html_striptags(struct rs_jinja *j, const struct jv_str *s, jv *out);
#define FLOAT_TEXT 400
size_t float_repr(double d, char out[FLOAT_TEXT]);
/* "%.*f", "%.*e", "%.*g" with a point in any locale; alt keeps the point and zeros ('#'). */
size_t float_fixed(char *out, size_t cap, char kind, int precision, bool alt, double d);
enum rs_code text_json(struct rs_jinja *j, jv v, bool sort_keys, const struct jv_str *indent,
                       struct rs_buf *b);
enum rs_code text_pprint(struct rs_jinja *j, jv v, struct rs_buf *b);

/* formatting (python/format/printf.c, python/format/str.c, python/format/spec.c) */
enum rs_code format_printf(struct rs_jinja *j, jv fmt, jv args, jv *out);
enum rs_code format_str(struct rs_jinja *j, jv fmt, const struct jv_args *a, jv map, jv *out);
enum rs_code format_spec(struct rs_jinja *j, jv v, const char *spec, size_t n, struct rs_buf *b);

/* iteration (python/iter.c) */
struct jv_iter {
  jv src;
  size_t i, len;
  struct jv_seq *list;
};
enum rs_code iter_open(struct rs_jinja *j, jv v, struct jv_iter *it);
/* *done becomes true past the end. */
enum rs_code iter_next(struct rs_jinja *j, struct jv_iter *it, jv *out, bool *done);
bool is_iterable(jv v);
enum rs_code iter_list(struct rs_jinja *j, jv v, jv *list); /* list(v): a new one */
jv iter_make(struct rs_jinja *j, const char *type,
             enum rs_code (*next)(struct rs_jinja *j, void *state, jv *out, bool *done),
             void *state);
enum rs_code iter_reversed(struct rs_jinja *j, jv v, jv *out);

/* attributes and items (attr.c) */
enum rs_code get_attr(struct rs_jinja *j, jv obj, const struct jv_str *name, jv *out);
enum rs_code get_item(struct rs_jinja *j, jv obj, jv key, jv *out);
enum rs_code get_slice(struct rs_jinja *j, jv obj, jv start, jv stop, jv step, jv *out);
/* getattr only, no item; *found false when there is none. */
enum rs_code get_attr_only(struct rs_jinja *j, jv obj, const struct jv_str *name, jv *out,
                           bool *found);

/* evaluation (eval.c, stmt.c, loop.c, call.c, block.c) */
enum rs_code eval(struct rs_jinja *j, struct act *a, const struct node *n, jv *out);
enum rs_code eval_unplaced(struct rs_jinja *j, struct act *a, const struct node *n, jv *out);
/* What Jinja folds (jinja/parse/fold.c): an output expression; *done false when it has to be
** run. */
enum rs_code fold_output(struct rs_jinja *j, struct act *a, const struct node *n, jv *v,
                         bool *done);
/* A part of an expression: is folding tried; and then the value, folded or not. */
bool fold_wanted(const struct rs_jinja *j, const struct act *a, const struct node *n);
enum rs_code fold_inner(struct rs_jinja *j, struct act *a, const struct node *n, jv *out);
enum rs_code eval_filter_on(struct rs_jinja *j, struct act *a, const struct node *n, jv input,
                            jv *out);
enum rs_code exec(struct rs_jinja *j, struct act *a, const struct nodes *body, struct out *o,
                  enum flow *flow);
enum rs_code exec_for(struct rs_jinja *j, struct act *a, const struct node *n, struct out *o);
enum rs_code exec_block(struct rs_jinja *j, struct act *a, const struct node *n, struct out *o);
enum rs_code exec_body(struct rs_jinja *j, struct act *a, const struct nodes *body, jv *text);
enum rs_code out_value(struct rs_jinja *j, struct out *o, jv v, bool escape);
enum rs_code out_text(struct rs_jinja *j, struct out *o, const char *p, size_t n);
/* What is written is joined now: fails where a part is no text. */
enum rs_code out_end(struct rs_jinja *j, const struct out *o, const struct rs_template *t);
enum rs_code assign(struct rs_jinja *j, struct act *a, const struct node *target, jv v);
void scope_enter(struct act *a, const struct scope *s);
struct act *act_new(struct rs_jinja *j, struct act *up, const struct rs_template *t,
                    const struct func *f);
enum rs_code name_resolve(struct rs_jinja *j, struct act *a, const struct jv_str *name, jv *out);
enum rs_code call_value(struct rs_jinja *j, jv callee, const struct jv_args *args, jv *out);
enum rs_code call_node(struct rs_jinja *j, struct act *a, const struct node *n, jv caller, jv *out);
struct arg_list {
  struct jv_args a;
  jv *pos, *kw, *kwv;
  size_t pos_cap, kw_cap;
  jv small[8];
};
enum rs_code args_eval(struct rs_jinja *j, struct act *a, const struct call_args *n, jv caller,
                       struct arg_list *l);
jv macro_value(struct rs_jinja *j, struct act *a, const struct macro *m);
jv self_value(struct rs_jinja *j, struct act *root);
enum rs_code j_place(struct rs_jinja *j, enum rs_code rc, const struct rs_template *t,
                     uint32_t line, uint32_t col);

/* the lazy filters (jinja/filters/lazy.c) and jinja/filters/urlize.c, rows of the tables
** elsewhere */
#define LAZY(name) \
  enum rs_code name(struct rs_jinja *j, jv v, const jv *argv, const struct jv_args *raw, jv *out)
LAZY(filter_batch);
LAZY(filter_items);
LAZY(filter_map);
LAZY(filter_reject);
LAZY(filter_rejectattr);
LAZY(filter_select);
LAZY(filter_selectattr);
LAZY(filter_slice);
LAZY(filter_unique);
LAZY(filter_urlize);

/* calling helpers for filters */
enum rs_code apply_filter(struct rs_jinja *j, const char *name, size_t n, jv v,
                          const struct jv_args *a, jv *out);
enum rs_code apply_test(struct rs_jinja *j, const char *name, size_t n, jv v,
                        const struct jv_args *a, bool *yes);
/* "a.b.0" looked up in an item, as the filters' attribute= does (jinja/filters/seq.c). */
enum rs_code attr_path(struct rs_jinja *j, jv item, jv path, jv fallback, jv *out);
enum rs_code ignore_case(struct rs_jinja *j, jv v, jv *out);
enum rs_code seq_sort(struct rs_jinja *j, struct jv_seq *items, const jv *keys, bool reverse);
enum rs_code seq_sort_by(struct rs_jinja *j, struct jv_seq *items, const jv *keys, bool reverse,
                         enum rs_code (*lt)(struct rs_jinja *j, jv a, jv b, bool *yes));
enum rs_code call_n(struct rs_jinja *j, jv fn, size_t n, const jv *argv, jv *out);

/* argument helpers: int / text of an argument with Python's complaint when it is none */
enum rs_code arg_int(struct rs_jinja *j, jv v, int64_t *i);
/* The same, where Python refuses one that is larger than an address space. */
enum rs_code arg_ssize(struct rs_jinja *j, jv v, int64_t *i);
enum rs_code arg_bool(struct rs_jinja *j, jv v, bool *b);
enum rs_code arg_reverse(struct rs_jinja *j, jv v, bool *b); /* of sort: an int, nothing else */

/* globals (globals.c) and native (native.c) */
bool global_builtin(struct rs_jinja *j, const char *name, size_t n, jv *out);
enum rs_code native_result(struct rs_jinja *j, struct jv_seq *parts, jv *out);
/* Python's literal of that text; *ok false: it is none (python/literal.c). */
enum rs_code literal_eval(struct rs_jinja *j, const struct jv_str *s, jv *out, bool *ok);
bool has_safe_repr(jv v, unsigned depth);
uint64_t j_random(struct rs_jinja *j);

/* text filters used by methods too (python/methods/str.c) */
enum rs_code str_case(struct rs_jinja *j, jv s, int how, jv *out);
enum { CASE_UPPER, CASE_LOWER, CASE_FOLD, CASE_SWAP, CASE_TITLE, CASE_CAPITALIZE };
void case_append(struct rs_buf *b, const char *s, size_t n, int how);
enum rs_code str_strip(struct rs_jinja *j, jv s, jv chars, int sides, jv *out);
enum rs_code str_replace(struct rs_jinja *j, const struct jv_str *s, const struct jv_str *from,
                         const struct jv_str *to, int64_t count, enum str_sub sub, jv *out);
enum rs_code str_lines(struct rs_jinja *j, jv s, bool keep, jv *list);
enum rs_code str_pad(struct rs_jinja *j, jv s, int64_t width, const char *fill, size_t nfill,
                     int how, jv *out);
size_t find_bytes(const char *s, size_t n, const char *what, size_t m, size_t from);
#define NOT_FOUND ((size_t)-1)
#endif
