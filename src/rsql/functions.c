/*
** Finding a function and its result's type (see functions.h); the rows are function_table.c's.
*/
#include "functions.h"
#include <string.h>
#include "src/base/text.h"
#include "strict.h"
#include "types.h"

/* The rows of a name; NULL when there is none. */
static const struct rsql_function *rows(const char *name, const struct rsql_function **end)
{
  size_t from = 0, to, count;
  const struct rsql_function *table = rs_rsql_functions(&count);
  to = count;
  while (from < to) {
    size_t middle = (from + to) / 2;
    if (rs_casecmp(table[middle].name, name) < 0) from = middle + 1;
    else to = middle;
  }
  for (to = from; to < count && rs_casecmp(table[to].name, name) == 0;) to++;
  *end = table + to;
  return to > from ? table + from : NULL;
}

static bool is_json_list(struct rsql_type t)
{
  return t.kind == TY_LIST && rs_rsql_type_element(t).kind == TY_JSON;
}

static bool fits(char letter, struct rsql_type t)
{
  switch (letter) {
    case 's': return t.kind == TY_STRING;
    case 'b': return t.kind == TY_BYTES;
    case 'l': return t.kind == TY_LIST;
    case 'J': return is_json_list(t);
    case 'm': return t.kind == TY_MAP;
    case 'o': return t.kind == TY_STRUCT;
    case 'j': return t.kind == TY_JSON;
    case 'i': return t.kind == TY_INT;
    case 'f': return t.kind == TY_FLOAT;
    case 'B': return t.kind == TY_BOOL;
    case 'V': return t.kind == TY_MONTHS;
    case 'n': return rs_rsql_is_number(t.kind);
    case 'd': return t.kind == TY_DATE;
    case 't': return t.kind == TY_DATETIME;
    case 'z': return t.kind == TY_TIMESTAMP;
    case 'h': return t.kind == TY_TIME;
    case 'u': return t.kind == TY_U256;
    case 'N': return t.kind == TY_NULL;
    case 'v': return t.kind == TY_MONTHS || t.kind == TY_MICROS || t.kind == TY_INTERVAL;
    default: return true;
  }
}

/* May values of both be equal, and does the engine find that out by itself? */
static bool alike(struct rsql_type a, struct rsql_type b)
{
  const int class = rs_rsql_class_of(a.kind);
  if (a.kind == TY_JSON) return false;
  if (a.kind == TY_ANY || b.kind == TY_NULL) return true; // the engine's to say
  if (b.kind == TY_JSON) return false;
  return b.kind == TY_ANY || a.kind == b.kind || (class > 0 && class == rs_rsql_class_of(b.kind));
}

/* Does argument k fit, by the first one where it must have to do with its elements? */
static bool fits_at(char letter, struct rsql_node *const *v, size_t k)
{
  const struct rsql_type element = rs_rsql_type_element(v[0]->type), t = v[k]->type;
  if (letter == 'E') return alike(element, t);
  if (letter == 'L') {
    const bool list = t.kind == TY_LIST || t.kind == TY_JSON;
    return v[0]->type.kind == TY_ANY || !list || alike(element, rs_rsql_type_element(t));
  }
  return fits(letter, t);
}

const struct rsql_function *rs_rsql_function_find(const char *name, struct rsql_node *const *v,
                                                  size_t n)
{
  const struct rsql_function *end, *f = rows(name, &end);
  for (; f != NULL && f < end; f++) {
    if ((int)n < f->min || (f->max >= 0 && (int)n > f->max)) continue;
    bool ok = true;
    for (size_t k = 0; ok && f->when != NULL && f->when[k] != 0 && k < n; k++) {
      ok = fits_at(f->when[k], v, k);
    }
    if (ok) return f;
  }
  return NULL;
}

bool rs_rsql_function_raises(const struct rsql_function *f)
{
  return f != NULL && f->duckdb != NULL && strstr(f->duckdb, "error(") != NULL;
}

bool rs_rsql_function_known(const char *name, int *min, int *max)
{
  const struct rsql_function *end, *f = rows(name, &end);
  if (f == NULL) return false;
  *min = f->min;
  *max = f->max;
  for (; f < end; f++) {
    if (f->min < *min) *min = f->min;
    if (*max >= 0 && (f->max < 0 || f->max > *max)) *max = f->max;
  }
  return true;
}

static bool is_in(const char *const *names, size_t n, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (rs_casecmp(names[i], name) == 0) return true;
  return false;
}

bool rs_rsql_function_needs_window(const char *name)
{
  static const char *const names[] = {
    "CUME_DIST", "DENSE_RANK", "FIRST_VALUE",  "LAG",  "LAST_VALUE", "LEAD",
    "NTH_VALUE", "NTILE",      "PERCENT_RANK", "RANK", "ROW_NUMBER",
  };
  return is_in(names, sizeof names / sizeof names[0], name);
}

bool rs_rsql_function_aggregates(const char *name)
{
  static const char *const names[] = {
    "APPROX_DISTINCT",
    "ARBITRARY",
    "ARRAY_AGG",
    "AVG",
    "BITWISE_AND_AGG",
    "BITWISE_OR_AGG",
    "BOOL_AND",
    "BOOL_OR",
    "COUNT",
    "COUNT_IF",
    "EVERY",
    "GEOMETRIC_MEAN",
    "GROUPING",
    "MAX",
    "MAX_BY",
    "MIN",
    "MIN_BY",
    "STDDEV_SAMP",
    "SUM",
  };
  return is_in(names, sizeof names / sizeof names[0], name);
}

bool rs_rsql_aggregates(const struct rsql_node *x, bool over)
{
  if (x == NULL) return false;
  if (x->kind == N_CALL && (x->call->over != NULL ? over : rs_rsql_function_aggregates(x->name)))
    return true;
  for (size_t i = 0; i < x->n; i++)
    if (rs_rsql_aggregates(x->v[i], over)) return true;
  return false;
}

bool rs_rsql_functions_known(const struct rsql_node *x)
{
  int min = 0, max = 0;
  if (x == NULL) return true;
  if (x->kind == N_STAR || (x->kind == N_CALL && !rs_rsql_function_known(x->name, &min, &max)))
    return false;
  for (size_t i = 0; i < x->n; i++)
    if (!rs_rsql_functions_known(x->v[i])) return false;
  return true;
}

bool rs_rsql_function_boxes(const struct rsql_function *f)
{
  return rs_eq(f->name, "COALESCE") || rs_eq(f->name, "IF");
}

static struct rsql_type common(const struct rsql_function *f, struct rsql_node *const *v,
                               size_t from, size_t n)
{
  struct rsql_type t = {.kind = TY_NULL};
  for (size_t i = from; i < n; i++)
    t = rs_rsql_function_boxes(f) ? rs_rsql_type_either(t, v[i]->type)
                                  : rs_rsql_type_common(t, v[i]->type);
  return t;
}

static struct rsql_type list_of(const char *native)
{
  return (struct rsql_type){.kind = TY_LIST, .native = native, .n = strlen(native)};
}

struct rsql_type rs_rsql_function_type(const struct rsql_function *f, struct rsql_node *const *v,
                                       size_t n)
{
  static const struct {
    char letter;
    enum rsql_kind kind;
  } simple[] = {{'i', TY_INT},  {'f', TY_FLOAT},  {'s', TY_STRING},   {'b', TY_BYTES},
                {'B', TY_BOOL}, {'d', TY_DATE},   {'t', TY_DATETIME}, {'z', TY_TIMESTAMP},
                {'h', TY_TIME}, {'V', TY_MONTHS}, {'v', TY_MICROS},   {'l', TY_LIST},
                {'j', TY_JSON}, {'m', TY_MAP},    {'u', TY_U256}};
  for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++) {
    if (simple[i].letter == f->result) return (struct rsql_type){.kind = simple[i].kind};
  }
  switch (f->result) {
    case 'S': return list_of("VARCHAR[]");
    case 'J': return list_of("JSON[]");
    case 'a':
      if (n > 0 && v[0]->type.kind == TY_JSON) return list_of("JSON[]");
      return (struct rsql_type){.kind = TY_LIST};
    case '1':
      // NULL first: the type is that of the others, which is not known here
      if (n > 0 && v[0]->type.kind != TY_NULL) return v[0]->type;
      break;
    case '2':
      if (n > 1 && v[1]->type.kind != TY_NULL) return v[1]->type;
      break;
    case 'c': return common(f, v, 0, n);
    case 'C': return common(f, v, 1, n);
    case 'e':
      if (n > 0) return rs_rsql_type_element(v[0]->type);
      break;
    default: break;
  }
  return (struct rsql_type){0};
}
