/*
** What SQL texts look like to one engine: where a string, a quoted name or a comment begins and
** ends. The lexer (lexer.h) judges a text by the rules of the engine that it is for, since a text
** that is closed for us and open for the engine could break out of `SELECT * FROM (...)`.
**
** A dialect row points to one of these. Pure data.
*/
#ifndef RS_SQL_LEX_RULES_H
#define RS_SQL_LEX_RULES_H

/* How a construct is read. 0 is the safe one: what a row leaves out is refused. */
enum rs_reading {
  RS_REFUSED, /* engines, settings or versions differ: an error */
  RS_PLAIN,   /* means nothing to this engine: its characters are ordinary ones */
  RS_KNOWN    /* means what is said below */
};

struct rs_lex_rules {
  enum rs_reading e_strings;     /* E'..' takes backslash escapes. Refused: any name directly in
                                      front of a string, since r'..', q'[..]' are some engines' */
  enum rs_reading backslashes;   /* so do '..' and "..". Refused: one in front of a quote */
  enum rs_reading dollar_quotes; /* $$..$$, $tag$..$tag$. Refused: also `$` within a name */
  enum rs_reading
    nested_comments;             /* each begin of a block comment wants an end of its own. Refused:
                                      a second begin, and the comments that some engines run */
  enum rs_reading hash_comments; /* # to the line's end. Refused: also // and -- without a blank
                                      behind it, and a line that ends in a lone carriage return */
  enum rs_reading backticks;     /* `name`, a doubled ` inside */
  enum rs_reading odd_spaces;    /* Unicode spaces are blanks. Refused: outside of strings, as are
                                      control characters */
  enum rs_reading brackets;      /* never KNOWN. Refused: [ since it quotes a name for some */
};

extern const struct rs_lex_rules rs_lex_rules_sqlite, rs_lex_rules_duckdb, rs_lex_rules_postgres,
  rs_lex_rules_trino, rs_lex_rules_rockset;
/* For engines that nobody has described: whatever they could read in different ways is refused. */
extern const struct rs_lex_rules rs_lex_rules_strict;
#endif
