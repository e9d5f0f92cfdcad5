/*
** Sidecars of documents' fields (src/value/boxed.h): which values a column can't give back as they
** were, their tagged texts, and the way from a tagged text to the document's value.
**
** A column tells a value exactly when reading it gives the same value of the same type: an integer
** among integers, a date in a column of dates. It does not tell a null (which is none to an engine)
** from a field that is not there, an integer among floats, a date among texts, and of an object
** its members that are null.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "internal.h"

/* ---- what a column tells exactly ------------------------------------------------------------- */

static const struct {
  const char *native;
  unsigned kinds;
} exact[] = {
  {"BIGINT", RS_DOC_INT},         {"VARCHAR", RS_DOC_TEXT},
  {"DOUBLE", RS_DOC_DOUBLE},      {"BOOLEAN", RS_DOC_BOOL},
  {"INTEGER", RS_DOC_INT},        {"SMALLINT", RS_DOC_INT},
  {"TINYINT", RS_DOC_INT},        {"UBIGINT", RS_DOC_INT},
  {"UINTEGER", RS_DOC_INT},       {"USMALLINT", RS_DOC_INT},
  {"UTINYINT", RS_DOC_INT},       {"HUGEINT", RS_DOC_INT},
  {"DATE", RS_DOC_DATE},          {"TIME", RS_DOC_TIME},
  {"TIMESTAMP", RS_DOC_DATETIME}, {"TIMESTAMP WITH TIME ZONE", RS_DOC_TIMESTAMP},
  {"BLOB", RS_DOC_BYTES},         {"JSON", ~0u},
};

static unsigned exact_kinds(const char *native)
{
  if (native == NULL) return 0;
  for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
    if (rs_eq(exact[i].native, native)) return exact[i].kinds;
  }
  // its bits are those of the kinds
  return rs_starts(native, "UNION(") ? rs_load_union_mix(native) : 0;
}

void rs_doc_learn_exact(struct rs_doc_type *t)
{
  switch (t->form) {
    case RS_DOC_LEAF: t->exact = exact_kinds(t->native); break;
    case RS_DOC_LIST: rs_doc_learn_exact(t->element); break;
    case RS_DOC_STRUCT:
    case RS_DOC_UNION:
      for (size_t i = 0; i < t->nmembers; i++) rs_doc_learn_exact(t->members[i].type);
      rs_doc_union_learn_exact(t);
      break;
  }
}

void rs_doc_learn_kinds(struct rs_doc_type *t)
{
  const bool typed = t->form == RS_DOC_LEAF && t->native != NULL;
  t->kinds = t->form == RS_DOC_LIST    ? RS_DOC_ARRAY
             : t->form == RS_DOC_UNION ? rs_doc_union_kinds(t)
                                       : RS_DOC_OBJECT;
  if (t->form == RS_DOC_LIST) rs_doc_learn_kinds(t->element);
  for (size_t i = 0; t->form != RS_DOC_LEAF && i < t->nmembers; i++)
    rs_doc_learn_kinds(t->members[i].type);
  if (t->form != RS_DOC_LEAF) return;
  t->kinds = exact_kinds(t->native);
  if (t->kinds == 0 && typed) t->kinds = ~0u; // nothing but itself holds it
  if (t->kinds == RS_DOC_INT) {
    t->lo = INT64_MIN;
    t->hi = INT64_MAX;
  }
}

static const struct rs_doc_type *member_type(const struct rs_doc_type *t, const struct rs_json *c,
                                             size_t i)
{
  // members mostly come in the order in which they were first seen
  if (i < t->nmembers && rs_eqn(t->members[i].name, c->key, c->nkey)) return t->members[i].type;
  for (size_t k = 0; k < t->nmembers; k++) {
    if (rs_eqn(t->members[k].name, c->key, c->nkey)) return t->members[k].type;
  }
  return NULL;
}

static bool has_null(const struct rs_json *j)
{
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    if ((c->kind == RS_J_NULL && j->kind == RS_J_OBJECT) || has_null(c)) return true;
  }
  return false;
}

static bool is_exact(const struct rs_json *j, const struct rs_doc_type *t, bool top)
{
  const unsigned kind = rs_doc_kind(j);
  size_t i = 0;
  if (kind == 0) return false;
  t = rs_doc_type_for(t, j);
  // of an object that is read, members that are null are taken for ones that are not there
  if (t->form == RS_DOC_LEAF) return (kind & t->exact) != 0 && (top || !has_null(j));
  if (kind != (t->form == RS_DOC_LIST ? RS_DOC_ARRAY : RS_DOC_OBJECT)) return false;
  for (const struct rs_json *c = j->first; c != NULL; c = c->next, i++) {
    const bool list = t->form == RS_DOC_LIST;
    if (list && c->kind == RS_J_NULL) continue;
    const struct rs_doc_type *type = list ? t->element : member_type(t, c, i);
    if (type == NULL || !is_exact(c, type, false)) return false;
  }
  return i > 0 || t->form == RS_DOC_LIST; // {} would be an object of nulls
}

bool rs_doc_has_null(const struct rs_json *j)
{
  if (j->kind == RS_J_NULL || (j->kind == RS_J_OBJECT && j->first == NULL)) return true;
  for (const struct rs_json *c = j->first; c != NULL; c = c->next) {
    if (c->kind == RS_J_NULL ? j->kind == RS_J_OBJECT : rs_doc_has_null(c)) return true;
  }
  return false;
}

bool rs_doc_needs_side(const struct rs_doc_type *t, bool has_null)
{
  if (has_null) return true;
  if (t->form == RS_DOC_LEAF) return (t->kinds & ~t->exact) != 0;
  if (t->form == RS_DOC_UNION && (t->kinds & ~rs_doc_union_kinds(t)) != 0) return true;
  if (t->form == RS_DOC_LIST)
    return (t->kinds & ~(unsigned)RS_DOC_ARRAY) != 0 || rs_doc_needs_side(t->element, false);
  for (size_t i = 0; i < t->nmembers; i++)
    if (rs_doc_needs_side(t->members[i].type, false)) return true;
  if (t->form == RS_DOC_UNION) return false;
  return (t->kinds & ~(unsigned)RS_DOC_OBJECT) != 0;
}

bool rs_doc_is_exact(const struct rs_json *j, const struct rs_doc_type *t)
{
  return is_exact(j, t, true);
}

void rs_doc_side(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_type *t)
{
  const size_t at = b->n;
  const unsigned kind = rs_doc_kind(j);
  rs_doc_box(b, j);
  t = rs_doc_type_for(t, j);
  const bool whole = t->form == RS_DOC_LIST ? kind == RS_DOC_ARRAY : kind == RS_DOC_OBJECT;
  if (t->form != RS_DOC_LEAF && whole && b->rc == RS_OK) b->p[at] = RS_BOXED_EXACT;
}

void rs_doc_write_side(struct rs_buf *b, const struct rs_json *j, const struct rs_doc_column *c)
{
  struct rs_buf text;
  rs_buf_init(&text, 2 * RS_DOC_BYTES_MAX);
  rs_doc_side(&text, j, &c->tree);
  rs_buf_printf(b, ",\"c%zu\":", c->side - 1);
  rs_buf_json_str(b, rs_buf_text(&text), text.n);
  if (text.rc != RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

/* ---- back ------------------------------------------------------------------------------------ */

/* The mark of what is no JSON; 0: of any other. */
static unsigned mark_of(enum rs_boxed_tag tag)
{
  switch (tag) {
    case RS_BOXED_DATE: return RS_DOC_DATE;
    case RS_BOXED_DATETIME: return RS_DOC_DATETIME;
    case RS_BOXED_TIME: return RS_DOC_TIME;
    case RS_BOXED_TIMESTAMP: return RS_DOC_TIMESTAMP;
    case RS_BOXED_MONTHS: return RS_DOC_MONTHS;
    case RS_BOXED_MICROS: return RS_DOC_MICROS;
    case RS_BOXED_BYTES: return RS_DOC_BYTES;
    default: return 0;
  }
}

static enum rs_code parse(struct rs_arena *a, const struct rs_boxed *x, struct rs_json **out,
                          struct rs_error *e)
{
  struct rs_buf b;
  const char *why;
  rs_buf_init(&b, 2 * RS_DOC_BYTES_MAX);
  rs_boxed_json(&b, x);
  const size_t n = b.n;
  char *text = b.rc == RS_OK ? rs_arena_strndup(a, rs_buf_text(&b), n) : NULL;
  rs_buf_free(&b);
  if (text == NULL) return rs_nomem(e);
  enum rs_code rc = rs_json_parse(text, n, 200, a, out, e);
  if (rc == RS_OK && rs_doc_prepare(*out, a, &why) == RS_NOMEM) rc = rs_nomem(e);
  return rc;
}

enum rs_code rs_doc_unbox(struct rs_arena *a, const struct rs_value *main,
                          const struct rs_value *side, struct rs_json **out, struct rs_error *e)
{
  struct rs_boxed x;
  *out = NULL;
  if (!rs_boxed_read(main, side, &x))
    return rs_fail(e, RS_INVALID, "a field's sidecar holds what is no value: '%.*s'",
                   side->kind == RS_TEXT ? (int)(side->s.n > 40 ? 40 : side->s.n) : 0,
                   side->kind == RS_TEXT ? side->s.p : "");
  if (x.tag == RS_BOXED_UNDEFINED) return RS_OK;
  const unsigned mark = mark_of(x.tag);
  if (mark == 0) return parse(a, &x, out, e);
  struct rs_json *j = *out = rs_json_new(a, RS_J_STRING);
  if (j == NULL) return rs_nomem(e);
  j->mark = mark;
  // a time zone that is not written would be the session's
  const char *zone = mark == RS_DOC_TIMESTAMP ? "+00:00" : "";
  j->p = rs_arena_printf(a, "%.*s%s", (int)side->s.n - 1, side->s.p + 1, zone);
  if (j->p == NULL) return rs_nomem(e);
  j->n = strlen(j->p);
  return RS_OK;
}
