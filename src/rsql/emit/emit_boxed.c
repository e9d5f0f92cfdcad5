/*
** Columns of several types, as they lie in an engine.
**
** A UNION has a member for each type; its JSON is made of the member that is there.
**
** For an engine that has no UNION there is a column of texts whose values may be of any type, of
** which its sidecar tells the type (RS_SIDE_TYPES, value/boxed.h): the column's value is NULL or
** the text, the sidecar NULL (a text), `n`, or a letter and maybe the value behind it.
**
** A view of one kind reads the two columns at once; the value as it is, is their JSON. The sidecar
** is always written without its `n`, so that null and undefined are one in a group's key.
*/
#include <stdio.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/types.h"
#include "src/value/boxed.h"

/* ---- a UNION --------------------------------------------------------------------------------- */

void rs_rsql_write_stored(struct rsql_writer *w, const struct rsql_node *x)
{
  struct rsql_node column = *x;
  column.raw = true;
  rs_rsql_write_expr(w, &column);
}

void rs_rsql_write_member(struct rsql_writer *w, const struct rsql_node *x, const char *name)
{
  rs_rsql_write(w, "union_extract(");
  rs_rsql_write_stored(w, x);
  rs_buf_printf(w->b, ", '%s')", name);
}

/* Is its JSON what the engine makes of it? */
static bool is_own_json(struct rsql_type t)
{
  if (rs_rsql_typed_bit(t.kind) != 0) return false;
  return t.kind == TY_LIST ? is_own_json(rs_rsql_type_element(t)) : t.kind != TY_STRUCT;
}

/* Is an object's JSON the engine's, but for its nulls, which are not there? json_merge_patch takes
** them out of objects in objects, not out of those in arrays. */
static bool is_own_but_nulls(struct rsql_type t)
{
  struct rs_buf name;
  struct rsql_type field;
  size_t at = 0;
  bool own = true;
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  while (own && rs_rsql_type_next(t, &at, &name, &field)) {
    own = is_own_json(field) || (field.kind == TY_STRUCT && is_own_but_nulls(field));
    rs_buf_clear(&name);
  }
  rs_buf_free(&name);
  return own;
}

/* A form's operand is this text. */
static void fill(struct rs_buf *b, const char *form, const char *expr)
{
  for (const char *c = form; *c != 0; c++) {
    if (rs_rsql_is_operand(form, c)) rs_buf_str(b, expr);
    else rs_buf_char(b, *c);
  }
}

static void write_json_of(struct rsql_writer *w, const char *expr, struct rsql_type t,
                          unsigned depth);

/* Members that are NULL are not there. */
static void write_object(struct rsql_writer *w, const char *expr, struct rsql_type t,
                         unsigned depth)
{
  struct rs_buf name, in;
  struct rsql_type field;
  size_t at = 0;
  const char *comma = "";
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_buf_init(&in, RS_RSQL_TEXT_MAX * 2);
  rs_buf_printf(w->b, "CASE WHEN %s IS NOT NULL THEN json_merge_patch('{}', json_object(", expr);
  while (w->rc == RS_OK && rs_rsql_type_next(t, &at, &name, &field)) {
    const struct rs_value key = {.kind = RS_TEXT, .s = {rs_buf_text(&name), name.n}};
    rs_rsql_write(w, comma);
    rs_dialect_literal(w->d, w->b, &key);
    rs_rsql_write(w, ", ");
    rs_buf_clear(&in);
    rs_buf_printf(&in, "%s.", expr);
    rs_dialect_ident(w->d, &in, rs_buf_text(&name));
    if (in.rc != RS_OK || name.rc != RS_OK) w->rc = rs_buf_error(&in, w->e, "SQL: an object");
    else write_json_of(w, rs_buf_text(&in), field, depth + 1);
    rs_buf_clear(&name);
    comma = ", ";
  }
  rs_rsql_write(w, ")) END");
  rs_buf_free(&name);
  rs_buf_free(&in);
}

/* expr, of that type, as the JSON that the document has. */
static void write_json_of(struct rsql_writer *w, const char *expr, struct rsql_type t,
                          unsigned depth)
{
  char element[24];
  if (is_own_json(t) || depth > 100) {
    rs_buf_printf(w->b, "to_json(%s)", expr);
  } else if (t.kind == TY_LIST) {
    (void)snprintf(element, sizeof element, "rs_e%u", depth);
    rs_buf_printf(w->b, "to_json(list_transform(%s, %s -> ", expr, element);
    write_json_of(w, element, rs_rsql_type_element(t), depth + 1);
    rs_rsql_write(w, "))");
  } else if (t.kind == TY_STRUCT && is_own_but_nulls(t)) {
    rs_buf_printf(w->b, "json_merge_patch('{}', to_json(%s))", expr);
  } else if (t.kind == TY_STRUCT) {
    write_object(w, expr, t, depth);
  } else {
    fill(w->b, rs_rsql_wrapped_form(w, t.kind), expr);
  }
}

/* The text of x, or of its member, which is to stand in what is made of it. */
static char *taken(struct rsql_writer *w, const struct rsql_node *x, const char *member)
{
  const size_t from = w->b->n;
  if (member != NULL) rs_rsql_write_member(w, x, member);
  else rs_rsql_write_operand(w, x);
  char *expr = w->rc == RS_OK && w->b->rc == RS_OK
                 ? rs_arena_strndup(w->s->arena, w->b->p + from, w->b->n - from)
                 : NULL;
  if (expr == NULL && w->rc == RS_OK) w->rc = w->b->rc != RS_OK ? w->b->rc : rs_nomem(w->e);
  if (expr != NULL) w->b->n = from;
  return expr;
}

void rs_rsql_write_json_of(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->type.kind != TY_STRUCT && x->type.kind != TY_LIST) {
    rs_rsql_write_expr(w, x);
    return;
  }
  const char *expr = taken(w, x, NULL);
  if (expr != NULL) write_json_of(w, expr, x->type, 0);
}

void rs_rsql_write_union(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write(w, "CASE union_tag(");
  rs_rsql_write_stored(w, x);
  rs_rsql_write(w, ")");
  for (size_t i = 0; rs_rsql_members[i] != NULL && w->rc == RS_OK; i++) {
    const char *name = rs_rsql_members[i];
    const unsigned kind = 1u << i;
    if (!rs_rsql_type_has_member(x->type, name)) continue;
    rs_buf_printf(w->b, " WHEN '%s' THEN ", name);
    const char *expr = taken(w, x, name);
    if (expr == NULL) return;
    const struct rsql_type t = (kind & RSQL_NESTED) != 0
                                 ? rs_rsql_type_member(x->type, kind)
                                 : (struct rsql_type){.kind = rs_rsql_kind_of_bit(kind)};
    write_json_of(w, expr, t, 0);
  }
  rs_rsql_write(w, " END");
}

/* ---- texts and their sidecar ----------------------------------------------------------------- */

bool rs_rsql_is_boxed(const struct rsql_writer *w, const struct rsql_node *x)
{
  return x->kind == N_COLUMN && !x->raw && !w->plain && rs_rsql_type_is_boxed(x->type);
}

/* An alias stands for the item. */
static const struct rsql_node *column_of(const struct rsql_node *x)
{
  while (x->item != NULL && x->item->kind == N_COLUMN) x = x->item;
  return x;
}

void rs_rsql_write_boxed_text(struct rsql_writer *w, const struct rsql_node *x)
{
  x = column_of(x);
  const bool key = rs_rsql_is_group_key(w, x);
  if (key) rs_rsql_write(w, "max(");
  rs_rsql_write_path(w, x->path, x->npath);
  if (key) rs_rsql_write(w, ")");
}

/* Its sidecar; NULL of a null, too. Of equal numbers in a group a float's is the least. */
static void side_column(struct rsql_writer *w, const struct rsql_node *x)
{
  struct rs_buf name;
  x = column_of(x);
  const bool key = rs_rsql_is_group_key(w, x);
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  rs_buf_printf(&name, "%s" RS_BOXED_SIDE, x->path[x->npath - 1]);
  if (name.rc != RS_OK && w->rc == RS_OK) w->rc = name.rc;
  rs_rsql_write(w, key ? "min(nullif(" : "nullif(");
  rs_rsql_write_path(w, x->path, x->npath - 1);
  if (x->npath > 1) rs_rsql_write(w, ".");
  rs_rsql_write_name(w, rs_buf_text(&name));
  rs_rsql_write(w, key ? ", 'n'))" : ", 'n')");
  rs_buf_free(&name);
}

/* `$` is the column, `@` the sidecar. */
static void form(struct rsql_writer *w, const struct rsql_node *x, const char *text)
{
  for (; *text != 0; text++) {
    if (*text == '$') rs_rsql_write_boxed_text(w, x);
    else if (*text == '@') side_column(w, x);
    else rs_buf_char(w->b, *text);
  }
}

#define TEXT "substr(@, 2)"
#define COUNT "CAST(substr(@, 2) AS bigint)"
/* As a text that CAST gives; false: it is no such column, or has no texts. */
bool rs_rsql_write_union_text(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_is_boxed(w, x)) {
    form(w, x,
         "CASE substr(@, 1, 1) WHEN 'z' THEN replace(" TEXT ", ' ', 'T') || 'Z' WHEN 'c' THEN "
         "replace(" TEXT ", ' ', 'T') WHEN 'y' THEN from_utf8(from_base64(" TEXT ")) ELSE $ END");
    return true;
  }
  const bool member = rs_rsql_has_members(x) && !x->raw && !w->plain && !w->f->json_casts;
  const unsigned own = rs_rsql_type_kinds(x->type) & (RSQL_STRING | RSQL_TYPED);
  if (!member || own == 0) return false;
  rs_rsql_write(w, "CASE union_tag(");
  rs_rsql_write_stored(w, x);
  rs_rsql_write(w, ")");
  for (size_t i = 0; rs_rsql_members[i] != NULL; i++) {
    if ((own & 1u << i) == 0) continue;
    rs_buf_printf(w->b, " WHEN '%s' THEN ", rs_rsql_members[i]);
    const char *expr = taken(w, x, rs_rsql_members[i]);
    if (expr == NULL) return true;
    const char *form = rs_rsql_text_form(w, rs_rsql_kind_of_bit(1u << i));
    fill(w->b, form != NULL ? form : "CAST($ AS VARCHAR)", expr);
  }
  rs_rsql_write(w, " ELSE (");
  rs_rsql_write_union(w, x);
  rs_rsql_write(w, " ->> '$') END");
  return true;
}

/* The JSON text of what has none of its own (value/boxed.c), by its letter. */
#define WRAPPED                                                                                   \
  "'{\"__rockset_type\":\"' || element_at(ARRAY['DATE', 'DATETIME', 'TIME', 'TIMESTAMP', "        \
  "'BYTES\",\"encoding\":\"base64', 'U256', 'MONTH_INTERVAL', 'MICROSECOND_INTERVAL', "           \
  "'GEOGRAPHY'], strpos('dchzyvmug', substr(@, 1, 1))) || '\",\"value\":' || CASE WHEN "          \
  "substr(@, 1, 1) IN ('m', 'u', 'g') THEN " TEXT " WHEN substr(@, 1, 1) = 'z' THEN '\"' || "     \
  "replace(CASE WHEN strpos(@, '.') > 0 THEN rpad(" TEXT ", 26, '0') ELSE " TEXT " || '.000000' " \
  "END, ' ', 'T') || 'Z\"' ELSE '\"' || replace(" TEXT ", ' ', 'T') || '\"' END || '}'"

void rs_rsql_write_boxed(struct rsql_writer *w, const struct rsql_node *x)
{
  form(w, x,
       "CASE WHEN coalesce(@, 's') >= 's' AND coalesce(@, 's') < 't' THEN CAST($ AS json) ELSE "
       "json_parse(CASE substr(@, 1, 1) WHEN 'i' THEN " TEXT " WHEN 'f' THEN " TEXT " WHEN 'b' "
       "THEN CASE @ WHEN 'b1' THEN 'true' ELSE 'false' END WHEN 'a' THEN $ WHEN 'o' THEN $ "
       "ELSE " WRAPPED " END) END");
}

void rs_rsql_write_boxed_nested(struct rsql_writer *w, const struct rsql_node *x, bool array)
{
  form(w, x, array ? "CASE @ WHEN 'a' THEN $ END" : "CASE @ WHEN 'o' THEN $ END");
}

/* The letter of what it is; NULL of null and undefined. */
#define LETTER "coalesce(substr(@, 1, 1), CASE WHEN $ IS NOT NULL THEN 's' END)"

void rs_rsql_write_boxed_test(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
{
  static const struct {
    unsigned kind;
    const char *letters;
  } rows[] = {{RSQL_BOOL, "'b'"},
              {RSQL_INT, "'i'"},
              {RSQL_FLOAT, "'f'"},
              {RSQL_STRING, "'s'"},
              {RSQL_ARRAY, "'a'"},
              {RSQL_DATE, "'d'"},
              {RSQL_DATETIME, "'c'"},
              {RSQL_TIME, "'h'"},
              {RSQL_TIMESTAMP, "'z'"},
              {RSQL_BYTES, "'y'"},
              {RSQL_MONTHS, "'m'"},
              {RSQL_MICROS, "'u'"},
              // another typed value is an object, too
              {RSQL_OBJECT, "'o', 'g', 'v'"}};
  const char *comma = "";
  if (kinds == RSQL_ALL) {
    form(w, x, "$ IS NOT NULL");
    return;
  }
  form(w, x, LETTER " IN (");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if ((kinds & rows[i].kind) == 0) continue;
    rs_buf_printf(w->b, "%s%s", comma, rows[i].letters);
    comma = ", ";
  }
  rs_rsql_write(w, ")");
}

void rs_rsql_write_boxed_value(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds,
                               enum rsql_kind type)
{
  switch (type) {
    case TY_INT: form(w, x, COUNT); break;
    case TY_FLOAT: form(w, x, "CAST(" TEXT " AS double)"); break;
    case TY_BOOL: form(w, x, "(" TEXT " = '1')"); break;
    case TY_STRING: rs_rsql_write_boxed_text(w, x); break;
    case TY_DATE: form(w, x, "CAST(" TEXT " AS date)"); break;
    case TY_TIME: form(w, x, "CAST(" TEXT " AS time(6))"); break;
    case TY_DATETIME: form(w, x, "CAST(" TEXT " AS timestamp(6))"); break;
    case TY_TIMESTAMP: form(w, x, "CAST(" TEXT " || ' UTC' AS timestamp(6) with time zone)"); break;
    case TY_BYTES: form(w, x, "from_base64(" TEXT ")"); break;
    case TY_MONTHS: form(w, x, "(" COUNT " * INTERVAL '1' MONTH)"); break;
    case TY_MICROS: form(w, x, "(" COUNT " / 1000 * INTERVAL '0.001' SECOND)"); break;
    case TY_JSON:
      if (kinds == RSQL_ARRAY) form(w, x, "json_parse($)");
      else rs_rsql_write_boxed(w, x);
      break;
    default: rs_rsql_write(w, "NULL"); break;
  }
}

void rs_rsql_write_boxed_type(struct rsql_writer *w, const struct rsql_node *x)
{
  form(w, x, "CASE " LETTER);
  for (unsigned i = 0; i < RS_BOXED_KINDS; i++) {
    const enum rs_boxed_tag tag = rs_boxed_tag_of(i);
    if (tag == RS_BOXED_NULL || tag == RS_BOXED_EXACT) continue; // no letter; a text has none
    rs_buf_printf(w->b, " WHEN '%c' THEN '%s'", (char)tag, rs_boxed_kind_name(i));
  }
  rs_rsql_write(w, " ELSE 'undefined' END");
}

#define FLOAT "TRY_CAST(" TEXT " AS double)"

void rs_rsql_write_boxed_key(struct rsql_writer *w, const struct rsql_node *x, bool common)
{
  form(
    w, x,
    !common
      ? "$, @"
      : "CASE WHEN substr(@, 1, 1) IN ('i', 'f') THEN NULL ELSE $ END, CASE WHEN substr(@, 1, 1) = "
        "'f' AND " FLOAT " = truncate(" FLOAT ") AND abs(" FLOAT ") < 9e18 THEN 'i' || "
        "CAST(CAST(" FLOAT " AS bigint) AS varchar) ELSE @ END");
}
