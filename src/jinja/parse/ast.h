/*
** The parse tree of a template. Built by the parser in the template's arena, given its variable
** slots by symbols.c, and immutable from then on: any number of threads may evaluate it at the
** same time.
**
** Variables: Jinja decides while compiling which variable a name means (idtracking.py), so do we.
** A *function* (template root, block, macro, body of a recursive loop) owns an array of slots; a
** *scope* (loop body, with, set block ...) inside it owns some of them and says how each starts.
*/
#ifndef RS_JINJA_PARSE_AST_H
#define RS_JINJA_PARSE_AST_H
#include "src/python/protocol.h"
#include "template.h"

/* Where a variable lives: `hops` functions outwards, then a slot of that function. */
struct ref {
  uint32_t hops, slot;
};

enum load_action {
  LOAD_UNDEFINED, /* nothing is there before the first assignment */
  LOAD_RESOLVE,   /* the globals, looked up on first use */
  LOAD_ALIAS      /* starts as a copy of the outer variable */
};

/* What happens to a slot when its scope is entered. */
struct load {
  uint32_t slot;
  enum load_action action;
  struct ref from;
};

struct scope {
  const struct load *loads;
  size_t n;
};

enum node_type {
  /* expressions */
  N_CONST,
  N_NAME,
  N_NSREF,
  N_TUPLE,
  N_LIST,
  N_DICT,
  N_COND,
  N_AND,
  N_OR,
  N_NOT,
  N_COMPARE,
  N_CONCAT,
  N_ADD,
  N_SUB,
  N_MUL,
  N_DIV,
  N_FLOORDIV,
  N_MOD,
  N_POW,
  N_NEG,
  N_POS,
  N_GETATTR,
  N_GETITEM,
  N_SLICE,
  N_CALL,
  N_FILTER,
  N_TEST,
  /* statements */
  N_TEXT,
  N_OUTPUT,
  N_IF,
  N_FOR,
  N_SET,
  N_SETBLOCK,
  N_MACRO,
  N_CALLBLOCK,
  N_FILTERBLOCK,
  N_WITH,
  N_DO,
  N_BLOCK,
  N_BREAK,
  N_CONTINUE,
  N_AUTOESCAPE,
  N_LOADER
};

/* Whether text is HTML-escaped at a position: known while parsing, or only while running. */
enum escape_mode { ESC_OFF, ESC_ON, ESC_ASK };

struct node;
struct nodes {
  struct node **v;
  size_t n;
};

struct call_args {
  struct nodes pos;
  const struct jv_str **kw;
  struct nodes kwv;
  struct node *star, *star2;
};

/*
** What a function's body needs; a macro, a block, a call block and a recursive loop each have one.
*/
struct func {
  uint32_t nslots;
  struct scope scope;
};

struct macro {
  const struct jv_str *name;  /* as the template binds it; NULL for a call block */
  const struct jv_str *plain; /* as it was written */
  const struct jv_str **args;
  size_t nargs;
  struct nodes defaults; /* of the last arguments */
  struct nodes body;
  bool wants_caller, wants_kwargs, wants_varargs, explicit_caller;
  struct func fn; /* slots: arguments, then caller, kwargs, varargs as wanted */
  uint32_t caller_slot, kwargs_slot, varargs_slot;
  uint32_t line, col;
};

/* A name a scoped block can see although it is a function of its own. */
struct block_local {
  const struct jv_str *name;
  struct ref ref;
};

struct block {
  const struct jv_str *name;
  bool scoped, required;
  struct nodes body;
  struct func fn;
  struct block_local *locals;
  size_t nlocals;
  bool uses_self, uses_super;
  uint32_t self_slot, super_slot;
};

struct node {
  uint8_t type;
  uint8_t op;      /* cmp_op of the comparison that a chain's operand belongs to; escape_mode */
  bool is_const;   /* made of constants only: Jinja would fold it */
  bool flag;       /* recursive (for), soft (a filter inside a branch), negative ... */
  uint16_t height; /* of the tree below: bounds every recursion over it */
  uint32_t line, col;
  union {
    jv value; /* N_CONST */
    struct {  /* N_NAME, N_NSREF */
      const struct jv_str *name, *attr;
      struct ref ref;
      bool store;
    } name;
    struct nodes
      items; /* N_TUPLE N_LIST N_DICT (k, v, k, v) N_CONCAT N_COMPARE (first, then op'd) */
    struct { /* N_AND ... N_POW; N_NOT N_NEG N_POS use a */
      struct node *a, *b;
    } bin;
    struct {
      struct node *test, *yes, *no;
    } cond;
    struct { /* N_GETATTR: attr; N_GETITEM: arg */
      struct node *obj, *arg;
      const struct jv_str *attr;
    } get;
    struct {
      struct node *start, *stop, *step;
    } slice;
    struct {               /* N_CALL: callee; N_FILTER N_TEST: row (NULL = unknown) and name */
      struct node *target; /* NULL: the body of a filter block */
      struct call_args args;
      const struct row *row;
      const struct jv_str *name;
    } call;
    struct {
      const char *p;
      size_t n;
    } text;
    struct nodes out; /* N_OUTPUT: expressions and N_TEXT */
    struct {
      struct node *test;
      struct nodes body, otherwise; /* elif: one N_IF in otherwise */
    } branch;
    struct {
      struct node *target, *iter, *test, *test_target;
      struct nodes body, otherwise;
      struct scope scope, test_scope, else_scope;
      bool wants_loop;
      uint32_t loop_slot;
      struct func fn; /* of a recursive loop */
    } loop;
    struct { /* N_SET; N_SETBLOCK has body and filter; N_FILTERBLOCK filter and body */
      struct node *target, *value, *filter;
      struct nodes body;
      struct scope scope;
    } set;
    struct {
      struct macro *macro;
      struct ref ref;
      struct node *call; /* N_CALLBLOCK */
    } macro;
    struct {
      struct nodes targets, values, body;
      struct scope scope;
    } with;
    struct {
      struct block *block;
      struct ref *refs;
    } block;
    struct {
      struct node *value;
      struct nodes body;
      struct scope scope;
    } escape;
    struct node *expr; /* N_DO, N_LOADER */
  } u;
};

/* A name of the root function, for blocks. */
struct root_name {
  const struct jv_str *name;
  uint32_t slot;
};

struct rs_template {
  int refs; /* atomic */
  char *name;
  char *text; /* as given */
  size_t text_n;
  bool is_plain;   /* no tag at all: dbt copies such a text untouched */
  bool odd_slices; /* of what is computed: folding them may show (fold.c) */
  struct rs_arena arena;
  struct nodes body;
  struct func root;
  bool uses_self;
  uint32_t self_slot;
  struct macro **macros; /* top level, in order of the text */
  size_t nmacros;
  struct block **blocks;
  size_t nblocks;
  struct root_name *names;
  size_t nnames;
};

/* ---- rows: filters and tests --------------------------------------------------------------- */

/* Filters are spread over several files. */
extern const struct rows jinja_filters_text, jinja_filters_seq, jinja_filters_value,
  jinja_filters_html;
extern const struct rows jinja_tests_all;
const struct row *jinja_filter_find(const char *name, size_t n);
const char *jinja_filter_nearest(const char *name, bool is_filter);

#endif
