/*
** Arrays and objects as JSON, the values inside of them in the forms of Rockset's API.
**
** An engine's rows give such a value as JSON text, where a date is a text like any other; the
** column's own type ("STRUCT(a DATE[])") tells what it is. It is read once into a tree; a type
** without such values has none, and its texts go out as they came.
**
** An engine's object has all members of its type. Those of a document's field that are NULL were
** not there: a null that was lies with the whole object in the sidecar.
*/
#include <string.h>
#include "internal.h"
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/rsql/types.h"
#include "src/value/text.h"

struct rs_nested {
  enum rsql_kind kind; /* TY_LIST, TY_MAP: child; TY_STRUCT: children in the type's order; TY_ANY: a
                       ** UNION, the child of its arrays and that of its objects */
  enum rs_type type;   /* of what is none of these; RS_T_JSON: it goes out as it came */
  bool drops;          /* TY_STRUCT: members that are NULL */
  bool typed;          /* the root: there are values in a form of the API's */
  size_t n;
  struct rs_nested *v;
};

#define DEPTH_MAX 100

/* ---- the tree -------------------------------------------------------------------------------- */

static bool is_named(struct rsql_type t, const char *name)
{
  return t.native != NULL && rs_caseeqn(name, t.native, t.n);
}

static enum rs_type leaf(struct rsql_type t)
{
  switch (t.kind) {
    case TY_DATE: return RS_T_DATE;
    case TY_TIME: return RS_T_TIME;
    case TY_DATETIME: return RS_T_TIMESTAMP;
    case TY_TIMESTAMP: return RS_T_TIMESTAMPTZ;
    case TY_INTERVAL: return RS_T_OTHER;
    // Trino gives base64 already
    case TY_BYTES: return is_named(t, "BLOB") ? RS_T_BYTES : RS_T_JSON;
    case TY_INT: return is_named(t, "HUGEINT") ? RS_T_HUGEINT : RS_T_JSON;
    case TY_U256: return RS_WIRE_U256;
    default: return RS_T_JSON;
  }
}

static bool build(struct rs_nested *x, struct rsql_type t, unsigned depth, bool *any);

/* Of each object in it. */
static void drop_nulls(struct rs_nested *x)
{
  x->drops = true;
  for (size_t i = 0; i < x->n; i++) drop_nulls(&x->v[i]);
}

static bool has_objects(const struct rs_nested *x)
{
  if (x->kind == TY_ANY) return has_objects(&x->v[0]) || has_objects(&x->v[1]);
  return x->kind == TY_STRUCT || (x->kind == TY_LIST && x->n > 0 && has_objects(&x->v[0]));
}

static bool build_fields(struct rs_nested *x, struct rsql_type t, unsigned depth, bool *any)
{
  struct rsql_type field;
  struct rs_buf name;
  size_t at = 0, cap = 0;
  bool ok = true;
  rs_buf_init(&name, (size_t)1 << 20);
  while (ok && rs_rsql_type_next(t, &at, &name, &field)) {
    rs_buf_clear(&name);
    ok = rs_grow(&x->v, &cap, x->n + 1, sizeof x->v[0]);
    if (!ok) break;
    memset(&x->v[x->n], 0, sizeof x->v[0]);
    ok = build(&x->v[x->n++], field, depth, any);
  }
  rs_buf_free(&name);
  return ok;
}

/* False: out of memory. *any: there is something to be written in another form. */
static bool build(struct rs_nested *x, struct rsql_type t, unsigned depth, bool *any)
{
  x->kind = TY_JSON;
  x->type = RS_T_JSON;
  if (depth > DEPTH_MAX) return true;
  if (t.kind == TY_STRUCT) {
    x->kind = t.kind;
    return build_fields(x, t, depth + 1, any);
  }
  if (t.kind != TY_LIST && t.kind != TY_MAP) {
    x->type = leaf(t);
    *any = *any || x->type != RS_T_JSON;
    return true;
  }
  x->kind = t.kind;
  x->v = rs_calloc(1, sizeof x->v[0]);
  x->n = x->v != NULL;
  return x->v != NULL && build(&x->v[0], rs_rsql_type_element(t), depth + 1, any);
}

/* Of a column of several types; its scalars are no JSON text. */
static bool build_union(struct rs_nested *x, struct rsql_type t, bool *any)
{
  x->v = rs_calloc(2, sizeof x->v[0]);
  if (x->v == NULL) return false;
  x->kind = TY_ANY;
  x->n = 2;
  return build(&x->v[0], rs_rsql_type_member(t, RSQL_ARRAY), 0, any) &&
         build(&x->v[1], rs_rsql_type_member(t, RSQL_OBJECT), 0, any);
}

void rs_nested_type(struct rs_nested *x)
{
  if (x == NULL) return;
  if (x->type == RS_T_TIMESTAMPTZ) x->type = RS_WIRE_TIMESTAMP;
  if (x->type == RS_T_BYTES) x->type = RS_WIRE_BYTES;
  for (size_t i = 0; i < x->n; i++) rs_nested_type(&x->v[i]);
}

static void free_children(struct rs_nested *x)
{
  for (size_t i = 0; i < x->n; i++) free_children(&x->v[i]);
  rs_free(x->v);
}

void rs_nested_free(struct rs_nested *x)
{
  if (x == NULL) return;
  free_children(x);
  rs_free(x);
}

bool rs_nested_new(const struct rs_column *c, bool field, struct rs_nested **out)
{
  bool any = false;
  *out = NULL;
  const struct rsql_type t = rs_rsql_type_column(c);
  const bool mixed = rs_rsql_type_is_union(t) && !rs_rsql_type_is_scalar(t);
  if (t.kind != TY_LIST && t.kind != TY_STRUCT && t.kind != TY_MAP && !mixed) return true;
  struct rs_nested *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return false;
  const bool ok = mixed ? build_union(x, t, &any) : build(x, t, 0, &any);
  x->typed = any;
  if (ok && field && has_objects(x)) {
    drop_nulls(x);
    any = true;
  }
  if (ok && any) *out = x;
  else rs_nested_free(x);
  return ok;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* What is not changed is copied in long pieces. */
struct cursor {
  const char *p, *end;
  const char *kept; /* from here to p nothing was copied yet */
  struct rs_buf *b;
};

/* Copies up to `to`, goes on behind p. */
static void flush(struct cursor *c, const char *to)
{
  if (to > c->kept) rs_buf_add(c->b, c->kept, (size_t)(to - c->kept));
  c->kept = c->p;
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blank(struct cursor *c)
{
  while (c->p < c->end && is_blank(*c->p)) c->p++;
}

/* Behind the string that begins here. */
static void skip_string(struct cursor *c)
{
  const char *p = c->p + 1;
  for (; p < c->end && *p != '"'; p++)
    if (*p == '\\') p++;
  c->p = p < c->end ? p + 1 : c->end;
}

static void skip_value(struct cursor *c)
{
  int depth = 0;
  while (c->p < c->end) {
    const char x = *c->p;
    if (x == '"') {
      skip_string(c);
    } else if (depth == 0 && (x == ',' || x == ']' || x == '}')) {
      return;
    } else {
      depth += (x == '[' || x == '{') - (x == ']' || x == '}');
      c->p++;
    }
  }
}

static int hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* DuckDB's text of bytes, \x00 among ASCII, in place. */
static size_t read_bytes(char *p, size_t n)
{
  char *to = p;
  for (size_t i = 0; i < n; i++) {
    const bool coded = p[i] == '\\' && i + 3 < n && p[i + 1] == 'x' && hex_digit(p[i + 2]) >= 0 &&
                       hex_digit(p[i + 3]) >= 0;
    *to++ = coded ? (char)(hex_digit(p[i + 2]) * 16 + hex_digit(p[i + 3])) : p[i];
    if (coded) i += 3;
  }
  return (size_t)(to - p);
}

/* A string, its quotes included, as a value of that type. */
static void write_string(struct rs_buf *b, enum rs_type type, const char *p, size_t n)
{
  char *text = rs_malloc(n + 1);
  if (text == NULL) {
    b->rc = RS_NOMEM;
    return;
  }
  const bool bytes = type == RS_T_BYTES || type == RS_WIRE_BYTES;
  const bool instant = type == RS_T_TIMESTAMPTZ || type == RS_WIRE_TIMESTAMP;
  struct rs_value v = {.kind = bytes ? RS_BYTES : RS_TEXT};
  v.s.n = rs_json_unescape(p + 1, n - 2, text);
  if (bytes) v.s.n = read_bytes(text, v.s.n);
  if (instant && v.s.n > 4 && rs_eqn(" UTC", text + v.s.n - 4, 4)) v.s.n -= 4;
  v.s.p = text;
  rs_writer_value(b, type, &v);
  rs_free(text);
}

static void write_leaf(struct cursor *c, enum rs_type type)
{
  int64_t small;
  const char *from = c->p;
  skip_value(c);
  if (type == RS_T_JSON) return;
  size_t n = (size_t)(c->p - from);
  while (n > 0 && is_blank(from[n - 1])) n--;
  if (n >= 2 && from[0] == '"') {
    flush(c, from);
    write_string(c->b, type, from, n);
  } else if (n > 0 && from[0] != 'n' &&
             (type == RS_WIRE_U256 || (type == RS_T_HUGEINT && !rs_text_to_int(from, n, &small)))) {
    flush(c, from);
    rs_writer_value(c->b, type, &(struct rs_value){.kind = RS_TEXT, .s = {from, n}});
  }
}

/* Behind `{`, `[`, a comma or a colon, and behind the key of a member. */
static void step(struct cursor *c)
{
  if (c->p < c->end) c->p++;
  skip_blank(c);
}

static void skip_key(struct cursor *c)
{
  skip_string(c);
  skip_blank(c);
  step(c); // the colon
}

static bool is_null(const struct cursor *c)
{
  return c->end - c->p >= 4 && memcmp(c->p, "null", 4) == 0;
}

/* Leaves the member out that begins at `key`, and a comma; `comma`: the one in front, or NULL. */
static void drop_member(struct cursor *c, const char *key, const char *comma)
{
  skip_value(c);
  if (comma == NULL && c->p < c->end && *c->p == ',') step(c);
  flush(c, comma != NULL ? comma : key);
}

static void write_any(struct cursor *c, const struct rs_nested *x)
{
  static const struct rs_nested plain = {.kind = TY_JSON, .type = RS_T_JSON};
  skip_blank(c);
  const bool object = c->p < c->end && *c->p == '{', array = c->p < c->end && *c->p == '[';
  if (x->kind == TY_ANY) x = object ? &x->v[1] : array ? &x->v[0] : &plain;
  if (x->kind == TY_JSON || !(object || array)) {
    write_leaf(c, x->type);
    return;
  }
  step(c);
  const char *comma = NULL; // in front of the member, behind one that stays
  for (size_t i = 0; c->p < c->end && *c->p != ']' && *c->p != '}' && c->b->rc == RS_OK; i++) {
    const size_t k = x->kind == TY_STRUCT ? i : 0;
    const char *key = c->p;
    if (object) skip_key(c);
    if (x->kind == TY_STRUCT && x->drops && is_null(c)) drop_member(c, key, comma);
    else write_any(c, k < x->n ? &x->v[k] : &plain);
    skip_blank(c);
    if (c->p < c->end && *c->p == ',') {
      comma = c->p;
      step(c);
    }
  }
  step(c);
}

void rs_nested_write(const struct rs_nested *x, const char *p, size_t n, struct rs_buf *b)
{
  if (!x->typed && memmem(p, n, "null", 4) == NULL) {
    rs_buf_add(b, p, n);
    return;
  }
  struct cursor c = {p, p + n, p, b};
  write_any(&c, x);
  flush(&c, c.end);
}
