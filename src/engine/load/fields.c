/*
** Fields of files: the types that DuckDB leaves open, `_id` and `_event_time`, and the query that
** gives them (reading.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "reading.h"

/* ---- types ----------------------------------------------------------------------------------- */

struct mixes {
  unsigned *bits;
  size_t n;
};

static enum rs_code see_mixes(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct mixes *m = ctx;
  (void)e;
  for (size_t i = 0; i < m->n; i++) {
    struct rs_value v;
    rs_rows_get(r, i, &v);
    m->bits[i] = v.kind == RS_INT ? (unsigned)v.i : 0;
  }
  return RS_OK;
}

const char *rs_load_retype(struct rs_arena *a, const char *type, const char *wide, const char *to,
                           bool *failed)
{
  const size_t n = strlen(wide);
  struct rs_buf b;
  bool quoted = false, found = false;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (const char *p = type; *p != '\0';) {
    bool begins = p == type || strchr("( ", p[-1]) != NULL;
    if (*p == '"') quoted = !quoted;
    // a field of this name has its type behind it
    if (!quoted && begins && strncmp(p, wide, n) == 0 &&
        (p[n] == '\0' || strchr(",)[", p[n]) != NULL)) {
      rs_buf_str(&b, to);
      found = true;
      p += n;
    } else {
      rs_buf_add(&b, p++, 1);
    }
  }
  const char *text = b.rc == RS_OK && found ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  *failed = *failed || b.rc != RS_OK || (found && text == NULL);
  rs_buf_free(&b);
  return text;
}

static const char *narrow_type(struct rs_arena *a, const char *type, bool *failed)
{
  return rs_load_retype(a, type, "HUGEINT", "BIGINT", failed);
}

/* SQL: which kinds of values a field has; of a wide one, 1 for a value beyond 64 bits. NULL: its
** type is known. */
static const char *question_of(struct rs_load_reading *r, const struct rs_load_field *f, bool json,
                               bool *failed)
{
  const char *sql, *narrow;
  if (rs_eq(f->type, "JSON")) {
    sql = rs_load_mix_of(r->a, f->expr);
  } else if (json && (narrow = narrow_type(r->a, f->type, failed)) != NULL) {
    // of a list or an object TRY_CAST loses just the values that don't fit
    sql = rs_arena_printf(r->a,
                          "CASE WHEN TRY_CAST(%s AS %s) IS DISTINCT FROM %s THEN 1 ELSE 0 END",
                          f->expr, narrow, f->expr);
  } else {
    return NULL;
  }
  *failed = *failed || sql == NULL;
  return sql;
}

static bool settle_type(struct rs_load_reading *r, struct rs_load_field *f, unsigned bits)
{
  bool failed = false;
  if (rs_eq(f->type, "JSON")) {
    f->type = rs_load_mix_type(r->a, bits);
    f->expr = rs_load_mix_value(r->a, f->expr, bits);
  } else if (bits == 0) {
    f->type = narrow_type(r->a, f->type, &failed);
    f->expr = rs_arena_printf(r->a, "CAST(%s AS %s)", f->expr, f->type != NULL ? f->type : "");
  }
  return !failed && f->type != NULL && f->expr != NULL;
}

/*
** One pass over the fields that DuckDB left as JSON (which kinds of values do they have?), and over
** those of JSON files that it made HUGEINT, as it does when both ends of 64 bits occur.
*/
enum rs_code rs_load_resolve(struct rs_load_reading *r, bool json, struct rs_error *e)
{
  struct rs_buf b;
  struct mixes m = {NULL, 0};
  bool failed = false;
  size_t *fields = rs_arena_alloc(r->a, (r->raw.n + 1) * sizeof fields[0]);
  if (fields == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT ");
  for (size_t i = 0; i < r->raw.n; i++) {
    const char *bits = question_of(r, &r->raw.v[i], json, &failed);
    if (bits == NULL) continue;
    rs_buf_printf(&b, "%sbit_or(%s)", m.n > 0 ? ", " : "", bits);
    fields[m.n++] = i;
  }
  rs_buf_printf(&b, " FROM %s", r->typed);
  m.bits = rs_arena_calloc(r->a, (m.n + 1) * sizeof m.bits[0]);
  if (failed || m.bits == NULL) b.rc = RS_NOMEM;
  if (m.n == 0) {
    enum rs_code rc = b.rc == RS_NOMEM ? rs_nomem(e) : RS_OK;
    rs_buf_free(&b);
    return rc;
  }
  enum rs_code rc = rs_sql_each(r->src->s, &b, see_mixes, &m, NULL, e);
  for (size_t i = 0; i < m.n && rc == RS_OK; i++) {
    if (!settle_type(r, &r->raw.v[fields[i]], m.bits[i])) rc = rs_nomem(e);
  }
  return rc;
}

/* ---- _id and _event_time --------------------------------------------------------------------- */

static const char *as_text(struct rs_arena *a, const struct rs_load_field *f)
{
  if (rs_eq(f->type, "VARCHAR")) return f->expr;
  if (rs_eq(f->type, "JSON")) return rs_arena_printf(a, "(%s->>'$')", f->expr);
  return rs_arena_printf(a, "CAST(%s AS VARCHAR)", f->expr);
}

/* "f00dcafe01-17": a prefix for each load and a number, which is cheap to make and packs well. */
static enum rs_code add_id(struct rs_load_reading *r, const char *id_field, struct rs_error *e)
{
  const struct rs_load_field *f = rs_load_fields_find(&r->raw, id_field != NULL ? id_field : "_id");
  r->src->has_ids = f != NULL;
  if (f == NULL && id_field != NULL) {
    const char **names = rs_arena_alloc(r->a, (r->raw.n + 1) * sizeof names[0]);
    if (names == NULL) return rs_nomem(e);
    for (size_t i = 0; i < r->raw.n; i++) names[i] = r->raw.v[i].name;
    const char *near = rs_nearest(id_field, names, r->raw.n);
    return rs_fail(e, RS_INVALID, "there is no field '%s' to be _id%s%s%s", id_field,
                   near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
                   near != NULL ? "'?" : "");
  }
  if (f != NULL && rs_load_is_nested(f->type)) {
    return rs_fail(e, RS_INVALID,
                   "field '%s' holds objects or arrays: an _id is a text or a number", f->name);
  }
  char uuid[37];
  rs_uuid(uuid);
  uuid[8] = uuid[9]; // ten digits without the dash
  uuid[9] = uuid[10];
  const char *made = rs_arena_printf(r->a, "'%.10s-' || nextval('rs_load_id')", uuid);
  const char *expr = made;
  if (f != NULL) expr = as_text(r->a, f);
  // documents of one file may have an _id or not; an id_field has to be there
  if (f != NULL && id_field == NULL && expr != NULL && made != NULL) {
    expr = rs_arena_printf(r->a, "coalesce(%s, %s)", expr, made);
  }
  return rs_load_fields_add(&r->src->fields, "_id", "VARCHAR", expr, e);
}

/* TIMESTAMP in UTC; numbers are microseconds since 1970. */
static enum rs_code add_event_time(struct rs_load_reading *r, struct rs_error *e)
{
  const struct rs_load_field *f = rs_load_fields_find(&r->raw, "_event_time");
  const char *now = rs_arena_printf(r->a, "make_timestamp(%lld)", (long long)rs_wall_us());
  const char *expr = now;
  if (f != NULL && now != NULL) {
    const char *form = "CAST(%s AS TIMESTAMP)";
    if (rs_eq(f->type, "TIMESTAMP WITH TIME ZONE")) form = "make_timestamp(epoch_us(%s))";
    else if (rs_load_is_number(f->type)) form = "make_timestamp(CAST(%s AS BIGINT))";
    else if (rs_eq(f->type, "VARCHAR")) // with a zone of its own, or UTC
      form = "make_timestamp(epoch_us(CAST(%s AS TIMESTAMP WITH TIME ZONE)))";
    else if (!rs_load_is_time(f->type)) {
      return rs_fail(e, RS_INVALID,
                     "field '%s' holds values of type %s: it must be a time as text, or "
                     "microseconds since 1970 as a number",
                     f->name, f->type);
    }
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_buf_str(&b, "coalesce(");
    rs_buf_add(&b, form, (size_t)(strchr(form, '%') - form));
    rs_buf_printf(&b, "%s%s, %s)", f->expr, strchr(form, '%') + 2, now);
    expr = b.rc == RS_OK ? rs_arena_strdup(r->a, rs_buf_text(&b)) : NULL;
    rs_buf_free(&b);
  }
  return rs_load_fields_add(&r->src->fields, "_event_time", "TIMESTAMP", expr, e);
}

enum rs_code rs_load_query(struct rs_load_reading *r, const char *id_field, struct rs_error *e)
{
  struct rs_load_source *src = r->src;
  enum rs_code rc = add_id(r, id_field, e);
  if (rc == RS_OK) rc = add_event_time(r, e);
  for (size_t i = 0; i < r->raw.n && rc == RS_OK; i++) {
    const struct rs_load_field *f = &r->raw.v[i];
    const char *type = f->type, *expr = f->expr;
    if (rs_casecmp(f->name, "_id") == 0 || rs_casecmp(f->name, "_event_time") == 0) continue;
    if (strstr(type, "VARIANT") != NULL) { // its columns break in DuckDB 1.5
      type = "JSON";
      expr = rs_arena_printf(r->a, "CAST(%s AS JSON)", expr);
    }
    rc = rs_load_fields_add(&src->fields, f->name, type, expr, e);
  }
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < src->fields.n; i++) {
    rs_sql_add(src->s, &b, "%s%s AS %i", i > 0 ? ", " : "SELECT ", src->fields.v[i].expr,
               src->fields.v[i].name);
  }
  rs_buf_printf(&b, " FROM %s", r->typed);
  rc = rs_buf_error(&b, e, "fields of the file");
  if (rc == RS_OK && (src->query = rs_arena_strdup(r->a, rs_buf_text(&b))) == NULL) {
    rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  return rc;
}
