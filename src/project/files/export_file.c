/*
** The text of a file that export writes: rows' own texts in it (export_internal.h). What surrounds
** them stays as it is.
*/
#include <string.h>
#include "src/base/text.h"
#include "export_internal.h"

/* Text in place of [from, from + n). */
static enum rs_code replace(struct rs_export_file *f, const char *from, size_t n, const char *text,
                            size_t size, bool own_lines, struct rs_error *e)
{
  struct rs_buf made;
  rs_buf_init(&made, f->text.max);
  rs_buf_add(&made, f->text.p, (size_t)(from - f->text.p));
  if (own_lines) rs_buf_char(&made, '\n');
  rs_buf_add(&made, text, size);
  if (own_lines) rs_buf_char(&made, '\n');
  rs_buf_add(&made, from + n, f->text.n - (size_t)(from + n - f->text.p));
  enum rs_code rc = rs_buf_error(&made, e, f->path);
  rs_buf_free(&f->text);
  f->text = made;
  f->changed = true;
  return rc;
}

enum rs_code rs_export_cut_block(struct rs_export_file *f, const char *name, struct rs_error *e)
{
  struct rs_block b;
  size_t at = 0;
  enum rs_code rc;
  while ((rc = rs_block_next(rs_buf_text(&f->text), f->text.n, &at, &b, e)) == RS_OK)
    if (rs_eq(b.name, name)) {
      size_t n = b.n;
      while (b.p + n < f->text.p + f->text.n && b.p[n] == '\n') n++;
      return replace(f, b.p, n, "", 0, false, e);
    }
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_export_put_block(struct rs_export_file *f, const struct rs_row *r, bool *found,
                                 struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  const char *name = rs_row_text(r, "name");
  struct rs_block b;
  size_t at = 0;
  enum rs_code rc;
  *found = true;
  while ((rc = rs_block_next(f->text.p, f->text.n, &at, &b, e)) == RS_OK) {
    if (!rs_eq(b.name, name)) continue;
    bool whole = r->table == RS_T_MACRO;
    const char *from = whole ? b.p : b.inner;
    size_t n = whole ? b.n : b.ninner;
    return replace(f, from, n, body->p, body->n, r->table == RS_T_DOC, e);
  }
  if (rc != RS_DONE) return rc;
  *found = false;
  rs_buf_char(&f->text, '\n');
  rs_buf_add(&f->text, body->p, body->n);
  rs_buf_char(&f->text, '\n');
  f->changed = true;
  return rs_buf_error(&f->text, e, f->path);
}

enum rs_code rs_export_put_whole(struct rs_export_file *f, const struct rs_row *r,
                                 struct rs_error *e)
{
  const struct rs_cell *body = rs_row_body(r);
  rs_buf_clear(&f->text);
  rs_buf_add(&f->text, body->p, body->n);
  if (body->n > 0 && body->p[body->n - 1] != '\n') rs_buf_char(&f->text, '\n');
  f->changed = true;
  return rs_buf_error(&f->text, e, f->path);
}
