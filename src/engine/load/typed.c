/*
** JSON read with the types that DuckDB found before (see load.h): without them it would look for
** them in the whole file once more.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "load.h"

/* A date or time in a field of its own: its texts may be cast. */
static bool is_read_as_text(const char *type)
{
  return rs_eq(type, "DATE") || rs_eq(type, "TIMESTAMP");
}

/*
** May the types be given? Not where DuckDB gave a field another name since it differs from one
** before only in case, nor where it found out a format of dates in objects, nor where records are
** no objects.
*/
static bool can_be_typed(const struct rs_load_fields *f)
{
  if (f->n == 0 || (f->n == 1 && rs_eq(f->v[0].name, "json"))) return false;
  for (size_t i = 0; i < f->n; i++) {
    const char *name = f->v[i].name, *type = f->v[i].type;
    if (!is_read_as_text(type) && (strstr(type, "DATE") != NULL || strstr(type, "TIME") != NULL))
      return false;
    size_t n = strlen(name);
    while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9') n--;
    if (n == strlen(name) || n < 2 || name[n - 1] != '_') continue;
    for (size_t j = 0; j < f->n; j++) {
      const char *other = f->v[j].name;
      if (strlen(other) == n - 1 && rs_casecmpn(other, name, n - 1) == 0) return false;
    }
  }
  return true;
}

/* The call with the types of all fields, or of those that are read as text. */
static void add_call(struct rs_session *s, struct rs_buf *b, const char *head,
                     const struct rs_load_fields *f, bool texts_only)
{
  const char *sep = "";
  rs_buf_printf(b, "%s, columns={", head);
  for (size_t i = 0; i < f->n; i++) {
    bool text = is_read_as_text(f->v[i].type);
    if (texts_only && !text) continue;
    rs_sql_add(s, b, "%s%t: %t", sep, f->v[i].name, text ? "VARCHAR" : f->v[i].type);
    sep = ", ";
  }
  rs_buf_str(b, "})");
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* 2024-12-31, 2024-12-31T23:59:59.999999Z; a blank for the T, fraction and Z may be left out. */
static bool is_iso(const char *p, size_t n)
{
  static const char form[] = "dddd-dd-dd dd:dd:dd";
  const size_t date = 10, seconds = sizeof form - 1;
  for (size_t i = 0; i < n && i < seconds; i++) {
    if (form[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != form[i] && (i != date || p[i] != 'T'))
      return false;
  }
  if (n <= seconds) return n == date || n == seconds;
  size_t i = seconds;
  if (p[i] == '.')
    for (i++; i < n && p[i] >= '0' && p[i] <= '9';) i++;
  return i == n || (i + 1 == n && p[i] == 'Z');
}

static enum rs_code see_texts(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  bool *iso = ctx;
  (void)e;
  *iso = true;
  for (size_t i = 0; i < r->columns.n; i++) {
    struct rs_value v;
    rs_rows_get(r, i, &v);
    if (v.kind != RS_TEXT || !is_iso(v.s.p, v.s.n)) *iso = false;
  }
  return RS_OK;
}

/*
** DuckDB finds one format for a field that all its texts have. Where one text has the year first,
** with four digits, so have all, and a cast understands them; other formats only DuckDB knows.
*/
static enum rs_code are_iso(struct rs_session *s, const char *head, const struct rs_load_fields *f,
                            bool *iso, struct rs_error *e)
{
  const char *sep = " WHERE ";
  struct rs_buf b;
  *iso = true;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_buf_str(&b, "SELECT * FROM ");
  add_call(s, &b, head, f, true);
  for (size_t i = 0; i < f->n; i++) {
    if (!is_read_as_text(f->v[i].type)) continue;
    rs_sql_add(s, &b, "%s%i IS NOT NULL", sep, f->v[i].name);
    sep = " AND ";
    *iso = false; // until a row was seen
  }
  if (*iso) {
    rs_buf_free(&b);
    return RS_OK;
  }
  rs_buf_str(&b, " LIMIT 1");
  return rs_sql_each(s, &b, see_texts, iso, NULL, e);
}

/* ---- all of it ------------------------------------------------------------------------------- */

enum rs_code rs_load_typed(struct rs_session *reader, struct rs_arena *a, const char *head,
                           struct rs_load_fields *f, const char **call, struct rs_error *e)
{
  bool iso;
  if (!can_be_typed(f)) return RS_OK;
  enum rs_code rc = are_iso(reader, head, f, &iso, e);
  if (rc != RS_OK || !iso) return rc;
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  add_call(reader, &b, head, f, false);
  rc = rs_buf_error(&b, e, "fields of the file");
  if (rc == RS_OK && (*call = rs_arena_strdup(a, rs_buf_text(&b))) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    struct rs_load_field *v = &f->v[i];
    if (!is_read_as_text(v->type)) continue;
    v->expr = rs_arena_printf(a, "CAST(%s AS %s)", v->expr, v->type);
    if (v->expr == NULL) rc = rs_nomem(e);
  }
  return rc;
}
