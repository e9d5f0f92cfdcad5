/*
** UNNEST: in FROM, or in the select list of a query around the relation whose array it is.
**
**   FROM c, UNNEST(c.tags AS tag) WHERE c.k = 3
**   FROM (SELECT *, unnest(c.tags) AS "tag~1" FROM c AS c WHERE c.k = 3) AS c
**
** DuckDB runs the second as one pass over c, while the first with its WHERE takes it 16 us a row
** (DuckDB 1.5: its optimizer sees an UNNEST without conditions only). The resolver decides where
** both mean the same (rsql_source.into), the emitter writes what its engine likes.
**
** The number makes the name one of the statement's own: it stands without a relation, also inside
** of a query that has another c.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "emit.h"
#include "resolve.h"

/* ---- where both mean the same ---------------------------------------------------------------- */

/* Is x made of columns of one relation, or of elements that were unnested into it, and of nothing
** else that has rows? */
static bool find_root(const struct rsql_node *x, struct rsql_source **root)
{
  if (x == NULL) return true;
  if (x->query != NULL) return false;
  if (x->kind == N_CALL &&
      (x->call->filter != NULL || x->call->over != NULL || x->call->order.n > 0 || x->call->limit))
    return false;
  if (x->kind == N_COLUMN) {
    if (x->source == NULL) return false;
    struct rsql_source *of = x->source->into != NULL ? x->source->into
                                                     : (struct rsql_source *)x->source;
    if (*root != NULL && *root != of) return false;
    *root = of;
  }
  for (size_t i = 0; i < x->n; i++)
    if (!find_root(x->v[i], root)) return false;
  return true;
}

static bool is_inner(const struct rsql_join *j)
{
  return rs_eq(j->type, "INNER") || rs_eq(j->type, "CROSS");
}

/* May a star be written for it alone? An UNNEST without a name gets one (name_unnest). */
static bool has_name(const struct rsql_rel *rel)
{
  return rel->source != NULL && (rel->source->alias != NULL || rel->kind == R_UNNEST);
}

/* Does each row of a relation on the left stay, as often as it matches, whatever is joined? And is
** each relation to be told by a name? */
static bool is_simple(const struct rsql_select *s)
{
  for (size_t i = 0; i < s->nfrom; i++) {
    if (!has_name(s->from[i]->rel)) return false;
    for (size_t k = 0; k < s->from[i]->n; k++) {
      const struct rsql_join *j = s->from[i]->v[k];
      if (j->natural || j->using.n > 0 || !has_name(j->rel)) return false;
      if (!is_inner(j) && !rs_eq(j->type, "LEFT")) return false;
    }
  }
  return true;
}

static bool takes(const struct rsql_rel *rel)
{
  const bool relation = rel->kind == R_NAME || rel->kind == R_TABLE ||
                        (rel->kind == R_QUERY && !rel->lateral);
  return relation && rel->source->known;
}

/* Is it in front of any join that might make rows without it? */
static bool stays(const struct rsql_select *s, const struct rsql_source *source)
{
  for (size_t i = 0; i < s->nfrom; i++) {
    const struct rsql_from *f = s->from[i];
    if (f->rel->source == source) return takes(f->rel);
    for (size_t k = 0; k < f->n; k++)
      if (f->v[k]->rel->source == source) return is_inner(f->v[k]) && takes(f->v[k]->rel);
  }
  return false;
}

static bool unnest_into(struct rsql_resolver *r, const struct rsql_select *s, struct rsql_rel *rel)
{
  struct rsql_source *root = NULL;
  if (rel->kind != R_UNNEST || rel->sample != NULL || rel->source->whole) return true;
  if (!find_root(rel->v[0], &root) || root == NULL || !stays(s, root)) return true;
  struct rsql_rel **all = rs_rsql_resolve_new(r, (root->nunnests + 1) * sizeof *all);
  if (all == NULL) return false;
  if (root->nunnests > 0) memcpy(all, root->unnests, root->nunnests * sizeof *all);
  all[root->nunnests++] = rel;
  root->unnests = all;
  rel->source->into = root;
  rel->source->number = ++r->unnests;
  return true;
}

/* A name for one that has none: a star is one of each relation now. */
static bool name_unnest(struct rsql_resolver *r, struct rsql_rel *rel)
{
  if (rel->source->alias != NULL) return true;
  rel->source->alias = rel->made_alias = rs_arena_printf(r->arena, "unnest~%u", ++r->unnests);
  return rel->made_alias != NULL || rs_rsql_resolve_oom(r);
}

static bool name_unnests(struct rsql_resolver *r, const struct rsql_from *f)
{
  bool ok = name_unnest(r, f->rel);
  for (size_t i = 0; i < f->n && ok; i++) ok = name_unnest(r, f->v[i]->rel);
  return ok;
}

bool rs_rsql_resolve_unnests(struct rsql_resolver *r, struct rsql_select *s)
{
  const unsigned before = r->unnests;
  if (!is_simple(s)) return true;
  for (size_t i = 0; i < s->nfrom; i++) {
    const struct rsql_from *f = s->from[i];
    // an UNNEST that something is joined to has to stand there
    if (i > 0 && f->n == 0 && !unnest_into(r, s, f->rel)) return false;
    for (size_t k = 0; k < f->n; k++) {
      const struct rsql_join *j = f->v[k];
      if (rs_eq(j->type, "CROSS") && !unnest_into(r, s, j->rel)) return false;
    }
  }
  bool ok = true;
  for (size_t i = 0; i < s->nfrom && ok && r->unnests > before; i++)
    ok = name_unnests(r, s->from[i]);
  return ok;
}

/* ---- elements ------------------------------------------------------------------------------- */

bool rs_rsql_is_unnested(const struct rsql_writer *w, const struct rsql_source *s)
{
  return s != NULL && w->f->unnest_numbers != NULL && rs_rsql_unnest_into(s) != NULL;
}

/* NULL: out of memory, which w->rc says. */
static const char *made_name(struct rsql_writer *w, const struct rsql_source *s, const char *name)
{
  const char *made = rs_arena_printf(w->s->arena, "%s~%u", name, s->number);
  if (made == NULL && w->rc == RS_OK) w->rc = rs_nomem(w->e);
  return made;
}

static void element(struct rsql_writer *w, const struct rsql_source *s, const char *name)
{
  const char *made = made_name(w, s, name);
  if (made != NULL) rs_rsql_write_name(w, made);
}

const char *rs_rsql_element_name(const struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->kind != N_COLUMN || !rs_rsql_is_unnested(w, x->source)) return NULL;
  const char *name = x->path[x->npath - 1];
  const size_t n = rs_boxed_side_of(name);
  for (size_t i = 0; i < x->source->n; i++) {
    const struct rsql_column *c = &x->source->v[i];
    if (rs_casecmp(c->name, name) == 0) return c->name;
    if (n > 0 && c->type.side && strlen(c->name) == n && rs_casecmpn(c->name, name, n) == 0)
      return name;
  }
  return NULL;
}

/* The name of its elements' sidecar; NULL: it has none that is asked for, or w->rc says why. */
static const char *beside(struct rsql_writer *w, const struct rsql_source *s)
{
  if (!s->beside || !s->v[0].type.side) return NULL;
  const char *name = rs_arena_printf(w->s->arena, "%s" RS_BOXED_SIDE, s->v[0].name);
  if (name == NULL && w->rc == RS_OK) w->rc = rs_nomem(w->e);
  return name;
}

bool rs_rsql_write_element(struct rsql_writer *w, const struct rsql_node *x)
{
  const char *name = rs_rsql_element_name(w, x);
  if (name != NULL) element(w, x->source, name);
  return name != NULL;
}

/* ---- stars ----------------------------------------------------------------------------------- */

bool rs_rsql_star_is_empty(const struct rsql_node *star)
{
  const struct rsql_source *s = star->source;
  if (star->has || star->n > 0 || s == NULL || star->except == NULL) return false;
  for (size_t i = 0; i < s->n; i++)
    if (!rs_rsql_is_excepted(star, s->v[i].name)) return false;
  return s->known || s->into != NULL;
}

bool rs_rsql_write_elements(struct rsql_writer *w, const struct rsql_node *star)
{
  const struct rsql_source *s = star->source;
  if (!rs_rsql_is_unnested(w, s)) return false;
  if (rs_rsql_star_is_empty(star))
    rs_rsql_write_fail(w, star->pos, RS_INVALID, "EXCEPT leaves no column");
  const char *side = beside(w, s);
  for (size_t i = 0, written = 0; i <= s->n; i++) {
    const char *name = i < s->n ? s->v[i].name : side;
    if (name == NULL || rs_rsql_is_excepted(star, name)) continue;
    if (written++ > 0) rs_rsql_write(w, ", ");
    element(w, s, name);
    rs_rsql_write(w, " AS ");
    rs_rsql_write_name(w, name);
  }
  return true;
}

void rs_rsql_write_hidden(struct rsql_writer *w, const struct rsql_source *s,
                          void (*write)(struct rsql_writer *w, const char *name, size_t *written),
                          size_t *written)
{
  for (size_t i = 0; s != NULL && i < s->nunnests; i++) {
    const struct rsql_source *u = s->unnests[i]->source;
    for (size_t k = 0; rs_rsql_is_unnested(w, u) && k < u->n; k++) {
      const char *name = made_name(w, u, u->v[k].name);
      const char *side = k == 0 ? beside(w, u) : NULL;
      if (side != NULL) side = made_name(w, u, side);
      if (name != NULL) write(w, name, written);
      if (side != NULL) write(w, side, written);
    }
  }
}

/* ---- WHERE ----------------------------------------------------------------------------------- */

/* Is x made of the own columns of one relation, and of nothing else that has rows? */
static bool is_of_one(const struct rsql_node *x, const struct rsql_source **one)
{
  if (x == NULL) return true;
  if (x->query != NULL || (x->call != NULL && x->call->filter != NULL)) return false;
  if (x->kind == N_COLUMN) {
    if (x->source == NULL || (*one != NULL && *one != x->source)) return false;
    *one = x->source;
  }
  for (size_t i = 0; i < x->n; i++)
    if (!is_of_one(x->v[i], one)) return false;
  return true;
}

/* Does something of this FROM stand in a select list around s; NULL: around any relation? Not so
** around one of an outer query, which has conditions of its own. */
static bool unnests_into(const struct rsql_writer *w, const struct rsql_select *q,
                         const struct rsql_source *s)
{
  for (size_t i = 0; i < q->nfrom; i++) {
    const struct rsql_from *f = q->from[i];
    for (size_t k = 0; k <= f->n; k++) {
      const struct rsql_source *u = k == 0 ? f->rel->source : f->v[k - 1]->rel->source;
      if (rs_rsql_is_unnested(w, u) && (s == NULL || u->into == s)) return true;
    }
  }
  return false;
}

static bool is_and(const struct rsql_node *x)
{
  return x->kind == N_CHAIN && x->ops[0] == 'A';
}

const struct rsql_narrowed *rs_rsql_narrow(struct rsql_writer *w, const struct rsql_select *s)
{
  if (s->where == NULL || !unnests_into(w, s, NULL)) return NULL;
  const size_t n = is_and(s->where) ? s->where->n : 1;
  struct rsql_narrowed *made = rs_arena_calloc(w->s->arena, sizeof *made);
  if (made != NULL) made->into = rs_arena_calloc(w->s->arena, n * sizeof *made->into);
  if (made == NULL || made->into == NULL) {
    if (w->rc == RS_OK) w->rc = rs_nomem(w->e);
    return NULL;
  }
  made->where = s->where;
  bool behind = false; // behind one that stays, which may keep it from failing
  for (size_t i = 0; i < n; i++) {
    const struct rsql_node *x = is_and(s->where) ? s->where->v[i] : s->where;
    const struct rsql_source *one = NULL;
    const bool moves = is_of_one(x, &one) && one != NULL && unnests_into(w, s, one) &&
                       !(behind && rs_rsql_may_fail(x));
    if (moves) made->into[i] = one;
    behind = behind || !moves;
  }
  return made;
}

const struct rsql_node *rs_rsql_narrowed(struct rsql_writer *w, const struct rsql_narrowed *n,
                                         const struct rsql_source *s)
{
  if (!is_and(n->where)) return n->into[0] == s ? n->where : NULL;
  struct rsql_node *and = rs_arena_alloc(w->s->arena, sizeof *and);
  struct rsql_node **v = rs_arena_alloc(w->s->arena, n->where->n * sizeof *v);
  if (and == NULL || v == NULL) {
    if (w->rc == RS_OK) w->rc = rs_nomem(w->e);
    return NULL;
  }
  *and = *n->where;
  and->v = v;
  and->n = 0;
  for (size_t i = 0; i < n->where->n; i++)
    if (n->into[i] == s) v[ and->n++] = n->where->v[i];
  return and->n > 1 ? and : and->n == 1 ? v[0] : NULL;
}

/* ---- FROM ------------------------------------------------------------------------------------ */

static void array(struct rsql_writer *w, const struct rsql_rel *r)
{
  const bool json = r->type.kind == TY_JSON || r->type.kind == TY_NULL;
  if (json) rs_rsql_write(w, "CAST(");
  rs_rsql_write_expr(w, r->v[0]);
  if (json) rs_buf_printf(w->b, " AS %s)", w->f->json_list);
}

/* The sidecars of the elements, as an array. */
static void sides(struct rsql_writer *w, const struct rsql_rel *r)
{
  // a cast to a list would make NULL of a JSON null
  rs_rsql_write(w, "list_transform(json_extract(");
  rs_rsql_write_expr(w, r->exact);
  rs_rsql_write(w, ", '$[*]'), " RS_RSQL_ELEMENT " -> ");
  rs_rsql_write_expr(w, r->tag);
  rs_rsql_write(w, ")");
}

/* (SELECT unnest(array) AS e, unnest(its sidecars) AS "e~x") AS t */
static void with_sides(struct rsql_writer *w, const struct rsql_rel *r, const char *side)
{
  rs_rsql_write(w, "LATERAL (SELECT unnest(");
  array(w, r);
  rs_rsql_write(w, ") AS ");
  rs_rsql_write_name(w, r->elem);
  rs_rsql_write(w, ", unnest(");
  sides(w, r);
  rs_rsql_write(w, ") AS ");
  rs_rsql_write_name(w, side);
  if (r->ordinality) {
    rs_rsql_write(w, ", ");
    const char *rest = rs_rsql_write_until(w, w->f->unnest_numbers, '$');
    array(w, r);
    rs_rsql_write(w, rest);
    rs_rsql_write(w, " AS ");
    rs_rsql_write_name(w, r->ordinal);
  }
  rs_rsql_write(w, ") AS ");
  const char *alias = r->alias != NULL ? r->alias : r->made_alias;
  rs_rsql_write_name(w, alias != NULL ? alias : "unnest");
}

void rs_rsql_write_unnest(struct rsql_writer *w, const struct rsql_rel *r)
{
  if (w->plain) {
    rs_rsql_plain_fail(w, r->pos, "UNNEST");
    return;
  }
  const char *side = beside(w, r->source);
  if (side != NULL) {
    with_sides(w, r, side);
    return;
  }
  rs_rsql_write(w, "UNNEST(");
  array(w, r);
  rs_rsql_write(w, r->ordinality ? ") WITH ORDINALITY AS " : ") AS ");
  const char *alias = r->alias != NULL ? r->alias : r->made_alias;
  rs_rsql_write_name(w, alias != NULL ? alias : "unnest");
  const char *names[2] = {r->elem, r->ordinal};
  const struct rsql_names columns = {names, r->ordinality ? 2 : 1};
  rs_rsql_write_names(w, &columns);
}

/* The last one around the others: it may be of an element of theirs. */
void rs_rsql_write_unnested(struct rsql_writer *w, const struct rsql_rel *r)
{
  const struct rsql_source *s = r->source;
  for (size_t i = s != NULL ? s->nunnests : 0; i > 0; i--) {
    const struct rsql_rel *u = s->unnests[i - 1];
    if (!rs_rsql_is_unnested(w, u->source)) continue;
    rs_rsql_write(w, "(SELECT *, unnest(");
    array(w, u);
    rs_rsql_write(w, ") AS ");
    element(w, u->source, u->source->v[0].name);
    const char *side = beside(w, u->source);
    if (side != NULL) {
      rs_rsql_write(w, ", unnest(");
      sides(w, u);
      rs_rsql_write(w, ") AS ");
      element(w, u->source, side);
    }
    if (u->ordinality) {
      rs_rsql_write(w, ", ");
      const char *rest = rs_rsql_write_until(w, w->f->unnest_numbers, '$');
      array(w, u);
      rs_rsql_write(w, rest);
      rs_rsql_write(w, " AS ");
      element(w, u->source, u->source->v[1].name);
    }
    rs_rsql_write(w, " FROM ");
  }
}

void rs_rsql_write_unnested_end(struct rsql_writer *w, const struct rsql_rel *r)
{
  const struct rsql_source *s = r->source;
  if (s == NULL || s->nunnests == 0) return;
  const struct rsql_node *where = w->narrowed != NULL ? rs_rsql_narrowed(w, w->narrowed, s) : NULL;
  if (where != NULL) {
    rs_rsql_write(w, " WHERE ");
    rs_rsql_write_filter(w, where);
  }
  for (size_t i = 0; i < s->nunnests; i++) {
    if (!rs_rsql_is_unnested(w, s->unnests[i]->source)) continue;
    rs_rsql_write(w, ") AS ");
    rs_rsql_write_name(w, s->alias);
  }
}
