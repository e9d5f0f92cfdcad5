/*
** Matching a regular expression's code (regex.h): backtracking with a stack of its own.
**
** The stack holds what to try next and, in between, what registers were: going back undoes them.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/python/unicode.h"
#include "regex.h"

#define POLL_STEPS 4096

struct entry {
  int pc; /* >= 0: go on there at `at`; < 0: register -pc - 1 was `at` */
  int64_t at;
};

struct machine {
  const struct rs_regex_run *run;
  int64_t *regs;
  struct entry *stack;
  size_t n, cap;
  uint64_t steps;
  int64_t start;
  struct rs_error *e;
};

bool rs_regex_class(char cls, uint32_t c, bool ascii)
{
  if (c < 0x80 || ascii) {
    if (c >= 0x80) return false;
    bool digit = c >= '0' && c <= '9';
    if (cls == 'd') return digit;
    if (cls == 's') return c == ' ' || (c >= 9 && c <= 13) || (!ascii && c >= 0x1C && c <= 0x1F);
    return digit || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  if (cls == 'd') return uni_decimal(c);
  return cls == 's' ? uni_space(c) : uni_alnum(c);
}

static uint32_t lower(uint32_t c, bool ascii)
{
  uint32_t out[3];
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return !ascii && uni_to_lower(c, out) == 1 ? out[0] : c;
}

static bool in_set(const struct rs_regex_set *s, uint32_t c, bool ascii)
{
  for (size_t i = 0; i < s->n; i++)
    if (c >= s->ranges[2 * i] && c <= s->ranges[2 * i + 1]) return true;
  for (const char *cls = s->classes; *cls != 0; cls++) {
    bool upper = *cls >= 'A' && *cls <= 'Z';
    if (rs_regex_class(upper ? (char)(*cls + 32) : *cls, c, ascii) != upper) return true;
  }
  return false;
}

static bool matches_set(const struct rs_regex_insn *i, uint32_t c)
{
  bool in = in_set(i->set, c, i->ascii);
  if (!in && i->ignore_case) {
    uint32_t up[3], low = lower(c, i->ascii);
    in = in_set(i->set, low, i->ascii);
    if (!in && (c < 0x80 || !i->ascii) && uni_to_upper(low, up) == 1)
      in = in_set(i->set, up[0], i->ascii);
  }
  return in != i->set->negate;
}

static bool same(const struct rs_regex_insn *i, uint32_t a, uint32_t b)
{
  return a == b || (i->ignore_case && lower(a, i->ascii) == lower(b, i->ascii));
}

static bool is_at(const struct machine *m, const struct rs_regex_insn *i, int64_t at)
{
  const uint32_t *t = m->run->text;
  int64_t end = (int64_t)m->run->end;
  bool before, after;
  switch ((enum rs_regex_at)i->x) {
    case RX_START: return at == 0;
    case RX_LINE_START: return at == 0 || t[at - 1] == '\n';
    case RX_FINAL: return at == end;
    case RX_END: return at == end || (at == end - 1 && t[at] == '\n');
    case RX_LINE_END: return at == end || t[at] == '\n';
    case RX_WORD:
    case RX_NOT_WORD:
      before = at > 0 && rs_regex_class('w', t[at - 1], i->ascii);
      after = at < end && rs_regex_class('w', t[at], i->ascii);
      return (before != after) == (i->x == RX_WORD);
  }
  return false;
}

static enum rs_code push(struct machine *m, int pc, int64_t at)
{
  if ((m->n + 1) * sizeof *m->stack > RS_REGEX_STACK_MAX)
    return rs_fail(m->e, RS_LIMIT, "a regular expression goes back too often on this text");
  if (!rs_grow(&m->stack, &m->cap, m->n + 1, sizeof *m->stack)) return rs_nomem(m->e);
  m->stack[m->n++] = (struct entry){.pc = pc, .at = at};
  return RS_OK;
}

static enum rs_code set_register(struct machine *m, int r, int64_t value)
{
  enum rs_code rc = push(m, -r - 1, m->regs[r]);
  m->regs[r] = value;
  return rc;
}

/* Back to the last choice above `base`; false when there is none. */
static bool go_back(struct machine *m, size_t base, int *pc, int64_t *at)
{
  while (m->n > base) {
    struct entry top = m->stack[--m->n];
    if (top.pc >= 0) {
      *pc = top.pc;
      *at = top.at;
      return true;
    }
    m->regs[-top.pc - 1] = top.at;
  }
  return false;
}

/* What a finished look-around chose stays; its other choices go. */
static void forget_choices(struct machine *m, size_t base)
{
  size_t n = base;
  for (size_t i = base; i < m->n; i++)
    if (m->stack[i].pc < 0) m->stack[n++] = m->stack[i];
  m->n = n;
}

static int64_t backref(const struct machine *m, const struct rs_regex_insn *i, int64_t at)
{
  int64_t from = m->regs[2 * i->x], to = m->regs[2 * i->x + 1];
  if (from < 0 || to < from || at + (to - from) > (int64_t)m->run->end) return -1;
  for (; from < to; from++, at++)
    if (!same(i, m->run->text[from], m->run->text[at])) return -1;
  return at;
}

static enum rs_code run_from(struct machine *m, int pc, int64_t at, bool outer, int64_t *end);

/* A look-around or an atomic group; *at moves behind the latter, is -1 when it fails. */
static enum rs_code inner(struct machine *m, const struct rs_regex_insn *i, int pc, int64_t *at)
{
  size_t base = m->n;
  int64_t from = i->op == RX_LOOK && i->y >= 0 ? *at - i->y : *at, end = -1;
  enum rs_code rc = from < 0 ? RS_NOT_FOUND : run_from(m, pc + 1, from, false, &end);
  if (rc != RS_OK && rc != RS_NOT_FOUND) return rc;
  bool found = rc == RS_OK;
  if (i->op == RX_LOOK && i->negate) {
    int dummy_pc;
    int64_t dummy_at;
    while (go_back(m, base, &dummy_pc, &dummy_at)) {
    }
    if (found) *at = -1;
    return RS_OK;
  }
  if (!found) *at = -1;
  else if (i->op == RX_ATOMIC) *at = end;
  forget_choices(m, base);
  return RS_OK;
}

/* One instruction that looks at a character or a position: the position behind it, or -1. */
static int64_t step(const struct machine *m, const struct rs_regex_insn *i, int64_t at)
{
  bool has = at < (int64_t)m->run->end;
  uint32_t c = has ? m->run->text[at] : 0;
  switch (i->op) {
    case RX_CHAR: return has && same(i, i->c, c) ? at + 1 : -1;
    case RX_ANY: return has && (i->dotall || c != '\n') ? at + 1 : -1;
    case RX_SET: return has && matches_set(i, c) ? at + 1 : -1;
    case RX_AT: return is_at(m, i, at) ? at : -1;
    case RX_BACKREF: return backref(m, i, at);
    case RX_MOVED: return m->regs[i->x] != at ? at : -1;
    default: return -1;
  }
}

/* outer: the whole pattern, not a look-around. */
static enum rs_code run_from(struct machine *m, int pc, int64_t at, bool outer, int64_t *end)
{
  size_t base = m->n;
  enum rs_code rc = RS_OK;
  while (rc == RS_OK) {
    if (++m->steps % POLL_STEPS == 0 && m->run->poll != NULL)
      rc = m->run->poll(m->run->ctx, POLL_STEPS);
    if (rc != RS_OK) break;
    const struct rs_regex_insn *i = &m->run->re->code[pc];
    switch (i->op) {
      case RX_SPLIT:
        rc = push(m, i->y, at);
        pc = i->x;
        continue;
      case RX_JUMP: pc = i->x; continue;
      case RX_MARK:
      case RX_SAVE:
        rc = set_register(m, i->x, at);
        pc++;
        continue;
      case RX_LOOK:
      case RX_ATOMIC:
        rc = inner(m, i, pc, &at);
        pc = i->x;
        break;
      case RX_ACCEPT:
        *end = at;
        if (!outer ||
            ((!m->run->full || at == (int64_t)m->run->end) && (!m->run->some || at != m->start)))
          return RS_OK;
        at = -1;
        break;
      default: at = step(m, i, at); pc++;
    }
    if (rc == RS_OK && at < 0 && !go_back(m, base, &pc, &at)) return RS_NOT_FOUND;
  }
  return rc;
}

enum rs_code rs_regex_match(const struct rs_regex_run *run, size_t at, int64_t *regs,
                            struct rs_error *e)
{
  struct machine m = {.run = run, .regs = regs, .start = (int64_t)at, .e = e};
  for (int i = 0; i < run->re->registers; i++) regs[i] = -1;
  int64_t end = -1;
  enum rs_code rc = run_from(&m, 0, (int64_t)at, true, &end);
  if (rc == RS_OK) {
    regs[0] = (int64_t)at;
    regs[1] = end;
  }
  rs_free(m.stack);
  return rc;
}
