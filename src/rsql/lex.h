/*
** The lexer of Rockset SQL: one token at a time, without memory of its own.
**
** The text is borrowed, valid UTF-8 without NUL bytes. Nothing blocks; nothing is allocated but by
** rs_rsql_decode.
*/
#ifndef RS_RSQL_LEX_H
#define RS_RSQL_LEX_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/arena.h"

enum rsql_tok {
  TK_END,
  TK_WORD,    /* keyword or name */
  TK_QUOTED,  /* "name" or `name` */
  TK_STRING,  /* '..' */
  TK_USTRING, /* U&'..' */
  TK_HEX,     /* X'..' */
  TK_INT,
  TK_FLOAT,
  TK_OP, /* `op` says which */
  TK_BAD /* `why` says what is wrong */
};

enum {
  OP_NE = 256, /* <> != */
  OP_LE,
  OP_GE,
  OP_CAST,   /* :: */
  OP_CONCAT, /* || */
  OP_ARROW,  /* -> */
  OP_ARROW2, /* ->> */
  OP_IDIV,   /* // */
  OP_ASSIGN  /* := */
};

struct rsql_token {
  enum rsql_tok kind;
  int op; /* a character, or one of the above */
  size_t start, end;
  const char *why;
  bool open; /* TK_BAD: something is not closed */
};

struct rsql_lex {
  const char *p;
  size_t n, i;
};

void rs_rsql_lex(struct rsql_lex *x, struct rsql_token *t);
/* The contents of a TK_QUOTED or TK_STRING, quotes undoubled; NULL: out of memory. */
char *rs_rsql_decode(const struct rsql_lex *x, const struct rsql_token *t, struct rs_arena *a);
/* Is it this word (given in upper case)? */
bool rs_rsql_is_word(const struct rsql_lex *x, const struct rsql_token *t, const char *upper);
#endif
