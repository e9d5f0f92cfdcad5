/*
** Errors of a statement that runs, as ones of the user's text: what the text that is sent raises
** itself, what the engine says of functions, and its other messages, which a table puts in
** Rockset's words. Those begin with the engine's own words, and values of the user's stand only
** where a pattern has a star. What is in no row loses the name of its class and keeps the rest.
*/
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "emit.h"
#include "lex.h"

/* In front of a text that a statement raises: the byte of the user's text that it is about, `:`. A
** bracket ends it. */
#define MARK "[rsql "
#define NOWHERE ((size_t)INT32_MAX) /* no such byte */

void rs_rsql_write_raise(struct rsql_writer *w, size_t pos, const char *fmt, ...)
{
  char why[300], text[360];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  int n = snprintf(text, sizeof text, MARK "%zu:%s]", w->alike ? NOWHERE : pos, why);
  const struct rs_value v = {.kind = RS_TEXT, .s = {text, (size_t)n}};
  const char *rest = rs_rsql_write_until(w, w->f->raise, '$');
  rs_dialect_literal(w->d, w->b, &v);
  rs_rsql_write(w, rest);
}

static void literal(struct rsql_writer *w, const char *text)
{
  const struct rs_value v = {.kind = RS_TEXT, .s = {text, strlen(text)}};
  rs_dialect_literal(w->d, w->b, &v);
}

void rs_rsql_write_raise_of(struct rsql_writer *w, size_t pos, const char *text,
                            void (*of)(struct rsql_writer *w, const struct rsql_node *x),
                            const struct rsql_node *x, const char *behind)
{
  char front[360], end[100];
  (void)snprintf(front, sizeof front, MARK "%zu:%s", w->alike ? NOWHERE : pos, text);
  (void)snprintf(end, sizeof end, "%s]", behind);
  const char *rest = rs_rsql_write_until(w, w->f->raise, '$');
  literal(w, front);
  rs_rsql_write(w, " || ");
  of(w, x);
  rs_rsql_write(w, " || ");
  literal(w, end);
  rs_rsql_write(w, rest);
}

/* Raised by rs_rsql_write_raise? */
static bool take_raised(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  char text[RS_ERROR_MAX], *end;
  const char *at = strstr(e->text, MARK), *sent = rs_error_shown_sql(e);
  if (at == NULL || (sent != NULL && sent < at)) return false;
  const unsigned long byte = strtoul(at + strlen(MARK), &end, 10);
  const char *stop = sent != NULL ? sent : end + strlen(end); // the last bracket in front of that
  while (stop > end && *stop != ']') stop--;
  if (*end != ':' || stop == end) return false;
  const size_t n = (size_t)(stop - end) - 1;
  memcpy(text, end + 1, n);
  text[n] = 0;
  if (byte < NOWHERE) rs_rsql_place(s->text, s->n, byte, pos);
  (void)rs_fail(e, RS_INVALID, "%s", text);
  return true;
}

/* The call of that name that stands first. */
static const struct rsql_place_of_call *find_call(const struct rs_rsql_stmt *s, const char *name)
{
  const struct rsql_place_of_call *first = NULL;
  for (const struct rsql_place_of_call *c = s->calls; c != NULL; c = c->next)
    if (rs_casecmp(c->name, name) == 0) first = c;
  return first;
}

/* A function of the user's. Another one is of the text that is sent: its error stays. */
static bool take_function(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  const struct rsql_place_of_call *c = e->function[0] != 0 ? find_call(s, e->function) : NULL;
  if (c == NULL) return false;
  rs_rsql_place(s->text, s->n, c->pos, pos);
  int min, max;
  if (rs_rsql_function_known(c->name, &min, &max) &&
      ((int)c->n < min || (max >= 0 && (int)c->n > max))) {
    (void)rs_fail(e, e->code,
                  min == max ? "Function `%s` takes %d argument%s, not %zu."
                             : "Function `%s` takes at most %d argument%s, not %zu.",
                  c->name, max, max == 1 ? "" : "s", c->n);
    return true;
  }
  if (rs_rsql_function_known(c->name, &min, &max) && e->refused != RS_REFUSED_ARGUMENTS) {
    (void)rs_fail(e, RS_INVALID, "Function `%s` does not take %zu arguments.", c->name, c->n);
    return true;
  }
  if (e->refused == RS_REFUSED_ARGUMENTS)
    (void)rs_fail(e, e->code, "Function `%s` does not take values of these types.", c->name);
  else {
    (void)rs_fail(e, e->code, "Function `%s` not found.", c->name);
    (void)snprintf(e->function, sizeof e->function, "%s", c->name); // still what it is about
  }
  return true;
}

/* ---- the engine's messages ------------------------------------------------------------------- */

#define STARS_MAX 4

struct rule {
  const char *says; /* `*` stands for anything, `\*` for itself */
  const char *text; /* `$1`: what the first star stands for; `$T1`: as types, in Rockset's names */
  /* The word that it is about: `$1`, the first one; else the only one of these, separated by
  ** blanks, where `REGEXP_` is any that begins so. NULL: not known. */
  const char *at;
};

// clang-format off
static const struct rule rules[] = {
  // names
  {"Catalog Error: Type with name * does not exist*", "Type `$1` not found.", "$1"},
  {"Catalog Error: * Function with name \"*\" is not in the catalog, but it exists in the *",
   "Function `$2` not found.", "$2"},
  {"Binder Error: Macro *() does not support the supplied arguments*",
   "Function `$1` does not take values of these types.", "$1"},
  {"Catalog Error: Table with name * does not exist!*", "Collection `$1` not found.", "$1"},
  {"Binder Error: Referenced column \"*\" not found *", "Field `$1` not found.", "$1"},
  {"Binder Error: Referenced table \"*\" not found!*", "Relation `$1` not found.", "$1"},
  {"Binder Error: Ambiguous reference to column name \"*\" (use: *",
   "Field `$1` is ambiguous: write the name or alias of its collection and a point in front.",
   "$1"},
  {"Binder Error: Ambiguous reference to table \"*\"*",
   "Two relations are called `$1`: give them aliases.", "$1"},
  {"Binder Error: Duplicate alias \"*\" in query!*",
   "Two relations are called `$1`: give them aliases.", "$1"},
  {"Parser Error: Duplicate CTE name \"*\"", "WITH has two queries called `$1`.", "$1"},
  // clauses
  {"Binder Error: column \"*\" must appear in the GROUP BY clause*",
   "Field `$1` must be in GROUP BY or inside of an aggregate.", "$1"},
  {"Binder Error: column * must appear in the GROUP BY clause*",
   "Field `$1` must be in GROUP BY or inside of an aggregate.", "$1"},
  {"Binder Error: WHERE clause cannot contain aggregates!*",
   "WHERE cannot contain an aggregate: use HAVING.", "WHERE"},
  {"Binder Error: WHERE clause cannot contain window functions!*",
   "WHERE cannot contain a window function: select it in a subquery.", "WHERE"},
  {"Binder Error: HAVING clause cannot contain window functions!*",
   "HAVING cannot contain a window function: select it in a subquery.", "HAVING"},
  {"Binder Error: GROUP BY clause cannot contain *", "GROUP BY cannot contain $1", "GROUP"},
  {"Binder Error: aggregate function calls cannot be nested*",
   "An aggregate cannot contain another aggregate.", NULL},
  {"Binder Error: aggregate function calls cannot contain window function calls*",
   "An aggregate cannot contain a window function.", NULL},
  {"Binder Error: LIMIT/OFFSET cannot be negative*", "LIMIT and OFFSET cannot be negative.",
   "LIMIT OFFSET"},
  {"* Error: Cannot cast negative number to LIMIT*", "LIMIT and OFFSET cannot be negative.",
   "LIMIT OFFSET"},
  {"Binder Error: ORDER term out of range - should be between 1 and *",
   "ORDER BY: there is no such item: the numbers go from 1 to $1.", "ORDER"},
  {"Binder Error: GROUP BY term out of range - should be between 1 and *",
   "GROUP BY: there is no such item: the numbers go from 1 to $1.", "GROUP"},
  {"Binder Error: Set operations can only apply to expressions with the same number of *",
   "Both sides of a set operation need the same number of items.", "UNION INTERSECT EXCEPT"},
  {"Parser Error: Sample sample_size * out of range*",
   "TABLESAMPLE needs a percentage between 0 and 100.", "TABLESAMPLE"},
  {"Binder Error: Subquery returns * columns - expected *",
   "A subquery that stands for a value has $1 items: it must have $2.", NULL},
  {"Invalid Input Error: More than one row returned by a subquery used as an expression*",
   "A subquery that stands for a value gives more than one row.", NULL},
  {"Binder Error: UNNEST requires a single list as input*", "UNNEST takes an array.", "UNNEST"},
  {"Binder Error: Unnest() can only be applied to *", "UNNEST takes an array.", "UNNEST"},
  // types
  {"Conversion Error: Unimplemented type for cast (* -> *)*", "Cannot cast $T1 to $T2.",
   "CAST TRY_CAST STATIC_CAST ::"},
  {"Binder Error: Cannot compare values of type * and type **",
   "Cannot compare $T1 with $T2.", NULL},
  {"Binder Error: Cannot combine types of * and *", "Cannot combine $T1 with another type.", NULL},
  {"Binder Error: No function matches the given name and argument types '~~(*)'*",
   "Operator `LIKE` does not take $T1.", "LIKE"},
  {"Binder Error: No function matches the given name and argument types '!~~(*)'*",
   "Operator `NOT LIKE` does not take $T1.", "LIKE"},
  {"Binder Error: No function matches the given name and argument types 'date_part(*, *)'*",
   "EXTRACT does not take $T2.", "EXTRACT"},
  {"Binder Error: No function matches the given name and argument types 'timezone(*, *)'*",
   "AT TIME ZONE does not take $T2.", "ZONE"},
  {"Binder Error: Could not choose a best candidate function for the function call \"strftime(*, "
   "*)\"*",
   "A format does not take $T1: it needs a date, a time, a datetime or a timestamp.", "FORMAT_"},
  {"Binder Error: No function matches the given name and argument types 'strftime(*, *)'*",
   "A format does not take $T1: it needs a date, a time, a datetime or a timestamp.", "FORMAT_"},
  {"Binder Error: No function matches the given name and argument types '+(*)'*",
   "Operator `+` does not take $T1.", NULL},
  {"Binder Error: No function matches the given name and argument types '-(*)'*",
   "Operator `-` does not take $T1.", NULL},
  {"Binder Error: No function matches the given name and argument types '\\*(*)'*",
   "Operator `*` does not take $T1.", NULL},
  {"Binder Error: No function matches the given name and argument types '/*(*)'*",
   "Operator `/` does not take $T2.", NULL},
  {"Binder Error: No function matches the given name and argument types '%(*)'*",
   "Operator `%` does not take $T1.", NULL},
  {"Binder Error: No function matches the given name and argument types '||(*)'*",
   "Operator `||` does not take $T1.", NULL},
  // of the text that was sent: its name would tell nothing
  {"Binder Error: No function matches the given name and argument types '*(*)'*",
   "A function or operator does not take $T2.", NULL},
  {"Binder Error: Could not choose a best candidate function for the function call \"*(*)\"*",
   "A function or operator does not take $T2.", NULL},
  // values
  // what is no integer was put in quotes, so that the engine takes it for none either
  {"Conversion Error: Could not convert string '\"*\"' to UINT128*",
   "Cannot cast string '$1' to u256: digits are needed.", "CAST TRY_CAST STATIC_CAST ::"},
  {"Conversion Error: Could not convert string '\"*\"' to *", "Cannot cast string '$1' to $T2.",
   "CAST TRY_CAST STATIC_CAST ::"},
  {"Conversion Error: Could not convert string '*' to UINT128*",
   "Cannot cast string '$1' to u256: digits are needed, of a value below 2^128 here.",
   "CAST TRY_CAST STATIC_CAST :: U256"},
  {"Conversion Error: Could not convert string '*' to *", "Cannot cast string '$1' to $T2.",
   "CAST TRY_CAST STATIC_CAST ::"},
  {"Conversion Error: invalid date field format: \"*\", expected format is *",
   "Cannot cast string '$1' to date: it is written YYYY-MM-DD.",
   "CAST TRY_CAST :: DATE PARSE_DATE_ISO8601"},
  {"Conversion Error: date field value out of range: \"*\"*",
   "Cannot cast string '$1' to date: there is no such day.",
   "CAST TRY_CAST :: DATE PARSE_DATE_ISO8601"},
  {"Conversion Error: invalid timestamp field format: \"*\", expected format is *",
   "Cannot cast string '$1' to a datetime or timestamp: it is written "
   "YYYY-MM-DDTHH:MM:SS[.ffffff], a timestamp with its zone behind it.",
   "CAST TRY_CAST :: PARSE_DATETIME_ISO8601 PARSE_TIMESTAMP_ISO8601"},
  {"Conversion Error: timestamp field value out of range: \"*\"*",
   "Cannot cast string '$1' to a datetime or timestamp: there is no such time.",
   "CAST TRY_CAST :: PARSE_DATETIME_ISO8601 PARSE_TIMESTAMP_ISO8601"},
  {"Conversion Error: time field value out of range: \"*\"*",
   "Cannot cast string '$1' to time: it is written HH:MM:SS[.ffffff].",
   "CAST TRY_CAST :: PARSE_TIME_ISO8601"},
  {"Conversion Error: Type * with value * can't be cast because the value is out of range for the "
   "destination type *", "$2 is out of the range of $T3.", "CAST TRY_CAST ::"},
  {"Invalid Input Error: Type * with value * can't be cast because the value is out of range for "
   "the destination type *", "$2 is out of the range of $T3.", "CAST TRY_CAST ::"},
  {"Out of Range Error: Overflow in * of * (*)!*", "Overflow in $1: $3 is beyond $T2.", NULL},
  {"Conversion Error: Date out of range: *", "There is no date $1.", "DATE"},
  {"Conversion Error: Time out of range: *", "There is no time $1.", "TIME DATETIME"},
  {"Conversion Error: Malformed JSON at byte * of input: *. *Input: *",
   "Malformed JSON at byte $1: $2.", "JSON_PARSE"},
  {"* Error: Malformed JSON at byte * of input: *. *Input: *",
   "Malformed JSON at byte $2: $3.", "JSON_PARSE"},
  {"Invalid Input Error: Could not parse string \"*\" according to format specifier \"*\"*",
   "'$1' is not written in the format '$2'.", "PARSE_ DATE_PARSE"},
  {"Invalid Input Error: Failed to parse format specifier *: *",
   "'$1' is no format: $2.", "PARSE_ DATE_PARSE FORMAT_"},
  {"Conversion Error: extract specifier \"*\" not recognized*",
   "'$1' is no unit of time: microsecond, millisecond, second, minute, hour, day, week, month, "
   "quarter and year are.", "DATE_DIFF DATE_TRUNC"},
  {"Not implemented Error: Unknown TimeZone '*'*", "Time zone '$1' is not known.", "ZONE"},
  {"Invalid Input Error: Invalid input for hex digit: *", "'$1' is no hexadecimal digit.",
   "FROM_HEX"},
  {"Conversion Error: Failure in decode: could not convert blob to UTF8 string*",
   "The bytes are no UTF-8.", "FROM_UTF8 CAST"},
  {"Invalid Input Error: Argument index \"*\" out of range*",
   "FORMAT has no value for place $1 of its format.", "FORMAT"},
  {"Invalid Input Error: list_*: list dimensions must be equal, got left length '*' and right "
   "length '*'*", "The arrays must be of one length, not $2 and $3.",
   "DOT_PRODUCT EUCLIDEAN_DIST COSINE_SIM APPROX_"},
  {"Invalid Input Error: missing *: *", "The regular expression '$2' misses $1.", "REGEXP_"},
  {"Invalid Input Error: unexpected *: *", "The regular expression '$2' has an unexpected $1.",
   "REGEXP_"},
  {"Invalid Input Error: no argument for repetition operator: *",
   "The regular expression repeats nothing: $1", "REGEXP_"},
  {"Invalid Input Error: bad repetition operator: *",
   "The regular expression has a bad repetition: $1", "REGEXP_"},
  {"Invalid Input Error: invalid escape sequence: *",
   "The regular expression has a bad escape: $1", "REGEXP_"},
  {"Invalid Input Error: invalid perl operator: *",
   "The regular expression has a bad operator: $1", "REGEXP_"},
  {"Invalid Input Error: invalid character class range: *",
   "The regular expression has a bad range: $1", "REGEXP_"},
  {"Invalid Input Error: Pattern has * groups. Cannot access group *",
   "The regular expression has $1 groups: there is no group $2.", "REGEXP_"},
  {"Out of Range Error: cannot take square root of a negative number*",
   "Function `SQRT`: the number is negative.", "SQRT"},
  {"* Error: Failed to cast value to numerical: *",
   "An operator or function needs a number, not $2.", NULL},
  {"* Error: strftime format must be a constant*", "The format must be a literal.", "FORMAT_"},
  {"* Error: strptime format must be a constant*", "The format must be a literal.",
   "PARSE_ DATE_PARSE"},
  {"Binder Error: Cannot deduce template type 'T' in function: *",
   "The values are of types that cannot stand in one array here.", NULL},
  // Trino's
  {"Type not found: *", "Type `$1` not found.", "$1"},
  {"Unknown type: *", "Type `$1` not found.", "$1"},
  {"Column '*' is ambiguous",
   "Field `$1` is ambiguous: write the name or alias of its collection and a point in front.",
   "$1"},
  {"'\"*\"' must be an aggregate expression or appear in GROUP BY clause",
   "Field `$1` must be in GROUP BY or inside of an aggregate.", "$1"},
  {"'*' must be an aggregate expression or appear in GROUP BY clause",
   "Field `$1` must be in GROUP BY or inside of an aggregate.", "$1"},
  {"WHERE clause cannot contain aggregations, window functions or grouping operations*",
   "WHERE cannot contain an aggregate or a window function.", "WHERE"},
  {"Scalar sub-query has returned multiple rows",
   "A subquery that stands for a value gives more than one row.", NULL},
  {"Cannot cast '*' to INT", "Cannot cast string '$1' to int.", "CAST TRY_CAST ::"},
  {"Cannot cast '*' to *", "Cannot cast string '$1' to $T2.", "CAST TRY_CAST ::"},
  {"Cannot cast value of * to *", "Cannot cast $T1 to $T2.", "CAST TRY_CAST ::"},
  {"Cannot cast * to *", "Cannot cast $T1 to $T2.", "CAST TRY_CAST ::"},
  {"Value cannot be cast to *: *", "Cannot cast string '$2' to $T1.", "CAST TRY_CAST ::"},
  {"bigint addition overflow: *", "Overflow in addition: $1 is beyond int.", NULL},
  {"bigint subtraction overflow: *", "Overflow in subtraction: $1 is beyond int.", NULL},
  {"bigint multiplication overflow: *", "Overflow in multiplication: $1 is beyond int.", NULL},
};

static const char *const classes[] = {
  "Binder Error: ", "Catalog Error: ", "Constraint Error: ", "Conversion Error: ",
  "Invalid Input Error: ", "Invalid Error: ", "Not implemented Error: ", "Out of Range Error: ",
  "Parser Error: ", "Mismatch Type Error: ", "Dependency Error: ", "Syntax Error: ",
  "INTERNAL Error: ",
};
// clang-format on

struct span {
  const char *p;
  size_t n;
};

/* ---- patterns -------------------------------------------------------------------------------- */

/* Each star takes as little as it can; the last part, when it is none, must be the end. */
static bool matches(const char *pattern, const char *text, struct span stars[STARS_MAX])
{
  size_t k = 0;
  while (*pattern != 0) {
    if (pattern[0] == '\\' && pattern[1] == '*') {
      if (*text++ != '*') return false;
      pattern += 2;
      continue;
    }
    const size_t n = strcspn(pattern, "*\\");
    if (n > 0 && strncmp(pattern, text, n) != 0) return false;
    pattern += n;
    text += n;
    if (*pattern != '*') continue;
    pattern++;
    const size_t next = strcspn(pattern, "*\\");
    const char *to = text + strlen(text);
    if (next > 0) {
      const bool last = pattern[next] == 0;
      const char *from = text;
      if (last && strlen(text) < next) return false;
      to = last ? to - next : NULL;
      for (; to == NULL && *from != 0; from++)
        if (strncmp(from, pattern, next) == 0) to = from;
      if (to == NULL) return false;
    }
    if (k < STARS_MAX) stars[k++] = (struct span){text, (size_t)(to - text)};
    text = to;
  }
  return *text == 0;
}

/* ---- types ----------------------------------------------------------------------------------- */

static const char *type_name(struct span t)
{
  static const struct {
    const char *engine, *rockset;
  } names[] = {
    {"INTEGER_LITERAL", "int"},
    {"STRING_LITERAL", "string"},
    {"INTERVAL", "an interval"},
    {"INT", "int"},
    {"BIGINT", "int"},
    {"INTEGER", "int"},
    {"HUGEINT", "int"},
    {"DOUBLE", "float"},
    {"FLOAT", "float"},
    {"DECIMAL", "float"},
    {"BOOL", "bool"},
    {"VARCHAR", "string"},
    {"BLOB", "bytes"},
    {"VARBINARY", "bytes"},
    {"TIMESTAMP WITH TIME ZONE", "timestamp"},
    {"TIMESTAMP_TZ", "timestamp"},
    {"TIMESTAMP", "datetime"},
    {"DATE", "date"},
    {"TIME", "time"},
    {"STRUCT", "object"},
    {"ROW", "object"},
    {"MAP", "object"},
    {"ARRAY", "array"},
    {"UNION", "values of several types"},
    {"UHUGEINT", "u256"},
    {"UINT128", "u256"},
    {"JSON", "a value of any type"},
    {"\"NULL\"", "null"},
  };
  if (t.n > 0 && t.p[t.n - 1] == ']') return "array";
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (rs_casestarts(t.p, t.n, names[i].engine)) return names[i].rockset;
  return NULL;
}

/* `VARCHAR, STRUCT(a INT, b INT)` as `string, object`. */
static void add_types(struct rs_buf *b, struct span t)
{
  size_t from = 0;
  int depth = 0;
  for (size_t i = 0; i <= t.n; i++) {
    const char c = i < t.n ? t.p[i] : ',';
    depth += (c == '(') - (c == ')');
    if (c != ',' || (depth > 0 && i < t.n)) continue;
    struct span one = {t.p + from, i - from};
    for (; one.n > 0 && one.p[0] == ' '; one.n--) one.p++;
    while (one.n > 0 && strchr(" !.", one.p[one.n - 1]) != NULL) one.n--;
    const char *name = type_name(one);
    if (from > 0) rs_buf_str(b, ", ");
    if (name != NULL) rs_buf_str(b, name);
    else rs_buf_add(b, one.p, one.n);
    from = i + 1;
  }
}

/* ---- places ---------------------------------------------------------------------------------- */

static bool is_one_of(const struct span *word, const char *list)
{
  while (*list != 0) {
    const size_t n = strcspn(list, " ");
    const bool open = n > 1 && list[n - 1] == '_';
    if (rs_casecmpn(list, word->p, n < word->n ? n : word->n) == 0 &&
        (open ? word->n > n : word->n == n))
      return true;
    list += n + (list[n] == ' ');
  }
  return false;
}

/* The word of the user's text; list NULL: the name, where it stands first, which becomes the one
** that is written there. */
static bool find_place(const struct rs_rsql_stmt *s, const char *list, struct span *name,
                       struct rs_rsql_pos *pos)
{
  struct rsql_lex x = {.p = s->text, .n = s->n};
  struct rsql_token t;
  size_t found = 0, at = 0;
  for (rs_rsql_lex(&x, &t); t.kind != TK_END && t.kind != TK_BAD; rs_rsql_lex(&x, &t)) {
    struct span word = {s->text + t.start, t.end - t.start};
    if (t.kind == TK_QUOTED && list == NULL && word.n >= 2) {
      word.p++;
      word.n -= 2;
    } else if (t.kind != TK_WORD && !(t.kind == TK_OP && t.op == OP_CAST)) {
      continue;
    }
    const bool is = list != NULL ? is_one_of(&word, list)
                                 : word.n == name->n && rs_casecmpn(word.p, name->p, name->n) == 0;
    if (!is) continue;
    at = t.start;
    found++;
    if (list != NULL) continue;
    *name = word;
    break;
  }
  if (found == 1) rs_rsql_place(s->text, s->n, at, pos);
  return found > 0;
}

/* A name as the engine has it: without the number of an UNNEST (unnest.c), if it has one. */
static void find_name(const struct rs_rsql_stmt *s, struct span *name, struct rs_rsql_pos *pos)
{
  if (find_place(s, NULL, name, pos)) return;
  size_t n = name->n;
  while (n > 0 && name->p[n - 1] >= '0' && name->p[n - 1] <= '9') n--;
  if (n < 2 || n == name->n || name->p[n - 1] != '~') return;
  name->n = n - 1;
  (void)find_place(s, NULL, name, pos);
}

/* ---- all of it ------------------------------------------------------------------------------- */

/* What an engine adds that is of its own text. */
static void cut_at(char *text, const char *mark)
{
  char *at = strstr(text, mark);
  if (at != NULL) *at = 0;
}

static void take_rule(const struct rs_rsql_stmt *s, const struct rule *r, struct span *stars,
                      struct rs_rsql_pos *pos, struct rs_error *e)
{
  struct rs_buf b;
  if (r->at != NULL && r->at[0] == '$') find_name(s, &stars[r->at[1] - '1'], pos);
  else if (r->at != NULL) (void)find_place(s, r->at, NULL, pos);
  rs_buf_init(&b, RS_ERROR_MAX);
  for (const char *c = r->text; *c != 0; c++) {
    const bool types = c[0] == '$' && c[1] == 'T';
    const char digit = c[0] == '$' ? c[1 + types] : 0;
    if (digit < '1' || digit > '0' + STARS_MAX) {
      rs_buf_char(&b, *c);
      continue;
    }
    const struct span *star = &stars[digit - '1'];
    if (types) add_types(&b, *star);
    else rs_buf_add(&b, star->p, star->n);
    c += 1 + types;
  }
  // what the statement asks for is wrong, whatever the engine makes of that
  if (b.rc == RS_OK) (void)rs_fail(e, RS_INVALID, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
}

static void reword(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  struct span stars[STARS_MAX] = {{NULL, 0}};
  char text[RS_ERROR_MAX];
  memcpy(text, e->text, sizeof text);
  cut_at(text, " when casting from source column ");
  cut_at(text, "; Did you mean ");
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    if (!matches(rules[i].says, text, stars)) continue;
    take_rule(s, &rules[i], stars, pos, e);
    return;
  }
  for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
    if (!rs_starts(text, classes[i])) continue;
    (void)rs_fail(e, e->code, "%s", text + strlen(classes[i]));
    return;
  }
}

/* Trino's name of an error behind its text: " (TYPE_MISMATCH)". */
static void drop_name(struct rs_error *e)
{
  const size_t n = strlen(e->text);
  char *open = strrchr(e->text, '(');
  if (open == NULL || open == e->text || open[-1] != ' ' || e->text[n - 1] != ')') return;
  const size_t name = strspn(open + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (name > 0 && open + 1 + name == e->text + n - 1) open[-1] = 0;
}

/* "line 1:84: " of Trino, which counts in the text that was sent; DuckDB's list of candidates. */
static void drop_places(struct rs_error *e)
{
  static const char line[] = "line ";
  char *end = strstr(e->text, "; \tCandidate functions:");
  if (end != NULL) *end = 0;
  drop_name(e);
  if (!rs_starts(e->text, line)) return;
  const char *p = e->text + sizeof line - 1;
  p += strspn(p, "0123456789:");
  if (rs_starts(p, " ")) memmove(e->text, p + 1, strlen(p + 1) + 1);
}

/* The engine did not understand either what is no Rockset SQL: why it is none tells more. */
static bool take_reason(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  if (s->reason == NULL) return false;
  if (!rs_starts(e->text, "Parser Error: ") &&
      !rs_starts(e->text, "Catalog Error: Scalar Function"))
    return false;
  *pos = s->reason_at;
  (void)rs_fail(e, RS_INVALID, "%s", s->reason);
  return true;
}

void rs_rsql_explain(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos, struct rs_error *e)
{
  if (e->code == RS_NOMEM || take_raised(s, pos, e) || take_function(s, pos, e)) return;
  if (take_reason(s, pos, e)) return;
  drop_places(e);
  reword(s, pos, e);
}
