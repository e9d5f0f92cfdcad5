/*
** Parts of values as text: fields, elements and slices, and paths into JSON (see emit.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"

static void write_base(struct rsql_writer *w, const struct rsql_node *x)
{
  bool plain = x->kind == N_COLUMN || x->kind == N_INDEX || x->kind == N_FIELD;
  if (plain && x->type.kind != TY_JSON) {
    rs_rsql_write_expr(w, x);
    return;
  }
  rs_rsql_write(w, "(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, ")");
}

/* A step of a path into JSON: a name, or (NULL) an element's number, 1 the first, -1 the last; 0: x
** is none. */
struct step {
  const char *name;
  long at;
};

static long element_number(const struct rsql_node *x)
{
  const bool negative = x->kind == N_NEGATE;
  if (negative) x = x->v[0];
  if (x->kind != N_INT || strlen(x->text) > 9) return 0;
  return negative ? -strtol(x->text, NULL, 10) : strtol(x->text, NULL, 10);
}

static struct step path_step(const struct rsql_writer *w, const struct rsql_node *x)
{
  const bool json = (x->kind == N_FIELD || x->kind == N_INDEX) && x->v[0]->type.kind == TY_JSON;
  const bool members = json && rs_rsql_has_members(x->v[0]);
  if (!json || (x->kind == N_FIELD && members)) return (struct step){NULL, 0};
  if (x->kind == N_FIELD) return (struct step){x->text, 0};
  if (x->v[1]->kind == N_STRING) return (struct step){x->v[1]->text, 0};
  return (struct step){NULL, w->f->json_casts || members ? 0 : element_number(x->v[1])};
}

static bool is_step(struct step s)
{
  return s.name != NULL || s.at != 0;
}

static void path_steps(const struct rsql_writer *w, struct rs_buf *b, const struct rsql_node *x)
{
  const bool brackets = w->d->path_style == RS_PATH_BRACKETS;
  const struct step s = path_step(w, x);
  const char *name = s.name;
  if (!is_step(s)) return;
  path_steps(w, b, x->v[0]);
  if (s.at > 0) rs_buf_printf(b, "[%ld]", s.at - 1);
  if (s.at < 0) rs_buf_printf(b, "[#%ld]", s.at);
  if (name == NULL) return;
  rs_buf_str(b, brackets ? "[\"" : ".\"");
  for (; *name != 0; name++) {
    if (*name == '"' || (*name == '\\' && brackets)) rs_buf_char(b, '\\');
    rs_buf_char(b, *name);
  }
  rs_buf_str(b, brackets ? "\"]" : "\"");
}

/* Of a.b.c, where a is JSON, the text is read once: function(a, '$."b"."c"'). */
bool rs_rsql_write_json_path(struct rsql_writer *w, const char *function, const struct rsql_node *x)
{
  const struct rsql_node *base = x;
  struct rs_buf b;
  if (!is_step(path_step(w, x))) return false;
  while (is_step(path_step(w, base))) base = base->v[0];
  rs_buf_init(&b, RS_RSQL_TEXT_MAX * 2);
  rs_buf_char(&b, '$');
  path_steps(w, &b, x);
  if (b.rc != RS_OK && w->rc == RS_OK) w->rc = rs_buf_error(&b, w->e, "SQL: a path");
  const struct rs_value v = {.kind = RS_TEXT, .s = {rs_buf_text(&b), b.n}};
  rs_buf_printf(w->b, "%s(", function);
  if (rs_rsql_is_boxed(w, base)) rs_rsql_write_boxed_nested(w, base, false);
  else rs_rsql_write_expr(w, base);
  rs_rsql_write(w, ", ");
  rs_dialect_literal(w->d, w->b, &v);
  rs_rsql_write(w, ")");
  rs_buf_free(&b);
  return true;
}

void rs_rsql_write_field(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *base = x->v[0];
  if (rs_rsql_write_json_path(w, "json_extract", x)) return;
  if (base->type.kind == TY_MAP) {
    const struct rs_value key = {.kind = RS_TEXT, .s = {x->text, strlen(x->text)}};
    const char *form = rs_rsql_write_until(w, w->f->element, '$');
    if (w->f->element_function) rs_rsql_write_expr(w, base);
    else write_base(w, base);
    form = rs_rsql_write_until(w, form, '@');
    rs_dialect_literal(w->d, w->b, &key);
    rs_rsql_write(w, form);
    return;
  }
  if (rs_rsql_has_members(base)) rs_rsql_write_member(w, base, "obj");
  else write_base(w, base);
  rs_rsql_write(w, ".");
  rs_rsql_write_name(w, x->text);
}

void rs_rsql_write_index(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *base = x->v[0];
  if (rs_rsql_write_json_path(w, "json_extract", x)) return;
  const bool part = rs_rsql_has_members(base) && x->v[1]->type.kind == TY_INT;
  const bool json = base->type.kind == TY_JSON && !part;
  const char *form = rs_rsql_write_until(w, w->f->element, '$');
  // an element of what is no array is undefined, as one out of range is
  if (json) rs_rsql_write(w, "TRY_CAST(");
  if (part) {
    rs_rsql_write_member(w, base, "arr");
  } else if (rs_rsql_is_boxed(w, base)) {
    rs_rsql_write(w, "json_parse(");
    rs_rsql_write_boxed_nested(w, base, true);
    rs_rsql_write(w, ")");
  } else if (json || w->f->element_function) rs_rsql_write_expr(w, base);
  else write_base(w, base);
  if (json) rs_buf_printf(w->b, " AS %s)", w->f->json_list);
  form = rs_rsql_write_until(w, form, '@');
  // there is no element 0, which such an engine takes for an error
  const bool zero = w->f->element_function && element_number(x->v[1]) == 0;
  if (zero) rs_rsql_write(w, "nullif(");
  rs_rsql_write_expr(w, x->v[1]);
  if (zero) rs_rsql_write(w, ", 0)");
  rs_rsql_write(w, form);
}

void rs_rsql_write_slice(struct rsql_writer *w, const struct rsql_node *x)
{
  if (!w->f->slices) {
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "[from:to]: use SLICE()");
    return;
  }
  write_base(w, x->v[0]);
  rs_rsql_write(w, "[");
  if (x->v[1] != NULL) rs_rsql_write_operand(w, x->v[1]);
  rs_rsql_write(w, " : ");
  if (x->v[2] != NULL) rs_rsql_write_operand(w, x->v[2]);
  rs_rsql_write(w, "]");
}
