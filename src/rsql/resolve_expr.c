/*
** Expressions and their types (see resolve.h); resolve_column.c has the names in them.
*/
#include "resolve.h"
#include <string.h>
#include "src/base/text.h"
#include "src/value/field_name.h"
#include "functions.h"
#include "lex.h"
#include "mixed.h"
#include "pass.h"
#include "strict.h"
#include "types.h"

/* ---- FIELD(...) ------------------------------------------------------------------------------ */

static bool known_text(const struct rsql_resolver *r, const struct rsql_node *x, const char **p,
                       size_t *n)
{
  if (x->kind == N_STRING) {
    *p = x->text;
    *n = strlen(x->text);
    return true;
  }
  if (x->kind != N_PARAM || r->env->values == NULL) return false;
  const struct rs_rsql_value *v = &r->env->values[x->op];
  if (v->v.kind != RS_TEXT) return false;
  *p = v->v.s.p;
  *n = v->v.s.n;
  return true;
}

const char *rs_rsql_resolve_text(struct rsql_resolver *r, const struct rsql_node *x, bool *unknown)
{
  const char *p;
  size_t n;
  *unknown = x->kind == N_PARAM && r->env->values == NULL;
  if (*unknown) return NULL;
  if (!known_text(r, x, &p, &n) || n == 0 || memchr(p, 0, n) != NULL) {
    (void)rs_rsql_resolve_fail(r, x->pos, RS_INVALID,
                               "a name must be a string literal or a parameter of type string");
    return NULL;
  }
  char *s = rs_arena_strndup(r->arena, p, n);
  if (s == NULL) (void)rs_rsql_resolve_oom(r);
  return s;
}

/* FIELD('f'), FIELD('rel', 'a.b') become the column they name. */
static bool field_call(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  bool unknown = false;
  const char *rel = x->n == 2 ? rs_rsql_resolve_text(r, x->v[0], &unknown) : NULL;
  if (r->rc != RS_OK) return false;
  bool unknown_path;
  const char *path = rs_rsql_resolve_text(r, x->v[x->n - 1], &unknown_path);
  if (r->rc != RS_OK) return false;
  if (unknown || unknown_path) return true;
  size_t n = rel != NULL ? 2 : 1;
  for (const char *c = path; *c != 0; c++) n += *c == '.';
  const char **parts = rs_rsql_resolve_new(r, n * sizeof *parts);
  if (parts == NULL) return false;
  size_t k = 0;
  if (rel != NULL) parts[k++] = rel;
  for (const char *c = path; k < n; k++) {
    size_t len = strcspn(c, ".");
    parts[k] = rs_arena_strndup(r->arena, c, len);
    if (parts[k] == NULL) return rs_rsql_resolve_oom(r);
    if (len == 0) return rs_rsql_resolve_fail(r, x->pos, RS_INVALID, "an empty name in FIELD()");
    c += len + (c[len] == '.');
  }
  *x = (struct rsql_node){.kind = N_COLUMN, .pos = x->pos, .path = parts, .npath = n};
  return rs_rsql_resolve_name_of(r, at, x);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static bool resolve(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x);

static bool resolve_lambda(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node *x)
{
  struct rsql_scope sc = {.parent = at->scope, .lambda = x};
  const struct rsql_place inside = {&sc, at->ctes};
  return rs_rsql_resolve_expr(r, &inside, x->v[0]);
}

bool rs_rsql_resolve_window(struct rsql_resolver *r, const struct rsql_place *at,
                            const struct rsql_window *w)
{
  return rs_rsql_resolve_exprs(r, at, w->partition, w->npartition) &&
         rs_rsql_resolve_orders(r, at, &w->order) && rs_rsql_resolve_expr(r, at, w->from.expr) &&
         rs_rsql_resolve_expr(r, at, w->to.expr);
}

/* For rs_rsql_explain. */
static bool remember_call(struct rsql_resolver *r, const struct rsql_node *x)
{
  struct rsql_place_of_call *c = rs_rsql_resolve_new(r, sizeof *c);
  if (c == NULL) return false;
  *c = (struct rsql_place_of_call){r->s->calls, x->name, x->pos, x->n};
  r->s->calls = c;
  return true;
}

/* What stands in the brackets. An aggregate is of fields, whatever its clause prefers. */
static bool arguments(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  struct rsql_call *c = x->call;
  struct rsql_scope *sc = at->scope;
  const enum rsql_prefer prefer = sc != NULL ? sc->prefer : PREFER_FIELD;
  const bool grouped = sc != NULL && sc->grouped;
  if (sc != NULL && c->over == NULL && rs_rsql_function_aggregates(x->name)) {
    sc->prefer = PREFER_FIELD;
    sc->grouped = false;
  }
  bool ok = rs_rsql_resolve_exprs(r, at, x->v, x->n) && rs_rsql_resolve_orders(r, at, &c->order) &&
            rs_rsql_resolve_expr(r, at, c->limit) && rs_rsql_resolve_expr(r, at, c->offset) &&
            rs_rsql_resolve_expr(r, at, c->filter);
  if (sc != NULL) sc->prefer = prefer;
  if (sc != NULL) sc->grouped = grouped;
  return ok;
}

/* Functions that tell null and undefined apart; NULL: of something else. */
static const char *constant_call(const struct rsql_node *x)
{
  if (x->n != 1) return NULL;
  if (rs_casecmp(x->name, "TYPEOF") == 0 && x->v[0]->kind == N_UNDEFINED) return "undefined";
  return rs_casecmp(x->name, "JSON_FORMAT") == 0 && x->v[0]->kind == N_NULL ? "null" : NULL;
}

/* HASH(x, 'sha256') is SHA256(x). Another name than these is left to the row that raises it. */
static void take_digest(struct rsql_node *x)
{
  static const struct {
    const char *digest, *hash, *hmac;
  } digests[] = {{"MD5", "MD5", "HMAC_MD5"},
                 {"SHA1", "SHA1", "HMAC_SHA1"},
                 {"SHA256", "SHA256", "HMAC_SHA256"},
                 {"SHA384", "HASH_SHA384", "HMAC_SHA384"},
                 {"SHA512", "SHA512", "HMAC_SHA512"}};
  const bool keyed = rs_casecmp(x->name, "HMAC") == 0;
  const size_t n = keyed ? 2 : 1;
  if ((!keyed && rs_casecmp(x->name, "HASH") != 0) || x->n != n + 1) return;
  if (x->v[n]->kind != N_STRING) return;
  char name[16];
  size_t k = 0;
  for (const char *c = x->v[n]->text; *c != 0 && k + 1 < sizeof name; c++)
    if (*c != '-' && *c != '_') name[k++] = *c;
  name[k] = 0;
  for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
    if (rs_casecmp(digests[i].digest, name) != 0) continue;
    x->call->known = rs_rsql_function_find(keyed ? digests[i].hmac : digests[i].hash, x->v, n);
    x->n = n;
  }
}

static struct rsql_node *as_text(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *text = rs_rsql_mixed_node(r, N_CAST, x->pos, 1);
  if (text == NULL) return NULL;
  text->v[0] = x;
  text->op = CAST_PLAIN;
  text->text = "STRING";
  text->type.kind = TY_STRING;
  return text;
}

static bool is_typed(const struct rsql_node *x)
{
  return x->type.kind == TY_JSON && (rs_rsql_type_kinds(x->type) & RSQL_TYPED) != 0;
}

/* x, where the typed values among others are their texts. */
static struct rsql_node *typed_as_text(struct rsql_resolver *r, struct rsql_node *x)
{
  const struct rsql_type json = {.kind = TY_JSON};
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 3),
                   *typed = rs_rsql_mixed_view(r, x, RSQL_TYPED, json, NULL, NULL),
                   *there = typed != NULL ? rs_rsql_mixed_there(r, typed) : NULL,
                   *text = as_text(r, x);
  if (y == NULL || there == NULL || text == NULL) return NULL;
  return rs_rsql_mixed_case(r, y, there, text, x, json) ? y : NULL;
}

/* Which texts a function takes for its arguments. */
enum texts {
  TEXTS_NONE,
  TEXTS_ALL,  /* CONCAT and || join the texts that a cast gives */
  TEXTS_JSON, /* FORMAT: of JSON values */
  TEXTS_TYPED /* ID_HASH, JSON_FORMAT: of what JSON has no form for */
};

static enum texts texts_of(const struct rsql_node *x)
{
  if (rs_rsql_argument_letter(x->name, 0) == 'v') return TEXTS_ALL;
  if (rs_casecmp(x->name, "FORMAT") == 0) return TEXTS_JSON;
  const bool json = rs_casecmp(x->name, "ID_HASH") == 0 || rs_casecmp(x->name, "JSON_FORMAT") == 0;
  return json ? TEXTS_TYPED : TEXTS_NONE;
}

bool rs_rsql_takes_texts(const struct rsql_node *call)
{
  return texts_of(call) != TEXTS_NONE;
}

static bool take_texts(struct rsql_resolver *r, struct rsql_node *x, enum texts texts)
{
  struct rsql_node *let;
  if (texts == TEXTS_NONE || x->op != 0) return true;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false; // a cast's text names its operand often
  for (size_t i = 0; i < x->n; i++) {
    struct rsql_node *a = x->v[i];
    const enum rsql_kind k = a->type.kind;
    const bool typed = is_typed(a), plain = (rs_rsql_typed_bit(k) & RSQL_TIMES) != 0;
    const bool scalar = plain || k == TY_BOOL || rs_rsql_is_number(k);
    if (texts == TEXTS_TYPED && typed) x->v[i] = typed_as_text(r, a);
    else if (texts == TEXTS_JSON ? k == TY_JSON : texts == TEXTS_ALL ? scalar || typed : plain)
      x->v[i] = as_text(r, a);
    if (x->v[i] == NULL) return false;
  }
  return rs_rsql_mixed_bound(r, x, let);
}

static bool call(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  struct rsql_call *c = x->call;
  if (rs_rsql_is_forbidden(x->name, strlen(x->name))) {
    return rs_rsql_resolve_fail(r, x->pos, RS_NOT_FOUND, "function `%s` not found", x->name);
  }
  if (rs_casecmp(x->name, "ARRAY_CREATE") == 0) {
    x->kind = N_ARRAY;
    return resolve(r, at, x);
  }
  if (rs_casecmp(x->name, "FIELD") == 0 && (x->n == 1 || x->n == 2)) return field_call(r, at, x);
  if (!remember_call(r, x) || !arguments(r, at, x)) return false;
  const char *constant = constant_call(x);
  if (constant != NULL) {
    *x = (struct rsql_node){.kind = N_STRING, .pos = x->pos, .text = constant};
    x->type.kind = TY_STRING;
    return true;
  }
  if (c->over != NULL && !rs_rsql_resolve_window(r, at, c->over)) return false;
  if (c->distinct && x->n == 0)
    return rs_rsql_resolve_fail(r, x->pos, RS_INVALID, "function `%s`: DISTINCT of nothing",
                                x->name);
  bool done;
  if (!rs_rsql_resolve_mixed(r, at, x, &done) || done) return r->rc == RS_OK;
  c->known = rs_rsql_function_find(x->name, x->v, x->n);
  take_digest(x);
  x->type = c->known != NULL ? rs_rsql_function_type(c->known, x->v, x->n) : (struct rsql_type){0};
  x->op = rs_rsql_wrong_argument(x);
  int min, max;
  if (c->known != NULL || c->star || !rs_rsql_function_known(x->name, &min, &max) ||
      (int)x->n >= min)
    return take_texts(r, x, texts_of(x));
  // the engine may know another form of it; too few arguments are an error in both
  return rs_rsql_resolve_fail(r, x->pos, RS_INVALID, "function `%s` takes at least %d arguments",
                              x->name, min);
}

/* ---- parts of values ------------------------------------------------------------------------- */

/* {'a': x}.a is x, the last one of that name. */
static void take_member(struct rsql_node *x)
{
  const struct rsql_node *object = x->v[0];
  for (size_t i = object->n; i >= 2; i -= 2) {
    if (!rs_eq(object->v[i - 2]->text, x->text)) continue;
    *x = *object->v[i - 1];
    return;
  }
  rs_rsql_resolve_undefined(x);
}

/* An element of what is no array, and has no key of the index's type. */
static bool no_element(const struct rsql_node *x)
{
  const enum rsql_kind base = x->v[0]->type.kind, index = x->v[1]->type.kind;
  return rs_rsql_type_is_scalar(x->v[0]->type) ||
         (index == TY_INT && base == TY_JSON &&
          (rs_rsql_type_kinds(x->v[0]->type) & RSQL_ARRAY) == 0) ||
         ((base == TY_STRUCT || base == TY_MAP) && index == TY_INT);
}

/* x['a'] is x.a where an engine reads x's objects by themselves. */
static void take_name(struct rsql_node *x)
{
  const struct rsql_node *base = x->v[0];
  const bool object = base->type.kind == TY_STRUCT && rs_rsql_has_side(base);
  if ((!rs_rsql_has_members(base) && !object) || x->v[1]->kind != N_STRING) return;
  x->kind = N_FIELD;
  x->text = x->v[1]->text;
  x->n = 1;
}

/* ---- all expressions ------------------------------------------------------------------------- */

/* A query of one column, whose sidecar would be another one. */
static bool subquery(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_query *q,
                     struct rsql_source **out)
{
  const bool outer = r->sides;
  r->sides = false;
  const bool ok = rs_rsql_resolve_query(r, at, q, out);
  r->sides = outer;
  return ok;
}

/* x IS UNDEFINED asks the sidecar, too: v[1]. Of a path its exact JSON is enough. */
static bool take_side(struct rsql_resolver *r, struct rsql_node *x)
{
  const struct rsql_node *a = x->v[0];
  if (!rs_eq(x->text, "UNDEFINED") || !rs_rsql_asks_side(r, a)) return true;
  struct rsql_node **v = rs_rsql_resolve_new(r, 2 * sizeof *v);
  if (v == NULL) return false;
  v[0] = x->v[0];
  const bool row = a->kind != N_COLUMN && !rs_rsql_is_key(r->keys, a);
  v[1] = row ? rs_rsql_resolve_exact(r, a) : rs_rsql_resolve_side(r, a);
  x->v = v;
  x->n = 2;
  return v[1] != NULL;
}

/* x = ANY (query) is x IN (query), x <> ALL (query) is x NOT IN (query). */
static void take_in(struct rsql_node *x)
{
  const bool all = rs_eq(x->text, "ALL");
  if (x->op != (all ? OP_NE : '=')) return;
  x->kind = N_IN;
  x->has = all;
}

/* What x IN (query) is compared with, by the name that it gets there. */
static bool take_query(struct rsql_resolver *r, struct rsql_node *x, struct rsql_type type)
{
  struct rsql_node *c = rs_rsql_resolve_new(r, sizeof *c);
  const char **path = c != NULL ? rs_rsql_resolve_new(r, sizeof *path) : NULL;
  if (path == NULL) return false;
  path[0] = "rs_x";
  *c = (struct rsql_node){
    .kind = N_COLUMN, .op = 1, .pos = x->pos, .path = path, .npath = 1, .type = type};
  x->item = c;
  return true;
}

static bool resolve(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  struct rsql_source *out = NULL;
  switch (x->kind) {
    case N_COLUMN: return rs_rsql_resolve_name_of(r, at, x);
    case N_CALL: return call(r, at, x);
    case N_LAMBDA: return resolve_lambda(r, at, x);
    case N_STAR:
      return rs_rsql_resolve_fail(r, x->pos, RS_INVALID, "a star can't be part of an expression");
    default: break;
  }
  if (!rs_rsql_resolve_exprs(r, at, x->v, x->n)) return false;
  if (x->kind == N_QUANT) take_in(x);
  if (x->kind == N_INDEX) take_name(x);
  if (x->query != NULL && !subquery(r, at, x->query, &out)) return false;
  bool done;
  if (!rs_rsql_resolve_mixed(r, at, x, &done) || done) return r->rc == RS_OK;
  x->type = rs_rsql_resolve_type(r, x);
  if (x->kind == N_FIELD || x->kind == N_INDEX) rs_rsql_note_side(x);
  if (x->kind == N_CHAIN) {
    x->op = rs_rsql_wrong_operand(x);
    if (x->ops[0] == '|' && !take_texts(r, x, TEXTS_ALL)) return false;
  }
  if ((x->kind == N_IN || x->kind == N_QUANT) && out != NULL && out->known && out->n > 0 &&
      !take_query(r, x, out->v[0].type))
    return false;
  if (x->kind == N_SUBQUERY && out != NULL && out->known && out->n > 0) x->type = out->v[0].type;
  if (x->kind == N_FIELD && x->v[0]->kind == N_OBJECT) {
    take_member(x);
  } else if (x->kind == N_FIELD) {
    bool missing;
    (void)rs_rsql_field_type(x->v[0], x->text, &missing);
    if (missing) rs_rsql_resolve_undefined(x);
  }
  if (x->kind == N_INDEX && no_element(x)) rs_rsql_resolve_undefined(x);
  return x->kind != N_IS || take_side(r, x);
}

bool rs_rsql_resolve_expr(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  if (x == NULL) return r->rc == RS_OK;
  if (!rs_rsql_resolve_enter(r, x->pos)) return false;
  bool ok = resolve(r, at, x);
  r->depth--;
  return ok;
}

bool rs_rsql_resolve_exprs(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node **v, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (!rs_rsql_resolve_expr(r, at, v[i])) return false;
  }
  return true;
}

bool rs_rsql_resolve_orders(struct rsql_resolver *r, const struct rsql_place *at,
                            const struct rsql_orders *o)
{
  for (size_t i = 0; i < o->n; i++) {
    if (!rs_rsql_resolve_expr(r, at, o->v[i]->expr)) return false;
  }
  return true;
}
