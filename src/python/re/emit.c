/*
** Trees of regular expressions as code for the matcher (regex.h). Counted repetition is written
** out, within RS_REGEX_CODE_MAX instructions.
*/
#include <string.h>
#include "tree.h"

static enum rs_code emit(struct rs_regex_parse *p, struct rs_regex_insn i, size_t *at)
{
  struct rs_regex *re = p->re;
  if (re->n >= RS_REGEX_CODE_MAX)
    return rs_fail(p->e, RS_LIMIT, "a regular expression is too large: its repetitions multiply");
  if (re->n == p->cap_code) {
    size_t cap = p->cap_code * 2 + 32;
    struct rs_regex_insn *code = rs_arena_alloc(p->arena, cap * sizeof *code);
    if (code == NULL) return rs_fail(p->e, RS_LIMIT, "a regular expression takes too much memory");
    if (re->n > 0) memcpy(code, re->code, re->n * sizeof *code);
    re->code = code;
    p->cap_code = cap;
  }
  if (at != NULL) *at = re->n;
  re->code[re->n++] = i;
  return RS_OK;
}

/* How many characters it always matches, -1 when that differs. */
static int width(const struct rs_regex_tree *t)
{
  int all = 0, one;
  switch (t->kind) {
    case K_CHAR:
    case K_ANY:
    case K_SET: return 1;
    case K_EMPTY:
    case K_AT:
    case K_LOOK: return 0;
    case K_REF: return -1;
    case K_GROUP:
    case K_PLAIN:
    case K_ATOMIC: return width(t->a);
    case K_REPEAT: one = width(t->a); return one < 0 || t->min != t->max ? -1 : one * t->min;
    case K_ALT:
      all = width(t->a);
      for (const struct rs_regex_tree *c = t->a->next; c != NULL; c = c->next)
        if (width(c) != all) return -1;
      return all;
    case K_CAT:
      for (const struct rs_regex_tree *c = t->a; c != NULL; c = c->next) {
        one = width(c);
        if (one < 0) return -1;
        all += one;
      }
      return all;
  }
  return -1;
}

static enum rs_code emit_tree(struct rs_regex_parse *p, const struct rs_regex_tree *t);

static int here(const struct rs_regex_parse *p)
{
  return (int)p->re->n;
}

static enum rs_code emit_alternatives(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  size_t first_jump = (size_t)-1; // the jumps to the end are linked through x
  for (const struct rs_regex_tree *c = t->a; c != NULL; c = c->next) {
    size_t split = 0, jump;
    enum rs_code rc = RS_OK;
    if (c->next != NULL)
      rc = emit(p, (struct rs_regex_insn){.op = RX_SPLIT, .x = here(p) + 1}, &split);
    if (rc == RS_OK) rc = emit_tree(p, c);
    if (rc == RS_OK && c->next != NULL) {
      rc = emit(p, (struct rs_regex_insn){.op = RX_JUMP, .x = (int)first_jump}, &jump);
      if (rc != RS_OK) return rc;
      first_jump = jump;
      p->re->code[split].y = here(p);
    }
    if (rc != RS_OK) return rc;
  }
  while (first_jump != (size_t)-1) {
    int before = p->re->code[first_jump].x;
    p->re->code[first_jump].x = here(p);
    first_jump = before < 0 ? (size_t)-1 : (size_t)before;
  }
  return RS_OK;
}

static struct rs_regex_insn split_to(int body, int after, bool lazy)
{
  return (struct rs_regex_insn){.op = RX_SPLIT, .x = lazy ? after : body, .y = lazy ? body : after};
}

/* x*: L: split body, end; body; jump L. A round that matches nothing ends the loop. */
static enum rs_code emit_loop(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  size_t split;
  int mark = p->re->registers, start = here(p);
  bool lazy = t->how == LAZY, may_be_empty = width(t->a) <= 0;
  enum rs_code rc = emit(p, (struct rs_regex_insn){.op = RX_SPLIT}, &split);
  if (may_be_empty) p->re->registers++;
  if (rc == RS_OK && may_be_empty)
    rc = emit(p, (struct rs_regex_insn){.op = RX_MARK, .x = mark}, NULL);
  if (rc == RS_OK) rc = emit_tree(p, t->a);
  if (rc == RS_OK && may_be_empty)
    rc = emit(p, (struct rs_regex_insn){.op = RX_MOVED, .x = mark}, NULL);
  if (rc == RS_OK) rc = emit(p, (struct rs_regex_insn){.op = RX_JUMP, .x = start}, NULL);
  if (rc == RS_OK) p->re->code[split] = split_to((int)split + 1, here(p), lazy);
  return rc;
}

static enum rs_code emit_repeat(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  size_t atomic = 0;
  enum rs_code rc = RS_OK;
  if (t->how == POSSESSIVE) rc = emit(p, (struct rs_regex_insn){.op = RX_ATOMIC}, &atomic);
  for (int i = 0; rc == RS_OK && i < t->min; i++) rc = emit_tree(p, t->a);
  if (rc == RS_OK && t->max < 0) rc = emit_loop(p, t);
  // x{0,3}: each of the optional ones may end it
  size_t first = (size_t)-1;
  for (int i = t->min; rc == RS_OK && i < t->max; i++) {
    size_t split;
    rc = emit(p, split_to(here(p) + 1, (int)first, t->how == LAZY), &split);
    if (rc == RS_OK) rc = emit_tree(p, t->a);
    first = split;
  }
  while (rc == RS_OK && first != (size_t)-1) {
    struct rs_regex_insn *split = &p->re->code[first];
    int *after = t->how == LAZY ? &split->x : &split->y;
    first = *after < 0 ? (size_t)-1 : (size_t)*after;
    *after = here(p);
  }
  if (rc == RS_OK && t->how == POSSESSIVE) {
    rc = emit(p, (struct rs_regex_insn){.op = RX_ACCEPT}, NULL);
    p->re->code[atomic].x = here(p);
  }
  return rc;
}

static enum rs_code emit_look(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  size_t at;
  int back = -1;
  if (t->kind == K_LOOK && t->behind) {
    back = width(t->a);
    if (back < 0) return rs_fail(p->e, RS_INVALID, "look-behind requires fixed-width pattern");
  }
  struct rs_regex_insn i = {
    .op = t->kind == K_LOOK ? RX_LOOK : RX_ATOMIC, .y = back, .negate = t->negate};
  enum rs_code rc = emit(p, i, &at);
  if (rc == RS_OK) rc = emit_tree(p, t->a);
  if (rc == RS_OK) rc = emit(p, (struct rs_regex_insn){.op = RX_ACCEPT}, NULL);
  if (rc == RS_OK) p->re->code[at].x = here(p);
  return rc;
}

static enum rs_code emit_tree(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  struct rs_regex_insn i = {.c = t->c,
                            .set = t->set,
                            .ignore_case = (t->flags & RS_RE_IGNORECASE) != 0,
                            .dotall = (t->flags & RS_RE_DOTALL) != 0,
                            .ascii = (t->flags & RS_RE_ASCII) != 0};
  enum rs_code rc = RS_OK;
  switch (t->kind) {
    case K_EMPTY: return RS_OK;
    case K_CHAR: i.op = RX_CHAR; return emit(p, i, NULL);
    case K_ANY: i.op = RX_ANY; return emit(p, i, NULL);
    case K_SET: i.op = RX_SET; return emit(p, i, NULL);
    case K_AT:
      i.op = RX_AT;
      i.x = t->min;
      return emit(p, i, NULL);
    case K_REF:
      i.op = RX_BACKREF;
      i.x = t->group;
      return emit(p, i, NULL);
    case K_CAT:
      for (const struct rs_regex_tree *c = t->a; rc == RS_OK && c != NULL; c = c->next)
        rc = emit_tree(p, c);
      return rc;
    case K_ALT: return emit_alternatives(p, t);
    case K_REPEAT: return emit_repeat(p, t);
    case K_PLAIN: return emit_tree(p, t->a);
    case K_LOOK:
    case K_ATOMIC: return emit_look(p, t);
    case K_GROUP:
      i.op = RX_SAVE;
      i.x = 2 * t->group;
      rc = emit(p, i, NULL);
      if (rc == RS_OK) rc = emit_tree(p, t->a);
      i.x++;
      return rc == RS_OK ? emit(p, i, NULL) : rc;
  }
  return RS_OK;
}

enum rs_code rs_regex_emit(struct rs_regex_parse *p, const struct rs_regex_tree *t)
{
  enum rs_code rc = emit_tree(p, t);
  return rc == RS_OK ? emit(p, (struct rs_regex_insn){.op = RX_ACCEPT}, NULL) : rc;
}
