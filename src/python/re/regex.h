/*
** Regular expressions with Python's syntax and meaning, for `modules.re`.
**
** Backtracking over a small program; texts are code points, positions too. What it knows: literals,
** classes, groups (captures, names, scoped flags), greedy, lazy and possessive repetition,
** alternatives, backreferences, look-ahead, look-behind of fixed width, the flags A I M S X.
** Conditional groups and locale matching are errors of the pattern.
**
** Why not PCRE2 (10.42 was tried): of 60 patterns 20 meant something else there, since Python
** refuses what Perl knows (\h, \R, \K, \p, (?<name>), flags in the middle, look-behind of two
** widths) and knows what Perl refuses or reads otherwise ({,3}, \Z, \u0041, \N{DIGIT ONE}, (?a)).
** Our parser would have to stay in front of it, and match.c and emit.c are all that could go, for a
** library of 630 KB. A match of PCRE2's can't be interrupted, and its steps are not those of the
** template.
**
** Time is bounded by the caller: every few thousand steps `poll` is asked whether to go on. Memory
** of one match is bounded (RS_REGEX_STACK_MAX). No recursion but in nested look-arounds, whose
** depth the parser bounds.
**
** Ownership: a program lives in the arena given. Threads: a program is immutable.
*/
#ifndef RS_PYTHON_RE_REGEX_H
#define RS_PYTHON_RE_REGEX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/arena.h"
#include "src/base/error.h"

enum {
  RS_RE_IGNORECASE = 2,
  RS_RE_LOCALE = 4,
  RS_RE_MULTILINE = 8,
  RS_RE_DOTALL = 16,
  RS_RE_UNICODE = 32,
  RS_RE_VERBOSE = 64,
  RS_RE_ASCII = 256
};
#define RS_REGEX_STACK_MAX ((size_t)32 << 20)
#define RS_REGEX_CODE_MAX 200000
#define RS_REGEX_DEPTH_MAX 200

enum rs_regex_op {
  RX_CHAR,
  RX_ANY,
  RX_SET,
  RX_SPLIT, /* x first, then y */
  RX_JUMP,
  RX_SAVE,
  RX_AT, /* enum rs_regex_at in x */
  RX_BACKREF,
  RX_LOOK,   /* x: where it goes on; y: width to step back, -1 = ahead; negate */
  RX_ATOMIC, /* x: where it goes on */
  RX_MARK,   /* the position into register x: a loop begins a round */
  RX_MOVED,  /* fails when the round that register x began was empty */
  RX_ACCEPT
};

enum rs_regex_at { RX_START, RX_LINE_START, RX_END, RX_LINE_END, RX_FINAL, RX_WORD, RX_NOT_WORD };

struct rs_regex_set {
  const uint32_t *ranges; /* pairs */
  size_t n;
  const char *classes; /* of d D w W s S */
  bool negate;
};

struct rs_regex_insn {
  enum rs_regex_op op;
  int x, y;
  uint32_t c;
  const struct rs_regex_set *set;
  bool ignore_case, dotall, ascii, negate;
};

struct rs_regex_name {
  const char *name;
  int group;
};

struct rs_regex {
  struct rs_regex_insn *code;
  size_t n;
  int groups;    /* captures, without group 0 */
  int registers; /* 2 * (groups + 1), then the loops' */
  int flags;
  struct rs_regex_name *names;
  size_t nnames;
};

/* Errors in Python's words, with the position: "missing ), unterminated subpattern at
** position 0". */
enum rs_code rs_regex_compile(const uint32_t *pattern, size_t n, int flags, struct rs_arena *a,
                              struct rs_regex **pr, struct rs_error *e);

struct rs_regex_run {
  const struct rs_regex *re;
  const uint32_t *text;
  size_t from, end; /* text beyond `end` is not there */
  bool full;        /* must end at `end` */
  bool some;        /* must not be empty */
  /* May stop a long match; called every few thousand steps with their number. */
  enum rs_code (*poll)(void *ctx, uint64_t steps);
  void *ctx;
};
/* Tries to match at `at` only. regs: re->registers positions, -1 where a group took no part.
** RS_NOT_FOUND = no match. */
enum rs_code rs_regex_match(const struct rs_regex_run *run, size_t at, int64_t *regs,
                            struct rs_error *e);
/* Is c a member of class `cls` ('d', 'w' or 's')? */
bool rs_regex_class(char cls, uint32_t c, bool ascii);
#endif
