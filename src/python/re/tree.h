/*
** Between the parser of regular expressions and what makes their code: the tree. Included by
** regex_*.c only.
*/
#ifndef RS_PYTHON_RE_TREE_H
#define RS_PYTHON_RE_TREE_H
#include "regex.h"

enum rs_regex_kind {
  K_EMPTY,
  K_CHAR,
  K_ANY,
  K_SET,
  K_CAT,
  K_ALT,
  K_REPEAT,
  K_GROUP,
  K_PLAIN, /* (?:...) */
  K_AT,
  K_REF,
  K_LOOK,
  K_ATOMIC
};
enum rs_regex_how { GREEDY, LAZY, POSSESSIVE };

struct rs_regex_tree {
  enum rs_regex_kind kind;
  struct rs_regex_tree *a;    /* the (first) child */
  struct rs_regex_tree *next; /* the next child of a K_CAT or K_ALT */
  uint32_t c;
  int min, max; /* K_REPEAT; max -1 = no end. K_AT: enum rs_regex_at in min */
  enum rs_regex_how how;
  int group;   /* K_GROUP, K_REF */
  int flags;   /* at this position */
  bool negate; /* K_LOOK */
  bool behind;
  const struct rs_regex_set *set;
};

struct rs_regex_parse {
  const uint32_t *p;
  size_t n, at;
  size_t global_end; /* behind the flags at the start */
  int flags, groups, depth;
  bool open[100]; /* groups that are not closed yet */
  struct rs_arena *arena;
  struct rs_regex *re;
  size_t cap_code, cap_names;
  struct rs_error *e;
};

/* The tree as code, RX_ACCEPT at its end (emit.c). */
enum rs_code rs_regex_emit(struct rs_regex_parse *p, const struct rs_regex_tree *t);
#endif
