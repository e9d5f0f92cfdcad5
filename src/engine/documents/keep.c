/*
** What a column's values are before its type becomes another one, which can't tell all of them: SQL
** for their tagged texts, and for objects and arrays as exact JSON (see internal.h).
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "internal.h"

/* Types that nothing but themselves tells. */
static const struct typed {
  const char *native;
  enum rs_boxed_tag tag;
  const char *before, *behind; /* around the value: its text */
} typed[] = {
  {"DATE", RS_BOXED_DATE, "CAST(", " AS VARCHAR)"},
  {"TIME", RS_BOXED_TIME, "CAST(", " AS VARCHAR)"},
  {"TIMESTAMP", RS_BOXED_DATETIME, "CAST(", " AS VARCHAR)"},
  {"TIMESTAMP WITH TIME ZONE", RS_BOXED_TIMESTAMP, "CAST(make_timestamp(epoch_us(",
   ")) AS VARCHAR)"},
  {"BLOB", RS_BOXED_BYTES, "to_base64(", ")"},
};

static const struct typed *typed_of(const struct rs_doc_type *t)
{
  for (size_t i = 0; t->form == RS_DOC_LEAF && i < sizeof typed / sizeof typed[0]; i++) {
    if (t->native != NULL && rs_eq(typed[i].native, t->native)) return &typed[i];
  }
  return NULL;
}

static bool loses(const struct rs_doc_type *from, const struct rs_doc_type *to);

/* The same, where `to` is a UNION that has all kinds of values that `from` has. */
static bool loses_in_union(const struct rs_doc_type *from, const struct rs_doc_type *to)
{
  if (from->form == RS_DOC_LEAF) return (from->exact & ~rs_doc_union_kinds(to)) != 0;
  if (from->form != RS_DOC_UNION)
    return loses(from,
                 rs_doc_union_member(to, from->form == RS_DOC_LIST ? RS_DOC_ARRAY : RS_DOC_OBJECT));
  for (size_t i = 0; i < from->nmembers; i++)
    if (from->members[i].type->form != RS_DOC_LEAF && loses_in_union(from->members[i].type, to))
      return true;
  return false;
}

/* Does `to` tell less than `from`? */
static bool loses(const struct rs_doc_type *from, const struct rs_doc_type *to)
{
  if (to->form == RS_DOC_UNION) return loses_in_union(from, to);
  if (to->form != from->form) return false; // it becomes JSON
  if (from->form == RS_DOC_LIST) return loses(from->element, to->element);
  if (from->form == RS_DOC_LEAF) {
    const bool same = from->native != NULL && to->native != NULL && rs_eq(from->native, to->native);
    return !same && (typed_of(from) != NULL || (from->exact & ~to->exact) != 0);
  }
  for (size_t i = 0; i < from->nmembers; i++) {
    size_t k = 0;
    while (k < to->nmembers && !rs_eq(to->members[k].name, from->members[i].name)) k++;
    if (k < to->nmembers && loses(from->members[i].type, to->members[k].type)) return true;
  }
  return false;
}

/* Is its JSON what the engine makes of it? */
static bool is_plain(const struct rs_doc_type *t)
{
  if (t->form == RS_DOC_LIST) return is_plain(t->element);
  return t->form == RS_DOC_LEAF && typed_of(t) == NULL && !rs_eq(t->native, "INTERVAL");
}

static void json_of(const struct rs_session *s, struct rs_buf *b, const char *expr,
                    const struct rs_doc_type *t, unsigned depth)
{
  struct rs_buf in;
  if (is_plain(t)) {
    rs_buf_printf(b, "to_json(%s)", expr);
    return;
  }
  if (t->form == RS_DOC_LEAF) {
    (void)rs_load_typed_json(b, expr, t->native);
    return;
  }
  rs_buf_printf(b, "CASE WHEN %s IS NOT NULL THEN ", expr);
  rs_buf_init(&in, RS_BUF_SQL_MAX);
  if (t->form == RS_DOC_LIST) {
    rs_buf_printf(&in, "x%u", depth);
    rs_buf_printf(b, "to_json(list_transform(%s, lambda x%u: ", expr, depth);
    json_of(s, b, rs_buf_text(&in), t->element, depth + 1);
    rs_buf_str(b, "))");
  } else if (t->form == RS_DOC_UNION) {
    rs_buf_printf(b, "CASE union_tag(%s)", expr);
    for (size_t i = 0; i < t->nmembers; i++) {
      rs_buf_clear(&in);
      rs_buf_printf(&in, "union_extract(%s, '%s')", expr, t->members[i].name);
      rs_buf_printf(b, " WHEN '%s' THEN ", t->members[i].name);
      json_of(s, b, rs_buf_text(&in), t->members[i].type, depth);
    }
    rs_buf_str(b, " END");
  } else {
    rs_buf_str(b, "json_merge_patch('{}', json_object("); // without its nulls
    for (size_t i = 0; i < t->nmembers; i++) {
      rs_buf_clear(&in);
      rs_sql_add(s, &in, "(%s).%i", expr, t->members[i].name);
      rs_sql_add(s, b, i > 0 ? ", %t, " : "%t, ", t->members[i].name);
      json_of(s, b, rs_buf_text(&in), t->members[i].type, depth);
    }
    rs_buf_str(b, "))");
  }
  rs_buf_str(b, " END");
  if (in.rc != RS_OK) b->rc = in.rc;
  rs_buf_free(&in);
}

void rs_doc_json_sql(const struct rs_session *s, struct rs_buf *b, const char *expr,
                     const struct rs_doc_type *t)
{
  json_of(s, b, expr, t, 0);
}

bool rs_doc_kept_sql(const struct rs_session *s, struct rs_buf *b, const char *expr,
                     struct rs_doc_type *from, struct rs_doc_type *to)
{
  rs_doc_learn_exact(from);
  rs_doc_learn_exact(to);
  const struct typed *k = typed_of(from);
  const bool other = k != NULL && !(to->form == RS_DOC_LEAF && rs_eq(to->native, k->native));
  const bool lost = to->form == RS_DOC_UNION || k == NULL ? loses(from, to) : other;
  if (!lost) return false;
  if (k != NULL) rs_buf_printf(b, "'%c' || %s%s%s", k->tag, k->before, expr, k->behind);
  else if (from->form == RS_DOC_LEAF)
    rs_buf_printf(b, "'%c' || CAST(%s AS VARCHAR)", RS_BOXED_INT, expr);
  else {
    const bool mixed = from->form == RS_DOC_UNION; // its scalars lose nothing
    if (mixed) rs_buf_printf(b, "CASE WHEN union_tag(%s) IN ('arr', 'obj') THEN ", expr);
    rs_buf_printf(b, "'%c' || CAST(", RS_BOXED_EXACT);
    rs_doc_json_sql(s, b, expr, from);
    rs_buf_str(b, mixed ? " AS VARCHAR) END" : " AS VARCHAR)");
  }
  return true;
}
