/*
** Values inside of objects as SQL expressions: see pushdown.h.
*/
#include "pushdown.h"

#include <string.h>

bool rs_path_possible(const struct rs_dialect *d)
{
  return d->path_style != RS_PATH_NONE;
}

/* "a b", with what the quoting character and the backslash need inside of it */
static void add_quoted(struct rs_buf *out, const char *name, bool backslash)
{
  rs_buf_char(out, '"');
  for (; *name; name++) {
    if (*name == '\\' && backslash) rs_buf_char(out, '\\');
    rs_buf_char(out, *name);
  }
  rs_buf_char(out, '"');
}

/* The steps in one of the ways that a function takes them: a text, still to be quoted. */
static void add_steps(enum rs_path_style style, const struct rs_path *path, struct rs_buf *out)
{
  rs_buf_char(out, style == RS_PATH_ARRAY ? '{' : '$');
  for (size_t i = 0; i < path->nsteps; i++) {
    const struct rs_path_step *s = &path->steps[i];
    if (style == RS_PATH_ARRAY && i > 0) rs_buf_char(out, ',');
    if (s->field == NULL) {
      rs_buf_printf(out, style == RS_PATH_ARRAY ? "%d" : "[%d]", s->index);
      continue;
    }
    if (style == RS_PATH_DOTS) rs_buf_char(out, '.');
    if (style == RS_PATH_BRACKETS) rs_buf_char(out, '[');
    add_quoted(out, s->field, style != RS_PATH_DOTS);
    if (style == RS_PATH_BRACKETS) rs_buf_char(out, ']');
  }
  if (style == RS_PATH_ARRAY) rs_buf_char(out, '}');
}

/* The column with its steps as Rockset writes them, where elements are counted from 1, and a.b is
** first of all relation a's b. */
static void add_fields(const struct rs_dialect *d, const struct rs_path *path, struct rs_buf *out)
{
  rs_dialect_ident(d, out, path->relation);
  rs_buf_char(out, '.');
  rs_dialect_ident(d, out, path->root);
  for (size_t i = 0; i < path->nsteps; i++) {
    const struct rs_path_step *s = &path->steps[i];
    if (s->field == NULL) {
      rs_buf_printf(out, "[%d]", s->index + 1);
      continue;
    }
    rs_buf_char(out, '.');
    rs_dialect_ident(d, out, s->field);
  }
}

/* A template with each %p replaced by the path, each %s by the value. */
static void fill(struct rs_buf *out, const char *tmpl, const char *value, const char *path)
{
  for (const char *at = strchr(tmpl, '%'); at != NULL; at = strchr(tmpl, '%')) {
    rs_buf_add(out, tmpl, (size_t)(at - tmpl));
    rs_buf_str(out, at[1] == 'p' ? path : value);
    tmpl = at + 2;
  }
  rs_buf_str(out, tmpl);
}

/* What path_text takes the value out of. */
static void add_value(const struct rs_dialect *d, const struct rs_path *path, struct rs_buf *out)
{
  struct rs_buf column;
  if (d->path_style == RS_PATH_FIELDS) {
    add_fields(d, path, out);
    return;
  }
  bool text = path->root_type == RS_T_TEXT && d->json_of_text != NULL;
  rs_buf_init(&column, RS_BUF_SQL_MAX);
  rs_dialect_ident(d, &column, path->root);
  if (column.rc != RS_OK) out->rc = column.rc;
  fill(out, text ? d->json_of_text : d->json_of, rs_buf_text(&column), "");
  rs_buf_free(&column);
}

static void add_text(const struct rs_dialect *d, const struct rs_path *path, struct rs_buf *out)
{
  struct rs_buf value, steps, literal;
  rs_buf_init(&value, RS_BUF_SQL_MAX);
  rs_buf_init(&steps, RS_BUF_SQL_MAX);
  rs_buf_init(&literal, RS_BUF_SQL_MAX);
  add_value(d, path, &value);
  if (d->path_style != RS_PATH_FIELDS) add_steps(d->path_style, path, &steps);
  const struct rs_value v = {.kind = RS_TEXT, .s = {rs_buf_text(&steps), steps.n}};
  rs_dialect_literal(d, &literal, &v);
  fill(out, d->path_text, rs_buf_text(&value), rs_buf_text(&literal));
  if (value.rc != RS_OK || steps.rc != RS_OK || literal.rc != RS_OK) out->rc = RS_NOMEM;
  rs_buf_free(&value);
  rs_buf_free(&steps);
  rs_buf_free(&literal);
}

void rs_path_write(const struct rs_dialect *d, const struct rs_path *path, enum rs_type type,
                   struct rs_buf *out)
{
  struct rs_buf text;
  if (type == RS_T_TEXT) {
    add_text(d, path, out);
    return;
  }
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  add_text(d, path, &text);
  if (text.rc != RS_OK) out->rc = text.rc;
  fill(out, d->path_types[type], rs_buf_text(&text), "");
  rs_buf_free(&text);
}
