/*
** The SELECT of a scan as SQL text: see pushdown.h.
**
** One walk writes both forms: a writer without values puts ?N, one with values puts what they
** became.
*/
#include "pushdown.h"

#include <string.h>

#include "src/base/mem.h"
#include "internal.h"

struct writer {
  const struct rs_dialect *d;
  const struct rs_scan *s;
  const struct rs_scan_values *values; /* NULL: the template */
  struct rs_params *params;
  struct rs_buf *out;
};

bool rs_params_add(struct rs_params *p, const struct rs_value *v)
{
  if (!rs_grow(&p->v, &p->cap, p->n + 1, sizeof *p->v)) return false;
  p->v[p->n++] = *v;
  return true;
}

void rs_params_free(struct rs_params *p)
{
  rs_free(p->v);
  memset(p, 0, sizeof *p);
}

/* A dialect's template with the first %s replaced by a, the second by b. */
static void apply(struct rs_buf *out, const char *tmpl, const char *a, const char *b)
{
  const char *hit;
  while ((hit = strstr(tmpl, "%s")) != NULL) {
    rs_buf_add(out, tmpl, (size_t)(hit - tmpl));
    rs_buf_str(out, a);
    tmpl = hit + 2;
    a = b;
  }
  rs_buf_str(out, tmpl);
}

/* A column of the relation, or what its path finds. */
static void column_ref(const struct rs_dialect *d, const struct rs_scan_column *c,
                       struct rs_buf *out)
{
  if (c->member) {
    const struct rs_value name = {.kind = RS_TEXT, .s = {c->member, strlen(c->member)}};
    struct rs_buf column, member;
    rs_buf_init(&column, RS_BUF_SQL_MAX);
    rs_buf_init(&member, RS_BUF_SQL_MAX);
    rs_dialect_ident(d, &column, c->name);
    rs_dialect_literal(d, &member, &name);
    if (column.rc != RS_OK || member.rc != RS_OK) out->rc = RS_NOMEM;
    else apply(out, d->member, rs_buf_text(&column), rs_buf_text(&member));
    rs_buf_free(&column);
    rs_buf_free(&member);
  } else if (c->path) {
    rs_path_write(d, c->path, c->type, out);
  } else {
    rs_dialect_ident(d, out, c->name);
  }
}

/* expr = tmpl(expr) */
static void wrap(struct rs_buf *expr, const char *tmpl)
{
  struct rs_buf inner = *expr;
  rs_buf_init(expr, inner.max);
  if (inner.rc != RS_OK) expr->rc = inner.rc;
  else apply(expr, tmpl, rs_buf_text(&inner), "");
  rs_buf_free(&inner);
}

/* The column as it compares, sorts and is searched: what the value was made for. */
static void column_expr(const struct rs_dialect *d, const struct rs_scan_column *c, bool bytes,
                        bool text, struct rs_buf *expr)
{
  rs_buf_init(expr, RS_BUF_SQL_MAX);
  column_ref(d, c, expr);
  switch (c->type) {
    case RS_T_BOOL: wrap(expr, d->as_int); break;
    case RS_T_TIMESTAMP:
      if (!d->time_values || !d->no_time_text) wrap(expr, d->as_text);
      break;
    case RS_T_DATE:
    case RS_T_TIME:
    case RS_T_UUID:
    case RS_T_ENUM: wrap(expr, d->as_text); break;
    case RS_T_TEXT:
      if (d->as_binary) wrap(expr, d->as_binary);
      break;
    default:
      if (text) wrap(expr, d->as_text);
      break;
  }
  if (bytes) wrap(expr, d->text_bytes);
}

static void add_buf(struct writer *w, const struct rs_buf *b)
{
  if (b->rc != RS_OK && w->out->rc == RS_OK) w->out->rc = b->rc;
  rs_buf_add(w->out, rs_buf_text(b), b->n);
}

/* The marker of a new parameter. */
static void add_param(struct writer *w, struct rs_buf *out, const struct rs_value *v)
{
  if (w->d->literals) {
    rs_dialect_literal(w->d, out, v);
    return;
  }
  if (!rs_params_add(w->params, v)) {
    out->rc = RS_NOMEM;
    return;
  }
  rs_dialect_param(w->d, out, w->params->n);
}

static const char *nan_test(const struct rs_dialect *d, const struct rs_scan_column *c)
{
  return c->type == RS_T_FLOAT ? d->is_nan : NULL;
}

/* Must the comparison keep NaN out? Engines hold it above all numbers and different from them. */
static bool lets_nan_in(const struct rs_dialect *d, enum rs_op op)
{
  return d->no_infinity || op == RS_OP_GT || op == RS_OP_GE || op == RS_OP_NE;
}

static void write_not_nan(struct writer *w, const char *name, const char *nan)
{
  rs_buf_str(w->out, " AND NOT ");
  apply(w->out, nan, name, "");
}

static void write_in(struct writer *w, const char *expr, const struct rs_value *list)
{
  struct rs_buf marker;
  bool bytes = list->list.n > 0 && list->list.v[0].kind == RS_BYTES;
  if (list->list.n > RS_DEPARSE_LITERALS && w->d->in_list && !bytes) {
    rs_buf_init(&marker, 64);
    add_param(w, &marker, list);
    if (marker.rc != RS_OK) w->out->rc = marker.rc;
    apply(w->out, w->d->in_list, expr, rs_buf_text(&marker));
    rs_buf_free(&marker);
    return;
  }
  rs_buf_str(w->out, expr);
  rs_buf_str(w->out, " IN ");
  rs_dialect_literal(w->d, w->out, list);
}

static void write_like(struct writer *w, const char *expr, const struct rs_bound *b)
{
  struct rs_buf marker;
  rs_buf_init(&marker, 64);
  add_param(w, &marker, &b->value);
  rs_buf_printf(w->out, "%s LIKE ", expr);
  apply(w->out, b->fold ? w->d->lower : "%s", rs_buf_text(&marker), "");
  if (marker.rc != RS_OK) w->out->rc = marker.rc;
  rs_buf_free(&marker);
}

/* `x` IS NULL or IS NOT NULL, where NaN counts as NULL */
static void write_null(struct writer *w, const char *name, const char *nan, bool is)
{
  const char *p = is && nan ? "(" : "";
  rs_buf_printf(w->out, "%s%s IS %sNULL", p, name, is ? "" : "NOT ");
  if (!nan) return;
  rs_buf_str(w->out, is ? " OR " : " AND NOT ");
  apply(w->out, nan, name, "");
  if (is) rs_buf_char(w->out, ')');
}

/* "or the text looks like a number": of the text itself, also where its bytes are compared */
static void write_or_number(struct writer *w, const struct rs_scan_column *c)
{
  struct rs_buf text;
  column_expr(w->d, c, false, false, &text);
  rs_buf_str(w->out, " OR ");
  if (text.rc != RS_OK) w->out->rc = text.rc;
  else apply(w->out, w->d->like_number, rs_buf_text(&text), "");
  rs_buf_free(&text);
}

static void write_cmp(struct writer *w, const struct rs_scan_column *c, const char *name,
                      const char *expr, const char *nan, const struct rs_bound *b)
{
  bool or_null = b->kind == RS_BOUND_CMP_OR_NULL;
  const char *wrapper = or_null && w->d->or_null ? w->d->or_null : "%s";
  size_t before = strcspn(wrapper, "%");
  bool parens = or_null || b->or_number;
  if (b->as_time && !c->nanoseconds) {
    rs_times_write(w->out, name, c->type, b->op, &b->value);
    if (c->type != RS_T_DATE && w->d->no_time_text) return;
    rs_buf_str(w->out, " AND ");
  }
  if (parens) rs_buf_char(w->out, '(');
  rs_buf_add(w->out, wrapper, before);
  rs_buf_printf(w->out, "%s %s ", expr, rs_op_text(b->op));
  add_param(w, w->out, &b->value);
  rs_buf_str(w->out, wrapper + before + 2);
  if (or_null) {
    if (!w->d->or_null) rs_buf_printf(w->out, " OR %s IS NULL", name);
    if (nan) {
      rs_buf_str(w->out, " OR ");
      apply(w->out, nan, name, "");
    }
  } else if (nan && lets_nan_in(w->d, b->op)) {
    write_not_nan(w, name, nan);
  }
  if (b->or_number) write_or_number(w, c);
  if (parens) rs_buf_char(w->out, ')');
}

/* A term of the template; NaN is shown only where the operator alone tells that it is asked for. */
static void write_template_term(struct writer *w, const struct rs_scan_term *t, const char *name,
                                const char *expr, const char *nan)
{
  switch (t->op) {
    case RS_OP_ISNULL:
    case RS_OP_NOTNULL: write_null(w, name, nan, t->op == RS_OP_ISNULL); return;
    case RS_OP_IN: rs_buf_printf(w->out, "%s IN (?%d)", expr, t->arg); break;
    case RS_OP_LIKE:
    case RS_OP_GLOB:
      rs_buf_printf(w->out, t->op == RS_OP_LIKE ? "%s LIKE lower(?%d)" : "%s LIKE ?%d", expr,
                    t->arg);
      return;
    default: rs_buf_printf(w->out, "%s %s ?%d", expr, rs_op_text(t->op), t->arg); break;
  }
  bool knows_null = t->op == RS_OP_IS || t->op == RS_OP_ISNOT;
  if (nan && !knows_null && lets_nan_in(w->d, t->op)) write_not_nan(w, name, nan);
}

/*
** "or the sidecar has another value": one that is null is as the column's. Of numbers an integer is
** the column's, too, unless it has more digits than a double.
*/
static void write_side(struct writer *w, const struct rs_scan_column *c)
{
  struct rs_buf name;
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_dialect_ident(w->d, &name, c->side);
  const char *side = rs_buf_text(&name);
  if (name.rc != RS_OK) w->out->rc = name.rc;
  rs_buf_printf(w->out, "%s <> 'n'", side);
  if (c->type == RS_T_FLOAT)
    rs_buf_printf(w->out, " AND (%s NOT LIKE 'i%%' OR length(%s) > 16)", side, side);
  rs_buf_free(&name);
}

static void write_members(struct writer *w, const struct rs_scan_term *t,
                          const struct rs_scan_column *c, const struct rs_bound *b);

/* b NULL: in the template. */
static void write_value_term(struct writer *w, const struct rs_scan_term *t,
                             const struct rs_scan_column *c, const struct rs_bound *b)
{
  bool null_test = t->op == RS_OP_ISNULL || t->op == RS_OP_NOTNULL;
  bool search = t->op == RS_OP_LIKE || t->op == RS_OP_GLOB;
  const char *nan = nan_test(w->d, c);
  struct rs_buf name, expr;
  if (b && b->kind == RS_BOUND_MEMBERS) {
    write_members(w, t, c, b);
    return;
  }
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_buf_init(&expr, RS_BUF_SQL_MAX);
  column_ref(w->d, c, &name);
  if (!null_test) column_expr(w->d, c, b && b->bytes, search && !c->nmembers, &expr);
  if (t->op == RS_OP_LIKE && expr.rc == RS_OK) wrap(&expr, w->d->lower);
  if (name.rc != RS_OK) w->out->rc = name.rc;
  if (expr.rc != RS_OK) w->out->rc = expr.rc;
  if (!b) {
    write_template_term(w, t, rs_buf_text(&name), rs_buf_text(&expr), nan);
  } else {
    switch (b->kind) {
      case RS_BOUND_NULL:
      case RS_BOUND_NOT_NULL:
        write_null(w, rs_buf_text(&name), nan, b->kind == RS_BOUND_NULL);
        break;
      case RS_BOUND_CMP:
      case RS_BOUND_CMP_OR_NULL:
        write_cmp(w, c, rs_buf_text(&name), rs_buf_text(&expr), nan, b);
        break;
      case RS_BOUND_LIKE: write_like(w, rs_buf_text(&expr), b); break;
      case RS_BOUND_IN:
        write_in(w, rs_buf_text(&expr), &b->value);
        if (nan && w->d->no_infinity) write_not_nan(w, rs_buf_text(&name), nan);
        break;
      case RS_BOUND_FALSE:
      case RS_BOUND_TRUE:
      case RS_BOUND_MEMBERS: break;
    }
  }
  rs_buf_free(&name);
  rs_buf_free(&expr);
}

/* Of each member what can hold at all; there is one. */
static void write_members(struct writer *w, const struct rs_scan_term *t,
                          const struct rs_scan_column *c, const struct rs_bound *b)
{
  const bool all = b->op == RS_OP_ISNULL;
  const char *between = "(";
  for (size_t i = 0; i < b->n; i++) {
    const struct rs_bound *one = &b->each[i];
    if (one->kind == (all ? RS_BOUND_TRUE : RS_BOUND_FALSE)) continue;
    rs_buf_str(w->out, between);
    write_value_term(w, t, &c->members[i], one);
    between = all ? " AND " : " OR ";
  }
  rs_buf_str(w->out, *between == '(' ? "true" : ")");
}

static void write_term(struct writer *w, size_t i)
{
  const struct rs_scan_term *t = &w->s->terms[i];
  const struct rs_scan_column *c = &w->s->columns[t->column];
  const struct rs_bound *b = w->values ? &w->values->bounds[i] : NULL;
  if (!c->side) {
    write_value_term(w, t, c, b);
    return;
  }
  rs_buf_char(w->out, '(');
  if (!b || b->kind != RS_BOUND_FALSE) {
    write_value_term(w, t, c, b);
    rs_buf_str(w->out, " OR ");
  }
  write_side(w, c);
  rs_buf_char(w->out, ')');
}

static void write_where(struct writer *w)
{
  size_t i;
  bool any = false;
  for (i = 0; i < w->s->nterms; i++) {
    if (w->values && w->values->bounds[i].kind == RS_BOUND_TRUE) continue;
    rs_buf_str(w->out, any ? " AND " : " WHERE ");
    any = true;
    write_term(w, i);
  }
}

static void write_from(struct writer *w)
{
  const struct rs_scan *s = w->s;
  const char *q;
  rs_buf_str(w->out, " FROM ");
  if (s->name) {
    rs_dialect_relation(w->d, w->out, s->workspace, s->name);
    return;
  }
  q = w->values ? w->values->query : s->query;
  /* A comment at the query's end must not swallow the bracket */
  rs_buf_printf(w->out, "(%s%s) AS ", q, strstr(q, "--") ? "\n" : "");
  rs_dialect_ident(w->d, w->out, "q");
}

static void write_order(struct writer *w)
{
  size_t i;
  for (i = 0; i < w->s->norder; i++) {
    const struct rs_scan_order *o = &w->s->order[i];
    const struct rs_scan_column *c = &w->s->columns[o->column];
    const char *nan = nan_test(w->d, c);
    struct rs_buf expr;
    column_expr(w->d, c, false, false, &expr);
    rs_buf_str(w->out, i ? ", " : " ORDER BY ");
    if (nan) {
      rs_buf_str(w->out, "CASE WHEN ");
      apply(w->out, nan, rs_buf_text(&expr), "");
      rs_buf_str(w->out, " THEN NULL ELSE ");
    }
    add_buf(w, &expr);
    if (nan) rs_buf_str(w->out, " END");
    rs_buf_str(w->out, o->desc ? " DESC NULLS LAST" : " ASC NULLS FIRST");
    rs_buf_free(&expr);
  }
}

/* Not skipping: as many rows as are wanted behind those that SQLite will skip. */
static void write_limit(struct writer *w)
{
  const struct rs_scan *s = w->s;
  bool both = s->limit_arg && s->offset_arg;
  if (!w->values) {
    if (s->limit_arg) rs_buf_printf(w->out, " LIMIT ?%d", s->limit_arg);
    if (both) rs_buf_printf(w->out, s->skips ? " OFFSET ?%d" : " + ?%d", s->offset_arg);
    return;
  }
  int64_t limit = s->limit_arg ? w->values->limit : -1;
  int64_t offset = both && w->values->offset > 0 ? w->values->offset : 0;
  if (limit >= 0 && !s->skips) limit = limit > INT64_MAX - offset ? -1 : limit + offset;
  if (limit >= 0) rs_buf_printf(w->out, " LIMIT %lld", (long long)limit);
  if (s->skips && offset > 0) rs_buf_printf(w->out, " OFFSET %lld", (long long)offset);
}

static void write_select(struct writer *w)
{
  const struct rs_scan *s = w->s;
  bool limited = s->limit_arg || s->offset_arg;
  size_t i;
  rs_buf_str(w->out, s->distinct && !s->count ? "SELECT DISTINCT " : "SELECT ");
  if (s->count) {
    rs_buf_str(w->out, limited ? "count(*) FROM (SELECT 1" : "count(*)");
  } else {
    if (s->nfetch == 0) rs_buf_char(w->out, '1');
    for (i = 0; i < s->nfetch; i++) {
      if (i) rs_buf_str(w->out, ", ");
      const struct rs_scan_column *c = &s->columns[s->fetch[i]];
      column_ref(w->d, c, w->out);
      if (!c->path) continue;
      rs_buf_str(w->out, " AS ");
      rs_dialect_ident(w->d, w->out, c->name);
    }
  }
  write_from(w);
  write_where(w);
  write_order(w);
  write_limit(w);
  if (s->count && limited) {
    rs_buf_str(w->out, ") AS ");
    rs_dialect_ident(w->d, w->out, "n");
  }
}

void rs_deparse_template(const struct rs_dialect *d, const struct rs_scan *s, struct rs_buf *out)
{
  struct writer w = {d, s, NULL, NULL, out};
  write_select(&w);
}

void rs_deparse_select(const struct rs_dialect *d, const struct rs_scan *s,
                       const struct rs_scan_values *values, struct rs_buf *out,
                       struct rs_params *params)
{
  struct writer w = {d, s, values, params, out};
  write_select(&w);
}

void rs_deparse_statistics(const struct rs_dialect *d, const struct rs_scan *s, int exact,
                           struct rs_buf *out)
{
  struct writer w = {d, s, NULL, NULL, out};
  rs_buf_str(out, "SELECT count(*)");
  for (size_t i = 0; i < s->nfetch; i++) {
    bool estimate = d->distinct_count && s->fetch[i] != exact;
    struct rs_buf name;
    rs_buf_init(&name, RS_BUF_SQL_MAX);
    column_ref(d, &s->columns[s->fetch[i]], &name);
    if (name.rc != RS_OK) out->rc = name.rc;
    rs_buf_printf(out, ", count(%s), ", rs_buf_text(&name));
    apply(out, estimate ? d->distinct_count : "count(DISTINCT %s)", rs_buf_text(&name), "");
    rs_buf_free(&name);
  }
  write_from(&w);
}
