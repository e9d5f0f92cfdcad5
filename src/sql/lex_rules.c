/*
** The engines' rules (see lex_rules.h). DuckDB's, SQLite's and PostgreSQL's are those of their
** scanners, Trino's and Rockset's those of their grammars.
*/
#include "lex_rules.h"

const struct rs_lex_rules rs_lex_rules_duckdb = {
  .e_strings = RS_KNOWN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_KNOWN,
  .nested_comments = RS_KNOWN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_PLAIN,
  .odd_spaces = RS_KNOWN,
  .brackets = RS_PLAIN,
};

const struct rs_lex_rules rs_lex_rules_postgres = {
  .e_strings = RS_KNOWN,
  .backslashes = RS_REFUSED, // standard_conforming_strings is a setting
  .dollar_quotes = RS_KNOWN,
  .nested_comments = RS_KNOWN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_PLAIN,
  .odd_spaces = RS_REFUSED, // bytes of a name
  .brackets = RS_PLAIN,
};

const struct rs_lex_rules rs_lex_rules_trino = {
  .e_strings = RS_PLAIN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_PLAIN,
  .nested_comments = RS_PLAIN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_KNOWN, // one token for the lexer, which only the parser refuses
  .odd_spaces = RS_REFUSED,
  .brackets = RS_PLAIN,
};

const struct rs_lex_rules rs_lex_rules_rockset = {
  .e_strings = RS_PLAIN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_PLAIN,
  .nested_comments = RS_PLAIN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_KNOWN,
  .odd_spaces = RS_REFUSED,
  .brackets = RS_PLAIN,
};

const struct rs_lex_rules rs_lex_rules_sqlite = {
  .e_strings = RS_PLAIN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_PLAIN,
  .nested_comments = RS_PLAIN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_KNOWN,
  .odd_spaces = RS_REFUSED, // bytes of a name
  .brackets = RS_REFUSED,   // [name]
};

const struct rs_lex_rules rs_lex_rules_strict = {.e_strings = RS_REFUSED};
