/*
** Dialects: how one engine spells what we send. A dialect is a row of data, and this file's
** functions are the only place where identifiers, relations, literals and parameter markers become
** SQL text.
**
** Pure data and text; nothing blocks.
*/
#ifndef RS_SQL_DIALECT_H
#define RS_SQL_DIALECT_H
#include <stdbool.h>
#include <stddef.h>
#include "src/base/buf.h"
#include "forms.h"
#include "lex_rules.h"
#include "src/value/value.h"

/* A type of the engine by its own name, and how its values are asked for. */
struct rs_native {
  const char *name; /* "" ends the list: whatever it does not name. A final * stands for any rest */
  int type;         /* an enum rs_type; -1: the one that the driver gives */
  /* "CAST(%s AS text)": what a query selects instead, since the driver's own form of it would be
  ** lost or wrong; NULL: the column as it is. */
  const char *select;
};

/* How the way to a value inside of a column is written. */
enum rs_path_style {
  RS_PATH_NONE,     /* there are no path columns */
  RS_PATH_DOTS,     /* $."geo"[0] */
  RS_PATH_BRACKETS, /* $["geo"][0] */
  RS_PATH_ARRAY,    /* {"geo",0} */
  RS_PATH_FIELDS    /* "address"."geo"[1]: no function; %s is all of it */
};

struct rs_calls;
extern const struct rs_calls rs_calls_duckdb, rs_calls_postgres, rs_calls_sqlite, rs_calls_trino;

struct rs_dialect {
  const char *name;               /* "duckdb", "rockset", "trino", "postgres", "sqlite", "ansi" */
  const struct rs_lex_rules *lex; /* how the engine reads a text; NULL: rs_lex_rules_strict */
  const struct rs_calls *calls;   /* what its functions do (callable.h); NULL: not known */
  const struct rs_forms *forms;   /* for Rockset SQL; NULL: rs_forms_standard */
  /* Expression templates: %s is the quoted column. NULL = the engine has no such thing. */
  const char *is_nan; /* "isnan(%s)"; NULL: floats are never NaN */
  /* "CAST(%s AS text) COLLATE \"C\"": a text that compares and sorts by its bytes, where the column
  ** itself may not. NULL: the column does. */
  const char *as_binary;
  const char *as_text;   /* "CAST(%s AS VARCHAR)" */
  const char *as_double; /* "CAST(%s AS DOUBLE)" */
  const char *as_int;    /* "CAST(%s AS INTEGER)": a boolean as 0/1 */
  /* "encode(%s)": a text's UTF-8 bytes, comparable with a BYTES parameter */
  const char *text_bytes;
  /* "coalesce(%s, true)": a comparison that is true where it is NULL, for engines whose OR of NULL
  ** and true is NULL. NULL: OR does it. */
  const char *or_null;
  const char *lower; /* "lower(%s)", character by character; NULL: LIKE and GLOB stay local */
  /* Values inside of a column (pushdown/path.c). path_text is a value's text, NULL where there is
  ** none: %s stands for the column as json_of makes it, or json_of_text where it holds texts (NULL:
  ** these are no JSON), %p for the literal of the path. path_types make a value of that text, %s.
  ** */
  enum rs_path_style path_style;
  const char *json_of, *json_of_text; /* "to_json(%s)" */
  const char *path_text;              /* "json_extract_string(%s, %p)" */
  const char *path_types[RS_T_OTHER + 1];
  /* "union_extract(%s, %s)": the value of a column of several types where it is of the member of
  ** that name, a literal; else NULL. NULL: there are no such columns. */
  const char *member;
  const char *distinct_count; /* "approx_count_distinct(%s)"; NULL: count(DISTINCT %s) */
  /* "SHOW STATS FOR ": what the engine has stored about the relation behind it, as rows of a
  ** column's name (NULL: the whole relation), its size, distinct values, share of NULLs, rows; NULL
  ** where it does not know. NULL: it stores nothing that can be asked. */
  const char *stored_statistics;
  /* True for at least every text that SQLite reads as a number ('10', ' 1.5e3 '). */
  const char *like_number;
  /* "%s IN (SELECT unnest(%s))": column, marker of one RS_LIST parameter. NULL: literals only. */
  const char *in_list;
  /* Literals. A blob is blob_open, two hex digits per byte each behind blob_byte, blob_close. */
  const char *blob_open, *blob_byte, *blob_close;
  const char *nan, *inf, *minus_inf;  /* whole expressions */
  const char *json_open, *json_close; /* around the quoted text of an RS_JSON value */
  /* A NUL inside a text: 'ab' <nul> 'cd' ("||chr(0)||"). NULL: the text is sent as it is. */
  const char *nul;
  bool numbered_params; /* $1, $2 ...; else ? */
  const char *param;    /* in front of the number instead of $; NULL: $ */
  bool text_is_binary;  /* text compares and sorts by its UTF-8 bytes, as SQLite's BINARY */
  bool nulls_order;     /* knows NULLS FIRST / NULLS LAST */
  /* Infinities arrive as NULL, as NaN does: is_nan tests for both. */
  bool no_infinity;
  /* as_text of a time, of a date with time, is not the text that SQLite gets (a T, digits) */
  bool no_time_text;
  /* Compares dates, and dates with times, with DATE '...' and TIMESTAMP '...'
  ** (pushdown/times.c). */
  bool time_values;
  /* In front of the quoted text of a date with time, where a text is not taken for one; NULL: none
  */
  const char *time_literal;
  bool transactional_ddl;
  bool lower_names; /* names of columns are kept in lower case, however they are written */
  /* Values are written into the statement, as literals: the engine collects the whole result of one
  ** with parameters before it gives the first row. */
  bool literals;
  /* CREATE OR REPLACE VIEW may not change its columns, and DROP fails while a view reads it. */
  bool bound_views;
  /* Names the types of nested columns in full (STRUCT(...), UNION(...), T[]), and list_transform,
  ** flatten and lambdas take their values apart. */
  bool nested_types;
  /* Scalars of several types, and JSON, go as JSON texts into a table that is made of rows. */
  bool mixed_json;
  /* A statement, %s, whose error ends no transaction and is ignored (bound_views). */
  const char *attempt;
  /* A column takes values of all kinds and compares them as SQLite does; nothing needs a cast. */
  bool any_values;
  /* CREATE VIEW and CREATE TABLE AS have neither OR REPLACE nor brackets around the query, DELETE
  ** no USING. */
  bool plain_create;
  const char *temp; /* the schema that temporary tables are found in; NULL: there are none */
  /* "left(%s, 1)", "substr(%s, 2)": the first character of a text, and the rest */
  const char *first_char, *rest_chars;
  /* "to_jsonb(%s)": a text as a JSON value. NULL: such columns are no JSON */
  const char *json_text;
  /* "%s::jsonb": JSON text as a value of the column's type, which is an array's; second %s: it */
  const char *json_array;
  const char *const *session; /* statements for a new connection; NULL-terminated; NULL: none */
  const char *reads_only;     /* makes a transaction that has begun one that only reads; or NULL */
  const char *use_workspace;  /* one more: %s is the profile's workspace. NULL: none */
  const struct rs_native *natives; /* NULL: as the driver gives them */
  /* An option of an ADBC statement that is set to "false" for rows of what is no query. */
  const char *query_option;
  /* Names of column types for CREATE TABLE, by enum rs_type (NULL: not storable). */
  const char *type_names[RS_T_OTHER + 1];
  /* Of documents: a text that no other one has, this moment as a date with time in UTC, and
  ** microseconds since 1970 as one ("make_timestamp(%s)"). NULL: none of the three. */
  const char *new_id, *now, *from_micros;
  /* What stands behind the text of a time in UTC to make a TIMESTAMPTZ of it; NULL: nothing. */
  const char *utc;
};

/* NULL when there is no dialect of that name. */
const struct rs_dialect *rs_dialect_find(const char *name);
/* The row for a type of the engine; NULL when the dialect has no list. */
const struct rs_native *rs_dialect_native(const struct rs_dialect *d, const char *name);
/* "a""b" */
void rs_dialect_ident(const struct rs_dialect *d, struct rs_buf *b, const char *name);
/* "workspace"."name" */
void rs_dialect_relation(const struct rs_dialect *d, struct rs_buf *b, const char *workspace,
                         const char *name);
/*
** A typed literal: 42, 1e0, 'it''s', TRUE, NULL, a blob in the engine's form. RS_LIST: (a, b, c),
** and (NULL) when empty, since () is an error everywhere. A float reads back as the same double; a
** negative number never makes a comment of the minus in front of it.
*/
void rs_dialect_literal(const struct rs_dialect *d, struct rs_buf *b, const struct rs_value *v);
/* The marker of the i-th parameter (1-based). */
void rs_dialect_param(const struct rs_dialect *d, struct rs_buf *b, size_t i);
#endif
