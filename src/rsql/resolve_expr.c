/*
** Expressions: which column a name means, which type an expression has (see resolve.h).
*/
#include "resolve.h"
#include <string.h>
#include "src/base/text.h"
#include "src/value/field_name.h"
#include "functions.h"
#include "lex.h"
#include "pass.h"
#include "strict.h"
#include "types.h"

/* ---- columns --------------------------------------------------------------------------------- */

static void undefined(struct rsql_node *x)
{
  x->kind = N_UNDEFINED;
  x->type = (struct rsql_type){.kind = TY_NULL};
}

/* Does a.b.c begin with the name of this source? Returns how many parts that takes. */
static size_t source_parts(const struct rsql_source *s, const struct rsql_node *x)
{
  if (s->alias != NULL && rs_casecmp(s->alias, x->path[0]) == 0) return 1;
  if (s->workspace == NULL) return 0;
  // the workspace may have dots of its own: my.ws.coll.field
  const char *w = s->workspace;
  for (size_t i = 0; i + 1 < x->npath; i++) {
    size_t n = strlen(x->path[i]);
    if (strlen(w) < n || rs_casecmpn(w, x->path[i], n) != 0) return 0;
    w += n;
    if (*w == 0) return rs_casecmp(s->name, x->path[i + 1]) == 0 ? i + 2 : 0;
    if (*w++ != '.') return 0;
  }
  return 0;
}

/* Makes x the field `name` of what it was. */
static struct rsql_node *wrap_field(struct rsql_resolver *r, struct rsql_node *x, const char *name)
{
  struct rsql_node *inner = rs_rsql_resolve_new(r, sizeof *inner);
  struct rsql_node **v = inner != NULL ? rs_rsql_resolve_new(r, sizeof *v) : NULL;
  if (v == NULL) return NULL;
  *inner = *x;
  v[0] = inner;
  *x = (struct rsql_node){.kind = N_FIELD, .pos = inner->pos, .text = name, .v = v, .n = 1};
  return inner;
}

/* An older file has `_event_time` as the engine's civil time, in UTC. It is an instant, always. */
static bool is_old_instant(const struct rsql_node *x, struct rsql_type type)
{
  return type.kind == TY_DATETIME && rs_eq(x->path[x->npath - 1], "_event_time");
}

static bool take_instant(struct rsql_resolver *r, struct rsql_node *x)
{
  if (!is_old_instant(x, x->type)) return true;
  struct rsql_node *v = rs_rsql_resolve_new(r, 2 * sizeof *v);
  struct rsql_node **operands = v != NULL ? rs_rsql_resolve_new(r, 2 * sizeof *operands) : NULL;
  if (operands == NULL) return false;
  v[0] = *x;
  v[1] = (struct rsql_node){.kind = N_STRING, .pos = x->pos, .text = "UTC"};
  v[1].type = (struct rsql_type){.kind = TY_STRING};
  operands[0] = &v[0];
  operands[1] = &v[1];
  *x = (struct rsql_node){.kind = N_AT_ZONE, .has = true, .pos = x->pos, .v = operands, .n = 2};
  x->type = (struct rsql_type){.kind = TY_TIMESTAMP};
  return true;
}

/* A member that no object has but as a null is in the exact JSON alone. */
static bool take_exact(struct rsql_resolver *r, struct rsql_node *x)
{
  r->keys = NULL;
  struct rsql_node *exact = rs_rsql_resolve_exact(r, x);
  if (exact != NULL) *x = *exact;
  return exact != NULL;
}

#define FIELDS_MAX 100 /* the deepest path into an object */

/* x's path names relation and column by its first `names` parts; the rest are fields. */
static bool take_fields(struct rsql_resolver *r, struct rsql_node *x, size_t names,
                        struct rsql_type type)
{
  const char **path = x->path;
  size_t n = x->npath;
  if (n - names > FIELDS_MAX) {
    return rs_rsql_resolve_fail(r, x->pos, RS_LIMIT, "a path of more than %d fields", FIELDS_MAX);
  }
  x->type = type;
  x->npath = names;
  x->op = (int)names;
  if (n == names) return take_instant(r, x);
  for (size_t i = names; i < n; i++) {
    bool missing;
    struct rsql_type t = rs_rsql_field_type(x, path[i], &missing);
    const bool exact = missing && !r->grouped && rs_rsql_has_side(x) && rs_rsql_has_parts(x);
    if (missing && !exact) {
      undefined(x);
      return true;
    }
    if (wrap_field(r, x, path[i]) == NULL) return false;
    x->type = t;
    if (exact && !take_exact(r, x)) return false;
    rs_rsql_note_side(x);
  }
  return true;
}

/* The same of a column of that name, by whatever name of its field x has it. */
static bool take_column(struct rsql_resolver *r, struct rsql_node *x, size_t names,
                        const struct rsql_column *c)
{
  if (rs_field_is_marked(c->name)) {
    const char **path = rs_rsql_resolve_new(r, x->npath * sizeof *path);
    if (path == NULL) return false;
    memcpy(path, x->path, x->npath * sizeof *path);
    path[names - 1] = c->name;
    x->path = path;
  }
  return take_fields(r, x, names, c->type);
}

/* Reads x as source.column...; the first `parts` name the source. */
static bool in_source(struct rsql_resolver *r, struct rsql_node *x, struct rsql_source *s,
                      size_t parts)
{
  if (parts > 1) { // ws.coll.x: the relation's own name is enough, and survives renaming
    x->path += parts - 1;
    x->npath -= parts - 1;
  }
  x->source = s;
  long i = rs_rsql_source_find(r->arena, s, x->path[1]);
  if (i == -2) return rs_rsql_resolve_oom(r);
  if (i < 0 && s->open_elem != NULL) {
    // t.f of UNNEST(objects) AS t is t's element's field f
    const char **path = rs_rsql_resolve_new(r, (x->npath + 1) * sizeof *path);
    if (path == NULL) return false;
    path[0] = x->path[0];
    path[1] = s->open_elem;
    memcpy(path + 2, x->path + 1, (x->npath - 1) * sizeof *path);
    x->path = path;
    x->npath++;
    return take_fields(r, x, 2, s->v[0].type);
  }
  if (i >= 0) return take_column(r, x, 2, &s->v[i]);
  if (s->known) undefined(x);
  else x->op = (int)x->npath;
  return true;
}

static bool aggregates(const struct rsql_node *x)
{
  if (x == NULL) return false;
  if (x->kind == N_CALL && (x->call->over != NULL || rs_rsql_function_aggregates(x->name)))
    return true;
  for (size_t i = 0; i < x->n; i++)
    if (aggregates(x->v[i])) return true;
  return false;
}

/* How many of the scope's sources may have a field of that name? */
static size_t may_have_field(struct rsql_resolver *r, const struct rsql_scope *sc, const char *name)
{
  size_t n = 0;
  for (size_t i = 0; i < sc->n; i++)
    n += !sc->v[i]->known || rs_rsql_source_find(r->arena, sc->v[i], name) != -1;
  return n;
}

/* Are the elements JSON values, one of whose fields is meant since nothing else has that name? */
static bool may_be_within(struct rsql_resolver *r, const struct rsql_scope *sc,
                          const struct rsql_source *s, const char *name)
{
  if (s->open_elem == NULL || s->alias == NULL || s->v[0].type.kind != TY_JSON) return false;
  if (may_have_field(r, sc, name) != 1) return false;
  for (const struct rsql_scope *o = sc->parent; o != NULL; o = o->parent)
    if (may_have_field(r, o, name) > 0) return false;
  return true;
}

static bool has_param(const struct rsql_node *x)
{
  if (x == NULL || x->kind == N_PARAM) return x != NULL;
  for (size_t i = 0; i < x->n; i++)
    if (has_param(x->v[i])) return true;
  return false;
}

/* x's first part as an alias of the select list. *done: it is one. */
static bool as_alias(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_node *x,
                     bool *done)
{
  *done = false;
  if (sc->aliases == NULL) return true;
  long at = rs_rsql_source_find(r->arena, sc->aliases, x->path[0]);
  if (at == -2) return rs_rsql_resolve_oom(r);
  if (at < 0 || (size_t)at >= sc->visible) return true;
  const struct rsql_node *item = sc->select->items[at]->expr;
  const size_t fields = may_have_field(r, sc, x->path[0]);
  const bool both = fields > 0;
  // x of `SELECT a.x` is no alias, but tells which x is meant where two relations have one
  if (sc->select->items[at]->alias == NULL && (fields < 2 || sc->prefer == PREFER_FIELD))
    return true;
  if (sc->prefer == PREFER_GROUP && both && aggregates(item)) return true;
  *done = true;
  // without a preference an engine that knows aliases there looks for the field first, too
  x->item = both && sc->prefer == PREFER_FIELD ? NULL : item;
  x->has = both;
  r->s->repeats = r->s->repeats || (sc->grouped && has_param(item));
  x->position = (size_t)at + 1;
  for (long i = 0; i < at; i++)
    if (sc->select->items[i]->expr->kind == N_STAR) x->position = 0;
  return take_column(r, x, 1, &sc->aliases->v[at]);
}

/* name.x */
static bool put_in_front(struct rsql_resolver *r, struct rsql_node *x, const char *name)
{
  const char **path = rs_rsql_resolve_new(r, (x->npath + 1) * sizeof *path);
  if (path == NULL) return false;
  path[0] = name;
  memcpy(path + 1, x->path, x->npath * sizeof *path);
  x->path = path;
  x->npath++;
  x->op = 2;
  return true;
}

/* x, a field of s and of that type, gets its relation's name where the engine would take it for an
** alias or for the select list's item: in ORDER BY, and in HAVING, where an item may be written out
** as in the select list. x->op: the parts that name it. */
static bool qualify(struct rsql_resolver *r, const struct rsql_scope *sc,
                    const struct rsql_source *s, struct rsql_node *x, struct rsql_type type)
{
  x->op = 1;
  if (!(sc->ordering || sc->grouped) || s->alias == NULL || sc->aliases == NULL) return true;
  // what is selected of a boxed column may be JSON under its name
  if (sc->ordering && (is_old_instant(x, type) || rs_rsql_type_is_boxed(type)))
    return put_in_front(r, x, s->alias);
  long at = rs_rsql_source_find(r->arena, sc->aliases, x->path[0]);
  if (at == -2) return rs_rsql_resolve_oom(r);
  if (at >= 0 && !sc->ordering && sc->select->items[at]->alias == NULL) return true;
  return at < 0 || put_in_front(r, x, s->alias);
}

/* x's first part as a column of one of the scope's sources. *done: it is one. */
static bool as_column(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_node *x,
                      bool *done, bool *open)
{
  *open = false;
  if (sc->prefer != PREFER_FIELD && (!as_alias(r, sc, x, done) || *done)) return r->rc == RS_OK;
  *done = true;
  for (size_t i = 0; i < sc->n; i++) {
    struct rsql_source *s = sc->v[i];
    long at = rs_rsql_source_find(r->arena, s, x->path[0]);
    if (at == -2) return rs_rsql_resolve_oom(r);
    if (at >= 0) {
      x->source = s;
      return qualify(r, sc, s, x, s->v[at].type) && take_column(r, x, (size_t)x->op, &s->v[at]);
    }
    if (s->open_elem != NULL && s->alias != NULL && s->v[0].type.kind == TY_STRUCT) {
      bool missing;
      (void)rs_rsql_type_field(s->v[0].type, x->path[0], &missing);
      if (!missing) {
        return put_in_front(r, x, s->alias) && in_source(r, x, s, 1);
      }
    }
    if (may_be_within(r, sc, s, x->path[0]))
      return put_in_front(r, x, s->alias) && in_source(r, x, s, 1);
    *open = *open || !s->known;
  }
  for (size_t i = 0; i < sc->n; i++) {
    if (!sc->v[i]->documents || sc->prefer != PREFER_FIELD) continue;
    *done = false;
    return true;
  }
  return as_alias(r, sc, x, done);
}

static bool is_lambda_name(const struct rsql_scope *sc, const char *name)
{
  for (size_t i = 0; sc->lambda != NULL && i < sc->lambda->npath; i++) {
    if (rs_casecmp(sc->lambda->path[i], name) == 0) return true;
  }
  return false;
}

static bool column(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *x)
{
  bool any = false; // was there a scope at all
  r->grouped = at->scope != NULL && at->scope->grouped;
  for (const struct rsql_scope *sc = at->scope; sc != NULL; sc = sc->parent) {
    any = any || sc->n > 0;
    if (is_lambda_name(sc, x->path[0])) return take_fields(r, x, 1, (struct rsql_type){0});
    for (size_t i = 0; i < sc->n; i++) {
      size_t parts = source_parts(sc->v[i], x);
      if (parts > 0 && x->npath > parts) return in_source(r, x, sc->v[i], parts);
    }
    bool done, open;
    if (!as_column(r, sc, x, &done, &open) || done) return r->rc == RS_OK;
    for (size_t i = 0; i < sc->n && x->npath == 1; i++) {
      if (source_parts(sc->v[i], x) == 1) { // the whole row
        x->op = 1;
        sc->v[i]->whole = true;
        if (sc->v[i]->into != NULL) sc->v[i]->into->whole = true;
        return true;
      }
    }
    if (open) {
      x->op = (int)x->npath;
      return true;
    }
  }
  if (any) undefined(x);
  else x->op = (int)x->npath; // no relation: the engine says that there is no such column
  return true;
}

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
  return column(r, at, x);
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

/* CONCAT and || join the texts that a cast gives. */
static bool take_texts(struct rsql_resolver *r, struct rsql_node *x)
{
  for (size_t i = 0; x->op == 0 && i < x->n; i++) {
    const enum rsql_kind k = x->v[i]->type.kind;
    const bool time = k == TY_DATE || k == TY_TIME || k == TY_DATETIME || k == TY_TIMESTAMP;
    if (!time && k != TY_BOOL && !rs_rsql_is_number(k)) continue;
    struct rsql_node *text = rs_rsql_resolve_new(r, sizeof *text);
    struct rsql_node **v = rs_rsql_resolve_new(r, sizeof *v);
    if (text == NULL || v == NULL) return false;
    v[0] = x->v[i];
    *text = (struct rsql_node){.kind = N_CAST,
                               .op = CAST_PLAIN,
                               .pos = v[0]->pos,
                               .text = "STRING",
                               .v = v,
                               .n = 1,
                               .type = {.kind = TY_STRING}};
    x->v[i] = text;
  }
  return true;
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
  if (rs_rsql_argument_letter(x->name, 0) == 'v' && !take_texts(r, x)) return false;
  int min, max;
  if (c->known != NULL || c->star || !rs_rsql_function_known(x->name, &min, &max)) return true;
  // the engine may know another form of it; too few arguments are an error in both
  if ((int)x->n >= min) return true;
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
  undefined(x);
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
    case N_COLUMN: return column(r, at, x);
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
    if (x->ops[0] == '|' && !take_texts(r, x)) return false;
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
    if (missing) undefined(x);
  }
  if (x->kind == N_INDEX && no_element(x)) undefined(x);
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
