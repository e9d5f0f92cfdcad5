/*
** Types of documents' fields and of columns (see internal.h).
**
** Scalars of several types in one field are a UNION column, by the rules of engine/load/types.c;
** with arrays or objects among them it has members for these, too (mixed.c). Deeper down, where a
** UNION can't be read from JSON, such a value is JSON. So are dates and the like beside an array or
** object, which would be texts; an object with names that differ only in case (DuckDB folds them);
** and one that is used as a map (RS_DOC_MEMBERS_MAX), whatever else there is.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "internal.h"

#define NESTED (RS_DOC_OBJECT | RS_DOC_ARRAY | RS_DOC_RAW)
#define SCALARS (RS_DOC_BOOL | RS_DOC_INT | RS_DOC_DOUBLE | RS_DOC_TEXT)
#define TYPE_DEPTH_MAX 100

/* ---- members --------------------------------------------------------------------------------- */

static struct rs_doc_member *find_member(const struct rs_doc_type *t, const char *name, size_t n)
{
  for (size_t i = 0; i < t->nmembers; i++) {
    if (rs_eqn(t->members[i].name, name, n)) return &t->members[i];
  }
  return NULL;
}

static bool has_folded(const struct rs_doc_type *t, const char *name)
{
  for (size_t i = 0; i < t->nmembers; i++) {
    if (rs_casecmp(t->members[i].name, name) == 0) return true;
  }
  return false;
}

/* A new member; name is borrowed. The array lies in the arena. */
static struct rs_doc_type *add_member(struct rs_doc_type *t, const char *name, struct rs_arena *a)
{
  struct rs_doc_type *type = rs_arena_calloc(a, sizeof *type);
  if (type == NULL || name == NULL) return NULL;
  if (t->nmembers == t->cap) {
    size_t cap = t->cap > 0 ? 2 * t->cap : 8;
    struct rs_doc_member *v = rs_arena_alloc(a, cap * sizeof *v);
    if (v == NULL) return NULL;
    if (t->nmembers > 0) memcpy(v, t->members, t->nmembers * sizeof *v);
    t->members = v;
    t->cap = cap;
  }
  t->members[t->nmembers++] = (struct rs_doc_member){name, type};
  return type;
}

/* ---- from values ----------------------------------------------------------------------------- */

static enum rs_code infer_object(struct rs_doc_type *t, const struct rs_json *j, struct rs_arena *a,
                                 struct rs_error *e)
{
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    if (c->kind == RS_J_NULL) continue;
    const struct rs_doc_member *m = find_member(t, c->key, c->nkey);
    struct rs_doc_type *type = m != NULL ? m->type : NULL;
    if (type == NULL && (c->nkey == 0 || t->nmembers == RS_DOC_MEMBERS_MAX)) {
      t->kinds |= RS_DOC_RAW;
      return RS_OK;
    }
    if (type == NULL) type = add_member(t, rs_arena_strndup(a, c->key, c->nkey), a);
    if (type == NULL) return rs_nomem(e);
    enum rs_code rc = rs_doc_infer(type, c, a, e);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

enum rs_code rs_doc_infer(struct rs_doc_type *t, const struct rs_json *j, struct rs_arena *a,
                          struct rs_error *e)
{
  unsigned kind = rs_doc_kind(j);
  int64_t i;
  if (kind == RS_DOC_INT && rs_json_int(j, &i)) {
    if (!(t->kinds & RS_DOC_INT) || i < t->lo) t->lo = i;
    if (!(t->kinds & RS_DOC_INT) || i > t->hi) t->hi = i;
  }
  t->kinds |= kind;
  if (kind == RS_DOC_OBJECT && !(t->kinds & RS_DOC_RAW)) return infer_object(t, j, a, e);
  if (kind != RS_DOC_ARRAY) return RS_OK;
  if (t->element == NULL) t->element = rs_arena_calloc(a, sizeof *t->element);
  if (t->element == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  for (const struct rs_json *c = j->first; c != NULL && rc == RS_OK; c = c->next) {
    rc = rs_doc_infer(t->element, c, a, e);
  }
  return rc;
}

static void become_leaf(struct rs_doc_type *t, const char *native)
{
  t->form = RS_DOC_LEAF;
  t->native = native;
  t->nmembers = t->cap = 0;
  t->element = NULL;
}

/* The members that have a type, if they can be those of a STRUCT. */
static enum rs_code settle_struct(struct rs_doc_type *t, struct rs_arena *a, struct rs_error *e)
{
  struct rs_doc_type kept = *t;
  enum rs_code rc = RS_OK;
  kept.nmembers = 0;
  for (size_t i = 0; i < t->nmembers && rc == RS_OK; i++) {
    struct rs_doc_member m = t->members[i];
    rc = rs_doc_settle(m.type, false, a, e);
    if (rc != RS_OK || (m.type->form == RS_DOC_LEAF && m.type->native == NULL)) continue;
    if (has_folded(&kept, m.name)) {
      become_leaf(t, "JSON");
      return rc;
    }
    kept.members[kept.nmembers++] = m;
  }
  t->nmembers = kept.nmembers;
  t->form = RS_DOC_STRUCT;
  if (t->nmembers == 0) become_leaf(t, "JSON"); // there is no empty STRUCT
  return rc;
}

/* One scalar type, or a mix; NULL when out of memory. */
static const char *scalar_native(const struct rs_doc_type *t, bool top, struct rs_arena *a)
{
  unsigned k = t->kinds;
  if (k == RS_DOC_TIME) return "TIME";
  if (k == RS_DOC_BYTES) return top ? "BLOB" : "JSON";
  if ((k & ~(unsigned)RS_DOC_MOMENTS) == 0) { // the largest: it holds the others
    return k & RS_DOC_TIMESTAMP  ? "TIMESTAMP WITH TIME ZONE"
           : k & RS_DOC_DATETIME ? "TIMESTAMP"
                                 : "DATE";
  }
  if ((k & ~(unsigned)RS_DOC_INTERVALS) == 0) return "INTERVAL";
  unsigned mix = (k & SCALARS) | (k & RS_DOC_TYPED ? RS_MIX_TEXT : 0);
  const char *type = rs_load_mix_type(a, mix);
  const bool several = (k & RS_DOC_TYPED) != 0 ||
                       strncmp(type != NULL ? type : "", "UNION", 5) == 0;
  return type != NULL && !top && several ? "JSON" : type;
}

static enum rs_code settle_list(struct rs_doc_type *t, struct rs_arena *a, struct rs_error *e)
{
  enum rs_code rc = rs_doc_settle(t->element, false, a, e);
  if (t->element->form == RS_DOC_LEAF && t->element->native == NULL) t->element->native = "JSON";
  t->form = RS_DOC_LIST;
  return rc;
}

/* What a UNION has no member for. */
#define FOREIGN RS_DOC_RAW

/* Are the values such that a UNION with more than RS_MIX_* holds them, and no other type does? */
static bool is_several(unsigned k)
{
  if ((k & FOREIGN) != 0) return false;
  if ((k & NESTED) != 0) return true;
  const bool one = k == RS_DOC_TIME || k == RS_DOC_BYTES || (k & ~(unsigned)RS_DOC_MOMENTS) == 0 ||
                   (k & ~(unsigned)RS_DOC_INTERVALS) == 0;
  return (k & RS_DOC_TYPED) != 0 && !one;
}

/* Arrays, objects or typed values beside others: a UNION, if it can hold them. */
static enum rs_code settle_union(struct rs_doc_type *t, struct rs_arena *a, struct rs_error *e)
{
  struct rs_doc_type *array = rs_arena_calloc(a, sizeof *array),
                     *object = rs_arena_calloc(a, sizeof *object);
  enum rs_code rc = RS_OK;
  if (array == NULL || object == NULL) return rs_nomem(e);
  *array = (struct rs_doc_type){.kinds = RS_DOC_ARRAY, .element = t->element};
  *object = (struct rs_doc_type){
    .kinds = RS_DOC_OBJECT, .members = t->members, .nmembers = t->nmembers, .cap = t->cap};
  const struct rs_doc_mix mix = {.scalars = t->kinds & (SCALARS | RS_DOC_TYPED),
                                 .array = t->kinds & RS_DOC_ARRAY ? array : NULL,
                                 .object = t->kinds & RS_DOC_OBJECT ? object : NULL};
  if (mix.array != NULL) rc = settle_list(array, a, e);
  if (rc == RS_OK && mix.object != NULL) rc = settle_struct(object, a, e);
  if (rc != RS_OK) return rc;
  if (mix.object == NULL || object->form == RS_DOC_STRUCT) return rs_doc_mix_make(&mix, a, t, e);
  become_leaf(t, "JSON");
  return RS_OK;
}

enum rs_code rs_doc_settle(struct rs_doc_type *t, bool top, struct rs_arena *a, struct rs_error *e)
{
  t->form = RS_DOC_LEAF;
  t->native = NULL;
  if (t->kinds == 0) return RS_OK;
  if (t->kinds == RS_DOC_OBJECT) return settle_struct(t, a, e);
  if (t->kinds == RS_DOC_ARRAY) return settle_list(t, a, e);
  if (top && is_several(t->kinds)) return settle_union(t, a, e);
  if (t->kinds & NESTED) {
    become_leaf(t, "JSON");
    return RS_OK;
  }
  t->native = scalar_native(t, top, a);
  return t->native != NULL ? RS_OK : rs_nomem(e);
}

/* ---- from the engine's text ------------------------------------------------------------------ */

struct type_parser {
  struct rs_arena *a;
  size_t depth;
  struct rs_error *e;
};

/* The end of the bracket that opens at p[0]; quotes are respected. NULL: it has none. */
static const char *closing(const char *p, const char *end)
{
  size_t depth = 0;
  for (; p < end; p++) {
    if (*p == '"' || *p == '\'') {
      const char *close = memchr(p + 1, *p, (size_t)(end - p - 1)); // a doubled one opens again
      if (close == NULL) return NULL;
      p = close;
    } else if (*p == '(') {
      depth++;
    } else if (*p == ')' && --depth == 0) {
      return p;
    }
  }
  return NULL;
}

static enum rs_code parse_type(struct type_parser *x, const char *p, const char *end,
                               struct rs_doc_type *out);

/* `name TYPE`; moves *pp behind it. */
static enum rs_code parse_member(struct type_parser *x, const char **pp, const char *end,
                                 struct rs_doc_type *out)
{
  const char *p = *pp;
  char *name = rs_arena_alloc(x->a, (size_t)(end - p) + 1);
  size_t n = 0;
  if (name == NULL) return rs_nomem(x->e);
  if (*p == '"') {
    for (p++; p < end && (*p != '"' || (p + 1 < end && p[1] == '"')); p++) {
      if (*p == '"') p++;
      name[n++] = *p;
    }
    p++;
  } else {
    while (p < end && *p != ' ') name[n++] = *p++;
  }
  name[n] = 0;
  while (p < end && *p == ' ') p++;
  const char *from = p;
  for (size_t depth = 0; p < end && (depth > 0 || *p != ','); p++) {
    if (*p == '(') depth++;
    if (*p == ')') depth--;
    if (*p != '"' && *p != '\'') continue;
    const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
    if (close == NULL) break;
    p = close;
  }
  *pp = p;
  struct rs_doc_type *type = add_member(out, name, x->a);
  return type != NULL ? parse_type(x, from, p, type) : rs_nomem(x->e);
}

static enum rs_code parse_members(struct type_parser *x, const char *p, const char *end,
                                  struct rs_doc_type *out)
{
  enum rs_code rc = RS_OK;
  while (p < end && rc == RS_OK) {
    rc = parse_member(x, &p, end, out);
    while (p < end && (*p == ',' || *p == ' ')) p++;
  }
  return rc;
}

/* One that is not made here, or of scalars alone, is a leaf. */
static enum rs_code parse_union(struct type_parser *x, const char *p, const char *end,
                                struct rs_doc_type *out)
{
  if (rs_load_union_mix(out->native) != 0) return RS_OK;
  enum rs_code rc = parse_members(x, p + 6, end - 1, out);
  if (rc == RS_OK && rs_doc_union_is_ours(out)) out->form = RS_DOC_UNION;
  else out->nmembers = 0;
  return rc;
}

static enum rs_code parse_type(struct type_parser *x, const char *p, const char *end,
                               struct rs_doc_type *out)
{
  size_t n = (size_t)(end - p);
  enum rs_code rc = RS_OK;
  out->native = rs_arena_strndup(x->a, p, n);
  if (out->native == NULL) return rs_nomem(x->e);
  if (++x->depth > TYPE_DEPTH_MAX) return RS_OK; // a leaf that nothing but JSON holds
  if (n > 2 && memcmp(end - 2, "[]", 2) == 0) {
    out->form = RS_DOC_LIST;
    out->element = rs_arena_calloc(x->a, sizeof *out->element);
    rc = out->element != NULL ? parse_type(x, p, end - 2, out->element) : rs_nomem(x->e);
  } else if (n > 8 && memcmp(p, "STRUCT(", 7) == 0 && closing(p + 6, end) == end - 1) {
    out->form = RS_DOC_STRUCT;
    rc = parse_members(x, p + 7, end - 1, out);
  } else if (x->depth == 1 && rs_starts(out->native, "UNION(") && closing(p + 5, end) == end - 1) {
    rc = parse_union(x, p, end, out);
  }
  x->depth--;
  return rc;
}

enum rs_code rs_doc_parse_type(const char *type, struct rs_arena *a, struct rs_doc_type *out,
                               struct rs_error *e)
{
  struct type_parser x = {a, 0, e};
  *out = (struct rs_doc_type){.kinds = 0};
  return parse_type(&x, type, type + strlen(type), out);
}

/* ---- both together --------------------------------------------------------------------------- */

/* Does an integer type hold all of lo .. hi? */
static bool holds_integers(const char *type, int64_t lo, int64_t hi)
{
  static const struct {
    const char *name;
    int64_t lo, hi;
  } types[] = {
    {"TINYINT", INT8_MIN, INT8_MAX},   {"SMALLINT", INT16_MIN, INT16_MAX},
    {"INTEGER", INT32_MIN, INT32_MAX}, {"BIGINT", INT64_MIN, INT64_MAX},
    {"UTINYINT", 0, UINT8_MAX},        {"USMALLINT", 0, UINT16_MAX},
    {"UINTEGER", 0, UINT32_MAX},       {"UBIGINT", 0, INT64_MAX},
    {"HUGEINT", INT64_MIN, INT64_MAX}, {"DOUBLE", INT64_MIN, INT64_MAX},
  };
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (rs_eq(types[i].name, type)) return lo >= types[i].lo && hi <= types[i].hi;
  }
  return false;
}

/* Does a scalar column hold the scalars of doc as it is? */
static bool holds(const char *type, const struct rs_doc_type *doc)
{
  unsigned k = doc->kinds;
  if (rs_eq(type, doc->native) || rs_eq(type, "JSON")) return true;
  if (k == RS_DOC_INT) return holds_integers(type, doc->lo, doc->hi);
  if (rs_eq(type, "DOUBLE")) return (k & ~(unsigned)(RS_DOC_INT | RS_DOC_DOUBLE)) == 0;
  if (rs_eq(type, "VARCHAR")) return (k & ~(unsigned)RS_DOC_TEXT) == 0;
  if (rs_eq(type, "TIMESTAMP")) return (k & ~(unsigned)(RS_DOC_DATE | RS_DOC_DATETIME)) == 0;
  if (rs_eq(type, "TIMESTAMP WITH TIME ZONE")) return (k & ~(unsigned)RS_DOC_MOMENTS) == 0;
  unsigned mix = rs_starts(type, "UNION(") ? rs_load_union_mix(type) : 0;
  unsigned own = (k & SCALARS) | (k & RS_DOC_TYPED ? RS_MIX_TEXT : 0);
  // of reals and integers, both members have to be there
  return mix != 0 && (own & ~mix) == 0 && (k & RS_DOC_TYPED) == 0;
}

static bool is_number(const char *type)
{
  static const char *const names[] = {"TINYINT", "SMALLINT", "INTEGER",   "BIGINT",  "FLOAT",
                                      "DOUBLE",  "UTINYINT", "USMALLINT", "UINTEGER"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (rs_eq(type, names[i])) return true;
  }
  return rs_starts(type, "DECIMAL(");
}

static bool is_datetime(const char *type)
{
  return rs_eq(type, "DATE") || rs_eq(type, "TIMESTAMP") || rs_eq(type, "TIMESTAMP WITH TIME ZONE");
}

static bool is_typed(const char *type)
{
  return is_datetime(type) || rs_eq(type, "TIME") || rs_eq(type, "BLOB") || rs_eq(type, "INTERVAL");
}

/* Scalars of which the engine's own common type would make texts of dates, bytes ... */
static enum rs_code has_typed(const struct rs_doc_type *column, const struct rs_doc_type *doc,
                              struct rs_arena *a, bool *has, struct rs_error *e)
{
  struct rs_doc_mix one, other;
  const bool same = is_datetime(column->native) && is_datetime(doc->native);
  *has = false;
  if (same || !(is_typed(column->native) || is_typed(doc->native))) return RS_OK;
  enum rs_code rc = rs_doc_mix_of(column, a, &one, e);
  if (rc == RS_OK) rc = rs_doc_mix_of(doc, a, &other, e);
  *has = rc == RS_OK && one.scalars != 0 && other.scalars != 0;
  return rc;
}

/* Inside a STRUCT or a list: JSON unless one of the two types holds all. */
static const char *widen_inner(const char *type, const struct rs_doc_type *doc)
{
  if (is_number(type) && (doc->kinds & ~(unsigned)(RS_DOC_INT | RS_DOC_DOUBLE)) == 0) {
    bool whole = doc->kinds == RS_DOC_INT && !rs_eq(type, "FLOAT") && !rs_starts(type, "DECIMAL(");
    return whole ? "BIGINT" : "DOUBLE";
  }
  if (is_datetime(type) && is_datetime(doc->native)) {
    return doc->kinds & RS_DOC_TIMESTAMP || rs_starts(type, "TIMESTAMP WITH")
             ? "TIMESTAMP WITH TIME ZONE"
             : "TIMESTAMP";
  }
  return "JSON";
}

struct widening {
  struct rs_session *s;
  struct rs_arena *a;
  bool changed;
  struct rs_error *e;
};

static enum rs_code widen_type(struct widening *w, struct rs_doc_type *column,
                               const struct rs_doc_type *doc, bool top);

static void to_json(struct widening *w, struct rs_doc_type *column)
{
  w->changed = w->changed || column->form != RS_DOC_LEAF || !rs_eq(column->native, "JSON");
  become_leaf(column, "JSON");
}

static enum rs_code widen_struct(struct widening *w, struct rs_doc_type *column,
                                 const struct rs_doc_type *doc)
{
  for (size_t i = 0; i < doc->nmembers; i++) {
    const struct rs_doc_member *m = &doc->members[i];
    const struct rs_doc_member *has = find_member(column, m->name, strlen(m->name));
    if (has != NULL) {
      enum rs_code rc = widen_type(w, has->type, m->type, false);
      if (rc != RS_OK) return rc;
    } else if (has_folded(column, m->name) || column->nmembers >= RS_DOC_MEMBERS_MAX) {
      to_json(w, column);
      return RS_OK;
    } else {
      struct rs_doc_type *type = add_member(column, m->name, w->a);
      if (type == NULL) return rs_nomem(w->e);
      *type = *m->type;
      w->changed = true;
    }
  }
  return RS_OK;
}

static enum rs_code widen_part(struct widening *w, struct rs_doc_type **has,
                               struct rs_doc_type *new)
{
  if (new == NULL) return RS_OK;
  if (*has != NULL) return widen_type(w, *has, new, false);
  w->changed = true;
  *has = new;
  return RS_OK;
}

/* Arrays, objects or typed values beside others. */
static enum rs_code widen_union(struct widening *w, struct rs_doc_type *column,
                                const struct rs_doc_type *doc)
{
  struct rs_doc_mix has, new;
  enum rs_code rc = rs_doc_mix_of(column, w->a, &has, w->e);
  if (rc == RS_OK) rc = rs_doc_mix_of(doc, w->a, &new, w->e);
  if (rc != RS_OK) return rc;
  const bool can = (has.scalars != 0 || has.array != NULL || has.object != NULL) &&
                   (new.scalars != 0 || new.array != NULL || new.object != NULL);
  if (can) rc = widen_part(w, &has.array, new.array);
  if (can && rc == RS_OK) rc = widen_part(w, &has.object, new.object);
  if (rc != RS_OK) return rc;
  if (!can || (has.object != NULL && has.object->form != RS_DOC_STRUCT)) {
    to_json(w, column);
    return RS_OK;
  }
  if ((new.scalars & ~has.scalars) != 0) w->changed = true;
  has.scalars |= new.scalars;
  return w->changed ? rs_doc_mix_make(&has, w->a, column, w->e) : RS_OK;
}

static enum rs_code widen_type(struct widening *w, struct rs_doc_type *column,
                               const struct rs_doc_type *doc, bool top)
{
  if (doc->form == RS_DOC_LEAF && doc->native == NULL) return RS_OK;
  if (column->form == doc->form && column->form == RS_DOC_STRUCT) {
    return widen_struct(w, column, doc);
  }
  if (column->form == doc->form && column->form == RS_DOC_LIST) {
    // of an empty list nothing is known
    if (doc->element->kinds == 0) return RS_OK;
    return widen_type(w, column->element, doc->element, false);
  }
  if (column->form == RS_DOC_LEAF && rs_eq(column->native, "JSON")) return RS_OK;
  if (top && (column->form != RS_DOC_LEAF || doc->form != RS_DOC_LEAF))
    return widen_union(w, column, doc);
  if (column->form != RS_DOC_LEAF || doc->form != RS_DOC_LEAF || rs_eq(doc->native, "JSON")) {
    to_json(w, column);
    return RS_OK;
  }
  if (holds(column->native, doc)) return RS_OK;
  const char *type = NULL;
  bool typed = false;
  enum rs_code rc = top ? has_typed(column, doc, w->a, &typed, w->e) : RS_OK;
  if (rc == RS_OK && typed) rc = widen_union(w, column, doc);
  if (rc != RS_OK || typed) return rc;
  if (top) rc = rs_load_unify(w->s, w->a, column->native, doc->native, &type, w->e);
  else type = widen_inner(column->native, doc);
  if (rc != RS_OK) return rc;
  if (!rs_eq(type, column->native)) w->changed = true;
  become_leaf(column, type);
  return RS_OK;
}

/* Does it hold something that can't come back from JSON? */
static bool is_odd(const struct rs_doc_type *t)
{
  if (t->form == RS_DOC_LIST) return is_odd(t->element);
  for (size_t i = 0; t->form != RS_DOC_LEAF && i < t->nmembers; i++) {
    if (is_odd(t->members[i].type)) return true;
  }
  return t->form == RS_DOC_LEAF && t->native != NULL &&
         (rs_starts(t->native, "UNION(") || rs_starts(t->native, "MAP(") ||
          rs_starts(t->native, "ENUM(") || strchr(t->native, '[') != NULL ||
          rs_eq(t->native, "BLOB"));
}

enum rs_code rs_doc_widen(struct rs_session *s, struct rs_doc_type *column,
                          const struct rs_doc_type *doc, struct rs_arena *a, bool *changed,
                          struct rs_error *e)
{
  struct widening w = {s, a, false, e};
  enum rs_code rc = widen_type(&w, column, doc, true);
  bool has_values = doc->form != RS_DOC_LEAF || doc->native != NULL;
  if (column->form != RS_DOC_LEAF && has_values && is_odd(column)) to_json(&w, column);
  *changed = w.changed;
  return rc;
}
