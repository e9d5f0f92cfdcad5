/*
** What lexer.c, the parse_*.c, symbols.c and scope.c share while one template is parsed.
** A syntax error ends parsing by longjmp-free means: the first one is kept in p->err, p->failed is
** set, and every parse function returns at once with NULL.
*/
#ifndef RS_JINJA_PARSE_INTERNAL_H
#define RS_JINJA_PARSE_INTERNAL_H
#include "ast.h"

enum token_type {
  T_EOF,
  T_DATA,
  T_VAR_BEGIN,
  T_VAR_END,
  T_BLOCK_BEGIN,
  T_BLOCK_END,
  T_NAME,
  T_STRING,
  T_INT,
  T_FLOAT,
  T_ADD,
  T_SUB,
  T_MUL,
  T_DIV,
  T_FLOORDIV,
  T_MOD,
  T_POW,
  T_TILDE,
  T_LBRACKET,
  T_RBRACKET,
  T_LPAREN,
  T_RPAREN,
  T_LBRACE,
  T_RBRACE,
  T_EQ,
  T_NE,
  T_GT,
  T_GE,
  T_LT,
  T_LE,
  T_ASSIGN,
  T_DOT,
  T_COLON,
  T_PIPE,
  T_COMMA,
  T_SEMICOLON,
  T_ERROR /* a lexical error: raised when the parser gets here, as Jinja's lazy lexer does */
};

struct token {
  uint8_t type;
  uint32_t line, col;
  const char *p; /* its text in the source */
  size_t n;
  jv value; /* T_STRING, T_INT, T_FLOAT */
};

struct end_tags {
  const char *const *names; /* NULL-terminated */
  struct end_tags *up;
};

struct parser {
  struct rs_template *t;
  struct rs_error *err;
  bool failed;
  enum rs_code rc;
  /* the lexer's half */
  const char *src; /* newlines normalized, the last one dropped */
  size_t n;
  struct token *v; /* all tokens; the last one is T_EOF */
  size_t ntokens, cap;
  char lex_error[300];
  const char *late_error; /* found while parsing, raised after it as Jinja's compiler does */
  const struct token *late_at;
  /* the parser's half */
  size_t at;
  unsigned nest;
  unsigned in_loop; /* break and continue are legal */
  uint8_t escape;   /* enum escape_mode of what is parsed now */
  unsigned soft;    /* inside an if or an inline if: unknown filters fail only when reached */
  const char *const *tag_names;
  struct end_tags *ends;
  const char *tag_stack[64];
  size_t ntags;
  struct {
    struct macro **v;
    size_t n, cap;
  } macros;
  struct {
    struct block **v;
    size_t n, cap;
  } blocks;
  unsigned level; /* of statements; macros at level 0 are the template's */
};

#define PARSE_NEST_MAX 150 /* nested brackets, statements: about 1.5 KB of stack each */
#define TREE_HEIGHT_MAX 1000

/* Fills p->v. */
bool jinja_lex(struct parser *p);
/* The first error wins; always returns NULL. */
void *jinja_parse_fail(struct parser *p, const struct token *at, const char *fmt, ...)
  __attribute__((format(printf, 3, 4)));
void *jinja_parse_nomem(struct parser *p);
/* "line 3" style position of a token known only by line. */
const char *jinja_token_text(const struct token *t, char *small, size_t cap);
const char *jinja_token_type_text(enum token_type type);

static inline struct token *cur(struct parser *p)
{
  return &p->v[p->at];
}
static inline struct token *next_token(struct parser *p)
{
  struct token *t = &p->v[p->at];
  if (t->type != T_EOF && t->type != T_ERROR) p->at++;
  if (p->v[p->at].type == T_ERROR) jinja_parse_fail(p, &p->v[p->at], "%s", p->lex_error);
  return t;
}
static inline bool tok_is(const struct token *t, const char *name)
{
  return t->type == T_NAME && rs_eqn(name, t->p, t->n);
}
static inline struct token *look(struct parser *p)
{
  if (cur(p)->type == T_EOF || cur(p)->type == T_ERROR) return cur(p);
  struct token *t = &p->v[p->at + 1];
  if (t->type == T_ERROR) jinja_parse_fail(p, t, "%s", p->lex_error);
  return t;
}
bool jinja_skip_name(struct parser *p, const char *name);
bool jinja_skip_type(struct parser *p, enum token_type type);
struct token *jinja_expect(struct parser *p, enum token_type type);
struct token *jinja_expect_name(struct parser *p, const char *name);
const struct jv_str *jinja_token_str(struct parser *p, const struct token *t);
struct node *jinja_node_new(struct parser *p, enum node_type type, const struct token *at);
/* Sets the height from children (NULLs allowed); fails when the tree is too high. */
struct node *jinja_node_up(struct parser *p, struct node *n, const struct node *a,
                           const struct node *b, const struct node *c);
bool jinja_nodes_add(struct parser *p, struct nodes *l, size_t *cap, struct node *n);
void *jinja_alloc(struct parser *p, size_t n);
bool jinja_enter(struct parser *p); /* one level deeper; on true call leave() */
static inline void leave(struct parser *p)
{
  p->nest--;
}

/* primary.c */
struct node *jinja_node_unary(struct parser *p, enum node_type type, const struct token *at,
                              struct node *a);
/* A node over a list of children. */
struct node *jinja_node_list(struct parser *p, enum node_type type, const struct token *at,
                             struct nodes items);
struct node *jinja_parse_postfix(struct parser *p, struct node *n);
struct node *jinja_parse_filter_expr(struct parser *p, struct node *n);
struct node *jinja_parse_primary(struct parser *p, bool with_namespace);
struct node *jinja_parse_filter_chain(struct parser *p, struct node *n, bool start_inline);
struct tuple_rule {
  bool simplified, with_cond, explicit_parens, with_namespace;
};
struct node *jinja_parse_tuple(struct parser *p, struct tuple_rule rule);

/* expr.c */
struct node *jinja_parse_expression(struct parser *p, bool with_cond);
struct node *jinja_parse_target(struct parser *p, bool name_only, bool with_namespace);

/* stmt.c */
/* The tags that end a body. */
#define ENDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}
/* A node for the tag, which is taken. */
struct node *jinja_statement_begin(struct parser *p, enum node_type type);
/* jinja_node_up for each node of a list. */
bool jinja_nodes_up(struct parser *p, struct node *n, const struct nodes *l);
struct node *jinja_parse_statement(struct parser *p);
bool jinja_parse_body(struct parser *p, const char *const *ends, struct nodes *out, bool drop_end);
bool jinja_parse_all(struct parser *p);

/* macro.c */
struct node *jinja_parse_macro(struct parser *p);
struct node *jinja_parse_test_block(struct parser *p);
struct node *jinja_parse_docs(struct parser *p);
struct node *jinja_parse_materialization(struct parser *p);
struct node *jinja_parse_call_block(struct parser *p);
struct node *jinja_parse_block(struct parser *p);

/* symbols.c: gives every name its variable. */
bool jinja_bind_symbols(struct parser *p);

/* ---- symbols --------------------------------------------------------------------------------- */

/*
** What symbols.c and scope.c share: the variables of the scopes that are open while names are
** bound.
**
** Ownership: a frame's arrays are rs_malloc'ed and belong to whoever has the frame. All functions
** return false or NULL when memory ran out or the template is wrong; the parser then has the error.
*/

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
bool jinja_node_walk(const struct node *n, walk_fn see, void *ctx);

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
bool jinja_scope_find(const struct frame *f, const struct fn *from, const struct jv_str *name,
                      struct ref *ref);
/* The names that n mentions; in_if: within a branch, which may not run. */
bool jinja_scope_see(struct parser *p, struct frame *f, const struct node *n, bool in_if);
bool jinja_scope_see_list(struct parser *p, struct frame *f, const struct nodes *l, bool in_if);
/* What is assigned to, as parameters or not. */
bool jinja_scope_see_target(struct parser *p, struct frame *f, const struct node *n, bool as_param);
/* A parameter: whatever enters the scope sets it. *slot (may be NULL): its variable. */
bool jinja_scope_see_param(struct parser *p, struct frame *f, const struct jv_str *name,
                           uint32_t *slot);

#endif
