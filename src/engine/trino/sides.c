/*
** Fields of documents and their columns (trino.h): which type a column has, which values it can't
** give back as they were, and what lies beside it for them, in its sidecar (src/value/boxed.h).
**
** Objects, arrays and scalars of several types are text in their column; its sidecar says which of
** them a value is. A text without a sidecar's word is a text, but where it looks like an object or
** an array: documents of before have those so.
*/
#include <string.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "src/engine/sql/sql.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "trino.h"

/* ---- types ----------------------------------------------------------------------------------- */

/* The columns that documents get, and the values that they tell exactly. */
static const struct own {
  enum rs_type type;
  const char *native; /* of a document's type */
  unsigned kind;
} own[] = {{RS_T_BOOL, "BOOLEAN", RS_DOC_BOOL},
           {RS_T_INT, "BIGINT", RS_DOC_INT},
           {RS_T_FLOAT, "DOUBLE", RS_DOC_DOUBLE},
           {RS_T_DATE, "DATE", RS_DOC_DATE},
           {RS_T_TIME, "TIME", RS_DOC_TIME},
           {RS_T_TIMESTAMP, "TIMESTAMP", RS_DOC_DATETIME},
           {RS_T_TIMESTAMPTZ, "TIMESTAMP WITH TIME ZONE", RS_DOC_TIMESTAMP},
           {RS_T_BYTES, "BLOB", RS_DOC_BYTES},
           {RS_T_TEXT, "VARCHAR", RS_DOC_TEXT}};
#define NOWN (sizeof own / sizeof own[0])

static const struct own *find_own(enum rs_type t)
{
  for (size_t i = 0; i < NOWN; i++) {
    if (own[i].type == t) return &own[i];
  }
  return NULL;
}

/* The column that values of a settled type need. */
static enum rs_type column_type(const struct rs_doc_type *t)
{
  if (t->form != RS_DOC_LEAF || t->native == NULL) return RS_T_TEXT;
  if ((t->kinds & ~(unsigned)(RS_DOC_INT | RS_DOC_DOUBLE)) == 0) {
    return t->kinds & RS_DOC_DOUBLE     ? RS_T_FLOAT
           : rs_eq(t->native, "BIGINT") ? RS_T_INT
                                        : RS_T_TEXT;
  }
  for (size_t i = 0; i < NOWN; i++) {
    if (rs_eq(own[i].native, t->native)) return own[i].type;
  }
  return RS_T_TEXT;
}

/* The type of ours that Trino calls so; false: it is another one. */
static bool own_type(const char *native, enum rs_type *out)
{
  const struct rs_dialect *d = rs_dialect_find("trino");
  for (size_t i = 0; i < NOWN; i++) {
    if (rs_casecmp(d->type_names[own[i].type], native) != 0) continue;
    *out = own[i].type;
    return true;
  }
  return false;
}

/* ---- what old values leave ------------------------------------------------------------------- */

#define PLAIN_TIME(x) "regexp_replace(CAST(" x " AS varchar), '(\\.[0-9]*[1-9])0+$|\\.0+$', '$1')"

static const char *kept_format(enum rs_type t)
{
  switch (t) {
    case RS_T_BOOL: return "CASE WHEN %i THEN 'b1' WHEN NOT %i THEN 'b0' END";
    case RS_T_INT: return "'i' || CAST(%i AS varchar)";
    case RS_T_FLOAT:
      return "CASE WHEN is_finite(%i) THEN 'f' || lower(json_format(CAST(%i AS JSON))) END";
    case RS_T_DATE: return "'d' || CAST(%i AS varchar)";
    case RS_T_TIME: return "'h' || " PLAIN_TIME("%i");
    case RS_T_TIMESTAMP: return "'c' || " PLAIN_TIME("CAST(%i AS timestamp(6))");
    case RS_T_TIMESTAMPTZ:
      return "'z' || " PLAIN_TIME("CAST(%i AT TIME ZONE 'UTC' AS timestamp(6))");
    case RS_T_BYTES: return "'y' || to_base64(%i)";
    default: return NULL;
  }
}

bool rs_trino_kept_sql(const struct rs_session *s, struct rs_buf *b, const struct rs_column *c,
                       const char *type)
{
  enum rs_type to = RS_T_TEXT;
  const bool same = own_type(type, &to) && to == c->type;
  const char *fmt = same ? NULL : kept_format(c->type);
  if (fmt != NULL && b != NULL) rs_sql_add(s, b, fmt, c->name, c->name);
  return fmt != NULL;
}

/* ---- a field's place ------------------------------------------------------------------------- */

const char *rs_trino_side_name(struct rs_arena *a, const char *column)
{
  return rs_arena_printf(a, "%s" RS_BOXED_SIDE, column);
}

/* The column becomes one that holds both its old values and new ones of the place's type. */
static enum rs_code fit_place(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_column *old, struct rs_arena *a,
                              struct rs_trino_place *p, struct rs_error *e)
{
  char *native = rs_arena_strdup(a, s->target->dialect->type_names[p->type]);
  bool values = true;
  if (native == NULL) return rs_nomem(e);
  for (char *c = native; *c != 0; c++) *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
  const struct rs_column new = {.name = old->name, .native = native, .type = p->type};
  const char *type = rs_trino_unify(old, &new);
  if (rs_eq(type, old->native)) {
    p->foreign = !own_type(type, &p->type);
    return RS_OK;
  }
  // objects and arrays are taken apart by a column that has a type for them
  p->foreign = old->type == RS_T_JSON && p->type == RS_T_TEXT;
  if (p->foreign) return RS_OK;
  enum rs_code rc = rs_load_has_values(s, rel, old->name, &values, e);
  if (rc != RS_OK || !values) return rc;
  p->foreign = !own_type(type, &p->type);
  p->side = p->side || rs_trino_kept_sql(s, NULL, old, type);
  return RS_OK;
}

enum rs_code rs_trino_place(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_columns *has, const char *field,
                            const struct rs_doc_type *t, struct rs_arena *a,
                            struct rs_trino_place *p, struct rs_error *e)
{
  const int at = rs_columns_field(has, field);
  *p = (struct rs_trino_place){.type = column_type(t)};
  p->name = at >= 0                            ? has->v[at].name
            : rs_field_needs_mark(field, true) ? rs_field_mark(a, field)
                                               : field;
  p->side_name = p->name != NULL ? rs_trino_side_name(a, p->name) : NULL;
  if (p->side_name == NULL) return rs_nomem(e);
  if (at < 0) return RS_OK;
  const struct rs_column *old = &has->v[at];
  p->side = rs_sql_find_column(s, has, p->side_name) >= 0;
  if (t->form == RS_DOC_LEAF && t->native == NULL) { // nulls only
    p->foreign = !own_type(old->native, &p->type);
    return RS_OK;
  }
  return fit_place(s, rel, old, a, p, e);
}

static bool looks_nested(const char *p, size_t n)
{
  return n > 1 && (p[0] == '{' || p[0] == '[');
}

static bool is_exact(const struct rs_trino_place *p, const struct rs_json *j)
{
  const struct own *o = p->foreign ? NULL : find_own(p->type);
  if (o == NULL || rs_doc_kind(j) != o->kind) return false;
  return o->kind != RS_DOC_TEXT || !looks_nested(j->p, j->n);
}

void rs_trino_place_see(struct rs_trino_place *p, const struct rs_json *j)
{
  if (!p->side) p->side = !is_exact(p, j);
}

void rs_trino_place_fields(const struct rs_trino_place *p, struct rs_trino_field *fields, size_t *n)
{
  // another's type is for the MERGE to make
  fields[(*n)++] = rs_trino_field(p->name, p->type, NULL);
  if (p->side) fields[(*n)++] = rs_trino_field(p->side_name, RS_T_TEXT, NULL);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Dates and times as Trino's casts read them. */
static void add_datetime(struct rs_buf *b, enum rs_type t, const struct rs_json *j)
{
  char text[RS_JSON_TIME_MAX];
  size_t n = t == RS_T_TIMESTAMP || t == RS_T_TIMESTAMPTZ ? rs_json_timestamp(j->p, j->n, text) : 0;
  rs_buf_json_str(b, n > 0 ? text : j->p, n > 0 ? n : j->n);
}

static void add_main(struct rs_buf *b, enum rs_type t, const struct rs_json *j)
{
  struct rs_buf text;
  if (j == NULL || j->kind == RS_J_NULL) {
    rs_buf_str(b, "null");
  } else if (t == RS_T_BOOL || t == RS_T_INT || t == RS_T_FLOAT) {
    rs_json_write(b, j);
  } else if (j->kind == RS_J_STRING && (j->mark & RS_DOC_MOMENTS) != 0) {
    add_datetime(b, t, j);
  } else if (j->kind == RS_J_STRING) {
    rs_doc_write_text(b, j);
  } else {
    rs_buf_init(&text, RS_BUF_SQL_MAX);
    rs_doc_write_json(&text, j);
    if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
    rs_buf_json_str(b, rs_buf_text(&text), text.n);
    rs_buf_free(&text);
  }
}

static void add_side(struct rs_buf *b, const struct rs_trino_place *p, const struct rs_json *j)
{
  struct rs_buf text;
  if (j == NULL || is_exact(p, j)) {
    rs_buf_str(b, "null");
    return;
  }
  rs_buf_init(&text, 2 * RS_DOC_BYTES_MAX);
  const unsigned kind = rs_doc_kind(j);
  const bool nested = kind == RS_DOC_ARRAY || kind == RS_DOC_OBJECT;
  // the column's own text is the JSON
  if (nested && !p->foreign)
    rs_buf_char(&text, kind == RS_DOC_ARRAY ? RS_BOXED_ARRAY : RS_BOXED_OBJECT);
  else rs_doc_box(&text, j);
  if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
  rs_buf_json_str(b, rs_buf_text(&text), text.n);
  rs_buf_free(&text);
}

void rs_trino_place_add(const struct rs_trino_place *p, struct rs_trino_batch *b, size_t *at,
                        const struct rs_json *j)
{
  add_main(rs_trino_batch_cell(b, (*at)++), p->type, j);
  if (p->side) add_side(rs_trino_batch_cell(b, (*at)++), p, j);
}

/* ---- and back -------------------------------------------------------------------------------- */

static enum rs_code read_text(struct rs_arena *a, unsigned mark, const char *p, size_t n,
                              struct rs_json **out, struct rs_error *e)
{
  // a time zone that is not written would be the session's
  const char *zone = mark == RS_DOC_TIMESTAMP ? "+00:00" : "";
  char *text = rs_arena_alloc(a, n + strlen(zone) + 1);
  const char *why;
  if (text == NULL) return rs_nomem(e);
  if (n > 0) memcpy(text, p, n);
  memcpy(text + n, zone, strlen(zone) + 1);
  n += strlen(zone);
  if (mark == 0 && looks_nested(text, n) &&
      rs_json_parse(text, n, RS_DOC_DEPTH_MAX, a, out, NULL) == RS_OK &&
      rs_doc_prepare(*out, a, &why) == RS_OK)
    return RS_OK;
  *out = rs_json_new_string(a, text, n);
  if (*out == NULL) return rs_nomem(e);
  (*out)->mark = mark;
  return RS_OK;
}

static enum rs_code read_bytes(struct rs_arena *a, const struct rs_value *v, struct rs_json **out,
                               struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 2 * RS_DOC_BYTES_MAX);
  rs_base64_add(&b, v->s.p, v->s.n);
  enum rs_code rc = rs_buf_error(&b, e, "bytes");
  if (rc == RS_OK) rc = read_text(a, RS_DOC_BYTES, rs_buf_text(&b), b.n, out, e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code read_number(struct rs_arena *a, const struct rs_value *v, struct rs_json **out,
                                struct rs_error *e)
{
  struct rs_json *j = *out = rs_json_new(a, RS_J_NUMBER);
  struct rs_buf b;
  rs_buf_init(&b, 100);
  if (v->kind == RS_INT) rs_buf_int(&b, v->i);
  else rs_buf_json_double(&b, v->f);
  if (j != NULL && b.rc == RS_OK) j->p = rs_arena_strdup(a, rs_buf_text(&b));
  rs_buf_free(&b);
  if (j == NULL || j->p == NULL) return rs_nomem(e);
  j->n = strlen(j->p);
  j->mark = v->kind == RS_INT ? RS_DOC_INT : RS_DOC_DOUBLE;
  return RS_OK;
}

enum rs_code rs_trino_place_read(struct rs_arena *a, const struct rs_column *c,
                                 const struct rs_value *main, const struct rs_value *side,
                                 struct rs_json **out, struct rs_error *e)
{
  *out = NULL;
  if (side != NULL && side->kind != RS_NULL) return rs_doc_unbox(a, main, side, out, e);
  const struct own *o = find_own(c->type);
  switch (main->kind) {
    case RS_NULL: return RS_OK;
    case RS_BOOL:
      *out = rs_json_new(a, RS_J_BOOL);
      if (*out == NULL) return rs_nomem(e);
      (*out)->truth = main->i != 0;
      return RS_OK;
    case RS_INT:
    case RS_FLOAT: return read_number(a, main, out, e);
    case RS_BYTES: return read_bytes(a, main, out, e);
    default:
      return read_text(a, o != NULL && (o->kind & RS_DOC_TYPED) != 0 ? o->kind : 0, main->s.p,
                       main->s.n, out, e);
  }
}
