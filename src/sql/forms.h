/*
** How an engine writes what is no plain SQL: JSON, arrays, objects, intervals, zones. The emitter
** of Rockset SQL (rsql/emit*.c) writes these; nobody else needs more than the dialect's own row.
**
** A dialect row points to one of these; one that points to none gets rs_forms_standard: most of it
** is refused there. Pure data. In a form `$` stands for the operand (but not in front of a quote),
** `@` for a second one.
*/
#ifndef RS_SQL_FORMS_H
#define RS_SQL_FORMS_H
#include <stdbool.h>

/* Which column of the tables of functions, types and casts is meant (rsql/function_table.c). */
enum rs_form_set { RS_FORMS_STANDARD, RS_FORMS_DUCKDB, RS_FORMS_TRINO };

struct rs_forms {
  enum rs_form_set set;
  /* literals */
  const char *hex, *text_bytes; /* of the text of hex digits, of any text: bytes */
  const char *timestamp;        /* in front of the text of a timestamp with a zone */
  const char *null_timestamp, *empty_object;
  const char *null_number; /* where a number is meant; NULL: NULL will do */
  bool interval_literals;  /* INTERVAL '1.5' SECOND, which may be multiplied; else to_months(1) */
  const char *raise;       /* fails with the text $; NULL: the engine has no such function */
  /* operators */
  const char *divide;       /* an integer by an integer, which gives one */
  const char *wide;         /* a small literal as an integer of 64 bits; NULL: it is one */
  const char *date;         /* a date with an interval added, as a date; NULL: it is one */
  const char *at_zone[3];   /* that gives a timestamp, a datetime, what is not known */
  const char *at_offset[2]; /* of a datetime, of a timestamp, where the zone is an interval */
  /* JSON */
  const char *json_text, *json_is_null;
  const char *json_value; /* any value as one */
  const char *json_list;  /* the type of a list of JSON values */
  bool json_casts;        /* TRY_CAST of a JSON value is NULL where it has another type */
  /* arrays and objects */
  const char *element;    /* @ of $ */
  bool element_function;  /* that is a function's form, so that its array needs no brackets */
  bool slices;            /* $[1:2] */
  const char *array_open; /* ARRAY[1, 2] */
  const char *json_item;  /* an array or object in json_array_open or object_open */
  const char *object_open, *object_close;
  const char *json_array_open, *json_array_close;
  const char *object_star;
  /* queries */
  bool aliases;            /* WHERE, GROUP BY and HAVING may name aliases of the select list */
  const char *star_except; /* behind *, in front of names; NULL: there is no such thing */
  bool sample_percent;     /* TABLESAMPLE 10 PERCENT (system); else SYSTEM (10) */
  bool group_distinct;     /* GROUP BY DISTINCT */
  bool offset_first;       /* OFFSET stands in front of LIMIT */
  /* The numbers of $'s elements, where unnest() may stand in a select list; NULL: it may not. */
  const char *unnest_numbers;
};

extern const struct rs_forms rs_forms_standard, rs_forms_duckdb, rs_forms_trino;
#endif
