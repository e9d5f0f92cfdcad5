/*
** What may be sent: see pushdown.h for the table of types and operators.
**
** SQLite's order of values of different types decides most run-time cases:
**   NULL < numbers < text < blob; NULL matches no comparison; IS and IS NOT know NULL.
*/
#include "pushdown.h"

#include <math.h>
#include <string.h>

#include "src/base/text.h"
#include "internal.h"

/* How a column compares; types of one class behave alike. */
enum group {
  GROUP_INT,   /* 64-bit integers; booleans as 0/1 */
  GROUP_FLOAT, /* doubles; NaN reads as NULL */
  GROUP_TEXT,  /* any text */
  GROUP_ISO,   /* text that never looks like a number: dates, times, UUIDs */
  GROUP_BYTES, /* blobs: neither affinity nor collation touches them */
  GROUP_NULLS, /* only its null-ness is the engine's */
  GROUP_LOCAL  /* not even that: JSON null reads as NULL, a union may hold NaN */
};

static enum group group_of(enum rs_type t)
{
  switch (t) {
    case RS_T_INT:
    case RS_T_BOOL: return GROUP_INT;
    case RS_T_FLOAT: return GROUP_FLOAT;
    case RS_T_TEXT:
    case RS_T_ENUM: return GROUP_TEXT;
    case RS_T_DATE:
    case RS_T_TIME:
    case RS_T_TIMESTAMP:
    case RS_T_UUID: return GROUP_ISO;
    case RS_T_BYTES: return GROUP_BYTES;
    case RS_T_HUGEINT:
    case RS_T_DECIMAL:
    case RS_T_TIMESTAMPTZ: return GROUP_NULLS;
    case RS_T_JSON:
    case RS_T_MIXED:
    case RS_T_OTHER: break;
  }
  return GROUP_LOCAL;
}

static bool is_range(enum rs_op op)
{
  return op == RS_OP_LT || op == RS_OP_LE || op == RS_OP_GT || op == RS_OP_GE;
}

const char *rs_op_text(enum rs_op op)
{
  static const char *const text[] = {"=",      "<>",      "<",           "<=", ">",    ">=",  "IS",
                                     "IS NOT", "IS NULL", "IS NOT NULL", "IN", "LIKE", "GLOB"};
  return text[op];
}

bool rs_shippable_numeric(enum rs_type type)
{
  enum group c = group_of(type);
  return c == GROUP_INT || c == GROUP_FLOAT;
}

/* Can this dialect write a comparison of the column at all? */
static bool expressible(const struct rs_dialect *d, enum rs_type type)
{
  switch (group_of(type)) {
    case GROUP_INT: return type != RS_T_BOOL || d->as_int;
    case GROUP_FLOAT:
    case GROUP_BYTES: return true;
    case GROUP_TEXT: return d->text_is_binary && (type == RS_T_TEXT || d->as_text);
    case GROUP_ISO:
      if (d->no_time_text && (type == RS_T_TIME || type == RS_T_TIMESTAMP)) return false;
      return d->text_is_binary && d->as_text;
    case GROUP_NULLS:
    case GROUP_LOCAL: break;
  }
  return false;
}

/* Can only the value be compared, and not its text? */
static bool as_times_only(const struct rs_dialect *d, enum rs_type type)
{
  return d->time_values && d->no_time_text && (type == RS_T_TIMESTAMP || type == RS_T_TIME);
}

/* Can this dialect search in the column's text? */
static bool searchable(const struct rs_dialect *d, enum rs_type type)
{
  if (!d->lower || !d->as_text) return false;
  switch (group_of(type)) {
    case GROUP_INT: return type != RS_T_BOOL;
    case GROUP_TEXT:
    case GROUP_ISO: return expressible(d, type);
    default: return false;
  }
}

static const char *const why_type = "type: the engine compares it otherwise";
static const char *const why_collation = "collation: the engine compares bytes";
static const char *const why_number = "value: a number may meet the text as a number";

/* NULL in *why: exact. */
static enum rs_ship judge_pattern(const struct rs_dialect *d, enum rs_type type, enum rs_rhs rhs,
                                  const char **why)
{
  if (!searchable(d, type)) {
    *why = "type: its text is SQLite's own";
    return RS_SHIP_LOCAL;
  }
  if (rhs == RS_RHS_PREFIX && group_of(type) == GROUP_TEXT) return RS_SHIP_EXACT;
  *why = "pattern: SQLite folds ASCII letters only and stops at a NUL";
  return RS_SHIP_RECHECK;
}

static enum rs_ship judge(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                          enum rs_rhs rhs, bool binary, const char **why)
{
  enum group c = group_of(type);
  bool literal = rhs == RS_RHS_TEXT || rhs == RS_RHS_BYTES || rhs == RS_RHS_NULL;
  *why = NULL;
  if (op == RS_OP_LIKE || op == RS_OP_GLOB) return judge_pattern(d, type, rhs, why);
  if (c == GROUP_LOCAL) {
    *why = "type: its values are of several types, or JSON";
    return RS_SHIP_LOCAL;
  }
  if (op == RS_OP_ISNULL || op == RS_OP_NOTNULL) return RS_SHIP_EXACT;
  if (as_times_only(d, type) && rs_times_order(op) && binary) {
    *why = "type: the engine writes it otherwise as text";
    return RS_SHIP_RECHECK;
  }
  if (!expressible(d, type)) {
    *why = why_type;
    return RS_SHIP_LOCAL;
  }
  if (c == GROUP_INT) return RS_SHIP_EXACT;
  if (c == GROUP_BYTES) {
    if (!is_range(op) || rhs != RS_RHS_TEXT) return RS_SHIP_EXACT;
    // SQLite offers x >= 'ab' AND x < 'ac' for x LIKE 'ab%', though its LIKE may find bytes, too
    *why = "bytes: the range may be a LIKE's, which finds them as text";
    return RS_SHIP_LOCAL;
  }
  if (c == GROUP_FLOAT) {
    if (!is_range(op) || rhs != RS_RHS_TEXT) return RS_SHIP_EXACT;
    *why = "NaN and infinity: read as texts they are ordered otherwise";
    return RS_SHIP_LOCAL;
  }
  if (!binary) {
    *why = why_collation;
    return RS_SHIP_LOCAL;
  }
  if (c == GROUP_ISO && !is_range(op)) return RS_SHIP_EXACT;
  if (literal && d->text_bytes) return RS_SHIP_EXACT;
  *why = why_number;
  return RS_SHIP_RECHECK;
}

enum rs_ship rs_shippable_term(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                               enum rs_rhs rhs, bool binary)
{
  const char *why;
  return judge(d, type, op, rhs, binary, &why);
}

const char *rs_shippable_why(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                             enum rs_rhs rhs, bool binary)
{
  const char *why;
  judge(d, type, op, rhs, binary, &why);
  return why;
}

bool rs_shippable_order(const struct rs_dialect *d, enum rs_type type)
{
  return d->nulls_order && expressible(d, type);
}

bool rs_shippable_plain_order(const struct rs_dialect *d, enum rs_type type)
{
  return rs_shippable_order(d, type) &&
         (type == RS_T_INT || type == RS_T_BYTES || (type == RS_T_TEXT && d->as_binary == NULL));
}

bool rs_shippable_distinct(enum rs_type type)
{
  return group_of(type) != GROUP_LOCAL;
}

/* Is this byte of a pattern for GLOB, or for an engine's LIKE, more than itself? */
static bool is_special(char c)
{
  return c == 0 || c == '*' || c == '?' || c == '[' || c == '%' || c == '_' || c == '\\';
}

bool rs_shippable_is_prefix(const char *p, size_t n)
{
  size_t i = 0;
  while (i < n && !is_special(p[i])) i++;
  return i + 1 == n && p[i] == '*' && rs_utf8_valid(p, n) == n;
}

/* ---- run time -------------------------------------------------------------------------------- */

static void set(struct rs_bound *out, enum rs_bound_kind kind)
{
  out->kind = kind;
}

/* The value can equal nothing in the column and is `above` or below all that is not NULL in it. */
static void set_apart(struct rs_bound *out, enum rs_op op, bool above)
{
  switch (op) {
    case RS_OP_NE: set(out, RS_BOUND_NOT_NULL); break;
    case RS_OP_ISNOT: set(out, RS_BOUND_TRUE); break;
    case RS_OP_LT:
    case RS_OP_LE: set(out, above ? RS_BOUND_NOT_NULL : RS_BOUND_FALSE); break;
    case RS_OP_GT:
    case RS_OP_GE: set(out, above ? RS_BOUND_FALSE : RS_BOUND_NOT_NULL); break;
    default: set(out, RS_BOUND_FALSE); break;
  }
}

static void set_cmp(struct rs_bound *out, enum rs_op op)
{
  out->kind = op == RS_OP_ISNOT ? RS_BOUND_CMP_OR_NULL : RS_BOUND_CMP;
  out->op = op == RS_OP_IS ? RS_OP_EQ : op == RS_OP_ISNOT ? RS_OP_NE : op;
}

static void set_int(struct rs_bound *out, enum rs_op op, int64_t i)
{
  out->value.kind = RS_INT;
  out->value.i = i;
  set_cmp(out, op);
}

static void set_float(struct rs_bound *out, enum rs_op op, double f)
{
  out->value.kind = RS_FLOAT;
  out->value.f = f;
  set_cmp(out, op);
}

#define TWO_63 9223372036854775808.0

/* An integer column against a REAL: move the bound to an integer. */
static void bind_int_to_float(enum rs_op op, double f, struct rs_bound *out)
{
  bool whole;
  if (f >= TWO_63) {
    set_apart(out, op, true);
    return;
  }
  if (f < -TWO_63) {
    set_apart(out, op, false);
    return;
  }
  whole = floor(f) == f;
  if (whole) set_int(out, op, (int64_t)f);
  else if (op == RS_OP_LT || op == RS_OP_LE) set_int(out, RS_OP_LE, (int64_t)floor(f));
  else if (op == RS_OP_GT || op == RS_OP_GE) set_int(out, RS_OP_GE, (int64_t)ceil(f));
  else set_apart(out, op, true);
}

/* Is the double exactly this integer? (double)INT64_MAX is 2^63, which no integer is. */
static bool same_number(double f, int64_t i)
{
  return f < TWO_63 && (int64_t)f == i;
}

/* A float column against an INTEGER that no double may hold: move the bound to a neighbour. */
static void bind_float_to_int(enum rs_op op, int64_t i, struct rs_bound *out)
{
  double f = (double)i, below, above;
  if (same_number(f, i)) {
    set_float(out, op, f);
    return;
  }
  if (f >= TWO_63 || (int64_t)f > i) { /* rounded up */
    above = f;
    below = nextafter(f, -INFINITY);
  } else {
    below = f;
    above = nextafter(f, INFINITY);
  }
  if (op == RS_OP_LT || op == RS_OP_LE) set_float(out, RS_OP_LE, below);
  else if (op == RS_OP_GT || op == RS_OP_GE) set_float(out, RS_OP_GE, above);
  else set_apart(out, op, true);
}

/* Numbers of either kind, NULL excluded; text and blobs stand above all numbers. */
static void bind_number(enum group c, enum rs_op op, const struct rs_value *v, struct rs_bound *out)
{
  if (v->kind == RS_INT || v->kind == RS_BOOL) {
    if (c == GROUP_INT) set_int(out, op, v->i);
    else bind_float_to_int(op, v->i, out);
  } else if (v->kind == RS_FLOAT) {
    if (c == GROUP_INT) bind_int_to_float(op, v->f, out);
    else set_float(out, op, v->f);
  } else {
    set_apart(out, op, true);
  }
}

static bool is_text(const struct rs_value *v)
{
  return v->kind == RS_TEXT || v->kind == RS_JSON;
}

/* Text that an engine takes as a text parameter. */
static bool is_clean(const struct rs_value *v)
{
  return v->s.n == 0 || (!memchr(v->s.p, 0, v->s.n) && rs_utf8_valid(v->s.p, v->s.n) == v->s.n);
}

/*
** Could a text that SQLite would read as a number be below this one by the order of numbers and
** text, though not by the order of texts? Such texts begin with a digit, a sign, a point or a
** space: all below ':'.
*/
static bool below_colon(const struct rs_value *v)
{
  return v->s.n == 0 || (unsigned char)v->s.p[0] < ':';
}

static void bind_text(const struct rs_dialect *d, enum rs_type type, enum rs_op op, enum rs_rhs rhs,
                      const struct rs_value *v, struct rs_bound *out)
{
  enum group c = group_of(type);
  if (v->kind == RS_BYTES) {
    set_apart(out, op, true);
    return;
  }
  if (!is_text(v)) {
    /* A number, and unknown whether it compares as text. Dates never equal the text of a number */
    if (c == GROUP_ISO && !is_range(op)) set_apart(out, op, true);
    else set(out, op == RS_OP_ISNOT ? RS_BOUND_TRUE : RS_BOUND_NOT_NULL);
    return;
  }
  out->value = *v;
  out->value.kind = RS_TEXT;
  out->as_time = d->time_values && rs_times_order(op) && rs_times_fit(type, &out->value);
  if (as_times_only(d, type)) {
    if (out->as_time) set_cmp(out, op);
    else set(out, RS_BOUND_NOT_NULL);
    return;
  }
  if (!is_clean(v)) {
    if (c == GROUP_ISO && !is_range(op)) {
      set_apart(out, op, true);
      return;
    }
    if (!d->text_bytes) {
      set(out, op == RS_OP_ISNOT ? RS_BOUND_TRUE : RS_BOUND_NOT_NULL);
      return;
    }
    out->bytes = true;
    out->value.kind = RS_BYTES;
  }
  set_cmp(out, op);
  /* A text from a column of numeric affinity: the texts that look like numbers are below it */
  if (c == GROUP_TEXT && rhs == RS_RHS_UNKNOWN && (op == RS_OP_LT || op == RS_OP_LE) &&
      below_colon(v)) {
    if (d->like_number) out->or_number = true;
    else set(out, RS_BOUND_NOT_NULL);
  }
}

void rs_shippable_bind(const struct rs_dialect *d, enum rs_type type, enum rs_op op,
                       enum rs_rhs rhs, const struct rs_value *v, struct rs_bound *out)
{
  enum group c = group_of(type);
  memset(out, 0, sizeof *out);
  out->op = op;
  if (op == RS_OP_ISNULL || op == RS_OP_NOTNULL) {
    set(out, op == RS_OP_ISNULL ? RS_BOUND_NULL : RS_BOUND_NOT_NULL);
  } else if (v->kind == RS_NULL || (v->kind == RS_FLOAT && isnan(v->f))) {
    set(out, op == RS_OP_IS      ? RS_BOUND_NULL
             : op == RS_OP_ISNOT ? RS_BOUND_NOT_NULL
                                 : RS_BOUND_FALSE);
  } else if (d->any_values &&
             (c == GROUP_INT || c == GROUP_FLOAT || c == GROUP_BYTES || v->kind == RS_BYTES)) {
    out->value = *v;
    set_cmp(out, op);
  } else if (c == GROUP_INT || c == GROUP_FLOAT) {
    bind_number(c, op, v, out);
  } else if (c == GROUP_BYTES) {
    if (v->kind == RS_BYTES) {
      out->value = *v;
      set_cmp(out, op);
    } else {
      set_apart(out, op, false);
    }
  } else {
    bind_text(d, type, op, rhs, v, out);
  }
}

static bool same_value(const struct rs_value *a, const struct rs_value *b)
{
  if (a->kind != b->kind) return false;
  if (a->kind == RS_INT) return a->i == b->i;
  if (a->kind == RS_FLOAT) return a->f >= b->f && a->f <= b->f;
  return a->s.n == b->s.n && (a->s.n == 0 || memcmp(a->s.p, b->s.p, a->s.n) == 0);
}

void rs_shippable_bind_list(const struct rs_dialect *d, enum rs_type type, struct rs_value *items,
                            size_t n, struct rs_bound *out)
{
  struct rs_bound one;
  size_t i, kept = 0;
  memset(out, 0, sizeof *out);
  out->op = RS_OP_IN;
  for (i = 0; i < n; i++) {
    rs_shippable_bind(d, type, RS_OP_EQ, RS_RHS_UNKNOWN, &items[i], &one);
    if (one.kind == RS_BOUND_FALSE) continue;
    if (one.kind != RS_BOUND_CMP || one.bytes) {
      /* An item that can't be written in a list of the others' kind: all that is not NULL,
      ** rechecked. Text that is no UTF-8 equals nothing that the engine holds */
      if (one.bytes && rs_utf8_valid(items[i].s.p, items[i].s.n) != items[i].s.n) continue;
      set(out, RS_BOUND_NOT_NULL);
      return;
    }
    if (kept > 0 && same_value(&items[kept - 1], &one.value)) continue;
    items[kept++] = one.value;
  }
  out->value.kind = RS_LIST;
  out->value.list.v = items;
  out->value.list.n = kept;
  set(out, kept > 0 ? RS_BOUND_IN : RS_BOUND_FALSE);
}

void rs_shippable_bind_pattern(enum rs_op op, const struct rs_value *v, char *pattern,
                               struct rs_bound *out)
{
  size_t n = 0;
  memset(out, 0, sizeof *out);
  out->op = op;
  if (v->kind == RS_NULL) {
    set(out, RS_BOUND_FALSE);
    return;
  }
  // a number's text, bytes that are no text: SQLite looks at all that is not NULL
  if (!is_text(v) || rs_utf8_valid(v->s.p, v->s.n) != v->s.n) {
    set(out, RS_BOUND_NOT_NULL);
    return;
  }
  for (size_t i = 0; i < v->s.n && v->s.p[i] != 0; i++) {
    char c = v->s.p[i];
    bool star = op == RS_OP_GLOB ? is_special(c) : c == '%' || c == '_' || c == '\\';
    if (star) c = '%';
    if (!star || n == 0 || pattern[n - 1] != '%') pattern[n++] = c;
    if (op == RS_OP_GLOB && v->s.p[i] == '[') break; // whatever follows: any
  }
  // a text with a NUL goes on behind what SQLite reads of it
  if (n == 0 || pattern[n - 1] != '%') pattern[n++] = '%';
  if (n == 1) {
    set(out, RS_BOUND_NOT_NULL);
    return;
  }
  out->kind = RS_BOUND_LIKE;
  out->fold = op == RS_OP_LIKE;
  out->value = (struct rs_value){.kind = RS_TEXT, .s = {pattern, n}};
}

bool rs_op_holds(enum rs_op op, int order)
{
  switch (op) {
    case RS_OP_EQ: return order == 0;
    case RS_OP_NE: return order != 0;
    case RS_OP_LT: return order < 0;
    case RS_OP_LE: return order <= 0;
    case RS_OP_GT: return order > 0;
    case RS_OP_GE: return order >= 0;
    default: return true;
  }
}
