/*
** Engines that the translator has no rows for: every dialect but DuckDB's and Trino's. What is
** plain SQL goes through; whatever needs a form of the engine's own is refused with its name (see
** emit.h). What Rockset SQL does not know itself (other functions, -> and ->>) is the user's text
** for the engine, and goes through here as it does everywhere.
*/
#include "src/base/text.h"
#include "src/rsql/emit.h"

/* Rows of the table of functions, by name, least number of arguments and types, and their text as
** in functions.h. A row that is not here has no form. */
static const struct plain {
  const char *name;
  signed char min;
  const char *when, *text;
} functions[] = {
  {"ABS", 1, NULL, NULL},
  {"ACOS", 1, NULL, NULL},
  {"ARRAY_AGG", 1, NULL, NULL},
  {"ASIN", 1, NULL, NULL},
  {"ATAN", 1, NULL, NULL},
  {"AVG", 1, NULL, NULL},
  {"BOOL_AND", 1, NULL, "every($*)$~"},
  {"CEIL", 1, NULL, NULL},
  {"CEILING", 1, NULL, NULL},
  {"COALESCE", 1, NULL, NULL},
  {"CONCAT", 1, NULL, "(${$?| || })"},
  {"COS", 1, NULL, NULL},
  {"COSH", 1, NULL, NULL},
  {"COUNT", 0, NULL, NULL},
  {"COUNT_IF", 1, NULL, "count(CASE WHEN $1 THEN 1 END)$~"},
  {"CUME_DIST", 0, NULL, NULL},
  {"CURRENT_TIMESTAMP", 0, NULL, "CURRENT_TIMESTAMP"},
  {"DENSE_RANK", 0, NULL, NULL},
  {"EVERY", 1, NULL, "every($*)$~"},
  {"EXP", 1, NULL, NULL},
  {"FIRST_VALUE", 1, NULL, NULL},
  {"FLOOR", 1, NULL, NULL},
  {"GROUPING", 1, NULL, NULL},
  {"LAG", 1, NULL, NULL},
  {"LAST_VALUE", 1, NULL, NULL},
  {"LEAD", 1, NULL, NULL},
  {"LENGTH", 1, NULL, "char_length($1)"},
  {"LN", 1, NULL, NULL},
  {"LOG10", 1, NULL, NULL},
  {"LOWER", 1, NULL, NULL},
  {"MAX", 1, NULL, NULL},
  {"MIN", 1, NULL, NULL},
  {"NOW", 0, NULL, "CURRENT_TIMESTAMP"},
  {"NTH_VALUE", 2, NULL, NULL},
  {"NTILE", 1, NULL, NULL},
  {"NULLIF", 2, NULL, NULL},
  {"PERCENT_RANK", 0, NULL, NULL},
  {"POW", 2, NULL, "power($1, $2)"},
  {"POWER", 2, NULL, NULL},
  {"RANK", 0, NULL, NULL},
  {"REPLACE", 3, NULL, NULL},
  {"ROW_NUMBER", 0, NULL, NULL},
  {"SIN", 1, NULL, NULL},
  {"SINH", 1, NULL, NULL},
  {"SQRT", 1, NULL, NULL},
  {"STDDEV_SAMP", 1, NULL, NULL},
  {"STRPOS", 2, NULL, "position($2 IN $1)"},
  {"SUBSTR", 2, NULL, "substring($*)"},
  {"SUBSTRING", 2, NULL, NULL},
  {"SUM", 1, "i", "CAST(sum($*)$~ AS BIGINT)"},
  {"SUM", 1, NULL, NULL},
  {"TAN", 1, NULL, NULL},
  {"TANH", 1, NULL, NULL},
  {"UPPER", 1, NULL, NULL},
};

const char *rs_rsql_plain_function(const struct rsql_function *f)
{
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    const struct plain *p = &functions[i];
    if (rs_eq(p->name, f->name) && p->min == f->min && rs_eq(p->when, f->when)) return p->text;
  }
  return "-";
}

const char *rs_rsql_plain_type(const struct rsql_writer *w, enum rsql_kind kind)
{
  static const struct {
    enum rsql_kind kind;
    enum rs_type type;
  } types[] = {{TY_INT, RS_T_INT},
               {TY_FLOAT, RS_T_FLOAT},
               {TY_BOOL, RS_T_BOOL},
               {TY_STRING, RS_T_TEXT},
               {TY_DATE, RS_T_DATE},
               {TY_TIME, RS_T_TIME},
               {TY_DATETIME, RS_T_TIMESTAMP},
               {TY_TIMESTAMP, RS_T_TIMESTAMPTZ}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    const char *name = types[i].kind == kind ? w->d->type_names[types[i].type] : NULL;
    if (name != NULL) return name;
  }
  return "-";
}

void rs_rsql_plain_fail(struct rsql_writer *w, size_t pos, const char *what)
{
  rs_rsql_write_fail(w, pos, RS_UNSUPPORTED, "%s: no form of it is known for dialect %s", what,
                     w->d->name);
}

/* What a node is, when only DuckDB and Trino have a form for it. */
static const char *special(const struct rsql_node *x)
{
  switch (x->kind) {
    case N_BYTES: return "a literal of bytes";
    case N_INTERVAL: return "INTERVAL";
    case N_ARRAY: return "[...], an array";
    case N_OBJECT: return "{...}, an object";
    case N_INDEX: return "[...], an element of an array or object";
    case N_SLICE: return "[from:to]";
    case N_FIELD: return "a field of an object";
    case N_COLUMN: return x->npath > (size_t)x->op ? "a field of an object" : NULL;
    case N_AT_ZONE: return "AT TIME ZONE";
    case N_LAMBDA: return "a lambda function";
    case N_NAMED: return ":=, an argument by its name";
    case N_CHAIN:
      for (size_t i = 0; i + 1 < x->n; i++) {
        if (x->ops[i] == 'I') return "//";
      }
      return NULL;
    default: return NULL;
  }
}

bool rs_rsql_plain_check(struct rsql_writer *w, const struct rsql_node *x)
{
  const char *what = special(x);
  if (what != NULL) rs_rsql_plain_fail(w, x->pos, what);
  return what == NULL;
}
