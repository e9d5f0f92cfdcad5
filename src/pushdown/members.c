/*
** Columns whose values are each of one of several types: a UNION of the engine, UNION("int" BIGINT,
** str VARCHAR). Such a column has no affinity; a term on it is sent as one of each member, joined
** by OR: what SQLite's order of types (NULL < numbers < texts < blobs) and the member's own type
** make of the value. All of it is a superset, which SQLite looks at again.
**
** Members whose values SQLite gets in a form of its own (JSON, decimals, timestamps with a zone)
** pass always; dates and times are compared as a column of them is.
*/
#include <math.h>
#include <string.h>
#include "src/base/text.h"
#include "src/value/text.h"
#include "internal.h"

/* ---- the type's text ------------------------------------------------------------------------- */

/* Where the member that begins at p ends: at a comma or the last bracket. */
static const char *member_end(const char *p)
{
  int depth = 0;
  for (; *p; p++) {
    if (*p == '"' || *p == '\'') {
      const char quote = *p++;
      while (*p && (*p != quote || p[1] == quote)) p += *p == quote ? 2 : 1;
      if (!*p) break;
    } else if (*p == '(') {
      depth++;
    } else if (*p == ')' && depth-- == 0) {
      break;
    } else if (*p == ',' && depth == 0) {
      break;
    }
  }
  return p;
}

static enum rs_type member_type(const char *p, size_t n)
{
  static const struct {
    const char *name;
    enum rs_type type;
  } types[] = {{"BOOLEAN", RS_T_BOOL},       {"TINYINT", RS_T_INT}, {"SMALLINT", RS_T_INT},
               {"INTEGER", RS_T_INT},        {"BIGINT", RS_T_INT},  {"DOUBLE", RS_T_FLOAT},
               {"VARCHAR", RS_T_TEXT},       {"DATE", RS_T_DATE},   {"TIME", RS_T_TIME},
               {"TIMESTAMP", RS_T_TIMESTAMP}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (rs_eqn(types[i].name, p, n)) return types[i].type;
  return RS_T_OTHER;
}

/* Reads the member's name, quoted or not; NULL: none, or no memory. */
static const char *member_name(struct rs_arena *a, const char **p)
{
  const char *from = *p, *end = from;
  if (*from != '"') {
    end += strcspn(end, " ,()");
    *p = end;
    return end > from ? rs_arena_strndup(a, from, (size_t)(end - from)) : NULL;
  }
  char *name = rs_arena_alloc(a, strlen(from)), *to = name;
  for (end = from + 1; name && *end && (*end != '"' || end[1] == '"'); end++) {
    if (*end == '"') end++;
    *to++ = *end;
  }
  if (!name || !*end) return NULL;
  *to = 0;
  *p = end + 1;
  return name;
}

bool rs_members_read(const char *native, const char *column, struct rs_arena *a,
                     struct rs_scan_column **out, size_t *n)
{
  static const char open[] = "UNION(";
  size_t count = 1;
  *out = NULL;
  *n = 0;
  if (strncmp(native, open, sizeof open - 1) != 0) return true;
  const char *p = native + sizeof open - 1;
  for (const char *q = member_end(p); *q == ','; q = member_end(q + 1)) count++;
  struct rs_scan_column *v = rs_arena_calloc(a, count * sizeof *v);
  if (!v) return false;
  for (size_t i = 0; i < count; i++) {
    while (*p == ' ') p++;
    const char *end = member_end(p);
    v[i] = (struct rs_scan_column){.name = column, .member = member_name(a, &p)};
    if (!v[i].member || *p != ' ' || !*end) return true; // no type that is known here
    v[i].type = member_type(p + 1, (size_t)(end - p - 1));
    p = end + 1;
  }
  *out = v;
  *n = count;
  return true;
}

/* ---- plan time ------------------------------------------------------------------------------- */

enum rs_ship rs_shippable_members(const struct rs_dialect *d, enum rs_op op, bool binary,
                                  const char **why)
{
  const bool null_test = op == RS_OP_ISNULL || op == RS_OP_NOTNULL;
  const bool pattern = op == RS_OP_LIKE || op == RS_OP_GLOB;
  *why = "type: its values are of several types";
  if (!d->member || !d->text_is_binary || !d->as_int) return RS_SHIP_LOCAL;
  if (op == RS_OP_NE || op == RS_OP_ISNOT) return RS_SHIP_LOCAL; // nearly all rows come
  if (pattern && !d->lower) return RS_SHIP_LOCAL;
  if (binary || null_test || pattern) return RS_SHIP_RECHECK;
  *why = "collation: the engine compares bytes";
  return RS_SHIP_LOCAL;
}

/* ---- run time -------------------------------------------------------------------------------- */

static bool is_number(const struct rs_value *v)
{
  return v->kind == RS_INT || v->kind == RS_BOOL || v->kind == RS_FLOAT;
}

static bool is_null(const struct rs_value *v)
{
  return v->kind == RS_NULL || (v->kind == RS_FLOAT && isnan(v->f));
}

/* May SQLite take the text for a number? At least every one that it does. */
static bool like_number(const struct rs_value *v)
{
  char text[64], *end;
  if (v->kind != RS_TEXT && v->kind != RS_JSON) return false;
  const char *p = v->s.p;
  size_t n = v->s.n;
  while (n > 0 && strchr(" \t\n\v\f\r", *p)) p++, n--;
  while (n > 0 && strchr(" \t\n\v\f\r", p[n - 1])) n--;
  if (n == 0) return false;
  if (n >= sizeof text) return strspn(p, "0123456789+-.eE") >= sizeof text;
  memcpy(text, p, n);
  text[n] = 0;
  (void)rs_text_strtod(text, &end);
  return end == text + n;
}

/* Texts against a number: they are above it, unless it comes from a column of numbers, for which
** SQLite makes numbers of texts. */
static void bind_text_to_number(const struct rs_dialect *d, enum rs_op op, bool literal,
                                struct rs_bound *out)
{
  *out = (struct rs_bound){.kind = RS_BOUND_NOT_NULL, .op = op};
  if (op == RS_OP_GT || op == RS_OP_GE) return;
  if (literal) out->kind = RS_BOUND_FALSE;
  else if (d->like_number) // the empty text and those
    *out = (struct rs_bound){.kind = RS_BOUND_CMP,
                             .op = RS_OP_EQ,
                             .or_number = true,
                             .value = {.kind = RS_TEXT, .s = {"", 0}}};
}

/* GLOB 'I*' comes with >= 'I', though it finds the text of an infinity, which is a number. */
static bool may_be_infinity(const struct rs_scan_column *m, enum rs_op op, const struct rs_value *v)
{
  return m->type == RS_T_FLOAT && (op == RS_OP_GE || op == RS_OP_GT) && v->kind == RS_TEXT &&
         v->s.n > 0 && (v->s.p[0] == 'I' || v->s.p[0] == 'i');
}

static void bind_member(const struct rs_dialect *d, const struct rs_scan_column *m, enum rs_op op,
                        enum rs_rhs rhs, const struct rs_value *v, struct rs_bound *out)
{
  const bool literal = rhs != RS_RHS_UNKNOWN;
  if (m->type == RS_T_OTHER || (!literal && like_number(v)) || may_be_infinity(m, op, v)) {
    *out = (struct rs_bound){.kind = RS_BOUND_NOT_NULL};
  } else if (rs_type_is_text(m->type) && is_number(v)) {
    bind_text_to_number(d, op, literal, out);
  } else {
    rs_shippable_bind(d, m->type, op, rhs, v, out);
  }
}

static void collect(struct rs_bound *each, size_t n, struct rs_bound *out)
{
  const enum rs_op op = out->op;
  bool any = false;
  for (size_t i = 0; i < n; i++) any = any || each[i].kind != RS_BOUND_FALSE;
  *out = (struct rs_bound){
    .kind = any ? RS_BOUND_MEMBERS : RS_BOUND_FALSE, .op = op, .each = each, .n = n};
}

void rs_shippable_bind_members(const struct rs_dialect *d, const struct rs_scan_column *c,
                               enum rs_op op, enum rs_rhs rhs, const struct rs_value *v,
                               struct rs_bound *each, struct rs_bound *out)
{
  *out = (struct rs_bound){.op = op};
  if (op == RS_OP_NOTNULL) {
    out->kind = RS_BOUND_NOT_NULL;
    return;
  }
  if (op == RS_OP_ISNULL || (op == RS_OP_IS && is_null(v))) {
    out->op = RS_OP_ISNULL;
    for (size_t i = 0; i < c->nmembers; i++) {
      // one of these is no number and no text: the others are NULL then
      const bool other = c->members[i].type == RS_T_OTHER;
      each[i] = (struct rs_bound){.kind = other ? RS_BOUND_TRUE : RS_BOUND_NULL};
    }
  } else {
    for (size_t i = 0; i < c->nmembers; i++) {
      if (is_null(v)) each[i] = (struct rs_bound){.kind = RS_BOUND_FALSE};
      else bind_member(d, &c->members[i], op == RS_OP_IS ? RS_OP_EQ : op, rhs, v, &each[i]);
    }
  }
  collect(each, c->nmembers, out);
}

void rs_shippable_bind_members_list(const struct rs_dialect *d, const struct rs_scan_column *c,
                                    const struct rs_value *items, size_t n, struct rs_value *room,
                                    struct rs_bound *each, struct rs_bound *out)
{
  bool number = false, text_number = false;
  for (size_t i = 0; i < n; i++) {
    number = number || is_number(&items[i]);
    text_number = text_number || like_number(&items[i]);
  }
  *out = (struct rs_bound){.op = RS_OP_IN};
  for (size_t i = 0; i < c->nmembers; i++, room += n) {
    const enum rs_type type = c->members[i].type;
    // a list of a column's numbers makes numbers of texts
    if (type == RS_T_OTHER || text_number || (rs_type_is_text(type) && number)) {
      each[i] = (struct rs_bound){.kind = RS_BOUND_NOT_NULL};
      continue;
    }
    if (n > 0) memcpy(room, items, n * sizeof *room);
    rs_shippable_bind_list(d, type, room, n, &each[i]);
  }
  collect(each, c->nmembers, out);
}

void rs_shippable_bind_members_pattern(const struct rs_scan_column *c, const struct rs_bound *b,
                                       struct rs_bound *each, struct rs_bound *out)
{
  *out = (struct rs_bound){.op = b->op};
  for (size_t i = 0; i < c->nmembers; i++) {
    const bool text = c->members[i].type == RS_T_TEXT || b->kind == RS_BOUND_FALSE;
    each[i] = text ? *b : (struct rs_bound){.kind = RS_BOUND_NOT_NULL};
  }
  collect(each, c->nmembers, out);
}
