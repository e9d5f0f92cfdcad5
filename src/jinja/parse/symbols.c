/*
** Which variable a name means, decided once per template after jinja2/idtracking.py: a name that a
** scope assigns anywhere is a variable of that scope everywhere in it; one that it only reads
** belongs to the nearest scope around it that has it, or to the globals.
**
** Two walks per scope: scope.c collects the names the scope itself mentions (not those of inner
** scopes), `bind` here then gives every name node its slot and opens the inner scopes.
*/
#include "internal.h"

/* ---- does a body mention a name that it does not set first (find_undeclared) --------------- */

struct mention {
  const char *name;
  bool found;
};

/* Ends with the first time that the name is read or set. */
static enum walk see_mention(const struct node *n, void *ctx)
{
  struct mention *m = ctx;
  if (n->type == N_BLOCK) return WALK_SKIP; // a function of its own
  if (n->type == N_NAME && rs_eq(n->u.name.name->s, m->name)) {
    m->found = !n->u.name.store;
    return WALK_STOP;
  }
  if (n->type != N_MACRO && n->type != N_CALLBLOCK) return WALK_ON;
  if (n->type == N_CALLBLOCK && jinja_node_walk(n->u.macro.call, see_mention, m)) return WALK_STOP;
  const struct macro *mac = n->u.macro.macro;
  for (size_t i = 0; i < mac->nargs; i++) {
    if (rs_eq(mac->args[i]->s, m->name)) return WALK_STOP;
  }
  return WALK_ON;
}

static bool mentioned(const struct nodes *body, const char *name)
{
  struct mention m = {.name = name};
  for (size_t i = 0; i < body->n; i++) {
    if (jinja_node_walk(body->v[i], see_mention, &m)) break;
  }
  return m.found;
}

/* ---- binding ------------------------------------------------------------------------------- */

struct binder {
  struct parser *p;
  struct frame *f;
  bool soft; /* in a branch: an unknown filter fails only when it is reached */
};

static bool bind(struct binder *b, struct node *n);

static bool bind_list(struct binder *b, const struct nodes *l)
{
  for (size_t i = 0; i < l->n; i++) {
    if (!bind(b, l->v[i])) return false;
  }
  return true;
}

static bool bind_opt(struct binder *b, struct node *n)
{
  return n == NULL || bind(b, n);
}

/* Moves a frame's loads into the tree and frees the rest. */
static bool frame_end(struct parser *p, struct frame *f, struct scope *s, bool ok)
{
  if (ok && s != NULL && f->nloads > 0) {
    struct load *copy = jinja_alloc(p, f->nloads * sizeof *copy);
    ok = copy != NULL;
    if (ok) {
      memcpy(copy, f->loads, f->nloads * sizeof *copy);
      *s = (struct scope){.loads = copy, .n = f->nloads};
    }
  }
  rs_free(f->v);
  rs_free(f->index);
  rs_free(f->loads);
  return ok && !p->failed;
}

static bool bind_name(struct binder *b, struct node *n)
{
  if (jinja_scope_find(b->f, b->f->fn, n->u.name.name, &n->u.name.ref)) return true;
  jinja_parse_fail(b->p, &(struct token){.line = n->line, .col = n->col}, "name '%s' was not seen",
                   n->u.name.name->s); // can't happen: jinja_scope_see() saw every name
  return false;
}

static bool bind_in(struct binder *b, struct frame *f, const struct nodes *body)
{
  struct binder inner = {.p = b->p, .f = f};
  return bind_list(&inner, body);
}

static bool bind_macro(struct binder *b, struct macro *m)
{
  struct parser *p = b->p;
  struct fn fn = {.up = b->f->fn};
  struct frame f = {.up = b->f, .fn = &fn};
  bool ok = true, own_kwargs = false, own_varargs = false;
  size_t caller_at = (size_t)-1;
  for (size_t i = 0; ok && i < m->nargs; i++) {
    uint32_t slot;
    ok = jinja_scope_see_param(p, &f, m->args[i], &slot);
    if (rs_eq(m->args[i]->s, "caller")) caller_at = i;
    own_kwargs = own_kwargs || rs_eq(m->args[i]->s, "kwargs");
    own_varargs = own_varargs || rs_eq(m->args[i]->s, "varargs");
    if (ok && slot != i) { // the same name twice: Python refuses such a function
      jinja_parse_fail(p, &(struct token){.line = m->line, .col = m->col},
                       "duplicate argument '%s' in function definition", m->args[i]->s);
      ok = false;
    }
  }
  static const char *const names[] = {"caller", "kwargs", "varargs"};
  bool want[3] = {mentioned(&m->body, names[0]), mentioned(&m->body, names[1]) && !own_kwargs,
                  mentioned(&m->body, names[2]) && !own_varargs};
  m->explicit_caller = caller_at != (size_t)-1;
  m->wants_caller = want[0];
  m->wants_kwargs = want[1];
  m->wants_varargs = want[2];
  if (want[0] && m->explicit_caller) {
    if (caller_at + m->defaults.n < m->nargs) {
      jinja_parse_fail(
        p, &(struct token){.line = m->line, .col = m->col},
        "When defining macros or call blocks the special \"caller\" argument must be "
        "omitted or be given a default.");
      ok = false;
    }
    want[0] = false;
    m->caller_slot = (uint32_t)caller_at;
  }
  uint32_t *const slots[] = {&m->caller_slot, &m->kwargs_slot, &m->varargs_slot};
  for (size_t i = 0; ok && i < 3; i++) {
    if (!want[i]) continue;
    const struct jv_str *name = py_str_new(&p->t->arena, names[i], strlen(names[i]));
    ok = name != NULL ? jinja_scope_see_param(p, &f, name, slots[i]) : jinja_parse_nomem(p) != NULL;
  }
  ok = ok && jinja_scope_see_list(p, &f, &m->defaults, false) &&
       jinja_scope_see_list(p, &f, &m->body, false) && bind_in(b, &f, &m->defaults) &&
       bind_in(b, &f, &m->body);
  ok = frame_end(p, &f, &m->fn.scope, ok);
  m->fn.nslots = fn.nslots;
  return ok;
}

/* A scope that is no function: sees `body` (and what the caller saw already), binds it. */
static bool bind_scope(struct binder *b, struct frame *f, const struct nodes *body, struct scope *s)
{
  bool ok = jinja_scope_see_list(b->p, f, body, false) && bind_in(b, f, body);
  return frame_end(b->p, f, s, ok);
}

static enum walk see_scoped_block(const struct node *n, void *ctx)
{
  (void)ctx;
  return n->type == N_BLOCK && n->u.block.block->scoped ? WALK_STOP : WALK_ON;
}

/* *ctx becomes the node that assigns `loop`. */
static enum walk see_loop_stored(const struct node *n, void *ctx)
{
  if (n->type != N_NAME || !n->u.name.store || !rs_eq(n->u.name.name->s, "loop")) return WALK_ON;
  *(const struct node **)ctx = n;
  return WALK_STOP;
}

static bool bind_for(struct binder *b, struct node *n)
{
  struct parser *p = b->p;
  if (!bind(b, n->u.loop.iter)) return false;
  bool recursive = n->flag;
  struct fn fn = {.up = b->f->fn};
  struct frame body = {.up = b->f, .fn = recursive ? &fn : b->f->fn};
  bool ok = true;
  n->u.loop.wants_loop = recursive || mentioned(&n->u.loop.body, "loop") ||
                         jinja_node_walk(n, see_scoped_block, NULL);
  const struct node *stored = NULL;
  if (jinja_node_walk(n, see_loop_stored, &stored)) {
    jinja_parse_fail(p, &(struct token){.line = stored->line, .col = stored->col},
                     "Can't assign to special loop variable in for-loop target");
    return false;
  }
  if (n->u.loop.wants_loop) {
    const struct jv_str *name = py_str_new(&p->t->arena, "loop", 4);
    ok = name != NULL ? jinja_scope_see_param(p, &body, name, &n->u.loop.loop_slot)
                      : jinja_parse_nomem(p) != NULL;
  }
  struct binder in = {.p = p, .f = &body};
  ok = ok && jinja_scope_see_target(p, &body, n->u.loop.target, true) &&
       jinja_scope_see_list(p, &body, &n->u.loop.body, false) && bind(&in, n->u.loop.target) &&
       bind_list(&in, &n->u.loop.body);
  ok = frame_end(p, &body, &n->u.loop.scope, ok);
  if (ok && n->u.loop.test != NULL) {
    struct frame test = {.up = b->f, .fn = body.fn};
    struct binder bt = {.p = p, .f = &test};
    ok = jinja_scope_see_target(p, &test, n->u.loop.test_target, true) &&
         jinja_scope_see(p, &test, n->u.loop.test, false) && bind(&bt, n->u.loop.test_target) &&
         bind(&bt, n->u.loop.test);
    ok = frame_end(p, &test, &n->u.loop.test_scope, ok);
  }
  if (ok && n->u.loop.otherwise.n > 0) {
    struct frame other = {.up = b->f, .fn = body.fn};
    ok = bind_scope(b, &other, &n->u.loop.otherwise, &n->u.loop.else_scope);
  }
  n->u.loop.fn.nslots = fn.nslots;
  return ok;
}

static bool bind_if(struct binder *b, struct node *n)
{
  bool soft = b->soft, ok = true;
  b->soft = true;
  while (ok) {
    struct nodes *no = &n->u.branch.otherwise;
    ok = bind(b, n->u.branch.test) && bind_list(b, &n->u.branch.body);
    if (no->n != 1 || no->v[0]->type != N_IF || !no->v[0]->flag) {
      ok = ok && bind_list(b, no);
      break;
    }
    n = no->v[0];
  }
  b->soft = soft;
  return ok;
}

static bool bind_with(struct binder *b, struct node *n)
{
  if (!bind_list(b, &n->u.with.values)) return false;
  struct frame f = {.up = b->f, .fn = b->f->fn};
  struct binder in = {.p = b->p, .f = &f};
  bool ok = true;
  for (size_t i = 0; ok && i < n->u.with.targets.n; i++) {
    ok = jinja_scope_see_target(b->p, &f, n->u.with.targets.v[i], true);
  }
  ok = ok && jinja_scope_see_list(b->p, &f, &n->u.with.body, false) &&
       bind_list(&in, &n->u.with.targets) && bind_list(&in, &n->u.with.body);
  return frame_end(b->p, &f, &n->u.with.scope, ok);
}

/* What a scoped block may see of the scopes around it. */
static bool block_locals(struct binder *b, struct block *blk)
{
  size_t n = 0;
  for (const struct frame *f = b->f; f != NULL; f = f->up) n += f->n;
  if (n == 0) return true;
  blk->locals = jinja_alloc(b->p, n * sizeof *blk->locals);
  if (blk->locals == NULL) return false;
  for (const struct frame *f = b->f; f != NULL; f = f->up) {
    for (size_t i = 0; i < f->n; i++) {
      if (!f->v[i].stored) continue;
      struct block_local *l = &blk->locals[blk->nlocals];
      l->name = f->v[i].name;
      if (jinja_scope_find(b->f, b->f->fn, l->name, &l->ref)) blk->nlocals++;
    }
  }
  return true;
}

/* The block's position: its body is bound when all else is, as Jinja compiles it. */
static bool bind_block(struct binder *b, struct node *n)
{
  struct block *blk = n->u.block.block;
  return !blk->scoped || block_locals(b, blk);
}

static bool bind_block_body(struct parser *p, struct block *blk)
{
  struct fn fn = {0};
  struct frame f = {.fn = &fn};
  struct binder b = {.p = p, .f = &f};
  blk->uses_self = mentioned(&blk->body, "self");
  blk->uses_super = mentioned(&blk->body, "super");
  bool ok = true;
  if (blk->uses_self) {
    const struct jv_str *name = py_str_new(&p->t->arena, "self", 4);
    ok = name != NULL ? jinja_scope_see_param(p, &f, name, &blk->self_slot)
                      : jinja_parse_nomem(p) != NULL;
  }
  if (ok && blk->uses_super) {
    const struct jv_str *name = py_str_new(&p->t->arena, "super", 5);
    ok = name != NULL ? jinja_scope_see_param(p, &f, name, &blk->super_slot)
                      : jinja_parse_nomem(p) != NULL;
  }
  ok = ok && jinja_scope_see_list(p, &f, &blk->body, false) && bind_list(&b, &blk->body);
  ok = frame_end(p, &f, &blk->fn.scope, ok);
  blk->fn.nslots = fn.nslots;
  return ok;
}

/* Puts the block into the template's list, in the order of the text. */
static enum walk see_block(const struct node *n, void *ctx)
{
  struct parser *p = ctx;
  struct rs_template *t = p->t;
  if (n->type != N_BLOCK) return WALK_ON;
  const char *name = n->u.block.block->name->s;
  for (size_t i = 0; i < t->nblocks; i++) {
    if (!rs_eq(t->blocks[i]->name->s, name)) continue;
    jinja_parse_fail(p, &(struct token){.line = n->line, .col = n->col}, "block '%s' defined twice",
                     name);
    return WALK_STOP;
  }
  t->blocks[t->nblocks++] = n->u.block.block;
  return WALK_ON;
}

static bool list_blocks(struct parser *p)
{
  const struct nodes *body = &p->t->body;
  for (size_t i = 0; p->blocks.n > 0 && i < body->n; i++) {
    if (jinja_node_walk(body->v[i], see_block, p)) return false;
  }
  return true;
}

static bool bind_capture(struct binder *b, struct node *n)
{
  if (n->type == N_SETBLOCK && !bind(b, n->u.set.target)) return false;
  struct frame f = {.up = b->f, .fn = b->f->fn};
  struct binder in = {.p = b->p, .f = &f};
  // a filter's arguments are evaluated where the body is
  bool ok = jinja_scope_see_list(b->p, &f, &n->u.set.body, false) &&
            (n->u.set.filter == NULL || jinja_scope_see(b->p, &f, n->u.set.filter, false)) &&
            bind_list(&in, &n->u.set.body) && bind_opt(&in, n->u.set.filter);
  return frame_end(b->p, &f, &n->u.set.scope, ok);
}

static bool bind_row(struct binder *b, struct node *n)
{
  if (n->u.call.row == NULL && !b->soft) {
    const char *name = n->u.call.name->s, *kind = n->type == N_FILTER ? "filter" : "test";
    const char *near = jinja_filter_nearest(name, n->type == N_FILTER);
    struct token at = {.line = n->line, .col = n->col};
    if (near != NULL) {
      jinja_parse_fail(b->p, &at, "No %s named '%s'. Did you mean '%s'?", kind, name, near);
    } else {
      jinja_parse_fail(b->p, &at, "No %s named '%s'.", kind, name);
    }
    return false;
  }
  const struct call_args *a = &n->u.call.args;
  return bind_opt(b, n->u.call.target) && bind_list(b, &a->pos) && bind_list(b, &a->kwv) &&
         bind_opt(b, a->star) && bind_opt(b, a->star2);
}

static bool bind_cond(struct binder *b, struct node *n)
{
  bool soft = b->soft;
  b->soft = true;
  bool ok = bind(b, n->u.cond.test) && bind(b, n->u.cond.yes) && bind_opt(b, n->u.cond.no);
  b->soft = soft;
  return ok;
}

static bool bind_escape(struct binder *b, struct node *n)
{
  // Jinja wraps the block, its condition included, in a scope
  struct frame f = {.up = b->f, .fn = b->f->fn};
  struct binder in = {.p = b->p, .f = &f};
  bool ok = jinja_scope_see(b->p, &f, n->u.escape.value, false) &&
            jinja_scope_see_list(b->p, &f, &n->u.escape.body, false) &&
            bind(&in, n->u.escape.value) && bind_list(&in, &n->u.escape.body);
  return frame_end(b->p, &f, &n->u.escape.scope, ok);
}

static bool bind(struct binder *b, struct node *n)
{
  switch ((enum node_type)n->type) {
    case N_NAME:
    case N_NSREF: return bind_name(b, n);
    case N_TUPLE:
    case N_LIST:
    case N_DICT:
    case N_CONCAT:
    case N_COMPARE: return bind_list(b, &n->u.items);
    case N_COND:
      return bind_cond(b, n);
    CASE_BINARY:
      return bind(b, n->u.bin.a) && bind(b, n->u.bin.b);
    case N_NOT:
    case N_NEG:
    case N_POS: return bind(b, n->u.bin.a);
    case N_GETATTR:
    case N_GETITEM: return bind(b, n->u.get.obj) && bind_opt(b, n->u.get.arg);
    case N_SLICE:
      return bind_opt(b, n->u.slice.start) && bind_opt(b, n->u.slice.stop) &&
             bind_opt(b, n->u.slice.step);
    case N_CALL:
      return bind(b, n->u.call.target) && bind_list(b, &n->u.call.args.pos) &&
             bind_list(b, &n->u.call.args.kwv) && bind_opt(b, n->u.call.args.star) &&
             bind_opt(b, n->u.call.args.star2);
    case N_FILTER:
    case N_TEST: return bind_row(b, n);
    case N_OUTPUT: return bind_list(b, &n->u.out);
    case N_IF: return bind_if(b, n);
    case N_FOR: return bind_for(b, n);
    case N_SET: return bind(b, n->u.set.value) && bind(b, n->u.set.target);
    case N_SETBLOCK:
    case N_FILTERBLOCK: return bind_capture(b, n);
    case N_MACRO:
      return jinja_scope_find(b->f, b->f->fn, n->u.macro.macro->name, &n->u.macro.ref) &&
             bind_macro(b, n->u.macro.macro);
    case N_CALLBLOCK: return bind(b, n->u.macro.call) && bind_macro(b, n->u.macro.macro);
    case N_WITH: return bind_with(b, n);
    case N_DO:
    case N_LOADER: return bind(b, n->u.expr);
    case N_BLOCK: return bind_block(b, n);
    case N_AUTOESCAPE: return bind_escape(b, n);
    default: return true;
  }
}

bool jinja_bind_symbols(struct parser *p)
{
  struct rs_template *t = p->t;
  struct fn fn = {0};
  struct frame root = {.fn = &fn, .top = true};
  struct binder b = {.p = p, .f = &root};
  bool ok = list_blocks(p);
  t->uses_self = mentioned(&t->body, "self");
  if (ok && t->uses_self) {
    const struct jv_str *name = py_str_new(&t->arena, "self", 4);
    ok = name != NULL ? jinja_scope_see_param(p, &root, name, &t->self_slot)
                      : jinja_parse_nomem(p) != NULL;
  }
  ok = ok && jinja_scope_see_list(p, &root, &t->body, false) && bind_list(&b, &t->body);
  if (ok && p->blocks.n > 0) {
    t->names = jinja_alloc(p, (root.n + 1) * sizeof *t->names);
    ok = t->names != NULL;
    for (size_t i = 0; ok && i < root.n; i++) {
      if (!root.v[i].stored) continue;
      t->names[t->nnames++] = (struct root_name){.name = root.v[i].name, .slot = root.v[i].slot};
    }
  }
  ok = frame_end(p, &root, &t->root.scope, ok);
  t->root.nslots = fn.nslots;
  for (size_t i = 0; ok && i < t->nblocks; i++) ok = bind_block_body(p, t->blocks[i]);
  return ok;
}
