/*
** Documents of several collections as the rows of one query, which an alias of them is read by
** (engine/sql/alias.c). DuckDB only.
**
** A field has one type in the result: where the collections' columns differ it is the one that
** holds both, as in loading (load/types.c), and what that one can't tell of a value goes to the
** field's sidecar (side.c), as if the documents had been written to one collection.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "src/engine/slots.h"
#include "internal.h"

struct several {
  struct rs_session *s, *reader; /* the latter opened when types have to be compared */
  struct rs_arena *a;
  struct rs_load_fields all, *of; /* of the result; of each collection */
};

static enum rs_code read_fields(struct several *x, const struct rs_relation *rel,
                                struct rs_load_fields *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(x->s, &b, "SELECT * FROM %r", rel);
  enum rs_code rc = rs_buf_error(&b, e, "alias");
  if (rc == RS_OK) rc = rs_load_describe(x->s, x->a, rs_buf_text(&b), out, e);
  rs_buf_free(&b);
  return rc;
}

/* The fields of a collection get the names that they have in the result. */
static enum rs_code merge_fields(struct several *x, struct rs_load_fields *one, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < one->n && rc == RS_OK; i++) {
    struct rs_load_field *f = &one->v[i];
    f->name = rs_load_fields_column(&x->all, f->name, x->a);
    if (f->name == NULL) return rs_nomem(e);
    struct rs_load_field *has = rs_load_fields_find(&x->all, f->name);
    if (has == NULL) rc = rs_load_fields_add(&x->all, f->name, f->type, f->expr, e);
    if (has == NULL || rs_eq(has->type, f->type)) continue;
    if (x->reader == NULL)
      rc = rs_session_open(x->s->target, &x->s->interrupt, NULL, &x->reader, e);
    if (rc == RS_OK) rc = rs_load_unify(x->reader, x->a, has->type, f->type, &has->type, e);
  }
  return rc;
}

/* SQL: the field's value as the result's type, and in *side what that can't tell; NULL: nothing. */
static enum rs_code convert(struct several *x, const struct rs_load_field *f, const char *type,
                            const char **value, const char **side, struct rs_error *e)
{
  struct rs_doc_type from, to;
  struct rs_buf b;
  enum rs_code rc = rs_doc_parse_type(f->type, x->a, &from, e);
  if (rc == RS_OK) rc = rs_doc_parse_type(type, x->a, &to, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  const bool lost = rs_doc_kept_sql(x->s, &b, f->expr, &from, &to);
  rc = rs_buf_error(&b, e, "alias");
  *side = rc == RS_OK && lost ? rs_arena_strdup(x->a, rs_buf_text(&b)) : NULL;
  if (rc == RS_OK && lost && *side == NULL) rc = rs_nomem(e);
  rs_buf_clear(&b);
  if (rc == RS_OK && rs_eq(type, "JSON") && from.form != RS_DOC_LEAF) {
    rs_doc_json_sql(x->s, &b, f->expr, &from);
    rc = rs_buf_error(&b, e, "alias");
    *value = rc == RS_OK ? rs_arena_strdup(x->a, rs_buf_text(&b)) : NULL;
  } else if (rc == RS_OK) {
    *value = rs_doc_cast_sql(x->a, f->expr, f->type, &to);
    // a NULL that is cast to a UNION would be one of its members
    if (*value != NULL)
      *value = rs_arena_printf(x->a, "CASE WHEN %s IS NOT NULL THEN %s END", f->expr, *value);
  }
  rs_buf_free(&b);
  return rc == RS_OK && *value == NULL ? rs_nomem(e) : rc;
}

/* A star, and what it is not to give as it is. */
struct star {
  struct rs_buf less, replaced, more;
};

/* A column's value under its name in the result, which may be another one. */
static void add_value(struct several *x, struct star *to, const struct rs_load_field *f,
                      const char *value)
{
  struct rs_buf own;
  rs_buf_init(&own, RS_BUF_SQL_MAX);
  rs_sql_add(x->s, &own, "%i", f->name);
  if (!rs_eq(rs_buf_text(&own), f->expr)) {
    rs_buf_printf(&to->less, to->less.n > 0 ? ", %s" : "%s", f->expr);
    rs_sql_add(x->s, &to->more, ", %s AS %i", value, f->name);
  } else if (value != f->expr) {
    rs_sql_add(x->s, &to->replaced, to->replaced.n > 0 ? ", %s AS %i" : "%s AS %i", value, f->name);
  }
  if (own.rc != RS_OK) to->more.rc = own.rc;
  rs_buf_free(&own);
}

/* What the columns give, then their sidecars. */
static enum rs_code add_fields(struct several *x, struct star *to, const struct rs_load_fields *one,
                               struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  const char **sides = rs_arena_calloc(x->a, (one->n + 1) * sizeof *sides);
  if (sides == NULL) return rs_nomem(e);
  for (size_t i = 0; i < one->n && rc == RS_OK; i++) {
    const struct rs_load_field *f = &one->v[i], *as = rs_load_fields_find(&x->all, f->name);
    const char *value = f->expr, *side = NULL;
    if (rs_boxed_side_of(f->name) > 0) continue;
    if (as != NULL && !rs_eq(as->type, f->type)) rc = convert(x, f, as->type, &value, &side, e);
    if (rc == RS_OK) add_value(x, to, f, value);
    if (rc != RS_OK || side == NULL) continue;
    const char *name = rs_arena_printf(x->a, "%s" RS_BOXED_SIDE, f->name);
    const struct rs_load_field *has = name != NULL ? rs_load_fields_find(one, name) : NULL;
    if (name == NULL) rc = rs_nomem(e);
    else if (has == NULL) rs_sql_add(x->s, &to->more, ", %s AS %i", side, name);
    else sides[has - one->v] = side;
  }
  for (size_t i = 0; i < one->n && rc == RS_OK; i++) {
    const struct rs_load_field *f = &one->v[i];
    const char *value = f->expr;
    if (rs_boxed_side_of(f->name) == 0) continue;
    if (sides[i] != NULL) value = rs_arena_printf(x->a, "coalesce(%s, %s)", f->expr, sides[i]);
    if (value == NULL) rc = rs_nomem(e);
    else add_value(x, to, f, value);
  }
  return rc;
}

/* `SELECT * REPLACE (...), ... FROM rel`: columns that it gets later come along. */
static enum rs_code add_select(struct several *x, struct rs_buf *out, const struct rs_relation *rel,
                               const struct rs_load_fields *one, struct rs_error *e)
{
  struct star to;
  rs_buf_init(&to.less, RS_BUF_SQL_MAX);
  rs_buf_init(&to.replaced, RS_BUF_SQL_MAX);
  rs_buf_init(&to.more, RS_BUF_SQL_MAX);
  enum rs_code rc = add_fields(x, &to, one, e);
  rs_buf_str(out, "SELECT *");
  if (to.less.n > 0) rs_buf_printf(out, " EXCLUDE (%s)", rs_buf_text(&to.less));
  if (to.replaced.n > 0) rs_buf_printf(out, " REPLACE (%s)", rs_buf_text(&to.replaced));
  if (to.more.n > 0) rs_buf_str(out, rs_buf_text(&to.more));
  rs_sql_add(x->s, out, " FROM %r", rel);
  if (rc == RS_OK) rc = rs_buf_error(&to.less, e, "alias");
  if (rc == RS_OK) rc = rs_buf_error(&to.replaced, e, "alias");
  if (rc == RS_OK) rc = rs_buf_error(&to.more, e, "alias");
  rs_buf_free(&to.less);
  rs_buf_free(&to.replaced);
  rs_buf_free(&to.more);
  return rc;
}

enum rs_code rs_doc_several_sql(struct rs_session *s, const struct rs_relation *v, size_t n,
                                struct rs_arena *a, struct rs_buf *out, struct rs_error *e)
{
  struct several x = {.s = s, .a = a, .of = rs_arena_calloc(a, n * sizeof x.of[0])};
  enum rs_code rc = x.of != NULL ? RS_OK : rs_nomem(e);
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    rc = read_fields(&x, &v[i], &x.of[i], e);
    if (rc == RS_OK) rc = merge_fields(&x, &x.of[i], e);
  }
  for (size_t i = 0; i < n && rc == RS_OK; i++) {
    if (i > 0) rs_buf_str(out, " UNION ALL BY NAME ");
    rc = add_select(&x, out, &v[i], &x.of[i], e);
  }
  rs_session_close(x.reader);
  for (size_t i = 0; i < n && x.of != NULL; i++) rs_free(x.of[i].v);
  rs_free(x.all.v);
  return rc;
}
