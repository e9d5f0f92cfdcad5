/*
** Documents' types and values as SQL and as JSON for from_json() (see internal.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "internal.h"
#include "src/value/interval.h"

/* ---- types ----------------------------------------------------------------------------------- */

void rs_doc_type_sql(const struct rs_session *s, struct rs_buf *b, const struct rs_doc_type *t)
{
  switch (t->form) {
    case RS_DOC_LEAF: rs_buf_str(b, t->native != NULL ? t->native : "VARCHAR"); break;
    case RS_DOC_LIST:
      rs_doc_type_sql(s, b, t->element);
      rs_buf_str(b, "[]");
      break;
    case RS_DOC_STRUCT:
      for (size_t i = 0; i < t->nmembers; i++) {
        rs_sql_add(s, b, "%s%i ", i > 0 ? ", " : "STRUCT(", t->members[i].name);
        rs_doc_type_sql(s, b, t->members[i].type);
      }
      rs_buf_char(b, ')');
      break;
    case RS_DOC_UNION: rs_buf_str(b, t->native); break;
  }
}

/* How a leaf travels. */
enum route {
  ROUTE_PLAIN, /* from_json knows the type */
  ROUTE_JSON,  /* as JSON, and stays so */
  ROUTE_UNION, /* as JSON */
  ROUTE_BYTES, /* as base64 */
  ROUTE_TEXT   /* as text, which is cast */
};

static enum route route_of(const struct rs_doc_type *t)
{
  static const char *const plain[] = {"BOOLEAN",
                                      "TINYINT",
                                      "SMALLINT",
                                      "INTEGER",
                                      "BIGINT",
                                      "UTINYINT",
                                      "USMALLINT",
                                      "UINTEGER",
                                      "UBIGINT",
                                      "FLOAT",
                                      "DOUBLE",
                                      "VARCHAR",
                                      "DATE",
                                      "TIME",
                                      "TIMESTAMP",
                                      "INTERVAL",
                                      "TIMESTAMP WITH TIME ZONE"};
  if (t->native == NULL) return ROUTE_PLAIN;
  if (rs_eq(t->native, "JSON")) return ROUTE_JSON;
  if (rs_eq(t->native, "BLOB")) return ROUTE_BYTES;
  if (strncmp(t->native, "UNION(", 6) == 0 && rs_load_union_mix(t->native) != 0) return ROUTE_UNION;
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (rs_eq(plain[i], t->native)) return ROUTE_PLAIN;
  }
  return ROUTE_TEXT;
}

static void structure(struct rs_buf *b, const struct rs_doc_type *t)
{
  if (t->form == RS_DOC_LIST) {
    rs_buf_char(b, '[');
    structure(b, t->element);
    rs_buf_char(b, ']');
    return;
  }
  if (t->form == RS_DOC_STRUCT) {
    for (size_t i = 0; i < t->nmembers; i++) {
      rs_buf_char(b, i > 0 ? ',' : '{');
      rs_buf_json_str(b, t->members[i].name, strlen(t->members[i].name));
      rs_buf_char(b, ':');
      structure(b, t->members[i].type);
    }
    rs_buf_char(b, '}');
    return;
  }
  const char *name = t->native != NULL ? t->native : "VARCHAR";
  if (route_of(t) == ROUTE_JSON) name = "JSON";
  else if (route_of(t) != ROUTE_PLAIN) name = "VARCHAR";
  rs_buf_json_str(b, name, strlen(name));
}

#define NPARTS RS_DOC_PARTS_MAX

static void add_key(struct rs_buf *b, size_t i, const char *part)
{
  bool first = b->n > 0 && b->p[b->n - 1] == '{';
  rs_buf_printf(b, "%s\"c%zu%s\":", first ? "" : ",", i, part);
}

/* What is a text where JSON is read. */
static bool is_text_part(unsigned kind)
{
  return (kind & (RS_DOC_BYTES | RS_DOC_INTERVALS)) != 0;
}

void rs_doc_type_structure(struct rs_buf *b, size_t i, const struct rs_doc_type *t)
{
  const unsigned kinds = rs_doc_union_kinds(t);
  if (kinds == 0) {
    add_key(b, i, "");
    structure(b, t);
    return;
  }
  for (size_t k = 0; k < NPARTS; k++) {
    const struct rs_doc_union_part *p = &rs_doc_union_parts[k];
    if (!(kinds & p->kind)) continue;
    add_key(b, i, p->name);
    if (is_text_part(p->kind)) rs_buf_str(b, "\"VARCHAR\"");
    else if (p->type != NULL) rs_buf_json_str(b, p->type, strlen(p->type));
    else structure(b, rs_doc_union_member(t, p->kind));
  }
}

static const char *from_json(struct rs_arena *a, const char *expr, const struct rs_doc_type *to);

/* The member that is there, as the UNION. `row`: where the members lie, with a point; of a stage
** (none) arrays and objects are JSON text. */
static const char *union_sql(struct rs_arena *a, const char *row, size_t i,
                             const struct rs_doc_type *t)
{
  const unsigned kinds = rs_doc_union_kinds(t);
  const char *sql = "CASE";
  for (size_t k = 0; k < NPARTS && sql != NULL; k++) {
    const struct rs_doc_union_part *p = &rs_doc_union_parts[k];
    if (!(kinds & p->kind)) continue;
    const char *name = rs_arena_printf(a, "%sc%zu%s", row, i, p->name), *value = name;
    if (name != NULL && p->type == NULL && row[0] == 0)
      value = from_json(a, name, rs_doc_union_member(t, p->kind));
    else if (name != NULL && p->kind == RS_DOC_BYTES)
      value = rs_arena_printf(a, "from_base64(%s)", name);
    else if (name != NULL &&
             (is_text_part(p->kind) || ((p->kind & RS_DOC_TIMES) != 0 && row[0] == 0)))
      value = rs_arena_printf(a, "CAST(%s AS %s)", name, p->type);
    if (value != NULL) value = rs_doc_union_value_sql(a, k, value, t);
    if (value == NULL) return NULL;
    sql = rs_arena_printf(a, "%s WHEN %s IS NOT NULL THEN %s", sql, name, value);
  }
  return sql != NULL ? rs_arena_printf(a, "%s END", sql) : NULL;
}

const char *rs_doc_value_sql(struct rs_arena *a, size_t i, const struct rs_doc_type *t)
{
  enum route route = t->form == RS_DOC_LEAF ? route_of(t) : ROUTE_PLAIN;
  if (t->form == RS_DOC_UNION) route = ROUTE_UNION;
  switch (route) {
    case ROUTE_UNION: return union_sql(a, RS_DOC_ROW ".", i, t);
    case ROUTE_BYTES: return rs_arena_printf(a, "from_base64(" RS_DOC_ROW ".c%zu)", i);
    case ROUTE_TEXT: return rs_arena_printf(a, "CAST(" RS_DOC_ROW ".c%zu AS %s)", i, t->native);
    default: return rs_arena_printf(a, RS_DOC_ROW ".c%zu", i);
  }
}

/* SQL: the JSON value `expr` as the type. */
static const char *from_json(struct rs_arena *a, const char *expr, const struct rs_doc_type *to)
{
  struct rs_buf json, b;
  rs_buf_init(&json, RS_BUF_SQL_MAX);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  structure(&json, to);
  rs_buf_printf(&b, "from_json(%s, '", expr);
  for (size_t i = 0; i < json.n; i++) {
    if (json.p[i] == '\'') rs_buf_char(&b, '\'');
    rs_buf_char(&b, json.p[i]);
  }
  rs_buf_str(&b, "')");
  const char *text = json.rc == RS_OK && b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&json);
  rs_buf_free(&b);
  return text;
}

const char *rs_doc_cast_sql(struct rs_arena *a, const char *expr, const char *from,
                            const struct rs_doc_type *to)
{
  if (to->form == RS_DOC_LEAF) return rs_load_cast(a, expr, from, to->native);
  if (to->form == RS_DOC_UNION) return rs_doc_union_cast_sql(a, expr, from, to);
  const char *json = rs_arena_printf(a, "to_json(%s)", expr);
  return json != NULL ? from_json(a, json, to) : NULL;
}

/* ---- stages ---------------------------------------------------------------------------------- */

static enum rs_type part_type(const struct rs_doc_type *t)
{
  if (t->form != RS_DOC_LEAF || t->native == NULL || route_of(t) != ROUTE_PLAIN) return RS_T_TEXT;
  if (rs_eq(t->native, "BOOLEAN")) return RS_T_BOOL;
  if (rs_eq(t->native, "FLOAT") || rs_eq(t->native, "DOUBLE")) return RS_T_FLOAT;
  bool integer = strstr(t->native, "INT") != NULL && !rs_eq(t->native, "INTERVAL");
  return integer ? RS_T_INT : RS_T_TEXT;
}

size_t rs_doc_parts(const struct rs_doc_type *t, struct rs_doc_part out[RS_DOC_PARTS_MAX])
{
  const unsigned kinds = rs_doc_union_kinds(t);
  if (kinds == 0) {
    out[0] = (struct rs_doc_part){0, "", part_type(t)};
    return 1;
  }
  size_t n = 0;
  for (size_t k = 0; k < NPARTS; k++) {
    const struct rs_doc_union_part *p = &rs_doc_union_parts[k];
    if (kinds & p->kind) out[n++] = (struct rs_doc_part){p->kind, p->name, p->arrow};
  }
  return n;
}

const char *rs_doc_part_sql(struct rs_arena *a, size_t i, const struct rs_doc_type *t)
{
  const char *c = rs_arena_printf(a, "c%zu", i);
  if (c == NULL) return NULL;
  if (t->form == RS_DOC_UNION) return union_sql(a, "", i, t);
  if (t->form != RS_DOC_LEAF) return from_json(a, c, t);
  switch (route_of(t)) {
    case ROUTE_UNION: return union_sql(a, "", i, t);
    case ROUTE_BYTES: return rs_arena_printf(a, "from_base64(%s)", c);
    default:
      if (t->native == NULL || rs_eq(t->native, "VARCHAR")) return c;
      return rs_arena_printf(a, "CAST(%s AS %s)", c, t->native);
  }
}

/* ---- values out ------------------------------------------------------------------------------ */

static void write_leaf(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t)
{
  bool typed = j->kind == RS_J_STRING && j->mark != 0;
  if (route_of(t) == ROUTE_JSON) rs_doc_write_json(b, j);
  else if (typed) rs_doc_write_text(b, j);
  else rs_json_write(b, j);
}

static void write_value(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t)
{
  if (j->kind == RS_J_NULL) {
    rs_buf_str(b, "null");
    return;
  }
  if (t->form == RS_DOC_LEAF) {
    write_leaf(b, j, t);
    return;
  }
  bool list = t->form == RS_DOC_LIST, first = true;
  rs_buf_char(b, list ? '[' : '{');
  const struct rs_json *c = j->first;
  for (size_t i = 0; c != NULL; c = c->next, i++) {
    const struct rs_doc_type *type = t->element;
    // members mostly come in the order in which they were first seen
    if (!list && i < t->nmembers && rs_eqn(t->members[i].name, c->key, c->nkey)) {
      type = t->members[i].type;
    } else if (!list) {
      type = NULL;
      for (size_t k = 0; k < t->nmembers && type == NULL; k++) {
        if (rs_eqn(t->members[k].name, c->key, c->nkey)) type = t->members[k].type;
      }
    }
    if (type == NULL) continue; // nothing but nulls have been there
    if (!first) rs_buf_char(b, ',');
    first = false;
    if (!list) {
      rs_buf_json_str(b, c->key, c->nkey);
      rs_buf_char(b, ':');
    }
    write_value(b, c, type);
  }
  rs_buf_char(b, list ? ']' : '}');
}

void rs_doc_write(struct rs_buf *b, size_t i, const struct rs_json *j, const struct rs_doc_type *t)
{
  const unsigned kinds = rs_doc_union_kinds(t);
  add_key(b, i, kinds != 0 ? rs_doc_union_parts[rs_doc_union_taker(j, kinds)].name : "");
  write_value(b, j, rs_doc_type_for(t, j));
}

size_t rs_doc_part_of(const struct rs_doc_type *t, const struct rs_json *j)
{
  const unsigned kinds = rs_doc_union_kinds(t);
  size_t n = 0;
  for (size_t k = rs_doc_union_taker(j, kinds); k > 0; k--)
    n += (kinds & rs_doc_union_parts[k - 1].kind) != 0;
  return n;
}

bool rs_doc_part_is_text(const struct rs_doc_type *t)
{
  return t->form == RS_DOC_LEAF && route_of(t) != ROUTE_JSON;
}

void rs_doc_part_text(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t)
{
  t = rs_doc_type_for(t, j);
  bool typed = j->kind == RS_J_STRING && j->mark != 0;
  if (!rs_doc_part_is_text(t)) write_value(b, j, t);
  else if (typed) rs_doc_write_plain(b, j);
  else if (j->kind == RS_J_STRING) rs_buf_add(b, j->p, j->n);
  else rs_json_write(b, j);
}

/* ---- values in ------------------------------------------------------------------------------- */

static unsigned mark_of(const char *native)
{
  static const struct {
    const char *native;
    unsigned mark;
  } marks[] = {
    {"DATE", RS_DOC_DATE},
    {"TIME", RS_DOC_TIME},
    {"TIMESTAMP", RS_DOC_DATETIME},
    {"TIMESTAMP WITH TIME ZONE", RS_DOC_TIMESTAMP},
  };
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    if (rs_eq(marks[i].native, native)) return marks[i].mark;
  }
  return 0;
}

/* Without a zone the engine would read it in the session's. */
static bool end_in_utc(struct rs_arena *a, struct rs_json *j)
{
  if (j->mark != RS_DOC_TIMESTAMP || memchr(j->p, '+', j->n) != NULL) return true;
  j->p = rs_arena_printf(a, "%.*s+00:00", (int)j->n, j->p);
  if (j->p != NULL) j->n = strlen(j->p);
  return j->p != NULL;
}

/* Marks what JSON text from a column can't tell. */
static enum rs_code annotate(struct rs_arena *a, struct rs_json *j, const struct rs_doc_type *t,
                             struct rs_error *e)
{
  const char *why;
  if (t != NULL) t = rs_doc_type_for(t, j);
  if (t == NULL || (t->form == RS_DOC_LEAF && route_of(t) == ROUTE_JSON)) {
    enum rs_code rc = rs_doc_prepare(j, a, &why);
    // a typed value that is none was written by the engine's own SQL: an object like any other
    return rc == RS_NOMEM ? rs_nomem(e) : RS_OK;
  }
  if (j->kind == RS_J_NUMBER) {
    int64_t i;
    j->mark = rs_json_int(j, &i) && !rs_eq(t->native, "DOUBLE") ? RS_DOC_INT : RS_DOC_DOUBLE;
  }
  if (j->kind == RS_J_STRING && t->form == RS_DOC_LEAF) {
    j->mark = mark_of(t->native);
    if (!end_in_utc(a, j)) return rs_nomem(e);
  }
  enum rs_code rc = RS_OK;
  for (struct rs_json *c = j->first; c != NULL && rc == RS_OK; c = c->next) {
    const struct rs_doc_type *type = t->form == RS_DOC_LIST ? t->element : NULL;
    for (size_t i = 0; t->form == RS_DOC_STRUCT && i < t->nmembers; i++) {
      if (rs_eqn(t->members[i].name, c->key, c->nkey)) type = t->members[i].type;
    }
    rc = annotate(a, c, type, e);
  }
  return rc;
}

static enum rs_code read_number(struct rs_arena *a, const struct rs_value *v, struct rs_json *j,
                                struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 400);
  j->kind = RS_J_NUMBER;
  j->mark = v->kind == RS_INT ? RS_DOC_INT : RS_DOC_DOUBLE;
  if (v->kind == RS_INT) rs_buf_int(&b, v->i);
  else rs_buf_json_double(&b, v->f);
  if (v->kind == RS_FLOAT && strpbrk(rs_buf_text(&b), ".en") == NULL) rs_buf_str(&b, ".0");
  j->p = b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  j->n = b.n;
  rs_buf_free(&b);
  if (j->p == NULL) return rs_nomem(e);
  if (j->p[0] == 'n') j->kind = RS_J_NULL; // NaN
  return RS_OK;
}

static char *base64(struct rs_arena *a, const char *p, size_t n)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *text = rs_arena_alloc(a, (n + 2) / 3 * 4 + 1), *to = text;
  const unsigned char *s = (const unsigned char *)p;
  if (text == NULL) return NULL;
  for (size_t i = 0; i < n; i += 3) {
    unsigned bits = (unsigned)s[i] << 16;
    if (i + 1 < n) bits |= (unsigned)s[i + 1] << 8;
    if (i + 2 < n) bits |= s[i + 2];
    *to++ = digits[bits >> 18];
    *to++ = digits[bits >> 12 & 63];
    *to++ = i + 1 < n ? digits[bits >> 6 & 63] : '=';
    *to++ = i + 2 < n ? digits[bits & 63] : '=';
  }
  *to = 0;
  return text;
}

/* Of a UNION each value tells its own type. */
static unsigned mark_of_value(const struct rs_value *v, const struct rs_doc_type *t)
{
  if (t->form != RS_DOC_UNION) return t->native != NULL ? mark_of(t->native) : 0;
  switch ((enum rs_type)v->of) {
    case RS_T_DATE: return RS_DOC_DATE;
    case RS_T_TIME: return RS_DOC_TIME;
    case RS_T_TIMESTAMP: return RS_DOC_DATETIME;
    case RS_T_TIMESTAMPTZ: return RS_DOC_TIMESTAMP;
    default: return 0;
  }
}

/* Microseconds as their number. Months are told by the sidecar. */
static bool read_micros(struct rs_arena *a, struct rs_json *j)
{
  struct rs_interval x;
  if (!rs_interval_read(j->p, j->n, &x)) return true;
  j->mark = RS_DOC_MICROS;
  j->p = rs_arena_printf(a, "%lld", (long long)x.us);
  if (j->p != NULL) j->n = strlen(j->p);
  return j->p != NULL;
}

static enum rs_code read_text(struct rs_arena *a, const struct rs_value *v,
                              const struct rs_doc_type *t, struct rs_json *j, struct rs_error *e)
{
  j->kind = RS_J_STRING;
  if (v->kind == RS_BYTES) {
    j->mark = RS_DOC_BYTES;
    j->p = base64(a, v->s.p, v->s.n);
    j->n = (v->s.n + 2) / 3 * 4;
  } else {
    j->mark = mark_of_value(v, t);
    j->p = rs_arena_strndup(a, v->s.p, v->s.n);
    j->n = v->s.n;
    const bool interval = t->form == RS_DOC_UNION && v->of == RS_T_OTHER;
    if (interval && j->p != NULL && !read_micros(a, j)) return rs_nomem(e);
  }
  return j->p != NULL && end_in_utc(a, j) ? RS_OK : rs_nomem(e);
}

enum rs_code rs_doc_read(struct rs_arena *a, const struct rs_value *v, const struct rs_doc_type *t,
                         struct rs_json **out, struct rs_error *e)
{
  struct rs_json *j = *out = rs_json_new(a, RS_J_NULL);
  if (j == NULL) return rs_nomem(e);
  switch (v->kind) {
    case RS_NULL:
    case RS_LIST: return RS_OK;
    case RS_BOOL:
      j->kind = RS_J_BOOL;
      j->truth = v->i != 0;
      return RS_OK;
    case RS_INT:
    case RS_FLOAT: return read_number(a, v, j, e);
    case RS_JSON: {
      char *text = rs_arena_strndup(a, v->s.p, v->s.n);
      if (text == NULL) return rs_nomem(e);
      enum rs_code rc = rs_json_parse(text, v->s.n, 200, a, out, e);
      return rc == RS_OK ? annotate(a, *out, t, e) : rc;
    }
    default: return read_text(a, v, t, j, e);
  }
}
