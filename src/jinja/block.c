/*
** Blocks: {% block x %} renders in place, self.x() renders it again. There is no inheritance here
** (dbt has no loader), so a block is a function without arguments that sees the top-level names.
*/
#include "internal.h"

static enum rs_code run_block(struct rs_python *j, struct act *root, const struct block *b,
                              const jv *locals, struct out *o)
{
  if (b->required) return py_fail(j, "Required block '%s' not found", b->name->s);
  if (j->eval->depth >= j->opt.max_depth) return py_limit(j, "maximum recursion depth exceeded");
  struct act *a = py_alloc(j, sizeof *a);
  jv *slots = py_alloc(j, (b->fn.nslots + 1) * sizeof *slots);
  if (a == NULL || slots == NULL) return py_nomem(j);
  *a = (struct act){.root = root,
                    .t = root->t,
                    .slots = slots,
                    .block = b,
                    .locals = locals,
                    .lenient = root->lenient};
  for (uint32_t i = 0; i < b->fn.nslots; i++) slots[i] = jv_absent();
  jinja_scope_enter(a, &b->fn.scope);
  if (b->uses_self) slots[b->self_slot] = jinja_self_value(j, root);
  if (b->uses_super) {
    struct rs_buf text;
    rs_buf_init(&text, 2000);
    rs_buf_printf(&text, "there is no parent block called '%s'.", b->name->s);
    slots[b->super_slot] = py_undef_hint_buf(j, &text, "super");
  }
  enum flow flow = FLOW_NEXT;
  j->eval->depth++;
  enum rs_code rc = jinja_exec(j, a, &b->body, o, &flow);
  j->eval->depth--;
  return rc;
}

enum rs_code jinja_exec_block(struct rs_python *j, struct act *a, const struct node *n,
                              struct out *o)
{
  const struct block *b = n->u.block.block;
  jv *locals = NULL;
  if (b->scoped && b->nlocals > 0) {
    locals = py_alloc(j, b->nlocals * sizeof *locals);
    if (locals == NULL) return py_nomem(j);
    for (size_t i = 0; i < b->nlocals; i++) {
      struct act *f = a;
      for (uint32_t k = 0; k < b->locals[i].ref.hops; k++) f = f->up;
      locals[i] = f->slots[b->locals[i].ref.slot];
      if (locals[i].kind == JV_PENDING) locals[i] = jv_absent();
    }
  }
  return run_block(j, a->root, b, locals, o);
}

/* ---- self ---------------------------------------------------------------------------------- */

struct block_ref {
  struct act *root;
  const struct block *block;
};

static CLASS_CALL(block_call)
{
  const struct block_ref *r = self;
  struct rs_buf b;
  py_buf_init(j, &b);
  struct out o = {.buf = &b};
  enum rs_code rc = run_block(j, r->root, r->block, NULL, &o);
  if (rc == RS_OK) rc = jinja_out_end(j, &o, r->root->t);
  return py_str_end(j, rc, &b, j->eval->autoescape ? STR_MARKUP : STR_PLAIN, out);
}

static CLASS_GETATTR(block_getattr)
{
  const struct block_ref *r = self;
  if (rs_eqn("name", name, n)) {
    *out = jv_of_str(r->block->name);
    return RS_OK;
  }
  if (!rs_eqn("super", name, n)) return RS_NOT_FOUND;
  struct rs_buf text;
  rs_buf_init(&text, 2000);
  rs_buf_printf(&text, "there is no parent block called '%s'.", r->block->name->s);
  *out = py_undef_hint_buf(j, &text, "super");
  return RS_OK;
}

static const struct jv_class block_class = {
  .name = "BlockReference", .getattr = block_getattr, .call = block_call};

static CLASS_GETITEM(self_getitem)
{
  struct act *root = self;
  for (size_t i = 0; key.kind == JV_STR && i < root->t->nblocks; i++) {
    const struct block *b = root->t->blocks[i];
    if (strcmp(b->name->s, key.u.str->s) != 0) continue;
    struct block_ref *r = py_alloc(j, sizeof *r);
    if (r == NULL) return py_nomem(j);
    *r = (struct block_ref){.root = root, .block = b};
    *out = jv_object(j, &block_class, r);
    return RS_OK;
  }
  return RS_NOT_FOUND;
}

static CLASS_TEXT(self_str)
{
  rs_buf_str(b, "<TemplateReference None>");
  return RS_OK;
}

static const struct jv_class self_class = {
  .name = "TemplateReference", .getitem = self_getitem, .str = self_str};

jv jinja_self_value(struct rs_python *j, struct act *root)
{
  return jv_object(j, &self_class, root);
}
