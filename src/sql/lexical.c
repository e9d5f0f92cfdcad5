/*
** The engines' rules (see lexical.h). DuckDB's and PostgreSQL's are those of their scanners,
** Trino's and Rockset's those of their grammars.
*/
#include "lexical.h"

const struct rs_lexis rs_lexis_duckdb = {
  .e_strings = RS_KNOWN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_KNOWN,
  .nested_comments = RS_KNOWN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_PLAIN,
  .odd_spaces = RS_KNOWN,
  .brackets = RS_PLAIN,
};

const struct rs_lexis rs_lexis_postgres = {
  .e_strings = RS_KNOWN,
  .backslashes = RS_REFUSED, // standard_conforming_strings is a setting
  .dollar_quotes = RS_KNOWN,
  .nested_comments = RS_KNOWN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_PLAIN,
  .odd_spaces = RS_REFUSED, // bytes of a name
  .brackets = RS_PLAIN,
};

const struct rs_lexis rs_lexis_trino = {
  .e_strings = RS_PLAIN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_PLAIN,
  .nested_comments = RS_PLAIN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_KNOWN, // one token for the lexer, which only the parser refuses
  .odd_spaces = RS_REFUSED,
  .brackets = RS_PLAIN,
};

const struct rs_lexis rs_lexis_rockset = {
  .e_strings = RS_PLAIN,
  .backslashes = RS_PLAIN,
  .dollar_quotes = RS_PLAIN,
  .nested_comments = RS_PLAIN,
  .hash_comments = RS_PLAIN,
  .backticks = RS_KNOWN,
  .odd_spaces = RS_REFUSED,
  .brackets = RS_PLAIN,
};

const struct rs_lexis rs_lexis_strict = {.e_strings = RS_REFUSED};
