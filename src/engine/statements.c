/*
** Statements that an engine sends through the session itself (statements.h).
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/sql/relname.h"
#include "slots.h"
#include "statements.h"

/* ---- statements ------------------------------------------------------------------------------ */

static void vadd(const struct rs_session *s, struct rs_buf *b, const char *fmt, va_list ap)
{
  const struct rs_dialect *d = s->target->dialect;
  for (const char *p = fmt; *p != 0; p++) {
    const char *percent = strchr(p, '%');
    if (percent == NULL) {
      rs_buf_str(b, p);
      return;
    }
    rs_buf_add(b, p, (size_t)(percent - p));
    p = percent + 1;
    switch (*p) {
      case 'r': {
        const struct rs_relation *rel = va_arg(ap, const struct rs_relation *);
        rs_relation_sql(d, b, rel);
        break;
      }
      case 'i': rs_dialect_ident(d, b, va_arg(ap, const char *)); break;
      case 't': {
        const char *text = va_arg(ap, const char *);
        rs_dialect_literal(d, b, &(struct rs_value){.kind = RS_TEXT, .s = {text, strlen(text)}});
        break;
      }
      case 's': rs_buf_str(b, va_arg(ap, const char *)); break;
      default: rs_buf_char(b, *p); break;
    }
  }
}

void rs_sql_add(const struct rs_session *s, struct rs_buf *b, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vadd(s, b, fmt, ap);
  va_end(ap);
}

enum rs_code rs_sql_run_buf(struct rs_session *s, struct rs_buf *b, int64_t *affected,
                            struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(b), .writes = true};
  if (rc == RS_OK) rc = rs_session_exec(s, &st, affected, e);
  if (rc == RS_OK && rs_starts(st.sql, "ALTER TABLE ")) s->altered = true;
  rs_buf_free(b);
  return rc;
}

enum rs_code rs_sql_run(struct rs_session *s, int64_t *affected, struct rs_error *e,
                        const char *fmt, ...)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  va_list ap;
  va_start(ap, fmt);
  vadd(s, &b, fmt, ap);
  va_end(ap);
  return rs_sql_run_buf(s, &b, affected, e);
}

enum rs_code rs_sql_each(struct rs_session *s, struct rs_buf *b, rs_sql_row_fn fn, void *ctx,
                         size_t *n, struct rs_error *e)
{
  struct rs_rows *r = NULL;
  size_t rows = 0;
  enum rs_code rc = rs_buf_error(b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(b)};
  if (rc == RS_OK) rc = rs_session_query(s, &st, &r, e);
  while (rc == RS_OK) {
    rc = rs_rows_next(r, e);
    if (rc != RS_OK) break;
    rows++;
    if (fn != NULL) rc = fn(ctx, r, e);
  }
  rs_rows_close(r);
  rs_buf_free(b);
  if (n != NULL) *n = rows;
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code take_int(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct rs_value v;
  (void)e;
  rs_rows_get(r, 0, &v);
  *(int64_t *)ctx = v.kind == RS_INT ? v.i : v.kind == RS_FLOAT ? (int64_t)v.f : -1;
  return RS_OK;
}

enum rs_code rs_sql_int(struct rs_session *s, struct rs_buf *b, int64_t *value, struct rs_error *e)
{
  *value = -1;
  return rs_sql_each(s, b, take_int, value, NULL, e);
}

enum rs_code rs_sql_text(struct rs_rows *r, size_t col, struct rs_arena *a, const char **text,
                         struct rs_error *e)
{
  struct rs_value v;
  rs_rows_get(r, col, &v);
  *text = NULL;
  switch (v.kind) {
    case RS_NULL: return RS_OK;
    case RS_BOOL: *text = rs_arena_strdup(a, v.i != 0 ? "true" : "false"); break;
    case RS_INT: *text = rs_arena_printf(a, "%lld", (long long)v.i); break;
    case RS_FLOAT: *text = rs_arena_printf(a, "%.17g", v.f); break;
    default: *text = rs_arena_strndup(a, v.s.p, v.s.n); break;
  }
  return *text != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_sql_columns(struct rs_session *s, struct rs_buf *b, struct rs_columns *out,
                            struct rs_error *e)
{
  memset(out, 0, sizeof *out);
  enum rs_code rc = rs_buf_error(b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(b)};
  if (rc == RS_OK) rc = rs_session_columns(s, &st, out, e);
  rs_buf_free(b);
  return rc;
}

char *rs_sql_aside_name(struct rs_arena *a, const char *what, const char *name)
{
  char uuid[37];
  rs_uuid(uuid);
  if (name == NULL) return rs_arena_printf(a, "__rs_%s_%.8s", what, uuid);
  return rs_arena_printf(a, "__rs_%s_%s_%.8s", what, name, uuid);
}

enum rs_code rs_sql_check_interrupt(struct rs_session *s, struct rs_error *e)
{
  const struct rs_interrupt *i = &s->interrupt;
  if (i->is_interrupted != NULL && i->is_interrupted(i->ctx)) {
    return rs_fail(e, RS_CANCELLED, "interrupted");
  }
  return RS_OK;
}

/* ---- keys of a stage ------------------------------------------------------------------------- */

struct example {
  struct rs_arena *a;
  size_t n;              /* columns */
  const char *values[8]; /* of the first of them; NULL for NULL */
};

static enum rs_code take_example(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct example *x = ctx;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < x->n && i < 8 && rc == RS_OK; i++) {
    rc = rs_sql_text(r, i, x->a, &x->values[i], e);
  }
  return rc;
}

void rs_sql_add_keys(const struct rs_session *s, struct rs_buf *b, const struct rs_keys *k,
                     const char *fmt, const char *between)
{
  for (size_t i = 0; i < k->n; i++) {
    if (i > 0) rs_buf_str(b, between);
    rs_sql_add(s, b, fmt, k->v[i], k->v[i]);
  }
}

enum rs_code rs_sql_check_keys(struct rs_session *s, const struct rs_relation *rel,
                               const char *stage, const struct rs_keys *k, struct rs_error *e)
{
  struct rs_arena a;
  rs_arena_init(&a, 0);
  struct example x = {.a = &a, .n = k->n};
  struct rs_buf b;
  size_t found = 0;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT ");
  rs_sql_add_keys(s, &b, k, "CAST(%i AS VARCHAR)", ", ");
  rs_sql_add(s, &b, " FROM %s WHERE ", stage);
  rs_sql_add_keys(s, &b, k, "%i IS NULL", " OR ");
  rs_buf_str(&b, " LIMIT 1");
  enum rs_code rc = rs_sql_each(s, &b, take_example, &x, &found, e);
  if (rc == RS_OK && found > 0) {
    size_t i = 0;
    while (i + 1 < k->n && i < 7 && x.values[i] != NULL) i++;
    rc = rs_fail(e, RS_CONSTRAINT, "'%s.%s': a row has no key: '%s' is NULL", rel->workspace,
                 rel->name, k->v[i]);
  }
  if (rc == RS_OK) {
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_buf_str(&b, "SELECT ");
    rs_sql_add_keys(s, &b, k, "CAST(%i AS VARCHAR)", ", ");
    rs_sql_add(s, &b, " FROM %s GROUP BY ", stage);
    rs_sql_add_keys(s, &b, k, "%i", ", ");
    rs_buf_str(&b, " HAVING count(*) > 1 LIMIT 1");
    rc = rs_sql_each(s, &b, take_example, &x, &found, e);
    if (rc == RS_OK && found > 0) {
      rs_buf_init(&b, 1024);
      for (size_t i = 0; i < k->n && i < 8; i++) {
        rs_buf_printf(&b, "%s%s = '%s'", i > 0 ? ", " : "", k->v[i], x.values[i]);
      }
      rc = rs_fail(e, RS_CONSTRAINT, "'%s.%s': two rows have one key: %s", rel->workspace,
                   rel->name, rs_buf_text(&b));
      rs_buf_free(&b);
    }
  }
  rs_arena_free(&a);
  return rc;
}
