/*
** What rows are grouped by: GROUP BY, and the rows of UNION, INTERSECT and EXCEPT, where equal ones
** are one.
**
** 7 and 7.0 are equal, but as members of a UNION, as JSON and as boxed texts they are two values.
** Where a column may have both, its key is what equal values have in common: of a float without a
** fraction the int. What the group has in the column is a float where one of its rows has one, as
** where the column is of floats and has its ints in the sidecar. So it is with expressions whose
** values are JSON: the group has such a key where the same text is written.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/scope.h"
#include "src/value/boxed.h"

/* ---- values of several types as keys --------------------------------------------------------- */

/* As what equal values have in common; `$` is the column. */
#define COMMON(test, d, as)                                                       \
  "CASE WHEN " test d " = trunc(" d ") AND abs(" d ") < 9e18 THEN " as "(CAST(" d \
  " AS BIGINT)) ELSE $ END"

static const char union_key[] = COMMON("", "union_extract($, 'dbl')", "");
static const char json_key[] = COMMON("json_type($) = 'DOUBLE' AND ", "TRY_CAST($ AS DOUBLE)",
                                      "to_json");

/* A key that is an expression, and how it is written. */
struct expr_key {
  const struct rsql_node *x;
  const char *text;
  size_t n;
};

struct rsql_group_keys {
  const struct rsql_node **v; /* columns */
  size_t n;
  struct expr_key *exprs;
  size_t nexprs;
  bool sets; /* a row may be a sum over groups, in which a key is NULL */
};

/* May an int and a float in it be equal? Of a boxed column: in its texts. */
static bool has_both(const struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_is_boxed(w, x)) return true;
  return !w->plain && !w->f->json_casts && x->kind == N_COLUMN && x->type.kind == TY_JSON &&
         (rs_rsql_type_kinds(x->type) & RSQL_NUMBER) == RSQL_NUMBER;
}

/* Is it an expression with such values? */
static bool is_json_expr(const struct rsql_writer *w, const struct rsql_node *x)
{
  return !w->plain && x->kind != N_COLUMN && x->type.kind == TY_JSON &&
         (rs_rsql_type_kinds(x->type) & RSQL_NUMBER) == RSQL_NUMBER;
}

static void write_form(struct rsql_writer *w, const char *form, const struct rsql_node *x)
{
  const struct rsql_group_keys *keys = w->keys;
  w->keys = NULL;
  for (; *form != 0; form++) {
    if (*form == '$') rs_rsql_write_stored(w, x);
    else rs_buf_char(w->b, *form);
  }
  w->keys = keys;
}

/* Its columns are a row's. */
static void write_expr_key(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_group_keys *keys = w->keys;
  w->keys = NULL;
  rs_rsql_write_key(w, x);
  w->keys = keys;
}

bool rs_rsql_write_common(struct rsql_writer *w, const struct rsql_node *x)
{
  if (is_json_expr(w, x)) {
    write_expr_key(w, x);
    return true;
  }
  if (!has_both(w, x)) return false;
  if (rs_rsql_is_boxed(w, x)) rs_rsql_write_boxed_key(w, x, true);
  else write_form(w, rs_rsql_type_is_union(x->type) ? union_key : json_key, x);
  return true;
}

bool rs_rsql_write_counted(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->kind == N_VIEW && x->op == RSQL_ALL) x = x->v[0]; // which leaves out JSON's null
  if (is_json_expr(w, x)) return rs_rsql_write_common(w, x);
  const bool boxed = rs_rsql_is_boxed(w, x);
  if (!has_both(w, x)) return false;
  if (rs_rsql_type_is_union(x->type)) return rs_rsql_write_common(w, x);
  write_form(
    w, boxed ? "CASE WHEN $ IS NOT NULL THEN ROW(" : "CASE WHEN json_type($) <> 'NULL' THEN ", x);
  (void)rs_rsql_write_common(w, x);
  rs_rsql_write(w, boxed ? ") END" : " END");
  return true;
}

static bool is_key(const struct rsql_group_keys *keys, const struct rsql_node *x)
{
  if (keys == NULL || x->kind != N_COLUMN || x->item != NULL || x->source == NULL) return false;
  for (size_t i = 0; i < keys->n; i++)
    if (keys->v[i]->source == x->source &&
        rs_casecmp(keys->v[i]->path[keys->v[i]->npath - 1], x->path[x->npath - 1]) == 0)
      return true;
  return false;
}

bool rs_rsql_is_group_key(const struct rsql_writer *w, const struct rsql_node *x)
{
  return is_key(w->keys, x);
}

bool rs_rsql_write_group_key(struct rsql_writer *w, const struct rsql_node *x)
{
  return is_key(w->keys, x) && rs_rsql_write_common(w, x);
}

bool rs_rsql_write_group_value(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_group_keys *keys = w->keys;
  if (!is_key(keys, x) || w->f->json_casts) return false; // of a boxed one its form tells
  if (keys->sets) {
    rs_rsql_write(w, "CASE WHEN grouping(");
    write_form(w, rs_rsql_type_is_union(x->type) ? union_key : json_key, x);
    rs_rsql_write(w, ") = 0 THEN ");
  }
  // of equal values a float is the largest, by its member or by its text
  write_form(w, "max($)", x);
  if (keys->sets) rs_rsql_write(w, " END");
  return true;
}

/* ---- expressions as keys --------------------------------------------------------------------- */

static const struct expr_key *expr_key_of(const struct rsql_group_keys *keys,
                                          const struct rsql_node *x)
{
  for (size_t i = 0; keys != NULL && i < keys->nexprs; i++)
    if (keys->exprs[i].x == x) return &keys->exprs[i];
  return NULL;
}

bool rs_rsql_has_group_exprs(const struct rsql_writer *w)
{
  return w->keys != NULL && w->keys->nexprs > 0;
}

/* Of equal values a float is the largest, as a text. */
static void expr_value(struct rsql_writer *w, const struct rsql_group_keys *keys,
                       const struct expr_key *key)
{
  const char *form = rs_rsql_form_of(w, "max($)", "json_parse(max(json_format($)))");
  if (keys->sets) {
    rs_rsql_write(w, "CASE WHEN grouping(");
    write_expr_key(w, key->x);
    rs_rsql_write(w, ") = 0 THEN ");
  }
  form = rs_rsql_write_until(w, form, '$');
  rs_buf_add(w->b, key->text, key->n);
  rs_rsql_write(w, form);
  if (keys->sets) rs_rsql_write(w, " END");
}

void rs_rsql_write_group_expr(struct rsql_writer *w, size_t start)
{
  const size_t n = w->b->n - start;
  if (w->b->rc != RS_OK || w->rc != RS_OK) return;
  for (size_t i = 0; i < w->keys->nexprs; i++) {
    const struct expr_key *key = &w->keys->exprs[i];
    if (key->n != n || memcmp(key->text, w->b->p + start, n) != 0) continue;
    w->b->n = start;
    expr_value(w, w->keys, key);
    return;
  }
}

bool rs_rsql_write_group_item(struct rsql_writer *w, const struct rsql_group_keys *keys,
                              const struct rsql_node *x)
{
  const struct expr_key *key = expr_key_of(keys, x);
  if (key != NULL) expr_value(w, keys, key);
  return key != NULL;
}

/* How the key is written, as an item of the select list, too. */
static bool add_expr_key(struct rsql_writer *w, const struct rsql_node *x,
                         struct rsql_group_keys *keys)
{
  struct rs_buf own, *b = w->b;
  const struct rsql_group_keys *outer = w->keys;
  const size_t norder = w->norder;
  struct expr_key *key = &keys->exprs[keys->nexprs];
  rs_buf_init(&own, b->max);
  w->b = &own;
  w->keys = NULL;
  rs_rsql_write_expr(w, x);
  w->b = b;
  w->keys = outer;
  *key = (struct expr_key){x, rs_arena_strndup(w->s->arena, rs_buf_text(&own), own.n), own.n};
  if (own.rc != RS_OK && w->rc == RS_OK) w->rc = rs_buf_error(&own, w->e, "SQL: a group's key");
  if (key->text == NULL && w->rc == RS_OK) w->rc = rs_nomem(w->e);
  // what has markers of its own each time is no key by its text
  if (w->rc == RS_OK && (w->d->numbered_params || w->norder == norder)) keys->nexprs++;
  rs_buf_free(&own);
  return w->rc == RS_OK;
}

/* ---- GROUP BY -------------------------------------------------------------------------------- */

/* What a key is, by its name, alias or position; NULL: it is not known. */
static const struct rsql_node *meant(const struct rsql_select *s, const struct rsql_node *x)
{
  if (x->kind == N_COLUMN && x->item != NULL) return x->item;
  if (x->kind != N_INT) return x;
  const long k = strtol(x->text, NULL, 10);
  for (long i = 0; i < k && (size_t)k <= s->nitems; i++)
    if (s->items[i]->expr->kind == N_STAR) return NULL;
  return k < 1 || (size_t)k > s->nitems ? NULL : s->items[k - 1]->expr;
}

/* The column of several types that is a group's key, by its name, alias or position; NULL: another
** key. */
static const struct rsql_node *stored_key(const struct rsql_select *s, const struct rsql_node *x)
{
  x = meant(s, x);
  return x != NULL && x->kind == N_COLUMN && x->item == NULL && x->type.kind == TY_JSON ? x : NULL;
}

/* An alias goes by its position: the item's own text would be another one where it has a marker. A
** column of several types is the key as it is, so that all that is made of it is known of a group.
*/
static void group_key(struct rsql_writer *w, const struct rsql_select *s,
                      const struct rsql_group_keys *keys, const struct rsql_node *x)
{
  const struct expr_key *key = expr_key_of(keys, meant(s, x));
  const struct rsql_node *column = w->plain ? NULL : stored_key(s, x);
  if (key != NULL) {
    write_expr_key(w, key->x);
    return;
  }
  if (column != NULL) {
    if (is_key(keys, column)) (void)rs_rsql_write_common(w, column);
    else if (rs_rsql_is_boxed(w, column)) rs_rsql_write_boxed_key(w, column, false);
    else rs_rsql_write_stored(w, column);
    return;
  }
  const bool alias = x->kind == N_COLUMN && x->item != NULL && !x->item->boxed &&
                     (x->has || !w->f->aliases);
  if (alias && x->position > 0) rs_buf_printf(w->b, "%zu", x->position);
  else rs_rsql_write_expr(w, x);
}

/* An engine that takes no expressions into sets of keys has none for two columns that are one. */
static void refuse_boxed(struct rsql_writer *w, const struct rsql_select *s,
                         struct rsql_group *const *v, size_t n)
{
  for (size_t i = 0; i < n && w->rc == RS_OK; i++) {
    const struct rsql_node *x = v[i]->kind == G_EXPR ? stored_key(s, v[i]->expr) : NULL;
    if (x == NULL || !rs_rsql_is_boxed(w, x)) continue;
    rs_rsql_write_fail(w, v[i]->expr->pos, RS_UNSUPPORTED,
                       "`%s`, a field of several types, has no place in ROLLUP, CUBE and GROUPING "
                       "SETS in %s: group by it alone, or by its CAST in a subquery",
                       x->path[x->npath - 1], w->d->name);
  }
}

void rs_rsql_write_groups(struct rsql_writer *w, const struct rsql_select *s,
                          const struct rsql_group_keys *keys, struct rsql_group *const *v, size_t n)
{
  static const char *const words[] = {"", "ROLLUP ", "CUBE ", "GROUPING SETS ", ""};
  for (size_t i = 0; i < n && w->rc == RS_OK; i++) {
    if (i > 0) rs_rsql_write(w, ", ");
    if (v[i]->kind == G_EXPR) {
      group_key(w, s, keys, v[i]->expr);
      continue;
    }
    refuse_boxed(w, s, v[i]->v, v[i]->n);
    rs_rsql_write(w, words[v[i]->kind]);
    rs_rsql_write(w, "(");
    rs_rsql_write_groups(w, s, keys, v[i]->v, v[i]->n);
    rs_rsql_write(w, ")");
  }
}

static size_t count_keys(struct rsql_group *const *v, size_t n)
{
  size_t count = n;
  for (size_t i = 0; i < n; i++) count += count_keys(v[i]->v, v[i]->n);
  return count;
}

static void add_keys(struct rsql_writer *w, const struct rsql_select *s,
                     struct rsql_group *const *v, size_t n, struct rsql_group_keys *keys)
{
  for (size_t i = 0; i < n; i++) {
    if (v[i]->kind != G_EXPR) {
      keys->sets = true;
      add_keys(w, s, v[i]->v, v[i]->n, keys);
      continue;
    }
    const struct rsql_node *x = stored_key(s, v[i]->expr), *any = meant(s, v[i]->expr);
    if (x != NULL && x->source != NULL && has_both(w, x)) keys->v[keys->n++] = x;
    if (any != NULL && is_json_expr(w, any) && !add_expr_key(w, any, keys)) return;
  }
}

/* A query in it may ask for a key: there is no aggregate of what is outside. */
static bool has_query(const struct rsql_node *x)
{
  bool has = x != NULL && x->query != NULL;
  for (size_t i = 0; x != NULL && i < x->n && !has; i++) has = has_query(x->v[i]);
  return has;
}

bool rs_rsql_merges_distinct(const struct rsql_writer *w, const struct rsql_select *s)
{
  bool some = false;
  if (!s->distinct || w->plain || s->ngroup > 0 || s->group_all || s->having != NULL ||
      s->qualify != NULL || s->nfrom == 0)
    return false;
  for (size_t i = 0; i < s->nitems; i++) {
    const struct rsql_node *x = s->items[i]->expr;
    if (!rs_rsql_functions_known(x) || rs_rsql_aggregates(x, true)) return false;
    some = some || is_json_expr(w, x);
  }
  return some;
}

/* The item at that place, from 1, as a key. */
struct place {
  char text[24];
  struct rsql_node x;
  struct rsql_group group;
};

static struct rsql_group *key_at(struct place *p, size_t place)
{
  (void)snprintf(p->text, sizeof p->text, "%zu", place);
  p->x = (struct rsql_node){.kind = N_INT, .text = p->text, .type = {.kind = TY_INT}};
  p->group = (struct rsql_group){.kind = G_EXPR, .expr = &p->x};
  return &p->group;
}

void rs_rsql_write_distinct(struct rsql_writer *w, const struct rsql_select *s,
                            const struct rsql_group_keys *keys)
{
  struct place p;
  for (size_t i = 0; i < s->nitems && w->rc == RS_OK; i++) {
    if (i > 0) rs_rsql_write(w, ", ");
    struct rsql_group *group = key_at(&p, i + 1);
    rs_rsql_write_groups(w, s, keys, &group, 1);
  }
  for (size_t i = 0; i < s->nsides; i++) // of a boxed key it is a part already
    if (!rs_rsql_is_boxed(w, s->items[s->sides[i]->of]->expr))
      rs_buf_printf(w->b, ", %zu", s->nitems + i + 1);
}

const struct rsql_group_keys *rs_rsql_group_keys(struct rsql_writer *w, const struct rsql_select *s)
{
  const bool distinct = rs_rsql_merges_distinct(w, s);
  if ((s->ngroup == 0 && !distinct) || w->plain || has_query(s->having)) return NULL;
  for (size_t i = 0; i < s->nitems; i++)
    if (has_query(s->items[i]->expr)) return NULL;
  struct rsql_group_keys *keys = rs_arena_alloc(w->s->arena, sizeof *keys);
  const size_t n = distinct ? s->nitems : count_keys(s->group, s->ngroup);
  const struct rsql_node **v = rs_arena_alloc(w->s->arena, (n + 1) * sizeof *v);
  struct expr_key *exprs = rs_arena_alloc(w->s->arena, (n + 1) * sizeof *exprs);
  if (keys == NULL || v == NULL || exprs == NULL) {
    w->rc = w->rc == RS_OK ? rs_nomem(w->e) : w->rc;
    return NULL;
  }
  *keys = (struct rsql_group_keys){.v = v, .exprs = exprs};
  add_keys(w, s, s->group, s->ngroup, keys);
  for (size_t i = 0; distinct && i < s->nitems; i++) {
    struct place p;
    struct rsql_group *group = key_at(&p, i + 1);
    add_keys(w, s, &group, 1, keys);
  }
  return keys->n + keys->nexprs > 0 ? keys : NULL;
}

/* ---- set operations -------------------------------------------------------------------------- */

/* `name~x` */
static void side_name(struct rsql_writer *w, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_printf(&b, "%s" RS_BOXED_SIDE, name);
  if (b.rc != RS_OK && w->rc == RS_OK) w->rc = rs_buf_error(&b, w->e, "SQL: a name");
  rs_rsql_write_name(w, rs_buf_text(&b));
  rs_buf_free(&b);
}

/* A column of merged rows, or the key of it. */
static void merged_column(struct rsql_writer *w, const struct rsql_column *c, bool key)
{
  const char *path[] = {c->name};
  const struct rsql_node x = {.kind = N_COLUMN, .path = path, .npath = 1, .type = c->type};
  if (!has_both(w, &x)) {
    rs_rsql_write_name(w, c->name);
  } else if (key) {
    (void)rs_rsql_write_common(w, &x);
  } else {
    rs_rsql_write(w, "max(");
    rs_rsql_write_name(w, c->name);
    rs_rsql_write(w, ") AS ");
    rs_rsql_write_name(w, c->name);
  }
}

/* The columns of merged rows. A sidecar is what all rows have; that of a boxed column is a part of
** its key, where null and undefined are one. */
static void merged_columns(struct rsql_writer *w, const struct rsql_source *c)
{
  for (size_t k = 0; k < c->n && w->rc == RS_OK; k++) {
    rs_rsql_write(w, k > 0 ? ", " : "");
    merged_column(w, &c->v[k], false);
  }
  for (size_t k = 0; k < c->n && w->rc == RS_OK; k++) {
    const bool boxed = rs_rsql_type_is_boxed(c->v[k].type);
    if (!c->v[k].type.side) continue;
    rs_rsql_write(w, boxed ? ", min(nullif(" : ", CASE WHEN count(*) = count(");
    side_name(w, c->v[k].name);
    if (boxed) {
      rs_rsql_write(w, ", 'n'))");
    } else {
      rs_rsql_write(w, ") THEN min(");
      side_name(w, c->v[k].name);
      rs_rsql_write(w, ") END");
    }
    rs_rsql_write(w, " AS ");
    side_name(w, c->v[k].name);
  }
}

/* The rows of all parts in groups of equal ones: UNION has all groups, INTERSECT those of which
** each part has a row, EXCEPT those of which the first part alone has. */
void rs_rsql_write_merged(struct rsql_writer *w, const struct rsql_body *b)
{
  const char op = b->ops[0][0];
  rs_rsql_write(w, "SELECT ");
  merged_columns(w, b->merged);
  rs_rsql_write(w, " FROM (");
  for (size_t i = 0; i < b->n && w->rc == RS_OK; i++) {
    if (i > 0) rs_rsql_write(w, " UNION ALL ");
    if (op != 'U') rs_buf_printf(w->b, "SELECT \"rs_part\".*, %zu AS \"rs_in\" FROM (", i);
    rs_rsql_write_body(w, b->v[i]);
    if (op != 'U') rs_rsql_write(w, ") AS \"rs_part\"");
  }
  rs_rsql_write(w, ") AS \"rs_set\" GROUP BY ");
  for (size_t k = 0; k < b->merged->n && w->rc == RS_OK; k++) {
    rs_rsql_write(w, k > 0 ? ", " : "");
    merged_column(w, &b->merged->v[k], true);
  }
  for (size_t i = 0; op != 'U' && i < b->n; i++)
    rs_buf_printf(w->b, "%scount(CASE WHEN \"rs_in\" = %zu THEN 1 END) %s",
                  i > 0 ? " AND " : " HAVING ", i, op == 'I' || i == 0 ? "> 0" : "= 0");
}
