/*
** Types that Rockset refuses, and comparisons as it makes them (see strict.h).
*/
#include "strict.h"
#include <string.h>
#include "src/base/text.h"
#include "lex.h"

/* ---- types ----------------------------------------------------------------------------------- */

int rs_rsql_class_of(enum rsql_kind k)
{
  if (rs_rsql_is_number(k)) return 1;
  return k == TY_BOOL ? 2 : k == TY_STRING ? 3 : k == TY_LIST ? 4 : 0;
}

/* Kinds whose values are compared with each other have one number; 0: it is not known. A text may
** stand for those from TEXTS on, and the engine compares them: dbt writes timestamps so. */
#define TEXTS 6
static int family(enum rsql_kind k)
{
  switch (k) {
    case TY_STRUCT:
    case TY_MAP: return 5;
    case TY_BYTES: return 6;
    case TY_MONTHS: return 7;
    case TY_MICROS: return 8;
    case TY_TIME: return 9;
    case TY_DATE:
    case TY_DATETIME:
    case TY_TIMESTAMP: return 10;
    default: return rs_rsql_class_of(k);
  }
}

bool rs_rsql_are_unlike(enum rsql_kind a, enum rsql_kind b)
{
  const int f = family(a), g = family(b);
  if ((a == TY_STRING && g >= TEXTS) || (b == TY_STRING && f >= TEXTS)) return false;
  return f != 0 && g != 0 && f != g;
}

const char *rs_rsql_kind_name(enum rsql_kind k)
{
  switch (k) {
    case TY_INT: return "int";
    case TY_FLOAT:
    case TY_DECIMAL: return "float";
    case TY_BOOL: return "bool";
    case TY_STRING: return "string";
    case TY_BYTES: return "bytes";
    case TY_DATE: return "date";
    case TY_TIME: return "time";
    case TY_DATETIME: return "datetime";
    case TY_TIMESTAMP: return "timestamp";
    case TY_MONTHS: return "month_interval";
    case TY_MICROS: return "microsecond_interval";
    case TY_INTERVAL: return "interval";
    case TY_U256: return "u256";
    case TY_LIST: return "array";
    case TY_STRUCT:
    case TY_MAP: return "object";
    default: return "another type";
  }
}

/* What is known to be of one type. A JSON value may be of any. */
static bool is_settled(enum rsql_kind k)
{
  return k != TY_ANY && k != TY_NULL && k != TY_JSON && k != TY_OTHER;
}

/* ---- arguments ------------------------------------------------------------------------------- */

/* One letter an argument, the last for all that follow: s string, n number, i int, l array, b bytes
** (or the text of them), c what has a length, v a scalar, . anything. In alphabetical order. */
static const struct {
  const char *name, *takes;
} signatures[] = {
  {"ABS", "n"},
  {"ACOS", "n"},
  {"ACOSH", "n"},
  {"APPROX_DOT_PRODUCT", "l"},
  {"APPROX_EUCLIDEAN_DIST", "l"},
  {"ARRAY_CONCAT", "l"},
  {"ARRAY_CONTAINS", "l."},
  {"ARRAY_CONTAINS_ANY", "l"},
  {"ARRAY_DISTINCT", "l"},
  {"ARRAY_FLATTEN", "l"},
  {"ARRAY_JOIN", "ls"},
  {"ARRAY_LAST_POSITION", "l."},
  {"ARRAY_MAX", "l"},
  {"ARRAY_MIN", "l"},
  {"ARRAY_POSITION", "l."},
  {"ARRAY_REMOVE", "l."},
  {"ASIN", "n"},
  {"ASINH", "n"},
  {"ATAN", "n"},
  {"ATAN2", "n"},
  {"ATANH", "n"},
  {"BIT_COUNT", "i"},
  {"BITWISE_NOT", "i"},
  {"BITWISE_XOR", "i"},
  {"CARDINALITY", "c"},
  {"CEIL", "n"},
  {"CEILING", "n"},
  {"CONCAT", "v"},
  {"COS", "n"},
  {"COSH", "n"},
  {"COSINE_SIM", "l"},
  {"DATE_PARSE", "s"},
  {"DAYS", "i"},
  {"DOT_PRODUCT", "l"},
  {"EUCLIDEAN_DIST", "l"},
  {"EXP", "n"},
  {"FLOOR", "n"},
  {"FROM_HEX", "s"},
  {"FROM_UTF8", "b"},
  {"HASH", "bs"},
  {"HASH_SHA384", "b"},
  {"HMAC", "bbs"},
  {"HMAC_MD5", "b"},
  {"HMAC_SHA1", "b"},
  {"HMAC_SHA256", "b"},
  {"HMAC_SHA384", "b"},
  {"HMAC_SHA512", "b"},
  {"HOURS", "i"},
  {"HYPOT", "n"},
  {"IS_NAN", "n"},
  {"JSON_PARSE", "s"},
  {"LENGTH", "c"},
  {"LN", "n"},
  {"LOG10", "n"},
  {"LOG2", "n"},
  {"LOWER", "s"},
  {"LTRIM", "s"},
  {"MD5", "b"},
  {"MICROSECONDS", "i"},
  {"MILLISECONDS", "n"},
  {"MINUTES", "i"},
  {"MONTHS", "i"},
  {"NORMALIZE", "s"},
  {"NORMALIZE_FORM", "s"},
  {"PARSE_DATE", "s"},
  {"PARSE_DATE_ISO8601", "s"},
  {"PARSE_DATETIME", "s"},
  {"PARSE_DATETIME_ISO8601", "s"},
  {"PARSE_DURATION_MONTHS", "s"},
  {"PARSE_DURATION_SECONDS", "s"},
  {"PARSE_TIME", "s"},
  {"PARSE_TIME_ISO8601", "s"},
  {"PARSE_TIMESTAMP", "s"},
  {"PARSE_TIMESTAMP_ISO8601", "s"},
  {"POW", "n"},
  {"POWER", "n"},
  {"PREFIXES", "sn"},
  {"REGEXP_EXTRACT", "ssn"},
  {"REGEXP_EXTRACT_ALL", "ssn"},
  {"REGEXP_LIKE", "s"},
  {"REGEXP_REPLACE", "s"},
  {"REGEXP_SPLIT", "s"},
  {"REPLACE", "s"},
  {"ROUND", "n"},
  {"RTRIM", "s"},
  {"SECONDS", "n"},
  {"SHA1", "b"},
  {"SHA256", "b"},
  {"SHA512", "b"},
  {"SIGN", "n"},
  {"SIN", "n"},
  {"SINH", "n"},
  {"SLICE", "ln"},
  {"SPLIT", "ssn"},
  {"SQRT", "n"},
  {"ST_GEOGFROMTEXT", "s"},
  {"ST_GEOGPOINT", "n"},
  {"STRPOS", "s"},
  {"SUBSTR", "sn"},
  {"SUBSTRING", "sn"},
  {"TAN", "n"},
  {"TANH", "n"},
  {"TIMESTAMP_MICROS", "i"},
  {"TIMESTAMP_MILLIS", "i"},
  {"TIMESTAMP_SECONDS", "i"},
  {"TO_HEX", "b"},
  {"TO_UTF8", "s"},
  {"TOKENIZE", "s"},
  {"TRIM", "s"},
  {"TRUNC", "n"},
  {"TRUNCATE", "n"},
  {"UPPER", "s"},
  {"YEARS", "i"},
};

static const char *takes(const char *name)
{
  size_t from = 0, to = sizeof signatures / sizeof signatures[0];
  while (from < to) {
    const size_t middle = (from + to) / 2;
    const int order = rs_casecmp(signatures[middle].name, name);
    if (order == 0) return signatures[middle].takes;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  return NULL;
}

/* Of argument i. */
static char letter_at(const char *letters, size_t i)
{
  const size_t n = strlen(letters);
  return letters[i < n ? i : n - 1];
}

char rs_rsql_argument_letter(const char *function, size_t i)
{
  const char *letters = takes(function);
  return letters != NULL ? letter_at(letters, i) : 0;
}

const char *rs_rsql_letter_name(char letter)
{
  static const char *const needed[] = {
    "string", "number", "int",     "array", "string, array, object or bytes",
    "bytes",  "bool",   "a scalar"};
  const char *const letters = "snilcbBv", *const at = letter != 0 ? strchr(letters, letter) : NULL;
  return at != NULL ? needed[at - letters] : "another type";
}

static bool is_taken(char letter, enum rsql_kind k)
{
  switch (letter) {
    case 's': return k == TY_STRING;
    case 'n': return rs_rsql_is_number(k);
    case 'i': return k == TY_INT;
    case 'l': return k == TY_LIST;
    case 'b': return k == TY_BYTES || k == TY_STRING;
    case 'v': return k != TY_LIST && k != TY_STRUCT && k != TY_MAP;
    case 'c': return rs_rsql_class_of(k) >= 3 || k == TY_BYTES || k == TY_STRUCT || k == TY_MAP;
    default: return true;
  }
}

int rs_rsql_wrong_argument(const struct rsql_node *call)
{
  const char *letters = call->call->known != NULL ? takes(call->name) : NULL;
  for (size_t i = 0; letters != NULL && i < call->n; i++) {
    const enum rsql_kind k = call->v[i]->type.kind;
    if (is_settled(k) && !is_taken(letter_at(letters, i), k)) return (int)i + 1;
  }
  return 0;
}

/* ---- operands -------------------------------------------------------------------------------- */

/* No engine and no Rockset calculates with them. */
static bool is_no_operand(enum rsql_kind k)
{
  return rs_rsql_class_of(k) >= 2 || k == TY_BYTES || k == TY_STRUCT || k == TY_MAP;
}

static bool is_interval(enum rsql_kind k)
{
  return k == TY_MONTHS || k == TY_MICROS || k == TY_INTERVAL;
}

static bool is_time(enum rsql_kind k)
{
  return k == TY_DATE || k == TY_TIME || k == TY_DATETIME || k == TY_TIMESTAMP;
}

/* A number is added to a date alone; nothing but an interval is multiplied, by a number. Other
** sums of times and intervals are the engine's to judge. */
static bool is_no_pair(unsigned char op, enum rsql_kind a, enum rsql_kind b)
{
  const bool time = is_time(a) || is_time(b), interval = is_interval(a) || is_interval(b),
             number = rs_rsql_is_number(a) || rs_rsql_is_number(b);
  if (op == '+' || op == '-') return number && (interval || (time && a != TY_DATE && b != TY_DATE));
  return time || (interval && !(op == '*' && number));
}

/* `||` takes scalars, or lists alone. */
static int wrong_text(const struct rsql_node *chain)
{
  size_t lists = 0;
  for (size_t i = 0; i < chain->n; i++)
    lists += chain->v[i]->type.kind == TY_LIST || !is_settled(chain->v[i]->type.kind);
  for (size_t i = 0; lists < chain->n && i < chain->n; i++)
    if (!is_taken('v', chain->v[i]->type.kind)) return (int)i + 1;
  return 0;
}

int rs_rsql_wrong_operand(const struct rsql_node *chain)
{
  if (chain->ops[0] == '|') return wrong_text(chain);
  if (strchr("+-*/%I", chain->ops[0]) == NULL) return 0;
  for (size_t i = 0; i < chain->n; i++)
    if (is_no_operand(chain->v[i]->type.kind)) return (int)i + 1;
  const enum rsql_kind a = chain->v[0]->type.kind, b = chain->v[1]->type.kind;
  return chain->n == 2 && is_settled(a) && is_settled(b) && is_no_pair(chain->ops[0], a, b) ? 1 : 0;
}

void rs_rsql_write_wrong(struct rsql_writer *w, const struct rsql_node *x)
{
  if (w->quiet) {
    rs_rsql_write(w, "NULL");
    return;
  }
  rs_rsql_write(w, "CASE WHEN ");
  for (size_t i = 0; i < x->n && w->rc == RS_OK; i++) {
    if (i > 0) rs_rsql_write(w, " AND ");
    // what a view says of it comes second
    rs_rsql_write_operand(w, x->v[i]->kind == N_VIEW ? x->v[i]->v[0] : x->v[i]);
    rs_rsql_write(w, " IS NOT NULL");
  }
  rs_rsql_write(w, " THEN ");
  const size_t i = (size_t)x->op - 1;
  const char *got = rs_rsql_kind_name(x->v[i]->type.kind);
  if (x->kind == N_CALL) {
    const char letter = letter_at(takes(x->name), i);
    rs_rsql_write_raise(w, x->v[i]->pos, "Function `%s`: argument %zu must be %s, not %s.", x->name,
                        i + 1, rs_rsql_letter_name(letter), got);
  } else {
    const unsigned char op = x->ops[i > 0 ? i - 1 : 0];
    const bool pair = x->n == 2 && op != '|' && !is_no_operand(x->v[i]->type.kind);
    rs_rsql_write_raise(w, x->v[i]->pos, "Operator `%s%c` does not take %s%s%s.",
                        op == '|' ? "|" : "", op == 'I' ? '/' : op, got, pair ? ", " : "",
                        pair ? rs_rsql_kind_name(x->v[1]->type.kind) : "");
  }
  rs_rsql_write(w, " END");
}

/* ---- instants -------------------------------------------------------------------------------- */

static bool is_old_instant(const struct rsql_node *x)
{
  return x->kind == N_AT_ZONE && x->has;
}

bool rs_rsql_in_utc(struct rsql_node *const *v, size_t n)
{
  bool old = false;
  for (size_t i = 0; i < n; i++) {
    if (v[i]->type.kind != TY_TIMESTAMP) return false;
    old = old || is_old_instant(v[i]);
  }
  return old;
}

void rs_rsql_write_utc(struct rsql_writer *w, const struct rsql_node *x)
{
  if (is_old_instant(x)) {
    rs_rsql_write_operand(w, x->v[0]);
    return;
  }
  rs_rsql_write(w, "(");
  const char *form = rs_rsql_write_until(w, w->f->at_zone[1], '$');
  rs_rsql_write_operand(w, x);
  form = rs_rsql_write_until(w, form, '@');
  rs_rsql_write(w, "'UTC'");
  rs_rsql_write(w, form);
  rs_rsql_write(w, ")");
}

/* ---- one of many values ---------------------------------------------------------------------- */

static bool is_boxed(enum rsql_kind k)
{
  return rs_rsql_class_of(k) > 0 || k == TY_NULL || k == TY_JSON || k == TY_STRUCT || k == TY_MAP;
}

struct rsql_type rs_rsql_type_either(struct rsql_type a, struct rsql_type b)
{
  const struct rsql_type t = rs_rsql_type_common(a, b);
  // objects of one type have the same fields; lists may hold any numbers
  const bool lists = a.native != NULL && b.native != NULL && t.kind == TY_LIST;
  const bool unlike = t.native == NULL && (t.kind == TY_STRUCT || lists) && a.kind == b.kind;
  const bool differ = t.kind == TY_ANY || unlike;
  const bool times = (a.kind == TY_JSON && rs_rsql_typed_bit(b.kind) != 0) ||
                     (b.kind == TY_JSON && rs_rsql_typed_bit(a.kind) != 0);
  if (!differ || (!times && !(is_boxed(a.kind) && is_boxed(b.kind)))) return t;
  return (struct rsql_type){.kind = TY_JSON};
}

void rs_rsql_write_either(struct rsql_writer *w, const struct rsql_node *x, struct rsql_type type)
{
  const bool box = type.kind == TY_JSON && x->type.kind != TY_JSON && x->type.kind != TY_NULL;
  if (box && w->plain) rs_rsql_plain_fail(w, x->pos, "values of several types");
  const char *wrapped = box && !w->plain ? rs_rsql_wrapped_form(w, x->type.kind) : NULL;
  if (wrapped != NULL && rs_starts(wrapped, "CASE")) { // a typed value
    if (w->f->json_casts) rs_rsql_write(w, "json_parse(");
    rs_rsql_write_form(w, wrapped, x);
    if (w->f->json_casts) rs_rsql_write(w, ")");
    return;
  }
  const char *rest = rs_rsql_write_until(w, box && !w->plain ? w->f->json_value : "$", '$');
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, rest);
}
