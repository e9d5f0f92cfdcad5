/*
** The types of expressions whose operands are resolved, and names of results (see resolve.h).
*/
#include "resolve.h"
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/value/field_name.h"
#include "strict.h"
#include "types.h"

static bool is_interval(enum rsql_kind k)
{
  return k == TY_MONTHS || k == TY_MICROS || k == TY_INTERVAL;
}

static bool is_day(enum rsql_kind k)
{
  return k == TY_DATE || k == TY_DATETIME || k == TY_TIMESTAMP;
}

/* Of a op b. */
static enum rsql_kind arithmetic(enum rsql_kind a, char op, enum rsql_kind b)
{
  if (a == TY_INT && b == TY_INT) return TY_INT;
  if ((a == TY_U256 || a == TY_INT) && (b == TY_U256 || b == TY_INT)) return TY_U256;
  if (rs_rsql_is_number(a) && rs_rsql_is_number(b)) {
    if (a == TY_FLOAT || b == TY_FLOAT) return TY_FLOAT;
    return op == '/' ? TY_ANY : TY_DECIMAL;
  }
  if (is_day(a) && is_interval(b)) return a;
  if (is_interval(a) && is_day(b) && op == '+') return b;
  if ((a == TY_DATETIME || a == TY_TIMESTAMP) && a == b && op == '-') return TY_MICROS;
  if (is_interval(a) && is_interval(b)) return a == b ? a : TY_INTERVAL;
  if (is_interval(a) && rs_rsql_is_number(b)) return a;
  if (is_interval(b) && rs_rsql_is_number(a)) return b;
  return TY_ANY;
}

static struct rsql_type chain_type(const struct rsql_node *x)
{
  unsigned char first = x->ops[0];
  if (first == 'O' || first == 'A') return (struct rsql_type){.kind = TY_BOOL};
  struct rsql_type t = x->v[0]->type;
  for (size_t i = 1; i < x->n; i++) {
    struct rsql_type u = x->v[i]->type;
    switch (x->ops[i - 1]) {
      case '>': t = (struct rsql_type){.kind = TY_JSON}; break;
      case 'G': t = (struct rsql_type){.kind = TY_STRING}; break;
      case '|':
        if (t.kind == TY_STRING || u.kind == TY_STRING) t = (struct rsql_type){.kind = TY_STRING};
        else if (t.kind != u.kind) t = (struct rsql_type){0};
        break;
      default:
        t = (struct rsql_type){
          .kind = arithmetic(t.kind, (char)(x->ops[i - 1] == 'I' ? '/' : x->ops[i - 1]), u.kind)};
    }
  }
  return t;
}

static bool same_type(struct rsql_type a, struct rsql_type b)
{
  if (rs_rsql_is_number(a.kind) && rs_rsql_is_number(b.kind)) return true;
  if (a.kind != b.kind) return a.kind == TY_NULL || b.kind == TY_NULL;
  if (a.kind == TY_LIST && a.native != NULL && b.native != NULL)
    return same_type(rs_rsql_type_element(a), rs_rsql_type_element(b));
  return !rs_rsql_is_nested(a.kind) || a.kind == TY_JSON ||
         (a.native != NULL && b.native != NULL && a.n == b.n &&
          memcmp(a.native, b.native, a.n) == 0);
}

/* May both be elements of one list of the engine's? Not objects of other fields: it would give each
** all of them. */
static bool same_shape(const struct rsql_node *a, const struct rsql_node *b)
{
  if (a->kind == N_OBJECT && b->kind == N_OBJECT) {
    bool same = a->n == b->n;
    for (size_t i = 0; same && i + 1 < a->n; i += 2)
      same = rs_eq(a->v[i]->text, b->v[i]->text) && same_shape(a->v[i + 1], b->v[i + 1]);
    return same;
  }
  const bool lists = a->type.kind == TY_LIST && b->type.kind == TY_LIST;
  if (!lists || a->kind != N_ARRAY || b->kind != N_ARRAY) return same_type(a->type, b->type);
  for (size_t i = 0; i < a->n; i++)
    for (size_t k = 0; k < b->n && k < 2; k++)
      if (!same_shape(a->v[i], b->v[k])) return false;
  return true;
}

static struct rsql_type array_type(const struct rsql_node *x)
{
  struct rsql_type t = {.kind = TY_LIST};
  enum rsql_kind k = TY_NULL;
  const struct rsql_node *first = NULL;
  for (size_t i = 0; i < x->n; i++) {
    enum rsql_kind u = x->v[i]->type.kind;
    if (u == TY_NULL) continue;
    if (first == NULL) first = x->v[i];
    const bool unlike = k == u && rs_rsql_is_nested(u) && !same_shape(first, x->v[i]);
    if (unlike) k = TY_JSON;
    else if (k == TY_NULL || k == u) k = u;
    else if (rs_rsql_is_number(k) && rs_rsql_is_number(u)) k = TY_FLOAT;
    else if (k == TY_ANY || u == TY_ANY) k = TY_ANY;
    else if (rs_rsql_is_nested(k) && rs_rsql_is_nested(u)) k = TY_JSON;
    else return (struct rsql_type){.kind = TY_JSON}; // elements of different types
  }
  if (k == TY_INT) t.native = "BIGINT[]";
  if (k == TY_FLOAT) t.native = "DOUBLE[]";
  if (k == TY_STRING) t.native = "VARCHAR[]";
  if (k == TY_BOOL) t.native = "BOOLEAN[]";
  if (k == TY_JSON) t.native = "JSON[]";
  if (t.native != NULL) t.n = strlen(t.native);
  return t;
}

bool rs_rsql_type_keep_ints(struct rsql_node *x)
{
  const bool array = x->kind == N_ARRAY, object = x->kind == N_OBJECT;
  bool ints = false, floats = false, changed = false;
  for (size_t i = 0; (array || object) && i < x->n; i++) {
    ints = ints || x->v[i]->type.kind == TY_INT;
    floats = floats || x->v[i]->type.kind == TY_FLOAT;
    if (rs_rsql_type_keep_ints(x->v[i])) changed = true;
  }
  if (!array || !((ints && floats) || changed)) return changed;
  x->type = (struct rsql_type){.kind = TY_JSON};
  return true;
}

/* The type that THEN and ELSE have in common. */
static struct rsql_type case_type(const struct rsql_node *x)
{
  struct rsql_type t = {.kind = TY_NULL};
  size_t n = x->op == 1 ? x->n - 1 : x->n; // the ELSE comes last
  for (size_t i = x->has ? 2 : 1; i < n; i += 2) t = rs_rsql_type_either(t, x->v[i]->type);
  return x->op == 1 ? rs_rsql_type_either(t, x->v[n]->type) : t;
}

static enum rsql_kind param_kind(const struct rs_rsql_value *v)
{
  switch (v->type) {
    case RS_RSQL_NULL: return TY_NULL;
    case RS_RSQL_INT: return TY_INT;
    case RS_RSQL_FLOAT: return TY_FLOAT;
    case RS_RSQL_BOOL: return TY_BOOL;
    case RS_RSQL_STRING: return TY_STRING;
    case RS_RSQL_BYTES: return TY_BYTES;
    case RS_RSQL_DATE: return TY_DATE;
    case RS_RSQL_TIME: return TY_TIME;
    case RS_RSQL_DATETIME: return TY_DATETIME;
    case RS_RSQL_TIMESTAMP: return TY_TIMESTAMP;
    case RS_RSQL_MONTH_INTERVAL: return TY_MONTHS;
    case RS_RSQL_MICROSECOND_INTERVAL: return TY_MICROS;
    case RS_RSQL_ARRAY:
    case RS_RSQL_OBJECT:
    case RS_RSQL_GEOGRAPHY: return TY_JSON;
    default: return TY_ANY;
  }
}

static struct rsql_type named_type(const char *name)
{
  size_t n = strlen(name);
  const struct rsql_type_name *t = rs_rsql_type_find(name);
  if (t != NULL) return (struct rsql_type){.kind = t->kind};
  return rs_rsql_type_native(name, n);
}

static enum rsql_kind zone_kind(enum rsql_kind k)
{
  return k == TY_TIMESTAMP ? TY_DATETIME : k == TY_DATETIME || k == TY_DATE ? TY_TIMESTAMP : TY_ANY;
}

struct rsql_type rs_rsql_resolve_type(const struct rsql_resolver *r, const struct rsql_node *x)
{
  bool missing;
  enum rsql_kind k = TY_ANY;
  switch (x->kind) {
    case N_NULL:
    case N_UNDEFINED: k = TY_NULL; break;
    case N_INT: k = TY_INT; break;
    case N_FLOAT: k = TY_FLOAT; break;
    case N_STRING: k = TY_STRING; break;
    case N_BYTES: k = TY_BYTES; break;
    case N_TYPED: return named_type(x->name);
    case N_CAST: return named_type(x->text);
    case N_INTERVAL:
      k = TY_INTERVAL;
      if (x->text != NULL) {
        k = rs_eq(x->text, "YEAR") || rs_eq(x->text, "MONTH") ? TY_MONTHS : TY_MICROS;
      }
      break;
    case N_PARAM: k = r->env->values != NULL ? param_kind(&r->env->values[x->op]) : TY_ANY; break;
    case N_CASE: return case_type(x);
    case N_NEGATE:
    case N_PLUS:
    case N_SLICE: return x->v[0]->type;
    case N_CHAIN: return chain_type(x);
    case N_BOOL:
    case N_NOT:
    case N_COMPARE:
    case N_QUANT:
    case N_BETWEEN:
    case N_IN:
    case N_LIKE:
    case N_IS:
    case N_DISTINCT_FROM:
    case N_EXISTS: k = TY_BOOL; break;
    case N_ARRAY: return array_type(x);
    case N_OBJECT: k = TY_STRUCT; break;
    case N_INDEX:
      return rs_rsql_type_element(rs_rsql_has_members(x->v[0]) && x->v[1]->type.kind == TY_INT
                                    ? rs_rsql_type_member(x->v[0]->type, RSQL_ARRAY)
                                    : x->v[0]->type);
    case N_FIELD: return rs_rsql_field_type(x->v[0], x->text, &missing);
    case N_AT_ZONE: k = zone_kind(x->v[0]->type.kind); break;
    case N_EXTRACT: k = TY_INT; break;
    default: return x->type;
  }
  return (struct rsql_type){.kind = k};
}

/* ---- set operations, VALUES ------------------------------------------------------------------ */

/* Boxes item k of each select of b; false, and nothing is done: one of them has no such item, or
** sorts by it before it takes some rows. */
static bool box_items(struct rsql_body *b, const struct rsql_column *c, size_t k, bool set)
{
  if (b->kind == B_QUERY)
    return b->query->limit == NULL && b->query->offset == NULL &&
           box_items(b->query->body, c, k, set);
  if (b->kind == B_SET) {
    for (size_t i = 0; i < b->n; i++)
      if (!box_items(b->v[i], c, k, set)) return false;
    return true;
  }
  if (b->kind != B_SELECT || k >= b->select->nitems) return false;
  struct rsql_item *it = b->select->items[k];
  for (size_t i = 0; i <= k; i++)
    if (b->select->items[i]->expr->kind == N_STAR) return false;
  if (!set) return true;
  it->boxed = it->expr->boxed = true;
  it->expr->raw = false;
  if (it->alias == NULL && it->made == NULL) it->made = c->name;
  return true;
}

void rs_rsql_set_unite(struct rsql_body *b, size_t part, size_t k, struct rsql_column *c,
                       struct rsql_type t)
{
  const struct rsql_type old = c->type, unknown = {0};
  c->type = rs_rsql_type_either(old, t);
  c->type.side = false;
  if (old.kind == TY_NULL || t.kind == TY_NULL) return; // the engine's null is one of any type
  // columns of a UNION type are JSON values, too, but not to the engine
  const bool json = old.kind == TY_JSON && t.kind == TY_JSON;
  const bool one = !rs_rsql_type_is_union(old) && !rs_rsql_type_is_union(t);
  const bool same = old.native != NULL && t.native != NULL && old.n == t.n &&
                    memcmp(old.native, t.native, t.n) == 0;
  if (c->type.kind != TY_JSON || (json && (one || same))) return;
  for (size_t set = 0; set < 2; set++)
    for (size_t i = 0; i <= part; i++)
      if (!box_items(b->v[i], c, k, set)) {
        c->type = unknown;
        return;
      }
  c->type = (struct rsql_type){.kind = TY_JSON};
}

bool rs_rsql_set_differs(const struct rsql_body *b)
{
  struct rsql_type t = {.kind = TY_NULL};
  for (size_t i = 0; i < b->nvalues; i++) {
    if (b->values[i]->kind == N_ROW) return false;
    t = rs_rsql_type_either(t, b->values[i]->type);
  }
  return t.kind == TY_JSON;
}

/* ---- names ----------------------------------------------------------------------------------- */

bool rs_rsql_resolve_name(struct rsql_resolver *r, struct rs_map *names, const char *field,
                          const char **name)
{
  // a name that has its mark already is the field's own
  bool marks = rs_eq(*name, field) && rs_field_needs_mark(field, r->env->lower);
  char *folded = rs_arena_strdup(r->arena, *name);
  if (folded == NULL) return rs_rsql_resolve_oom(r);
  for (char *c = folded; *c != 0; c++) *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
  const char *other = rs_map_get(names, folded);
  if (other == NULL && !marks && !rs_map_put(names, folded, (void *)field))
    return rs_rsql_resolve_oom(r);
  marks = marks || (other != NULL && !rs_eq(other, field));
  if (!marks) return true;
  *name = rs_field_mark(r->arena, field);
  return *name != NULL || rs_rsql_resolve_oom(r);
}
